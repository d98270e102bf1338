//! [`Backend`]: which processors run kernels.

use crate::error::{Error, Result};

/// Which processors run kernels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Backend {
    /// A hardware adapter if there is one, the CPU otherwise. Never a software adapter: it is the CPU, only slower. With an adapter,
    /// runs that make fewer than some 10⁵ elements of what is on the host stay there: they are over before a device would begin.
    #[default]
    Auto,
    /// The host's processors.
    Cpu,
    /// An adapter, hardware or software, for runs of any size; an error if there is none.
    Gpu,
}

impl std::str::FromStr for Backend {
    type Err = Error;
    fn from_str(word: &str) -> Result<Self> {
        match word {
            "auto" => Ok(Self::Auto),
            "cpu" => Ok(Self::Cpu),
            "gpu" => Ok(Self::Gpu),
            _ => Err(Error::Setting { name: "backend", value: word.into(), expected: "auto, cpu, gpu" }),
        }
    }
}
