//! Reductions against plain loops.

use super::super::*;
use super::*;
use crate::dtype::Scalar;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::Access;

fn scalars(h: &HostBuffer) -> Vec<Scalar> {
    h.bytes().chunks(h.dtype().size()).map(|b| Scalar::from_stored(h.dtype(), b)).collect()
}

/// Combines the slots of device states on the host, for each output.
pub(super) fn combined(fold: Fold, masked: bool, states: &[HostBuffer], outs: usize) -> Vec<(f64, i64, f64, i64)> {
    let slots = states[0].len() / outs;
    let all: Vec<Vec<Scalar>> = states.iter().map(scalars).collect();
    let signed = states[0].dtype().is_signed();
    (0..outs)
        .map(|o| {
            let get = |k: usize, s: usize| all[k][s * outs + o];
            let mut count = 0i64;
            // value, index, extra
            let mut acc: Option<(f64, i64, f64, i64)> = None;
            for s in 0..slots {
                let n = if masked || fold == Fold::Moments { get(states.len() - 1, s).to_i64() } else { 1 };
                count += n;
                let v = get(0, s);
                let new = match fold {
                    Fold::Sum | Fold::Prod => (v.to_f64(), v.to_i64(), 0.0, n),
                    Fold::Min | Fold::Max => (v.to_f64(), v.to_i64(), 0.0, n),
                    Fold::Argmin | Fold::Argmax | Fold::Last => (v.to_f64(), get(1, s).to_i64(), 0.0, n),
                    Fold::Moments => (v.to_f64() + get(1, s).to_f64(), 0, get(2, s).to_f64(), n),
                };
                acc = Some(match acc {
                    None => new,
                    Some(a) => match fold {
                        Fold::Sum => (a.0 + new.0, a.1.wrapping_add(new.1), 0.0, 0),
                        Fold::Prod => (a.0 * new.0, a.1.wrapping_mul(new.1), 0.0, 0),
                        Fold::Min => (
                            if a.0.is_nan() || new.0.is_nan() { f64::NAN } else { a.0.min(new.0) },
                            if signed { a.1.min(new.1) } else { (a.1 as u64).min(new.1 as u64) as i64 },
                            0.0,
                            0,
                        ),
                        Fold::Max => (
                            if a.0.is_nan() || new.0.is_nan() { f64::NAN } else { a.0.max(new.0) },
                            if signed { a.1.max(new.1) } else { (a.1 as u64).max(new.1 as u64) as i64 },
                            0.0,
                            0,
                        ),
                        Fold::Last => {
                            if new.1 > a.1 {
                                new
                            } else {
                                a
                            }
                        }
                        Fold::Argmin | Fold::Argmax => {
                            if a.1 < 0 || new.1 < 0 {
                                if a.1 < 0 { new } else { a }
                            } else {
                                let (first, second) = if a.1 <= new.1 { (a, new) } else { (new, a) };
                                let better = if fold == Fold::Argmax { second.0 > first.0 } else { second.0 < first.0 };
                                if !first.0.is_nan() && (better || second.0.is_nan()) { second } else { first }
                            }
                        }
                        Fold::Moments => {
                            if new.3 == 0 {
                                a
                            } else if a.3 == 0 {
                                new
                            } else {
                                let n = (a.3 + new.3) as f64;
                                let d = new.0 - a.0;
                                (
                                    a.0 + d * new.3 as f64 / n,
                                    0,
                                    a.2 + new.2 + d * d * a.3 as f64 * new.3 as f64 / n,
                                    a.3 + new.3,
                                )
                            }
                        }
                    },
                });
            }
            let a = acc.unwrap();
            (a.0, a.1, a.2, count)
        })
        .collect()
}

