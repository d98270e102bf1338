#!/usr/bin/env python3
"""Writes math_f64.csv, the reference values of tests/math.rs, with mpmath.

Columns: function, x, y (empty for one argument), result, and what the exact
value exceeds the result by, in units of its last place. Numbers are bit
patterns in hex. Usage: math_oracle.py [points per function] > math_f64.csv
"""
import math
import random
import struct
import sys

from mpmath import mp, mpf

mp.prec = 160
RNG = random.Random(20260730)
MAX, MIN, TINY = sys.float_info.max, sys.float_info.min, 5e-324


def hexed(v):
    return "7ff8000000000000" if v != v else struct.pack(">d", v).hex()


def rounded(v):
    """The double nearest to the mpf `v`, and the rest in its last place."""
    e = max(mp.frexp(v)[1] - 53, -1074) if v else -1074
    n = int(mp.nint(mp.ldexp(v, -e)))
    try:
        near = math.copysign(math.ldexp(n, e), v)
    except OverflowError:
        return math.copysign(math.inf, n), mpf(0)
    return near, mp.ldexp(v, -e) - n


def between(lo, hi):
    """Half spread evenly, half in magnitude."""
    if RNG.random() < 0.5:
        return RNG.uniform(lo, hi)
    top = max(abs(lo), abs(hi))
    v = math.exp(RNG.uniform(math.log(top) - 40, math.log(top)))
    v = -v if lo < 0 and RNG.random() < 0.5 else v
    return v if lo <= v <= hi else between(lo, hi)


def magnitude():
    v = struct.unpack(">d", RNG.randbytes(8))[0]
    return v if math.isfinite(v) else magnitude()


def positive():
    return abs(magnitude()) or 1.0


def near_one():
    return 1 + RNG.uniform(-1, 1) * 2.0 ** -RNG.randint(0, 40)


def sigmoid(x):
    return 1 / (1 + mp.exp(-x))


def turn(f):
    return lambda u: f(2 * mp.pi * u) if (u * 4) % 1 else mpf(int(f(2 * mp.pi * u + mpf(10) ** -30)))


# name: function, generators, special cases as (x, result)
N, P, I = math.nan, math.inf, -math.inf
ODD = [(0.0, 0.0), (-0.0, -0.0), (N, N)]
LOGS = [(0.0, I), (-0.0, I), (-1.0, N), (P, P), (I, N), (N, N)]
TURNS = [(P, N), (I, N), (N, N)]
LARGE = [6381956970095103 * 2.0**797, 2.0**1023, 1e22, 1e300, 1073741825.0, 1048577.0, 710.0]
ONE = {
    "exp": (mp.exp, [lambda: between(-746, 710), lambda: between(-1, 1)], [(0.0, 1.0), (P, P), (I, 0.0), (N, N), (710.0, P), (-750.0, 0.0)]),
    "exp2": (lambda x: mpf(2) ** x, [lambda: between(-1075, 1024), lambda: between(-1, 1)], [(0.0, 1.0), (P, P), (I, 0.0), (N, N), (10.0, 1024.0), (1024.0, P)]),
    "expm1": (mp.expm1, [lambda: between(-50, 709.7), lambda: between(-1, 1)], ODD + [(P, P), (I, -1.0), (TINY, TINY), (711.0, P)]),
    "sigmoid": (sigmoid, [lambda: between(-745, 50)], [(0.0, 0.5), (P, 1.0), (I, 0.0), (N, N)]),
    "ln": (mp.log, [positive, near_one, RNG.random], LOGS + [(1.0, 0.0)]),
    "log2": (lambda x: mp.log(x, 2), [positive, near_one], LOGS + [(1.0, 0.0), (8.0, 3.0), (TINY, -1074.0)]),
    "log10": (mp.log10, [positive, near_one], LOGS + [(1.0, 0.0), (1000.0, 3.0), (1e22, 22.0)]),
    "log1p": (mp.log1p, [positive, lambda: near_one() - 1, lambda: between(-0.99, 4)], ODD + [(-1.0, I), (-2.0, N), (P, P), (TINY, TINY)]),
    "cbrt": (lambda x: mp.sign(x) * mp.cbrt(abs(x)), [magnitude], ODD + [(P, P), (I, I), (-27.0, -3.0)]),
    "sin": (mp.sin, [magnitude, lambda: between(-2.0**30, 2.0**30), lambda: between(-7, 7)], ODD[:2] + TURNS),
    "cos": (mp.cos, [magnitude, lambda: between(-2.0**30, 2.0**30), lambda: between(-7, 7)], [(0.0, 1.0)] + TURNS),
    "tan": (mp.tan, [magnitude, lambda: between(-2.0**30, 2.0**30), lambda: between(-7, 7)], ODD[:2] + TURNS),
    "asin": (mp.asin, [lambda: between(-1, 1), lambda: RNG.uniform(0.4, 0.6)], ODD + [(1.1, N), (I, N)]),
    "acos": (mp.acos, [lambda: between(-1, 1), lambda: RNG.uniform(0.4, 1.0)], [(1.0, 0.0), (N, N), (-1.1, N), (P, N)]),
    "atan": (mp.atan, [magnitude, lambda: between(-4, 4)], ODD + [(P, math.pi / 2), (I, -math.pi / 2)]),
    "sinh": (mp.sinh, [lambda: between(-710.4, 710.4), lambda: between(-2, 2)], ODD + [(P, P), (I, I), (711.0, P)]),
    "cosh": (mp.cosh, [lambda: between(-710.4, 710.4), lambda: between(-2, 2)], [(0.0, 1.0), (P, P), (I, P), (N, N)]),
    "tanh": (mp.tanh, [lambda: between(-25, 25), lambda: between(-1, 1)], ODD + [(P, 1.0), (I, -1.0)]),
    "asinh": (mp.asinh, [magnitude, lambda: between(-4, 4)], ODD + [(P, P), (I, I)]),
    "acosh": (mp.acosh, [lambda: 1 + positive(), lambda: 1 + abs(near_one() - 1)], [(1.0, 0.0), (0.5, N), (-5.0, N), (P, P), (N, N)]),
    "atanh": (mp.atanh, [lambda: between(-1, 1), lambda: RNG.uniform(0.4, 1.0)], ODD + [(1.0, P), (-1.0, I), (1.5, N), (P, N)]),
    "erf": (mp.erf, [lambda: between(-6.5, 6.5), lambda: RNG.uniform(0.9, 3)], ODD + [(P, 1.0), (I, -1.0)]),
    "cos2pi": (turn(mp.cos), [RNG.random], [(0.0, 1.0)]),
    "sin2pi": (turn(mp.sin), [RNG.random], [(0.0, 0.0)]),
}


