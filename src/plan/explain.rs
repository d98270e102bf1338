//! What a plan will do, in words and numbers.

use std::fmt;

use super::{Place, Plan, Stage, StageKind};
use crate::diagnostics::{DrawGraph, DrawNode, NodeKind, format_bytes, format_count};

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

impl Plan {
    /// Bytes of chunks this plan may hold at one time on the host and on the device, estimated before it runs: for each stage
    /// that is materialised, the chunks that wait for their readers (all of them where a reader needs all), and the outputs.
    #[must_use]
    pub fn predicted_bytes(&self) -> (u64, u64) {
        let (mut host, mut device) = (0, 0);
        for (id, stage) in self.stages.iter().enumerate() {
            if matches!(stage.kind, StageKind::Concatenate(_)) {
                continue;
            }
            let output = self.outputs.contains(&id);
            let elements = stage.chunks.elements().unwrap_or(0);
            let size = if stage.place == Place::Gpu { stage.dtype.device_size() } else { stage.dtype.size() } as u64;
            let all = elements * size;
            let one = stage.chunk_bytes();
            let small = stage.reduces() || matches!(stage.kind, StageKind::Combine { finish: None, .. });
            let held = match &stage.kind {
                // States: a few numbers a chunk.
                _ if small => stage.chunks.count() * 64,
                StageKind::Source(_) => one,
                // A reader that is not another kernel over the same grid may need all chunks at once.
                _ if output || self.readers(id).any(|reader| reader.chunks.grid() != stage.chunks.grid()) => all,
                _ => 4 * one,
            };
            if stage.place == Place::Gpu {
                device += held;
            } else {
                host += held;
            }
            if output {
                host += elements * stage.dtype.size() as u64;
            }
        }
        (host, device)
    }

    fn readers(&self, id: usize) -> impl Iterator<Item = &Stage> {
        self.stages.iter().filter(move |stage| stage.inputs.contains(&id))
    }

    /// Bytes read from and written to chunks by a stage, over all its tasks.
    fn bytes_moved(&self, stage: &Stage) -> (u64, u64) {
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
        DrawGraph { title: title.to_owned(), nodes: nodes.collect(), edges: edges.collect() }
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
