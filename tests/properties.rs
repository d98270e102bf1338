//! Random programs: whatever the chunks, and wherever one rechunks or persists, an expression has the value that a simple
//! eager interpreter over ndarray gives it. Failures print the program.

use std::fmt;

use gridloom::dtype::Number;
use gridloom::prelude::*;
use gridloom::{Chunks, chunks::AxisChunks, concatenate, stack};
use ndarray::{ArrayD, IxDyn, SliceInfo, SliceInfoElem};
use proptest::prelude::*;

use crate::common::{Dice, cases_and_seed, device, how_to_repeat};

/// The element types of the programs, with the interpreter's arithmetic. Floats here hold small whole numbers, so that sums in
/// any order are exact.
pub(crate) trait Value: Number + gridloom::dtype::Ordered {
    fn whole(value: i64) -> Self;
    fn plus(self, other: Self) -> Self;
    fn times(self, other: Self) -> Self;
    /// The array's sums, maxima's places and counts, back in its own type.
    fn sum(x: &Array<Self>, axis: usize) -> Array<Self>;
}
impl Value for i32 {
    fn whole(value: i64) -> Self {
        value as Self
    }
    fn plus(self, other: Self) -> Self {
        self.wrapping_add(other)
    }
    fn times(self, other: Self) -> Self {
        self.wrapping_mul(other)
    }
    fn sum(x: &Array<Self>, axis: usize) -> Array<Self> {
        x.sum_axis(axis).unwrap().cast()
    }
}
impl Value for f32 {
    fn whole(value: i64) -> Self {
        value as Self
    }
    fn plus(self, other: Self) -> Self {
        self + other
    }
    fn times(self, other: Self) -> Self {
        self * other
    }
    fn sum(x: &Array<Self>, axis: usize) -> Array<Self> {
        x.sum_axis(axis).unwrap()
    }
}

/// One step: which operation, of which of the values so far, how.
type Gene = (u8, u8, u8, u16);

/// A random program: two arrays, and steps that each add a value made from earlier ones.
#[derive(Clone)]
pub(crate) struct Case {
    shape: Vec<usize>,
    genes: Vec<Gene>,
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?}", (&self.shape, &self.genes))?;
        let client = Client::get_default().map_err(|_| fmt::Error)?;
        Program::<i32>::build(self, 0, &client).text.iter().try_for_each(|line| writeln!(f, "    {line}"))
    }
}

/// Cases of up to three axes, some of them empty.
pub(crate) fn cases() -> impl Strategy<Value = Case> {
    let length = prop_oneof![1 => Just(0usize), 3 => Just(1), 16 => 2usize..8];
    let shape = prop::collection::vec(length, 1..4);
    let genes = prop::collection::vec(any::<Gene>(), 1..10);
    (shape, genes).prop_map(|(shape, genes)| Case { shape, genes })
}

/// A value of the program: lazy, eager, and a bound of its magnitude (for the eager one to be exact).
#[derive(Clone)]
pub(crate) struct Step<T: Value> {
    pub(crate) lazy: Array<T>,
    pub(crate) eager: ArrayD<T>,
    bound: f64,
}

/// The values of a program, and its text.
pub(crate) struct Program<T: Value> {
    pub(crate) steps: Vec<Step<T>>,
    pub(crate) text: Vec<String>,
    /// 0 leaves all chunks as they come.
    variation: u64,
    dice: Dice,
    client: Client,
}

impl<T: Value> Program<T> {
    /// Builds the program; `variation` decides how the arrays are cut, and where they are cut again or persisted on a client.
    pub(crate) fn build(case: &Case, variation: u64, client: &Client) -> Self {
        let (client, dice) = (client.clone(), Dice(variation));
        let mut program = Self { steps: vec![], text: vec![], variation, dice, client };
        let shape = &case.shape;
        let small: Vec<usize> = shape[1..].iter().enumerate().map(|(k, &n)| if k == 0 { n } else { 1 }).collect();
        for (name, shape) in [("x", shape), ("y", &small)] {
            let n: usize = shape.iter().product();
            let values = (0..n).map(|i| T::whole((i * 7 % 9) as i64 - 4)).collect();
            let eager = ArrayD::from_shape_vec(shape.as_slice(), values).unwrap();
            program.text.push(format!("v{} = {name} of shape {shape:?}", program.steps.len()));
            program.keep(Array::from(eager.clone()), eager, 4.0);
        }
        let rng = Generator::new(7);
        let random: Array<T> = rng.integers(-4i32, 5, shape.as_slice()).unwrap().cast();
        let eager = program.client.compute(&random).unwrap();
        program.text.push(format!("v2 = random integers of shape {shape:?}"));
        program.keep(random, eager, 4.0);
        case.genes.iter().for_each(|gene| program.step(*gene));
        program
    }

