//! Levels against a plain recount, and claims against orders.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::{BTreeMap, BTreeSet};

use campaign_core::{AccountId, AdGroupId, AdId, BrandId, CampaignId, Micros, Record, SourceId};
use campaign_features::ingest::{Conversion, Level};
use campaign_features::reconcile::{
    Claim, ClaimError, ClaimOptions, ConflictKind, LevelError, LevelReport, Levels, Metric,
    claims_of, is_unallocated, reconcile_claims,
};
use jiff::civil::{Date, date};
use proptest::prelude::*;

fn row(day: i8, account: &str, campaign: &str, ad_group: &str, ad: &str) -> Record {
    let id = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Record {
        brand: BrandId::new("acme").unwrap(),
        source: SourceId::new("google_ads").unwrap(),
        account: id(account).map(|t| AccountId::new(t).unwrap()),
        channel: None,
        campaign: id(campaign).map(|t| CampaignId::new(t).unwrap()),
        campaign_name: None,
        ad_group: id(ad_group).map(|t| AdGroupId::new(t).unwrap()),
        ad_group_name: None,
        ad: id(ad).map(|t| AdId::new(t).unwrap()),
        ad_name: None,
        creative: None,
        audience: None,
        country: None,
        breakdown: None,
        date: date(2026, 9, day),
        zone: Some("Europe/Berlin".into()),
        currency: "EUR".parse().ok(),
        spend: Micros(0),
        revenue: None,
        reporting: None,
        impressions: None,
        clicks: None,
        conversions: None,
        video_views: None,
        attribution_window: None,
        known_at: "2026-10-01T00:00:00Z".parse().unwrap(),
    }
}

fn with(mut record: Record, spend: i64, impressions: u64) -> Record {
    record.spend = Micros(spend);
    record.impressions = Some(impressions);
    record
}

fn compare(totals: &[(Level, Record)], finest: &[Record]) -> LevelReport {
    let mut levels = Levels::new();
    for (level, record) in totals {
        levels.total(*level, record).unwrap();
    }
    for record in finest {
        levels.finest(record).unwrap();
    }
    levels.finish().unwrap()
}

fn kinds(report: &LevelReport) -> Vec<&ConflictKind> {
    report.conflicts.iter().map(|conflict| &conflict.kind).collect()
}

#[test]
fn what_only_a_coarser_level_has_is_booked_where_it_belongs() {
    let finest = [
        with(row(1, "1", "a", "x", "11"), 50_000_000, 500),
        with(row(1, "1", "a", "x", "12"), 91_160_000, 400),
    ];
    let totals = [
        // A removed ad of campaign a, a video campaign, and fees that no campaign has.
        (Level::Campaign, with(row(1, "1", "a", "", ""), 151_160_000, 950)),
        (Level::Campaign, with(row(1, "1", "v", "", ""), 40_000_000, 90)),
        (Level::Account, with(row(1, "1", "", "", ""), 211_120_000, 1040)),
    ];
    let report = compare(&totals, &finest);
    let booked: Vec<_> = report
        .unallocated
        .iter()
        .map(|r| (r.campaign.as_ref().map_or("", |c| c.as_str()), r.spend.0, r.impressions))
        .collect();
    let expected =
        [("", 19_960_000, Some(0)), ("a", 10_000_000, Some(50)), ("v", 40_000_000, Some(90))];
    assert_eq!(booked, expected);
    assert!(report.unallocated.iter().all(|r| is_unallocated(r) && r.ad.is_none()));
    assert!(report.conflicts.is_empty() && (report.totals, report.balanced) == (3, 3));
    let spend = report.balances.iter().find(|b| b.metric == Metric::Spend).unwrap();
    assert_eq!((spend.days, spend.total, spend.finest), (1, 211_120_000, 141_160_000));
    // "69.96 of 211.12 missing".
    assert_eq!((spend.unallocated, spend.excess), (69_960_000, 0));
    assert_eq!(spend.coverage(), Some(141.16 / 211.12));
}

