//! Numbers as a person wants to read them.

use core::fmt::Write;

/// Decimals beyond which a number is not spelt out.
const MOST: i32 = 9;

/// Sizes of numbers that are spelt out; beyond, they are written with an exponent.
const SPELT: core::ops::Range<f64> = 1e-6..1e15;

/// Decimals that suit all of `values` together: three significant digits for the largest, two for
/// the smallest, none if all are whole.
pub(super) fn decimals(values: &[f64]) -> usize {
    if values.iter().all(|v| v.fract() == 0.0) {
        return 0;
    }
    let magnitudes = values.iter().map(|v| v.abs()).filter(|v| SPELT.contains(v));
    let (low, high) =
        magnitudes.fold((f64::INFINITY, 0.0_f64), |(low, high), v| (low.min(v), high.max(v)));
    if high == 0.0 {
        return 2;
    }
    let exponent = |v: f64| v.log10().floor() as i32;
    (2 - exponent(high)).max(1 - exponent(low)).clamp(0, MOST) as usize
}

/// As [`decimals`], more where `left` and `right` differ but would look the same, and fewer where all
/// would end in zeros. `None` if no reasonable count tells the two apart.
pub(super) fn telling_decimals(values: &[f64], left: f64, right: f64) -> Option<usize> {
    let differ = |d: &usize| left == right || fixed(left, Some(*d)) != fixed(right, Some(*d));
    let mut d = (decimals(values)..=MOST as usize).find(differ)?;
    let superfluous = |text: String| text.ends_with('0') || text.contains('e');
    while d > 2 && values.iter().all(|&v| superfluous(fixed(v, Some(d)))) {
        d -= 1;
    }
    Some(d)
}

/// A number with that many decimals; its shortest exact form for `None`, or where the number is too
/// large or too small to spell out.
pub(super) fn fixed(value: f64, decimals: Option<usize>) -> String {
    match decimals {
        Some(decimals) if value == 0.0 || SPELT.contains(&value.abs()) => {
            let text = format!("{value:.decimals$}");
            // Rounding may leave "-0.00".
            if is_zero(&text) { text.trim_start_matches('-').to_owned() } else { text }
        }
        _ => shortest(value),
    }
}

/// The shortest text that reads back as the same number.
fn shortest(value: f64) -> String {
    if SPELT.contains(&value.abs()) { format!("{value}") } else { format!("{value:e}") }
}

/// A number alone: at most six significant digits, no superfluous zeros.
pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 {
        return "0".to_owned();
    }
    if !SPELT.contains(&size) {
        return shortest(value);
    }
    let decimals = (5 - size.log10().floor() as i32).max(0) as usize;
    let text = format!("{value:.decimals$}");
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A probability, never rounded to 0 or 1 unless it is.
pub(super) fn probability(p: f64) -> String {
    if p == 0.0 || p == 1.0 || !(0.0..=1.0).contains(&p) {
        return plain(p);
    }
    let distance = p.min(1.0 - p);
    if distance < 1e-6 {
        return if p < 0.5 { "below 0.000001" } else { "above 0.999999" }.to_owned();
    }
    let decimals = (-distance.log10().floor() as i32).max(2) as usize;
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write!(text, "{p:.decimals$}");
    if is_zero(&text) || text.starts_with('1') {
        text.clear();
        let _ = write!(text, "{p:.*}", decimals + 1);
    }
    text
}

fn is_zero(text: &str) -> bool {
    !text.bytes().any(|b| b.is_ascii_digit() && b != b'0')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn one_count_of_decimals_for_a_sentence() {
        assert_eq!(decimals(&[3.1, 2.94, 2.45]), 2);
        assert_eq!(decimals(&[412.0, 1000.0]), 0);
        assert_eq!(decimals(&[1234.5, 1200.0]), 0);
        assert_eq!(decimals(&[0.0123, 0.02]), 4);
        assert_eq!(decimals(&[0.0, 0.5]), 3);
        assert_eq!(decimals(&[0.0, 1e-9]), 2);
        assert_eq!(decimals(&[]), 0);
        let pair = |left, right| {
            let d = telling_decimals(&[left, right], left, right);
            (fixed(left, d), fixed(right, d))
        };
        let text = |left: &str, right: &str| (left.to_owned(), right.to_owned());
        assert_eq!(pair(2.9401, 2.94), text("2.9401", "2.9400"));
        assert_eq!(pair(2.94 + 1e-12, 2.94), text("2.940000000001", "2.94"));
        assert_eq!(pair(0.12, 0.3), text("0.12", "0.30"));
        assert_eq!(pair(3.1, 2.94), text("3.10", "2.94"));
        assert_eq!(pair(1234.56, 1200.25), text("1235", "1200"));
        assert_eq!(pair(1e-9, 0.05), text("1e-9", "0.05"));
        assert_eq!(pair(1e300, 0.5), text("1e300", "0.50"));
    }

    #[test]
    fn plain_numbers_have_no_tails() {
        for (value, text) in [
            (3.099_999_999_9, "3.1"),
            (0.07 * 100.0, "7"),
            (20.0, "20"),
            (0.3, "0.3"),
            (1e-9, "1e-9"),
            (123_456_789.0, "123456789"),
            (-0.25, "-0.25"),
            (0.0, "0"),
            (1e300, "1e300"),
            (100.0, "100"),
        ] {
            assert_eq!(plain(value), text);
        }
        assert_eq!(fixed(-0.001, Some(2)), "0.00");
        assert_eq!(fixed(-0.0, Some(0)), "0");
    }

    #[test]
    fn probabilities_do_not_pretend_certainty() {
        for (p, text) in [
            (0.97, "0.97"),
            (0.9996, "0.9996"),
            (0.999, "0.999"),
            (0.5, "0.50"),
            (0.004, "0.004"),
            (1e-9, "below 0.000001"),
            (1.0 - 1e-9, "above 0.999999"),
            (1.0, "1"),
            (0.0, "0"),
        ] {
            assert_eq!(probability(p), text);
        }
    }

    proptest! {
        #[test]
        fn text_stays_near_the_number(value in -1e14..1e14f64) {
            let read: f64 = plain(value).parse().unwrap();
            prop_assert!((read - value).abs() <= value.abs() * 5e-6);
        }

        #[test]
        fn different_numbers_look_different(left in any::<f64>(), right in any::<f64>()) {
            prop_assume!(left.is_finite() && right.is_finite() && left != right);
            let d = telling_decimals(&[left, right], left, right);
            prop_assert_ne!(fixed(left, d), fixed(right, d));
        }

        #[test]
        fn a_probability_is_0_or_1_only_if_it_is(p in 0.0..1.0f64) {
            prop_assume!(p > 0.0);
            let text = probability(p);
            prop_assert!(text.parse::<f64>().map_or(true, |q| q > 0.0 && q < 1.0), "{}", text);
        }
    }
}
