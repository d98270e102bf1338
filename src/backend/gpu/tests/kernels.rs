//! Histograms, selections, takes and products against plain loops.

use super::super::*;
use super::*;
use crate::dtype::Scalar;
use crate::host::HostBuffer;
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, DotPiece, TakePiece};

use std::time::{Duration, Instant};

use super::super::tune::By;

fn scalars(h: &HostBuffer) -> Vec<Scalar> {
    h.bytes().chunks(h.dtype().size()).map(|b| Scalar::from_stored(h.dtype(), b)).collect()
}
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed | 1;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    }
}
fn loads(dtypes: &[DType]) -> Program {
    let mut p = Program { loads: dtypes.to_vec(), ..Program::default() };
    p.outputs = (0..dtypes.len()).map(|i| p.push(Inst::Load { slot: i as u16 }, dtypes[i])).collect();
    p
}
fn flat(n: usize, inputs: usize) -> Piece {
    let a = Access { base: 0, strides: vec![1] };
    Piece {
        dims: vec![n as u64],
        out: a.clone(),
        loads: (0..inputs).map(|i| (i, a.clone())).collect(),
        indices: vec![],
    }
}

fn histogram(values: &HostBuffer, edges: &HostBuffer, uniform: bool, masked: bool, pieces: usize) {
    let n = values.len();
    let mask = from_bits(DType::Bool, (0..n as u64).map(|i| u64::from(i % 5 != 2)));
    let mut dtypes = vec![values.dtype()];
    if masked {
        dtypes.push(DType::Bool);
    }
    let program = loads(&dtypes);
    let mut list = Vec::new();
    let step = n.div_ceil(pieces);
    for start in (0..n).step_by(step) {
        let mut piece = flat(step.min(n - start), dtypes.len());
        for (_, a) in &mut piece.loads {
            a.base = start as i64;
        }
        list.push(piece);
    }
    let mut inputs = vec![gpu().upload(values).unwrap()];
    if masked {
        inputs.push(gpu().upload(&mask).unwrap());
    }
    inputs.push(gpu().upload(edges).unwrap());
    let kernel = Kernel::Histogram { program, masked, weighted: false, uniform };
    let bins = edges.len() - 1;
    let counts = gpu().run(&kernel, &Work::Pieces(list), &inputs, bins).unwrap();
    let counts = gpu().download(&counts[0]).unwrap();
    let (e, m) = (scalars(edges), scalars(&mask));
    let mut expected = vec![0u32; bins];
    let big = |s: &Scalar| {
        if s.dtype() == DType::U64 { i128::from(s.bits()) } else { i128::from(s.to_i64()) }
    };
    for (i, v) in scalars(values).iter().enumerate() {
        if masked && m[i].bits() == 0 {
            continue;
        }
        // The last edge not above the value.
        let at_most = |a: &Scalar, b: &Scalar| {
            if values.dtype().is_float() {
                a.to_f64() <= b.to_f64()
            } else {
                big(a).min(i128::from(i64::MAX)) <= big(b).min(i128::from(i64::MAX))
            }
        };
        if !(at_most(&e[0], v) && at_most(v, &e[bins])) {
            continue;
        }
        let bin = e.partition_point(|x| at_most(x, v)).saturating_sub(1).min(bins - 1);
        expected[bin] += 1;
    }
    let mut sums = vec![0u32; bins];
    for slot in counts.stored::<u32>().chunks(bins) {
        sums.iter_mut().zip(slot).for_each(|(sum, count)| *sum += count);
    }
    assert_eq!(sums, expected, "{values:?} {edges:?} uniform {uniform} masked {masked}");
}

