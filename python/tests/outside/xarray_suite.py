"""Runs xarray's own tests of arrays that are not NumPy's, which ship in its wheel, with gridloom's: `python xarray_suite.py`."""

import argparse
import importlib.util
import pathlib
import re
import tempfile

import pytest

import gridloom as gl

#: xarray's methods that need what is not there, and what that is.
XFAILS = {}


def patched(source):
    """The file's text with gridloom as the only kind of array."""
    ours = f'NAMESPACE_ARRAYS = {{"gridloom": {{"attrs": {{"array": "Array", "constructor": "asarray"}}, "xfails": {XFAILS!r}}}}}\n'
    requirements = 'NAMESPACE_REQUIREMENTS = {"gridloom": []}\n'
    source = re.sub(r"^NAMESPACE_ARRAYS = \{.*?^\}\n", lambda _: ours, source, flags=re.S | re.M)
    return re.sub(r"^NAMESPACE_REQUIREMENTS = \{.*?^\}\n", lambda _: requirements, source, flags=re.S | re.M)


class Count:
    """What became of the tests."""

    def __init__(self):
        self.outcomes, self.failed = {"passed": 0, "failed": 0, "skipped": 0}, []

    def pytest_runtest_logreport(self, report):
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] += 1
        if report.failed:
            words = [line for line in str(report.longrepr).splitlines() if line.startswith("E ")]
            self.failed.append((report.nodeid.rpartition("::")[2], words[-1] if words else ""))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--at-least", type=int, default=0, help="fails where fewer pass")
    parser.add_argument("--registered", action="store_true", help="as one of xarray's kinds of chunked arrays")
    options = parser.parse_args()
    gl.Client(dashboard_address=None, progress=False)
    if options.registered:
        gl.xarray.register()
    source = pathlib.Path(importlib.util.find_spec("xarray.tests.test_duck_array_wrapping").origin).read_text()
    count = Count()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "test_duck_array_wrapping.py"
        path.write_text(patched(source))
        pytest.main(
            ["-q", "--no-header", "--tb=short", "--no-summary", "-p", "no:cacheprovider", "-o", "addopts=", "-W", "ignore", str(path)],
            plugins=[count],
        )
    for name, words in count.failed:
        print(f"  {name}: {words[:170]}")
    print(f"xarray's tests: {count.outcomes['passed']} passed, {count.outcomes['failed']} failed, {count.outcomes['skipped']} as expected")
    raise SystemExit(count.outcomes["passed"] < options.at_least)


if __name__ == "__main__":
    main()
