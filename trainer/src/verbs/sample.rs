//! `trainer sample`.

use std::path::PathBuf;

use clap::Args;
use ibinn::session::{Centre, Sampling};

use super::shared::{ModelArgs, check_count, check_temperature, classes, write_grid};
use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_figures::samples::{TEMPERATURE, each};
use ibinn_terminal::output::{counted, path_text, print};

/// Flags of `sample`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer sample model.safetensors --out samples.png
  trainer sample model.safetensors --class sneaker,bag --count 20 --temperature 0.9 --seed 7 --out some.png")]
pub struct SampleArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Only these classes, by name or number
    #[arg(long, value_delimiter = ',', value_name = "CLASS,...")]
    class: Vec<String>,
    /// Images of each class
    #[arg(long, default_value_t = 10)]
    count: usize,
    /// Temperature T: how far from the class mean latents are drawn
    #[arg(long, default_value_t = TEMPERATURE, allow_negative_numbers = true)]
    temperature: f64,
    /// Seed of the draws
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Draw around the trained means μ_y instead of the mean latents of the training images
    #[arg(long)]
    trained_means: bool,
    /// Picture to write, one row a class
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
}

pub(super) fn run(args: SampleArgs) -> Result<()> {
    check_temperature(args.temperature)?;
    png::check(&args.out)?;
    let model = args.model.load_mixture()?;
    let classes = classes(&model, &args.class)?;
    check_count("--count", args.count, 1, classes.len())?;
    let mut session = args.model.session(model)?;
    let centre = if args.trained_means { Centre::TrainedMean } else { Centre::EmpiricalMean };
    let sampling = Sampling { centre, temperature: args.temperature, seed: args.seed };
    let samples = session.sample(&sampling, each(&classes, args.count)).map_err(Error::core)?;
    write_grid(&args.out, session.model(), &samples.pixels, args.count)?;
    if args.model.json {
        print(serde_json::json!({
            "out": path_text(&args.out), "classes": classes, "count": args.count, "executor": session.executor().name(),
        }));
    } else {
        print(format_args!("{} in {}", counted(classes.len() * args.count, "image"), args.out.display()));
    }
    Ok(())
}
