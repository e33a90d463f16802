//! A table as Markdown, CSV or LaTeX.

use clap::ValueEnum;

use super::{Cell, Column, Table};
use ibinn_evaluate::measures::bootstrap::Estimate;
use ibinn_terminal::output::number;

/// How a table is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For documents and terminals.
    Markdown,
    /// For spreadsheets: numbers and the ends of their intervals in columns of their own.
    Csv,
    /// For papers: a tabular with rules of `booktabs`.
    Latex,
}

/// What stands where there is no number.
const NONE: &str = "–";

impl Table {
    /// The table in `format`.
    pub fn render(&self, format: Format) -> String {
        match format {
            Format::Markdown => self.markdown(),
            Format::Csv => self.csv(),
            Format::Latex => self.latex(),
        }
    }

    fn markdown(&self) -> String {
        let title = |column: &Column| match column.group.as_str() {
            "" => column.name.clone(),
            group => format!("{group}: {}", column.name),
        };
        let mut titles = vec!["model".to_string(), "source".into()];
        titles.extend(self.columns.iter().map(title));
        let rule = ["---", "---"].into_iter().chain(self.columns.iter().map(|_| "--:"));
        let mut lines = vec![line(&titles), format!("|{}|", rule.collect::<Vec<_>>().join("|"))];
        lines.extend(self.rows.iter().map(|row| {
            let mut cells = vec![row.model.clone(), row.source.clone()];
            cells.extend(row.cells.iter().map(Cell::plain));
            line(&cells)
        }));
        let notes = self.notes.iter().map(|note| format!("\n{note}"));
        lines.into_iter().chain(notes).map(|line| line + "\n").collect()
    }

    fn csv(&self) -> String {
        let quoted = |text: &str| {
            if text.contains([',', '"', '\n']) {
                format!("\"{}\"", text.replace('"', "\"\""))
            } else {
                text.into()
            }
        };
        let averaged = self.rows.iter().flat_map(|row| &row.cells).any(|cell| cell.spread.is_some());
        let mut titles = vec!["model".to_string(), "source".into()];
        for Column { group, name } in &self.columns {
            let title = [group.as_str(), name].iter().filter(|t| !t.is_empty()).copied().collect::<Vec<_>>();
            let title = title.join(": ");
            titles.extend([title.clone(), format!("{title} (low)"), format!("{title} (high)")]);
            if averaged {
                titles.push(format!("{title} (deviation)"));
            }
        }
        let mut out = titles.iter().map(|title| quoted(title)).collect::<Vec<_>>().join(",") + "\n";
        for row in &self.rows {
            let mut cells = vec![quoted(&row.model), quoted(&row.source)];
            for cell in &row.cells {
                let [low, high] =
                    cell.estimate.and_then(|e| e.interval).map_or([None; 2], |ends| ends.map(Some));
                let number = |value: Option<f64>| value.map_or_else(String::new, |value| format!("{value}"));
                cells.extend([number(cell.estimate.map(|e| e.value)), number(low), number(high)]);
                if averaged {
                    cells.push(number(cell.spread));
                }
            }
            out += &(cells.join(",") + "\n");
        }
        out
    }

    fn latex(&self) -> String {
        let mut groups: Vec<(&str, usize)> = Vec::new();
        for column in &self.columns {
            match groups.last_mut() {
                Some((group, count)) if *group == column.group && !group.is_empty() => *count += 1,
                _ => groups.push((&column.group, 1)),
            }
        }
        let spans = groups.iter().map(|(group, count)| match *count {
            1 => escaped(group),
            count => format!("\\multicolumn{{{count}}}{{c}}{{{}}}", escaped(group)),
        });
        let titles = self.columns.iter().map(|column| escaped(&column.name));
        let mut out = format!("\\begin{{tabular}}{{ll{}}}\n\\toprule\n", "r".repeat(self.columns.len()));
        out += &format!(" &  & {} \\\\\n", spans.collect::<Vec<_>>().join(" & "));
        out += &format!("model & source & {} \\\\\n\\midrule\n", titles.collect::<Vec<_>>().join(" & "));
        for row in &self.rows {
            let mut cells = vec![model_in_latex(&row.model), escaped(&row.source)];
            cells.extend(row.cells.iter().map(number_in_latex));
            out += &(cells.join(" & ") + " \\\\\n");
        }
        out += "\\bottomrule\n\\end{tabular}\n";
        for note in &self.notes {
            out += &format!("% {note}\n");
        }
        out
    }
}

impl Cell {
    /// The number for people, with its interval in brackets or its deviation over seeds.
    pub fn plain(&self) -> String {
        let spread =
            self.spread.map_or_else(String::new, |spread| format!(" ± {}", number(spread, self.digits)));
        self.estimate.map_or_else(|| NONE.into(), |estimate| estimate.shown(self.digits) + &spread)
    }
}

fn line(cells: &[String]) -> String {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    format!("| {} |", cells.join(" | "))
}

fn number_in_latex(cell: &Cell) -> String {
    let math = |value: f64| format!("${}$", number(value, cell.digits).replace('−', "-"));
    match (cell.estimate, cell.spread) {
        (None, _) => "--".into(),
        (Some(Estimate { value, .. }), Some(spread)) => {
            let [value, spread] = [value, spread].map(|v| number(v, cell.digits).replace('−', "-"));
            format!("${value} \\pm {spread}$")
        }

        (Some(Estimate { value, interval: None }), None) => math(value),
        (Some(Estimate { value, interval: Some([low, high]) }), None) => {
            format!("{} {{\\scriptsize[{}, {}]}}", math(value), math(low), math(high))
        }
    }
}

