//! Pictures: well-formed SVG, PNG of the right size with the right pixels, and large arrays drawn without being fetched.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use gridloom::event::{Event, Observer};
use gridloom::plot::{self, ColourMap, Plot};
use gridloom::prelude::*;
use gridloom::random::Generator;
use gridloom::{Backend, ColourBy, Error, arange, array, zeros};
use insta::assert_snapshot;
use roxmltree::Document;

use crate::common::device;

/// The SVG, which must be well-formed and hold no numbers that are none.
fn svg(plot: &Plot) -> String {
    let text = plot.to_svg();
    Document::parse(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
    text
}

/// The texts of an SVG, but its title.
fn texts(plot: &Plot) -> String {
    let svg = svg(plot);
    let document = Document::parse(&svg).unwrap();
    let texts = document.descendants().filter(|node| node.has_tag_name("text")).filter_map(|node| node.text());
    texts.collect::<Vec<_>>().join(" | ")
}

/// A small array as wide as `f32` can do, so that every device draws the same.
fn wave() -> Array<f32> {
    array([0.0f32, 2.0, -1.0, f32::NAN, 0.5, f32::INFINITY, 3.0])
}

#[test]
fn small_pictures_are_drawn_to_the_letter() {
    let small = |plot: Plot| plot.size(240, 160).unwrap();
    assert_snapshot!("plot_line", svg(&small(plot::line(&wave()).unwrap().title("A wave").y_label("height"))));
    let histogram = array([1i32, 2, 2, 3, 3, 3]).histogram((3, 0.5, 3.5)).unwrap();
    assert_snapshot!("plot_hist", svg(&small(histogram.to_plot().unwrap().title("Counts"))));
    let image = arange::<i32>(6).reshape([2, 3]).unwrap();
    assert_snapshot!("plot_imshow", svg(&small(plot::imshow(&image).unwrap().colours(ColourMap::Cividis))));
    let (x, y) = (array([1.0f32, 2.0, f32::NAN, 4.0]), array([1i32, 4, 9, 16]));
    assert_snapshot!("plot_scatter", svg(&small(plot::scatter(&x, &y).unwrap())));
}

#[test]
fn what_is_not_finite_is_left_out_and_said() {
    let line = plot::line(&wave()).unwrap();
    assert!(texts(&line).ends_with("2 are not finite numbers"), "{}", texts(&line));
    let paths = svg(&line);
    let path = paths.split("stroke=\"#0072b2\"").next().unwrap().rsplit("<path d=\"").next().unwrap();
    assert_eq!(path.matches('M').count(), 1, "{path}");
    assert_eq!(paths.matches("<circle").count(), 2, "points between gaps are dots");
    let hist = plot::hist(&wave(), 4).unwrap();
    assert!(texts(&hist).contains("2 are not finite numbers"), "{}", texts(&hist));
    assert!(svg(&hist).contains("-1 to 0: 1"), "{}", svg(&hist));
    let nothing = array([f64::NAN, f64::INFINITY, f64::NEG_INFINITY]);
    assert!(texts(&plot::hist(&nothing, 4).unwrap()).contains("3 are not finite numbers"));
    assert!(texts(&plot::line(&nothing).unwrap()).contains("3 are not finite numbers"));
    let image = nothing.reshape([1, 3]).unwrap();
    assert!(texts(&plot::imshow(&image).unwrap()).contains("3 are not finite numbers"));
    let scatter = plot::scatter(&nothing, &arange::<i32>(3)).unwrap();
    assert!(texts(&scatter).contains("3 pairs are not finite numbers"), "{}", texts(&scatter));
}

#[test]
fn empty_constant_and_extreme_arrays_have_axes() {
    let x = |values: &[f64]| array(values.to_vec());
    let huge = [f64::MAX, f64::MIN, 5e-324, 0.0];
    for values in [&[][..], &[7.0], &[7.0; 5], &[0.0; 3], &huge, &[1e-300, 2e-300], &[1e16, 1e16 + 2.0]] {
        let x = x(values);
        for plot in [plot::line(&x), plot::scatter(&x, &x), plot::imshow(&x.insert_axis(0).unwrap())] {
            let plot = plot.unwrap_or_else(|error| panic!("{values:?}: {error}"));
            assert!(texts(&plot).split(" | ").count() >= 4, "{values:?} {plot}: {}", texts(&plot));
        }
        // The widths of bins between the largest numbers are too large for any.
        if values != huge {
            let plot = plot::hist(&x, 5).unwrap_or_else(|error| panic!("{values:?}: {error}"));
            assert!(texts(&plot).contains("count"), "{values:?}: {}", texts(&plot));
        }
    }
    let empty = zeros::<i64>(0);
    assert!(texts(&plot::hist(&empty, 3).unwrap()).contains("count"));
    assert!(!svg(&plot::imshow(&zeros::<u8>((0, 4))).unwrap()).contains("<path d=\"NaN"));
    let filtered = arange::<i32>(10);
    let filtered = filtered.filter(&filtered.gt(100)).unwrap();
    assert!(texts(&plot::hist(&filtered, 3).unwrap()).contains("count"));
}

#[test]
fn bad_requests_say_what_is_wrong() {
    let x = arange::<i32>(10);
    let message = |result: Result<Plot, Error>| result.map(|plot| plot.to_string()).unwrap_err().to_string();
    assert_snapshot!(message(plot::line(&x.reshape([2, 5]).unwrap())), @"plot::line: needs one axis, got an array of shape (2, 5)");
    assert_snapshot!(message(plot::imshow(&x)), @"plot::imshow: needs two axes, got an array of shape (10,)");
    assert_snapshot!(message(plot::scatter(&x, &arange::<i32>(9))), @"plot::scatter: length of y is 9; it must be that of x");
    let unknown = x.filter(&x.gt(3)).unwrap();
    assert_snapshot!(message(plot::line(&unknown)), @"plot::line: shape (?,) has an unknown length; compute() it and go on from the result, or draw its histogram, which needs no length");
    let plot = plot::line(&x).unwrap();
    assert_snapshot!(message(plot.clone().size(0, 100)), @"plot: size in pixels is 0 × 100; it must be 80 to 8192 on each side");
    assert_snapshot!(message(plot.clone().colour_range(1.0, f64::NAN)), @"plot: colour range is [1, NaN]; it must be finite and ascending");
    assert_snapshot!(plot.save("picture.gif").unwrap_err().to_string(), @"plot: file extension is gif; it must be svg or png");
    #[cfg(not(feature = "png"))]
    assert_snapshot!(plot.save("picture.png").unwrap_err().to_string(), @"plot: file extension is png; it must be svg; png needs the feature `png` of gridloom");
}

#[test]
fn names_stay_text() {
    let nasty = "<script>alert(1)</script>&\"\0";
    let plot = plot::imshow(&zeros::<u8>((2, 2))).unwrap();
    let plot = plot.title(nasty).x_label(nasty).y_label(nasty).colour_label(nasty);
    assert!(!svg(&plot).contains("<script"));
    assert_eq!(texts(&plot).matches("<script>alert(1)").count(), 4, "{}", texts(&plot));
}

/// Counts bytes that come from a device, and elements of results.
#[derive(Default)]
struct Fetched(AtomicU64, Mutex<u64>);

impl Observer for Fetched {
    fn event(&self, event: &Event) {
        match event {
            Event::Moved { lane: gridloom::event::Lane::Download, bytes, .. } => {
                self.0.fetch_add(*bytes, Ordering::Relaxed);
            }
            Event::Memory { host, .. } => {
                let mut most = self.1.lock().unwrap();
                *most = (*most).max(*host);
            }
            _ => {}
        }
    }
}

/// Draws large arrays on a client with little memory, and says how many bytes of it were reserved at most, and how many were fetched
/// from a device.
fn large(builder: gridloom::ClientBuilder, n: usize) -> (u64, u64) {
    let client = builder.memory_limit(48 << 20).no_progress().build().unwrap();
    let fetched = Arc::new(Fetched::default());
    let observer: Arc<dyn Observer> = fetched.clone();
    client.observe(observer);
    let side = (n as f64).sqrt() as usize;
    let rng = Generator::new(11);
    let x = rng.uniform(-1.0f32, 1.0, n);
    let y = rng.uniform(-1.0f32, 1.0, n);

    let line = plot::line_with(&client, &x).unwrap();
    assert!(
        line.to_string()
            .contains(&format!("means of {}", gridloom::diagnostics::format_count((n as u64).div_ceil(1024)))),
        "{line}"
    );
    // Each block of so many numbers comes near both ends.
    let hist = svg(&plot::hist_with(&client, &x, 10).unwrap());
    let document = Document::parse(&hist).unwrap();
    let tips = document.descendants().filter(|node| node.has_tag_name("title")).filter_map(|node| node.text());
    let counts: Vec<f64> = tips.filter_map(|tip| tip.rsplit(": ").next()?.parse().ok()).collect();
    assert_eq!((counts.len(), counts.iter().sum::<f64>()), (10, n as f64), "{counts:?}");
    let image = rng.uniform(-1.0f32, 1.0, (side, side));
    let image = plot::imshow_with(&client, &image).unwrap();
    let block = side.div_ceil(512);
    assert!(image.to_string().contains(&format!("means of {block} × {block} elements")), "{image}");
    let scatter = plot::scatter_with(&client, &x, &y).unwrap();
    assert!(svg(&scatter).len() < 200_000);
    assert!(svg(&line).len() < 100_000, "{}", svg(&line).len());
    let most = *fetched.1.lock().unwrap();
    (most.max(client.memory().host_peak), fetched.0.load(Ordering::Relaxed))
}

#[test]
fn a_hundred_million_elements_are_drawn_in_little_memory() {
    let n = 100_000_000;
    let (held, fetched) = large(Client::builder().backend(Backend::Cpu), n);
    // 400 MB each, which were never there.
    assert!(held <= 48 << 20, "{held} bytes");
    assert_eq!(fetched, 0);
}

#[test]
fn large_arrays_are_reduced_on_the_device_they_are_on() {
    let (held, fetched) = large(Client::builder(), 4_000_000);
    assert!(held <= 48 << 20, "{held} bytes");
    // Of 16 MB each: states of reductions, counts, and means of blocks.
    assert!(fetched < 8 << 20, "{fetched} bytes");
}

#[test]
fn blocks_are_reduced_right() {
    // A peak in each of the first and the last block, and a gap of a block.
    let n = 10_007usize;
    let mut values: Vec<f64> = (0..n).map(|i| (i % 7) as f64).collect();
    values[3] = 100.0;
    values[n - 1] = -50.0;
    values[5000..5030].fill(f64::NAN);
    let plot = plot::line(&array(values.clone()).rechunk(1000).unwrap()).unwrap();
    assert!(plot.to_string().contains("means of 10 elements"), "{plot}");
    let text = texts(&plot);
    assert!(text.contains("100") && text.contains("−50") && text.contains("30 are not finite numbers"), "{text}");
    // A ramp down the rows: means of 2 × 2, of which the last row and column are of fewer.
    let ramp = arange::<f64>(1001).reshape([-1, 1]).unwrap() * gridloom::ones::<f64>(1025);
    let plot = plot::imshow(&ramp.rechunk((300, 400)).unwrap()).unwrap().colour_range(0.0, 254.0).unwrap();
    assert!(plot.to_string().contains("means of 2 × 3 elements"), "{plot}");
    let (width, height, pixel) = decoded(&image_of(&plot));
    assert_eq!((width, height), (342, 501));
    let steps = |row: u32| [0, 170, 341].map(|x| pixel(x, row));
    let mean = |row: f64| [ColourMap::Viridis.at(((2.0 * row + 0.5) / 254.0 * 254.0).round() / 254.0); 3];
    assert_eq!(steps(0), mean(0.0));
    assert_eq!(steps(100), mean(100.0));
    assert_eq!(steps(500), [ColourMap::Viridis.at(1.0); 3], "beyond the last colour");
}

fn folder(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("gridloom-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

/// Width, height and a pixel's colour of a PNG.
fn decoded(bytes: &[u8]) -> (u32, u32, impl Fn(u32, u32) -> [u8; 3] + use<>) {
    let mut decoder = png::Decoder::new(std::io::Cursor::new(bytes));
    decoder.set_transformations(png::Transformations::EXPAND | png::Transformations::STRIP_16);
    let mut reader = decoder.read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, bytes) = (info.width, info.color_type.samples());
    (width, info.height, move |x, y| {
        let at = (y * width + x) as usize * bytes;
        [pixels[at], pixels[at + 1], pixels[at + 2]]
    })
}

#[test]
fn images_inside_svg_are_valid_png() {
    let image = arange::<i32>(6).reshape([2, 3]).unwrap();
    let (width, height, pixel) = decoded(&image_of(&plot::imshow(&image).unwrap()));
    assert_eq!((width, height), (3, 2));
    assert_eq!([pixel(0, 0), pixel(2, 1)], [ColourMap::Viridis.at(0.0), ColourMap::Viridis.at(1.0)]);
    assert_eq!(pixel(1, 0), ColourMap::Viridis.at(51.0 / 254.0), "a fifth of the way, in 255 steps");
}

/// The first image inside the SVG.
fn image_of(plot: &Plot) -> Vec<u8> {
    let svg = svg(plot);
    unbase64(svg.split("data:image/png;base64,").nth(1).unwrap().split('"').next().unwrap())
}

fn unbase64(text: &str) -> Vec<u8> {
    let digit = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u8> = text.bytes().filter(|&c| c != b'=').map(digit).collect();
    let words = digits.chunks(4).flat_map(|four| {
        let word = four.iter().fold(0u32, |word, d| word << 6 | u32::from(*d)) << (6 * (4 - four.len()));
        word.to_be_bytes()[1..four.len()].to_vec()
    });
    words.collect()
}

#[cfg(feature = "png")]
#[test]
fn png_has_the_size_and_the_pixels() {
    let folder = folder("png");
    let path = folder.join("hist.png");
    // Half of the width is one bar, the other is empty.
    let x = array([1.0f64; 8]);
    x.histogram(vec![0.5, 1.5, 2.5]).unwrap().plot(&path).unwrap();
    let (width, height, pixel) = decoded(&std::fs::read(&path).unwrap());
    assert_eq!((width, height), (1280, 800));
    assert_eq!(pixel(400, 500), [0, 114, 178], "the bar");
    assert_eq!(pixel(1279, 0), [255; 3], "the page");
    let plot = plot::imshow(&arange::<i32>(4).reshape([2, 2]).unwrap()).unwrap().size(300, 200).unwrap();
    let (width, height, pixel) = decoded(&plot.to_png().unwrap());
    assert_eq!((width, height), (600, 400));
    let viridis = |v| ColourMap::Viridis.at(v);
    // The upper left and the lower right quarter of the axes.
    let found: Vec<[u8; 3]> = (0..width * height).map(|i| pixel(i % width, i / width)).collect();
    let count = |colour: [u8; 3]| found.iter().filter(|&&p| p == colour).count();
    assert!(
        count(viridis(0.0)) > 10_000 && count(viridis(1.0)) > 10_000,
        "{} {}",
        count(viridis(0.0)),
        count(viridis(1.0))
    );
    // Letters are dark, whatever fonts the machine has.
    let titled = plot.title("Ωμέγα ≤ 10⁸").to_png().unwrap();
    let (width, _, pixel) = decoded(&titled);
    let dark = (0..width).flat_map(|x| (20..50).map(move |y| (x, y))).filter(|&(x, y)| pixel(x, y) == [34; 3]).count();
    assert!(dark > 100, "{dark} dark pixels where the title is");
    std::fs::remove_dir_all(folder).unwrap();
}

#[test]
fn plans_are_coloured_by_order_memory_and_device() {
    let client = Client::builder().backend(Backend::Cpu).workers(1).task_elements(1).build().unwrap();
    let folder = folder("colours");
    let x = arange::<f32>(10_000).reshape([100, 100]).unwrap().rechunk((50, 100)).unwrap();
    let y = (&x - x.mean()).std(0.0).unwrap() + x.t().max().unwrap();
    // The default client's.
    let place = if device().is_gpu() { "gpu" } else { "cpu" };
    let kinds = [
        (ColourBy::Order, ["begins first", "1 of "]),
        (ColourBy::Memory, ["held at a time", "holds "]),
        (ColourBy::Device, ["runs on", place]),
    ];
    for (by, words) in kinds {
        for extension in ["svg", "dot"] {
            let path = folder.join(format!("{by:?}.{extension}"));
            y.visualize_by(by, &path).unwrap();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(words.iter().all(|word| text.contains(word)), "{by:?}: {text}");
            if extension == "svg" {
                Document::parse(&text).unwrap();
            }
        }
    }
    std::fs::remove_dir_all(folder).unwrap();

    // The order that is drawn is the order in which first tasks begin.
    #[derive(Default)]
    struct Begins(Mutex<Vec<usize>>);
    impl Observer for Begins {
        fn event(&self, event: &Event) {
            if let Event::Started { stage, .. } = event {
                let mut begun = self.0.lock().unwrap();
                if !begun.contains(stage) {
                    begun.push(*stage);
                }
            }
        }
    }
    let begins = Arc::new(Begins::default());
    let observer: Arc<dyn Observer> = begins.clone();
    client.observe(observer);
    client.compute(&y).unwrap();
    let begun = begins.0.lock().unwrap().clone();
    let mut drawn = vec![0; begun.len()];
    let plan = y.plan_with(&client).unwrap();
    let graph = ColourBy::Order.drawing(&plan, "plan");
    for (stage, node) in graph.nodes.iter().enumerate() {
        let at =
            node.device.as_deref().and_then(|text| text.split(", ").nth(1)?.split(' ').next()?.parse::<usize>().ok());
        if let Some(at) = at {
            drawn[at - 1] = stage;
        }
    }
    assert_eq!(drawn, begun);
}
