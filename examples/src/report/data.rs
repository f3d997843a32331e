//! What the page shows, as plain numbers and texts.
//!
//! Amounts are currency units of [`ReportData::currency`]; shares are fractions (0.25, not 25). A
//! number that is not known is `None` or NaN and appears as a dash. Every list may be empty: its
//! section then says that there is nothing to show, or the [`Skipped`] stage says why.

use jiff::civil::Date;
use serde::Serialize;

/// Everything on the page.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ReportData {
    /// Whose money it is.
    pub brand: String,
    /// First day of the period reported on; `None` if the input has no days.
    pub first_day: Option<Date>,
    /// Last day of the period reported on.
    pub last_day: Option<Date>,
    /// The day as of which the run was made.
    pub as_of: Option<Date>,
    /// ISO 4217 code of every amount on the page.
    pub currency: String,
    /// The run in one sentence.
    pub verdict: String,
    /// The headline figures, in the order to show them.
    pub kpis: Vec<Kpi>,
    /// What the headline figures span and are compared with, such as `28 settled days to 25 Oct
    /// 2026, against the 28 before`; may be empty.
    pub kpi_window: String,
    /// What was read.
    pub sources: Vec<Source>,
    /// The first rejected rows; how many there are in all stands in `sources`.
    pub rejects: Vec<Reject>,
    /// Spend and results per day and channel.
    pub series: Series,
    /// The plan, if one was made (an infeasible one included).
    pub plan: Option<Plan>,
    /// The creative tests.
    pub experiments: Vec<Experiment>,
    /// How live traffic is split.
    pub bandits: Vec<BanditSplit>,
    /// The models that were trained.
    pub models: Vec<ModelQuality>,
    /// The drift check, if one was made.
    pub drift: Option<Drift>,
    /// The creatives that were paused, or that the run advises to pause.
    pub paused: Vec<Paused>,
    /// The decisions, newest last.
    pub decisions: Vec<DecisionLine>,
    /// Head hash of the decision log.
    pub log_head: Option<String>,
    /// The stages that were skipped.
    pub skipped: Vec<Skipped>,
    /// Seed and run times.
    pub run: RunFacts,
}

/// How a number is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Unit {
    /// An amount of the report's currency.
    Money,
    /// A multiple, such as ROAS: `3.42×`.
    Ratio,
    /// A share in [0, 1], written as a percentage.
    Percent,
    /// A count.
    Count,
    /// A bare number.
    #[default]
    Number,
}

/// Which direction of a change is good news.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub enum Better {
    /// Up is good (revenue).
    Higher,
    /// Down is good (cost per acquisition).
    Lower,
    /// Neither (spend).
    #[default]
    Neither,
}

/// A headline figure.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Kpi {
    /// What it is, such as `ROAS`.
    pub name: String,
    /// How it is written.
    pub unit: Unit,
    /// Which direction is good news.
    pub better: Better,
    /// The figure for the period.
    pub value: Option<f64>,
    /// The figure for the period before.
    pub previous: Option<f64>,
    /// Recent values, oldest first, for the sparkline.
    pub history: Vec<Option<f64>>,
}

/// One file that was read.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Source {
    /// The file's name.
    pub file: String,
    /// The platform, such as `Google Ads`.
    pub platform: String,
    /// Data rows in the file.
    pub rows_in: u64,
    /// Rows taken.
    pub ok: u64,
    /// Rows rejected.
    pub rejected: u64,
    /// Rows that repeat another row.
    pub duplicate: u64,
    /// Lines that are no data (headers, preamble, totals).
    pub skipped: u64,
    /// First day in it.
    pub first_day: Option<Date>,
    /// Last day in it.
    pub last_day: Option<Date>,
    /// Share of the days between first and last that have rows.
    pub coverage: Option<f64>,
    /// The account's currency.
    pub currency: Option<String>,
    /// The account's time zone.
    pub zone: Option<String>,
}

