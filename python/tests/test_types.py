"""Types: every public function says what it takes and gives, and the files for editors are those that programs write."""

import inspect
import pathlib
import re
import runpy

import pytest

import gridloom as gl
from gridloom import _core

PACKAGE = pathlib.Path(gl.__file__).parent
PYTHON = pathlib.Path(__file__).parent.parent


def public_functions():
    """All functions and methods of the package, by name, but those of tables, which have their own file."""
    for space in (gl, gl.linalg, gl.plot, gl.random):
        for name in space.__all__:
            value = getattr(space, name)
            if inspect.isfunction(value) and value.__module__ not in ("gridloom._elements",):
                yield name, value
    for kind in (gl.Array, gl.Client, gl.random.Generator):
        for name, value in vars(kind).items():
            if not name.startswith("_") and inspect.isfunction(value):
                yield f"{kind.__name__}.{name}", value


def test_every_public_function_has_types():
    """Of all arguments and of the result."""
    missing = []
    for name, function in public_functions():
        signature = inspect.signature(function)
        if signature.return_annotation is inspect.Signature.empty:
            missing.append(name)
        for argument in signature.parameters.values():
            if argument.name not in ("self", "cls") and argument.annotation is inspect.Parameter.empty:
                missing.append(f"{name}({argument.name})")
    assert not missing
    assert len(list(public_functions())) > 150


def test_names_are_those_of_the_modules():
    """The package's list holds what its modules list, each once."""
    listed = list(gl.__all__)
    assert len(listed) == len(set(listed))
    modules = [getattr(gl, name) for name in dir(gl) if name.startswith("_") and inspect.ismodule(getattr(gl, name))]
    theirs = {name for module in modules if module is not _core for name in getattr(module, "__all__", ())}
    assert theirs <= set(listed)
    assert all(hasattr(gl, name) for name in listed)
    assert set(gl._elements.__all__) == set(gl._elements.FUNCTIONS)


def test_stubs_of_the_tables_are_up_to_date():
    """`python/tools/stubs.py` writes them."""
    script = PYTHON / "tools" / "stubs.py"
    if not script.exists():
        pytest.skip("no source tree")
    committed = (PYTHON / "src" / "gridloom" / "_elements.pyi").read_text()
    assert runpy.run_path(str(script))["elements"]() == committed, "run python/tools/stubs.py"


def test_stubs_of_the_extension_name_what_it_has():
    """What `maturin generate-stubs` wrote; `tests/run.sh python` compares types as well."""
    text = (PACKAGE / "_core.pyi").read_text()
    named = set(re.findall(r"^(?:def|class) (\w+)", text, re.M))
    assert named == {name for name in dir(_core) if not name.startswith("_")}
    assert (PACKAGE / "py.typed").exists()
    for kind in (_core.Node, _core.Client):
        body = re.search(rf"^class {kind.__name__}:\n(.*?)(?=^\S|\Z)", text, re.M | re.S).group(1)
        methods = set(re.findall(r"^    def (\w+)", body, re.M))
        assert {name for name in vars(kind) if not name.startswith("_")} <= methods


USERS_CODE = """
import numpy as np
import gridloom as gl

x = gl.random.default_rng(0).normal(9, 1, (100, 100), chunks="1 MiB") + np.ones((100, 100))
reveal_type(x)
reveal_type(2 * x - x.mean(axis=0, keepdims=True))
reveal_type(gl.sin(x) > 0.5)
reveal_type(gl.sum(x[x > 9], where=True))
reveal_type(gl.concatenate([x, [[1.0]]], axis=0))
reveal_type(x.sum(axis=(0, 1)))
reveal_type(x[0, ::2].shape)
reveal_type(gl.histogram(x, bins=10))
x[x > 3] = 4
x += 1
gl.sine(x)
gl.sin(x, chunks=3)
x.mean(over=0)
"""


def test_types_of_a_users_code(tmp_path, monkeypatch):
    """What mypy, strict, says of a program: which arrays are arrays, and which names and keywords are not there."""
    api = pytest.importorskip("mypy.api")
    path = tmp_path / "users.py"
    path.write_text(USERS_CODE)
    if "site-packages" not in PACKAGE.parts:
        # Where it is installed, mypy finds it, and refuses to be told.
        monkeypatch.setenv("MYPYPATH", str(PACKAGE.parent))
    monkeypatch.chdir(tmp_path)
    said, problems, _ = api.run(
        ["--strict", "--no-error-summary", "--cache-dir", str(tmp_path / "cache"), "--follow-imports", "silent", str(path)]
    )
    assert not problems
    types = re.findall(r'Revealed type is "(.*)"', said)
    array = "gridloom._array.Array"
    assert types == [array] * 6 + ["tuple[Any, ...]", f"tuple[{array}, {array}]"], said
    errors = [line.split("error: ")[1] for line in said.splitlines() if "error: " in line]
    assert len(errors) == 3, said
    assert 'has no attribute "sine"' in errors[0] and '"chunks" for "sin"' in errors[1] and 'argument "over"' in errors[2]
