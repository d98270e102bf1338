//! A [`Scene`] as PNG: shapes filled by `tiny-skia`, letters as the outlines of a font that is part of the program.

use tiny_skia::{
    Color, FillRule, FilterQuality, LineCap, LineJoin, Paint, Path, PathBuilder, Pixmap, PixmapPaint, Rect, Stroke,
    Transform,
};
use ttf_parser::{Face, OutlineBuilder};

use super::colour::Rgb;
use super::scene::{Anchor, Cells, Scene, Shape, Words};

/// `DejaVu` Sans, its Latin, Greek and Cyrillic letters and signs: see `assets/LICENSE-DejaVu`.
static FONT: &[u8] = include_bytes!("../../../assets/DejaVuSans-subset.ttf");

/// Draws a scene with `scale` pixels a unit. `None` for a picture without pixels, or more of them than memory.
pub(crate) fn to_png(scene: &Scene, scale: f32) -> Option<Vec<u8>> {
    let pixels = |length: f64| (length as f32 * scale).round() as u32;
    let mut canvas = Pixmap::new(pixels(scene.width), pixels(scene.height))?;
    canvas.fill(Color::WHITE);
    let face = Face::parse(FONT, 0).ok()?;
    let mut pen = Pen { canvas, face, scale: Transform::from_scale(scale, scale) };
    for shape in &scene.shapes {
        pen.draw(shape);
    }
    pen.canvas.encode_png().ok()
}

struct Pen {
    canvas: Pixmap,
    face: Face<'static>,
    scale: Transform,
}

fn paint([r, g, b]: Rgb, opacity: f64) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(r, g, b, (opacity * 255.0).round() as u8);
    paint
}

/// A path through runs of points, if there are any.
fn path(runs: &[Vec<(f64, f64)>], close: bool) -> Option<Path> {
    let mut path = PathBuilder::new();
    for run in runs {
        for (i, &(x, y)) in run.iter().enumerate() {
            let (x, y) = (x as f32, y as f32);
            if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
        }
        match (run.as_slice(), close) {
            (_, true) => path.close(),
            // A dot: a line of no length to speak of.
            ([(x, y)], false) => path.line_to(*x as f32 + 0.01, *y as f32),
            _ => {}
        }
    }
    path.finish()
}

impl Pen {
    fn fill(&mut self, path: Option<Path>, paint: &Paint<'_>, transform: Transform) {
        if let Some(path) = path {
            self.canvas.fill_path(&path, paint, FillRule::Winding, transform, None);
        }
    }

    fn draw(&mut self, shape: &Shape) {
        match shape {
            Shape::Box { place: [x, y, width, height], fill, .. } => {
                let [x, y, width, height] = [*x, *y, *width, *height].map(|v| v as f32);
                let place = Rect::from_xywh(x, y, width, height);
                self.fill(place.map(PathBuilder::from_rect), &paint(*fill, 1.0), self.scale);
            }
            Shape::Lines { runs, stroke, width } => {
                let shape = Stroke {
                    width: *width as f32,
                    line_cap: LineCap::Round,
                    line_join: LineJoin::Round,
                    ..Stroke::default()
                };
                if let Some(path) = path(runs, false) {
                    self.canvas.stroke_path(&path, &paint(*stroke, 1.0), &shape, self.scale, None);
                }
            }
            Shape::Areas { runs, fill, opacity } => self.fill(path(runs, true), &paint(*fill, *opacity), self.scale),
            Shape::Dots { centres, radius, fill, opacity } => {
                // One by one, so that opacity adds up where they lie on each other, as in SVG.
                for &(x, y) in centres {
                    let disc = PathBuilder::from_circle(x as f32, y as f32, *radius as f32);
                    self.fill(disc, &paint(*fill, *opacity), self.scale);
                }
            }
            Shape::Image { place, cells } => self.image(*place, cells),
            Shape::Text(words) => self.text(words),
        }
    }

    fn image(&mut self, [x, y, width, height]: [f64; 4], cells: &Cells) {
        let Some(mut image) = Pixmap::new(cells.columns as u32, cells.rows as u32) else { return };
        for (pixel, &cell) in image.pixels_mut().iter_mut().zip(&cells.cells) {
            let [r, g, b, opacity] = cells.palette[usize::from(cell)];
            *pixel = tiny_skia::ColorU8::from_rgba(r, g, b, opacity).premultiply();
        }
        let stretch = Transform::from_row(
            (width / cells.columns as f64) as f32,
            0.0,
            0.0,
            (height / cells.rows as f64) as f32,
            x as f32,
            y as f32,
        );
        let paint = PixmapPaint { quality: FilterQuality::Nearest, ..PixmapPaint::default() };
        self.canvas.draw_pixmap(0, 0, image.as_ref(), &paint, stretch.post_concat(self.scale), None);
    }

    fn text(&mut self, words: &Words) {
        let em = words.size as f32 / f32::from(self.face.units_per_em());
        let glyph = |c| self.face.glyph_index(c).unwrap_or_default();
        let advance = |c| f32::from(self.face.glyph_hor_advance(glyph(c)).unwrap_or(0));
        let width: f32 = words.text.chars().map(advance).sum();
        let mut letters = Letters { path: PathBuilder::new(), x: 0.0 };
        for c in words.text.chars() {
            // Letters without an outline are spaces; those that the font has not are its empty box.
            self.face.outline_glyph(glyph(c), &mut letters);
            letters.x += advance(c);
        }
        let back = match words.anchor {
            Anchor::Start => 0.0,
            Anchor::Middle => width / 2.0,
            Anchor::End => width,
        };
        let turn = Transform::from_rotate(if words.up { -90.0 } else { 0.0 });
        let place = Transform::from_translate(words.at.0 as f32, words.at.1 as f32);
        // From the font's units to the text's own line, then turned, moved and scaled.
        let transform = Transform::from_row(em, 0.0, 0.0, -em, -back * em, 0.0)
            .post_concat(turn)
            .post_concat(place)
            .post_concat(self.scale);
        self.fill(letters.path.finish(), &paint(words.fill, 1.0), transform);
    }
}

/// Glyphs one after another as one path, in the font's units.
struct Letters {
    path: PathBuilder,
    x: f32,
}

impl OutlineBuilder for Letters {
    fn move_to(&mut self, x: f32, y: f32) {
        self.path.move_to(self.x + x, y);
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.path.line_to(self.x + x, y);
    }
    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        self.path.quad_to(self.x + x1, y1, self.x + x, y);
    }
    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        self.path.cubic_to(self.x + x1, y1, self.x + x2, y2, self.x + x, y);
    }
    fn close(&mut self) {
        self.path.close();
    }
}
