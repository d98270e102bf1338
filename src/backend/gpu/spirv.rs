//! WGSL as SPIR-V made here, which says what WGSL cannot: that a driver rounds after every operation, as the CPU does, and keeps
//! NaN, infinities and signs of zeros.
//!
//! A compiler that may take floats for real numbers makes one rounding of a product and a sum, `0` of `x - x`, or drops the NaN of a
//! comparison. SPIR-V forbids the first two by `NoContraction` on a result, the last by an execution mode. Sources: SPIR-V
//! specification 2.16.2, 3.2.6 and 3.2.20; Vulkan specification, *Precision and Operation of SPIR-V Instructions*.

use std::fmt::Display;

use naga::ShaderStage;
use naga::back::spv::{Options, PipelineOptions, WriterFlags, ZeroInitializeWorkgroupMemoryMode, write_vec};
use naga::front::wgsl;
use naga::proc::{BoundsCheckPolicies, BoundsCheckPolicy};
use naga::valid::{Capabilities, ValidationFlags, Validator};

use crate::plan::capability::Capabilities as Known;

/// What a device can be asked to keep in floats of 32 and 64 bits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct FloatModes {
    /// The newest SPIR-V that it takes.
    pub(crate) version: (u8, u8),
    /// Signs of zeros, infinities and NaN.
    pub(crate) special: [bool; 2],
    /// Subnormal numbers.
    pub(crate) subnormal: [bool; 2],
}

/// The modes are part of SPIR-V from this version on.
const WITH_MODES: (u8, u8) = (1, 4);

/// Compiles WGSL whose entry point is `main`, for a device that can so much. With `checks`, accesses stay within their buffers, loops
/// end, and integers may be divided by zero.
///
/// # Errors
/// What is wrong with the text.
pub(crate) fn compile(source: &str, checks: bool, modes: FloatModes, caps: &Known) -> Result<Vec<u32>, String> {
    let module = wgsl::parse_str(source).map_err(said)?;
    let mut capabilities = Capabilities::IMMEDIATES;
    capabilities.set(Capabilities::FLOAT64, caps.f64);
    capabilities.set(Capabilities::SHADER_INT64, caps.i64);
    let info = Validator::new(ValidationFlags::all(), capabilities).validate(&module).map_err(said)?;
    let policy = if checks { BoundsCheckPolicy::Restrict } else { BoundsCheckPolicy::Unchecked };
    let options = Options {
        lang_version: modes.version,
        flags: WriterFlags::empty(),
        // Groups and bindings keep their numbers.
        fake_missing_bindings: true,
        bounds_check_policies: BoundsCheckPolicies { index: policy, buffer: policy, ..Default::default() },
        // Every kernel writes what it reads of workgroup memory.
        zero_initialize_workgroup_memory: ZeroInitializeWorkgroupMemoryMode::None,
        force_loop_bounding: checks,
        emit_int_div_checks: checks,
        ..Options::default()
    };
    let entry = PipelineOptions { shader_stage: ShaderStage::Compute, entry_point: "main".to_owned() };
    let words = write_vec(&module, &info, &options, Some(&entry)).map_err(said)?;
    precise(&words, modes).ok_or_else(|| "the compiler made no SPIR-V".to_owned())
}

fn said(error: impl Display) -> String {
    error.to_string()
}

/// The numbers of instructions and what belongs to them (SPIR-V specification, 3.3).
mod op {
    pub(super) const EXTENSION: u16 = 10;
    pub(super) const EXTENDED_IMPORT: u16 = 11;
    pub(super) const MEMORY_MODEL: u16 = 14;
    pub(super) const ENTRY_POINT: u16 = 15;
    pub(super) const EXECUTION_MODE: u16 = 16;
    pub(super) const CAPABILITY: u16 = 17;
    pub(super) const DECORATE: u16 = 71;
    /// Negation, sums, differences, products, quotients and remainders of floats, and products of vectors and matrices.
    pub(super) const ARITHMETIC: [u16; 14] = [127, 129, 131, 133, 136, 140, 141, 142, 143, 144, 145, 146, 147, 148];
    /// `a < b || a > b`, which the compiler writes for `a != b`, and `!(a == b)`, which it means: the second is true for NaN.
    pub(super) const ORDERED_NOT_EQUAL: u16 = 182;
    pub(super) const UNORDERED_NOT_EQUAL: u16 = 183;
    /// The decoration.
    pub(super) const NO_CONTRACTION: u32 = 42;
    pub(super) const FLOAT_64: u32 = 10;
    /// These two are a capability and, in an execution mode, a number 5 less.
    pub(super) const DENORM_PRESERVE: u32 = 4464;
    pub(super) const SIGNED_ZERO_INF_NAN_PRESERVE: u32 = 4466;
    pub(super) const CAPABILITY_TO_MODE: u32 = 5;
}

/// The words of the instructions after the header of five, each with its number.
fn instructions(words: &[u32]) -> impl Iterator<Item = (u16, &[u32])> {
    let mut rest = words.get(5..).unwrap_or_default();
    std::iter::from_fn(move || {
        let first = *rest.first()?;
        let (instruction, after) = rest.split_at_checked((first >> 16).max(1) as usize)?;
        rest = after;
        Some(((first & 0xffff) as u16, instruction))
    })
}

fn write(to: &mut Vec<u32>, number: u16, operands: &[u32]) {
    to.push((operands.len() as u32 + 1) << 16 | u32::from(number));
    to.extend(operands);
}

