//! Records in, rows and data sets out: the cases that real exports have, and the refusals.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::sync::Arc;

use campaign_core::record::Reporting;
use campaign_core::time::{AccountDay, zone};
use campaign_core::{AdId, BrandId, ChannelId, ColumnKind, CreativeId, Micros, Record, SourceId};
use campaign_features::feature::ad::{
    Feature, FeatureError, FeatureSpec, FeatureTable, Frame, Intake, KnownAt, Labels, Measure,
    Measures, Observation, ObservationLog, Observations, Rate, Target, Ties,
};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};

const BERLIN: &str = "Europe/Berlin";

fn ad(name: &str) -> AdId {
    AdId::new(name).unwrap()
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A row as an export of the day after has it, known at the first instant after its day.
fn record(name: &str, day: Date, spend: i64, clicks: u64) -> Record {
    Record {
        brand: BrandId::new("b").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: None,
        channel: Some(ChannelId::new("social").unwrap()),
        campaign: None,
        campaign_name: None,
        ad_group: None,
        ad_group_name: None,
        ad: Some(ad(name)),
        ad_name: Some("Shop now".into()),
        creative: Some(CreativeId::new("c").unwrap()),
        audience: None,
        country: None,
        breakdown: None,
        date: day,
        zone: Some(BERLIN.into()),
        currency: Some("EUR".parse().unwrap()),
        spend: Micros(spend),
        revenue: None,
        reporting: None,
        impressions: Some(100 * clicks),
        clicks: Some(clicks),
        conversions: None,
        video_views: None,
        attribution_window: None,
        known_at: AccountDay::new(day, &zone(BERLIN).unwrap()).unwrap().end(),
    }
}

fn of(records: &[Record]) -> Observations {
    Observations::from_records(records, &Intake::default()).unwrap()
}

fn spend(days: u16) -> Feature {
    Feature::Sum { measure: Measure::Spend, frame: Frame::trailing(days) }
}

fn lag(measure: Measure, days: u16) -> Feature {
    Feature::Sum { measure, frame: Frame::lag(days) }
}

/// One feature of one row.
fn one(feature: Feature, observations: &Observations, name: &str, day: Date) -> f64 {
    let table = FeatureSpec::new([feature]).build(observations, &[(ad(name), day)]).unwrap();
    table.values()[(0, 0)]
}

#[test]
fn yesterday_is_in_and_today_is_not() {
    let days: Vec<Record> =
        (1..=9).map(|d| record("1", date(2026, 5, d), 1_000_000 * i64::from(d), 1)).collect();
    let observations = of(&days);
    assert_eq!(one(spend(7), &observations, "1", date(2026, 5, 9)), 35.0);
    assert_eq!(one(spend(7), &observations, "1", date(2026, 5, 10)), 42.0);
    assert_eq!(one(lag(Measure::Spend, 1), &observations, "1", date(2026, 5, 9)), 8.0);
    assert_eq!(one(lag(Measure::Spend, 7), &observations, "1", date(2026, 5, 9)), 2.0);
    assert_eq!(one(Feature::AdAge, &observations, "1", date(2026, 5, 9)), 8.0);
    assert!(one(Feature::AdAge, &observations, "1", date(2026, 5, 1)).is_nan());
    // Nothing is known yet, then something is, then it is long ago.
    assert!(one(spend(7), &observations, "1", date(2026, 5, 1)).is_nan());
    assert_eq!(one(spend(7), &observations, "1", date(2026, 7, 1)), 0.0);
    assert!(one(lag(Measure::Spend, 1), &observations, "1", date(2026, 7, 1)).is_nan());
}

#[test]
fn known_at_the_very_cut_off_is_in() {
    for (late, expected) in [(0, 5.0), (1, f64::NAN)] {
        let mut row = record("1", date(2026, 5, 1), 5_000_000, 1);
        row.known_at += SignedDuration::from_nanos(late);
        let got = one(spend(7), &of(&[row]), "1", date(2026, 5, 2));
        assert!(got == expected || got.is_nan() && expected.is_nan(), "{late} ns: {got}");
    }
}

#[test]
fn both_clock_changes() {
    // In Berlin the 29th of March 2026 has 23 hours and the 25th of October 25.
    for change in [date(2026, 3, 29), date(2026, 10, 25)] {
        let next = change.tomorrow().unwrap();
        let midnight = AccountDay::new(next, &zone(BERLIN).unwrap()).unwrap().start();
        let rows: Vec<Record> = (-3..=0)
            .map(|i| record("1", change.checked_add(i.days()).unwrap(), 1_000_000, 1))
            .collect();
        let observations = of(&rows);
        assert_eq!(one(spend(7), &observations, "1", change), 3.0);
        assert_eq!(one(spend(7), &observations, "1", next), 4.0);
        let table = FeatureSpec::new([spend(7)]).build(&observations, &[(ad("1"), next)]).unwrap();
        assert_eq!(table.cutoffs(), [midnight]);
    }
}

#[test]
fn the_latest_version_known_then_counts() {
    let first = record("1", date(2026, 5, 1), 10_000_000, 10);
    let mut second = record("1", date(2026, 5, 1), 4_000_000, 10);
    second.known_at = at("2026-05-04T12:00:00Z");
    let observations = of(&[second.clone(), first.clone()]);
    for (day, expected) in [(2, 10.0), (4, 10.0), (5, 4.0)] {
        assert_eq!(one(spend(7), &observations, "1", date(2026, 5, day)), expected, "{day}");
    }
    // Another country is another fact: the two add up.
    second.country = Some("AT".into());
    assert_eq!(one(spend(7), &of(&[first, second]), "1", date(2026, 5, 5)), 14.0);
}

#[test]
fn late_orders_are_facts_of_their_own() {
    let mut log = Intake::default().log(&[record("1", date(2026, 5, 1), 1_000_000, 4)]).unwrap();
    for (known_at, conversions) in [("2026-05-02T08:00:00Z", 1.0), ("2026-05-06T08:00:00Z", 2.0)] {
        log.push(Observation {
            ad: ad("1"),
            part: None,
            day: date(2026, 5, 1),
            known_at: at(known_at),
            measures: Measures { conversions: Some(conversions), ..Measures::default() },
            attributes: Default::default(),
        })
        .unwrap();
    }
    let observations = log.finish().unwrap();
    let conversions = Feature::Sum { measure: Measure::Conversions, frame: Frame::trailing(7) };
    let value = |day| one(conversions, &observations, "1", date(2026, 5, day));
    assert!(value(2).is_nan());
    assert_eq!((value(3), value(6), value(7)), (1.0, 1.0, 3.0));
    let cvr = Feature::Rate { rate: Rate::Cvr, frame: Frame::trailing(7) };
    assert_eq!(one(cvr, &observations, "1", date(2026, 5, 7)), 0.75);
}

#[test]
fn conversions_come_from_the_source_of_truth() {
    let mut platform = record("1", date(2026, 5, 1), 1_000_000, 4);
    platform.conversions = Some(9.0);
    let mut order = record("1", date(2026, 5, 1), 0, 0);
    order.source = SourceId::new("crm").unwrap();
    (order.impressions, order.clicks, order.conversions) = (None, None, Some(2.0));
    order.zone = Some("America/New_York".into());
    let truth = Intake::default().with_conversions_from([SourceId::new("crm").unwrap()]);
    let conversions = lag(Measure::Conversions, 1);
    let value = |records: &[Record], intake: &Intake| {
        let observations = Observations::from_records(records, intake).unwrap();
        one(conversions, &observations, "1", date(2026, 5, 2))
    };
    let both = [platform.clone(), order];
    assert_eq!(value(&both, &Intake::default()), 11.0);
    assert_eq!(value(&both, &truth), 2.0);
    // No order is no conversion, not an unknown number of them.
    assert_eq!(value(&[platform], &truth), 0.0);
}

#[test]
fn exact_duplicates_count_once_and_contradictions_are_refused() {
    let row = record("1", date(2026, 5, 1), 5_000_000, 1);
    let twice = of(&[row.clone(), row.clone()]);
    assert_eq!(one(spend(7), &twice, "1", date(2026, 5, 2)), 5.0);
    let mut other = row.clone();
    other.spend = Micros(7_000_000);
    let error = Observations::from_records(&[row.clone(), other.clone()], &Intake::default());
    assert!(matches!(
        error.unwrap_err(),
        FeatureError::Tie { day, .. } if day == date(2026, 5, 1)
    ));
    let last = Intake::default().with_ties(Ties::KeepLast);
    for (rows, expected) in [([row.clone(), other.clone()], 7.0), ([other, row], 5.0)] {
        let observations = Observations::from_records(&rows, &last).unwrap();
        assert_eq!(one(spend(7), &observations, "1", date(2026, 5, 2)), expected);
    }
}

#[test]
fn bad_numbers_are_refused_with_their_place() {
    let good = record("1", date(2026, 5, 1), 1, 1);
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut bad = record("1", date(2026, 5, 2), 1, 1);
        bad.conversions = Some(value);
        let error = Observations::from_records(&[good.clone(), bad], &Intake::default());
        assert!(matches!(
            error.unwrap_err(),
            FeatureError::NonFinite { row: 1, measure: Measure::Conversions, .. }
        ));
    }
    let too_large = |change: fn(&mut Record)| {
        let mut bad = record("1", date(2026, 5, 2), 1, 1);
        change(&mut bad);
        match Observations::from_records(&[bad], &Intake::default()).unwrap_err() {
            FeatureError::TooLarge { row: 0, measure } => measure,
            error => panic!("{error}"),
        }
    };
    assert_eq!(too_large(|r| r.spend = Micros(i64::MIN)), Measure::Spend);
    assert_eq!(too_large(|r| r.impressions = Some(u64::MAX)), Measure::Impressions);
    assert_eq!(too_large(|r| r.clicks = Some(1 << 63)), Measure::Clicks);
    assert_eq!(too_large(|r| r.conversions = Some(1e300)), Measure::Conversions);
    assert_eq!(too_large(|r| r.revenue = Some(Micros(i64::MAX))), Measure::Revenue);
}

