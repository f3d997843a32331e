//! What a plan would earn: the market without its noise.

use super::Market;
use super::error::MarketError;
use super::response::pool_share;
use super::season::holidays;
use super::truth::{Ad, Truth};

/// What a plan brings on average, over all of its days.
///
/// Orders and revenue count for the day of the click, however late they come.
#[derive(Debug, Clone, PartialEq, Default)]
#[non_exhaustive]
pub struct Expected {
    /// Spend.
    pub spend: f64,
    /// Impressions.
    pub impressions: f64,
    /// Clicks.
    pub clicks: f64,
    /// Orders.
    pub orders: f64,
    /// Revenue, in the market's currency.
    pub revenue: f64,
    /// Revenue of each ad.
    pub revenue_by_ad: Vec<f64>,
}

/// The means of one ad on one day.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(crate) struct AdMean {
    pub(crate) impressions: f64,
    pub(crate) ctr: f64,
    /// Orders per click, with pool and season.
    pub(crate) cvr: f64,
}

impl Market {
    /// What a constant daily plan would earn from today on, wear over its days included.
    ///
    /// The market does not move. Exact: no simulation is involved.
    ///
    /// # Shapes
    /// `spend` has one number per ad: its daily spend in the market's currency.
    ///
    /// # Errors
    /// [`MarketError::Length`], [`MarketError::Spend`], [`MarketError::NotLaunched`] or
    /// [`MarketError::Calendar`].
    pub fn expected(&self, spend: &[f64], days: u32) -> Result<Expected, MarketError> {
        let mut sum = Expected { revenue_by_ad: vec![0.0; spend.len()], ..Expected::default() };
        let mut shown = self.shown.clone();
        let mut means = Vec::with_capacity(spend.len());
        for day in 0..days {
            let day = self.day.checked_add_unsigned(day).ok_or(MarketError::Calendar)?;
            self.truth.day_means(day, spend, &shown, &mut means)?;
            let each = means.iter().zip(&self.truth.ads).zip(spend).zip(&mut shown);
            for ((((mean, ad), spend), shown), revenue) in each.zip(&mut sum.revenue_by_ad) {
                let clicks = mean.impressions * mean.ctr;
                let orders = clicks * mean.cvr;
                sum.spend += spend;
                sum.impressions += mean.impressions;
                sum.clicks += clicks;
                sum.orders += orders;
                sum.revenue += orders * ad.order_value;
                *revenue += orders * ad.order_value;
                *shown += mean.impressions;
            }
        }
        Ok(sum)
    }

    /// The revenue of [`Market::expected`] alone.
    ///
    /// # Errors
    /// As [`Market::expected`].
    pub fn expected_revenue(&self, spend: &[f64], days: u32) -> Result<f64, MarketError> {
        self.expected(spend, days).map(|expected| expected.revenue)
    }
}

impl Truth {
    /// The means of every ad on a day, given what each has been shown before it.
    pub(crate) fn day_means(
        &self,
        day: i32,
        spend: &[f64],
        shown: &[f64],
        means: &mut Vec<AdMean>,
    ) -> Result<(), MarketError> {
        self.check_plan("spend", spend)?;
        if let Some(ad) = early(&self.ads, day, spend) {
            return Err(MarketError::NotLaunched { ad });
        }
        let (demand, price) = self.seasons(day)?;
        means.clear();
        means.extend(self.ads.iter().zip(spend).zip(shown).map(|((ad, &spend), &shown)| {
            let wear = self.config.fatigue.by_impressions(shown) * self.age_effect(ad, day);
            AdMean {
                impressions: ad.reach.value(spend) / price,
                ctr: ad.ctr * wear.sqrt(),
                cvr: ad.cvr * wear.sqrt() * change(ad, day),
            }
        }));
        for (channel, demand) in self.channels.iter().zip(demand) {
            let Some(means) = means.get_mut(channel.ads.clone()) else { continue };
            let raw: f64 = means.iter().map(|m| m.impressions * m.ctr * m.cvr).sum();
            let share = pool_share(&channel.pool, raw) * demand;
            for mean in means {
                mean.cvr *= share;
            }
        }
        Ok(())
    }

    /// Demand of each channel and the price level of a day.
    pub(crate) fn seasons(&self, day: i32) -> Result<(Vec<f64>, f64), MarketError> {
        let date = self.date(day)?;
        let weekday = date.weekday().to_monday_zero_offset();
        let holiday = holidays(&self.config.holidays, date);
        let weekday = usize::try_from(weekday).unwrap_or(0);
        let weekly = |week: &[f64; 7]| week.get(weekday).copied().unwrap_or(1.0);
        let demand = self.channels.iter().map(|c| weekly(&c.weekly) * holiday).collect();
        Ok((demand, holiday.powf(self.config.price_exponent)))
    }

    pub(crate) fn age_effect(&self, ad: &Ad, day: i32) -> f64 {
        self.config.fatigue.by_age(f64::from(day.saturating_sub(ad.launch)))
    }

    pub(crate) fn check_plan(&self, what: &'static str, plan: &[f64]) -> Result<(), MarketError> {
        let expected = self.ads.len();
        if plan.len() != expected {
            return Err(MarketError::Length { what, got: plan.len(), expected });
        }
        match plan.iter().position(|x| !(x.is_finite() && *x >= 0.0)) {
            None => Ok(()),
            Some(ad) => {
                Err(MarketError::Spend { what, ad, value: plan.get(ad).copied().unwrap_or(0.0) })
            }
        }
    }
}

/// What conversion rates are multiplied by on a day.
pub(crate) fn change(ad: &Ad, day: i32) -> f64 {
    ad.changes.iter().filter(|(from, _)| *from <= day).map(|(_, factor)| factor).product()
}

fn early(ads: &[Ad], day: i32, spend: &[f64]) -> Option<usize> {
    ads.iter().zip(spend).position(|(ad, &spend)| spend > 0.0 && ad.launch > day)
}
