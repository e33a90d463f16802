//! What tests need of a judged run.

use serde_json::json;

use crate::results::Judgement;

/// A judgement of an IB-INN with this γ on `dataset`, of `bits` bits per dimension.
pub fn judgement(dataset: &str, gamma: f64, bits: f64) -> Judgement {
    let calibration = |binning: &str| json!({ "binning": binning, "bins": [] });
    let value = json!({
        "title": "some", "dataset": dataset, "split": "test", "by_index": false, "executor": "cpu", "limit": null,
        "model_sha256": "",
        "training": { "dataset": dataset, "preset": "tiny", "method": { "name": "ib-inn", "gamma": gamma } },
        "bootstrap": { "resamples": 0, "seed": 0 },
        "report": {
            "images": 10, "error": { "value": 5.0, "interval": null },
            "bits_per_dim": { "value": bits, "interval": null },
            "calibration": [calibration("repo"), calibration("paper")], "top_label": {}, "novelty": [], "ood": [],
            "detection_mean": [],
        },
    });
    serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
}
