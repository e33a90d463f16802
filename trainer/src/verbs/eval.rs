//! `trainer eval`.

use clap::Args;

use super::shared::{CardOodArgs, DataArgs, ModelArgs};
use crate::data::DataDir;
use crate::error::Result;
use crate::evaluation::{evaluate, ood_sets};
use crate::output::print;

/// Flags of `eval`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer eval model.safetensors
  trainer eval model.safetensors --ood kmnist notmnist noise
  trainer eval model.safetensors --dataset fashion-mnist --executor cpu --limit 1000 --json")]
pub struct EvalArgs {
    #[command(flatten)]
    model: ModelArgs,
    #[command(flatten)]
    data: DataArgs,
    #[command(flatten)]
    ood: CardOodArgs,
}

pub(super) fn run(args: EvalArgs) -> Result<()> {
    let model = args.model.load()?;
    let (data, indices) = args.data.load(&model)?;
    data.check_shape(model.spec(), "the model")?;
    let data_dir = DataDir::resolve(args.data.data_dir.clone())?;
    let sets = ood_sets(&model, &args.ood.ood, (&data, &indices), &data_dir)?;
    let mut executor = args.model.executor(&model)?;
    let evaluation = evaluate(&model, &mut executor, (&data, &indices), &sets, args.model.json)?;
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
    print(format_args!("  L_Y            {:8.4} nats", evaluation.l_y));
    if let Some(likelihood) = &evaluation.likelihood {
        print(format_args!("  L_X            {:8.4} nats/dim", likelihood.l_x));
        print(format_args!("  bits/dim       {:8.4}   (correct density)", likelihood.bits_per_dim));
        print(format_args!(
            "  bits/dim       {:8.4}   (convention of the paper's tables)",
            likelihood.bits_per_dim_tables
        ));
    }
    if let Some(calibration) = &evaluation.calibration {
        print(format_args!(
            "  ECE            {:8.2} %   (calibration, see `trainer judge`)",
            calibration.ece
        ));
    }
    for set in &evaluation.ood {
        match set.typicality_auc {
            Some(auc) => print(format_args!("  AUC            {auc:8.2} %   (telling {} apart)", set.name)),
            None => {
                print(format_args!("  ΔH             {:8.3} nats (for {})", set.entropy_increase, set.name))
            }
        }
    }
}
