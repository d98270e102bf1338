//! Elements replaced, several lists of places, places of what is not zero, buffers and sources of a user's: against plain loops.

use std::sync::Arc;

use gridloom::functions::{arange, from_source, from_strided};
use gridloom::graph::{Layout, Source};
use gridloom::host::HostBuffer;
use gridloom::{Client, DType, DynArray, Error, Index};
use insta::assert_snapshot;
use proptest::prelude::*;

use crate::common::device;
use crate::properties::{for_all, settings};

fn values(x: &DynArray) -> Vec<i64> {
    device();
    x.cast(DType::I64).typed::<i64>().unwrap().to_vec().unwrap()
}

fn refused<R>(result: Result<R, Error>) -> String {
    result.err().expect("an error").to_string()
}

/// `0, 1, ..` in a shape and chunks.
fn numbers(shape: &[usize], chunk: usize) -> DynArray {
    arange(DType::I64, shape.iter().product()).reshape(shape).unwrap().rechunk(chunk).unwrap()
}

/// One axis' part as Python names it, and the places that it is.
fn part(len: usize) -> impl Strategy<Value = (Index, Vec<usize>)> {
    let n = len as i64;
    let bound = move || proptest::option::of(-n - 2..n + 3);
    let slice = (bound(), bound(), prop_oneof![-3i64..0, 1i64..4]).prop_map(move |(start, stop, step)| {
        let places = python_slice(n, start, stop, step);
        (Index::Slice { start, stop, step: Some(step) }, places)
    });
    let one = (-n..n.max(1)).prop_map(move |k| (Index::Int(k), vec![k.rem_euclid(n.max(1)) as usize]));
    if len == 0 { slice.boxed() } else { prop_oneof![4 => slice, 1 => one].boxed() }
}

/// The places of `start:stop:step`, as Python walks them.
fn python_slice(n: i64, start: Option<i64>, stop: Option<i64>, step: i64) -> Vec<usize> {
    let clamp = |bound: i64, low: i64, high: i64| (if bound < 0 { bound + n } else { bound }).clamp(low, high);
    let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
    let mut at = start.map_or(if step > 0 { 0 } else { n - 1 }, |bound| clamp(bound, low, high));
    let end = stop.map_or(if step > 0 { n } else { -1 }, |bound| clamp(bound, low, high));
    let mut places = Vec::new();
    while if step > 0 { at < end } else { at > end } {
        places.push(at as usize);
        at += step;
    }
    places
}

/// Parts of two axes given other elements, of a number and of an array.
#[test]
fn parts_are_replaced() {
    let parts = (1usize..8, 0usize..8).prop_flat_map(|(a, b)| (Just([a, b]), (part(a), part(b))));
    for_all(settings(60, 60), (parts, 1usize..5), |((shape, ((rows, rows_at), (columns, columns_at))), chunk)| {
        let x = numbers(&shape, chunk);
        let at = |r: &usize| columns_at.iter().map(move |c| r * shape[1] + c).collect::<Vec<usize>>();
        let places: Vec<usize> = rows_at.iter().flat_map(at).collect();
        let named = [rows, columns];
        let seen = x.index(&named).unwrap().shape().unwrap();
        let new = arange(DType::I64, places.len()).add(1000).unwrap().reshape(seen).unwrap();
        let (mut by_array, mut by_number) = (values(&x), values(&x));
        for (k, &place) in places.iter().enumerate() {
            by_array[place] = 1000 + k as i64;
            by_number[place] = -7;
        }
        let replaced = x.assign(&named, &new).unwrap();
        prop_assert_eq!(values(&replaced), by_array);
        prop_assert_eq!(replaced.chunks(), x.chunks());
        prop_assert_eq!(values(&x.assign(&named, -7).unwrap()), by_number);
        Ok(())
    });
}

/// Lists of places of two axes, with a whole axis before, between or behind them.
#[test]
fn lists_of_places_name_elements_together() {
    let picks = prop::collection::vec((-20i64..20, -20i64..20), 0..9);
    let all = ([1usize..5, 1usize..5, 1usize..5], picks, 0usize..3, 1usize..4);
    for_all(settings(60, 60), all, |(shape, picks, whole, chunk)| {
        let x = numbers(&shape, chunk);
        let listed: Vec<usize> = (0..3).filter(|&k| k != whole).collect();
        let wrap = |k: i64, len: usize| k.rem_euclid(2 * len as i64) - len as i64;
        let of = |l: usize| picks.iter().map(|pick| wrap([pick.0, pick.1][l], shape[listed[l]])).collect::<Vec<i64>>();
        let lists = [of(0), of(1)];
        let mut entries = vec![Index::ALL; 3];
        (0..2).for_each(|l| entries[listed[l]] = lists[l].clone().into());
        let at = |pick: usize, other: usize| {
            let mut place = [0; 3];
            place[whole] = other;
            (0..2).for_each(|l| place[listed[l]] = lists[l][pick].rem_euclid(shape[listed[l]] as i64) as usize);
            ((place[0] * shape[1] + place[1]) * shape[2] + place[2]) as i64
        };
        // The lists' axis is first but where the whole axis stands before both.
        let (n, m) = (picks.len(), shape[whole]);
        let mut expected = Vec::new();
        for k in 0..n * m {
            expected.push(if whole == 0 { at(k % n, k / n) } else { at(k / m, k % m) });
        }
        prop_assert_eq!(values(&x.index(&entries).unwrap()), expected);
        Ok(())
    });
}

