//! Damaged exports: whatever happens to the bytes, every row is accounted for and nothing panics.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use std::collections::HashMap;

use campaign_features::ingest::{Ingest, IngestConfig, Ingested, Mapping};
use proptest::prelude::*;
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::{Rng, SeedableRng};

/// How many damaged versions of each group of samples are read; `CAMPAIGN_MUTATIONS` states another
/// number.
fn mutations() -> usize {
    let stated = std::env::var("CAMPAIGN_MUTATIONS").ok();
    stated.and_then(|text| text.parse().ok()).unwrap_or(10_000)
}

fn config() -> IngestConfig {
    let mapping = Mapping::from_toml(
        r#"
        name = "posters"
        currency = "EUR"
        period = { start = "2026-05-01", end = "2026-05-31" }
        [columns]
        Panel = "ad"
        Rent = "spend"
        Calls = "conversions"
        "#,
    );
    IngestConfig::new("b").with_mapping(mapping.unwrap())
}

fn sample(name: &str) -> Vec<u8> {
    std::fs::read(format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

fn check(files: &[(&str, &[u8])]) -> Ingested {
    let mut ingest = Ingest::new(config()).unwrap();
    for (name, bytes) in files {
        ingest.read_bytes(name, bytes);
    }
    let out = ingest.finish().unwrap();
    assert_eq!(out.sources.len(), files.len());
    let mut rejected: HashMap<&str, u64> = HashMap::new();
    for reject in &out.rejects {
        *rejected.entry(&reject.file).or_default() += 1;
        assert!(reject.row > 0 && !reject.reason.is_empty() && !reject.expected.is_empty());
    }
    for report in &out.sources {
        assert!(report.balances(), "{report:?}");
        assert_eq!(report.rejected, rejected.get(report.file.as_str()).copied().unwrap_or(0));
    }
    let rows: u64 = out.sources.iter().map(|s| s.rows_in).sum();
    assert_eq!(rows, out.coverage.rows_in);
    assert!(out.records.len() as u64 <= out.coverage.ok);
    out
}

/// One to four edits: bytes set, removed, inserted, lines repeated, removed, cut, joined, swapped.
fn mutate(bytes: &[u8], rng: &mut Xoshiro256PlusPlus) -> Vec<u8> {
    const TOKENS: [&[u8]; 24] = [
        b"\"",
        b",",
        b";",
        b"\t",
        b"\n",
        b"\r",
        b"-",
        b"--",
        b"(",
        b"%",
        b"< ",
        b"Total: x",
        b"\0",
        b"\xff",
        b"\xe2\x80\xaf",
        b"999999999999999999999",
        b"1e400",
        b"2026-02-30",
        b"05/10/2026",
        b"=1+1",
        b"\xef\xbb\xbf",
        b"NaN",
        b"#",
        b"'",
    ];
    let mut out = bytes.to_vec();
    let edits = 1 + rng.next_u64() % 4;
    for _ in 0..edits {
        let below =
            |rng: &mut Xoshiro256PlusPlus, n: usize| (rng.next_u64() % n.max(1) as u64) as usize;
        let at = below(rng, out.len());
        match rng.next_u64() % 8 {
            0 if !out.is_empty() => out[at] = rng.next_u64() as u8,
            1 if !out.is_empty() => {
                out.remove(at);
            }
            2 => {
                let token = TOKENS[below(rng, TOKENS.len())];
                out.splice(at..at, token.iter().copied());
            }
            3 => out.truncate(at),
            4..=6 => {
                let mut lines: Vec<Vec<u8>> =
                    out.split_inclusive(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
                let (a, b) = (below(rng, lines.len()), below(rng, lines.len()));
                if !lines.is_empty() {
                    match rng.next_u64() % 3 {
                        0 => lines.insert(a, lines[b].clone()),
                        1 => {
                            lines.remove(a);
                        }
                        _ => lines.swap(a, b),
                    }
                }
                out = lines.concat();
            }
            _ => {
                let end = (at + below(rng, 40)).min(out.len());
                let cut: Vec<u8> = out.drain(at..end).collect();
                let to = below(rng, out.len());
                out.splice(to..to, cut);
            }
        }
    }
    out
}

/// The samples whose names begin so.
fn samples(of: &[&str]) -> Vec<(String, Vec<u8>)> {
    let listed = |folder: &str| {
        let path = format!("{}/tests/data/{folder}", env!("CARGO_MANIFEST_DIR"));
        let names = std::fs::read_dir(path).unwrap();
        let name = |entry: std::io::Result<std::fs::DirEntry>| {
            format!("{folder}{}", entry.unwrap().file_name().to_string_lossy())
        };
        names.map(name).filter(|name| name.ends_with("sv")).collect::<Vec<String>>()
    };
    let mut names = [listed(""), listed("schemas/")].concat();
    names.retain(|name| of.iter().any(|start| name.starts_with(start)));
    names.sort();
    names.into_iter().map(|name| (name.clone(), sample(&name))).collect()
}

fn survive(of: &[&str], seed: u64) {
    let samples = samples(of);
    assert!(of.iter().all(|start| samples.iter().any(|(name, _)| name.starts_with(start))));
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut tables, mut rejects) = (0, 0);
    let mutations = mutations();
    for round in 0..mutations {
        let (name, bytes) = &samples[round % samples.len()];
        let damaged = mutate(bytes, &mut rng);
        let out = check(&[(name, &damaged)]);
        tables += usize::from(out.sources[0].rows_in > 0);
        rejects += out.rejects.len();
    }
    // The damage is of a kind that mostly leaves a table and often costs a row.
    assert!(tables > mutations / 3, "{tables}");
    assert!(rejects > mutations / 50, "{rejects}");
}

macro_rules! groups {
    ($($name:ident: $starts:expr, $seed:expr;)*) => {$(
        #[test]
        fn $name() {
            survive(&$starts, $seed);
        }
    )*};
}

groups! {
    meta: ["meta_"], 1;
    google: ["google"], 2;
    tiktok: ["tiktok"], 3;
    ga4: ["ga4"], 4;
    crm: ["crm_", "offline_", "shopify", "hubspot"], 5;
    microsoft: ["microsoft_"], 8;
    linkedin: ["linkedin_"], 9;
    amazon: ["amazon_"], 10;
    apple: ["apple_"], 11;
    snapchat: ["snapchat_"], 12;
    pinterest: ["pinterest_"], 13;
    reddit: ["reddit_"], 14;
    x_ads: ["x_"], 15;
    levels: ["levels_"], 16;
    schemas: ["schemas/"], 17;
}

/// Every sample of this folder and, where `CAMPAIGN_DATA` names it, of the public tables.
#[test]
fn every_sample() {
    let mut folders = vec![format!("{}/tests/data", env!("CARGO_MANIFEST_DIR"))];
    if let Ok(root) = std::env::var("CAMPAIGN_DATA") {
        let root = format!("{root}/ad-platform-exports");
        let listed = std::fs::read_dir(root).into_iter().flatten().map(Result::unwrap);
        folders.extend(listed.map(|entry| entry.path().display().to_string()));
    }
    let mut samples = Vec::new();
    for folder in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            let path = entry.path();
            let is_table = path.extension().is_some_and(|end| end == "csv" || end == "tsv");
            let bytes = if is_table { std::fs::read(&path).unwrap() } else { Vec::new() };
            // The holidays are no export.
            if !bytes.is_empty() && bytes.len() < 20_000 {
                samples.push((path.file_name().unwrap().to_string_lossy().into_owned(), bytes));
            }
        }
    }
    samples.sort();
    assert!(samples.len() >= 20, "{}", samples.len());
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(7);
    let mut tables = 0;
    for round in 0..mutations() {
        let (name, bytes) = &samples[round % samples.len()];
        let damaged = mutate(bytes, &mut rng);
        tables += usize::from(check(&[(name, &damaged)]).sources[0].rows_in > 0);
    }
    assert!(tables > mutations() / 4, "{tables}");
}

