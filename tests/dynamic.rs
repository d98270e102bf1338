//! Arrays without a type: the same graphs as with one, dtypes as NumPy's, NumPy's indices, values in and out.

use std::time::Duration;

use gridloom::dtype::{Number, Real};
use gridloom::functions::{self, Draw, Law, promote, result_type};
use gridloom::host::HostBuffer;
use gridloom::ops::{BinaryOp, ReduceOp, Sorting, UnaryOp};
use gridloom::random::Generator;
use gridloom::{
    Array, BitOrder, Client, DType, DynArray, DynOperand, Element, Error, HostArray, Index, Indexing, Overlap, PadMode,
    Tolerance,
};
use insta::assert_snapshot;
use ndarray::{ArrayD, s};

use crate::common::{Sample, device, each_type};

fn dynamic<T: Element>(values: &[T]) -> DynArray {
    gridloom::array(values).into()
}

fn compute<T: Element>(x: &Array<T>) -> ArrayD<T> {
    device();
    x.compute().unwrap()
}

fn of_name(name: &str) -> DType {
    *DType::ALL.iter().find(|dtype| dtype.name() == name).unwrap()
}

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

/// The table that NumPy made, in every order of the operands.
#[test]
fn result_types_are_numpys() {
    let operand = |word: &str| match word {
        "True" => DynOperand::from(true),
        "1" => DynOperand::from(1),
        "1.0" => DynOperand::from(1.0),
        name => DynOperand::from(functions::arange(of_name(name), 1)),
    };
    let mut rows = 0;
    for line in include_str!("data/result_types.tsv").lines().filter(|line| !line.starts_with('#')) {
        let (operands, expected) = line.split_once('\t').unwrap();
        let mut words: Vec<&str> = operands.split(' ').collect();
        for _ in 0..words.len() {
            words.rotate_left(1);
            for _ in 0..2 {
                words.reverse();
                let operands: Vec<DynOperand> = words.iter().map(|word| operand(word)).collect();
                assert_eq!(result_type(&operands).unwrap(), of_name(expected), "{words:?}");
            }
        }
        let no_numbers = !words.iter().any(|word| word.starts_with(['T', '1']));
        if let ([a, b], true) = (&words[..], no_numbers) {
            assert_eq!(promote(of_name(a), of_name(b)), of_name(expected), "{words:?}");
        }
        rows += 1;
    }
    assert_eq!(rows, 14 + 14 * 15 / 2 + 14 * 15 * 16 / 6);
    assert_snapshot!(refused(result_type(&[])), @"result_type: needs at least one array, got none");
}

/// Functions of bits and the like.
fn exact_functions(same: &impl Fn(DynArray, DynArray)) {
    let (x, n): (Array<f32>, Array<i32>) = (gridloom::arange::<f32>(24).rechunk(7).unwrap(), gridloom::arange(24));
    let (dx, dn) = (DynArray::from(&x), DynArray::from(&n));
    same(n.gcd(&n).unwrap().into(), functions::gcd(&dn, &dn).unwrap());
    same(n.lcm(6).unwrap().into(), functions::lcm(&dn, DynArray::from(Array::from(6))).unwrap());
    same(x.ldexp(&n).unwrap().into(), functions::ldexp(&dx, &dn).unwrap());
    same(x.nextafter(&x).unwrap().into(), functions::nextafter(&dx, &dx).unwrap());
    same(x.spacing().unwrap().into(), dx.spacing().unwrap());
    same(x.i0().unwrap().into(), dx.i0().unwrap());
    let ((fractions, powers), (a, b)) = (x.frexp().unwrap(), dx.frexp().unwrap());
    same(fractions.into(), a);
    same(powers.into(), b);
    same(x.unwrap_phase(4.0, None, 0).unwrap().into(), dx.unwrap_phase(4.0, None, 0).unwrap());
    same(x.reinterpret::<u16>().unwrap().into(), dx.reinterpret(DType::U16).unwrap());
    same(x.take_at(&n, 0).unwrap().into(), dx.take_at(&dn, 0).unwrap());
}

