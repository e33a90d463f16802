//! Sizes of a subnet's maps, and where their pixels lie.
//!
//! Inside, maps are pixel-major (row, column, channel); what a 3×3 convolution reads has a border of zeros.

use ibinn::spec::element::Subnet;

/// Offsets of the 9 taps, and of the top left tap of each pixel, in a bordered map of some number of channels.
pub(super) struct Window {
    /// Of each pixel.
    pub rows: Vec<u32>,
    /// From there.
    pub taps: [u32; 9],
}

/// A map inside a border of zeros that is a pixel wide.
#[derive(Clone, Copy, Debug)]
pub(super) struct Border {
    height: usize,
    columns: usize,
}

impl Border {
    /// Pixels, those of the border not counted.
    pub fn inside(self) -> usize {
        self.height * self.columns
    }

    /// Pixels of a row, those of the border not counted.
    pub fn columns(self) -> usize {
        self.columns
    }

    /// Pixels of a row.
    pub fn row(self) -> usize {
        self.columns + 2
    }

    /// All pixels.
    pub fn pixels(self) -> usize {
        (self.height + 2) * self.row()
    }

    /// Where pixel `p` of the map lies.
    pub fn at(self, p: usize) -> usize {
        (p / self.columns + 1) * self.row() + p % self.columns + 1
    }

    /// Offsets of the pixels of a map of so many channels.
    pub fn places(self, channels: usize) -> Vec<u32> {
        (0..self.inside()).map(|p| (self.at(p) * channels) as u32).collect()
    }

    /// The windows of every `stride`-th pixel of every `stride`-th row.
    pub fn windows(self, channels: usize, stride: usize) -> Window {
        let columns = self.columns / stride;
        let pixels = self.height / stride * columns;
        let first = |q: usize| q / columns * stride * self.row() + q % columns * stride;
        Window {
            rows: (0..pixels).map(|q| (first(q) * channels) as u32).collect(),
            taps: std::array::from_fn(|tap| ((tap / 3 * self.row() + tap % 3) * channels) as u32),
        }
    }
}

/// The sizes of one subnet on maps of one size.
#[derive(Clone, Debug)]
pub(super) struct Geometry {
    /// Channels in.
    pub input: usize,
    /// Hidden channels w.
    pub width: usize,
    /// Channels out.
    pub output: usize,
    /// Whether a ReLU comes first.
    pub leading_relu: bool,
    /// Of the second convolution.
    pub stride: usize,
    height: usize,
    columns: usize,
}

impl Geometry {
    /// `subnet` on maps of `height` × `columns` pixels.
    pub fn new(subnet: &Subnet, height: usize, columns: usize) -> Self {
        let Subnet { input, width, output, leading_relu, .. } = *subnet;
        let stride = subnet.stride();
        Self { input, width, output, leading_relu, stride, height, columns }
    }

    /// Rows and columns of the map that comes in.
    pub fn size(&self) -> [usize; 2] {
        [self.height, self.columns]
    }

    /// Pixels P of the map that comes in.
    pub fn pixels(&self) -> usize {
        self.height * self.columns
    }

    /// Rows and columns of the map that goes out.
    pub fn reduced(&self) -> [usize; 2] {
        [self.height / self.stride, self.columns / self.stride]
    }

    /// Pixels Q of the map that goes out.
    pub fn reduced_pixels(&self) -> usize {
        self.reduced().iter().product()
    }

    /// The map that comes in with its border.
    pub fn border(&self) -> Border {
        Border { height: self.height, columns: self.columns }
    }

    /// The map that goes out with a border.
    pub fn reduced_border(&self) -> Border {
        let [height, columns] = self.reduced();
        Border { height, columns }
    }
}

/// Offsets of pixels that lie one after the other.
pub(super) fn dense_rows(pixels: usize, channels: usize) -> Vec<u32> {
    (0..pixels).map(|p| (p * channels) as u32).collect()
}
