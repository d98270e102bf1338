//! Places as arrays, choices, and elements put at places, against plain loops.

use gridloom::functions::{
    diag_indices, histogramdd, ravel_multi_index, select, tril_indices, triu_indices, unravel_index,
};
use gridloom::{Array, Beyond, Bins, DynArray, DynOperand, Element, arange, array};
use ndarray::{ArrayD, Dimension};

use crate::common::{check_chunks, chunked, chunkings, data, each_type, small_data, words};

fn values<T: Element>(x: &DynArray) -> Vec<T> {
    let typed = x.typed::<T>().unwrap();
    check_chunks(&typed).unwrap();
    typed.to_vec().unwrap()
}

/// Places of any sign, as many.
fn far(count: usize, seed: u64) -> Vec<i64> {
    words(seed).take(count).map(|word| (word % 41) as i64 - 20).collect()
}

#[test]
fn numbers_and_places_of_elements() {
    for shape in [vec![7], vec![3, 4], vec![2, 3, 5], vec![1, 6, 1]] {
        let size: usize = shape.iter().product();
        for chunk in [1, 3, size] {
            let numbers = arange::<i64>(size).rechunk(chunk).unwrap();
            let places = unravel_index(numbers.as_dyn(), &shape).unwrap();
            let expected: Vec<_> = ndarray::indices(shape.as_slice()).into_iter().collect();
            for (axis, places) in places.iter().enumerate() {
                let expected: Vec<i64> = expected.iter().map(|at| at.as_array_view()[axis] as i64).collect();
                assert_eq!(values::<i64>(places), expected);
            }
            let back = ravel_multi_index(&places, &shape, &[Beyond::Raise]).unwrap();
            assert_eq!(values::<i64>(&back), (0..size as i64).collect::<Vec<_>>());
        }
        let lines: Vec<Vec<i64>> = (0..shape.len()).map(|axis| far(9, axis as u64)).collect();
        let places: Vec<DynArray> = lines.iter().map(|line| array(line).into()).collect();
        for (mode, place) in [
            (Beyond::Wrap, (|at, len| at.rem_euclid(len)) as fn(i64, i64) -> i64),
            (Beyond::Clip, |at, len| at.clamp(0, len - 1)),
        ] {
            let number = |k: usize| {
                lines
                    .iter()
                    .zip(&shape)
                    .fold(0, |number, (line, &len)| number * len as i64 + place(line[k], len as i64))
            };
            let got = ravel_multi_index(&places, &shape, &[mode]).unwrap();
            assert_eq!(values::<i64>(&got), (0..9).map(number).collect::<Vec<_>>());
        }
    }
}

#[test]
fn places_of_triangles_and_diagonals() {
    for (rows, columns) in [(4, 4), (3, 6), (6, 2), (1, 1), (0, 4), (4, 0)] {
        for k in [-9isize, -2, -1, 0, 1, 3, isize::MAX, isize::MIN] {
            let all = (0..rows as i64).flat_map(|row| (0..columns as i64).map(move |column| (row, column)));
            let distance = |&(row, column): &(i64, i64)| (column - row) as isize;
            let (lower, upper): (Vec<_>, Vec<_>) =
                (all.clone().filter(|at| distance(at) <= k).collect(), all.filter(|at| distance(at) >= k).collect());
            for (got, expected) in [(tril_indices(rows, columns, k), lower), (triu_indices(rows, columns, k), upper)] {
                for chunk in [1usize, 4, 1000] {
                    let [of_rows, of_columns] = got.as_ref().unwrap().clone().map(|x| x.rechunk(chunk).unwrap());
                    assert_eq!(values::<i64>(&of_rows), expected.iter().map(|at| at.0).collect::<Vec<_>>());
                    assert_eq!(values::<i64>(&of_columns), expected.iter().map(|at| at.1).collect::<Vec<_>>());
                }
            }
        }
    }
    assert_eq!(diag_indices(4, 3).len(), 3);
    let [rows, columns] = tril_indices(1 << 20, 1 << 20, 0).unwrap();
    let last = |x: &DynArray| values::<i64>(&x.slice(ndarray::s![-2..]).unwrap());
    assert_eq!((last(&rows), last(&columns)), (vec![(1 << 20) - 1; 2], vec![(1 << 20) - 2, (1 << 20) - 1]));
}

