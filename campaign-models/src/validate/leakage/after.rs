//! Values that are there, or were changed, because of the label.

use std::sync::Arc;

use campaign_core::{Column, ColumnKind};
use jiff::civil::Date;

use super::outcome::{Event, Outcome, usual};
use super::report::{Finding, LeakageKind};
use super::statistics::{auc_error, wilson_low};
use crate::calendar::day_number;
use crate::metrics::Metric;

/// Fewest rows on either side of a comparison.
const FEWEST: usize = 10;
/// Above this AUC, one side holds the greater targets.
const APART: f64 = 0.95;
/// How much of the usual share of other rows may be left among rows with a value, and among rows of
/// one level: levels that go with the target are what a model is for.
const OTHERS_IF_PRESENT: f64 = 0.2;
const OTHERS_OF_LEVEL: f64 = 0.1;

/// Whether a missing value tells the target.
pub(super) fn missing(column: &Column, values: &[f64], outcome: &Outcome) -> Option<Finding> {
    let present: Vec<bool> = values.iter().map(|v| !v.is_nan()).collect();
    for (side, what) in [(true, "has a value"), (false, "has no value")] {
        let inside: Vec<bool> = present.iter().map(|p| *p == side).collect();
        if let Some(event) = &outcome.event {
            let found = tells(column, what, &inside, event, OTHERS_IF_PRESENT);
            if found.is_some() {
                return found;
            }
        }
    }
    if outcome.event.is_none() { apart(column, &present, outcome) } else { None }
}

/// Whether a value other than the usual one, or one level, tells the target.
pub(super) fn values(column: &Column, values: &[f64], outcome: &Outcome) -> Option<Finding> {
    let event = outcome.event.as_ref()?;
    let mut distinct: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    distinct.sort_by(f64::total_cmp);
    distinct.dedup();
    let is = |value: f64| values.iter().map(|v| *v == value).collect::<Vec<bool>>();
    match &column.kind {
        ColumnKind::Numeric if distinct.len() > 2 => {
            let usual = usual(values, 0.5)?;
            let other: Vec<bool> = values.iter().map(|v| !v.is_nan() && *v != usual).collect();
            let what = format!("is not {usual}");
            tells(column, &what, &other, event, OTHERS_IF_PRESENT)
        }
        ColumnKind::Numeric => distinct.into_iter().find_map(|value| {
            tells(column, &format!("is {value}"), &is(value), event, OTHERS_OF_LEVEL)
        }),
        ColumnKind::Categorical { levels } => distinct.into_iter().find_map(|value| {
            let level = levels.get(value as usize)?;
            tells(column, &format!("is {level:?}"), &is(value), event, OTHERS_OF_LEVEL)
        }),
    }
}

/// A finding if rows inside are almost all events, or almost no other rows are.
fn tells(
    column: &Column,
    what: &str,
    inside: &[bool],
    event: &Event,
    others_left: f64,
) -> Option<Finding> {
    let count = |of: &dyn Fn(bool, bool) -> bool| {
        inside.iter().zip(&event.rows).filter(|(i, e)| of(**i, **e)).count() as f64
    };
    let rows = inside.len() as f64;
    let (of_inside, events) = (count(&|i, _| i), count(&|_, e| e));
    let both = count(&|i, e| i && e);
    if of_inside.min(rows - of_inside).min(events).min(rows - events) < FEWEST as f64 {
        return None;
    }
    let usual_share = events / rows;
    let pure = 1.0 - wilson_low(both, of_inside, 2.0) <= others_left * (1.0 - usual_share);
    // The AUC of the side as a score: half the sum of what it catches and what it leaves alone.
    let left_alone = 1.0 - (of_inside - both) / (rows - events);
    let auc = f64::midpoint(both / events, left_alone);
    let ranks = auc - 4.0 * auc_error(auc, events, rows - events) >= APART;
    if !pure && !ranks {
        return None;
    }
    let name = &column.name;
    let (inside_share, outside_share) = (both / of_inside, (events - both) / (rows - of_inside));
    let (a, b) = (100.0 * inside_share, 100.0 * outside_share);
    let text = format!(
        "{name:?} {what} in {of_inside} rows, of which {a:.1} % have {}, of the others {b:.1} %: is it \
         written after the label?",
        event.name
    );
    let evidence = [
        ("rows_inside", of_inside),
        ("share_inside", inside_share),
        ("share_outside", outside_share),
        ("auc", auc),
    ];
    Some(Finding::new(LeakageKind::KnownAfter, Some(name), evidence, text))
}

/// For amounts: a finding if rows with a value have almost always greater, or smaller, targets.
fn apart(column: &Column, present: &[bool], outcome: &Outcome) -> Option<Finding> {
    let with = present.iter().filter(|p| **p).count();
    let without = present.len() - with;
    if with.min(without) < FEWEST {
        return None;
    }
    let class: Vec<f64> = present.iter().map(|p| f64::from(*p)).collect();
    let auc = Metric::Auc.evaluate(&class, &outcome.y, None).ok()?;
    let error = auc_error(auc.max(1.0 - auc), with as f64, without as f64);
    if auc.max(1.0 - auc) - 4.0 * error < APART {
        return None;
    }
    let (name, share) = (&column.name, 100.0 * auc);
    let text = format!(
        "a row with a value of {name:?} has the greater target than one without in {share:.1} % of \
         pairs: is it written after the label?"
    );
    let evidence = [("rows_inside", with as f64), ("auc", auc)];
    Some(Finding::new(LeakageKind::KnownAfter, Some(name), evidence, text))
}

/// Whether values were changed after the days of their rows.
pub(super) fn changed(
    name: &Arc<str>,
    changed_on: &[Option<Date>],
    days: &[Date],
) -> Option<Finding> {
    let late = changed_on.iter().zip(days).filter_map(|(changed, day)| {
        let by = day_number((*changed)?) - day_number(*day);
        (by > 0).then_some(by)
    });
    let late: Vec<i64> = late.collect();
    let most = *late.iter().max()?;
    let (rows, of) = (late.len(), days.len());
    let text = format!(
        "{name:?} was changed after the day of its row in {rows} of {of} rows, by up to {most} days"
    );
    let evidence = [("rows", rows as f64), ("most_days", most as f64)];
    Some(Finding::new(LeakageKind::ChangedAfter, Some(name), evidence, text))
}
