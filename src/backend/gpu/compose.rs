//! Composing a shader: a template from `shaders/` with its slots filled, and the library items it names.
//!
//! Only the items that are named, directly or through others, are put in: short shaders compile quickly and
//! can be read. A template's slots are `//{name}` on a line of its own, which becomes indented lines, and `/*{name}*/`
//! within a line.

use std::collections::{BTreeSet, HashMap};
use std::sync::OnceLock;

use crate::error::{Error, Result};
use crate::plan::capability::Capabilities;

/// The library, in the order that items are looked up and printed. An earlier item wins over a later one of its name.
const FILES: [&str; 12] = [
    include_str!("../../../shaders/lib/i64.wgsl"),
    include_str!("../../../shaders/lib/pair.wgsl"),
    include_str!("../../../shaders/lib/int.wgsl"),
    include_str!("../../../shaders/lib/cast.wgsl"),
    include_str!("../../../shaders/lib/f32.wgsl"),
    include_str!("../../../shaders/lib/f64.wgsl"),
    include_str!("../../../shaders/lib/float.wgsl"),
    include_str!("../../../shaders/lib/philox.wgsl"),
    include_str!("../../../shaders/lib/tree.wgsl"),
    include_str!("../../../shaders/lib/bits.wgsl"),
    include_str!("../../../shaders/lib/scanned.wgsl"),
    include_str!("../../../shaders/lib/kept.wgsl"),
];

/// One item of the library: a function, constant, structure or variable with the comment above it.
struct Item {
    text: String,
    /// The library's items that it names.
    uses: BTreeSet<usize>,
}

/// The items there are on an adapter.
pub(crate) struct Library {
    items: Vec<Item>,
    by_name: HashMap<&'static str, usize>,
}

impl Library {
    /// The library for an adapter with these capabilities.
    pub(crate) fn of(caps: &Capabilities) -> &'static Self {
        static ALL: [OnceLock<Library>; 4] = [const { OnceLock::new() }; 4];
        ALL[2 * usize::from(caps.i64) + usize::from(caps.rewrites)].get_or_init(|| Self::parse(caps))
    }

    fn parse(caps: &Capabilities) -> Self {
        // The first file needs 64-bit integers; what it has in common with the second is quicker with them.
        let files = if caps.i64 { &FILES } else { &FILES[1..] };
        let mut library = Self { items: Vec::new(), by_name: HashMap::new() };
        for file in files {
            library.add(file);
        }
        library.items.iter_mut().for_each(|item| item.text = kept(&item.text, caps));
        for at in 0..library.items.len() {
            let uses = library.named(&library.items[at].text).filter(|&other| other != at).collect();
            library.items[at].uses = uses;
        }
        library
    }

    /// Splits a file into its items: each starts at column 0, and ends there with `}` or on a line that ends with `}` or `;`.
    fn add(&mut self, file: &'static str) {
        let mut comment = String::new();
        let mut lines = file.lines();
        while let Some(line) = lines.next() {
            let Some(name) = item_name(line) else {
                // A comment belongs to an item only without a blank line between.
                if line.starts_with("//") {
                    comment = format!("{comment}{line}\n");
                } else {
                    comment.clear();
                }
                continue;
            };
            let mut text = format!("{}{line}\n", std::mem::take(&mut comment));
            if !line.ends_with('}') && !line.ends_with(';') {
                for line in lines.by_ref() {
                    text = format!("{text}{line}\n");
                    if line.starts_with(['}', ')']) {
                        break;
                    }
                }
            }
            if !self.by_name.contains_key(name) {
                self.by_name.insert(name, self.items.len());
                self.items.push(Item { text, uses: BTreeSet::new() });
            }
        }
    }

    /// Whether there is such an item.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// The items that a text names.
    fn named<'a>(&'a self, text: &'a str) -> impl Iterator<Item = usize> + 'a {
        words(text).filter_map(|word| self.by_name.get(word).copied())
    }

    /// All the items that a text needs, as source.
    pub(crate) fn closure(&self, text: &str) -> String {
        let mut needed = BTreeSet::new();
        let mut open: Vec<usize> = self.named(text).collect();
        while let Some(at) = open.pop() {
            if needed.insert(at) {
                open.extend(&self.items[at].uses);
            }
        }
        needed.into_iter().map(|at| self.items[at].text.as_str()).collect::<Vec<_>>().join("\n")
    }
}

/// A text of ours, in which values go through what a compiler cannot see through only where one would rewrite it.
pub(crate) fn kept(text: &str, caps: &Capabilities) -> String {
    if caps.rewrites { text.to_owned() } else { text.replace("kept_f32(", "(").replace("kept_f64(", "(") }
}

/// The name of the item that a line starts, if it does.
fn item_name(line: &str) -> Option<&str> {
    let rest = ["fn ", "const ", "struct ", "alias ", "var<workgroup> ", "var<private> "]
        .iter()
        .find_map(|start| line.strip_prefix(start))?;
    words(rest).next()
}

/// The identifiers of a text, comments left out.
fn words(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .flat_map(|line| line.split("//").next())
        .flat_map(|line| line.split(|c: char| !c.is_ascii_alphanumeric() && c != '_'))
        .filter(|word| word.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_'))
}

/// A text with its own items by other names.
pub(crate) fn renamed(text: &str, name: impl Fn(&str) -> String) -> String {
    let own: Vec<&str> = text.lines().filter_map(item_name).collect();
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let (mut out, mut at) = (String::with_capacity(2 * text.len()), 0);
    while let Some(start) = text[at..].find(is_word).map(|start| at + start) {
        let end = text[start..].find(|c| !is_word(c)).map_or(text.len(), |len| start + len);
        let word = &text[start..end];
        out.push_str(&text[at..start]);
        // A field may have the name of an item.
        let is_item = own.contains(&word) && !text[..start].ends_with('.');
        out.push_str(&if is_item { name(word) } else { word.to_owned() });
        at = end;
    }
    out + &text[at..]
}

/// Fills the template's slots and puts in the library items that it then names.
///
/// # Errors
/// [`Error::Bug`] for a slot without text.
pub(crate) fn compose(template: &str, slots: &[(&str, String)], caps: &Capabilities) -> Result<String> {
    let text = fill(template, slots)?;
    let items = Library::of(caps).closure(&text);
    Ok(if items.is_empty() { text } else { text + "\n" + &items })
}

/// Fills the slots of a template, or of a part of one.
///
/// # Errors
/// [`Error::Bug`] for a slot without text.
pub(crate) fn fill(template: &str, slots: &[(&str, String)]) -> Result<String> {
    let text_of = |name: &str| {
        slots
            .iter()
            .find(|(slot, _)| *slot == name)
            .map(|(_, text)| text.as_str())
            .ok_or_else(|| Error::bug(format!("shader slot {name:?} has no text")))
    };
    let mut text = String::new();
    for line in template.lines() {
        let start = line.trim_start();
        if let Some(name) = start.strip_prefix("//{").and_then(|rest| rest.strip_suffix('}')) {
            let indent = &line[..line.len() - start.len()];
            for filled in text_of(name)?.lines() {
                let indent = if filled.is_empty() { "" } else { indent };
                text = text + indent + filled + "\n";
            }
            continue;
        }
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("/*{") {
            let (name, after) =
                after.split_once("}*/").ok_or_else(|| Error::bug(format!("shader slot is not closed: {line}")))?;
            text = text + before + text_of(name)?;
            rest = after;
        }
        text = text + rest + "\n";
    }
    Ok(text)
}
