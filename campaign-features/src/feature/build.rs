//! From a spec, observations and rows to a table.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{AdId, ChannelId, Column};
use jiff::Timestamp;
use jiff::civil::Date;

use super::clock::Clock;
use super::creative::TextField;
use super::dated::Dated;
use super::error::FeatureError;
use super::facts::Facts;
use super::latest::{EarliestDay, earliest, latest};
use super::measure::{MEASURES, Measure};
use super::observation::day_number;
use super::share::ChannelSpend;
use super::spec::{Feature, FeatureSpec};
use super::table::FeatureTable;
use super::window::{Frame, first_rows, seen_by, sums};

/// One row asked for.
struct Row {
    /// Its place in the table.
    place: usize,
    /// Its ad in the facts, if there are any of it.
    ad: Option<usize>,
    zone: usize,
    day: Date,
    decided: i32,
    cutoff: Timestamp,
}

pub(super) fn build(
    spec: &FeatureSpec,
    facts: &Facts,
    asked: &[(AdId, Date)],
) -> Result<FeatureTable, FeatureError> {
    let mut ads: Vec<AdId> = asked.iter().map(|(ad, _)| ad.clone()).collect();
    ads.sort_unstable();
    ads.dedup();
    let in_facts: Vec<Option<usize>> = ads.iter().map(|ad| facts.ad(ad)).collect();
    let mut clock = Clock::new(&facts.zones, spec.time, spec.lead, spec.as_of);
    let (mut keys, mut rows) = (Vec::with_capacity(asked.len()), Vec::with_capacity(asked.len()));
    for (place, (name, day)) in asked.iter().enumerate() {
        let index = ads.partition_point(|ad| ad < name);
        let ad = in_facts[index];
        let zone = ad.map_or(0, |ad| facts.zone[ad]);
        let (decided, cutoff) = clock.decision(zone, *day)?;
        keys.push((index as u32, *day));
        rows.push(Row { place, ad, zone, day: *day, decided, cutoff });
    }
    let cutoffs = rows.iter().map(|row| row.cutoff).collect();
    rows.sort_by_key(|row| (row.ad, row.decided));

    let plan = Plan::new(spec, facts, &rows)?;
    let mut values = Array2::from_elem((asked.len(), spec.features.len()), f64::NAN);
    for rows in rows.chunk_by(|a, b| a.ad == b.ad) {
        plan.fill(rows, &mut values);
    }
    Ok(FeatureTable {
        ads,
        keys,
        cutoffs,
        columns: plan.columns(),
        values,
        channels: plan.channels,
        formats: plan.formats,
    })
}

/// What is computed once for the whole table.
struct Plan<'a> {
    spec: &'a FeatureSpec,
    facts: &'a Facts,
    frames: Vec<Frame>,
    dated: Dated,
    spend: ChannelSpend,
    creatives: Vec<EarliestDay>,
    texts: HashMap<(u32, TextField), f64>,
    channels: Vec<ChannelId>,
    formats: Vec<Arc<str>>,
    channel_level: Vec<f64>,
    format_level: Vec<f64>,
}

impl<'a> Plan<'a> {
    fn new(spec: &'a FeatureSpec, facts: &'a Facts, rows: &[Row]) -> Result<Self, FeatureError> {
        let mut frames: Vec<Frame> = spec.features.iter().filter_map(|f| f.frame()).collect();
        frames.sort_unstable();
        frames.dedup();
        let share_frames: Vec<Frame> = frames
            .iter()
            .copied()
            .filter(|&frame| spec.features.contains(&Feature::ChannelShare { frame }))
            .collect();
        let mut decisions: BTreeMap<usize, BTreeMap<i32, Timestamp>> = BTreeMap::new();
        for row in rows {
            decisions.entry(row.zone).or_default().insert(row.decided, row.cutoff);
        }
        let channels = spec.channels.clone().unwrap_or_else(|| by_first_known(facts));
        let formats = spec.formats.clone().unwrap_or_else(|| {
            let described = facts.descriptions.iter().flatten().map(|d| d.2);
            let mut used: Vec<u32> = facts.format.iter().copied().chain(described).collect();
            used.sort_unstable();
            used.dedup();
            used.into_iter().filter_map(|i| facts.texts.get(i as usize).cloned()).collect()
        });
        Ok(Self {
            spec,
            facts,
            dated: Dated::new(spec, rows.iter().map(|row| row.day)),
            spend: ChannelSpend::new(facts, &share_frames, &decisions),
            creatives: creatives(spec, facts),
            texts: texts(spec, facts),
            channel_level: levels(&facts.channels, &channels, ChannelId::as_str)?,
            format_level: levels(&facts.texts, &formats, |text| text)?,
            frames,
            channels,
            formats,
        })
    }

