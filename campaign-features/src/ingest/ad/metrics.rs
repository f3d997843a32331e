//! The numbers of a row.

use campaign_core::{Currency, Micros};

use crate::ingest::actions;
use crate::ingest::ads::Metrics;
use crate::ingest::layout::Role;
use crate::ingest::number::{Plain, Unit};
use crate::ingest::row::{Fault, RowReader};

/// The metrics of a row, and its currency.
pub(super) fn metrics(
    reader: &mut RowReader<'_, '_>,
    row_currency: Option<Currency>,
    kinds: &[String],
) -> Result<(Metrics, Option<Currency>), Fault> {
    let spend = amount(reader, Role::Spend)?;
    let revenue = amount(reader, Role::Revenue)?;
    let beside = if spend.is_none() { reader.amount(Role::SpendBeside)? } else { None };
    // Nothing is nothing in every currency; anything else is no longer in that of the revenue.
    let (spend, revenue) = match beside {
        Some((Micros::ZERO, _)) => (Some((Micros::ZERO, None)), revenue),
        Some(beside) => (Some(beside), None),
        None => (spend, revenue),
    };
    let stated = spend.and_then(|(_, c)| c).or(revenue.and_then(|(_, c)| c));
    let currency = row_currency.or(stated);
    for (role, amount) in [(Role::Spend, spend), (Role::Revenue, revenue)] {
        if let (Some((_, Some(own))), Some(currency)) = (amount, currency)
            && own != currency
        {
            let reason = format!("an amount in {own} in a row of {currency}");
            return Err(reader.fault(role, "one currency per row", reason));
        }
    }
    let impressions = count(reader, Role::Impressions)?;
    let clicks = count(reader, Role::Clicks)?;
    let conversions = quantity(reader, Role::Conversions)?;
    let revenue = revenue.map(|(micros, _)| micros);
    let (conversions, revenue) = actions::claimed(reader, (conversions, revenue), kinds)?;
    let video_views = count(reader, Role::VideoViews)?;
    let delivered = impressions.unwrap_or(0) > 0 || clicks.unwrap_or(0) > 0;
    if spend.is_none() && delivered && reader.positions.of(Role::Spend).is_some() {
        let reason = "the row has impressions or clicks, but no spend".to_owned();
        return Err(reader.fault(Role::Spend, "an amount", reason));
    }
    let metrics = Metrics {
        spend: spend.map_or(Micros::ZERO, |(micros, _)| micros),
        revenue,
        impressions,
        clicks,
        conversions,
        video_views,
    };
    Ok((metrics, currency))
}

/// The digits of a role's cell, where they are nothing but digits and one clear mark.
#[inline]
fn plain(reader: &RowReader<'_, '_>, role: Role) -> Option<Plain> {
    let cell = reader.cells.get(reader.positions.of(role)?)?;
    let undecided = reader.style.undecided;
    Plain::read(cell, reader.style.mark).filter(|plain| !(undecided && plain.could_be_either))
}

#[inline]
fn amount(
    reader: &mut RowReader<'_, '_>,
    role: Role,
) -> Result<Option<(Micros, Option<Currency>)>, Fault> {
    if let Some(plain) = plain(reader, role) {
        let column = reader.positions.of(role).and_then(|index| reader.layout.columns.get(index));
        if let Some(micros) = plain.micros(column.map_or(Unit::Units, |c| c.unit)) {
            return Ok(Some((micros, column.and_then(|c| c.currency))));
        }
    }
    reader.amount(role)
}

#[inline]
fn count(reader: &mut RowReader<'_, '_>, role: Role) -> Result<Option<u64>, Fault> {
    match plain(reader, role) {
        Some(Plain { mantissa, scale: 0, .. }) => Ok(Some(mantissa)),
        _ => reader.count(role),
    }
}

#[inline]
fn quantity(reader: &mut RowReader<'_, '_>, role: Role) -> Result<Option<f64>, Fault> {
    match plain(reader, role).and_then(Plain::to_f64).filter(|value| *value <= 1e12) {
        Some(value) => Ok(Some(value)),
        None => reader.quantity(role),
    }
}
