//! Ticks of an axis at round numbers, and their labels.

/// The ticks between two ends of an axis.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Ticks {
    /// Where, ascending.
    pub(crate) at: Vec<f64>,
    /// What is written there.
    pub(crate) labels: Vec<String>,
    /// What all labels are to be multiplied with, if not 1: `×10⁶`.
    pub(crate) factor: Option<String>,
}

impl Ticks {
    /// At most `most` (at least 2) ticks at multiples of 1, 2 or 5 times a power of ten, between finite `low < high`.
    pub(crate) fn between(low: f64, high: f64, most: usize) -> Self {
        let (round, power) = step((high - low) / (most.max(2) - 1) as f64);
        let step = scale(round, power);
        // A hair of room: 0.35 / 0.05 is less than 7.
        let (first, last) = ((low / step - 1e-9).ceil(), (high / step + 1e-9).floor());
        // Where numbers are too large for the step, there is nothing between the ends to label.
        let count = if step > 0.0 && (last - first).is_finite() { (last - first) as usize + 1 } else { 0 };
        // Adding zero turns a negative zero into a plain one.
        let at: Vec<f64> = (0..count.min(most + 1)).map(|i| scale((first + i as f64) * round, power) + 0.0).collect();
        let largest = at.iter().fold(0.0f64, |largest, tick| largest.max(tick.abs()));
        let power = largest.log10().floor();
        let power = if largest > 0.0 && !(-4.0..5.0).contains(&power) { power as i32 } else { 0 };
        let scaled = |tick: f64| scale(tick, -power);
        let decimals = (f64::from(power) - step.log10().floor()).clamp(0.0, 15.0) as usize;
        let labels = at.iter().map(|&tick| format!("{:.decimals$}", scaled(tick)).replace('-', "−")).collect();
        Self { at, labels, factor: (power != 0).then(|| format!("×10{}", superscript(power))) }
    }
}

/// The smallest of 1, 2 and 5 times a power of ten that is not below `least`: the number, and the power.
fn step(least: f64) -> (f64, i32) {
    let power = least.log10().floor();
    let mantissa = least / 10f64.powf(power);
    let round = [1.0, 2.0, 5.0].into_iter().find(|round| mantissa <= round * (1.0 + 1e-9)).unwrap_or(10.0);
    (round, power as i32)
}

/// `value · 10^power`, rounded once where that is possible: `10^-n` is no number of binary, but `/ 10^n` rounds well.
fn scale(value: f64, power: i32) -> f64 {
    if (-300..0).contains(&power) { value / 10f64.powi(-power) } else { value * 10f64.powi(power) }
}

fn superscript(power: i32) -> String {
    let digit = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().nth(c.to_digit(10).unwrap_or(0) as usize).unwrap_or(c);
    power.to_string().chars().map(|c| if c == '-' { '⁻' } else { digit(c) }).collect()
}

/// The ends of an axis that shows `low..=high`: those, or where they are one number or none, some room around it. Always finite
/// and ascending.
pub(crate) fn range(low: f64, high: f64) -> (f64, f64) {
    // Half of the largest number: the difference of the ends must be a number too.
    const MOST: f64 = f64::MAX / 4.0;
    if !(low.is_finite() && high.is_finite() && low <= high) {
        return (0.0, 1.0);
    }
    let (low, high) = (low.clamp(-MOST, MOST), high.clamp(-MOST, MOST));
    // The axis needs more numbers between its ends than it has pixels.
    let room = (low.abs().max(high.abs()) * 1e-12).max(1e-300);
    if high - low > room {
        return (low, high);
    }
    // A tenth of the smallest numbers is none.
    let around = if low == 0.0 { 0.5 } else { (low.abs() * 0.1).max(1e-290) };
    ((low - around).max(-MOST * 1.2), (high + around).min(MOST * 1.2))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(low: f64, high: f64, most: usize) -> String {
        let ticks = Ticks::between(low, high, most);
        format!("{}{}", ticks.labels.join(" "), ticks.factor.unwrap_or_default())
    }

    #[test]
    fn ticks_are_round_and_few() {
        assert_eq!(labels(0.0, 1.0, 6), "0.0 0.2 0.4 0.6 0.8 1.0");
        assert_eq!(labels(-9.0, 11.0, 7), "−5 0 5 10");
        assert_eq!(labels(0.0, 99_999.0, 6), "0 20000 40000 60000 80000");
        assert_eq!(labels(0.0, 1e8, 6), "0.0 0.2 0.4 0.6 0.8 1.0×10⁸");
        assert_eq!(labels(-3e-7, 3e-7, 4), "−2 0 2×10⁻⁷");
        assert_eq!(labels(0.1, 0.35, 6), "0.10 0.15 0.20 0.25 0.30 0.35");
        assert_eq!(labels(1e6, 1e6 + 10.0, 3), "1.000000 1.000005 1.000010×10⁶");
        assert_eq!(Ticks::between(0.0, 0.3, 4).at, [0.0, 0.1, 0.2, 0.3]);
    }

    #[test]
    fn any_range_has_ends_and_ticks() {
        let values = [0.0, -0.0, 1.0, -5.5, 1e-300, 1e300, f64::MAX, f64::MIN, f64::INFINITY, f64::NAN, 5e-324, 1e16];
        for low in values {
            for high in values {
                let (a, b) = range(low, high);
                assert!(a.is_finite() && b.is_finite() && a < b && (b - a).is_finite(), "{low} {high}: {a} {b}");
                for most in [2, 3, 6, 10] {
                    let ticks = Ticks::between(a, b, most);
                    assert!(ticks.at.len() <= most + 1 && ticks.at.iter().all(|t| t.is_finite()), "{a} {b}: {ticks:?}");
                    assert!(ticks.at.windows(2).all(|w| w[0] < w[1]), "{a} {b}: {ticks:?}");
                }
            }
        }
        assert_eq!(range(3.0, 3.0), (2.7, 3.3));
        assert_eq!(range(0.0, 0.0), (-0.5, 0.5));
    }
}
