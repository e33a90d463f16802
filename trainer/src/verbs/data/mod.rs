//! `trainer data`.

mod suspects;

use std::path::PathBuf;

use clap::{Args, Subcommand};

use crate::error::Result;
use ibinn_data::by_path::Reading;
use ibinn_data::files::{self, State};
use ibinn_data::{DataDir, Files, REGISTRY, Sets, Split, fetch, find, is_path, load};
use ibinn_terminal::output::{path_text, print};
use suspects::SuspectsArgs;

/// Flags of `data`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer data list
  trainer data fetch fashion-mnist cifar-10
  trainer data check mnist --data-dir /data")]
pub struct DataArgs {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the data sets that are known by name
    #[command(after_help = "Example:\n  trainer data list --json")]
    List(Common),
    /// Download data sets from their official addresses, checked
    #[command(
        after_help = "Files that are already right are left alone. Damaged ones are named and replaced; an unpacked one is removed, since it
would be read in place of the .gz beside it.

Examples:
  trainer data fetch fashion-mnist
  trainer data fetch mnist cifar-10 --data-dir /data"
    )]
    Fetch {
        /// Data sets by name
        #[arg(required = true)]
        names: Vec<String>,
        /// Download from this address instead of the official one
        #[arg(long, value_name = "URL")]
        base_url: Option<String>,
        #[command(flatten)]
        common: Common,
    },
    /// Read data sets and say whether they are sound; of those by path, what there is
    #[command(
        after_help = "Of a data set by path every picture is read, and it is told what `trainer train` would take: its classes with counts,
its splits, the size of its pictures, what is left out and why, and pictures that are equal, in other classes or splits.

Examples:
With a model, of a data set by path: the pictures whose label its posterior finds least likely, and those that are unlike all that
it was trained on. It knows its own training images better than others.

Examples:
  trainer data check fashion-mnist cifar-10
  trainer data check photos/ photos.zip --json
  trainer data check photos/ --model runs/mine/model.safetensors --out labels.csv --report labels.html"
    )]
    Check {
        /// Data sets by name or path
        #[arg(required = true, value_name = "NAME|PATH")]
        names: Vec<String>,
        #[command(flatten)]
        suspects: SuspectsArgs,
        #[command(flatten)]
        common: Common,
    },
}

#[derive(Debug, Args)]
struct Common {
    /// Folder that holds the data sets, and decoded pictures of those by path that take more than 1 GiB [default: $IBINN_DATA_DIR,
    /// else the user's data folder]
    #[arg(long, value_name = "DIR")]
    data_dir: Option<PathBuf>,
    /// Print JSON for programs instead of text for people
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: DataArgs) -> Result<()> {
    match args.what {
        What::List(common) => list(common),
        What::Fetch { names, base_url, common } => fetch_all(&names, base_url.as_deref(), common),
        What::Check { names, suspects, common } => check(&names, &suspects, common),
    }
}

fn list(common: Common) -> Result<()> {
    let data_dir = DataDir::resolve(common.data_dir)?;
    if common.json {
        let rows: Vec<_> = REGISTRY
            .iter()
            .map(|k| {
                let state = State::of(k, &data_dir);
                serde_json::json!({
                    "name": k.name, "about": k.about, "shape": k.shape, "classes": k.classes,
                    "present": state == State::Right, "damaged": matches!(state, State::Damaged(_)),
                    "fetchable": fetch::origin(k).is_some(),
                })
            })
            .collect();
        print(serde_json::json!({ "data_dir": path_text(data_dir.path()), "datasets": rows }));
        return Ok(());
    }
    print(format_args!("data folder: {}", data_dir.path().display()));
    for known in &REGISTRY {
        let [c, h, w] = known.shape;
        let state = match (known.files, State::of(known, &data_dir)) {
            (Files::Drawn { .. }, _) => "built in",
            (_, State::Right) => "present",
            (_, State::Damaged(_)) => "damaged",
            (_, State::Missing) if fetch::origin(known).is_some() => "fetch it",
            (_, State::Missing) => "missing",
        };
        print(format_args!("  {:16} {state:9} {c}×{h}×{w}  {}", known.name, known.about));
    }
    Ok(())
}

fn fetch_all(names: &[String], base: Option<&str>, common: Common) -> Result<()> {
    let data_dir = DataDir::resolve(common.data_dir)?;
    let known: Vec<_> = names.iter().map(|name| find(name)).collect::<ibinn_data::Result<_>>()?;
    for known in known {
        let fetched = fetch::fetch(known, &data_dir, base, common.json)?;
        if common.json {
            let fetch::Fetched { downloaded, damaged } = fetched;
            print(serde_json::json!({ "dataset": known.name, "fetched": downloaded, "damaged": damaged }));
            continue;
        }
        for damaged in &fetched.damaged {
            print(format_args!("{}: {damaged}", known.name));
        }
        if fetched.downloaded.is_empty() {
            print(format_args!("{}: already there, nothing to download", known.name));
        } else {
            print(format_args!("{}: {} checked and stored", known.name, fetched.downloaded.join(", ")));
        }
    }
    Ok(())
}

fn check(names: &[String], suspects: &SuspectsArgs, common: Common) -> Result<()> {
    let data_dir = DataDir::resolve(common.data_dir)?;
    if suspects.is_wanted() {
        return suspects.run(names, &data_dir, common.json);
    }
    for name in names {
        if is_path(name) {
            check_path(name, &data_dir, common.json)?;
            continue;
        }
        let known = find(name)?;
        files::check(known, &data_dir)?;
        let mut counts = Vec::new();
        for split in [Split::Train, Split::Test] {
            if split == Split::Test || known.trains {
                let data = load(name, split, &data_dir)?;
                counts.push((split.name(), data.len()));
            }
        }
        if common.json {
            let counts: serde_json::Map<_, _> =
                counts.iter().map(|(s, n)| ((*s).into(), (*n).into())).collect();
            print(serde_json::json!({ "dataset": name, "sound": true, "images": counts }));
        } else {
            let counts: Vec<_> = counts.iter().map(|(s, n)| format!("{n} {s}")).collect();
            print(format_args!("{name}: sound, {} images", counts.join(" + ")));
        }
    }
    Ok(())
}

/// Tells what a data set by path is; however many of its pictures cannot be read, they are counted.
fn check_path(path: &str, data_dir: &DataDir, json: bool) -> Result<()> {
    let reading = Reading { max_bad: 1.0, ..Reading::default() };
    let Some(description) = Sets::load(path, &reading, None, data_dir, json)?.description else {
        unreachable!("what is read by path is described")
    };
    if json {
        print(serde_json::json!({ "dataset": path, "found": description }));
    } else {
        print(description.to_string().trim_end());
    }
    Ok(())
}
