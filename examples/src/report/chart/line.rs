//! Lines and stacked areas over days.

use jiff::civil::Date;
use maud::{Markup, html};

use super::scale::{day, day_ticks, days_between, ticks};
use super::{coordinate, path, width};
use crate::report::data::Unit;
use crate::report::format::Format;

/// Width of the drawing in its own units; the page stretches it.
const WIDTH: f64 = 1000.0;
/// Room above and below the drawing, in pixels.
const TOP: f64 = 10.0;
const BOTTOM: f64 = 24.0;
/// Beyond this many points, per-day hover texts weigh more than they tell.
const MAX_HOVER: usize = 200;

/// One line, or one layer of a stack.
#[derive(Debug, Clone)]
pub struct Line {
    /// CSS class with its colour.
    pub class: String,
    /// Its name, for the hover text.
    pub name: String,
    /// One value per day; NaN is a gap.
    pub values: Vec<f64>,
}

/// A chart over days.
#[derive(Debug, Clone)]
pub struct TimeChart<'a> {
    /// What it shows, for those who cannot see it.
    pub label: String,
    /// The days, ascending.
    pub days: &'a [Date],
    /// The lines; the first layer of a stack lies at the bottom.
    pub lines: Vec<Line>,
    /// Whether lines are layers of a stack.
    pub stacked: bool,
    /// How values are written.
    pub unit: Unit,
    /// Top of the value axis, if it is given from outside.
    pub top: Option<f64>,
    /// A value to mark by a dashed line.
    pub reference: Option<f64>,
    /// First day whose values are not final.
    pub young_from: Option<Date>,
    /// Height in pixels.
    pub height: u32,
}

impl TimeChart<'_> {
    /// Draws it; nothing where there are no days.
    #[must_use]
    pub fn draw(&self, format: &Format) -> Markup {
        let (Some(&first), Some(&last)) = (self.days.first(), self.days.last()) else {
            return html! {};
        };
        let span = f64::from(days_between(first, last).max(1));
        let share = |d: Date| f64::from(days_between(first, d)) / span;
        let levels = self.levels();
        let top = self.top.unwrap_or_else(|| axis_top(&levels));
        let (marks, step) = ticks(0.0, top, if self.height < 120 { 3 } else { 4 });
        let top = marks.last().copied().unwrap_or(1.0);
        let plot = f64::from(self.height) - TOP - BOTTOM;
        let y = |v: f64| plot * (1.0 - v / top);
        let texts: Vec<String> = marks.iter().map(|v| format.tick(self.unit, *v, step)).collect();
        let gutter = 7 * texts.iter().map(|t| t.chars().count()).max().unwrap_or(0) + 10;
        let labels = day_ticks(first, last);
        html! {
            div class="plot" role="img" aria-label=(self.label) {
                svg class="y" width=(gutter) height=(self.height) aria-hidden="true" {
                    @for (v, text) in marks.iter().zip(&texts) {
                        text x=(gutter - 8) y=(coordinate(TOP + y(*v) + 4.0)) text-anchor="end" { (text) }
                    }
                }
                svg class="xy" height=(self.height) aria-hidden="true" {
                    @for (i, v) in marks.iter().enumerate() {
                        line class=(if i == 0 { "base" } else { "grid" }) x1="0" x2="100%"
                            y1=(coordinate(TOP + y(*v))) y2=(coordinate(TOP + y(*v))) {}
                    }
                    @for (i, (date, text)) in labels.iter().enumerate() {
                        (day_label(share(*date), text, self.height, i, labels.len()))
                    }
                    svg x="0" y=(TOP) width="100%" height=(coordinate(plot)) preserveAspectRatio="none"
                        viewBox={ "0 0 " (WIDTH) " " (coordinate(plot)) } {
                        (self.shapes(&levels, &|d| WIDTH * share(d), &y))
                    }
                    @if let Some(v) = self.reference.filter(|v| *v < top) {
                        line class="even" x1="0" x2="100%" y1=(coordinate(TOP + y(v))) y2=(coordinate(TOP + y(v))) {}
                    }
                    @if let Some(from) = self.young_from.filter(|d| *d <= last) {
                        rect class="young" x=(width(share(from))) y=(TOP) height=(coordinate(plot))
                            width=(width(1.0 - share(from).max(0.0))) {}
                    }
                    @if self.days.len() <= MAX_HOVER { (self.hover(&share, plot, format)) }
                }
            }
        }
    }

    /// The curves to draw: values as they are, or each layer on top of those below.
    fn levels(&self) -> Vec<Vec<f64>> {
        let value = |line: &Line, i: usize| line.values.get(i).copied().unwrap_or(f64::NAN);
        let mut below = vec![0.0; self.days.len()];
        let mut levels = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            if self.stacked {
                for (i, sum) in below.iter_mut().enumerate() {
                    let v = value(line, i);
                    *sum += if v.is_finite() { v.max(0.0) } else { 0.0 };
                }
                levels.push(below.clone());
            } else {
                levels.push((0..self.days.len()).map(|i| value(line, i)).collect());
            }
        }
        levels
    }

    fn shapes(
        &self,
        levels: &[Vec<f64>],
        x: &dyn Fn(Date) -> f64,
        y: &dyn Fn(f64) -> f64,
    ) -> Markup {
        let curve = |level: &[f64]| path(self.days.iter().zip(level).map(|(d, v)| (x(*d), y(*v))));
        // A layer is filled down to the axis; the layers below it are drawn over it.
        html! {
            @if self.stacked {
                @for (line, level) in self.lines.iter().zip(levels).rev() {
                    path class={ "area " (line.class) }
                        d={ (curve(level)) "L" (coordinate(WIDTH)) " " (coordinate(y(0.0))) "L0 " (coordinate(y(0.0))) "Z" } {}
                }
            } @else {
                @for (line, level) in self.lines.iter().zip(levels) {
                    path class={ "line " (line.class) } d=(curve(level)) {}
                }
            }
        }
    }

    /// Bands that show the day's values while the pointer rests on them.
    fn hover(&self, share: &dyn Fn(Date) -> f64, plot: f64, format: &Format) -> Markup {
        let n = self.days.len();
        let half = if n > 1 { 0.5 / (n - 1) as f64 } else { 0.5 };
        html! {
            @for (i, date) in self.days.iter().enumerate() {
                rect class="hit" x=(width(share(*date) - half)) y=(TOP) width=(width(2.0 * half)) height=(coordinate(plot)) {
                    title {
                        (day(*date))
                        @for line in &self.lines {
                            "\n" (line.name) ": " (format.compact(self.unit, line.values.get(i).copied().unwrap_or(f64::NAN)))
                        }
                    }
                }
            }
        }
    }
}

