//! `trainer encode`.

use std::path::PathBuf;

use clap::Args;
use ibinn::model::container::{Array, Container};

use super::dataset::DataArgs;
use super::shared::ModelArgs;
use crate::error::Result;
use ibinn_data::{Dataset, Images, picture};
use ibinn_evaluate::pass;
use ibinn_files::atomic;
use ibinn_terminal::output::{counted, path_text, print};

/// Flags of `encode`.
#[derive(Debug, Args)]
#[command(after_help = "The output holds, for N images of D dimensions and K classes:
  z (N, D)               latents
  log_det (N)            log|det ∂z/∂x'| in nats, from the normalised input, with the true DCT constant
  logits (N, K)          −|z − μ_y|²/2 of an IB-INN; of an i-RevNet, what its linear layer gives
  log_likelihood (N)     log q(x') in nats, of the normalised input, all constants included; not of an i-RevNet
  label (N), index (N)   class (−1 for a picture file) and position in the data set

Examples:
  trainer encode model.safetensors --dataset fashion-mnist --limit 100 --out latents.safetensors
  trainer encode model.safetensors --image shoe.png --out shoe.safetensors")]
pub struct EncodeArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    /// Encode this picture instead of a data set: PNG, JPEG, WebP, GIF, BMP, TIFF or PNM by its bytes, turned as it is shown, of
    /// up to 128 million pixels
    #[arg(
        long,
        value_name = "PICTURE",
        conflicts_with_all = ["dataset", "data_dir", "split", "indices", "limit"]
    )]
    image: Option<PathBuf>,
    /// File to write the latents to
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
}

pub(super) fn run(args: EncodeArgs) -> Result<()> {
    atomic::check(&args.out)?;
    let model = args.model.load_flow()?;
    let (data, indices) = match &args.image {
        Some(path) => (picture(path, &model)?, vec![0]),
        None => args.data.load(args.model.at(&model))?,
    };
    let mut session = args.model.session(model)?;
    let (mut z, mut log_det, mut logits) = (Vec::new(), Vec::new(), Vec::new());
    let (mut log_likelihood, mut label, mut index) = (Vec::new(), Vec::new(), Vec::new());
    pass::classify_images(&mut session, (&data, &indices), "encoding", args.model.json, |i, seen| {
        z.extend(seen.features);
        log_det.extend(seen.log_det);
        logits.extend(seen.found.posterior.logits.iter().map(|&v| v as f32));
        log_likelihood.extend(seen.found.density.map(|density| density.log_likelihood as f32));
        label.push(if args.image.is_some() { -1 } else { i32::from(data.labels[i]) });
        index.push(i as i32);
        Ok(())
    })?;
    let (spec, executor) = (session.model().spec(), session.executor());
    let n = indices.len();
    let mut container = Container::default();
    for (name, array) in [
        ("z", Array::f32(&[n, spec.dims()], &z)),
        ("log_det", Array::f32(&[n], &log_det)),
        ("logits", Array::f32(&[n, spec.classes().len()], &logits)),
        ("label", Array::i32(&[n], &label)),
        ("index", Array::i32(&[n], &index)),
    ] {
        container.arrays.insert(name.into(), array);
    }
    if spec.family().has_mixture() {
        container.arrays.insert("log_likelihood".into(), Array::f32(&[n], &log_likelihood));
    }
    atomic::write(&args.out, &container.to_bytes())?;
    if args.model.json {
        print(serde_json::json!({ "out": path_text(&args.out), "images": n, "executor": executor.name() }));
    } else {
        print(format_args!("{} in {}", counted(n, "latent"), args.out.display()));
    }
    Ok(())
}

/// A picture file as a data set of one image.
pub(super) fn picture(path: &std::path::Path, model: &ibinn::Model) -> Result<Dataset> {
    let input = model.spec().input();
    let shape = [input.channels, input.height, input.width];
    Ok(Dataset {
        name: path.display().to_string(),
        shape,
        images: Images::new(picture::read(path, shape)?, shape.iter().product()),
        labels: vec![0],
        class_names: model.spec().classes().to_vec(),
        mean: input.mean.clone(),
        std: input.std.clone(),
    })
}
