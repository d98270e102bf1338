//! A [`Scene`] as SVG that needs nothing beside itself.

use svg::Document;
use svg::node::element::{Circle, Element, Group, Image, Path, Rectangle, Text, Title};

use super::colour::hex;
use super::encode::{base64, indexed_png};
use super::scene::{Anchor, Scene, Shape, Words};
use crate::diagnostics::markup::{clean, px};

const SANS: &str = "system-ui, 'Segoe UI', Roboto, Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// Writes a scene. All text is escaped; the page behind it is white, whatever the page around it is.
pub(crate) fn to_svg(scene: &Scene) -> String {
    let (width, height) = (scene.width, scene.height);
    let mut document = Document::new()
        .set("role", "img")
        .set("width", width)
        .set("height", height)
        .set("viewBox", (0.0, 0.0, width, height))
        .set("font-family", SANS)
        .add(Title::new(clean(&scene.title)))
        .add(Rectangle::new().set("width", width).set("height", height).set("fill", "#ffffff"));
    for shape in &scene.shapes {
        document = document.add(drawn(shape));
    }
    document.to_string()
}

fn drawn(shape: &Shape) -> Element {
    match shape {
        Shape::Box { place: [x, y, width, height], fill, tip } => {
            let mut bar = Rectangle::new()
                .set("x", px(*x))
                .set("y", px(*y))
                .set("width", px(*width))
                .set("height", px(*height))
                .set("fill", hex(*fill));
            if let Some(tip) = tip {
                bar = bar.add(Title::new(clean(tip)));
            }
            bar.into()
        }
        Shape::Lines { runs, stroke, width } => Path::new()
            .set("d", path(runs, false))
            .set("fill", "none")
            .set("stroke", hex(*stroke))
            .set("stroke-width", *width)
            .set("stroke-linejoin", "round")
            .set("stroke-linecap", "round")
            .into(),
        Shape::Areas { runs, fill, opacity } => {
            Path::new().set("d", path(runs, true)).set("fill", hex(*fill)).set("fill-opacity", *opacity).into()
        }
        Shape::Dots { centres, radius, fill, opacity } => {
            let mut dots = Group::new().set("fill", hex(*fill)).set("fill-opacity", *opacity);
            for (x, y) in centres {
                dots = dots.add(Circle::new().set("cx", px(*x)).set("cy", px(*y)).set("r", *radius));
            }
            dots.into()
        }
        Shape::Image { place: [x, y, width, height], cells } => Image::new()
            .set("x", px(*x))
            .set("y", px(*y))
            .set("width", px(*width))
            .set("height", px(*height))
            .set("preserveAspectRatio", "none")
            .set("image-rendering", "pixelated")
            .set("href", format!("data:image/png;base64,{}", base64(&indexed_png(cells))))
            .into(),
        Shape::Text(words) => text(words).into(),
    }
}

fn text(words: &Words) -> Text {
    let (x, y) = (px(words.at.0), px(words.at.1));
    let anchor = match words.anchor {
        Anchor::Start => "start",
        Anchor::Middle => "middle",
        Anchor::End => "end",
    };
    let text = Text::new(clean(&words.text)).set("x", x).set("y", y).set("fill", hex(words.fill));
    let text = text.set("font-size", words.size).set("text-anchor", anchor);
    if words.up { text.set("transform", format!("rotate(-90 {x} {y})")) } else { text }
}

/// Path data: a run of points each, to a tenth of a pixel.
fn path(runs: &[Vec<(f64, f64)>], close: bool) -> String {
    let mut data = String::new();
    for run in runs {
        for (i, (x, y)) in run.iter().enumerate() {
            data.push(if i == 0 { 'M' } else { 'L' });
            data.push_str(&format!("{} {}", px(*x), px(*y)));
        }
        match run.len() {
            _ if close => data.push('Z'),
            // A dot: a line of no length with round ends.
            1 => data.push_str("h0"),
            _ => {}
        }
    }
    data
}
