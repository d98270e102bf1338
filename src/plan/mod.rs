//! From graph to stages: what kernels run over which chunk grids. A [`Plan`] holds stages, not tasks; a task is made when it
//! is asked for.

#![deny(clippy::wildcard_enum_match_arm, reason = "a new variant is looked at wherever it matters")]

pub mod bytes;
pub mod capability;
pub mod explain;
pub mod expr;
pub mod family;
pub mod findings;
pub mod form;
mod fuse;
pub mod grid;
mod hold;
mod joins;
pub mod kernel;
mod links;
pub mod lower;
mod lowering;
mod marks;
pub mod pieces;
pub mod readers;
pub mod task;
mod together;
pub mod watch;

use std::sync::Arc;

use crate::chunks::Chunks;
use crate::dtype::DType;
use crate::graph::{HostFunction, Source};
use crate::ops::{Finish, Fold};
use kernel::Kernel;
use pieces::{Affine, LoadRef};

/// The number of a stage in its plan; inputs have lower numbers.
pub type StageId = usize;

/// Where a stage runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Place {
    /// On the host's processors.
    Cpu,
    /// On the client's adapter.
    Gpu,
}

/// How a kernel stage's output chunks follow from its domain.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Output {
    /// Output chunk = the domain chunk of the same number, in C order.
    Same,
    /// Output chunks are runs of the domain's C order (reshape); the domain's grid does not matter.
    Linear,
    /// Output has the domain's axes without these (or with length 1): states of a reduction, one per domain chunk.
    Reduced(Vec<usize>),
    /// Output chunks are runs of the domain's C order, of each of which there is one state.
    Runs,
    /// The same bins for every domain chunk.
    Bins,
    /// Domain is `(m, n, k)`; the output is `(m, n)`.
    Dot,
    /// Slabs along an axis.
    Take {
        /// The axis.
        axis: usize,
        /// The places.
        indices: Arc<[u64]>,
    },
}

/// What a stage does.
#[derive(Clone)]
#[non_exhaustive]
pub enum StageKind {
    /// Data that is there already.
    Source(Arc<dyn Source>),
    /// A chunk kernel.
    Kernel {
        /// The kernel.
        kernel: Kernel,
        /// The grid its tasks run over: one task a chunk.
        domain: Chunks,
        /// What the program's loads (or the dot's operands) read.
        loads: Vec<LoadRef>,
        /// The program's affine indices.
        indices: Vec<Affine>,
        /// Where results go.
        output: Output,
    },
    /// Merges the states of reductions over groups of chunks: on the adapter that made them where it can, else on the host.
    Combine {
        /// Which, and how: those of one fold, but where several are made together and another level follows.
        merges: Vec<Merge>,
        /// Of which chunks.
        group: Group,
        /// What to make of the last state, or nothing where another level follows.
        finish: Option<Finished>,
    },
    /// A function of chunks, on the host.
    Host(Arc<HostFunction>),
    /// Chunks of the inputs, one input after another along an axis: nothing is moved.
    Concatenate(Joined),
}

/// How the states of one fold are merged, and where they are among the arrays of a chunk.
#[derive(Clone, Debug, PartialEq)]
pub struct Merge {
    /// The fold.
    pub fold: Fold,
    /// The dtype of what was folded.
    pub dtype: DType,
    /// Whether states count.
    pub counted: bool,
    /// Whether indices count within each chunk and earlier chunks' counts come before.
    pub positional: bool,
    /// The first of its arrays.
    pub first: usize,
    /// The outputs it has states of, where those are not the elements of the chunk's shape: the bins of a histogram that is made with
    /// others.
    pub bins: Option<u64>,
}

impl Merge {
    /// Of the only fold whose states a chunk has.
    #[must_use]
    pub const fn of(fold: Fold, dtype: DType) -> Self {
        Self { fold, dtype, counted: false, positional: false, first: 0, bins: None }
    }
    /// Its arrays.
    #[must_use]
    pub fn arrays(&self) -> std::ops::Range<usize> {
        self.first..self.first + self.fold.states(self.dtype, self.counted).len()
    }
    /// Its outputs in a chunk whose shape has so many elements.
    #[must_use]
    pub fn outputs(&self, elements: u64) -> u64 {
        self.bins.unwrap_or(elements)
    }
    /// Bytes of its states in such a chunk.
    #[must_use]
    pub fn bytes(&self, elements: u64) -> u64 {
        self.outputs(elements).saturating_mul(8 * self.arrays().len() as u64)
    }
}

/// The chunks of its input whose states a merge takes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Group {
    /// So many along each axis of the input's grid, one group after another.
    Box(Vec<u64>),
    /// Along an axis, those before the chunk in its group, and what the second input has for all groups before: a scan's prefixes.
    Before {
        /// The axis.
        axis: usize,
        /// Chunks of a group.
        size: u64,
    },
}

