//! Orders and claims: who bought, when, and who says so.

use campaign_core::rand::RngExt;
use campaign_core::time::AccountDay;
use campaign_core::{Currency, Micros};
use jiff::{SignedDuration, Timestamp};
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;

use super::config::Platform;
use super::error::MarketError;

/// An order of the shop.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Order {
    /// A number that no other order has.
    pub key: u64,
    /// The ad whose click brought it; `None` for an organic order.
    pub ad: Option<usize>,
    /// The click; equal to `ordered_at` for an organic order.
    pub clicked_at: Timestamp,
    /// The order.
    pub ordered_at: Timestamp,
    /// When it can first be seen in a report.
    pub known_at: Timestamp,
    /// Its value, to the smallest coin of `currency`.
    pub value: Micros,
    /// The currency it was paid in: the ad account's.
    pub currency: Currency,
    /// Its value in the market's currency, before rounding.
    pub revenue: f64,
    /// Whether the click id and the ad id reached the CRM.
    pub tracked: bool,
    /// Whether it falls within the platform's window.
    pub claimed: bool,
}

/// A conversion that a platform claims though nobody clicked.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// The ad.
    pub ad: usize,
    /// When it can first be seen in the platform's report.
    pub known_at: Timestamp,
    /// How much of a conversion it counts.
    pub credit: f64,
    /// The value claimed, in the account's currency, credit applied.
    pub value: Micros,
}

impl Order {
    /// The order's number in the shop.
    #[must_use]
    pub fn number(&self) -> String {
        format!("HS{}", base32(self.key, 10))
    }

    /// The click id as the platform writes it; empty for an organic order or a lost id.
    #[must_use]
    pub fn click_id(&self, platform: Platform) -> String {
        if self.ad.is_none() || !self.tracked {
            return String::new();
        }
        let text = base32(self.key.rotate_left(29), 12);
        match platform {
            Platform::Meta => format!("fb.1.{}.{text}", self.clicked_at.as_millisecond()),
            Platform::Google => format!("Cj0KCQjw{text}"),
            Platform::Tiktok => format!("E.C.P.{text}"),
        }
    }
}

fn base32(mut key: u64, length: usize) -> String {
    const DIGITS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    (0..length)
        .map(|_| {
            let digit = DIGITS.get((key & 31) as usize).copied().unwrap_or(b'0');
            key >>= 5;
            char::from(digit)
        })
        .collect()
}

/// Share of a day's clicks per hour: quiet nights, busy evenings.
const HOURS: [f64; 24] = [
    1.6, 1.0, 0.7, 0.6, 0.6, 0.9, 1.9, 3.2, 4.0, 4.4, 4.6, 4.8, 5.2, 4.9, 4.6, 4.7, 5.0, 5.5, 6.4,
    7.4, 8.3, 8.4, 6.7, 4.6,
];

/// The part of a day's clicks that come before a part of the day has gone by.
///
/// Days of 23 or 25 hours are stretched over the same shape.
pub(crate) fn clicks_before(part: f64) -> f64 {
    let total: f64 = HOURS.iter().sum();
    let hours = part.clamp(0.0, 1.0) * 24.0;
    let each = HOURS.iter().enumerate();
    each.map(|(hour, share)| share * (hours - hour as f64).clamp(0.0, 1.0)).sum::<f64>() / total
}

/// An instant of a day, `u` of whose clicks come before it.
pub(crate) fn click_time(day: &AccountDay, u: f64) -> Result<Timestamp, MarketError> {
    let mut left = u * HOURS.iter().sum::<f64>();
    let mut hours = 0.0;
    for share in HOURS {
        if left < share {
            hours += left / share;
            break;
        }
        left -= share;
        hours += 1.0;
    }
    let seconds = (hours / 24.0 * day.hours() * 3600.0).floor();
    // Whole seconds, as reports have; never the first second of the next day.
    later(day.start(), seconds.clamp(0.0, (day.hours() * 3600.0 - 1.0).max(0.0)))
}

