//! Functions of the user's: traced closures, WGSL and Rust pairs, functions of chunks.

use gridloom::{ElementFn, Error};
use ndarray::ArrayD;

use crate::common::{
    Bound, assert_array_close, assert_array_eq, check_array, chunked, chunkings, data, device, same, small_data,
};

#[test]
fn a_traced_closure_matches_the_same_closure_on_ndarray() {
    let values = data::<f32>(&[13, 37], 1);
    let want = values.mapv(|v| {
        let v = f64::from(v);
        if v > 0.5 { v.sqrt() * 2.0 } else { (1.0 - v).ln() + v }
    });
    for way in chunkings(&[13, 37]) {
        let x = chunked(&values, &way);
        let y = x.map(|v| v.gt(0.5).select(v.sqrt() * 2.0, (1.0f32 - v.clone()).ln() + v));
        // `1 - v` rounds, and the sum cancels: absolute where the sum is near 0.
        let got = y.compute().unwrap();
        for (g, w) in got.iter().zip(&want) {
            let near = Bound::Abs(4e-6 * w.abs().max(16.0));
            assert!(near.holds(y.dtype(), f64::from(*g), *w), "got {g}, expected {w}");
        }
    }
}

#[test]
fn a_traced_integer_closure_is_exact_for_every_chunking() {
    let values = data::<i32>(&[11, 23], 2);
    let want = values.mapv(|v| if v % 3 == 0 { v.wrapping_neg() } else { v.wrapping_mul(7).wrapping_add(1) });
    for way in chunkings(&[11, 23]) {
        let x = chunked(&values, &way);
        let y = x.map(|v| (v.clone() % 3).eq(0).select(-v.clone(), v * 7 + 1));
        assert_array_eq(&y, &want);
    }
}

#[test]
fn a_traced_closure_of_two_broadcasts() {
    let (a, b) = (small_data::<f32>(&[9, 1, 6], 3), small_data::<i32>(&[5, 1], 4));
    let want = ArrayD::from_shape_fn(vec![9, 5, 6], |i| {
        let (x, y) = (a[[i[0], 0, i[2]]], b[[i[1], 0]] as f32);
        x.max(y) - x.min(y) * 0.5
    });
    for (one, other) in chunkings(&[9, 1, 6]).iter().zip(chunkings(&[5, 1]).iter().rev()) {
        let (x, y) = (chunked(&a, one), chunked(&b, other));
        let z = x.map2(&y, |x, y| {
            let y = y.cast::<f32>();
            x.maximum(&y) - x.minimum(&y) * 0.5
        });
        assert_array_eq(&z.unwrap(), &want);
    }
    let wrong = chunked(&a, &"auto".into()).map2(gridloom::zeros::<i32>(4), |x, _| x);
    assert!(matches!(wrong, Err(Error::Broadcast { .. })), "{wrong:?}");
}

/// The same function in both languages.
fn collatz(wgsl_step: &str) -> ElementFn<u32, u32> {
    let wgsl = format!(
        "fn collatz(x: u32) -> u32 {{
            var v = x;
            var steps = 0u;
            while v > 1u && steps < 200u {{
                v = select(v / 2u, collatz_up(v), (v & 1u) == 1u);
                steps += 1u;
            }}
            return steps;
        }}
        fn collatz_up(v: u32) -> u32 {{ return {wgsl_step}; }}"
    );
    ElementFn::new("collatz", &wgsl, steps).unwrap()
}
fn steps(x: u32) -> u32 {
    let (mut v, mut steps) = (x, 0);
    while v > 1 && steps < 200 {
        v = if v & 1 == 1 { v.wrapping_mul(3).wrapping_add(1) } else { v / 2 };
        steps += 1;
    }
    steps
}

#[test]
fn a_function_in_both_languages_gives_the_same_on_every_device() {
    let values = data::<u32>(&[1000], 5);
    let want = values.mapv(|v| steps(v.wrapping_add(1)));
    let f = collatz("v * 3u + 1u");
    for way in chunkings(&[1000]) {
        // Fused with what comes before.
        assert_array_eq(&f.apply(&(chunked(&values, &way) + 1)), &want);
    }
}

