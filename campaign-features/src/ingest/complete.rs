//! What is added to a record: the worth of its conversions, amounts in the reporting currency, its
//! channel.
//!
//! Records come by day and by what they are about, so that what the last one was given mostly holds for
//! the next; channels depend on nothing but the profile.

use campaign_core::money::MoneyError;
use campaign_core::record::Reporting;
use campaign_core::{ChannelId, Currency, Micros, Record};
use jiff::civil::Date;
use rust_decimal::Decimal;

use super::assemble::Draft;
use super::error::IngestError;
use super::store::Store;
use crate::fx::{FxError, FxTable};

/// Completes records of one run.
pub(crate) struct Completer<'s> {
    store: &'s Store,
    /// By profile, once it was asked for.
    channels: Vec<Option<Option<ChannelId>>>,
    last: Option<Quoted>,
}

/// A rate that was looked up.
#[derive(Debug, Clone, Copy)]
struct Quoted {
    from: Currency,
    date: Date,
    rate: Decimal,
    /// Whether it is that of an earlier day.
    carried: bool,
}

impl<'s> Completer<'s> {
    pub(crate) fn new(store: &'s Store) -> Self {
        Self { store, channels: vec![None; store.ads.profiles.all.len()], last: None }
    }

    pub(crate) const fn store(&self) -> &'s Store {
        self.store
    }

    /// Completes a record and returns whether it took an earlier day's rate.
    pub(crate) fn complete(&mut self, draft: &mut Draft) -> Result<bool, IngestError> {
        value(self.store, draft)?;
        let store = self.store;
        let error = |error| store.amount_error(draft, error);
        let reporting = self.reporting(&draft.record, &error)?;
        draft.record.channel = match self.channels.get_mut(draft.profile as usize) {
            Some(known) => {
                let channel = || store.config.channels.channel(&draft.record);
                known.get_or_insert_with(channel).clone()
            }
            None => None,
        };
        draft.record.reporting = reporting.map(|(amounts, _)| amounts);
        Ok(reporting.is_some_and(|(_, carried)| carried))
    }

    /// The amounts of a record in the reporting currency, and whether it took an earlier day's rate;
    /// `None` where none is asked for or the record's own currency is not known.
    pub(crate) fn reporting(
        &mut self,
        record: &Record,
        error: &dyn Fn(MoneyError) -> IngestError,
    ) -> Result<Option<(Reporting, bool)>, IngestError> {
        let (Some(to), Some(from)) = (self.store.settings.reporting, record.currency) else {
            return Ok(None);
        };
        let Quoted { rate, carried, .. } = self.quoted(from, to, record.date)?;
        let convert = |amount: Micros| {
            if from == to {
                return Ok(amount);
            }
            amount.convert(rate).map_err(error)
        };
        let amounts = Reporting {
            currency: to,
            rate,
            spend: convert(record.spend)?,
            revenue: record.revenue.map(convert).transpose()?,
        };
        Ok(Some((amounts, carried)))
    }

    fn quoted(&mut self, from: Currency, to: Currency, date: Date) -> Result<Quoted, FxError> {
        if let Some(last) = self.last.filter(|last| last.from == from && last.date == date) {
            return Ok(last);
        }
        let config = &self.store.config;
        let rate = match &config.fx {
            Some(table) => table.rate(from, to, date, config.fx_carry_days)?,
            None => FxTable::new().rate(from, to, date, 0).map_err(|_| FxError::Missing {
                from,
                to,
                date,
            })?,
        };
        let carried = rate.quoted != date;
        Ok(*self.last.insert(Quoted { from, date, rate: rate.rate, carried }))
    }
}

/// Gives conversions of sources without revenue the value that the configuration states.
pub(crate) fn value(store: &Store, draft: &mut Draft) -> Result<(), IngestError> {
    let (Some(conversions), None) = (draft.record.conversions, draft.record.revenue) else {
        return Ok(());
    };
    let Some(profile) = store.ads.profiles.get(draft.profile) else { return Ok(()) };
    let mapping = profile.mapping.and_then(|index| store.config.mappings.get(index as usize));
    let stated = || {
        let platform = store.texts.borrow(profile.platform)?;
        store.settings.sources.get(&**platform)?.value_per_conversion
    };
    if let Some(worth) = mapping.and_then(|m| m.value_per_conversion).or_else(stated) {
        let revenue = Micros::from_f64(worth * conversions);
        draft.record.revenue = Some(revenue.map_err(|error| store.amount_error(draft, error))?);
    }
    Ok(())
}
