//! Functions of chunks that may change the chunks' shapes.

use std::sync::Arc;

use super::dyn_array::DynArray;
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec, Chunks};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;
use crate::width::in_memory;

const OP: &str = "map_blocks";

/// How the chunks that a function makes differ from those that it is given ([`map_blocks`]).
#[derive(Clone, Debug, Default)]
pub struct BlockAxes {
    /// Axes of the arrays, broadcast together, that go (negative from the end): the function is given the whole of each.
    pub dropped: Vec<i64>,
    /// Axes of the result that are new (negative from the end), of length 1 unless `sizes` says otherwise.
    pub new: Vec<i64>,
    /// The sizes of the chunks along each axis of the result, one for all of them or one each; where `None`, those of the arrays.
    pub sizes: Option<Vec<Vec<u64>>>,
}

/// What a function of chunks is given, and what it has to make.
#[derive(Debug)]
#[non_exhaustive]
pub struct Block {
    /// The chunk of each array: elements in C order, and shape.
    pub inputs: Vec<(Arc<HostBuffer>, Vec<u64>)>,
    /// Which of its array's chunks each is, along each axis.
    pub places: Vec<Vec<u64>>,
    /// Which chunk of the result it makes, along each axis.
    pub place: Vec<u64>,
    /// The shape of that chunk.
    pub shape: Vec<u64>,
    /// The result's dtype.
    pub dtype: DType,
}

/// `function` of the chunks that arrays have at a place, on the host, which makes the result's chunk there: as many elements as
/// [`Block::shape`] has, in C order. Arrays are broadcast together and cut as the largest of them is; of an axis of length 1 each
/// call is given the whole. `name` is shown in plans and errors.
///
/// # Errors
/// [`Error::Broadcast`]; [`Error::AxisOutOfRange`], [`Error::AxisRepeated`] for the axes that go and that are new; [`Error::Parameter`] for
/// no array, and for sizes of other numbers of axes or chunks; [`Error::UnknownLength`] for an axis of unknown length that goes. Computing
/// fails with what the function refuses, and with [`Error::UserFunction`] for a result of another number of elements.
///
/// ```
/// use gridloom::{DType, DynArray, functions::{BlockAxes, map_blocks}, host::HostBuffer};
/// let x: DynArray = gridloom::arange::<f64>(6).reshape([2, 3])?.into();
/// let axes = BlockAxes { dropped: vec![1], ..Default::default() };
/// let widths = map_blocks("width", &[x], DType::F64, &axes, |block| {
///     let (values, shape) = &block.inputs[0];
///     let rows = values.stored::<f64>().chunks(shape[1] as usize);
///     Ok(HostBuffer::from_values(rows.map(|row| row[row.len() - 1] - row[0]).collect::<Vec<f64>>()))
/// })?;
/// assert_eq!(widths.typed::<f64>()?.to_vec()?, [2.0, 2.0]);
/// # Ok::<(), gridloom::Error>(())
/// ```
pub fn map_blocks(
    name: &str,
    arrays: &[DynArray],
    dtype: DType,
    axes: &BlockAxes,
    function: impl Fn(&Block) -> Result<HostBuffer> + Send + Sync + 'static,
) -> Result<DynArray> {
    if arrays.is_empty() {
        let (what, got) = ("the list of arrays", "none".to_owned());
        return Err(Error::Parameter { op: OP, what, got, expected: "one array or more" });
    }
    let layout = Layout::new(arrays, axes)?;
    let (inputs, seen): (Vec<_>, Vec<_>) =
        arrays.iter().map(|array| layout.input(array)).collect::<Result<Vec<_>>>()?.into_iter().unzip();
    let grids: Vec<Vec<u64>> = inputs.iter().map(|input: &DynArray| input.chunks().grid()).collect();
    let (kept, called) = (layout.kept(), name.to_owned());
    let run = move |task: &HostTask<'_>| {
        let own = own_shape(task, &grids);
        let block = Block {
            inputs: task
                .inputs
                .iter()
                .zip(&seen)
                .map(|((buffer, shape), seen)| (buffer.clone(), pick(shape, seen)))
                .collect(),
            places: seen.iter().zip(&grids).map(|(seen, grid)| input_place(task.place, seen, grid)).collect(),
            place: pick(task.place, &kept),
            shape: pick(&own, &kept),
            dtype: task.dtype,
        };
        let made = function(&block)?;
        let elements: u64 = own.iter().product();
        if made.len() as u64 == elements && made.dtype() == task.dtype {
            return Ok((made, own));
        }
        let problem =
            format!("made {} elements of {} for a chunk of shape {:?}", made.len(), made.dtype(), block.shape);
        Err(Error::UserFunction { name: called.clone(), problem })
    };
    let nodes = inputs.iter().map(|input| input.node().clone()).collect();
    let made: DynArray = infer::host(HostFunction::new(name, run), nodes, dtype, Chunks::new(layout.chunks())).into();
    let gone = layout.gone();
    if gone.is_empty() { Ok(made) } else { made.remove_axis(gone) }
}

/// Some of the entries.
fn pick(entries: &[u64], which: &[usize]) -> Vec<u64> {
    which.iter().map(|&k| entries[k]).collect()
}

/// The shape of the chunk that a task makes, with the axes that go: what has an unknown length there is as long as that of an input.
fn own_shape(task: &HostTask<'_>, grids: &[Vec<u64>]) -> Vec<u64> {
    let mut shape = task.shape();
    for (k, len) in shape.iter_mut().enumerate().filter(|(_, len)| **len == 0) {
        let from_end = task.place.len() - k;
        let cut = task.inputs.iter().zip(grids).filter_map(|((_, shape), grid)| {
            let at = shape.len().checked_sub(from_end)?;
            (grid[at] > 1 || task.place[k] == 0).then_some(shape[at])
        });
        *len = cut.max().unwrap_or(0);
    }
    shape
}

