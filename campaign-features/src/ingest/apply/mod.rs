//! First-party orders in the place of what platforms claim.

mod index;

use std::collections::BTreeMap;

use campaign_core::money::{MoneyError, apportion};
use campaign_core::{Currency, Micros, Record, SourceId};
use jiff::Timestamp;
use thiserror::Error;

use index::Index;

use super::conversion::Conversion;
use crate::fx::{FxError, FxTable};

/// Why orders, or one order, cannot be applied.
#[derive(Debug, Clone, PartialEq, Error)]
#[non_exhaustive]
pub enum ApplyError {
    /// An order in another currency than the ad's, and no rate.
    #[error("order {order}: {error}")]
    Fx {
        /// The order.
        order: String,
        /// What is missing.
        error: FxError,
    },
    /// An order without a currency at an ad that has one, or the other way round.
    #[error(
        "order {order} is in {value}, the ad's account in {account}: state the unknown currency"
    )]
    Unknown {
        /// The order.
        order: String,
        /// The currency of the order.
        value: String,
        /// The currency of the account.
        account: String,
    },
    /// An amount that does not fit.
    #[error(transparent)]
    Money(#[from] MoneyError),
}

/// How orders find their ads.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct ApplyOptions<'a> {
    /// How many days before the order the ad may have run last.
    pub window_days: u16,
    /// Rates for orders in another currency than the account's.
    pub fx: Option<&'a FxTable>,
    /// How many days a rate may be carried forward.
    pub fx_carry_days: u16,
    /// Orders that became known later are left out.
    pub as_of: Option<Timestamp>,
    /// The least share of the owed orders that has to find its ads; below it [`Applied::is_usable`] says
    /// no. 0.5 if nothing else is stated.
    pub least_joined: f64,
}

impl<'a> ApplyOptions<'a> {
    /// Orders count for ads that ran on their day or up to `window_days` days before.
    #[must_use]
    pub const fn new(window_days: u16) -> Self {
        Self { window_days, fx: None, fx_carry_days: 0, as_of: None, least_joined: 0.5 }
    }

    /// Gives exchange rates.
    #[must_use]
    pub const fn with_fx(mut self, table: &'a FxTable, carry_days: u16) -> Self {
        self.fx = Some(table);
        self.fx_carry_days = carry_days;
        self
    }

    /// States the least share of the owed orders that has to find its ads.
    #[must_use]
    pub const fn with_least_joined(mut self, share: f64) -> Self {
        self.least_joined = share;
        self
    }

    /// Leaves out orders that became known later.
    #[must_use]
    pub const fn with_as_of(mut self, instant: Timestamp) -> Self {
        self.as_of = Some(instant);
        self
    }
}

/// A part of an order on a record.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Credit {
    /// The record, by its position.
    pub record: usize,
    /// The order, by its position.
    pub conversion: usize,
    /// The part of the order, between 0 and 1.
    pub share: f64,
    /// The part of its value, in the record's currency.
    pub value: Micros,
    /// When the order became known.
    pub known_at: Timestamp,
}

/// Platform-claimed and first-party sums of one source.
#[derive(Debug, Clone, Default, PartialEq, serde::Serialize)]
#[non_exhaustive]
pub struct Reconciled {
    /// Conversions that the platform claimed.
    pub claimed: f64,
    /// Orders that were found.
    pub orders: f64,
}

