"""The cells of a Dask tutorial with the import line changed, each result beside NumPy's on the same numbers: `python tutorial.py`."""

import argparse
import time

import numpy as np

import gridloom as da  # was: import dask.array as da
from gridloom import Client  # was: from dask.distributed import Client

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--size", type=int, default=2000, help="rows and columns of the large arrays (5000 in the tutorial)")
parser.add_argument("--progress", action=argparse.BooleanOptionalAction, default=None, help="a bar for long runs")
options = parser.parse_args()
n = options.size

failures = []


def beside(title, ours, theirs):
    """Prints a result beside NumPy's, and notes one that differs."""
    ours = ours.compute() if isinstance(ours, da.Array) else ours
    same = np.allclose(ours, theirs, rtol=1e-9, equal_nan=True)
    shown = [np.array2string(np.asarray(x), precision=6, threshold=6, edgeitems=2).replace("\n", "") for x in (ours, theirs)]
    print(f"{title:50} {shown[0]:32} NumPy: {shown[1]:32} {'equal' if same else 'DIFFERS'}")
    if not same:
        failures.append(title)


client = Client(progress=options.progress)
print(client)

nprand = np.random.randint(0, 100, (4, 5))
darand = da.random.randint(0, 100, (4, 5))
print(nprand.shape, darand.shape, darand)
beside("darand.max()", darand.max(), darand.compute().max())
beside("10 * darand.max()", 10 * darand.max(), 10 * darand.compute().max())
beside("da.zeros((3, 4))", da.zeros((3, 4)), np.zeros((3, 4)))
beside("da.from_array(nprand)", da.from_array(nprand), nprand)

myarray = da.random.randint(0, 100, (4 * n, n))
print(myarray)
mean = myarray.mean()
print(mean.visualize())
beside("myarray.mean()", mean, myarray.compute().mean())

myarray = da.random.random((n, n))
values = myarray.compute()
beside("myarray[0:10, 0:10]", myarray[0:10, 0:10], values[0:10, 0:10])
beside("myarray[::2, 3]", myarray[::2, 3], values[::2, 3])
beside("myarray[5, :]", myarray[5, :], values[5, :])
logical_array = myarray > 0.5
extracted_values = myarray[logical_array]
print(logical_array, extracted_values)
beside("myarray[myarray > 0.5]", extracted_values, values[values > 0.5])
beside("np.sin(myarray)", np.sin(myarray), np.sin(values))
beside("np.mean(myarray, axis=0)", np.mean(myarray, axis=0), np.mean(values, axis=0))
beside("np.transpose(myarray)", np.transpose(myarray), values.T)
beside("myarray.sum(axis=1)", myarray.sum(axis=1), values.sum(axis=1))
beside("myarray.std()", myarray.std(), values.std())

newda = myarray + da.transpose(myarray)
beside("myarray + da.transpose(myarray)", newda, values + values.T)
newda = da.dot(myarray, myarray + da.transpose(myarray))
start = time.perf_counter()
product = newda.compute()
middle = time.perf_counter()
expected = np.dot(values, values + np.transpose(values))
print(f"dot: gridloom {middle - start:.2f} s, NumPy {time.perf_counter() - middle:.2f} s")
beside("da.dot(myarray, myarray + da.transpose(myarray))", product, expected)
try:
    np.linalg.inv(myarray)
except TypeError as error:
    print(f"np.linalg.inv(myarray): TypeError: {error}")

beside("np.reshape(myarray, (n, n // 5, 5))", np.reshape(myarray, (n, n // 5, 5)), np.reshape(values, (n, n // 5, 5)))
beside("np.reshape(myarray, (n // 5, n, 5))", np.reshape(myarray, (n // 5, n, 5)), np.reshape(values, (n // 5, n, 5)))

da_array = da.random.normal(loc=9, scale=1, size=(n, n))
np_array = np.ones((n, n))
added = da_array + np_array
print(added)
masked = added[added < 10]
myhist, bins = da.histogram(masked, bins=100, range=[-9, 11])
everything = added.compute()
expected, edges = np.histogram(everything[everything < 10], bins=100, range=[-9, 11])
beside("da.histogram(masked, bins=100, range=[-9, 11])", myhist, expected)
beside("its edges", bins, edges)
myhist, bins = da.histogram(masked)
beside("da.histogram(masked)", myhist, np.histogram(everything[everything < 10])[0])

print(f"\n{'all equal' if not failures else 'DIFFERENT: ' + ', '.join(failures)}")
raise SystemExit(bool(failures))