    /// Adds a value, cut again and persisted as the variation has it.
    fn keep(&mut self, lazy: Array<T>, eager: ArrayD<T>, bound: f64) {
        assert_eq!(lazy.shape().as_deref(), Some(eager.shape()), "shape of {}", self.text.last().unwrap());
        let mut lazy = lazy;
        if self.variation > 0 {
            let choice = self.dice.below(4);
            if choice < 2 {
                lazy = lazy.rechunk(self.dice.chunks(eager.shape())).unwrap();
            }
            if choice == 1 && self.dice.below(2) == 0 {
                lazy = lazy.persist_with(&self.client).unwrap();
            }
        }
        self.steps.push(Step { lazy, eager, bound });
    }

    /// One step. What does not fit its operands becomes something that does: every gene is a program.
    fn step(&mut self, (op, a, b, p): Gene) {
        let n = self.steps.len();
        let (a, b) = (a as usize % n, b as usize % n);
        let (x, y) = (self.steps[a].clone(), self.steps[b].clone());
        let (lazy, eager, bound, text) = match op % 16 {
            0..=3 => two(&x, &y, op % 4, (a, b)),
            4 => (-&x.lazy, x.eager.mapv(|v| v.times(T::whole(-1))), x.bound, format!("-v{a}")),
            5 => pick(&x, p, a),
            6..=11 => view(&x, op % 16, p, a),
            12 => join(&x, p, a),
            13 => reduce(&x, p, a),
            14 => filtered(&x, p, a),
            _ => product(&x, a),
        };
        // Magnitudes stay where floats are exact.
        if bound > 4e6 {
            return;
        }
        self.text.push(format!("v{n} = {text}"));
        self.keep(lazy, eager, bound);
    }
}

/// What a step makes: lazy, eager, a bound, and the text.
type Made<T> = (Array<T>, ArrayD<T>, f64, String);

/// An operation of the interpreter, and the library's.
type Both<T> = (fn(T, T) -> T, fn(&Array<T>, &Array<T>) -> Array<T>);

/// Arithmetic of two arrays, or of one with a scalar where their shapes do not fit.
fn two<T: Value>(x: &Step<T>, y: &Step<T>, op: u8, (a, b): (usize, usize)) -> Made<T> {
    let fits = gridloom::graph::infer::broadcast_chunks("", &[x.lazy.node(), y.lazy.node()]).ok();
    let (f, lazy): Both<T> = match op {
        0 => (T::plus, |x, y| x + y),
        1 => (T::times, |x, y| x * y),
        2 => (|x, y| if x < y { x } else { y }, |x, y| x.minimum(y).unwrap()),
        _ => (|x, y| if x < y { y } else { x }, |x, y| x.maximum(y).unwrap()),
    };
    let bound = if op == 1 { x.bound * y.bound } else { x.bound + y.bound };
    let name = ["+", "*", "min", "max"][op as usize];
    match fits.and_then(|chunks| chunks.shape()) {
        Some(shape) => {
            let shape: Vec<usize> = shape.iter().map(|&n| n as usize).collect();
            let (p, q) = (x.eager.broadcast(shape.as_slice()).unwrap(), y.eager.broadcast(shape.as_slice()).unwrap());
            let eager = ndarray::Zip::from(&p).and(&q).map_collect(|&p, &q| f(p, q));
            (lazy(&x.lazy, &y.lazy), eager, bound, format!("v{a} {name} v{b}"))
        }
        None => {
            let two = T::whole(2);
            let text = format!("v{a} {name} 2");
            (lazy(&x.lazy, &Array::from(two)), x.eager.mapv(|v| f(v, two)), x.bound * 2.0 + 2.0, text)
        }
    }
}

