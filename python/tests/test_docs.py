"""What the documentation shows runs, and gives what it says."""

import doctest
import importlib
import pathlib
import pkgutil

import gridloom as gl

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def test_docstrings():
    """The examples of every module."""
    tried = 0
    for info in pkgutil.iter_modules(gl.__path__):
        if info.name == "_core":
            continue
        result = doctest.testmod(importlib.import_module(f"gridloom.{info.name}"), optionflags=OPTIONS)
        assert not result.failed
        tried += result.attempted
    assert tried >= 8


def test_readme():
    """The first minutes."""
    path = pathlib.Path(__file__).parent.parent / "README.md"
    result = doctest.testfile(str(path), module_relative=False, optionflags=OPTIONS)
    assert not result.failed and result.attempted >= 6
