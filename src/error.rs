//! [`Error`]: everything that can go wrong, with the values that show why and the way out.
//!
//! Messages are lower case without a full stop, the operation first. All of a user's mistakes are found when the
//! graph is built; what depends on data, devices or files comes from `compute`.

use crate::text::bytes_beside;
use crate::text::format_shape;

/// `Result` with the crate's [`Error`].
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What went wrong, where, with both values, the limit and the way out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    // ---- shapes and axes
    /// Shapes that do not broadcast together.
    #[error("{op}: shapes {} and {} do not broadcast: axis {axis} is {left} against {right}; {}", format_shape(.lhs), format_shape(.rhs), broadcast_hint(.op, .lhs, .rhs))]
    Broadcast {
        /// The operation.
        op: &'static str,
        /// Left shape.
        lhs: Vec<Option<u64>>,
        /// Right shape.
        rhs: Vec<Option<u64>>,
        /// The first axis that differs, of the result.
        axis: usize,
        /// Length on the left ("unknown" if so).
        left: String,
        /// Length on the right.
        right: String,
    },
    /// A shape that cannot be broadcast to another.
    #[error("{op}: shape {} does not broadcast to {}; only axes of length 1 can grow, and new axes come first", format_shape(.from), format_shape(.to))]
    BroadcastTo {
        /// The operation.
        op: &'static str,
        /// The array's shape.
        from: Vec<Option<u64>>,
        /// The shape asked for.
        to: Vec<Option<u64>>,
    },
    /// An axis the array does not have.
    #[error("{op}: axis {axis} is out of range for an array of shape {}; {}", format_shape(.shape), axes_hint(.op, .shape.len()))]
    AxisOutOfRange {
        /// The operation.
        op: &'static str,
        /// The axis asked for.
        axis: i64,
        /// The array's shape.
        shape: Vec<Option<u64>>,
    },
    /// The same axis named twice.
    #[error("{op}: axis {axis} is named twice in {axes:?}")]
    AxisRepeated {
        /// The operation.
        op: &'static str,
        /// The axis.
        axis: i64,
        /// The whole list.
        axes: Vec<i64>,
    },
    /// An operation that needs a given number of axes.
    #[error("{op}: needs {expected}, got {given}an array of shape {}", format_shape(.shape))]
    Rank {
        /// The operation.
        op: &'static str,
        /// What it needs.
        expected: &'static str,
        /// What it got beside the array, with "of" after it; empty if that is all.
        given: String,
        /// The array's shape.
        shape: Vec<Option<u64>>,
    },
    /// Inner lengths of a product that differ.
    #[error("dot: shapes {} and {} do not align: {left} ≠ {right}; the last axis of the left meets the last but one of the right, or its only one, so transpose or slice one of them", format_shape(.lhs), format_shape(.rhs))]
    DotAlign {
        /// Left shape.
        lhs: Vec<Option<u64>>,
        /// Right shape.
        rhs: Vec<Option<u64>>,
        /// Last axis of the left.
        left: u64,
        /// First (or only) axis of the right.
        right: u64,
    },
    /// A reshape that changes the number of elements.
    #[error("reshape: shape {} has {from_elements} elements, {to:?} has {to_elements}; leave one length open with -1, or slice first", format_shape(.from))]
    ReshapeSize {
        /// The array's shape.
        from: Vec<Option<u64>>,
        /// Its number of elements.
        from_elements: u64,
        /// The shape asked for.
        to: Vec<i64>,
        /// Elements of that shape (the largest number, if they are more).
        to_elements: u64,
    },
    /// A reshape with more than one length left open, one that does not divide, or one below -1.
    #[error(
        "reshape: {to:?} is no shape of {elements} elements; lengths are 0 or more, and one may be -1 if the others divide {elements}"
    )]
    ReshapeInfer {
        /// The shape asked for.
        to: Vec<i64>,
        /// The array's number of elements.
        elements: u64,
    },
    /// More chunks than can be numbered.
    #[error(
        "an array of shape {} in chunks of {chunks} has 2^64 of them or more; rechunk() it to larger ones, or slice before", format_shape(.shape)
    )]
    TooManyChunks {
        /// The array's shape.
        shape: Vec<Option<u64>>,
        /// How it is cut.
        chunks: String,
    },
    /// More elements than can be numbered.
    #[error("{op}: lengths {} make more than 2^63 - 1 elements on one axis; slice or reduce first", format_shape(.shape))]
    TooLong {
        /// The operation.
        op: &'static str,
        /// The lengths.
        shape: Vec<Option<u64>>,
    },
    /// Arrays joined along an axis that differ on another.
    #[error("{op}: shape {} of array {index} differs from {} of array 0 on axis {axis}; {}", format_shape(.got), format_shape(.expected), if *.op == "stack" { "stacked arrays have one shape" } else { "only the joined axis may differ" })]
    JoinShape {
        /// `concatenate` or `stack`.
        op: &'static str,
        /// Which of the arrays.
        index: usize,
        /// Its shape.
        got: Vec<Option<u64>>,
        /// The first array's shape.
        expected: Vec<Option<u64>>,
        /// Where they differ.
        axis: usize,
    },
    /// Joining no arrays at all.
    #[error("{op}: needs at least one array, got none")]
    JoinNothing {
        /// `concatenate` or `stack`.
        op: &'static str,
    },
    /// A length that is known after computing only, where it is needed now.
    #[error("{op}: shape {} has an unknown length; compute() it and go on from the result, or {hint}", format_shape(.shape))]
    UnknownLength {
        /// The operation.
        op: &'static str,
        /// The array's shape.
        shape: Vec<Option<u64>>,
        /// Another way out.
        hint: &'static str,
    },

    // ---- indexing
    /// An index beyond an axis.
    #[error("{op}: index {index} is out of range for axis {axis} of length {len}")]
    IndexOutOfRange {
        /// The operation.
        op: &'static str,
        /// The index as given.
        index: i64,
        /// The axis.
        axis: usize,
        /// Its length.
        len: u64,
    },
    /// A slice argument with the wrong number of axes.
    #[error("slice: {given} axes given for an array of shape {} ({} axes); name every axis, `..` for the whole of one", format_shape(.shape), .shape.len())]
    SliceRank {
        /// Axes the slice argument indexes.
        given: usize,
        /// The array's shape.
        shape: Vec<Option<u64>>,
    },
    /// A slice with step 0.
    #[error("slice: step 0 on axis {axis}; a step is a positive or negative number")]
    SliceStep {
        /// The axis.
        axis: usize,
    },

    // ---- chunks
    /// The wrong number of chunk sizes.
    #[error(
        "chunks: {given} sizes given for shape {shape:?} ({ndim} axes); give one size an axis, or a single one for all"
    )]
    ChunkCount {
        /// Sizes given.
        given: usize,
        /// Axes of the array.
        ndim: usize,
        /// Its shape.
        shape: Vec<u64>,
    },
    /// Chunk sizes that do not add up to the axis.
    #[error("chunks: sizes on axis {axis} add up to {sum}, the axis has {len} elements")]
    ChunkSum {
        /// The axis.
        axis: usize,
        /// The sum of the sizes.
        sum: u64,
        /// The axis' length.
        len: u64,
    },
    /// A chunk of size 0.
    #[error("chunks: size 0 on axis {axis}; a chunk holds at least 1 element")]
    ChunkZero {
        /// The axis.
        axis: usize,
    },
    /// A word that is neither `auto` nor a number of bytes.
    #[error("chunks: unknown word {word:?}; use \"auto\", bytes as in \"8 MiB\", a size, or a list of sizes")]
    ChunkWord {
        /// The word.
        word: String,
    },
    /// A chunk no device can bind.
    #[error("chunks: a chunk of {chunk:?} takes {} MiB, over the limit of {} MiB a chunk; choose smaller chunks, or \"auto\"", .bytes >> 20, .limit >> 20)]
    ChunkTooLarge {
        /// The chunk's shape.
        chunk: Vec<u64>,
        /// Its size in bytes.
        bytes: u64,
        /// The limit in bytes.
        limit: u64,
    },

    // ---- values
    /// A parameter outside its domain.
    #[error("{op}: {what} is {got}; it must be {expected}")]
    Parameter {
        /// The operation.
        op: &'static str,
        /// The parameter.
        what: &'static str,
        /// Its value.
        got: String,
        /// What it may be.
        expected: &'static str,
    },
    /// A reduction without identity over an empty axis.
    #[error("{op}: {}; {op} has no identity, so count the elements first", no_elements(.shape))]
    EmptyReduction {
        /// The reduction.
        op: &'static str,
        /// The array's shape; one unknown length where a mask (or NaN) left nothing.
        shape: Vec<Option<u64>>,
    },
    /// `item` of an array with several elements.
    #[error("item: needs exactly one element, got an array of shape {}; reduce or index it first", format_shape(.shape))]
    NotOneElement {
        /// The array's shape.
        shape: Vec<Option<u64>>,
    },
    /// A dtype that the operation is not defined for.
    #[error("{op}: is not defined for {got}; it takes {expected}")]
    DType {
        /// The operation.
        op: &'static str,
        /// The dtype found.
        got: crate::dtype::DType,
        /// What it takes, and the way there.
        expected: &'static str,
    },
    /// An array of another dtype than its reader or its neighbours have.
    #[error("{op}: the array's dtype is {got}, not {expected}; cast it first")]
    DTypeMismatch {
        /// The operation.
        op: &'static str,
        /// The dtype found.
        got: crate::dtype::DType,
        /// The dtype asked for.
        expected: crate::dtype::DType,
    },

    // ---- devices
    /// No adapter answers the description.
    #[error(
        "no adapter matches {wanted:?}; found: {found}; install a Vulkan driver (lavapipe: mesa-vulkan-drivers), or use the cpu backend"
    )]
    NoAdapter {
        /// What was asked for.
        wanted: String,
        /// The adapters there are.
        found: String,
    },
    /// The crate was built without feature `gpu`.
    #[error("the gpu backend is not built in; build gridloom with feature \"gpu\"")]
    GpuNotBuilt,
    /// An environment variable or setting that means nothing.
    #[error("{name}={value:?} is not one of {expected}")]
    Setting {
        /// The setting or variable.
        name: &'static str,
        /// Its value.
        value: String,
        /// What it may be.
        expected: &'static str,
    },
    /// The device refused or failed a request.
    #[error("device {adapter:?}: {doing}: {message}")]
    Device {
        /// The adapter's name.
        adapter: String,
        /// What was being done.
        doing: String,
        /// The driver's words.
        message: String,
    },

    /// The device is gone: unplugged, reset by its driver, or destroyed. What only it held is gone with it.
    #[error("device {adapter:?} was lost: {doing}: {message}")]
    DeviceLost {
        /// The adapter's name.
        adapter: String,
        /// What was being done.
        doing: String,
        /// The driver's words.
        message: String,
    },
    /// More memory is needed than a limit allows, or than there is.
    #[error("{doing}: needs {} of {pool} memory, the limit is {}; {hint}", bytes_beside(*.needed, *.limit), bytes_beside(*.limit, *.needed))]
    Memory {
        /// Whose: `host` or `device`.
        pool: &'static str,
        /// What was being done.
        doing: String,
        /// Bytes needed.
        needed: u64,
        /// Bytes allowed (or that the device had left).
        limit: u64,
        /// The way out.
        hint: &'static str,
    },

    // ---- runs
    /// The run was cancelled through its token.
    #[error("cancelled after {done} of {total} tasks; nothing is kept of the run")]
    Cancelled {
        /// Tasks that had run.
        done: u64,
        /// Tasks of the plan.
        total: u64,
    },
    /// The result of a run that was waited for after it had been handed out.
    #[error("the result of this run was taken already: a future has it once; clone the value, or compute again")]
    ResultTaken,
    /// The run's time was up.
    #[error("deadline of {limit:?} passed after {done} of {total} tasks; allow more time, or compute less")]
    Deadline {
        /// The time allowed.
        limit: std::time::Duration,
        /// Tasks that had run.
        done: u64,
        /// Tasks of the plan.
        total: u64,
    },

    // ---- files and user code
    /// A file that cannot be read or written.
    #[error("{op}: {path}: {source}")]
    Io {
        /// The operation.
        op: &'static str,
        /// The file.
        path: String,
        /// The system's words.
        source: std::io::Error,
    },
    /// A file whose contents are not what its name says.
    #[error("{op}: {path}: {problem}")]
    Format {
        /// The operation.
        op: &'static str,
        /// The file.
        path: String,
        /// What is wrong, with both values.
        problem: String,
    },
    /// A user's function failed, panicked, or gave the wrong shape.
    #[error("{name}: {problem}")]
    UserFunction {
        /// The function's name.
        name: String,
        /// What happened.
        problem: String,
    },

    /// A broken invariant of the library: a bug.
    #[error("internal error (a bug in gridloom, please report it): {0}")]
    Bug(String),
}

