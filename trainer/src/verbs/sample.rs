//! `trainer sample`.

use std::path::PathBuf;

use clap::Args;
use ibinn::session::blocking::Session;
use ibinn::session::{Centre, Explosion, Sampling};

use super::shared::{ModelArgs, check_count, check_temperature, classes, write_marked_grid};
use crate::error::{Error, Result};
use ibinn_data::picture::png;
use ibinn_figures::samples::{TEMPERATURE, each};
use ibinn_terminal::output::{counted, path_text, print};

/// How often a sample is drawn anew before it stays as it is.
const REDRAWS: u64 = 10;

/// Flags of `sample`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer sample model.safetensors --out samples.png
  trainer sample model.safetensors --class sneaker,bag --count 20 --temperature 0.9 --seed 7 --out some.png
  trainer sample model.safetensors --temperature 1 --redraw --out sound.png    # without those that explode")]
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
    /// Put another sample in the place of each of which the inverse explodes: sample i is then not everywhere that of seed and i
    #[arg(long)]
    redraw: bool,
    /// Draw no frame around samples of which the inverse explodes
    #[arg(long)]
    unframed: bool,
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
    let draws: Vec<_> = each(&classes, args.count).collect();
    let mut drawn = Drawn::new(&mut session, &sampling, &draws)?;
    if drawn.exploded.iter().all(|found| *found == Some(Explosion::NotFinite)) {
        return Err(Error::Usage(
            "no sample is within what single precision holds: its latents, or the temperature that they are drawn with, are \
             too large"
                .into(),
        ));
    }
    let exploded = drawn.exploded.iter().flatten().count();
    if args.redraw {
        drawn.redraw(&mut session, &sampling, &draws)?;
    }
    let left: Vec<usize> = (0..draws.len()).filter(|&i| drawn.exploded[i].is_some()).collect();
    let framed = if args.unframed { &[][..] } else { &left };
    write_marked_grid(&args.out, session.model(), &drawn.pixels, args.count, framed)?;
    let names = session.model().spec().classes();
    if args.model.json {
        let marked: Vec<_> = left
            .iter()
            .filter_map(|&i| {
                let (class, number) = draws[i];
                let why = drawn.exploded[i]?.about();
                Some(serde_json::json!({ "class": class, "number": number, "why": why }))
            })
            .collect();
        print(serde_json::json!({
            "out": path_text(&args.out), "classes": classes, "count": args.count, "executor": session.executor().name(),
            "exploded": exploded, "marked": marked,
        }));
    } else {
        print(format_args!("{} in {}", counted(draws.len(), "image"), args.out.display()));
        for &i in &left {
            let (class, number) = draws[i];
            let why = drawn.exploded[i].map(Explosion::about).unwrap_or_default();
            let framed = if args.unframed { "" } else { "; framed" };
            print(format_args!("  {} {number}: the inverse explodes, {why}{framed}", names[class]));
        }
        if exploded > left.len() {
            print(format_args!("  {} drawn anew", counted(exploded - left.len(), "sample")));
        } else if !left.is_empty() && !args.redraw {
            print("  --redraw draws others in their place");
        }
    }
    Ok(())
}

/// Samples with what shows that the inverse has exploded.
struct Drawn {
    /// N×C×H×W, clipped to [0, 1].
    pixels: Vec<f32>,
    /// One a sample.
    exploded: Vec<Option<Explosion>>,
}

impl Drawn {
    fn new(session: &mut Session, sampling: &Sampling, draws: &[(usize, u64)]) -> Result<Self> {
        let mut drawn = Self { pixels: Vec::new(), exploded: Vec::new() };
        for part in draws.chunks(ibinn::Session::BATCH) {
            let z = session.draw(sampling, part.iter().copied()).map_err(Error::core)?;
            let pixels = session.decode_as_is(&z).map_err(Error::core)?;
            drawn.exploded.extend(session.explosions(&pixels).map_err(Error::core)?);
            drawn.pixels.extend(pixels.iter().map(|v| v.clamp(0.0, 1.0)));
        }
        Ok(drawn)
    }

    /// Draws others in place of those that have exploded, some times.
    fn redraw(&mut self, session: &mut Session, sampling: &Sampling, draws: &[(usize, u64)]) -> Result<()> {
        let dims = session.model().spec().dims();
        for time in 1..=REDRAWS {
            let places: Vec<usize> = (0..draws.len()).filter(|&i| self.exploded[i].is_some()).collect();
            if places.is_empty() {
                break;
            }
            // Numbers that no sample has.
            let others: Vec<_> = places.iter().map(|&i| (draws[i].0, draws[i].1 + (time << 32))).collect();
            let drawn = Self::new(session, sampling, &others)?;
            for ((i, pixels), exploded) in
                places.into_iter().zip(drawn.pixels.chunks_exact(dims)).zip(drawn.exploded)
            {
                self.pixels[i * dims..][..dims].copy_from_slice(pixels);
                self.exploded[i] = exploded;
            }
        }
        Ok(())
    }
}
