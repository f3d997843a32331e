//! From accepted rows to the result.

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::{CreativeId, Currency, Record};

use super::emit::{Version, emit};
use super::error::IngestError;
use super::fill::fill;
use super::levels::{Choice, note};
use super::report::{Coverage, Join, SourceReport};
use super::store::Store;
use super::tally::tally;
use super::twins;
use super::unallocated::Unallocated;
use super::web::web_rows;
use super::{Ingested, Kind};

/// Gives on the records one by one, and returns everything else.
pub(crate) fn finish(
    mut store: Store,
    each: &mut dyn FnMut(Version) -> Result<(), IngestError>,
) -> Result<Ingested, IngestError> {
    store.ads.close();
    fill(&mut store);
    store.settle();
    let mut sources = std::mem::take(&mut store.sources);
    store.names = sources.iter().map(|report| report.file.as_str().into()).collect();
    tally(&store, &mut sources);
    let mut choice = Choice::new(&store);
    twins::settle(&store, &mut choice, &mut sources);
    let rows_of_other_levels = note(&store, &choice, &mut sources);
    let mut unmapped = Unmapped::default();
    let mut shown: BTreeSet<CreativeId> = BTreeSet::new();
    let as_of = store.config.as_of.is_some();
    let mut unallocated = Unallocated::new(&store, &choice)?;
    let mut pass = |version: Version| {
        if version.superseded_at.is_none() {
            unmapped.add(&version.record);
            if let Some(id) =
                version.record.creative.as_ref().filter(|id| as_of && !shown.contains(*id))
            {
                shown.insert(id.clone());
            }
        }
        each(version)
    };
    let mut emitted = emit(&store, &choice, &mut |version| {
        while let Some(earlier) = unallocated.before(Some(&version.record)) {
            pass(earlier)?;
        }
        pass(version)
    })?;
    while let Some(last) = unallocated.before(None) {
        pass(last)?;
    }
    let mut coverage = coverage(&sources);
    coverage.rows_of_other_levels = rows_of_other_levels;
    coverage.joins = std::mem::take(&mut emitted.joins);
    let conflicts = unallocated.report(&mut emitted, &mut coverage);
    if store.settings.reporting.is_some() {
        coverage.joins.push(Join {
            what: "record to reporting currency".to_owned(),
            owed: emitted.records,
            joined: emitted.reported,
        });
        if emitted.carried > 0 {
            coverage.joins.push(Join {
                what: "record to the exchange rate of its own day".to_owned(),
                owed: emitted.reported,
                joined: emitted.reported - emitted.carried,
            });
        }
    }
    unmapped.fill(&mut coverage);
    let web = web_rows(&store);
    let conversions = store.conversions.live().filter_map(|slot| slot.item.clone()).collect();
    if as_of {
        // A creative is not kept with its time: it was known if a record shows it.
        store.creatives.retain(|id, _| shown.contains(id));
    }
    Ok(Ingested {
        records: Vec::new(),
        history: Vec::new(),
        conversions,
        web,
        creatives: store.creatives,
        sources,
        rejects: store.rejects,
        coverage,
        conflicts,
    })
}

fn coverage(sources: &[SourceReport]) -> Coverage {
    let mut out = Coverage::default();
    for report in sources {
        out.rows_in += report.rows_in;
        out.ok += report.ok;
        out.rejected += report.rejected;
        out.duplicate += report.duplicate;
        let table = !matches!(report.kind, Kind::Unrecognised | Kind::Unreadable);
        out.files_without_table += u64::from(!table);
    }
    let owed = out.rows_in - out.duplicate;
    out.coverage = (owed > 0).then(|| out.ok as f64 / owed as f64);
    out
}

/// What no channel rule maps.
#[derive(Default)]
struct Unmapped {
    records: u64,
    without_currency: u64,
    without_zone: u64,
    /// All spend and that without a channel.
    spend: BTreeMap<Option<Currency>, (f64, f64)>,
}

impl Unmapped {
    fn add(&mut self, record: &Record) {
        let unmapped = record.channel.is_none();
        self.records += u64::from(unmapped);
        self.without_currency += u64::from(record.currency.is_none());
        self.without_zone += u64::from(record.zone.is_none());
        let (all, without) = self.spend.entry(record.currency).or_default();
        *all += record.spend.to_f64();
        *without += if unmapped { record.spend.to_f64() } else { 0.0 };
    }

    fn fill(self, coverage: &mut Coverage) {
        coverage.unmapped_records = self.records;
        coverage.without_currency = self.without_currency;
        coverage.without_zone = self.without_zone;
        let shares = self.spend.into_iter().filter(|(_, (all, _))| *all > 0.0);
        let code = |currency: Option<Currency>| currency.map_or("null", |c| c.code()).to_owned();
        coverage.unmapped_spend =
            shares.map(|(currency, (all, without))| (code(currency), without / all)).collect();
    }
}
