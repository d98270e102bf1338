"""Functions of elements that are rows of the library's tables. Written by `python/tools/stubs.py`."""

from collections.abc import Callable

from ._typing import Array, ArrayLike, Casting, DTypeLike, Out

__all__ = [
    "abs",
    "absolute",
    "acos",
    "acosh",
    "add",
    "arccos",
    "arccosh",
    "arcsin",
    "arcsinh",
    "arctan",
    "arctan2",
    "arctanh",
    "asin",
    "asinh",
    "atan",
    "atan2",
    "atanh",
    "bitwise_and",
    "bitwise_count",
    "bitwise_invert",
    "bitwise_left_shift",
    "bitwise_not",
    "bitwise_or",
    "bitwise_right_shift",
    "bitwise_xor",
    "cbrt",
    "ceil",
    "conjugate",
    "copysign",
    "cos",
    "cosh",
    "deg2rad",
    "degrees",
    "divide",
    "equal",
    "exp",
    "exp2",
    "expm1",
    "fabs",
    "fix",
    "float_power",
    "floor",
    "floor_divide",
    "fmax",
    "fmin",
    "fmod",
    "gcd",
    "greater",
    "greater_equal",
    "heaviside",
    "hypot",
    "invert",
    "isfinite",
    "isinf",
    "isnan",
    "isneginf",
    "isposinf",
    "lcm",
    "ldexp",
    "left_shift",
    "less",
    "less_equal",
    "log",
    "log10",
    "log1p",
    "log2",
    "logaddexp",
    "logaddexp2",
    "logical_and",
    "logical_not",
    "logical_or",
    "logical_xor",
    "maximum",
    "minimum",
    "mod",
    "multiply",
    "negative",
    "nextafter",
    "not_equal",
    "positive",
    "pow",
    "power",
    "rad2deg",
    "radians",
    "reciprocal",
    "remainder",
    "right_shift",
    "rint",
    "sign",
    "signbit",
    "sin",
    "sinc",
    "sinh",
    "spacing",
    "sqrt",
    "square",
    "subtract",
    "tan",
    "tanh",
    "true_divide",
    "trunc",
]

UNARY: dict[str, str]
BINARY: dict[str, str]
OF_ONE: tuple[str, ...]
OF_TWO: tuple[str, ...]
FUNCTIONS: dict[str, Callable[..., Array]]

