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

/// Splits the index of a lone letter (`L_X`) and the power of a number (`10^{−3}`) from the words around them; any other
/// `_` and `^` stands for itself, as in the names of files.
pub fn parts(words: &str) -> Vec<(Level, String)> {
    let mut parts: Vec<(Level, String)> = Vec::new();
    let mut push = |level: Level, text: &str| match parts.last_mut() {
        Some((last, before)) if *last == level => before.push_str(text),
        _ if text.is_empty() => {}
        _ => parts.push((level, text.into())),
    };
    let mut rest = words;
    // What `rest` comes after.
    let mut before = "";
    while let Some(letter) = rest.chars().next() {
        if let Some((index, after)) = index(before, rest) {
            push(Level::Low, index);
            rest = after;
        } else if let Some((power, after)) = power(before, rest) {
            push(Level::High, power);
            rest = after;
        } else {
            push(Level::Line, &rest[..letter.len_utf8()]);
            rest = &rest[letter.len_utf8()..];
        }
        before = &words[..words.len() - rest.len()];
    }
    parts
}

/// The X of `_X…` after a lone letter, and what follows it.
fn index<'a>(before: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let after = rest.strip_prefix('_')?;
    let mut letters = before.chars().rev();
    let lone = letters.next()?.is_alphabetic() && !letters.next().is_some_and(stands_in_a_word);
    let length = after.chars().next().filter(|index| index.is_alphanumeric())?.len_utf8();
    let ends = !after[length..].chars().next().is_some_and(stands_in_a_word);
    (lone && ends).then(|| after.split_at(length))
}

fn stands_in_a_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_'
}

/// The words in `^{…}` after a digit, and what follows it.
fn power<'a>(before: &str, rest: &'a str) -> Option<(&'a str, &'a str)> {
    let digit = before.ends_with(|letter: char| letter.is_ascii_digit());
    rest.strip_prefix("^{").filter(|_| digit)?.split_once('}')
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
        assert_eq!(split("L_X, L_Y"), "Line L|Low X|Line , L|Low Y");
        for name in ["x86_64", "runs/my_model", "a_b_c", "x^2", "^{y}", "10^{−3", "L_", "_"] {
            assert_eq!(split(name), format!("Line {name}"));
        }
    }
}
