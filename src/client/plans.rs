//! [`Plans`]: plans that a client made before, for graphs of the same form: a loop that computes the same expression of other data, with
//! other numbers and seeds, is planned once.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rustc_hash::FxHashMap;

use crate::plan::Plan;
use crate::plan::capability::Capabilities;
use crate::plan::findings::Findings;
use crate::plan::form::{Blanks, Given};
use crate::plan::grid::Sizes;

/// Plans that are remembered; of forms that are no larger than a form may be.
const PLANS: usize = 64;

/// What decides a plan of a client: all but what the graph is given.
#[derive(PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) form: Vec<u8>,
    pub(super) sizes: Sizes,
    pub(super) capabilities: Option<Capabilities>,
    /// Bytes of the results, beside which tasks have to fit.
    pub(super) results: u64,
}

struct Remembered {
    plan: Arc<Plan>,
    findings: Findings,
    blanks: Arc<Blanks>,
    /// When it was last used, in uses.
    used: u64,
}

#[derive(Default)]
pub(super) struct Plans(Mutex<State>);

#[derive(Default)]
struct State {
    plans: FxHashMap<Key, Remembered>,
    uses: u64,
    made: u64,
}

impl Plans {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
    /// The plan for a key, if it is known, with what a graph gives it, and what was found out about such plans.
    pub(super) fn find(&self, key: &Key, given: &Given) -> Option<(Plan, Findings)> {
        let (plan, findings, blanks) = {
            let mut state = self.lock();
            state.uses += 1;
            let now = state.uses;
            let known = state.plans.get_mut(key)?;
            known.used = now;
            (known.plan.clone(), known.findings.clone(), known.blanks.clone())
        };
        Some((Plan::clone(&plan).bind(&blanks, given), findings))
    }
    /// Plans that were remembered so far.
    pub(super) fn made(&self) -> u64 {
        self.lock().made
    }
    /// Remembers a plan, without the data that it reads. The one that was not used for the longest time makes room.
    pub(super) fn remember(&self, key: Key, plan: &Plan, findings: &Findings, given: &Given) {
        let Some(blanks) = plan.blanks(given) else { return };
        let plan = Arc::new(plan.clone().without_sources(&blanks));
        let mut state = self.lock();
        state.made += 1;
        if state.plans.len() >= PLANS {
            let oldest = state.plans.values().map(|known| known.used).min().unwrap_or(0);
            state.plans.retain(|_, known| known.used > oldest);
        }
        let used = state.uses;
        state.plans.insert(key, Remembered { plan, findings: findings.clone(), blanks: Arc::new(blanks), used });
    }
}
