//! What a unit of spend on each cell will bring in the period planned for.
//!
//! A row of training is a cell on a day of decision: its features are what was known at the start of
//! that day, its target is the response per spend of the period that follows, weighted by that
//! spend. This is the question the plan asks, so the model is trained and measured on it.

use std::collections::{BTreeMap, HashMap};

use campaign_core::Dataset;
use campaign_core::rand::Rng;
use campaign_experiments::{Beta, Counts};
use campaign_features::feature::FeatureTable;
use campaign_models::{
    Evaluation, Gbdt, GbdtConfig, Metric, Objective, SplitConformal, TemporalSplit,
};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};

use super::config::Goal;
use super::features::{AD, Features};
use super::history::{Facts, History};
use super::shrink::Shrinkage;
use crate::program::{Failure, OrFail as _};

/// Share of outcomes that an interval is to hold.
pub const COVERAGE: f64 = 0.8;

/// Days of decision that the model is measured on.
const TEST_DAYS: i64 = 21;

/// Days of decision, before those, that choose the number of trees.
const TUNING_DAYS: i64 = 14;

/// Fewest rows that are worth a model.
const MIN_ROWS: usize = 200;

/// What to forecast, and from when.
#[derive(Debug, Clone, Copy)]
pub struct Question {
    /// Revenue or conversions.
    pub goal: Goal,
    /// First day of the period planned for.
    pub as_of: Date,
    /// Its length in days.
    pub days: u16,
    /// Days that conversions need to arrive.
    pub maturity: u16,
}

impl Question {
    /// The last day whose conversions have arrived.
    #[must_use]
    pub fn settled(&self) -> Date {
        back(self.as_of, i64::from(self.maturity) + 1)
    }

    /// What is forecast.
    #[must_use]
    pub const fn response(&self) -> &'static str {
        match self.goal {
            Goal::Roas => "revenue",
            Goal::Cpa => "conversions",
        }
    }

    /// The response among some facts.
    #[must_use]
    pub fn of(&self, facts: &Facts) -> f64 {
        match self.goal {
            Goal::Roas => facts.revenue,
            Goal::Cpa => facts.conversions,
        }
    }
}

/// A day some days earlier; stays at the calendar's ends.
#[must_use]
pub fn back(day: Date, days: i64) -> Date {
    day.saturating_sub(days.days())
}

/// Response per unit of spend, cell by cell, with an interval.
#[derive(Debug)]
pub struct Forecast {
    /// Per cell of the history; `None` where nothing is known of it.
    pub rate: Vec<Option<f64>>,
    /// What made it: `model`, `baseline` or `observed rates`.
    pub used: &'static str,
    spread: Spread,
}

#[derive(Debug)]
enum Spread {
    /// Residuals of later periods, in units of the square root of the expected response.
    Conformal { intervals: SplitConformal, unit: f64 },
    /// Per cell, the credible interval of its rate relative to the rate.
    Relative(Vec<Option<(f64, f64)>>),
}

impl Forecast {
    /// The interval of a cell's response of which this much is expected.
    ///
    /// It holds what the period brings (model, baseline), or the expected response (observed rates),
    /// with probability [`COVERAGE`].
    #[must_use]
    pub fn interval(&self, cell: usize, expected: f64) -> Option<(f64, f64)> {
        if expected == 0.0 {
            return Some((0.0, 0.0));
        }
        match &self.spread {
            Spread::Conformal { intervals, unit } => {
                let (low, high) = intervals.interval_scaled(expected, scale(expected, *unit));
                Some((low.max(0.0), high))
            }
            Spread::Relative(ends) => {
                let (low, high) = ends.get(cell).copied().flatten()?;
                Some((low * expected, high * expected))
            }
        }
    }
}

/// Counts vary by about the root of their mean; `unit` is the response of one conversion.
fn scale(expected: f64, unit: f64) -> f64 {
    (unit * expected.max(unit)).sqrt()
}

