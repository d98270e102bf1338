//! [`Several`]: equal devices that work as one [`Adapter`], so that nobody who schedules asks how many there are.
//!
//! Each buffer is on one device, its home, and each task runs on one ([`place`]). What a task reads from elsewhere is copied to its
//! device by way of the host, and the copy kept beside the original ([`copies`]). No kernel knows of it, and merges are made by one
//! device of all their states, in the order of one: so results have the bits of one device's.
//!
//! Locks: `arriving` first and for as long as something is brought to a device, so that nothing is brought twice; a thread takes one of
//! them at most. Those of the copies for a moment and alone.

mod copies;
mod place;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use super::adapter::{Adapter, AdapterStats, DeviceBuffer, Fill};
use super::span::{Span, Tag};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::fault::Faults;
use crate::host::HostBuffer;
use crate::plan::capability::Capabilities;
use crate::plan::kernel::{Kernel, Work};
use crate::plan::{Finished, Merge};
use copies::{Copies, Notes, lock};
use place::place;

/// Equal devices that work as one.
#[derive(Debug)]
pub(crate) struct Several {
    members: Vec<Arc<dyn Adapter>>,
    copies: Arc<Copies>,
    /// By device: who brings something there.
    arriving: Vec<Mutex<()>>,
    /// By device: whether it last refused memory.
    short: Vec<AtomicBool>,
}

impl Several {
    /// Two or more devices as one.
    ///
    /// # Errors
    /// [`Error::Parameter`] where their kernels cannot do the same.
    pub(crate) fn of(members: Vec<Arc<dyn Adapter>>) -> Result<Self> {
        let first = members.first().ok_or_else(|| Error::bug("several devices that are none"))?;
        if let Some(other) = members.iter().find(|member| member.capabilities() != first.capabilities()) {
            let got = format!("{:?} and {:?}", first.capabilities(), other.capabilities());
            return Err(Error::Parameter { op: "client", what: "what the adapters can do", got, expected: "equal" });
        }
        Ok(Self::with(members, Arc::default()))
    }
    fn with(members: Vec<Arc<dyn Adapter>>, copies: Arc<Copies>) -> Self {
        let arriving = members.iter().map(|_| Mutex::default()).collect();
        let short = members.iter().map(|_| AtomicBool::default()).collect();
        Self { members, copies, arriving, short }
    }

    /// What is noted of a buffer that is on one of the devices.
    ///
    /// # Errors
    /// [`Error::Bug`] for others.
    fn notes(&self, buffer: &DeviceBuffer) -> Result<Arc<Notes>> {
        let notes = Notes::of(buffer).filter(|notes| self.members.get(notes.home).is_some_and(|m| m.owns(buffer)));
        notes.ok_or_else(|| Error::bug("a buffer of another adapter"))
    }
    fn home(&self, buffer: &DeviceBuffer) -> Result<usize> {
        self.notes(buffer).map(|notes| notes.home)
    }
    /// The copy of a buffer on a device, if it was made since that was opened.
    fn copy(&self, notes: &Notes, on: usize) -> Option<DeviceBuffer> {
        let copy = self.copies.get(notes, on)?;
        let owned = self.members[on].owns(&copy);
        if !owned {
            Copies::forget(notes, on);
        }
        owned.then_some(copy)
    }

    /// The device of a task, and what it reads, brought there.
    fn meet(&self, near: u64, points: u64, inputs: &[DeviceBuffer]) -> Result<(usize, Vec<DeviceBuffer>)> {
        let mut missing = vec![0_u64; self.members.len()];
        for input in inputs {
            let notes = self.notes(input)?;
            for (on, missing) in missing.iter_mut().enumerate() {
                let there = notes.home == on || notes.has_copy(on);
                *missing += if there { 0 } else { input.bytes() };
            }
        }
        let to = place(near, points, &missing);
        Ok((to, self.bring(to, inputs)?))
    }

