"""Shared by all tests: one client, on the backend that the environment names (the CPU where it names none)."""

import os

import pytest

os.environ.setdefault("GRIDLOOM_BACKEND", "cpu")

import gridloom as gl


@pytest.fixture(scope="session", autouse=True)
def client():
    """The default client of the session."""
    return gl.Client(dashboard_address=None, progress=False, task_elements=1)


@pytest.fixture(autouse=True)
def the_default_client(client):
    """Whatever a test made the default one."""
    client.set_default()
