//! Sums of products over named axes, and products of many matrices, against plain loops.

use std::collections::BTreeMap;

use gridloom::functions::{self, einsum, einsum_path, matmul};
use gridloom::{Array, DynArray, Error};
use insta::assert_snapshot;
use ndarray::{ArrayD, Dimension, IxDyn};

use crate::common::{Dice, assert_array_eq, chunked, chunkings, device, each_type, small_data};

/// The sum by its definition: over every place of every name.
fn by_loops(inputs: &[&str], output: &str, arrays: &[ArrayD<f32>]) -> ArrayD<f32> {
    let mut lengths: BTreeMap<char, usize> = BTreeMap::new();
    for (names, array) in inputs.iter().zip(arrays) {
        lengths.extend(names.chars().zip(array.shape().iter().copied()));
    }
    let names: Vec<char> = lengths.keys().copied().collect();
    let dims: Vec<usize> = lengths.values().copied().collect();
    let place = |of: &str, at: &[usize]| -> Vec<usize> {
        of.chars().map(|name| at[names.iter().position(|known| *known == name).unwrap()]).collect()
    };
    let mut sum = ArrayD::zeros(place(output, &dims));
    for at in ndarray::indices(IxDyn(&dims)) {
        let factors = inputs.iter().zip(arrays).map(|(of, array)| array[IxDyn(&place(of, at.slice()))]);
        sum[IxDyn(&place(output, at.slice()))] += factors.product::<f32>();
    }
    sum
}

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

#[test]
fn sums_over_named_axes_are_their_definition() {
    let mut dice = Dice(11);
    for case in 0..if device().is_gpu() { 40 } else { 400 } {
        let lengths: Vec<usize> = (0..5).map(|_| 1 + dice.below(4)).collect();
        let most = 1 + dice.below(5);
        let mut name = |_| char::from(b'a' + dice.below(most) as u8);
        let names: Vec<String> = (0..1 + case % 4).map(|k| (0..(case + k) % 4).map(&mut name).collect()).collect();
        let inputs: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut output: Vec<char> = inputs.concat().chars().collect();
        output.sort_unstable();
        output.dedup();
        output.retain(|_| dice.below(2) == 0);
        if dice.below(2) == 0 {
            output.reverse();
        }
        let output: String = output.into_iter().collect();
        let shape = |names: &str| names.bytes().map(|name| lengths[usize::from(name - b'a')]).collect::<Vec<_>>();
        let values: Vec<ArrayD<f32>> =
            inputs.iter().zip(0..).map(|(names, seed)| small_data(&shape(names), seed + case as u64)).collect();
        let arrays: Vec<DynArray> =
            values.iter().map(|values| chunked(values, &dice.chunks(values.shape())).into()).collect();
        let text = format!("{}->{output}", inputs.join(","));
        let made = einsum(&text, &arrays.iter().collect::<Vec<_>>()).unwrap();
        // A sum begins with 0, which takes the sign of -0.0, and a product alone does not.
        let made = (made.typed::<f32>().unwrap() + 0.0f32, by_loops(&inputs, &output, &values) + 0.0);
        assert_array_eq(&made.0, &made.1);
    }
}

#[test]
fn products_of_many_matrices_are_those_of_each() {
    each_type!([i32 f32 f64 bool], T => {
        // One by one, and by a fused sum; broadcast, and not.
        for (first, second) in [
            (vec![3, 2, 20, 17], vec![2, 17, 18]),
            (vec![2, 20, 17], vec![3, 1, 17, 18]),
            (vec![4, 3, 2], vec![4, 2, 5]),
            (vec![3, 2], vec![2, 2, 1]),
            (vec![2, 3, 40], vec![40]),
            (vec![40], vec![2, 40, 120]),
            (vec![2, 0, 4], vec![4, 3]),
            (vec![2, 30, 0], vec![0, 300]),
        ] {
            let (a, b) = (small_data::<T>(&first, 1), small_data::<T>(&second, 2));
            let wide = |x: &ArrayD<T>, at: usize| if x.ndim() == 1 { x.clone().insert_axis(ndarray::Axis(at)) } else { x.clone() };
            let (left, right) = (wide(&a, 0), wide(&b, 1));
            let numbers = |x: &ArrayD<T>| x.shape()[..x.ndim() - 2].to_vec();
            let batch = functions::broadcast_shapes(&[&numbers(&left), &numbers(&right)]).unwrap();
            let (n, k, m) = (left.shape()[left.ndim() - 2], left.shape()[left.ndim() - 1], right.shape()[right.ndim() - 1]);
            let whole = |x: &ArrayD<T>, n: usize, m: usize| x.broadcast([&batch[..], &[n, m]].concat()).unwrap().to_owned();
            let (left, right) = (whole(&left, n, k), whole(&right, k, m));
            let mut want = ArrayD::from_shape_fn([&batch[..], &[n, m]].concat(), |at| {
                let (place, at) = at.slice().split_at(batch.len());
                let pair = |k: usize| (left[IxDyn(&[place, &[at[0], k]].concat())], right[IxDyn(&[place, &[k, at[1]]].concat())]);
                (0..k).map(pair).fold(T::default(), |sum, (a, b)| sum.plus(a.times(b)))
            });
            if b.ndim() == 1 { want = want.remove_axis(ndarray::Axis(batch.len() + 1)); }
            if a.ndim() == 1 { want = want.remove_axis(ndarray::Axis(batch.len())); }
            for chunks in chunkings(&first).into_iter().step_by(3) {
                for others in chunkings(&second).into_iter().step_by(4) {
                    let product = chunked(&a, &chunks).matmul(&chunked(&b, &others)).unwrap();
                    assert_array_eq(&product, &want);
                }
            }
        }
    });
}