def powers():
    kind = RNG.randrange(4)
    if kind == 0:
        x = positive()
        return x, RNG.uniform(-1, 1) * 745 / max(abs(math.log(x)), 1e-3)
    if kind == 1:
        return RNG.uniform(0.5, 2), RNG.uniform(-1, 1) * 2.0 ** RNG.randint(0, 11)
    if kind == 2:
        return -RNG.uniform(0, 1000), float(RNG.randint(-60, 60))
    x = 1 + RNG.uniform(-1, 1) * 2.0 ** -RNG.randint(2, 40)
    return x, RNG.uniform(-1, 1) * 700 / (abs(math.log(x)) or 1.0)


def integral_powers():
    x = RNG.choice([RNG.uniform(-3, 3), near_one()]) or 1.5
    n = 2.0 ** RNG.randint(1, 30) * RNG.uniform(-1, 1)
    most = 700 / (abs(math.log(abs(x))) or 1.0)
    return x, float(int(max(min(n, most), -most)))


def remainders():
    x = magnitude()
    return x, RNG.choice([magnitude(), x * RNG.uniform(-2, 2), x * 2.0 ** RNG.randint(-50, 0) * RNG.uniform(-1, 1)]) or 1.0


def floor_mod(x, y):
    if y == 0 or math.isinf(x) or x != x or y != y:
        return N
    m = math.fmod(x, y)
    return math.copysign(0.0, y) if m == 0 else m + y if (m < 0) != (y < 0) else m


def floor_div(x, y):
    """NumPy's npy_floor_divide."""
    if x != x or y != y or math.isinf(x) and (y == 0) is False:
        return N
    if y == 0:
        return N if x == 0 else math.copysign(P, x) * math.copysign(1.0, y)
    m = math.fmod(x, y)
    sign = math.copysign(1.0, x) * math.copysign(1.0, y)
    try:
        d = (x - m) / y
    except OverflowError:
        d = sign * P
    if m and (m < 0) != (y < 0):
        d -= 1
    if d == 0:
        return math.copysign(0.0, sign)
    if math.isinf(d):
        return d
    f = float(math.floor(d))
    return f + 1 if d - f > 0.5 else f


def trunc_rem(x, y):
    return N if y == 0 or math.isinf(x) else math.fmod(x, y)


TWO = {
    "pow": (lambda x, y: mp.power(x, y), powers),
    "powi": (lambda x, y: mp.power(x, y), integral_powers),
    "atan2": (lambda y, x: mp.atan2(y, x), lambda: RNG.choice([(magnitude(), magnitude()), (between(-3, 3), between(-3, 3))])),
    "hypot": (mp.hypot, lambda: RNG.choice([(magnitude(), magnitude()), (between(-3, 3), between(-3, 3))])),
}
EXACT = {"trunc_rem": trunc_rem, "floor_mod": floor_mod, "floor_div": floor_div}
EDGES = [0.0, -0.0, 1.0, -1.0, 2.0, -3.0, 0.5, -2.5, P, I, N]


def edge(name, x, y):
    """Special cases as the C library (by way of `math`) has them."""
    if name == "pow":
        if x == 0 and y < 0:
            odd = math.isfinite(y) and y % 2 == 1
            return math.copysign(P, x) if odd else P
        if x < 0 and math.isfinite(x) and math.isfinite(y) and y % 1:
            return N
        return math.pow(x, y)
    return {"atan2": math.atan2, "hypot": math.hypot}[name](x, y)


def line(name, x, y, result, rest=0):
    print(f"{name},{hexed(x)},{'' if y is None else hexed(y)},{hexed(result)},{float(rest):.3f}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 120
    for name, (f, makers, special) in ONE.items():
        for x, r in special:
            line(name, x, None, r)
        points = [m() for m in makers for _ in range(count // len(makers))]
        if name in ("sin", "cos", "tan"):
            points += LARGE
        for x in points:
            if x:
                line(name, x, None, *rounded(f(mpf(x))))
    for name, (f, make) in TWO.items():
        if name != "powi":
            for x in EDGES:
                for y in EDGES:
                    line(name, x, y, edge(name, x, y))
        for x, y in (make() for _ in range(count)):
            line(name, x, y, *rounded(mp.re(f(mpf(x), mpf(y)))))
    for name, f in EXACT.items():
        for x in EDGES:
            for y in EDGES:
                line(name, x, y, f(x, y))
        for x, y in (remainders() for _ in range(count)):
            line(name, x, y, f(x, y))


if __name__ == "__main__":
    main()
