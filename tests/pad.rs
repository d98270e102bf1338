//! Borders, entries put in and taken out, resized arrays and blocks, against the place that each element comes from.

use gridloom::functions::{self, Blocks};
use gridloom::ops::ReduceOp;
use gridloom::plan::StageKind;
use gridloom::plan::lower::lower;
use gridloom::{Array, DynArray, Error, PadMode, arange, array, from_ndarray};
use insta::assert_snapshot;
use ndarray::{ArrayD, Dimension, IxDyn};

use crate::common::{Dice, assert_array_eq, chunked, chunkings, data, device, each_type, small_data};

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

/// The place of an axis of `n` that a mode shows at place `at`, which may be beyond its ends.
type Shown = fn(at: i64, n: i64) -> i64;

/// A shape, and the widths of its borders.
type Case = (&'static [usize], &'static [(usize, usize)]);

/// An array with borders of which each element is one of its own.
fn bordered<T: Copy>(values: &ArrayD<T>, widths: &[(usize, usize)], shown: Shown) -> ArrayD<T> {
    let shape: Vec<usize> = values.shape().iter().zip(widths).map(|(n, (before, after))| n + before + after).collect();
    ArrayD::from_shape_fn(IxDyn(&shape), |at| {
        let place =
            |(k, &at): (usize, &usize)| shown(at as i64 - widths[k].0 as i64, values.shape()[k] as i64) as usize;
        values[&at.slice().iter().enumerate().map(place).collect::<Vec<_>>()[..]]
    })
}

#[test]
fn borders_are_places_of_the_array() {
    let mirrored = |at: i64, n: i64| {
        if n == 1 {
            return 0;
        }
        let at = at.rem_euclid(2 * (n - 1));
        at.min(2 * (n - 1) - at)
    };
    let modes: [(PadMode, Shown); 4] = [
        (PadMode::Edge, |at, n| at.clamp(0, n - 1)),
        (PadMode::Wrap, |at, n| at.rem_euclid(n)),
        (PadMode::reflect(), mirrored),
        (PadMode::symmetric(), |at, n| {
            let at = at.rem_euclid(2 * n);
            at.min(2 * n - 1 - at)
        }),
    ];
    let cases: [Case; 6] = [
        (&[7], &[(2, 3)]),
        (&[5], &[(13, 11)]),
        (&[2], &[(70, 101)]),
        (&[1, 4], &[(2, 2), (0, 9)]),
        (&[6, 5], &[(1, 0), (3, 2)]),
        (&[3, 1, 2], &[(4, 1), (2, 3), (0, 0)]),
    ];
    each_type!([bool u8 i64 f32], T => {
        for (shape, widths) in cases {
            let values = data::<T>(shape, 5);
            for chunks in chunkings(shape) {
                let x = chunked(&values, &chunks);
                for (mode, shown) in &modes {
                    assert_array_eq(&x.pad(widths.to_vec(), mode).unwrap(), &bordered(&values, widths, *shown));
                }
                let number = array([1u8]).cast::<T>().to_vec().unwrap()[0];
                let mut want = bordered(&values, widths, |at, n| at.clamp(0, n - 1));
                for (at, value) in want.indexed_iter_mut() {
                    let inside = |(k, &at): (usize, &usize)| at >= widths[k].0 && at < widths[k].0 + shape[k];
                    if !at.slice().iter().enumerate().all(inside) {
                        *value = number;
                    }
                }
                assert_array_eq(&x.pad(widths.to_vec(), &PadMode::constant(1)).unwrap(), &want);
            }
        }
    });
}

