//! Pictures from elsewhere, brought to how a data set's images lie on their plain ground (method §1.7).

use serde::{Deserialize, Serialize};

use super::ImageShape;
use super::ground::Ground;
use super::resample::{enlarge, resample};

/// Levels, of 255, that a pixel of the ground may be off.
const GROUND: f64 = 3.0;
/// Levels, of 255, from which on a pixel is drawn.
const DRAWN: f64 = 25.0;
/// Share of a data set's images whose border must be on the ground for it to be plain.
const PLAIN: f64 = 0.95;
/// Longer side that a picture is analysed at, in pixels.
const SIDE: usize = 192;
/// Share of what is drawn that may lie beyond each edge of its box: specks do not count.
const SPECKS: f64 = 0.0025;
/// Pixels by which an image may lie beyond all training images and is still taken as it is.
const SLACK: f64 = 2.0;

/// How the training images of a data set lie on a plain ground. Pixels are counted from the upper left corner.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Framing {
    /// Level of the ground, from 0 to 255.
    pub ground: u8,
    /// Least share of an image's pixels that are ground.
    pub ground_share: f64,
    /// Longer side of what is drawn, in pixels.
    pub extent: Spread,
    /// Row of its centre of mass.
    pub row: Spread,
    /// Column of its centre of mass.
    pub column: Spread,
}

/// Where a quantity lies over the images.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// Its least value.
    pub least: f64,
    /// Its median.
    pub median: f64,
    /// Its greatest value.
    pub greatest: f64,
}

impl Spread {
    fn of(mut values: Vec<f64>) -> Option<Self> {
        values.sort_by(f64::total_cmp);
        Some(Self { least: *values.first()?, median: values[values.len() / 2], greatest: *values.last()? })
    }

    fn holds(&self, value: f64) -> bool {
        (self.least - SLACK..=self.greatest + SLACK).contains(&value)
    }
}

/// What was done to a picture.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Framed {
    /// Nothing: it lies as the training images do.
    Unchanged,
    /// It was fitted as it is: no plain ground was found in it, or nothing on it.
    Fitted,
    /// Its ground and shading were removed, what is drawn was cut out, scaled and centred.
    Framed {
        /// Whether it was darker on a lighter ground and the training images are the other way round, or the reverse.
        inverted: bool,
        /// Side of what is drawn in the image over that in the picture, both in shares of their longer sides.
        scale: f64,
    },
}

/// What is drawn on an image's ground.
struct Drawing {
    ground_share: f64,
    extent: f64,
    centre: [f64; 2],
}

impl Drawing {
    /// Of an image of `columns` a row; none where nothing is drawn.
    fn new(image: &[u8], columns: usize, ground: u8) -> Option<Self> {
        let heights = image.iter().map(|&v| (f64::from(v) - f64::from(ground)).abs());
        let (mut mass, mut centre, mut on_ground) = (0.0, [0.0; 2], 0);
        let (mut low, mut high) = ([usize::MAX; 2], [0; 2]);
        for (i, height) in heights.enumerate() {
            let at = [i / columns, i % columns];
            on_ground += usize::from(height <= GROUND);
            mass += height;
            for axis in 0..2 {
                centre[axis] += height * (at[axis] as f64 + 0.5);
                if height > DRAWN {
                    low[axis] = low[axis].min(at[axis]);
                    high[axis] = high[axis].max(at[axis] + 1);
                }
            }
        }
        let extent = (0..2).map(|axis| high[axis].checked_sub(low[axis])).max()??;
        Some(Self {
            ground_share: on_ground as f64 / image.len() as f64,
            extent: extent as f64,
            centre: centre.map(|sum| sum / mass),
        })
    }
}

