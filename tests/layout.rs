//! Indexing, axes, reshape, joins and chunks against ndarray's views of the same data, and how results are cut.

use gridloom::chunks::AxisChunks;
use gridloom::error::Error;
use gridloom::{Array, AxisSpec, Element, arange, concatenate, stack, where_};
use ndarray::{ArrayD, Axis, IxDyn, NewAxis, s};

use crate::common::{Sample, assert_array_eq, chunked, chunkings, data, device, each_type};

/// The elements in C order with another shape.
fn reshaped<T: Element>(x: &ArrayD<T>, shape: &[usize]) -> ArrayD<T> {
    ArrayD::from_shape_vec(IxDyn(shape), x.iter().copied().collect()).unwrap()
}

/// How the array is cut, as `explain` shows it.
fn cut<T: Element>(x: &Array<T>) -> String {
    x.chunks().to_string()
}

/// Slices an array and its plain data alike, and compares.
macro_rules! slices {
    ($x:expr, $plain:expr; $([$($part:tt)*];)*) => {$(
        assert_array_eq(&$x.slice(s![$($part)*]).unwrap(), &$plain.slice(s![$($part)*]).to_owned().into_dyn());
    )*};
}

#[test]
fn slices_with_steps_negatives_and_new_axes_match_ndarray() {
    fn all<T: Sample>() {
        let values = data::<T>(&[13, 10], 1);
        for chunks in chunkings(&[13, 10]) {
            let x = chunked(&values, &chunks);
            slices! { x, values;
                [.., ..];
                [2..9, 1..2];
                [-5.., ..-3];
                [..;2, ..;3];
                [..;-1, ..];
                [1..;-3, 2..9;-2];
                [5..5, ..];
                [-2..4, ..;-1];
                [3, ..];
                [.., -1];
                [-13, 0];
                [NewAxis, .., 4..];
                [2..4, NewAxis, 1];
                [12..;-5, NewAxis, ..;10, NewAxis];
            }
        }
    }
    each_type!([bool i16 f32 f64], T => all::<T>());
}

#[test]
fn slices_of_generated_data_generate_the_slice() {
    let x = arange::<i64>(1 << 40).slice(s![-7..;-3]).unwrap();
    let end = 1i64 << 40;
    assert_array_eq(&x, &ndarray::arr1(&[end - 1, end - 4, end - 7]).into_dyn());
    let grid = gridloom::eye::<f32>(40_000).slice(s![30_000..30_003, 29_999..30_002]).unwrap();
    assert_array_eq(&grid, &ndarray::arr2(&[[0.0, 1.0, 0.0], [0.0, 0.0, 1.0], [0.0, 0.0, 0.0]]).into_dyn());
}

#[test]
fn steps_of_any_size_take_what_they_reach() {
    let x = arange::<i32>(7).rechunk(3).unwrap();
    for step in [7, 1 << 40, isize::MAX - 1, isize::MAX] {
        assert_array_eq(&x.slice(s![2..;step]).unwrap(), &ndarray::arr1(&[2]).into_dyn());
        assert_array_eq(&x.slice(s![..6;-step]).unwrap(), &ndarray::arr1(&[5]).into_dyn());
    }
    assert_array_eq(&x.slice(s![..;isize::MIN]).unwrap(), &ndarray::arr1(&[6]).into_dyn());
    assert_array_eq(&x.slice(s![3..3;isize::MAX]).unwrap(), &ArrayD::zeros(IxDyn(&[0])));
    // One after the other: products of steps that are never taken.
    let twice = x.slice(s![..;isize::MAX]).unwrap().slice(s![..;isize::MIN]).unwrap();
    assert_array_eq(&twice, &ndarray::arr1(&[0]).into_dyn());
    let pair = x.slice(s![..;-3]).unwrap().slice(s![1..;isize::MAX]).unwrap();
    assert_array_eq(&pair, &ndarray::arr1(&[3]).into_dyn());
}

