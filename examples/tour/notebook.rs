//! Numbered cells, as a notebook shows them: printed as they run, and kept for the page and the notebook.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use gridloom::{Client, Element};
use ndarray::{Array1, ArrayD};

use crate::show::Show;

/// Prints a cell: the code as it stands here, then its value. Bindings come first, the value after `=>`; a format such as
/// `"{:.4}"` before the value chooses the digits.
macro_rules! cell {
    ($book:ident, $(let $name:ident = $code:expr;)+ $(=> $value:expr)?) => {
        $book.input(&[$(concat!("let ", stringify!($name), " = ", stringify!($code), ";"),)+ $(stringify!($value))?]);
        $(let $name = $code;)+
        $($book.output(&$value);)?
    };
    ($book:ident, $value:expr) => {
        $book.input(&[stringify!($value)]);
        $book.output(&$value);
    };
    ($book:ident, $format:literal, $value:expr) => {
        $book.formatted($format, stringify!($value));
        $book.output(&format!($format, $value));
    };
}

/// Prints a cell that binds a name, and a line with the time it took.
macro_rules! timed {
    ($book:ident, let $name:ident = $code:expr) => {
        $book.input(&[concat!("let ", stringify!($name), " = ", stringify!($code), ";")]);
        let started = std::time::Instant::now();
        let $name = $code;
        $book.time(started.elapsed());
    };
}

pub(crate) use {cell, timed};

/// A part of the book.
pub(crate) enum Part {
    /// A section's title.
    Heading(String),
    /// A remark.
    Note(String),
    /// A cell's number, its code as it is shown, and as a notebook runs it.
    Code(usize, String, String),
    /// The value of the last cell, as text and as HTML.
    Value(String, Option<String>),
    /// What depends on the machine.
    Machine(String),
}

/// The transcript on standard output, and where its drawings go.
pub(crate) struct Book {
    client: Client,
    out: PathBuf,
    cell: usize,
    started: Instant,
    parts: Vec<Part>,
}

