//! Amazon Ads.

use campaign_features::ingest::{IngestConfig, Kind, Level};

use super::{counts, file, money, one, read, recognised};

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
