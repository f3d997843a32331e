//! Rows over several days beside rows of shorter periods of the same thing.
//!
//! A report by month and one by day tell of the same money. Where the shorter rows inside a longer period
//! come to what it states, they enter the records and it does not. Where they come to something else,
//! nobody can say which days they lack: both enter, and the report of the longer one says so.

use std::collections::{BTreeMap, HashMap, HashSet};

use campaign_core::Micros;
use jiff::civil::Date;

use super::ads::{AdRow, Profile};
use super::levels::{Choice, Group, Identity, identity};
use super::report::Finding;
use super::store::Store;
use super::texts::Symbol;

/// What the longer periods turned out to be.
#[derive(Default)]
pub(crate) struct Periods {
    /// Those that shorter ones add up to.
    repeated: HashSet<Identity>,
    /// By file, what the others state and what the shorter ones inside them come to.
    overlaps: BTreeMap<u32, (u64, Micros, Micros)>,
}

/// What the rows of a thing over the same days come to.
#[derive(Default, Clone, Copy)]
struct Sum {
    rows: i64,
    spend: i64,
    impressions: u64,
    file: u32,
}

/// The days of rows by their number, so that shorter ones come first.
type Days = (i64, Date, Date);

impl Periods {
    /// Compares the rows that enter as far as their level and breakdown decide it.
    pub(crate) fn new(store: &Store, choice: &Choice) -> Self {
        let entering = |row: &&AdRow| choice.enters(store, row);
        let about = |row| Some((row, store.ads.profile(row)?));
        let thing = |(row, profile): (&AdRow, &Profile)| {
            let (group, own, ..) = identity(profile, row);
            (group, own)
        };
        let long = store.ads.live().filter(|row| row.day != row.last_day).filter(entering);
        let with_periods: HashSet<(Group, Symbol)> = long.filter_map(about).map(thing).collect();
        let mut out = Self::default();
        if with_periods.is_empty() {
            return out;
        }
        let mut sums: HashMap<(Group, Symbol), BTreeMap<Days, Sum>> = HashMap::new();
        for (row, profile) in store.ads.live().filter(entering).filter_map(about) {
            let thing = thing((row, profile));
            if !with_periods.contains(&thing) {
                continue;
            }
            let days = row.last_day.duration_since(row.day).as_hours() / 24;
            let days = (days, row.day, row.last_day);
            let sum = sums.entry(thing).or_default().entry(days).or_default();
            sum.rows += 1;
            sum.spend = sum.spend.saturating_add(row.spend.0);
            let impressions = row.metrics().impressions.unwrap_or(0);
            sum.impressions = sum.impressions.saturating_add(impressions);
            sum.file = row.file;
        }
        for ((group, own), sums) in &sums {
            out.compare(*group, *own, sums);
        }
        out
    }

    fn compare(&mut self, group: Group, own: Symbol, sums: &BTreeMap<Days, Sum>) {
        let mut entering: Vec<(Days, Sum)> = Vec::new();
        for (days, sum) in sums {
            let (length, first, last) = *days;
            let mut parts = Sum::default();
            let inside = entering.iter().filter(|((other, from, to), _)| {
                *other < length && (first..=last).contains(from) && (first..=last).contains(to)
            });
            for (_, part) in inside {
                parts.rows += part.rows;
                parts.spend = parts.spend.saturating_add(part.spend);
                parts.impressions = parts.impressions.saturating_add(part.impressions);
            }
            if parts.rows > 0 && parts.is_same(sum) {
                self.repeated.insert((group, own, first, last));
                continue;
            }
            if parts.rows > 0 {
                let (count, stated, summed) = self.overlaps.entry(sum.file).or_default();
                *count += 1;
                stated.0 = stated.0.saturating_add(sum.spend);
                summed.0 = summed.0.saturating_add(parts.spend);
            }
            entering.push((*days, *sum));
        }
    }

    /// Whether shorter rows say the same as this one.
    pub(crate) fn repeats(&self, profile: &Profile, row: &AdRow) -> bool {
        row.day != row.last_day && self.repeated.contains(&identity(profile, row))
    }

    /// The files whose longer periods overlap shorter ones that come to something else.
    pub(crate) fn findings(&self) -> impl Iterator<Item = (u32, Finding)> {
        self.overlaps.iter().map(|(file, (periods, stated, sum))| {
            (*file, Finding::Overlap { periods: *periods, stated: *stated, sum: *sum })
        })
    }
}

impl Sum {
    /// Exports round each amount to the cent.
    fn is_same(&self, whole: &Self) -> bool {
        const CENT: u64 = 10_000;
        let apart = self.spend.abs_diff(whole.spend);
        self.impressions == whole.impressions && apart <= CENT * self.rows.unsigned_abs()
    }
}