#[test]
fn masks_and_axes_of_length_one_are_assigned() {
    let x = numbers(&[2, 3], 2);
    assert_eq!(values(&x.assign(&[x.gt(2).unwrap().into()], 9).unwrap()), [0, 1, 2, 9, 9, 9]);
    let row: DynArray = gridloom::array([[[7, 8, 9]]]).into();
    assert_eq!(values(&x.assign(&[1.into()], &row).unwrap()), [0, 1, 2, 7, 8, 9]);
    let entries = [Index::NewAxis, Index::ALL, 1.into()];
    assert_eq!(values(&x.assign(&entries, gridloom::array([[5, 6]])).unwrap()), [0, 5, 2, 3, 6, 5]);
    // Of the array's dtype: a float loses its fraction.
    assert_eq!(values(&x.assign(&[0.into(), 0.into()], 2.9).unwrap()), [2, 1, 2, 3, 4, 5]);
}

#[test]
fn what_cannot_be_assigned_is_said() {
    let x = numbers(&[2, 3], 2);
    let pair: DynArray = gridloom::array([1, 2]).into();
    assert_snapshot!(refused(x.assign(&[0.into()], &pair)), @"broadcast_to: shape (2,) does not broadcast to (3,); only axes of length 1 can grow, and new axes come first");
    assert_snapshot!(refused(x.assign(&[vec![0].into()], &pair)), @"broadcast_to: shape (2,) does not broadcast to (1, 3); only axes of length 1 can grow, and new axes come first");
    assert_snapshot!(refused(x.assign(&[numbers(&[3], 3).gt(1).unwrap().into()], 1)), @"filter: shapes (2, 3) and (3,) do not broadcast: axis 0 is 2 against 3; a mask has the shape of the array; filter_axis() takes one of an axis alone");
    assert_snapshot!(refused(x.cast(DType::U8).assign(&[0.into()], 300)), @"assign: number is 300, beside an array of u8; it must be one that the array's dtype holds: cast() the array to a wider one");
    assert_snapshot!(refused(x.assign(&[2.into()], 1)), @"assign: index 2 is out of range for axis 0 of length 2");
    let filtered = x.filter(&x.gt(1).unwrap()).unwrap();
    assert_snapshot!(refused(filtered.assign(&[Index::ALL], 1)), @"assign: shape (?,) has an unknown length; compute() it and go on from the result, or assign to what it was filtered from");
}

#[test]
fn places_of_what_is_not_zero() {
    let x: DynArray = gridloom::array([[0, 5, 0], [7, 0, 9]]).into();
    let places = x.rechunk(1).unwrap().nonzero().unwrap();
    assert_eq!(places.iter().map(values).collect::<Vec<_>>(), [[0, 1, 1], [1, 0, 2]]);
    let zeros = x.eq(100).unwrap().nonzero().unwrap();
    assert_eq!(zeros.iter().map(values).collect::<Vec<_>>(), [[0i64; 0], [0; 0]]);
    assert_snapshot!(refused(x.sum().nonzero()), @"nonzero: needs an array of one axis or more, got an array of shape ()");
}