/// Nodes are equal where their keys are: whatever one front makes, the other makes, too.
#[test]
fn both_fronts_make_the_same_graph() {
    let same = |typed: DynArray, dynamic: DynArray| {
        assert_eq!(typed.node().key, dynamic.node().key, "{:?} against {:?}", typed.node(), dynamic.node());
    };
    each_type!([i32 u8 f32 f64], T => {
        let x: Array<T> = gridloom::arange::<T>(24).reshape([4, 6]).unwrap();
        let y: Array<T> = gridloom::arange::<T>(6);
        let (dx, dy) = (DynArray::from(&x), DynArray::from(&y));
        let two = functions::full((), T::from(2u8).scalar());
        for &op in BinaryOp::ALL {
            let Some(_) = op.result(T::DTYPE).filter(|_| op != BinaryOp::Powi) else { continue };
            let expected = gridloom::graph::infer::binary(op, x.node(), y.node()).unwrap();
            same(expected.into(), dx.binary(op, &dy).unwrap());
            let expected = gridloom::graph::infer::binary(op, x.node(), two.node()).unwrap();
            same(expected.into(), dx.binary(op, 2).unwrap());
        }
        for &op in UnaryOp::ALL {
            let Some(_) = op.result(T::DTYPE) else { continue };
            let expected = gridloom::graph::infer::unary(op, x.node()).unwrap();
            same(expected.into(), dx.unary(op).unwrap());
        }
        same((&x + &y).into(), &dx + &dy);
        same((&x * T::from(3u8)).into(), &dx * 3);
        same(x.powi(3).unwrap().into(), dx.powi(3).unwrap());
        same(x.clip(T::from(1u8), &y).unwrap().into(), dx.clip(1, &dy).unwrap());
        same(x.fma(&y, &y).unwrap().into(), functions::fma(&dx, &dy, &dy).unwrap());
        let mask = x.gt(T::from(3u8));
        let dmask = dx.gt(3).unwrap();
        same(mask.clone().into(), dmask.clone());
        same(gridloom::where_(&mask, &x, &y).unwrap().into(), functions::where_(&dmask, &dx, &dy).unwrap());
        same(x.filter(&mask).unwrap().into(), dx.filter(&dmask).unwrap());
        same(gridloom::zeros_like(&x.filter(&mask).unwrap()).into(), functions::full_like(&dx.filter(&dmask).unwrap(), (&two - 2).typed_scalar()));
        same(x.slice(s![..;-2, 1..3]).unwrap().into(), dx.slice(s![..;-2, 1..3]).unwrap());
        same(x.slice(s![2.., ..]).unwrap().into(), dx.index(&[(2..100).into()]).unwrap());
        same(x.index_axis(0, -1).unwrap().into(), dx.index(&[(-1).into()]).unwrap());
        same(x.take([3, 0, 0], 1).unwrap().into(), dx.index(&[Index::ALL, vec![3, 0, 0].into()]).unwrap());
        same(x.t().into(), dx.t());
        same(x.permute_axes([1, 0]).unwrap().into(), dx.permute_axes([-1, 0]).unwrap());
        same(x.swap_axes(0, 1).unwrap().into(), dx.swap_axes(-1, -2).unwrap());
        same(x.insert_axis(1).unwrap().into(), dx.insert_axis(-2).unwrap());
        same(x.insert_axis(0).unwrap().remove_axis(0).unwrap().into(), dx.insert_axis(0).unwrap().remove_axis(0).unwrap());
        same(y.broadcast_to((4, 6)).unwrap().into(), dy.broadcast_to((4, 6)).unwrap());
        same(x.ravel().unwrap().into(), dx.ravel().unwrap());
        same(x.rechunk(3).unwrap().into(), dx.rechunk(3).unwrap());
        same(gridloom::concatenate(&[&x, &x], 1).unwrap().into(), functions::concatenate(&[dx.clone(), dx.clone()], -1).unwrap());
        same(gridloom::stack(&[x.clone(), x.clone()], 1).unwrap().into(), functions::stack(&[dx.clone(), dx.clone()], 1).unwrap());
        same(x.dot(&y).unwrap().into(), dx.dot(&dy).unwrap());
        same(x.sum_axis(0).unwrap().into(), dx.sum_axis(-2).unwrap());
        same(x.mean().into(), dx.mean());
        same(x.std(1.0).unwrap().into(), dx.std(1.0).unwrap());
        same(x.argmax_axis(1).unwrap().into(), dx.argmax_axis(1).unwrap());
        same(x.max_keepdims([0, 1]).unwrap().into(), dx.reduce(ReduceOp::Max, Some([0, 1].into()), true, 0.0).unwrap());
        same(x.count_nonzero().into(), dx.count_nonzero());
        same(x.cumsum().unwrap().into(), dx.cumsum().unwrap());
        same(x.sort_axis(0).unwrap().into(), dx.sort_by(Sorting { places: false, descending: false }, Some(0.into())).unwrap());
        same(x.argtopk(1, 0).unwrap().into(), dx.argtopk(1, 0).unwrap());
        same(x.median().unwrap().into(), dx.median_over(None).unwrap());
        same(x.cummax_axis(0).unwrap().into(), dx.cummax_axis(-2).unwrap());
        same(x.ffill_axis(1).unwrap().into(), dx.ffill_axis(1).unwrap());
        same(x.diff(2, 1).unwrap().into(), dx.diff(2, -1).unwrap());
        same(x.cast::<i16>().into(), dx.cast(DType::I16));
        rearranged(&x, &y, &same);
        compared(&x, &y, &same);
        contracted(&x, &y, &same);
    });
    each_type!([f32 f64], T => functions_of_floats(&gridloom::arange::<T>(24).rechunk(7).unwrap(), &same));
    let (typed, dynamic) = (Generator::new(7), Generator::new(7));
    let draw = |draw, dtype| dynamic.draw(draw, dtype, 10).unwrap();
    same(typed.random::<f32>(10).into(), draw(Draw::Uniform { low: 0.0, high: 1.0 }, DType::F32));
    same(typed.uniform(-1.0, 3.5, 10).into(), draw(Draw::Uniform { low: -1.0, high: 3.5 }, DType::F64));
    same(typed.normal(9.0, 2.0, 10).into(), draw(Draw::Normal { mean: 9.0, deviation: 2.0 }, DType::F64));
    same(typed.exponential(2.0f32, 10).into(), draw(Draw::Exponential { scale: 2.0 }, DType::F32));
    same(typed.bernoulli(0.25, 10).unwrap().into(), draw(Draw::Bernoulli { p: 0.25 }, DType::Bool));
    same(typed.integers(1i8, 7, 10).unwrap().into(), draw(Draw::Integers { low: 1, high: 6 }, DType::I8));
    let all = Draw::Integers { low: 0, high: u64::MAX.into() };
    same(typed.integers_inclusive(0, u64::MAX, 10).unwrap().into(), draw(all, DType::U64));
    let law = |law, parameters: &[f64], dtype| {
        let parameters: Vec<DynOperand> = parameters.iter().map(|&value| value.into()).collect();
        dynamic.draw_law(law, &parameters, dtype, 10).unwrap()
    };
    same(typed.laplace::<f32>(1.0, 2.0, 10).unwrap().into(), law(Law::Laplace, &[1.0, 2.0], DType::F32));
    same(
        typed.triangular::<f64>(0.0, 1.0, 3.0, 10).unwrap().into(),
        law(Law::Triangular, &[0.0, 1.0, 3.0], DType::F64),
    );
    same(typed.gamma::<f64>(0.5, 2.0, 10).unwrap().into(), law(Law::Gamma, &[0.5, 2.0], DType::F64));
    same(typed.binomial(9.0, 0.5, 10).unwrap().into(), law(Law::Binomial, &[9.0, 0.5], DType::I64));
    same(typed.bytes(10).into(), draw(Draw::Integers { low: 0, high: 255 }, DType::U8));
    exact_functions(&same);
    let scalar = |v: f64| v.scalar();
    let steps = functions::arange_step(scalar(0.0), scalar(1.0), scalar(0.3)).unwrap();
    same(gridloom::arange_step(0.0, 1.0, 0.3).unwrap().into(), steps);
    same(gridloom::linspace(-1.0f32, 1.0, 7).into(), functions::linspace(DType::F32, -1.0, 1.0, 7).unwrap());
    same(gridloom::eye_offset::<u8>(3, 4, 1).into(), functions::eye_offset(DType::U8, 3, 4, 1));
}

