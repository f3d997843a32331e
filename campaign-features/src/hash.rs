//! 64-bit hashes: of a text, the same on every machine and in every version; of numbers, by a seed.
//!
//! They only place entries in tables that compare the whole key afterwards, so a collision costs a
//! comparison and never a wrong answer.

use std::hash::{BuildHasher, RandomState};

const FOLD: u64 = 0x9e37_79b9_7f4a_7c15;

/// Mixes one word in: the two halves of a 128-bit product.
const fn fold(hash: u64, word: u64) -> u64 {
    let product = (hash ^ word) as u128 * FOLD as u128;
    (product as u64) ^ ((product >> 64) as u64)
}

/// Of a text.
pub(crate) fn of_text(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut hash = fold(FOLD, text.len() as u64);
    for word in words {
        hash = fold(hash, u64::from_le_bytes(*word));
    }
    let mut last = [0; 8];
    for (to, from) in last.iter_mut().zip(rest) {
        *to = *from;
    }
    finish(fold(hash, u64::from_le_bytes(last)))
}

/// What makes a hash one that nobody outside can work out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Seed([u64; 2]);

impl Seed {
    /// From the system's random numbers.
    pub(crate) fn random() -> Self {
        let random = RandomState::new();
        Self([random.hash_one(0), random.hash_one(1)])
    }
}

/// Of two numbers: the halves of the product of both, each mixed with its part of the seed.
#[inline]
pub(crate) const fn of_pair(Seed([x, y]): Seed, a: u64, b: u64) -> u64 {
    let product = (a ^ x) as u128 * (b ^ y) as u128;
    finish((product as u64) ^ ((product >> 64) as u64))
}

/// A product of zero would stay zero; the shift keeps the low bits, which choose the place, busy.
const fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(FOLD);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::Xoshiro256PlusPlus;
    use rand_xoshiro::rand_core::{Rng, SeedableRng};
    use std::collections::HashSet;

    #[test]
    fn near_keys_spread_over_the_low_bits() {
        let texts: HashSet<u64> = (0..4096).map(|n| of_text(&format!("ad-{n}")) & 4095).collect();
        // 4,096 balls into 4,096 boxes fill 1 - 1/e of them, 2,589, with a deviation of 31.
        assert!(texts.len() > 2589 - 5 * 31, "{}", texts.len());
        let mut random = Xoshiro256PlusPlus::seed_from_u64(1);
        for step in [1, 1000, 1 << 20, 1 << 40, 1 << 52] {
            let seed = Seed([random.next_u64(), random.next_u64()]);
            let hashes: Vec<u64> = (0..4096).map(|n| of_pair(seed, n % 4, n / 4 * step)).collect();
            for shift in [0, 32] {
                let boxes: HashSet<u64> = hashes.iter().map(|h| h >> shift & 4095).collect();
                assert!(boxes.len() > 2589 - 5 * 31, "step {step}, {shift}: {}", boxes.len());
            }
        }
        assert_ne!(of_text("a"), of_text("a\0"));
        assert_ne!(of_text(""), of_text("\0"));
    }

    #[test]
    fn seeds_differ() {
        assert_ne!(of_pair(Seed::random(), 1, 2), of_pair(Seed::random(), 1, 2));
    }
}
