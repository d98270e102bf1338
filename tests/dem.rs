//! Real terrain (`data/dem.npy`, 344 × 403 elevations in metres): what a geographer asks, against NumPy's answers in
//! `data/dem_expected.csv` (`data/dem_expected.py`).

use gridloom::error::Error;
use gridloom::{Array, ChunkSpec, concatenate, read_npy, where_};
use ndarray::{ArrayD, s};

use crate::common::{Bound, assert_array_close, assert_array_eq, device};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/dem.npy");
/// Metres between neighbours.
const SPACING: f64 = 90.0;

/// Several chunkings of the terrain.
fn terrains() -> Vec<Array<i16>> {
    let specs: [ChunkSpec; 4] = ["auto".into(), (100, 150).into(), (37, 403).into(), (344, 50).into()];
    specs.into_iter().map(|spec| read_npy(PATH, spec).unwrap()).collect()
}

/// The numbers of a line of the expected ones.
fn expected(name: &str) -> ArrayD<f64> {
    let lines = include_str!("data/dem_expected.csv").lines();
    let mut found = lines.filter_map(|line| line.split_once(';')).filter(|(own, _)| *own == name);
    let (_, numbers) = found.next().unwrap_or_else(|| panic!("no line {name:?}"));
    numbers.split(' ').map(|n| n.parse().unwrap()).collect::<ndarray::Array1<f64>>().into_dyn()
}

/// The same without its axis, where it is one number.
fn one(name: &str) -> ArrayD<f64> {
    expected(name).index_axis_move(ndarray::Axis(0), 0)
}

/// `np.gradient` along an axis: central differences inside, one-sided ones at both ends.
fn gradient(z: &Array<f64>, axis: usize) -> gridloom::Result<Array<f64>> {
    let z = if axis == 0 { z.clone() } else { z.t() };
    let first = (z.slice(s![1..2, ..])? - z.slice(s![0..1, ..])?) / SPACING;
    let inner = (z.slice(s![2.., ..])? - z.slice(s![..-2, ..])?) / (2.0 * SPACING);
    let last = (z.slice(s![-1.., ..])? - z.slice(s![-2..-1, ..])?) / SPACING;
    let all = concatenate(&[first, inner, last], 0)?;
    Ok(if axis == 0 { all } else { all.t() })
}

/// Sums of 138 632 terms, in another order than NumPy's.
const SUMMED: Bound = Bound::Rel(1e-12);

#[test]
fn terrain_is_read_as_it_is() {
    device();
    for dem in terrains() {
        assert_eq!(dem.shape().unwrap(), [344, 403]);
        let extremes = [dem.min().unwrap().item().unwrap(), dem.max().unwrap().item().unwrap()];
        assert_eq!(expected("min max").mapv(|v| v as i16).as_slice().unwrap(), extremes);
        let places = [dem.argmin().unwrap().item().unwrap(), dem.argmax().unwrap().item().unwrap()];
        assert_eq!(expected("argmin argmax").mapv(|v| v as i64).as_slice().unwrap(), places);
        assert_array_eq(&dem.sum(), &one("sum").mapv(|v| v as i64));
        let whole = expected("mean std");
        assert_array_close(&dem.mean(), &ndarray::arr0(whole[0]).into_dyn(), SUMMED);
        assert_array_close(&dem.std(0.0).unwrap(), &ndarray::arr0(whole[1]).into_dyn(), SUMMED);
        let rows = dem.mean_axis(1).unwrap().slice(s![..;16]).unwrap();
        assert_array_close(&rows, &expected("row means"), SUMMED);
        let columns = dem.max_axis(0).unwrap().slice(s![..;16]).unwrap();
        assert_array_eq(&columns, &expected("column maxima").mapv(|v| v as i16));
    }
}

#[test]
fn terrain_of_another_dtype_is_refused() {
    assert!(matches!(read_npy::<f32>(PATH, "auto"), Err(Error::Format { .. })));
    assert!(matches!(read_npy::<i16>("tests/data/none.npy", "auto"), Err(Error::Io { .. })));
}

