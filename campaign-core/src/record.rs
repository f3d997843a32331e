//! The unified daily row.

use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;
use rust_decimal::Decimal;

use crate::ids::{
    AccountId, AdGroupId, AdId, AudienceId, BrandId, CampaignId, ChannelId, CreativeId, SourceId,
};
use crate::money::{Currency, Micros, Money};

/// What one ad did on one day of its account, as one source reports it.
///
/// Every platform's export becomes rows of this shape. A count that the source does not report is
/// `None`, never 0; an amount without a known currency keeps its number and has no reporting amount.
///
/// # Units
/// `spend` and `revenue` are micros of `currency`, the account's; `reporting` holds them in the
/// currency in which accounts are compared. Conversions may be fractional (data-driven attribution).
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Record {
    /// Whose money it is.
    pub brand: BrandId,
    /// Where the row comes from.
    pub source: SourceId,
    /// The ad account, if the source names it.
    pub account: Option<AccountId>,
    /// The channel the campaign was mapped to; `None` if no rule matched.
    pub channel: Option<ChannelId>,
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The campaign's name.
    pub campaign_name: Option<Arc<str>>,
    /// The ad group (Meta: ad set).
    pub ad_group: Option<AdGroupId>,
    /// The ad group's name.
    pub ad_group_name: Option<Arc<str>>,
    /// The ad.
    pub ad: Option<AdId>,
    /// The ad's name.
    pub ad_name: Option<Arc<str>>,
    /// The creative, by its content.
    pub creative: Option<CreativeId>,
    /// The audience.
    pub audience: Option<AudienceId>,
    /// ISO 3166-1 alpha-2 code of the country.
    pub country: Option<Arc<str>>,
    /// What else tells rows of one ad and day apart, as `name=value` (device, network, placement).
    pub breakdown: Option<Arc<str>>,
    /// The day in the account's zone.
    pub date: Date,
    /// IANA name of the account's zone, if known.
    pub zone: Option<Arc<str>>,
    /// The account's currency, if known.
    pub currency: Option<Currency>,
    /// Spend in the account's currency.
    pub spend: Micros,
    /// Revenue in the account's currency.
    pub revenue: Option<Micros>,
    /// Spend and revenue in the reporting currency.
    pub reporting: Option<Reporting>,
    /// Impressions.
    pub impressions: Option<u64>,
    /// Clicks that lead to the advertiser.
    pub clicks: Option<u64>,
    /// Conversions, by the attribution window.
    pub conversions: Option<f64>,
    /// Video views.
    pub video_views: Option<u64>,
    /// The attribution window in the source's words, such as `7-day click`.
    pub attribution_window: Option<Arc<str>>,
    /// When this version of the row became known: the export's time, or the first instant after the
    /// day where the export does not say.
    pub known_at: Timestamp,
}

/// Amounts in the reporting currency, with the rate that made them.
#[derive(Debug, Clone, Copy, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Reporting {
    /// The reporting currency.
    pub currency: Currency,
    /// Units of the reporting currency per unit of the account's.
    #[cfg_attr(feature = "serde", serde(with = "rate_as_text"))]
    pub rate: Decimal,
    /// Spend.
    pub spend: Micros,
    /// Revenue, if the source reports it.
    pub revenue: Option<Micros>,
}

impl Record {
    /// Spend with its currency, if that is known.
    #[must_use]
    pub fn spend_money(&self) -> Option<Money> {
        self.currency.map(|currency| Money::new(self.spend, currency))
    }

    /// Spend and revenue to compute with: those in the reporting currency where there are any, else
    /// the account's own.
    #[must_use]
    pub fn amounts(&self) -> (Micros, Option<Micros>) {
        self.reporting.map_or((self.spend, self.revenue), |r| (r.spend, r.revenue))
    }
}

#[cfg(feature = "serde")]
mod rate_as_text {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(rate: &Decimal, s: S) -> Result<S::Ok, S::Error> {
        s.collect_str(rate)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(d)?;
        Decimal::from_str_exact(&text).map_err(D::Error::custom)
    }
}
