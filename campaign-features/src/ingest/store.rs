//! What has been read so far.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use campaign_core::{CreativeId, Currency, Micros};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::ads::{AdRow, Ads, Metrics};
use super::config::{IngestConfig, Settings};
use super::conversion::{Conversion, WebRow};
use super::date::end_of;
use super::dedup::Ledger;
use super::entities::Entities;
use super::layout::{Level, Role};
use super::open::Open;
use super::report::{Finding, Reject, SourceReport};
use super::row::RowReader;
use super::texts::Texts;
use crate::creative::Creative;
use crate::zone::day_of;

/// Where the ledgers stood.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Begun {
    actions: usize,
    conversions: usize,
    web: usize,
    events: usize,
    described: usize,
    rejects: usize,
}

/// Actions of one type, on one day, of one ad, campaign or account.
#[derive(Debug, Clone)]
pub(crate) struct ActionRow {
    pub(crate) platform: Arc<str>,
    pub(crate) day: Date,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) ad_group: Option<Arc<str>>,
    pub(crate) ad: Option<Arc<str>>,
    /// Its type; `None` where all of a table are of one that counts.
    pub(crate) kind: Option<Arc<str>>,
    pub(crate) count: f64,
    pub(crate) amount: Micros,
    /// What they were worth, where the row of the count says so.
    pub(crate) worth: Option<Micros>,
    /// Whether they are those of one country or another part of their day.
    pub(crate) broken_down: bool,
}

/// One web event.
#[derive(Debug, Clone)]
pub(crate) struct EventRow {
    pub(crate) day: Date,
    pub(crate) source: Option<Arc<str>>,
    pub(crate) medium: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) session: Option<Arc<str>>,
    pub(crate) is_key: bool,
    pub(crate) revenue: Option<Micros>,
    pub(crate) currency: Option<Currency>,
    pub(crate) known_at: Timestamp,
    pub(crate) platform: Arc<str>,
}

#[derive(Debug, Clone)]
pub(crate) struct Store {
    pub(crate) config: IngestConfig,
    pub(crate) settings: Settings,
    pub(crate) texts: Texts,
    pub(crate) ads: Ads,
    pub(crate) actions: Ledger<ActionRow>,
    /// `None` stands for a further line of an order.
    pub(crate) conversions: Ledger<Option<Conversion>>,
    pub(crate) web: Ledger<WebRow>,
    pub(crate) events: Ledger<EventRow>,
    /// Rows of tables that describe things, for the accounting, with when they were known.
    pub(crate) described: Ledger<Option<Timestamp>>,
    pub(crate) entities: Entities,
    pub(crate) creatives: BTreeMap<CreativeId, Creative>,
    pub(crate) rejects: Vec<Reject>,
    pub(crate) sources: Vec<SourceReport>,
    /// The names of all files, once they are read.
    pub(crate) names: Vec<Arc<str>>,
    /// Per file, what rows of totals state and what the rows add up to.
    pub(crate) totals: HashMap<usize, Totals>,
    /// Per file, the columns that may be dimensions or attributes.
    pub(crate) open: HashMap<usize, Open>,
    /// Files whose actions are amounts, not counts.
    pub(crate) amount_files: Vec<usize>,
}

impl Store {
    pub(crate) fn new(config: IngestConfig, settings: Settings) -> Self {
        Self {
            config,
            settings,
            texts: Texts::default(),
            ads: Ads::default(),
            actions: Ledger::default(),
            conversions: Ledger::default(),
            web: Ledger::default(),
            events: Ledger::default(),
            described: Ledger::default(),
            entities: Entities::default(),
            creatives: BTreeMap::new(),
            rejects: Vec::new(),
            sources: Vec::new(),
            names: Vec::new(),
            totals: HashMap::new(),
            open: HashMap::new(),
            amount_files: Vec::new(),
        }
    }

    /// The number of the file that is being read: its report is pushed when it is done.
    pub(crate) fn file(&self) -> usize {
        self.sources.len()
    }

    /// The creative of a row by its content; the platform's number where the row has no content.
    pub(crate) fn creative(
        &self,
        reader: &RowReader<'_, '_>,
    ) -> Option<(CreativeId, Option<Creative>)> {
        let creative = reader.creative();
        if let Some(id) = creative.id() {
            return Some((id, Some(creative)));
        }
        let number = reader.id(Role::Creative).ok().flatten()?;
        let id = CreativeId::new(format!("{}:{number}", reader.layout.platform)).ok()?;
        Some((id, None))
    }

