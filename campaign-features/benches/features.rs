//! 100,000 ad-days through the default spec: 500 ads, 200 days, five channels, two zones, a
//! restatement of every seventh row.

use std::hint::black_box;

use campaign_core::time::{AccountDay, zone};
use campaign_core::{AdId, BrandId, ChannelId, CreativeId, Micros, Record, SourceId};
use campaign_features::feature::ad::{FeatureSpec, Intake, Labels, Observations};
use criterion::{Criterion, criterion_group, criterion_main};
use jiff::civil::date;
use jiff::{SignedDuration, ToSpan};

fn records() -> Result<Vec<Record>, Box<dyn std::error::Error>> {
    let zones = ["America/Los_Angeles", "Europe/Berlin"];
    let mut rows = Vec::new();
    for a in 0..500_u64 {
        let zone_name = zones[(a % 2) as usize];
        let tz = zone(zone_name)?;
        for i in 0..200_u64 {
            let day = date(2026, 1, 1).checked_add((i as i64).days())?;
            let n = (a * 7919 + i * 104_729) % 1000;
            let mut row = Record {
                brand: BrandId::new("brand")?,
                source: SourceId::new("meta_ads")?,
                account: None,
                channel: Some(ChannelId::new(format!("channel {}", a % 5))?),
                campaign: None,
                campaign_name: None,
                ad_group: None,
                ad_group_name: None,
                ad: Some(AdId::new(format!("{}", 10_000 + a))?),
                ad_name: Some(format!("Shop now {a}").into()),
                creative: Some(CreativeId::new(format!("creative {}", a / 3))?),
                audience: None,
                country: Some("DE".into()),
                breakdown: Some("format=video".into()),
                date: day,
                zone: Some(zone_name.into()),
                currency: Some("EUR".parse()?),
                spend: Micros(n as i64 * 10_000),
                revenue: Some(Micros(n as i64 * 25_000)),
                reporting: None,
                impressions: Some(n * 40),
                clicks: Some(n),
                conversions: Some(n as f64 / 50.0),
                video_views: None,
                attribution_window: None,
                known_at: AccountDay::new(day, &tz)?.end(),
            };
            rows.push(row.clone());
            if n % 7 == 0 {
                row.spend = Micros(n as i64 * 9_000);
                row.known_at += SignedDuration::from_hours(72);
                rows.push(row);
            }
        }
    }
    Ok(rows)
}

fn features(c: &mut Criterion) -> Result<(), Box<dyn std::error::Error>> {
    let records = records()?;
    let intake = Intake::default();
    let observations = Observations::from_records(&records, &intake)?;
    let rows = observations.ad_days();
    let spec = FeatureSpec::default();
    let as_of = observations.last_known().ok_or("no observations")?;
    c.bench_function("records to observations, 100k ad-days", |b| {
        b.iter(|| Observations::from_records(black_box(&records), &intake));
    });
    c.bench_function("default spec, 100k ad-days", |b| {
        b.iter(|| spec.build(black_box(&observations), &rows));
    });
    c.bench_function("labels, 100k ad-days", |b| {
        b.iter(|| Labels::at(black_box(&observations), &rows, as_of, 7));
    });
    Ok(())
}

fn run(c: &mut Criterion) {
    if let Err(error) = features(c) {
        eprintln!("{error}");
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(10);
    targets = run
}
criterion_main!(benches);
