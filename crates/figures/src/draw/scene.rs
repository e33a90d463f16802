//! What a drawing consists of.

use super::Paint;

/// A drawing: shapes one above the other, in units of which a screen shows one as about a pixel.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
    /// What it shows, in a sentence for those who cannot see it.
    pub title: String,
    /// The shapes, the lowest first.
    pub shapes: Vec<Shape>,
}

/// One shape.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A line from point to point, or an area.
    Path {
        /// The points, (x, y) with y downwards.
        points: Vec<[f64; 2]>,
        /// Whether the last point is joined to the first.
        closed: bool,
        /// What it is filled with.
        fill: Option<Fill>,
        /// How it is drawn.
        stroke: Option<Stroke>,
    },
    /// A disc.
    Disc {
        /// Its centre.
        at: [f64; 2],
        /// Its radius.
        radius: f64,
        /// What it is filled with.
        fill: Fill,
        /// How its edge is drawn.
        stroke: Option<Stroke>,
    },
    /// Words.
    Text(Text),
    /// A picture of pixels, which stay square.
    Picture {
        /// Its upper left corner.
        at: [f64; 2],
        /// Width and height.
        size: [f64; 2],
        /// The pixels.
        picture: Picture,
    },
}

/// What an area is filled with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fill {
    /// The colour.
    pub paint: Paint,
    /// From 0, invisible, to 1.
    pub opacity: f64,
}

impl Fill {
    /// An opaque colour.
    pub fn solid(paint: Paint) -> Self {
        Self { paint, opacity: 1.0 }
    }
}

/// How a line is drawn; joints and ends are round.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// The colour.
    pub paint: Paint,
    /// Its width.
    pub width: f64,
    /// Whether it is broken.
    pub dash: Dash,
}

impl Stroke {
    /// An unbroken line.
    pub fn solid(paint: Paint, width: f64) -> Self {
        Self { paint, width, dash: Dash::None }
    }
}

/// How a line is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dash {
    /// Not at all.
    None,
    /// Into dashes.
    Dashed,
    /// Into dots.
    Dotted,
}

impl Dash {
    /// Lengths of a stroke and of the gap after it.
    pub fn lengths(self) -> Option<[f64; 2]> {
        match self {
            Self::None => None,
            Self::Dashed => Some([5.0, 4.0]),
            Self::Dotted => Some([1.2, 3.0]),
        }
    }
}

/// Which part of a text its place is that of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// Words on one line. `L_X` sets the X lower and smaller, `10^{−3}` the −3 higher; braces hold more than one letter.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// The words.
    pub words: String,
    /// Where the baseline is.
    pub at: [f64; 2],
    /// Size of the type.
    pub size: f64,
    /// Which part of it is there.
    pub align: Align,
    /// The colour.
    pub paint: Paint,
    /// Whether it is bold.
    pub bold: bool,
    /// Whether it runs upwards.
    pub upwards: bool,
}

/// Pixels, three bytes each, by row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// `width`·`height`·3 bytes.
    pub rgb: Vec<u8>,
}

impl Picture {
    /// The picture of planes of pixels in [0, 1], C×H×W with one or three channels.
    pub fn from_planes(pixels: &[f32], [channels, height, width]: [usize; 3]) -> Self {
        let plane = height * width;
        let byte = |value: f32| (value.clamp(0.0, 1.0) * 255.0).round() as u8;
        let rgb = (0..plane).flat_map(|i| [0, 1, 2].map(|c| byte(pixels[c.min(channels - 1) * plane + i])));
        Self { width, height, rgb: rgb.collect() }
    }
}

impl Scene {
    /// An empty drawing.
    pub fn new(width: f64, height: f64, title: impl Into<String>) -> Self {
        Self { width, height, title: title.into(), shapes: Vec::new() }
    }

    /// Draws a line through `points`.
    pub fn line(&mut self, points: Vec<[f64; 2]>, stroke: Stroke) {
        self.shapes.push(Shape::Path { points, closed: false, fill: None, stroke: Some(stroke) });
    }

    /// Fills the area that `points` enclose.
    pub fn area(&mut self, points: Vec<[f64; 2]>, fill: Fill) {
        self.shapes.push(Shape::Path { points, closed: true, fill: Some(fill), stroke: None });
    }

    /// Fills a rectangle from its upper left corner.
    pub fn rectangle(&mut self, [x, y]: [f64; 2], [width, height]: [f64; 2], fill: Fill) {
        self.area(vec![[x, y], [x + width, y], [x + width, y + height], [x, y + height]], fill);
    }

    /// Draws a disc.
    pub fn disc(&mut self, at: [f64; 2], radius: f64, fill: Fill) {
        self.shapes.push(Shape::Disc { at, radius, fill, stroke: None });
    }

    /// Writes `words` in ink.
    pub fn text(&mut self, words: impl Into<String>, at: [f64; 2], size: f64, align: Align) {
        self.styled(words, at, size, align, Paint::Ink, false);
    }

    /// Writes `words` in a colour, bold or not.
    pub fn styled(
        &mut self,
        words: impl Into<String>,
        at: [f64; 2],
        size: f64,
        align: Align,
        paint: Paint,
        bold: bool,
    ) {
        let text = Text { words: words.into(), at, size, align, paint, bold, upwards: false };
        self.shapes.push(Shape::Text(text));
    }

    /// Shows a picture, its upper left corner at `at`.
    pub fn picture(&mut self, picture: Picture, at: [f64; 2], size: [f64; 2]) {
        self.shapes.push(Shape::Picture { at, size, picture });
    }
}