    fn columns(&self) -> Vec<Column> {
        let column = |feature: &Feature| match feature {
            Feature::Channel => {
                let levels: Vec<Arc<str>> =
                    self.channels.iter().map(|channel| channel.as_str().into()).collect();
                Column::categorical(feature.name(), levels)
            }
            Feature::Format => Column::categorical(feature.name(), self.formats.clone()),
            _ => Column::numeric(feature.name()),
        };
        self.spec.features.iter().map(column).collect()
    }

    /// Fills the rows of one ad, which ascend by their day of decision.
    fn fill(&self, rows: &[Row], values: &mut Array2<f64>) {
        let ad = AdView::new(self, rows);
        for (column, &feature) in self.spec.features.iter().enumerate() {
            for (j, row) in rows.iter().enumerate() {
                if let Some(value) = values.get_mut((row.place, column)) {
                    *value = self.value(feature, &ad, j, row);
                }
            }
        }
    }

    fn value(&self, feature: Feature, ad: &AdView, j: usize, row: &Row) -> f64 {
        let age = |first: Option<i32>| {
            first.map_or(f64::NAN, |first| f64::from(day_number(row.day) - first))
        };
        match feature {
            Feature::Sum { measure, frame } => ad.sum(self, frame, measure, j),
            Feature::Rate { rate, frame } => rate.of(
                ad.sum(self, frame, rate.numerator(), j),
                ad.sum(self, frame, rate.denominator(), j),
            ),
            Feature::KnownDays { frame } => ad.known_days(self, frame, j),
            Feature::ChannelShare { frame } => {
                match self.spend.at(row.zone, ad.channel[j], frame, row.decided) {
                    Some(whole) => {
                        let part = ad.sum(self, frame, Measure::Spend, j);
                        finite(part / whole)
                    }
                    None => f64::NAN,
                }
            }
            Feature::AdAge => age(ad.first_day[j]),
            Feature::CreativeAge => {
                let creative = self.creatives.get(ad.creative[j] as usize);
                age(creative.and_then(|days| days.before(row.decided, row.cutoff)))
            }
            Feature::Text(field) => {
                let (text, _) = self.described(ad.creative[j], row.cutoff);
                let text = if text == u32::MAX { ad.name[j] } else { text };
                self.texts.get(&(text, field)).copied().unwrap_or(f64::NAN)
            }
            Feature::Channel => level(&self.channel_level, ad.channel[j]),
            Feature::Format => {
                let (_, format) = self.described(ad.creative[j], row.cutoff);
                level(&self.format_level, if format == u32::MAX { ad.format[j] } else { format })
            }
            Feature::Calendar(_)
            | Feature::Holiday(_)
            | Feature::AdDay
            | Feature::UserDay
            | Feature::DaysToHoliday
            | Feature::DaysSinceHoliday => self.dated.value(feature, row.day),
        }
    }

    /// The latest known text and format of a creative, each by itself.
    fn described(&self, creative: u32, cutoff: Timestamp) -> (u32, u32) {
        let Some(list) = self.facts.descriptions.get(creative as usize) else {
            return (u32::MAX, u32::MAX);
        };
        let known = &list[..list.partition_point(|d| d.0 <= cutoff)];
        let last = |of: fn(&(Timestamp, u32, u32)) -> u32| {
            known.iter().rev().map(of).find(|&text| text != u32::MAX).unwrap_or(u32::MAX)
        };
        (last(|d| d.1), last(|d| d.2))
    }
}

/// What the rows of one ad know of it.
struct AdView {
    /// Per frame of the plan and measure, the sum at each row.
    sums: Vec<[Vec<f64>; MEASURES]>,
    known_days: Vec<Vec<i128>>,
    first_day: Vec<Option<i32>>,
    name: Vec<u32>,
    channel: Vec<u32>,
    creative: Vec<u32>,
    format: Vec<u32>,
}

