//! Google, Microsoft, LinkedIn, Amazon and Apple Search Ads: exports and tables of connectors, each with
//! what must come out.
//!
//! `CAMPAIGN_DATA` names the folder of public data sets; a test that needs it says so and passes.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::BTreeMap;
use std::path::PathBuf;

use campaign_core::Micros;
use campaign_features::ingest::layout::Clock;
use campaign_features::ingest::{
    Ingest, IngestConfig, Ingested, Kind, Level, SourceDefaults, SourceReport,
};

fn read(files: &[(&str, &str)], config: IngestConfig) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn one(text: &str) -> Ingested {
    read(&[("x.csv", text)], IngestConfig::new("acme"))
}

fn file(name: &str) -> String {
    let path = format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn money(text: &str) -> Micros {
    text.parse().unwrap()
}

fn counts(report: &SourceReport) -> [u64; 5] {
    [report.rows_in, report.ok, report.rejected, report.duplicate, report.skipped]
}

fn recognised(out: &Ingested) -> (&str, Kind, Option<Level>) {
    let report = &out.sources[0];
    (report.platform.as_deref().unwrap_or("nothing"), report.kind, report.level)
}

fn folder() -> Option<PathBuf> {
    let found = std::env::var_os("CAMPAIGN_DATA");
    let found = found.map(|root| PathBuf::from(root).join("ad-platform-exports"));
    let found = found.filter(|path| path.is_dir());
    if found.is_none() {
        eprintln!("CAMPAIGN_DATA names no folder with ad-platform-exports: nothing was tested");
    }
    found
}

fn repeated(path: &std::path::Path) -> u64 {
    let text = std::fs::read_to_string(path).unwrap();
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let rows: Vec<Vec<String>> =
        reader.records().map(|r| r.unwrap().iter().map(str::to_owned).collect()).collect();
    let distinct: std::collections::BTreeSet<_> = rows.iter().collect();
    (rows.len() - distinct.len()) as u64
}

#[test]
fn every_total_of_google_microsoft_and_linkedin() {
    let Some(root) = folder() else { return };
    let mut totals = csv::Reader::from_path(root.join("totals.csv")).unwrap();
    let header = totals.headers().unwrap().clone();
    let rows: Vec<csv::StringRecord> = totals.records().map(Result::unwrap).collect();
    let mut checked = 0;
    for platform in ["google_ads", "microsoft_ads", "linkedin_ads"] {
        let mut ingest = Ingest::new(IngestConfig::new("b")).unwrap();
        ingest.read_path(root.join(platform)).unwrap();
        let out = ingest.finish().unwrap();
        let reports: BTreeMap<&str, _> = out.sources.iter().map(|s| (s.file.as_str(), s)).collect();
        for row in &rows {
            let cell = |name: &str| {
                let at = header.iter().position(|h| h == name).unwrap();
                row.get(at).filter(|text| !text.is_empty())
            };
            if cell("platform") != Some(platform) {
                continue;
            }
            let file = cell("file").unwrap();
            let report = reports[file];
            assert_eq!(report.platform.as_deref(), Some(platform), "{file}");
            assert!(report.balances(), "{file}");
            assert_eq!(report.rows_in.to_string(), cell("rows").unwrap(), "{file}");
            assert_eq!(report.rejected, 0, "{file}");
            // The only duplicates are rows that stand in the file twice.
            let twice =
                if file.ends_with(".gz") { 0 } else { repeated(&root.join(platform).join(file)) };
            assert_eq!(report.duplicate, twice, "{file}");
            let facts = ["stats", "report", "analytics"].iter().any(|part| file.contains(part));
            assert_eq!(report.kind == Kind::Facts, facts, "{file}");
            assert_eq!(report.kind == Kind::Entities, !facts, "{file}");
            let number = |name| cell(name).map(|text| text.parse::<f64>().unwrap());
            let spend = Micros(report.spend.0.values().map(|m| m.0).sum());
            for name in ["spend", "cost_in_local_currency"] {
                if let Some(text) = cell(name) {
                    assert_eq!(spend, money(text), "{file}");
                }
            }
            if let Some(micros) = number("cost_micros") {
                assert_eq!(spend, Micros(micros as i64), "{file}");
            }
            assert_eq!(report.clicks, number("clicks").map(|n| n as u64), "{file}");
            assert_eq!(report.impressions, number("impressions").map(|n| n as u64), "{file}");
            if let Some(conversions) = number("conversions") {
                assert_eq!(report.conversions, Some(conversions), "{file}");
            }
            checked += 1;
        }
    }
    assert_eq!(checked, 11 + 12 + 9);
}

#[test]
fn microsoft_export() {
    let out = one(&file("microsoft_ui.csv"));
    assert_eq!(recognised(&out), ("microsoft_ads", Kind::Facts, Some(Level::Campaign)));
    let report = &out.sources[0];
    // 5 rows, one of them not readable; 7 lines above, the header among them, totals and footer below.
    assert_eq!(counts(report), [5, 4, 1, 0, 9], "{report:?}");
    assert_eq!(report.spend.get("USD".parse().ok()), money("67.10"));
    assert_eq!((report.impressions, report.clicks), (Some(3244), Some(120)));
    assert_eq!((report.conversions, report.revenue.first()), (Some(6.0), Some(money("350.15"))));
    let reject = &out.rejects[0];
    assert_eq!((reject.row, &*reject.column, &*reject.value), (12, "Impressions", "n. a."));
    // 9/1 is the first of September in an English export.
    assert_eq!(report.first_day.unwrap().to_string(), "2026-09-01");
    let care = out.records.iter().find(|r| r.campaign_name.as_deref() == Some("Total Care"));
    assert_eq!(care.unwrap().campaign.as_ref().unwrap().as_str(), "138689065");
}

#[test]
fn microsoft_hours_add_up_to_days() {
    let out = one(&file("microsoft_hourly.csv"));
    assert_eq!(recognised(&out), ("microsoft_ads", Kind::Facts, Some(Level::Ad)));
    assert_eq!(counts(&out.sources[0]), [3, 3, 0, 0, 2]);
    let day = &out.records[0];
    assert_eq!((day.date.to_string().as_str(), day.spend), ("2026-07-12", money("4")));
    assert_eq!((day.impressions, day.conversions), (Some(300), Some(1.5)));
    assert_eq!(day.revenue, Some(money("30.50")));
    assert_eq!(out.records.len(), 2);
}

#[test]
fn microsoft_tables_of_a_connector() {
    let out = one(&file("microsoft_fivetran.csv"));
    assert_eq!(recognised(&out), ("microsoft_ads", Kind::Facts, Some(Level::AdGroup)));
    let report = &out.sources[0];
    assert_eq!((report.ok, report.spend.first()), (2, Some(money("17.44"))));
    // `conversions` counts, not the qualified ones beside it.
    assert_eq!(report.conversions, Some(2.0));
    assert_eq!(out.records[0].known_at.to_string(), "2026-05-05T04:00:00Z");
    // An older version of the table has qualified conversions only.
    let older = file("microsoft_fivetran.csv").replace(",conversions,", ",all_conversions,");
    assert_eq!(one(&older).sources[0].conversions, Some(1.5));
}

#[test]
fn microsoft_accounts_give_zone_and_currency() {
    let account = "id,name,last_modified_time,time_zone,currency_code\n\
                   150,Acme,2026-05-01T19:13:42.870Z,PacificTimeUSCanadaTijuana,USD\n";
    let rows = "date,account_id,campaign_id,device_os,top_vs_other,clicks,impressions,spend\n\
                2026-05-04,150,7,Windows,Other,1,10,2.5\n";
    let out = read(&[("a.csv", account), ("b.csv", rows)], IngestConfig::new("acme"));
    let row = &out.records[0];
    assert_eq!(row.zone.as_deref(), Some("America/Los_Angeles"));
    assert_eq!(row.currency.unwrap().code(), "USD");
}

#[test]
fn microsoft_header_without_rows_is_not_zero() {
    let out = one("TimePeriod,CampaignId,CampaignName,Impressions,Clicks,Spend\n@Rows: 0\n");
    let report = &out.sources[0];
    assert_eq!((report.rows_in, report.spend.first(), report.impressions), (0, None, None));
    assert!(report.notes.iter().any(|note| note.contains("not zero")));
}

#[test]
fn linkedin_export() {
    let out = one(&file("linkedin_ui.csv"));
    assert_eq!(recognised(&out), ("linkedin_ads", Kind::Facts, Some(Level::Ad)));
    let report = &out.sources[0];
    assert_eq!(counts(report), [4, 3, 1, 0, 5], "{report:?}");
    assert_eq!(report.spend.get("USD".parse().ok()), money("71.67"));
    assert_eq!((report.impressions, report.clicks), (Some(2350), Some(10)));
    // Conversions, not leads.
    assert_eq!((report.conversions, report.revenue.first()), (Some(1.0), Some(money("120"))));
    assert_eq!((&*out.rejects[0].column, out.rejects[0].row), ("Clicks", 9));
    let row = &out.records[0];
    assert_eq!((row.date.to_string().as_str(), row.zone.as_deref()), ("2026-09-01", Some("UTC")));
    // Their campaign group is a campaign, their campaign an ad group.
    assert_eq!(row.campaign_name.as_deref(), Some("Default"));
    assert_eq!(row.ad_group.as_ref().unwrap().as_str(), "312");
    assert_eq!(row.ad.as_ref().unwrap().as_str(), "51");
}

#[test]
fn linkedin_tables_of_a_connector() {
    let names = ["creative", "creative_history", "campaign_history", "campaign_group_history"];
    let names = names.iter().chain(&["account_history"]);
    let files: Vec<(String, String)> = names
        .map(|name| format!("linkedin_fivetran_{name}.csv"))
        .map(|name| (name.clone(), file(&name)))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let out = read(&files, IngestConfig::new("acme"));
    let kinds: Vec<_> = out.sources.iter().map(|s| (s.kind, s.level)).collect();
    let entity = |level| (Kind::Entities, Some(level));
    assert_eq!(kinds[0], (Kind::Facts, Some(Level::Ad)));
    assert_eq!(
        kinds[1..],
        [
            entity(Level::Ad),
            entity(Level::AdGroup),
            entity(Level::Campaign),
            entity(Level::Account)
        ]
    );
    // The account's currency counts, never both amounts.
    assert_eq!(out.sources[0].spend.first(), Some(money("40")));
    assert_eq!(out.sources[0].conversions, Some(2.0));
    let row = &out.records[0];
    assert_eq!(row.currency.unwrap().code(), "EUR");
    assert_eq!(
        (row.ad_group_name.as_deref(), row.campaign_name.as_deref()),
        (Some("B2B"), Some("Default"))
    );
    assert_eq!(row.account.as_ref().unwrap().as_str(), "507");
}

#[test]
fn linkedin_dollars_alone() {
    let text = "campaign_id,day,clicks,impressions,cost_in_usd,conversion_value_in_local_currency\n\
                312,2026-05-04,4,1000,33.33,100.5\n";
    let out = one(text);
    let row = &out.records[0];
    assert_eq!((row.spend, row.currency.unwrap().code()), (money("33.33"), "USD"));
    // An empty cell of the account's currency: the dollars of that row, and zero is zero anywhere.
    let mixed = one("campaign_id,day,clicks,impressions,cost_in_local_currency,cost_in_usd\n\
         312,2026-05-04,4,1000,,0\n312,2026-05-05,4,1000,,2.5\n312,2026-05-06,4,1000,2,2.5\n\
         312,2026-05-07,4,1000,,\n");
    let of = |day: usize| (mixed.records[day].spend, mixed.records[day].currency.map(|c| c.code()));
    assert_eq!(of(0), (money("0"), None));
    assert_eq!(of(1), (money("2.5"), Some("USD")));
    assert_eq!(of(2), (money("2"), None));
    assert_eq!(counts(&mixed.sources[0]), [4, 3, 1, 0, 1]);
    // The value is in another currency, which the file does not name.
    assert_eq!(row.revenue, None);
    assert!(out.sources[0].notes.iter().any(|note| note.contains("the account's currency")));
}

#[test]
fn linkedin_months_and_urns() {
    let out = one(
        "campaign_id,month,clicks,member_country,impressions,cost_in_local_currency,cost_in_usd\n\
                   312,2024-02,95,101,980,140.00,125.00\n312,2024-02,5,102,20,1.50,1.25\n",
    );
    let row = &out.records[0];
    assert_eq!(row.breakdown.as_deref(), Some("member country=101;period=2024-02-01/2024-02-29"));
    assert_eq!(out.sources[0].spend.first(), Some(money("141.50")));
    let api = one(
        "start_date,end_date,sponsoredCreative,sponsoredCampaign,costInLocalCurrency,clicks,impressions,viralShares\n\
                   2026-05-04,2026-05-04,urn:li:sponsoredCreative:51,urn:li:sponsoredCampaign:312,2.5,1,10,0\n",
    );
    assert_eq!(recognised(&api), ("linkedin_ads", Kind::Facts, Some(Level::Ad)));
    assert_eq!(api.records[0].ad.as_ref().unwrap().as_str(), "51");
    assert_eq!(api.records[0].ad_group.as_ref().unwrap().as_str(), "312");
    assert!(api.sources[0].unknown_columns.is_empty());
    // The pivot repeats the id beside it: rows of campaigns are no rows of ads.
    let campaigns = "start_date,end_date,pivot,string_of_pivot_values,sponsoredCampaign,costInLocalCurrency,impressions\n\
                     2026-05-04,2026-05-04,CAMPAIGN,urn:li:sponsoredCampaign:312,312,2.5,10\n";
    assert_eq!(one(campaigns).sources[0].level, Some(Level::AdGroup));
    let alone = campaigns.replace("sponsoredCampaign,cost", "comments,cost");
    assert_eq!(one(&alone).sources[0].level, Some(Level::Ad));
    assert_eq!(one(&alone).records[0].ad.as_ref().unwrap().as_str(), "312");
}

#[test]
fn the_configuration_says_whose_hours_they_are() {
    let table = "stat_time_hour,ad_id,spend,impressions\n2026-05-04 02:00:00,7,1.5,10\n";
    let in_zone = |defaults: SourceDefaults| {
        let config = IngestConfig::new("acme")
            .with_source("tiktok_ads", defaults.with_zone("America/New_York"));
        read(&[("x.csv", table)], config).records[0].date.to_string()
    };
    // Hours of UTC by default: two in the morning is the evening before in New York.
    assert_eq!(in_zone(SourceDefaults::new()), "2026-05-03");
    assert_eq!(in_zone(SourceDefaults::new().with_clock(Clock::Account)), "2026-05-04");
}

#[test]
fn amazon_export() {
    let out = one(&file("amazon_ui.csv"));
    assert_eq!(recognised(&out), ("amazon_ads", Kind::Facts, Some(Level::AdGroup)));
    let report = &out.sources[0];
    assert_eq!(counts(report), [4, 3, 1, 0, 1], "{:?}", out.rejects);
    assert_eq!(report.spend.get("USD".parse().ok()), money("10.52"));
    assert_eq!((report.impressions, report.clicks), (Some(2950), Some(26)));
    assert_eq!((report.conversions, report.revenue.first()), (Some(4.0), Some(money("79.96"))));
    assert_eq!((&*out.rejects[0].column, &*out.rejects[0].value), ("Clicks", "-3"));
    let row = &out.records[0];
    assert_eq!(row.attribution_window.as_deref(), Some("7-day"));
    let breakdown = row.breakdown.as_deref().unwrap();
    assert!(breakdown.contains("advertised asin=B0AAAAAAA1"), "{breakdown}");
    assert!(report.unknown_columns.is_empty(), "{:?}", report.unknown_columns);
}

#[test]
fn amazon_in_german() {
    let out = one(&file("amazon_de.csv"));
    assert_eq!(recognised(&out), ("amazon_ads", Kind::Facts, Some(Level::SearchTerm)));
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 1]);
    assert_eq!(report.spend.get("EUR".parse().ok()), money("252.34"));
    assert_eq!(report.revenue.get("EUR".parse().ok()), money("1933.17"));
    assert_eq!((report.impressions, report.conversions), (Some(18_702), Some(41.0)));
    assert_eq!(out.records[0].attribution_window.as_deref(), Some("7-day"));
}

