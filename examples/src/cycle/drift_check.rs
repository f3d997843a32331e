//! Whether what the model learnt from still holds.

use campaign_core::{Dataset, DriftReport, DriftTest as _};
use campaign_drift::{
    FeatureDrift, Monitor, PageHinkleyConfig, RetrainConfig, RetrainDecision, Thresholds,
};
use campaign_features::feature::FeatureTable;
use campaign_features::feature::spec::{Definition, FeatureSpec};
use jiff::ToSpan as _;
use jiff::civil::Date;

use super::config::DriftConfig;
use super::forecast::{Question, back};
use super::history::History;
use crate::program::{Failure, OrFail as _};

/// Days from one check to the next.
const CHECK_EVERY: i64 = 7;

/// What the checks came to.
#[derive(Debug)]
pub struct Checked {
    /// The features at the last check.
    pub features: Vec<FeatureDrift>,
    /// The test on the daily return.
    pub kpi: Option<DriftReport>,
    /// Whether to train anew, and why or why not.
    pub decision: RetrainDecision,
    /// The windows of the last check, in words.
    pub windows: String,
}

/// Compares the features of recent days with those of the days before, week by week up to now, as
/// the policy would have seen them; `Ok(Err(why))` where a window has no rows.
///
/// # Errors
/// [`Failure`] for settings that cannot be.
pub fn run(
    history: &History,
    table: &FeatureTable,
    spec: &FeatureSpec,
    question: &Question,
    config: &DriftConfig,
) -> Result<Result<Checked, String>, Failure> {
    let doing = "checking for drift";
    let thresholds =
        Thresholds::default().with_fdr(config.fdr).with_min_statistic(config.min_effect);
    let monitor = Monitor::new(thresholds);
    let mut policy = RetrainConfig::default()
        .with_thresholds(thresholds)
        .with_persistence(config.persistence)
        .with_cool_down_days(u32::from(config.cooldown_days))
        .build()
        .or_fail(doing)?;
    let watched = watched(table, spec).or_fail(doing)?;
    let kpi = returns(history, question)?;
    let checks = i64::from(config.persistence).max(1);
    let mut last = None;
    for check in (0..checks).rev() {
        let day = back(question.as_of, check * CHECK_EVERY);
        let current = back(day, i64::from(config.current_days));
        let reference = back(current, i64::from(config.reference_days));
        let before = between(&watched, reference, current).or_fail(doing)?;
        let now = between(&watched, current, day).or_fail(doing)?;
        if before.n_rows() == 0 || now.n_rows() == 0 {
            continue;
        }
        let features = monitor.compare(&before, &now).or_fail(doing)?;
        let kpi = if check == 0 { kpi } else { None };
        let decision = policy.check(day, &features, kpi).or_fail(doing)?;
        let windows =
            format!("{current} to {} against {reference} to {}", back(day, 1), back(current, 1));
        last = Some(Checked { features, kpi, decision, windows });
    }
    Ok(last.ok_or_else(|| "too few days for a reference and a current window".to_owned()))
}

/// What performance is made of; not the calendar or the age of ads, which drift by nature.
fn watched(
    table: &FeatureTable,
    spec: &FeatureSpec,
) -> Result<Dataset, campaign_core::dataset::DatasetError> {
    let moves = |d: &Definition| matches!(d, Definition::Rate { .. } | Definition::Share { .. });
    let features = spec.features.iter().enumerate();
    let keep: Vec<usize> = features.filter(|(_, f)| moves(&f.definition)).map(|(i, _)| i).collect();
    let columns = keep.iter().map(|&c| table.columns()[c].clone()).collect();
    let values = table.values().select(campaign_core::ndarray::Axis(1), &keep);
    let days = (0..table.n_rows()).filter_map(|row| table.day(row)).collect();
    Dataset::new(columns, values)?.with_days(days)
}

/// Rows of the days `[from, to)`.
fn between(
    data: &Dataset,
    from: Date,
    to: Date,
) -> Result<Dataset, campaign_core::dataset::DatasetError> {
    let days = data.days().unwrap_or(&[]);
    let rows: Vec<usize> = (0..days.len()).filter(|&r| from <= days[r] && days[r] < to).collect();
    data.select(&rows)
}

/// Page–Hinkley on the account's daily return; its settings are fitted to the first half of the
/// settled days, which it then runs over too.
fn returns(history: &History, question: &Question) -> Result<Option<DriftReport>, Failure> {
    let (first, last) = (history.days.0, question.settled().min(history.days.1));
    let mut daily = Vec::new();
    let mut day = first;
    while day <= last {
        let facts = history.total(day, day);
        if facts.spend > 0.0 {
            daily.push(question.of(&facts) / facts.spend);
        }
        day = day.saturating_add(1.day());
    }
    let half = &daily[..daily.len() / 2];
    if half.len() < 14 {
        return Ok(None);
    }
    let mean = half.iter().sum::<f64>() / half.len() as f64;
    let variance = half.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / (half.len() - 1) as f64;
    if variance <= 0.0 {
        return Ok(None);
    }
    let doing = "watching the daily return";
    let mut test =
        PageHinkleyConfig::for_deviation(variance.sqrt()).with_warmup(14).build().or_fail(doing)?;
    for value in daily {
        test.observe(value).or_fail(doing)?;
    }
    Ok(Some(test.report()))
}
