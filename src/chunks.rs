//! Shapes cut into chunks: [`AxisChunks`], [`Chunks`] (one per axis: the chunk grid), [`ChunkSpec`]
//! (what a user asks for) and unknown lengths with an identity.
//!
//! An axis stores a rule (length + size, or a few such rules), or a list of ends where it follows none, so that 10⁶ chunks cost
//! nothing until they run.

mod uneven;

pub use uneven::Uneven;

use std::fmt;
use std::sync::Arc;

use crate::dtype::DType;
use crate::error::{Error, Result};

/// Bytes that an `auto` chunk aims at. Small enough that a few in flight fit any device, large enough that
/// launching one costs nothing beside running it.
pub const AUTO_CHUNK_BYTES: u64 = 16 << 20;
/// Elements that adapters read at a time: rows of so many begin where a read does.
pub(crate) const VECTOR: u64 = 4;
/// Bytes no chunk may exceed, on the device (where narrow types take 32 bits): the largest storage binding any adapter
/// offers. On an adapter with a lower limit, larger chunks run on the CPU, and the plan says so.
pub const MAX_CHUNK_BYTES: u64 = (1 << 31) - 4;

/// The identity of a length that is only known after computing: two axes with the same identity have the same
/// length, chunk by chunk. It is the structural hash of the mask that made it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct UnknownId(pub(crate) u128);

/// How one axis is cut into chunks.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum AxisChunks {
    /// Chunks of `size` elements, the last one shorter where `len` is not a multiple. An empty axis has one empty chunk.
    Regular {
        /// Elements on the axis.
        len: u64,
        /// Elements of each chunk but the last; at least 1.
        size: u64,
    },
    /// Chunks that are not all of one size: what slices, steps and joined arrays have, and lists.
    Irregular(Arc<Uneven>),
    /// `chunks` chunks whose lengths are known after computing only.
    Unknown {
        /// Which unknown length.
        id: UnknownId,
        /// Number of chunks.
        chunks: u64,
    },
}

impl From<uneven::Found> for AxisChunks {
    fn from(found: uneven::Found) -> Self {
        match found {
            uneven::Found::Regular(len, size) => Self::regular(len, size),
            uneven::Found::Irregular(uneven) => Self::Irregular(uneven),
        }
    }
}

