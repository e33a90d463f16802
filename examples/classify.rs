//! Classifies an image by a model file: the posterior, and how likely the image is.
//!
//! ```text
//! cargo run --example classify -- MODEL.safetensors [IMAGE.raw]
//! ```
//!
//! IMAGE.raw holds the pixels as bytes, C×H×W; without it, a digit of the built-in data set is drawn, which fits models
//! of 28×28 grey images.

use std::error::Error;
use std::path::Path;

use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::synthetic::{self, Alphabet, Split};
use ibinn::{Model, ModelSpec};

fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<_> = std::env::args_os().skip(1).collect();
    let (model, image) = match &arguments[..] {
        [model] => (model, None),
        [model, image] => (model, Some(Path::new(image))),
        _ => return Err("name a model file, and maybe a file of raw pixels".into()),
    };
    print!("{}", classify(Path::new(model), image)?);
    Ok(())
}

/// What the model says of the image, for people.
pub fn classify(model: &Path, image: Option<&Path>) -> Result<String, Box<dyn Error>> {
    let model = Model::from_bytes(&std::fs::read(model)?)?;
    let pixels = pixels(model.spec(), image)?;
    let mut session = Session::new(model, ExecutorChoice::Auto)?;
    // The number of the image in its set, by which a VIB draws its codes.
    let [seen] = &session.classify(&pixels, [0])?[..] else { return Err("that is not one image".into()) };
    let found = &seen.found;

    let spec = session.model().spec();
    let mut text = format!("{}, {}\n", session.model().card().title, session.executor().describe());
    for (k, (name, probability)) in spec.classes().iter().zip(&found.posterior.probabilities).enumerate() {
        let mark = if k == found.prediction { "  <" } else { "" };
        text += &format!("{name:>12} {:6.2} %{mark}\n", 100.0 * probability);
    }
    // Only a model with a mixture has a density.
    if let Some(density) = &found.density {
        let bits = session.model().bits_per_dim(density.l_x);
        text += &format!("{:.3} bits/dim\n", bits.correct);
    }
    Ok(text)
}

/// Pixels in [0, 1] of the image in a file, or of a drawn digit.
fn pixels(spec: &ModelSpec, image: Option<&Path>) -> Result<Vec<f32>, Box<dyn Error>> {
    let bytes = match image {
        Some(path) => std::fs::read(path)?,
        None => synthetic::draw(Alphabet::Digits, Split::Test, 0, 7).pixels.to_vec(),
    };
    if bytes.len() != spec.dims() {
        return Err(format!("the image has {} bytes, the model takes {}", bytes.len(), spec.dims()).into());
    }
    Ok(bytes.iter().map(|&byte| f32::from(byte) / 255.0).collect())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_drawn_digit_and_the_same_from_a_file_are_classified() {
        let model =
            Path::new(env!("CARGO_MANIFEST_DIR")).join("www/public/models/digits-gamma-1.safetensors");
        let drawn = classify(&model, None).unwrap();
        let marked = drawn.lines().find(|line| line.ends_with('<')).unwrap();
        assert!(marked.trim_start().starts_with("7 ") && drawn.ends_with("bits/dim\n"), "{drawn}");
        let file = std::env::temp_dir().join(format!("ibinn-example-{}.raw", std::process::id()));
        std::fs::write(&file, synthetic::draw(Alphabet::Digits, Split::Test, 0, 7).pixels).unwrap();
        let read = classify(&model, Some(&file)).unwrap();
        std::fs::write(&file, [0; 3]).unwrap();
        let refused = classify(&model, Some(&file)).unwrap_err().to_string();
        std::fs::remove_file(&file).unwrap();
        assert_eq!(read, drawn);
        assert_eq!(refused, "the image has 3 bytes, the model takes 784");
    }
}
