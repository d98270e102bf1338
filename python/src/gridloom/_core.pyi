"""
gridloom's arrays and what runs them, as the Python package sees them.
"""

from _typeshed import Incomplete, SupportsGetItem, SupportsLenAndGetItem
from gridloom._typing import Cuts, Operand
from os import PathLike
from typing import Any, SupportsFloat, SupportsIndex, final

__all__ = ["Client", "Generator", "Node", "Report", "adapters", "among", "arange", "at_ratios", "average", "binary", "bits", "check_law", "choose", "clip", "close", "concatenate", "contracted", "covariances", "cumulative", "diag", "diagonal", "divide", "divmod", "dot", "ediff1d", "einsum", "einsum_path", "equal", "eye", "fill_diagonal", "fma", "frexp", "from_ndarray", "from_object", "full", "gradient", "histogramdd", "indices", "inserted", "interp", "isclose", "isin", "joined", "kaiser", "lexsort", "linspace", "map_chunks", "masked_average", "masked_reduce", "median", "modf", "nan_to_num", "neighbours", "of_one", "of_polynomials", "of_two", "overlapped", "padded", "partitioned", "parts", "poly", "polyder", "polydiv", "polyint", "polyval", "put", "put_along_axis", "put_where", "quantiles", "quantiles_weighted", "ravel_multi_index", "read_npy", "rearranged", "reinterpret", "result_type", "searchsorted", "select", "selected", "slid", "sliding", "sort", "spread", "stack", "take_along_axis", "take_held", "top", "trapezoid", "tri", "triangle_indices", "unique", "unique_values", "unravel_index", "unwrap", "vander", "vector_norm", "window", "without_halos"]

@final
class Client:
    """
    What runs arrays: worker threads, memory, and an adapter where there is one.
    """
    def __new__(cls, /, backend: str | None, adapter: str | None, adapters: SupportsGetItem[int, SupportsIndex] | None, workers: SupportsIndex | None, memory_limit: SupportsIndex | None, device_memory_limit: SupportsIndex | None, spill_folder: str | PathLike[str] | None, task_elements: SupportsIndex | None, dashboard: str | None, progress: bool, record: bool) -> Client: ...
    def __str__(self, /) -> str: ...
    @property
    def adapter(self, /) -> str | None: ...
    def compute(self, /, nodes: SupportsGetItem[int, Node], watch: Any | None = None) -> list[Any]:
        """
        The values of several arrays, of one run.
        """
    @property
    def dashboard_link(self, /) -> str | None: ...
    @property
    def device_memory_limit(self, /) -> int | None: ...
    def drawing(self, /, node: Node, colours: str | None = None) -> str:
        """
        What would run, as SVG; coloured by `"order"`, `"memory"` or `"device"`.
        """
    def explain(self, /, nodes: SupportsGetItem[int, Node]) -> str:
        """
        What would run, in words.
        """
    @staticmethod
    def get_default() -> Client:
        """
        The process-wide client, made now if there is none.
        """
    def last_run(self, /) -> Report | None:
        """
        The last run that ended well, or None.
        """
    @property
    def memory_limit(self, /) -> int: ...
    def persist(self, /, nodes: SupportsGetItem[int, Node], watch: Any | None = None) -> list[Node]:
        """
        The same arrays, computed in one run, their chunks kept.
        """
    def plot(self, /, kind: str, nodes: SupportsGetItem[int, Node], bins: SupportsIndex, labels: SupportsLenAndGetItem[str]) -> str:
        """
        A picture of one array, or of two, as SVG: `"line"`, `"hist"`, `"imshow"`, `"scatter"`. Numbers are drawn as float64.
        """
    def resolve(self, /, node: Node) -> Node:
        """
        The same array with lengths that are known.
        """
    def save_report(self, /, path: str | PathLike[str]) -> None:
        """
        Saves what was recorded as one HTML file.
        """
    def set_default(self, /) -> None:
        """
        Makes this the process-wide client.
        """
    def sync(self, /) -> None:
        """
        Waits until the adapter has done all it was given.
        """
    def to_html(self, /) -> str: ...
    def to_npy(self, /, node: Node, path: str | PathLike[str], watch: Any | None = None) -> None:
        """
        Writes an array into a file of NumPy's format.
        """
    @property
    def workers(self, /) -> int: ...

