//! States merged on the device against the same states merged by plain loops.

use super::super::*;
use super::reduce::combined;
use super::*;
use crate::ops::{Finish, Fold, ReduceOp};
use crate::plan::family::merged_at_a_time;

/// States of several chunks with some outputs each, made by the device: chunk `k` has `4 + k` elements an output, but the first none
/// that are not masked.
fn states(fold: Fold, dtype: DType, masked: bool, (chunks, outputs): (usize, usize)) -> Vec<Vec<GpuBuffer>> {
    let mut program = Program::default();
    program.loads.push(dtype);
    let value = program.push(Inst::Load { slot: 0 }, dtype);
    program.outputs = vec![value];
    if fold.indexed() {
        program.indices = 1;
        let index = program.push(Inst::Index { slot: 0 }, DType::I32);
        program.outputs.push(index);
    }
    if masked {
        program.loads.push(DType::Bool);
        let mask = program.push(Inst::Load { slot: 1 }, DType::Bool);
        program.outputs.push(mask);
    }
    let chunk = |k: usize| {
        let (rows, columns) = (4 + k, outputs);
        let values = (0..rows * columns).map(|i| number(dtype, (7 * i + 13 * k) % 101));
        let mask = (0..rows * columns).map(|i| u64::from(k > 0 && i % 3 > 0));
        let buffers = [from_bits(dtype, values), from_bits(DType::Bool, mask)].map(|host| gpu().upload(&host).unwrap());
        let along = Access { base: 0, strides: vec![columns as i64, 1] };
        let piece = Piece {
            dims: vec![rows as u64, columns as u64],
            out: Access { base: 0, strides: vec![0, 1] },
            loads: (0..program.loads.len()).map(|slot| (slot, along.clone())).collect(),
            // Those of the chunks before come first.
            indices: (0..program.indices).map(|_| Access { base: 1000 * k as i64, strides: vec![1, 0] }).collect(),
        };
        let kernel = Kernel::Reduce { program: program.clone(), fold, masked };
        gpu().run(&kernel, &Work::Pieces(vec![piece]), &buffers, outputs).unwrap()
    };
    (0..chunks).map(chunk).collect()
}

/// A number of a dtype: of floats one NaN in a while.
fn number(dtype: DType, i: usize) -> u64 {
    match dtype {
        DType::Bool => u64::from(i.is_multiple_of(2)),
        _ if dtype.is_float() && i == 100 => Scalar::from_f64(dtype, f64::NAN).bits(),
        _ if dtype.is_float() => Scalar::from_f64(dtype, i as f64 / 7.0 + 1000.0).bits(),
        _ => Scalar::from_i64(dtype, i as i64 - if dtype.is_signed() { 50 } else { 0 }).bits(),
    }
}

fn plan_merge(fold: Fold, dtype: DType, masked: bool) -> Merge {
    Merge { counted: masked || fold == Fold::Moments, ..Merge::of(fold, dtype) }
}

/// The result that plain loops make of states.
fn plainly(
    &Finished { finish, count: known, nan_empty, .. }: &Finished,
    merge: &Merge,
    chunks: &[Vec<GpuBuffer>],
    outputs: usize,
    result: DType,
) -> HostBuffer {
    let fetched: Vec<Vec<HostBuffer>> = chunks.iter().map(|chunk| gpu().download_many(chunk).unwrap()).collect();
    let joined = |array: usize| {
        let bytes: Vec<u8> = fetched.iter().flat_map(|chunk| chunk[array].bytes().to_vec()).collect();
        let dtype = fetched[0][array].dtype();
        from_bits(dtype, bytes.chunks(dtype.size()).map(|b| Scalar::from_stored(dtype, b).bits()))
    };
    let states: Vec<HostBuffer> = (0..fetched[0].len()).map(joined).collect();
    let masked = merge.counted && merge.fold != Fold::Moments;
    let bits = |(value, integer, squares, count): (f64, i64, f64, i64)| {
        let count = known.unwrap_or(count as f64);
        let float = |x: f64| Scalar::from_f64(result, x).bits();
        match finish {
            Finish::Value if result.is_float() && count == 0.0 && nan_empty => float(f64::NAN),
            Finish::Value if result.is_float() => float(value),
            Finish::Value => Scalar::from_i64(result, integer).bits(),
            Finish::Index => integer as u64,
            Finish::Mean if merge.dtype.is_float() => float(value / count),
            Finish::Mean if merge.dtype == DType::U64 => float(integer as u64 as f64 / count),
            Finish::Mean => float(integer as f64 / count),
            Finish::Var { ddof, few_are_nan, .. } if count == 0.0 || (few_are_nan && count <= ddof) => float(f64::NAN),
            Finish::Var { ddof, root: true, .. } => float((squares / (count - ddof)).sqrt()),
            Finish::Var { ddof, .. } => float(squares / (count - ddof)),
        }
    };
    from_bits(result, combined(merge.fold, masked, &states, outputs).into_iter().map(bits))
}

