//! A kernel's shaders as text, without a device: for reading, snapshots and validation.

use super::dot::Dot;
use super::histogram::Histogram;
use super::map::Map;
use super::pipeline::Key;
use super::reduce::Reduce;
use super::select::Select;
use super::take::Take;
use crate::dtype::DType;
use crate::error::Result;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::Kernel;

/// The shaders that run `kernel` on pieces of `rank` axes, with their names. Reductions keep all axes but the last, and
/// come without and with a tree; products come as a small tile and as matrix · vector.
///
/// # Errors
/// [`crate::error::Error::Bug`] for an expression that the tables do not allow.
pub fn source(kernel: &Kernel, rank: usize, caps: &Capabilities) -> Result<Vec<(&'static str, String)>> {
    let keys = match kernel {
        Kernel::Map(program) => vec![Key::Map(Map::new(program, rank))],
        Kernel::Reduce { program, fold, masked } => [false, true]
            .map(|tree| Key::Reduce(Reduce::new(program, *fold, *masked, rank, rank.saturating_sub(1), tree)))
            .into(),
        Kernel::Histogram { program, masked, uniform, weighted: _ } => {
            let value = program.output_dtype(0);
            let edges = if value.is_float() { value } else { DType::I64 };
            vec![Key::Histogram(Histogram::new(program, (*masked, *uniform), edges, rank, 100)?)]
        }
        Kernel::Select(program) => Select::all(program, rank).map(Key::Select).into(),
        Kernel::Take(dtype) => vec![Key::Take(Take::new(*dtype))],
        Kernel::Dot(dtype) => {
            [[8, 8, 8], [8, 1, 8]].map(|size| Key::Dot(Dot::new(*dtype, size, &wgpu::Limits::default()))).into()
        }
    };
    keys.into_iter().map(|key| Ok((key.name(), key.source(caps)?))).collect()
}
