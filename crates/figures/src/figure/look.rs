//! What models look like in a figure: their names and their lines.

use ibinn::Method;

use crate::draw::{Dash, Paint, Stroke};

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

/// A line for a model of each of several methods: IB-INNs from violet to orange by their γ, the others broken and in colours of
/// their own.
pub fn strokes(methods: &[Method]) -> Vec<Stroke> {
    let gamma = |method: &Method| match method {
        Method::IbInn { gamma } => Some(gamma.value()),
        _ => None,
    };
    let mut gammas: Vec<f64> = methods.iter().filter_map(gamma).collect();
    gammas.sort_by(f64::total_cmp);
    gammas.dedup();
    let mut others = 0;
    let stroke = |method: &Method| match gamma(method) {
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
    methods.iter().map(stroke).collect()
}
