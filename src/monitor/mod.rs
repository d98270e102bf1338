//! Watching a client: a [`Recorder`] hears its events and keeps, in bounded memory, what happened in its last runs. The dashboard
//! (feature `dashboard`), saved reports and traces all read that recording; none of them sees a run.

mod bandwidth;
mod facts;
mod page;
mod record;
mod recorder;
#[cfg(feature = "dashboard")]
mod server;
mod state;
mod timeline;
mod trace;
mod trace_file;

pub use bandwidth::host_bandwidth;
pub use facts::Facts;
pub use page::save_report;
pub use record::{Lanes, Row, RunRecord, StageCount, State};
pub use recorder::{Keep, Recorder};
#[cfg(feature = "dashboard")]
pub use server::Dashboard;
pub use state::state;
pub use timeline::{Bucket, Level, Merge, Series, Span, Timeline};
pub use trace::write_trace;
pub(crate) use trace_file::TraceFile;
