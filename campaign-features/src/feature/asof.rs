//! The version a request knows: a point-in-time join as a kernel over sorted columns.

use campaign_core::Error;
use campaign_core::error::check_length;

/// Versions sorted by entity, day and the instant they became known.
///
/// # Shapes
/// Entity `e` owns the rows `start[e]..start[e + 1]`; `day` and `known_at` have one entry per row.
#[derive(Debug, Clone, Copy)]
pub struct Versions<'a> {
    /// Where each entity's rows begin, and the end.
    pub start: &'a [usize],
    /// The day each describes.
    pub day: &'a [i32],
    /// When each became known.
    pub known_at: &'a [i64],
}

/// No version.
pub const NO_ROW: u32 = u32::MAX;

/// For each request (entity, day of decision, cut-off), the row with the latest (day, known at) among
/// those that happened before the day, no more than `within` days before it, and were known at or
/// before the cut-off; [`NO_ROW`] where there is none.
///
/// Requests may stand in any order; those of one entity beside each other find its rows in the cache.
///
/// # Shapes
/// `entity`, `day`, `cutoff` and `out` have one entry per request.
///
/// # Errors
/// [`Error::Length`] for slices of other lengths; [`Error::OutOfRange`] for bounds of entities that do
/// not ascend or lie beyond the rows. An entity beyond them has no rows.
///
/// # Allocation
/// None.
///
/// # Complexity
/// O(log n + v) per request for n rows of the entity and v versions within the days looked at.
///
/// # Examples
/// ```
/// use campaign_features::feature::asof::{NO_ROW, Versions, latest_known};
/// // Day 10 said 1.0 on day 11 and was restated on day 14; day 12 is known on day 13.
/// let versions = Versions { start: &[0, 3], day: &[10, 10, 12], known_at: &[11, 14, 13] };
/// let mut row = [0; 3];
/// latest_known(&versions, &[0, 0, 0], &[12, 13, 20], &[12, 13, 20], 5, &mut row)?;
/// assert_eq!(row, [0, 2, NO_ROW]);
/// # Ok::<(), campaign_core::Error>(())
/// ```
pub fn latest_known(
    versions: &Versions<'_>,
    entity: &[u32],
    day: &[i32],
    cutoff: &[i64],
    within: u16,
    out: &mut [u32],
) -> Result<(), Error> {
    let n = versions.day.len();
    check_length("known_at", versions.known_at.len(), n)?;
    check_length("day", day.len(), entity.len())?;
    check_length("cutoff", cutoff.len(), entity.len())?;
    check_length("out", out.len(), entity.len())?;
    let ascending = versions.start.is_sorted() && versions.start.last().is_none_or(|&end| end <= n);
    if !ascending || n >= NO_ROW as usize {
        return Err(Error::OutOfRange {
            what: "start",
            index: versions.start.len().saturating_sub(1),
            value: versions.start.last().map_or(0.0, |&end| end as f64),
            low: 0.0,
            high: n.min(NO_ROW as usize - 1) as f64,
        });
    }
    let requests = entity.iter().zip(day).zip(cutoff);
    for (((&entity, &decided), &cutoff), out) in requests.zip(out) {
        *out = NO_ROW;
        let bounds = (versions.start.get(entity as usize), versions.start.get(entity as usize + 1));
        let (Some(&from), Some(&to)) = bounds else { continue };
        let days = &versions.day[from..to];
        let oldest = i64::from(decided) - i64::from(within);
        let mut row = before(days, decided);
        while row > 0 && i64::from(days[row - 1]) >= oldest {
            row -= 1;
            if versions.known_at[from + row] <= cutoff {
                *out = (from + row) as u32;
                break;
            }
        }
    }
    Ok(())
}

/// How many of the ascending days lie before a day.
///
/// Exports have a row on most days, so that the place guessed between the first and the last day is
/// near; the search widens from there.
#[inline]
fn before(days: &[i32], day: i32) -> usize {
    let (Some(&first), Some(&last)) = (days.first(), days.last()) else { return 0 };
    if day <= first {
        return 0;
    }
    if day > last {
        return days.len();
    }
    let (span, past) = (i64::from(last) - i64::from(first), i64::from(day) - i64::from(first));
    let guess = (past as u64 * (days.len() as u64 - 1) / span.max(1) as u64) as usize;
    let (mut low, mut high, mut step) = (guess, guess, 8);
    while low > 0 && days[low - 1] >= day {
        low = low.saturating_sub(step);
        step *= 2;
    }
    step = 8;
    while high < days.len() && days[high] < day {
        high = (high + step).min(days.len());
        step *= 2;
    }
    low + days[low..high].partition_point(|&d| d < day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_guess_finds_the_place(
            mut days in proptest::collection::vec(-50..90i32, 0..80), day in -60..100i32, far in any::<bool>(),
        ) {
            if far {
                days.extend([i32::MIN, i32::MAX]);
            }
            days.sort_unstable();
            prop_assert_eq!(before(&days, day), days.iter().filter(|&&d| d < day).count());
        }

        #[test]
        fn equal_to_the_scan(
            mut rows in proptest::collection::vec((0..3u32, 0..20i32, 0..30i64), 0..60),
            asks in proptest::collection::vec((0..5u32, -2..25i32, -2..32i64), 0..40),
            within in 0..9u16,
        ) {
            rows.sort_unstable();
            let start: Vec<usize> =
                (0..=3).map(|e| rows.partition_point(|r| r.0 < e)).collect();
            let day: Vec<i32> = rows.iter().map(|r| r.1).collect();
            let known_at: Vec<i64> = rows.iter().map(|r| r.2).collect();
            let versions = Versions { start: &start, day: &day, known_at: &known_at };
            let (e, (d, c)): (Vec<u32>, (Vec<i32>, Vec<i64>)) =
                asks.iter().map(|a| (a.0, (a.1, a.2))).unzip();
            let mut out = vec![7; asks.len()];
            latest_known(&versions, &e, &d, &c, within, &mut out).unwrap();
            for (&(entity, decided, cutoff), &got) in asks.iter().zip(&out) {
                let seen = |r: &(u32, i32, i64)| {
                    r.0 == entity && r.1 < decided && r.1 >= decided - i32::from(within) && r.2 <= cutoff
                };
                let best = rows.iter().filter(|r| seen(r)).max();
                let got = rows.get(got as usize);
                prop_assert_eq!(got, best);
            }
        }
    }

    #[test]
    fn bounds_are_checked() {
        let versions = Versions { start: &[0, 2], day: &[1], known_at: &[1] };
        assert!(latest_known(&versions, &[0], &[2], &[2], 5, &mut [0]).is_err());
        let versions = Versions { start: &[1, 0], ..versions };
        assert!(latest_known(&versions, &[0], &[2], &[2], 5, &mut [0]).is_err());
        let versions = Versions { start: &[], ..versions };
        let mut out = [0];
        latest_known(&versions, &[0], &[2], &[2], 5, &mut out).unwrap();
        assert_eq!(out, [NO_ROW]);
        assert!(latest_known(&versions, &[0], &[], &[2], 5, &mut out).is_err());
    }
}
