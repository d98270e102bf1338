//! No circles of files: what a file needs, it can be read after. An item that a module only passes on is the file's that defines it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::layers::{code, read, sources};

/// A path in the source: names with `::` between them.
type Names = Vec<String>;

/// Words, `::` and other characters, without strings, and without the unit tests at a file's end.
fn tokens(text: &str) -> Vec<String> {
    let text = code(text);
    let text = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let (mut tokens, mut rest): (Vec<String>, &str) = (Vec::new(), text);
    while let Some(first) = rest.chars().next() {
        let len = if first == '"' {
            let end = rest[1..].match_indices('"').find(|(at, _)| !rest[1..=*at].ends_with('\\')).map(|(at, _)| at + 2);
            rest = &rest[end.unwrap_or(rest.len())..];
            continue;
        } else if first.is_alphanumeric() || first == '_' {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            first.len_utf8()
        };
        let (token, later) = rest.split_at(len);
        if !token.trim().is_empty() {
            tokens.push(token.to_owned());
        }
        rest = later;
    }
    tokens
}

/// The paths of a tree of imports, from after `use` to its `;`.
fn tree(tokens: &[String]) -> Vec<Names> {
    let (mut found, mut prefix, mut open): (Vec<Names>, Names, Vec<usize>) = (Vec::new(), Vec::new(), Vec::new());
    let mut skip = false;
    let mut ended = true;
    for token in tokens {
        match token.as_str() {
            "{" => {
                open.push(prefix.len());
                ended = true;
            }
            "," | "}" => {
                if !ended {
                    found.push(prefix.clone());
                }
                prefix.truncate(open.last().copied().unwrap_or(0));
                (skip, ended) = (false, true);
                if token == "}" {
                    open.pop();
                }
            }
            "::" => {}
            "as" => skip = true,
            _ if skip => {}
            name => {
                prefix.push(name.to_owned());
                ended = false;
            }
        }
    }
    if !ended {
        found.push(prefix);
    }
    found
}

/// A file, as far as circles go.
struct Source {
    path: PathBuf,
    /// The module it is.
    module: Names,
    /// What it defines.
    items: BTreeSet<String>,
    /// What it imports, and whether it passes that on.
    imports: Vec<(Names, bool)>,
    /// The paths in its code.
    paths: BTreeSet<Names>,
}

impl Source {
    fn new(path: &Path, text: &str) -> Self {
        const KINDS: [&str; 9] = ["fn", "struct", "enum", "trait", "const", "static", "type", "union", "macro_rules"];
        let mut module: Names =
            path.with_extension("").components().skip(1).map(|c| c.as_os_str().to_string_lossy().into()).collect();
        module.retain(|name| name != "mod");
        let tokens = tokens(text);
        let (mut items, mut imports, mut paths) = (BTreeSet::new(), Vec::new(), BTreeSet::new());
        let mut at = 0;
        while at < tokens.len() {
            let token = tokens[at].as_str();
            if token == "use" {
                let len = tokens[at..].iter().position(|t| t == ";").unwrap_or(tokens.len() - at);
                // `pub`, or the end of `pub(..)`.
                let passed_on = at > 0 && (tokens[at - 1] == "pub" || tokens[at - 1] == ")");
                imports.extend(tree(&tokens[at + 1..at + len]).into_iter().map(|path| (path, passed_on)));
                at += len;
            } else if KINDS.contains(&token) {
                let name = tokens[at + 1..].iter().find(|t| *t != "mut" && *t != "!");
                items.extend(name.cloned());
                at += 1;
            } else if tokens.get(at + 1).is_some_and(|t| t == "::") && (at == 0 || tokens[at - 1] != "::") {
                let mut names = vec![tokens[at].clone()];
                while tokens.get(at + 1).is_some_and(|t| t == "::")
                    && tokens.get(at + 2).is_some_and(|t| t != "<" && t != "{")
                {
                    names.push(tokens[at + 2].clone());
                    at += 2;
                }
                paths.insert(names);
            }
            at += 1;
        }
        Self { path: path.to_owned(), module, items, imports, paths }
    }
}

/// All files by the module they are.
struct Tree(BTreeMap<Names, Source>);

