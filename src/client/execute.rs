//! Running nodes: the seam between graph, plan and schedule.

use std::sync::Arc;

use super::handle::Client;
use super::plans::Key;
use crate::error::{Error, Result};
use crate::graph::Node;
use crate::optimize;
use crate::plan::findings::Findings;
use crate::plan::form::Form;
use crate::plan::grid::Sizes;
use crate::plan::watch::Watch;
use crate::plan::{Output, Plan, StageKind, lower};
use crate::schedule::{Control, Device, Sink};

/// What a core's own cache holds, with room for more, on most processors.
const HANDED_BYTES: u64 = 1 << 20;

/// The optimised plan of several nodes on a client.
pub(crate) fn plan(client: &Client, nodes: &[Arc<Node>]) -> Result<Plan> {
    let device = client.device_for(nodes);
    plan_for(client, nodes, &device, client.sizes(&device), 0, &client.control())
}

fn plan_for(
    client: &Client,
    nodes: &[Arc<Node>],
    device: &Device,
    mut sizes: Sizes,
    results: u64,
    control: &Control,
) -> Result<Plan> {
    let go_on = || control.check(0, 0);
    let mut watch = Watch::new(&go_on, &|_| Ok(()));
    let nodes = optimize::optimize_while(nodes, &mut || watch.step())?;
    loop {
        let plan = lower::lower_watched(&nodes, device.capabilities(), sizes, &mut watch)?;
        let plan = Plan { running: client.workers() as u64, limit: client.memory_limit(), ..plan };
        // Smaller tasks may fit where these do not: those that make less, and those that are not batched, for they read less.
        let limit = client.memory_limit();
        let fits = plan.largest_task.1 <= limit.saturating_sub(results) && widest_task(&plan).1 <= limit;
        let merges =
            matches!(plan.stages.get(plan.largest_task.0).map(|stage| &stage.kind), Some(StageKind::Combine { .. }));
        match smaller(sizes, limit, merges).filter(|_| !fits) {
            Some(next) => sizes = next,
            None => return Ok(plan),
        }
    }
}

/// The next smaller tasks, if there are some; of those that merge alone, where these are the largest: tasks that fill tables of
/// many bins are better few.
fn smaller(sizes: Sizes, limit: u64, merges: bool) -> Option<Sizes> {
    if merges && sizes.merge_bytes > LEAST_BYTES {
        return Some(Sizes { merge_bytes: sizes.merge_bytes / 4, ..sizes });
    }
    let least = sizes.max_bytes < 4 * LEAST_BYTES && sizes.min_elements <= 1;
    (!least).then(|| Sizes {
        max_bytes: (sizes.max_bytes.min(limit) / 4).max(LEAST_BYTES),
        min_elements: sizes.min_elements / 16,
        merge_bytes: sizes.merge_bytes / 4,
        ..sizes
    })
}

/// Tasks of fewer bytes are not tried: a budget that needs them is too small.
const LEAST_BYTES: u64 = 16 << 10;

/// Bytes that a task takes for each chunk it reads, beside the elements: which chunk it is, where in it each piece lies.
const BYTES_A_READ: u64 = 512;

/// The stage whose tasks read most chunks, and the bytes that the lists of these take.
fn widest_task(plan: &Plan) -> (usize, u64) {
    let reads = (0..plan.stages.len()).map(|stage| (stage, plan.reads_at_most(stage).saturating_mul(BYTES_A_READ)));
    reads.max_by_key(|(_, bytes)| *bytes).unwrap_or((0, 0))
}

/// Refuses what cannot run within the client's memory, before anything runs.
fn check_budget(client: &Client, plan: &Plan, results: u64) -> Result<()> {
    let limit = client.memory_limit();
    let (stage, lists) = widest_task(plan);
    if lists > limit {
        let doing = format!(
            "the list of the {} chunks that one task of {} reads",
            lists / BYTES_A_READ,
            plan.stages[stage].title()
        );
        let hint = "choose larger chunks for what it reads";
        return Err(Error::Memory { pool: "host", doing, needed: lists, limit, hint });
    }
    let (stage, bytes) = plan.largest_task;
    if bytes > limit {
        let doing = format!("{} (one task)", plan.stages[stage].title());
        let hint = match &plan.stages[stage].kind {
            StageKind::Kernel { output: Output::Dot, .. } => {
                "each task of a product reads the summed axis whole: add the products of parts along it, or raise \
                 Client::builder().memory_limit()"
            }
            StageKind::Source(_)
            | StageKind::Kernel { .. }
            | StageKind::Combine { .. }
            | StageKind::Host(_)
            | StageKind::Concatenate(_) => "choose smaller chunks, or raise Client::builder().memory_limit()",
        };
        return Err(Error::Memory { pool: "host", doing, needed: bytes, limit, hint });
    }
    if results <= limit && results.saturating_add(bytes) > limit {
        let doing = format!("the result, and beside it {} (one task)", plan.stages[stage].title());
        let hint = "choose smaller chunks, reduce the result, or raise Client::builder().memory_limit()";
        return Err(Error::Memory { pool: "host", doing, needed: results.saturating_add(bytes), limit, hint });
    }
    check_results(results, limit)
}

