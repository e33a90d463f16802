//! What a group of images says of the next step.

use super::linear::code_noise;
use super::terms::Terms;
use super::{Batch, Dropout, Net, Step};
use crate::Method;
use crate::head::posterior::smooth_label;

/// The loss of a group of images, which batch-norm normalises together, and its gradient.
///
/// A batch is one group, or several whose slopes are [averaged](Self::mean) in order: a batch-norm of each group by itself
/// (method §11.1). So several workers can share a batch, and what comes out does not depend on their number.
#[derive(Clone, Debug, PartialEq)]
pub struct Slope {
    /// The loss and its terms.
    pub terms: Terms,
    /// In the layout of the parameters: the gradient of all that is trained and, in the place of running statistics, those of
    /// the group.
    pub numbers: Vec<f32>,
}

impl Slope {
    /// That of normalised images x′, N×C×H×W, with their labels, at the parameters `values`. Its numbers lie in `buffer`, of
    /// the length of the layout or none.
    pub fn of(
        net: &Net,
        values: &[f32],
        (images, labels): (&[f32], &[u16]),
        step: &Step,
        mut buffer: Vec<f32>,
    ) -> Self {
        let classes = net.spec().classes().len();
        let targets: Vec<f64> = labels
            .iter()
            .flat_map(|&label| smooth_label(usize::from(label), classes, step.label_smoothing))
            .collect();
        let Dropout { seed, step: number, .. } = step.dropout;
        let noise = match step.method {
            Method::Vib { .. } => code_noise(seed, number, labels.len()),
            _ => Vec::new(),
        };
        let batch = Batch { images, targets: &targets, noise: &noise };
        buffer.resize(net.layout().len(), 0.0);
        let descent = net.descent(values, batch, step.method, Some(&step.dropout), &mut buffer, false);
        for (range, statistics) in descent.statistics {
            buffer[range].copy_from_slice(&statistics);
        }
        Self { terms: descent.terms, numbers: buffer }
    }

    /// The mean of the slopes of groups of as many images each, added up in order; none of none.
    pub fn mean(slopes: Vec<Self>) -> Option<Self> {
        let terms: Vec<Terms> = slopes.iter().map(|slope| slope.terms).collect();
        let share = 1.0 / slopes.len() as f32;
        let numbers = slopes.into_iter().map(|slope| slope.numbers).reduce(|mut sum, next| {
            sum.iter_mut().zip(next).for_each(|(sum, v)| *sum += v);
            sum
        });
        let mut numbers = numbers?;
        numbers.iter_mut().for_each(|v| *v *= share);
        Some(Self { terms: Terms::mean(&terms), numbers })
    }

    /// The loss and its terms as numbers, for another worker: a loss on a mixture has five of them.
    pub fn terms_as_numbers(&self) -> [f64; 5] {
        let Terms { loss, l_x, l_y, class_nll, kl: _, accuracy } = self.terms;
        [loss, l_x.unwrap_or(f64::NAN), l_y, class_nll.unwrap_or(f64::NAN), accuracy]
    }

    /// The slope on a mixture of which [`terms_as_numbers`](Self::terms_as_numbers) gave the terms; none when they are not
    /// five.
    pub fn from_parts(terms: &[f64], numbers: Vec<f32>) -> Option<Self> {
        let &[loss, l_x, l_y, class_nll, accuracy] = terms else { return None };
        let terms = Terms { loss, l_x: Some(l_x), l_y, class_nll: Some(class_nll), kl: None, accuracy };
        Some(Self { terms, numbers })
    }
}
