//! The header: what it may say, and writing one.

use std::fs::File;

use crate::dtype::{DType, Kind};
use crate::platform::file::read_at;

const MAGIC: &[u8] = b"\x93NUMPY";
/// The longest header that is read: NumPy writes a few hundred bytes.
const MAX_HEADER: u64 = 64 << 10;
/// Elements start at a multiple of this.
const ALIGN: usize = 64;

/// What files that were not written by NumPy call its codes, as far as NumPy takes it for the same on every machine.
const SYNONYMS: [(&str, &str); 22] = [
    ("?", "b1"),
    ("bool", "b1"),
    ("b", "i1"),
    ("int8", "i1"),
    ("B", "u1"),
    ("uint8", "u1"),
    ("h", "i2"),
    ("int16", "i2"),
    ("H", "u2"),
    ("uint16", "u2"),
    ("i", "i4"),
    ("int32", "i4"),
    ("I", "u4"),
    ("uint32", "u4"),
    ("q", "i8"),
    ("int64", "i8"),
    ("Q", "u8"),
    ("uint64", "u8"),
    ("f", "f4"),
    ("float32", "f4"),
    ("d", "f8"),
    ("float64", "f8"),
];

/// What a header says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// The dtype, as it stands there: `'<f4'`.
    pub(super) descr: String,
    /// Whether the first axis runs fastest.
    pub(super) fortran: bool,
    /// The length of each axis.
    pub(super) shape: Vec<u64>,
    /// Where the elements start.
    pub(super) end: u64,
}

/// Why there is no header.
#[derive(Debug)]
pub(super) enum Problem {
    /// It cannot be read.
    Io(std::io::Error),
    /// It says nothing sensible.
    Format(String),
}
impl From<std::io::Error> for Problem {
    fn from(error: std::io::Error) -> Self {
        Self::Io(error)
    }
}
impl From<String> for Problem {
    fn from(problem: String) -> Self {
        Self::Format(problem)
    }
}

impl Header {
    /// The header of a file of `len` bytes.
    pub(super) fn read(file: &File, len: u64) -> Result<Self, Problem> {
        if len < 10 {
            return Err(format!("{len} bytes are too few for a .npy header").into());
        }
        let mut start = [0; 12];
        read_at(file, &mut start[..len.min(12) as usize], 0)?;
        if !start.starts_with(MAGIC) {
            return Err(String::from("not a .npy file: the magic bytes \\x93NUMPY are missing").into());
        }
        let (size, at) = match start[6] {
            1 => (u64::from(u16::from_le_bytes([start[8], start[9]])), 10),
            2 | 3 => (u64::from(u32::from_le_bytes([start[8], start[9], start[10], start[11]])), 12),
            version => return Err(format!(".npy version {version}; versions 1 to 3 are known").into()),
        };
        let end = at + size;
        if size > MAX_HEADER || end > len {
            return Err(format!(
                "the header claims {size} bytes; the file has {len}, and a header at most {MAX_HEADER}"
            )
            .into());
        }
        let mut text = vec![0; size as usize];
        read_at(file, &mut text, at)?;
        Ok(Self { end, ..Self::parse(&String::from_utf8_lossy(&text))? })
    }

    /// The header of a text like `{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }`.
    fn parse(text: &str) -> Result<Self, String> {
        let entries = entries(text)?;
        let value = |name: &str| {
            let found = entries.iter().rev().find(|(key, _)| *key == name);
            found.map(|(_, value)| *value).ok_or_else(|| format!("the header has no {name}"))
        };
        if let Some((key, _)) = entries.iter().find(|(key, _)| !["descr", "fortran_order", "shape"].contains(key)) {
            return Err(format!("the header has an unknown entry {key:?}"));
        }
        let shape = shape(value("shape")?)?;
        let fortran = match value("fortran_order")? {
            "True" => true,
            "False" => false,
            other => return Err(format!("the header's fortran_order is {other}, neither True nor False")),
        };
        Ok(Self { descr: value("descr")?.to_owned(), fortran, shape, end: 0 })
    }

