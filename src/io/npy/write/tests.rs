//! Tests of [`NpyWriter`]: what is written reads back, and only whole files get a name.

use ndarray_npy::ReadNpyExt;
use proptest::prelude::*;

use super::*;
use crate::io::read_npy;

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// The bytes of a region of an array of `i32` whose elements are their own places.
fn elements(shape: &[u64], region: &[(u64, u64)]) -> Vec<u8> {
    let strides = c_strides(shape);
    let base = region.iter().zip(&strides).map(|((start, _), s)| *start as i64 * s).sum();
    let own: Vec<u64> = region.iter().map(|(start, end)| end - start).collect();
    let mut bytes = vec![];
    for_each_run(&own, &Layout { base, strides }, |at, n| -> Result<()> {
        bytes.extend((0..n as i32).flat_map(|i| (at as i32 + i).to_ne_bytes()));
        Ok(())
    })
    .unwrap();
    bytes
}

/// An axis cut at random places.
fn cuts(len: u64) -> impl Strategy<Value = Vec<(u64, u64)>> {
    prop::collection::btree_set(0..=len, 0..4).prop_map(move |mut ends| {
        ends.extend([0, len]);
        let ends: Vec<u64> = ends.into_iter().collect();
        if len == 0 { vec![(0, 0)] } else { ends.windows(2).map(|w| (w[0], w[1])).collect() }
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn random_regions_in_random_order_make_the_array(
        (shape, axes, seed) in prop::collection::vec(0u64..9, 0..4).prop_flat_map(|shape| {
            let axes: Vec<_> = shape.iter().map(|&len| cuts(len)).collect();
            (Just(shape), axes, any::<u64>())
        })
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        let writer = NpyWriter::create(&path, DType::I32, &shape).unwrap();
        let mut regions: Vec<Vec<(u64, u64)>> = vec![vec![]];
        for axis in &axes {
            regions = regions.iter().flat_map(|r| axis.iter().map(|&part| [r.as_slice(), &[part]].concat())).collect();
        }
        regions.sort_by_cached_key(|r| r.iter().fold(seed, |h, (a, b)| (h ^ a ^ b << 8).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        std::thread::scope(|scope| {
            for part in regions.chunks(regions.len().div_ceil(3)) {
                let (writer, shape) = (&writer, &shape);
                scope.spawn(move || {
                    for region in part {
                        writer.write_region(region, &elements(shape, region)).unwrap();
                    }
                });
            }
        });
        writer.finish().unwrap();
        prop_assert_eq!(names(folder.path()), ["x.npy"]);
        let count = shape.iter().product::<u64>() as i32;
        let expected = ndarray::ArrayD::from_shape_vec(
            shape.iter().map(|&d| d as usize).collect::<Vec<_>>(), (0..count).collect()).unwrap();
        let theirs = ndarray::ArrayD::<i32>::read_npy(std::fs::File::open(&path).unwrap()).unwrap();
        prop_assert_eq!(&theirs, &expected);
        prop_assert_eq!(read_npy::<i32>(&path, "auto").unwrap().compute().unwrap(), expected);
    }
}

#[test]
fn without_an_end_nothing_is_left_and_nothing_is_touched() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    drop(NpyWriter::create(&path, DType::F64, &[1000]).unwrap());
    assert!(names(folder.path()).is_empty());
    std::fs::write(&path, "what was there").unwrap();
    let writer = NpyWriter::create(&path, DType::U8, &[3]).unwrap();
    writer.write_region(&[(0, 3)], &[1, 2, 3]).unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"what was there");
    drop(writer);
    assert_eq!((names(folder.path()), std::fs::read(&path).unwrap()), (vec!["x.npy".into()], b"what was there".into()));
    NpyWriter::create(&path, DType::U8, &[3]).unwrap().finish().unwrap();
    assert_eq!(read_npy::<u8>(&path, "auto").unwrap().compute().unwrap().as_slice(), Some(&[0, 0, 0][..]));
}

#[cfg(unix)]
#[test]
fn the_file_is_one_like_others() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = tempfile::tempdir().unwrap();
    let [file, plain, link] = ["x.npy", "plain", "link.npy"].map(|name| folder.path().join(name));
    std::fs::write(&plain, "").unwrap();
    NpyWriter::create(&file, DType::Bool, &[]).unwrap().finish().unwrap();
    let mode = |path: &Path| path.metadata().unwrap().permissions().mode();
    assert_eq!(mode(&file), mode(&plain));
    symlink(&file, &link).unwrap();
    NpyWriter::create(&link, DType::Bool, &[2]).unwrap().finish().unwrap();
    assert!(link.is_symlink());
    assert_eq!(read_npy::<bool>(&file, "auto").unwrap().shape(), Some(vec![2]));
}

#[test]
fn what_cannot_be_written_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |path: &Path, shape: &[u64]| {
        let error = NpyWriter::create(path, DType::F32, shape).unwrap_err();
        assert!(matches!(error, Error::Io { op: OP, .. }), "{error}");
        assert!(error.to_string().starts_with(&format!("to_npy: {}: ", path.display())), "{error}");
    };
    refused(&folder.path().join("no/such/x.npy"), &[1]);
    refused(folder.path(), &[1]);
    refused(&folder.path().join("x.npy"), &[u64::MAX, 2]);
    refused(&folder.path().join("x.npy"), &[1 << 61]);
    #[cfg(unix)]
    refused(Path::new("/dev/null"), &[1]);
    assert!(names(folder.path()).is_empty());
    let writer = NpyWriter::create(&folder.path().join("x.npy"), DType::F32, &[2, 2]).unwrap();
    for (region, bytes) in
        [(&[(0, 2)][..], 8), (&[(0, 2), (1, 3)], 16), (&[(0, 2), (0, 2)], 15), (&[(1, 0), (0, 2)], 0)]
    {
        assert!(matches!(writer.write_region(region, &vec![0; bytes]), Err(Error::Bug(_))), "{region:?}");
    }
}