/// Of comparisons and logic.
fn compared<T: Number>(x: &Array<T>, y: &Array<T>, same: &impl Fn(DynArray, DynArray)) {
    let (dx, dy) = (DynArray::from(x), DynArray::from(y));
    let tolerance = Tolerance { nan_equal: true, ..Tolerance::default() };
    same(x.isclose(y, tolerance).unwrap().into(), functions::isclose(&dx, &dy, tolerance).unwrap());
    same(x.allclose(y, tolerance).unwrap().into(), functions::allclose(&dx, &dy, tolerance).unwrap());
    same(gridloom::array_equal(x, x, true).unwrap().into(), functions::array_equal(&dx, &dx, true).unwrap());
    same(gridloom::array_equiv(x, y).unwrap().into(), functions::array_equiv(&dx, &dy).unwrap());
    same(x.logical_and(y).unwrap().into(), functions::logical_and(&dx, &dy).unwrap());
    same(x.logical_or(y).unwrap().into(), functions::logical_or(&dx, &dy).unwrap());
    same(x.logical_xor(y).unwrap().into(), functions::logical_xor(&dx, &dy).unwrap());
    same(x.logical_not().into(), dx.logical_not());
    let zero = functions::full((), gridloom::dtype::Scalar::from_i64(T::DTYPE, 0));
    same(x.isin(&[T::default()]).unwrap().into(), dx.isin(&[zero.into()]).unwrap());
    let (typed, dynamic) = (x.divmod(y).unwrap(), functions::divmod(&dx, &dy).unwrap());
    same(typed.0.into(), dynamic.0);
    same(typed.1.into(), dynamic.1);
}

/// Of products over axes, and what is made of reductions and scans.
fn contracted<T: Number>(x: &Array<T>, y: &Array<T>, same: &impl Fn(DynArray, DynArray)) {
    let (dx, dy) = (DynArray::from(x), DynArray::from(y));
    same(gridloom::outer(x, y).unwrap().into(), functions::outer(&dx, &dy).unwrap());
    same(gridloom::inner(x, y).unwrap().into(), functions::inner(&dx, &dy).unwrap());
    same(gridloom::vdot(x, x).unwrap().into(), functions::vdot(&dx, &dx).unwrap());
    same(gridloom::vecdot(x, y, -1).unwrap().into(), functions::vecdot(&dx, &dy, -1).unwrap());
    same(
        gridloom::tensordot(x, x, [0, 1], [0, 1]).unwrap().into(),
        functions::tensordot(&dx, &dx, [-2, 1], [0, -1]).unwrap(),
    );
    same(x.diagonal(1, [0, 1]).unwrap().into(), dx.diagonal(1, [-2, -1]).unwrap());
    same(x.trace(-1, [0, 1]).unwrap().into(), dx.trace(-1, [0, 1]).unwrap());
    same(x.ptp().unwrap().into(), dx.ptp().unwrap());
    same(x.ptp_axis(1).unwrap().into(), dx.ptp_axis(1).unwrap());
    same(x.cumulative_sum(1, true).unwrap().into(), dx.cumulative_sum(-1, true).unwrap());
    same(x.cumulative_prod(0, true).unwrap().into(), dx.cumulative_prod(0, true).unwrap());
}

/// Of what floats alone have, with numbers beside them.
fn functions_of_floats<T: Real + From<u8>>(x: &Array<T>, same: &impl Fn(DynArray, DynArray)) {
    let (dx, two) = (DynArray::from(x), T::from(2));
    same(x.isposinf().into(), dx.isposinf());
    same(x.isneginf().into(), dx.isneginf());
    same(x.nan_to_num(two, None, Some(two)).into(), dx.nan_to_num(2.0, None, Some(2.0)));
    same(x.sinc().into(), dx.sinc());
    same(x.modf().0.into(), dx.modf().0);
    same(x.modf().1.into(), dx.modf().1);
    same(x.heaviside(two).unwrap().into(), functions::heaviside(&dx, 2).unwrap());
    same(x.logaddexp(two).unwrap().into(), functions::logaddexp(&dx, 2.0).unwrap());
    same(x.logaddexp2(x).unwrap().into(), functions::logaddexp2(&dx, &dx).unwrap());
    same(x.average(x).unwrap().into(), dx.average(&dx).unwrap());
    same(x.average_axis(x, 0).unwrap().into(), dx.average_axis(&dx, -1).unwrap());
    same(x.cov(1.0).unwrap().into(), dx.cov(1.0).unwrap());
    same(x.corrcoef().unwrap().into(), dx.corrcoef().unwrap());
    same(x.vector_norm(3.0, None, true).unwrap().into(), dx.vector_norm(3.0, None, true).unwrap());
    same(x.gradient(0.5, 0).unwrap().into(), dx.gradient(0.5, -1).unwrap());
    same(x.trapezoid(x, 0).unwrap().into(), dx.trapezoid(&dx, -1).unwrap());
}

