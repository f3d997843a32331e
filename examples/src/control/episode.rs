//! One market under every policy.

use std::collections::BTreeMap;

use campaign_core::rand::SeedableRng as _;
use jiff::civil::Date;
use rand_xoshiro::Xoshiro256PlusPlus;

use super::policy::Policy;
use super::{Setup, WEEK};
use crate::cycle::read::{as_of_instant, read_memory};
use crate::cycle::{Config, Step, plan_step};
use crate::market::export::ExportFile;
use crate::market::{DayOutcome, ExportOptions, Market};
use crate::program::{Failure, OrFail as _};
use campaign_features::fx::FxTable;

/// One market under every policy.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Episode {
    /// The market's seed.
    pub seed: u64,
    /// ISO code of the currency of every amount.
    pub currency: String,
    /// The first day under the policies.
    pub first_day: Date,
    /// What every policy spends in a week.
    pub budget: f64,
    /// Ads that ran in the incumbent's last week.
    pub running: usize,
    /// Ads launched by then.
    pub launched: usize,
    /// Each policy with its weeks, in the order of [`Policy::ALL`].
    pub runs: Vec<(Policy, Run)>,
}

/// The weeks of one policy.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Run {
    /// The weeks, in order.
    pub weeks: Vec<Week>,
    /// How often the loop's forecast was made by what.
    pub used: BTreeMap<&'static str, usize>,
    /// Weeks in which the loop gave no plan and last week's split stayed.
    pub without_plan: usize,
}

/// What a week brought.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Week {
    /// Daily spend per ad.
    pub plan: Vec<f64>,
    /// Spend.
    pub spend: f64,
    /// Revenue that follows from the week's clicks, whenever it comes.
    pub revenue: f64,
    /// Its expected value, given what the ads had been shown before the week.
    pub expected: f64,
}

impl Run {
    /// Spend of all weeks.
    #[must_use]
    pub fn spend(&self) -> f64 {
        self.weeks.iter().map(|week| week.spend).sum()
    }

    /// Revenue of all weeks.
    #[must_use]
    pub fn revenue(&self) -> f64 {
        self.weeks.iter().map(|week| week.revenue).sum()
    }

    /// Revenue over spend.
    #[must_use]
    pub fn roas(&self) -> f64 {
        self.revenue() / self.spend()
    }

    /// Expected revenue over spend: the same without the luck of the weeks under the policy.
    #[must_use]
    pub fn expected_roas(&self) -> f64 {
        self.weeks.iter().map(|week| week.expected).sum::<f64>() / self.spend()
    }
}

impl Episode {
    /// Runs the incumbent, then every policy on a clone of where it left the market.
    ///
    /// # Errors
    /// [`Failure`] if the market cannot be run, the incumbent spent nothing in its last week, or the
    /// exports cannot be read.
    pub fn run(setup: &Setup, mut market: Market) -> Result<Self, Failure> {
        let history = market.run_incumbent(setup.history_days).or_fail("running the incumbent")?;
        let last = last_week(&history, market.ads().len());
        let spent: f64 = last.iter().sum();
        let budget = (spent * 100.0).round() / 100.0;
        if budget <= 0.0 {
            return Err(Failure::new("the incumbent spent nothing in its last week"));
        }
        let start = Start {
            setup,
            launched: market.live(),
            last: last.iter().map(|x| x * budget / spent).collect(),
            budget,
            market,
            history,
        };
        let runs = Policy::ALL.into_iter().map(|policy| Ok((policy, start.run(policy)?)));
        let count = |on: &mut dyn Iterator<Item = bool>| on.filter(|on| *on).count();
        Ok(Self {
            seed: start.market.seed(),
            currency: setup.market.currency.clone(),
            first_day: start.market.today().or_fail("closing the last day")?,
            budget,
            running: count(&mut start.last.iter().map(|x| *x > 0.0)),
            launched: count(&mut start.launched.iter().copied()),
            runs: runs.collect::<Result<_, Failure>>()?,
        })
    }

    /// The run of a policy.
    #[must_use]
    pub fn of(&self, policy: Policy) -> Option<&Run> {
        self.runs.iter().find(|(other, _)| *other == policy).map(|(_, run)| run)
    }
}

/// Spend of each ad over the last seven days.
fn last_week(history: &[DayOutcome], ads: usize) -> Vec<f64> {
    let mut sum = vec![0.0; ads];
    for day in history.iter().rev().take(WEEK as usize) {
        sum.iter_mut().zip(&day.ads).for_each(|(sum, ad)| *sum += ad.spend);
    }
    sum
}

/// Where every policy starts from.
struct Start<'a> {
    setup: &'a Setup,
    market: Market,
    history: Vec<DayOutcome>,
    launched: Vec<bool>,
    /// The incumbent's last week per ad, scaled to the budget.
    last: Vec<f64>,
    budget: f64,
}

