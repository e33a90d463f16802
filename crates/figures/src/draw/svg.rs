//! A scene as SVG.

use std::fmt::Write;

use super::Paint;
use super::encode::encode;
use super::scene::{Align, Fill, Picture, Scene, Shape, Stroke, Text};
use super::words::{Level, parts};

/// The page's sans-serif type.
const FONTS: &str =
    "Inter, system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'Helvetica Neue', Arial, sans-serif";

/// Whose colours a drawing has.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Colours {
    /// Its own, of the light theme.
    Own,
    /// Those of the page around it.
    OfPage,
}

impl Colours {
    fn of(self, paint: Paint) -> String {
        match self {
            Self::Own => paint.light().to_string(),
            Self::OfPage => format!("var({})", paint.variable()),
        }
    }
}

/// A file by itself.
pub fn document(scene: &Scene) -> String {
    format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}", write(scene, Colours::Own))
}

/// An element for a page of ours.
pub fn element(scene: &Scene) -> String {
    write(scene, Colours::OfPage)
}

fn write(scene: &Scene, colours: Colours) -> String {
    let (width, height) = (number(scene.width), number(scene.height));
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" \
         role=\"img\" font-family=\"{FONTS}\"><title>{}</title>\n",
        escaped(&scene.title)
    );
    if colours == Colours::Own {
        let ground = colours.of(Paint::Paper);
        out += &format!("<rect width=\"{width}\" height=\"{height}\" fill=\"{ground}\"/>\n");
    }
    for shape in &scene.shapes {
        out += &self::shape(shape, colours);
        out.push('\n');
    }
    out + "</svg>\n"
}

fn shape(shape: &Shape, colours: Colours) -> String {
    match shape {
        Shape::Path { points, closed, fill, stroke } => {
            let mut path = String::new();
            for (i, [x, y]) in points.iter().enumerate() {
                // Writing to a string cannot fail.
                let _ = write!(path, "{}{} {}", if i == 0 { "M" } else { "L" }, number(*x), number(*y));
            }
            path.push_str(if *closed { "Z" } else { "" });
            format!("<path d=\"{path}\"{}{}/>", self::fill(*fill, colours), self::stroke(*stroke, colours))
        }
        Shape::Disc { at: [x, y], radius, fill, stroke } => format!(
            "<circle cx=\"{}\" cy=\"{}\" r=\"{}\"{}{}/>",
            number(*x),
            number(*y),
            number(*radius),
            self::fill(Some(*fill), colours),
            self::stroke(*stroke, colours)
        ),
        Shape::Text(text) => words(text, colours),
        Shape::Picture { at: [x, y], size: [width, height], picture } => format!(
            "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
             style=\"image-rendering:pixelated\" href=\"{}\"/>",
            number(*x),
            number(*y),
            number(*width),
            number(*height),
            data_uri(picture)
        ),
    }
}

fn words(text: &Text, colours: Colours) -> String {
    let [x, y] = text.at.map(number);
    let anchor = match text.align {
        Align::Start => "",
        Align::Middle => " text-anchor=\"middle\"",
        Align::End => " text-anchor=\"end\"",
    };
    let weight = if text.bold { " font-weight=\"600\"" } else { "" };
    let turn = if text.upwards { format!(" transform=\"rotate(-90 {x} {y})\"") } else { String::new() };
    let mut spans = String::new();
    let mut height = 0.0;
    for (level, part) in parts(&text.words) {
        let (size, below) = level.shape();
        let step = (below - height) * text.size;
        height = below;
        let part = escaped(&part);
        if level == Level::Line && step == 0.0 {
            spans += &part;
        } else {
            spans += &format!(
                "<tspan dy=\"{}\" font-size=\"{}\">{part}</tspan>",
                number(step),
                number(size * text.size)
            );
        }
    }
    format!(
        "<text x=\"{x}\" y=\"{y}\" font-size=\"{}\" fill=\"{}\"{anchor}{weight}{turn}>{spans}</text>",
        number(text.size),
        colours.of(text.paint)
    )
}

fn fill(fill: Option<Fill>, colours: Colours) -> String {
    match fill {
        None => " fill=\"none\"".into(),
        Some(Fill { paint, opacity: 1.0 }) => format!(" fill=\"{}\"", colours.of(paint)),
        Some(Fill { paint, opacity }) => {
            format!(" fill=\"{}\" fill-opacity=\"{}\"", colours.of(paint), number(opacity))
        }
    }
}

fn stroke(stroke: Option<Stroke>, colours: Colours) -> String {
    let Some(Stroke { paint, width, dash }) = stroke else { return String::new() };
    let dash = dash.lengths().map_or_else(String::new, |[on, off]| {
        format!(" stroke-dasharray=\"{} {}\"", number(on), number(off))
    });
    format!(
        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\" stroke-linecap=\"round\"{dash}",
        colours.of(paint),
        number(width)
    )
}

/// To two decimals, without zeros at the end.
fn number(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if text == "-0" { "0".into() } else { text.into() }
}

/// Words with indices and powers, for a page.
pub fn words_in_html(words: &str) -> String {
    let tagged = |(level, part): (Level, String)| match level {
        Level::Line => escaped(&part),
        Level::Low => format!("<sub>{}</sub>", escaped(&part)),
        Level::High => format!("<sup>{}</sup>", escaped(&part)),
    };
    parts(words).into_iter().map(tagged).collect()
}

/// Words as they may stand between tags and in attributes.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A picture as an address that holds it.
pub fn data_uri(picture: &Picture) -> String {
    let png = encode(&picture.rgb, picture.width, picture.height);
    format!("data:image/png;base64,{}", base64(&png))
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| bits << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        for i in 0..4 {
            let digit = DIGITS[(bits >> (18 - 6 * i) & 63) as usize];
            out.push(if i > chunk.len() { '=' } else { char::from(digit) });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_standard() {
        for (plain, wanted) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), wanted);
        }
    }

    #[test]
    fn a_scene_has_its_own_colours_or_those_of_the_page() {
        let mut scene = Scene::new(100.0, 50.0, "a < b");
        scene.line(vec![[0.0, 1.0], [2.345, 3.0]], Stroke::solid(Paint::Accent, 1.5));
        scene.text("L_X & y", [5.0, 6.0], 10.0, Align::Middle);
        let own = document(&scene);
        for part in [
            "<title>a &lt; b</title>",
            "<rect width=\"100\" height=\"50\" fill=\"#",
            "<path d=\"M0 1L2.35 3\" fill=\"none\" stroke=\"#",
            ">L<tspan dy=\"2.2\" font-size=\"7.2\">X</tspan><tspan dy=\"-2.2\" font-size=\"10\"> &amp; y</tspan></text>",
        ] {
            assert!(own.contains(part), "no {part} in\n{own}");
        }
        let of_page = element(&scene);
        assert!(of_page.contains("stroke=\"var(--accent)\"") && !of_page.contains("<rect"), "{of_page}");
    }

    #[test]
    fn numbers_are_short() {
        for (value, wanted) in [(1.0, "1"), (-0.001, "0"), (0.126, "0.13"), (120.5, "120.5"), (100.0, "100")]
        {
            assert_eq!(number(value), wanted);
        }
    }
}
