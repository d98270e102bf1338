//! The book as one HTML page that needs nothing beside itself, and as a notebook for the evcxr kernel.

use serde_json::{Value, json};

use crate::notebook::{Book, Part};

/// Text as HTML has it.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "
:root { color-scheme: light dark; --ink: #1d1d1f; --page: #ffffff; --soft: #f3f4f6; --line: #d9dce1; --faint: #646a73; --accent: #0072b2 }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e6e6; --page: #16181c; --soft: #22252b; --line: #3a3f47; --faint: #9aa1ab; --accent: #56b4e9 } }
body { font: 16px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 58rem; margin: 2rem auto; padding: 0 1rem }
h1, h2 { line-height: 1.2 } h2 { margin-top: 2.5rem; border-bottom: 1px solid var(--line); padding-bottom: .3rem }
nav { columns: 2; font-size: .95rem } nav a { color: var(--accent); display: block }
pre { font: 13px/1.45 ui-monospace, Menlo, Consolas, monospace; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
.cell { display: grid; grid-template-columns: 4.5rem minmax(0, 1fr); margin-top: .8rem }
.prompt { font: 12px/1.6 ui-monospace, monospace; color: var(--faint); padding: .45rem .5rem 0 0; text-align: right }
.code { background: var(--soft); border: 1px solid var(--line); border-radius: 6px; padding: .45rem .7rem }
.value { padding: .45rem .7rem; overflow-x: auto } .value svg { max-width: 100%; height: auto }
.value table { font-size: 14px } .value th, .value td { padding: .1rem .6rem; text-align: left; border-bottom: 1px solid var(--line) }
.machine { padding: .1rem .7rem; color: var(--faint) }
";

/// The page.
pub(crate) fn html(book: &Book) -> String {
    let mut body = String::new();
    let mut headings = Vec::new();
    let row = |prompt: &str, class: &str, inner: &str| {
        format!("<div class=\"cell\"><div class=\"prompt\">{prompt}</div><div class=\"{class}\">{inner}</div></div>\n")
    };
    for part in book.parts() {
        match part {
            Part::Heading(title) => {
                headings.push(title);
                body += &format!("<h2 id=\"s{}\">{}</h2>\n", headings.len(), escaped(title));
            }
            Part::Note(text) => body += &format!("<p>{}</p>\n", escaped(text)),
            Part::Code(number, code, _) => {
                body += &row(&format!("In [{number}]"), "code", &format!("<pre>{}</pre>", escaped(code)));
            }
            Part::Value(text, None) => body += &row("", "value", &format!("<pre>{}</pre>", escaped(text))),
            Part::Value(_, Some(html)) => body += &row("", "value", html),
            Part::Machine(text) => body += &row("", "machine", &format!("<pre>{}</pre>", escaped(text))),
        }
    }
    let link = |(i, title): (usize, &&String)| format!("<a href=\"#s{}\">{}</a>", i + 1, escaped(title));
    let links: String = headings.iter().enumerate().map(link).collect();
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"/>\n<meta name=\"viewport\" content=\"width=device-width\"/>\n\
         <title>A tour of gridloom</title>\n<style>{STYLE}</style></head>\n<body>\n<h1>A tour of gridloom</h1>\n\
         <p>Every cell ran as it stands, on: {}</p>\n<nav>{links}</nav>\n{body}</body></html>\n",
        escaped(&book.client().to_string())
    )
}

/// What a notebook needs before the cells: the crate, names, and what the tour takes from its own files.
const SETUP: &str = r#":dep gridloom = { path = ".." }
:dep ndarray = "0.17"
use gridloom::prelude::*;
use gridloom::random::Generator;
use ndarray::{Array2, Ix2};
/// Lengths of the large arrays, a tenth of the tour's.
struct Sizes;
impl Sizes {
    fn of(&self, length: usize) -> usize { length / 10 }
}
/// Six significant digits.
fn digits(x: f64) -> String { format!("{x:.*}", (5 - x.abs().log10().floor() as i32).max(0) as usize) }"#;
const BEGIN: &str = r#"let sizes = Sizes;
let client = gridloom::Client::get_default()?;
const DEM: &str = "../tests/data/dem.npy";"#;

/// Whether a notebook has the book's cells, whatever their outputs.
pub(crate) fn check(book: &Book, text: &str) -> Result<(), Box<dyn std::error::Error>> {
    let kept: Value = serde_json::from_str(text)?;
    let source = |cell: &Value| match &cell["source"] {
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect::<String>(),
        other => other.as_str().unwrap_or_default().to_owned(),
    };
    let kept: Vec<String> = kept["cells"].as_array().into_iter().flatten().map(source).collect();
    let ours: Vec<String> = cells(book).iter().map(source).collect();
    match ours.iter().zip(&kept).position(|(ours, kept)| ours != kept) {
        Some(at) => Err(format!("cell {at} is not the tour's: write the notebook again with --notebook").into()),
        None if ours.len() != kept.len() => Err(format!("{} cells, the tour has {}", kept.len(), ours.len()).into()),
        None => Ok(()),
    }
}

/// The notebook, without outputs. Cell by cell the same code as the page's.
pub(crate) fn notebook(book: &Book) -> Result<String, serde_json::Error> {
    let kernel = json!({ "display_name": "Rust", "language": "rust", "name": "rust" });
    let metadata = json!({ "kernelspec": kernel, "language_info": { "name": "rust", "file_extension": ".rs" } });
    let notebook = json!({ "cells": cells(book), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5 });
    Ok(serde_json::to_string_pretty(&notebook)? + "\n")
}

fn cells(book: &Book) -> Vec<Value> {
    let markdown = |text: String| json!({ "cell_type": "markdown", "metadata": {}, "source": text });
    let code = |text: &str| json!({ "cell_type": "code", "execution_count": null, "metadata": {}, "outputs": [], "source": text });
    let intro = "# A tour of gridloom\n\nFor the [evcxr](https://github.com/evcxr/evcxr) kernel, started in this folder. The first cell \
                 builds the crate, which takes minutes once. Written by `cargo run --example tour -- --small --notebook examples/tour.ipynb`.";
    let mut cells: Vec<Value> = vec![markdown(intro.to_owned()), code(SETUP), code(BEGIN)];
    for part in book.parts() {
        match part {
            Part::Heading(title) => cells.push(markdown(format!("## {title}"))),
            Part::Note(text) => cells.push(markdown(text.clone())),
            Part::Code(_, _, run) => cells.push(code(run)),
            Part::Value(..) | Part::Machine(_) => {}
        }
    }
    for (i, cell) in cells.iter_mut().enumerate() {
        cell["id"] = json!(format!("cell-{i}"));
    }
    cells
}
