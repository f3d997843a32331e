//! What only coarser reports have, as records of its own.

use std::collections::HashMap;
use std::iter::Peekable;
use std::vec::IntoIter;

use campaign_core::Record;
use jiff::civil::Date;

use super::ads::{AdRow, Profile};
use super::assemble::Assembler;
use super::complete::{Completer, value};
use super::emit::{Emitted, Version, emit};
use super::error::IngestError;
use super::layout::Level;
use super::levels::{Choice, Identity, columns, identity};
use super::report::{Coverage, Join};
use super::store::{Store, Zones, days_of, known_at};
use super::texts::Symbol;
use crate::reconcile::{Balance, Conflict, LevelError, Levels};

/// The records that stand for it, in the order of all records, and what was found out.
pub(crate) struct Unallocated {
    records: Peekable<IntoIter<Record>>,
    /// Of these records: all, those with reporting amounts, and those with a carried rate.
    counts: [u64; 3],
    totals: u64,
    balanced: u64,
    balances: Vec<Balance>,
    pub(crate) conflicts: Vec<Conflict>,
    failed: Option<LevelError>,
}

impl Unallocated {
    /// Compares the rows that enter with those of coarser reports.
    pub(crate) fn new(store: &Store, choice: &Choice) -> Result<Self, IngestError> {
        let mut levels = Levels::new();
        let mut failed = None;
        if store.config.unallocated {
            failed = totals(store, choice, &mut levels)?.err();
        }
        if failed.is_none() && !levels.is_empty() {
            emit(store, choice, &mut |version| {
                if version.superseded_at.is_none() && failed.is_none() {
                    failed = levels.finest(&version.record).err();
                }
                Ok(())
            })?;
        }
        let report = match failed {
            None => levels.finish(),
            Some(error) => Err(error),
        };
        let (report, failed) = match report {
            Ok(report) => (report, None),
            Err(error) => (Default::default(), Some(error)),
        };
        let mut records = report.unallocated;
        let mut counts = [records.len() as u64, 0, 0];
        let mut completer = Completer::new(store);
        for record in &mut records {
            record.channel = store.config.channels.channel(record);
            let own = (record.source.to_string(), record.date);
            let error =
                |error| IngestError::Unallocated { source_id: own.0.clone(), date: own.1, error };
            if let Some((amounts, carried)) = completer.reporting(record, &error)? {
                record.reporting = Some(amounts);
                counts[1] += 1;
                counts[2] += u64::from(carried);
            }
        }
        records.sort_by(|a, b| order(a).cmp(&order(b)));
        Ok(Self {
            records: records.into_iter().peekable(),
            counts,
            totals: report.totals,
            balanced: report.balanced,
            balances: report.balances,
            conflicts: report.conflicts,
            failed,
        })
    }

    /// The next record that comes before another, or the next of all.
    pub(crate) fn before(&mut self, next: Option<&Record>) -> Option<Version> {
        let earlier = |own: &Record| next.is_none_or(|next| order(own) < order(next));
        let record = self.records.next_if(earlier)?;
        Some(Version { record, superseded_at: None, origin: None })
    }

    /// Adds to what was found out about the other records.
    pub(crate) fn report(self, emitted: &mut Emitted, coverage: &mut Coverage) -> Vec<Conflict> {
        let [records, reported, carried] = self.counts;
        emitted.records += records;
        emitted.reported += reported;
        emitted.carried += carried;
        if self.totals > 0 {
            coverage.joins.push(Join {
                what: "total of a coarser report to its rows and what is unallocated".to_owned(),
                owed: self.totals,
                joined: self.balanced,
            });
        }
        coverage.unallocated_records = records;
        coverage.levels = self.balances;
        coverage.level_conflicts = self.conflicts.len() as u64;
        coverage.levels_not_compared = self.failed.map(|error| error.to_string());
        self.conflicts
    }
}

/// What records are sorted by.
fn order(r: &Record) -> impl Ord + '_ {
    let ids = (&r.source, &r.account, &r.campaign, &r.ad_group, &r.ad);
    (r.date, ids, &r.audience, &r.country, &r.breakdown)
}

/// Adds the rows of single days of coarser reports; of several breakdowns the plainest, and of those by
/// place or people none.
fn totals(
    store: &Store,
    choice: &Choice,
    levels: &mut Levels,
) -> Result<Result<(), LevelError>, IngestError> {
    let mut zones = Zones::default();
    let mut best: HashMap<(Level, Identity), (usize, Symbol)> = HashMap::new();
    let rows = || store.ads.live().filter_map(|row| Some((row, total(store, choice, row)?)));
    for (row, profile) in rows() {
        let text = store.texts.borrow(profile.broken_by).map_or("", |text| text);
        let known = best
            .entry((profile.level, identity(profile, row)))
            .or_insert((columns(text), profile.broken_by));
        let rank = |(count, symbol): (usize, Symbol)| {
            (count, store.texts.borrow(symbol).map_or("", |text| &**text))
        };
        if rank((columns(text), profile.broken_by)) < rank(*known) {
            *known = (columns(text), profile.broken_by);
        }
    }
    if best.is_empty() {
        return Ok(Ok(()));
    }
    let mut assembler = Assembler::new(store);
    for (row, profile) in rows() {
        let plainest = best.get(&(profile.level, identity(profile, row)));
        if plainest.is_none_or(|(_, symbol)| *symbol != profile.broken_by) {
            continue;
        }
        let zone = store.texts.borrow(profile.zone).map(|zone| &**zone);
        let day: Date = days_of(row, &zones.get(zone)).0;
        let known = known_at(row, zone, &mut zones);
        let mut draft = assembler.draft(row, profile, day, known)?;
        value(store, &mut draft)?;
        if let Err(error) = levels.total(profile.level, &draft.record) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// The profile of a row that states a total of what finer rows of its source tell.
fn total<'s>(store: &'s Store, choice: &Choice, row: &AdRow) -> Option<&'s Profile> {
    let of_level =
        matches!(store.ads.profile(row)?.level, Level::AdGroup | Level::Campaign | Level::Account);
    let finer = !choice.is_of_level(row);
    let profile = store.ads.profile(row);
    let broken_by = profile.and_then(|profile| store.texts.borrow(profile.broken_by));
    let whole = broken_by.is_none_or(|names| !leaves_out(names));
    profile.filter(|_| of_level && finer && whole && row.day == row.last_day)
}

/// Whether a breakdown leaves out what the platform does not know or tell: by place or by people.
fn leaves_out(broken_by: &str) -> bool {
    const WORDS: [&str; 13] = [
        "age",
        "audience",
        "city",
        "country",
        "demographic",
        "dma",
        "gender",
        "geo",
        "location",
        "member",
        "metro",
        "region",
        "state",
    ];
    broken_by.split([';', ' ', '_']).any(|word| WORDS.contains(&word))
}
