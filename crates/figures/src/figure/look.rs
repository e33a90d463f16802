//! What models look like in a figure: their names and their lines.

use ibinn::{Gamma, Model};

use crate::draw::{Dash, Paint, Stroke};
use ibinn_runs::paper::{Identity, Kind};

/// Names of out-of-distribution sets for people.
pub fn set_name(name: &str) -> String {
    match name {
        "rgb-rotation" => "RGB rotation".into(),
        "quickdraw" => "QuickDraw".into(),
        "natural32" => "photographs".into(),
        "kmnist" => "KMNIST".into(),
        "notmnist" => "notMNIST".into(),
        "mnist" => "MNIST".into(),
        "fashion-mnist" => "Fashion-MNIST".into(),
        "cifar-10" => "CIFAR-10".into(),
        "cifar-100" => "CIFAR-100".into(),
        _ => name.into(),
    }
}

/// Which row of the tables a model is.
pub fn identity(model: &Model) -> Identity {
    Identity::new(model.spec().family(), &model.card().training)
}

/// The name of a model.
pub fn model_name(model: &Model) -> String {
    identity(model).label()
}

/// A line for each of several models: IB-INNs from violet to orange by their γ, the others broken and in colours of
/// their own.
pub fn strokes(models: &[Identity]) -> Vec<Stroke> {
    let gamma = |model: &Identity| (model.kind == Kind::IbInn).then(|| model.gamma.map_or(0.0, Gamma::value));
    let mut gammas: Vec<f64> = models.iter().filter_map(gamma).collect();
    gammas.sort_by(f64::total_cmp);
    gammas.dedup();
    let mut others = 0;
    let stroke = |model: &Identity| match gamma(model) {
        Some(gamma) => {
            let rank = gammas.iter().position(|&other| other == gamma).unwrap_or(0);
            let share = if gammas.len() > 1 { rank as f64 / (gammas.len() - 1) as f64 } else { 0.0 };
            Stroke::solid(Paint::Ramp(share), 1.8)
        }
        None => {
            others += 1;
            Stroke { paint: Paint::Series(others), width: 1.8, dash: Dash::Dashed }
        }
    };
    models.iter().map(stroke).collect()
}
