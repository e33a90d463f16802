//! Fonts of the system, for words in PNG pictures.

use std::path::{Path, PathBuf};

use crate::{Error, Result};

/// Files of sans-serif type that systems have, regular and bold, the ones that the page prefers first.
const KNOWN: [(&str, &str); 9] = [
    ("Inter-Regular.ttf", "Inter-SemiBold.ttf"),
    ("segoeui.ttf", "seguisb.ttf"),
    ("Roboto-Regular.ttf", "Roboto-Bold.ttf"),
    ("NotoSans-Regular.ttf", "NotoSans-Bold.ttf"),
    ("HelveticaNeue.ttc", "HelveticaNeue.ttc"),
    ("Arial.ttf", "Arial Bold.ttf"),
    ("arial.ttf", "arialbd.ttf"),
    ("LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    ("DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
];
/// Folders that hold fonts, relative to the user's where they begin with `~`.
const FOLDERS: [&str; 8] = [
    "~/.local/share/fonts",
    "~/.fonts",
    "~/Library/Fonts",
    "/usr/local/share/fonts",
    "/usr/share/fonts",
    "/Library/Fonts",
    "/System/Library/Fonts",
    "C:\\Windows\\Fonts",
];
/// Folders within folders are looked into this deep.
const DEPTH: usize = 4;
/// Straight pieces that a curve is drawn as.
const PIECES: usize = 6;

/// Fonts, the first that has a letter draws it.
#[derive(Default)]
pub struct Fonts {
    regular: Vec<Vec<u8>>,
    bold: Vec<Vec<u8>>,
}

/// A letter, in units of its size.
#[derive(Default)]
pub struct Glyph {
    /// Closed outlines, y upwards.
    pub outlines: Vec<Vec<[f64; 2]>>,
    /// How far the next letter is.
    pub advance: f64,
}

impl Fonts {
    /// Those of the system.
    ///
    /// # Errors
    /// [`Error::Usage`] when none of the known ones is there.
    pub fn of_system() -> Result<Self> {
        let mut files = Vec::new();
        let home = std::env::var_os("HOME").map(PathBuf::from);
        for folder in FOLDERS {
            let path = match (folder.strip_prefix("~/"), &home) {
                (Some(rest), Some(home)) => home.join(rest),
                (Some(_), None) => continue,
                (None, _) => folder.into(),
            };
            collect(&path, DEPTH, &mut files);
        }
        let read = |name: &str| {
            let file = files.iter().find(|path| path.file_name().is_some_and(|own| own == name))?;
            let bytes = std::fs::read(file).ok()?;
            ttf_parser::Face::parse(&bytes, 0).is_ok().then_some(bytes)
        };
        let regular: Vec<_> = KNOWN.iter().filter_map(|(regular, _)| read(regular)).collect();
        let bold = KNOWN.iter().filter_map(|(_, bold)| read(bold)).collect();
        if regular.is_empty() {
            return Err(Error::Usage(
                "a PNG picture needs a font for its words and none was found: install DejaVu Sans, or write an .svg".into(),
            ));
        }
        Ok(Self { regular, bold })
    }

    /// The outlines of a letter; where no font has it, only its space.
    pub fn glyph(&self, letter: char, bold: bool) -> Glyph {
        let fonts = self.bold.iter().filter(|_| bold).chain(&self.regular);
        fonts
            .filter_map(|font| glyph(font, letter))
            .next()
            .unwrap_or(Glyph { advance: 0.5, ..Glyph::default() })
    }
}

fn collect(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.sort();
    for path in paths {
        match (path.is_dir(), depth) {
            (true, 0) => {}
            (true, _) => collect(&path, depth - 1, files),
            (false, _) => files.push(path),
        }
    }
}

fn glyph(font: &[u8], letter: char) -> Option<Glyph> {
    let face = ttf_parser::Face::parse(font, 0).ok()?;
    let id = face.glyph_index(letter)?;
    let mut pen = Pen { unit: f64::from(face.units_per_em()), outlines: Vec::new() };
    // A space has no outline.
    let _ = face.outline_glyph(id, &mut pen);
    let advance = f64::from(face.glyph_hor_advance(id).unwrap_or(0)) / pen.unit;
    Some(Glyph { outlines: pen.outlines, advance })
}

/// Takes outlines down as points.
struct Pen {
    unit: f64,
    outlines: Vec<Vec<[f64; 2]>>,
}

impl Pen {
    fn point(&self, x: f32, y: f32) -> [f64; 2] {
        [f64::from(x) / self.unit, f64::from(y) / self.unit]
    }

    fn here(&self) -> [f64; 2] {
        self.outlines.last().and_then(|outline| outline.last()).copied().unwrap_or_default()
    }

    fn to(&mut self, point: [f64; 2]) {
        if let Some(outline) = self.outlines.last_mut() {
            outline.push(point);
        }
    }

    /// A Bézier curve from here through control points to the last of `points`, by de Casteljau's construction.
    fn curve(&mut self, points: &[[f64; 2]]) {
        let all: Vec<[f64; 2]> = [self.here()].into_iter().chain(points.iter().copied()).collect();
        for i in 1..=PIECES {
            let share = i as f64 / PIECES as f64;
            let mut points = all.clone();
            while points.len() > 1 {
                points = points
                    .windows(2)
                    .map(|w| [0, 1].map(|k| w[0][k] * (1.0 - share) + w[1][k] * share))
                    .collect();
            }
            self.to(points[0]);
        }
    }
}

impl ttf_parser::OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        let point = self.point(x, y);
        self.outlines.push(vec![point]);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let point = self.point(x, y);
        self.to(point);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let points = [self.point(x1, y1), self.point(x, y)];
        self.curve(&points);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let points = [self.point(x1, y1), self.point(x2, y2), self.point(x, y)];
        self.curve(&points);
    }

    fn close(&mut self) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_end_where_they_should_and_bend_between() {
        let mut pen = Pen { unit: 1.0, outlines: vec![vec![[0.0, 0.0]]] };
        pen.curve(&[[1.0, 2.0], [2.0, 0.0]]);
        let outline = &pen.outlines[0];
        assert_eq!((outline.len(), outline[PIECES]), (PIECES + 1, [2.0, 0.0]));
        assert_eq!(outline[PIECES / 2], [1.0, 1.0]);
    }

    #[test]
    fn letters_of_a_system_font_have_outlines_and_width() {
        let Ok(fonts) = Fonts::of_system() else {
            assert!(std::env::var_os("CI").is_none(), "no font was found, and in CI every test must run");
            eprintln!("not run: the system has no font");
            return;
        };
        for letter in ['A', 'γ', '∞', '−', 'σ'] {
            for bold in [false, true] {
                let glyph = fonts.glyph(letter, bold);
                assert!(!glyph.outlines.is_empty() && (0.2..1.5).contains(&glyph.advance), "{letter}");
            }
        }
        assert!(fonts.glyph(' ', false).outlines.is_empty());
    }
}
