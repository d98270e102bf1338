//! What element functions do with shapes: broadcasting, operands cut differently, 0-d, empty and one-element arrays, views,
//! and more elements than one dispatch has workgroups along an axis.

use gridloom::{Array, ChunkSpec, Error};
use ndarray::{ArrayD, s};

use crate::common::{Sample, assert_array_eq, chunked, chunkings, data, each_type, small_data};

/// Adding, wrapped for integers as the crate does.
trait Plus: Sample + gridloom::dtype::Number {
    fn plus(self, y: Self) -> Self;
}
macro_rules! plus {
    (wrapping: $($t:ty)*; plain: $($f:ty)*;) => {
        $(impl Plus for $t { fn plus(self, y: Self) -> Self { self.wrapping_add(y) } })*
        $(impl Plus for $f { fn plus(self, y: Self) -> Self { self + y } })*
    };
}
plus! { wrapping: u8 u16 u32 u64 i8 i16 i32 i64; plain: f32 f64; }

/// `x + y` by NumPy's broadcasting rules.
fn sum<T: Plus>(x: &ArrayD<T>, y: &ArrayD<T>, shape: &[usize]) -> ArrayD<T> {
    let (x, y) = (x.broadcast(shape).unwrap(), y.broadcast(shape).unwrap());
    let values = x.iter().zip(y.iter()).map(|(&a, &b)| a.plus(b)).collect();
    ArrayD::from_shape_vec(shape.to_vec(), values).unwrap()
}

#[test]
fn operands_of_every_dtype_cut_differently_fit_together() {
    each_type!(numbers, T => {
        let (x, y) = (data::<T>(&[14, 9], 1), data::<T>(&[14, 9], 2));
        let want = sum(&x, &y, &[14, 9]);
        let ways = chunkings(&[14, 9]);
        for (i, way) in ways.iter().enumerate() {
            let z = chunked(&x, way) + chunked(&y, &ways[(i + 2) % ways.len()]);
            assert_array_eq(&z, &want);
        }
    });
}

#[test]
fn shapes_broadcast_as_in_numpy_for_every_chunking() {
    let shapes: [(&[usize], &[usize], &[usize]); 9] = [
        (&[5, 1, 7], &[4, 1], &[5, 4, 7]),
        (&[6, 5], &[5], &[6, 5]),
        (&[6, 1], &[6, 5], &[6, 5]),
        (&[1], &[3, 4], &[3, 4]),
        (&[], &[3, 4], &[3, 4]),
        (&[1, 1, 1], &[2], &[1, 1, 2]),
        (&[2, 3, 1, 5], &[3, 4, 1], &[2, 3, 4, 5]),
        (&[0, 4], &[4], &[0, 4]),
        (&[1], &[0], &[0]),
    ];
    for (a, b, shape) in shapes {
        let (x, y) = (data::<i32>(a, 3), data::<i32>(b, 4));
        let want = sum(&x, &y, shape);
        for one in chunkings(a) {
            for other in chunkings(b) {
                assert_array_eq(&(chunked(&x, &one) + chunked(&y, &other)), &want);
                assert_array_eq(&(chunked(&y, &other) + chunked(&x, &one)), &want);
            }
        }
    }
    let (x, y) = (gridloom::zeros::<f32>((3, 4)), gridloom::zeros::<f32>((4, 3)));
    let error = x.add(&y).unwrap_err();
    assert!(matches!(error, Error::Broadcast { axis: 0, .. }), "{error}");
}

#[test]
fn zero_dimensional_empty_and_single_elements_compute() {
    each_type!(numbers, T => {
        for shape in [&[][..], &[0], &[1], &[0, 3], &[3, 0, 2], &[1, 1, 1]] {
            let x = data::<T>(shape, 5);
            for way in chunkings(shape) {
                let lazy = chunked(&x, &way);
                assert_array_eq(&lazy, &x);
                assert_array_eq(&(&lazy + &lazy), &sum(&x, &x, shape));
            }
        }
    });
}

