//! From values to bin numbers.
//!
//! A numeric column with at most `max_bins` distinct values has a bin for each. Otherwise the
//! bins are weighted quantiles: a value that alone weighs as much as an even share gets its own
//! bin, and the others are filled in ascending order up to an even share of what is left. Bounds
//! are midpoints between neighbouring values. A categorical column has a bin per level. The bin
//! after the last holds the missing values.

use campaign_core::{ColumnKind, Dataset};
use rayon::prelude::*;

use super::error::FitError;

/// Bin numbers of one column, a byte each where they fit.
#[derive(Debug)]
pub(super) enum Codes {
    Narrow(Vec<u8>),
    Wide(Vec<u16>),
}

/// What the bins of a column stand for.
#[derive(Debug, PartialEq)]
pub(super) enum Bins {
    /// Ascending bounds: bin `b` holds the values in `(bounds[b - 1], bounds[b]]`; the last has no
    /// upper bound.
    Numeric(Vec<f64>),
    /// One bin for each of so many levels.
    Levels(usize),
}

impl Bins {
    /// How many bins there are; also the code of missing values.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Numeric(bounds) => bounds.len() + 1,
            Self::Levels(levels) => *levels,
        }
    }

    fn code(&self, value: f64) -> usize {
        match self {
            _ if value.is_nan() => self.len(),
            Self::Numeric(bounds) => bounds.partition_point(|b| *b < value),
            Self::Levels(_) => value as usize,
        }
    }

    /// The threshold that has bins `..= bin` on its left.
    pub(super) fn threshold(&self, bin: usize) -> f64 {
        match self {
            // The last bin has no bound: every finite value is on the left, the missing on the right.
            Self::Numeric(bounds) => bounds.get(bin).copied().unwrap_or(f64::MAX),
            Self::Levels(_) => f64::MAX,
        }
    }
}

/// A column of the training rows, binned.
#[derive(Debug)]
pub(super) struct BinnedColumn {
    pub(super) bins: Bins,
    pub(super) codes: Codes,
}

/// Bins the columns in the order given, for the rows given.
pub(super) fn bin_columns(
    data: &Dataset,
    columns: &[usize],
    rows: &[usize],
    weights: &[f64],
    max_bins: usize,
) -> Result<Vec<BinnedColumn>, FitError> {
    let max = usize::from(u16::MAX);
    for column in data.columns() {
        if let ColumnKind::Categorical { levels } = &column.kind
            && levels.len() > max
        {
            let (column, levels) = (column.name.clone(), levels.len());
            return Err(FitError::TooManyLevels { column, levels, max });
        }
    }
    let features = data.features();
    let bin = |&c: &usize| {
        let values: Vec<f64> = rows.iter().map(|&r| features[[r, c]]).collect();
        let bins = match &data.columns()[c].kind {
            ColumnKind::Numeric => Bins::Numeric(bounds(&values, weights, max_bins)),
            ColumnKind::Categorical { levels } => Bins::Levels(levels.len()),
        };
        let codes = values.iter().map(|&v| bins.code(v));
        let codes = if bins.len() <= usize::from(u8::MAX) {
            Codes::Narrow(codes.map(|c| c as u8).collect())
        } else {
            Codes::Wide(codes.map(|c| c as u16).collect())
        };
        BinnedColumn { bins, codes }
    };
    Ok(columns.par_iter().map(bin).collect())
}

/// A number `m` with `a <= m < b`, near the middle.
fn midpoint(a: f64, b: f64) -> f64 {
    let m = a / 2.0 + b / 2.0;
    if m >= a && m < b { m } else { a }
}

/// Upper bounds of all bins but the last.
pub(super) fn bounds(values: &[f64], weights: &[f64], max_bins: usize) -> Vec<f64> {
    let mut pairs: Vec<(f64, f64)> =
        values.iter().zip(weights).filter(|(v, _)| !v.is_nan()).map(|(v, w)| (*v, *w)).collect();
    // Stable, so that weights of equal values are added in row order.
    pairs.sort_by(|a, b| a.0.partial_cmp(&b.0).unwrap_or(std::cmp::Ordering::Equal));
    pairs.dedup_by(|next, first| {
        let equal = next.0 == first.0;
        if equal {
            first.1 += next.1;
        }
        equal
    });
    if pairs.len() <= max_bins {
        return pairs.windows(2).map(|pair| midpoint(pair[0].0, pair[1].0)).collect();
    }
    quantile_bounds(&pairs, max_bins)
}

