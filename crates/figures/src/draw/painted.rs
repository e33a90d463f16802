//! A scene as pixels: its SVG, painted by resvg.

use std::sync::{Arc, LazyLock};

use resvg::tiny_skia::{Color, Pixmap, Transform};
use resvg::usvg::fontdb::{Database, Family, Query};
use resvg::usvg::{Options, Tree};

use super::encode::encode;
use super::scene::{Scene, Shape};
use super::{Paint, Rgb, svg};
use crate::{Error, Result};

/// The fonts of the system, searched once.
static FONTS: LazyLock<Arc<Database>> = LazyLock::new(|| Arc::new(fonts_of_system()));

/// Paints the scene, `scale` pixels to a unit, as a PNG file's bytes.
///
/// # Errors
/// [`Error::Usage`] when there are words and the system has no font, or when the picture would have no pixel or too many.
pub fn png(scene: &Scene, scale: f64) -> Result<Vec<u8>> {
    let has_words = scene.shapes.iter().any(|shape| matches!(shape, Shape::Text(_)));
    let fontdb = if has_words { FONTS.clone() } else { Arc::default() };
    if has_words && fontdb.is_empty() {
        return Err(Error::Usage(
            "a PNG picture needs a font for its words and none was found: install DejaVu Sans, or write an .svg"
                .into(),
        ));
    }
    let [width, height] = [scene.width, scene.height].map(|side| (side * scale).round() as u32);
    let impossible =
        || Error::Usage(format!("a PNG picture cannot have {width}×{height} pixels: write an .svg"));
    let mut pixels = Pixmap::new(width, height).ok_or_else(impossible)?;
    let Rgb([r, g, b]) = Paint::Paper.light();
    pixels.fill(Color::from_rgba8(r, g, b, 255));
    let options = Options { fontdb, ..Options::default() };
    let tree = Tree::from_str(&svg::document(scene), &options).map_err(|problem| {
        Error::Usage(format!("the drawing cannot be painted ({problem}): write an .svg"))
    })?;
    resvg::render(&tree, Transform::from_scale(scale as f32, scale as f32), &mut pixels.as_mut());
    // The ground is opaque, so what lies on it is, too.
    let rgb: Vec<u8> = pixels.pixels().iter().flat_map(|p| [p.red(), p.green(), p.blue()]).collect();
    Ok(encode(&rgb, width as usize, height as usize))
}

fn fonts_of_system() -> Database {
    let mut fonts = Database::new();
    fonts.load_system_fonts();
    let sans_serif = Query { families: &[Family::SansSerif], ..Query::default() };
    if fonts.query(&sans_serif).is_none() {
        // Words in any type are better than none.
        let any = fonts.faces().find_map(|face| face.families.first()).map(|(name, _)| name.clone());
        any.into_iter().for_each(|name| fonts.set_sans_serif_family(name));
    }
    fonts
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::draw::{Align, Fill, Picture};

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
        let (Rgb(paper), Rgb(ink)) = (Paint::Paper.light(), Paint::Ink.light());
        assert_eq!((at(3, 9), at(12, 9), at(11, 9)), (paper, paper, ink));
        for c in 0..3 {
            let half = (f64::from(paper[c]) + f64::from(ink[c])) / 2.0;
            assert!((f64::from(at(5, 5)[c]) - half).abs() <= 1.0, "{:?} {half}", at(5, 5));
        }
        assert_eq!(
            (at(20, 8), at(23, 11), at(24, 8), at(27, 11)),
            ([1, 2, 3], [1, 2, 3], [4, 5, 6], [4, 5, 6])
        );
        assert!(png(&Scene::new(0.0, 5.0, "nothing"), 2.0).unwrap_err().to_string().contains("0×10"));
    }

    #[test]
    fn words_are_painted_where_they_belong() {
        if FONTS.is_empty() {
            assert!(std::env::var_os("CI").is_none(), "no font was found, and in CI every test must run");
            eprintln!("not run: the system has no font");
            return;
        }
        for words in ["A", "γ", "∞", "−", "σ", "L_X"] {
            for (align, sides) in
                [(Align::Start, [60, 90]), (Align::Middle, [45, 75]), (Align::End, [30, 60])]
            {
                let mut scene = Scene::new(120.0, 40.0, "test");
                scene.text(words, [60.0, 25.0], 20.0, align);
                let (width, rgb) = pixels(&png(&scene, 1.0).unwrap());
                let dark = rgb.chunks_exact(3).enumerate().filter(|(_, pixel)| pixel[0] < 128);
                let places: Vec<[usize; 2]> = dark.map(|(i, _)| [i % width, i / width]).collect();
                assert!(places.len() > 3, "{words} is not there");
                let inside =
                    |&[x, y]: &[usize; 2]| (sides[0]..=sides[1]).contains(&x) && (5..=33).contains(&y);
                assert!(places.iter().all(inside), "{words} {align:?}: {places:?}");
            }
        }
    }
}