/// Every strided view of both operands, against ndarray's.
#[test]
fn views_and_transposes_of_operands_are_read_in_place() {
    let (x, y) = (data::<f32>(&[12, 15], 6), data::<f32>(&[15, 12], 7));
    for (i, (one, other)) in chunkings(&[12, 15]).iter().zip(chunkings(&[15, 12]).iter().rev()).enumerate() {
        let (a, b) = (chunked(&x, one), chunked(&y, other));
        let want = &x + &y.t();
        assert_array_eq(&(&a + b.t()), &want);
        let (p, q) = (s![1..;3, ..;-2], s![..;-2, 2..;3]);
        let (want_p, want_q) = (x.slice(p), y.slice(q));
        let want = &want_p + &want_q.t();
        assert_array_eq(&(a.slice(p).unwrap() + b.slice(q).unwrap().t()), &want.into_dyn());
        // A row of one against a reversed column of the other.
        let want = &x.slice(s![4, ..]) - &y.slice(s![..;-1, i]);
        assert_array_eq(&(a.slice(s![4, ..]).unwrap() - b.slice(s![..;-1, i as isize]).unwrap()), &want.into_dyn());
    }
}

#[test]
fn data_that_is_not_contiguous_is_read_as_it_lies() {
    let whole = data::<i64>(&[10, 8, 6], 8);
    let odd = whole.slice(s![..;-2, 1..7, ..;3]).to_owned().permuted_axes([2, 0, 1]).into_dyn();
    let fortran = ArrayD::from_shape_vec(ndarray::ShapeBuilder::f(vec![6, 4]), (0..24i64).collect()).unwrap();
    for values in [odd, fortran] {
        for way in chunkings(values.shape()) {
            let x = chunked(&values, &way);
            assert_array_eq(&(&x * 3i64), &values.mapv(|v| v.wrapping_mul(3)));
        }
    }
}

/// Many tiny pieces and few large ones of one array give the same elements: chunks of one element, too.
#[test]
fn chunks_of_a_single_element_are_chunks() {
    let values = small_data::<f64>(&[5, 6], 9);
    let x = chunked(&values, &1.into());
    assert_eq!(x.chunks().count(), 30);
    let y = chunked(&values, &ChunkSpec::default());
    assert_array_eq(&(&x * &y - &x), &values.mapv(|v| v * v - v));
}

/// 2²⁵ elements in one chunk, the most there may be: 131072 workgroups of 256, where WebGPU promises 65535 along an axis.
#[test]
fn a_chunk_of_more_than_65535_workgroups_is_computed_to_its_end() {
    let n = 1usize << 25;
    let index: Array<u32> = gridloom::arange::<u32>(n).rechunk(n).unwrap();
    let x = &(index * 2_654_435_761u32) ^ 0x5555_5555u32;
    assert_eq!(x.chunks().count(), 1);
    let got = x.compute().unwrap();
    let wrong = got.iter().enumerate().find(|(i, v)| **v != (*i as u32).wrapping_mul(2_654_435_761) ^ 0x5555_5555);
    assert_eq!(got.len(), n);
    assert!(wrong.is_none(), "(element, value) {wrong:?}");
}

/// An element computed at once from more inputs than a device binds.
#[test]
fn expressions_of_many_inputs_are_split_and_stay_right() {
    let inputs: Vec<ArrayD<i32>> = (0..12).map(|k| data::<i32>(&[7, 11], 20 + k)).collect();
    let mut want = ArrayD::<i32>::zeros(vec![7, 11]);
    let mut sum = gridloom::zeros::<i32>((7, 11));
    for (k, (values, way)) in inputs.iter().zip(chunkings(&[7, 11]).iter().cycle()).enumerate() {
        let factor = 2 * k as i32 + 1;
        want.zip_mut_with(values, |w, v| *w = w.wrapping_add(v.wrapping_mul(factor)));
        sum += chunked(values, way) * factor;
    }
    assert_array_eq(&sum, &want);
}
