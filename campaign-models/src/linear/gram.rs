//! Weighted sums over rows: what a Newton step needs.

use super::design::Design;

/// The quadratic that a Newton step minimises, the intercept solved for.
#[derive(Debug)]
pub(super) struct Quadratic {
    /// Second derivatives in the standardised coefficients, `(terms, terms)`.
    pub(super) curvature: Vec<f64>,
    /// The diagonal of that before the intercept was solved for.
    pub(super) sizes: Vec<f64>,
    /// First derivatives.
    pub(super) gradient: Vec<f64>,
    /// Weighted means of the standardised terms, but for a constant each.
    means: Vec<f64>,
    /// What the intercept moves by where the coefficients do not.
    intercept_step: f64,
}

impl Quadratic {
    /// From the rows' first and second derivatives in the score, weights included.
    ///
    /// `None` if the second derivatives add up to nothing, or a sum is not finite.
    pub(super) fn new(design: &Design, first: &[f64], second: &[f64]) -> Option<Self> {
        let (n, q) = (design.n_terms(), design.n_quantities);
        let mut curvature = vec![0.0; n * n];
        let (mut sums, mut gradient) = (vec![0.0; n], vec![0.0; n]);
        for ((quantities, indicators), (g, v)) in design.rows().zip(first.iter().zip(second)) {
            for (j, x) in quantities.iter().enumerate() {
                let weighted = v * x;
                sums[j] += weighted;
                gradient[j] += g * x;
                add(&mut curvature[j * n..][..=j], weighted, quantities);
            }
            for (at, j) in indicators.iter().enumerate() {
                let j = *j as usize;
                sums[j] += v;
                gradient[j] += g;
                let row = &mut curvature[j * n..][..n];
                add(&mut row[..q], *v, quantities);
                indicators[..=at].iter().for_each(|k| row[*k as usize] += v);
            }
        }
        let total: f64 = second.iter().sum();
        let slope: f64 = first.iter().sum();
        if total.is_nan() || total <= 0.0 {
            return None;
        }
        let means: Vec<f64> = sums.iter().map(|sum| sum / total).collect();
        let mut sizes = vec![0.0; n];
        for j in 0..n {
            sizes[j] = curvature[j * n + j] / (design.scales[j] * design.scales[j]);
            gradient[j] = (gradient[j] - means[j] * slope) / design.scales[j];
            for k in 0..=j {
                let centred = curvature[j * n + k] - means[j] * sums[k];
                let value = centred / (design.scales[j] * design.scales[k]);
                (curvature[j * n + k], curvature[k * n + j]) = (value, value);
            }
        }
        let means = means.iter().zip(&design.scales).map(|(mean, scale)| mean / scale).collect();
        let intercept_step = -slope / total;
        let finite = curvature.iter().chain(&gradient).all(|x| x.is_finite());
        (finite && intercept_step.is_finite()).then_some(Self {
            sizes,
            curvature,
            gradient,
            means,
            intercept_step,
        })
    }

    /// How the best intercept moves when the coefficients move by `step`.
    pub(super) fn intercept_step(&self, step: &[f64]) -> f64 {
        let moved: f64 = self.means.iter().zip(step).map(|(mean, step)| mean * step).sum();
        self.intercept_step - moved
    }
}

/// Adds a multiple of the first entries.
fn add(to: &mut [f64], factor: f64, from: &[f64]) {
    to.iter_mut().zip(from).for_each(|(to, from)| *to += factor * from);
}