#[test]
fn rows_of_places_that_are_not_zero() {
    each_type!(numbers, T => {
        for shape in [vec![9], vec![4, 5], vec![2, 3, 4]] {
            let a = small_data::<T>(&shape, 3);
            let expected: Vec<i64> = a
                .indexed_iter()
                .filter(|(_, value)| **value != T::default())
                .flat_map(|(at, _)| at.as_array_view().iter().map(|&at| at as i64).collect::<Vec<_>>())
                .collect();
            for chunks in chunkings(&shape) {
                assert_eq!(chunked(&a, &chunks).argwhere().unwrap().to_vec().unwrap(), expected);
            }
        }
    });
}

#[test]
fn choices_are_the_first_that_are_true() {
    each_type!(numbers, T => {
        let [a, b] = [1, 2].map(|seed| small_data::<T>(&[6, 5], seed));
        let which: Vec<i64> = far(30, 7);
        for chunks in chunkings(&[6, 5]) {
            let [x, y] = [&a, &b].map(|a| DynArray::from(chunked(a, &chunks)));
            let choices: [DynOperand; 2] = [(&x).into(), (&y).into()];
            let masks = [x.lt(&y).unwrap(), x.eq(&y).unwrap()];
            let expected = a.iter().zip(&b).map(|(a, b)| if a < b { *a } else if a == b { *b } else { T::default() });
            assert_eq!(values::<T>(&select(&masks, &choices, 0).unwrap()), expected.collect::<Vec<_>>());
            let numbers = DynArray::from(array(&which)).reshape([6, 5]).unwrap();
            for (mode, of) in [
                (Beyond::Wrap, (|at| at.rem_euclid(2)) as fn(i64) -> i64),
                (Beyond::Clip, |at| at.clamp(0, 1)),
            ] {
                let chosen = which.iter().zip(a.iter().zip(&b)).map(|(&at, (a, b))| if of(at) == 0 { *a } else { *b });
                assert_eq!(values::<T>(&numbers.choose(&choices, mode).unwrap()), chosen.collect::<Vec<_>>());
            }
        }
    });
}

/// `put`, `place`, `putmask` and `put_along_axis` of an array in chunks.
fn check_put<T: Element>(a: &ArrayD<T>, x: &Array<T>, new: &[T]) {
    let old: Vec<T> = a.iter().copied().collect();
    let n = old.len();
    let y = array(new);
    let places = far(n / 2 + 1, 11);
    let mut expected = old.clone();
    places.iter().zip(new.iter().cycle()).for_each(|(&at, &new)| expected[at.rem_euclid(n as i64) as usize] = new);
    assert_eq!(x.put(places, &y, Beyond::Wrap).unwrap().to_vec().unwrap(), expected);
    let mask: Vec<bool> = words(5).take(n).map(|word| word % 3 == 0).collect();
    let of_mask = Array::from(ArrayD::from_shape_vec(a.raw_dim(), mask.clone()).unwrap());
    let mut next = new.iter().copied().cycle();
    let placed = old.iter().zip(&mask).map(|(&old, &is)| if is { next.next().unwrap() } else { old });
    assert_eq!(x.place(&of_mask, &y).unwrap().to_vec().unwrap(), placed.collect::<Vec<_>>());
    let masked = old.iter().zip(&mask).zip(new.iter().cycle()).map(|((&old, &is), &new)| if is { new } else { old });
    assert_eq!(x.putmask(&of_mask, &y).unwrap().to_vec().unwrap(), masked.collect::<Vec<_>>());
    for axis in 0..a.ndim() {
        let len = a.shape()[axis];
        let mut shape = a.shape().to_vec();
        shape[axis] = 2;
        let places = ArrayD::from_shape_fn(shape.clone(), |at| {
            let sum: usize = at.as_array_view().iter().sum();
            (sum % (2 * len)) as i64 - len as i64
        });
        let mut expected = a.clone();
        for (at, &place) in places.indexed_iter() {
            let mut to = at.clone();
            to[axis] = place.rem_euclid(len as i64) as usize;
            expected[&to] = new[at[axis] % new.len()];
        }
        let new = ArrayD::from_shape_fn(shape, |at| new[at[axis] % new.len()]);
        let got = x.put_along_axis(&Array::from(places), Array::from(new), axis).unwrap();
        assert_eq!((got.chunks(), got.compute().unwrap()), (x.chunks(), expected));
    }
}

