//! A small market of random observations, and features of it by the plainest scan there is: for
//! every row and feature, look at every observation again. Shares no code with the library's own
//! path beyond the input types, the text and calendar fields, and the holiday rules.

#![allow(dead_code, unreachable_pub, reason = "each test file uses a part of it")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test helper fails by panicking")]

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::time::{AccountDay, zone};
use campaign_core::{AdId, ChannelId, ColumnKind, CreativeId, Micros};
use campaign_features::feature::ad::{
    Attributes, Feature, FeatureSpec, FeatureTable, Frame, Holidays, Measure, Measures,
    Observation, ObservationLog, Rate,
};
use jiff::civil::{Date, date};
use jiff::{SignedDuration, Timestamp, ToSpan};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

use campaign_core::rand::RngExt;

/// The zone of each ad; the spring clock changes of two of them lie in the days used.
pub const ZONES: [(&str, &str); 5] = [
    ("a1", "America/Los_Angeles"),
    ("a2", "Europe/Berlin"),
    ("a3", "Europe/Berlin"),
    ("a4", "Etc/GMT+5"),
    ("a5", "Asia/Kolkata"),
];

pub const FIRST: Date = Date::constant(2026, 3, 4);
pub const DAYS: i64 = 30;

#[derive(Debug, Clone)]
pub struct Described {
    pub creative: CreativeId,
    pub known_at: Timestamp,
    pub text: Option<Arc<str>>,
    pub format: Option<Arc<str>>,
}

#[derive(Debug, Clone)]
pub struct Market {
    pub observations: Vec<Observation>,
    pub described: Vec<Described>,
}