#[test]
fn sums_beyond_64_bits_are_exact() {
    let largest = i64::MAX / 2;
    let rows: Vec<Record> = (0..28)
        .map(|i| record("1", date(2026, 5, 1).checked_add(i.days()).unwrap(), largest, 0))
        .collect();
    let sum = 28 * i128::from(largest);
    assert_eq!(one(spend(28), &of(&rows), "1", date(2026, 5, 29)), sum as f64 / 1e6);
}

#[test]
fn two_currencies_and_two_zones_are_refused() {
    let euro = record("1", date(2026, 5, 1), 1, 1);
    let mut dollar = record("2", date(2026, 5, 1), 1, 1);
    dollar.currency = Some("USD".parse().unwrap());
    let error = Observations::from_records(&[euro.clone(), dollar.clone()], &Intake::default());
    assert!(matches!(error.unwrap_err(), FeatureError::Currencies { .. }));
    dollar.reporting = Some(Reporting {
        currency: "EUR".parse().unwrap(),
        rate: "0.9".parse().unwrap(),
        spend: Micros(3_000_000),
        revenue: None,
    });
    let observations = of(&[euro.clone(), dollar]);
    assert_eq!(one(spend(7), &observations, "2", date(2026, 5, 2)), 3.0);

    let mut moved = record("1", date(2026, 5, 2), 1, 1);
    moved.zone = Some("Asia/Tokyo".into());
    let error = Observations::from_records(&[euro.clone(), moved.clone()], &Intake::default());
    assert!(matches!(error.unwrap_err(), FeatureError::Zones { .. }));
    moved.zone = Some("Mars/Olympus".into());
    let error = Observations::from_records(&[moved], &Intake::default());
    assert!(matches!(error.unwrap_err(), FeatureError::Time(_)));
}

