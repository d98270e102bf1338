//! The shape of the source tree, read from its text: imports point down, and files stay short.

use std::fs;
use std::path::{Path, PathBuf};

/// The layers, lowest first. A module may name those of its own layer and of the layers before it.
const LAYERS: &[&[&str]] = &[
    &["dtype", "chunks", "error", "fault", "event", "host", "host_array", "platform", "text", "width"],
    &["ops"],
    &["graph"],
    &["functions"],
    &["optimize"],
    &["plan"],
    &["backend"],
    &["schedule"],
    &["monitor"],
    &["array"],
    &["client"],
    &["io", "plot", "show"],
];

/// What stands beside the layers: it names the words (the first layer) only, and only the top layer names it.
const BESIDE: &[&str] = &["diagnostics"];

/// Imports that the rules refuse and that are right all the same: the file, what it names, and why.
const EXCEPTIONS: &[(&str, &str, &str)] =
    &[("src/plan/explain.rs", "diagnostics", "drawings of plans are made by the same functions as those of arrays")];

/// Layers below that a folder may not name all the same, and why.
const HIDDEN: &[(&str, &[&str], &str)] =
    &[("src/backend/", &["graph", "optimize"], "backends know kernels and pieces only")];

/// Files of the text kinds there are, below a folder of the repository.
pub(crate) fn files(folder: &str, extensions: &[&str]) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut open) = (Vec::new(), vec![root.join(folder)]);
    while let Some(at) = open.pop() {
        let Ok(entries) = fs::read_dir(&at) else { continue };
        for entry in entries {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|e| extensions.iter().any(|known| e == *known)) {
                found.push(path.strip_prefix(root).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}

/// A file's text.
pub(crate) fn read(path: &Path) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The text without comments: documentation may link to anything.
pub(crate) fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The names that follow a path's start: one, or those of a list in braces (the first of each path in it).
fn heads(rest: &str) -> Vec<String> {
    let name =
        |text: &str| -> String { text.trim().chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect() };
    let Some(list) = rest.strip_prefix('{') else {
        return vec![name(rest)];
    };
    let (mut names, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            ',' | '}' if depth == 0 => {
                names.push(name(&list[from..at]));
                from = at + 1;
                if c == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    names
}

/// The top modules that a file names: by `crate::`, and by enough `super::` to come out at the crate.
fn named(path: &Path, text: &str) -> Vec<String> {
    let text = code(text);
    let mut names: Vec<String> = text
        .match_indices("crate::")
        .filter(|(at, _)| !text[..*at].ends_with('$'))
        .flat_map(|(at, start)| heads(&text[at + start.len()..]))
        .collect();
    // src/a/b.rs and src/a/b/mod.rs are two deep.
    let mut depth = path.with_extension("").components().count() - 1;
    if path.ends_with("mod.rs") {
        depth -= 1;
    }
    let out = "super::".repeat(depth);
    let rests = text.match_indices(&out).filter(|(at, _)| !text[..*at].ends_with("super::"));
    names.extend(rests.flat_map(|(at, start)| heads(&text[at + start.len()..])));
    names.retain(|name| !name.is_empty());
    names
}

/// The module of the crate that a file belongs to.
fn module(path: &Path) -> String {
    let name = path.components().nth(1).unwrap().as_os_str().to_string_lossy();
    name.trim_end_matches(".rs").to_owned()
}

/// A module's layer; those beside have none.
fn layer(module: &str) -> Option<usize> {
    LAYERS.iter().position(|layer| layer.contains(&module))
}

/// Whether the rules let `from` (of `path`) name `to`.
fn allowed(path: &str, from: &str, to: &str) -> bool {
    let hidden = HIDDEN.iter().any(|(start, names, _)| path.starts_with(start) && names.contains(&to));
    let by_layer = match (layer(from), layer(to)) {
        (Some(from), Some(to)) => to <= from,
        (None, Some(to)) => to == 0,
        (Some(from), None) => from + 1 == LAYERS.len(),
        (None, None) => from == to,
    };
    from == to || by_layer && !hidden
}

/// The sources but the crate's root, which names everything, and programs, which see of the crate what all users see.
pub(crate) fn sources() -> Vec<PathBuf> {
    let mut sources = files("src", &["rs"]);
    sources.retain(|path| path != Path::new("src/lib.rs") && !path.starts_with("src/bin"));
    sources
}

#[test]
fn imports_point_down() {
    let (mut wrong, mut used) = (Vec::new(), Vec::new());
    for path in sources() {
        let (name, from) = (path.to_string_lossy().replace('\\', "/"), module(&path));
        for to in named(&path, &read(&path)) {
            let known = layer(&to).is_some() || BESIDE.contains(&to.as_str());
            if !known {
                // A name that the crate's root exports again hides which layer it is of.
                let item = to.starts_with(|c: char| c.is_uppercase());
                if item {
                    wrong.push(format!("{name}: crate::{to}; name the module it is in"));
                }
            } else if let Some(exception) = EXCEPTIONS.iter().find(|e| e.0 == name && e.1 == to) {
                used.push(*exception);
            } else if !allowed(&name, &from, &to) {
                wrong.push(format!("{name}: {from} names {to}"));
            }
        }
    }
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "imports that do not point down:\n{}", wrong.join("\n"));
    for exception in EXCEPTIONS {
        assert!(used.contains(exception), "an exception that nothing needs: {exception:?}");
    }
}

#[test]
fn every_module_has_a_layer() {
    let unknown: Vec<String> = sources()
        .iter()
        .map(|path| module(path))
        .filter(|name| {
            layer(name).is_none()
                && !BESIDE.contains(&name.as_str())
                && !["testing", "cookbook"].contains(&name.as_str())
        })
        .collect();
    assert!(unknown.is_empty(), "modules without a layer: {unknown:?}");
}

#[test]
fn backends_do_not_see_each_other() {
    for (folder, other) in [("src/backend/cpu", "gpu"), ("src/backend/gpu", "cpu")] {
        for path in files(folder, &["rs"]) {
            let text = code(&read(&path));
            for start in ["backend::", "super::"] {
                let sees = text
                    .match_indices(start)
                    .any(|(at, _)| heads(&text[at + start.len()..]).iter().any(|name| name == other));
                assert!(!sees, "{} names {other}", path.display());
            }
        }
    }
}

#[test]
fn only_the_gpu_backend_names_wgpu() {
    for path in sources() {
        let inside = path.starts_with("src/backend/gpu");
        assert!(inside || !code(&read(&path)).contains("wgpu"), "{} names wgpu", path.display());
    }
}

#[test]
fn no_file_is_longer_than_700_lines() {
    let folders = ["src", "tests", "shaders", "benches", "examples", "tools"];
    let long: Vec<String> = folders
        .iter()
        .flat_map(|folder| files(folder, &["rs", "wgsl", "py", "sh"]))
        .map(|path| (read(&path).lines().count(), path))
        .filter(|(lines, _)| *lines > 700)
        .map(|(lines, path)| format!("{}: {lines} lines", path.display()))
        .collect();
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn the_parser_of_imports_sees_what_it_must() {
    let path = Path::new("src/graph/infer/join.rs");
    let text =
        "use crate::{ops::{A, B}, plan};\nuse super::super::super::array;\nuse super::super::Node; // crate::host\n";
    assert_eq!(named(path, text), ["ops", "plan", "array"]);
    assert!(!allowed("src/graph/infer/join.rs", "graph", "plan"));
    assert!(!allowed("src/backend/cpu/map.rs", "backend", "graph"));
    assert!(!allowed("src/diagnostics/html.rs", "diagnostics", "ops"));
    assert!(allowed("src/plan/lower.rs", "plan", "graph"));
}
