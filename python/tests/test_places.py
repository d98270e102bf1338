"""Places as arrays, choices, and functions that write, beside NumPy's: over random shapes, chunks and dtypes."""

import numpy as np
import pytest
from common import DTYPES, assert_same, lazy, sample

import gridloom as gl


def cuts(shape, rng):
    """Sizes of chunks along each axis, from 1 on."""
    return tuple(int(rng.integers(1, max(2, n + 1))) for n in shape)


def shapes(rng, count, least=1, most=4):
    """Random shapes, now and then with an axis of no places."""
    for _ in range(count):
        yield tuple(int(n) for n in rng.integers(0 if rng.random() < 0.15 else 1, 7, rng.integers(least, most)))


@pytest.mark.parametrize("seed", range(20))
def test_where_elements_are(seed):
    """`argwhere`, `unravel_index` and back."""
    rng = np.random.default_rng(seed)
    for shape in shapes(rng, 4):
        a = sample(shape, "i4", seed) * (rng.random(shape) < 0.6)
        x = lazy(a, cuts(shape, rng))
        assert_same(gl.argwhere(x), np.argwhere(a))
        assert_same(np.argwhere(x), np.argwhere(a))
        if not a.size:
            continue
        numbers = rng.integers(0, a.size, (3, 5)).astype(rng.choice(["i8", "u2", "i4"]))
        for order in "CF":
            places = np.unravel_index(numbers, shape, order)
            assert_same(gl.unravel_index(lazy(numbers, (2, 2)), shape, order), places)
            assert_same(gl.ravel_multi_index(tuple(map(lazy, places)), shape, order=order), numbers.astype("i8"))
            far = tuple(rng.integers(-20, 20, 7) for _ in shape)
            for mode in ("wrap", "clip", tuple(rng.choice(["wrap", "clip"], len(shape)).tolist())):
                expected = np.ravel_multi_index(far, shape, mode, order)
                assert_same(gl.ravel_multi_index(tuple(map(lazy, far)), shape, mode, order), expected)


def test_places_that_are_not_there():
    """Errors when they are computed, at once for lengths; NumPy's exceptions."""
    for bad in ([7], [-1]):
        with pytest.raises(ValueError, match=f"number of an element is {bad[0]}, where there are 6"):
            gl.unravel_index(bad, (2, 3))[0].compute()
    with pytest.raises(ValueError, match="place along an axis is 5, where there are 2"):
        gl.ravel_multi_index(([5], [0]), (2, 3)).compute()
    with pytest.raises(ValueError, match="one array an axis"):
        gl.ravel_multi_index(([0],), (2, 3))
    with pytest.raises(TypeError, match="integers"):
        gl.unravel_index([1.5], (2, 3))
    with pytest.raises(ValueError, match="order"):
        gl.unravel_index([1], (2, 3), "K")
    with pytest.raises(ValueError, match="clipmode"):
        gl.ravel_multi_index(([0], [0]), (2, 3), "cut")
    with pytest.raises(ValueError):
        gl.argwhere(gl.asarray(3))
    assert gl.unravel_index(0, ()) == ()


def test_triangles():
    """Their places in matrices of all shapes, on all diagonals, made in pieces."""
    for n, m in [(4, 4), (3, 5), (5, 3), (1, 6), (6, 1), (0, 3), (3, 0)]:
        for k in range(-8, 9):
            assert_same(gl.tril_indices(n, k, m), np.tril_indices(n, k, m))
            assert_same(gl.triu_indices(n, k, m), np.triu_indices(n, k, m))
    a = sample((7, 5), "f8")
    for k in (-2, 0, 3):
        assert_same(gl.tril_indices_from(lazy(a), k), np.tril_indices_from(a, k))
        assert_same(np.triu_indices_from(lazy(a), k), np.triu_indices_from(a, k))
        assert_same(lazy(a)[gl.tril_indices_from(lazy(a), k)], a[np.tril_indices_from(a, k)])
    rows, columns = gl.tril_indices(300, 7, 211)
    for line, expected in zip((rows, columns), np.tril_indices(300, 7, 211), strict=True):
        for step in (997, 4096, 1):
            cut = slice(None) if step > 1 else slice(20, 3000, 7)
            assert_same(line.rechunk(step if step > 1 else 5000)[cut], expected[cut])
    assert_same(gl.mask_indices(4, np.triu, 1), np.mask_indices(4, np.triu, 1))
    assert_same(gl.mask_indices(4, gl.tril), np.mask_indices(4, np.tril))
    assert_same(gl.diag_indices(5, 3), np.diag_indices(5, 3))
    assert_same(np.diag_indices_from(lazy(a[:5])), np.diag_indices_from(a[:5]))
    # More places than memory has room for are places all the same.
    assert gl.triu_indices(10**6)[1][-3:].compute().tolist() == [10**6 - 2, 10**6 - 1, 10**6 - 1]
    for refused in (
        lambda: gl.tril_indices_from(lazy(a[0])),
        lambda: gl.diag_indices_from(lazy(a)),
        lambda: gl.diag_indices_from(lazy(a[0])),
    ):
        with pytest.raises(ValueError):
            refused()


