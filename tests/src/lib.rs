//! What the tests that cross crates share.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test helper that fails is a failed test")]

pub mod noise;

pub use ibinn_testing::{checkpoint, data_dir, golden, nets, reference_dir};
