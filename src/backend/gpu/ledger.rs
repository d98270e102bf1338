//! The ledger of device memory: what is in use, what is idle, and the budget that both stay within.
//!
//! wgpu cannot be asked how much memory is left, so it is counted here. Nothing in here holds the device: the callbacks of
//! submissions give buffers back, and they must not keep alive the queue that keeps them.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use super::groups::Groups;
use super::progress::Progress;
use super::sync::lock;

/// The way out of a device without memory.
pub(crate) const HINT: &str = "free some chunks, choose smaller ones, or allow more";

/// What a buffer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Kernels read and write it.
    Storage,
    /// The same, and the host writes it: mapped whenever it is idle. Where host and device share memory.
    Direct,
    /// Kernels read their parameters from it, for one submission.
    Params,
    /// Downloads go through it.
    Read,
    /// Uploads go through it: mapped whenever it is idle.
    Write,
}

impl Kind {
    /// What wgpu must know.
    pub(crate) fn usage(self) -> wgpu::BufferUsages {
        use wgpu::BufferUsages as Usage;
        match self {
            Self::Storage => Usage::STORAGE | Usage::COPY_SRC | Usage::COPY_DST,
            Self::Direct => Self::Storage.usage() | Usage::MAP_WRITE,
            Self::Params => Usage::STORAGE | Usage::COPY_DST,
            Self::Read => Usage::MAP_READ | Usage::COPY_DST,
            Self::Write => Usage::MAP_WRITE | Usage::COPY_SRC,
        }
    }
    /// Whether it is mapped when it is idle.
    pub(crate) fn idles_mapped(self) -> bool {
        matches!(self, Self::Direct | Self::Write)
    }
    /// Whether it holds a chunk.
    fn is_live(self) -> bool {
        matches!(self, Self::Storage | Self::Direct)
    }
}

/// What idle buffers may take beside the buffers in use, beyond the highest use so far: enough for chunks of a few sizes.
const SLACK: u64 = 64 << 20;
/// The largest upload ring, and the largest shared staging buffer of a download.
const RING: u64 = 128 << 20;
const READ: u64 = 64 << 20;
/// Slots of a ring: so many threads fill one at a time while others are on their way. Where they would have fewer bytes than copies are
/// worth, there are fewer, but a few.
const SLOTS: u64 = 32;
const SLOT_LEAST: u64 = 256 << 10;
const SLOTS_LEAST: u64 = 4;

/// How memory is divided.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shares {
    /// What buffers of kernels may take.
    pub(crate) storage: u64,
    /// The largest slot of the upload ring.
    pub(crate) slot: u64,
    /// What the slots in use may take together.
    pub(crate) ring: u64,
    /// The largest staging buffer that several downloads share.
    pub(crate) read: u64,
}

impl Shares {
    /// An eighth is for staging and parameters, so that chunks can leave a device that they fill: a quarter of it for uploads and
    /// for each of two downloads, in sizes that are not rounded up.
    fn of(budget: u64) -> Self {
        let quarter = floor_power(budget / 32);
        let ring = quarter.clamp(SLOTS_LEAST * 4096, RING);
        let slot = (ring / SLOTS).max(SLOT_LEAST.min(ring / SLOTS_LEAST));
        Self { storage: budget - budget / 8, slot, ring, read: quarter.clamp(4096, READ) }
    }
}

/// The power of two at or below.
fn floor_power(bytes: u64) -> u64 {
    bytes.checked_ilog2().map_or(0, |log| 1 << log)
}

/// Bytes, as [`Ledger::bytes`] reports them.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Bytes {
    /// In buffers of kernels, now and at most so far.
    pub(crate) live: u64,
    pub(crate) peak_live: u64,
    /// In staging buffers and parameters in use.
    pub(crate) staging: u64,
    /// In idle buffers.
    pub(crate) idle: u64,
    /// The most that all three took together.
    pub(crate) peak: u64,
}

/// More than the budget: bytes needed and allowed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Over {
    pub(crate) needed: u64,
    pub(crate) limit: u64,
}

