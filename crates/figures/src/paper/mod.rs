//! What the paper published: Tables 1 and 2 (method §6), to be set beside our own numbers.

use clap::ValueEnum;
use ibinn::Method;
use serde::Deserialize;

use crate::{Error, Result};

/// The tables with their source; every number of the paper that this program knows stands there.
const TABLES: &str = include_str!("tables.toml");

/// The out-of-distribution sets of the tables in the order of their columns, by the names of ours that they are.
pub const OOD_SETS: [&str; 4] = ["rgb-rotation", "quickdraw", "noise", "natural32"];

/// A published table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum PaperTable {
    /// CIFAR-10.
    Table1,
    /// CIFAR-100.
    Table2,
}

/// Numbers that the paper gives of a model; a number that it does not give is none, a list then is empty.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Published {
    /// By which method it was trained.
    pub method: Method,
    /// Classification error in percent.
    pub error: Option<f64>,
    /// Bits per dimension in the convention of the tables.
    pub bits_per_dim: Option<f64>,
    /// Geometric mean of the calibration errors in percent.
    pub geo: Option<f64>,
    /// Expected calibration error in percent.
    pub ece: Option<f64>,
    /// Maximum calibration error in percent.
    pub mce: Option<f64>,
    /// Integrated calibration error in percent.
    pub ice: Option<f64>,
    /// Entropy increase in nats: the average, then [`OOD_SETS`].
    #[serde(default)]
    pub entropy_increase: Vec<f64>,
    /// Typicality AUC in percent: the average, then [`OOD_SETS`].
    #[serde(default)]
    pub auc: Vec<f64>,
}

#[derive(Deserialize)]
struct Table {
    dataset: String,
    rows: Vec<Published>,
}

#[derive(Deserialize)]
struct Tables {
    table1: Table,
    table2: Table,
}

impl PaperTable {
    /// Its data set, for people, and its rows.
    ///
    /// # Errors
    /// Never for the tables that were built in; the parser's type says it may.
    pub fn rows(self) -> Result<(String, Vec<Published>)> {
        let Tables { table1, table2 } = toml::from_str(TABLES)
            .map_err(|e| Error::Usage(format!("the published tables cannot be read ({e})")))?;
        let table = match self {
            Self::Table1 => table1,
            Self::Table2 => table2,
        };
        Ok((table.dataset, table.rows))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use ibinn_evaluate::measures::{arithmetic_mean, geometric_mean};

    #[test]
    fn every_average_of_the_tables_follows_from_its_columns() {
        for (table, count) in [(PaperTable::Table1, 8), (PaperTable::Table2, 7)] {
            let (_, rows) = table.rows().unwrap();
            assert_eq!(rows.len(), count);
            for row in rows {
                let close = |what: &str, found: f64, wanted: Option<f64>, tolerance: f64| {
                    let wanted = wanted.unwrap();
                    assert!((found - wanted).abs() < tolerance, "{row:?} {what}: {found}, computed {wanted}");
                };
                if let (Some(geo), Some(ece), Some(mce), Some(ice)) = (row.geo, row.ece, row.mce, row.ice) {
                    close("geo", geo, geometric_mean(&[ece, mce, ice]), 0.015);
                }
                if let [average, sets @ ..] = &row.entropy_increase[..] {
                    assert_eq!(sets.len(), OOD_SETS.len());
                    close("entropy increase", *average, arithmetic_mean(sets), 0.008 + 1e-9);
                }
                if let [average, sets @ ..] = &row.auc[..] {
                    assert_eq!(sets.len(), OOD_SETS.len());
                    close("AUC", *average, geometric_mean(sets), 0.0101);
                }
            }
        }
    }

    #[test]
    fn rows_are_by_method() {
        let (dataset, rows) = PaperTable::Table1.rows().unwrap();
        assert_eq!(dataset, "CIFAR-10");
        let labels: Vec<String> = rows.iter().map(|row| row.method.to_string()).collect();
        assert_eq!(labels[..3], ["IB-INN, γ = 1", "only L_X (γ = 0)", "only L_Y (γ = ∞)"]);
        assert_eq!(rows[2].bits_per_dim, Some(17.27));
    }
}
