//! [`Findings`]: what is found out about a plan once, when it is first asked for, and holds for every plan of its form.

use std::sync::{Arc, OnceLock};

use super::readers::Readers;
use super::{Plan, Stage};

/// What is known of plans of one form so far. Cloning shares it.
#[derive(Clone, Debug, Default)]
pub struct Findings(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    readers: OnceLock<Arc<Readers>>,
    told: OnceLock<Told>,
}

/// What a report says of a plan.
#[derive(Debug)]
pub struct Told {
    /// [`Plan::predicted_bytes`].
    pub bytes: (u64, u64),
    /// Of each stage: its title, and the bytes of chunks that its tasks read. Nothing of stages without tasks.
    pub stages: Vec<Option<(String, u64)>>,
}

impl Findings {
    /// What a report says of the plan.
    #[must_use]
    pub fn told(&self, plan: &Plan) -> &Told {
        let of = |stage: &Stage| (stage.tasks() > 0).then(|| (stage.title(), plan.read_bytes(stage)));
        let told = || Told { bytes: plan.predicted_bytes(), stages: plan.stages.iter().map(of).collect() };
        self.0.told.get_or_init(told)
    }
    /// Who reads what, if that is known.
    #[must_use]
    pub fn readers(&self) -> Option<Arc<Readers>> {
        self.0.readers.get().cloned()
    }
    /// Remembers it; not tables, which are counted as long as the run that made them.
    pub fn know(&self, readers: &Arc<Readers>) {
        if readers.counted() == 0 {
            // Who was first knows the same.
            let _ = self.0.readers.set(readers.clone());
        }
    }
}
