use super::*;
use campaign_core::{AdId, BrandId, CampaignId};
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use proptest::prelude::*;

fn record(ad: &str, campaign: &str, day: Date, clicks: u64) -> Record {
    Record {
        brand: BrandId::new("b").unwrap(),
        source: SourceId::new("meta_ads").unwrap(),
        account: None,
        channel: None,
        campaign: CampaignId::new(campaign).ok(),
        campaign_name: None,
        ad_group: None,
        ad_group_name: None,
        ad: AdId::new(ad).ok(),
        ad_name: Some(format!("name of {ad}").into()),
        creative: None,
        audience: None,
        country: None,
        breakdown: None,
        date: day,
        zone: Some("America/New_York".into()),
        currency: "USD".parse().ok(),
        spend: Micros(1_000_000),
        revenue: Some(Micros(77)),
        reporting: None,
        impressions: Some(100),
        clicks: Some(clicks),
        conversions: Some(9.0),
        video_views: None,
        attribution_window: None,
        known_at: day.to_zoned_datetime(TimeZone::UTC).unwrap().timestamp(),
    }
}

fn order(at: &str, ad: Option<&str>, campaign: Option<&str>, value: i64) -> Conversion {
    let at: Timestamp = at.parse().unwrap();
    let (brand, source) = (BrandId::new("b").unwrap(), SourceId::new("crm").unwrap());
    let mut order = Conversion::new(brand, source, at, at);
    order.ad = ad.map(|ad| AdId::new(ad).unwrap());
    order.campaign = campaign.map(|c| CampaignId::new(c).unwrap());
    order.value = Some(Micros(value));
    order.currency = "USD".parse().ok();
    order
}

const DAY: Date = date(2026, 5, 4);

#[test]
fn an_order_lands_on_its_account_day() {
    let mut records = vec![record("1", "c", date(2026, 5, 3), 5), record("1", "c", DAY, 5)];
    // 02:00 UTC is still the evening of the 3rd in New York.
    let orders = [order("2026-05-04T02:00:00Z", Some("1"), None, 500)];
    let applied = apply_conversions(&mut records, &orders, ApplyOptions::new(7)).unwrap();
    assert_eq!((applied.by_ad, applied.coverage()), (1, Some(1.0)));
    assert_eq!((records[0].conversions, records[0].revenue), (Some(1.0), Some(Micros(500))));
    assert_eq!((records[1].conversions, records[1].revenue), (Some(0.0), Some(Micros(0))));
    let claims = &applied.by_source[&SourceId::new("meta_ads").unwrap()];
    assert_eq!((claims.claimed, claims.orders), (18.0, 1.0));
}

#[test]
fn window_names_and_what_is_not_found() {
    let run = |order: Conversion, window| {
        let mut records = vec![record("1", "c", DAY, 5)];
        let applied = apply_conversions(&mut records, &[order], ApplyOptions::new(window)).unwrap();
        (applied.joined(), applied.unmatched, applied.unattributed)
    };
    let late = "2026-05-06T12:00:00Z";
    assert_eq!(run(order(late, Some("1"), None, 1), 2), (1, 0, 0));
    assert_eq!(run(order(late, Some("1"), None, 1), 1), (0, 1, 0));
    // Never onto a day after the order.
    assert_eq!(run(order("2026-05-03T12:00:00Z", Some("1"), None, 1), 9), (0, 1, 0));
    assert_eq!(run(order(late, Some("name of 1"), None, 1), 2), (1, 0, 0));
    assert_eq!(run(order(late, Some("free text"), Some("c"), 1), 2), (1, 0, 0));
    assert_eq!(run(order(late, Some("2"), Some("d"), 1), 2), (0, 1, 0));
    assert_eq!(run(order(late, None, None, 1), 2), (0, 0, 1));
    let mut other = order(late, Some("1"), None, 1);
    other.platform = SourceId::new("google_ads").ok();
    assert_eq!(run(other, 2), (0, 1, 0));
}

#[test]
fn known_at_is_when_the_row_is_complete() {
    let mut records = vec![record("1", "c", DAY, 5), record("2", "c", DAY, 5)];
    let mut late = order("2026-05-04T12:00:00Z", Some("1"), None, 5);
    late.known_at = "2026-05-09T00:00:00Z".parse().unwrap();
    let before = records[1].known_at;
    let applied = apply_conversions(&mut records, &[late.clone()], ApplyOptions::new(0)).unwrap();
    assert_eq!((records[0].known_at, records[1].known_at), (late.known_at, before));
    assert_eq!(applied.credits[0].known_at, late.known_at);
    let early = ApplyOptions::new(0).with_as_of("2026-05-08T00:00:00Z".parse().unwrap());
    let mut records = vec![record("1", "c", DAY, 5)];
    let applied = apply_conversions(&mut records, &[late], early).unwrap();
    assert_eq!((applied.after_as_of, applied.owed), (1, 0));
    assert_eq!(records[0].conversions, Some(0.0));
}