/// The same by a loop over `elements` of one output: (value, index, mask).
fn expected(fold: Fold, elements: &[(Scalar, i64, bool)]) -> (f64, i64, f64, i64) {
    let taken: Vec<_> = elements.iter().filter(|e| e.2).collect();
    let n = taken.len() as i64;
    let values = || taken.iter().map(|e| e.0.to_f64());
    match fold {
        Fold::Sum => (values().sum(), taken.iter().fold(0, |a: i64, e| a.wrapping_add(e.0.to_i64())), 0.0, n),
        Fold::Prod => (values().product(), taken.iter().fold(1, |a: i64, e| a.wrapping_mul(e.0.to_i64())), 0.0, n),
        Fold::Min | Fold::Max => {
            let nan = values().any(f64::is_nan);
            let v = if fold == Fold::Min {
                values().fold(f64::INFINITY, f64::min)
            } else {
                values().fold(f64::NEG_INFINITY, f64::max)
            };
            let ints = taken
                .iter()
                .map(|e| if e.0.dtype() == DType::U64 { (e.0.bits() ^ (1 << 63)) as i64 } else { e.0.to_i64() });
            let i = if fold == Fold::Min { ints.min() } else { ints.max() };
            (if nan { f64::NAN } else { v }, i.unwrap_or(0), 0.0, n)
        }
        Fold::Last => {
            let last = taken.iter().rev().find(|e| !e.0.to_f64().is_nan());
            last.map_or((f64::NAN, -1, 0.0, n), |e| (e.0.to_f64(), e.1, 0.0, n))
        }
        Fold::Argmin | Fold::Argmax => {
            let mut best: Option<(f64, i64)> = None;
            for e in &taken {
                let x = e.0.to_f64();
                let wins = match best {
                    None => true,
                    Some((b, _)) if b.is_nan() => false,
                    Some((b, _)) => x.is_nan() || if fold == Fold::Argmin { x < b } else { x > b },
                };
                if wins {
                    best = Some((x, e.1));
                }
            }
            let b = best.unwrap_or((f64::NAN, -1));
            (b.0, b.1, 0.0, n)
        }
        Fold::Moments => {
            let mean = values().sum::<f64>() / n.max(1) as f64;
            (mean, 0, values().map(|x| (x - mean) * (x - mean)).sum(), n)
        }
    }
}

fn close(a: f64, b: f64, scale: f64, tolerance: f64) -> bool {
    a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= tolerance * scale.max(1e-30)
}

/// Values that look random; with NaN and equal ones for the argmin.
fn data(dtype: DType, n: usize, nan: bool) -> HostBuffer {
    let mut state = 0x1234_5678_9abc_def1u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let scalars: Vec<u64> = (0..n)
        .map(|i| {
            let r = next();
            match dtype {
                DType::Bool => r & 1,
                DType::F32 | DType::F64 => {
                    let x = if nan && i % 501 == 500 {
                        f64::NAN
                    } else {
                        ((r >> 11) as f64 / (1u64 << 53) as f64 * 200.0).round() / 10.0 + 100.0
                    };
                    Scalar::from_f64(dtype, x).bits()
                }
                _ => r & (u64::MAX >> (64 - 8 * dtype.size())),
            }
        })
        .collect();
    from_bits(dtype, scalars)
}

fn folded(fold: Fold, masked: bool, dtype: DType, index: DType) -> Program {
    let mut loads = vec![dtype];
    if masked {
        loads.push(DType::Bool);
    }
    let mut p = Program { loads: loads.clone(), ..Program::default() };
    let v = p.push(Inst::Load { slot: 0 }, dtype);
    p.outputs = vec![v];
    if fold.indexed() {
        p.indices = 1;
        let i = p.push(Inst::Index { slot: 0 }, index);
        p.outputs.push(i);
    }
    if masked {
        let m = p.push(Inst::Load { slot: 1 }, DType::Bool);
        p.outputs.push(m);
    }
    p
}

const FOLDS: [Fold; 8] =
    [Fold::Sum, Fold::Prod, Fold::Min, Fold::Max, Fold::Argmin, Fold::Argmax, Fold::Last, Fold::Moments];

