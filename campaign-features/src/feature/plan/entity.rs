//! The state of one entity and what is read of it: the one kernel of every engine and store.

use std::sync::Arc;

use campaign_core::Error;
use campaign_core::error::check_length;

use super::read::{Bounds, LaneRead, Reach, Statistic};
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

/// A lane takes one of a delta's values, of all deltas or of those with one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lane {
    pub(crate) value: usize,
    /// Attribute and code.
    pub(crate) filter: Option<(usize, u32)>,
}

/// Counts facts per value of an attribute, for at most `most` values.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Distinct {
    pub(crate) attribute: usize,
    pub(crate) most: usize,
}

/// The lanes of one source.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SourceLanes {
    pub(crate) measures: usize,
    pub(crate) attributes: usize,
    pub(crate) lanes: Vec<Lane>,
    pub(crate) distinct: Vec<Distinct>,
    /// Attributes whose latest statement is kept.
    pub(crate) latest: Vec<usize>,
    /// Values whose first day of growth is kept.
    pub(crate) ages: Vec<usize>,
    pub(crate) ring: Ring,
}

impl SourceLanes {
    pub(crate) fn width(&self) -> usize {
        self.latest_at() + 2 * self.latest.len()
    }

    pub(crate) fn extra(&self) -> usize {
        self.ages.len() + self.distinct.iter().map(|d| d.most).sum::<usize>()
    }

    fn latest_at(&self) -> usize {
        self.lanes.len() + self.distinct.iter().map(|d| d.most).sum::<usize>()
    }

    /// The words of the codes of a distinct count, and the first of its lanes.
    fn distinct_at(&self, which: usize) -> (usize, usize) {
        let before: usize = self.distinct[..which].iter().map(|d| d.most).sum();
        (self.ring.extra() + self.ages.len() + before, self.lanes.len() + before)
    }
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

    /// Reads every number for one day of decision: what happened before that day.
    ///
    /// # Shapes
    /// `out` has [`n_reads`](Self::n_reads) entries.
    ///
    /// # Errors
    /// [`Error::Length`]; [`Error::OutOfRange`] if a day that is needed has left the state.
    ///
    /// # Allocation
    /// None.
    #[inline]
    pub fn read_into(&self, state: &[i64], day: i32, out: &mut [f64]) -> Result<(), Error> {
        check_length("state", state.len(), self.words)?;
        check_length("out", out.len(), self.n_reads)?;
        let decided = i64::from(day);
        for group in &self.groups {
            let Some(Some(source)) = self.sources.get(group.source) else { continue };
            let bounds = Bounds::of(&source.ring, state, group.reach, decided)?;
            for (slot, read) in &group.reads {
                out[*slot] = match read {
                    Read::Lane(read) if matches!(read.statistic, Statistic::Sum) => {
                        read.sum(state, &bounds)
                    }
                    Read::Lane(read) => read.value(&source.ring, state, &bounds, decided)?,
                    Read::Latest { which } => source.latest(state, &bounds, *which),
                    Read::Age { which } => source.age(state, *which, decided),
                    Read::Distinct { which } => source.distinct(state, &bounds, *which),
                };
            }
        }
        Ok(())
    }
}

impl SourceLanes {
    fn apply(&self, state: &mut [i64], delta: &Delta<'_>) -> Result<Placed, Error> {
        let ring = &self.ring;
        for which in 0..self.distinct.len() {
            self.distinct_slot(state, delta, which)?;
        }
        let magnitude = delta.values.iter().fold(0u64, |m, v| m.saturating_add(v.unsigned_abs()));
        ring.grow(state, magnitude)?;
        let day = i64::from(delta.day);
        let facts = delta.values[2 * self.measures];
        for (age, &value) in self.ages.iter().enumerate() {
            // A negative value that is taken away is no growth.
            if facts >= 0 && delta.values[value] > 0 {
                let first = &mut state[ring.extra() + age];
                *first = (*first).min(day);
            }
        }
        let mut counted = [0; MOST_DISTINCT];
        for (which, counted) in counted.iter_mut().enumerate().take(self.distinct.len()) {
            let slot = self.distinct_slot(state, delta, which)?;
            let (codes, lane) = self.distinct_at(which);
            *counted = usize::MAX;
            if let Some(slot) = slot {
                state[codes + slot] =
                    i64::from(delta.attributes[self.distinct[which].attribute]) + 1;
                *counted = lane + slot;
            }
        }
        let (from, to, placed) = ring.open(state, day);
        for changed in from..=to {
            self.add(ring.row_mut(state, changed), delta, facts, &counted);
        }
        if placed == Placed::BeforeRing {
            self.add(ring.base_mut(state), delta, facts, &counted);
        }
        Ok(placed)
    }