#[test]
fn amazon_windows_side_by_side_are_never_added() {
    let out = one(&file("amazon_api.csv"));
    assert_eq!(recognised(&out), ("amazon_ads", Kind::Facts, Some(Level::Ad)));
    let report = &out.sources[0];
    assert_eq!((report.conversions, report.revenue.first()), (Some(4.0), Some(money("79.96"))));
    assert_eq!((report.spend.first(), report.clicks), (Some(money("8.52")), Some(21)));
    assert_eq!(out.records[0].attribution_window.as_deref(), Some("7-day"));
    assert!(report.notes.iter().any(|note| note.contains("windows of 1, 14, 30 days")));
    // Display: 14 days are the standard.
    let display = file("amazon_api.csv").replace("advertisedAsin", "promotedAsin");
    let display = one(&display);
    assert_eq!(display.sources[0].conversions, Some(5.0));
    assert_eq!(display.records[0].attribution_window.as_deref(), Some("14-day"));
    // The window that has both orders and sales.
    let campaigns = one(&file("amazon_fivetran.csv"));
    assert_eq!(recognised(&campaigns), ("amazon_ads", Kind::Facts, Some(Level::Campaign)));
    assert_eq!(campaigns.sources[0].conversions, Some(78.0));
    assert_eq!(campaigns.sources[0].revenue.first(), Some(money("399.25")));
    assert_eq!(campaigns.records[0].attribution_window.as_deref(), Some("30-day"));
}

