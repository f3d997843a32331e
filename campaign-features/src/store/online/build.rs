//! All the memory a store will ever have.

use thiserror::Error;

use super::facts::FactTable;
use super::keys::KeyTable;
use super::update::{Scratch, Shape};
use super::{Counts, Entities, OnlineStore, StoreConfig, UpdateError};
use crate::feature::plan::EntityPlan;
use crate::lineage::Digest;

/// Why a store cannot be made.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// More room than a `u32` can count or this machine can address.
    #[error("{what}: {got} are too many, at most {most}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many were asked for.
        got: usize,
        /// How many there may be.
        most: usize,
    },
}

/// Codes and slots are `u32`, and the largest one means none.
const MOST: usize = (u32::MAX - 1) as usize;

fn at_most(what: &'static str, got: usize, most: usize) -> Result<usize, StoreError> {
    if got <= most { Ok(got) } else { Err(StoreError::TooMany { what, got, most }) }
}

impl OnlineStore {
    pub(crate) fn from_parts(
        kinds: usize,
        shapes: Vec<Shape>,
        plans: Vec<EntityPlan>,
        plan_digest: Digest,
        config: StoreConfig,
    ) -> Result<Self, StoreError> {
        let keys = at_most("keys", config.keys, MOST)?;
        let key_bytes = at_most("bytes of key names", config.key_bytes, isize::MAX as usize)?;
        let open_facts = at_most("open facts", config.open_facts, MOST)?;
        let scratch = Scratch::new(kinds, &shapes);
        let fact_words = FactTable::words_per_fact(scratch.body());
        at_most("words of open facts", open_facts.saturating_mul(fact_words), MOST_WORDS)?;
        let mut entities = Vec::with_capacity(plans.len());
        for plan in plans {
            let plan = plan.with_days(plan.reach() as usize + 1 + config.read_back as usize);
            let words = keys.saturating_mul(plan.words());
            at_most("words of state", words, MOST_WORDS)?;
            entities.push(Entities { plan, words: vec![0; words] });
        }
        let mut text = plan_digest.to_string();
        for shape in &shapes {
            text.push_str(&format!(" {}+{}", shape.measures, shape.attributes));
        }
        text.push_str(&format!(
            " kinds {kinds} late {} back {}",
            config.late_days, config.read_back
        ));
        Ok(Self {
            digest: Digest::of(text.as_bytes()),
            config,
            today: config.today,
            keys: (0..kinds).map(|_| KeyTable::new(keys, key_bytes)).collect(),
            entities,
            facts: FactTable::new(open_facts, scratch.body()),
            shapes,
            scratch,
            counts: Counts::default(),
        })
    }

    /// The code of a key, which is new if need be.
    ///
    /// # Errors
    /// [`UpdateError::Kind`]; [`UpdateError::KeysFull`] if there is no room for it.
    ///
    /// # Allocation
    /// None.
    pub fn insert_key(&mut self, kind: usize, name: &str) -> Result<u32, UpdateError> {
        let n_kinds = self.keys.len();
        let keys = self.keys.get_mut(kind).ok_or(UpdateError::Kind { kind, n_kinds })?;
        let before = keys.len();
        let full = UpdateError::KeysFull {
            kind,
            capacity: keys.capacity(),
            text_capacity: keys.text_capacity(),
        };
        let code = keys.insert(name).ok_or(full)?;
        if code as usize == before {
            for entities in self.entities.iter_mut().filter(|e| e.plan.kind() == kind) {
                let words = entities.plan.words();
                let start = code as usize * words;
                if let Some(state) = entities.words.get_mut(start..start + words) {
                    entities.plan.reset(state)?;
                }
            }
        }
        Ok(code)
    }

    /// Whether [`insert_key`](Self::insert_key) would add a name, and could.
    pub(crate) fn admits_key(&self, kind: usize, name: &str) -> Result<bool, UpdateError> {
        let n_kinds = self.keys.len();
        let keys = self.keys.get(kind).ok_or(UpdateError::Kind { kind, n_kinds })?;
        if keys.find(name).is_some() {
            return Ok(false);
        }
        if keys.fits(name) {
            return Ok(true);
        }
        Err(UpdateError::KeysFull {
            kind,
            capacity: keys.capacity(),
            text_capacity: keys.text_capacity(),
        })
    }

    /// Makes `day` the store's day and lets go of the facts that no event may restate any more;
    /// returns how many. An earlier day changes nothing.
    ///
    /// # Complexity
    /// O(open facts) if any is let go; meant to be called once a day.
    ///
    /// # Allocation
    /// None.
    pub fn advance(&mut self, day: i32) -> usize {
        if day <= self.today {
            return 0;
        }
        self.today = day;
        let evicted = self.facts.retain_from(self.oldest());
        self.counts.evicted += evicted as u64;
        evicted
    }
}

const MOST_WORDS: usize = isize::MAX as usize / 8;
