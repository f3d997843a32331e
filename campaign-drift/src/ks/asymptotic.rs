//! Kernel: the null law of the one-sample statistic, which the two-sample one approaches.
//!
//! SciPy takes the two-sided two-sample p-value of large samples from the one-sample law at the
//! effective size `n m / (n + m)`, rounded; so does this file. The regions are those of Simard and
//! L'Ecuyer (2011), section 5; what is computed inside them is written here from the papers.

use core::f64::consts::PI;

use super::stirling::{binomial_pmf, ln_factorial_ratio};

/// `P(D_n >= x)` for the one-sample statistic of `n` values of a continuous law; NaN for `n = 0` and
/// for an `x` that is NaN.
///
/// Exact up to `n = 140`; beyond, the error is that of the two approximations used by Simard and
/// L'Ecuyer (2011), relative to the p-value at most about 2e-6, at `n x^2 = 2.2`.
///
/// # Allocation
/// A matrix of side `2 n x` at most, only where `n x^2` is small.
#[must_use]
pub fn one_sample_tail(n: u64, x: f64) -> f64 {
    if n == 0 || x.is_nan() {
        return f64::NAN;
    }
    let size = n as f64;
    let t = size * x;
    if x >= 1.0 {
        return 0.0;
    }
    if t <= 0.5 {
        return 1.0;
    }
    if t <= 1.0 {
        // n! (2 x - 1 / n)^n, Ruben and Gambino (1982).
        return 1.0 - (ln_factorial_ratio(n) + size * (2.0 * t - 1.0).ln()).exp();
    }
    if t >= size - 1.0 {
        return 2.0 * (size * (-x).ln_1p()).exp();
    }
    let (z2, small) = (t * x, n <= 140);
    if x >= 0.5 || z2 > 4.0 || (!small && z2 >= 2.2) {
        // Both sides at once are impossible (x >= 1/2) or negligible.
        return (2.0 * one_sided_tail(n, x)).min(1.0);
    }
    let below = if small || (n <= 100_000 && size * x.powf(1.5) <= 1.4) {
        durbin(n, x)
    } else {
        pelz_good(size, x)
    };
    (1.0 - below).clamp(0.0, 1.0)
}

/// `P(D_n+ >= x) = x sum_j C(n, j) (x + j/n)^(j-1) (1 - x - j/n)^(n-j)` over `0 <= j <= n (1 - x)`:
/// each term is `x / (x + j/n)` times a binomial probability, so no digits are lost.
///
/// # Source
/// Birnbaum and Tingey (1951).
fn one_sided_tail(n: u64, x: f64) -> f64 {
    let size = n as f64;
    let mut sum = 0.0;
    for j in 0..n {
        let share = j as f64 / size;
        let rest = (size - j as f64 - size * x) / size;
        if rest <= 0.0 {
            break;
        }
        sum += x / (x + share) * binomial_pmf(j, n, x + share, rest, size * x);
    }
    sum
}

/// `P(D_n < x)` by the matrix of Durbin (1973) in the form of Marsaglia, Tsang and Wang (2003).
fn durbin(n: u64, x: f64) -> f64 {
    let size = n as f64;
    let k = (size * x).ceil();
    let h = k - size * x;
    let (centre, side) = (k as usize - 1, 2 * k as usize - 1);
    let mut factorial = vec![1.0; side + 1];
    for i in 1..=side {
        factorial[i] = factorial[i - 1] * i as f64;
    }
    let mut base = vec![0.0; side * side];
    for row in 0..side {
        for col in 0..side.min(row + 2) {
            let power = (row + 1 - col) as i32;
            let mut entry = 1.0;
            if col == 0 {
                entry -= h.powi(power);
            }
            if row == side - 1 {
                entry -= h.powi((side - col) as i32);
            }
            if col == 0 && row == side - 1 {
                entry += (2.0 * h - 1.0).max(0.0).powi(side as i32);
            }
            base[row * side + col] = entry / factorial[row + 1 - col];
        }
    }
    // The power by squaring, with a binary exponent kept apart because entries leave the range of
    // numbers.
    let mut power = vec![0.0; side * side];
    (0..side).for_each(|i| power[i * side + i] = 1.0);
    let (mut power_exponent, mut base_exponent) = (0_i64, 0_i64);
    let mut work = vec![0.0; side * side];
    let mut left = n;
    while left > 0 {
        if left % 2 == 1 {
            multiply(&power, &base, &mut work, side);
            core::mem::swap(&mut power, &mut work);
            power_exponent += base_exponent + rescale(&mut power);
        }
        left /= 2;
        if left > 0 {
            multiply(&base, &base, &mut work, side);
            core::mem::swap(&mut base, &mut work);
            base_exponent = 2 * base_exponent + rescale(&mut base);
        }
    }
    let entry = power[centre * side + centre];
    let ln_two = core::f64::consts::LN_2;
    (entry.ln() + power_exponent as f64 * ln_two + ln_factorial_ratio(n)).exp()
}

