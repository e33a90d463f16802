//! Which file is an image of which class and split, by where it lies.

use std::collections::BTreeSet;
use std::path::Path;

use crate::Split;
use crate::picture::is_named_like_one;

/// A file that is to be an image.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Item {
    /// Its number among the files.
    pub entry: usize,
    /// Its class.
    pub class: String,
    /// Its split, where the layout says it.
    pub split: Option<Split>,
}

/// How files are laid out.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Layout {
    /// What it is, for people: "with a folder for each class".
    pub about: String,
    /// The files that are to be images, in order.
    pub items: Vec<Item>,
    /// Names of folders that stand for a class and hold no file.
    pub empty: Vec<String>,
    /// Files that stand outside the folders for classes.
    pub outside: Vec<usize>,
}

/// The split that a folder or a table calls so, whatever the case of its letters.
pub(crate) fn split_named(word: &str) -> Option<Split> {
    match &*word.to_lowercase() {
        "train" | "training" => Some(Split::Train),
        "val" | "valid" | "validation" | "dev" => Some(Split::Val),
        "test" | "testing" => Some(Split::Test),
        _ => None,
    }
}

/// The folders around all pictures: as long as they all lie in one folder, in folders in that, it is no class. With `/` at
/// its end, or empty.
pub(crate) fn wrapper(names: &[String]) -> String {
    let pictures: Vec<&String> = names.iter().filter(|name| is_named_like_one(Path::new(name))).collect();
    let mut prefix = String::new();
    loop {
        let inner = || pictures.iter().map(|name| &name[prefix.len()..]);
        let tops: BTreeSet<_> = inner().map(|name| name.split_once('/').map(|(top, _)| top)).collect();
        let is_deep = inner().all(|name| name.matches('/').count() >= 2);
        match (tops.first(), tops.len(), is_deep) {
            (Some(Some(top)), 1, true) => prefix = format!("{prefix}{top}/"),
            _ => return prefix,
        }
    }
}

/// The layout of folders: one for each class, with such of splits above them or without.
pub(crate) fn of_folders(names: &[String], folders: &[String]) -> Layout {
    let prefix = wrapper(names);
    let names: Vec<Option<&str>> = names.iter().map(|name| name.strip_prefix(&*prefix)).collect();
    let folders: Vec<&str> = folders.iter().filter_map(|folder| folder.strip_prefix(&*prefix)).collect();
    let top = |name: &str| name.split_once('/').and_then(|(top, _)| split_named(top));
    let has_splits = names.iter().flatten().any(|name| top(name) == Some(Split::Train));
    let level = usize::from(has_splits);
    let mut layout = Layout {
        about: if has_splits {
            "with a folder for each split and in it one for each class".into()
        } else {
            "with a folder for each class".into()
        },
        items: Vec::new(),
        empty: Vec::new(),
        outside: Vec::new(),
    };
    for (entry, name) in names.iter().enumerate() {
        let parts: Vec<&str> = name.unwrap_or_default().split('/').collect();
        let split = if has_splits { split_named(parts[0]) } else { None };
        if parts.len() < level + 2 || has_splits && split.is_none() {
            layout.outside.push(entry);
            continue;
        }
        layout.items.push(Item { entry, class: parts[level].into(), split });
    }
    let is_class =
        |folder: &&&str| folder.matches('/').count() == level && (!has_splits || top(folder).is_some());
    let is_empty = |folder: &&&str| {
        let within = format!("{folder}/");
        !names.iter().flatten().any(|name| name.starts_with(&within))
    };
    layout.empty =
        folders.iter().filter(is_class).filter(is_empty).map(|folder| folder.to_string()).collect();
    layout
}

/// Names of classes in order: by number where all are numbers, else by the alphabet.
pub(crate) fn ordered(classes: BTreeSet<String>) -> Vec<String> {
    let mut classes: Vec<String> = classes.into_iter().collect();
    let numbers: Option<Vec<i64>> = classes.iter().map(|class| class.parse().ok()).collect();
    if numbers.is_some() {
        classes.sort_by_key(|class| class.parse::<i64>().unwrap_or_default());
    }
    classes
}

#[cfg(test)]
mod tests {
    use super::*;

    fn layout(names: &[&str], folders: &[&str]) -> Layout {
        let owned = |list: &[&str]| list.iter().map(|name| name.to_string()).collect::<Vec<_>>();
        of_folders(&owned(names), &owned(folders))
    }

    fn item(entry: usize, class: &str, split: Option<Split>) -> Item {
        Item { entry, class: class.into(), split }
    }

    #[test]
    fn a_folder_is_a_class_however_deep_its_files_lie() {
        let found =
            layout(&["cat/a.png", "cat/young/wild/b.png", "dog/c.png", "about.txt"], &["cat", "cow", "dog"]);
        assert_eq!(found.items, [item(0, "cat", None), item(1, "cat", None), item(2, "dog", None)]);
        assert_eq!((found.outside, found.empty), (vec![3], vec!["cow".to_string()]));
        assert_eq!(found.about, "with a folder for each class");
    }

    #[test]
    fn splits_stand_above_the_classes() {
        let names = [
            "Train/cat/a.png",
            "Train/dog/b.png",
            "extra/cat/d.png",
            "test/cat/c.png",
            "validation/dog/e.png",
        ];
        let found = layout(&names, &["Train", "Train/cow", "extra/horse", "test/cow"]);
        let wanted = [
            item(0, "cat", Some(Split::Train)),
            item(1, "dog", Some(Split::Train)),
            item(3, "cat", Some(Split::Test)),
            item(4, "dog", Some(Split::Val)),
        ];
        assert_eq!(found.items, wanted);
        assert_eq!((found.outside, found.empty), (vec![2], vec!["Train/cow".to_string(), "test/cow".into()]));
        // A class may be called like a split where none is called like the training images.
        assert_eq!(layout(&["test/a.png", "proof/b.png"], &[]).items[0], item(0, "test", None));
    }

    #[test]
    fn folders_around_everything_are_no_classes() {
        let names = ["photos/all/cat/a.png", "photos/all/dog/b.png", "read me.txt"];
        let found = layout(&names, &[]);
        assert_eq!(found.items, [item(0, "cat", None), item(1, "dog", None)]);
        assert_eq!(found.outside, [2]);
        // Only training images are images without splits.
        assert_eq!(layout(&["train/cat/a.png", "train/dog/b.png"], &[]).items[1], item(1, "dog", None));
        assert_eq!(layout(&["cat/a.png", "cat/b.png"], &[]).items[0], item(0, "cat", None));
    }

    #[test]
    fn classes_that_are_numbers_stand_in_their_order() {
        let ordered = |names: &[&str]| ordered(names.iter().map(|name| name.to_string()).collect());
        assert_eq!(ordered(&["10", "9", "-1"]), ["-1", "9", "10"]);
        assert_eq!(ordered(&["10", "9", "a"]), ["10", "9", "a"]);
    }
}
