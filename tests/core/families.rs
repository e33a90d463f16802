//! Every family of models on random weights: the model file, batches against single images, and what a family cannot do.

use ibinn::math::random::{Purpose, Stream};
use ibinn::session::blocking::Session;
use ibinn::session::executor::{Executor, ExecutorChoice};
use ibinn::session::{Centre, Sampling};
use ibinn::{CpuExecutor, Evaluation, Family, Method, Model, ModelSpec, Precision, Preset};
use ibinn_testing::golden::assert_close;
use ibinn_testing::nets::{method_of, model_of, small, weights};
use pollster::block_on;

fn specs() -> impl Iterator<Item = ModelSpec> {
    let of = |family| [small(), Preset::Tiny.spec().unwrap()].map(|spec| spec.with_family(family).unwrap());
    Family::ALL.into_iter().flat_map(of)
}

fn images(spec: &ModelSpec, count: usize) -> Vec<f32> {
    let mut stream = Stream::new(2, Purpose::Test, 0);
    (0..count * spec.dims()).map(|_| stream.normal() as f32).collect()
}

fn to_f64(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

#[test]
fn an_image_is_classified_alike_alone_in_a_batch_and_after_a_trip_through_the_file() {
    for spec in specs() {
        let model = model_of(&spec, weights(&spec));
        let bytes = model.to_bytes(Precision::F32);
        let read = Model::from_bytes(&bytes).unwrap();
        assert!(read == model && read.to_bytes(Precision::F32) == bytes, "{}", spec.family());
        let mut executor = block_on(Executor::new(&read, ExecutorChoice::Cpu)).unwrap();
        let mut session = Session::new(read, ExecutorChoice::Cpu).unwrap();
        let pixels: Vec<f32> = images(&spec, 37).iter().map(|v| v.abs().fract()).collect();
        let x = spec.normalize(&pixels);
        let seen = session.classify(&pixels, 100..).unwrap();
        let features: Vec<f32> = seen.iter().flat_map(|seen| &seen.features).copied().collect();
        assert!(features == block_on(executor.features(&x)).unwrap());
        for (i, wanted) in seen.iter().enumerate() {
            let image = &pixels[i * spec.dims()..][..spec.dims()];
            let alone = session.classify(image, 100 + i as u64..).unwrap();
            assert_eq!(alone.first(), Some(wanted));
            assert_eq!(wanted.log_det.is_some(), spec.family().is_flow());
            assert_eq!(wanted.found.l_x().is_some(), spec.family().has_mixture());
        }
        assert!(session.classify(&pixels, 0..36).is_err());
        assert!(session.classify(&pixels[1..], 0..).is_err());
        assert!(block_on(executor.features(&x[1..])).is_err());
    }
}

#[test]
fn what_a_family_cannot_do_is_a_sentence() {
    let model = |family| {
        let spec = Preset::Tiny.spec().unwrap().with_family(family).unwrap();
        model_of(&spec, weights(&spec))
    };
    for family in [Family::ResNet, Family::Vib] {
        let model = model(family);
        assert!(model.permutation().is_empty());
        let mut executor = block_on(Executor::new(&model, ExecutorChoice::Auto)).unwrap();
        assert_eq!(executor.name(), "cpu");
        let sampling = Sampling { centre: Centre::EmpiricalMean, temperature: 1.0, seed: 0 };
        let mut session = Session::new(model.clone(), ExecutorChoice::Auto).unwrap();
        let image = [0.0; 784];
        let refused = [
            (block_on(executor.encode(&image)).unwrap_err(), "inverted"),
            (block_on(executor.decode(&image)).unwrap_err(), "inverted"),
            (session.encode(&image).unwrap_err(), "inverted"),
            (session.decode(&image).unwrap_err(), "inverted"),
            (session.interpolate((&image, &image), 2, 0..2).unwrap_err(), "inverted"),
            (session.sample(&sampling, [(0, 0)]).unwrap_err(), "likelihood"),
            (session.project(&image).unwrap_err(), "likelihood"),
            (session.unproject(&[[0.0; 2]], None).unwrap_err(), "likelihood"),
            (model.mixture().unwrap_err(), "likelihood"),
            (model.means().unwrap_err(), "likelihood"),
            (model.empirical_means().unwrap_err(), "likelihood"),
            (block_on(Executor::new(&model, ExecutorChoice::Gpu)).err().unwrap(), "CPU only"),
        ];
        for (error, wanted) in refused {
            let sentence = error.to_string();
            assert!(sentence.contains(wanted) && sentence.contains(family.title()), "{sentence}");
        }
    }
    let model = model(Family::IRevNet);
    assert!(model.mixture().unwrap_err().to_string().contains("i-RevNet"));
    let executor = CpuExecutor::<f64>::new(&model);
    let x = to_f64(&images(model.spec(), 2));
    let back = executor.decode(&executor.encode(&x).unwrap().z).unwrap();
    // Rotations are rounded to f32 in a model, so that their transposes are inverses to that precision only.
    assert_close("round trip of the i-RevNet", &back, &x, 1e-5);
}

#[test]
fn a_card_must_fit_the_family() {
    let spec = Preset::Tiny.spec().unwrap();
    for family in Family::ALL {
        let model = model_of(&spec.with_family(family).unwrap(), weights(&spec.with_family(family).unwrap()));
        let mut card = model.card().clone();
        let text = r#"{"dataset":"d","images":2,"executor":"cpu","error":50,"l_y":0}"#;
        let evaluation: Evaluation = serde_json::from_str(text).unwrap();
        card.evaluation = Some(evaluation);
        let mut unsound = card.clone();
        unsound.evaluation.as_mut().unwrap().l_y = f64::NAN;
        let message = |card| model.clone().with_card(card).map(|_| ()).map_err(|error| error.to_string());
        for other in Family::ALL.into_iter().filter(|other| *other != family) {
            let mut foreign = card.clone();
            foreign.training.method = method_of(other);
            let problem = format!("its method {other} does not train models of the family {family}");
            assert_eq!(message(foreign).unwrap_err(), format!("model card: {problem}"));
        }
        assert!(message(unsound).unwrap_err().contains("not finite"));
        match family {
            Family::IbInn => {
                let mut class_nll = model.card().clone();
                class_nll.training.method = Method::ClassNll { frozen_means: None };
                message(class_nll).unwrap();
                assert!(message(card).unwrap_err().contains("lacks a measure of the likelihood"))
            }
            _ => message(card).unwrap(),
        }
    }
}
