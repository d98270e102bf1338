//! The names in a user's WGSL: which ones a text defines, and the same text with those names in a space of their own.
//!
//! Nothing is parsed here beyond words, numbers and comments. That is enough, as module scope is what stands outside all
//! braces, and a name there is found anywhere in the text.

/// What a piece of text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum PieceKind {
    /// A name or a keyword.
    Word,
    /// A number with its suffix.
    Number,
    /// White space or a comment.
    Blank,
    /// One character of anything else.
    Other,
}

/// Cuts a text into its pieces. Put together again they are the text.
fn pieces(mut text: &str) -> Vec<(PieceKind, &str)> {
    let mut pieces = Vec::new();
    while let Some(first) = text.chars().next() {
        let (kind, len) = if text.starts_with("//") {
            (PieceKind::Blank, text.find(ends_line).unwrap_or(text.len()))
        } else if text.starts_with("/*") {
            (PieceKind::Blank, block_comment(text))
        } else if first.is_ascii_digit() {
            (PieceKind::Number, text.find(|c| !in_word(c) && c != '.').unwrap_or(text.len()))
        } else if in_word(first) {
            (PieceKind::Word, text.find(|c| !in_word(c)).unwrap_or(text.len()))
        } else {
            (if is_space(first) { PieceKind::Blank } else { PieceKind::Other }, first.len_utf8())
        };
        let (piece, rest) = text.split_at(len);
        pieces.push((kind, piece));
        text = rest;
    }
    pieces
}

/// The length of the comment that a text starts with; comments may hold comments.
fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while let Some(next) = text[at..].find(['/', '*']) {
        at += next;
        match &text.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            return at;
        }
    }
    text.len()
}

/// WGSL's line ends.
fn ends_line(c: char) -> bool {
    matches!(c, '\n'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}
/// WGSL's white space.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{200e}' | '\u{200f}') || ends_line(c)
}
/// Whether a character may be part of a name. Names are not only ASCII; everything else that is not belongs to one too, which
/// is right or not WGSL at all.
fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_' || (!c.is_ascii() && !is_space(c))
}

/// A text's pieces, and for each of those that matter (no white space, no comment) where in the text it stands.
struct Text<'a> {
    pieces: Vec<(PieceKind, &'a str)>,
    /// Numbers of the pieces that matter.
    solid: Vec<usize>,
}

impl<'a> Text<'a> {
    fn new(text: &'a str) -> Self {
        let pieces = pieces(text);
        let solid = (0..pieces.len()).filter(|&at| pieces[at].0 != PieceKind::Blank).collect();
        Self { pieces, solid }
    }
    /// The solid piece number `at`; empty before the first and after the last.
    fn at(&self, at: Option<usize>) -> &'a str {
        at.and_then(|at| self.solid.get(at)).map_or("", |&piece| self.pieces[piece].1)
    }
    fn is_word(&self, at: usize) -> bool {
        self.solid.get(at).is_some_and(|&piece| self.pieces[piece].0 == PieceKind::Word)
    }

    /// Calls with each word, its place among the solid pieces, how many braces it is in, and whether those are a structure's.
    fn each_word(&self, mut call: impl FnMut(&'a str, usize, usize, bool)) {
        let (mut depth, mut structure) = (0usize, false);
        for at in 0..self.solid.len() {
            match self.at(Some(at)) {
                "{" => depth += 1,
                "}" => depth = depth.saturating_sub(1),
                word if self.is_word(at) => {
                    if depth == 0 && self.at(at.checked_sub(1)) != "@" {
                        structure = word == "struct" || (structure && self.at(at.checked_sub(1)) == "struct");
                    }
                    call(word, at, depth, structure);
                }
                _ => {}
            }
        }
    }

    /// The names that the text defines at module scope, with their places.
    fn defined(&self) -> Vec<(&'a str, &'a str)> {
        let mut found = Vec::new();
        self.each_word(|word, at, depth, _| {
            let starts = ["fn", "const", "override", "struct", "alias", "var", "let"].contains(&word);
            if depth > 0 || !starts || self.at(at.checked_sub(1)) == "@" {
                return;
            }
            let mut name = at + 1;
            if self.at(Some(name)) == "<" {
                // The address space of a variable.
                name += (name..self.solid.len()).take_while(|&at| self.at(Some(at)) != ">").count() + 1;
            }
            if self.is_word(name) {
                found.push((word, self.at(Some(name))));
            }
        });
        found
    }
}

