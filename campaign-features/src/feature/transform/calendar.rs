//! Where a day stands in the calendar.

use jiff::civil::Date;

/// A number of the calendar, known for every day in advance.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CalendarField {
    /// Monday 1 to Sunday 7.
    DayOfWeek,
    /// 1 on Saturday and Sunday.
    Weekend,
    /// 1 to 31.
    DayOfMonth,
    /// 1 to 12.
    Month,
    /// ISO 8601 week, 1 to 53.
    IsoWeek,
    /// Year.
    Year,
    /// Year the ISO 8601 week belongs to.
    IsoYear,
    /// 1 to 4.
    Quarter,
    /// 1 to 366.
    DayOfYear,
    /// 28 to 31.
    DaysInMonth,
    /// Which of its month's days of the same name it is, 1 to 5.
    WeekOfMonth,
    /// 1 on the first day of a month.
    MonthStart,
    /// 1 on the last day of a month.
    MonthEnd,
    /// 1 on the first day of a quarter.
    QuarterStart,
    /// 1 on the last day of a quarter.
    QuarterEnd,
    /// Days left in the month, 0 on its last.
    DaysToMonthEnd,
    /// 1 on the month's last Monday to Friday. Holidays are not looked at.
    LastWorkingDay,
    /// Days since the latest last working day of a month, 0 on it: wages are often paid then.
    DaysSincePayday,
}

impl CalendarField {
    /// Every field.
    pub const ALL: [Self; 18] = [
        Self::DayOfWeek,
        Self::Weekend,
        Self::DayOfMonth,
        Self::Month,
        Self::IsoWeek,
        Self::Year,
        Self::IsoYear,
        Self::Quarter,
        Self::DayOfYear,
        Self::DaysInMonth,
        Self::WeekOfMonth,
        Self::MonthStart,
        Self::MonthEnd,
        Self::QuarterStart,
        Self::QuarterEnd,
        Self::DaysToMonthEnd,
        Self::LastWorkingDay,
        Self::DaysSincePayday,
    ];

    /// The five that a standard set of features holds, in the order of its columns.
    pub const STANDARD: [Self; 5] =
        [Self::DayOfWeek, Self::Weekend, Self::DayOfMonth, Self::Month, Self::IsoWeek];

    /// The name used in column names.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DayOfWeek => "day_of_week",
            Self::Weekend => "weekend",
            Self::DayOfMonth => "day_of_month",
            Self::Month => "month",
            Self::IsoWeek => "iso_week",
            Self::Year => "year",
            Self::IsoYear => "iso_year",
            Self::Quarter => "quarter",
            Self::DayOfYear => "day_of_year",
            Self::DaysInMonth => "days_in_month",
            Self::WeekOfMonth => "week_of_month",
            Self::MonthStart => "month_start",
            Self::MonthEnd => "month_end",
            Self::QuarterStart => "quarter_start",
            Self::QuarterEnd => "quarter_end",
            Self::DaysToMonthEnd => "days_to_month_end",
            Self::LastWorkingDay => "last_working_day",
            Self::DaysSincePayday => "days_since_payday",
        }
    }

    /// The field's value on a day.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::transform::calendar::CalendarField;
    /// use jiff::civil::date;
    /// assert_eq!(CalendarField::IsoWeek.of(date(2027, 1, 1)), 53.0);
    /// assert_eq!(CalendarField::LastWorkingDay.of(date(2026, 5, 29)), 1.0);
    /// ```
    #[must_use]
    pub fn of(self, day: Date) -> f64 {
        let month_end = day.day() == day.days_in_month();
        f64::from(match self {
            Self::DayOfWeek => i16::from(day.weekday().to_monday_one_offset()),
            Self::Weekend => i16::from(day.weekday().to_monday_one_offset() >= 6),
            Self::DayOfMonth => i16::from(day.day()),
            Self::Month => i16::from(day.month()),
            Self::IsoWeek => i16::from(day.iso_week_date().week()),
            Self::Year => day.year(),
            Self::IsoYear => day.iso_week_date().year(),
            Self::Quarter => i16::from((day.month() + 2) / 3),
            Self::DayOfYear => day.day_of_year(),
            Self::DaysInMonth => i16::from(day.days_in_month()),
            Self::WeekOfMonth => i16::from((day.day() + 6) / 7),
            Self::MonthStart => i16::from(day.day() == 1),
            Self::MonthEnd => i16::from(month_end),
            Self::QuarterStart => i16::from(day.day() == 1 && day.month() % 3 == 1),
            Self::QuarterEnd => i16::from(month_end && day.month() % 3 == 0),
            Self::DaysToMonthEnd => i16::from(day.days_in_month() - day.day()),
            Self::LastWorkingDay => i16::from(day.day() == last_working_day(day)),
            Self::DaysSincePayday => i16::from(since_payday(day)),
        })
    }
}

