//! `.npy` files: damaged and hostile ones are refused before anything is allocated for them, odd ones are read right.

use std::path::{Path, PathBuf};

use gridloom::{Element, Error, Result, array, read_npy};
use insta::assert_snapshot;

use crate::common::dice::Dice;

/// A file in a folder of this test's own, removed when dropped.
struct Temporary(PathBuf);

impl Temporary {
    /// Writes a file.
    fn new(name: &str, bytes: &[u8]) -> Self {
        let folder = std::env::temp_dir().join(format!("gridloom-npy-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join("x.npy"), bytes).unwrap();
        Self(folder)
    }
    /// The file.
    fn path(&self) -> PathBuf {
        self.0.join("x.npy")
    }
}
impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file of version 1 with such a header and such data.
fn npy(header: &str, data: &[u8]) -> Vec<u8> {
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    let padded = format!("{header}{}\n", " ".repeat(63 - (10 + header.len()) % 64));
    bytes.extend((padded.len() as u16).to_le_bytes());
    bytes.extend(padded.as_bytes());
    bytes.extend(data);
    bytes
}

/// A header as NumPy writes it.
fn header(descr: &str, fortran: bool, shape: &str) -> String {
    let order = if fortran { "True" } else { "False" };
    format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}")
}

/// Little-endian `i16`s.
fn words(values: &[i16]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

/// The values read from such a file, after which the client still computes.
fn read<T: Element>(name: &str, bytes: &[u8]) -> Result<ndarray::ArrayD<T>> {
    let file = Temporary::new(name, bytes);
    let read = read_npy::<T>(file.path(), "auto").and_then(|x| x.compute());
    assert_eq!(array([1i32, 2]).sum().item().unwrap(), 3);
    read
}

/// The message of refusing such a file, without where it is.
fn refused<T: Element>(name: &str, bytes: &[u8]) -> String {
    let text = read::<T>(name, bytes).unwrap_err().to_string();
    let (before, after) = text.split_once(": ").unwrap();
    let (path, problem) = after.split_once(": ").unwrap();
    assert!(path.ends_with("x.npy"), "{text}");
    format!("{before}: [path]: {problem}")
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let text = read_npy::<f32>(Path::new("no/such/file.npy"), "auto").unwrap_err().to_string();
    assert!(text.starts_with("read_npy: no/such/file.npy: "), "{text}");
}

#[test]
fn a_file_that_cannot_be_written_is_named() {
    let text = array([1.0]).visualize("no/such/folder/plan.svg").unwrap_err().to_string();
    assert!(text.starts_with("visualize: no/such/folder/plan.svg: "), "{text}");
}

#[test]
fn files_that_are_not_npy_are_refused() {
    assert_snapshot!(refused::<i16>("empty", b""), @"read_npy: [path]: 0 bytes are too few for a .npy header");
    assert_snapshot!(refused::<i16>("text", b"not a file of numbers at all"), @r"read_npy: [path]: not a .npy file: the magic bytes \x93NUMPY are missing");
    assert_snapshot!(refused::<i16>("version", b"\x93NUMPY\x09\x00\x10\x00                          "), @"read_npy: [path]: .npy version 9; versions 1 to 3 are known");
}

#[test]
fn damaged_headers_are_refused() {
    let good = npy(&header("<i2", false, "(2, 2)"), &words(&[1, 2, 3, 4]));
    assert_snapshot!(refused::<i16>("cut", &good[..40]), @"read_npy: [path]: the header claims 118 bytes; the file has 40, and a header at most 65536");
    let mut long = good.clone();
    long[8..10].copy_from_slice(&[0xff, 0xff]);
    assert_snapshot!(refused::<i16>("long", &long), @"read_npy: [path]: the header claims 65535 bytes; the file has 136, and a header at most 65536");
    let mut second = b"\x93NUMPY\x02\x00\xff\xff\xff\xff".to_vec();
    second.extend(&good[10..]);
    assert_snapshot!(refused::<i16>("huge", &second), @"read_npy: [path]: the header claims 4294967295 bytes; the file has 138, and a header at most 65536");
    assert_snapshot!(refused::<i16>("shapeless", &npy("{'descr': '<i2', 'fortran_order': False, }", &[])), @"read_npy: [path]: the header has no shape");
    assert_snapshot!(refused::<i16>("open", &npy("{'descr': '<i2', 'shape': (2, ", &[])), @"read_npy: [path]: the header's shape does not end");
    assert_snapshot!(refused::<i16>("words", &npy(&header("<i2", false, "(two, 2)"), &[])), @"read_npy: [path]: the header's shape (two, 2) is not a list of lengths");
    assert_snapshot!(refused::<i16>("negative", &npy(&header("<i2", false, "(-2, -2)"), &words(&[1, 2, 3, 4]))), @"read_npy: [path]: the header's shape (-2, -2) is not a list of lengths");
    assert_snapshot!(refused::<i16>("orderless", &npy("{'descr': '<i2', 'shape': (2,), }", &words(&[1, 2]))), @"read_npy: [path]: the header has no fortran_order");
}

#[test]
fn sizes_that_do_not_match_are_refused() {
    let data = words(&[1, 2, 3, 4]);
    assert_snapshot!(refused::<i16>("truncated", &npy(&header("<i2", false, "(2, 2)"), &data[..7])), @"read_npy: [path]: the header claims [2, 2] elements of '<i2', as i16 8 bytes, but 7 bytes follow it; the file is truncated or damaged");
    let large = header("<i2", false, "(1099511627776,)");
    assert_snapshot!(refused::<i16>("claims", &npy(&large, &data)), @"read_npy: [path]: the header claims [1099511627776] elements of '<i2', as i16 2199023255552 bytes, but 8 bytes follow it; the file is truncated or damaged");
    let overflows = header("<i2", false, "(4294967296, 4294967296, 4294967296)");
    assert_snapshot!(refused::<i16>("overflows", &npy(&overflows, &data)), @"read_npy: [path]: the header claims [4294967296, 4294967296, 4294967296] elements of '<i2', as i16 more than 2^63 bytes, but 8 bytes follow it; the file is truncated or damaged");
    let wraps = header("<i2", false, "(9223372036854775808, 2)");
    assert_snapshot!(refused::<i16>("wraps", &npy(&wraps, &data)), @"read_npy: [path]: the header claims [9223372036854775808, 2] elements of '<i2', as i16 more than 2^63 bytes, but 8 bytes follow it; the file is truncated or damaged");
    // Nothing times too much is nothing, but no array has such an axis.
    let nothing = header("<i2", false, "(0, 18446744073709551615)");
    assert_snapshot!(refused::<i16>("nothing", &npy(&nothing, &[])), @"read_npy: [path]: the header claims [0, 18446744073709551615] elements of '<i2', as i16 more than 2^63 bytes, but 0 bytes follow it; the file is truncated or damaged");
}

#[test]
fn other_dtypes_are_refused_and_both_are_named() {
    let data = words(&[1, 2, 3, 4]);
    assert_snapshot!(refused::<i16>("unsigned", &npy(&header("<u2", false, "(4,)"), &data)), @"read_npy: [path]: the elements are '<u2' (u16), not i16; read them as u16, then cast");
    assert_snapshot!(refused::<i16>("wider", &npy(&header("<f8", false, "(1,)"), &data)), @"read_npy: [path]: the elements are '<f8' (f64), not i16; read them as f64, then cast");
    assert_snapshot!(refused::<f64>("narrower", &npy(&header("<i2", false, "(4,)"), &data)), @"read_npy: [path]: the elements are '<i2' (i16), not f64; read them as i16, then cast");
    assert_snapshot!(refused::<i16>("objects", &npy(&header("|O", false, "(4,)"), &data)), @"read_npy: [path]: the elements are '|O', none of bool, u8, u16, u32, u64, i8, i16, i32, i64, f16, f32, f64");
    assert_snapshot!(refused::<bool>("bools", &npy(&header("|b1", false, "(2,)"), &[1, 7])), @"read_npy: [path]: element 1 of the file is the byte 0x07; a bool is 0 or 1");
}

#[test]
fn big_endian_files_are_read_right_or_refused_by_name() {
    let data: Vec<u8> = [1i16, -2, 300].iter().flat_map(|v| v.to_be_bytes()).collect();
    let values = read::<i16>("big", &npy(&header(">i2", false, "(3,)"), &data));
    assert_eq!(values.unwrap().as_slice().unwrap(), [1, -2, 300]);
}

#[test]
fn fortran_order_is_read_right() {
    let data = words(&[1, 4, 2, 5, 3, 6]);
    let values = read::<i16>("fortran", &npy(&header("<i2", true, "(2, 3)"), &data)).unwrap();
    assert_eq!(values, ndarray::arr2(&[[1, 2, 3], [4, 5, 6]]).into_dyn());
    let file = Temporary::new("fortran-chunks", &npy(&header("<i2", true, "(2, 3)"), &data));
    let x = read_npy::<i16>(file.path(), (1, 2)).unwrap();
    assert_eq!(x.slice(ndarray::s![1, ..]).unwrap().compute().unwrap().as_slice().unwrap(), [4, 5, 6]);
    let refused = read_npy::<i16>(file.path(), 0).unwrap_err().to_string();
    assert_eq!(refused, "chunks: size 0 on axis 0; a chunk holds at least 1 element");
}

/// Several arrays saved into one file, as `np.save` on an open file does: the first is read, as by NumPy.
#[test]
fn bytes_after_the_array_are_left_alone() {
    let data = words(&[1, 2, 3, 4]);
    let first = npy(&header("<i2", false, "(2, 2)"), &data);
    let fortran = npy(&header("<i2", true, "(2, 2)"), &data);
    for after in [vec![0; 5], first.clone(), vec![0xff; 1 << 17]] {
        let values = read::<i16>("after", &[first.clone(), after.clone()].concat()).unwrap();
        assert_eq!(values, ndarray::arr2(&[[1, 2], [3, 4]]).into_dyn());
        let values = read::<i16>("after", &[fortran.clone(), after.clone()].concat()).unwrap();
        assert_eq!(values, ndarray::arr2(&[[1, 3], [2, 4]]).into_dyn());
        let none = read::<i16>("after", &[npy(&header("<i2", false, "(0, 7)"), &[]), after].concat()).unwrap();
        assert_eq!(none.shape(), [0, 7]);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn what_is_no_regular_file_is_refused_at_once() {
    use rustix::fs::{CWD, FileType, Mode, mknodat};
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.npy");
    mknodat(CWD, &pipe, FileType::Fifo, Mode::from_raw_mode(0o600), 0).unwrap();
    let problem = |path: &Path| {
        let text = read_npy::<f32>(path, "auto").unwrap_err().to_string();
        text.replace(&path.display().to_string(), "[path]")
    };
    assert_snapshot!(problem(&pipe), @"read_npy: [path]: it is a pipe or a device; a .npy file is read at many places, so copy it into a regular file first");
    assert_snapshot!(problem(Path::new("/dev/zero")), @"read_npy: [path]: it is a pipe or a device; a .npy file is read at many places, so copy it into a regular file first");
    assert_snapshot!(problem(folder.path()), @"read_npy: [path]: it is a folder, not a file");
    let link = folder.path().join("link.npy");
    std::os::unix::fs::symlink(&pipe, &link).unwrap();
    assert_snapshot!(problem(&link), @"read_npy: [path]: it is a pipe or a device; a .npy file is read at many places, so copy it into a regular file first");
    let problem = |path: &Path| {
        let text = array([1.0f32]).to_npy(path).unwrap_err().to_string();
        text.replace(&path.display().to_string(), "[path]")
    };
    assert_snapshot!(problem(&link), @"to_npy: [path]: it is there already and no regular file");
    assert_snapshot!(problem(folder.path()), @"to_npy: [path]: it is a folder");
    assert!(link.is_symlink() && pipe.symlink_metadata().is_ok());
}

/// A header as some program might write it: any order, quotes, spaces and commas that Python takes, any version, padding or
/// none; with the array's data behind it, and perhaps something else.
fn any_dialect(dice: &mut Dice, shape: &[usize]) -> (Vec<u8>, Vec<i16>) {
    let space = |dice: &mut Dice| ["", "", " ", "  ", "\t", "\n"][dice.below(6)];
    let quote =
        |dice: &mut Dice, word: &str| if dice.below(2) == 0 { format!("'{word}'") } else { format!("\"{word}\"") };
    let (big, fortran) = (dice.below(2) == 0, dice.below(2) == 0);
    let word = [["<i2", ">i2"], ["<h", ">h"], ["<int16", ">int16"]][dice.below(3)][usize::from(big)];
    let mut lengths = String::new();
    for (axis, length) in shape.iter().enumerate() {
        let comma = if axis + 1 < shape.len() || shape.len() == 1 || dice.below(2) == 0 { "," } else { "" };
        let long = if dice.below(4) == 0 { "L" } else { "" };
        lengths += &format!("{}{length}{long}{}{comma}", space(dice), space(dice));
    }
    let order = if fortran { "True" } else { "False" };
    let mut entries = vec![
        ("descr", quote(dice, word)),
        ("fortran_order", order.into()),
        ("shape", format!("({lengths}{})", space(dice))),
    ];
    let mut text = format!("{}{{", space(dice));
    while !entries.is_empty() {
        let (key, value) = entries.swap_remove(dice.below(entries.len()));
        let comma = if !entries.is_empty() || dice.below(2) == 0 { "," } else { "" };
        let (key, [a, b, c, d]) = (quote(dice, key), [0; 4].map(|_: i32| space(dice)));
        text += &format!("{a}{key}{b}:{c}{value}{d}{comma}");
    }
    text += &format!("{}}}{}", space(dice), " ".repeat(dice.below(80)));
    text += ["", "\n"][dice.below(2)];
    let version = 1 + dice.below(3) as u8;
    let mut bytes = [b"\x93NUMPY", &[version, 0][..]].concat();
    bytes.extend(&(text.len() as u32).to_le_bytes()[..if version == 1 { 2 } else { 4 }]);
    bytes.extend(text.as_bytes());
    let values: Vec<i16> = (0..shape.iter().product::<usize>()).map(|_| dice.below(1 << 16) as u16 as i16).collect();
    // In C order they are as they are; in Fortran order the first axis runs fastest.
    let array = ndarray::ArrayD::from_shape_vec(shape, values.clone()).unwrap();
    let stored: Vec<i16> = if fortran { array.t().iter().copied().collect() } else { values.clone() };
    bytes.extend(stored.iter().flat_map(|v| if big { v.to_be_bytes() } else { v.to_le_bytes() }));
    if dice.below(3) == 0 {
        bytes.extend(b"something else");
    }
    (bytes, values)
}

#[test]
fn every_dialect_of_a_header_is_read() {
    let mut dice = Dice(1);
    for _ in 0..300 {
        let shape: Vec<usize> = (0..dice.below(5)).map(|_| dice.below(5)).collect();
        let (bytes, values) = any_dialect(&mut dice, &shape);
        let found = read::<i16>("dialect", &bytes).unwrap_or_else(|error| panic!("{error}: {bytes:?}"));
        assert_eq!((found.shape(), found.iter().copied().collect::<Vec<_>>()), (&shape[..], values));
    }
}

/// Headers with bytes changed, cut out and put in: an array no larger than the file, or an error of the file's; never a panic.
#[test]
fn damaged_dialects_are_errors_or_arrays_no_larger_than_the_file() {
    let mut dice = Dice(2);
    let mut refused = 0;
    for _ in 0..2000 {
        let shape: Vec<usize> = (0..dice.below(5)).map(|_| dice.below(5)).collect();
        let (mut bytes, _) = any_dialect(&mut dice, &shape);
        for _ in 0..1 + dice.below(3) {
            let at = dice.below(bytes.len());
            let digits = b"0123456789,(){}'L:-<>| \xff\x00";
            match dice.below(4) {
                0 => bytes[at] = dice.below(256) as u8,
                1 => bytes[at] = digits[dice.below(digits.len())],
                2 => bytes.insert(at, digits[dice.below(digits.len())]),
                _ => bytes.truncate(at.max(1)),
            }
        }
        match read::<i16>("damaged", &bytes) {
            Ok(found) => assert!(found.len() * 2 <= bytes.len(), "{:?} of {} bytes", found.shape(), bytes.len()),
            Err(Error::Format { op: "read_npy", .. }) => refused += 1,
            Err(other) => panic!("{other}: {bytes:?}"),
        }
    }
    assert!((200..2000).contains(&refused), "{refused}");
}

#[test]
fn zero_dimensional_and_empty_files_are_read_right() {
    let one = read::<i16>("scalar", &npy(&header("<i2", false, "()"), &words(&[7]))).unwrap();
    assert_eq!((one.shape(), one[[]]), (&[][..], 7));
    let none = read::<i16>("none", &npy(&header("<i2", false, "(3, 0)"), &[])).unwrap();
    assert_eq!(none.shape(), [3, 0]);
    let unpadded = format!("{}\n", header("<i2", false, "(1,)"));
    let mut second = b"\x93NUMPY\x02\x00".to_vec();
    second.extend((unpadded.len() as u32).to_le_bytes());
    second.extend(unpadded.as_bytes());
    second.extend(words(&[9]));
    assert_eq!(read::<i16>("second", &second).unwrap().as_slice().unwrap(), [9]);
}
