//! `trainer eval`.

use clap::Args;

use super::shared::{DataArgs, ModelArgs};
use crate::error::Result;
use crate::judge;
use crate::output::print;

/// Flags of `eval`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer eval model.safetensors
  trainer eval model.safetensors --dataset fashion-mnist --executor cpu --limit 1000 --json")]
pub struct EvalArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
}

pub(super) fn run(args: EvalArgs) -> Result<()> {
    let model = args.model.load()?;
    let (data, indices) = args.data.load(&model)?;
    let mut executor = args.model.executor(&model)?;
    let mut progress = judge::progress(indices.len(), "judging", args.model.json);
    let evaluation = judge::evaluate(&model, &mut executor, &data, &indices, &mut progress)?;
    if args.model.json {
        print(serde_json::json!(evaluation));
    } else {
        print_evaluation(&evaluation);
    }
    Ok(())
}

/// Prints an evaluation for people.
pub(super) fn print_evaluation(evaluation: &ibinn::Evaluation) {
    print(format_args!("{} images of {}", evaluation.images, evaluation.dataset));
    print(format_args!("  error          {:8.2} %", evaluation.error));
    print(format_args!("  L_X            {:8.4} nats/dim", evaluation.l_x));
    print(format_args!("  L_Y            {:8.4} nats", evaluation.l_y));
    print(format_args!("  bits/dim       {:8.4}   (correct density)", evaluation.bits_per_dim));
    print(format_args!(
        "  bits/dim       {:8.4}   (convention of the paper's tables)",
        evaluation.bits_per_dim_tables
    ));
}
