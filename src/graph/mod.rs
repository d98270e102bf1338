//! What to compute: immutable nodes, and the builders that infer shape, dtype and chunks of each. Every mistake a user can
//! make is found here, before anything runs.

pub mod infer;
pub mod node;
pub mod view;

pub use node::{HostFunction, HostTask, Layout, Node, Op, Runs, Source, Unique, for_each_run, post_order};
pub use view::{AxisMap, View};