/// Refuses results that a limit has no room for.
pub(super) fn check_results(needed: u64, limit: u64) -> Result<()> {
    let hint =
        "persist() it (chunks that do not fit are spilled), write it to a file, reduce it, or raise the memory limit";
    match needed > limit {
        true => Err(Error::Memory { pool: "host", doing: "the result".into(), needed, limit, hint }),
        false => Ok(()),
    }
}

/// What takes a run's chunks, for whatever plan they are made by.
pub(crate) trait Target: Sink + Sized + 'static {
    /// A run by this plan is about to begin.
    fn begin(&self, plan: &Plan) -> Result<()>;
    /// Bytes that its results take on the host.
    fn bytes(&self) -> u64;
}

/// A plan that fits the client's memory: one that it remembers of a graph of the same form, or a new one.
fn checked_plan(
    client: &Client,
    nodes: &[Arc<Node>],
    device: &Device,
    sizes: Sizes,
    results: u64,
    control: &Control,
) -> Result<(Plan, Findings)> {
    let planned = || {
        let plan = plan_for(client, nodes, device, sizes, results, control)?;
        check_budget(client, &plan, results)?;
        Ok(plan)
    };
    let Some(Form { key: form, given }) = Form::of(nodes) else { return Ok((planned()?, Findings::default())) };
    let plans = &client.inner.plans;
    let key = Key { form, sizes, capabilities: device.capabilities().copied(), results };
    if let Some((plan, findings)) = plans.find(&key, &given) {
        debug_assert_eq!(plan.written(), planned()?.written(), "plans of one form differ");
        return Ok((plan, findings));
    }
    let (plan, findings) = (planned()?, Findings::default());
    plans.remember(key, &plan, &findings, &given);
    Ok((plan, findings))
}

/// How often a run is begun again in smaller tasks because one that was not foreseen did not fit.
const HOST_TRIES: usize = 2;

/// Plans and runs nodes on a client. What fails on a device runs again: on the device opened anew if it was lost, in smaller tasks if
/// its memory was short, and at last on the CPU. So does what found one task too large for the host's budget, in smaller ones.
pub(crate) fn execute<S: Target>(client: &Client, nodes: &[Arc<Node>], target: Arc<S>) -> Result<()> {
    debug_assert!(!nodes.iter().any(|node| node.waits), "what data decides is not known");
    let _outer = client.store().enter();
    // One deadline for all attempts.
    let control = client.control();
    let mut device = client.device_for(nodes);
    let mut sizes = client.sizes(&device);
    if device.capabilities().is_none() && target.reads() {
        sizes.handed_bytes = HANDED_BYTES;
    }
    sizes.gather_results = !target.reads();
    let mut retries: Vec<(String, String)> = Vec::new();
    let mut host_tries = 0;
    loop {
        let (plan, findings) = checked_plan(client, nodes, &device, sizes, target.bytes(), &control)?;
        target.begin(&plan)?;
        let error = match client.run(plan, findings, &device, control.clone(), target.clone()) {
            Ok(mut report) => {
                report.fallbacks.splice(0..0, retries);
                client.keep_report(report);
                return Ok(());
            }
            Err(error) => error,
        };
        let crowded = matches!(&error, Error::Memory { pool: "host", doing, .. } if doing.ends_with("(one task)"));
        if let Some(next) = smaller(sizes, client.memory_limit(), false).filter(|_| crowded && host_tries < HOST_TRIES)
        {
            let what = "in smaller tasks";
            client.tell_fallback(what, &error);
            retries.push((format!("the run again, {what}"), error.to_string()));
            (sizes, host_tries) = (next, host_tries + 1);
            continue;
        }
        let lost = matches!(error, Error::DeviceLost { .. });
        let short = matches!(error, Error::Memory { pool: "device", .. });
        let failed = matches!(error, Error::Device { .. });
        // A device that is there misses what an earlier one had: no device can help, and to open this one again would lose more.
        let missing = lost && !device.is_lost();
        if !(lost || short || failed) || missing || matches!(device, Device::Cpu) {
            return Err(error);
        }
        let tried = retries.len() - host_tries;
        let next = if lost && tried < 2 {
            client.reopen(&device).map(|again| ("on the device, opened again", again, sizes))
        } else if short && tried < 2 {
            Ok((
                "in smaller tasks",
                device.clone(),
                Sizes { max_bytes: (sizes.max_bytes / 8).max(LEAST_BYTES), ..sizes },
            ))
        } else if failed && tried < 1 {
            Ok(("once more", device.clone(), sizes))
        } else {
            Err(Error::bug("nothing left to try on the device"))
        };
        let (what, again, smaller) = next.unwrap_or_else(|_| ("on the CPU", Device::Cpu, client.sizes(&Device::Cpu)));
        client.tell_fallback(what, &error);
        retries.push((format!("the run again, {what}"), error.to_string()));
        (device, sizes) = (again, smaller);
    }
}
