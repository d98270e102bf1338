//! Which device of several a task runs on.

/// Where nearly all that a task reads is on one device: all but one byte of so many that its own device lacks.
const NEARLY: u64 = 8;

/// The device of the task that makes the chunk of number `near`, of as many as `missing` has numbers: bytes of what the task reads
/// that each lacks. `points` is what the task goes over.
///
/// By the number, so that chunks of equal number of all arrays that are cut alike meet, and neighbours, which run at the same time, do
/// not. To where the data is instead, if nearly all of it is in one place: the chunks of a slice have other numbers than those they
/// are cut from. But less than a byte a point is brought to where the number says: what all tasks read (a mean, edges, an operand of a
/// product) would else draw them all to where it happens to be.
pub(super) fn place(near: u64, points: u64, missing: &[u64]) -> usize {
    let own = usize::try_from(near % missing.len().max(1) as u64).unwrap_or_default();
    let lacks = missing.get(own).copied().unwrap_or_default();
    let least = missing.iter().enumerate().min_by_key(|(_, lacks)| **lacks);
    match least {
        Some((other, least)) if lacks > points && least.saturating_mul(NEARLY) <= lacks => other,
        _ => own,
    }
}

#[cfg(test)]
mod tests {
    use super::place;

    #[test]
    fn tasks_without_data_take_turns() {
        assert_eq!([0, 1, 2, 3, u64::MAX].map(|near| place(near, 1000, &[0, 0, 0])), [0, 1, 2, 0, 0]);
    }

    #[test]
    fn data_draws_tasks_where_nearly_all_of_it_is() {
        // A chunk of a slice, cut from the next one.
        assert_eq!(place(0, 1000, &[4000, 0]), 1);
        assert_eq!(place(0, 1000, &[4000, 500]), 1);
        // Half here, half there.
        assert_eq!(place(0, 1000, &[4000, 4000]), 0);
        assert_eq!(place(1, 1000, &[4000, 4000]), 1);
        assert_eq!(place(0, 1000, &[4000, 1000]), 0);
    }

    #[test]
    fn what_all_tasks_read_draws_none() {
        // A mean.
        assert_eq!(place(1, 1000, &[0, 4]), 1);
        // An operand of a product.
        assert_eq!(place(1, 1_000_000, &[64_000, 1_000_000]), 1);
    }
}
