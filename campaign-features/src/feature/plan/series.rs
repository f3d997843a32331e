//! The day totals of one lane, day after day, so that all reads of all requests share them.

use campaign_core::Error;

use super::frame::Bounds;
use super::ring::Ring;
use super::window::Days;

/// Whose day totals: a lane, that of how many facts report it, and integers per unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Lanes {
    pub(crate) source: usize,
    pub(crate) lane: usize,
    pub(crate) reports: usize,
    pub(crate) per_unit: f64,
}

/// Day totals over consecutive days, and those of the days that report alone.
#[derive(Debug, Clone)]
pub(crate) struct Series {
    pub(crate) of: Lanes,
    /// How far before a day of decision they are needed.
    pub(crate) reach: u32,
    first: i64,
    every: Column,
    reporting: Column,
    /// How many days report before each day; one more entry than days.
    rank: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
struct Column {
    day: Vec<i64>,
    total: Vec<i64>,
    value: Vec<f64>,
}

/// The day totals of one frame, from the earliest day on: days, exact totals, totals in units.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Frame<'a> {
    pub(crate) day: &'a [i64],
    pub(crate) total: &'a [i64],
    pub(crate) value: &'a [f64],
}

impl Column {
    fn clear(&mut self) {
        self.day.clear();
        self.total.clear();
        self.value.clear();
    }

    #[inline]
    fn push(&mut self, day: i64, total: i64, value: f64) {
        self.day.push(day);
        self.total.push(total);
        self.value.push(value);
    }

    #[inline]
    fn frame(&self, from: usize, end: usize) -> Frame<'_> {
        let range = from.min(end)..end;
        match (self.day.get(range.clone()), self.total.get(range.clone()), self.value.get(range)) {
            (Some(day), Some(total), Some(value)) => Frame { day, total, value },
            _ => Frame::default(),
        }
    }
}

impl Series {
    pub(crate) fn new(of: Lanes) -> Self {
        Self {
            of,
            reach: 0,
            first: 0,
            every: Column::default(),
            reporting: Column::default(),
            rank: vec![0],
        }
    }

    /// Makes room for so many days.
    pub(crate) fn reserve(&mut self, days: usize) {
        for column in [&mut self.every, &mut self.reporting] {
            column.day.reserve(days);
            column.total.reserve(days);
            column.value.reserve(days);
        }
        self.rank.reserve(days);
    }

    /// Reads the totals of the days that decisions of `earliest` to `latest` look at.
    ///
    /// # Errors
    /// [`Error::OutOfRange`] if one of them has left the ring.
    pub(crate) fn load(
        &mut self,
        ring: &Ring,
        words: &[i64],
        (earliest, latest): (i64, i64),
    ) -> Result<(), Error> {
        let Lanes { lane, reports, per_unit, .. } = self.of;
        self.first = earliest - i64::from(self.reach);
        self.every.clear();
        self.reporting.clear();
        self.rank.truncate(1);
        let held = ring.held(words);
        let mut before = ring.row(held, self.first - 1)?;
        for day in self.first..latest {
            let row = ring.row(held, day)?;
            let total = words[row + lane].wrapping_sub(words[before + lane]);
            let value = total as f64 / per_unit;
            self.every.push(day, total, value);
            if words[row + reports] > words[before + reports] {
                self.reporting.push(day, total, value);
            }
            self.rank.push(self.reporting.day.len() as u32);
            before = row;
        }
        Ok(())
    }

    /// The days of a frame that count.
    #[inline]
    pub(crate) fn frame(&self, bounds: &Bounds, days: Days) -> Frame<'_> {
        let from = (bounds.from - self.first) as usize;
        let end = (bounds.to + 1 - self.first) as usize;
        match days {
            Days::All => self.every.frame(from, end),
            Days::Reporting => match (self.rank.get(from), self.rank.get(end)) {
                (Some(&from), Some(&end)) => self.reporting.frame(from as usize, end as usize),
                _ => Frame::default(),
            },
        }
    }
}
