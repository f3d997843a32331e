//! Kernel: the Beta distribution on the logit scale.
//!
//! With `y = ln(x / (1 - x))` the density of `Beta(a, b)` is log-concave for every `a, b > 0`, has
//! no singularity at the ends, and is analytic in the strip `|Im y| < pi`. Gauss-Legendre panels
//! then integrate it to rounding error, for shapes from 0.001 to 1e12 alike, where the continued
//! fraction of the incomplete beta function needs a number of steps that grows with the root of the
//! shapes.

use super::quadrature::{N, rule};

/// Fall of the log density beyond which nothing is integrated: `exp(-46)` is about `1e-20`.
const CUT: f64 = 46.0;
/// Panel width in local standard deviations.
const WIDTH: f64 = 2.5;
/// Fall of the log density along its slope within a panel.
const FALL: f64 = 12.0;

/// Constants of one Beta distribution.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Logit {
    pub(crate) a: f64,
    pub(crate) b: f64,
    /// `min(a, b) / (a + b)`; where `b < a` the axis is mirrored.
    share: f64,
    mirrored: bool,
    /// Mode of the density of `y`.
    pub(crate) mode: f64,
    /// Standard deviation of `y` by the curvature at the mode.
    pub(crate) sd: f64,
    ln_peak: f64,
    /// Ends of the range that carries all but about `1e-18` of the mass.
    pub(crate) lo: f64,
    /// Upper end.
    pub(crate) hi: f64,
}

impl Logit {
    /// Takes shapes that the caller has checked to be positive and finite.
    pub(crate) fn new(a: f64, b: f64) -> Self {
        let n = a + b;
        let mirrored = b < a;
        let mut this = Self {
            a,
            b,
            share: a.min(b) / n,
            mirrored,
            mode: (a / b).ln(),
            sd: (n / a / b).sqrt(),
            ln_peak: 0.0,
            lo: 0.0,
            hi: 0.0,
        };
        this.ln_peak =
            -this.sd.ln() - 0.5 * (2.0 * core::f64::consts::PI).ln() - stirling(a) - stirling(b)
                + stirling(n);
        let reach = |sign: f64| {
            let mut t = 9.6 * this.sd;
            while this.fall(sign * t) < CUT {
                t *= 1.25;
            }
            // A skewed law falls much faster on one side than its curvature at the mode tells.
            while this.fall(sign * 0.8 * t) > CUT {
                t *= 0.8;
            }
            this.mode + sign * t
        };
        (this.lo, this.hi) = (reach(-1.0), reach(1.0));
        this
    }

    /// How far the log density lies below its peak at distance `t` from the mode:
    /// `(a + b) (ln(1 + p (e^t - 1)) - p t)`, without the cancellation of that form.
    #[inline]
    fn fall(&self, t: f64) -> f64 {
        let p = self.share;
        let t = if self.mirrored { -t } else { t };
        let phi = if t.abs() < 0.4 {
            let rest = exp_rest(t);
            log_rest(p * (t + rest)) + p * rest
        } else if t < 700.0 {
            (p * t.exp_m1()).ln_1p() - p * t
        } else {
            t + p.ln() - p * t
        };
        (self.a + self.b) * phi
    }

    /// Density of `y`.
    #[inline]
    pub(crate) fn density(&self, y: f64) -> f64 {
        (self.ln_peak - self.fall(y - self.mode)).exp()
    }

    /// Width of a panel that goes from `y` upward (`sign` 1) or downward (-1), small enough for [`N`]
    /// nodes: by the curvature of the log density at both ends, its slope, and the distance to the
    /// nearest singularity, at `y = i pi`.
    #[inline]
    pub(crate) fn width(&self, y: f64, sign: f64) -> f64 {
        let n = self.a + self.b;
        let x = sigmoid(y);
        let slope = (n * x - self.a).abs();
        let by_curvature = |x: f64| WIDTH / (n * x * (1.0 - x)).sqrt();
        let width = (3.0 + 0.5 * y.abs()).min(FALL / slope).min(by_curvature(x));
        width.min(by_curvature(sigmoid(y + sign * width)))
    }

