//! `gridloom._core`: the library's arrays, whose dtypes are known at run time, for Python. Here arguments are read, errors become Python's
//! exceptions and the interpreter's lock is let go while something runs; what arrays mean stands in the library, what NumPy calls it in
//! `src/gridloom`.
#![allow(missing_docs, reason = "its users read the Python package; items without a doc are macros' own")]

mod arguments;
mod client;
mod composed;
mod create;
mod error;
mod exact;
mod functions;
mod interpreter;
mod masked;
mod node;
mod places;
mod random;
mod search;
mod source;
mod values;
mod windows;
mod words;

use pyo3::prelude::*;

/// gridloom's arrays and what runs them, as the Python package sees them.
#[pymodule]
mod _core {
    #[pymodule_export]
    use super::client::{Client, Report, adapters};
    #[pymodule_export]
    use super::composed::{
        average, contracted, covariances, cumulative, diagonal, divmod, ediff1d, einsum, einsum_path, equal, gradient,
        inserted, isclose, isin, joined, median, modf, nan_to_num, of_one, of_two, overlapped, padded, partitioned,
        parts, quantiles, quantiles_weighted, rearranged, slid, sort, spread, top, trapezoid, tri, vector_norm,
        without_halos,
    };
    #[pymodule_export]
    use super::create::{
        arange, at_ratios, diag, eye, from_ndarray, full, indices, linspace, read_npy, vander, window,
    };
    #[pymodule_export]
    use super::exact::{frexp, kaiser, reinterpret, unwrap};
    #[pymodule_export]
    use super::functions::{binary, clip, concatenate, divide, dot, fma, result_type, select, stack};
    #[pymodule_export]
    use super::interpreter::close;
    #[pymodule_export]
    use super::masked::{masked_average, masked_reduce};
    #[pymodule_export]
    use super::node::Node;
    #[pymodule_export]
    use super::places::{
        choose, fill_diagonal, put, put_along_axis, put_where, ravel_multi_index, selected, triangle_indices,
        unravel_index,
    };
    #[pymodule_export]
    use super::random::{Generator, check_law, take_held};
    #[pymodule_export]
    use super::search::{among, histogramdd, interp, lexsort, searchsorted, take_along_axis, unique, unique_values};
    #[pymodule_export]
    use super::source::{from_object, map_chunks};
    #[pymodule_export]
    use super::windows::{bits, neighbours, of_polynomials, poly, polyder, polydiv, polyint, polyval, sliding};
}
