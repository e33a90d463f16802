//! What a person sees at the command line: progress, and numbers in words.

pub mod output;
pub mod progress;