/// Elements above a number where they are, others replaced.
fn pick<T: Value>(x: &Step<T>, p: u16, a: usize) -> Made<T> {
    let (low, other) = (T::whole(i64::from(p % 5) - 2), T::whole(i64::from(p / 5 % 7) - 3));
    let lazy = where_(&x.lazy.gt(low), &x.lazy, other).unwrap();
    let eager = x.eager.mapv(|v| if v > low { v } else { other });
    (lazy, eager, x.bound + 3.0, format!("where(v{a} > {low}, v{a}, {other})"))
}

/// Slices, axes, broadcasting, reshape, take.
fn view<T: Value>(x: &Step<T>, op: u8, p: u16, a: usize) -> Made<T> {
    let (shape, mut dice) = (x.eager.shape().to_vec(), Dice(u64::from(p)));
    let axis = dice.below(shape.len().max(1));
    let (lazy, eager, text) = match op {
        6 | 7 if !shape.is_empty() => {
            let elements: Vec<SliceInfoElem> = shape.iter().map(|&n| dice.part(n)).collect();
            let info = || SliceInfo::<_, IxDyn, IxDyn>::try_from(elements.clone()).unwrap();
            (x.lazy.slice(info()).unwrap(), x.eager.slice(info()).to_owned(), format!("{elements:?}"))
        }
        8 if !shape.is_empty() && shape[axis] > 0 => {
            let at = dice.below(shape[axis]);
            let eager = x.eager.index_axis(Axis(axis), at).to_owned();
            (x.lazy.index_axis(axis, at as isize).unwrap(), eager, format!(".index_axis({axis}, {at})"))
        }
        9 if shape.len() < 4 => {
            let grown: Vec<usize> = [2].into_iter().chain(shape).collect();
            let eager = x.eager.broadcast(grown.as_slice()).unwrap().to_owned();
            (x.lazy.broadcast_to(grown).unwrap(), eager, ".broadcast_to((2, ..))".to_owned())
        }
        10 => {
            let all: usize = shape.iter().product();
            let to = match shape.split_first() {
                Some((first, rest)) if dice.below(2) == 0 && rest.len() > 1 => {
                    vec![*first, rest.iter().product::<usize>()]
                }
                _ if all > 0 && all.is_multiple_of(2) => vec![2, 1, all / 2],
                _ => vec![all],
            };
            let signed: Vec<isize> = to.iter().map(|&n| n as isize).collect();
            let values: Vec<T> = x.eager.iter().copied().collect();
            let eager = ArrayD::from_shape_vec(to, values).unwrap();
            (x.lazy.reshape(&signed).unwrap(), eager, format!(".reshape({signed:?})"))
        }
        11 if !shape.is_empty() && shape[axis] > 0 => {
            let places: Vec<usize> = (0..1 + dice.below(6)).map(|_| dice.below(shape[axis])).collect();
            let signed: Vec<isize> = places.iter().map(|&at| at as isize).collect();
            let eager = x.eager.select(Axis(axis), &places);
            (x.lazy.take(&signed, axis).unwrap(), eager, format!(".take({places:?}, {axis})"))
        }
        _ => (x.lazy.t(), x.eager.t().to_owned(), ".t()".to_owned()),
    };
    (lazy, eager, x.bound, format!("v{a}{text}"))
}

/// An array and part of it, one after the other, or twice itself.
fn join<T: Value>(x: &Step<T>, p: u16, a: usize) -> Made<T> {
    let (ndim, mut dice) = (x.eager.ndim(), Dice(u64::from(p)));
    if ndim == 0 || ndim < 3 && p.is_multiple_of(3) {
        let axis = dice.below(ndim + 1);
        let eager = ndarray::stack(Axis(axis), &[x.eager.view(), x.eager.view()]).unwrap();
        let lazy = stack(&[x.lazy.clone(), x.lazy.clone()], axis).unwrap();
        return (lazy, eager, x.bound, format!("stack([v{a}, v{a}], {axis})"));
    }
    let axis = dice.below(ndim);
    let from = dice.below(x.eager.shape()[axis] + 1);
    let mut elements = vec![SliceInfoElem::Slice { start: 0, end: None, step: 1 }; ndim];
    elements[axis] = SliceInfoElem::Slice { start: from as isize, end: None, step: 1 };
    let info = || SliceInfo::<_, IxDyn, IxDyn>::try_from(elements.clone()).unwrap();
    let eager = ndarray::concatenate(Axis(axis), &[x.eager.view(), x.eager.slice(info())]).unwrap();
    let lazy = concatenate(&[x.lazy.clone(), x.lazy.slice(info()).unwrap()], axis).unwrap();
    (lazy, eager, x.bound, format!("concatenate([v{a}, v{a}[{from}..]], {axis})"))
}

