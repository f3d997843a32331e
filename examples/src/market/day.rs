//! One simulated day.

use campaign_core::Micros;
use campaign_core::time::AccountDay;
use jiff::Timestamp;
use jiff::civil::Date;
use rand_distr::{Binomial, Distribution, Gamma, Poisson};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::Market;
use super::config::ChannelConfig;
use super::delay::quantile;
use super::earn::AdMean;
use super::error::MarketError;
use super::order::{Claim, Order, amount, click_time, coins, later, round_to_coin, uniform};
use super::stream::{Purpose, key, stream};
use super::truth::{Ad, Channel, Truth};

/// What one day brought.
///
/// Orders are all there, also those that nobody can know of yet: a report as of some instant leaves
/// out what has a later `known_at`.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DayOutcome {
    /// The day: each ad's in its account's zone.
    pub date: Date,
    /// One entry per ad, in the order of the plan.
    pub ads: Vec<AdDay>,
    /// Orders that follow from clicks of this day, whenever they come.
    pub orders: Vec<Order>,
    /// What platforms claim on top.
    pub claims: Vec<Claim>,
    /// Orders of this day that no ad brought, by the CRM's zone.
    pub organic: Vec<Order>,
}

/// What one ad did on one day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct AdDay {
    /// Spend in the market's currency, as planned.
    pub spend: f64,
    /// What the platform bills, in the account's currency, to the smallest coin.
    pub cost: Micros,
    /// Impressions.
    pub impressions: u64,
    /// Clicks.
    pub clicks: u64,
    /// Video views, where the creative is a film.
    pub video_views: Option<u64>,
    /// Orders that follow from its clicks, whenever they come.
    pub orders: u64,
    /// Their value in the market's currency.
    pub revenue: f64,
}

/// What a platform claims for one ad and day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[non_exhaustive]
pub struct Claimed {
    /// Conversions; fractional where a claim counts in part.
    pub conversions: f64,
    /// Their value in the account's currency.
    pub value: Micros,
}

impl DayOutcome {
    /// Total spend in the market's currency.
    #[must_use]
    pub fn spend(&self) -> f64 {
        self.ads.iter().map(|ad| ad.spend).sum()
    }

    /// Total revenue that follows from the day's clicks, in the market's currency.
    #[must_use]
    pub fn revenue(&self) -> f64 {
        self.ads.iter().map(|ad| ad.revenue).sum()
    }

    /// What the platforms claim for each ad as of an instant: orders within their window and
    /// conversions without a click.
    #[must_use]
    pub fn claimed(&self, as_of: Timestamp) -> Vec<Claimed> {
        let mut list = vec![Claimed::default(); self.ads.len()];
        let clicks = self.orders.iter().filter(|o| o.claimed && o.known_at <= as_of);
        let clicks = clicks.filter_map(|o| o.ad.map(|ad| (ad, 1.0, o.value)));
        let views = self.claims.iter().filter(|c| c.known_at <= as_of);
        for (ad, credit, value) in clicks.chain(views.map(|c| (c.ad, c.credit, c.value))) {
            if let Some(claimed) = list.get_mut(ad) {
                claimed.conversions += credit;
                claimed.value = Micros(claimed.value.0.saturating_add(value.0));
            }
        }
        list
    }
}

