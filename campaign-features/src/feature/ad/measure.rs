//! What is counted: five measures, held as integers so that their sums are exact.

use core::fmt;

use campaign_core::Micros;
use campaign_core::money::rate;

/// Something an ad has per day that can be summed over days.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Measure {
    /// Money spent, in currency units.
    Spend,
    /// Impressions.
    Impressions,
    /// Clicks.
    Clicks,
    /// Conversions, which may be fractional.
    Conversions,
    /// Revenue, in currency units.
    Revenue,
}

/// How many measures there are.
pub(super) const MEASURES: usize = 5;

impl Measure {
    /// Every measure, in the order of the columns.
    pub const ALL: [Self; MEASURES] =
        [Self::Spend, Self::Impressions, Self::Clicks, Self::Conversions, Self::Revenue];

    /// The name used in column names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spend => "spend",
            Self::Impressions => "impressions",
            Self::Clicks => "clicks",
            Self::Conversions => "conversions",
            Self::Revenue => "revenue",
        }
    }

    /// How many of the integers held make one unit.
    pub(super) const fn per_unit(self) -> f64 {
        match self {
            Self::Impressions | Self::Clicks => 1.0,
            Self::Spend | Self::Conversions | Self::Revenue => Micros::UNIT as f64,
        }
    }

    /// An exact integer sum in units: one rounding to `f64` and one division.
    pub(super) fn units(self, sum: i128) -> f64 {
        sum as f64 / self.per_unit()
    }
}

impl fmt::Display for Measure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// A ratio of two measures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Rate {
    /// Clicks per impression.
    Ctr,
    /// Conversions per click.
    Cvr,
    /// Spend per click.
    Cpc,
    /// Spend per conversion.
    Cpa,
    /// Revenue per spend.
    Roas,
}

impl Rate {
    /// Every rate, in the order of the columns.
    pub const ALL: [Self; 5] = [Self::Ctr, Self::Cvr, Self::Cpc, Self::Cpa, Self::Roas];

    /// The name used in column names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ctr => "ctr",
            Self::Cvr => "cvr",
            Self::Cpc => "cpc",
            Self::Cpa => "cpa",
            Self::Roas => "roas",
        }
    }

    /// What is divided.
    #[must_use]
    pub const fn numerator(self) -> Measure {
        match self {
            Self::Ctr => Measure::Clicks,
            Self::Cvr => Measure::Conversions,
            Self::Cpc | Self::Cpa => Measure::Spend,
            Self::Roas => Measure::Revenue,
        }
    }

    /// What it is divided by.
    #[must_use]
    pub const fn denominator(self) -> Measure {
        match self {
            Self::Ctr => Measure::Impressions,
            Self::Cvr | Self::Cpc => Measure::Clicks,
            Self::Cpa => Measure::Conversions,
            Self::Roas => Measure::Spend,
        }
    }

    /// The ratio in units, NaN where the denominator is 0 or a part is NaN.
    #[must_use]
    pub fn of(self, numerator: f64, denominator: f64) -> f64 {
        let value = match self {
            Self::Ctr => rate::ctr(numerator, denominator),
            Self::Cvr => rate::cvr(numerator, denominator),
            Self::Cpc => rate::cpc(numerator, denominator),
            Self::Cpa => rate::cpa(numerator, denominator),
            Self::Roas => rate::roas(numerator, denominator),
        };
        value.unwrap_or(f64::NAN)
    }
}

/// What one version of one fact says; `None` is "not reported", which is not 0.
///
/// # Units
/// Money is micros of the one currency all amounts of an [`ObservationLog`](super::ObservationLog)
/// are in. Conversions are rounded to the nearest millionth, so that sums are exact.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Measures {
    /// Spend.
    pub spend: Option<Micros>,
    /// Impressions.
    pub impressions: Option<u64>,
    /// Clicks.
    pub clicks: Option<u64>,
    /// Conversions.
    pub conversions: Option<f64>,
    /// Revenue.
    pub revenue: Option<Micros>,
}