/// A reduction of an axis, back in the element type.
fn reduce<T: Value>(x: &Step<T>, p: u16, a: usize) -> Made<T> {
    let ndim = x.eager.ndim();
    if ndim == 0 {
        return (x.lazy.clone(), x.eager.clone(), x.bound, format!("v{a}"));
    }
    let axis = usize::from(p) % ndim;
    let len = x.eager.shape()[axis];
    let lanes = |f: &dyn Fn(&[T]) -> T| x.eager.map_axis(Axis(axis), |lane| f(&lane.to_vec()));
    let sum = |lane: &[T]| lane.iter().fold(T::whole(0), |sum, &v| sum.plus(v));
    match p / 7 % 4 {
        1 if len > 0 => {
            let most = |lane: &[T]| lane.iter().copied().fold(lane[0], |m, v| if v > m { v } else { m });
            (x.lazy.max_axis(axis).unwrap(), lanes(&most), x.bound, format!("v{a}.max_axis({axis})"))
        }
        2 if len > 0 => {
            let first = |lane: &[T]| {
                let least = lane.iter().copied().fold(lane[0], |m, v| if v < m { v } else { m });
                T::whole(lane.iter().position(|&v| v == least).unwrap() as i64)
            };
            let lazy = x.lazy.argmin_axis(axis).unwrap().cast();
            (lazy, lanes(&first), len as f64, format!("v{a}.argmin_axis({axis})"))
        }
        3 => {
            let count = |lane: &[T]| T::whole(lane.iter().filter(|&&v| v != T::whole(0)).count() as i64);
            let lazy = x.lazy.count_nonzero_axis(axis).unwrap().cast();
            (lazy, lanes(&count), len as f64, format!("v{a}.count_nonzero_axis({axis})"))
        }
        _ => (T::sum(&x.lazy, axis), lanes(&sum), x.bound * len.max(1) as f64, format!("v{a}.sum_axis({axis})")),
    }
}

/// The sum of the elements above a number, twice filtered, beside the array itself.
fn filtered<T: Value>(x: &Step<T>, p: u16, a: usize) -> Made<T> {
    let low = T::whole(i64::from(p % 5) - 2);
    let above = x.lazy.filter(&x.lazy.gt(low)).unwrap();
    let not_zero = (&above + T::whole(1)).filter(&above.ne(T::whole(0))).unwrap();
    let one = not_zero.reshape([-1]).unwrap();
    let total = T::sum(&one, 0);
    let kept = x.eager.iter().filter(|&&v| v > low && v != T::whole(0));
    let sum = kept.fold(T::whole(0), |sum, &v| sum.plus(v).plus(T::whole(1)));
    let bound = (x.bound + 1.0) * x.eager.len().max(1) as f64;
    (total, ndarray::arr0(sum).into_dyn(), bound, format!("((v{a}[v{a} > {low}]) + 1)[.. ≠ 0].sum()"))
}

/// The matrix product with the transposed self, of 2-d arrays; others doubled by a host function.
fn product<T: Value>(x: &Step<T>, a: usize) -> Made<T> {
    let shape = x.eager.shape();
    if shape.len() != 2 {
        let lazy = x.lazy.map_chunks("double", |chunk| chunk.mapv(|v| v.plus(v)));
        return (lazy, x.eager.mapv(|v| v.plus(v)), x.bound * 2.0, format!("v{a} doubled on the host"));
    }
    let (n, k) = (shape[0], shape[1]);
    let eager = ArrayD::from_shape_fn(IxDyn(&[n, n]), |at| {
        (0..k).fold(T::whole(0), |sum, j| sum.plus(x.eager[[at[0], j]].times(x.eager[[at[1], j]])))
    });
    let lazy = x.lazy.dot(&x.lazy.t()).unwrap();
    (lazy, eager, x.bound * x.bound * k.max(1) as f64, format!("v{a}.dot(v{a}.t())"))
}

