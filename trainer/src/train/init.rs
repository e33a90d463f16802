//! What a run begins with that begins with a model (`--init`): its weights, in training form again, under means for the classes of
//! the data set (method §11.2, §11.3).

use ibinn::head::mixture::initial_means;
use ibinn::head::novelty::Discriminants;
use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::Tensors;
use ibinn::spec::tensors::{LOG_WEIGHTS, MEANS};
use ibinn::training::unfolded;
use ibinn::{Architecture, ClassPrior, CpuExecutor, Model, ModelSpec};
use ibinn_data::{Dataset, Preparation, batch};
use ibinn_runs::config::{Config, PresetChoice, Settings};

use crate::error::{Error, Result};

/// Images that batch-norms are set apart by, and that the means of new classes come from, at most.
const IMAGES: usize = 4096;
/// Images that are run together.
const TOGETHER: usize = 128;

/// Gives `settings` that name no preset that of `model`, or its architecture where that is no preset's.
///
/// # Errors
/// [`Error::Usage`] when they name another architecture, or the model has no mixture.
pub fn adopt(settings: &mut Settings, model: &Model) -> Result<()> {
    let spec = model.spec();
    let method = settings.method.unwrap_or_default();
    if !spec.family().has_mixture() || method.family() != spec.family() {
        return Err(Error::Usage(format!(
            "--init begins with a model of the family ib-inn, for the methods ib-inn and class-nll: the model is a {}, and the \
             method {method}",
            spec.family().title()
        )));
    }
    let own = Architecture::from(spec);
    let wanted = match (settings.preset, &settings.architecture) {
        (None | Some(PresetChoice::Auto), Some(architecture)) => Some(architecture.clone()),
        (None | Some(PresetChoice::Auto), None) => None,
        (Some(PresetChoice::Named(preset)), _) => {
            Some(Architecture::from(&preset.spec().map_err(Error::core)?))
        }
    };
    if wanted.as_ref().is_some_and(|wanted| *wanted != own) {
        return Err(Error::Usage(
            "--init: the model has another architecture than the one that is asked for; leave out --preset to train on in its own"
                .into(),
        ));
    }
    if settings.preset.is_none() && settings.architecture.is_none() {
        let preset = model.card().training.preset.parse().ok();
        let fits = |preset: &PresetChoice| {
            let spec = preset.named().and_then(|preset| preset.spec().ok());
            spec.is_some_and(|spec| {
                Architecture::from(&spec) == own && spec.input_shape() == model.spec().input_shape()
            })
        };
        settings.preset = Some(preset.filter(fits).unwrap_or(PresetChoice::Auto));
    }
    if settings.preset == Some(PresetChoice::Auto) {
        settings.architecture = Some(own);
    }
    Ok(())
}

/// The architecture of `model` for the classes of `data`, and tensors in training form. Images stay normalised as the model takes
/// them.
///
/// Where the model knows all classes by name, their means are its own; else all means are those by which linear discriminant
/// analysis tells the classes apart in its latents, and of latents with more than 4096 dimensions the class means. Means that are
/// frozen at a distance begin there.
///
/// # Errors
/// [`Error::Usage`] when the images have another shape than those that the model takes.
pub fn start(config: &Config, model: &Model, data: &Dataset) -> Result<(ModelSpec, Tensors)> {
    data.check_shape(model.spec(), "the model of --init")?;
    let input = model.spec().input();
    let spec = model.spec().for_data(data.class_names.clone(), input.mean.clone(), input.std.clone());
    let spec =
        spec.and_then(|spec| spec.with_class_prior(config.model.class_prior())).map_err(Error::core)?;
    let preparation = preparation(config, &spec);
    let mut order = Stream::new(config.seed, Purpose::MeanImages, 0).permutation(data.len());
    order.truncate(IMAGES);
    let indices: Vec<usize> = order.into_iter().map(|i| i as usize).collect();
    let images = |chunk: &[usize]| batch(data, chunk, u64::from(u32::MAX), config.seed, &preparation);
    let mut tensors = unfolded(model, indices.chunks(TOGETHER).map(images));
    let (classes, dims) = (spec.classes().len(), spec.dims());
    let means = match (config.model.method().frozen_means(), known(model, spec.classes())?) {
        (Some(distance), _) => initial_means(classes, dims, distance),
        (None, Some(means)) => means,
        (None, None) => {
            let executor = CpuExecutor::<f32>::new(model);
            let mut latents = Vec::new();
            for chunk in indices.chunks(TOGETHER) {
                latents.extend(executor.encode(&images(chunk)).map_err(Error::core)?.z);
            }
            let labels: Vec<usize> = indices.iter().map(|&i| usize::from(data.labels[i])).collect();
            from_latents(latents, &labels, (classes, dims))
        }
    };
    tensors.insert(MEANS.into(), means);
    weigh_classes(&mut tensors, &spec, data);
    Ok((spec, tensors))
}

