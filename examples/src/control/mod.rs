//! The loop in control of the simulated market, beside baselines and an oracle.
//!
//! Per seed, the market runs under its incumbent for the days of the history. Then clones of it,
//! which face the same truth and the same random numbers, are each steered by one [`Policy`] for
//! some weeks on the same weekly budget: what the incumbent spent in its last seven days, rounded
//! to the cent. A week's amounts are spent in seven equal daily parts.
//!
//! The loop sees what a team would see: once a week, the platforms' exports of all days
//! so far, as they can be downloaded then, are read by [`crate::cycle::read`] and planned on by
//! [`crate::cycle::plan_step`]. Late conversions are late for it, lost click ids are lost, and its own
//! spending is what it learns from next. What counts at the end is the market's own record: revenue
//! by the day of the click, whenever the order came, over spend.
//!
//! # The field
//! * Ads that the incumbent ran in its last seven days are *running*. The loop, the equal split, last
//!   week's split and the bounded oracle spend on them only: a plan within a share of last week's
//!   spend cannot wake an ad that spent nothing.
//! * Ads that were launched at the end of the history, running or retired by the incumbent, are
//!   *launched*. The equal split over all and the oracle may spend on any of them. A retired ad is
//!   less worn, and more ads mean lower prices for each, so this field is the richer one.
//! * Ads launched later get nothing under any policy. In the bundled market there are none.
//!
//! # The oracles
//! Both maximise the expected revenue of the coming week under the truth ([`Market::best_plan`]).
//! The bounded one may move each ad by the loop's own `plan.max_change` against its own last week,
//! which makes it the ceiling of any forecast fed to the loop's plan for one week. Neither looks
//! beyond its week, so wear that a plan causes later is not weighed: over many weeks they are very
//! good policies, not a proof of the maximum.
//!
//! # When the loop gives no plan
//! It keeps last week's split, and the week is counted as one without a plan.

mod answer;
mod episode;
mod interval;
mod policy;
mod summary;

pub use answer::{Answer, DifferenceAnswer, PolicyAnswer, ShareAnswer, UsedAnswer, WeekAnswer};
pub use episode::{Episode, Run, Week};
pub use interval::{Interval, mean_interval, ratio_interval};
pub use policy::Policy;

use rayon::prelude::*;

use crate::cycle::Config;
use crate::market::{Market, MarketConfig};
use crate::program::{Failure, OrFail as _};

/// Days in a planned period.
pub const WEEK: u32 = 7;

/// What to compare on.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The market.
    pub market: MarketConfig,
    /// The loop's configuration. Its budget, the length of its period, its exchange rates and its
    /// instant are set by the comparison; underspending is off, as every policy spends the same.
    pub config: Config,
    /// Days under the incumbent before any policy takes over.
    pub history_days: u32,
    /// Weeks under each policy.
    pub weeks: u32,
}

impl Setup {
    /// The bundled market with 120 days of history, and the loop as it is configured for the
    /// bundled exports.
    ///
    /// # Errors
    /// [`Failure`] if that configuration cannot be read.
    ///
    /// # Examples
    /// ```no_run
    /// use campaign_examples::control::{Setup, run};
    /// let episodes = run(&Setup::bundled(12)?, &[1, 2], &|_| ())?;
    /// assert_eq!(episodes.len(), 2);
    /// # Ok::<(), campaign_examples::program::Failure>(())
    /// ```
    pub fn bundled(weeks: u32) -> Result<Self, Failure> {
        let text = include_str!("../../data/campaign.toml");
        let config: Config = toml::from_str(text).or_fail("the bundled configuration")?;
        config.check()?;
        Ok(Self { market: MarketConfig::default(), config, history_days: 120, weeks })
    }
}

/// Runs every policy on the market of each seed, seeds side by side on the threads there are.
///
/// `observer` is told of each seed that is done, from any thread and in any order. The result is in
/// the order of `seeds` and does not depend on the number of threads.
///
/// # Errors
/// [`Failure`] if a market cannot be made or run, or if its exports cannot be read.
pub fn run(
    setup: &Setup,
    seeds: &[u64],
    observer: &(dyn Fn(&Episode) + Sync),
) -> Result<Vec<Episode>, Failure> {
    if setup.history_days < WEEK {
        return Err(Failure::new(format!(
            "the history has {} days, expected {WEEK} or more",
            setup.history_days
        )));
    }
    seeds
        .par_iter()
        .map(|&seed| {
            let market = Market::new(setup.market.clone(), seed).or_fail("making the market")?;
            let episode = Episode::run(setup, market)?;
            observer(&episode);
            Ok(episode)
        })
        .collect()
}
