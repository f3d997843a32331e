//! What a market is made of.

use campaign_core::money::MoneyError;
use campaign_core::time::TimeError;
use campaign_core::{Currency, Error};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use thiserror::Error as ThisError;

use super::delay::DelayLaw;
use super::fatigue::Fatigue;
use super::season::Holiday;

/// Why a market cannot be made, run or asked.
#[derive(Debug, Clone, PartialEq, ThisError)]
#[non_exhaustive]
pub enum MarketError {
    /// A number outside its range, or no number.
    #[error("{what} is {value}, expected {low} to {high}")]
    Range {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: f64,
        /// Least allowed.
        low: f64,
        /// Most allowed.
        high: f64,
    },
    /// Something the configuration names but does not have, or has none of.
    #[error("the market has no {kind} {name:?}")]
    Unknown {
        /// The kind of thing.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Two things share a name.
    #[error("there are two {kind} {name:?}")]
    Twice {
        /// The kind of thing.
        kind: &'static str,
        /// The name.
        name: String,
    },
    /// Two channels of one platform that do not share their account, its currency and its zone: one
    /// export file has one of each.
    #[error("channels {one:?} and {other:?} are of one platform but not of one account")]
    Accounts {
        /// A channel.
        one: String,
        /// The other.
        other: String,
    },
    /// A plan or a list of bounds without one number per ad.
    #[error("{what} has {got} numbers, the market has {expected} ads")]
    Length {
        /// What it is.
        what: &'static str,
        /// Its length.
        got: usize,
        /// The number of ads.
        expected: usize,
    },
    /// A spend, or a bound, that is negative or no number.
    #[error("{what} of ad {ad} is {value}, expected a finite number that is not negative")]
    Spend {
        /// Spend or which bound.
        what: &'static str,
        /// The ad's position.
        ad: usize,
        /// The number.
        value: f64,
    },
    /// Spend on an ad that does not exist yet.
    #[error("ad {ad} cannot spend before its launch")]
    NotLaunched {
        /// The ad's position.
        ad: usize,
    },
    /// Days must be run one after the other.
    #[error("the next day of the market is {expected}, got {got}")]
    Date {
        /// The date asked for.
        got: Date,
        /// The market's today.
        expected: Date,
    },
    /// No plan keeps the bounds and spends the budget.
    #[error("a budget of {budget} cannot be spent within bounds that add up to {low} to {high}")]
    Budget {
        /// The budget.
        budget: f64,
        /// Sum of the lower bounds.
        low: f64,
        /// Sum of the upper bounds.
        high: f64,
    },
    /// The end of the calendar.
    #[error("the market has reached the end of the calendar")]
    Calendar,
    /// An export could not be written as text.
    #[error("{file} could not be written: {message}")]
    Export {
        /// The file.
        file: String,
        /// Why.
        message: String,
    },
    /// A zone or a day.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// An amount.
    #[error(transparent)]
    Money(#[from] MoneyError),
    /// A curve.
    #[error(transparent)]
    Core(#[from] Error),
}

/// A market: channels, creatives, seasons, laws. [`Default`] is the bundled one ([`super::bundled`]).
///
/// Reads and writes TOML; fields that are left out keep the bundled value, unknown ones are refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MarketConfig {
    /// Whose ads they are.
    pub brand: String,
    /// The first day.
    pub start: Date,
    /// ISO code of the currency of budgets, curves and truth.
    pub currency: String,
    /// Days over which those ads are launched that are not there from the start.
    pub launch_days: u32,
    /// Share of the ads that are there from the start.
    pub launched_at_start: f64,
    /// Hours between an order and the day it can be seen in any report.
    pub known_lag_hours: f64,
    /// Share of ad orders whose click id was lost on the way.
    pub lost_click_ids: f64,
    /// Share of sessions that the analytics tool does not see.
    pub unseen_sessions: f64,
    /// IANA zone of the CRM's times.
    pub crm_zone: String,
    /// IANA zone of the analytics property.
    pub analytics_zone: String,
    /// The delay between click and order.
    pub delay: DelayLaw,
    /// How ads wear out.
    pub fatigue: Fatigue,
    /// How much is left to chance.
    pub noise: NoiseConfig,
    /// Orders without ads.
    pub organic: OrganicConfig,
    /// How the marketing team spends before any optimiser does.
    pub incumbent: IncumbentConfig,
    /// How strongly prices follow holiday demand: CPM is multiplied by demand to this power.
    pub price_exponent: f64,
    /// Exchange rates of the accounts' currencies.
    pub rates: Vec<RateConfig>,
    /// Days at which something shifts for good.
    pub changes: Vec<Change>,
    /// Holidays.
    pub holidays: Vec<Holiday>,
    /// What creatives can look like.
    pub formats: Vec<Format>,
    /// What creatives can say.
    pub themes: Vec<Theme>,
    /// Channels.
    pub channels: Vec<ChannelConfig>,
}

/// Spread of what is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct NoiseConfig {
    /// Coefficient of variation of an ad's daily luck with impressions, beyond Poisson.
    pub impressions_cv: f64,
    /// Standard deviation of the log of a creative's hidden click-rate factor.
    pub creative_ctr_sigma: f64,
    /// Standard deviation of the log of a creative's hidden conversion-rate factor.
    pub creative_cvr_sigma: f64,
    /// Standard deviation of the log of an order's value.
    pub order_value_sigma: f64,
}

impl Default for NoiseConfig {
    fn default() -> Self {
        Self {
            impressions_cv: 0.12,
            creative_ctr_sigma: 0.20,
            creative_cvr_sigma: 0.35,
            order_value_sigma: 0.55,
        }
    }
}

/// Orders that no ad brought.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct OrganicConfig {
    /// Mean orders on a normal day.
    pub orders_per_day: f64,
    /// Mean sessions on a normal day.
    pub sessions_per_day: f64,
    /// Mean order value.
    pub order_value: f64,
}

