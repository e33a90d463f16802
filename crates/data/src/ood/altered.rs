//! Test images in a way that the model was not trained on them.

/// What is done to an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Alteration {
    /// Turned by 90° to the left; of an image that is not square, upside down.
    QuarterTurn,
    /// Light for dark.
    Inverted,
    /// The lower half black.
    HalfOccluded,
}

impl Alteration {
    /// What they are called.
    pub const NAMES: [&str; 3] = ["quarter-turn", "inverted", "half-occluded"];

    /// The one that is called so.
    pub fn named(name: &str) -> Option<Self> {
        let all = [Self::QuarterTurn, Self::Inverted, Self::HalfOccluded];
        Self::NAMES.iter().position(|known| *known == name).map(|place| all[place])
    }

    /// What it does, for people.
    pub fn about(self) -> &'static str {
        match self {
            Self::QuarterTurn => "turned by 90°",
            Self::Inverted => "light for dark",
            Self::HalfOccluded => "the lower half black",
        }
    }

    /// The image, C×H×W bytes, after it.
    pub fn apply(self, image: &[u8], [channels, rows, columns]: [usize; 3]) -> Vec<u8> {
        let plane = rows * columns;
        let at = |c: usize, y: usize, x: usize| image[c * plane + y * columns + x];
        let pixel = |i: usize| {
            let (c, y, x) = (i / plane, i % plane / columns, i % columns);
            match self {
                Self::QuarterTurn if rows == columns => at(c, x, columns - 1 - y),
                Self::QuarterTurn => at(c, rows - 1 - y, columns - 1 - x),
                Self::Inverted => 255 - image[i],
                Self::HalfOccluded if 2 * y >= rows => 0,
                Self::HalfOccluded => image[i],
            }
        };
        (0..channels * plane).map(pixel).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_go_where_they_should() {
        let image = [1, 2, 3, 4];
        let of = |alteration: Alteration| alteration.apply(&image, [1, 2, 2]);
        assert_eq!(of(Alteration::QuarterTurn), [2, 4, 1, 3]);
        assert_eq!(of(Alteration::Inverted), [254, 253, 252, 251]);
        assert_eq!(of(Alteration::HalfOccluded), [1, 2, 0, 0]);
        assert_eq!(Alteration::QuarterTurn.apply(&[1, 2, 3, 4, 5, 6], [1, 3, 2]), [6, 5, 4, 3, 2, 1]);
        assert_eq!(Alteration::named("inverted"), Some(Alteration::Inverted));
        assert_eq!(Alteration::named("mnist"), None);
    }
}
