//! The recursions and convolutions, over slices.

/// Geometric carry-over of a whole series: `out[t] = x[t] + theta * out[t - 1]`.
///
/// Stops at the end of the shorter slice.
pub fn geometric_into(theta: f64, x: &[f64], out: &mut [f64]) {
    let mut carried = 0.0;
    for (out, &x) in out.iter_mut().zip(x) {
        carried = x + theta * carried;
        *out = carried;
    }
}

/// Convolution with weights by lag: `out[t] = sum over lags l of weights[l] * x[t - l]`.
///
/// Days before the first and lags beyond the last weight count nothing. Stops at the end of the
/// shorter of `x` and `out`.
///
/// # Complexity
/// O(n · w) for n days and w weights.
pub fn convolve_into(weights: &[f64], x: &[f64], out: &mut [f64]) {
    for (t, out) in out.iter_mut().enumerate().take(x.len()) {
        *out = carry(weights, x.get(..=t).unwrap_or_default());
    }
}

/// The last value of [`convolve_into`] alone: what the days up to now, oldest first, add up to.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::adstock::carry;
/// assert_eq!(carry(&[1.0, 0.5, 0.25], &[8.0, 0.0, 1.0]), 1.0 + 2.0);
/// ```
#[must_use]
pub fn carry(weights: &[f64], days: &[f64]) -> f64 {
    days.iter().rev().zip(weights).fold(0.0, |sum, (&x, &weight)| sum + weight * x)
}
