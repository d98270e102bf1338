//! How arrays, plans, clients and reports look: one line, HTML, drawings.

use std::path::PathBuf;

use gridloom::prelude::*;
use gridloom::{Backend, arange, array, ones, zeros};
use insta::assert_snapshot;
use roxmltree::Document;

/// An array of unknown length, in four chunks.
fn filtered() -> Array<f32> {
    let x = arange::<f32>(100).rechunk(25).unwrap();
    x.filter(&x.gt(50.0)).unwrap()
}

#[test]
fn an_array_is_shown_in_one_line_without_data() {
    let x = zeros::<f64>((5000, 5000));
    assert_snapshot!(x, @"Array<f64> (5000, 5000), chunks (1250×4, 1668×2+1664), 190.73 MiB, 12 tasks");
    assert_snapshot!(format!("{:?}", &x + 1.0), @"Array<f64> (5000, 5000), chunks (1250×4, 1668×2+1664), 190.73 MiB, 12 tasks");
    assert_snapshot!(x.rechunk((1000, 5000)).unwrap().sum(), @"Array<f64> (), chunks (), 8 B, 6 tasks");
    assert_snapshot!(array([true, false]), @"Array<bool> (2,), chunks (2,), 2 B, 0 tasks");
    assert_snapshot!(Array::from(7u8), @"Array<u8> (), chunks (), 1 B, 1 tasks");
    assert_snapshot!(zeros::<i16>((0, 3)), @"Array<i16> (0, 3), chunks (0, 3), 0 B, 0 tasks");
    assert_snapshot!(filtered(), @"Array<f32> (?,), chunks (?×4,), unknown size, 4 tasks");
    assert_snapshot!(zeros::<u8>((2, 3, 4, 5, 6)), @"Array<u8> (2, 3, 4, 5, 6), chunks (2, 3, 4, 5, 6), 720 B, 1 tasks");
    assert_snapshot!(arange::<i64>(10).rechunk(vec![vec![3, 3, 4]]).unwrap(), @"Array<i64> (10,), chunks ([3, 3, 4],), 80 B, 3 tasks");
    assert_snapshot!(zeros::<u8>((1 << 40, 1 << 40)), @"Array<u8> (1099511627776, 1099511627776), chunks (2048×536870912, 2048×536870912), 16.00 EiB, 288230376151711744 tasks");
}

/// The text of an HTML table's cells, row by row, if the page is well-formed.
fn table(html: &str) -> String {
    let document = Document::parse(html).unwrap_or_else(|error| panic!("{error}\n{html}"));
    let rows = document.descendants().filter(|node| node.has_tag_name("tr"));
    let row = |row: roxmltree::Node<'_, '_>| -> String {
        let cells = row.children().filter(roxmltree::Node::is_element);
        let texts: Vec<_> = cells.map(|cell| cell.text().unwrap_or_default().trim().to_owned()).collect();
        texts.join(" | ")
    };
    rows.map(row).collect::<Vec<_>>().join("\n")
}

/// Elements of a name.
fn count(html: &str, name: &str) -> usize {
    Document::parse(html).unwrap().descendants().filter(|node| node.has_tag_name(name)).count()
}

