//! What all pictures do with values: where axes begin and end, and what is said of values that are not drawn.

use crate::diagnostics::plot::range;
use crate::text::format_count;

/// The smallest and largest finite of some numbers; a range that is none where there are none.
pub(super) fn extent<'a>(values: impl IntoIterator<Item = &'a f64>) -> (f64, f64) {
    let finite = values.into_iter().filter(|v| v.is_finite());
    finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)))
}

/// An axis with some room at both ends.
pub(super) fn roomy((low, high): (f64, f64)) -> (f64, f64) {
    let (low, high) = range(low, high);
    let room = (high - low) * 0.04;
    (low - room, high + room)
}

/// A remark on numbers that are not finite, if there are any.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a number of elements")]
pub(super) fn left_out(count: f64) -> Option<String> {
    let count = count as u64;
    let words = if count == 1 { "is not a finite number" } else { "are not finite numbers" };
    (count > 0).then(|| format!("{} {words}", format_count(count)))
}

/// Remarks one after another.
pub(super) fn remarks(parts: impl IntoIterator<Item = Option<String>>) -> String {
    parts.into_iter().flatten().collect::<Vec<_>>().join("; ")
}
