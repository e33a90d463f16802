//! What rounding keeps an inverse from giving back, as one byte a number.
//!
//! A young flow's inverse multiplies errors by about two and a half with every block (method §2.7), so that after twenty
//! blocks nothing would be left of what came in. Each block therefore notes by how many units in the last place its own
//! inverse misses, and what it gives back with these corrections is exact to the bit.

use crate::Real;

/// Corrections of some numbers.
#[derive(Default)]
pub(super) struct Corrections<F> {
    /// Units in the last place, or [`ELSEWHERE`].
    small: Vec<i8>,
    /// The numbers that are too far off for that, in order: about one in a hundred, those next to zero.
    exact: Vec<F>,
}

/// Marks a number that [`Corrections::exact`] holds.
const ELSEWHERE: i8 = i8::MIN;

impl<F: Real> Corrections<F> {
    /// Room for `count` numbers.
    pub fn with_capacity(count: usize) -> Self {
        Self { small: Vec::with_capacity(count), exact: Vec::new() }
    }

    /// Notes what makes `wanted` of `got`.
    #[inline]
    pub fn push(&mut self, wanted: F, got: F) {
        let apart = wanted.steps_above(got);
        self.small.push(apart.unwrap_or(ELSEWHERE));
        if apart.is_none() {
            self.exact.push(wanted);
        }
    }

    /// Reads the corrections in the order in which they were noted.
    pub fn reader(&self) -> Reader<'_, F> {
        Reader { small: self.small.iter(), exact: self.exact.iter() }
    }
}

/// Corrections being applied.
pub(super) struct Reader<'a, F> {
    small: std::slice::Iter<'a, i8>,
    exact: std::slice::Iter<'a, F>,
}

impl<F: Real> Reader<'_, F> {
    /// What was wanted where `got` came out.
    #[inline]
    pub fn apply(&mut self, got: F) -> F {
        match self.small.next() {
            Some(&ELSEWHERE) => self.exact.next().copied().unwrap_or(got),
            Some(&apart) => got.stepped(apart),
            None => got,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::random::{Purpose, Stream};

    #[test]
    fn what_was_wanted_comes_back_to_the_bit() {
        let mut stream = Stream::new(0, Purpose::Test, 0);
        let mut pairs: Vec<(f32, f32)> = (0..10_000)
            .map(|_| {
                let wanted = stream.normal() as f32;
                (wanted, wanted + 1e-7 * stream.normal() as f32)
            })
            .collect();
        let odd = [
            0.0,
            -0.0,
            f32::MIN_POSITIVE,
            -1e-45,
            1e38,
            -1e38,
            f32::INFINITY,
            f32::NEG_INFINITY,
            f32::NAN,
            1.0,
        ];
        pairs.extend(odd.iter().flat_map(|&a| odd.iter().map(move |&b| (a, b))));
        let mut corrections = Corrections::with_capacity(pairs.len());
        pairs.iter().for_each(|&(wanted, got)| corrections.push(wanted, got));
        let mut reader = corrections.reader();
        for &(wanted, got) in &pairs {
            assert_eq!(reader.apply(got).to_bits(), wanted.to_bits(), "{wanted} for {got}");
        }
        let exact = corrections.exact.len() as f64 / pairs.len() as f64;
        assert!(exact < 0.03, "{exact} of the numbers were kept whole");
    }
}
