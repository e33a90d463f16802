//! A scene as pixels.

use super::font::Fonts;
use super::outline::Mask;
use super::scene::{Align, Dash, Fill, Picture, Scene, Shape, Stroke, Text};
use super::words::parts;
use super::{Paint, Rgb};
use crate::Result;

/// Paints the scene, `scale` pixels to a unit, as a PNG file's bytes.
///
/// # Errors
/// When there are words and the system has no font.
pub fn png(scene: &Scene, scale: f64) -> Result<Vec<u8>> {
    let size = [scene.width, scene.height].map(|side| (side * scale).round() as usize);
    let fonts = match scene.shapes.iter().any(|shape| matches!(shape, Shape::Text(_))) {
        true => Fonts::of_system()?,
        false => Fonts::default(),
    };
    let ground = Paint::Paper.light().0;
    let mut canvas = Canvas { size, scale, rgb: ground.repeat(size[0] * size[1]) };
    for shape in &scene.shapes {
        canvas.shape(shape, &fonts);
    }
    Ok(encode(&canvas.rgb, size[0], size[1]))
}

/// Pixels, three bytes each by row, as a PNG file's bytes; none of an empty picture.
pub fn encode(rgb: &[u8], width: usize, height: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Rgb);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(rgb));
    // Memory can be written; an empty picture cannot.
    if written.is_ok() { bytes } else { Vec::new() }
}

struct Canvas {
    size: [usize; 2],
    scale: f64,
    rgb: Vec<u8>,
}

impl Canvas {
    fn shape(&mut self, shape: &Shape, fonts: &Fonts) {
        match shape {
            Shape::Path { points, closed, fill, stroke } => {
                let mut points: Vec<[f64; 2]> = points.iter().map(|p| self.place(*p)).collect();
                if let Some(fill) = fill {
                    self.blend(Mask::area(&[points.clone()], self.size), *fill);
                }
                if *closed && let Some(first) = points.first().copied() {
                    points.push(first);
                }
                if let Some(stroke) = stroke {
                    self.stroke(&points, *stroke);
                }
            }
            Shape::Disc { at, radius, fill, stroke } => {
                let at = self.place(*at);
                self.blend(Mask::line(&[at], radius * self.scale, self.size), *fill);
                if let Some(stroke) = stroke {
                    let circle = (0..=64).map(|i| {
                        let (sin, cos) = (f64::from(i) * std::f64::consts::TAU / 64.0).sin_cos();
                        [at[0] + radius * self.scale * cos, at[1] + radius * self.scale * sin]
                    });
                    self.stroke(&circle.collect::<Vec<_>>(), *stroke);
                }
            }
            Shape::Text(text) => self.text(text, fonts),
            Shape::Picture { at, size, picture } => self.picture(*at, *size, picture),
        }
    }

    fn place(&self, point: [f64; 2]) -> [f64; 2] {
        point.map(|v| v * self.scale)
    }

    fn stroke(&mut self, points: &[[f64; 2]], Stroke { paint, width, dash }: Stroke) {
        for part in dashes(points, dash, self.scale) {
            self.blend(Mask::line(&part, width * self.scale / 2.0, self.size), Fill::solid(paint));
        }
    }

    fn text(&mut self, text: &Text, fonts: &Fonts) {
        let (mut outlines, mut along) = (Vec::new(), 0.0);
        for (level, part) in parts(&text.words) {
            let (size, below) = level.shape();
            for letter in part.chars() {
                let glyph = fonts.glyph(letter, text.bold);
                let scale = size * text.size;
                let place = |[x, y]: [f64; 2]| [along + x * scale, below * text.size - y * scale];
                outlines.extend(
                    glyph.outlines.iter().map(|outline| -> Vec<[f64; 2]> {
                        outline.iter().map(|&point| place(point)).collect()
                    }),
                );
                along += glyph.advance * scale;
            }
        }
        let start = match text.align {
            Align::Start => 0.0,
            Align::Middle => -along / 2.0,
            Align::End => -along,
        };
        let [x, y] = text.at;
        for point in outlines.iter_mut().flatten() {
            let [along, below] = [point[0] + start, point[1]];
            let turned = if text.upwards { [x + below, y - along] } else { [x + along, y + below] };
            *point = self.place(turned);
        }
        self.blend(Mask::area(&outlines, self.size), Fill::solid(text.paint));
    }

