//! Kernel: binomial probabilities and factorials without cancellation.

use core::f64::consts::PI;

/// `ln n!` minus Stirling's `n ln n - n + ln(2 pi n) / 2`.
fn correction(n: f64) -> f64 {
    let (mut n, mut shift) = (n, 0.0);
    while n < 16.0 {
        shift += (n + 0.5) * (1.0 / n).ln_1p() - 1.0;
        n += 1.0;
    }
    let r = 1.0 / (n * n);
    let series = 1.0 / 12.0
        - r * (1.0 / 360.0
            - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360_360.0))));
    shift + series / n
}

/// `ln(n! / n^n)`.
pub(crate) fn ln_factorial_ratio(n: u64) -> f64 {
    let n = n as f64;
    correction(n) + 0.5 * (2.0 * PI * n).ln() - n
}

/// `k ln(k / mean) - k + mean` for `mean = k + excess`, by a series where the two are close.
fn deviance(k: f64, excess: f64) -> f64 {
    let v = excess / k;
    if v.abs() > 0.5 {
        return excess - k * v.ln_1p();
    }
    // v - ln(1 + v) with s = v / (2 + v).
    let s = v / (2.0 + v);
    let s2 = s * s;
    let (mut sum, mut odd) = (0.0, 27.0);
    while odd > 1.0 {
        sum = sum * s2 + 1.0 / odd;
        odd -= 2.0;
    }
    k * s * (v - 2.0 * s2 * sum)
}

/// `C(n, k) p^k q^(n - k)` with `q = 1 - p` and `excess = n p - k` given without rounding.
///
/// # Source
/// The saddle-point form of Loader (2000).
pub(crate) fn binomial_pmf(k: u64, n: u64, p: f64, q: f64, excess: f64) -> f64 {
    let (kf, nf) = (k as f64, n as f64);
    let rest = nf - kf;
    if k == 0 {
        return (nf * if p < 0.5 { (-p).ln_1p() } else { q.ln() }).exp();
    }
    if k == n {
        return (nf * p.ln()).exp();
    }
    let exponent = correction(nf)
        - correction(kf)
        - correction(rest)
        - deviance(kf, excess)
        - deviance(rest, -excess);
    (nf / (2.0 * PI * kf * rest)).sqrt() * exponent.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_equal_exact_ones() {
        // C(10, 3) 0.3^3 0.7^7 and C(40, 20) / 2^40.
        let p = binomial_pmf(3, 10, 0.3, 0.7, 0.0);
        assert!((p - 0.266_827_932).abs() < 1e-15, "{p}");
        let p = binomial_pmf(20, 40, 0.5, 0.5, 0.0);
        assert!((p - 137_846_528_820.0 / 2.0_f64.powi(40)).abs() < 1e-16, "{p}");
        // C(5, 4) 0.1^4 0.9, far from the mean.
        let p = binomial_pmf(4, 5, 0.1, 0.9, -3.5);
        assert!((p / 4.5e-4 - 1.0).abs() < 1e-14, "{p}");
    }

    #[test]
    fn factorials() {
        assert!((ln_factorial_ratio(1)).abs() < 1e-15);
        let exact = (3_628_800.0_f64 / 1e10).ln();
        assert!((ln_factorial_ratio(10) - exact).abs() < 2e-15);
    }
}
