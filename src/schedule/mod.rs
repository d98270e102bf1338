//! When tasks run. Chunks are made depth-first, so that each is used and let go soon after it is made (`walk`); a run (`run`)
//! keeps a few tasks ready; the threads of a client (`executor`) work for all its runs in turn; a task runs (`perform`) once the
//! client's memory (`store`) admits it.

mod control;
mod counting;
mod device;
mod executor;
mod extents;
mod made;
mod perform;
mod report;
mod run;
mod spans;
mod spill;
mod store;
mod surroundings;
mod threads;
mod value;
mod walk;

pub use crate::platform::memory::{available_memory, resident, resident_peak};
pub use control::{CancelToken, Control};
pub use device::{Device, DeviceStats};
pub use executor::Executor;
pub use report::{KernelReport, RunReport};
pub use run::{Access, Lent, Run, Sink, Step};
pub use store::{Reservation, Store, StoreStats};
pub use surroundings::Surroundings;
pub use threads::Threads;
pub use value::{ChunkValue, Places, copy_box};
