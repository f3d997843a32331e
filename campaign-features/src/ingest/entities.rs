//! Names, currencies and zones from tables that describe things.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::{CreativeId, Currency};
use jiff::Timestamp;

use super::layout::{Level, Role};
use super::row::{Fault, RowReader};
use super::store::Store;

/// What the latest version of an entity says.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entity {
    pub(crate) version: Option<Timestamp>,
    pub(crate) name: Option<Arc<str>>,
    pub(crate) account: Option<Arc<str>>,
    pub(crate) campaign: Option<Arc<str>>,
    pub(crate) ad_group: Option<Arc<str>>,
    pub(crate) currency: Option<Currency>,
    pub(crate) zone: Option<Arc<str>>,
    /// The creative by its content.
    pub(crate) creative: Option<CreativeId>,
    /// The platform's number of the creative.
    pub(crate) creative_number: Option<Arc<str>>,
}

/// Entities by platform, level and id. Creatives stand at [`CREATIVE`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Entities {
    known: HashMap<Key, Entity>,
    /// What stood before the file that is being read.
    before: Vec<(Key, Option<Entity>)>,
}

/// Platform, level and id.
type Key = (Arc<str>, Option<Level>, Arc<str>);

/// The level under which creatives are kept.
pub(crate) const CREATIVE: Option<Level> = None;

impl Entities {
    /// Keeps the latest version; of equally old ones the first.
    pub(crate) fn insert(
        &mut self,
        platform: &Arc<str>,
        level: Option<Level>,
        id: Arc<str>,
        entity: Entity,
    ) {
        use std::collections::hash_map::Entry;
        match self.known.entry((Arc::clone(platform), level, id)) {
            Entry::Vacant(free) => {
                self.before.push((free.key().clone(), None));
                free.insert(entity);
            }
            Entry::Occupied(mut known) => {
                if entity.version > known.get().version {
                    let key = known.key().clone();
                    self.before.push((key, Some(known.insert(entity))));
                }
            }
        }
    }

    /// Begins a file.
    pub(crate) fn begin(&mut self) {
        self.before.clear();
    }

    /// Takes back what was read of the file.
    pub(crate) fn take_back(&mut self) {
        while let Some((key, entity)) = self.before.pop() {
            match entity {
                Some(entity) => self.known.insert(key, entity),
                None => self.known.remove(&key),
            };
        }
    }

    pub(crate) fn get(
        &self,
        platform: &Arc<str>,
        level: Option<Level>,
        id: Option<&Arc<str>>,
    ) -> Option<&Entity> {
        self.known.get(&(Arc::clone(platform), level, Arc::clone(id?)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl Store {
    /// Keeps what a row of a history table says, if it was known at the `as_of` asked for, and returns
    /// when it was known.
    pub(crate) fn describe(
        &mut self,
        reader: &mut RowReader<'_, '_>,
        level: Option<Level>,
        known: Option<Timestamp>,
    ) -> Result<Option<Timestamp>, Fault> {
        let id = reader.id(Role::Id)?.map(|id| self.texts.get(id));
        let id = id.ok_or_else(|| reader.fault(Role::Id, "an id", "no value".to_owned()))?;
        let version = reader.instant(Role::Version, &jiff::tz::TimeZone::UTC)?.or(known);
        let known = known.or(version);
        if self.is_later(known) {
            return Ok(known);
        }
        let shown = reader.creative();
        let creative = shown.id();
        if let Some(id) = &creative {
            self.creatives.entry(id.clone()).or_insert(shown);
        }
        let texts = &mut self.texts;
        let mut parent =
            |role| -> Result<_, Fault> { Ok(reader.id(role)?.map(|id| texts.get(id))) };
        let account = parent(Role::Account)?;
        let campaign = parent(Role::Campaign)?;
        let ad_group = parent(Role::AdGroup)?;
        let creative_number = parent(Role::Creative)?;
        let name = reader.text(Role::Name).map(|name| texts.get(name));
        let zone = reader.zone().map(|zone| texts.get(zone));
        // A description with a wrong currency is still a description: the currency stays unknown.
        let currency = reader.currency().ok().flatten();
        if currency.is_none() && reader.text(Role::Currency).is_some() {
            reader.seen.bad_currencies += 1;
        }
        if zone.is_none() && reader.text(Role::Zone).is_some() {
            reader.seen.bad_zones += 1;
        }
        let entity = Entity {
            version,
            name,
            account,
            campaign,
            ad_group,
            currency,
            zone,
            creative,
            creative_number,
        };
        self.entities.insert(&reader.layout.platform, level, id, entity);
        Ok(known)
    }
}