#[test]
fn elements_are_put_where_they_belong() {
    each_type!(all, T => {
        for shape in [vec![11], vec![4, 5], vec![2, 3, 4]] {
            let a = data::<T>(&shape, 1);
            let new = data::<T>(&[3], 9).iter().copied().collect::<Vec<_>>();
            for chunks in chunkings(&shape) {
                check_put(&a, &chunked(&a, &chunks), &new);
            }
        }
    });
}

#[test]
fn diagonals_are_filled() {
    for shape in [vec![4, 4], vec![3, 5], vec![8, 3], vec![7, 1], vec![3, 3, 3]] {
        let a = data::<i32>(&shape, 4);
        for (new, wrap) in [(vec![7], false), (vec![7, 8], true), ((0..20).collect(), false), ((0..20).collect(), true)]
        {
            let mut expected = a.iter().copied().collect::<Vec<i32>>();
            let strides = (0..shape.len()).map(|k| shape[k + 1..].iter().product::<usize>());
            let step = strides.sum();
            let end = if shape.len() == 2 && !wrap { shape[1] * shape[1] } else { usize::MAX };
            let places = (0..expected.len().min(end)).step_by(step);
            places.zip(new.iter().cycle()).for_each(|(at, &new)| expected[at] = new);
            for chunks in chunkings(&shape) {
                let got = chunked(&a, &chunks).fill_diagonal(array(&new), wrap).unwrap();
                assert_eq!(got.to_vec().unwrap(), expected, "{shape:?} {wrap}");
            }
        }
    }
}

#[test]
fn points_are_counted_in_grids() {
    let n = 500;
    let lines: Vec<Vec<f64>> = (0..3).map(|k| words(k).take(n).map(|word| (word % 9) as f64 - 1.0).collect()).collect();
    let weights: Vec<f64> = words(8).take(n).map(|word| (word % 100) as f64).collect();
    // Of whole numbers: which bin each is in, and how many of those there are.
    let bins = [Bins::Range(3, 0.0, 6.0), Bins::Edges(vec![0.0, 1.0, 4.0]), Bins::Range(2, 1.0, 5.0)];
    let which: [fn(f64) -> Option<usize>; 3] = [
        |x| (0.0..=6.0).contains(&x).then(|| ((x / 2.0) as usize).min(2)),
        |x| (0.0..=4.0).contains(&x).then(|| usize::from(x >= 1.0)),
        |x| (1.0..=5.0).contains(&x).then(|| (((x - 1.0) / 2.0) as usize).min(1)),
    ];
    let mut counts = ndarray::Array3::<i64>::zeros((3, 2, 2));
    let mut sums = ndarray::Array3::<f64>::zeros((3, 2, 2));
    for k in 0..n {
        let at: Option<Vec<usize>> = (0..3).map(|axis| which[axis](lines[axis][k])).collect();
        if let Some(at) = at {
            counts[[at[0], at[1], at[2]]] += 1;
            sums[[at[0], at[1], at[2]]] += weights[k];
        }
    }
    for chunk in [7usize, 499, 500] {
        let cut = |line: &Vec<f64>| DynArray::from(array(line)).rechunk(chunk).unwrap();
        let points: Vec<DynArray> = lines.iter().map(cut).collect();
        let plain = histogramdd(&points, &bins, None).unwrap();
        assert_eq!(plain.counts.typed::<i64>().unwrap().compute().unwrap(), counts.clone().into_dyn());
        let weighted = histogramdd(&points, &bins, Some(&cut(&weights))).unwrap();
        assert_eq!(weighted.counts.typed::<f64>().unwrap().compute().unwrap(), sums.clone().into_dyn());
        let density = values::<f64>(&plain.density().unwrap().counts);
        let volumes = [2.0 * 1.0 * 2.0, 2.0 * 3.0 * 2.0];
        let all = counts.sum() as f64;
        let expected = counts.iter().enumerate().map(|(k, &count)| count as f64 / volumes[k / 2 % 2] / all);
        assert!(density.iter().zip(expected).all(|(got, expected)| (got - expected).abs() < 1e-15));
        let keys: DynArray = array(lines[0].iter().map(|x| *x as i64 + 1).collect::<Vec<_>>()).into();
        let keys = keys.rechunk(chunk).unwrap();
        let mut by_key = vec![0.0; 12];
        lines[0].iter().zip(&weights).for_each(|(x, weight)| by_key[(x + 1.0) as usize] += weight);
        assert_eq!(values::<f64>(&keys.bincount_weighted(&cut(&weights), 12).unwrap()), by_key);
    }
}