/// What became of the orders.
///
/// `owed = joined + unmatched + incomparable`. Coverage is `joined / owed`: owed are the orders that name an ad or campaign and were known at the
/// `as_of` asked for; joined are those of them that found a record. Orders that name neither came from
/// elsewhere and are not owed.
#[derive(Debug, Clone, Default, PartialEq)]
#[non_exhaustive]
pub struct Applied {
    /// Orders given.
    pub orders: u64,
    /// Orders that name an ad or campaign.
    pub owed: u64,
    /// Of these, by ad.
    pub by_ad: u64,
    /// Of these, by campaign, apportioned over its ads.
    pub by_campaign: u64,
    /// Of these, without a record in the window.
    pub unmatched: u64,
    /// Orders that name neither ad nor campaign.
    pub unattributed: u64,
    /// Orders that found a record, but whose value cannot be compared with its currency: they are on no
    /// record, each with its position and the reason.
    pub incomparable: Vec<(usize, ApplyError)>,
    /// The least share of the owed orders that has to find its ads, as asked for.
    pub least_joined: f64,
    /// Orders that became known after the `as_of` asked for.
    pub after_as_of: u64,
    /// Value of orders that were owed or unattributed and have no record, per currency code.
    pub value_elsewhere: BTreeMap<String, Micros>,
    /// Platform claims beside what was found, per source.
    pub by_source: BTreeMap<SourceId, Reconciled>,
    /// Which part of which order stands on which record: with their known-at times, what was known at
    /// any instant can be told.
    pub credits: Vec<Credit>,
}

impl Applied {
    /// Orders joined.
    #[must_use]
    pub const fn joined(&self) -> u64 {
        self.by_ad + self.by_campaign
    }

    /// Whether enough orders found their ads to stand in the place of what platforms claim: below that,
    /// orders are tagged otherwise than ads are numbered, and a record without orders says nothing.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.coverage().is_none_or(|coverage| coverage >= self.least_joined)
    }

    /// `joined / owed`; `None` where nothing is owed.
    #[must_use]
    pub fn coverage(&self) -> Option<f64> {
        (self.owed > 0).then(|| self.joined() as f64 / self.owed as f64)
    }
}

/// Puts first-party orders in the place of the conversions and revenue that platforms claim.
///
/// Every record's conversions and revenue become those of its orders, 0 where there are none. An order
/// belongs to the rows of its ad on the order's day in the account's zone, or, if the ad had none, on
/// the latest day of the `window_days` days before. An order that names only a campaign belongs to the
/// campaign's rows by the same rule. Several rows share it by their clicks (by spend where nothing was
/// clicked, equally where nothing was spent), and the parts of its value add up to the last micro.
///
/// An ad or campaign is found by its id, else by its name. Where an order names an ad that no record
/// has, such as a free text in `utm_content`, its campaign is tried.
///
/// The record's `known_at` stays that of the ad row for rows without orders, and becomes the latest
/// `known_at` of its orders where that is later: the instant since which the row is complete. What was
/// known in between is told by [`Applied::credits`]. Amounts in the reporting currency are converted
/// at the record's own rate.
///
/// An order whose value cannot be compared with the currency of its ad, because a rate or a currency is
/// missing, is left out and stands in [`Applied::incomparable`] with the reason.
///
/// # Errors
/// [`ApplyError::Money`] if an amount does not fit; the records are then unchanged.
///
/// # Complexity
/// O(records + orders · (log records + rows per ad and day)).
pub fn apply_conversions(
    records: &mut [Record],
    conversions: &[Conversion],
    options: ApplyOptions<'_>,
) -> Result<Applied, ApplyError> {
    let least_joined = options.least_joined;
    let mut out = Applied { orders: conversions.len() as u64, least_joined, ..Applied::default() };
    let index = Index::new(records);
    for (position, order) in conversions.iter().enumerate() {
        if options.as_of.is_some_and(|as_of| order.known_at > as_of) {
            out.after_as_of += 1;
            continue;
        }
        if order.ad.is_none() && order.campaign.is_none() {
            out.unattributed += 1;
            elsewhere(&mut out, order);
            continue;
        }
        out.owed += 1;
        let (rows, by_ad) = index.rows(order, options.window_days);
        if rows.is_empty() {
            out.unmatched += 1;
            elsewhere(&mut out, order);
            continue;
        }
        match credit(records, order, position, &rows, &options, &mut out) {
            Ok(()) => {
                out.by_ad += u64::from(by_ad);
                out.by_campaign += u64::from(!by_ad);
            }
            Err(error @ ApplyError::Money(_)) => return Err(error),
            Err(error) => {
                out.incomparable.push((position, error));
                elsewhere(&mut out, order);
            }
        }
    }
    write(records, &mut out)?;
    Ok(out)
}