#[test]
fn histograms_count_like_comparing_with_every_edge() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for dtype in DType::all_computed() {
        if !supported(dtype) {
            continue;
        }
        // The last whose edges are near, and the first whose are not.
        for bins in [1usize, 2, 7, 100, 1023, 1024, 4096, 5000] {
            for uniform in [true, false] {
                cases.push((
                    format!("{dtype} {bins} {uniform}"),
                    Box::new(move || {
                        let mut next = numbers(bins as u64 * 77 + 5);
                        let n = 60_000;
                        let width = 8 * dtype.size() as u32;
                        let (values, edges) = if dtype.is_float() {
                            let values: Vec<u64> = (0..n)
                                .map(|i| match i % 1000 {
                                    0 => Scalar::from_f64(dtype, f64::NAN).bits(),
                                    1 => Scalar::from_f64(dtype, f64::INFINITY).bits(),
                                    2 => Scalar::from_f64(dtype, 3.0).bits(),
                                    3 => Scalar::from_f64(dtype, -2.0).bits(),
                                    _ => {
                                        Scalar::from_f64(dtype, (next() >> 11) as f64 / (1u64 << 53) as f64 * 6.0 - 2.5)
                                            .bits()
                                    }
                                })
                                .collect();
                            let step = |i: usize| {
                                if uniform { i as f64 / bins as f64 } else { (i as f64 / bins as f64).powi(2) }
                            };
                            (
                                values,
                                from_bits(
                                    dtype,
                                    (0..=bins).map(|i| Scalar::from_f64(dtype, -2.0 + 5.0 * step(i)).bits()),
                                ),
                            )
                        } else {
                            let values: Vec<u64> = (0..n)
                                .map(|_| {
                                    if dtype == DType::Bool { next() & 1 } else { next() & (u64::MAX >> (64 - width)) }
                                })
                                .collect();
                            let (lo, hi) = match dtype {
                                DType::Bool => (0i128, 1),
                                DType::U64 => (0, i128::from(i64::MAX)),
                                _ if dtype.is_signed() => (-(1i128 << (width - 1)), (1i128 << (width - 1)) - 1),
                                _ => (0, (1i128 << width) - 1),
                            };
                            let at = |i: usize| {
                                lo + if uniform {
                                    (hi - lo) * i as i128 / bins as i128
                                } else {
                                    (hi - lo) * (i * i) as i128 / (bins * bins) as i128
                                }
                            };
                            (values, from_bits(DType::I64, (0..=bins).map(|i| at(i) as i64 as u64)))
                        };
                        let values = from_bits(dtype, values);
                        histogram(&values, &edges, uniform, false, 1);
                        histogram(&values, &edges, uniform, true, 3);
                        if dtype.is_integer() && dtype.size() == 4 || dtype == DType::I16 {
                            let narrow = if dtype.is_signed() { DType::I32 } else { DType::U32 };
                            let edges = from_bits(narrow, scalars(&edges).iter().map(|s| s.to_i64() as u64));
                            histogram(&values, &edges, uniform, false, 2);
                        }
                    }),
                ));
            }
        }
    }
    all_cases(cases);
}

#[test]
fn histograms_count_the_same_in_fours() {
    // Of the same values: at places that are multiples of four, one later; in rows whose length is a multiple, and is not.
    let bins = 10u64;
    for dtype in [DType::F32, DType::U8, DType::I64, DType::F64].into_iter().filter(|&dtype| supported(dtype)) {
        let edge = if dtype.is_float() { dtype } else { DType::I64 };
        let edges = from_bits(edge, (0..=bins).map(|i| Scalar::from_f64(edge, 20.0 + 3.0 * i as f64).bits()));
        for (dims, row) in [(vec![10_007u64], 1i64), (vec![10_008], 1), (vec![50, 64], 68), (vec![50, 63], 68)] {
            for masked in [false, true] {
                let counted = |base: i64| {
                    let value = |i: u64| (i.wrapping_sub(base as u64) % 4001 * 7) % 101;
                    let values = (0..11_000).map(|i| Scalar::from_f64(dtype, value(i) as f64).bits());
                    let mask = (0..11_000u64).map(|i| u64::from(i.wrapping_sub(base as u64) % 3 == 1));
                    let edges = gpu().upload(&edges).unwrap();
                    let hosts = [from_bits(dtype, values), from_bits(DType::Bool, mask)];
                    let mut inputs: Vec<GpuBuffer> = hosts.iter().map(|host| gpu().upload(host).unwrap()).collect();
                    inputs.truncate(1 + usize::from(masked));
                    inputs.push(edges);
                    let strides = if dims.len() == 1 { vec![1] } else { vec![row, 1] };
                    let along = Access { base, strides };
                    let loaded = (0..inputs.len() - 1).map(|slot| (slot, along.clone())).collect();
                    let piece = Piece { dims: dims.clone(), out: along, loads: loaded, indices: vec![] };
                    let program = loads(&[dtype, DType::Bool][..1 + usize::from(masked)]);
                    let launch =
                        histogram::HistogramLaunch::new(&program, (masked, true), (edge, bins), &piece, 4).unwrap();
                    let kernel = Kernel::Histogram { program, masked, weighted: false, uniform: true };
                    let out = gpu().run(&kernel, &Work::Pieces(vec![piece]), &inputs, bins as usize).unwrap();
                    let counts = gpu().download(&out[0]).unwrap();
                    let mut sums = vec![0; bins as usize];
                    for slot in counts.stored::<u32>().chunks(bins as usize) {
                        sums.iter_mut().zip(slot).for_each(|(sum, count)| *sum += count);
                    }
                    (launch.histogram.code.reading != reading::Reading::Points, sums)
                };
                let ((fours, quads), (ones, points)) = (counted(4), counted(1));
                let what = format!("{dtype} {dims:?} masked {masked}");
                assert!(fours == (dims.len() == 1 || dims[1] % 4 == 0) && !ones, "{what}: {fours} {ones}");
                assert!(quads == points && quads.iter().sum::<u32>() > 300, "{what}: {quads:?} {points:?}");
            }
        }
    }
}

