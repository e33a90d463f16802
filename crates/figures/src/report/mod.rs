//! One page about a run or several: curves, calibration, out-of-distribution sets, pictures, configuration.
//!
//! The page holds everything it shows and asks nobody for anything, so it can be sent and kept.

mod facts;
mod page;
mod scores;

use std::path::Path;

use ibinn::Model;
use ibinn::session::executor::{Executor, ExecutorChoice};

use crate::draw::{Picture, Sheet};
use crate::figure::{self, Block, Row, TrainingLog};
use crate::samples::{self, TEMPERATURE, read_model};
use crate::table;
use crate::{Error, Result};
use ibinn_runs::environment::Environment;
use ibinn_runs::labels::distinct;
use ibinn_runs::paper::{Identity, Kind};
use ibinn_runs::results::{Judgement, RunFolder, names};
use page::Page;

/// Samples of each class.
const SAMPLES: usize = 10;
/// Pictures of an interpolation, both ends included.
const STEPS: usize = 10;

/// A run and what is known of it.
pub struct Reported {
    folder: RunFolder,
    model: Model,
    judgement: Option<Judgement>,
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
        let judged = folder.file(names::JUDGEMENT);
        Ok(Self {
            model: read_model(&path)?,
            judgement: judged.exists().then(|| Judgement::read(&judged)).transpose()?,
            environment: Environment::read(&folder.file(names::ENVIRONMENT))?,
            folder,
        })
    }

    fn identity(&self) -> Identity {
        figure::identity(&self.model)
    }
}

/// The page about `runs`, called `title`; samples are drawn by `executor` and `seed`.
///
/// # Errors
/// When a log cannot be read, or the executor fails.
pub fn page(title: &str, mut runs: Vec<Reported>, executor: ExecutorChoice, seed: u64) -> Result<String> {
    runs.sort_by(|a, b| a.identity().order(&b.identity()));
    let classes: Vec<usize> = runs.iter().map(|run| run.model.spec().classes().len()).collect();
    let mut page = Page::new(title, &classes);
    let names = distinct(runs.iter().map(|run| (run.identity(), run.folder.path.as_path())));
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
    let judged =
        runs.iter().zip(names).filter_map(|(run, name)| Some((name.clone(), run.judgement.clone()?)));
    let (names, judged): (Vec<String>, Vec<Judgement>) = judged.unzip();
    if !judged.is_empty() {
        page.table(&table::table(&names, &judged, None)?);
        let several = |kind: Kind| judged.iter().filter(|j| Identity::of(j).kind == kind).count() > 1;
        if several(Kind::IbInn) || several(Kind::Vib) {
            page.heading("What γ does");
            match figure::gamma(&judged) {
                Ok(sheet) => page.sheet(&sheet),
                Err(reason) => page.note(&format!("Not drawn: {reason}.")),
            }
        }
        page.heading("Calibration");
        page.sheet(&figure::calibration(&names, &judged));
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
    match (&run.judgement, &run.model.card().evaluation) {
        (Some(judgement), _) => {
            page.facts(&facts::judgement(judgement));
            if only {
                // Of several runs the table says so.
                table::notes(std::slice::from_ref(judgement)).iter().for_each(|note| page.note(note));
            }
        }
        (None, Some(evaluation)) => page.facts(&facts::evaluation(evaluation)),
        (None, None) => page.note("This model has not been judged: trainer judge MODEL --out judge.json"),
    }
    if only {
        page.heading("Training");
        page.sheet(&training([&run.folder].into_iter())?);
        if let Some(judgement) = &run.judgement {
            page.heading("Calibration");
            page.sheet(&figure::calibration(std::slice::from_ref(name), std::slice::from_ref(judgement)));
        }
    }
    if let Some(judgement) = run.judgement.as_ref().filter(|j| !j.report.ood.is_empty()) {
        page.heading("Out of distribution");
        page.rows(&facts::sets(&judgement.report));
        if let Some(sheet) = scores::likelihoods(judgement) {
            page.sheet(&sheet);
        }
    }
    let evaluation = run.model.card().evaluation.as_ref();
    if let Some(map) = evaluation.and_then(|evaluation| evaluation.latent_map.as_ref()) {
        page.heading("Latent space");
        page.sheet(&figure::latent(&[(name.clone(), map, run.model.spec().classes())]));
    }
    if run.model.spec().family().has_mixture() {
        let mut executor = pollster::block_on(Executor::new(&run.model, executor)).map_err(Error::core)?;
        page.heading("Samples");
        page.sheet(&samples(&run.model, &mut executor, seed)?);
        page.heading("From class to class");
        page.sheet(&walks(&run.model, &mut executor, seed)?);
    }
    page.details("Configuration", &run.folder.config.to_toml()?);
    if let Some(environment) = &run.environment {
        page.heading("Trained on");
        page.facts(&facts::environment(environment));
    }
    Ok(())
}

/// Samples of each class, a row a class.
fn samples(model: &Model, executor: &mut Executor, seed: u64) -> Result<Sheet> {
    let names = model.spec().classes();
    let draws = (0..names.len()).flat_map(|class| (0..SAMPLES).map(move |i| (class, i)));
    let draw = draws_of(model, seed)?;
    let z: Vec<f32> = draws.flat_map(|(class, i)| draw(class, i)).collect();
    let pictures = pictures(model, executor, &z)?;
    let rows = names.iter().zip(pictures.chunks(SAMPLES));
    let rows = rows.map(|(name, pictures)| Row { name: name.clone(), pictures: pictures.to_vec() }).collect();
    let title = format!("T = {TEMPERATURE}");
    Ok(figure::blocks("Samples of each class", &[Block { title, rows }], 1))
}

/// Straight lines between samples of each class and the next.
fn walks(model: &Model, executor: &mut Executor, seed: u64) -> Result<Sheet> {
    let names = model.spec().classes();
    let draw = draws_of(model, seed)?;
    let mut z = Vec::new();
    for class in 0..names.len() {
        let [from, to] = [class, (class + 1) % names.len()].map(|class| draw(class, class));
        z.extend(samples::line(&from, &to, STEPS));
    }
    let pictures = pictures(model, executor, &z)?;
    let rows = names.iter().zip(pictures.chunks(STEPS));
    let rows = rows.map(|(name, pictures)| Row { name: format!("from {name}"), pictures: pictures.to_vec() });
    let title = "straight lines in latent space".into();
    Ok(figure::blocks(
        "From a sample of each class to one of the next",
        &[Block { title, rows: rows.collect() }],
        1,
    ))
}

/// Latents by class and number.
fn draws_of(model: &Model, seed: u64) -> Result<impl Fn(usize, usize) -> Vec<f32> + '_> {
    let (means, dims) = (model.empirical_means().map_err(Error::core)?, model.spec().dims());
    Ok(move |class, index| samples::draw(means, dims, class, TEMPERATURE, seed, index))
}

fn pictures(model: &Model, executor: &mut Executor, z: &[f32]) -> Result<Vec<Picture>> {
    Ok(samples::pictures(model, &samples::decode_pixels(model, executor, z)?))
}

/// A name for the page about runs in these folders.
pub fn title(runs: &[Reported], paths: &[&Path]) -> String {
    match (runs, paths) {
        ([run], _) => run.model.card().title.clone(),
        (_, [path]) => format!("Runs in {}", path.display()),
        _ => format!("{} runs", runs.len()),
    }
}