#[test]
fn amazon_descriptions_give_zone_and_currency() {
    let names = ["", "_profile", "_campaign_history"];
    let files: Vec<(String, String)> = names
        .iter()
        .map(|name| format!("amazon_fivetran{name}.csv"))
        .map(|name| (name.clone(), file(&name)))
        .collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let out = read(&files, IngestConfig::new("acme"));
    assert_eq!((out.sources[1].kind, out.sources[1].level), (Kind::Entities, Some(Level::Account)));
    assert_eq!(
        (out.sources[2].kind, out.sources[2].level),
        (Kind::Entities, Some(Level::Campaign))
    );
    let row = &out.records[0];
    assert_eq!(row.campaign_name.as_deref(), Some("Gold Leader"));
    assert_eq!(row.zone.as_deref(), Some("America/Los_Angeles"));
    // The spend is the rows' own currency.
    assert_eq!(row.currency.unwrap().code(), "USD");
}

#[test]
fn amazon_dsp_and_sheets_of_bulk_operations() {
    let dsp = one(
        "Date,Advertiser,Advertiser ID,Order,Order ID,Line item,Line item ID,Creative,Creative ID,Advertiser Currency,Impressions,Click-throughs,Total cost,14d Total purchases,14d Total product sales\n\
                   2026-09-05,Acme,1,Awareness,11,Prospecting,111,Banner,1111,EUR,5000,12,25.50,2,80.00\n",
    );
    assert_eq!(recognised(&dsp), ("amazon_ads", Kind::Facts, Some(Level::Ad)));
    let row = &dsp.records[0];
    assert_eq!((row.spend, row.clicks, row.conversions), (money("25.5"), Some(12), Some(2.0)));
    assert_eq!((row.revenue, row.currency.unwrap().code()), (Some(money("80")), "EUR"));
    assert_eq!(row.attribution_window.as_deref(), Some("14-day"));
    let ids = (row.campaign.as_ref().unwrap().as_str(), row.ad_group.as_ref().unwrap().as_str());
    assert_eq!((ids, row.ad.as_ref().unwrap().as_str()), (("11", "111"), "1111"));
    // Rows of campaigns, ad groups and keywords in one sheet cannot be added up.
    let bulk = one(
        "Product,Entity,Operation,Campaign ID,Ad Group ID,Campaign Name,Impressions,Clicks,Spend,Sales,Orders,ACOS\n\
                    Sponsored Products,Campaign,,1,,A,10,1,2.5,9,1,0.27\n",
    );
    assert_eq!(bulk.sources[0].kind, Kind::Unrecognised);
}

