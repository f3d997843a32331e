//! Every automated decision of a run, with its reasons, for the log.

use campaign_core::Decision;
use campaign_core::decision::{Alternative, Reason, Unit};
use campaign_drift::{RetrainDecision, Why};
use campaign_experiments::Verdict as TestVerdict;
use jiff::Timestamp;

use super::budget::Budgeted;
use super::config::Config;
use super::creative_test::{CreativeTest, rule};
use super::forecast::{Forecast, Trained};
use super::history::History;
use super::pausing::Verdict;
use crate::program::Failure;

/// Collects the decisions of one run; they are made at one instant, the day the run stands on.
#[derive(Debug)]
pub struct Decisions<'a> {
    at: Timestamp,
    seed: u64,
    model_version: Option<String>,
    history: &'a History,
    /// Records that the log holds already.
    logged: u64,
    made: Vec<Decision>,
}

impl<'a> Decisions<'a> {
    /// None yet.
    #[must_use]
    pub fn new(
        at: Timestamp,
        seed: u64,
        model_version: Option<String>,
        history: &'a History,
        logged: u64,
    ) -> Self {
        Self { at, seed, model_version, history, logged, made: Vec::new() }
    }

    /// Those made so far.
    #[must_use]
    pub fn made(&self) -> &[Decision] {
        &self.made
    }

    fn push(
        &mut self,
        actor: &str,
        subject: String,
        action: &str,
        fill: impl FnOnce(Decision) -> Decision,
    ) {
        let day = self.at.strftime("%F");
        let id = format!("{day}/{actor}/{}", self.logged + self.made.len() as u64 + 1);
        let decision = Decision::new(id, self.at, actor, subject, action).with_seed(self.seed);
        let decision = match &self.model_version {
            Some(version) => decision.with_model_version(version),
            None => decision,
        };
        self.made.push(fill(decision));
    }

    /// Whether the plan follows the model or its baseline.
    pub fn forecast(&mut self, trained: &Trained, forecast: &Forecast) {
        let evaluation = trained.evaluation;
        let reason = if evaluation.beats_baseline() { Reason::below } else { Reason::at_least };
        let metric = format!("{} of the model", evaluation.metric);
        let reason = reason(metric, evaluation.value, evaluation.baseline)
            .with_n(trained.valid_rows as u64)
            .with_note("on later days than it was trained on, against the baseline's");
        self.push("forecast", "forecast".into(), &format!("use the {}", forecast.used), |d| {
            d.with_reason(reason)
                .with_input("train_rows", trained.train_rows as f64)
                .with_alternative(Alternative::new("model").with_value(evaluation.value))
                .with_alternative(Alternative::new("baseline").with_value(evaluation.baseline))
        });
    }

    /// The outcome of each creative test that ended in a winner, and the first live choice of each.
    pub fn tests(&mut self, tests: &[CreativeTest], config: &Config) {
        let threshold = rule(&config.experiments).threshold;
        for test in tests {
            let subject = format!("ad group {} / {}", test.channel, test.name);
            let comparison = &test.assessment.comparison;
            let name = |arm: usize| self.history.cells[test.cells[arm]].name.to_string();
            let id = |arm: usize| self.history.cells[test.cells[arm]].id.to_string();
            let names: Vec<String> = (0..test.cells.len()).map(id).collect();
            if let TestVerdict::Accept(best) = test.assessment.verdict {
                let reason =
                    Reason::above("probability of being best", comparison.p_best[best], threshold)
                        .with_n(test.facts[best].clicks as u64)
                        .with_note(format!(
                            "the rule accepts one of equal creatives in {:.1}% of simulated tests",
                            100.0 * test.false_accepts.rate
                        ));
                let action = format!("accept {}", name(best));
                let arms = names.clone();
                self.push("creative-test", subject.clone(), &action, |d| {
                    arms.into_iter().enumerate().fold(d.with_reason(reason), |d, (arm, name)| {
                        let p = comparison.p_best[arm];
                        d.with_alternative(Alternative::new(name).with_value(p))
                    })
                });
            }
            let Some(choice) = test.choice else { continue };
            let shown = choice.arm().index();
            let action = format!("show {}", names.get(shown).map_or("", String::as_str));
            self.push("live-split", subject, &action, |d| {
                names.into_iter().zip(&test.shares).fold(d.with_choice(&choice), |d, (name, &p)| {
                    d.with_alternative(Alternative::new(name).with_probability(p))
                })
            });
        }
    }

    /// Each creative judged.
    pub fn pauses(&mut self, verdicts: &[Verdict]) {
        for verdict in verdicts {
            let cell = &self.history.cells[verdict.cell];
            let subject = format!("creative {} / {}", cell.channel, cell.id);
            let action = if verdict.paused { "pause" } else { "watch" };
            self.push("pauser", subject, action, |d| d.with_reasons(verdict.reasons.clone()));
        }
    }

    /// The plan, ad group by ad group.
    ///
    /// # Errors
    /// [`Failure`] on overflow.
    pub fn plan(&mut self, plan: &Budgeted, paused: &[usize]) -> Result<(), Failure> {
        let unit = self.history.currency.map_or(Unit::Number, Unit::Money);
        let price = plan.outcome.shadow_price;
        for group in plan.by_ad_group(self.history)? {
            let subject = format!(
                "ad group {} / {} / {}",
                group.channel,
                group.campaign.label(),
                group.ad_group.label()
            );
            let Some(proposed) = group.proposed else { continue };
            let pauses =
                group.members.iter().filter(|&&at| paused.contains(&plan.cells[at])).count();
            let pauses = (pauses > 0).then(|| {
                Reason::at_least("paused ads in it", pauses as f64, 1.0)
                    .with_note("their budget goes to other ads")
            });
            let rate = group.next_units / proposed.to_f64();
            let reason = (pauses.is_none() && rate.is_finite() && price.is_finite()).then(|| {
                let relation = if rate >= price { Reason::at_least } else { Reason::below };
                relation("expected return of its next unit of spend", rate, price)
                    .with_note("what the last unit of the budget brings")
            });
            let action = format!("budget {proposed} after {:.2}", group.current);
            self.push("budget-planner", subject, &action, |d| {
                d.with_reasons(pauses.into_iter().chain(reason))
                    .with_input("current", group.current)
                    .with_input("proposed", proposed.to_f64())
                    .with_alternative(Alternative::new("leave as it is").with_value(group.current))
            });
        }
        if !plan.outcome.has_plan() {
            let budget = Reason::equal("budget", plan.budget, plan.budget).with_unit(unit);
            let conflicts = plan.outcome.conflicts.iter().map(|c| c.text.clone());
            let note = conflicts.collect::<Vec<_>>().join("; ");
            let action = format!("no plan: {}", plan.outcome.status);
            self.push("budget-planner", "budget".into(), &action, |d| {
                d.with_reason(budget.with_note(note))
            });
        }
        Ok(())
    }

    /// Whether to train anew.
    pub fn retrain(&mut self, decision: &RetrainDecision) {
        let action = if decision.retrain { "retrain" } else { "keep the model" };
        self.push("drift-monitor", "forecast".into(), action, |d| {
            d.with_reasons(decision.why.iter().map(Why::reason))
        });
    }
}
