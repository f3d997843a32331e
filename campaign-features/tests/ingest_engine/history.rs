//! Restatements replace, and what they replaced can be had.

use campaign_core::Micros;
use campaign_features::ingest::{Ingested, Version};
use proptest::prelude::*;

use super::{config, counts, read, read_with};

const HEAD: &str = "Day,Ad ID,Amount spent (EUR),Impressions,Exported at\n";

fn file(rows: &[(u32, u32, u32)]) -> String {
    let row = |(day, spend, known): &(u32, u32, u32)| {
        format!("2026-05-{day:02},7,{spend},10,2026-05-{known:02}T00:00:00Z\n")
    };
    rows.iter().fold(HEAD.to_owned(), |text, r| text + &row(r))
}

fn with_history(files: &[&str]) -> Ingested {
    let named: Vec<(&str, &str)> = files.iter().map(|text| ("f.csv", *text)).collect();
    read_with(config().with_history(true), &named)
}

fn shown(version: &Version) -> (u32, i64, u32, Option<u32>) {
    let date = |at: jiff::Timestamp| at.strftime("%d").to_string().parse::<u32>().unwrap();
    let day = version.record.date.day().unsigned_abs().into();
    let spend = version.record.spend.0 / 1_000_000;
    (day, spend, date(version.record.known_at), version.superseded_at.map(date))
}

#[test]
fn every_value_that_held_is_there_with_its_time() {
    let (a, b, c) = (file(&[(4, 10, 5), (6, 1, 7)]), file(&[(4, 12, 8)]), file(&[(4, 10, 20)]));
    let out = with_history(&[&a, &b, &c]);
    let history: Vec<_> = out.history.iter().map(shown).collect();
    // The value that came back is a version of its own.
    assert_eq!(history, [(4, 10, 5, Some(8)), (4, 12, 8, Some(20))]);
    assert_eq!(out.records.len(), 2);
    assert_eq!((out.records[0].spend, out.sources[0].restated), (Micros(10_000_000), 1));
    // Without asking there is none, and the records are the same.
    let plain = read(&[("f.csv", &a), ("f.csv", &b), ("f.csv", &c)]);
    assert!(plain.history.is_empty());
    assert_eq!(plain.records, out.records);
}

#[test]
fn reading_again_changes_nothing() {
    let (a, b) = (file(&[(4, 10, 5), (5, 3, 6)]), file(&[(5, 4, 9), (6, 2, 9)]));
    let once = with_history(&[&a, &b]);
    for files in [vec![&a, &a, &b], vec![&a, &b, &a], vec![&b, &a, &b, &a], vec![&b, &a]] {
        let files: Vec<&str> = files.into_iter().map(String::as_str).collect();
        let again = with_history(&files);
        assert_eq!((&again.records, &again.history), (&once.records, &once.history));
    }
    let twice = read(&[("a.csv", &a), ("b.csv", &a)]);
    assert_eq!(counts(&twice.sources[1]), [2, 0, 0, 2, 1]);
    assert_eq!(twice.sources[1].restated, 0);
}

#[test]
fn hours_as_their_day_was_known() {
    let head = "ad_id,stat_time_hour,spend,impressions,clicks,_fivetran_synced\n";
    let row = |hour: u32, spend: u32, known: u32| {
        format!("7,2026-05-04 {hour:02}:00:00,{spend},10,1,2026-05-{known:02} 00:00:00\n")
    };
    let first = format!("{head}{}{}", row(1, 1, 5), row(2, 2, 5));
    let second = format!("{head}{}{}", row(2, 5, 9), row(3, 7, 9));
    for files in [[&first, &second], [&second, &first]] {
        let out = with_history(&[files[0], files[1]]);
        let history: Vec<_> = out.history.iter().map(shown).collect();
        assert_eq!(history, [(4, 3, 5, Some(9))], "{:?}", out.sources);
        assert_eq!(out.records.len(), 1);
        assert_eq!(out.records[0].spend, Micros(13_000_000));
    }
}

