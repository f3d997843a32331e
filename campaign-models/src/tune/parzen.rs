//! Parzen estimators: a density from a few points.

use campaign_core::rand::{Rng, RngExt};

use super::normal::Truncated;
use super::space::{Axis, Range, Space};

/// One axis of one kernel.
#[derive(Debug, Clone)]
enum Kernel {
    Normal(Truncated),
    /// The names' probabilities.
    Names(Vec<f64>),
}

/// A mixture of product kernels, one per point and a wide one over the whole space.
#[derive(Debug, Clone)]
pub(super) struct Parzen<'s> {
    space: &'s Space,
    /// Kernels of each component, and the logarithm of its weight.
    components: Vec<(Vec<Kernel>, f64)>,
}

impl<'s> Parzen<'s> {
    /// From points by their coordinates, with the weight of each.
    pub(super) fn new(space: &'s Space, points: &[&[f64]], weights: &[f64]) -> Self {
        let n = points.len();
        let ranges = space.parameters();
        // Scott's rule for the points, as wide as the axis for the prior, as in Optuna's multivariate
        // sampler but with 0.12 for 0.2 and half the floor: closer to the optimum on the functions of
        // `tests/tune_search.rs`, by seeds that are not tested there.
        let shrink = 0.12 * (n.max(1) as f64).powf(-1.0 / (ranges.len() as f64 + 4.0));
        let floor = 0.5 / (n as f64 + 1.0).min(100.0);
        let kernel = |range: &Range, at: Option<f64>| match range.axis() {
            Axis::Line { low, high } => {
                let width = high - low;
                let (mean, sd) = match at {
                    Some(at) => (at, width * shrink.max(floor)),
                    None => (low + width / 2.0, width),
                };
                Kernel::Normal(Truncated::new(mean, sd, low, high))
            }
            Axis::Names(names) => {
                let own = at.map(|at| at as usize);
                // The prior of weight 1 is spread over the components and the names.
                let prior = 1.0 / ((n + 1) as f64 * names as f64);
                let total = prior * names as f64 + if own.is_some() { 1.0 } else { 0.0 };
                let p = |i| (prior + if own == Some(i) { 1.0 } else { 0.0 }) / total;
                Kernel::Names((0..names).map(p).collect())
            }
        };
        let total: f64 = weights.iter().sum::<f64>() + 1.0;
        let of_point = |(point, weight): (&&[f64], &f64)| {
            let kernels =
                ranges.iter().zip(*point).map(|((_, r), at)| kernel(r, Some(*at))).collect();
            (kernels, (weight / total).ln())
        };
        let mut components: Vec<_> = points.iter().zip(weights).map(of_point).collect();
        let prior = ranges.iter().map(|(_, r)| kernel(r, None)).collect();
        components.push((prior, (1.0 / total).ln()));
        Self { space, components }
    }

    /// Coordinates of a draw, on the values the space has.
    pub(super) fn sample(&self, rng: &mut dyn Rng) -> Vec<f64> {
        let mut left = rng.random::<f64>();
        let chosen = self.components.iter().find(|(_, ln_weight)| {
            left -= ln_weight.exp();
            left < 0.0
        });
        let Some((kernels, _)) = chosen.or(self.components.last()) else { return Vec::new() };
        let draw = |kernel: &Kernel| match kernel {
            Kernel::Normal(normal) => normal.sample(rng),
            Kernel::Names(p) => {
                let mut left = rng.random::<f64>();
                let at = p.iter().position(|p| {
                    left -= p;
                    left < 0.0
                });
                at.unwrap_or(p.len().saturating_sub(1)) as f64
            }
        };
        kernels.iter().map(draw).collect()
    }

    /// The logarithm of the density at coordinates.
    pub(super) fn ln_density(&self, at: &[f64]) -> f64 {
        let ranges = self.space.parameters();
        let cells: Vec<_> = ranges.iter().zip(at).map(|((_, r), at)| r.cell(*at)).collect();
        let ln = |(kernels, ln_weight): &(Vec<Kernel>, f64)| {
            let axes = kernels.iter().zip(at).zip(&cells).map(|((kernel, at), cell)| {
                match (kernel, cell) {
                    (Kernel::Normal(normal), None) => normal.ln_density(*at),
                    (Kernel::Normal(normal), Some((low, high))) => normal.ln_mass(*low, *high),
                    (Kernel::Names(p), _) => p.get(*at as usize).copied().unwrap_or(0.0).ln(),
                }
            });
            ln_weight + axes.sum::<f64>()
        };
        let terms: Vec<f64> = self.components.iter().map(ln).collect();
        let most = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        most + terms.iter().map(|t| (t - most).exp()).sum::<f64>().ln()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    #[test]
    fn the_density_sums_to_one_and_is_that_of_the_draws() {
        let space = Space::new().integer("n", 1, 6).choice("c", ["a", "b", "c"]);
        let points: Vec<Vec<f64>> = vec![vec![2.0, 1.0], vec![2.0, 1.0], vec![5.0, 0.0]];
        let points: Vec<&[f64]> = points.iter().map(Vec::as_slice).collect();
        let parzen = Parzen::new(&space, &points, &[1.0, 2.0, 0.5]);
        let mut whole = 0.0;
        let mut expected = [[0.0; 3]; 6];
        for (n, row) in expected.iter_mut().enumerate() {
            for (c, p) in row.iter_mut().enumerate() {
                *p = parzen.ln_density(&[n as f64 + 1.0, c as f64]).exp();
                whole += *p;
            }
        }
        assert!((whole - 1.0).abs() < 1e-9, "{whole}");
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(2);
        let mut counts = [[0.0; 3]; 6];
        let draws = 40_000.0;
        for _ in 0..40_000 {
            let at = parzen.sample(&mut rng);
            counts[at[0].round().clamp(1.0, 6.0) as usize - 1][at[1] as usize] += 1.0;
        }
        for (counts, expected) in counts.iter().flatten().zip(expected.iter().flatten()) {
            let error = 5.0 * (expected * (1.0 - expected) / draws).sqrt();
            assert!((counts / draws - expected).abs() < error, "{counts} {expected}");
        }
        // Points near each other are likely together.
        assert!(expected[1][1] > 5.0 * expected[4][1]);
    }
}