#[test]
fn apple_export() {
    let out = one(&file("apple_ui.csv"));
    assert_eq!(recognised(&out), ("apple_search_ads", Kind::Facts, Some(Level::AdGroup)));
    let report = &out.sources[0];
    assert_eq!(counts(report), [3, 2, 1, 0, 3], "{:?}", out.rejects);
    assert_eq!(report.spend.first(), Some(money("5.41")));
    assert_eq!((report.impressions, report.clicks), (Some(1163), Some(15)));
    // Installs after a tap, not all installs.
    assert_eq!(report.conversions, Some(8.0));
    assert_eq!((&*out.rejects[0].column, out.rejects[0].row), ("Spend", 7));
    assert!(report.unknown_columns.is_empty(), "{:?}", report.unknown_columns);
}

#[test]
fn apple_tables_of_a_connector() {
    let names = [
        "apple_fivetran.csv",
        "apple_fivetran_organization.csv",
        "apple_fivetran_campaign_history.csv",
    ];
    let texts = names.map(file);
    let files: Vec<(&str, &str)> =
        names.into_iter().zip(texts.iter().map(String::as_str)).collect();
    let out = read(&files, IngestConfig::new("acme"));
    assert_eq!(recognised(&out), ("apple_search_ads", Kind::Facts, Some(Level::Ad)));
    assert_eq!((out.sources[1].kind, out.sources[1].level), (Kind::Entities, Some(Level::Account)));
    assert_eq!(
        (out.sources[2].kind, out.sources[2].level),
        (Kind::Entities, Some(Level::Campaign))
    );
    let report = &out.sources[0];
    assert_eq!(report.spend.get("EUR".parse().ok()), money("6.16"));
    assert_eq!((report.clicks, report.conversions), (Some(8), Some(4.0)));
    let row = &out.records[0];
    assert_eq!(
        (row.zone.as_deref(), row.campaign_name.as_deref()),
        (Some("Europe/Berlin"), Some("Tap Away"))
    );
    // The API flattened by another connector.
    let api = one(
        "date,metadata.campaignId,metadata.campaignName,metadata.adGroupId,metadata.countryOrRegion,impressions,taps,tapInstalls,totalInstalls,localSpend.amount,localSpend.currency\n\
                   2026-07-14,108,Tap Away,1088,US,552,6,3,4,4.31,EUR\n",
    );
    assert_eq!(recognised(&api), ("apple_search_ads", Kind::Facts, Some(Level::AdGroup)));
    let row = &api.records[0];
    assert_eq!(
        (row.spend, row.conversions, row.country.as_deref()),
        (money("4.31"), Some(3.0), Some("US"))
    );
    assert_eq!(row.currency.unwrap().code(), "EUR");
}

