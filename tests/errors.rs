//! Every error a user can meet, provoked through the public API: what it says, that operators panic with the same words at
//! the caller's line, and that the client computes on after it.

use gridloom::dtype::Element;
use gridloom::ops::ReduceOp;
use gridloom::prelude::*;
use gridloom::{
    AxisSpec, Backend, Beyond, Bins, BitOrder, ElementFn, Error, Result, arange, array, functions, ones, zeros,
};
use insta::assert_snapshot;
use ndarray::{IxDyn, SliceInfo, SliceInfoElem};

/// The message of what was refused.
fn refused<T>(result: Result<T>) -> String {
    let Err(error) = result else { panic!("it was not refused") };
    let text = error.to_string();
    assert!(!text.ends_with('.'), "a full stop: {text}");
    assert!(!text.starts_with(char::is_uppercase), "upper case: {text}");
    text
}

/// The message of what cannot be computed, after which the default client still computes.
fn fails<T>(result: Result<T>) -> String {
    let text = refused(result);
    assert_eq!(array([1i32, 2, 3]).sum().item().unwrap(), 6, "the client is broken by: {text}");
    text
}

/// `x` without its elements that are not above `low`: an array of unknown length.
fn above(x: &Array<f32>, low: f32) -> Array<f32> {
    x.filter(&x.gt(low)).unwrap()
}

#[test]
fn shapes_that_do_not_broadcast() {
    let (x, y) = (zeros::<f32>((2, 3)), zeros::<f32>(4));
    assert_snapshot!(refused(x.add(&y)), @"add: shapes (2, 3) and (4,) do not broadcast: axis 1 is 3 against 4; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.clip(0.0, &y)), @"clip: shapes (2, 3) and (4,) do not broadcast: axis 1 is 3 against 4; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(where_(&x.gt(0.0), &x, &y)), @"select: shapes (2, 3) and (4,) do not broadcast: axis 1 is 3 against 4; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.map2(&y, |a, b| a + b)), @"map2: shapes (2, 3) and (4,) do not broadcast: axis 1 is 3 against 4; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.broadcast_to((2, 4))), @"broadcast_to: shape (2, 3) does not broadcast to (2, 4); only axes of length 1 can grow, and new axes come first");
    assert_snapshot!(refused(x.broadcast_to(3)), @"broadcast_to: shape (2, 3) does not broadcast to (3,); only axes of length 1 can grow, and new axes come first");
    assert_snapshot!(refused(x.filter(&y.gt(0.0))), @"filter: shapes (2, 3) and (4,) do not broadcast: axis 0 is 2 against 4; a mask has the shape of the array; filter_axis() takes one of an axis alone");
    let z = zeros::<f32>((2, 2));
    assert_snapshot!(refused(x.filter(&z.gt(0.0))), @"filter: shapes (2, 3) and (2, 2) do not broadcast: axis 1 is 3 against 2; a mask has the shape of the array; filter_axis() takes one of an axis alone");
}

#[test]
fn lengths_that_are_not_known_yet() {
    let x = arange::<f32>(10);
    let (low, high) = (above(&x, 2.0), above(&x, 5.0));
    assert_snapshot!(refused(low.add(&high)), @"add: shapes (?,) and (?,) do not broadcast: axis 0 is unknown against unknown; unknown lengths fit where the same mask made both, and once both are known: filter both by it, or compute() and go on from the results");
    assert_snapshot!(refused(low.add(&x)), @"add: shapes (?,) and (10,) do not broadcast: axis 0 is unknown against 10; unknown lengths fit where the same mask made both, and once both are known: filter both by it, or compute() and go on from the results");
    assert_snapshot!(refused(low.filter(&high.gt(0.0))), @"filter: shapes (?,) and (?,) do not broadcast: axis 0 is unknown against unknown; unknown lengths fit where the same mask made both, and once both are known: filter both by it, or compute() and go on from the results");
    assert_snapshot!(refused(low.slice(s![1..])), @"slice: shape (?,) has an unknown length; compute() it and go on from the result, or index what it was filtered from");
    assert_snapshot!(refused(low.index_axis(0, 1)), @"index_axis: shape (?,) has an unknown length; compute() it and go on from the result, or transpose before filtering");
    assert_snapshot!(refused(low.insert_axis(0)), @"insert_axis: shape (?,) has an unknown length; compute() it and go on from the result, or transpose before filtering");
    assert_snapshot!(refused(low.rechunk(2)), @"rechunk: shape (?,) has an unknown length; compute() it and go on from the result, or reduce it as it is");
    assert_snapshot!(refused(low.reshape([2, -1])), @"reshape: shape (?,) has an unknown length; compute() it and go on from the result, or reshape before filtering");
    assert_snapshot!(refused(low.take([0], 0)), @"take: shape (?,) has an unknown length; compute() it and go on from the result, or filter it further instead");
    assert_snapshot!(refused(low.dot(&low)), @"dot: shape (?,) has an unknown length; compute() it and go on from the result, or use (a * b).sum() for 1-d arrays");
    assert_snapshot!(refused(low.remove_axis(0)), @"remove_axis: the axis' length is unknown; it must be 1");
    // What the messages advise works.
    let known = Array::from(low.compute().unwrap());
    assert_eq!(known.slice(s![1..]).unwrap().shape(), Some(vec![6]));
    assert!(low.persist().unwrap().slice(s![1..]).is_err());
}

#[test]
fn axes_that_are_not_there() {
    let x = zeros::<f64>((4, 5));
    assert_snapshot!(refused(x.sum_axis(3)), @"sum: axis 3 is out of range for an array of shape (4, 5); it has axes -2 to 1");
    assert_snapshot!(refused(x.max_axis(-3)), @"max: axis -3 is out of range for an array of shape (4, 5); it has axes -2 to 1");
    assert_snapshot!(refused(x.sum().sum_axis(0)), @"sum: axis 0 is out of range for an array of shape (); it has none");
    assert_snapshot!(refused(x.sum_axis([1, -1])), @"sum: axis -1 is named twice in [1, -1]");
    assert_snapshot!(refused(x.insert_axis(3)), @"insert_axis: axis 3 is out of range for an array of shape (4, 5); a new axis goes to -3 to 2");
    assert_snapshot!(refused(x.swap_axes(0, 2)), @"swap_axes: axis 2 is out of range for an array of shape (4, 5); it has axes -2 to 1");
    assert_snapshot!(refused(x.permute_axes([0])), @"permute_axes: needs every axis once, got axes [0] of an array of shape (4, 5)");
    assert_snapshot!(refused(x.permute_axes([0, 0])), @"permute_axes: axis 0 is named twice in [0, 0]");
    assert_snapshot!(refused(x.index_axis([0, 1], 0)), @"index_axis: axis is [0, 1]; it must be one axis");
    assert_snapshot!(refused(x.remove_axis(0)), @"remove_axis: the axis' length is 4; it must be 1");
    assert_snapshot!(refused(gridloom::concatenate(&[x.clone(), x.clone()], 2)), @"concatenate: axis 2 is out of range for an array of shape (4, 5); it has axes -2 to 1");
    assert_snapshot!(refused(gridloom::concatenate(std::slice::from_ref(&x), [0, 1])), @"concatenate: axis is [0, 1]; it must be one axis");
    assert_snapshot!(refused(zeros::<f64>((2, 3, 4)).argmin_axis([0, 1])), @"argmin: needs one axis, or all of them, got axes [0, 1] of an array of shape (2, 3, 4)");
}

