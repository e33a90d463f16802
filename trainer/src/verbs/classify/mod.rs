//! `trainer classify`.

mod adjust;
mod rows;
mod sheet;
mod summary;

use std::io::{IsTerminal, Read};
use std::path::PathBuf;

use clap::Args;
use ibinn::session::blocking::Session;

use super::dataset::LookArgs;
use super::shared::ModelArgs;
use crate::error::{Error, Result};
use adjust::{Adjust, AdjustArgs};
use ibinn_data::by_path::{Fed, Feed};
use ibinn_evaluate::pass;
use ibinn_files::atomic;
use ibinn_terminal::output::{path_text, print};
use rows::{Format, Rows};
use sheet::ContactSheet;
use summary::Summary;

/// Flags of `classify`.
#[derive(Debug, Args)]
#[command(after_help = "A row a picture, in the order in which they are named, those of a folder by path:
  file                the picture, or the archive with the name in it
  prediction          the most probable class
  probability         its posterior probability
  bits_per_dim        how unlikely the picture is
  typicality          share of the test images that are at least as far from the mean likelihood (the paper's test)
  novelty, novelty_p  how unlike the training images it is, and the share of images like those that are at least as novel
  verdict             ordinary, unusual (p ≤ 5 %) or none-of-these (p ≤ 1 %)
  posterior:CLASS     the probability of each class
  error               why there is nothing else in the row

What the model cannot say (novelty where it was not fitted) stays empty. Pictures of any size and format are brought to the
model's shape as the images that it was trained on were. Where those lie on a plain ground, and the model's card says how,
they are framed so: ink is cut out, scaled, centred, and light on dark where theirs is; --as-is leaves that out.

Examples:
  trainer classify runs/mine/model.safetensors new/ --out predictions.csv
  trainer classify model.safetensors a.jpg b.png photos.zip --out predictions.jsonl
  trainer classify model.safetensors new/ --out predictions.csv --report strange.html
  trainer classify model.safetensors ward/ --class-prior ill=0.02 --temperature held-out --out predictions.csv
  find . -name '*.jpg' | trainer classify model.safetensors - > predictions.csv")]
pub struct ClassifyArgs {
    #[command(flatten)]
    model: ModelArgs,
    /// Pictures, folders with pictures at any depth, archives (.zip, .tar, .tar.gz), arrays (.npy, .npz), .parquet files; - for
    /// names of files on standard input, one a line
    #[arg(required = true, value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Write the rows to this file, .csv or .jsonl [default: CSV to standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write a page with the strangest and the least certain pictures
    #[arg(long, value_name = "FILE.html")]
    report: Option<PathBuf>,
    #[command(flatten)]
    look: LookArgs,
    /// Leave pictures as they are, where the model's training images lie on a plain ground
    #[arg(long)]
    as_is: bool,
    #[command(flatten)]
    adjust: AdjustArgs,
    /// Fail when a picture cannot be read, after all others are classified
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(args: ClassifyArgs) -> Result<()> {
    let json = args.model.json;
    if json && args.out.is_none() {
        return Err(Error::Usage("--json tells what was written to a file: name it by --out".into()));
    }
    if let Some(report) = &args.report {
        atomic::check(report)?;
    }
    let format = args.out.as_deref().map_or(Ok(Format::Csv), Format::of)?;
    let model = args.model.load()?;
    let adjust = args.adjust.of(&model)?;
    let look = args.look.of_model(&args.model.model)?;
    let feeds = Feed::all(&paths(&args.paths)?)?;
    let mut rows = Rows::create(args.out.as_deref(), format, &model)?;
    let input = model.spec().input();
    let shape = [input.channels, input.height, input.width];
    let mut seen = Seen {
        summary: Summary::new(model.spec().classes()),
        sheet: args.report.is_some().then(ContactSheet::default),
    };
    let framing = model.card().framing.filter(|_| !args.as_is);
    let mut session = args.model.quiet_session(model)?;
    let to_terminal = std::io::stdout().is_terminal() && args.out.is_none();
    let quiet = json || to_terminal;
    let mut progress = pass::progress(feeds.iter().map(Feed::len).sum(), "classifying", quiet);
    let mut waiting: Vec<Fed> = Vec::new();
    let mut number = 0;
    for feed in &feeds {
        feed.each(shape, &look, framing.as_ref(), |fed| -> Result<()> {
            progress.advance(1);
            waiting.extend(fed);
            if waiting.len() >= ibinn::Session::BATCH {
                work_off(&mut waiting, &mut number, (&mut session, &adjust), &mut rows, &mut seen)?;
            }
            Ok(())
        })?;
    }
    work_off(&mut waiting, &mut number, (&mut session, &adjust), &mut rows, &mut seen)?;
    progress.finish();
    let Seen { summary, sheet } = seen;
    if summary.rows() == 0 {
        return Err(Error::Usage("there is no picture at these paths".into()));
    }
    rows.finish()?;
    if let (Some(report), Some(sheet)) = (&args.report, sheet) {
        atomic::write(report, sheet.html(session.model(), summary.rows()).as_bytes())?;
    }
    match &args.out {
        Some(out) if json => print(summary.json(&path_text(out))),
        Some(out) => {
            print(summary.to_string().trim_end());
            print(out.display());
            args.report.iter().for_each(|report| print(report.display()));
        }
        // Rows are what stdout has then.
        None if std::io::stderr().is_terminal() && !to_terminal => eprint!("{summary}"),
        None => {}
    }
    match summary.unreadable() {
        bad if bad > 0 && args.strict => Err(Error::Usage(format!(
            "{bad} of {} pictures could not be read; the column `error` says why",
            summary.rows()
        ))),
        _ => Ok(()),
    }
}

/// The paths that are named, and where `-` stands, those on standard input.
fn paths(named: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for path in named {
        if path.as_os_str() != "-" {
            paths.push(path.clone());
            continue;
        }
        let mut text = String::new();
        let read = std::io::stdin().read_to_string(&mut text);
        read.map_err(|e| Error::Usage(format!("the names on standard input cannot be read ({e})")))?;
        paths.extend(text.lines().filter(|line| !line.is_empty()).map(PathBuf::from));
    }
    Ok(paths)
}

/// What is kept of the pictures.
struct Seen {
    summary: Summary,
    sheet: Option<ContactSheet>,
}

/// Classifies the pictures that wait, and writes their rows.
fn work_off(
    waiting: &mut Vec<Fed>,
    number: &mut u64,
    (session, adjust): (&mut Session, &Adjust),
    rows: &mut Rows,
    Seen { summary, sheet }: &mut Seen,
) -> Result<()> {
    let images = waiting.iter().filter_map(|fed| fed.image.as_ref().ok());
    let pixels: Vec<f32> = images.flatten().map(|&v| f32::from(v) / 255.0).collect();
    let seen = session.classify(&pixels, *number..).map_err(Error::core)?;
    *number += seen.len() as u64;
    let mut seen = seen.into_iter();
    for Fed { name, image } in waiting.drain(..) {
        match image {
            Ok(image) => {
                let Some(mut seen) = seen.next() else { unreachable!("each image is classified") };
                adjust.apply(&mut seen.found);
                rows.classified(&name, session.model(), &seen.found)?;
                if let Some(sheet) = sheet {
                    sheet.classified(&name, &image, session.model(), &seen.found);
                }
                summary.classified(name, &seen.found);
            }
            Err(why) => {
                rows.unreadable(&name, &why)?;
                summary.failed(name, why);
            }
        }
    }
    Ok(())
}