pub fn rng(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn pick<T: Clone>(from: &[T], rng: &mut Xoshiro256PlusPlus) -> T {
    from[rng.random_range(0..from.len())].clone()
}

fn some<T>(chance: f64, rng: &mut Xoshiro256PlusPlus, value: T) -> Option<T> {
    (rng.random::<f64>() < chance).then_some(value)
}

pub fn measures(rng: &mut Xoshiro256PlusPlus) -> Measures {
    // Now and then zeros, negative corrections, and amounts at the limit of what is accepted.
    let amount = |rng: &mut Xoshiro256PlusPlus| {
        Micros(match rng.random_range(0..12) {
            0 => 0,
            1 => -rng.random_range(0..5_000_000),
            2 => i64::MAX / 2,
            _ => rng.random_range(0..90_000_000),
        })
    };
    let count = |rng: &mut Xoshiro256PlusPlus, most: u64| match rng.random_range(0..12) {
        0 => 0,
        1 => i64::MAX as u64 / 2,
        _ => rng.random_range(0..most),
    };
    Measures {
        spend: {
            let v = amount(rng);
            some(0.9, rng, v)
        },
        impressions: {
            let v = count(rng, 5000);
            some(0.8, rng, v)
        },
        clicks: {
            let v = count(rng, 300);
            some(0.8, rng, v)
        },
        conversions: {
            let v = f64::from(rng.random_range(-2..40i32)) / 7.0;
            some(0.6, rng, v)
        },
        revenue: {
            let v = amount(rng);
            some(0.5, rng, v)
        },
    }
}

/// An observation; most become known within days of the day, some before it, and many at the very
/// start of a day in the ad's zone.
pub fn observation(rng: &mut Xoshiro256PlusPlus) -> Observation {
    let (ad, zone_name) = pick(&ZONES, rng);
    let day = FIRST.checked_add(rng.random_range(0..DAYS).days()).unwrap();
    let zone = zone(zone_name).unwrap();
    let known_at = match rng.random_range(0..3) {
        0 => AccountDay::new(day, &zone).unwrap().end(),
        1 => {
            let later = day.checked_add(rng.random_range(-1..9).days()).unwrap();
            AccountDay::new(later, &zone).unwrap().start()
                + SignedDuration::from_mins(30 * rng.random_range(0..2))
        }
        _ => {
            let start = AccountDay::new(day, &zone).unwrap().start();
            start + SignedDuration::from_mins(30 * rng.random_range(-60..500))
        }
    };
    let text = |rng: &mut Xoshiro256PlusPlus| -> Arc<str> {
        pick(&["Shop now | format=video", "Sommer 20%", "Neu?", "ÉTÉ"], rng).into()
    };
    Observation {
        ad: AdId::new(ad).unwrap(),
        part: pick(&[Some("x"), Some("y"), None], rng).map(Into::into),
        day,
        known_at,
        measures: measures(rng),
        attributes: Attributes {
            ad_name: {
                let v = text(rng);
                some(0.5, rng, v)
            },
            channel: {
                let v = pick(&["tv", "search", "social"], rng);
                some(0.7, rng, ChannelId::new(v).unwrap())
            },
            creative: {
                let v = pick(&["c1", "c2", "c3"], rng);
                some(0.7, rng, CreativeId::new(v).unwrap())
            },
            format: {
                let v = pick(&["video", "image"], rng);
                some(0.5, rng, v.into())
            },
        },
    }
}

pub fn described(rng: &mut Xoshiro256PlusPlus) -> Described {
    let hours = rng.random_range(0..24 * DAYS);
    let start: Timestamp = "2026-03-04T00:00:00Z".parse().unwrap();
    Described {
        creative: CreativeId::new(pick(&["c1", "c2"], rng)).unwrap(),
        known_at: start + SignedDuration::from_hours(hours),
        text: {
            let v = pick(&["Mehr erfahren!", "Order today"], rng);
            some(0.7, rng, v.into())
        },
        format: {
            let v = pick(&["carousel", "image"], rng);
            some(0.7, rng, v.into())
        },
    }
}

impl Market {
    pub fn random(seed: u64, most: usize) -> Self {
        let rng = &mut rng(seed);
        let n = rng.random_range(0..=most);
        let mut market = Self {
            observations: (0..n).map(|_| observation(rng)).collect(),
            described: (0..rng.random_range(0..4)).map(|_| described(rng)).collect(),
        };
        market.without_ties();
        market
    }

    /// Leaves one of several versions that became known at the same instant, and one of several
    /// descriptions.
    pub fn without_ties(&mut self) {
        let mut seen = std::collections::BTreeSet::new();
        self.observations.retain(|o| {
            o.part.is_none() || seen.insert((o.ad.clone(), o.part.clone(), o.day, o.known_at))
        });
        let mut seen = std::collections::BTreeSet::new();
        self.described.retain(|d| seen.insert((d.creative.clone(), d.known_at)));
    }

    pub fn log(&self) -> ObservationLog {
        let mut log = ObservationLog::new();
        for (ad, zone) in ZONES {
            log.push_zone(&AdId::new(ad).unwrap(), &zone.into(), true).unwrap();
        }
        for observation in &self.observations {
            log.push(observation.clone()).unwrap();
        }
        for d in &self.described {
            log.describe(&d.creative, d.known_at, d.text.clone(), d.format.clone()).unwrap();
        }
        log
    }

    pub fn build(&self, spec: &FeatureSpec, rows: &[(AdId, Date)]) -> FeatureTable {
        spec.build(&self.log().finish().unwrap(), rows).unwrap()
    }
}

/// Every ad on every day of the market and some days on, and an ad of which nothing is known.
pub fn rows() -> Vec<(AdId, Date)> {
    let ads = ZONES.iter().map(|(ad, _)| *ad).chain(["stranger"]);
    ads.flat_map(|ad| {
        (0..DAYS + 9).map(move |i| (AdId::new(ad).unwrap(), FIRST.checked_add(i.days()).unwrap()))
    })
    .collect()
}

pub fn spec() -> FeatureSpec {
    let holidays = Holidays::new(["DE".parse().unwrap()]).with_day(date(2026, 3, 20));
    FeatureSpec::standard(&[2, 7, 28], &[1, 7], holidays)
        .with(Feature::Sum { measure: Measure::Clicks, frame: Frame::between(8, 14) })
}

/// A cell: bits of a number (every NaN alike), or the name of a level.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Bits(u64),
    Level(Arc<str>),
}

fn number(value: f64) -> Cell {
    Cell::Bits(if value.is_nan() { f64::NAN.to_bits() } else { value.to_bits() })
}

/// The rows of a table as cells.
pub fn cells(table: &FeatureTable) -> Vec<Vec<Cell>> {
    let row = |row: campaign_core::ndarray::ArrayView1<'_, f64>| {
        let cell = |(value, column): (&f64, &campaign_core::Column)| match &column.kind {
            ColumnKind::Categorical { levels } if !value.is_nan() => {
                Cell::Level(levels[*value as usize].clone())
            }
            _ => number(*value),
        };
        row.iter().zip(table.columns()).map(cell).collect()
    };
    table.values().rows().into_iter().map(row).collect()
}

/// When a row decides and how far it sees, by its definition.
#[derive(Debug, Clone, Copy)]
pub struct Decision {
    pub day: Date,
    pub decided: Date,
    pub cutoff: Timestamp,
}