/// Builds the program as it comes and in two variations; the last values must be those of the interpreter.
fn check<T: Value>(case: &Case) -> Result<(), TestCaseError> {
    let client = Client::get_default().unwrap();
    for variation in 0..3 {
        let program = Program::<T>::build(case, variation, &client);
        let last: Vec<&Step<T>> = program.steps.iter().rev().take(2).collect();
        let lazies: Vec<Array<T>> = last.iter().map(|step| step.lazy.clone()).collect();
        let got = gridloom::compute(lazies.as_slice()).unwrap();
        for (got, step) in got.iter().zip(&last) {
            prop_assert_eq!(
                got,
                &step.eager,
                "{} variation {}, chunks {}:\n{}\n",
                T::DTYPE,
                variation,
                step.lazy.chunks(),
                program.text.join("\n")
            );
        }
    }
    Ok(())
}

/// How many cases: few on adapters, where each new kernel is compiled. The environment draws others (see [`cases_and_seed`]).
pub(crate) fn settings(on_cpu: u32, on_gpu: u32) -> (u32, u64) {
    cases_and_seed(if device().is_gpu() { on_gpu } else { on_cpu }, 20_260_726)
}

/// Runs a property on so many cases made from a seed.
pub(crate) fn for_all<S: Strategy>(
    (count, seed): (u32, u64),
    cases: S,
    property: impl Fn(S::Value) -> Result<(), TestCaseError>,
) {
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig {
        cases: count,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(seed),
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    });
    if let Err(failure) = runner.run(&cases, property) {
        panic!("{failure}\n{}", how_to_repeat(count, seed));
    }
}

#[test]
fn programs_of_integers_have_one_value_for_all_chunks() {
    for_all(settings(1024, 48), cases(), |case| check::<i32>(&case));
}

#[test]
fn programs_of_floats_have_one_value_for_all_chunks() {
    for_all(settings(1024, 32), cases(), |case| check::<f32>(&case));
}

#[test]
fn float_reductions_of_any_chunks_agree_within_their_bound() {
    let lengths = prop::collection::vec(1usize..40, 1..20);
    for_all(settings(64, 16), lengths, |sizes| {
        let n: usize = sizes.iter().sum();
        let data: Vec<f32> = (0..n).map(|i| ((i * 37 % 101) as f32 - 50.0) * 0.01 + 3.0).collect();
        let exact: Vec<f64> = data.iter().map(|&v| f64::from(v)).collect();
        let mean = exact.iter().sum::<f64>() / n as f64;
        let var = exact.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n as f64;
        let x = Array::from(data).rechunk(vec![sizes]).unwrap();
        let (got_mean, got_var) = gridloom::compute((&x.mean(), &x.var(0.0).unwrap())).unwrap();
        prop_assert!((f64::from(got_mean[[]]) - mean).abs() <= 1e-6 * mean, "{} for {mean}", got_mean[[]]);
        prop_assert!((f64::from(got_var[[]]) - var).abs() <= 1e-5 * var.max(1e-3), "{} for {var}", got_var[[]]);
        Ok(())
    });
}

#[test]
fn filters_of_any_chunks_keep_the_same_elements() {
    let settings = settings(128, 24);
    for_all(settings, (1usize..7, 1usize..9, -4i32..5, any::<u64>()), |(rows, columns, low, seed)| {
        let eager = ndarray::Array2::from_shape_fn((rows, columns), |(i, j)| ((i * 5 + j * 3) % 9) as i32 - 4);
        let x = Array::from(&eager).rechunk(Dice(seed).chunks(&[rows, columns])).unwrap();
        let kept = x.filter(&x.gt(low)).unwrap();
        let want: Vec<i32> = eager.iter().copied().filter(|&v| v > low).collect();
        let squares: Vec<i32> = want.iter().map(|v| v * v).collect();
        prop_assert_eq!(kept.compute().unwrap().into_raw_vec_and_offset().0, want.clone());
        let persisted = kept.persist().unwrap();
        prop_assert_eq!((&persisted * &persisted).compute().unwrap().into_raw_vec_and_offset().0, squares);
        let both = concatenate(&[kept.clone(), persisted], 0).unwrap();
        prop_assert_eq!(both.count_nonzero().item().unwrap(), 2 * want.iter().filter(|&&v| v != 0).count() as i64);
        Ok(())
    });
}