impl Market {
    /// Spends a plan for one day and moves to the next.
    ///
    /// # Shapes
    /// `spend` has one number per ad, in the market's currency.
    ///
    /// # Errors
    /// [`MarketError::Date`] unless `date` is [`Market::today`]; else as [`Market::expected`]. The
    /// market has not moved after an error.
    ///
    /// # Complexity
    /// Linear in ads and orders.
    pub fn run_day(&mut self, date: Date, spend: &[f64]) -> Result<DayOutcome, MarketError> {
        let expected = self.today()?;
        if date != expected {
            return Err(MarketError::Date { got: date, expected });
        }
        let mut means = Vec::with_capacity(spend.len());
        self.truth.day_means(self.day, spend, &self.shown, &mut means)?;
        let next = self.day.checked_add(1).ok_or(MarketError::Calendar)?;
        let mut outcome = DayOutcome {
            date,
            ads: Vec::with_capacity(spend.len()),
            orders: Vec::new(),
            claims: Vec::new(),
            organic: Vec::new(),
        };
        let channels = self.truth.channels.iter().zip(&self.truth.config.channels);
        for (channel, config) in channels {
            let run = ChannelDay {
                truth: &self.truth,
                day: self.day,
                window: AccountDay::new(date, &channel.zone)?,
                rate: self.truth.rate(channel.currency.code(), date)?,
                channel,
                config,
            };
            for index in channel.ads.clone() {
                let (Some(ad), Some(&mean), Some(&spend)) =
                    (self.truth.ads.get(index), means.get(index), spend.get(index))
                else {
                    continue;
                };
                run.ad(index, ad, mean, spend, &mut outcome)?;
            }
        }
        self.truth.organic(self.day, date, &mut outcome)?;
        for (shown, mean) in self.shown.iter_mut().zip(&means) {
            *shown += mean.impressions;
        }
        self.day = next;
        Ok(outcome)
    }

    /// Runs a constant daily plan for some days.
    ///
    /// # Errors
    /// As [`Market::run_day`].
    pub fn run_days(&mut self, days: u32, spend: &[f64]) -> Result<Vec<DayOutcome>, MarketError> {
        (0..days).map(|_| self.run_day(self.today()?, spend)).collect()
    }
}

/// What is the same for all ads of a channel on a day.
struct ChannelDay<'t> {
    truth: &'t Truth,
    day: i32,
    window: AccountDay,
    rate: f64,
    channel: &'t Channel,
    config: &'t ChannelConfig,
}

impl ChannelDay<'_> {
    fn ad(
        &self,
        index: usize,
        ad: &Ad,
        mean: AdMean,
        spend: f64,
        outcome: &mut DayOutcome,
    ) -> Result<(), MarketError> {
        let key = [day_part(self.day), index as u64, 0];
        let mut row = AdDay {
            spend,
            cost: round_to_coin(spend / self.rate, self.channel.currency)?,
            ..AdDay::default()
        };
        if mean.impressions > 0.0 {
            let mut rng = stream(self.truth.seed, Purpose::Counts, key);
            let luck = luck(self.truth.config.noise.impressions_cv, &mut rng);
            row.impressions = poisson(mean.impressions * luck, &mut rng);
            row.clicks = binomial(row.impressions, mean.ctr, &mut rng);
            row.orders = binomial(row.clicks, mean.cvr, &mut rng);
            let creative = self.truth.creatives.get(ad.creative);
            let format = creative.and_then(|c| self.truth.config.formats.get(c.format));
            if format.is_some_and(|format| format.video) {
                // A third of impressions are watched for two seconds.
                row.video_views = Some(binomial(row.impressions, 1.0 / 3.0, &mut rng));
            }
        } else if self.is_video(ad) {
            row.video_views = Some(0);
        }
        for number in 0..row.orders {
            let order = self.order(index, ad, number)?;
            row.revenue += order.revenue;
            outcome.orders.push(order);
        }
        self.claims(index, ad, mean, outcome)?;
        outcome.ads.push(row);
        Ok(())
    }

    fn order(&self, index: usize, ad: &Ad, number: u64) -> Result<Order, MarketError> {
        let parts = [day_part(self.day), index as u64, number];
        let mut rng = stream(self.truth.seed, Purpose::Order, parts);
        let clicked_at = click_time(&self.window, uniform(&mut rng))?;
        let days = quantile(&self.truth.delay, uniform(&mut rng)) as f64;
        // Within its day the order comes sooner rather than later.
        let part = uniform(&mut rng).powi(2);
        let ordered_at = later(clicked_at, (days + part) * 86_400.0)?;
        let sigma = self.truth.config.noise.order_value_sigma;
        let revenue = amount(ad.order_value, sigma, &mut rng);
        Ok(Order {
            key: key(self.truth.seed, Purpose::Order, parts),
            ad: Some(index),
            clicked_at,
            ordered_at,
            known_at: self.truth.known_at(ordered_at)?,
            value: coins(revenue, self.rate, self.channel.currency)?,
            currency: self.channel.currency,
            revenue,
            tracked: uniform(&mut rng) >= self.truth.config.lost_click_ids,
            claimed: days < f64::from(self.config.window_days),
        })
    }

    fn claims(
        &self,
        index: usize,
        ad: &Ad,
        mean: AdMean,
        outcome: &mut DayOutcome,
    ) -> Result<(), MarketError> {
        let expected = mean.impressions * mean.ctr * mean.cvr * self.config.view_through;
        if expected <= 0.0 {
            return Ok(());
        }
        let key = [day_part(self.day), index as u64, 0];
        let mut rng = stream(self.truth.seed, Purpose::ViewThrough, key);
        for _ in 0..poisson(expected, &mut rng) {
            let seen = click_time(&self.window, uniform(&mut rng))?;
            // One-day view: the purchase comes within a day of the impression.
            let bought = later(seen, uniform(&mut rng) * 86_400.0)?;
            let sigma = self.truth.config.noise.order_value_sigma;
            let credit = self.config.view_through_credit;
            let value = amount(ad.order_value, sigma, &mut rng) * credit / self.rate;
            outcome.claims.push(Claim {
                ad: index,
                known_at: self.truth.known_at(bought)?,
                credit,
                value: round_to_coin(value, self.channel.currency)?,
            });
        }
        Ok(())
    }

    fn is_video(&self, ad: &Ad) -> bool {
        let creative = self.truth.creatives.get(ad.creative);
        creative.and_then(|c| self.truth.config.formats.get(c.format)).is_some_and(|f| f.video)
    }
}