/// What a product and a sum are, of `bool` too.
trait Ring: Copy {
    fn times(self, other: Self) -> Self;
    fn plus(self, other: Self) -> Self;
}
macro_rules! ring {
    ($($ty:ty)*) => {$(
        impl Ring for $ty {
            fn times(self, other: Self) -> Self { self * other }
            fn plus(self, other: Self) -> Self { self + other }
        }
    )*};
}
ring!(i32 f32 f64);
impl Ring for bool {
    fn times(self, other: Self) -> Self {
        self & other
    }
    fn plus(self, other: Self) -> Self {
        self | other
    }
}

#[test]
fn the_order_is_the_cheapest() {
    let of = |shape: &[usize]| DynArray::from(gridloom::zeros::<f32>(shape));
    // A chain of matrices, whose orders differ a hundredfold.
    let chain = [of(&[10, 1000]), of(&[1000, 10]), of(&[10, 1000]), of(&[1000, 3])];
    let chain: Vec<&DynArray> = chain.iter().collect();
    assert_eq!(einsum_path("ab,bc,cd,de->ae", &chain).unwrap(), [(2, 3), (1, 2), (0, 1)]);
    // One that is read once is no step; and of many, a step at a time.
    assert_eq!(einsum_path("ab->b", &chain[..1]).unwrap(), []);
    let many = [of(&[2, 2])];
    let many: Vec<&DynArray> = std::iter::repeat_n(&many[0], 9).collect();
    let text = "ab,bc,cd,de,ef,fg,gh,hi,ij->aj";
    assert_eq!(einsum_path(text, &many).unwrap().len(), 8);
    assert_eq!(einsum(text, &many).unwrap().shape(), Some(vec![2, 2]));
}

#[test]
fn texts_that_mean_nothing_are_refused() {
    let x: DynArray = gridloom::zeros::<f64>((2, 3)).into();
    let twice = [&x, &x];
    assert_snapshot!(refused(einsum("ij", &twice)), @r#"einsum: the text is "ij" for 2 arrays; it must be one that names the axes of each array, with commas between"#);
    assert_snapshot!(refused(einsum("ij,k", &twice)), @r#"einsum: the list of names is "k" for an array of 2; it must be as many as the array has axes, or with ... for the rest"#);
    assert_snapshot!(refused(einsum("ij,jk", &twice)), @"einsum: the pair of lengths of an axis is 3 and 2, of 'j'; it must be equal, or 1");
    assert_snapshot!(refused(einsum("ii", &[&x])), @"einsum: the pair of lengths of an axis is 2 and 3, of 'i'; it must be equal, or 1");
    assert_snapshot!(refused(einsum("i1", &[&x])), @"einsum: a name is '1'; it must be a letter, or ... once in each part");
    assert_snapshot!(refused(einsum("ij->k", &[&x])), @"einsum: the result's name is 'k'; it must be one that an array has");
    assert_snapshot!(refused(einsum("ij->ii", &[&x])), @"einsum: the result's name is 'i' twice; it must be there once");
    assert_snapshot!(refused(einsum("...->", &[&x])), @r#"einsum: the result is ""; it must be with ... as the arrays are"#);
    assert_snapshot!(refused(einsum("", &[])), @r#"einsum: the text is "" for 0 arrays; it must be one that names the axes of each array, with commas between"#);
    assert_snapshot!(refused(matmul(&x, &x)), @"dot: shapes (2, 3) and (2, 3) do not align: 3 ≠ 2; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them");
    assert_snapshot!(refused(matmul(&gridloom::zeros::<f64>((2, 3, 4)).into(), &gridloom::zeros::<f64>((3, 4, 5)).into())), @"matmul: shapes (2,) and (3,) do not broadcast: axis 0 is 2 against 3; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(functions::cross(&x, &x.t(), 0)), @"mul: shapes (3,) and (2,) do not broadcast: axis 0 is 3 against 2; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(functions::cross(&gridloom::zeros::<f64>(4).into(), &x, 0)), @"cross: the axis' length is 4; it must be 2 or 3");
    assert_snapshot!(refused(functions::matvec(&gridloom::zeros::<f64>(3).into(), &x)), @"matvec: needs a matrix, or several, got an array of shape (3,)");
}

#[test]
fn cross_products_and_blocks() {
    let cases: [(Vec<i32>, Vec<i32>, Vec<i32>); 4] = [
        (vec![1, 2, 3], vec![4, -5, 6], vec![27, 6, -13]),
        (vec![1, 2], vec![4, -5, 6], vec![12, -6, -13]),
        (vec![4, -5, 6], vec![1, 2], vec![-12, 6, 13]),
        (vec![1, 2], vec![4, -5], vec![-13]),
    ];
    for (a, b, want) in cases {
        let made = gridloom::cross(&Array::from(a), &Array::from(b), 0).unwrap();
        assert_eq!(made.to_vec().unwrap(), want);
    }
    let values = small_data::<f32>(&[2, 3], 5);
    for chunks in chunkings(&[2, 3]) {
        let x = chunked(&values, &chunks);
        let want =
            ArrayD::from_shape_fn(vec![4, 9], |at| values[[at[0] / 2, at[1] / 3]] * values[[at[0] % 2, at[1] % 3]]);
        assert_array_eq(&gridloom::kron(&x, &x).unwrap(), &want);
    }
}
