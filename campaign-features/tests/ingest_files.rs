//! Exports as platforms write them, each with what must come out.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::{Micros, Record};
use campaign_features::ingest::date::DateOrder;
use campaign_features::ingest::{
    FileProblem, Ingest, IngestConfig, IngestError, Ingested, Kind, Level, SourceDefaults,
    SourceReport, write_records,
};

fn config() -> IngestConfig {
    IngestConfig::new("acme")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn read(names: &[&str], config: IngestConfig) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for name in names {
        ingest.read_bytes(name, &bytes(name));
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

fn counts(report: &SourceReport) -> [u64; 5] {
    [report.rows_in, report.ok, report.rejected, report.duplicate, report.skipped]
}

fn usd() -> Option<campaign_core::Currency> {
    "USD".parse().ok()
}

#[test]
fn meta_in_english() {
    let out = read(&["meta_en.csv"], config());
    let report = &out.sources[0];
    assert_eq!(counts(report), [5, 3, 1, 1, 2]);
    assert_eq!((report.platform.as_deref(), report.level), (Some("meta_ads"), Some(Level::Ad)));
    assert_eq!(report.spend.get(usd()), money("1218"));
    assert_eq!((report.impressions, report.clicks), (Some(13_130), Some(321)));
    assert!(report.unknown_columns.is_empty(), "{:?}", report.unknown_columns);
    let reject = &out.rejects[0];
    assert_eq!((reject.row, reject.column.as_str()), (6, "Amount spent (USD)"));
    assert_eq!((reject.value.as_str(), reject.expected.as_str()), ("eleven", "a number"));
    let first = &out.records[0];
    assert_eq!(first.attribution_window.as_deref(), Some("7-day click or 1-day view"));
    assert_eq!((first.conversions, first.revenue), (Some(2.0), Some(money("180.40"))));
    assert_eq!(first.known_at.to_string(), "2026-05-05T00:00:00Z");
    let shown = &out.creatives[first.creative.as_ref().unwrap()];
    assert_eq!(shown.title.as_deref(), Some("Run further"));
    // `--` and blank are not known, which is not 0.
    assert_eq!((out.records[1].conversions, out.records[2].clicks), (None, None));
    // The totals row agrees with the sum, so that nothing is said about it.
    assert!(report.notes.iter().all(|note| !note.contains("total spend")), "{:?}", report.notes);
}

#[test]
fn meta_in_german_french_and_spanish() {
    let german = read(&["meta_de.csv"], config());
    assert_eq!(german.sources[0].spend.first(), Some(money("1247.06")));
    assert_eq!(german.sources[0].impressions, Some(13_040));
    assert_eq!(german.records[0].ad.as_ref().unwrap().as_str(), "Läufer");
    assert_eq!(german.records[0].conversions, Some(2.0));
    let french = read(&["meta_fr_latin1.csv"], config());
    assert_eq!(counts(&french.sources[0]), [2, 2, 0, 0, 1]);
    assert_eq!(french.sources[0].spend.first(), Some(money("1241.56")));
    // 14/05 decides that 04/05 is the 4th of May.
    assert_eq!(french.sources[0].first_day.unwrap().to_string(), "2026-05-04");
    let spanish = read(&["meta_es.csv"], config());
    let row = &spanish.records[0];
    assert_eq!((row.spend, row.currency.unwrap().code()), (money("1250.40"), "PEN"));
    assert_eq!(row.breakdown.as_deref(), Some("period=2026-05-01/2026-05-31"));
    assert_eq!(row.known_at.to_string(), "2026-06-01T00:00:00Z");
}

#[test]
fn google_as_csv_and_as_utf16() {
    let csv = read(&["google.csv"], config());
    let report = &csv.sources[0];
    assert_eq!(counts(report), [4, 3, 1, 0, 5]);
    assert_eq!((report.platform.as_deref(), report.level), (Some("google_ads"), Some(Level::Ad)));
    assert_eq!(report.spend.get(usd()), money("2344.90"));
    assert_eq!((report.impressions, report.conversions), (Some(2498), Some(5.0)));
    assert_eq!((csv.rejects[0].column.as_str(), csv.rejects[0].row), ("Impr.", 7));
    // "Total Care" is a campaign; device tells its two rows apart.
    assert_eq!(csv.records[0].campaign_name.as_deref(), Some("Total Care"));
    assert_eq!(csv.records[0].breakdown.as_deref(), Some("device=Computers"));
    let wide = read(&["google_utf16.tsv"], config());
    assert_eq!(wide.records, csv.records);
    assert_eq!(counts(&wide.sources[0]), counts(report));
    // Both of them are the same rows: nothing is counted twice.
    let both = read(&["google.csv", "google_utf16.tsv"], config());
    assert_eq!(both.records, csv.records);
    assert_eq!(counts(&both.sources[1]), [4, 0, 1, 3, 5]);
}

#[test]
fn google_without_a_day_takes_the_period_of_the_preamble() {
    let out = read(&["google_period.csv"], config());
    assert_eq!(counts(&out.sources[0]), [1, 1, 0, 0, 4]);
    assert_eq!(out.records[0].breakdown.as_deref(), Some("period=2026-09-01/2026-09-30"));
    assert_eq!(out.sources[0].last_day.unwrap().to_string(), "2026-09-30");
}

#[test]
fn tiktok_export() {
    let out = read(&["tiktok.csv"], config());
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 2]);
    assert_eq!(report.platform.as_deref(), Some("tiktok_ads"));
    assert_eq!(report.spend.get("GBP".parse().ok()), money("20"));
    assert_eq!(report.conversions, Some(3.0));
}

