//! An axis of unknown length changes no value: what is made of such arrays is what is made of them once they are resolved.

use gridloom::error::Error;
use gridloom::prelude::*;
use gridloom::{Element, Result, arange, concatenate, from_ndarray};
use ndarray::{Array1, ArrayD, s};

use crate::common::{Dice, chunked, chunkings, device, small_data};

/// Boxes of which an axis is filtered.
fn boxes() -> Vec<Array<i64>> {
    let mut boxes = Vec::new();
    let keeps: [fn(usize) -> bool; 4] = [|i| i != 1, |i| i % 2 == 0, |_| true, |_| false];
    for shape in [[2, 3], [6, 5]] {
        for (case, chunks) in chunkings(&shape).into_iter().enumerate() {
            for axis in 0..2 {
                for keep in keeps {
                    let mask = from_ndarray(Array1::from_shape_fn(shape[axis], keep), 1 + case % 3).unwrap();
                    let x = chunked(&small_data::<i64>(&shape, 5), &chunks);
                    boxes.push(x.filter_axis(&mask, axis as isize).unwrap());
                }
            }
        }
    }
    boxes
}

/// The elements in C order.
fn plain<T: Element>(x: &ArrayD<T>) -> Vec<T> {
    x.iter().copied().collect()
}

/// Both are the same; or both are refused for being empty, one of them when its length is found.
fn same(name: &str, got: Result<Array<i64>>, want: Result<Array<i64>>) {
    match [got, want].map(|x| x.and_then(|x| x.compute())) {
        [Ok(got), Ok(want)] => assert_eq!(got, want, "{name}"),
        both => assert!(both.iter().all(|x| matches!(x, Err(Error::EmptyReduction { .. }))), "{name}: {both:?}"),
    }
}

#[test]
fn what_is_made_of_a_filtered_axis_is_what_is_made_of_the_resolved() {
    device();
    for x in boxes() {
        let known = x.resolve().unwrap();
        let unknown = x.dims().iter().position(Option::is_none).unwrap() as isize;
        let other = 1 - unknown;
        let of = |f: &dyn Fn(&Array<i64>) -> Result<Array<i64>>| (f(&x), f(&known));
        let len = known.shape().unwrap()[other as usize];
        let pairs = [
            ("take", of(&|x| x.take([len - 1, 0, 0], other))),
            ("sum of take", of(&|x| Ok(x.take([1, 0], other)?.sum()))),
            ("keepdims", of(&|x| x.sum_keepdims(other))),
            ("less its sums", of(&|x| Ok(x - x.sum_keepdims(other)?))),
            ("joined sums", of(&|x| concatenate(&[x.sum_keepdims(other)?, x.clone()], other))),
            ("other keepdims", of(&|x| x.sum_keepdims(unknown))),
            ("sums", of(&|x| x.sum_axis(other))),
            ("largest", of(&|x| x.max_axis(unknown))),
            ("places", of(&|x| x.argmax_axis(other))),
            ("places along it", of(&|x| x.argmin_axis(unknown))),
            ("product", of(&|x| Ok(x.prod()))),
            ("turned", of(&|x| Ok(x.t() * 2))),
        ];
        for (name, (got, want)) in pairs {
            same(name, got, want);
        }
        assert!(matches!(x.argmax(), Err(Error::UnknownLength { op: "argmax", .. })), "{:?}", x.argmax());
        assert!(matches!(x.filter(&x.gt(1)), Err(Error::UnknownLength { op: "filter", .. })));
        let none = if other == 0 { x.slice(s![1..1, ..]) } else { x.slice(s![.., 1..1]) }.unwrap();
        assert!(matches!(none.sum_axis(other), Err(Error::UnknownLength { op: "sum", .. })));
        assert_eq!(none.sum().item().unwrap(), 0);
        for nothing in [none.clone(), &none + 1, concatenate(&[none.clone(), none.clone()], other).unwrap()] {
            assert!(matches!(nothing.compute(), Err(Error::UnknownLength { op: "compute", .. })), "{nothing}");
        }
    }
}