fn quantile_bounds(pairs: &[(f64, f64)], max_bins: usize) -> Vec<f64> {
    let total: f64 = pairs.iter().map(|p| p.1).sum();
    let even = total / max_bins as f64;
    let is_heavy = |w: f64| w >= even;
    let heavy = pairs.iter().filter(|p| is_heavy(p.1));
    let (n_heavy, w_heavy) = heavy.fold((0, 0.0), |(n, w), p| (n + 1, w + p.1));
    let mut light_bins = max_bins.saturating_sub(n_heavy).max(1);
    let mut light_weight = total - w_heavy;
    let mut share = light_weight / light_bins as f64;
    let mut bounds = Vec::with_capacity(max_bins - 1);
    let mut filled = 0.0;
    for pair in pairs.windows(2) {
        let ((value, weight), (next, next_weight)) = (pair[0], pair[1]);
        let close = if is_heavy(weight) {
            true
        } else {
            filled += weight;
            light_weight -= weight;
            // Half of the next value rather on this side than all of it on the other.
            filled + next_weight / 2.0 >= share || is_heavy(next_weight)
        };
        if close && bounds.len() + 1 < max_bins {
            bounds.push(midpoint(value, next));
            if !is_heavy(weight) {
                filled = 0.0;
                light_bins = light_bins.saturating_sub(1).max(1);
                share = light_weight / light_bins as f64;
            }
        }
    }
    bounds
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn each_distinct_value_has_its_bin_if_there_are_few() {
        let values = [3.0, 1.0, f64::NAN, 1.0, 2.0, -0.0, 0.0];
        let bins = Bins::Numeric(bounds(&values, &[1.0; 7], 255));
        assert_eq!(bins, Bins::Numeric(vec![0.5, 1.5, 2.5]));
        let codes: Vec<_> = values.iter().map(|v| bins.code(*v)).collect();
        assert_eq!(codes, [3, 1, 4, 1, 2, 0, 0]);
        assert_eq!((bins.threshold(0), bins.threshold(3)), (0.5, f64::MAX));
    }

    #[test]
    fn bounds_separate_neighbouring_floats() {
        let a = 1.0_f64;
        for (a, b) in [(a, a.next_up()), (f64::MIN, f64::MAX), (-5e-324, 0.0), (0.0, 5e-324)] {
            let m = midpoint(a, b);
            assert!(m.is_finite() && a <= m && m < b, "{a} {m} {b}");
        }
    }

    #[test]
    fn heavy_values_stand_alone_and_the_rest_is_even() {
        // Half of the weight on one value, the rest spread evenly over 10 000.
        let mut values: Vec<f64> = (0..10_000).map(f64::from).collect();
        values.extend(vec![5_000.5; 10_000]);
        let b = bounds(&values, &vec![1.0; 20_000], 101);
        let bins = Bins::Numeric(b);
        let mut counts = vec![0; bins.len()];
        values.iter().for_each(|v| counts[bins.code(*v)] += 1);
        assert!(bins.len() >= 99, "{}", bins.len());
        assert_eq!(counts.iter().filter(|c| **c == 10_000).count(), 1);
        assert!(counts.iter().filter(|c| **c != 10_000).all(|c| *c <= 110), "{counts:?}");
    }

    #[test]
    fn weights_move_the_bounds() {
        let values: Vec<f64> = (0..1_000).map(f64::from).collect();
        let weights: Vec<f64> = values.iter().map(|v| if *v < 100.0 { 9.0 } else { 1.0 }).collect();
        let b = bounds(&values, &weights, 10);
        // Half of the weight lies below 100, so half of the bounds do.
        assert_eq!(b.iter().filter(|b| **b < 100.0).count(), 5, "{b:?}");
    }

    proptest! {
        #[test]
        fn bins_are_monotone_and_never_too_many(
            values in prop::collection::vec(-1e3_f64..1e3, 1..400),
            max_bins in 2_usize..40,
        ) {
            let weights: Vec<f64> = values.iter().map(|v| v.abs() + 0.1).collect();
            let bins = Bins::Numeric(bounds(&values, &weights, max_bins));
            prop_assert!(bins.len() <= max_bins);
            let mut sorted = values.clone();
            sorted.sort_by(f64::total_cmp);
            for pair in sorted.windows(2) {
                prop_assert!(bins.code(pair[0]) <= bins.code(pair[1]));
            }
            for v in &values {
                let code = bins.code(*v);
                prop_assert!(*v <= bins.threshold(code));
                prop_assert!(code == 0 || *v > bins.threshold(code - 1));
            }
        }
    }
}