/// Of what moves elements, and joins them.
fn rearranged<T: Element>(x: &Array<T>, y: &Array<T>, same: &impl Fn(DynArray, DynArray)) {
    let (dx, dy) = (DynArray::from(x), DynArray::from(y));
    same(x.flip().unwrap().into(), dx.flip().unwrap());
    same(x.flip_axis(-1).unwrap().into(), dx.flip_axis(1).unwrap());
    same(x.move_axis(0, -1).unwrap().into(), dx.move_axis([1], [0]).unwrap());
    same(x.matrix_transpose().unwrap().into(), dx.t());
    same(
        x.insert_axis([0, -1]).unwrap().squeeze().into(),
        dx.insert_axis([0, 3]).unwrap().remove_axis([0, 3]).unwrap(),
    );
    same(x.roll(5).unwrap().into(), dx.roll(5).unwrap());
    same(x.roll_axis(2, 1).unwrap().into(), dx.roll_axis([-4], [-1]).unwrap());
    same(x.rot90(1, [0, 1]).unwrap().into(), dx.rot90(5, [0, 1]).unwrap());
    same(x.repeat(2).unwrap().into(), dx.repeat(2).unwrap());
    same(x.repeat_axis((1, 0, 2, 3), 0).unwrap().into(), dx.repeat_axis((1, 0, 2, 3), -2).unwrap());
    same(x.tile((2, 3)).unwrap().into(), dx.tile((2, 3)).unwrap());
    same(x.pad(1, &PadMode::Edge).unwrap().into(), dx.pad((1, 1), &PadMode::Edge).unwrap());
    let line = x.ravel().unwrap();
    let taps = line.slice(s![..3]).unwrap();
    let (dline, dtaps) = (DynArray::from(&line), DynArray::from(&taps));
    same(line.convolve(&taps, Overlap::Same).unwrap().into(), dline.convolve(&dtaps, Overlap::Same).unwrap());
    same(line.correlate(&taps, Overlap::Full).unwrap().into(), dline.correlate(&dtaps, Overlap::Full).unwrap());
    same(x.delete([0], 1).unwrap().into(), dx.delete([0], -1).unwrap());
    same(x.insert([0, 2], 1, 1).unwrap().into(), dx.insert([0, 2], 1, -1).unwrap());
    same(x.resize((2, 3)).unwrap().into(), dx.resize((2, 3)).unwrap());
    same(x.sliding_window_view(&[2], 1).unwrap().into(), dx.sliding_window_view(&[2], -1).unwrap());
    same(x.fill_diagonal(y, true).unwrap().into(), dx.fill_diagonal(&dy, true).unwrap());
    same(x.argwhere().unwrap().into(), dx.argwhere().unwrap());
    let (mask, places) = (x.eq(y), gridloom::zeros::<u8>((4, 6)));
    let (dmask, dplaces) = (DynArray::from(&mask), DynArray::from(&places));
    same(x.place(&mask, y).unwrap().into(), dx.place(&dmask, &dy).unwrap());
    same(x.putmask(&mask, y).unwrap().into(), dx.putmask(&dmask, &dy).unwrap());
    same(x.put_along_axis(&places, x, 0).unwrap().into(), dx.put_along_axis(&dplaces, &dx, -2).unwrap());
    same(mask.packbits(None, BitOrder::Big).unwrap().into(), dmask.packbits(None, BitOrder::Big).unwrap());
    same(
        places.unpackbits(Some(0.into()), Some(3), BitOrder::Little).unwrap().into(),
        dplaces.unpackbits(Some((-2).into()), Some(3), BitOrder::Little).unwrap(),
    );
    same(x.tril(1).unwrap().into(), dx.tril(1).unwrap());
    same(x.triu(-1).unwrap().into(), dx.triu(-1).unwrap());
    let all = |typed: Vec<Array<T>>, dynamic: Vec<DynArray>| {
        assert_eq!(typed.len(), dynamic.len());
        typed.into_iter().zip(dynamic).for_each(|(typed, dynamic)| same(typed.into(), dynamic));
    };
    all(x.split(3, 1).unwrap(), dx.split(3, -1).unwrap());
    all(x.array_split(3, 0).unwrap(), dx.array_split(3, 0).unwrap());
    all(x.split_at([1, -1], 1).unwrap(), dx.split_at([1, 5], 1).unwrap());
    all(x.unstack(0).unwrap(), dx.unstack(-2).unwrap());
    let (typed, dynamic) = ([x.clone(), y.clone()], [dx, dy.clone()]);
    all(gridloom::broadcast_arrays(&typed).unwrap(), functions::broadcast_arrays(&dynamic).unwrap());
    same(gridloom::vstack(&typed).unwrap().into(), functions::vstack(&dynamic).unwrap());
    let (typed, dynamic) = ([y.clone(), y.clone()], [dy.clone(), dy]);
    all(gridloom::meshgrid(&typed, Indexing::Xy).unwrap(), functions::meshgrid(&dynamic, Indexing::default()).unwrap());
    same(gridloom::hstack(&typed).unwrap().into(), functions::hstack(&dynamic).unwrap());
    same(gridloom::dstack(&typed).unwrap().into(), functions::dstack(&dynamic).unwrap());
    same(gridloom::column_stack(&typed).unwrap().into(), functions::column_stack(&dynamic).unwrap());
    same(gridloom::tri::<T>(3, 4, -1).into(), functions::tri(T::DTYPE, 3, 4, -1));
}

/// Steps of the library's own are the same where their names and parameters are: they run once, and what has unknown lengths fits.
#[test]
fn own_steps_on_the_host_are_known_by_what_they_do() {
    device();
    let x = gridloom::array([0i32, 1, 1, 3]);
    let twice = x.bincount(0).unwrap().add(x.bincount(0).unwrap()).unwrap();
    assert_eq!(compute(&twice).as_slice().unwrap(), [2, 4, 0, 2]);
    assert!(x.bincount(0).unwrap().add(x.bincount(5).unwrap()).is_err());
    for bins in [gridloom::Bins::Count(3), (3, 0.0, 3.0).into(), vec![0.0, 1.5, 3.0].into()] {
        let [a, b] = [(); 2].map(|()| x.histogram(bins.clone()).unwrap());
        assert_eq!((a.counts.node().key, a.edges.node().key), (b.counts.node().key, b.edges.node().key), "{bins:?}");
    }
    let other = x.histogram((3, 0.0, 3.5)).unwrap();
    assert_ne!(other.edges.node().key, x.histogram((3, 0.0, 3.0)).unwrap().edges.node().key);
    // What users give is like nothing else.
    let mapped = || x.map_chunks("same", |chunk| chunk.to_owned());
    assert_ne!(mapped().node().key, mapped().node().key);
}