/// A trained model with its features and how it did.
#[derive(Debug)]
pub struct Trained {
    /// What is added to the shrunk rates, trained on every settled row.
    pub trees: Gbdt,
    /// The rates that the trees start from.
    pub shrinkage: Shrinkage,
    /// On rows later than those that trained the model that was measured.
    pub evaluation: Evaluation,
    /// Rows of that training.
    pub train_rows: usize,
    /// Rows of that measurement.
    pub valid_rows: usize,
    /// The first day of decision that was measured.
    pub cutoff: Date,
    /// Share of measured outcomes inside the interval; the interval was set on the earlier half of
    /// them, this share is of the later half.
    pub interval_coverage: Option<f64>,
}

/// Trains on all days of decision that are settled, measures on the last of them, and scores every
/// cell for the period planned for.
///
/// # Errors
/// [`Failure`] if a stage fails; `Ok(Err(why))` if there is too little to train on.
pub fn train(
    history: &History,
    market: &Features,
    question: &Question,
    now: Timestamp,
    rng: &mut dyn Rng,
) -> Result<Result<(Trained, Forecast), String>, Failure> {
    let (table, rows) = (&market.table, market.training(question, now)?);
    if rows.n_rows() < MIN_ROWS {
        let n = rows.n_rows();
        return Ok(Err(format!("{n} settled rows, {MIN_ROWS} are needed to train")));
    }
    // A target spans the period and is known after the maturity; nothing of either may reach the
    // cut-off.
    let gap = u32::from(question.days) + u32::from(question.maturity) - 1;
    let last = rows.days().and_then(|days| days.iter().max().copied()).unwrap_or(question.as_of);
    let cutoff = back(last, TEST_DAYS - 1);
    // Periods of one ad overlap and most of a week's return is luck: small trees, large leaves.
    let config = GbdtConfig::new(Objective::Squared)
        .with_trees(300)
        .with_learning_rate(0.03)
        .with_max_leaves(4)
        .with_min_child_rows(500)
        .with_l2(300.0)
        .with_row_sample(0.7)
        .with_column_sample(0.5);
    let Ok(outer) = TemporalSplit::new(&rows, cutoff, gap) else {
        return Ok(Err("too few days to train on one part and measure on a later one".into()));
    };
    let inner_cutoff = back(outer.train_before(), TUNING_DAYS);
    let Ok(inner) = TemporalSplit::new(outer.train(), inner_cutoff, gap) else {
        return Ok(Err("too few days to choose the number of trees on".into()));
    };
    let Some(shrinkage) = Shrinkage::fit(table.columns(), inner.train(), question.goal) else {
        return Ok(Err("the features lack the trailing sums that the forecast starts from".into()));
    };
    let start = Start { shrinkage };
    let doing = "training the forecast";
    let tuned = config
        .clone()
        .with_early_stopping(Some(30))
        .fit(&start.residual(inner.train())?, Some(&start.residual(inner.valid())?), rng)
        .or_fail(doing)?;
    let config = config.with_trees(tuned.n_trees().max(1));
    let measured = config.fit(&start.residual(outer.train())?, None, rng).or_fail(doing)?;

    let test = outer.valid();
    let (target, weight) = (part(test.target()), part(test.weights()));
    let fallback = weighted_mean(part(outer.train().target()), part(outer.train().weights()));
    let baseline = trailing_rates(table, question, test, fallback);
    let predicted = start.predict(&measured, test)?;
    let evaluation = Evaluation::new(Metric::Rmse, target, &predicted, &baseline, Some(weight))
        .or_fail("measuring the forecast")?;
    let use_model = evaluation.beats_baseline();

    let total =
        |rates: &[f64]| -> Vec<f64> { rates.iter().zip(weight).map(|(r, w)| r * w).collect() };
    let chosen = total(if use_model { &predicted } else { &baseline });
    let unit = unit_of(history, question);
    let Ok((intervals, interval_coverage)) = calibrate(test, &total(target), &chosen, unit) else {
        return Ok(Err("too few measured rows to state an interval".into()));
    };

    let model = config.fit(&start.residual(&rows)?, None, rng).or_fail(doing)?;
    let scored = market.to_score(question.as_of)?;
    let data = scored.to_dataset(AD).or_fail("features to score")?;
    let scores = if use_model {
        start.predict(&model, &data)?
    } else {
        trailing_rates(&scored, question, &data, fallback)
    };
    let by_cell: HashMap<&str, f64> = scores
        .into_iter()
        .enumerate()
        .filter_map(|(row, score)| Some((&**scored.key(AD, row)?, score)))
        .collect();
    let rate = history.cells.iter().map(|cell| by_cell.get(&*cell.key).copied()).collect();
    let trained = Trained {
        trees: model,
        shrinkage,
        evaluation,
        train_rows: outer.train().n_rows(),
        valid_rows: test.n_rows(),
        cutoff,
        interval_coverage,
    };
    let used = if use_model { "model" } else { "baseline" };
    Ok(Ok((trained, Forecast { rate, used, spread: Spread::Conformal { intervals, unit } })))
}

