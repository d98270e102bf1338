//! What ways over the points cost, in instructions of SPIR-V: counted, for no clock is steady enough to show it. Needs no device.

use std::collections::HashMap;

use naga::back::spv::{Options, PipelineOptions, WriterFlags, write_vec};
use naga::valid::{Capabilities as Naga, ValidationFlags, Validator};

use super::super::dot::Dot;
use super::super::dot_loads::Way;
use super::super::shader;
use super::super::source::source;
use super::super::tile::Tile;
use super::*;

/// A function: its instructions, how deep in loops they are, and the function that one calls.
#[derive(Default)]
struct Function {
    name: String,
    insts: Vec<(usize, Option<u32>)>,
    /// Loads of elements of buffers `a` and `b`.
    loads: usize,
}

/// A text as SPIR-V with names.
fn compile(text: &str) -> Vec<u32> {
    let module = naga::front::wgsl::parse_str(text).unwrap();
    let allowed = Naga::IMMEDIATES | Naga::FLOAT64 | Naga::SHADER_INT64;
    let info = Validator::new(ValidationFlags::all(), allowed).validate(&module).unwrap();
    let options =
        Options { lang_version: (1, 4), flags: WriterFlags::DEBUG, fake_missing_bindings: true, ..Options::default() };
    let entry = PipelineOptions { shader_stage: naga::ShaderStage::Compute, entry_point: "main".to_owned() };
    write_vec(&module, &info, &options, Some(&entry)).unwrap()
}

/// The functions of a module by number.
fn functions(words: &[u32]) -> HashMap<u32, Function> {
    const NAME: u32 = 5;
    const FUNCTION: u32 = 54;
    const CALL: u32 = 57;
    const LOAD: u32 = 61;
    const CHAIN: u32 = 65;
    const LOOP: u32 = 246;
    const LABEL: u32 = 248;
    let (mut names, mut made, mut now): (HashMap<u32, String>, HashMap<u32, Function>, u32) = Default::default();
    let (mut at, mut ends, mut elements) = (5, Vec::new(), Vec::new());
    while at < words.len() {
        let (op, len) = (words[at] & 0xffff, (words[at] >> 16) as usize);
        let inst = &words[at..at + len];
        match op {
            NAME => {
                let bytes: Vec<u8> = inst[2..].iter().flat_map(|w| w.to_le_bytes()).take_while(|&b| b != 0).collect();
                names.insert(inst[1], String::from_utf8(bytes).unwrap());
            }
            FUNCTION => {
                now = inst[2];
                let name = names.get(&now).cloned().unwrap_or_default();
                made.insert(now, Function { name, ..Function::default() });
            }
            // What is behind a loop has the label that the loop named.
            LABEL if ends.last() == Some(&inst[1]) => drop(ends.pop()),
            LOOP => ends.push(inst[1]),
            CHAIN
                if elements.contains(&inst[3])
                    || ["a", "b"].map(Some).contains(&names.get(&inst[3]).map(String::as_str)) =>
            {
                elements.push(inst[2]);
            }
            _ => {}
        }
        if let Some(function) = made.get_mut(&now) {
            function.insts.push((ends.len(), (op == CALL).then(|| inst[3])));
            function.loads += usize::from(op == LOAD && elements.contains(&inst[3]));
        }
        at += len;
    }
    made
}

/// Instructions for four points: of `main`, those in loops that are at least so deep count four times, or all where a thread has
/// one point; what draws a block counts once.
fn for_four(text: &str, loops: usize) -> usize {
    fn cost(all: &HashMap<u32, Function>, at: u32, times: &dyn Fn(usize) -> usize) -> usize {
        let once = |callee: u32| {
            ["uniform_", "normal_", "bits_", "below_"].iter().any(|draw| all[&callee].name.starts_with(draw))
        };
        let of = |&(depth, callee): &(usize, Option<u32>)| match callee {
            Some(callee) if once(callee) => times(depth) + cost(all, callee, &|_| 1),
            Some(callee) => times(depth) + cost(all, callee, &|_| times(depth)),
            None => times(depth),
        };
        all[&at].insts.iter().map(of).sum()
    }
    let all = functions(&compile(text));
    let (&main, _) = all.iter().find(|(_, function)| function.name == "main").unwrap();
    cost(&all, main, &|depth| if depth >= loops { 4 } else { 1 })
}

/// Instructions for four points one by one and in fours, and the words of both modules.
fn both(program: &Program, rank: usize, caps: &Capabilities) -> [(usize, usize); 2] {
    let texts = source(&Kernel::Map(program.clone()), rank, caps).unwrap();
    let of = |name: &str| texts.iter().find(|(known, _)| *known == name).map(|(_, text)| text.as_str()).unwrap();
    // Where random numbers are drawn, a thread has four points one by one.
    let loops = usize::from(program.indices > 0);
    [("map", loops), ("map.quads", 1)].map(|(name, loops)| (for_four(of(name), loops), compile(of(name)).len()))
}

