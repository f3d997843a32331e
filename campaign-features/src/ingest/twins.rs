//! Files that come to the same totals day by day without a row in common.
//!
//! One export names a campaign by its id, another by its name: their rows have different keys, and the money
//! would count twice. Nothing in a row shows it; that every day agrees to the digit does. Where all of it
//! agrees, the rows with ids enter the records; where only a part does, both enter, and the report says so.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jiff::civil::Date;

use super::ads::{NO_FILE, Profile};
use super::layout::Level;
use super::levels::Choice;
use super::report::{Finding, SourceReport};
use super::store::Store;

/// From how many days with spend on it cannot be chance that all of them agree.
const PROOF: u64 = 3;

/// What a file comes to on each of its days, and how its rows name what they are about.
#[derive(Default, Clone)]
struct Totals {
    /// By first and last day.
    days: BTreeMap<(Date, Date), Day>,
    by_name: u64,
    by_id: u64,
    accounts: BTreeSet<String>,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Hash)]
struct Day {
    spend: i64,
    impressions: u64,
    clicks: u64,
}

/// Leaves out what another file says with ids, and says in the reports which file repeats which.
pub(crate) fn settle(store: &Store, choice: &mut Choice, sources: &mut [SourceReport]) {
    let mut platforms: HashMap<&str, u64> = HashMap::new();
    for platform in sources.iter().filter(|report| report.ok > 0).filter_map(platform) {
        *platforms.entry(platform).or_default() += 1;
    }
    if platforms.values().all(|files| *files < 2) {
        return;
    }
    let files = totals(store, choice, sources.len());
    let pairs = pairs(&files, sources);
    let mut left_out: BTreeSet<usize> = BTreeSet::new();
    for (later, earlier) in &pairs {
        for (named, known) in [(*later, *earlier), (*earlier, *later)] {
            let (Some(by_name), Some(by_id)) = (files.get(named), files.get(known)) else {
                continue;
            };
            let days = by_name.common(by_id);
            let Some(other) = sources.get(known).map(|report| report.file.clone()) else {
                continue;
            };
            if days >= PROOF && by_name.is_same(by_id) && left_out.insert(named) {
                choice.leave_out(named);
                if let Some(report) = sources.get_mut(named) {
                    report.find(Finding::RepeatedByName { other, days });
                }
            }
        }
    }
    for (later, earlier) in pairs {
        let days = files.get(later).zip(files.get(earlier)).map_or(0, |(a, b)| a.common(b));
        let Some(other) = sources.get(earlier).map(|report| report.file.clone()) else { continue };
        let enter = !left_out.contains(&later) && !left_out.contains(&earlier);
        if let Some(report) = sources.get_mut(later).filter(|_| days > 0 && enter) {
            report.find(Finding::SameTotals { other, days });
        }
    }
}

/// The pairs of files, the later before the earlier one, that come to the same on some day: neighbours, and
/// every file with names beside every one without.
fn pairs(files: &[Totals], sources: &[SourceReport]) -> BTreeSet<(usize, usize)> {
    let mut alike: HashMap<_, Vec<usize>> = HashMap::new();
    for (file, totals) in files.iter().enumerate() {
        let of = sources.get(file).and_then(platform);
        for (days, day) in totals.days.iter().filter(|(_, day)| day.spent()) {
            alike.entry((of, *days, day.spend, day.impressions)).or_default().push(file);
        }
    }
    let mut pairs = BTreeSet::new();
    for alike in alike.values() {
        let beside = alike.iter().zip(alike.iter().skip(1));
        let (named, known): (Vec<usize>, Vec<usize>) =
            alike.iter().partition(|file| files.get(**file).is_some_and(|t| t.by_name > 0));
        let across = named.iter().flat_map(|one| known.iter().map(move |two| (one, two)));
        pairs.extend(beside.chain(across).map(|(one, two)| (*one.max(two), *one.min(two))));
    }
    pairs
}

fn platform(report: &SourceReport) -> Option<&str> {
    report.platform.as_deref()
}

/// The totals of each file's rows that enter.
fn totals(store: &Store, choice: &Choice, files: usize) -> Vec<Totals> {
    let mut out = vec![Totals::default(); files];
    // Files come one after the other: the last one that a profile was seen in is enough.
    let mut seen = vec![NO_FILE; store.ads.profiles.all.len()];
    for row in store.ads.live().filter(|row| choice.enters(store, row)) {
        let Some(totals) = out.get_mut(row.file as usize) else { continue };
        let metrics = row.metrics();
        let day = totals.days.entry((row.day, row.last_day)).or_default();
        day.spend = day.spend.saturating_add(row.spend.0);
        day.impressions = day.impressions.saturating_add(metrics.impressions.unwrap_or(0));
        day.clicks = day.clicks.saturating_add(metrics.clicks.unwrap_or(0));
        let Some(seen) = seen.get_mut(row.profile as usize) else { continue };
        if std::mem::replace(seen, row.file) == row.file {
            continue;
        }
        let Some(profile) = store.ads.profile(row) else { continue };
        let named = is_named(profile);
        totals.by_name += u64::from(named == Some(true));
        totals.by_id += u64::from(named == Some(false));
        totals.accounts.extend(store.texts.borrow(profile.account).map(|id| id.to_string()));
    }
    out
}

/// Whether what a row is about has its name for an id.
fn is_named(profile: &Profile) -> Option<bool> {
    let (id, name) = match profile.level {
        Level::Ad => (profile.ad, profile.ad_name),
        Level::AdGroup => (profile.ad_group, profile.ad_group_name),
        Level::Campaign => (profile.campaign, profile.campaign_name),
        _ => return None,
    };
    (!id.is_none()).then_some(id == name)
}

impl Day {
    const fn spent(&self) -> bool {
        self.spend > 0 && self.impressions > 0
    }
}

impl Totals {
    /// The number of days with spend that both have, if they agree on every one.
    fn common(&self, other: &Self) -> u64 {
        let both = || self.days.iter().filter_map(|(days, day)| Some((day, other.days.get(days)?)));
        let same = |a: &Day, b: &Day| (a.spend, a.impressions) == (b.spend, b.impressions);
        let agree = both().all(|(a, b)| same(a, b));
        if agree { both().filter(|(day, _)| day.spent()).count() as u64 } else { 0 }
    }

    /// Whether this file says by names what another says by ids: the same days, and on each of them the
    /// same spend, impressions and clicks; and neither is of an account that the other is not of.
    fn is_same(&self, known: &Self) -> bool {
        let is_number = |id: &String| id.bytes().all(|b| b.is_ascii_digit() || b == b'-');
        let numbered = |of: &Self| !of.accounts.is_empty() && of.accounts.iter().all(is_number);
        let strangers = numbered(self) && numbered(known) && self.accounts != known.accounts;
        let clicked = self.days.values().any(|day| day.clicks > 0);
        let ways = (self.by_name > 0, self.by_id, known.by_name, known.by_id > 0);
        ways == (true, 0, 0, true) && !strangers && clicked && self.days == known.days
    }
}
