"""Sums of products over named axes and products of matrices, beside NumPy's, for texts and shapes at random."""

import random

import numpy as np
import pytest

import gridloom as gl

DTYPES = ["i8", "f8", "i4", "f4", "i1", "?"]


def some(dice, shape, dtype):
    """Numbers of which products and sums are exact."""
    values = np.array([dice.randint(-3, 3) for _ in range(int(np.prod(shape)))], int).reshape(shape)
    return (values > 0) if dtype == "?" else values.astype(dtype)


def cut(dice, x):
    """The same as a lazy array in any chunks."""
    return gl.from_array(x, tuple(dice.randint(1, max(1, n)) for n in x.shape)) if x.ndim else gl.asarray(x)


def outcome(call):
    """What a call gives, or that it is refused."""
    try:
        return np.asarray(call())
    except (ValueError, TypeError) as error:
        return error


def check(said, ours, theirs):
    """Both are refused, or both have the same values, shape and dtype."""
    got, expected = outcome(ours), outcome(theirs)
    assert isinstance(got, Exception) == isinstance(expected, Exception), f"{said}: {got!r} for {expected!r}"
    if not isinstance(got, Exception):
        assert (got.dtype, got.shape) == (expected.dtype, expected.shape), said
        np.testing.assert_array_equal(got, expected, err_msg=said)


def text_and_shapes(dice):
    """A text for a few arrays with `...` here and there, sometimes one that means nothing, and shapes that fit."""
    names = "abcdef"[: dice.randint(1, 6)]
    lengths = {name: dice.randint(0 if dice.random() < 0.03 else 1, 4) for name in names}
    others = [dice.randint(1, 3) for _ in range(dice.choice([0, 0, 0, 1, 2]))]
    terms, shapes = [], []
    for _ in range(dice.choice([1, 2, 2, 2, 3, 3, 4, 7])):
        term = [dice.choice(names) for _ in range(dice.randint(0, 3))]
        shape = [lengths[name] for name in term]
        if others and dice.random() < 0.6:
            at = dice.randint(0, len(term))
            shape[at:at] = [1 if dice.random() < 0.2 else n for n in others[dice.randint(0, len(others)) :]]
            term.insert(at, "...")
        terms.append("".join(term))
        shapes.append(shape)
    text = ",".join(terms)
    if dice.random() < 0.75:
        output = [name for name in sorted(set(text) - set(",.")) if dice.random() < 0.5]
        dice.shuffle(output)
        if "..." in text:
            output.insert(dice.randint(0, len(output)), "...")
        text += "->" + "".join(output)
    return text + (dice.choice("z.a") if dice.random() < 0.04 else ""), shapes


@pytest.mark.parametrize("seed", range(4))
def test_einsum_is_numpys(seed):
    """A thousand texts each, refused where NumPy refuses them."""
    dice = random.Random(seed)
    for _ in range(1000):
        text, shapes = text_and_shapes(dice)
        mixed = dice.random() < 0.3
        arrays = [some(dice, shape, dice.choice(DTYPES) if mixed else "i8") for shape in shapes]
        said = f"{text} of {[(x.shape, x.dtype.name) for x in arrays]}"
        check(said, lambda: gl.einsum(text, *(cut(dice, x) for x in arrays)).compute(), lambda: np.einsum(text, *arrays))  # noqa: B023


@pytest.mark.parametrize("name", ["matmul", "dot", "kron", "matvec", "vecmat", "inner", "outer"])
def test_products_are_numpys(name):
    """Of any axes before the last two, broadcast or not, and of lengths that do not fit."""
    dice = random.Random(name)
    for _ in range(200):
        n, k, m = (dice.randint(0, 20) if dice.random() < 0.3 else dice.randint(1, 4) for _ in range(3))
        batch = [dice.randint(1, 4) for _ in range(dice.randint(0, 3))]
        shapes = []
        for last in ([n, k], [k, m]):
            before = [1 if dice.random() < 0.3 else size for size in batch[dice.randint(0, len(batch)) :]]
            shapes.append([k] if dice.random() < 0.15 else before + last)
        x, y = (some(dice, shape, dice.choice(DTYPES)) for shape in shapes)
        said = f"{name} of {x.shape} {x.dtype} and {y.shape} {y.dtype}"
        check(said, lambda: getattr(gl, name)(cut(dice, x), cut(dice, y)).compute(), lambda: getattr(np, name)(x, y))  # noqa: B023


def test_cross_products_along_any_axes():
    """With the keywords for each array's axis and that of the result."""
    rng = np.random.default_rng(0)
    x, y = rng.integers(-4, 5, (3, 4, 2)), rng.integers(-4, 5, (4, 2, 3))
    np.testing.assert_array_equal(gl.cross(x, y, 0, -1, 1).compute(), np.cross(x, y, 0, -1, 1))
    np.testing.assert_array_equal(gl.linalg.cross(y, y[::-1]).compute(), np.linalg.cross(y, y[::-1]))
    with pytest.raises(ValueError, match="vectors of 3 numbers"):
        gl.linalg.cross(x, x)


def test_many_texts_are_made_of_lists():
    """`einsum(x, [0, 1], ...)` means what its letters would."""
    x = np.arange(24.0).reshape(2, 3, 4)
    for operands in [(x, [0, 1, 2], [2, 0]), (x, [0, ..., 1], x, [0, ..., 1]), (x, [3, 3 - 1, 0])]:
        np.testing.assert_array_equal(gl.einsum(*operands).compute(), np.einsum(*operands))
    with pytest.raises(ValueError, match="subscript 77 is not within"):
        gl.einsum(x, [0, 1, 77])
    with pytest.raises(ValueError, match="at least one array"):
        gl.einsum()
