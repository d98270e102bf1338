//! Against the triple loop, over random shapes, strides and places.

use super::{DotElement, Mat, dot};
use std::fmt::Debug;

/// xorshift64: enough to choose shapes and small values.
struct Rng(u64);

impl Rng {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % n
    }

    /// A layout of a `rows` x `cols` matrix and the length of the slice that holds it.
    fn layout(&mut self, rows: usize, cols: usize, broadcast: bool) -> (Mat, usize) {
        let (step, gap) = (1 + self.below(2) as i64, self.below(3) as i64);
        let (rows, cols) = (rows.max(1) as i64, cols.max(1) as i64);
        let (mut rs, mut cs) = match self.below(2) {
            0 => (cols * step + gap, step),
            _ => (step, rows * step + gap),
        };
        if broadcast && self.below(8) == 0 {
            rs = 0;
        }
        if self.below(4) == 0 {
            rs = -rs;
        }
        if self.below(4) == 0 {
            cs = -cs;
        }
        let (down, across) = ((rows - 1) * rs, (cols - 1) * cs);
        let base = gap - down.min(0) - across.min(0);
        let len = base + down.max(0) + across.max(0) + 1 + gap;
        (Mat { base, rs, cs }, len as usize)
    }
}

fn at(v: Mat, i: usize, j: usize) -> usize {
    (v.base + i as i64 * v.rs + j as i64 * v.cs) as usize
}

/// Small integers, so that float sums are exact and every order gives the same answer.
fn against_triple_loop<T: DotElement + PartialEq + Debug>(value: impl Fn(u64) -> T) {
    let mut rng = Rng(0x9e37_79b9_7f4a_7c15);
    let sides: [u64; 6] = [2, 8, 40, 70, 130, 700];
    for case in 0..150 {
        let mut side = || {
            let limit = sides[rng.below(6) as usize];
            rng.below(limit) as usize
        };
        let (mut m, mut n, k) = (side(), side(), side());
        match case % 8 {
            0 => m = 1,
            1 => n = 1,
            _ => {}
        }
        let ((av, al), (bv, bl), (cv, cl)) = (rng.layout(m, k, true), rng.layout(k, n, true), rng.layout(m, n, false));
        let mut fill = |len: usize| -> Vec<T> { (0..len).map(|_| value(rng.below(7))).collect() };
        let (a, b, mut c) = (fill(al), fill(bl), fill(cl));
        let accumulate = case % 3 == 0;
        let mut expected = c.clone();
        for i in 0..m {
            for j in 0..n {
                let old = if accumulate { c[at(cv, i, j)] } else { T::ZERO };
                expected[at(cv, i, j)] = (0..k).fold(old, |sum, p| sum.add(a[at(av, i, p)].mul(b[at(bv, p, j)])));
            }
        }
        dot(m, n, k, &a, av, &b, bv, &mut c, cv, accumulate);
        let wrong = c.iter().zip(&expected).position(|(x, y)| x != y);
        assert_eq!(wrong, None, "{m}x{n}x{k} {av:?} {bv:?} {cv:?} accumulate {accumulate}");
    }
}

macro_rules! against_triple_loop {
    ($($T:ident: $value:expr;)*) => {$(
        #[test]
        fn $T() {
            against_triple_loop::<$T>($value);
        }
    )*};
}
against_triple_loop! {
    bool: |x| x == 0;
    u8: |x| x as u8 * 40;
    u16: |x| x as u16 * 9001;
    u32: |x| x as u32 * 600_000_007;
    u64: |x| x * 2_000_000_000_000_000_003;
    f32: |x| x as f32 - 3.0;
    f64: |x| x as f64 - 3.0;
}

#[test]
fn nan_is_not_carried_over_when_replacing() {
    for (m, n) in [(2, 2), (1, 3), (3, 1)] {
        let (row, mut c) = (Mat { base: 0, rs: n as i64, cs: 1 }, vec![f64::NAN; m * n]);
        let tall = Mat { base: 0, rs: 1, cs: 1 };
        dot(m, n, 1, &[1.0; 3], tall, &[2.0; 3], tall, &mut c, row, false);
        assert_eq!(c, vec![2.0; m * n]);
    }
}

#[test]
#[should_panic(expected = "dot: b 2x2")]
fn a_view_outside_its_slice_is_refused() {
    let v = Mat { base: 0, rs: 2, cs: 1 };
    dot(2, 2, 2, &[1.0; 4], v, &[1.0; 3], v, &mut [0.0; 4], v, false);
}

#[test]
#[should_panic(expected = "overlap")]
fn overlapping_output_is_refused() {
    let v = Mat { base: 0, rs: 2, cs: 1 };
    let narrow = Mat { base: 0, rs: 1, cs: 1 };
    dot(2, 2, 2, &[1.0; 4], v, &[1.0; 4], v, &mut [0.0; 4], narrow, false);
}
