//! What can be wrong with observations, a spec, or a request.

use std::sync::Arc;

use campaign_core::dataset::DatasetError;
use campaign_core::ids::IdError;
use campaign_core::time::TimeError;
use campaign_core::{AdId, Currency};
use jiff::Timestamp;
use jiff::civil::Date;
use thiserror::Error;

use super::measure::Measure;

/// Why features or labels cannot be had.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum FeatureError {
    /// A count that is no number.
    #[error("observation {row}: {measure} is {value}, expected a finite number")]
    NonFinite {
        /// The observation, from 0 in the order given.
        row: usize,
        /// Which measure.
        measure: Measure,
        /// Its value.
        value: f64,
    },
    /// An amount too large to be summed exactly.
    #[error("observation {row}: {measure} is beyond ±4.6e18 millionths")]
    TooLarge {
        /// The observation, from 0 in the order given.
        row: usize,
        /// Which measure.
        measure: Measure,
    },
    /// Two versions of one fact, known at the same instant, that say different things.
    #[error(
        "ad {ad} on {day}: two different versions are known at the same instant, {known_at}; \
         give the exports' times, or keep the last by `Ties::KeepLast`"
    )]
    Tie {
        /// The ad.
        ad: AdId,
        /// The day it happened.
        day: Date,
        /// When both became known.
        known_at: Timestamp,
    },
    /// One ad with two time zones.
    #[error("ad {ad} has rows with spend in the zones {first} and {second}")]
    Zones {
        /// The ad.
        ad: AdId,
        /// A zone.
        first: Arc<str>,
        /// Another one.
        second: Arc<str>,
    },
    /// Amounts of two currencies would be added.
    #[error("amounts in {first} and {second} would be added; convert them to one currency first")]
    Currencies {
        /// A currency.
        first: Currency,
        /// Another one.
        second: Currency,
    },
    /// A frame that holds no day, or reaches too far back.
    #[error("a frame from {nearest} to {furthest} days back, expected 1 <= nearest <= furthest")]
    Frame {
        /// Days back to its last day.
        nearest: u16,
        /// Days back to its first day.
        furthest: u16,
    },
    /// A spec that asks for one feature twice.
    #[error("the feature {0:?} is asked for twice")]
    Twice(Arc<str>),
    /// A vocabulary that holds a level twice.
    #[error("the level {0:?} stands twice in a vocabulary")]
    Level(Arc<str>),
    /// Labels and table do not belong together.
    #[error("row {row} of the labels is not the table's ad and day")]
    Labels {
        /// The first row that differs, or the length of the shorter one.
        row: usize,
    },
    /// A day beyond the calendar, or an unknown zone.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// More names than can be counted.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The table is not a data set.
    #[error(transparent)]
    Dataset(#[from] DatasetError),
}
