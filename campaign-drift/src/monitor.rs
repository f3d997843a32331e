//! Comparing two tables feature by feature.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use campaign_core::{ColumnKind, Dataset};

use crate::effect::{cliffs_delta, median_shift};
use crate::error::DriftError;
use crate::fdr::benjamini_hochberg;
use crate::ks::{self, KsMethod};
use crate::psi::{divergence, population_stability_index};

/// When a feature counts as drifted: surely changed and by enough to matter.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Thresholds {
    /// Expected share of false alarms among the features flagged; 0.05 unless set.
    pub fdr: f64,
    /// Smallest Kolmogorov-Smirnov statistic that matters; 0.1 unless set.
    pub min_statistic: f64,
    /// Change of the share of missing values from which on it is pointed out; 0.1 unless set.
    pub max_missing_change: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { fdr: 0.05, min_statistic: 0.1, max_missing_change: 0.1 }
    }
}

impl Thresholds {
    /// Sets the false discovery rate.
    #[must_use]
    pub const fn with_fdr(mut self, fdr: f64) -> Self {
        self.fdr = fdr;
        self
    }

    /// Sets the smallest statistic that matters.
    #[must_use]
    pub const fn with_min_statistic(mut self, min_statistic: f64) -> Self {
        self.min_statistic = min_statistic;
        self
    }

    /// Sets the change of the missing share that is pointed out.
    #[must_use]
    pub const fn with_max_missing_change(mut self, change: f64) -> Self {
        self.max_missing_change = change;
        self
    }

    /// Checks that each is a share.
    ///
    /// # Errors
    /// [`DriftError::Setting`].
    pub fn check(&self) -> Result<(), DriftError> {
        for (what, value) in [
            ("fdr", self.fdr),
            ("min_statistic", self.min_statistic),
            ("max_missing_change", self.max_missing_change),
        ] {
            if !(0.0..=1.0).contains(&value) {
                return Err(DriftError::Setting { what, value, expected: "a share in 0..=1" });
            }
        }
        Ok(())
    }

    /// Whether a row counts as drifted.
    #[must_use]
    pub fn drifted(&self, row: &FeatureDrift) -> bool {
        matches!((row.p_adjusted, row.statistic), (Some(p), Some(d)) if p <= self.fdr && d >= self.min_statistic)
    }
}

/// What is known of one feature.
///
/// The figures of the test are `None` where no test was possible: a categorical column, or no value
/// present in one of the tables.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct FeatureDrift {
    /// Its name.
    pub feature: String,
    /// The Kolmogorov-Smirnov statistic, in `0..=1`.
    pub statistic: Option<f64>,
    /// Its p-value.
    pub p: Option<f64>,
    /// The p-value adjusted for the number of features, by Benjamini and Hochberg.
    pub p_adjusted: Option<f64>,
    /// Cliff's delta, in `-1..=1`: positive where current values are larger. Blind to a change of
    /// spread alone, which `statistic` shows.
    pub effect: Option<f64>,
    /// Shift of the median in interquartile ranges of the reference.
    pub median_shift: Option<f64>,
    /// Population stability index over ten bins, or over the levels of a categorical column.
    pub psi: Option<f64>,
    /// Values present in the reference table.
    pub n_reference: usize,
    /// Values present in the current table.
    pub n_current: usize,
    /// Share of missing values in the reference table.
    pub missing_reference: f64,
    /// Share of missing values in the current table.
    pub missing_current: f64,
    /// Whether the missing share changed by more than the threshold.
    pub missing_changed: bool,
    /// Whether the feature counts as drifted.
    pub drifted: bool,
}

impl FeatureDrift {
    /// Change of the missing share.
    #[must_use]
    pub fn missing_change(&self) -> f64 {
        self.missing_current - self.missing_reference
    }
}

/// Compares a reference table with a current one.
///
/// # Examples
/// ```
/// use campaign_drift::Monitor;
/// let spend: Vec<f64> = (0..200).map(f64::from).collect();
/// let dearer: Vec<f64> = spend.iter().map(|s| s + 80.0).collect();
/// let rows = Monitor::default().compare_columns(
///     &[("spend", &spend), ("age", &spend)],
///     &[("age", &spend), ("spend", &dearer)],
/// )?;
/// assert!(rows[0].feature == "spend" && rows[0].drifted);
/// assert!(rows[1].feature == "age" && !rows[1].drifted);
/// # Ok::<(), campaign_drift::DriftError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Monitor {
    /// When a feature counts as drifted.
    pub thresholds: Thresholds,
    /// How p-values are computed.
    pub method: KsMethod,
}

/// One feature of a table: its name, its values and, where it is categorical, its levels.
struct Feature<'a> {
    name: &'a str,
    values: Vec<f64>,
    levels: Option<&'a [Arc<str>]>,
}

impl Monitor {
    /// With these thresholds.
    #[must_use]
    pub const fn new(thresholds: Thresholds) -> Self {
        Self { thresholds, method: KsMethod::Auto }
    }

    /// Sets how p-values are computed.
    #[must_use]
    pub const fn with_method(mut self, method: KsMethod) -> Self {
        self.method = method;
        self
    }

    /// Compares two data sets, column by column, matched by name; the rows come in the order of the
    /// reference.
    ///
    /// A categorical column has a stability index but no test: the statistic would depend on the order
    /// of its levels. Levels are matched by name.
    ///
    /// # Errors
    /// [`DriftError::MissingFeature`], [`DriftError::KindChanged`], [`DriftError::Setting`];
    /// [`DriftError::Empty`] for a table without rows.
    pub fn compare(
        &self,
        reference: &Dataset,
        current: &Dataset,
    ) -> Result<Vec<FeatureDrift>, DriftError> {
        self.run(of_dataset(reference), of_dataset(current))
    }

