//! Bars within a row of text; the row says the numbers, so bars are hidden from screen readers.

use maud::{Markup, html};

use super::width;

/// One bar of a share of the width, in the colour `--ch` of its surroundings.
#[must_use]
pub fn share(share: f64) -> Markup {
    html! {
        svg class="bar" height="8" aria-hidden="true" {
            rect class="track" width="100%" height="8" rx="2" {}
            rect class="v" width=(width(share)) height="8" rx="2" {}
        }
    }
}

/// The last period's bar (grey) over the proposed one, as shares of the width.
#[must_use]
pub fn pair(was: f64, is: f64) -> Markup {
    html! {
        svg class="bar" height="22" aria-hidden="true" {
            rect class="was" y="0" width=(width(was)) height="7" rx="1.5" {}
            rect class="v" y="9" width=(width(is)) height="13" rx="2" {}
        }
    }
}

/// Shares of a whole side by side, in shades of `--ch`, in the order given.
#[must_use]
pub fn stacked(shares: &[f64]) -> Markup {
    let known = |s: &f64| if s.is_finite() { s.clamp(0.0, 1.0) } else { 0.0 };
    let mut end = 0.0;
    let parts: Vec<(f64, f64)> = shares
        .iter()
        .map(known)
        .map(|share| {
            let from = end;
            end += share;
            (from, share)
        })
        .collect();
    html! {
        svg class="bar" height="12" aria-hidden="true" {
            rect class="track" width="100%" height="12" rx="2" {}
            // Below half a per cent there is nothing to see.
            @for (i, (from, share)) in parts.iter().enumerate().filter(|(_, p)| p.1 >= 0.005) {
                rect class={ "v s" (i.min(4)) } x=(width(*from)) width=(width(*share)) height="12" {}
            }
        }
    }
}

/// A change as a bar to the left or right of the middle; ±1 fills its half.
#[must_use]
pub fn diverging(change: f64) -> Markup {
    let half = if change.is_finite() { change.clamp(-1.0, 1.0) / 2.0 } else { 0.0 };
    let (class, x) = if half < 0.0 { ("down", 0.5 + half) } else { ("up", 0.5) };
    html! {
        svg class="bar" height="8" aria-hidden="true" {
            rect class="track" width="100%" height="8" rx="2" {}
            rect class=(class) x=(width(x)) width=(width(half.abs())) height="8" {}
            line class="mid" x1="50%" x2="50%" y1="-2" y2="10" {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn odd_values_draw_nothing_wrong() {
        for bad in [f64::NAN, f64::INFINITY, -3.0] {
            let all = [share(bad), pair(bad, bad), diverging(bad), stacked(&[bad, 0.4, bad])];
            for svg in all {
                let svg = svg.into_string();
                assert!(
                    !svg.contains("NaN") && !svg.contains("inf") && !svg.contains("\"-5"),
                    "{svg}"
                );
            }
        }
        let whole = stacked(&[0.75, 0.25]).into_string();
        assert!(whole.contains("x=\"75%\" width=\"25%\""), "{whole}");
        assert!(diverging(-0.5).into_string().contains("x=\"25%\" width=\"25%\""));
    }
}