#[test]
fn hours_of_utc_become_days_of_the_account() {
    let files = ["tiktok_hourly.csv", "tiktok_ads.csv", "tiktok_advertiser.csv"];
    let out = read(&files, config());
    assert_eq!(counts(&out.sources[0]), [40, 40, 0, 0, 1]);
    // 40 hours from midnight UTC: 5 fall on the 7th in New York, and the 8th has 23 hours.
    let days: Vec<(String, u64, Micros)> =
        out.records.iter().map(|r| (r.date.to_string(), r.impressions.unwrap(), r.spend)).collect();
    let day =
        |day: &str, hours: u64| (day.to_owned(), hours * 10, Micros(hours as i64 * 1_500_000));
    assert_eq!(days, [day("2026-03-07", 5), day("2026-03-08", 23), day("2026-03-09", 12)]);
    let row = &out.records[0];
    assert_eq!((row.zone.as_deref(), row.currency), (Some("America/New_York"), usd()));
    assert_eq!((row.ad_name.as_deref(), row.creative.is_some()), (Some("Dance"), true));
    // Without the advertiser's table the days are those of UTC, and no zone is claimed.
    let alone = read(&files[..1], config());
    assert_eq!((alone.records.len(), alone.records[0].zone.clone()), (2, None));
}

#[test]
fn web_sessions() {
    let out = read(&["ga4.csv"], config());
    assert_eq!(counts(&out.sources[0]), [3, 3, 0, 0, 8]);
    let row = &out.web[0];
    assert_eq!(
        (row.utm_source.as_deref(), row.utm_medium.as_deref()),
        (Some("facebook"), Some("cpc"))
    );
    assert_eq!((row.sessions, row.key_events), (Some(120), Some(3.0)));
    assert_eq!(row.revenue, Some(money("310.40")));
    assert_eq!(row.date.to_string(), "2026-05-04");
    assert!(out.records.is_empty());
    let period = read(&["ga4_period.csv"], config());
    assert_eq!(counts(&period.sources[0]), [1, 1, 0, 0, 4]);
    assert_eq!(period.web[0].last_date.to_string(), "2026-05-31");
}

#[test]
fn offline_conversions_in_the_zone_of_their_first_line() {
    let out = read(&["offline_conversions.csv"], config());
    assert_eq!(counts(&out.sources[0]), [3, 2, 1, 0, 2]);
    let times: Vec<String> = out.conversions.iter().map(|c| c.at.to_string()).collect();
    assert_eq!(times, ["2026-05-05T02:30:00Z", "2026-05-05T06:30:00Z"]);
    assert_eq!(out.conversions[0].platform.as_ref().unwrap().as_str(), "google_ads");
    assert_eq!(out.conversions[0].click.as_deref(), Some("Cj0KA"));
    assert_eq!(out.rejects[0].column, "Conversion Time");
}