def test_grids_of_places():
    """`ix_` of places and truth values."""
    a = sample((5, 6, 4), "i8")
    keys = [np.array([3, 0]), np.array([True, False, True, True, False, False]), [1, 1, 2]]
    assert_same(gl.ix_(lazy(keys[0]), lazy(keys[1]), keys[2]), np.ix_(*keys))
    assert_same(np.ix_(lazy(keys[0]), lazy(keys[1])), np.ix_(*keys[:2]))
    assert_same(lazy(a)[gl.ix_(*keys)], a[np.ix_(*keys)])
    assert_same(gl.ix_([]), np.ix_([]))
    with pytest.raises(ValueError, match="1 dimensional"):
        gl.ix_([[1]])


@pytest.mark.parametrize("seed", range(20))
def test_trimmed(seed):
    """`trim_zeros` along one axis and several; NaN is not zero."""
    rng = np.random.default_rng(seed)
    for shape in shapes(rng, 4):
        a = sample(shape, "f8", seed) * (rng.random(shape) < 0.25)
        a[rng.random(shape) < 0.05] = np.nan
        x = lazy(a, cuts(shape, rng))
        for trim in ("fb", "f", "B"):
            for axis in (None, 0, -1, tuple(range(len(shape)))):
                assert_same(gl.trim_zeros(x, trim, axis), np.trim_zeros(a, trim, axis))
    assert_same(np.trim_zeros(lazy(np.array([0, 0, 3, 0]))), np.array([3]))
    with pytest.raises(ValueError, match="unexpected character"):
        gl.trim_zeros([1], "x")


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_choices(dtype):
    """`select`, `choose` and `piecewise`, broadcast, in NumPy's dtypes."""
    rng = np.random.default_rng(3)
    a, b = sample((6, 5), dtype), sample((1, 5), "i2", 1)
    x, y = lazy(a, (2, 3)), lazy(b)
    masks = [rng.random((6, 5)) < 0.4, rng.random((6, 1)) < 0.5, np.zeros(5, bool)]
    ours = [lazy(mask, 2) for mask in masks]
    for choices, default in (([a, b, 3], 0), ([7, b, b], 1), ([a, a, a], a[0])):
        given = [x if c is a else y if c is b else c for c in choices]
        assert_same(gl.select(ours, given, default), np.select(masks, choices, default))
        assert_same(np.select(ours, given, default), np.select(masks, choices, default))
    which = rng.integers(0, 3, (6, 5))
    assert_same(gl.choose(lazy(which, 4), [x, y, 2]), np.choose(which, [a, b, 2]))
    assert_same(np.choose(lazy(which, 4), [x, y, y]), np.choose(which, [a, b, b]))
    far = rng.integers(-9, 9, (4, 1, 5))
    for mode in ("wrap", "clip"):
        assert_same(gl.choose(lazy(far), [x, y, x], mode=mode), np.choose(far, [a, b, a], mode=mode))
    assert_same(gl.choose(lazy(which[:3]), gl.asarray(a[:3, None])), np.choose(which[:3], a[:3, None]))
    assert_same(gl.choose(lazy(which % 1), [x]), np.choose(which % 1, [a]))
    assert_same(gl.choose(lazy(which > 1), [x, y]), np.choose(which > 1, [a, b]))


