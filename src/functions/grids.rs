//! Arrays over the places of others: shapes in common, coordinates, triangles.

use super::arguments::IntoShape;
use super::creation::{auto, index_dtype, scalar};
use super::dyn_array::DynArray;
use crate::chunks::Chunks;
use crate::dtype::{DType, Scalar};
use crate::error::{Error, Result, infallible};
use crate::graph::{Node, Op, infer};
use crate::ops::{BinaryOp, TernaryOp};

/// The arrays as views of the shape that they broadcast to together (`np.broadcast_arrays`). Each keeps its dtype, and its chunks along
/// the axes that it has.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::UnknownLength`] where the common shape is not known.
///
/// ```
/// use gridloom::{DynArray, functions::broadcast_arrays};
/// let row: DynArray = gridloom::array([1, 2, 3]).into();
/// let column: DynArray = gridloom::array([[10], [20]]).into();
/// let both = broadcast_arrays(&[row, column])?;
/// assert_eq!(both[0].shape(), Some(vec![2, 3]));
/// assert_eq!(both[1].typed::<i32>()?.to_vec()?, [10, 10, 10, 20, 20, 20]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn broadcast_arrays(arrays: &[DynArray]) -> Result<Vec<DynArray>> {
    let op = "broadcast_arrays";
    let nodes: Vec<_> = arrays.iter().map(DynArray::node).collect();
    let common = infer::broadcast_chunks(op, &nodes)?;
    let hint = "broadcast what it was filtered from";
    let shape = common.shape().ok_or_else(|| Error::UnknownLength { op, shape: common.dims(), hint })?;
    let grown = |node: &&_| infer::broadcast_to(node, &shape).map(DynArray::from);
    nodes.iter().map(grown).collect()
}

/// The shape that arrays of these shapes broadcast to together (`np.broadcast_shapes`); `[]` of none.
///
/// # Errors
/// [`Error::Broadcast`].
///
/// ```
/// use gridloom::functions::broadcast_shapes;
/// assert_eq!(broadcast_shapes(&[&[3, 1], &[4], &[1, 1, 1]])?, [1, 3, 4]);
/// assert!(broadcast_shapes(&[&[3], &[4]]).is_err());
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn broadcast_shapes(shapes: &[&[usize]]) -> Result<Vec<usize>> {
    common_shape("broadcast_shapes", shapes)
}

/// The same for an operation that says so.
pub(super) fn common_shape(op: &'static str, shapes: &[&[usize]]) -> Result<Vec<usize>> {
    let of_shape = |shape: &&[usize]| infer::full(Scalar::from_i64(DType::Bool, 0), Chunks::whole(&shape.into_shape()));
    let nodes: Vec<_> = shapes.iter().map(of_shape).collect();
    let common = infer::broadcast_chunks(op, &nodes.iter().collect::<Vec<_>>())?;
    Ok(common.shape().unwrap_or_default().into_iter().map(crate::width::in_memory).collect())
}

/// Which axis of a [`meshgrid`] goes with which array.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indexing {
    /// Cartesian, as on paper: the first array goes along the *second* axis, the second along the first (NumPy's default).
    #[default]
    Xy,
    /// Of matrices: each array along the axis of its number.
    Ij,
}

