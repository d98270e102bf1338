//! Functions of chunks with halos, against the same function of the whole array.

use gridloom::plan::StageKind;
use gridloom::plan::lower::lower;
use gridloom::{Array, Boundary, Error, Overlap, PadMode, arange, from_ndarray};
use insta::assert_snapshot;
use ndarray::{ArrayD, ArrayViewD, IxDyn};

use crate::common::{Dice, assert_array_eq, chunked, device, small_data};

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

/// For each element the sum of those from `before` places before it to `after` places behind, along all axes, that are there.
fn sums(x: ArrayViewD<'_, i32>, depth: &[(usize, usize)]) -> ArrayD<i32> {
    let mut sums = ArrayD::zeros(x.shape());
    for (at, sum) in sums.indexed_iter_mut() {
        let near = |(k, (before, after)): (usize, &(usize, usize))| {
            ndarray::Slice::from(at[k].saturating_sub(*before)..(at[k] + after + 1).min(x.shape()[k]))
        };
        let mut part = x.view();
        for (k, near) in depth.iter().enumerate().map(|of| (of.0, near(of))) {
            part.slice_axis_inplace(ndarray::Axis(k), near);
        }
        *sum = part.sum();
    }
    sums
}

/// The inner part of an array with borders.
fn inner(x: ArrayD<i32>, widths: &[(usize, usize)]) -> ArrayD<i32> {
    let mut x = x;
    for (k, (before, after)) in widths.iter().enumerate() {
        x.slice_axis_inplace(ndarray::Axis(k), (*before..x.shape()[k] - after).into());
    }
    x.as_standard_layout().to_owned()
}

#[test]
fn chunks_see_what_is_around_them() {
    let mut dice = Dice(5);
    for round in 0..40 {
        let shape = if round % 2 == 0 { vec![1 + dice.below(14)] } else { vec![1 + dice.below(7), 1 + dice.below(7)] };
        let values = small_data::<i32>(&shape, round);
        let x = chunked(&values, &dice.chunks(&shape));
        // Wider than a chunk and than the array, too.
        let depth: Vec<(usize, usize)> = shape.iter().map(|_| (dice.below(5), dice.below(9))).collect();
        let of = depth.clone();
        let f = move |chunk: ArrayViewD<'_, i32>| sums(chunk, &of);
        let got = x.map_overlap("sums", depth.clone(), Boundary::NONE, f.clone()).unwrap();
        assert_eq!(got.chunks(), x.chunks());
        assert_array_eq(&got, &sums(values.view(), &depth));
        let modes = [PadMode::constant(3), PadMode::Edge, PadMode::Wrap, PadMode::reflect(), PadMode::symmetric()];
        for mode in modes {
            let padded = x.pad(depth.clone(), &mode).unwrap().compute().unwrap();
            let want = inner(sums(padded.view(), &depth), &depth);
            let got = x.map_overlap("sums", depth.clone(), mode, f.clone()).unwrap();
            assert_array_eq(&got, &want);
        }
        // A boundary along one axis alone.
        let mut modes = vec![None; shape.len()];
        modes[0] = Some(PadMode::Wrap);
        let mut widths = vec![(0, 0); shape.len()];
        widths[0] = depth[0];
        let padded = x.pad(widths.clone(), &PadMode::Wrap).unwrap().compute().unwrap();
        let got = x.map_overlap("sums", depth.clone(), Boundary::of_axes(modes), f).unwrap();
        assert_array_eq(&got, &inner(sums(padded.view(), &depth), &widths));
    }
}

