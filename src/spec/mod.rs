//! What a network is, as data: its fields, the elements or layers that follow, their tensors, and what it costs.

mod architecture;
mod class_prior;
mod cost;
pub mod dct;
pub mod element;
mod family;
pub mod feed_forward;
mod fields;
pub mod fold;
mod gamma;
mod handles;
pub mod head;
pub mod layout;
pub mod linear;
mod method;
pub mod mixing;
mod model_spec;
mod preset;
mod shape;
mod tensor_info;
pub mod tensors;

pub use architecture::Architecture;
pub use class_prior::ClassPrior;
pub use family::Family;
pub use fields::{InputSpec, SpecFields, StageSpec, Stem};
pub use gamma::Gamma;
pub use method::{Method, MethodName};
pub use model_spec::ModelSpec;
pub use preset::Preset;
pub use shape::Shape;