#[test]
fn a_filter_of_what_was_made_of_a_filter_is_told_from_it() {
    let x = arange::<i64>(8);
    let f = x.filter(&(&x % 2).eq(1)).unwrap();
    let y = &f + &f;
    let large = y.gt(6);
    let (kept, mask) = gridloom::compute((&f.filter(&large).unwrap(), &large)).unwrap();
    assert_eq!((plain(&kept), plain(&mask)), (vec![5, 7], vec![false, false, true, true]));
    let sum = f.filter(&y.gt(6)).unwrap().sum() + y.argmax().unwrap();
    assert_eq!(sum.item().unwrap(), 15);

    let x = arange::<i64>(8).reshape((1, 8)).unwrap().rechunk((1, 3)).unwrap();
    let f = x.filter(&(&x % 2).eq(1)).unwrap();
    let y = &f + &f;
    let z = &f + &y;
    let joined = concatenate(&[z.clone(), y.clone()], 0).unwrap();
    assert_eq!(joined.to_vec().unwrap(), [3, 9, 15, 21, 2, 6, 10, 14]);
    assert_eq!((z.sum() + y.argmax().unwrap()).item().unwrap(), 51);
    assert_eq!((&z + y.cumsum().unwrap()).to_vec().unwrap(), [5, 17, 33, 53]);
    let (all, total) = gridloom::compute((&y, &z.sum())).unwrap();
    assert_eq!((plain(&all), plain(&total)), (vec![2, 6, 10, 14], vec![48]));

    let means = arange::<f64>(8);
    let f = means.filter(&means.gt(1.0)).unwrap();
    let d = &f - f.mean();
    let (d, squares) = gridloom::compute((&d, &(&d * &f).sum())).unwrap();
    assert_eq!((plain(&d), plain(&squares)), (vec![-2.5, -1.5, -0.5, 0.5, 1.5, 2.5], vec![17.5]));
}

/// Steps from filtered arrays to others of the same length, with what they are in plain vectors.
#[test]
fn random_programs_over_one_filter_are_the_same_together_and_alone() {
    let of = |dice: &mut Dice| {
        let n = 5 + dice.below(60);
        let x = arange::<i64>(n).rechunk(1 + dice.below(n)).unwrap();
        let every = 2 + dice.below(3) as i64;
        let mut arrays = vec![x.filter(&(&x % every).eq(1)).unwrap()];
        let mut wanted = vec![(0..n as i64).filter(|i| i % every == 1).collect::<Vec<i64>>()];
        for _ in 0..3 + dice.below(5) {
            let (a, b) = (dice.below(arrays.len()), dice.below(arrays.len()));
            let (mut x, mut v) = (arrays[a].clone(), wanted[a].clone());
            match dice.below(4) {
                0 if arrays[a].chunks().to_string() == arrays[b].chunks().to_string() && v.len() == wanted[b].len() => {
                    x = &x + &arrays[b];
                    v.iter_mut().zip(&wanted[b]).for_each(|(v, w)| *v += w);
                }
                1 => {
                    x = x.cumsum().unwrap();
                    let mut sum = 0;
                    v.iter_mut().for_each(|v| {
                        sum += *v;
                        *v = sum;
                    });
                }
                2 => {
                    x = &x - x.sum();
                    let sum: i64 = v.iter().sum();
                    v.iter_mut().for_each(|v| *v -= sum);
                }
                _ => {
                    x = &x * 3 + 1;
                    v.iter_mut().for_each(|v| *v = *v * 3 + 1);
                }
            }
            arrays.push(x);
            wanted.push(v);
        }
        (arrays, wanted)
    };
    let mut dice = Dice(77);
    for case in 0..150 {
        let (arrays, wanted) = of(&mut dice);
        let picked: Vec<usize> = (0..1 + dice.below(4)).map(|_| dice.below(arrays.len())).collect();
        let sums: Vec<Array<i64>> = picked.iter().map(|&i| arrays[i].sum()).collect();
        let asked: Vec<&Array<i64>> = picked.iter().map(|&i| &arrays[i]).chain(&sums).collect();
        let got = gridloom::compute(asked.as_slice()).unwrap();
        let (values, totals) = got.split_at(picked.len());
        for (k, &i) in picked.iter().enumerate() {
            assert_eq!(plain(&values[k]), wanted[i], "case {case}, array {i} of {picked:?}");
            assert_eq!(totals[k].iter().sum::<i64>(), wanted[i].iter().sum::<i64>(), "case {case}, sum {i}");
        }
    }
}

#[test]
fn filtered_arrays_side_by_side_are_as_long_as_each() {
    // Wide parts of few columns: their widths say nothing of how many rows are kept.
    let x = arange::<i32>(40).reshape([20, 2]).unwrap().rechunk((5, 1)).unwrap();
    let kept = x.filter_axis(&x.slice(s![.., 0]).unwrap().ge(0), 0).unwrap();
    let wide = concatenate(&[&kept, &kept], 1).unwrap();
    for k in 0..4 {
        let want: Vec<i32> = (0..20).map(|row| 2 * row + k % 2).collect();
        assert_eq!(
            (-wide.slice(s![.., k..k + 1]).unwrap()).to_vec().unwrap(),
            want.iter().map(|v| -v).collect::<Vec<_>>()
        );
        assert_eq!(wide.slice(s![.., k]).unwrap().to_vec().unwrap(), want);
    }
}
