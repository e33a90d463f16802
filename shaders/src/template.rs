//! The template language around WGSL, which has no macros: `#for name in a..b` … `#end` repeats lines, `${expression}`
//! becomes its value. Kernels hold their sums in named values, since indexed arrays would go to memory, and unroll their
//! loops over them this way.
//!
//! An expression is a name, or made of integers and names of integers with `+`, `-` and `*`, as in `${STRIDE*row+2}`.

use std::collections::BTreeMap;

/// The numbers and words that names stand for.
pub(crate) type Values = BTreeMap<String, String>;

/// Repeats and replaces; lines with other directives stay as they are.
///
/// # Errors
/// The line and what is wrong with it.
pub(crate) fn expand(text: &str, values: &Values) -> Result<String, String> {
    let lines: Vec<(usize, &str)> = (1..).zip(text.lines()).collect();
    let mut out = String::new();
    expand_lines(&lines, values, &mut out)?;
    Ok(out)
}

/// What `NAME=4 OTHER=2` says, on top of `values`.
///
/// # Errors
/// The word that is not of this form.
pub(crate) fn assignments(words: &str, values: &Values) -> Result<Values, String> {
    let mut all = values.clone();
    for word in words.split_whitespace() {
        let (name, value) = word.split_once('=').ok_or_else(|| format!("`{word}` is not NAME=value"))?;
        // A word stands for itself.
        let value = evaluate(value, values).map_or_else(|_| value.to_string(), |number| number.to_string());
        all.insert(name.into(), value);
    }
    Ok(all)
}

fn expand_lines(lines: &[(usize, &str)], values: &Values, out: &mut String) -> Result<(), String> {
    let mut rest = lines;
    while let [(number, line), after @ ..] = rest {
        let at = |problem: String| format!("{number}: {problem}");
        let directive = line.trim();
        if let Some(header) = directive.strip_prefix("#for ") {
            let length = body_length(after).ok_or_else(|| at("`#for` without `#end`".into()))?;
            let (name, range) = parse_header(header, values).map_err(at)?;
            for value in range {
                let mut inner = values.clone();
                inner.insert(name.into(), value.to_string());
                expand_lines(&after[..length], &inner, out)?;
            }
            rest = &after[length + 1..];
        } else if directive == "#end" {
            return Err(at("`#end` without `#for`".into()));
        } else {
            *out += &substitute(line, values).map_err(at)?;
            out.push('\n');
            rest = after;
        }
    }
    Ok(())
}

/// Lines before the `#end` that belongs to the `#for` before them.
fn body_length(lines: &[(usize, &str)]) -> Option<usize> {
    let mut depth = 1;
    lines.iter().position(|(_, line)| {
        match line.trim() {
            "#end" => depth -= 1,
            line if line.starts_with("#for ") => depth += 1,
            _ => {}
        }
        depth == 0
    })
}

fn parse_header<'a>(header: &'a str, values: &Values) -> Result<(&'a str, std::ops::Range<i64>), String> {
    let parts = header.split_once(" in ").and_then(|(name, range)| Some((name, range.split_once("..")?)));
    let (name, (first, end)) = parts.ok_or("a loop is written `#for name in a..b`")?;
    Ok((name.trim(), evaluate(first, values)?..evaluate(end, values)?))
}

fn substitute(line: &str, values: &Values) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("${") {
        let (expression, after) = after.split_once('}').ok_or("`${` without `}`")?;
        out += before;
        out += &match values.get(expression) {
            Some(value) => value.clone(),
            None => evaluate(expression, values)?.to_string(),
        };
        rest = after;
    }
    Ok(out + rest)
}

fn evaluate(expression: &str, values: &Values) -> Result<i64, String> {
    let mut sum = 0;
    // A minus before a term is part of it: a-b is a+-b.
    for term in expression.replace('-', "+-").split('+').filter(|term| !term.trim().is_empty()) {
        let (sign, term) = term.trim().strip_prefix('-').map_or((1, term), |term| (-1, term));
        let factors = term.split('*').map(|factor| number(factor.trim(), values));
        sum += sign * factors.product::<Result<i64, String>>()?;
    }
    Ok(sum)
}

fn number(word: &str, values: &Values) -> Result<i64, String> {
    let text = values.get(word).map_or(word, String::as_str);
    text.parse().map_err(|_| format!("`{word}` is no number and no name of one"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn loops_nest_and_expressions_are_replaced() {
        let values =
            assignments("ROWS=2 COLUMNS=ROWS", &assignments("ROWS=2", &Values::new()).unwrap()).unwrap();
        let text =
            "a\n  #for r in 0..ROWS\n#for c in 1..COLUMNS+1\nx${r}_${c} = ${2*r+c-1};\n#end\n  #end\nb";
        assert_eq!(expand(text, &values).unwrap(), "a\nx0_1 = 0;\nx0_2 = 1;\nx1_1 = 2;\nx1_2 = 3;\nb\n");
        assert_eq!(expand("#for i in 3..3\nx\n#end", &values).unwrap(), "");
        let values = assignments("STEP=mix", &values).unwrap();
        assert_eq!(expand("${STEP}(${ROWS});", &values).unwrap(), "mix(2);\n");
    }

    #[test]
    fn mistakes_are_named_with_their_line() {
        let problem = |text| expand(text, &Values::new()).unwrap_err();
        assert_eq!(problem("\n#for i in 0..2\nx"), "2: `#for` without `#end`");
        assert_eq!(problem("x\n#end"), "2: `#end` without `#for`");
        assert_eq!(problem("#for i = 1\n#end"), "1: a loop is written `#for name in a..b`");
        assert_eq!(problem("a\nb ${c+1}"), "2: `c` is no number and no name of one");
        assert_eq!(problem("${c"), "1: `${` without `}`");
        assert!(assignments("A", &Values::new()).is_err());
    }
}
