//! The strip machine: runs a [`Program`] over short runs of elements, one vectorised loop per instruction, every value in a
//! register that stays in the first-level cache.

use bytemuck::Pod;

use super::cut::{Cut, Reach, inner};
use super::ladders::Ladders;
use super::tile::Tile;
use crate::dtype::{DType, with_bits};
use crate::ops::cast::cast;
use crate::ops::strip::{Arg, LINE, Strip, fill, prefetch};
use crate::ops::{binary, ladder, random, ternary, unary};
use crate::plan::expr::{Inst, Program, ValueId};
use crate::plan::kernel::{Access, Piece};

/// Where a value is while a strip runs.
#[derive(Clone, Copy)]
enum ValuePlace {
    /// In a register.
    Register(usize),
    /// Still in its chunk: input number, byte offset.
    Input(usize, usize),
    /// In a load's tile: its slot, byte offset.
    Tile(usize, usize),
}

/// Which strips of what is read where it lies are asked for before their turn.
#[derive(Clone, Copy)]
enum Ahead {
    /// None: there is nothing to do meanwhile.
    Nothing,
    /// The next, which follows this one.
    Next,
    /// That of a row some rows further along the axis.
    Rows(usize),
}

/// Rows ahead of which a block asks for strips: with none the addition waits for memory, which takes 1.6 times as long in all; one row
/// more or less makes no difference.
const ROWS_AHEAD: isize = 2;

/// A program made ready for strips: registers assigned, constants filled in once.
pub(super) struct Machine<'a> {
    program: &'a Program,
    ladders: Ladders,
    inputs: &'a [&'a [u8]],
    /// The register each value is computed into. Registers are reused once the last reader is through.
    register: Vec<usize>,
    registers: Vec<Strip>,
    held: Vec<ValuePlace>,
    /// How loads and indices go through a strip, where it is several rows; along the last axis else.
    loads: Vec<Reach>,
    indices: Vec<Reach>,
    /// Of loads that lie across a block of strips, what the block reads.
    tiles: Vec<Option<Tile>>,
    /// Values that are the same in every strip, and whether they are made: the first strip, which is the longest, makes them.
    still: Vec<bool>,
    made: bool,
    /// Which strips are asked for before their turn.
    ahead: Ahead,
}

