//! Rows of the paper's Tables 1 and 2: our numbers with their intervals beside the published ones.

mod render;

use ibinn::Method;
use serde::Serialize;

use crate::Result;
use crate::paper::{OOD_SETS, PaperTable, Published};
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_evaluate::measures::report::Report;
use ibinn_runs::replicates::Replicates;
use ibinn_runs::results::caveats;
pub use render::Format;

/// One number of a table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cell {
    /// The number and, of ours, its interval; none where it was not measured or cannot be.
    pub estimate: Option<Estimate>,
    /// Its standard deviation over seeds, of a row that is a mean over several; the number has no interval then.
    pub spread: Option<f64>,
    /// Digits after the point.
    pub digits: usize,
}

/// A column of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Column {
    /// What several columns have in common, as in "AUC, %"; empty of a column by itself.
    pub group: String,
    /// Its own name.
    pub name: String,
}

/// One model, measured by us or published.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Row {
    /// Which model.
    pub model: String,
    /// Who measured it on what, as in "ours, fashion-mnist".
    pub source: String,
    /// Its numbers, one a column.
    pub cells: Vec<Cell>,
}

/// A table that can be written in several formats.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Table {
    /// Columns after those that name model and source.
    pub columns: Vec<Column>,
    /// Rows, by model in the order of the paper; ours before the published one.
    pub rows: Vec<Row>,
    /// Sentences below it.
    pub notes: Vec<String>,
}

const ERROR: usize = 2;
const BITS: usize = 2;
const CALIBRATION: usize = 2;
const ENTROPY: usize = 2;
const AUC: usize = 2;

/// Puts evaluated models, called `names` and averaged over their seeds, beside the rows of a published table.
///
/// # Errors
/// None beyond those of reading the published tables.
pub fn table(names: &[String], evaluations: &[Replicates], paper: Option<PaperTable>) -> Result<Table> {
    let published = paper.map(PaperTable::rows).transpose()?;
    let sets = sets(evaluations, published.is_some());
    let ours = evaluations.iter().zip(names).map(|(replicates, name)| {
        let first = replicates.first();
        let source = match first.selection.caveat() {
            Some(images) => format!("ours, {images} of {}", first.dataset),
            None => format!("ours, {}", first.dataset),
        };
        let source = match replicates.seeds() {
            1 => source,
            seeds => format!("{source}, {seeds} seeds"),
        };
        let row = Row { model: name.clone(), source, cells: our_cells(replicates, &sets) };
        (first.training.method, 0, row)
    });
    let theirs = published.iter().flat_map(|(dataset, rows)| rows.iter().map(move |row| (dataset, row)));
    let theirs = theirs.map(|(dataset, row)| {
        let cells = published_cells(row, &sets);
        (row.method, 1, Row { model: row.method.to_string(), source: format!("paper, {dataset}"), cells })
    });
    let mut rows: Vec<(Method, u8, Row)> = ours.chain(theirs).collect();
    // Stable, so that models of the same method keep the order in which they were named.
    rows.sort_by(|(a, a_source, _), (b, b_source, _)| a.order(*b).then(a_source.cmp(b_source)));
    Ok(Table {
        columns: columns(&sets),
        rows: rows.into_iter().map(|(_, _, row)| row).collect(),
        notes: all_notes(evaluations, published.is_some()),
    })
}

/// Names of the out-of-distribution sets that have a column: the paper's, then others of ours.
fn sets(evaluations: &[Replicates], paper: bool) -> Vec<String> {
    let evaluated =
        |name: &str| evaluations.iter().any(|j| j.first().report.ood.iter().any(|set| set.name == name));
    let mut sets: Vec<String> =
        OOD_SETS.iter().filter(|name| paper || evaluated(name)).map(|name| (*name).into()).collect();
    for set in evaluations.iter().flat_map(|j| &j.first().report.ood) {
        if !sets.contains(&set.name) {
            sets.push(set.name.clone());
        }
    }
    sets
}

fn columns(sets: &[String]) -> Vec<Column> {
    let column = |group: &str, name: &str| Column { group: group.into(), name: name.into() };
    let mut columns = vec![
        column("", "error, %"),
        column("bits/dim", "tables"),
        column("bits/dim", "correct"),
        column("calibration, %", "Geo."),
        column("calibration, %", "ECE"),
        column("calibration, %", "MCE"),
        column("calibration, %", "ICE"),
    ];
    if !sets.is_empty() {
        for group in ["entropy increase, nats", "AUC, %"] {
            columns.push(column(group, "average"));
            columns.extend(sets.iter().map(|set| column(group, set)));
        }
    }
    columns
}

