//! Microsoft Ads.

use campaign_features::ingest::{IngestConfig, Kind, Level};

use super::{counts, file, money, one, read, recognised};

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