impl Truth {
    fn known_at(&self, ordered_at: Timestamp) -> Result<Timestamp, MarketError> {
        later(ordered_at, self.config.known_lag_hours * 3600.0)
    }

    fn organic(&self, day: i32, date: Date, outcome: &mut DayOutcome) -> Result<(), MarketError> {
        let window = AccountDay::new(date, &self.crm_zone)?;
        let currency = self.config.currency.parse()?;
        let demand = super::season::holidays(&self.config.holidays, date);
        let mut rng = stream(self.seed, Purpose::Organic, [day_part(day), 0, 0]);
        for number in 0..poisson(self.config.organic.orders_per_day * demand, &mut rng) {
            let parts = [day_part(day), 1, number];
            let mut rng = stream(self.seed, Purpose::Organic, parts);
            let ordered_at = click_time(&window, uniform(&mut rng))?;
            let sigma = self.config.noise.order_value_sigma;
            let revenue = amount(self.config.organic.order_value, sigma, &mut rng);
            outcome.organic.push(Order {
                key: key(self.seed, Purpose::Organic, parts),
                ad: None,
                clicked_at: ordered_at,
                ordered_at,
                known_at: self.known_at(ordered_at)?,
                value: coins(revenue, 1.0, currency)?,
                currency,
                revenue,
                tracked: false,
                claimed: false,
            });
        }
        Ok(())
    }
}

pub(crate) fn day_part(day: i32) -> u64 {
    i64::from(day) as u64
}

/// Gamma with mean 1 and a coefficient of variation.
fn luck(cv: f64, rng: &mut Xoshiro256PlusPlus) -> f64 {
    let variance = cv * cv;
    if variance < 1e-12 {
        return 1.0;
    }
    Gamma::new(1.0 / variance, variance).map_or(1.0, |law| law.sample(rng))
}

pub(crate) fn poisson(mean: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    // A mean beyond what the sampler takes is left without noise, which is below one part in 10⁶.
    let draw = |law: Poisson<f64>| law.sample(rng);
    if mean > 0.0 { Poisson::new(mean).map_or(mean, draw) as u64 } else { 0 }
}

pub(crate) fn binomial(n: u64, p: f64, rng: &mut Xoshiro256PlusPlus) -> u64 {
    // Rates above 1 can come of extreme configurations only: everyone then does it.
    Binomial::new(n, p.clamp(0.0, 1.0)).map_or(0, |law| law.sample(rng))
}
