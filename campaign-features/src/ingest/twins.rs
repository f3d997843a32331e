//! Files that come to the same totals day by day without a row in common.
//!
//! One export names a campaign by its id, another by its name: their rows have different keys, and the money
//! counts twice. Nothing in a row shows it; that every day agrees to the micro does.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::levels::Choice;
use super::report::{Finding, SourceReport};
use super::store::Store;

/// Spend and impressions by first and last day.
type Totals = BTreeMap<(Date, Date), (i64, u64)>;

/// Says in the report of the later file which earlier one it repeats.
pub(crate) fn note(store: &Store, choice: &Choice, sources: &mut [SourceReport]) {
    let mut platforms: HashMap<&str, u64> = HashMap::new();
    for platform in sources.iter().filter(|report| report.ok > 0).filter_map(platform) {
        *platforms.entry(platform).or_default() += 1;
    }
    if platforms.values().all(|files| *files < 2) {
        return;
    }
    let mut files: Vec<Totals> = vec![Totals::new(); sources.len()];
    for row in store.ads.live().filter(|row| choice.enters(store, row)) {
        let Some(totals) = files.get_mut(row.file as usize) else { continue };
        let (spend, impressions) = totals.entry((row.day, row.last_day)).or_default();
        *spend = spend.saturating_add(row.spend.0);
        *impressions = impressions.saturating_add(row.metrics().impressions.unwrap_or(0));
    }
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for (file, totals) in files.iter().enumerate() {
        let of = sources.get(file).and_then(platform);
        for (days, total) in totals.iter().filter(|(_, total)| spent(total)) {
            alike.entry((of, *days, *total)).or_default().push(file);
        }
    }
    let pairs = alike.values().flat_map(|files| files.iter().zip(files.iter().skip(1)));
    let pairs: BTreeSet<(usize, usize)> = pairs.map(|(one, two)| (*two, *one)).collect();
    for (later, earlier) in pairs {
        let days = files.get(later).zip(files.get(earlier)).map_or(0, |(a, b)| common(a, b));
        let Some(other) = sources.get(earlier).map(|report| report.file.clone()) else { continue };
        if let Some(report) = sources.get_mut(later).filter(|_| days > 0) {
            report.find(Finding::SameTotals { other, days });
        }
    }
}

fn platform(report: &SourceReport) -> Option<&str> {
    report.platform.as_deref()
}

const fn spent(total: &(i64, u64)) -> bool {
    total.0 > 0 && total.1 > 0
}

/// The number of days that both have, if they agree on every one.
fn common(one: &Totals, two: &Totals) -> u64 {
    let both = || one.iter().filter_map(|(days, total)| Some((total, two.get(days)?)));
    let agree = both().all(|(a, b)| a == b);
    if agree { both().filter(|(total, _)| spent(total)).count() as u64 } else { 0 }
}
