//! `trainer inspect`.

use std::path::PathBuf;

use clap::Args;
use ibinn::spec::tensors::folded_tensors;
use ibinn::{ClassPrior, Training};

use crate::error::Result;
use ibinn_figures::samples::read_model;
use ibinn_runs::results::Selection;
use ibinn_terminal::output::print;

/// Flags of `inspect`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  trainer inspect model.safetensors
  trainer inspect model.safetensors --tensors
  trainer inspect model.safetensors --json")]
pub struct InspectArgs {
    /// Model file
    model: PathBuf,
    /// Also list every tensor
    #[arg(long)]
    tensors: bool,
    /// Print one JSON object for programs instead of text for people
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: InspectArgs) -> Result<()> {
    let model = read_model(&args.model)?;
    let (spec, card) = (model.spec(), model.card());
    let tensors = folded_tensors(spec);
    if args.json {
        let list: Vec<_> =
            tensors.iter().map(|t| serde_json::json!({ "name": t.name, "shape": t.shape })).collect();
        let out = serde_json::json!({
            "spec": spec, "card": card, "dims": spec.dims(), "parameters": spec.parameter_count(),
            "multiply_adds": spec.multiply_adds(), "tensors": list,
        });
        print(out);
        return Ok(());
    }
    let input = spec.input();
    print(&card.title);
    print(format_args!("  method       {}", card.training.method));
    print(format_args!("  input        {}×{}×{}", input.channels, input.height, input.width));
    let blocks = if spec.family().is_flow() { "coupling blocks" } else { "residual blocks" };
    for (i, stage) in spec.stages().iter().enumerate() {
        print(format_args!("  stage {i}      {} {blocks}, width {}", stage.blocks, stage.width));
    }
    print(format_args!(
        "  parameters   {}, {} multiply-adds an image",
        spec.parameter_count(),
        spec.multiply_adds()
    ));
    print(format_args!("  classes      {}", spec.classes().join(", ")));
    if spec.class_prior() != ClassPrior::Uniform
        && let Ok(mixture) = model.mixture()
    {
        let weights: Vec<String> = mixture.weights().iter().map(|w| format!("{:.2} %", 100.0 * w)).collect();
        print(format_args!("  class prior  {}: {}", spec.class_prior(), weights.join(", ")));
    }
    print(format_args!("  trained      {}", training(&card.training)));
    match &card.evaluation {
        Some(evaluation) => super::evaluation_text::print_card(evaluation, Selection::default()),
        None => print(format_args!("  not evaluated yet")),
    }
    if args.tensors {
        for tensor in &tensors {
            print(format_args!("  {:40} {:?}", tensor.name, tensor.shape));
        }
    }
    Ok(())
}

/// How a model was trained, as far as that is known.
fn training(training: &Training) -> String {
    let mut parts = vec![match training.images {
        Some(images) => format!("{images} images of {}", training.dataset),
        None => training.dataset.clone(),
    }];
    parts.extend(training.epochs.map(|epochs| format!("{epochs} epochs")));
    parts.extend(training.steps.map(|steps| format!("{steps} steps")));
    parts.extend(training.seed.map(|seed| format!("seed {seed}")));
    parts.join(", ")
}
