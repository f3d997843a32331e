//! A simulated ad market with known truth.
//!
//! [`Market::new`] draws one market from a [`MarketConfig`] and a seed. [`Market::run_day`] spends a
//! plan for one day and returns what happened; [`Market::expected`] says, without noise and without
//! moving the market, what a plan would earn; [`Market::best_plan`] finds the best plan under the
//! truth; [`export`] writes what happened as the files that ad platforms, a CRM and an analytics
//! tool would give out.
//!
//! # The law of the market
//! All amounts are in the market's currency. Ad `a` belongs to channel `c`, runs in audience `u` and
//! shows creative `k`. On day `t`, with spend `x`:
//!
//! * impressions `μ = J(x) / p(t)`, with `J` a Hill curve ([`campaign_core::Curve::hill`]) with half
//!   saturation `h·size(u)` and initial price `cpm(c)·price(u)`. With shape 1 that is the same as a
//!   CPM that rises linearly with the ad's daily spend and doubles at `h·size(u)`. `p(t)` is the
//!   price season.
//! * click rate `ctr = ctr(c)·ctr(u)·ctr(k)·√w`, conversion rate per click
//!   `cvr = cvr(c)·cvr(u)·cvr(k)·change(t)·√w`.
//! * wear `w = φ(n)·2^(−age / age half-life)`, `φ(n) = f + (1 − f) / (1 + n / L)`, with `n` the
//!   impressions that the ad has had ([`fatigue`]).
//! * the ads of a channel fish in one pool of buyers: with `M = Σ μ·ctr·cvr` over the channel, the
//!   channel brings `H(M) = K·M / (K + M)` buyers on a normal day, shared among its ads in
//!   proportion to `μ·ctr·cvr`, times the demand season `s(t)` ([`season`]).
//! * an order's value is log-normal with the channel's mean; its delay after the click follows
//!   [`delay`].
//!
//! # What follows
//! For a constant daily plan, `J` is concave for shapes up to 1; `J·φ(n + m·J)` is concave and
//! increasing in `J` (its derivative is `f + (1 − f)·A / (A + m·J / L)²`, `A = 1 + n / L`); `H` is
//! concave and increasing; order values depend on the channel only. Expected revenue over any number
//! of days is therefore jointly concave in the plan, and the oracle's optimality gap is a proof.
//!
//! # Noise
//! Impressions are negative binomial (a Poisson with gamma-distributed daily luck), clicks are
//! binomial given impressions, orders are binomial given clicks: every count has its expected value
//! as mean. Wear follows expected impressions, not drawn ones, so that the truth of a plan stays a
//! number. Each draw has a stream of its own keyed by (seed, purpose, day, ad, order), so that two
//! policies face the same luck and the order of calls does not matter ([`stream`]).
//!
//! # Limits
//! Attributed revenue is taken to be caused by the ad; there is no carry-over from day to day other
//! than delay and wear; a rested ad does not recover; competitors do not react; no budget is left
//! unspent by a platform.

pub mod bundled;
mod check;
pub mod config;
pub mod day;
pub mod delay;
pub mod earn;
pub mod error;
pub mod export;
pub mod fatigue;
pub mod fx;
pub mod incumbent;
pub mod oracle;
pub mod order;
pub mod response;
pub mod season;
pub mod stream;
pub mod truth;

pub use config::MarketConfig;
pub use day::{AdDay, DayOutcome};
pub use delay::DelayLaw;
pub use earn::Expected;
pub use error::MarketError;
pub use export::{ExportFile, ExportOptions};
pub use oracle::OraclePlan;
pub use order::{Claim, Order};
pub use truth::{Ad, AdGroup, Campaign, Creative, Truth};

use jiff::civil::Date;

/// A market in motion: its hidden truth, today's date and what its ads have been shown so far.
///
/// Clone it to let several policies start from the same day.
#[derive(Debug, Clone)]
pub struct Market {
    truth: std::sync::Arc<Truth>,
    seed: u64,
    day: i32,
    shown: Vec<f64>,
}

impl Market {
    /// Draws a market.
    ///
    /// # Errors
    /// [`MarketError`] where the configuration cannot be.
    ///
    /// # Examples
    /// ```
    /// use campaign_examples::market::{Market, MarketConfig};
    /// let mut market = Market::new(MarketConfig::default(), 1)?;
    /// let plan = market.incumbent_plan();
    /// let expected = market.expected(&plan, 1)?;
    /// let outcome = market.run_day(market.today()?, &plan)?;
    /// assert_eq!(outcome.ads.len(), market.ads().len());
    /// assert!(expected.revenue > 0.0);
    /// # Ok::<(), campaign_examples::market::MarketError>(())
    /// ```
    pub fn new(config: MarketConfig, seed: u64) -> Result<Self, MarketError> {
        let truth = Truth::draw(config, seed)?;
        let shown = vec![0.0; truth.ads.len()];
        Ok(Self { truth: std::sync::Arc::new(truth), seed, day: 0, shown })
    }

    /// The hidden truth.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The configuration it was drawn from.
    #[must_use]
    pub fn config(&self) -> &MarketConfig {
        &self.truth.config
    }

    /// The ads, in the order of every slice of spends.
    #[must_use]
    pub fn ads(&self) -> &[Ad] {
        &self.truth.ads
    }

    /// The position of an ad by its id, a search in O(log ads).
    #[must_use]
    pub fn ad_index(&self, id: &str) -> Option<usize> {
        self.truth.ad_index(id)
    }

    /// The seed.
    #[must_use]
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// The next day to be run.
    ///
    /// # Errors
    /// [`MarketError::Calendar`] at the end of the calendar.
    pub fn today(&self) -> Result<Date, MarketError> {
        self.truth.date(self.day)
    }

    /// Expected impressions that each ad has had so far.
    #[must_use]
    pub fn shown(&self) -> &[f64] {
        &self.shown
    }

    /// Which ads can spend today: those that have been launched.
    #[must_use]
    pub fn live(&self) -> Vec<bool> {
        self.truth.ads.iter().map(|ad| ad.launch <= self.day).collect()
    }
}
