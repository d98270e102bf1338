"""Clients, runs, errors, interrupts, processes and threads."""

import gc
import os
import resource
import subprocess
import sys
import textwrap
import threading
import time

import numpy as np
import pytest
from common import assert_same, lazy

import gridloom as gl


def run(program, **environment):
    """Runs a program in a process of its own."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        capture_output=True, text=True, timeout=120, env={**os.environ, "GRIDLOOM_BACKEND": "cpu", **environment},
    )  # fmt: skip


def test_several_in_one_run():
    """Nested arrays keep their places; other values are themselves."""
    x = gl.arange(10)
    assert gl.compute(x.sum(), {"a": [x.max(), 7]}, "text") == (45, {"a": [9, 7]}, "text")
    kept, (doubled,) = gl.persist(x, [x * 2])
    assert sum(kept.places.values()) == 80 and doubled.places is not None
    assert_same(doubled, np.arange(10) * 2)


def test_clients():
    """Settings, the default client, pages and reports."""
    before = gl.default_client()
    with gl.Client(backend="cpu", n_workers=2, memory_limit="64 MiB", dashboard_address="127.0.0.1:0", record=True) as client:
        assert gl.default_client() is client
        assert (client.n_workers, client.memory_limit, client.adapter) == (2, 64 << 20, None)
        assert gl.ones((100, 100)).sum().compute() == 10000
        assert client.dashboard_link.startswith("http://127.0.0.1:") and client.dashboard_link in client._repr_html_()
        assert client.last_run().cpu_tasks > 0 and "<table" in client.last_run()._repr_html_()
        with pytest.raises(MemoryError, match="limit"):
            gl.ones((10000, 10000)).compute()
    before.set_default()
    text = (gl.ones((1000, 1000)) + 1).sum().explain()
    assert "sum" in text and repr(text) == text
    assert (gl.ones(10) * 2).visualize()._repr_svg_().startswith("<svg")
    for bad in ({"backend": "tpu"}, {"n_workers": 0}, {"memory_limit": "many"}, {"dashboard_address": "nowhere"}):
        with pytest.raises(ValueError):
            gl.Client(**bad)
    with pytest.raises(RuntimeError, match="no adapter matches"):
        gl.Client(backend="gpu", adapter="no such thing", dashboard_address=None)


def test_drawings_are_written(tmp_path):
    """`visualize("x.svg")`."""
    x = gl.ones((10, 10)).sum()
    x.visualize(tmp_path / "x.svg", colours="order")
    assert (tmp_path / "x.svg").read_text().startswith("<svg")
    with pytest.raises(ValueError, match="svg"):
        x.visualize(tmp_path / "x.png")
    with pytest.raises(OSError):
        x.visualize(tmp_path / "no" / "x.svg")


def test_pictures(tmp_path):
    """Of every kind, and what cannot be drawn."""
    x = gl.random.default_rng(0).normal(size=(60, 50))
    for picture in (gl.plot.line(x[0], title="a line"), gl.plot.hist(x, 20), gl.plot.imshow(x), gl.plot.scatter(x[0], x[1])):
        assert picture._repr_svg_().startswith("<svg")
    gl.plot.imshow(np.arange(12).reshape(3, 4) > 5, ylabel="rows").save(tmp_path / "x.svg")
    assert "rows" in (tmp_path / "x.svg").read_text()
    for call in (lambda: gl.plot.line(x), lambda: gl.plot.imshow(x[0]), lambda: gl.plot.scatter(x[0], x[:, 0])):
        with pytest.raises(ValueError):
            call()


def test_files(tmp_path):
    """NumPy's files, whole and in chunks."""
    x = gl.arange(1000).reshape(10, 100).rechunk((3, 30))
    x.to_npy(tmp_path / "x.npy")
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), np.arange(1000).reshape(10, 100))
    assert_same(gl.from_npy(tmp_path / "x.npy", chunks=(4, 50)), np.arange(1000).reshape(10, 100))
    with pytest.raises(FileNotFoundError):
        gl.from_npy(tmp_path / "none.npy")
    (tmp_path / "bad.npy").write_bytes(b"not one")
    with pytest.raises(ValueError):
        gl.from_npy(tmp_path / "bad.npy")


