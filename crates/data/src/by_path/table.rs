//! Tables that name pictures and say what they are of: CSV and JSON lines of `file,label[,split]`.

use std::ffi::OsStr;
use std::path::Path;

use super::layout::split_named;
use super::left_out::printable;
use crate::Split;

/// Columns that are named in an error.
const NAMED: usize = 20;
/// What the columns may be called.
const FILE: [&str; 7] = ["file", "file_name", "filename", "path", "image", "image_path", "img"];
const LABEL: [&str; 6] = ["label", "class", "class_name", "category", "target", "y"];
const SPLIT: [&str; 4] = ["split", "subset", "set", "partition"];

/// A row of a table.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Row {
    /// The picture's file, by path from the table.
    pub file: String,
    /// Its class; none where the table leaves it open.
    pub label: Option<String>,
    /// Its split, where the table says it.
    pub split: Option<Split>,
}

/// A table, row by row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Table {
    /// The rows, or what is wrong with one, as a sentence about the row.
    pub rows: Vec<Result<Row, String>>,
    /// Whether it has a column for the split.
    pub has_splits: bool,
}

/// Whether a file is named like a table.
pub(crate) fn is_one(path: &Path) -> bool {
    let ending = path.extension().and_then(OsStr::to_str);
    ending.is_some_and(|ending| {
        ["csv", "tsv", "jsonl", "ndjson"].iter().any(|known| ending.eq_ignore_ascii_case(known))
    })
}

/// Parses the table in the file called `name`.
///
/// # Errors
/// When it is no table of pictures and labels, as a sentence about "it".
pub(crate) fn parse(name: &str, bytes: &[u8]) -> Result<Table, String> {
    let ending = Path::new(name).extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
    match &*ending {
        "csv" => separated(bytes, ','),
        "tsv" => separated(bytes, '\t'),
        _ => lines(bytes),
    }
}

fn separated(bytes: &[u8], separator: char) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_string())?;
    let mut records = ibinn_files::csv::parse(text, separator)?.into_iter();
    let headers: Vec<String> =
        records.next().unwrap_or_default().iter().map(|name| name.trim().to_lowercase()).collect();
    let column = |names: &[&str]| names.iter().find_map(|name| headers.iter().position(|own| own == name));
    let (file, label, split) = (column(&FILE), column(&LABEL), column(&SPLIT));
    let (Some(file), Some(label)) = (file, label) else {
        return Err(no_columns(file.is_some(), &headers));
    };
    let rows = records.map(|record| {
        let cell = |column: usize| record.get(column).cloned();
        row(cell(file), cell(label), split.and_then(cell))
    });
    Ok(Table { rows: rows.collect(), has_splits: split.is_some() })
}

fn lines(bytes: &[u8]) -> Result<Table, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is no text in UTF-8".to_string())?;
    let (mut rows, mut has_splits) = (Vec::new(), false);
    for (i, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(line).map_err(|e| format!("its line {} is no JSON object ({e})", i + 1))?;
        let cell = |names: &[&str]| {
            let found = names.iter().find_map(|name| value.get(*name));
            match found? {
                serde_json::Value::String(text) => Some(text.clone()),
                serde_json::Value::Null => None,
                other => Some(other.to_string()),
            }
        };
        let (file, label, split) = (cell(&FILE), cell(&LABEL), cell(&SPLIT));
        if rows.is_empty() && (file.is_none() || label.is_none()) {
            return Err(no_columns(file.is_some(), &value.keys().cloned().collect::<Vec<_>>()));
        }
        has_splits |= split.is_some();
        rows.push(row(file, label, split));
    }
    Ok(Table { rows, has_splits })
}

fn row(file: Option<String>, label: Option<String>, split: Option<String>) -> Result<Row, String> {
    let given =
        |cell: Option<String>| cell.map(|cell| cell.trim().to_string()).filter(|cell| !cell.is_empty());
    // A file's name may begin or end with spaces.
    let file = file.filter(|file| !file.is_empty()).ok_or("it names no file")?;
    let split = match given(split) {
        None => None,
        Some(word) => Some(
            split_named(&word)
                .ok_or_else(|| format!("its split is `{}`, must be train, val or test", printable(&word)))?,
        ),
    };
    Ok(Row { file, label: given(label), split })
}

fn no_columns(has_files: bool, found: &[String]) -> String {
    let (missing, wanted) = if has_files { ("labels", LABEL.join(", ")) } else { ("files", FILE.join(", ")) };
    let named: Vec<String> = found.iter().take(NAMED).map(|name| printable(name)).collect();
    let more = if found.len() > NAMED { ", …" } else { "" };
    let found = if found.is_empty() { "none".into() } else { named.join(", ") + more };
    format!("it has no column of {missing}, which is called one of {wanted}; its columns are {found}")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn found(file: &str, label: &str, split: Option<Split>) -> Result<Row, String> {
        Ok(Row { file: file.into(), label: Some(label.into()).filter(|l: &String| !l.is_empty()), split })
    }

    #[test]
    fn tables_are_read_whatever_their_form() {
        let wanted = vec![
            found("a, b.png", "cat", Some(Split::Train)),
            found("new\nline.png", "dog 🐕", Some(Split::Val)),
            found("c.png", "", None),
        ];
        let csv =
            "\u{feff}Label,File,split\ncat,\"a, b.png\",train\ndog 🐕,\"new\nline.png\",Validation\n,c.png\n";
        let tsv =
            "file_name\tclass\tsubset\na, b.png\tcat\ttraining\n\"new\nline.png\"\tdog 🐕\tval\nc.png\t\t\n";
        let jsonl = "{\"file\":\"a, b.png\",\"label\":\"cat\",\"split\":\"train\"}\n\n\
            {\"file\":\"new\\nline.png\",\"label\":\"dog 🐕\",\"split\":\"valid\"}\n{\"file\":\"c.png\",\"label\":null}\n";
        for (name, text) in [("t.csv", csv), ("t.TSV", tsv), ("t.jsonl", jsonl)] {
            let table = parse(name, text.as_bytes()).unwrap();
            assert_eq!((&table.rows, table.has_splits), (&wanted, true), "{name}");
        }
        let numbered = parse("t.jsonl", b"{\"file_name\":\"1.png\",\"label\":7}").unwrap();
        assert_eq!((numbered.rows, numbered.has_splits), (vec![found("1.png", "7", None)], false));
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (name, text, wanted) in [
            ("t.csv", "file,breed\na,b\n", "it has no column of labels, which is called one of label, class"),
            ("t.csv", "", "it has no column of files"),
            ("t.jsonl", "{\"label\":1}", "it has no column of files, which is called one of file,"),
            ("t.jsonl", "[1]", "its line 1 is no JSON object"),
            // Found by fuzzing: a terminal would have obeyed it.
            ("t.csv", "file\u{0}\u{1b}[2J\n", "its columns are file"),
        ] {
            let problem = parse(name, text.as_bytes()).unwrap_err();
            assert!(problem.contains(wanted) && !problem.contains(char::is_control), "{problem}");
        }
        let table = parse("t.csv", b"file,label,split\n,cat,test\na,cat,later\n").unwrap();
        assert_eq!(table.rows[0], Err("it names no file".into()));
        assert_eq!(table.rows[1], Err("its split is `later`, must be train, val or test".into()));
    }
}
