//! Pictures side by side: Figs 5, 8, 9 and 14.

use crate::draw::{Align, Legend, Paint, Picture, SMALL, Scene, Sheet, TITLE};

/// Side of a picture of up to this many pixels; larger ones are shown as large as they are.
const SIDE: f64 = 28.0;
const GAP: f64 = 2.0;

/// Pictures in a row.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    /// What they are, left of them; may be empty.
    pub name: String,
    /// The pictures.
    pub pictures: Vec<Picture>,
}

/// Rows under a title.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The title.
    pub title: String,
    /// The rows.
    pub rows: Vec<Row>,
}

/// Rough width of words in the size of row names.
fn wide(name: &str) -> f64 {
    6.2 * name.chars().count() as f64
}

fn side(rows: &[Row], scale: f64) -> f64 {
    let widest = rows.iter().flat_map(|row| &row.pictures).map(|picture| picture.width).max().unwrap_or(1);
    scale * SIDE.max(widest as f64)
}

fn left(rows: &[Row]) -> f64 {
    rows.iter().map(|row| if row.name.is_empty() { 0.0 } else { wide(&row.name) + 10.0 }).fold(0.0, f64::max)
}

fn size(rows: &[Row], scale: f64) -> [f64; 2] {
    let columns = rows.iter().map(|row| row.pictures.len()).max().unwrap_or(0) as f64;
    let step = side(rows, scale) + GAP;
    [left(rows) + columns * step, rows.len() as f64 * step]
}

fn draw(scene: &mut Scene, rows: &[Row], scale: f64, [x, y]: [f64; 2]) {
    let (left, side) = (left(rows), side(rows, scale));
    for (i, row) in rows.iter().enumerate() {
        let top = y + i as f64 * (side + GAP);
        let middle = [x + left - 8.0, top + side / 2.0 + 4.0];
        scene.styled(&row.name, middle, SMALL, Align::End, Paint::Soft, false);
        for (j, picture) in row.pictures.iter().enumerate() {
            scene.picture(picture.clone(), [x + left + j as f64 * (side + GAP), top], [side, side]);
        }
    }
}

/// Rows of pictures (Figs 5 and 9), `scale` times as large as samples are shown.
pub fn rows(title: &str, rows: &[Row], scale: f64) -> Sheet {
    Sheet::new(title, vec![drawing(title, rows, scale)], 1, Legend::default())
}

/// Blocks of pictures, `columns` of them side by side (Figs 8 and 14).
pub fn blocks(title: &str, blocks: &[Block], columns: usize) -> Sheet {
    let drawings = blocks.iter().map(|block| drawing(&block.title, &block.rows, 1.0)).collect();
    Sheet::new(title, drawings, columns, Legend::default())
}

fn drawing(title: &str, rows: &[Row], scale: f64) -> Scene {
    let [width, height] = size(rows, scale);
    // The title begins where the pictures do.
    let width = width.max(left(rows) + 8.0 * title.chars().count() as f64);
    let mut scene = Scene::new(width, height + 22.0, title);
    scene.styled(title, [left(rows), 12.0], TITLE, Align::Start, Paint::Ink, true);
    draw(&mut scene, rows, scale, [0.0, 22.0]);
    scene
}
