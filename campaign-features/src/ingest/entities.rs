//! Names, currencies and zones from tables that describe things.

use std::collections::HashMap;
use std::sync::Arc;

use campaign_core::{CreativeId, Currency};
use jiff::Timestamp;

use super::layout::Level;

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
pub(crate) struct Entities(HashMap<(Arc<str>, Option<Level>, Arc<str>), Entity>);

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
        match self.0.entry((Arc::clone(platform), level, id)) {
            Entry::Vacant(free) => {
                free.insert(entity);
            }
            Entry::Occupied(mut known) => {
                if entity.version > known.get().version {
                    known.insert(entity);
                }
            }
        }
    }

    pub(crate) fn get(
        &self,
        platform: &Arc<str>,
        level: Option<Level>,
        id: Option<&Arc<str>>,
    ) -> Option<&Entity> {
        self.0.get(&(Arc::clone(platform), level, Arc::clone(id?)))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
