//! Whether an image is like those that a model was trained on: the relative Mahalanobis distance of its latent, and
//! conformal p-values of it (method §3.6). Everything here is computed in f64.

mod conformal;
mod discriminants;
mod scatter;
mod tensors;

use conformal::Table;
pub use discriminants::Discriminants;
pub(crate) use tensors::PREFIX;

use crate::{Error, Result};

/// At p-values up to this an image is [`Verdict::Unusual`].
pub const UNUSUAL: f64 = 0.05;
/// At p-values up to this an image is [`Verdict::NoneOfThese`].
pub const NONE_OF_THESE: f64 = 0.01;

/// Scores that the pooled p-value is taken of, at most: it then comes in steps of 0.1 %.
const POOLED: usize = 999;
/// Scores of each class that its p-value is taken of, at most: steps of 1 %.
const OF_A_CLASS: usize = 99;
/// Of so many images of a class, one is set aside from the fit, for the p-values.
const SET_ASIDE: usize = 4;

/// What a p-value says of an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// p above 5 %: as the training images are.
    Ordinary,
    /// p of 5 % and below: so are 5 % of the images that are like those of the training.
    Unusual,
    /// p of 1 % and below: so is 1 % of them.
    NoneOfThese,
}

impl Verdict {
    /// That of a pooled p-value.
    pub fn of(p: f64) -> Self {
        if p <= NONE_OF_THESE {
            Self::NoneOfThese
        } else if p <= UNUSUAL {
            Self::Unusual
        } else {
            Self::Ordinary
        }
    }

    /// Its name for programs: `ordinary`, `unusual` or `none-of-these`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Unusual => "unusual",
            Self::NoneOfThese => "none-of-these",
        }
    }
}

/// How novel an image is.
#[derive(Clone, Debug, PartialEq)]
pub struct Novelty {
    /// The relative Mahalanobis distance r = min_y r_y: the larger, the more novel.
    pub score: f64,
    /// The pooled p-value: share of images like the training images that are at least as novel, in (0, 1].
    pub p: f64,
    /// One a class, p_y: the share of its images that are at least as far from it, in (0, 1].
    pub class_p: Vec<f64>,
    /// One a class: distance |u − v_y| from its mean along the discriminants, in standard deviations within classes. The
    /// images of a class lie at about the square root of the number of discriminants.
    pub distances: Vec<f64>,
}

impl Novelty {
    /// What the pooled p-value says.
    pub fn verdict(&self) -> Verdict {
        Verdict::of(self.p)
    }

    /// Why: which class is nearest, and whether it is near.
    pub fn why(&self) -> Why {
        let nearer = |best: usize, y: usize| if self.distances[y] < self.distances[best] { y } else { best };
        let nearest = (0..self.distances.len()).fold(0, nearer);
        Why {
            nearest,
            distance: self.distances[nearest],
            p: self.class_p[nearest],
            all_far: self.class_p.iter().all(|&p| p <= UNUSUAL),
        }
    }

    /// The classes y with p_y > `alpha`: they hold the true one of an image like the training images with a probability of
    /// at least 1 − `alpha`.
    pub fn set(&self, alpha: f64) -> Vec<usize> {
        (0..self.class_p.len()).filter(|&y| self.class_p[y] > alpha).collect()
    }
}

/// What a verdict is seen by.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Why {
    /// The class whose mean is nearest.
    pub nearest: usize,
    /// Its distance, see [`Novelty::distances`].
    pub distance: f64,
    /// Its p-value.
    pub p: f64,
    /// Whether the image is farther from every class than 95 % of the class's own images.
    pub all_far: bool,
}

/// What tells novel images: discriminants of the latents, and the scores of training images that they were not fitted to.
#[derive(Clone, Debug, PartialEq)]
pub struct Detector {
    discriminants: Discriminants,
    pooled: Table,
    /// One a class.
    by_class: Vec<Table>,
}

impl Detector {
    /// Fits the discriminants to three of four images of each class, and takes the p-values from the others. `latents` are
    /// rows of `dims` numbers, one a label; the images should be in random order.
    ///
    /// # Errors
    /// [`Error::Input`] when the lengths do not fit, a class has fewer than four images, `dims` is beyond what
    /// [`Discriminants::fit`] takes, or the latents do not vary.
    pub fn fit(latents: &[f32], labels: &[usize], classes: usize, dims: usize) -> Result<Self> {
        check((latents, labels), classes, dims)?;
        let mut seen = vec![0usize; classes];
        let mut parts = [const { (Vec::new(), Vec::new()) }; 2];
        for (z, &label) in latents.chunks_exact(dims).zip(labels) {
            seen[label] += 1;
            let (latents, labels) = &mut parts[usize::from(seen[label].is_multiple_of(SET_ASIDE))];
            latents.extend_from_slice(z);
            labels.push(label);
        }
        if let Some(class) = seen.iter().position(|&count| count < SET_ASIDE) {
            let (count, least) = (seen[class], SET_ASIDE);
            return Err(Error::Input(format!(
                "class {class} has {count} images, novelty needs {least} of each"
            )));
        }
        let [(fitted, of_fitted), (aside, of_aside)] = parts;
        Self::fit_beside((fitted, &of_fitted), (&aside, &of_aside), classes, dims)
    }

