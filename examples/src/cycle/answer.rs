//! What `campaign_loop --json` prints and `plan.json` holds.
//!
//! Amounts are plain numbers in currency units; what is unknown is `null`.

use std::collections::BTreeMap;

use campaign_core::Status;
use jiff::civil::Date;
use serde::Serialize;

/// The whole answer of a run.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// Data rows read.
    pub rows_in: u64,
    /// Rows taken.
    pub rows_ok: u64,
    /// Rows rejected.
    pub rows_rejected: u64,
    /// Rows that repeat another.
    pub rows_duplicate: u64,
    /// Rows joined over rows owed.
    pub coverage: Option<f64>,
    /// The day the run stands on.
    pub as_of: Date,
    /// Currency of every amount; `null` if the exports do not say.
    pub currency: Option<String>,
    /// First-party orders that name an ad or campaign, and how many of them found it; `null` where
    /// orders are not the source of truth.
    pub orders: Option<OrdersAnswer>,
    /// One entry per file.
    pub sources: Vec<serde_json::Value>,
    /// The forecast model; `null` if none could be trained.
    pub model: Option<ModelAnswer>,
    /// One entry per creative tested.
    pub experiments: Vec<ExperimentAnswer>,
    /// Exact probability with which the live split shows each creative next.
    pub live_split: Vec<SplitAnswer>,
    /// The budget plan.
    pub plan: PlanAnswer,
    /// Creatives paused.
    pub paused: Vec<PausedAnswer>,
    /// One entry per feature watched.
    pub drift: Vec<DriftAnswer>,
    /// Whether to train anew.
    pub retrain: RetrainAnswer,
    /// The decisions logged by this run.
    pub decisions: Vec<DecisionAnswer>,
    /// Hash of the log's last line; publish it to make truncation evident.
    pub log_head: Option<String>,
    /// Stages left out, with the reason.
    pub skipped: BTreeMap<&'static str, String>,
    /// Seconds per stage.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// What became of first-party orders.
#[derive(Debug, Clone, Serialize)]
pub struct OrdersAnswer {
    /// Orders that name an ad or campaign.
    pub owed: u64,
    /// Those of them that found it.
    pub joined: u64,
}

/// How good the forecast is, beside its naive baseline.
#[derive(Debug, Clone, Serialize)]
pub struct ModelAnswer {
    /// Name of the metric; smaller is better.
    pub metric: String,
    /// The model's.
    pub value: f64,
    /// The baseline's.
    pub baseline: f64,
    /// What the baseline predicts.
    pub baseline_name: &'static str,
    /// Rows trained on.
    pub train_rows: usize,
    /// Rows of the metric, all later than those trained on.
    pub valid_rows: usize,
    /// Which of the two the plan uses.
    pub used: &'static str,
    /// Share of validation outcomes inside the stated interval.
    pub interval_coverage: Option<f64>,
    /// Features by total gain, the largest first.
    pub importance: Vec<(String, f64)>,
}

/// One creative of one test.
#[derive(Debug, Clone, Serialize)]
pub struct ExperimentAnswer {
    /// The test: the ad group.
    pub test: String,
    /// The channel.
    pub channel: String,
    /// The creative (ad) id.
    pub creative_id: String,
    /// Its name.
    pub name: String,
    /// Probability of being the best of its test.
    pub p_best: f64,
    /// Expected loss of choosing it, in conversions per click.
    pub expected_loss: f64,
    /// `accept`, `continue`, `inconclusive` or `reject`.
    pub decision: String,
}

/// One creative's share of live traffic.
#[derive(Debug, Clone, Serialize)]
pub struct SplitAnswer {
    /// The ad group.
    pub test: String,
    /// The channel.
    pub channel: String,
    /// The creative (ad) id.
    pub creative_id: String,
    /// Its name.
    pub name: String,
    /// Probability of being shown next.
    pub share: f64,
}

/// The budget plan.
#[derive(Debug, Clone, Serialize)]
pub struct PlanAnswer {
    /// How the plan came out.
    pub status: Status,
    /// The budget asked for.
    pub budget: f64,
    /// What the plan spends; `null` without a plan.
    pub total: Option<f64>,
    /// Expected revenue (or conversions) of the plan.
    pub objective: Option<f64>,
    /// What is maximised.
    pub maximises: &'static str,
    /// Expected at last period's split.
    pub objective_unchanged: Option<f64>,
    /// What one more unit of budget would bring.
    pub shadow_price: Option<f64>,
    /// Constraints that cannot hold together.
    pub conflicts: Vec<String>,
    /// First and last day planned for; `null` for input without days.
    pub days: Option<(Date, Date)>,
    /// One entry per creative and channel.
    pub cells: Vec<CellAnswer>,
}

/// One cell of the plan.
#[derive(Debug, Clone, Serialize)]
pub struct CellAnswer {
    /// The channel.
    pub channel: String,
    /// The creative (ad) id.
    pub creative: String,
    /// Its name.
    pub name: String,
    /// Last period's spend.
    pub current: f64,
    /// Proposed spend; `null` without a plan.
    pub spend: Option<f64>,
    /// Expected revenue (or conversions) of that spend.
    pub expected: Option<f64>,
    /// Low end of its interval.
    pub low: Option<f64>,
    /// High end of its interval.
    pub high: Option<f64>,
    /// Why.
    pub reasons: Vec<String>,
}

/// A creative that is paused.
#[derive(Debug, Clone, Serialize)]
pub struct PausedAnswer {
    /// The creative (ad) id.
    pub creative_id: String,
    /// Its name.
    pub name: String,
    /// Its channel.
    pub channel: String,
    /// What it spent in the window judged.
    pub spend: f64,
    /// What it converted there.
    pub conversions: f64,
    /// Cost per conversion that the forecast expects.
    pub expected_cpa: Option<f64>,
    /// Cost per conversion that was seen; `null` if nothing converted.
    pub actual_cpa: Option<f64>,
    /// `paused`, or `watch` where the limit on pausing was reached.
    pub status: &'static str,
    /// Why.
    pub reasons: Vec<String>,
}

/// Drift of one feature.
#[derive(Debug, Clone, Serialize)]
pub struct DriftAnswer {
    /// The feature.
    pub feature: String,
    /// Kolmogorov–Smirnov distance.
    pub statistic: f64,
    /// Its p-value.
    pub p: f64,
    /// The p-value after Benjamini–Hochberg.
    pub p_adjusted: f64,
    /// Effect size.
    pub effect: f64,
    /// Whether it counts as drifted.
    pub drifted: bool,
}

/// Whether to train anew, and why or why not.
#[derive(Debug, Clone, Default, Serialize)]
pub struct RetrainAnswer {
    /// The decision.
    pub retrain: bool,
    /// The reasons, either way.
    pub why: Vec<String>,
}

/// One logged decision.
#[derive(Debug, Clone, Serialize)]
pub struct DecisionAnswer {
    /// Its id in the log.
    pub id: String,
    /// The part of the loop that decided.
    pub actor: String,
    /// What it is about.
    pub subject: String,
    /// What was decided.
    pub action: String,
    /// Why, in sentences.
    pub reasons: Vec<String>,
}
