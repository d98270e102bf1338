//! What adapters load, draw and store by fours, and what they do not, against the CPU: views at any offset and step, of lengths around
//! multiples of four, in pieces that are large enough for it.

use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, Element, Result};

use crate::common::{Dice, assert_array_eq, device};

/// A part of an axis that is as long as asked for, or a little shorter, with a step.
fn part(dice: &mut Dice, len: usize, wanted: usize) -> ndarray::SliceInfoElem {
    let step = [1isize, 1, 1, 2, 3, -1, -2][dice.below(7)];
    let span = (wanted.saturating_sub(1) * step.unsigned_abs() + 1).min(len);
    let start = dice.below(len - span + 1).min(9) as isize;
    ndarray::SliceInfoElem::Slice { start, end: Some(start + span as isize), step }
}

/// Lengths of the last axis.
const LENGTHS: [usize; 12] = [1, 2, 3, 5, 8, 9, 31, 33, 64, 127, 260, 1023];

/// Programs over views of two arrays.
fn programs(dice: &mut Dice) -> Result<Vec<Array<i32>>> {
    let columns = LENGTHS[dice.below(12)];
    let rows = (2100 / columns).max(1) + dice.below(3);
    let whole = [3 * rows + 9, 3 * columns + 9];
    let draws = Generator::new(dice.below(1000) as u64);
    let chunks = |dice: &mut Dice| {
        let rows = if dice.below(3) == 0 { dice.cut(whole[0]) } else { gridloom::AxisSpec::Whole };
        gridloom::ChunkSpec::from(vec![rows, gridloom::AxisSpec::Whole])
    };
    let x = draws.integers(-50i32, 50, (whole[0], whole[1]))?.rechunk(chunks(dice))?;
    let y = draws.integers(-50i32, 50, (whole[0], whole[1]))?.rechunk(chunks(dice))?;
    let view = |dice: &mut Dice, of: &Array<i32>| {
        of.slice([part(dice, whole[0], rows), part(dice, whole[1], columns)].as_slice())
    };
    let (a, b) = (view(dice, &x)?, view(dice, &y)?);
    let smallest = |axis: usize| a.shape().unwrap()[axis].min(b.shape().unwrap()[axis]) as isize;
    let (rows, columns) = (smallest(0), smallest(1));
    let [a, b] = [a, b].map(|v| v.slice(ndarray::s![..rows, ..columns]).unwrap());
    let row = b.slice(ndarray::s![0..1, ..])?;
    let column = a.slice(ndarray::s![.., 0..1])?;
    let long = (0..14).fold(&a * 3, |sum, i| sum + &b * i);
    let places: Vec<isize> = (0..rows).map(|i| i * 7 % rows).collect();
    Ok(vec![
        &a + &b * 2,
        &a - &row + &column,
        long.clone(),
        long.sum_axis(0)?.cast(),
        (&a + &b).sum_axis(1)?.cast(),
        (&a * &row).max()?.reshape([1])?,
        (a.cast::<f32>() * 0.5f32 + 1.0f32).gt(0.25f32).cast::<i32>() + &b,
        a.take(places, 0)?,
        b.filter(&a.gt(&b))?,
        a.filter(&(long.gt(3) & row.lt(20)))?.sum().cast::<i32>().reshape([1])?,
        a.histogram((10, -50.0, 50.0))?.counts.cast(),
        a.cumsum_axis(1)?.cast(),
        (&a + draws.integers(0i32, 1000, (rows as usize, columns as usize))?),
        a.t().dot(&b)?,
        a.dot(&row.t())?,
    ])
}

/// A client of the CPU's, for the same.
fn here() -> Client {
    Client::builder().backend(Backend::Cpu).workers(2).no_progress().build().unwrap()
}

fn same<T: Element>(what: &str, x: &Array<T>, there: &Client, here: &Client) {
    let (got, want) = (there.compute(x).unwrap(), here.compute(x).unwrap());
    assert!(got == want, "{what}: {} of {} differ", got.iter().zip(&want).filter(|(g, w)| g != w).count(), want.len());
}

#[test]
fn views_at_any_offset_and_step_are_what_they_are_on_the_cpu() {
    let there = Client::builder().workers(2).no_progress().build().unwrap();
    if !device().is_gpu() {
        return;
    }
    let (here, mut dice) = (here(), Dice(11));
    for round in 0..30 {
        for (number, program) in programs(&mut dice).unwrap().iter().enumerate() {
            same(&format!("round {round}, program {number}, {:?}", program.shape()), program, &there, &here);
        }
    }
}

#[test]
fn large_filters_are_what_they_are_on_the_cpu() {
    let there = Client::builder().workers(2).no_progress().build().unwrap();
    if !device().is_gpu() {
        return;
    }
    // More tiles than one workgroup scans, in one chunk, and a length that nothing divides.
    let x = Generator::new(3).integers(0i32, 1000, 5_000_011).unwrap().rechunk(5_000_011).unwrap();
    let kept = x.filter(&x.lt(200)).unwrap();
    same("a large filter", &kept, &there, &here());
    let draws = Generator::new(4).uniform(0f32, 1.0, 70_003);
    assert_array_eq(&draws, &here().compute(&draws).unwrap());
}