    /// The dtype it names and whether the bytes of an element are in the other order than this machine's.
    pub(super) fn dtype(&self) -> Option<(DType, bool)> {
        let word = self.descr.strip_prefix('\'').and_then(|w| w.strip_suffix('\''));
        let word = word.or_else(|| self.descr.strip_prefix('"').and_then(|w| w.strip_suffix('"')))?;
        let (swapped, code) = match word.split_at_checked(1)? {
            ("<", code) => (cfg!(target_endian = "big"), code),
            (">", code) => (cfg!(target_endian = "little"), code),
            ("|" | "=", code) => (false, code),
            _ => (false, word),
        };
        let code = SYNONYMS.iter().find(|(synonym, _)| *synonym == code).map_or(code, |(_, own)| own);
        let dtype = DType::ALL.iter().copied().find(|&dtype| self::code(dtype).is_some_and(|own| own == code))?;
        Some((dtype, swapped && dtype.size() > 1))
    }

    /// The bytes of the header (of version 1) of an array in C order and this machine's byte order.
    ///
    /// # Errors
    /// For a shape of more text than a header holds, and a dtype that NumPy has not.
    pub(super) fn bytes(dtype: DType, shape: &[u64]) -> Result<Vec<u8>, String> {
        let code = code(dtype).ok_or_else(|| format!("NumPy has no {dtype}; cast() it to f32"))?;
        let order = match dtype.size() {
            1 => '|',
            _ if cfg!(target_endian = "big") => '>',
            _ => '<',
        };
        let lengths: Vec<String> = shape.iter().map(u64::to_string).collect();
        let comma = if shape.len() == 1 { "," } else { "" };
        let text = format!(
            "{{'descr': '{order}{}', 'fortran_order': False, 'shape': ({}{comma}), }}",
            code,
            lengths.join(", ")
        );
        let unpadded = MAGIC.len() + 4 + text.len() + 1;
        let size = text.len() + 1 + unpadded.next_multiple_of(ALIGN) - unpadded;
        let Ok(word) = u16::try_from(size) else {
            return Err(format!(
                "the shape of {} axes takes {size} bytes; a .npy header has {} at most",
                shape.len(),
                u16::MAX
            ));
        };
        let mut bytes = [MAGIC, &[1, 0], &word.to_le_bytes(), text.as_bytes()].concat();
        bytes.resize(MAGIC.len() + 4 + size - 1, b' ');
        bytes.push(b'\n');
        Ok(bytes)
    }
}

/// NumPy's code of a dtype, without the byte order: `f4`. `None` for what NumPy has not.
fn code(dtype: DType) -> Option<String> {
    if dtype == DType::BF16 {
        return None;
    }
    let kind = match dtype.kind() {
        Kind::Bool => 'b',
        Kind::Unsigned => 'u',
        Kind::Signed => 'i',
        Kind::Float => 'f',
    };
    Some(format!("{kind}{}", dtype.size()))
}

/// The entries of a Python dictionary whose keys are strings, values as they stand there.
fn entries(text: &str) -> Result<Vec<(&str, &str)>, String> {
    let no_dict = || "the header is not a Python dictionary".to_owned();
    let mut rest = text.trim().strip_prefix('{').ok_or_else(no_dict)?;
    let mut entries = vec![];
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            return if after.trim().is_empty() { Ok(entries) } else { Err(no_dict()) };
        }
        let quote = rest.chars().next().filter(|&c| c == '\'' || c == '"').ok_or_else(no_dict)?;
        let (key, after) = rest[1..].split_once(quote).ok_or_else(no_dict)?;
        let value = after.trim_start().strip_prefix(':').ok_or_else(no_dict)?.trim_start();
        let len = value_len(value).ok_or_else(|| format!("the header's {key} does not end"))?;
        entries.push((key, value[..len].trim_end()));
        rest = &value[len..];
        rest = rest.strip_prefix(',').unwrap_or(rest);
    }
}

/// How far a value goes: up to the comma or brace after it that is in no string and no bracket.
fn value_len(text: &str) -> Option<usize> {
    let (mut depth, mut string) = (0usize, None);
    for (at, c) in text.char_indices() {
        match (string, c) {
            (Some(quote), c) if c == quote => string = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => string = Some(c),
            (None, ',' | '}') if depth == 0 => return Some(at),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.checked_sub(1)?,
            _ => {}
        }
    }
    None
}

