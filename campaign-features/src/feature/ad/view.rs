//! What the rows of one ad know of it.

use jiff::Timestamp;

use super::build::{Plan, Row};
use super::latest::{earliest, latest};
use super::measure::{MEASURES, Measure};
use super::observation::NONE;
use super::window::{first_rows, seen_by, sums};

/// One entry per row of the ad in each list.
pub(super) struct AdView {
    /// Per frame of the plan and measure it needs, the sum.
    sums: Vec<[Vec<f64>; MEASURES]>,
    /// Per frame, on how many days anything is known.
    known_days: Vec<Vec<i128>>,
    pub(super) first_day: Vec<Option<i32>>,
    pub(super) channel: Vec<u32>,
    pub(super) creative: Vec<u32>,
    /// The creative's text, else the ad's name.
    pub(super) text: Vec<u32>,
    pub(super) format: Vec<u32>,
}

impl AdView {
    /// # Complexity
    /// O(f (n log r + r)) for f frames, n observations of the ad and r rows.
    pub(super) fn new(plan: &Plan<'_>, rows: &[Row]) -> Self {
        let facts = plan.facts;
        let range = rows.first().and_then(|row| row.ad).map_or(0..0, |ad| facts.range(ad));
        let (days, known) = (&facts.day[range.clone()], &facts.known[range.clone()]);
        let decided: Vec<i32> = rows.iter().map(|row| row.decided).collect();
        let cutoffs: Vec<Timestamp> = rows.iter().map(|row| row.cutoff).collect();
        let (n, mut first, mut seen) = (rows.len(), Vec::new(), Vec::new());
        first_rows(days, known, &decided, &cutoffs, &mut first);

        let summed = |seen: &[(u32, u32)], values: &[i64]| {
            let mut out = vec![0; n];
            sums(seen, values, &mut out);
            out
        };
        let ever: Vec<(u32, u32)> = first.iter().map(|&first| (first, n as u32)).collect();
        let ever_reported: [Vec<i128>; MEASURES] =
            core::array::from_fn(|m| summed(&ever, &facts.reported[m][range.clone()]));
        let (mut all, mut known_days) = (Vec::new(), Vec::new());
        for (&frame, needs) in plan.frames.iter().zip(&plan.needs) {
            seen_by(days, &first, &decided, frame, &mut seen);
            known_days.push(summed(&seen, &facts.new_day[range.clone()]));
            all.push(core::array::from_fn(|m| {
                if !needs[m] {
                    return Vec::new();
                }
                let total = summed(&seen, &facts.values[m][range.clone()]);
                let that_day;
                let reported = if frame.is_one_day() {
                    that_day = summed(&seen, &facts.reported[m][range.clone()]);
                    &that_day
                } else {
                    &ever_reported[m]
                };
                let units = |(sum, &reported): (i128, &i128)| {
                    if reported > 0 { Measure::ALL[m].units(sum) } else { f64::NAN }
                };
                total.into_iter().zip(reported).map(units).collect()
            }));
        }
        let stated = |values: &[u32]| latest(&first, days, known, &values[range.clone()], n);
        let creative = stated(&facts.creative);
        let (mut text, mut format) = (stated(&facts.name), stated(&facts.format));
        for (j, row) in rows.iter().enumerate() {
            let (told_text, told_format) = plan.described(creative[j], row.cutoff);
            if told_text != NONE {
                text[j] = told_text;
            }
            if told_format != NONE {
                format[j] = told_format;
            }
        }
        Self {
            sums: all,
            known_days,
            first_day: earliest(&first, days, &facts.ran[range.clone()], n),
            channel: stated(&facts.stated_channel),
            creative,
            text,
            format,
        }
    }

    pub(super) fn sum(&self, frame: usize, measure: Measure, j: usize) -> f64 {
        let sums = self.sums.get(frame).map(|sums| &sums[measure as usize]);
        sums.and_then(|sums| sums.get(j)).copied().unwrap_or(f64::NAN)
    }

    pub(super) fn known_days(&self, frame: usize, j: usize) -> f64 {
        let days = self.known_days.get(frame).and_then(|days| days.get(j));
        days.map_or(f64::NAN, |&days| days as f64)
    }
}