/// What is there as bytes, at any strides.
#[test]
fn lent_buffers_are_read_where_they_lie() {
    let bytes: Arc<[u8]> = (0u8..48).collect();
    let owner = Arc::downgrade(&bytes);
    let buffer = HostBuffer::lent(DType::U8, bytes).unwrap();
    let turned = from_strided(buffer, Layout { base: 47, strides: vec![-1, -12, 0] }, [3, 4, 2], 2usize).unwrap();
    let expected: Vec<i64> = (0..3).flat_map(|a| (0..4).flat_map(move |b| [47 - a - 12 * b; 2])).collect();
    assert_eq!(values(&turned), expected);
    assert!(owner.upgrade().is_some());
    drop(turned);
    Client::get_default().unwrap().sync().unwrap();
    assert!(owner.upgrade().is_none(), "the owner goes with the array");

    let short = || HostBuffer::from_values(vec![1i32, 2, 3]);
    let strided = |base, strides: &[i64], shape: &[usize]| {
        refused(from_strided(short(), Layout { base, strides: strides.to_vec() }, shape, "auto"))
    };
    assert_snapshot!(strided(0, &[2], &[3]), @"from_strided: the range of places is 0 to 4 of 3 elements; it must be within the buffer");
    assert_snapshot!(strided(0, &[-1], &[2]), @"from_strided: the range of places is -1 to 0 of 3 elements; it must be within the buffer");
    assert_snapshot!(strided(0, &[1, 1], &[2]), @"from_strided: the list of strides is [1, 1]; it must be one an axis");
    assert_snapshot!(strided(0, &[i64::MAX, i64::MAX], &[usize::MAX, usize::MAX]), @"from_strided: the range of places is 0 to 170141183460469231731687303715884105727 of 3 elements; it must be within the buffer");
    assert_snapshot!(refused(HostBuffer::lent(DType::F64, vec![0u8; 12])), @"HostBuffer::lent: number of bytes is 12; it must be a multiple of the element's size");
    assert_snapshot!(refused(HostBuffer::lent(DType::Bool, vec![2u8])), @"HostBuffer::lent: buffer of bool is a byte that is neither 0 nor 1; it must be 0 and 1");
    assert_eq!(values(&from_strided(short(), Layout { base: 99, strides: vec![5] }, 0, "auto").unwrap()), [0i64; 0]);
}

/// A source, of which a row may be torn.
struct Rows {
    torn: Option<u64>,
}
impl Source for Rows {
    fn chunk(&self, _: &[u64], region: &[(u64, u64)]) -> gridloom::Result<(Arc<HostBuffer>, Layout, Vec<u64>)> {
        let [(top, bottom), (left, right)] = *region else { panic!("two axes") };
        if let Some(row) = self.torn.filter(|row| (top..bottom).contains(row)) {
            return Err(Error::UserFunction { name: "rows".into(), problem: format!("row {row} is torn") });
        }
        let values: Vec<i32> = (top..bottom).flat_map(|r| (left..right).map(move |c| (100 * r + c) as i32)).collect();
        let shape = vec![bottom - top, right - left];
        Ok((Arc::new(HostBuffer::from_values(values)), Layout::c_order(&shape), shape))
    }
    fn describe(&self) -> String {
        "rows".into()
    }
    fn in_memory(&self) -> bool {
        false
    }
}

#[test]
fn sources_of_ones_own_are_read_by_regions() {
    let x = from_source(Rows { torn: None }, DType::I32, (100, 100), (30, 40)).unwrap();
    let part = x.index(&[(5..33).into(), (38..42).into()]).unwrap();
    let expected: Vec<i64> = (5..33).flat_map(|r| (38..42).map(move |c| 100 * r + c)).collect();
    assert_eq!(values(&part), expected);
    let torn = from_source(Rows { torn: Some(90) }, DType::I32, (100, 100), (30, 40)).unwrap();
    device();
    assert_snapshot!(refused(torn.sum().compute()), @"rows: row 90 is torn");
    assert!(!Client::get_default().unwrap().is_small(&x), "a source may take any time");
}

/// Lists of places of any axes, beside slices and single places: the elements that `index` reads there are the ones replaced, in order.
#[test]
fn places_are_replaced() {
    let entry = |len: usize| {
        let n = len as i64;
        let list = prop::collection::vec(-n..n, 3).prop_map(Index::Places);
        prop_oneof![3 => list, 3 => part(len).prop_map(|(index, _)| index)]
    };
    let all = ([1usize..5, 1usize..5, 1usize..5], 1usize..4).prop_flat_map(move |(shape, chunk)| {
        (Just(shape), [entry(shape[0]), entry(shape[1]), entry(shape[2])], Just(chunk), any::<bool>())
    });
    for_all(settings(150, 150), all, |(shape, entries, chunk, with_new)| {
        let x = numbers(&shape, chunk);
        let mut entries = entries.to_vec();
        if with_new {
            entries.insert(1, Index::NewAxis);
        }
        let named = x.index(&entries).unwrap();
        let (seen, places) = (named.shape().unwrap(), values(&named));
        let new = arange(DType::I64, places.len()).add(1000).unwrap().reshape(seen).unwrap();
        let (mut by_array, mut by_number) = (values(&x), values(&x));
        for (k, &place) in places.iter().enumerate() {
            by_array[place as usize] = 1000 + k as i64;
            by_number[place as usize] = -7;
        }
        let replaced = x.assign(&entries, &new).unwrap();
        prop_assert_eq!(values(&replaced), by_array, "{:?}", entries);
        prop_assert_eq!(replaced.chunks(), x.chunks());
        prop_assert_eq!(values(&x.assign(&entries, -7).unwrap()), by_number);
        Ok(())
    });
}

