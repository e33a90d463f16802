//! What `trainer evaluate` prints for people: the card's measures, or all of them.

use ibinn::{Evaluation, Validation};
use ibinn_data::by_path::printable;
use ibinn_data::ood::Distance;
use ibinn_evaluate::measures::bootstrap::{Estimate, LEVEL};
use ibinn_evaluate::measures::by_class::{ByClass, ClassError};
use ibinn_evaluate::measures::calibration::Binning;
use ibinn_evaluate::measures::latent_space::Distances;
use ibinn_evaluate::measures::report::{CalibrationReport, OodAverage, Report};
use ibinn_evaluate::measures::standard::{DetectionMean, DetectionReport, TemperedReport, TopLabelReport};
use ibinn_runs::results::{FullEvaluation, Selection};
use ibinn_terminal::output::{number, print};

/// Prints what was measured on images that were held out.
pub(super) fn print_validation(validation: &Validation) {
    let Validation { images, error, bits_per_dim, bits_per_dim_tables, temperature, .. } = validation;
    let bits = bits_per_dim.zip(*bits_per_dim_tables).map(|(bits, tables)| {
        format!(
            ", {} bits/dim (in the convention of the paper's tables {})",
            number(bits, 4),
            number(tables, 4)
        )
    });
    let (error, bits) = (number(*error, 2), bits.unwrap_or_default());
    let temperature = temperature
        .map(|t| format!(", best temperature of the posterior {}", number(t, 3)))
        .unwrap_or_default();
    print(format_args!("{images} training images that were held out: error {error} %{bits}{temperature}"));
}

/// Prints what a card says, on the images that `selection` names.
pub(super) fn print_card(evaluation: &Evaluation, selection: Selection) {
    print(selection.of(evaluation.images, &evaluation.dataset));
    print(format_args!("  error          {:>8} %", number(evaluation.error, 2)));
    print(format_args!("  L_Y            {:>8} nats", number(evaluation.l_y, 4)));
    if let Some(likelihood) = &evaluation.likelihood {
        print(format_args!("  L_X            {:>8} nats/dim", number(likelihood.l_x, 4)));
        print(format_args!("  bits/dim       {:>8}   (correct density)", number(likelihood.bits_per_dim, 4)));
        print(format_args!(
            "  bits/dim       {:>8}   (convention of the paper's tables)",
            number(likelihood.bits_per_dim_tables, 4)
        ));
    }
    if let Some(calibration) = &evaluation.calibration {
        print(format_args!(
            "  ECE            {:>8} %   (17 bins of all classes, as the authors' program; see `trainer evaluate --full`)",
            number(calibration.ece, 2)
        ));
    }
    for row in &evaluation.novelty {
        let (alpha, alarms, missed) = (number(row.alpha, 0), number(row.alarms, 2), number(row.missed, 2));
        print(format_args!(
            "  at p ≤ {alpha:>2} %    {alarms:>8} %   (false alarms of novelty; class outside its set: {missed} %)"
        ));
    }
    if let Some(exploded) = evaluation.exploded {
        print(format_args!("  exploded       {:>8} %   (of samples at T = 0.7)", number(exploded, 1)));
    }
    for set in &evaluation.ood {
        if let Some(novelty) = &set.novelty {
            let (auroc, none) = (number(novelty.auroc, 2), number(novelty.none_of_these, 1));
            print(format_args!("  novelty AUROC  {auroc:>8} %   ({}; none of these: {none} %)", set.name));
        }
        match set.typicality_auc {
            Some(auc) => {
                print(format_args!("  AUC            {:>8} %   (telling {} apart)", number(auc, 2), set.name))
            }
            None => {
                let increase = number(set.entropy_increase, 3);
                print(format_args!("  ΔH             {increase:>8} nats (for {})", set.name))
            }
        }
    }
}

