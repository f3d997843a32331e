//! Metrics as pure functions over rows in order.
//!
//! A row of weight 0 changes nothing in any of them, so that a resample is a set of weights. `None`
//! or an error text means that the metric has no value for these rows.

/// A target, its prediction and how much it counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Row {
    pub(super) y: f64,
    pub(super) p: f64,
    pub(super) w: f64,
    /// The query of a ranking.
    pub(super) group: u32,
    /// What is resampled as a whole: the row, its group or its day, by index.
    pub(super) unit: u32,
}

/// Weighted mean of a term; `None` without weight.
pub(super) fn mean(rows: &[Row], term: impl Fn(f64, f64) -> f64) -> Option<f64> {
    ratio(rows, |r| (r.w * term(r.y, r.p), r.w))
}

/// Σ above / Σ below; `None` unless the latter is positive. Rows of weight 0 are passed over, so that
/// a term that is not finite there does no harm.
pub(super) fn ratio(rows: &[Row], terms: impl Fn(&Row) -> (f64, f64)) -> Option<f64> {
    let (above, below) = rows
        .iter()
        .filter(|r| r.w > 0.0)
        .map(terms)
        .fold((0.0, 0.0), |(a, b), (x, y)| (a + x, b + y));
    (below > 0.0).then(|| above / below)
}

/// The share of pairs of a positive and a negative that are in order, ties half; rows by ascending
/// prediction.
pub(super) fn auc(rows: &[Row]) -> Option<f64> {
    let (mut negatives, mut positives, mut above) = (0.0, 0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.p == b.p) {
        let (n, p) = classes(tied);
        above += p * (negatives + n / 2.0);
        negatives += n;
        positives += p;
    }
    (negatives > 0.0 && positives > 0.0).then(|| above / (negatives * positives))
}

/// Σ (recall gained at a threshold) × (precision there); rows by ascending prediction.
pub(super) fn average_precision(rows: &[Row]) -> Option<f64> {
    let (mut negatives, mut positives, mut sum) = (0.0, 0.0, 0.0);
    for tied in rows.chunk_by(|a, b| a.p == b.p).rev() {
        let (n, p) = classes(tied);
        negatives += n;
        positives += p;
        if p > 0.0 {
            sum += p * positives / (positives + negatives);
        }
    }
    (positives > 0.0).then(|| sum / positives)
}

/// Weights of the negatives and of the positives.
fn classes(rows: &[Row]) -> (f64, f64) {
    rows.iter().fold((0.0, 0.0), |(n, p), r| if r.y > 0.0 { (n, p + r.w) } else { (n + r.w, p) })
}

/// Bins of the calibration error.
const BINS: usize = 10;

/// Σ over ten equal parts of 0..1 of |Σ w (y - p)|, over Σ w.
pub(super) fn calibration_error(rows: &[Row]) -> Option<f64> {
    let mut gaps = [0.0; BINS];
    let mut total = 0.0;
    for r in rows {
        let bin = ((r.p * BINS as f64) as usize).min(BINS - 1);
        if let Some(gap) = gaps.get_mut(bin) {
            *gap += r.w * (r.y - r.p);
        }
        total += r.w;
    }
    (total > 0.0).then(|| gaps.iter().map(|gap: &f64| gap.abs()).sum::<f64>() / total)
}

/// Unit deviance of the exponential dispersion family with variance `μ^power`, power in 1..=2.
pub(super) fn unit_deviance(y: f64, p: f64, power: f64) -> f64 {
    2.0 * if power == 1.0 {
        (if y > 0.0 { y * (y / p).ln() } else { 0.0 }) - y + p
    } else if power == 2.0 {
        (p / y).ln() + y / p - 1.0
    } else {
        let (a, b) = (1.0 - power, 2.0 - power);
        y.powf(b) / (a * b) - y * p.powf(a) / a + p.powf(b) / b
    }
}

/// Mean over groups of the discounted cumulative gain of the first `k`, over that of the ideal
/// order; rows by group, then descending prediction.
pub(super) fn ndcg(rows: &[Row], k: usize) -> Result<f64, &'static str> {
    let (mut sum, mut total) = (0.0, 0.0);
    let mut ideal = Vec::new();
    for group in rows.chunk_by(|a, b| a.group == b.group) {
        let Some(first) = group.first() else { continue };
        if group.iter().any(|r| r.w != first.w) {
            return Err("the rows of a group have different weights");
        }
        ideal.clear();
        ideal.extend(group.iter().map(|r| r.y));
        ideal.sort_by(|a, b| b.total_cmp(a));
        let best: f64 = ideal.iter().take(k).enumerate().map(|(i, y)| y * discount(i)).sum();
        if best == 0.0 || first.w == 0.0 {
            continue;
        }
        let mut place = 0;
        let mut gain = 0.0;
        for tied in group.chunk_by(|a, b| a.p == b.p) {
            // Every order of the tied rows is as likely: each gets their mean.
            let mean = tied.iter().map(|r| r.y).sum::<f64>() / tied.len() as f64;
            let discounts: f64 = (place..(place + tied.len()).min(k)).map(discount).sum();
            gain += mean * discounts;
            place += tied.len();
        }
        sum += first.w * gain / best;
        total += first.w;
    }
    if total > 0.0 { Ok(sum / total) } else { Err("no group has a target above 0") }
}

/// What a place is worth, from 0.
fn discount(place: usize) -> f64 {
    1.0 / (place as f64 + 2.0).log2()
}
