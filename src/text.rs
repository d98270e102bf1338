//! Numbers written for people.

/// Binary units from the largest down, as powers of two.
const UNITS: [(&str, u32); 6] = [("EiB", 60), ("PiB", 50), ("TiB", 40), ("GiB", 30), ("MiB", 20), ("KiB", 10)];

/// Writes a number of bytes with a binary unit and two decimals, as Dask does:
/// a unit is taken from nine tenths of it upwards, so that `1000` bytes read
/// `0.98 KiB`.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::format_bytes;
///
/// assert_eq!(format_bytes(0), "0 B");
/// assert_eq!(format_bytes(1536), "1.50 KiB");
/// assert_eq!(format_bytes(200_000_000), "190.73 MiB");
/// ```
pub fn format_bytes(bytes: u64) -> String {
    for (unit, power) in UNITS {
        let scaled = bytes as f64 / (1u64 << power) as f64;
        if scaled >= 0.9 {
            return format!("{scaled:.2} {unit}");
        }
    }
    format!("{bytes} B")
}

/// A number of bytes as it is told beside another: to the byte where they differ and would read the same.
#[must_use]
pub(crate) fn bytes_beside(bytes: u64, other: u64) -> String {
    let rounded = format_bytes(bytes);
    if bytes != other && rounded == format_bytes(other) { format!("{} B", format_count(bytes)) } else { rounded }
}

/// Writes a count with a comma between groups of three digits.
///
/// # Examples
///
/// ```
/// use gridloom::diagnostics::format_count;
///
/// assert_eq!(format_count(999), "999");
/// assert_eq!(format_count(1_000_000), "1,000,000");
/// ```
pub fn format_count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `(5000, 100)` or `(?, 3)`: a shape as the messages show it.
#[must_use]
pub(crate) fn format_shape(dims: &[Option<u64>]) -> String {
    let dims: Vec<String> = dims.iter().map(|d| d.map_or("?".into(), |d| d.to_string())).collect();
    match dims.as_slice() {
        [one] => format!("({one},)"),
        _ => format!("({})", dims.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_read_as_in_dask() {
        for (bytes, text) in [
            (1, "1 B"),
            (921, "921 B"),
            (922, "0.90 KiB"),
            (1 << 10, "1.00 KiB"),
            (12_345_678, "11.77 MiB"),
            (1 << 40, "1.00 TiB"),
            (u64::MAX, "16.00 EiB"),
        ] {
            assert_eq!(format_bytes(bytes), text);
        }
    }

    #[test]
    fn counts_are_grouped_by_three() {
        for (count, text) in [(0, "0"), (1000, "1,000"), (123_456, "123,456")] {
            assert_eq!(format_count(count), text);
        }
        assert_eq!(format_count(u64::MAX), "18,446,744,073,709,551,615");
    }
}
