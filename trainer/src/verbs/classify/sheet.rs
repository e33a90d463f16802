//! The contact sheet of `classify`: the pictures that the model knows least about.

use ibinn::Model;
use ibinn::head::Classification;
use ibinn_figures::report::contact_sheet;

use crate::verbs::contact_sheet::{Chosen, Shown};

/// The strangest and the least certain of the pictures so far.
#[derive(Default)]
pub(super) struct ContactSheet {
    strangest: Chosen,
    uncertain: Chosen,
}

impl ContactSheet {
    /// Takes note of a picture, C×H×W bytes as the model saw it.
    pub fn classified(&mut self, name: &str, image: &[u8], model: &Model, found: &Classification) {
        let shown = || Shown::new(name, image, model, found);
        // Without novelty, by how unlikely it is.
        let strangeness = found.novelty.as_ref().map(|novelty| novelty.score).or(found.l_x());
        if let Some(strangeness) = strangeness {
            self.strangest.push(strangeness, shown);
        }
        self.uncertain.push(-found.posterior.probabilities[found.prediction], shown);
    }

    /// The page.
    pub fn html(&self, model: &Model, pictures: usize) -> String {
        let by = if model.detector().is_some() { "novelty" } else { "how unlikely they are" };
        let strangest = self.strangest.group("Strangest", &format!("by {by}, the strangest first"), model);
        let uncertain = "by the probability of the most probable class, the least probable first";
        let uncertain = self.uncertain.group("Least certain", uncertain, model);
        let note = format!("Of {pictures} pictures, as the model sees them");
        contact_sheet(&format!("Pictures seen by {}", model.card().title), &[note], &[strangest, uncertain])
    }
}
