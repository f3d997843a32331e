//! Records in, rows of ads out: what a row sees, what it came to, what a later table shares with it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use campaign_core::time::{AccountDay, TimeError, zone};
use campaign_core::{AdId, BrandId, ChannelId, ColumnKind, CreativeId, Micros, Record, SourceId};
use campaign_features::engine::local;
use campaign_features::feature::plan::{Window, day_number};
use campaign_features::feature::source::{
    Decision, NONE, RECORDS, RecordSources, Requests, Sources,
};
use campaign_features::feature::spec::{Aggregate, Definition, Feature, FeatureSpec, Statistic};
use campaign_features::feature::{FeatureError, FeatureTable, Holidays};
use campaign_features::ingest::{ApplyOptions, Conversion, apply_conversions};
use campaign_features::label::{LabelSpec, Target};
use jiff::civil::{Date, Time, date};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

const BERLIN: &str = "Europe/Berlin";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// A row as an export of the day after has it, known at the first instant after its day.
fn record(ad: &str, day: Date, spend: i64, clicks: u64) -> Record {
    Record {
        brand: BrandId::new("b").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: None,
        channel: Some(ChannelId::new("social").unwrap()),
        campaign: None,
        campaign_name: None,
        ad_group: None,
        ad_group_name: None,
        ad: Some(AdId::new(ad).unwrap()),
        ad_name: Some("Shop now | Format: Video".into()),
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

fn of(records: &[Record]) -> Sources {
    into(RecordSources::new().unwrap(), records)
}

fn into(mut sources: RecordSources, records: &[Record]) -> Sources {
    records.iter().for_each(|record| sources.push(record).unwrap());
    sources.finish().unwrap()
}

fn sum(measure: &str, window: Window) -> Feature {
    Aggregate::new("ad", RECORDS, Statistic::Sum, measure, window).into()
}

fn spend(window: Window) -> Feature {
    sum("spend", window)
}

fn run(spec: &FeatureSpec, sources: &Sources, requests: &Requests) -> FeatureTable {
    local::run(&spec.compile(&sources.schema()).unwrap(), sources, requests).unwrap()
}

/// One feature of an ad when a day begins in Berlin.
fn one(feature: Feature, sources: &Sources, ad: &str, day: Date) -> f64 {
    let begins = AccountDay::new(day, &zone(BERLIN).unwrap()).unwrap().start();
    let mut requests = sources.requests();
    let mut keys = vec![NONE; sources.kinds.len()];
    keys[0] = sources.key(0, &format!("meta_ads/{ad}"));
    requests.push(&keys, day_number(day), begins.as_microsecond()).unwrap();
    run(&FeatureSpec::new([feature]), sources, &requests).values()[(0, 0)]
}

#[test]
fn yesterday_is_in_and_today_is_not() {
    let days: Vec<Record> =
        (1..=9).map(|d| record("1", date(2026, 5, d), 1_000_000 * i64::from(d), 1)).collect();
    let sources = of(&days);
    let value = |feature, day| one(feature, &sources, "1", day);
    let week = || spend(Window::trailing(7));
    assert_eq!(value(week(), date(2026, 5, 9)), 35.0);
    assert_eq!(value(week(), date(2026, 5, 10)), 42.0);
    assert_eq!(value(spend(Window::lag(1)), date(2026, 5, 9)), 8.0);
    assert_eq!(value(spend(Window::lag(7)), date(2026, 5, 9)), 2.0);
    // Nothing is known yet, then something is, then it is long ago.
    assert!(value(week(), date(2026, 5, 1)).is_nan());
    assert_eq!(value(week(), date(2026, 7, 1)), 0.0);
    assert!(value(spend(Window::lag(1)), date(2026, 7, 1)).is_nan());
}

#[test]
fn known_at_the_very_cut_off_is_in() {
    for (late, expected) in [(0, Some(5.0)), (1, None)] {
        let mut row = record("1", date(2026, 5, 1), 5_000_000, 1);
        row.known_at += SignedDuration::from_micros(late);
        let got = one(spend(Window::trailing(7)), &of(&[row]), "1", date(2026, 5, 2));
        assert_eq!(Some(got).filter(|got| !got.is_nan()), expected, "{late} µs late");
    }
}

#[test]
fn both_clock_changes() {
    // In Berlin the 29th of March 2026 has 23 hours and the 25th of October 25.
    for change in [date(2026, 3, 29), date(2026, 10, 25)] {
        let rows: Vec<Record> = (-3..=1)
            .map(|i| record("1", change.checked_add(i.days()).unwrap(), 1_000_000, 1))
            .collect();
        let sources = of(&rows);
        let requests = sources.record_days(&["ad"], &Decision::default()).unwrap();
        let begins = |record: &Record| {
            let day = AccountDay::new(record.date, &zone(BERLIN).unwrap()).unwrap();
            day.start().as_microsecond()
        };
        assert_eq!(requests.cutoff, rows.iter().map(begins).collect::<Vec<_>>());
        let table = run(&FeatureSpec::new([spend(Window::trailing(7))]), &sources, &requests);
        assert_eq!(&table.values().column(0).to_vec()[1..], [1.0, 2.0, 3.0, 4.0]);
    }
}

#[test]
fn another_country_is_another_fact() {
    let first = record("1", date(2026, 5, 1), 10_000_000, 10);
    let mut second = record("1", date(2026, 5, 1), 4_000_000, 10);
    second.known_at = at("2026-05-04T12:00:00Z");
    let sources = of(&[second.clone(), first.clone()]);
    for (day, expected) in [(2, 10.0), (4, 10.0), (5, 4.0)] {
        let got = one(spend(Window::trailing(7)), &sources, "1", date(2026, 5, day));
        assert_eq!(got, expected, "{day}");
    }
    second.country = Some("AT".into());
    let both = of(&[first, second]);
    assert_eq!(one(spend(Window::trailing(7)), &both, "1", date(2026, 5, 5)), 14.0);
}

#[test]
fn orders_count_from_when_they_are_known_and_claims_do_not() {
    let mut records = vec![record("1", date(2026, 5, 1), 1_000_000, 4)];
    records[0].conversions = Some(9.0);
    let order = |known_at: &str| {
        let (brand, source) = (BrandId::new("b").unwrap(), SourceId::new("crm").unwrap());
        let mut order = Conversion::new(brand, source, at("2026-05-01T10:00:00Z"), at(known_at));
        order.platform = Some(SourceId::new("meta_ads").unwrap());
        order.ad = Some(AdId::new("1").unwrap());
        order.value = Some(Micros(30_000_000));
        order.currency = Some("EUR".parse().unwrap());
        order
    };
    let orders = [order("2026-05-02T08:00:00Z"), order("2026-05-06T08:00:00Z")];
    let applied = apply_conversions(&mut records.clone(), &orders, ApplyOptions::new(7)).unwrap();
    assert_eq!(applied.credits.len(), 2);
    let mut sources = RecordSources::new().unwrap().without_claims();
    sources.push(&records[0]).unwrap();
    for credit in &applied.credits {
        sources.push_credit(&records[credit.record], credit).unwrap();
    }
    let sources = sources.finish().unwrap();
    let week = Window::trailing(7);
    let value = |measure, day| one(sum(measure, week), &sources, "1", date(2026, 5, day));
    // No order is no conversion, not an unknown number of them.
    assert_eq!([2, 3, 6, 7].map(|day| value("conversions", day)), [0.0, 1.0, 1.0, 2.0]);
    assert_eq!([2, 3, 7].map(|day| value("revenue", day)), [0.0, 30.0, 60.0]);
    assert_eq!((value("spend", 7), value("clicks", 7)), (1.0, 4.0));
    let claimed = one(sum("conversions", week), &of(&records), "1", date(2026, 5, 2));
    assert_eq!(claimed, 9.0);
}

#[test]
fn bad_numbers_are_refused_with_their_place() {
    let refused = |change: &dyn Fn(&mut Record)| {
        let mut sources = RecordSources::new().unwrap();
        sources.push(&record("1", date(2026, 5, 1), 1, 1)).unwrap();
        let mut bad = record("1", date(2026, 5, 2), 1, 1);
        change(&mut bad);
        match sources.push(&bad).unwrap_err() {
            FeatureError::Measure { row: 1, measure, .. } => measure.to_string(),
            error => panic!("{error}"),
        }
    };
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300] {
        assert_eq!(refused(&|r| r.conversions = Some(value)), "conversions");
    }
    assert_eq!(refused(&|r| r.spend = Micros(i64::MIN)), "spend");
    assert_eq!(refused(&|r| r.impressions = Some(u64::MAX)), "impressions");
    assert_eq!(refused(&|r| r.clicks = Some(1 << 63)), "clicks");
    assert_eq!(refused(&|r| r.revenue = Some(Micros(i64::MAX))), "revenue");
}

#[test]
fn zones_of_one_ad() {
    let mut rows = [record("1", date(2026, 5, 1), 1, 1), record("1", date(2026, 5, 1), 2, 1)];
    rows[1].zone = Some("Asia/Tokyo".into());
    rows[1].country = Some("JP".into());
    for _ in 0..2 {
        rows.swap(0, 1);
        // The day begins in Tokyo first, and ends in Berlin last.
        let sources = of(&rows);
        let requests = sources.record_days(&["ad"], &Decision::default()).unwrap();
        assert_eq!(requests.cutoff, [at("2026-04-30T15:00:00Z").as_microsecond()]);
        let spend = LabelSpec::new("ad", RECORDS, Target::Sum { measure: "spend".into() });
        let mature = |now| spend.at(&sources, &requests, at(now)).unwrap().mature()[0];
        assert!(!mature("2026-05-01T21:59:59Z") && mature("2026-05-01T22:00:00Z"));
    }
    rows[0].zone = Some("Mars/Olympus".into());
    let error = of(&rows).record_days(&["ad"], &Decision::default()).unwrap_err();
    assert!(matches!(error, FeatureError::Time(TimeError::Zone(_))), "{error}");
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
    let week = |sources: &Sources| one(spend(Window::trailing(7)), sources, "1", date(2026, 5, 9));
    assert!(week(&of(&rows)).is_nan());
    for (days, expected) in [(0, 7.0), (1, 6.0)] {
        let sources = RecordSources::new().unwrap().known_at_most(days, TimeZone::UTC);
        assert_eq!(week(&into(sources, &rows)), expected);
    }
}

#[test]
fn days_at_the_ends_of_the_calendar_are_refused() {
    let mut first = record("1", date(2026, 5, 1), 1, 1);
    first.date = Date::MIN.tomorrow().unwrap();
    let sources = of(&[first]);
    let ahead = Decision::default().with_lead(9);
    assert!(matches!(sources.record_days(&["ad"], &ahead), Err(FeatureError::Time(_))));
    let sources = of(&[record("1", date(2026, 5, 1), 1, 1)]);
    let last = sources.scoring_days(&["ad"], Date::MAX, u16::MAX, &Decision::default());
    assert!(last.unwrap().is_empty());
    let mut requests = sources.record_days(&["ad"], &Decision::default()).unwrap();
    requests.day[0] = i32::MAX;
    let label = LabelSpec::new("ad", RECORDS, Target::Sum { measure: "spend".into() });
    let error = label.at(&sources, &requests, at("2026-01-01T00:00:00Z")).unwrap_err();
    assert!(matches!(error, FeatureError::Time(_)), "{error}");
}

/// Sixty days of two ads; revenue twice the spend.
fn market() -> Sources {
    let mut rows = Vec::new();
    for i in 0..60 {
        for (ad, channel) in [("1", "social"), ("=2", "search")] {
            let day = date(2026, 3, 1).checked_add(i.days()).unwrap();
            let mut row = record(ad, day, 1_000_000 * (i + 1), 3);
            row.channel = Some(ChannelId::new(channel).unwrap());
            row.revenue = Some(Micros(2_000_000 * (i + 1)));
            rows.push(row);
        }
    }
    of(&rows)
}

fn followed(sources: &Sources, mut requests: Requests) -> Requests {
    requests.resolve(sources, RECORDS, "ad", "channel").unwrap();
    requests.resolve(sources, RECORDS, "ad", "creative").unwrap();
    requests
}

fn of_ads() -> FeatureSpec {
    FeatureSpec::of_ads(&[7, 28], &[1, 7], Holidays::new(["DE".parse().unwrap()]))
}

#[test]
fn training_takes_mature_rows_only() {
    let sources = market();
    let requests = sources.record_days(&["ad"], &Decision::default()).unwrap();
    let requests = followed(&sources, requests);
    assert_eq!(requests.len(), 120);
    let table = run(&of_ads(), &sources, &requests);
    let roas = Target::Rate { numerator: "revenue".into(), denominator: "spend".into() };
    let roas = LabelSpec::new("ad", RECORDS, roas).with_maturity(7);
    // The last day, April the 29th, ends in Berlin at 22:00 UTC.
    let now = at("2026-04-29T22:00:00Z");
    let labels = roas.at(&sources, &requests, now).unwrap();
    assert_eq!(labels.mature().iter().filter(|mature| **mature).count(), 2 * 53);
    let training = labels.training(&table).unwrap();
    assert_eq!(training.rows.len(), 2 * 53);
    assert_eq!(training.data.target().unwrap(), [2.0; 106]);
    let weights = training.data.weights().unwrap();
    assert_eq!((weights[0], weights[52]), (1.0, 53.0));
    assert_eq!(training.data.days().unwrap().iter().max(), Some(&date(2026, 4, 22)));
    assert_eq!(training.data.groups().map(|g| (g[0], g[105])), Some((0, 1)));
    // A week from the described day on is mature a week later than its first day.
    let week = roas.clone().with_horizon(7).at(&sources, &requests, now).unwrap();
    assert_eq!(week.training(&table).unwrap().rows.len(), 2 * 47);
    assert_eq!(week.get(0), Some((2.0, 28.0)));
    assert_eq!(week.get(47), None);
    // Conversions were never reported: there is nothing to learn them from.
    let none = LabelSpec::new("ad", RECORDS, Target::Sum { measure: "conversions".into() });
    let none = none.at(&sources, &requests, now).unwrap().training(&table).unwrap();
    assert!(none.rows.is_empty() && none.data.weights().is_none());
    // Labels of other rows are refused, and so is a period of no days.
    let decided = Decision::default().with_lead(1);
    let other = followed(&sources, sources.record_days(&["ad"], &decided).unwrap());
    let error = roas.at(&sources, &other, now).unwrap().training(&table).unwrap_err();
    assert_eq!(error, FeatureError::Labels);
    let error = roas.with_horizon(0).at(&sources, &requests, now).unwrap_err();
    assert!(matches!(error, FeatureError::Spec { .. }), "{error}");
}

#[test]
fn next_week_is_scored_by_the_same_path() {
    let (sources, spec, next) = (market(), of_ads(), date(2026, 4, 30));
    let all = sources.record_days(&["ad"], &Decision::default()).unwrap();
    let table = run(&spec, &sources, &followed(&sources, all));
    let score = |day, decision: &Decision| {
        let requests = sources.scoring_days(&["ad"], day, 28, decision).unwrap();
        run(&table.fixed(&spec), &sources, &followed(&sources, requests))
    };
    let scored = score(next, &Decision::default());
    assert_eq!((scored.n_rows(), scored.columns()), (2, table.columns()));
    let last_week: f64 = (54..=60).map(f64::from).sum();
    assert_eq!(scored.column("spend_7d").unwrap(), [last_week; 2]);
    assert_eq!(scored.column("channel_share_7d").unwrap(), [1.0; 2]);
    assert_eq!(scored.column("known_days_28d").unwrap(), [28.0; 2]);
    assert_eq!(scored.column("ad_age").unwrap(), [60.0; 2]);
    assert_eq!(scored.column("creative_age").unwrap(), [60.0; 2]);
    // Every day of next week, decided today: the windows end today for all of them.
    for lead in 0u16..7 {
        let day = next.checked_add(i64::from(lead).days()).unwrap();
        let ahead = score(day, &Decision::default().with_lead(lead));
        assert_eq!(ahead.column("spend_7d").unwrap(), [last_week; 2]);
        assert_eq!(ahead.column("day_of_week").unwrap()[0], f64::from(1 + (3 + lead) % 7));
        assert_eq!(ahead.day(0), Some(day));
    }
    // In the evening of the 28th the 29th is not known yet; nor is it as of the end of the 28th.
    let evening = Time::constant(23, 0, 0, 0);
    for (day, decision) in [
        (next, Decision::default().with_as_of(at("2026-04-28T22:00:00Z"))),
        (date(2026, 4, 29), Decision::default().with_time(evening).with_lead(1)),
    ] {
        let row = score(day, &decision);
        assert!(row.column("spend_lag1").unwrap().iter().all(|v| v.is_nan()) == (day == next));
        let cutoff = if day == next { "2026-04-28T22:00:00Z" } else { "2026-04-28T21:00:00Z" };
        assert_eq!(row.requests().cutoff, [at(cutoff).as_microsecond(); 2]);
    }
    // Ads without recent data are not scored.
    let later = sources.scoring_days(&["ad"], date(2026, 6, 1), 28, &Decision::default());
    assert!(later.unwrap().is_empty());
}

#[test]
fn levels_have_names_and_can_be_fixed() {
    let sources = market();
    let all = sources.record_days(&["ad"], &Decision::default()).unwrap();
    let latest = Definition::Latest {
        entity: "ad".into(),
        source: RECORDS.into(),
        attribute: "channel".into(),
        window: Window::EVER,
    };
    let tag = |key: &str| {
        let (entity, source, attribute) = ("ad".into(), RECORDS.into(), "ad_name".into());
        Definition::Tag { entity, source, attribute, key: key.into() }
    };
    let spec = FeatureSpec::new([
        Feature::named("channel", latest),
        Feature::named("format", tag("format")),
        Feature::named("offer", tag("offer")),
    ]);
    let table = run(&spec, &sources, &all);
    let names = |table: &FeatureTable, column: usize| match &table.columns()[column].kind {
        ColumnKind::Categorical { levels } => levels.iter().map(ToString::to_string).collect(),
        ColumnKind::Numeric => Vec::new(),
    };
    assert_eq!(names(&table, 0), ["search", "social"]);
    assert_eq!(names(&table, 1), ["video"]);
    assert_eq!(names(&table, 2), [""; 0]);
    // Nothing is known on the first day.
    let channel = table.column("channel").unwrap();
    assert!(channel[0].is_nan() && channel[60].is_nan());
    assert_eq!((channel[1], channel[61]), (1.0, 0.0));
    assert_eq!(table.column("format").unwrap()[1], 0.0);
    assert!(table.column("offer").unwrap().iter().all(|level| level.is_nan()));
    // Of the levels of another table, what that one did not have is missing.
    let other = spec.with_levels("channel", ["tv".into(), "social".into()]);
    let fixed = run(&other.with_levels("format", ["image".into(), "video".into()]), &sources, &all);
    assert_eq!(names(&fixed, 0), ["tv", "social"]);
    let channel = fixed.column("channel").unwrap();
    assert!(channel[61].is_nan());
    assert_eq!((channel[1], fixed.column("format").unwrap()[1]), (1.0, 1.0));
}

#[test]
fn an_ad_is_resolved_to_the_channel_it_was_known_to_have() {
    let named = |day, channel: Option<&str>| {
        let mut row = record("1", date(2026, 5, day), 1_000_000, 1);
        row.channel = channel.map(|channel| ChannelId::new(channel).unwrap());
        row
    };
    let mut rows = vec![named(1, Some("tv")), named(2, Some("web")), named(3, None)];
    rows[1].known_at = at("2026-05-04T12:00:00Z");
    let sources = of(&rows);
    let mut requests = sources.requests();
    let mut keys = vec![NONE; sources.kinds.len()];
    keys[0] = sources.key(0, "meta_ads/1");
    for day in [4, 1, 5] {
        let day = day_number(date(2026, 5, day));
        requests.push(&keys, day, i64::from(day) * 86_400_000_000).unwrap();
    }
    requests.resolve(&sources, RECORDS, "ad", "channel").unwrap();
    let channel = sources.kind("channel").unwrap();
    let (tv, web) = (sources.key(channel, "tv"), sources.key(channel, "web"));
    assert_eq!(requests.keys[channel], [tv, NONE, web]);
    for (source, of, to) in
        [("crm", "ad", "channel"), (RECORDS, "shop", "channel"), (RECORDS, "ad", "audience_of")]
    {
        let error = requests.resolve(&sources, source, of, to).unwrap_err();
        assert!(matches!(error, FeatureError::Unknown { .. }), "{error}");
    }
}
