//! Matrix products: the domain is `(..., m, n, k)`, and a task makes all of its chunk of `(..., m, n)`: a product for each place along the
//! axes before.

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
    let chunks = lowering.grid(node);
    let Some(batch) = chunks.ndim().checked_sub(2) else {
        return Err(Error::bug("dot of arrays that are no matrices"));
    };
    let inner_len = node.inputs[0].chunks.axes()[batch + 1].len().unwrap_or(0);
    // k is one chunk: a task makes all of its output chunk.
    let inner = AxisChunks::regular(inner_len, inner_len);
    let domain = Chunks::new(chunks.axes().iter().cloned().chain([inner]).collect());
    let seen = |rows: usize, columns: usize| {
        View((0..batch).chain([batch + rows, batch + columns]).map(AxisMap::whole).collect())
    };
    let (a_domain, b_domain) = (seen(0, 2), seen(2, 1));
    let (a, b) = (&lowering.of[&a.key], &lowering.of[&b.key]);
    let mut inputs = vec![a.stage];
    if !inputs.contains(&b.stage) {
        inputs.push(b.stage);
    }
    let loads = vec![
        LoadRef { slot: 0, input: 0, view: a_view.through(&a_domain), chunks: a.chunks.clone(), within: None },
        LoadRef {
            slot: 1,
            input: inputs.len() - 1,
            view: b_view.through(&b_domain),
            chunks: b.chunks.clone(),
            within: None,
        },
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
        at.place_of(&coord(at, chunk), unknown, &[at.this.chunks.ndim()])
    }

    fn work(&self, _: &StageAt<'_>, pieces: Vec<Piece>, _: &[u64]) -> Result<Work> {
        let products = pieces.iter().map(dot_pieces).collect::<Result<Vec<_>>>()?;
        Ok(Work::Dot(products.into_iter().flatten().collect()))
    }

    fn task_box(&self, _: &StageAt<'_>, within: Option<&Grid>) -> Option<Option<Grid>> {
        Some(within.map(|within| within.iter().copied().chain([(0, 1)]).collect()))
    }

    fn in_turn(&self) -> bool {
        false
    }

    /// A vector that does not lie as it is multiplied is copied by each thread; and what is noted of each product of many.
    fn scratch(&self, at: &StageAt<'_>, _: u64) -> u64 {
        let [batch @ .., rows, columns, inner] = at.domain.axes() else { return 0 };
        let products: u64 = batch.iter().map(AxisChunks::max_size).fold(1, u64::saturating_mul);
        let notes = if products > 1 { bytes(products, BYTES_A_PRODUCT) } else { 0 };
        let vector = rows.max_size() == 1 || columns.max_size() == 1;
        let copies =
            if vector { bytes(inner.max_size(), at.this.dtype.size()).saturating_mul(at.plan.running) } else { 0 };
        notes.saturating_add(copies)
    }
}

/// Where a product's operands and result lie, and its place among the dispatches of a device.
const BYTES_A_PRODUCT: usize = 512;

/// The `(..., m, n, k)` piece as products: one for each place along the axes before.
fn dot_pieces(piece: &Piece) -> Result<Vec<DotPiece>> {
    let ([batch @ .., m, n, k], [a, b]) = (piece.dims.as_slice(), piece.loads.as_slice()) else {
        return Err(Error::bug("a dot piece with other than two operands"));
    };
    let at = batch.len();
    let pick = |access: &Access, place: &[u64], row: usize, column: usize| {
        let along = |(stride, &at): (&i64, &u64)| stride.wrapping_mul(at.cast_signed());
        Access {
            base: access.base + access.strides.iter().zip(place).map(along).sum::<i64>(),
            strides: vec![access.strides[at + row], access.strides[at + column]],
        }
    };
    let numbers = Chunks::new(batch.iter().map(|&len| AxisChunks::regular(len, 1)).collect());
    let product = |number: u64| {
        let place = numbers.coord(number);
        DotPiece {
            size: [*m, *n, *k],
            a: (a.0, pick(&a.1, &place, 0, 2)),
            b: (b.0, pick(&b.1, &place, 2, 1)),
            c: pick(&piece.out, &place, 0, 1),
        }
    };
    Ok((0..batch.iter().product()).map(product).collect())
}
