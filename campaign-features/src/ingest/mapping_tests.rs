use super::*;

#[test]
fn mappings_that_cannot_be_used() {
    let whole = "name = \"p\"\nperiod = { start = \"2026-05-01\", end = \"2026-05-31\" }\n";
    let columns = "[columns]\nA = \"ad\"\n";
    assert!(Mapping::from_toml(&format!("{whole}{columns}")).is_ok());
    for (text, part) in [
        (format!("{whole}[columns]\n"), "no columns"),
        (format!("name = \"p\"\n{columns}"), "no column is the day"),
        (format!("name = \" \"\n{columns}"), "source id"),
        (format!("{whole}currency = \"EURO\"\n{columns}"), "EURO"),
        (format!("{whole}zone = \"Mars/X\"\n{columns}"), "Mars/X"),
        (format!("{whole}typo = 1\n{columns}"), "typo"),
        (format!("{whole}[columns]\nA = \"advert\"\n"), "not readable"),
        (format!("{whole}{columns}[compose]\nad = []\n"), "composed of no columns"),
        (format!("{whole}optional = [\"B\"]\n{columns}"), "no column"),
        (format!("{whole}{columns}[aliases]\nB = [\"C\"]\n"), "no column"),
        (format!("{whole}output = \"entities\"\n{columns}"), "id of the entities"),
        (whole.replace("05-31", "04-01") + columns, "not two dates in order"),
    ] {
        let error = Mapping::from_toml(&text).unwrap_err().to_string();
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn composed_ids_and_units() {
    let mapping = Mapping::from_toml(
        "name = \"p\"\n[columns]\nDay = \"day\"\n\"Rent ct\" = { role = \"spend\", unit = \"cents\" }\n\
         [compose]\nad = [\"Town\", \"Panel\"]\n",
    )
    .unwrap();
    let config = super::super::IngestConfig::new("b").with_mapping(mapping);
    let mut ingest = super::super::Ingest::new(config).unwrap();
    ingest.read_bytes("p.csv", b"Town,Panel,Day,Rent ct\nUlm,3,2026-05-04,1250\n");
    let out = ingest.finish().unwrap();
    let row = &out.records[0];
    assert_eq!((row.ad.as_ref().unwrap().as_str(), row.spend.0), ("Ulm/3", 12_500_000));
    assert_eq!(out.sources[0].level, Some(Level::Ad));
    assert_eq!(out.sources[0].unknown_columns, ["Panel", "Town"]);
}
fn read(mapping: &str, files: &[(&str, &str)]) -> crate::ingest::Ingested {
    let mapping = Mapping::from_toml(mapping).unwrap();
    let config = crate::ingest::IngestConfig::new("b").with_mapping(mapping);
    let mut ingest = crate::ingest::Ingest::new(config).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    ingest.finish().unwrap()
}

#[test]
fn other_languages_windows_and_columns_that_may_lack() {
    let mapping = "name = \"p\"\nwindow = \"7-day click\"\nlevel = \"ad_group\"\n\
        optional = [\"Note\"]\n[columns]\nDay = \"day\"\nPanel = \"campaign\"\n\
        Rent = { role = \"spend\", unit = \"micros\" }\nNote = \"attribute\"\n\
        Coin = \"currency\"\n[aliases]\nDay = [\"Tag\"]\nRent = [\"Miete\", \"Loyer\"]\n";
    let german = "Tag,Panel,Miete,Coin\n2026-05-04,7,2500000,EUR\n";
    let english = "Day,Panel,Rent,Coin,Note\n2026-05-05,7,1500000,EUR,x\n";
    let out = read(mapping, &[("a.csv", german), ("b.csv", english), ("c.csv", "Tag,Panel\n")]);
    assert_eq!(out.records.iter().map(|r| r.spend.0).sum::<i64>(), 4_000_000);
    assert_eq!(out.records[0].attribution_window.as_deref(), Some("7-day click"));
    assert_eq!(out.records[0].currency.unwrap().code(), "EUR");
    assert_eq!(out.sources[0].level, Some(Level::AdGroup));
    assert_eq!(out.sources[2].rows_in, 0);
    assert!(out.sources[2].problem.is_some());
}

#[test]
fn entities_by_declaration() {
    let toml = r#"
        brand = "b"
        [[mappings]]
        name = "p"
        [mappings.columns]
        day = "day"
        panel = "ad"
        rent = "spend"
        [[mappings]]
        name = "p"
        output = "entities"
        level = "ad"
        [mappings.columns]
        panel_id = "id"
        panel_name = "name"
    "#;
    let config = crate::ingest::IngestConfig::from_toml(toml).unwrap();
    let mut ingest = crate::ingest::Ingest::new(config).unwrap();
    ingest.read_bytes("a.csv", b"day,panel,rent\n2026-05-04,7,2\n");
    ingest.read_bytes("b.csv", b"panel_id,panel_name\n7,Station\n");
    let out = ingest.finish().unwrap();
    assert_eq!(out.sources[1].kind, crate::ingest::Kind::Entities);
    assert_eq!(out.records[0].ad_name.as_deref(), Some("Station"));
}