/// The negative control: the comparison sees whether a device ran the WGSL text or the Rust one.
#[test]
fn a_function_that_differs_between_languages_is_noticed_on_devices() {
    let values = data::<u32>(&[1000], 5);
    let want = values.mapv(steps);
    let f = collatz("v * 3u - 1u");
    let checked = check_array(&f.apply(&chunked(&values, &300.into())), &want, same);
    if device().is_gpu() {
        let problem = checked.expect_err("the WGSL text is wrong on purpose");
        assert!(problem.contains("expected") && problem.contains("differ"), "{problem}");
    } else {
        checked.unwrap();
    }
}

#[test]
fn functions_of_other_dtypes_convert_at_the_edges() {
    let bytes = data::<u8>(&[300], 6);
    let odd = ElementFn::new("is_odd", "fn is_odd(x: u32) -> bool { return (x & 1u) == 1u; }", |x: u8| x & 1 == 1);
    let x = chunked(&bytes, &97.into());
    assert_array_eq(&odd.unwrap().apply(&x), &bytes.mapv(|v| v & 1 == 1));
    let half =
        ElementFn::new("halved", "fn halved(x: i32) -> f32 { return f32(x) * 0.5; }", |x: i16| f32::from(x) * 0.5);
    let shorts = data::<i16>(&[300], 7);
    assert_array_eq(&half.unwrap().apply(&chunked(&shorts, &"auto".into())), &shorts.mapv(|v| f32::from(v) * 0.5));
}

/// Numbers of which no function here makes anything but numbers.
/// Mesa's software driver ends the loops of a thread that has made 65,535 of them: where a text has loops, a thread takes few elements.
#[test]
fn loops_of_a_function_run_to_their_end() {
    device();
    let wgsl = "fn count(x: f32) -> f32 { var s = x; for (var i = 0; i < 4000; i++) { s += 1.0; } return s; }";
    let f = ElementFn::new("count", wgsl, |x: f32| x + 4000.0).unwrap();
    let counted = f.apply(&gridloom::zeros::<f32>(100_000));
    let (sum, least) = gridloom::compute((&counted.sum(), &counted.min().unwrap())).unwrap();
    assert_eq!((sum[[]], least[[]]), (4e8, 4000.0));
}

fn numbers(n: usize) -> ArrayD<f32> {
    ArrayD::from_shape_fn(vec![n], |at| 0.5 + at[0] as f32 / 16.0)
}

/// A function of one `f32` that adds a number, with that text before and behind it.
fn adds(name: &str, number: f32, before: &str, after: &str) -> ElementFn<f32, f32> {
    let wgsl = format!("{before}fn {name}(x: f32) -> f32 {{ return x + {number:?}; }}{after}");
    ElementFn::new(name, &wgsl, move |x: f32| x + number).unwrap_or_else(|error| panic!("{wgsl}: {error}"))
}

/// Once, a function that a user called as the library calls one of its own took that one's place.
#[test]
fn a_function_named_as_one_of_the_library_changes_nothing_else() {
    let values = numbers(300);
    let want = values.mapv(|v| 42.0 + 1.0 / (1.0 + (-f64::from(v)).exp()));
    let f = ElementFn::new("sigmoid_f32", "fn sigmoid_f32(x: f32) -> f32 { return 42.0; }", |_: f32| 42.0).unwrap();
    for way in chunkings(&[300]) {
        let x = chunked(&values, &way);
        assert_array_close(&(f.apply(&x) + x.sigmoid()), &want, Bound::Ulp(2.0));
        let mean = (f.apply(&x) + x.sigmoid()).mean_axis(0).unwrap();
        assert_array_close(&mean, &ndarray::arr0(want.mean().unwrap()).into_dyn(), Bound::Ulp(8.0));
    }
}

