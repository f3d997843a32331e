//! Versions of a fact to changes of day totals: what a restatement adds and takes away.

use crate::feature::source::NOT_REPORTED;

/// What one version of a fact says, if it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Version<'a> {
    pub(crate) day: i32,
    pub(crate) stands: bool,
    pub(crate) measures: &'a [i64],
    pub(crate) attributes: &'a [u32],
}

impl Version<'_> {
    /// Whether two versions count for the same day and attributes.
    pub(crate) fn same_place(&self, other: &Self) -> bool {
        self.day == other.day && self.attributes == other.attributes
    }

    fn value(&self, measure: usize) -> i64 {
        self.measures.get(measure).copied().filter(|v| *v != NOT_REPORTED).unwrap_or(0)
    }

    fn reports(&self, measure: usize) -> i64 {
        let reported = |v: &i64| *v != NOT_REPORTED;
        i64::from(self.measures.get(measure).is_some_and(reported))
    }
}

/// Writes `plus - minus`, both of which stand, as the values of a delta: per measure the change of its total, per measure
/// the change of how many facts report it, and the change of how many facts there are.
pub(crate) fn difference(plus: Option<&Version<'_>>, minus: Option<&Version<'_>>, out: &mut [i64]) {
    let measures = out.len() / 2;
    let of = |version: Option<&Version<'_>>, at: usize| {
        version.map_or(0, |v| {
            if at < measures {
                v.value(at)
            } else if at < 2 * measures {
                v.reports(at - measures)
            } else {
                1
            }
        })
    };
    for (at, value) in out.iter_mut().enumerate() {
        // Measures are at most 2^61, so that a difference of two fits.
        *value = of(plus, at).wrapping_sub(of(minus, at));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn differences_by_hand() {
        let old = Version { day: 1, stands: true, measures: &[5, NOT_REPORTED], attributes: &[] };
        let new = Version { day: 1, stands: true, measures: &[3, 4], attributes: &[] };
        let mut out = [0; 5];
        difference(Some(&old), None, &mut out);
        assert_eq!(out, [5, 0, 1, 0, 1]);
        difference(Some(&new), Some(&old), &mut out);
        assert_eq!(out, [-2, 4, 0, 1, 0]);
        difference(None, Some(&new), &mut out);
        assert_eq!(out, [-3, -4, -1, -1, -1]);
    }
}
