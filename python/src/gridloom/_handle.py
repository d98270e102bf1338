"""What every lazy array of the package is: a handle of a node, which can be given another node."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ._dtypes import DTYPES

if TYPE_CHECKING:
    from . import _core
    from ._array import Array


Class = TypeVar("Class")


class Handle:
    """Holds a node of the graph. `x += 1` and `x[0] = 1` give the handle another node; other handles of the old one keep it."""

    __slots__ = ("__weakref__", "_node")
    _gridloom_array = True
    _node: _core.Node


_classes: list[Any] = [Handle]


def register(cls: type[Class]) -> type[Class]:
    """Makes `cls` the class of new arrays."""
    _classes[0] = cls
    return cls


def wrap(node: _core.Node) -> Array:
    """A new array over a node."""
    array = object.__new__(_classes[0])
    array._node = node
    return array


def into(out: Any, node: _core.Node, op: str, casting: Any = "same_kind") -> Array:
    """A new array over a node, or `out`, given the node.

    Raises
    ------
    TypeError
        For an `out` that is not lazy, or of a dtype that does not hold the result.
    ValueError
        For an `out` of another shape.
    """
    if isinstance(out, tuple) and len(out) == 1:
        (out,) = out
    if out is None:
        return wrap(node)
    if not hasattr(type(out), "_gridloom_array"):
        raise TypeError(f"{op}: a lazy result cannot be written into a {type(out).__name__}: compute() it first")
    return replace(out, node, op, casting)


def replace(handle: Any, node: _core.Node, op: str, casting: Any = "same_kind") -> Array:
    """Gives a handle another node of its shape; of its dtype, after a cast by NumPy's rule."""
    old = handle._node
    if node.shape != old.shape:
        raise ValueError(f"{op}: a result of shape {node.shape} does not fit an array of shape {old.shape}")
    if node.dtype != old.dtype:
        new, kept = DTYPES[node.dtype], DTYPES[old.dtype]
        if not np.can_cast(new, kept, casting=casting):
            raise TypeError(f"{op}: {new} is not cast to {kept}: casting={casting!r}; astype() the result, or casting='unsafe'")
        node = node.cast(old.dtype)
    handle._node = node
    return handle
