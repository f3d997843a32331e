//! What comparing levels gives.

use campaign_core::{Currency, Record};
use jiff::civil::Date;
use serde::{Serialize, Serializer};
use thiserror::Error;

use super::super::metric::Metric;
use crate::ingest::Level;

/// Why totals cannot be compared at all.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LevelError {
    /// Only ad groups, campaigns and accounts have totals.
    #[error("{0:?} is no level of totals: expected an ad group, a campaign or an account")]
    Level(Level),
    /// A sum that does not fit into 64 bits.
    #[error("the sums of {source_id} on {date} exceed what 64 bits can hold")]
    Overflow {
        /// The source.
        source_id: String,
        /// The day.
        date: Date,
    },
}

/// Why a total and its parts do not agree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum ConflictKind {
    /// The parts come to more than the total: nothing is booked.
    Exceeds {
        /// The measure.
        metric: Metric,
        /// The sum of the parts, in the units of [`Metric`].
        parts: i64,
        /// The total.
        total: i64,
    },
    /// The parts and the total are in different currencies.
    Currency,
    /// The parts and the total are of days of different zones.
    Zone,
    /// Conversions of different attribution windows are not compared.
    Window,
    /// It cannot be told which parts belong to the total: some do not say so, or the total has none while
    /// others have no total, so that both may be one thing under two ids.
    Unassigned,
}

/// A total that its parts do not agree with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Conflict {
    /// The source.
    pub source: String,
    /// The account.
    pub account: Option<String>,
    /// The day.
    pub date: Date,
    /// The level of the total.
    pub level: Level,
    /// The campaign or ad group.
    pub entity: Option<String>,
    /// What disagrees.
    pub kind: ConflictKind,
}

/// What the coarsest comparable report of an account says, and how much of it the finest rows explain.
///
/// `total + excess = finest + unallocated` for every measure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Balance {
    /// The source.
    pub source: String,
    /// The account.
    pub account: Option<String>,
    /// The currency, if known.
    #[serde(serialize_with = "code")]
    pub currency: Option<Currency>,
    /// The measure.
    pub metric: Metric,
    /// Days that were compared.
    pub days: u64,
    /// What the coarsest totals come to, in the units of [`Metric`].
    pub total: i64,
    /// What the finest rows of the same days come to.
    pub finest: i64,
    /// What only coarser reports have.
    pub unallocated: i64,
    /// By how much parts exceed their totals.
    pub excess: i64,
}

fn code<S: Serializer>(currency: &Option<Currency>, to: S) -> Result<S::Ok, S::Error> {
    currency.map(Currency::code).serialize(to)
}

impl Balance {
    /// The part of the total that the finest rows explain, at most 1; `None` of nothing.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.total > 0).then(|| (self.finest as f64 / self.total as f64).min(1.0))
    }
}

/// What comparing levels gave.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct LevelReport {
    /// One record per total that its parts do not reach, by day, source, account, campaign, ad group.
    pub unallocated: Vec<Record>,
    /// What does not agree.
    pub conflicts: Vec<Conflict>,
    /// Per source, account, currency and measure.
    pub balances: Vec<Balance>,
    /// Totals: an entity on a day.
    pub totals: u64,
    /// Of these, how many equal their parts and what was booked as unallocated, in every measure.
    pub balanced: u64,
}
