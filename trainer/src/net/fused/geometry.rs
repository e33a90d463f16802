//! Sizes of a subnet's maps, and where their pixels lie.
//!
//! Inside, maps are pixel-major (row, column, channel); what a 3×3 convolution reads has a border of zeros.

use ibinn::element::Subnet;

/// Offsets of the 9 taps, and of the top left tap of each pixel, in a padded map of some number of channels.
pub(super) struct Window {
    /// Of each pixel.
    pub rows: Vec<u32>,
    /// From there.
    pub taps: [u32; 9],
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
    stride: usize,
    height: usize,
    columns: usize,
}

impl Geometry {
    /// `subnet` on maps of `height` × `columns` pixels.
    pub fn new(subnet: &Subnet, height: usize, columns: usize) -> Self {
        let Subnet { input, width, output, stride, leading_relu, .. } = *subnet;
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

    /// Pixels of the padded map.
    pub fn padded_pixels(&self) -> usize {
        (self.height + 2) * (self.columns + 2)
    }

    /// Where pixel `p` of the map that comes in lies among the padded ones.
    pub fn padded(&self, p: usize) -> usize {
        (p / self.columns + 1) * (self.columns + 2) + p % self.columns + 1
    }

    /// Where the pixel lies among the padded ones that is in the middle of the window of pixel `q` of the reduced map.
    pub fn centre(&self, q: usize) -> usize {
        let columns = self.columns / self.stride;
        self.padded(q / columns * self.stride * self.columns + q % columns * self.stride)
    }

    fn window(&self, channels: usize, centres: impl Iterator<Item = usize>) -> Window {
        let row = self.columns + 2;
        Window {
            rows: centres.map(|centre| ((centre - row - 1) * channels) as u32).collect(),
            taps: std::array::from_fn(|tap| ((tap / 3 * row + tap % 3) * channels) as u32),
        }
    }

    /// The windows of every pixel.
    pub fn windows(&self, channels: usize) -> Window {
        self.window(channels, (0..self.pixels()).map(|p| self.padded(p)))
    }

    /// The windows of every pixel of the reduced map.
    pub fn reduced_windows(&self, channels: usize) -> Window {
        self.window(channels, (0..self.reduced_pixels()).map(|q| self.centre(q)))
    }
}

/// Offsets of pixels that lie one after the other.
pub(super) fn dense_rows(pixels: usize, channels: usize) -> Vec<u32> {
    (0..pixels).map(|p| (p * channels) as u32).collect()
}
