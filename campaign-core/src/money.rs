//! Amounts of money, exact to the millionth.

use core::fmt;
use core::str::FromStr;

use rust_decimal::prelude::ToPrimitive;
use rust_decimal::{Decimal, RoundingStrategy};
use thiserror::Error;

/// Why an amount cannot be had.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum MoneyError {
    /// Two currencies met.
    #[error("{left} and {right} cannot be added; convert one first")]
    Currencies {
        /// The one.
        left: Currency,
        /// The other.
        right: Currency,
    },
    /// The result is beyond ±9.2e12 units.
    #[error("the amount exceeds what 64-bit micros can hold")]
    Overflow,
    /// Not a decimal number with at most six decimals.
    #[error("{0:?} is not an amount: expected a decimal number with at most 6 decimals")]
    Amount(String),
    /// Not an ISO 4217 code.
    #[error("{0:?} is not an ISO 4217 currency code")]
    Code(String),
    /// A weight, or an exchange rate, that is not a finite number of the right sign.
    #[error("{what}[{index}] is {value}, expected a finite number that is not negative")]
    Weight {
        /// What it is.
        what: &'static str,
        /// Its position.
        index: usize,
        /// Its value.
        value: f64,
    },
    /// An exchange rate that is not positive.
    #[error("the exchange rate {0} is not positive")]
    Rate(Decimal),
    /// Something is to be split over nothing.
    #[error("{0} cannot be split over weights that add up to 0")]
    NoWeights(Micros),
}

/// An ISO 4217 currency.
///
/// # Examples
/// ```
/// use campaign_core::Currency;
/// let yen: Currency = "JPY".parse()?;
/// assert_eq!((yen.code(), yen.exponent()), ("JPY", 0));
/// # Ok::<(), campaign_core::money::MoneyError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "&'static str"))]
pub struct Currency(iso_currency::Currency);

impl Currency {
    /// The three-letter code.
    #[must_use]
    pub fn code(self) -> &'static str {
        self.0.code()
    }

    /// How many decimals the smallest coin has: 2 for USD, 0 for JPY, 3 for KWD.
    ///
    /// 2 where ISO 4217 states none (precious metals, funds).
    #[must_use]
    pub fn exponent(self) -> u32 {
        self.0.exponent().map_or(2, u32::from)
    }
}

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(code: &str) -> Result<Self, MoneyError> {
        iso_currency::Currency::from_code(code)
            .map(Self)
            .ok_or_else(|| MoneyError::Code(code.to_owned()))
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(code: String) -> Result<Self, MoneyError> {
        code.parse()
    }
}

impl From<Currency> for &'static str {
    fn from(currency: Currency) -> &'static str {
        currency.code()
    }
}

impl PartialOrd for Currency {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Currency {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.code().cmp(other.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.code())
    }
}

/// An amount in millionths of a currency unit, whose currency is known from elsewhere.
///
/// ±9.2e12 units fit. Prints as a decimal without superfluous zeros.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Micros(pub i64);

impl Micros {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// One currency unit.
    pub const UNIT: i64 = 1_000_000;

    /// The amount in currency units, for kernels and charts.
    ///
    /// Exact to the micro up to 9e9 units.
    #[must_use]
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / Self::UNIT as f64
    }

    /// The nearest micro to a number of currency units, ties to even.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`] if it does not fit or is no number.
    pub fn from_f64(units: f64) -> Result<Self, MoneyError> {
        let micros = (units * Self::UNIT as f64).round_ties_even();
        // 2⁶³ is exact in f64; the largest i64 is not.
        if (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&micros) {
            Ok(Self(micros as i64))
        } else {
            Err(MoneyError::Overflow)
        }
    }

    /// Sum.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_add(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    /// Difference.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.0.checked_sub(other.0).map(Self).ok_or(MoneyError::Overflow)
    }

    /// Sum of many.
    ///
    /// # Errors
    /// [`MoneyError::Overflow`].
    pub fn checked_sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, MoneyError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The amount in another currency, rounded once, half to even, to the micro.
    ///
    /// `rate` is how many units of the other currency one unit of this one buys. With up to 9 decimals
    /// the product is exact before it is rounded, whatever the amount.
    ///
    /// # Errors
    /// [`MoneyError::Rate`] unless the rate is positive, [`MoneyError::Overflow`].
    pub fn convert(self, rate: Decimal) -> Result<Self, MoneyError> {
        if rate <= Decimal::ZERO {
            return Err(MoneyError::Rate(rate));
        }
        Decimal::from(self.0)
            .checked_mul(rate)
            .map(|micros| micros.round_dp_with_strategy(0, RoundingStrategy::MidpointNearestEven))
            .and_then(|micros| micros.to_i64())
            .map(Self)
            .ok_or(MoneyError::Overflow)
    }
}

