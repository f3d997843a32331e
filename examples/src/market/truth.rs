//! What only the simulator knows: every ad's real rates.

use std::sync::Arc;

use campaign_core::time::zone;
use campaign_core::{Currency, Curve};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use campaign_core::rand::RngExt;

use super::config::{ChannelConfig, MarketConfig, Platform};
use super::error::MarketError;
use super::response;
use super::season;
use super::stream::{Purpose, key, stream};

/// The drawn market.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Truth {
    /// What it was drawn from.
    pub config: MarketConfig,
    /// The seed it was drawn with.
    pub seed: u64,
    /// Channels, in the order of the configuration.
    pub channels: Vec<Channel>,
    /// Campaigns.
    pub campaigns: Vec<Campaign>,
    /// Ad groups.
    pub ad_groups: Vec<AdGroup>,
    /// Creatives; one may be shown by several ads.
    pub creatives: Vec<Creative>,
    /// Ads.
    pub ads: Vec<Ad>,
    /// Probability of each delay in days.
    pub delay: Vec<f64>,
    pub(crate) crm_zone: TimeZone,
    pub(crate) analytics_zone: TimeZone,
    by_id: Vec<(Arc<str>, usize)>,
}

/// A channel's laws.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Channel {
    /// Its name.
    pub name: Arc<str>,
    /// Who serves it.
    pub platform: Platform,
    /// The account's currency.
    pub currency: Currency,
    /// The account's zone.
    pub zone: TimeZone,
    /// Buyers let through against would-be buyers.
    pub pool: Curve,
    /// Demand by weekday, Monday first, mean 1.
    pub weekly: [f64; 7],
    /// Positions of its ads: a range, since ads are numbered by channel.
    pub ads: core::ops::Range<usize>,
}

/// A campaign.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Campaign {
    /// The platform's id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its channel.
    pub channel: usize,
}

/// An ad group.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct AdGroup {
    /// The platform's id.
    pub id: Arc<str>,
    /// Its name, which is the audience's.
    pub name: Arc<str>,
    /// Its campaign.
    pub campaign: usize,
}

/// A creative.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Creative {
    /// What it says, by theme.
    pub theme: usize,
    /// What it looks like.
    pub format: usize,
    /// Its headline.
    pub headline: Arc<str>,
    /// Its text.
    pub body: Arc<str>,
    /// Hash of the picture or film, as the platforms show it.
    pub asset: Arc<str>,
    /// Factor on the click rate, theme and format included.
    pub ctr: f64,
    /// Factor on the conversion rate, theme and format included.
    pub cvr: f64,
}

/// An ad: a creative shown to an audience.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Ad {
    /// The platform's id.
    pub id: Arc<str>,
    /// Its name.
    pub name: Arc<str>,
    /// Its channel.
    pub channel: usize,
    /// Its campaign.
    pub campaign: usize,
    /// Its ad group.
    pub ad_group: usize,
    /// Its creative.
    pub creative: usize,
    /// The first day it can spend, counted from the market's first; negative for an older ad.
    pub launch: i32,
    /// Days after the launch on which the incumbent retires it.
    pub life: i32,
    /// What the incumbent usually spends on it per day.
    pub usual_budget: f64,
    /// Impressions against daily spend.
    pub reach: Curve,
    /// Clicks per impression when new.
    pub ctr: f64,
    /// Orders per click when new, before pool and season.
    pub cvr: f64,
    /// Mean order value.
    pub order_value: f64,
    /// Days from which its conversion rate is multiplied by something.
    pub changes: Vec<(i32, f64)>,
}

impl Truth {
    pub(crate) fn draw(config: MarketConfig, seed: u64) -> Result<Self, MarketError> {
        config.check()?;
        let mut truth = Self {
            seed,
            channels: Vec::new(),
            campaigns: Vec::new(),
            ad_groups: Vec::new(),
            creatives: creatives(&config, seed),
            ads: Vec::new(),
            delay: config.delay.probabilities()?,
            crm_zone: zone(&config.crm_zone)?,
            analytics_zone: zone(&config.analytics_zone)?,
            by_id: Vec::new(),
            config: MarketConfig::default(),
        };
        for channel in &config.channels {
            truth.add_channel(&config, channel)?;
        }
        truth.by_id = truth.ads.iter().enumerate().map(|(i, ad)| (ad.id.clone(), i)).collect();
        truth.by_id.sort();
        truth.config = config;
        Ok(truth)
    }

    pub(crate) fn ad_index(&self, id: &str) -> Option<usize> {
        let found = self.by_id.binary_search_by(|(other, _)| (**other).cmp(id)).ok()?;
        self.by_id.get(found).map(|&(_, index)| index)
    }

    pub(crate) fn date(&self, day: i32) -> Result<Date, MarketError> {
        let span = jiff::Span::new().try_days(i64::from(day)).map_err(|_| MarketError::Calendar)?;
        self.config.start.checked_add(span).map_err(|_| MarketError::Calendar)
    }

