//! The measures of detection and calibration against golden values of scikit-learn, on scores of a shipped model;
//! `golden/measures.py` tells how they were made.
#![allow(clippy::unwrap_used)]

use ibinn::head::posterior::Posterior;
use ibinn_evaluate::measures::detection::Ranked;
use ibinn_evaluate::measures::top_label::{Prediction, TopLabel};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/measures.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

fn close(got: f64, wanted: &Value, what: &str) {
    let wanted = wanted.as_f64().unwrap();
    assert!((got - wanted).abs() < 1e-9, "{what}: {got} instead of {wanted}");
}

fn all(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

#[test]
fn detection_is_scikit_learns_with_ties() {
    let golden = golden();
    let [own, foreign] = ["own", "foreign"].map(|key| numbers(&golden[key]));
    let mut distinct = [&own[..], &foreign[..]].concat();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    assert!(
        distinct.len() < (own.len() + foreign.len()) / 2,
        "the scores have too few ties to show anything"
    );
    let negated = |scores: &[f64]| scores.iter().map(|v| -v).collect::<Vec<_>>();
    for (key, ranked) in [
        ("detection", Ranked::new(&own, &foreign)),
        ("reversed", Ranked::new(&negated(&own), &negated(&foreign))),
    ] {
        let found = ranked.measures([&all(own.len()), &all(foreign.len())]).unwrap();
        for (name, got) in [
            ("auroc", found.auroc),
            ("aupr_in", found.aupr_in),
            ("aupr_out", found.aupr_out),
            ("fpr95", found.fpr95),
        ] {
            close(got, &golden[key][name], &format!("{key} {name}"));
        }
    }
}

#[test]
fn calibration_is_that_of_another_implementation() {
    let golden = golden();
    let labels = golden["labels"].as_array().unwrap().iter().map(|v| v.as_u64().unwrap() as usize);
    let logits = golden["logits"].as_array().unwrap();
    let images: Vec<Prediction> = logits
        .iter()
        .zip(labels)
        .map(|(row, label)| Prediction::new(&Posterior::new(numbers(row)), label))
        .collect();
    let found = TopLabel::new(&images, &all(images.len())).unwrap();
    for (name, got) in [
        ("ece", found.ece),
        ("adaptive_ece", found.adaptive_ece),
        ("class_wise_ece", found.class_wise_ece),
        ("brier", found.brier),
        ("nll", found.nll),
        ("aurc", found.aurc),
    ] {
        close(got, &golden["calibration"][name], name);
    }
}