#[test]
fn joins_of_what_does_not_fit() {
    let (x, y) = (zeros::<f64>((2, 3)), zeros::<f64>((2, 4)));
    assert_snapshot!(refused(gridloom::concatenate(&[x.clone(), y.clone()], 0)), @"concatenate: shape (2, 4) of array 1 differs from (2, 3) of array 0 on axis 1; only the joined axis may differ");
    assert_snapshot!(refused(gridloom::concatenate(&[x.clone(), zeros(2)], 0)), @"concatenate: shape (2,) of array 1 differs from (2, 3) of array 0 on axis 1; only the joined axis may differ");
    assert_snapshot!(refused(gridloom::concatenate(&[] as &[Array<f64>], 0)), @"concatenate: needs at least one array, got none");
    assert_snapshot!(refused(gridloom::stack(&[x.clone(), y], 0)), @"stack: shape (2, 4) of array 1 differs from (2, 3) of array 0 on axis 1; stacked arrays have one shape");
    assert_snapshot!(refused(gridloom::stack(&[] as &[Array<f64>], 0)), @"stack: needs at least one array, got none");
    assert_snapshot!(refused(gridloom::stack(&[x.clone(), x], 3)), @"stack: axis 3 is out of range for an array of shape (2, 3); a new axis goes to -3 to 2");
}

