//! What has been read so far.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use campaign_core::{CreativeId, Currency, Micros};
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use super::config::{IngestConfig, Settings};
use super::conversion::{Conversion, WebRow};
use super::date::end_of;
use super::dedup::Ledger;
use super::entities::Entities;
use super::layout::Level;
use super::open::Open;
use super::report::{Reject, SourceReport};
use super::row::{AdRow, RowReader, Texts};
use crate::creative::Creative;
use crate::zone::day_of;

/// Actions of one type, on one day, of one ad, campaign or account.
#[derive(Debug, Clone)]
pub(crate) struct ActionRow {
    pub(crate) platform: Arc<str>,
    pub(crate) day: Date,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) ad_group: Option<Arc<str>>,
    pub(crate) ad: Option<Arc<str>>,
    pub(crate) kind: Arc<str>,
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
    pub(crate) ads: Ledger<AdRow>,
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
    /// Per file, the spend that rows of totals state, with their lines.
    pub(crate) stated_totals: HashMap<usize, Vec<(u64, Micros)>>,
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
            ads: Ledger::default(),
            actions: Ledger::default(),
            conversions: Ledger::default(),
            web: Ledger::default(),
            events: Ledger::default(),
            described: Ledger::default(),
            entities: Entities::default(),
            creatives: BTreeMap::new(),
            rejects: Vec::new(),
            sources: Vec::new(),
            stated_totals: HashMap::new(),
            open: HashMap::new(),
            amount_files: Vec::new(),
        }
    }

    /// The number of the file that is being read: its report is pushed when it is done.
    pub(crate) fn file(&self) -> usize {
        self.sources.len()
    }

    /// The creative of a row, kept by its content; the platform's number where the row has no content.
    pub(crate) fn creative_of(&mut self, reader: &RowReader<'_, '_>) -> Option<CreativeId> {
        use super::layout::Role;
        let creative = reader.creative();
        if let Some(id) = creative.id() {
            self.creatives.entry(id.clone()).or_insert(creative);
            return Some(id);
        }
        let number = reader.id(Role::Creative).ok().flatten()?;
        CreativeId::new(format!("{}:{number}", reader.layout.platform)).ok()
    }

    /// Whether something known at an instant was not yet known at the `as_of` asked for.
    pub(crate) fn is_later(&self, known: Option<Timestamp>) -> bool {
        matches!((self.config.as_of, known), (Some(as_of), Some(known)) if known > as_of)
    }

    /// Decides which rows stand; [`super::assemble::fill`] comes before, because a row that does not
    /// say when it was known is known at the end of its day in the account's zone.
    pub(crate) fn settle(&mut self) {
        let as_of = self.config.as_of;
        let later = |known: Timestamp| as_of.is_some_and(|as_of| known > as_of);
        let mut zones = Zones::default();
        self.ads.settle(&self.open, |slot| {
            as_of.is_some() && later(known_at(slot.known, &slot.item, &mut zones))
        });
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

/// Time zones that were looked up before.
#[derive(Default)]
pub(crate) struct Zones(HashMap<Arc<str>, TimeZone>);

impl Zones {
    /// The zone of a name; UTC where it is not known.
    pub(crate) fn get(&mut self, name: Option<&str>) -> TimeZone {
        let Some(name) = name else { return TimeZone::UTC };
        if let Some(zone) = self.0.get(name) {
            return zone.clone();
        }
        let zone = campaign_core::time::zone(name).unwrap_or(TimeZone::UTC);
        self.0.insert(name.into(), zone.clone());
        zone
    }
}

/// The first and last day of a row in the zone of its account.
pub(crate) fn days_of(row: &AdRow, zone: &TimeZone) -> (Date, Date) {
    match row.hour {
        Some(hour) => {
            let day = day_of(hour, zone);
            (day, day)
        }
        None => (row.day, row.last_day),
    }
}

/// When a row was known: as it says, else at the end of its last day.
pub(crate) fn known_at(known: Option<Timestamp>, row: &AdRow, zones: &mut Zones) -> Timestamp {
    let of_day = || {
        let zone = zones.get(row.zone.as_deref());
        end_of(days_of(row, &zone).1, &zone)
    };
    known.or_else(of_day).unwrap_or(Timestamp::MAX)
}
