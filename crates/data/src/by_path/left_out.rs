//! What of a data set is left out, and why.

use std::fmt;

use serde::Serialize;

/// Names that are told of each reason.
const NAMED: usize = 5;

/// Files that are left out for one reason.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// Why, as a sentence about "it".
    pub why: String,
    /// How many.
    pub count: usize,
    /// The names of the first.
    pub names: Vec<String>,
}

/// Files that are left out, by the reason.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(transparent)]
pub struct LeftOut(Vec<Reason>);

impl LeftOut {
    /// Takes note of a file.
    pub fn add(&mut self, why: &str, name: &str) {
        let reason = match self.0.iter_mut().find(|reason| reason.why == why) {
            Some(reason) => reason,
            None => {
                self.0.push(Reason { why: why.into(), count: 0, names: Vec::new() });
                self.0.last_mut().unwrap_or_else(|| unreachable!("it has just been pushed"))
            }
        };
        reason.count += 1;
        if reason.names.len() < NAMED {
            reason.names.push(name.into());
        }
    }

    /// The reasons, in the order in which they came up.
    pub fn reasons(&self) -> &[Reason] {
        &self.0
    }

    /// How many files are left out.
    pub fn count(&self) -> usize {
        self.0.iter().map(|reason| reason.count).sum()
    }
}

impl fmt::Display for LeftOut {
    /// A line for each reason, each with its line break.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for Reason { why, count, names } in &self.0 {
            let names: Vec<String> = names.iter().map(|name| printable(name)).collect();
            let more = if *count > names.len() { ", …" } else { "" };
            writeln!(f, "  left out: {count} ({why}): {}{more}", names.join(", "))?;
        }
        Ok(())
    }
}

/// A name in one line, whatever characters it has.
pub fn printable(name: &str) -> String {
    name.chars().flat_map(|c| if c.is_control() { c.escape_default().collect() } else { vec![c] }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_are_told_with_the_first_names() {
        let mut left_out = LeftOut::default();
        for i in 0..7 {
            left_out.add("it is no picture", &format!("{i}.txt"));
        }
        left_out.add("the folder is empty", "new\nline 🐕");
        let text = left_out.to_string();
        let wanted = "  left out: 7 (it is no picture): 0.txt, 1.txt, 2.txt, 3.txt, 4.txt, …\n  \
            left out: 1 (the folder is empty): new\\nline 🐕\n";
        assert_eq!((text.as_str(), left_out.count()), (wanted, 8));
    }
}
