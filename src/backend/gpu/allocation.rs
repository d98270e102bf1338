//! A buffer in use, and its way back.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ledger::{Kind, Ledger};

/// A buffer on its way to be mapped. wgpu drops it with its callback, called or not.
struct Parked {
    ledger: Arc<Ledger>,
    kind: Kind,
    class: u64,
    mapped: Option<wgpu::Buffer>,
}

impl Parked {
    /// Maps a buffer that is no longer used; then it is idle.
    fn start(ledger: &Arc<Ledger>, kind: Kind, class: u64, buffer: &wgpu::Buffer) {
        ledger.park(kind, class);
        let parked = Self { ledger: ledger.clone(), kind, class, mapped: None };
        let of_callback = buffer.clone();
        buffer.map_async(wgpu::MapMode::Write, .., move |mapped| parked.idle(mapped.is_ok(), of_callback));
        // The work that used it may be long done.
        ledger.progress.kick();
    }

    fn idle(mut self, mapped: bool, buffer: wgpu::Buffer) {
        if mapped {
            self.mapped = Some(buffer);
        } else {
            self.ledger.drop_all(vec![buffer]);
        }
    }
}

impl Drop for Parked {
    fn drop(&mut self) {
        self.ledger.unpark(self.kind, self.class, self.mapped.take());
    }
}

/// A buffer in use. Dropping it gives its place back.
pub(crate) struct Allocation {
    /// The buffer.
    pub(crate) buffer: wgpu::Buffer,
    kind: Kind,
    class: u64,
    ledger: Arc<Ledger>,
    /// Whether the buffer can be used again.
    keep: AtomicBool,
    /// Whether what should be in it was lost with a submission.
    spoiled: AtomicBool,
}

impl Allocation {
    /// Whether it is counted by this ledger: each open device has one.
    pub(super) fn is_of(&self, ledger: &Arc<Ledger>) -> bool {
        Arc::ptr_eq(&self.ledger, ledger)
    }
    /// A buffer whose place in the ledger is open.
    pub(crate) fn new(buffer: wgpu::Buffer, kind: Kind, class: u64, ledger: Arc<Ledger>) -> Self {
        // Staging buffers are kept once they are known to be in their idle state.
        let keep = AtomicBool::new(!matches!(kind, Kind::Read | Kind::Write));
        Self { buffer, kind, class, ledger, keep, spoiled: AtomicBool::new(false) }
    }

    /// Whether the host writes it without staging memory. Then it is mapped at first, and [`Allocation::unmap`] is to be called.
    pub(crate) fn is_direct(&self) -> bool {
        self.kind == Kind::Direct
    }

    /// Ends the host's writing. Views must be dropped.
    pub(crate) fn unmap(&self) {
        self.keep.store(false, Ordering::Relaxed);
        self.buffer.unmap();
    }

    /// Says that the buffer is in its idle state, and can be used again when it is dropped.
    pub(crate) fn keep(&self) {
        self.keep.store(true, Ordering::Relaxed);
    }

    /// Says that what should be in it will never be.
    pub(crate) fn spoil(&self) {
        self.spoiled.store(true, Ordering::Relaxed);
    }

    /// Whether that was said.
    pub(crate) fn is_spoiled(&self) -> bool {
        self.spoiled.load(Ordering::Relaxed)
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        match self.keep.load(Ordering::Relaxed) {
            true => self.ledger.close(self.kind, self.class, Some(self.buffer.clone())),
            false if self.kind == Kind::Direct => Parked::start(&self.ledger, self.kind, self.class, &self.buffer),
            false => self.ledger.close(self.kind, self.class, None),
        }
    }
}
