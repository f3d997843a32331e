//! Totals per file.

use std::collections::HashMap;
use std::str::FromStr;

use campaign_core::Micros;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::ads::Ads;
use super::dedup::{Slot, State};
use super::report::{Amounts, Finding, SourceReport};
use super::store::{LastPlace, Store};

/// Sums of decimal numbers that went through `f64` one by one, without the rounding of a sum.
#[derive(Debug, Default)]
pub(crate) struct Sum {
    millionths: i128,
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
        // Below 10^15 millionths the number of them that gives the value back is the one it was read
        // from: decimal numbers of fifteen digits are all different values.
        let millionths = (value * 1e6).round();
        if millionths.abs() < 1e15 && millionths / 1e6 == value {
            self.millionths += millionths as i128;
            return;
        }
        // The shortest text of an f64 is the decimal number it was read from.
        let exact = Decimal::from_str(&value.to_string()).ok();
        match exact.and_then(|value| self.exact.checked_add(value)) {
            Some(sum) => self.exact = sum,
            None => self.inexact = true,
        }
    }

    fn whole(&self) -> Option<f64> {
        let whole = Decimal::try_from_i128_with_scale(self.millionths, 6).ok()?;
        self.exact.checked_add(whole)?.to_f64()
    }

    pub(crate) fn value(&self) -> Option<f64> {
        let exact = if self.inexact { None } else { self.whole() };
        self.any.then(|| exact.unwrap_or(self.rough))
    }
}

fn count<T>(slots: &[Slot<T>], sources: &mut [SourceReport]) {
    for slot in slots {
        if let Some(report) = sources.get_mut(slot.file) {
            add(report, slot.state, slot.conflicting);
        }
    }
}

fn count_ads(ads: &Ads, sources: &mut [SourceReport]) {
    for row in ads.rows.iter() {
        let Some(report) = sources.get_mut(row.file as usize) else { continue };
        add(report, row.state, row.conflicting);
    }
    for (file, [repeated, conflicting]) in &ads.repeated {
        let Some(report) = sources.get_mut(*file as usize) else { continue };
        report.duplicate += repeated;
        report.conflicting += conflicting;
    }
}

fn add(report: &mut SourceReport, state: State, conflicting: bool) {
    match state {
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
    report.conflicting += u64::from(conflicting);
}

fn plus(sum: &mut Option<u64>, value: Option<u64>) {
    if let Some(value) = value {
        *sum = Some(sum.unwrap_or(0).saturating_add(value));
    }
}

/// Fills counts and totals of the reports from the rows that stand.
pub(crate) fn tally(store: &Store, sources: &mut [SourceReport]) {
    count_ads(&store.ads, sources);
    count(&store.actions.slots, sources);
    count(&store.conversions.slots, sources);
    count(&store.web.slots, sources);
    count(&store.events.slots, sources);
    count(&store.described.slots, sources);
    let mut conversions: HashMap<usize, Sum> = HashMap::new();
    let mut of_ads: Vec<Sum> = sources.iter().map(|_| Sum::default()).collect();
    for row in store.ads.live() {
        let file = row.file as usize;
        let Some(report) = sources.get_mut(file) else { continue };
        let metrics = row.metrics();
        let fallback = || store.ads.profile(row).and_then(|profile| profile.currency);
        let currency = row.currency.or_else(fallback);
        report.spend.add(currency, metrics.spend);
        if let Some(revenue) = metrics.revenue {
            report.revenue.add(currency, revenue);
        }
        plus(&mut report.impressions, metrics.impressions);
        plus(&mut report.clicks, metrics.clicks);
        if let Some(sum) = of_ads.get_mut(file) {
            sum.add(metrics.conversions);
        }
        report.cover(row.day);
        report.cover(row.last_day);
    }
    conversions.extend(of_ads.into_iter().enumerate().filter(|(_, sum)| sum.any));
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
        check_totals(store, index, report);
    }
}

/// Compares what a file's rows of totals state with what its accepted rows add up to: all of them, or
/// those that stand.
fn check_totals(store: &Store, file: usize, report: &mut SourceReport) {
    // The total of a file includes the rows that are set aside.
    if report.after_as_of > 0 {
        return;
    }
    let Some(totals) = store.totals.get(&file) else { return };
    let money = |amounts: &Amounts| amounts.0.values().map(|m| i128::from(m.0)).sum::<i128>();
    let count = |count: Option<u64>| i128::from(count.unwrap_or(0)) * 1_000_000;
    let standing = [
        money(&report.spend),
        money(&report.revenue),
        count(report.impressions),
        count(report.clicks),
        report.conversions.map_or(0, |value| (value * 1e6).round() as i128),
    ];
    for (metric, (sum, standing)) in totals.sums.iter().zip(standing).enumerate() {
        let stated = || totals.stated.iter().filter(|stated| stated.metric == metric);
        let rounding = totals.places.get(metric).map_or(0, LastPlace::rounding);
        let agrees = |amount: Micros| {
            [*sum, standing].iter().any(|sum| (sum - i128::from(amount.0)).abs() <= rounding)
        };
        let Some(first) = stated().next() else { continue };
        if !stated().any(|stated| agrees(stated.amount)) {
            let sum = i64::try_from(standing).unwrap_or(i64::MAX);
            report.find(Finding::Total {
                row: first.line,
                column: first.column.to_string(),
                stated: first.amount,
                sum: Micros(sum),
            });
        }
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
