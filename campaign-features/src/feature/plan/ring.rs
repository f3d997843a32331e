//! Cumulative day totals in a ring: the kernel every feature rests on.
//!
//! A ring holds, for each of its last days, the exact sum of everything on or before that day. A
//! delta of day `d` is added to every entry from `d` on, so that the total of any days is the
//! difference of two entries, whatever the order in which deltas arrived. Sums are of `i64` and
//! cannot overflow: the magnitude of all deltas together is bounded first.

use campaign_core::Error;

/// Where the ring of one source stands in an entity's block of words.
///
/// # Shapes
/// `[newest, first, magnitude, extra.., zero row, base row, rows..]`, each row `width` words; row
/// `day mod days` holds the totals up to `day`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Ring {
    at: usize,
    extra: usize,
    width: usize,
    /// A power of two.
    days: usize,
}

/// Whether a delta fell within the days that are held one by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Placed {
    /// Every window sees it.
    Held,
    /// It lies before the ring: windows that reach back to its day cannot be read any more, all
    /// others and the totals since the beginning are exact.
    BeforeRing,
}

/// The days of a ring: the first with a delta, the newest one, and the oldest one held.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Held {
    first: i64,
    newest: i64,
    oldest: i64,
}

const HEAD: usize = 3;
/// No day yet.
const NEVER: i64 = i64::MAX;

impl Ring {
    pub(crate) const fn new(at: usize, extra: usize, width: usize, days: usize) -> Self {
        Self { at, extra, width, days }
    }

    /// How many words it takes.
    pub(crate) const fn words(&self) -> usize {
        HEAD + self.extra + self.width * (2 + self.days)
    }

    pub(crate) const fn days(&self) -> usize {
        self.days
    }

    /// The first of the extra words.
    pub(crate) const fn extra(&self) -> usize {
        self.at + HEAD
    }

    /// A row of nothing.
    pub(crate) const fn zero(&self) -> usize {
        self.at + HEAD + self.extra
    }

    const fn base(&self) -> usize {
        self.zero() + self.width
    }

    const fn slot(&self, day: i64) -> usize {
        self.base() + self.width * (1 + (day as usize & (self.days - 1)))
    }

    /// Empties it; the extra words become 0.
    pub(crate) fn reset(&self, words: &mut [i64]) {
        words[self.at..self.slot(0)].fill(0);
        words[self.at] = i64::MIN;
        words[self.at + 1] = NEVER;
    }

    /// Which days an entity's ring holds.
    #[inline]
    pub(crate) fn held(&self, words: &[i64]) -> Held {
        let newest = words[self.at];
        Held {
            first: words[self.at + 1],
            newest,
            oldest: newest.saturating_sub(self.days as i64 - 1),
        }
    }

    /// Where the totals up to a day stand.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if that day has left the ring.
    #[inline]
    pub(crate) fn row(&self, held: Held, day: i64) -> Result<usize, Error> {
        let Held { first, newest, oldest } = held;
        if day < first {
            return Ok(self.zero());
        }
        let day = day.min(newest);
        if day >= oldest {
            Ok(self.slot(day))
        } else if day == oldest - 1 {
            Ok(self.base())
        } else {
            Err(Error::OutOfRange {
                what: "day (it has left the ring)",
                index: 0,
                value: day as f64,
                low: (oldest - 1) as f64,
                high: newest as f64,
            })
        }
    }

    /// Adds to the magnitude of all deltas so far.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if sums could overflow; nothing has changed then.
    #[inline]
    pub(crate) fn grow(&self, words: &mut [i64], by: u64) -> Result<(), Error> {
        words[self.at + 2] = self.grown(words, by)?;
        Ok(())
    }

    /// The magnitude after growing.
    ///
    /// # Errors
    /// As [`grow`](Self::grow).
    #[inline]
    pub(crate) fn grown(&self, words: &[i64], by: u64) -> Result<i64, Error> {
        let magnitude = (words[self.at + 2] as u64).saturating_add(by);
        if magnitude >= i64::MAX as u64 {
            return Err(Error::OutOfRange {
                what: "sum of all changes of an entity",
                index: 0,
                value: magnitude as f64,
                low: 0.0,
                high: i64::MAX as f64,
            });
        }
        Ok(magnitude as i64)
    }

