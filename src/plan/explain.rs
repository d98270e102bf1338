//! What a plan will do, in words and numbers.

use std::fmt;

use super::kernel::{REDUCE_PART, REDUCE_SLOTS};
use super::{Place, Plan, Stage, StageKind};
use crate::diagnostics::{DrawGraph, DrawNode, NodeKind, format_bytes, format_count};
use crate::event::StageInfo;

impl Stage {
    /// The stage in a few words: the kernel and what is fused into it.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.kind {
            StageKind::Source(source) => source.describe(),
            StageKind::Kernel { kernel, .. } => match kernel.program() {
                Some(program) => format!("{} ⟵ {program}", kernel.name()),
                None => kernel.name().to_owned(),
            },
            StageKind::Combine { fold, finish: Some(_), .. } => format!("combine {}", fold.name()),
            StageKind::Combine { fold, .. } => format!("combine {} (one level)", fold.name()),
            StageKind::Host(function) => format!("host function {}", function.name),
            StageKind::Concatenate(axis) => format!("concatenate along axis {axis}"),
        }
    }
    /// Where it runs, in a word.
    #[must_use]
    pub fn device(&self) -> &'static str {
        match (&self.kind, self.place) {
            (StageKind::Source(_) | StageKind::Concatenate(_), _) => "memory",
            (_, Place::Gpu) => "gpu",
            (_, Place::Cpu) => "cpu",
        }
    }
    /// Whether it leaves nothing of the size of its domain: reductions and histograms.
    #[must_use]
    pub fn reduces(&self) -> bool {
        use super::Output;
        matches!(&self.kind, StageKind::Kernel { output: Output::Reduced(_) | Output::Bins, .. })
    }
}

/// States of one stage that live at a time at most: those one task merges, and some that wait for it.
const LIVE_STATES: u64 = 72;
/// Tasks that run at a time, for predictions.
const RUNNING: u64 = 4;

impl Plan {
    /// Bytes of chunks this plan may hold at one time on the host and on the device, estimated before it runs: for each stage
    /// that is materialised, the chunks that wait for their readers (all of them where a reader needs all), what a few tasks read
    /// and make, and the outputs. A client holds no more than its limits, whatever this says.
    #[must_use]
    pub fn predicted_bytes(&self) -> (u64, u64) {
        let (mut host, mut device) = (0, 0);
        for (id, stage) in self.stages.iter().enumerate() {
            let held = self.held_bytes(id);
            if stage.place == Place::Gpu || matches!(&stage.kind, StageKind::Source(source) if source.in_memory()) {
                device += held;
            } else {
                host += held;
            }
            if self.outputs.contains(&id) && self.holds(stage) {
                host += stage.chunks.elements().unwrap_or(0) * stage.dtype.size() as u64;
            }
        }
        // What the tasks that run at a time read and make.
        host += RUNNING * self.largest_task().1;
        (host, device)
    }

    /// Whether a stage holds memory of its own: not the user's arrays, nor what only puts chunks in order.
    fn holds(&self, stage: &Stage) -> bool {
        match &stage.kind {
            StageKind::Source(source) => !source.in_memory(),
            StageKind::Concatenate(_) => false,
            _ => true,
        }
    }

    /// Bytes of one stage's chunks that may be held at a time for its readers, estimated before it runs: on the device where the stage
    /// runs there, and for the user's own arrays (of which a device has a copy while it is read); else on the host.
    #[must_use]
    pub fn held_bytes(&self, id: super::StageId) -> u64 {
        let stage = &self.stages[id];
        let elements = stage.chunks.elements().unwrap_or(0);
        let size = if stage.place == Place::Gpu { stage.dtype.device_size() } else { stage.dtype.size() } as u64;
        let all = elements * size;
        let one = stage.chunk_bytes();
        let states = stage.reduces() || matches!(stage.kind, StageKind::Combine { finish: None, .. });
        match &stage.kind {
            StageKind::Concatenate(_) => 0,
            // States wait until as many as one task merges are there.
            _ if states => stage.chunks.count().min(LIVE_STATES) * self.output_bytes((id, 0)),
            StageKind::Source(source) if source.in_memory() => {
                let on_device: Vec<_> = self.readers(id).filter(|reader| reader.place == Place::Gpu).collect();
                let copy = elements * stage.dtype.device_size() as u64;
                match on_device.as_slice() {
                    [] => 0,
                    // Each chunk goes to its reader and can be let go.
                    [reader] if reader.chunks.grid() == stage.chunks.grid() => (4 * one).min(copy),
                    // It is sent once and stays for all that read it.
                    _ => copy,
                }
            }
            // A file's chunks are kept for their other readers as long as there is room.
            StageKind::Source(_) if self.readers(id).count() > 1 => all,
            StageKind::Source(_) => (4 * one).min(all),
            // A reader that is not another kernel over the same grid may need all chunks at once.
            _ if self.readers(id).any(|reader| reader.chunks.grid() != stage.chunks.grid()) => all,
            _ => (4 * one).min(all),
        }
    }