#[derive(Default)]
struct Account {
    /// For each kind and size.
    idle: [BTreeMap<u64, Vec<wgpu::Buffer>>; 5],
    budget: u64,
    bytes: Bytes,
    /// Buffers on their way to be mapped and idle. They count as staging.
    parked: usize,
}

impl Account {
    /// Takes idle buffers away, the largest first, until at most `bytes` are left.
    fn trim(&mut self, bytes: u64) -> Vec<wgpu::Buffer> {
        let mut trimmed = Vec::new();
        while self.bytes.idle > bytes {
            let largest = self.idle.iter_mut().max_by_key(|idle| idle.last_key_value().map_or(0, |(&class, _)| class));
            let Some(mut entry) = largest.and_then(BTreeMap::last_entry) else { break };
            let class = *entry.key();
            match entry.get_mut().pop() {
                Some(buffer) => {
                    self.bytes.idle -= class;
                    trimmed.push(buffer);
                }
                None => drop(entry.remove()),
            }
        }
        trimmed
    }

    /// Bytes of idle slots, as far as they are the upload ring's: they go round, and take nothing from what chunks may leave idle.
    fn ring(&self) -> u64 {
        let slots = self.idle[Kind::Write as usize].iter().map(|(class, idle)| class * idle.len() as u64).sum();
        Shares::of(self.budget).ring.min(slots)
    }

    fn used(&mut self, kind: Kind) -> &mut u64 {
        if kind.is_live() { &mut self.bytes.live } else { &mut self.bytes.staging }
    }
}

/// Counts the buffers of a device, and keeps those that are idle.
pub(crate) struct Ledger {
    state: Mutex<Account>,
    /// What holds buffers without being counted: it lets go of those that are dropped here.
    pub(super) groups: Groups,
    pub(super) progress: Arc<Progress>,
}

impl Ledger {
    /// A ledger with a budget.
    pub(crate) fn new(budget: u64, progress: Arc<Progress>) -> Arc<Self> {
        Arc::new(Self {
            state: Mutex::new(Account { budget, ..Account::default() }),
            groups: Groups::default(),
            progress,
        })
    }

    /// Opens a place for a buffer of such a size: an idle one, or none, and the caller makes one.
    ///
    /// # Errors
    /// [`Over`] if the budget does not allow it.
    pub(crate) fn open(&self, kind: Kind, class: u64) -> Result<Option<wgpu::Buffer>, Over> {
        let mut state = lock(&self.state);
        let (budget, bytes) = (state.budget, state.bytes);
        let storage = Shares::of(budget).storage;
        if kind.is_live() && bytes.live + class > storage {
            return Err(Over { needed: bytes.live + class, limit: storage });
        }
        let all = bytes.live + bytes.staging + class;
        if all > budget {
            return Err(Over { needed: all, limit: budget });
        }
        *state.used(kind) += class;
        state.bytes.peak_live = state.bytes.peak_live.max(state.bytes.live);
        let found = state.idle[kind as usize].get_mut(&class).and_then(Vec::pop);
        let trimmed = if found.is_some() {
            state.bytes.idle -= class;
            Vec::new()
        } else {
            // What is idle will hardly serve: keep the whole near what was needed at most, and within the budget.
            let room = (state.bytes.peak_live + SLACK).saturating_sub(state.bytes.live) + state.ring();
            state.trim(room.min(budget - all))
        };
        let now = state.bytes.live + state.bytes.staging + state.bytes.idle;
        state.bytes.peak = state.bytes.peak.max(now);
        drop(state);
        self.drop_all(trimmed);
        Ok(found)
    }

    /// Closes the place of a buffer, which becomes idle if it is given back.
    pub(crate) fn close(&self, kind: Kind, class: u64, back: Option<wgpu::Buffer>) {
        let mut state = lock(&self.state);
        *state.used(kind) -= class;
        let total = state.bytes.live + state.bytes.staging + state.bytes.idle + class;
        let Some(buffer) = back else { return };
        if total <= state.budget {
            state.bytes.idle += class;
            state.idle[kind as usize].entry(class).or_default().push(buffer);
            return;
        }
        drop(state);
        self.drop_all(vec![buffer]);
    }

