//! Every way in which loads come to threads, against plain loops: of the same pieces, mapped and reduced along each axis.

use super::super::shader::Shader;
use super::super::*;
use super::*;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::plan::expr::Program;
use crate::plan::kernel::Access;

/// Where a load lies: base and strides.
type Place = (i64, &'static [i64]);

const CASES: &[(&str, &[u64], &[Place])] = &[
    ("map", &[1003], &[(1, &[1])]),
    ("map.quads", &[1027], &[(0, &[1]), (4, &[1])]),
    ("map.quads", &[1025], &[(0, &[1])]),
    ("map", &[1020], &[(0, &[1])]),
    ("map.quads", &[1024], &[(8, &[1]), (1023, &[-1]), (5, &[0]), (1, &[2])]),
    ("map.quads", &[37, 64], &[(4, &[68, 1]), (3, &[1, 0]), (6, &[0, 1])]),
    ("map.quads", &[15, 6, 12], &[(0, &[120, 12, 1]), (0, &[1, 120, 7])]),
    ("map", &[37, 63], &[(0, &[63, 1]), (2, &[1, 0])]),
    ("map.tiles", &[100, 70], &[(0, &[70, 1]), (0, &[1, 100])]),
    ("map.tiles", &[33, 3, 40], &[(0, &[1, 1500, 33]), (2, &[120, 40, 1])]),
    ("map.tiles", &[64, 64], &[(3, &[1, 64]), (4159, &[-1, -65])]),
    ("map.tiles", &[2, 20, 31], &[(7, &[0, 1, 50])]),
];

fn points(dims: &[u64]) -> impl Iterator<Item = Vec<u64>> + '_ {
    let n: u64 = dims.iter().product();
    (0..n).map(move |mut rest| {
        let mut at = vec![0; dims.len()];
        for (at, &dim) in at.iter_mut().zip(dims).rev() {
            (*at, rest) = (rest % dim, rest / dim);
        }
        at
    })
}

/// The sum of the loads. Small whole numbers: exact in every dtype. A `long` one adds the first twelve times more, and takes it off.
fn sum(dtype: DType, loads: usize, long: bool) -> Program {
    let mut p = Program { loads: vec![dtype; loads], ..Program::default() };
    let mut total = p.push(Inst::Load { slot: 0 }, dtype);
    for slot in 1..loads {
        let next = p.push(Inst::Load { slot: slot as u16 }, dtype);
        total = p.push(Inst::Binary(BinaryOp::Add, total, next), dtype);
    }
    for _ in 0..if long { 12 } else { 0 } {
        let more = p.push(Inst::Binary(BinaryOp::Add, total, 0), dtype);
        total = p.push(Inst::Binary(BinaryOp::Sub, more, 0), dtype);
    }
    p.outputs = vec![total];
    p
}

fn check(dtype: DType, long: bool, (name, dims, places): (&str, &[u64], &[Place])) {
    let what = format!("{dtype} {name} {dims:?} {places:?} long {long}");
    let data = |slot: usize, i: usize| (i * (slot + 3)) % 31;
    let host = |slot| from_bits(dtype, (0..7000).map(|i| Scalar::from_f64(dtype, data(slot, i) as f64).bits()));
    let inputs: Vec<GpuBuffer> = (0..places.len()).map(|slot| gpu().upload(&host(slot)).unwrap()).collect();
    let access = |(base, strides): Place| Access { base, strides: strides.to_vec() };
    let loads: Vec<_> = places.iter().enumerate().map(|(slot, &place)| (slot, access(place))).collect();
    let value = |at: &[u64]| -> usize { loads.iter().map(|(slot, access)| data(*slot, access.at(at) as usize)).sum() };
    let program = sum(dtype, places.len(), long);
    let n: u64 = dims.iter().product();
    let order = |kept: &dyn Fn(usize) -> bool| {
        let mut strides = vec![0; dims.len()];
        let mut next = 1;
        for axis in (0..dims.len()).rev().filter(|&axis| kept(axis)) {
            strides[axis] = next;
            next *= dims[axis] as i64;
        }
        (Access { base: 0, strides }, next as usize)
    };
    let piece = |out| Piece { dims: dims.to_vec(), out, loads: loads.clone(), indices: vec![] };

    let mapped = piece(order(&|_| true).0);
    let (map, ..) = map::Map::of(&program, &mapped.clone().collapsed(), gpu().capabilities(), 6, true).unwrap();
    let no_tiles =
        name == "map.tiles" && dtype.device_size() == 8 && gpu().capabilities().max_workgroup_storage < 32 << 10;
    assert!(map.name() == name || no_tiles, "{what}: {}", map.name());
    let made = gpu().run(&Kernel::Map(program.clone()), &Work::Pieces(vec![mapped]), &inputs, n as usize).unwrap();
    let got = gpu().download(&made[0]).unwrap();
    let expected: Vec<u64> = points(dims).map(|at| Scalar::from_f64(dtype, value(&at) as f64).bits()).collect();
    assert!(got.bytes() == from_bits(dtype, expected).bytes(), "{what}");

    // Reduced along all axes, all but the first, all but the last.
    let last = dims.len() - 1;
    let kept: [&dyn Fn(usize) -> bool; 3] = [&|_| false, &|axis| axis == 0, &|axis| axis == last];
    for (which, kept) in kept.into_iter().enumerate() {
        let (out, outs) = order(kept);
        let mut sums = vec![0.0; outs];
        points(dims).for_each(|at| sums[out.at(&at) as usize] += value(&at) as f64);
        let kernel = Kernel::Reduce { program: program.clone(), fold: Fold::Sum, masked: false };
        let states = gpu().run(&kernel, &Work::Pieces(vec![piece(out)]), &inputs, outs).unwrap();
        let states = gpu().download(&states[0]).unwrap();
        let number = |h: &HostBuffer, i: usize| match h.dtype() {
            DType::F32 => f64::from(h.stored::<f32>()[i]),
            DType::F64 => h.stored::<f64>()[i],
            DType::I64 => h.stored::<i64>()[i] as f64,
            DType::U64 => h.stored::<u64>()[i] as f64,
            other => panic!("a sum of {other}"),
        };
        for (i, expected) in sums.iter().enumerate() {
            let got: f64 = (i..states.len()).step_by(outs).map(|at| number(&states, at)).sum();
            assert_eq!(got, *expected, "{what}: reduction {which}, output {i}");
        }
    }
}

