//! The permutations of the authors' program, which its files do not hold: they are drawn by NumPy's legacy generator,
//! MT19937, from the number of the dense coupling as seed.

const STATE: usize = 624;
const SHIFT: usize = 397;

/// The generator in the middle of its sequence.
struct Mt19937 {
    key: [u32; STATE],
    position: usize,
}

impl Mt19937 {
    fn new(seed: u32) -> Self {
        let mut key = [seed; STATE];
        for i in 1..STATE {
            let before = key[i - 1];
            key[i] = 1_812_433_253u32.wrapping_mul(before ^ (before >> 30)).wrapping_add(i as u32);
        }
        Self { key, position: STATE }
    }

    fn regenerate(&mut self) {
        for i in 0..STATE {
            let joined = (self.key[i] & 0x8000_0000) | (self.key[(i + 1) % STATE] & 0x7fff_ffff);
            let twist = if joined & 1 == 1 { 0x9908_b0df } else { 0 };
            self.key[i] = self.key[(i + SHIFT) % STATE] ^ (joined >> 1) ^ twist;
        }
        self.position = 0;
    }

    fn bits(&mut self) -> u32 {
        if self.position == STATE {
            self.regenerate();
        }
        let mut y = self.key[self.position];
        self.position += 1;
        y ^= y >> 11;
        y ^= (y << 7) & 0x9d2c_5680;
        y ^= (y << 15) & 0xefc6_0000;
        y ^ (y >> 18)
    }

    /// Uniform in 0..=`most`, by rejection.
    fn at_most(&mut self, most: u32) -> u32 {
        let mask = u32::MAX >> most.leading_zeros();
        loop {
            let value = self.bits() & mask;
            if value <= most {
                return value;
            }
        }
    }
}

/// NumPy's `RandomState(seed).permutation(n)`, for `n` of at least 1.
pub(super) fn permutation(seed: u32, n: usize) -> Vec<u32> {
    let mut generator = Mt19937::new(seed);
    let mut order: Vec<u32> = (0..n as u32).collect();
    for i in (1..n).rev() {
        order.swap(i, generator.at_most(i as u32) as usize);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_that_of_numpy() {
        assert_eq!(permutation(0, 3072)[..5], [1430, 779, 643, 1853, 1907]);
        assert_eq!(permutation(0, 10), [2, 8, 4, 9, 1, 6, 7, 3, 0, 5]);
        assert_eq!(permutation(3, 784)[..6], [294, 102, 51, 453, 457, 701]);
        assert_eq!(permutation(0, 1), [0]);
    }
}