def test_interrupt_ends_a_run():
    """Ctrl-C, within a tenth of a second, and the next run is none the worse."""
    done = run("""
        import os, signal, threading, time
        import gridloom as gl
        # What is started in the background ignores it.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        client = gl.Client(dashboard_address=None, progress=False)
        x = gl.random.default_rng(0).normal(size=(40000, 40000))
        at = []
        def press():
            time.sleep(0.5)
            at.append(time.perf_counter())
            os.kill(os.getpid(), signal.SIGINT)
        threading.Thread(target=press).start()
        try:
            (gl.exp(gl.sin(x)) ** 2.5).sum().compute()
        except KeyboardInterrupt:
            took = time.perf_counter() - at[0]
            print("took", took)
            assert took < 0.4, took
        else:
            raise SystemExit("it was not interrupted")
        assert gl.ones(3).sum().compute() == 3
    """)
    assert done.returncode == 0, done.stderr
    assert "took" in done.stdout


def test_forks():
    """A child of a process that computed is refused, one of a process that did not is not; neither hangs."""
    done = run("""
        import os
        import gridloom as gl
        x = gl.ones((1000, 1000))
        pid = os.fork()
        if pid == 0:
            os._exit(0 if x.sum().compute() == 1e6 else 1)
        assert os.waitpid(pid, 0)[1] == 0
        x.sum().compute()
        pid = os.fork()
        if pid == 0:
            for call in (lambda: x.sum().compute(), lambda: gl.Client(dashboard_address=None), lambda: gl.ones(3).compute()):
                try:
                    call()
                except RuntimeError as error:
                    assert "spawn" in str(error), error
                else:
                    os._exit(2)
            del x
            os._exit(3)
        code = os.waitpid(pid, 0)[1]
        assert os.waitstatus_to_exitcode(code) == 3, code
        import sys, threading, time
        slow = gl.map_blocks(lambda a: (time.sleep(1), a)[1], gl.ones(4), dtype=float)
        thread = threading.Thread(target=slow.compute)
        thread.start()
        time.sleep(0.3)
        start = time.perf_counter()
        pid = os.fork()
        if pid == 0:
            sys.exit(4)  # an ordinary end, with all destructors, while a thread of the parent is in Python
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 4
        assert time.perf_counter() - start < 5
        thread.join()
        assert x.sum().compute() == 1e6
    """)
    assert done.returncode == 0, done.stdout + done.stderr


def test_threads_share_a_client():
    """Eight of them, each with arrays of its own."""
    problems = []

    def work(seed):
        try:
            for k in range(40):
                values = np.random.default_rng([seed, k]).normal(size=(50, 40))
                got = gl.from_array(values, 16).sum(axis=0).compute()
                np.testing.assert_allclose(got, values.sum(axis=0), rtol=1e-12)
        except BaseException as error:
            problems.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert not problems and not any(thread.is_alive() for thread in threads)


def test_nothing_leaks():
    """10,000 arrays made, computed and dropped; memory of NumPy's arrays is let go with the last array over it."""
    import weakref

    values = np.arange(1000.0)
    ours = gl.from_array(values)
    alive = weakref.ref(values)
    del values
    gc.collect()
    assert alive() is not None
    del ours
    gc.collect()
    gl.ones(1).compute()
    assert alive() is None

    def step(k):
        x = gl.from_array(np.full(2000, float(k)))
        assert (x * 2 + 1).sum().compute() == 2000 * (2 * k + 1)

    for k in range(2000):
        step(k)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for k in range(10000):
        step(k)
    gc.collect()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 8 * 1024, f"{grown} KiB more"


def test_the_lock_is_free_while_a_run_goes_on():
    """Other Python threads go on."""
    counted = [0]
    stop = threading.Event()

    def count():
        while not stop.is_set():
            counted[0] += 1
            time.sleep(0.001)

    thread = threading.Thread(target=count)
    thread.start()
    start = time.perf_counter()
    gl.random.default_rng(0).normal(size=(4000, 4000)).std().compute()
    took, seen = time.perf_counter() - start, counted[0]
    stop.set()
    thread.join()
    assert seen > min(20, took * 100), (seen, took)