    /// Whether buffers are on their way to be idle.
    pub(crate) fn is_parking(&self) -> bool {
        lock(&self.state).parked > 0
    }

    /// Counts a buffer in use as one on its way to be idle.
    pub(super) fn park(&self, kind: Kind, class: u64) {
        let mut state = lock(&self.state);
        *state.used(kind) -= class;
        state.bytes.staging += class;
        state.parked += 1;
    }

    /// The buffer is mapped and idle, or could not be mapped.
    pub(super) fn unpark(&self, kind: Kind, class: u64, mapped: Option<wgpu::Buffer>) {
        let mut state = lock(&self.state);
        state.parked -= 1;
        // To where `close` takes it from.
        state.bytes.staging -= class;
        *state.used(kind) += class;
        drop(state);
        self.close(kind, class, mapped);
        self.progress.notify();
    }

    /// Drops all idle buffers.
    pub(crate) fn trim(&self) {
        let trimmed = lock(&self.state).trim(0);
        self.drop_all(trimmed);
    }

    /// Sets the budget. What is in use beyond it stays until it is given back.
    pub(crate) fn set_budget(&self, budget: u64) {
        let mut state = lock(&self.state);
        state.budget = budget;
        let room = budget.saturating_sub(state.bytes.live + state.bytes.staging);
        let trimmed = state.trim(room);
        drop(state);
        self.drop_all(trimmed);
    }

    /// Drops buffers, and what holds them. Outside the lock: what dropping a buffer does is wgpu's.
    pub(super) fn drop_all(&self, buffers: Vec<wgpu::Buffer>) {
        self.groups.forget(&buffers);
        drop(buffers);
    }

    /// The budget.
    pub(crate) fn budget(&self) -> u64 {
        lock(&self.state).budget
    }

    /// How it is divided.
    pub(crate) fn shares(&self) -> Shares {
        Shares::of(self.budget())
    }

    /// What buffers of kernels may take beside those there are.
    pub(crate) fn room(&self) -> u64 {
        let state = lock(&self.state);
        let (budget, bytes) = (state.budget, state.bytes);
        let beside = budget.saturating_sub(bytes.live + bytes.staging);
        Shares::of(budget).storage.saturating_sub(bytes.live).min(beside)
    }

    /// What is in use and idle.
    pub(crate) fn bytes(&self) -> Bytes {
        lock(&self.state).bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn staging_is_an_eighth_in_as_many_slots_as_are_worth_it() {
        for (budget, slot, slots) in [
            (80 << 30, 4 << 20, 32),
            (4 << 30, 4 << 20, 32),
            (2 << 30, 2 << 20, 32),
            (256 << 20, 256 << 10, 32),
            (64 << 20, 256 << 10, 8),
            (16 << 20, 128 << 10, 4),
            (2 << 20, 16 << 10, 4),
            (512 << 10, 4 << 10, 4),
            // Less would be none.
            (1 << 10, 4 << 10, 4),
        ] {
            let shares = Shares::of(budget);
            assert_eq!((shares.slot, shares.ring), (slot, slots * slot), "{budget}");
            // Uploads, two downloads and the parameters beside chunks, in buffers that are as large as they should be.
            let staging = shares.ring + 2 * shares.read;
            assert!(budget < 512 << 10 || staging <= budget / 32 * 3, "{budget}: {shares:?}");
            assert!(shares.storage == budget - budget / 8 && slot.is_power_of_two(), "{budget}: {shares:?}");
        }
        for budget in (19..40).flat_map(|log| [(1_u64 << log) + 12345, 3 << (log - 1)]) {
            let Shares { slot, ring, read, .. } = Shares::of(budget);
            assert!(ring + 2 * read <= budget / 32 * 3 && ring.is_multiple_of(slot), "{budget}");
        }
    }
}
