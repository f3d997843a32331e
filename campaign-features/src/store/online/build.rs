//! All the memory a store will ever have.

use std::sync::Arc;

use thiserror::Error;

use super::body::Shape;
use super::facts::FactTable;
use super::keys::KeyTable;
use super::update::Scratch;
use super::{Counts, Entities, OnlineStore, StoreConfig, UpdateError};
use crate::feature::plan::{DatedTable, Plan};
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
    /// An empty store.
    ///
    /// # Errors
    /// [`StoreError::TooMany`].
    ///
    /// # Examples
    /// ```
    /// use std::sync::Arc;
    /// use campaign_features::feature::source::{SourcesBuilder, Unit};
    /// use campaign_features::feature::plan::Window;
    /// use campaign_features::feature::spec::{Aggregate, FeatureSpec, Statistic};
    /// use campaign_features::store::{Applied, Event, OnlineStore, StoreConfig};
    /// let mut sources = SourcesBuilder::new(["ad"])?;
    /// sources.source("ads", &["ad"], &[("spend", Unit::Millionth)], &[])?;
    /// let spend = Aggregate::new("ad", "ads", Statistic::Sum, "spend", Window::trailing(7));
    /// let plan = FeatureSpec::new([spend]).compile(&sources.finish()?.schema())?;
    ///
    /// let mut store = OnlineStore::new(Arc::new(plan), StoreConfig::new(20_000))?;
    /// let ad = store.insert_key(0, "42")?;
    /// let event = Event {
    ///     source: 0,
    ///     keys: &[ad],
    ///     day: 19_999,
    ///     known_at: 20_000 * 86_400_000_000,
    ///     fact: 1,
    ///     stands: true,
    ///     measures: &[12_500_000],
    ///     attributes: &[],
    /// };
    /// assert_eq!(store.update(&event)?, Applied::New);
    /// assert_eq!(store.update(&event)?, Applied::Duplicate);
    /// let later = Event { known_at: event.known_at + 1, measures: &[11_000_000], ..event };
    /// assert_eq!(store.update(&later)?, Applied::Restated);
    ///
    /// let (mut scratch, mut row) = (store.scratch(), [0.0]);
    /// store.row_into(&[ad], 20_000, &mut scratch, &mut row)?;
    /// assert_eq!(row, [11.0]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn new(plan: Arc<Plan>, config: StoreConfig) -> Result<Self, StoreError> {
        let shapes: Vec<Shape> = (plan.schema().sources.iter())
            .map(|s| Shape { measures: s.measures.len(), attributes: s.attributes.len() })
            .collect();
        let kinds = plan.schema().kinds.len();
        let keys = at_most("keys", config.keys, MOST)?;
        let key_bytes = at_most("bytes of key names", config.key_bytes, isize::MAX as usize)?;
        let open_facts = at_most("open facts", config.open_facts, MOST)?;
        let body = Shape::words(kinds, &shapes);
        let fact_words = FactTable::words_per_fact(body);
        at_most("words of open facts", open_facts.saturating_mul(fact_words), MOST_WORDS)?;
        at_most("days ahead", config.days_ahead as usize, MOST_DAYS)?;
        at_most("days to read back", config.read_back as usize, MOST_DAYS)?;
        let mut entities = Vec::with_capacity(plan.entities().len());
        for plan in plan.entities() {
            let days = plan.reach() as usize + 1 + config.read_back as usize;
            let plan = plan.with_days(days);
            let words = keys.saturating_mul(plan.words());
            at_most("words of state", words, MOST_WORDS)?;
            entities.push(Entities { blank: plan.state(), plan, words: vec![0; words] });
        }
        // Every number of a plan is printed so that it reads back as itself.
        let made_with = format!("{plan:?} {} {}", config.late_days, config.read_back);
        let mut store = Self {
            digest: Digest::of(made_with.as_bytes()),
            config,
            today: config.today,
            keys: (0..kinds).map(|_| KeyTable::new(keys, key_bytes)).collect(),
            entities,
            dated: DatedTable::default(),
            described: (0, 0),
            facts: FactTable::new(open_facts, body),
            scratch: Scratch::new(&shapes),
            shapes,
            counts: Counts::default(),
            plan,
        };
        store.prepare_days();
        Ok(store)
    }

    /// Looks the calendar up for the days that rows may describe.
    pub(crate) fn prepare_days(&mut self) {
        let first = self.today.saturating_sub_unsigned(self.config.read_back);
        let last = self.today.saturating_add_unsigned(self.config.days_ahead);
        self.described = (first, last);
        self.dated = DatedTable::new(&self.plan, first..=last);
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
    /// None, except that the calendar is looked up again when half of the days ahead are used up.
    pub fn advance(&mut self, day: i32) -> usize {
        if day <= self.today {
            return 0;
        }
        self.today = day;
        if day.saturating_add_unsigned(self.config.days_ahead / 2) > self.described.1 {
            self.prepare_days();
        }
        let evicted = self.facts.retain_from(self.oldest());
        self.counts.evicted += evicted as u64;
        evicted
    }
}

/// A century.
const MOST_DAYS: usize = 36_525;

const MOST_WORDS: usize = isize::MAX as usize / 8;