/// The day of the month of the last Monday to Friday of a day's month.
fn last_working_day(day: Date) -> i8 {
    let last = day.last_of_month();
    let over = last.weekday().to_monday_one_offset() - 5;
    last.day() - over.max(0)
}

fn since_payday(day: Date) -> i8 {
    let payday = last_working_day(day);
    if day.day() >= payday {
        return day.day() - payday;
    }
    // In the first month there is, its own first day stands in for the month before.
    match day.first_of_month().yesterday() {
        Ok(before) => day.day() + before.day() - last_working_day(before),
        Err(_) => day.day() - 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn row<const N: usize>(fields: [CalendarField; N], day: Date) -> [f64; N] {
        fields.map(|field| field.of(day))
    }

    #[test]
    fn known_days() {
        // Python: date(2020, 12, 31).isocalendar() == (2020, 53, 4), date(2024, 12, 30) == (2025, 1, 1).
        let standard = |day| row(CalendarField::STANDARD, day);
        assert_eq!(standard(date(2020, 12, 31)), [4.0, 0.0, 31.0, 12.0, 53.0]);
        assert_eq!(standard(date(2024, 12, 30)), [1.0, 0.0, 30.0, 12.0, 1.0]);
        assert_eq!(standard(date(2026, 2, 1)), [7.0, 1.0, 1.0, 2.0, 5.0]);
        assert_eq!(CalendarField::IsoYear.of(date(2024, 12, 30)), 2025.0);
        assert_eq!(
            row(CalendarField::ALL, date(2024, 2, 29))[5..],
            [2024.0, 2024.0, 1.0, 60.0, 29.0, 5.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
        );
        assert_eq!(CalendarField::QuarterStart.of(date(2026, 7, 1)), 1.0);
        assert_eq!(CalendarField::QuarterEnd.of(date(2026, 6, 30)), 1.0);
    }

    #[test]
    fn paydays() {
        // 31 May 2026 is a Sunday: paid on Friday, the 29th.
        let since = |day| CalendarField::DaysSincePayday.of(day);
        assert_eq!(since(date(2026, 5, 28)), 28.0);
        assert_eq!(since(date(2026, 5, 29)), 0.0);
        assert_eq!(since(date(2026, 5, 31)), 2.0);
        assert_eq!(since(date(2026, 6, 1)), 3.0);
    }

    #[test]
    fn paydays_by_walking() {
        let working = |day: Date| day.weekday().to_monday_one_offset() <= 5;
        let mut since = None;
        for day in date(2019, 1, 1).series(jiff::ToSpan::day(1)).take(4000) {
            let mut rest = day.series(jiff::ToSpan::day(1)).skip(1);
            let rest = rest.by_ref().take_while(|d| d.month() == day.month());
            let last = working(day) && !rest.into_iter().any(working);
            since = if last { Some(0.0) } else { since.map(|days| days + 1.0) };
            if let Some(days) = since {
                assert_eq!(CalendarField::DaysSincePayday.of(day), days, "{day}");
                assert_eq!(
                    CalendarField::LastWorkingDay.of(day),
                    f64::from(u8::from(last)),
                    "{day}"
                );
            }
        }
        assert!(since.is_some());
    }

    #[test]
    fn ends_of_the_calendar() {
        for field in CalendarField::ALL {
            assert!(
                field.of(Date::MIN).is_finite() && field.of(Date::MAX).is_finite(),
                "{field:?}"
            );
        }
    }
}