impl AxisChunks {
    /// Chunks of `size` (at least 1) elements over `len`.
    #[must_use]
    pub fn regular(len: u64, size: u64) -> Self {
        Self::Regular { len, size: size.clamp(1, len.max(1)) }
    }
    /// From a list of chunk sizes, stored as a rule where they follow one.
    #[must_use]
    pub fn from_sizes(sizes: impl IntoIterator<Item = u64>) -> Self {
        let ends: Vec<u64> = sizes
            .into_iter()
            .scan(0, |end, size| {
                *end += size;
                Some(*end)
            })
            .collect();
        Self::from_ends(ends)
    }
    /// From ascending chunk ends, stored as rules where they follow some.
    #[must_use]
    pub fn from_ends(ends: Vec<u64>) -> Self {
        uneven::of_ends(ends).into()
    }
    /// Axes one after another, each cut as it is; `None` where a length is unknown.
    #[must_use]
    pub fn joined<'a>(parts: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut builder = uneven::Builder::default();
        for part in parts {
            part.runs()?.for_each(|run| builder.push(run));
        }
        Some(builder.finish().into())
    }
    /// How the elements `start`, `start + step`, … of an axis of known length (`n` of them, none beyond it) are cut: where the axis
    /// is. Chunks of which there are none are left out.
    #[must_use]
    pub fn seen(&self, start: u64, step: i64, n: u64) -> Self {
        self.runs().map_or_else(|| self.clone(), |runs| uneven::seen(runs, start, step, n).into())
    }
    /// Neighbouring chunks as one, `group` (at least 1) at a time; the last ones may be fewer. Unknown lengths stay as they are.
    #[must_use]
    pub fn batched(&self, group: u64) -> Self {
        match self {
            Self::Regular { len, size } => Self::regular(*len, size.saturating_mul(group)),
            Self::Irregular(uneven) => uneven::batched(uneven.runs(), group.max(1)).into(),
            Self::Unknown { .. } => self.clone(),
        }
    }
    /// The first `count` chunks, of which there are so many.
    #[must_use]
    pub fn first(&self, count: u64) -> Self {
        match self {
            Self::Unknown { id, .. } => Self::Unknown { id: *id, chunks: count },
            Self::Regular { .. } | Self::Irregular(_) => {
                self.seen(0, 1, if count == 0 { 0 } else { self.range(count - 1).1 })
            }
        }
    }
    /// Chunks of at most `most` (at least 1) elements: larger ones are cut into nearly equal parts, so that each lies within one of
    /// them. Unknown lengths stay as they are.
    #[must_use]
    pub fn split(&self, most: u64) -> Self {
        match self {
            Self::Regular { len, size } => {
                let size = (*size).min(*len).max(1);
                let parts = size.div_ceil(most.max(1));
                if size == *len || size % parts == 0 {
                    return Self::regular(*len, size.div_ceil(parts));
                }
                uneven::split(std::iter::once(uneven::Run::regular(*len, size)), most).into()
            }
            Self::Irregular(uneven) => uneven::split(uneven.runs(), most).into(),
            Self::Unknown { .. } => self.clone(),
        }
    }
    fn runs(&self) -> Option<Box<dyn DoubleEndedIterator<Item = uneven::Run> + '_>> {
        match self {
            Self::Regular { len, size } => Some(Box::new(std::iter::once(uneven::Run::regular(*len, *size)))),
            Self::Irregular(uneven) => Some(uneven.runs()),
            Self::Unknown { .. } => None,
        }
    }
    /// Elements on the axis, if known.
    #[must_use]
    pub fn len(&self) -> Option<u64> {
        match self {
            Self::Regular { len, .. } => Some(*len),
            Self::Irregular(uneven) => Some(uneven.len()),
            Self::Unknown { .. } => None,
        }
    }
    /// Whether the length is known to be zero.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == Some(0)
    }
    /// Number of chunks, at least 1.
    #[must_use]
    pub fn count(&self) -> u64 {
        match self {
            Self::Regular { len, size } => len.div_ceil(*size).max(1),
            Self::Irregular(uneven) => uneven.count(),
            Self::Unknown { chunks, .. } => *chunks,
        }
    }
    /// Start and end of chunk `i`. An unknown axis gives `(i, i)`: chunks are ordered but have no place.
    #[must_use]
    pub fn range(&self, i: u64) -> (u64, u64) {
        match self {
            Self::Regular { len, size } => {
                let start = i.saturating_mul(*size).min(*len);
                (start, start.saturating_add(*size).min(*len))
            }
            Self::Irregular(uneven) => uneven.range(i),
            Self::Unknown { .. } => (i, i),
        }
    }
    /// The chunk that holds element `at` (which must be below the length).
    #[must_use]
    pub fn find(&self, at: u64) -> u64 {
        match self {
            Self::Regular { size, .. } => at / size,
            Self::Irregular(uneven) => uneven.find(at),
            Self::Unknown { .. } => 0,
        }
    }
    /// Sizes of the chunks; empty for an unknown axis.
    pub fn sizes(&self) -> impl Iterator<Item = u64> + '_ {
        let count = if self.len().is_some() { self.count() } else { 0 };
        (0..count).map(|i| {
            let (start, end) = self.range(i);
            end - start
        })
    }
    /// The largest chunk's size; 0 for an unknown axis.
    #[must_use]
    pub fn max_size(&self) -> u64 {
        match self {
            Self::Regular { len, size } => *size.min(len),
            Self::Irregular(uneven) => uneven.max_size(),
            Self::Unknown { .. } => 0,
        }
    }
    /// The identity of an unknown length.
    #[must_use]
    pub fn unknown(&self) -> Option<UnknownId> {
        match self {
            Self::Unknown { id, .. } => Some(*id),
            Self::Regular { .. } | Self::Irregular(_) => None,
        }
    }
}

/// The chunk grid of an array: how each axis is cut. A 0-d array has one chunk of one element.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Chunks(pub Arc<[AxisChunks]>);