impl Tree {
    /// The files that define what a path in `from` leads to.
    fn leads(&self, from: &Source, path: &[String], depth: usize) -> BTreeSet<PathBuf> {
        /// Modules that pass an item on, at most.
        const DEPTH: usize = 8;
        let mut path = path;
        let Some(first) = path.first() else { return BTreeSet::new() };
        let child = |names: &Names| self.0.contains_key(names);
        let mut at = from.module.clone();
        match first.as_str() {
            "crate" => at.clear(),
            "super" => {}
            "self" => path = &path[1..],
            name if child(&[at.clone(), vec![name.to_owned()]].concat()) => {}
            // An import of a module, by which its items are named.
            name => {
                let import = from.imports.iter().find(|(import, _)| import.last().is_some_and(|last| last == name));
                return match import {
                    Some((import, _)) if path.len() > 1 && depth < DEPTH => {
                        self.leads(from, &[import, &path[1..]].concat(), depth + 1)
                    }
                    _ => BTreeSet::new(),
                };
            }
        }
        if first == "crate" {
            path = &path[1..];
        }
        while path.first().is_some_and(|name| name == "super") {
            at.pop();
            path = &path[1..];
        }
        while let Some(name) = path.first() {
            let deeper = [at.clone(), vec![name.clone()]].concat();
            if !child(&deeper) {
                break;
            }
            (at, path) = (deeper, &path[1..]);
        }
        let (Some(file), Some(item)) = (self.0.get(&at), path.first()) else { return BTreeSet::new() };
        if file.items.contains(item) {
            return BTreeSet::from([file.path.clone()]);
        }
        let passed =
            file.imports.iter().filter(|(import, _)| import.last() == Some(item) && import.len() > 1 && depth < DEPTH);
        passed.flat_map(|(import, _)| self.leads(file, import, depth + 1)).collect()
    }

    /// What each file needs.
    fn needs(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let of = |file: &Source| {
            let paths = file.imports.iter().map(|(path, _)| path).chain(&file.paths);
            let mut needed: BTreeSet<PathBuf> = paths.flat_map(|path| self.leads(file, path, 0)).collect();
            needed.remove(&file.path);
            needed
        };
        self.0.values().map(|file| (file.path.clone(), of(file))).collect()
    }
}

/// A circle, if there is one: each file needs the next, and the last needs the first.
fn circle(needs: &BTreeMap<PathBuf, BTreeSet<PathBuf>>) -> Option<Vec<PathBuf>> {
    let mut left = needs.clone();
    // Files that need nothing that is left are in no circle.
    while let Some(free) =
        left.iter().find(|(_, needed)| needed.iter().all(|n| !left.contains_key(n))).map(|(f, _)| f.clone())
    {
        left.remove(&free);
    }
    let mut path = vec![left.keys().next()?.clone()];
    loop {
        let next = left[&path[path.len() - 1]].iter().find(|needed| left.contains_key(*needed))?.clone();
        if let Some(start) = path.iter().position(|seen| *seen == next) {
            return Some(path.split_off(start));
        }
        path.push(next);
    }
}

fn tree_of(files: &[(&str, &str)]) -> Tree {
    let sources = files.iter().map(|(path, text)| Source::new(Path::new(path), text));
    Tree(sources.map(|source| (source.module.clone(), source)).collect())
}

#[test]
fn there_are_no_circles() {
    let sources =
        sources().into_iter().filter(|path| !path.ends_with("tests.rs") && !path.iter().any(|part| part == "tests"));
    let tree =
        Tree(sources.map(|path| Source::new(&path, &read(&path))).map(|file| (file.module.clone(), file)).collect());
    let needs = tree.needs();
    assert!(needs.values().map(BTreeSet::len).sum::<usize>() > 500, "too few: paths are not understood");
    assert_eq!(circle(&needs), None, "each needs the next");
}

#[test]
fn circles_are_found() {
    let files = [
        ("src/a/mod.rs", "mod x;\nmod y;\npub(crate) use x::{One, two as also};\n"),
        ("src/a/x.rs", "use super::y::Three;\nstruct One; fn two() { let _ = \"use super::y::Nothing;\"; }\n"),
        ("src/a/y.rs", "use crate::a::One;\nstruct Three;\n"),
        ("src/b.rs", "use crate::a;\nfn f() { a::One; } // crate::b::g\n"),
    ];
    let path = |name: &str| PathBuf::from(name);
    let needs = tree_of(&files).needs();
    // What a module passes on is not its own.
    assert_eq!(needs[&path("src/b.rs")], BTreeSet::from([path("src/a/x.rs")]));
    assert_eq!(circle(&needs), Some(vec![path("src/a/x.rs"), path("src/a/y.rs")]));
    let broken = [
        files[0],
        ("src/a/x.rs", "struct One; fn two() {}\n#[cfg(test)]\nmod tests { use super::y::Three; }"),
        files[2],
        files[3],
    ];
    assert_eq!(circle(&tree_of(&broken).needs()), None);
}
