"""What arguments are, in the words of type hints. Nothing here is needed to run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import EllipsisType
from typing import Any, Literal, SupportsIndex, TypeAlias

import numpy as np
import numpy.typing as npt

from . import _core
from ._array import Array

#: An array of ours, or whatever NumPy makes arrays of: its arrays, numbers, nested lists.
ArrayLike: TypeAlias = Array | npt.ArrayLike
#: A dtype, its name, or one of Python's types.
DTypeLike: TypeAlias = npt.DTypeLike
#: One axis, negative from the end.
Axis: TypeAlias = SupportsIndex
#: One axis, several, or with None all.
Axes: TypeAlias = SupportsIndex | Sequence[SupportsIndex] | None
#: A length, or one of each axis.
Shape: TypeAlias = SupportsIndex | Sequence[SupportsIndex]
#: A shape as arrays have it: None where a length is known after computing only.
Lengths: TypeAlias = tuple[Any, ...]
#: How one axis is cut: a size, "auto", bytes such as "8 MiB", -1 or None for the whole of it, or the sizes of its chunks.
AxisChunks: TypeAlias = int | str | Sequence[int] | None
#: How an array is cut: the same on every axis, one entry an axis, or a dict of some axes.
Chunks: TypeAlias = int | str | Sequence[AxisChunks] | Mapping[int, AxisChunks] | None
#: What stands between brackets: integers, slices, `...`, None, lists and arrays of places or of truth values.
Entry: TypeAlias = SupportsIndex | slice | EllipsisType | Array | npt.ArrayLike | None
Key: TypeAlias = Entry | tuple[Entry, ...]
#: An array that is given the result, alone or (as NumPy's protocol hands it on) in a tuple.
Out: TypeAlias = Array | tuple[Array | None, ...] | None
Casting: TypeAlias = Literal["no", "equiv", "safe", "same_kind", "unsafe"]
Order: TypeAlias = Literal["C", "A", "K", "F"] | None
#: Where results are.
Device: TypeAlias = Literal["cpu"] | None
#: Bytes: a number, or text such as "4 GiB".
Bytes: TypeAlias = int | float | str
#: NumPy's values of a computed array; a number of NumPy's for 0-d ones.
Values: TypeAlias = Any

# What `gridloom._core` takes.
Operand: TypeAlias = _core.Node | bool | int | float
Cuts: TypeAlias = int | str | Sequence[AxisChunks] | None
DType: TypeAlias = np.dtype[Any]
