//! Pictures that are chosen to be looked at, with what a model says of each.

use ibinn::Model;
use ibinn::head::Classification;
use ibinn::spec::Shape;
use ibinn_figures::draw::Picture;
use ibinn_figures::report::{Entry, Group};
use ibinn_terminal::output::number;

/// Pictures of one kind on a contact sheet.
pub(super) const MOST: usize = 60;

/// The pictures with the largest numbers, the largest first.
#[derive(Default)]
pub(super) struct Chosen(Vec<(f64, Shown)>);

/// A picture as the model saw it, and what there is to say of it.
pub(super) struct Shown {
    image: Vec<u8>,
    name: String,
    lines: Vec<String>,
}

impl Shown {
    /// Of an image, C×H×W bytes.
    pub fn new(name: &str, image: &[u8], model: &Model, found: &Classification) -> Self {
        let class = &model.spec().classes()[found.prediction];
        let probability = number(100.0 * found.posterior.probabilities[found.prediction], 1);
        let mut lines = vec![format!("{class}, {probability} %")];
        if let Some(novelty) = &found.novelty {
            let verdict = novelty.verdict().name().replace('-', " ");
            lines.push(format!("{verdict}, p {} %", number(100.0 * novelty.p, 1)));
        }
        if let Some(l_x) = found.l_x() {
            lines.push(format!("{} bits/dim", number(model.bits_per_dim(l_x).correct, 2)));
        }
        Self { image: image.to_vec(), name: name.into(), lines }
    }

    /// The same with a line above the others.
    #[must_use]
    pub fn headed(mut self, line: String) -> Self {
        self.lines.insert(0, line);
        self
    }
}

impl Chosen {
    /// Takes note of a picture with its number; it is asked for only where it is among the largest so far.
    pub fn push(&mut self, by: f64, shown: impl FnOnce() -> Shown) {
        let place = self.0.partition_point(|(other, _)| *other >= by);
        if place < MOST {
            self.0.insert(place, (by, shown()));
            self.0.truncate(MOST);
        }
    }

    /// The pictures as a group of a contact sheet, in the shape of `model`'s images.
    pub fn group(&self, title: &str, note: &str, model: &Model) -> Group {
        let Shape { channels, height, width } = model.spec().input_shape();
        let entry = |(_, Shown { image, name, lines }): &(f64, Shown)| {
            let pixels: Vec<f32> = image.iter().map(|&v| f32::from(v) / 255.0).collect();
            let picture = Picture::from_planes(&pixels, [channels, height, width]);
            Entry { picture, name: name.clone(), lines: lines.clone() }
        };
        let note = format!("At most {MOST}, {note}");
        Group { title: title.into(), note, entries: self.0.iter().map(entry).collect() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn those_with_the_largest_numbers_are_kept_in_order() {
        let mut chosen = Chosen::default();
        for i in 0..200 {
            // Every number once, in a mixed order.
            let by = f64::from(i * 37 % 200);
            chosen.push(by, || Shown { image: vec![0], name: by.to_string(), lines: Vec::new() });
        }
        let kept: Vec<f64> = chosen.0.iter().map(|(by, _)| *by).collect();
        assert_eq!(kept, (140..200).rev().map(f64::from).collect::<Vec<_>>());
        assert_eq!(chosen.0[0].1.name, "199");
    }
}
