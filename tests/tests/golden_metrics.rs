//! Measures against the values that the authors' evaluation routines computed on small fixed arrays.
#![allow(clippy::unwrap_used)]

use ibinn::head::mixture::{BitsPerDim, initial_means};
use ibinn::head::posterior::Posterior;
use ibinn::image::RgbRotation;
use ibinn_evaluate::measures::calibration::{Binning, Entries, almost_certain, overconfidence};
use ibinn_evaluate::measures::{arithmetic_mean, entropy, geometric_mean, ranking};
use serde_json::Value;

fn metrics() -> Option<Value> {
    let path = ibinn_tests::reference_dir()?.join("metrics.json");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    Some(serde_json::from_str(&text).unwrap())
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn close(got: Option<f64>, wanted: &Value, tolerance: f64, what: &str) {
    match (got, wanted.as_f64()) {
        (None, None) => {}
        (Some(got), Some(wanted)) if (got - wanted).abs() <= tolerance => {}
        _ => panic!("{what}: {got:?} instead of {wanted}"),
    }
}

/// The posteriors of rows of logits.
fn posteriors(logits: &Value) -> Vec<Posterior> {
    logits.as_array().unwrap().iter().map(|row| Posterior::new(numbers(row))).collect()
}

#[test]
fn calibration_is_that_of_the_program() {
    let Some(metrics) = metrics() else { return };
    let calibration = &metrics["calibration"];
    for (edge, wanted) in Binning::Repo.edges().iter().zip(numbers(&calibration["bin_edges"])) {
        assert!((edge - wanted).abs() < 1e-12, "{edge} instead of {wanted}");
    }
    for case in calibration["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let posteriors = posteriors(&case["logits"]);
        let labels: Vec<usize> = numbers(&case["labels"]).into_iter().map(|label| label as usize).collect();
        let images = || posteriors.iter().map(|p| &p.probabilities[..]).zip(labels.iter().copied());
        let all: Vec<u32> = (0..labels.len() as u32).collect();
        let entries = Entries::new(images(), Binning::Repo);
        for (bin, found) in entries.bins(&all).iter().enumerate() {
            let wanted = |key: &str| &case["bins"][key][bin];
            assert_eq!(wanted("count").as_u64(), Some(found.count as u64), "{name}, bin {bin}");
            assert_eq!(wanted("correct").as_u64(), Some(found.correct as u64), "{name}, bin {bin}");
            assert_eq!(wanted("kept").as_bool(), Some(Binning::Repo.keeps(found.count)), "{name}, bin {bin}");
        }
        let (found, expected) = (entries.calibration(&all).unwrap(), &case["expected"]);
        for (got, key) in [(found.ece, "ece"), (found.mce, "mce"), (found.ice, "ice"), (found.geo, "geo")] {
            close(Some(got), &expected[key], 1e-9, name);
        }
        let certain = images().map(|(posterior, label)| almost_certain(posterior, label));
        close(overconfidence(certain), &expected["oce"], 1e-9, name);
        let right = posteriors.iter().zip(&labels).filter(|(p, label)| p.prediction() == **label).count();
        close(Some(right as f64 / labels.len() as f64), &case["accuracy"], 1e-12, name);
        let entropies: Vec<f64> = posteriors.iter().map(Posterior::entropy).collect();
        for (got, wanted) in entropies.iter().zip(case["entropy_per_sample_nats"].as_array().unwrap()) {
            close(Some(*got), wanted, 1e-6, name);
        }
        close(arithmetic_mean(&entropies), &case["entropy_mean_nats"], 1e-6, name);
    }
}

#[test]
fn detection_is_that_of_the_program() {
    let Some(metrics) = metrics() else { return };
    let ood = &metrics["ood"];
    let entropies = |logits: &Value| posteriors(logits).iter().map(Posterior::entropy).collect::<Vec<f64>>();
    let (own, own_entropies) = (numbers(&ood["id_scores"]), entropies(&ood["id_logits"]));
    close(arithmetic_mean(&own_entropies), &ood["entropy_id_mean"], 1e-6, "entropy");
    let (mut areas, mut increases) = (Vec::new(), Vec::new());
    for (name, set) in ood["sets"].as_object().unwrap() {
        let scores = numbers(&set["scores"]);
        let (area, one_tailed) = (ranking::typicality_auc(&own, &scores), ranking::auc(&own, &scores));
        let exact = &ood["exact_mann_whitney"][name];
        close(area, &exact["typicality"], 1e-12, name);
        close(one_tailed, &exact["one_tailed"], 1e-12, name);
        // The program loses a corner of its ROC curve (method §9.3).
        close(area, &ood["reference"]["auc_typicality"][name], 2e-3, name);
        close(one_tailed, &ood["reference"]["auc_one_tailed"][name], 2e-3, name);
        let increase = entropy::increase(&own_entropies, &entropies(&set["logits"]));
        close(increase, &ood["reference"]["delta_entropy"][name], 1e-6, name);
        areas.extend(area);
        increases.extend(increase);
    }
    let average = &ood["table_average"];
    close(geometric_mean(&areas), &average["auc_geometric_mean"], 2e-3, "average");
    close(arithmetic_mean(&increases), &average["delta_entropy_arithmetic_mean"], 1e-6, "average");
}

#[test]
fn small_sets_are_ranked_exactly() {
    let Some(metrics) = metrics() else { return };
    let ood = &metrics["ood_tiny"];
    let own = numbers(&ood["id_scores"]);
    for (name, scores) in ood["sets"].as_object().unwrap() {
        let (scores, exact) = (numbers(scores), &ood["exact_mann_whitney"][name]);
        close(ranking::auc(&own, &scores), &exact["one_tailed"], 0.0, name);
        close(ranking::typicality_auc(&own, &scores), &exact["typicality"], 0.0, name);
    }
}

#[test]
fn rotated_colours_are_those_of_the_program() {
    let Some(metrics) = metrics() else { return };
    for case in metrics["rgb_rotation"].as_array().unwrap() {
        let rotation = RgbRotation::new(case["alpha"].as_f64().unwrap()).unwrap();
        for (row, wanted) in rotation.matrix().iter().zip(case["matrix"].as_array().unwrap()) {
            for (got, wanted) in row.iter().zip(numbers(wanted)) {
                assert!((got - wanted).abs() < 1e-12, "{got} instead of {wanted}");
            }
        }
        let pixels = |key: &str| case[key].as_array().unwrap().iter().map(numbers);
        for (pixel, wanted) in pixels("pixels_in").zip(pixels("pixels_out")) {
            let rotated = rotation.pixel([pixel[0], pixel[1], pixel[2]]);
            for (got, wanted) in rotated.into_iter().zip(&wanted) {
                assert!((got - wanted).abs() < 1e-6, "{rotated:?} instead of {wanted:?}");
            }
        }
    }
}

#[test]
fn bits_per_dim_and_initial_means_are_those_of_the_formulas() {
    let Some(metrics) = metrics() else { return };
    let std = [0.247, 0.243, 0.261];
    for row in metrics["bits_per_dim"]["rows"].as_array().unwrap() {
        let bits = BitsPerDim::new(row["lx"].as_f64().unwrap(), &std);
        close(Some(bits.tables), &row["T"], 1e-9, "(T)");
        close(Some(bits.correct), &row["C_if_lx_is_exact"], 1e-6, "(C)");
    }
    for case in metrics["means_init"].as_array().unwrap() {
        let [dims, classes, copies] =
            ["dims", "classes", "copies"].map(|key| case[key].as_u64().unwrap() as usize);
        let means = initial_means(classes, dims, case["mu_init"].as_f64().unwrap());
        for (y, mean) in means.chunks(dims).enumerate() {
            let support = (0..copies).map(|j| classes * j + y);
            assert_eq!(mean.iter().filter(|v| **v != 0.0).count(), copies);
            support.for_each(|i| close(Some(mean[i]), &case["kappa"], 1e-12, "κ"));
        }
    }
}