impl Chunks {
    /// From one rule an axis.
    #[must_use]
    pub fn new(axes: Vec<AxisChunks>) -> Self {
        Self(axes.into())
    }
    /// One chunk for the whole of `shape`.
    #[must_use]
    pub fn whole(shape: &[u64]) -> Self {
        Self(shape.iter().map(|&len| AxisChunks::regular(len, len)).collect())
    }
    /// Number of axes.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.0.len()
    }
    /// The rule of each axis.
    #[must_use]
    pub fn axes(&self) -> &[AxisChunks] {
        &self.0
    }
    /// The length of each axis, `None` where unknown.
    #[must_use]
    pub fn dims(&self) -> Vec<Option<u64>> {
        self.0.iter().map(AxisChunks::len).collect()
    }
    /// The shape, if every length is known.
    #[must_use]
    pub fn shape(&self) -> Option<Vec<u64>> {
        self.0.iter().map(AxisChunks::len).collect()
    }
    /// Number of elements, if known. (Beyond 2⁶⁴ the largest number: lazy arrays may be that large.)
    #[must_use]
    pub fn elements(&self) -> Option<u64> {
        let lengths: Option<Vec<u64>> = self.shape();
        lengths.map(product)
    }
    /// Number of chunks along each axis.
    #[must_use]
    pub fn grid(&self) -> Vec<u64> {
        self.0.iter().map(AxisChunks::count).collect()
    }
    /// Number of chunks.
    #[must_use]
    pub fn count(&self) -> u64 {
        product(self.0.iter().map(AxisChunks::count))
    }
    /// Grid coordinates of chunk number `index` (C order).
    #[must_use]
    pub fn coord(&self, mut index: u64) -> Vec<u64> {
        let last_first = self.axes().iter().rev().map(|axis| {
            let at = index % axis.count();
            index /= axis.count();
            at
        });
        let mut coord: Vec<u64> = last_first.collect();
        coord.reverse();
        coord
    }
    /// Chunk number of grid coordinates (C order).
    #[must_use]
    pub fn index(&self, coord: &[u64]) -> u64 {
        coord.iter().zip(self.axes()).fold(0, |index, (at, axis)| index * axis.count() + at)
    }
    /// The region of the chunk at grid coordinates: start and end on each axis.
    #[must_use]
    pub fn region(&self, coord: &[u64]) -> Vec<(u64, u64)> {
        coord.iter().zip(self.axes()).map(|(&at, axis)| axis.range(at)).collect()
    }
    /// Elements of the largest chunk (0 if a length is unknown).
    #[must_use]
    pub fn max_chunk_elements(&self) -> u64 {
        product(self.0.iter().map(AxisChunks::max_size))
    }
    /// Whether some length is unknown.
    #[must_use]
    pub fn has_unknown(&self) -> bool {
        self.0.iter().any(|axis| axis.len().is_none())
    }
    /// Whether an axis is known to be empty: there are no elements, however many chunks the other axes are cut into.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().any(AxisChunks::is_empty)
    }
    /// Number of chunks that have to be made: none of an empty array.
    #[must_use]
    pub fn to_make(&self) -> u64 {
        if self.is_empty() { 0 } else { self.count() }
    }
    /// An empty grid with each of `axes` in one chunk; others as they are.
    pub(crate) fn whole_where_empty(self, axes: &[usize]) -> Self {
        if !self.is_empty() {
            return self;
        }
        let whole = |(k, axis): (usize, &AxisChunks)| match axis.len() {
            Some(len) if axes.contains(&k) => AxisChunks::regular(len, len),
            _ => axis.clone(),
        };
        Self::new(self.0.iter().enumerate().map(whole).collect())
    }
}

/// The product of lengths, 0 if one of them is; the largest number where it does not fit.
pub(crate) fn product(lengths: impl IntoIterator<Item = u64> + Clone) -> u64 {
    if lengths.clone().into_iter().any(|len| len == 0) {
        return 0;
    }
    lengths.into_iter().fold(1, u64::saturating_mul)
}

impl fmt::Display for AxisChunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Regular { len, size } if self.count() == 1 => write!(f, "{}", size.min(len)),
            Self::Regular { len, size } if len % size == 0 => write!(f, "{size}×{}", self.count()),
            Self::Regular { len, size } => write!(f, "{size}×{}+{}", self.count() - 1, len % size),
            Self::Irregular(uneven) if uneven.count() > 8 => {
                let first: Vec<_> = self.sizes().take(4).map(|s| s.to_string()).collect();
                write!(f, "[{}, … {} in all]", first.join(", "), uneven.count())
            }
            Self::Irregular(_) => {
                let sizes: Vec<_> = self.sizes().map(|s| s.to_string()).collect();
                write!(f, "[{}]", sizes.join(", "))
            }
            Self::Unknown { chunks: 1, .. } => write!(f, "?"),
            Self::Unknown { chunks, .. } => write!(f, "?×{chunks}"),
        }
    }
}

