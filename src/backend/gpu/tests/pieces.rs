//! Tasks of many pieces: few dispatches, and what plain loops make of them.

use super::super::*;
use super::*;
use crate::host::HostBuffer;
use crate::ops::Fold;
use crate::plan::kernel::Access;

const BUFFERS: usize = 5;
const LEN: u64 = 3000;

/// The sum of two loads.
fn sum() -> Program {
    program(&[DType::I32; 2], |x| Inst::Binary(BinaryOp::Add, x[0], x[1]), DType::I32)
}

fn hosts() -> Vec<HostBuffer> {
    (0..BUFFERS as u64).map(|k| from_bits(DType::I32, (0..LEN).map(|i| (i * (2 * k + 7)) % 997))).collect()
}

/// Rows of 50 elements, each of two of the buffers; results lie one after the other, or all at place 0. They come last first, and are no
/// whole fours: what is stored in fours must not reach what lies behind it.
fn rows(count: usize, kept: bool) -> Vec<Piece> {
    let row = |k: usize| {
        let along = |base: usize| Access { base: base as i64, strides: vec![1] };
        let out = if kept { along(50 * k) } else { Access { base: 0, strides: vec![0] } };
        let loads = vec![(k % BUFFERS, along(28 * k % 2900)), (k * k % BUFFERS, along(16 * k % 2900))];
        Piece { dims: vec![50], out, loads, indices: vec![] }
    };
    (0..count).rev().map(row).collect()
}

fn values(hosts: &[HostBuffer], pieces: &[Piece]) -> Vec<i32> {
    let at = |piece: &Piece, i: u64| -> i32 {
        piece.loads.iter().map(|(input, access)| hosts[*input].stored::<i32>()[access.at(&[i]) as usize]).sum()
    };
    pieces.iter().rev().flat_map(|piece| (0..piece.dims[0]).map(move |i| at(piece, i))).collect()
}

#[test]
fn many_pieces_go_in_few_dispatches() {
    // A device of its own, whose dispatches are counted.
    let gpu = Gpu::open(None).unwrap();
    let hosts = hosts();
    let inputs: Vec<GpuBuffer> = hosts.iter().map(|host| gpu.upload(host).unwrap()).collect();
    let wide = gpu.capabilities().max_storage_buffers >= 2 + 2 * 8;
    for count in [1, 2, 8, 9, 64, 70] {
        let expected = values(&hosts, &rows(count, true));
        let before = gpu.stats().dispatches;
        let work = Work::Pieces(rows(count, true));
        let made = gpu.run(&Kernel::Map(sum()), &work, &inputs, 50 * count).unwrap();
        let launched = gpu.stats().dispatches - before;
        assert!(!wide || launched == (count as u64).div_ceil(64), "{count} pieces: {launched} dispatches");
        assert!(launched <= (count as u64).div_ceil(2), "{count} pieces: {launched} dispatches");
        assert_eq!(gpu.download(&made[0]).unwrap().stored::<i32>(), expected, "{count} pieces");

        let work = Work::Pieces(rows(count, false));
        let kernel = Kernel::Reduce { program: sum(), fold: Fold::Max, masked: false };
        let states = gpu.run(&kernel, &work, &inputs, 1).unwrap();
        assert_eq!(gpu.download(&states[0]).unwrap().stored::<i32>().iter().max(), expected.iter().max());

        let edges = from_bits(DType::I32, [0, 100, 500, 1000, 3000]);
        let inputs: Vec<GpuBuffer> = inputs.iter().cloned().chain([gpu.upload(&edges).unwrap()]).collect();
        let kernel = Kernel::Histogram { program: sum(), masked: false, weighted: false, uniform: false };
        let counts = gpu.run(&kernel, &work, &inputs, 4).unwrap();
        let counts = gpu.download(&counts[0]).unwrap();
        let counted = |bin: usize| counts.stored::<u32>().iter().skip(bin).step_by(4).sum::<u32>() as usize;
        let within = |low: i32, high: i32| expected.iter().filter(|&&x| low <= x && x < high).count();
        let bins = [within(0, 100), within(100, 500), within(500, 1000), within(1000, 3000)];
        assert_eq!([0, 1, 2, 3].map(counted), bins, "{count} pieces");
    }
}

#[test]
fn large_pieces_of_different_chunks_stay_apart() {
    let gpu = Gpu::open(None).unwrap();
    let n = 300_000usize;
    let hosts: Vec<HostBuffer> =
        (0..3i32).map(|k| HostBuffer::from_vec::<i32>((0..n as i32).map(|i| i ^ k).collect())).collect();
    let inputs: Vec<GpuBuffer> = hosts.iter().map(|host| gpu.upload(host).unwrap()).collect();
    let piece = |k: usize| {
        let along = |base: usize| Access { base: base as i64, strides: vec![1] };
        Piece { dims: vec![n as u64], out: along(n * k), loads: vec![(k % 3, along(0))], indices: vec![] }
    };
    let program = program(&[DType::I32], |x| Inst::Unary(UnaryOp::Neg, x[0]), DType::I32);
    let before = gpu.stats().dispatches;
    // But for those of one chunk.
    let work = Work::Pieces((0..4).map(piece).collect());
    let made = gpu.run(&Kernel::Map(program), &work, &inputs, 4 * n).unwrap();
    assert_eq!(gpu.stats().dispatches - before, 3);
    let made = gpu.download(&made[0]).unwrap();
    for (k, got) in made.stored::<i32>().chunks(n).enumerate() {
        assert!(got.iter().zip(hosts[k % 3].stored::<i32>()).all(|(got, &x)| *got == -x), "piece {k}");
    }
}
