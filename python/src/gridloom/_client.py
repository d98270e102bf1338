"""`Client`: what runs arrays; and `compute` and `persist` of several in one run."""

import atexit
import os
import sys
import threading

import numpy as np

from . import _core
from ._convert import is_array
from ._handle import wrap

_UNITS = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12, "ki": 2**10, "mi": 2**20, "gi": 2**30, "ti": 2**40}


def parse_bytes(size):
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
        backend=None,
        adapter=None,
        adapters=None,
        n_workers=None,
        memory_limit=None,
        device_memory_limit=None,
        local_directory=None,
        task_elements=None,
        dashboard_address="127.0.0.1:0",
        progress=None,
        record=False,
        set_as_default=True,
    ):
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
    def _of(cls, core):
        client = object.__new__(cls)
        client._core, client._progress = core, _in_notebook()
        return client

    def set_default(self):
        """Makes this the client of `x.compute()`."""
        _default[0] = self
        self._core.set_default()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        """Gives its threads and memory back, once nothing else holds them; the next compute makes a new default client."""
        if _default[0] is self:
            _default[0] = None

    def _watch(self):
        return _Bar() if self._progress and threading.current_thread() is threading.main_thread() else None

    def compute(self, *arrays):
        """The values of arrays, of one run that does shared work once; one array's own, of several a tuple."""
        values = self._values([array._node for array in arrays])
        return values[0] if len(arrays) == 1 else tuple(values)

    def _values(self, nodes):
        return [value[()] if value.ndim == 0 else value for value in self._core.compute(nodes, self._watch())]

    def persist(self, *arrays):
        """The arrays, computed in one run, their chunks kept; one array's own, of several a tuple."""
        kept = tuple(wrap(node) for node in self._core.persist([array._node for array in arrays], self._watch()))
        return kept[0] if len(arrays) == 1 else kept

    def sync(self):
        """Waits until the adapter has done all it was given, for those who measure."""
        self._core.sync()

    def to_npy(self, array, path):
        """Computes an array into a file of NumPy's format."""
        self._core.to_npy(array._node, os.fspath(path), self._watch())

    def explain(self, *arrays):
        """What would run to compute arrays together, in words."""
        return Text(self._core.explain([array._node for array in arrays]))

    def visualize(self, array, filename=None, colours=None):
        """What would run, as a drawing: by `colours` of when stages begin ("order"), of their memory ("memory") or of where ("device")."""
        drawing = Drawing(self._core.drawing(array._node, colours))
        if filename is not None:
            drawing.save(filename)
        return drawing

    def last_run(self):
        """What the last run did, or None."""
        return self._core.last_run()

    def save_report(self, path):
        """What was recorded (`record=True`, or a dashboard) as a page of its own."""
        self._core.save_report(os.fspath(path))

    @property
    def dashboard_link(self):
        """Where a page shows runs while they run, or None."""
        return self._core.dashboard_link

    @property
    def n_workers(self):
        """Worker threads."""
        return self._core.workers

    @property
    def memory_limit(self):
        """Bytes of host memory that it may take."""
        return self._core.memory_limit

    @property
    def adapter(self):
        """The adapter's name; None on the CPU."""
        return self._core.adapter

    def __repr__(self):
        return f"<gridloom.Client: {str(self._core).removeprefix('client: ')}>"

    def _repr_html_(self):
        link = self.dashboard_link
        table = self._core.to_html()
        return table if link is None else f'<div>{table}<p>Dashboard: <a href="{link}">{link}</a></p></div>'


class Text(str):
    """Text of several lines, shown as such."""

    __slots__ = ()

    def __repr__(self):
        return str(self)


class Drawing:
    """A drawing in SVG: shown by notebooks."""

    def __init__(self, svg):
        self.svg = svg

    def _repr_svg_(self):
        return self.svg

    def save(self, path):
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
    """A bar in a notebook's output, once a run takes long."""

    def __init__(self):
        self.handle = None

    def __call__(self, fraction, text):
        from IPython.display import HTML, display

        bar = HTML(f'<progress max="1" value="{fraction:.3f}"></progress> {text}')
        if self.handle is not None:
            self.handle.update(bar)
        elif fraction < 1:
            self.handle = display(bar, display_id=True)


def _in_notebook():
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    return type(shell).__name__ == "ZMQInteractiveShell"


# Threads that would call Python while the interpreter ends would be ended with it, in the middle of something.
atexit.register(_core.close)

_default = [None]


def default_client():
    """The client of `x.compute()`: the newest, or one that is made now."""
    if _default[0] is None:
        _default[0] = Client._of(_core.Client(*(None,) * 9, True, False))
        _default[0]._core.set_default()
    return _default[0]


def _collect(value, nodes):
    """What replaces the arrays in nested lists, tuples and dicts by their places in `nodes`."""
    if is_array(value):
        nodes.append(value._node)
        at = len(nodes) - 1
        return lambda results: results[at]
    if type(value) in (list, tuple):
        parts = [_collect(part, nodes) for part in value]
        return lambda results: type(value)(part(results) for part in parts)
    if type(value) is dict:
        entries = {key: _collect(part, nodes) for key, part in value.items()}
        return lambda results: {key: part(results) for key, part in entries.items()}
    return lambda results: value


def compute(*values, client=None, **keywords):
    """The values of arrays, in nested lists, tuples and dicts too, of one run that does shared work once: a tuple, as Dask gives it.

    Other values are themselves. Keywords of Dask's schedulers are taken and mean nothing here.
    """
    nodes = []
    shapes = [_collect(value, nodes) for value in values]
    results = (client or default_client())._values(nodes) if nodes else []
    return tuple(shape(results) for shape in shapes)


def persist(*values, client=None, **keywords):
    """The arrays, computed in one run, their chunks kept: a tuple, as Dask gives it."""
    nodes = []
    shapes = [_collect(value, nodes) for value in values]
    client = client or default_client()
    kept = [wrap(node) for node in client._core.persist(nodes, client._watch())] if nodes else []
    return tuple(shape(kept) for shape in shapes)


def adapters():
    """The adapters of this machine, in the order of their indices: name, driver, interface."""
    return _core.adapters()
