//! One page about a run or several: curves, calibration, out-of-distribution sets, pictures, configuration.
//!
//! The page holds everything it shows and asks nobody for anything, so it can be sent and kept.

mod contact_sheet;
mod facts;
mod page;
mod scores;

use std::path::Path;

use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;
use ibinn::{Method, MethodName, Model};

use crate::draw::Sheet;
use crate::figure::{self, Block, Row, TrainingLog};
use crate::labels::distinct;
use crate::samples::{TEMPERATURE, each, pictures, read_model, sampling};
use crate::table;
use crate::{Error, Result};
pub use contact_sheet::{Entry, Group, contact_sheet};
use ibinn_runs::environment::Environment;
use ibinn_runs::replicates::Replicates;
use ibinn_runs::results::{FullEvaluation, RunFolder, names};
use page::Page;

/// Samples of each class.
const SAMPLES: usize = 10;
/// Pictures of an interpolation, both ends included.
const STEPS: usize = 10;

/// A run and what is known of it.
pub struct Reported {
    folder: RunFolder,
    model: Model,
    evaluation: Option<FullEvaluation>,
    environment: Option<Environment>,
}

impl Reported {
    /// Reads the finished run in `folder`.
    ///
    /// # Errors
    /// When it has no model yet, or a file is damaged.
    pub fn read(folder: RunFolder) -> Result<Self> {
        let path = folder.file(names::MODEL);
        if !path.exists() {
            return Err(Error::data(
                &path,
                "there is no such file: the run is not finished, go on with it by `trainer train --resume`",
            ));
        }
        let evaluated = folder.file(names::EVALUATION);
        Ok(Self {
            model: read_model(&path)?,
            evaluation: evaluated.exists().then(|| FullEvaluation::read(&evaluated)).transpose()?,
            environment: Environment::read(&folder.file(names::ENVIRONMENT))?,
            folder,
        })
    }

    fn method(&self) -> Method {
        self.model.card().training.method
    }
}

/// The page about `runs`, called `title`; samples are drawn by `executor` and `seed`.
///
/// # Errors
/// When a log cannot be read, or the executor fails.
pub fn page(title: &str, mut runs: Vec<Reported>, executor: ExecutorChoice, seed: u64) -> Result<String> {
    runs.sort_by(|a, b| a.method().order(b.method()));
    let classes: Vec<usize> = runs.iter().map(|run| run.model.spec().classes().len()).collect();
    let mut page = Page::new(title, &classes);
    let names = distinct(runs.iter().map(|run| (run.method(), run.folder.path.as_path())));
    if runs.len() > 1 {
        together(&mut page, &runs, &names)?;
    }
    for (run, name) in runs.iter().zip(&names) {
        alone(&mut page, (run, name), runs.len() == 1, executor, seed)?;
    }
    Ok(page.finish())
}

/// What compares the runs.
fn together(page: &mut Page, runs: &[Reported], names: &[String]) -> Result<()> {
    page.section("All runs");
    let evaluated =
        runs.iter().zip(names).filter_map(|(run, name)| Some((name.clone(), run.evaluation.clone()?)));
    let (names, evaluated): (Vec<String>, Vec<FullEvaluation>) = evaluated.unzip();
    if !evaluated.is_empty() {
        let found = runs.iter().filter_map(|run| Some((run.folder.path.clone(), run.evaluation.clone()?)));
        let groups = Replicates::group(found.collect())?;
        let labels = distinct(groups.iter().map(|one| (one.first().training.method, one.path.as_path())));
        page.table(&table::table(&labels, &groups, None)?);
        let several =
            |name| groups.iter().filter(|one| one.first().training.method.name() == name).count() > 1;
        if [MethodName::IbInn, MethodName::Vib].into_iter().any(several) {
            page.heading("What γ does");
            match figure::gamma(&groups) {
                Ok(sheet) => page.sheet(&sheet),
                Err(reason) => page.note(&format!("Not drawn: {reason}.")),
            }
        }
        page.heading("Calibration");
        page.sheet(&figure::calibration(&names, &evaluated));
    }
    page.heading("Training");
    page.sheet(&training(runs.iter().map(|run| &run.folder))?);
    Ok(())
}

fn training<'a>(folders: impl Iterator<Item = &'a RunFolder>) -> Result<Sheet> {
    let folders: Vec<RunFolder> = folders.cloned().collect();
    let logs: Vec<TrainingLog> = figure::logs(&folders)?;
    let classes = figure::classes(&folders)?;
    Ok(figure::training(&logs, classes))
}

