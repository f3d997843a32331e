//! Which days of a zone an interval lies in.

use campaign_core::time::AccountDay;
use jiff::Timestamp;
use jiff::ToSpan;
use jiff::tz::TimeZone;

use super::align::AlignError;

/// A part of an interval that lies in one day.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct Part {
    /// The day.
    pub day: AccountDay,
    /// How much of the interval lies in it, in seconds.
    pub seconds: f64,
    /// The same in whole microseconds.
    weight: u64,
}

/// Divides the interval `[start, end)` among the days of a zone, in their order; the parts tile it.
///
/// # Errors
/// [`AlignError::Interval`] for an interval that does not end after it starts, [`AlignError::Time`] at
/// the ends of the calendar.
///
/// # Complexity
/// O(days of the interval).
///
/// # Examples
/// ```
/// use campaign_features::zone::split;
/// let berlin = campaign_core::time::zone("Europe/Berlin")?;
/// let parts = split("2026-05-04T07:00:00Z".parse()?, "2026-05-05T07:00:00Z".parse()?, &berlin)?;
/// assert_eq!(parts.iter().map(|p| p.seconds / 3600.0).collect::<Vec<_>>(), [15.0, 9.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn split(start: Timestamp, end: Timestamp, zone: &TimeZone) -> Result<Vec<Part>, AlignError> {
    if end <= start {
        return Err(AlignError::Interval { start, end });
    }
    let mut parts = Vec::new();
    let mut from = start;
    while from < end {
        let day = day_at(from, zone)?;
        let to = day.end().min(end);
        let length = to.duration_since(from);
        let weight = u64::try_from(length.as_micros()).unwrap_or(u64::MAX);
        parts.push(Part { day, seconds: length.as_secs_f64(), weight });
        from = to;
    }
    Ok(parts)
}

/// The day whose interval holds an instant.
///
/// It is that of the instant's date but where clocks go back over midnight: there the minutes before
/// midnight come a second time, when the next day has already begun.
fn day_at(instant: Timestamp, zone: &TimeZone) -> Result<AccountDay, AlignError> {
    let day = AccountDay::of(instant, zone)?;
    if day.contains(instant) {
        return Ok(day);
    }
    let shift = if day.end() <= instant { 1 } else { -1 };
    let range = |_| campaign_core::time::TimeError::Range(day.date());
    let other = AccountDay::new(day.date().checked_add(shift.days()).map_err(range)?, zone)?;
    if other.contains(instant) { Ok(other) } else { Err(range_error(day)) }
}

const fn range_error(day: AccountDay) -> AlignError {
    AlignError::Time(campaign_core::time::TimeError::Range(day.date()))
}

/// Divides a whole number by the lengths of parts, by largest remainders, the first of equal ones first.
///
/// `campaign_core::money::apportion` takes weights that are no whole numbers, and may see a tie of
/// remainders where there is none.
pub(super) fn divide(total: i64, parts: &[Part]) -> Vec<i64> {
    // An interval is shorter than 2⁶⁰ microseconds, so that products stay below 2¹²³.
    let sum: u128 = parts.iter().map(|part| u128::from(part.weight)).sum::<u128>().max(1);
    let amount = u128::from(total.unsigned_abs());
    let share = |part: &Part| amount * u128::from(part.weight);
    let mut out: Vec<u128> = parts.iter().map(|part| share(part) / sum).collect();
    let mut order: Vec<(u128, usize)> =
        parts.iter().enumerate().map(|(index, part)| (share(part) % sum, index)).collect();
    order.sort_unstable_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    let left = amount.saturating_sub(out.iter().sum());
    for (_, (_, index)) in (0..left).zip(order) {
        if let Some(one) = out.get_mut(index) {
            *one += 1;
        }
    }
    let sign = i128::from(total.signum());
    out.into_iter().map(|part| (part as i128 * sign) as i64).collect()
}
