"""Functions of elements that are rows of the library's tables, under NumPy's names.

Editors and type checkers read `_elements.pyi`, which `python/tools/stubs.py` writes from these tables.
"""

import inspect
from functools import partial

import numpy as np

from . import _core
from ._convert import is_number, node, operand
from ._dtypes import DTYPES, canonical, name
from ._handle import into, wrap

#: NumPy's names of functions of one element, and the library's rows.
UNARY = {
    "abs": "abs", "absolute": "abs", "fabs": "abs", "negative": "neg", "sign": "sign", "square": "square",
    "reciprocal": "reciprocal", "sqrt": "sqrt", "cbrt": "cbrt", "exp": "exp", "exp2": "exp2", "expm1": "expm1",
    "log": "ln", "log2": "log2", "log10": "log10", "log1p": "log1p", "sin": "sin", "cos": "cos", "tan": "tan",
    "arcsin": "asin", "arccos": "acos", "arctan": "atan", "sinh": "sinh", "cosh": "cosh", "tanh": "tanh",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "asin": "asin", "acos": "acos", "atan": "atan",
    "asinh": "asinh", "acosh": "acosh", "atanh": "atanh", "floor": "floor", "ceil": "ceil", "rint": "round",
    "trunc": "trunc", "fix": "trunc", "degrees": "degrees", "rad2deg": "degrees", "radians": "radians",
    "deg2rad": "radians", "isnan": "isnan", "isinf": "isinf", "isfinite": "isfinite", "signbit": "signbit",
    "invert": "not", "bitwise_not": "not", "bitwise_invert": "not", "bitwise_count": "count_ones",
}  # fmt: skip
#: NumPy's names of functions of two elements, and the library's rows.
BINARY = {
    "add": "add", "subtract": "sub", "multiply": "mul", "floor_divide": "floor_div", "remainder": "floor_mod",
    "mod": "floor_mod", "fmod": "rem", "power": "pow", "pow": "pow", "minimum": "minimum", "maximum": "maximum",
    "fmin": "fmin", "fmax": "fmax", "hypot": "hypot", "arctan2": "atan2", "atan2": "atan2", "copysign": "copysign",
    "bitwise_and": "bitand", "bitwise_or": "bitor", "bitwise_xor": "bitxor", "left_shift": "shl",
    "right_shift": "shr", "bitwise_left_shift": "shl", "bitwise_right_shift": "shr", "equal": "eq",
    "not_equal": "ne", "less": "lt", "less_equal": "le", "greater": "gt", "greater_equal": "ge",
}  # fmt: skip
#: Those that the library makes of others, under NumPy's names.
OF_TWO = ("logical_and", "logical_or", "logical_xor", "heaviside", "logaddexp", "logaddexp2", "gcd", "lcm", "ldexp", "nextafter")
OF_ONE = ("logical_not", "isposinf", "isneginf", "sinc", "positive", "spacing", "conjugate")


def _unary_node(row, x, called):
    x = node(x)
    if row == "abs" and x.dtype == "bool":
        return x
    if called in ("fabs", "rint") and DTYPES[x.dtype].kind != "f":
        x = x.cast("f64")
    if row == "count_ones" and x.dtype.startswith("i"):
        # NumPy counts the ones of the magnitude.
        return x.unary("abs").cast("u" + x.dtype[1:]).unary(row)
    return x.unary(row)


def _binary_node(row, x, y):
    negative = row == "pow" and isinstance(y, (int, np.integer)) and y < 0
    x, y = operand(x), operand(y)
    if row == "pow":
        # Truth values are of int8 there, and of int64 beside a number, as NumPy's.
        kind = "i64" if any(type(value) is int for value in (x, y)) else "i8"
        x, y = (value.cast(kind) if not is_number(value) and value.dtype == "bool" else value for value in (x, y))
        y = int(y) if isinstance(y, bool) else y
    if is_number(x) and is_number(y):
        x = node(x)
    if negative and _core.result_type([x, y]) not in ("f16", "f32", "f64"):
        raise ValueError("Integers to negative integer powers are not allowed.")
    return _core.binary(row, x, y)


def _truth(x):
    return node(x).cast("bool")


def _of_two(called):
    def of(x, y):
        x, y = operand(x), operand(y)
        return _core.of_two(called, node(x) if is_number(x) and is_number(y) else x, y)

    return of


def _of_one(called):
    return lambda x: _core.of_one(called, node(x))


def _divide(x, y):
    x, y = operand(x), operand(y)
    return _core.divide(node(x) if is_number(x) and is_number(y) else x, y)


def _float_power(x, y):
    return _core.binary("pow", node(x).cast("f64"), node(y).cast("f64"))


def _make(called, of, count):
    """One of NumPy's functions of elements: with `out`, `where` and `dtype` as its own."""

    def call(*args, out=None, where=True, casting="same_kind", dtype=None):
        if len(args) == count + 1 and out is None:
            *args, out = args
        if len(args) != count:
            raise TypeError(f"{called}() takes {count} positional arguments but {len(args)} were given")
        if dtype is not None:
            args = _of_numbers(of, args, canonical(dtype))
        made = of(*args)
        if dtype is not None:
            made = _in_dtype(called, of, args, made, canonical(dtype), casting)
        if where is not True:
            made = _chosen(called, where, made, out)
        return into(out, made, called, casting)

    call.__name__ = call.__qualname__ = called
    call.__doc__ = _doc(called, count)
    call.__signature__ = _SIGNATURES[count]
    return call


