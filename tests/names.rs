//! `src/numpy.md`, which is on the front page of the documentation: every name of NumPy's once, with what it is called here.

use std::collections::BTreeSet;

use gridloom::ops::{BinaryOp, ReduceOp, ScanOp, UnaryOp};

const PAGE: &str = include_str!("../src/numpy.md");
const NAMES: &str = include_str!("data/numpy_names.tsv");

/// What is called so here and is something else.
const OTHERS: [&str; 0] = [];

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// The page's names of NumPy's, each with what it is called here; nothing where it is not yet.
fn page() -> Vec<(&'static str, Vec<&'static str>)> {
    let mut names = Vec::new();
    let mut list = "";
    for line in PAGE.lines() {
        list = match line {
            "" => "",
            _ if line.starts_with("**The same name:**") => "same",
            _ if line.starts_with("**Not yet:**") => "not yet",
            _ => list,
        };
        match list {
            "same" => names.extend(quoted(line).map(|name| (name, vec![name]))),
            "not yet" => names.extend(quoted(line).map(|name| (name, vec![]))),
            _ if line.starts_with("| `") => {
                // What is escaped is not a border.
                let border = line.rmatch_indices(" | ").map(|(at, _)| at).last().unwrap();
                let here: Vec<&str> = quoted(&line[border..]).collect();
                assert!(!here.is_empty(), "{line}");
                names.extend(quoted(&line[..border]).map(|name| (name, here.clone())));
            }
            _ => {}
        }
    }
    names
}

/// Names of the crate's functions and of arrays' methods: those that are written, and the rows of the tables.
fn functions() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/array")];
    folders.extend(["functions", "io", "client", "plot"].map(|room| folders[0].with_file_name(room)));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(path).unwrap();
            let word = |rest: &str| rest.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
            found.extend(text.split("pub fn ").skip(1).map(word));
            // Rows of a macro: `zeros_like "Zeros" ...`.
            let rows = text.lines().map(str::trim_start).map(|line| (word(line), line));
            found.extend(rows.filter(|(name, line)| line[name.len()..].starts_with(" \"")).map(|(name, _)| name));
        }
    }
    found.extend(UnaryOp::ALL.iter().map(|op| op.info().name.to_owned()));
    found.extend(BinaryOp::ALL.iter().map(|op| op.info().name.to_owned()));
    found.extend(ReduceOp::ALL.iter().map(|op| op.name().to_owned()));
    found.extend(ScanOp::ALL.iter().flat_map(|op| [op.name().to_owned(), format!("{}_axis", op.name())]));
    found
}

#[test]
fn each_of_numpys_names_is_on_the_page_once() {
    let mut want: Vec<&str> = NAMES.lines().skip(1).map(|line| line.split('\t').next().unwrap()).collect();
    let mut got: Vec<&str> = page().into_iter().map(|(name, _)| name).collect();
    want.sort_unstable();
    got.sort_unstable();
    let missing: Vec<_> = want.iter().filter(|name| !got.contains(name)).collect();
    let unknown: Vec<_> = got.iter().filter(|name| !want.contains(name)).collect();
    assert!(want == got, "missing {missing:?}, not NumPy's {unknown:?}, or some twice");
}

#[test]
fn what_the_page_names_exists_and_what_is_not_yet_does_not() {
    let functions = functions();
    let is_name = |word: &str| word.starts_with(|c: char| c.is_ascii_lowercase());
    // Traits of Rust's, and a crate.
    let known = |word: &str| functions.contains(word) || ["clone", "rand_distr"].contains(&word);
    let mut wrong = Vec::new();
    for (name, here) in page() {
        for word in here.iter().map(|text| text.split('(').next().unwrap()).filter(|word| is_name(word)) {
            // Of `random.normal` and `functions::promote` the last part.
            if !known(word.rsplit(['.', ':']).next().unwrap()) {
                wrong.push(format!("`{name}` is called `{word}` there: there is no such function"));
            }
        }
        if here.is_empty() && functions.contains(name) && !OTHERS.contains(&name) {
            wrong.push(format!("`{name}` is not yet there, but there is a function of that name"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