#[test]
fn every_reading_agrees() {
    for dtype in [DType::F32, DType::I32, DType::U8, DType::F64, DType::I64] {
        for &case in CASES.iter().filter(|_| supported(dtype)) {
            check(dtype, false, case);
            check(dtype, true, case);
        }
    }
}

#[test]
fn draws_are_stored_in_fours() {
    // Also where the last four are not whole, and beside points that are stored one by one. Blocks of random words begin with the
    // fours, at index 4 and in rows of whole fours, or do not.
    let spec = RandomSpec { seed: 5, stream: 1, range: 3 << 30 };
    let draws = [(RandomOp::Uniform, DType::F32), (RandomOp::Below, DType::U32)];
    let wide = [(RandomOp::Normal, DType::F64), (RandomOp::Below, DType::U64), (RandomOp::Bits, DType::U64)];
    for (op, dtype) in draws.into_iter().chain(wide.into_iter().filter(|&(_, dtype)| supported(dtype))) {
        for (dims, row) in [(vec![1028u64], 0), (vec![1031], 0), (vec![27, 40], 44), (vec![27, 40], 43)] {
            for index in [3i64, 4] {
                let n = dims.iter().product::<u64>() as usize;
                let mut p = Program { indices: 1, ..Program::default() };
                p.outputs = vec![p.random(op, spec, 0, dtype)];
                let along =
                    |base: i64, row: i64| Access { base, strides: if row > 0 { vec![row, 1] } else { vec![1] } };
                let packed = if row > 0 { 40 } else { 0 };
                let piece = |out| Piece { dims: dims.clone(), out, loads: vec![], indices: vec![along(index, row)] };
                let drawn = |base: i64, room: usize| {
                    let piece = piece(along(base, packed));
                    let (map, ..) = map::Map::of(&p, &piece, gpu().capabilities(), 6, true).unwrap();
                    let out = gpu().run(&Kernel::Map(p.clone()), &Work::Pieces(vec![piece]), &[], room).unwrap();
                    let bytes = gpu().download(&out[0]).unwrap().bytes()[base as usize * dtype.size()..].to_vec();
                    (map.name(), map.code.draws_blocks(0), bytes)
                };
                let ((fours, blocks, quads), (ones, none, points)) = (drawn(0, n), drawn(1, n + 1));
                let what = format!("{op:?} {dtype} {dims:?} {row} {index}");
                assert_eq!((fours, ones), ("map.quads", "map"), "{what}");
                assert!(blocks == (index == 4 && row % 4 == 0) && !none, "{what}: {blocks} {none}");
                assert!(quads == points, "{what}");

                // The greatest: the same however they are grouped.
                let kernel = Kernel::Reduce { program: p.clone(), fold: Fold::Max, masked: false };
                let out = Access { base: 0, strides: vec![0; dims.len()] };
                let states = gpu().run(&kernel, &Work::Pieces(vec![piece(out)]), &[], 1).unwrap();
                let state = gpu().download(&states[0]).unwrap();
                let greatest = |bytes: &[u8]| {
                    let values = bytes.chunks(dtype.size()).map(|bytes| value(dtype, bytes));
                    values.fold(0.0, |most: f64, v| most.max(v.to_f64()))
                };
                assert_eq!(greatest(state.bytes()), greatest(&points), "{what}");
            }
        }
    }
}

