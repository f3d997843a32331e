//! Trailing sums: a difference array over integer steps.
//!
//! A window that slides by subtracting what leaves it drifts in floating point. Here every
//! observation is an integer that is added at the first row that sees it and taken away at the first
//! row that no longer does; the running total of these steps is exact at every row, whatever the
//! order of the observations.

use jiff::Timestamp;

/// Which days before the day of decision count: those from `furthest` to `nearest` days back, both
/// included.
///
/// # Examples
/// ```
/// use campaign_features::feature::ad::Frame;
/// assert_eq!(Frame::trailing(7).to_string(), "7d");
/// assert_eq!(Frame::lag(1).to_string(), "lag1");
/// assert_eq!(Frame::between(8, 14).to_string(), "8to14d");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Frame {
    nearest: u16,
    furthest: u16,
}

impl Frame {
    /// The last `days` days before the day of decision.
    #[must_use]
    pub const fn trailing(days: u16) -> Self {
        Self { nearest: 1, furthest: days }
    }

    /// The one day that lies `days` days back.
    #[must_use]
    pub const fn lag(days: u16) -> Self {
        Self { nearest: days, furthest: days }
    }

    /// The days from `furthest` to `nearest` days back, as in "the week before last".
    #[must_use]
    pub const fn between(nearest: u16, furthest: u16) -> Self {
        Self { nearest, furthest }
    }

    /// Days back to the frame's last day.
    #[must_use]
    pub const fn nearest(self) -> u16 {
        self.nearest
    }

    /// Days back to the frame's first day.
    #[must_use]
    pub const fn furthest(self) -> u16 {
        self.furthest
    }

    /// Whether it is one day.
    #[must_use]
    pub const fn is_one_day(self) -> bool {
        self.nearest == self.furthest
    }

    /// Whether it holds a day, and none at or after the day of decision.
    pub(super) const fn is_valid(self) -> bool {
        1 <= self.nearest && self.nearest <= self.furthest
    }
}

impl core::fmt::Display for Frame {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match (self.nearest, self.furthest) {
            (near, far) if near == far => write!(f, "lag{far}"),
            (1, far) => write!(f, "{far}d"),
            (near, far) => write!(f, "{near}to{far}d"),
        }
    }
}

/// For each observation, the first row that may know it: its event day lies before the row's day and
/// it became known no later than the row's cut-off.
///
/// `rows` and `cutoffs` ascend; `rows.len()` stands for "never".
///
/// # Complexity
/// O(n log r) for n observations and r rows.
pub fn first_rows(
    days: &[i32],
    known: &[Timestamp],
    rows: &[i32],
    cutoffs: &[Timestamp],
    first: &mut Vec<u32>,
) {
    first.clear();
    first.extend(days.iter().zip(known).map(|(&day, &known)| {
        let after = rows.partition_point(|&row| row <= day);
        let aware = cutoffs.partition_point(|&cutoff| cutoff < known);
        after.max(aware) as u32
    }));
}

/// For each observation, the half-open range of rows whose frame holds it and that may know it.
///
/// `first` comes from [`first_rows`]; `rows` ascends. An observation that no row sees gets an empty
/// range.
///
/// # Complexity
/// O(n log r).
pub fn seen_by(
    days: &[i32],
    first: &[u32],
    rows: &[i32],
    frame: Frame,
    seen: &mut Vec<(u32, u32)>,
) {
    let (near, far) = (i32::from(frame.nearest), i32::from(frame.furthest));
    seen.clear();
    seen.extend(days.iter().zip(first).map(|(&day, &first)| {
        let enter = (rows.partition_point(|&row| row < day + near) as u32).max(first);
        let leave = rows.partition_point(|&row| row <= day + far) as u32;
        (enter, leave.max(enter))
    }));
}

/// The sum, at every row, of the values whose range holds that row.
///
/// # Shapes
/// `seen` and `values` have one entry per observation; ranges end at or before `sums.len()`, which
/// is the number of rows (what lies beyond is ignored).
///
/// # Complexity
/// O(n + r), no allocation. Exact: 2⁶⁴ values of 64 bits fit the accumulator.
pub fn sums(seen: &[(u32, u32)], values: &[i64], sums: &mut [i128]) {
    sums.fill(0);
    for (&(enter, leave), &value) in seen.iter().zip(values) {
        if enter == leave {
            continue;
        }
        if let Some(step) = sums.get_mut(enter as usize) {
            *step += i128::from(value);
        }
        if let Some(step) = sums.get_mut(leave as usize) {
            *step -= i128::from(value);
        }
    }
    let mut total = 0;
    for step in sums {
        total += *step;
        *step = total;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    proptest! {
        #[test]
        fn equal_to_the_scan(
            facts in proptest::collection::vec((-20..40i32, -30..60i64, any::<i64>()), 0..60),
            gaps in proptest::collection::vec((0..4i32, 0..3i64), 0..40),
            near in 1..10u16, width in 0..10u16,
        ) {
            let (mut day, mut cut) = (-10, -10);
            let rows: Vec<(i32, Timestamp)> =
                gaps.iter().map(|(d, c)| { day += d; cut += c; (day, at(cut)) }).collect();
            let frame = Frame::between(near, near + width);
            let days: Vec<i32> = facts.iter().map(|f| f.0).collect();
            let known: Vec<Timestamp> = facts.iter().map(|f| at(f.1)).collect();
            let values: Vec<i64> = facts.iter().map(|f| f.2).collect();
            let row_days: Vec<i32> = rows.iter().map(|r| r.0).collect();
            let cutoffs: Vec<Timestamp> = rows.iter().map(|r| r.1).collect();
            let (mut first, mut seen) = (Vec::new(), Vec::new());
            first_rows(&days, &known, &row_days, &cutoffs, &mut first);
            seen_by(&days, &first, &row_days, frame, &mut seen);
            let mut got = vec![7; rows.len()];
            sums(&seen, &values, &mut got);
            for (&(row, cutoff), got) in rows.iter().zip(got) {
                let mut expected = 0i128;
                for (&(day, _, value), known) in facts.iter().zip(&known) {
                    let back = row - day;
                    if back >= i32::from(near) && back <= i32::from(near + width) && *known <= cutoff {
                        expected += i128::from(value);
                    }
                }
                prop_assert_eq!(got, expected);
            }
        }
    }
}
