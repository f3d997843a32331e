//! Rows of everything but reports of ads.

use jiff::Timestamp;
use jiff::civil::Date;

use super::super::ad::{Nulls, cells};
use super::super::dedup::Slot;
use super::super::hash::{Fingerprint, Print};
use super::super::layout::{Level, Output};
use super::super::open;
use super::super::plan::Plan;
use super::super::row::{Fault, RowReader};
use super::super::store::Store;
use super::super::{actions, crm, ga4};

/// Key and measure of a row: see `dedup`.
fn fingerprints(
    reader: &RowReader<'_, '_>,
    plan: &Plan,
    level: Option<Level>,
    days: Option<(Date, Date)>,
) -> (Print, u64) {
    let mut key = Fingerprint::new();
    key.bytes(0, reader.layout.platform.as_bytes());
    key.word(level.map_or(0, |level| level as u64 + 1));
    if let Some((first, last)) = days {
        for day in [first, last] {
            key.word((day.year() as u64) << 16 | (day.month() as u64) << 8 | day.day() as u64);
        }
    }
    key.print(cells(reader.cells, &plan.dimensions, Nulls::Out).finish());
    // The same number written in another way would be another text; exports of one report write it in
    // one way.
    let mut measure = cells(reader.cells, &plan.metrics, Nulls::In);
    measure.print(cells(reader.cells, &plan.attributes, Nulls::In).finish());
    (key.finish(), measure.finish().short())
}

/// Takes a row into the ledger of its kind.
pub(super) fn accept(
    store: &mut Store,
    reader: &mut RowReader<'_, '_>,
    plan: &Plan,
) -> Result<(), Fault> {
    let file = store.file();
    let known = reader.known_at()?;
    let level = reader.layout.level;
    let prints = |reader: &RowReader<'_, '_>, days| -> (usize, Print, u64, Option<Timestamp>) {
        let (key, measure) = fingerprints(reader, plan, level, days);
        (file, key, measure, known)
    };
    let cell = |index: &usize| reader.cells.get(*index).map_or(0, |cell| open::hash(cell));
    let open: Box<[u64]> = plan.open.iter().map(cell).collect();
    match reader.layout.output {
        // Taken elsewhere.
        Output::Records => {}
        Output::Actions => {
            let row = actions::action_row(store, reader)?;
            let days = Some((row.day, row.day));
            store.actions.push(Slot::new(prints(reader, days), row).with_open(open));
        }
        Output::Conversions => {
            let row = crm::conversion(store, reader)?;
            store.conversions.push(Slot::new(prints(reader, None), row).with_open(open));
        }
        Output::Web => {
            let row = ga4::web_row(store, reader)?;
            let days = Some((row.date, row.last_date));
            store.web.push(Slot::new(prints(reader, days), row).with_open(open));
        }
        Output::Events => {
            let row = ga4::event_row(store, reader)?;
            let days = Some((row.day, row.day));
            let mut slot = Slot::new(prints(reader, days), row).with_open(open);
            // Of the tables that overlap, the later one stands.
            slot.known = Some(slot.item.known_at);
            store.events.push(slot);
        }
        Output::Entities(level) => {
            let known = store.describe(reader, level, known)?;
            store.described.push(Slot::new(prints(reader, None), known).with_open(open));
        }
    }
    Ok(())
}
