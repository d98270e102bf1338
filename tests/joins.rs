//! Joined arrays as loads: what reads them reads their parts, each where it lies, and no stage moves them together.

use gridloom::plan::grid::Sizes;
use gridloom::plan::lower::lower_sized;
use gridloom::plan::{Plan, StageKind};
use gridloom::prelude::*;
use gridloom::{arange, concatenate, from_ndarray, stack};
use insta::assert_snapshot;
use ndarray::{ArrayD, IxDyn, SliceInfo, SliceInfoElem};

use crate::common::{Dice, assert_array_eq, chunked, chunkings, data, small_data};

fn plan(x: &Array<f64>) -> Plan {
    lower_sized(&[x.node().clone()], None, Sizes::default()).unwrap()
}

/// Stages that are neither data nor what a reader of the joined array needs anyway.
fn stages(plan: &Plan) -> (usize, usize) {
    let named = plan.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Concatenate(_))).count();
    let data = plan.stages.iter().filter(|stage| matches!(stage.kind, StageKind::Source(_))).count();
    (named, plan.stages.len() - named - data)
}

/// What reads an array.
type Read = Box<dyn Fn(&Array<f64>) -> Array<f64>>;

#[test]
fn rolls_and_joins_in_an_expression_are_no_stages() {
    let x = from_ndarray(data::<f64>(&[60, 40], 1), (20, 40)).unwrap();
    let y = &x.roll_axis([7, -3], [0, 1]).unwrap() + &x;
    assert_snapshot!(plan(&y.sum()), @"
    plan: 3 stages, 9 tasks; predicted peak 12.91 KiB on host
    #0 memory from_ndarray
       0 tasks; f64 (60, 40); reads 0 B, writes 0 B
    #1 cpu    sum ⟵ add (#0)
       8 tasks; one state a chunk of f64 ([7, 20, 20, 13], 37×1+3); reads 18.75 KiB, writes 0 B
    #2 cpu    combine sum (#1)
       1 tasks; f64 (); reads 0 B, writes 8 B
    ");
    // As many stages as of the array itself.
    let views: [(&str, Read); 8] = [
        ("map", Box::new(|x| x.sin())),
        ("sum", Box::new(|x| x.sum_axis(1).unwrap())),
        ("mean", Box::new(|x| x.t().mean_axis(0).unwrap())),
        ("reshape", Box::new(|x| x.reshape(-1).unwrap())),
        ("scan", Box::new(|x| x.cumsum_axis(1).unwrap())),
        ("filter", Box::new(|x| x.filter(&x.gt(0.0)).unwrap())),
        ("histogram", Box::new(|x| x.histogram((10, 0.0, 1.0)).unwrap().counts.cast())),
        ("stencil", Box::new(|x| (&x.slice(s![1.., ..]).unwrap() - &x.slice(s![..-1, ..]).unwrap()).abs())),
    ];
    let joined = concatenate(&[x.slice(s![10.., ..]).unwrap(), x.slice(s![..10;-1, ..]).unwrap()], 0).unwrap();
    for (name, read) in views {
        let (got, want) = (plan(&read(&joined)), plan(&read(&x)));
        assert_eq!(stages(&got), stages(&want), "{name}: {got}");
    }
}

#[test]
fn a_result_of_whole_parts_moves_nothing_and_one_of_views_is_a_map() {
    let x = from_ndarray(data::<f64>(&[60], 1), 20).unwrap();
    assert_eq!(stages(&plan(&concatenate(&[x.clone(), x.sin()], 0).unwrap())), (1, 1));
    assert_eq!(stages(&plan(&x.roll_axis(1, 0).unwrap())), (0, 1));
    // What is computed once is read from there by both.
    let sin = x.sin();
    let twice = concatenate(&[sin.clone(), sin.slice(s![5..]).unwrap()], 0).unwrap();
    assert_eq!(stages(&plan(&twice.sum())), (0, 3));
}

#[test]
fn very_many_parts_are_named_and_few_are_cut_no_more_than_they_must() {
    let part = |i: usize| from_ndarray(data::<f64>(&[3], i as u64), 3).unwrap();
    let many: Vec<_> = (0..1500).map(part).collect();
    let all = concatenate(&many, 0).unwrap();
    assert_eq!(stages(&plan(&all.sum())).0, 1, "a stage that names them");
    let few = concatenate(&many[..40], 0).unwrap();
    let few = plan(&few.sum());
    assert_eq!(stages(&few).0, 0, "{few}");
    // One join after another.
    let mut grown = many[0].clone();
    for part in &many[1..] {
        grown = concatenate(&[grown, part.clone()], 0).unwrap();
    }
    assert!(stages(&plan(&(&grown + 1.0).sum())).0 <= 1, "{}", plan(&(&grown + 1.0).sum()));
    let want: f64 = (0..1500).flat_map(|i| data::<f64>(&[3], i as u64)).sum();
    assert!((grown.sum().item().unwrap() - want).abs() < 1e-9);
    assert!((all.sum().item().unwrap() - want).abs() < 1e-9);
}

/// An array of random joins of parts of one, with the same elements in memory.
fn joined(dice: &mut Dice, x: &Array<f32>, values: &ArrayD<f32>, depth: usize) -> (Array<f32>, ArrayD<f32>) {
    let axis = dice.below(values.ndim());
    let mut parts = Vec::new();
    for _ in 0..1 + dice.below(4) {
        let (mut part, mut own) = if depth > 0 && dice.below(3) == 0 {
            joined(dice, x, values, depth - 1)
        } else {
            (x.clone(), values.clone())
        };
        if own.ndim() == 2 && own.shape()[1 - axis] != values.shape()[1 - axis] {
            (part, own) = (x.clone(), values.clone());
        }
        let len = own.shape()[axis];
        let (one, other) = (dice.below(len + 1), dice.below(len + 1));
        let (start, end) = (one.min(other), one.max(other));
        let back = dice.below(2) == 0;
        let whole = SliceInfoElem::Slice { start: 0, end: None, step: 1 };
        let mut seen = vec![whole; own.ndim()];
        seen[axis] = SliceInfoElem::Slice { start: start as isize, end: Some(end as isize), step: 1 };
        part = part.slice(SliceInfo::<_, IxDyn, IxDyn>::try_from(seen).unwrap()).unwrap();
        own.slice_axis_inplace(Axis(axis), (start..end).into());
        if back {
            part = part.flip_axis(axis).unwrap();
            own.invert_axis(Axis(axis));
        }
        if dice.below(4) == 0 {
            part = &part * 2.0;
            own.mapv_inplace(|v| v * 2.0);
        }
        parts.push((part, own));
    }
    let arrays: Vec<_> = parts.iter().map(|(part, _)| part.clone()).collect();
    let views: Vec<_> = parts.iter().map(|(_, own)| own.view()).collect();
    (concatenate(&arrays, axis).unwrap(), ndarray::concatenate(Axis(axis), &views).unwrap())
}

#[test]
fn whatever_reads_a_join_reads_its_parts() {
    let mut dice = Dice(11);
    for round in 0..60u64 {
        let shape: &[usize] = if round % 3 == 0 { &[23] } else { &[9, 11] };
        let values = small_data::<f32>(shape, round);
        let x = chunked(&values, &dice.chunks(shape));
        let (join, want) = joined(&mut dice, &x, &values, 2);
        let whole = from_ndarray(want.clone(), want.shape()).unwrap();
        assert_array_eq(&join, &want);
        assert_array_eq(&(&join + 1.0), &want.mapv(|v| v + 1.0));
        assert_array_eq(&join.reshape(-1).unwrap(), &want.flatten().into_dyn().to_owned());
        assert_array_eq(&join.t().rechunk("auto").unwrap(), &want.t().as_standard_layout().to_owned());
        let same = |name: &str, read: &dyn Fn(&Array<f32>) -> Array<f32>| {
            let (got, want) = (read(&join), read(&whole));
            assert_eq!(got.compute().unwrap(), want.compute().unwrap(), "{name} of round {round}");
        };
        if want.is_empty() {
            continue;
        }
        same("max", &|x| x.max_axis(0).unwrap());
        same("filter", &|x| x.filter(&x.gt(0.0)).unwrap());
        same("counts", &|x| x.histogram((7, -1.0, 1.0)).unwrap().counts.cast());
        same("take", &|x| x.take([0, 0, -1], 0).unwrap());
        same("mixed", &|x| x.roll_axis(1, 0).unwrap().maximum(x.flip().unwrap()).unwrap());
        same("stacked", &|x| stack(&[x.clone(), x.flip().unwrap()], 0).unwrap().min_axis(0).unwrap());
        same("scan", &|x| x.cummax_axis(0).unwrap());
        same("chunks", &|x| x.map_chunks("as it is", |chunk| chunk.to_owned()));
        if want.ndim() == 2 {
            let ones = gridloom::ones::<f32>((want.shape()[1], 2));
            let near = |x: &Array<f32>| x.dot(&ones).unwrap().compute().unwrap();
            assert_eq!(near(&join), near(&whole), "dot of round {round}");
        }
    }
}

#[test]
fn counted_places_and_draws_join_as_data_does() {
    let x = arange::<i64>(20).rechunk(7).unwrap();
    let join = concatenate(&[x.slice(s![15..]).unwrap(), x.slice(s![..5;-1]).unwrap(), gridloom::zeros(2)], 0).unwrap();
    let want = [15, 16, 17, 18, 19, 4, 3, 2, 1, 0, 0, 0];
    assert_array_eq(&join, &ArrayD::from_shape_vec(IxDyn(&[12]), want.to_vec()).unwrap());
    for chunks in chunkings(&[12]) {
        let again = (&join * 2).rechunk(chunks).unwrap();
        assert_array_eq(&again, &ArrayD::from_shape_vec(IxDyn(&[12]), want.map(|v| 2 * v).to_vec()).unwrap());
    }
}
