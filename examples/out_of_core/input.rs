//! The array: generated, or in a file that is written first.

use std::path::Path;

use gridloom::prelude::*;
use gridloom::random::Generator;
use tempfile::NamedTempFile;

use crate::Outcome;
use crate::options::{Options, Source};

/// Elements of a row.
pub(crate) const COLUMNS: usize = 16384;
const ROW_BYTES: u64 = 4 * COLUMNS as u64;

/// The array, and the file behind it where that goes with it.
pub(crate) struct Input {
    array: Array<f32>,
    _temporary: Option<NamedTempFile>,
}

impl Input {
    /// The array that the options ask for.
    pub(crate) fn open(client: &Client, options: &Options) -> Outcome<Self> {
        let rows = usize::try_from(options.bytes / ROW_BYTES)?;
        if rows < 2 {
            return Err(format!("--bytes holds fewer than two rows of {ROW_BYTES} bytes").into());
        }
        let chunk = (usize::try_from(options.chunk / ROW_BYTES)?.clamp(1, rows), COLUMNS);
        let generated = Generator::new(42).standard_normal::<f32>((rows, COLUMNS)).rechunk(chunk)?;
        let read = |path: &Path| gridloom::read_npy::<f32>(path, chunk);
        let (array, temporary) = match &options.source {
            Source::Generated => (generated, None),
            Source::TemporaryFile => {
                let file = write(client, &generated, &std::env::temp_dir())?;
                (read(file.path())?, Some(file))
            }
            Source::File(path) => {
                if !path.exists() {
                    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
                    write(client, &generated, folder.unwrap_or(Path::new(".")))?.persist(path)?;
                }
                (read(path)?, None)
            }
        };
        if array.shape() != Some(vec![rows, COLUMNS]) {
            let found = array.shape().unwrap_or_default();
            return Err(
                format!("the file's shape is {found:?}, not [{rows}, {COLUMNS}]; name another, or remove it").into()
            );
        }
        Ok(Self { array, _temporary: temporary })
    }

    /// The array.
    pub(crate) fn array(&self) -> &Array<f32> {
        &self.array
    }
}

/// A name for a `.npy` file in a folder, and the array written to it.
fn write(client: &Client, x: &Array<f32>, folder: &Path) -> Outcome<NamedTempFile> {
    let started = std::time::Instant::now();
    let mut builder = tempfile::Builder::new();
    builder.prefix("out_of_core-").suffix(".npy");
    // As a file that is newly made: a temporary one is for its owner only.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let file = builder.tempfile_in(folder)?;
    x.to_npy_with(client, file.path())?;
    println!("wrote {} in {:.1} s", file.path().display(), started.elapsed().as_secs_f64());
    Ok(file)
}
