//! Windows that move, blocks of neighbours, bits of bytes and polynomials, against plain loops.

use gridloom::functions::{poly, polyadd, polyder, polydiv, polyint, polymul, polysub, polyval};
use gridloom::ops::ReduceOp;
use gridloom::{BitOrder, DynArray, Element, arange, array};
use ndarray::{ArrayD, Axis, Slice};

use crate::common::{check_chunks, chunked, chunkings, data, each_type, small_data};

fn values<T: Element>(x: &DynArray) -> Vec<T> {
    let typed = x.typed::<T>().unwrap();
    check_chunks(&typed).unwrap();
    typed.to_vec().unwrap()
}

/// The windows of a length along an axis, on a new last axis.
fn windows<T: Element>(a: &ArrayD<T>, len: usize, axis: usize) -> ArrayD<T> {
    let places = a.shape()[axis] - len + 1;
    let part = |k: usize| a.slice_axis(Axis(axis), Slice::from(k..k + places));
    let parts: Vec<_> = (0..len).map(part).collect();
    ndarray::stack(Axis(a.ndim()), &parts).unwrap()
}

#[test]
fn windows_are_parts_side_by_side() {
    each_type!(all, T => {
        for shape in [vec![9], vec![5, 6], vec![3, 4, 2]] {
            let a = data::<T>(&shape, 1);
            for chunks in chunkings(&shape) {
                let x = chunked(&a, &chunks);
                for (axis, &most) in shape.iter().enumerate() {
                    for len in [1, 2, most] {
                        let got = x.sliding_window_view(&[len], axis).unwrap();
                        check_chunks(&got).unwrap();
                        assert_eq!(got.compute().unwrap(), windows(&a, len, axis));
                    }
                }
                if shape.len() > 1 {
                    let both = x.sliding_window_view(&[2, 3], [1, 0]).unwrap();
                    assert_eq!(both.compute().unwrap(), windows(&windows(&a, 2, 1), 3, 0));
                }
            }
        }
    });
}

#[test]
fn moving_reductions_are_those_of_windows() {
    let a = small_data::<i64>(&[40], 2);
    for chunk in [1usize, 7, 40] {
        let x = DynArray::from(chunked(&a, &chunk.into()));
        for len in [1, 5, 33] {
            let moving = x.sliding_window_view(&[len], 0).unwrap();
            let reduced = |of| values::<i64>(&moving.reduce(of, Some((-1).into()), false, 0.0).unwrap());
            let lines: Vec<Vec<i64>> = a.as_slice().unwrap().windows(len).map(<[i64]>::to_vec).collect();
            assert_eq!(reduced(ReduceOp::Sum), lines.iter().map(|line| line.iter().sum()).collect::<Vec<i64>>());
            assert_eq!(
                reduced(ReduceOp::Max),
                lines.iter().map(|line| *line.iter().max().unwrap()).collect::<Vec<_>>()
            );
        }
        for (factor, trim) in [(4, false), (6, true), (40, false)] {
            let sums = values::<i64>(&x.coarsen(ReduceOp::Sum, &[factor], 0, trim).unwrap());
            let expected = a.as_slice().unwrap().chunks_exact(factor).map(|block| block.iter().sum());
            assert_eq!(sums, expected.collect::<Vec<i64>>());
        }
    }
    let grid: DynArray = arange::<i32>(24).reshape([4, 6]).unwrap().into();
    let most = grid.coarsen(ReduceOp::Max, &[3, 2], [1, 0], false).unwrap();
    assert_eq!((most.shape(), values::<i32>(&most)), (Some(vec![2, 2]), vec![8, 11, 20, 23]));
}