/// Reduces `axes` (true: reduced) of a C-order array of `dims`, cut along axis 0 into `cut` pieces.
fn check(fold: Fold, masked: bool, dtype: DType, dims: &[u64], axes: &[bool], cut: u64, nan: bool) {
    let n: u64 = dims.iter().product();
    let host = data(dtype, n as usize, nan);
    let mask = from_bits(DType::Bool, (0..n).map(|i| u64::from(i % 3 != 1)));
    let mut strides = vec![1i64; dims.len()];
    let mut out = vec![0i64; dims.len()];
    let mut outs = 1;
    for k in (0..dims.len()).rev() {
        if k + 1 < dims.len() {
            strides[k] = strides[k + 1] * dims[k + 1] as i64;
        }
        if !axes[k] {
            out[k] = outs;
            outs *= dims[k] as i64;
        }
    }
    let p = folded(fold, masked, dtype, DType::I32);
    let mut pieces = Vec::new();
    let step = dims[0].div_ceil(cut);
    for start in (0..dims[0]).step_by(step as usize) {
        let mut size = dims.to_vec();
        size[0] = step.min(dims[0] - start);
        let base = start as i64 * strides[0];
        let access = Access { base, strides: strides.clone() };
        let mut loads = vec![(0, access.clone())];
        if masked {
            loads.push((1, access.clone()));
        }
        pieces.push(Piece {
            dims: size,
            out: Access { base: start as i64 * out[0], strides: out.clone() },
            loads,
            indices: if fold.indexed() { vec![access] } else { vec![] },
        });
    }
    let mut inputs = vec![gpu().upload(&host).unwrap()];
    if masked {
        inputs.push(gpu().upload(&mask).unwrap());
    }
    let kernel = Kernel::Reduce { program: p, fold, masked };
    let states = gpu().run(&kernel, &Work::Pieces(pieces), &inputs, outs as usize).unwrap();
    let states = gpu().download_many(&states).unwrap();
    let got = combined(fold, masked, &states, outs as usize);
    let (values, taken) = (scalars(&host), scalars(&mask));
    let mut lists = vec![Vec::new(); outs as usize];
    for i in 0..n {
        let mut at = 0;
        for k in 0..dims.len() {
            at += out[k] * (i as i64 / strides[k] % dims[k] as i64);
        }
        lists[at as usize].push((values[i as usize], i as i64, !masked || taken[i as usize].bits() != 0));
    }
    for (o, list) in lists.iter().enumerate() {
        let e = expected(fold, list);
        let g = got[o];
        let what = || {
            format!(
                "{fold:?} {dtype} masked {masked} {dims:?} {axes:?} cut {cut} output {o}: got {g:?}, expected {e:?}"
            )
        };
        let single = dtype == DType::F32 && !gpu().capabilities().f64;
        let tolerance = if single { 2e-5 } else { 1e-9 };
        let any = e.3 > 0;
        if masked {
            assert_eq!(g.3, e.3, "{}", what());
        }
        match fold {
            Fold::Sum | Fold::Prod if !dtype.is_float() => assert_eq!(g.1, e.1, "{}", what()),
            Fold::Sum => assert!(close(g.0, e.0, e.0.abs(), tolerance), "{}", what()),
            Fold::Prod => {}
            Fold::Min | Fold::Max if any && dtype.is_float() => assert!(close(g.0, e.0, 0.0, 0.0), "{}", what()),
            Fold::Min | Fold::Max if any && dtype != DType::U64 => assert_eq!(g.1, e.1, "{}", what()),
            Fold::Last => assert!(g.1 == e.1 && close(g.0, e.0, 0.0, 0.0), "{}", what()),
            Fold::Argmin | Fold::Argmax => assert_eq!(g.1, e.1, "{}", what()),
            Fold::Moments if any => {
                assert_eq!(g.3, e.3, "{}", what());
                assert!(close(g.0, e.0, e.0.abs().max(1.0), tolerance), "{}", what());
                assert!(close(g.2, e.2, e.2.abs().max(1.0), tolerance * 10.0), "{}", what());
            }
            _ => {}
        }
    }
}

