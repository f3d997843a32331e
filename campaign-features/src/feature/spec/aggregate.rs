//! Statistics of day totals over a window.

use std::sync::Arc;

use super::super::plan::{Days, Window};
use super::super::transform::adstock::Adstock;
use super::super::transform::delay::DelayCurve;
use super::super::transform::saturation::Saturation;

/// A statistic of one measure of one entity over a window.
///
/// # Units
/// Money in currency units, counts as numbers, days in days.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Aggregate {
    /// Whose.
    pub entity: Arc<str>,
    /// From which source.
    pub source: Arc<str>,
    /// What of it.
    pub statistic: Statistic,
    /// Of which measure; `None` counts facts.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub measure: Option<Arc<str>>,
    /// Over which days.
    pub window: Window,
    /// Which days of the window count, where that matters (mean, min, max, std, trend, ewma).
    #[cfg_attr(feature = "serde", serde(default))]
    pub days: Days,
    /// Only facts with this attribute.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub filter: Option<Filter>,
    /// What is made of the number.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub saturation: Option<Saturation>,
}

/// Facts with one value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct Filter {
    /// The attribute.
    pub attribute: Arc<str>,
    /// Its value.
    pub value: Arc<str>,
}

/// What is computed of the day totals of a window.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Statistic {
    /// The total. Over several days it is NaN until something known of the entity reports the
    /// measure, from then on a day without a row counts 0; over one day it is NaN unless that day
    /// is known to report it.
    Sum,
    /// How many facts report the measure.
    Count,
    /// The total per day that counts.
    Mean,
    /// The smallest day total.
    Min,
    /// The largest day total.
    Max,
    /// The standard deviation of the day totals, with n − 1 degrees of freedom.
    Std,
    /// The standard deviation of the day totals, with n degrees of freedom.
    StdPopulation,
    /// The slope per day of the least-squares line through the day totals.
    Trend,
    /// The mean of the day totals with weights that halve every so many days.
    Ewma {
        /// Days in which a weight halves.
        half_life: f64,
    },
    /// The day totals' carry-over at the window's last day, cut off at its first.
    Adstock(Adstock),
    /// The total as it is expected to come to: each day's as known, over the share of it that is
    /// known at its age. NaN where a day of the window is known to less than `least`.
    Matured {
        /// The share of the matured value known by age in days, from 0 on; 1 beyond.
        shares: Vec<f64>,
        /// The least share that is extrapolated from, above 0.
        least: f64,
    },
    /// The total of the last day that reports.
    Last,
    /// On how many days the total is not 0.
    ActiveDays,
    /// Days since the last day whose total is not 0; NaN if there is none in the window.
    DaysSince,
    /// The total from the last day of the window on which another measure is not 0; NaN if there is
    /// none.
    SinceEvent {
        /// The other measure, of the same source.
        event: Arc<str>,
    },
}

impl Statistic {
    /// The total as a learned curve expects it to come to.
    #[must_use]
    pub fn matured(curve: &DelayCurve, least: f64) -> Self {
        Self::Matured { shares: curve.shares().iter().map(|share| share.share).collect(), least }
    }
}

impl Aggregate {
    /// A statistic of a measure of an entity's source over a window.
    #[must_use]
    pub fn new(
        entity: impl Into<Arc<str>>,
        source: impl Into<Arc<str>>,
        statistic: Statistic,
        measure: impl Into<Arc<str>>,
        window: Window,
    ) -> Self {
        Self {
            entity: entity.into(),
            source: source.into(),
            statistic,
            measure: Some(measure.into()),
            window,
            days: Days::default(),
            filter: None,
            saturation: None,
        }
    }

    /// How many facts there are.
    #[must_use]
    pub fn facts(entity: impl Into<Arc<str>>, source: impl Into<Arc<str>>, window: Window) -> Self {
        Self { measure: None, ..Self::new(entity, source, Statistic::Count, "", window) }
    }

    /// Which days of the window count.
    #[must_use]
    pub fn with_days(mut self, days: Days) -> Self {
        self.days = days;
        self
    }

    /// Only facts with one value of an attribute.
    #[must_use]
    pub fn with_filter(
        mut self,
        attribute: impl Into<Arc<str>>,
        value: impl Into<Arc<str>>,
    ) -> Self {
        self.filter = Some(Filter { attribute: attribute.into(), value: value.into() });
        self
    }

    /// What is made of the number.
    #[must_use]
    pub fn with_saturation(mut self, saturation: Saturation) -> Self {
        self.saturation = Some(saturation);
        self
    }

    pub(super) fn name(&self) -> String {
        let Self { entity, source, window, .. } = self;
        let statistic = match &self.statistic {
            Statistic::Sum => "sum".to_owned(),
            Statistic::Count => "count".to_owned(),
            Statistic::Mean => "mean".to_owned(),
            Statistic::Min => "min".to_owned(),
            Statistic::Max => "max".to_owned(),
            Statistic::Std => "std".to_owned(),
            Statistic::StdPopulation => "std_population".to_owned(),
            Statistic::Trend => "trend".to_owned(),
            Statistic::Ewma { half_life } => format!("ewma{half_life}"),
            Statistic::Adstock(Adstock::Geometric { theta }) => format!("adstock{theta}"),
            Statistic::Adstock(Adstock::WeibullCdf { shape, scale }) => {
                format!("weibull_cdf{shape}_{scale}")
            }
            Statistic::Adstock(Adstock::WeibullPdf { shape, scale }) => {
                format!("weibull_pdf{shape}_{scale}")
            }
            Statistic::Matured { .. } => "matured".to_owned(),
            Statistic::Last => "last".to_owned(),
            Statistic::ActiveDays => "active_days".to_owned(),
            Statistic::DaysSince => "days_since".to_owned(),
            Statistic::SinceEvent { event } => format!("since_{event}"),
        };
        let measure = self.measure.as_deref().unwrap_or("facts");
        let mut name = format!("{entity}_{source}_{measure}_{statistic}_{window}");
        if self.days == Days::All {
            name += "_all";
        }
        if let Some(filter) = &self.filter {
            name += &format!("_{}_{}", filter.attribute, filter.value);
        }
        match self.saturation {
            None => {}
            Some(Saturation::Hill { alpha, half }) => name += &format!("_hill{alpha}_{half}"),
            Some(Saturation::MichaelisMenten { limit, half }) => {
                name += &format!("_michaelis_menten{limit}_{half}");
            }
            Some(Saturation::Logistic { rate }) => name += &format!("_logistic{rate}"),
            Some(Saturation::Tanh { limit, cost }) => name += &format!("_tanh{limit}_{cost}"),
        }
        name
    }
}
