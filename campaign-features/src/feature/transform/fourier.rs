//! Smooth seasons: sines and cosines of the day.

use jiff::civil::Date;

use super::error::{TransformError, parameter};

/// Pairs of waves of one period.
///
/// Of order K: sin(2πkt / P), cos(2πkt / P) for k = 1, …, K, where P is the period in days and t the
/// day, counted from 1970-01-01 as day 0. Waves of 7, 30.4375 and 365.25 days are the usual ones.
///
/// # Source
/// Taylor and Letham (2018), "Forecasting at Scale", eq. (5); the order of columns and the epoch are
/// those of Prophet.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::fourier::Fourier;
/// let week = Fourier::new(7.0, 2)?;
/// let mut out = [0.0; 4];
/// week.write(7, &mut out);
/// assert_eq!(out, [0.0, 1.0, 0.0, 1.0]);
/// assert_eq!(week.names().nth(2).as_deref(), Some("fourier_7_sin_2"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(try_from = "Parts")]
pub struct Fourier {
    period: f64,
    order: u8,
}

#[derive(serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    period: f64,
    order: u8,
}

impl TryFrom<Parts> for Fourier {
    type Error = TransformError;

    fn try_from(parts: Parts) -> Result<Self, TransformError> {
        Self::new(parts.period, parts.order)
    }
}

impl Fourier {
    /// Waves of a period in days, 2 or more, and an order of 1 or more.
    ///
    /// # Errors
    /// [`TransformError::Parameter`]; an order above half the period, too: whole days cannot tell such
    /// a wave from a slower one.
    pub fn new(period: f64, order: u8) -> Result<Self, TransformError> {
        let valid = period.is_finite() && period >= 2.0;
        parameter("period", period, valid, "2 days or more")?;
        let k = f64::from(order);
        parameter("order", k, order >= 1 && 2.0 * k <= period, "1 to half the period")?;
        Ok(Self { period, order })
    }

    /// The period in days.
    #[must_use]
    pub fn period(&self) -> f64 {
        self.period
    }

    /// How many numbers a day has: twice the order.
    #[must_use]
    pub fn len(&self) -> usize {
        2 * usize::from(self.order)
    }

    /// Never: an order is at least 1.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        false
    }

    /// Names of the numbers, in their order.
    pub fn names(&self) -> impl Iterator<Item = String> + use<> {
        let period = self.period;
        (1..=self.order)
            .flat_map(move |k| ["sin", "cos"].map(|wave| format!("fourier_{period}_{wave}_{k}")))
    }

    /// One number: sin of k = index / 2 + 1 where the index is even, cos where it is odd.
    #[must_use]
    pub fn value(&self, day: i32, index: usize) -> f64 {
        let k = (index / 2 + 1) as f64;
        // Whole turns are taken off first: a large angle has no digits left after the point.
        let turn = (f64::from(day).rem_euclid(self.period) * k / self.period).fract();
        let angle = core::f64::consts::TAU * turn;
        if index.is_multiple_of(2) { angle.sin() } else { angle.cos() }
    }

    /// The numbers of a day, counted from 1970-01-01; writes as many as fit.
    ///
    /// # Allocation
    /// None.
    pub fn write(&self, day: i32, out: &mut [f64]) {
        for (index, out) in out.iter_mut().enumerate().take(self.len()) {
            *out = self.value(day, index);
        }
    }
}

/// Days from 1970-01-01 to a date.
///
/// # Examples
/// ```
/// use campaign_features::feature::transform::fourier::day_number;
/// assert_eq!(day_number(jiff::civil::date(2026, 5, 4)), 20_577);
/// ```
#[must_use]
pub fn day_number(date: Date) -> i32 {
    // Civil dates reach from -9999 to 9999: 7.3 million days.
    let seconds = date.duration_since(Date::constant(1970, 1, 1)).as_secs();
    i32::try_from(seconds.div_euclid(86_400)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_turns_return() {
        for (period, turns) in [(7.0, 7), (365.25, 1461), (30.4375, 487)] {
            let waves = Fourier::new(period, 3).unwrap();
            for index in 0..waves.len() {
                for day in [-5000, -1, 0, 3, 20_577] {
                    let (a, b) = (waves.value(day, index), waves.value(day + turns, index));
                    assert!((a - b).abs() < 1e-12, "{period} {index} {day}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn bad_parameters() {
        for (period, order) in [(0.0, 1), (f64::NAN, 1), (7.0, 0), (7.0, 4), (f64::INFINITY, 1)] {
            assert!(Fourier::new(period, order).is_err(), "{period} {order}");
        }
        assert!(toml::from_str::<Fourier>("period = 7.0\norder = 9").is_err());
        let waves: Fourier = toml::from_str("period = 365.25\norder = 4").unwrap();
        assert_eq!(waves, Fourier::new(365.25, 4).unwrap());
    }

    #[test]
    fn days_before_the_epoch() {
        assert_eq!(day_number(jiff::civil::date(1969, 12, 31)), -1);
        assert_eq!(day_number(Date::MIN), -4_371_587);
    }
}