/// A mask and as many elements as it has true ones, whatever their chunks.
#[test]
fn elements_go_where_a_mask_is_true() {
    let all = (prop::collection::vec(any::<bool>(), 24), [1usize..7, 1usize..7, 1usize..7]);
    for_all(settings(40, 40), all, |(bits, [own, other, third])| {
        for dtype in [DType::Bool, DType::U8, DType::I16, DType::F32, DType::I64] {
            let x = numbers(&[4, 6], own).cast(dtype);
            let mask: DynArray = gridloom::from_ndarray(ndarray::arr1(&bits), other).unwrap().into();
            let mask = mask.reshape([4, 6]).unwrap();
            let count = bits.iter().filter(|bit| **bit).count();
            let new = arange(DType::I64, count).add(50).unwrap().cast(dtype).rechunk(third).unwrap();
            let (mut expected, mut next) = (values(&x), values(&new).into_iter());
            expected.iter_mut().zip(&bits).filter(|(_, bit)| **bit).for_each(|(to, _)| *to = next.next().unwrap());
            let made = x.assign(&[mask.into()], &new).unwrap();
            prop_assert_eq!(values(&made), expected);
            prop_assert_eq!(made.chunks(), x.chunks());
        }
        Ok(())
    });
}

#[test]
fn a_function_of_what_a_mask_chose_is_a_choice() {
    let x = numbers(&[3, 4], 2);
    let mask = x.rem(3).unwrap().eq(1).unwrap();
    let chosen = x.filter(&mask).unwrap();
    let value = chosen.mul(10).unwrap().maximum(chosen.cast(DType::F64).add(20.0).unwrap()).unwrap();
    let made = x.assign(&[mask.clone().into()], &value).unwrap();
    assert_eq!(values(&made), [0, 21, 2, 3, 40, 5, 6, 70, 8, 9, 100, 11]);
    assert!(!made.plan_with(&Client::get_default().unwrap()).unwrap().to_string().contains("assign by mask"));
    // Of another mask, or in another order, it is not known to fit.
    let other = x.filter(&x.gt(5).unwrap()).unwrap();
    assert_snapshot!(refused(x.assign(&[mask.clone().into()], &other)), @"assign: shape (?,) has an unknown length; compute() it and go on from the result, or resolve() the value first");
    let sums = chosen.cumsum().unwrap();
    assert_snapshot!(refused(x.assign(&[mask.into()], &sums)), @"assign: shape (?,) has an unknown length; compute() it and go on from the result, or resolve() the value first");
}

#[test]
fn masks_of_the_first_axes_and_lengths_that_differ() {
    let x = numbers(&[3, 2], 2);
    let rows: DynArray = gridloom::array([true, false, true]).into();
    let row: DynArray = gridloom::array([[7, 8]]).into();
    assert_eq!(values(&x.assign(&[rows.clone().into()], &row).unwrap()), [7, 8, 2, 3, 7, 8]);
    assert_eq!(values(&x.assign(&[rows.clone().into()], 1).unwrap()), [1, 1, 2, 3, 1, 1]);
    let (three, each): (DynArray, DynArray) =
        (gridloom::array([1, 2, 3]).into(), gridloom::array([[1, 2], [3, 4]]).into());
    assert_snapshot!(refused(x.assign(&[rows.clone().into()], &each)), @"assign: value for a mask is one of 2 axes; it must be the same behind each true element: filter and assign with a mask of the array's shape else");
    assert_snapshot!(refused(x.assign(&[rows.into()], &three)), @"broadcast_to: shape (3,) does not broadcast to (2,); only axes of length 1 can grow, and new axes come first");
    let mask = x.gt(0).unwrap();
    assert_snapshot!(refused(x.assign(&[mask.clone().into()], &each)), @"assign: value for a mask is one of 2 axes; it must be one number, or an array of one axis with as many as the mask has true elements");
    device();
    assert_snapshot!(refused(x.assign(&[mask.into()], &three).unwrap().compute()), @"assign: value for a mask is 3 elements for 5 places where the mask is true; it must be one number, or as many as there are places");
    let none: DynArray = gridloom::zeros::<i64>([0, 2]).into();
    let nothing: DynArray = gridloom::zeros::<i64>(0).into();
    assert_eq!(values(&none.assign(&[none.eq(0).unwrap().into()], &nothing).unwrap()), Vec::<i64>::new());
    assert_snapshot!(refused(none.assign(&[none.eq(0).unwrap().into()], &three)), @"assign: value for a mask is 3 elements for 0 places where the mask is true; it must be one number, or as many as there are places");
    assert_snapshot!(refused(x.assign(&[vec![0, 3].into()], 1)), @"assign: index 3 is out of range for axis 0 of length 3");
}
