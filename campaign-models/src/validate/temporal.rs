//! Splits in time.

use campaign_core::Dataset;
use jiff::Span;
use jiff::civil::Date;

use super::error::SplitError;

/// Training data from before a day and validation data from that day on.
///
/// Training rows are strictly before `cutoff - gap_days`, validation rows on or after `cutoff`. The
/// gap is the time a label takes to be known (conversions that arrive late): a row whose outcome was
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
        Self::until(data, cutoff, gap_days, None)
    }

    /// Splits at each of several ascending days, with all earlier days for training and the days up
    /// to the next cut-off for validation (after the last: all that follow).
    ///
    /// The splits are made one at a time, as the iterator is asked.
    ///
    /// # Errors
    /// [`SplitError`] for data without days or cut-offs that do not ascend; the iterator's items
    /// have those of [`new`](Self::new).
    ///
    /// # Examples
    /// ```
    /// use campaign_core::{Column, Dataset, ndarray::Array2};
    /// use campaign_models::TemporalSplit;
    /// use jiff::civil::date;
    /// let data = Dataset::new(vec![Column::numeric("spend")], Array2::zeros((10, 1)))?
    ///     .with_days((1..=10).map(|day| date(2026, 3, day)).collect())?;
    /// let cutoffs = [date(2026, 3, 4), date(2026, 3, 7)];
    /// for split in TemporalSplit::expanding(&data, &cutoffs, 0)? {
    ///     let split = split?;
    ///     assert!(split.train_before() <= split.cutoff());
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn expanding<'d>(
        data: &'d Dataset,
        cutoffs: &[Date],
        gap_days: u32,
    ) -> Result<Expanding<'d>, SplitError> {
        if data.days().is_none() {
            return Err(SplitError::NoDays);
        }
        for (index, pair) in cutoffs.windows(2).enumerate() {
            if pair[0] >= pair[1] {
                let (got, previous) = (pair[1], pair[0]);
                return Err(SplitError::Cutoffs { index: index + 1, got, previous });
            }
        }
        Ok(Expanding { data, cutoffs: cutoffs.to_vec(), gap_days, next: 0 })
    }

    fn until(
        data: &Dataset,
        cutoff: Date,
        gap_days: u32,
        until: Option<Date>,
    ) -> Result<Self, SplitError> {
        let days = data.days().ok_or(SplitError::NoDays)?;
        let calendar = SplitError::Calendar { cutoff, gap_days };
        let gap = Span::new().try_days(gap_days).map_err(|_| calendar.clone())?;
        let train_before = cutoff.checked_sub(gap).map_err(|_| calendar)?;
        let rows = |keep: &dyn Fn(Date) -> bool| -> Vec<usize> {
            days.iter().enumerate().filter(|(_, day)| keep(**day)).map(|(row, _)| row).collect()
        };
        let train = rows(&|day| day < train_before);
        let valid = rows(&|day| day >= cutoff && until.is_none_or(|end| day < end));
        if train.is_empty() {
            return Err(SplitError::NoTraining { before: train_before });
        }
        if valid.is_empty() {
            return Err(SplitError::NoValidation { from: cutoff, until });
        }
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

/// Splits at ascending cut-offs; see [`TemporalSplit::expanding`].
#[derive(Debug, Clone)]
pub struct Expanding<'d> {
    data: &'d Dataset,
    cutoffs: Vec<Date>,
    gap_days: u32,
    next: usize,
}

impl Iterator for Expanding<'_> {
    type Item = Result<TemporalSplit, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let cutoff = *self.cutoffs.get(self.next)?;
        self.next += 1;
        let until = self.cutoffs.get(self.next).copied();
        Some(TemporalSplit::until(self.data, cutoff, self.gap_days, until))
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
    fn expanding_windows_cover_each_validation_day_once() {
        let d = data((0..30).map(day).collect());
        let cutoffs = [day(10), day(15), day(22)];
        let splits: Vec<_> =
            TemporalSplit::expanding(&d, &cutoffs, 3).unwrap().map(Result::unwrap).collect();
        let sizes: Vec<_> =
            splits.iter().map(|s| (s.train().n_rows(), s.valid().n_rows())).collect();
        assert_eq!(sizes, [(7, 5), (12, 7), (19, 8)]);
        let valid: Vec<Date> =
            splits.iter().flat_map(|s| s.valid().days().unwrap().to_vec()).collect();
        assert_eq!(valid, (10..30).map(day).collect::<Vec<_>>());
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let d = data((0..5).map(day).collect());
        let no_days = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
        assert_eq!(TemporalSplit::new(&no_days, day(1), 0), Err(SplitError::NoDays));
        assert!(TemporalSplit::expanding(&no_days, &[], 0).is_err());
        let order = TemporalSplit::expanding(&d, &[day(3), day(3)], 0).unwrap_err();
        assert!(matches!(order, SplitError::Cutoffs { index: 1, .. }));
        let calendar = TemporalSplit::new(&d, day(1), u32::MAX).unwrap_err();
        assert!(matches!(calendar, SplitError::Calendar { gap_days: u32::MAX, .. }));
        let late = TemporalSplit::new(&d, day(9), 0).unwrap_err();
        assert_eq!(late.to_string(), "no row is from 2026-01-10 on");
        let mut windows = TemporalSplit::expanding(&d, &[day(1), day(7), day(9)], 0).unwrap();
        assert!(windows.next().unwrap().is_ok());
        let gap = windows.next().unwrap().unwrap_err();
        assert_eq!(gap.to_string(), "no row is from 2026-01-08 on and before 2026-01-10");
    }
}
