//! Splits in time.

use campaign_core::Dataset;
use jiff::civil::Date;

use super::error::SplitError;
use super::groups::GroupRule;
use crate::calendar::days_before;

/// Training data from before a day and validation data from that day on.
///
/// Training rows are strictly before `cutoff - gap_days`, validation rows on or after `cutoff`
/// ([`TemporalWindows`](super::TemporalWindows) gives both an end as well). The gap is the time a label takes to be known (conversions that arrive late): a row whose outcome was
/// still open at the cut-off must not train. A split is only made from days, so none can train on
/// what came later:
///
/// ```compile_fail,E0451
/// # use jiff::civil::Date;
/// # use campaign_core::Dataset;
/// # fn by_hand(cutoff: Date, train_before: Date, train: Dataset, valid: Dataset) {
/// // Private fields: the two parts cannot be put together by hand.
/// let split = campaign_models::TemporalSplit { cutoff, train_before, train, valid };
/// # }
/// ```
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::TemporalSplit;
/// use jiff::civil::date;
/// let data = Dataset::new(vec![Column::numeric("spend")], Array2::zeros((10, 1)))?
///     .with_days((1..=10).map(|day| date(2026, 3, day)).collect())?;
/// let split = TemporalSplit::new(&data, date(2026, 3, 8), 2)?;
/// // 1 to 5 March train, 6 and 7 March are the gap, 8 to 10 March validate.
/// assert_eq!((split.train().n_rows(), split.valid().n_rows()), (5, 3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TemporalSplit {
    cutoff: Date,
    train_before: Date,
    train: Dataset,
    valid: Dataset,
}

impl TemporalSplit {
    /// Splits at a day; everything from it on validates.
    ///
    /// # Errors
    /// [`SplitError`] for data without days, a part without rows, or a gap beyond the calendar.
    pub fn new(data: &Dataset, cutoff: Date, gap_days: u32) -> Result<Self, SplitError> {
        let days = data.days().ok_or(SplitError::NoDays)?;
        Self::cut(data, days, &Window::new(cutoff, gap_days)?, &GroupRule::Shared)
    }

    /// The rows of a window; `days` are those of the data.
    pub(super) fn cut(
        data: &Dataset,
        days: &[Date],
        window: &Window,
        groups: &GroupRule,
    ) -> Result<Self, SplitError> {
        let &Window { train_from, train_before, cutoff, valid_before } = window;
        let rows = |from: Option<Date>, before: Option<Date>| -> Vec<usize> {
            let inside = |day: Date| {
                from.is_none_or(|from| day >= from) && before.is_none_or(|before| day < before)
            };
            (0..).zip(days).filter(|(_, day)| inside(**day)).map(|(row, _)| row).collect()
        };
        let train = rows(train_from, Some(train_before));
        let valid = rows(Some(cutoff), valid_before);
        if train.is_empty() {
            return Err(SplitError::NoTraining { before: train_before, from: train_from });
        }
        if valid.is_empty() {
            return Err(SplitError::NoValidation { from: cutoff, until: valid_before });
        }
        let (train, valid) = groups.apart(data, train, valid)?;
        let (train, valid) = (data.select(&train)?, data.select(&valid)?);
        Ok(Self { cutoff, train_before, train, valid })
    }

    /// The first day of validation.
    #[must_use]
    pub fn cutoff(&self) -> Date {
        self.cutoff
    }

    /// Training rows are before this day: the cut-off less the gap.
    #[must_use]
    pub fn train_before(&self) -> Date {
        self.train_before
    }

    /// What to train on.
    #[must_use]
    pub fn train(&self) -> &Dataset {
        &self.train
    }

    /// What to validate on.
    #[must_use]
    pub fn valid(&self) -> &Dataset {
        &self.valid
    }
}

/// The days of a split.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    pub(super) train_from: Option<Date>,
    pub(super) train_before: Date,
    pub(super) cutoff: Date,
    pub(super) valid_before: Option<Date>,
}

impl Window {
    /// All days before `cutoff - gap_days` train, all from the cut-off on validate.
    pub(super) fn new(cutoff: Date, gap_days: u32) -> Result<Self, SplitError> {
        let calendar = SplitError::Calendar { cutoff, gap_days };
        let train_before = days_before(cutoff, gap_days).ok_or(calendar)?;
        Ok(Self { train_from: None, train_before, cutoff, valid_before: None })
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

    fn data(days: Vec<Date>) -> Dataset {
        let n = days.len();
        let x = Array2::from_shape_fn((n, 1), |(row, _)| row as f64);
        Dataset::new(vec![Column::numeric("row")], x).unwrap().with_days(days).unwrap()
    }

    fn day(offset: i64) -> Date {
        date(2026, 1, 1).checked_add(offset.days()).unwrap()
    }

    proptest! {
        #[test]
        fn no_training_row_is_known_after_the_cutoff(
            offsets in prop::collection::vec(0_i64..60, 1..80),
            cutoff in 0_i64..60,
            gap in 0_u32..10,
        ) {
            let d = data(offsets.iter().map(|o| day(*o)).collect());
            let trains = offsets.iter().filter(|o| **o + i64::from(gap) < cutoff).count();
            let validates = offsets.iter().filter(|o| **o >= cutoff).count();
            match TemporalSplit::new(&d, day(cutoff), gap) {
                Ok(split) => {
                    prop_assert_eq!(split.train().n_rows(), trains);
                    prop_assert_eq!(split.valid().n_rows(), validates);
                    for t in split.train().days().unwrap() {
                        let known = t.checked_add(i64::from(gap).days()).unwrap();
                        prop_assert!(known < split.cutoff());
                    }
                    prop_assert!(split.valid().days().unwrap().iter().all(|v| *v >= day(cutoff)));
                }
                Err(SplitError::NoTraining { .. }) => prop_assert_eq!(trains, 0),
                Err(SplitError::NoValidation { .. }) => prop_assert_eq!(validates, 0),
                Err(e) => prop_assert!(false, "{}", e),
            }
        }
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let d = data((0..5).map(day).collect());
        let no_days = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
        assert_eq!(TemporalSplit::new(&no_days, day(1), 0), Err(SplitError::NoDays));
        let calendar = TemporalSplit::new(&d, day(1), u32::MAX).unwrap_err();
        assert!(matches!(calendar, SplitError::Calendar { gap_days: u32::MAX, .. }));
        let late = TemporalSplit::new(&d, day(9), 0).unwrap_err();
        assert_eq!(late.to_string(), "no row is from 2026-01-10 on");
        let early = TemporalSplit::new(&d, day(1), 3).unwrap_err();
        assert_eq!(early.to_string(), "no row is before 2025-12-30");
    }
}