    /// Where the ledgers stand before a file is read.
    pub(crate) fn begin(&mut self) -> Begun {
        self.ads.begin();
        self.entities.begin();
        Begun {
            actions: self.actions.slots.len(),
            conversions: self.conversions.slots.len(),
            web: self.web.slots.len(),
            events: self.events.slots.len(),
            described: self.described.slots.len(),
            rejects: self.rejects.len(),
        }
    }

    /// Takes back what was read of the file that is being read.
    pub(crate) fn take_back(&mut self, begun: Begun) {
        let file = self.file();
        self.ads.take_back(u32::try_from(file).unwrap_or(u32::MAX));
        self.actions.slots.truncate(begun.actions);
        self.conversions.slots.truncate(begun.conversions);
        self.web.slots.truncate(begun.web);
        self.events.slots.truncate(begun.events);
        self.described.slots.truncate(begun.described);
        self.rejects.truncate(begun.rejects);
        self.entities.take_back();
        self.totals.remove(&file);
        self.open.remove(&file);
        self.amount_files.retain(|other| *other != file);
    }

    /// Whether something known at an instant was not yet known at the `as_of` asked for.
    pub(crate) fn is_later(&self, known: Option<Timestamp>) -> bool {
        matches!((self.config.as_of, known), (Some(as_of), Some(known)) if known > as_of)
    }

    /// Decides which rows stand; [`super::fill::fill`] comes before, because a row that does not
    /// say when it was known is known at the end of its day in the account's zone.
    pub(crate) fn settle(&mut self) {
        let as_of = self.config.as_of;
        let later = |known: Timestamp| as_of.is_some_and(|as_of| known > as_of);
        let mut zones = Zones::default();
        let (profiles, texts) = (&self.ads.profiles.all, &self.texts);
        let mut row_is_later = |row: &AdRow| {
            let zone = profiles.get(row.profile as usize).and_then(|p| texts.borrow(p.zone));
            later(known_at(row, zone.map(|zone| &**zone), &mut zones))
        };
        let later_rows: Vec<u32> = match as_of {
            Some(_) => {
                let numbered = (0_u32..).zip(self.ads.rows.iter());
                numbered.filter(|(_, row)| row_is_later(row)).map(|(number, _)| number).collect()
            }
            None => Vec::new(),
        };
        let stated = |platform: &str, column: &str| {
            let source = self.config.sources.get(platform);
            source.is_some_and(|source| {
                source
                    .dimensions
                    .iter()
                    .any(|name| super::header::HeaderCell::new(name).name == column)
            })
        };
        let doubts = self.ads.settle(&self.open, &stated, &later_rows);
        let name = |file: u32, names: &[SourceReport]| {
            names.get(file as usize).map(|report| report.file.clone()).unwrap_or_default()
        };
        for (doubt, rows) in doubts {
            let other = name(doubt.other, &self.sources);
            if let Some(report) = self.sources.get_mut(doubt.file as usize) {
                let column = doubt.column.to_string();
                report.find(Finding::RestatedAcross { column, other, rows });
            }
        }
        let (entities, sources) = (&self.entities, &self.settings.sources);
        self.actions.settle(&self.open, |slot| {
            let row = &slot.item;
            let account = entities.get(&row.platform, Some(Level::Account), row.account.as_ref());
            let stated = || sources.get(&*row.platform)?.zone.as_deref();
            let zone = account.and_then(|a| a.zone.as_deref()).or_else(stated);
            as_of.is_some()
                && later(
                    slot.known
                        .or_else(|| end_of(row.day, &zones.get(zone)))
                        .unwrap_or(Timestamp::MAX),
                )
        });
        self.conversions.settle(&self.open, |slot| {
            let known = slot.item.as_ref().map(|order| order.known_at).or(slot.known);
            known.is_some_and(later)
        });
        self.web.settle(&self.open, |slot| later(slot.item.known_at));
        self.events.settle(&self.open, |slot| later(slot.item.known_at));
        self.described.settle(&self.open, |slot| slot.item.is_some_and(later));
    }
}

/// Time zones and ends of days that were looked up before.
#[derive(Default)]
pub(crate) struct Zones {
    zones: HashMap<Arc<str>, TimeZone>,
    /// By zone, with "" for none.
    ends: HashMap<Arc<str>, HashMap<Date, Option<Timestamp>>>,
    /// The end that was asked for last: rows of one day and zone mostly stand together.
    last: Option<(Date, Arc<str>, Option<Timestamp>)>,
}

