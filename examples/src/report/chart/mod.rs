//! Small charts as inline SVG.
//!
//! Drawn here rather than with `plotters`: its SVG backend writes fixed colours and sizes into every
//! element, so its charts cannot follow a dark theme, and scaled to a phone their text shrinks with
//! them. Here every colour is a CSS class. A chart spans its container: shapes are stretched sideways
//! (`preserveAspectRatio="none"`, strokes kept by `vector-effect`), while texts stand at percentages
//! and keep the page's type size.

pub mod bar;
pub mod line;
pub mod posterior;
pub mod scale;
pub mod spark;

/// A coordinate with at most one decimal.
#[must_use]
pub fn coordinate(x: f64) -> String {
    let text = format!("{:.1}", if x.is_finite() { x } else { 0.0 });
    let text = text.strip_suffix(".0").unwrap_or(&text);
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
}

/// A share as the percentage of a width, kept within 0 and 100.
#[must_use]
pub fn width(share: f64) -> String {
    let share = if share.is_finite() { share.clamp(0.0, 1.0) } else { 0.0 };
    let text = format!("{:.2}", 100.0 * share);
    format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The data of a `path` through points, broken where a value is not finite.
#[must_use]
pub fn path(points: impl Iterator<Item = (f64, f64)>) -> String {
    let mut data = String::new();
    let (mut drawing, mut alone) = (false, false);
    for (x, y) in points {
        if !(x.is_finite() && y.is_finite()) {
            if alone {
                data.push_str("h0");
            }
            (drawing, alone) = (false, false);
            continue;
        }
        let command = if drawing { 'L' } else { 'M' };
        data.push_str(&format!("{command}{} {}", coordinate(x), coordinate(y)));
        (alone, drawing) = (!drawing, true);
    }
    if alone {
        // A point between two gaps: with round caps a line of no length is a dot.
        data.push_str("h0");
    }
    data
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_break_at_gaps() {
        let nan = f64::NAN;
        let points = [(0.0, 1.0), (1.0, 2.25), (2.0, nan), (3.0, 4.0), (4.0, nan)];
        assert_eq!(path(points.into_iter()), "M0 1L1 2.2M3 4h0");
        assert_eq!(path([(0.0, nan)].into_iter()), "");
        assert_eq!(coordinate(-0.01), "0");
    }

    #[test]
    fn widths_stay_inside() {
        assert_eq!(width(0.5), "50%");
        assert_eq!(width(7.0), "100%");
        assert_eq!(width(f64::NAN), "0%");
        assert_eq!(width(0.12346), "12.35%");
    }
}