    #[inline]
    fn add(&self, row: &mut [i64], delta: &Delta<'_>, facts: i64, counted: &[usize]) {
        for (total, lane) in row.iter_mut().zip(&self.lanes) {
            let applies = match lane.filter {
                None => true,
                Some((attribute, code)) => delta.attributes[attribute] == code,
            };
            if applies {
                *total = total.wrapping_add(delta.values[lane.value]);
            }
        }
        for &lane in counted.iter().take(self.distinct.len()) {
            if let Some(total) = row.get_mut(lane) {
                *total = total.wrapping_add(facts);
            }
        }
        for (which, &attribute) in self.latest.iter().enumerate() {
            let code = delta.attributes[attribute];
            // A change that only takes away states nothing.
            if code == u32::MAX || facts < 0 {
                continue;
            }
            let at = self.latest_at() + 2 * which;
            let stated = (packed(delta.day, code), delta.known_at);
            let so_far = (row[at] as u64, row[at + 1]);
            let later = |(packed, known): (u64, i64)| (packed >> 32, known, packed as u32);
            if so_far.0 == 0 || later(stated) > later(so_far) {
                (row[at], row[at + 1]) = (stated.0 as i64, stated.1);
            }
        }
    }

    /// The place of the delta's value among those counted, `None` for none stated.
    fn distinct_slot(
        &self,
        state: &[i64],
        delta: &Delta<'_>,
        which: usize,
    ) -> Result<Option<usize>, Error> {
        let Distinct { attribute, most } = self.distinct[which];
        let code = delta.attributes[attribute];
        if code == u32::MAX {
            return Ok(None);
        }
        let (codes, _) = self.distinct_at(which);
        let stored = i64::from(code) + 1;
        let held = &state[codes..codes + most];
        match held.iter().position(|&held| held == stored || held == 0) {
            Some(slot) => Ok(Some(slot)),
            None => Err(Error::OutOfRange {
                what: "distinct values of an entity",
                index: attribute,
                value: (most + 1) as f64,
                low: 0.0,
                high: most as f64,
            }),
        }
    }

    fn latest(&self, state: &[i64], bounds: &Bounds, which: usize) -> f64 {
        let at = bounds.high + self.latest_at() + 2 * which;
        let stated = state[at] as u64;
        let day = (stated >> 32) as i64 - DAY_ZERO;
        if stated == 0 || day < bounds.from { f64::NAN } else { f64::from(stated as u32) }
    }

    fn age(&self, state: &[i64], which: usize, decided: i64) -> f64 {
        let first = state[self.ring.extra() + which];
        if first < decided { (decided - first) as f64 } else { f64::NAN }
    }

    fn distinct(&self, state: &[i64], bounds: &Bounds, which: usize) -> f64 {
        let (_, lane) = self.distinct_at(which);
        let counts = |lane: &usize| state[bounds.high + lane] != state[bounds.low + lane];
        (lane..lane + self.distinct[which].most).filter(counts).count() as f64
    }
}

/// How many days a state may hold.
const MOST_DAYS: usize = 1 << 20;

/// How many distinct counts one source of one kind may have.
pub(crate) const MOST_DISTINCT: usize = 16;

/// Makes every day that exists positive, so that a packed statement is never 0.
const DAY_ZERO: i64 = 1 << 31;

fn packed(day: i32, code: u32) -> u64 {
    (((i64::from(day) + DAY_ZERO) as u64) << 32) | u64::from(code)
}
