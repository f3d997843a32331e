//! Which days a read looks at, and where their totals stand.

use campaign_core::Error;

use super::ring::{Held, Ring};

/// The days a group of reads looks at, before the day of decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Reach {
    pub(crate) nearest: u32,
    /// `None` reaches back to the beginning.
    pub(crate) furthest: Option<u32>,
    /// What is older than this is not seen at all.
    pub(crate) ttl: Option<u32>,
}

/// The rows that bound a frame for one day of decision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) from: i64,
    pub(crate) to: i64,
    /// Rows of the totals up to `to`, and before `from`.
    pub(crate) high: usize,
    pub(crate) low: usize,
    /// What is reported between these rows makes a sum known: over one day its own reports, else
    /// those up to yesterday, from the horizon on.
    known_high: usize,
    known_low: usize,
}

impl Bounds {
    #[inline]
    pub(crate) fn of(ring: &Ring, held: Held, reach: Reach, decided: i64) -> Result<Self, Error> {
        let to = decided - i64::from(reach.nearest);
        let from = match reach.furthest {
            Some(furthest) => decided - i64::from(furthest),
            None => i64::MIN + 1,
        };
        let high = ring.row(held, to)?;
        let low = ring.row(held, from - 1)?;
        let (known_high, known_low) = if from == to {
            (high, low)
        } else {
            let yesterday = if reach.nearest == 1 { high } else { ring.row(held, decided - 1)? };
            let horizon = match reach.ttl {
                Some(ttl) => ring.row(held, decided - i64::from(ttl) - 1)?,
                None => ring.zero(),
            };
            (yesterday, horizon)
        };
        Ok(Self { from, to, high, low, known_high, known_low })
    }

    #[inline]
    pub(crate) fn total(&self, words: &[i64], lane: usize) -> i64 {
        words[self.high + lane].wrapping_sub(words[self.low + lane])
    }

    /// Whether a sum over the frame is known at all.
    #[inline]
    pub(crate) fn known(&self, words: &[i64], reports: usize) -> bool {
        words[self.known_high + reports] > words[self.known_low + reports]
    }
}
