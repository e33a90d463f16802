//! `trainer sample`.

use std::path::PathBuf;

use clap::Args;

use super::shared::{ModelArgs, check_count, check_temperature, classes, write_grid};
use crate::error::Result;
use ibinn_data::picture::png;
use ibinn_figures::samples::{TEMPERATURE, decode_pixels, draw};
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
    let mut executor = args.model.executor(&model)?;
    let dims = model.spec().dims();
    let centres =
        if args.trained_means { model.tensor(ibinn::spec::tensors::MEANS) } else { model.empirical_means() };
    let draw = |class: usize, i: usize| draw(centres, dims, class, args.temperature, args.seed, i);
    let z: Vec<f32> =
        classes.iter().flat_map(|&class| (0..args.count).flat_map(move |i| draw(class, i))).collect();
    let pixels = decode_pixels(&model, &mut executor, &z)?;
    write_grid(&args.out, &model, &pixels, args.count)?;
    if args.model.json {
        print(serde_json::json!({
            "out": path_text(&args.out), "classes": classes, "count": args.count, "executor": executor.name(),
        }));
    } else {
        print(format_args!("{} in {}", counted(classes.len() * args.count, "image"), args.out.display()));
    }
    Ok(())
}
