//! `trainer eval`.

use clap::Args;
use ibinn::Evaluation;

use super::shared::{CardOodArgs, DataArgs, ModelArgs};
use crate::error::Result;
use crate::evaluation::{evaluate, ood_sets};
use crate::output::print;
use crate::results::Selection;

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
    let data_dir = args.data.set.folder()?;
    let sets = ood_sets(&model, &args.ood.ood, (&data, &indices), &data_dir)?;
    let mut executor = args.model.executor(&model)?;
    let evaluation = evaluate(&model, &mut executor, (&data, &indices), &sets, args.model.json)?;
    let selection = args.data.selection();
    if args.model.json {
        let mut value = serde_json::json!(evaluation);
        // As a card has it where it could stand in one, which is of the test images.
        if selection.caveat().is_some() {
            value["split"] = selection.split.name().into();
            value["by_index"] = selection.by_index.into();
        }
        print(value);
    } else {
        print_evaluation(&evaluation, selection);
    }
    Ok(())
}

/// Prints an evaluation on the images that `selection` says for people.
pub(super) fn print_evaluation(evaluation: &Evaluation, selection: Selection) {
    print(selection.of(evaluation.images, &evaluation.dataset));
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