/// Whether two are the same, or of floats nearly: they are merged in another order.
fn assert_same(what: &str, there: &HostBuffer, here: &HostBuffer) {
    assert_eq!((there.dtype(), there.len()), (here.dtype(), here.len()), "{what}");
    let all = |buffer: &HostBuffer| -> Vec<Scalar> {
        let size = buffer.dtype().size();
        buffer.bytes().chunks(size).map(|bytes| Scalar::from_stored(buffer.dtype(), bytes)).collect()
    };
    let ulp = if here.dtype() == DType::F32 { 3e-7 } else { 1e-12 };
    for (i, (there, here)) in all(there).into_iter().zip(all(here)).enumerate() {
        let (x, y) = (there.to_f64(), here.to_f64());
        let near = here.dtype().is_float() && ((x - y).abs() <= ulp * y.abs() || (x.is_nan() && y.is_nan()));
        assert!(near || there.bits() == here.bits(), "{what}, output {i}: {x} on the device, {y} by loops");
    }
}

/// All dtypes where they differ, else one of each kind.
fn dtypes_of(op: ReduceOp) -> Vec<DType> {
    match op {
        ReduceOp::Sum | ReduceOp::Min => DType::all_computed().collect(),
        ReduceOp::Any => vec![DType::Bool],
        _ => vec![DType::U8, DType::I32, DType::U64, DType::F32, DType::F64],
    }
}

#[test]
fn states_merge_to_what_loops_make_of_them() {
    let mut compared = 0;
    let ends = [ReduceOp::Sum, ReduceOp::Prod, ReduceOp::Mean, ReduceOp::Var, ReduceOp::Nanstd, ReduceOp::Nanmax];
    let ends = ends.into_iter().chain([ReduceOp::Min, ReduceOp::Any, ReduceOp::Argmin, ReduceOp::Nanmean]);
    for (at, op) in ends.enumerate() {
        for dtype in dtypes_of(op).into_iter().filter(|&dtype| supported(dtype)) {
            let float = if dtype.is_float() { dtype } else { DType::F64 };
            let of_value = op.fold().states(dtype, false)[0];
            let result = match op.finish(1.0) {
                Finish::Value if dtype.is_float() => dtype,
                Finish::Value => of_value,
                Finish::Index => DType::I64,
                Finish::Mean | Finish::Var { .. } => float,
            };
            let inexact = result.is_float() && !matches!(op, ReduceOp::Min | ReduceOp::Nanmax);
            // Without f64, what the plan leaves to the host.
            let halves = dtype == DType::F32 && matches!(op, ReduceOp::Sum | ReduceOp::Mean | ReduceOp::Nanmean);
            if (dtype == DType::Bool && op == ReduceOp::Min) || (inexact && !halves && !supported(DType::F64)) {
                continue;
            }
            for (masked, size) in [(false, (1, 1)), (true, (3, 5)), (at % 2 == 0, (20, 300)), (at % 2 > 0, (130, 2))] {
                // No level stores what is carried in two numbers.
                if halves
                    && !supported(DType::F64)
                    && size.0 > merged_at_a_time(&plan_merge(op.fold(), dtype, masked), gpu().capabilities())
                {
                    continue;
                }
                let what = format!("{op:?} of {dtype}, masked {masked}, {size:?}");
                let merge = plan_merge(op.fold(), dtype, masked);
                let finished = Finished {
                    finish: op.finish(1.0),
                    count: (!masked).then_some((0..size.0).map(|k| 4 + k).sum::<usize>() as f64),
                    refuse_empty: None,
                    nan_empty: op == ReduceOp::Nanmax,
                };
                let chunks = states(op.fold(), dtype, masked, size);
                let here = plainly(&finished, &merge, &chunks, size.1, result);
                let last = Some((&finished, result));
                let there = gpu().merge_as(None, &merge, last, chunks.clone(), size.1).unwrap();
                assert_same(&what, &gpu().download(&there[0]).unwrap(), &here);
                compared += 1;
                if halves && !supported(DType::F64) {
                    continue;
                }
                // And by levels.
                let (first, rest) = chunks.split_at(size.0 / 2);
                let levels = [first, rest].into_iter().filter(|part| !part.is_empty());
                let levels = levels.map(|part| gpu().merge_as(None, &merge, None, part.to_vec(), size.1).unwrap());
                let there = gpu().merge_as(None, &merge, last, levels.collect(), size.1).unwrap();
                assert_same(&format!("{what} by levels"), &gpu().download(&there[0]).unwrap(), &here);
            }
        }
    }
    assert!(compared > 50, "{compared}");
}

