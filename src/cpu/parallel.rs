//! Work spread over the machine's cores, on rayon's threads where there are threads, one item after the other on wasm.
//!
//! Whoever calls it cuts work into the same items however many threads there are, and takes sums over an item, then over
//! items in order: results then do not depend on the machine.

/// Runs `work` on every item; what it gives, in the order of the items.
pub(crate) fn map<T: Send, R: Send>(items: Vec<T>, work: impl Fn(T) -> R + Send + Sync) -> Vec<R> {
    #[cfg(not(target_family = "wasm"))]
    {
        use rayon::prelude::*;
        // A single item, or a single thread, needs no other thread woken.
        if items.len() > 1 && threads() > 1 {
            return items.into_par_iter().with_max_len(1).map(work).collect();
        }
    }
    items.into_iter().map(work).collect()
}

/// Threads that items are spread over.
#[cfg(not(target_family = "wasm"))]
pub(crate) fn threads() -> usize {
    rayon::current_num_threads()
}

/// Threads that items are spread over: there are none but this.
#[cfg(target_family = "wasm")]
pub(crate) fn threads() -> usize {
    1
}

#[cfg(test)]
mod tests {
    #[test]
    fn results_come_in_order() {
        let squares = super::map((0..1000u64).collect(), |i| i * i);
        assert!((0..).zip(squares).all(|(i, square)| square == i * i));
    }
}
