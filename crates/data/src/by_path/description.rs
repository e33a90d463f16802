//! What a data set is, for people and for programs.

use std::fmt;

use serde::Serialize;

use super::left_out::{LeftOut, printable};
use crate::picture::{Fit, Look};

/// Classes that are told of one by one.
const LISTED: usize = 20;

/// How many images a class has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClassCounts {
    /// The class.
    pub name: String,
    /// Training images.
    pub train: usize,
    /// Validation images.
    pub val: usize,
    /// Test images.
    pub test: usize,
}

/// What was found at a path; displayed as lines for people.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Description {
    /// The path, as it was given.
    pub path: String,
    /// What it is: "a folder with a folder for each class".
    pub layout: String,
    /// Channels, rows and columns of the images.
    pub shape: [usize; 3],
    /// Width and height of the smallest picture by its shorter side, of the median one, and of the largest.
    pub sizes: [(usize, usize); 3],
    /// How pictures become images.
    #[serde(skip)]
    pub look: Look,
    /// How many images each class has.
    pub classes: Vec<ClassCounts>,
    /// Whether the data set says which image is of which split; else their pixels do.
    pub has_splits: bool,
    /// What is left out.
    pub left_out: LeftOut,
    /// What else there is to know, as sentences.
    pub notices: Vec<String>,
    /// What the pictures of the training, validation and test images are called, in the order of those.
    #[serde(skip)]
    pub names: [Vec<String>; 3],
    /// Mean of each channel over the training images, in units of [0, 1].
    pub mean: Vec<f32>,
    /// Standard deviation of each channel over the training images, in units of [0, 1].
    pub std: Vec<f32>,
}

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [channels, rows, columns] = self.shape;
        let colour = if channels == 1 { "grey" } else { "colour" };
        writeln!(f, "{}: {}", printable(&self.path), self.layout)?;
        let [least, median, most] = self.sizes;
        let same = least == most;
        let size = |(width, height): (usize, usize)| format!("{width}×{height}");
        let from = if same {
            format!("pictures of {}", size(least))
        } else {
            format!("pictures from {} to {}, the median {}", size(least), size(most), size(median))
        };
        let how = match self.look.fit {
            _ if same && least == (columns, rows) => "as they are",
            Fit::Crop => "cropped to the middle",
            Fit::Pad => "padded",
            Fit::Stretch => "stretched",
        };
        let inverted = if self.look.invert { ", inverted" } else { "" };
        writeln!(f, "  images: {columns}×{rows}, {colour}, of {from}, {how}{inverted}")?;
        let width = self.classes.iter().take(LISTED).map(|class| printable(&class.name).chars().count());
        let width = width.max().unwrap_or_default().clamp(7, 40);
        let has_val = self.classes.iter().any(|class| class.val > 0);
        let mut line = |name: &str, counts: [&str; 3]| {
            let val = if has_val { format!("{:>9}", counts[1]) } else { String::new() };
            writeln!(f, "  {name:width$} {:>9}{val}{:>9}", counts[0], counts[2])
        };
        line("class", ["train", "val", "test"])?;
        for class in self.classes.iter().take(LISTED) {
            let counts = [class.train, class.val, class.test].map(|count| count.to_string());
            line(&printable(&class.name), [&counts[0], &counts[1], &counts[2]])?;
        }
        let total = |of: fn(&ClassCounts) -> usize| self.classes.iter().map(of).sum::<usize>().to_string();
        if self.classes.len() > LISTED {
            line(&format!("… {} more", self.classes.len() - LISTED), ["…", "…", "…"])?;
        }
        let totals = [total(|c| c.train), total(|c| c.val), total(|c| c.test)];
        line(&format!("{} in all", self.classes.len()), [&totals[0], &totals[1], &totals[2]])?;
        if !self.has_splits {
            writeln!(f, "  splits: 80/10/10 on average, by the pixels of each picture")?;
        }
        write!(f, "{}", self.left_out)?;
        for notice in &self.notices {
            writeln!(f, "  note: {notice}")?;
        }
        Ok(())
    }
}
