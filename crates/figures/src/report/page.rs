//! The report as HTML.

use super::contact_sheet::Entry;
use super::facts::Fact;
use crate::draw::{Scene, Sheet, data_uri, escaped, tokens, words_in_html};
use crate::table::Table;

const STYLE: &str = include_str!("style.css");

/// A page that grows from above downwards.
pub struct Page {
    head: String,
    contents: Vec<(String, String)>,
    body: String,
}

impl Page {
    /// An empty page with models of these numbers of classes.
    pub fn new(title: &str, classes: &[usize]) -> Self {
        let mut classes = classes.to_vec();
        classes.sort_unstable();
        classes.dedup();
        // The policy makes sure that nothing is ever asked for.
        let head = format!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
             <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
             <meta name=\"color-scheme\" content=\"light dark\">\n<title>{0}</title>\n\
             <style>:root{{{1}}}@media (prefers-color-scheme:dark){{:root{{{2}}}}}{STYLE}</style>\n</head>\n<body>\n\
             <header><h1>{0}</h1></header>\n",
            escaped(title),
            tokens(&classes, false),
            tokens(&classes, true)
        );
        Self { head, contents: Vec::new(), body: String::new() }
    }

    /// Begins a section.
    pub fn section(&mut self, title: &str) {
        let id = format!("section-{}", self.contents.len());
        self.body += &format!("<h2 id=\"{id}\">{}</h2>\n", words_in_html(title));
        self.contents.push((id, title.into()));
    }

    /// A heading within a section.
    pub fn heading(&mut self, title: &str) {
        self.body += &format!("<h3>{}</h3>\n", words_in_html(title));
    }

    /// A sentence.
    pub fn note(&mut self, text: &str) {
        self.body += &format!("<p class=\"note\">{}</p>\n", words_in_html(text));
    }

    /// Numbers with their names.
    pub fn facts(&mut self, facts: &[Fact]) {
        let one = |(name, value): &Fact| {
            format!("<div><dt>{}</dt><dd>{}</dd></div>", words_in_html(name), with_interval(value))
        };
        self.body += &format!("<dl>{}</dl>\n", facts.iter().map(one).collect::<String>());
    }

    /// Rows of a table, the first with its titles.
    pub fn rows(&mut self, rows: &[Vec<String>]) {
        let cells = |tag: &str, row: &[String]| -> String {
            row.iter().map(|cell| format!("<{tag}>{}</{tag}>", with_interval(cell))).collect()
        };
        let (titles, rows) = rows.split_first().map_or((&[][..], rows), |(first, rest)| (&first[..], rest));
        let body: String = rows.iter().map(|row| format!("<tr>{}</tr>", cells("td", row))).collect();
        self.body += &format!(
            "<div class=\"wide\"><table><thead><tr>{}</tr></thead><tbody>{body}</tbody></table></div>\n",
            cells("th", titles)
        );
    }

    /// A table of results.
    pub fn table(&mut self, table: &Table) {
        let mut titles = vec!["model".to_string()];
        titles.extend(table.columns.iter().map(|column| match column.group.as_str() {
            "" => column.name.clone(),
            group => format!("{group}: {}", column.name),
        }));
        let rows = table.rows.iter().map(|row| {
            let cells = row.cells.iter().map(|cell| cell.plain());
            [row.model.clone()].into_iter().chain(cells).collect()
        });
        let all: Vec<Vec<String>> = [titles].into_iter().chain(rows).collect();
        self.rows(&all);
        table.notes.iter().for_each(|note| self.note(note));
    }

    /// Drawings with their legend.
    pub fn sheet(&mut self, sheet: &Sheet) {
        let drawing = |scene: &Scene| {
            format!("<div style=\"--width:{}px\">{}</div>", scene.width.round(), scene.element())
        };
        let drawings: String = sheet.drawings().map(drawing).collect();
        let key = |(name, scene): (&str, Scene)| {
            format!(
                "<li><span aria-hidden=\"true\">{}</span><span>{}</span></li>",
                scene.element(),
                words_in_html(name)
            )
        };
        let keys: String = sheet.legend.keys().map(key).collect();
        let legend = if keys.is_empty() { keys } else { format!("<ul class=\"legend\">{keys}</ul>") };
        self.body += &format!("<figure><div class=\"drawings\">{drawings}</div>{legend}</figure>\n");
        sheet.notes.iter().for_each(|note| self.note(note));
    }

    /// Pictures with words below each.
    pub fn pictures(&mut self, entries: &[Entry]) {
        let one = |Entry { picture, name, lines }: &Entry| {
            let (first, rest) =
                lines.split_first().map_or(("", &[][..]), |(first, rest)| (first.as_str(), rest));
            let rest: String = rest.iter().map(|line| format!("<br>{}", words_in_html(line))).collect();
            format!(
                "<li><img src=\"{}\" alt=\"\"><p><strong>{}</strong>{rest}</p><p class=\"name\">{}</p></li>",
                data_uri(picture),
                words_in_html(first),
                escaped(name)
            )
        };
        self.body +=
            &format!("<ul class=\"pictures\">{}</ul>\n", entries.iter().map(one).collect::<String>());
    }

    /// Text that is shown when it is asked for.
    pub fn details(&mut self, title: &str, text: &str) {
        self.body += &format!(
            "<details><summary>{}</summary><pre>{}</pre></details>\n",
            escaped(title),
            escaped(text)
        );
    }

    /// The whole page.
    pub fn finish(self) -> String {
        let link = |(id, title): &(String, String)| format!("<a href=\"#{id}\">{}</a>", words_in_html(title));
        let links: String = self.contents.iter().map(link).collect();
        let contents = if self.contents.len() > 1 { format!("<nav>{links}</nav>\n") } else { String::new() };
        format!("{}{contents}<main>\n{}</main>\n</body>\n</html>\n", self.head, self.body)
    }
}

/// A number with its interval in smaller type below it.
fn with_interval(text: &str) -> String {
    match text.split_once(" [") {
        Some((number, interval)) if interval.ends_with(']') => {
            format!("{}<small>[{}</small>", words_in_html(number), escaped(interval))
        }
        _ => words_in_html(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_escaped_and_nothing_is_asked_for() {
        let mut page = Page::new("a <b> & c", &[10, 10]);
        page.section("L_X");
        page.section("more");
        page.facts(&[("x < y".into(), "1.5 [1.0, 2.0]".into())]);
        page.details("Configuration", "name = \"<script>\"");
        let html = page.finish();
        for part in [
            "<title>a &lt;b&gt; &amp; c</title>",
            "<h2 id=\"section-0\">L<sub>X</sub></h2>",
            "<a href=\"#section-1\">more</a>",
            "<dt>x &lt; y</dt><dd>1.5<small>[1.0, 2.0]</small></dd>",
            "&lt;script&gt;",
        ] {
            assert!(html.contains(part), "no {part} in\n{html}");
        }
        assert!(!html.contains("<script") && !html.contains("src=") && !html.contains("url("), "{html}");
    }
}
