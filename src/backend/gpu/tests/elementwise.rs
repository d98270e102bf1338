//! Rows, casts, constants, indices and random words against the CPU's tables.

use super::super::*;
use super::*;

#[test]
fn unary_rows_agree() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &op in UnaryOp::ALL {
        for &dtype in DType::ALL {
            let Some(result) = op.result(dtype) else { continue };
            if !supported(dtype) {
                continue;
            }
            cases.push((
                format!("{op:?} {dtype}"),
                Box::new(move || {
                    let x = from_bits(dtype, edges(dtype));
                    let p = program(&[dtype], |a| Inst::Unary(op, a[0]), result);
                    let got = map_1d(p, std::slice::from_ref(&x), x.len());
                    let ulp = f64::from(op.info().ulp[usize::from(dtype == DType::F64)]);
                    compare(op.info().name, result, ulp, &got, &[&x], |a, n, out| unary::run(op, dtype, a[0], n, out));
                }),
            ));
        }
    }
    all_cases(cases);
}

#[test]
fn binary_rows_agree() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &op in BinaryOp::ALL {
        for &dtype in DType::ALL {
            let Some(result) = op.result(dtype) else { continue };
            if !supported(dtype) {
                continue;
            }
            cases.push((
                format!("{op:?} {dtype}"),
                Box::new(move || {
                    let right = op.right(dtype);
                    let (x, y) = pairs(dtype, right);
                    let (x, y) = (from_bits(dtype, x), from_bits(right, y));
                    let p = program(&[dtype, right], |a| Inst::Binary(op, a[0], a[1]), result);
                    let got = map_1d(p, &[x, y], pairs(dtype, right).0.len());
                    let (x, y) = pairs(dtype, right);
                    let (x, y) = (from_bits(dtype, x), from_bits(right, y));
                    let ulp = f64::from(op.info().ulp[usize::from(dtype == DType::F64)]);
                    compare(op.info().name, result, ulp, &got, &[&x, &y], |a, n, out| {
                        binary::run(op, dtype, a[0], a[1], n, out);
                    });
                }),
            ));
        }
    }
    all_cases(cases);
}

#[test]
fn ternary_rows_agree() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &op in TernaryOp::ALL {
        for dtype in DType::all_computed() {
            if !supported(dtype) || (op != TernaryOp::Where && dtype == DType::Bool) {
                continue;
            }
            cases.push((
                format!("{op:?} {dtype}"),
                Box::new(move || {
                    let first = if op == TernaryOp::Where { DType::Bool } else { dtype };
                    let (x, y) = pairs(dtype, dtype);
                    let c: Vec<u64> = if first == DType::Bool {
                        (0..x.len() as u64).map(|i| i % 3 % 2).collect()
                    } else {
                        x.iter().rev().copied().collect()
                    };
                    let inputs = [from_bits(first, c), from_bits(dtype, x), from_bits(dtype, y)];
                    let p = program(&[first, dtype, dtype], |a| Inst::Ternary(op, [a[0], a[1], a[2]]), dtype);
                    let got = map_1d(p, &inputs, inputs[0].len());
                    if op == TernaryOp::Fma && dtype.is_float() {
                        // Drivers need not fuse: off by a unit of the larger term.
                        let get = |h: &HostBuffer, i: usize| {
                            value(dtype, &h.bytes()[i * dtype.size()..][..dtype.size()]).to_f64()
                        };
                        for i in 0..got.len() {
                            let [x, y, z] = [0, 1, 2].map(|k| get(&inputs[k], i));
                            let (e, g) = (x.mul_add(y, z), get(&got, i));
                            let scale = (x * y).abs() + z.abs();
                            let (eps, most) = if dtype == DType::F32 {
                                (f64::from(f32::EPSILON), f64::from(f32::MAX))
                            } else {
                                (f64::EPSILON, f64::MAX)
                            };
                            let fine = e == g
                                || (e.is_nan() && g.is_nan())
                                || (e - g).abs() <= eps * scale
                                || scale > most * 0.99
                                || scale < 1e-37;
                            assert!(fine, "fma({x}, {y}, {z}) = {g}, not {e}");
                        }
                        return;
                    }
                    let ulp = f64::from(op.info().ulp[usize::from(dtype == DType::F64)]);
                    compare(op.info().name, dtype, ulp, &got, &inputs.iter().collect::<Vec<_>>(), |a, n, out| {
                        ternary::run(op, dtype, [a[0], a[1], a[2]], n, out);
                    });
                }),
            ));
        }
    }
    all_cases(cases);
}

#[test]
fn casts_agree() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &from in DType::ALL {
        for &to in DType::ALL {
            if !supported(from) || !supported(to) {
                continue;
            }
            cases.push((
                format!("{from} to {to}"),
                Box::new(move || {
                    let x = from_bits(from, edges(from));
                    let p = program(&[from], |a| Inst::Cast(a[0]), to);
                    let got = map_1d(p, std::slice::from_ref(&x), x.len());
                    compare(&format!("cast from {from}"), to, 0.0, &got, &[&x], |a, n, out| {
                        cast::cast(from, to, a[0], n, out);
                    });
                }),
            ));
        }
    }
    all_cases(cases);
}