/// Names of builtin functions, of the library, of templates and of printed code: an expression that uses what they name
/// gives what it gives without the function.
#[test]
fn functions_may_have_any_name() {
    let values = numbers(64);
    let x = chunked(&values, &20.into());
    let own = (x.exp() + x.floor() * x.abs() - &x % 2.0).maximum(x.sin()).unwrap();
    let plain = own.compute().unwrap();
    let names = "abs floor min max select bitcast exp exp_f32 sin_f32 rem_f32 maximum_f32 is_nan_f32 main params launch Launch piece \
                 Piece place element Element Loads load Quad quad load_quad made0 in0 in1 out0 q p c0 n0 v0 v1 e at point \
                 first base group groups local RUN value mask user0_f user1_ vec2 array";
    for name in names.split(' ') {
        // Twice in one expression, once with a helper that has the library's name, and once from a text that has it as a helper.
        let f =
            adds(name, 1.0, "const sigmoid_f32 = 7.0; struct pair_add { Piece: f32 }\n", "\nvar<private> state: f32;");
        let g = adds("plain", 2.0, "", &format!("\nfn {name}(x: f32) -> f32 {{ return 1e9; }}"));
        let sum = f.apply(&x) + g.apply(&x) + &own;
        let want = (values.mapv(|v| v + 1.0) + values.mapv(|v| v + 2.0)) + &plain;
        assert_array_close(&sum, &want.mapv(f64::from), Bound::Ulp(4.0));
    }
}

#[test]
fn functions_of_one_name_or_one_text_are_told_apart() {
    let values = numbers(50);
    let x = chunked(&values, &17.into());
    let helper = |number: f32| {
        let wgsl = format!("fn f(x: f32) -> f32 {{ return x + help(); }} fn help() -> f32 {{ return {number:?}; }}");
        ElementFn::new("f", &wgsl, move |x: f32| x + number).unwrap()
    };
    let [one, two, again] = [helper(1.0), helper(2.0), helper(1.0)];
    let sum = one.apply(&x) + two.apply(&x) + again.apply(&x);
    assert_array_eq(&sum, &values.mapv(|v| (v + 1.0) + (v + 2.0) + (v + 1.0)));
    // Two functions of one text.
    let wgsl = "fn a(x: f32) -> f32 { return b(x) + 1.0; }\nfn b(x: f32) -> f32 { return x * 2.0; }";
    let a = ElementFn::new("a", wgsl, |x: f32| x * 2.0 + 1.0).unwrap();
    let b = ElementFn::new("b", wgsl, |x: f32| x * 2.0).unwrap();
    assert_array_eq(&(a.apply(&x) - b.apply(&x)), &values.mapv(|v| (v * 2.0 + 1.0) - v * 2.0));
}

/// What looks like a definition and is none: comments, members, names within functions, names beyond ASCII.
#[test]
fn texts_are_read_as_wgsl_reads_them() {
    let values = numbers(40);
    let x = chunked(&values, &13.into());
    let wgsl = "
/*
fn sigmoid_f32(x: f32) -> f32 { return 0.0; }
/* fn exp_f32 */ }
*/
// fn floor(
struct Point { x: f32, weigh: f32, größe: f32, }
alias Number = f32;
const größe: Number = 2.0; const weigh = 3u;
fn largest(a: Number, b: Number) -> Number { let weigh = a; return max(weigh, b); }
@must_use fn weigh_all(params: Point) -> Number { return params.x + params.weigh * größe + params.größe; }
fn f  (x: f32)->f32{
    var exp_f32 = Point(x, f32(weigh), 1e0f);
    exp_f32.x = largest(x, 5.0) + vec2(0.0, 1.0).y;
    return weigh_all(exp_f32);
}";
    let f = ElementFn::new("f", wgsl, |x: f32| x.max(5.0) + 1.0 + 6.0 + 1.0).unwrap();
    assert_array_eq(&(f.apply(&x) + x.floor()), &values.mapv(|v| (v.max(5.0) + 1.0 + 6.0 + 1.0) + v.floor()));
}