/// Which of an input's chunks is read: an axis in one chunk serves all.
fn input_place(place: &[u64], seen: &[usize], grid: &[u64]) -> Vec<u64> {
    let skip = place.len() - grid.len();
    seen.iter().map(|&k| if grid[k] == 1 { 0 } else { place[k + skip] }).collect()
}

/// One axis of what is made before the axes that go are removed.
struct Made {
    /// Which axis of the arrays it is; none for a new one.
    of: Option<usize>,
    chunks: AxisChunks,
    is_gone: bool,
}

/// The axes of arrays and of what is made of them, side by side.
struct Layout {
    /// How the arrays are cut together.
    joint: Vec<AxisChunks>,
    made: Vec<Made>,
}

impl Layout {
    fn new(arrays: &[DynArray], axes: &BlockAxes) -> Result<Self> {
        let nodes: Vec<_> = arrays.iter().map(DynArray::node).collect();
        let mut joint = infer::broadcast_chunks(OP, &nodes)?.axes().to_vec();
        let dims: Vec<_> = joint.iter().map(AxisChunks::len).collect();
        let dropped = infer::normalize_axes(OP, &axes.dropped, &dims)?;
        for &axis in &dropped {
            let unknown = || Error::UnknownLength { op: OP, shape: dims.clone(), hint: "resolve() it before" };
            let len = dims[axis].ok_or_else(unknown)?;
            joint[axis] = AxisChunks::regular(len, len);
        }
        let ndim = joint.len() - dropped.len() + axes.new.len();
        // Of the result no length is known yet.
        let new = infer::normalize_axes(OP, &axes.new, &vec![None; ndim])?;
        if let Some(sizes) = axes.sizes.as_ref().filter(|sizes| sizes.len() != ndim) {
            let (what, got) = ("the list of sizes", format!("of {} axes", sizes.len()));
            return Err(Error::Parameter { op: OP, what, got, expected: "of each axis of the result" });
        }
        let (mut made, mut rest) = (Vec::new(), (0..joint.len()).peekable());
        let gone = |axis: usize| Made { of: Some(axis), chunks: AxisChunks::regular(1, 1), is_gone: true };
        for at in 0..ndim {
            while let Some(axis) = rest.next_if(|axis| dropped.contains(axis)) {
                made.push(gone(axis));
            }
            let of = if new.contains(&at) { None } else { rest.next() };
            let own = of.map_or_else(|| AxisChunks::regular(1, 1), |axis| joint[axis].clone());
            let chunks = axes.sizes.as_ref().map_or(Ok(own.clone()), |sizes| sized(&sizes[at], &own, of.is_none()))?;
            made.push(Made { of, chunks, is_gone: false });
        }
        made.extend(rest.map(gone));
        Ok(Self { joint, made })
    }
    /// How what is made is cut.
    fn chunks(&self) -> Vec<AxisChunks> {
        self.made.iter().map(|made| made.chunks.clone()).collect()
    }
    fn places(&self, is: impl Fn(&Made) -> bool) -> Vec<usize> {
        self.made.iter().enumerate().filter(|(_, made)| is(made)).map(|(k, _)| k).collect()
    }
    /// The axes that go, and those that stay.
    fn gone(&self) -> Vec<usize> {
        self.places(|made| made.is_gone)
    }
    fn kept(&self) -> Vec<usize> {
        self.places(|made| !made.is_gone)
    }
    /// An array cut as all are, with axes of length 1 where the result has new ones; and which of its axes were there before.
    fn input(&self, array: &DynArray) -> Result<(DynArray, Vec<usize>)> {
        let before = self.joint.len() - array.ndim();
        let own = array.chunks().axes().iter().zip(&self.joint[before..]);
        let cut: Vec<AxisChunks> = own
            .map(|(own, joint)| match own.len() {
                Some(1) => AxisChunks::regular(1, 1),
                _ => joint.clone(),
            })
            .collect();
        let array = match cut.as_slice() == array.chunks().axes() {
            true => array.clone(),
            false => array.rechunk(ChunkSpec::Axes(cut.into_iter().map(AxisSpec::Like).collect()))?,
        };
        // From its first axis on.
        let first = self.made.iter().position(|made| made.of.is_some_and(|axis| axis >= before));
        let made = &self.made[first.unwrap_or(self.made.len())..];
        let (old, new): (Vec<usize>, Vec<usize>) = (0..made.len()).partition(|&k| made[k].of.is_some());
        let array = if new.is_empty() { array } else { array.insert_axis(new)? };
        Ok((array, old))
    }
}

/// An axis cut into as many chunks as another, of other sizes; a new one into as many as there are sizes.
fn sized(sizes: &[u64], own: &AxisChunks, is_new: bool) -> Result<AxisChunks> {
    let count = if is_new { sizes.len() } else { in_memory(own.count()) };
    let sizes: Vec<u64> = match sizes {
        [one] => vec![*one; count],
        many => many.to_vec(),
    };
    if sizes.len() == count && count > 0 {
        return Ok(AxisChunks::from_sizes(sizes));
    }
    let (what, got) = ("the list of sizes of an axis", format!("of {} chunks for {count}", sizes.len()));
    Err(Error::Parameter { op: OP, what, got, expected: "one for all chunks, or one each" })
}
