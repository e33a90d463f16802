//! Training, judging and sampling IB-INNs: the library behind the `trainer` binary.

pub mod atomic;
pub mod backend;
pub mod config;
pub mod data;
pub mod draw;
pub mod environment;
pub mod error;
pub mod evaluation;
#[cfg(test)]
mod examples;
pub mod figure;
pub mod import;
mod jpeg;
pub mod judge;
pub mod labels;
pub mod measures;
pub mod net;
pub mod onnx;
pub mod ood;
pub mod output;
pub mod paper;
pub mod picture;
pub mod png;
pub mod progress;
pub mod report;
pub mod results;
pub mod samples;
#[cfg(test)]
mod scratch;
pub mod sweep;
pub mod table;
pub mod train;
pub mod verbs;