def abs(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Calculate the absolute value element-wise."""

def absolute(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Calculate the absolute value element-wise."""

def acos(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Trigonometric inverse cosine, element-wise."""

def acosh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic cosine, element-wise."""

def add(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Add arguments element-wise."""

def arccos(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Trigonometric inverse cosine, element-wise."""

def arccosh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic cosine, element-wise."""

def arcsin(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse sine, element-wise."""

def arcsinh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic sine element-wise."""

def arctan(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Trigonometric inverse tangent, element-wise."""

def arctan2(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise arc tangent of ``x1/x2`` choosing the quadrant correctly."""

def arctanh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic tangent element-wise."""

def asin(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse sine, element-wise."""

def asinh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic sine element-wise."""

def atan(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Trigonometric inverse tangent, element-wise."""

def atan2(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise arc tangent of ``x1/x2`` choosing the quadrant correctly."""

def atanh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Inverse hyperbolic tangent element-wise."""

def bitwise_and(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the bit-wise AND of two arrays element-wise."""

def bitwise_count(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Computes the number of 1-bits in the absolute value of ``x``. Analogous to the builtin `int.bit_count` or ``popcount`` in C++."""

def bitwise_invert(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute bit-wise inversion, or bit-wise NOT, element-wise."""

def bitwise_left_shift(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Shift the bits of an integer to the left."""

def bitwise_not(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute bit-wise inversion, or bit-wise NOT, element-wise."""

def bitwise_or(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the bit-wise OR of two arrays element-wise."""

def bitwise_right_shift(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Shift the bits of an integer to the right."""

def bitwise_xor(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the bit-wise XOR of two arrays element-wise."""

def cbrt(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the cube-root of an array, element-wise."""

def ceil(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the ceiling of the input, element-wise."""

def conjugate(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the complex conjugate, element-wise."""

def copysign(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Change the sign of x1 to that of x2, element-wise."""

def cos(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Cosine element-wise."""

def cosh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Hyperbolic cosine, element-wise."""

def deg2rad(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Convert angles from degrees to radians."""

def degrees(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Convert angles from radians to degrees."""

def divide(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Divide arguments element-wise."""

def equal(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return (x1 == x2) element-wise."""

def exp(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Calculate the exponential of all elements in the input array."""

def exp2(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Calculate `2**p` for all `p` in the input array."""

def expm1(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Calculate ``exp(x) - 1`` for all elements in the array."""

def fabs(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the absolute values element-wise."""

def fix(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Round to nearest integer towards zero."""

def float_power(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """First array elements raised to powers from second array, element-wise."""

def floor(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the floor of the input, element-wise."""

def floor_divide(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the largest integer smaller or equal to the division of the inputs. It is equivalent to the Python ``//`` operator and pairs with the Python ``%`` (`remainder`), function so that ``a = a % b + b * (a // b)`` up to roundoff."""

def fmax(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise maximum of array elements."""

def fmin(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise minimum of array elements."""

def fmod(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns the element-wise remainder of division."""

def gcd(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns the greatest common divisor of ``|x1|`` and ``|x2|``"""

def greater(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the truth value of (x1 > x2) element-wise."""

def greater_equal(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the truth value of (x1 >= x2) element-wise."""

def heaviside(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the Heaviside step function."""

def hypot(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Given the "legs" of a right triangle, return its hypotenuse."""

def invert(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute bit-wise inversion, or bit-wise NOT, element-wise."""

def isfinite(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Test element-wise for finiteness (not infinity and not Not a Number)."""

def isinf(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Test element-wise for positive or negative infinity."""

def isnan(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Test element-wise for NaN and return result as a boolean array."""

def isneginf(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Test element-wise for negative infinity, return result as bool array."""

def isposinf(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Test element-wise for positive infinity, return result as bool array."""

def lcm(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns the lowest common multiple of ``|x1|`` and ``|x2|``"""

def ldexp(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns x1 * 2**x2, element-wise."""

def left_shift(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Shift the bits of an integer to the left."""

def less(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the truth value of (x1 < x2) element-wise."""

def less_equal(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the truth value of (x1 <= x2) element-wise."""

def log(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Natural logarithm, element-wise."""

def log10(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the base 10 logarithm of the input array, element-wise."""

def log1p(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the natural logarithm of one plus the input array, element-wise."""

def log2(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Base-2 logarithm of `x`."""

def logaddexp(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Logarithm of the sum of exponentiations of the inputs."""

def logaddexp2(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Logarithm of the sum of exponentiations of the inputs in base-2."""

def logical_and(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the truth value of x1 AND x2 element-wise."""

def logical_not(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the truth value of NOT x element-wise."""

def logical_or(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the truth value of x1 OR x2 element-wise."""

def logical_xor(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute the truth value of x1 XOR x2, element-wise."""

def maximum(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise maximum of array elements."""

def minimum(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Element-wise minimum of array elements."""

def mod(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns the element-wise remainder of division."""

def multiply(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Multiply arguments element-wise."""

def negative(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Numerical negative, element-wise."""

def nextafter(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the next floating-point value after x1 towards x2, element-wise."""

def not_equal(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return (x1 != x2) element-wise."""

def positive(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Numerical positive, element-wise."""

def pow(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """First array elements raised to powers from second array, element-wise."""

def power(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """First array elements raised to powers from second array, element-wise."""

def rad2deg(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Convert angles from radians to degrees."""

def radians(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Convert angles from degrees to radians."""

def reciprocal(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the reciprocal of the argument, element-wise."""

def remainder(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns the element-wise remainder of division."""

def right_shift(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Shift the bits of an integer to the right."""

def rint(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Round elements of the array to the nearest integer."""

def sign(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns an element-wise indication of the sign of a number."""

def signbit(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Returns element-wise True where signbit is set (less than zero)."""

def sin(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Trigonometric sine, element-wise."""

def sinc(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the normalized sinc function."""

def sinh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Hyperbolic sine, element-wise."""

def spacing(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the distance between x and the nearest adjacent number."""

def sqrt(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the non-negative square-root of an array, element-wise."""

def square(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the element-wise square of the input."""

def subtract(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Subtract arguments, element-wise."""

def tan(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute tangent element-wise."""

def tanh(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Compute hyperbolic tangent element-wise."""

def true_divide(x1: ArrayLike, x2: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Divide arguments element-wise."""

def trunc(x: ArrayLike, /, out: Out = None, *, where: ArrayLike = True, casting: Casting = "same_kind", dtype: DTypeLike | None = None) -> Array:
    """Return the truncated value of the input, element-wise."""
