//! The names of what is in drawings.

use super::Paint;
use super::scene::{Align, Fill, Scene, Stroke};

/// Height of a row.
const ROW: f64 = 20.0;
/// Size of the names.
const SIZE: f64 = 12.0;
/// Length of a piece of line.
const PIECE: f64 = 20.0;

/// Names with what stands for them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Legend {
    entries: Vec<(String, Mark)>,
}

/// What stands for a name.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Mark {
    Line(Stroke),
    Dot(Paint),
}

impl Mark {
    fn width(self) -> f64 {
        match self {
            Self::Line(_) => PIECE,
            Self::Dot(_) => 10.0,
        }
    }

    fn draw(self, scene: &mut Scene, [x, y]: [f64; 2]) {
        match self {
            Self::Line(stroke) => scene.line(vec![[x, y], [x + PIECE, y]], stroke),
            Self::Dot(paint) => scene.disc([x + 5.0, y], 5.0, Fill::solid(paint)),
        }
    }
}

impl Legend {
    /// Adds a line.
    pub fn line(&mut self, name: impl Into<String>, stroke: Stroke) {
        self.add(name.into(), Mark::Line(stroke));
    }

    /// Adds dots.
    pub fn dot(&mut self, name: impl Into<String>, paint: Paint) {
        self.add(name.into(), Mark::Dot(paint));
    }

    fn add(&mut self, name: String, mark: Mark) {
        let entry = (name, mark);
        if !self.entries.contains(&entry) {
            self.entries.push(entry);
        }
    }

    /// Height of the names one below the other.
    pub fn height(&self) -> f64 {
        ROW * self.entries.len() as f64
    }

    /// Each name with what stands for it as a small drawing.
    pub fn keys(&self) -> impl Iterator<Item = (&str, Scene)> {
        self.entries.iter().map(|(name, mark)| {
            let mut scene = Scene::new(mark.width(), 12.0, "");
            mark.draw(&mut scene, [0.0, 6.0]);
            (name.as_str(), scene)
        })
    }

    /// Draws the names one below the other.
    pub fn draw(&self, scene: &mut Scene, [x, y]: [f64; 2]) {
        for (i, (name, mark)) in self.entries.iter().enumerate() {
            let y = y + i as f64 * ROW;
            mark.draw(scene, [x, y]);
            scene.text(name, [x + mark.width() + 7.0, y + 4.0], SIZE, Align::Start);
        }
    }

    /// Draws the names side by side from the left, as many in a row as fit into `width`; how high that is.
    pub fn draw_across(&self, scene: &mut Scene, [x, y]: [f64; 2], width: f64) -> f64 {
        if self.entries.is_empty() {
            return 0.0;
        }
        let (mut right, mut below) = (0.0, 0.0);
        for (name, mark) in &self.entries {
            let wide = mark.width() + 24.0 + 6.4 * name.chars().count() as f64;
            if right > 0.0 && right + wide > width {
                (right, below) = (0.0, below + ROW);
            }
            let at = [x + right, y + below];
            mark.draw(scene, at);
            scene.text(name, [at[0] + mark.width() + 6.0, at[1] + 4.0], SIZE, Align::Start);
            right += wide;
        }
        below + ROW
    }
}