fn multiply(a: &[f64], b: &[f64], out: &mut [f64], side: usize) {
    out.fill(0.0);
    for (row_a, row_out) in a.chunks_exact(side).zip(out.chunks_exact_mut(side)) {
        for (factor, row_b) in row_a.iter().zip(b.chunks_exact(side)) {
            for (cell, value) in row_out.iter_mut().zip(row_b) {
                *cell += factor * value;
            }
        }
    }
}

/// Divides by a power of two where entries grow large; returns its exponent.
fn rescale(matrix: &mut [f64]) -> i64 {
    let largest = matrix.iter().fold(0.0_f64, |m, v| m.max(v.abs()));
    if largest < 1e100 && largest > 1e-100 {
        return 0;
    }
    let exponent = largest.log2().floor() as i32;
    matrix.iter_mut().for_each(|v| *v *= 2.0_f64.powi(-exponent));
    i64::from(exponent)
}

/// `P(D_n < x)` by the expansion in powers of `n^(-1/2)` of Pelz and Good (1976), to `n^(-3/2)`.
fn pelz_good(size: f64, x: f64) -> f64 {
    let z2 = size * x * x;
    let z = z2.sqrt();
    let (z4, z6) = (z2 * z2, z2 * z2 * z2);
    let (mut k0, mut k1, mut k2, mut k3) = (0.0, 0.0, 0.0, 0.0);
    let (mut k2_whole, mut k3_whole) = (0.0, 0.0);
    for k in 0..200 {
        // Half-integer points k + 1/2 and -(k + 1/2) together, then the whole ones.
        let u = (PI * (f64::from(k) + 0.5)).powi(2);
        let e = 2.0 * (-u / (2.0 * z2)).exp();
        k0 += e;
        k1 += (u - z2) * e;
        k2 += ((6.0 * z6 + 2.0 * z4) + (2.0 * z4 - 5.0 * z2) * u + (1.0 - 2.0 * z2) * u * u) * e;
        k3 += ((5.0 - 30.0 * z2) * u * u * u
            + (212.0 * z4 - 60.0 * z2) * u * u
            + (135.0 * z4 - 96.0 * z6) * u
            - (30.0 * z6 + 90.0 * z6 * z2))
            * e;
        let v = (PI * f64::from(k)).powi(2);
        let w = 2.0 * (-v / (2.0 * z2)).exp();
        k2_whole += v * w;
        k3_whole += (3.0 * v * z2 - v * v) * w;
        if k > 2 && u > 1600.0 * z2 {
            break;
        }
    }
    let root = (PI / 2.0).sqrt();
    let (z3, z7, z10) = (z2 * z, z6 * z, z6 * z4);
    let s0 = root / z * k0;
    let s1 = root / (6.0 * z4) * k1;
    let s2 = root / (72.0 * z7) * k2 - root / (36.0 * z3) * k2_whole;
    let s3 = root / (6480.0 * z10) * k3 + root / (216.0 * z6) * k3_whole;
    let r = 1.0 / size.sqrt();
    s0 + r * (s1 + r * (s2 + r * s3))
}