/// A row that was not taken.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Reject {
    /// The file.
    pub file: String,
    /// The row's number in it.
    pub row: u64,
    /// The column.
    pub column: String,
    /// What stands there.
    pub value: String,
    /// Why that is no good.
    pub reason: String,
}

/// Daily figures per channel over one list of days.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Series {
    /// The days, ascending.
    pub days: Vec<Date>,
    /// The channels. Their order gives the colours of the whole page.
    pub channels: Vec<ChannelSeries>,
    /// First day whose conversions are still arriving; drawn apart from the settled days.
    pub immature_from: Option<Date>,
}

/// One channel's daily figures, each as long as [`Series::days`], or empty if unknown.
///
/// Input without days has one figure for the whole period; it appears in the totals.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ChannelSeries {
    /// The channel.
    pub channel: String,
    /// Spend.
    pub spend: Vec<f64>,
    /// Revenue.
    pub revenue: Vec<f64>,
    /// Conversions; used for cost per conversion where there is no revenue.
    pub conversions: Vec<f64>,
}

/// The budget plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Plan {
    /// `optimal`, `infeasible`, `unbounded`, `stopped` or `underspent`.
    pub status: String,
    /// What is maximised, such as `revenue at predicted ROAS`.
    pub objective: String,
    /// What the plan is for, such as `2026-05-04 to 2026-05-10`.
    pub period: String,
    /// What one cell is, such as `ad group` or `creative`.
    pub cell_noun: String,
    /// What `expected` counts: money (revenue) or a count (conversions).
    pub expected_unit: Unit,
    /// The budget asked for.
    pub budget: f64,
    /// What the plan spends.
    pub total: f64,
    /// What the last period spent on the same cells.
    pub previous_total: Option<f64>,
    /// Expected result of the plan.
    pub expected: Option<f64>,
    /// Low end of its interval.
    pub expected_low: Option<f64>,
    /// High end of its interval.
    pub expected_high: Option<f64>,
    /// Expected result of repeating the last period, for comparison.
    pub expected_unchanged: Option<f64>,
    /// What one more currency unit of budget would bring.
    pub shadow_price: Option<f64>,
    /// The constraints that contradict each other, if infeasible.
    pub conflicts: Vec<String>,
    /// The cells.
    pub cells: Vec<PlanCell>,
}

/// One cell of the plan.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PlanCell {
    /// The channel.
    pub channel: String,
    /// The campaign, where that is not the name itself.
    pub campaign: Option<String>,
    /// The cell's name.
    pub name: String,
    /// Spend of the last period.
    pub current: f64,
    /// Proposed spend.
    pub proposed: f64,
    /// Expected result at the proposed spend.
    pub expected: Option<f64>,
    /// Low end of its interval.
    pub low: Option<f64>,
    /// High end of its interval.
    pub high: Option<f64>,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// One creative test.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Experiment {
    /// Its name.
    pub name: String,
    /// The channel it runs on, if one.
    pub channel: Option<String>,
    /// What is compared, such as `conversions per click`.
    pub metric: String,
    /// The decision rule in words, its look schedule included.
    pub rule: String,
    /// Simulated rate of false accepts of that rule.
    pub false_accept_rate: Option<f64>,
    /// The test's outcome in words.
    pub decision: String,
    /// The creatives.
    pub arms: Vec<PosteriorArm>,
}

/// One creative's posterior: a Beta law.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct PosteriorArm {
    /// The creative.
    pub name: String,
    /// First parameter of the Beta posterior.
    pub alpha: f64,
    /// Second parameter.
    pub beta: f64,
    /// Trials (clicks).
    pub trials: u64,
    /// Successes (conversions).
    pub successes: u64,
    /// Posterior mean.
    pub mean: f64,
    /// Low end of the credible interval.
    pub low: f64,
    /// High end of the credible interval.
    pub high: f64,
    /// Probability of being the best of the test.
    pub p_best: f64,
    /// Expected loss of choosing it.
    pub expected_loss: Option<f64>,
    /// What was decided, such as `accept`, `continue`, `reject`.
    pub decision: String,
}

