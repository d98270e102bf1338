//! What to compute: immutable nodes, and the builders that infer shape, dtype and chunks of each. Every mistake a user can
//! make is found here, before anything runs.

#[doc(hidden)]
pub mod infer;
#[doc(hidden)]
pub mod node;
#[doc(hidden)]
pub mod view;

pub use infer::host;
pub use node::{
    HostFunction, HostTask, Layout, Node, Op, Runs, Source, Unique, for_each_run, post_order, post_order_while,
};
pub use view::{AxisMap, View};
