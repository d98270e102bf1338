//! Axes of a few places: the strips of the CPU hold several rows of them, so every width is its own case.

use gridloom::ops::ReduceOp;
use gridloom::random::Generator;
use gridloom::{Array, arange, where_};
use ndarray::{ArrayD, Axis, IxDyn, s};

use crate::common::{Sample, assert_array_eq, chunked, data, device, each_type, small_data};
use crate::reductions::{Form, Rows, check, plain, suited};

/// The widths tried: on adapters some of them, for there nothing depends on the width.
fn widths() -> impl Iterator<Item = usize> {
    (1..=70).step_by(if device().is_gpu() { 23 } else { 1 })
}

/// Shapes with an axis of a width, and which that is.
fn shapes(width: usize) -> [(Vec<usize>, Form<'static>); 4] {
    [
        (vec![67, width], Form::Axes(&[1])),
        (vec![width, 67], Form::Axes(&[0])),
        (vec![11, width, 3], Form::Axes(&[1])),
        (vec![5, 3, width], Form::Keep(&[2])),
    ]
}

#[test]
fn every_reduction_of_every_width_matches_ndarray() {
    fn all<T: Rows>() {
        for width in widths() {
            for (shape, form) in shapes(width) {
                for &op in ReduceOp::ALL {
                    let values = suited::<T>(op, &shape);
                    check(op, &chunked(&values, &1000.into()), &plain(&values), form, 0.0);
                }
            }
        }
    }
    each_type!([bool u8 i32 i64 f32 f64], T => all::<T>());
}

#[test]
fn nan_is_found_and_left_out_at_every_width() {
    fn all<T: Rows>(nan: T) {
        for width in widths() {
            for (shape, form) in shapes(width) {
                for &op in ReduceOp::ALL {
                    let mut values = suited::<T>(op, &shape);
                    // Not in each lane, and in none all of it: some refuse that.
                    let axis = shape.iter().position(|&len| len == width).unwrap();
                    let later = values.indexed_iter_mut().filter(|(at, _)| at[axis] > 0);
                    later.step_by(5).for_each(|(_, v)| *v = nan);
                    check(op, &chunked(&values, &1000.into()), &plain(&values), form, 0.0);
                }
            }
        }
    }
    all(f32::NAN);
    all(f64::NAN);
}

/// Two reductions and their oracle of an expression over short rows: what several axes reduced at once, chunks across the rows
/// and views make of them.
#[test]
fn short_axes_in_chunks_and_views_match_ndarray() {
    for width in widths() {
        let values = small_data::<f64>(&[29, width, 4], 5);
        for chunks in [[29, width, 4], [8, width, 4], [29, width.div_ceil(2), 3], [5, width.div_ceil(3), 1]] {
            let x = chunked(&values, &chunks[..].into());
            for form in [Form::Axes(&[1]), Form::Axes(&[0, 2]), Form::Axes(&[1, 2]), Form::Axes(&[0, 1]), Form::Whole] {
                for op in [ReduceOp::Sum, ReduceOp::Max] {
                    check(op, &x, &plain(&values), form, 0.0);
                }
            }
            let (seen, view) = (x.slice(s![..;3, ..;-1, 1..]).unwrap(), values.slice(s![..;3, ..;-1, 1..]));
            check(ReduceOp::Argmin, &seen, &view.to_owned().into_dyn(), Form::Axes(&[1]), 0.0);
            let (turned, other) = (x.permute_axes([2, 0, 1]).unwrap(), values.view().permuted_axes(IxDyn(&[2, 0, 1])));
            check(ReduceOp::Sum, &turned, &other.to_owned(), Form::Axes(&[2]), 0.0);
            check(ReduceOp::Argmax, &turned, &other.to_owned(), Form::Axes(&[0]), 0.0);
        }
    }
}

/// `x`, a row, a column and one number, by one function of arrays on either side.
macro_rules! both {
    ($width:expr, |$x:ident, $row:ident, $column:ident, $one:ident| $expression:expr) => {{
        let (x, row) = (small_data::<f64>(&[37, $width], 1), small_data::<f64>(&[$width], 2));
        let (column, one) = (small_data::<f64>(&[37, 1], 3), small_data::<f64>(&[1, 1], 4));
        let want = {
            let ($x, $row, $column, $one) = (&x, &row, &column, &one);
            $expression
        };
        for chunk in [1000, 5] {
            let cut = |a: &ArrayD<f64>| chunked(a, &chunk.into());
            let ($x, $row, $column, $one) = (&cut(&x), &cut(&row), &cut(&column), &cut(&one));
            assert_array_eq(&$expression, &want);
        }
    }};
}

#[test]
fn rows_columns_and_numbers_are_spread_over_every_width() {
    for width in widths() {
        both!(width, |x, row, column, one| &(x - row) * column + one);
        both!(width, |x, row, column, one| &(row + one) * column - &(x + &(row * 2.0)));
        both!(width, |x, row, column, one| column * row + (one + column) * x);
        both!(width, |x, row, column, one| (x + row) + (column + one) * 0.5);
    }
}

#[test]
fn views_of_short_rows_are_put_in_order_at_every_width() {
    fn all<T: Sample>() {
        for width in widths() {
            let values = data::<T>(&[23, width], 7);
            let x = chunked(&values, &1000.into());
            let seen = |x: gridloom::Result<Array<T>>, want: ndarray::ArrayViewD<'_, T>| {
                assert_array_eq(&x.unwrap(), &want.to_owned());
            };
            seen(x.slice(s![.., ..;-1]), values.slice(s![.., ..;-1]).into_dyn());
            seen(x.slice(s![..;-2, ..;3]), values.slice(s![..;-2, ..;3]).into_dyn());
            seen(x.slice(s![1.., width / 3..]), values.slice(s![1.., width / 3..]).into_dyn());
            seen(Ok(x.t()), values.t());
            let spread = x.insert_axis(1).and_then(|x| x.broadcast_to((23, 4, width)));
            seen(spread, values.view().insert_axis(Axis(1)).broadcast(IxDyn(&[23, 4, width])).unwrap());
        }
    }
    each_type!([bool u16 f32 i64], T => all::<T>());
}

