//! A kernel's shaders as text, without a device: for reading, snapshots and validation.

use super::code::Code;
use super::dot::Dot;
use super::dot_loads::Way;
use super::histogram::Histogram;
use super::map::Map;
use super::reading::{LoadStep, Reading};
use super::reduce::{Reduce, Team};
use super::scan::{self, Scan};
use super::select::Select;
use super::shader::{self, Shader};
use super::sort;
use super::take::Take;
use super::tile::Tile;
use crate::dtype::DType;
use crate::error::Result;
use crate::plan::capability::Capabilities;
use crate::plan::expr::Program;
use crate::plan::kernel::{Folding, Kernel};

/// The shaders that run `kernel` on pieces of `rank` axes, with their names. Maps, reductions and histograms come once for each way of
/// reading that there can be; reductions keep all axes but the last (by tiles: none), and come without and with a tree; products
/// come as a small tile, the same with `a` in two chunks, as matrix · vector, also by four steps at a time, and as the sum of parts; takes by elements and by fours.
///
/// # Errors
/// [`crate::error::Error::Bug`] for an expression that the tables do not allow.
pub fn source(kernel: &Kernel, rank: usize, caps: &Capabilities) -> Result<Vec<(&'static str, String)>> {
    let shaders: Vec<Box<dyn Shader>> = match kernel {
        Kernel::Map(program) => {
            let map = |reading| boxed(Map::new(program, rank).reading(reading));
            readings(program, rank, true).into_iter().map(map).collect()
        }
        Kernel::Reduce { program, fold, masked } => reductions(program, &[Folding::only(*fold, *masked)], rank),
        Kernel::Folds { program, folds } => reductions(program, folds, rank),
        Kernel::Histogram { program, masked, uniform, weighted: _ } => {
            let value = program.output_dtype(0);
            let edges = if value.is_float() { value } else { DType::I64 };
            let histogram = Histogram::new(program, (*masked, *uniform), edges, rank, 100)?;
            let ways = readings(program, rank, false).into_iter().filter(|way| !matches!(way, Reading::Tiles { .. }));
            ways.map(|way| boxed(histogram.clone().reading(way))).collect()
        }
        Kernel::Select(program) => Select::all(program, rank).map(boxed).into(),
        Kernel::Scan { program, fold, .. } => [scan::Team::Thread, scan::Team::Group]
            .into_iter()
            .flat_map(|team| Scan::all(program, *fold, rank, team))
            .map(boxed)
            .collect(),
        Kernel::Sort { program, sorting, .. } => sort::Sort::all(program, *sorting, rank).map(boxed).into(),
        Kernel::Take(dtype) => [Take::new(*dtype), Take::fours()].map(boxed).into(),
        Kernel::Dot(dtype) => {
            let (small, rows) = (Dot::new(*dtype, Tile::SMALL), Dot::new(*dtype, Tile::rows(8)));
            [small, small.in_chunks([2, 1]), rows, rows.by([Way::Steps; 2]), Dot::join(*dtype)].map(boxed).into()
        }
    };
    shaders.iter().map(|shader| Ok((shader.name(), shader::source(&**shader, caps)?))).collect()
}

/// Those of reductions.
fn reductions(program: &Program, folds: &[Folding], rank: usize) -> Vec<Box<dyn Shader>> {
    let reduce = |kept, team| Reduce::new(program, folds, rank, kept, team);
    let kept = rank.saturating_sub(1);
    let read = readings(program, rank, false).into_iter().map(|reading| {
        let kept = if matches!(reading, Reading::Tiles { .. }) { 0 } else { kept };
        boxed(reduce(kept, Team::Row).reading(reading))
    });
    std::iter::once(boxed(reduce(kept, Team::One))).chain(read).collect()
}

fn boxed(shader: impl Shader + 'static) -> Box<dyn Shader> {
    Box::new(shader)
}

/// Point by point; by fours, where something is loaded or drawn or they are `stored`; through tiles of the first and the last axis,
/// where something is loaded.
fn readings(program: &Program, rank: usize, stored: bool) -> Vec<Reading> {
    let loads = program.loads.len();
    let code = Code::new(program, rank, 0);
    let blocks: Vec<bool> = (0..code.layout().indices).map(|slot| code.draws().any(|draw| draw.slot == slot)).collect();
    let fours = rank > 0 && (stored || loads > 0 || blocks.contains(&true)) && !code.may_loop();
    let quads = fours.then(|| Reading::Quads { loads: vec![LoadStep::Next; loads], blocks });
    let tiles = (loads > 0 && rank > 1).then(|| Reading::Tiles { axis: 0, turned: vec![true; loads] });
    [Reading::Points].into_iter().chain(quads).chain(tiles).collect()
}
