//! A file, or each file of an archive: what it is, and its rows.

use std::collections::BTreeSet;
use std::io::Read;

use super::config::Defaults;
use super::decode::Encoding;
use super::input::{Origin, Text, TextError};
use super::layout::Kind;
use super::read::Again;
use super::report::{FileProblem, SourceReport};
use super::reshape::Member;
use super::row::{Style, shorten};
use super::{Ingest, detect, read};
use crate::fx::FxTable;

/// How much of a file is searched for a header.
const LONGEST_HEAD: usize = 1 << 22;

/// How much of a file is kept to see whether it is a table of rates.
const LONGEST_RATES: usize = 1 << 26;

impl Ingest {
    /// Reads a file, or each file of an archive.
    pub(super) fn take(&mut self, name: &str, origin: &mut Origin<'_>) {
        let members = match origin.members() {
            Ok(None) => {
                let limit = self.store.config.max_bytes;
                self.take_one(name, origin, limit);
                return;
            }
            Ok(Some(members)) => members,
            Err(error) => return self.unreadable(name, error),
        };
        if members.is_empty() {
            return self.unreadable(name, "a zip archive without files".to_owned());
        }
        // The members share what is allowed for a file.
        let mut left = self.store.config.max_bytes;
        let mut archive = std::mem::replace(origin, Origin::Bytes(&[]));
        for member in members {
            let name = format!("{name}/{}", member.name);
            let mut origin = Origin::Member(Box::new(archive), member);
            left -= self.take_one(&name, &mut origin, left).min(left);
            match origin {
                Origin::Member(inner, _) => archive = *inner,
                _ => return,
            }
        }
    }

    fn take_one(&mut self, name: &str, origin: &mut Origin<'_>, limit: u64) -> u64 {
        let (report, bytes) = self.report(name, origin, limit);
        tracing::debug!(file = name, rows = report.rows_in, rejected = report.rejected, "read");
        self.store.sources.push(report);
        bytes
    }

    pub(super) fn unreadable(&mut self, name: &str, reason: String) {
        let problem = FileProblem::Unreadable(reason);
        self.store.sources.push(SourceReport::failed(name, Kind::Unreadable, problem, 0));
    }

    /// Reads a file, from its beginning again where what was assumed of it turns out wrong.
    fn report(&mut self, name: &str, origin: &mut Origin<'_>, limit: u64) -> (SourceReport, u64) {
        let (mut encoding, mut style, mut members) = (None, None, BTreeSet::new());
        let begun = self.store.begin();
        loop {
            let failed = |reason: String, bytes: u64| {
                let problem = FileProblem::Unreadable(reason);
                (SourceReport::failed(name, Kind::Unreadable, problem, 0), bytes)
            };
            let source = match origin.open() {
                Ok(source) => source,
                Err(error) => return failed(error, 0),
            };
            let mut text = Text::new(source, limit, encoding);
            match self.attempt(name, &mut text, style.take(), &members) {
                Ok(report) => return (report, text.taken()),
                Err(again) => {
                    let bytes = text.taken();
                    self.store.take_back(begun);
                    match again {
                        Again::Text(TextError::Other(other))
                            if encoding.is_none() || encoding == Some(Encoding::ShiftJis) =>
                        {
                            encoding = Some(other);
                        }
                        Again::Style(decided) => style = Some(*decided),
                        Again::Members(met) => members.extend(met),
                        Again::Text(TextError::Decode(error)) => {
                            return failed(error.to_string(), bytes);
                        }
                        Again::Text(TextError::Io(error)) => return failed(error, bytes),
                        Again::Text(TextError::Other(_)) => {
                            return failed("the text changed while it was read".to_owned(), bytes);
                        }
                    }
                }
            }
        }
    }

    fn attempt<R: Read>(
        &mut self,
        name: &str,
        text: &mut Text<R>,
        style: Option<Style>,
        members: &BTreeSet<Member>,
    ) -> Result<SourceReport, Again> {
        // Small files end here.
        text.fill()?;
        let found = loop {
            text.fill()?;
            let (partial, mappings) = (!text.ended(), &self.store.config.mappings);
            let found = detect::detect(text.window(), partial, &self.adapters, mappings, members);
            if found.is_some() || text.ended() || text.window().len() >= LONGEST_HEAD {
                break found;
            }
        };
        let Some(mut found) = found else { return unrecognised(name, text) };
        // A file that is no longer than a block has ended now.
        text.fill()?;
        let mut report = SourceReport::new(name, found.layout.kind());
        report.platform = Some(found.layout.platform.to_string());
        report.level = found.layout.level;
        let defaults = self.defaults(&found);
        found.layout.clock = defaults.clock.unwrap_or(found.layout.clock);
        read::read(&mut self.store, text, &found, &defaults, style, &mut report)?;
        if report.rows_in == 0 {
            report.notes.push("no data rows: nothing is known, which is not zero".to_owned());
        }
        Ok(report)
    }

    /// What the configuration and the mapping say about a source; the mapping has precedence.
    fn defaults(&self, found: &detect::Found) -> Defaults {
        let stated = self.store.settings.sources.get(&*found.layout.platform);
        let mut out = stated.cloned().unwrap_or_default();
        if let Some(mapping) = found.mapping.and_then(|i| self.store.config.mappings.get(i)) {
            out.date_order = mapping.date_order.or(out.date_order);
            out.decimal_mark = mapping.decimal_mark.or(out.decimal_mark);
            out.zone = mapping.zone.clone().or(out.zone);
        }
        out
    }
}

/// What a file is that no adapter knows.
fn unrecognised<R: Read>(name: &str, text: &mut Text<R>) -> Result<SourceReport, Again> {
    while !text.ended() && text.window().len() < LONGEST_RATES {
        text.fill()?;
    }
    let window = text.window();
    if text.ended() && window.trim().is_empty() {
        return Ok(SourceReport::failed(name, Kind::Unreadable, FileProblem::Empty, 0));
    }
    let filled = |line: &&str| !line.trim().is_empty();
    let first = window.lines().find(filled).unwrap_or_default();
    let problem = FileProblem::Unrecognised { first_line: shorten(first.trim()) };
    // A table of rates has short lines.
    let short = text.ended() && window.lines().all(|line| line.len() <= detect::LONGEST_HEADER);
    let is_rates = short && FxTable::from_csv(window).is_ok();
    let mut lines = 0;
    loop {
        let whole = match text.window().rfind('\n') {
            Some(last) if !text.ended() => last + 1,
            _ => text.window().len(),
        };
        let known = text.window().get(..whole).unwrap_or_default();
        lines += known.lines().filter(filled).count() as u64;
        text.consume(whole);
        if text.ended() {
            break;
        }
        text.fill()?;
    }
    if is_rates {
        let mut report = SourceReport::new(name, Kind::Rates);
        report.skipped = lines;
        return Ok(report);
    }
    Ok(SourceReport::failed(name, Kind::Unrecognised, problem, lines))
}
