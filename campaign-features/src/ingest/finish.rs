//! From accepted rows to the result.

use std::collections::{BTreeMap, BTreeSet};

use super::assemble;
use super::error::IngestError;
use super::report::{Coverage, Join, SourceReport};
use super::store::Store;
use super::tally::tally;
use super::web::web_rows;
use super::{Ingested, Kind, actions, levels};

pub(crate) fn finish(mut store: Store) -> Result<Ingested, IngestError> {
    assemble::fill(&mut store);
    store.settle();
    let mut sources = std::mem::take(&mut store.sources);
    tally(&store, &mut sources);
    let chosen = levels::choose(&store);
    levels::note(&store, &chosen, &mut sources);
    let mut records = assemble::records(&store, &chosen)?;
    let mut joins = Vec::new();
    joins.extend(actions::join(&store, &mut records));
    assemble::value(&store, &mut records)?;
    let carried = assemble::convert(&store, &mut records)?;
    let mut coverage = coverage(&sources);
    coverage.rows_of_other_levels =
        store.ads.live().zip(&chosen).filter(|(_, chosen)| !**chosen).count() as u64;
    if store.settings.reporting.is_some() {
        let with = records.iter().filter(|r| r.record.reporting.is_some()).count();
        joins.push(Join {
            what: "record to reporting currency".to_owned(),
            owed: records.len() as u64,
            joined: with as u64,
        });
        if carried > 0 {
            joins.push(Join {
                what: "record to the exchange rate of its own day".to_owned(),
                owed: with as u64,
                joined: with as u64 - carried,
            });
        }
    }
    let mut out: Vec<_> = records.into_iter().map(|r| r.record).collect();
    for record in &mut out {
        record.channel = store.config.channels.channel(record);
    }
    out.sort_by(|a, b| order(a).cmp(&order(b)));
    unmapped(&mut coverage, &out);
    coverage.joins = joins;
    let web = web_rows(&store);
    let conversions = store.conversions.live().filter_map(|slot| slot.item.clone()).collect();
    if store.config.as_of.is_some() {
        // A creative is not kept with its time: it was known if a record shows it.
        let shown: BTreeSet<_> = out.iter().filter_map(|r| r.creative.as_ref()).collect();
        store.creatives.retain(|id, _| shown.contains(id));
    }
    Ok(Ingested {
        records: out,
        conversions,
        web,
        creatives: store.creatives,
        sources,
        rejects: store.rejects,
        coverage,
    })
}

/// What records are sorted by.
fn order(r: &campaign_core::Record) -> impl Ord + '_ {
    let ids = (&r.source, &r.account, &r.campaign, &r.ad_group, &r.ad);
    (r.date, ids, &r.audience, &r.country, &r.breakdown)
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

fn unmapped(coverage: &mut Coverage, records: &[campaign_core::Record]) {
    let mut spend: BTreeMap<String, (f64, f64)> = BTreeMap::new();
    for record in records {
        let unmapped = record.channel.is_none();
        coverage.unmapped_records += u64::from(unmapped);
        coverage.without_currency += u64::from(record.currency.is_none());
        coverage.without_zone += u64::from(record.zone.is_none());
        let code = record.currency.map_or("null", |c| c.code()).to_owned();
        let (all, without) = spend.entry(code).or_default();
        *all += record.spend.to_f64();
        *without += if unmapped { record.spend.to_f64() } else { 0.0 };
    }
    let shares = spend.into_iter().filter(|(_, (all, _))| *all > 0.0);
    coverage.unmapped_spend = shares.map(|(code, (all, without))| (code, without / all)).collect();
}