#[test]
fn computed_borders_are_numpys() {
    device();
    let x = array([1i32, 4, 10]).rechunk(2).unwrap();
    let made = |mode: PadMode| x.pad((4, 3), &mode).unwrap().to_vec().unwrap();
    // `np.pad([1, 4, 10], (4, 3), ..)`.
    assert_eq!(made(PadMode::Mirror { edge: false, odd: true }), [-17, -14, -8, -2, 1, 4, 10, 16, 19, 22]);
    assert_eq!(made(PadMode::Mirror { edge: true, odd: true }), [-8, -8, -2, 1, 1, 4, 10, 10, 16, 19]);
    assert_eq!(made(PadMode::LinearRamp((9, -3).map_f64())), [9, 7, 5, 3, 1, 4, 10, 5, 1, -3]);
    assert_eq!(made(PadMode::Empty)[4..7], [1, 4, 10]);
    let of = |of, length: Option<(usize, usize)>| PadMode::Statistic { of, length: length.map(Into::into) };
    assert_eq!(made(of(ReduceOp::Max, None)), [10, 10, 10, 10, 1, 4, 10, 10, 10, 10]);
    assert_eq!(made(of(ReduceOp::Min, Some((2, 2)))), [1, 1, 1, 1, 1, 4, 10, 4, 4, 4]);
    // The means 2.5 and 7 are rounded to even.
    assert_eq!(made(of(ReduceOp::Mean, Some((2, 2)))), [2, 2, 2, 2, 1, 4, 10, 7, 7, 7]);
    let sides = x.pad((1, 1), &PadMode::Constant((7.9.into(), (-1).into()).into())).unwrap();
    assert_eq!(sides.to_vec().unwrap(), [7, 1, 4, 10, -1]);
}

/// Ends of ramps in tests.
trait MapF64 {
    fn map_f64(self) -> gridloom::Sides<f64>;
}
impl MapF64 for (i32, i32) {
    fn map_f64(self) -> gridloom::Sides<f64> {
        (f64::from(self.0), f64::from(self.1)).into()
    }
}

#[test]
fn borders_are_no_stages() {
    let x = from_ndarray(data::<f64>(&[60, 40], 1), (20, 40)).unwrap();
    for mode in [PadMode::constant(0), PadMode::Edge, PadMode::Wrap, PadMode::reflect(), PadMode::symmetric()] {
        let padded = x.pad([(3, 70), (2, 2)], &mode).unwrap();
        let plan = lower(&[(&padded * 2.0).node().clone()], None).unwrap();
        let made = plan.stages.iter().filter(|stage| !matches!(stage.kind, StageKind::Source(_))).count();
        assert_eq!(made, 1, "{mode:?}: {plan}");
    }
    let moving = |x: &Array<f64>| {
        let x = x.pad((1, 1), &PadMode::Edge).unwrap();
        let at = |from: isize, to: isize| {
            x.slice(ndarray::s![from.., from..]).unwrap().slice(ndarray::s![..to, ..to]).unwrap()
        };
        (at(0, 40) + at(1, 40)) * at(2, 40)
    };
    let plan = lower(&[moving(&x).sum().node().clone()], None).unwrap();
    assert_eq!(plan.stages.len(), 3, "{plan}");
}

#[test]
fn what_cannot_be_padded_is_refused() {
    let x = gridloom::zeros::<u8>((0, 3));
    assert_snapshot!(refused(x.pad([(1, 1), (0, 0)], &PadMode::Edge)), @"pad: the length of a padded axis is 0; it must be 1 or more where the mode takes its elements");
    assert_eq!(x.pad([(1, 1), (0, 0)], &PadMode::constant(3)).unwrap().shape(), Some(vec![2, 3]));
    assert_eq!(x.pad([(0, 0), (1, 1)], &PadMode::Wrap).unwrap().shape(), Some(vec![0, 5]));
    assert_snapshot!(refused(x.pad([(1, 1); 3], &PadMode::Edge)), @"pad: the list of widths is of 3 pairs for 2 axes; it must be one pair for all axes, or one an axis");
    let x = gridloom::zeros::<u8>(3);
    assert_snapshot!(refused(x.pad(1, &PadMode::constant(300))), @"pad: number is 300, beside an array of u8; it must be one that the array's dtype holds: cast() the array to a wider one");
    let none = PadMode::Statistic { of: ReduceOp::Max, length: Some(0.into()) };
    assert_snapshot!(refused(x.pad(1, &none)), @"pad: the length of a statistic is 0; it must be 1 or more");
    let kept = x.filter(&x.lt(1)).unwrap();
    assert_snapshot!(refused(kept.pad(1, &PadMode::Edge)), @"pad: shape (?,) has an unknown length; compute() it and go on from the result, or rearrange what it was filtered from");
    assert_snapshot!(refused(x.delete([3], 0)), @"delete: index 3 is out of range for axis 0 of length 3");
    assert_snapshot!(refused(x.insert([4], 1, 0)), @"insert: index 4 is out of range for axis 0 of length 3");
    assert_snapshot!(refused(functions::block(Vec::<DynArray>::new())), @"block: needs at least one array, got none");
    let one: DynArray = arange::<i32>(2).into();
    let uneven = Blocks::List(vec![one.clone().into(), vec![one].into()]);
    assert_snapshot!(refused(functions::block(uneven)), @"block: the depth of a list is 1 beside one of 0; it must be the same for all in a list");
}