/// The only element, as a scalar.
trait TypedScalar {
    fn typed_scalar(&self) -> gridloom::dtype::Scalar;
}
impl TypedScalar for DynArray {
    fn typed_scalar(&self) -> gridloom::dtype::Scalar {
        gridloom::dtype::Scalar::from_stored(self.dtype(), self.compute().unwrap().bytes())
    }
}

/// Comparisons are of the numbers, not of what a common dtype makes of them.
#[test]
fn comparisons_are_of_the_numbers() {
    device();
    let signed = [i64::MIN, -1, 0, 1, (1 << 53) + 1, i64::MAX - 1, i64::MAX];
    let unsigned = [0, 1, (1 << 53) + 1, (1u64 << 63) - 1, 1 << 63, (1 << 63) + 1, u64::MAX];
    let x = dynamic(&signed).reshape([-1, 1]).unwrap();
    let y = dynamic(&unsigned);
    type Compare = fn(&i128, &i128) -> bool;
    let rows: [(BinaryOp, Compare); 6] = [
        (BinaryOp::Lt, i128::lt),
        (BinaryOp::Le, i128::le),
        (BinaryOp::Gt, i128::gt),
        (BinaryOp::Ge, i128::ge),
        (BinaryOp::Eq, i128::eq),
        (BinaryOp::Ne, i128::ne),
    ];
    for (op, rule) in rows {
        let numbers = |a: i64, b: u64| (i128::from(a), i128::from(b));
        let found = compute(&functions::binary(op, &x, &y).unwrap().typed::<bool>().unwrap());
        let turned = compute(&functions::binary(op, &y, &x).unwrap().typed::<bool>().unwrap());
        for (i, &a) in signed.iter().enumerate() {
            for (j, &b) in unsigned.iter().enumerate() {
                let (a, b) = numbers(a, b);
                assert_eq!(found[[i, j]], rule(&a, &b), "{a} {op:?} {b}");
                assert_eq!(turned[[i, j]], rule(&b, &a), "{b} {op:?} {a}");
            }
        }
        // Numbers that the array's dtype does not hold, from either side.
        for number in [-1i128, 255, 256, 1 << 40, i64::MAX.into(), u64::MAX.into(), i64::MIN.into()] {
            each_type!([u8 i8 i64 u64], T => {
                let small = [T::MIN, 0, 100, T::MAX];
                let found = compute(&dynamic(&small).binary(op, number).unwrap().typed::<bool>().unwrap());
                let turned = compute(&functions::binary(op, number, dynamic(&small)).unwrap().typed::<bool>().unwrap());
                for (k, &a) in small.iter().enumerate() {
                    assert_eq!(found[[k]], rule(&a.into(), &number), "{a} {op:?} {number}");
                    assert_eq!(turned[[k]], rule(&number, &a.into()), "{number} {op:?} {a}");
                }
            });
        }
    }
    assert_snapshot!(refused(dynamic(&[1u8]).lt(1i128 << 70)), @"lt: number is 1180591620717411303424; it must be between -2^63 and 2^64 - 1");
}

/// Dtypes that meet, and truth values.
#[test]
fn dtypes_that_meet_are_promoted() {
    device();
    let small = dynamic(&[200u8, 100]);
    let values = |x: DynArray| compute(&x.typed::<i16>().unwrap()).into_raw_vec_and_offset().0;
    assert_eq!(values(small.sub(dynamic(&[-100i8, 100])).unwrap()), [300, 0]);
    assert_eq!(values(functions::concatenate(&[small.clone(), dynamic(&[-1i8])], 0).unwrap()), [200, 100, -1]);
    assert_eq!(values(functions::where_(&small.gt(150).unwrap(), &small, dynamic(&[-7i8])).unwrap()), [200, -7]);
    let floats = |x: DynArray| compute(&x.typed::<f64>().unwrap()).into_raw_vec_and_offset().0;
    assert_eq!(floats(small.true_divide(8).unwrap()), [25.0, 12.5]);
    assert_eq!(floats(small.sqrt().unwrap().floor().unwrap()), [14.0, 10.0]);
    assert_eq!(floats(small.dot(&dynamic(&[0.5f32, 0.25])).unwrap().cast(DType::F64)), [125.0]);
    assert_eq!(floats(functions::binary(BinaryOp::Sub, 1.5, &small).unwrap()), [-198.5, -98.5]);
    assert_eq!(small.add(1.5).unwrap().dtype(), DType::F64);
    assert_eq!(small.cast(DType::F32).add(1.5).unwrap().dtype(), DType::F32);
    assert_eq!(small.pow(2).unwrap().dtype(), DType::U8);
    assert_eq!(values(small.pow(dynamic(&[1i16, 2])).unwrap()), [200, 10_000]);
    assert_eq!(functions::binary(BinaryOp::Pow, 2, dynamic(&[3i8])).unwrap().dtype(), DType::I8);
    let odd = dynamic(&[(1i64 << 53) + 1]);
    for same in [odd.floor(), odd.round(), odd.fmin(&odd), odd.fmax(&odd)] {
        assert_eq!(compute(&same.unwrap().typed::<i64>().unwrap())[[0]], (1 << 53) + 1);
    }
    assert_eq!(values(functions::clip(&small, -1, 300).unwrap().cast(DType::I16)), [200, 100]);
    assert_eq!(values((-(&(small.cast(DType::I16) * 2 + 1)) | 1) - Array::from(1i16)), [-402, -202]);
    let wide = Generator::new(1).draw(Draw::Uniform { low: 0.0, high: 1e39 }, DType::F32, 4).unwrap();
    assert!(floats(wide.cast(DType::F64)).iter().all(|v| v.is_nan()));
    let truth = dynamic(&[true, true, false]);
    let bools = |x: Result<DynArray, Error>| compute(&x.unwrap().typed::<bool>().unwrap()).into_raw_vec_and_offset().0;
    let other = dynamic(&[true, false, false]);
    assert_eq!(bools(truth.add(&other)), [true, true, false]);
    assert_eq!(bools(truth.mul(&other)), [true, false, false]);
    assert_eq!(bools(truth.minimum(&other)), [true, false, false]);
    assert_eq!(bools(truth.maximum(false)), [true, true, false]);
    assert_eq!(bools(truth.isnan()), [false; 3]);
    assert_eq!(floats(dynamic(&[true, false]).std(0.0).unwrap().powi(2).unwrap()), [0.25]);
    assert!(dynamic(&[0, 2]).any().typed::<bool>().unwrap().item().unwrap());
    assert!(!dynamic(&[0.0, f64::NAN]).all().typed::<bool>().unwrap().item().unwrap());
    assert_eq!(dynamic(&[3i32, 1]).nanmin().unwrap().typed::<i32>().unwrap().item().unwrap(), 1);
    let (counts, weights) = (truth.histogram(2).unwrap(), dynamic(&[1u8, 2, 4]));
    assert_eq!(compute(&counts.counts.typed::<i64>().unwrap()).as_slice().unwrap(), [1, 2]);
    let weighted = truth.histogram_weighted(2, &weights).unwrap().density().unwrap();
    assert_eq!(floats(weighted.counts), [8.0 / 7.0, 6.0 / 7.0]);
}