#[test]
fn google_in_spanish_german_and_french() {
    for (name, currency, impressions, skipped) in [
        ("google_es.csv", "EUR", 1294, 4),
        ("google_de.tsv", "CHF", 1294, 4),
        ("google_fr.csv", "EUR", 1294, 4),
    ] {
        let out = one(&file(name));
        let report = &out.sources[0];
        assert_eq!(recognised(&out).0, "google_ads", "{name}");
        assert_eq!(counts(report), [2, 2, 0, 0, skipped], "{name}: {:?}", out.rejects);
        assert_eq!(report.spend.get(currency.parse().ok()), money("1172.95"), "{name}");
        assert_eq!(report.impressions, Some(impressions), "{name}");
        assert_eq!(report.revenue.first(), Some(money("310")), "{name}");
        assert_eq!(report.conversions, Some(2.5), "{name}");
        assert_eq!(report.first_day.unwrap().to_string(), "2026-09-05", "{name}");
        assert!(report.unknown_columns.is_empty(), "{name}: {:?}", report.unknown_columns);
    }
}

#[test]
fn google_flattened_by_a_connector() {
    let text = file("google_airbyte.csv");
    let out = one(&text);
    assert_eq!(recognised(&out), ("google_ads", Kind::Facts, Some(Level::Ad)));
    let report = &out.sources[0];
    assert_eq!(report.spend.get("EUR".parse().ok()), money("20"));
    assert_eq!((report.conversions, report.revenue.first()), (Some(0.5), Some(money("10.25"))));
    assert!(report.unknown_columns.is_empty(), "{:?}", report.unknown_columns);
    assert_eq!(out.records[0].zone.as_deref(), Some("Europe/Berlin"));
    // Underscores, and the letters of the REST interface.
    let header = text.lines().next().unwrap();
    let rest = &text[header.len()..];
    let flat = header.replace('.', "_") + rest;
    assert_eq!(one(&flat).sources[0].spend, report.spend);
    assert_eq!(one(&flat).sources[0].conversions, report.conversions);
    assert!(one(&flat).sources[0].unknown_columns.is_empty());
    let camel: String = header
        .split('_')
        .enumerate()
        .map(|(i, part)| {
            let mut chars = part.chars();
            match (i, chars.next()) {
                (1.., Some(first)) => first.to_ascii_uppercase().to_string() + chars.as_str(),
                _ => part.to_owned(),
            }
        })
        .collect();
    assert!(camel.contains("metrics.costMicros"));
    assert_eq!(one(&(camel + rest)).sources[0].spend, report.spend);
}

