//! Tables whose columns are not the report's: objects in cells, dates in parts.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::Micros;
use campaign_features::ingest::{Ingest, IngestConfig, Ingested, SourceReport};

fn one(text: &str) -> Ingested {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    ingest.read_bytes("export.csv", text.as_bytes());
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

/// A row of TikTok's table of structs.
fn row(ad: u32, metrics: &str) -> String {
    format!("{ad},2026-05-04 00:00:00,\"{}\",\"{{}}\"\n", metrics.replace('\'', "\"\""))
}

const HEAD: &str = "ad_id,stat_time_day,metrics,dimensions\n";

/// Rows in, accepted, rejected and skipped.
fn counts(out: &Ingested) -> [u64; 4] {
    let report = &out.sources[0];
    [report.rows_in, report.ok, report.rejected, report.skipped]
}

#[test]
fn objects_are_those_of_their_columns_opened() {
    let objects = format!(
        "{HEAD}{}{}",
        row(7, "{'spend':'1.25','impressions':100,'clicks':2,'campaign_id':9007199254740993}"),
        row(8, "{'spend':null,'impressions':0,'clicks':0,'campaign_id':null}")
    );
    let plain = "ad_id,stat_time_day,campaign_id,clicks,impressions,spend,dimensions\n\
        7,2026-05-04 00:00:00,9007199254740993,2,100,1.25,\n8,2026-05-04 00:00:00,,0,0,,\n";
    let (objects, plain) = (one(&objects), one(plain));
    assert_eq!(objects.records, plain.records);
    assert_eq!(counts(&objects), [2, 2, 0, 1]);
    // An id beyond what an f64 holds keeps its digits.
    let campaigns: Vec<_> = objects.records.iter().filter_map(|r| r.campaign.as_ref()).collect();
    assert_eq!(campaigns[0].as_str(), "9007199254740993");
}

#[test]
fn what_is_no_object_costs_its_row_alone() {
    let good = "{'spend':1.5,'impressions':100,'clicks':2}";
    for (bad, reason) in [
        ("{'spend':1.5,", "neither empty nor an object"),
        ("[1]", "neither empty nor an object"),
        ("oops", "neither empty nor an object"),
        ("{'spend':'much','impressions':100,'clicks':2}", "not a number"),
        ("", ""),
    ] {
        let out = one(&format!("{HEAD}{}{}{}", row(7, good), row(8, bad), row(9, good)));
        let refused = u64::from(!bad.is_empty());
        assert_eq!(counts(&out), [3, 3 - refused, refused, 1], "{bad}: {:?}", out.rejects);
        let reject = out.rejects.first().map(|reject| (reject.row, reject.reason.clone()));
        if refused == 1 {
            let (line, said) = reject.unwrap();
            assert_eq!(line, 3);
            assert!(said.contains(reason), "{bad}: {said}");
        }
    }
    // Too few cells, a header again, a blank line, a footer.
    let text = format!("{HEAD}{}8,2026-05-04\n{HEAD}\n# end\n", row(7, good));
    let out = one(&text);
    assert_eq!(counts(&out), [2, 1, 1, 3]);
    assert!(out.rejects[0].reason.contains("2 cells, the header has 4"));
}

#[test]
fn members_that_only_later_rows_have_are_columns_too() {
    let first: String =
        (0..200).map(|ad| row(ad, "{'spend':1,'impressions':10,'clicks':1}")).collect();
    let later = row(999, "{'spend':1,'impressions':10,'clicks':1,'conversion':4}");
    let out = one(&format!("{HEAD}{first}{later}"));
    assert_eq!(counts(&out), [201, 201, 0, 1]);
    assert_eq!(out.sources[0].conversions, Some(4.0));
}

#[test]
fn dates_in_parts_are_dates_and_whole_dates_stay() {
    let parts = |names: &str, cells: &str| {
        one(&format!("{names},campaign_id,cost_in_local_currency,impressions\n{cells},9,2.5,10\n"))
    };
    for (names, cells) in [
        ("start_year,start_month,start_day", "2026,5,4"),
        ("start_at_day,start_at_month,start_at_year", "04,05,2026"),
        ("dateRange.start.day,dateRange.start.month,dateRange.start.year", "4,5,2026"),
        ("year,month,day", "2026,5,4"),
        ("date_year,date_month,date_day", "2026,05,04"),
        // A day that is whole beside its month and year.
        ("day,month,year", "2026-05-04,5,2026"),
    ] {
        let out = parts(names, cells);
        assert_eq!(counts(&out), [1, 1, 0, 1], "{names}: {:?}", out.rejects);
        assert_eq!(out.records[0].date.to_string(), "2026-05-04", "{names}");
        assert_eq!(out.records[0].spend, Micros(2_500_000), "{names}");
    }
    // The thirtieth of February is refused, and so is a date without its day.
    let text = "start_year,start_month,start_day,campaign_id,cost_in_local_currency,impressions\n\
        2026,5,4,9,2.5,10\n2026,2,30,9,2.5,10\n2026,5,,9,2.5,10\n";
    let out = one(text);
    assert_eq!(counts(&out), [3, 1, 2, 1]);
    assert_eq!((out.rejects[0].row, out.rejects[0].value.as_str()), (3, "2026-2-30"));
}

#[test]
fn the_values_of_a_pivot_say_what_they_are() {
    let read = |pivot: &str, value: &str| {
        let text = format!(
            "day,pivot,pivot_value,cost_in_local_currency,impressions\n2026-05-04,{pivot},{value},2.5,10\n"
        );
        let out = one(&text);
        let ids = |r: &campaign_core::Record| {
            let id = |id: &dyn core::fmt::Display| id.to_string();
            [
                r.account.as_ref().map(|i| id(i)),
                r.campaign.as_ref().map(|i| id(i)),
                r.ad_group.as_ref().map(|i| id(i)),
                r.ad.as_ref().map(|i| id(i)),
            ]
        };
        (ids(&out.records[0]), out.records[0].breakdown.clone())
    };
    let seven = || Some("7".to_owned());
    for (pivot, value, place) in [
        ("", "urn:li:sponsoredAccount:7", 0),
        ("", "urn:li:sponsoredCampaignGroup:7", 1),
        ("CREATIVE", "urn:li:sponsoredCampaign:7", 2),
        ("CAMPAIGN", "7", 2),
        ("CAMPAIGN_GROUP", "7", 1),
        ("", "urn:li:sponsoredCreative:7", 3),
        // Nothing says what it is.
        ("", "7", 3),
    ] {
        let mut expected = [None, None, None, None];
        expected[place] = seven();
        assert_eq!(read(pivot, value).0, expected, "{pivot} {value}");
    }
    let (ids, breakdown) = read("MEMBER_COUNTRY_V2", "urn:li:geo:103644278");
    assert_eq!(
        (ids, breakdown.as_deref()),
        ([None, None, None, None], Some("pivot value=103644278"))
    );
}