impl Framing {
    /// Of grey images, each H·W bytes; none of colour images, of none, and where the ground is not plain.
    pub fn measure<'a>(images: impl IntoIterator<Item = &'a [u8]>, shape: ImageShape) -> Option<Self> {
        let [channels, _, columns] = shape;
        if channels != 1 {
            return None;
        }
        let images: Vec<&[u8]> = images.into_iter().collect();
        let borders: Vec<u8> = images.iter().map(|image| border_median(image, columns)).collect();
        let mut sorted = borders.clone();
        sorted.sort_unstable();
        let ground = *sorted.get(sorted.len() / 2)?;
        let plain = borders.iter().filter(|&&level| f64::from(level.abs_diff(ground)) <= GROUND).count();
        if (plain as f64) < PLAIN * images.len() as f64 {
            return None;
        }
        let drawings: Vec<Drawing> =
            images.iter().filter_map(|image| Drawing::new(image, columns, ground)).collect();
        let spread = |of: fn(&Drawing) -> f64| Spread::of(drawings.iter().map(of).collect());
        Some(Self {
            ground,
            ground_share: spread(|drawing| drawing.ground_share)?.least,
            extent: spread(|drawing| drawing.extent)?,
            row: spread(|drawing| drawing.centre[0])?,
            column: spread(|drawing| drawing.centre[1])?,
        })
    }

    /// Whether an image, H·W bytes, lies as the training images do; so does one with nothing on the ground.
    fn holds(&self, image: &[u8], columns: usize) -> bool {
        let Some(drawing) = Drawing::new(image, columns, self.ground) else {
            return true;
        };
        drawing.ground_share >= 0.5 * self.ground_share
            && self.extent.holds(drawing.extent)
            && self.row.holds(drawing.centre[0])
            && self.column.holds(drawing.centre[1])
    }

    /// The picture of `width`×`height` pixels whose colours, from 0 to 255, `colour` gives by row, as an image that lies as the
    /// training images do; and what was done. `fitted` is the picture as a grey image of the training images' size, H·W bytes,
    /// `columns` a row: what stays of it that lies so already, or has no plain ground.
    ///
    /// # Panics
    /// When the picture has no pixel.
    pub fn apply(
        &self,
        (fitted, columns): (Vec<u8>, usize),
        colour: impl Fn(usize) -> [f32; 3],
        (width, height): (usize, usize),
    ) -> (Vec<u8>, Framed) {
        if self.holds(&fitted, columns) {
            return (fitted, Framed::Unchanged);
        }
        let rows = fitted.len() / columns;
        let scale = (SIDE as f64 / width.max(height) as f64).min(1.0);
        let [across, down] = [width, height].map(|side| ((side as f64 * scale).round() as usize).max(1));
        let picture = resample(&colour, (width, height), [1, down, across]);
        let Some(ink) = Ground::find(&picture, across).and_then(|ground| ground.ink(&picture)) else {
            return (fitted, Framed::Fitted);
        };
        let [[top, bottom], [left, right]] = boxed(&ink.strength, across);
        let (tall, wide) = (bottom - top, right - left);
        let to = self.extent.median / tall.max(wide) as f64;
        let side = |from: usize, most: usize| ((from as f64 * to).round() as usize).clamp(1, most);
        let (inner_rows, inner_columns) = (side(tall, rows), side(wide, columns));
        let cut: Vec<f64> =
            (top..bottom).flat_map(|y| ink.strength[y * across + left..][..wide].iter().copied()).collect();
        // Averaging over areas would make steps of a drawing that is enlarged.
        let factor = to.ceil().max(1.0) as usize;
        let (cut, wide, tall) = (enlarge(&cut, wide, factor), wide * factor, tall * factor);
        let grey = |i: usize| [255.0 * cut[i] as f32; 3];
        let inner = resample(grey, (wide, tall), [1, inner_rows, inner_columns]);
        let image = self.placed(&inner, inner_columns, [rows, columns]);
        let inverted = ink.darker != (self.ground >= 128);
        let of_picture = (wide.max(tall) / factor) as f64 / across.max(down) as f64;
        let scale = self.extent.median / rows.max(columns) as f64 / of_picture;
        (image, Framed::Framed { inverted, scale })
    }

    /// The drawing `ink`, of `across` columns, on the ground of an image of this size, at the training images' centre.
    fn placed(&self, ink: &[u8], across: usize, [rows, columns]: [usize; 2]) -> Vec<u8> {
        let centre = Drawing::new(ink, across, 0).map_or([0.0; 2], |drawing| drawing.centre);
        let wanted = [self.row.median, self.column.median];
        let room = [rows - ink.len() / across, columns - across];
        let [top, left] =
            [0, 1].map(|axis| (wanted[axis] - centre[axis]).round().clamp(0.0, room[axis] as f64) as usize);
        let brightest = f64::from(ink.iter().copied().max().unwrap_or(0).max(1));
        let ground = f64::from(self.ground);
        let far = if self.ground < 128 { 255.0 } else { 0.0 };
        let mut image = vec![self.ground; rows * columns];
        for (from, to) in ink.chunks_exact(across).zip(image.chunks_exact_mut(columns).skip(top)) {
            for (&ink, pixel) in from.iter().zip(&mut to[left..]) {
                *pixel = (ground + (far - ground) * f64::from(ink) / brightest).round() as u8;
            }
        }
        image
    }
}

/// Rows and columns, each from and to, of the box that holds all of what is drawn but specks; of a picture with ink.
fn boxed(strength: &[f64], columns: usize) -> [[usize; 2]; 2] {
    let rows = strength.len() / columns;
    let (mut down, mut across) = (vec![0.0; rows], vec![0.0; columns]);
    for (i, ink) in strength.iter().enumerate() {
        down[i / columns] += ink;
        across[i % columns] += ink;
    }
    [down, across].map(|lines| {
        let most = SPECKS * lines.iter().sum::<f64>();
        let skipped = |lines: &mut dyn Iterator<Item = &f64>| {
            let mut sum = 0.0;
            lines
                .take_while(|line| {
                    sum += **line;
                    sum <= most
                })
                .count()
        };
        let (before, after) = (skipped(&mut lines.iter()), skipped(&mut lines.iter().rev()));
        [before.min(lines.len() - 1), (lines.len() - after).max(before + 1)]
    })
}