#[test]
fn selections_keep_the_order() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for &dtype in DType::ALL {
        if !supported(dtype) {
            continue;
        }
        for n in [1usize, 7, 256, 2047, 2048, 2049, 100_000, 600_000] {
            if n > 3000 && ![DType::F32, DType::Bool, DType::I64, DType::I8].contains(&dtype) {
                continue;
            }
            cases.push((
                format!("{dtype} {n}"),
                Box::new(move || {
                    let mut next = numbers(n as u64);
                    let bits: Vec<u64> = (0..n)
                        .map(|_| match dtype {
                            DType::Bool => next() & 1,
                            DType::F32 | DType::F64 => Scalar::from_f64(dtype, (next() % 1000) as f64).bits(),
                            _ => next() & (u64::MAX >> (64 - 8 * dtype.size())),
                        })
                        .collect();
                    for (name, mask) in [
                        ("all", vec![1u64; n]),
                        ("none", vec![0; n]),
                        ("some", (0..n).map(|_| next() & 1).collect()),
                        ("few", (0..n).map(|_| u64::from(next().is_multiple_of(300))).collect()),
                    ] {
                        let (v, m) = (from_bits(dtype, bits.clone()), from_bits(DType::Bool, mask.clone()));
                        let inputs = [gpu().upload(&v).unwrap(), gpu().upload(&m).unwrap()];
                        let program = loads(&[dtype, DType::Bool]);
                        // One piece; then two that interleave: even and odd places.
                        let half = |odd: i64| {
                            let a = Access { base: odd, strides: vec![2] };
                            Piece {
                                dims: vec![(n as u64 + 1 - odd as u64) / 2],
                                out: a.clone(),
                                loads: vec![(0, a.clone()), (1, a)],
                                indices: vec![],
                            }
                        };
                        let mut works = vec![vec![flat(n, 2)]];
                        if n > 1 {
                            works.push(vec![half(1), half(0)]);
                        }
                        for work in works {
                            let out =
                                gpu().run(&Kernel::Select(program.clone()), &Work::Pieces(work), &inputs, n).unwrap();
                            let got = gpu().download_many(&out).unwrap();
                            let expected: Vec<u64> =
                                bits.iter().zip(&mask).filter(|(_, m)| **m != 0).map(|(b, _)| *b).collect();
                            assert_eq!(got[1].stored::<u32>(), &[expected.len() as u32], "{dtype} {n} {name}");
                            let e = from_bits(dtype, expected);
                            assert!(got[0].bytes()[..e.bytes().len()] == *e.bytes(), "{dtype} {n} {name}");
                        }
                    }
                }),
            ));
        }
    }
    // A mask and value that are computed, random ones included, in two dimensions.
    cases.push((
        "random".into(),
        Box::new(|| {
            use crate::ops::{BinaryOp, RandomOp, RandomSpec};
            let n = 30_001u64;
            let mut p = Program { indices: 1, ..Program::default() };
            let v = p.random(RandomOp::Uniform, RandomSpec { seed: 9, stream: 4, range: 1 }, 0, DType::F32);
            let c = p.constant(Scalar::from_f64(DType::F32, 0.25));
            let m = p.push(Inst::Binary(BinaryOp::Lt, v, c), DType::Bool);
            p.outputs = vec![v, m];
            let all = map_1d(Program { outputs: vec![v], ..p.clone() }, &[], n as usize);
            let piece = Piece {
                dims: vec![n],
                out: Access { base: 0, strides: vec![1] },
                loads: vec![],
                indices: vec![Access { base: 0, strides: vec![1] }],
            };
            let out = gpu().run(&Kernel::Select(p), &Work::Pieces(vec![piece]), &[], n as usize).unwrap();
            let got = gpu().download_many(&out).unwrap();
            let expected: Vec<f32> = all.stored::<f32>().iter().copied().filter(|&x| x < 0.25).collect();
            assert_eq!(got[1].stored::<u32>(), &[expected.len() as u32]);
            assert_eq!(&got[0].stored::<f32>()[..expected.len()], expected.as_slice());
        }),
    ));
    all_cases(cases);
}

