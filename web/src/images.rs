//! What is done to pixels before a model sees them, as JavaScript sees it; no model is needed for it.

use ibinn::image::{self, Corruption, Framed, Framing, ImageShape, Variation};
use ibinn::math::random::{Purpose, Stream};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::arguments;
use crate::error::{Error, Result};

/// The longest side of an image that a model could take.
const MOST_PIXELS: u64 = 1024;

/// Fits a picture of any size into an image, C·H·W bytes. `rgba` holds red, green, blue and opacity of each pixel, row by
/// row of `width`.
///
/// # Errors
/// When the picture has no whole rows, or a size of the image is out of range.
#[wasm_bindgen(js_name = fitPicture)]
pub fn fit_picture(rgba: &[u8], width: f64, channels: f64, height: f64, columns: f64) -> Result<Vec<u8>> {
    let shape = shape(channels, height, columns)?;
    let picture = Picture::new(rgba, width)?;
    Ok(image::fit(|i| picture.colour(i), picture.size(), shape))
}

/// A picture as an image that lies as a model's training images do.
#[wasm_bindgen]
pub struct FramedPicture {
    image: Vec<u8>,
    framed: Framed,
}

#[wasm_bindgen]
impl FramedPicture {
    /// The image, C·H·W bytes.
    #[wasm_bindgen(getter)]
    pub fn image(&self) -> Vec<u8> {
        self.image.clone()
    }

    /// What was done: `unchanged`, `fitted` or `framed`.
    #[wasm_bindgen(getter)]
    pub fn how(&self) -> String {
        match self.framed {
            Framed::Unchanged => "unchanged",
            Framed::Fitted => "fitted",
            Framed::Framed { .. } => "framed",
        }
        .into()
    }

    /// Whether light and dark were exchanged.
    #[wasm_bindgen(getter)]
    pub fn inverted(&self) -> bool {
        matches!(self.framed, Framed::Framed { inverted: true, .. })
    }

    /// How much larger what is drawn is now, in shares of the longer side.
    #[wasm_bindgen(getter)]
    pub fn scale(&self) -> f64 {
        if let Framed::Framed { scale, .. } = self.framed { scale } else { 1.0 }
    }
}

/// Brings a picture of any size to how the training images of a model lie on their plain ground; `framing` is what the
/// model's card says of that, as JSON, and the picture is given as to [`fit_picture`].
///
/// # Errors
/// When the picture has no whole rows, a size of the image is out of range, or the card says something else.
#[wasm_bindgen(js_name = framePicture)]
pub fn frame_picture(
    rgba: &[u8],
    width: f64,
    channels: f64,
    height: f64,
    columns: f64,
    framing: &str,
) -> Result<FramedPicture> {
    let shape = shape(channels, height, columns)?;
    let framing: Framing =
        serde_json::from_str(framing).map_err(|e| Error::Argument(format!("the framing is none ({e})")))?;
    let [1, _, columns] = shape else {
        return Err(Error::Argument(format!(
            "only grey images lie on a ground, not such of {} channels",
            shape[0]
        )));
    };
    let picture = Picture::new(rgba, width)?;
    let colour = |i| picture.colour(i);
    let fitted = image::fit(colour, picture.size(), shape);
    let (image, framed) = framing.apply((fitted, columns), colour, picture.size());
    Ok(FramedPicture { image, framed })
}

/// Whole rows of a picture's pixels.
struct Picture<'a> {
    pixels: &'a [[u8; 4]],
    width: usize,
}

impl<'a> Picture<'a> {
    fn new(rgba: &'a [u8], width: f64) -> Result<Self> {
        let pixels = rgba.as_chunks::<4>().0;
        let width = arguments::whole("width", width, 1, u64::from(u32::MAX))? as usize;
        if pixels.is_empty() || rgba.len() != 4 * pixels.len() || !pixels.len().is_multiple_of(width) {
            return Err(Error::Argument(format!("{} bytes are no rows of {width} pixels", rgba.len())));
        }
        Ok(Self { pixels, width })
    }

    /// Width and height.
    fn size(&self) -> (usize, usize) {
        (self.width, self.pixels.len() / self.width)
    }

    /// The colour of a pixel on white.
    fn colour(&self, i: usize) -> [f32; 3] {
        let [red, green, blue, opacity] = self.pixels[i];
        image::on_white([red, green, blue], opacity)
    }
}

