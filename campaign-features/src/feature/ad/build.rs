//! From a spec, observations and rows to a table.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::ndarray::Array2;
use campaign_core::{AdId, ChannelId, Column};
use jiff::Timestamp;
use jiff::civil::Date;

use super::super::creative::TextField;
use super::clock::Clock;
use super::dated::Dated;
use super::error::FeatureError;
use super::facts::Facts;
use super::latest::EarliestDay;
use super::measure::{MEASURES, Measure, Rate};
use super::observation::{NONE, day_number};
use super::share::ChannelSpend;
use super::spec::{Feature, FeatureSpec};
use super::table::FeatureTable;
use super::view::AdView;
use super::window::Frame;

/// One row asked for.
pub(super) struct Row {
    /// Its place in the table.
    place: usize,
    /// Its ad in the facts, if there are any of it.
    pub(super) ad: Option<usize>,
    zone: usize,
    day: Date,
    /// Its line in the features of the day.
    line: usize,
    pub(super) decided: i32,
    pub(super) cutoff: Timestamp,
}

pub(super) fn build(
    spec: &FeatureSpec,
    facts: &Facts,
    asked: &[(AdId, Date)],
) -> Result<FeatureTable, FeatureError> {
    let mut ads: Vec<AdId> = Vec::new();
    for (ad, _) in asked {
        // Rows mostly come ad by ad.
        if ads.last() != Some(ad) {
            ads.push(ad.clone());
        }
    }
    ads.sort_unstable();
    ads.dedup();
    let in_facts: Vec<Option<usize>> = ads.iter().map(|ad| facts.ad(ad)).collect();
    let mut clock = Clock::new(&facts.zones, spec.time, spec.lead, spec.as_of);
    let mut dated = Dated::new(spec);
    let (mut keys, mut rows) = (Vec::with_capacity(asked.len()), Vec::with_capacity(asked.len()));
    let mut index = 0;
    for (place, (name, day)) in asked.iter().enumerate() {
        if ads.get(index) != Some(name) {
            index = ads.partition_point(|ad| ad < name);
        }
        let ad = in_facts[index];
        let zone = ad.map_or(0, |ad| facts.zone[ad]);
        let (decided, cutoff) = clock.decision(zone, *day)?;
        keys.push((index as u32, *day));
        let line = dated.line(spec, *day);
        rows.push(Row { place, ad, zone, day: *day, line, decided, cutoff });
    }
    let cutoffs = rows.iter().map(|row| row.cutoff).collect();
    rows.sort_by_key(|row| (row.ad, row.decided));

    let plan = Plan::new(spec, facts, &rows, dated)?;
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

/// Where a column's values come from, every name looked up.
#[derive(Debug, Clone, Copy)]
enum Source {
    Sum { frame: usize, measure: Measure },
    Rate { frame: usize, rate: Rate },
    KnownDays { frame: usize },
    Share { frame: usize, share: usize },
    AdAge,
    CreativeAge,
    Dated { place: usize },
    Text { field: usize },
    Channel,
    Format,
}

/// What is computed once for the whole table.
pub(super) struct Plan<'a> {
    spec: &'a FeatureSpec,
    pub(super) facts: &'a Facts,
    pub(super) frames: Vec<Frame>,
    /// Per frame, which measures are summed.
    pub(super) needs: Vec<[bool; MEASURES]>,
    sources: Vec<Source>,
    dated: Dated,
    spend: ChannelSpend,
    creatives: Vec<EarliestDay>,
    /// Per text in use, its fields.
    texts: Vec<Option<[f64; TextField::ALL.len()]>>,
    channels: Vec<ChannelId>,
    formats: Vec<Arc<str>>,
    channel_level: Vec<f64>,
    format_level: Vec<f64>,
}

