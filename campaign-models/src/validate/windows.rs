//! Many splits in time.

use campaign_core::Dataset;
use jiff::civil::Date;

use super::error::SplitError;
use super::groups::GroupRule;
use super::temporal::{TemporalSplit, Window};
use crate::calendar::{days_after, days_before};

/// Splits at many cut-offs: expanding windows, or rolling ones with [`with_train_days`].
///
/// ```text
/// train_from ...... train_before | purge | cutoff ...... valid_before
/// ```
///
/// No row trains whose label was not known at the cut-off. Training data never lie after the
/// validation block, so an embargo has no place here; [`PurgedFolds`](super::PurgedFolds) have one.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::validate::TemporalWindows;
/// use jiff::{ToSpan, civil::date};
/// let days = (0..90).map(|i| date(2026, 1, 1) + i.days()).collect();
/// let data = Dataset::new(vec![Column::numeric("spend")], Array2::zeros((90, 1)))?.with_days(days)?;
/// // Train on the last 28 known days, validate on 14; a label takes 7 days to be known.
/// let windows = TemporalWindows::every(28, 14).with_purge_days(7).with_train_days(28);
/// for split in windows.splits(&data)? {
///     let split = split?;
///     assert_eq!(split.train().n_rows(), 28);
///     println!("{}: {} rows validate", split.cutoff(), split.valid().n_rows());
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// [`with_train_days`]: Self::with_train_days
#[derive(Debug, Clone, PartialEq)]
pub struct TemporalWindows {
    cutoffs: Cutoffs,
    purge_days: u32,
    train_days: Option<u32>,
    valid_days: Option<u32>,
    groups: GroupRule,
}

#[derive(Debug, Clone, PartialEq)]
enum Cutoffs {
    At(Vec<Date>),
    Every { first_train_days: u32, step_days: u32 },
}

impl TemporalWindows {
    fn new(cutoffs: Cutoffs) -> Self {
        let groups = GroupRule::Shared;
        Self { cutoffs, purge_days: 0, train_days: None, valid_days: None, groups }
    }

    /// Cut-offs on ascending days. Each validates up to the next, the last on all that follows.
    #[must_use]
    pub fn at(cutoffs: impl Into<Vec<Date>>) -> Self {
        Self::new(Cutoffs::At(cutoffs.into()))
    }

    /// Cut-offs every `step_days`, the first where `first_train_days` can train; each validates up to
    /// the next, the last possibly on fewer days.
    #[must_use]
    pub fn every(first_train_days: u32, step_days: u32) -> Self {
        Self::new(Cutoffs::Every { first_train_days, step_days })
    }

    /// Sets how many days a label takes to be known; 0 by default. Rows of as many days before the
    /// cut-off do not train.
    #[must_use]
    pub fn with_purge_days(mut self, days: u32) -> Self {
        self.purge_days = days;
        self
    }

    /// Makes the windows rolling: only the last so many days before the purge train.
    #[must_use]
    pub fn with_train_days(mut self, days: u32) -> Self {
        self.train_days = Some(days);
        self
    }

    /// Sets how many days validate, whatever the next cut-off; blocks may then overlap.
    #[must_use]
    pub fn with_valid_days(mut self, days: u32) -> Self {
        self.valid_days = Some(days);
        self
    }

    /// Sets whether a group may stand on both sides; it may by default.
    #[must_use]
    pub fn with_groups(mut self, groups: GroupRule) -> Self {
        self.groups = groups;
        self
    }