#[test]
fn orders_with_tags() {
    let out = read(&["crm_orders.csv"], config());
    assert_eq!(counts(&out.sources[0]), [4, 3, 0, 1, 1]);
    let first = &out.conversions[0];
    assert_eq!(first.ad.as_ref().unwrap().as_str(), "3201");
    assert_eq!((first.value, first.currency), (Some(money("180.40")), usd()));
    assert_eq!(first.known_at.to_string(), "2026-05-05T06:00:00Z");
    assert_eq!(first.platform.as_ref().unwrap().as_str(), "meta_ads");
    assert_eq!(out.conversions[2].known_at, out.conversions[2].at);
    let as_of = config().with_as_of("2026-05-06T00:00:00Z".parse().unwrap());
    let early = read(&["crm_orders.csv"], as_of);
    assert_eq!((early.conversions.len(), early.sources[0].after_as_of), (2, 1));
    assert_eq!(early.sources[0].ok, 3);
}

#[test]
fn shopify_orders_of_several_lines() {
    let out = read(&["shopify.csv"], config());
    assert_eq!(counts(&out.sources[0]), [3, 3, 0, 0, 1]);
    let orders: Vec<_> = out.conversions.iter().map(|c| (c.order.clone(), c.value)).collect();
    // The second order is refunded: accepted, and no conversion.
    assert_eq!(orders, [(Some("#1001".into()), Some(money("100")))]);
}

#[test]
fn ambiguous_dates_are_refused_unless_the_order_is_stated() {
    let out = read(&["ambiguous_dates.csv"], config());
    assert_eq!(counts(&out.sources[0]), [2, 0, 2, 0, 1]);
    assert!(out.rejects[0].reason.contains("day and month"));
    for (order, day) in [(DateOrder::DayFirst, "2026-10-05"), (DateOrder::MonthFirst, "2026-05-10")]
    {
        let stated = config().with_source("meta_ads", SourceDefaults::new().with_date_order(order));
        let out = read(&["ambiguous_dates.csv"], stated);
        assert_eq!(out.records[0].date.to_string(), day);
    }
}

#[test]
fn files_that_are_no_tables() {
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("unknown.csv", &bytes("unknown.csv"));
    ingest.read_bytes("empty.csv", b"\n \n");
    ingest.read_bytes("torn.csv.gz", &[0x1f, 0x8b, 8, 0, 1]);
    ingest.read_bytes("book.csv", b"PK\x03\x04");
    ingest.read_bytes("header.csv", b"Day,Ad ID,Amount spent (EUR),Impressions\n");
    let out = ingest.finish().unwrap();
    let kinds: Vec<Kind> = out.sources.iter().map(|s| s.kind).collect();
    use Kind::{Facts, Unreadable, Unrecognised};
    assert_eq!(kinds, [Unrecognised, Unreadable, Unreadable, Unreadable, Facts]);
    assert_eq!(
        out.sources[0].problem,
        Some(FileProblem::Unrecognised { first_line: "Employee,Shoe size".into() })
    );
    assert_eq!(out.sources[1].problem, Some(FileProblem::Empty));
    assert!(out.sources[4].notes[0].contains("no data rows"));
    assert_eq!(out.coverage.files_without_table, 4);
    assert_eq!(out.coverage.coverage, None);
}

#[test]
fn a_later_download_restates() {
    let head =
        "Day,Campaign ID,Campaign name,Ad ID,Campaign delivery,Amount spent (USD),Impressions\n";
    let mut ingest = Ingest::new(config()).unwrap();
    let (first, second) =
        ("2026-05-04,1,Old,7,active,1.00,10\n", "2026-05-04,1,New,7,paused,1.50,12\n");
    ingest.read_bytes("1.csv", format!("{head}{first}").as_bytes());
    ingest.read_bytes("2.csv", format!("{head}{second}").as_bytes());
    let out = ingest.finish().unwrap();
    // A new name and another status do not make another row.
    assert_eq!((out.records.len(), out.records[0].spend), (1, money("1.5")));
    assert_eq!((out.sources[0].ok, out.sources[0].duplicate, out.sources[0].restated), (0, 1, 1));
    assert_eq!(out.sources[0].spend.first(), None);
}