    /// Mass on the side of `y` away from (`up`: above, else below) `y`, with full relative accuracy
    /// in the tail, and the integral of `weight` over it.
    pub(crate) fn beyond(&self, y: f64, up: bool, weight: impl Fn(f64) -> f64) -> (f64, f64) {
        let rule = rule();
        let sign = if up { 1.0 } else { -1.0 };
        let (mut start, mut mass, mut moment) = (y, 0.0, 0.0);
        loop {
            let half = 0.5 * self.width(start, sign);
            let middle = start + sign * half;
            let (mut part, mut moment_part) = (0.0, 0.0);
            for k in 0..N {
                let at = middle + half * rule.node[k];
                let f = rule.weight[k] * self.density(at);
                part += f;
                moment_part += f * weight(at);
            }
            mass += half * part;
            moment += half * moment_part;
            start += sign * 2.0 * half;
            let outside = if up { start > self.mode } else { start < self.mode };
            let negligible = half * part <= 1e-18 * mass;
            if (outside && negligible) || !mass.is_finite() || !start.is_finite() {
                return (mass, moment);
            }
        }
    }

    /// `P(Y <= y)`.
    pub(crate) fn cdf(&self, y: f64) -> f64 {
        if y <= self.mode {
            self.beyond(y, false, |_| 0.0).0.min(1.0)
        } else {
            (1.0 - self.beyond(y, true, |_| 0.0).0).max(0.0)
        }
    }

    /// `P(Y > y)`.
    pub(crate) fn sf(&self, y: f64) -> f64 {
        if y >= self.mode {
            self.beyond(y, true, |_| 0.0).0.min(1.0)
        } else {
            (1.0 - self.beyond(y, false, |_| 0.0).0).max(0.0)
        }
    }

    /// The `y` below which lies the mass `level` in `(0, 1)`.
    ///
    /// Newton's method on the logarithm of the nearer tail, which is concave: from its second step
    /// on it approaches the root from one side.
    pub(crate) fn quantile(&self, level: f64) -> f64 {
        let below = self.beyond(self.mode, false, |_| 0.0).0;
        let up = level > below;
        let (target, sign) = if up { (1.0 - level, -1.0) } else { (level, 1.0) };
        let mut y = self.mode;
        for _ in 0..100 {
            let tail = self.beyond(y, up, |_| 0.0).0;
            let step = sign * (target / tail).ln() * tail / self.density(y);
            y += step;
            if step.abs() <= 1e-14 * self.sd.max(y.abs()) {
                break;
            }
        }
        y
    }
}

/// `1 / (1 + e^-y)`.
#[inline]
pub(crate) fn sigmoid(y: f64) -> f64 {
    1.0 / (1.0 + (-y).exp())
}

/// `1 / k!` for `k = 2..=15`.
const EXP: [f64; 14] = {
    let mut c = [0.5; 14];
    let mut k = 1;
    while k < c.len() {
        c[k] = c[k - 1] / (k + 2) as f64;
        k += 1;
    }
    c
};

/// `1 / k` for `k = 3, 5, ..., 21`.
const ODD: [f64; 10] = {
    let mut c = [0.0; 10];
    let mut k = 0;
    while k < c.len() {
        c[k] = 1.0 / (2 * k + 3) as f64;
        k += 1;
    }
    c
};

#[inline]
fn polynomial(x: f64, coefficients: &[f64]) -> f64 {
    coefficients.iter().rev().fold(0.0, |sum, c| sum * x + c)
}

/// `e^t - 1 - t` for `|t| < 0.4`.
#[inline]
fn exp_rest(t: f64) -> f64 {
    let (short, _) = EXP.split_at(7);
    t * t * if t.abs() < 0.02 { polynomial(t, short) } else { polynomial(t, &EXP) }
}

/// `ln(1 + v) - v` for `|v| < 0.5`, from `ln(1 + v) = 2 artanh(s)` with `s = v / (2 + v)`.
#[inline]
fn log_rest(v: f64) -> f64 {
    let s = v / (2.0 + v);
    let s2 = s * s;
    let (short, _) = ODD.split_at(4);
    let sum = if v.abs() < 0.02 { polynomial(s2, short) } else { polynomial(s2, &ODD) };
    s * (2.0 * s2 * sum - v)
}

/// `ln Gamma(z)` minus Stirling's `(z - 1/2) ln z - z + ln(2 pi) / 2`.
fn stirling(z: f64) -> f64 {
    let (mut z, mut shift) = (z, 0.0);
    while z < 16.0 {
        shift += (z + 0.5) * (1.0 / z).ln_1p() - 1.0;
        z += 1.0;
    }
    let r = 1.0 / (z * z);
    let series = 1.0 / 12.0
        - r * (1.0 / 360.0
            - r * (1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * 691.0 / 360_360.0))));
    shift + series / z
}
