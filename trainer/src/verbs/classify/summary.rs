//! What `classify` tells at its end.

use std::fmt;

use ibinn::head::Classification;
use ibinn::head::novelty::Verdict;
use ibinn_data::by_path::printable;
use ibinn_terminal::output::{counted, number};
use serde_json::{Value, json};

/// Pictures that are named.
const NAMED: usize = 10;
/// Pictures that could not be read that are named.
const FAILED: usize = 3;
/// Classes that are told of one by one.
const CLASSES: usize = 20;

/// What was found.
pub(super) struct Summary {
    classes: Vec<String>,
    predicted: Vec<usize>,
    /// Ordinary, unusual, none of these.
    verdicts: [usize; 3],
    has_verdicts: bool,
    strangest: Vec<Strange>,
    failed: Vec<(String, String)>,
    unreadable: usize,
}

/// A picture that is unlike the training images.
struct Strange {
    file: String,
    prediction: usize,
    probability: f64,
    score: f64,
    p: f64,
}

impl Summary {
    pub fn new(classes: &[String]) -> Self {
        Self {
            classes: classes.to_vec(),
            predicted: vec![0; classes.len()],
            verdicts: [0; 3],
            has_verdicts: false,
            strangest: Vec::new(),
            failed: Vec::new(),
            unreadable: 0,
        }
    }

    /// Takes note of a picture.
    pub fn classified(&mut self, file: String, found: &Classification) {
        self.predicted[found.prediction] += 1;
        let Some(novelty) = &found.novelty else { return };
        self.has_verdicts = true;
        self.verdicts[match novelty.verdict() {
            Verdict::Ordinary => 0,
            Verdict::Unusual => 1,
            Verdict::NoneOfThese => 2,
        }] += 1;
        let probability = found.posterior.probabilities[found.prediction];
        let (score, p) = (novelty.score, novelty.p);
        self.strangest.push(Strange { file, prediction: found.prediction, probability, score, p });
        self.strangest.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.strangest.truncate(NAMED);
    }

    /// Takes note of a picture that could not be read.
    pub fn failed(&mut self, file: String, why: String) {
        self.unreadable += 1;
        if self.failed.len() < FAILED {
            self.failed.push((file, why));
        }
    }

    /// Number of pictures.
    pub fn rows(&self) -> usize {
        self.predicted.iter().sum::<usize>() + self.unreadable
    }

    /// How many of them could not be read.
    pub fn unreadable(&self) -> usize {
        self.unreadable
    }

    /// The same for programs.
    pub fn json(&self, out: &str) -> Value {
        let predicted: serde_json::Map<String, Value> =
            self.classes.iter().cloned().zip(self.predicted.iter().map(|&n| n.into())).collect();
        let verdicts = self.has_verdicts.then(|| {
            let [ordinary, unusual, none] = self.verdicts;
            json!({ "ordinary": ordinary, "unusual": unusual, "none-of-these": none })
        });
        json!({
            "out": out, "pictures": self.rows(), "unreadable": self.unreadable, "predicted": predicted,
            "verdicts": verdicts,
        })
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", counted(self.rows(), "picture"))?;
        let mut order: Vec<usize> = (0..self.classes.len()).filter(|&k| self.predicted[k] > 0).collect();
        order.sort_by_key(|&k| (std::cmp::Reverse(self.predicted[k]), k));
        for &k in order.iter().take(CLASSES) {
            writeln!(f, "  {:>8}  {}", self.predicted[k], printable(&self.classes[k]))?;
        }
        if order.len() > CLASSES {
            writeln!(f, "            … and {} more", order.len() - CLASSES)?;
        }
        if self.has_verdicts {
            let [ordinary, unusual, none] = self.verdicts;
            writeln!(f, "  {ordinary} ordinary, {unusual} unusual, {none} none of these")?;
            writeln!(f, "strangest:")?;
            for Strange { file, prediction, probability, p, .. } in &self.strangest {
                writeln!(
                    f,
                    "  p {:>6} %  {}: {} with {} %",
                    number(100.0 * p, 1),
                    printable(file),
                    printable(&self.classes[*prediction]),
                    number(100.0 * probability, 1)
                )?;
            }
        }
        if self.unreadable > 0 {
            writeln!(f, "could not be read: {}", self.unreadable)?;
            for (file, why) in &self.failed {
                writeln!(f, "  {}: {why}", printable(file))?;
            }
        }
        Ok(())
    }
}