#[test]
fn axes_beyond_every_array_are_refused() {
    let x = arange::<i32>(6).reshape([2, 3]).unwrap();
    for far in [2, usize::MAX, usize::MAX - 1, isize::MAX as usize, isize::MAX as usize + 1] {
        assert!(matches!(x.swap_axes(0, far), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(x.permute_axes([0, far]), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(x.sum_axis(far), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(x.take([0], far), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(x.index_axis(far, 0), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(x.insert_axis(far.saturating_add(1)), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(matches!(concatenate(&[x.clone(), x.clone()], far), Err(Error::AxisOutOfRange { .. })), "{far}");
        assert!(
            matches!(stack(&[x.clone(), x.clone()], far.saturating_add(1)), Err(Error::AxisOutOfRange { .. })),
            "{far}"
        );
    }
    for far in [-3, i64::MIN, i64::MIN + 1, i64::MAX] {
        assert!(matches!(x.sum_axis(far), Err(Error::AxisOutOfRange { .. })), "{far}");
    }
    for far in [isize::MIN, isize::MIN + 1, isize::MAX] {
        assert!(matches!(x.index_axis(0, far), Err(Error::IndexOutOfRange { .. })), "{far}");
        assert!(matches!(x.take([far], 1), Err(Error::IndexOutOfRange { .. })), "{far}");
        assert!(matches!(x.slice(s![far, ..]), Err(Error::IndexOutOfRange { .. })), "{far}");
        assert!(matches!(x.slice(s![far.., ..]), Err(Error::IndexOutOfRange { .. })), "{far}");
        assert!(x.reshape([far, -1]).is_err(), "{far}");
    }
}

#[test]
fn slice_errors_name_axis_and_length() {
    let x = gridloom::zeros::<u8>((4, 6));
    assert!(matches!(x.slice(s![1]), Err(Error::SliceRank { given: 1, .. })));
    assert!(matches!(x.slice(s![4, ..]), Err(Error::IndexOutOfRange { index: 4, axis: 0, len: 4, .. })));
    assert!(matches!(x.slice(s![.., -7]), Err(Error::IndexOutOfRange { index: -7, axis: 1, .. })));
    assert!(matches!(x.slice(s![.., ..7]), Err(Error::IndexOutOfRange { index: 7, .. })));
    assert!(matches!(x.index_axis(2, 0), Err(Error::AxisOutOfRange { .. })));
    assert!(matches!(x.index_axis(1, 6), Err(Error::IndexOutOfRange { .. })));
    assert!(matches!(x.take([0, 4], 0), Err(Error::IndexOutOfRange { index: 4, .. })));
    assert!(matches!(x.take([-5], 0), Err(Error::IndexOutOfRange { index: -5, .. })));
    let step = ndarray::SliceInfoElem::Slice { start: 0, end: None, step: 0 };
    let rest = ndarray::SliceInfoElem::Slice { start: 0, end: None, step: 1 };
    assert!(matches!(x.slice(&[step, rest][..]), Err(Error::SliceStep { axis: 0 })));
}

#[test]
fn index_axis_and_take_match_ndarray_on_any_axis() {
    fn all<T: Sample>() {
        let shape = [7, 5, 9];
        let values = data::<T>(&shape, 2);
        for chunks in chunkings(&shape) {
            let x = chunked(&values, &chunks);
            for (axis, &len) in shape.iter().enumerate() {
                for index in [0, len as isize - 1, -2] {
                    let place = index.rem_euclid(len as isize) as usize;
                    let want = values.index_axis(Axis(axis), place).to_owned();
                    assert_array_eq(&x.index_axis(axis, index).unwrap(), &want);
                }
                let lists: [&[isize]; 5] =
                    [&[4, 0, 0, -1, 2, 4, 3, -3, 1, 1, 0, 4, -5], &[2], &[], &[-1, -1], &[0, 1, 2, 3]];
                for list in lists {
                    let places: Vec<usize> = list.iter().map(|i| i.rem_euclid(len as isize) as usize).collect();
                    let taken = x.take(list, axis as i64 - 3).unwrap();
                    assert_array_eq(&taken, &values.select(Axis(axis), &places));
                }
            }
        }
    }
    device();
    each_type!([u8 f32 f64], T => all::<T>());
}

#[test]
fn take_reads_generators_expressions_and_views() {
    let x = arange::<i32>(100).rechunk(7).unwrap();
    let places: [isize; 6] = [99, 0, -100, 50, 50, 13];
    let want = ndarray::arr1(&[99, 0, 0, 50, 50, 13]).into_dyn();
    assert_array_eq(&x.take(places, 0).unwrap(), &want);
    assert_array_eq(&(&x * 2 + 1).take(places, 0).unwrap(), &(&want * 2 + 1));
    assert_array_eq(&x.slice(s![..;-1]).unwrap().take(places, 0).unwrap(), &(99 - &want));
    assert_array_eq(&x.take(places, 0).unwrap().take([5, 0], 0).unwrap(), &ndarray::arr1(&[13, 99]).into_dyn());
    assert_eq!(x.take(places, 0).unwrap().sum().item().unwrap(), 212);
    assert_eq!(cut(&x.take([0; 20], 0).unwrap()), "(7×2+6,)");
}

#[test]
fn transposes_and_permutations_match_ndarray() {
    fn all<T: Sample>() {
        let shape = [4, 6, 5];
        let values = data::<T>(&shape, 3);
        for chunks in chunkings(&shape) {
            let x = chunked(&values, &chunks);
            assert_array_eq(&x.t(), &values.t().to_owned());
            for axes in [[0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0], [0, 1, 2]] {
                let want = values.clone().permuted_axes(IxDyn(&axes)).as_standard_layout().to_owned();
                assert_array_eq(&x.permute_axes(axes).unwrap(), &want);
            }
            let mut swapped = values.clone();
            swapped.swap_axes(0, 2);
            assert_array_eq(&x.swap_axes(0, 2).unwrap(), &swapped.as_standard_layout().to_owned());
        }
    }
    each_type!([bool i32 f64], T => all::<T>());
    let x = gridloom::zeros::<f32>((10, 6)).rechunk((4, 5)).unwrap();
    assert_eq!(cut(&x.t()), "(5×1+1, 4×2+2)");
    assert!(matches!(x.permute_axes([0]), Err(Error::Rank { .. })));
    assert!(matches!(x.permute_axes([1, 1]), Err(Error::AxisRepeated { .. })));
    assert!(matches!(x.swap_axes(0, 2), Err(Error::AxisOutOfRange { .. })));
}

/// Rows that are long enough for blocks of strips, whose columns are turned: of every width, with edges that are no whole block, read
/// forwards and backwards, with a step, and in three axes.
#[test]
fn columns_beside_long_rows_match_ndarray() {
    fn check<T: Element + Sample>(at: usize) {
        let shapes = [[64usize, 256], [65, 257], [130, 600], [63, 1031]];
        let [rows, columns] = shapes[at % shapes.len()];
        let (a, b) = (data::<T>(&[rows, columns], 1), data::<T>(&[2 * columns, rows], 2));
        let (x, y) = (chunked(&a, &(4096, 4096).into()), chunked(&b, &(4096, 4096).into()));
        for (lazy, plain) in [
            (y.slice(s![..columns as isize, ..]), b.slice(s![..columns, ..])),
            (y.slice(s![..;-2, ..]), b.slice(s![..;-2, ..])),
            (y.slice(s![..;2, ..;-1]), b.slice(s![..;2, ..;-1])),
        ] {
            let (lazy, plain) = (lazy.unwrap().t(), plain.reversed_axes().into_dyn());
            assert_array_eq(&where_(&lazy.eq(&x), &x, &lazy).unwrap(), &plain.to_owned());
            let both = where_(&x.eq(&lazy), &lazy, &x).unwrap();
            let same = a.iter().zip(plain.iter()).map(|(x, y)| if x == y { *y } else { *x }).collect();
            assert_array_eq(&both, &ArrayD::from_shape_vec(IxDyn(&[rows, columns]), same).unwrap());
            let equal = a.iter().zip(plain.iter()).filter(|(x, y)| x == y).count();
            assert_eq!(x.eq(&lazy).sum().item().unwrap(), equal as i64);
        }
        let deep = y.reshape([2, columns, rows]).unwrap().permute_axes([0, 2, 1]).unwrap();
        let plain = b.to_shape((2, columns, rows)).unwrap().permuted_axes([0, 2, 1]).into_dyn().to_owned();
        let doubled = where_(&deep.eq(&deep), &deep, x.insert_axis(0).unwrap()).unwrap();
        assert_array_eq(&doubled, &plain);
    }
    let mut at = 0;
    each_type!([bool u8 u16 u64 i8 i32 f32 f64], T => { check::<T>(at); at += 1; });
}

#[test]
fn axes_of_length_one_come_and_go() {
    let values = data::<f32>(&[3, 8], 4);
    let x = chunked(&values, &(2, 3).into());
    for at in 0..=2 {
        let wide = x.insert_axis(at).unwrap();
        assert_array_eq(&wide, &values.clone().insert_axis(Axis(at)));
        assert_array_eq(&wide.remove_axis(at).unwrap(), &values);
    }
    assert_eq!(cut(&x.insert_axis(1).unwrap()), "(2×1+1, 1, 3×2+2)");
    assert!(matches!(x.insert_axis(3), Err(Error::AxisOutOfRange { .. })));
    assert!(matches!(x.remove_axis(0), Err(Error::Parameter { .. })));
    assert_array_eq(&Array::from(7i8).insert_axis(0).unwrap(), &ndarray::arr1(&[7]).into_dyn());
}

#[test]
fn broadcast_to_matches_ndarray() {
    for (from, to) in [
        (vec![], vec![3, 4]),
        (vec![5], vec![2, 5]),
        (vec![1], vec![7]),
        (vec![3, 1], vec![3, 6]),
        (vec![1, 4], vec![2, 3, 4]),
        (vec![2, 1, 3], vec![4, 2, 5, 3]),
        (vec![1, 0], vec![3, 0]),
        (vec![1], vec![0]),
        (vec![2, 3], vec![2, 3]),
    ] {
        let values = data::<i32>(&from, 5);
        for chunks in chunkings(&from) {
            let wide = chunked(&values, &chunks).broadcast_to(to.as_slice()).unwrap();
            assert_array_eq(&wide, &values.broadcast(IxDyn(&to)).unwrap().to_owned());
        }
    }
    let x = gridloom::zeros::<i32>((3, 4));
    for wrong in [vec![4], vec![3, 5], vec![6, 4], vec![3, 4, 1]] {
        assert!(matches!(x.broadcast_to(wrong.as_slice()), Err(Error::BroadcastTo { .. })), "{wrong:?}");
    }
}

#[test]
fn concatenate_and_stack_match_ndarray_for_any_chunks() {
    fn all<T: Sample>() {
        let parts = [data::<T>(&[4, 6], 6), data(&[1, 6], 7), data(&[0, 6], 8), data(&[9, 6], 9)];
        let sides: Vec<ArrayD<T>> = parts.iter().map(|p| p.t().as_standard_layout().to_owned()).collect();
        for pick in 0..5 {
            // Another chunking for each, so that the other axes have to be cut alike.
            let cut_up = |parts: &[ArrayD<T>]| -> Vec<Array<T>> {
                let some = |(i, p): (usize, &ArrayD<T>)| chunked(p, &chunkings(p.shape())[(pick + i) % 5]);
                parts.iter().enumerate().map(some).collect()
            };
            for (axis, parts) in [(0, parts.as_slice()), (1, sides.as_slice())] {
                let views: Vec<_> = parts.iter().map(|p| p.view()).collect();
                let want = ndarray::concatenate(Axis(axis), &views).unwrap();
                let want = want.as_standard_layout().to_owned();
                assert_array_eq(&concatenate(&cut_up(parts), axis).unwrap(), &want);
                let joined = concatenate(&cut_up(parts), axis as i64 - 2).unwrap();
                assert_array_eq(
                    &joined.slice(s![..;-2, 1..]).unwrap(),
                    &want.slice(s![..;-2, 1..]).to_owned().into_dyn(),
                );
            }
            let same = [parts[3].clone(), data(&[9, 6], 10), data(&[9, 6], 11)];
            for axis in 0..3 {
                let views: Vec<_> = same.iter().map(|p| p.view()).collect();
                let want = ndarray::stack(Axis(axis), &views).unwrap().as_standard_layout().to_owned();
                assert_array_eq(&stack(&cut_up(&same), axis).unwrap(), &want);
            }
        }
    }
    each_type!([bool i64 f32], T => all::<T>());
}

#[test]
fn joins_keep_chunks_and_refuse_what_differs() {
    let (a, b) = (gridloom::zeros::<f32>((10, 4)).rechunk((4, 2)).unwrap(), gridloom::zeros::<f32>((6, 4)));
    assert_eq!(cut(&concatenate(&[a.clone(), b.clone()], 0).unwrap()), "([4, 4, 2, 6], 2×2)");
    assert_eq!(cut(&stack(&[a.clone(), a.clone()], 1).unwrap()), "(4×2+2, 1×2, 2×2)");
    let empty = gridloom::zeros::<f32>((0, 4));
    assert_eq!(concatenate(&[empty.clone(), empty.clone()], 0).unwrap().shape(), Some(vec![0, 4]));
    assert_array_eq(&concatenate(&[empty.clone(), b.clone()], 0).unwrap(), &ArrayD::zeros(IxDyn(&[6, 4])));
    assert!(matches!(concatenate(&[] as &[Array<f32>], 0), Err(Error::JoinNothing { .. })));
    assert!(matches!(stack(&[] as &[Array<f32>], 0), Err(Error::JoinNothing { .. })));
    assert!(matches!(concatenate(&[a.clone(), b.clone()], 1), Err(Error::JoinShape { index: 1, axis: 0, .. })));
    assert!(matches!(concatenate(&[a.clone(), b.ravel().unwrap()], 0), Err(Error::JoinShape { .. })));
    assert!(matches!(concatenate(std::slice::from_ref(&a), 2), Err(Error::AxisOutOfRange { .. })));
    assert!(matches!(stack(&[a.clone(), b], 0), Err(Error::JoinShape { .. })));
    assert!(matches!(stack(&[a], 3), Err(Error::AxisOutOfRange { .. })));
}

#[test]
fn rechunk_changes_nothing_but_the_chunks() {
    fn all<T: Sample>() {
        let shape = [11, 17];
        let values = data::<T>(&shape, 12);
        let all = chunkings(&shape);
        for (i, from) in all.iter().enumerate() {
            for to in &all[i % 2..] {
                assert_array_eq(&chunked(&values, from).rechunk(to.clone()).unwrap(), &values);
            }
        }
    }
    each_type!([u8 f32 f64], T => all::<T>());
    let x = gridloom::zeros::<f32>((10, 10));
    assert_eq!(cut(&x), "(10, 10)");
    assert_eq!(cut(&x.rechunk(3).unwrap()), "(3×3+1, 3×3+1)");
    assert_eq!(cut(&x.rechunk((5, 100)).unwrap()), "(5×2, 10)");
    let irregular = x.rechunk(vec![vec![1, 2, 7], vec![10]]).unwrap();
    assert_eq!(cut(&irregular), "([1, 2, 7], 10)");
    assert_eq!(cut(&irregular.rechunk(4).unwrap()), "(4×2+2, 4×2+2)");
    assert_eq!(cut(&x.rechunk(vec![vec![4, 4, 2], vec![5, 5]]).unwrap()), "(4×2+2, 5×2)");
    assert!(matches!(x.rechunk(vec![vec![4, 4], vec![10]]), Err(Error::ChunkSum { axis: 0, sum: 8, len: 10 })));
    assert!(matches!(x.rechunk(0), Err(Error::ChunkZero { .. })));
    let like = |len, size| vec![AxisSpec::Like(AxisChunks::Regular { len, size })];
    assert!(matches!(arange::<u8>(4).rechunk(like(4, 0)), Err(Error::ChunkZero { .. })));
    assert_eq!(arange::<u8>(0).rechunk(like(0, 0)).unwrap().compute().unwrap().len(), 0);
    let wrapping = vec![AxisSpec::Sizes(vec![u64::MAX, 5])];
    assert!(matches!(arange::<u8>(4).rechunk(wrapping), Err(Error::ChunkSum { .. })));
    assert!(matches!(x.rechunk([1, 2, 3]), Err(Error::ChunkCount { .. })));
    assert!(matches!(x.rechunk("each"), Err(Error::ChunkWord { .. })));
}

#[test]
fn reshape_keeps_c_order_for_any_shapes_and_chunks() {
    let shapes: [&[usize]; 10] = [
        &[360],
        &[1, 360, 1],
        &[18, 20],
        &[20, 18],
        &[5, 8, 9],
        &[9, 8, 5],
        &[3, 4, 5, 6],
        &[2, 180],
        &[7, 0],
        &[0, 3, 2],
    ];
    fn all<T: Sample>(shapes: &[&[usize]]) {
        for &from in shapes {
            let values = data::<T>(from, 13);
            for chunks in chunkings(from) {
                let x = chunked(&values, &chunks);
                for &to in shapes.iter().filter(|to| to.iter().product::<usize>() == values.len()) {
                    let signed: Vec<isize> = to.iter().map(|&d| d as isize).collect();
                    assert_array_eq(&x.reshape(&signed).unwrap(), &reshaped(&values, to));
                }
                assert_array_eq(&x.ravel().unwrap(), &reshaped(&values, &[values.len()]));
            }
        }
    }
    device();
    all::<i32>(&shapes);
    all::<f64>(&shapes[2..5]);
}

#[test]
fn reshape_splits_rows_of_square_chunks() {
    let values = data::<f32>(&[50, 50], 14);
    for chunks in chunkings(&[50, 50]) {
        let x = chunked(&values, &chunks);
        assert_array_eq(&x.reshape([10, 50, 5]).unwrap(), &reshaped(&values, &[10, 50, 5]));
        assert_array_eq(&x.reshape([10, 50, 5]).unwrap().reshape([-1, 50]).unwrap(), &values);
        let turned = reshaped(&values.t().to_owned(), &[10, 50, 5]);
        assert_array_eq(&x.t().reshape([10, -1, 5]).unwrap(), &turned);
        let doubled = (&x * 2.0).reshape([10, 50, 5]).unwrap() + 1.0;
        assert_array_eq(&doubled, &(reshaped(&values, &[10, 50, 5]) * 2.0 + 1.0));
    }
    let x = chunked(&values, &(10, 10).into());
    assert_eq!(cut(&x.reshape([10, 50, 5]).unwrap()), "(1×10, 20×2+10, 5)");
    assert_eq!(cut(&x.ravel().unwrap()), "(100×25,)");
    assert!(matches!(x.reshape([7, -1]), Err(Error::ReshapeInfer { .. })));
    assert!(matches!(x.reshape([-1, -1]), Err(Error::ReshapeInfer { .. })));
    assert!(matches!(x.reshape([-2, 1250]), Err(Error::ReshapeInfer { .. })));
    assert!(matches!(x.reshape([50, 51]), Err(Error::ReshapeSize { to_elements: 2550, .. })));
    let none = gridloom::zeros::<f32>((0, 4));
    assert_eq!(none.reshape([3, 0]).unwrap().compute().unwrap().shape(), [3, 0]);
    assert!(matches!(none.reshape([0, -1]), Err(Error::ReshapeInfer { .. })));
}

#[test]
fn arrays_of_no_axes_or_no_elements_keep_their_layout() {
    let x = Array::from(2.5f32);
    assert_array_eq(&x.t(), &ndarray::arr0(2.5).into_dyn());
    assert_array_eq(&x.reshape([1, 1]).unwrap(), &ndarray::arr2(&[[2.5]]).into_dyn());
    assert_array_eq(&x.reshape([1, 1]).unwrap().reshape(()).unwrap(), &ndarray::arr0(2.5).into_dyn());
    assert_array_eq(&x.slice(s![NewAxis, NewAxis]).unwrap(), &ndarray::arr2(&[[2.5]]).into_dyn());
    assert_array_eq(&x.ravel().unwrap(), &ndarray::arr1(&[2.5]).into_dyn());
    for shape in [vec![0], vec![0, 4], vec![3, 0, 2]] {
        let values: ArrayD<i16> = ArrayD::zeros(IxDyn(&shape));
        for chunks in chunkings(&shape) {
            let y = chunked(&values, &chunks);
            assert_array_eq(&y, &values);
            assert_array_eq(&y.t(), &values.t().to_owned());
            assert_array_eq(&(&y + 1), &values);
            assert_array_eq(&y.insert_axis(1).unwrap(), &values.clone().insert_axis(Axis(1)));
            assert_array_eq(
                &concatenate(&[y.clone(), y.clone()], 0).unwrap(),
                &ndarray::concatenate(Axis(0), &[values.view(), values.view()]).unwrap(),
            );
            assert_array_eq(&y.rechunk(2).unwrap(), &values);
        }
    }
}

#[test]
fn layouts_compose() {
    fn all<T: Sample>() {
        let shape = [9, 8, 10];
        let values = data::<T>(&shape, 15);
        for chunks in chunkings(&shape) {
            let x = chunked(&values, &chunks);
            let got = x.slice(s![..;-2, 1..7, 3]).unwrap().t().slice(s![..;2, 1..]).unwrap();
            let want = values.slice(s![..;-2, 1..7, 3]).reversed_axes().slice_move(s![..;2, 1..]).to_owned();
            assert_array_eq(&got, &want.as_standard_layout().to_owned().into_dyn());
            // A view of a reshape of a view, taken and joined with itself turned round.
            let flat = x.permute_axes([2, 0, 1]).unwrap().reshape([30, 24]).unwrap();
            let plain = reshaped(&values.clone().permuted_axes(IxDyn(&[2, 0, 1])), &[30, 24]);
            let taken = flat.slice(s![..;-3, 2..;5]).unwrap().take([3, 3, -1], 1).unwrap();
            let want = plain.slice(s![..;-3, 2..;5]).select(Axis(1), &[3, 3, 4]).into_dyn();
            assert_array_eq(&taken, &want);
            let joined = concatenate(&[taken.t(), taken.t().slice(s![..;-1, ..]).unwrap()], 1).unwrap();
            let views = [want.t(), want.t().slice_move(s![..;-1, ..]).into_dyn()];
            let want = ndarray::concatenate(Axis(1), &views).unwrap();
            assert_array_eq(&joined.rechunk(3).unwrap(), &want.as_standard_layout().to_owned());
        }
    }
    each_type!([i32 f32 bool], T => all::<T>());
}

#[test]
fn chunks_of_views_follow_the_chunks_below() {
    let x = gridloom::zeros::<f32>((10, 20)).rechunk((4, 6)).unwrap();
    assert_eq!(cut(&x), "(4×2+2, 6×3+2)");
    assert_eq!(cut(&x.slice(s![3.., ..]).unwrap()), "([1, 4, 2], 6×3+2)");
    assert_eq!(cut(&x.slice(s![..;-1, ..;2]).unwrap()), "([2, 4, 4], 3×3+1)");
    assert_eq!(cut(&x.slice(s![5, NewAxis, 4..8]).unwrap()), "(1, 2×2)");
    assert_eq!(cut(&x.slice(s![2..2, ..]).unwrap()), "(0, 6×3+2)");
    assert_eq!(cut(&x.index_axis(1, 0).unwrap()), "(4×2+2,)");
    assert_eq!(cut(&x.broadcast_to((3, 10, 20)).unwrap()), "(3, 4×2+2, 6×3+2)");
}

#[test]
fn axes_and_places_are_numbers_of_any_kind() {
    let x = arange::<i32>(6).reshape([2, 3]).unwrap();
    let want = x.take([2isize, 0, -1], 1).unwrap().compute().unwrap();
    let places: Vec<usize> = vec![2, 0, 2];
    for got in [
        x.take(&places, -1),
        x.take(places.as_slice(), 1isize),
        x.take([2u8, 0, 2], [1usize]),
        x.take([2, 0, -1], Axis(1)),
    ] {
        assert_array_eq(&got.unwrap(), &want);
    }
    assert!(matches!(x.take([u64::MAX], 0), Err(Error::IndexOutOfRange { index: i64::MAX, .. })));
    let empty: [u8; 0] = [];
    assert_eq!(x.take(empty, 0).unwrap().shape(), Some(vec![0, 3]));
    // A new axis counts from the end of the result.
    for (at, shape) in [(0, [1, 2, 3]), (2, [2, 3, 1]), (-1, [2, 3, 1]), (-3, [1, 2, 3])] {
        assert_eq!(x.insert_axis(at).unwrap().shape().unwrap(), shape, "{at}");
    }
    for at in [3, -4, i32::MIN] {
        assert!(matches!(x.insert_axis(at), Err(Error::AxisOutOfRange { op: "insert_axis", .. })), "{at}");
    }
    assert_eq!(stack(&[x.clone(), x.clone()], -1).unwrap().shape(), Some(vec![2, 3, 2]));
    assert!(matches!(stack(&[x.clone(), x.clone()], 3), Err(Error::AxisOutOfRange { op: "stack", .. })));
    assert!(matches!(stack(&[x.clone(), x], [0, 1]), Err(Error::Parameter { op: "stack", .. })));
}

#[test]
fn results_come_as_they_are_asked_for() {
    let x = arange::<i32>(6).reshape([2, 3]).unwrap().rechunk(2).unwrap();
    assert_eq!(x.t().to_vec().unwrap(), [0, 3, 1, 4, 2, 5]);
    assert_eq!(x.filter(&x.gt(3)).unwrap().to_vec().unwrap(), [4, 5]);
    assert_eq!(x.compute_nd::<ndarray::Ix2>().unwrap()[[1, 2]], 5);
    assert_eq!(x.compute_nd::<IxDyn>().unwrap().ndim(), 2);
    assert!(matches!(x.compute_nd::<ndarray::Ix1>(), Err(Error::Rank { op: "compute_nd", .. })));
}
