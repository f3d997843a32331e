//! A column that predicts too well alone.

use campaign_core::rand::Rng;
use campaign_core::{Column, ColumnKind};

use super::error::LeakageError;
use super::joint::Joint;
use super::outcome::{Outcome, Skill};
use super::report::{Finding, LeakageKind};

/// Above this, a column alone is too good: AUC, or `R²` of ranks.
const TOO_GOOD: f64 = 0.95;
/// Below this, a column alone is not put beside all others.
const GOOD: f64 = 0.75;
/// What the others must reach for the comparison to mean anything.
const OTHERS: f64 = 0.65;
/// Rows' worth of the mean of all in a bin's mean: enough for bins without rows. More would draw the
/// means of few rows together and hide what they say.
const SMOOTHING: f64 = 0.1;

/// How well a column predicts alone, on rows that did not teach it.
pub(super) struct Alone {
    skill: Skill,
}

impl Alone {
    pub(super) fn new(
        column: &Column,
        values: &[f64],
        outcome: &Outcome,
        half: &[bool],
    ) -> Option<Self> {
        let bins = bins(column, values);
        let skill = outcome.skill(&means_of_other_half(&bins, &outcome.y, half))?;
        Some(Self { skill })
    }

    pub(super) fn too_good(&self, column: &Column, outcome: &Outcome) -> Option<Finding> {
        let Skill { value, error } = self.skill;
        let name = &column.name;
        if self.skill.low() <= TOO_GOOD {
            return None;
        }
        let (measure, what) =
            if outcome.binary { ("auc", "AUC") } else { ("r2_of_ranks", "R² of ranks") };
        let text = format!(
            "{name:?} alone predicts the target with {what} {value:.4}: was it known before the label?"
        );
        let evidence = [(measure, value), ("standard_error", error)];
        Some(Finding::new(LeakageKind::TooGoodAlone, Some(name), evidence, text))
    }

    /// Whether it outdoes all others, which are good themselves.
    pub(super) fn outdoes(
        &self,
        index: usize,
        column: &Column,
        outcome: &Outcome,
        joint: &mut Joint<'_>,
        rng: &mut dyn Rng,
    ) -> Result<Option<Finding>, LeakageError> {
        let alone = self.skill;
        if !outcome.binary || alone.low() < GOOD {
            return Ok(None);
        }
        let Some((others, all)) = joint.without_and_with(index, outcome, rng)? else {
            return Ok(None);
        };
        let as_good = alone.value + 2.0 * alone.error.hypot(others.error) >= others.value;
        let halves = 1.0 - all.value + 2.0 * all.error <= 0.5 * (1.0 - others.value);
        if others.low() < OTHERS || !as_good || !halves {
            return Ok(None);
        }
        let name = &column.name;
        let (alone, others, all) = (alone.value, others.value, all.value);
        let text = format!(
            "{name:?} alone ranks with AUC {alone:.4}, all other columns together with {others:.4}, \
             all with {all:.4}: was it known before the label?"
        );
        let evidence = [("auc", alone), ("auc_of_others", others), ("auc_of_all", all)];
        let kind = LeakageKind::TooGoodAlone;
        Ok(Some(Finding::new(kind, Some(name), evidence, text)))
    }
}

/// The bin of each row: quantiles or levels, missing values last.
fn bins(column: &Column, values: &[f64]) -> Vec<usize> {
    if let ColumnKind::Categorical { levels } = &column.kind {
        let of = |v: &f64| if v.is_nan() { levels.len() } else { *v as usize };
        return values.iter().map(of).collect();
    }
    let mut sorted: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let n = (sorted.len() / 20).clamp(2, 64);
    let mut edges: Vec<f64> =
        (1..n).filter_map(|i| sorted.get(i * sorted.len() / n).copied()).collect();
    edges.dedup();
    // A value on an edge belongs above it, so that a common value has a bin of its own from below;
    // the bin above it starts with the next edge.
    let of = |v: &f64| if v.is_nan() { n } else { edges.partition_point(|edge| edge <= v) };
    values.iter().map(of).collect()
}

/// The mean of a row's bin in the half that the row is not in.
fn means_of_other_half(bins: &[usize], y: &[f64], half: &[bool]) -> Vec<f64> {
    let n = bins.iter().max().map_or(0, |bin| bin + 1);
    let mut sums = [vec![(0.0, 0.0); n], vec![(0.0, 0.0); n]];
    let mut all = [(0.0, 0.0); 2];
    for ((&bin, &y), &half) in bins.iter().zip(y).zip(half) {
        let half = usize::from(half);
        for (sum, count) in [&mut sums[half][bin], &mut all[half]] {
            *sum += y;
            *count += 1.0;
        }
    }
    let mean = |(&bin, &half): (&usize, &bool)| {
        let other = usize::from(!half);
        let (sum, count) = sums[other][bin];
        let (total, rows) = all[other];
        (sum + SMOOTHING * total / f64::max(rows, 1.0)) / (count + SMOOTHING)
    };
    bins.iter().zip(half).map(mean).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_common_value_has_its_own_bin() {
        let values: Vec<f64> = (0..100).map(|i| if i < 60 { 0.0 } else { f64::from(i) }).collect();
        let bins = bins(&Column::numeric("x"), &values);
        let of_zero = bins[0];
        assert!(bins[..60].iter().all(|b| *b == of_zero));
        assert!(bins[60..].iter().filter(|b| **b == of_zero).count() <= 20);
    }

    #[test]
    fn a_row_does_not_teach_itself() {
        // One row per bin: what a bin says on the other half is the mean of all there.
        let y = [1.0, 0.0, 1.0, 1.0];
        let half = [false, false, true, true];
        assert_eq!(means_of_other_half(&[0, 1, 2, 3], &y, &half), [1.0, 1.0, 0.5, 0.5]);
        // (1 + 0.1 * 0.5) / (1 + 0.1): one row of the bin, a tenth of a row's worth of the mean.
        let shared = means_of_other_half(&[0, 1, 0, 1], &y, &half);
        assert!((shared[2] - 1.05 / 1.1).abs() < 1e-12);
    }
}