#[test]
fn every_dimension_tells_rows_apart_and_metrics_do_not() {
    let export = "Day,Ad ID,Placement,Device,Amount spent (USD),Impressions\n\
                  2026-05-04,7,feed,web,1.00,10\n2026-05-04,7,feed,app,1.00,10\n\
                  2026-05-04,7,story,web,1.00,10\n2026-05-04,7,feed,web,1.00,10\n\
                  2026-05-04,7,feed,web,9.00,90\n";
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", export.as_bytes());
    let out = ingest.finish().unwrap();
    let report = &out.sources[0];
    assert_eq!(counts(report), [5, 3, 0, 2, 1]);
    // The row of 9.00 is the last of its key and stands.
    assert_eq!((report.conflicting, report.spend.get(usd())), (1, money("11")));
    assert!(report.notes.iter().any(|note| note.contains("other metrics")));
}

#[test]
fn delivery_without_spend_is_no_row() {
    let export = "Day,Ad ID,Amount spent (USD),Impressions\n\
                  2026-05-04,7,--,10\n2026-05-04,8,,0\n2026-05-04,9,n/a,\n";
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("a.csv", export.as_bytes());
    let out = ingest.finish().unwrap();
    assert_eq!((out.sources[0].ok, out.sources[0].rejected), (2, 1));
    assert_eq!((out.rejects[0].row, &*out.rejects[0].column), (2, "Amount spent (USD)"));
}

#[test]
fn a_table_of_rates_is_told_from_what_is_not_known() {
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes("fx.csv", b"date,base,quote,rate\n2026-05-04,EUR,USD,1.25\n");
    let out = ingest.finish().unwrap();
    assert_eq!((out.sources[0].kind, &out.sources[0].problem), (Kind::Rates, &None));
    assert_eq!((out.coverage.files_without_table, out.sources[0].skipped), (0, 2));
}

#[test]
fn rates_are_needed_where_conversion_is_asked() {
    let fx = "date,base,quote,rate,source\n2026-05-04,EUR,USD,1.25,bank\n";
    let table = campaign_features::fx::FxTable::from_csv(fx).unwrap();
    let asked = config().with_reporting_currency("USD").with_fx(table);
    let mut ingest = Ingest::new(asked.clone()).unwrap();
    ingest.read_bytes("meta_de.csv", &bytes("meta_de.csv"));
    let error = ingest.finish().unwrap_err();
    assert!(matches!(error, IngestError::Fx(_)));
    assert_eq!(error.to_string(), "no exchange rate from EUR to USD on 2026-05-05");
    let carried = read(&["meta_de.csv"], asked.with_fx_carry_days(1));
    let reporting = carried.records[1].reporting.unwrap();
    assert_eq!((reporting.spend, reporting.currency.code()), (money("1543.2"), "USD"));
    assert!(carried.coverage.joins.iter().any(|j| j.owed - j.joined == 1));
    let unasked = read(&["meta_de.csv"], config());
    assert!(unasked.records.iter().all(|r| r.reporting.is_none()));
}

#[test]
fn only_the_finest_level_enters() {
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes(
        "campaigns.csv",
        b"Day,Campaign ID,Amount spent (USD),Impressions\n2026-05-04,1,9,90\n",
    );
    ingest.read_bytes(
        "ads.csv",
        b"Day,Campaign ID,Ad ID,Amount spent (USD),Impressions\n2026-05-04,1,7,4,40\n\
          2026-05-04,1,8,5,50\n",
    );
    ingest.read_bytes(
        "ads_by_age.csv",
        b"Day,Campaign ID,Ad ID,Age,Amount spent (USD),Impressions\n2026-05-04,1,7,18-24,3,30\n\
          2026-05-04,1,7,25-34,1,10\n",
    );
    let out = ingest.finish().unwrap();
    assert_eq!(out.records.iter().map(|r| r.spend.0).sum::<i64>(), 9_000_000);
    assert_eq!(out.records.len(), 2);
    assert_eq!(out.coverage.rows_of_other_levels, 3);
    assert_eq!(out.sources[0].spend.first(), Some(money("9")));
}

