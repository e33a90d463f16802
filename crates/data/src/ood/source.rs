//! Naming an out-of-distribution set, and loading it.

use std::path::PathBuf;

use ibinn::ModelSpec;
use ibinn::image::RgbRotation;
use ibinn::spec::Shape;

use super::altered::Alteration;
use super::{Distance, Finish, OodSet, files, in_shape};
use crate::{DataDir, Dataset, DatasetInfo, Files, REGISTRY, Split, load};
use crate::{Error, Result};

/// Standard deviation of the noise of the published tables, in units of [0, 1].
const NOISE: f64 = 0.015;
/// Sets that are a folder of the data folder.
const FOLDERS: [&str; 2] = ["quickdraw", "natural32"];

/// What an out-of-distribution set is made of.
#[derive(Clone, Debug, PartialEq)]
pub struct Source {
    name: String,
    kind: Kind,
    distance: Option<Distance>,
}

#[derive(Clone, Debug, PartialEq)]
enum Kind {
    /// The test images with their colours rotated.
    Rotated(RgbRotation),
    /// The test images with noise of this standard deviation.
    Noisy(f64),
    /// The test images with another change.
    Altered(Alteration),
    /// The test images of a data set.
    Registered(&'static DatasetInfo),
    /// A file or folder.
    Path(PathBuf),
}

/// Names of the sets that need no files, for a model that takes images as `spec` says; none of `datasets`, which it was
/// trained on or is evaluated on.
pub fn without_files(spec: &ModelSpec, datasets: &[&str]) -> Vec<String> {
    let Shape { channels, height, width } = spec.input_shape();
    let rotation = (channels == 3).then_some("rgb-rotation");
    let drawn = REGISTRY.iter().filter(|known| {
        let is_drawn = matches!(known.files, Files::Drawn { .. });
        is_drawn && known.shape == [channels, height, width] && !datasets.contains(&known.name)
    });
    rotation.into_iter().chain(["noise"]).chain(drawn.map(|known| known.name)).map(String::from).collect()
}

impl Source {
    /// The sets called `names`, each as [`new`](Self::new) finds it.
    ///
    /// # Errors
    /// As [`new`](Self::new), and when a set is named twice.
    pub fn all(names: &[String], data_dir: &DataDir) -> Result<Vec<Self>> {
        let mut sources: Vec<Self> = Vec::new();
        for name in names {
            let source = Self::new(name, data_dir)?;
            match sources.iter().find(|other| other.is_same(&source)) {
                Some(same) if same.name == *name => {
                    return Err(Error::Usage(format!("--ood has {name} twice")));
                }
                Some(same) => {
                    return Err(Error::Usage(format!("--ood has one set twice: {} and {name}", same.name)));
                }
                None => sources.push(source),
            }
        }
        Ok(sources)
    }

    /// The set called `name`: `rgb-rotation` or `noise`, with `:` and their strength or as published; `quarter-turn`, `inverted` or
    /// `half-occluded`; `quickdraw` or `natural32`, folders of the data folder; a data set; or the path of a file or folder.
    ///
    /// # Errors
    /// [`Error::Usage`] when the strength cannot be, or when there is no such set and no such file.
    pub fn new(name: &str, data_dir: &DataDir) -> Result<Self> {
        if let Some(alteration) = Alteration::named(name) {
            return Ok(Self { name: name.into(), kind: Kind::Altered(alteration), distance: None });
        }
        let (word, strength) = match name.split_once(':') {
            Some((word, strength)) => (word, Some(strength)),
            None => (name, None),
        };
        let number = |default: f64| match strength.map(str::parse) {
            None => Ok(default),
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) => Err(Error::Usage(format!("--ood: the strength in `{name}` is no number"))),
        };
        let known = REGISTRY.iter().find(|known| known.name == name);
        let kind = match (word, known) {
            ("rgb-rotation", _) => {
                let strength = number(RgbRotation::PUBLISHED)?;
                Kind::Rotated(RgbRotation::new(strength).map_err(Error::core)?)
            }
            ("noise", _) => {
                let sigma = number(NOISE)?;
                if !(sigma >= 0.0 && sigma.is_finite()) {
                    return Err(Error::Usage(format!("noise: the strength is {sigma}, must be 0 or more")));
                }
                Kind::Noisy(sigma)
            }
            (_, Some(known)) => Kind::Registered(known),
            _ if FOLDERS.contains(&name) => Kind::Path(data_dir.folder(name)),
            _ if PathBuf::from(name).exists() => Kind::Path(name.into()),
            _ => {
                let known = REGISTRY.iter().map(|known| known.name);
                let names: Vec<_> = ["rgb-rotation", "noise"]
                    .into_iter()
                    .chain(Alteration::NAMES)
                    .chain(FOLDERS)
                    .chain(known)
                    .collect();
                return Err(Error::Usage(format!(
                    "--ood: `{name}` is neither an out-of-distribution set ({}) nor a file or folder",
                    names.join(", ")
                )));
            }
        };
        Ok(Self { name: name.into(), kind, distance: None })
    }

