//! The same day of the last season.

use campaign_core::Dataset;

use super::{BaselineError, Prior, targets};
use crate::calendar::day_number;

/// Predicts what the same group had on the latest known day a whole number of seasons before.
///
/// For a group's row of day `d`: the weighted mean target of that group on the latest training day among
/// `d - period, d - 2 period, ...`; without such a day the group's mean, without the group the mean of all.
/// Data without groups are one group. Days after `d` are not looked at for the season (the means take all
/// of the training data).
///
/// # Examples
/// ```
/// use campaign_core::{Dataset, ndarray::Array2};
/// use campaign_models::SeasonalNaive;
/// use jiff::{ToSpan, civil::{Date, date}};
/// let days = |from: i64, to: i64| -> Vec<Date> {
///     (from..to).map(|day| date(2026, 1, 1) + day.days()).collect()
/// };
/// let train = Dataset::new(vec![], Array2::zeros((14, 0)))?
///     .with_target((0..14).map(f64::from).collect())?
///     .with_days(days(0, 14))?;
/// let next = Dataset::new(vec![], Array2::zeros((9, 0)))?.with_days(days(14, 23))?;
/// let predicted = SeasonalNaive::fit(&train, 7)?.predict(&next)?;
/// // The last week once more; its first two days again, two seasons back.
/// assert_eq!(predicted, [7.0, 8.0, 9.0, 10.0, 11.0, 12.0, 13.0, 7.0, 8.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct SeasonalNaive {
    period: i64,
    grouped: bool,
    prior: f64,
    /// By group, the mean of its targets.
    groups: Vec<(u32, f64)>,
    /// By group, phase and day, the mean target.
    days: Vec<((u32, i64, i64), f64)>,
}

impl SeasonalNaive {
    /// Takes the means of groups and days.
    ///
    /// # Errors
    /// [`BaselineError`] without targets, days or weight, for a period of 0 days, or if a mean
    /// overflows.
    pub fn fit(data: &Dataset, period_days: u32) -> Result<Self, BaselineError> {
        let days = data.days().ok_or(BaselineError::NoDays)?;
        if period_days == 0 {
            return Err(BaselineError::Period);
        }
        let prior = Prior::fit(data)?.mean();
        let (target, weights, _) = targets(data)?;
        let period = i64::from(period_days);
        let group = |row: usize| data.groups().map_or(0, |groups| groups[row]);
        let mut by_group = Vec::with_capacity(target.len());
        let mut by_day = Vec::with_capacity(target.len());
        for (row, ((&y, &w), &day)) in target.iter().zip(&weights).zip(days).enumerate() {
            if w > 0.0 {
                let day = day_number(day);
                by_group.push((group(row), y, w));
                by_day.push(((group(row), day.rem_euclid(period), day), y, w));
            }
        }
        let (groups, days) = (means(by_group)?, means(by_day)?);
        Ok(Self { period, grouped: data.groups().is_some(), prior, groups, days })
    }

    /// The predictions for the days and groups of other data.
    ///
    /// # Errors
    /// [`BaselineError`] for data without days, or without groups where the training data had them.
    pub fn predict(&self, data: &Dataset) -> Result<Vec<f64>, BaselineError> {
        let days = data.days().ok_or(BaselineError::NoDays)?;
        let groups =
            if self.grouped { Some(data.groups().ok_or(BaselineError::NoGroups)?) } else { None };
        let predict = |(row, day)| {
            let group = groups.map_or(0, |groups| groups[row]);
            let day = day_number(day);
            let phase = day.rem_euclid(self.period);
            let later = self.days.partition_point(|(key, _)| *key < (group, phase, day));
            let season = later.checked_sub(1).and_then(|i| self.days.get(i));
            if let Some(&((g, p, _), mean)) = season
                && (g, p) == (group, phase)
            {
                return mean;
            }
            let found = self.groups.binary_search_by_key(&group, |(group, _)| *group);
            found.ok().and_then(|i| self.groups.get(i)).map_or(self.prior, |(_, mean)| *mean)
        };
        Ok(days.iter().copied().enumerate().map(predict).collect())
    }
}

