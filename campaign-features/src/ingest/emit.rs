//! Records one by one, in their order, from the compact rows.

use std::sync::Arc;

use campaign_core::{Currency, Micros, Record};
use jiff::Timestamp;
use jiff::civil::Date;
use rayon::slice::ParallelSliceMut;

use super::actions;
use super::ads::{AdRow, NO_FILE};
use super::assemble::{Assembler, Draft};
use super::complete::Completer;
use super::dedup::State;
use super::error::IngestError;
use super::levels::Choice;
use super::report::Join;
use super::store::{Store, Zones, days_of, known_at};

/// Where something was read.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Origin {
    /// The file, as its report names it.
    pub file: Arc<str>,
    /// The line the row begins on, counted from 1.
    pub row: u64,
}

/// A record as it was known for a time.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Version {
    /// The record; it became known at its `known_at`.
    pub record: Record,
    /// When a later version took its place; `None` for the one that stands.
    pub superseded_at: Option<Timestamp>,
    /// The row of the ad, of several hours of a day the first; `None` for what no row says, such as what
    /// is unallocated.
    #[cfg_attr(feature = "serde", serde(default))]
    pub origin: Option<Origin>,
}

/// How many records are made before they are given on, where nothing needs a whole day.
const BATCH: usize = 4096;

/// What was found out on the way.
#[derive(Debug, Default)]
pub(crate) struct Emitted {
    pub(crate) joins: Vec<Join>,
    /// Of the records that stand: all, those with reporting amounts, and those with a carried rate.
    pub(crate) records: u64,
    pub(crate) reported: u64,
    pub(crate) carried: u64,
}

/// A row in the order of the records.
struct Place {
    /// The day, and the rank of what the row is about.
    key: u64,
    row: u32,
}

/// Gives on all records of the rows that were chosen, sorted; with their earlier versions, if the
/// configuration asks for the history.
pub(crate) fn emit(
    store: &Store,
    choice: &Choice,
    each: &mut dyn FnMut(Version) -> Result<(), IngestError>,
) -> Result<Emitted, IngestError> {
    let mut zones = Zones::default();
    let places = places(store, choice, &mut zones);
    let mut out = Emitted::default();
    let mut join = actions::Actions::new(store);
    let mut assembler = Assembler::new(store);
    let mut completer = Completer::new(store);
    let mut batch: Vec<Draft> = Vec::new();
    let mut day = None;
    for run in places.chunk_by(|a, b| a.key == b.key) {
        let next = run.first().map(|place| place.key >> 32);
        let full = if join.is_some() { next != day } else { batch.len() >= BATCH };
        if full {
            flush(&mut completer, &mut batch, join.as_mut(), &mut out, each)?;
        }
        day = next;
        of_run(store, run, &mut assembler, &mut zones, &mut batch)?;
    }
    flush(&mut completer, &mut batch, join.as_mut(), &mut out, each)?;
    out.joins.extend(join.map(actions::Actions::finish));
    Ok(out)
}

/// The rows that become records, in their order.
fn places(store: &Store, choice: &Choice, zones: &mut Zones) -> Vec<Place> {
    let ranks = ranks(store);
    let history = store.config.history;
    let mut out = Vec::new();
    for (number, row) in (0_u32..).zip(store.ads.rows.iter()) {
        let stands = row.is_live() || (history && row.state == State::Restated);
        if !stands || !choice.enters(store, row) {
            continue;
        }
        let day = match (row.hour(), store.ads.profile(row)) {
            (Some(_), Some(profile)) => {
                let zone = store.texts.borrow(profile.zone).map(|zone| &**zone);
                days_of(row, &zones.get(zone)).0
            }
            _ => row.day,
        };
        let rank = ranks.get(row.profile as usize).copied().unwrap_or(0);
        out.push(Place { key: of_day(day) << 32 | u64::from(rank), row: number });
    }
    // Rows are all different, so that the result does not depend on the threads.
    out.par_sort_unstable_by_key(|place| (place.key, place.row));
    out
}

/// Days as numbers that grow with them.
fn of_day(day: Date) -> u64 {
    let year = u64::from(day.year().unsigned_abs());
    year << 16 | u64::from(day.month().unsigned_abs()) << 8 | u64::from(day.day().unsigned_abs())
}

/// For each profile its place among all, by what records are sorted by; equal ones have equal ranks.
fn ranks(store: &Store) -> Vec<u32> {
    let texts = store.texts.ranks();
    let profiles = &store.ads.profiles.all;
    let keys: Vec<[u32; 8]> = profiles
        .iter()
        .map(|p| {
            let ids = [p.platform, p.account, p.campaign, p.ad_group, p.ad];
            let [a, b, c, d, e] = ids;
            [a, b, c, d, e, p.audience, p.country, p.breakdown]
                .map(|symbol| texts.get(symbol.index()).copied().unwrap_or(0))
        })
        .collect();
    let mut order: Vec<usize> = (0..keys.len()).collect();
    order.sort_unstable_by_key(|index| keys.get(*index));
    let mut ranks = vec![0; keys.len()];
    for (rank, same) in (0..).zip(order.chunk_by(|a, b| keys.get(*a) == keys.get(*b))) {
        for index in same {
            if let Some(slot) = ranks.get_mut(*index) {
                *slot = rank;
            }
        }
    }
    ranks
}

