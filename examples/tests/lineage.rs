//! From a feature's value to the lines of the bundled exports that it was made of.
#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use campaign_examples::cycle::Config;
use campaign_features::engine::local;
use campaign_features::feature::plan::Window;
use campaign_features::feature::source::{Decision, RECORDS, RecordSources};
use campaign_features::feature::spec::{Aggregate, FeatureSpec, Statistic};
use campaign_features::ingest::Ingest;
use campaign_features::lineage::{Origins, Request, explain};

fn bundled() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Ad, day and impressions of a line of an export.
struct Line {
    ad: String,
    day: String,
    impressions: f64,
}

/// The lines of an export as a person would look them up, without this library.
fn lines(file: &str) -> BTreeMap<u64, Line> {
    let text = fs::read_to_string(bundled().join(file)).unwrap();
    let row = |line: &str| -> Vec<String> {
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(line.as_bytes());
        let cells = reader.records().next().and_then(Result::ok);
        cells.map(|cells| cells.iter().map(str::to_owned).collect()).unwrap_or_default()
    };
    let header = text.lines().map(row).find(|row| row.iter().any(|cell| cell == "Ad ID")).unwrap();
    let at =
        |names: &[&str]| header.iter().position(|cell| names.contains(&cell.as_str())).unwrap();
    let (ad, day) = (at(&["Ad ID"]), at(&["Day", "By Day"]));
    let impressions = at(&["Impressions", "Impr."]);
    let numbered = (1..).zip(text.lines().map(row)).filter(|(_, row)| row.len() == header.len());
    numbered
        .map(|(line, row)| {
            let impressions = row[impressions].replace(',', "").parse().unwrap_or(f64::NAN);
            (line, Line { ad: row[ad].clone(), day: row[day].clone(), impressions })
        })
        .collect()
}

#[test]
fn a_value_leads_to_its_lines() {
    let config = Config::read(&bundled().join("campaign.toml")).unwrap();
    let mut settings = config.ingest;
    settings.reporting_currency = None;
    settings.history = true;
    let mut ingest = Ingest::new(settings).unwrap();
    ingest.read_path(bundled()).unwrap();
    let mut records = RecordSources::new().unwrap();
    let rest = ingest.finish_into(&mut |version| {
        let mut record = version.record;
        // Only counts are looked at.
        record.spend = campaign_core::Micros::ZERO;
        record.revenue = None;
        records.push_from(&record, version.origin).unwrap();
        Ok(())
    });
    assert!(rest.unwrap().coverage.ok > 10_000);
    let (sources, origins) = records.finish_with_origins().unwrap();
    let origins = Origins { of: vec![origins] };
    let week = Aggregate::new("ad", RECORDS, Statistic::Sum, "impressions", Window::trailing(7));
    let plan = FeatureSpec::new([week]).compile(&sources.schema()).unwrap();
    let requests = sources.record_days(&["ad"], &Decision::default()).unwrap();
    let table = local::run(&plan, &sources, &requests).unwrap();

    let mut files: BTreeMap<String, BTreeMap<u64, Line>> = BTreeMap::new();
    let mut looked_up = 0;
    for row in (0..table.n_rows()).step_by(40) {
        let keys: Vec<u32> =
            (requests.keys.iter()).map(|keys| keys.get(row).copied().unwrap_or(u32::MAX)).collect();
        let request = Request { keys: &keys, day: requests.day[row], cutoff: requests.cutoff[row] };
        let explained = explain(&plan, &sources, &origins, &request, 0).unwrap();
        let key = table.key(0, row).unwrap();
        let (mut total, mut days) = (0.0, BTreeSet::new());
        for cause in &explained.rows {
            let origin = cause.origin.as_ref().unwrap();
            let file = origin.file.to_string();
            let lines = files.entry(file).or_insert_with_key(|file| lines(file));
            let line = &lines[&origin.row];
            assert_eq!(key.rsplit_once('/').unwrap().1, line.ad, "{origin:?}");
            total += line.impressions;
            days.insert(line.day.clone());
            looked_up += 1;
        }
        let value = table.values()[(row, 0)];
        assert!(value == total || value.is_nan() && explained.rows.is_empty(), "{key}: {value}");
        assert_eq!(days.len(), explained.rows.len());
        let day = table.day(row).unwrap().to_string();
        assert!(days.iter().all(|earlier| *earlier < day), "{days:?} {day}");
    }
    assert!(looked_up > 500 && files.len() == 3, "{looked_up} lines of {} files", files.len());
}