/// The way out of shapes that do not broadcast.
fn broadcast_hint(op: &str, lhs: &[Option<u64>], rhs: &[Option<u64>]) -> &'static str {
    if lhs.iter().chain(rhs).any(Option::is_none) {
        "unknown lengths fit where the same mask made both, and once both are known: filter both by it, or compute() and go on from the results"
    } else if op == "filter" {
        "a mask has the shape of the array; filter_axis() takes one of an axis alone"
    } else if op == "filter_axis" {
        "a mask has the length of the axis"
    } else {
        "insert an axis of length 1, or slice one of them"
    }
}

/// Which axes there are.
fn axes_hint(op: &str, ndim: usize) -> String {
    match (op, ndim) {
        ("insert_axis" | "stack", _) => format!("a new axis goes to {} to {ndim}", -(ndim as i64) - 1),
        (_, 0) => "it has none".to_owned(),
        _ => format!("it has axes {} to {}", -(ndim as i64), ndim as i64 - 1),
    }
}

/// What an empty reduction found.
fn no_elements(shape: &[Option<u64>]) -> String {
    if shape.iter().any(Option::is_none) {
        "no elements to reduce: all are masked out, or NaN".to_owned()
    } else {
        format!("no elements to reduce in an array of shape {}", format_shape(shape))
    }
}

impl Error {
    /// A broken invariant.
    pub(crate) fn bug(what: impl Into<String>) -> Self {
        Self::Bug(what.into())
    }
}

/// The value of what cannot fail, by what its caller knows: another value in its place would be a wrong number that nobody sees.
///
/// # Panics
/// With the error, which is a bug of this crate.
pub(crate) fn infallible<T>(result: Result<T>) -> T {
    result.unwrap_or_else(|error| panic!("a bug in gridloom: {error}"))
}

/// Runs what users gave: a panic becomes its message. The panic's payload is a user's too, and may panic again when it is dropped.
pub(crate) fn caught<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let message = panic.downcast_ref::<String>().cloned();
        let message = message.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        if let Err(again) = catch_unwind(AssertUnwindSafe(|| drop(panic))) {
            // Once is enough: this one stays.
            std::mem::forget(again);
        }
        message.unwrap_or_default()
    })
}