impl FromStr for Micros {
    type Err = MoneyError;

    /// Reads a plain decimal (`-12.5`), exactly.
    ///
    /// More than six decimals are an error unless they are zeros: nothing is rounded in silence.
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        let bad = || MoneyError::Amount(text.to_owned());
        let plain = |c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | '+');
        if !text.chars().all(plain) {
            return Err(bad());
        }
        let amount = Decimal::from_str_exact(text).map_err(|_| bad())?.normalize();
        if amount.scale() > 6 {
            return Err(bad());
        }
        let micros = amount.checked_mul(Decimal::from(Self::UNIT)).ok_or(MoneyError::Overflow)?;
        micros.to_i64().map(Self).ok_or(MoneyError::Overflow)
    }
}

impl fmt::Display for Micros {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = Decimal::new(self.0, 6).normalize();
        fmt::Display::fmt(&digits, f)
    }
}

/// An amount with its currency.
///
/// There is no `+`: adding two currencies is an error that the caller sees.
///
/// # Examples
/// ```
/// use campaign_core::Money;
/// let spend = Money::parse("12.50", "EUR".parse()?)?;
/// assert_eq!(spend.checked_add(spend)?.to_string(), "25 EUR");
/// assert!(spend.checked_add(Money::parse("1", "USD".parse()?)?).is_err());
/// # Ok::<(), campaign_core::money::MoneyError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Money {
    /// How much.
    pub micros: Micros,
    /// Of what.
    pub currency: Currency,
}

impl Money {
    /// An amount of a currency.
    #[must_use]
    pub const fn new(micros: Micros, currency: Currency) -> Self {
        Self { micros, currency }
    }

    /// Reads a plain decimal, as [`Micros::from_str`].
    ///
    /// # Errors
    /// [`MoneyError::Amount`] or [`MoneyError::Overflow`].
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        Ok(Self::new(text.parse()?, currency))
    }

    /// Sum of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Currencies`] or [`MoneyError::Overflow`].
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(Self::new(self.micros.checked_add(other.micros)?, self.currency))
    }

    /// Difference of two amounts of one currency.
    ///
    /// # Errors
    /// [`MoneyError::Currencies`] or [`MoneyError::Overflow`].
    pub fn checked_sub(self, other: Self) -> Result<Self, MoneyError> {
        self.same_currency(other)?;
        Ok(Self::new(self.micros.checked_sub(other.micros)?, self.currency))
    }

    /// The amount in another currency, as [`Micros::convert`].
    ///
    /// # Errors
    /// [`MoneyError::Rate`] or [`MoneyError::Overflow`].
    pub fn convert(self, to: Currency, rate: Decimal) -> Result<Self, MoneyError> {
        Ok(Self::new(self.micros.convert(rate)?, to))
    }

    fn same_currency(self, other: Self) -> Result<(), MoneyError> {
        if self.currency == other.currency {
            Ok(())
        } else {
            Err(MoneyError::Currencies { left: self.currency, right: other.currency })
        }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.micros, self.currency)
    }
}

