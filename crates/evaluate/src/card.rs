//! What a model's card says of it: measured by the executors that also run in the page.

use ibinn::head::mixture::Mixture;
use ibinn::head::novelty::{NONE_OF_THESE, UNUSUAL};
use ibinn::session::blocking::Session;
use ibinn::session::{Centre, Sampling};
use ibinn::{
    CalibrationBin, CalibrationCurve, Evaluation, LatentMap, Likelihood, Model, NoveltyDetection, OodRow,
    Projection, Typicality, Validation,
};

use crate::measures::calibration::{Bin, Binning};
use crate::measures::report::novelty_rows;
use crate::measures::scores::{DetectionScore, TestScores};
use crate::pass::{check_labels, ood_scores, test_scores};
use crate::{Error, Result};
use ibinn_data::ood::{OodSet, Source, without_files};
use ibinn_data::{DataDir, Dataset};

/// Images of an out-of-distribution set that a card is measured on, at most.
const OOD_IMAGES: usize = 2000;
/// Samples of each class that are looked at, and their temperature.
const SAMPLES: u64 = 20;
const TEMPERATURE: f64 = 0.7;
/// Classes whose confusion matrix a card holds, at most.
const CONFUSED: usize = 50;
/// Images that a latent map shows, at most.
const MAPPED: usize = 2000;

/// The out-of-distribution sets for a card: those called `names`, or without names those that need no files. Noise and
/// colours are drawn by seed 0.
///
/// # Errors
/// When there is no such set, one is named twice, or its files are missing or damaged or do not fit the model.
pub fn ood_sets(
    model: &Model,
    names: &[String],
    (data, indices): (&Dataset, &[usize]),
    data_dir: &DataDir,
) -> Result<Vec<OodSet>> {
    let spec = model.spec();
    let known = [model.card().training.dataset.as_str(), data.name.as_str()];
    let names = if names.is_empty() { without_files(spec, &known) } else { names.to_vec() };
    let test = &indices[..indices.len().min(OOD_IMAGES)];
    let load = |source: &Source| source.load(spec, (data, test), data_dir, test.len(), 0);
    Ok(Source::all(&names, data_dir)?.iter().map(load).collect::<ibinn_data::Result<_>>()?)
}

/// Measures a model on the images at `indices` of `data`, and on out-of-distribution sets.
///
/// # Errors
/// When the executor fails, the images do not fit the model, it maps one beyond all numbers, or there are too few: a
/// model with a likelihood needs two, any other one.
pub fn evaluate(
    session: &mut Session,
    (data, indices): (&Dataset, &[usize]),
    sets: &[OodSet],
    quiet: bool,
) -> Result<Evaluation> {
    check_labels(session.model(), data)?;
    let mut map = session.mixture().ok().map(Map::new);
    let test = test_scores(session, (data, indices), quiet, |i, latent| {
        if let Some(map) = &mut map {
            map.push(latent, usize::from(data.labels[i]));
        }
    })?;
    let ood = sets.iter().map(|set| ood_row(session, &test, set, quiet)).collect::<Result<_>>()?;
    let exploded = map.is_some().then(|| exploded(session)).transpose()?;
    let few = || Error::Usage("evaluating needs at least two images".into());
    let likelihood = |l_x: Vec<f64>| -> Result<Likelihood> {
        let typicality = Typicality::from_scores(&l_x).map_err(Error::core)?;
        let bits = session.model().bits_per_dim(typicality.mean);
        Ok(Likelihood {
            l_x: typicality.mean,
            bits_per_dim: bits.correct,
            bits_per_dim_tables: bits.tables,
            typicality,
        })
    };
    let classes = session.model().spec().classes().len();
    Ok(Evaluation {
        dataset: data.name.clone(),
        images: indices.len(),
        executor: session.executor().name().into(),
        error: 100.0 * test.share_wrong().ok_or_else(few)?,
        confusion: if classes <= CONFUSED { test.confusion(classes) } else { Vec::new() },
        l_y: test.mean_l_y().ok_or_else(few)?,
        likelihood: test.scores().l_x().map(likelihood).transpose()?,
        calibration: calibration(&test),
        novelty: novelty_rows(&test),
        ood,
        exploded,
        latent_map: map.map(|map| map.shown),
    })
}