def test_bad_input_is_refused_in_numpys_words():
    """Dtypes, shapes, lists, objects."""
    for make, kind in [
        (lambda: gl.zeros(3, dtype="nonsense"), TypeError),
        (lambda: gl.zeros(3, dtype="c16"), TypeError),
        (lambda: gl.zeros(3, dtype="g"), TypeError),
        (lambda: gl.zeros(-1), ValueError),
        (lambda: gl.zeros(2.0), TypeError),
        (lambda: gl.zeros((2, 1.5)), TypeError),
        (lambda: gl.zeros("3"), TypeError),
        (lambda: gl.zeros((2**40, 2**40)), ValueError),
        (lambda: gl.asarray([[1, 2], [3]]), ValueError),
        (lambda: gl.asarray(["a", "b"]), TypeError),
        (lambda: gl.asarray([object()]), TypeError),
        (lambda: gl.asarray([1j]), TypeError),
        (lambda: gl.asarray(np.zeros(3, dtype=[("a", "f8")])), TypeError),
        (lambda: gl.asarray(np.array(["2020-01-01"], dtype="M8[D]")), TypeError),
        (lambda: gl.asarray(object()), TypeError),
        (lambda: gl.ones((2, 3)).sum(axis=2), np.exceptions.AxisError),
        (lambda: gl.ones((2, 3)).sum(axis=(0, 0)), ValueError),
        (lambda: gl.ones((2, 3)) + np.ones((4, 3)), ValueError),
        (lambda: gl.ones((2, 3)).reshape(7), ValueError),
        (lambda: gl.ones((2, 3)) @ gl.ones((2, 3)), ValueError),
        (lambda: gl.ones(3).max(axis=0) + "a", TypeError),
        (lambda: gl.ones(3) + object(), TypeError),
        (lambda: gl.zeros(0).max().compute(), ValueError),
        (lambda: gl.zeros((2, 2), chunks=(1, 1, 1)), ValueError),
        (lambda: gl.zeros((2, 2), chunks="wide"), ValueError),
        (lambda: gl.zeros(4, chunks=((2, 3),)), ValueError),
        (lambda: gl.ones(3, dtype="i4") & gl.ones(3), TypeError),
        (lambda: gl.asarray(5).sum(axis=1), np.exceptions.AxisError),
        (lambda: gl.Array(3), TypeError),
        (lambda: gl.arange(0, 1, 0), ZeroDivisionError),
        (lambda: gl.histogram(gl.ones(3), bins=0), ValueError),
        (lambda: gl.concatenate([]), ValueError),
        (lambda: gl.concatenate([gl.ones((2, 3)), gl.ones((2, 4))]), ValueError),
        (lambda: gl.ones(3).astype("i8", casting="safe"), TypeError),
        (lambda: gl.zeros(3, dtype="u1") + 300, OverflowError),
    ]:
        with pytest.raises(kind):
            make()


def test_a_huge_lazy_array_is_only_large_when_it_is_computed():
    """2^40 elements."""
    x = gl.ones(2**40, dtype="u1")
    assert x.size == 2**40 and x[12345].item() == 1 and x[:: 2**30].sum().compute() == 1024
    with pytest.raises(MemoryError):
        x.compute()
    with pytest.raises(MemoryError):
        gl.Client(memory_limit="1 GB", dashboard_address=None, set_as_default=False).compute(x)


def test_kinds_of_memory():
    """Read-only, strided, reversed, repeated, Fortran's, big-endian, empty and 0-d arrays of NumPy's."""
    base = np.arange(60.0).reshape(3, 4, 5)
    frozen = base.copy()
    frozen.setflags(write=False)
    fields = np.zeros(5, dtype=[("a", "i1"), ("b", "f8")])
    fields["b"] = np.arange(5)
    for array in [
        base, frozen, base[:, ::2, ::-1], base.T, np.asfortranarray(base), np.broadcast_to(base[0], (7, 4, 5)), base.astype(">f8"),
        base[1:1], np.array(3.5), base[2, 3, 4:], fields["b"], base > 5, np.frombuffer(b"\0" * 9, "u1")[1:].view("u1"),
        np.frombuffer(b"\1" + b"\0" * 16, "u1")[1:].view("f8"), np.arange(10)[::-3],
    ]:  # fmt: skip
        for chunks in ("auto", 2):
            assert_same(gl.from_array(array, chunks) if array.ndim else gl.asarray(array), array.astype(array.dtype.newbyteorder("=")))
    assert_same(gl.asarray(memoryview(b"abc")), np.frombuffer(b"abc", "u1"))
    masked = np.ma.masked_array([1.0, 2.0], [False, True])
    assert_same(gl.asarray(masked), np.array([1.0, np.nan]))
    # Of from_array the memory is shared, of asarray it is copied.
    values = np.zeros(3)
    shared, copied = gl.from_array(values), gl.asarray(values)
    values[0] = 1
    assert (shared[0].item(), copied[0].item()) == (1, 0)
    assert lazy(values).dtype == np.float64
