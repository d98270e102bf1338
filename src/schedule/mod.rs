//! When tasks run: chunks are made depth-first, so that each is used and let go soon after it is made. On the CPU ready tasks
//! run in parallel, earliest first; with an adapter one thread records kernels in order, and the device runs behind it.

mod device;
#[allow(dead_code, reason = "used by the store")]
mod extents;
mod graph;
mod limits;
mod report;
mod run;
#[allow(dead_code, reason = "used by the store")]
mod spill;
mod value;

pub use device::Device;
pub use limits::{available_memory, resident, resident_peak};
pub use report::RunReport;
pub use run::{Sink, run};
pub use value::{ChunkValue, copy_box};
