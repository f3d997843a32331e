//! A 64-bit hash that is the same on every machine and in every version.
//!
//! It only places entries in tables that compare the whole key afterwards, so a collision costs a
//! comparison and never a wrong answer.

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

/// Of two numbers.
pub(crate) const fn of_pair(a: u64, b: u64) -> u64 {
    finish(fold(fold(FOLD, a), b))
}

/// A product of zero would stay zero; the shift keeps the low bits, which choose the place, busy.
const fn finish(hash: u64) -> u64 {
    let hash = (hash ^ (hash >> 32)).wrapping_mul(FOLD);
    hash ^ (hash >> 29)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn near_keys_spread_over_the_low_bits() {
        let texts: HashSet<u64> = (0..4096).map(|n| of_text(&format!("ad-{n}")) & 4095).collect();
        let pairs: HashSet<u64> = (0..4096).map(|n| of_pair(n % 4, n / 4) & 4095).collect();
        // 4,096 balls into 4,096 boxes fill 1 - 1/e of them, 2,589, with a deviation of 31.
        assert!(texts.len() > 2589 - 5 * 31, "{}", texts.len());
        assert!(pairs.len() > 2589 - 5 * 31, "{}", pairs.len());
        assert_ne!(of_text("a"), of_text("a\0"));
        assert_ne!(of_text(""), of_text("\0"));
    }
}
