//! Numbers of a report, each with its name.

use ibinn::{Evaluation, Training};

use super::Reported;
use crate::figure::set_name;
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::by_class::{ByClass, ClassError};
use ibinn_evaluate::measures::report::Report;
use ibinn_runs::environment::Environment;
use ibinn_runs::results::{FullEvaluation, Selection};
use ibinn_terminal::output::number;

/// A number or a word, and what it is; the second may have an interval.
pub type Fact = (String, String);

fn fact(name: &str, value: impl Into<String>) -> Fact {
    (name.into(), value.into())
}

/// A number with its interval; none where it was not measured.
fn measured(name: &str, estimate: Option<Estimate>, digits: usize) -> Option<Fact> {
    Some(fact(name, estimate?.shown(digits)))
}

/// How a run was trained.
pub fn training(run: &Reported) -> Vec<Fact> {
    let Training { dataset, images, preset, seed, epochs, steps, .. } = &run.model.card().training;
    let counted = |count: &Option<usize>, what: &str| count.map(|count| fact(what, count.to_string()));
    let mut facts = vec![fact("trained on", dataset)];
    facts.extend(counted(images, "images"));
    facts.push(fact("architecture", preset));
    facts.push(fact("weights", run.model.spec().parameter_count().to_string()));
    facts.extend(counted(epochs, "epochs"));
    facts.extend(counted(steps, "steps"));
    facts.extend(seed.map(|seed| fact("seed", seed.to_string())));
    facts
}

/// What was measured by `trainer evaluate --full`.
pub fn evaluation(evaluation: &FullEvaluation) -> Vec<Fact> {
    let report = &evaluation.report;
    let calibration = &report.calibration[0];
    let mut facts = vec![fact("evaluated on", evaluation.selection.of(report.images, &evaluation.dataset))];
    let numbers = [
        measured("error, %", report.error, 2),
        measured("bits/dim", report.bits_per_dim, 3),
        measured("bits/dim, tables", report.bits_per_dim_tables, 3),
        measured("L_X, nats/dim", report.l_x, 4),
        measured("L_Y, nats", report.l_y, 4),
        measured("ECE, %", calibration.ece, 2),
        measured("MCE, %", calibration.mce, 2),
        measured("ICE, %", calibration.ice, 2),
        measured("geometric mean, %", calibration.geo, 2),
        measured("overconfidence", report.overconfidence, 2),
    ];
    facts.extend(numbers.into_iter().flatten());
    facts
}

/// What the card of a model says that was not evaluated in full.
pub fn card(evaluation: &Evaluation) -> Vec<Fact> {
    let mut facts = vec![
        fact("evaluated on", Selection::default().of(evaluation.images, &evaluation.dataset)),
        fact("error, %", number(evaluation.error, 2)),
        fact("L_Y, nats", number(evaluation.l_y, 4)),
    ];
    if let Some(likelihood) = &evaluation.likelihood {
        facts.push(fact("bits/dim", number(likelihood.bits_per_dim, 3)));
        facts.push(fact("bits/dim, tables", number(likelihood.bits_per_dim_tables, 3)));
    }
    facts.extend(evaluation.calibration.as_ref().map(|c| fact("ECE, %", number(c.ece, 2))));
    let detected = |set: &ibinn::OodRow| {
        Some(fact(&format!("AUC of {}, %", set_name(&set.name)), number(set.typicality_auc?, 2)))
    };
    facts.extend(evaluation.ood.iter().filter_map(detected));
    facts
}

/// The out-of-distribution sets, a row each under titles.
pub fn sets(report: &Report) -> Vec<Vec<String>> {
    let titles = ["set", "images", "entropy increase, nats", "typicality AUC, %", "one-tailed AUC, %"];
    let cell = |estimate: Option<Estimate>, digits| estimate.map_or("–".into(), |e| e.shown(digits));
    let mut rows = vec![titles.map(String::from).to_vec()];
    rows.extend(report.ood.iter().map(|set| {
        vec![
            set_name(&set.name),
            set.images.to_string(),
            cell(set.entropy_increase, 3),
            cell(set.typicality_auc, 2),
            cell(set.one_tailed_auc, 2),
        ]
    }));
    rows
}

/// Classes that stand in a table of their own.
const CLASSES: usize = 50;

/// The error of each class, and what it is taken for when it is wrong; of many classes the worst. The balanced error is told
/// apart. None without images.
pub fn by_class(report: &Report) -> Option<(Fact, Vec<Vec<String>>)> {
    let ByClass { balanced_error, classes, .. } = &report.by_class;
    let balanced = fact("balanced error, %", number((*balanced_error)?, 2));
    let mistakes = report.by_class.mistakes();
    let taken_for = |class: usize| {
        let of = mistakes.iter().filter(|mistake| mistake.label == class).take(3);
        let words = of.map(|mistake| format!("{} ({})", classes[mistake.prediction].name, mistake.images));
        words.collect::<Vec<_>>().join(", ")
    };
    let mut order: Vec<usize> = (0..classes.len()).collect();
    if classes.len() > CLASSES {
        let error = |class: usize| classes[class].error.unwrap_or(-1.0);
        order.sort_by(|&a, &b| error(b).total_cmp(&error(a)));
        order.truncate(CLASSES);
    }
    let mut rows = vec![["class", "images", "error, %", "most often taken for"].map(String::from).to_vec()];
    rows.extend(order.iter().map(|&class| {
        let ClassError { name, images, error } = &classes[class];
        let error = error.map_or_else(|| "–".into(), |error| number(error, 2));
        vec![name.clone(), images.to_string(), error, taken_for(class)]
    }));
    Some((balanced, rows))
}

/// The machine that a run was trained on.
pub fn environment(environment: &Environment) -> Vec<Fact> {
    let Environment { version, system, processor, threads, device } = environment;
    let mut facts = vec![fact("trainer", version), fact("system", system), fact("device", device)];
    facts.extend(processor.as_ref().map(|name| fact("processor", name)));
    facts.push(fact("threads", threads.to_string()));
    facts
}
