//! What a device can do, as far as kernels depend on it. Known without any device, so that a plan can say before it runs which tasks go
//! to the CPU, and why: each family says what it cannot do there ([`super::family::unsupported`]).

use super::expr::Program;
use crate::dtype::DType;

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
    /// Whether it is a card with memory of its own: large tasks are short there.
    pub discrete: bool,
    /// Whether its compiler takes floats for real numbers: where shaders cannot be handed over as SPIR-V that forbids it.
    pub rewrites: bool,
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
        discrete: false,
        rewrites: true,
    };
    /// All a kernel can ask for.
    pub const FULL: Self = Self { f64: true, i64: true, rewrites: false, ..Self::WEBGPU };
}

/// Why a device cannot run a kernel of a program, which binds so many buffers beside what is loaded: parameters and results are buffers
/// too. Views of one array need one.
pub(super) fn program_problem(program: &Program, others: usize, caps: &Capabilities) -> Option<String> {
    let mut dtypes = program.dtypes_used().chain(program.loads.iter().copied());
    dtypes.find_map(|dtype| dtype_problem(dtype, caps)).or_else(|| {
        let inputs = program.arrays_loaded();
        let buffers = inputs + others;
        let limit = caps.max_storage_buffers as usize;
        let exceeds = "inputs exceed what the adapter binds";
        (buffers > limit).then(|| format!("{inputs} {exceeds}: {buffers} storage buffers, the limit is {limit}"))
    })
}

/// Why values of the dtype cannot be computed there.
pub(super) fn dtype_problem(dtype: DType, caps: &Capabilities) -> Option<String> {
    match dtype {
        DType::F64 if !caps.f64 => Some("f64: the adapter has no SHADER_F64".to_owned()),
        // Its constants and functions are made from and taken apart as 64-bit integers.
        DType::F64 if !caps.i64 => Some("f64: the adapter has no SHADER_INT64, which f64 functions need".to_owned()),
        DType::I64 | DType::U64 if !caps.i64 => Some(format!("{dtype}: the adapter has no SHADER_INT64")),
        DType::F64 | DType::I64 | DType::U64 => None,
        // Narrow types are computed in 32 bits.
        DType::Bool | DType::U8 | DType::U16 | DType::U32 | DType::I8 | DType::I16 | DType::I32 => None,
        DType::F16 | DType::BF16 | DType::F32 => None,
    }
}