#[test]
fn counts_of_many_tiles_are_summed_block_by_block() {
    let block = 2048 * 2048;
    for (dtype, n, dispatches) in [
        (DType::F32, block, 3),
        (DType::F32, block + 1, 4),
        (DType::U8, 2 * block + 2048 * 300 + 77, 4),
        (DType::I64, block + 5000, 4),
    ] {
        if !supported(dtype) {
            continue;
        }
        let mut next = numbers(n as u64);
        // Whole tiles and blocks without any, and with all; the rest at random.
        let mask: Vec<u64> = (0..n)
            .map(|i| match i / 2048 % 1000 {
                0..300 => 0,
                300..700 => 1,
                _ => next() & 1,
            })
            .collect();
        let value = |i: usize| if dtype.is_float() { Scalar::from_f64(dtype, i as f64).bits() } else { i as u64 };
        let host = [from_bits(dtype, (0..n).map(value)), from_bits(DType::Bool, mask.iter().copied())];
        let kernel = Kernel::Select(loads(&[dtype, DType::Bool]));
        // One of its own, whose dispatches nobody else makes.
        let gpu = &Gpu::open(None).unwrap();
        let inputs = host.each_ref().map(|host| gpu.upload(host).unwrap());
        let out = gpu.run(&kernel, &Work::Pieces(vec![flat(n, 2)]), &inputs, n).unwrap();
        assert_eq!(gpu.stats().dispatches, dispatches, "{n}");
        let got = gpu.download_many(&out).unwrap();
        let expected = from_bits(dtype, (0..n).filter(|&i| mask[i] != 0).map(value));
        assert_eq!(got[1].stored::<u32>(), &[expected.len() as u32], "{dtype} {n}");
        assert!(got[0].bytes()[..expected.bytes().len()] == *expected.bytes(), "{dtype} {n}");
    }
}

#[test]
fn takes_copy_slabs() {
    for &dtype in DType::ALL {
        let (outer, mid, inner, count) = (5u64, 9u64, 13u64, 7u64);
        let mut next = numbers(3);
        let host =
            from_bits(dtype, (0..outer * mid * inner).map(|_| if dtype == DType::Bool { next() & 1 } else { next() }));
        let places: Vec<(u32, u32)> = vec![(8, 0), (0, 3), (3, 1), (3, 2), (1, 6), (7, 4), (2, 5)];
        // The input transposed: strides of (inner, outer).
        let piece = TakePiece {
            input: 0,
            dims: [outer, mid, inner],
            from: Access { base: 0, strides: vec![1, outer as i64, (outer * mid) as i64] },
            to: Access { base: 0, strides: vec![(count * inner) as i64, inner as i64, 1] },
            places: places.clone(),
        };
        let halves = places.chunks(4).map(|p| TakePiece { places: p.to_vec(), ..piece.clone() }).collect();
        let input = gpu().upload(&host).unwrap();
        let out = gpu()
            .run(
                &Kernel::Take(dtype),
                &Work::Take(halves),
                std::slice::from_ref(&input),
                (outer * count * inner) as usize,
            )
            .unwrap();
        let got = scalars(&gpu().download(&out[0]).unwrap());
        let values = scalars(&host);
        for i in 0..outer {
            for &(from, to) in &places {
                for k in 0..inner {
                    let a = got[((i * count + u64::from(to)) * inner + k) as usize];
                    let e = values[(i + u64::from(from) * outer + k * outer * mid) as usize];
                    assert_eq!(a, e, "{dtype}");
                }
            }
        }
        let bad = TakePiece { places: vec![(9, 0)], ..piece.clone() };
        assert!(
            gpu()
                .run(&Kernel::Take(dtype), &Work::Take(vec![bad]), &[input], (outer * count * inner) as usize)
                .is_err()
        );
    }
}

