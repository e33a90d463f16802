//! The rows that `classify` writes.

use std::ffi::OsStr;
use std::io::Write;
use std::path::Path;

use ibinn::Model;
use ibinn::head::Classification;
use ibinn_files::{atomic, csv};
use serde_json::{Map, Value};

use crate::error::{Error, Result};

/// What a row says besides the posterior.
const COLUMNS: [&str; 8] =
    ["file", "prediction", "probability", "bits_per_dim", "typicality", "novelty", "novelty_p", "verdict"];
/// Why a row says nothing else.
const ERROR: &str = "error";

/// The form of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Csv,
    JsonLines,
}

impl Format {
    /// That of a file, by its name.
    ///
    /// # Errors
    /// [`Error::Usage`] when it has another ending.
    pub fn of(path: &Path) -> Result<Self> {
        let ending = path.extension().and_then(OsStr::to_str).unwrap_or_default().to_ascii_lowercase();
        match &*ending {
            "csv" => Ok(Self::Csv),
            "jsonl" | "ndjson" => Ok(Self::JsonLines),
            _ => Err(Error::Usage(format!("--out is {}, must end with .csv or .jsonl", path.display()))),
        }
    }
}

/// Where the rows go.
enum Target {
    File(atomic::Writer),
    Stdout,
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.write(bytes),
            Self::Stdout => std::io::stdout().write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match self {
            Self::File(file) => file.flush(),
            Self::Stdout => std::io::stdout().flush(),
        }
    }
}

/// Rows that are being written; the file is there when all of them are.
pub(super) struct Rows {
    target: Target,
    format: Format,
    columns: Vec<String>,
    /// The file, for messages.
    path: Option<std::path::PathBuf>,
}

impl Rows {
    /// Begins the file, or writes to stdout without one.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub fn create(path: Option<&Path>, format: Format, model: &Model) -> Result<Self> {
        let target = match path {
            Some(path) => Target::File(atomic::Writer::create(path)?),
            None => Target::Stdout,
        };
        let posterior = model.spec().classes().iter().map(|class| format!("posterior:{class}"));
        let columns: Vec<String> =
            COLUMNS.iter().map(|name| name.to_string()).chain(posterior).chain([ERROR.into()]).collect();
        let mut rows = Self { target, format, columns, path: path.map(Into::into) };
        if format == Format::Csv {
            let written = rows.target.write_all(csv::line(&rows.columns).as_bytes());
            rows.check(written)?;
        }
        Ok(rows)
    }

    /// A picture as the model sees it.
    ///
    /// # Errors
    /// When the row cannot be written.
    pub fn classified(&mut self, file: &str, model: &Model, found: &Classification) -> Result<()> {
        let l_x = found.l_x().filter(|l_x| l_x.is_finite());
        let number = |value: Option<f64>| value.map_or(Value::Null, Value::from);
        let probabilities = &found.posterior.probabilities;
        let typicality = model.card().typicality();
        let novelty = found.novelty.as_ref();
        let mut row = vec![
            Value::from(file),
            Value::from(model.spec().classes()[found.prediction].clone()),
            Value::from(probabilities[found.prediction]),
            number(l_x.map(|l_x| model.bits_per_dim(l_x).correct)),
            number(typicality.zip(l_x).map(|(typicality, l_x)| typicality.share_as_far(l_x))),
            number(novelty.map(|novelty| novelty.score)),
            number(novelty.map(|novelty| novelty.p)),
            novelty.map_or(Value::Null, |novelty| novelty.verdict().name().into()),
        ];
        row.extend(probabilities.iter().map(|&p| Value::from(p)));
        row.push(Value::Null);
        self.write(row)
    }

    /// A picture that cannot be read.
    ///
    /// # Errors
    /// When the row cannot be written.
    pub fn unreadable(&mut self, file: &str, why: &str) -> Result<()> {
        let mut row = vec![Value::Null; self.columns.len()];
        row[0] = file.into();
        row[self.columns.len() - 1] = why.into();
        self.write(row)
    }

    fn write(&mut self, row: Vec<Value>) -> Result<()> {
        let text = match self.format {
            Format::Csv => csv::line(row.into_iter().map(|value| match value {
                Value::Null => String::new(),
                Value::String(text) => text,
                other => other.to_string(),
            })),
            Format::JsonLines => {
                // What a picture has not is not in its object.
                let cells = self.columns.iter().cloned().zip(row).filter(|(_, value)| !value.is_null());
                let object: Map<String, Value> = cells.collect();
                format!("{}\n", Value::Object(object))
            }
        };
        let written = self.target.write_all(text.as_bytes());
        self.check(written)
    }

    /// A reader of stdout that has gone away, as in `| head`, is no reason to fail.
    fn check(&self, written: std::io::Result<()>) -> Result<()> {
        match (written, &self.path) {
            (Err(source), Some(path)) => Err(Error::unwritable(path, source)),
            _ => Ok(()),
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn finish(self) -> Result<()> {
        match self.target {
            Target::File(file) => Ok(file.finish()?),
            Target::Stdout => Ok(()),
        }
    }
}