impl Default for OrganicConfig {
    fn default() -> Self {
        Self { orders_per_day: 8.0, sessions_per_day: 420.0, order_value: 66.0 }
    }
}

/// The incumbent's habits.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IncumbentConfig {
    /// Standard deviation of the log of an ad's weekly budget about its usual one.
    pub weekly_sigma: f64,
    /// Standard deviation of the log of an ad's usual budget about its channel's.
    pub budget_sigma: f64,
    /// Fewest days before an ad is retired.
    pub min_life_days: u32,
    /// Most days before an ad is retired.
    pub max_life_days: u32,
}

impl Default for IncumbentConfig {
    fn default() -> Self {
        Self { weekly_sigma: 0.35, budget_sigma: 0.45, min_life_days: 45, max_life_days: 150 }
    }
}

/// An exchange rate: `level·(1 + swing·sin(2π·(t / period + phase)) + noise·z)`, to five decimals,
/// with a phase and daily normal `z` by the seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RateConfig {
    /// ISO code of the account's currency.
    pub currency: String,
    /// Units of the market's currency per unit, on average.
    pub level: f64,
    /// Amplitude of the slow swing.
    pub swing: f64,
    /// Period of the swing in days.
    pub period_days: f64,
    /// Standard deviation of the daily noise.
    pub noise: f64,
}

/// A shift of conversion rates from a day on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// The first day it holds.
    pub date: Date,
    /// The channel it hits; every channel where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// The theme of the creatives it hits; every theme where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theme: Option<String>,
    /// What conversion rates are multiplied by.
    pub cvr: f64,
}

/// What a creative can look like.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Format {
    /// Its name, such as `Video`.
    pub name: String,
    /// Whether views of it are counted.
    pub video: bool,
    /// Factor on the click rate.
    pub ctr: f64,
    /// Factor on the conversion rate.
    pub cvr: f64,
}

/// What a creative can say.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Theme {
    /// Its name.
    pub name: String,
    /// Headlines; each makes a creative of its own per format.
    pub headlines: Vec<String>,
    /// The text below.
    pub body: String,
    /// Factor on the click rate.
    pub ctr: f64,
    /// Factor on the conversion rate.
    pub cvr: f64,
}

