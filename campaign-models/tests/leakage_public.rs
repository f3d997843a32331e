//! What is said of public tables, read where `CAMPAIGN_DATA` names their folder.
//!
//! UCI Bank Marketing (Moro, Cortez & Rita 2014), Criteo and Avazu click samples, Facebook ad
//! conversions ("KAG"), the Hillstrom e-mail challenge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod common;

use std::collections::BTreeSet;
use std::io::Read;
use std::path::PathBuf;
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{Column, Dataset};
use campaign_models::ShuffledFolds;
use campaign_models::validate::{LeakageCheck, LeakageKind, LeakageReport};
use common::rng;

/// A table without days: a column is numeric if every cell that is not empty is a number; the target
/// is a number, or 1 for `yes`.
fn load(name: &str, delimiter: u8, target: &str, drop: &[&str]) -> Option<Dataset> {
    let folder = std::env::var_os("CAMPAIGN_DATA").map(PathBuf::from);
    let Some(path) = folder.map(|f| f.join(name)).filter(|p| p.exists()) else {
        println!("CAMPAIGN_DATA names no folder with {name}: nothing tested");
        return None;
    };
    let file = std::fs::File::open(&path).unwrap();
    let file: Box<dyn Read> = if name.ends_with(".gz") {
        Box::new(flate2::read::GzDecoder::new(file))
    } else {
        Box::new(file)
    };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).from_reader(file);
    let names: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let at = names.iter().position(|n| n == target).unwrap();
    let used: Vec<usize> =
        (0..names.len()).filter(|&c| c != at && !drop.contains(&names[c].as_str())).collect();
    let mut columns = Vec::new();
    let mut x = Array2::from_elem((records.len(), used.len()), f64::NAN);
    for (to, &from) in used.iter().enumerate() {
        let cells = || records.iter().map(|r| &r[from]).enumerate().filter(|(_, c)| !c.is_empty());
        if cells().all(|(_, cell)| cell.parse::<f64>().is_ok()) {
            cells().for_each(|(row, cell)| x[[row, to]] = cell.parse().unwrap());
            columns.push(Column::numeric(&names[from][..]));
        } else {
            let levels: BTreeSet<&str> = cells().map(|(_, cell)| cell).collect();
            let levels: Vec<Arc<str>> = levels.into_iter().map(Arc::from).collect();
            cells().for_each(|(row, cell)| {
                x[[row, to]] = levels.binary_search_by(|l| (**l).cmp(cell)).unwrap() as f64;
            });
            columns.push(Column::categorical(&names[from][..], levels));
        }
    }
    let y = records.iter().map(|r| r[at].parse().unwrap_or(f64::from(&r[at] == "yes")));
    Some(Dataset::new(columns, x).and_then(|d| d.with_target(y.collect())).unwrap())
}

/// Looked at with five shuffled folds, of which the first validates.
fn inspect(data: &Dataset) -> LeakageReport {
    let folds = ShuffledFolds::new(data, 5, &mut rng(42)).unwrap();
    let (train, valid) = folds.split(0).unwrap();
    LeakageCheck::new().inspect_split(&train, &valid, &mut rng(42)).unwrap()
}

fn found(report: &LeakageReport) -> Vec<(&str, LeakageKind)> {
    report.findings.iter().map(|f| (f.column.as_deref().unwrap_or("rows"), f.kind)).collect()
}

/// The duration of a call is known when it is over, and by then so is the answer.
#[test]
fn bank_marketing() {
    let Some(data) = load("bank-marketing/bank-full.csv.gz", b';', "y", &[]) else { return };
    let report = inspect(&data);
    println!("bank-marketing: {report}");
    assert_eq!(found(&report), [("duration", LeakageKind::TooGoodAlone)]);
    let honest = load("bank-marketing/bank-full.csv.gz", b';', "y", &["duration"]).unwrap();
    assert!(inspect(&honest).is_clean());
}

/// Clicks and spend of a day are counted together, so one tells the other. Enquiries come before
/// purchases and do not tell them.
#[test]
fn facebook_ad_conversions() {
    let file = "facebook-ad-conversions/KAG_conversion_data.csv";
    let Some(data) = load(file, b',', "Approved_Conversion", &[]) else { return };
    let report = inspect(&data);
    println!("facebook, approved conversions: {report}");
    assert_eq!(found(&report), [("ad_id", LeakageKind::IdLike)]);
    let spent = inspect(&load(file, b',', "Spent", &["ad_id"]).unwrap());
    println!("facebook, spent: {spent}");
    assert_eq!(found(&spent), [("Clicks", LeakageKind::TooGoodAlone)]);
}

/// The Avazu sample holds 499 rows six times each: shuffled folds share them all, and an address that
/// is almost unique tells the click of its copies.
#[test]
fn click_samples() {
    let file = "ctr-samples/criteo_display_tiny.csv";
    let Some(criteo) = load(file, b',', "Label", &[]) else { return };
    let report = inspect(&criteo);
    println!("criteo: {report}");
    assert_eq!(found(&report), [("Id", LeakageKind::IdLike)]);
    let avazu = load("ctr-samples/avazu_tiny.csv", b',', "click", &[]).unwrap();
    let report = inspect(&avazu);
    println!("avazu: {report}");
    let address = ("device_ip", LeakageKind::TooGoodAlone);
    assert_eq!(found(&report), [address, ("rows", LeakageKind::Duplicates)]);
    // Each row once: what names rows is left.
    let mut seen = BTreeSet::new();
    let ids = avazu.features().column(0).to_vec();
    let once: Vec<usize> = (0..ids.len()).filter(|&row| seen.insert(ids[row].to_bits())).collect();
    assert_eq!(once.len(), 499);
    let report = inspect(&avazu.select(&once).unwrap());
    println!("avazu, each row once: {report}");
    let names = |column| (column, LeakageKind::IdLike);
    assert_eq!(found(&report), [names("id"), names("device_ip")]);
}

/// Who buys has visited.
#[test]
fn hillstrom() {
    let file = "hillstrom-email/hillstrom_dev.csv.gz";
    let Some(data) = load(file, b',', "visit", &[]) else { return };
    let report = inspect(&data);
    println!("hillstrom, visit: {report}");
    let late = |column| (column, LeakageKind::KnownAfter);
    assert_eq!(found(&report), [("row", LeakageKind::IdLike), late("conversion"), late("spend")]);
    assert!(
        inspect(&load(file, b',', "visit", &["row", "conversion", "spend"]).unwrap()).is_clean()
    );
    let spend = inspect(&load(file, b',', "spend", &["row"]).unwrap());
    println!("hillstrom, spend: {spend}");
    assert_eq!(found(&spend), [late("conversion")]);
}