fn runs(fold: Fold, dtype: DType) -> bool {
    let caps = gpu().capabilities();
    let defined = fold != Fold::Last || dtype.is_float();
    defined && supported(dtype) && (fold != Fold::Moments || dtype == DType::F32 || caps.f64)
}

#[test]
fn every_dtype_reduces() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for fold in FOLDS {
        for dtype in DType::all_computed() {
            if !runs(fold, dtype) {
                continue;
            }
            for masked in [false, true] {
                cases.push((
                    format!("{fold:?} {dtype} {masked}"),
                    Box::new(move || {
                        check(fold, masked, dtype, &[5000], &[true], 1, true);
                        check(fold, masked, dtype, &[37, 100], &[true, false], 1, true);
                        check(fold, masked, dtype, &[100, 37], &[false, true], 3, false);
                    }),
                ));
            }
        }
    }
    all_cases(cases);
}

#[test]
fn every_shape_reduces() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for (fold, dtype) in
        [(Fold::Sum, DType::F32), (Fold::Sum, DType::I32), (Fold::Argmax, DType::F32), (Fold::Moments, DType::F32)]
    {
        for n in [1, 2, 3, 255, 256, 257, 4095, 4096, 4097, 100_000, 1_000_000] {
            cases.push((
                format!("{fold:?} {n}"),
                Box::new(move || check(fold, n % 2 == 0, dtype, &[n], &[true], 1, false)),
            ));
        }
        for (dims, axes) in [
            (vec![300u64, 200], vec![true, false]),
            (vec![300, 200], vec![false, true]),
            (vec![7, 5000], vec![false, true]),
            (vec![5000, 7], vec![true, false]),
            (vec![3000, 70], vec![true, false]),
            (vec![11, 13, 17], vec![true, false, true]),
            (vec![11, 13, 17], vec![false, true, false]),
            (vec![11, 13, 17], vec![false, false, false]),
            (vec![2, 3, 4, 5, 6], vec![false, true, false, true, false]),
        ] {
            for cut in [1, 3] {
                let (dims, axes) = (dims.clone(), axes.clone());
                cases.push((
                    format!("{fold:?} {dims:?} {axes:?} {cut}"),
                    Box::new(move || check(fold, false, dtype, &dims, &axes, cut, false)),
                ));
            }
        }
    }
    all_cases(cases);
}

#[test]
fn random_sums_need_no_memory() {
    use crate::ops::{RandomOp, RandomSpec};
    let n = 1_000_000u64;
    let mut p = Program { indices: 1, ..Program::default() };
    let v = p.random(RandomOp::Uniform, RandomSpec { seed: 3, stream: 1, range: 1 }, 0, DType::F32);
    p.outputs = vec![v];
    let piece = Piece {
        dims: vec![n],
        out: Access { base: 0, strides: vec![0] },
        loads: vec![],
        indices: vec![Access { base: 1, strides: vec![1] }],
    };
    let kernel = Kernel::Reduce { program: p.clone(), fold: Fold::Sum, masked: false };
    let run = || {
        let states = gpu().run(&kernel, &Work::Pieces(vec![piece.clone()]), &[], 1).unwrap();
        gpu().download(&states[0]).unwrap()
    };
    let (a, b) = (run(), run());
    assert_eq!(a.bytes(), b.bytes());
    let sum: f64 = scalars(&a).iter().map(|s| s.to_f64()).sum();
    let mut spec = Strip::default();
    let mut expected = 0.0;
    let mut at = 1;
    while at < n + 1 {
        let len = 512.min(n + 1 - at) as usize;
        random::run(RandomOp::Uniform, DType::F32, &RandomSpec { seed: 3, stream: 1, range: 1 }, at, 1, len, &mut spec);
        expected +=
            bytemuck::cast_slice::<u8, f32>(spec.bytes(DType::F32, len)).iter().map(|&x| f64::from(x)).sum::<f64>();
        at += len as u64;
    }
    assert!((sum - expected).abs() < 0.5, "{sum} {expected}");
}
