//! Functions of chunks whose result has other axes or sizes, of arrays that are broadcast together.

use std::sync::{Arc, Mutex};

use gridloom::functions::{Block, BlockAxes, arange, map_blocks};
use gridloom::host::HostBuffer;
use gridloom::{DType, DynArray, Error};
use insta::assert_snapshot;

use crate::common::device;

fn numbers(shape: &[usize], chunks: [usize; 2]) -> DynArray {
    arange(DType::I64, shape.iter().product()).reshape(shape).unwrap().rechunk(chunks).unwrap()
}

fn values(x: &DynArray) -> Vec<i64> {
    device();
    x.typed::<i64>().unwrap().to_vec().unwrap()
}

/// The elements of a chunk, each `times` times.
fn repeated(block: &Block, times: usize) -> gridloom::Result<HostBuffer> {
    let own = block.inputs[0].0.stored::<i64>();
    Ok(HostBuffer::from_values(own.iter().flat_map(|&value| vec![value; times]).collect::<Vec<i64>>()))
}

fn sums(block: &Block, axis: usize) -> gridloom::Result<HostBuffer> {
    let (own, shape) = &block.inputs[0];
    let shape: Vec<usize> = shape.iter().map(|&len| len as usize).collect();
    let view = ndarray::ArrayView2::from_shape((shape[0], shape[1]), own.stored::<i64>()).unwrap();
    Ok(HostBuffer::from_values(view.sum_axis(ndarray::Axis(axis)).to_vec()))
}

#[test]
fn axes_go() {
    let x = numbers(&[4, 6], [2, 3]);
    for (axis, dropped) in [(0, 0), (1, -1)] {
        let axes = BlockAxes { dropped: vec![dropped], ..Default::default() };
        let made =
            map_blocks("sums", std::slice::from_ref(&x), DType::I64, &axes, move |block| sums(block, axis)).unwrap();
        assert_eq!(values(&made), values(&x.sum_axis(axis).unwrap()));
        assert_eq!(made.chunks().grid(), [2]);
    }
}

#[test]
fn axes_are_new_and_sizes_change() {
    let x = numbers(&[4, 6], [2, 3]);
    for at in 0..3 {
        let axes = BlockAxes { new: vec![at], ..Default::default() };
        let made = map_blocks("same", std::slice::from_ref(&x), DType::I64, &axes, |block| repeated(block, 1)).unwrap();
        assert_eq!(made.shape(), x.insert_axis(at).unwrap().shape());
        assert_eq!(values(&made), values(&x));
    }
    let axes = BlockAxes { new: vec![2], sizes: Some(vec![vec![2, 2], vec![3], vec![5]]), ..Default::default() };
    let made = map_blocks("five", std::slice::from_ref(&x), DType::I64, &axes, |block| repeated(block, 5)).unwrap();
    assert_eq!(made.shape(), Some(vec![4, 6, 5]));
    assert_eq!(values(&made), values(&x.repeat(5).unwrap()));
}

/// Each call is given the chunks that belong together, and told which they are.
#[test]
fn arrays_are_broadcast_and_places_are_told() {
    let (x, row) = (numbers(&[4, 6], [2, 3]), arange(DType::I64, 6).rechunk(2).unwrap());
    let column = numbers(&[4, 1], [4, 1]);
    let seen: Arc<Mutex<Vec<Vec<Vec<u64>>>>> = Arc::default();
    let told = seen.clone();
    let add = move |block: &Block| {
        let mut places = block.places.clone();
        places.push(block.place.clone());
        told.lock().unwrap().push(places);
        let [(x, shape), (row, _), (column, rows)] = block.inputs.as_slice() else { panic!("three inputs") };
        let (width, rows) = (shape[1] as usize, rows[0] as usize);
        let first = if rows == shape[0] as usize { 0 } else { block.place[0] as usize * shape[0] as usize };
        let row = row.stored::<i64>();
        let column = &column.stored::<i64>()[first..];
        let all = x.stored::<i64>().iter().enumerate();
        Ok(HostBuffer::from_values(
            all.map(|(k, value)| value + row[k % width] * column[k / width]).collect::<Vec<i64>>(),
        ))
    };
    let arrays = [x.clone(), row.clone(), column.clone()];
    let made = map_blocks("add", &arrays, DType::I64, &BlockAxes::default(), add).unwrap();
    assert_eq!(values(&made), values(&x.add(row.mul(&column).unwrap()).unwrap()));
    let mut seen = seen.lock().unwrap().clone();
    seen.sort();
    assert_eq!(seen.len(), 4);
    assert_eq!(seen[1], [vec![0, 1], vec![1], vec![0, 0], vec![0, 1]]);
}

#[test]
fn unknown_lengths_keep_theirs() {
    let x = arange(DType::I64, 10).rechunk(4).unwrap();
    let odd = x.filter(&x.rem(2).unwrap().eq(1).unwrap()).unwrap();
    let made = map_blocks("same", &[odd], DType::I64, &BlockAxes::default(), |block| repeated(block, 1)).unwrap();
    assert_eq!(values(&made), [1, 3, 5, 7, 9]);
}

#[test]
fn what_does_not_fit_is_refused() {
    let x = numbers(&[4, 6], [2, 3]);
    let made =
        |axes: BlockAxes| map_blocks("f", std::slice::from_ref(&x), DType::I64, &axes, |block| repeated(block, 1));
    let text = |axes: BlockAxes| made(axes).expect_err("an error").to_string();
    assert_snapshot!(text(BlockAxes { dropped: vec![2], ..Default::default() }), @"map_blocks: axis 2 is out of range for an array of shape (4, 6); it has axes -2 to 1");
    assert_snapshot!(text(BlockAxes { new: vec![1, -3], ..Default::default() }), @"map_blocks: axis -3 is named twice in [1, -3]");
    assert_snapshot!(text(BlockAxes { sizes: Some(vec![vec![2]]), ..Default::default() }), @"map_blocks: the list of sizes is of 1 axes; it must be of each axis of the result");
    assert_snapshot!(text(BlockAxes { sizes: Some(vec![vec![2], vec![1, 1, 1]]), ..Default::default() }), @"map_blocks: the list of sizes of an axis is of 3 chunks for 2; it must be one for all chunks, or one each");
    let none = map_blocks("f", &[], DType::I64, &BlockAxes::default(), |block| repeated(block, 1));
    assert_snapshot!(none.expect_err("an error"), @"map_blocks: the list of arrays is none; it must be one array or more");
    device();
    let short = made(BlockAxes { sizes: Some(vec![vec![2], vec![1]]), ..Default::default() }).unwrap().compute();
    assert!(matches!(&short, Err(Error::UserFunction { .. })));
    assert_snapshot!(short.expect_err("an error"), @"f: made 6 elements of i64 for a chunk of shape [2, 1]");
}
