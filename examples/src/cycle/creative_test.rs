//! Creatives of one ad group against each other, and the split of live traffic between them.

use std::collections::BTreeMap;

use campaign_allocate::bandit::{BetaThompson, FrozenPolicy};
use campaign_core::rand::Rng;
use campaign_core::{Arm, Bandit as _, Choice, Context, Feedback};
use campaign_experiments::{
    Assessment, Counts, DecisionRule, LookSchedule, Null, Rate, Verdict, false_accept_rate,
};
use jiff::civil::Date;

use super::config::ExperimentConfig;
use super::forecast::back;
use super::history::{Facts, History};
use crate::program::{Failure, OrFail as _};

/// Simulated tests behind each stated false-accept rate.
const SIMULATIONS: u32 = 1_000;

/// One test: the creatives of an ad group, conversions per click.
#[derive(Debug)]
pub struct CreativeTest {
    /// The ad group.
    pub name: String,
    /// Its channel.
    pub channel: String,
    /// The cells compared, indices into the history.
    pub cells: Vec<usize>,
    /// What each brought.
    pub facts: Vec<Facts>,
    /// What the rule says.
    pub assessment: Assessment,
    /// How often the rule accepts one of as many equal creatives.
    pub false_accepts: Rate,
    /// Exact probability with which Thompson sampling shows each next, 0 for a creative that is
    /// paused.
    pub shares: Vec<f64>,
    /// One draw of it, as a server would make it; `None` if all are paused.
    pub choice: Option<Choice>,
}

impl CreativeTest {
    /// What the rule says of one creative.
    #[must_use]
    pub fn decision(&self, arm: usize) -> &'static str {
        match self.assessment.verdict {
            Verdict::Accept(best) if best == arm => "accept",
            Verdict::Accept(_) | Verdict::Reject => "reject",
            Verdict::Inconclusive => "inconclusive",
            _ => "continue",
        }
    }
}

/// The rule that all tests of a run follow.
#[must_use]
pub fn rule(config: &ExperimentConfig) -> DecisionRule {
    let every_days = (u32::from(config.days) / config.looks).max(1);
    DecisionRule::new(LookSchedule { every_days, looks: config.looks })
        .with_threshold(config.accept_above)
        .with_min_trials(config.min_clicks as f64)
}

/// Tests every ad group that has two creatives or more with clicks in the settled window.
///
/// Ad groups are left out, with the reason, where conversions exceed clicks (the platform counts
/// views): conversions per click is then no probability.
///
/// # Errors
/// [`Failure`] if a figure is out of range.
pub fn run(
    history: &History,
    config: &ExperimentConfig,
    settled: Date,
    rng: &mut dyn Rng,
) -> Result<(Vec<CreativeTest>, Vec<String>), Failure> {
    let from = back(settled, i64::from(config.days) - 1);
    let mut groups: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for (index, cell) in history.cells.iter().enumerate() {
        let key = (cell.channel.as_str(), &cell.source, &cell.campaign, &cell.ad_group);
        groups.entry(key).or_default().push(index);
    }
    let rule = rule(config);
    let mut rates: BTreeMap<usize, Rate> = BTreeMap::new();
    let (mut tests, mut left_out) = (Vec::new(), Vec::new());
    for ((channel, _, campaign, ad_group), mut cells) in groups {
        cells.retain(|&cell| history.sum(cell, from, settled).clicks > 0.0);
        let clicks = |cell: &usize| history.sum(*cell, from, settled).clicks;
        cells.sort_by(|a, b| clicks(b).total_cmp(&clicks(a)).then(a.cmp(b)));
        cells.truncate(config.max_creatives);
        if cells.len() < 2 {
            continue;
        }
        let name = match ad_group.label() {
            "" => campaign.label(),
            label => label,
        };
        let facts: Vec<Facts> =
            cells.iter().map(|&cell| history.sum(cell, from, settled)).collect();
        let counts: Result<Vec<Counts>, _> =
            facts.iter().map(|f| Counts::new(f.conversions, f.clicks)).collect();
        let counts = match counts {
            Ok(counts) => counts,
            Err(error) => {
                left_out.push(format!("{channel} / {name}: {error}"));
                continue;
            }
        };
        let doing = "testing creatives";
        let look = look_due(history, &cells, from, settled, &rule);
        let assessment = rule.decide(&counts, look).or_fail(doing)?;
        let false_accepts = match rates.get(&cells.len()) {
            Some(rate) => *rate,
            None => {
                let null = null_like(&counts, &rule);
                let rate = false_accept_rate(&rule, null, SIMULATIONS, rng).or_fail(doing)?;
                rates.insert(cells.len(), rate);
                rate
            }
        };
        let shares = vec![0.0; cells.len()];
        tests.push(CreativeTest {
            name: name.to_owned(),
            channel: channel.to_owned(),
            cells,
            facts,
            assessment,
            false_accepts,
            shares,
            choice: None,
        });
    }
    Ok((tests, left_out))
}

/// The look that is due: tests begin when the youngest creative has data, or with the window.
fn look_due(
    history: &History,
    cells: &[usize],
    from: Date,
    settled: Date,
    rule: &DecisionRule,
) -> u32 {
    let first = |cell: usize| history.of_cell(cell).first().map_or(from, |(day, _)| *day);
    let start = cells.iter().map(|&cell| first(cell)).fold(from, Date::max);
    let days = settled.duration_since(start).as_hours() / 24 + 1;
    let looks = u32::try_from(days).unwrap_or(0) / rule.looks.every_days;
    looks.clamp(1, rule.looks.looks)
}

/// A world in which all creatives convert at the rate of these together.
fn null_like(counts: &[Counts], rule: &DecisionRule) -> Null {
    let trials: f64 = counts.iter().map(Counts::trials).sum();
    let conversions: f64 = counts.iter().map(Counts::conversions).sum();
    let base_rate = ((conversions + 0.5) / (trials + 1.0)).min(0.999);
    let per_look = trials / counts.len() as f64 / f64::from(rule.looks.looks);
    Null::new(counts.len(), base_rate, (per_look.ceil() as u64).max(1))
}

/// Splits live traffic between the creatives of each test that are not paused.
///
/// # Errors
/// [`Failure`] if a figure is out of range.
pub fn split(
    tests: &mut [CreativeTest],
    paused: &[usize],
    rng: &mut dyn Rng,
) -> Result<(), Failure> {
    for test in tests {
        let eligible: Vec<bool> = test.cells.iter().map(|cell| !paused.contains(cell)).collect();
        if eligible.contains(&true) {
            let (shares, choice) =
                live_split(&test.facts, &eligible, rng).or_fail("splitting live traffic")?;
            (test.shares, test.choice) = (shares, Some(choice));
        }
    }
    Ok(())
}

/// The exact law of Thompson sampling after these clicks and conversions, and one draw from it.
fn live_split(
    facts: &[Facts],
    eligible: &[bool],
    rng: &mut dyn Rng,
) -> campaign_core::Result<(Vec<f64>, Choice)> {
    let mut bandit = BetaThompson::new(facts.len(), 1.0, 1.0)?;
    for (arm, facts) in (0..).map(Arm).zip(facts) {
        let reward = facts.conversions / facts.clicks;
        bandit.update(&Feedback::new(arm, reward).with_weight(facts.clicks))?;
    }
    let (mut scratch, mut shares) = (bandit.scratch(), vec![0.0; facts.len()]);
    let context = Context::none().with_eligible(eligible);
    bandit.probabilities_into(&context, &mut scratch, &mut shares)?;
    let choice = FrozenPolicy::new(&shares)?.choose(rng)?;
    Ok((shares, choice))
}
