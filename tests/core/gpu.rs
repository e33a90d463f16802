//! The GPU executor, on whatever adapter this machine has, against the CPU executor and the authors' program.

use std::path::Path;

use ibinn::gpu::Tuning;
use ibinn::math::random::{Purpose, Stream};
use ibinn::session::executor::{Executor, ExecutorChoice};
use ibinn::synthetic::{self, Alphabet};
use ibinn::{
    Architecture, CpuExecutor, Error, Family, GpuExecutor, InputSpec, Model, ModelSpec, Session, SpecFields,
    StageSpec, Stem,
};
use ibinn_testing::golden::{Golden, NETS, assert_close};
use ibinn_testing::nets::{folded_model, model_of, small, weights};
use pollster::block_on;

fn initial(spec: &ModelSpec) -> Model {
    model_of(spec, weights(spec))
}

/// Channels × side × side, with hidden layers that are no whole vec4.
fn awkward(channels: usize, side: usize, stem: Stem, stages: usize) -> ModelSpec {
    SpecFields {
        family: Family::IbInn,
        input: InputSpec {
            channels,
            height: side,
            width: side,
            mean: vec![0.5; channels],
            std: vec![0.25; channels],
        },
        stem,
        stages: vec![StageSpec { blocks: 2, width: 5 }; stages],
        dense_hidden: 6,
        classes: vec!["a".into(), "b".into()],
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

fn noise(spec: &ModelSpec, count: usize) -> Vec<f32> {
    let mut stream = Stream::new(4, Purpose::Test, 0);
    (0..count * spec.dims()).map(|_| stream.normal() as f32).collect()
}

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

/// Both ways to arrange the shaders.
const TUNINGS: [Tuning; 2] = [Tuning::Software { lanes: 4 }, Tuning::Hardware];

/// Both directions on both executors, for batches of the first images of `x`.
fn compare(name: &str, model: &Model, x: &[f32], batches: &[usize], tolerance: f64) {
    let cpu = CpuExecutor::<f32>::new(model);
    for tuning in TUNINGS {
        let mut gpu = block_on(GpuExecutor::new_as_if_on(model, tuning, false)).unwrap();
        for images in batches {
            let name = format!("{name}, {tuning:?}, {images} images");
            let x = &x[..images * model.spec().dims()];
            let (wanted, first) = (cpu.encode(x).unwrap(), block_on(gpu.encode(x)).unwrap());
            let got = &first;
            assert_close(&format!("{name} z"), &widen(&got.z), &widen(&wanted.z), tolerance);
            assert_close(
                &format!("{name} log-det"),
                &widen(&got.log_det),
                &widen(&wanted.log_det),
                tolerance,
            );
            let (wanted, got) = (cpu.decode(&wanted.z).unwrap(), block_on(gpu.decode(&wanted.z)).unwrap());
            // An inverse multiplies rounding errors; by how much, the CPU's own way there and back tells.
            let lost = x.iter().zip(&wanted).map(|(a, b)| f64::from((a - b).abs())).fold(0.0, f64::max);
            assert_close(&format!("{name} x"), &widen(&got), &widen(&wanted), tolerance.max(2.0 * lost));
            assert_close(&format!("{name} round trip"), &widen(&got), &widen(x), 1e-3);
            // Decoding uses the same buffers.
            assert_eq!(block_on(gpu.encode(x)).unwrap(), first, "{name}, encoded again");
        }
    }
}

#[test]
fn agrees_with_the_cpu_for_awkward_sizes() {
    let specs = [
        small(),
        small().with_family(Family::IRevNet).unwrap(),
        awkward(1, 6, Stem::Haar, 1),
        awkward(2, 20, Stem::Image, 2),
        awkward(3, 12, Stem::Image, 2),
    ];
    for spec in specs {
        let input = spec.input();
        let name = format!("{} {}×{}×{}", spec.family(), input.channels, input.height, input.width);
        // 65 images are a large batch, 3 are few enough to be fused on a real GPU, 1 has a dense coupling of its own.
        compare(&name, &initial(&spec), &noise(&spec, 65), &[65, 3, 1], 1e-4);
    }
}

#[test]
fn agrees_with_the_cpu_for_images_of_any_shape_and_many_classes() {
    for (channels, side, classes, batches) in [
        (1, 8, 2, &[65, 1][..]),
        (3, 8, 1000, &[9, 1]),
        (3, 12, 3, &[9, 1]),
        (1, 20, 26, &[9, 1]),
        (3, 44, 7, &[3, 1]),
        (3, 48, 5, &[3, 1]),
        (1, 100, 4, &[2, 1]),
        (3, 128, 300, &[1]),
    ] {
        let (mean, std) = (vec![0.5; channels], vec![0.25; channels]);
        let input = InputSpec { channels, height: side, width: side, mean, std };
        let names = (0..classes).map(|k| format!("class {k}")).collect();
        let spec = Architecture::auto(input.shape()).spec(Family::IbInn, input, names).unwrap();
        // Weights that move the image little: an untrained net of this depth has no inverse in single precision.
        let mut tensors = weights(&spec);
        for (_, values) in tensors.iter_mut().filter(|(name, _)| name.ends_with(".weight")) {
            values.iter_mut().for_each(|v| *v *= 0.3);
        }
        let model = model_of(&spec, tensors);
        let name = format!("{channels}×{side}×{side} of {classes} classes");
        let x = noise(&spec, batches[0]);
        compare(&name, &model, &x, batches, 1e-4);
        // A session sees them alike, too, and knows all classes.
        let pixels: Vec<f32> = spec.denormalize(&x[..spec.dims()]);
        let seen = [ExecutorChoice::Cpu, ExecutorChoice::Gpu].map(|choice| {
            let mut session = block_on(Session::new(model.clone(), choice)).unwrap();
            block_on(session.classify(&pixels, 0..)).unwrap().remove(0).found
        });
        assert_eq!(seen[0].posterior.probabilities.len(), classes, "{name}");
        assert_eq!(seen[0].prediction, seen[1].prediction, "{name}");
        let [cpu, gpu] = seen.map(|found| found.l_x().unwrap());
        assert!((cpu - gpu).abs() < 1e-6 * cpu.abs().max(10.0), "{name}: {cpu} and {gpu}");
    }
}

#[test]
fn agrees_with_the_authors_program() {
    for net in NETS {
        let Some(golden) = Golden::load(net) else { return };
        let model = folded_model(&golden.spec, golden.folded_tensors());
        let narrow = |name: &str| -> Vec<f32> { golden.get(name).iter().map(|&v| v as f32).collect() };
        let mut gpu = block_on(GpuExecutor::new(&model)).unwrap();
        let encoded = block_on(gpu.encode(&narrow("data.x"))).unwrap();
        let close = |what: &str, got: &[f32], tolerance: f64| {
            assert_close(&format!("{net} {what}"), &widen(got), &golden.expect("f32", what), tolerance);
        };
        close("stage_out.z", &encoded.z, 1e-5);
        close("logdet.true", &encoded.log_det, 2e-6);
        close("decode.x", &block_on(gpu.decode(&narrow("decode.z"))).unwrap(), 1e-5);
    }
}

#[test]
fn shipped_models_agree_and_a_batch_gives_what_its_images_give_alone() {
    for name in ["fashion-mnist-gamma-1", "digits-gamma-1"] {
        let path =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("www/public/models/{name}.safetensors"));
        let model = Model::from_bytes(&std::fs::read(path).unwrap()).unwrap();
        let draw = |i| synthetic::draw(Alphabet::Digits, synthetic::Split::Test, 0, i).pixels;
        let pixels: Vec<f32> = (0..70).flat_map(draw).map(|v| f32::from(v) / 255.0).collect();
        let x = model.spec().normalize(&pixels);
        compare(name, &model, &x, &[70], 1e-4);
        let dims = model.spec().dims();
        for tuning in TUNINGS {
            let mut gpu = block_on(GpuExecutor::new_as_if_on(&model, tuning, false)).unwrap();
            let whole = block_on(gpu.encode(&x)).unwrap();
            for i in [0, 8, 63, 64, 69] {
                let alone = block_on(gpu.encode(&x[i * dims..][..dims])).unwrap();
                assert_eq!(alone.z, whole.z[i * dims..][..dims], "{name}, {tuning:?}, image {i}");
                assert_eq!(alone.log_det[0], whole.log_det[i], "{name}, {tuning:?}, image {i}");
            }
        }
    }
}

#[test]
fn lengths_are_checked_and_nothing_is_nothing() {
    let spec = small();
    let mut gpu = block_on(GpuExecutor::new(&initial(&spec))).unwrap();
    assert!(block_on(gpu.encode(&[])).unwrap().z.is_empty());
    assert!(block_on(gpu.decode(&[])).unwrap().is_empty());
    let error = block_on(gpu.encode(&[0.0; 7])).unwrap_err();
    assert!(matches!(error, Error::Input(_)), "{error}");
}

#[test]
fn a_lost_device_is_replaced_once_a_call_and_said() {
    let spec = small();
    let mut executor = block_on(Executor::new(&initial(&spec), ExecutorChoice::Gpu)).unwrap();
    let x = noise(&spec, 3);
    let before = block_on(executor.encode(&x)).unwrap();
    executor.lose_device();
    assert_eq!(block_on(executor.encode(&x)).unwrap(), before);
    let notice = executor.notice().unwrap();
    assert!(notice.contains("was lost") && notice.contains("replaced"), "{notice}");
    executor.lose_device();
    assert_eq!(block_on(executor.decode(&before.z)).unwrap().len(), x.len());
}

#[test]
fn of_several_ways_the_fastest_is_taken_and_remembered_and_all_give_the_same_bits() {
    let model = initial(&small());
    let x = noise(model.spec(), 9);
    let new = |measured| block_on(GpuExecutor::new_as_if_on(&model, Tuning::Hardware, measured)).unwrap();
    let mut reasoned = new(false);
    let mut measured = new(true);
    let wanted = block_on(reasoned.encode(&x)).unwrap();
    assert_eq!(block_on(measured.encode(&x)).unwrap(), wanted);
    assert_eq!(block_on(measured.decode(&wanted.z)).unwrap(), block_on(reasoned.decode(&wanted.z)).unwrap());
    let mut large_tiles =
        block_on(GpuExecutor::new_as_if_on(&model, Tuning::Software { lanes: 32 }, false)).unwrap();
    assert_eq!(block_on(large_tiles.encode(&x)).unwrap(), wanted);
    assert_eq!(reasoned.timed().count(), 0);
    let timed: Vec<_> = measured.timed().collect();
    let [(64, ways)] = timed[..] else { panic!("{timed:?}") };
    let fused: Vec<bool> = ways.iter().map(|way| way.arrangement.fused).collect();
    assert_eq!(fused, [true, false, false]);
    assert!(ways.iter().all(|way| !way.time.is_zero()), "{ways:?}");
    // Another executor of the same model has no need to time them.
    let mut again = new(true);
    assert_eq!(block_on(again.encode(&x)).unwrap(), wanted);
    assert_eq!(again.timed().count(), 0);
}

#[test]
fn few_images_take_few_dispatches_on_a_real_gpu() {
    let spec = ibinn::Preset::Cifar10.spec().unwrap();
    let model = initial(&spec);
    let gpu = block_on(GpuExecutor::new_as_if_on(&model, Tuning::Hardware, false)).unwrap();
    let [encode, decode] = gpu.dispatches(64);
    assert_eq!([encode, decode], [7, 6]);
    // 56 blocks of 4 steps, two down-couplings of 7 and a ReLU, image, DCT and latents, dense coupling, log-dets.
    assert_eq!(gpu.dispatches(65)[0], 56 * 4 + 2 * 8 + 4 + 4 + 1);
}
