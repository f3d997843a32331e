//! Reliability: predicted probabilities beside observed shares.

use super::error::CalibrationError;
use super::rows::{BINARY, Row, SHARE, rows};

/// Rows of similar predicted probability.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ReliabilityBin {
    /// Smallest prediction.
    pub low: f64,
    /// Largest prediction.
    pub high: f64,
    /// Mean prediction.
    pub predicted: f64,
    /// Share of positives.
    pub observed: f64,
    /// Lower end of the 95 % Wilson interval of the share.
    pub observed_low: f64,
    /// Upper end of that interval.
    pub observed_high: f64,
    /// How many rows.
    pub rows: usize,
}

/// The data of a reliability diagram.
///
/// # Source
/// Wilson 1927 (intervals); Naeini, Cooper & Hauskrecht 2015 (expected calibration error).
///
/// # Examples
/// ```
/// use campaign_models::calibrate::Reliability;
/// let reliability = Reliability::equal_width(&[0.1, 0.1, 0.8, 0.8], &[0.0, 1.0, 1.0, 1.0], 2)?;
/// assert_eq!(reliability.bins()[0].observed, 0.5);
/// assert!((reliability.expected_error() - 0.3).abs() < 1e-12);
/// # Ok::<(), campaign_models::calibrate::CalibrationError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reliability {
    bins: Vec<ReliabilityBin>,
}

impl Reliability {
    /// Bins `0..=1/k`, `1/k..=2/k` and so on, a bound belonging to the lower bin; those without rows
    /// are left out.
    ///
    /// # Errors
    /// [`CalibrationError`] for lengths that differ, a prediction outside `0..=1`, a target that is not
    /// 0 or 1, no rows or no bins.
    pub fn equal_width(
        prediction: &[f64],
        target: &[f64],
        bins: usize,
    ) -> Result<Self, CalibrationError> {
        let bin = |p: f64| {
            let at = (p * bins as f64).floor();
            // A product may round across a bound, so bounds are compared as they are.
            let at = if at > 0.0 && p <= at / bins as f64 { at - 1.0 } else { at };
            at.min(bins.saturating_sub(1) as f64)
        };
        Self::new(prediction, target, bins, |rows| {
            rows.chunk_by(|a, b| bin(a.p) == bin(b.p)).map(summary).collect()
        })
    }

    /// Bins of as many rows each as equal predictions allow: these are never parted. At most `bins`.
    ///
    /// # Errors
    /// As [`equal_width`](Self::equal_width).
    pub fn equal_count(
        prediction: &[f64],
        target: &[f64],
        bins: usize,
    ) -> Result<Self, CalibrationError> {
        Self::new(prediction, target, bins, |rows| {
            let mut out = Vec::new();
            let mut from = 0;
            for bin in 1..=bins {
                let mut to = (rows.len() as u128 * bin as u128 / bins as u128) as usize;
                while to > from && to < rows.len() && rows[to].p == rows[to - 1].p {
                    to += 1;
                }
                if to > from {
                    out.push(summary(&rows[from..to]));
                    from = to;
                }
            }
            out
        })
    }

    fn new(
        prediction: &[f64],
        target: &[f64],
        bins: usize,
        cut: impl Fn(&[Row]) -> Vec<ReliabilityBin>,
    ) -> Result<Self, CalibrationError> {
        if bins == 0 {
            return Err(CalibrationError::NoBins);
        }
        let mut rows = rows(prediction, target, None, &SHARE, &BINARY)?;
        rows.sort_by(|a, b| a.p.total_cmp(&b.p));
        Ok(Self { bins: cut(&rows) })
    }

    /// The bins that have rows, ascending.
    #[must_use]
    pub fn bins(&self) -> &[ReliabilityBin] {
        &self.bins
    }

    /// Expected calibration error: the mean over all rows of how far their bin's share of positives is
    /// from its mean prediction. It depends on the bins, and is above 0 by chance alone.
    #[must_use]
    pub fn expected_error(&self) -> f64 {
        let rows: usize = self.bins.iter().map(|b| b.rows).sum();
        let gap = |b: &ReliabilityBin| b.rows as f64 * (b.observed - b.predicted).abs();
        self.bins.iter().map(gap).sum::<f64>() / rows as f64
    }

    /// Largest distance of a bin's share of positives from its mean prediction.
    #[must_use]
    pub fn largest_error(&self) -> f64 {
        self.bins.iter().map(|b| (b.observed - b.predicted).abs()).fold(0.0, f64::max)
    }
}

fn summary(rows: &[Row]) -> ReliabilityBin {
    let n = rows.len() as f64;
    let observed = rows.iter().map(|r| r.y).sum::<f64>() / n;
    let predicted = rows.iter().map(|r| r.p).sum::<f64>() / n;
    // The normal distribution's quantile at 0.975.
    let z2 = 1.959_963_984_540_054_f64.powi(2);
    let middle = (observed + z2 / (2.0 * n)) / (1.0 + z2 / n);
    let half =
        (z2 * (observed * (1.0 - observed) / n + z2 / (4.0 * n * n))).sqrt() / (1.0 + z2 / n);
    let end = |i: usize| rows.get(i).map_or(f64::NAN, |r| r.p);
    ReliabilityBin {
        low: end(0),
        high: end(rows.len().saturating_sub(1)),
        predicted,
        observed,
        observed_low: (middle - half).max(0.0),
        observed_high: (middle + half).min(1.0),
        rows: rows.len(),
    }
}
