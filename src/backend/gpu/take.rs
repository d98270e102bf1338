//! Copies of slabs by index. They move words: no adapter lacks a dtype for that.

use super::buffer::GpuBuffer;
use super::compose::compose;
use super::job::Job;
use super::params::check_bounds;
use super::shader::Shader;
use super::wgsl::bindings;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Access, TakePiece};

/// The key of `shaders/take.wgsl`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Take {
    /// Whether elements are of two words.
    wide: bool,
}

impl Take {
    /// The shader for elements of the dtype.
    pub(crate) fn new(dtype: DType) -> Self {
        Self { wide: dtype.device_size() == 8 }
    }
}

impl Shader for Take {
    fn source(&self, caps: &Capabilities) -> Result<String> {
        let ty = if self.wide { "vec2<u32>" } else { "u32" };
        compose(include_str!("../../../shaders/take.wgsl"), &[("bindings", bindings(&[ty.to_owned()], &[ty]))], caps)
    }

    fn name(&self) -> &'static str {
        "take"
    }

    fn buffers(&self) -> (usize, usize) {
        (1, 1)
    }
}

/// The access with slab `first` for slab 0.
fn from_slab(access: &Access, first: u32) -> Access {
    let step = access.strides.get(1).copied().unwrap_or(0);
    Access { base: access.base + step * i64::from(first), strides: access.strides.clone() }
}

/// Copies the pieces' slabs into a new buffer.
///
/// # Errors
/// [`Error::Device`] from the device, [`Error::Bug`] for pieces that do not fit their buffers.
pub(crate) fn run(
    gpu: &Job<'_>,
    dtype: DType,
    pieces: &[TakePiece],
    inputs: &[GpuBuffer],
    out_elements: usize,
) -> Result<Vec<GpuBuffer>> {
    let out = gpu.allocate(dtype, out_elements)?;
    let full = |piece: &&TakePiece| !piece.places.is_empty() && piece.dims[0] > 0 && piece.dims[2] > 0;
    for piece in pieces.iter().filter(full) {
        let input = inputs.get(piece.input).filter(|input| input.dtype == dtype);
        let input = input.ok_or_else(|| Error::bug(format!("take of {dtype} from {inputs:?}: {piece:?}")))?;
        let [outer, _, inner] = piece.dims;
        let count = piece.places.len() as u64;
        let slabs = |slab: fn(&(u32, u32)) -> u32| {
            let slabs = piece.places.iter().map(slab);
            (slabs.clone().min().unwrap_or(0), slabs.max().unwrap_or(0))
        };
        for (access, len, (first, last)) in
            [(&piece.from, input.len, slabs(|place| place.0)), (&piece.to, out_elements, slabs(|place| place.1))]
        {
            check_bounds("take", &from_slab(access, first), &[outer, u64::from(last - first) + 1, inner], len)?;
        }
        let points = outer.checked_mul(count).and_then(|n| n.checked_mul(inner)).filter(|&n| n < 1 << 31);
        let points = points.ok_or_else(|| Error::bug(format!("take of {outer} × {count} × {inner}")))?;
        let mut words = vec![outer as u32, count as u32, inner as u32];
        for access in [&piece.from, &piece.to] {
            words.push(access.base as u32);
            words.extend(access.strides.iter().map(|&s| s as u32));
        }
        words.extend(piece.places.iter().flat_map(|&(from, to)| [from, to]));
        if points > 0 {
            gpu.launch(&Take::new(dtype), &words, &[input, &out], [points.div_ceil(256), 1])?;
        }
    }
    Ok(vec![out])
}