/// The first of the text's directives: those stand before everything else of a shader, where a part of one cannot put them.
#[cfg(feature = "gpu")]
pub(crate) fn directive(text: &str) -> Option<String> {
    let (text, mut found) = (Text::new(text), None);
    text.each_word(|word, at, depth, _| {
        if depth == 0 && ["enable", "requires", "diagnostic"].contains(&word) && text.at(at.checked_sub(1)) != "@" {
            found.get_or_insert(word.to_owned());
        }
    });
    found
}

/// Most characters of operators in one statement, and most `else if` in one function. A compiler calls itself for each operator and each
/// branch that comes after another, so this is how deep its stack gets.
#[cfg(feature = "gpu")]
pub(crate) fn depths(text: &str) -> (usize, usize) {
    let text = Text::new(text);
    let (mut operators, mut branches) = ((0, 0), (0, 0));
    for at in 0..text.solid.len() {
        match text.at(Some(at)) {
            ";" | "{" | "}" => operators.0 = 0,
            "fn" => branches.0 = 0,
            "if" if text.at(at.checked_sub(1)) == "else" => branches.0 += 1,
            piece if piece.contains(['+', '-', '*', '/', '%', '&', '|', '^', '~', '<', '>', '=', '!']) => {
                operators.0 += 1;
            }
            _ => {}
        }
        (operators.1, branches.1) = (operators.1.max(operators.0), branches.1.max(branches.0));
    }
    (operators.1, branches.1)
}

/// Whether a text defines a function of a name.
pub(crate) fn defines_function(text: &str, name: &str) -> bool {
    Text::new(text).defined().contains(&("fn", name))
}

