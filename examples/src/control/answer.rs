//! What `closed_loop --json` prints.
//!
//! Amounts are plain numbers in the market's currency; what is unknown is `null`.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use super::episode::{Episode, Run};
use super::interval::{Interval, mean, mean_interval, ratio_interval};
use super::policy::Policy;

/// The comparison over all seeds.
#[derive(Debug, Clone, Serialize)]
pub struct Answer {
    /// Weeks under each policy.
    pub weeks: u32,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// The currency of every amount.
    pub currency: String,
    /// The first day under the policies.
    pub first_day: Option<Date>,
    /// What every policy spends in a week, mean over seeds.
    pub weekly_budget: f64,
    /// Running and launched ads, mean over seeds.
    pub ads: BTreeMap<&'static str, f64>,
    /// Each policy.
    pub policies: Vec<PolicyAnswer>,
    /// The loop's cumulative ROAS minus that of each other policy, paired by seed.
    pub differences: Vec<DifferenceAnswer>,
    /// How much of each oracle's gain over last week's split the loop made.
    pub gain_share: Vec<ShareAnswer>,
    /// Each week.
    pub weekly: Vec<WeekAnswer>,
    /// What the loop's forecasts were made by.
    pub used: UsedAnswer,
    /// Seconds per stage.
    pub seconds: BTreeMap<&'static str, f64>,
}

/// One policy over all seeds.
#[derive(Debug, Clone, Serialize)]
pub struct PolicyAnswer {
    /// Which.
    pub policy: Policy,
    /// Cumulative ROAS: revenue by the day of the click over spend.
    pub roas: Interval,
    /// The same with each week's expected revenue: without the luck of the weeks compared.
    pub expected_roas: Interval,
    /// Revenue of all weeks, mean over seeds.
    pub revenue: f64,
    /// Spend of all weeks, mean over seeds.
    pub spend: f64,
}

/// The loop minus another policy.
#[derive(Debug, Clone, Serialize)]
pub struct DifferenceAnswer {
    /// The other policy.
    pub against: Policy,
    /// The mean of the paired differences of cumulative ROAS, and its interval.
    #[serde(flatten)]
    pub roas: Interval,
    /// The same of expected ROAS.
    pub expected_roas: Interval,
    /// Seeds in which the loop was ahead.
    pub ahead: usize,
}

/// The loop's gain over last week's split as a share of an oracle's.
#[derive(Debug, Clone, Serialize)]
pub struct ShareAnswer {
    /// The oracle.
    pub of: Policy,
    /// Mean gain over mean gain; unknown where the oracle gained nothing.
    pub share: Option<Interval>,
    /// The same of expected ROAS.
    pub expected_share: Option<Interval>,
}

/// One week, mean over seeds.
#[derive(Debug, Clone, Serialize)]
pub struct WeekAnswer {
    /// Counted from 1.
    pub week: usize,
    /// Its first day.
    pub first_day: Option<Date>,
    /// ROAS of each policy.
    pub roas: BTreeMap<&'static str, f64>,
    /// Expected ROAS of each policy.
    pub expected_roas: BTreeMap<&'static str, f64>,
}

/// What the loop's forecasts were made by.
#[derive(Debug, Clone, Default, Serialize)]
pub struct UsedAnswer {
    /// Planning steps.
    pub steps: usize,
    /// Steps by what made the forecast.
    pub forecast: BTreeMap<&'static str, usize>,
    /// Steps without a plan, after which last week's split stayed.
    pub without_plan: usize,
}