/// Where the trees start from: they learn what the shrunk rates leave unexplained, so that a model
/// without trees is the shrunk rates and not one mean for all.
#[derive(Debug, Clone, Copy)]
struct Start {
    shrinkage: Shrinkage,
}

impl Start {
    /// The rows with what is left to explain as their target, and weights relative to their mean,
    /// so that the penalties of the trees count in rows.
    fn residual(&self, data: &Dataset) -> Result<Dataset, Failure> {
        let start = self.shrinkage.predict(data);
        let left = part(data.target()).iter().zip(start).map(|(y, start)| y - start).collect();
        let spend = part(data.weights());
        let mean = spend.iter().sum::<f64>() / spend.len().max(1) as f64;
        let relative = spend.iter().map(|spend| spend / mean).collect();
        data.clone()
            .with_target(left)
            .and_then(|data| data.with_weights(relative))
            .or_fail("rows to train on")
    }

    /// Shrunk rates and trees together, never below 0.
    fn predict(&self, trees: &Gbdt, data: &Dataset) -> Result<Vec<f64>, Failure> {
        let start = self.shrinkage.predict(data);
        let correction = trees.predict_dataset(data).or_fail("scoring")?;
        Ok(start.into_iter().zip(correction).map(|(s, c)| (s + c).max(0.0)).collect())
    }
}

fn part(values: Option<&[f64]>) -> &[f64] {
    values.unwrap_or(&[])
}

fn weighted_mean(values: &[f64], weights: &[f64]) -> f64 {
    let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
    sum / weights.iter().sum::<f64>().max(f64::MIN_POSITIVE)
}

/// The naive forecast: the cell's rate of the trailing 28 days known then, or, where it spent
/// nothing, the rate of all training rows.
fn trailing_rates(
    table: &FeatureTable,
    question: &Question,
    data: &Dataset,
    fallback: f64,
) -> Vec<f64> {
    let column = |name: &str| table.columns().iter().position(|c| &*c.name == name);
    let (spend, response) = match question.goal {
        Goal::Roas => (column("spend_28d"), column("revenue_28d")),
        Goal::Cpa => (column("spend_28d"), column("conversions_28d")),
    };
    let rows = data.features();
    let rate = |row: usize| {
        let (spend, response) = (rows[[row, spend?]], rows[[row, response?]]);
        (spend > 0.0 && response.is_finite()).then(|| response / spend)
    };
    (0..data.n_rows()).map(|row| rate(row).unwrap_or(fallback)).collect()
}

/// Response of one conversion, on average.
fn unit_of(history: &History, question: &Question) -> f64 {
    let total = history.total(history.days.0, question.settled());
    let unit = question.of(&total) / total.conversions;
    if unit.is_finite() && unit > 0.0 { unit } else { 1.0 }
}

/// Intervals from all measured rows, and the coverage that intervals from their earlier half have on
/// their later half.
fn calibrate(
    test: &Dataset,
    outcome: &[f64],
    expected: &[f64],
    unit: f64,
) -> Result<(SplitConformal, Option<f64>), campaign_models::conformal::ConformalError> {
    let scales: Vec<f64> = expected.iter().map(|e| scale(*e, unit)).collect();
    let intervals = SplitConformal::fit_scaled(outcome, expected, &scales, COVERAGE)?;
    let days = test.days().unwrap_or(&[]);
    let middle = days.iter().max().map(|last| back(*last, TEST_DAYS / 2));
    let halves =
        middle.map(|middle| (0..days.len()).partition::<Vec<usize>, _>(|&row| days[row] < middle));
    let coverage = halves.and_then(|(early, late)| {
        let pick = |from: &[f64], rows: &[usize]| -> Vec<f64> {
            rows.iter().map(|&row| from[row]).collect()
        };
        let early = SplitConformal::fit_scaled(
            &pick(outcome, &early),
            &pick(expected, &early),
            &pick(&scales, &early),
            COVERAGE,
        )
        .ok()?;
        let inside = |&&row: &&usize| {
            let (low, high) = early.interval_scaled(expected[row], scales[row]);
            (low..=high).contains(&outcome[row])
        };
        (!late.is_empty()).then(|| late.iter().filter(inside).count() as f64 / late.len() as f64)
    });
    Ok((intervals, coverage))
}