/// Powers of integers wrap, whatever dtype the exponents have.
#[test]
fn powers_of_any_exponent_wrap() {
    device();
    each_type!([u8 u16 u32 u64 i8 i16 i32 i64], T => {
        let power = |x: T, exponent: i128| {
            // 1/x rounded to zero: only 1 and -1 have an inverse.
            let minus_one = (0 as T).wrapping_sub(1);
            if exponent < 0 && x != 1 && !(T::MIN != 0 && x == minus_one) {
                return 0;
            }
            let (mut square, mut left, mut product) = (x, exponent.unsigned_abs(), 1 as T);
            while left > 0 {
                product = if left & 1 == 1 { product.wrapping_mul(square) } else { product };
                (square, left) = (square.wrapping_mul(square), left >> 1);
            }
            product
        };
        let mut bases = <T as Sample>::edges();
        bases.extend([5, 10, 99]);
        let x = dynamic(&bases).reshape([-1, 1]).unwrap().rechunk(9).unwrap();
        each_type!([i64 u32 u64], E => {
            let mut exponents = <E as Sample>::edges();
            exponents.extend([1 << 30, (1 << 30) - 1, 3 << 30, 64, 63].map(|n: u32| n as E));
            let found = compute(&x.powi(dynamic(&exponents)).unwrap().typed::<T>().unwrap());
            for (i, &base) in bases.iter().enumerate() {
                for (j, &exponent) in exponents.iter().enumerate() {
                    assert_eq!(found[[i, j]], power(base, exponent.into()), "{base} to {exponent}");
                }
            }
        });
        // Numbers without a dtype.
        for exponent in [-1i128, 3, 1 << 40, (1 << 40) + 1, u64::MAX.into(), i64::MIN.into()] {
            let found = compute(&x.pow(exponent).unwrap().typed::<T>().unwrap());
            bases.iter().zip(&found).for_each(|(&base, &got)| assert_eq!(got, power(base, exponent), "{base} to {exponent}"));
        }
    });
    let (small, wide) = (dynamic(&[3i8, -2]), dynamic(&[5i64, 3]));
    assert_eq!(compute(&small.pow(&wide).unwrap().typed::<i64>().unwrap()).as_slice().unwrap(), [243, -8]);
    assert_eq!(compute(&small.powi(&wide).unwrap().typed::<i8>().unwrap()).as_slice().unwrap(), [-13, -8]);
    assert_eq!(small.pow(wide.cast(DType::U64)).unwrap().dtype(), DType::F64);
    let halves = small.cast(DType::F32).mul(0.5).unwrap();
    assert_eq!(compute(&halves.powi(&wide).unwrap().typed::<f64>().unwrap()).as_slice().unwrap(), [7.59375, -1.0]);
    assert_eq!(
        compute(&halves.powi(1i64 << 40).unwrap().typed::<f32>().unwrap()).as_slice().unwrap(),
        [f32::INFINITY, 1.0]
    );
    assert_snapshot!(refused(small.powi(1i128 << 64)), @"powi: number is 18446744073709551616, beside an array of u64; it must be one that the array's dtype holds: cast() the array to a wider one");
}

/// Every slice that Python takes of short axes, by walking as Python does.
#[test]
fn slices_are_pythons() {
    let ends = [None, Some(-9), Some(-3), Some(-1), Some(0), Some(1), Some(4), Some(9), Some(i64::MAX), Some(i64::MIN)];
    let mut parts = Vec::new();
    let mut expected = Vec::new();
    for len in [0, 1, 4, 5] {
        let x: DynArray = gridloom::arange::<i32>(len).into();
        let len = i64::try_from(len).unwrap();
        for (start, stop) in ends.iter().flat_map(|&a| ends.map(|b| (a, b))) {
            for step in [-7, -2, -1, 1, 2, i64::MAX, i64::MIN] {
                let place = |at: i64| if at < 0 { at.saturating_add(len) } else { at };
                let from = start.map_or(if step > 0 { 0 } else { len - 1 }, place);
                let to = stop.map_or(if step > 0 { len } else { -1 }, place);
                // A walk from far outside, which sees the places it meets on the axis.
                let from = from.clamp(if step > 0 { 0 } else { -1 }, if step > 0 { len } else { len - 1 });
                let walk = std::iter::successors(Some(from), |at| at.checked_add(step));
                let walk = walk.take_while(|&at| if step > 0 { at < to } else { at > to });
                expected.extend(walk.take_while(|at| (0..len).contains(at)).map(|at| i32::try_from(at).unwrap()));
                expected.push(-1);
                parts.push(x.index(&[Index::Slice { start, stop, step: Some(step) }]).unwrap());
                parts.push(dynamic(&[-1]));
            }
        }
    }
    let all = functions::concatenate(&parts, 0).unwrap();
    assert_eq!(compute(&all.typed::<i32>().unwrap()).into_raw_vec_and_offset().0, expected);
}

