"""Functions of elements: NumPy's names, and the rows of the library's tables that they are."""

import builtins
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
OF_TWO = ("logical_and", "logical_or", "logical_xor", "heaviside", "logaddexp", "logaddexp2")
OF_ONE = ("logical_not", "isposinf", "isneginf", "sinc", "positive")


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
    if is_number(x) and is_number(y):
        x = node(x)
    if negative and _core.result_type([x, y]) not in ("f32", "f64"):
        raise ValueError("Integers to negative integer powers are not allowed.")
    return _core.binary(row, x, y)


def _truth(x):
    return node(x).cast("bool")


def _of_two(called):
    return lambda x, y: _core.of_two(called, node(x), operand(y))


def _of_one(called):
    return lambda x: _core.of_one(called, node(x))


def _divide(x, y):
    x, y = operand(x), operand(y)
    return _core.divide(node(x) if is_number(x) and is_number(y) else x, y)


def _float_power(x, y):
    return _core.binary("pow", node(x).cast("f64"), node(y).cast("f64"))


def _make(called, of, count):
    """One of NumPy's functions of elements: with `out`, `where` and `dtype` as its own."""

    def call(*args, out=None, where=True, dtype=None):
        if len(args) == count + 1 and out is None:
            *args, out = args
        if len(args) != count:
            raise TypeError(f"{called}() takes {count} positional arguments but {len(args)} were given")
        made = of(*args)
        if dtype is not None:
            made = _in_dtype(called, of, args, made, canonical(dtype))
        if where is not True:
            made = _chosen(called, where, made, out)
        return into(out, made, called)

    call.__name__ = call.__qualname__ = called
    call.__doc__ = _doc(called, count)
    return call


def _in_dtype(called, of, args, made, dtype):
    """A function computed in a dtype, to which its arguments are cast where NumPy would; predicates have one dtype."""
    if made.dtype == "bool" and called not in ("logical_and", "logical_or", "logical_xor", "logical_not"):
        fits = dtype.kind == "b" or all(hasattr(arg, "dtype") and arg.dtype == bool for arg in args)
    else:
        kinds = [arg.dtype for arg in map(_dtyped, args) if arg is not None]
        fits = all(np.can_cast(kind, dtype, "same_kind") for kind in kinds)
    if not fits:
        raise TypeError(f"{called}: is not computed in {dtype}: its arguments are not cast to that: astype() them, or the result")
    if made.dtype == "bool":
        return made.cast(name(dtype))
    short = name(dtype)
    cast = [arg if is_number(arg) else wrap(node(arg).cast(short)) for arg in args]
    made = of(*cast)
    return made.cast(short)


def _dtyped(value):
    return None if is_number(value) else wrap(node(value))


def _chosen(called, where, made, out):
    if isinstance(out, tuple):
        (out,) = out
    if out is None:
        raise TypeError(f"{called}: where= needs out=, which holds the elements elsewhere")
    return _core.select(_truth(where), made.cast(node(out).dtype), node(out))


def _doc(called, count):
    theirs = getattr(np, called, None)
    summary = (theirs.__doc__ or "").strip().split("\n\n") if theirs is not None else []
    # A ufunc's text begins with its signature.
    line = next((part for part in summary if not part.startswith(f"{theirs.__name__}(")), called) if summary else called
    args = "x" if count == 1 else "x, y"
    return (
        f"{' '.join(line.split())}\n\nLazy; {args} broadcast together, dtypes as NumPy's. `out` is given the result, `where` says\n"
        "where it is, and `dtype` is what it is computed in.\n"
    )


def _rows(table, make, count):
    return {called: _make(called, make(row), count) for called, row in table.items()}


#: Every function of elements, by name.
FUNCTIONS = {
    **{called: _make(called, partial(_unary_node, row, called=called), 1) for called, row in UNARY.items()},
    **_rows(BINARY, lambda row: lambda x, y: _binary_node(row, x, y), 2),
    **{called: _make(called, _of_two(called), 2) for called in OF_TWO},
    **{called: _make(called, _of_one(called), 1) for called in OF_ONE},
    **{called: _make(called, _divide, 2) for called in ("divide", "true_divide")},
    "float_power": _make("float_power", _float_power, 2),
}
globals().update(FUNCTIONS)


def clip(a, min=None, max=None, *, a_min=None, a_max=None, out=None):
    """Each element, but no less than `min` and no more than `max`; NaN stays NaN.

    Lazy; broadcast together. The dtype is the array's where numbers limit it.
    """
    low, high = min if min is not None else a_min, max if max is not None else a_max
    x = node(a)
    if low is not None and high is not None:
        return into(out, x.clip(operand(low), operand(high)), "clip")
    if low is not None:
        x = _limit("maximum", x, operand(low))
    if high is not None:
        x = _limit("minimum", x, operand(high))
    return into(out, x, "clip")


