//! [`Surroundings`]: what a run needs beside its plan.

use std::fmt;
use std::sync::Arc;

use super::control::Control;
use super::device::Device;
use super::store::Store;
use super::threads::Threads;
use crate::event::Events;

/// What a run needs beside its plan.
#[derive(Clone)]
pub struct Surroundings {
    /// Where kernels run beside the host.
    pub device: Device,
    /// The client's memory.
    pub store: Arc<Store>,
    /// Who hears of it.
    pub events: Events,
    /// What can end it.
    pub control: Control,
    /// The threads that a task which is alone may use.
    pub threads: Threads,
    /// Tasks that are kept ready.
    pub lookahead: usize,
}

impl fmt::Debug for Surroundings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Surroundings({:?}, {:?})", self.device, self.control)
    }
}
