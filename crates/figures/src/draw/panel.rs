//! A panel: axes, and what is drawn between them.

use super::Paint;
use super::axis::Axis;
use super::scene::{Align, Dash, Fill, Scene, Stroke};

/// Size of titles.
pub const TITLE: f64 = 13.0;
/// Size of the names of values and axes.
pub const SMALL: f64 = 11.0;
/// Room for the title above the axes, and for the names of values left of and below them.
const ABOVE: f64 = 26.0;
const LEFT: f64 = 42.0;
const BELOW: f64 = 36.0;
const RIGHT: f64 = 8.0;

/// Axes that fill a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Panel {
    /// Width and height, names and title included.
    pub size: [f64; 2],
    /// What it shows.
    pub title: String,
    /// From left to right.
    pub x: Axis,
    /// From below upwards.
    pub y: Axis,
}

impl Panel {
    /// Left, upper, right and lower edge of what lies between the axes.
    fn inner(&self) -> [f64; 4] {
        let [width, height] = self.size;
        let below = if self.x.label.is_empty() { BELOW - 14.0 } else { BELOW };
        [LEFT, ABOVE, width - RIGHT, height - below]
    }

    /// The place of a pair of values; beyond the axes is at their end.
    pub fn place(&self, x: f64, y: f64) -> [f64; 2] {
        let [left, top, right, bottom] = self.inner();
        let along = |share: f64, from: f64, to: f64| from + share.clamp(0.0, 1.0) * (to - from);
        [along(self.x.scale.place(x), left, right), along(self.y.scale.place(y), bottom, top)]
    }

    /// A scene with title, axes and grid.
    pub fn scene(&self) -> Scene {
        let [left, top, right, bottom] = self.inner();
        let mut scene = Scene::new(self.size[0], self.size[1], self.title.clone());
        scene.styled(&self.title, [4.0, 14.0], TITLE, Align::Start, Paint::Ink, true);
        for (value, name) in self.y.scale.ticks(if bottom - top > 150.0 { 5 } else { 4 }) {
            let [_, y] = self.place(0.0, value);
            scene.line(vec![[left, y], [right, y]], Stroke::solid(Paint::Rule, 1.0));
            scene.styled(name, [left - 6.0, y + 0.36 * SMALL], SMALL, Align::End, Paint::Soft, false);
        }
        for (value, name) in self.x.scale.ticks(5) {
            let [x, _] = self.place(value, 0.0);
            scene.line(vec![[x, bottom], [x, bottom + 4.0]], Stroke::solid(Paint::Edge, 1.0));
            scene.styled(name, [x, bottom + 16.0], SMALL, Align::Middle, Paint::Soft, false);
        }
        scene.line(vec![[left, bottom], [right, bottom]], Stroke::solid(Paint::Edge, 1.0));
        let middle = [(left + right) / 2.0, bottom + 30.0];
        scene.styled(&self.x.label, middle, SMALL, Align::Middle, Paint::Soft, false);
        scene
    }

    /// Draws a line through pairs of values, dotted where it goes to 0 or ∞ of an open axis.
    pub fn line(&self, scene: &mut Scene, values: &[[f64; 2]], stroke: Stroke) {
        let finite: Vec<[f64; 2]> = values.iter().copied().filter(|[_, y]| y.is_finite()).collect();
        let place = |[x, y]: [f64; 2]| self.place(x, y);
        for piece in finite.chunk_by(|a, b| !self.x.scale.crosses(a[0], b[0])) {
            if piece.len() > 1 {
                scene.line(piece.iter().copied().map(place).collect(), stroke);
            }
        }
        for pair in finite.windows(2).filter(|pair| self.x.scale.crosses(pair[0][0], pair[1][0])) {
            let faint = Stroke { width: 0.6 * stroke.width, dash: Dash::Dotted, ..stroke };
            scene.line(vec![place(pair[0]), place(pair[1])], faint);
        }
    }

    /// Draws a dot at each pair of values.
    pub fn dots(&self, scene: &mut Scene, values: &[[f64; 2]], radius: f64, fill: Fill) {
        for [x, y] in values.iter().filter(|[_, y]| y.is_finite()) {
            scene.disc(self.place(*x, *y), radius, fill);
        }
    }

    /// Fills between two values over each x, and marks them by a line where an open axis has 0 or ∞.
    pub fn band(&self, scene: &mut Scene, values: &[(f64, [f64; 2])], paint: Paint) {
        for piece in values.chunk_by(|a, b| !self.x.scale.crosses(a.0, b.0)) {
            if let [(x, [low, high])] = piece {
                let stroke = Stroke::solid(paint, 1.0);
                scene.line(vec![self.place(*x, *low), self.place(*x, *high)], stroke);
                continue;
            }
            let lower = piece.iter().map(|&(x, [low, _])| self.place(x, low));
            let upper = piece.iter().rev().map(|&(x, [_, high])| self.place(x, high));
            scene.area(lower.chain(upper).collect(), Fill { paint, opacity: 0.16 });
        }
    }

    /// Draws a broken line across at a value of y.
    pub fn level(&self, scene: &mut Scene, y: f64) {
        let [left, _, right, _] = self.inner();
        let [_, y] = self.place(0.0, y);
        scene
            .line(vec![[left, y], [right, y]], Stroke { paint: Paint::Edge, width: 1.2, dash: Dash::Dashed });
    }

    /// Draws a broken line upwards at a value of x, with its name beside its upper end.
    pub fn upright(&self, scene: &mut Scene, x: f64, name: &str) {
        let [_, top, _, bottom] = self.inner();
        let [x, _] = self.place(x, 0.0);
        scene
            .line(vec![[x, top], [x, bottom]], Stroke { paint: Paint::Edge, width: 1.2, dash: Dash::Dashed });
        scene.styled(name, [x + 4.0, top + 8.0], SMALL, Align::Start, Paint::Soft, false);
    }
}