def _signature(arguments):
    kinds = inspect.Parameter
    array = [kinds(word, kinds.POSITIONAL_ONLY) for word in arguments]
    more = [kinds(word, kinds.KEYWORD_ONLY, default=value) for word, value in [("where", True), ("casting", "same_kind"), ("dtype", None)]]
    return inspect.Signature([*array, kinds("out", kinds.POSITIONAL_OR_KEYWORD, default=None), *more])


#: By the number of arrays.
_SIGNATURES = {1: _signature(["x"]), 2: _signature(["x1", "x2"])}


def _in_dtype(called, of, args, made, dtype, casting):
    """A function computed in a dtype, to which its arguments are cast where NumPy would; predicates have one dtype."""
    if made.dtype == "bool" and called not in ("logical_and", "logical_or", "logical_xor", "logical_not"):
        fits = dtype.kind == "b" or all(hasattr(arg, "dtype") and arg.dtype == bool for arg in args)
    else:
        kinds = [arg.dtype for arg in map(_dtyped, args) if arg is not None]
        fits = all(np.can_cast(kind, dtype, casting) for kind in kinds)
    if not fits:
        raise TypeError(
            f"{called}: is not computed in {dtype}: its arguments are not cast to that (casting={casting!r}): astype() them, or the result"
        )
    if made.dtype == "bool":
        return made.cast(name(dtype))
    short = name(dtype)
    cast = [arg if is_number(arg) else wrap(node(arg).cast(short)) for arg in args]
    made = of(*cast)
    return made.cast(short)


def _of_numbers(of, args, dtype):
    """Truth values as numbers, where a dtype of numbers is asked for of a function that gives them; predicates are theirs."""
    if dtype.kind == "b" or any(is_number(arg) or node(arg).dtype != "bool" for arg in args):
        return args
    numbers = [wrap(node(arg).cast(name(dtype))) for arg in args]
    try:
        return args if of(*numbers).dtype == "bool" else numbers
    except TypeError:
        return args


def _dtyped(value):
    return None if is_number(value) else wrap(node(value))


def _chosen(called, where, made, out):
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        raise TypeError(f"{called}: where= needs out=, which holds the elements elsewhere")
    return _core.select(_truth(where), made.cast(node(out).dtype), node(out))


_DOC = """{summary}

Lazy: nothing is computed before it is asked for. {shapes}

Parameters
----------
{arguments} : array_like
    Arrays of gridloom's or of NumPy's, lists, numbers; dtypes are promoted as NumPy's are.
out : Array, optional
    Is given the result, and returned.
where : array_like, optional
    Where `out` is given the result; elsewhere it keeps its elements.
casting : {{"no", "equiv", "safe", "same_kind", "unsafe"}}, optional
    Which casts are allowed, of arguments to `dtype` and of the result to that of `out`.
dtype : dtype, optional
    What it is computed in.

Returns
-------
Array

Examples
--------
>>> import numpy as np, gridloom as gl
>>> {names} = {values}
>>> lazy = gl.{called}({lazy})
>>> bool(gl.allclose(lazy, np.{called}({names})))
True
"""
_BITS = ("invert", "bitwise", "left_shift", "right_shift")


def _doc(called, count):
    theirs = getattr(np, called).__doc__ or ""
    # A ufunc's text begins with its signature.
    summary = next(part for part in theirs.strip().split("\n\n") if "(" not in part.split(" ")[0])
    if called.startswith(_BITS):
        values = ["[1, 2, 5]", "[3, 1, 2]"]
    elif called in ("arccosh", "acosh"):
        values = ["[1.5, 3.0]"]
    elif called in ("gcd", "lcm"):
        values = ["[12, 18]", "[8, 27]"]
    elif called == "ldexp":
        values = ["[0.25, 0.75]", "[3, -2]"]
    else:
        values = ["[0.25, 0.75]", "[2.0, 0.5]"]
    names = ["x"] if count == 1 else ["x1", "x2"]
    return _DOC.format(
        summary=" ".join(summary.split()),
        shapes="Shape and chunks are those of `x`." if count == 1 else "Both are broadcast together; chunks are those of the larger one.",
        arguments=", ".join(names),
        names=", ".join(names),
        values=", ".join(values[:count]),
        lazy=", ".join(f"gl.asarray({name})" for name in names),
        called=called,
    )


def _rows(table, make, count):
    return {called: _make(called, make(row), count) for called, row in table.items()}


#: Every function of elements that is a row, by name.
FUNCTIONS = {
    **{called: _make(called, partial(_unary_node, row, called=called), 1) for called, row in UNARY.items()},
    **_rows(BINARY, lambda row: lambda x, y: _binary_node(row, x, y), 2),
    **{called: _make(called, _of_two(called), 2) for called in OF_TWO},
    **{called: _make(called, _of_one(called), 1) for called in OF_ONE},
    **{called: _make(called, _divide, 2) for called in ("divide", "true_divide")},
    "float_power": _make("float_power", _float_power, 2),
}
globals().update(FUNCTIONS)
__all__ = sorted(FUNCTIONS)
