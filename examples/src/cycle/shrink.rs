//! A forecast from counts alone: conversions per click, drawn towards the channel's.
//!
//! Clicks per spend are counted well, conversions per click are not: an ad with two conversions may
//! be lucky. So the rate is taken apart, and only its uncertain factor is shrunk:
//!
//! `response per spend = clicks / spend · (conversions + s) / (clicks + s / m) · response per conversion`
//!
//! with `m` the channel's conversions per click and `s` a weight in conversions, chosen on rows that
//! train. Prices move fast, so clicks per spend are the last week's; conversions are rare, so theirs
//! are the last eight weeks'. The response per conversion is the channel's of four weeks, drawn
//! towards the account's.
//!
//! # Source
//! Efron & Morris (1975), *Data analysis using Stein's estimator*, JASA 70, 311–319: the idea of
//! shrinking many noisy rates towards their common mean.

use std::collections::BTreeMap;

use campaign_core::{Column, Dataset};
use jiff::civil::Date;

use super::config::Goal;

/// Weights tried, in conversions.
const WEIGHTS: [f64; 8] = [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0];

/// Conversions that the account's response per conversion weighs in a channel's.
const VALUE_WEIGHT: f64 = 10.0;

/// Where the trailing sums stand among the columns.
#[derive(Debug, Clone, Copy)]
struct Columns {
    channel: usize,
    spend: usize,
    clicks: usize,
    conversions: usize,
    response: usize,
    long_clicks: usize,
    long_conversions: usize,
    recent_spend: usize,
    recent_clicks: usize,
}

/// The forecast with its weight.
#[derive(Debug, Clone, Copy)]
pub struct Shrinkage {
    columns: Columns,
    /// How many conversions the channel's mean weighs.
    pub weight: f64,
}

/// Sums over the rows of one channel on one day of decision.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    spend: f64,
    clicks: f64,
    conversions: f64,
    response: f64,
    long_clicks: f64,
    long_conversions: f64,
}

impl Sums {
    fn add(&mut self, other: &Self) {
        self.spend += other.spend;
        self.clicks += other.clicks;
        self.conversions += other.conversions;
        self.response += other.response;
        self.long_clicks += other.long_clicks;
        self.long_conversions += other.long_conversions;
    }
}

impl Shrinkage {
    /// Chooses the weight that is closest to the targets of these rows, by weighted squared error;
    /// `None` if the columns lack a trailing sum or the rows a target.
    #[must_use]
    pub fn fit(columns: &[Column], train: &Dataset, goal: Goal) -> Option<Self> {
        let at = |name: &str| columns.iter().position(|column| &*column.name == name);
        let columns = Columns {
            channel: at("ad_channel")?,
            spend: at("spend_28d")?,
            clicks: at("clicks_28d")?,
            conversions: at("conversions_28d")?,
            response: match goal {
                Goal::Roas => at("revenue_28d")?,
                Goal::Cpa => at("conversions_28d")?,
            },
            long_clicks: at("clicks_56d")?,
            long_conversions: at("conversions_56d")?,
            recent_spend: at("spend_7d")?,
            recent_clicks: at("clicks_7d")?,
        };
        let (target, weights) = (train.target()?, train.weights()?);
        let error = |candidate: &Self| -> f64 {
            let predicted = candidate.predict(train);
            let squared = |((p, y), w): ((f64, &f64), &f64)| w * (p - y) * (p - y);
            predicted.into_iter().zip(target).zip(weights).map(squared).sum()
        };
        WEIGHTS
            .map(|weight| Self { columns, weight })
            .into_iter()
            .min_by(|a, b| error(a).total_cmp(&error(b)))
    }

    /// The rate of each row, from what was known on its day of decision.
    #[must_use]
    pub fn predict(&self, data: &Dataset) -> Vec<f64> {
        let columns = &self.columns;
        let rows = data.features();
        let days = data.days().unwrap_or(&[]);
        let known = |row: usize, column: usize| {
            let value = rows[[row, column]];
            if value.is_nan() { 0.0 } else { value }
        };
        let key = |row: usize| -> (Date, Option<u64>) {
            let channel = rows[[row, columns.channel]];
            (days[row], (!channel.is_nan()).then_some(channel as u64))
        };
        let of = |row: usize| Sums {
            spend: known(row, columns.spend),
            clicks: known(row, columns.clicks),
            conversions: known(row, columns.conversions),
            response: known(row, columns.response),
            long_clicks: known(row, columns.long_clicks),
            long_conversions: known(row, columns.long_conversions),
        };
        let mut channels: BTreeMap<(Date, Option<u64>), Sums> = BTreeMap::new();
        let mut accounts: BTreeMap<Date, Sums> = BTreeMap::new();
        for (row, day) in days.iter().enumerate() {
            channels.entry(key(row)).or_default().add(&of(row));
            accounts.entry(*day).or_default().add(&of(row));
        }
        (0..days.len())
            .map(|row| {
                let (channel, account) = (channels[&key(row)], accounts[&days[row]]);
                let own = of(row);
                let mean = (channel.long_conversions + 0.5) / (channel.long_clicks + 1.0);
                let converting =
                    (own.long_conversions + self.weight) / (own.long_clicks + self.weight / mean);
                let overall = account.response / account.conversions.max(1.0);
                let value = (channel.response + VALUE_WEIGHT * overall)
                    / (channel.conversions + VALUE_WEIGHT);
                // The last week's price, or the last month's, or the channel's.
                let price = [
                    (known(row, columns.recent_clicks), known(row, columns.recent_spend)),
                    (own.clicks, own.spend),
                    (channel.clicks, channel.spend),
                ];
                let per_spend = price.iter().find(|(clicks, spend)| *clicks > 0.0 && *spend > 0.0);
                per_spend.map_or(0.0, |(clicks, spend)| clicks / spend) * converting * value
            })
            .collect()
    }
}
