//! A [`Chart`]: marks over two axes, laid out as a [`Scene`].

use super::colour::{ColourMap, PALETTE, Rgb};
use super::scene::{Anchor, Cells, Scene, Shape, Words};
use super::ticks::{Ticks, range};
use crate::diagnostics::markup::{columns, shorten};

const INK: Rgb = [34, 34, 34];
const FAINT: Rgb = [102, 102, 102];
const GRID: Rgb = [228, 228, 228];
const FRAME: Rgb = [120, 120, 120];
/// What stands for cells without a number. Grey is in neither colour map's path but near the middle of Cividis, so it is light.
const MISSING: [u8; 4] = [225, 225, 225, 255];
const FONT: f64 = 12.0;
const TITLE: f64 = 15.0;
const SMALL: f64 = 11.0;
/// Width of a column of text, as a part of the font's size: digits of `DejaVu` Sans, the widest of the usual fonts.
const COLUMN: f64 = 0.64;
const MARGIN: f64 = 14.0;
const TICK: f64 = 4.0;
/// Width of the colour bar, and the room between it and the axes.
const BAR: f64 = 16.0;
/// Bars of fewer pixels have no gaps and no tooltips.
const NARROW: f64 = 3.0;

/// What is drawn, in the units of the axes.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Mark {
    /// A line through points; one that is not finite is a gap.
    Line { x: Vec<f64>, y: Vec<f64> },
    /// What lies between two lines.
    Band { x: Vec<f64>, low: Vec<f64>, high: Vec<f64> },
    /// Bars from zero, between edges (one more than heights).
    Bars { edges: Vec<f64>, heights: Vec<f64> },
    /// Points; those that are not finite are left out.
    Dots { x: Vec<f64>, y: Vec<f64> },
    /// Cells, row by row from the top, over the whole of both axes. Zero has no colour where it means that nothing is there.
    Image { columns: usize, rows: usize, values: Vec<f64>, blank_zero: bool },
}

/// A picture of numbers.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Chart {
    pub(crate) title: String,
    pub(crate) x_label: String,
    pub(crate) y_label: String,
    /// What the colour bar is of.
    pub(crate) colour_label: String,
    /// A remark at the foot: what was left out, and how much a cell stands for.
    pub(crate) note: String,
    /// In pixels.
    pub(crate) size: (u32, u32),
    /// Ends of the axes. That of y may descend: it grows downwards then, as rows do.
    pub(crate) x: (f64, f64),
    pub(crate) y: (f64, f64),
    pub(crate) marks: Vec<Mark>,
    /// Ends of the colour map, where there is an image.
    pub(crate) colours: (f64, f64),
    pub(crate) map: ColourMap,
    /// Width over height of the axes, where that means something.
    pub(crate) aspect: Option<f64>,
}

impl Chart {
    /// A chart over what `low..=high` is for x and y.
    pub(crate) fn new(x: (f64, f64), y: (f64, f64), marks: Vec<Mark>) -> Self {
        Self {
            title: String::new(),
            x_label: String::new(),
            y_label: String::new(),
            colour_label: String::new(),
            note: String::new(),
            size: (640, 400),
            x: range(x.0, x.1),
            y: range(y.0, y.1),
            marks,
            colours: (0.0, 1.0),
            map: ColourMap::default(),
            aspect: None,
        }
    }

