//! `trainer eval`.

use clap::Args;
use ibinn::{Evaluation, Validation};

use super::shared::{CardOodArgs, DataArgs, ModelArgs};
use crate::error::Result;
use ibinn_evaluate::card::{evaluate, ood_sets};
use ibinn_runs::results::Selection;
use ibinn_terminal::output::{number, print};

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
    let mut session = args.model.session(model)?;
    let evaluation = evaluate(&mut session, (&data, &indices), &sets, args.model.json)?;
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

/// Prints what was measured on images that were held out, for people.
pub(super) fn print_validation(validation: &Validation) {
    let Validation { images, error, bits_per_dim, bits_per_dim_tables, .. } = validation;
    let bits = bits_per_dim.zip(*bits_per_dim_tables).map(|(bits, tables)| {
        format!(
            ", {} bits/dim (in the convention of the paper's tables {})",
            number(bits, 4),
            number(tables, 4)
        )
    });
    let (error, bits) = (number(*error, 2), bits.unwrap_or_default());
    print(format_args!("{images} training images that were held out: error {error} %{bits}"));
}

/// Prints an evaluation on the images that `selection` says for people.
pub(super) fn print_evaluation(evaluation: &Evaluation, selection: Selection) {
    print(selection.of(evaluation.images, &evaluation.dataset));
    print(format_args!("  error          {:>8} %", number(evaluation.error, 2)));
    print(format_args!("  L_Y            {:>8} nats", number(evaluation.l_y, 4)));
    if let Some(likelihood) = &evaluation.likelihood {
        print(format_args!("  L_X            {:>8} nats/dim", number(likelihood.l_x, 4)));
        print(format_args!("  bits/dim       {:>8}   (correct density)", number(likelihood.bits_per_dim, 4)));
        print(format_args!(
            "  bits/dim       {:>8}   (convention of the paper's tables)",
            number(likelihood.bits_per_dim_tables, 4)
        ));
    }
    if let Some(calibration) = &evaluation.calibration {
        print(format_args!(
            "  ECE            {:>8} %   (17 bins of all classes, as the authors' program; see `trainer judge`)",
            number(calibration.ece, 2)
        ));
    }
    for row in &evaluation.novelty {
        let (alpha, alarms, missed) = (number(row.alpha, 0), number(row.alarms, 2), number(row.missed, 2));
        print(format_args!(
            "  at p ≤ {alpha:>2} %    {alarms:>8} %   (false alarms of novelty; class outside its set: {missed} %)"
        ));
    }
    if let Some(exploded) = evaluation.exploded {
        print(format_args!("  exploded       {:>8} %   (of samples at T = 0.7)", number(exploded, 1)));
    }
    for set in &evaluation.ood {
        if let Some(novelty) = &set.novelty {
            let (auroc, none) = (number(novelty.auroc, 2), number(novelty.none_of_these, 1));
            print(format_args!("  novelty AUROC  {auroc:>8} %   ({}; none of these: {none} %)", set.name));
        }
        match set.typicality_auc {
            Some(auc) => {
                print(format_args!("  AUC            {:>8} %   (telling {} apart)", number(auc, 2), set.name))
            }
            None => {
                let increase = number(set.entropy_increase, 3);
                print(format_args!("  ΔH             {increase:>8} nats (for {})", set.name))
            }
        }
    }
}
