//! Functions of elements: arithmetic, which is bound by memory, and a transcendental function.

use criterion::Criterion;
use gridloom::random::Generator;
use gridloom::{Array, Result};

use crate::common;

/// `x·2 + y`, `√x` and `e^x`.
pub(crate) fn bench(criterion: &mut Criterion) {
    for (op, single, double) in [
        ("mul_add", mul_add::<f32> as Expression<f32>, mul_add::<f64> as Expression<f64>),
        ("sqrt", |x, _| Ok(x.sqrt()), |x, _| Ok(x.sqrt())),
        ("exp", |x, _| Ok(x.exp()), |x, _| Ok(x.exp())),
    ] {
        let mut group = criterion.benchmark_group(op);
        let operands = if op == "mul_add" { 2 } else { 1 };
        for (device, client) in common::devices() {
            measure(&mut group, device, &client, operands, single);
            measure(&mut group, device, &client, operands, double);
        }
        group.finish();
    }
}

/// An expression of two operands.
type Expression<T> = fn(&Array<T>, &Array<T>) -> Result<Array<T>>;

fn mul_add<T: gridloom::dtype::Real + From<f32>>(x: &Array<T>, y: &Array<T>) -> Result<Array<T>> {
    (x * T::from(2.0)).add(y)
}

fn measure<T: gridloom::dtype::Real + Into<f64>>(
    group: &mut criterion::BenchmarkGroup<'_, criterion::measurement::WallTime>,
    device: &str,
    client: &gridloom::Client,
    operands: usize,
    expression: Expression<T>,
) {
    let n = common::side();
    let rng = Generator::new(1);
    let draw = || rng.random::<T>((n, n)).rechunk(n / 4).and_then(|x| x.persist_with(client)).expect("operands");
    let (x, y) = (draw(), draw());
    let result = expression(&x, &y).expect("an expression");

    // On the whole array and on one element.
    let values = client.compute(&result).expect("values");
    let at = [n - 1, n / 2];
    let pick = |a: &Array<T>| Array::from(client.compute(a).expect("an operand")[at]);
    let alone = expression(&pick(&x), &pick(&y)).and_then(|a| client.compute(&a));
    let alone = alone.expect("one value")[[]];
    assert!(common::close(values[at].into(), alone.into(), 1e-5), "{device}: {} and {alone}", values[at]);

    let bytes = (operands + 1) * n * n * T::DTYPE.size();
    common::case(group, common::name(device, &x), bytes, || {
        client.compute(&result).expect("a run");
    });
}