#[test]
fn a_history_exported_in_one_go() {
    let rows: Vec<Record> = (1..=9)
        .map(|d| {
            let mut row = record("1", date(2026, 5, d), 1_000_000, 1);
            row.known_at = at("2026-06-01T00:00:00Z");
            row
        })
        .collect();
    assert!(one(spend(7), &of(&rows), "1", date(2026, 5, 9)).is_nan());
    for (days, expected) in [(0, 7.0), (1, 6.0)] {
        let intake = Intake::default().with_known_at(KnownAt::AtMostDaysAfter(days));
        let observations = Observations::from_records(&rows, &intake).unwrap();
        assert_eq!(one(spend(7), &observations, "1", date(2026, 5, 9)), expected);
    }
}

#[test]
fn nothing_in_nothing_out() {
    let none = of(&[]);
    assert!(none.ads().is_empty() && none.ad_days().is_empty() && none.last_day().is_none());
    let table = FeatureSpec::default().build(&none, &[]).unwrap();
    assert_eq!((table.n_rows(), table.values().ncols()), (0, FeatureSpec::default().names().len()));
    assert_eq!(table.to_dataset().unwrap().n_rows(), 0);
    // A row of an ad of which nothing is known has its calendar and nothing else.
    let table = FeatureSpec::default().build(&none, &[(ad("x"), date(2026, 12, 25))]).unwrap();
    assert!(table.column("spend_7d").unwrap()[0].is_nan());
    assert_eq!(table.column("known_days_7d").unwrap(), [0.0]);
    assert_eq!(table.column("month").unwrap(), [12.0]);
    assert_eq!(table.column("holiday_de").unwrap(), [1.0]);
    let mut without_ad = record("1", date(2026, 5, 1), 1, 1);
    without_ad.ad = None;
    assert!(of(&[without_ad]).ads().is_empty());
}