    /// Fits the discriminants to latents with labels, and takes the p-values from others: both rows of `dims` numbers, one a
    /// label.
    ///
    /// # Errors
    /// [`Error::Input`] when the lengths do not fit, a class has none of the one or of the other, `dims` is beyond what
    /// [`Discriminants::fit`] takes, or the latents do not vary.
    pub fn fit_beside(
        (latents, labels): (Vec<f32>, &[usize]),
        (others, of_others): (&[f32], &[usize]),
        classes: usize,
        dims: usize,
    ) -> Result<Self> {
        check((&latents, labels), classes, dims)?;
        check((others, of_others), classes, dims)?;
        if let Some(class) = (0..classes).find(|class| !of_others.contains(class)) {
            return Err(Error::Input(format!("class {class} has no image to take p-values from")));
        }
        let discriminants = Discriminants::fit(latents, labels, classes, dims)?;
        let distances = others.chunks_exact(dims).map(|z| discriminants.relative_distances(z));
        let scores = distances.zip(of_others.iter().copied()).collect();
        Ok(Self::calibrated(discriminants, scores))
    }

    /// How many images with these labels [`fit`](Self::fit) sets aside.
    pub fn set_aside(labels: &[usize]) -> usize {
        is_set_aside(labels).filter(|set_aside| *set_aside).count()
    }

    /// Takes the p-values from relative distances r_y of images that the discriminants were not fitted to, with labels;
    /// at least one of each class.
    pub(crate) fn calibrated(discriminants: Discriminants, scores: Vec<(Vec<f64>, usize)>) -> Self {
        let of_class = |class: usize| -> Vec<f64> {
            scores.iter().filter(|(_, label)| *label == class).map(|(r, _)| r[class]).collect()
        };
        let by_class: Vec<Vec<f64>> = (0..discriminants.classes()).map(of_class).collect();
        // As many of each, so that they are one tensor.
        let most = by_class.iter().map(Vec::len).min().unwrap_or(0).min(OF_A_CLASS);
        Self {
            pooled: Table::new(scores.iter().map(|(r, _)| least(r)).collect(), POOLED),
            by_class: by_class.into_iter().map(|scores| Table::new(scores, most)).collect(),
            discriminants,
        }
    }

    /// The discriminants.
    pub fn discriminants(&self) -> &Discriminants {
        &self.discriminants
    }

    /// Numbers D of a latent.
    pub fn dims(&self) -> usize {
        self.discriminants.dims()
    }

    /// Number K of classes.
    pub fn classes(&self) -> usize {
        self.by_class.len()
    }

    /// Number J of discriminants.
    pub fn len(&self) -> usize {
        self.discriminants.len()
    }

    /// Whether there is no discriminant.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How novel the image with the latent `z`, D numbers, is. What is not finite is as novel as can be.
    pub fn novelty(&self, z: &[f32]) -> Novelty {
        let u = self.discriminants.coordinates(z);
        let relative = self.discriminants.relative(&u);
        let score = least(&relative);
        Novelty {
            score,
            p: self.pooled.p_value(score),
            class_p: self.by_class.iter().zip(&relative).map(|(table, &r)| table.p_value(r)).collect(),
            distances: self.discriminants.distances(&u),
        }
    }
}

/// Refuses latents that do not have one label of a class each.
fn check((latents, labels): (&[f32], &[usize]), classes: usize, dims: usize) -> Result<()> {
    if latents.len() != labels.len() * dims || labels.iter().any(|&label| label >= classes) {
        return Err(Error::Input("each latent needs one label of a class".into()));
    }
    Ok(())
}

/// Whether each image is set aside: every fourth of its class.
fn is_set_aside(labels: &[usize]) -> impl Iterator<Item = bool> {
    let mut seen = vec![0usize; labels.iter().max().map_or(0, |most| most + 1)];
    labels.iter().map(move |&label| {
        seen[label] += 1;
        seen[label].is_multiple_of(SET_ASIDE)
    })
}

