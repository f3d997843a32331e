//! Columns that name rows.

use campaign_core::{Column, ColumnKind};
use jiff::civil::Date;

use super::report::{Finding, LeakageKind};
use crate::calendar::day_number;

/// Fewest values to judge by.
const FEWEST: usize = 50;
/// Share of distinct values among levels and among numbers that name rows.
const LEVELS: f64 = 0.9;
const NUMBERS: f64 = 0.99;
/// Share of steps that rise, in rows or days.
const RISING: f64 = 0.99;
/// Ties that numbers dense enough would have by chance, of which an id has almost none.
const EXPECTED_TIES: f64 = 20.0;
/// Numbers of 13 digits.
const LONG: f64 = 1e12;

/// Whether a column names rows.
pub(super) fn find(column: &Column, values: &[f64], days: Option<&[Date]>) -> Option<Finding> {
    let known: Vec<(usize, f64)> =
        values.iter().copied().enumerate().filter(|(_, v)| !v.is_nan()).collect();
    let mut sorted: Vec<f64> = known.iter().map(|(_, v)| *v).collect();
    sorted.sort_by(f64::total_cmp);
    let n = sorted.len();
    if n < FEWEST {
        return None;
    }
    let distinct = sorted.chunk_by(|a, b| a == b).count();
    let share = distinct as f64 / n as f64;
    let name = &column.name;
    let finding = |why: String| {
        let text = format!("{name:?} has {distinct} values in {n} rows{why}: it names rows");
        let evidence = [("distinct", distinct as f64), ("rows", n as f64)];
        Some(Finding::new(LeakageKind::IdLike, Some(name), evidence, text))
    };
    if matches!(column.kind, ColumnKind::Categorical { .. }) {
        return if share >= LEVELS { finding(String::new()) } else { None };
    }
    if share < NUMBERS || sorted.iter().any(|v| v.fract() != 0.0) {
        return None;
    }
    if let Some(days) = days
        && is_calendar(&known, days)
    {
        return None;
    }
    let rises = |order: &mut dyn Iterator<Item = bool>| {
        order.filter(|up| *up).count() as f64 >= RISING * (n - 1) as f64
    };
    if rises(&mut known.windows(2).map(|pair| pair[0].1 < pair[1].1)) {
        return finding(" and rises with the rows".to_owned());
    }
    if rises(&mut known.windows(2).map(|pair| pair[0].1 > pair[1].1)) {
        return finding(" and falls with the rows".to_owned());
    }
    if days.is_some_and(|days| rises_with_days(&known, days)) {
        return finding(" and rises with the days".to_owned());
    }
    let range = sorted.last().zip(sorted.first()).map_or(0.0, |(high, low)| high - low + 1.0);
    let by_chance = n as f64 * (n - 1) as f64 / 2.0 / range;
    if by_chance >= EXPECTED_TIES && (n - distinct) as f64 <= 0.1 * by_chance {
        return finding(format!(" between {} and {}", sorted[0], sorted[n - 1]));
    }
    if sorted[n / 2].abs() >= LONG {
        return finding(" of 13 digits or more".to_owned());
    }
    None
}

/// Whether every value is its day's number, counted from some day.
fn is_calendar(known: &[(usize, f64)], days: &[Date]) -> bool {
    let start =
        |&(row, value): &(usize, f64)| days.get(row).map(|day| value - day_number(*day) as f64);
    let first = known.first().and_then(start);
    known.iter().all(|entry| start(entry) == first)
}

/// Whether later days have greater numbers, whatever the order of the rows.
fn rises_with_days(known: &[(usize, f64)], days: &[Date]) -> bool {
    let mut by_value: Vec<(f64, Option<&Date>)> =
        known.iter().map(|(row, value)| (*value, days.get(*row))).collect();
    by_value.sort_by(|a, b| a.0.total_cmp(&b.0));
    let changes: Vec<bool> =
        by_value.windows(2).filter(|p| p[0].1 != p[1].1).map(|p| p[0].1 < p[1].1).collect();
    // In random order almost every step changes the day; rising ones change it rarely and upwards.
    let up = changes.iter().filter(|up| **up).count() as f64;
    changes.len() >= 10 && up >= RISING * changes.len() as f64
}
