//! The size of a feature map.

/// Channels × height × width of a feature map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    /// Channels.
    pub channels: usize,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Shape {
    /// Numbers in one feature map.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(self) -> usize {
        self.channels * self.height * self.width
    }

    /// Pixels of one channel.
    pub fn pixels(self) -> usize {
        self.height * self.width
    }

    /// The shape after a 2×2 space-to-depth or Haar transform.
    pub fn folded(self) -> Self {
        Self { channels: 4 * self.channels, height: self.height / 2, width: self.width / 2 }
    }
}
