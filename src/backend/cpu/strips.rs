//! The strip machine: runs a [`Program`] over short runs of elements, one vectorised loop per instruction, every value in a
//! register that stays in the first-level cache.

use bytemuck::Pod;

use super::ladders::Ladders;
use crate::dtype::{DType, with_bits};
use crate::ops::strip::{Arg, LINE, STRIP, Strip, cast, fill, prefetch};
use crate::ops::{binary, ladder, random, ternary, unary};
use crate::plan::expr::{Inst, Program, ValueId};
use crate::plan::kernel::{Access, Piece};

/// Where a value is while a strip runs.
#[derive(Clone, Copy)]
enum Held {
    /// In a register.
    Register(usize),
    /// Still in its chunk: input number, byte offset.
    Input(usize, usize),
}

/// A program made ready for strips: registers assigned, constants filled in once.
pub(super) struct Machine<'a> {
    program: &'a Program,
    ladders: Ladders,
    inputs: &'a [&'a [u8]],
    /// The register each value is computed into. Registers are reused once the last reader is through.
    register: Vec<usize>,
    registers: Vec<Strip>,
    held: Vec<Held>,
    /// Whether the strips that come next are asked for: where more than loading is done, and they follow each other.
    ahead: bool,
}

impl<'a> Machine<'a> {
    /// `inputs` are the bytes of the task's chunks.
    pub(super) fn new(program: &'a Program, inputs: &'a [&'a [u8]]) -> Self {
        let ladders = Ladders::of(program);
        let (register, count) = assign(program, &ladders);
        let mut machine = Self {
            program,
            ladders,
            inputs,
            held: register.iter().map(|&r| Held::Register(r)).collect(),
            register,
            ahead: program.insts.iter().any(|inst| !matches!(inst, Inst::Load { .. })),
            registers: std::iter::repeat_with(Strip::default).take(count).collect(),
        };
        for (value, inst) in program.insts.iter().enumerate() {
            if let Inst::Const { slot } = inst {
                let constant = program.consts[*slot as usize];
                let out = &mut machine.registers[machine.register[value]];
                with_bits!(constant.dtype(), T => fill::<T>(out, constant.bits() as T));
            }
        }
        machine
    }

    /// The same for strips that come in blocks of so many rows. Asking for the next row's takes a fifth of the time more, as the
    /// lines on their way are those of the columns.
    pub(super) fn in_blocks_of(mut self, rows: u64) -> Self {
        self.ahead &= rows == 1;
        self
    }

    /// Runs the program for `n` points from `start` (coordinates in the piece) along its last axis.
    pub(super) fn run(&mut self, piece: &Piece, start: &[u64], n: usize) {
        for value in 0..self.program.insts.len() {
            self.step(value, piece, start, n);
        }
    }

    fn step(&mut self, value: usize, piece: &Piece, start: &[u64], n: usize) {
        let dtype = self.program.dtypes[value];
        let register = self.register[value];
        let inst = &self.program.insts[value];
        if let Inst::Load { slot } = inst {
            let (input, access) = &piece.loads[*slot as usize];
            let (at, stride) = (access.at(start), inner(access));
            if stride == 1 || n == 1 {
                let (at, len) = (at as usize * dtype.size(), n * dtype.size());
                self.held[value] = Held::Input(*input, at);
                if self.ahead {
                    fetch_ahead(self.inputs[*input], at + len, len);
                }
                return;
            }
            self.held[value] = Held::Register(register);
            let bytes = self.inputs[*input];
            let out = &mut self.registers[register];
            with_bits!(dtype, T => gather::<T>(bytes, at, stride, out.get_mut(n)));
            return;
        }
        if self.ladders.is_inside(value) {
            return;
        }
        // The result's register is never one of the operands'.
        let mut out = self.registers[register].take();
        let arg = |id: ValueId| -> Arg<'_> { self.bytes(id, n) };
        if let Some((x, rungs)) = self.ladders.top(value) {
            ladder::climb(dtype, rungs, arg(x), n, &mut out);
            self.registers[register] = out;
            return;
        }
        match inst {
            Inst::Const { .. } | Inst::Load { .. } => {}
            Inst::Index { slot } => {
                let access = &piece.indices[*slot as usize];
                let (at, stride) = (access.at(start), inner(access));
                match dtype {
                    DType::I32 => ramp(out.get_mut::<i32>(n), |i| (at + stride * i) as i32),
                    _ => ramp(out.get_mut::<i64>(n), |i| at + stride * i),
                }
            }
            Inst::Random { op, slot, spec } => {
                let access = &piece.indices[*slot as usize];
                let spec = &self.program.randoms[*spec as usize];
                random::run(*op, dtype, spec, access.at(start) as u64, inner(access), n, &mut out);
            }
            Inst::Unary(op, x) => unary::run(*op, self.dtype(*x), arg(*x), n, &mut out),
            Inst::Binary(op, x, y) => binary::run(*op, self.dtype(*x), arg(*x), arg(*y), n, &mut out),
            Inst::Ternary(op, args) => ternary::run(*op, dtype, args.map(arg), n, &mut out),
            Inst::Cast(x) => cast(self.dtype(*x), dtype, arg(*x), n, &mut out),
            Inst::Call { function, args } => {
                let args: Vec<Arg<'_>> = args.iter().map(|&x| arg(x)).collect();
                let function = &self.program.functions[*function as usize];
                (function.rust)(&args, n, out.get_mut::<u8>(n * dtype.size()));
            }
        }
        self.registers[register] = out;
    }

    fn dtype(&self, id: ValueId) -> DType {
        self.program.dtypes[id as usize]
    }

    /// The bytes of `n` elements of a value of the strip just run.
    pub(super) fn bytes(&self, id: ValueId, n: usize) -> &[u8] {
        let dtype = self.dtype(id);
        match self.held[id as usize] {
            Held::Register(register) => self.registers[register].bytes(dtype, n),
            Held::Input(input, at) => &self.inputs[input][at..at + n * dtype.size()],
        }
    }

    /// Output number `i` of the strip just run.
    pub(super) fn output<T: Pod>(&self, i: usize, n: usize) -> &[T] {
        bytemuck::cast_slice(self.bytes(self.program.outputs[i], n))
    }
}

/// The step along the innermost axis.
pub(super) fn inner(access: &Access) -> i64 {
    access.strides.last().copied().unwrap_or(0)
}

/// Asks for the next strip while this one is worked on: prefetchers stop at the end of a page, which is about a strip, and while loops
/// run in registers nothing is asked for.
#[inline]
fn fetch_ahead(bytes: &[u8], at: usize, len: usize) {
    /// Lines at most.
    const MOST: usize = 64;
    let lines = bytes.get(at..).unwrap_or(&[]).chunks(LINE);
    lines.take(len.div_ceil(LINE).min(MOST)).for_each(|line| prefetch(line.as_ptr()));
}

fn gather<T: Pod>(bytes: &[u8], at: i64, stride: i64, out: &mut [T]) {
    let from: &[T] = bytemuck::cast_slice(bytes);
    if stride == 0 {
        return out.fill(from[at as usize]);
    }
    for (i, o) in out.iter_mut().enumerate() {
        *o = from[(at + stride * i as i64) as usize];
    }
}

fn ramp<T>(out: &mut [T], f: impl Fn(i64) -> T) {
    for (i, o) in out.iter_mut().enumerate() {
        *o = f(i as i64);
    }
}

/// Registers by liveness: a value's is free again after its last reader; constants and outputs keep theirs.
fn assign(program: &Program, ladders: &Ladders) -> (Vec<usize>, usize) {
    let n = program.insts.len();
    // A ladder reads what its first rung does, at its top.
    let args = |i: usize| -> Vec<usize> {
        match ladders.top(i) {
            Some((x, _)) => vec![x.into()],
            None if ladders.is_inside(i) => Vec::new(),
            None => program.insts[i].args().map(usize::from).collect(),
        }
    };
    let mut last: Vec<usize> = (0..n).collect();
    for i in 0..n {
        args(i).into_iter().for_each(|arg| last[arg] = i);
    }
    for &output in &program.outputs {
        last[output as usize] = usize::MAX;
    }
    let mut free = Vec::new();
    let mut count = 0;
    let mut register = Vec::with_capacity(n);
    for (i, inst) in program.insts.iter().enumerate() {
        let constant = matches!(inst, Inst::Const { .. });
        if ladders.is_inside(i) {
            register.push(0);
            continue;
        }
        // A constant is filled in before the first strip, so its register is its own from the start.
        let at = if constant { None } else { free.pop() }.unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        register.push(at);
        let mut done: Vec<usize> = args(i).into_iter().filter(|&arg| last[arg] == i).collect();
        done.sort_unstable();
        done.dedup();
        free.extend(
            done.into_iter().filter(|&arg| !matches!(program.insts[arg], Inst::Const { .. })).map(|arg| register[arg]),
        );
    }
    (register, count)
}

/// Calls `f` with the start and length of each strip of a piece, in C order.
pub(super) fn for_each_strip(piece: &Piece, f: &mut dyn FnMut(&[u64], usize)) {
    for_each_strip_of(piece, STRIP, 1, f);
}

/// Calls `f` with each strip of at most `strip` elements, in C order but for blocks of `rows` rows, which go through the columns
/// together.
pub(super) fn for_each_strip_of(piece: &Piece, strip: usize, rows: u64, f: &mut dyn FnMut(&[u64], usize)) {
    let Some((&width, outer)) = piece.dims.split_last() else {
        return;
    };
    let mut start = vec![0; piece.dims.len()];
    let last = outer.len();
    if piece.points() == 0 {
        return;
    }
    // The axis of the rows; without one there is a single row.
    let axis = last.checked_sub(1);
    let height = axis.map_or(1, |axis| outer[axis]);
    loop {
        let mut row = 0;
        while row < height {
            let block = row..(row + rows).min(height);
            let mut at = 0;
            while at < width {
                let n = (width - at).min(strip as u64);
                start[last] = at;
                for row in block.clone() {
                    if let Some(axis) = axis {
                        start[axis] = row;
                    }
                    f(&start, n as usize);
                }
                at += n;
            }
            row = block.end;
        }
        start[last] = 0;
        let Some(axis) = axis else { return };
        let Some(k) = (0..axis).rev().find(|&k| start[k] + 1 < outer[k]) else {
            return;
        };
        start[k] += 1;
        start[k + 1..last].fill(0);
    }
}

/// Elements of a strip, and rows of a block, that suit a piece where the order of its strips does not matter.
pub(super) fn any_order(program: &Program, piece: &Piece) -> (usize, u64) {
    // A load that jumps along the columns and goes on along the rows finds its cache lines again in the next rows.
    let across = |access: &Access| {
        let mut strides = access.strides.iter().rev().map(|s| s.unsigned_abs());
        strides.next().is_some_and(|s| s >= 8) && strides.next().is_some_and(|s| s < 8)
    };
    match piece.loads.iter().any(|(_, access)| across(access)) {
        true => (STRIP / 2, 64),
        false => (longest(program, piece), 1),
    }
}

/// Elements of the longest strip: what is only read where it lies needs no register.
pub(super) fn longest(program: &Program, piece: &Piece) -> usize {
    const LONG: usize = 8 * STRIP;
    let loads = program.insts.iter().all(|inst| matches!(inst, Inst::Load { .. }));
    let in_place = piece.loads.iter().all(|(_, access)| inner(access) == 1);
    if loads && in_place { LONG } else { STRIP }
}