#[test]
fn products_that_do_not_align() {
    let x = zeros::<f32>((2, 3));
    assert_snapshot!(refused(x.dot(&x)), @"dot: shapes (2, 3) and (2, 3) do not align: 3 ≠ 2; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them");
    assert_snapshot!(refused(x.dot(&zeros(2))), @"dot: shapes (2, 3) and (2,) do not align: 3 ≠ 2; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them");
    assert_snapshot!(refused(x.dot(&zeros((3, 4, 5)))), @"dot: shapes (2, 3) and (3, 4, 5) do not align: 3 ≠ 4; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them");
    assert_snapshot!(refused(gridloom::dot(&x.sum(), &x)), @"dot: needs arrays of one axis and more, got an array of shape ()");
    let (tall, wide) = (zeros::<f32>((1 << 15, 1)), zeros::<f32>((1, 1 << 15)));
    assert_snapshot!(refused(tall.dot(&wide)), @r#"chunks: a chunk of [32768, 32768] takes 4096 MiB, over the limit of 2047 MiB a chunk; choose smaller chunks, or "auto""#);
}

#[test]
fn reshapes_that_do_not_fit() {
    let x = zeros::<f32>((2, 3));
    assert_snapshot!(refused(x.reshape([4])), @"reshape: shape (2, 3) has 6 elements, [4] has 4; leave one length open with -1, or slice first");
    assert_snapshot!(refused(x.reshape([-1, -1])), @"reshape: [-1, -1] is no shape of 6 elements; lengths are 0 or more, and one may be -1 if the others divide 6");
    assert_snapshot!(refused(x.reshape([4, -1])), @"reshape: [4, -1] is no shape of 6 elements; lengths are 0 or more, and one may be -1 if the others divide 6");
    assert_snapshot!(refused(x.reshape([-2, 3])), @"reshape: [-2, 3] is no shape of 6 elements; lengths are 0 or more, and one may be -1 if the others divide 6");
    assert_snapshot!(refused(x.reshape([0, -1])), @"reshape: [0, -1] is no shape of 6 elements; lengths are 0 or more, and one may be -1 if the others divide 6");
    assert_snapshot!(refused(x.reshape([1i64 << 40, 1 << 40])), @"reshape: shape (2, 3) has 6 elements, [1099511627776, 1099511627776] has 18446744073709551615; leave one length open with -1, or slice first");
    assert_snapshot!(refused(zeros::<u8>((1 << 40, 1 << 40)).ravel()), @"reshape: lengths (1099511627776, 1099511627776) make more than 2^63 - 1 elements on one axis; slice or reduce first");
    assert_snapshot!(refused(x.reshape([1i64 << 32, 1 << 32, -1])), @"reshape: [4294967296, 4294967296, -1] is no shape of 6 elements; lengths are 0 or more, and one may be -1 if the others divide 6");
}

#[test]
fn indices_beyond_the_array() {
    let x = zeros::<u8>((4, 5));
    assert_snapshot!(refused(x.slice(s![4, ..])), @"slice: index 4 is out of range for axis 0 of length 4");
    assert_snapshot!(refused(x.slice(s![.., -6])), @"slice: index -6 is out of range for axis 1 of length 5");
    assert_snapshot!(refused(x.slice(s![.., 2..7])), @"slice: index 7 is out of range for axis 1 of length 5");
    assert_snapshot!(refused(x.slice(s![-7.., ..])), @"slice: index -7 is out of range for axis 0 of length 4");
    assert_snapshot!(refused(x.slice(s![1])), @"slice: 1 axes given for an array of shape (4, 5) (2 axes); name every axis, `..` for the whole of one");
    let still = SliceInfoElem::Slice { start: 0, end: Some(2), step: 0 };
    let info = SliceInfo::<_, IxDyn, IxDyn>::try_from(vec![still, still]).unwrap();
    assert_snapshot!(refused(x.slice(info)), @"slice: step 0 on axis 0; a step is a positive or negative number");
    assert_snapshot!(refused(x.take([0, 4], 0)), @"take: index 4 is out of range for axis 0 of length 4");
    assert_snapshot!(refused(x.take([-6], 1)), @"take: index -6 is out of range for axis 1 of length 5");
    assert_snapshot!(refused(x.index_axis(1, -6)), @"index_axis: index -6 is out of range for axis 1 of length 5");
}

#[test]
fn chunks_that_do_not_fit() {
    let x = zeros::<f64>((10, 20));
    assert_snapshot!(refused(x.rechunk([5, 5, 5])), @"chunks: 3 sizes given for shape [10, 20] (2 axes); give one size an axis, or a single one for all");
    assert_snapshot!(refused(x.rechunk(vec![vec![4, 5], vec![20]])), @"chunks: sizes on axis 0 add up to 9, the axis has 10 elements");
    assert_snapshot!(refused(x.rechunk(vec![vec![usize::MAX, usize::MAX], vec![20]])), @"chunks: sizes on axis 0 add up to 18446744073709551615, the axis has 10 elements");
    assert_snapshot!(refused(x.rechunk((0, 20))), @"chunks: size 0 on axis 0; a chunk holds at least 1 element");
    assert_snapshot!(refused(x.rechunk(vec![vec![10], vec![20, 0]])), @"chunks: size 0 on axis 1; a chunk holds at least 1 element");
    assert_snapshot!(refused(x.rechunk("rows")), @r#"chunks: unknown word "rows"; use "auto", bytes as in "8 MiB", a size, or a list of sizes"#);
    assert_snapshot!(refused(gridloom::from_ndarray(ndarray::arr1(&[1, 2]), "Auto")), @r#"chunks: unknown word "Auto"; use "auto", bytes as in "8 MiB", a size, or a list of sizes"#);
    let large = zeros::<f64>(3 << 27);
    assert_snapshot!(refused(large.rechunk(3 << 27)), @r#"chunks: a chunk of [402653184] takes 3072 MiB, over the limit of 2047 MiB a chunk; choose smaller chunks, or "auto""#);
    let huge = zeros::<u8>((1 << 40, 1 << 40));
    assert_snapshot!(refused(huge.rechunk(vec![AxisSpec::Whole, AxisSpec::Whole])), @r#"chunks: a chunk of [1099511627776, 1099511627776] takes 17592186044415 MiB, over the limit of 2047 MiB a chunk; choose smaller chunks, or "auto""#);
    assert_eq!(huge.size(), Some(usize::MAX));
}

#[test]
fn parameters_outside_their_domain() {
    let x = arange::<f64>(10);
    assert_snapshot!(refused(x.histogram(0)), @"histogram: number of bins is 0; it must be between 1 and 2^24");
    assert_snapshot!(refused(x.histogram((1 << 25, 0.0, 1.0))), @"histogram: number of bins is 33554432; it must be between 1 and 2^24");
    assert_snapshot!(refused(x.histogram((10, 3.0, 1.0))), @"histogram: range is [3, 1]; it must be finite and ascending");
    assert_snapshot!(refused(x.histogram((10, f64::NAN, 1.0))), @"histogram: range is [NaN, 1]; it must be finite and ascending");
    assert_snapshot!(refused(x.histogram(vec![1.0])), @"histogram: list of edges is [1.0]; it must be at least two, ascending, without NaN");
    assert_snapshot!(refused(x.histogram(Bins::Edges(vec![2.0, 1.0]))), @"histogram: list of edges is [2.0, 1.0]; it must be at least two, ascending, without NaN");
    assert_snapshot!(refused(x.histogram_weighted(2, &zeros(9))), @"histogram weights: shapes (10,) and (9,) do not broadcast: axis 0 is 10 against 9; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(x.histogram_weighted(2, &zeros(1))), @"histogram weights: shape (1,) does not broadcast to (10,); only axes of length 1 can grow, and new axes come first");
    assert_snapshot!(refused(x.var(f64::NAN)), @"var: ddof is NaN; it must be a finite number");
    assert_snapshot!(refused(gridloom::arange_step(0, 10, 0)), @"arange: range is 0..10 by 0; it must be finite, of less than 2^63 elements, with a step other than 0");
    assert_snapshot!(refused(gridloom::arange_step(0.0, f64::INFINITY, 1.0)), @"arange: range is 0..inf by 1; it must be finite, of less than 2^63 elements, with a step other than 0");
    let rng = Generator::new(1);
    assert_snapshot!(refused(rng.integers(5u8, 5, 10)), @"integers: range is [5, 5); it must be low below high");
    assert_snapshot!(refused(rng.integers_inclusive(5i64, 4, 10)), @"integers: range is [5, 4]; it must be low not above high");
    assert_snapshot!(refused(rng.bernoulli(1.5, 10)), @"bernoulli: p is 1.5; it must be between 0 and 1");
    assert_snapshot!(refused(x.visualize("plan.png")), @"visualize: file extension is png; it must be svg or dot");
}

#[test]
fn data_with_nothing_to_reduce() {
    let none = zeros::<f32>((0, 3));
    assert_snapshot!(refused(none.min()), @"min: no elements to reduce in an array of shape (0, 3); min has no identity, so count the elements first");
    assert_snapshot!(refused(none.argmax_axis(0)), @"argmax: no elements to reduce in an array of shape (0, 3); argmax has no identity, so count the elements first");
    assert_eq!(none.max_axis(1).unwrap().shape(), Some(vec![0]));
    let x = arange::<f32>(6).reshape([2, 3]).unwrap();
    assert_snapshot!(fails(above(&x, 9.0).min().unwrap().item()), @"min: no elements to reduce: all are masked out, or NaN; min has no identity, so count the elements first");
    assert_snapshot!(fails(above(&x, 9.0).argmax().unwrap().item()), @"argmax: no elements to reduce: all are masked out, or NaN; argmax has no identity, so count the elements first");
    let nan = &x * f32::NAN;
    assert_snapshot!(fails(nan.nanargmin().unwrap().item()), @"nanargmin: no elements to reduce: all are masked out, or NaN; nanargmin has no identity, so count the elements first");
    assert_snapshot!(fails(nan.nanargmax_axis(1).unwrap().compute()), @"nanargmax: no elements to reduce: all are masked out, or NaN; nanargmax has no identity, so count the elements first");
}

#[test]
fn data_with_no_range() {
    let x = array([1.0f32, f32::NAN]);
    assert_snapshot!(fails(x.histogram(4).unwrap().compute()), @"histogram: range of the data is [NaN, NaN]; it must be finite: give a range, or filter NaN and infinities out");
    assert_snapshot!(fails((&x * 0.0 + f32::INFINITY).slice(s![..1]).unwrap().histogram(4).unwrap().compute()), @"histogram: range of the data is [inf, inf]; it must be finite: give a range, or filter NaN and infinities out");
    assert_snapshot!(fails(array([1i32, -2]).bincount(0).unwrap().compute()), @"bincount: smallest value is -2; it must be 0 or more");
    assert_snapshot!(fails(array([1u32, 1 << 24]).bincount(0).unwrap().compute()), @"bincount: largest value is 16777216; it must be below 2^24; use a histogram");
}

#[test]
fn an_item_of_several() {
    assert_snapshot!(refused(ones::<f64>((2, 3)).item()), @"item: needs exactly one element, got an array of shape (2, 3); reduce or index it first");
    assert_snapshot!(refused(ones::<f64>(0).item()), @"item: needs exactly one element, got an array of shape (0,); reduce or index it first");
    let x = arange::<f32>(10);
    assert_snapshot!(fails(above(&x, 7.0).item()), @"item: needs exactly one element, got an array of shape (?,); reduce or index it first");
    assert_snapshot!(fails(above(&x, 10.0).item()), @"item: needs exactly one element, got an array of shape (?,); reduce or index it first");
    assert_eq!(above(&x, 8.0).item().unwrap(), 9.0);
}

#[test]
fn an_array_read_as_another_dtype() {
    let x = ones::<f64>(3);
    assert_snapshot!(refused(Array::<f32>::from_node(x.node().clone())), @"from_node: the array's dtype is f64, not f32; cast it first");
}

#[test]
fn functions_of_the_users_that_fail() {
    let x = arange::<i32>(6).rechunk(2).unwrap();
    let panics = x.map_chunks("halve", |chunk| {
        assert!(chunk[[0]] != 4, "no fours, please");
        chunk.to_owned()
    });
    assert_snapshot!(fails(panics.compute()), @"halve: panicked on chunk [2]: no fours, please");
    assert_snapshot!(fails(panics.sum().item()), @"halve: panicked on chunk [2]: no fours, please");
    let grows = x.map_chunks("grow", |_| ndarray::arr1(&[1, 2, 3]).into_dyn());
    assert_snapshot!(fails(grows.compute()), @"grow: returned a chunk of shape [3] for one of [2]; it must keep the shape");
    let indices = gridloom::from_fn((2, 2), |at| if at[0] < 1 { 0u8 } else { panic!("row {}", at[0]) });
    assert_snapshot!(fails(indices.compute()), @"from_fn: panicked on chunk [0, 0]: row 1");
    let halve = |v: f32| v / 2.0;
    assert_snapshot!(refused(ElementFn::new("2x", "fn 2x(x: f32) -> f32 { return x; }", halve)), @"2x: the WGSL text must define a function of this name, a plain identifier");
    assert_snapshot!(refused(ElementFn::new("half", "fn other(x: f32) -> f32 { return x; }", halve)), @"half: the WGSL text must define a function of this name, a plain identifier");
}

/// Wherever a function would run, its WGSL is looked at when it is made, alone: messages show it as it was written.
#[cfg(feature = "gpu")]
#[test]
fn wgsl_of_the_users_that_does_not_compile() {
    let made = |wgsl: &str| refused(ElementFn::new("broken", wgsl, |x: f32| x + 1.0));
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return y_is_not_there; }"), @r#"
    broken: error: no definition in scope for identifier: `y_is_not_there`
      ┌─ wgsl:1:35
      │
    1 │ fn broken(x: f32) -> f32 { return y_is_not_there; }
      │                                   ^^^^^^^^^^^^^^ unknown identifier
    "#);
    assert_snapshot!(made("fn broken(x: f32) -> f32 { workgroupBarrier(); return x; }"), @"broken: broken has a barrier or a subgroup operation; threads of a kernel do not all come to the same elements, and would wait for ever");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { if (x > 0.0) { loop { storageBarrier(); break; } } return x; }"), @"broken: broken has a barrier or a subgroup operation; threads of a kernel do not all come to the same elements, and would wait for ever");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { help(); return x; }\nfn help() { discard; }"), @"broken: help has what belongs to fragments (discard, or differences of neighbours); kernels compute");
    assert_snapshot!(made("var<private> big: array<f32, 100000>; fn broken(x: f32) -> f32 { big[u32(x)] = x; return x; }"), @"broken: the private variables in the WGSL text take 400000 bytes; WGSL promises room for 8192");
    assert_snapshot!(made("const big = array<u32, 100000>(); fn broken(x: f32) -> f32 { return f32(big[u32(x)]); }"), @"broken: values of an array in the WGSL text take 400000 bytes; WGSL promises room for 8192");
    assert_snapshot!(made(&format!("fn broken(x: f32) -> f32 {{ return x{}; }}", " + 1.0".repeat(20_000))), @"broken: a statement with 20000 characters of operators is in the WGSL text; at most 512: give parts of it names with let");
    let chain = " else if x < 1.0 { return 1.0; }".repeat(700);
    assert_snapshot!(made(&format!("fn broken(x: f32) -> f32 {{ if x < 0.0 {{ return 0.0; }}{chain} return x; }}")), @"broken: a function in the WGSL text has conditions or loops 700 deep; at most 64: a switch, or a function of its own, is less deep");
    let (open, close) = ("if x < 1.0 { ".repeat(81), "}".repeat(81));
    assert_snapshot!(made(&format!("fn broken(x: f32) -> f32 {{ {open} return 0.0; {close} return x; }}")), @"broken: broken in the WGSL text has conditions or loops 81 deep; at most 64: a switch, or a function of its own, is less deep");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { var big: array<vec4<f32>, 1000>; big[u32(x)].x = x; return big[0].x; }"), @"broken: the variables of broken take 16000 bytes; WGSL promises room for 8192");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return dpdx(x); }"), @"broken: broken has what belongs to fragments (discard, or differences of neighbours); kernels compute");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return help(x) + 1u; }\nfn help(x: f32) -> f32 { return x; }"), @r#"
    broken: error: Function [1] 'broken' is invalid
      ┌─ wgsl:1:1
      │
    1 │ fn broken(x: f32) -> f32 { return help(x) + 1u; }
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      │ │                                 │
      │ │                                 naga::ir::Expression [3]
      │ naga::ir::Function [1]
      │
      = Expression [3] is invalid
      = Operation Add can't work with [1] (of type Scalar(Scalar { kind: Float, width: 4 })) and [2] (of type Scalar(Scalar { kind: Uint, width: 4 }))
    "#);
    assert_snapshot!(made("fn broken(x: f32) -> f32 { if x > 0.0 { return x; } }"), @r#"
    broken: error: Function [0] 'broken' is invalid
      ┌─ wgsl:1:1
      │
    1 │ fn broken(x: f32) -> f32 { if x > 0.0 { return x; } }
      │ ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ naga::ir::Function [0]
      │
      = The `return` expression None does not match the declared return type Some([0])
    "#);
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return x; } // \0"), @"broken: there is a NUL in the WGSL text");
    // Names of ours are not there for users.
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return exp_f32(x); }"), @r#"
    broken: error: no definition in scope for identifier: `exp_f32`
      ┌─ wgsl:1:35
      │
    1 │ fn broken(x: f32) -> f32 { return exp_f32(x); }
      │                                   ^^^^^^^ unknown identifier
    "#);
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return f32(params[0]); }"), @r#"
    broken: error: no definition in scope for identifier: `params`
      ┌─ wgsl:1:39
      │
    1 │ fn broken(x: f32) -> f32 { return f32(params[0]); }
      │                                       ^^^^^^ unknown identifier
    "#);
    // The language's own words are no names.
    assert_snapshot!(refused(ElementFn::new("while", "fn while(x: f32) -> f32 { return x; }", |x: f32| x)), @r#"
    while: error: name `while` is a reserved keyword
      ┌─ wgsl:1:4
      │
    1 │ fn while(x: f32) -> f32 { return x; }
      │    ^^^^^ definition of `while`
    "#);
    assert_snapshot!(made("fn broken(x: f64) -> f32 { return f32(x); }"), @"broken: its WGSL is fn(f64) -> f32; its Rust twin needs fn(f32) -> f32");
    assert_snapshot!(made("fn broken(x: f32, y: f32) { }"), @"broken: its WGSL is fn(f32, f32); its Rust twin needs fn(f32) -> f32");
    assert_snapshot!(made("fn broken(x: vec2<f32>) -> S { return S(x.y); } struct S { broken: f32 }"), @"broken: its WGSL is fn(vec2<f32>) -> S; its Rust twin needs fn(f32) -> f32");
    assert_snapshot!(made("enable f16; fn broken(x: f32) -> f32 { return x; }"), @"broken: the directive enable is in the WGSL text, which becomes a part of a shader and cannot set what holds for all of it");
    assert_snapshot!(made("override a = 1.0; fn broken(x: f32) -> f32 { return x; }"), @"broken: an override is in the WGSL text; a function of elements may have functions, structures, aliases, constants and private variables beside it");
    assert_snapshot!(made("var<workgroup> a: f32; fn broken(x: f32) -> f32 { return x; }"), @"broken: a variable of the address space WorkGroup is in the WGSL text; a function of elements may have functions, structures, aliases, constants and private variables beside it");
    assert_snapshot!(made("@group(0) @binding(0) var<storage, read> a: array<f32>; fn broken(x: f32) -> f32 { return x; }"), @"broken: a variable of the address space Storage { access: StorageAccess(LOAD) } is in the WGSL text; a function of elements may have functions, structures, aliases, constants and private variables beside it");
    assert_snapshot!(made("fn broken(x: f32) -> f32 { return x; } @compute @workgroup_size(1) fn main() {}"), @"broken: an entry point is in the WGSL text; a function of elements may have functions, structures, aliases, constants and private variables beside it");
}

