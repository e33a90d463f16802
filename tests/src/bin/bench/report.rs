//! Results as Markdown.

use serde_json::Value;

/// Columns of a table of cells: heading and key.
const COLUMNS: [(&str, &str); 16] = [
    ("runtime", "runtime"),
    ("model", "model"),
    ("direction", "direction"),
    ("memory", "memory"),
    ("axis", "axis"),
    ("size", "value"),
    ("batch", "batch"),
    ("median ms", "median_ms"),
    ("runs", "runs"),
    ("CPU ms", "cpu_ms"),
    ("images/s", "images_per_second"),
    ("GFLOP/s", "gflops"),
    ("dispatches", "dispatches"),
    ("launches", "launches"),
    ("allocations", "allocations"),
    ("others' CPU", "others"),
];

/// The cells as a table of the columns that they have, and everything else as a list.
pub fn markdown(results: &Value) -> String {
    let mut text = String::new();
    if let Some(facts) = results.as_object() {
        for (name, value) in facts.iter().filter(|(name, _)| *name != "cells") {
            text += &format!("- {}: {}\n", name.replace('_', " "), shown(value));
        }
    }
    let empty = Vec::new();
    let cells = results["cells"].as_array().unwrap_or(&empty);
    let columns: Vec<_> =
        COLUMNS.iter().filter(|(_, key)| cells.iter().any(|cell| !cell[key].is_null())).collect();
    let line = |cells: Vec<String>| format!("| {} |\n", cells.join(" | "));
    text += "\n";
    text += &line(columns.iter().map(|(heading, _)| (*heading).to_string()).collect());
    text += &line(columns.iter().map(|_| "--:".to_string()).collect());
    for cell in cells {
        let skipped = cell["skipped"].as_str();
        let value = |(_, key): &&(&str, &str)| match skipped {
            Some(why) if *key == "median_ms" => why.to_string(),
            _ if *key == "others" => cell[key].as_f64().map_or_else(String::new, percent),
            _ => shown(&cell[key]),
        };
        text += &line(columns.iter().map(value).collect());
    }
    text
}

fn percent(share: f64) -> String {
    format!("{:.0} %", 100.0 * share)
}

/// Numbers with three significant digits; whole ones whole.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => {
                let digits = (2.0 - value.abs().max(1e-9).log10().floor()).clamp(0.0, 9.0) as usize;
                format!("{value:.digits$}")
            }
            _ => number.to_string(),
        },
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| format!("{name} {}", shown(value)))
            .collect::<Vec<_>>()
            .join(", "),
        other => other.to_string(),
    }
}
