//! `trainer eval`.

use clap::Args;

use super::shared::{DataArgs, ModelArgs};
use crate::error::Result;
use crate::judge;

/// Flags of `eval`.
#[derive(Debug, Args)]
#[command(after_help = "Example:
  trainer eval model.safetensors --dataset fashion-mnist --executor cpu --limit 1000 --json")]
pub struct EvalArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: EvalArgs) -> Result<()> {
    let (model, mut executor) = args.model.prepare()?;
    let (data, indices) = args.data.load(&model)?;
    let bar = judge::progress(indices.len(), "judging", args.model.json);
    let evaluation = judge::evaluate(&model, &mut executor, &data, &indices, &bar)?;
    if args.model.json {
        println!("{}", serde_json::json!(evaluation));
    } else {
        print(&evaluation);
    }
    Ok(())
}

/// Prints an evaluation for people.
pub(super) fn print(evaluation: &ibinn::Evaluation) {
    println!("{} images of {}", evaluation.images, evaluation.dataset);
    println!("  error          {:8.2} %", evaluation.error);
    println!("  L_X            {:8.4} nats/dim", evaluation.l_x);
    println!("  L_Y            {:8.4} nats", evaluation.l_y);
    println!("  bits/dim       {:8.4}   (correct density)", evaluation.bits_per_dim);
    println!("  bits/dim       {:8.4}   (convention of the paper's tables)", evaluation.bits_per_dim_tables);
}