/// The median of an image's outermost pixels.
fn border_median(image: &[u8], columns: usize) -> u8 {
    let rows = image.len() / columns;
    let is_border = |i: usize| {
        let (y, x) = (i / columns, i % columns);
        y == 0 || x == 0 || y + 1 == rows || x + 1 == columns
    };
    let mut border: Vec<u8> =
        image.iter().enumerate().filter(|(i, _)| is_border(*i)).map(|(_, &v)| v).collect();
    border.sort_unstable();
    border.get(border.len() / 2).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::image::resample::fit;

    const SHAPE: ImageShape = [1, 28, 28];

    /// A light bar of 4×20 pixels on black with its upper left corner at (`top`, `left`).
    fn bar(top: usize, left: usize) -> Vec<u8> {
        let is_bar = |i: usize| (top..top + 20).contains(&(i / 28)) && (left..left + 4).contains(&(i % 28));
        (0..784).map(|i| if is_bar(i) { 255 } else { 0 }).collect()
    }

    fn framing() -> Framing {
        let images = [bar(4, 12), bar(4, 11), bar(4, 13)];
        Framing::measure(images.iter().map(Vec::as_slice), SHAPE).unwrap()
    }

    fn fitted(
        framing: &Framing,
        colour: impl Fn(usize) -> [f32; 3],
        size: (usize, usize),
    ) -> (Vec<u8>, Framed) {
        framing.apply((fit(&colour, size, SHAPE), 28), &colour, size)
    }

    #[test]
    fn what_is_measured_can_be_counted() {
        let found = framing();
        assert_eq!((found.ground, found.extent), (0, Spread { least: 20.0, median: 20.0, greatest: 20.0 }));
        assert_eq!(found.column, Spread { least: 13.0, median: 14.0, greatest: 15.0 });
        assert_eq!((found.row.median, found.ground_share), (14.0, 704.0 / 784.0));
        // Colour, no image, and borders that differ.
        let one = bar(4, 12);
        assert_eq!(Framing::measure([&one[..]], [3, 28, 28]), None);
        assert_eq!(Framing::measure([], SHAPE), None);
        let greys: Vec<Vec<u8>> = (0..20).map(|i| vec![10 * i; 784]).collect();
        assert_eq!(Framing::measure(greys.iter().map(Vec::as_slice), SHAPE), None);
    }

    #[test]
    fn an_image_that_lies_as_the_training_images_do_is_left_alone() {
        let framing = framing();
        for image in [bar(4, 12), bar(5, 13), vec![0; 784]] {
            let grey = |i: usize| [f32::from(image[i]); 3];
            assert_eq!(fitted(&framing, grey, (28, 28)), (image.clone(), Framed::Unchanged));
            // So does one that was larger, as long as it lies so once it is fitted.
            let larger = |i: usize| grey(i / 112 * 28 + i % 56 / 2);
            assert_eq!(fitted(&framing, larger, (56, 56)), (image.clone(), Framed::Unchanged));
        }
    }

    #[test]
    fn a_dark_drawing_on_shaded_paper_becomes_a_training_image() {
        // A bar of 20×100 pixels in the corner of a sheet of 300×200 pixels that is lit from the right.
        let sheet = |i: usize| {
            let (y, x) = (i / 300, i % 300);
            let ink = (20..120).contains(&y) && (30..50).contains(&x);
            [150.0 + 0.2 * x as f32 - if ink { 110.0 } else { 0.0 }; 3]
        };
        let (image, framed) = fitted(&framing(), sheet, (300, 200));
        let Framed::Framed { inverted, scale } = framed else { panic!("{framed:?}") };
        // 20 of 28 pixels from 100 of 300.
        assert!(inverted && (scale - 20.0 / 28.0 * 3.0).abs() < 0.1, "{scale}");
        let wanted = bar(4, 12);
        let off = image.iter().zip(&wanted).map(|(a, b)| f64::from(a.abs_diff(*b))).sum::<f64>();
        assert!(off / wanted.iter().map(|&v| f64::from(v)).sum::<f64>() < 0.1, "{image:?}");
    }

    #[test]
    fn a_small_drawing_in_a_corner_is_enlarged_and_centred() {
        let is_bar = |i: usize| (2..12).contains(&(i / 28)) && (22..24).contains(&(i % 28));
        let small = |i: usize| [if is_bar(i) { 255.0 } else { 0.0 }; 3];
        let (image, framed) = fitted(&framing(), small, (28, 28));
        assert_eq!(framed, Framed::Framed { inverted: false, scale: 2.0 });
        let drawing = Drawing::new(&image, 28, 0).unwrap();
        assert!(drawing.centre.iter().all(|at| (at - 14.0).abs() < 0.6), "{:?}", drawing.centre);
        assert!((19.0..=20.0).contains(&drawing.extent), "{}", drawing.extent);
    }

    #[test]
    fn a_picture_without_a_plain_ground_is_fitted_as_it_is() {
        let busy = |i: usize| [((i as u32).wrapping_mul(2_654_435_761) >> 24) as f32; 3];
        let (image, framed) = fitted(&framing(), busy, (56, 56));
        assert_eq!(framed, Framed::Fitted);
        assert_eq!(image, fit(busy, (56, 56), SHAPE));
    }
}
