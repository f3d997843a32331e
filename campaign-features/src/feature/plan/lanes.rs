//! What is kept of one source for one entity: lanes in a ring, and what stands beside them.

use campaign_core::Error;

use super::entity::Delta;
use super::frame::Bounds;
use super::ring::{Placed, Ring};

/// A lane takes one of a delta's values, of all deltas or of those with one attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Lane {
    pub(crate) value: usize,
    /// Attribute and code.
    pub(crate) filter: Option<(usize, u32)>,
}

impl Lane {
    /// What a delta adds, to every day from its own on.
    #[inline]
    fn change(&self, delta: &Delta<'_>) -> i64 {
        match self.filter {
            Some((attribute, code)) if delta.attributes[attribute] != code => 0,
            _ => delta.values[self.value],
        }
    }
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

    /// Whether lanes of totals are all there is.
    pub(crate) fn only_totals(&self) -> bool {
        self.distinct.is_empty() && self.latest.is_empty() && self.ages.is_empty()
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

impl SourceLanes {
    pub(crate) fn apply(&self, state: &mut [i64], delta: &Delta<'_>) -> Result<Placed, Error> {
        let ring = &self.ring;
        for which in 0..self.distinct.len() {
            self.distinct_slot(state, delta, which)?;
        }
        let magnitude: u128 = delta.values.iter().map(|v| u128::from(v.unsigned_abs())).sum();
        ring.grow(state, u64::try_from(magnitude).unwrap_or(u64::MAX))?;
        let day = i64::from(delta.day);
        let mut counted = [usize::MAX; MOST_DISTINCT];
        let beside = !self.only_totals();
        if beside {
            self.note(state, delta, &mut counted)?;
        }
        let (from, to, placed) = ring.open(state, day);
        let before = placed == Placed::BeforeRing;
        if from == to && !before {
            // Most deltas are of the newest day.
            for (total, lane) in ring.row_mut(state, to).iter_mut().zip(&self.lanes) {
                *total = total.wrapping_add(lane.change(delta));
            }
        } else {
            for (n, lanes) in self.lanes.chunks(BLOCK).enumerate() {
                let mut changes = [0; BLOCK];
                changes.iter_mut().zip(lanes).for_each(|(to, lane)| *to = lane.change(delta));
                let changes = &changes[..lanes.len()];
                for changed in from..=to {
                    add(ring.row_mut(state, changed), n * BLOCK, changes);
                }
                if before {
                    add(ring.base_mut(state), n * BLOCK, changes);
                }
            }
        }
        if beside {
            let counted = &counted[..self.distinct.len()];
            for changed in from..=to {
                self.state_beside(ring.row_mut(state, changed), delta, counted);
            }
            if before {
                self.state_beside(ring.base_mut(state), delta, counted);
            }
        }
        Ok(placed)
    }

    /// Notes first days of growth and values that occur; gives the lanes that count the delta's values.
    fn note(
        &self,
        state: &mut [i64],
        delta: &Delta<'_>,
        counted: &mut [usize; MOST_DISTINCT],
    ) -> Result<(), Error> {
        let facts = delta.values[2 * self.measures];
        for (age, &value) in self.ages.iter().enumerate() {
            // A negative value that is taken away is no growth.
            if facts >= 0 && delta.values[value] > 0 {
                let first = &mut state[self.ring.extra() + age];
                *first = (*first).min(i64::from(delta.day));
            }
        }
        for (which, counted) in counted[..self.distinct.len()].iter_mut().enumerate() {
            let slot = self.distinct_slot(state, delta, which)?;
            let (codes, lane) = self.distinct_at(which);
            if let Some(slot) = slot {
                state[codes + slot] =
                    i64::from(delta.attributes[self.distinct[which].attribute]) + 1;
                *counted = lane + slot;
            }
        }
        Ok(())
    }

    /// What stands beside the totals of lanes.
    fn state_beside(&self, row: &mut [i64], delta: &Delta<'_>, counted: &[usize]) {
        let facts = delta.values[2 * self.measures];
        for &lane in counted {
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
    pub(crate) fn distinct_slot(
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

    pub(crate) fn latest(&self, state: &[i64], bounds: &Bounds, which: usize) -> f64 {
        let at = bounds.high + self.latest_at() + 2 * which;
        let stated = state[at] as u64;
        let day = (stated >> 32) as i64 - DAY_ZERO;
        if stated == 0 || day < bounds.from { f64::NAN } else { f64::from(stated as u32) }
    }

    pub(crate) fn age(&self, state: &[i64], which: usize, decided: i64) -> f64 {
        let first = state[self.ring.extra() + which];
        if first < decided { (decided - first) as f64 } else { f64::NAN }
    }

    pub(crate) fn distinct(&self, state: &[i64], bounds: &Bounds, which: usize) -> f64 {
        let (_, lane) = self.distinct_at(which);
        let counts = |lane: &usize| state[bounds.high + lane] != state[bounds.low + lane];
        (lane..lane + self.distinct[which].most).filter(counts).count() as f64
    }
}

/// So many lanes are added at once.
const BLOCK: usize = 16;

#[inline]
fn add(row: &mut [i64], from: usize, changes: &[i64]) {
    for (total, change) in row[from..].iter_mut().zip(changes) {
        *total = total.wrapping_add(*change);
    }
}

/// How many distinct counts one source of one kind may have.
pub(crate) const MOST_DISTINCT: usize = 16;

/// Makes every day that exists positive, so that a packed statement is never 0.
const DAY_ZERO: i64 = 1 << 31;

fn packed(day: i32, code: u32) -> u64 {
    (((i64::from(day) + DAY_ZERO) as u64) << 32) | u64::from(code)
}
