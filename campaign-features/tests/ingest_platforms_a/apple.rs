//! Apple Search Ads.

use campaign_features::ingest::{IngestConfig, Kind, Level};

use super::{counts, file, money, one, read, recognised};

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
