//! Flips, rolls, repeats, tiles, parts, joins by name, grids and triangles, against the place that each element comes from.

use gridloom::functions::{self, Indexing};
use gridloom::{Array, DType, DynArray, Error, arange};
use insta::assert_snapshot;
use ndarray::{ArrayD, Axis, Dimension, IxDyn};

use crate::common::{Sample, assert_array_eq, chunked, chunkings, data, device, each_type};

/// An array of `f` at every place.
fn by_place<T>(shape: &[usize], f: impl Fn(&[usize]) -> T) -> ArrayD<T> {
    ArrayD::from_shape_fn(IxDyn(shape), |at| f(at.slice()))
}

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

/// Odd shapes, empty ones and a 0-d one, each cut in several ways.
fn cases<T: Sample>(check: impl Fn(&Array<T>, &ArrayD<T>)) {
    for shape in [&[13, 10][..], &[7], &[3, 1, 5], &[1], &[0], &[4, 0], &[]] {
        let values = data::<T>(shape, 3);
        for chunks in chunkings(shape) {
            check(&chunked(&values, &chunks), &values);
        }
    }
}

#[test]
fn flips_read_from_the_end() {
    each_type!([bool i16 f64], T => cases::<T>(|x, values| {
        let shape = values.shape();
        let from_end = |at: &[usize], k: usize| shape[k] - 1 - at[k];
        let want = by_place(shape, |at| values[&(0..at.len()).map(|k| from_end(at, k)).collect::<Vec<_>>()[..]]);
        assert_array_eq(&x.flip().unwrap(), &want);
        assert_eq!(x.flip().unwrap().flip().unwrap().node().dims(), x.node().dims());
        for axis in 0..shape.len() {
            let mut want = values.clone();
            want.invert_axis(Axis(axis));
            let want = by_place(shape, |at| want[at]);
            assert_array_eq(&x.flip_axis(axis).unwrap(), &want);
            assert_array_eq(&x.flip_axis(axis as i64 - shape.len() as i64).unwrap(), &want);
        }
    }));
    let x = gridloom::zeros::<u8>((2, 3));
    assert_snapshot!(refused(x.flip_axis(2)), @"flip: axis 2 is out of range for an array of shape (2, 3); it has axes -2 to 1");
    assert_snapshot!(refused(x.flip_axis([0, -2])), @"flip: axis -2 is named twice in [0, -2]");
}

#[test]
fn rolls_move_places_along() {
    each_type!([u8 f32], T => cases::<T>(|x, values| {
        let shape = values.shape();
        let rolled = |axis: usize, shift: i64, of: &ArrayD<T>| by_place(shape, |at| {
            let mut from = at.to_vec();
            from[axis] = (at[axis] as i64 - shift).rem_euclid(shape[axis] as i64) as usize;
            of[&from[..]]
        });
        for shift in [0i64, 1, -1, 3, 100, -101] {
            let flat: Vec<T> = values.iter().copied().collect();
            let mut turned = flat.clone();
            if !flat.is_empty() {
                turned.rotate_right(shift.rem_euclid(flat.len() as i64) as usize);
            }
            assert_array_eq(&x.roll(shift).unwrap(), &ArrayD::from_shape_vec(shape, turned).unwrap());
            for axis in 0..shape.len() {
                let want = rolled(axis, shift, values);
                assert_array_eq(&x.roll_axis(shift, axis).unwrap(), &want);
                // Along an axis again, and along the first by another number.
                assert_array_eq(&x.roll_axis([shift, 2], axis).unwrap(), &rolled(axis, 2, &want));
                assert_array_eq(&x.roll_axis([shift, -3], [axis, 0]).unwrap(), &rolled(0, -3, &want));
            }
        }
    }));
    let x = gridloom::zeros::<u8>((2, 3));
    let far = arange::<i64>(1 << 40).roll_axis(i64::MIN, 0).unwrap();
    assert_eq!(far.index_axis(0, 5).unwrap().item().unwrap(), 5, "2^63 is a multiple");
    assert_snapshot!(refused(x.roll_axis([1, 2, 3], [0, 1])), @"roll: the shift is [1, 2, 3] along axes [0, 1]; it must be one, or one an axis");
    assert_snapshot!(refused(x.roll_axis(1, -3)), @"roll: axis -3 is out of range for an array of shape (2, 3); it has axes -2 to 1");
}

