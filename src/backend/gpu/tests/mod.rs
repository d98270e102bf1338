//! Every kernel against plain loops and the CPU's tables, on the adapter that the environment offers.

#![allow(clippy::wildcard_enum_match_arm, reason = "a test says what it looks at")]

mod device;
mod dots;
mod elementwise;
mod faults;
mod groups;
mod instructions;
mod kernels;
mod measure;
mod merge;
mod pieces;
mod readings;
mod reduce;
mod source;
mod streams;

use std::sync::OnceLock;

use super::*;
use crate::dtype::Scalar;
use crate::host::HostBuffer;
use crate::ops::strip::Strip;
use crate::ops::{BinaryOp, RandomOp, RandomSpec, TernaryOp, UnaryOp, binary, cast, random, strip, ternary, unary};
use crate::plan::expr::{Inst, Program};
use crate::plan::kernel::{Access, Piece};

pub(super) fn gpu() -> &'static Gpu {
    static GPU: OnceLock<Gpu> = OnceLock::new();
    GPU.get_or_init(|| {
        let gpu = Gpu::open(None).expect("an adapter");
        eprintln!("{:?} {:?}", gpu.summary(), gpu.capabilities());
        gpu
    })
}

/// Devices of a test's own, with a budget: one for each way of uploading.
pub(super) fn own(budget: u64) -> Vec<Gpu> {
    let direct = Gpu::open(None).unwrap();
    direct.set_budget(budget);
    let staged = Gpu::start(direct.0.device.reopen().unwrap(), budget, false).unwrap();
    if direct.0.direct { vec![staged, direct] } else { vec![staged] }
}

pub(super) fn supported(dtype: DType) -> bool {
    let caps = gpu().capabilities();
    match dtype {
        DType::F64 => caps.f64 && caps.i64,
        DType::I64 | DType::U64 => caps.i64,
        _ => true,
    }
}

/// Bits of an element, those of a NaN of `f16` as conversions leave them: processors make signalling ones quiet.
pub(super) fn quiet(dtype: DType, bits: u64) -> u64 {
    let nan = dtype == DType::F16 && bits & 0x7fff > 0x7c00;
    if nan { bits | 0x200 } else { bits }
}

pub(super) fn from_bits(dtype: DType, bits: impl IntoIterator<Item = u64>) -> HostBuffer {
    let bytes: Vec<u8> =
        bits.into_iter().map(|b| quiet(dtype, b)).flat_map(|b| b.to_le_bytes()[..dtype.size()].to_vec()).collect();
    let mut host = HostBuffer::zeros(dtype, bytes.len() / dtype.size()).unwrap();
    host.bytes_mut().copy_from_slice(&bytes);
    host
}

pub(super) fn edges(dtype: DType) -> Vec<u64> {
    let mut all: Vec<u64> = Vec::new();
    if dtype.is_float() {
        for x in [
            0.0,
            0.25,
            0.5,
            0.75,
            1.0,
            1.5,
            2.0,
            2.5,
            3.0,
            3.999,
            7.0,
            100.5,
            127.5,
            128.0,
            255.0,
            255.5,
            256.0,
            32767.9,
            32768.0,
            65535.0,
            65536.0,
            1e6,
            16777216.0,
            2147483520.0,
            2147483648.0,
            4294967040.0,
            4294967296.0,
            9.0e18,
            9223372036854775808.0,
            1.8e19,
            18446744073709551616.0,
            1e30,
            3.0e38,
            1.2e-38,
            1e-30,
            1e-5,
            f64::INFINITY,
        ] {
            all.push(Scalar::from_f64(dtype, x).bits());
            all.push(Scalar::from_f64(dtype, -x).bits());
        }
        all.push(Scalar::from_f64(dtype, f64::NAN).bits());
        if dtype == DType::F64 {
            for x in [2147483647.5, 2147483646.9, 4294967295.5, 1e200, 1e-200, 0.1, 9007199254740993.0] {
                all.push(f64::to_bits(x));
                all.push(f64::to_bits(-x));
            }
        }
        return all;
    }
    if dtype == DType::Bool {
        return vec![0, 1];
    }
    let width = 8 * dtype.size() as u32;
    for k in 0..width {
        for d in [-1i64, 0, 1] {
            all.push(((1u64 << k) as i64).wrapping_add(d) as u64);
            all.push(((1u64 << k) as i64).wrapping_add(d).wrapping_neg() as u64);
        }
    }
    for x in [
        0i64, 3, 5, 6, 7, 9, 10, 11, 13, 31, 32, 33, 63, 64, 65, 100, -3, -5, -7, -10, -31, -32, -33, 12345, -12345,
        1_000_003,
    ] {
        all.push(x as u64);
    }
    all.iter_mut().for_each(|b| *b &= u64::MAX >> (64 - width));
    all.sort_unstable();
    all.dedup();
    all
}

