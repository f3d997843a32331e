//! Exports that change, lie or are no exports.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_features::ingest::{
    ConfigError, FileProblem, Ingest, IngestConfig, Ingested, Kind, Mapping, SourceDefaults,
    SourceReport,
};

fn read_with(config: IngestConfig, files: &[&str]) -> Ingested {
    let mut ingest = Ingest::new(config).unwrap();
    for (index, text) in files.iter().enumerate() {
        ingest.read_bytes(&format!("{index}.csv"), text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    out
}

fn read(files: &[&str]) -> Ingested {
    read_with(IngestConfig::new("acme"), files)
}

#[test]
fn a_status_that_changes_makes_no_second_row() {
    // Known attributes, and one that no table of names can have.
    for header in [
        "Ad delivery",
        "Delivery status",
        "Auslieferung der Anzeige",
        "Last significant edit",
        "Zustand laut Agentur",
    ] {
        let file = |status: &str, spend: &str| {
            format!(
                "Day,Ad ID,Amount spent (EUR),Impressions,{header}\n\
                 2026-05-04,7,{spend},100,{status}\n2026-05-04,8,3,100,{status}\n\
                 2026-05-05,7,5,100,{status}\n"
            )
        };
        let once = read(&[&file("active", "2")]);
        let twice = read(&[&file("active", "2"), &file("inactive", "2")]);
        assert_eq!(once.records, twice.records, "{header}");
        assert_eq!((twice.sources[0].restated, twice.sources[1].ok), (3, 3), "{header}");
        let again = read(&[&file("active", "2"), &file("active", "2")]);
        assert_eq!((again.sources[0].ok, again.sources[1].duplicate), (3, 3), "{header}");
    }
    // Google's plain status, which is a part of the key of some tables.
    let google = |status: &str| {
        format!("Day,Campaign,Currency code,Cost,Clicks,Status\n2026-05-04,S,EUR,2,3,{status}\n")
    };
    assert_eq!(read(&[&google("Enabled"), &google("Paused")]).records.len(), 1);
}

#[test]
fn an_unknown_column_that_tells_rows_apart_is_a_dimension() {
    let header = "Day,Ad ID,Amount spent (EUR),Impressions,Aisle,State\n";
    let whole = format!(
        "{header}2026-05-04,7,2,100,left,on\n2026-05-04,7,3,100,right,on\n2026-05-05,7,4,9,left,on\n"
    );
    // A part of the report in which no two rows need the column.
    let part = format!("{header}2026-05-04,7,3,100,right,off\n2026-05-05,7,4,9,left,on\n");
    for files in [[&whole, &part], [&part, &whole]] {
        let out = read(&[files[0], files[1]]);
        assert_eq!(out.records.len(), 3);
        let spend: i64 = out.records.iter().map(|r| r.spend.0).sum();
        assert_eq!(spend, 9_000_000);
    }
}

#[test]
fn columns_that_an_id_is_composed_of_are_known() {
    let mapping = "name = \"panels\"\n[columns]\nDay = \"day\"\nRent = \"spend\"\n\
                   [compose]\nad = [\"Town\", \"Panel\"]\n";
    let mapping = Mapping::from_toml(mapping).unwrap();
    let file = |panel: u8| format!("Day,Town,Panel,Rent\n2026-05-04,Ulm,{panel},5\n");
    let config = IngestConfig::new("acme").with_mapping(mapping);
    assert_eq!(read_with(config, &[&file(1), &file(2)]).records.len(), 2);
}

#[test]
fn numbers_beyond_what_sums_can_hold() {
    let file = |spend: &str, impressions: &str| {
        format!("Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,{spend},{impressions}\n")
    };
    assert_eq!(read(&[&file("1000000000000", "4611686018427387904")]).records.len(), 1);
    for (spend, impressions, column, value) in [
        ("1", "4611686018427387905", "Impressions", "4611686018427387905"),
        ("1", "18446744073709551615", "Impressions", "18446744073709551615"),
        ("1000000000000.01", "1", "Amount spent (EUR)", "1000000000000.01"),
        ("99999999999999999999999", "1", "Amount spent (EUR)", "99999999999999999999999"),
    ] {
        let out = read(&[&file(spend, impressions)]);
        assert!(out.records.is_empty());
        let reject = &out.rejects[0];
        assert_eq!((reject.row, reject.column.as_str(), &*reject.value), (2, column, value));
    }
}

#[test]
fn configurations_without_brand_and_of_unknown_sources() {
    let config = IngestConfig::from_toml("[sources.meta_ads]\ncurrency = \"EUR\"\n").unwrap();
    let file = "Day,Ad ID,Amount spent,Impressions\n2026-05-04,7,1,1\n";
    assert_eq!(read_with(config, &[file]).records[0].brand.as_str(), "default");
    let typo = IngestConfig::from_toml("[sources.meta]\ncurrency = \"EUR\"\n").unwrap();
    let error = Ingest::new(typo).unwrap_err();
    assert!(matches!(&error, ConfigError::Source { name, .. } if name == "meta"));
    assert!(error.to_string().contains("meta_ads, google_ads, tiktok_ads, ga4, crm"), "{error}");
    let mapping = Mapping::from_toml("name = \"panels\"\n[columns]\nDay = \"day\"\n").unwrap();
    let mapped = IngestConfig::new("acme")
        .with_mapping(mapping)
        .with_source("panels", SourceDefaults::new().with_currency("EUR"));
    assert!(Ingest::new(mapped).is_ok());
}

#[test]
fn lines_too_long_for_a_header() {
    let header = "Day,Ad ID,Amount spent (EUR),Impressions";
    let row = "2026-05-04,7,1,1";
    let wide = |cells: usize| {
        let commas = ",".repeat(cells - 4);
        format!("{header}{commas}\n{row}{commas}\n")
    };
    assert_eq!(read(&[&wide(2000)]).records.len(), 1);
    for text in
        [wide(2001), format!("{header},{}\n{row},\n", "x".repeat(1 << 16)), ",;|\t".repeat(500_000)]
    {
        assert_eq!(read(&[&text]).sources[0].kind, Kind::Unrecognised);
    }
    // Behind the header a long row costs itself.
    let out = read(&[&format!("{header}\n{row}{}\n{row}\n", ",".repeat(3_000_000))]);
    assert_eq!((out.sources[0].ok, out.sources[0].rejected), (1, 1));
}

#[test]
fn a_summary_is_no_report() {
    let summary = "platform,file,rows,cols,value,impressions,inline_link_clicks,spend,clicks\n\
                   meta,a.csv,10,4,1,100,3,5.0,3\n";
    let undated = "Campaign name,Amount spent (EUR),Impressions\nS,5,100\n";
    let nameless = "date,inline_link_clicks,spend,impressions\n2026-05-04,3,5,100\n";
    for text in [summary, undated, nameless] {
        let out = read(&[text]);
        assert_eq!(out.sources[0].kind, Kind::Unrecognised, "{text}");
        assert!(out.rejects.is_empty());
    }
}

#[cfg(unix)]
#[test]
fn folders_with_loops_and_pipes() {
    let folder = tempfile::tempdir().unwrap();
    let sub = folder.path().join("sub");
    std::fs::create_dir(&sub).unwrap();
    let file = "Day,Ad ID,Amount spent (EUR),Impressions\n2026-05-04,7,1,1\n";
    std::fs::write(sub.join("a.csv"), file).unwrap();
    std::os::unix::fs::symlink("..", sub.join("up")).unwrap();
    std::os::unix::fs::symlink(&sub, folder.path().join("twice")).unwrap();
    let pipe = folder.path().join("x.csv");
    assert!(std::process::Command::new("mkfifo").arg(&pipe).status().unwrap().success());
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    ingest.read_path(folder.path()).unwrap();
    ingest.read_path(&pipe).unwrap();
    let out = ingest.finish().unwrap();
    let files: Vec<&str> = out.sources.iter().map(|s| s.file.as_str()).collect();
    assert_eq!(files, ["sub/a.csv", "x.csv", "x.csv"]);
    for report in &out.sources[1..] {
        let reason = FileProblem::Unreadable("not a regular file".to_owned());
        assert_eq!(report.problem, Some(reason));
    }
}

#[test]
fn a_name_or_id_of_nothing_that_can_be_seen_is_none() {
    let head = "Day,Ad name,Ad ID,Amount spent (EUR),Impressions\n";
    for (name, id) in
        [("\u{1}", ""), ("\u{7f} \u{1}", "--"), ("", "\"[\"\" \"\"]\""), ("", "urn:li: ")]
    {
        let out =
            read(&[&format!("{head}2026-05-04,{name},{id},2,100\n2026-05-04,Boot,8,3,100\n")]);
        assert_eq!((out.sources[0].rejected, out.sources[0].ok), (1, 1), "{name:?} {id:?}");
        assert!(out.rejects[0].reason.contains("names neither"), "{:?}", out.rejects);
    }
    // Beside a mark that cannot be seen, the rest of a name is the name.
    let out = read(&[&format!("{head}2026-05-04,Cap\u{1},,2,100\n")]);
    assert_eq!(out.records[0].ad.as_ref().unwrap().as_str(), "Cap");
}