/// Measures a model on images of the training set that it was not trained on.
///
/// # Errors
/// When the executor fails, the images do not fit the model, it maps one beyond all numbers, or there is none.
pub fn validate(session: &mut Session, held_out: &Dataset, quiet: bool) -> Result<Validation> {
    check_labels(session.model(), held_out)?;
    let indices: Vec<usize> = (0..held_out.len()).collect();
    let found = test_scores(session, (held_out, &indices), quiet, |_, _| ())?;
    let none = || Error::Usage("validation needs an image".into());
    let mean = |l_x: Vec<f64>| l_x.iter().sum::<f64>() / l_x.len() as f64;
    let bits = found.scores().l_x().map(|l_x| session.model().bits_per_dim(mean(l_x)));
    Ok(Validation {
        images: held_out.len(),
        error: 100.0 * found.share_wrong().ok_or_else(none)?,
        l_y: found.mean_l_y().ok_or_else(none)?,
        bits_per_dim: bits.as_ref().map(|bits| bits.correct),
        bits_per_dim_tables: bits.as_ref().map(|bits| bits.tables),
        temperature: found.best_temperature(),
    })
}

/// A latent map that is being made.
struct Map {
    plane: Projection,
    shown: LatentMap,
}

impl Map {
    fn new(mixture: &Mixture) -> Self {
        let plane = mixture.projection();
        let means = (0..mixture.classes()).map(|class| plane.project(mixture.mean(class)).map(rounded));
        let shown = LatentMap { x: Vec::new(), y: Vec::new(), labels: Vec::new(), means: means.collect() };
        Self { plane, shown }
    }

    /// Takes the next image, unless there are enough.
    fn push(&mut self, latent: &[f32], label: usize) {
        if self.shown.labels.len() < MAPPED {
            let [x, y] = self.plane.project(latent);
            self.shown.x.push(rounded(x));
            self.shown.y.push(rounded(y));
            self.shown.labels.push(label);
        }
    }
}

/// Share of samples of all classes, drawn as figures draw them, that explode: in percent.
fn exploded(session: &mut Session) -> Result<f64> {
    let sampling = Sampling { centre: Centre::EmpiricalMean, temperature: TEMPERATURE, seed: 0 };
    let classes = session.model().spec().classes().len();
    let draws = (0..classes).flat_map(|class| (0..SAMPLES).map(move |number| (class, number)));
    let z = session.draw(&sampling, draws).map_err(Error::core)?;
    let pixels = session.decode_as_is(&z).map_err(Error::core)?;
    let found = session.explosions(&pixels).map_err(Error::core)?;
    Ok(100.0 * found.iter().flatten().count() as f64 / found.len() as f64)
}

fn ood_row(session: &mut Session, test: &TestScores, set: &OodSet, quiet: bool) -> Result<OodRow> {
    let scores = ood_scores(session, set, quiet)?;
    let [Some(entropy_increase), typicality_auc, _] = test.scores().against(&scores) else {
        return Err(Error::Usage(format!("--ood: `{}` has no image", set.name)));
    };
    let detected = test.scores().detection(&scores, DetectionScore::Novelty);
    let share = |alpha| scores.share_at(alpha).map(|share| 100.0 * share);
    let novelty = detected.zip(share(UNUSUAL)).zip(share(NONE_OF_THESE));
    Ok(OodRow {
        name: set.name.clone(),
        images: scores.len(),
        typicality_auc,
        entropy_increase,
        novelty: novelty.map(|((detected, unusual), none_of_these)| NoveltyDetection {
            auroc: 100.0 * detected.auroc,
            fpr95: 100.0 * detected.fpr95,
            unusual,
            none_of_these,
        }),
    })
}

/// None when there are too few images for any bin to count.
fn calibration(test: &TestScores) -> Option<CalibrationCurve> {
    let (bins, errors) = test.calibration(Binning::Repo);
    let errors = errors?;
    let bin = |bin: &Bin| CalibrationBin {
        centre: bin.centre(),
        accuracy: (bin.count > 0).then(|| bin.correct as f64 / bin.count as f64),
        count: bin.count,
    };
    Some(CalibrationCurve {
        ece: 100.0 * errors.ece,
        mce: 100.0 * errors.mce,
        ice: 100.0 * errors.ice,
        bins: bins.iter().map(bin).collect(),
    })
}

/// To two decimals, which a picture cannot show; never −0.
fn rounded(value: f64) -> f64 {
    (value * 100.0).round() / 100.0 + 0.0
}
