//! Tables of separated values (RFC 4180).
//!
//! Ours rather than a crate, as the one that there is switches on a feature of a crate below Burn, which would then be built
//! in two ways.

/// The records of a table, each with its cells: quoted ones may hold separators, line breaks and doubled quotes; empty lines
/// are no records.
///
/// # Errors
/// When a quoted cell does not end.
pub fn parse(text: &str, separator: char) -> Result<Vec<Vec<String>>, String> {
    let mut records = Vec::new();
    let mut record: Vec<String> = Vec::new();
    let mut rest = text.strip_prefix('\u{feff}').unwrap_or(text);
    while !rest.is_empty() {
        let (cell, after) = cell(rest, separator)?;
        record.push(cell);
        let mut next = after.chars();
        match next.next() {
            Some(c) if c == separator => {
                rest = next.as_str();
                // A separator at the very end has an empty cell after it.
                if rest.is_empty() {
                    record.push(String::new());
                }
            }
            _ => {
                rest =
                    after.strip_prefix("\r\n").or_else(|| after.strip_prefix(['\n', '\r'])).unwrap_or(after);
                let record = std::mem::take(&mut record);
                if record != [""] {
                    records.push(record);
                }
            }
        }
    }
    if !record.is_empty() {
        records.push(record);
    }
    Ok(records)
}

/// The cell that `text` begins with, and what follows it.
fn cell(text: &str, separator: char) -> Result<(String, &str), String> {
    let ends = |c: char| c == separator || c == '\n' || c == '\r';
    let Some(mut quoted) = text.strip_prefix('"') else {
        let end = text.find(ends).unwrap_or(text.len());
        return Ok((text[..end].into(), &text[end..]));
    };
    let mut cell = String::new();
    loop {
        let end = quoted.find('"').ok_or_else(|| "a quoted cell does not end".to_string())?;
        cell.push_str(&quoted[..end]);
        quoted = &quoted[end + 1..];
        match quoted.strip_prefix('"') {
            Some(after) => {
                cell.push('"');
                quoted = after;
            }
            None => break,
        }
    }
    // What stands between the quote and the separator belongs to the cell, as others read it.
    let end = quoted.find(ends).unwrap_or(quoted.len());
    cell.push_str(&quoted[..end]);
    Ok((cell, &quoted[end..]))
}

/// A record as a line with its line break; cells that need quotes have them.
pub fn line<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> String {
    let quoted = |cell: T| {
        let cell = cell.as_ref();
        if cell.contains([',', '"', '\n', '\r']) || cell.starts_with(' ') || cell.ends_with(' ') {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.into()
        }
    };
    cells.into_iter().map(quoted).collect::<Vec<_>>().join(",") + "\n"
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn cells_are_read_as_they_were_written() {
        let records = [
            vec!["a", "b, c", "say \"no\"", "two\nlines", "", " 🐕 "],
            vec!["", "x"],
            vec!["alone"],
            vec!["x", ""],
        ];
        let text: String = records.iter().map(line).collect();
        assert_eq!(parse(&text, ',').unwrap(), records);
        assert_eq!(text.lines().next(), Some("a,\"b, c\",\"say \"\"no\"\"\",\"two"));
    }

    #[test]
    fn other_forms_are_read_as_well() {
        let parsed = |text: &str, separator| parse(text, separator).unwrap();
        assert_eq!(parsed("\u{feff}a\tb\r\n\r\n1\t2", '\t'), [["a", "b"], ["1", "2"]]);
        assert_eq!(parsed("a,b\rc,", ','), [["a", "b"], ["c", ""]]);
        assert_eq!(parsed("\"a\" b,c", ','), [["a b", "c"]]);
        assert!(parsed("", ',').is_empty());
        assert_eq!(parse("a,\"b", ',').unwrap_err(), "a quoted cell does not end");
    }
}