impl fmt::Display for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let axes: Vec<String> = self.0.iter().map(ToString::to_string).collect();
        match axes.as_slice() {
            [one] => write!(f, "({one},)"),
            _ => write!(f, "({})", axes.join(", ")),
        }
    }
}

impl fmt::Debug for Chunks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// How a user asks for chunks on one axis.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AxisSpec {
    /// Let the library choose, so that a chunk comes near [`AUTO_CHUNK_BYTES`].
    Auto,
    /// The same of another number of bytes, which all axes that the library chooses share: the smallest where there are several.
    Bytes(u64),
    /// The whole axis in one chunk.
    Whole,
    /// Chunks of this many elements, the last one shorter.
    Size(u64),
    /// These sizes; they must add up to the axis.
    Sizes(Vec<u64>),
    /// As another axis of the same length is cut.
    Like(AxisChunks),
}

/// How a user asks for chunks; made `from` `"auto"`, bytes of a chunk (`"8 MiB"`), a size for every axis, a tuple or array with one
/// size an axis, or a list of [`AxisSpec`].
///
/// ```
/// use gridloom::{ChunkSpec, AxisSpec};
/// let square: ChunkSpec = 1000.into();
/// let rows: ChunkSpec = (1, 5000).into();
/// let mixed: ChunkSpec = vec![AxisSpec::Auto, AxisSpec::Sizes(vec![10, 20])].into();
/// let auto: ChunkSpec = "auto".into();
/// assert_eq!(auto, ChunkSpec::Each(AxisSpec::Auto));
/// assert_eq!(ChunkSpec::from("8 MiB"), ChunkSpec::Each(AxisSpec::Bytes(8 << 20)));
/// # let _ = (square, rows, mixed);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ChunkSpec {
    /// The same request on every axis.
    Each(AxisSpec),
    /// One request an axis.
    Axes(Vec<AxisSpec>),
    /// A word that is not `"auto"`; refused with an error where it is used.
    Unparsed(String),
}

impl Default for ChunkSpec {
    fn default() -> Self {
        Self::Each(AxisSpec::Auto)
    }
}

impl From<&str> for ChunkSpec {
    fn from(word: &str) -> Self {
        AxisSpec::of_word(word).map_or_else(|| Self::Unparsed(word.to_owned()), Self::Each)
    }
}
impl AxisSpec {
    /// `"auto"`, or bytes of a chunk: `"500 kB"`, `"8MiB"`. None for other words.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        const PREFIXES: [&str; 5] = ["", "k", "m", "g", "t"];
        if word == "auto" {
            return Some(Self::Auto);
        }
        let word = word.trim().to_ascii_lowercase();
        let digits = word.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(word.len());
        let (number, unit) = word.split_at(digits);
        let unit = unit.trim().strip_suffix('b')?;
        let (prefix, base) = unit.strip_suffix('i').map_or((unit, 1000f64), |prefix| (prefix, 1024f64));
        let power = PREFIXES.iter().position(|known| *known == prefix)?;
        let bytes = number.parse::<f64>().ok()? * base.powi(i32::try_from(power).ok()?);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "at least 1; beyond 2^64 the largest number"
        )]
        (bytes >= 1.0).then_some(Self::Bytes(bytes as u64))
    }
}
impl From<usize> for ChunkSpec {
    fn from(size: usize) -> Self {
        Self::Each(AxisSpec::Size(size as u64))
    }
}
impl From<Vec<AxisSpec>> for ChunkSpec {
    fn from(axes: Vec<AxisSpec>) -> Self {
        Self::Axes(axes)
    }
}
impl From<&[usize]> for ChunkSpec {
    fn from(sizes: &[usize]) -> Self {
        Self::Axes(sizes.iter().map(|&s| AxisSpec::Size(s as u64)).collect())
    }
}
impl<const N: usize> From<[usize; N]> for ChunkSpec {
    fn from(sizes: [usize; N]) -> Self {
        sizes.as_slice().into()
    }
}
impl From<Vec<Vec<usize>>> for ChunkSpec {
    fn from(axes: Vec<Vec<usize>>) -> Self {
        Self::Axes(axes.into_iter().map(|s| AxisSpec::Sizes(s.into_iter().map(|n| n as u64).collect())).collect())
    }
}
impl From<&Chunks> for ChunkSpec {
    fn from(chunks: &Chunks) -> Self {
        Self::Axes(chunks.axes().iter().map(|axis| AxisSpec::Like(axis.clone())).collect())
    }
}
impl From<(usize, usize)> for ChunkSpec {
    fn from((a, b): (usize, usize)) -> Self {
        [a, b].into()
    }
}
impl From<(usize, usize, usize)> for ChunkSpec {
    fn from((a, b, c): (usize, usize, usize)) -> Self {
        [a, b, c].into()
    }
}