#[test]
fn specs_that_cannot_be() {
    let none = of(&[]);
    let build = |spec: FeatureSpec| spec.build(&none, &[]).unwrap_err();
    for frame in [Frame::trailing(0), Frame::lag(0), Frame::between(3, 2)] {
        let feature = Feature::KnownDays { frame };
        assert!(matches!(build(FeatureSpec::new([feature])), FeatureError::Frame { .. }));
    }
    let twice = FeatureSpec::new([spend(1), lag(Measure::Spend, 1)]);
    assert_eq!(build(twice), FeatureError::Twice("spend_lag1".into()));
    let level: Arc<str> = "video".into();
    let twice = FeatureSpec::default().with_formats([level.clone(), level]);
    assert!(matches!(build(twice), FeatureError::Level(_)));
    let rows = [(ad("1"), Date::MIN)];
    let error = FeatureSpec::default().with_lead(1).build(&none, &rows).unwrap_err();
    assert!(matches!(error, FeatureError::Time(_)));
    let error = Labels::at(&none, &[(ad("1"), Date::MAX)], at("2026-01-01T00:00:00Z"), 1);
    assert!(matches!(error, Err(FeatureError::Time(_))));
}

/// Sixty days of two ads; revenue twice the spend.
fn market() -> Vec<Record> {
    let mut rows = Vec::new();
    for i in 0..60 {
        for (name, channel) in [("1", "social"), ("=2", "search")] {
            let day = date(2026, 3, 1).checked_add(i.days()).unwrap();
            let mut row = record(name, day, 1_000_000 * (i + 1), 3);
            row.channel = Some(ChannelId::new(channel).unwrap());
            row.revenue = Some(Micros(2_000_000 * (i + 1)));
            row.breakdown = Some("device=mobile;format=Video".into());
            rows.push(row);
        }
    }
    rows
}

