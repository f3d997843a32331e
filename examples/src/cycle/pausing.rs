//! Which creatives to pause.

use campaign_core::decision::{Reason, Unit};
use campaign_experiments::Beta;

use super::config::{Goal, Objective, PauseConfig};
use super::forecast::{Forecast, Question};
use super::history::{Facts, History};

/// A creative that costs more per conversion than it may.
#[derive(Debug)]
pub struct Verdict {
    /// Index of the cell.
    pub cell: usize,
    /// Cost per conversion by the forecast.
    pub expected_cpa: Option<f64>,
    /// Cost per conversion that was seen.
    pub actual_cpa: Option<f64>,
    /// Whether it is paused; else it is watched, as the limit on pausing was reached.
    pub paused: bool,
    /// Why.
    pub reasons: Vec<Reason>,
}

/// What one conversion may cost.
///
/// A target ROAS becomes a CPA at the account's revenue per conversion; without a target, the
/// account's own average counts.
#[must_use]
pub fn target_cpa(objective: &Objective, account: &Facts) -> Option<f64> {
    let average = account.spend / account.conversions;
    let target = match (objective.goal, objective.target) {
        (Goal::Cpa, Some(cpa)) => cpa,
        (Goal::Roas, Some(roas)) => account.revenue / account.conversions / roas,
        (_, None) => average,
    };
    (target.is_finite() && target > 0.0).then_some(target)
}

/// What cells are judged by.
#[derive(Debug, Clone, Copy)]
pub struct Judge<'a> {
    /// The cells.
    pub history: &'a History,
    /// What they are expected to bring.
    pub forecast: &'a Forecast,
    /// What is asked of them.
    pub question: &'a Question,
    /// The rule.
    pub config: &'a PauseConfig,
    /// What one conversion may cost.
    pub target: f64,
}

impl Judge<'_> {
    /// Judges every cell by the posterior of its conversions per click, at the clicks its money
    /// bought.
    ///
    /// A cell is paused when its cost per conversion exceeds the target by more than the tolerance
    /// with the probability asked for, and the forecast does not contradict it. The costliest go
    /// first, until the share of `recent` spend that one run may pause is used up.
    #[must_use]
    pub fn run(
        &self,
        facts: &[Facts],
        posteriors: &[Option<Beta>],
        recent: &[f64],
    ) -> Vec<Verdict> {
        let account = facts.iter().fold(Facts::default(), |mut sum, f| {
            sum.add(f);
            sum
        });
        let per_conversion = self.question.of(&account) / account.conversions;
        let mut verdicts: Vec<(f64, Verdict)> = Vec::new();
        for (cell, (own, posterior)) in facts.iter().zip(posteriors).enumerate() {
            if let (Some(posterior), true) = (posterior, recent[cell] > 0.0) {
                verdicts.extend(self.judge(cell, own, posterior, per_conversion));
            }
        }
        verdicts.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cell.cmp(&b.1.cell)));
        let mut left = self.config.max_share * recent.iter().sum::<f64>();
        for (_, verdict) in &mut verdicts {
            let spend = recent[verdict.cell];
            verdict.paused = spend <= left;
            if verdict.paused {
                left -= spend;
            }
        }
        verdicts.into_iter().map(|(_, verdict)| verdict).collect()
    }

    /// The verdict on a cell that is too costly, with how many times the target it costs.
    fn judge(
        &self,
        cell: usize,
        own: &Facts,
        posterior: &Beta,
        per_conversion: f64,
    ) -> Option<(f64, Verdict)> {
        let (config, target) = (self.config, self.target);
        let limit = target * (1.0 + config.tolerance);
        // The cost per click is what it was; how many clicks convert is what is uncertain.
        let cost_per_click = own.spend / own.clicks;
        let break_even = cost_per_click / limit;
        let probability = if break_even >= 1.0 { 1.0 } else { posterior.cdf(break_even) };
        let expected_cpa = self.forecast.rate[cell]
            .map(|rate| per_conversion / rate)
            .filter(|cpa| cpa.is_finite());
        let actual_cpa = Some(own.spend / own.conversions).filter(|cpa| cpa.is_finite());
        let likely = cost_per_click / posterior.mean();
        // A prior may condemn what the cell's own figures and the forecast do not.
        let contradicted =
            expected_cpa.is_some_and(|cpa| cpa <= target) || actual_cpa.unwrap_or(likely) <= limit;
        let enough = own.clicks >= config.min_clicks as f64;
        if !enough || probability <= config.probability || contradicted {
            return None;
        }
        let unit = self.history.currency.map_or(Unit::Number, Unit::Money);
        // Without a conversion there is no observed cost of one, only a likely one.
        let (metric, cpa) = actual_cpa.map_or(("likely_cpa", likely), |cpa| ("observed_cpa", cpa));
        let observed = Reason::above(metric, cpa, limit)
            .with_unit(unit)
            .with_n(own.clicks as u64)
            .with_probability(probability)
            .with_note(format!("the target and {:.0}%", config.tolerance * 100.0));
        let predicted =
            expected_cpa.map(|cpa| Reason::above("predicted_cpa", cpa, target).with_unit(unit));
        let reasons = [Some(observed), predicted].into_iter().flatten().collect();
        let verdict = Verdict { cell, expected_cpa, actual_cpa, paused: false, reasons };
        Some((likely / target, verdict))
    }
}
