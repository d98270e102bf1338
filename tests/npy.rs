//! `.npy` files are read by region, when a run needs them: the elements are the same in every chunking, byte order and order of
//! axes, and files that change meanwhile are refused.

use std::fs::File;
use std::path::{Path, PathBuf};

use gridloom::graph::{Op, Source};
use gridloom::{Array, ChunkSpec, Element, Error, read_npy};
use ndarray::{ArrayD, ShapeBuilder, s};

use crate::common::{Sample, data, each_type};

/// A file of this shape, dtype, byte order and order of axes, and its values.
fn write<T: Sample>(path: &Path, shape: &[usize], big: bool, fortran: bool) -> ArrayD<T> {
    let values: ArrayD<T> = data(shape, 3);
    let descr = match (T::DTYPE.name(), T::DTYPE.size()) {
        ("bool", _) => "|b1".to_owned(),
        (name, size) => format!("{}{}{size}", if big { '>' } else { '<' }, &name[..1]),
    };
    let lengths: String = shape.iter().map(|d| format!("{d}, ")).collect();
    let order = if fortran { "True" } else { "False" };
    let text = format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': ({lengths}), }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((text.len() as u16).to_le_bytes());
    bytes.extend(text.as_bytes());
    let in_order = if fortran { values.t().iter().copied().collect() } else { Vec::from_iter(values.iter().copied()) };
    for value in in_order {
        let stored = value.store();
        let own = bytemuck::bytes_of(&stored);
        if big == cfg!(target_endian = "big") { bytes.extend(own) } else { bytes.extend(own.iter().rev()) }
    }
    std::fs::write(path, bytes).unwrap();
    values
}

/// A file in a folder of its own.
fn file() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    (folder, path)
}

/// The source behind an array that was just read.
fn source<T: Element>(x: &Array<T>) -> &dyn Source {
    match &x.node().op {
        Op::Source(source) => &*source.value,
        other => panic!("read_npy made {other:?}"),
    }
}

/// The elements' bytes in C order.
fn bytes_of<T: Element>(values: &ArrayD<T>) -> Vec<u8> {
    values.iter().flat_map(|v| bytemuck::bytes_of(&v.store()).to_vec()).collect()
}

fn every_order<T: Sample>() {
    let (_folder, path) = file();
    for (big, fortran) in [(false, false), (true, false), (false, true), (true, true)] {
        let values: ArrayD<T> = write(&path, &[7, 5, 6], big, fortran);
        let specs: [ChunkSpec; 4] = ["auto".into(), (3, 5, 6).into(), (7, 2, 6).into(), (2, 3, 4).into()];
        for spec in specs {
            let x = read_npy::<T>(&path, spec.clone()).unwrap();
            assert_eq!(x.compute().unwrap(), values, "{} {big} {fortran} {spec:?}", T::DTYPE);
        }
        let x = read_npy::<T>(&path, (2, 2, 2)).unwrap();
        let part = x.slice(s![2..6;-1, 1..4;2, 3]).unwrap().compute().unwrap();
        assert_eq!(part, values.slice(s![2..6;-1, 1..4;2, 3]).into_dyn(), "{} {big} {fortran}", T::DTYPE);
    }
}

#[test]
fn every_dtype_is_read_in_every_order_and_chunking() {
    each_type!(all, T => every_order::<T>());
}

