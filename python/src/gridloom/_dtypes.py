"""The dtypes there are: NumPy's objects, and the library's names for them."""

from typing import Any

import numpy as np

#: The library's name of each dtype.
NAMES = {
    np.dtype(name): short
    for name, short in [
        ("bool", "bool"),
        ("uint8", "u8"), ("uint16", "u16"), ("uint32", "u32"), ("uint64", "u64"),
        ("int8", "i8"), ("int16", "i16"), ("int32", "i32"), ("int64", "i64"),
        ("float16", "f16"), ("float32", "f32"), ("float64", "f64"),
    ]
}  # fmt: skip
#: The dtype of each of the library's names.
DTYPES = {short: dtype for dtype, short in NAMES.items()}

BOOL, INT64, FLOAT64 = np.dtype("bool"), np.dtype("int64"), np.dtype("float64")

_WAYS_OUT = {
    "g": "use float64",
    "c": "compute the real and the imaginary part by themselves",
    "O": "arrays of Python objects stay with NumPy",
    "S": "arrays of strings stay with NumPy",
    "U": "arrays of strings stay with NumPy",
    "T": "arrays of strings stay with NumPy",
    "M": "use x.view('int64') and count its units",
    "m": "use x.view('int64') and count its units",
    "V": "take one field at a time: x['name']",
}


def canonical(dtype: Any) -> np.dtype[Any]:
    """The dtype as one of those there are, in the machine's byte order.

    Raises
    ------
    TypeError
        For what is no dtype, and for dtypes that gridloom has not.
    """
    if dtype is None:
        return FLOAT64
    dtype = np.dtype(dtype)
    native = dtype.newbyteorder("=")
    if native in NAMES:
        return native
    way = _WAYS_OUT.get(dtype.char) or _WAYS_OUT.get(dtype.kind, "cast it first")
    raise TypeError(f"gridloom has no arrays of {dtype}: {way}")


def name(dtype: Any) -> str:
    """The library's name of a dtype."""
    return NAMES[canonical(dtype)]


def real(dtype):
    """The dtype as a float: itself, or float64."""
    return dtype if dtype.kind == "f" else FLOAT64
