//! `trainer interpolate`.

use std::path::PathBuf;

use clap::Args;

use super::dataset::{PAIR, PairArgs};
use super::encode::picture;
use super::shared::{ModelArgs, check_count, write_grid};
use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_evaluate::pass;
use ibinn_terminal::output::{path_text, print};

/// Flags of `interpolate`.
#[derive(Debug, Args)]
#[command(after_help = "Two picture files, or two images of a data set by --indices.

Examples:
  trainer interpolate model.safetensors --dataset fashion-mnist --indices 0,7 --out walk.png
  trainer interpolate model.safetensors --from shoe.png --to bag.png --steps 16 --out walk.png")]
pub struct InterpolateArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: PairArgs,
    /// First picture
    #[arg(
        long,
        value_name = "PICTURE",
        requires = "to",
        conflicts_with_all = PAIR
    )]
    from: Option<PathBuf>,
    /// Last picture
    #[arg(long, value_name = "PICTURE", requires = "from")]
    to: Option<PathBuf>,
    /// Images in the strip, both ends included
    #[arg(long, default_value_t = 9)]
    steps: usize,
    /// Picture to write
    #[arg(long, value_name = "FILE.png")]
    out: PathBuf,
}

pub(super) fn run(args: InterpolateArgs) -> Result<()> {
    check_count("--steps", args.steps, 2, 1)?;
    png::check(&args.out)?;
    let model = args.model.load_flow()?;
    let ends = match (&args.from, &args.to) {
        (Some(from), Some(to)) => {
            [picture(from, &model)?, picture(to, &model)?].map(|d| pass::pixels(&d, &[0])).concat()
        }
        _ => args.data.pixels(args.model.at(&model))?.ok_or_else(|| {
            Error::Usage("name two images: --from and --to, or --indices with two numbers".into())
        })?,
    };
    let mut session = args.model.session(model)?;
    let ends = session.encode(&ends).map_err(Error::core)?.z;
    let ends = ends.split_at(ends.len() / 2);
    let walk = session.interpolate(ends, args.steps, 0..args.steps).map_err(Error::core)?;
    write_grid(&args.out, session.model(), &walk.pixels, args.steps)?;
    if args.model.json {
        let executor = session.executor().name();
        let out =
            serde_json::json!({ "out": path_text(&args.out), "steps": args.steps, "executor": executor });
        print(out);
    } else {
        print(format_args!("{} images in {}", args.steps, args.out.display()));
    }
    Ok(())
}
