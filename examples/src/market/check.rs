//! Which configurations are a market.

use campaign_core::Currency;

use super::config::{Change, ChannelConfig, MarketConfig};
use super::error::{MarketError, in_range};

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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::DelayLaw;

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
