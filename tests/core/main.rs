//! What holds the core together: the executors against brute force, each other and the authors' program.
#![allow(clippy::unwrap_used)]

mod families;
mod flow;
mod golden;
mod golden_training;
mod gpu;
