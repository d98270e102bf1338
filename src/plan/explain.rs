//! What a plan will do, in words and numbers.

use std::fmt;

use super::kernel::{Folding, Kernel};
use super::{Group, Output, Place, Plan, Stage, StageKind, names};
use crate::diagnostics::{DrawGraph, DrawNode, NodeKind};
use crate::event::StageInfo;
use crate::text::{format_bytes, format_count};

impl Stage {
    /// The stage in a few words: the kernel and what is fused into it.
    #[must_use]
    pub fn title(&self) -> String {
        match &self.kind {
            StageKind::Source(source) => source.describe(),
            StageKind::Kernel { kernel: Kernel::Folds { program, folds }, .. } => {
                format!("{} ⟵ {program}", names(folds.iter().map(Folding::name)))
            }
            StageKind::Kernel { kernel, .. } => match kernel.program() {
                Some(program) => format!("{} ⟵ {program}", kernel.name()),
                None => kernel.name().to_owned(),
            },
            StageKind::Combine { merges, group, finish } => {
                let folds = names(merges.iter().map(|merge| merge.fold.name()));
                match (group, finish) {
                    (Group::Before { .. }, _) => format!("{folds} before each chunk"),
                    (Group::Box(_), Some(_)) => format!("combine {folds}"),
                    (Group::Box(_), None) => format!("combine {folds} (one level)"),
                }
            }
            StageKind::Host(function) => format!("host function {}", function.name),
            StageKind::Concatenate(joined) => format!("concatenate along axis {}", joined.axis),
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
        matches!(&self.kind, StageKind::Kernel { output: Output::Reduced(_) | Output::Runs | Output::Bins, .. })
    }
}

impl Plan {
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
        let ((host, device), most) = (self.predicted_bytes(), self.most_bytes());
        writeln!(
            f,
            "plan: {} stages, {} tasks; predicted peak {} on host{}{}",
            self.stages.len(),
            format_count(self.tasks()),
            format_bytes(host),
            if most > host { format!(" ({} if all is kept)", format_bytes(most)) } else { String::new() },
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
