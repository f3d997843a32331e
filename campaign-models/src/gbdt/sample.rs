//! Rows and columns for one tree.

use campaign_core::rand::{Rng, RngExt};

use super::loss::Derivatives;

/// Sampling of rows by their gradients: all of the largest, and some of the others, which then count
/// for those left out.
///
/// # Source
/// Ke et al. 2017, "LightGBM", algorithm 2 (GOSS). By the absolute gradient, weights included.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Goss {
    /// The share of rows with the largest gradients, all of which are taken; not negative.
    pub top: f64,
    /// The share of all rows that is drawn from the others; positive. Together at most 1.
    pub other: f64,
}

/// `floor(share * n)` of `0..n`, at least one, ascending, every subset equally likely.
pub(super) fn sample_into(n: usize, share: f64, rng: &mut dyn Rng, out: &mut Vec<u32>) {
    out.clear();
    if share >= 1.0 {
        out.extend((0..n).map(|i| i as u32));
        return;
    }
    draw_into(n, ((share * n as f64) as usize).max(1), rng, out);
}

/// So many of `0..n`, ascending, every subset equally likely.
///
/// # Source
/// Knuth 1997, The Art of Computer Programming 2, 3.4.2, algorithm S.
fn draw_into(n: usize, mut wanted: usize, rng: &mut dyn Rng, out: &mut Vec<u32>) {
    for i in 0..n {
        if wanted == 0 {
            break;
        }
        let left = (n - i) as f64;
        if rng.random::<f64>() * left < wanted as f64 {
            out.push(i as u32);
            wanted -= 1;
        }
    }
}

/// Those of `0..n` that are not among some, all ascending.
pub(super) fn rest_into(n: usize, some: &[u32], out: &mut Vec<u32>) {
    out.clear();
    let mut some = some.iter().peekable();
    out.extend((0..n as u32).filter(|row| some.next_if_eq(&row).is_none()));
}

/// Draws rows by their gradients into `out`, ascending, and multiplies the derivatives of those not
/// among the largest by how many each stands for. Of equal gradients the earlier row is the larger.
pub(super) fn goss_into(
    goss: Goss,
    derivatives: &mut [Derivatives],
    rng: &mut dyn Rng,
    out: &mut Vec<u32>,
) {
    let n = derivatives.len();
    let share = |share: f64| ((share * n as f64) as usize).min(n);
    let n_top = share(goss.top);
    out.clear();
    out.extend((0..n).map(|row| row as u32));
    let size = |row: u32| derivatives[row as usize][0].abs();
    if n_top > 0 && n_top < n {
        out.select_nth_unstable_by(n_top - 1, |&a, &b| {
            size(b).total_cmp(&size(a)).then_with(|| a.cmp(&b))
        });
    }
    let mut others = out.split_off(n_top);
    others.sort_unstable();
    let mut drawn = Vec::new();
    draw_into(others.len(), share(goss.other).max(1), rng, &mut drawn);
    let stands_for = others.len() as f64 / drawn.len().max(1) as f64;
    for at in drawn {
        let row = others[at as usize];
        let [gradient, hessian] = &mut derivatives[row as usize];
        *gradient *= stands_for;
        *hessian *= stands_for;
        out.push(row);
    }
    out.sort_unstable();
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
        rest_into(6, &[0, 3, 5], &mut out);
        assert_eq!(out, [1, 2, 4]);
    }

    #[test]
    fn gradients_draw_the_largest_and_weigh_the_rest() {
        let goss = Goss { top: 0.2, other: 0.3 };
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let (mut counts, runs) = ([0_u32; 10], 20_000);
        for _ in 0..runs {
            // The largest are rows 3 and, of the three equal ones, the first.
            let gradients = [1.0, -5.0, 2.0, -9.0, 5.0, 0.0, 5.0, 1.0, 1.0, 0.5];
            let mut derivatives = gradients.map(|g| [g, 2.0]);
            let mut out = vec![77];
            goss_into(goss, &mut derivatives, &mut rng, &mut out);
            assert!(out.is_sorted() && out.len() == 5 && out.contains(&1) && out.contains(&3));
            for row in 0..10 {
                let drawn = out.contains(&(row as u32)) && ![1, 3].contains(&row);
                counts[row] += u32::from(drawn);
                // Three of eight stand for all eight.
                let factor = if drawn { 8.0 / 3.0 } else { 1.0 };
                assert_eq!(derivatives[row], [gradients[row] * factor, 2.0 * factor]);
            }
        }
        let error = 5.0 * (f64::from(runs) * 0.375 * 0.625).sqrt();
        for (row, count) in counts.into_iter().enumerate().filter(|(row, _)| ![1, 3].contains(row))
        {
            assert!((f64::from(count) - 7_500.0).abs() < error, "{row}: {count}");
        }
    }
}
