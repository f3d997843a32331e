//! Beta posteriors of a test, one ridge per arm over one axis.

use maud::{Markup, html};

use super::scale::ticks;
use super::{coordinate, path, width};
use crate::report::data::{PosteriorArm, Unit};
use crate::report::format::Format;

const WIDTH: f64 = 1000.0;
const HEIGHT: f64 = 52.0;
/// Where the interval's line lies, below the ridge.
const BASE: f64 = 42.0;
const POINTS: usize = 48;

/// The axis that the arms of a test share.
#[derive(Debug, Clone)]
pub struct Axis {
    low: f64,
    high: f64,
    marks: Vec<f64>,
    step: f64,
}

impl Axis {
    /// An axis over the arms' intervals, with some air.
    ///
    /// An arm with next to no data reaches far to the right; the axis ends at three times the median
    /// upper bound and such a ridge is cut there.
    #[must_use]
    pub fn new(arms: &[PosteriorArm]) -> Self {
        let known = |a: &&PosteriorArm| a.low.is_finite() && a.high.is_finite();
        let mut highs: Vec<f64> = arms.iter().filter(known).map(|a| a.high).collect();
        highs.sort_unstable_by(f64::total_cmp);
        let middle = highs.get(highs.len() / 2).copied().unwrap_or(1.0);
        let air = |a: &PosteriorArm| 0.35 * (a.high - a.low).max(0.0);
        let low = arms.iter().filter(known).map(|a| a.low - air(a)).fold(f64::INFINITY, f64::min);
        let high = arms.iter().filter(known).map(|a| a.high + air(a)).fold(0.0, f64::max);
        let low = if low.is_finite() { low.max(0.0) } else { 0.0 };
        let high = high.min(3.0 * middle).clamp(1e-9, 1.0);
        let low = if low < high { low } else { 0.0 };
        let (mut marks, step) = ticks(low, high, 4);
        marks.retain(|m| (low..=high).contains(m));
        Self { low, high, marks, step }
    }

    fn share(&self, x: f64) -> f64 {
        (x - self.low) / (self.high - self.low)
    }

    /// The axis's labels.
    #[must_use]
    pub fn labels(&self, format: &Format) -> Markup {
        html! {
            svg aria-hidden="true" {
                @for mark in &self.marks {
                    @let at = self.share(*mark);
                    text x=(width(at)) y="14"
                        text-anchor=(if at < 0.03 { "start" } else if at > 0.97 { "end" } else { "middle" }) {
                        (format.tick(Unit::Percent, *mark, self.step))
                    }
                }
            }
        }
    }

    /// An arm's density, interval and mean.
    #[must_use]
    pub fn ridge(&self, arm: &PosteriorArm) -> Markup {
        let (low, high) = (self.share(arm.low), self.share(arm.high));
        let base = coordinate(BASE + 4.0);
        html! {
            svg aria-hidden="true" {
                @for mark in &self.marks {
                    line class="grid" x1=(width(self.share(*mark))) x2=(width(self.share(*mark))) y1="0" y2=(HEIGHT) {}
                }
                svg width="100%" height=(BASE) preserveAspectRatio="none" viewBox={ "0 0 " (WIDTH) " " (BASE) } {
                    path d=(self.density(arm)) {}
                }
                @if low.is_finite() && high.is_finite() {
                    line class="ci" x1=(width(low)) x2=(width(high)) y1=(base) y2=(base) {}
                }
                @if (0.0..=1.0).contains(&self.share(arm.mean)) {
                    circle class="mean" cx=(width(self.share(arm.mean))) cy=(base) r="4.5" {}
                }
            }
        }
    }

    /// The outline of a Beta density, scaled to its highest point on the axis.
    fn density(&self, arm: &PosteriorArm) -> String {
        let (a, b) = (arm.alpha, arm.beta);
        if !(a > 0.0 && b > 0.0 && a.is_finite() && b.is_finite()) {
            return String::new();
        }
        let mean = a / (a + b);
        let reach = 3.7 * (mean * (1.0 - mean) / (a + b + 1.0)).sqrt();
        let (from, to) = ((mean - reach).max(self.low), (mean + reach).min(self.high));
        if from >= to {
            return String::new();
        }
        // Strictly inside (0, 1), where the logarithms are finite.
        let at = |i: usize| from + (to - from) * (i as f64 + 0.5) / POINTS as f64;
        let log = |x: f64| (a - 1.0) * x.ln() + (b - 1.0) * (-x).ln_1p();
        let peak = (0..POINTS).map(|i| log(at(i))).fold(f64::NEG_INFINITY, f64::max);
        let x = |v: f64| WIDTH * self.share(v);
        let ridge =
            (0..POINTS).map(|i| (x(at(i)), BASE - (BASE - 3.0) * (log(at(i)) - peak).exp()));
        let ends = |v: f64| core::iter::once((x(v), BASE));
        // Left open: the fill closes it, and the baseline stays without a stroke.
        path(ends(from).chain(ridge).chain(ends(to)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arm(alpha: f64, beta: f64) -> PosteriorArm {
        let mean = alpha / (alpha + beta);
        PosteriorArm { alpha, beta, mean, low: 0.8 * mean, high: 1.2 * mean, ..Default::default() }
    }

    #[test]
    fn the_peak_lies_at_the_mode() {
        let arm = arm(30.0, 970.0);
        let axis = Axis::new(core::slice::from_ref(&arm));
        let outline = axis.density(&arm);
        let top = outline
            .trim_matches(['M', 'Z'])
            .split('L')
            .map(|p| p.split_once(' ').unwrap())
            .map(|(x, y)| (x.parse::<f64>().unwrap(), y.parse::<f64>().unwrap()))
            .min_by(|p, q| p.1.total_cmp(&q.1))
            .unwrap();
        let mode = WIDTH * axis.share(29.0 / 998.0);
        // Half a step of the outline, 7.4 standard deviations in 48 steps, either way.
        let step = WIDTH * 7.4 * (0.03f64 * 0.97 / 1001.0).sqrt() / (axis.high - axis.low) / 48.0;
        assert!((top.0 - mode).abs() <= step, "{top:?} {mode}");
    }

    #[test]
    fn odd_arms_draw_without_nan() {
        let format = Format::new("EUR");
        for (a, b) in [(0.5, 0.5), (1.0, 1.0), (1e9, 1e9), (f64::NAN, 1.0), (0.0, 0.0), (1.0, 1e12)]
        {
            let arms = [arm(a, b), arm(2.0, 50.0)];
            let axis = Axis::new(&arms);
            for arm in &arms {
                let svg = axis.ridge(arm).into_string() + &axis.labels(&format).into_string();
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            }
        }
        let none = Axis::new(&[]);
        assert!(none.low < none.high);
    }
}