#[test]
fn regions_are_handed_out_in_c_order_a_piece_at_a_time() {
    let (_folder, path) = file();
    for fortran in [false, true] {
        let values: ArrayD<f64> = write(&path, &[40, 30, 500], false, fortran);
        let x = read_npy::<f64>(&path, "auto").unwrap();
        let source = source(&x);
        assert!(!source.in_memory() && source.grid().is_none());
        assert_eq!(source.describe(), "npy x.npy");
        for region in [[(0, 40), (0, 30), (0, 500)], [(3, 29), (0, 30), (100, 400)], [(5, 6), (7, 8), (9, 10)]] {
            let [a, b, c] = region.map(|(start, end)| start as usize..end as usize);
            let expected = values.slice(s![a, b, c]).to_owned().into_dyn();
            let (mut all, mut longest) = (vec![], 0);
            let mut take = |piece: &[u8]| {
                all.extend_from_slice(piece);
                longest = longest.max(piece.len());
                Ok(())
            };
            source.stream(&[], &region, &mut take).unwrap();
            assert!(all == bytes_of(&expected), "{region:?} of a file with fortran_order {fortran}");
            assert!(fortran || longest <= 256 << 10, "a piece of {longest} bytes");
            let (buffer, layout, shape) = source.chunk(&[], &region).unwrap();
            let strides = layout.strides.iter().map(|&s| s as usize).collect::<Vec<_>>();
            let dims: Vec<usize> = shape.iter().map(|&d| d as usize).collect();
            let chunk = ndarray::ArrayViewD::from_shape(dims.strides(strides), buffer.stored::<f64>()).unwrap();
            assert_eq!((layout.base, chunk), (0, expected.view()));
        }
    }
    let mut pieces = 0;
    let x = read_npy::<f64>(&path, "auto").unwrap();
    let mut stop = |_: &[u8]| {
        pieces += 1;
        Err(Error::Bug("enough".into()))
    };
    assert!(source(&x).stream(&[], &[(0, 40), (0, 30), (0, 500)], &mut stop).is_err());
    assert_eq!(pieces, 1, "pieces after an error");
}

#[test]
fn numbers_without_axes_and_shapes_without_elements() {
    let (_folder, path) = file();
    for fortran in [false, true] {
        for shape in [&[][..], &[0], &[3, 0, 2], &[1, 1]] {
            let values: ArrayD<u16> = write(&path, shape, true, fortran);
            let x = read_npy::<u16>(&path, "auto").unwrap();
            assert_eq!(x.compute().unwrap(), values);
            let region: Vec<(u64, u64)> = shape.iter().map(|&d| (0, d as u64)).collect();
            let mut all = vec![];
            let mut take = |piece: &[u8]| {
                all.extend_from_slice(piece);
                Ok(())
            };
            source(&x).stream(&[], &region, &mut take).unwrap();
            assert_eq!(all, bytes_of(&values));
        }
    }
}

#[test]
fn files_of_others_are_read() {
    use ndarray_npy::WriteNpyExt;
    let (_folder, path) = file();
    let values: ArrayD<f32> = data(&[20, 30], 5);
    values.write_npy(File::create(&path).unwrap()).unwrap();
    assert_eq!(read_npy::<f32>(&path, (7, 11)).unwrap().compute().unwrap(), values);
    let turned = values.t().to_owned().into_dyn();
    let mut fortran = ArrayD::<f32>::zeros(vec![30, 20].f());
    fortran.assign(&turned);
    fortran.write_npy(File::create(&path).unwrap()).unwrap();
    assert!(std::fs::read(&path).unwrap().starts_with(b"\x93NUMPY\x01\x00v\x00{'descr': '<f4', 'fortran_order': True"));
    assert_eq!(read_npy::<f32>(&path, (7, 11)).unwrap().compute().unwrap(), turned);
}

#[test]
fn a_file_whose_length_changed_is_refused_when_it_is_read() {
    let (_folder, path) = file();
    write::<i32>(&path, &[100, 10], false, false);
    let x = read_npy::<i32>(&path, (10, 10)).unwrap();
    let sum = x.sum().item().unwrap();
    let len = path.metadata().unwrap().len();
    for now in [len - 1, 200, 0, len + 1] {
        File::options().write(true).open(&path).unwrap().set_len(now).unwrap();
        let error = x.sum().item().unwrap_err();
        let text = error.to_string();
        assert!(matches!(error, Error::Format { op: "read_npy", .. }), "{text}");
        let problem = format!("x.npy: the file had {len} bytes when it was opened and has {now} now; open it again");
        assert!(text.ends_with(&problem), "{text}");
    }
    write::<i32>(&path, &[100, 10], false, false);
    assert_eq!(x.sum().item().unwrap(), sum, "the same file again");
}

#[cfg(unix)]
#[test]
fn a_file_that_was_removed_or_replaced_is_read_as_it_was() {
    let (folder, path) = file();
    let values = write::<i32>(&path, &[10, 10], false, false);
    let x = read_npy::<i32>(&path, (3, 10)).unwrap();
    std::fs::remove_file(&path).unwrap();
    assert_eq!(x.compute().unwrap(), values);
    let other = folder.path().join("other");
    std::fs::write(&other, "something else").unwrap();
    std::fs::rename(&other, &path).unwrap();
    assert_eq!(x.compute().unwrap(), values);
}

