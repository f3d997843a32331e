//! Exchange rates: one row per currency and day, units of the market's currency per unit.

use jiff::ToSpan;

use super::table::Table;
use super::{ExportFile, Job};
use crate::market::error::MarketError;

pub(super) fn file(job: &Job<'_>) -> Result<ExportFile, MarketError> {
    let truth = job.market.truth();
    let mut table = Table::new(&["date", "base", "quote", "rate"]);
    let mut dates: Vec<_> = job.history.iter().map(|day| day.date).collect();
    // The day after the last one: the CRM's night of the last American evening.
    if let Some(next) = dates.last().and_then(|last| last.checked_add(1.day()).ok()) {
        dates.push(next);
    }
    for rate in &truth.config.rates {
        for &date in &dates {
            table.rows.push(vec![
                date.to_string(),
                rate.currency.clone(),
                truth.config.currency.clone(),
                format!("{:.5}", truth.rate(&rate.currency, date)?),
            ]);
        }
    }
    table.file("fx.csv", "", &[])
}
