//! [`Facts`]: what pages say of the client.

use serde_json::{Value, json};

/// What pages say of the client.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    /// The client in a line.
    pub text: String,
    /// The adapter's name; none on the CPU.
    pub adapter: Option<String>,
    /// Worker threads.
    pub workers: usize,
    /// Bytes that it may hold on the host.
    pub memory_limit: u64,
    /// Bytes that chunks may take on the device.
    pub device_memory_limit: u64,
    /// Bytes that its threads read from memory in a second; nothing where it was not measured.
    pub bandwidth: Option<f64>,
}

impl Facts {
    pub(super) fn json(&self) -> Value {
        json!({
            "text": self.text,
            "adapter": self.adapter,
            "workers": self.workers,
            "memory_limit": self.memory_limit,
            "device_memory_limit": self.device_memory_limit,
            "bandwidth": self.bandwidth,
        })
    }
}
