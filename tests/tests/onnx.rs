//! Exported ONNX files, run by ONNX Runtime, against the authors' program and our CPU executor.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ibinn::head::Head;
use ibinn::{CpuExecutor, Family, InputSpec, Model, ModelSpec, SpecFields, StageSpec, Stem};
use ibinn_interop::onnx::{Direction, export};
use ibinn_tests::golden::{Golden, NETS, assert_close};
use ibinn_tests::nets::{model_of, weights};

/// The folder of ONNX Runtime's packages; without them the caller's test does not run, which fails where `CI` is set.
fn runtime() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("onnx");
    if folder.join("node_modules").is_dir() {
        return Some(folder);
    }
    assert!(std::env::var_os("CI").is_none(), "tests/onnx has no packages: cargo xtask setup");
    eprintln!("not run: tests/onnx has no packages, which cargo xtask setup installs");
    None
}

/// One run of an exported model: its folder, which is made anew.
struct Job(PathBuf);

impl Job {
    fn new(name: &str, model: &Model, direction: Direction, values: &[f32]) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("onnx-{name}-{direction:?}"));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let count = values.len() / model.spec().dims();
        let input = model.spec().input();
        let (port, shape) = match direction {
            Direction::Encode => ("x", vec![count, input.channels, input.height, input.width]),
            Direction::Decode => ("z", vec![count, model.spec().dims()]),
        };
        fs::write(folder.join("model.onnx"), export(model, direction)).unwrap();
        fs::write(folder.join(format!("{port}.json")), format!("{shape:?}")).unwrap();
        let bytes: Vec<u8> = values.iter().flat_map(|value| value.to_le_bytes()).collect();
        fs::write(folder.join(format!("{port}.f32")), bytes).unwrap();
        Self(folder)
    }

    fn output(&self, name: &str) -> Vec<f64> {
        let bytes = fs::read(self.0.join(format!("{name}.f32"))).unwrap();
        bytes.as_chunks::<4>().0.iter().map(|&value| f32::from_le_bytes(value).into()).collect()
    }
}

/// Runs all jobs in one process of Node.js.
fn run<'a>(runtime: &Path, jobs: impl IntoIterator<Item = &'a Job>) {
    let output = Command::new("node")
        .arg("run.mjs")
        .args(jobs.into_iter().map(|job| &job.0))
        .current_dir(runtime)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn narrow(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&v| v as f32).collect()
}

fn widen(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&v| f64::from(v)).collect()
}

#[test]
fn exported_golden_nets_give_what_the_authors_program_gives() {
    let Some(runtime) = runtime() else { return };
    for name in NETS {
        let Some(golden) = Golden::load(name) else { return };
        let model = model_of(&golden.spec, golden.training_tensors());
        let jobs = [
            Job::new(name, &model, Direction::Encode, &narrow(&golden.get("data.x"))),
            Job::new(name, &model, Direction::Decode, &narrow(&golden.get("decode.z"))),
        ];
        run(&runtime, &jobs);
        let [encode, decode] = jobs;
        let close = |what: &str, got: &[f64], tolerance: f64| {
            assert_close(&format!("{name} {what}"), got, &golden.expect("f32", what), tolerance);
        };
        close("stage_out.z", &encode.output("z"), 1e-5);
        close("logdet.true", &encode.output("log_det"), 1e-6);
        close("logits", &encode.output("logits"), 1e-5);
        close("decode.x", &decode.output("x"), 1e-5);
    }
}

/// An architecture whose splits are uneven.
fn odd(stem: Stem, channels: usize, side: usize, stages: &[(usize, usize)]) -> ModelSpec {
    SpecFields {
        family: Family::IbInn,
        input: InputSpec {
            channels,
            height: side,
            width: side,
            mean: vec![0.4; channels],
            std: vec![0.3; channels],
        },
        stem,
        stages: stages.iter().map(|&(blocks, width)| StageSpec { blocks, width }).collect(),
        dense_hidden: 6,
        classes: vec!["a".into(), "b".into(), "c".into()],
        class_prior: ibinn::ClassPrior::Uniform,
    }
    .try_into()
    .unwrap()
}

#[test]
fn every_kind_of_network_runs_as_on_the_cpu_executor_for_any_batch() {
    let Some(runtime) = runtime() else { return };
    let specs = [
        odd(Stem::Image, 3, 8, &[(2, 4), (1, 3), (1, 2)]),
        odd(Stem::Image, 5, 4, &[(2, 3)]),
        odd(Stem::Haar, 3, 12, &[(1, 4), (2, 3)]),
        odd(Stem::Haar, 1, 6, &[(1, 1)]),
        odd(Stem::Haar, 1, 6, &[(1, 2)]).with_family(Family::IRevNet).unwrap(),
    ];
    let mut cases = Vec::new();
    for (i, spec) in specs.iter().enumerate() {
        let model = model_of(spec, weights(spec));
        let executor = CpuExecutor::<f32>::new(&model);
        for count in [1, 3] {
            let numbers = 0..count * spec.dims();
            let x: Vec<f32> = numbers.map(|j| ((j * 37 % 101) as f32 - 50.0) / 40.0).collect();
            let encoded = executor.encode(&x).unwrap();
            let name = format!("{i}-{count}");
            let jobs = [
                Job::new(&name, &model, Direction::Encode, &x),
                Job::new(&name, &model, Direction::Decode, &encoded.z),
            ];
            let decoded = executor.decode(&encoded.z).unwrap();
            cases.push((name, Head::of(&model), jobs, encoded, decoded));
        }
    }
    run(&runtime, cases.iter().flat_map(|(_, _, jobs, ..)| jobs));
    for (name, head, [encode, decode], encoded, decoded) in cases {
        let close = |what: &str, got: Vec<f64>, wanted: &[f64]| {
            assert_close(&format!("net and images {name}: {what}"), &got, wanted, 1e-4);
        };
        close("z", encode.output("z"), &widen(&encoded.z));
        close("log_det", encode.output("log_det"), &widen(&encoded.log_det));
        let dims = encoded.z.len() / encoded.log_det.len();
        let posterior = |z: &[f32]| match &head {
            Head::Mixture(mixture) => mixture.score(z, 0.0).posterior,
            Head::Linear(linear) => linear.posterior(z),
            Head::Bottleneck(_) => panic!("no flow has a stochastic code"),
        };
        let logits = encoded.z.chunks(dims).flat_map(|z| posterior(z).logits);
        close("logits", encode.output("logits"), &logits.collect::<Vec<_>>());
        close("x", decode.output("x"), &widen(&decoded));
    }
}