impl Start<'_> {
    fn run(&self, policy: Policy) -> Result<Run, Failure> {
        let mut market = self.market.clone();
        // Only the loop looks back.
        let mut history = if policy == Policy::Loop { self.history.clone() } else { Vec::new() };
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(market.seed());
        let mut last = self.last.clone();
        let mut run = Run::default();
        for _ in 0..self.setup.weeks {
            let amounts = match policy {
                Policy::Loop => {
                    let step = self.step(&market, &history, &mut rng)?;
                    *run.used.entry(step.used).or_default() += 1;
                    match step.spend {
                        Some(spend) => by_ad(&market, &spend)?,
                        None => {
                            run.without_plan += 1;
                            last.clone()
                        }
                    }
                }
                Policy::EqualSplit => self.equal(self.last.iter().map(|x| *x > 0.0)),
                Policy::EqualSplitAll => self.equal(self.launched.iter().copied()),
                Policy::LastWeek => self.last.clone(),
                Policy::OracleBounded => {
                    let change = self.setup.config.plan.max_change;
                    let low: Vec<f64> = last.iter().map(|x| x * (1.0 - change).max(0.0)).collect();
                    let high: Vec<f64> = last.iter().map(|x| x * (1.0 + change)).collect();
                    self.best(&market, &low, &high)?
                }
                Policy::Oracle => {
                    let high: Vec<f64> = self
                        .launched
                        .iter()
                        .map(|&on| if on { self.budget } else { 0.0 })
                        .collect();
                    self.best(&market, &vec![0.0; high.len()], &high)?
                }
            };
            let plan: Vec<f64> = amounts.iter().map(|x| x / f64::from(WEEK)).collect();
            let doing = "running a plan";
            let expected = market.expected_revenue(&plan, WEEK).or_fail(doing)?;
            let days = market.run_days(WEEK, &plan).or_fail(doing)?;
            run.weeks.push(Week {
                spend: days.iter().map(DayOutcome::spend).sum(),
                revenue: days.iter().map(DayOutcome::revenue).sum(),
                expected,
                plan,
            });
            last = amounts;
            if policy == Policy::Loop {
                history.extend(days);
            }
        }
        Ok(run)
    }

    /// One planning step on the exports of all days so far.
    fn step(
        &self,
        market: &Market,
        history: &[DayOutcome],
        rng: &mut Xoshiro256PlusPlus,
    ) -> Result<Step, Failure> {
        let as_of = market.today().or_fail("closing a day")?;
        let instant = as_of_instant(as_of)?;
        let files =
            market.export(history, &ExportOptions::new(instant)).or_fail("writing the exports")?;
        let mut config: Config = self.setup.config.clone();
        config.ingest.as_of = Some(instant);
        config.ingest.fx = Some(rates(&files)?);
        config.plan.budget = Some(self.budget);
        config.plan.days = 7;
        config.plan.allow_underspend = false;
        let exports = files.iter().map(|file| (file.name.as_str(), file.bytes.as_slice()));
        let input = read_memory(exports.filter(|(name, _)| *name != RATES), &config)?;
        plan_step(&input, &config, as_of, rng)
    }

    fn equal(&self, on: impl Iterator<Item = bool> + Clone) -> Vec<f64> {
        let count = on.clone().filter(|on| *on).count();
        on.map(|on| if on { self.budget / count as f64 } else { 0.0 }).collect()
    }

    /// The oracle's amounts for a week within bounds on them.
    fn best(&self, market: &Market, low: &[f64], high: &[f64]) -> Result<Vec<f64>, Failure> {
        let days = f64::from(WEEK);
        let daily = |list: &[f64]| -> Vec<f64> { list.iter().map(|x| x / days).collect() };
        let best = market.best_plan(self.budget / days, WEEK, &daily(low), &daily(high));
        Ok(best.or_fail("asking the oracle")?.spend.iter().map(|x| x * days).collect())
    }
}

/// The file of exchange rates, which is no export of a platform.
const RATES: &str = "fx.csv";

fn rates(files: &[ExportFile]) -> Result<FxTable, Failure> {
    let file = files.iter().find(|file| file.name == RATES);
    let bytes = file.map_or(&[][..], |file| &file.bytes);
    let text = core::str::from_utf8(bytes).or_fail(RATES)?;
    FxTable::from_csv(text).or_fail(RATES)
}

/// Amounts by ad id in the order of the market's ads.
fn by_ad(market: &Market, spend: &BTreeMap<String, f64>) -> Result<Vec<f64>, Failure> {
    let mut amounts = vec![0.0; market.ads().len()];
    for (id, amount) in spend {
        let place = market.ad_index(id).and_then(|index| amounts.get_mut(index));
        match place {
            Some(place) => *place = *amount,
            None => return Err(Failure::new(format!("the plan spends on {id}, which is no ad"))),
        }
    }
    Ok(amounts)
}