impl<'a> Plan<'a> {
    fn new(
        spec: &'a FeatureSpec,
        facts: &'a Facts,
        rows: &[Row],
        dated: Dated,
    ) -> Result<Self, FeatureError> {
        let frames = frames(&spec.features, |feature| feature.frame());
        let shares = frames_of_shares(spec);
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
        let sources: Vec<Source> =
            spec.features.iter().map(|&f| source(f, &frames, &shares, &dated)).collect();
        let mut needs = vec![[false; MEASURES]; frames.len()];
        for &source in &sources {
            let (frame, measures) = match source {
                Source::Sum { frame, measure } => (frame, [measure; 2]),
                Source::Rate { frame, rate } => (frame, [rate.numerator(), rate.denominator()]),
                Source::Share { frame, .. } => (frame, [Measure::Spend; 2]),
                _ => continue,
            };
            for measure in measures {
                needs[frame][measure as usize] = true;
            }
        }
        Ok(Self {
            spec,
            facts,
            spend: ChannelSpend::new(facts, &shares, &decisions),
            creatives: creatives(spec, facts),
            texts: texts(spec, facts),
            channel_level: levels(&facts.channels, &channels, ChannelId::as_str)?,
            format_level: levels(&facts.texts, &formats, |text| text)?,
            frames,
            needs,
            sources,
            dated,
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
        for (j, row) in rows.iter().enumerate() {
            for (value, &source) in values.row_mut(row.place).iter_mut().zip(&self.sources) {
                *value = self.value(source, &ad, j, row);
            }
        }
    }

    fn value(&self, source: Source, ad: &AdView, j: usize, row: &Row) -> f64 {
        let age = |first: Option<i32>| {
            first.map_or(f64::NAN, |first| f64::from(day_number(row.day) - first))
        };
        match source {
            Source::Sum { frame, measure } => ad.sum(frame, measure, j),
            Source::Rate { frame, rate } => {
                rate.of(ad.sum(frame, rate.numerator(), j), ad.sum(frame, rate.denominator(), j))
            }
            Source::KnownDays { frame } => ad.known_days(frame, j),
            Source::Share { frame, share } => {
                let whole = self.spend.at(row.zone, ad.channel[j], share, row.decided);
                whole.map_or(f64::NAN, |whole| finite(ad.sum(frame, Measure::Spend, j) / whole))
            }
            Source::AdAge => age(ad.first_day[j]),
            Source::CreativeAge => {
                let creative = self.creatives.get(ad.creative[j] as usize);
                age(creative.and_then(|days| days.before(row.decided, row.cutoff)))
            }
            Source::Dated { place } => self.dated.value(row.line, place),
            Source::Text { field } => {
                let text = self.texts.get(ad.text[j] as usize);
                text.copied().flatten().map_or(f64::NAN, |fields| fields[field])
            }
            Source::Channel => level(&self.channel_level, ad.channel[j]),
            Source::Format => level(&self.format_level, ad.format[j]),
        }
    }

    /// The latest known text and format of a creative, each by itself.
    pub(super) fn described(&self, creative: u32, cutoff: Timestamp) -> (u32, u32) {
        let Some(list) = self.facts.descriptions.get(creative as usize) else {
            return (NONE, NONE);
        };
        let known = &list[..list.partition_point(|d| d.0 <= cutoff)];
        let last = |of: fn(&(Timestamp, u32, u32)) -> u32| {
            known.iter().rev().map(of).find(|&text| text != NONE).unwrap_or(NONE)
        };
        (last(|d| d.1), last(|d| d.2))
    }
}

fn frames(features: &[Feature], of: impl Fn(Feature) -> Option<Frame>) -> Vec<Frame> {
    let mut frames: Vec<Frame> = features.iter().filter_map(|&feature| of(feature)).collect();
    frames.sort_unstable();
    frames.dedup();
    frames
}

fn frames_of_shares(spec: &FeatureSpec) -> Vec<Frame> {
    frames(&spec.features, |feature| match feature {
        Feature::ChannelShare { frame } => Some(frame),
        _ => None,
    })
}

fn source(feature: Feature, frames: &[Frame], shares: &[Frame], dated: &Dated) -> Source {
    let at = |frames: &[Frame], frame: Frame| frames.partition_point(|f| *f < frame);
    match feature {
        Feature::Sum { measure, frame } => Source::Sum { frame: at(frames, frame), measure },
        Feature::Rate { rate, frame } => Source::Rate { frame: at(frames, frame), rate },
        Feature::KnownDays { frame } => Source::KnownDays { frame: at(frames, frame) },
        Feature::ChannelShare { frame } => {
            Source::Share { frame: at(frames, frame), share: at(shares, frame) }
        }
        Feature::AdAge => Source::AdAge,
        Feature::CreativeAge => Source::CreativeAge,
        Feature::Text(field) => Source::Text { field: field as usize },
        Feature::Channel => Source::Channel,
        Feature::Format => Source::Format,
        Feature::Calendar(_)
        | Feature::Holiday(_)
        | Feature::AdDay
        | Feature::UserDay
        | Feature::DaysToHoliday
        | Feature::DaysSinceHoliday => Source::Dated { place: dated.place(feature) },
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

/// The fields of every text in use, each computed once.
fn texts(spec: &FeatureSpec, facts: &Facts) -> Vec<Option<[f64; TextField::ALL.len()]>> {
    let mut out = vec![None; facts.texts.len()];
    if !spec.features.iter().any(|feature| matches!(feature, Feature::Text(_))) {
        return out;
    }
    let described = facts.descriptions.iter().flatten().map(|d| d.1);
    for index in facts.name.iter().copied().chain(described) {
        let at = index as usize;
        if let (Some(slot @ None), Some(text)) = (out.get_mut(at), facts.texts.get(at)) {
            *slot = Some(TextField::ALL.map(|field| field.of(text)));
        }
    }
    out
}

fn finite(value: f64) -> f64 {
    if value.is_finite() { value } else { f64::NAN }
}