pub(crate) fn later(from: Timestamp, seconds: f64) -> Result<Timestamp, MarketError> {
    let span = SignedDuration::try_from_secs_f64(seconds.floor());
    span.ok().and_then(|span| from.checked_add(span).ok()).ok_or(MarketError::Calendar)
}

/// A log-normal amount with a given mean.
pub(crate) fn amount(mean: f64, sigma: f64, rng: &mut Xoshiro256PlusPlus) -> f64 {
    let z: f64 = StandardNormal.sample(rng);
    mean * (sigma * z - 0.5 * sigma * sigma).exp()
}

/// An amount in another currency, to its smallest coin and at least one of it.
pub(crate) fn coins(amount: f64, rate: f64, currency: Currency) -> Result<Micros, MarketError> {
    Ok(round_to_coin(amount / rate, currency)?.max(coin(currency)))
}

/// The nearest number of smallest coins.
pub(crate) fn round_to_coin(units: f64, currency: Currency) -> Result<Micros, MarketError> {
    let coin = coin(currency);
    let count = (units / coin.to_f64()).round();
    Ok(Micros::from_f64(count * coin.to_f64())?)
}

fn coin(currency: Currency) -> Micros {
    Micros(10_i64.pow(6 - currency.exponent().min(6)))
}

/// Uniform on `[0, 1)`.
pub(crate) fn uniform(rng: &mut Xoshiro256PlusPlus) -> f64 {
    rng.random()
}

#[cfg(test)]
mod tests {
    use super::*;
    use campaign_core::rand::SeedableRng;
    use campaign_core::time::zone;
    use jiff::civil::date;

    #[test]
    fn clicks_stay_inside_days_of_every_length() {
        let new_york = zone("America/New_York").unwrap();
        for (day, hours) in [(date(2026, 11, 1), 25.0), (date(2026, 3, 8), 23.0)] {
            let day = AccountDay::new(day, &new_york).unwrap();
            assert_eq!(day.hours(), hours);
            for u in [0.0, 0.3, 0.999, 1.0 - f64::EPSILON] {
                assert!(day.contains(click_time(&day, u).unwrap()), "{u}");
            }
        }
    }

    #[test]
    fn the_clock_and_its_inverse_agree() {
        let day = AccountDay::new(date(2026, 8, 1), &zone("UTC").unwrap()).unwrap();
        for u in [0.01, 0.2, 0.5, 0.77, 0.99] {
            let at = click_time(&day, u).unwrap();
            let part = at.duration_since(day.start()).as_secs_f64() / 86_400.0;
            assert!((clicks_before(part) - u).abs() < 1e-4); // one second of the busiest hour
        }
        assert_eq!((clicks_before(0.0), clicks_before(1.0)), (0.0, 1.0));
    }

    #[test]
    fn amounts_have_the_stated_mean() {
        let mut rng = Xoshiro256PlusPlus::seed_from_u64(3);
        let (n, mean, sigma) = (200_000, 60.0, 0.5_f64);
        let sum: f64 = (0..n).map(|_| amount(mean, sigma, &mut rng)).sum();
        // Standard error: mean·sqrt(exp(σ²) − 1)/sqrt(n); five of them.
        let error = mean * (sigma * sigma).exp_m1().sqrt() / f64::from(n).sqrt();
        assert!((sum / f64::from(n) - mean).abs() < 5.0 * error);
    }

    #[test]
    fn coins_by_currency() {
        let coins = |amount, code: &str| coins(amount, 1.0, code.parse().unwrap()).unwrap();
        assert_eq!(coins(12.345, "USD"), Micros(12_350_000));
        assert_eq!(coins(12.345, "JPY"), Micros(12_000_000));
        assert_eq!(coins(0.0001, "EUR"), Micros(10_000));
    }
}