pub fn decision(ad: &AdId, day: Date, lead: i32, as_of: Option<Timestamp>) -> Decision {
    let name = ZONES.iter().find(|(a, _)| *a == ad.as_str()).map_or("UTC", |(_, zone)| zone);
    let decided = day.checked_sub(lead.days()).unwrap();
    let start = AccountDay::new(decided, &zone(name).unwrap()).unwrap().start();
    Decision { day, decided, cutoff: as_of.map_or(start, |as_of| start.min(as_of)) }
}

/// Which observations a row sees. The honest one is [`honest`]; the others leak.
pub type Sees = fn(&Observation, &Decision) -> bool;

pub fn honest(o: &Observation, d: &Decision) -> bool {
    o.day < d.decided && o.known_at <= d.cutoff
}

/// Forgets that a row may have become known later.
pub fn ignores_known_at(o: &Observation, d: &Decision) -> bool {
    o.day < d.decided
}

/// Takes the day itself.
pub fn takes_the_day(o: &Observation, d: &Decision) -> bool {
    o.day <= d.decided && o.known_at <= d.cutoff
}

/// Takes what became known within the first hour after the cut-off.
pub fn an_hour_late(o: &Observation, d: &Decision) -> bool {
    o.day < d.decided && o.known_at <= d.cutoff + SignedDuration::from_hours(1)
}

/// The features of one row by scanning everything.
pub fn naive(
    market: &Market,
    features: &[Feature],
    holidays: &Holidays,
    ad: &AdId,
    d: &Decision,
    sees: Sees,
) -> Vec<Cell> {
    let seen: Vec<&Observation> = market.observations.iter().filter(|o| sees(o, d)).collect();
    let mine: Vec<&Observation> = seen.iter().copied().filter(|o| o.ad == *ad).collect();
    let current = current(&seen);
    let mine_now: Vec<&Observation> = current.iter().copied().filter(|o| o.ad == *ad).collect();
    let creative = stated(&mine, |o| o.attributes.creative.clone());
    let description = |of: fn(&Described) -> Option<Arc<str>>| {
        let mut known: Vec<&Described> = market
            .described
            .iter()
            .filter(|x| Some(&x.creative) == creative.as_ref() && x.known_at <= d.cutoff)
            .filter(|x| of(x).is_some())
            .collect();
        known.sort_by_key(|x| x.known_at);
        known.last().and_then(|x| of(x))
    };
    let sum = |measure: Measure, frame: Frame| -> f64 {
        let inside: Vec<&Observation> =
            mine_now.iter().copied().filter(|o| in_frame(o, d, frame)).collect();
        let reports = |o: &&Observation| integer(&o.measures, measure).is_some();
        let reported = if frame.nearest() == frame.furthest() {
            inside.iter().any(reports)
        } else {
            mine_now.iter().any(reports)
        };
        let total: i128 = inside.iter().filter_map(|o| integer(&o.measures, measure)).sum();
        if reported { units(measure, total) } else { f64::NAN }
    };
    let age = |shown: &dyn Fn(&Observation) -> bool| {
        let first = seen.iter().filter(|o| shown(o) && ran(&o.measures)).map(|o| o.day).min();
        first.map_or(f64::NAN, |first| days_between(first, d.day))
    };
    let value = |feature: Feature| -> Cell {
        number(match feature {
            Feature::Sum { measure, frame } => sum(measure, frame),
            Feature::Rate { rate, frame } => {
                let (above, below) = match rate {
                    Rate::Ctr => (Measure::Clicks, Measure::Impressions),
                    Rate::Cvr => (Measure::Conversions, Measure::Clicks),
                    Rate::Cpc => (Measure::Spend, Measure::Clicks),
                    Rate::Cpa => (Measure::Spend, Measure::Conversions),
                    Rate::Roas => (Measure::Revenue, Measure::Spend),
                    _ => panic!("a new rate"),
                };
                let ratio = sum(above, frame) / sum(below, frame);
                if ratio.is_finite() { ratio } else { f64::NAN }
            }
            Feature::KnownDays { frame } => {
                let inside = mine.iter().filter(|o| in_frame(o, d, frame));
                let mut days: Vec<Date> = inside.map(|o| o.day).collect();
                days.sort_unstable();
                days.dedup();
                days.len() as f64
            }
            Feature::ChannelShare { frame } => {
                match stated(&mine, |o| o.attributes.channel.clone()) {
                    None => f64::NAN,
                    Some(channel) => {
                        let of_channel = current.iter().filter(|o| {
                            in_frame(o, d, frame) && o.attributes.channel.as_ref() == Some(&channel)
                        });
                        let whole: i128 =
                            of_channel.filter_map(|o| integer(&o.measures, Measure::Spend)).sum();
                        let share = sum(Measure::Spend, frame) / units(Measure::Spend, whole);
                        if share.is_finite() { share } else { f64::NAN }
                    }
                }
            }
            Feature::AdAge => age(&|o| o.ad == *ad),
            Feature::CreativeAge => {
                age(&|o| creative.is_some() && o.attributes.creative == creative)
            }
            Feature::Text(field) => {
                let name = || stated(&mine, |o| o.attributes.ad_name.clone());
                let text = description(|x| x.text.clone()).or_else(name);
                text.map_or(f64::NAN, |text| field.of(&text))
            }
            Feature::Channel => {
                let channel = stated(&mine, |o| o.attributes.channel.clone());
                return channel.map_or(number(f64::NAN), |c| Cell::Level(c.as_str().into()));
            }
            Feature::Format => {
                let told = || stated(&mine, |o| o.attributes.format.clone());
                let format = description(|x| x.format.clone()).or_else(told);
                return format.map_or(number(f64::NAN), Cell::Level);
            }
            Feature::Calendar(field) => field.of(d.day),
            Feature::Holiday(region) => flag(region.is_holiday(d.day).unwrap()),
            Feature::AdDay => flag(holidays.is_ad_day(d.day)),
            Feature::UserDay => flag(holidays.is_user_day(d.day)),
            Feature::DaysToHoliday => nearest(holidays, d.day, 1),
            Feature::DaysSinceHoliday => nearest(holidays, d.day, -1),
            _ => panic!("a new feature"),
        })
    };
    features.iter().map(|&feature| value(feature)).collect()
}

