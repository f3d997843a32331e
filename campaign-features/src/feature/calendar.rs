//! Where a day stands in the calendar.

use jiff::civil::Date;

/// A number of the calendar, known for every day in advance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
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
}

impl CalendarField {
    /// Every field, in the order of the columns.
    pub const ALL: [Self; 5] =
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
        }
    }

    /// The field's value on a day.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::feature::CalendarField;
    /// use jiff::civil::date;
    /// assert_eq!(CalendarField::IsoWeek.of(date(2027, 1, 1)), 53.0);
    /// assert_eq!(CalendarField::DayOfWeek.of(date(2027, 1, 1)), 5.0);
    /// ```
    #[must_use]
    pub fn of(self, day: Date) -> f64 {
        f64::from(match self {
            Self::DayOfWeek => day.weekday().to_monday_one_offset(),
            Self::Weekend => i8::from(day.weekday().to_monday_one_offset() >= 6),
            Self::DayOfMonth => day.day(),
            Self::Month => day.month(),
            Self::IsoWeek => day.iso_week_date().week(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn known_days() {
        // Python: date(2020, 12, 31).isocalendar() == (2020, 53, 4), date(2024, 12, 30) == (2025, 1, 1).
        let all = |day| CalendarField::ALL.map(|field| field.of(day));
        assert_eq!(all(date(2020, 12, 31)), [4.0, 0.0, 31.0, 12.0, 53.0]);
        assert_eq!(all(date(2024, 12, 30)), [1.0, 0.0, 30.0, 12.0, 1.0]);
        assert_eq!(all(date(2026, 2, 1)), [7.0, 1.0, 1.0, 2.0, 5.0]);
    }
}