/// Weighted means by key, in key order.
fn means<K: Copy + Ord>(mut rows: Vec<(K, f64, f64)>) -> Result<Vec<(K, f64)>, BaselineError> {
    rows.sort_by_key(|row| row.0);
    let mean = |of: &[(K, f64, f64)]| {
        let total: f64 = of.iter().map(|(_, _, w)| w).sum();
        let mean: f64 = of.iter().map(|(_, y, w)| y * (w / total)).sum();
        if mean.is_finite() { Ok(mean) } else { Err(BaselineError::NonFinite(mean)) }
    };
    rows.chunk_by(|a, b| a.0 == b.0).map(|of| Ok((of[0].0, mean(of)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::ndarray::Array2;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn data(rows: &[(u32, i64, f64, f64)]) -> Dataset {
        let day = |d: i64| date(2026, 1, 1).checked_add(d.days()).unwrap();
        Dataset::new(vec![], Array2::zeros((rows.len(), 0)))
            .and_then(|d| d.with_groups(rows.iter().map(|r| r.0).collect()))
            .and_then(|d| d.with_days(rows.iter().map(|r| day(r.1)).collect()))
            .and_then(|d| d.with_target(rows.iter().map(|r| r.2).collect()))
            .and_then(|d| d.with_weights(rows.iter().map(|r| r.3).collect()))
            .unwrap()
    }

    proptest! {
        #[test]
        fn predictions_equal_a_search(
            train in prop::collection::vec((0_u32..3, -9_i64..20, -5_i8..5, 1_u8..4), 1..40),
            ask in prop::collection::vec((0_u32..4, -15_i64..40), 1..20),
            period in 1_u32..9,
        ) {
            let rows: Vec<_> =
                train.iter().map(|r| (r.0, r.1, f64::from(r.2), f64::from(r.3))).collect();
            let asked: Vec<_> = ask.iter().map(|r| (r.0, r.1, 0.0, 1.0)).collect();
            let model = SeasonalNaive::fit(&data(&rows), period).unwrap();
            let predicted = model.predict(&data(&asked)).unwrap();
            for ((group, day), got) in ask.iter().zip(predicted) {
                let mean = |keep: &dyn Fn(u32, i64) -> bool| {
                    let kept: Vec<_> = rows.iter().filter(|r| keep(r.0, r.1)).collect();
                    let w: f64 = kept.iter().map(|r| r.3).sum();
                    (w > 0.0).then(|| kept.iter().map(|r| r.2 * r.3).sum::<f64>() / w)
                };
                let season = (1..100)
                    .map(|m| day - m * i64::from(period))
                    .find_map(|known| mean(&|g, d| g == *group && d == known));
                let want = season
                    .or_else(|| mean(&|g, _| g == *group))
                    .or_else(|| mean(&|_, _| true))
                    .unwrap();
                prop_assert!((got - want).abs() < 1e-12);
            }
        }
    }

    #[test]
    fn bad_input_is_named() {
        let d = data(&[(1, 0, 1.0, 1.0)]);
        assert_eq!(SeasonalNaive::fit(&d, 0), Err(BaselineError::Period));
        let none = Dataset::new(vec![], Array2::zeros((1, 0))).unwrap();
        assert_eq!(SeasonalNaive::fit(&none, 7), Err(BaselineError::NoDays));
        let model = SeasonalNaive::fit(&d, 7).unwrap();
        assert_eq!(model.predict(&none), Err(BaselineError::NoDays));
        let ungrouped = none.with_days(vec![date(2026, 1, 8)]).unwrap();
        assert_eq!(model.predict(&ungrouped), Err(BaselineError::NoGroups));
    }
}