    /// The splits, made one at a time as the iterator is asked.
    ///
    /// # Errors
    /// [`SplitError`] for data without days, cut-offs that do not ascend or lie beyond the data or the
    /// calendar, or a length of 0 days; the iterator's items for a side without rows.
    pub fn splits<'d>(&self, data: &'d Dataset) -> Result<Splits<'d>, SplitError> {
        let days = data.days().ok_or(SplitError::NoDays)?;
        for (parameter, length) in
            [("train_days", self.train_days), ("valid_days", self.valid_days)]
        {
            if length == Some(0) {
                return Err(SplitError::NoLength { parameter });
            }
        }
        let cutoffs = self.cutoffs(days)?;
        let mut windows = Vec::with_capacity(cutoffs.len());
        for (index, &cutoff) in cutoffs.iter().enumerate() {
            let mut window = Window::new(cutoff, self.purge_days)?;
            // Beyond the calendar lie no rows: the same as without a limit.
            window.train_from = self.train_days.and_then(|n| days_before(window.train_before, n));
            window.valid_before = match self.valid_days {
                Some(n) => days_after(cutoff, n),
                None => cutoffs.get(index + 1).copied(),
            };
            windows.push(window);
        }
        Ok(Splits { data, days, windows: windows.into_iter(), groups: self.groups.clone() })
    }

    fn cutoffs(&self, days: &[Date]) -> Result<Vec<Date>, SplitError> {
        let (first_train_days, step_days) = match &self.cutoffs {
            Cutoffs::At(cutoffs) => {
                for (index, (&previous, &got)) in
                    (1..).zip(cutoffs.iter().zip(cutoffs.iter().skip(1)))
                {
                    if got <= previous {
                        return Err(SplitError::Cutoffs { index, got, previous });
                    }
                }
                return Ok(cutoffs.clone());
            }
            Cutoffs::Every { first_train_days, step_days } => (*first_train_days, *step_days),
        };
        for (parameter, length) in
            [("first_train_days", first_train_days), ("step_days", step_days)]
        {
            if length == 0 {
                return Err(SplitError::NoLength { parameter });
            }
        }
        let (Some(&start), Some(&last)) = (days.iter().min(), days.iter().max()) else {
            return Ok(Vec::new());
        };
        let wait = first_train_days.saturating_add(self.purge_days);
        let first = days_after(start, wait).unwrap_or(Date::MAX);
        if first > last {
            return Err(SplitError::NoCutoffs { first, last });
        }
        let next = |cutoff: &Date| days_after(*cutoff, step_days).filter(|day| *day <= last);
        Ok(std::iter::successors(Some(first), next).collect())
    }
}

/// Splits at ascending cut-offs; see [`TemporalWindows::splits`].
#[derive(Debug, Clone)]
pub struct Splits<'d> {
    data: &'d Dataset,
    days: &'d [Date],
    windows: std::vec::IntoIter<Window>,
    groups: GroupRule,
}

impl Iterator for Splits<'_> {
    type Item = Result<TemporalSplit, SplitError>;

    fn next(&mut self) -> Option<Self::Item> {
        let window = self.windows.next()?;
        Some(TemporalSplit::cut(self.data, self.days, &window, &self.groups))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.windows.size_hint()
    }
}