/// The largest value, unless a few values tower over the others: those then leave the chart.
#[must_use]
pub fn axis_top(levels: &[Vec<f64>]) -> f64 {
    let mut values: Vec<f64> = levels.iter().flatten().copied().filter(|v| v.is_finite()).collect();
    values.sort_unstable_by(f64::total_cmp);
    let Some(&max) = values.last() else { return 1.0 };
    let high = values.get(values.len() * 95 / 100).copied().unwrap_or(max);
    if high > 0.0 && max > 2.5 * high { 1.25 * high } else { max.max(0.0) }
}

fn day_label(share: f64, text: &str, height: u32, index: usize, n: usize) -> Markup {
    let anchor = match share {
        s if s < 0.03 => "start",
        s if s > 0.97 => "end",
        _ => "middle",
    };
    // On a phone every other label goes where there are many.
    let class = if n > 5 && index % 2 == 1 { "opt" } else { "" };
    let y = f64::from(height) - BOTTOM;
    html! {
        line class="base" x1=(width(share)) x2=(width(share)) y1=(coordinate(y)) y2=(coordinate(y + 4.0)) {}
        text class=[(!class.is_empty()).then_some(class)] x=(width(share)) y=(coordinate(y + 18.0)) text-anchor=(anchor) { (text) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn chart(days: &[Date], values: Vec<f64>, stacked: bool) -> String {
        let line = Line { class: "ch0".into(), name: "a".into(), values };
        TimeChart {
            label: "l".into(),
            days,
            lines: vec![line.clone(), line],
            stacked,
            unit: Unit::Money,
            top: None,
            reference: Some(1.0),
            young_from: days.last().copied(),
            height: 200,
        }
        .draw(&Format::new("EUR"))
        .into_string()
    }

    #[test]
    fn copes_with_any_days_and_values() {
        let days = [date(2026, 1, 1), date(2026, 1, 2), date(2026, 1, 9)];
        for stacked in [false, true] {
            for values in [vec![], vec![f64::NAN; 3], vec![1.0, f64::INFINITY, -4.0], vec![0.0; 3]]
            {
                for n in 0..=3 {
                    let svg = chart(&days[..n], values.clone(), stacked);
                    assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                    assert_eq!(svg.is_empty(), n == 0);
                }
            }
        }
    }

    #[test]
    fn layers_add_up() {
        let days = [date(2026, 1, 1), date(2026, 1, 2)];
        // Two layers of 50 on a 166 px plot with the axis to 100.
        let svg = chart(&days, vec![50.0, 50.0], true);
        assert!(svg.contains("M0 83L1000 83") && svg.contains("M0 0L1000 0"), "{svg}");
    }

    #[test]
    fn a_spike_does_not_flatten_the_rest() {
        let mut values = vec![2.0; 100];
        values[7] = 500.0;
        assert_eq!(axis_top(&[values.clone()]), 2.5);
        assert_eq!(axis_top(&[values[..7].to_vec()]), 2.0);
        assert_eq!(axis_top(&[]), 1.0);
    }
}
