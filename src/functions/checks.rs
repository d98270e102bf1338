//! Arrays whose elements are looked at when they are computed: what must hold for them cannot be seen before.

use super::dyn_array::DynArray;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{HostFunction, HostTask, infer};
use crate::host::HostBuffer;

/// The array itself, each chunk of which was looked at on the host: computing fails where `check` does.
pub(super) fn checked(
    name: &str,
    parameters: &impl std::hash::Hash,
    x: &DynArray,
    check: impl Fn(&HostBuffer) -> Result<()> + Send + Sync + 'static,
) -> DynArray {
    let run = move |task: &HostTask<'_>| {
        let [(chunk, shape)] = task.inputs else { return Err(Error::bug("a check of one array")) };
        check(chunk)?;
        let mut out = HostBuffer::scratch(task.dtype, chunk.len())?;
        out.bytes_mut().copy_from_slice(chunk.bytes());
        Ok((out, shape.clone()))
    };
    let function = HostFunction::named(name, parameters, run);
    infer::host(function, vec![x.node().clone()], x.dtype(), x.chunks().clone()).into()
}

/// The first number that is NaN or infinite.
fn not_finite(chunk: &HostBuffer) -> Option<f64> {
    let of_half =
        |exponent: u16| chunk.stored::<u16>().iter().any(|bits| bits & exponent == exponent).then_some(f64::NAN);
    match chunk.dtype() {
        DType::F64 => chunk.stored::<f64>().iter().copied().find(|x| !x.is_finite()),
        DType::F32 => chunk.stored::<f32>().iter().find(|x| !x.is_finite()).map(|&x| x.into()),
        DType::F16 => of_half(0x7c00),
        DType::BF16 => of_half(0x7f80),
        _ => None,
    }
}

impl DynArray {
    /// The array itself, of finite numbers (`np.asarray_chkfinite`): computing fails with [`Error::Parameter`] where one is NaN or infinite. Floats
    /// are looked at on the host.
    ///
    /// ```
    /// use gridloom::DynArray;
    /// let x: DynArray = gridloom::array([1.0, 2.0]).into();
    /// assert_eq!(x.checked_finite().typed::<f64>()?.to_vec()?, [1.0, 2.0]);
    /// let y: DynArray = gridloom::array([1.0, f64::NAN]).into();
    /// assert!(y.checked_finite().compute().is_err());
    /// # Ok::<(), gridloom::Error>(())
    /// ```
    pub fn checked_finite(&self) -> Self {
        if !self.dtype().is_float() {
            return self.clone();
        }
        checked("finite", &(), self, |chunk| match not_finite(chunk) {
            None => Ok(()),
            Some(other) => {
                let (op, what, got) = ("checked_finite", "array", format!("one with {other}"));
                Err(Error::Parameter { op, what, got, expected: "without NaN and infinities" })
            }
        })
    }
}
