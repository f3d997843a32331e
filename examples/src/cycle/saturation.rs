//! How much less the next unit of spend brings than the average one.
//!
//! The more an ad spends a day, the dearer its impressions. Per channel one number says how fast:
//! the daily spend `h` at which an ad's price has doubled,
//!
//! `impressions = r · x / (1 + x / h)`
//!
//! with `x` the ad's daily spend and `r` what its first unit buys. At spend `x` the next unit then
//! brings `1 / (1 + x / h)` of what the average unit does. A plan by average returns would pile money
//! on the ads that look best until they no longer are.
//!
//! `h` is found by least squares on `ln(impressions / spend)`, each ad with a level of its own, over
//! a grid. Where a straight line explains the days as well, there is no saturation to speak of.
//!
//! # Source
//! The curve is Hill's of shape 1 (Jin et al. 2017, eq. 4), in spend per ad and day.

use std::collections::BTreeMap;

use campaign_core::ChannelId;
use jiff::civil::Date;

use super::history::History;

/// Daily figures of an ad below this many are not used: they have no level of their own.
const MIN_DAYS: usize = 7;

/// Steps of the grid of `h`, from a twentieth to a hundred times the channel's usual daily spend.
const STEPS: i32 = 80;

/// How much better than a straight line the curve must be: twice the gain in log-likelihood that
/// chance exceeds once in a thousand times for one parameter.
const MIN_GAIN: f64 = 10.8;

/// Per channel, the daily spend of an ad at which its price has doubled.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Saturation(BTreeMap<ChannelId, f64>);

impl Saturation {
    /// Learns from the days between two.
    #[must_use]
    pub fn fit(history: &History, from: Date, to: Date) -> Self {
        let mut channels: BTreeMap<&ChannelId, Vec<Vec<(f64, f64)>>> = BTreeMap::new();
        for (index, cell) in history.cells.iter().enumerate() {
            let days: Vec<(f64, f64)> = history
                .of_cell(index)
                .iter()
                .filter(|(day, f)| {
                    from <= *day && *day <= to && f.spend > 0.0 && f.impressions > 0.0
                })
                .map(|(_, f)| (f.spend, (f.impressions / f.spend).ln()))
                .collect();
            if days.len() >= MIN_DAYS {
                channels.entry(&cell.channel).or_default().push(days);
            }
        }
        let fitted = channels
            .into_iter()
            .filter_map(|(channel, ads)| half_spend(&ads).map(|half| (channel.clone(), half)));
        Self(fitted.collect())
    }

    /// What the next unit brings as a share of what the average unit does, at a daily spend.
    #[must_use]
    pub fn next_to_average(&self, channel: &ChannelId, spend: f64) -> f64 {
        self.0.get(channel).map_or(1.0, |half| 1.0 / (1.0 + spend / half))
    }

    /// How the average return changes when a daily spend does.
    #[must_use]
    pub fn average_after(&self, channel: &ChannelId, from: f64, to: f64) -> f64 {
        self.0.get(channel).map_or(1.0, |half| (1.0 + from / half) / (1.0 + to / half))
    }
}

/// The `h` of one channel, from pairs of daily spend and log impressions per spend, ad by ad.
fn half_spend(ads: &[Vec<(f64, f64)>]) -> Option<f64> {
    let mut spends: Vec<f64> = ads.iter().flatten().map(|(spend, _)| *spend).collect();
    spends.sort_unstable_by(f64::total_cmp);
    let usual = *spends.get(spends.len() / 2)?;
    let (n, levels) = (spends.len() as f64, ads.len() as f64);
    let line = squared_error(ads, f64::INFINITY);
    let grid = (0..=STEPS).map(|step| {
        let half = usual / 20.0 * 2000_f64.powf(f64::from(step) / f64::from(STEPS));
        (half, squared_error(ads, half))
    });
    let (half, curve) = grid.min_by(|a, b| a.1.total_cmp(&b.1))?;
    ((n - levels) * (line / curve).ln() > MIN_GAIN).then_some(half)
}

/// Sum of squares about each ad's own level, once the curve is taken out.
fn squared_error(ads: &[Vec<(f64, f64)>], half: f64) -> f64 {
    let of_ad = |days: &Vec<(f64, f64)>| {
        let level = |(spend, price): &(f64, f64)| price + (spend / half).ln_1p();
        let mean = days.iter().map(level).sum::<f64>() / days.len() as f64;
        days.iter().map(|day| (level(day) - mean).powi(2)).sum::<f64>()
    };
    ads.iter().map(of_ad).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::rand::{RngExt as _, SeedableRng as _};
    use rand_xoshiro::Xoshiro256PlusPlus;

    /// Thirty days of ten ads: log impressions per spend with noise, under a curve or none.
    fn ads(half: f64, seed: u64) -> Vec<Vec<(f64, f64)>> {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
        let mut ad = || {
            let level = rng.random_range(3.0..5.0);
            let mut day = || {
                let spend: f64 = rng.random_range(5.0..80.0);
                let noise: f64 = rng.random_range(-0.2..0.2);
                (spend, level - (spend / half).ln_1p() + noise)
            };
            (0..30).map(|_| day()).collect()
        };
        (0..10).map(|_| ad()).collect()
    }

    #[test]
    fn a_curve_is_found() {
        for seed in 0..20 {
            let half = half_spend(&ads(40.0, seed)).unwrap();
            assert!((25.0..64.0).contains(&half), "seed {seed}: {half}");
        }
    }

    #[test]
    fn a_straight_line_is_not_taken_for_one() {
        let found = (0..200).filter(|&seed| half_spend(&ads(f64::INFINITY, seed)).is_some());
        // Once in a thousand by design; three of 200 has a probability below 0.002.
        assert!(found.count() <= 2);
    }

    #[test]
    fn the_next_unit_is_the_slope_of_the_curve() {
        let channel = ChannelId::new("search").unwrap();
        let saturation = Saturation([(channel.clone(), 40.0)].into());
        let response = |x: f64| x * saturation.average_after(&channel, 30.0, x);
        let slope = (response(30.0 + 1e-5) - response(30.0 - 1e-5)) / 2e-5;
        assert!((slope - saturation.next_to_average(&channel, 30.0)).abs() < 1e-8);
        let other = ChannelId::new("display").unwrap();
        assert_eq!(saturation.next_to_average(&other, 30.0), 1.0);
    }
}
