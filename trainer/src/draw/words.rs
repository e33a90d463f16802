//! Words with letters set lower or higher.

/// How far a letter is from the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// On it.
    Line,
    /// Below it, smaller.
    Low,
    /// Above it, smaller.
    High,
}

impl Level {
    /// Size of the type, and how far its baseline lies below that of the line, as shares of the line's size.
    pub fn shape(self) -> (f64, f64) {
        match self {
            Self::Line => (1.0, 0.0),
            Self::Low => (0.72, 0.22),
            Self::High => (0.72, -0.36),
        }
    }
}

/// Splits `_x`, `_{words}`, `^x` and `^{words}` from the words around them.
pub fn parts(words: &str) -> Vec<(Level, String)> {
    let mut parts: Vec<(Level, String)> = Vec::new();
    let mut push = |level: Level, letter: char| match parts.last_mut() {
        Some((last, text)) if *last == level => text.push(letter),
        _ => parts.push((level, letter.into())),
    };
    let mut letters = words.chars().peekable();
    while let Some(letter) = letters.next() {
        let level = match letter {
            '_' => Level::Low,
            '^' => Level::High,
            _ => {
                push(Level::Line, letter);
                continue;
            }
        };
        if letters.next_if_eq(&'{').is_some() {
            letters.by_ref().take_while(|&letter| letter != '}').for_each(|letter| push(level, letter));
        } else if let Some(letter) = letters.next() {
            push(level, letter);
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_and_powers_are_split_off() {
        let split = |words| {
            let parts = parts(words).into_iter();
            parts.map(|(level, text)| format!("{level:?} {text}")).collect::<Vec<_>>().join("|")
        };
        assert_eq!(split("error, %"), "Line error, %");
        assert_eq!(split("L_X in nats"), "Line L|Low X|Line  in nats");
        assert_eq!(split("10^{−3}"), "Line 10|High −3");
        assert_eq!(split("a_{bc}d^"), "Line a|Low bc|Line d");
    }
}