    /// As [`compare`](Self::compare), of named numeric columns; NaN stands for missing.
    ///
    /// # Errors
    /// As [`compare`](Self::compare); [`DriftError::DuplicateFeature`] for a name that occurs twice in
    /// a table, [`DriftError::Value`] for an infinite value.
    pub fn compare_columns(
        &self,
        reference: &[(&str, &[f64])],
        current: &[(&str, &[f64])],
    ) -> Result<Vec<FeatureDrift>, DriftError> {
        self.run(of_columns("reference", reference)?, of_columns("current", current)?)
    }

    fn run(
        &self,
        reference: Vec<Feature<'_>>,
        current: Vec<Feature<'_>>,
    ) -> Result<Vec<FeatureDrift>, DriftError> {
        self.thresholds.check()?;
        let order: Vec<&str> = reference.iter().map(|f| f.name).collect();
        let (mut reference, mut current) = (by_name(reference)?, by_name(current)?);
        let mut rows = Vec::with_capacity(order.len());
        for name in order {
            match (reference.remove(name), current.remove(name)) {
                (Some(before), Some(now)) => rows.push(self.row(before, now)?),
                _ => return Err(absent(name, "current")),
            }
        }
        if let Some(name) = current.keys().next() {
            return Err(absent(name, "reference"));
        }
        let tested: Vec<f64> = rows.iter().filter_map(|r| r.p).collect();
        let mut adjusted = benjamini_hochberg(&tested)?.into_iter();
        for row in &mut rows {
            row.p_adjusted = row.p.and_then(|_| adjusted.next());
            row.drifted = self.thresholds.drifted(row);
        }
        Ok(rows)
    }

    fn row(&self, before: Feature<'_>, now: Feature<'_>) -> Result<FeatureDrift, DriftError> {
        let (reference, missing_reference) = present("reference", before.values)?;
        let (current, missing_current) = present("current", now.values)?;
        let mut row = FeatureDrift {
            feature: before.name.to_owned(),
            statistic: None,
            p: None,
            p_adjusted: None,
            effect: None,
            median_shift: None,
            psi: None,
            n_reference: reference.len(),
            n_current: current.len(),
            missing_reference,
            missing_current,
            missing_changed: (missing_current - missing_reference).abs()
                > self.thresholds.max_missing_change,
            drifted: false,
        };
        match (before.levels, now.levels) {
            _ if reference.is_empty() || current.is_empty() => {}
            (None, None) => {
                let test = ks::test(&reference, &current, self.method)?;
                row.statistic = Some(test.statistic);
                row.p = Some(test.p_value);
                row.effect = Some(cliffs_delta(&reference, &current));
                row.median_shift = median_shift(&reference, &current);
                row.psi = population_stability_index(&reference, &current, 10);
            }
            (Some(levels), Some(now)) => {
                // Levels of either table, by name.
                let names: BTreeSet<&str> = levels.iter().chain(now).map(|l| &**l).collect();
                let reference = level_counts(&names, levels, &reference);
                row.psi = Some(divergence(&reference, &level_counts(&names, now, &current)));
            }
            _ => return Err(DriftError::KindChanged(row.feature)),
        }
        Ok(row)
    }
}

/// How often each of the levels `names` occurs.
fn level_counts(names: &BTreeSet<&str>, levels: &[Arc<str>], values: &[f64]) -> Vec<usize> {
    let mut counts: BTreeMap<&str, usize> = names.iter().map(|name| (*name, 0)).collect();
    for value in values {
        let cell = levels.get(*value as usize).and_then(|level| counts.get_mut(&**level));
        if let Some(cell) = cell {
            *cell += 1;
        }
    }
    counts.into_values().collect()
}

/// The values that are present, sorted, and the share of those that are not.
fn present(table: &'static str, mut values: Vec<f64>) -> Result<(Vec<f64>, f64), DriftError> {
    let rows = values.len();
    if rows == 0 {
        return Err(DriftError::Empty(table));
    }
    values.retain(|v| !v.is_nan());
    values.sort_unstable_by(f64::total_cmp);
    let missing = (rows - values.len()) as f64 / rows as f64;
    Ok((values, missing))
}

fn absent(feature: &str, from: &'static str) -> DriftError {
    DriftError::MissingFeature { feature: feature.to_owned(), from }
}

fn by_name<'a>(features: Vec<Feature<'a>>) -> Result<BTreeMap<&'a str, Feature<'a>>, DriftError> {
    let mut map = BTreeMap::new();
    for feature in features {
        if let Some(twice) = map.insert(feature.name, feature) {
            return Err(DriftError::DuplicateFeature(twice.name.to_owned()));
        }
    }
    Ok(map)
}

fn of_dataset(data: &Dataset) -> Vec<Feature<'_>> {
    let table = data.features();
    let pairs = data.columns().iter().zip(table.columns());
    let features = pairs.map(|(column, values)| {
        let levels = match &column.kind {
            ColumnKind::Categorical { levels } => Some(&**levels),
            _ => None,
        };
        Feature { name: &column.name, values: values.to_vec(), levels }
    });
    features.collect()
}

fn of_columns<'a>(
    table: &'static str,
    columns: &[(&'a str, &[f64])],
) -> Result<Vec<Feature<'a>>, DriftError> {
    let feature = |&(name, values): &(&'a str, &[f64])| match values
        .iter()
        .enumerate()
        .find(|(_, v)| v.is_infinite())
    {
        Some((row, &value)) => {
            Err(DriftError::Value { feature: name.to_owned(), table, row, value })
        }
        None => Ok(Feature { name, values: values.to_vec(), levels: None }),
    };
    columns.iter().map(feature).collect()
}
