//! The command line.

use std::path::PathBuf;

use gridloom::Backend;

pub(crate) const USAGE: &str = "\
Usage: out_of_core [--bytes SIZE] [--memory SIZE] [--chunk SIZE] [--file [PATH]] [--backend cpu|gpu|auto]

  --bytes SIZE   how large the array is (default 8GiB)
  --memory SIZE  the client's memory limit (default 1GiB); more than a tenth over it is an error
  --chunk SIZE   how large a chunk is (default 64MiB)
  --file [PATH]  reads the array from a .npy file: one at PATH, which is written first if it is not
                 there, or a temporary one, which is removed afterwards
  --backend B    where kernels run: cpu, gpu (an error without an adapter), or auto;
                 without it GRIDLOOM_BACKEND decides, and auto where that is not set
  -h, --help     this text

A SIZE is a number of bytes, or of KiB, MiB, GiB or TiB: 65536, 64MiB, 1.5GiB.";

/// The command line.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) bytes: u64,
    pub(crate) memory: u64,
    pub(crate) chunk: u64,
    pub(crate) source: Source,
    pub(crate) backend: Option<Backend>,
    pub(crate) help: bool,
}

/// Where the array comes from.
#[derive(Debug)]
pub(crate) enum Source {
    Generated,
    TemporaryFile,
    File(PathBuf),
}

impl Options {
    /// The options in `words`, or what is wrong with them.
    pub(crate) fn parse(words: impl Iterator<Item = String>) -> Result<Self, String> {
        let (bytes, memory, chunk) = (8 << 30, 1 << 30, 64 << 20);
        let mut options = Self { bytes, memory, chunk, source: Source::Generated, backend: None, help: false };
        let mut words = words.peekable();
        while let Some(word) = words.next() {
            let (flag, attached) = match word.split_once('=') {
                Some((flag, value)) if flag.starts_with("--") => (flag.to_owned(), Some(value.to_owned())),
                _ => (word, None),
            };
            let mut value = |what: &str| {
                let value = attached.clone().or_else(|| words.next());
                value.ok_or_else(|| format!("{flag} needs {what}"))
            };
            match flag.as_str() {
                "--bytes" => options.bytes = size(&value("a size")?)?,
                "--memory" => options.memory = size(&value("a size")?)?,
                "--chunk" => options.chunk = size(&value("a size")?)?,
                "--backend" => {
                    let word = value("cpu, gpu or auto")?;
                    options.backend = Some(word.parse().map_err(|error| format!("{error}"))?);
                }
                "--file" => {
                    let path = attached.or_else(|| words.next_if(|next| !next.starts_with('-')));
                    options.source = path.map_or(Source::TemporaryFile, |path| Source::File(path.into()));
                }
                "-h" | "--help" if attached.is_none() => options.help = true,
                other => return Err(format!("no option {other}")),
            }
        }
        Ok(options)
    }
}

/// A number of bytes, with a unit or without.
fn size(word: &str) -> Result<u64, String> {
    let units = [("KiB", 10), ("MiB", 20), ("GiB", 30), ("TiB", 40), ("B", 0), ("", 0)];
    let (number, power) =
        units.iter().find_map(|&(unit, power)| Some((word.strip_suffix(unit)?, power))).unwrap_or((word, 0));
    let number: f64 = number.trim().parse().map_err(|_| format!("{word:?} is no size; write 64MiB or 1.5GiB"))?;
    let bytes = number * f64::from(power).exp2();
    if (1.0..=2f64.powi(60)).contains(&bytes) { Ok(bytes as u64) } else { Err(format!("{word:?} is no size of data")) }
}