def _limit(row, x, limit):
    """One-sided, where a number beyond the dtype's own limits is no limit, or its last number."""
    if type(limit) is int and DTYPES[x.dtype].kind in "iu":
        info = np.iinfo(DTYPES[x.dtype])
        limit = builtins.min(builtins.max(limit, info.min), info.max)
    return _core.binary(row, x, limit)


def where(condition, x=None, y=None, /):
    """`x` where the condition is true, `y` elsewhere; all three broadcast together. Of a condition alone, `nonzero`."""
    if x is None and y is None:
        return tuple(wrap(places) for places in node(condition).nonzero())
    if x is None or y is None:
        raise ValueError("either both or neither of x and y should be given")
    return wrap(_core.select(node(condition), operand(x), operand(y)))


def round(a, decimals=0, out=None):
    """To so many decimals, halves to even, as NumPy does it: scaled, rounded and scaled back."""
    x = node(a)
    if DTYPES[x.dtype].kind != "f":
        if decimals < 0:
            raise TypeError("round: integers are rounded to decimals of 0 or more: cast them to float64")
        return into(out, x, "round")
    if decimals == 0:
        return into(out, x.unary("round"), "round")
    scale = 10.0 ** builtins.abs(decimals)
    first, last = ("mul", "div") if decimals > 0 else ("div", "mul")
    return into(out, _core.binary(last, _core.binary(first, x, scale).unary("round"), scale), "round")


around = round


def modf(x, /):
    """The fraction and the whole part of each element, both with its sign."""
    x = node(x)
    x = x if DTYPES[x.dtype].kind == "f" else x.cast("f64")
    return wrap(x.unary("fract")), wrap(x.unary("trunc"))


def divmod(x, y, /):
    """`x // y` and `x % y`."""
    return wrap(_binary_node("floor_div", x, y)), wrap(_binary_node("floor_mod", x, y))


def astype(x, dtype, /, *, copy=True, device=None):
    """The elements as another dtype; floats become integers by truncation, within the dtype's limits, and NaN 0."""
    return wrap(node(x).cast(name(dtype)))


def result_type(*arrays_and_dtypes):
    """The dtype that operands meet in, which are arrays, dtypes and Python's numbers."""
    operands = [_typed(value) for value in arrays_and_dtypes]
    return DTYPES[_core.result_type(operands)]


def _typed(value):
    if is_number(value):
        return value
    if hasattr(type(value), "_gridloom_array") or isinstance(value, (np.ndarray, np.generic)):
        return operand(value)
    return _core.full([], 0, name(value), "auto")


def real(val):
    """The array itself: there are no complex ones yet."""
    return val if hasattr(type(val), "_gridloom_array") else wrap(node(val))


conj = conjugate = real


def imag(val):
    """Zeros: there are no complex arrays yet."""
    return real(val).imag


def fma(x, y, z):
    """`x * y + z`, rounded once."""
    return wrap(_core.fma(operand(x), operand(y), operand(z)))


def _closeness(x, y):
    x, y = operand(x), operand(y)
    return (node(x) if is_number(x) else x), y


def isclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether elements are close: `|a - b| <= atol + rtol * |b|`."""
    return wrap(_core.isclose(*_closeness(a, b), float(rtol), float(atol), bool(equal_nan)))


def allclose(a, b, rtol=1e-05, atol=1e-08, equal_nan=False):
    """Whether all elements are close, as a lazy array: `bool()` of it computes."""
    return wrap(isclose(a, b, rtol, atol, equal_nan)._node.reduce("all", None, False, 0.0))


def array_equal(a1, a2, equal_nan=False):
    """Whether arrays have one shape and equal elements, as a lazy array."""
    return wrap(_core.equal("array_equal", node(a1), node(a2), bool(equal_nan)))


def array_equiv(a1, a2):
    """Whether arrays are equal once they are broadcast together, as a lazy array."""
    return wrap(_core.equal("array_equiv", node(a1), node(a2), False))


def isin(element, test_elements, assume_unique=False, invert=False, *, kind=None):
    """Whether each element is one of a few values, at most 64; an array of values is computed."""
    values = test_elements.compute() if hasattr(type(test_elements), "_gridloom_array") else test_elements
    values = np.asarray(values).ravel()
    if values.size > 64:
        raise TypeError(
            f"isin: {values.size} values, of at most 64: map_blocks(np.isin, x, values, dtype=bool) looks them up in each chunk"
        )
    made = _core.isin(node(element), [operand(value) for value in values])
    return wrap(made.unary("not") if invert else made)


def nan_to_num(x, copy=True, nan=0.0, posinf=None, neginf=None):
    """Numbers instead of NaN and infinities: 0, and the dtype's largest and smallest."""
    limits = (None if limit is None else float(limit) for limit in (posinf, neginf))
    return wrap(_core.nan_to_num(node(x), float(nan), *limits))
