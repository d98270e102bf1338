"""`Client`: what runs arrays; and `compute` and `persist` of several in one run."""

from __future__ import annotations

import atexit
import contextlib
import html
import os
import sys
import threading
import time
from collections.abc import Iterable
from os import PathLike
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from . import _core
from ._convert import is_array
from ._handle import wrap

if TYPE_CHECKING:
    from ._typing import Array, Bytes

__all__ = [
    "Client",
    "adapters",
    "compute",
    "default_client",
    "persist",
]


_UNITS = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def parse_bytes(size: Bytes | None) -> int | None:
    """A number of bytes, or text such as "2 GB" or "512MiB"."""
    if size is None or isinstance(size, (int, np.integer)):
        return None if size is None else int(size)
    if isinstance(size, float):
        return int(size)
    text = size.strip().lower().removesuffix("b").strip()
    digits = text.rstrip("kmgti")
    unit = text[len(digits) :]
    try:
        return int(float(digits) * _UNITS[unit])
    except (ValueError, KeyError):
        raise ValueError(f'{size!r} is no number of bytes: write 2000000000, "2 GB" or "512 MiB"') from None


class Client:
    """Runs arrays: worker threads, a memory budget, and an adapter where there is one. The newest is the default one.

    Parameters
    ----------
    backend : {"auto", "cpu", "gpu"}, optional
        Which processors run kernels.
    adapter : str, optional
        Part of the adapter's name. `gl.adapters()` lists them.
    adapters : sequence of int, optional
        Several equal adapters that work as one, by their indices.
    n_workers : int, optional
        Worker threads; all processors by default.
    memory_limit : int or str, optional
        Bytes of host memory that results, chunks and kept arrays may take ("4 GiB"); three quarters of what is available by default.
    device_memory_limit : int or str, optional
        The same of the adapter's.
    local_directory : path, optional
        Where chunks are spilled that have no room.
    dashboard_address : str, optional
        Where a page shows runs while they run; any free port of this machine alone by default, None for no page.
    progress : bool, optional
        False for no bar of runs that take long, in terminals and notebooks.
    task_elements : int, optional
        Elements that a task works on at least: smaller chunks go together.
    record : bool
        Keeps what happened in the last runs, for `save_report`.
    set_as_default : bool
        Whether it becomes the client of `x.compute()`.

    Examples
    --------
    >>> import gridloom as gl
    >>> with gl.Client(backend="cpu", dashboard_address=None) as client:
    ...     client.compute(gl.ones(3).sum())
    np.float64(3.0)
    """

    def __init__(
        self,
        *,
        backend: Literal["auto", "cpu", "gpu"] | None = None,
        adapter: str | None = None,
        adapters: Iterable[int] | None = None,
        n_workers: int | None = None,
        memory_limit: Bytes | None = None,
        device_memory_limit: Bytes | None = None,
        local_directory: str | PathLike[str] | None = None,
        task_elements: int | None = None,
        dashboard_address: str | None = "127.0.0.1:0",
        progress: bool | None = None,
        record: bool = False,
        set_as_default: bool = True,
    ) -> None:
        self._progress = _in_notebook() and progress is not False
        self._core = _core.Client(
            backend,
            adapter,
            None if adapters is None else list(adapters),
            n_workers,
            parse_bytes(memory_limit),
            parse_bytes(device_memory_limit),
            local_directory,
            task_elements,
            dashboard_address,
            progress is not False and not self._progress,
            bool(record),
        )
        if set_as_default:
            self.set_default()

    @classmethod
    def _of(cls, core: _core.Client) -> Client:
        client = object.__new__(cls)
        client._core, client._progress = core, _in_notebook()
        return client

    def set_default(self) -> None:
        """Makes this the client of `x.compute()`."""
        _default[0] = self
        self._core.set_default()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Gives its threads and memory back, once nothing else holds them; the next compute makes a new default client."""
        if _default[0] is self:
            _default[0] = None

    def _watch(self):
        """What shows how far a run is, in a notebook, while it runs."""
        shown = self._progress and threading.current_thread() is threading.main_thread()
        return _Bar() if shown else contextlib.nullcontext()

    def compute(self, *arrays: Array) -> Any:
        """The values of arrays, of one run that does shared work once; one array's own, of several a tuple."""
        values = compute(*arrays, client=self)
        return values[0] if len(arrays) == 1 else values

    def _values(self, nodes):
        with self._watch() as bar:
            return [value[()] if value.ndim == 0 else value for value in self._core.compute(nodes, bar)]

    def persist(self, *arrays: Array) -> Any:
        """The arrays, computed in one run, their chunks kept; one array's own, of several a tuple."""
        kept = persist(*arrays, client=self)
        return kept[0] if len(arrays) == 1 else kept

    def _kept(self, nodes):
        with self._watch() as bar:
            return self._core.persist(nodes, bar)

    def sync(self) -> None:
        """Waits until the adapter has done all it was given, for those who measure."""
        self._core.sync()

    def to_npy(self, array: Array, path: str | PathLike[str]) -> None:
        """Computes an array into a file of NumPy's format."""
        with self._watch() as bar:
            self._core.to_npy(array._node, os.fspath(path), bar)

    def explain(self, *arrays: Array) -> Text:
        """What would run to compute arrays together, in words."""
        return Text(self._core.explain([array._node for array in arrays]))

    def visualize(self, array: Array, filename: str | PathLike[str] | None = None, colours: str | None = None) -> Drawing:
        """What would run, as a drawing: by `colours` of when stages begin ("order"), of their memory ("memory") or of where ("device")."""
        drawing = Drawing(self._core.drawing(array._node, colours))
        if filename is not None:
            drawing.save(filename)
        return drawing

    def last_run(self) -> _core.Report | None:
        """What the last run did, or None."""
        return self._core.last_run()

    def save_report(self, path: str | PathLike[str]) -> None:
        """What was recorded (`record=True`, or a dashboard) as a page of its own."""
        self._core.save_report(os.fspath(path))

    @property
    def dashboard_link(self) -> str | None:
        """Where a page shows runs while they run, or None."""
        return self._core.dashboard_link

    @property
    def n_workers(self) -> int:
        """Worker threads."""
        return self._core.workers

    @property
    def memory_limit(self) -> int:
        """Bytes of host memory that it may take."""
        return self._core.memory_limit

    @property
    def adapter(self) -> str | None:
        """The adapter's name; None on the CPU."""
        return self._core.adapter

    def __repr__(self) -> str:
        return f"<gridloom.Client: {str(self._core).removeprefix('client: ')}>"

    def _repr_html_(self) -> str:
        link = self.dashboard_link
        table = self._core.to_html()
        return table if link is None else f'<div>{table}<p>Dashboard: <a href="{link}">{link}</a></p></div>'