#[test]
fn html_is_well_formed_for_every_number_of_axes() {
    let arrays = [
        Array::from(1.5f64),
        ones(10),
        ones((10, 20)),
        ones((3, 10, 20)),
        ones((2, 3, 10, 20)),
        ones((2, 2, 3, 10, 20)),
        zeros(0),
        zeros((3, 0, 2)),
        ones((1, 100_000_000)),
        ones((100_000, 100_000)).rechunk((1000, 1000)).unwrap(),
    ];
    for x in &arrays {
        let html = x.to_html();
        let rows = table(&html);
        assert!(rows.contains("f64"), "{rows}");
        let drawings = count(&html, "svg");
        assert_eq!(drawings > 0, x.ndim() > 0, "{drawings} drawings of {x}");
        assert!(html.len() < 100_000, "{} bytes for {x}", html.len());
    }
    assert_snapshot!(table(&arrays[2].to_html()), @r"
     | Array | Chunk
    Bytes | 1.56 KiB | 1.56 KiB
    Shape | (10, 20) | (10, 20)
    Count | 1 task in 1 stage | 1 chunk
    Type | f64 | ndarray
    ");
    assert_snapshot!(table(&arrays[9].to_html()), @r"
     | Array | Chunk
    Bytes | 74.51 GiB | 7.63 MiB
    Shape | (100000, 100000) | (1000, 1000)
    Count | 10,000 tasks in 1 stage | 10,000 chunks
    Type | f64 | ndarray
    ");
}

#[test]
fn html_of_unknown_lengths_says_so() {
    let html = filtered().to_html();
    assert_snapshot!(table(&html), @r"
     | Array | Chunk
    Bytes | unknown | unknown
    Shape | (unknown,) | (unknown,)
    Count | 4 tasks in 1 stage | 4 chunks
    Type | f32 | ndarray
    ");
    assert!(count(&html, "svg") > 0);
}

/// Where drawings of a test go.
fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gridloom-repr-{}-{name}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

#[test]
fn plans_are_drawn_as_svg_and_dot() {
    let folder = folder("drawings");
    let x = Generator::new(1).normal(0.0f32, 1.0, (100, 100)).rechunk(25).unwrap();
    let y = x.dot(&x.t()).unwrap().sum();
    y.visualize(folder.join("plan.svg")).unwrap();
    let svg = std::fs::read_to_string(folder.join("plan.svg")).unwrap();
    let document = Document::parse(&svg).unwrap();
    assert!(document.root_element().has_tag_name("svg"));
    let texts: String = document.descendants().filter_map(|node| node.text()).collect();
    assert!(texts.contains("dot") && texts.contains("random"), "{texts}");

    y.visualize(folder.join("plan.dot")).unwrap();
    let dot = std::fs::read_to_string(folder.join("plan.dot")).unwrap();
    assert!(dot.starts_with("digraph"), "{dot}");
    assert_eq!(dot.matches('{').count(), dot.matches('}').count(), "{dot}");
    assert!(dot.contains("->"), "{dot}");

    gridloom::visualize((&x, &y), folder.join("both.gv")).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_in_drawings_are_escaped() {
    let folder = folder("names");
    let x = ones::<f64>(4).map_chunks("<b> & \"quotes\"\n\\", |chunk| chunk.to_owned());
    x.visualize(folder.join("plan.svg")).unwrap();
    Document::parse(&std::fs::read_to_string(folder.join("plan.svg")).unwrap()).unwrap();
    x.visualize(folder.join("plan.dot")).unwrap();
    let dot = std::fs::read_to_string(folder.join("plan.dot")).unwrap();
    // Each label stays one string on one line.
    for line in dot.lines() {
        assert_eq!(line.replace("\\\\", "").replace("\\\"", "").matches('"').count() % 2, 0, "{line}");
    }
    Document::parse(&x.to_html()).unwrap();
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_of_another_kind_are_refused_before_they_are_written() {
    let folder = folder("refused");
    for name in ["plan.png", "plan", "plan.SVG.txt"] {
        let error = ones::<f64>(4).visualize(folder.join(name)).unwrap_err().to_string();
        assert!(error.starts_with("visualize: file extension is ") && error.contains("svg or dot"), "{error}");
        assert!(!folder.join(name).exists());
    }
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_client_says_what_runs_kernels_with_how_much_memory() {
    let client = Client::builder().backend(Backend::Cpu).workers(2).memory_limit(3 << 30).build().unwrap();
    assert_snapshot!(client, @"client: cpu, 2 workers, 3.00 GiB memory");
    assert_eq!(format!("{client:?}"), client.to_string());
    let default = Client::get_default().unwrap();
    let text = default.to_string();
    match default.adapter() {
        None => assert!(text.starts_with("client: cpu, "), "{text}"),
        Some(name) => {
            assert!(text.starts_with(&format!("client: gpu {name} (")) && text.contains("device memory"), "{text}");
        }
    }
}

#[test]
fn a_report_says_what_ran_where() {
    let client = Client::builder().backend(Backend::Cpu).workers(1).task_elements(1).build().unwrap();
    assert!(client.last_run().is_none());
    client.compute(&(ones::<f64>(100).rechunk(25).unwrap() + 1.0).sum()).unwrap();
    let mut report = client.last_run().unwrap();
    assert_eq!((report.gpu_tasks, report.uploaded_bytes, report.downloaded_bytes), (0, 0, 0));
    assert_eq!(report.cpu_tasks, 5);
    report.wall = std::time::Duration::from_millis(1500);
    report.peak_chunk_bytes = 3 << 20;
    report.fallbacks.push(("sort".into(), "f64: the adapter has no SHADER_F64".into()));
    assert_snapshot!(report, @r"
    1.500 s: 2 stages, 5 tasks on cpu, 0 on gpu, 0 B up, 0 B down, peak 3.00 MiB in chunks
      on cpu: sort: f64: the adapter has no SHADER_F64
    ");
}

#[test]
fn a_run_on_an_adapter_is_reported_as_one() {
    let client = Client::get_default().unwrap();
    if client.adapter().is_none() {
        return;
    }
    // A client of its own: the default one is used by other tests at the same time.
    let own = Client::builder().build().unwrap();
    own.compute(&(Array::from(vec![1.0f32; 100]) + 1.0)).unwrap();
    let report = own.last_run().unwrap();
    assert_eq!((report.gpu_tasks, report.cpu_tasks), (1, 0), "{report}");
    assert!(report.uploaded_bytes >= 400 && report.downloaded_bytes >= 400, "{report}");
}

#[test]
fn histograms_plans_clients_and_reports_are_html_too() {
    let client = Client::builder().backend(Backend::Cpu).build().unwrap();
    let x = arange::<f32>(1000);
    let histogram = x.histogram((10, 0.0, 1000.0)).unwrap();
    assert_eq!(count(&histogram.to_html(), "table"), 2);
    let plan = x.sum().plan_with(&client).unwrap();
    assert!(count(&plan.to_svg(), "rect") >= plan.stages.len());
    let client_table = table(&client.to_html());
    assert!(
        client_table.contains("Adapter | none: kernels run on the CPU") && client_table.contains("Workers | "),
        "{client_table}"
    );
    client.compute(&x.map_chunks("<script>", |chunk| chunk.to_owned()).sum()).unwrap();
    let report = client.last_run().unwrap().to_html();
    let rows = table(&report);
    assert!(
        rows.contains("Time | ") && rows.contains("Stage | Tasks | Thread time") && rows.contains("host | busy"),
        "{rows}"
    );
    assert!(rows.contains("host function <script> | 1 | ") && !report.contains("<script"), "{rows}");
}