/// How a bandit splits traffic now.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct BanditSplit {
    /// Its name.
    pub name: String,
    /// The policy, such as `Beta Thompson sampling`.
    pub policy: String,
    /// The channel it runs on, if one.
    pub channel: Option<String>,
    /// The arms.
    pub arms: Vec<BanditArm>,
}

/// One arm of a bandit.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct BanditArm {
    /// The arm.
    pub name: String,
    /// Probability of being shown next.
    pub share: f64,
    /// Its estimated reward, a rate in [0, 1].
    pub mean: Option<f64>,
    /// How often it was shown.
    pub pulls: Option<u64>,
}

/// How good a model is.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ModelQuality {
    /// Its name.
    pub name: String,
    /// What it predicts.
    pub target: String,
    /// Training rows.
    pub train_rows: u64,
    /// Validation rows.
    pub valid_rows: u64,
    /// How rows were split, such as `trained to 2026-04-12, scored from 2026-04-13`.
    pub split: String,
    /// The metrics on the validation rows.
    pub metrics: Vec<ModelMetric>,
    /// What the importances measure, such as `total gain`.
    pub importance_kind: String,
    /// Importances, in any order.
    pub importance: Vec<Importance>,
}

/// A metric beside its baseline.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct ModelMetric {
    /// Its name, such as `WAPE`.
    pub name: String,
    /// How it is written.
    pub unit: Unit,
    /// Which direction is good.
    pub better: Better,
    /// The model's value.
    pub value: f64,
    /// The baseline's value.
    pub baseline: f64,
    /// What the baseline is, such as `28-day mean`.
    pub baseline_name: String,
}

/// A feature's importance.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Importance {
    /// The feature.
    pub feature: String,
    /// Its importance, in any unit; bars are relative to the largest.
    pub value: f64,
}

/// The drift check.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Drift {
    /// The test and its correction, such as `two-sample KS, Benjamini-Hochberg at 5 %`.
    pub test: String,
    /// What is compared, such as `last 14 days against the 60 days before`.
    pub windows: String,
    /// The features.
    pub features: Vec<DriftRow>,
    /// Whether to retrain; `None` if that was not asked.
    pub retrain: Option<bool>,
    /// Why, in sentences.
    pub why: Vec<String>,
}

/// One feature's drift.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DriftRow {
    /// The feature.
    pub feature: String,
    /// The test's statistic.
    pub statistic: f64,
    /// The p-value.
    pub p: Option<f64>,
    /// The p-value adjusted for the number of features.
    pub p_adjusted: Option<f64>,
    /// The effect size.
    pub effect: f64,
    /// Whether it counts as drifted.
    pub drifted: bool,
}

/// A creative that under-performs.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Paused {
    /// The creative's id.
    pub creative_id: String,
    /// Its name, if it has one.
    pub name: String,
    /// Its channel.
    pub channel: Option<String>,
    /// What it spent in the period.
    pub spend: Option<f64>,
    /// Its conversions in the period.
    pub conversions: Option<f64>,
    /// The cost per acquisition that was expected.
    pub expected_cpa: Option<f64>,
    /// The cost per acquisition that came.
    pub actual_cpa: Option<f64>,
    /// `paused`, `watch` and the like.
    pub status: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// A logged decision.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct DecisionLine {
    /// Its id.
    pub id: String,
    /// When, as it should read.
    pub at: String,
    /// Who decided, such as `budget-planner`.
    pub actor: String,
    /// About what.
    pub subject: String,
    /// What was decided.
    pub action: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}

/// A stage that did not run.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Skipped {
    /// The stage.
    pub stage: String,
    /// Why.
    pub why: String,
}

/// Facts of the run, for the footer.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct RunFacts {
    /// The seed.
    pub seed: u64,
    /// Program and version, such as `campaign_loop 0.1.0`.
    pub program: String,
    /// Seconds per stage, in the order of running.
    pub stages: Vec<StageTime>,
}

/// How long a stage took.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct StageTime {
    /// The stage.
    pub stage: String,
    /// Seconds.
    pub seconds: f64,
}
