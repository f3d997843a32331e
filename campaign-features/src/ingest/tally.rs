//! Totals per file.

use std::collections::HashMap;
use std::str::FromStr;

use campaign_core::Micros;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::dedup::{Slot, State};
use super::report::SourceReport;
use super::store::Store;

/// Sums of decimal numbers that went through `f64` one by one, without the rounding of a sum.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    exact: Decimal,
    rough: f64,
    inexact: bool,
    any: bool,
}

impl Sum {
    pub(crate) fn add(&mut self, value: Option<f64>) {
        let Some(value) = value else { return };
        self.any = true;
        self.rough += value;
        // The shortest text of an f64 is the decimal number it was read from.
        let exact = Decimal::from_str(&value.to_string()).ok();
        match exact.and_then(|value| self.exact.checked_add(value)) {
            Some(sum) => self.exact = sum,
            None => self.inexact = true,
        }
    }

    pub(crate) fn value(&self) -> Option<f64> {
        let exact = if self.inexact { None } else { self.exact.to_f64() };
        self.any.then(|| exact.unwrap_or(self.rough))
    }
}

fn count<T>(slots: &[Slot<T>], sources: &mut [SourceReport]) {
    for slot in slots {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        match slot.state {
            State::Live => report.ok += 1,
            State::Later => {
                report.ok += 1;
                report.after_as_of += 1;
            }
            State::Duplicate => report.duplicate += 1,
            State::Restated => {
                report.duplicate += 1;
                report.restated += 1;
            }
        }
        report.conflicting += u64::from(slot.conflicting);
    }
}

fn plus(sum: &mut Option<u64>, value: Option<u64>) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(value));
    }
}

/// Fills counts and totals of the reports from the rows that stand.
pub(crate) fn tally(store: &Store, sources: &mut [SourceReport]) {
    count(&store.ads.slots, sources);
    count(&store.actions.slots, sources);
    count(&store.conversions.slots, sources);
    count(&store.web.slots, sources);
    count(&store.events.slots, sources);
    count(&store.described.slots, sources);
    let mut conversions: HashMap<usize, Sum> = HashMap::new();
    for slot in store.ads.live() {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        let row = &slot.item;
        report.spend.add(row.currency, row.spend);
        if let Some(revenue) = row.revenue {
            report.revenue.add(row.currency, revenue);
        }
        plus(&mut report.impressions, row.impressions);
        plus(&mut report.clicks, row.clicks);
        conversions.entry(slot.file).or_default().add(row.conversions);
        report.cover(row.day);
        report.cover(row.last_day);
    }
    for slot in store.actions.live() {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        if store.amount_files.contains(&slot.file) {
            report.revenue.add(None, slot.item.amount);
        } else {
            conversions.entry(slot.file).or_default().add(Some(slot.item.count));
        }
        if let Some(worth) = slot.item.worth {
            report.revenue.add(None, worth);
        }
        report.cover(slot.item.day);
    }
    for slot in store.conversions.live() {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        let Some(item) = &slot.item else { continue };
        conversions.entry(slot.file).or_default().add(Some(1.0));
        if let Some(value) = item.value {
            report.revenue.add(item.currency, value);
        }
        let zone = item.at.to_zoned_datetime(jiff::tz::TimeZone::UTC);
        report.cover(zone.date());
    }
    for slot in store.web.live() {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        conversions.entry(slot.file).or_default().add(slot.item.key_events);
        if let Some(revenue) = slot.item.revenue {
            report.revenue.add(slot.item.currency, revenue);
        }
        report.cover(slot.item.date);
        report.cover(slot.item.last_date);
    }
    for slot in store.events.live() {
        let Some(report) = sources.get_mut(slot.file) else { continue };
        let key = f64::from(u8::from(slot.item.is_key));
        conversions.entry(slot.file).or_default().add(Some(key));
        if let Some(revenue) = slot.item.revenue {
            report.revenue.add(slot.item.currency, revenue);
        }
        report.cover(slot.item.day);
    }
    for (file, sum) in conversions {
        if let Some(report) = sources.get_mut(file) {
            report.conversions = sum.value();
        }
    }
    for (index, report) in sources.iter_mut().enumerate() {
        if report.restated > 0 {
            report.notes.push(format!("{} rows are restated by a later version", report.restated));
        }
        if report.conflicting > 0 {
            report.notes.push(format!(
                "{} duplicates repeat every dimension of a row of this file at other metrics; the last \
                 row stands",
                report.conflicting
            ));
        }
        totals_note(store, index, report);
    }
}

/// Compares the totals that a file states with the sum of its accepted rows.
fn totals_note(store: &Store, file: usize, report: &mut SourceReport) {
    // The total of a file includes the rows that are set aside.
    if report.after_as_of > 0 {
        return;
    }
    let Some(stated) = store.stated_totals.get(&file).filter(|stated| !stated.is_empty()) else {
        return;
    };
    let sum = Micros(report.spend.0.values().fold(0, |sum, m| sum.saturating_add(m.0)));
    if !stated.iter().any(|(_, total)| *total == sum) {
        let (line, total) = stated.first().copied().unwrap_or_default();
        report.notes.push(format!(
            "line {line} states a total spend of {total}, the accepted rows add up to {sum}"
        ));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_decimals() {
        let mut sum = Sum::default();
        for _ in 0..10 {
            sum.add(Some(0.1));
        }
        sum.add(None);
        assert_eq!(sum.value(), Some(1.0));
        assert_eq!(Sum::default().value(), None);
        let mut huge = Sum::default();
        huge.add(Some(1e300));
        huge.add(Some(1.0));
        assert_eq!(huge.value(), Some(1e300));
    }
}