#[test]
fn channels_and_what_no_rule_maps() {
    let toml = "brand = \"acme\"\n[[channels]]\nchannel = \"social\"\ncampaign = \"spring*\"\n";
    let out = read(&["meta_en.csv"], IngestConfig::from_toml(toml).unwrap());
    let channels: Vec<Option<&str>> =
        out.records.iter().map(|r| r.channel.as_ref().map(|c| c.as_str())).collect();
    assert_eq!(channels, [Some("social"), Some("social"), None]);
    assert_eq!(out.coverage.unmapped_records, 1);
    assert!((out.coverage.unmapped_spend["USD"] - 0.75 / 1218.0).abs() < 1e-12);
}

#[test]
fn actions_join_their_ad_and_day() {
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_bytes(
        "basic_ad.csv",
        b"ad_id,date,account_id,impressions,inline_link_clicks,spend,reach\n\
          7,2026-05-04,1,100,10,5.5,90\n8,2026-05-04,1,100,10,5.5,90\n",
    );
    ingest.read_bytes(
        "basic_ad_actions.csv",
        b"_fivetran_id,ad_id,date,index,action_type,value,_fivetran_synced\n\
          a,7,2026-05-04,0,purchase,3,2026-05-06 01:00:00\n\
          a,7,2026-05-04,1,offsite_conversion.fb_pixel_purchase,2,2026-05-06 01:00:00\n\
          a,9,2026-05-04,0,purchase,1,2026-05-06 01:00:00\n",
    );
    ingest.read_bytes(
        "basic_ad_action_values.csv",
        b"ad_id,date,index,action_type,value\n7,2026-05-04,0,purchase,90.5\n",
    );
    let out = ingest.finish().unwrap();
    let row = &out.records[0];
    // `purchase` includes the pixel's purchases: the two are never added.
    assert_eq!((row.conversions, row.revenue), (Some(3.0), Some(money("90.5"))));
    assert_eq!(row.known_at.to_string(), "2026-05-06T01:00:00Z");
    assert_eq!(out.records[1].conversions, Some(0.0));
    assert_eq!(out.sources[1].conversions, Some(6.0));
    let join = &out.coverage.joins[0];
    assert_eq!((join.owed, join.joined), (2, 1));
}

#[test]
fn a_folder_in_the_order_of_names() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("b")).unwrap();
    for (name, file) in [("b/x.csv", "meta_de.csv"), ("a.csv", "tiktok.csv"), ("c.md", "ga4.csv")] {
        std::fs::write(folder.path().join(name), bytes(file)).unwrap();
    }
    let mut ingest = Ingest::new(config()).unwrap();
    ingest.read_path(folder.path()).unwrap();
    let out = ingest.finish().unwrap();
    let files: Vec<&str> = out.sources.iter().map(|s| s.file.as_str()).collect();
    assert_eq!(files, ["a.csv", "b/x.csv"]);
    let mut ingest = Ingest::new(config()).unwrap();
    assert!(ingest.read_path(folder.path().join("nowhere")).is_err());
}

#[test]
fn records_as_csv_are_safe_to_open() {
    let out = read(&["meta_en.csv"], config());
    let mut csv = Vec::new();
    write_records(&mut csv, &out.records).unwrap();
    let mut reader = csv::Reader::from_reader(csv.as_slice());
    let header = reader.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(&rows[0][at("spend")], "12.5");
    assert_eq!(&rows[2][at("ad_name")], "'=HYPERLINK(\"x\")");
    let risky = |cell: &str| cell.starts_with(['=', '+', '@']);
    assert!(rows.iter().all(|row| row.iter().all(|cell| !risky(cell))));
}

#[test]
fn the_same_input_gives_the_same_records() {
    let names = ["meta_en.csv", "google.csv", "tiktok.csv", "meta_de.csv"];
    let once: Vec<Record> = read(&names, config()).records;
    assert_eq!(once, read(&names, config()).records);
    // Reading everything again changes nothing.
    let twice = [names, names].concat();
    assert_eq!(once, read(&twice, config()).records);
}
