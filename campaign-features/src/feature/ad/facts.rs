//! Versions in order, as additive changes.
//!
//! The total of an ad's day as known at an instant is the sum over its parts of the latest version
//! known then. Taken as changes (each version minus the one it replaces), that is the sum of all
//! changes known then, so that one kernel of exact integer sums serves restatements, late orders and
//! any instant.

use std::sync::Arc;

use campaign_core::time::zone;
use campaign_core::{AdId, ChannelId, CreativeId};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::error::FeatureError;
use super::measure::{MEASURES, Measure};
use super::observation::{NONE, ObservationLog, Ties, Version, date_of};

/// Changes sorted by ad, day and instant, in columns.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// Ascending.
    pub(super) ads: Vec<AdId>,
    /// The zone of each ad, by index into `zones`.
    pub(super) zone: Vec<usize>,
    /// The first is the default.
    pub(super) zones: Vec<TimeZone>,
    /// Ad `i` owns the changes `start[i]..start[i + 1]`.
    start: Vec<usize>,
    pub(super) day: Vec<i32>,
    pub(super) known: Vec<Timestamp>,
    pub(super) values: [Vec<i64>; MEASURES],
    /// +1 where a measure begins to be reported, -1 where it ceases to be.
    pub(super) reported: [Vec<i64>; MEASURES],
    /// 1 for the first change of each (ad, day) to become known.
    pub(super) new_day: Vec<i64>,
    /// Whether the version behind the change shows that the ad ran.
    pub(super) ran: Vec<bool>,
    pub(super) name: Vec<u32>,
    /// Whose spend the change is part of.
    pub(super) channel: Vec<u32>,
    /// What the version says; nothing for a change that only takes away.
    pub(super) stated_channel: Vec<u32>,
    pub(super) creative: Vec<u32>,
    pub(super) format: Vec<u32>,
    /// Ascending, like the other two, so that an index orders as its name.
    pub(super) texts: Vec<Arc<str>>,
    pub(super) channels: Vec<ChannelId>,
    pub(super) creatives: Vec<CreativeId>,
    /// When each channel first became known.
    pub(super) channel_known: Vec<Option<Timestamp>>,
    /// Per creative: instant, text, format; ascending.
    pub(super) descriptions: Vec<Vec<(Timestamp, u32, u32)>>,
}

impl Facts {
    /// The changes of an ad; empty for one that does not exist.
    pub(super) fn range(&self, ad: usize) -> core::ops::Range<usize> {
        match (self.start.get(ad), self.start.get(ad + 1)) {
            (Some(&start), Some(&end)) => start..end,
            _ => 0..0,
        }
    }

    /// The index of an ad.
    pub(super) fn ad(&self, ad: &AdId) -> Option<usize> {
        self.ads.binary_search(ad).ok()
    }
}

/// One change, before it is put into columns.
struct Change {
    ad: u32,
    day: i32,
    known_at: Timestamp,
    values: [i64; MEASURES],
    reported: [i64; MEASURES],
    channel: u32,
    /// The version that brings it; `None` for what is only taken away.
    version: Option<usize>,
}

pub(super) fn ordered(log: ObservationLog) -> Result<Facts, FeatureError> {
    let ObservationLog {
        mut versions,
        mut descriptions,
        ads,
        channels,
        creatives,
        texts,
        stated_zones,
        default_zone,
        ties,
        ..
    } = log;
    let (ads, ad_at) = sorted(ads.iter());
    let (channels, channel_at) = sorted(channels.iter());
    let (creatives, creative_at) = sorted(creatives.iter());
    let (texts, text_at) = sorted(texts.iter());
    for v in &mut versions {
        v.ad = moved(&ad_at, v.ad);
        v.channel = moved(&channel_at, v.channel);
        v.creative = moved(&creative_at, v.creative);
        v.name = moved(&text_at, v.name);
        v.format = moved(&text_at, v.format);
    }
    // Stable, so that the version pushed last stays last among equals.
    versions.sort_by_key(|v| (v.ad, v.day, v.part, v.known_at));
    let mut changes = changes(&versions, ties, &ads)?;
    changes.sort_by_key(|c| (c.ad, c.day, c.known_at));

    let (zones, zone) = zones(&stated_zones, default_zone, &ad_at, ads.len())?;
    let mut channel_known = vec![None; channels.len()];
    for v in &versions {
        if let Some(first) = channel_known.get_mut(v.channel as usize) {
            *first = Some(first.map_or(v.known_at, |t: Timestamp| t.min(v.known_at)));
        }
    }
    let mut described = vec![Vec::new(); creatives.len()];
    for d in &mut descriptions {
        let entry = (d.known_at, moved(&text_at, d.text), moved(&text_at, d.format));
        if let Some(list) = described.get_mut(moved(&creative_at, d.creative) as usize) {
            list.push(entry);
        }
    }
    described.iter_mut().for_each(|list| list.sort_unstable());

    let (start, new_day) = starts(&changes, ads.len());
    let of = |f: fn(&Version) -> u32| -> Vec<u32> {
        changes.iter().map(|c| c.version.map_or(NONE, |v| f(&versions[v]))).collect()
    };
    Ok(Facts {
        start,
        new_day,
        day: changes.iter().map(|c| c.day).collect(),
        known: changes.iter().map(|c| c.known_at).collect(),
        values: core::array::from_fn(|m| changes.iter().map(|c| c.values[m]).collect()),
        reported: core::array::from_fn(|m| changes.iter().map(|c| c.reported[m]).collect()),
        ran: changes.iter().map(|c| c.version.is_some_and(|v| ran(&versions[v]))).collect(),
        name: of(|v| v.name),
        creative: of(|v| v.creative),
        format: of(|v| v.format),
        stated_channel: of(|v| v.channel),
        channel: changes.iter().map(|c| c.channel).collect(),
        ads,
        zone,
        zones,
        texts,
        channels,
        creatives,
        channel_known,
        descriptions: described,
    })
}