#[test]
fn indices_are_numpys() {
    let x: DynArray = gridloom::arange::<i32>(24).reshape([2, 3, 4]).unwrap().into();
    let shape = |indices: &[Index]| x.index(indices).unwrap().shape().unwrap();
    assert_eq!(shape(&[]), [2, 3, 4]);
    assert_eq!(shape(&[Index::Ellipsis]), [2, 3, 4]);
    assert_eq!(shape(&[0.into()]), [3, 4]);
    assert_eq!(shape(&[Index::Ellipsis, 0.into()]), [2, 3]);
    assert_eq!(shape(&[Index::NewAxis, Index::Ellipsis, Index::NewAxis]), [1, 2, 3, 4, 1]);
    assert_eq!(shape(&[0.into(), Index::NewAxis, vec![0, 1, 2, 0].into()]), [4, 1, 4]);
    assert_eq!(shape(&[vec![].into()]), [0, 3, 4]);
    // A list that is apart from a single place comes first, one that is beside it stays.
    assert_eq!(shape(&[0.into(), (..).into(), vec![1, 2].into()]), [2, 3]);
    assert_eq!(shape(&[(..).into(), 0.into(), vec![1, 2, 0].into()]), [2, 3]);
    assert_eq!(shape(&[(1..).into(), (..2).into()]), [1, 2, 4]);
    let picked = x.index(&[1.into(), Index::Ellipsis, vec![-1, 0].into()]).unwrap();
    assert_eq!(compute(&picked.typed::<i32>().unwrap()).into_raw_vec_and_offset().0, [15, 19, 23, 12, 16, 20]);
    let mask = x.gt(20).unwrap();
    let large = x.index(&[Index::Mask(mask)]).unwrap();
    assert_eq!(compute(&large.typed::<i32>().unwrap()).into_raw_vec_and_offset().0, [21, 22, 23]);
    let step = Index::Slice { start: None, stop: None, step: Some(0) };
    assert_snapshot!(refused(x.index(&[step])), @"slice: step 0 on axis 0; a step is a positive or negative number");
    assert_snapshot!(refused(x.index(&[3.into()])), @"index: index 3 is out of range for axis 0 of length 2");
    assert_snapshot!(refused(x.index(&[0.into(), 0.into(), 0.into(), 0.into()])), @"index: needs no more entries than axes, got 4 entries for an array of shape (2, 3, 4)");
    assert_snapshot!(refused(x.index(&[Index::Ellipsis, Index::Ellipsis])), @"index: the list of entries is [Ellipsis, Ellipsis]; it must be one with a single ellipsis");
    assert_snapshot!(refused(x.index(&[vec![0].into(), vec![0, 0].into()])), @"index: one of the lists of places is of 2 places beside one of 1; it must be as long as the others");
    assert_snapshot!(refused(x.index(&[Index::Mask(x.gt(1).unwrap()), Index::NewAxis])), @"index: the list of entries is [Mask(Array<bool> (2, 3, 4), chunks (2, 3, 4), 24 B, 2 tasks), NewAxis]; it must be a mask alone: filter() what the other entries give");
    assert_snapshot!(refused(x.index(&[Index::Mask(x.clone())])), @"filter: the array's dtype is i32, not bool; cast it first");
    assert_snapshot!(refused(large.index(&[0.into()])), @"index: shape (?,) has an unknown length; compute() it and go on from the result, or index what it was filtered from");
}

#[test]
fn dtypes_that_do_not_fit_are_refused() {
    let truth = dynamic(&[true]);
    let float = dynamic(&[1.0f32]);
    let bytes = dynamic(&[1u8]);
    assert_snapshot!(refused(truth.sub(&truth)), @"sub: is not defined for bool; it takes numbers: cast() it to one");
    assert_snapshot!(refused(truth.neg()), @"neg: is not defined for bool; it takes numbers: cast() it to one");
    assert_snapshot!(refused(float.bitand(&bytes)), @"bitand: is not defined for f32; it takes integers and bool: cast() it, or compare it first");
    assert_snapshot!(refused(float.not()), @"not: is not defined for f32; it takes integers and bool: cast() it, or compare it first");
    assert_snapshot!(refused(truth.shl(&truth)), @"shl: is not defined for bool; it takes integers: cast() it to one");
    assert_snapshot!(refused(truth.count_ones()), @"count_ones: is not defined for bool; it takes integers: cast() it to one");
    assert_snapshot!(refused(bytes.add(256)), @"add: number is 256, beside an array of u8; it must be one that the array's dtype holds: cast() the array to a wider one");
    assert_snapshot!(refused(bytes.add(-1)), @"add: number is -1, beside an array of u8; it must be one that the array's dtype holds: cast() the array to a wider one");
    assert_snapshot!(refused(bytes.powi(&float)), @"powi: is not defined for f32; it takes integers as exponents: cast() them, or pow()");
    assert_snapshot!(refused(truth.clip(false, true)), @"clip: is not defined for bool; it takes numbers: cast() it to one");
    assert_snapshot!(refused(float.bincount(0)), @"bincount: is not defined for f32; it takes an integer");
    assert_snapshot!(refused(bytes.typed::<f64>()), @"typed: the array's dtype is u8, not f64; cast it first");
    assert_snapshot!(refused(functions::linspace(DType::I32, 0.0, 1.0, 3)), @"linspace: is not defined for i32; it takes a float: cast() the result");
    assert_snapshot!(refused(functions::arange_step(1u8.scalar(), 2i8.scalar(), 1u8.scalar())), @"arange: the array's dtype is i8, not u8; cast it first");
    assert_snapshot!(refused(functions::arange_step(true.scalar(), true.scalar(), true.scalar())), @"arange: is not defined for bool; it takes integers or floats");
    let draw = |draw, dtype| Generator::new(1).draw(draw, dtype, 3);
    assert_snapshot!(refused(draw(Draw::Normal { mean: 0.0, deviation: 1.0 }, DType::I32)), @"draw: is not defined for i32; it takes a float");
    assert_snapshot!(refused(draw(Draw::Integers { low: 0, high: 256 }, DType::U8)), @"integers: range is [0, 256]; it must be within the dtype's numbers");
    assert_snapshot!(refused(gridloom::graph::infer::filter(float.node(), bytes.node())), @"filter: the array's dtype is u8, not bool; cast it first");
    assert_snapshot!(refused(gridloom::graph::infer::concatenate(&[float.node().clone(), bytes.node().clone()], 0)), @"concatenate: the array's dtype is u8, not f32; cast it first");
    assert_snapshot!(refused(gridloom::graph::infer::binary(BinaryOp::Add, float.node(), bytes.node())), @"add: the array's dtype is u8, not f32; cast it first");
}