#[test]
fn takes_move_rows_in_fours_where_they_lie_so() {
    // Rows of many lengths; the place of the input's slab 0, and how far its rows are apart beyond their length.
    const CASES: [(u64, i64, i64); 10] = [
        (1, 0, 0),
        (4, 0, 0),
        (8, 4, 4),
        (8, 2, 0),
        (8, 0, 2),
        (12, 3, 1),
        (13, 0, 3),
        (1030, 0, 0),
        (2100, 1, 0),
        (9000, 4, 0),
    ];
    let places: Vec<(u32, u32)> = vec![(4, 0), (0, 3), (3, 1), (3, 2)];
    for dtype in [DType::F32, DType::U8, DType::Bool, DType::I64, DType::F64].into_iter().filter(|&d| supported(d)) {
        let each = 16 / dtype.device_size() as i64;
        for (inner, base, more) in CASES {
            let (outer, middle) = (3u64, 5u64);
            let row = inner as i64 + more;
            let len = base + row * (outer * middle) as i64;
            let piece = TakePiece {
                input: 0,
                dims: [outer, middle, inner],
                from: Access { base, strides: vec![middle as i64 * row, row, 1] },
                to: Access { base: 0, strides: vec![4 * inner as i64, inner as i64, 1] },
                places: places.clone(),
            };
            let fours = take::Rows::of(dtype, &piece).take == take::Take::fours();
            assert_eq!(fours, [base, row, inner as i64].iter().all(|n| n % each == 0), "{dtype} {inner} {base} {more}");
            // All rows of one input, and each of an input of its own: in one dispatch where so many can be bound.
            let own = |(input, place): (usize, &(u32, u32))| TakePiece { input, places: vec![*place], ..piece.clone() };
            let others = [vec![piece.clone()], places.iter().enumerate().map(own).collect()];
            let hosts = [0, 1, 2, 3].map(|i: u64| {
                let mut next = numbers(inner + 1 + i);
                from_bits(dtype, (0..len).map(|_| if dtype == DType::Bool { next() & 1 } else { next() >> 12 }))
            });
            let inputs = hosts.each_ref().map(|host| gpu().upload(host).unwrap());
            let len = (outer * 4 * inner) as usize;
            for pieces in others {
                let of = |k: usize| if pieces.len() == 1 { 0 } else { k };
                let out = gpu().run(&Kernel::Take(dtype), &Work::Take(pieces.clone()), &inputs, len).unwrap();
                let got = gpu().download(&out[0]).unwrap();
                let size = dtype.size();
                for (i, k) in (0..outer as usize).flat_map(|i| (0..places.len()).map(move |k| (i, k))) {
                    let (from, to) = places[k];
                    let source = base as usize + (i * middle as usize + from as usize) * row as usize;
                    let made = (i * 4 + to as usize) * inner as usize;
                    let row =
                        |host: &HostBuffer, at: usize| host.bytes()[at * size..][..inner as usize * size].to_vec();
                    assert!(
                        row(&hosts[of(k)], source) == row(&got, made),
                        "{dtype} {inner} {base} {more}: row {i} {to}"
                    );
                }
            }
        }
    }
}