#[test]
fn places_choices_and_windows() {
    let dynamic = |x: &Array<f32>| gridloom::DynArray::from(x);
    let (x, line) = (arange::<f32>(6).reshape((2, 3)).unwrap(), arange::<i64>(6));
    let (dx, dline) = (dynamic(&x), gridloom::DynArray::from(&line));
    let places = functions::unravel_index(&dline, &[2, 2]).unwrap();
    assert_snapshot!(fails(places[0].compute()), @"unravel_index: number of an element is 4, where there are 4; it must be 0 or more, and less than there are");
    assert_snapshot!(refused(functions::unravel_index(&dx, &[2, 2])), @"unravel_index: is not defined for f32; it takes integers for places");
    assert_snapshot!(refused(functions::unravel_index(&dline, &[usize::MAX, 3])), @"unravel_index: lengths (18446744073709551615, 3) make more than 2^63 - 1 elements on one axis; slice or reduce first");
    let places = |modes: &[Beyond]| functions::ravel_multi_index(&[dline.clone(), dline.clone()], &[9, 4], modes);
    assert_snapshot!(fails(places(&[Beyond::Raise]).unwrap().compute()), @"ravel_multi_index: place along an axis is 4, where there are 4; it must be 0 or more, and less than there are");
    assert_snapshot!(refused(places(&[Beyond::Raise; 3])), @"ravel_multi_index: the list of modes is of 3 for 2 axes; it must be one for all axes, or one an axis");
    assert_snapshot!(refused(functions::ravel_multi_index(std::slice::from_ref(&dline), &[2, 3], &[Beyond::Wrap])), @"ravel_multi_index: the list of places is of 1 for 2 axes; it must be one array an axis");
    assert_snapshot!(refused(functions::tril_indices(usize::MAX, usize::MAX, 0)), @"tril_indices: lengths (9223372036854775807, 9223372036854775807) make more than 2^63 - 1 elements on one axis; slice or reduce first");
    assert_snapshot!(refused(line.sum().argwhere()), @"argwhere: needs an array of one axis or more, got an array of shape ()");
    assert_snapshot!(refused(functions::select(&[], &[], 0)), @"select: the list of conditions is of 0 beside 0 choices; it must be one or more, and as many as choices");
    assert_snapshot!(refused(functions::select(std::slice::from_ref(&dx), &[1.into()], 0)), @"select: is not defined for f32; it takes bool for conditions");
    assert_snapshot!(refused(dline.choose(&[], Beyond::Wrap)), @"choose: the list of choices is of none; it must be one or more");
    assert_snapshot!(fails(dline.choose(&[1.into(), 2.into()], Beyond::Raise).unwrap().compute()), @"choose: number of a choice is 2, where there are 2; it must be 0 or more, and less than there are");
    assert_snapshot!(refused(line.put([6], 1, Beyond::Raise)), @"assign: index 6 is out of range for axis 0 of length 6");
    assert_snapshot!(refused(line.place(&x.gt(1.0), 1)), @"filter: shapes (6,) and (2, 3) do not broadcast: axis 0 is 6 against 2; a mask has the shape of the array; filter_axis() takes one of an axis alone");
    let nothing = array(&[] as &[i64]);
    assert_snapshot!(fails(line.place(&line.gt(3), &nothing).unwrap().compute()), @"place: the list of values is none for 2 places where the mask is true; it must be one of 1 or more");
    assert_snapshot!(fails(line.put_along_axis(&array([6]), 1, 0).unwrap().compute()), @"put_along_axis: index 6 is out of range for axis 0 of length 6");
    assert_snapshot!(refused(line.put_along_axis(&array([[6]]), 1, 0)), @"put_along_axis: needs places on as many axes as the array has, got an array of 1 axes and places of an array of shape (1, 1)");
    assert_snapshot!(refused(dline.put_along_axis(&dline.true_divide(2).unwrap(), 1, 0)), @"put_along_axis: is not defined for f64; it takes integers for places");
    assert_snapshot!(refused(line.fill_diagonal(1, false)), @"fill_diagonal: needs 2 axes or more, got an array of shape (6,)");
    assert_snapshot!(refused(zeros::<i64>((2, 2, 3)).fill_diagonal(1, false)), @"fill_diagonal: shape is (2, 2, 3); it must be of one length along all axes, where they are more than two");
    assert_snapshot!(refused(zeros::<i64>((2, 2)).fill_diagonal(&nothing, false)), @"fill_diagonal: number of values is 0; it must be 1 or more");
    assert_snapshot!(refused(line.sliding_window_view(&[7], 0)), @"sliding_window_view: length of a window is 7 along axis 0 of 6; it must be 1 or more, and no more than the axis has places");
    assert_snapshot!(refused(line.sliding_window_view(&[2, 3], 0)), @"sliding_window_view: the list of lengths is of 2 for 1 axes; it must be one an axis");
    assert_snapshot!(refused(dline.coarsen(ReduceOp::Sum, &[4], 0, false)), @"coarsen: factor is 4 along axis 0 of 6; it must be 1 or more, and a divisor of the axis' length, or with what is left over trimmed");
    assert_snapshot!(refused(dline.coarsen(ReduceOp::Sum, &[], 0, false)), @"coarsen: the list of factors is of 0 for 1 axes; it must be one an axis");
    assert_snapshot!(refused(x.packbits(None, BitOrder::Big)), @"packbits: is not defined for f32; it takes integers or bool: compare() floats first");
    assert_snapshot!(refused(zeros::<u8>(1).unpackbits(None, Some(-9), BitOrder::Big)), @"unpackbits: count is -9 of 8 bits; it must be no more left out than there are");
    assert_snapshot!(refused(dline.unpackbits(None, None, BitOrder::Big)), @"unpackbits: is not defined for i64; it takes u8");
}

