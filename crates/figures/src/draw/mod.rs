//! Drawing: a scene of lines, areas, words and pictures, written as SVG or painted as PNG.
//!
//! Colours and type are those of the page (`www/src/styles/tokens.css`), in its light form; an SVG that stands in a page of
//! ours takes that page's colours instead, so that it is dark where the page is.

mod axis;
mod colour;
mod encode;
mod legend;
mod painted;
mod panel;
mod scene;
mod sheet;
mod svg;
mod words;

use std::path::Path;

use crate::{Error, Result};
pub use axis::{Axis, Scale};
pub use colour::{Paint, Rgb, tokens};
use ibinn_files::atomic;
pub use legend::Legend;
pub use panel::{Panel, SMALL, TITLE};
pub use scene::{Align, Dash, Fill, Picture, Scene, Shape, Stroke, Text};
pub use sheet::Sheet;
pub use svg::{data_uri, escaped, words_in_html};

/// Pixels of a PNG for a unit of the scene.
const PNG_SCALE: f64 = 2.0;

/// What a drawing is written as, by the ending of its file's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Scalable, with words as words.
    Svg,
    /// Pixels; words need a font of the system.
    Png,
}

impl Format {
    /// The format of `path`.
    ///
    /// # Errors
    /// [`Error::Usage`] when the name ends otherwise.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().map(|e| e.to_string_lossy().to_lowercase());
        match ending.as_deref() {
            Some("svg") => Ok(Self::Svg),
            Some("png") => Ok(Self::Png),
            _ => Err(Error::Usage(format!("--out {}: the name must end in .svg or .png", path.display()))),
        }
    }
}

impl Scene {
    /// Writes the scene to `path`, in the format that its name ends in.
    ///
    /// # Errors
    /// When the file cannot be written; of a PNG, when the system has no font.
    pub fn write(&self, path: &Path) -> Result<()> {
        let bytes = match Format::of(path)? {
            Format::Svg => svg::document(self).into_bytes(),
            Format::Png => painted::png(self, PNG_SCALE)?,
        };
        Ok(atomic::write(path, &bytes)?)
    }

    /// The scene as an `<svg>` element for a page of ours, in that page's colours.
    pub fn element(&self) -> String {
        svg::element(self)
    }
}