#[test]
fn google_rows_by_conversion_action_have_no_cost() {
    let out = one(
        "Day,Campaign,Campaign ID,Conversion action,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value\n\
                   2026-09-05,Brand,501,Purchase,EUR, --, --, --,2.00,80.00\n\
                   2026-09-05,Brand,501,Sign-up,EUR, --, --, --,1.00,0.00\n",
    );
    let report = &out.sources[0];
    assert_eq!(counts(report), [2, 2, 0, 0, 1]);
    assert_eq!((report.conversions, report.impressions), (Some(3.0), None));
    assert!(report.notes.iter().any(|note| note.contains("conversion action")));
    // Beside the report that is not split, only that one enters.
    let whole = "Day,Campaign,Campaign ID,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value\n\
                 2026-09-05,Brand,501,EUR,12.50,100,9,3.00,80.00\n";
    let by_action = "Day,Campaign,Campaign ID,Conversion action,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value\n\
                     2026-09-05,Brand,501,Purchase,EUR, --, --, --,3.00,80.00\n";
    let both = read(&[("a.csv", whole), ("b.csv", by_action)], IngestConfig::new("acme"));
    assert_eq!((both.records.len(), both.records[0].conversions), (1, Some(3.0)));
}

/// Every fixture of this file with its columns in another order gives the same records.
#[test]
fn the_order_of_columns_does_not_matter() {
    for (name, delimiter) in [
        ("microsoft_hourly.csv", b','),
        ("microsoft_fivetran.csv", b','),
        ("linkedin_fivetran_creative.csv", b','),
        ("amazon_ui.csv", b','),
        ("amazon_de.csv", b';'),
        ("amazon_api.csv", b','),
        ("amazon_fivetran.csv", b','),
        ("apple_fivetran.csv", b','),
        ("google_airbyte.csv", b','),
    ] {
        let text = file(name);
        let whole = one(&text);
        assert!(!whole.records.is_empty());
        for seed in 1..8_usize {
            let moved = permuted(&text, delimiter, seed);
            assert_ne!(moved, text);
            let out = one(&moved);
            assert_eq!(out.records, whole.records, "{name} {seed}");
            assert_eq!(counts(&out.sources[0]), counts(&whole.sources[0]), "{name} {seed}");
        }
    }
}