#[test]
fn grids_weights_and_polynomials() {
    let (line, short) = (arange::<f64>(6), arange::<f64>(5));
    let (x, y, square) = (line.as_dyn(), short.as_dyn(), zeros::<f64>((2, 3)));
    let grid = |values: &[gridloom::DynArray], bins: &[Bins]| functions::histogramdd(values, bins, None);
    assert_snapshot!(refused(grid(&[], &[])), @"histogramdd: the list of bins is of 0 for 0 arrays of values; it must be one for each array, of which there are some");
    assert_snapshot!(refused(grid(std::slice::from_ref(x), &[1.into(), 2.into()])), @"histogramdd: the list of bins is of 2 for 1 arrays of values; it must be one for each array, of which there are some");
    assert_snapshot!(refused(grid(&[x.clone(), y.clone()], &[1.into(), 2.into()])), @"histogramdd: shapes (6,) and (5,) do not broadcast: axis 0 is 6 against 5; insert an axis of length 1, or slice one of them");
    assert_snapshot!(refused(grid(std::slice::from_ref(square.as_dyn()), &[1.into()])), @"histogramdd: needs arrays of one axis, got an array of shape (2, 3)");
    assert_snapshot!(refused(grid(&[x.clone(), x.clone()], &[(1 << 13).into(), (1 << 13).into()])), @"histogram: number of bins is 67108865; it must be between 1 and 2^24");
    let weighted = |q: f64, weights: &Array<f64>| x.quantiles_weighted(&[q], weights.as_dyn(), None, false);
    assert_snapshot!(refused(weighted(1.5, &line)), @"quantile: q is 1.5; it must be between 0 and 1");
    assert_snapshot!(refused(weighted(0.5, &short)), @"quantile: shape of the weights is (5,) for an array of shape (6,); it must be that of the array, or of the axes that go");
    assert_snapshot!(fails(weighted(0.5, &line.sub(1.0).unwrap()).unwrap().compute()), @"quantile: weight is -1; it must be 0 or more");
    assert_snapshot!(fails(weighted(0.5, &zeros::<f64>(6)).unwrap().compute()), @"quantile: sum of weights is 0; it must be finite, and more than 0");
    assert_snapshot!(fails(line.div(0.0).unwrap().as_dyn().checked_finite().compute()), @"checked_finite: array is one with NaN; it must be without NaN and infinities");
    assert_snapshot!(refused(functions::polyadd(x, square.as_dyn())), @"polyadd: needs coefficients on one axis, got an array of shape (2, 3)");
    assert_snapshot!(refused(functions::polydiv(x, &functions::full(0, 1.0f64.scalar()))), @"polydiv: number of coefficients is 0; it must be 1 or more");
    assert_snapshot!(refused(functions::poly(square.as_dyn())), @"poly: needs coefficients on one axis, got an array of shape (2, 3)");
}

