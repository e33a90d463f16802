//! What rounding keeps an inverse from giving back, as one byte a number.
//!
//! A young flow's inverse multiplies errors by about two and a half with every block (method §2.7), so that after twenty
//! blocks nothing would be left of what came in. Each block therefore notes by how many units in the last place its own
//! inverse misses, and what it gives back with these corrections is exact to the bit.

/// Corrections of some numbers.
#[derive(Debug, Default)]
pub(super) struct Corrections {
    /// Units in the last place, or [`ELSEWHERE`].
    small: Vec<i8>,
    /// The numbers that are too far off for that, in order: about one in a hundred, those next to zero.
    exact: Vec<f32>,
}

/// Marks a number that [`Corrections::exact`] holds.
const ELSEWHERE: i8 = i8::MIN;

/// The position of a number among all numbers, in order.
fn rank(value: f32) -> i32 {
    let bits = value.to_bits() as i32;
    if bits < 0 { i32::MIN.wrapping_sub(bits) } else { bits }
}

fn unrank(rank: i32) -> f32 {
    f32::from_bits(if rank < 0 { i32::MIN.wrapping_sub(rank) } else { rank } as u32)
}

impl Corrections {
    /// Room for `count` numbers.
    pub fn with_capacity(count: usize) -> Self {
        Self { small: Vec::with_capacity(count), exact: Vec::new() }
    }

    /// Notes what makes `wanted` of `got`.
    #[inline]
    pub fn push(&mut self, wanted: f32, got: f32) {
        let apart = rank(wanted).wrapping_sub(rank(got));
        // −0 has the rank of 0, and a number that is none has none.
        let fits =
            apart.unsigned_abs() < 128 && unrank(rank(got).wrapping_add(apart)).to_bits() == wanted.to_bits();
        self.small.push(if fits { apart as i8 } else { ELSEWHERE });
        if !fits {
            self.exact.push(wanted);
        }
    }

    /// Reads the corrections in the order in which they were noted.
    pub fn reader(&self) -> Reader<'_> {
        Reader { small: self.small.iter(), exact: self.exact.iter() }
    }
}

/// Corrections being applied.
pub(super) struct Reader<'a> {
    small: std::slice::Iter<'a, i8>,
    exact: std::slice::Iter<'a, f32>,
}

impl Reader<'_> {
    /// What was wanted where `got` came out.
    #[inline]
    pub fn apply(&mut self, got: f32) -> f32 {
        match self.small.next() {
            Some(&ELSEWHERE) => self.exact.next().copied().unwrap_or(got),
            Some(&apart) => unrank(rank(got).wrapping_add(apart.into())),
            None => got,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ibinn::math::random::{Purpose, Stream};

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
