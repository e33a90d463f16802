//! A detector as tensors of a model file.

use std::collections::BTreeMap;

use super::conformal::Table;
use super::{Detector, Discriminants};
use crate::model::container::{Array, Dtype};
use crate::{Error, Result};

/// What the names of a detector's tensors begin with.
pub(crate) const PREFIX: &str = "novelty.";

const DIRECTIONS: &str = "novelty.discriminants";
const CENTRE: &str = "novelty.centre";
const POSITIONS: &str = "novelty.positions";
const SEPARATIONS: &str = "novelty.separations";
const POOLED: &str = "novelty.scores";
const BY_CLASS: &str = "novelty.class_scores";

impl Detector {
    /// Reads the detector of a model with `classes` classes and latents of `dims` numbers; none where there is no tensor.
    ///
    /// # Errors
    /// [`Error::Tensor`] names the tensor that is missing, superfluous, of another type or shape, not finite or not
    /// ascending.
    pub(crate) fn from_arrays(
        mut arrays: BTreeMap<String, Array>,
        classes: usize,
        dims: usize,
    ) -> Result<Option<Self>> {
        if arrays.is_empty() {
            return Ok(None);
        }
        let mut take = |name: &str, fits: &dyn Fn(&[usize]) -> bool, wanted: &str| -> Result<Array> {
            let array = arrays.remove(name).ok_or_else(|| Error::tensor(name, "is missing"))?;
            if array.dtype != Dtype::F32 {
                return Err(Error::tensor(name, format!("has the type {:?}, must be F32", array.dtype)));
            }
            if !fits(&array.shape) {
                return Err(Error::tensor(name, format!("has shape {:?}, must be {wanted}", array.shape)));
            }
            match array.to_f32().iter().position(|v| !v.is_finite()) {
                Some(position) => {
                    Err(Error::tensor(name, format!("holds no finite number at index {position}")))
                }
                None => Ok(array),
            }
        };
        let separations = take(SEPARATIONS, &|found| found.len() == 1 && found[0] > 0, "[discriminants]")?;
        let axes = separations.shape[0];
        let mut fixed = |name: &str, shape: &[usize]| -> Result<Vec<f64>> {
            Ok(to_f64(&take(name, &|found| found == shape, &format!("{shape:?}"))?))
        };
        let discriminants = Discriminants {
            directions: fixed(DIRECTIONS, &[axes, dims])?,
            centre: fixed(CENTRE, &[axes])?,
            positions: fixed(POSITIONS, &[classes, axes])?,
            separations: to_f64(&separations),
        };
        let pooled = take(POOLED, &|found| found.len() == 1 && found[0] > 0, "[scores]")?;
        let by_class = take(
            BY_CLASS,
            &|found| found.len() == 2 && found[0] == classes && found[1] > 0,
            "[classes, scores]",
        )?;
        if let Some(name) = arrays.keys().next() {
            return Err(Error::tensor(name, "does not belong to this architecture"));
        }
        let width = by_class.shape[1];
        let by_class = to_f64(&by_class);
        let table = |name: &str, scores: &[f64]| {
            if scores.is_sorted() {
                Ok(Table::of(scores.to_vec()))
            } else {
                Err(Error::tensor(name, "holds scores that do not ascend"))
            }
        };
        Ok(Some(Self {
            discriminants,
            pooled: table(POOLED, &to_f64(&pooled))?,
            by_class: by_class
                .chunks_exact(width)
                .map(|scores| table(BY_CLASS, scores))
                .collect::<Result<_>>()?,
        }))
    }

    /// Its tensors.
    pub(crate) fn arrays(&self) -> [(&'static str, Array); 6] {
        let Discriminants { directions, centre, positions, separations } = &self.discriminants;
        let (axes, dims, classes) = (self.len(), self.dims(), self.by_class.len());
        let by_class: Vec<f64> = self.by_class.iter().flat_map(|table| table.scores()).copied().collect();
        let array = |shape: &[usize], values: &[f64]| {
            Array::f32(shape, &values.iter().map(|&v| v as f32).collect::<Vec<_>>())
        };
        [
            (DIRECTIONS, array(&[axes, dims], directions)),
            (CENTRE, array(&[axes], centre)),
            (POSITIONS, array(&[classes, axes], positions)),
            (SEPARATIONS, array(&[axes], separations)),
            (POOLED, array(&[self.pooled.scores().len()], self.pooled.scores())),
            (BY_CLASS, array(&[classes, by_class.len() / classes], &by_class)),
        ]
    }
}

fn to_f64(array: &Array) -> Vec<f64> {
    array.to_f32().into_iter().map(f64::from).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tests::drawn;
    use super::*;

    fn detector() -> (Detector, BTreeMap<String, Array>) {
        let (latents, labels) = drawn(3000, 3);
        let detector = Detector::fit(&latents, &labels, 3, 10).unwrap();
        let arrays = detector.arrays().map(|(name, array)| (name.into(), array)).into();
        (detector, arrays)
    }

    #[test]
    fn what_is_read_is_what_was_written() {
        let (detector, arrays) = detector();
        assert_eq!(Detector::from_arrays(arrays, 3, 10).unwrap(), Some(detector));
        assert_eq!(Detector::from_arrays(BTreeMap::new(), 3, 10).unwrap(), None);
    }

    #[test]
    fn each_tensor_must_be_there_and_fit() {
        let (_, arrays) = detector();
        let problem = |change: &dyn Fn(&mut BTreeMap<String, Array>)| {
            let mut changed = arrays.clone();
            change(&mut changed);
            Detector::from_arrays(changed, 3, 10).unwrap_err().to_string()
        };
        for name in arrays.keys() {
            let missing = problem(&|arrays| drop(arrays.remove(name)));
            assert_eq!(missing, format!("tensor `{name}` is missing"));
            let other = problem(&|arrays| drop(arrays.insert(name.clone(), Array::f32(&[1, 1], &[0.0]))));
            assert!(other.contains("has shape [1, 1]"), "{other}");
            let integers = problem(&|arrays| drop(arrays.insert(name.clone(), Array::i32(&[1], &[0]))));
            assert!(integers.contains("must be F32"), "{integers}");
            let nothing = problem(&|arrays| {
                let mut values = arrays[name].to_f32();
                values[0] = f32::NAN;
                let shape = arrays[name].shape.clone();
                arrays.insert(name.clone(), Array::f32(&shape, &values));
            });
            assert_eq!(nothing, format!("tensor `{name}` holds no finite number at index 0"));
        }
        let more = problem(&|arrays| drop(arrays.insert("novelty.more".into(), Array::f32(&[1], &[0.0]))));
        assert!(more.contains("`novelty.more` does not belong"), "{more}");
        let falling = problem(&|arrays| drop(arrays.insert(POOLED.into(), Array::f32(&[2], &[1.0, 0.0]))));
        assert_eq!(falling, "tensor `novelty.scores` holds scores that do not ascend");
    }
}
