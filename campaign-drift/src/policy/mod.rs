//! When to retrain, and why or why not.

mod why;

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::{DriftReport, DriftState};
use jiff::civil::Date;

use crate::error::DriftError;
use crate::monitor::{FeatureDrift, Thresholds};

pub use why::Why;

/// Settings of a [`RetrainPolicy`].
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RetrainConfig {
    /// When a feature counts as drifted at a check.
    pub thresholds: Thresholds,
    /// Checks in a row at which a feature must be drifted; 2 unless set.
    pub persistence: u32,
    /// How many such features it takes; 1 unless set.
    pub min_features: u32,
    /// Days that must pass from one retraining to the next; 14 unless set.
    pub cool_down_days: u32,
}

impl Default for RetrainConfig {
    fn default() -> Self {
        Self {
            thresholds: Thresholds::default(),
            persistence: 2,
            min_features: 1,
            cool_down_days: 14,
        }
    }
}

impl RetrainConfig {
    /// Sets when a feature counts as drifted.
    #[must_use]
    pub const fn with_thresholds(mut self, thresholds: Thresholds) -> Self {
        self.thresholds = thresholds;
        self
    }

    /// Sets the checks in a row.
    #[must_use]
    pub const fn with_persistence(mut self, checks: u32) -> Self {
        self.persistence = checks;
        self
    }

    /// Sets how many features it takes.
    #[must_use]
    pub const fn with_min_features(mut self, features: u32) -> Self {
        self.min_features = features;
        self
    }

    /// Sets the cool-down.
    #[must_use]
    pub const fn with_cool_down_days(mut self, days: u32) -> Self {
        self.cool_down_days = days;
        self
    }

    /// Checks the settings and makes the policy.
    ///
    /// # Errors
    /// [`DriftError::Setting`].
    pub fn build(self) -> Result<RetrainPolicy, DriftError> {
        self.thresholds.check()?;
        for (what, value) in
            [("persistence", self.persistence), ("min_features", self.min_features)]
        {
            if value == 0 {
                return Err(DriftError::Setting { what, value: 0.0, expected: "at least 1" });
            }
        }
        Ok(RetrainPolicy { config: self, state: RetrainState::default() })
    }
}

/// What a policy remembers from check to check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RetrainState {
    /// Checks in a row at which a feature was drifted; features without are absent.
    pub runs: BTreeMap<String, u32>,
    /// The day of the last check.
    pub last_check: Option<Date>,
    /// The day of the last retraining.
    pub last_retrain: Option<Date>,
}

/// What a policy decided.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RetrainDecision {
    /// The day of the check.
    pub day: Date,
    /// Whether to retrain.
    pub retrain: bool,
    /// What speaks for it and what against it, never empty.
    pub why: Vec<Why>,
}

/// Decides whether to retrain: a change that is sure, matters, persists, and does not come right after
/// the last retraining.
///
/// An alarm on the KPI needs no persistence, as its test accumulates evidence already; the cool-down
/// holds for it too. The policy does not know whether a retraining took place: tell it by
/// [`retrained`](Self::retrained).
///
/// # Examples
/// ```
/// use campaign_drift::{Monitor, RetrainConfig};
/// use jiff::civil::date;
/// let before: Vec<f64> = (0..300).map(f64::from).collect();
/// let now: Vec<f64> = before.iter().map(|x| x + 90.0).collect();
/// let rows = Monitor::default().compare_columns(&[("spend", &before)], &[("spend", &now)])?;
///
/// let mut policy = RetrainConfig::default().build()?;
/// let first = policy.check(date(2026, 3, 2), &rows, None)?;
/// assert!(!first.retrain);
/// assert_eq!(
///     first.why[0].to_string(),
///     "spend has drifted (KS statistic 0.300), persistence 1 of 2"
/// );
/// assert!(policy.check(date(2026, 3, 9), &rows, None)?.retrain);
/// policy.retrained(date(2026, 3, 9));
/// # Ok::<(), campaign_drift::DriftError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RetrainPolicy {
    config: RetrainConfig,
    state: RetrainState,
}

impl RetrainPolicy {
    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &RetrainConfig {
        &self.config
    }

    /// What it remembers.
    #[must_use]
    pub const fn state(&self) -> &RetrainState {
        &self.state
    }

    /// Goes on from a remembered state.
    #[must_use]
    pub fn with_state(mut self, state: RetrainState) -> Self {
        self.state = state;
        self
    }