impl ChunkSpec {
    /// The chunk grid this asks for on an array of `shape`, whose elements are of `dtype`.
    ///
    /// # Errors
    /// [`Error::ChunkCount`] for the wrong number of axes, [`Error::ChunkSum`] for sizes that do not add up,
    /// [`Error::ChunkZero`], [`Error::ChunkWord`], and [`Error::ChunkTooLarge`] beyond [`MAX_CHUNK_BYTES`].
    pub fn resolve(&self, shape: &[u64], dtype: DType) -> Result<Chunks> {
        let axes = match self {
            Self::Each(spec) => vec![spec.clone(); shape.len()],
            Self::Axes(axes) if axes.len() == shape.len() => axes.clone(),
            Self::Axes(axes) => {
                return Err(Error::ChunkCount { given: axes.len(), ndim: shape.len(), shape: shape.to_vec() });
            }
            Self::Unparsed(word) => return Err(Error::ChunkWord { word: word.clone() }),
        };
        let mut resolved: Vec<Option<AxisChunks>> = Vec::with_capacity(axes.len());
        for (axis, (spec, &len)) in axes.iter().zip(shape).enumerate() {
            resolved.push(match spec {
                AxisSpec::Auto | AxisSpec::Bytes(_) => None,
                AxisSpec::Whole => Some(AxisChunks::regular(len, len)),
                AxisSpec::Size(0) => return Err(Error::ChunkZero { axis }),
                AxisSpec::Size(size) => Some(AxisChunks::regular(len, *size)),
                AxisSpec::Sizes(sizes) => {
                    let sum = sizes.iter().try_fold(0, |sum: u64, size| sum.checked_add(*size));
                    if sum != Some(len) {
                        return Err(Error::ChunkSum { axis, sum: sum.unwrap_or(u64::MAX), len });
                    }
                    if sizes.contains(&0) && len > 0 {
                        return Err(Error::ChunkZero { axis });
                    }
                    Some(AxisChunks::from_sizes(sizes.iter().copied()))
                }
                AxisSpec::Like(AxisChunks::Regular { size: 0, .. }) if len > 0 => {
                    return Err(Error::ChunkZero { axis });
                }
                AxisSpec::Like(AxisChunks::Regular { len: other, size }) if *other == len => {
                    Some(AxisChunks::regular(len, *size))
                }
                AxisSpec::Like(other) if other.len() == Some(len) => Some(other.clone()),
                AxisSpec::Like(other) => {
                    return Err(Error::ChunkSum { axis, sum: other.len().unwrap_or(0), len });
                }
            });
        }
        let asked = axes.iter().filter_map(|axis| if let AxisSpec::Bytes(bytes) = axis { Some(*bytes) } else { None });
        let bytes = asked.min().unwrap_or(AUTO_CHUNK_BYTES);
        let chunks = fill_auto(resolved, shape, bytes / dtype.device_size() as u64);
        check_chunk_size(&chunks, dtype)?;
        Ok(chunks)
    }
}

/// Refuses chunks no device can bind.
pub(crate) fn check_chunk_size(chunks: &Chunks, dtype: DType) -> Result<()> {
    let elements = chunks.max_chunk_elements();
    let bytes = elements.saturating_mul(dtype.device_size() as u64);
    if bytes > MAX_CHUNK_BYTES {
        let chunk: Vec<u64> = chunks.axes().iter().map(AxisChunks::max_size).collect();
        return Err(Error::ChunkTooLarge { chunk, bytes, limit: MAX_CHUNK_BYTES });
    }
    Ok(())
}

