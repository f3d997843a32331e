//! The result of an experiment on spend.

use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::ids::ChannelId;

/// A lift test: what a change of spend on one channel was measured to bring. Experiments make
/// them, response curves are calibrated by them.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct LiftTest {
    /// The channel whose spend was changed.
    pub channel: ChannelId,
    /// First day of the test.
    pub first_day: Date,
    /// Last day of the test.
    pub last_day: Date,
    /// Spend over the test without the change, in currency units.
    pub baseline_spend: f64,
    /// What was spent more (or, negative, less), in currency units.
    pub spend_change: f64,
    /// What that brought, in units of the response (conversions, revenue).
    pub effect: f64,
    /// Standard error of the effect.
    pub standard_error: f64,
}

impl LiftTest {
    /// A test from its figures.
    ///
    /// # Errors
    /// [`Error::NonFinite`] for a figure that is no number, [`Error::OutOfRange`] if the standard
    /// error is not positive, the baseline is negative, or less than nothing would have been spent;
    /// [`Error::Custom`] if the last day comes before the first.
    pub fn new(
        channel: ChannelId,
        days: (Date, Date),
        baseline_spend: f64,
        spend_change: f64,
        effect: f64,
        standard_error: f64,
    ) -> Result<Self> {
        let figures = [
            ("baseline_spend", baseline_spend, 0.0),
            ("spend_change", spend_change, -baseline_spend),
            ("effect", effect, f64::MIN),
            ("standard_error", standard_error, f64::MIN_POSITIVE),
        ];
        for (what, value, low) in figures {
            if !value.is_finite() {
                return Err(Error::NonFinite { what, index: 0, value });
            }
            if value < low {
                return Err(Error::OutOfRange { what, index: 0, value, low, high: f64::MAX });
            }
        }
        let (first_day, last_day) = days;
        if last_day < first_day {
            return Err(Error::Custom("the last day of the lift test comes before the first"));
        }
        Ok(Self {
            channel,
            first_day,
            last_day,
            baseline_spend,
            spend_change,
            effect,
            standard_error,
        })
    }

    /// Effect per unit of spend; `None` where spend did not change.
    #[must_use]
    pub fn marginal_return(&self) -> Option<f64> {
        (self.spend_change != 0.0).then(|| self.effect / self.spend_change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn figures_are_checked() {
        let test = |base, change, effect, se, last| {
            let channel = ChannelId::new("search").unwrap();
            LiftTest::new(channel, (date(2026, 3, 1), last), base, change, effect, se)
        };
        let end = date(2026, 3, 28);
        let ok = test(1000.0, -500.0, -1500.0, 200.0, end).unwrap();
        assert_eq!(ok.marginal_return(), Some(3.0));
        assert_eq!(test(1000.0, 0.0, 0.0, 1.0, end).unwrap().marginal_return(), None);
        assert!(test(1000.0, -1500.0, 0.0, 1.0, end).is_err());
        assert!(test(1000.0, 500.0, f64::NAN, 1.0, end).is_err());
        assert!(test(1000.0, 500.0, 1.0, 0.0, end).is_err());
        assert!(test(1000.0, 500.0, 1.0, 1.0, date(2026, 2, 1)).is_err());
    }
}
