//! What is not a daily ad row: orders and web sessions.

use std::sync::Arc;

use campaign_core::{AdId, BrandId, CampaignId, Currency, Micros, SourceId};
use jiff::Timestamp;
use jiff::civil::Date;

/// A conversion from a first-party system: an order, a lead, an offline conversion.
///
/// `at` is when it happened, `known_at` when the system had it: a question asked as of `t` may use it
/// only if both are at or before `t`.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Conversion {
    /// Whose order it is.
    pub brand: BrandId,
    /// The system it comes from.
    pub source: SourceId,
    /// The order, as that system numbers it.
    pub order: Option<Arc<str>>,
    /// The kind of conversion.
    pub name: Option<Arc<str>>,
    /// When it happened.
    pub at: Timestamp,
    /// When it became known.
    pub known_at: Timestamp,
    /// What it is worth, in millionths of `currency`.
    pub value: Option<Micros>,
    /// The currency, if known.
    pub currency: Option<Currency>,
    /// The ad platform's id of the click.
    pub click: Option<Arc<str>>,
    /// When the click was, where its id carries the time.
    #[cfg_attr(feature = "serde", serde(default))]
    pub clicked_at: Option<Timestamp>,
    /// The ad platform, where the order or its click id names it.
    pub platform: Option<SourceId>,
    /// The campaign, as tagged.
    pub campaign: Option<CampaignId>,
    /// The ad, as tagged.
    pub ad: Option<AdId>,
}

impl Conversion {
    /// A conversion of which only the time is known.
    #[must_use]
    pub const fn new(brand: BrandId, source: SourceId, at: Timestamp, known_at: Timestamp) -> Self {
        Self {
            brand,
            source,
            order: None,
            name: None,
            at,
            known_at,
            value: None,
            currency: None,
            click: None,
            clicked_at: None,
            platform: None,
            campaign: None,
            ad: None,
        }
    }
}

/// Sessions of a web site on one day, by where they came from.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct WebRow {
    /// Whose site it is.
    pub brand: BrandId,
    /// The analytics system.
    pub source: SourceId,
    /// The day in the property's zone; the first of a longer period.
    pub date: Date,
    /// The last day, for a row that spans several.
    pub last_date: Date,
    /// The channel group.
    pub channel_group: Option<Arc<str>>,
    /// `utm_source` or what the analytics system made of it.
    pub utm_source: Option<Arc<str>>,
    /// `utm_medium` likewise.
    pub utm_medium: Option<Arc<str>>,
    /// The campaign.
    pub campaign: Option<Arc<str>>,
    /// Sessions.
    pub sessions: Option<u64>,
    /// Key events (older: conversions).
    pub key_events: Option<f64>,
    /// Revenue in millionths of `currency`.
    pub revenue: Option<Micros>,
    /// The currency, if known.
    pub currency: Option<Currency>,
    /// When it became known.
    pub known_at: Timestamp,
}