impl<'a> Machine<'a> {
    /// For strips along the last axis of any pieces. `inputs` are the bytes of the task's chunks.
    pub(super) fn new(program: &'a Program, inputs: &'a [&'a [u8]]) -> Self {
        Self::with_still(program, inputs, vec![false; program.insts.len()])
    }

    /// For the strips of one piece.
    pub(super) fn over(program: &'a Program, inputs: &'a [&'a [u8]], piece: &Piece, cut: &Cut) -> Self {
        let mut machine = Self::with_still(program, inputs, still(program, piece, cut));
        machine.loads = piece.loads.iter().map(|(_, access)| cut.reach(piece, access)).collect();
        machine.indices = piece.indices.iter().map(|access| cut.reach(piece, access)).collect();
        machine.tiles = piece.loads.iter().map(|(_, access)| Tile::of(piece, cut, access)).collect();
        if cut.block > 1 {
            // Rows lie apart. Where columns are read without a tile, it is their lines that are on the way.
            let tiled = machine.tiles.iter().any(Option::is_some);
            machine.ahead = if tiled { Ahead::Rows(cut.axis() - 1) } else { Ahead::Nothing };
        }
        machine
    }

    fn with_still(program: &'a Program, inputs: &'a [&'a [u8]], still: Vec<bool>) -> Self {
        let ladders = Ladders::of(program);
        let (register, count) = assign(program, &ladders, &still);
        let loads = |inst: &Inst| matches!(inst, Inst::Load { .. });
        let mut machine = Self {
            program,
            ladders,
            inputs,
            held: register.iter().map(|&r| ValuePlace::Register(r)).collect(),
            register,
            loads: Vec::new(),
            tiles: Vec::new(),
            indices: Vec::new(),
            still,
            made: false,
            ahead: if program.insts.iter().all(loads) { Ahead::Nothing } else { Ahead::Next },
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

    /// Runs the program for a strip: `n` points from `start` (coordinates in the piece).
    pub(super) fn run(&mut self, piece: &Piece, start: &[u64], n: usize) {
        for value in 0..self.program.insts.len() {
            if !(self.made && self.still[value]) {
                self.step(value, piece, start, n);
            }
        }
        self.made = true;
    }

    fn step(&mut self, value: usize, piece: &Piece, start: &[u64], n: usize) {
        let dtype = self.program.dtypes[value];
        let register = self.register[value];
        let inst = &self.program.insts[value];
        if let Inst::Load { slot } = inst {
            let (input, access) = &piece.loads[*slot as usize];
            let at = access.at(start);
            let reach = reach(&self.loads, *slot, access);
            if matches!(reach, Ok(1)) || n == 1 {
                let (at, len) = (at as usize * dtype.size(), n * dtype.size());
                self.held[value] = ValuePlace::Input(*input, at);
                match self.ahead {
                    Ahead::Nothing => {}
                    Ahead::Next => fetch_ahead(self.inputs[*input], at + len, len),
                    Ahead::Rows(axis) => {
                        let further = ROWS_AHEAD.saturating_mul(access.strides[axis] as isize);
                        fetch_ahead(
                            self.inputs[*input],
                            at.saturating_add_signed(further * dtype.size() as isize),
                            len,
                        );
                    }
                }
                return;
            }
            if let Some(Some(tile)) = self.tiles.get_mut(usize::from(*slot)) {
                let from = self.inputs[*input];
                with_bits!(dtype, T => tile.fill::<T>(bytemuck::cast_slice(from), access, start, n));
                self.held[value] = ValuePlace::Tile(usize::from(*slot), tile.at(start) * dtype.size());
                return;
            }
            self.held[value] = ValuePlace::Register(register);
            let bytes = self.inputs[*input];
            let out = &mut self.registers[register];
            with_bits!(dtype, T => match reach {
                Ok(stride) => gather::<T>(bytes, at, stride, out.get_mut(n)),
                Err(table) => look_up::<T>(bytes, at, table, out.get_mut(n)),
            });
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
                let at = access.at(start);
                match (reach(&self.indices, *slot, access), dtype) {
                    (Ok(stride), DType::I32) => ramp(out.get_mut::<i32>(n), |i| (at + stride * i as i64) as i32),
                    (Ok(stride), _) => ramp(out.get_mut::<i64>(n), |i| at + stride * i as i64),
                    (Err(table), DType::I32) => ramp(out.get_mut::<i32>(n), |i| (at + i64::from(table[i])) as i32),
                    (Err(table), _) => ramp(out.get_mut::<i64>(n), |i| at + i64::from(table[i])),
                }
            }
            Inst::Random { op, slot, spec } => {
                let access = &piece.indices[*slot as usize];
                let spec = &self.program.randoms[*spec as usize];
                // Strips through which an index goes by a table are not cut where something is drawn.
                let step = reach(&self.indices, *slot, access).unwrap_or_else(|_| inner(access));
                random::run(*op, dtype, spec, access.at(start) as u64, step, n, &mut out);
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
            ValuePlace::Register(register) => self.registers[register].bytes(dtype, n),
            ValuePlace::Input(input, at) => &self.inputs[input][at..at + n * dtype.size()],
            ValuePlace::Tile(slot, at) => {
                let tile = self.tiles[slot].as_ref().map_or(&[][..], Tile::bytes);
                &tile[at..at + n * dtype.size()]
            }
        }
    }

    /// Output number `i` of the strip just run.
    pub(super) fn output<T: Pod>(&self, i: usize, n: usize) -> &[T] {
        bytemuck::cast_slice(self.bytes(self.program.outputs[i], n))
    }
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

fn look_up<T: Pod>(bytes: &[u8], at: i64, table: &[i32], out: &mut [T]) {
    let from: &[T] = bytemuck::cast_slice(bytes);
    for (o, &offset) in out.iter_mut().zip(table) {
        *o = from[(at + i64::from(offset)) as usize];
    }
}

fn ramp<T>(out: &mut [T], f: impl Fn(usize) -> T) {
    for (i, o) in out.iter_mut().enumerate() {
        *o = f(i);
    }
}

/// How an access goes through a strip: in steps, or by a table.
fn reach<'a>(all: &'a [Reach], slot: u16, access: &Access) -> Result<i64, &'a [i32]> {
    match all.get(usize::from(slot)) {
        Some(Reach::Table(table)) => Err(table),
        Some(Reach::Line(stride)) => Ok(*stride),
        None => Ok(inner(access)),
    }
}

/// The values that are the same in every strip: of loads and indices that are, and what is made of those alone.
fn still(program: &Program, piece: &Piece, cut: &Cut) -> Vec<bool> {
    let mut still: Vec<bool> = Vec::with_capacity(program.insts.len());
    for inst in &program.insts {
        still.push(match inst {
            Inst::Const { .. } => true,
            Inst::Load { slot } => cut.is_still(piece, &piece.loads[usize::from(*slot)].1),
            Inst::Index { slot } | Inst::Random { slot, .. } => cut.is_still(piece, &piece.indices[usize::from(*slot)]),
            // What a user's function does is not ours to say.
            Inst::Call { .. } => false,
            Inst::Unary(..) | Inst::Binary(..) | Inst::Ternary(..) | Inst::Cast(_) => {
                inst.args().all(|arg| still[usize::from(arg)])
            }
        });
    }
    still
}

/// Registers by liveness: a value's is free again after its last reader; constants, what is made once, and outputs keep theirs.
fn assign(program: &Program, ladders: &Ladders, still: &[bool]) -> (Vec<usize>, usize) {
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
    let once = |i: usize| still[i] || matches!(program.insts[i], Inst::Const { .. });
    for i in 0..n {
        if ladders.is_inside(i) {
            register.push(0);
            continue;
        }
        // A constant is filled in before the first strip, and later strips find what the first made: such registers have one value.
        let at = if once(i) { None } else { free.pop() }.unwrap_or_else(|| {
            count += 1;
            count - 1
        });
        register.push(at);
        let mut done: Vec<usize> = args(i).into_iter().filter(|&arg| last[arg] == i).collect();
        done.sort_unstable();
        done.dedup();
        free.extend(done.into_iter().filter(|&arg| !once(arg)).map(|arg| register[arg]));
    }
    (register, count)
}
