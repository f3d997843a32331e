//! Spend of whole channels, as each row knows it.

use std::collections::BTreeMap;

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
    frames: usize,
    zones: BTreeMap<usize, ZoneSpend>,
}

#[derive(Debug)]
struct ZoneSpend {
    /// Days of decision, ascending.
    days: Vec<i32>,
    /// Per channel and frame, the spend at each of them.
    sums: Vec<Vec<i128>>,
}

impl ChannelSpend {
    /// # Complexity
    /// O(z f n log d) for z zones, f frames, n observations and d days of decision.
    pub(super) fn new(
        facts: &Facts,
        frames: &[Frame],
        decisions: &BTreeMap<usize, BTreeMap<i32, Timestamp>>,
    ) -> Self {
        let mut out = Self { frames: frames.len(), zones: BTreeMap::new() };
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
            let days: Vec<i32> = decided.keys().copied().collect();
            let cutoffs: Vec<Timestamp> = decided.values().copied().collect();
            let mut totals = Vec::with_capacity(of_channel.len() * frames.len());
            for (event, known, values) in &of_channel {
                first_rows(event, known, &days, &cutoffs, &mut first);
                for &frame in frames {
                    seen_by(event, &first, &days, frame, &mut seen);
                    let mut total = vec![0; days.len()];
                    sums(&seen, values, &mut total);
                    totals.push(total);
                }
            }
            out.zones.insert(zone, ZoneSpend { days, sums: totals });
        }
        out
    }

    /// A channel's spend in units; `None` for no channel.
    pub(super) fn at(&self, zone: usize, channel: u32, frame: usize, decided: i32) -> Option<f64> {
        let zone = self.zones.get(&zone)?;
        let sums = zone.sums.get((channel as usize).checked_mul(self.frames)? + frame)?;
        let row = zone.days.binary_search(&decided).ok()?;
        sums.get(row).map(|&sum| Measure::Spend.units(sum))
    }
}
