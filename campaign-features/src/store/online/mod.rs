//! Feature rows of now: the plan's kernel, one event at a time.

mod body;
mod build;
mod config;
mod event;
mod facts;
mod keys;
mod row;
mod settle;
mod snapshot;
mod update;

use std::sync::Arc;

use crate::feature::plan::{DatedTable, EntityPlan, Plan};
use crate::lineage::Digest;

use body::Shape;
pub use build::StoreError;
pub use config::StoreConfig;
pub use event::{Applied, Counts, Event, UpdateError};
use facts::FactTable;
use keys::KeyTable;
pub use row::RowScratch;
pub use snapshot::SnapshotError;
use update::Scratch;

/// A feature row for any key at any moment, kept up to date event by event.
///
/// It runs the same [`EntityPlan`] on the same exact integers as the offline engines, so that a row
/// equals, bit for bit, what they make of the events told so far, in whatever order those came. (What
/// was refused as [`Late`](UpdateError::Late) was not told; only totals since the beginning could
/// have noticed.)
///
/// Reading takes `&self` and [`RowScratch`]; updating takes `&mut self`. To read from many threads
/// beside one writer, put the store into an [`RwLock`](std::sync::RwLock): both sides hold it for well
/// under a microsecond or two.
///
/// # Allocation
/// All memory is taken by [`new`](Self::new); updates, look-ups and rows allocate nothing, nor do
/// their errors.
#[derive(Debug, Clone)]
pub struct OnlineStore {
    plan: Arc<Plan>,
    digest: Digest,
    config: StoreConfig,
    today: i32,
    /// Per entity kind of the schema.
    keys: Vec<KeyTable>,
    /// Per entity kind that the plan reads.
    entities: Vec<Entities>,
    /// Calendar features of the days from `described.0` to `described.1`.
    dated: DatedTable,
    described: (i32, i32),
    /// Per source of the schema.
    shapes: Vec<Shape>,
    facts: FactTable,
    scratch: Scratch,
    counts: Counts,
}

/// The states of all keys of one kind.
#[derive(Debug, Clone)]
struct Entities {
    plan: EntityPlan,
    /// The state of an entity of which nothing is known.
    blank: Vec<i64>,
    /// `capacity` blocks of `plan.words()` words.
    words: Vec<i64>,
}

impl Entities {
    fn state(&self, key: u32) -> Option<&[i64]> {
        let start = (key as usize).checked_mul(self.plan.words())?;
        self.words.get(start..start.checked_add(self.plan.words())?)
    }
}

impl OnlineStore {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }

    /// What a snapshot must have been made with to be restored here: plan, schema and late days.
    #[must_use]
    pub const fn digest(&self) -> Digest {
        self.digest
    }

    /// The store's day: no event lies after it.
    #[must_use]
    pub const fn today(&self) -> i32 {
        self.today
    }

    /// The oldest day an event may have.
    #[must_use]
    pub const fn oldest(&self) -> i32 {
        self.today.saturating_sub_unsigned(self.config.late_days)
    }

    /// How many facts may still be restated.
    #[must_use]
    pub const fn open_facts(&self) -> usize {
        self.facts.len()
    }

    /// What happened to events so far, since the store was made or restored.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// Replayed events are none that happened now.
    pub(crate) fn forget_counts(&mut self) {
        self.counts = Counts::default();
    }

    /// The code of a key.
    ///
    /// # Allocation
    /// None.
    #[must_use]
    pub fn key(&self, kind: usize, name: &str) -> Option<u32> {
        self.keys.get(kind)?.find(name)
    }

    /// The name of a key.
    #[must_use]
    pub fn key_name(&self, kind: usize, code: u32) -> Option<&str> {
        self.keys.get(kind)?.name(code)
    }

    /// How many keys of a kind there are.
    #[must_use]
    pub fn n_keys(&self, kind: usize) -> usize {
        self.keys.get(kind).map_or(0, KeyTable::len)
    }
}
