//! Figures of pictures.

use std::path::PathBuf;

use clap::Args;
use ibinn::Family;
use ibinn::session::Sampling;

use super::super::dataset::{DataArgs, ModelAt, PAIR, PairArgs};

use super::super::shared::{ModelArgs, check_count, check_temperature, classes};
use super::OutArgs;
use super::models::{ModelsArgs, Named};
use crate::error::{Error, Result};
use ibinn_data::Split;
use ibinn_data::ood::Source;
use ibinn_evaluate::pass;
use ibinn_figures::figure::{self, Block, Row};
use ibinn_figures::samples::{TEMPERATURE, each, pictures, sampling};

/// Flags of `figure samples`.
#[derive(Debug, Args)]
#[command(
    after_help = "All models draw with the same noise, so that pictures at the same place can be compared.

Examples:
  trainer figure samples model.safetensors --out samples.svg                                   # Fig 8
  trainer figure samples runs/gamma/*/model.safetensors --count 8 --out samples.svg            # Fig 14"
)]
pub struct SamplesArgs {
    #[command(flatten)]
    models: ModelsArgs,
    /// Only these classes, by name or number
    #[arg(long, value_delimiter = ',', value_name = "CLASS,...")]
    class: Vec<String>,
    /// Samples of each class
    #[arg(long, default_value_t = 10)]
    count: usize,
    /// Temperature T: how far from the class mean latents are drawn
    #[arg(long, default_value_t = TEMPERATURE, allow_negative_numbers = true)]
    temperature: f64,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Blocks side by side
    #[arg(long, default_value_t = 3)]
    columns: usize,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure interpolations`.
#[derive(Debug, Args)]
#[command(
    after_help = "Between two images of a data set by --indices, or between samples of two classes by --class, which every model draws for
itself with the same noise.

Examples:
  trainer figure interpolations runs/gamma/*/model.safetensors --indices 0,7 --out walk.svg
  trainer figure interpolations runs/gamma/*/model.safetensors --class sneaker,bag --seed 3 --out walk.svg"
)]
pub struct InterpolationsArgs {
    #[command(flatten)]
    models: ModelsArgs,
    #[command(flatten)]
    data: PairArgs,
    /// Between samples of these two classes, by name or number, instead of images
    #[arg(
        long,
        value_delimiter = ',',
        value_name = "CLASS,CLASS",
        conflicts_with_all = PAIR
    )]
    class: Vec<String>,
    /// Seed of the samples
    #[arg(long, default_value_t = 0, conflicts_with = "indices")]
    seed: u64,
    /// Images in a row, both ends included
    #[arg(long, default_value_t = 11)]
    steps: usize,
    #[command(flatten)]
    out: OutArgs,
}

/// Flags of `figure ood-examples`.
#[derive(Debug, Args)]
#[command(
    after_help = "The figure shows images of the data sets themselves: mind their licences before you publish it.

Example:
  trainer figure ood-examples cifar.safetensors --ood rgb-rotation quickdraw noise:0.01 natural32 --out ood.svg"
)]
pub struct OodExamplesArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Out-of-distribution sets, by name or path as for `trainer evaluate --full`
    #[arg(long, required = true, num_args = 1.., value_name = "NAME|PATH")]
    ood: Vec<String>,
    /// Images of each set
    #[arg(long, default_value_t = 3)]
    count: usize,
    /// Seed of noise and colours
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Files to write, .svg or .png
    #[arg(long, required = true, num_args = 1.., value_name = "FILE.svg|FILE.png")]
    out: Vec<PathBuf>,
}

pub fn samples(args: &SamplesArgs) -> Result<()> {
    args.out.check()?;
    let models = args.models.load(Family::require_mixture)?;
    check_temperature(args.temperature)?;
    let mut blocks = Vec::new();
    let shown = models.len();
    for Named { name, model, .. } in models {
        let names = model.spec().classes().to_vec();
        let classes = classes(&model, &args.class)?;
        check_count("--count", args.count, 1, classes.len() * shown)?;
        let mut session = args.models.session(model)?;
        let sampling = Sampling { temperature: args.temperature, ..sampling(args.seed) };
        let samples = session.sample(&sampling, each(&classes, args.count)).map_err(Error::core)?;
        let pictures = pictures(session.model(), &samples.pixels);
        let rows = classes.iter().zip(pictures.chunks(args.count));
        // The names of the classes stand once in each row of blocks.
        let named = blocks.len().is_multiple_of(args.columns.max(1));
        let rows = rows.map(|(&class, pictures)| Row {
            name: if named { names[class].clone() } else { String::new() },
            pictures: pictures.to_vec(),
        });
        blocks.push(Block { title: name, rows: rows.collect() });
    }
    args.out.write(&figure::blocks("Samples of each class", &blocks, args.columns))
}

pub fn interpolations(args: &InterpolationsArgs) -> Result<()> {
    args.out.check()?;
    // Only what has class means can draw the ends itself.
    let able = if args.class.is_empty() { Family::require_flow } else { Family::require_mixture };
    let models = args.models.load(able)?;
    check_count("--steps", args.steps, 2, models.len())?;
    let mut rows = Vec::new();
    for Named { name, path, model } in models {
        let at = ModelAt { model: &model, path, quiet: true };
        let (classes, pixels) = (classes(&model, &args.class)?, args.data.pixels(at)?);
        let mut session = args.models.session(model)?;
        let ends = match (&args.class[..], pixels) {
            ([_, _], _) => session.draw(&sampling(args.seed), classes.into_iter().zip(0..)),
            ([], Some(pixels)) => session.encode(&pixels).map(|encoded| encoded.z),
            _ => {
                return Err(Error::Usage("name two images by --indices, or two classes by --class".into()));
            }
        };
        let ends = ends.map_err(Error::core)?;
        let ends = ends.split_at(ends.len() / 2);
        let walk = session.interpolate(ends, args.steps, 0..args.steps).map_err(Error::core)?;
        rows.push(Row { name, pictures: pictures(session.model(), &walk.pixels) });
    }
    args.out.write(&figure::rows("Interpolations in latent space", &rows, 1.5))
}

pub fn ood_examples(args: &OodExamplesArgs) -> Result<()> {
    let out = OutArgs { out: args.out.clone(), json: args.model.json };
    out.check()?;
    check_count("--count", args.count, 1, args.ood.len() + 1)?;
    let data_dir = args.data.set.folder()?;
    let sources = Source::all(&args.ood, &data_dir)?;
    let model = args.model.load()?;
    let (data, mut indices) = args.data.load(args.model.at(&model))?;
    indices.truncate(args.count);
    let row = |name: String, pixels: &[f32]| Row { name, pictures: pictures(&model, pixels) };
    let mut rows = vec![row(data.name.clone(), &pass::pixels(&data, &indices))];
    for (source, name) in sources.iter().zip(&args.ood) {
        let set = source.load(model.spec(), (&data, &indices), &data_dir, args.count, args.seed)?;
        let all: Vec<usize> = (0..set.len().min(args.count)).collect();
        rows.push(row(figure::set_name(name), &set.pixels(&all)));
    }
    let images = if args.data.split == Split::Test { "Test" } else { "Training" };
    out.write(&figure::rows(&format!("{images} images and out-of-distribution sets"), &rows, 2.0))
}
