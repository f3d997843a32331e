//! What platforms claim against first-party orders.

mod pair;

use std::sync::Arc;

use campaign_core::{CampaignId, Currency, Micros, Record, SourceId};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use thiserror::Error;

use crate::ingest::{Amounts, Conversion};

/// Why claims cannot be compared.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ClaimError {
    /// A count that is no number of conversions.
    #[error("claim {claim} counts {count}, expected a finite number that is not negative")]
    Count {
        /// The claim, by its position.
        claim: usize,
        /// Its count.
        count: f64,
    },
    /// A sum that does not fit into 64 bits of millionths.
    #[error("the claims of {0} exceed what 64 bits can hold")]
    Overflow(SourceId),
}

/// Conversions that a platform claims.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Claim {
    /// The platform.
    pub source: SourceId,
    /// The campaign.
    pub campaign: Option<CampaignId>,
    /// The campaign's name, for orders that are tagged with it.
    pub campaign_name: Option<Arc<str>>,
    /// The day the platform books them on: that of the click or of the conversion.
    pub day: Date,
    /// How many.
    pub count: f64,
    /// What they are said to be worth.
    pub value: Option<Micros>,
    /// In which currency.
    pub currency: Option<Currency>,
    /// The click, where the claim is of one conversion and names it.
    pub click: Option<Arc<str>>,
    /// The order, where the claim names it.
    pub order: Option<Arc<str>>,
}

impl Claim {
    /// So many conversions on a day.
    #[must_use]
    pub const fn new(source: SourceId, day: Date, count: f64) -> Self {
        Self {
            source,
            campaign: None,
            campaign_name: None,
            day,
            count,
            value: None,
            currency: None,
            click: None,
            order: None,
        }
    }
}

/// The claims in records: one per record that states conversions.
#[must_use]
pub fn claims_of(records: &[Record]) -> Vec<Claim> {
    records.iter().filter_map(claim_of).collect()
}

/// The claim of a record that states conversions.
///
/// It names no click, so that it is matched by platform and campaign.
#[must_use]
pub fn claim_of(record: &Record) -> Option<Claim> {
    let count = record.conversions.filter(|count| *count != 0.0)?;
    let mut claim = Claim::new(record.source.clone(), record.date, count);
    claim.campaign = record.campaign.clone();
    claim.campaign_name = record.campaign_name.clone();
    claim.value = record.revenue;
    claim.currency = record.currency;
    Some(claim)
}

/// How claims are compared with orders.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ClaimOptions {
    /// How many days after the day of a claim its order may come.
    pub window_days: u16,
    /// The zone whose days the orders fall on; the accounts' zone.
    pub zone: TimeZone,
    /// Orders that became known later are left out.
    pub as_of: Option<Timestamp>,
}

impl ClaimOptions {
    /// Orders on the day of their claim or up to `window_days` days later, in days of UTC.
    #[must_use]
    pub const fn new(window_days: u16) -> Self {
        Self { window_days, zone: TimeZone::UTC, as_of: None }
    }

    /// Days of another zone.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// Leaves out orders that became known later.
    #[must_use]
    pub const fn with_as_of(mut self, instant: Timestamp) -> Self {
        self.as_of = Some(instant);
        self
    }
}

/// Claims and orders of one campaign of one platform, or of the platform as a whole.
///
/// `claimed = matched + claimed_without_order`, and `orders = orders_claimed + orders_without_claim`.
/// Numbers are exact in millionths.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ClaimRow {
    /// The platform.
    pub source: SourceId,
    /// The campaign; `None` for claims and orders that name none.
    pub campaign: Option<CampaignId>,
    /// Conversions that the platform claims.
    pub claimed: f64,
    /// Of these, with an order.
    pub matched: f64,
    /// Of these, without.
    pub claimed_without_order: f64,
    /// First-party orders that name the platform (and campaign), or that it claims by their number.
    pub orders: f64,
    /// Of these, claimed; a fraction where the platform claims fractions.
    pub orders_claimed: f64,
    /// Of these, not claimed.
    pub orders_without_claim: f64,
    /// Orders it claims that another platform claims too.
    pub overlap: u64,
    /// What the claims are said to be worth.
    pub claimed_value: Amounts,
    /// What the orders are worth.
    pub order_value: Amounts,
}