/// How the inputs of a joined array follow each other.
#[derive(Clone, Debug)]
pub struct Joined {
    /// The axis along which they do.
    pub axis: usize,
    /// For each input: the chunks before it along that axis.
    pub starts: Arc<[u64]>,
}

impl Joined {
    /// The input that holds chunk `at` along the axis, and which of its chunks that is.
    #[must_use]
    pub fn part(&self, at: u64) -> (usize, u64) {
        let part = self.starts.partition_point(|&start| start <= at).saturating_sub(1);
        (part, at - self.starts.get(part).copied().unwrap_or(0))
    }
}

/// The last step of a reduction.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What to make of the state.
    pub finish: Finish,
    /// The number of elements, where it is the same for every output element.
    pub count: Option<f64>,
    /// The reduction's name, if it refuses to reduce nothing.
    pub refuse_empty: Option<&'static str>,
    /// NaN is the result of nothing.
    pub nan_empty: bool,
}

impl std::fmt::Debug for StageKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Source(source) => write!(f, "source {}", source.describe()),
            Self::Kernel { kernel, .. } => write!(f, "{}", kernel.name()),
            Self::Combine { merges, .. } => {
                write!(f, "combine {}", names(merges.iter().map(|merge| merge.fold.name())))
            }
            Self::Host(function) => write!(f, "host {}", function.name),
            Self::Concatenate(joined) => write!(f, "concatenate {}", joined.axis),
        }
    }
}

/// Names of what is done together.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}

/// One kernel (or host step) over a chunk grid.
#[derive(Clone, Debug)]
pub struct Stage {
    /// What it does.
    pub kind: StageKind,
    /// The stages it reads.
    pub inputs: Vec<StageId>,
    /// The dtype of its chunks.
    pub dtype: DType,
    /// The grid of its chunks: a task each.
    pub chunks: Chunks,
    /// Where it runs.
    pub place: Place,
    /// Why it does not run on the adapter, where the client has one.
    pub fallback: Option<String>,
}

impl Stage {
    /// Number of tasks: none for what has no elements, but that states of an empty domain are made.
    #[must_use]
    pub fn tasks(&self) -> u64 {
        match &self.kind {
            StageKind::Source(_) | StageKind::Concatenate(_) => 0,
            StageKind::Kernel { output: Output::Reduced(_) | Output::Runs | Output::Bins, .. } => self.chunks.count(),
            StageKind::Combine { finish: None, .. } => self.chunks.count(),
            StageKind::Kernel { .. } | StageKind::Combine { .. } | StageKind::Host(_) => self.chunks.to_make(),
        }
    }
    /// Whether its chunks are parts of a file, so small that reading one for each reader anew is cheaper than noting it for later ones.
    #[must_use]
    pub fn is_read_anew(&self) -> bool {
        const SMALL: u64 = 2 << 10;
        let bytes = || self.chunks.max_chunk_elements().saturating_mul(self.dtype.size() as u64);
        matches!(&self.kind, StageKind::Source(source) if !source.is_kept() && !source.in_memory() && bytes() < SMALL)
    }
    /// Whether its tasks are handed the chunks they read in C order.
    #[must_use]
    pub fn reads_c_order(&self) -> bool {
        matches!(&self.kind, StageKind::Host(_) | StageKind::Kernel { kernel: Kernel::Take(_), .. })
    }
    /// Bytes of its largest chunk, on the device it runs on (0 where unknown).
    #[must_use]
    pub fn chunk_bytes(&self) -> u64 {
        let size = if self.place == Place::Gpu { self.dtype.device_size() } else { self.dtype.size() };
        self.chunks.max_chunk_elements().saturating_mul(size as u64)
    }
}

/// The stages of one `compute`, inputs before those that read them.
#[derive(Clone, Debug)]
pub struct Plan {
    /// The stages.
    pub stages: Vec<Stage>,
    /// The stage that each requested array is.
    pub outputs: Vec<StageId>,
    /// Tasks that run at a time, for predictions.
    pub running: u64,
    /// Bytes on the host that its runs may hold.
    pub limit: u64,
    /// The stage whose tasks take most bytes on the host, and how many.
    pub largest_task: (StageId, u64),
}

/// The stage that makes a node, and the chunks it makes it in.
struct MadeStage {
    stage: StageId,
    chunks: Chunks,
}

impl Plan {
    /// Number of tasks of all stages.
    #[must_use]
    pub fn tasks(&self) -> u64 {
        self.stages.iter().map(Stage::tasks).fold(0, u64::saturating_add)
    }
    /// For each stage: the stages that read it and as which of their inputs, in order.
    #[must_use]
    pub fn read_by(&self) -> Vec<Vec<(StageId, usize)>> {
        let mut read_by = vec![Vec::new(); self.stages.len()];
        for (reader, stage) in self.stages.iter().enumerate() {
            for (place, &input) in stage.inputs.iter().enumerate() {
                read_by[input].push((reader, place));
            }
        }
        read_by
    }
}
