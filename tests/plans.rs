//! Plans that are made once for expressions of one form: right with other data, numbers and seeds, and no data is held by them.
//! (Debug builds compare each plan that was remembered with one that is made anew, in all tests.)

use std::sync::Arc;

use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Array, Backend, from_shared, where_};
use ndarray::{Array1, ArrayD};

use crate::common::device;

/// On the CPU: what is planned is the same everywhere, and other tests run on devices.
fn client() -> Client {
    device();
    Client::builder().backend(Backend::Cpu).workers(1).no_progress().build().unwrap()
}

fn shared(values: impl IntoIterator<Item = f64>) -> Arc<ArrayD<f64>> {
    Arc::new(Array1::from_iter(values).into_dyn())
}

#[test]
fn a_loop_is_planned_once() {
    let client = client();
    for i in 0..20 {
        let data = shared((0..50).map(|k| f64::from(k + i)));
        let x = from_shared(&data, 7).unwrap();
        let result = client.compute(&(&x * f64::from(i + 3) - 1.0).sum()).unwrap()[[]];
        assert_eq!(result, data.iter().map(|x| x * f64::from(i + 3) - 1.0).sum::<f64>());
    }
    assert_eq!(client.plans_made(), 1);
    // Other chunks, another type, and one number that is now the other one, are other forms.
    let x = from_shared(&shared((0..50).map(f64::from)), 8).unwrap();
    assert_eq!(client.compute(&(&x * 3.0 - 1.0).sum()).unwrap()[[]], 3625.0);
    assert_eq!(client.compute(&(&x * 3.0 - 3.0).sum()).unwrap()[[]], 3525.0);
    assert_eq!(client.compute(&(&x.cast::<f32>() * 3.0 - 1.0).sum()).unwrap()[[]], 3625.0);
    assert_eq!(client.plans_made(), 4);
}

#[test]
fn equal_things_are_told_from_different_ones() {
    let client = client();
    let draws = |seed| Generator::new(seed).random::<f64>(30);
    let (one, other) = (draws(1), draws(2));
    for (a, b, same) in [(&one, &other, false), (&one, &one, true), (&other, &one, false), (&other, &other, true)] {
        let result = client.compute(&(a - b).abs().sum()).unwrap()[[]];
        assert_eq!(result == 0.0, same, "{result}");
    }
    assert_eq!(client.plans_made(), 2);
    let (x, y) = (from_shared(&shared([1.0, 2.0]), 2).unwrap(), from_shared(&shared([5.0, 7.0]), 2).unwrap());
    assert_eq!(client.compute(&(&x - &y)).unwrap().as_slice().unwrap(), [-4.0, -5.0]);
    assert_eq!(client.compute(&(&y - &x)).unwrap().as_slice().unwrap(), [4.0, 5.0]);
    assert_eq!(client.compute(&(&x - &x)).unwrap().as_slice().unwrap(), [0.0, 0.0]);
    assert_eq!(client.plans_made(), 4);
    // By bits: zeros of both signs, and not-a-numbers.
    for value in [0.0f64, -0.0, f64::NAN, 1.5] {
        let result = client.compute(&(&x * 0.0 + value)).unwrap();
        assert!(result.iter().all(|r| r.to_bits() == (0.0 + value).to_bits()), "{value}: {result}");
        let result = client.compute(&x.copysign(value).unwrap()).unwrap();
        assert!(result.iter().all(|r| r.is_sign_negative() == value.is_sign_negative()), "{value}: {result}");
    }
}