/// Of each fact the latest version.
fn current<'a>(seen: &[&'a Observation]) -> Vec<&'a Observation> {
    let mut latest: BTreeMap<(&AdId, Date, &Arc<str>), &Observation> = BTreeMap::new();
    let mut out = Vec::new();
    for &o in seen {
        match &o.part {
            None => out.push(o),
            Some(part) => {
                let slot = latest.entry((&o.ad, o.day, part)).or_insert(o);
                if o.known_at > slot.known_at {
                    *slot = o;
                }
            }
        }
    }
    out.extend(latest.into_values());
    out
}

fn stated<T: Ord + Clone>(
    mine: &[&Observation],
    of: impl Fn(&Observation) -> Option<T>,
) -> Option<T> {
    let stating = mine.iter().filter_map(|o| Some((o.day, o.known_at, of(o)?)));
    stating.max().map(|(_, _, value)| value)
}

fn in_frame(o: &Observation, d: &Decision, frame: Frame) -> bool {
    let back = days_between(o.day, d.decided);
    f64::from(frame.nearest()) <= back && back <= f64::from(frame.furthest())
}

fn days_between(from: Date, to: Date) -> f64 {
    f64::from(to.since(from).unwrap().get_days())
}

fn integer(measures: &Measures, measure: Measure) -> Option<i128> {
    match measure {
        Measure::Spend => measures.spend.map(|m| i128::from(m.0)),
        Measure::Revenue => measures.revenue.map(|m| i128::from(m.0)),
        Measure::Impressions => measures.impressions.map(i128::from),
        Measure::Clicks => measures.clicks.map(i128::from),
        Measure::Conversions => measures.conversions.map(|c| (c * 1e6).round_ties_even() as i128),
        _ => panic!("a new measure"),
    }
}

fn units(measure: Measure, sum: i128) -> f64 {
    match measure {
        Measure::Impressions | Measure::Clicks => sum as f64,
        _ => sum as f64 / 1e6,
    }
}

fn ran(measures: &Measures) -> bool {
    match measures.impressions {
        Some(impressions) => impressions > 0,
        None => measures.spend.is_some_and(|spend| spend.0 > 0),
    }
}

fn flag(yes: bool) -> f64 {
    f64::from(u8::from(yes))
}

fn nearest(holidays: &Holidays, day: Date, step: i64) -> f64 {
    for n in 0..28 {
        let there = day.checked_add((step * n).days()).unwrap();
        let special = holidays.is_ad_day(there)
            || holidays.is_user_day(there)
            || holidays.regions().iter().any(|region| holidays.is_holiday(*region, there).unwrap());
        if special {
            return n as f64;
        }
    }
    28.0
}
