//! What runs arrays: [`Client`], its settings, the runs it makes and those who watch them.

mod backend;
mod builder;
mod collector;
mod compute;
mod computing;
mod execute;
mod handle;
mod keeper;
mod kept;
mod known;
mod open;
mod plans;
mod progress;
mod small;
mod watch;

pub use backend::Backend;
pub use builder::ClientBuilder;
pub(crate) use compute::nodes;
pub use compute::{Compute, compute, persist};
pub use computing::Computing;
pub(crate) use execute::{Target, execute, plan};
pub use handle::Client;
pub(crate) use known::resolved;
pub use progress::Progress;
pub use watch::Profile;
