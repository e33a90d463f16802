//! The steps of a run, with its log and its checkpoints, and what is looked at between them.

use std::path::Path;
use std::time::Instant;

use ibinn::session::blocking::Session;
use ibinn::session::executor::ExecutorChoice;

use super::{LogTo, TrainArgs, card};
use crate::error::{Error, Result};
use crate::interrupt;
use crate::train::Run;
use crate::train::events::Events;
use crate::train::log::Log;
use crate::train::validation::Validated;
use ibinn_data::Dataset;
use ibinn_data::picture::png;
use ibinn_figures::samples::{each, sampling};
use ibinn_runs::config::Config;
use ibinn_runs::results::names::{CHECKPOINT, LOG, LOWEST};

/// Why training ended.
pub(super) enum End {
    /// It is finished.
    Reached,
    /// By `--stop-after`.
    StopAfter,
    /// By a signal, or the sweep that it works for.
    Asked,
}

/// What training looks at beside its steps.
pub(super) struct Looking<'a> {
    /// What is trained on.
    pub data: &'a Dataset,
    /// What is set aside; none where nothing is.
    pub held_out: Option<&'a Dataset>,
    /// What runs the model on images that are held out.
    pub executor: ExecutorChoice,
}

impl Looking<'_> {
    /// What validation images and TensorBoard are told of the run as it stands; whether its validation loss is the lowest.
    fn look(&self, run: &mut Run<'_>, config: &Config, log: &mut Log) -> Result<(Option<Validated>, bool)> {
        let flow = run.spec().family().has_mixture();
        if !run.validation_is_due() || (self.held_out.is_none() && !(flow && log.shows_pictures())) {
            return Ok((None, false));
        }
        let model = run.snapshot(card(run, self.data, self.held_out, config))?;
        let mut session = Session::new(model, self.executor).map_err(Error::core)?;
        if flow && log.shows_pictures() {
            let classes: Vec<usize> = (0..run.spec().classes().len().min(SHOWN)).collect();
            let samples =
                session.sample(&sampling(config.seed), each(&classes, SHOWN)).map_err(Error::core)?;
            let bytes: Vec<u8> = samples.pixels.iter().map(|v| (v * 255.0).round() as u8).collect();
            let input = run.spec().input();
            let shape = [input.channels, input.height, input.width];
            let picture = png::grid(&bytes, shape, SHOWN).map_err(Error::Usage)?;
            log.samples(run.step(), (&picture, input.channels))?;
        }
        let Some(images) = self.held_out else { return Ok((None, false)) };
        let validated = run.validate(&mut session, images)?;
        Ok((Some(validated), run.note(validated)))
    }
}

/// Classes that TensorBoard shows samples of, and samples of each, at most.
const SHOWN: usize = 10;

/// Trains to the end, or until it is to stop, with a checkpoint.
pub(super) fn steps(
    run: &mut Run<'_>,
    args: &TrainArgs,
    config: &Config,
    folder: &Path,
    looking: &Looking<'_>,
) -> Result<End> {
    let _patience = interrupt::patiently();
    let per_epoch = run.steps_per_epoch();
    let every = config.checkpoint_every.unwrap_or(per_epoch).max(1);
    let checkpoint = folder.join(CHECKPOINT);
    let log = Log::open(&folder.join(LOG), args.json, run.step(), config.batch, per_epoch, config.epochs)?;
    let events = args.log_to.map(|LogTo::Tensorboard| Events::create(folder)).transpose()?;
    let mut log = log.with_events(events);
    while run.step() < run.total_steps() && !run.is_out_of_patience() {
        let stop = args.stop_after.is_some_and(|stop| run.step() >= stop).then_some(End::StopAfter);
        if let Some(end) = stop.or(interrupt::asked().then_some(End::Asked)) {
            run.save(&checkpoint)?;
            log.finish();
            return Ok(end);
        }
        let report = match run.advance() {
            Ok(report) => report,
            Err(error) => {
                log.finish();
                return Err(error);
            }
        };
        let begun = Instant::now();
        let (validated, is_lowest) = looking.look(run, config, &mut log)?;
        log.interruption(begun.elapsed());
        log.step(report, validated)?;
        let begun = Instant::now();
        let is_lowest = is_lowest && config.patience.is_some();
        if is_lowest {
            run.save(&folder.join(LOWEST))?;
        }
        // With it, so that a run that goes on finds the lowest where it says.
        if is_lowest || run.step().is_multiple_of(every) {
            run.save(&checkpoint)?;
            log.interruption(begun.elapsed());
        }
    }
    log.finish();
    if !run.step().is_multiple_of(every) {
        // The last step can spoil the weights as well, which is only seen here.
        run.save(&checkpoint)?;
    }
    Ok(if interrupt::asked() { End::Asked } else { End::Reached })
}