def test_choices_refused():
    """What NumPy refuses, in its exceptions; of numbers that are not there when they are computed."""
    x = lazy(np.arange(4))
    with pytest.raises(ValueError, match="number of a choice is 2, where there are 2"):
        gl.choose(x, [1, 2]).compute()
    with pytest.raises(ValueError, match="same length"):
        gl.select([x > 1], [1, 2])
    with pytest.raises(ValueError, match="empty condition list"):
        gl.select([], [])
    with pytest.raises(TypeError, match="should be boolean"):
        gl.select([x], [1])
    with pytest.raises(TypeError, match="integers"):
        gl.choose(x * 0.5, [1])
    with pytest.raises(ValueError, match="one or more"):
        gl.choose(x, [])


def test_pieces():
    """`piecewise` with numbers, functions with arguments, one for the rest, in the dtype of the array."""
    for a in (sample((6, 5), "f8"), sample(9, "i4"), np.array(-2), np.array([], "f4")):
        x = lazy(a, 2)
        calls = [
            ([a < 0, a >= 1], [-1, 1]),
            ([a < 0], [lambda v: -v, lambda v: v * 2]),
            ([a < 1, a < 0, a > 2], [5, lambda v: v / 2, 3.7, 9]),
        ]
        for conditions, functions in calls:
            given = [lazy(np.asarray(condition), 2) for condition in conditions]
            assert_same(gl.piecewise(x, given, functions), np.piecewise(a, conditions, functions))
            assert_same(np.piecewise(x, given, functions), np.piecewise(a, conditions, functions))
            assert_same(gl.piecewise(x, conditions, functions), np.piecewise(a, conditions, functions))
        if a.ndim < 2 and a.size:
            assert_same(gl.piecewise(x, x < 0, [1, 2]), np.piecewise(a, a < 0, [1, 2]))
        shifted = lambda v, by, times=1: (v + by) * times
        assert_same(gl.piecewise(x, [x > 0], [shifted], 3, times=2), np.piecewise(a, [a > 0], [shifted], 3, times=2))
    # The one function that is given them all at once.
    a = sample(20, "f8")
    largest = lambda v: v - v.max()
    assert_same(gl.piecewise(lazy(a, 6), [lazy(a) > 0], [largest, 0]), np.piecewise(a, [a > 0], [largest, 0]))
    with pytest.raises(ValueError, match="either 1 or 2 functions"):
        gl.piecewise(lazy(a), [lazy(a) > 0], [1, 2, 3])


def check_written(function, a, x, *args, **keywords):
    """A function that writes gives the handle another node, of the same chunks, and leaves others alone."""
    expected, kept, other = a.copy(), a.copy(), gl.asarray(x)[...]
    theirs, named = gl.compute(list(args), keywords)
    assert function(expected, *theirs, **named) is None
    for of in (getattr(gl, function.__name__), function):
        y = x[...]
        assert of(y, *args, **keywords) is None
        assert_same(y, expected)
        assert y.chunks == x.chunks
    assert_same(other, kept)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("seed", range(4))
def test_written(dtype, seed):
    """`put`, `place`, `putmask`, `put_along_axis`, `copyto` and `fill_diagonal`, over random shapes and chunks."""
    rng = np.random.default_rng(seed)
    for shape in shapes(rng, 4):
        a = sample(shape, dtype, seed)
        x = lazy(a, cuts(shape, rng))
        values = sample(int(rng.integers(1, 9)), dtype, seed + 1)
        mask = rng.random(shape) < 0.4
        for v in (values, lazy(values), values[:1], 1):
            check_written(np.place, a, x, lazy(mask, cuts(shape, rng)), v)
            check_written(np.putmask, a, x, lazy(mask, cuts(shape, rng)), v)
        check_written(np.putmask, a, x, lazy(mask), sample(shape, dtype, 9))
        check_written(np.copyto, a, x, lazy(sample(shape, dtype, 2), 2))
        check_written(np.copyto, a, x, 1, "unsafe", where=mask)
        check_written(np.copyto, a, x, sample(shape[-1:], dtype, 2), where=lazy(mask))
        if a.size:
            places = rng.integers(-a.size, a.size, int(rng.integers(0, 12)))
            for v in (values, lazy(values), 1):
                check_written(np.put, a, x, places, v)
                check_written(np.put, a, x, places * 3, v, mode="wrap")
                check_written(np.put, a, x, places * 3, v, mode="clip")
            axis = int(rng.integers(-len(shape), len(shape)))
            lengths = [*shape]
            lengths[axis] = int(rng.integers(0, 5))
            at = rng.integers(-shape[axis], shape[axis], lengths)
            check_written(np.put_along_axis, a, x, lazy(at, 2), sample(at.shape, dtype, 5), axis)
            check_written(np.put_along_axis, a, x, at, 1, axis)
            check_written(np.put_along_axis, a, x, rng.integers(0, a.size, 4), values[:1], None)