/// Far more than memory, nearly all of it holes of the file system: only what is asked for is read.
#[cfg(target_os = "linux")]
#[test]
fn a_file_larger_than_memory_is_read_where_it_is_needed() {
    use std::os::unix::fs::FileExt;
    let (_folder, path) = file();
    let header = b"\x93NUMPY\x01\x00\x48\x00{'descr': '<f8', 'fortran_order': False, 'shape': (1048576, 131072)}   \n";
    assert_eq!(header.len(), 10 + 0x48);
    std::fs::write(&path, header).unwrap();
    let file = File::options().write(true).open(&path).unwrap();
    let place = |row: u64, column: u64| header.len() as u64 + (row << 17 | column) * 8;
    // Not every file system has files of a tebibyte.
    if file.set_len(place(1 << 20, 0)).is_err() {
        return;
    }
    file.write_all_at(&42f64.to_le_bytes(), place(1_000_000, 100_000)).unwrap();
    let x = read_npy::<f64>(&path, (1000, 1000)).unwrap();
    assert_eq!(x.size(), Some(1 << 37));
    assert_eq!(x.slice(s![999_000..1_001_000, 99_999..100_002]).unwrap().sum().item().unwrap(), 42.0);
}

/// Run by [`a_killed_process_leaves_a_whole_file_and_nothing_else`] in a process of its own: writes the same file for ever, one array,
/// then another.
#[test]
#[ignore = "run in a child process by a_killed_process_leaves_a_whole_file_and_nothing_else"]
fn child_writes_for_ever() {
    let Some(path) = std::env::var_os("GRIDLOOM_TEST_PATH") else { return };
    let client = gridloom::Client::builder().backend(gridloom::Backend::Cpu).workers(2).no_progress().build().unwrap();
    for round in 0_i32.. {
        let x = gridloom::full((512, 512), round % 2).rechunk((100, 512)).unwrap();
        x.to_npy_with(&client, &path).unwrap();
        println!("written");
    }
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_a_whole_file_and_nothing_else() {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};
    let (folder, path) = file();
    for kill in 0..40_u64 {
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "--ignored", "--nocapture", "npy::child_writes_for_ever"]);
        child.env("GRIDLOOM_TEST_PATH", &path).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = child.spawn().unwrap();
        let (mut said, mut line) = (BufReader::new(child.stdout.take().unwrap()), String::new());
        while !line.ends_with("written\n") {
            assert!(said.read_line(&mut line).unwrap() > 0, "{line}");
        }
        std::thread::sleep(std::time::Duration::from_micros(kill * 7919 % 9000));
        child.kill().unwrap();
        child.wait().unwrap();
        let left = read_npy::<i32>(&path, "auto").unwrap().compute().unwrap();
        let first = left[[0, 0]];
        assert!(left.shape() == [512, 512] && left.iter().all(|&v| v == first), "after kill {kill}");
        gridloom::arange::<i32>(3).to_npy(folder.path().join("next.npy")).unwrap();
        let names = || std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(names().all(|name| name == "x.npy" || name == "next.npy"), "{:?}", Vec::from_iter(names()));
    }
}

#[cfg(unix)]
#[test]
fn a_private_file_stays_private_and_other_names_of_it_keep_what_they_had() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = file();
    let values = write::<i32>(&path, &[10, 10], false, false);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    let other = folder.path().join("other.npy");
    std::fs::hard_link(&path, &other).unwrap();
    gridloom::arange::<i32>(5).to_npy(&path).unwrap();
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(read_npy::<i32>(&path, "auto").unwrap().shape(), Some(vec![5]));
    assert_eq!(read_npy::<i32>(&other, "auto").unwrap().compute().unwrap(), values);
    // A link to what is not there yet is filled, not replaced.
    let (link, there) = (folder.path().join("link.npy"), folder.path().join("there.npy"));
    std::os::unix::fs::symlink("there.npy", &link).unwrap();
    gridloom::arange::<i32>(7).to_npy(&link).unwrap();
    assert!(link.is_symlink());
    assert_eq!(read_npy::<i32>(&there, "auto").unwrap().shape(), Some(vec![7]));
}