#[test]
fn labels_become_columns() {
    for width in widths() {
        let labels: ArrayD<i64> = small_data::<i64>(&[300], 3).mapv(|v| v.rem_euclid(width as i64));
        let want = ArrayD::from_shape_fn(IxDyn(&[300, width]), |at| f64::from(u8::from(labels[at[0]] == at[1] as i64)));
        for chunk in [300, 64] {
            let x = chunked(&labels, &chunk.into());
            let hot = x.insert_axis(1).unwrap().eq(arange::<i64>(width));
            assert_array_eq(&hot.cast::<f64>(), &want);
            assert_array_eq(&hot.sum_axis(1).unwrap(), &ArrayD::from_elem(IxDyn(&[300]), 1));
            let counts = want.sum_axis(Axis(0)).mapv(|v| v as i64);
            assert_array_eq(&hot.count_nonzero_axis(0).unwrap(), &counts);
            let picked = where_(&hot, x.insert_axis(1).unwrap(), -1).unwrap();
            assert_array_eq(&picked.max_axis(1).unwrap(), &labels);
        }
    }
}

/// A draw depends on the element alone, however the rows around it are cut and spread.
#[test]
fn draws_are_the_same_spread_over_short_rows() {
    let rng = Generator::new(5);
    for width in widths() {
        let (x, column, row) = (rng.random::<f64>((19, width)), rng.random::<f64>((19, 1)), rng.random::<f64>(width));
        let values = |a: &Array<f64>| a.compute().unwrap();
        let want = (values(&x) + values(&column)) * values(&row);
        assert_array_eq(&((&x + &column) * &row), &want);
        let backwards = x.slice(s![.., ..;-1]).unwrap();
        let want = &values(&x).slice(s![.., ..;-1]) + &values(&column);
        assert_array_eq(&(&backwards + &column), &want.into_dyn());
    }
}

#[test]
fn filters_and_histograms_of_spread_rows_count_each_element() {
    for width in widths() {
        let (values, row) = (small_data::<f64>(&[41, width], 1), small_data::<f64>(&[width], 2));
        let (x, spread) = (chunked(&values, &1000.into()), chunked(&row, &1000.into()));
        let sum = &values + &row;
        let y = &x + &spread;
        let kept = y.filter(&x.gt(&spread)).unwrap();
        let pairs = sum.iter().zip(values.indexed_iter());
        let want: Vec<f64> = pairs.filter(|(_, (at, v))| **v > row[at[1]]).map(|(&sum, _)| sum).collect();
        assert_array_eq(&kept, &ArrayD::from_shape_vec(IxDyn(&[want.len()]), want.clone()).unwrap());
        let total = ArrayD::from_elem(IxDyn(&[]), want.iter().sum::<f64>());
        assert_array_eq(&kept.sum(), &total);
        let bins = y.histogram((8, -16.0, 16.0)).unwrap();
        let mut counts = ArrayD::zeros(IxDyn(&[8]));
        sum.iter().for_each(|v| counts[((v + 16.0) / 4.0).min(7.0) as usize] += 1i64);
        assert_array_eq(&bins.counts, &counts);
    }
}
