//! The axes of an array as its chunk grid's drawing shows them.

/// Most chunk lines drawn along one axis, its two ends included.
const MAX_LINES: usize = 20;

/// Where one axis of an array is cut into chunks.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::AxisCuts;
///
/// let rows = AxisCuts::Known(vec![4, 4, 2]); // 10 rows in 3 chunks
/// let kept = AxisCuts::Unknown(3); // 3 chunks of a length not known yet
/// assert_ne!(rows, kept);
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AxisCuts {
    /// The sizes of the chunks, in order.
    Known(Vec<u64>),
    /// Chunks of `size` elements over `length`, the last one shorter.
    Equal {
        /// Elements.
        length: u64,
        /// Elements of each chunk but the last.
        size: u64,
    },
    /// Of very many chunks: their number, and the borders that are drawn, from 0 to the length.
    Thinned(usize, Vec<u64>),
    /// The number of chunks, where their sizes are only known once computed.
    Unknown(usize),
}

impl AxisCuts {
    /// Chunks of which number `i` starts at `start(i)`; that after the last, at the length.
    pub fn known(chunks: usize, start: impl Fn(usize) -> u64) -> Self {
        if chunks < MAX_LINES {
            return Self::Known((0..chunks).map(|i| start(i + 1) - start(i)).collect());
        }
        Self::Thinned(chunks, thinned(chunks).map(start).collect())
    }
}

/// An axis as it is drawn.
pub(super) struct Axis {
    pub(super) label: String,
    pub(super) chunks: usize,
    /// `None` where unknown.
    pub(super) length: Option<u64>,
    /// Chunk borders from 0 to 1, thinned to [`MAX_LINES`].
    pub(super) cuts: Vec<f64>,
    /// Drawn length in pixels.
    pub(super) pixels: f64,
}

impl Axis {
    pub(super) fn new(cuts: &AxisCuts) -> Self {
        match cuts {
            AxisCuts::Known(sizes) => {
                let length = sizes.iter().fold(0u64, |sum, &n| sum.saturating_add(n));
                Self {
                    label: length.to_string(),
                    chunks: sizes.len(),
                    length: Some(length),
                    cuts: known_cuts(sizes, length),
                    pixels: 0.0,
                }
            }
            &AxisCuts::Equal { length, size } => {
                let chunks = usize::try_from(length.div_ceil(size.max(1)).max(1)).unwrap_or(usize::MAX);
                let at = |border: usize| (border as u64).saturating_mul(size).min(length) as f64 / length as f64;
                let cuts = if length == 0 { vec![0.0, 1.0] } else { thinned(chunks).map(at).collect() };
                Self { label: length.to_string(), chunks, length: Some(length), cuts, pixels: 0.0 }
            }
            AxisCuts::Thinned(chunks, borders) => {
                let length = borders.last().copied().unwrap_or(0);
                Self {
                    label: length.to_string(),
                    chunks: *chunks,
                    length: Some(length),
                    cuts: borders.iter().map(|&at| at as f64 / length.max(1) as f64).collect(),
                    pixels: 0.0,
                }
            }
            &AxisCuts::Unknown(chunks) => Self {
                label: "?".to_owned(),
                chunks,
                length: None,
                cuts: thinned(chunks.max(1)).map(|i| i as f64 / chunks.max(1) as f64).collect(),
                pixels: 0.0,
            },
        }
    }

    /// Whether not all of the chunks' borders are drawn.
    pub(super) fn thinned(&self) -> bool {
        self.chunks >= MAX_LINES
    }
}

/// The borders that are drawn of `chunks` chunks: all of the `0..=chunks`, or
/// [`MAX_LINES`] of them spread evenly.
fn thinned(chunks: usize) -> impl Iterator<Item = usize> {
    let lines = chunks.min(MAX_LINES - 1) + 1;
    // The product is taken in 128 bits, as any number of chunks may be asked.
    (0..lines).map(move |i| (i as u128 * chunks as u128 / (lines - 1) as u128) as usize)
}

fn known_cuts(sizes: &[u64], length: u64) -> Vec<f64> {
    if length == 0 {
        return vec![0.0, 1.0];
    }
    let (mut seen, mut at) = (0, 0u64);
    thinned(sizes.len())
        .map(|border| {
            at = sizes[seen..border].iter().fold(at, |sum, &n| sum.saturating_add(n));
            seen = border;
            at as f64 / length as f64
        })
        .collect()
}

/// Damps a ratio of lengths as Dask does: true to scale up to about 3,
/// logarithmic up to 100, and constant beyond.
pub(super) fn damp(ratio: f64) -> f64 {
    if ratio < std::f64::consts::E { ratio } else { (ratio.min(100.0) + 12.4).ln() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_thinned_to_the_true_borders() {
        assert_eq!(known_cuts(&[1, 3], 4), [0.0, 0.25, 1.0]);
        let cuts = known_cuts(&[2; 1000], 2000);
        assert_eq!(cuts.len(), MAX_LINES);
        assert_eq!((cuts[0], cuts[MAX_LINES - 1]), (0.0, 1.0));
        assert!(cuts.iter().all(|c| (c * 1000.0).fract() < 1e-9));
    }

    #[test]
    fn equal_chunks_are_drawn_as_a_list_of_them() {
        for (length, size, sizes) in
            [(10, 4, vec![4, 4, 2]), (0, 1, vec![0]), (3000, 7, [vec![7; 428], vec![4]].concat())]
        {
            let (rule, list) = (Axis::new(&AxisCuts::Equal { length, size }), Axis::new(&AxisCuts::Known(sizes)));
            assert_eq!((rule.label, rule.chunks, rule.cuts), (list.label, list.chunks, list.cuts));
        }
        assert_eq!(Axis::new(&AxisCuts::Equal { length: u64::MAX, size: 1 }).cuts.len(), MAX_LINES);
    }

    #[test]
    fn ratios_are_damped_as_in_dask() {
        assert_eq!(damp(2.0), 2.0);
        assert!((damp(50.0) - 62.4f64.ln()).abs() < 1e-12);
        assert_eq!(damp(1e9), damp(100.0));
    }
}