#[test]
fn parts_beyond_their_total_are_a_conflict_and_not_booked() {
    let report = compare(
        &[(Level::Account, with(row(1, "1", "", "", ""), 90, 30))],
        &[with(row(1, "1", "a", "x", "11"), 100, 10)],
    );
    let kind = ConflictKind::Exceeds { metric: Metric::Spend, parts: 100, total: 90 };
    assert_eq!(kinds(&report), [&kind]);
    assert_eq!((report.totals, report.balanced), (1, 0));
    let [record] = &report.unallocated[..] else { panic!("{report:?}") };
    assert_eq!((record.spend, record.impressions), (Micros(0), Some(20)));
    let spend = report.balances.iter().find(|b| b.metric == Metric::Spend).unwrap();
    assert_eq!((spend.total, spend.finest, spend.unallocated, spend.excess), (90, 100, 0, 10));
}

#[test]
fn what_cannot_be_compared_is_said() {
    let finest = [with(row(1, "1", "a", "x", "11"), 100, 10)];
    let account = |change: &dyn Fn(&mut Record)| {
        let mut total = with(row(1, "1", "", "", ""), 150, 10);
        change(&mut total);
        compare(&[(Level::Account, total)], &finest)
    };
    let report = account(&|r| r.currency = "USD".parse().ok());
    assert_eq!((kinds(&report), report.unallocated.len()), (vec![&ConflictKind::Currency], 0));
    let report = account(&|r| r.zone = Some("UTC".into()));
    assert_eq!((kinds(&report), report.unallocated.len()), (vec![&ConflictKind::Zone], 0));
    // What is not known does not contradict, and is taken from the parts.
    let report = account(&|r| (r.currency, r.zone) = (None, None));
    assert_eq!(report.unallocated[0].currency, finest[0].currency);
    assert_eq!(report.unallocated[0].zone, finest[0].zone);
    // Another attribution window: money is compared, conversions are not.
    let mut claimed = finest[0].clone();
    (claimed.conversions, claimed.attribution_window) = (Some(1.0), Some("7-day click".into()));
    let mut total = with(row(1, "1", "", "", ""), 150, 10);
    (total.conversions, total.attribution_window) = (Some(3.0), Some("1-day click".into()));
    let report = compare(&[(Level::Account, total.clone())], std::slice::from_ref(&claimed));
    assert_eq!(kinds(&report), [&ConflictKind::Window]);
    assert_eq!(
        (report.unallocated[0].spend, report.unallocated[0].conversions),
        (Micros(50), None)
    );
    total.attribution_window = Some("7-day click".into());
    let report = compare(&[(Level::Account, total)], &[claimed]);
    assert_eq!(report.unallocated[0].conversions, Some(2.0));
}

#[test]
fn one_thing_under_two_ids_is_not_counted_twice() {
    // An ad without a campaign: no campaign's total can be told from its parts, the account's can.
    let finest = [with(row(1, "1", "", "", "11"), 100, 10)];
    let campaign = (Level::Campaign, with(row(1, "1", "a", "", ""), 120, 10));
    let account = (Level::Account, with(row(1, "1", "", "", ""), 130, 10));
    let report = compare(&[campaign.clone(), account.clone()], &finest);
    assert_eq!(kinds(&report), [&ConflictKind::Unassigned]);
    assert_eq!((report.unallocated.len(), report.unallocated[0].spend), (1, Micros(30)));
    // Ads of a campaign that no total names: it may be the one that no ad names.
    let finest = [with(row(1, "1", "Spring", "", "11"), 100, 10)];
    let report = compare(&[campaign.clone(), account.clone()], &finest);
    assert_eq!(kinds(&report), [&ConflictKind::Unassigned]);
    assert_eq!(report.unallocated[0].spend, Micros(30));
    // Unless the totals say so.
    let mut named = campaign.clone();
    named.1.campaign_name = Some("Spring".into());
    let report = compare(&[named, account.clone()], &finest);
    assert_eq!((kinds(&report).len(), report.unallocated.len()), (0, 2));
    // Likewise for accounts.
    let elsewhere = [with(row(1, "Acme", "a", "", "11"), 100, 10)];
    let report = compare(std::slice::from_ref(&account), &elsewhere);
    assert_eq!((kinds(&report), report.unallocated.len()), (vec![&ConflictKind::Unassigned], 0));
    // A row without an account belongs to the only one, and to none of several.
    let without = [with(row(1, "", "a", "", "11"), 100, 10)];
    let report = compare(std::slice::from_ref(&account), &without);
    assert_eq!((kinds(&report).len(), report.unallocated[0].spend), (0, Micros(30)));
    let other = (Level::Account, with(row(1, "2", "", "", ""), 5, 1));
    let report = compare(&[account, other], &without);
    assert_eq!(kinds(&report), [&ConflictKind::Unassigned; 2]);
    assert!(report.unallocated.is_empty());
}