#[test]
fn mapped() {
    let text = b"Panel,Rent,Calls,Town\n1,12.50,3,Ulm\n2,\"1,204.00\",,Ulm\n3,7,1,Bonn\n";
    let mut rng = Xoshiro256PlusPlus::seed_from_u64(6);
    for _ in 0..mutations() {
        check(&[("posters.csv", &mutate(text, &mut rng))]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// A row that is repeated, wherever, is a duplicate and changes neither records nor totals.
    #[test]
    fn repeated_rows_change_nothing(spends in prop::collection::vec(0_u32..100_000, 1..20), repeats in prop::collection::vec((0_usize..20, 0_usize..40), 0..10)) {
        let head = "Day,Ad ID,Device,Amount spent (USD),Impressions\n";
        let rows: Vec<String> = spends.iter().enumerate().map(|(i, cents)| {
            format!("2026-05-{:02},{},{},{}.{:02},10\n", 1 + i % 28, i % 3, ["web", "app"][i % 2], cents / 100, cents % 100)
        }).collect();
        let plain = format!("{head}{}", rows.concat());
        let mut more = rows.clone();
        for (from, to) in &repeats {
            // Behind its original, so that the original is the one that stays.
            let at = (from % rows.len() + 1 + to).min(more.len());
            more.insert(at, rows[from % rows.len()].clone());
        }
        let repeated = format!("{head}{}", more.concat());
        let (once, again) = (check(&[("a.csv", plain.as_bytes())]), check(&[("a.csv", repeated.as_bytes())]));
        prop_assert_eq!(&once.records, &again.records);
        prop_assert_eq!(&once.sources[0].spend, &again.sources[0].spend);
        prop_assert_eq!(again.sources[0].duplicate, repeats.len() as u64 + once.sources[0].duplicate);
        // The sum of cents is the naive one.
        let sum: u64 = spends.iter().map(|c| u64::from(*c)).sum();
        prop_assert_eq!(once.sources[0].spend.first().unwrap().0 as u64, sum * 10_000);
    }
}
