//! Elementary functions without libm, branches or tables.
//!
//! [`m32`] and [`m64`], most of which is one text (`both.rs`), are written so that a plain loop over a slice
//! vectorises when compiled for a CPU with FMA; `shaders/lib` holds the WGSL
//! twins, made from these sources by `tools/twin.py`.

mod coef32;
mod coef64;
pub mod m32;
pub mod m64;
mod prim32;
mod prim64;
