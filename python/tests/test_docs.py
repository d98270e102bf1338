"""What the documentation shows runs, and gives what it says."""

import ast
import doctest
import importlib
import inspect
import pathlib
import pkgutil

import pytest

import gridloom as gl

OPTIONS = doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS


def modules():
    """The package's modules in Python."""
    return [importlib.import_module(f"gridloom.{info.name}") for info in pkgutil.iter_modules(gl.__path__) if info.name != "_core"]


@pytest.mark.parametrize("module", modules(), ids=lambda module: module.__name__)
def test_docstrings(module):
    """The examples of a module: of functions, methods, and what tables make."""
    result = doctest.testmod(module, optionflags=OPTIONS)
    assert not result.failed


def test_all_examples_are_found():
    """As many docstrings with an example are run as there are, by their text."""
    finder = doctest.DocTestFinder(exclude_empty=True)
    run = {test.name for module in modules() for test in finder.find(module) if test.examples}
    written = 0
    for module in modules():
        if module.__name__ == "gridloom._elements":
            written += sum(">>>" in function.__doc__ for function in module.FUNCTIONS.values())
            continue
        tree = ast.parse(pathlib.Path(module.__file__).read_text())
        nodes = [node for node in ast.walk(tree) if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))]
        written += sum(">>>" in (ast.get_docstring(node) or "") for node in nodes)
    assert written == len(run) and written > 150, (written, len(run))


def test_public_functions_say_what_they_do():
    """Each has a docstring; the most used ones with NumPy's sections."""
    most_used = (
        "arange asarray average clip compute concatenate cumsum diff expand_dims eye from_array full histogram isclose linspace map_blocks "
        "matmul max mean min moveaxis nanmean nonzero ones persist prod rechunk reshape round sin stack std sum take transpose var where zeros"
    ).split()
    for name in gl.__all__:
        value = getattr(gl, name)
        if inspect.isfunction(value):
            assert value.__doc__, name
            if name in most_used:
                for section in ("Parameters\n", "Returns\n", "Examples\n"):
                    assert section in inspect.getdoc(value), (name, section)


def test_readme():
    """The first minutes."""
    path = pathlib.Path(__file__).parent.parent / "README.md"
    result = doctest.testfile(str(path), module_relative=False, optionflags=OPTIONS)
    assert not result.failed and result.attempted >= 6
