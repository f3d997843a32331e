//! Google Ads.

use campaign_features::ingest::{IngestConfig, Kind, Level};

use super::{counts, file, money, one, read, recognised};

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
