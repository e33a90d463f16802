//! Small nets with weights that leave nothing at its trivial value.

use std::collections::BTreeMap;

use ibinn::math::random::{Purpose, Stream};
use ibinn::spec::fold::{Tensors, fold_batch_norm};
use ibinn::spec::tensors::{EMPIRICAL_MEANS, MEANS, PERMUTATION, TensorInfo, TensorKind, training_tensors};
use ibinn::training::initial_tensors;
use ibinn::{
    Card, CpuExecutor, Family, InputSpec, Method, MethodName, Model, ModelSpec, Real, SpecFields, StageSpec,
    Stem, Training,
};

/// 3×8×8, D = 192: small enough for a Jacobian by finite differences.
pub fn small() -> ModelSpec {
    let stage = StageSpec { blocks: 2, width: 4 };
    SpecFields {
        family: Family::IbInn,
        input: InputSpec { channels: 3, height: 8, width: 8, mean: vec![0.5; 3], std: vec![0.25; 3] },
        stem: Stem::Image,
        stages: vec![stage; 3],
        dense_hidden: 8,
        classes: vec!["a".into(), "b".into()],
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

/// Initial weights in training form, with random batch-norm statistics, scales and offsets.
pub fn weights(spec: &ModelSpec) -> Tensors {
    let mut tensors: Tensors = initial_tensors(spec, 1, 0.9, 5.0);
    let mut stream = Stream::new(1, Purpose::Test, 0);
    let kind = |info: TensorInfo| (info.name, info.kind);
    let kinds: BTreeMap<String, TensorKind> = training_tensors(spec).into_iter().map(kind).collect();
    for (name, values) in &mut tensors {
        for value in values.iter_mut() {
            match kinds[name] {
                TensorKind::RunningVariance | TensorKind::NormScale => *value = stream.range(0.5, 1.5),
                TensorKind::RunningMean | TensorKind::NormShift | TensorKind::Offset => {
                    *value = stream.range(-0.3, 0.3);
                }
                TensorKind::LogScale => *value += stream.range(-0.2, 0.2),
                _ => {}
            }
        }
    }
    tensors
}

/// The first method of a family, with γ = 1 where it has one.
pub fn method_of(family: Family) -> Method {
    let name = MethodName::ALL.into_iter().find(|name| name.family() == family).unwrap();
    Method::new(name, name.has_gamma().then(|| "1".parse().unwrap()), None).unwrap()
}

/// The permutation among `tensors`; none of a feed-forward network.
pub fn permutation_of(tensors: &Tensors) -> Vec<u32> {
    tensors.get(PERMUTATION).into_iter().flatten().map(|&i| i as u32).collect()
}

/// The model of weights in training form, see [`folded_model`].
pub fn model_of(spec: &ModelSpec, tensors: Tensors) -> Model {
    folded_model(spec, fold_batch_norm(spec, tensors))
}

/// The model of weights in folded form, rounded to f32, with its means for empirical ones and a card that says nothing.
pub fn folded_model(spec: &ModelSpec, mut folded: Tensors) -> Model {
    let permutation = permutation_of(&folded);
    folded.remove(PERMUTATION);
    if let Some(means) = folded.get(MEANS).cloned() {
        folded.entry(EMPIRICAL_MEANS.into()).or_insert(means);
    }
    let rounded = |(name, values): (String, Vec<f64>)| (name, values.iter().map(|&v| v as f32).collect());
    let card = Card::new("test", training_of(method_of(spec.family())));
    Model::new(spec.clone(), card, folded.into_iter().map(rounded).collect(), permutation).unwrap()
}

/// What a card says of a training by `method` of which nothing else is known.
pub fn training_of(method: Method) -> Training {
    Training {
        dataset: "none".into(),
        images: None,
        held_out: None,
        preset: "none".into(),
        method,
        seed: None,
        epochs: None,
        steps: None,
    }
}

/// The CPU executor of weights in training form.
pub fn executor_of<F: Real>(spec: &ModelSpec, tensors: Tensors) -> CpuExecutor<F> {
    let folded = fold_batch_norm(spec, tensors);
    let get = |info: &TensorInfo| folded[&info.name].iter().map(|&v| F::from_f64(v)).collect();
    CpuExecutor::from_tensors(spec, &get, &permutation_of(&folded))
}