/// Prints all measures.
pub(super) fn print_full(evaluation: &FullEvaluation) {
    let FullEvaluation { report, dataset, selection, bootstrap, .. } = evaluation;
    print(selection.of(report.images, dataset));
    if bootstrap.resamples() > 0 {
        let (percent, resamples) = (100.0 * LEVEL, bootstrap.resamples());
        print(format_args!("in brackets: {percent} % intervals of {resamples} bootstrap resamples"));
    }
    print("\nClassification");
    table(&[
        row("error, %", report.error, 2),
        row("L_Y, nats", report.l_y, 4),
        row("entropy of the posterior, nats", report.entropy, 4),
    ]);
    by_class(&report.by_class);
    if report.l_x.is_some() {
        print("\nLikelihood");
        table(&[
            row("L_X, nats/dim", report.l_x, 4),
            row("bits/dim, correct density", report.bits_per_dim, 4),
            row("bits/dim, convention of the paper's tables", report.bits_per_dim_tables, 4),
        ]);
    }
    print("\nCalibration of all classes' probabilities, in percent");
    let mut rows = vec![titles(["binning", "ECE", "MCE", "ICE", "geometric mean"])];
    rows.extend(report.calibration.iter().map(calibration));
    table(&rows);
    print(
        "  repo: the authors' program, which made the paper's tables; 17 bins, those with 20 entries or fewer dropped",
    );
    print("  paper: the paper's text; 19 bins, none dropped");
    let overconfidence = shown(report.overconfidence, 2);
    print(format_args!(
        "  overconfidence {overconfidence}: share of errors above a probability of 99.7 %, over 0.3 %"
    ));
    top_label(&report.top_label, report.tempered.as_ref());
    out_of_distribution(report);
    standard_detection(report);
    let Some(latent) = &report.latent_space else { return };
    print("\nDistances in latent space");
    table(&[
        titles(["", "mean", "smallest", "largest"]),
        distances("between the trained means μ_y", latent.means),
        distances("between the empirical means", latent.empirical_means),
        distances("from μ_y to its empirical mean", latent.means_to_empirical),
    ]);
}

/// Classes that are told of one by one, and mistakes.
const CLASSES: usize = 20;

fn by_class(by_class: &ByClass) {
    let ByClass { balanced_error, classes, .. } = by_class;
    let Some(balanced) = balanced_error else { return };
    print(format_args!(
        "\nError of each class; their mean, the balanced error, is {} %",
        number(*balanced, 2)
    ));
    let mut rows = vec![titles(["", "images", "error, %"])];
    // Where there are many, the worst.
    let mut order: Vec<&ClassError> = classes.iter().collect();
    if classes.len() > CLASSES {
        order.sort_by(|a, b| b.error.unwrap_or(-1.0).total_cmp(&a.error.unwrap_or(-1.0)));
    }
    rows.extend(order.iter().take(CLASSES).map(|class| {
        let error = class.error.map_or_else(|| "–".into(), |error| number(error, 2));
        vec![printable(&class.name), class.images.to_string(), error]
    }));
    table(&rows);
    if classes.len() > CLASSES {
        print(format_args!("  … and {} classes with smaller errors", classes.len() - CLASSES));
    }
    let mistakes = by_class.mistakes();
    if mistakes.is_empty() {
        return;
    }
    print("\nTaken for another class most often");
    let mut rows = vec![titles(["", "taken for", "images"])];
    rows.extend(mistakes.iter().take(CLASSES / 2).map(|mistake| {
        let name = |class: usize| printable(&classes[class].name);
        vec![name(mistake.label), name(mistake.prediction), mistake.images.to_string()]
    }));
    table(&rows);
}

fn out_of_distribution(report: &Report) {
    let Some(average) = &report.ood_average else {
        print("\nOut of distribution: no set was named by --ood");
        return;
    };
    // Without a likelihood there is nothing to detect by.
    let detects = report.l_x.is_some();
    let measures = if detects {
        "increase of the posterior's entropy in nats, detection AUC in percent"
    } else {
        "increase of the posterior's entropy in nats"
    };
    print(format_args!("\nOut of distribution: {measures}"));
    let line = |name: &str, images: String, increase, typicality, one_tailed| {
        let mut line = vec![name.to_string(), images, shown(increase, 3)];
        if detects {
            line.extend([shown(typicality, 2), shown(one_tailed, 2)]);
        }
        line
    };
    let mut rows = vec![titles(["", "images", "entropy increase"])];
    if detects {
        rows[0].extend(titles(["typicality AUC", "one-tailed AUC"]));
    }
    rows.extend(report.ood.iter().map(|set| {
        let images = set.images.to_string();
        line(&set.name, images, set.entropy_increase, set.typicality_auc, set.one_tailed_auc)
    }));
    let OodAverage { entropy_increase, typicality_auc, one_tailed_auc } = *average;
    rows.push(line("average", String::new(), entropy_increase, typicality_auc, one_tailed_auc));
    table(&rows);
    print(if detects {
        "  The average is that of the paper's tables: arithmetic for the entropy, geometric for the AUCs."
    } else {
        "  The average is arithmetic, as in the paper's tables."
    });
    for set in &report.ood {
        print(format_args!("  {}: {}", set.name, set.about));
    }
}