#[test]
fn known_when_the_later_of_total_and_parts_is() {
    let mut total = with(row(1, "1", "", "", ""), 150, 10);
    let mut part = with(row(1, "1", "a", "x", "11"), 100, 10);
    total.known_at = "2026-09-03T00:00:00Z".parse().unwrap();
    part.known_at = "2026-09-05T00:00:00Z".parse().unwrap();
    let report = compare(&[(Level::Account, total)], &[part.clone()]);
    assert_eq!(report.unallocated[0].known_at, part.known_at);
}

#[test]
fn bad_totals() {
    let mut levels = Levels::new();
    let record = row(1, "1", "", "", "");
    for level in [Level::Ad, Level::Keyword, Level::SearchTerm, Level::Order] {
        assert_eq!(levels.total(level, &record), Err(LevelError::Level(level)));
    }
    assert!(levels.is_empty());
    let most = with(row(1, "1", "", "", ""), i64::MAX, 1);
    levels.total(Level::Account, &most).unwrap();
    assert!(matches!(levels.total(Level::Account, &most), Err(LevelError::Overflow { .. })));
    let least = with(row(1, "1", "a", "x", "1"), i64::MIN, 1);
    levels.finest(&least).unwrap();
    assert!(matches!(levels.finish(), Err(LevelError::Overflow { .. })));
}

/// Spend by account, day and, below it, campaign and ad.
type World = BTreeMap<(u8, i8), BTreeMap<(u8, u8), i64>>;