#[test]
fn products_add_up() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for dtype in DType::all_computed() {
        if !supported(dtype) {
            continue;
        }
        // The last ones' steps are shared between workgroups.
        for (m, n, k) in [
            (1u64, 1u64, 1u64),
            (5, 7, 3),
            (33, 17, 40),
            (100, 1, 300),
            (1, 90, 257),
            (70, 65, 130),
            (3, 2, 1500),
            (1, 9, 5000),
            (12, 1, 1030),
        ] {
            cases.push((
                format!("{dtype} {m} {n} {k}"),
                Box::new(move || {
                    let mut next = numbers(m * 1000 + n * 10 + k);
                    let mut make = |len: u64| {
                        from_bits(
                            dtype,
                            (0..len).map(|_| match dtype {
                                DType::Bool => u64::from(next().is_multiple_of(9)),
                                DType::F32 | DType::F64 => Scalar::from_f64(dtype, (next() % 17) as f64 - 8.0).bits(),
                                _ => next() & (u64::MAX >> (64 - 8 * dtype.size())),
                            }),
                        )
                    };
                    let (a, b) = (make(m * k), make(k * n));
                    let inputs = [gpu().upload(&a).unwrap(), gpu().upload(&b).unwrap()];
                    // b transposed; the inner axis in two pieces.
                    let cut = k / 2;
                    let piece = |start: u64, len: u64| DotPiece {
                        size: [m, n, len],
                        a: (0, Access { base: start as i64, strides: vec![k as i64, 1] }),
                        b: (1, Access { base: start as i64, strides: vec![1, k as i64] }),
                        c: Access { base: 0, strides: vec![n as i64, 1] },
                    };
                    let pieces = if cut > 0 { vec![piece(0, cut), piece(cut, k - cut)] } else { vec![piece(0, k)] };
                    let out = gpu().run(&Kernel::Dot(dtype), &Work::Dot(pieces), &inputs, (m * n) as usize).unwrap();
                    let got = scalars(&gpu().download(&out[0]).unwrap());
                    let (a, b) = (scalars(&a), scalars(&b));
                    for i in 0..m {
                        for j in 0..n {
                            let g = got[(i * n + j) as usize];
                            let terms = || (0..k).map(|l| (a[(i * k + l) as usize], b[(j * k + l) as usize]));
                            if dtype.is_float() {
                                let e: f64 = terms().map(|(x, y)| x.to_f64() * y.to_f64()).sum();
                                assert_eq!(g.to_f64(), e);
                            } else {
                                let e =
                                    terms().fold(0i64, |s, (x, y)| s.wrapping_add(x.to_i64().wrapping_mul(y.to_i64())));
                                assert_eq!(g, Scalar::from_i64(dtype, e), "{i} {j}");
                            }
                        }
                    }
                }),
            ));
        }
    }
    all_cases(cases);
}

#[test]
fn steps_in_several_chunks_are_one_dispatch() {
    let mut cases: Vec<(String, Box<dyn FnOnce()>)> = Vec::new();
    for dtype in DType::all_computed() {
        // As 5000² in 1667 × 2500: `a` in two chunks of steps, `b` in three, in four segments; sizes of every tile.
        for (m, n, unit) in [(5u64, 7u64, 1u64), (70, 65, 3), (130, 190, 7), (3, 2, 5)] {
            if supported(dtype) {
                cases.push((format!("{dtype} {m} {n} {unit}"), Box::new(move || several_chunks(dtype, (m, n, unit)))));
            }
        }
    }
    all_cases(cases);
}

