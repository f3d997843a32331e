//! Weights by lag of the three forms.

/// `theta^lag`.
pub(super) fn geometric(theta: f64, out: &mut [f64]) {
    let mut weight = 1.0;
    for out in out {
        *out = weight;
        weight *= theta;
    }
}

/// The quantile `share` of the whole numbers 1 to `window`, interpolated (R's type 7), to the nearest
/// whole number, halves to the even one as R's `round` does.
pub(super) fn scale_days(share: f64, window: usize) -> f64 {
    (1.0 + window.saturating_sub(1) as f64 * share).round_ties_even()
}

/// `prod over j = 1..=lag of (1 - F(j))`, F the distribution function of Weibull(shape, scale).
pub(super) fn weibull_cdf(shape: f64, scale: f64, out: &mut [f64]) {
    let mut weight = 1.0;
    for (lag, out) in out.iter_mut().enumerate() {
        if lag > 0 {
            weight *= (-(lag as f64 / scale).powf(shape)).exp();
        }
        *out = weight;
    }
}

/// `f(lag + 1)`, f the density of Weibull(shape, scale), moved and stretched to the range 0 to 1.
pub(super) fn weibull_pdf(shape: f64, scale: f64, out: &mut [f64]) {
    for (lag, out) in out.iter_mut().enumerate() {
        // In logarithms: x^shape may overflow where the density is 0.
        let log = ((lag + 1) as f64 / scale).ln();
        *out = ((shape / scale).ln() + (shape - 1.0) * log - (shape * log).exp()).exp();
    }
    let low = out.iter().copied().fold(f64::INFINITY, f64::min);
    let high = out.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if high > low && (high - low).is_finite() {
        out.iter_mut().for_each(|weight| *weight = (*weight - low) / (high - low));
    } else {
        instant(out);
    }
}

/// All on the day itself.
pub(super) fn instant(out: &mut [f64]) {
    out.fill(0.0);
    if let Some(first) = out.first_mut() {
        *first = 1.0;
    }
}