/// Splits a total by weights into parts that add up to it, to the last micro.
///
/// Every part is the exact share rounded towards zero; the micros left over go one each to the
/// largest remainders, and among equal remainders to the first. A weight of 0 gets nothing. A part
/// differs from its exact share by less than a micro as long as the total times the number of weights
/// stays below 2⁶² micros (4.6e12 units): weights count with 62 bits relative to the largest.
///
/// # Errors
/// [`MoneyError::Weight`] for a weight that is negative or no number, [`MoneyError::NoWeights`] where
/// a total other than 0 meets weights that add up to 0.
///
/// # Source
/// Hamilton's method of largest remainders.
///
/// # Examples
/// ```
/// use campaign_core::{Micros, money::apportion};
/// let parts = apportion(Micros(100), &[1.0, 1.0, 1.0])?;
/// assert_eq!(parts, [Micros(34), Micros(33), Micros(33)]);
/// # Ok::<(), campaign_core::money::MoneyError>(())
/// ```
pub fn apportion(total: Micros, weights: &[f64]) -> Result<Vec<Micros>, MoneyError> {
    if let Some(index) = weights.iter().position(|w| !(w.is_finite() && *w >= 0.0)) {
        return Err(MoneyError::Weight { what: "weights", index, value: weights[index] });
    }
    // Weights become 62-bit integers relative to the largest, so that shares are exact fractions.
    let largest = weights.iter().copied().fold(0.0, f64::max);
    if largest == 0.0 {
        let parts = vec![Micros::ZERO; weights.len()];
        return if total == Micros::ZERO { Ok(parts) } else { Err(MoneyError::NoWeights(total)) };
    }
    let scale = (1_u64 << 62) as f64;
    let integer: Vec<u128> = weights.iter().map(|w| (w / largest * scale) as u128).collect();
    let sum: u128 = integer.iter().sum();
    let amount = u128::from(total.0.unsigned_abs());
    let (mut parts, mut remainders) = (Vec::new(), Vec::new());
    for (index, weight) in integer.iter().enumerate() {
        // Below 2⁶³ · 2⁶² = 2¹²⁵.
        let share = amount * weight;
        parts.push(share / sum);
        remainders.push((share % sum, index));
    }
    let left = (amount - parts.iter().sum::<u128>()) as usize;
    remainders.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for &(_, index) in remainders.iter().take(left) {
        parts[index] += 1;
    }
    let sign = i128::from(total.0.signum());
    Ok(parts.into_iter().map(|part| Micros((part as i128 * sign) as i64)).collect())
}

/// Ratios of marketing, each `None` where it would be 0/0 or x/0.
///
/// # Units
/// Money in currency units, counts as numbers.
pub mod rate {
    fn ratio(numerator: f64, denominator: f64) -> Option<f64> {
        let value = numerator / denominator;
        value.is_finite().then_some(value)
    }

    /// Cost per thousand impressions.
    #[must_use]
    pub fn cpm(spend: f64, impressions: f64) -> Option<f64> {
        ratio(1000.0 * spend, impressions)
    }

    /// Cost per click.
    #[must_use]
    pub fn cpc(spend: f64, clicks: f64) -> Option<f64> {
        ratio(spend, clicks)
    }

    /// Cost per acquisition.
    #[must_use]
    pub fn cpa(spend: f64, conversions: f64) -> Option<f64> {
        ratio(spend, conversions)
    }

    /// Clicks per impression.
    #[must_use]
    pub fn ctr(clicks: f64, impressions: f64) -> Option<f64> {
        ratio(clicks, impressions)
    }

    /// Conversions per click.
    #[must_use]
    pub fn cvr(conversions: f64, clicks: f64) -> Option<f64> {
        ratio(conversions, clicks)
    }