/// The module with every operation on floats decorated, in the modes that the device has. None if it is no module.
fn precise(words: &[u32], modes: FloatModes) -> Option<Vec<u32>> {
    let mut all = words.get(..5)?.to_vec();
    let entry = instructions(words).find_map(|(number, words)| (number == op::ENTRY_POINT).then(|| words.get(2)))??;
    let wide =
        instructions(words).any(|(number, words)| number == op::CAPABILITY && words.get(1) == Some(&op::FLOAT_64));
    let asked = |which: [bool; 2], capability: u32| {
        let widths = [(which[0], 32), (which[1] && wide, 64)];
        widths
            .into_iter()
            .filter(|&(asked, _)| asked && modes.version >= WITH_MODES)
            .map(move |(_, bits)| (capability, bits))
    };
    let asked: Vec<(u32, u32)> = asked(modes.subnormal, op::DENORM_PRESERVE)
        .chain(asked(modes.special, op::SIGNED_ZERO_INF_NAN_PRESERVE))
        .collect();

    // The parts of a module follow each other in a fixed order: what is new goes to the end of its part.
    let (mut capabilities, mut execution_modes, mut decorations) = (false, false, false);
    for (number, instruction) in instructions(words) {
        if number != op::CAPABILITY && !std::mem::replace(&mut capabilities, true) {
            let mut named: Vec<u32> = asked.iter().map(|&(capability, _)| capability).collect();
            named.dedup();
            named.iter().for_each(|&capability| write(&mut all, op::CAPABILITY, &[capability]));
        }
        let before_names = [op::EXTENSION, op::EXTENDED_IMPORT, op::MEMORY_MODEL, op::ENTRY_POINT, op::EXECUTION_MODE];
        let early = number == op::CAPABILITY || before_names.contains(&number);
        if !early && !std::mem::replace(&mut execution_modes, true) {
            for &(capability, bits) in &asked {
                write(&mut all, op::EXECUTION_MODE, &[*entry, capability - op::CAPABILITY_TO_MODE, bits]);
            }
        }
        // Decorations may stand in any order: before the first that is there.
        if number == op::DECORATE && !std::mem::replace(&mut decorations, true) {
            for (_, words) in instructions(words).filter(|(number, _)| op::ARITHMETIC.contains(number)) {
                write(&mut all, op::DECORATE, &[*words.get(2)?, op::NO_CONTRACTION]);
            }
        }
        let written = all.len();
        all.extend(instruction);
        if number == op::ORDERED_NOT_EQUAL {
            all[written] += u32::from(op::UNORDERED_NOT_EQUAL - op::ORDERED_NOT_EQUAL);
        }
    }
    decorations.then_some(all)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: FloatModes = FloatModes { version: (1, 5), special: [true; 2], subnormal: [true; 2] };

    fn shader(body: &str) -> String {
        format!(
            "@group(0) @binding(0) var<storage, read_write> data: array<f32>;\n@compute @workgroup_size(1) fn main() {{ {body} }}"
        )
    }

    /// Words of all instructions of a number.
    fn those(words: &[u32], wanted: u16) -> Vec<&[u32]> {
        instructions(words).filter(|(number, _)| *number == wanted).map(|(_, words)| words).collect()
    }

    #[test]
    fn every_operation_on_floats_is_decorated_and_asked_to_keep_what_is_special() {
        let body = "let x = data[0]; data[1] = -(x * x + x) / x; data[2] = dot(vec2(x, x), vec2(x, 1.0) * x); if x != 1.0 { data[3] = 1.0; }";
        let words = compile(&shader(body), false, ALL, &Known::FULL).unwrap();
        let operations: Vec<u32> = instructions(&words)
            .filter(|(number, _)| op::ARITHMETIC.contains(number))
            .map(|(_, words)| words[2])
            .collect();
        assert_eq!(operations.len(), 6, "a product, a sum, a negation, a quotient, a vector by a number, a dot");
        let decorated: Vec<u32> = those(&words, op::DECORATE)
            .iter()
            .filter(|words| words[2] == op::NO_CONTRACTION)
            .map(|words| words[1])
            .collect();
        assert_eq!(decorated, operations);
        assert_eq!(those(&words, op::ORDERED_NOT_EQUAL).len(), 0);
        assert_eq!(those(&words, op::UNORDERED_NOT_EQUAL).len(), 1);
        let modes: Vec<&[u32]> =
            those(&words, op::EXECUTION_MODE).into_iter().filter(|words| words.len() == 4).collect();
        // Of 32 bits: there are no others in it.
        assert_eq!(modes.iter().map(|words| (words[2], words[3])).collect::<Vec<_>>(), [(4459, 32), (4461, 32)]);
        assert_eq!(those(&words, op::CAPABILITY).iter().filter(|words| words[1] > 4000).count(), 2);
    }

    #[test]
    fn modes_are_asked_where_the_device_has_them() {
        let none = FloatModes { version: (1, 3), ..ALL };
        for (modes, wanted) in [(none, 0), (FloatModes { subnormal: [false; 2], ..ALL }, 1)] {
            let words = compile(&shader("data[0] = 1.0;"), false, modes, &Known::FULL).unwrap();
            assert_eq!(those(&words, op::EXECUTION_MODE).iter().filter(|words| words.len() == 4).count(), wanted);
        }
    }

    #[test]
    fn what_the_device_lacks_is_no_shader_of_its() {
        let text = shader("data[0] = f32(f64(data[1]) * 2.0lf);");
        compile(&text, false, ALL, &Known::FULL).unwrap();
        assert!(compile(&text, false, ALL, &Known { f64: false, ..Known::FULL }).is_err());
        assert!(compile("fn main() {", false, ALL, &Known::FULL).is_err());
    }
}
