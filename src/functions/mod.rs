//! What can be made of arrays whose dtype is known at run time only: [`DynArray`], its methods, and functions of several arrays
//! or of none. Each rule of shapes, axes, places and dtypes stands here once: a method of [`Array<T>`](crate::Array), which is a
//! `DynArray` with its element type, is one expression over these.
//!
//! Where operands of several dtypes meet, the result has the one that NumPy would choose ([`result_type`]); numbers without a dtype
//! ([`DynOperand`]) follow the arrays beside them. Functions that are defined for floats alone compute integers and `bool` in `f64`.
//!
//! ```
//! use gridloom::{DType, DynArray, functions};
//! let x: DynArray = gridloom::arange::<i32>(6).reshape([2, 3])?.into();
//! let y = x.mul(0.5)?.sqrt()?; // i32 · 0.5 is f64
//! assert_eq!(y.dtype(), DType::F64);
//! let both = functions::concatenate(&[x, y], 0)?;
//! assert_eq!((both.dtype(), both.shape()), (DType::F64, Some(vec![4, 3])));
//! # Ok::<(), gridloom::Error>(())
//! ```

mod arguments;
mod assignment;
mod bessel;
mod bits;
mod blocks;
mod checks;
mod choosing;
mod comparison;
mod contractions;
mod creation;
mod drawing;
mod dtypes;
mod dyn_array;
mod einsum;
pub(crate) mod element_rng;
mod elementwise;
mod exact;
mod gather;
mod grids;
mod held;
mod histogram;
mod histograms;
mod indexing;
mod inserting;
mod joining;
mod law;
mod masked;
mod masked_array;
mod moving;
mod multivariate;
mod overlap;
mod pad;
mod parts;
mod permuting;
mod phases;
mod places;
mod polynomials;
mod products;
mod promotion;
mod quantiles;
mod random;
mod rearrange;
mod reductions;
mod samplers;
mod scans;
mod search;
mod selection;
mod sets;
mod shape;
mod sliding;
mod sorts;
pub(crate) mod source;
mod special;
mod statistics;
mod weighted;
mod windows;

pub use arguments::{Axes, Indices, IntoShape, Length, Lengths, Shifts};
pub use bessel::kaiser;
pub use bits::BitOrder;
pub use blocks::{Block, BlockAxes, map_blocks};
pub use choosing::select;
pub use comparison::{Tolerance, allclose, array_equal, array_equiv, isclose, logical_and, logical_or, logical_xor};
pub use contractions::{cross, inner, kron, matvec, outer, vdot, vecdot, vecmat};
pub use creation::{arange, arange_step, eye_offset, from_host, full, full_like, linspace};
pub(crate) use creation::{auto, scalar};
pub use dtypes::{Casting, FloatLimits, can_cast, common_type, finfo, iinfo, min_scalar_type};
pub use dyn_array::DynArray;
pub use einsum::{einsum, einsum_path};
pub use elementwise::{binary, clip, fma, true_divide, where_};
pub use exact::{gcd, lcm, ldexp, nextafter};
pub use grids::{Indexing, broadcast_arrays, broadcast_shapes, meshgrid, tri};
pub use histogram::{Bins, DynHistogram};
pub use histograms::{DynHistogramDd, histogramdd};
pub use indexing::Index;
pub use inserting::{Blocks, block};
pub use joining::{column_stack, concatenate, dstack, hstack, stack, vstack};
pub use law::Law;
pub use masked_array::Masked;
pub use overlap::{Boundary, Halos};
pub use pad::{PadMode, Sides};
pub use places::{Beyond, diag_indices, ravel_multi_index, tril_indices, triu_indices, unravel_index};
pub use polynomials::{poly, polyadd, polyder, polydiv, polyint, polymul, polysub, polyval};
pub use products::{dot, matmul, tensordot};
pub use promotion::{DynOperand, promote, result_type};
pub use quantiles::QuantileMethod;
pub use random::{Draw, Generator};
pub use search::{Side, lexsort};
pub use sets::Unique;
pub use sliding::Overlap;
pub use source::{from_source, from_strided};
pub use special::{divmod, heaviside, logaddexp, logaddexp2};
pub use windows::{Window, diag, geomspace, indices, logspace, vander};