/// Disturbs an image, C·H·W pixels in [0, 1], by the amounts of [`Corruption`], in its order.
///
/// # Errors
/// When the pixels are not finite or no such image, or an amount is out of range.
#[wasm_bindgen(js_name = corruptImage)]
pub fn corrupt_image(
    pixels: &[f32],
    channels: f64,
    height: f64,
    columns: f64,
    amounts: &[f64],
) -> Result<Vec<f32>> {
    let shape = shape(channels, height, columns)?;
    arguments::rows("image", pixels, shape.iter().product(), 0)?;
    let &[rotation, noise, blur, inversion, occlusion, colours] = amounts else {
        return Err(Error::Argument(format!("{} amounts of corruption are not six", amounts.len())));
    };
    Ok(Corruption { rotation, noise, blur, inversion, occlusion, colours }.apply(pixels, shape)?)
}

/// A picture, C·H·W bytes, as a course sees it: moved, turned, scaled and lit a little otherwise, in way number `index`.
///
/// # Errors
/// When the bytes are no such picture, or an argument is out of range.
#[wasm_bindgen(js_name = varyPicture)]
pub fn vary_picture(
    bytes: &[u8],
    channels: f64,
    height: f64,
    columns: f64,
    index: f64,
    strength: f64,
) -> Result<Vec<u8>> {
    let shape = shape(channels, height, columns)?;
    if bytes.len() != shape.iter().product::<usize>() {
        return Err(Error::Argument(format!("{} bytes are no picture of {shape:?}", bytes.len())));
    }
    let mut stream = Stream::new(0, Purpose::Augment, arguments::seed(index)?);
    let varied = Variation::drawn(&mut stream, arguments::strength(strength)?).apply(bytes, shape);
    Ok(varied.into_iter().map(|v| (255.0 * v).round() as u8).collect())
}

fn shape(channels: f64, height: f64, width: f64) -> Result<ImageShape> {
    let side = |name: &str, value: f64| arguments::whole(name, value, 1, MOST_PIXELS);
    let [channels, height, width] =
        [arguments::whole("channels", channels, 1, 3)?, side("height", height)?, side("width", width)?]
            .map(|value| value as usize);
    Ok([channels, height, width])
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_picture_is_fitted_on_white() {
        let rgba = [10, 10, 10, 255, 0, 0, 0, 0];
        assert_eq!(fit_picture(&rgba, 2.0, 1.0, 1.0, 2.0).unwrap(), [10, 255]);
        let message = |rgba: &[u8], width| fit_picture(rgba, width, 1.0, 1.0, 2.0).unwrap_err().to_string();
        assert_eq!(message(&rgba, 3.0), "8 bytes are no rows of 3 pixels");
        assert_eq!(message(&rgba[..7], 1.0), "7 bytes are no rows of 1 pixels");
        assert_eq!(message(&[], 1.0), "0 bytes are no rows of 1 pixels");
        assert!(fit_picture(&rgba, 2.0, 4.0, 1.0, 2.0).unwrap_err().to_string().contains("channels is 4"));
    }

    #[test]
    fn an_image_is_disturbed_by_six_amounts() {
        let inverted = [0.0, 0.0, 0.0, 1.0, 0.0, 0.0];
        assert_eq!(corrupt_image(&[0.25, 1.0], 1.0, 1.0, 2.0, &inverted).unwrap(), [0.75, 0.0]);
        let message = |pixels: &[f32], amounts: &[f64]| {
            corrupt_image(pixels, 1.0, 1.0, 2.0, amounts).unwrap_err().to_string()
        };
        assert!(message(&[0.0; 2], &[0.0]).contains("not six"));
        assert!(message(&[f32::NAN, 0.0], &inverted).contains("finite"));
        assert!(message(&[0.0; 3], &inverted).contains("whole number of images"));
    }

    #[test]
    fn a_picture_is_varied_in_ways_that_have_numbers() {
        let vary = |index, strength| vary_picture(&[9, 200, 30, 4], 1.0, 2.0, 2.0, index, strength);
        assert_eq!(vary(3.0, 0.0).unwrap(), [9, 200, 30, 4]);
        assert_eq!(vary(3.0, 1.0).unwrap(), vary(3.0, 1.0).unwrap());
        assert_ne!(vary(3.0, 1.0).unwrap(), vary(4.0, 1.0).unwrap());
        assert!(vary(3.0, 2.0).unwrap_err().to_string().starts_with("strength is 2"));
        let refused = vary_picture(&[0; 3], 1.0, 2.0, 2.0, 0.0, 1.0).unwrap_err().to_string();
        assert_eq!(refused, "3 bytes are no picture of [1, 2, 2]");
    }
}
