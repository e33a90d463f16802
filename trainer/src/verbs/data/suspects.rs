//! `trainer data check --model`: labels that a model doubts, and pictures that are unlike all it was trained on.

use std::path::PathBuf;

use clap::Args;
use ibinn::Model;
use ibinn::head::Classification;
use ibinn::head::novelty::NONE_OF_THESE;
use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::spec::Shape;

use crate::error::{Error, Result};
use crate::verbs::contact_sheet::{Chosen, Shown};
use crate::verbs::dataset::LookArgs;
use crate::verbs::shared::{ExecutorArgs, ModelArgs};
use ibinn_data::by_path::{Reading, printable};
use ibinn_data::{DataDir, Dataset, Sets, is_path};
use ibinn_evaluate::pass;
use ibinn_figures::report::contact_sheet;
use ibinn_files::{atomic, csv};
use ibinn_terminal::output::{number, path_text, print};

/// Rows that are printed of each kind.
const PRINTED: usize = 10;
const COLUMNS: [&str; 8] =
    ["file", "split", "label", "label_probability", "prediction", "probability", "novelty_p", "verdict"];

/// Flags for a model that looks at the pictures.
#[derive(Debug, Args)]
pub(super) struct SuspectsArgs {
    /// Let this model look for labels that may be wrong, and for pictures that may not belong here
    #[arg(long, value_name = "FILE.safetensors")]
    model: Option<PathBuf>,
    /// What runs the model; auto takes a real GPU when there is one
    #[arg(long, default_value = "auto", value_name = "auto|gpu|cpu", requires = "model")]
    executor: ExecutorChoice,
    /// The GPU that runs it, by its number in `trainer devices` or a part of its name
    #[arg(long, value_name = "N|NAME", requires = "model")]
    device: Option<String>,
    /// Write a row a picture, the least probable labels first
    #[arg(long, value_name = "FILE.csv", requires = "model")]
    out: Option<PathBuf>,
    /// Write a page with the suspicious pictures
    #[arg(long, value_name = "FILE.html", requires = "model")]
    report: Option<PathBuf>,
}

/// A picture and what the model says of it.
struct Row {
    name: String,
    split: &'static str,
    label: String,
    /// Probability of the label; none where the model does not know the class.
    label_probability: Option<f64>,
    prediction: usize,
    probability: f64,
    /// p-value and verdict of novelty; none without it.
    novelty: Option<(f64, &'static str)>,
}

impl Row {
    fn new((name, split, label): (&str, &'static str, &str), model: &Model, found: &Classification) -> Self {
        let class = model.spec().classes().iter().position(|class| class == label);
        let probabilities = &found.posterior.probabilities;
        Self {
            name: name.into(),
            split,
            label: label.into(),
            label_probability: class.map(|class| probabilities[class]),
            prediction: found.prediction,
            probability: probabilities[found.prediction],
            novelty: found.novelty.as_ref().map(|novelty| (novelty.p, novelty.verdict().name())),
        }
    }

    fn line(&self, classes: &[String]) -> String {
        let optional = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
        csv::line([
            self.name.clone(),
            self.split.into(),
            self.label.clone(),
            optional(self.label_probability),
            classes[self.prediction].clone(),
            self.probability.to_string(),
            optional(self.novelty.map(|(p, _)| p)),
            self.novelty.map_or_else(String::new, |(_, verdict)| verdict.into()),
        ])
    }

    /// Whether the model takes it for another class than its own.
    fn is_doubted(&self, classes: &[String]) -> bool {
        self.label_probability.is_some() && classes[self.prediction] != self.label
    }
}

impl SuspectsArgs {
    /// Whether a model is to look.
    pub fn is_wanted(&self) -> bool {
        self.model.is_some()
    }

