//! Other programs: checkpoints of the authors' PyTorch program, and ONNX graphs.

pub mod import;
pub mod onnx;