    /// The folder of this name in the data folder.
    pub(super) fn folder(name: &str, data_dir: &DataDir) -> Self {
        Self { name: name.into(), kind: Kind::Path(data_dir.folder(name)), distance: None }
    }

    /// Whether both are of the same images.
    pub fn is_same(&self, other: &Self) -> bool {
        self.kind == other.kind
    }

    /// The same, known to be at this distance from what the model was trained on.
    #[must_use]
    pub fn at(self, distance: Distance) -> Self {
        Self { distance: Some(distance), ..self }
    }

    /// Loads the first `limit` images in the shape that `spec` takes. Sets made of the test images take those at
    /// `indices` of `test`. Noise, colours and order follow from `seed`.
    ///
    /// # Errors
    /// When a file is missing or damaged, or images do not fit the model.
    pub fn load(
        &self,
        spec: &ModelSpec,
        (test, indices): (&Dataset, &[usize]),
        data_dir: &DataDir,
        limit: usize,
        seed: u64,
    ) -> Result<OodSet> {
        let of_test = |about: String, finish: Finish| OodSet {
            name: self.name.clone(),
            about,
            distance: self.distance,
            paired: true,
            stored: test.image_len(),
            bytes: indices.iter().flat_map(|&i| test.image(i)).copied().collect(),
            finish,
        };
        match &self.kind {
            Kind::Rotated(_) if spec.input().channels != 3 => Err(Error::Usage(format!(
                "--ood {}: colours can be rotated where there are three, but the model takes images with {} channel",
                self.name,
                spec.input().channels
            ))),
            Kind::Rotated(rotation) => {
                let about = format!("{}, colours rotated by strength {}", test.name, rotation.strength());
                Ok(of_test(about, Finish::Rotated(*rotation)))
            }
            Kind::Noisy(sigma) => {
                let about = format!("{} with Gaussian noise of σ = {sigma}", test.name);
                Ok(of_test(about, Finish::Noisy { sigma: *sigma, seed, indices: indices.to_vec() }))
            }
            Kind::Altered(alteration) => {
                let mut set = of_test(format!("{}, {}", test.name, alteration.about()), Finish::Plain);
                set.bytes = set
                    .bytes
                    .chunks_exact(set.stored)
                    .flat_map(|image| alteration.apply(image, test.shape))
                    .collect();
                Ok(set)
            }
            Kind::Registered(known) => {
                let mut data = load(known.name, Split::Test, data_dir)?;
                data.truncate(limit);
                let Shape { channels, height, width } = spec.input_shape();
                let shape = [channels, height, width];
                let about = match data.shape == shape {
                    true => "its test images".into(),
                    false => format!("its test images, brought to {width}×{height}"),
                };
                let bytes = in_shape(data.images.to_bytes(), data.shape, shape);
                Ok(OodSet {
                    name: self.name.clone(),
                    about,
                    distance: self.distance,
                    paired: false,
                    stored: spec.dims(),
                    bytes,
                    finish: Finish::Plain,
                })
            }
            Kind::Path(path) => {
                let set = files::read(&self.name, path, spec, limit, seed)?;
                Ok(OodSet { distance: self.distance, ..set })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn::Preset;

    #[test]
    fn what_a_model_knows_is_no_default_set() {
        let of =
            |preset: Preset, datasets: &[&str]| without_files(&preset.spec().unwrap(), datasets).join(" ");
        assert_eq!(of(Preset::Tiny, &["builtin", "builtin"]), "noise builtin-letters");
        assert_eq!(of(Preset::Tiny, &["builtin-letters", "builtin"]), "noise");
        assert_eq!(of(Preset::Tiny, &["mnist", "mnist"]), "noise builtin builtin-letters");
        assert_eq!(of(Preset::Cifar10, &["cifar-10", "cifar-10"]), "rgb-rotation noise");
    }

    #[test]
    fn a_set_is_named_once() {
        let data_dir = DataDir::resolve(Some("/nonexistent".into())).unwrap();
        let all = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).into()).collect();
            Source::all(&names, &data_dir)
        };
        assert_eq!(all(&["noise", "noise:0.1", "kmnist", "builtin"]).unwrap().len(), 4);
        for (names, wanted) in [
            (["noise", "kmnist", "noise"], "--ood has noise twice"),
            (["noise", "kmnist", "noise:0.015"], "--ood has one set twice: noise and noise:0.015"),
            (["quickdraw", "kmnist", "quickdraw"], "--ood has quickdraw twice"),
        ] {
            assert_eq!(all(&names).unwrap_err().to_string(), wanted);
        }
    }
}