#[test]
fn transfers_keep_every_dtype() {
    let mut hosts = Vec::new();
    for &dtype in DType::ALL {
        hosts.push(from_bits(dtype, edges(dtype)));
        hosts.push(HostBuffer::zeros(dtype, 0).unwrap());
        hosts.push(from_bits(
            dtype,
            (0..100_003u64).map(|i| if dtype == DType::Bool { i % 2 } else { i.wrapping_mul(0x9e37_79b9_7f4a_7c15) }),
        ));
    }
    let buffers: Vec<GpuBuffer> = hosts.iter().map(|h| gpu().upload(h).unwrap()).collect();
    let back = gpu().download_many(&buffers).unwrap();
    for (a, b) in hosts.iter().zip(&back) {
        assert_eq!(a.dtype(), b.dtype());
        assert!(a.bytes() == b.bytes(), "{a:?}");
    }
}

#[test]
fn consts_and_indices() {
    let caps = *gpu().capabilities();
    for &dtype in DType::ALL {
        if !supported(dtype) {
            continue;
        }
        for bits in edges(dtype).into_iter().take(40) {
            let mut p = Program::default();
            let c = p.constant(Scalar::from_stored(dtype, &bits.to_le_bytes()[..dtype.size()]));
            p.outputs = vec![c];
            let got = map_1d(p, &[], 3);
            let got = value(dtype, &got.bytes()[..dtype.size()]);
            let expected = value(dtype, &bits.to_le_bytes()[..dtype.size()]);
            assert_eq!(ulps(dtype, expected, got), 0.0, "{expected:?} {got:?}");
        }
    }
    // A 3-d box with strides of both signs.
    for dtype in [DType::I32, DType::I64] {
        if dtype == DType::I64 && !caps.i64 {
            continue;
        }
        let mut p = Program { indices: 1, ..Program::default() };
        let v = p.push(Inst::Index { slot: 0 }, dtype);
        p.outputs = vec![v];
        let index = Access {
            base: if dtype == DType::I64 { 5_000_000_000_000 } else { 5000 },
            strides: vec![-7, if dtype == DType::I64 { 3_000_000_007 } else { 1000 }, 2],
        };
        let piece = Piece {
            dims: vec![5, 7, 11],
            out: Access { base: 2, strides: vec![77, 1, 7] },
            loads: vec![],
            indices: vec![index.clone()],
        };
        let out = gpu().run(&Kernel::Map(p), &Work::Pieces(vec![piece.clone()]), &[], 390).unwrap();
        let got = gpu().download(&out[0]).unwrap();
        for a in 0..5 {
            for b in 0..7 {
                for c in 0..11 {
                    let at = piece.out.at(&[a, b, c]) as usize;
                    let x = value(dtype, &got.bytes()[at * dtype.size()..][..dtype.size()]).to_i64();
                    assert_eq!(x, index.at(&[a, b, c]), "{dtype} {a} {b} {c}");
                }
            }
        }
    }
}

#[test]
fn random_words_are_the_cpus() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &op in RandomOp::ALL {
        for dtype in op.dtypes() {
            if !supported(dtype) {
                continue;
            }
            for (base, stride) in
                [(0i64, 1i64), (3, 1), (0xffff_fff0, 1), (0x1234_5678_9abc, 5), (10_000, -3), (-5000, 1)]
            {
                for range in [3 << 30, 6, 1, 1 << 20, if dtype == DType::U64 { 3 << 62 } else { 1000 }] {
                    if !matches!(op, RandomOp::Below | RandomOp::Permutation) && range != 6 {
                        continue;
                    }
                    if op == RandomOp::Permutation && range > 1 << 62 {
                        continue;
                    }
                    cases.push((
                        format!("{op:?} {dtype} {base} {stride} {range}"),
                        Box::new(move || {
                            let n = 1500;
                            let spec = RandomSpec { seed: 0xdead_beef_1234_5678, stream: 7, range };
                            let mut p = Program { indices: 1, ..Program::default() };
                            let v = p.random(op, spec, 0, dtype);
                            p.outputs = vec![v];
                            let piece = Piece {
                                dims: vec![n],
                                out: Access { base: 0, strides: vec![1] },
                                loads: vec![],
                                indices: vec![Access { base, strides: vec![stride] }],
                            };
                            let out = gpu().run(&Kernel::Map(p), &Work::Pieces(vec![piece]), &[], n as usize).unwrap();
                            let got = gpu().download(&out[0]).unwrap();
                            let mut at = base;
                            let tolerance = if op == RandomOp::Normal { 16.0 } else { 0.0 };
                            compare(op.name(), dtype, tolerance, &got, &[], |_, n, out| {
                                random::run(op, dtype, &spec, at as u64, stride, n, out);
                                at += stride * n as i64;
                            });
                        }),
                    ));
                }
            }
        }
    }
    all_cases(cases);
}
