//! Spend of whole channels, as each row knows it.

use std::collections::{BTreeMap, HashMap};

use jiff::Timestamp;

use super::facts::Facts;
use super::measure::Measure;
use super::window::{Frame, first_rows, seen_by, sums};

/// Channels' spend per zone, frame and day of decision, exact.
///
/// Rows of two zones that decide on the same civil day have different cut-offs, so that a channel's
/// spend is not one number per day.
#[derive(Debug, Default)]
pub(super) struct ChannelSpend {
    /// Per zone, its days of decision, ascending.
    days: BTreeMap<usize, Vec<i32>>,
    sums: HashMap<(usize, u32, Frame), Vec<i128>>,
}

impl ChannelSpend {
    /// # Complexity
    /// O(z f n log d) for z zones, f frames, n observations and d days of decision.
    pub(super) fn new(
        facts: &Facts,
        frames: &[Frame],
        decisions: &BTreeMap<usize, BTreeMap<i32, Timestamp>>,
    ) -> Self {
        let mut out = Self::default();
        if frames.is_empty() {
            return out;
        }
        let spend = &facts.values[Measure::Spend as usize];
        let mut of_channel = vec![(Vec::new(), Vec::new(), Vec::new()); facts.channels.len()];
        for (i, &channel) in facts.channel.iter().enumerate() {
            if let Some((days, known, values)) = of_channel.get_mut(channel as usize) {
                days.push(facts.day[i]);
                known.push(facts.known[i]);
                values.push(spend[i]);
            }
        }
        let (mut first, mut seen) = (Vec::new(), Vec::new());
        for (&zone, decided) in decisions {
            let rows: Vec<i32> = decided.keys().copied().collect();
            let cutoffs: Vec<Timestamp> = decided.values().copied().collect();
            for (channel, (days, known, values)) in of_channel.iter().enumerate() {
                first_rows(days, known, &rows, &cutoffs, &mut first);
                for &frame in frames {
                    seen_by(days, &first, &rows, frame, &mut seen);
                    let mut total = vec![0; rows.len()];
                    sums(&seen, values, &mut total);
                    out.sums.insert((zone, channel as u32, frame), total);
                }
            }
            out.days.insert(zone, rows);
        }
        out
    }

    /// A channel's spend in units; `None` for no channel.
    pub(super) fn at(&self, zone: usize, channel: u32, frame: Frame, decided: i32) -> Option<f64> {
        let row = self.days.get(&zone)?.binary_search(&decided).ok()?;
        let sums = self.sums.get(&(zone, channel, frame))?;
        sums.get(row).map(|&sum| Measure::Spend.units(sum))
    }
}
