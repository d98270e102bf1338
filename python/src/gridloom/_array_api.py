"""What the Array API standard (2025.12) asks of a namespace beside functions of arrays: its dtypes and what they are, devices, checks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from . import _core
from ._convert import is_array
from ._dtypes import DTYPES, NAMES, canonical, name

if TYPE_CHECKING:
    from ._typing import Casting, Device, DType, DTypeLike

__all__ = [
    "__array_api_version__",
    "__array_namespace_info__",
    "can_cast",
    "finfo",
    "iinfo",
    "isdtype",
    "promote_types",
]


__array_api_version__ = "2025.12"

_KINDS = {
    "bool": "b", "signed integer": "i", "unsigned integer": "u", "integral": "iu", "real floating": "f",
    "complex floating": "c", "numeric": "iufc",
}  # fmt: skip


def namespace(api_version: str | None = None) -> Any:
    """The package itself.

    Raises
    ------
    ValueError
        For a version of the standard that it does not follow.
    """
    if api_version not in (None, "2021.12", "2022.12", "2023.12", "2024.12", "2025.12"):
        raise ValueError(f"gridloom follows the Array API {__array_api_version__}, not {api_version!r}")
    import gridloom

    return gridloom


class _Info:
    """What the namespace can do (`__array_namespace_info__()`)."""

    def capabilities(self) -> dict[str, Any]:
        """Whether masks and lengths that depend on data are there, and the largest number of axes."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 32}

    def default_device(self) -> str:
        """Results are on the host."""
        return "cpu"

    def devices(self) -> tuple[str, ...]:
        """Where results are."""
        return ("cpu",)

    def default_dtypes(self, *, device: Device = None) -> dict[str, DType]:
        """The dtypes of arrays that are made without one."""
        _check_device(device)
        return {
            "real floating": np.dtype("float64"),
            "complex floating": np.dtype("complex128"),
            "integral": np.dtype("int64"),
            "indexing": np.dtype("int64"),
        }

    def dtypes(self, *, device: Device = None, kind: str | tuple[str, ...] | None = None) -> dict[str, DType]:
        """The dtypes there are, by their names; those of some kinds alone."""
        _check_device(device)
        kinds = "biufc" if kind is None else "".join(_KINDS[word] for word in ([kind] if isinstance(kind, str) else kind))
        # The standard has no float16.
        return {dtype.name: dtype for dtype in NAMES if dtype.kind in kinds and dtype != np.float16}


def _check_device(device):
    if device not in (None, "cpu"):
        raise ValueError(f'device {device!r} is not there: results are on "cpu"')


def __array_namespace_info__() -> _Info:
    """What the namespace can do."""
    return _Info()


def isdtype(dtype: DTypeLike, kind: Any) -> bool:
    """Whether a dtype is of a kind, by the standard's words, or one of several, or another dtype."""
    dtype = np.dtype(dtype)
    if isinstance(kind, tuple):
        return any(isdtype(dtype, one) for one in kind)
    if isinstance(kind, str):
        if kind not in _KINDS:
            raise ValueError(f"isdtype: {kind!r} is not one of {', '.join(_KINDS)}")
        return dtype.kind in _KINDS[kind]
    return dtype == np.dtype(kind)


def _dtype_of(value):
    return value.dtype if is_array(value) else canonical(value)


class FloatLimits(NamedTuple):
    """The limits of a float dtype, as Python's numbers."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype


def finfo(type: Any, /) -> FloatLimits:
    """The limits of a float dtype."""
    limits = np.finfo(_dtype_of(type))
    eps, most, least, normal = (float(getattr(limits, name)) for name in ("eps", "max", "min", "smallest_normal"))
    return FloatLimits(limits.bits, eps, most, least, normal, limits.dtype)


def iinfo(type: Any, /) -> np.iinfo:
    """The limits of an integer dtype."""
    return np.iinfo(_dtype_of(type))


def can_cast(from_: Any, to: DTypeLike, /, casting: Casting = "safe") -> bool:
    """Whether a dtype is cast to another without losing values."""
    return np.can_cast(from_.dtype if is_array(from_) else from_, to, casting)


def promote_types(type1: DTypeLike, type2: DTypeLike) -> DType:
    """The dtype that holds the values of both."""
    return DTYPES[_core.result_type([_core.full([], 0, name(one), "auto") for one in (type1, type2)])]
