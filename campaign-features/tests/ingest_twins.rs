//! Names in one file and ids in another: the same money, to be counted once where that is certain.

#![allow(clippy::unwrap_used)] // Helpers of tests are tests.

use campaign_core::Micros;
use campaign_features::ingest::{Finding, Ingest, IngestConfig, Ingested, SourceReport};

const NAMED: &str = "Campaign name,Day,Amount spent (EUR),Impressions,Link clicks\n\
    A,2026-05-04,10,100,5\nB,2026-05-04,1,10,1\nA,2026-05-05,11,100,4\nA,2026-05-06,12,90,3\n";
const KNOWN: &str = "Campaign ID,Day,Amount spent (EUR),Impressions,Link clicks\n\
    1,2026-05-04,10,100,5\n2,2026-05-04,1,10,1\n1,2026-05-05,11,100,4\n1,2026-05-06,12,90,3\n";

fn read(files: &[(&str, &str)]) -> (Ingested, Micros) {
    let mut ingest = Ingest::new(IngestConfig::new("acme")).unwrap();
    for (name, text) in files {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert!(out.sources.iter().all(SourceReport::balances));
    let spend = out.records.iter().map(|record| record.spend.0).sum();
    (out, Micros(spend))
}

fn repeated(other: &str) -> Finding {
    Finding::RepeatedByName { other: other.to_owned(), days: 3 }
}

#[test]
fn the_file_with_ids_enters_whichever_comes_first() {
    for files in [[("n.csv", NAMED), ("i.csv", KNOWN)], [("i.csv", KNOWN), ("n.csv", NAMED)]] {
        let (out, spend) = read(&files);
        assert_eq!(spend, Micros(34_000_000));
        assert!(out.records.iter().all(|r| r.campaign_name.is_none()));
        for report in &out.sources {
            let expected = if report.file == "n.csv" { vec![repeated("i.csv")] } else { vec![] };
            assert_eq!(report.findings, expected, "{}", report.file);
            assert_eq!((report.ok, report.spend.first()), (4, Some(Micros(34_000_000))));
        }
        assert_eq!(out.coverage.rows_of_other_levels, 4);
    }
}

#[test]
fn of_several_files_every_one_with_names_is_left_out() {
    let renamed = NAMED.replace("\nA,", "\nC,").replace("\nB,", "\nD,");
    for order in
        [["n.csv", "r.csv", "i.csv"], ["r.csv", "i.csv", "n.csv"], ["i.csv", "n.csv", "r.csv"]]
    {
        let text = |name| match name {
            "n.csv" => NAMED,
            "r.csv" => renamed.as_str(),
            _ => KNOWN,
        };
        let (out, spend) = read(&order.map(|name| (name, text(name))));
        assert_eq!(spend, Micros(34_000_000), "{order:?}");
        for report in &out.sources {
            let expected = if report.file == "i.csv" { vec![] } else { vec![repeated("i.csv")] };
            assert_eq!(report.findings, expected, "{order:?} {}", report.file);
        }
    }
}

#[test]
fn where_anything_differs_both_enter() {
    let same = |days| Finding::SameTotals { other: "n.csv".to_owned(), days };
    let cut = KNOWN.lines().map(|row| row.rsplit_once(',').unwrap().0);
    let without_clicks = cut.collect::<Vec<_>>().join("\n");
    for (what, known, findings) in [
        ("a click", KNOWN.replace("90,3", "90,2"), vec![same(3)]),
        ("an impression", KNOWN.replace("90,3", "91,3"), vec![]),
        ("a cent", KNOWN.replace("12,90", "12.01,90"), vec![]),
        ("a further day", format!("{KNOWN}1,2026-05-07,9,90,3\n"), vec![same(3)]),
        ("a day less", KNOWN.replace("1,2026-05-06,12,90,3\n", ""), vec![same(2)]),
        (
            "names beside names",
            NAMED.replace("\nA,", "\nC,").replace("\nB,", "\nD,"),
            vec![same(3)],
        ),
        ("no clicks at all", without_clicks, vec![same(3)]),
    ] {
        let (out, spend) = read(&[("n.csv", NAMED), ("i.csv", &known)]);
        let parts: i64 = out.sources.iter().filter_map(|s| s.spend.first()).map(|m| m.0).sum();
        assert_eq!(spend.0, parts, "{what}");
        assert_eq!(out.sources[1].findings, findings, "{what}");
        assert!(out.sources[0].findings.is_empty(), "{what}");
    }
}

#[test]
fn accounts_that_are_not_the_same_are_no_twins() {
    let of = |account: &str, text: &str| {
        let rows = text.replacen("Campaign", "Account ID,Campaign", 1);
        let (head, rows) = rows.split_once('\n').unwrap();
        let rows: Vec<String> = rows.lines().map(|row| format!("{account},{row}\n")).collect();
        format!("{head}\n{}", rows.concat())
    };
    let (_, apart) = read(&[("n.csv", &of("71", NAMED)), ("i.csv", &of("72", KNOWN))]);
    let (_, same) = read(&[("n.csv", &of("71", NAMED)), ("i.csv", &of("71", KNOWN))]);
    assert_eq!((apart, same), (Micros(68_000_000), Micros(34_000_000)));
}

#[test]
fn a_history_has_one_of_them_too() {
    let mut ingest = Ingest::new(IngestConfig::new("acme").with_history(true)).unwrap();
    for (name, text) in [("n.csv", NAMED), ("i.csv", KNOWN)] {
        ingest.read_bytes(name, text.as_bytes());
    }
    let out = ingest.finish().unwrap();
    assert_eq!((out.records.len(), out.history.len()), (4, 0));
}