#[test]
fn values_go_in_and_out() {
    device();
    each_type!(all, T => {
        let x: Array<T> = gridloom::array([0u8, 1, 1, 0, 1, 0]).cast::<T>().reshape([2, 3]).unwrap();
        let values = DynArray::from(&x).compute().unwrap();
        assert_eq!((values.dtype(), values.shape()), (T::DTYPE, &[2, 3][..]));
        let again = functions::from_host(values, (1, 3)).unwrap().persist().unwrap();
        assert!(again.places().is_some());
        assert_eq!(compute(&again.typed::<T>().unwrap()), compute(&x));
    });
    let client = Client::get_default().unwrap();
    let x = dynamic(&[1u8, 2, 3]);
    let odd = x.filter(&x.ne(2).unwrap()).unwrap();
    let both = client.compute(&[x.clone(), odd][..]).unwrap();
    assert_eq!((both[0].bytes(), both[1].bytes(), both[1].shape()), (&[1, 2, 3][..], &[1, 3][..], &[2][..]));
    assert_snapshot!(refused(both.into_iter().next().unwrap().into_ndarray::<i8>()), @"into_ndarray: the array's dtype is u8, not i8; cast it first");
    let buffer = HostBuffer::from_vec::<u8>(vec![0; 5]);
    for shape in [vec![usize::MAX, 2, 0], vec![0, usize::MAX, 2]] {
        assert!(HostArray::new(HostBuffer::from_vec::<f64>(vec![]), shape).is_err());
    }
    let mut bytes = HostBuffer::from_vec::<bool>(vec![0; 3]);
    bytes.bytes_mut()[2] = 2;
    assert_snapshot!(refused(HostArray::new(bytes, vec![3])), @"HostArray: buffer of bool is a byte that is neither 0 nor 1; it must be 0 and 1");
    let negative = Draw::Normal { mean: 0.0, deviation: -1.0 };
    assert_snapshot!(refused(Generator::new(1).draw(negative, DType::F64, 3)), @"draw: deviation is -1; it must be 0 or more");
    assert_snapshot!(refused(HostArray::new(buffer, vec![2, 3])), @"HostArray: shape is [2, 3] for 5 elements; it must be of as many elements as the buffer has");

    let path = std::env::temp_dir().join(format!("gridloom-dynamic-{}.npy", std::process::id()));
    x.add(0.5).unwrap().to_npy(&path).unwrap();
    let read = gridloom::read_npy_dyn(&path, "auto").unwrap();
    assert_eq!(read.dtype(), DType::F64);
    assert_eq!(compute(&read.typed::<f64>().unwrap()).into_raw_vec_and_offset().0, [1.5, 2.5, 3.5]);
    std::fs::remove_file(path).unwrap();
    assert_eq!(x.to_string(), gridloom::array([1u8, 2, 3]).to_string());
}

#[test]
fn a_run_is_waited_for_as_long_as_one_likes() {
    device();
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let mut run = Client::get_default().unwrap().spawn(move |client| {
        wait.recv().unwrap();
        client.compute(&gridloom::arange::<i64>(10).sum())
    });
    assert!(run.wait_timeout(Duration::ZERO).unwrap().is_none());
    assert!(run.wait_timeout(Duration::from_millis(1)).unwrap().is_none());
    go.send(()).unwrap();
    let sum = run.wait_timeout(Duration::from_secs(600)).unwrap().unwrap();
    assert_eq!(sum[[]], 45);
    assert!(matches!(run.wait_timeout(Duration::ZERO), Err(Error::ResultTaken)));
}

/// Operands that meet in `i64` give what their values in `i64` give: a driver sees through the casts, and one of them turned what it saw
/// into other numbers.
#[test]
fn integers_that_are_widened_on_the_way_are_the_same_numbers() {
    let numbers = |dtype: DType| {
        let values: [i64; 8] = [-7, 5, -2, 1, 100, -128, 0, 33];
        let kept: Vec<i64> = values.map(|v| if dtype.is_signed() { v } else { v.abs() }).to_vec();
        DynArray::from(gridloom::array(kept.as_slice())).cast(dtype)
    };
    let host = |x: &DynArray| functions::from_host(x.compute().unwrap(), "auto").unwrap();
    let ops = [BinaryOp::FloorDiv, BinaryOp::FloorMod, BinaryOp::Div, BinaryOp::Rem, BinaryOp::Minimum, BinaryOp::Shr];
    device();
    for name in ["i8", "i16", "i32", "u8", "u16", "u32"] {
        let narrow = host(&numbers(of_name(name)));
        for divisor in [3i64, -5, 0, -1] {
            let wide = host(&DynArray::from(gridloom::array([divisor; 8])));
            let same = host(&narrow.cast(DType::I64));
            let pairs = [(&narrow, &wide, &same, &wide), (&wide, &narrow, &wide, &same)];
            for (op, (x, y, own_x, own_y)) in ops.iter().flat_map(|&op| pairs.map(|pair| (op, pair))) {
                let values = |x: DynArray| compute(&x.typed::<i64>().unwrap());
                let (got, expected) = (values(x.binary(op, y).unwrap()), values(own_x.binary(op, own_y).unwrap()));
                assert_eq!(got, expected, "{op:?} of {name} and {divisor}");
            }
        }
    }
}
