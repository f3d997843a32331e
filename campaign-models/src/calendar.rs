//! Days as numbers.

use jiff::Span;
use jiff::civil::{Date, date};

/// Days since the start of 1970.
pub(crate) fn day_number(day: Date) -> i64 {
    day.duration_since(date(1970, 1, 1)).as_hours() / 24
}

/// `None` beyond the calendar.
pub(crate) fn days_before(day: Date, days: u32) -> Option<Date> {
    day.checked_sub(Span::new().try_days(days).ok()?).ok()
}

/// `None` beyond the calendar.
pub(crate) fn days_after(day: Date, days: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count_days() {
        let day = date(2024, 2, 28);
        assert_eq!(day_number(date(1970, 1, 2)), 1);
        assert_eq!(day_number(date(1969, 12, 31)), -1);
        assert_eq!(day_number(date(2024, 3, 1)) - day_number(day), 2);
        assert_eq!(days_after(day, 2), Some(date(2024, 3, 1)));
        assert_eq!(days_before(date(2024, 3, 1), 2), Some(day));
        assert_eq!((days_after(day, u32::MAX), days_before(day, u32::MAX)), (None, None));
        assert_eq!(day_number(Date::MAX) - day_number(Date::MIN), 7_304_483);
    }
}
