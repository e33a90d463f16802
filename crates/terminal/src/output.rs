//! What a verb tells: results on stdout, and numbers for people.

use std::fmt::Display;
use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Prints a line to stdout. A reader that has gone away, as in `| head`, is no reason to fail.
pub fn print(text: impl Display) {
    let _ = writeln!(std::io::stdout(), "{text}");
}

/// A path as a string of JSON, which holds text only: bytes that are no UTF-8 are replaced, as they are for people.
pub fn path_text(path: &Path) -> String {
    path.display().to_string()
}

/// How many there are, in words: "1 image", "6 images".
pub fn counted(count: usize, singular: &str) -> String {
    format!("{count} {singular}{}", if count == 1 { "" } else { "s" })
}

/// A number for people, with a true minus sign, and none before a zero.
pub fn number(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let is_zero = text.chars().all(|c| matches!(c, '-' | '0' | '.'));
    if is_zero { text.trim_start_matches('-').into() } else { text.replace('-', "−") }
}

/// A time for people, in its largest unit: "3 minutes".
pub fn duration(time: Duration) -> String {
    indicatif::HumanDuration(time).to_string()
}

/// A number of bytes for people, in its largest unit: "2.00 GiB".
pub fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        assert_eq!([0, 1, 2].map(|n| counted(n, "run")), ["0 runs", "1 run", "2 runs"]);
    }

    #[test]
    fn only_negative_numbers_have_a_sign() {
        for (value, digits, wanted) in
            [(1.256, 2, "1.26"), (-0.5, 1, "−0.5"), (-0.004, 2, "0.00"), (-0.0, 0, "0"), (-10.0, 0, "−10")]
        {
            assert_eq!(number(value, digits), wanted);
        }
    }
}
