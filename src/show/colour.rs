//! [`ColourBy`]: what the colours of a drawn plan say.

use crate::diagnostics::plot::ColourMap;
use crate::diagnostics::{Colouring, DrawGraph};
use crate::plan::{Plan, StageId};
use crate::text::format_bytes;

/// What the colours of a drawn plan say. The same is written in each box.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ColourBy {
    /// Which stage begins when: from the first (dark) to the last (light). Data that is only read is grey.
    Order,
    /// Bytes of the stage's chunks that may wait for their readers at a time, as predicted: the most are light.
    Memory,
    /// Where the stage runs: the user's memory, the CPU, the CPU because the adapter cannot (the tooltip says why), the adapter.
    Device,
}

/// Okabe and Ito's blue, orange, vermilion and green, lightened.
const PLACES: [(&str, [u8; 3]); 4] =
    [("memory", [166, 212, 240]), ("cpu", [247, 210, 138]), ("cpu instead", [240, 168, 128]), ("gpu", [127, 214, 186])];

impl ColourBy {
    /// The plan as a graph to draw, with these colours.
    #[must_use]
    pub fn drawing(self, plan: &Plan, title: &str) -> DrawGraph {
        let mut graph = plan.drawing(title);
        let colouring = match self {
            Self::Order => order(plan, &mut graph),
            Self::Memory => memory(plan, &mut graph),
            Self::Device => device(plan, &mut graph),
        };
        graph.colouring = Some(colouring);
        graph
    }
}

fn write(graph: &mut DrawGraph, stage: StageId, text: &str) {
    if let Some(device) = &mut graph.nodes[stage].device {
        device.push_str(text);
    }
}

/// The part of the colour map that a share of something has.
fn shade(part: f64) -> [u8; 3] {
    ColourMap::Cividis.at(part)
}

fn part(at: usize, of: usize) -> f64 {
    at as f64 / of.saturating_sub(1).max(1) as f64
}

/// Stages in the order in which their first tasks run: depth first, inputs before those that read them.
pub(super) fn first_tasks(plan: &Plan) -> Vec<StageId> {
    let (mut seen, mut order) = (vec![false; plan.stages.len()], Vec::new());
    // (stage, whether its inputs are done)
    let mut stack: Vec<(StageId, bool)> = plan.outputs.iter().rev().map(|&output| (output, false)).collect();
    while let Some((stage, ready)) = stack.pop() {
        if ready {
            if plan.stages[stage].tasks() > 0 {
                order.push(stage);
            }
        } else if !std::mem::replace(&mut seen[stage], true) {
            stack.push((stage, true));
            stack.extend(plan.stages[stage].inputs.iter().rev().map(|&input| (input, false)));
        }
    }
    order
}

fn order(plan: &Plan, graph: &mut DrawGraph) -> Colouring {
    let order = first_tasks(plan);
    let mut fills = vec![None; plan.stages.len()];
    for (at, &stage) in order.iter().enumerate() {
        fills[stage] = Some(shade(part(at, order.len())));
        write(graph, stage, &format!(", {} of {}", at + 1, order.len()));
    }
    let legend = [(0.0, "begins first"), (0.5, "…"), (1.0, "begins last")];
    let legend = legend.map(|(part, word)| (shade(part), word.to_owned())).to_vec();
    Colouring { title: "order".to_owned(), fills, legend }
}

fn memory(plan: &Plan, graph: &mut DrawGraph) -> Colouring {
    let held: Vec<u64> = plan.held();
    let most = held.iter().copied().max().unwrap_or(0).max(1);
    for (stage, &bytes) in held.iter().enumerate() {
        write(graph, stage, &format!(", holds {}", format_bytes(bytes)));
    }
    // By the square root: a stage that holds a hundredth of the most is told from one that holds nothing.
    let at = |bytes: u64| shade((bytes as f64 / most as f64).sqrt());
    let fills = held.iter().map(|&bytes| Some(at(bytes))).collect();
    let legend = [0, most / 4, most].map(|bytes| (at(bytes), format_bytes(bytes))).to_vec();
    Colouring { title: "held at a time".to_owned(), fills, legend }
}

fn device(plan: &Plan, graph: &mut DrawGraph) -> Colouring {
    let mut fills = Vec::new();
    let mut found = [false; PLACES.len()];
    for (stage, node) in plan.stages.iter().zip(&mut graph.nodes) {
        let name = if stage.fallback.is_some() { "cpu instead" } else { stage.device() };
        let place = PLACES.iter().position(|(known, _)| *known == name).unwrap_or(0);
        found[place] = true;
        fills.push(Some(PLACES[place].1));
        if let Some(reason) = &stage.fallback {
            node.detail.push_str(&format!("\non cpu: {reason}"));
        }
    }
    let legend = PLACES.iter().zip(found).filter(|(_, found)| *found);
    Colouring {
        title: "runs on".to_owned(),
        fills,
        legend: legend.map(|((name, colour), _)| (*colour, (*name).to_owned())).collect(),
    }
}