#[test]
fn entries_go_and_come_as_in_lists() {
    let mut dice = Dice(3);
    for round in 0..60 {
        let shape = if round % 2 == 0 { vec![1 + dice.below(12)] } else { vec![1 + dice.below(6), 1 + dice.below(6)] };
        let axis = dice.below(shape.len());
        let values = small_data::<i32>(&shape, round);
        let x = chunked(&values, &dice.chunks(&shape));
        let n = shape[axis];
        let rows: Vec<_> = (0..n).map(|k| values.index_axis(ndarray::Axis(axis), k).to_owned()).collect();
        let of = |rows: &[ArrayD<i32>]| {
            let views: Vec<_> = rows.iter().map(|row| row.view()).collect();
            ndarray::stack(ndarray::Axis(axis), &views).unwrap()
        };
        let places: Vec<i64> = (0..dice.below(5)).map(|_| dice.below(2 * n) as i64 - n as i64).collect();
        let gone = |k: usize| places.iter().any(|&at| at.rem_euclid(n as i64) == k as i64);
        let kept: Vec<_> = (0..n).filter(|&k| !gone(k)).map(|k| rows[k].clone()).collect();
        if !kept.is_empty() {
            assert_array_eq(&x.delete(&places, axis).unwrap(), &of(&kept));
        }
        // New entries by their number, behind those before the same place.
        let at: Vec<usize> = (0..1 + dice.below(5)).map(|_| dice.below(n + 1)).collect();
        let mut want = Vec::new();
        for k in 0..=n {
            let new = at.iter().enumerate().filter(|(_, at)| **at == k);
            want.extend(new.map(|(which, _)| rows[0].mapv(|_| which as i32 + 100)));
            want.extend(rows.get(k).cloned());
        }
        let mut lengths = vec![1; shape.len()];
        lengths[axis] = at.len();
        let new = arange::<i32>(at.len()).reshape(lengths).unwrap() + 100;
        assert_array_eq(&x.insert(&at, &new, axis).unwrap(), &of(&want));
    }
    // Of very many stretches they are taken.
    let x = arange::<i32>(1000);
    let odd: Vec<i64> = (0..1000).step_by(2).collect();
    assert_eq!(x.delete(&odd, 0).unwrap().sum().item().unwrap(), (0..1000).filter(|k| k % 2 == 1).sum::<i64>());
    assert_eq!(x.insert(&odd, 1, 0).unwrap().sum().item().unwrap(), 999 * 500 + 500);
}

#[test]
fn resized_arrays_and_blocks() {
    device();
    let x = arange::<i32>(6).rechunk(4).unwrap();
    assert_eq!(x.resize((2, 4)).unwrap().to_vec().unwrap(), [0, 1, 2, 3, 4, 5, 0, 1]);
    assert_eq!(x.resize(4).unwrap().to_vec().unwrap(), [0, 1, 2, 3]);
    assert_eq!(x.slice(ndarray::s![..0]).unwrap().resize(3).unwrap().to_vec().unwrap(), [0, 0, 0]);
    assert_eq!(x.resize((0, 3)).unwrap().shape(), Some(vec![0, 3]));
    let part = |shape: &[usize], first: i32| -> DynArray {
        let n = shape.iter().product();
        (arange::<i32>(n).reshape(shape.to_vec()).unwrap() + first).into()
    };
    let all =
        functions::block(vec![vec![part(&[2, 2], 0), part(&[2, 1], 10)], vec![part(&[1, 1], 20), part(&[2], 30)]]);
    assert_eq!(all.unwrap().typed::<i32>().unwrap().to_vec().unwrap(), [0, 1, 10, 2, 3, 11, 20, 30, 31]);
    // Arrays of more axes than there are lists.
    let deep = functions::block(vec![part(&[1, 2, 1], 0), part(&[1, 2, 2], 5)]).unwrap();
    assert_eq!(deep.shape(), Some(vec![1, 2, 3]));
    assert_eq!(functions::block(part(&[2], 1)).unwrap().typed::<i32>().unwrap().to_vec().unwrap(), [1, 2]);
}
