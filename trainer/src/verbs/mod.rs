//! What the command line can do, one file per verb.

mod classify;
mod contact_sheet;
pub mod data;
mod dataset;
mod decode;
mod devices;
mod encode;
mod evaluate;
mod evaluation_text;
mod export;
mod figure;
mod fit_novelty;
mod import;
mod inspect;
mod interpolate;
mod report;
mod sample;
pub mod shared;
mod sweep;
mod table;
mod train;

use clap::Subcommand;

use crate::error::Result;
use crate::interrupt;

/// A verb with its flags.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// List, fetch and check data sets
    Data(data::DataArgs),
    /// Train a model
    Train(Box<train::TrainArgs>),
    /// Measure a model on a data set: error, bits/dim, calibration, novelty; with --full all measures, with intervals
    Evaluate(evaluate::EvaluateArgs),
    /// Say of pictures what they show, and whether they are like the training images
    Classify(classify::ClassifyArgs),
    /// Train and evaluate a run for each value of γ or σ
    Sweep(Box<sweep::SweepArgs>),
    /// List the GPUs of this machine, and what they lack
    Devices(devices::DevicesArgs),
    /// Set evaluated models beside the rows of the paper's tables
    Table(table::TableArgs),
    /// Draw a figure of the paper, as SVG or PNG
    Figure(Box<figure::FigureArgs>),
    /// Write one page about a run or several
    Report(report::ReportArgs),
    /// Take images to latents
    Encode(encode::EncodeArgs),
    /// Take latents to images
    Decode(decode::DecodeArgs),
    /// Draw images of each class
    Sample(sample::SampleArgs),
    /// Walk from one image to another through latent space
    Interpolate(interpolate::InterpolateArgs),
    /// Tell what is in a model file
    Inspect(inspect::InspectArgs),
    /// Write a model file anew, rounded to half precision or with another title, or as ONNX
    Export(export::ExportArgs),
    /// Fit what tells novel images to a model that goes without
    FitNovelty(fit_novelty::FitNoveltyArgs),
    /// Make a model file of a checkpoint of the authors' program
    Import(import::ImportArgs),
}

impl Command {
    /// Does it.
    ///
    /// # Errors
    /// One sentence that says what is wrong and what to do.
    pub fn run(self) -> Result<()> {
        // The others have nothing to be gone on with, and are ended as any program is.
        if matches!(self, Self::Train(_) | Self::Sweep(_)) || interrupt::works_for_a_sweep() {
            interrupt::listen()?;
        }
        match self {
            Self::Data(args) => data::run(args),
            Self::Train(args) => train::run(*args),
            Self::Evaluate(args) => evaluate::run(args),
            Self::Classify(args) => classify::run(args),
            Self::Sweep(args) => sweep::run(*args),
            Self::Devices(args) => devices::run(args),
            Self::Table(args) => table::run(args),
            Self::Figure(args) => figure::run(*args),
            Self::Report(args) => report::run(args),
            Self::Encode(args) => encode::run(args),
            Self::Decode(args) => decode::run(args),
            Self::Sample(args) => sample::run(args),
            Self::Interpolate(args) => interpolate::run(args),
            Self::Inspect(args) => inspect::run(args),
            Self::Export(args) => export::run(args),
            Self::FitNovelty(args) => fit_novelty::run(args),
            Self::Import(args) => import::run(args),
        }
    }
}