    /// Lays it out.
    pub(crate) fn scene(&self) -> Scene {
        let (width, height) = (f64::from(self.size.0), f64::from(self.size.1));
        let mut scene = Scene { width, height, title: self.name(), shapes: Vec::new() };
        let image = self.marks.iter().any(|mark| matches!(mark, Mark::Image { .. }));
        let (y_low, y_high) = (self.y.0.min(self.y.1), self.y.0.max(self.y.1));
        let above = MARGIN + if self.title.is_empty() { 0.0 } else { TITLE + 8.0 };
        let below = MARGIN
            + FONT
            + TICK
            + if self.x_label.is_empty() { 0.0 } else { FONT + 8.0 }
            + if self.note.is_empty() { 0.0 } else { SMALL + 8.0 };
        let tall = (height - above - below).max(20.0);
        let y_ticks = Ticks::between(y_low, y_high, (tall / 36.0) as usize);
        let bar_ticks = Ticks::between(self.colours.0, self.colours.1, (tall / 36.0) as usize);
        let label = |text: &str| if text.is_empty() { 0.0 } else { FONT + 8.0 };
        let left = MARGIN + label(&self.y_label) + widest(&y_ticks.labels) + TICK + 4.0;
        let bar = BAR + TICK + 4.0 + widest(&bar_ticks.labels) + label(&self.colour_label) + MARGIN;
        let right = MARGIN + if image { bar } else { 0.0 };
        let wide = (width - left - right).max(20.0);
        let (plot_w, plot_h) = match self.aspect {
            Some(aspect) if wide / tall > aspect => (tall * aspect, tall),
            Some(aspect) => (wide, wide / aspect),
            None => (wide, tall),
        };
        let frame = Frame { left, top: above, width: plot_w, height: plot_h, x: self.x, y: self.y };

        let x_most = (plot_w / 64.0) as usize;
        let x_ticks = Ticks::between(self.x.0, self.x.1, x_most);
        if !image {
            frame.grid(&mut scene, &x_ticks, &y_ticks);
        }
        for mark in &self.marks {
            self.draw(&mut scene, &frame, mark);
        }
        frame.axes(&mut scene, &x_ticks, &y_ticks, self);
        if image {
            self.colour_bar(&mut scene, &frame, &bar_ticks);
        }
        let mut words = |text: &str, at, size, fill, anchor| {
            let text = shorten(text, (width / (size * 0.55)) as usize);
            scene.shapes.push(Shape::Text(Words { text, at, anchor, size, fill, up: false }));
        };
        if !self.title.is_empty() {
            words(&self.title, (left, MARGIN + TITLE - 2.0), TITLE, INK, Anchor::Start);
        }
        if !self.note.is_empty() {
            words(&self.note, (MARGIN, height - 8.0), SMALL, FAINT, Anchor::Start);
        }
        scene
    }

    /// The title, or else what is on the axes.
    fn name(&self) -> String {
        if !self.title.is_empty() {
            return self.title.clone();
        }
        let words = [&self.y_label, &self.x_label].map(String::as_str);
        words.into_iter().filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" over ")
    }

    fn draw(&self, scene: &mut Scene, frame: &Frame, mark: &Mark) {
        let shapes = &mut scene.shapes;
        match mark {
            Mark::Line { x, y } => {
                let runs = runs(x.iter().zip(y).map(|(&x, &y)| (frame.x(x), frame.y(y))));
                let (alone, runs): (Vec<_>, Vec<_>) = runs.into_iter().partition(|run| run.len() == 1);
                shapes.push(Shape::Lines { runs, stroke: PALETTE[0], width: 1.5 });
                if !alone.is_empty() {
                    // Points between gaps, which no line would show.
                    let centres = alone.into_iter().flatten().collect();
                    shapes.push(Shape::Dots { centres, radius: 2.0, fill: PALETTE[0], opacity: 1.0 });
                }
            }
            Mark::Band { x, low, high } => {
                let side = |values: &[f64]| runs(x.iter().zip(values).map(|(&x, &y)| (frame.x(x), frame.y(y))));
                // Both have their gaps at the same places.
                let bands = side(low).into_iter().zip(side(high)).map(|(low, high)| {
                    let (first, last) = (low[0].0, low[low.len() - 1].0);
                    // A block alone is as wide as a pixel.
                    if first == last {
                        let (bottom, top) = (low[0].1, high[0].1);
                        return vec![
                            (first - 0.5, bottom),
                            (first + 0.5, bottom),
                            (first + 0.5, top),
                            (first - 0.5, top),
                        ];
                    }
                    low.into_iter().chain(high.into_iter().rev()).collect()
                });
                shapes.push(Shape::Areas { runs: bands.collect(), fill: PALETTE[5], opacity: 0.45 });
            }
            Mark::Bars { edges, heights } => shapes.extend(bars(frame, edges, heights)),
            Mark::Dots { x, y } => {
                let points = x.iter().zip(y).filter(|(x, y)| x.is_finite() && y.is_finite());
                let centres: Vec<_> = points.map(|(&x, &y)| (frame.x(x), frame.y(y))).collect();
                let (radius, opacity) = if centres.len() > 1000 { (1.5, 0.5) } else { (2.5, 0.8) };
                shapes.push(Shape::Dots { centres, radius, fill: PALETTE[0], opacity });
            }
            Mark::Image { columns, rows, values, blank_zero } => {
                let place = [frame.left, frame.top, frame.width, frame.height];
                let cells = Cells {
                    columns: *columns,
                    rows: *rows,
                    cells: values.iter().map(|&v| self.step(v, *blank_zero)).collect(),
                    palette: self.palette(*blank_zero),
                };
                shapes.push(Shape::Image { place, cells });
            }
        }
    }

    /// The colours of an image: 0 for what has no number, then the map's.
    fn palette(&self, blank_zero: bool) -> Vec<[u8; 4]> {
        let none = if blank_zero { [255; 4] } else { MISSING };
        let map = (1..=255u8).map(|step| self.map.at(f64::from(step - 1) / 254.0));
        std::iter::once(none).chain(map.map(|[r, g, b]| [r, g, b, 255])).collect()
    }

    /// A number's colour in the palette; infinite ones have the map's ends.
    fn step(&self, value: f64, blank_zero: bool) -> u8 {
        if value.is_nan() || blank_zero && value == 0.0 {
            return 0;
        }
        let (low, high) = self.colours;
        1 + (((value - low) / (high - low)).clamp(0.0, 1.0) * 254.0).round() as u8
    }

    fn colour_bar(&self, scene: &mut Scene, frame: &Frame, ticks: &Ticks) {
        let left = frame.left + frame.width + MARGIN;
        let cells = Cells { columns: 1, rows: 255, cells: (1..=255).rev().collect(), palette: self.palette(false) };
        scene.shapes.push(Shape::Image { place: [left, frame.top, BAR, frame.height], cells });
        let bar = Frame { left, width: BAR, x: (0.0, 1.0), y: self.colours, ..*frame };
        let right = left + BAR;
        for (&at, label) in ticks.at.iter().zip(&ticks.labels) {
            let y = bar.y(at);
            scene.shapes.push(line(&[(right, y), (right + TICK, y)], FRAME, 1.0));
            scene.shapes.push(words(label, (right + TICK + 4.0, y + FONT * 0.36), Anchor::Start));
        }
        if let Some(factor) = &ticks.factor {
            scene.shapes.push(words(factor, (right, frame.top - 4.0), Anchor::End));
        }
        let far = right + TICK + 4.0 + widest(&ticks.labels) + FONT + 2.0;
        scene.shapes.extend(upwards(&self.colour_label, far, frame));
    }
}