#[test]
fn a_chunk_joined_twice_is_taken_from_at_both_places() {
    let x = Array::from(ndarray::arr1(&[1, 2, 3]));
    let twice = stack(&[x.clone(), x.clone()], 0).unwrap().take([1, 0, 1], 0).unwrap();
    assert_eq!(twice.compute().unwrap(), ndarray::arr2(&[[1, 2, 3], [1, 2, 3], [1, 2, 3]]).into_dyn());
    let long = concatenate(&[x.clone(), x], 0).unwrap().take([5, 0, 4, 2, 3], 0).unwrap();
    assert_eq!(long.compute().unwrap().as_slice().unwrap(), [3, 1, 2, 3, 1]);
}

#[test]
fn threads_that_share_a_client_do_not_disturb_each_other() {
    let work = |thread: i32| {
        for round in 0..40 {
            let data: Vec<i32> = (0..16).map(|i| i * 3 + thread * 100 + round).collect();
            let want: Vec<i32> = data.iter().map(|v| v * 2 + thread).collect();
            let x = Array::from(data).rechunk(4).unwrap();
            let got = (&x * 2 + thread).compute().unwrap();
            assert_eq!(got.as_slice().unwrap(), want, "thread {thread}, round {round}");
        }
    };
    std::thread::scope(|scope| (0..6).for_each(|thread| drop(scope.spawn(move || work(thread)))));
}

/// Sizes of an axis.
fn sizes_of(chunks: &Chunks, axis: usize) -> Vec<u64> {
    chunks.axes()[axis].sizes().collect()
}

#[test]
fn rules_of_chunks_are_as_good_as_lists() {
    let sizes = prop::collection::vec(1u64..9, 1..30);
    for_all(settings(256, 256), (sizes, 1u64..9), |(sizes, repeat)| {
        for sizes in [sizes.clone(), vec![repeat; sizes.len()], [vec![repeat; sizes.len()], vec![1]].concat()] {
            let axis = AxisChunks::from_sizes(sizes.iter().copied());
            prop_assert_eq!(axis.sizes().collect::<Vec<_>>(), sizes.clone());
            prop_assert_eq!(axis.len(), Some(sizes.iter().sum::<u64>()));
            prop_assert_eq!(axis.max_size(), sizes.iter().copied().max().unwrap());
            for at in 0..axis.len().unwrap() {
                let (start, end) = axis.range(axis.find(at));
                prop_assert!(start <= at && at < end);
            }
        }
        Ok(())
    });
}

#[test]
fn slices_and_rechunks_keep_the_lengths_of_irregular_chunks() {
    for_all(settings(256, 256), (1usize..60, 1usize..60, any::<u64>()), |(rows, columns, seed)| {
        let mut dice = Dice(seed);
        let x = gridloom::zeros::<u8>((rows, columns)).rechunk(dice.chunks(&[rows, columns])).unwrap();
        prop_assert_eq!(x.shape(), Some(vec![rows, columns]));
        let (first, second) = (dice.part(rows), dice.part(columns));
        let info = SliceInfo::<_, IxDyn, IxDyn>::try_from(vec![first, second]).unwrap();
        let want = ArrayD::<u8>::zeros(IxDyn(&[rows, columns])).slice(info.clone()).shape().to_vec();
        let y = x.slice(info).unwrap();
        prop_assert_eq!(y.shape(), Some(want.clone()));
        for (axis, &len) in want.iter().enumerate() {
            let sizes = sizes_of(y.chunks(), axis);
            prop_assert_eq!(sizes.iter().sum::<u64>(), len as u64);
            // Chunks are cut where the array's are: a slice never has more of them, nor larger ones.
            prop_assert!(sizes.len() as u64 <= x.chunks().axes()[axis].count());
            prop_assert!(y.chunks().axes()[axis].max_size() <= x.chunks().axes()[axis].max_size());
            prop_assert!(len == 0 || !sizes.contains(&0), "empty chunks in {sizes:?}");
        }
        let spec = dice.chunks(&want);
        let z = y.rechunk(spec.clone()).unwrap();
        prop_assert_eq!(z.shape(), Some(want.clone()));
        let shape: Vec<u64> = want.iter().map(|&n| n as u64).collect();
        prop_assert_eq!(z.chunks(), &spec.resolve(&shape, gridloom::DType::U8).unwrap());
        prop_assert_eq!(z.t().chunks().shape(), Some(shape.into_iter().rev().collect::<Vec<_>>()));
        Ok(())
    });
}
