//! Numbers as people and platforms write them.

mod parse;
mod plain;
#[cfg(test)]
mod tests;

use campaign_core::{Currency, Micros};
use serde::{Deserialize, Serialize};
use thiserror::Error;

pub(crate) use parse::could_be_either;
pub use parse::{evidence, is_null, parse};
pub(crate) use plain::Plain;

/// Which sign stands before the decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecimalMark {
    /// `1,234.56`
    Dot,
    /// `1.234,56`
    Comma,
}

/// What an amount's number counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Currency units.
    #[default]
    Units,
    /// Hundredths.
    Cents,
    /// Millionths.
    Micros,
    /// Counts that a platform estimates, rounded to whole ones; as an amount, currency units.
    Estimated,
}

impl Unit {
    /// How many places an amount moves on its way to micros.
    const fn shift(self) -> u32 {
        match self {
            Self::Units | Self::Estimated => 6,
            Self::Cents => 4,
            Self::Micros => 0,
        }
    }
}

/// A censored value tells only a bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    /// `< 10%`
    Below,
    /// `> 90%`
    Above,
}

/// What a censored value leaves open: `< 10%` is below 10, `> 90%` above 90.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Interval {
    /// What the value is above, if that is said.
    pub above: Option<f64>,
    /// What the value is below, if that is said.
    pub below: Option<f64>,
}

/// Why a text is no number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NumberError {
    /// Not a number in the file's style.
    #[error("not a number in this file's style")]
    Syntax,
    /// Too many digits to be exact.
    #[error("more digits than can be exact")]
    Digits,
    /// It does not fit where it is to go.
    #[error("out of range")]
    Range,
    /// A whole number was expected.
    #[error("not a whole number")]
    Fraction,
    /// Less than zero where that has no meaning.
    #[error("negative")]
    Negative,
    /// `1.000` in a file whose numbers do not tell whether that is one or a thousand.
    #[error(
        "one or a thousand? no number of this file proves its decimal mark: state that of the source"
    )]
    Undecided,
    /// A bound (`< 10%`) where a number is needed.
    #[error("a bound, not a number")]
    Censored,
}

/// An exact decimal number with what stood around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Number {
    mantissa: i128,
    scale: u32,
    /// Whether a `%` followed. The number is as written: 12.5 for `12.5%`.
    pub percent: bool,
    /// The currency that stood beside it, where its sign names one.
    pub currency: Option<Currency>,
    /// Set if the text states a bound.
    pub bound: Option<Bound>,
}

impl Number {
    /// The interval that a censored value states; `None` for a number.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::ingest::number::{DecimalMark, parse};
    /// let share = parse("< 10%", DecimalMark::Dot)?.ok_or("no value")?;
    /// let interval = share.interval().ok_or("a number")?;
    /// assert_eq!((interval.above, interval.below), (None, Some(10.0)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn interval(&self) -> Option<Interval> {
        let value = Some(self.to_f64());
        match self.bound? {
            Bound::Below => Some(Interval { above: None, below: value }),
            Bound::Above => Some(Interval { above: value, below: None }),
        }
    }

    /// The nearest `f64`.
    #[must_use]
    pub fn to_f64(&self) -> f64 {
        // Parsing the decimal text rounds once; dividing by a power of ten could round twice.
        let exact = self.mantissa.unsigned_abs() < 1 << 53 && self.scale <= 22;
        if exact {
            self.mantissa as f64 / 10_f64.powi(self.scale.cast_signed())
        } else {
            format!("{}e-{}", self.mantissa, self.scale).parse().unwrap_or(f64::NAN)
        }
    }

    /// The amount in micros, and whether it had to be rounded.
    ///
    /// An amount with more than six decimals is what a program printed from a binary float
    /// (`1.429999948`); it is rounded to the nearest micro, ties to even.
    ///
    /// # Errors
    /// [`NumberError::Range`] beyond ±9.2e12 units.
    pub fn to_micros(&self, unit: Unit) -> Result<(Micros, bool), NumberError> {
        let shift = unit.shift();
        let (micros, rounded) = rescale(self.mantissa, self.scale, shift)?;
        i64::try_from(micros).map(|m| (Micros(m), rounded)).map_err(|_| NumberError::Range)
    }

    /// The number as a count, rounded to the nearest one, ties to even.
    ///
    /// # Errors
    /// [`NumberError::Negative`], [`NumberError::Range`].
    pub fn to_estimated_count(&self) -> Result<u64, NumberError> {
        let (whole, _) = rescale(self.mantissa, self.scale, 0)?;
        if self.mantissa < 0 {
            return Err(NumberError::Negative);
        }
        u64::try_from(whole).map_err(|_| NumberError::Range)
    }

    /// The number as a count.
    ///
    /// # Errors
    /// [`NumberError::Fraction`], [`NumberError::Negative`], [`NumberError::Range`].
    pub fn to_count(&self) -> Result<u64, NumberError> {
        let (whole, rounded) = rescale(self.mantissa, self.scale, 0)?;
        if rounded {
            return Err(NumberError::Fraction);
        }
        if whole < 0 {
            return Err(NumberError::Negative);
        }
        u64::try_from(whole).map_err(|_| NumberError::Range)
    }
}

/// `mantissa · 10^(shift − scale)`, ties to even, and whether that was inexact.
fn rescale(mantissa: i128, scale: u32, shift: u32) -> Result<(i128, bool), NumberError> {
    if shift >= scale {
        let factor = 10_i128.checked_pow(shift - scale).ok_or(NumberError::Range)?;
        return mantissa.checked_mul(factor).map(|m| (m, false)).ok_or(NumberError::Range);
    }
    let Some(divisor) = 10_i128.checked_pow(scale - shift) else {
        return Ok((0, mantissa != 0));
    };
    let (quotient, remainder) = (mantissa / divisor, mantissa % divisor);
    let twice = remainder.unsigned_abs() * 2;
    let up =
        twice > divisor.unsigned_abs() || (twice == divisor.unsigned_abs() && quotient % 2 != 0);
    Ok((quotient + if up { mantissa.signum() } else { 0 }, remainder != 0))
}