@final
class Generator:
    """
    A source of random arrays: of one seed, the same arrays in the same order.
    """
    def __new__(cls, /, seed: SupportsIndex) -> Generator: ...
    def choice(self, /, n: SupportsIndex, shape: SupportsGetItem[int, SupportsIndex], replace: bool, p: SupportsGetItem[int, SupportsFloat | SupportsIndex] | None, chunks: Cuts) -> Node:
        """
        Numbers at random, each once or again and again, by probabilities or equally likely.
        """
    def dirichlet(self, /, alpha: SupportsGetItem[int, SupportsFloat | SupportsIndex], shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        Shares of a whole.
        """
    def floats(self, /, draw: str, a: SupportsFloat | SupportsIndex, b: SupportsFloat | SupportsIndex, dtype: str, shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        Floats: `uniform` between `a` and `b`, `normal` of mean `a` and deviation `b`, `exponential` of mean `a`; `bernoulli` truth values of
        probability `a`.
        """
    def integers(self, /, low: SupportsIndex, high: SupportsIndex, dtype: str, shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        Integers from `low` to `high`, both included.
        """
    def law(self, /, name: str, parameters: SupportsGetItem[int, Operand], dtype: str, shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        Draws by a law of NumPy's name.
        """
    def multinomial(self, /, n: SupportsIndex, pvals: SupportsGetItem[int, SupportsFloat | SupportsIndex], shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        How often outcomes turn up.
        """
    def multivariate_hypergeometric(self, /, colors: SupportsGetItem[int, SupportsIndex], nsample: SupportsIndex, shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        How many of each colour are taken out of a bag.
        """
    def multivariate_normal(self, /, mean: SupportsGetItem[int, SupportsFloat | SupportsIndex], cov: SupportsGetItem[int, SupportsFloat | SupportsIndex], shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
        """
        Normal vectors of a mean and a covariance, in C order.
        """
    def permutation(self, /, n: SupportsIndex, chunks: Cuts) -> Node:
        """
        Numbers in a random order.
        """
    def permuted(self, /, x: Node, axis: SupportsIndex | None) -> Node:
        """
        Lines in random orders of their own, or all elements in one.
        """
    def shuffle(self, /, x: Node, axis: SupportsIndex) -> Node:
        """
        Entries in a random order.
        """
    def spawn(self, /, n: SupportsIndex) -> list[Generator]:
        """
        Generators of seeds of their own.
        """

@final
class Node:
    """
    A lazy array: what it is made of, its dtype, shape and chunks.
    """
    def __repr__(self, /) -> str: ...
    def assign(self, /, entries: tuple, value: Operand) -> Node:
        """
        The array with other elements where the entries say.
        """
    def bincount(self, /, minlength: SupportsIndex, weights: Node | None) -> Node: ...
    def broadcast_to(self, /, shape: SupportsGetItem[int, SupportsIndex]) -> Node: ...
    def cast(self, /, dtype: str) -> Node: ...
    @property
    def chunks(self, /) -> tuple:
        """
        The sizes of the chunks along each axis; None for those that are known after computing only.
        """
    @property
    def chunksize(self, /) -> tuple:
        """
        The shape of the largest chunk, as far as it is known.
        """
    def clip(self, /, low: Operand | None, high: Operand | None) -> Node:
        """
        Limited to between two numbers or arrays, or on one side.
        """
    def diff(self, /, n: SupportsIndex, axis: SupportsIndex) -> Node: ...
    @property
    def dtype(self, /) -> str:
        """
        The library's name of the elements' dtype.
        """
    def filter(self, /, mask: Node) -> Node: ...
    def filter_axis(self, /, mask: Node, axis: SupportsIndex) -> Node: ...
    def histogram(self, /, bins: Any, range: tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex] | None, weights: Node | None, density: bool) -> tuple[Node, Node]:
        """
        Counts (or sums of weights, or densities) and the edges they are between.
        """
    def index(self, /, entries: tuple) -> Node:
        """
        What stands between brackets.
        """
    def insert_axis(self, /, at: SupportsIndex) -> Node: ...
    @property
    def itemsize(self, /) -> int:
        """
        Bytes of an element.
        """
    @property
    def key(self, /) -> int:
        """
        A number that arrays have in common that are made of the same by the same.
        """
    @property
    def ndim(self, /) -> int: ...
    def nonzero(self, /) -> list[Node]: ...
    @property
    def numblocks(self, /) -> tuple:
        """
        The number of chunks along each axis.
        """
    def permute_axes(self, /, axes: SupportsGetItem[int, SupportsIndex]) -> Node: ...
    def places(self, /) -> tuple[int, int, int] | None:
        """
        Where the chunks of a persisted array are, in bytes: on the host, on the device, on disk.
        """
    def rechunk(self, /, chunks: Cuts) -> Node: ...
    def reduce(self, /, name: str, axes: SupportsGetItem[int, SupportsIndex] | None, keepdims: bool, ddof: SupportsFloat | SupportsIndex) -> Node:
        """
        A row of the table of reductions, over some axes or all.
        """
    def reduce_where(self, /, name: str, mask: Node, axes: SupportsGetItem[int, SupportsIndex] | None, keepdims: bool, ddof: SupportsFloat | SupportsIndex) -> Node:
        """
        The same of the elements where a mask is true.
        """
    def reshape(self, /, shape: SupportsGetItem[int, SupportsIndex]) -> Node: ...
    def round(self, /, decimals: SupportsIndex) -> Node:
        """
        To so many decimals.
        """
    def same(self, /, other: Node) -> bool:
        """
        Whether two handles are of one array, made of the same by the same.
        """
    def scan(self, /, name: str, axis: SupportsIndex | None) -> Node:
        """
        A row of the table of scans, along an axis or over all elements.
        """
    @property
    def shape(self, /) -> tuple:
        """
        The length of each axis; None where it is known after computing only.
        """
    @property
    def size(self, /) -> int | None:
        """
        Number of elements, if known.
        """
    def take(self, /, places: Incomplete, axis: SupportsIndex) -> Node: ...
    def take_at(self, /, places: Node, axis: SupportsIndex) -> Node: ...
    def to_html(self, /) -> str:
        """
        A table and a drawing, in HTML.
        """
    def transpose(self, /) -> Node: ...
    def unary(self, /, name: str) -> Node:
        """
        A row of the table of functions of one element.
        """

@final
class Report:
    """
    What a run did.
    """
    def __repr__(self, /) -> str: ...
    def __str__(self, /) -> str: ...
    def _repr_html_(self, /) -> str: ...
    @property
    def cpu_tasks(self, /) -> int:
        """
        Tasks on the CPU.
        """
    @property
    def fallbacks(self, /) -> list[tuple[str, str]]:
        """
        What did not run as planned, and why.
        """
    @property
    def gpu_tasks(self, /) -> int:
        """
        Tasks on the adapter.
        """
    @property
    def peak_host_bytes(self, /) -> int:
        """
        Bytes of host memory that it held at most.
        """
    @property
    def seconds(self, /) -> float:
        """
        Seconds from its start to its end.
        """

def adapters() -> list[tuple[str, str, str]]:
    """
    The adapters of this machine: name, driver and the interface they are reached by, in the order of their indices.
    """

def among(name: str, x: Node, other: Node) -> Node:
    """
    A function of an array and a set of values, or of two sets, by its name.
    """

def arange(start: Operand, stop: Operand, step: Operand, dtype: str, chunks: Cuts) -> Node:
    """
    From `start` by `step` to before `stop`.
    """

def at_ratios(start: SupportsFloat | SupportsIndex, stop: SupportsFloat | SupportsIndex, n: SupportsIndex, base: SupportsFloat | SupportsIndex | None) -> Node:
    """
    `n` numbers in `f64` at equal ratios: powers of `base`, or from one number to another without it.
    """

def average(x: Node, weights: Node, axes: SupportsGetItem[int, SupportsIndex] | None) -> tuple[Node, Node]:
    """
    The mean with weights, and the sums of weights that it was divided by.
    """

def binary(name: str, x: Operand, y: Operand) -> Node:
    """
    A row of the table of functions of two elements.
    """

def bits(name: str, x: Node, axis: SupportsIndex | None, count: SupportsIndex | None, little: bool) -> Node:
    """
    Elements as bits of bytes, or bits as elements, by the function's name.
    """

def check_law(name: str, number: SupportsIndex, value: SupportsFloat | SupportsIndex) -> None:
    """
    Refuses a parameter of a law, by its number, that is outside its domain.
    """

def choose(which: Node, choices: SupportsGetItem[int, Operand], mode: str) -> Node:
    """
    Of each element, which is a number, the choice of that number.
    """

def clip(x: Operand, low: Operand, high: Operand) -> Node:
    """
    Each element of `x`, but no less than `low` and no more than `high`.
    """

def close() -> None:
    """
    Lets no more threads into Python, and waits for those that are there. For `atexit`.
    """

def concatenate(nodes: SupportsGetItem[int, Node], axis: SupportsIndex) -> Node: ...

def contracted(name: str, x: Node, y: Node, axes_x: SupportsGetItem[int, SupportsIndex], axes_y: SupportsGetItem[int, SupportsIndex]) -> Node:
    """
    Sums of products over an axis, or over pairs of axes.
    """

def covariances(name: str, x: Node, ddof: SupportsFloat | SupportsIndex) -> Node:
    """
    Covariances of rows, or their correlation coefficients.
    """

def cumulative(name: str, x: Node, axis: SupportsIndex, initial: bool) -> Node:
    """
    Scans that begin with what leaves them as they are.
    """

def diag(x: Node, k: SupportsIndex) -> Node:
    """
    A diagonal of a matrix, or the matrix that has it.
    """

def diagonal(name: str, x: Node, offset: SupportsIndex, axes: SupportsGetItem[int, SupportsIndex]) -> Node:
    """
    What lies on a diagonal of two axes, or its sum.
    """

def divide(x: Operand, y: Operand) -> Node:
    """
    The quotient as a float.
    """

def divmod(x: Operand, y: Operand) -> tuple[Node, Node]:
    """
    Two arrays: quotients and remainders of two operands (`divmod`).
    """

def dot(a: Node, b: Node) -> Node: ...

def ediff1d(x: Node, before: Node | None, after: Node | None) -> Node:
    """
    The differences of neighbours in C order, between others.
    """

def einsum(text: str, nodes: SupportsGetItem[int, Node]) -> Node:
    """
    Sums of products over named axes.
    """

def einsum_path(text: str, nodes: SupportsGetItem[int, Node]) -> list[tuple[int, int]]:
    """
    The order in which `einsum` takes arrays.
    """

def equal(name: str, x: Node, y: Node, nan_equal: bool) -> Node:
    """
    Whether arrays are equal: of one shape, or once they are broadcast together (`equiv`).
    """

def eye(rows: SupportsIndex, columns: SupportsIndex, k: SupportsIndex, dtype: str, chunks: Cuts) -> Node:
    """
    1 on the diagonal `k`, 0 elsewhere.
    """

def fill_diagonal(x: Node, value: Operand, wrap: bool) -> Node:
    """
    An array with other elements on its diagonal.
    """

def fma(x: Operand, y: Operand, z: Operand) -> Node:
    """
    `x · y + z`, rounded once.
    """

def frexp(x: Node) -> tuple[Node, Node]:
    """
    The fractions and the powers of two.
    """

def from_ndarray(array: Incomplete, dtype: str, chunks: Cuts) -> Node:
    """
    An array over a NumPy array's memory, which is shared, and must not change while something is computed from it.
    """

def from_object(object: Any, elements: Any, name: str, dtype: str, shape: SupportsGetItem[int, SupportsIndex], chunks: Cuts) -> Node:
    """
    An array over an object that is read chunk by chunk.
    """

def full(shape: SupportsGetItem[int, SupportsIndex], value: Operand, dtype: str, chunks: Cuts) -> Node:
    """
    One value everywhere; cut as asked.
    """

def gradient(x: Node, spacing: SupportsFloat | SupportsIndex, axis: SupportsIndex) -> Node:
    """
    The slope along an axis.
    """

def histogramdd(values: SupportsGetItem[int, Node], bins: SupportsGetItem[int, Any], ranges: SupportsGetItem[int, tuple[SupportsFloat | SupportsIndex, SupportsFloat | SupportsIndex] | None], weights: Node | None, density: bool) -> tuple[Node, list[Node]]:
    """
    Counts (or sums of weights, or densities) of points in the bins of a grid, and the edges along each axis.
    """

def indices(dims: SupportsGetItem[int, SupportsIndex], dtype: str) -> Node:
    """
    The places of a grid's points along each axis.
    """

def inserted(x: Node, places: SupportsGetItem[int, SupportsIndex], values: Node, axis: SupportsIndex) -> Node:
    """
    An array with new entries before places of an axis.
    """

def interp(x: Node, xp: Node, fp: Node, left: SupportsFloat | SupportsIndex | None, right: SupportsFloat | SupportsIndex | None) -> Node:
    """
    Values of the line through points.
    """

def isclose(x: Operand, y: Operand, relative: SupportsFloat | SupportsIndex, absolute: SupportsFloat | SupportsIndex, nan_equal: bool) -> Node:
    """
    Whether elements are close.
    """

def isin(x: Node, values: SupportsGetItem[int, Operand]) -> Node:
    """
    Whether each element is one of a few numbers.
    """

def joined(name: str, all: SupportsGetItem[int, Node]) -> Node:
    """
    Arrays joined, by the function's name.
    """

def kaiser(n: SupportsIndex, beta: SupportsFloat | SupportsIndex) -> Node:
    """
    Kaiser's window.
    """

def lexsort(keys: SupportsGetItem[int, Node], axis: SupportsIndex) -> Node:
    """
    The places that order lines by several keys.
    """

def linspace(start: SupportsFloat | SupportsIndex, stop: SupportsFloat | SupportsIndex, n: SupportsIndex, dtype: str, chunks: Cuts) -> Node:
    """
    `n` values from `start` to `stop`.
    """

def map_chunks(function: Any, elements: Any, name: str, nodes: SupportsGetItem[int, Node], dtype: str, dropped: SupportsGetItem[int, SupportsIndex], new: SupportsGetItem[int, SupportsIndex], sizes: SupportsGetItem[int, SupportsGetItem[int, SupportsIndex]] | None) -> Node:
    """
    A function of the chunks that arrays, broadcast together, have at a place. It is called with the place of each array's chunk and of the
    one to make, and the chunks; axes may go, be new, or be of other sizes.
    """

def masked_average(x: Node, mask: Node, weights: Node, axes: SupportsGetItem[int, SupportsIndex] | None) -> tuple[tuple[Node, Node], tuple[Node, Node]]:
    """
    The mean with weights of what counts, and the sums of weights.
    """

def masked_reduce(name: str, x: Node, mask: Node, axes: SupportsGetItem[int, SupportsIndex] | None, keepdims: bool, ddof: SupportsFloat | SupportsIndex) -> tuple[Node, Node]:
    """
    A reduction of what counts.
    """

def median(x: Node, axes: SupportsGetItem[int, SupportsIndex] | None, skip_nan: bool) -> Node:
    """
    Medians of all elements, or over axes, which go.
    """

def modf(x: Node) -> tuple[Node, Node]:
    """
    The fractions and the whole parts.
    """

def nan_to_num(x: Node, nan: SupportsFloat | SupportsIndex, posinf: SupportsFloat | SupportsIndex | None, neginf: SupportsFloat | SupportsIndex | None) -> Node:
    """
    Numbers instead of NaN and infinities.
    """

def neighbours(x: Node, factors: SupportsGetItem[int, SupportsIndex], axes: SupportsGetItem[int, SupportsIndex], trim: bool) -> tuple[Node, list[int]]:
    """
    An array with each named axis as two, the second of which is of neighbours, and which axes those are.
    """

def of_one(name: str, x: Node) -> Node:
    """
    A function of one array, by its name.
    """

def of_polynomials(name: str, p: Node, q: Node) -> Node:
    """
    A polynomial made of two, by the function's name.
    """

def of_two(name: str, x: Operand, y: Operand) -> Node:
    """
    A function of two operands, by its name.
    """

def overlapped(x: Node, depth: SupportsGetItem[int, tuple[SupportsIndex, SupportsIndex]], modes: SupportsGetItem[int, str], values: SupportsGetItem[int, Operand]) -> Node:
    """
    An array in chunks with halos.
    """

def padded(x: Node, widths: SupportsGetItem[int, tuple[SupportsIndex, SupportsIndex]], mode: str, before: SupportsGetItem[int, Operand], after: SupportsGetItem[int, Operand], lengths: SupportsGetItem[int, tuple[SupportsIndex, SupportsIndex]] | None) -> Node:
    """
    An array with a border: how wide, what it is (`"reflect odd"` is turned round), numbers before and after each axis, and of how many elements
    a statistic is; a pair an axis.
    """

def partitioned(name: str, x: Node, kth: SupportsGetItem[int, SupportsIndex], axis: SupportsIndex) -> Node:
    """
    Lines that are partitioned, by the function's name.
    """

def parts(name: str, x: Node, numbers: SupportsGetItem[int, SupportsIndex], axis: SupportsIndex) -> list[Node]:
    """
    The parts of an array along an axis: so many equal ones (`split`), so many (`array_split`), at places (`split_at`), or single entries.
    """

def poly(roots: Node) -> Node:
    """
    The polynomial that is 0 at some numbers.
    """

def polyder(p: Node, m: SupportsIndex) -> Node:
    """
    A derivative of a polynomial.
    """

def polydiv(p: Node, q: Node) -> tuple[Node, Node]:
    """
    The quotient of two polynomials, and what remains.
    """

def polyint(p: Node, constants: SupportsGetItem[int, SupportsFloat | SupportsIndex]) -> Node:
    """
    An integral of a polynomial, once for each of the constants.
    """

def polyval(p: Node, x: Operand) -> Node:
    """
    The values of a polynomial.
    """

def put(x: Node, places: Incomplete, values: Operand, mode: str) -> Node:
    """
    An array with other elements at places in C order.
    """

def put_along_axis(x: Node, places: Node, values: Operand, axis: SupportsIndex) -> Node:
    """
    An array with other elements along an axis at places.
    """

def put_where(name: str, x: Node, mask: Node, values: Operand) -> Node:
    """
    An array with other elements where a mask is true, by the function's name.
    """

def quantiles(x: Node, q: SupportsGetItem[int, SupportsFloat | SupportsIndex], method: str, axes: SupportsGetItem[int, SupportsIndex] | None, skip_nan: bool) -> Node:
    """
    Quantiles of all elements, or over axes, on a new first axis.
    """

def quantiles_weighted(x: Node, q: SupportsGetItem[int, SupportsFloat | SupportsIndex], weights: Node, axes: SupportsGetItem[int, SupportsIndex] | None, skip_nan: bool) -> Node:
    """
    Quantiles of elements with weights, on a new first axis.
    """

def ravel_multi_index(places: SupportsGetItem[int, Node], dims: SupportsGetItem[int, SupportsIndex], modes: SupportsGetItem[int, str]) -> Node:
    """
    The numbers in C order of elements by their places along each axis.
    """

def read_npy(path: str | PathLike[str], chunks: Cuts) -> Node:
    """
    The array in a file of NumPy's format, read chunk by chunk.
    """

def rearranged(name: str, x: Node, *numbers) -> Node:
    """
    A function of one array that takes numbers for axes and counts, by its name.
    """

def reinterpret(x: Node, dtype: str) -> Node:
    """
    The bytes as elements of another dtype.
    """

def result_type(operands: SupportsGetItem[int, Operand]) -> str:
    """
    The name of the dtype that the operands meet in.
    """

def searchsorted(sorted: Node, values: Node, right: bool) -> Node:
    """
    Places in a sorted array.
    """

def select(condition: Node, x: Operand, y: Operand) -> Node:
    """
    `x` where the condition is true, `y` elsewhere.
    """

def selected(conditions: SupportsGetItem[int, Node], choices: SupportsGetItem[int, Operand], default: Operand) -> Node:
    """
    Of each element the choice beside the first condition that is true.
    """

def slid(name: str, x: Node, taps: Node, mode: str) -> Node:
    """
    Sums of products with an array that slides along (`convolve`, `correlate`).
    """

def sliding(x: Node, lengths: SupportsGetItem[int, SupportsIndex], axes: SupportsGetItem[int, SupportsIndex]) -> Node:
    """
    The windows of some lengths along axes, on new last axes.
    """

def sort(x: Node, axis: SupportsIndex | None, places: bool, descending: bool) -> Node:
    """
    The elements along an axis (or all) in their order, or their places.
    """

def spread(name: str, all: SupportsGetItem[int, Node]) -> list[Node]:
    """
    Arrays broadcast together, or made a grid of (`"xy"`, `"ij"`).
    """

def stack(nodes: SupportsGetItem[int, Node], axis: SupportsIndex) -> Node: ...

def take_along_axis(x: Node, places: Node, axis: SupportsIndex) -> Node:
    """
    Elements along an axis at places.
    """

def take_held(x: Node, places: Node, axis: SupportsIndex) -> Node:
    """
    The entries of an axis at places that are computed.
    """

def top(name: str, x: Node, k: SupportsIndex, axis: SupportsIndex) -> Node:
    """
    The ends of sorted lines, by the function's name.
    """

def trapezoid(x: Node, spacing: Operand, axis: SupportsIndex) -> Node:
    """
    The area below places.
    """

def tri(rows: SupportsIndex, columns: SupportsIndex, k: SupportsIndex, dtype: str, chunks: Cuts) -> Node:
    """
    1 at and below a diagonal, 0 above it.
    """

def triangle_indices(name: str, rows: SupportsIndex, columns: SupportsIndex, k: SupportsIndex) -> tuple[Node, Node]:
    """
    The places in a matrix of one of its triangles (`"tril"`, `"triu"`): rows and columns.
    """

def unique(x: Node, equal_nan: bool, axis: SupportsIndex | None) -> tuple[Node, Node, Node, Node]:
    """
    The distinct elements (or entries along an axis), their first places, which of them each element is, and how often they are there.
    """

def unique_values(x: Node, equal_nan: bool) -> Node:
    """
    The distinct elements, NaN once or each.
    """

def unravel_index(numbers: Node, dims: SupportsGetItem[int, SupportsIndex]) -> list[Node]:
    """
    The places along each axis of elements by their numbers in C order.
    """

def unwrap(x: Node, period: Operand, discont: SupportsFloat | SupportsIndex | None, axis: SupportsIndex) -> Node:
    """
    Angles without jumps of a period.
    """

def vander(x: Node, n: SupportsIndex, increasing: bool) -> Node:
    """
    The powers of numbers, a row each.
    """

def vector_norm(x: Node, order: SupportsFloat | SupportsIndex, axes: SupportsGetItem[int, SupportsIndex] | None, keepdims: bool) -> Node:
    """
    The norm of vectors.
    """

def window(name: str, n: SupportsIndex) -> Node:
    """
    A window of signal processing, by its name.
    """

def without_halos(x: Node, made: Node, depth: SupportsGetItem[int, tuple[SupportsIndex, SupportsIndex]], modes: SupportsGetItem[int, str], values: SupportsGetItem[int, Operand]) -> Node:
    """
    What was made of an array's chunks with halos, without them.
    """