/// A tuple of lengths. (Python 2 wrote an L after long ones.)
fn shape(text: &str) -> Result<Vec<u64>, String> {
    let refuse = || format!("the header's shape {text} is not a list of lengths");
    let inside = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')).ok_or_else(refuse)?;
    // A comma may follow the last.
    let inside = inside.trim();
    let lengths = inside.strip_suffix(',').unwrap_or(inside);
    if inside.is_empty() {
        return Ok(vec![]);
    }
    let length = |d: &str| d.strip_suffix('L').unwrap_or(d).parse().map_err(|_| refuse());
    lengths.split(',').map(str::trim).map(length).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_may_write_is_understood() {
        let header = |text| Header::parse(text).unwrap();
        let plain = header("{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }   \n");
        assert_eq!(plain, Header { descr: "'<f4'".into(), fortran: false, shape: vec![3, 4], end: 0 });
        let terse = header("{\"shape\":(3L,),'fortran_order':True,'descr':\">i8\"}");
        assert_eq!(terse, Header { descr: "\">i8\"".into(), fortran: true, shape: vec![3], end: 0 });
        assert_eq!(terse.dtype(), Some((DType::I64, cfg!(target_endian = "little"))));
        let records = header("{'descr': [('a, }', '<f4'), ('b', '|u1')], 'fortran_order': False, 'shape': ()}");
        assert_eq!((records.descr.as_str(), records.dtype()), ("[('a, }', '<f4'), ('b', '|u1')]", None));
        assert!(records.shape.is_empty());
    }

    #[test]
    fn what_python_would_not_write_is_refused() {
        for text in [
            "",
            "{",
            "}",
            "shape",
            "{'shape'}",
            "{'shape': (1,), 'descr': '<f4', 'fortran_order': 1}",
            "{'shape': 1, 'descr': '<f4', 'fortran_order': True}",
            "{'shape': (1,), 'descr': '<f4', 'fortran_order': True, 'more': 1}",
            "{'shape': (1,), 'descr': '<f4', 'fortran_order': True} 1",
            "{'shape': (1,,2), 'descr': '<f4', 'fortran_order': True}",
            "{'shape': (,), 'descr': '<f4', 'fortran_order': True}",
            "{'shape': (1)), 'descr': '<f4', 'fortran_order': True}",
            "{'shape': (1 2), 'descr': '<f4', 'fortran_order': True}",
            "{'é': (1,)",
        ] {
            assert!(Header::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn every_dtype_has_a_word_and_unknown_words_none() {
        assert!(Header::bytes(DType::BF16, &[7]).unwrap_err().contains("cast()"));
        for &dtype in DType::ALL.iter().filter(|&&dtype| dtype != DType::BF16) {
            let bytes = Header::bytes(dtype, &[7]).unwrap();
            assert_eq!((bytes.len() % ALIGN, bytes.last()), (0, Some(&b'\n')));
            let parsed = Header::parse(std::str::from_utf8(&bytes[10..]).unwrap()).unwrap();
            assert_eq!((parsed.dtype(), parsed.shape), (Some((dtype, false)), vec![7]));
        }
        for descr in ["'<c8'", "'|O'", "'<U3'", "'<M8[ns]'", "'<l'", "'<b2'", "'float'", "''", "f4", "'é4'"] {
            let header = Header { descr: descr.into(), fortran: false, shape: vec![], end: 0 };
            assert_eq!(header.dtype(), None, "{descr}");
        }
    }

    #[test]
    fn headers_are_those_of_numpy() {
        let text = String::from_utf8(Header::bytes(DType::F32, &[3, 4]).unwrap().split_off(10)).unwrap();
        assert_eq!(text.trim_end(), "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }");
        assert_eq!(Header::bytes(DType::U8, &[]).unwrap().len(), 128);
        let long = Header::bytes(DType::Bool, &[u64::MAX; 40]).unwrap();
        assert_eq!(Header::parse(std::str::from_utf8(&long[10..]).unwrap()).unwrap().shape, [u64::MAX; 40]);
        // As long as it may be, and longer.
        let longest = Header::bytes(DType::Bool, &[1; 21_800]).unwrap();
        assert_eq!(Header::parse(std::str::from_utf8(&longest[10..]).unwrap()).unwrap().shape.len(), 21_800);
        let problem = Header::bytes(DType::Bool, &[1; 25_000]).unwrap_err();
        assert_eq!(problem, "the shape of 25000 axes takes 75062 bytes; a .npy header has 65535 at most");
    }
}