impl Answer {
    /// Sums up episodes.
    #[must_use]
    pub fn new(episodes: &[Episode], seconds: &[(&'static str, f64)]) -> Self {
        let first = episodes.first();
        let weeks = first.and_then(|e| e.of(Policy::Loop)).map_or(0, |run| run.weeks.len());
        let table = Table(episodes);
        let over = |f: &dyn Fn(&Episode) -> f64| mean(&episodes.iter().map(f).collect::<Vec<_>>());
        Self {
            weeks: u32::try_from(weeks).unwrap_or(u32::MAX),
            seeds: episodes.iter().map(|episode| episode.seed).collect(),
            currency: first.map_or_else(String::new, |episode| episode.currency.clone()),
            first_day: first.map(|episode| episode.first_day),
            weekly_budget: over(&|episode| episode.budget),
            ads: BTreeMap::from([
                ("running", over(&|episode| episode.running as f64)),
                ("launched", over(&|episode| episode.launched as f64)),
            ]),
            policies: Policy::ALL.into_iter().map(|policy| table.policy(policy)).collect(),
            differences: Policy::ALL
                .into_iter()
                .filter(|policy| *policy != Policy::Loop)
                .map(|policy| table.difference(policy))
                .collect(),
            gain_share: [Policy::OracleBounded, Policy::Oracle].map(|of| table.share(of)).into(),
            weekly: (0..weeks).map(|week| table.week(week)).collect(),
            used: table.used(),
            seconds: seconds.iter().copied().collect(),
        }
    }
}

struct Table<'a>(&'a [Episode]);

impl Table<'_> {
    /// A figure of a policy, seed by seed.
    fn each(&self, policy: Policy, figure: impl Fn(&Run) -> f64) -> Vec<f64> {
        self.0.iter().filter_map(|episode| episode.of(policy)).map(figure).collect()
    }

    /// The loop's figure minus another policy's, or one policy's minus another's.
    fn minus(&self, one: Policy, other: Policy, figure: fn(&Run) -> f64) -> Vec<f64> {
        let pairs = self.each(one, figure).into_iter().zip(self.each(other, figure));
        pairs.map(|(one, other)| one - other).collect()
    }

    fn policy(&self, policy: Policy) -> PolicyAnswer {
        PolicyAnswer {
            policy,
            roas: mean_interval(&self.each(policy, Run::roas)),
            expected_roas: mean_interval(&self.each(policy, Run::expected_roas)),
            revenue: mean(&self.each(policy, Run::revenue)),
            spend: mean(&self.each(policy, Run::spend)),
        }
    }

    fn difference(&self, against: Policy) -> DifferenceAnswer {
        let realised = self.minus(Policy::Loop, against, Run::roas);
        DifferenceAnswer {
            against,
            ahead: realised.iter().filter(|d| **d > 0.0).count(),
            roas: mean_interval(&realised),
            expected_roas: mean_interval(&self.minus(Policy::Loop, against, Run::expected_roas)),
        }
    }

    fn share(&self, of: Policy) -> ShareAnswer {
        let share = |figure: fn(&Run) -> f64| {
            let gain = self.minus(Policy::Loop, Policy::LastWeek, figure);
            ratio_interval(&gain, &self.minus(of, Policy::LastWeek, figure))
        };
        ShareAnswer { of, share: share(Run::roas), expected_share: share(Run::expected_roas) }
    }

    fn week(&self, week: usize) -> WeekAnswer {
        let roas = |figure: &dyn Fn(&super::Week) -> f64| {
            let of = |policy: Policy| {
                let each = self.each(policy, |run| run.weeks.get(week).map_or(f64::NAN, figure));
                (policy.key(), mean(&each))
            };
            Policy::ALL.into_iter().map(of).collect()
        };
        let days = i64::try_from(week).unwrap_or(i64::MAX / 7).saturating_mul(7);
        WeekAnswer {
            week: week + 1,
            first_day: self.0.first().map(|e| e.first_day.saturating_add(days.days())),
            roas: roas(&|week| week.revenue / week.spend),
            expected_roas: roas(&|week| week.expected / week.spend),
        }
    }

    fn used(&self) -> UsedAnswer {
        let mut used = UsedAnswer::default();
        for run in self.0.iter().filter_map(|episode| episode.of(Policy::Loop)) {
            used.steps += run.weeks.len();
            used.without_plan += run.without_plan;
            for (by, count) in &run.used {
                *used.forecast.entry(by).or_default() += count;
            }
        }
        used
    }
}