/// What is commonly measured since the paper, beside the same at the card's temperature.
fn top_label(report: &TopLabelReport, tempered: Option<&TemperedReport>) {
    print("\nCalibration of the top label, and proper scores");
    let row = |name: &str, of: fn(&TopLabelReport) -> Option<Estimate>, digits| {
        let beside = tempered.map(|tempered| shown(of(&tempered.top_label), digits));
        [name.to_string(), shown(of(report), digits)].into_iter().chain(beside).collect()
    };
    let head = tempered.map(|tempered| {
        titles(["", "as it is", &format!("at temperature {}", number(tempered.temperature, 3))])
    });
    let rows = [
        row("top-label ECE, 15 bins, %", |r| r.ece, 2),
        row("adaptive ECE, 15 bins of equal counts, %", |r| r.adaptive_ece, 2),
        row("class-wise ECE, 15 bins, %", |r| r.class_wise_ece, 3),
        row("Brier score", |r| r.brier, 4),
        row("  its reliability (miscalibration)", |r| r.brier_reliability, 4),
        row("  its resolution (subtracted)", |r| r.brier_resolution, 4),
        row("  its uncertainty", |r| r.brier_uncertainty, 4),
        row("negative log-likelihood, nats", |r| r.nll, 4),
        row("area under the risk-coverage curve, %", |r| r.aurc, 3),
    ];
    table(&head.into_iter().chain(rows).collect::<Vec<_>>());
}

/// What each score detects, and what novelty says of the test images.
fn standard_detection(report: &Report) {
    if !report.novelty.is_empty() {
        print("\nNovelty on the test images, in percent");
        let mut rows = vec![titles(["p at most", "false alarms", "class outside its set"])];
        rows.extend(report.novelty.iter().map(|row| {
            vec![format!("{:.0}", row.alpha), format!("{:.2}", row.alarms), format!("{:.2}", row.missed)]
        }));
        table(&rows);
    }
    if report.ood.is_empty() {
        return;
    }
    print("\nDetection, foreign images as positives, in percent");
    let line = |name: &str, of: &DetectionReport| {
        let numbers = [of.auroc, of.aupr_in, of.aupr_out, of.fpr95].map(|estimate| shown(estimate, 2));
        [vec![name.to_string(), of.score.name().into()], numbers.to_vec()].concat()
    };
    let mut rows = vec![titles(["", "score", "AUROC", "AUPR-in", "AUPR-out", "FPR at 95 %"])];
    for set in &report.ood {
        rows.extend(set.detection.iter().map(|of| line(&set.name, of)));
    }
    for DetectionMean { distance, detection } in &report.detection_means {
        let name = match distance {
            Some(Distance::Near) => "mean of the near sets",
            Some(Distance::Far) => "mean of the far sets",
            None => "mean of the sets",
        };
        rows.extend(detection.iter().map(|of| line(name, of)));
    }
    table(&rows);
    for set in &report.ood {
        if let [Some(unusual), Some(none)] = set.flagged {
            print(format_args!(
                "  {}: novelty calls {unusual:.1} % unusual or none of these, {none:.1} % none of these",
                set.name
            ));
        }
    }
}

fn calibration(report: &CalibrationReport) -> Vec<String> {
    let name = match report.binning {
        Binning::Repo => "repo",
        Binning::Paper => "paper",
    };
    let numbers = [report.ece, report.mce, report.ice, report.geo].map(|estimate| shown(estimate, 2));
    [name.into()].into_iter().chain(numbers).collect()
}

fn row(name: &str, estimate: Option<Estimate>, digits: usize) -> Vec<String> {
    vec![name.into(), shown(estimate, digits)]
}

fn distances(name: &str, distances: Option<Distances>) -> Vec<String> {
    let numbers = distances.map(|d| [d.mean, d.smallest, d.largest].map(|v| format!("{v:.2}")));
    [name.into()].into_iter().chain(numbers.into_iter().flatten()).collect()
}

fn titles<const N: usize>(titles: [&str; N]) -> Vec<String> {
    titles.map(String::from).to_vec()
}

/// A measure with its interval; a dash where it is not defined.
fn shown(estimate: Option<Estimate>, digits: usize) -> String {
    match estimate {
        None => "–".into(),
        Some(estimate) => estimate.shown(digits),
    }
}

/// Prints rows with their columns under one another, numbers to the right.
fn table(rows: &[Vec<String>]) {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |i: usize| rows.iter().filter_map(|row| row.get(i)).map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = (0..columns).map(|i| width(i).unwrap_or(0)).collect();
    for row in rows {
        let cell = |(i, cell): (usize, &String)| match i {
            0 => format!("{cell:<0$}", widths[i]),
            _ => format!("{cell:>0$}", widths[i]),
        };
        let cells: Vec<String> = row.iter().enumerate().map(cell).collect();
        print(format_args!("  {}", cells.join("  ").trim_end()));
    }
}
