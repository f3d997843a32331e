//! Exchange rates.

use jiff::civil::Date;
use rand_distr::{Distribution, StandardNormal};

use super::config::RateConfig;
use super::error::MarketError;
use super::stream::{Purpose, stream};
use super::truth::Truth;

impl Truth {
    /// Units of the market's currency per unit of an account's, to five decimals; 1 for the market's
    /// own.
    ///
    /// # Errors
    /// [`MarketError::Unknown`] for a currency without a rate.
    pub fn rate(&self, currency: &str, date: Date) -> Result<f64, MarketError> {
        if currency == self.config.currency {
            return Ok(1.0);
        }
        let found = self.config.rates.iter().position(|rate| rate.currency == currency);
        let law = found.and_then(|index| self.config.rates.get(index).map(|law| (index, law)));
        let (index, law) = law.ok_or_else(|| MarketError::Unknown {
            kind: "exchange rate for",
            name: currency.to_owned(),
        })?;
        Ok(self.rate_of(index, law, super::truth::days_between(self.config.start, date)))
    }

    fn rate_of(&self, index: usize, law: &RateConfig, day: i32) -> f64 {
        let draw = |part: u64, day: i32| -> f64 {
            let key = [index as u64, part, i64::from(day) as u64];
            StandardNormal.sample(&mut stream(self.seed, Purpose::Rates, key))
        };
        let turns = f64::from(day) / law.period_days + draw(0, 0);
        let swing = law.swing * (core::f64::consts::TAU * turns).sin();
        // Noise of ±4 standard deviations at most, so that no draw can make a rate negative.
        let noise = law.noise * draw(1, day).clamp(-4.0, 4.0);
        // A rate that rounds to nothing would make amounts infinite.
        (law.level * (1.0 + swing + noise) * 1e5).round().max(1.0) / 1e5
    }
}