    /// Buffers as they are on a device: copied to it where they are not there.
    fn bring(&self, to: usize, inputs: &[DeviceBuffer]) -> Result<Vec<DeviceBuffer>> {
        let notes = inputs.iter().map(|input| self.notes(input)).collect::<Result<Vec<_>>>()?;
        if notes.iter().all(|notes| notes.home == to) {
            return Ok(inputs.to_vec());
        }
        // Who comes second finds what the first one brought.
        let _one = lock(&self.arriving[to]);
        let there = |(input, notes): (&DeviceBuffer, &Arc<Notes>)| match notes.home == to {
            true => Some(input.clone()),
            false => self.copy(notes, to),
        };
        let mut found: Vec<Option<DeviceBuffer>> = inputs.iter().zip(&notes).map(there).collect();
        for (from, member) in self.members.iter().enumerate() {
            let absent: Vec<usize> =
                (0..inputs.len()).filter(|&i| found[i].is_none() && notes[i].home == from).collect();
            if absent.is_empty() {
                continue;
            }
            // All from one device at once: each fetch waits for what was recorded before.
            let originals: Vec<DeviceBuffer> = absent.iter().map(|&i| inputs[i].clone()).collect();
            let fetched = member.download_with(&originals, &mut |i, bytes| {
                let DeviceBuffer { dtype, len, .. } = originals[i];
                let copy = self.on(to, |member| member.upload(0, dtype, len, &mut |take| take(bytes)))?;
                self.copies.keep(&notes[absent[i]], to, &copy);
                found[absent[i]] = Some(copy);
                Ok(())
            });
            if let Err(error) = fetched {
                // What the other device refused is noted as such.
                if !self.is_short(to) {
                    self.refused(from, &error);
                }
                return Err(error);
            }
        }
        found.into_iter().collect::<Option<_>>().ok_or_else(|| Error::bug("a buffer that did not arrive"))
    }

    /// Asks a device for something that takes memory. Where it has none, copies go that nobody uses.
    fn on<R>(&self, to: usize, mut ask: impl FnMut(&dyn Adapter) -> Result<R>) -> Result<R> {
        loop {
            match ask(&*self.members[to]) {
                Err(Error::Memory { pool: "device", needed, limit, .. })
                    if self.copies.evict(to, needed.saturating_sub(limit).max(1)) > 0 => {}
                Err(error) => {
                    self.refused(to, &error);
                    return Err(error);
                }
                Ok(made) => {
                    self.short[to].store(false, Ordering::Relaxed);
                    return Ok(made);
                }
            }
        }
    }
    /// Notes what a device failed at: whose chunks are to make room.
    fn refused(&self, by: usize, error: &Error) {
        if matches!(error, Error::Memory { pool: "device", .. }) {
            self.short[by].store(true, Ordering::Relaxed);
        }
    }
    fn is_short(&self, device: usize) -> bool {
        self.short[device].load(Ordering::Relaxed)
    }
    /// Runs something on a device. Where it fails, copies there may be what is wrong: what they should hold can be lost with a
    /// submission.
    fn run(
        &self,
        to: usize,
        inputs: &[DeviceBuffer],
        run: impl Fn(&dyn Adapter) -> Result<Vec<DeviceBuffer>>,
    ) -> Result<Vec<DeviceBuffer>> {
        let made = self.on(to, run).inspect_err(|error| {
            if !matches!(error, Error::Memory { .. }) {
                inputs.iter().filter_map(Notes::of).for_each(|notes| Copies::forget(&notes, to));
            }
        })?;
        Ok(made.into_iter().map(|buffer| Notes::begin(to, buffer)).collect())
    }

    /// Asks all devices, the others too if one fails.
    fn all(&self, ask: impl Fn(&dyn Adapter) -> Result<()>) -> Result<()> {
        self.members.iter().map(|member| ask(&**member)).fold(Ok(()), Result::and)
    }
    /// Hands over what is recorded on the devices of buffers, if they are several: they work at it at the same time, then.
    fn flush_homes(&self, homes: &[usize]) -> Result<()> {
        let mixed = homes.iter().any(|home| *home != homes[0]);
        self.members.iter().enumerate().filter(|(on, _)| mixed && homes.contains(on)).try_for_each(|(_, m)| m.flush())
    }
}

impl Adapter for Several {
    fn describe(&self) -> (String, String) {
        let (name, kind) = self.members[0].describe();
        (format!("{} × {name}", self.members.len()), kind)
    }
    fn capabilities(&self) -> &Capabilities {
        self.members[0].capabilities()
    }
    fn stats(&self) -> AdapterStats {
        let mut sum = AdapterStats { moved_bytes: self.copies.moved_bytes(), ..AdapterStats::default() };
        self.members.iter().for_each(|member| sum += member.stats());
        sum
    }
    fn budget(&self) -> u64 {
        self.members[0].budget()
    }
    fn set_budget(&self, bytes: u64) {
        self.members.iter().for_each(|member| member.set_budget(bytes));
    }
    fn members(&self) -> &[Arc<dyn Adapter>] {
        &self.members
    }
    fn faults(&self) -> Arc<Faults> {
        self.members[0].faults()
    }