proptest! {
    /// At every instant, the versions known until then that were not superseded are what reading with
    /// that `as_of` gives; whatever the order of the files.
    #[test]
    fn the_history_is_what_was_known(
        rows in prop::collection::vec((1_u32..4, 1_u32..4, 5_u32..12), 1..12),
        seed in any::<u64>(),
    ) {
        // One value per day and time of export.
        let mut rows = rows;
        rows.sort_by_key(|(day, _, known)| (*day, *known));
        rows.dedup_by_key(|(day, _, known)| (*day, *known));
        rows.sort_by_key(|(day, spend, known)| (u64::from(day * 1000 + spend * 100 + known)).wrapping_mul(seed | 1));
        let files: Vec<String> = rows.chunks(2).map(file).collect();
        let texts: Vec<&str> = files.iter().map(String::as_str).collect();
        let out = with_history(&texts);
        for day in 4..13 {
            let as_of: jiff::Timestamp = format!("2026-05-{day:02}T12:00:00Z").parse().unwrap();
            let named: Vec<(&str, &str)> = texts.iter().map(|text| ("f.csv", *text)).collect();
            let expected = read_with(config().with_as_of(as_of), &named).records;
            let standing = out.records.iter().map(|r| (r, None));
            let earlier = out.history.iter().map(|v| (&v.record, v.superseded_at));
            let mut known: Vec<_> = standing.chain(earlier)
                .filter(|(r, until)| r.known_at <= as_of && until.is_none_or(|until| until > as_of))
                .map(|(r, _)| r.clone()).collect();
            known.sort_by_key(|r| r.date);
            prop_assert_eq!(known, expected);
        }
    }
}

#[test]
fn a_table_of_actions_that_is_restated() {
    let ads = "ad_id,date,account_id,impressions,inline_link_clicks,spend,reach\n\
               7,2026-05-04,1,100,10,5.00,90\n8,2026-05-04,1,50,5,2.00,40\n";
    let actions = |rows: &[(u32, u32)], synced: &str| {
        let row = |(ad, count): &(u32, u32)| {
            format!("f{ad},{ad},2026-05-04,0,2026-05-{synced} 00:00:00,purchase,,{count}\n")
        };
        let head = "_fivetran_id,ad_id,date,index,_fivetran_synced,action_type,inline,value\n";
        rows.iter().fold(head.to_owned(), |text, r| text + &row(r))
    };
    let first = actions(&[(7, 2), (8, 1)], "06");
    let later = actions(&[(7, 3), (8, 1)], "20");
    let of = |out: &Ingested| -> Vec<(Option<f64>, String)> {
        out.records.iter().map(|r| (r.conversions, r.known_at.strftime("%d").to_string())).collect()
    };
    let known = |count: f64, day: &str| (Some(count), day.to_owned());
    for files in [[ads, &first, &later], [&later, ads, &first], [&first, &later, ads]] {
        let named: Vec<(&str, &str)> = files.iter().map(|text| ("f.csv", *text)).collect();
        let out = read_with(config().with_history(true), &named);
        // The count that did not change is known since it was first said.
        assert_eq!(of(&out), [known(3.0, "20"), known(1.0, "06")]);
        let [restated, duplicates] = [0, 1].map(|field| {
            let counts = out.sources.iter().map(|s| [s.restated, s.duplicate][field]);
            counts.sum::<u64>()
        });
        assert_eq!((restated, duplicates), (1, 2));
        let then = config().with_as_of("2026-05-10T00:00:00Z".parse().unwrap());
        assert_eq!(of(&read_with(then, &named)), [known(2.0, "06"), known(1.0, "06")]);
        // What an action table restates shows by `as_of`; the history is that of the report's rows.
        assert!(out.history.is_empty());
    }
}