fn alone(
    page: &mut Page,
    (run, name): (&Reported, &String),
    only: bool,
    executor: ExecutorChoice,
    seed: u64,
) -> Result<()> {
    page.section(name);
    page.facts(&facts::training(run));
    match (&run.evaluation, &run.model.card().evaluation) {
        (Some(evaluation), _) => {
            page.facts(&facts::evaluation(evaluation));
            if only {
                // Of several runs the table says so.
                table::notes(&[Replicates::single(run.folder.path.clone(), evaluation.clone())])
                    .iter()
                    .for_each(|note| page.note(note));
            }
        }
        (None, Some(evaluation)) => page.facts(&facts::card(evaluation)),
        (None, None) => page
            .note("This model has not been evaluated: trainer evaluate --full MODEL --out evaluation.json"),
    }
    if only {
        page.heading("Training");
        page.sheet(&training([&run.folder].into_iter())?);
        if let Some(evaluation) = &run.evaluation {
            page.heading("Calibration");
            page.sheet(&figure::calibration(std::slice::from_ref(name), std::slice::from_ref(evaluation)));
        }
    }
    if let Some((balanced, rows)) = run.evaluation.as_ref().and_then(|found| facts::by_class(&found.report)) {
        page.heading("Errors by class");
        page.facts(&[balanced]);
        page.rows(&rows);
    }
    if let Some(evaluation) = run.evaluation.as_ref().filter(|j| !j.report.ood.is_empty()) {
        page.heading("Out of distribution");
        page.rows(&facts::sets(&evaluation.report));
        if let Some(sheet) = scores::likelihoods(evaluation) {
            page.sheet(&sheet);
        }
    }
    let evaluation = run.model.card().evaluation.as_ref();
    if let Some(map) = evaluation.and_then(|evaluation| evaluation.latent_map.as_ref()) {
        page.heading("Latent space");
        page.sheet(&figure::latent(&[(name.clone(), map, run.model.spec().classes())]));
    }
    if run.model.spec().family().has_mixture() {
        let mut session = Session::new(run.model.clone(), executor).map_err(Error::core)?;
        page.heading("Samples");
        page.sheet(&samples(&mut session, seed)?);
        page.heading("From class to class");
        page.sheet(&walks(&mut session, seed)?);
    }
    page.details("Configuration", &run.folder.config.to_toml()?);
    if let Some(environment) = &run.environment {
        page.heading("Trained on");
        page.facts(&facts::environment(environment));
    }
    Ok(())
}

/// Samples of each class, a row a class.
fn samples(session: &mut Session, seed: u64) -> Result<Sheet> {
    let classes: Vec<usize> = (0..session.model().spec().classes().len()).collect();
    let drawn = session.sample(&sampling(seed), each(&classes, SAMPLES)).map_err(Error::core)?;
    let names = session.model().spec().classes();
    let pictures = pictures(session.model(), &drawn.pixels);
    let rows = names.iter().zip(pictures.chunks(SAMPLES));
    let rows = rows.map(|(name, pictures)| Row { name: name.clone(), pictures: pictures.to_vec() }).collect();
    let title = format!("T = {TEMPERATURE}");
    Ok(figure::blocks("Samples of each class", &[Block { title, rows }], 1))
}

/// Straight lines between samples of each class and the next.
fn walks(session: &mut Session, seed: u64) -> Result<Sheet> {
    let names = session.model().spec().classes().to_vec();
    let mut rows = Vec::new();
    for (class, name) in names.iter().enumerate() {
        let ends = [class, (class + 1) % names.len()].map(|end| (end, class as u64));
        let ends = session.draw(&sampling(seed), ends).map_err(Error::core)?;
        let ends = ends.split_at(ends.len() / 2);
        let walk = session.interpolate(ends, STEPS, 0..STEPS).map_err(Error::core)?;
        rows.push(Row { name: format!("from {name}"), pictures: pictures(session.model(), &walk.pixels) });
    }
    let title = "straight lines in latent space".into();
    Ok(figure::blocks("From a sample of each class to one of the next", &[Block { title, rows }], 1))
}

/// A name for the page about runs in these folders.
pub fn title(runs: &[Reported], paths: &[&Path]) -> String {
    match (runs, paths) {
        ([run], _) => run.model.card().title.clone(),
        (_, [path]) => format!("Runs in {}", path.display()),
        _ => format!("{} runs", runs.len()),
    }
}
