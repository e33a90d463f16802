//! Every family of models on random weights: the model file, batches against single images, and what a family cannot do.

use ibinn::head::{Classified, Head};
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::executor::{Executor, ExecutorChoice};
use ibinn::{CpuExecutor, Evaluation, Family, Model, ModelSpec, Precision, Preset};
use ibinn_testing::golden::assert_close;
use ibinn_testing::nets::{model_of, small, weights};
use pollster::block_on;

fn specs() -> impl Iterator<Item = ModelSpec> {
    let of = |family| [small(), Preset::Tiny.spec().unwrap()].map(|spec| spec.with_family(family).unwrap());
    Family::ALL.into_iter().flat_map(of)
}

fn images(spec: &ModelSpec, count: usize) -> Vec<f32> {
    let mut stream = Stream::new(2, Purpose::Test, 0);
    (0..count * spec.dims()).map(|_| stream.normal() as f32).collect()
}

fn widened(values: &[f32]) -> Vec<f64> {
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
        let head = Head::of(&read);
        let x = images(&spec, 37);
        let numbers: Vec<u64> = (100..137).collect();
        let Classified { features, found } = block_on(head.classify(&mut executor, &x, &numbers)).unwrap();
        assert!(features == block_on(executor.features(&x)).unwrap());
        for (i, wanted) in found.iter().enumerate() {
            let image = &x[i * spec.dims()..][..spec.dims()];
            let alone = block_on(head.classify(&mut executor, image, &numbers[i..=i])).unwrap();
            assert_eq!(alone.found.first(), Some(wanted));
            assert_eq!(wanted.l_x.is_some(), spec.family().has_mixture());
        }
        assert!(block_on(head.classify(&mut executor, &x, &numbers[1..])).is_err());
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
        assert!(model.permutation().is_empty() && model.empirical_means().is_empty());
        let mut executor = block_on(Executor::new(&model, ExecutorChoice::Auto)).unwrap();
        assert_eq!(executor.name(), "cpu");
        let refused = [
            block_on(executor.encode(&[0.0; 784])).unwrap_err(),
            block_on(executor.decode(&[0.0; 784])).unwrap_err(),
            model.mixture().unwrap_err(),
            block_on(Executor::new(&model, ExecutorChoice::Gpu)).err().unwrap(),
        ]
        .map(|error| error.to_string());
        for (sentence, wanted) in refused.iter().zip(["inverted", "inverted", "likelihood", "CPU only"]) {
            assert!(sentence.contains(wanted) && sentence.contains(family.title()), "{sentence}");
        }
    }
    let model = model(Family::IRevNet);
    assert!(model.mixture().unwrap_err().to_string().contains("i-RevNet"));
    let executor = CpuExecutor::<f64>::new(&model);
    let x = widened(&images(model.spec(), 2));
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
        assert!(message(unsound).unwrap_err().contains("not finite"));
        match family {
            Family::IbInn => {
                assert!(message(card).unwrap_err().contains("lacks a measure of the likelihood"))
            }
            _ => message(card).unwrap(),
        }
    }
}
