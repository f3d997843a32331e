//! Google Analytics 4: exports of the web interface and tables of events.

mod compared;
mod names;
mod words;

use std::sync::Arc;

use campaign_core::{Currency, SourceId};

pub(crate) use compared::Compared;
pub(crate) use words::in_english;

use crate::ingest::adapter::{Adapter, has, has_any, table};
use crate::ingest::conversion::WebRow;
use crate::ingest::date::end_of;
use crate::ingest::header::HeaderCell;
use crate::ingest::layout::{Layout, Level, Output, Role};
use crate::ingest::row::{Fault, RowReader};
use crate::ingest::store::{EventRow, Store};
use names::{EVENTS, SESSIONS};

/// Google Analytics 4.
///
/// A file that compares two periods states both: the rows of the first are read, those of the other are
/// counted in the notes and never added. An event of the tables of BigQuery is the same event in every
/// table that has its user, time, name and place in its batch.
///
/// Exports are recognised by a session dimension beside sessions, key events, conversions or revenue, in
/// English, German, Spanish, French, Italian, Portuguese, Dutch and Japanese, by the words of the dimension;
/// tables of events by `user_pseudo_id`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ga4;

/// Where sessions came from.
const WHERE_FROM: [&str; 20] = [
    "session manual source / medium",
    "session manual source",
    "session manual campaign name",
    "session google ads campaign",
    "first user primary channel group (default channel group)",
    "first user primary channel group",
    "first user default channel group",
    "first user source",
    "first user medium",
    "first user campaign",
    "session default channel grouping",
    "session primary channel group (default channel group)",
    "session primary channel group",
    "session default channel group",
    "default channel group",
    "session source / medium",
    "session source",
    "session medium",
    "session campaign",
    "first user source / medium",
];

const MEASURES: [&str; 6] = [
    "sessions",
    "key events",
    "conversions",
    "total revenue",
    "purchase revenue",
    "engaged sessions",
];

impl Adapter for Ga4 {
    fn platform(&self) -> &str {
        "ga4"
    }

    fn layout(&self, header: &[HeaderCell]) -> Option<Layout> {
        let dated = has_any(header, &["event date", "date"]);
        if has(header, "user pseudo id") && dated && has_any(header, &["event name", "name"]) {
            let mut layout = table(self.platform(), header, EVENTS);
            layout.output = Output::Events;
            layout.level = Some(Level::Event);
            layout.score += 20;
            return Some(layout);
        }
        let header = in_english(header);
        if has_any(&header, &WHERE_FROM) && has_any(&header, &MEASURES) {
            let mut layout = table(self.platform(), &header, SESSIONS);
            layout.output = Output::Web;
            layout.level = Some(Level::Session);
            layout.score += 15;
            return Some(layout);
        }
        None
    }
}

/// `google / cpc` in two.
fn source_medium(text: &str) -> (&str, Option<&str>) {
    match text.split_once(" / ") {
        Some((source, medium)) => (source.trim(), Some(medium.trim())),
        None => (text, None),
    }
}

/// A row of sessions.
pub(crate) fn web_row(store: &mut Store, reader: &mut RowReader<'_, '_>) -> Result<WebRow, Fault> {
    let (date, last_date, _) = reader.days()?;
    let sessions = reader.count(Role::Sessions)?;
    let key_events = reader.quantity(Role::Conversions)?;
    let revenue = reader.amount(Role::Revenue)?;
    let known = reader.known_at()?.or_else(|| end_of(last_date, &reader.style.zone));
    let source = source_id(reader)?;
    let stated = reader.currency()?.or(revenue.and_then(|(_, currency)| currency));
    let pair = reader.text(Role::SourceMedium).map(source_medium);
    let texts = &mut store.texts;
    let mut keep = |text: Option<&str>| text.map(|text| texts.get(text));
    Ok(WebRow {
        brand: store.settings.brand.clone(),
        source,
        date,
        last_date,
        channel_group: keep(reader.text(Role::ChannelGroup)),
        utm_source: keep(reader.text(Role::UtmSource).or(pair.map(|p| p.0))),
        utm_medium: keep(reader.text(Role::UtmMedium).or(pair.and_then(|p| p.1))),
        campaign: keep(reader.text(Role::CampaignName).or(reader.text(Role::Campaign))),
        sessions,
        key_events,
        revenue: revenue.map(|(micros, _)| micros),
        currency: stated.or(reader.defaults.currency),
        known_at: known.unwrap_or(jiff::Timestamp::MAX),
    })
}

pub(crate) fn source_id(reader: &RowReader<'_, '_>) -> Result<SourceId, Fault> {
    SourceId::new(&*reader.layout.platform)
        .map_err(|error| reader.fault(Role::Platform, "a source id", error.to_string()))
}

/// A web event. Purchases are the key events.
pub(crate) fn event_row(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
) -> Result<EventRow, Fault> {
    let (day, _, _) = reader.days()?;
    let name = reader.text(Role::Event).map(str::to_owned);
    let name = name
        .ok_or_else(|| reader.fault(Role::Event, "the name of an event", "no value".to_owned()))?;
    let revenue = reader.amount(Role::Revenue)?;
    let known = reader.known_at()?.or_else(|| end_of(day, &reader.style.zone));
    // The table of a day that is not over yet is older than that of the day.
    let early = reader.layout.columns.iter().zip(reader.cells).any(|(column, cell)| {
        &*column.name == "is intraday" && cell.trim().eq_ignore_ascii_case("true")
    });
    let known = known.map(|at| match at.checked_sub(jiff::SignedDuration::from_secs(1)) {
        Ok(before) if early => before,
        _ => at,
    });
    let in_dollars = reader.positions.of(Role::Revenue).and_then(|i| reader.layout.columns.get(i));
    let in_dollars = in_dollars.is_some_and(|column| column.name.ends_with("in usd"));
    let currency: Option<Currency> = if in_dollars { "USD".parse().ok() } else { None };
    let session = reader.text(Role::Session).map(|session| {
        let user = reader.text(Role::Id).unwrap_or_default();
        Arc::from(format!("{user}/{session}"))
    });
    let texts = &mut store.texts;
    let mut keep = |text: Option<&str>| text.map(|text| texts.get(text));
    Ok(EventRow {
        day,
        source: keep(reader.text(Role::UtmSource)),
        medium: keep(reader.text(Role::UtmMedium)),
        campaign: keep(reader.text(Role::CampaignName)),
        session,
        is_key: name == "purchase",
        revenue: revenue.map(|(micros, _)| micros),
        currency: currency.or(reader.defaults.currency),
        known_at: known.unwrap_or(jiff::Timestamp::MAX),
        platform: reader.layout.platform.clone(),
    })
}