impl AdView {
    fn new(plan: &Plan<'_>, rows: &[Row]) -> Self {
        let facts = plan.facts;
        let range = rows.first().and_then(|row| row.ad).map_or(0..0, |ad| facts.range(ad));
        let (days, known) = (&facts.day[range.clone()], &facts.known[range.clone()]);
        let decided: Vec<i32> = rows.iter().map(|row| row.decided).collect();
        let cutoffs: Vec<Timestamp> = rows.iter().map(|row| row.cutoff).collect();
        let (n, mut first, mut seen) = (rows.len(), Vec::new(), Vec::new());
        first_rows(days, known, &decided, &cutoffs, &mut first);

        let summed = |seen: &[(u32, u32)], values: &[i64]| {
            let mut out = vec![0; n];
            sums(seen, values, &mut out);
            out
        };
        let ever: Vec<(u32, u32)> = first.iter().map(|&first| (first, n as u32)).collect();
        let ever_reported: [Vec<i128>; MEASURES] =
            core::array::from_fn(|m| summed(&ever, &facts.reported[m][range.clone()]));
        let (mut all, mut known_days) = (Vec::new(), Vec::new());
        for &frame in &plan.frames {
            seen_by(days, &first, &decided, frame, &mut seen);
            known_days.push(summed(&seen, &facts.new_day[range.clone()]));
            all.push(core::array::from_fn(|m| {
                let total = summed(&seen, &facts.values[m][range.clone()]);
                let that_day;
                let reported = if frame.is_one_day() {
                    that_day = summed(&seen, &facts.reported[m][range.clone()]);
                    &that_day
                } else {
                    &ever_reported[m]
                };
                let units = |(sum, &reported): (i128, &i128)| {
                    if reported > 0 { Measure::ALL[m].units(sum) } else { f64::NAN }
                };
                total.into_iter().zip(reported).map(units).collect()
            }));
        }
        let stated = |values: &[u32]| latest(&first, days, known, &values[range.clone()], n);
        Self {
            sums: all,
            known_days,
            first_day: earliest(&first, days, &facts.ran[range.clone()], n),
            name: stated(&facts.name),
            channel: stated(&facts.stated_channel),
            creative: stated(&facts.creative),
            format: stated(&facts.format),
        }
    }

    fn sum(&self, plan: &Plan<'_>, frame: Frame, measure: Measure, j: usize) -> f64 {
        let frame = plan.frames.binary_search(&frame).ok();
        let sums = frame.and_then(|frame| self.sums.get(frame));
        sums.and_then(|sums| sums[measure as usize].get(j)).copied().unwrap_or(f64::NAN)
    }

    fn known_days(&self, plan: &Plan<'_>, frame: Frame, j: usize) -> f64 {
        let frame = plan.frames.binary_search(&frame).ok();
        let days = frame.and_then(|frame| self.known_days.get(frame));
        days.and_then(|days| days.get(j)).map_or(f64::NAN, |&days| days as f64)
    }
}

/// Channels by when they first became known, then by name, so that a new one comes last.
fn by_first_known(facts: &Facts) -> Vec<ChannelId> {
    let mut order: Vec<_> = facts.channel_known.iter().zip(&facts.channels).collect();
    order.sort_unstable();
    order.into_iter().map(|(_, channel)| channel.clone()).collect()
}

/// Per name the index of its level, NaN if it has none.
fn levels<T: Ord>(
    names: &[T],
    levels: &[T],
    text: impl Fn(&T) -> &str,
) -> Result<Vec<f64>, FeatureError> {
    let mut index: BTreeMap<&T, f64> = BTreeMap::new();
    for (i, level) in levels.iter().enumerate() {
        if index.insert(level, i as f64).is_some() {
            return Err(FeatureError::Level(text(level).into()));
        }
    }
    Ok(names.iter().map(|name| index.get(name).copied().unwrap_or(f64::NAN)).collect())
}

fn level(levels: &[f64], name: u32) -> f64 {
    levels.get(name as usize).copied().unwrap_or(f64::NAN)
}

/// Per creative, the days on which an ad showed it.
fn creatives(spec: &FeatureSpec, facts: &Facts) -> Vec<EarliestDay> {
    if !spec.features.contains(&Feature::CreativeAge) {
        return Vec::new();
    }
    let mut days = vec![Vec::new(); facts.creatives.len()];
    for (i, &creative) in facts.creative.iter().enumerate() {
        if facts.ran[i]
            && let Some(days) = days.get_mut(creative as usize)
        {
            days.push((facts.known[i], facts.day[i]));
        }
    }
    days.into_iter().map(EarliestDay::new).collect()
}

/// Every text field of every text in use, each computed once.
fn texts(spec: &FeatureSpec, facts: &Facts) -> HashMap<(u32, TextField), f64> {
    let described = facts.descriptions.iter().flatten().map(|d| d.1);
    let used: HashSet<u32> = facts.name.iter().copied().chain(described).collect();
    let mut out = HashMap::new();
    for &feature in &spec.features {
        let Feature::Text(field) = feature else { continue };
        for &index in &used {
            if let Some(text) = facts.texts.get(index as usize) {
                out.insert((index, field), field.of(text));
            }
        }
    }
    out
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