fn elsewhere(out: &mut Applied, order: &Conversion) {
    if let Some(value) = order.value {
        let code = order.currency.map_or("null", Currency::code).to_owned();
        let sum = out.value_elsewhere.entry(code).or_default();
        *sum = Micros(sum.0.saturating_add(value.0));
    }
}

/// Splits an order over its rows.
fn credit(
    records: &[Record],
    order: &Conversion,
    position: usize,
    rows: &[usize],
    options: &ApplyOptions<'_>,
    out: &mut Applied,
) -> Result<(), ApplyError> {
    let of = |measure: &dyn Fn(&Record) -> f64| -> Vec<f64> {
        rows.iter().map(|row| records.get(*row).map_or(0.0, measure).max(0.0)).collect()
    };
    let any = |weights: &[f64]| weights.iter().any(|w| *w > 0.0);
    let mut weights = of(&|r| r.clicks.unwrap_or(0) as f64);
    if !any(&weights) {
        weights = of(&|r| r.spend.to_f64());
    }
    if !any(&weights) {
        weights = vec![1.0; rows.len()];
    }
    let sum: f64 = weights.iter().sum();
    let first = rows.first().and_then(|row| records.get(*row));
    let value = match (order.value, first) {
        (Some(value), Some(record)) => convert(value, order, record, options)?,
        _ => Micros::ZERO,
    };
    let parts = apportion(value, &weights)?;
    for ((row, weight), value) in rows.iter().zip(&weights).zip(parts) {
        out.credits.push(Credit {
            record: *row,
            conversion: position,
            share: weight / sum,
            value,
            known_at: order.known_at,
        });
    }
    Ok(())
}

/// The value of an order in the currency of a record.
fn convert(
    value: Micros,
    order: &Conversion,
    record: &Record,
    options: &ApplyOptions<'_>,
) -> Result<Micros, ApplyError> {
    let name = || order.order.as_deref().unwrap_or("without a number").to_owned();
    let code = |c: Option<Currency>| c.map_or("an unknown currency", Currency::code).to_owned();
    match (order.currency, record.currency) {
        (from, to) if from == to => Ok(value),
        (Some(from), Some(to)) => {
            let none = FxTable::new();
            let rate = options
                .fx
                .unwrap_or(&none)
                .rate(from, to, record.date, options.fx_carry_days)
                .map_err(|error| ApplyError::Fx { order: name(), error })?;
            Ok(value.convert(rate.rate)?)
        }
        (from, to) => {
            Err(ApplyError::Unknown { order: name(), value: code(from), account: code(to) })
        }
    }
}

/// Replaces what the records claim by the sums of their credits.
fn write(records: &mut [Record], out: &mut Applied) -> Result<(), ApplyError> {
    let mut sums: Vec<(f64, Micros, Option<Timestamp>)> =
        vec![(0.0, Micros::ZERO, None); records.len()];
    for credit in &out.credits {
        if let Some(sum) = sums.get_mut(credit.record) {
            sum.0 += credit.share;
            sum.1 = sum.1.checked_add(credit.value)?;
            sum.2 = sum.2.max(Some(credit.known_at));
        }
    }
    // Everything that can fail is computed before anything is changed.
    let mut reporting = Vec::with_capacity(records.len());
    for (record, (_, value, _)) in records.iter().zip(&sums) {
        reporting.push(match record.reporting {
            Some(r) if record.currency == Some(r.currency) => Some(*value),
            Some(r) => Some(value.convert(r.rate)?),
            None => None,
        });
    }
    for ((record, (orders, value, known)), reported) in records.iter_mut().zip(sums).zip(reporting)
    {
        let sums = out.by_source.entry(record.source.clone()).or_default();
        sums.claimed += record.conversions.unwrap_or(0.0);
        sums.orders += orders;
        record.conversions = Some(orders);
        record.revenue = Some(value);
        if let Some(amounts) = &mut record.reporting {
            amounts.revenue = reported;
        }
        record.known_at = known.map_or(record.known_at, |known| known.max(record.known_at));
    }
    Ok(())
}

#[cfg(test)]
mod tests;
