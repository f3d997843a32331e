//! Random streams that are found by key instead of by order of use.

use campaign_core::rand::SeedableRng;
use rand_xoshiro::Xoshiro256PlusPlus;

/// What a stream is for; part of its key, so that no two purposes share numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u64)]
pub enum Purpose {
    /// Launch day, life and budget of an ad.
    Ad = 1,
    /// Hidden rates of a creative.
    Creative,
    /// Which creatives a channel's ads show.
    Casting,
    /// The incumbent's weekly moods.
    Incumbent,
    /// Impressions, clicks and order count of an ad on a day.
    Counts,
    /// One order: when, how much, how tracked.
    Order,
    /// Conversions that a platform claims without a click.
    ViewThrough,
    /// Orders that no ad brought.
    Organic,
    /// Sessions that the analytics tool sees.
    Sessions,
    /// Exchange rates.
    Rates,
    /// Which rows of an export are damaged.
    Dirt,
}

/// The stream of a key.
///
/// The parts are folded by the finaliser of SplitMix64, one round per part, so that neighbouring
/// keys give unrelated streams.
///
/// # Source
/// Steele, Lea, Flood (2014), *Fast Splittable Pseudorandom Number Generators*, OOPSLA, fig. 17.
#[must_use]
pub fn stream(seed: u64, purpose: Purpose, parts: [u64; 3]) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(key(seed, purpose, parts))
}

/// The key itself, for ids that must be the same in every run.
#[must_use]
pub fn key(seed: u64, purpose: Purpose, parts: [u64; 3]) -> u64 {
    parts.into_iter().fold(mix(mix(seed) ^ purpose as u64), |key, part| mix(key ^ part))
}

fn mix(z: u64) -> u64 {
    let z = z.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn neighbouring_keys_do_not_collide() {
        let mut seen = HashSet::new();
        for seed in 0..4 {
            for purpose in [Purpose::Ad, Purpose::Counts, Purpose::Order] {
                for day in 0..30 {
                    for ad in 0..30 {
                        assert!(seen.insert(key(seed, purpose, [day, ad, 0])));
                    }
                }
            }
        }
    }

    #[test]
    fn the_mixer_is_splitmix64() {
        // First three outputs of SplitMix64 from state 0 (Vigna's splitmix64.c).
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        assert_eq!(mix(0), 0xe220_a839_7b1d_cdaf);
        assert_eq!(mix(step), 0x6e78_9e6a_a1b9_65f4);
        assert_eq!(mix(step.wrapping_mul(2)), 0x06c4_5d18_8009_454f);
    }
}