#[test]
fn halos_take_two_stages_however_many_chunks_there_are() {
    device();
    for (shape, chunk) in [(vec![300], vec![1]), (vec![30, 30], vec![3, 3])] {
        let x = from_ndarray(small_data::<i32>(&shape, 1), chunk.as_slice()).unwrap();
        let near = vec![(2, 1); shape.len()];
        let of = near.clone();
        let made = x.map_overlap("sums", near, PadMode::Edge, move |chunk| sums(chunk, &of)).unwrap();
        let plan = lower(&[(&made * 2).node().clone()], None).unwrap();
        // The chunks with halos, the function, and what reads its chunks without them.
        let made = plan.stages.iter().filter(|stage| !matches!(stage.kind, StageKind::Source(_))).count();
        assert_eq!(made, 3, "{plan}");
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    device();
    let x = arange::<i32>(6).rechunk(2).unwrap();
    let same = |chunk: ArrayViewD<'_, i32>| chunk.to_owned();
    assert_snapshot!(refused(x.map_overlap("same", [(1, 1); 2], Boundary::NONE, same)), @"map_overlap: the list of depths is of 2 pairs for 1 axes; it must be one pair for all axes, or one an axis");
    assert_snapshot!(refused(x.map_overlap("same", 1, Boundary::of_axes(vec![None, None]), same)), @"map_overlap: the list of boundaries is of 2 for 1 axes; it must be one for all axes, or one an axis");
    // Of several chunks any may be the first.
    let whole = x.rechunk(6).unwrap();
    let short = whole.map_overlap("short", 1, Boundary::NONE, |_| ArrayD::<i32>::zeros(IxDyn(&[1]))).unwrap();
    assert_snapshot!(refused(short.compute()), @"short: returned a chunk of shape [1] for one of [6]; it must keep the shape");
    let kept: Array<i32> = x.filter(&x.gt(1)).unwrap();
    assert_snapshot!(refused(kept.map_overlap("same", 1, Boundary::NONE, same)), @"map_overlap: shape (?,) has an unknown length; compute() it and go on from the result, or rearrange what it was filtered from");
    let none = x.slice(ndarray::s![..0]).unwrap();
    assert_eq!(none.map_overlap("same", 1, PadMode::Edge, same).unwrap().to_vec().unwrap(), Vec::<i32>::new());
}

#[test]
fn taps_slide_along() {
    let mut dice = Dice(9);
    for round in 0..40 {
        let (n, m) = (1 + dice.below(40), 1 + dice.below(9));
        let (values, taps) = (small_data::<i32>(&[n], round), small_data::<i32>(&[m], round + 100));
        let (x, y) = (chunked(&values, &dice.chunks(&[n])), chunked(&taps, &dice.chunks(&[m])));
        // Each of the sums, from the first place in common to the last.
        let full = |taps: &[i32]| -> Vec<i32> {
            let term = |at: usize, k: usize| at.checked_sub(k).and_then(|at| values.get(at)).map_or(0, |v| v * taps[k]);
            (0..n + m - 1).map(|at| (0..m).map(|k| term(at, k)).sum()).collect()
        };
        let part = |full: &[i32], overlap: Overlap| -> Vec<i32> {
            let short = n.min(m);
            match overlap {
                Overlap::Full => full.to_vec(),
                Overlap::Same => full[(short - 1) / 2..][..n.max(m)].to_vec(),
                Overlap::Valid => full[short - 1..n + m - short].to_vec(),
            }
        };
        let own: Vec<i32> = taps.iter().copied().collect();
        let back: Vec<i32> = own.iter().rev().copied().collect();
        for overlap in [Overlap::Full, Overlap::Same, Overlap::Valid] {
            let want = |of: Vec<i32>| ArrayD::from_shape_vec(IxDyn(&[of.len()]), of).unwrap();
            assert_array_eq(&x.convolve(&y, overlap).unwrap(), &want(part(&full(&own), overlap)));
            if n >= m && overlap != Overlap::Same {
                assert_array_eq(&x.correlate(&y, overlap).unwrap(), &want(part(&full(&back), overlap)));
            }
        }
    }
    let x = arange::<f64>(1000).rechunk(100).unwrap();
    let plan = lower(&[x.convolve(&x.slice(ndarray::s![..16]).unwrap(), Overlap::Same).unwrap().node().clone()], None);
    let plan = plan.unwrap();
    // Three for the products that are whole, whose expression is long; the ends are small, in one task a stage.
    let tasks: Vec<u64> = plan.stages.iter().map(|stage| stage.tasks()).filter(|&tasks| tasks > 0).collect();
    assert_eq!(tasks.iter().filter(|&&tasks| tasks > 1).count(), 3, "{plan}");
    assert!(tasks.len() <= 14, "{plan}");
    let long = arange::<i32>(200);
    assert_snapshot!(refused(long.convolve(&long, Overlap::Full)), @"convolve: the length of the shorter array is 200; it must be at most 128: sums of more terms need a Fourier transform, which is not there yet");
    assert_snapshot!(refused(long.correlate(&long.slice(ndarray::s![..0]).unwrap(), Overlap::Full)), @"correlate: the length of an array is 0; it must be 1 or more");
    assert_snapshot!(refused(long.reshape((20, 10)).unwrap().correlate(&long, Overlap::Full)), @"correlate: needs arrays of one axis, got an array of shape (20, 10)");
}
