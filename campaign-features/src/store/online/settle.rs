//! Versions of a fact to changes of day totals: what a restatement adds and takes away.

use crate::feature::source::NOT_REPORTED;

/// What one version of a fact says that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version<'a> {
    pub(crate) day: i32,
    pub(crate) measures: &'a [i64],
    pub(crate) attributes: &'a [u32],
}

impl Version<'_> {
    /// Whether two versions count for the same day and attributes.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        self.day == other.day && self.attributes == other.attributes
    }
}

/// Writes `plus - minus` as the values of a delta: per measure the change of its
/// total, per measure the change of how many facts report it, and the change of how many facts there are.
#[inline]
pub(crate) fn difference(plus: Option<&Version<'_>>, minus: Option<&Version<'_>>, out: &mut [i64]) {
    out.fill(0);
    let (totals, rest) = out.split_at_mut(out.len() / 2);
    let (reports, facts) = rest.split_at_mut(totals.len());
    for (version, sign) in [(plus, 1), (minus, -1)] {
        let Some(version) = version else { continue };
        let each = totals.iter_mut().zip(&mut *reports).zip(version.measures);
        for ((total, reports), &value) in each {
            // No branch: whether a measure is reported is hard to foretell.
            let reported = value != NOT_REPORTED;
            // Measures are at most 2^61, so that a difference of two fits.
            *total = total.wrapping_add(sign * if reported { value } else { 0 });
            *reports += sign * i64::from(reported);
        }
        for facts in &mut *facts {
            *facts += sign;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_by_hand() {
        let old = Version { day: 1, measures: &[5, NOT_REPORTED], attributes: &[] };
        let new = Version { day: 1, measures: &[3, 4], attributes: &[] };
        let mut out = [0; 5];
        difference(Some(&old), None, &mut out);
        assert_eq!(out, [5, 0, 1, 0, 1]);
        difference(Some(&new), Some(&old), &mut out);
        assert_eq!(out, [-2, 4, 0, 1, 0]);
        difference(None, Some(&new), &mut out);
        assert_eq!(out, [-3, -4, -1, -1, -1]);
    }
}