/// A reduction's states, what they become, and how.
fn ended(
    op: ReduceOp,
    dtype: DType,
    result: DType,
    size: (usize, usize),
) -> (Merge, Finished, Vec<Vec<GpuBuffer>>, DType) {
    let known = (0..size.0).map(|k| 4 + k).sum::<usize>() as f64;
    let finished = Finished { finish: op.finish(1.0), count: Some(known), refuse_empty: None, nan_empty: false };
    (plan_merge(op.fold(), dtype, false), finished, states(op.fold(), dtype, false, size), result)
}

#[test]
fn merges_wait_for_each_other_and_for_nobody_longer_than_needed() {
    let gpu = gpu();
    let cases = [
        ended(ReduceOp::Min, DType::I32, DType::I32, (2, 3)),
        ended(ReduceOp::Max, DType::F32, DType::F32, (2, 700)),
        ended(ReduceOp::Sum, DType::I32, DType::I64, (2, 1)),
        ended(ReduceOp::Argmin, DType::F32, DType::I64, (2, 5)),
    ];
    let start = |(merge, finished, chunks, result): &(Merge, Finished, Vec<Vec<GpuBuffer>>, DType)| {
        gpu.merge_as(None, merge, Some((finished, *result)), chunks.clone(), chunks[0][0].len()).unwrap().swap_remove(0)
    };
    let check = |case: &(Merge, Finished, Vec<Vec<GpuBuffer>>, DType), there: &GpuBuffer| {
        let (merge, finished, chunks, result) = case;
        let here = plainly(finished, merge, chunks, chunks[0][0].len(), *result);
        assert_same(&format!("{:?}", merge.fold), &gpu.download(there).unwrap(), &here);
    };
    // One by one, and when the mixture has come often in one dispatch.
    for _ in 0..10 {
        let made: Vec<GpuBuffer> = cases.iter().map(start).collect();
        cases.iter().zip(&made).for_each(|(case, there)| check(case, there));
    }
    // One of what another has made: a merge of one chunk, whose slot is a result.
    let (merge, _, chunks, _) = &cases[0];
    let level = gpu.merge_as(None, merge, None, chunks.clone(), 3).unwrap();
    let again = gpu.merge_as(None, merge, None, vec![level.clone(), level.clone()], 3).unwrap();
    let [level, again] = [level, again].map(|made| gpu.download(&made[0]).unwrap());
    assert_eq!(level.bytes(), again.bytes());
}