#[test]
fn currencies() {
    let mut euro = order("2026-05-04T12:00:00Z", Some("1"), None, 1_000_000);
    euro.currency = "EUR".parse().ok();
    let records = vec![record("1", "c", DAY, 5)];
    // The order without a rate is left out and told; the one beside it counts.
    let mut missing = records.clone();
    let dollar = order("2026-05-04T13:00:00Z", Some("1"), None, 700);
    let both = [euro.clone(), dollar];
    let applied = apply_conversions(&mut missing, &both, ApplyOptions::new(0)).unwrap();
    assert_eq!((applied.owed, applied.joined(), applied.incomparable.len()), (2, 1, 1));
    let (position, error) = &applied.incomparable[0];
    assert_eq!(*position, 0);
    assert!(error.to_string().contains("from EUR to USD on 2026-05-04"), "{error}");
    assert_eq!((missing[0].conversions, missing[0].revenue), (Some(1.0), Some(Micros(700))));
    assert_eq!(applied.value_elsewhere["EUR"], Micros(1_000_000));
    assert!(applied.is_usable());
    let strict = ApplyOptions::new(0).with_least_joined(0.51);
    assert!(!apply_conversions(&mut records.clone(), &both, strict).unwrap().is_usable());
    let fx = FxTable::from_csv("date,base,quote,rate\n2026-05-04,EUR,USD,1.25\n").unwrap();
    let mut converted = records.clone();
    let options = ApplyOptions::new(0).with_fx(&fx, 0);
    apply_conversions(&mut converted, &[euro.clone()], options).unwrap();
    assert_eq!(converted[0].revenue, Some(Micros(1_250_000)));
    euro.currency = None;
    let mut unknown = records;
    let applied = apply_conversions(&mut unknown, &[euro], ApplyOptions::new(0)).unwrap();
    assert!(matches!(applied.incomparable[0].1, ApplyError::Unknown { .. }));
    assert_eq!((unknown[0].conversions, applied.coverage()), (Some(0.0), Some(0.0)));
}

proptest! {
    /// Every order is counted once and no micro is lost, against sums made without the index.
    #[test]
    fn money_and_orders_are_conserved(
        rows in prop::collection::vec((0_u8..4, 0_u8..2, 0_i8..5, 0_u64..9), 1..12),
        orders in prop::collection::vec((0_i8..6, prop::option::of(0_u8..5), prop::option::of(0_u8..3), 0_i64..1_000_000), 0..12),
        window in 0_u16..4,
    ) {
        let mut records: Vec<Record> = rows.iter().map(|(ad, campaign, day, clicks)| {
            record(&format!("a{ad}"), &format!("c{campaign}"), date(2026, 5, 1 + day), *clicks)
        }).collect();
        let orders: Vec<Conversion> = orders.iter().map(|(day, ad, campaign, value)| {
            let (ad, campaign) = (ad.map(|a| format!("a{a}")), campaign.map(|c| format!("c{c}")));
            let at = format!("2026-05-0{}T16:00:00Z", 1 + day);
            order(&at, ad.as_deref(), campaign.as_deref(), *value)
        }).collect();
        let expected: i64 = orders.iter().filter(|o| {
            let near = |r: &Record| {
                let day = o.at.to_zoned_datetime(TimeZone::UTC).date();
                let age = (day - r.date).get_days();
                age >= 0 && age <= i32::from(window)
            };
            let has_ad = o.ad.is_some() && records.iter().any(|r| r.ad == o.ad);
            if has_ad {
                records.iter().any(|r| r.ad == o.ad && near(r))
            } else {
                o.campaign.is_some() && records.iter().any(|r| r.campaign == o.campaign && near(r))
            }
        }).map(|o| o.value.unwrap().0).sum();
        let applied = apply_conversions(&mut records, &orders, ApplyOptions::new(window)).unwrap();
        prop_assert_eq!(records.iter().map(|r| r.revenue.unwrap().0).sum::<i64>(), expected);
        let left_out = applied.incomparable.len() as u64;
        prop_assert_eq!(applied.owed, applied.joined() + applied.unmatched + left_out);
        prop_assert_eq!(applied.orders, applied.owed + applied.unattributed);
        let sum: f64 = records.iter().map(|r| r.conversions.unwrap()).sum();
        prop_assert!((sum - applied.joined() as f64).abs() < 1e-9);
    }
}
