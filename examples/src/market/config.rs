//! What a market is made of.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::delay::DelayLaw;
use super::fatigue::Fatigue;
use super::season::Holiday;

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