#[test]
fn functions_have_the_same_bits_in_fours() {
    // Where the last four are not whole, too; and beside points that load one by one, for they begin one element later.
    let functions = [UnaryOp::Sin, UnaryOp::Exp, UnaryOp::Sqrt, UnaryOp::Tanh];
    for dtype in [DType::F32, DType::F64].into_iter().filter(|&dtype| supported(dtype)) {
        let mut p = Program { loads: vec![dtype, DType::Bool], ..Program::default() };
        let x = p.push(Inst::Load { slot: 0 }, dtype);
        let m = p.push(Inst::Load { slot: 1 }, DType::Bool);
        let value = functions.iter().fold(x, |v, &op| {
            let made = p.push(Inst::Unary(op, v), dtype);
            p.push(Inst::Ternary(TernaryOp::Where, [m, made, v]), dtype)
        });
        let not = p.push(Inst::Unary(UnaryOp::Not, m), DType::Bool);
        p.outputs = vec![value, not];
        for n in [1028usize, 1031] {
            let made = |base: usize| {
                let number =
                    |i: usize| Scalar::from_f64(dtype, (i.wrapping_mul(7919) % 1009) as f64 / 16.0 - 30.0).bits();
                let values = (0..n + base).map(|i| number(i.wrapping_sub(base)));
                let mask = (0..n + base).map(|i| u64::from(i.wrapping_sub(base) % 3 == 1));
                let inputs =
                    [from_bits(dtype, values), from_bits(DType::Bool, mask)].map(|h| gpu().upload(&h).unwrap());
                let along = |base: usize| Access { base: base as i64, strides: vec![1] };
                let loads = vec![(0, along(base)), (1, along(base))];
                let piece = Piece { dims: vec![n as u64], out: along(0), loads, indices: vec![] };
                let (map, ..) = map::Map::of(&p, &piece, gpu().capabilities(), 6, true).unwrap();
                let out = gpu().run(&Kernel::Map(p.clone()), &Work::Pieces(vec![piece]), &inputs, n).unwrap();
                (map.name(), gpu().download_many(&out).unwrap())
            };
            let ((fours, quads), (ones, points)) = (made(0), made(1));
            assert_eq!((fours, ones), ("map.quads", if n % 4 == 0 { "map.quads" } else { "map" }));
            assert!(quads[0].bytes() == points[0].bytes() && quads[1].bytes() == points[1].bytes(), "{dtype} {n}");
        }
    }
}

/// Views of one row each, nine of four arrays; the sum of them all.
fn views(dtype: DType, kept: i64) -> (Program, Piece) {
    let loads = (0..9).map(|slot: usize| {
        let base = 3 + slot as i64 / 4 * 71 + slot as i64 % 3;
        (slot % 4, Access { base, strides: vec![70, 1] })
    });
    let out = Access { base: 0, strides: vec![64 * kept, kept] };
    (sum(dtype, 9, false), Piece { dims: vec![50, 64], out, loads: loads.collect(), indices: vec![] })
}

#[test]
fn views_of_few_arrays_are_bound_once_and_of_many_copied() {
    let hosts: Vec<HostBuffer> =
        (0..4).map(|k| from_bits(DType::I32, (0..4000).map(|i: u64| (i * (k + 3)) % 1009))).collect();
    let inputs: Vec<GpuBuffer> = hosts.iter().map(|host| gpu().upload(host).unwrap()).collect();
    let (program, piece) = views(DType::I32, 1);
    let value = |at: &[u64]| -> i32 {
        piece.loads.iter().map(|(input, access)| hosts[*input].stored::<i32>()[access.at(at) as usize]).sum()
    };
    let expected: Vec<i32> = points(&piece.dims).map(|at| value(&at)).collect();
    // One for each view; one for each array; fewer than there are.
    let binds = gpu().capabilities().max_storage_buffers as usize;
    for (most, buffers) in [(9, 9), (8, 4), (4, 4), (3, 3), (2, 2)].into_iter().filter(|(most, _)| most + 2 <= binds) {
        let mut job = Job::new(gpu(), None);
        job.most = most;
        let run = |kernel: &Kernel, piece: &Piece, out| {
            let work = Work::Pieces(vec![piece.clone()]);
            gpu().download(&Gpu::record(&job, kernel, &work, &inputs, out).unwrap()[0]).unwrap()
        };
        assert_eq!(run(&Kernel::Map(program.clone()), &piece, 3200).stored::<i32>(), expected, "{most} bound");
        let kernel = Kernel::Reduce { program: program.clone(), fold: Fold::Max, masked: false };
        let states = run(&kernel, &views(DType::I32, 0).1, 1);
        assert_eq!(states.stored::<i32>().iter().max(), expected.iter().max(), "{most} bound");
        let moved = copies::few_enough(&job, &program, std::slice::from_ref(&piece), &inputs, 0).unwrap().0.remove(0);
        assert_eq!(map::Map::of(&program, &moved, gpu().capabilities(), most, true).unwrap().0.buffers().0, buffers);
    }
    // Those inside a chunk share one, whatever the adapter binds.
    let mut inside = piece.clone();
    inside.loads.iter_mut().for_each(|(input, _)| *input = 0);
    assert_eq!(map::Map::of(&program, &inside, gpu().capabilities(), 9, true).unwrap().0.buffers().0, 1);
}