#[test]
fn numbers_that_planning_looks_at_are_part_of_the_form() {
    let client = client();
    let x = from_shared(&shared([1.0, 2.0, 3.0]), 2).unwrap();
    // Constants of constants are folded: 2 + 3 is nowhere in the graph, and 5 may be.
    for (a, b) in [(2.0, 3.0), (3.0, 3.0), (2.0, 4.0)] {
        let folded = &gridloom::full(3, a) + &gridloom::full(3, b);
        let result = client.compute(&(&(&x * 5.0) + &(&folded.rechunk(2).unwrap() * &x))).unwrap();
        assert_eq!(result.as_slice().unwrap(), [1.0, 2.0, 3.0].map(|x| x * 5.0 + (a + b) * x));
    }
    // Masks have constants of their own.
    for keep in [true, false] {
        let mask = gridloom::full(3, keep).rechunk(2).unwrap();
        let result = client.compute(&where_(&mask, &x, &(&x * 10.0)).unwrap()).unwrap();
        assert_eq!(result.as_slice().unwrap(), [1.0, 2.0, 3.0].map(|x| if keep { x } else { x * 10.0 }));
        let kept = client.compute(&x.filter(&mask).unwrap()).unwrap();
        assert_eq!(kept.len(), if keep { 3 } else { 0 });
    }
}

#[test]
fn filters_of_one_form_are_planned_once() {
    let client = client();
    for i in 0..10 {
        let data = shared((0..60).map(|k| f64::from((k * 7 + i) % 60)));
        let x = from_shared(&data, 25).unwrap();
        let (low, high) = (f64::from(10 + i), f64::from(50 - i));
        let kept = x.filter(&x.gt(low)).unwrap();
        let (sum, below) = client.compute((&(&kept * 2.0).sum(), &kept.filter(&kept.lt(high)).unwrap())).unwrap();
        let want: Vec<f64> = data.iter().copied().filter(|x| *x > low).collect();
        assert_eq!(sum[[]], 2.0 * want.iter().sum::<f64>());
        assert_eq!(
            below.iter().copied().collect::<Vec<f64>>(),
            want.into_iter().filter(|x| *x < high).collect::<Vec<f64>>()
        );
    }
    assert_eq!(client.plans_made(), 1);
    // The same mask twice, and two masks, are two forms.
    let x = from_shared(&shared((0..60).map(f64::from)), 25).unwrap();
    let (one, other) = (x.gt(30.0), x.lt(10.0));
    let joined = |a: &Array<bool>, b: &Array<bool>| {
        let parts = [x.filter(a).unwrap(), x.filter(b).unwrap()];
        client.compute(&gridloom::concatenate(&parts, 0).unwrap()).unwrap().len()
    };
    assert_eq!([joined(&one, &one), joined(&one, &other), joined(&other, &one)], [58, 39, 39]);
}

#[test]
fn plans_hold_no_data() {
    let client = client();
    let data = shared((0..100).map(f64::from));
    for i in 0..3 {
        let x = from_shared(&data, 10).unwrap();
        let kept = (&x + f64::from(i)).persist_with(&client).unwrap();
        assert_eq!(client.compute(&(&kept * 2.0).sum()).unwrap()[[]], 2.0 * (4950.0 + 100.0 * f64::from(i)));
        assert_eq!(client.compute(&(&x * 2.0).sum()).unwrap()[[]], 9900.0);
    }
    assert_eq!(Arc::strong_count(&data), 1);
    assert_eq!(client.memory().host, 0, "what was persisted is gone");
    // Functions of the user's may hold anything: what has one is planned anew.
    let made = client.plans_made();
    let held = data.clone();
    let x = from_shared(&data, 10).unwrap().map_chunks("add", move |chunk| &chunk + held[[1]]);
    assert_eq!(client.compute(&x.sum()).unwrap()[[]], 5050.0);
    drop(x);
    assert_eq!((client.plans_made(), Arc::strong_count(&data)), (made, 1));
}

#[test]
fn many_forms_make_room_for_others() {
    let client = client();
    let x = from_shared(&shared((0..200).map(f64::from)), 50).unwrap();
    for round in 1..=2 {
        for n in 1..=100 {
            assert_eq!(client.compute(&x.slice(s![..n]).unwrap().sum()).unwrap()[[]], f64::from(n * (n - 1) / 2));
        }
        assert_eq!(client.plans_made(), 100 * round);
    }
    // Of one loop, the last ones are there.
    assert_eq!(client.compute(&x.slice(s![..100]).unwrap().sum()).unwrap()[[]], 4950.0);
    assert_eq!(client.plans_made(), 200);
}