/// The text with a prefix before all names that it defines at module scope, wherever they stand for that. Members of structures keep
/// their names, for they are found after a dot only; so do names within functions, which hide others there as before.
#[cfg(feature = "gpu")]
pub(crate) fn with_prefix(text: &str, prefix: &str) -> String {
    let text = Text::new(text);
    let own: std::collections::HashSet<&str> = text.defined().into_iter().map(|(_, name)| name).collect();
    let mut renamed = std::collections::HashSet::new();
    text.each_word(|word, at, depth, structure| {
        let before = |n: usize| text.at(at.checked_sub(n));
        let member = before(1) == "." || (structure && depth == 1 && text.at(Some(at + 1)) == ":");
        // `ptr<function, f32>`: address spaces are words of the language.
        let space = before(1) == "<" && ["ptr", "var"].contains(&before(2));
        if own.contains(word) && !member && !space && before(1) != "@" {
            renamed.insert(text.solid[at]);
        }
    });
    let named = |(at, (_, piece)): (usize, &(PieceKind, &str))| {
        if renamed.contains(&at) { format!("{prefix}{piece}") } else { (*piece).to_owned() }
    };
    text.pieces.iter().enumerate().map(named).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_the_text() {
        for text in [
            "fn f(x: f32) -> f32 { return x * 1.5e-3f + .5f; } // end",
            "/* a /* b */ fn c() {} */ const d = 0x1fu;\u{2028}//é\u{85}const é = 1;",
            "/*/ not closed",
            "a/**/b",
            "",
        ] {
            assert_eq!(pieces(text).iter().map(|(_, piece)| *piece).collect::<String>(), text);
        }
        let words = |text| pieces(text).into_iter().filter(|p| p.0 == PieceKind::Word).map(|p| p.1).collect::<Vec<_>>();
        assert_eq!(words("1e5f 0x1fu 2lf e5 a.b1//c\nd/*e/*f*/g*/é1"), ["e5", "a", "b1", "d", "é1"]);
        assert_eq!(words("/*/ a */b"), ["b"]);
    }

    #[cfg(feature = "gpu")]
    #[test]
    fn what_module_scope_defines_gets_the_prefix_and_nothing_else() {
        for (text, want) in [
            (
                "fn f(x: f32) -> f32 { return g(x); }\nfn g(x: f32) -> f32 { return abs(x); }",
                "fn p_f(x: f32) -> f32 { return p_g(x); }\nfn p_g(x: f32) -> f32 { return abs(x); }",
            ),
            (
                "// fn a() {}\n/* fn b() {} */ fn c() { a(); b(); }",
                "// fn a() {}\n/* fn b() {} */ fn p_c() { a(); b(); }",
            ),
            (
                "const a = 1f; const b: f32 = a*a; override c = b;",
                "const p_a = 1f; const p_b: f32 = p_a*p_a; override p_c = p_b;",
            ),
            (
                "struct s { x: f32, @align(16) s: t, f: array<f32, n> } alias t = f32; const n = 3; fn f(v: s) -> t { return v.s + v . f[n]; }",
                "struct p_s { x: f32, @align(16) s: p_t, f: array<f32, p_n> } alias p_t = f32; const p_n = 3; fn p_f(v: p_s) -> p_t { return v.s + v . f[p_n]; }",
            ),
            (
                "var<private> x: f32; fn f() { var x = x; let y: ptr<function, f32> = &x; } fn function() {}",
                "var<private> p_x: f32; fn p_f() { var p_x = p_x; let y: ptr<function, f32> = &p_x; } fn p_function() {}",
            ),
            (
                "@must_use fn must_use() -> f32 { const inner = 1.0; return inner; }",
                "@must_use fn p_must_use() -> f32 { const inner = 1.0; return inner; }",
            ),
            ("fn é(a: f32) {} fn b() { é(1); éa(1); }", "fn p_é(a: f32) {} fn p_b() { p_é(1); éa(1); }"),
            ("fn a() { if true { } } fn b() {}", "fn p_a() { if true { } } fn p_b() {}"),
            ("}} fn", "}} fn"),
        ] {
            assert_eq!(with_prefix(text, "p_"), want);
        }
    }

    #[cfg(feature = "gpu")]
    #[test]
    fn directives_are_found() {
        assert_eq!(directive("// enable f16;\nenable f16; requires x;").as_deref(), Some("enable"));
        assert_eq!(directive("diagnostic(off, x); fn f() {}").as_deref(), Some("diagnostic"));
        assert_eq!(directive("@diagnostic(off, x) fn f() { }  fn enabled() {}"), None);
    }

    #[test]
    #[cfg(feature = "gpu")]
    fn depths_are_those_of_statements_and_functions() {
        assert_eq!(depths("fn f(x: f32) -> f32 { let y = x + 1.0 * x; return y - 1.0; } // + + + +"), (3, 0));
        let text = "fn f() { if a {} else if b {} else if c {} else {} } fn g() { if a {} else { if b {} } }";
        assert_eq!(depths(text), (0, 2));
        assert_eq!(depths("fn f() { return ~~~x; }"), (3, 0));
    }

    #[test]
    fn functions_are_found_where_they_are_defined() {
        for text in ["fn f(x: f32)", "@must_use\n fn\tf /* of */ (x: f32)", "const g = 1; fn f()"] {
            assert!(defines_function(text, "f"), "{text}");
        }
        for text in
            ["", "fn g(f: f32)", "// fn f()", "/* fn f() */", "const f = 1;", "fn g() { fn f() }", "fnf()", "fn"]
        {
            assert!(!defines_function(text, "f"), "{text}");
        }
    }
}