    fn picture(&mut self, at: [f64; 2], size: [f64; 2], picture: &Picture) {
        let from = self.place(at).map(|v| v.round().max(0.0) as usize);
        let to = self.place([at[0] + size[0], at[1] + size[1]]).map(|v| v.round().max(0.0) as usize);
        for y in from[1]..to[1].min(self.size[1]) {
            for x in from[0]..to[0].min(self.size[0]) {
                let column = (x - from[0]) * picture.width / (to[0] - from[0]);
                let row = (y - from[1]) * picture.height / (to[1] - from[1]);
                let pixel = &picture.rgb[(row * picture.width + column) * 3..][..3];
                self.rgb[(y * self.size[0] + x) * 3..][..3].copy_from_slice(pixel);
            }
        }
    }

    fn blend(&mut self, mask: Option<Mask>, Fill { paint, opacity }: Fill) {
        let (Some(mask), Rgb(colour)) = (mask, paint.light()) else { return };
        for (y, row) in mask.cover.chunks(mask.width).enumerate() {
            for (x, &cover) in row.iter().enumerate() {
                let share = f64::from(cover) * opacity;
                let pixel = &mut self.rgb[((mask.at[1] + y) * self.size[0] + mask.at[0] + x) * 3..][..3];
                for (value, &new) in pixel.iter_mut().zip(&colour) {
                    *value = (f64::from(*value) * (1.0 - share) + f64::from(new) * share).round() as u8;
                }
            }
        }
    }
}

/// The parts of a line that are drawn.
fn dashes(points: &[[f64; 2]], dash: Dash, scale: f64) -> Vec<Vec<[f64; 2]>> {
    let Some(lengths) = dash.lengths() else { return vec![points.to_vec()] };
    let (mut parts, mut part, mut drawn, mut left) = (Vec::new(), Vec::new(), true, lengths[0] * scale);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            if drawn && part.is_empty() {
                part.push(from);
            }
            let length = (to[0] - from[0]).hypot(to[1] - from[1]);
            if length < left {
                left -= length;
                if drawn {
                    part.push(to);
                }
                break;
            }
            let share = if length > 0.0 { left / length } else { 0.0 };
            from = [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])];
            if drawn {
                part.push(from);
                parts.push(std::mem::take(&mut part));
            }
            drawn = !drawn;
            left = lengths[usize::from(!drawn)] * scale;
        }
    }
    if !part.is_empty() {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn pixels(png: &[u8]) -> (usize, Vec<u8>) {
        let mut reader = png::Decoder::new(std::io::Cursor::new(png)).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut rgb).unwrap();
        (reader.info().width as usize, rgb)
    }

    #[test]
    fn shapes_are_where_the_scene_has_them() {
        let mut scene = Scene::new(20.0, 10.0, "test");
        scene.rectangle([2.0, 2.0], [4.0, 4.0], Fill::solid(Paint::Ink));
        scene.rectangle([2.0, 2.0], [2.0, 2.0], Fill { paint: Paint::Paper, opacity: 0.5 });
        let picture = Picture { width: 2, height: 1, rgb: vec![1, 2, 3, 4, 5, 6] };
        scene.picture(picture, [10.0, 4.0], [4.0, 2.0]);
        let (width, rgb) = pixels(&png(&scene, 2.0).unwrap());
        assert_eq!((width, rgb.len()), (40, 40 * 20 * 3));
        let at = |x: usize, y: usize| <[u8; 3]>::try_from(&rgb[(y * 40 + x) * 3..][..3]).unwrap();
        let (paper, Rgb(ink)) = (Paint::Paper.light().0, Paint::Ink.light());
        assert_eq!((at(3, 9), at(12, 9), at(11, 9)), (paper, paper, ink));
        let half = [0, 1, 2].map(|i| ((f64::from(paper[i]) + f64::from(ink[i])) / 2.0).round() as u8);
        assert_eq!(at(5, 5), half);
        assert_eq!(
            (at(20, 8), at(23, 11), at(24, 8), at(27, 11)),
            ([1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6])
        );
    }

    #[test]
    fn dashes_keep_their_rhythm_around_corners() {
        let corner = [[0.0, 0.0], [7.0, 0.0], [7.0, 20.0]];
        let parts = dashes(&corner, Dash::Dashed, 1.0);
        assert_eq!(parts[0], [[0.0, 0.0], [5.0, 0.0]]);
        assert_eq!(parts[1], [[7.0, 2.0], [7.0, 7.0]]);
        assert_eq!(dashes(&corner, Dash::None, 1.0), [corner.to_vec()]);
    }
}