impl Book {
    /// An empty book.
    pub(crate) fn new(client: Client, out: PathBuf) -> Self {
        Self { client, out, cell: 0, started: Instant::now(), parts: Vec::new() }
    }
    /// The client that runs the cells.
    pub(crate) fn client(&self) -> &Client {
        &self.client
    }
    /// What was shown so far.
    pub(crate) fn parts(&self) -> &[Part] {
        &self.parts
    }
    /// A section's title.
    pub(crate) fn heading(&mut self, title: &str) {
        println!("\n## {title}");
        self.parts.push(Part::Heading(title.to_owned()));
    }
    /// A remark.
    pub(crate) fn note(&mut self, text: &str) {
        println!("\n{text}");
        self.parts.push(Part::Note(text.to_owned()));
    }
    /// The code of the next cell, a statement a line.
    pub(crate) fn input(&mut self, lines: &[&str]) {
        let lines: Vec<String> = lines.iter().map(|line| unwrapped(line)).collect();
        self.code(&lines.join("\n"), None);
    }
    /// The code of the next cell, whose value is written in a format.
    pub(crate) fn formatted(&mut self, format: &str, code: &str) {
        let code = unwrapped(code);
        self.code(&code, Some(format!("println!(\"{format}\", {code});")));
    }
    fn code(&mut self, shown: &str, run: Option<String>) {
        self.cell += 1;
        let prompt = format!("In [{}]: ", self.cell);
        println!("\n{prompt}{}", indented(shown, prompt.len()));
        self.parts.push(Part::Code(self.cell, shown.to_owned(), run.unwrap_or_else(|| shown.to_owned())));
    }
    /// The value of the last cell.
    pub(crate) fn output(&mut self, value: &(impl Show + ?Sized)) {
        let prompt = format!("Out[{}]: ", self.cell);
        println!("{prompt}{}", indented(&value.text(), prompt.len()));
        self.parts.push(Part::Value(value.text(), value.html()));
    }
    /// The value of the last cell, whose text depends on the device.
    pub(crate) fn output_of_client(&mut self, value: &(impl Show + ?Sized)) {
        print_of_client(&value.text());
        self.parts.push(Part::Value(value.text(), value.html()));
    }
    /// A line below the last value.
    pub(crate) fn line(&mut self, text: &str) {
        println!("{text}");
        match self.parts.last_mut() {
            Some(Part::Value(value, None)) => *value = format!("{}\n{text}", value.trim_end()),
            _ => self.parts.push(Part::Value(text.to_owned(), None)),
        }
    }
    /// What depends on the device: every line starts with `client`.
    pub(crate) fn about_client(&mut self, text: &str) {
        print_of_client(text);
        self.parts.push(Part::Machine(text.to_owned()));
    }
    /// How long the last cell took.
    pub(crate) fn time(&mut self, took: Duration) {
        println!("time {:>9.4} s  In [{}]", took.as_secs_f64(), self.cell);
        self.parts.push(Part::Machine(format!("{:.4} s", took.as_secs_f64())));
    }
    /// The report of the last run.
    pub(crate) fn report(&mut self) {
        if let Some(report) = self.client.last_run() {
            self.about_client(&format!("last run {report}"));
        }
    }
    /// The path of a drawing.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.out.join(name)
    }
    /// Says that a drawing was written, after a look that there is something in it.
    pub(crate) fn wrote(&self, path: &Path) -> std::io::Result<()> {
        let bytes = std::fs::metadata(path)?.len();
        assert!(bytes > 100, "{} has {bytes} bytes only", path.display());
        println!("wrote {}", path.display());
        Ok(())
    }
    /// The last line.
    pub(crate) fn end(&self) {
        println!("\n{} cells, all checks passed", self.cell);
        println!("time {:>9.4} s  in all", self.started.elapsed().as_secs_f64());
    }
}

fn print_of_client(text: &str) {
    for line in text.lines() {
        println!("client | {line}");
    }
}

/// Code as `stringify!` gives it, without the breaks it puts into long lines.
fn unwrapped(code: &str) -> String {
    let line = code.split_whitespace().collect::<Vec<_>>().join(" ");
    line.replace("? .", "?.")
}

/// Lines after the first moved right to stand under it.
fn indented(text: &str, columns: usize) -> String {
    text.trim_end().replace('\n', &format!("\n{}", " ".repeat(columns)))
}

/// The only element of a 0-d ndarray.
pub(crate) fn value<T: Element>(array: &ArrayD<T>) -> T {
    array[[]]
}

/// Six significant digits: more than any two devices may differ in.
pub(crate) fn digits(x: f64) -> String {
    let decimals = 5 - x.abs().log10().floor() as i32;
    match usize::try_from(decimals) {
        _ if x == 0.0 || !x.is_finite() => x.to_string(),
        Ok(decimals) => format!("{x:.decimals$}"),
        Err(_) => format!("{x:.5e}"),
    }
}

/// Counts of a histogram, `per` bins a line, each line with its first edge.
pub(crate) fn table(counts: &Array1<i64>, edges: &Array1<f64>, per: usize) -> String {
    let width = counts.iter().map(|n| n.to_string().len()).max().unwrap_or(1);
    let line = |(row, first): (ndarray::ArrayView1<'_, i64>, &f64)| {
        let counts: Vec<String> = row.iter().map(|n| format!("{n:>width$}")).collect();
        format!("from {first:>6.1}: {}", counts.join(" "))
    };
    let rows = counts.axis_chunks_iter(ndarray::Axis(0), per);
    let lines: Vec<String> = rows.zip(edges.iter().step_by(per)).map(line).collect();
    lines.join("\n")
}

/// Whether two numbers agree within a relative tolerance.
pub(crate) fn close(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}
