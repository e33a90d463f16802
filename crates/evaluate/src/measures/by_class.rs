//! The error of each class, and which classes are taken for which.

use serde::{Deserialize, Serialize};

use super::arithmetic_mean;
use super::scores::TestScores;

/// How a model does on each class.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ByClass {
    /// Mean of the classes' errors in percent, over those with images: each class counts the same, however many images it
    /// has. None of no images.
    pub balanced_error: Option<f64>,
    /// Each class.
    pub classes: Vec<ClassError>,
    /// The confusion matrix without its zeros: images of a class by prediction, right ones included, ascending.
    pub confusion: Vec<Confusion>,
}

/// How a model does on one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassError {
    /// Its name.
    pub name: String,
    /// Number of test images.
    pub images: usize,
    /// Error in percent; none without images.
    pub error: Option<f64>,
}

/// An entry of the confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confusion {
    /// The class that the images are of.
    pub label: usize,
    /// The class that they are taken for.
    pub prediction: usize,
    /// How many.
    pub images: usize,
}

impl ByClass {
    /// That of the test images, for classes of these names.
    pub(super) fn new(test: &TestScores, names: &[String]) -> Self {
        let entries = |(label, row): (usize, Vec<usize>)| {
            let entry = move |(prediction, images)| Confusion { label, prediction, images };
            row.into_iter().enumerate().map(entry)
        };
        let all = test.confusion(names.len()).into_iter().enumerate().flat_map(entries);
        let confusion: Vec<Confusion> = all.filter(|entry| entry.images > 0).collect();
        let class = |(k, name): (usize, &String)| {
            let of = || confusion.iter().filter(move |entry| entry.label == k);
            let images: usize = of().map(|entry| entry.images).sum();
            let wrong: usize = of().filter(|entry| entry.prediction != k).map(|entry| entry.images).sum();
            let error = (images > 0).then(|| 100.0 * wrong as f64 / images as f64);
            ClassError { name: name.clone(), images, error }
        };
        let classes: Vec<ClassError> = names.iter().enumerate().map(class).collect();
        let errors: Vec<f64> = classes.iter().filter_map(|class| class.error).collect();
        Self { balanced_error: arithmetic_mean(&errors), classes, confusion }
    }

    /// The wrong entries of the confusion matrix, the most frequent first.
    pub fn mistakes(&self) -> Vec<Confusion> {
        let mut mistakes: Vec<Confusion> =
            self.confusion.iter().copied().filter(|entry| entry.label != entry.prediction).collect();
        mistakes.sort_by_key(|entry| (std::cmp::Reverse(entry.images), entry.label, entry.prediction));
        mistakes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_class_counts_the_same_in_the_balanced_error() {
        let test = TestScores {
            labels: vec![0, 0, 0, 0, 1, 1],
            predicted: vec![0, 0, 0, 1, 0, 1],
            ..TestScores::default()
        };
        let names = ["cat", "cow", "dog"].map(String::from);
        let found = ByClass::new(&test, &names);
        let errors: Vec<_> = found.classes.iter().map(|class| (class.images, class.error)).collect();
        assert_eq!(errors, [(4, Some(25.0)), (2, Some(50.0)), (0, None)]);
        assert_eq!(found.balanced_error, Some(37.5));
        let entry = |label, prediction, images| Confusion { label, prediction, images };
        assert_eq!(found.confusion, [entry(0, 0, 3), entry(0, 1, 1), entry(1, 0, 1), entry(1, 1, 1)]);
        assert_eq!(found.mistakes(), [entry(0, 1, 1), entry(1, 0, 1)]);
        assert_eq!(ByClass::new(&TestScores::default(), &names).balanced_error, None);
    }
}
