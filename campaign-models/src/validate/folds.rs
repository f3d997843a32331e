//! Shuffled folds, for data without time.

use std::cmp::Reverse;

use campaign_core::Dataset;
use campaign_core::rand::{Rng, RngExt};

use super::error::SplitError;

/// A partition of the rows into k parts, each of which validates once.
///
/// Refuses data with days: shuffled, they would train on the future.
///
/// # Examples
/// ```
/// use campaign_core::{Column, Dataset, ndarray::Array2};
/// use campaign_models::ShuffledFolds;
/// use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};
/// let data = Dataset::new(vec![Column::numeric("age")], Array2::zeros((10, 1)))?;
/// let folds = ShuffledFolds::new(&data, 5, &mut Xoshiro256PlusPlus::seed_from_u64(42))?;
/// for fold in 0..folds.k() {
///     let (train, valid) = folds.split(fold)?;
///     assert_eq!((train.n_rows(), valid.n_rows()), (8, 2));
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ShuffledFolds<'d> {
    data: &'d Dataset,
    k: usize,
    fold_of: Vec<usize>,
}

impl<'d> ShuffledFolds<'d> {
    /// Deals the shuffled rows out to `k` folds; sizes differ by at most one.
    ///
    /// # Errors
    /// [`SplitError`] for data with days, fewer than 2 folds or more folds than rows.
    pub fn new(data: &'d Dataset, k: usize, rng: &mut dyn Rng) -> Result<Self, SplitError> {
        let rows = (0..data.n_rows()).collect();
        Self::deal(data, k, vec![rows], rng)
    }

    /// As [`new`](Self::new), but for each value of the target on its own, so that every fold has
    /// nearly the same share of each. For targets of few distinct values.
    ///
    /// # Errors
    /// As [`new`](Self::new), and [`SplitError::NoTarget`].
    pub fn stratified(data: &'d Dataset, k: usize, rng: &mut dyn Rng) -> Result<Self, SplitError> {
        let target = data.target().ok_or(SplitError::NoTarget)?;
        let mut rows: Vec<usize> = (0..data.n_rows()).collect();
        rows.sort_by(|&a, &b| target[a].total_cmp(&target[b]));
        let strata = rows.chunk_by(|&a, &b| target[a] == target[b]).map(<[usize]>::to_vec);
        Self::deal(data, k, strata.collect(), rng)
    }

    /// Deals whole groups out, each to the fold with the fewest rows so far, larger groups first: no
    /// group stands on both sides of a split.
    ///
    /// # Errors
    /// As [`new`](Self::new), [`SplitError::NoGroups`], and [`SplitError::FoldsOf`] for fewer groups
    /// than folds.
    pub fn grouped(data: &'d Dataset, k: usize, rng: &mut dyn Rng) -> Result<Self, SplitError> {
        let groups = data.groups().ok_or(SplitError::NoGroups)?;
        Self::check(data, k)?;
        let mut rows: Vec<usize> = (0..groups.len()).collect();
        rows.sort_by_key(|&row| groups[row]);
        let mut members: Vec<Vec<usize>> =
            rows.chunk_by(|&a, &b| groups[a] == groups[b]).map(<[usize]>::to_vec).collect();
        if k > members.len() {
            let units = members.len();
            return Err(SplitError::FoldsOf { folds: k, what: "groups", units });
        }
        shuffle(&mut members, rng);
        members.sort_by_key(|rows| Reverse(rows.len()));
        let mut fold_of = vec![0; groups.len()];
        let mut sizes = vec![0; k];
        for rows in members {
            let smallest = (0..k).min_by_key(|&fold| sizes[fold]).unwrap_or(0);
            sizes[smallest] += rows.len();
            rows.into_iter().for_each(|row| fold_of[row] = smallest);
        }
        Ok(Self { data, k, fold_of })
    }

    fn check(data: &Dataset, k: usize) -> Result<(), SplitError> {
        if data.days().is_some() {
            return Err(SplitError::HasDays);
        }
        let rows = data.n_rows();
        if k < 2 || k > rows {
            return Err(SplitError::Folds { folds: k, rows });
        }
        Ok(())
    }

    fn deal(
        data: &'d Dataset,
        k: usize,
        strata: Vec<Vec<usize>>,
        rng: &mut dyn Rng,
    ) -> Result<Self, SplitError> {
        Self::check(data, k)?;
        let mut fold_of = vec![0; data.n_rows()];
        // Dealing goes on across strata, so that the folds' sizes differ by at most one.
        let mut dealt = 0;
        for mut stratum in strata {
            shuffle(&mut stratum, rng);
            for row in stratum {
                fold_of[row] = dealt % k;
                dealt += 1;
            }
        }
        Ok(Self { data, k, fold_of })
    }

    /// How many folds there are.
    #[must_use]
    pub fn k(&self) -> usize {
        self.k
    }

    /// The fold in which each row validates.
    #[must_use]
    pub fn fold_of(&self) -> &[usize] {
        &self.fold_of
    }

