//! Drawings side by side, with one legend: a picture by itself, or parts of a page that wrap where it is narrow.

use super::Paint;
use super::legend::Legend;
use super::panel::SMALL;
use super::scene::{Align, Scene, Shape};

const MARGIN: f64 = 16.0;
const GAP: f64 = 8.0;

/// Drawings in rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// What it shows, in a sentence for those who cannot see it.
    pub title: String,
    /// The drawings.
    pub rows: Vec<Vec<Scene>>,
    /// The names of what is in them.
    pub legend: Legend,
    /// Sentences below the legend.
    pub notes: Vec<String>,
}

impl Sheet {
    /// Drawings in rows of `columns`, without notes.
    pub fn new(title: impl Into<String>, drawings: Vec<Scene>, columns: usize, legend: Legend) -> Self {
        let rows = drawings.chunks(columns.max(1)).map(<[Scene]>::to_vec).collect();
        Self { title: title.into(), rows, legend, notes: Vec::new() }
    }

    /// All drawings in order.
    pub fn drawings(&self) -> impl Iterator<Item = &Scene> {
        self.rows.iter().flatten()
    }

    /// One picture of all. The legend takes the free place at the end of the last row, or else the room below.
    pub fn scene(&self) -> Scene {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let widest = |column: usize| {
            let drawings = self.rows.iter().filter_map(|row| row.get(column));
            drawings.map(|scene| scene.width).fold(0.0, f64::max)
        };
        // Where each column begins, and where one after the last would.
        let mut left = vec![MARGIN];
        (0..columns).for_each(|column| left.push(left[column] + widest(column) + GAP));
        let width = left[columns] + MARGIN - if columns > 0 { GAP } else { 0.0 };
        let mut whole = Scene::new(width, 0.0, self.title.clone());
        let mut top = MARGIN;
        let mut last = top;
        for row in &self.rows {
            for (i, scene) in row.iter().enumerate() {
                whole.include(scene, [left[i], top]);
            }
            last = top;
            top += row.iter().map(|scene| scene.height).fold(0.0, f64::max) + GAP;
        }
        let taken = self.rows.last().map_or(0, Vec::len);
        let beside = columns > 1 && taken < columns && self.legend.height() < top - last - 60.0;
        let (edge, mut below) = if beside {
            let at = [left[taken] + 40.0, last + 44.0];
            self.legend.draw(&mut whole, at);
            (at[0], at[1] + self.legend.height() + 8.0)
        } else {
            let high = self.legend.draw_across(&mut whole, [MARGIN + 8.0, top + 8.0], width - 3.0 * MARGIN);
            (MARGIN + 8.0, top + 8.0 + high)
        };
        for note in &self.notes {
            whole.styled(note, [edge, below + 4.0], SMALL, Align::Start, Paint::Soft, false);
            below += 16.0;
        }
        whole.height = if beside { top.max(below) } else { below } + MARGIN / 2.0;
        whole
    }
}

impl Scene {
    /// Adds the shapes of another scene, moved by `by`.
    pub fn include(&mut self, other: &Scene, by: [f64; 2]) {
        let moved = |[x, y]: [f64; 2]| [x + by[0], y + by[1]];
        self.shapes.extend(other.shapes.iter().cloned().map(|shape| match shape {
            Shape::Path { points, closed, fill, stroke } => {
                Shape::Path { points: points.into_iter().map(moved).collect(), closed, fill, stroke }
            }
            Shape::Disc { at, radius, fill, stroke } => Shape::Disc { at: moved(at), radius, fill, stroke },
            Shape::Text(mut text) => {
                text.at = moved(text.at);
                Shape::Text(text)
            }
            Shape::Picture { at, size, picture } => Shape::Picture { at: moved(at), size, picture },
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Fill, Stroke};

    fn square(side: f64) -> Scene {
        let mut scene = Scene::new(side, side, "square");
        scene.rectangle([0.0, 0.0], [side, side], Fill::solid(Paint::Ink));
        scene
    }

    /// Upper left corners of the squares.
    fn corners(whole: &Scene) -> Vec<[f64; 2]> {
        let corner = |shape: &Shape| match shape {
            Shape::Path { points, closed: true, .. } => Some(points[0]),
            _ => None,
        };
        whole.shapes.iter().filter_map(corner).collect()
    }

    #[test]
    fn columns_are_as_wide_as_what_stands_in_them() {
        let drawings = [300.0, 100.0, 50.0, 200.0, 120.0].map(square).to_vec();
        let whole = Sheet::new("test", drawings, 3, Legend::default()).scene();
        let [first, second, third] = [16.0, 16.0 + 308.0, 16.0 + 308.0 + 128.0];
        let below = 16.0 + 308.0;
        assert_eq!(
            corners(&whole),
            [[first, 16.0], [second, 16.0], [third, 16.0], [first, below], [second, below]]
        );
        assert_eq!(whole.width, third + 50.0 + 16.0);
        assert_eq!(Sheet::new("none", vec![], 3, Legend::default()).scene().width, 32.0);
    }

    #[test]
    fn drawings_stand_in_rows_and_the_legend_in_the_free_place_or_below() {
        let mut legend = Legend::default();
        legend.line("a line", Stroke::solid(Paint::Accent, 1.0));
        let sheet = Sheet::new("test", vec![square(200.0), square(200.0), square(180.0)], 2, legend);
        let whole = sheet.scene();
        assert_eq!(corners(&whole), [[16.0, 16.0], [224.0, 16.0], [16.0, 224.0]]);
        assert_eq!((whole.width, whole.height), (440.0, 16.0 + 208.0 + 188.0 + 8.0));
        let words = |scene: &Scene| {
            scene.shapes.iter().find_map(|shape| match shape {
                Shape::Text(text) => Some(text.at),
                _ => None,
            })
        };
        assert!(words(&whole).is_some_and(|[x, y]| x > 224.0 && y > 224.0));
        let full = Sheet { rows: vec![sheet.rows[0].clone()], ..sheet }.scene();
        assert!(words(&full).is_some_and(|[x, y]| x < 100.0 && y > 224.0));
    }
}