impl ExactSizeIterator for Splits<'_> {}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::ndarray::Array2;
    use jiff::ToSpan;
    use jiff::civil::date;
    use proptest::prelude::*;

    fn day(offset: i64) -> Date {
        date(2026, 1, 1).checked_add(offset.days()).unwrap()
    }

    fn data(days: &[i64]) -> Dataset {
        Dataset::new(vec![], Array2::zeros((days.len(), 0)))
            .and_then(|d| d.with_days(days.iter().map(|d| day(*d)).collect()))
            .unwrap()
    }

    fn sizes(windows: &TemporalWindows, data: &Dataset) -> Vec<(usize, usize)> {
        let rows = |s: TemporalSplit| (s.train().n_rows(), s.valid().n_rows());
        windows.splits(data).unwrap().map(|s| rows(s.unwrap())).collect()
    }

    #[test]
    fn windows_by_hand() {
        let d = data(&(0..30).collect::<Vec<_>>());
        let at = TemporalWindows::at([day(10), day(15), day(22)]).with_purge_days(3);
        assert_eq!(sizes(&at, &d), [(7, 5), (12, 7), (19, 8)]);
        assert_eq!(sizes(&at.clone().with_train_days(7), &d), [(7, 5), (7, 7), (7, 8)]);
        assert_eq!(sizes(&at.with_valid_days(6), &d), [(7, 6), (12, 6), (19, 6)]);
        let every = TemporalWindows::every(10, 7).with_purge_days(2);
        assert_eq!(sizes(&every, &d), [(10, 7), (17, 7), (24, 4)]);
    }

    proptest! {
        #[test]
        fn windows_hold_what_they_say(
            offsets in prop::collection::vec(0_i64..60, 1..80),
            (first, step, purge) in (1_u32..20, 1_u32..20, 0_u32..8),
            (train, valid) in (prop::option::of(1_u32..20), prop::option::of(1_u32..20)),
        ) {
            let d = data(&offsets);
            let mut windows = TemporalWindows::every(first, step).with_purge_days(purge);
            windows.train_days = train;
            windows.valid_days = valid;
            let (start, last) =
                (offsets.iter().min().unwrap(), offsets.iter().max().unwrap());
            let Ok(splits) = windows.splits(&d) else {
                prop_assert!(start + i64::from(first + purge) > *last);
                return Ok(());
            };
            let (step, purge) = (i64::from(step), i64::from(purge));
            let mut cutoff = start + i64::from(first) + purge;
            for split in splits {
                let length = valid.map_or(step, i64::from);
                let trains: Vec<i64> = offsets.iter().copied().filter(|o| {
                    o + purge < cutoff && train.is_none_or(|n| o + purge + i64::from(n) >= cutoff)
                }).collect();
                let validates: Vec<i64> = offsets.iter().copied()
                    .filter(|o| *o >= cutoff && *o < cutoff + length).collect();
                match split {
                    Ok(split) => {
                        let of = |d: &Dataset| d.days().unwrap().to_vec();
                        let want = |o: Vec<i64>| o.into_iter().map(day).collect::<Vec<_>>();
                        prop_assert_eq!(of(split.train()), want(trains));
                        prop_assert_eq!(of(split.valid()), want(validates));
                    }
                    Err(SplitError::NoTraining { .. }) => prop_assert!(trains.is_empty()),
                    Err(SplitError::NoValidation { .. }) => prop_assert!(validates.is_empty()),
                    Err(error) => prop_assert!(false, "{}", error),
                }
                cutoff += step;
            }
            prop_assert!(cutoff > *last);
        }
    }

    #[test]
    fn new_groups_alone_validate_when_asked() {
        let d = data(&(0..20).collect::<Vec<_>>());
        let d = d.with_groups((0..20).map(|row| row / 6).collect()).unwrap();
        let windows = TemporalWindows::at([day(10)]);
        // Group 1 has days 6 to 11, so days 10 and 11 are of a known group.
        let new = windows.clone().with_groups(GroupRule::ValidateNew);
        assert_eq!(sizes(&new, &d), [(10, 8)]);
        let others = windows.with_groups(GroupRule::TrainOthers);
        assert_eq!(sizes(&others, &d), [(6, 10)]);
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let d = data(&[0, 1, 2, 3, 4]);
        let error = |w: TemporalWindows| w.splits(&d).unwrap_err();
        let none = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
        assert_eq!(TemporalWindows::every(1, 1).splits(&none).unwrap_err(), SplitError::NoDays);
        let order = error(TemporalWindows::at([day(3), day(3)]));
        assert!(matches!(order, SplitError::Cutoffs { index: 1, .. }));
        let short = error(TemporalWindows::every(3, 1).with_purge_days(2));
        let text = "the data end on 2026-01-05, before the first cut-off on 2026-01-06";
        assert_eq!(short.to_string(), text);
        assert!(matches!(error(TemporalWindows::every(u32::MAX, 1)), SplitError::NoCutoffs { .. }));
        for zero in [
            TemporalWindows::every(0, 1),
            TemporalWindows::every(1, 0),
            TemporalWindows::every(1, 1).with_train_days(0),
            TemporalWindows::every(1, 1).with_valid_days(0),
        ] {
            assert!(matches!(error(zero), SplitError::NoLength { .. }));
        }
        // Limits beyond the calendar are none.
        let wide =
            TemporalWindows::at([day(2)]).with_train_days(u32::MAX).with_valid_days(u32::MAX);
        assert_eq!(sizes(&wide, &d), [(2, 3)]);
        let mut windows =
            TemporalWindows::at([day(1), day(7), day(9)]).with_train_days(2).splits(&d).unwrap();
        assert_eq!(windows.len(), 3);
        assert!(windows.next().unwrap().is_ok());
        let gap = windows.next().unwrap().unwrap_err();
        assert_eq!(gap.to_string(), "no row is before 2026-01-08 and from 2026-01-06 on");
        let far = TemporalWindows::at([day(3), day(9)]).splits(&d).unwrap().nth(1).unwrap();
        assert_eq!(far.unwrap_err().to_string(), "no row is from 2026-01-10 on");
    }
}
