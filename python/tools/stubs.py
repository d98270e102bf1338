"""Writes `_elements.pyi`: what editors and type checkers see of the functions that `_elements.py` makes from tables.

    python python/tools/stubs.py

`_core.pyi` is written by `maturin generate-stubs`; `tests/run.sh python` compares both with what is committed.
"""

import ast
import inspect
import pathlib

from gridloom import _elements

HEAD = '''"""Functions of elements that are rows of the library's tables. Written by `python/tools/stubs.py`."""

from collections.abc import Callable

from ._typing import Array, ArrayLike, Casting, DTypeLike, Out

__all__ = {names}

UNARY: dict[str, str]
BINARY: dict[str, str]
OF_ONE: tuple[str, ...]
OF_TWO: tuple[str, ...]
FUNCTIONS: dict[str, Callable[..., Array]]
'''
TYPES = {"out": "Out", "where": "ArrayLike", "casting": "Casting", "dtype": "DTypeLike | None"}


def function(name):
    """A function's signature with types, and its first paragraph."""
    called = _elements.FUNCTIONS[name]
    typed = [
        parameter.replace(annotation=ast.parse(TYPES.get(parameter.name, "ArrayLike"), mode="eval").body)
        for parameter in inspect.signature(called).parameters.values()
    ]
    shown = []
    for parameter in typed:
        default = "" if parameter.default is parameter.empty else f" = {parameter.default!r}".replace("'", '"')
        shown.append(f"{parameter.name}: {ast.unparse(parameter.annotation)}{default}")
        if parameter.kind is parameter.POSITIONAL_ONLY and parameter.name in ("x", "x2"):
            shown.append("/")
        if parameter.name == "out":
            shown.append("*")
    text = inspect.getdoc(called).partition("\n\n")[0]
    return f'def {name}({", ".join(shown)}) -> Array:\n    """{text}"""\n'


def elements():
    """The whole file."""
    names = "[\n" + "".join(f'    "{name}",\n' for name in _elements.__all__) + "]"
    return "\n".join([HEAD.format(names=names), *map(function, _elements.__all__)])


PATH = pathlib.Path(__file__).parent.parent / "src" / "gridloom" / "_elements.pyi"

if __name__ == "__main__":
    PATH.write_text(elements())
