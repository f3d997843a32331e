//! A line of recent values without axes.

use maud::{Markup, html};

use super::path;

/// A sparkline, or nothing where fewer than two values are known.
#[must_use]
pub fn spark(values: &[Option<f64>]) -> Markup {
    let known = |v: Option<f64>| v.filter(|v| v.is_finite());
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut n = 0;
    for value in values.iter().copied().filter_map(known) {
        (low, high, n) = (low.min(value), high.max(value), n + 1);
    }
    if n < 2 {
        return html! { svg class="spark" aria-hidden="true" {} };
    }
    // The curve moves between 6 and 34 of 40, so that a flat line stands in the middle.
    let x = |i: usize| 2.0 + 194.0 * i as f64 / (values.len() - 1) as f64;
    let y = |v: f64| if high > low { 34.0 - 28.0 * ((v - low) / (high - low)) } else { 20.0 };
    let points = || values.iter().enumerate().map(|(i, v)| (x(i), known(*v).map_or(f64::NAN, y)));
    let whole = values.iter().all(|v| known(*v).is_some());
    let last = points().rfind(|(_, y)| y.is_finite());
    html! {
        svg class="spark" viewBox="0 0 200 40" preserveAspectRatio="none" aria-hidden="true" {
            @if whole { path class="fill" d={ (path(points())) "L196 40L2 40Z" } {} }
            path d=(path(points())) {}
            @if let Some(last) = last { path class="dot" d=(path(core::iter::once(last))) {} }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn copes_with_gaps_and_flat_lines() {
        assert!(!spark(&[]).into_string().contains("path"));
        assert!(!spark(&[Some(1.0), None]).into_string().contains("path"));
        let flat = spark(&[Some(1.0), Some(1.0)]).into_string();
        assert!(flat.contains("M2 20L196 20"), "{flat}");
        let gap = spark(&[Some(1.0), Some(f64::NAN), Some(2.0)]).into_string();
        assert!(!gap.contains("NaN") && !gap.contains("fill"), "{gap}");
    }
}
