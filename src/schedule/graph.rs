//! The tasks of one run and what waits for what, in depth-first order.

use std::collections::HashMap;

use crate::plan::task::ChunkId;
use crate::plan::{Plan, StageKind};

/// One chunk to be made.
#[derive(Debug)]
pub(super) struct Task {
    /// Which.
    pub(super) id: ChunkId,
    /// Numbers of the tasks whose chunks it reads, in the order of the plan.
    pub(super) deps: Vec<usize>,
    /// Numbers of the tasks that read its chunk (each once).
    pub(super) readers: Vec<usize>,
    /// The outputs that its chunk belongs to: (output, chunk of it).
    pub(super) outputs: Vec<(usize, u64)>,
}

/// All tasks the outputs need, each after those it reads.
pub(super) fn tasks(plan: &Plan) -> Vec<Task> {
    let mut numbers: HashMap<ChunkId, usize> = HashMap::new();
    let mut tasks: Vec<Task> = Vec::new();
    for (output, &stage) in plan.outputs.iter().enumerate() {
        for chunk in 0..plan.stages[stage].chunks.count() {
            let real = match plan.stages[stage].kind {
                StageKind::Concatenate(_) => plan.resolve(stage, plan.stages[stage].chunks.coord(chunk)),
                _ => (stage, chunk),
            };
            let number = demand(plan, real, &mut numbers, &mut tasks);
            tasks[number].outputs.push((output, chunk));
        }
    }
    for number in 0..tasks.len() {
        let mut deps = tasks[number].deps.clone();
        deps.sort_unstable();
        deps.dedup();
        for dep in deps {
            tasks[dep].readers.push(number);
        }
    }
    tasks
}

/// The number of the task that makes `id`, added with all it needs.
fn demand(plan: &Plan, id: ChunkId, numbers: &mut HashMap<ChunkId, usize>, tasks: &mut Vec<Task>) -> usize {
    // A stack of our own: chains of stages can be long.
    let mut stack = vec![(id, plan.dependencies(id), 0)];
    if let Some(&number) = numbers.get(&id) {
        return number;
    }
    while let Some((id, deps, next)) = stack.pop() {
        if let Some(&dep) = deps.get(next) {
            stack.push((id, deps, next + 1));
            if !numbers.contains_key(&dep) {
                stack.push((dep, plan.dependencies(dep), 0));
            }
            continue;
        }
        let deps = deps.iter().map(|dep| numbers[dep]).collect();
        numbers.insert(id, tasks.len());
        tasks.push(Task { id, deps, readers: Vec::new(), outputs: Vec::new() });
    }
    numbers[&id]
}