/// The least of some numbers; NaN where one is.
fn least(values: &[f64]) -> f64 {
    values.iter().copied().fold(f64::INFINITY, |best, v| if v < best || v.is_nan() { v } else { best })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::math::random::{Purpose, Stream};

    /// Latents of three classes in ten dimensions, drawn around (3, 0, …), (0, 3, …) and (0, 0, 3, …).
    pub(super) fn drawn(count: usize, index: u64) -> (Vec<f32>, Vec<usize>) {
        let mut stream = Stream::new(8, Purpose::Test, index);
        let labels: Vec<usize> = (0..count).map(|_| stream.below(3)).collect();
        let at = |label: usize, i: usize| if i == label { 3.0 } else { 0.0 };
        let latent = |&label: &usize| -> Vec<f32> {
            (0..10).map(|i| (at(label, i) + stream.normal()) as f32).collect()
        };
        (labels.iter().flat_map(latent).collect(), labels)
    }

    #[test]
    fn verdicts_follow_from_the_p_value() {
        let verdicts = [0.05001, 0.05, 0.01001, 0.01, 0.001].map(Verdict::of);
        use Verdict::{NoneOfThese, Ordinary, Unusual};
        assert_eq!(verdicts, [Ordinary, Unusual, Unusual, NoneOfThese, NoneOfThese]);
    }

    #[test]
    fn false_alarms_and_coverage_are_what_they_say() {
        let (latents, labels) = drawn(20_000, 0);
        let detector = Detector::fit(&latents, &labels, 3, 10).unwrap();
        assert_eq!((detector.dims(), detector.len()), (10, 2));
        let (latents, labels) = drawn(20_000, 1);
        let found: Vec<Novelty> = latents.chunks(10).map(|z| detector.novelty(z)).collect();
        for alpha in [0.01, 0.05, 0.1] {
            // The share of test images is binomial, and the threshold comes from 4,999 images, or 1,599 of a class: four
            // standard deviations of both.
            let within = |share: f64, of: f64| {
                let four = 4.0 * (alpha * (1.0 - alpha) * (1.0 / 20_000.0 + 1.0 / of)).sqrt();
                assert!((share - alpha).abs() < four, "{share} instead of {alpha}");
            };
            let alarms = found.iter().filter(|novelty| novelty.p <= alpha).count();
            within(alarms as f64 / 20_000.0, 4_999.0);
            let missed = found.iter().zip(&labels).filter(|(n, label)| !n.set(alpha).contains(label)).count();
            within(missed as f64 / 20_000.0, 4_999.0);
        }
    }

    #[test]
    fn what_lies_between_the_classes_is_none_of_them_and_what_is_no_number_too() {
        let (latents, labels) = drawn(4_000, 0);
        let detector = Detector::fit(&latents, &labels, 3, 10).unwrap();
        let usual = detector.novelty(&latents[..10]);
        assert_eq!(usual.verdict(), Verdict::Ordinary);
        assert!(!usual.why().all_far);
        assert_eq!(usual.why().nearest, labels[0]);
        let mut z = [0.0f32; 10];
        z[0] = -3.0;
        z[1] = -3.0;
        z[2] = -3.0;
        let mut far = z;
        far[0] = 40.0;
        for z in [far, [f32::NAN; 10], [f32::INFINITY; 10]] {
            let novelty = detector.novelty(&z);
            assert_eq!((novelty.verdict(), novelty.p), (Verdict::NoneOfThese, 0.001), "{z:?}");
            assert!(novelty.why().all_far);
            assert!(novelty.set(0.05).is_empty());
        }
    }

    #[test]
    fn p_values_can_come_from_images_that_are_given() {
        let ((fitted, of_fitted), (others, of_others)) = (drawn(3_000, 0), drawn(999, 1));
        let detector =
            Detector::fit_beside((fitted.clone(), &of_fitted), (&others, &of_others), 3, 10).unwrap();
        // All of them are in the table: the most novel one has the smallest p-value but one.
        let mut p: Vec<f64> = others.chunks(10).map(|z| detector.novelty(z).p).collect();
        p.sort_by(f64::total_cmp);
        for (i, p) in p.into_iter().enumerate() {
            assert!((p - (i + 2) as f64 / 1000.0).abs() < 2.5e-3, "{i}: {p}");
        }
        let problem = Detector::fit_beside((fitted, &of_fitted), (&others[..10], &of_others[..1]), 3, 10);
        let problem = problem.unwrap_err().to_string();
        assert!(problem.contains("has no image to take p-values from"), "{problem}");
    }

    #[test]
    fn refuses_what_does_not_fit() {
        let problem = |labels: &[usize]| {
            Detector::fit(&vec![0.5; 2 * labels.len()], labels, 2, 2).unwrap_err().to_string()
        };
        assert_eq!(problem(&[0, 0, 0, 0, 1, 1, 1]), "class 1 has 3 images, novelty needs 4 of each");
        assert_eq!(problem(&[0, 0, 0, 0, 1, 1, 1, 2]), "each latent needs one label of a class");
        assert!(problem(&[0, 0, 0, 0, 1, 1, 1, 1]).contains("do not vary"));
    }
}