/// Who serves the ads and writes the export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Platform {
    /// Meta Ads Manager.
    Meta,
    /// Google Ads.
    Google,
    /// TikTok Ads Manager.
    Tiktok,
}

/// A channel: prices, rates, a pool of buyers, campaigns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelConfig {
    /// Its name.
    pub name: String,
    /// Who serves it.
    pub platform: Platform,
    /// The ad account's id.
    pub account: String,
    /// ISO code of the account's currency.
    pub currency: String,
    /// IANA zone of the account.
    pub zone: String,
    /// Price of the first thousand impressions of a day.
    pub cpm: f64,
    /// Clicks per impression of an average ad that is new.
    pub ctr: f64,
    /// Orders per click of an average ad that is new, before the pool.
    pub cvr: f64,
    /// Mean order value.
    pub order_value: f64,
    /// Daily spend of one ad at which its reach is half saturated.
    pub ad_half_spend: f64,
    /// Hill shape of an ad's reach, from 0.5 to 1.
    pub shape: f64,
    /// Would-be buyers per day at which the pool lets half through.
    pub daily_pool: f64,
    /// What the incumbent usually spends on one ad per day.
    pub daily_budget_per_ad: f64,
    /// Days after the click within which the platform claims an order.
    pub window_days: u32,
    /// Conversions claimed without a click, per order.
    pub view_through: f64,
    /// How much of a conversion such a claim counts.
    pub view_through_credit: f64,
    /// Demand by weekday, Monday first; scaled to a mean of 1.
    pub weekly: [f64; 7],
    /// Names of the formats its ads can have.
    pub formats: Vec<String>,
    /// Campaigns.
    pub campaigns: Vec<CampaignConfig>,
}

/// A campaign: one ad group per audience.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CampaignConfig {
    /// Its name.
    pub name: String,
    /// Its audiences.
    pub audiences: Vec<AudienceConfig>,
}

/// An audience within a campaign.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AudienceConfig {
    /// Its name, which is the ad group's.
    pub name: String,
    /// How many ads it is shown.
    pub ads: u32,
    /// Factor on the half saturation: how large it is.
    pub size: f64,
    /// Factor on the CPM.
    pub price: f64,
    /// Factor on the click rate.
    pub ctr: f64,
    /// Factor on the conversion rate.
    pub cvr: f64,
}

