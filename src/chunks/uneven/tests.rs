//! Rules against lists: whatever is done to an axis, it is cut as a plain list of sizes would be.

use proptest::prelude::*;

use crate::chunks::AxisChunks;

/// One thing that is done to an axis.
#[derive(Clone, Debug)]
enum Change {
    /// A range, by fractions of the length, with a step.
    Slice(u8, u8, i64),
    Batch(u64),
    Split(u64),
    /// Itself and another one behind.
    Join(u64, u64),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let step = prop_oneof![Just(1i64), Just(-1), Just(2), Just(3), Just(-2), Just(7), Just(-5)];
    let change = prop_oneof![
        4 => (any::<u8>(), any::<u8>(), step).prop_map(|(a, b, step)| Change::Slice(a, b, step)),
        1 => (1u64..6).prop_map(Change::Batch),
        1 => (1u64..12).prop_map(Change::Split),
        2 => (0u64..60, 1u64..12).prop_map(|(len, size)| Change::Join(len, size)),
    ];
    prop::collection::vec(change, 0..6)
}

/// The chunk of each element, numbered without gaps.
fn labels(axis: &AxisChunks) -> Vec<u64> {
    (0..axis.count())
        .flat_map(|i| {
            let (start, end) = axis.range(i);
            (start..end).map(move |_| i)
        })
        .collect()
}

fn renumbered(labels: impl IntoIterator<Item = u64>) -> Vec<u64> {
    let (mut out, mut last) = (Vec::new(), None);
    for label in labels {
        let next = match (last, out.last()) {
            (Some(last), Some(&n)) => n + u64::from(last != label),
            _ => 0,
        };
        out.push(next);
        last = Some(label);
    }
    out
}

/// What `find`, `range`, `max_size`, `count` and `len` say is one thing.
fn check(axis: &AxisChunks) -> Result<(), TestCaseError> {
    let (mut at, mut widest, len) = (0, 0, axis.len().unwrap());
    for i in 0..axis.count() {
        let (start, end) = axis.range(i);
        prop_assert_eq!(start, at, "{:?}", axis);
        prop_assert!(end > start || len == 0, "an empty chunk in {axis:?}");
        for element in start..end {
            prop_assert_eq!(axis.find(element), i, "{:?}", axis);
        }
        (at, widest) = (end, widest.max(end - start));
    }
    prop_assert_eq!(at, len);
    prop_assert_eq!(axis.max_size(), widest, "{:?}", axis);
    Ok(())
}

proptest! {
    #[test]
    fn rules_cut_as_lists_do(len in 1u64..200, size in 1u64..40, changes in changes()) {
        let mut axis = AxisChunks::regular(len, size);
        for change in changes {
            let (before, n) = (labels(&axis), axis.len().unwrap());
            let wanted = match change {
                _ if n == 0 => break,
                Change::Slice(a, b, step) => {
                    let (a, b) = (u64::from(a) * n / 256, u64::from(b) * n / 256);
                    let (a, b) = (a.min(b), a.max(b) + 1);
                    let picked: Vec<u64> = (a..b).step_by(step.unsigned_abs() as usize).collect();
                    let start = if step > 0 { a } else { b - 1 };
                    axis = axis.seen(start, step, picked.len() as u64);
                    let at = |j: usize| (start as i64 + step * j as i64) as usize;
                    renumbered((0..picked.len()).map(|j| before[at(j)]))
                }
                Change::Batch(group) => {
                    axis = axis.batched(group);
                    before.iter().map(|i| i / group).collect()
                }
                Change::Split(most) => {
                    axis = axis.split(most);
                    prop_assert!(axis.max_size() <= most);
                    let after = labels(&axis);
                    // Borders stay.
                    let kept = |i: &usize| *i == 0 || before[*i] == before[i - 1] || after[*i] != after[i - 1];
                    prop_assert!((0..before.len()).all(|i| kept(&i)), "{before:?} cut as {after:?}");
                    after
                }
                Change::Join(len, size) => {
                    let other = AxisChunks::regular(len, size);
                    axis = AxisChunks::joined([&axis, &other]).unwrap();
                    let last = before[before.len() - 1] + 1;
                    before.iter().copied().chain(labels(&other).iter().map(|i| i + last)).collect()
                }
            };
            prop_assert_eq!(labels(&axis), wanted, "{:?}", axis);
            check(&axis)?;
        }
        // A list that says the same is cut the same, and the same axis where it is short or of one rule.
        let listed = AxisChunks::from_sizes(axis.sizes());
        prop_assert_eq!(labels(&listed), labels(&axis));
        check(&listed)?;
    }
}

#[test]
fn views_of_huge_axes_are_rules() {
    let stored = |axis: &AxisChunks| match axis {
        AxisChunks::Irregular(uneven) => uneven.stored(),
        _ => 1,
    };
    let axis = AxisChunks::regular(1 << 48, 1 << 21);
    let mut seen = axis.seen(1, 1, (1 << 48) - 1);
    assert_eq!((stored(&seen), seen.count(), seen.range(0)), (1, 1 << 27, (0, (1 << 21) - 1)));
    seen = seen.seen((1 << 48) - 2, -3, (1 << 48) / 3);
    assert_eq!((stored(&seen), seen.max_size()), (1, (1 << 21) / 3 + 1));
    let joined = AxisChunks::joined([&seen, &axis, &seen]).unwrap();
    assert_eq!((stored(&joined), joined.len()), (3, Some(2 * ((1 << 48) / 3) + (1 << 48))));
    let (batched, split) = (joined.batched(10), joined.split(1000));
    assert!(stored(&batched) <= 8 && stored(&split) == 3, "{batched:?}, {split:?}");
    assert_eq!((batched.len(), split.len()), (joined.len(), joined.len()));
    assert!(split.max_size() <= 1000);
}

#[test]
fn equal_cuts_of_one_rule_are_equal() {
    let sliced = AxisChunks::regular(1000, 10).seen(3, 1, 990);
    let listed = AxisChunks::from_sizes([7].into_iter().chain([10; 98]).chain([3]));
    assert_eq!(sliced, listed);
    assert_eq!(AxisChunks::regular(1000, 10).seen(10, 1, 990), AxisChunks::regular(990, 10));
    assert_eq!(AxisChunks::regular(1000, 10).seen(0, 2, 500), AxisChunks::regular(500, 5));
    assert_eq!(AxisChunks::regular(1000, 2).seen(0, 5, 200), AxisChunks::regular(200, 1));
}