proptest! {
    /// From a world of ads, some ads, some campaigns and the accounts are reported, all truthfully: then
    /// records and unallocated records together are the world again, per account and day.
    #[test]
    fn truthful_reports_give_back_every_micro(
        cells in prop::collection::vec((0..3_u8, 1..5_i8, 0..4_u8, 0..3_u8, 0..1_000_000_000_i64), 1..60),
        seen_ad in prop::collection::vec(any::<bool>(), 12),
        with_campaigns in any::<bool>(),
    ) {
        let mut world: World = BTreeMap::new();
        for (account, day, campaign, ad, spend) in cells {
            *world.entry((account, day)).or_default().entry((campaign, ad)).or_default() += spend;
        }
        let (mut finest, mut totals) = (Vec::new(), Vec::new());
        for ((account, day), ads) in &world {
            let account = account.to_string();
            let mut campaigns: BTreeMap<u8, i64> = BTreeMap::new();
            for ((campaign, ad), spend) in ads {
                *campaigns.entry(*campaign).or_default() += spend;
                if seen_ad[usize::from(campaign * 3 + ad)] {
                    let name = format!("{account}.{campaign}");
                    let one = row(*day, &account, &name, "", &format!("{campaign}.{ad}"));
                    finest.push(with(one, *spend, 1));
                }
            }
            if with_campaigns {
                for (campaign, spend) in &campaigns {
                    let name = format!("{account}.{campaign}");
                    let mut total = row(*day, &account, &name, "", "");
                    total.spend = Micros(*spend);
                    totals.push((Level::Campaign, total));
                }
            }
            let mut total = row(*day, &account, "", "", "");
            total.spend = Micros(ads.values().sum());
            totals.push((Level::Account, total));
        }
        let report = compare(&totals, &finest);
        prop_assert_eq!(&report.conflicts, &[]);
        prop_assert_eq!(report.balanced, report.totals);
        prop_assert_eq!(report.totals, totals.len() as u64);
        let mut sums: BTreeMap<(String, Date), i64> = BTreeMap::new();
        let mut by_campaign: BTreeMap<(String, Date), i64> = BTreeMap::new();
        for record in finest.iter().chain(&report.unallocated) {
            let account = record.account.as_ref().unwrap().to_string();
            *sums.entry((account, record.date)).or_default() += record.spend.0;
            if let Some(campaign) = &record.campaign {
                *by_campaign.entry((campaign.to_string(), record.date)).or_default() += record.spend.0;
            }
        }
        for ((account, day), ads) in &world {
            let key = (account.to_string(), date(2026, 9, *day));
            prop_assert_eq!(sums.get(&key).copied().unwrap_or(0), ads.values().sum::<i64>());
            let campaigns: BTreeSet<u8> = ads.keys().map(|(campaign, _)| *campaign).collect();
            for campaign in campaigns.into_iter().filter(|_| with_campaigns) {
                let of = ads.iter().filter(|((c, _), _)| *c == campaign);
                let key = (format!("{account}.{campaign}"), date(2026, 9, *day));
                let own = by_campaign.get(&key).copied().unwrap_or(0);
                prop_assert_eq!(own, of.map(|(_, spend)| spend).sum::<i64>());
            }
        }
        for b in &report.balances {
            prop_assert_eq!(b.total + b.excess, b.finest + b.unallocated);
        }
    }

    /// Whatever the reports say, nothing is booked below zero, the equation of the balance holds, and the
    /// order of rows does not matter.
    #[test]
    fn any_reports_balance(
        rows in prop::collection::vec(
            (0..4_u8, 0..3_u8, 0..4_u8, 0..3_u8, -50..500_i64, prop::option::of(0..50_u64)), 1..40),
    ) {
        let mut finest = Vec::new();
        let mut totals = Vec::new();
        for (level, account, campaign, ad_group, spend, clicks) in rows {
            let name = |n: u8| if n == 0 { String::new() } else { n.to_string() };
            // An ad group belongs to one campaign.
            let group = if ad_group == 0 { String::new() } else { format!("{campaign}.{ad_group}") };
            let mut record = row(1, &name(account), &name(campaign), &group, "");
            (record.spend, record.clicks) = (Micros(spend), clicks);
            match level {
                0 => totals.push((Level::Account, record)),
                1 => totals.push((Level::Campaign, record)),
                2 => totals.push((Level::AdGroup, record)),
                _ => finest.push(record),
            }
        }
        let report = compare(&totals, &finest);
        prop_assert!(report.balanced <= report.totals);
        for record in &report.unallocated {
            prop_assert!(record.spend.0 >= 0 && is_unallocated(record));
        }
        for b in &report.balances {
            prop_assert_eq!(b.total + b.excess, b.finest + b.unallocated);
            prop_assert!(b.excess >= 0);
        }
        totals.reverse();
        finest.reverse();
        let other = compare(&totals, &finest);
        prop_assert_eq!(&other.balances, &report.balances);
        prop_assert_eq!(&other.conflicts, &report.conflicts);
        let spends = |report: &LevelReport| -> Vec<(Option<String>, i64)> {
            let of = |r: &Record| (r.campaign.as_ref().map(ToString::to_string), r.spend.0);
            report.unallocated.iter().map(of).collect()
        };
        prop_assert_eq!(spends(&other), spends(&report));
    }
}

fn source(name: &str) -> SourceId {
    SourceId::new(name).unwrap()
}

fn claim(platform: &str, campaign: &str, day: i8, count: f64) -> Claim {
    let mut claim = Claim::new(source(platform), date(2026, 9, day), count);
    claim.campaign = CampaignId::new(campaign).ok();
    claim
}