impl MarketConfig {
    /// Refuses a configuration that is no market; [`super::Market::new`] calls it.
    ///
    /// # Errors
    /// [`MarketError::Range`], [`MarketError::Unknown`] or [`MarketError::Twice`].
    pub fn check(&self) -> Result<(), MarketError> {
        let positive = |what, value| in_range(what, value, 1e-9, 1e9);
        let share = |what, value| in_range(what, value, 0.0, 1.0);
        self.currency.parse::<Currency>()?;
        share("launched_at_start", self.launched_at_start)?;
        share("lost_click_ids", self.lost_click_ids)?;
        share("unseen_sessions", self.unseen_sessions)?;
        share("fatigue.floor", self.fatigue.floor)?;
        in_range("launch_days", f64::from(self.launch_days), 0.0, 3_660.0)?;
        in_range("known_lag_hours", self.known_lag_hours, 0.0, 8_784.0)?;
        in_range("price_exponent", self.price_exponent, 0.0, 3.0)?;
        positive("fatigue.half_impressions", self.fatigue.half_impressions)?;
        positive("fatigue.age_half_life_days", self.fatigue.age_half_life_days)?;
        in_range("organic.orders_per_day", self.organic.orders_per_day, 0.0, 1e6)?;
        in_range("organic.sessions_per_day", self.organic.sessions_per_day, 0.0, 1e9)?;
        positive("organic.order_value", self.organic.order_value)?;
        for (what, sigma) in [
            ("noise.impressions_cv", self.noise.impressions_cv),
            ("noise.creative_ctr_sigma", self.noise.creative_ctr_sigma),
            ("noise.creative_cvr_sigma", self.noise.creative_cvr_sigma),
            ("noise.order_value_sigma", self.noise.order_value_sigma),
            ("incumbent.weekly_sigma", self.incumbent.weekly_sigma),
            ("incumbent.budget_sigma", self.incumbent.budget_sigma),
        ] {
            in_range(what, sigma, 0.0, 3.0)?;
        }
        let (min, max) = (self.incumbent.min_life_days, self.incumbent.max_life_days);
        in_range("incumbent.max_life_days", f64::from(max), f64::from(min), 36_600.0)?;
        for rate in &self.rates {
            rate.currency.parse::<Currency>()?;
            positive("rate level", rate.level)?;
            positive("rate period_days", rate.period_days)?;
            in_range("rate swing", rate.swing, 0.0, 0.5)?;
            in_range("rate noise", rate.noise, 0.0, 0.05)?;
        }
        for holiday in &self.holidays {
            in_range("holiday factor", holiday.factor, 0.01, 20.0)?;
        }
        for change in &self.changes {
            in_range("change cvr", change.cvr, 0.0, 20.0)?;
            self.known(change)?;
        }
        self.check_creatives()?;
        no_twins("channels", self.channels.iter().map(|c| c.name.as_str()))?;
        if self.channels.is_empty() {
            return Err(MarketError::Unknown { kind: "channel", name: String::new() });
        }
        for (index, one) in self.channels.iter().enumerate() {
            let account =
                |c: &ChannelConfig| (c.account.clone(), c.currency.clone(), c.zone.clone());
            let others = self.channels.iter().skip(index + 1);
            let mut same = others.filter(|other| other.platform == one.platform);
            if let Some(other) = same.find(|other| account(other) != account(one)) {
                let (one, other) = (one.name.clone(), other.name.clone());
                return Err(MarketError::Accounts { one, other });
            }
        }
        self.channels.iter().try_for_each(|channel| self.check_channel(channel))
    }

    fn known(&self, change: &Change) -> Result<(), MarketError> {
        let missing = |kind, name: &str| Err(MarketError::Unknown { kind, name: name.to_owned() });
        match (&change.channel, &change.theme) {
            (Some(name), _) if !self.channels.iter().any(|c| c.name == *name) => {
                missing("channel", name)
            }
            (_, Some(name)) if !self.themes.iter().any(|t| t.name == *name) => {
                missing("theme", name)
            }
            _ => Ok(()),
        }
    }

    fn check_creatives(&self) -> Result<(), MarketError> {
        no_twins("formats", self.formats.iter().map(|f| f.name.as_str()))?;
        no_twins("themes", self.themes.iter().map(|t| t.name.as_str()))?;
        if self.themes.is_empty() {
            return Err(MarketError::Unknown { kind: "theme", name: String::new() });
        }
        for format in &self.formats {
            in_range("format ctr", format.ctr, 0.01, 100.0)?;
            in_range("format cvr", format.cvr, 0.01, 100.0)?;
        }
        for theme in &self.themes {
            in_range("theme ctr", theme.ctr, 0.01, 100.0)?;
            in_range("theme cvr", theme.cvr, 0.01, 100.0)?;
            in_range("number of headlines", theme.headlines.len() as f64, 1.0, 1e4)?;
        }
        Ok(())
    }