#[test]
fn settings_that_mean_nothing() {
    assert_snapshot!(refused("cuda".parse::<Backend>()), @r#"backend="cuda" is not one of auto, cpu, gpu"#);
    assert_snapshot!(refused(Client::builder().backend(Backend::Cpu).workers(0).build()), @"client: number of workers is 0; it must be at least 1");
    assert_snapshot!(refused(Client::builder().backend(Backend::Cpu).memory_limit(0).build()), @"client: memory limit is 0; it must be at least 1");
    assert_snapshot!(refused(Client::builder().backend(Backend::Cpu).device_memory_limit(0).build()), @"client: device memory limit is 0; it must be at least 1");
    assert_snapshot!(refused(Client::builder().backend(Backend::Cpu).workers(usize::MAX).build()), @"client: number of workers is 18446744073709551615; it must be at most 4096");
}

/// Run by [`the_environment_is_checked`] in a process of its own.
#[test]
#[ignore = "run in a child process by the_environment_is_checked"]
fn child_says_what_a_client_is() {
    let words = Client::new().map_or_else(|error| error.to_string(), |client| client.to_string());
    println!("a client: {words}");
}

/// What a client in a process with such an environment is, or why there is none.
fn client_with(variables: &[(&str, &str)]) -> String {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["errors::child_says_what_a_client_is", "--exact", "--ignored", "--nocapture"]);
    child.env_remove("GRIDLOOM_BACKEND").env_remove("GRIDLOOM_ADAPTER");
    let output = child.envs(variables.iter().copied()).output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find_map(|line| line.split_once("a client: "));
    line.unwrap_or_else(|| panic!("the child said nothing: {text}")).1.to_owned()
}