/// The box of the axes in pixels, and what its sides stand for.
#[derive(Clone, Copy)]
struct Frame {
    left: f64,
    top: f64,
    width: f64,
    height: f64,
    x: (f64, f64),
    y: (f64, f64),
}

impl Frame {
    fn x(&self, value: f64) -> f64 {
        self.left + share(value, self.x) * self.width
    }
    fn y(&self, value: f64) -> f64 {
        self.top + self.height - share(value, self.y) * self.height
    }
    fn grid(&self, scene: &mut Scene, x: &Ticks, y: &Ticks) {
        let (bottom, right) = (self.top + self.height, self.left + self.width);
        let upright = x.at.iter().map(|&at| vec![(self.x(at), self.top), (self.x(at), bottom)]);
        let level = y.at.iter().map(|&at| vec![(self.left, self.y(at)), (right, self.y(at))]);
        scene.shapes.push(Shape::Lines { runs: upright.chain(level).collect(), stroke: GRID, width: 1.0 });
    }
    fn axes(&self, scene: &mut Scene, x: &Ticks, y: &Ticks, chart: &Chart) {
        let (bottom, right) = (self.top + self.height, self.left + self.width);
        let shapes = &mut scene.shapes;
        shapes.push(line(&[(self.left, self.top), (self.left, bottom), (right, bottom)], FRAME, 1.0));
        for (&at, label) in x.at.iter().zip(&x.labels) {
            shapes.push(line(&[(self.x(at), bottom), (self.x(at), bottom + TICK)], FRAME, 1.0));
            shapes.push(words(label, (self.x(at), bottom + TICK + FONT + 1.0), Anchor::Middle));
        }
        for (&at, label) in y.at.iter().zip(&y.labels) {
            shapes.push(line(&[(self.left - TICK, self.y(at)), (self.left, self.y(at))], FRAME, 1.0));
            shapes.push(words(label, (self.left - TICK - 4.0, self.y(at) + FONT * 0.36), Anchor::End));
        }
        if let Some(factor) = &y.factor {
            shapes.push(words(factor, (self.left - TICK - 4.0, self.top - 6.0), Anchor::End));
        }
        let below = bottom + TICK + 2.0 * FONT + 8.0;
        // The factor stands at the end of its own line where there is a label, else below the last tick.
        if let Some(factor) = &x.factor {
            shapes.push(words(factor, (right, below), Anchor::End));
        }
        if !chart.x_label.is_empty() {
            let text = shorten(&chart.x_label, ((self.width / (FONT * 0.55)) as usize).max(8));
            shapes.push(words(&text, (self.left + self.width / 2.0, below), Anchor::Middle));
        }
        let far = self.left - TICK - 4.0 - widest(&y.labels) - 8.0;
        shapes.extend(upwards(&chart.y_label, far, self));
    }
}

