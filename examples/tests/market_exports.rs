//! The exports say what the market did.
#![allow(clippy::unwrap_used)]

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::Micros;
use campaign_examples::market::config::Platform;
use campaign_examples::market::{
    DayOutcome, ExportFile, ExportOptions, Market, MarketConfig, export,
};

fn run(seed: u64, days: u32, dirt: bool) -> (Market, Vec<DayOutcome>, Vec<ExportFile>) {
    let mut market = Market::new(MarketConfig::default(), seed).unwrap();
    let history = market.run_incumbent(days).unwrap();
    let as_of = format!("{}T12:00:00Z", market.today().unwrap()).parse().unwrap();
    let options = ExportOptions::new(as_of);
    let options = if dirt { options.with_dirt() } else { options };
    let files = market.export(&history, &options).unwrap();
    (market, history, files)
}

fn text(file: &ExportFile) -> String {
    String::from_utf8(file.bytes.clone()).unwrap().trim_start_matches('\u{feff}').to_owned()
}

/// The rows under the header, as maps from header to cell.
fn table(file: &ExportFile, header: &str) -> Vec<BTreeMap<String, String>> {
    let text = text(file);
    let at = text.lines().position(|line| line.starts_with(header)).unwrap();
    let body: Vec<&str> = text.lines().skip(at).collect();
    let body = body.join("\n");
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(body.as_bytes());
    let header = reader.headers().unwrap().clone();
    let cells = |row: csv::StringRecord| {
        header.iter().zip(row.iter()).map(|(h, c)| (h.to_owned(), c.to_owned())).collect()
    };
    reader.records().map(|row| cells(row.unwrap())).collect()
}

fn micros(text: &str) -> i64 {
    text.replace(',', "").parse::<Micros>().unwrap().0
}

#[test]
fn money_adds_up_to_the_cent() {
    let (market, history, files) = run(3, 40, false);
    for (index, platform, header, spend, value, totals) in [
        (
            0,
            Platform::Meta,
            "Reporting starts",
            "Amount spent (EUR)",
            "Purchases conversion value",
            1,
        ),
        (1, Platform::Google, "Campaign,", "Cost", "Conv. value", 2),
        (2, Platform::Tiktok, "Campaign name", "Cost", "Total complete payment value", 1),
    ] {
        let mut rows = table(&files[index], header);
        let footers = rows.split_off(rows.len() - totals);
        assert_eq!(rows.len(), files[index].rows);
        let ours = |ad: usize| {
            let channel = market.ads()[ad].channel;
            market.truth().channels[channel].platform == platform
        };
        let billed: i64 = history
            .iter()
            .flat_map(|day| day.ads.iter().enumerate())
            .filter(|(ad, _)| ours(*ad))
            .map(|(_, did)| did.cost.0)
            .sum();
        let sum = |column: &str| -> i64 {
            let cells = rows.iter().map(|row| &row[column]).filter(|cell| !cell.is_empty());
            cells.map(|cell| micros(cell)).sum()
        };
        assert!(billed > 1_000_000_000);
        assert_eq!(sum(spend), billed, "{platform:?}");
        for footer in footers {
            assert_eq!(micros(&footer[spend]), billed, "{platform:?}");
            assert_eq!(micros(&footer[value]), sum(value), "{platform:?}");
        }
        // What the plan spent in the market's currency, at each day's rate, within half a cent a row.
        let planned: f64 = history
            .iter()
            .flat_map(|day| day.ads.iter().enumerate().map(move |(ad, did)| (day, ad, did)))
            .filter(|(_, ad, _)| ours(*ad))
            .map(|(day, ad, did)| {
                let code = market.truth().channels[market.ads()[ad].channel].currency.code();
                did.spend - did.cost.to_f64() * market.truth().rate(code, day.date).unwrap()
            })
            .map(f64::abs)
            .fold(0.0, f64::max);
        assert!(planned <= 0.005 + 1e-9, "{planned}");
    }
}

#[test]
fn orders_are_the_orders_known_by_then() {
    let (market, history, files) = run(4, 30, false);
    let as_of = format!("{}T12:00:00Z", market.today().unwrap()).parse().unwrap();
    let all: Vec<_> =
        history.iter().flat_map(|day| day.orders.iter().chain(&day.organic)).collect();
    let known: Vec<_> = all.iter().filter(|order| order.known_at <= as_of).collect();
    assert!(known.len() < all.len(), "some orders come later");
    let rows = table(&files[3], "Order ID");
    assert_eq!(rows.len(), known.len());
    let numbers: BTreeSet<_> = rows.iter().map(|row| &row["Order ID"]).collect();
    assert_eq!(numbers.len(), rows.len(), "order numbers are unique");
    let total: i64 = rows.iter().map(|row| micros(&row["Conversion Value"])).sum();
    assert_eq!(total, known.iter().map(|order| order.value.0).sum::<i64>());
    for row in &rows {
        let at = |column: &str| row[column].parse::<jiff::Timestamp>().unwrap();
        assert!(at("Conversion Time") < at("Known At") && at("Known At") <= as_of);
        if !row["utm_content"].is_empty() {
            let ad = &market.ads()[market.ad_index(&row["utm_content"]).unwrap()];
            assert_eq!(*row["utm_campaign"], *market.truth().campaigns[ad.campaign].id);
            assert!(!row["Click ID"].is_empty());
        }
    }
    // Days of GA4 hold the same revenue, but for orders outside the days of the report.
    let mut sessions = table(&files[4], "Date,");
    let total = sessions.pop().unwrap();
    assert_eq!(total["Date"], "Grand total");
    let events: u64 = sessions.iter().map(|row| row["Key events"].parse::<u64>().unwrap()).sum();
    assert_eq!(total["Key events"], events.to_string());
    assert!(events <= known.len() as u64 && events as f64 > 0.95 * known.len() as f64);
}

