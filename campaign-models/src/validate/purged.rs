//! Folds of days that train on both sides.

use campaign_core::Dataset;

use super::error::SplitError;
use super::groups::GroupRule;
use crate::calendar::day_number;

/// k blocks of consecutive days, each of which validates once while the others train, less the days
/// around it.
///
/// The label of a row of day d is known on day `d + purge_days`. Rows train whose labels are known
/// before the block begins, and rows from after the day on which the block's last label is known and
/// the embargo that follows: features look back, and those just after the block have seen it.
///
/// ```text
/// trains ... | purge | block | purge | embargo | ... trains
/// ```
///
/// For few data. Training rows from after the block know a future that a model in use does not, so
/// [`TemporalWindows`](super::TemporalWindows) come nearer to what is to be expected.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::validate::PurgedFolds;
/// use jiff::{ToSpan, civil::date};
/// let days = (0..60).map(|i| date(2026, 1, 1) + i.days()).collect();
/// let data = Dataset::new(vec![Column::numeric("spend")], Array2::zeros((60, 1)))?.with_days(days)?;
/// let folds = PurgedFolds::new(4).with_purge_days(3).with_embargo_days(2);
/// let (train, valid) = folds.split(&data, 1)?;
/// // Days 15 to 29 validate; 12 to 14 and 30 to 34 do neither.
/// assert_eq!((train.n_rows(), valid.n_rows()), (60 - 15 - 3 - 5, 15));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
/// López de Prado 2018, "Advances in Financial Machine Learning", 7.4.
#[derive(Debug, Clone, PartialEq)]
pub struct PurgedFolds {
    k: usize,
    purge_days: u32,
    embargo_days: u32,
    groups: GroupRule,
}

impl PurgedFolds {
    /// `k` blocks whose numbers of distinct days differ by at most one.
    #[must_use]
    pub fn new(k: usize) -> Self {
        Self { k, purge_days: 0, embargo_days: 0, groups: GroupRule::Shared }
    }

    /// Sets how many days a label takes to be known; 0 by default.
    #[must_use]
    pub fn with_purge_days(mut self, days: u32) -> Self {
        self.purge_days = days;
        self
    }

    /// Sets how many more days after a block do not train; 0 by default. As long as the features look
    /// back is safe.
    #[must_use]
    pub fn with_embargo_days(mut self, days: u32) -> Self {
        self.embargo_days = days;
        self
    }

    /// Sets whether a group may stand on both sides; it may by default.
    #[must_use]
    pub fn with_groups(mut self, groups: GroupRule) -> Self {
        self.groups = groups;
        self
    }

