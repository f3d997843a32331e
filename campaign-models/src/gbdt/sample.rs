//! Rows and columns for one tree.

use campaign_core::rand::{Rng, RngExt};

/// `floor(share * n)` of `0..n`, at least one, ascending, every subset equally likely.
///
/// # Source
/// Knuth 1997, The Art of Computer Programming 2, 3.4.2, algorithm S.
pub(super) fn sample_into(n: usize, share: f64, rng: &mut dyn Rng, out: &mut Vec<u32>) {
    out.clear();
    if share >= 1.0 {
        out.extend((0..n).map(|i| i as u32));
        return;
    }
    let mut wanted = ((share * n as f64) as usize).max(1);
    for i in 0..n {
        let left = (n - i) as f64;
        if rng.random::<f64>() * left < wanted as f64 {
            out.push(i as u32);
            wanted -= 1;
            if wanted == 0 {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    #[test]
    fn every_subset_is_equally_likely() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut counts = std::collections::BTreeMap::new();
        let (mut out, runs) = (Vec::new(), 60_000);
        for _ in 0..runs {
            sample_into(5, 0.5, &mut rng, &mut out);
            assert!(out.is_sorted() && out.len() == 2);
            *counts.entry(out.clone()).or_insert(0_u32) += 1;
        }
        assert_eq!(counts.len(), 10);
        // Five binomial standard errors around 1/10.
        let error = 5.0 * (f64::from(runs) * 0.1 * 0.9).sqrt();
        for (subset, count) in counts {
            assert!((f64::from(count) - 6_000.0).abs() < error, "{subset:?}: {count}");
        }
    }

    #[test]
    fn at_least_one_and_all() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let mut out = Vec::new();
        sample_into(3, 0.01, &mut rng, &mut out);
        assert_eq!(out.len(), 1);
        sample_into(3, 1.0, &mut rng, &mut out);
        assert_eq!(out, [0, 1, 2]);
        sample_into(0, 0.5, &mut rng, &mut out);
        assert!(out.is_empty());
    }
}
