//! A user's function of elements, in both languages.

use std::fmt;

use crate::dtype::DType;

/// A user's elementwise function: WGSL text and its Rust twin.
pub struct ElementFunction {
    /// The WGSL function's name; also the name in plans.
    pub name: String,
    /// WGSL source that defines `fn name(...)`, with any helpers. What it defines is its own: names of the library or of
    /// other functions may be used again.
    pub wgsl: String,
    /// Argument dtypes.
    pub args: Vec<DType>,
    /// Result dtype.
    pub result: DType,
    /// The Rust twin over a strip: arguments as stored elements, `n` of them, to the stored results.
    #[allow(clippy::type_complexity, reason = "the one place it is spelled")]
    pub rust: Box<dyn Fn(&[&[u8]], usize, &mut [u8]) + Send + Sync>,
}

impl fmt::Debug for ElementFunction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}({:?}) -> {}", self.name, self.args, self.result)
    }
}