/// The columns of a table rotated by a number that differs by seed, every second time backwards.
fn permuted(text: &str, delimiter: u8, seed: usize) -> String {
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut writer =
        csv::WriterBuilder::new().flexible(true).delimiter(delimiter).from_writer(Vec::new());
    for row in reader.records().map(Result::unwrap) {
        let mut cells: Vec<&str> = row.iter().collect();
        if cells.len() > 1 {
            let by = (seed * 3) % cells.len();
            cells.rotate_left(by.max(1));
            if seed.is_multiple_of(2) {
                cells.reverse();
            }
        }
        writer.write_record(cells).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// Headers of public fixtures and schemas, of several versions, without rows.
#[test]
fn headers_of_many_versions() {
    use Level::{Account, Ad, AdGroup, Campaign, Keyword, SearchTerm};
    let facts = |level| (Kind::Facts, Some(level));
    let entities = |level| (Kind::Entities, Some(level));
    for (platform, expected, header) in [
        (
            "microsoft_ads",
            facts(Campaign),
            "Gregorian date,Campaign name,Campaign ID,Impressions,Clicks,Spend,Conversions",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "Day,Campaign,Ad group,Impr.,Clicks,CTR,Avg. CPC,Spend,Conv.,CPA",
        ),
        (
            "microsoft_ads",
            facts(Keyword),
            "TimePeriod,AccountId,CampaignName,CampaignId,AdGroupId,AdId,KeywordId,Keyword,CurrencyCode,DeliveredMatchType,Impressions,Clicks,Spend",
        ),
        (
            "microsoft_ads",
            facts(SearchTerm),
            "date,account_id,campaign_id,ad_group_id,ad_id,keyword_id,search_query,device_os,device_type,network,bid_match_type,delivered_match_type,top_vs_other,clicks,impressions,spend,conversions",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "AccountId,CampaignId,AdGroupId,TimePeriod,AccountNumber,Country,State,MetroArea,City,LocationType,MostSpecificLocation,CurrencyCode,Impressions,Clicks,Ctr,Spend,CostPerConversion,ReturnOnAdSpend,Conversions,Revenue",
        ),
        (
            "microsoft_ads",
            facts(Account),
            "date,account_id,device_os,device_type,network,currency_code,ad_distribution,bid_match_type,clicks,impressions,spend",
        ),
        (
            "microsoft_ads",
            facts(AdGroup),
            "Gregorianisches Datum;Kampagne;Anzeigengruppe;Impressionen;Klicks;Ausgaben;Conversions;Umsatz",
        ),
        ("microsoft_ads", entities(Account), "id,name,last_modified_time,time_zone,currency_code"),
        (
            "microsoft_ads",
            entities(Campaign),
            "id,name,account_id,modified_time,type,time_zone,status,budget",
        ),
        (
            "microsoft_ads",
            entities(AdGroup),
            "id,name,campaign_id,modified_time,start_date,end_date,status",
        ),
        (
            "microsoft_ads",
            entities(Ad),
            "id,title_part_1,final_url,ad_group_id,modified_time,status,type",
        ),
        ("microsoft_ads", entities(Keyword), "id,name,modified_time,ad_group_id,match_type,status"),
        (
            "linkedin_ads",
            facts(AdGroup),
            "Start Date (in UTC),Account Name,Campaign Group Name,Campaign Name,Campaign ID,Currency,Total Spent,Impressions,Clicks",
        ),
        (
            "linkedin_ads",
            facts(Ad),
            "Start Date (in UTC)\tAccount Name\tCampaign Name\tCampaign Type\tCreative Name\tTotal Spent\tImpressions\tClicks\tReactions",
        ),
        ("linkedin_ads", facts(AdGroup), "campaign_id,day,clicks,impressions,cost_in_usd"),
        (
            "linkedin_ads",
            facts(Ad),
            "Nom du groupe de campagnes,Nom de la campagne,ID de la campagne,ID Pub,Nom de la publicité,Date de début (en UTC),Montant total dépensé,Impressions,Clics",
        ),
        (
            "linkedin_ads",
            entities(Account),
            "created_time,currency,id,last_modified_time,name,status,type,version_tag",
        ),
        (
            "linkedin_ads",
            entities(AdGroup),
            "account_id,campaign_group_id,created_time,id,last_modified_time,name,unit_cost_amount,unit_cost_currency_code",
        ),
        (
            "linkedin_ads",
            entities(Campaign),
            "account_id,backfilled,created_time,id,last_modified_time,name,status",
        ),
        (
            "linkedin_ads",
            entities(Ad),
            "campaign_id,click_uri,created_at,id,last_modified_at,intended_status",
        ),
        (
            "amazon_ads",
            facts(AdGroup),
            "ad_group_id,date,_fivetran_synced,campaign_bidding_strategy,clicks,cost,impressions",
        ),
        (
            "amazon_ads",
            facts(Ad),
            "ad_group_id,ad_id,campaign_id,date,campaign_budget_currency_code,clicks,cost,impressions, advertised_asin, advertised_sku",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "ad_group_id,campaign_id,date,keyword_id,campaign_budget_currency_code,clicks,cost,impressions,keyword_bid,search_term,targeting",
        ),
        (
            "amazon_ads",
            facts(Keyword),
            "ad_group_id,campaign_id,date,keyword_id,ad_keyword_status,campaign_budget_type,clicks,cost,impressions,match_type,targeting,purchases_30_d,sales_30_d",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Start Date,End Date,Portfolio name,Currency,Campaign Name,Ad Group Name,Retailer,Country,Targeting,Match Type,Customer Search Term,Impressions,Clicks,Spend,7 Day Total Sales ,7 Day Total Orders (#)",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "Date,Campaign Name,Currency,Impressions,Clicks,Spend,14 Day Total Sales,14 Day Total Orders (#),14 Day New-to-brand Sales",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "date,campaignId,campaignName,campaignBudgetCurrencyCode,impressions,clicks,cost,purchases,purchasesClicks,sales,salesClicks",
        ),
        (
            "amazon_ads",
            facts(Ad),
            "reportDate,campaignId,adGroupId,adId,asin,sku,impressions,clicks,cost,attributedConversions7d,attributedSales7d,attributedConversions14d,attributedSales14d",
        ),
        (
            "amazon_ads",
            facts(Campaign),
            "State,Campaigns,Status,Type,Targeting type,Portfolio,Budget(USD),Impressions,Clicks,CTR,Spend(USD),CPC(USD),Orders,Sales(USD),ACOS,ROAS",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Kampagnenname;Übereinstimmungstyp;Suchbegriff eines Kunden;Impressionen;Klicks;Ausgaben;7 Tage, Verkäufe gesamt;7 Tage, Bestellungen gesamt",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Nombre de la campaña,Tipo de coincidencia,Término de búsqueda de cliente,Impresiones,Clics,Gasto,Ventas totales de 7 días,Pedidos totales de 7 días",
        ),
        (
            "amazon_ads",
            facts(SearchTerm),
            "Nome campagna,Targeting,Termine ricerca cliente,Impressioni,Clic,Spesa,Vendite totali (€) 7 giorni,Totale ordini (#) 7 giorni",
        ),
        (
            "amazon_ads",
            entities(AdGroup),
            "id,last_updated_date,campaign_id,creation_date,default_bid,name,serving_status,state",
        ),
        (
            "amazon_ads",
            entities(Keyword),
            "id,last_updated_date,ad_group_id,bid,campaign_id,creation_date,keyword_text,match_type,state",
        ),
        (
            "amazon_ads",
            entities(Ad),
            "id,last_updated_date,ad_group_id,asin,campaign_id,creation_date,serving_status,sku,state",
        ),
        (
            "amazon_ads",
            entities(Account),
            "profileId,countryCode,currencyCode,dailyBudget,timezone,accountInfo.name",
        ),
        (
            "amazon_ads",
            entities(Campaign),
            "portfolioId,campaignId,name,targetingType,state,dailyBudget,startDate",
        ),
        (
            "apple_search_ads",
            facts(Campaign),
            "date,id,avg_cpa_amount,avg_cpa_currency,conversion_rate,conversions,impressions,lat_off_installs,local_spend_amount,local_spend_currency,taps",
        ),
        (
            "apple_search_ads",
            facts(AdGroup),
            "ad_group_id,date,conversions,impressions,local_spend_amount,local_spend_currency,new_downloads,redownloads,taps,tap_installs",
        ),
        (
            "apple_search_ads",
            facts(SearchTerm),
            "_fivetran_id,ad_group_id,campaign_id,date,ad_group_deleted,ad_group_name,conversions,impressions,keyword,keyword_id,local_spend_amount,local_spend_currency,match_type,search_term_source,search_term_text,taps",
        ),
        (
            "apple_search_ads",
            facts(Campaign),
            "Date,App ID,App Name,Campaign Name,Spend,Impressions,Taps,Installs (Tap-Through),Installs (View-Through),Installs (Total)",
        ),
        (
            "apple_search_ads",
            entities(AdGroup),
            "id,modification_time,campaign_id,default_cpc_bid_amount,name,organization_id,status",
        ),
        (
            "apple_search_ads",
            entities(Ad),
            "creation_time,modification_time,org_id,campaign_id,ad_group_id,name,id,creative_id,creative_type,status",
        ),
        (
            "apple_search_ads",
            entities(Keyword),
            "id,modification_time,ad_group_id,bid_amount,bid_currency,campaign_id,deleted,match_type,status,text",
        ),
        ("google_ads", facts(Campaign), "Day,Campaign,Campaign type,Impr.,Clicks,Cost,Conversions"),
        (
            "google_ads",
            facts(Keyword),
            "Day,Campaign,Ad group,Search keyword,Search keyword match type,Impr.,Clicks,Cost,Conversions",
        ),
        (
            "google_ads",
            facts(Ad),
            "campaign.id,ad_group.id,ad_group_ad.ad.id,segments.date,metrics.cost_micros,metrics.clicks",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Giorno;Campagna;Gruppo di annunci;Codice valuta;Impr.;Clic;Costo;Conversioni",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Dia,Campanha,Grupo de anúncios,Código da moeda,Impr.,Cliques,Custo,Conversões",
        ),
        (
            "google_ads",
            facts(AdGroup),
            "Dag;Campagne;Advertentiegroep;Valutacode;Vert.;Klikken;Kosten;Conversies",
        ),
    ] {
        let out = one(&format!("{header}\n"));
        let report = &out.sources[0];
        assert_eq!(report.platform.as_deref(), Some(platform), "{header}");
        assert_eq!((report.kind, report.level), expected, "{header}");
        assert_eq!((report.rows_in, report.spend.first()), (0, None), "{header}");
    }
}
