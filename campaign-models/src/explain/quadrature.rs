//! Gauss-Legendre points on the unit interval.

/// Points that a pass of the kernels takes at once.
pub(super) const LANES: usize = 4;

/// One number per point of a pass.
pub(super) type Lanes = [f64; LANES];

/// Points and weights of one pass. The weights of all passes together sum to 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Points {
    pub(super) at: Lanes,
    pub(super) weight: Lanes,
}

/// Enough points, in passes, to integrate polynomials below the given degree exactly.
///
/// `n` points integrate degrees up to `2 n - 1`.
pub(super) fn points(degree: usize) -> Vec<Points> {
    let passes = degree.div_ceil(2 * LANES).max(1);
    let n = passes * LANES;
    let mut all = vec![Points { at: [0.0; LANES], weight: [0.0; LANES] }; passes];
    for i in 0..n {
        let (x, weight) = point(n, i);
        all[i / LANES].at[i % LANES] = 0.5 * (1.0 + x);
        all[i / LANES].weight[i % LANES] = 0.5 * weight;
    }
    all
}

/// Root `i` of the Legendre polynomial of degree `n` and its weight, on `-1..1`: Newton's method from
/// the roots' asymptotic place.
///
/// # Source
/// Abramowitz & Stegun 1964, 22.16.6 (start) and 25.4.29 (weight).
fn point(n: usize, i: usize) -> (f64, f64) {
    let mut x = -((i as f64 + 0.75) / (n as f64 + 0.5) * std::f64::consts::PI).cos();
    let mut slope = 1.0;
    for _ in 0..20 {
        let (value, derivative) = legendre(n, x);
        slope = derivative;
        let step = value / slope;
        x -= step;
        if step.abs() < 1e-16 {
            break;
        }
    }
    (x, 2.0 / ((1.0 - x * x) * slope * slope))
}

/// The Legendre polynomial of degree `n` and its derivative, by the three-term recurrence.
fn legendre(n: usize, x: f64) -> (f64, f64) {
    let (mut before, mut value) = (1.0, x);
    for k in 2..=n {
        let k = k as f64;
        (before, value) = (value, ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k);
    }
    (value, n as f64 * (x * value - before) / (x * x - 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn polynomials_are_integrated_exactly() {
        for degree in [1, 2, 7, 8, 9, 16, 24, 40, 100, 333] {
            let points = points(degree);
            for power in [0, 1, degree / 2, degree - 1] {
                let terms = points.iter().flat_map(|p| p.at.iter().zip(p.weight));
                let integral: f64 = terms.map(|(t, w)| w * t.powi(power as i32)).sum();
                let exact = 1.0 / (power as f64 + 1.0);
                assert!((integral - exact).abs() < 1e-14, "{degree} {power}: {integral} {exact}");
            }
            let inside = points.iter().flat_map(|p| p.at).all(|t| t > 0.0 && t < 1.0);
            assert!(inside);
        }
    }
}
