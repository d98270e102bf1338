//! From one file to another through a budget of memory: neither file has to fit.

use gridloom::prelude::*;

fn main() -> gridloom::Result<()> {
    let folder = std::env::temp_dir();
    let (from, to) = (folder.join("gridloom-cookbook-from.npy"), folder.join("gridloom-cookbook-to.npy"));
    Generator::new(1).uniform(-1.0f32, 1.0, (2000, 2000)).to_npy(&from)?;

    let client = Client::builder().memory_limit(32 << 20).build()?;
    let x = gridloom::read_npy::<f32>(&from, (250, 2000))?;
    let scaled = (&x - x.min()?) / (x.max()? - x.min()?);
    // Written chunk by chunk under a name of its own: the file appears whole or not at all.
    scaled.to_npy_with(&client, &to)?;

    let written = gridloom::read_npy::<f32>(&to, "auto")?;
    assert_eq!((written.min()?.item()?, written.max()?.item()?), (0.0, 1.0));
    [from, to].map(|path| std::fs::remove_file(path).ok());
    Ok(())
}
