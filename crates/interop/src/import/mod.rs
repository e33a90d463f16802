//! Import of the authors' checkpoints, the .pt files of their PyTorch program.
//!
//! A checkpoint is a Python pickle with raw arrays beside it. It is read without running anything, and becomes what our
//! own training ends with: an architecture and its tensors in training form.

mod calls;
pub mod conf;
mod layout;
mod machine;
mod names;
mod numpy;
mod object;
mod pickle;
mod torch;

use ibinn::ModelSpec;
use ibinn::spec::fold::Tensors;

/// What a checkpoint holds.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// The architecture, with classes named "0", "1", … and mean 0 and standard deviation 1 for normalisation, as the file
    /// tells neither (see [`ModelSpec::for_data`]).
    pub spec: ModelSpec,
    /// Its tensors in training form.
    pub tensors: Tensors,
}

/// Reads a checkpoint of an IB-INN from the bytes of either container of PyTorch.
///
/// # Errors
/// What is wrong with it, as a sentence about "it": among others the name of whatever it asks for that is neither tensor nor
/// plain container. Nothing in it is ever run.
pub fn read(bytes: &[u8]) -> Result<Imported, String> {
    let mut archive = torch::Archive::open(bytes)?;
    let (spec, tensors) = layout::read(&mut archive)?;
    Ok(Imported { spec, tensors })
}
