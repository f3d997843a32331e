//! The state of one entity and what is read of it: the one kernel of every engine and store.

use core::hint::black_box;
use std::sync::Arc;

use campaign_core::Error;
use campaign_core::error::check_length;

use super::frame::Reach;
use super::lanes::SourceLanes;
use super::read::LaneRead;
use super::ring::{Placed, Ring};

/// A change of what is known, of one source.
///
/// # Shapes
/// For a source of `m` measures `values` has `2 m + 1` entries: the change of each measure, the
/// change of how many facts report it, and the change of how many facts there are. `attributes` has
/// one code per attribute of the source, `u32::MAX` where none is stated.
///
/// # Units
/// `day` in days since 1970-01-01, `known_at` in microseconds since then, UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delta<'a> {
    /// The day it happened.
    pub day: i32,
    /// When it became known.
    pub known_at: i64,
    /// The changes.
    pub values: &'a [i64],
    /// What the version behind it states.
    pub attributes: &'a [u32],
}

/// One number to read.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Read {
    Lane(LaneRead),
    /// The code stated last; NaN without one or one that is older than the frame.
    Latest {
        which: usize,
    },
    /// Days since the first day of growth.
    Age {
        which: usize,
    },
    /// How many values occur in the frame.
    Distinct {
        which: usize,
    },
}

/// Reads of one source with one reach, and where each number goes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Group {
    pub(crate) source: usize,
    pub(crate) reach: Reach,
    pub(crate) reads: Vec<(usize, Read)>,
}

/// What a plan keeps and reads of one kind of entity.
///
/// The state of one entity is a block of [`words`](Self::words) integers that the caller owns; a
/// store may keep the blocks of all its keys in one slab. Nothing here allocates after
/// [`state`](Self::state).
#[derive(Debug, Clone, PartialEq)]
pub struct EntityPlan {
    pub(crate) name: Arc<str>,
    pub(crate) kind: usize,
    /// By source of the plan; `None` where this kind needs nothing of it.
    pub(crate) sources: Vec<Option<SourceLanes>>,
    pub(crate) groups: Vec<Group>,
    pub(crate) n_reads: usize,
    pub(crate) words: usize,
    pub(crate) reach: u32,
}

impl EntityPlan {
    /// The kind's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The kind's index in the plan's schema: that of its key column.
    #[must_use]
    pub fn kind(&self) -> usize {
        self.kind
    }

    /// How many numbers are read.
    #[must_use]
    pub fn n_reads(&self) -> usize {
        self.n_reads
    }

    /// How many words the state of one entity takes.
    #[must_use]
    pub fn words(&self) -> usize {
        self.words
    }

    /// How many days back from the day of decision any read looks.
    #[must_use]
    pub fn reach(&self) -> u32 {
        self.reach
    }

    /// Over how many days the state holds day totals: a power of two.
    ///
    /// A read needs `reach` days before its day of decision; what more there is allows reading days
    /// before the newest one that has data.
    #[must_use]
    pub fn days(&self) -> usize {
        self.sources.iter().flatten().map(|s| s.ring.days()).max().unwrap_or(1)
    }

    /// Whether it keeps anything of this source (by its index in the plan's schema).
    #[must_use]
    pub fn uses(&self, source: usize) -> bool {
        matches!(self.sources.get(source), Some(Some(_)))
    }

    /// Whether it keeps anything of this measure of a source (by its place in the plan's schema).
    #[must_use]
    pub fn uses_measure(&self, source: usize, measure: usize) -> bool {
        let Some(Some(lanes)) = self.sources.get(source) else { return false };
        // Behind the measures stand how many facts report each, and how many facts there are.
        let of = |value: usize| value < 2 * lanes.measures && value % lanes.measures == measure;
        lanes.lanes.iter().map(|lane| lane.value).chain(lanes.ages.iter().copied()).any(of)
    }

    /// The same reads over a state that holds at least this many days, at most 2^20.
    #[must_use]
    pub fn with_days(&self, days: usize) -> Self {
        let mut plan = self.clone();
        plan.lay_out(days.min(MOST_DAYS));
        plan
    }

    pub(crate) fn lay_out(&mut self, days: usize) {
        let days = days.max(self.reach as usize + 1).max(2).next_power_of_two();
        self.words = 0;
        for source in self.sources.iter_mut().flatten() {
            source.ring = Ring::new(self.words, source.extra(), source.width(), days);
            self.words += source.ring.words();
        }
    }

    /// The state of an entity of which nothing is known.
    #[must_use]
    pub fn state(&self) -> Vec<i64> {
        let mut state = vec![0; self.words];
        self.clear(&mut state);
        state
    }

    /// Forgets everything.
    ///
    /// # Errors
    /// [`Error::Length`] if the block is not of this plan.
    pub fn reset(&self, state: &mut [i64]) -> Result<(), Error> {
        check_length("state", state.len(), self.words)?;
        self.clear(state);
        Ok(())
    }

    fn clear(&self, state: &mut [i64]) {
        for source in self.sources.iter().flatten() {
            source.ring.reset(state);
            let ages = source.ring.extra();
            state[ages..ages + source.ages.len()].fill(i64::MAX);
        }
    }

    /// Takes in a change of what is known; one of a source that is not used changes nothing.
    ///
    /// # Errors
    /// [`Error::Length`] for slices of the wrong length, [`Error::OutOfRange`] if totals could
    /// overflow or a distinct count has more values than the spec allows. Nothing has changed then.
    ///
    /// # Complexity
    /// O(lanes of the source) per day from the delta's to the newest, none of it beyond the ring.
    /// No allocation.
    #[inline]
    pub fn apply(
        &self,
        state: &mut [i64],
        source: usize,
        delta: &Delta<'_>,
    ) -> Result<Placed, Error> {
        check_length("state", state.len(), self.words)?;
        let Some(Some(lanes)) = self.sources.get(source) else { return Ok(Placed::Held) };
        check_length("values", delta.values.len(), 2 * lanes.measures + 1)?;
        check_length("attributes", delta.attributes.len(), lanes.attributes)?;
        lanes.apply(state, delta)
    }

    /// Asks early for what a delta of this day will change; see [`Ring::touch`].
    #[inline]
    pub(crate) fn touch(&self, state: &[i64], source: usize, day: i32) {
        if let Some(Some(lanes)) = self.sources.get(source) {
            black_box(lanes.ring.touch(state, i64::from(day)));
        }
    }

    /// Whether [`apply`](Self::apply) would take deltas with these attributes whose values have no more
    /// than this magnitude together. Without attributes it is not asked whether they fit.
    ///
    /// # Errors
    /// As [`apply`](Self::apply).
    pub(crate) fn admits(
        &self,
        state: &[i64],
        source: usize,
        attributes: &[u32],
        magnitude: u64,
    ) -> Result<(), Error> {
        check_length("state", state.len(), self.words)?;
        let Some(Some(lanes)) = self.sources.get(source) else { return Ok(()) };
        if !attributes.is_empty() {
            check_length("attributes", attributes.len(), lanes.attributes)?;
            let delta = Delta { day: 0, known_at: 0, values: &[], attributes };
            for which in 0..lanes.distinct.len() {
                lanes.distinct_slot(state, &delta, which)?;
            }
        }
        lanes.ring.grown(state, magnitude).map(|_| ())
    }
}

/// How many days a state may hold.
const MOST_DAYS: usize = 1 << 20;
