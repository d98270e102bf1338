//! Small helpers over the `svg` crate, shared by the drawings.

use svg::Node;
use svg::node::Text;
use svg::node::element::Element;

/// Replaces the characters that XML cannot hold even when escaped, such as
/// NUL. The `svg` crate escapes the rest.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\t' | '\n' | '\r' => c,
            '\0'..='\x1f' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
            _ => c,
        })
        .collect()
}

/// The number of monospaced columns that `text` takes, about: scripts from
/// Hangul on, and emoji, are counted as wide.
pub(super) fn columns(text: &str) -> usize {
    text.chars().map(char_columns).sum()
}

fn char_columns(c: char) -> usize {
    match c {
        '\u{1100}'..='\u{11ff}' | '\u{2e80}'.. => 2,
        _ => 1,
    }
}

/// Cuts `text` to at most `max` columns, with an ellipsis where it was cut.
pub(super) fn shorten(text: &str, max: usize) -> String {
    if columns(text) <= max {
        return text.to_owned();
    }
    let mut left = max.saturating_sub(1);
    let mut short: String = text
        .chars()
        .take_while(|&c| {
            let fits = char_columns(c) <= left;
            left = left.saturating_sub(char_columns(c));
            fits
        })
        .collect();
    short.push('…');
    short
}

/// Rounds a coordinate to a tenth of a pixel, which keeps the files short.
pub(super) fn px(value: f64) -> f64 {
    // Adding zero turns a negative zero into a plain one.
    (value * 10.0).round() / 10.0 + 0.0
}

/// An HTML element with its attributes and children.
pub(super) fn element(name: &str, attributes: &[(&str, &str)], children: impl IntoIterator<Item = Element>) -> Element {
    let mut element = Element::new(name);
    for (key, value) in attributes {
        element.assign(*key, clean(value));
    }
    for child in children {
        element.append(child);
    }
    element
}

/// An HTML element that holds text.
pub(super) fn text_element(name: &str, attributes: &[(&str, &str)], text: &str) -> Element {
    let mut element = element(name, attributes, []);
    element.append(Text::new(clean(text)));
    element
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_cut_by_columns() {
        assert_eq!(shorten("blockwise", 9), "blockwise");
        assert_eq!(shorten("blockwise", 6), "block…");
        assert_eq!(shorten("数値計算", 5), "数値…");
        assert_eq!(shorten("abc", 0), "…");
    }

    #[test]
    fn any_text_becomes_well_formed() {
        let nasty = "<script>&\"'\0\u{b}\u{ffff}]]>";
        let made = text_element("p", &[("title", nasty)], nasty).to_string();
        let parsed = roxmltree::Document::parse(&made).expect("well-formed");
        let shown = parsed.root_element();
        assert_eq!(shown.text(), shown.attribute("title"));
        assert!(shown.text().is_some_and(|t| t.starts_with("<script>&\"'")));
    }
}
