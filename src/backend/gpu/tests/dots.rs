//! Every way in which operands of products come to threads, against plain loops.

use super::super::dot::Product;
use super::super::dot_loads::Way;
use super::super::tile::Tile;
use super::super::*;
use super::*;
use crate::plan::kernel::Access;

/// A layout of an operand: its name, and base, strides of lines and of steps for so many lines and steps.
type Layout = (&'static str, fn(i64, i64) -> (i64, [i64; 2]));

const LAYOUTS: [Layout; 10] = [
    ("rows", |_, steps| (0, [steps, 1])),
    ("rows of whole fours", |_, steps| (4, [(steps + 7) / 4 * 4, 1])),
    ("rows after an odd offset", |_, steps| (3, [(steps + 7) / 4 * 4, 1])),
    ("columns", |lines, _| (0, [1, lines])),
    ("columns of whole fours", |lines, _| (8, [1, (lines + 7) / 4 * 4])),
    ("columns after an odd offset", |lines, _| (5, [1, (lines + 7) / 4 * 4])),
    ("every other", |_, steps| (1, [2 * steps + 1, 2])),
    ("one line for all", |_, _| (4, [0, 1])),
    ("one step for all", |_, _| (4, [1, 0])),
    ("backwards", |lines, steps| ((lines - 1) * ((steps + 3) / 4 * 4), [-((steps + 3) / 4 * 4), 1])),
];

/// An operand of so many lines and steps, in a buffer that holds nothing but NaN beside it: its buffer, place and values.
fn operand(dtype: DType, seed: i64, layout: Layout, (lines, steps): (i64, i64)) -> (GpuBuffer, Access, Vec<f64>) {
    let (base, strides) = layout.1(lines, steps);
    let access = Access { base, strides: strides.to_vec() };
    let places: Vec<usize> =
        (0..lines * steps).map(|i| access.at(&[(i / steps) as u64, (i % steps) as u64]) as usize).collect();
    let mut held = vec![f64::NAN; places.iter().max().unwrap() + 1];
    places.iter().for_each(|&at| held[at] = ((at as i64 * 7 + seed) % 11 - 5) as f64);
    let of = |value: f64| match dtype {
        _ if dtype.is_float() => Scalar::from_f64(dtype, value).bits(),
        DType::Bool => u64::from(value > 0.0),
        _ if value.is_nan() => 99,
        _ => Scalar::from_i64(dtype, value as i64).bits(),
    };
    let values = places.iter().map(|&at| if dtype == DType::Bool { f64::from(held[at] > 0.0) } else { held[at] });
    (gpu().upload(&from_bits(dtype, held.iter().map(|&value| of(value)))).unwrap(), access, values.collect())
}

/// Computes a product by a tile in so many parts, and how its operands were loaded.
fn check(dtype: DType, tile: Tile, size: [u32; 3], layouts: [Layout; 2], parts: u32) -> [Way; 2] {
    let [m, n, k] = size;
    let (a, of_a, left) = operand(dtype, 3, layouts[0], (m.into(), k.into()));
    let (b, of_b, right) = operand(dtype, 4, layouts[1], (n.into(), k.into()));
    let place = |access: &Access, order: [usize; 2]| {
        [access.base, access.strides[order[0]], access.strides[order[1]]].map(|v| v as u32).to_vec()
    };
    let product = Product::new(dtype, size, (&a, place(&of_a, [0, 1])), (&b, place(&of_b, [1, 0])));
    let count = (m * n) as usize;
    let out = gpu().0.allocate(dtype, count * parts as usize).unwrap();
    product.launch(&Job::new(gpu(), None), tile, (parts, m * n), (&out, &[0, n, 1], false)).unwrap();
    let got = gpu().download(&out).unwrap();
    let value_at = |i: usize| value(dtype, &got.bytes()[i * dtype.size()..][..dtype.size()]).to_f64();
    let k = k as usize;
    for i in 0..count {
        let (row, col) = (i / n as usize, i % n as usize);
        let got: f64 = (0..parts as usize).map(|part| value_at(part * count + i)).sum();
        let want: f64 = (0..k).map(|step| left[row * k + step] * right[col * k + step]).sum();
        let want = match dtype {
            DType::Bool => f64::from(want > 0.0),
            _ if dtype.is_float() => want,
            _ => Scalar::from_i64(dtype, want as i64).to_f64(),
        };
        let what = format!("{dtype} {tile:?} {size:?} {} · {} in {parts}", layouts[0].0, layouts[1].0);
        assert_eq!(got, want, "{what}: {row} {col}");
    }
    product.ways(tile)
}

#[test]
fn every_way_of_loading_agrees() {
    let mut seen = Vec::new();
    let limits = &gpu().0.device.limits;
    for tile in [Tile::MEDIUM, Tile::LARGE, Tile::SMALL, Tile::SHAPES[1]] {
        // Edges that no four divides, and that all do.
        for size in [[70, 67, 53], [68, 132, 64], [3, 2, 5]] {
            for (i, &left) in LAYOUTS.iter().enumerate() {
                // All with all of one tile, a part with the others.
                for (j, &right) in LAYOUTS.iter().enumerate() {
                    if (tile == Tile::MEDIUM || (i + j) % 3 == 0) && tile.fits(DType::F32, size, limits) {
                        seen.push(check(DType::F32, tile, size, [left, right], 1));
                    }
                }
            }
        }
    }
    for left in [Way::One, Way::Lines, Way::Steps] {
        for right in [Way::One, Way::Lines, Way::Steps] {
            assert!(seen.contains(&[left, right]), "{left:?} {right:?}");
        }
    }
}

#[test]
fn every_dtype_loads_by_fours() {
    for dtype in DType::all_computed().filter(|&dtype| supported(dtype)) {
        for (left, right) in [(1, 4), (4, 1), (4, 4)] {
            let layouts = [LAYOUTS[left], LAYOUTS[right]];
            assert!(!check(dtype, Tile::MEDIUM, [66, 65, 37], layouts, 1).contains(&Way::One), "{dtype}");
        }
    }
}

#[test]
fn vectors_load_by_fours() {
    let mut seen = Vec::new();
    for (tile, size) in [
        (Tile::rows(8), [37, 1, 1030]),
        (Tile::rows(1), [3, 1, 4101]),
        (Tile::cols(8), [1, 37, 1030]),
        (Tile::rows(256), [300, 1, 7]),
    ] {
        for &left in &LAYOUTS {
            for &right in &LAYOUTS {
                // Parts are cut at whole fours.
                for parts in if size[2] > 1000 { 1..=3 } else { 1..=1 } {
                    seen.push(check(DType::F32, tile, size, [left, right], parts));
                }
            }
        }
    }
    for way in [[Way::Steps, Way::Steps], [Way::Steps, Way::One], [Way::One, Way::Steps], [Way::One, Way::One]] {
        assert!(seen.contains(&way), "{way:?}");
    }
}