class Text(str):
    """Text of several lines, shown as such."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


class Drawing:
    """A drawing in SVG: shown by notebooks."""

    def __init__(self, svg: str) -> None:
        self.svg = svg

    def _repr_svg_(self) -> str:
        return self.svg

    def save(self, path: str | PathLike[str]) -> None:
        """Writes it into a file.

        Raises
        ------
        ValueError
            For a name that does not end in .svg.
        """
        path = os.fspath(path)
        if not path.endswith(".svg"):
            raise ValueError(f"{path}: drawings are SVG: give a name that ends in .svg")
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.svg)


class _Bar:
    """A bar in a notebook's output, once a run takes long; at its end it says how long it took."""

    def __init__(self):
        self.handle, self.start, self.fraction = None, time.monotonic(), 0.0

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if self.handle is not None:
            seconds = f"{time.monotonic() - self.start:.1f} s"
            self._show(1.0 if kind is None else self.fraction, seconds if kind is None else f"ended after {seconds}")

    def __call__(self, fraction, text):
        if self.handle is not None or fraction < 1:
            self.fraction = fraction
            self._show(fraction, text)

    def _show(self, fraction, text):
        from IPython.display import HTML, display

        bar = HTML(f'<progress max="1" value="{fraction:.3f}" style="vertical-align: middle"></progress> {html.escape(text)}')
        if self.handle is None:
            self.handle = display(bar, display_id=True)
        else:
            self.handle.update(bar)


def _in_notebook():
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


# Threads that would call Python while the interpreter ends would be ended with it, in the middle of something.
atexit.register(_core.close)

_default: list[Client | None] = [None]


def default_client() -> Client:
    """The client of `x.compute()`: the newest, or one that is made now."""
    client = _default[0]
    if client is None:
        core = _core.Client(None, None, None, None, None, None, None, None, None, True, False)
        _default[0] = client = Client._of(core)
        client._core.set_default()
    return client


def _collect(value, nodes):
    """What replaces the arrays in nested lists, tuples and dicts by their places in `nodes`."""
    if is_array(value):
        nodes.append(value._node)
        at = len(nodes) - 1
        return lambda results: results[at]
    if hasattr(type(value), "_parts"):
        arrays, made = value._parts()
        parts = [_collect(part, nodes) for part in arrays]
        return lambda results: made(*(part(results) for part in parts))
    if type(value) in (list, tuple):
        parts = [_collect(part, nodes) for part in value]
        return lambda results: type(value)(part(results) for part in parts)
    if type(value) is dict:
        entries = {key: _collect(part, nodes) for key, part in value.items()}
        return lambda results: {key: part(results) for key, part in entries.items()}
    return lambda results: value


def compute(*values: Any, client: Client | None = None, **keywords: Any) -> tuple[Any, ...]:
    """The values of arrays, of one run that does shared work once.

    Parameters
    ----------
    *values
        Arrays, also in lists, tuples and dicts; other values are themselves.
    client : Client, optional
        What runs them, if not the default one.
    **keywords
        Of Dask's schedulers; mean nothing here.

    Returns
    -------
    tuple
        NumPy's arrays, and its numbers for 0-d ones, in the places of the lazy ones.

    Raises
    ------
    MemoryError
        For what the client's memory limit has no room for.
    KeyboardInterrupt
        After Ctrl-C, which ends the run.

    Examples
    --------
    >>> import gridloom as gl
    >>> x = gl.arange(5)
    >>> gl.compute(x.sum(), {"max": x.max()})
    (np.int64(10), {'max': np.int64(4)})
    """
    nodes: list[_core.Node] = []
    shapes = [_collect(value, nodes) for value in values]
    results = (client or default_client())._values(nodes) if nodes else []
    return tuple(shape(results) for shape in shapes)


def persist(*values: Any, client: Client | None = None, **keywords: Any) -> tuple[Any, ...]:
    """The arrays, computed in one run, their chunks kept where they were made.

    Parameters
    ----------
    *values
        Arrays, also in lists, tuples and dicts.
    client, **keywords
        As of `compute`.

    Returns
    -------
    tuple
        Arrays in their places, which what is built on them reads.

    Examples
    --------
    >>> import gridloom as gl
    >>> (x,) = gl.persist(gl.arange(5) ** 2)
    >>> x.places["disk"], int(x.sum())
    (0, 30)
    """
    nodes: list[_core.Node] = []
    shapes = [_collect(value, nodes) for value in values]
    kept = list(map(wrap, (client or default_client())._kept(nodes))) if nodes else []
    return tuple(shape(kept) for shape in shapes)


def adapters() -> list[tuple[str, str, str]]:
    """The adapters of this machine, in the order of their indices: name, driver, interface."""
    return _core.adapters()
