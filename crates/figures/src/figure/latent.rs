//! Where images lie in latent space: Figs 7 and 12.

use ibinn::{LatentMap, Model};

use crate::draw::{Align, Fill, Legend, Paint, Picture, SMALL, Scene, Shape, Sheet, Stroke, TITLE};

/// Side of a map.
const SIDE: f64 = 300.0;
/// Room for the title.
const TOP: f64 = 22.0;
/// Maps side by side, at most.
const COLUMNS: usize = 4;
/// Share of the points at each end of either axis that may lie outside of a map.
const OUTSIDE: f64 = 0.002;

/// A square part of the plane, and where it is drawn.
struct View {
    at: [f64; 2],
    centre: [f64; 2],
    half: f64,
}

impl View {
    /// The smallest that holds all means, all of `more`, and nearly all images.
    fn of(map: &LatentMap, more: &[[f64; 2]], at: [f64; 2]) -> Self {
        let range = |values: &[f64], axis: usize| -> [f64; 2] {
            let mut sorted = values.to_vec();
            sorted.sort_by(f64::total_cmp);
            let cut = (OUTSIDE * sorted.len() as f64) as usize;
            let inner = sorted.get(cut..sorted.len() - cut).unwrap_or_default();
            let all = inner.iter().copied().chain(map.means.iter().chain(more).map(|point| point[axis]));
            all.fold([f64::INFINITY, f64::NEG_INFINITY], |[low, high], v| [low.min(v), high.max(v)])
        };
        let ranges = [range(&map.x, 0), range(&map.y, 1)];
        let centre = ranges.map(|[low, high]| (low + high) / 2.0);
        let half = ranges.iter().map(|[low, high]| (high - low) / 2.0).fold(1e-6, f64::max);
        Self { at, centre, half: 1.06 * half }
    }

    fn place(&self, point: [f64; 2]) -> [f64; 2] {
        let share = [0, 1].map(|i| (point[i] - self.centre[i]) / self.half);
        let side = SIDE / 2.0;
        [
            self.at[0] + side + (share[0] * side).clamp(-side, side),
            self.at[1] + side - (share[1] * side).clamp(-side, side),
        ]
    }

    /// Frame, and a bar as long as `units` of latent space.
    fn frame(&self, scene: &mut Scene) {
        let [x, y] = self.at;
        let corners = vec![[x, y], [x + SIDE, y], [x + SIDE, y + SIDE], [x, y + SIDE]];
        scene.shapes.push(Shape::Path {
            points: corners,
            closed: true,
            fill: None,
            stroke: Some(Stroke::solid(Paint::Rule, 1.0)),
        });
        // The power of ten, or 2 or 5 times one, that is about a fifth of the side.
        let fifth = 0.4 * self.half;
        let power = 10f64.powf(fifth.log10().floor());
        let units = [5.0, 2.0, 1.0].into_iter().find(|m| m * power <= fifth).unwrap_or(1.0) * power;
        let length = units / self.half * SIDE / 2.0;
        let (left, bar) = (x + 10.0, y + SIDE - 12.0);
        scene.line(vec![[left, bar], [left + length, bar]], Stroke::solid(Paint::Ink, 1.5));
        let name = format!("{units} std");
        scene.styled(name, [left + length + 6.0, bar + 4.0], SMALL, Align::Start, Paint::Soft, false);
    }

    /// The images that lie inside.
    fn images(&self, scene: &mut Scene, map: &LatentMap, classes: usize, opacity: f64) {
        for ((&x, &y), &label) in map.x.iter().zip(&map.y).zip(&map.labels) {
            let inside = [x, y].iter().zip(self.centre).all(|(v, centre)| (v - centre).abs() <= self.half);
            if inside {
                let fill = Fill { paint: Paint::Class { class: label, of: classes }, opacity };
                scene.disc(self.place([x, y]), 1.4, fill);
            }
        }
    }

    fn means(&self, scene: &mut Scene, map: &LatentMap) {
        for (class, &mean) in map.means.iter().enumerate() {
            scene.shapes.push(Shape::Disc {
                at: self.place(mean),
                radius: 6.0,
                fill: Fill::solid(Paint::Class { class, of: map.means.len() }),
                stroke: Some(Stroke::solid(Paint::Ink, 1.4)),
            });
        }
    }
}