    /// How many folds there are.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// Training and validation data of a fold, rows in their old order.
    ///
    /// # Errors
    /// [`SplitError`] for data without days, fewer than 2 folds or more than days, a fold that does
    /// not exist, or a side without rows.
    pub fn split(&self, data: &Dataset, fold: usize) -> Result<(Dataset, Dataset), SplitError> {
        let days = data.days().ok_or(SplitError::NoDays)?;
        let &Self { k, purge_days, embargo_days, .. } = self;
        let numbers: Vec<i64> = days.iter().map(|day| day_number(*day)).collect();
        let mut distinct = numbers.clone();
        distinct.sort_unstable();
        distinct.dedup();
        let units = distinct.len();
        if k < 2 || k > units {
            return Err(SplitError::FoldsOf { folds: k, what: "days", units });
        }
        if fold >= k {
            return Err(SplitError::Fold { fold, folds: k });
        }
        let (first, end) = (fold * units / k, (fold + 1) * units / k);
        let (first, last) = (distinct[first], distinct[end - 1]);
        let (purge, embargo) = (i64::from(purge_days), i64::from(embargo_days));
        let rows = |keep: &dyn Fn(i64) -> bool| -> Vec<usize> {
            (0..).zip(&numbers).filter(|(_, day)| keep(**day)).map(|(row, _)| row).collect()
        };
        let valid = rows(&|day| first <= day && day <= last);
        let train = rows(&|day| day + purge < first || day > last + purge + embargo);
        if train.is_empty() {
            return Err(SplitError::Purged { fold, purge_days, embargo_days });
        }
        let (train, valid) = self.groups.apart(data, train, valid)?;
        Ok((data.select(&train)?, data.select(&valid)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::Column;
    use campaign_core::ndarray::Array2;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn data(offsets: &[i64]) -> Dataset {
        let days = offsets.iter().map(|o| date(2026, 1, 1).checked_add(o.days()).unwrap());
        let days = days.collect();
        let x = Array2::from_shape_fn((offsets.len(), 1), |(row, _)| row as f64);
        Dataset::new(vec![Column::numeric("row")], x).and_then(|d| d.with_days(days)).unwrap()
    }

    fn offsets(part: &Dataset, of: &[i64]) -> Vec<i64> {
        part.features().column(0).iter().map(|row| of[*row as usize]).collect()
    }

    proptest! {
        #[test]
        fn labels_and_features_do_not_meet(
            of in prop::collection::vec(0_i64..50, 2..80),
            k in 2_usize..6, purge in 0_u32..6, embargo in 0_u32..6,
        ) {
            let d = data(&of);
            let mut distinct = of.clone();
            distinct.sort_unstable();
            distinct.dedup();
            prop_assume!(k <= distinct.len());
            let folds = PurgedFolds::new(k).with_purge_days(purge).with_embargo_days(embargo);
            let (purge, embargo) = (i64::from(purge), i64::from(embargo));
            let mut validated = Vec::new();
            for fold in 0..k {
                match folds.split(&d, fold) {
                    Ok((train, valid)) => {
                        let (train, valid) = (offsets(&train, &of), offsets(&valid, &of));
                        let (low, high) = (*valid.iter().min().unwrap(), *valid.iter().max().unwrap());
                        for t in &train {
                            // The intervals [day, label known] do not overlap, and the embargo holds.
                            prop_assert!(t + purge < low || *t > high + purge + embargo);
                        }
                        let others = of.iter().filter(|o| {
                            **o + purge < low || **o > high + purge + embargo
                        });
                        prop_assert_eq!(train.len(), others.count());
                        let sizes = [distinct.len() / k, distinct.len().div_ceil(k)];
                        let mut days = valid.clone();
                        days.sort_unstable();
                        days.dedup();
                        prop_assert!(sizes.contains(&days.len()));
                        validated.extend(valid);
                    }
                    Err(SplitError::Purged { .. }) => prop_assert!(purge + embargo > 0),
                    Err(error) => prop_assert!(false, "{}", error),
                }
            }
            if purge + embargo == 0 {
                validated.sort_unstable();
                let mut all = of.clone();
                all.sort_unstable();
                prop_assert_eq!(validated, all);
            }
        }
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let d = data(&[0, 1, 2, 2]);
        let error = |folds: PurgedFolds, fold| folds.split(&d, fold).unwrap_err();
        let many = error(PurgedFolds::new(4), 0);
        assert_eq!(
            many.to_string(),
            "4 folds of 3 days, expected between 2 folds and one for each"
        );
        assert!(matches!(error(PurgedFolds::new(1), 0), SplitError::FoldsOf { .. }));
        assert_eq!(error(PurgedFolds::new(3), 3), SplitError::Fold { fold: 3, folds: 3 });
        let purged = error(PurgedFolds::new(3).with_purge_days(u32::MAX), 1);
        assert!(purged.to_string().ends_with("leave nothing to train on for fold 1"));
        let groups = d.clone().with_groups(vec![1; 4]).unwrap();
        let rule = PurgedFolds::new(3).with_groups(GroupRule::TrainOthers);
        assert!(matches!(
            rule.split(&groups, 1).unwrap_err(),
            SplitError::GroupsLeaveNothing { side: "training", .. }
        ));
        let none = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
        assert_eq!(PurgedFolds::new(2).split(&none, 0).unwrap_err(), SplitError::NoDays);
    }
}