    /// Return on ad spend.
    #[must_use]
    pub fn roas(revenue: f64, spend: f64) -> Option<f64> {
        ratio(revenue, spend)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn reads_and_prints_exactly() {
        for (text, micros) in
            [("12.5", 12_500_000), ("-0.000001", -1), ("0.10", 100_000), ("7", 7_000_000)]
        {
            assert_eq!(text.parse::<Micros>().unwrap(), Micros(micros), "{text}");
        }
        assert_eq!(Micros(1_234_560_000).to_string(), "1234.56");
        assert_eq!(Micros(i64::MIN).to_string(), "-9223372036854.775808");
        for bad in ["", ".", "1,5", "1e3", "0.0000001", "nan", "1_000", "99999999999999"] {
            assert!(bad.parse::<Micros>().is_err(), "{bad}");
        }
    }

    #[test]
    fn currencies_do_not_mix() {
        let eur = Money::parse("1", "EUR".parse().unwrap()).unwrap();
        let usd = Money::parse("1", "USD".parse().unwrap()).unwrap();
        assert!(matches!(eur.checked_add(usd), Err(MoneyError::Currencies { .. })));
        assert!(matches!(eur.checked_sub(usd), Err(MoneyError::Currencies { .. })));
        assert!("EURO".parse::<Currency>().is_err());
    }

    #[test]
    fn conversion_rounds_half_to_even_once() {
        assert_eq!(Micros(5).convert(Decimal::new(5, 1)).unwrap(), Micros(2));
        assert_eq!(Micros(7).convert(Decimal::new(5, 1)).unwrap(), Micros(4));
        assert_eq!(Micros(1_000_000).convert(Decimal::new(10_847, 4)).unwrap(), Micros(1_084_700));
        assert!(Micros(1).convert(Decimal::ZERO).is_err());
        assert!(Micros(i64::MAX).convert(Decimal::from(2)).is_err());
    }

    #[test]
    fn rates_of_nothing_are_none() {
        assert_eq!(rate::cpa(10.0, 0.0), None);
        assert_eq!(rate::ctr(0.0, 0.0), None);
        assert_eq!(rate::cpm(5.0, 1000.0), Some(5.0));
        assert_eq!(rate::cpc(5.0, 10.0), Some(0.5));
        assert_eq!(rate::cvr(1.0, 4.0), Some(0.25));
        assert_eq!(rate::roas(30.0, 10.0), Some(3.0));
    }

    proptest! {
        #[test]
        fn parts_add_up(total in any::<i64>(), weights in prop::collection::vec(0.0..1e9f64, 1..40)) {
            prop_assume!(weights.iter().any(|w| *w > 0.0));
            let parts = apportion(Micros(total), &weights).unwrap();
            prop_assert_eq!(parts.iter().map(|p| i128::from(p.0)).sum::<i128>(), i128::from(total));
            let sum: f64 = weights.iter().sum();
            for (part, weight) in parts.iter().zip(&weights) {
                let exact = total as f64 * weight / sum;
                // One micro of rounding, and the rounding of the f64 oracle itself.
                prop_assert!((part.0 as f64 - exact).abs() <= 1.0 + exact.abs() * 1e-14);
            }
        }

        #[test]
        fn text_round_trips(micros in any::<i64>()) {
            prop_assert_eq!(Micros(micros).to_string().parse::<Micros>().unwrap(), Micros(micros));
        }
    }

    #[test]
    fn apportion_edges() {
        assert_eq!(apportion(Micros(0), &[0.0, 0.0]).unwrap(), [Micros(0), Micros(0)]);
        assert!(matches!(apportion(Micros(1), &[0.0]), Err(MoneyError::NoWeights(_))));
        assert!(matches!(apportion(Micros(1), &[]), Err(MoneyError::NoWeights(_))));
        assert!(matches!(
            apportion(Micros(1), &[1.0, -1.0]),
            Err(MoneyError::Weight { index: 1, .. })
        ));
        assert_eq!(
            apportion(Micros(-10), &[1.0, 0.0, 2.0]).unwrap(),
            [Micros(-3), Micros(0), Micros(-7)]
        );
        assert_eq!(apportion(Micros(9), &[f64::MAX, f64::MAX]).unwrap(), [Micros(5), Micros(4)]);
    }
}
