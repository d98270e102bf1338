//! The page: one file of HTML, styles and script that needs nothing else. Served live, or written with its data in it.

use std::path::Path;

use serde_json::{Value, json};

use super::facts::Facts;
use super::record::RunRecord;
use super::recorder::Recorder;
use super::state::{detail, state};
use crate::error::{Error, Result};

const PAGE: &str = include_str!("page.html");
/// Where the page's data goes: in a served page there is none.
const DATA: &str = "/*DATA*/null";
/// Where it says what it may load and run.
const POLICY: &str = "<!--POLICY-->";
/// What a saved page may do: run its own script, and reach nothing.
const FROZEN_POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
     style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'\">";

/// JSON that may stand in a script element, whatever text is in it: there is no `<` in it.
fn for_script(value: &Value) -> String {
    value.to_string().replace('<', "\\u003c").replace('\u{2028}', "\\u2028").replace('\u{2029}', "\\u2029")
}

/// The page that asks its server for data. `nonce` marks its script and style as the server's own.
#[cfg(feature = "dashboard")]
pub(super) fn live(nonce: &str) -> String {
    PAGE.replace(POLICY, "")
        .replace("<script>", &format!("<script nonce=\"{nonce}\">"))
        .replace("<style>", &format!("<style nonce=\"{nonce}\">"))
}

/// The page with all that is kept, for a file.
#[must_use]
pub(super) fn frozen(recorder: &Recorder, facts: &Facts, note: Option<&str>) -> String {
    let mut data = state(recorder, facts, None);
    let mut details = serde_json::Map::new();
    let mut add = |record: &RunRecord| drop(details.insert(record.run.to_string(), detail(record)));
    recorder.each(&mut add);
    // One under way is looked at as a whole.
    if let Some(record) = recorder.latest() {
        add(&record);
    }
    data["details"] = Value::Object(details);
    data["note"] = json!(note);
    PAGE.replace(POLICY, FROZEN_POLICY).replace(DATA, &for_script(&data))
}

/// Writes the page with all that is kept into one file, which needs neither a server nor a network; `note` says what is missing.
///
/// # Errors
/// [`Error::Io`].
pub fn save_report(recorder: &Recorder, facts: &Facts, note: Option<&str>, path: &Path) -> Result<()> {
    let io = |source| Error::Io { op: "save_report", path: path.display().to_string(), source };
    crate::platform::file::write_bytes(path, frozen(recorder, facts, note)).map_err(io)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, Observer, StageInfo};
    use crate::monitor::Keep;

    #[test]
    fn the_page_has_the_places_that_are_filled_in() {
        for place in [DATA, POLICY, "<script>", "<style>"] {
            assert_eq!(PAGE.matches(place).count(), 1, "{place}");
        }
        // Nothing is loaded from anywhere, and no text becomes markup.
        for word in
            ["http://", "https://", "src=", "@import", "url(", "innerHTML", "insertAdjacentHTML", "document.write"]
        {
            assert!(!PAGE.replace("http://www.w3.org/2000/svg", "").contains(word), "{word}");
        }
    }

    #[test]
    fn a_name_cannot_end_the_script() {
        let recorder = Recorder::new(Keep::PAGE);
        let title = "</script><script>alert(1)</script>\u{2028}".to_owned();
        let stages = vec![StageInfo { title: title.clone(), tasks: 1, device: "cpu", ..StageInfo::default() }];
        recorder.event(&Event::Planned {
            run: 1,
            stages,
            tasks: 1,
            host_bytes: 0,
            device_bytes: 0,
            host_limit: 1,
            device_limit: 0,
            held: (0, 0),
        });
        let page = frozen(&recorder, &Facts::default(), None);
        assert_eq!(page.matches("</script>").count(), 1);
        assert!(!page.contains("alert(1)</script>"));
        let from = page.find("const FROZEN = ").unwrap() + "const FROZEN = ".len();
        let data = &page[from..from + page[from..].find(";\n").unwrap()];
        let data: Value = serde_json::from_str(data).unwrap();
        assert_eq!(data["run"]["kernels"][0]["title"], title);
    }
}
