//! Where ticks stand.

use jiff::ToSpan;
use jiff::civil::Date;

/// Round numbers from `low` to at least `high`, about `count` of them, and their distance.
///
/// Falls back to 0 and 1 where there is no range.
#[must_use]
pub fn ticks(low: f64, high: f64, count: usize) -> (Vec<f64>, f64) {
    let range = high - low;
    if !(range.is_finite() && range > 0.0 && range / high.abs().max(low.abs()) > 1e-9) {
        return (vec![0.0, 1.0], 1.0);
    }
    let rough = range / count.max(1) as f64;
    let power = 10f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 2.5, 5.0, 10.0]
        .into_iter()
        .map(|m| m * power)
        .find(|step| *step >= rough * 0.999)
        .unwrap_or(10.0 * power);
    let (first, last) = ((low / step).floor(), (high / step - 1e-9).ceil());
    let ticks = (0..=(last - first) as usize).map(|i| (first + i as f64) * step).collect();
    (ticks, step)
}

/// Days of the calendar to label between two days, with their labels.
#[must_use]
pub fn day_ticks(first: Date, last: Date) -> Vec<(Date, String)> {
    let days = days_between(first, last);
    let month = |d: Date| MONTHS.get(usize::from(d.month().unsigned_abs()) - 1).unwrap_or(&"");
    if days <= 75 {
        let step = match days {
            0..=8 => 1,
            9..=16 => 2,
            17..=56 => 7,
            _ => 14,
        };
        let starts = (0..=days).step_by(step).filter_map(|i| first.checked_add(i.days()).ok());
        return starts.map(|d| (d, format!("{} {}", d.day(), month(d)))).collect();
    }
    let step = match days {
        76..=430 => 1,
        431..=1300 => 3,
        _ => 12,
    };
    let mut ticks = Vec::new();
    let mut next = Some(first.first_of_month());
    while let Some(day) = next.filter(|day| *day <= last) {
        let on = (day.month() - 1) % step == 0;
        if on && day >= first {
            let with_year = ticks.is_empty() || day.month() == 1;
            let year = if with_year { format!(" {}", day.year()) } else { String::new() };
            ticks.push((day, format!("{}{year}", month(day))));
        }
        next = day.checked_add(1.month()).ok();
    }
    ticks
}

/// How many days lie between two days.
#[must_use]
pub fn days_between(first: Date, last: Date) -> i32 {
    first.until(last).map_or(0, |span| span.get_days())
}

/// A day as people write it: `4 May 2026`.
#[must_use]
pub fn day(date: Date) -> String {
    let month = MONTHS.get(usize::from(date.month().unsigned_abs()) - 1).unwrap_or(&"");
    format!("{} {month} {}", date.day(), date.year())
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn round_numbers() {
        assert_eq!(ticks(0.0, 9.0, 4), (vec![0.0, 2.5, 5.0, 7.5, 10.0], 2.5));
        assert_eq!(ticks(0.0, 10.0, 4).0, [0.0, 2.5, 5.0, 7.5, 10.0]);
        assert_eq!(ticks(0.02, 0.05, 3).0.len(), 4);
        for (low, high) in [(0.0, 0.0), (f64::NAN, 1.0), (0.0, f64::INFINITY), (5.0, 1.0)] {
            assert_eq!(ticks(low, high, 4).0, [0.0, 1.0]);
        }
        assert!(ticks(0.0, 1e300, 4).0.len() < 8);
    }

    #[test]
    fn days_of_the_calendar() {
        let labels = |a, b| day_ticks(a, b).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(labels(date(2026, 1, 30), date(2026, 2, 1)), ["30 Jan", "31 Jan", "1 Feb"]);
        assert_eq!(labels(date(2025, 11, 15), date(2026, 2, 20)), ["Dec 2025", "Jan 2026", "Feb"]);
        assert_eq!(labels(date(2026, 1, 1), date(2026, 1, 1)), ["1 Jan"]);
        assert!(day_ticks(date(1990, 1, 1), date(2026, 1, 1)).len() < 40);
    }
}