    /// Bytes on the host of what a task makes, at most (states of reductions: roughly).
    #[must_use]
    pub fn output_bytes(&self, (stage, chunk): super::task::ChunkId) -> u64 {
        use super::Output;
        let this = &self.stages[stage];
        let product = |region: Vec<(u64, u64)>| region.iter().map(|(start, end)| end - start).product::<u64>();
        let own = || product(this.chunks.region(&this.chunks.coord(chunk))) * this.dtype.size() as u64;
        match &this.kind {
            StageKind::Source(_) | StageKind::Concatenate(_) => 0,
            StageKind::Kernel { output: Output::Bins, .. } => {
                let edges = this.inputs.last().and_then(|&edges| self.stages[edges].chunks.elements());
                edges.unwrap_or(1 << 11) * 8
            }
            StageKind::Kernel { output: Output::Reduced(axes), domain, .. } => {
                let region = domain.region(&domain.coord(chunk));
                let kept = product((0..region.len()).filter(|k| !axes.contains(k)).map(|k| region[k]).collect());
                // Parts of a large piece keep states of their own, of three words at most, where there are few outputs.
                let parts = if kept <= REDUCE_SLOTS as u64 { product(region) / REDUCE_PART + 1 } else { 1 };
                kept * 24 * parts
            }
            // As many as the mask's chunk has elements.
            StageKind::Kernel { domain, output: Output::Same, .. } if this.chunks.has_unknown() => {
                product(domain.region(&domain.coord(chunk))) * this.dtype.size() as u64
            }
            _ => own(),
        }
    }

    /// Bytes on the host that one task of a stage takes: what it reads and what it makes. Looked up for the first task, which has
    /// chunks of full size.
    #[must_use]
    pub fn task_bytes(&self, stage: usize) -> u64 {
        if self.stages[stage].tasks() == 0 {
            return 0;
        }
        let read = self.dependencies((stage, 0)).into_iter().map(|(input, chunk)| {
            let this = &self.stages[input];
            match &this.kind {
                StageKind::Source(source) if source.in_memory() => 0,
                StageKind::Source(_) => this.chunks.max_chunk_elements() * this.dtype.size() as u64,
                _ => self.output_bytes((input, chunk)),
            }
        });
        read.sum::<u64>() + self.output_bytes((stage, 0))
    }

    /// The stage whose tasks take most bytes on the host, and how many.
    #[must_use]
    pub fn largest_task(&self) -> (usize, u64) {
        let on_host = (0..self.stages.len()).filter(|&stage| self.stages[stage].place == Place::Cpu);
        on_host.map(|stage| (stage, self.task_bytes(stage))).max_by_key(|(_, bytes)| *bytes).unwrap_or((0, 0))
    }

    fn readers(&self, id: usize) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.inputs.contains(&id))
    }

    /// Bytes read from and written to chunks by a stage, over all its tasks.
    pub(crate) fn bytes_moved(&self, stage: &Stage) -> (u64, u64) {
        let size = |s: &Stage| s.chunks.elements().unwrap_or(0) * s.dtype.size() as u64;
        let read = stage.inputs.iter().map(|&i| if self.stages[i].reduces() { 0 } else { size(&self.stages[i]) }).sum();
        let written = match &stage.kind {
            StageKind::Source(_) | StageKind::Concatenate(_) => 0,
            _ if stage.reduces() => 0,
            StageKind::Combine { finish: None, .. } => 0,
            _ => size(stage),
        };
        (read, written)
    }

    /// What observers are told of a stage.
    pub(crate) fn info(&self, stage: &Stage) -> StageInfo {
        let (title, inputs) = (stage.title(), stage.inputs.clone());
        StageInfo { title, device: stage.device(), inputs, tasks: stage.tasks(), reads: self.read_bytes(stage) }
    }
    /// Bytes of chunks that the tasks of a stage read together, for reports: those of kernels.
    pub(crate) fn read_bytes(&self, stage: &Stage) -> u64 {
        if matches!(stage.kind, StageKind::Kernel { .. }) { self.bytes_moved(stage).0 } else { 0 }
    }

    /// The plan as a graph to draw: a node a stage.
    #[must_use]
    pub fn drawing(&self, title: &str) -> DrawGraph {
        let nodes = self.stages.iter().enumerate().map(|(id, stage)| DrawNode {
            id,
            label: stage.title(),
            detail: format!("{} {} in {} chunks", stage.dtype, stage.chunks, format_count(stage.chunks.count())),
            kind: if matches!(stage.kind, StageKind::Source(_)) { NodeKind::Data } else { NodeKind::Kernel },
            device: Some(stage.device().to_owned()),
        });
        let edges = self
            .stages
            .iter()
            .enumerate()
            .flat_map(|(id, stage)| stage.inputs.iter().map(move |&input| (input, id, String::new())));
        DrawGraph { title: title.to_owned(), nodes: nodes.collect(), edges: edges.collect(), colouring: None }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (host, device) = self.predicted_bytes();
        writeln!(
            f,
            "plan: {} stages, {} tasks; predicted peak {} on host{}",
            self.stages.len(),
            format_count(self.tasks()),
            format_bytes(host),
            if device > 0 { format!(", {} on device", format_bytes(device)) } else { String::new() }
        )?;
        for (id, stage) in self.stages.iter().enumerate() {
            let inputs: Vec<String> = stage.inputs.iter().map(|i| format!("#{i}")).collect();
            write!(f, "#{id} {:<6} {}", stage.device(), stage.title())?;
            if !inputs.is_empty() {
                write!(f, " ({})", inputs.join(", "))?;
            }
            let per = if stage.reduces() { "one state a chunk of " } else { "" };
            writeln!(f)?;
            let (read, written) = self.bytes_moved(stage);
            write!(f, "   {} tasks; {per}{} {}", format_count(stage.tasks()), stage.dtype, stage.chunks)?;
            writeln!(f, "; reads {}, writes {}", format_bytes(read), format_bytes(written))?;
            if let Some(reason) = &stage.fallback {
                writeln!(f, "   on cpu: {reason}")?;
            }
        }
        Ok(())
    }
}