#[test]
fn axes_move_and_turn() {
    let values = data::<i32>(&[3, 4, 5, 2], 1);
    for chunks in chunkings(&[3, 4, 5, 2]) {
        let x = chunked(&values, &chunks);
        let moved = |order: [usize; 4]| values.clone().permuted_axes(IxDyn(&order));
        let eq = |got: Array<i32>, want: ArrayD<i32>| assert_array_eq(&got, &by_place(want.shape(), |at| want[at]));
        eq(x.move_axis(0, -1).unwrap(), moved([1, 2, 3, 0]));
        eq(x.move_axis(3, 1).unwrap(), moved([0, 3, 1, 2]));
        eq(x.move_axis([0, 1], [-1, -2]).unwrap(), moved([2, 3, 1, 0]));
        eq(x.move_axis([2, 0], [0, 2]).unwrap(), moved([2, 1, 0, 3]));
        eq(x.move_axis(Vec::<i64>::new(), Vec::<i64>::new()).unwrap(), moved([0, 1, 2, 3]));
        eq(x.matrix_transpose().unwrap(), moved([0, 1, 3, 2]));
        // A quarter turn takes the place (i, j) to (n - 1 - j, i), of n columns.
        let turn = |of: &ArrayD<i32>, a: usize, b: usize| {
            let mut shape = of.shape().to_vec();
            shape.swap(a, b);
            by_place(&shape, |at| {
                let mut from = at.to_vec();
                (from[a], from[b]) = (at[b], of.shape()[b] - 1 - at[a]);
                of[&from[..]]
            })
        };
        for (a, b) in [(0, 1), (1, 0), (3, 1)] {
            let mut want = values.clone();
            for k in 0..5 {
                assert_array_eq(&x.rot90(k, [a, b]).unwrap(), &want);
                assert_array_eq(&x.rot90(k - 8, [a as i64 - 4, b as i64]).unwrap(), &want);
                want = turn(&want, a, b);
            }
        }
    }
    let x = gridloom::zeros::<u8>((2, 3));
    assert_snapshot!(refused(x.move_axis([0, 1], 0)), @"move_axis: the list of new places is [0] for [0, 1]; it must be as long as that of axes");
    assert_snapshot!(refused(x.move_axis([0, 1], [1, -1])), @"move_axis: axis -1 is named twice in [1, -1]");
    assert_snapshot!(refused(x.rot90(1, 0)), @"rot90: the plane is [0]; it must be two axes");
    assert_snapshot!(refused(x.rot90(1, [0, -2])), @"rot90: axis -2 is named twice in [0, -2]");
    assert_snapshot!(refused(x.sum_axis(0).unwrap().matrix_transpose()), @"matrix_transpose: needs 2 axes or more, got an array of shape (3,)");
}