fn our_cells(replicates: &Replicates, sets: &[String]) -> Vec<Cell> {
    let cell = |measure: &dyn Fn(&Report) -> Option<Estimate>, digits| {
        let estimate = replicates.estimate(measure);
        match estimate.and_then(|e| Some((e.value, e.interval?))) {
            Some((value, [_, high])) if replicates.seeds() > 1 => Cell {
                estimate: Some(Estimate { value, interval: None }),
                spread: Some(high - value),
                digits,
            },
            _ => Cell { estimate, spread: None, digits },
        }
    };
    let mut cells = vec![
        cell(&|r| r.error, ERROR),
        cell(&|r| r.bits_per_dim_tables, BITS),
        cell(&|r| r.bits_per_dim, BITS),
        // The program's binning, which made the published tables, is the first.
        cell(&|r| r.calibration[0].geo, CALIBRATION),
        cell(&|r| r.calibration[0].ece, CALIBRATION),
        cell(&|r| r.calibration[0].mce, CALIBRATION),
        cell(&|r| r.calibration[0].ice, CALIBRATION),
    ];
    if sets.is_empty() {
        return cells;
    }
    let set = |report: &Report, name: &String| report.ood.iter().find(|set| set.name == *name).cloned();
    cells.push(cell(&|r| r.ood_average?.entropy_increase, ENTROPY));
    cells.extend(sets.iter().map(|name| cell(&|r| set(r, name)?.entropy_increase, ENTROPY)));
    cells.push(cell(&|r| r.ood_average?.typicality_auc, AUC));
    cells.extend(sets.iter().map(|name| cell(&|r| set(r, name)?.typicality_auc, AUC)));
    cells
}

fn published_cells(row: &Published, sets: &[String]) -> Vec<Cell> {
    let cell = |value: Option<f64>, digits| Cell {
        estimate: value.map(|value| Estimate { value, interval: None }),
        spread: None,
        digits,
    };
    let mut cells = vec![
        cell(row.error, ERROR),
        cell(row.bits_per_dim, BITS),
        cell(None, BITS),
        cell(row.geo, CALIBRATION),
        cell(row.ece, CALIBRATION),
        cell(row.mce, CALIBRATION),
        cell(row.ice, CALIBRATION),
    ];
    if sets.is_empty() {
        return cells;
    }
    for (values, digits) in [(&row.entropy_increase, ENTROPY), (&row.auc, AUC)] {
        cells.push(cell(values.first().copied(), digits));
        cells.extend(sets.iter().map(|name| {
            let position = OOD_SETS.iter().position(|known| known == name);
            cell(position.and_then(|i| values.get(i + 1).copied()), digits)
        }));
    }
    cells
}

/// What must be known of the numbers of evaluated models: what their intervals are, and which are not of the whole test set.
pub fn notes(evaluations: &[Replicates]) -> Vec<String> {
    let averaged = evaluations.iter().any(|j| j.seeds() > 1);
    let bracketed = evaluations.iter().any(|j| j.seeds() == 1 && j.first().bootstrap.resamples() > 0);
    let brackets = "In brackets: 95 % bootstrap intervals over the images; the paper gives single numbers.";
    let spread = "After ±: standard deviation over seeds, of means over them.";
    let notes = [(bracketed, brackets), (averaged, spread)];
    let notes = notes.into_iter().filter(|(has, _)| *has).map(|(_, note)| note.to_string());
    notes.chain(caveats(evaluations.iter().flat_map(Replicates::all))).collect()
}

fn all_notes(evaluations: &[Replicates], paper: bool) -> Vec<String> {
    let mut notes = notes(evaluations);
    if evaluations.iter().any(|j| !j.first().report.ood.is_empty()) {
        notes.push(
            "Averages over all sets of a row: arithmetic for the entropy, geometric for the AUC.".to_string(),
        );
    }
    if paper {
        notes.push(
            "Bits/dim “tables” is the published convention, “correct” the density of the pixels.".to_string(),
        );
    }
    notes
}
