//! What becomes known after `as_of` changes nothing of what was known then.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_features::ingest::{Ingest, IngestConfig, Ingested, SourceReport};
use proptest::prelude::*;

fn read(files: &[(&str, &str)], as_of: Option<&str>) -> Ingested {
    let mut config = IngestConfig::new("acme");
    if let Some(as_of) = as_of {
        config = config.with_as_of(as_of.parse().unwrap());
    }
    let mut ingest = Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn same(a: &Ingested, b: &Ingested) {
    assert_eq!(a.records, b.records);
    assert_eq!(a.conversions, b.conversions);
    assert_eq!(a.web, b.web);
    assert_eq!(a.creatives, b.creatives);
}

const AS_OF: &str = "2026-05-10T00:00:00Z";

/// Reads `a`, and `a` before, behind and in one file with what comes later.
fn the_future_is_not_there(a: &str, later: &str) {
    let alone = read(&[("a.csv", a)], Some(AS_OF));
    assert!(!(alone.records.is_empty() && alone.conversions.is_empty() && alone.web.is_empty()));
    let rows = later.lines().count() as u64 - 1;
    for files in [[("a.csv", a), ("b.csv", later)], [("b.csv", later), ("a.csv", a)]] {
        let both = read(&files, Some(AS_OF));
        same(&both, &alone);
        let report = both.sources.iter().find(|s| s.file == "b.csv").unwrap();
        assert_eq!((report.ok, report.after_as_of, report.duplicate), (rows, rows, 0));
        assert_ne!(read(&files, None).sources, both.sources);
    }
    let body = later.split_once('\n').unwrap().1;
    let joined = format!("{a}{body}");
    same(&read(&[("a.csv", &joined)], Some(AS_OF)), &alone);
}

#[test]
fn rows_restated_and_repeated_later() {
    let header = "Day,Campaign name,Ad ID,Amount spent (EUR),Impressions,Headline,Exported at\n";
    let a = format!(
        "{header}2026-05-04,S,77,12.50,1000,Run,2026-05-05T00:00:00Z\n\
         2026-05-05,S,77,3,100,Run,2026-05-06T00:00:00Z\n"
    );
    let later = format!(
        "{header}2026-05-04,S,77,14,1100,Run,2026-05-12T00:00:00Z\n\
         2026-05-05,S,77,3,100,Run,2026-05-12T00:00:00Z\n\
         2026-05-11,S,77,9,100,Walk,2026-05-12T00:00:00Z\n"
    );
    the_future_is_not_there(&a, &later);
    let now = read(&[("a.csv", &a), ("b.csv", &later)], None);
    assert_eq!(now.records[0].spend.to_string(), "14");
    assert_eq!(now.sources[0].restated, 1);
}

#[test]
fn orders_restated_later() {
    let header = "Order ID,Order time,Value,Currency,Recorded at\n";
    let a = format!("{header}o1,2026-05-04T10:00:00Z,50,EUR,2026-05-05T00:00:00Z\n");
    let later = format!(
        "{header}o1,2026-05-04T10:00:00Z,40,EUR,2026-05-12T00:00:00Z\n\
         o2,2026-05-04T11:00:00Z,40,EUR,2026-05-12T00:00:00Z\n"
    );
    the_future_is_not_there(&a, &later);
}

#[test]
fn web_rows_restated_later() {
    let header = "Date,Session source / medium,Sessions,Key events,Exported at\n";
    let a = format!("{header}2026-05-04,google / cpc,50,3,2026-05-05T00:00:00Z\n");
    let later = format!("{header}2026-05-04,google / cpc,52,4,2026-05-12T00:00:00Z\n");
    the_future_is_not_there(&a, &later);
}

#[test]
fn a_finer_level_that_is_known_later_does_not_replace_the_coarser() {
    let a =
        "Day,Campaign ID,Amount spent (EUR),Exported at\n2026-05-04,5,12,2026-05-05T00:00:00Z\n";
    let b = "Day,Campaign ID,Ad ID,Amount spent (EUR),Exported at\n\
             2026-05-04,5,7,12,2026-05-12T00:00:00Z\n";
    let both = read(&[("a.csv", a), ("b.csv", b)], Some(AS_OF));
    same(&both, &read(&[("a.csv", a)], Some(AS_OF)));
    assert!(both.records[0].ad.is_none());
}

#[test]
fn actions_that_are_known_later() {
    let facts = "date,ad_id,inline_link_clicks,impressions,spend\n2026-05-04,7,1,10,2\n";
    let header = "date,ad_id,action_type,value,_fivetran_synced\n";
    let a = format!("{header}2026-05-04,7,purchase,2,2026-05-05T00:00:00Z\n");
    let later = format!("{header}2026-05-04,7,purchase,3,2026-05-12T00:00:00Z\n");
    let alone = read(&[("f.csv", facts), ("a.csv", &a)], Some(AS_OF));
    let both = read(&[("f.csv", facts), ("a.csv", &a), ("b.csv", &later)], Some(AS_OF));
    same(&both, &alone);
    assert_eq!(both.records[0].conversions, Some(2.0));
    let now = read(&[("f.csv", facts), ("a.csv", &a), ("b.csv", &later)], None);
    assert_eq!(now.records[0].conversions, Some(3.0));
}

#[test]
fn names_that_are_known_later() {
    let facts = "date,campaign_id,inline_link_clicks,impressions,spend\n2026-05-04,7,1,10,2\n";
    let header = "id,account_id,name,updated_time,_fivetran_synced\n";
    let a = format!("{header}7,1,Spring,2026-05-01T00:00:00Z,2026-05-01T00:00:00Z\n");
    let later = format!("{header}7,1,Summer,2026-05-12T00:00:00Z,2026-05-12T00:00:00Z\n");
    let files = [("f.csv", facts), ("a.csv", a.as_str()), ("b.csv", later.as_str())];
    let name = |out: &Ingested| out.records[0].campaign_name.as_deref().map(str::to_owned);
    assert_eq!(name(&read(&files, Some(AS_OF))).as_deref(), Some("Spring"));
    assert_eq!(name(&read(&files, None)).as_deref(), Some("Summer"));
}

proptest! {
    /// Dropping the rows that are known later before reading is the oracle.
    #[test]
    fn equals_reading_without_them(
        files in prop::collection::vec(
            prop::collection::vec((1_u8..4, 1_u8..4, 1_u32..4, 5_u32..15), 1..6), 1..5),
    ) {
        let text = |all: bool| -> Vec<String> {
            files.iter().map(|rows| {
                let mut out = "Day,Ad ID,Amount spent (EUR),Exported at\n".to_owned();
                for (day, ad, spend, known) in rows.iter().filter(|row| all || row.3 <= 10) {
                    out += &format!("2026-05-0{day},{ad},{spend},2026-05-{known:02}T00:00:00Z\n");
                }
                out
            }).collect()
        };
        let (all, past) = (text(true), text(false));
        let named = |texts: &[String]| -> Ingested {
            let files: Vec<_> = texts.iter().map(|text| ("f.csv", text.as_str())).collect();
            read(&files, Some(AS_OF))
        };
        prop_assert_eq!(named(&all).records, named(&past).records);
    }
}