def test_diagonals_written():
    """Of all shapes, with numbers and lists, wrapped or not."""
    for shape in [(4, 4), (3, 5), (7, 3), (10, 2), (1, 1), (3, 3, 3), (2, 2, 2, 2), (0, 3), (5, 1)]:
        a = sample(shape, "i4")
        for chunks in ("auto", 2):
            for value in (7, [1, 2, 3], np.arange(20), [[9, 8]], lazy(np.array([4, 5]))):
                for wrap in (False, True):
                    check_written(np.fill_diagonal, a, lazy(a, chunks), value, wrap)
    for shape in [(3,), (2, 3, 2)]:
        with pytest.raises(ValueError):
            gl.fill_diagonal(gl.zeros(shape), 1)


def test_writing_refused():
    """What NumPy refuses; and NumPy's arrays, which a lazy result is not written into."""
    x = gl.zeros((2, 3), int)
    with pytest.raises(IndexError):
        gl.put(x, [6], 1)
    with pytest.raises(OverflowError):
        gl.put(gl.zeros(3, "i1"), [0], 300)
    with pytest.raises(ValueError, match="clipmode"):
        gl.put(x, [0], 1, "cut")
    with pytest.raises(TypeError, match="integers"):
        gl.put(x, [0.5], 1)
    for function in (gl.place, gl.putmask):
        with pytest.raises(ValueError, match="same size"):
            function(x, [True, False], 1)
    y = gl.zeros((2, 3), int)
    gl.place(y, [True] * 6, [])
    with pytest.raises(ValueError, match="none for 6 places"):
        y.compute()
    gl.place(x, [False] * 6, [])
    gl.putmask(x, [True] * 6, [])
    assert_same(x, np.zeros((2, 3), int))
    with pytest.raises(TypeError, match="Cannot cast"):
        gl.copyto(x, 1.5)
    with pytest.raises(TypeError, match="Cannot cast"):
        gl.copyto(x, lazy(np.ones(3)))
    gl.copyto(x, lazy(np.ones(3)), casting="unsafe")
    assert_same(x, np.ones((2, 3), int))
    with pytest.raises(ValueError):
        gl.copyto(x, [1, 2])
    z = gl.zeros((2, 3))
    gl.put_along_axis(z, [[3]], 1, 1)
    with pytest.raises(IndexError):
        z.compute()
    with pytest.raises(ValueError, match="single dimension"):
        gl.put_along_axis(z, [[3]], 1, None)
    with pytest.raises(np.exceptions.AxisError):
        gl.put_along_axis(z, [[0]], 1, 2)
    for call in (
        lambda a, v: np.put(a, [0], v), lambda a, v: np.place(a, a == 0, v), lambda a, v: np.putmask(a, a == 0, v),
        lambda a, v: np.copyto(a, v), lambda a, v: np.put_along_axis(a, np.zeros((1, 1), int), v, 0),
    ):  # fmt: skip
        with pytest.raises(TypeError, match="cannot be written into a NumPy array"):
            call(np.zeros((3, 3)), gl.ones(3))


@pytest.mark.parametrize("mode", ["wrap", "clip"])
def test_taken_beyond(mode):
    """`take` with places that are not there."""
    a = sample((5, 4), "f8")
    places = np.array([[-7, 3, 9], [0, -1, 20]])
    for axis in (None, 0, 1):
        assert_same(gl.take(lazy(a, 2), places, axis, mode=mode), np.take(a, places, axis, mode=mode))
        assert_same(np.take(lazy(a, 2), places, axis, mode=mode), np.take(a, places, axis, mode=mode))
    with pytest.raises(IndexError):
        gl.take(lazy(a[:0]), [1], 0, mode=mode)
    with pytest.raises(ValueError, match="clipmode"):
        gl.take(lazy(a), [1], 0, mode="cut")