fn order(number: &str, platform: &str, campaign: &str, day: i8) -> Conversion {
    let at = format!("2026-09-{day:02}T12:00:00Z").parse().unwrap();
    let mut order = Conversion::new(BrandId::new("acme").unwrap(), source("crm"), at, at);
    order.order = Some(number.into());
    order.platform = SourceId::new(platform).ok();
    order.campaign = CampaignId::new(campaign).ok();
    order
}

#[test]
fn claimed_matched_and_missing_on_both_sides() {
    let claims = [claim("meta", "a", 1, 3.0), claim("meta", "b", 1, 0.5)];
    let mut orders = [
        order("1", "meta", "a", 2),
        order("2", "meta", "a", 9), // after the window
        order("3", "meta", "b", 1),
        order("4", "google", "", 1),
        order("5", "", "", 1),
    ];
    for order in &mut orders {
        order.value = Some(Micros(100_000_000));
        order.currency = "EUR".parse().ok();
    }
    let mut claims = claims.to_vec();
    claims[0].value = Some(Micros(300_000_000));
    claims[0].currency = "EUR".parse().ok();
    let report = reconcile_claims(&claims, &orders, &ClaimOptions::new(7)).unwrap();
    let numbers: Vec<_> = report
        .campaigns
        .iter()
        .map(|r| {
            let campaign = r.campaign.as_ref().map_or("", |c| c.as_str());
            let claims = (r.claimed, r.matched, r.claimed_without_order);
            (r.source.as_str(), campaign, claims, (r.orders, r.orders_claimed))
        })
        .collect();
    let expected = [
        ("google", "", (0.0, 0.0, 0.0), (1.0, 0.0)),
        ("meta", "a", (3.0, 1.0, 2.0), (2.0, 1.0)),
        ("meta", "b", (0.5, 0.5, 0.0), (1.0, 0.5)),
    ];
    assert_eq!(numbers, expected);
    assert_eq!(report.campaigns[1].value_ratio(), Some(1.5));
    assert_eq!(report.campaigns[2].value_ratio(), None);
    assert_eq!((report.orders, report.owed, report.joined, report.unattributed), (5, 4, 2, 1));
    assert_eq!(report.coverage(), Some(0.5));
    let late = ClaimOptions::new(7).with_as_of("2026-09-03T00:00:00Z".parse().unwrap());
    assert_eq!(reconcile_claims(&claims, &orders, &late).unwrap().after_as_of, 1);
}

#[test]
fn an_order_that_two_platforms_claim_counts_once_and_as_overlap() {
    let by_number = |platform: &str| {
        let mut claim = claim(platform, "a", 1, 1.0);
        claim.order = Some("1".into());
        claim
    };
    let claims = [by_number("google"), by_number("meta"), claim("meta", "a", 1, 1.0)];
    let orders = [order("1", "google", "a", 1), order("2", "meta", "a", 1)];
    let report = reconcile_claims(&claims, &orders, &ClaimOptions::new(0)).unwrap();
    assert_eq!((report.claimed_orders, report.overlap, report.joined), (2, 1, 2));
    let [google, meta] = &report.sources[..] else { panic!("{report:?}") };
    assert_eq!((google.matched, google.overlap, google.orders), (1.0, 1, 1.0));
    assert_eq!((meta.matched, meta.overlap, meta.orders), (2.0, 1, 2.0));
}