    /// Training and validation data of a fold, rows in their old order.
    ///
    /// # Errors
    /// [`SplitError::Fold`] for a fold that does not exist.
    pub fn split(&self, fold: usize) -> Result<(Dataset, Dataset), SplitError> {
        if fold >= self.k {
            return Err(SplitError::Fold { fold, folds: self.k });
        }
        let (valid, train): (Vec<usize>, Vec<usize>) =
            (0..self.fold_of.len()).partition(|&row| self.fold_of[row] == fold);
        Ok((self.data.select(&train)?, self.data.select(&valid)?))
    }
}

/// Fisher-Yates, written out so that the stream of numbers used is this crate's own.
fn shuffle<T>(items: &mut [T], rng: &mut dyn Rng) {
    for i in (1..items.len()).rev() {
        items.swap(i, rng.random_range(0..=i));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::Column;
    use campaign_core::ndarray::Array2;
    use jiff::civil::date;
    use rand_xoshiro::{Xoshiro256PlusPlus, rand_core::SeedableRng};

    fn data(n: usize) -> Dataset {
        let x = Array2::from_shape_fn((n, 1), |(row, _)| row as f64);
        let target = (0..n).map(|row| f64::from(row % 5 == 0)).collect();
        Dataset::new(vec![Column::numeric("row")], x).unwrap().with_target(target).unwrap()
    }

    fn rng() -> Xoshiro256PlusPlus {
        Xoshiro256PlusPlus::seed_from_u64(42)
    }

    #[test]
    fn every_row_validates_once_and_never_trains_there() {
        let d = data(103);
        let folds = ShuffledFolds::new(&d, 4, &mut rng()).unwrap();
        let mut seen = vec![0; 103];
        for fold in 0..4 {
            let (train, valid) = folds.split(fold).unwrap();
            assert!((25..=26).contains(&valid.n_rows()));
            let in_valid: Vec<f64> = valid.features().column(0).to_vec();
            assert!(train.features().column(0).iter().all(|row| !in_valid.contains(row)));
            assert_eq!(train.n_rows() + valid.n_rows(), 103);
            in_valid.iter().for_each(|row| seen[*row as usize] += 1);
        }
        assert!(seen.iter().all(|count| *count == 1));
        // The same seed deals the same, another one does not.
        assert_eq!(ShuffledFolds::new(&d, 4, &mut rng()).unwrap().fold_of(), folds.fold_of());
        let other = ShuffledFolds::new(&d, 4, &mut Xoshiro256PlusPlus::seed_from_u64(7)).unwrap();
        assert_ne!(other.fold_of(), folds.fold_of());
    }

    #[test]
    fn strata_are_even() {
        let d = data(500);
        let folds = ShuffledFolds::stratified(&d, 5, &mut rng()).unwrap();
        for fold in 0..5 {
            let (_, valid) = folds.split(fold).unwrap();
            assert_eq!(valid.n_rows(), 100);
            assert_eq!(valid.target().unwrap().iter().sum::<f64>(), 20.0);
        }
    }

    #[test]
    fn groups_stay_whole_and_folds_even() {
        // 40 groups of 1 to 5 rows, 120 in all.
        let groups: Vec<u32> = (0..40_u32).flat_map(|g| vec![g; 1 + g as usize % 5]).collect();
        let d = data(120).with_groups(groups.clone()).unwrap();
        let folds = ShuffledFolds::grouped(&d, 4, &mut rng()).unwrap();
        let mut fold_of_group = vec![None; 40];
        for (group, fold) in groups.iter().zip(folds.fold_of()) {
            let known = fold_of_group[*group as usize].get_or_insert(*fold);
            assert_eq!(known, fold);
        }
        for fold in 0..4 {
            assert_eq!(folds.split(fold).unwrap().1.n_rows(), 30);
        }
        let other = ShuffledFolds::grouped(&d, 4, &mut Xoshiro256PlusPlus::seed_from_u64(7));
        assert_ne!(other.unwrap().fold_of(), folds.fold_of());
        let error = ShuffledFolds::grouped(&d, 41, &mut rng()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "41 folds of 40 groups, expected between 2 folds and one for each"
        );
        let none = ShuffledFolds::grouped(&data(9), 2, &mut rng()).unwrap_err();
        assert_eq!(none, SplitError::NoGroups);
    }

    #[test]
    fn refusals_name_what_is_wrong() {
        let d = data(3);
        let error = |k| ShuffledFolds::new(&d, k, &mut rng()).unwrap_err();
        assert_eq!(error(1), SplitError::Folds { folds: 1, rows: 3 });
        assert_eq!(error(4), SplitError::Folds { folds: 4, rows: 3 });
        let folds = ShuffledFolds::new(&d, 3, &mut rng()).unwrap();
        assert_eq!(folds.split(3).unwrap_err(), SplitError::Fold { fold: 3, folds: 3 });
        let timed = d.clone().with_days(vec![date(2026, 1, 1); 3]).unwrap();
        assert_eq!(ShuffledFolds::new(&timed, 2, &mut rng()).unwrap_err(), SplitError::HasDays);
        let blind = Dataset::new(vec![], Array2::zeros((3, 0))).unwrap();
        let error = ShuffledFolds::stratified(&blind, 2, &mut rng()).unwrap_err();
        assert_eq!(error, SplitError::NoTarget);
    }
}