#[test]
fn malformed_functions_are_refused() {
    for (name, wgsl) in [
        ("f x", "fn f x(v: f32) -> f32 { return v; }"),
        ("f", "fn g(v: f32) -> f32 { return v; }"),
        ("", ""),
        ("f", "// fn f(v: f32) -> f32 { return v; }"),
        ("f", "const f = 1.0;"),
    ] {
        let made = ElementFn::new(name, wgsl, |v: f32| v);
        assert!(matches!(made, Err(Error::UserFunction { .. })), "{name:?}: {made:?}");
    }
}

#[test]
fn a_nan_differs_from_everything_in_a_users_text() {
    let x = gridloom::array([f32::NAN, 3.0, 1.0]);
    let differs = |wgsl| ElementFn::new("f", wgsl, |x: f32| x != 3.0).unwrap().apply(&x).compute().unwrap();
    for wgsl in [
        "fn f(x: f32) -> bool { return x != 3.0; }",
        "fn f(x: f32) -> bool { return select(false, true, 3.0 != x); }",
        "fn f(x: f32) -> bool { return any(vec2(x, x) != vec2(3.0, 3.0)); }",
        "fn f(x: f32) -> bool { while x != 3.0 { return true; } return false; }",
    ] {
        assert_eq!(differs(wgsl).as_slice().unwrap(), [true, false, true], "{wgsl}");
    }
}

#[test]
fn what_an_adapter_lacks_within_a_text_is_an_error_there() {
    let x = gridloom::array([1f32, 2.0]);
    for wgsl in [
        "fn f(x: f32) -> f32 { return f32(f64(x) * 3.0lf); }",
        "fn f(x: f32) -> f32 { return f32(i64(x) * 3li); }",
        "fn f(x: f32) -> f32 { var n = 3lu; return x * f32(n); }",
    ] {
        let wide = ElementFn::new("f", wgsl, |x: f32| 3.0 * x).unwrap();
        match wide.apply(&x).compute() {
            Ok(values) => assert_eq!(values.as_slice().unwrap(), [3.0, 6.0], "{wgsl}"),
            Err(error) => {
                assert!(matches!(error, Error::UserFunction { .. }), "{wgsl}: {error}");
                assert!(device().is_gpu() && !device().runs(gridloom::DType::F64), "{wgsl}: {error}");
            }
        }
    }
}

#[test]
fn a_function_of_chunks_sees_each_chunk_once_and_in_its_place() {
    let values = data::<f64>(&[12, 10], 8);
    for way in chunkings(&[12, 10]) {
        let x = chunked(&values, &way);
        // The chunk's own maximum: depends on the chunking, so the oracle goes over the chunks too.
        let y = (&x + 1.0).map_chunks("minus the largest", |chunk| {
            let largest = chunk.iter().copied().fold(f64::MIN, f64::max);
            chunk.mapv(|v| v - largest)
        });
        let mut want = values.mapv(|v| v + 1.0);
        let chunks = x.chunks();
        for index in 0..chunks.count() {
            let region = chunks.region(&chunks.coord(index));
            let mut part = want.slice_each_axis_mut(|axis| {
                let (start, end) = region[axis.axis.index()];
                (start as isize..end as isize).into()
            });
            let largest = part.iter().copied().fold(f64::MIN, f64::max);
            part.mapv_inplace(|v| v - largest);
        }
        assert_array_eq(&y, &want);
        assert_array_close(&y.map(|v| v * 3.0), &want.mapv(|v| v * 3.0), Bound::Ulp(0.0));
    }
}

#[test]
fn functions_of_chunks_that_fail_are_errors_and_the_client_stays_usable() {
    let x = gridloom::arange::<i32>(100).rechunk(30).unwrap();
    let wrong = x.map_chunks("shrink", |chunk| chunk.slice(ndarray::s![..1]).to_owned().into_dyn()).compute();
    assert!(matches!(&wrong, Err(Error::UserFunction { name, .. }) if name == "shrink"), "{wrong:?}");
    let panics = x.map_chunks("burst", |_| -> ArrayD<i32> { panic!("on purpose") }).compute();
    assert!(
        matches!(&panics, Err(Error::UserFunction { problem, .. }) if problem.contains("on purpose")),
        "{panics:?}"
    );
    assert_eq!(x.sum().item().unwrap(), 4950);
}