#[test]
fn axes_of_length_one_come_and_go() {
    let x = arange::<i32>(6).reshape((2, 1, 3)).unwrap();
    let shape = |x: Result<Array<i32>, Error>| x.unwrap().shape().unwrap();
    assert_eq!(shape(x.insert_axis([0, 2, -1])), [1, 2, 1, 1, 3, 1]);
    assert_eq!(shape(x.insert_axis([-1, 0])), [1, 2, 1, 3, 1]);
    assert_eq!(shape(x.insert_axis(Vec::<i64>::new())), [2, 1, 3]);
    assert_eq!(shape(x.insert_axis([0, -1]).unwrap().remove_axis([-1, 0])), [2, 1, 3]);
    assert_eq!(shape(Ok(x.squeeze())), [2, 3]);
    assert_eq!(x.insert_axis([0, -1]).unwrap().squeeze().to_vec().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_eq!(x.sum().insert_axis([0, 1]).unwrap().squeeze().item().unwrap(), 15);
    let kept = x.ravel().unwrap().filter(&x.ravel().unwrap().gt(2)).unwrap();
    assert_eq!(kept.squeeze().to_vec().unwrap(), [3, 4, 5]);
    assert_snapshot!(refused(x.insert_axis([0, 5])), @"insert_axis: a new axis is 5, of a result of 5 axes; it must be one that the result has");
    assert_snapshot!(refused(x.insert_axis([0, -5])), @"insert_axis: axis -5 is named twice in [0, -5]");
    assert_snapshot!(refused(x.insert_axis(4)), @"insert_axis: axis 4 is out of range for an array of shape (2, 1, 3); a new axis goes to -4 to 3");
    assert_snapshot!(refused(x.remove_axis([1, 2])), @"remove_axis: the axis' length is 3; it must be 1");
    assert_snapshot!(refused(kept.remove_axis(0)), @"remove_axis: the axis' length is unknown; it must be 1");
}

#[test]
fn repeats_and_tiles_copy_places() {
    each_type!([bool i64 f32], T => cases::<T>(|x, values| {
        let shape = values.shape();
        for count in [0, 1, 2, 5] {
            let want: Vec<T> = values.iter().flat_map(|&v| std::iter::repeat_n(v, count)).collect();
            assert_array_eq(&x.repeat(count).unwrap(), &ArrayD::from_shape_vec(IxDyn(&[want.len()]), want).unwrap());
            for axis in 0..shape.len() {
                let mut long = shape.to_vec();
                long[axis] *= count;
                let from = |at: &[usize], place: usize| {
                    let mut from = at.to_vec();
                    from[axis] = place;
                    values[&from[..]]
                };
                let want = by_place(&long, |at| from(at, at[axis] / count));
                assert_array_eq(&x.repeat_axis(count, axis).unwrap(), &want);
                let want = by_place(&long, |at| from(at, at[axis] % shape[axis]));
                let mut counts = vec![1; shape.len()];
                counts[axis] = count;
                assert_array_eq(&x.tile(counts).unwrap(), &want);
            }
        }
        // New first axes, and several at once.
        let mut long: Vec<usize> = shape.iter().map(|&len| len * 2).collect();
        let counts = vec![2; shape.len() + 1];
        long.insert(0, 2);
        let want = by_place(&long, |at| values[&at[1..].iter().zip(shape).map(|(&k, &len)| k % len).collect::<Vec<_>>()[..]]);
        assert_array_eq(&x.tile(counts).unwrap(), &want);
    }));
    let x = arange::<i32>(6).reshape((2, 3)).unwrap().rechunk(2).unwrap();
    assert_eq!(x.repeat_axis((2, 0, 1), -1).unwrap().to_vec().unwrap(), [0, 0, 2, 3, 3, 5]);
    assert_eq!(x.repeat((0, 1, 0, 2, 0, 0)).unwrap().to_vec().unwrap(), [1, 3, 3]);
    assert_eq!(x.tile(()).unwrap().to_vec().unwrap(), [0, 1, 2, 3, 4, 5]);
    assert_snapshot!(refused(x.repeat_axis((1, 2), 1)), @"repeat: the number of counts is 2 for an axis of length 3; it must be 1, or one for each place");
    assert_snapshot!(refused(x.repeat_axis((1, usize::MAX - 1, 1), 1)), @"repeat: the sum of the counts is 18446744073709551616; it must be at most 2^27: repeat parts by one number each, and join them");
    assert_snapshot!(refused(x.repeat_axis(usize::MAX, 1)), @"repeat: lengths (3, 18446744073709551615) make more than 2^63 - 1 elements on one axis; slice or reduce first");
    // Nothing of the long one is made but what is read.
    let long = arange::<i64>(1 << 20).tile(1 << 20).unwrap();
    assert_eq!(long.index_axis(0, -1).unwrap().item().unwrap(), (1 << 20) - 1);
}

#[test]
fn parts_joined_are_the_array() {
    each_type!([u16 f64], T => cases::<T>(|x, values| {
        let shape = values.shape();
        for (axis, &len) in shape.iter().enumerate() {
            let part = |from: usize, to: usize| {
                let mut lens = shape.to_vec();
                lens[axis] = to.saturating_sub(from);
                by_place(&lens, |at| {
                    let mut place = at.to_vec();
                    place[axis] += from;
                    values[&place[..]]
                })
            };
            for parts in [1, 2, 3, 20] {
                let got = x.array_split(parts, axis).unwrap();
                assert_eq!(got.len(), parts);
                let mut at = 0;
                for (k, got) in got.iter().enumerate() {
                    let size = len / parts + usize::from(k < len % parts);
                    assert_array_eq(got, &part(at, at + size));
                    at += size;
                }
                assert_eq!(x.split(parts, axis).is_ok(), len % parts == 0);
            }
            let got = x.split_at([3, 1, -2, 100], axis).unwrap();
            let places = [0, 3.min(len), 1.min(len), len.saturating_sub(2), len, len];
            for (got, ends) in got.iter().zip(places.windows(2)) {
                assert_array_eq(got, &part(ends[0], ends[1]));
            }
            assert_eq!(got.len(), 5);
            let single = x.unstack(axis as i64 - shape.len() as i64).unwrap();
            assert_eq!(single.len(), len);
            for (k, got) in single.iter().enumerate() {
                let want = part(k, k + 1).remove_axis_of(axis);
                assert_array_eq(got, &want);
            }
        }
    }));
    let x = arange::<i32>(6);
    assert_snapshot!(refused(x.split(4, 0)), @"split: the number of parts is 4, of an axis of length 6; it must be one that divides the length: array_split() makes parts that differ by 1");
    assert_snapshot!(refused(x.split(0, 0)), @"split: the number of parts is 0, of an axis of length 6; it must be one that divides the length: array_split() makes parts that differ by 1");
    assert_snapshot!(refused(x.array_split(0, 0)), @"array_split: the number of parts is 0; it must be 1 or more");
    assert_snapshot!(refused(x.filter(&x.gt(1)).unwrap().split_at([1], 0)), @"split_at: shape (?,) has an unknown length; compute() it and go on from the result, or rearrange what it was filtered from");
}

/// An axis of length 1 dropped.
trait RemoveAxis {
    fn remove_axis_of(self, axis: usize) -> Self;
}
impl<T> RemoveAxis for ArrayD<T> {
    fn remove_axis_of(self, axis: usize) -> Self {
        self.index_axis_move(Axis(axis), 0)
    }
}

#[test]
fn joins_by_name_are_numpys() {
    let line = |from: i32| arange::<i32>(3) + from;
    let shape = |x: Result<Array<i32>, Error>| x.unwrap().shape().unwrap();
    let (a, b) = (line(0), line(10));
    let both = [a.clone(), b.clone()];
    assert_eq!(gridloom::hstack(&both).unwrap().to_vec().unwrap(), [0, 1, 2, 10, 11, 12]);
    assert_eq!(gridloom::vstack(&both).unwrap().to_vec().unwrap(), [0, 1, 2, 10, 11, 12]);
    assert_eq!(gridloom::column_stack(&both).unwrap().to_vec().unwrap(), [0, 10, 1, 11, 2, 12]);
    assert_eq!(gridloom::dstack(&both).unwrap().to_vec().unwrap(), [0, 10, 1, 11, 2, 12]);
    assert_eq!((shape(gridloom::vstack(&both)), shape(gridloom::dstack(&both))), (vec![2, 3], vec![1, 3, 2]));
    let square = gridloom::vstack(&[&a, &b, &a]).unwrap();
    assert_eq!(shape(gridloom::vstack(&[square.clone(), a.clone()])), [4, 3]);
    assert_eq!(
        gridloom::column_stack(&[square.clone(), a.clone()]).unwrap().to_vec().unwrap(),
        [0, 1, 2, 0, 10, 11, 12, 1, 0, 1, 2, 2]
    );
    assert_eq!(shape(gridloom::hstack(&[square.clone(), square.clone()])), [3, 6]);
    assert_eq!(shape(gridloom::dstack(&[square.clone(), square.clone()])), [3, 3, 2]);
    let number = a.sum().cast::<i32>();
    assert_eq!(gridloom::hstack(&[number.clone(), number.clone()]).unwrap().to_vec().unwrap(), [3, 3]);
    assert_eq!(shape(gridloom::vstack(&[number.clone(), number.clone()])), [2, 1]);
    let untyped: Vec<DynArray> = vec![a.clone().into(), b.cast::<f32>().into()];
    assert_eq!(functions::hstack(&untyped).unwrap().dtype(), DType::F64);
    let kept = a.filter(&a.gt(0)).unwrap();
    assert_eq!(gridloom::hstack(&[kept.clone(), a.clone()]).unwrap().to_vec().unwrap(), [1, 2, 0, 1, 2]);
    assert_snapshot!(refused(gridloom::vstack(&[kept])), @"insert_axis: shape (?,) has an unknown length; compute() it and go on from the result, or transpose before filtering");
    assert_snapshot!(refused(gridloom::vstack::<i32>(&[] as &[Array<i32>])), @"vstack: needs at least one array, got none");
    assert_snapshot!(refused(gridloom::hstack(&[square, a])), @"concatenate: shape (3,) of array 1 differs from (3, 3) of array 0 on axis 1; only the joined axis may differ");
}

#[test]
fn grids_repeat_their_axes() {
    device();
    let (x, y, z) = (arange::<i32>(3).rechunk(2).unwrap(), arange::<i32>(2) * 10, gridloom::array([5]));
    let all = [x.clone(), y.clone(), z.clone()];
    for (indexing, shape) in [(Indexing::Ij, [3, 2, 1]), (Indexing::Xy, [2, 3, 1])] {
        let grids = gridloom::meshgrid(&all, indexing).unwrap();
        let (i, j) = if indexing == Indexing::Ij { (0, 1) } else { (1, 0) };
        assert_array_eq(&grids[0], &by_place(&shape, |at| at[i] as i32));
        assert_array_eq(&grids[1], &by_place(&shape, |at| 10 * at[j] as i32));
        assert_array_eq(&grids[2], &by_place(&shape, |_| 5));
    }
    assert_eq!(gridloom::meshgrid::<i32>(&[] as &[Array<i32>], Indexing::Xy).unwrap().len(), 0);
    assert_array_eq(&gridloom::meshgrid(&[&x], Indexing::Xy).unwrap()[0], &by_place(&[3], |at| at[0] as i32));
    let number = gridloom::meshgrid(&[&x, &z.sum().cast::<i32>()], Indexing::Ij).unwrap();
    assert_array_eq(&number[1], &by_place(&[3, 1], |_| 5));
    let mixed = functions::meshgrid(&[x.clone().into(), y.cast::<f64>().into()], Indexing::Xy).unwrap();
    assert_eq!((mixed[0].dtype(), mixed[1].dtype()), (DType::I32, DType::F64));
    assert_snapshot!(refused(gridloom::meshgrid(&[&x.insert_axis(0).unwrap()], Indexing::Xy)), @"meshgrid: needs arrays of one axis, got an array of shape (1, 3)");
    assert_snapshot!(refused(gridloom::meshgrid(&[&x.filter(&x.gt(0)).unwrap(), &y], Indexing::Xy)), @"insert_axis: shape (?,) has an unknown length; compute() it and go on from the result, or transpose before filtering");
    assert_snapshot!(refused(gridloom::broadcast_arrays(&[&x, &y])), @"broadcast_arrays: shapes (3,) and (2,) do not broadcast: axis 0 is 3 against 2; insert an axis of length 1, or slice one of them");
    assert_eq!(functions::broadcast_shapes(&[]).unwrap(), [0usize; 0]);
    assert_eq!(functions::broadcast_shapes(&[&[0], &[1]]).unwrap(), [0]);
    assert_eq!(functions::broadcast_shapes(&[&[], &[2, 1], &[5]]).unwrap(), [2, 5]);
    assert_snapshot!(refused(functions::broadcast_shapes(&[&[2, 3], &[2]])), @"broadcast_shapes: shapes (2, 3) and (2,) do not broadcast: axis 1 is 3 against 2; insert an axis of length 1, or slice one of them");
}

#[test]
fn triangles_keep_what_is_on_their_side() {
    for k in [0, 1, -1, 3, -6, 100, isize::MAX, isize::MIN] {
        let is_low = |row: usize, column: usize| column as i128 - row as i128 <= k as i128;
        for (rows, columns) in [(4, 7), (5, 2), (0, 3), (1, 1)] {
            let want = by_place(&[rows, columns], |at| u8::from(is_low(at[0], at[1])));
            assert_array_eq(&gridloom::tri::<u8>(rows, columns, k), &want);
        }
        each_type!([bool i32 f64], T => {
            for shape in [&[13, 10][..], &[2, 3, 5], &[4, 0], &[1, 2, 3, 4]] {
                let mut values = data::<T>(shape, 9);
                values.iter_mut().take(3).for_each(|v| *v = T::edges()[T::edges().len() - 1]);
                for chunks in chunkings(shape) {
                    let x = chunked(&values, &chunks);
                    let place = |at: &[usize]| (at[at.len() - 2], at[at.len() - 1]);
                    let low = |at: &[usize]| is_low(place(at).0, place(at).1);
                    // Diagonal `k` itself belongs to both.
                    let high = |at: &[usize]| place(at).1 as i128 - place(at).0 as i128 >= k as i128;
                    assert_array_eq(&x.tril(k).unwrap(), &by_place(shape, |at| if low(at) { values[at] } else { T::default() }));
                    assert_array_eq(&x.triu(k).unwrap(), &by_place(shape, |at| if high(at) { values[at] } else { T::default() }));
                    assert_eq!(x.tril(k).unwrap().chunks(), x.chunks());
                }
            }
        });
    }
    let far = 1isize << 32;
    // Rows of more than 2^31 places are told apart.
    let long = gridloom::ones::<u8>((2, 1 << 33)).tril(far).unwrap();
    assert_eq!(long.slice(ndarray::s![.., far - 1..far + 3]).unwrap().to_vec().unwrap(), [1, 1, 0, 0, 1, 1, 1, 0]);
    assert_snapshot!(refused(arange::<i32>(3).tril(0)), @"tril: needs 2 axes or more, got an array of shape (3,)");
}
