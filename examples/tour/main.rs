//! A tour of gridloom, cell by cell, as a notebook would show it: arrays, slices, masks, products, a histogram in one
//! kernel a chunk, and the same on real elevations.
//!
//! `cargo run --release --example tour -- --help`
//!
//! Lines that start with `time` or `client` depend on the machine; every other line is the same on every device, and
//! `tests/run.sh` compares them.
#![allow(clippy::reversed_empty_ranges, reason = "the end of `1..-1` in `s![]` counts from the end of the axis")]

mod notebook;
mod page;
mod show;

mod arrays;
mod exercise;
mod products;
mod terrain;

use std::path::PathBuf;
use std::process::ExitCode;

use gridloom::{Backend, CancelToken, Client};
use notebook::Book;

const USAGE: &str = "\
Usage: tour [--backend cpu|gpu|auto] [--small] [--out DIR] [--html FILE] [--notebook FILE] [--check FILE]

  --backend B  where kernels run: cpu, gpu (an error without an adapter), or auto;
               without it GRIDLOOM_BACKEND decides, and auto where that is not set
  --small      a tenth of every length, for software adapters and CI
  --out DIR    where drawings go (default target/tour)
  --html FILE  also writes the cells and their values as one page
  --notebook FILE
               also writes the cells as a notebook for the evcxr kernel
  --check FILE fails unless the notebook in the file has the cells of the tour
  -h, --help   this text";

/// What every part of the tour may end with.
type Outcome = Result<(), Box<dyn std::error::Error>>;

/// The command line.
#[derive(Default)]
struct Options {
    backend: Option<Backend>,
    small: bool,
    out: Option<PathBuf>,
    html: Option<PathBuf>,
    notebook: Option<PathBuf>,
    check: Option<PathBuf>,
    help: bool,
}

impl Options {
    /// The options in `words`, or what is wrong with them.
    fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Self::default();
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
                "--backend" => {
                    let word = value("cpu, gpu or auto")?;
                    options.backend = Some(word.parse().map_err(|error| format!("{error}"))?);
                }
                "--out" => options.out = Some(value("a folder")?.into()),
                "--html" => options.html = Some(value("a file")?.into()),
                "--check" => options.check = Some(value("a file")?.into()),
                "--notebook" => options.notebook = Some(value("a file")?.into()),
                "--small" if attached.is_none() => options.small = true,
                "-h" | "--help" if attached.is_none() => options.help = true,
                "--small" | "--help" => return Err(format!("{flag} takes no value")),
                other => return Err(format!("no option {other}")),
            }
        }
        Ok(options)
    }
}

/// Lengths of the large arrays, all divided by 10 with `--small`.
#[derive(Clone, Copy)]
struct Sizes {
    scale: usize,
}

impl Sizes {
    /// A length of the tour, as long as this run has it.
    fn of(self, length: usize) -> usize {
        length / self.scale
    }
}

fn main() -> ExitCode {
    let options = match Options::parse(std::env::args().skip(1)) {
        Ok(options) if options.help => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Ok(options) => options,
        Err(problem) => {
            eprintln!("error: {problem}\n\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match tour(options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn tour(options: Options) -> Outcome {
    let out = options.out.unwrap_or_else(|| PathBuf::from("target/tour"));
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let sizes = Sizes { scale: if options.small { 10 } else { 1 } };

    let mut builder = Client::builder();
    if let Some(backend) = options.backend {
        builder = builder.backend(backend);
    }
    // Ctrl-C ends the run that is under way, and with it the tour: files are whole or not there, threads end.
    let token = CancelToken::new();
    let client = builder.build()?.with_cancel(&token);
    ctrlc::set_handler(move || token.cancel())?;
    client.set_default();

    let mut book = Book::new(client, out);
    arrays::small(&mut book)?;
    arrays::creation(&mut book)?;
    arrays::large(&mut book, sizes)?;
    arrays::slicing(&mut book)?;
    arrays::selection(&mut book)?;
    arrays::functions(&mut book)?;
    products::sums(&mut book, sizes)?;
    products::reshape(&mut book, sizes)?;
    exercise::histogram(&mut book, sizes)?;
    terrain::slopes(&mut book)?;
    for (file, text) in [(options.html, page::html(&book)), (options.notebook, page::notebook(&book)?)] {
        if let Some(file) = file {
            std::fs::write(&file, text).map_err(|error| format!("{}: {error}", file.display()))?;
            println!("wrote {}", file.display());
        }
    }
    if let Some(file) = options.check {
        page::check(&book, &std::fs::read_to_string(&file)?)
            .map_err(|problem| format!("{}: {problem}", file.display()))?;
    }
    book.end();
    Ok(())
}