    /// Lets the model look at the one data set that is named.
    ///
    /// # Errors
    /// When it is none by path or cannot be read, the model cannot be run, or a file cannot be written.
    pub fn run(&self, names: &[String], data_dir: &DataDir, json: bool) -> Result<()> {
        let [path] = names else {
            return Err(Error::Usage("--model looks at one data set at a time".into()));
        };
        if !is_path(path) {
            let known = "its labels are what all others train on";
            return Err(Error::Usage(format!(
                "--model looks at data sets by path; {path} is one by name, {known}"
            )));
        }
        self.out.iter().chain(&self.report).try_for_each(|file| atomic::check(file))?;
        let file = self.model.clone().unwrap_or_default();
        let executor = ExecutorArgs { executor: self.executor, device: self.device.clone() };
        let model = ModelArgs { model: file, executor, json };
        let look = LookArgs::default().of_model(&model.model)?;
        let mut session = model.session(model.load()?)?;
        let Shape { channels, height, width } = session.model().spec().input_shape();
        let reading = Reading { max_bad: 1.0, look, ..Reading::default() };
        let sets = Sets::load(path, &reading, Some([channels, height, width]), data_dir, json)?;
        let found = Suspects::new(&mut session, &sets, json)?;
        let classes = session.model().spec().classes();
        if let Some(out) = &self.out {
            let rows = found.rows.iter().map(|row| row.line(classes));
            atomic::write(out, [csv::line(COLUMNS)].into_iter().chain(rows).collect::<String>().as_bytes())?;
        }
        if let Some(report) = &self.report {
            atomic::write(report, found.html(path, session.model()).as_bytes())?;
        }
        if json {
            let doubted = found.doubted(classes).count();
            let (out, report) = (self.out.as_deref().map(path_text), self.report.as_deref().map(path_text));
            print(serde_json::json!({
                "dataset": path, "pictures": found.rows.len(), "doubted_labels": doubted, "outliers": found.outliers.len(),
                "out": out, "report": report,
            }));
        } else {
            found.print(classes);
            self.out.iter().chain(&self.report).for_each(|file| print(file.display()));
        }
        Ok(())
    }
}

/// What a model finds.
struct Suspects {
    /// All pictures, the least probable labels first; those whose class the model does not know last.
    rows: Vec<Row>,
    /// Places among the rows of those that are none of these, the strangest first.
    outliers: Vec<usize>,
    doubted_pictures: Chosen,
    strange_pictures: Chosen,
}

impl Suspects {
    fn new(session: &mut Session, sets: &Sets, quiet: bool) -> Result<Self> {
        let (mut doubted_pictures, mut strange_pictures) = (Chosen::default(), Chosen::default());
        let mut rows: Vec<(Row, f64)> = Vec::new();
        let names = sets.description.as_ref().map(|description| &description.names);
        let model = session.model().clone();
        let parts = [("train", Some(&sets.train)), ("val", sets.val.as_ref()), ("test", Some(&sets.test))];
        for (i, (split, data)) in parts.into_iter().enumerate() {
            let Some(data) = data else { continue };
            let indices: Vec<usize> = (0..data.len()).collect();
            pass::classify_images(
                session,
                (data, &indices),
                &format!("looking at {split}"),
                quiet,
                |at, seen| {
                    let name = names.and_then(|names| names[i].get(at)).map_or("", String::as_str);
                    let row = Row::new((name, split, label(data, at)), &model, &seen.found);
                    let score =
                        seen.found.novelty.as_ref().map_or(f64::NEG_INFINITY, |novelty| novelty.score);
                    let shown = || {
                        let probability = row
                            .label_probability
                            .map_or_else(String::new, |p| format!(", {} %", number(100.0 * p, 1)));
                        let line = format!("{} ({split}{probability})", printable(&row.label));
                        Shown::new(name, data.image(at), &model, &seen.found).headed(line)
                    };
                    if let Some(p) = row.label_probability.filter(|_| row.is_doubted(model.spec().classes()))
                    {
                        doubted_pictures.push(-p, shown);
                    }
                    if row.novelty.is_some_and(|(p, _)| p <= NONE_OF_THESE) {
                        strange_pictures.push(score, shown);
                    }
                    rows.push((row, score));
                    Ok(())
                },
            )?;
        }
        let key = |row: &Row| row.label_probability.unwrap_or(f64::INFINITY);
        rows.sort_by(|(a, _), (b, _)| key(a).total_cmp(&key(b)));
        let is_outlier = |i: &usize| rows[*i].0.novelty.is_some_and(|(p, _)| p <= NONE_OF_THESE);
        let mut outliers: Vec<usize> = (0..rows.len()).filter(is_outlier).collect();
        outliers.sort_by(|&a, &b| rows[b].1.total_cmp(&rows[a].1));
        let rows = rows.into_iter().map(|(row, _)| row).collect();
        Ok(Self { rows, outliers, doubted_pictures, strange_pictures })
    }

    fn doubted<'a>(&'a self, classes: &'a [String]) -> impl Iterator<Item = &'a Row> {
        self.rows.iter().filter(|row| row.is_doubted(classes))
    }

    fn print(&self, classes: &[String]) {
        let percent = |share: f64| number(100.0 * share, 1);
        let doubted = self.doubted(classes).count();
        print(format_args!(
            "{} pictures; the model takes {doubted} for another class than their label",
            self.rows.len()
        ));
        for row in self.doubted(classes).take(PRINTED) {
            print(format_args!(
                "  {}: labelled {} ({} %), looks like {} ({} %)",
                printable(&row.name),
                printable(&row.label),
                percent(row.label_probability.unwrap_or_default()),
                printable(&classes[row.prediction]),
                percent(row.probability)
            ));
        }
        if self.rows.iter().any(|row| row.novelty.is_some()) {
            print(format_args!("{} are none of what it was trained on (p at most 1 %)", self.outliers.len()));
        }
        for &i in self.outliers.iter().take(PRINTED) {
            let row = &self.rows[i];
            print(format_args!("  {}: labelled {}", printable(&row.name), printable(&row.label)));
        }
    }

    fn html(&self, path: &str, model: &Model) -> String {
        let doubted = "by the probability of their label, the least probable first";
        let strange =
            "by novelty, the strangest first: none of what the model was trained on (p at most 1 %)";
        let groups = [
            self.doubted_pictures.group("Labels that may be wrong", doubted, model),
            self.strange_pictures.group("Pictures that may not belong here", strange, model),
        ];
        let notes = [
            format!("{} pictures, looked at by {}", self.rows.len(), model.card().title),
            "A model that was trained on a wrong label may believe it.".into(),
        ];
        contact_sheet(&format!("Suspicious pictures of {path}"), &notes, &groups)
    }
}

/// The class of an image.
fn label(data: &Dataset, image: usize) -> &str {
    &data.class_names[usize::from(data.labels[image])]
}