fn several_chunks(dtype: DType, (m, n, unit): (u64, u64, u64)) {
    let gpu = &Gpu::open(None).unwrap();
    let (ends_a, ends_b) = ([6 * unit, 12 * unit], [4 * unit, 8 * unit, 12 * unit]);
    let k = 12 * unit;
    let element = |i: u64, j: u64| (i * 31 + j * 7 + i * j) % 11;
    let made = |value: u64| match dtype {
        DType::Bool => u64::from(value == 0),
        DType::F32 | DType::F64 => Scalar::from_f64(dtype, value as f64 - 5.0).bits(),
        _ => value,
    };
    let part = |ends: &[u64], i: usize| (if i == 0 { 0 } else { ends[i - 1] }, ends[i]);
    // Chunks of `a` in rows, of `b` turned.
    let mut inputs = Vec::new();
    for (start, end) in (0..2).map(|i| part(&ends_a, i)) {
        let host = from_bits(dtype, (0..m).flat_map(|i| (start..end).map(move |l| made(element(i, l)))));
        inputs.push(gpu.upload(&host).unwrap());
    }
    for (start, end) in (0..3).map(|i| part(&ends_b, i)) {
        let host = from_bits(dtype, (0..n).flat_map(|j| (start..end).map(move |l| made(element(l, j)))));
        inputs.push(gpu.upload(&host).unwrap());
    }
    let mut pieces = Vec::new();
    for (start, end) in [(0, 4), (4, 6), (6, 8), (8, 12)].map(|(start, end)| (start * unit, end * unit)) {
        let holds = |ends: &[u64]| (0..ends.len()).find(|&i| end <= ends[i]).unwrap();
        let (in_a, in_b) = (holds(&ends_a), holds(&ends_b));
        let (from_a, from_b) = (part(&ends_a, in_a), part(&ends_b, in_b));
        pieces.push(DotPiece {
            size: [m, n, end - start],
            a: (in_a, Access { base: (start - from_a.0) as i64, strides: vec![(from_a.1 - from_a.0) as i64, 1] }),
            b: (2 + in_b, Access { base: (start - from_b.0) as i64, strides: vec![1, (from_b.1 - from_b.0) as i64] }),
            c: Access { base: 0, strides: vec![n as i64, 1] },
        });
    }
    let dot = Kernel::Dot(dtype);
    let out = gpu.run(&dot, &Work::Dot(pieces.clone()), &inputs, (m * n) as usize).unwrap();
    assert_eq!(gpu.stats().dispatches, 1, "of five chunks");
    let got = scalars(&gpu.download(&out[0]).unwrap());
    let value = |bits: u64| Scalar::from_stored(dtype, &bits.to_le_bytes()[..dtype.size()]);
    for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
        let terms = (0..k).map(|l| (value(made(element(i, l))), value(made(element(l, j)))));
        let expected = match dtype.is_float() {
            true => Scalar::from_f64(dtype, terms.map(|(x, y)| x.to_f64() * y.to_f64()).sum()),
            false => Scalar::from_i64(dtype, terms.map(|(x, y)| x.to_i64() * y.to_i64()).sum()),
        };
        assert_eq!(got[(i * n + j) as usize], expected, "{i} {j}");
    }
    // Those of other outputs are on their own.
    pieces[3].size[0] -= 1;
    let before = gpu.stats().dispatches;
    gpu.run(&dot, &Work::Dot(pieces), &inputs, (m * n) as usize).unwrap();
    assert_eq!(gpu.stats().dispatches - before, 3, "a fill, three segments, and one");
}

#[test]
fn user_functions_run() {
    use crate::plan::expr::ElementFunction;
    let f = Arc::new(ElementFunction {
        name: "spin".into(),
        wgsl: "fn spin(n: u32) -> u32 {\n    var s = 0u;\n    for (var i = 0u; i < n; i++) { s += (i ^ s) & 3u; }\n    return s;\n}".into(),
        args: vec![DType::U32],
        result: DType::U32,
        rust: Box::new(|_, _, _| {}),
    });
    let mut p = Program { loads: vec![DType::U32], ..Program::default() };
    let x = p.push(Inst::Load { slot: 0 }, DType::U32);
    let y = p.call(&f, vec![x]);
    p.outputs = vec![y];
    for n in [10u32, 1000, 60_000] {
        let host = HostBuffer::from_vec::<u32>(vec![n]);
        let got = map_1d(p.clone(), &[host], 1).stored::<u32>()[0];
        let mut s = 0u32;
        for i in 0..n {
            s = s.wrapping_add((i ^ s) & 3);
        }
        assert_eq!(got, s, "{n}");
    }
}