impl Zones {
    /// The first instant after a day.
    pub(crate) fn end_of(&mut self, day: Date, name: Option<&str>) -> Option<Timestamp> {
        let key = name.unwrap_or_default();
        if let Some((_, _, end)) = self.last.as_ref().filter(|l| l.0 == day && *l.1 == *key) {
            return *end;
        }
        let end = match self.ends.get(key).and_then(|days| days.get(&day)) {
            Some(known) => *known,
            None => {
                let end = end_of(day, &self.get(name));
                self.ends.entry(key.into()).or_default().insert(day, end);
                end
            }
        };
        self.last = Some((day, key.into(), end));
        end
    }

    /// The zone of a name; UTC where it is not known.
    pub(crate) fn get(&mut self, name: Option<&str>) -> TimeZone {
        let Some(name) = name else { return TimeZone::UTC };
        if let Some(zone) = self.zones.get(name) {
            return zone.clone();
        }
        let zone = campaign_core::time::zone(name).unwrap_or(TimeZone::UTC);
        self.zones.insert(name.into(), zone.clone());
        zone
    }
}

/// The first and last day of a row in the zone of its account.
pub(crate) fn days_of(row: &AdRow, zone: &TimeZone) -> (Date, Date) {
    match row.hour() {
        Some(hour) => {
            let day = day_of(hour, zone);
            (day, day)
        }
        None => (row.day, row.last_day),
    }
}

/// When a row was known: as it says, else at the end of its last day.
pub(crate) fn known_at(row: &AdRow, zone: Option<&str>, zones: &mut Zones) -> Timestamp {
    let known = row.known().or_else(|| match row.hour() {
        None => zones.end_of(row.last_day, zone),
        Some(_) => {
            let zone = zones.get(zone);
            end_of(days_of(row, &zone).1, &zone)
        }
    });
    known.unwrap_or(Timestamp::MAX)
}

/// The metrics that are compared with rows of totals.
pub(crate) const TOTALLED: [Role; 5] =
    [Role::Spend, Role::Revenue, Role::Impressions, Role::Clicks, Role::Conversions];

/// What rows of totals state, and what the accepted rows add up to, in millionths.
#[derive(Debug, Clone, Default)]
pub(crate) struct Totals {
    pub(crate) stated: Vec<StatedTotal>,
    /// In the order of [`TOTALLED`].
    pub(crate) sums: [i128; 5],
    /// In the same order, how finely the cells are written.
    pub(crate) places: [LastPlace; 5],
}

/// The last decimal place that the cells of a column use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LastPlace {
    /// A unit of that place, in millionths.
    unit: i64,
    /// How many cells are not 0.
    cells: u64,
}

impl Default for LastPlace {
    fn default() -> Self {
        Self { unit: 1_000_000, cells: 0 }
    }
}

impl LastPlace {
    fn add(&mut self, value: i128) {
        let value = i64::try_from(value).unwrap_or(i64::MAX);
        self.cells += u64::from(value != 0);
        while self.unit > 1 && value % self.unit != 0 {
            self.unit /= 10;
        }
    }

    /// How far a total of numbers that were rounded only to be written may lie from the sum of what
    /// is written, in millionths: five standard deviations of the sum of the roundings, and the
    /// total's own. Whole numbers are not rounded.
    pub(crate) fn rounding(&self) -> i128 {
        if self.unit == 1_000_000 {
            return 0;
        }
        let unit = self.unit as f64;
        (5.0 * unit * (self.cells as f64 / 12.0).sqrt() + unit / 2.0) as i128
    }
}

/// A cell of a row of totals.
#[derive(Debug, Clone)]
pub(crate) struct StatedTotal {
    pub(crate) line: u64,
    /// The place in [`TOTALLED`].
    pub(crate) metric: usize,
    pub(crate) column: Arc<str>,
    pub(crate) amount: Micros,
}

impl Totals {
    /// Takes note of how finely an accepted row of another kind is written.
    pub(crate) fn see(&mut self, metric: usize, amount: Micros) {
        if let Some(place) = self.places.get_mut(metric) {
            place.add(i128::from(amount.0));
        }
    }

    /// Adds an accepted row.
    pub(crate) fn add(&mut self, row: &Metrics) {
        let count = |count: Option<u64>| i128::from(count.unwrap_or(0)) * 1_000_000;
        let values = [
            i128::from(row.spend.0),
            row.revenue.map_or(0, |amount| i128::from(amount.0)),
            count(row.impressions),
            count(row.clicks),
            row.conversions.map_or(0, |value| (value * 1e6).round() as i128),
        ];
        for ((sum, place), value) in self.sums.iter_mut().zip(&mut self.places).zip(values) {
            *sum += value;
            place.add(value);
        }
    }
}
