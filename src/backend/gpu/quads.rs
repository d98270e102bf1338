//! Quads: four points that follow each other along the last axis, made by one thread. Their loads go together, as vectors.

use std::fmt::Write as _;

use super::code::Code;
use super::reading::{LoadStep, Reading};
use super::sources::is_apart;
use super::wgsl::{arguments, held, parameters};
use crate::plan::kernel::Piece;

/// The points of a quad.
pub(super) const PARTS: [&str; 4] = ["x", "y", "z", "w"];

impl Code {
    /// Quads, if a piece falls into them: see [`Reading::quads`].
    pub(super) fn quads(&self, piece: &Piece, stored: bool, most: usize) -> Option<Reading> {
        // A user's loop may take any time, of what lies in the padding too.
        if self.may_loop() { None } else { Reading::quads(piece, stored, is_apart(piece, most)) }
    }

    fn steps(&self) -> &[LoadStep] {
        match &self.reading {
            Reading::Quads(steps) => steps,
            Reading::Points | Reading::Tiles { .. } => &[],
        }
    }

    /// `Quad`, and the function that fills it.
    pub(super) fn load_quad(&self) -> String {
        let last = self.axes().end - 1;
        let (mut members, mut values, mut body) = (Vec::new(), Vec::new(), String::new());
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
        let values: Vec<String> = self.steps().iter().enumerate().map(value).collect();
        format!("Loads({})", values.join(", "))
    }

    /// What a loop over a quad consists of: the `quad` whose first point has the coordinates `c0`, ...; the element of the point
    /// that is `i` further; and what brings the next one's loads to the front, for which part of a vector that is must be known
    /// when the loop is compiled: registers have no index.
    pub(super) fn quad_slots(&self) -> [(&'static str, String); 3] {
        let at = arguments(self.axes());
        if self.steps().is_empty() {
            return [
                ("quad", String::new()),
                ("quad element", format!("element({at} + i)")),
                ("quad next", String::new()),
            ];
        }
        let moves = self.steps().iter().enumerate().filter(|(_, step)| **step != LoadStep::Stays);
        [
            ("quad", format!("var quad = load_quad({at});\n")),
            ("quad element", format!("element({at} + i, {})", self.quad_part(PARTS[0]))),
            ("quad next", moves.map(|(slot, _)| format!("quad.l{slot} = quad.l{slot}.yzwx;\n")).collect()),
        ]
    }
}