    fn upload(&self, near: u64, dtype: DType, len: usize, fill: &mut Fill<'_>) -> Result<DeviceBuffer> {
        let to = place(near, 0, &vec![0; self.members.len()]);
        self.on(to, |member| member.upload(near, dtype, len, fill)).map(|sent| Notes::begin(to, sent))
    }
    fn download(&self, buffers: &[DeviceBuffer]) -> Result<Vec<HostBuffer>> {
        let homes = buffers.iter().map(|buffer| self.home(buffer)).collect::<Result<Vec<_>>>()?;
        self.flush_homes(&homes)?;
        let mut fetched: Vec<Option<HostBuffer>> = buffers.iter().map(|_| None).collect();
        for (home, member) in self.members.iter().enumerate() {
            let own: Vec<usize> = (0..buffers.len()).filter(|&i| homes[i] == home).collect();
            let of_member: Vec<DeviceBuffer> = own.iter().map(|&i| buffers[i].clone()).collect();
            if !own.is_empty() {
                own.into_iter().zip(member.download(&of_member)?).for_each(|(i, host)| fetched[i] = Some(host));
            }
        }
        fetched.into_iter().collect::<Option<_>>().ok_or_else(|| Error::bug("a download without a result"))
    }
    fn download_with(&self, buffers: &[DeviceBuffer], take: &mut dyn FnMut(usize, &[u8]) -> Result<()>) -> Result<()> {
        let homes = buffers.iter().map(|buffer| self.home(buffer)).collect::<Result<Vec<_>>>()?;
        self.flush_homes(&homes)?;
        // In their order: those of one device at once that follow each other.
        let mut first = 0;
        for homes in homes.chunk_by(|a, b| a == b) {
            let own = &buffers[first..first + homes.len()];
            self.members[homes[0]].download_with(own, &mut |i, bytes| take(first + i, bytes))?;
            first += homes.len();
        }
        Ok(())
    }
    fn launch(
        &self,
        tag: Option<Tag>,
        near: u64,
        kernel: &Kernel,
        work: &Work,
        inputs: &[DeviceBuffer],
        elements: usize,
    ) -> Result<Vec<DeviceBuffer>> {
        let (to, here) = self.meet(near, work.points(), inputs)?;
        self.run(to, inputs, |member| member.launch(tag.clone(), near, kernel, work, &here, elements))
    }
    fn merge(
        &self,
        tag: Option<Tag>,
        near: u64,
        merge: &Merge,
        last: Option<(&Finished, DType)>,
        chunks: &[Vec<DeviceBuffer>],
        outputs: usize,
    ) -> Result<Vec<DeviceBuffer>> {
        let states = chunks.concat();
        let (to, here) = self.meet(near, 0, &states)?;
        let mut here = here.into_iter();
        let here: Vec<Vec<DeviceBuffer>> = chunks.iter().map(|c| here.by_ref().take(c.len()).collect()).collect();
        self.run(to, &states, |member| member.merge(tag.clone(), near, merge, last, &here, outputs))
    }

    fn flush(&self) -> Result<()> {
        self.all(|member| member.flush())
    }
    fn sync(&self) -> Result<()> {
        // First all of them: they work at the same time.
        self.flush().and(self.all(|member| member.sync()))
    }
    fn wait_idle(&self) {
        self.members.iter().for_each(|member| member.wait_idle());
    }
    fn listen(&self, on: bool) {
        self.members.iter().for_each(|member| member.listen(on));
    }
    fn take_spans(&self) -> Vec<Span> {
        self.members.iter().flat_map(|member| member.take_spans()).collect()
    }

    fn owns(&self, buffer: &DeviceBuffer) -> bool {
        self.notes(buffer).is_ok()
    }
    fn relieves(&self, buffer: &DeviceBuffer) -> bool {
        self.home(buffer).is_ok_and(|home| self.is_short(home)) || !(0..self.members.len()).any(|on| self.is_short(on))
    }
    fn is_lost(&self) -> bool {
        self.members.iter().any(|member| member.is_lost())
    }
    fn reopen(&self) -> Result<Arc<dyn Adapter>> {
        let again = |member: &Arc<dyn Adapter>| if member.is_lost() { member.reopen() } else { Ok(member.clone()) };
        let members = self.members.iter().map(again).collect::<Result<_>>()?;
        Ok(Arc::new(Self::with(members, self.copies.clone())))
    }
    fn destroy(&self) {
        self.members.iter().for_each(|member| member.destroy());
    }
}