#[test]
fn all_shapes_of_tiles_give_the_same_bits() {
    let [m, n, k] = [150usize, 140, 200];
    let limits = &gpu().0.device.limits;
    for dtype in [DType::F32, DType::F64, DType::U8].into_iter().filter(|&dtype| supported(dtype)) {
        let mut next = numbers(9);
        let mut make = |len: usize| {
            let value = |_| match dtype {
                DType::U8 => next() & 255,
                _ => Scalar::from_f64(dtype, next() as f64 / u64::MAX as f64 - 0.5).bits(),
            };
            gpu().upload(&from_bits(dtype, (0..len).map(value))).unwrap()
        };
        let (a, b) = (make(m * k), make(k * n));
        let size = [m, n, k].map(|n| n as u32);
        let product = dot::Product::new(dtype, size, (&a, vec![0, size[2], 1]), (&b, vec![0, size[1], 1]));
        let mut first: Option<Vec<u8>> = None;
        for tile in tile::Tile::SHAPES.into_iter().filter(|tile| tile.fits(dtype, size, limits)) {
            let out = gpu().0.allocate(dtype, m * n).unwrap();
            product.launch(&Job::new(gpu(), None), tile, (1, 0), (&out, &[0, size[1], 1], false)).unwrap();
            let got = gpu().download(&out).unwrap();
            let first = first.get_or_insert_with(|| got.bytes().to_vec());
            assert!(got.bytes() == first, "{dtype} {tile:?}");
        }
    }
}

#[test]
fn tiles_are_tried_once_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tiles");
    let tuner = || Tuner::with(true, 1 << 20, Some(path.clone()));
    let x = gpu().upload(&HostBuffer::from_vec::<f32>(vec![1.0; 128 * 128])).unwrap();
    let product = |n: u32| dot::Product::new(DType::F32, [n; 3], (&x, vec![0, n, 1]), (&x, vec![0, n, 1]));
    let (before, first) = (gpu().stats().dispatches, tuner());
    // Too little for all that came so far.
    assert_eq!(first.tile(&Job::new(gpu(), None), &product(100)), tile::Tile::SMALL);
    assert_eq!(gpu().stats().dispatches, before);
    let tile = first.tile(&Job::new(gpu(), None), &product(100));
    let tried = gpu().stats().dispatches - before;
    assert!(tried >= 3 * 6, "{tried} dispatches");
    // Known now, to another one too, for all of the class.
    for tuner in [first, tuner()] {
        assert_eq!(tuner.tile(&Job::new(gpu(), None), &product(128)), tile);
        assert_eq!(tuner.tile(&Job::new(gpu(), None), &product(100)), tile);
        assert_eq!(tuner.tile(&Job::new(gpu(), None), &product(50)), tile::Tile::SMALL);
    }
    let lines = std::fs::read_to_string(&path).unwrap();
    assert_eq!(lines.lines().filter(|line| line.starts_with("f32 7 7 7 ")).count(), 1, "{lines}");
}

#[test]
fn tiles_are_timed_by_the_devices_clock_where_it_has_one() {
    let with = Gpu::open(None).unwrap();
    let mut without = Gpu::open(None).unwrap();
    Arc::get_mut(&mut without.0).unwrap().timers = None;
    let has_clock = with.0.device.device.features().contains(wgpu::Features::TIMESTAMP_QUERY);
    for (gpu, by) in [(&with, if has_clock { By::Device } else { By::Host }), (&without, By::Host)] {
        let x = gpu.upload(&HostBuffer::from_vec::<f32>(vec![1.0; 128 * 128])).unwrap();
        let place = || (&x, vec![0, 128, 1]);
        let product = dot::Product::new(DType::F32, [128; 3], place(), place());
        let out = gpu.0.allocate(DType::F32, 128 * 128).unwrap();
        // What others recorded goes before it, in one submission, and is not in its time where there can be timestamps between.
        let busy =
            streams::negate(gpu, &gpu.upload(&HostBuffer::zeros(DType::F32, 1 << 22).unwrap()).unwrap()).unwrap();
        let (submits, start) = (gpu.stats().submits, Instant::now());
        let (took, clock) = tune::time(&Job::new(gpu, None), &product, tile::Tile::SMALL, &out).unwrap();
        assert_eq!((clock, gpu.stats().submits - submits), (by, 1));
        assert!(took > Duration::ZERO && took <= start.elapsed(), "{took:?}");
        assert!(gpu.take_spans().is_empty(), "nobody listens");
        assert_eq!(gpu.download(&out).unwrap().stored::<f32>()[5], 128.0);
        drop(busy);
    }
}
