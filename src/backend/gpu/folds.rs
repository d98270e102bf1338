//! Several folds as one: each with names of its own, and functions over all of them by the names of one.

use super::compose::renamed;
use super::fold::{StateArray, Values, fields, parts, text};
use crate::ops::Fold;
use crate::plan::capability::Capabilities;

/// The fields of an element: those of each fold, with its number.
pub(crate) fn several_fields(folds: &[(Fold, Values)]) -> Vec<String> {
    let of =
        |(i, &(fold, values)): (usize, &(Fold, Values))| fields(fold, values).map(move |field| format!("{field}_{i}"));
    folds.iter().enumerate().flat_map(of).collect()
}

/// The arrays of all states, one fold's after another's.
pub(crate) fn several_parts(folds: &[(Fold, Values)], caps: &Capabilities) -> Vec<StateArray> {
    let of = |(i, &(fold, values)): (usize, &(Fold, Values))| {
        let own =
            move |part: StateArray| StateArray { value: part.value.replace("state.", &format!("state.f{i}.")), ..part };
        parts(fold, values, caps).into_iter().map(own)
    };
    folds.iter().enumerate().flat_map(of).collect()
}

/// The folds' functions, and those that call them all.
pub(crate) fn several_text(folds: &[(Fold, Values)], caps: &Capabilities) -> String {
    let mut all = String::new();
    for (i, &(fold, values)) in folds.iter().enumerate() {
        let index = if fold.indexed() { format!(", index: {}", values.index.wgsl()) } else { String::new() };
        let own = format!("struct Element {{ value: {}{index} }}\n{}", values.value.wgsl(), text(fold, values, caps));
        all += &renamed(&own, |name| format!("{name}_{i}"));
        all += "\n";
    }
    let each = |of: &dyn Fn(usize) -> String| (0..folds.len()).map(of).collect::<Vec<_>>().join(", ");
    let take = |i: usize| {
        let (fold, values) = folds[i];
        let element = fields(fold, Values { masked: false, ..values }).map(|field| format!("e.{field}_{i}"));
        let element = element.collect::<Vec<_>>().join(", ");
        let when = if values.masked { format!("if e.mask_{i} ") } else { String::new() };
        format!("    {when}{{ run.f{i} = take_{i}(run.f{i}, Element_{i}({element})); }}\n")
    };
    let takes: String = (0..folds.len()).map(take).collect();
    format!(
        "{all}\
         struct State {{ {} }}\n\
         struct Run {{ {} }}\n\
         fn begin(p: u32) -> Run {{ return Run({}); }}\n\
         fn take(before: Run, e: Element) -> Run {{\n    var run = before;\n{takes}    return run;\n}}\n\
         fn close(run: Run) -> State {{ return State({}); }}\n\
         fn merge(x: State, y: State) -> State {{ return State({}); }}\n",
        each(&|i| format!("f{i}: State_{i}")),
        each(&|i| format!("f{i}: Run_{i}")),
        each(&|i| format!("begin_{i}(p)")),
        each(&|i| format!("close_{i}(run.f{i})")),
        each(&|i| format!("merge_{i}(x.f{i}, y.f{i})")),
    )
}