#[test]
fn hypsometry_equals_numpys() {
    for dem in terrains() {
        let (counts, edges) = dem.histogram(20).unwrap().compute().unwrap();
        assert_eq!(counts.mapv(|c| c as f64).into_dyn(), expected("hypsometry counts"));
        assert_eq!(edges.clone().into_dyn(), expected("hypsometry edges"));
        // The area above each left edge, as a mask and a count.
        for (edge, want) in edges.iter().zip(&expected("area above")) {
            let above = dem.ge(edge.ceil() as i16);
            assert_eq!(above.count_nonzero().item().unwrap() as f64, *want, "above {edge} m");
        }
    }
}

#[test]
fn slopes_by_central_differences_equal_numpys() {
    for dem in terrains() {
        let z = dem.cast::<f64>();
        let (dy, dx) = (gradient(&z, 0).unwrap(), gradient(&z, 1).unwrap());
        let at = |x: &Array<f64>, r: isize, c: isize| x.slice(s![r, c]).unwrap().item().unwrap();
        let got =
            [at(&dy, 0, 0), at(&dx, 0, 0), at(&dy, -1, -1), at(&dx, -1, -1), at(&dy, 100, 200), at(&dx, 100, 200)];
        assert_eq!(expected("gradient corners").as_slice().unwrap(), got);
        let (a, b, c, d) = gridloom::compute((&dy.sum(), &dx.sum(), &dy.abs().sum(), &dx.abs().sum()))
            .map(|(a, b, c, d)| (a[[]], b[[]], c[[]], d[[]]))
            .unwrap();
        let want = expected("gradient sums");
        for (got, want) in [a, b, c, d].iter().zip(&want) {
            // The signed sums cancel: the bound is that of the sizes.
            assert!((got - want).abs() <= 1e-12 * 21_066.0, "{got} against {want}");
        }
        let slope = dx.hypot(&dy).unwrap();
        let whole = expected("slope mean std max");
        for (got, want) in [slope.mean(), slope.std(0.0).unwrap(), slope.max().unwrap()].iter().zip(&whole) {
            assert_array_close(got, &ndarray::arr0(*want).into_dyn(), SUMMED);
        }
        assert_eq!(slope.argmax().unwrap().item().unwrap() as f64, one("slope argmax")[[]]);
        let columns = slope.mean_axis(0).unwrap().slice(s![..;16]).unwrap();
        assert_array_close(&columns, &expected("slope column means"), SUMMED);
        let counts = slope.histogram((12, 0.0, 1.2)).unwrap().compute().unwrap().0;
        assert_eq!(counts.mapv(|c| c as f64).into_dyn(), expected("slope histogram"));
    }
}

#[test]
fn masked_means_equal_numpys() {
    for dem in terrains() {
        let z = dem.cast::<f64>();
        let slope = gradient(&z, 1).unwrap().hypot(gradient(&z, 0).unwrap()).unwrap();
        let (high, steep) = (dem.gt(700), slope.gt(0.3));
        let highlands = dem.filter(&high).unwrap();
        assert_array_eq(&high.count_nonzero(), &one("high count").mapv(|v| v as i64));
        assert_array_eq(&steep.count_nonzero(), &one("steep count").mapv(|v| v as i64));
        assert_array_eq(&highlands.min().unwrap(), &one("high minimum").mapv(|v| v as i16));
        let filtered = |x: &Array<f64>, mask: &Array<bool>| x.filter(mask).unwrap();
        for (name, got) in [
            ("high mean", highlands.mean()),
            ("slope mean where high", filtered(&slope, &high).mean()),
            ("slope mean where low", filtered(&slope, &!&high).mean()),
            ("elevation mean where steep", filtered(&z, &steep).mean()),
            ("elevation std where steep", filtered(&z, &steep).std(1.0).unwrap()),
            ("elevation where both", filtered(&z, &(&high & &steep)).mean()),
        ] {
            let want = one(name);
            let value = got.compute().unwrap()[[]];
            assert!(SUMMED.holds(got.dtype(), value, want[[]]), "{name}: {value} against {want}");
        }
        let rows = where_(&high, &dem, 0).unwrap().max_axis(1).unwrap().slice(s![..;16]).unwrap();
        assert_array_eq(&rows, &expected("masked row maxima").mapv(|v| v as i16));
    }
}