#[test]
fn bits_are_packed_and_unpacked() {
    for shape in [vec![1], vec![8], vec![21], vec![3, 9], vec![16, 2]] {
        let a = small_data::<i32>(&shape, 3);
        for chunks in chunkings(&shape) {
            let x = chunked(&a, &chunks);
            for (order, bit) in [(BitOrder::Big, (|k| 7 - k) as fn(usize) -> usize), (BitOrder::Little, |k| k)] {
                let flat: Vec<i32> = a.iter().copied().collect();
                let byte = |bits: &[i32]| {
                    bits.iter().enumerate().fold(0u8, |byte, (k, &is)| byte | u8::from(is != 0) << bit(k))
                };
                let expected: Vec<u8> = flat.chunks(8).map(byte).collect();
                let packed = x.packbits(None, order).unwrap();
                assert_eq!(packed.to_vec().unwrap(), expected);
                let is: Vec<u8> = flat.iter().map(|&x| u8::from(x != 0)).collect();
                let count = flat.len() as i64;
                assert_eq!(packed.unpackbits(None, Some(count), order).unwrap().to_vec().unwrap(), is);
                for (axis, len) in shape.iter().enumerate() {
                    let packed = x.packbits(Some(axis.into()), order).unwrap();
                    let back = packed.unpackbits(Some(axis.into()), Some(*len as i64), order).unwrap();
                    assert_eq!((back.shape(), back.to_vec().unwrap()), (Some(shape.clone()), is.clone()));
                }
                let more = packed.unpackbits(None, Some(8 * expected.len() as i64 + 3), order).unwrap();
                assert_eq!(more.to_vec().unwrap()[8 * expected.len()..], [0, 0, 0]);
            }
        }
    }
}

/// The value of a polynomial.
fn value(p: &[f64], x: f64) -> f64 {
    p.iter().fold(0.0, |value, p| value * x + p)
}

/// Whether numbers are near.
#[track_caller]
fn near(got: &[f64], expected: &[f64]) {
    assert_eq!(got.len(), expected.len(), "{got:?} for {expected:?}");
    let is_near = |(a, b): (&f64, &f64)| (a - b).abs() <= 1e-12 * (1.0 + b.abs());
    assert!(got.iter().zip(expected).all(is_near), "{got:?} for {expected:?}");
}

#[test]
fn polynomials_are_what_their_values_say() {
    let lists: [&[f64]; 4] = [&[2.0], &[1.0, -3.0], &[0.5, 2.0, -1.0, 4.0], &[3.0, 0.0, 0.0, 1.0, 7.0, -2.0]];
    let at = [-2.0, -0.5, 0.0, 1.0, 3.5];
    let x: DynArray = array(at).into();
    for p in lists {
        let dp = DynArray::from(array(p)).rechunk(2).unwrap();
        let at_all = |p: &DynArray| values::<f64>(&polyval(p, &x).unwrap());
        near(&at_all(&dp), &at.map(|x| value(p, x)));
        for q in lists {
            let dq: DynArray = array(q).into();
            near(&at_all(&polyadd(&dp, &dq).unwrap()), &at.map(|x| value(p, x) + value(q, x)));
            near(&at_all(&polysub(&dp, &dq).unwrap()), &at.map(|x| value(p, x) - value(q, x)));
            near(&at_all(&polymul(&dp, &dq).unwrap()), &at.map(|x| value(p, x) * value(q, x)));
            let (quotient, rest) = polydiv(&dp, &dq).unwrap();
            assert_eq!(rest.shape().unwrap()[0], if p.len() < q.len() { p.len() } else { (q.len() - 1).max(1) });
            near(&at_all(&polyadd(&polymul(&quotient, &dq).unwrap(), &rest).unwrap()), &at.map(|x| value(p, x)));
        }
        let integral = polyint(&dp, &[7.0]).unwrap();
        near(&values::<f64>(&polyder(&integral, 1).unwrap()), p);
        near(&[*values::<f64>(&integral).last().unwrap()], &[7.0]);
        assert_eq!(polyder(&dp, p.len()).unwrap().shape(), Some(vec![0]));
        let made = poly(&dp).unwrap();
        near(&values::<f64>(&made)[..1], &[1.0]);
        near(&at_all(&made), &at.map(|x| p.iter().map(|root| x - root).product()));
    }
}
