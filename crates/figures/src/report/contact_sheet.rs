//! Pictures side by side with what a model says of each, to look through.

use super::page::Page;
use crate::draw::Picture;

/// Pictures of one kind.
pub struct Group {
    /// What they have in common.
    pub title: String,
    /// By what they were chosen and ordered.
    pub note: String,
    /// The pictures.
    pub entries: Vec<Entry>,
}

/// A picture and what there is to say of it.
pub struct Entry {
    /// The picture.
    pub picture: Picture,
    /// Where it lies.
    pub name: String,
    /// Lines below it, the first of which counts most.
    pub lines: Vec<String>,
}

/// The page called `title` with `notes` above the groups; one that is empty says so.
pub fn contact_sheet(title: &str, notes: &[String], groups: &[Group]) -> String {
    let mut page = Page::new(title, &[]);
    notes.iter().for_each(|note| page.note(note));
    for Group { title, note, entries } in groups {
        page.section(title);
        page.note(note);
        if entries.is_empty() {
            page.note("There is none.");
        } else {
            page.pictures(entries);
        }
    }
    page.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_picture_is_there_with_its_words_and_nothing_is_asked_for() {
        let picture = Picture::from_planes(&[0.0, 1.0], [1, 1, 2]);
        let entry =
            Entry { picture, name: "a <b>.png".into(), lines: vec!["cat, 51 %".into(), "p 0.2 %".into()] };
        let group = |title: &str, entries| Group { title: title.into(), note: "by p".into(), entries };
        let html = contact_sheet("t", &["a note".into()], &[group("one", vec![entry]), group("two", vec![])]);
        for part in [
            "a &lt;b&gt;.png",
            "<strong>cat, 51 %</strong>",
            "p 0.2 %",
            "data:image/png;base64,",
            "There is none.",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("http://") && !html.contains("https://"), "{html}");
    }
}
