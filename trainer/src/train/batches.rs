//! The batches of a run, each of which can be prepared before it is needed.

use ibinn::math::random::{Purpose, Stream};

use ibinn_data::{Dataset, Preparation, batch};
use ibinn_runs::config::Config;

/// What the batches of a run are made of.
pub(super) struct Batches<'a> {
    data: &'a Dataset,
    seed: u64,
    size: usize,
    preparation: Preparation,
    /// The last epoch asked for, and its images in order.
    order: (usize, Vec<u32>),
    /// The batch that has been prepared already.
    ahead: Option<Batch>,
}

/// A batch that is still to be prepared.
pub(super) struct Job<'a> {
    data: &'a Dataset,
    seed: u64,
    preparation: Preparation,
    place: Place,
    indices: Vec<usize>,
}

/// A batch of images with their labels.
pub(super) struct Batch {
    place: Place,
    /// Normalised images, N×C×H×W.
    pub images: Vec<f32>,
    /// N labels.
    pub labels: Vec<u16>,
}

/// Epoch, and position in it.
type Place = (usize, usize);

impl<'a> Batches<'a> {
    pub fn new(config: &'a Config, data: &'a Dataset, preparation: Preparation) -> Self {
        let order = (usize::MAX, Vec::new());
        Self { data, seed: config.seed, size: config.batch, preparation, order, ahead: None }
    }

    /// What is done to images.
    pub fn preparation(&self) -> &Preparation {
        &self.preparation
    }

    /// Batches of an epoch; the last incomplete one is dropped (method §1.1).
    pub fn per_epoch(&self) -> usize {
        self.data.len() / self.size
    }

    /// The batch of `step`, counted from the first epoch on.
    pub fn job(&mut self, step: usize) -> Job<'a> {
        let (epoch, position) = (step / self.per_epoch(), step % self.per_epoch());
        if self.order.0 != epoch {
            let mut stream = Stream::new(self.seed, Purpose::Shuffle, epoch as u64);
            self.order = (epoch, stream.permutation(self.data.len()));
        }
        let indices = &self.order.1[position * self.size..(position + 1) * self.size];
        Job {
            data: self.data,
            seed: self.seed,
            preparation: self.preparation.clone(),
            place: (epoch, position),
            indices: indices.iter().map(|&i| i as usize).collect(),
        }
    }

    /// Keeps a batch until [`get`](Self::get) asks for it.
    pub fn keep(&mut self, batch: Batch) {
        self.ahead = Some(batch);
    }

    /// The batch of `step`, prepared now unless it is kept.
    pub fn get(&mut self, step: usize) -> Batch {
        let job = self.job(step);
        match self.ahead.take() {
            Some(batch) if batch.place == job.place => batch,
            _ => job.run(),
        }
    }
}

impl Job<'_> {
    /// Prepares the batch.
    pub fn run(self) -> Batch {
        let Self { data, seed, preparation, place, indices } = self;
        let images = batch(data, &indices, place.0 as u64, seed, &preparation);
        Batch { place, images, labels: indices.iter().map(|&i| data.labels[i]).collect() }
    }
}