#[test]
fn training_takes_mature_rows_only() {
    let observations = of(&market());
    let rows = observations.ad_days();
    assert_eq!(rows.len(), 120);
    let table = FeatureSpec::default().build(&observations, &rows).unwrap();
    // The last day, April the 29th, ends in Berlin at 22:00 UTC.
    let labels = Labels::at(&observations, &rows, at("2026-04-29T22:00:00Z"), 7).unwrap();
    assert_eq!(labels.mature().iter().filter(|mature| **mature).count(), 2 * 53);
    let training = table.training(&labels, Target::Rate(Rate::Roas)).unwrap();
    assert_eq!(training.rows.len(), 2 * 53);
    assert_eq!(training.data.target().unwrap(), [2.0; 106]);
    let weights = training.data.weights().unwrap();
    assert_eq!((weights[0], weights[52]), (1.0, 53.0));
    let days = training.data.days().unwrap();
    assert_eq!(days.iter().max(), Some(&date(2026, 4, 22)));
    assert_eq!(training.data.groups().map(|g| (g[0], g[105])), Some((0, 1)));
    // Conversions were never reported: there is nothing to learn them from.
    let none = table.training(&labels, Target::Sum(Measure::Conversions)).unwrap();
    assert!(none.rows.is_empty());
    let short = Labels::at(&observations, &rows[..119], at("2026-05-01T00:00:00Z"), 7).unwrap();
    let error = table.training(&short, Target::Sum(Measure::Spend)).unwrap_err();
    assert_eq!(error, FeatureError::Labels { row: 119 });
}

#[test]
fn next_week_is_scored_by_the_same_path() {
    let observations = of(&market());
    let spec = FeatureSpec::default();
    let next = date(2026, 4, 30);
    let table = spec.build(&observations, &observations.ad_days()).unwrap();
    let future = observations.scoring_rows(next, 28);
    assert_eq!(future.len(), 2);
    let scored = table.fixed(&spec).build(&observations, &future).unwrap();
    assert_eq!(scored.columns(), table.columns());
    let last_week: f64 = (54..=60).map(f64::from).sum();
    assert_eq!(scored.column("spend_7d").unwrap(), [last_week; 2]);
    assert_eq!(scored.column("ad_age").unwrap(), [60.0; 2]);
    // Every day of next week, decided today: the frames end today for all of them.
    let week: Vec<_> = (0..7).map(|i| (ad("1"), next.checked_add(i.days()).unwrap())).collect();
    for (lead, row) in (0u16..).zip(&week) {
        let ahead = spec.clone().with_lead(lead);
        let table = ahead.build(&observations, std::slice::from_ref(row)).unwrap();
        assert_eq!(table.column("spend_7d").unwrap(), [last_week]);
        assert_eq!(table.column("day_of_week").unwrap()[0], f64::from(1 + (3 + lead) % 7));
    }
    // As of an earlier instant the same row knows less.
    let past = spec.with_as_of(at("2026-04-28T22:00:00Z"));
    let row = past.build(&observations, &future).unwrap();
    assert_eq!(row.column("spend_lag1").unwrap().map_nan(), [true; 2]);
    assert_eq!(row.cutoffs(), [at("2026-04-28T22:00:00Z"); 2]);
}

trait MapNan {
    fn map_nan(&self) -> Vec<bool>;
}

impl MapNan for Vec<f64> {
    fn map_nan(&self) -> Vec<bool> {
        self.iter().map(|v| v.is_nan()).collect()
    }
}