/// The records of rows that are about the same thing and day.
fn of_run(
    store: &Store,
    run: &[Place],
    assembler: &mut Assembler<'_>,
    zones: &mut Zones,
    batch: &mut Vec<Draft>,
) -> Result<(), IngestError> {
    let mut hours: Vec<(Option<Currency>, Vec<&AdRow>)> = Vec::new();
    for place in run {
        let Some(row) = store.ads.rows.get(place.row as usize) else { continue };
        let Some(profile) = store.ads.profile(row) else { continue };
        if profile.hourly {
            // Hours of one day become one record.
            let currency = row.currency.or(profile.currency);
            match hours.iter_mut().find(|(other, _)| *other == currency) {
                Some((_, rows)) => rows.push(row),
                None => hours.push((currency, vec![row])),
            }
            continue;
        }
        let zone = store.texts.borrow(profile.zone).map(|zone| &**zone);
        let known = known_at(row, zone, zones);
        let mut draft = assembler.draft(row, profile, row.day, known)?;
        draft.superseded_at = successor(store, row).map(|next| {
            let profile = store.ads.profile(next);
            let zone = profile.and_then(|p| store.texts.borrow(p.zone)).map(|zone| &**zone);
            known_at(next, zone, zones)
        });
        batch.push(draft);
    }
    for (_, rows) in &hours {
        of_hours(store, rows, assembler, zones, batch)?;
    }
    Ok(())
}

/// The row that took the place of a restated one.
fn successor<'s>(store: &'s Store, row: &AdRow) -> Option<&'s AdRow> {
    if row.state != State::Restated || row.repeated_in == NO_FILE {
        return None;
    }
    store.ads.rows.get(row.repeated_in as usize)
}

/// The record of a day from its hours; with the history, the day as it was known at each time.
fn of_hours(
    store: &Store,
    rows: &[&AdRow],
    assembler: &mut Assembler<'_>,
    zones: &mut Zones,
    batch: &mut Vec<Draft>,
) -> Result<(), IngestError> {
    let mut times = Vec::with_capacity(rows.len());
    for row in rows {
        let Some(profile) = store.ads.profile(row) else { return Ok(()) };
        let zone = store.texts.borrow(profile.zone).map(|zone| &**zone);
        let from = known_at(row, zone, zones);
        let until = successor(store, row).map(|next| known_at(next, zone, zones));
        times.push((from, until));
    }
    let mut instants: Vec<Timestamp> = times.iter().map(|(from, _)| *from).collect();
    instants.sort_unstable();
    instants.dedup();
    let latest = instants.last().copied().unwrap_or(Timestamp::MAX);
    if !store.config.history {
        instants = vec![latest];
    }
    for (index, at) in instants.iter().enumerate() {
        let mut day: Option<Draft> = None;
        for (row, (from, until)) in rows.iter().zip(&times) {
            let Some(profile) = store.ads.profile(row) else { continue };
            // What stands at the end stands, even if two versions became known at once.
            let stands = if *at == latest { row.is_live() } else { until.is_none_or(|u| u > *at) };
            if from > at || !stands {
                continue;
            }
            match &mut day {
                Some(day) => add(store, day, row)?,
                None => {
                    let zone = store.texts.borrow(profile.zone).map(|zone| &**zone);
                    let date = days_of(row, &zones.get(zone)).0;
                    day = Some(assembler.draft(row, profile, date, *at)?);
                }
            }
        }
        if let Some(mut day) = day {
            day.superseded_at = instants.get(index + 1).copied();
            batch.push(day);
        }
    }
    Ok(())
}

/// Adds an hour to its day.
fn add(store: &Store, day: &mut Draft, row: &AdRow) -> Result<(), IngestError> {
    let amount = |a: Micros, b: Micros| {
        a.checked_add(b).map_err(|error| IngestError::Amount {
            file: store.name_of(row.file),
            row: row.line.into(),
            error,
        })
    };
    let (record, hour) = (&mut day.record, row.metrics());
    record.spend = amount(record.spend, hour.spend)?;
    record.revenue = match (record.revenue, hour.revenue) {
        (Some(a), Some(b)) => Some(amount(a, b)?),
        (a, b) => a.or(b),
    };
    let sum = |a: Option<u64>, b: Option<u64>| match (a, b) {
        (Some(a), Some(b)) => Some(a.saturating_add(b)),
        (a, b) => a.or(b),
    };
    record.impressions = sum(record.impressions, hour.impressions);
    record.clicks = sum(record.clicks, hour.clicks);
    record.video_views = sum(record.video_views, hour.video_views);
    record.conversions = match (record.conversions, hour.conversions) {
        (Some(a), Some(b)) => Some(a + b),
        (a, b) => a.or(b),
    };
    Ok(())
}

/// Completes a batch of records and gives it on.
fn flush(
    completer: &mut Completer<'_>,
    batch: &mut Vec<Draft>,
    join: Option<&mut actions::Actions>,
    out: &mut Emitted,
    each: &mut dyn FnMut(Version) -> Result<(), IngestError>,
) -> Result<(), IngestError> {
    if let Some(join) = join {
        // Actions belong to the rows that stand.
        let (mut standing, earlier): (Vec<Draft>, Vec<Draft>) =
            batch.drain(..).partition(|draft| draft.superseded_at.is_none());
        join.join(completer.store(), &mut standing);
        batch.extend(earlier);
        batch.extend(standing);
    }
    for mut draft in batch.drain(..) {
        let carried = completer.complete(&mut draft)?;
        if draft.superseded_at.is_none() {
            out.records += 1;
            out.reported += u64::from(draft.record.reporting.is_some());
            out.carried += u64::from(carried);
        }
        let file = completer.store().names.get(draft.file as usize).cloned();
        let origin = file.map(|file| Origin { file, row: draft.line.into() });
        each(Version { record: draft.record, superseded_at: draft.superseded_at, origin })?;
    }
    Ok(())
}