/// Test images and means of each model in the plane in which its means differ most (Fig 7), each with its name and the
/// names of its classes.
pub fn latent(maps: &[(String, &LatentMap, &[String])]) -> Sheet {
    let drawing = |(name, map, classes): &(String, &LatentMap, &[String])| {
        let mut scene =
            Scene::new(SIDE, SIDE + TOP, format!("{name}: test images in the plane of the class means"));
        scene.styled(name, [0.0, 12.0], TITLE, Align::Start, Paint::Ink, true);
        let view = View::of(map, &[], [0.0, TOP]);
        view.images(&mut scene, map, classes.len(), 0.6);
        view.means(&mut scene, map);
        view.frame(&mut scene);
        scene
    };
    let legend = class_legend(maps.first().map_or(&[], |(.., names)| names));
    let title = "Test images in the plane of the class means";
    Sheet::new(title, maps.iter().map(drawing).collect(), COLUMNS, legend)
}

/// The classes by their colours.
fn class_legend(names: &[String]) -> Legend {
    let mut legend = Legend::default();
    for (class, name) in names.iter().enumerate() {
        legend.dot(name, Paint::Class { class, of: names.len() });
    }
    legend
}

/// The way of one image through latent space as it is changed more and more.
pub struct Path {
    /// What changes it, in a few words.
    pub about: String,
    /// Where it is in the plane at each strength, from 0 up.
    pub points: Vec<[f64; 2]>,
    /// The strengths.
    pub strengths: Vec<f64>,
    /// What it then looks like, where that is to be shown.
    pub images: Option<PathImages>,
}

/// Pixels of the images along a path.
pub struct PathImages {
    /// N·C·H·W numbers in [0, 1].
    pub pixels: Vec<f32>,
    /// Channels, rows, columns.
    pub shape: [usize; 3],
}

/// The plane of a model's means with the way of one image (Fig 12).
pub fn path(name: &str, model: &Model, map: &LatentMap, path: &Path) -> Sheet {
    let top = TOP + 17.0;
    let mut scene = Scene::new(SIDE, SIDE + top, format!("{name}: {}", path.about));
    scene.styled(name, [0.0, 12.0], TITLE, Align::Start, Paint::Ink, true);
    scene.styled(&path.about, [0.0, 29.0], SMALL, Align::Start, Paint::Soft, false);
    let view = View::of(map, &path.points, [0.0, top]);
    view.images(&mut scene, map, model.spec().classes().len(), 0.3);
    view.means(&mut scene, map);
    view.frame(&mut scene);
    let points: Vec<[f64; 2]> = path.points.iter().map(|&point| view.place(point)).collect();
    scene.line(points.clone(), Stroke::solid(Paint::Paper, 4.5));
    scene.line(points.clone(), Stroke::solid(Paint::Ink, 2.0));
    // The first is on top, since the path begins slowly.
    for (i, &point) in points.iter().enumerate().rev() {
        scene.shapes.push(Shape::Disc {
            at: point,
            radius: 3.6,
            fill: Fill::solid(if i == 0 { Paint::Paper } else { Paint::Ink }),
            stroke: Some(Stroke::solid(Paint::Ink, 1.6)),
        });
    }
    if let Some(images) = &path.images {
        along(&mut scene, images, &path.strengths);
    }
    Sheet::new(format!("{name}: {}", path.about), vec![scene], 1, class_legend(model.spec().classes()))
}

/// What the image looks like at each strength, below what is drawn.
fn along(scene: &mut Scene, PathImages { pixels, shape }: &PathImages, strengths: &[f64]) {
    let top = scene.height + 14.0;
    let gap = 4.0;
    let size = (SIDE - gap * (strengths.len() as f64 - 1.0)) / strengths.len() as f64;
    let image = shape.iter().product::<usize>();
    for (i, (pixels, strength)) in pixels.chunks_exact(image).zip(strengths).enumerate() {
        let x = i as f64 * (size + gap);
        scene.picture(Picture::from_planes(pixels, *shape), [x, top], [size, size]);
        let name = format!("{strength:.2}");
        scene.styled(name, [x + size / 2.0, top + size + 13.0], 10.0, Align::Middle, Paint::Soft, false);
    }
    scene.height = top + size + 18.0;
}