/// Chooses the `None` axes: equal splits, so that a chunk has at most `target` elements. Like Dask's `auto`, the
/// remaining axes shrink together (by the root of what is left), short axes staying whole. Where the last one is cut, rows are whole vectors.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a root of a number of elements, at least 1"
)]
fn fill_auto(axes: Vec<Option<AxisChunks>>, shape: &[u64], target: u64) -> Chunks {
    let fixed = product(axes.iter().flatten().map(|a| a.max_size().max(1)));
    let mut budget = (target / fixed.max(1)).max(1) as f64;
    let mut free: Vec<usize> = (0..axes.len()).filter(|&k| axes[k].is_none()).collect();
    // Shortest first: an axis shorter than its fair share leaves the rest to the others.
    free.sort_by_key(|&k| shape[k]);
    let mut sizes = vec![1; axes.len()];
    let mut left = free.len();
    for &k in &free {
        let share = budget.powf(1.0 / left as f64).floor().max(1.0) as u64;
        let vector = if k + 1 == axes.len() && share >= VECTOR { VECTOR } else { 1 };
        let parts = shape[k].div_ceil(share / vector * vector).max(1);
        // Equal parts rather than full ones and a sliver.
        sizes[k] = shape[k].div_ceil(parts).max(1);
        if parts > 1 {
            sizes[k] = sizes[k].next_multiple_of(vector);
        }
        budget = (budget / sizes[k] as f64).max(1.0);
        left -= 1;
    }
    Chunks::new(
        axes.into_iter()
            .enumerate()
            .map(|(k, axis)| axis.unwrap_or_else(|| AxisChunks::regular(shape[k], sizes[k])))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_that_follow_a_rule_are_stored_as_one() {
        assert_eq!(AxisChunks::from_sizes([4, 4, 2]), AxisChunks::regular(10, 4));
        assert!(matches!(AxisChunks::from_sizes([4, 2, 4]), AxisChunks::Irregular(_)));
        assert_eq!(AxisChunks::from_sizes([2, 4, 4, 1]), AxisChunks::regular(100, 4).seen(2, 1, 11));
        assert_eq!(AxisChunks::from_sizes([]), AxisChunks::regular(0, 1));
    }

    #[test]
    fn words_are_auto_or_bytes() {
        let bytes = |word| match AxisSpec::of_word(word) {
            Some(AxisSpec::Bytes(bytes)) => bytes,
            _ => 0,
        };
        assert_eq!(["64 B", "1.5kB", "8MiB", "1 gb"].map(bytes), [64, 1500, 8 << 20, 1_000_000_000]);
        for word in ["", "b", "automatic", "8", "8 MiX", "-1 MiB", "0 B", "1e9 B", "MiB"] {
            assert_eq!(AxisSpec::of_word(word), None, "{word}");
        }
        let mixed = ChunkSpec::Axes(vec![AxisSpec::Whole, AxisSpec::Bytes(1 << 20), AxisSpec::Auto]);
        let chunks = mixed.resolve(&[4, 1000, 1000], DType::F64).unwrap();
        assert!(chunks.axes()[0].count() == 1 && chunks.max_chunk_elements() * 8 <= 1 << 20, "{chunks}");
    }

    #[test]
    fn find_is_the_inverse_of_range() {
        for axis in [AxisChunks::regular(10, 4), AxisChunks::from_sizes([1, 5, 4])] {
            for at in 0..10 {
                let (start, end) = axis.range(axis.find(at));
                assert!(start <= at && at < end, "{axis}: {at} not in {start}..{end}");
            }
        }
    }

    #[test]
    fn auto_chunks_stay_under_the_target_and_cover_the_shape() {
        for shape in [vec![], vec![0], vec![7], vec![20_000, 5000], vec![3, 100_000, 4000], vec![1, 1_000_000_000]] {
            let chunks = ChunkSpec::default().resolve(&shape, DType::F64).unwrap();
            assert!(chunks.max_chunk_elements() * 8 <= AUTO_CHUNK_BYTES, "{shape:?} -> {chunks}");
            assert_eq!(chunks.shape().unwrap(), shape);
            let whole_rows =
                chunks.axes().last().is_none_or(|axis| axis.count() <= 1 || axis.max_size().is_multiple_of(VECTOR));
            assert!(whole_rows, "{shape:?} -> {chunks}");
        }
        assert_eq!(ChunkSpec::default().resolve(&[20_000, 5000], DType::F32).unwrap().axes()[1].max_size(), 1668);
    }
}