#[test]
fn levels_have_names_and_can_be_fixed() {
    let observations = of(&market());
    let rows = observations.ad_days();
    let spec = FeatureSpec::new([Feature::Channel, Feature::Format]);
    let table = spec.build(&observations, &rows).unwrap();
    let names = |table: &FeatureTable, column: usize| match &table.columns()[column].kind {
        ColumnKind::Categorical { levels } => levels.iter().map(ToString::to_string).collect(),
        ColumnKind::Numeric => Vec::new(),
    };
    assert_eq!(names(&table, 0), ["search", "social"]);
    assert_eq!(names(&table, 1), ["video"]);
    // Nothing is known on the first day.
    assert!(table.values()[(0, 0)].is_nan());
    assert_eq!((table.values()[(1, 0)], table.values()[(61, 0)]), (1.0, 0.0));
    let other = spec.with_channels([ChannelId::new("social").unwrap()]);
    let table = other.build(&observations, &rows).unwrap();
    assert_eq!(table.values()[(1, 0)], 0.0);
    assert!(table.values()[(61, 0)].is_nan());
}

#[test]
fn csv_reads_back() {
    let observations = of(&market());
    let rows = observations.ad_days();
    let table = FeatureSpec::default().build(&observations, &rows).unwrap();
    let mut out = Vec::new();
    table.write_csv(&mut out).unwrap();
    let mut reader = csv::Reader::from_reader(out.as_slice());
    let header = reader.headers().unwrap().clone();
    assert_eq!(header.len(), 3 + table.columns().len());
    let mut n = 0;
    for (r, line) in reader.records().enumerate() {
        let line = line.unwrap();
        let (name, day) = table.row(r).unwrap();
        assert_eq!(line[0].trim_start_matches('\''), name.as_str());
        assert_eq!(line[1].parse::<Date>().unwrap(), day);
        assert_eq!(line[2].parse::<Timestamp>().unwrap(), table.cutoffs()[r]);
        for (c, column) in table.columns().iter().enumerate() {
            let (value, text) = (table.values()[(r, c)], &line[3 + c]);
            match &column.kind {
                _ if value.is_nan() => assert_eq!(text, ""),
                ColumnKind::Numeric => {
                    assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
                }
                ColumnKind::Categorical { levels } => assert_eq!(text, &*levels[value as usize]),
            }
        }
        n += 1;
    }
    assert_eq!(n, 120);
    // "=2" would be run as a formula by a spreadsheet.
    assert!(String::from_utf8(out).unwrap().lines().last().unwrap().starts_with("'=2,"));
}

#[test]
fn described_creatives_outweigh_names_from_then_on() {
    let mut log = Intake::default().log(&market()).unwrap();
    let creative = CreativeId::new("c").unwrap();
    log.describe(&creative, at("2026-04-01T00:00:00Z"), Some("Neu?".into()), Some("gif".into()))
        .unwrap();
    let observations = log.finish().unwrap();
    use campaign_features::feature::ad::TextField;
    let spec = FeatureSpec::new([Feature::Text(TextField::Question), Feature::Format]);
    let rows = [(ad("1"), date(2026, 4, 1)), (ad("1"), date(2026, 4, 2))];
    let table = spec.build(&observations, &rows).unwrap();
    assert_eq!(table.column("text_question").unwrap(), [0.0, 1.0]);
    assert_eq!(table.column("format").unwrap(), [1.0, 0.0]);
}

#[test]
fn a_log_reports_its_size_and_defaults() {
    let log = ObservationLog::new();
    assert!(log.is_empty());
    assert_eq!(log.finish().unwrap().last_known(), None);
}

#[cfg(feature = "serde")]
#[test]
fn a_spec_is_saved_and_read() {
    let spec = FeatureSpec::default()
        .with_lead(3)
        .with_as_of(at("2026-04-28T22:00:00Z"))
        .with_channels([ChannelId::new("tv").unwrap()]);
    let text = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<FeatureSpec>(&text).unwrap(), spec);
    assert_eq!(toml::from_str::<FeatureSpec>(&toml::to_string(&spec).unwrap()).unwrap(), spec);
}
