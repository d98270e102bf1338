//! Every shader is valid WGSL, with and without the 64-bit features. Needs no device.

use naga::valid::{Capabilities as Naga, ValidationFlags, Validator};

use super::super::source::source;
use crate::dtype::DType;
use crate::ops::{BinaryOp, Fold, RandomOp, RandomSpec, ScanOp, Sorting, TernaryOp, UnaryOp};
use crate::plan::capability::Capabilities;
use crate::plan::expr::{Inst, Program};
use crate::plan::family::unsupported;
use crate::plan::kernel::Kernel;

fn check(kernel: &Kernel, rank: usize) {
    for caps in [Capabilities::WEBGPU, Capabilities::FULL] {
        if unsupported(kernel, &caps).is_some() {
            continue;
        }
        for (name, text) in source(kernel, rank, &caps).unwrap() {
            let module = naga::front::wgsl::parse_str(&text)
                .unwrap_or_else(|e| panic!("{name}: {}\n{text}", e.emit_to_string(&text)));
            let mut allowed = Naga::IMMEDIATES;
            if caps.f64 {
                allowed |= Naga::FLOAT64 | Naga::SHADER_INT64;
            }
            let valid = Validator::new(ValidationFlags::all(), allowed).validate(&module);
            valid.unwrap_or_else(|e| panic!("{name}: {}\n{text}", e.emit_to_string(&text)));
        }
    }
}

fn load(p: &mut Program, dtype: DType) -> u16 {
    p.loads.push(dtype);
    let slot = p.loads.len() as u16 - 1;
    p.push(Inst::Load { slot }, dtype)
}

#[test]
fn every_row_is_valid() {
    let run = |mut p: Program, v: u16| {
        p.outputs = vec![v];
        check(&Kernel::Map(p), 2);
    };
    for &dtype in DType::ALL {
        for &op in UnaryOp::ALL {
            let Some(result) = op.result(dtype) else { continue };
            let mut p = Program::default();
            let x = load(&mut p, dtype);
            let v = p.push(Inst::Unary(op, x), result);
            run(p, v);
        }
        for &op in BinaryOp::ALL {
            let Some(result) = op.result(dtype) else { continue };
            let mut p = Program::default();
            let (x, y) = (load(&mut p, dtype), load(&mut p, op.right(dtype)));
            let v = p.push(Inst::Binary(op, x, y), result);
            run(p, v);
        }
        for &op in TernaryOp::ALL {
            if dtype.is_half() || (op != TernaryOp::Where && dtype == DType::Bool) {
                continue;
            }
            let mut p = Program::default();
            let first = if op == TernaryOp::Where { DType::Bool } else { dtype };
            let (x, y, z) = (load(&mut p, first), load(&mut p, dtype), load(&mut p, dtype));
            let v = p.push(Inst::Ternary(op, [x, y, z]), dtype);
            run(p, v);
        }
        for &to in DType::ALL {
            let mut p = Program::default();
            let x = load(&mut p, dtype);
            let v = p.push(Inst::Cast(x), to);
            run(p, v);
        }
        for &op in RandomOp::ALL {
            if !op.dtypes().contains(&dtype) {
                continue;
            }
            let mut p = Program { indices: 1, ..Program::default() };
            let v = p.random(op, RandomSpec { seed: 1, stream: 2, range: 3 }, 0, dtype);
            run(p, v);
        }
    }
}

#[test]
fn every_kernel_is_valid() {
    for dtype in DType::all_computed() {
        for masked in [false, true] {
            let mut p = Program::default();
            let v = load(&mut p, dtype);
            p.outputs = vec![v];
            for uniform in [false, true] {
                let mut p = p.clone();
                if masked {
                    let m = load(&mut p, DType::Bool);
                    p.outputs.push(m);
                }
                check(&Kernel::Histogram { program: p, masked, weighted: false, uniform }, 3);
            }
            let folds =
                [Fold::Sum, Fold::Prod, Fold::Min, Fold::Max, Fold::Argmin, Fold::Argmax, Fold::Last, Fold::Moments];
            for fold in folds.into_iter().filter(|&fold| fold != Fold::Last || dtype.is_float()) {
                let mut p = p.clone();
                if fold.indexed() {
                    p.indices = 1;
                    let i = p.push(Inst::Index { slot: 0 }, DType::I32);
                    p.outputs.push(i);
                }
                if masked {
                    let m = load(&mut p, DType::Bool);
                    p.outputs.push(m);
                }
                check(&Kernel::Reduce { program: p, fold, masked }, 1);
                // And of more axes.
            }
        }
        let mut p = Program::default();
        let v = load(&mut p, dtype);
        p.outputs = vec![v];
        for &op in ScanOp::ALL.iter().filter(|op| op.fold() != Fold::Last || dtype.is_float()) {
            check(&Kernel::Scan { program: p.clone(), fold: op.fold(), axis: None, carried: true }, 2);
        }
        for places in [false, true] {
            let sorting = Sorting { places, descending: places };
            check(&Kernel::Sort { program: p.clone(), sorting, axis: 0, read: None }, 2);
        }
        let m = load(&mut p, DType::Bool);
        p.outputs = vec![v, m];
        check(&Kernel::Select(p), 4);
        check(&Kernel::Take(dtype), 3);
        check(&Kernel::Dot(dtype), 2);
    }
}

#[test]
fn sources_can_be_read() {
    let mut p = Program { indices: 1, ..Program::default() };
    let x = load(&mut p, DType::F32);
    let r = p.random(RandomOp::Uniform, RandomSpec { seed: 1, stream: 2, range: 3 }, 0, DType::F32);
    let s = p.push(Inst::Binary(BinaryOp::Add, x, r), DType::F32);
    let c = p.constant(crate::dtype::Scalar::from_f64(DType::F32, 0.5));
    let m = p.push(Inst::Binary(BinaryOp::Lt, x, c), DType::Bool);
    p.outputs = vec![s];
    for (name, text) in source(&Kernel::Map(p.clone()), 2, &Capabilities::WEBGPU).unwrap() {
        println!("---- {name}\n{text}");
    }
    p.outputs = vec![s, m];
    for (name, text) in
        source(&Kernel::Reduce { program: p, fold: Fold::Sum, masked: true }, 2, &Capabilities::WEBGPU).unwrap()
    {
        println!("---- {name}\n{text}");
    }
}
