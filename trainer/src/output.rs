//! What a verb tells: results on stdout.

use std::fmt::Display;
use std::io::Write;

/// Prints a line to stdout. A reader that has gone away, as in `| head`, is no reason to fail.
pub fn print(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