/// Each version minus the one it replaces; one that moves to another channel leaves the old one.
fn changes(versions: &[Version], ties: Ties, ads: &[AdId]) -> Result<Vec<Change>, FeatureError> {
    let mut changes: Vec<Change> = Vec::with_capacity(versions.len());
    let mut before: Option<usize> = None;
    for (i, v) in versions.iter().enumerate() {
        let previous =
            before.map(|b| &versions[b]).filter(|p| (p.ad, p.day, p.part) == (v.ad, v.day, v.part));
        if let Some(next) = versions.get(i + 1)
            && (next.ad, next.day, next.part, next.known_at) == (v.ad, v.day, v.part, v.known_at)
        {
            if ties == Ties::Refuse && !same(v, next) {
                return Err(tie(v, ads));
            }
            continue;
        }
        let counts = |v: &Version| v.reported.map(i64::from);
        let change = |values, reported, channel, version| Change {
            ad: v.ad,
            day: v.day,
            known_at: v.known_at,
            values,
            reported,
            channel,
            version,
        };
        match previous {
            Some(p) if p.channel == v.channel => changes.push(change(
                core::array::from_fn(|m| v.values[m] - p.values[m]),
                core::array::from_fn(|m| i64::from(v.reported[m]) - i64::from(p.reported[m])),
                v.channel,
                Some(i),
            )),
            Some(p) => {
                changes.push(change(p.values.map(|x| -x), counts(p).map(|x| -x), p.channel, None));
                changes.push(change(v.values, counts(v), v.channel, Some(i)));
            }
            None => changes.push(change(v.values, counts(v), v.channel, Some(i))),
        }
        before = Some(i);
    }
    Ok(changes)
}

fn same(a: &Version, b: &Version) -> bool {
    (a.values, a.reported, a.name, a.channel, a.creative, a.format)
        == (b.values, b.reported, b.name, b.channel, b.creative, b.format)
}

fn tie(v: &Version, ads: &[AdId]) -> FeatureError {
    let day = date_of(v.day).unwrap_or(jiff::civil::Date::ZERO);
    FeatureError::Tie { ad: ads[v.ad as usize].clone(), day, known_at: v.known_at }
}

/// Impressions tell whether an ad ran; where they are not reported, spend does.
fn ran(v: &Version) -> bool {
    let at = |measure: Measure| (v.reported[measure as usize], v.values[measure as usize]);
    match at(Measure::Impressions) {
        (true, impressions) => impressions > 0,
        (false, _) => at(Measure::Spend).1 > 0,
    }
}

fn starts(changes: &[Change], ads: usize) -> (Vec<usize>, Vec<i64>) {
    let start = (0..=ads).map(|ad| changes.partition_point(|c| (c.ad as usize) < ad)).collect();
    let new_day = (0..changes.len())
        .map(|i| {
            let before = i.checked_sub(1).map(|b| (changes[b].ad, changes[b].day));
            i64::from(before != Some((changes[i].ad, changes[i].day)))
        })
        .collect();
    (start, new_day)
}

/// Each zone once, and which one each ad has.
fn zones(
    stated: &[Option<(Arc<str>, bool)>],
    default_zone: TimeZone,
    ad_at: &[u32],
    ads: usize,
) -> Result<(Vec<TimeZone>, Vec<usize>), FeatureError> {
    let mut names: Vec<&Arc<str>> = stated.iter().flatten().map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let mut zones = vec![default_zone];
    for name in &names {
        zones.push(zone(name)?);
    }
    let mut of_ad = vec![0; ads];
    for (before, stated) in stated.iter().enumerate() {
        if let Some((name, _)) = stated
            && let Ok(index) = names.binary_search(&name)
            && let Some(slot) = ad_at.get(before).and_then(|&ad| of_ad.get_mut(ad as usize))
        {
            *slot = index + 1;
        }
    }
    Ok((zones, of_ad))
}

/// Names in ascending order, and where each one went.
fn sorted<'a, T: Ord + Clone + 'a>(names: impl Iterator<Item = &'a T>) -> (Vec<T>, Vec<u32>) {
    let names: Vec<&T> = names.collect();
    let mut order: Vec<usize> = (0..names.len()).collect();
    order.sort_unstable_by_key(|&i| names[i]);
    let mut place = vec![0; names.len()];
    for (new, &old) in order.iter().enumerate() {
        place[old] = new as u32;
    }
    (order.into_iter().map(|i| names[i].clone()).collect(), place)
}

fn moved(place: &[u32], index: u32) -> u32 {
    place.get(index as usize).copied().unwrap_or(NONE)
}
