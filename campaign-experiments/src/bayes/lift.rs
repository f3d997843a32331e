//! Kernel: the law of the relative lift `theta_B / theta_A - 1`.

use super::beta::{Logit, sigmoid};
use super::quadrature::{N, rule};

/// `P(theta_b <= ratio * theta_a)` for a ratio above 0.
///
/// Of the two one-dimensional forms, `int f_a(x) F_b(r x) dx` and `int f_b(x) S_a(x / r) dx`, the one
/// is taken whose inner argument stays below 1, so that the integrand has no kink.
pub(crate) fn cdf(b: &Logit, a: &Logit, ratio: f64) -> f64 {
    if ratio <= 1.0 {
        integrate(a, b, ratio, |inner, y| inner.cdf(y))
    } else {
        integrate(b, a, 1.0 / ratio, |inner, y| inner.sf(y))
    }
}

/// `int f_outer(y) tail(inner, logit(r x(y))) dy` for `r` in `(0, 1]`.
fn integrate(outer: &Logit, inner: &Logit, r: f64, tail: impl Fn(&Logit, f64) -> f64) -> f64 {
    let rule = rule();
    // logit(r x) = ln r + ln x - ln((1 - r) + r (1 - x)); its slope in y is at most 1, so that a panel
    // that is narrow enough for the inner law at the mapped point is narrow enough here.
    let map = |y: f64| r.ln() + ln_sigmoid(y) - ((1.0 - r) + r * sigmoid(-y)).ln();
    let bend = -(1.0 - r).ln();
    let (mut start, mut sum) = (outer.lo, 0.0);
    while start < outer.hi {
        let mut width = outer.width(start, 1.0).min(outer.hi - start);
        // The map has singularities at `bend` plus or minus i pi.
        width = width.min(3.0 + 0.5 * (start - bend).abs());
        let mapped = map(start);
        if mapped < inner.lo {
            // Do not step over the range where the inner law moves.
            width = width.min(inner.lo - mapped + inner.sd);
        } else if mapped < inner.hi {
            width = width.min(inner.width(mapped, 1.0));
        }
        let half = 0.5 * width;
        for k in 0..N {
            let y = start + half * (1.0 + rule.node[k]);
            let f = outer.density(y);
            if f > 0.0 {
                sum += half * rule.weight[k] * f * tail(inner, map(y));
            }
        }
        if start + width <= start {
            break;
        }
        start += width;
    }
    sum.clamp(0.0, 1.0)
}

/// The ratio `theta_b / theta_a` below which lies the mass `level`: bisection with secant steps on
/// the logarithm of the ratio.
pub(crate) fn ratio_quantile(b: &Logit, a: &Logit, level: f64) -> f64 {
    let spread = (a.sd * a.sd + b.sd * b.sd).sqrt();
    let mean = |l: &Logit| l.a / (l.a + l.b);
    let centre = (mean(b) / mean(a)).ln();
    let miss = |s: f64| cdf(b, a, s.exp()) - level;
    let (mut low, mut high) = (centre - spread, centre + spread);
    let (mut at_low, mut at_high) = (miss(low), miss(high));
    let mut step = spread;
    while at_low > 0.0 && low > -700.0 {
        (high, at_high) = (low, at_low);
        step *= 2.0;
        low = (low - step).max(-700.0);
        at_low = miss(low);
    }
    while at_high < 0.0 && high < 700.0 {
        (low, at_low) = (high, at_high);
        step *= 2.0;
        high = (high + step).min(700.0);
        at_high = miss(high);
    }
    // Illinois rule: a secant step, with the weight of an end halved when it stays twice.
    let mut kept = 0_i8;
    for _ in 0..200 {
        if high - low <= 1e-14 * (1.0 + low.abs()) {
            break;
        }
        let mut s = high - at_high * (high - low) / (at_high - at_low);
        if !(s > low && s < high) {
            s = 0.5 * (low + high);
        }
        let at = miss(s);
        if at.abs() < 1e-15 {
            return s.exp();
        }
        if at < 0.0 {
            (low, at_low) = (s, at);
            if kept == 1 {
                at_high *= 0.5;
            }
            kept = 1;
        } else {
            (high, at_high) = (s, at);
            if kept == -1 {
                at_low *= 0.5;
            }
            kept = -1;
        }
    }
    (0.5 * (low + high)).exp()
}

/// `ln(1 / (1 + e^-y))`.
fn ln_sigmoid(y: f64) -> f64 {
    if y < 0.0 { y - y.exp().ln_1p() } else { -(-y).exp().ln_1p() }
}
