//! The rows that records ask for.

use jiff::civil::Date;

use super::super::error::FeatureError;
use super::super::plan::day_number;
use super::decision::{Clock, Decision};
use super::records::{RECORDS, ZONE};
use super::{NONE, Requests, Sources};

impl Sources {
    /// One request per day and combination of keys of these kinds that a record names, in the order of
    /// the keys' names and days.
    ///
    /// Where records of one row name several zones, the earliest cut-off counts.
    ///
    /// # Errors
    /// [`FeatureError::Unknown`] for a kind that records do not name or without the source `records`,
    /// [`FeatureError::Time`] at the ends of the calendar.
    pub fn record_days(
        &self,
        kinds: &[&str],
        decision: &Decision,
    ) -> Result<Requests, FeatureError> {
        self.ask(kinds, decision, Some)
    }

    /// One request for `day`, which may have no data yet, per combination of keys that a record of the
    /// `within` days before it names: the rows to score.
    ///
    /// # Errors
    /// As [`record_days`](Self::record_days).
    pub fn scoring_days(
        &self,
        kinds: &[&str],
        day: Date,
        within: u16,
        decision: &Decision,
    ) -> Result<Requests, FeatureError> {
        let day = day_number(day);
        let recent = day - i32::from(within)..day;
        self.ask(kinds, decision, |of| recent.contains(&of).then_some(day))
    }

    fn ask(
        &self,
        kinds: &[&str],
        decision: &Decision,
        target: impl Fn(i32) -> Option<i32>,
    ) -> Result<Requests, FeatureError> {
        self.check()?;
        let records = self.sources.iter().find(|source| &*source.name == RECORDS);
        let records = records.ok_or_else(|| {
            unknown("source", RECORDS, self.sources.iter().map(|source| &*source.name))
        })?;
        let mut asked = Vec::with_capacity(kinds.len());
        for kind in kinds {
            // A table of no rows names every kind, and asks for nothing.
            let named = |&kind: &usize| records.is_empty() || !records.keys[kind].is_empty();
            let index = self.kind(kind).filter(named);
            asked.push(index.ok_or_else(|| {
                unknown("entity kind", kind, self.kinds.iter().map(|kind| &**kind))
            })?);
        }
        let key = |row: u32| asked.iter().map(move |&kind| records.keys[kind][row as usize]);
        let named = |row: u32| key(row).all(|key| key != NONE);
        let mut rows: Vec<(u32, i32)> = (0..records.len() as u32)
            .filter(|&row| named(row))
            .filter_map(|row| Some((row, target(records.day[row as usize])?)))
            .collect();
        let by = |a: &(u32, i32), b: &(u32, i32)| key(a.0).cmp(key(b.0)).then(a.1.cmp(&b.1));
        rows.sort_by(by);

        let zone = records.attribute_names.iter().position(|name| &**name == ZONE);
        let zones = zone.and_then(|z| records.attributes.get(z)).map_or(&[][..], Vec::as_slice);
        let names = zone.and_then(|z| records.vocabularies.get(z)).map_or(&[][..], Vec::as_slice);
        let mut clock = Clock::new(&decision.zone, decision.time, names);
        let as_of = decision.as_of.map_or(i64::MAX, |as_of| as_of.as_microsecond());
        let mut requests = self.requests();
        let mut keys = vec![NONE; self.kinds.len()];
        for same in rows.chunk_by(|a, b| by(a, b).is_eq()) {
            let Some(&(first, target)) = same.first() else { continue };
            let day = target.saturating_sub(i32::from(decision.lead));
            let mut cutoff = as_of;
            for (row, _) in same {
                let zone = zones.get(*row as usize).copied().unwrap_or(NONE);
                cutoff = cutoff.min(clock.at(zone, day)?);
            }
            for (&kind, key) in asked.iter().zip(key(first)) {
                keys[kind] = key;
            }
            requests.push(&keys, day, cutoff)?;
            if decision.lead > 0 {
                requests.target_day.push(target);
            }
        }
        for (kind, keys) in requests.keys.iter_mut().enumerate() {
            if !asked.contains(&kind) {
                keys.clear();
            }
        }
        Ok(requests)
    }
}

fn unknown<'n>(
    what: &'static str,
    name: &str,
    known: impl Iterator<Item = &'n str>,
) -> FeatureError {
    let known = known.collect::<Vec<_>>().join(", ");
    FeatureError::Unknown { feature: "".into(), what, name: name.into(), known }
}
