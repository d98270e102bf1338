"""Runs Dask's own tests of arrays, those that ship in its wheel, with gridloom in place of `dask.array`: `python dask_suite.py`.

Only functions are counted that use nothing but public names. A test that fails is put under its reason; `--list` prints all of them.
"""

import argparse
import collections
import importlib
import re
import sys

import numpy as np
import pytest

import gridloom as gl

FILES = [
    "test_ufunc",
    "test_reductions",
    "test_routines",
    "test_creation",
    "test_slicing",
    "test_array_core",
    "test_array_function",
    "test_reshape",
    "test_stats",
]

#: Why a test fails, by what it says; the first that fits.
REASONS = [
    ("complex numbers", r"complex"),
    ("a function that is not there", r"no attribute '(\w+)'|is not in gridloom yet|is not there"),
    ("Dask's graph, keys, names and tokens", r"\bdask\b|__dask|tokenize|\.name\b|blockwise|'key'|optimi|HighLevelGraph"),
    ("dtypes that are not there", r"has no arrays of|no arrays of"),
    ("arguments that are Dask's alone", r"unexpected keyword|positional argument"),
    ("lengths that are nan in Dask, and None here", r"unknown length|NoneType"),
    ("exactly Dask's chunks or words", r"chunks|Regex|DID NOT RAISE|match"),
]


def assert_eq(a, b, **keywords):
    """Dask's comparison, of values and dtypes."""
    a, b = (np.asarray(x.compute() if hasattr(x, "compute") else x) for x in (a, b))
    assert a.shape == b.shape, f"shape {a.shape} for {b.shape}"
    if keywords.get("check_dtype", True):
        assert a.dtype == b.dtype, f"dtype {a.dtype} for {b.dtype}"
    np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-8, equal_nan=keywords.get("equal_nan", True))
    return True


class Swap:
    """Puts gridloom in the place of `da`, and counts."""

    def __init__(self):
        self.passed, self.failed = 0, collections.defaultdict(list)
        self.skipped = 0

    @pytest.fixture
    def xfail(self, request):
        """A fixture of Dask's conftest, which is not in its wheel."""
        return lambda reason: request.node.add_marker(pytest.mark.xfail(reason=reason))

    def pytest_collection_modifyitems(self, items):
        for item in items:
            module = item.module
            module.da = gl
            for name in ("assert_eq",):
                if hasattr(module, name):
                    setattr(module, name, assert_eq)
            for name, value in list(vars(module).items()):
                if getattr(value, "__module__", "").startswith("dask.array") and hasattr(gl, name) and callable(value):
                    setattr(module, name, getattr(gl, name))

    def pytest_runtest_logreport(self, report):
        if report.when == "call" and report.passed:
            self.passed += 1
        elif report.skipped:
            self.skipped += 1
        elif report.failed:
            text = str(report.longrepr)
            last = "\n".join(line for line in text.splitlines() if line.startswith("E "))
            reason = next((why for why, pattern in REASONS if re.search(pattern, last)), None)
            reason = reason or next((why for why, pattern in REASONS if re.search(pattern, text)), "other values")
            self.failed[reason].append((report.nodeid, last.splitlines()[-1] if last else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--list", action="store_true", help="prints each failing test")
    parser.add_argument("--at-least", type=int, default=0, help="fails where fewer pass")
    options = parser.parse_args()
    gl.Client(dashboard_address=None, progress=False)
    paths = [importlib.util.find_spec(f"dask.array.tests.{name}").origin for name in FILES]
    swap = Swap()
    sys.stdout.flush()
    pytest.main(
        [
            "-q",
            "--no-header",
            "--tb=long",
            "-p",
            "no:cacheprovider",
            "--capture=sys",
            "-rN",
            "--show-capture=no",
            "-o",
            "addopts=",
            "--no-summary",
            "-W",
            "ignore",
            *paths,
        ],
        plugins=[swap],
    )
    print(f"\nDask's tests: {swap.passed} passed, {sum(map(len, swap.failed.values()))} failed, {swap.skipped} skipped")
    for reason, tests in sorted(swap.failed.items(), key=lambda pair: -len(pair[1])):
        print(f"  {len(tests):4} {reason}")
        if options.list:
            for name, words in tests:
                print(f"         {name.rpartition('/')[2]}: {words[:160]}")
    raise SystemExit(swap.passed < options.at_least)


if __name__ == "__main__":
    main()
