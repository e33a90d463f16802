//! The numbers that are measured of one draw of images, each by its name.

use super::bootstrap::{Bootstrap, Estimate, Group};

/// What is measured of a test set and of out-of-distribution sets: `T` is a number of one draw, or its estimate.
pub(super) struct Measured<T> {
    pub error: T,
    pub l_x: T,
    pub l_y: T,
    pub entropy: T,
    /// In each binning.
    pub calibration: [Errors<T>; 2],
    pub overconfidence: T,
    /// Of each out-of-distribution set.
    pub sets: Vec<Detection<T>>,
    /// Over the sets.
    pub average: Detection<T>,
}

/// The calibration errors.
#[derive(Clone, Copy)]
pub(super) struct Errors<T> {
    pub ece: T,
    pub mce: T,
    pub ice: T,
    pub geo: T,
}

/// How an out-of-distribution set is told from the test set.
#[derive(Clone, Copy)]
pub(super) struct Detection<T> {
    pub entropy_increase: T,
    pub typicality_auc: T,
    pub one_tailed_auc: T,
}

impl<T: Copy> Measured<T> {
    /// The same of something else, `f` of each in turn. What comes first is the same for every `f`.
    fn map<U>(&self, mut f: impl FnMut(T) -> U) -> Measured<U> {
        let (error, l_x, l_y, entropy) = (f(self.error), f(self.l_x), f(self.l_y), f(self.entropy));
        let calibration = self.calibration.map(|errors| Errors {
            ece: f(errors.ece),
            mce: f(errors.mce),
            ice: f(errors.ice),
            geo: f(errors.geo),
        });
        let overconfidence = f(self.overconfidence);
        let mut detection = |set: &Detection<T>| Detection {
            entropy_increase: f(set.entropy_increase),
            typicality_auc: f(set.typicality_auc),
            one_tailed_auc: f(set.one_tailed_auc),
        };
        let sets = self.sets.iter().map(&mut detection).collect();
        let average = detection(&self.average);
        Measured { error, l_x, l_y, entropy, calibration, overconfidence, sets, average }
    }
}

/// Estimates what `measure` gives for the images drawn of each group.
pub(super) fn estimate(
    bootstrap: Bootstrap,
    groups: &[Group],
    measure: impl Fn(&[Vec<u32>]) -> Measured<Option<f64>> + Sync,
) -> Measured<Option<Estimate>> {
    let numbers = |drawn: &[Vec<u32>]| {
        let mut numbers = Vec::new();
        measure(drawn).map(|number| numbers.push(number));
        numbers
    };
    let mut estimates = bootstrap.estimate(groups, numbers).into_iter();
    // The order is that of `map` both ways.
    measure(&Group::whole(groups)).map(|_| estimates.next().flatten())
}
