//! Matrix products: the domain is `(m, n, k)`, and a task makes all of its chunk of `(m, n)`.

use std::sync::Arc;

use super::stage::{Family, StageAt};
use crate::chunks::{AxisChunks, Chunks};
use crate::error::{Error, Result};
use crate::graph::{AxisMap, Node, View};
use crate::plan::bytes::bytes;
use crate::plan::kernel::{Access, DotPiece, Kernel, Piece, Work};
use crate::plan::links::Grid;
use crate::plan::lowering::Lowering;
use crate::plan::pieces::{Affine, LoadRef, Region};
use crate::plan::task::{Geometry, region_of};
use crate::plan::{Output, StageId, StageKind};

/// A chunk of a product.
pub(super) struct Dot;

/// The stage of a product. Operands are materialised, what are views of them is read in place.
///
/// # Errors
/// A bug in what was built.
pub(super) fn lower(lowering: &mut Lowering<'_>, node: &Arc<Node>) -> Result<StageId> {
    let (a, a_view) = node.inputs[0].behind_views();
    let (b, b_view) = node.inputs[1].behind_views();
    let inner = node.inputs[0].chunks.axes()[1].clone();
    let inner_len = inner.len().unwrap_or(0);
    // k is one chunk: a task makes all of its output chunk.
    let chunks = lowering.grid(node);
    let [rows, columns] = chunks.axes() else {
        return Err(Error::bug("dot of other than 2-d arrays"));
    };
    let domain = Chunks::new(vec![rows.clone(), columns.clone(), AxisChunks::regular(inner_len, inner_len)]);
    let a_domain = View(vec![AxisMap::whole(0), AxisMap::whole(2)]);
    let b_domain = View(vec![AxisMap::whole(2), AxisMap::whole(1)]);
    let (a, b) = (&lowering.of[&a.key], &lowering.of[&b.key]);
    let mut inputs = vec![a.stage];
    if !inputs.contains(&b.stage) {
        inputs.push(b.stage);
    }
    let loads = vec![
        LoadRef { input: 0, view: a_view.through(&a_domain), chunks: a.chunks.clone() },
        LoadRef { input: inputs.len() - 1, view: b_view.through(&b_domain), chunks: b.chunks.clone() },
    ];
    let kind =
        StageKind::Kernel { kernel: Kernel::Dot(node.dtype), domain, loads, indices: vec![], output: Output::Dot };
    Ok(lowering.push(kind, inputs, node.dtype, chunks))
}

/// The domain's chunk for an output chunk.
fn coord(at: &StageAt<'_>, chunk: u64) -> Vec<u64> {
    at.this.chunks.coord(chunk).into_iter().chain([0]).collect()
}

impl Family for Dot {
    fn regions(&self, at: &StageAt<'_>, chunk: u64, unknown: u64) -> Vec<Region> {
        vec![region_of(at.domain, &coord(at, chunk), unknown)]
    }

    /// Products have no unknown lengths.
    fn unknown_chunk(&self, _: &StageAt<'_>, _: u64) -> u64 {
        0
    }

    fn place(&self, at: &StageAt<'_>, chunk: u64, unknown: u64, _: &[Geometry]) -> (Affine, Vec<u64>) {
        at.place_of(&coord(at, chunk), unknown, &[2])
    }

    fn work(&self, _: &StageAt<'_>, pieces: Vec<Piece>, _: &[u64]) -> Result<Work> {
        Ok(Work::Dot(pieces.into_iter().map(dot_piece).collect::<Result<_>>()?))
    }

    fn task_box(&self, _: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        Some(within.map(|within| within.iter().copied().chain([(0, 1)]).collect()))
    }

    fn in_turn(&self) -> bool {
        false
    }

    /// A vector that does not lie as it is multiplied is copied by each thread.
    fn scratch(&self, at: &StageAt<'_>, _: u64) -> u64 {
        match at.domain.axes() {
            [rows, columns, inner] if rows.max_size() == 1 || columns.max_size() == 1 => {
                bytes(inner.max_size(), at.this.dtype.size()).saturating_mul(at.plan.running)
            }
            _ => 0,
        }
    }
}

/// The `(m, n, k)` piece as a product.
fn dot_piece(piece: Piece) -> Result<DotPiece> {
    let pick = |access: &Access, row: usize, column: usize| Access {
        base: access.base,
        strides: vec![access.strides[row], access.strides[column]],
    };
    let ([m, n, k], [a, b]) = (piece.dims.as_slice(), piece.loads.as_slice()) else {
        return Err(Error::bug("a dot piece with other than two operands"));
    };
    Ok(DotPiece {
        size: [*m, *n, *k],
        a: (a.0, pick(&a.1, 0, 2)),
        b: (b.0, pick(&b.1, 2, 1)),
        c: pick(&piece.out, 0, 1),
    })
}
