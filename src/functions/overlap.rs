//! Chunks with halos (`dask.array.overlap`): each grown by elements of its neighbours, as views of the array, so that a function of chunks
//! sees beyond their edges; and what such a function made, without them.

use super::dyn_array::DynArray;
use super::joining::concatenate;
use super::pad::{PadMode, Sides};
use crate::chunks::{AxisChunks, AxisSpec, ChunkSpec};
use crate::error::{Error, Result};
use crate::graph::infer;
use crate::width::signed;

const OP: &str = "map_overlap";

/// What chunks at an array's edges are grown by, along each axis: nothing where `None`.
#[derive(Clone, Debug)]
pub struct Boundary(Vec<Option<PadMode>>);

impl Boundary {
    /// Nothing: chunks at an edge are not grown beyond it.
    pub const NONE: Self = Self(Vec::new());

    /// One mode an axis.
    #[must_use]
    pub const fn of_axes(modes: Vec<Option<PadMode>>) -> Self {
        Self(modes)
    }
}
impl From<PadMode> for Boundary {
    fn from(mode: PadMode) -> Self {
        Self(vec![Some(mode)])
    }
}

/// Where the chunks of an axis with halos begin and end in the padded axis, and how much of each is halo at its start.
struct Windows {
    /// For each chunk: first and end in the padded axis, and the chunk's own first and end within the window.
    windows: Vec<[i64; 4]>,
}

impl Windows {
    fn new(axis: &AxisChunks, (before, after): (i64, i64), grown: bool) -> Self {
        let len = axis.len().map_or(0, signed);
        let window = |chunk: u64| {
            let (start, end) = axis.range(chunk);
            let (start, end) = (signed(start), signed(end));
            // In the padded axis the array begins at `before`.
            let (first, last) = match grown {
                true => (start, end + before + after),
                false => ((start - before).max(0), (end + after).min(len)),
            };
            let own = if grown { before } else { start - first };
            [first, last, own, own + end - start]
        };
        Self { windows: (0..axis.count()).map(window).collect() }
    }
}

/// How an array is cut into chunks with halos.
pub struct Halos {
    axes: Vec<Option<Windows>>,
    cut: ChunkSpec,
}

impl std::fmt::Debug for Halos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Halos({:?})", self.cut)
    }
}

impl DynArray {
    /// The array in chunks that have `depth` elements of what is before and after them, too: a chunk each of the array's, and the way back
    /// ([`Halos::without`]). `boundary` says what lies beyond the array's edges. Depths may be more than chunks, and the array, are long.
    ///
    /// # Errors
    /// As [`pad`](Self::pad); [`Error::Parameter`] for other than one depth or boundary, or one an axis.
    ///
    /// ```
    /// use gridloom::{Boundary, DynArray};
    /// let x: DynArray = gridloom::arange::<i32>(4).rechunk(2)?.into();
    /// let (grown, halos) = x.overlapped(1, &Boundary::NONE)?;
    /// assert_eq!(grown.typed::<i32>()?.to_vec()?, [0, 1, 2, 1, 2, 3]);
    /// assert_eq!(halos.without(&grown)?.typed::<i32>()?.to_vec()?, [0, 1, 2, 3]);
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    #[doc(alias = "overlap")]
    pub fn overlapped(&self, depth: impl Into<Sides<usize>>, boundary: &Boundary) -> Result<(Self, Halos)> {
        let depth = depth.into().of(OP, "the list of depths", self.ndim())?;
        let modes = match boundary.0.as_slice() {
            [] => vec![None; self.ndim()],
            [one] => vec![one.clone(); self.ndim()],
            modes if modes.len() == self.ndim() => modes.to_vec(),
            modes => {
                let (what, got) = ("the list of boundaries", format!("of {} for {} axes", modes.len(), self.ndim()));
                return Err(Error::Parameter { op: OP, what, got, expected: "one for all axes, or one an axis" });
            }
        };
        let (mut grown, mut axes) = (self.clone(), Vec::with_capacity(self.ndim()));
        let mut cut: Vec<AxisSpec> = self.chunks().axes().iter().cloned().map(AxisSpec::Like).collect();
        for (axis, ((before, after), mode)) in depth.into_iter().zip(modes).enumerate() {
            if (before, after) == (0, 0) || self.chunks().axes()[axis].is_empty() {
                axes.push(None);
                continue;
            }
            self.length_of(OP, axis)?;
            let own = &self.chunks().axes()[axis];
            let windows = Windows::new(own, (infer::axis_number(before), infer::axis_number(after)), mode.is_some());
            if let Some(mode) = mode {
                let mut widths = vec![(0, 0); self.ndim()];
                widths[axis] = (before, after);
                grown = grown.pad(widths, &mode)?;
            }
            let parts: Vec<Self> =
                windows.windows.iter().map(|[first, last, ..]| grown.span(axis, *first, *last)).collect();
            grown = concatenate(&parts, axis)?;
            let sizes = windows.windows.iter().map(|[first, last, ..]| (last - first).unsigned_abs());
            cut[axis] = AxisSpec::Sizes(sizes.collect());
            axes.push(Some(windows));
        }
        let cut = ChunkSpec::Axes(cut);
        Ok((grown.rechunk(cut.clone())?, Halos { axes, cut }))
    }
}

impl Halos {
    /// What a function made of chunks with halos, element for element, without them: the array's shape and chunks.
    ///
    /// # Errors
    /// [`Error::Parameter`] for an array of another shape than theirs.
    pub fn without(&self, made: &DynArray) -> Result<DynArray> {
        self.axes.iter().enumerate().try_fold(made.clone(), |made, (axis, windows)| {
            let Some(Windows { windows }) = windows else { return Ok(made) };
            let long: i64 = windows.iter().map(|[first, last, ..]| last - first).sum();
            if made.ndim() != self.axes.len() || made.length_of(OP, axis)? != long {
                let (what, got) = ("the function's result", format!("of {:?}", made.dims()));
                return Err(Error::Parameter {
                    op: OP,
                    what,
                    got,
                    expected: "of the shape of the chunks that it is given",
                });
            }
            let mut at = 0;
            let part = |[first, last, own, end]: &[i64; 4]| {
                let part = made.span(axis, at + own, at + end);
                at += last - first;
                part
            };
            concatenate(&windows.iter().map(part).collect::<Vec<_>>(), axis)
        })
    }
}