    fn check_channel(&self, channel: &ChannelConfig) -> Result<(), MarketError> {
        for (what, value, low, high) in [
            ("channel cpm", channel.cpm, 1e-3, 1e4),
            ("channel ctr", channel.ctr, 1e-6, 0.5),
            ("channel cvr", channel.cvr, 1e-6, 0.5),
            ("channel order_value", channel.order_value, 1e-2, 1e6),
            ("channel ad_half_spend", channel.ad_half_spend, 1e-2, 1e7),
            ("channel shape", channel.shape, 0.5, 1.0),
            ("channel daily_pool", channel.daily_pool, 1e-3, 1e9),
            ("channel daily_budget_per_ad", channel.daily_budget_per_ad, 0.0, 1e7),
            ("channel view_through", channel.view_through, 0.0, 10.0),
            ("channel view_through_credit", channel.view_through_credit, 0.0, 1.0),
            ("channel window_days", f64::from(channel.window_days), 0.0, 366.0),
            ("sum of channel weekly", channel.weekly.iter().sum(), 1e-3, 1e6),
        ] {
            in_range(what, value, low, high)?;
        }
        for day in channel.weekly {
            in_range("channel weekly", day, 0.0, 1e6)?;
        }
        for name in &channel.formats {
            if !self.formats.iter().any(|f| f.name == *name) {
                return Err(MarketError::Unknown { kind: "format", name: name.clone() });
            }
        }
        if channel.formats.is_empty() {
            return Err(MarketError::Unknown { kind: "format", name: String::new() });
        }
        let ads: u32 = channel
            .campaigns
            .iter()
            .flat_map(|c| &c.audiences)
            .map(|a| a.ads)
            .fold(0, u32::saturating_add);
        in_range("ads of a channel", f64::from(ads), 1.0, 100_000.0)?;
        for audience in channel.campaigns.iter().flat_map(|c| &c.audiences) {
            in_range("audience size", audience.size, 1e-3, 1e3)?;
            in_range("audience price", audience.price, 1e-3, 1e3)?;
            in_range("audience ctr", audience.ctr, 1e-3, 1e3)?;
            in_range("audience cvr", audience.cvr, 1e-3, 1e3)?;
        }
        let priced = channel.currency == self.currency
            || self.rates.iter().any(|rate| rate.currency == channel.currency);
        if priced {
            Ok(())
        } else {
            let name = channel.currency.clone();
            Err(MarketError::Unknown { kind: "exchange rate for", name })
        }
    }
}

fn no_twins<'n>(
    kind: &'static str,
    names: impl Iterator<Item = &'n str>,
) -> Result<(), MarketError> {
    let mut seen = std::collections::BTreeSet::new();
    for name in names {
        if !seen.insert(name) {
            return Err(MarketError::Twice { kind, name: name.to_owned() });
        }
    }
    Ok(())
}

pub(crate) fn in_range(
    what: &'static str,
    value: f64,
    low: f64,
    high: f64,
) -> Result<(), MarketError> {
    if value >= low && value <= high {
        Ok(())
    } else {
        Err(MarketError::Range { what, value, low, high })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bundled_market_passes_and_survives_toml() {
        let config = MarketConfig::default();
        config.check().unwrap();
        let text = toml::to_string(&config).unwrap();
        assert_eq!(toml::from_str::<MarketConfig>(&text).unwrap(), config);
    }

    #[test]
    fn a_short_toml_keeps_the_rest() {
        let config: MarketConfig =
            toml::from_str("brand = \"x\"\ndelay = { geometric = { p = 0.5, days = 9 } }").unwrap();
        assert_eq!(config.delay, DelayLaw::Geometric { p: 0.5, days: 9 });
        assert_eq!(config.channels, MarketConfig::default().channels);
        assert!(toml::from_str::<MarketConfig>("brnad = \"x\"").is_err());
    }

    #[test]
    fn what_is_no_market_is_refused() {
        type Break = fn(&mut MarketConfig);
        let breaks: [Break; 11] = [
            |c| c.channels[2].zone = "Europe/Berlin".into(),
            |c| c.channels.clear(),
            |c| c.themes.clear(),
            |c| c.channels[0].cpm = f64::NAN,
            |c| c.channels[0].cvr = 0.0,
            |c| c.channels[0].shape = 1.5,
            |c| c.channels[0].weekly = [0.0; 7],
            |c| c.channels[0].formats = vec!["Hologram".into()],
            |c| c.channels[1].name = c.channels[0].name.clone(),
            |c| c.rates.clear(),
            |c| c.changes[0].channel = Some("radio".into()),
        ];
        for (i, damage) in breaks.iter().enumerate() {
            let mut config = MarketConfig::default();
            damage(&mut config);
            assert!(config.check().is_err(), "{i}");
        }
    }
}