/// All pairs.
pub(super) fn pairs(dtype: DType, right: DType) -> (Vec<u64>, Vec<u64>) {
    let (a, b) = (edges(dtype), edges(right));
    a.iter().flat_map(|&x| b.iter().map(move |&y| (x, y))).unzip()
}

/// Runs the program elementwise over 1-d inputs.
pub(super) fn map_1d(program: Program, inputs: &[HostBuffer], n: usize) -> HostBuffer {
    let flat = |base: i64| Access { base, strides: vec![1] };
    let piece = Piece {
        dims: vec![n as u64],
        out: flat(0),
        loads: (0..program.loads.len()).map(|i| (i, flat(0))).collect(),
        indices: (0..program.indices).map(|_| flat(0)).collect(),
    };
    let inputs: Vec<GpuBuffer> = inputs.iter().map(|h| gpu().upload(h).unwrap()).collect();
    let out = gpu().run(&Kernel::Map(program), &Work::Pieces(vec![piece]), &inputs, n).unwrap();
    gpu().download(&out[0]).unwrap()
}

/// A program of loads and one instruction.
pub(super) fn program(loads: &[DType], inst: impl FnOnce(&[u16]) -> Inst, dtype: DType) -> Program {
    let mut p = Program { loads: loads.to_vec(), ..Program::default() };
    let args: Vec<u16> = (0..loads.len()).map(|i| p.push(Inst::Load { slot: i as u16 }, loads[i])).collect();
    let out = p.push(inst(&args), dtype);
    p.outputs = vec![out];
    p
}

pub(super) fn value(dtype: DType, bytes: &[u8]) -> Scalar {
    Scalar::from_stored(dtype, bytes)
}

/// Units in the last place between two floats, or 0 for equal bits or NaNs.
pub(super) fn ulps(dtype: DType, a: Scalar, b: Scalar) -> f64 {
    let (x, y) = (a.to_f64(), b.to_f64());
    if x == y || (x.is_nan() && y.is_nan()) {
        return 0.0;
    }
    if !dtype.is_float() || x.is_nan() != y.is_nan() || x.is_infinite() || y.is_infinite() {
        return f64::INFINITY;
    }
    // Denormals may be flushed on the device.
    let (tiny, eps) = if dtype == DType::F32 || dtype.is_half() {
        (f64::from(f32::MIN_POSITIVE), f64::from(f32::EPSILON))
    } else {
        (f64::MIN_POSITIVE, f64::EPSILON)
    };
    if (x - y).abs() <= tiny {
        return 0.0;
    }
    let exponent = x.abs().max(tiny).log2().floor();
    (x - y).abs() / (eps * exponent.exp2())
}

/// Compares device results with the CPU table's, strip by strip.
pub(super) fn compare(
    what: &str,
    dtype: DType,
    tolerance: f64,
    device: &HostBuffer,
    inputs: &[&HostBuffer],
    mut cpu: impl FnMut(&[&[u8]], usize, &mut Strip),
) {
    let n = device.len();
    let mut bad = 0;
    for start in (0..n).step_by(strip::STRIP) {
        let len = (n - start).min(strip::STRIP);
        let args: Vec<&[u8]> =
            inputs.iter().map(|h| &h.bytes()[start * h.dtype().size()..(start + len) * h.dtype().size()]).collect();
        let mut out = Strip::default();
        cpu(&args, len, &mut out);
        for i in 0..len {
            let expected = value(dtype, &out.bytes(dtype, len)[i * dtype.size()..][..dtype.size()]);
            let got = value(dtype, &device.bytes()[(start + i) * dtype.size()..][..dtype.size()]);
            let off = ulps(dtype, expected, got);
            if off > tolerance {
                bad += 1;
                if bad < 6 {
                    let of: Vec<Scalar> = inputs
                        .iter()
                        .zip(&args)
                        .map(|(h, a)| value(h.dtype(), &a[i * h.dtype().size()..][..h.dtype().size()]))
                        .collect();
                    eprintln!("{what}({of:?}) = {got:?}, cpu {expected:?} ({off} ulp)");
                }
            }
        }
    }
    if bad > 0 {
        panic!("{what} {dtype}: {bad} of {n} differ");
    }
}

/// Runs each case, and fails with the list of those that failed.
pub(super) fn all_cases(cases: Vec<(String, Box<dyn FnOnce()>)>) {
    let mut failed = Vec::new();
    for (name, case) in cases {
        if std::panic::catch_unwind(std::panic::AssertUnwindSafe(case)).is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "failed: {failed:?}");
}