impl ClaimRow {
    /// Claimed value over the value of the orders; `None` where they are not of one and the same known
    /// currency, or the orders are worth nothing.
    #[must_use]
    pub fn value_ratio(&self) -> Option<f64> {
        let one = |amounts: &Amounts| {
            let mut all = amounts.0.iter();
            match (all.next(), all.next()) {
                (Some((Some(currency), sum)), None) => Some((*currency, sum.to_f64())),
                _ => None,
            }
        };
        let (claimed, orders) = (one(&self.claimed_value)?, one(&self.order_value)?);
        (claimed.0 == orders.0 && orders.1 > 0.0).then(|| claimed.1 / orders.1)
    }
}

/// What comparing claims with orders gave.
///
/// Coverage is joined over owed: owed are the orders that name a platform, joined those of them that
/// any platform claims, each counted once.
#[derive(Debug, Clone, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct ClaimReport {
    /// Per platform, in the order of their names.
    pub sources: Vec<ClaimRow>,
    /// Per platform and campaign.
    pub campaigns: Vec<ClaimRow>,
    /// Orders given.
    pub orders: u64,
    /// Orders that name a platform.
    pub owed: u64,
    /// Of these, claimed by any platform.
    pub joined: u64,
    /// Orders that name no platform.
    pub unattributed: u64,
    /// Orders that any platform claims, each counted once.
    pub claimed_orders: u64,
    /// Of these, claimed by more than one.
    pub overlap: u64,
    /// Orders that became known after the `as_of` asked for.
    pub after_as_of: u64,
}

impl ClaimReport {
    /// `joined / owed`; `None` where nothing is owed.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.owed > 0).then(|| self.joined as f64 / self.owed as f64)
    }
}

/// Matches what platforms claim with first-party orders, one to one within a platform.
///
/// An order can be claimed if it comes on the day of the claim or up to `window_days` days later. Within
/// a platform an order is claimed at most once. Claims find orders, in this order: by the order they
/// name; by the click they name; by platform and campaign (its id, or the name it has in the claims);
/// and where one of the two names no campaign, by platform. Each of these steps matches as many as can
/// be of what is left. Two platforms may claim one order: each is credited, and the order counts as
/// overlap.
///
/// # Errors
/// [`ClaimError`].
///
/// # Complexity
/// O((claims + orders) · log).
///
/// # Examples
/// ```
/// use campaign_core::{BrandId, SourceId};
/// use campaign_features::ingest::Conversion;
/// use campaign_features::reconcile::{Claim, ClaimOptions, reconcile_claims};
/// use jiff::civil::date;
/// let meta = SourceId::new("meta_ads")?;
/// let claims = [Claim::new(meta.clone(), date(2026, 5, 4), 3.0)];
/// let at = "2026-05-06T12:00:00Z".parse()?;
/// let mut order = Conversion::new(BrandId::new("acme")?, SourceId::new("crm")?, at, at);
/// order.platform = Some(meta);
/// let report = reconcile_claims(&claims, &[order], &ClaimOptions::new(7))?;
/// let row = &report.sources[0];
/// assert_eq!((row.claimed, row.matched, row.claimed_without_order), (3.0, 1.0, 2.0));
/// assert_eq!(report.coverage(), Some(1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn reconcile_claims(
    claims: &[Claim],
    orders: &[Conversion],
    options: &ClaimOptions,
) -> Result<ClaimReport, ClaimError> {
    pair::pair(claims, orders, options)
}
