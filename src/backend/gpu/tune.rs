//! Which tile suits products of a size on this adapter: tried out once, when so many such products came that it may pay, and kept in a file.
//!
//! All tiles give the same bits, so a choice changes nothing but time.

use std::collections::HashMap;
use std::fs;
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::buffer::GpuBuffer;
use super::cache;
use super::device::{AdapterKind, AdapterSummary};
use super::dot::Product;
use super::job::Job;
use super::sync::lock;
use super::tile::{Tile, pick};
use super::timer::Took;
use crate::dtype::DType;
use crate::error::Result;

/// Multiply-adds of a class after which its choice is tried out. Compiling the shapes took 1.2 s a class on an H100, which does so many
/// in about as long: so trying never doubles what a program takes, and one of few products does not pay for it.
const LEAST: u64 = 1 << 44;
/// Runs of a shape, of which the fastest counts; one more goes first, in which the pipeline is compiled.
const RUNS: usize = 2;

/// Products of which one choice is made: of a dtype, and of sizes that round up to the same powers of two.
type Class = (DType, [u32; 3]);

/// The choices of an adapter.
pub(crate) struct Tuner {
    on: bool,
    least: u64,
    file: Option<PathBuf>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Read from the file when the first choice is asked for.
    known: Option<HashMap<Class, Tile>>,
    /// Multiply-adds so far, of what is not known.
    done: HashMap<Class, u64>,
}

impl Tuner {
    /// Choices are tried out on hardware. With `GRIDLOOM_TUNE=1` in the environment
    /// they are on any adapter, with `0` on none.
    pub(crate) fn new(adapter: &AdapterSummary) -> Self {
        let on = match std::env::var("GRIDLOOM_TUNE") {
            Ok(word) => word == "1",
            Err(_) => adapter.kind != AdapterKind::Software,
        };
        Self::with(on, LEAST, cache::file("tiles", adapter))
    }

    pub(super) fn with(on: bool, least: u64, file: Option<PathBuf>) -> Self {
        Self { on, least, file, state: Mutex::default() }
    }

    /// The tile for a product.
    pub(crate) fn tile(&self, gpu: &Job<'_>, product: &Product<'_>) -> Tile {
        let picked = pick(product.dtype, product.size, &gpu.device.limits);
        let work: u64 = product.size.iter().map(|&n| u64::from(n)).product();
        if !self.on || picked.is_vector() {
            return picked;
        }
        let class = (product.dtype, product.size.map(|n| n.next_power_of_two().ilog2()));
        // Held while shapes are tried: others would disturb, and want to know the choice.
        let mut state = lock(&self.state);
        let State { known, done } = &mut *state;
        let known = known.get_or_insert_with(|| self.read());
        if let Some(&tile) = known.get(&class)
            && tile.fits(product.dtype, product.size, &gpu.device.limits)
        {
            return tile;
        }
        let done = done.entry(class).or_insert(0);
        *done = done.saturating_add(work);
        if *done < self.least {
            return picked;
        }
        // What fails here fails again where it is reported.
        let Ok(best) = fastest(gpu, product) else { return picked };
        known.insert(class, best);
        self.write(known);
        best
    }

    fn read(&self) -> HashMap<Class, Tile> {
        let text = self.file.as_ref().filter(|path| path.is_file()).and_then(|path| fs::read_to_string(path).ok());
        let text = text.unwrap_or_default();
        text.lines().filter_map(parse).collect()
    }

    fn write(&self, known: &HashMap<Class, Tile>) {
        let Some(file) = &self.file else { return };
        let mut lines: Vec<String> = known.iter().map(|(&class, &tile)| line(class, tile)).collect();
        lines.sort();
        cache::write(file, (HEAD.to_owned() + &lines.concat()).as_bytes());
    }
}

const HEAD: &str = "# dtype, log2 of m, n, k, and the fastest tile found: bm bn bk tm tn\n";

fn line((dtype, [m, n, k]): Class, tile: Tile) -> String {
    let Tile { bm, bn, bk, tm, tn } = tile;
    format!("{dtype} {m} {n} {k} {bm} {bn} {bk} {tm} {tn}\n")
}

/// A line that `line` wrote; anything else is nothing.
fn parse(line: &str) -> Option<(Class, Tile)> {
    let (dtype, rest) = line.split_once(' ')?;
    let dtype = *DType::ALL.iter().find(|known| known.name() == dtype)?;
    let numbers: Vec<u32> = rest.split(' ').map(|word| word.parse().ok()).collect::<Option<_>>()?;
    let &[m, n, k, bm, bn, bk, tm, tn] = numbers.as_slice() else { return None };
    let tile = Tile { bm, bn, bk, tm, tn };
    Tile::SHAPES.contains(&tile).then_some(((dtype, [m, n, k]), tile))
}

/// By whose clock a time was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum By {
    /// The device's: its kernel alone.
    Device,
    /// The host's, from recording to done: what else the device did meanwhile is in it.
    Host,
}

/// What a product takes with a tile, by the device's clock where it has one.
pub(super) fn time(gpu: &Job<'_>, product: &Product<'_>, tile: Tile, scratch: &GpuBuffer) -> Result<(Duration, By)> {
    let (took, n, start) = (Took::default(), product.size[1], Instant::now());
    product.launch(&gpu.timed(&took), tile, (1, 0), (scratch, &[0, n, 1], false))?;
    lock(&gpu.recorder).flush(&gpu.target())?;
    gpu.device.progress.wait_idle().map_err(gpu.device.lost("try tiles"))?;
    Ok(took.get().map_or((start.elapsed(), By::Host), |&took| (took, By::Device)))
}

/// Runs the product into memory that is then thrown away, with each shape that the device can run.
fn fastest(gpu: &Job<'_>, product: &Product<'_>) -> Result<Tile> {
    let [m, n, _] = product.size;
    let limits = &gpu.device.limits;
    let scratch = gpu.allocate(product.dtype, m as usize * n as usize)?;
    // A time of the host's is never the shorter one, should the device not tell one of them.
    let run = |tile: Tile| time(gpu, product, tile, &scratch).map(|(took, _)| took);
    let mut best = (Duration::MAX, pick(product.dtype, product.size, limits));
    for tile in Tile::SHAPES.into_iter().filter(|tile| tile.fits(product.dtype, product.size, limits)) {
        run(tile)?;
        for _ in 0..RUNS {
            let time = run(tile)?;
            if time < best.0 {
                best = (time, tile);
            }
        }
    }
    Ok(best.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_kept_in_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a folder").join("tiles");
        let tuner = || Tuner::with(true, 1, Some(path.clone()));
        let known = HashMap::from([((DType::F32, [12, 12, 10]), Tile::LARGE), ((DType::U8, [5, 9, 30]), Tile::SMALL)]);
        assert!(tuner().read().is_empty());
        tuner().write(&known);
        assert_eq!(tuner().read(), known);
        // What nobody wrote is not there, and takes nothing with it.
        let text = fs::read_to_string(&path).unwrap();
        let odd = "f32 1 2 3 64 64 64 64 64\nf99 1 2 3 16 16 16 1 1\nf32 1 2\n\u{1F980}\n";
        fs::write(&path, odd.to_owned() + &text).unwrap();
        assert_eq!(tuner().read(), known);
    }
}
