//! The library's messages in the words of NumPy's users: names of functions and dtypes, and ways out.

/// What the library and NumPy call the same.
const NAMES: [(&str, &str); 34] = [
    ("neg", "negative"),
    ("sub", "subtract"),
    ("mul", "multiply"),
    ("div", "divide"),
    ("true_divide", "divide"),
    ("floor_div", "floor_divide"),
    ("floor_mod", "remainder"),
    ("rem", "fmod"),
    ("bitand", "bitwise_and"),
    ("bitor", "bitwise_or"),
    ("bitxor", "bitwise_xor"),
    ("not", "invert"),
    ("shl", "left_shift"),
    ("shr", "right_shift"),
    ("eq", "equal"),
    ("ne", "not_equal"),
    ("lt", "less"),
    ("le", "less_equal"),
    ("gt", "greater"),
    ("ge", "greater_equal"),
    ("ln", "log"),
    ("pow", "power"),
    ("powi", "power"),
    ("atan2", "arctan2"),
    ("swap_axes", "swapaxes"),
    ("move_axis", "moveaxis"),
    ("insert_axis", "expand_dims"),
    ("remove_axis", "squeeze"),
    ("permute_axes", "transpose"),
    ("filter", "boolean index"),
    ("filter_axis", "boolean index of an axis"),
    ("assign", "setitem"),
    ("read_npy", "from_npy"),
    ("select", "where"),
];

/// Dtypes: NumPy's `i8` is of eight bytes.
const DTYPES: [(&str, &str); 11] = [
    ("u8", "uint8"),
    ("u16", "uint16"),
    ("u32", "uint32"),
    ("u64", "uint64"),
    ("i8", "int8"),
    ("i16", "int16"),
    ("i32", "int32"),
    ("i64", "int64"),
    ("f16", "float16"),
    ("f32", "float32"),
    ("f64", "float64"),
];

/// Ways out, as they are written in Python.
const WAYS: [(&str, &str); 8] = [
    ("cast()", "astype()"),
    ("cast it first", "astype() it first"),
    ("Client::builder().memory_limit()", "gl.Client(memory_limit=...)"),
    ("compute() it and go on from the result", "compute_chunk_sizes() finds it"),
    ("where_()", "where()"),
    ("resolve()", "compute_chunk_sizes()"),
    ("(?", "(None"),
    (", ?", ", None"),
];

/// A message for Python.
pub(crate) fn for_python(text: &str) -> String {
    let text = match text.split_once(": ") {
        Some((op, rest)) => match NAMES.iter().find(|(ours, _)| *ours == op) {
            Some((_, theirs)) => format!("{theirs}: {rest}"),
            None => text.to_owned(),
        },
        None => text.to_owned(),
    };
    dtypes_for_python(&WAYS.iter().fold(text, |text, (ours, theirs)| text.replace(ours, theirs)))
}

/// A text with NumPy's names of dtypes.
pub(crate) fn dtypes_for_python(text: &str) -> String {
    let mut said = String::with_capacity(text.len());
    let mut word = String::new();
    // A word ends where something else begins.
    for letter in text.chars().chain(['\0']) {
        if letter.is_alphanumeric() || letter == '_' {
            word.push(letter);
            continue;
        }
        let theirs = DTYPES.iter().find(|(ours, _)| *ours == word);
        said.push_str(theirs.map_or(word.as_str(), |(_, theirs)| theirs));
        word.clear();
        if letter != '\0' {
            said.push(letter);
        }
    }
    said
}
