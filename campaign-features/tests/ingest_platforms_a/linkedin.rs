//! LinkedIn.

use campaign_features::ingest::{IngestConfig, Kind, Level};

use super::{counts, file, money, one, read, recognised};

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
    assert_eq!(one(&alone).sources[0].level, Some(Level::AdGroup));
    assert_eq!(one(&alone).records[0].ad_group.as_ref().unwrap().as_str(), "312");
}
