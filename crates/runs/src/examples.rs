//! What tests need of an evaluated run.

use serde_json::json;

use crate::results::FullEvaluation;

/// An evaluation of an IB-INN with this γ on `dataset`, of `bits` bits per dimension.
pub fn evaluation(dataset: &str, gamma: f64, bits: f64) -> FullEvaluation {
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
            "detection_means": [],
        },
    });
    serde_json::from_value(value).unwrap_or_else(|e| panic!("{e}"))
}
