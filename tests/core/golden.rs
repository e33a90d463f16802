//! The CPU executor, in f32 and f64, against the authors' program and against NumPy.

use ibinn::head::mixture::{Mixture, class_nll};
use ibinn::head::posterior::smooth_label;
use ibinn::spec::tensors::TensorInfo;
use ibinn::{CpuExecutor, Real};
use ibinn_testing::golden::{DRAWN, Golden, NETS, assert_close};

struct Tolerance {
    map: f64,
    log_det: f64,
    posterior: f64,
}

fn widen<F: Real>(values: &[F]) -> Vec<f64> {
    values.iter().map(|v| v.to_f64()).collect()
}

fn check<F: Real>(name: &str, precision: &str, tolerance: &Tolerance) {
    let Some(golden) = Golden::load(name) else { return };
    let folded = golden.folded_tensors();
    let convert = |values: &[f64]| -> Vec<F> { values.iter().map(|&v| F::from_f64(v)).collect() };
    let get = |info: &TensorInfo| convert(&folded[&info.name]);
    let executor = CpuExecutor::<F>::from_tensors(&golden.spec, &get, &golden.permutation());
    let dims = golden.spec.dims();
    let x = convert(&golden.get("data.x"));
    let expect = |what: &str| golden.expect(precision, what);
    let close = |what: &str, got: &[f64], tolerance: f64| {
        assert_close(&format!("{name} {what}"), got, &expect(what), tolerance)
    };

    // Every element by itself: maps at the ends of stages, log-dets of all.
    let elements: Vec<String> = serde_json::from_str(golden.meta("elements")).unwrap();
    let log_dets = expect("logdet.elements");
    let dct = golden
        .spec
        .elements()
        .iter()
        .find_map(|e| if let ibinn::spec::element::Element::Dct(d) = e { Some(d) } else { None });
    let correction = dct.map_or(0.0, |dct| dct.log_det() - dct.authors_log_det());
    let mut maps: std::collections::BTreeMap<String, Vec<f64>> = Default::default();
    for (i, image) in x.chunks(dims).enumerate() {
        let mut own = Vec::new();
        for (element, map, log_det) in executor.trace(image).unwrap() {
            let stage = element.split('.').next().unwrap().to_string();
            let collected = maps.entry(stage).or_default();
            collected.truncate(i * dims);
            collected.extend(widen(&map));
            if elements.contains(&element.replace("permutation", "perm")) {
                own.push(if element == "dct" { log_det - correction } else { log_det });
            }
        }
        assert_close(
            &format!("{name} log-det of each element"),
            &own,
            &log_dets[i * elements.len()..][..elements.len()],
            tolerance.log_det,
        );
    }
    let mut compared = 0;
    for (stage, map) in &maps {
        let array = format!("stage_out.{stage}");
        if golden.names().any(|n| n.strip_prefix("expect.f64.") == Some(&array)) {
            close(&array, map, tolerance.map);
            compared += 1;
        }
    }
    assert!(compared >= 4, "only {compared} stage outputs were compared");

    // The whole net.
    let encoded = executor.encode(&x).unwrap();
    close("stage_out.z", &widen(&encoded.z), tolerance.map);
    close("logdet.true", &widen(&encoded.log_det), tolerance.log_det);
    let authors: Vec<f64> = encoded.log_det.iter().map(|l| l.to_f64() - correction).collect();
    close("logdet.code", &authors, tolerance.log_det);
    close("reconstruction", &widen(&executor.decode(&encoded.z).unwrap()), tolerance.map);
    close("decode.x", &widen(&executor.decode(&convert(&golden.get("decode.z"))).unwrap()), tolerance.map);

    // The mixture.
    let mixture = Mixture::new(golden.get("means"), dims);
    let z: Vec<f32> = encoded.z.iter().map(|v| v.to_f64() as f32).collect();
    let labels = golden.get("data.labels");
    let epsilon: f64 = golden.meta("label_smoothing").parse().unwrap();
    let mut columns: std::collections::BTreeMap<&str, Vec<f64>> = Default::default();
    for ((z, log_det), label) in z.chunks(dims).zip(&encoded.log_det).zip(&labels) {
        let (log_det, label) = (log_det.to_f64(), *label as usize);
        let score = mixture.score(z, log_det);
        let mut push = |name, values: &[f64]| columns.entry(name).or_default().extend(values);
        push("logits", &score.posterior.logits);
        push("posterior", &score.posterior.probabilities);
        push("entropy", &[score.posterior.entropy()]);
        push("lx.true", &[score.l_x]);
        push("lx.code", &[mixture.score(z, log_det - correction).l_x]);
        push("ly.hard", &[score.posterior.l_y(&smooth_label(label, 10, 0.0))]);
        push("ly.soft", &[score.posterior.l_y(&smooth_label(label, 10, epsilon))]);
        push("class_nll.true", &[class_nll(&score, label, log_det, dims)]);
        push("class_nll.code", &[class_nll(&score, label, log_det - correction, dims)]);
    }
    for (what, got) in &columns {
        let tolerance = match *what {
            "logits" => tolerance.map,
            "posterior" | "entropy" | "ly.hard" | "ly.soft" => tolerance.posterior,
            _ => tolerance.log_det,
        };
        close(what, got, tolerance);
    }
}

const F32: Tolerance = Tolerance { map: 1e-5, log_det: 1e-6, posterior: 5e-5 };
// The mixture takes z as f32, which bounds what the posterior's numbers can reach.
const F64: Tolerance = Tolerance { map: 1e-6, log_det: 1e-7, posterior: 1e-5 };

#[test]
fn f32_and_f64_agree_with_numpy() {
    for net in DRAWN {
        check::<f32>(net, "f32", &F32);
        check::<f64>(net, "f64", &F64);
    }
}

#[test]
fn f32_agrees_with_the_authors_program() {
    NETS.iter().for_each(|net| check::<f32>(net, "f32", &F32));
}

#[test]
fn f64_agrees_with_the_authors_program() {
    NETS.iter().for_each(|net| check::<f64>(net, "f64", &F64));
}
