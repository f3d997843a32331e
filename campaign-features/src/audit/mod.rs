//! Are the sources fit for use: how fresh, how full, how often repeated, how much they still move.

mod accounts;
mod keys;
mod restatement;

pub use accounts::{AccountConflict, account_conflicts};
pub use keys::{KeyKind, KeyOverlap, key_overlap};
pub use restatement::{AGES, Restatement, restatements};

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::{Record, SourceId};
use jiff::civil::Date;
use serde::Serialize;

use crate::ingest::Ingested;

/// What one source's records look like.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct SourceAudit {
    /// The source.
    pub source: String,
    /// Records.
    pub records: u64,
    /// The first day.
    pub first_day: Date,
    /// The last day.
    pub last_day: Date,
    /// Days from the last day to the day of the audit; negative if the source runs ahead of it.
    pub days_behind: i32,
    /// Days between first and last without any record.
    pub days_missing: u32,
    /// These days, as runs from a first to a last one.
    pub gaps: Vec<Gap>,
    /// Share of records without a value, per field; fields that are always there are left out.
    pub nulls: BTreeMap<&'static str, f64>,
    /// Duplicate rows over data rows, of the source's files.
    pub duplicate_share: Option<f64>,
    /// Rejected rows over data rows, of the source's files.
    pub rejected_share: Option<f64>,
    /// Rows that a later version replaces over data rows, of the source's files.
    pub restated_share: Option<f64>,
}

/// A run of days without any record.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gap {
    /// The first day.
    pub first: Date,
    /// The last day.
    pub last: Date,
}

/// Looks at every source that has records, in the order of their names.
///
/// # Examples
/// ```
/// use campaign_features::audit::audit;
/// use campaign_features::ingest::{Ingest, IngestConfig};
/// let export = "Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,77,12.50,1000\n";
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("meta.csv", export.as_bytes());
/// let report = audit(&ingest.finish()?, "2026-05-07".parse()?);
/// assert_eq!((report[0].days_behind, report[0].nulls["clicks"]), (3, 1.0));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub fn audit(ingested: &Ingested, today: Date) -> Vec<SourceAudit> {
    let mut by_source: BTreeMap<&SourceId, Vec<&Record>> = BTreeMap::new();
    for record in &ingested.records {
        by_source.entry(&record.source).or_default().push(record);
    }
    by_source.into_iter().filter_map(|(source, rows)| one(ingested, source, &rows, today)).collect()
}

fn one(
    ingested: &Ingested,
    source: &SourceId,
    rows: &[&Record],
    today: Date,
) -> Option<SourceAudit> {
    let days: BTreeSet<Date> = rows.iter().map(|r| r.date).collect();
    let (first, last) = (*days.first()?, *days.last()?);
    let between = |from: Date, to: Date| (to - from).get_days();
    let files = ingested.sources.iter().filter(|f| f.platform.as_deref() == Some(source.as_str()));
    let (mut data, mut duplicate, mut rejected, mut restated) = (0, 0, 0, 0);
    for file in files {
        data += file.rows_in;
        duplicate += file.duplicate;
        rejected += file.rejected;
        restated += file.restated;
    }
    let share = |part: u64| (data > 0).then(|| part as f64 / data as f64);
    let span = u32::try_from(between(first, last) + 1).unwrap_or(0);
    Some(SourceAudit {
        source: source.to_string(),
        records: rows.len() as u64,
        first_day: first,
        last_day: last,
        days_behind: between(last, today),
        days_missing: span.saturating_sub(u32::try_from(days.len()).unwrap_or(u32::MAX)),
        gaps: gaps(&days),
        nulls: nulls(rows),
        duplicate_share: share(duplicate),
        rejected_share: share(rejected),
        restated_share: share(restated),
    })
}

/// What lies between neighbouring days.
fn gaps(days: &BTreeSet<Date>) -> Vec<Gap> {
    let neighbours = days.iter().zip(days.iter().skip(1));
    let between = |(before, after): (&Date, &Date)| {
        let (first, last) = (before.tomorrow().ok()?, after.yesterday().ok()?);
        (first <= last).then_some(Gap { first, last })
    };
    neighbours.filter_map(between).collect()
}

type IsNull = fn(&Record) -> bool;

const FIELDS: [(&str, IsNull); 17] = [
    ("account", |r| r.account.is_none()),
    ("channel", |r| r.channel.is_none()),
    ("campaign", |r| r.campaign.is_none()),
    ("campaign_name", |r| r.campaign_name.is_none()),
    ("ad_group", |r| r.ad_group.is_none()),
    ("ad", |r| r.ad.is_none()),
    ("ad_name", |r| r.ad_name.is_none()),
    ("creative", |r| r.creative.is_none()),
    ("audience", |r| r.audience.is_none()),
    ("country", |r| r.country.is_none()),
    ("zone", |r| r.zone.is_none()),
    ("currency", |r| r.currency.is_none()),
    ("impressions", |r| r.impressions.is_none()),
    ("clicks", |r| r.clicks.is_none()),
    ("conversions", |r| r.conversions.is_none()),
    ("revenue", |r| r.revenue.is_none()),
    ("attribution_window", |r| r.attribution_window.is_none()),
];

fn nulls(rows: &[&Record]) -> BTreeMap<&'static str, f64> {
    let share = |is_null: IsNull| {
        rows.iter().filter(|r| is_null(r)).count() as f64 / rows.len().max(1) as f64
    };
    FIELDS.iter().map(|(name, f)| (*name, share(*f))).filter(|(_, share)| *share > 0.0).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::{Ingest, IngestConfig};

    #[test]
    fn freshness_gaps_nulls_and_shares() {
        let export = "Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-01,7,1,10\n\
                      2026-05-01,7,1,10\n2026-05-04,7,x,10\n2026-05-05,7,1,--\n";
        let mut ingest = Ingest::new(IngestConfig::new("b")).unwrap();
        ingest.read_bytes("m.csv", export.as_bytes());
        let out = ingest.finish().unwrap();
        let report = audit(&out, "2026-05-04".parse().unwrap());
        let meta = &report[0];
        assert_eq!((meta.records, meta.days_behind, meta.days_missing), (2, -1, 3));
        let gap = Gap { first: "2026-05-02".parse().unwrap(), last: "2026-05-04".parse().unwrap() };
        assert_eq!((&meta.gaps[..], meta.restated_share), (&[gap][..], Some(0.0)));
        assert_eq!((meta.duplicate_share, meta.rejected_share), (Some(0.25), Some(0.25)));
        assert_eq!((meta.nulls["impressions"], meta.nulls.get("ad")), (0.5, None));
    }
}