#[test]
fn late_orders_restate_platform_days() {
    let (market, history, _) = run(5, 20, false);
    let claimed = |at: &str| -> f64 {
        let at = at.parse().unwrap();
        history.iter().flat_map(|day| day.claimed(at)).map(|claim| claim.conversions).sum()
    };
    let (soon, later) = (claimed("2026-07-25T12:00:00Z"), claimed("2026-09-01T00:00:00Z"));
    assert!(soon > 0.0 && later > soon);
    let orders: usize = history.iter().map(|day| day.orders.len()).sum();
    let within = history.iter().flat_map(|day| &day.orders).filter(|order| order.claimed).count();
    assert!(within < orders, "some orders fall outside the window");
    let views: f64 = history.iter().flat_map(|day| &day.claims).map(|claim| claim.credit).sum();
    assert_eq!(later, within as f64 + views);
    assert!(market.config().channels.iter().any(|channel| channel.view_through > 0.0));
}

#[test]
fn dirt_is_added_and_counted() {
    let (_, _, clean) = run(7, 40, false);
    let (_, _, dirty) = run(7, 40, true);
    let mut kinds = (0, 0);
    for (clean, dirty) in clean.iter().zip(&dirty) {
        assert_eq!(clean.rows + dirty.rejected + dirty.duplicates, dirty.rows, "{}", clean.name);
        assert_eq!((clean.rejected, clean.duplicates), (0, 0));
        // Every clean line is still there, as often as before.
        let mut lines: Vec<String> = text(dirty).lines().map(str::to_owned).collect();
        for line in text(clean).lines() {
            let at = lines.iter().position(|other| other == line);
            lines.remove(at.unwrap_or_else(|| panic!("{}: {line}", clean.name)));
        }
        assert_eq!(lines.len(), dirty.rejected + dirty.duplicates, "{}", clean.name);
        kinds.0 += dirty.rejected;
        kinds.1 += dirty.duplicates;
    }
    assert!(kinds.0 >= 5 && kinds.1 >= 5, "{kinds:?}");
}

#[test]
fn same_seed_same_bytes() {
    let (_, _, one) = run(1, 14, true);
    let (_, _, two) = run(1, 14, true);
    let (_, _, other) = run(2, 14, true);
    assert_eq!(one, two);
    for (one, other) in one.iter().zip(&other) {
        assert_ne!(one.bytes, other.bytes, "{}", one.name);
    }
}

#[test]
fn files_have_their_platforms_habits() {
    let (_, _, files) = run(1, 30, false);
    assert!(files[0].bytes.starts_with(b"\xef\xbb\xbfReporting starts,"));
    assert!(text(&files[0]).lines().last().unwrap().starts_with("2026-07-05,2026-08-03,,,,,,,"));
    let google = text(&files[1]);
    assert!(google.starts_with("Ad report\n\"July 5, 2026 - August 3, 2026\"\nCampaign,"));
    assert!(google.contains(", --") && google.contains("\nTotal: Account, --"));
    assert!(google.contains("\nTotal Care Display,") && google.contains("\"1,"));
    let tiktok = text(&files[2]);
    let last = format!("Total of {} results,-,", files[2].rows);
    assert!(tiktok.lines().last().unwrap().starts_with(&last) && tiktok.contains(",-,0.00"));
    assert!(text(&files[4]).starts_with("# ---") && text(&files[4]).contains("\n20260705,"));
    assert!(text(&files[5]).starts_with("date,base,quote,rate\n2026-07-05,USD,EUR,0."));
}

#[test]
fn written_whole_and_again() {
    let (_, _, files) = run(1, 5, false);
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("new");
    export::write(&place, &files).unwrap();
    export::write(&place, &files).unwrap();
    let mut names: Vec<_> = std::fs::read_dir(&place)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    let mut wanted: Vec<_> = files.iter().map(|file| file.name.clone()).collect();
    wanted.sort();
    assert_eq!(names, wanted, "no temporary files are left");
    for file in &files {
        assert_eq!(std::fs::read(place.join(&file.name)).unwrap(), file.bytes);
    }
    let blocked = place.join("fx.csv");
    assert!(export::write(&blocked, &files).is_err(), "a file is no folder");
}

#[test]
fn an_empty_history_gives_empty_tables() {
    let market = Market::new(MarketConfig::default(), 1).unwrap();
    let files =
        market.export(&[], &ExportOptions::new(jiff::Timestamp::UNIX_EPOCH).with_dirt()).unwrap();
    assert!(files.iter().all(|file| file.rows == 0));
}
