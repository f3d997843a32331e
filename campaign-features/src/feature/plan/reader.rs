//! All reads of one entity, for one day of decision or for many.

use campaign_core::Error;
use campaign_core::error::check_length;

use super::entity::{EntityPlan, Read};
use super::frame::Bounds;
use super::read::Statistic;
use super::series::Series;

/// Working space of reads, kept between entities; see [`EntityPlan::read_scratch`].
#[derive(Debug, Clone, Default)]
pub struct ReadScratch {
    bounds: Vec<Bounds>,
    /// Those of the plan at hand come first.
    series: Vec<Series>,
    used: usize,
}

/// So many rows of the table are written column by column.
const BLOCK: usize = 64;

/// Decisions whose days lie no further apart share the day totals that they look at.
const SHARED_DAYS: i64 = 4096;

impl EntityPlan {
    /// Working space for [`read_into`](Self::read_into), in which it allocates nothing.
    #[must_use]
    pub fn read_scratch(&self) -> ReadScratch {
        let mut scratch = ReadScratch::default();
        scratch.bounds.reserve(1);
        self.list_series(&mut scratch);
        for series in &mut scratch.series {
            series.reserve(series.reach as usize);
        }
        scratch
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
    /// None with a [`read_scratch`](Self::read_scratch) of this plan.
    pub fn read_into(
        &self,
        state: &[i64],
        day: i32,
        scratch: &mut ReadScratch,
        out: &mut [f64],
    ) -> Result<(), Error> {
        self.read_rows(state, &[day], &[0], scratch, out)
    }

    /// As [`read_into`](Self::read_into) for the days at `rows`, each into its own row of `out`.
    pub(crate) fn read_rows(
        &self,
        state: &[i64],
        days: &[i32],
        rows: &[u32],
        scratch: &mut ReadScratch,
        out: &mut [f64],
    ) -> Result<(), Error> {
        check_length("state", state.len(), self.words)?;
        check_length("out", out.len(), days.len() * self.n_reads)?;
        self.list_series(scratch);
        let mut rest = rows;
        while !rest.is_empty() {
            let (now, span) = together(days, rest);
            rest = &rest[now.len()..];
            for series in &mut scratch.series[..scratch.used] {
                if let Some(Some(source)) = self.sources.get(series.of.source) {
                    series.load(&source.ring, state, span)?;
                }
            }
            for block in now.chunks(BLOCK) {
                self.read_block(state, days, block, scratch, out)?;
            }
        }
        Ok(())
    }

    fn read_block(
        &self,
        state: &[i64],
        days: &[i32],
        rows: &[u32],
        scratch: &mut ReadScratch,
        out: &mut [f64],
    ) -> Result<(), Error> {
        let ReadScratch { bounds, series, used } = scratch;
        for group in &self.groups {
            let Some(Some(source)) = self.sources.get(group.source) else { continue };
            let held = source.ring.held(state);
            bounds.clear();
            for &row in rows {
                let decided = i64::from(days[row as usize]);
                bounds.push(Bounds::of(&source.ring, held, group.reach, decided)?);
            }
            for (slot, read) in &group.reads {
                let each = rows.iter().zip(bounds.iter());
                match read {
                    Read::Lane(read) if matches!(read.statistic, Statistic::Sum) => {
                        for (&row, bounds) in each {
                            out[row as usize * self.n_reads + slot] = read.sum(state, bounds);
                        }
                    }
                    Read::Lane(read) => {
                        let of = read.series(group.source);
                        let series = of.and_then(|of| series[..*used].iter().find(|s| s.of == of));
                        for (&row, bounds) in each {
                            let decided = i64::from(days[row as usize]);
                            let value = read.value(&source.ring, state, bounds, series, decided)?;
                            out[row as usize * self.n_reads + slot] = value;
                        }
                    }
                    Read::Latest { which } => {
                        for (&row, bounds) in each {
                            let value = source.latest(state, bounds, *which);
                            out[row as usize * self.n_reads + slot] = value;
                        }
                    }
                    Read::Age { which } => {
                        for &row in rows {
                            let decided = i64::from(days[row as usize]);
                            let value = source.age(state, *which, decided);
                            out[row as usize * self.n_reads + slot] = value;
                        }
                    }
                    Read::Distinct { which } => {
                        for (&row, bounds) in each {
                            let value = source.distinct(state, bounds, *which);
                            out[row as usize * self.n_reads + slot] = value;
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Which day totals the reads look at one by one, and how far back.
    fn list_series(&self, scratch: &mut ReadScratch) {
        let ReadScratch { series, used, .. } = scratch;
        *used = 0;
        for group in &self.groups {
            for (_, read) in &group.reads {
                let Read::Lane(read) = read else { continue };
                let Some(of) = read.series(group.source) else { continue };
                let reach = group.reach.furthest.unwrap_or(0);
                if let Some(known) = series[..*used].iter_mut().find(|s| s.of == of) {
                    known.reach = known.reach.max(reach);
                    continue;
                }
                match series.get_mut(*used) {
                    Some(free) => free.of = of,
                    None => series.push(Series::new(of)),
                }
                series[*used].reach = reach;
                *used += 1;
            }
        }
    }
}

/// The first rows whose days lie close together, and their earliest and latest day.
fn together<'r>(days: &[i32], rows: &'r [u32]) -> (&'r [u32], (i64, i64)) {
    let (mut earliest, mut latest) = (i64::MAX, i64::MIN);
    let close = rows.iter().position(|&row| {
        let day = i64::from(days[row as usize]);
        let (low, high) = (earliest.min(day), latest.max(day));
        if high - low > SHARED_DAYS {
            return true;
        }
        (earliest, latest) = (low, high);
        false
    });
    let close = close.unwrap_or(rows.len());
    (&rows[..close], (earliest, latest))
}