/// Sets the weights of a mixture, where it has any, to how frequent the classes are in `data`, or to equal ones from which they are
/// learned. A class without an image counts as one with one.
pub(super) fn weigh_classes(tensors: &mut Tensors, spec: &ModelSpec, data: &Dataset) {
    let mut counts = vec![0u32; spec.classes().len()];
    data.labels.iter().for_each(|&label| counts[usize::from(label)] += 1);
    let share = |count: u32| f64::from(count.max(1)) / data.len() as f64;
    let weights: Vec<f64> = match spec.class_prior() {
        ClassPrior::Uniform => return,
        ClassPrior::Counts => counts.into_iter().map(|count| share(count).ln()).collect(),
        ClassPrior::Learned => vec![0.0; counts.len()],
    };
    tensors.insert(LOG_WEIGHTS.into(), weights);
}

/// What is done to the training images of a network of `spec`.
pub(super) fn preparation(config: &Config, spec: &ModelSpec) -> Preparation {
    Preparation {
        augment: config.augment,
        dequantize: config.dequantize,
        sigma: config.noise as f32,
        mean: spec.input().mean.clone(),
        std: spec.input().std.clone(),
    }
}

/// The model's means of `classes`, (K, D); none where it does not know them all by name.
fn known(model: &Model, classes: &[String]) -> Result<Option<Vec<f64>>> {
    let means = model.means().map_err(Error::core)?;
    let dims = model.spec().dims();
    let place = |name: &String| model.spec().classes().iter().position(|own| own == name);
    let Some(places) = classes.iter().map(place).collect::<Option<Vec<usize>>>() else { return Ok(None) };
    let mean = |k: usize| means[k * dims..][..dims].iter().map(|&v| f64::from(v));
    Ok(Some(places.into_iter().flat_map(mean).collect()))
}

/// Means that tell latents of D numbers apart by their labels, (K, D).
fn from_latents(latents: Vec<f32>, labels: &[usize], (classes, dims): (usize, usize)) -> Vec<f64> {
    let mut counts = vec![0.0f64; classes];
    labels.iter().for_each(|&label| counts[label] += 1.0);
    let mut means = vec![0.0; classes * dims];
    let mut all = vec![0.0; dims];
    for (z, &label) in latents.chunks_exact(dims).zip(labels) {
        for ((mean, all), &z) in means[label * dims..].iter_mut().zip(&mut all).zip(z) {
            *mean += f64::from(z) / counts[label];
            *all += f64::from(z) / labels.len() as f64;
        }
    }
    match Discriminants::fit(latents, labels, classes, dims) {
        Ok(discriminants) => discriminants.means(&all),
        // Of too many dimensions, or of a class without an image among these.
        Err(_) => {
            let absent = counts.iter().enumerate().filter(|(_, count)| **count == 0.0);
            absent.for_each(|(class, _)| means[class * dims..][..dims].copy_from_slice(&all));
            means
        }
    }
}