/// Clicks whose weight the channel's mean has in a cell's conversion rate.
const PRIOR_CLICKS: f64 = 100.0;

/// The posterior of each cell's conversions per click over some days, drawn towards the mean of its
/// channel; `None` without clicks or with more conversions than clicks.
///
/// # Errors
/// If a channel's figures cannot be a prior.
pub fn conversion_rates(
    history: &History,
    from: Date,
    to: Date,
) -> Result<Vec<Option<Beta>>, Failure> {
    let facts: Vec<Facts> = (0..history.cells.len()).map(|c| history.sum(c, from, to)).collect();
    let mut channels: BTreeMap<&str, Facts> = BTreeMap::new();
    for (cell, facts) in history.cells.iter().zip(&facts) {
        channels.entry(cell.channel.as_str()).or_default().add(facts);
    }
    let mut rates = Vec::with_capacity(facts.len());
    for (cell, own) in history.cells.iter().zip(&facts) {
        let all = channels[cell.channel.as_str()];
        let mean = ((all.conversions + 0.5) / (all.clicks + 1.0)).clamp(1e-4, 1.0 - 1e-4);
        let prior = Beta::new(mean * PRIOR_CLICKS, (1.0 - mean) * PRIOR_CLICKS)
            .or_fail("prior of a channel")?;
        let counts = Counts::new(own.conversions, own.clicks).ok().filter(|_| own.clicks > 0.0);
        rates.push(counts.and_then(|counts| prior.updated(&counts).ok()));
    }
    Ok(rates)
}

/// The forecast without a model: the cell's conversions per click, drawn towards its channel's, at
/// its own clicks per spend (or its channel's, where it has none) and the account's response per
/// conversion. A cell of a channel without clicks has none.
///
/// # Errors
/// As [`conversion_rates`].
pub fn observed(history: &History, question: &Question, from: Date) -> Result<Forecast, Failure> {
    let to = question.settled().max(from);
    let posteriors = conversion_rates(history, from, to)?;
    let unit = unit_of(history, question);
    let facts: Vec<(Facts, Facts)> = (0..history.cells.len())
        .map(|cell| (history.sum(cell, from, to), history.sum(cell, from, history.days.1)))
        .collect();
    let mut channels: BTreeMap<&str, (Facts, Facts)> = BTreeMap::new();
    for (cell, (settled, all)) in history.cells.iter().zip(&facts) {
        let sums = channels.entry(cell.channel.as_str()).or_default();
        sums.0.add(settled);
        sums.1.add(all);
    }
    let (mut rate, mut ends) = (Vec::new(), Vec::new());
    for ((cell, posterior), (settled, all)) in history.cells.iter().zip(&posteriors).zip(&facts) {
        let channel = channels[cell.channel.as_str()];
        let prices = [all, &channel.1];
        let price = prices.iter().find(|f| f.clicks > 0.0 && f.spend > 0.0);
        let mean = (channel.0.conversions + 0.5) / (channel.0.clicks + 1.0);
        // Conversions may exceed clicks where a platform counts views: a mean has no trouble there.
        let converting =
            (settled.conversions + PRIOR_CLICKS * mean) / (settled.clicks + PRIOR_CLICKS);
        rate.push(price.map(|f| f.clicks / f.spend * converting * unit));
        let interval = posterior.and_then(|posterior| {
            let (low, high) = posterior.interval(COVERAGE).ok()?;
            Some((low / posterior.mean(), high / posterior.mean()))
        });
        ends.push(interval);
    }
    Ok(Forecast { rate, used: "observed rates", spread: Spread::Relative(ends) })
}
