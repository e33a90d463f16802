//! Counting the kernels that a piece of work launches on GPUs.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use burn_cubecl::cubecl::logging::{LaunchObservation, LaunchObserver};

#[derive(Default)]
struct Counter(AtomicUsize);

impl LaunchObserver for Counter {
    fn launched(&self, _kernel: &'static str) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }
}

/// Kernels that the whole process launches while `work` runs, Burn's and ours.
pub fn counted(work: impl FnOnce()) -> usize {
    let counter = Arc::new(Counter::default());
    let observation = LaunchObservation::new(counter.clone());
    work();
    drop(observation);
    counter.0.load(Ordering::Relaxed)
}