#[test]
fn clicks_names_and_zones_find_orders() {
    let mut by_click = claim("google", "7", 1, 1.0);
    by_click.click = Some("gclid-1".into());
    let mut clicked = order("1", "google", "other", 1);
    clicked.click = Some("gclid-1".into());
    let report =
        reconcile_claims(&[by_click.clone()], &[clicked.clone()], &ClaimOptions::new(0)).unwrap();
    assert_eq!(report.sources[0].matched, 1.0);
    // A claim of one click stands for no other order, and not outside its window.
    clicked.click = Some("gclid-2".into());
    let report = reconcile_claims(&[by_click], &[clicked], &ClaimOptions::new(0)).unwrap();
    assert_eq!((report.sources[0].matched, report.sources[0].orders), (0.0, 1.0));
    let mut named = claim("meta", "7", 1, 1.0);
    named.campaign_name = Some("Spring".into());
    let tagged = order("1", "meta", "Spring", 1);
    let report = reconcile_claims(&[named], &[tagged], &ClaimOptions::new(0)).unwrap();
    assert_eq!((report.campaigns.len(), report.campaigns[0].matched), (1, 1.0));
    // Noon in UTC is the next day in Auckland.
    let auckland = campaign_core::time::zone("Pacific/Auckland").unwrap();
    let there = ClaimOptions::new(0).with_zone(auckland);
    let (claims, orders) = ([claim("meta", "a", 2, 1.0)], [order("1", "meta", "a", 1)]);
    assert_eq!(reconcile_claims(&claims, &orders, &there).unwrap().joined, 1);
    assert_eq!(reconcile_claims(&claims, &orders, &ClaimOptions::new(0)).unwrap().joined, 0);
}

#[test]
fn bad_claims_and_none() {
    for count in [f64::NAN, f64::INFINITY, -1.0, 1e300] {
        let error = reconcile_claims(&[claim("m", "a", 1, count)], &[], &ClaimOptions::new(1));
        assert!(matches!(error, Err(ClaimError::Count { claim: 0, .. })));
    }
    let most = claim("m", "a", 1, 9e12);
    let error = reconcile_claims(&[most.clone(), most], &[], &ClaimOptions::new(1));
    assert!(matches!(error, Err(ClaimError::Overflow(_))));
    let report = reconcile_claims(&[], &[], &ClaimOptions::new(u16::MAX)).unwrap();
    assert_eq!((report.coverage(), report.sources.len()), (None, 0));
    let mut record = row(1, "1", "a", "x", "11");
    assert!(claims_of(&[record.clone()]).is_empty());
    record.conversions = Some(2.0);
    assert_eq!(claims_of(&[record]).len(), 1);
}

proptest! {
    /// Campaigns add up to platforms, and the two equations of a row hold.
    #[test]
    fn rows_add_up(
        claims in prop::collection::vec((0..2_u8, 0..3_u8, 1..20_i8, 0..300_i64), 0..20),
        orders in prop::collection::vec((0..3_u8, 0..3_u8, 1..28_i8), 0..30),
        window in 0..10_u16,
    ) {
        let name = |n: u8| ["", "a", "b"][usize::from(n)];
        let claims: Vec<Claim> = claims
            .into_iter()
            .map(|(s, c, day, cents)| claim(["meta", "google"][usize::from(s)], name(c), day, cents as f64 / 100.0))
            .collect();
        let orders: Vec<Conversion> = (0..)
            .zip(orders)
            .map(|(n, (s, c, day))| order(&n.to_string(), ["meta", "google", ""][usize::from(s)], name(c), day))
            .collect();
        let report = reconcile_claims(&claims, &orders, &ClaimOptions::new(window)).unwrap();
        for row in report.sources.iter().chain(&report.campaigns) {
            let near = |a: f64, b: f64| (a - b).abs() < 1e-9;
            prop_assert!(near(row.claimed, row.matched + row.claimed_without_order));
            prop_assert!(near(row.orders, row.orders_claimed + row.orders_without_claim));
            prop_assert!(row.matched >= 0.0 && row.claimed_without_order >= 0.0);
        }
        for total in &report.sources {
            let of = report.campaigns.iter().filter(|row| row.source == total.source);
            let matched: f64 = of.clone().map(|row| row.matched).sum();
            let orders: f64 = of.clone().map(|row| row.orders_claimed).sum();
            prop_assert!((matched - total.matched).abs() < 1e-9);
            prop_assert!((orders - total.orders_claimed).abs() < 1e-9);
            prop_assert!((total.matched - total.orders_claimed).abs() < 1e-9);
        }
        prop_assert!(report.joined <= report.owed && report.owed + report.unattributed == report.orders);
    }
}
