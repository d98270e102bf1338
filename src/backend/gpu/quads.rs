//! Quads: four points that follow each other along the last axis, made by one thread. Their loads go together, as vectors.

use std::fmt::Write as _;

use super::code::Code;
use super::draws::Draw;
use super::reading::{LoadStep, Reading};
use super::sources::is_apart;
use super::wgsl::{arguments, held, parameters};
use crate::plan::kernel::Piece;

/// Points of a piece below which each is read alone: of fewer quads than a workgroup has threads. They fill no device either way, and
/// each way of reading is a pipeline to compile.
const LEAST: u64 = 4 * 256;

/// The points of a quad.
pub(super) const PARTS: [&str; 4] = ["x", "y", "z", "w"];

impl Code {
    /// Quads, if a piece falls into them: see [`Reading::quads`].
    pub(super) fn quads(&self, piece: &Piece, stored: bool, most: usize) -> Option<Reading> {
        // A user's loop may take any time, of what lies in the padding too.
        let drawn = |slot: usize| self.draws().any(|draw| draw.slot == slot);
        if self.may_loop() || piece.points() < LEAST {
            return None;
        }
        Reading::quads(piece, stored, is_apart(piece, most), drawn)
    }

    fn steps(&self) -> &[LoadStep] {
        match &self.reading {
            Reading::Quads { loads, .. } => loads,
            Reading::Points | Reading::Tiles { .. } => &[],
        }
    }

    /// Whether what is drawn at an index is drawn for whole quads.
    pub(super) fn draws_blocks(&self, slot: usize) -> bool {
        match &self.reading {
            Reading::Quads { blocks, .. } => blocks.get(slot) == Some(&true),
            Reading::Points | Reading::Tiles { .. } => false,
        }
    }

    /// The draws that are made for whole quads.
    pub(super) fn block_draws(&self) -> impl Iterator<Item = Draw> + '_ {
        self.draws().filter(|draw| self.draws_blocks(draw.slot))
    }

    /// The draws of a quad, and the lines that go before them.
    fn draw_quad(&self) -> (String, Vec<String>) {
        let slots = (0..self.layout().indices).filter(|&slot| self.draws_blocks(slot));
        let mut lines: String = slots.map(|slot| self.wide_index(slot)).collect();
        let mut values = Vec::new();
        for draw in self.block_draws() {
            let Draw { at, slot, dtype, .. } = draw;
            if draw.lanes() == 4 {
                values.push(draw.call(&format!("block_of_4(index{slot})")));
                continue;
            }
            // An even block and the next one: by a loop, for what draws may be long.
            let call = draw.call(&format!("block{at} + vec2(half, 0u)"));
            let _ = writeln!(
                lines,
                "    let block{at} = block_of_2(index{slot});\n    var r{at}: vec4<{dtype}>;\n    \
                 for (var half = 0u; half < 2u; half++) {{ r{at} = vec4(r{at}.zw, {call}); }}"
            );
            values.push(format!("r{at}"));
        }
        (lines, values)
    }

    /// `Quad`, and the function that fills it.
    pub(super) fn load_quad(&self) -> String {
        let last = self.axes().end - 1;
        let (mut members, mut values, mut body) = (Vec::new(), Vec::new(), String::new());
        let (lines, draws) = self.draw_quad();
        for (slot, step) in self.steps().iter().enumerate() {
            let (ty, place) = (held(self.loads[slot]), self.place(slot));
            members.push(match step {
                LoadStep::Stays => format!("l{slot}: {ty}"),
                LoadStep::Next | LoadStep::Any => format!("l{slot}: vec4<{ty}>"),
            });
            values.push(match step {
                LoadStep::Next => self.read(slot, &format!("({place}) / 4u")),
                LoadStep::Stays => self.read(slot, &place),
                LoadStep::Any => {
                    let _ = writeln!(body, "    let place{slot} = {place};");
                    let part = |i: usize| self.read(slot, &format!("place{slot} + {i}u * q.at{slot}_{last}"));
                    let parts: Vec<String> = (0..4).map(part).collect();
                    format!("vec4({})", parts.join(", "))
                }
            });
        }
        body.push_str(&lines);
        members.extend(self.block_draws().map(|draw| format!("r{}: vec4<{}>", draw.at, draw.dtype)));
        values.extend(draws);
        format!(
            "// What four points that follow each other load.\nstruct Quad {{ {} }}\n\
             fn load_quad({}) -> Quad {{\n{body}    return Quad({});\n}}\n\n",
            members.join(", "),
            parameters(self.axes()),
            values.join(", ")
        )
    }

    /// What one of `quad`'s points loads.
    pub(super) fn quad_part(&self, part: &str) -> String {
        let value = |(slot, step): (usize, &LoadStep)| match step {
            LoadStep::Stays => self.held_as(slot, &format!("quad.l{slot}")),
            LoadStep::Next | LoadStep::Any => self.held_as(slot, &format!("quad.l{slot}.{part}")),
        };
        let draws = self.block_draws().map(|draw| format!("quad.r{}.{part}", draw.at));
        let values: Vec<String> = self.steps().iter().enumerate().map(value).chain(draws).collect();
        format!("Loads({})", values.join(", "))
    }

    /// What a loop over a quad consists of: the `quad` whose first point has the coordinates `c0`, ...; the element of the point
    /// that is `i` further; and what brings the next one's loads to the front, for which part of a vector that is must be known
    /// when the loop is compiled: registers have no index.
    pub(super) fn quad_slots(&self) -> [(&'static str, String); 3] {
        let at = arguments(self.axes());
        if !self.is_given() {
            return [
                ("quad", String::new()),
                ("quad element", format!("element({at} + i)")),
                ("quad next", String::new()),
            ];
        }
        let loads = self.steps().iter().enumerate().filter(|(_, step)| **step != LoadStep::Stays);
        let moves =
            loads.map(|(slot, _)| format!("l{slot}")).chain(self.block_draws().map(|draw| format!("r{}", draw.at)));
        [
            ("quad", format!("var quad = load_quad({at});\n")),
            ("quad element", format!("element({at} + i, {})", self.quad_part(PARTS[0]))),
            ("quad next", moves.map(|name| format!("quad.{name} = quad.{name}.yzwx;\n")).collect()),
        ]
    }
}