/// The coordinates of a grid (`np.meshgrid`): for each 1-d array (0-d ones count as of one element) a view that repeats it over the axes of the others. Dtypes
/// stay as they are, and so do chunks along an array's own axis.
///
/// # Errors
/// [`Error::Rank`] for arrays of several axes; [`Error::UnknownLength`].
///
/// ```
/// use gridloom::{DynArray, functions::{Indexing, meshgrid}};
/// let x: DynArray = gridloom::array([1, 2, 3]).into();
/// let y: DynArray = gridloom::array([0.5, 1.5]).into();
/// let grid = meshgrid(&[x, y], Indexing::Xy)?;
/// assert_eq!(grid[0].typed::<i32>()?.to_vec()?, [1, 2, 3, 1, 2, 3]);
/// assert_eq!(grid[1].typed::<f64>()?.to_vec()?, [0.5, 0.5, 0.5, 1.5, 1.5, 1.5]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn meshgrid(arrays: &[DynArray], indexing: Indexing) -> Result<Vec<DynArray>> {
    let op = "meshgrid";
    let axis_of = |k: usize| match (indexing, arrays.len()) {
        (Indexing::Xy, 2..) if k < 2 => 1 - k,
        _ => k,
    };
    let along = arrays.iter().enumerate().map(|(k, array)| {
        let (expected, given, shape) = ("arrays of one axis", String::new(), array.node().dims());
        if shape.len() > 1 {
            return Err(Error::Rank { op, expected, given, shape });
        }
        let others: Vec<usize> = (0..arrays.len()).filter(|&axis| axis != axis_of(k)).collect();
        array.atleast_1d().insert_axis(others)
    });
    let along = along.collect::<Result<Vec<_>>>()?;
    if along.is_empty() { Ok(along) } else { broadcast_arrays(&along) }
}

/// `1` where column − row is at most `k`, `0` elsewhere, in an array of `rows × columns` (`np.tri`).
///
/// ```
/// use gridloom::{DType, functions::tri};
/// assert_eq!(tri(DType::U8, 2, 3, 1).typed::<u8>()?.to_vec()?, [1, 1, 0, 1, 1, 1]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn tri(dtype: DType, rows: usize, columns: usize, k: isize) -> DynArray {
    let shape = [rows as u64, columns as u64];
    below(auto(&shape, dtype), k).cast(dtype)
}
/// Whether column − row is at most `k`, in a grid of two axes of known lengths.
fn below(grid: Chunks, k: isize) -> DynArray {
    let (rows, columns) = (grid.axes()[0].len().unwrap_or(0), grid.axes()[1].len().unwrap_or(0));
    // All diagonals beyond the corners are alike, and told apart in the dtype of the indices.
    let (least, most) = (-crate::width::signed(rows), crate::width::signed(columns));
    let k = super::arguments::signed(k).clamp(least, most);
    let op = Op::Index { weights: vec![-1, 1], offset: 0 };
    let distance = Node::new(op, vec![], index_dtype(rows.max(columns)), grid);
    let limit = scalar(Scalar::from_i64(distance.dtype, k));
    // A 0-d operand always broadcasts.
    infallible(infer::binary(BinaryOp::Le, &distance, limit.node())).into()
}

impl DynArray {
    /// The lower triangle of each matrix of the last two axes: see [`Array::tril`](crate::Array::tril).
    ///
    /// # Errors
    /// [`Error::Rank`] for less than 2 axes; [`Error::UnknownLength`].
    pub fn tril(&self, k: isize) -> Result<Self> {
        self.triangle("tril", k, true)
    }
    /// The upper triangle of each matrix of the last two axes: see [`Array::triu`](crate::Array::triu).
    ///
    /// # Errors
    /// As [`tril`](Self::tril).
    pub fn triu(&self, k: isize) -> Result<Self> {
        self.triangle("triu", k.saturating_sub(1), false)
    }
    /// What is at most at diagonal `k`, or what is above it; 0 elsewhere.
    fn triangle(&self, op: &'static str, k: isize, lower: bool) -> Result<Self> {
        self.at_least_2d(op)?;
        self.known_dims(op)?;
        let mask = below(Chunks::new(self.chunks().axes()[self.ndim() - 2..].to_vec()), k);
        let zero = scalar(Scalar::from_i64(self.dtype(), 0));
        let (x, y) = if lower { (self, &zero) } else { (&zero, self) };
        Ok(infer::ternary(TernaryOp::Where, [mask.node(), x.node(), y.node()])?.into())
    }
}