#[test]
fn the_environment_is_checked() {
    assert_snapshot!(client_with(&[("GRIDLOOM_BACKEND", "cuda")]), @r#"GRIDLOOM_BACKEND="cuda" is not one of auto, cpu, gpu"#);
    assert_snapshot!(client_with(&[("GRIDLOOM_BACKEND", "CPU")]), @r#"GRIDLOOM_BACKEND="CPU" is not one of auto, cpu, gpu"#);
    assert!(client_with(&[("GRIDLOOM_BACKEND", "cpu")]).starts_with("client: cpu, "));
    // An empty variable is as good as none, and the cpu needs no adapter.
    assert!(
        client_with(&[("GRIDLOOM_BACKEND", "cpu"), ("GRIDLOOM_ADAPTER", "none such")]).starts_with("client: cpu, ")
    );
    assert!(client_with(&[("GRIDLOOM_BACKEND", "")]).starts_with("client: "));
}

/// Run by [`a_program_is_silent`] and [`a_panic_is_told_once`] in a process of its own.
#[test]
#[ignore = "run in a child process by a_program_is_silent"]
fn child_computes() {
    let x = arange::<f32>(1000).rechunk(300).unwrap();
    assert_eq!((&x + 1.0).sum().item().unwrap(), 500_500.0);
    if std::env::var_os("GRIDLOOM_TEST_PANIC").is_some() {
        let panics = x.map_chunks("fails", |chunk| {
            assert!(chunk[[0]] != 300.0, "on purpose");
            chunk.to_owned()
        });
        assert!(fails(panics.sum().item()).contains("on purpose"));
    }
}

/// What such a process writes to stderr, on any backend and away from a desktop.
fn said(variables: &[(&str, &str)]) -> String {
    let mut child = std::process::Command::new(std::env::current_exe().unwrap());
    child.args(["errors::child_computes", "--exact", "--ignored", "--nocapture"]);
    for name in
        ["GRIDLOOM_BACKEND", "GRIDLOOM_ADAPTER", "NODEVICE_SELECT", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"]
    {
        child.env_remove(name);
    }
    let output = child.envs(variables.iter().copied()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn a_program_is_silent() {
    assert_eq!(said(&[]), "");
    assert_eq!(said(&[("GRIDLOOM_BACKEND", "cpu")]), "");
}

#[test]
fn a_panic_is_told_once() {
    let said = said(&[("GRIDLOOM_TEST_PANIC", "1")]);
    assert_eq!(said.matches("panicked at").count(), 1, "{said}");
}

/// The message without the names of this machine's adapters.
#[cfg(feature = "gpu")]
fn without_adapters(text: &str) -> String {
    let (before, rest) = text.split_once("found: ").unwrap();
    let (_, after) = rest.split_once(';').unwrap();
    format!("{before}found: [adapters];{after}")
}

#[cfg(feature = "gpu")]
#[test]
fn adapters_that_are_not_there() {
    let wanted = Client::builder().backend(Backend::Gpu).adapter("none such").build();
    assert_snapshot!(without_adapters(&refused(wanted)), @r#"no adapter matches "none such"; found: [adapters]; install a Vulkan driver (lavapipe: mesa-vulkan-drivers), or use the cpu backend"#);
    // By name, "auto" wants it too: the CPU in its place would be a surprise.
    let wanted = Client::builder().backend(Backend::Auto).adapter("none such").build();
    assert_snapshot!(without_adapters(&refused(wanted)), @r#"no adapter matches "none such"; found: [adapters]; install a Vulkan driver (lavapipe: mesa-vulkan-drivers), or use the cpu backend"#);
    assert_snapshot!(without_adapters(&client_with(&[("GRIDLOOM_ADAPTER", "none such")])), @r#"no adapter matches "none such"; found: [adapters]; install a Vulkan driver (lavapipe: mesa-vulkan-drivers), or use the cpu backend"#);
    let nothing = client_with(&[("GRIDLOOM_BACKEND", "gpu"), ("VK_DRIVER_FILES", "/dev/null")]);
    assert!(
        nothing.starts_with("no adapter matches \"any\"; found: ") || nothing.starts_with("client: gpu "),
        "{nothing}"
    );
}

#[test]
fn lists_of_adapters_that_contradict_the_rest() {
    let none: [usize; 0] = [];
    assert_snapshot!(refused(Client::builder().adapters(none).build()), @"client: list of adapters is empty; it must be at least one index of gridloom::adapters()");
    assert_snapshot!(refused(Client::builder().adapters([0, 1]).backend(Backend::Cpu).build()), @"client: backend is Cpu beside the adapters [0, 1]; it must be Gpu, Auto, or left out");
    assert_snapshot!(refused(Client::builder().adapters([0]).adapter("llvmpipe").build()), @r#"client: adapter is "llvmpipe" beside the adapters [0]; it must be left out, or given alone"#);
    #[cfg(feature = "gpu")]
    assert_snapshot!(without_adapters(&refused(Client::builder().adapters([999, 0]).build())), @r#"no adapter matches "index 999"; found: [adapters]; install a Vulkan driver (lavapipe: mesa-vulkan-drivers), or use the cpu backend"#);
    #[cfg(not(feature = "gpu"))]
    assert_snapshot!(refused(Client::builder().adapters([0]).build()), @r#"the gpu backend is not built in; build gridloom with feature "gpu""#);
}

#[cfg(not(feature = "gpu"))]
#[test]
fn the_gpu_backend_is_not_built() {
    assert_snapshot!(refused(Client::builder().backend(Backend::Gpu).build()), @r#"the gpu backend is not built in; build gridloom with feature "gpu""#);
    assert_snapshot!(refused(Client::builder().backend(Backend::Auto).adapter("any").build()), @r#"the gpu backend is not built in; build gridloom with feature "gpu""#);
}

#[test]
fn what_only_a_device_can_provoke_is_worded_alike() {
    let lost = Error::Device {
        adapter: "llvmpipe".into(),
        doing: "allocate 1.00 GiB".into(),
        message: "not enough memory left".into(),
    };
    assert_snapshot!(refused::<()>(Err(lost)), @r#"device "llvmpipe": allocate 1.00 GiB: not enough memory left"#);
    let bug = Error::Bug("a chunk was not made".into());
    assert_snapshot!(refused::<()>(Err(bug)), @"internal error (a bug in gridloom, please report it): a chunk was not made");
}

/// The message and line of a panic.
fn panic_of(f: impl FnOnce()) -> (String, u32) {
    use std::sync::{Mutex, PoisonError};
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock().unwrap_or_else(PoisonError::into_inner);
    static LINE: Mutex<Option<(String, u32)>> = Mutex::new(None);
    let before = std::sync::Arc::new(std::panic::take_hook());
    let others = before.clone();
    let own = std::thread::current().id();
    let line = |info: &std::panic::PanicHookInfo<'_>| info.location().map(|l| (l.file().to_owned(), l.line()));
    std::panic::set_hook(Box::new(move |info| {
        if std::thread::current().id() == own {
            *LINE.lock().unwrap_or_else(PoisonError::into_inner) = line(info);
        } else {
            others(info);
        }
    }));
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(f));
    std::panic::set_hook(Box::new(move |info| before(info)));
    let message = panic.unwrap_err().downcast_ref::<String>().cloned().unwrap();
    let (file, line) = LINE.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap();
    assert!(file.ends_with("errors.rs"), "a panic in {file}");
    (message, line)
}

#[test]
fn operators_panic_at_the_callers_line_with_the_methods_words() {
    let (x, y) = (zeros::<f32>((2, 3)), zeros::<f32>(4));
    let data = ndarray::arr1(&[1.0f32, 2.0]);
    let (a, b) = (x.cast::<i32>(), y.cast::<i32>());
    assert_eq!(panic_of(|| drop(&x + &y)), (refused(x.add(&y)), line!()));
    assert_eq!(panic_of(|| drop(x.clone() * y.clone())), (refused(x.mul(&y)), line!()));
    assert_eq!(panic_of(|| drop(&x - &data)), (refused(x.sub(&data)), line!()));
    let want = refused(Array::from(&data).div(&x));
    assert_eq!(panic_of(|| drop(&data / &x)), (want, line!()));
    assert_eq!(panic_of(|| drop(&a & &b)), (refused(a.bitand(&b)), line!()));
    assert_eq!(panic_of(|| drop(&a << &b)), (refused(a.shl(&b)), line!()));
    let mut z = x.clone();
    let ((message, line), here) = (panic_of(|| z += &y), line!());
    assert_eq!((message, line), (refused(x.add(&y)), here));
    assert_eq!(z.shape(), Some(vec![2, 3]));
}

/// What cannot even be compiled or built is listed here, so that a new variant makes this fail until it is tested above.
#[test]
fn every_variant_is_known_to_these_tests() {
    let source = include_str!("../src/error.rs");
    let body = source.split("pub enum Error {").nth(1).unwrap().split("\n}\n").next().unwrap();
    let variants: Vec<&str> = body
        .lines()
        .filter_map(|line| line.strip_prefix("    "))
        .filter(|line| line.starts_with(|c: char| c.is_ascii_uppercase()))
        .map(|line| line.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap())
        .collect();
    let tested = [
        "Broadcast",
        "BroadcastTo",
        "AxisOutOfRange",
        "AxisRepeated",
        "Rank",
        "DotAlign",
        "ReshapeSize",
        "ReshapeInfer",
        "TooManyChunks",
        "TooLong",
        "JoinShape",
        "JoinNothing",
        "UnknownLength",
        "IndexOutOfRange",
        "SliceRank",
        "SliceStep",
        "ChunkCount",
        "ChunkSum",
        "ChunkZero",
        "ChunkWord",
        "ChunkTooLarge",
        "Parameter",
        "EmptyReduction",
        "NotOneElement",
        "DType",
        "DTypeMismatch",
        "NoAdapter",
        "GpuNotBuilt",
        "Setting",
        "Device",
        "DeviceLost",
        "Memory",
        "Cancelled",
        "ResultTaken",
        "Deadline",
        "Io",
        "Format",
        "UserFunction",
        "Bug",
    ];
    assert_eq!(variants, tested);
}

#[test]
fn draws_that_no_law_has() {
    let rng = Generator::new(1);
    assert_snapshot!(refused(rng.laplace::<f64>(0.0, -1.0, 3)), @"laplace: scale is -1; it must be 0 or more");
    assert_snapshot!(refused(rng.geometric(0.0, 3)), @"geometric: p is 0; it must be above 0 and at most 1");
    assert_snapshot!(refused(rng.binomial(2.5, 0.5, 3)), @"binomial: n is 2.5; it must be a whole number, 0 or more");
    assert_snapshot!(refused(rng.triangular::<f64>(0.0, 4.0, 3.0, 3)), @"triangular: mode is 4; it must be at most right");
    assert_snapshot!(refused(rng.hypergeometric(1.0, 2.0, 4.0, 3)), @"hypergeometric: nsample is 4; it must be at most ngood + nbad");
    assert_snapshot!(refused(rng.choice(3, 4, false, None)), @"choice: size is 4; it must be at most as many as there are of probabilities above 0, without replacement");
    assert_snapshot!(refused(rng.choice(3, 4, true, Some(&[0.5, 0.4, 0.0]))), @"choice: p is of the sum 0.9; it must be of the sum 1");
    assert_snapshot!(refused(rng.multivariate_normal(&[0.0, 0.0], &[1.0, 2.0, 2.0, 1.0], 3)), @"multivariate_normal: cov is not positive semidefinite; it must be positive semidefinite");
    let wrong = gridloom::DynArray::from(array([1.0, -1.0]));
    let made = rng.draw_law(functions::Law::Gamma, &[(&wrong).into(), 1.0.into()], gridloom::DType::F64, 2).unwrap();
    assert_snapshot!(fails(made.compute()), @"gamma: shape is -1; it must be 0 or more");
    let x = gridloom::DynArray::from(array([1, 2, 3]));
    assert_snapshot!(fails(x.take_at(&x, 0).unwrap().compute()), @"take: index 3 is out of range for axis 0 of length 3");
    assert_snapshot!(refused(x.reinterpret(gridloom::DType::F64)), @"reinterpret: the last axis in bytes is 12; it must be a multiple of the new dtype's");
}