#[test]
fn fours_take_fewer_instructions() {
    let of_load = |ops: &[UnaryOp]| {
        let mut p = Program { loads: vec![DType::F32], ..Program::default() };
        let x = p.push(Inst::Load { slot: 0 }, DType::F32);
        let made = ops.iter().map(|&op| p.push(Inst::Unary(op, x), DType::F32)).collect::<Vec<_>>();
        let sum = |x, y| p.push(Inst::Binary(BinaryOp::Add, x, y), DType::F32);
        let sum = made.into_iter().reduce(sum).unwrap();
        Program { outputs: vec![sum], ..p }
    };
    let drawn = |op, dtype| {
        let mut p = Program { indices: 1, ..Program::default() };
        p.outputs = vec![p.random(op, RandomSpec { seed: 1, stream: 2, range: 3 }, 0, dtype)];
        p
    };
    // At most so many of a hundred, of a contiguous array and of a slice.
    let cases = [
        ("sqrt", of_load(&[UnaryOp::Sqrt]), [70, 60]),
        ("sin + exp", of_load(&[UnaryOp::Sin, UnaryOp::Exp]), [94, 90]),
        ("uniform", drawn(RandomOp::Uniform, DType::F32), [75, 65]),
        ("normal", drawn(RandomOp::Normal, DType::F32), [82, 72]),
        ("below", drawn(RandomOp::Below, DType::U32), [80, 70]),
    ];
    for (name, program, limits) in cases {
        for (rank, limit) in [1, 2].into_iter().zip(limits) {
            let [(points, words), (quads, more)] = both(&program, rank, &Capabilities::FULL);
            println!("{name} of {rank} axes: {points} instructions, in fours {quads}; {words} words and {more}");
            assert!(100 * quads <= limit * points, "{name} of {rank} axes: {points} instructions, in fours {quads}");
            assert!(10 * more <= 12 * words, "{name} of {rank} axes: {words} words, in fours {more}");
        }
    }
}

/// Loads of elements of `a` and `b` in all branches of `main`, and of what it calls.
fn loads(text: &str) -> usize {
    fn of(all: &HashMap<u32, Function>, at: u32) -> usize {
        let calls = all[&at].insts.iter().filter_map(|&(_, callee)| callee);
        all[&at].loads + calls.map(|callee| of(all, callee)).sum::<usize>()
    }
    let all = functions(&compile(text));
    let (&main, _) = all.iter().find(|(_, function)| function.name == "main").unwrap();
    of(&all, main)
}

#[test]
fn products_by_fours_load_a_quarter() {
    let of = |tile, ways| {
        let shader = Dot::new(DType::F32, tile).by(ways);
        shader::source(&shader, &Capabilities::FULL).unwrap()
    };
    for (name, tile) in [("large", Tile::LARGE), ("rows", Tile::rows(8)), ("columns", Tile::cols(8))] {
        let one = of(tile, [Way::One; 2]);
        let [lines, steps] = [Way::Lines, Way::Steps].map(|way| of(tile, [way; 2]));
        let cost = |text: &str| for_four(text, usize::MAX);
        // Vectors know no lines.
        let ways = if tile.is_vector() { vec![("steps", steps)] } else { vec![("lines", lines), ("steps", steps)] };
        for (way, text) in ways {
            let (loads, before) = (loads(&text), loads(&one));
            println!(
                "{name}: {before} loads one by one, {loads} by {way}; {} instructions and {}",
                cost(&one),
                cost(&text)
            );
            assert!(
                4 * loads == before && cost(&text) < cost(&one),
                "{name}: {loads} loads by {way}, one by one {before}"
            );
        }
    }
}

#[test]
fn what_no_compiler_may_rewrite_takes_some_more() {
    let of = |ops: &[BinaryOp]| {
        let mut p = Program { loads: vec![DType::F32; 2], ..Program::default() };
        let (x, y) = (p.push(Inst::Load { slot: 0 }, DType::F32), p.push(Inst::Load { slot: 1 }, DType::F32));
        let last = ops.iter().fold(x, |last, &op| p.push(Inst::Binary(op, last, y), DType::F32));
        Program { outputs: vec![last], ..p }
    };
    let (sum, difference) = (BinaryOp::Add, BinaryOp::Sub);
    for (name, ops, most) in [("a sum", vec![sum], 16), ("a difference", vec![difference], 36)] {
        let count = |rewrites| both(&of(&ops), 1, &Capabilities { rewrites, ..Capabilities::FULL })[1].0;
        let (plain, kept) = (count(false), count(true));
        println!("{name} of four points: {plain} instructions, kept {kept}");
        // Functions and their calls, casts, and a bit operation with a word that is read and shifted.
        assert!(kept > plain && kept - plain <= 4 * most, "{name}: {plain} instructions, kept {kept}");
    }
}