    fn add_channel(
        &mut self,
        config: &MarketConfig,
        channel: &ChannelConfig,
    ) -> Result<(), MarketError> {
        let index = self.channels.len();
        let first = self.ads.len();
        let mut cast = self.cast(config, channel, index);
        for campaign in &channel.campaigns {
            let campaign_index = self.campaigns.len();
            self.campaigns.push(Campaign {
                id: self.id(channel.platform, 1, campaign_index),
                name: campaign.name.as_str().into(),
                channel: index,
            });
            for audience in &campaign.audiences {
                let group_index = self.ad_groups.len();
                self.ad_groups.push(AdGroup {
                    id: self.id(channel.platform, 2, group_index),
                    name: audience.name.as_str().into(),
                    campaign: campaign_index,
                });
                for number in 1..=audience.ads {
                    let Some(creative_index) = cast.next() else { continue };
                    let Some(creative) = self.creatives.get(creative_index) else { continue };
                    let (ctr, cvr) = (creative.ctr, creative.cvr);
                    let name = ad_name(config, creative, number);
                    let ad_index = self.ads.len();
                    let key = [ad_index as u64, 0, 0];
                    let mut rng = stream(self.seed, Purpose::Ad, key);
                    let half = channel.ad_half_spend * audience.size;
                    let launch = launch(config, &mut rng);
                    let habits = &config.incumbent;
                    let life = rng.random_range(habits.min_life_days..=habits.max_life_days);
                    let mood: f64 = StandardNormal.sample(&mut rng);
                    self.ads.push(Ad {
                        id: self.id(channel.platform, 3, ad_index),
                        name,
                        channel: index,
                        campaign: campaign_index,
                        ad_group: group_index,
                        creative: creative_index,
                        launch,
                        // Counted from the first day for older ads: they are not retired at once.
                        life: life.cast_signed(),
                        usual_budget: channel.daily_budget_per_ad
                            * (habits.budget_sigma * mood).exp(),
                        reach: response::reach(channel.cpm * audience.price, half, channel.shape)?,
                        ctr: channel.ctr * audience.ctr * ctr,
                        cvr: channel.cvr * audience.cvr * cvr,
                        order_value: channel.order_value,
                        changes: changes(config, channel, self.creatives.get(creative_index)),
                    });
                }
            }
        }
        self.channels.push(Channel {
            name: channel.name.as_str().into(),
            platform: channel.platform,
            currency: channel.currency.parse()?,
            zone: zone(&channel.zone)?,
            pool: response::pool(channel.daily_pool)?,
            weekly: season::weekly(channel.weekly),
            ads: first..self.ads.len(),
        });
        Ok(())
    }

    /// The creatives of a channel's ads: every fitting one once, in random order, then again.
    fn cast(
        &self,
        config: &MarketConfig,
        channel: &ChannelConfig,
        index: usize,
    ) -> impl Iterator<Item = usize> + use<> {
        let fits = |creative: &Creative| {
            let format = config.formats.get(creative.format).map(|f| &f.name);
            format.is_some_and(|name| channel.formats.contains(name))
        };
        let mut deck: Vec<usize> = (0..self.creatives.len())
            .filter(|&i| self.creatives.get(i).is_some_and(fits))
            .collect();
        let mut rng = stream(self.seed, Purpose::Casting, [index as u64, 0, 0]);
        for last in (1..deck.len()).rev() {
            deck.swap(last, rng.random_range(0..=last));
        }
        deck.into_iter().cycle()
    }

    /// An id of the length that the platform gives; the last digits count, so that no two are equal.
    fn id(&self, platform: Platform, kind: u64, index: usize) -> Arc<str> {
        let (prefix, digits) = match platform {
            Platform::Meta => ("1202", 8),
            Platform::Google => ("7", 5),
            Platform::Tiktok => ("18", 8),
        };
        let salt = key(self.seed, Purpose::Ad, [platform as u64, kind, 1]) % 10_u64.pow(digits);
        format!("{prefix}{salt:0width$}{kind}{index:04}", width = digits as usize).into()
    }
}

fn creatives(config: &MarketConfig, seed: u64) -> Vec<Creative> {
    let mut list = Vec::new();
    for (theme_index, theme) in config.themes.iter().enumerate() {
        for (format_index, format) in config.formats.iter().enumerate() {
            for (variant, headline) in theme.headlines.iter().enumerate() {
                let parts = [theme_index as u64, format_index as u64, variant as u64];
                let mut rng = stream(seed, Purpose::Creative, parts);
                let mut factor = |sigma: f64| {
                    let z: f64 = StandardNormal.sample(&mut rng);
                    (sigma * z).exp()
                };
                list.push(Creative {
                    theme: theme_index,
                    format: format_index,
                    headline: headline.as_str().into(),
                    body: theme.body.as_str().into(),
                    asset: format!("{:012x}", key(seed, Purpose::Creative, parts) >> 16).into(),
                    ctr: theme.ctr * format.ctr * factor(config.noise.creative_ctr_sigma),
                    cvr: theme.cvr * format.cvr * factor(config.noise.creative_cvr_sigma),
                });
            }
        }
    }
    list
}

fn ad_name(config: &MarketConfig, creative: &Creative, number: u32) -> Arc<str> {
    let theme = config.themes.get(creative.theme).map_or("", |theme| &theme.name);
    let format = config.formats.get(creative.format).map_or("", |format| &format.name);
    format!("{theme} | {format} | {number:02}").into()
}

fn launch(config: &MarketConfig, rng: &mut Xoshiro256PlusPlus) -> i32 {
    let at_start = rng.random::<f64>() < config.launched_at_start;
    let day = rng.random_range(0..=config.launch_days).cast_signed();
    if at_start { -(day / 2) } else { day }
}

fn changes(
    config: &MarketConfig,
    channel: &ChannelConfig,
    creative: Option<&Creative>,
) -> Vec<(i32, f64)> {
    let theme = creative.and_then(|c| config.themes.get(c.theme)).map(|theme| &theme.name);
    config
        .changes
        .iter()
        .filter(|change| change.channel.as_ref().is_none_or(|name| *name == channel.name))
        .filter(|change| change.theme.as_ref().is_none_or(|name| Some(name) == theme))
        .map(|change| (days_between(config.start, change.date), change.cvr))
        .collect()
}

/// Days from one date to another; dates span at most 7.3 million days.
pub(crate) fn days_between(from: Date, to: Date) -> i32 {
    (to - from).get_days()
}
