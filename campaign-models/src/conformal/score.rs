//! Kernels shared by the conformal methods: scores, ranks, widening.

use campaign_core::error::check_length;
use campaign_core::ndarray::Array2;
use campaign_core::{Error, PredictiveDistribution};

use super::error::ConformalError;

/// How far a target lies outside `low..high`; negative inside (Romano et al. 2019, eq. 6).
pub(super) fn score(target: f64, low: f64, high: f64) -> f64 {
    (low - target).max(target - high)
}

/// `low..high` moved outwards. Where ends cross, no target lies between them, and both are put midway:
/// the interval holds more than it must, and its ends are in order.
pub(super) fn widen(low: f64, high: f64, down: f64, up: f64) -> (f64, f64) {
    let ends = (low - down, high + up);
    if ends.0 <= ends.1 {
        return ends;
    }
    // Endless margins inwards have no middle; that of the predictions is as good.
    let middle = ends.0 / 2.0 + ends.1 / 2.0;
    let middle = if middle.is_finite() { middle } else { low / 2.0 + high / 2.0 };
    (middle, middle)
}

pub(super) fn check_coverage(coverage: f64) -> Result<(), ConformalError> {
    let inside = coverage > 0.0 && coverage < 1.0;
    if inside { Ok(()) } else { Err(ConformalError::Coverage(coverage)) }
}

pub(super) fn check_lengths(
    expected: usize,
    parts: &[(&'static str, usize)],
) -> Result<(), ConformalError> {
    match parts.iter().find(|(_, got)| *got != expected) {
        None => Ok(()),
        Some(&(what, got)) => Err(ConformalError::Length { what, got, expected }),
    }
}

pub(super) fn finite(what: &'static str, index: usize, value: f64) -> Result<(), ConformalError> {
    if value.is_finite() {
        return Ok(());
    }
    Err(ConformalError::Value { what, index, value, expected: "a finite number" })
}

/// The rank, from 1, of the score that holds the coverage: `ceil((n + 1) coverage)`.
pub(super) fn rank(rows: usize, coverage: f64) -> Result<usize, ConformalError> {
    // Rounding noise of the product must not push an exact rank one further.
    let rank = ((rows as f64 + 1.0) * coverage - 1e-9).ceil().max(1.0);
    if rank > rows as f64 {
        let needed = (coverage / (1.0 - coverage) - 1e-9).ceil().max(1.0) as usize;
        return Err(ConformalError::TooFewRows { got: rows, needed });
    }
    Ok(rank as usize)
}

/// The value of a rank from 1 to the length.
pub(super) fn select(values: &mut [f64], rank: usize) -> f64 {
    *values.select_nth_unstable_by(rank - 1, f64::total_cmp).1
}

/// Checked scores of all rows.
pub(super) fn scores(
    target: &[f64],
    low: &[f64],
    high: &[f64],
) -> Result<Vec<f64>, ConformalError> {
    check_lengths(target.len(), &[("low", low.len()), ("high", high.len())])?;
    let rows = target.iter().zip(low).zip(high).enumerate();
    rows.map(|(index, ((&y, &low), &high))| {
        finite("target", index, y)?;
        finite("low", index, low)?;
        finite("high", index, high)?;
        let score = score(y, low, high);
        finite("score", index, score)?;
        Ok(score)
    })
    .collect()
}

/// Intervals as quantiles at `(1 - coverage) / 2` and `(1 + coverage) / 2`.
pub(super) fn distribution(
    coverage: f64,
    intervals: impl Iterator<Item = (f64, f64)>,
) -> Result<PredictiveDistribution, Error> {
    let mut ends = Vec::with_capacity(2 * intervals.size_hint().0);
    for (row, (low, high)) in intervals.enumerate() {
        for value in [low, high] {
            if !value.is_finite() {
                return Err(Error::NonFinite { what: "interval", index: row, value });
            }
        }
        ends.extend([low, high]);
    }
    // Rounded as `PredictiveDistribution::interval` rounds, so that it finds these levels.
    let tail = ((1.0 - coverage) / 2.0 * 1e12).round() / 1e12;
    let (rows, got) = (ends.len() / 2, ends.len());
    let length = Error::Length { what: "interval ends", got, expected: 2 * rows };
    let values = Array2::from_shape_vec((rows, 2), ends).map_err(|_| length)?;
    PredictiveDistribution::quantiles(vec![tail, 1.0 - tail], values)
}

/// The intervals of pairs of predictions as a distribution.
pub(super) fn distribution_of(
    coverage: f64,
    low: &[f64],
    high: &[f64],
    mut interval: impl FnMut(usize, f64, f64) -> (f64, f64),
) -> Result<PredictiveDistribution, Error> {
    check_length("high", high.len(), low.len())?;
    let rows = low.iter().zip(high).enumerate();
    distribution(coverage, rows.map(|(row, (&low, &high))| interval(row, low, high)))
}