    /// Makes the ring reach from `day` or earlier to `day` or later; gives the rows to change: the
    /// days from the first one given on, and the base if the delta lies before the ring.
    #[inline]
    pub(crate) fn open(&self, words: &mut [i64], day: i64) -> (i64, i64, Placed) {
        let (newest, first) = (words[self.at], words[self.at + 1]);
        let days = self.days as i64;
        if first == NEVER {
            words[self.at] = day;
            words[self.at + 1] = day;
            self.clear(words, day);
            return (day, day, Placed::Held);
        }
        if day > newest {
            self.advance(words, newest, first, day);
            words[self.at] = day;
            return (day, day, Placed::Held);
        }
        let oldest = newest - (days - 1);
        if day < first {
            for earlier in day.max(oldest)..first {
                self.clear(words, earlier);
            }
            words[self.at + 1] = day;
        }
        let placed = if day < oldest { Placed::BeforeRing } else { Placed::Held };
        (day.max(oldest), newest, placed)
    }

    fn clear(&self, words: &mut [i64], day: i64) {
        let slot = self.slot(day);
        words[slot..slot + self.width].fill(0);
    }

    fn advance(&self, words: &mut [i64], newest: i64, first: i64, day: i64) {
        let days = self.days as i64;
        let mut from = self.slot(newest);
        if day - newest > days {
            // Every entry leaves; what follows is the same total on each day.
            words.copy_within(from..from + self.width, self.base());
            for next in day - days + 1..=day {
                words.copy_within(self.base()..self.base() + self.width, self.slot(next));
            }
            return;
        }
        for next in newest + 1..=day {
            let slot = self.slot(next);
            if next - days >= first {
                words.copy_within(slot..slot + self.width, self.base());
            }
            words.copy_within(from..from + self.width, slot);
            from = slot;
        }
    }

    /// Makes an empty ring reach over these days, which ascend; gives for each the row into which the
    /// running totals go. Days before the ring share the base, whose last totals count.
    pub(crate) fn lay(&self, words: &mut [i64], days: &[i32], rows: &mut Vec<usize>) {
        rows.clear();
        let (Some(&first), Some(&newest)) = (days.first(), days.last()) else { return };
        words[self.at] = i64::from(newest);
        words[self.at + 1] = i64::from(first);
        let oldest = i64::from(newest) - (self.days as i64 - 1);
        rows.extend(days.iter().map(|&day| match i64::from(day) {
            day if day < oldest => self.base(),
            day => self.slot(day),
        }));
    }

    /// After [`lay`](Self::lay), when the totals are written: a day without any has those before it.
    pub(crate) fn fill_gaps(&self, words: &mut [i64], days: &[i32]) {
        let (Some(&first), Some(&newest)) = (days.first(), days.last()) else { return };
        let oldest = i64::from(newest) - (self.days as i64 - 1);
        let (mut next, mut from) = (oldest.max(i64::from(first)), self.base());
        for &day in days {
            let day = i64::from(day);
            if day < next {
                continue;
            }
            for gap in next..day {
                words.copy_within(from..from + self.width, self.slot(gap));
            }
            (next, from) = (day + 1, self.slot(day));
        }
    }

    /// The words of the row of one day in the ring.
    #[inline]
    pub(crate) fn row_mut<'a>(&self, words: &'a mut [i64], day: i64) -> &'a mut [i64] {
        let slot = self.slot(day);
        &mut words[slot..slot + self.width]
    }

    /// Reads words that a delta of this day will change, so that they are near by then.
    #[inline]
    pub(crate) fn touch(&self, words: &[i64], day: i64) -> i64 {
        let (row, end) = (self.slot(day), self.slot(day) + self.width.saturating_sub(1));
        [self.at, row, end].iter().fold(0, |sum, at| sum | words.get(*at).copied().unwrap_or(0))
    }

    /// The words of what lies before the ring.
    #[inline]
    pub(crate) fn base_mut<'a>(&self, words: &'a mut [i64]) -> &'a mut [i64] {
        let base = self.base();
        &mut words[base..base + self.width]
    }
}
