//! Spans for `tracing`: one a run, one a task below it, for programs that have a subscriber. Without feature `tracing` there are none.

use crate::plan::{Plan, Stage};

/// The span of a run.
#[derive(Debug)]
pub(super) struct RunSpan {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
}

#[cfg(feature = "tracing")]
impl RunSpan {
    /// Level debug. It is not entered: a run is on many threads.
    pub(super) fn new(run: u64, plan: &Plan) -> Self {
        let span =
            tracing::debug_span!(target: "gridloom", "run", run, stages = plan.stages.len(), tasks = plan.tasks());
        Self { span }
    }
    /// The span of a task, entered on this thread until it is dropped: level trace. Nothing is written where nobody listens.
    pub(super) fn task(&self, stage: &Stage, number: usize, chunk: u64) -> tracing::span::EnteredSpan {
        let span = tracing::trace_span!(
            target: "gridloom", parent: &self.span, "task",
            stage = number, chunk, on = stage.device(), title = %stage.title()
        );
        span.entered()
    }
}

/// What stands for a span where there are none.
#[cfg(not(feature = "tracing"))]
pub(super) struct NoSpan;

#[cfg(not(feature = "tracing"))]
impl RunSpan {
    pub(super) fn new(_: u64, _: &Plan) -> Self {
        Self {}
    }
    #[allow(clippy::unused_self, reason = "with the feature it is used")]
    pub(super) fn task(&self, _: &Stage, _: usize, _: u64) -> NoSpan {
        NoSpan
    }
}