/// Names of models have mathematics in them, and the names of folders.
fn model_in_latex(name: &str) -> String {
    let parts =
        [("L\\_X", "$L_X$"), ("L\\_Y", "$L_Y$"), ("γ = ∞", "$\\gamma = \\infty$"), ("γ", "$\\gamma$")];
    parts.iter().fold(escaped(name), |text, (plain, math)| text.replace(plain, math))
}

fn escaped(text: &str) -> String {
    let letter = |letter: char| match letter {
        '\\' => "\\textbackslash{}".into(),
        '~' => "\\textasciitilde{}".into(),
        '^' => "\\textasciicircum{}".into(),
        '%' | '_' | '&' | '#' | '$' | '{' | '}' => format!("\\{letter}"),
        _ => letter.to_string(),
    };
    text.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::super::Row;
    use super::*;

    fn some() -> Table {
        let column = |group: &str, name: &str| Column { group: group.into(), name: name.into() };
        let cell = |estimate: Option<(f64, Option<[f64; 2]>)>| Cell {
            estimate: estimate.map(|(value, interval)| Estimate { value, interval }),
            spread: None,
            digits: 2,
        };
        let row = |model: &str, source: &str, cells: Vec<Cell>| Row {
            model: model.into(),
            source: source.into(),
            cells,
        };
        Table {
            columns: vec![column("", "error, %"), column("AUC, %", "average"), column("AUC, %", "a_set")],
            rows: vec![
                row(
                    "only L_Y (γ = ∞)",
                    "ours, some",
                    vec![cell(Some((10.266, Some([9.5, 11.0])))), cell(Some((-0.001, None))), cell(None)],
                ),
                row(
                    "IB-INN, γ = 1",
                    "paper",
                    vec![cell(Some((-1.5, None))), cell(None), cell(Some((50.0, None)))],
                ),
            ],
            notes: vec!["A note.".into()],
        }
    }

    #[test]
    fn markdown_has_a_line_a_row_and_dashes_for_what_is_missing() {
        let wanted = "\
| model | source | error, % | AUC, %: average | AUC, %: a_set |
|---|---|--:|--:|--:|
| only L_Y (γ = ∞) | ours, some | 10.27 [9.50, 11.00] | 0.00 | – |
| IB-INN, γ = 1 | paper | −1.50 | – | 50.00 |

A note.
";
        assert_eq!(some().render(Format::Markdown), wanted);
    }

    #[test]
    fn csv_keeps_every_digit_and_quotes_commas() {
        let wanted = "\
model,source,\"error, %\",\"error, % (low)\",\"error, % (high)\",\"AUC, %: average\",\"AUC, %: average (low)\",\
\"AUC, %: average (high)\",\"AUC, %: a_set\",\"AUC, %: a_set (low)\",\"AUC, %: a_set (high)\"
only L_Y (γ = ∞),\"ours, some\",10.266,9.5,11,-0.001,,,,,
\"IB-INN, γ = 1\",paper,-1.5,,,,,,50,,
";
        assert_eq!(some().render(Format::Csv), wanted);
    }

    #[test]
    fn a_mean_over_seeds_has_its_deviation() {
        let mut table = some();
        table.rows[0].cells[0] =
            Cell { estimate: Some(Estimate { value: 9.5, interval: None }), spread: Some(0.25), digits: 2 };
        assert!(
            table.render(Format::Markdown).contains("| 9.50 ± 0.25 |"),
            "{}",
            table.render(Format::Markdown)
        );
        assert!(table.render(Format::Latex).contains("$9.50 \\pm 0.25$"), "{}", table.render(Format::Latex));
        let csv = table.render(Format::Csv);
        assert!(csv.contains("\"error, % (deviation)\"") && csv.contains("9.5,,,0.25,-0.001,,,,"), "{csv}");
    }

    #[test]
    fn names_of_folders_break_no_table() {
        let wanted =
            r"IB-INN, $\gamma$ = 1 (a\_b \{50\%\} \textasciicircum{}\textbackslash{}\textasciitilde{}\$)";
        assert_eq!(model_in_latex(r"IB-INN, γ = 1 (a_b {50%} ^\~$)"), wanted);
        assert_eq!(line(&["a|b".into(), "c".into()]), r"| a\|b | c |");
    }

    #[test]
    fn latex_escapes_and_spans() {
        let wanted = "\
\\begin{tabular}{llrrr}
\\toprule
 &  &  & \\multicolumn{2}{c}{AUC, \\%} \\\\
model & source & error, \\% & average & a\\_set \\\\
\\midrule
only $L_Y$ ($\\gamma = \\infty$) & ours, some & $10.27$ {\\scriptsize[$9.50$, $11.00$]} & $0.00$ & -- \\\\
IB-INN, $\\gamma$ = 1 & paper & $-1.50$ & -- & $50.00$ \\\\
\\bottomrule
\\end{tabular}
% A note.
";
        assert_eq!(some().render(Format::Latex), wanted);
    }
}