    /// Records that the model was retrained: the cool-down begins and persistence is counted afresh,
    /// because later checks compare with another reference.
    pub fn retrained(&mut self, day: Date) {
        self.state.last_retrain = Some(self.state.last_retrain.map_or(day, |last| last.max(day)));
        self.state.runs.clear();
    }

    /// Judges one check.
    ///
    /// Rows are judged by the policy's own thresholds, not by their `drifted` flag. A feature that is
    /// not among the rows starts afresh. The order of the rows does not matter.
    ///
    /// # Errors
    /// [`DriftError::Day`] unless the day is later than that of the last check: a check that runs twice
    /// must not count twice. [`DriftError::DuplicateFeature`]. The state is then unchanged.
    pub fn check(
        &mut self,
        day: Date,
        rows: &[FeatureDrift],
        kpi: Option<DriftReport>,
    ) -> Result<RetrainDecision, DriftError> {
        if let Some(last) = self.state.last_check.filter(|last| day <= *last) {
            return Err(DriftError::Day { day, last });
        }
        let by_name: BTreeMap<&str, &FeatureDrift> =
            rows.iter().map(|row| (row.feature.as_str(), row)).collect();
        if by_name.len() < rows.len() {
            let mut seen = BTreeSet::new();
            let twice = rows.iter().find(|row| !seen.insert(row.feature.as_str()));
            return Err(DriftError::DuplicateFeature(
                twice.map_or_else(String::new, |row| row.feature.clone()),
            ));
        }
        let mut runs = BTreeMap::new();
        let (mut persistent, mut waiting, mut missing) = (Vec::new(), Vec::new(), Vec::new());
        for row in by_name.values() {
            if let Some(why) = self.missing(row) {
                missing.push(why);
            }
            if self.config.thresholds.drifted(row) {
                let run = self.state.runs.get(&row.feature).map_or(1, |run| run.saturating_add(1));
                runs.insert(row.feature.clone(), run);
                let done = run >= self.config.persistence;
                let why = self.feature(row, run, done);
                if done { persistent.push(why) } else { waiting.push(why) }
            }
        }
        let features = persistent.len() as u32;
        let enough = features >= self.config.min_features;
        let alarm = kpi.filter(|report| report.state == DriftState::Drift);
        let cool_down = self.cool_down(day);
        let retrain = (enough || alarm.is_some()) && cool_down.is_none();

        let quiet = persistent.is_empty() && waiting.is_empty() && alarm.is_none();
        let mut why = persistent;
        why.extend(alarm.map(|r| Why::Kpi {
            statistic: r.statistic,
            threshold: r.threshold,
            n: r.n,
        }));
        if features > 0 && !enough {
            why.push(Why::TooFewFeatures { features, needed: self.config.min_features });
        }
        why.extend(waiting);
        if quiet {
            why.push(Why::NoDrift {
                features: rows.iter().filter(|row| row.statistic.is_some()).count() as u32,
                largest: rows.iter().filter_map(|row| row.statistic).reduce(f64::max),
                min_statistic: self.config.thresholds.min_statistic,
            });
        }
        why.extend(cool_down);
        why.extend(missing);
        self.state.runs = runs;
        self.state.last_check = Some(day);
        Ok(RetrainDecision { day, retrain, why })
    }

    fn feature(&self, row: &FeatureDrift, run: u32, done: bool) -> Why {
        let (feature, needed) = (row.feature.clone(), self.config.persistence);
        let statistic = row.statistic.unwrap_or(0.0);
        let Thresholds { fdr, min_statistic, .. } = self.config.thresholds;
        if !done {
            return Why::Persistence { feature, statistic, run, needed };
        }
        let p_adjusted = row.p_adjusted.unwrap_or(1.0);
        Why::Feature { feature, statistic, min_statistic, p_adjusted, fdr, run, needed }
    }

    fn missing(&self, row: &FeatureDrift) -> Option<Why> {
        let threshold = self.config.thresholds.max_missing_change;
        (row.missing_change().abs() > threshold).then(|| Why::Missing {
            feature: row.feature.clone(),
            before: row.missing_reference,
            now: row.missing_current,
            threshold,
        })
    }

    /// What is left of the cool-down on a day.
    fn cool_down(&self, day: Date) -> Option<Why> {
        let last_retrain = self.state.last_retrain?;
        let needed = self.config.cool_down_days;
        let until = last_retrain
            .checked_add(jiff::Span::new().try_days(i64::from(needed)).ok()?)
            .unwrap_or(Date::MAX);
        let days = last_retrain.duration_until(day).as_hours() / 24;
        let days = u32::try_from(days).unwrap_or(0);
        (day < until).then_some(Why::CoolDown { last_retrain, until, days, needed })
    }
}