/// How far a number lies from one end of an axis to the other; what is finite and beyond an end is at that end.
fn share(value: f64, (from, to): (f64, f64)) -> f64 {
    let inside = if value.is_finite() { value.clamp(from.min(to), from.max(to)) } else { value };
    (inside - from) / (to - from)
}

/// A label beside the axes, upwards, that ends at `x`.
fn upwards(text: &str, x: f64, frame: &Frame) -> Option<Shape> {
    let text = shorten(text, ((frame.height / (FONT * 0.55)) as usize).max(8));
    let at = (x, frame.top + frame.height / 2.0);
    let words = Words { text, at, anchor: Anchor::Middle, size: FONT, fill: INK, up: true };
    (!words.text.is_empty()).then_some(Shape::Text(words))
}

fn words(text: &str, at: (f64, f64), anchor: Anchor) -> Shape {
    Shape::Text(Words { text: text.to_owned(), at, anchor, size: FONT, fill: INK, up: false })
}

fn line(points: &[(f64, f64)], stroke: Rgb, width: f64) -> Shape {
    Shape::Lines { runs: vec![points.to_vec()], stroke, width }
}

fn widest(labels: &[String]) -> f64 {
    labels.iter().map(|label| columns(label) as f64 * FONT * COLUMN).fold(0.0, f64::max)
}

/// Points in runs, cut where one is not finite.
fn runs(points: impl Iterator<Item = (f64, f64)>) -> Vec<Vec<(f64, f64)>> {
    let mut runs = vec![Vec::new()];
    for (x, y) in points {
        if x.is_finite() && y.is_finite() {
            runs.last_mut().into_iter().for_each(|run| run.push((x, y)));
        } else {
            runs.push(Vec::new());
        }
    }
    runs.retain(|run: &Vec<_>| !run.is_empty());
    runs
}

/// Bars: one each with a tooltip where they are wide enough, or else their outline, of the highest in each pixel.
fn bars(frame: &Frame, edges: &[f64], heights: &[f64]) -> Vec<Shape> {
    let zero = frame.y(0.0);
    let sides = edges.windows(2).zip(heights).filter(|(_, height)| height.is_finite());
    let sides = sides.map(|(edge, &height)| (frame.x(edge[0]), frame.x(edge[1]), frame.y(height), edge, height));
    if frame.width / heights.len() as f64 >= NARROW {
        let bar = |(left, right, top, edge, height): (f64, f64, f64, &[f64], f64)| {
            let gap = if right - left > 2.0 * NARROW { 0.5 } else { 0.0 };
            let place = [left + gap, top.min(zero), (right - left - 2.0 * gap).max(0.1), (top - zero).abs()];
            let tip = format!("{} to {}: {height}", edge[0], edge[1]);
            Shape::Box { place, fill: PALETTE[0], tip: Some(tip) }
        };
        return sides.map(bar).collect();
    }
    let mut outline: Vec<(f64, f64)> = Vec::new();
    let mut at = f64::NEG_INFINITY;
    for (left, right, top, ..) in sides {
        match outline.last_mut() {
            // The same pixel: the higher one.
            Some((_, y)) if right - at < 1.0 => {
                let higher = y.min(top);
                *y = higher;
                let before = outline.len() - 2;
                outline[before].1 = higher;
            }
            _ => {
                outline.extend([(left, top), (right, top)]);
                at = left;
            }
        }
    }
    let ends = outline.first().zip(outline.last()).map(|(first, last)| (first.0, last.0));
    let Some((first, last)) = ends else { return Vec::new() };
    outline.extend([(last, zero), (first, zero)]);
    vec![Shape::Areas { runs: vec![outline], fill: PALETTE[0], opacity: 1.0 }]
}
