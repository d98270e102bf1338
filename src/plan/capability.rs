//! What a device can do, and whether a kernel can run there. Known without any device, so that a plan can
//! say before it runs which tasks go to the CPU, and why.

use super::expr::Program;
use super::kernel::Kernel;
use crate::dtype::DType;
use crate::ops::Fold;

/// What a device can do, as far as kernels depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Capabilities {
    /// 64-bit floats in shaders (`SHADER_F64`).
    pub f64: bool,
    /// 64-bit integers in shaders (`SHADER_INT64`).
    pub i64: bool,
    /// The largest buffer a kernel can read or write, in bytes.
    pub max_binding_bytes: u64,
    /// Buffers one kernel can use, parameters and results included.
    pub max_storage_buffers: u32,
    /// Threads in a workgroup.
    pub max_workgroup_invocations: u32,
    /// Bytes of memory that a workgroup shares.
    pub max_workgroup_storage: u32,
}

impl Capabilities {
    /// What WebGPU promises of every adapter.
    pub const WEBGPU: Self = Self {
        f64: false,
        i64: false,
        max_binding_bytes: 128 << 20,
        max_storage_buffers: 8,
        max_workgroup_invocations: 256,
        max_workgroup_storage: 16 << 10,
    };
    /// All a kernel can ask for.
    pub const FULL: Self = Self { f64: true, i64: true, ..Self::WEBGPU };
}

/// Why a device with these capabilities cannot run the kernel, if so.
#[must_use]
pub fn unsupported(kernel: &Kernel, caps: &Capabilities) -> Option<String> {
    // Parameters, results and a histogram's edges are buffers too.
    let (program, others) = match kernel {
        // These move whole words: the dtype's arithmetic is not needed.
        Kernel::Take(_) => return None,
        Kernel::Dot(dtype) => return dtype_problem(*dtype, caps),
        Kernel::Map(program) => (program, 1 + program.outputs.len()),
        Kernel::Select(program) => (program, 3),
        Kernel::Histogram { weighted: true, .. } => {
            return Some("weighted histogram: sums of floats by atomics are not reproducible".to_owned());
        }
        Kernel::Histogram { program, .. } => (program, 3),
        Kernel::Reduce { program, fold, masked } => {
            let value = program.output_dtype(0);
            if *fold == Fold::Moments && value != DType::F32 && !(caps.f64 && caps.i64) {
                return Some(format!("moments of {value} are taken in f64: the adapter has no SHADER_F64"));
            }
            (program, 1 + fold.states(value, *masked).len())
        }
    };
    program_problem(program, caps).or_else(|| {
        let buffers = program.loads.len() + others;
        let limit = caps.max_storage_buffers as usize;
        (buffers > limit).then(|| {
            let inputs = program.loads.len();
            format!("{inputs} inputs exceed what the adapter binds: {buffers} storage buffers, the limit is {limit}")
        })
    })
}

/// Why values of the program cannot be computed there.
fn program_problem(program: &Program, caps: &Capabilities) -> Option<String> {
    program.dtypes_used().chain(program.loads.iter().copied()).find_map(|dtype| dtype_problem(dtype, caps))
}

/// Why values of the dtype cannot be computed there.
fn dtype_problem(dtype: DType, caps: &Capabilities) -> Option<String> {
    match dtype {
        DType::F64 if !caps.f64 => Some("f64: the adapter has no SHADER_F64".to_owned()),
        // Its constants and functions are made from and taken apart as 64-bit integers.
        DType::F64 if !caps.i64 => Some("f64: the adapter has no SHADER_INT64, which f64 functions need".to_owned()),
        DType::I64 | DType::U64 if !caps.i64 => Some(format!("{dtype}: the adapter has no SHADER_INT64")),
        DType::F64 | DType::I64 | DType::U64 => None,
        // Narrow integers are computed in 32 bits.
        DType::Bool | DType::U8 | DType::U16 | DType::U32 | DType::I8 | DType::I16 | DType::I32 | DType::F32 => None,
    }
}
