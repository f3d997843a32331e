//! Why something was decided, in numbers and as a sentence.

use core::fmt;

use serde::{Deserialize, Serialize, Serializer};

use super::number;
use crate::money::Currency;

/// How the observed number stands to the threshold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Relation {
    /// Less.
    Below,
    /// Greater.
    Above,
    /// Less or equal.
    AtMost,
    /// Greater or equal.
    AtLeast,
    /// The same number.
    Equal,
    /// Another number.
    NotEqual,
}

impl Relation {
    /// Whether `observed` stands in this relation to `threshold`; never, if one of them is NaN.
    #[must_use]
    pub fn holds(self, observed: f64, threshold: f64) -> bool {
        match self {
            Self::Below => observed < threshold,
            Self::Above => observed > threshold,
            Self::AtMost => observed <= threshold,
            Self::AtLeast => observed >= threshold,
            Self::Equal => observed == threshold,
            Self::NotEqual => observed != threshold && !observed.is_nan() && !threshold.is_nan(),
        }
    }

    /// The words of a sentence: `is above`.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Below => "is below",
            Self::Above => "is above",
            Self::AtMost => "is at most",
            Self::AtLeast => "is at least",
            Self::Equal => "equals",
            Self::NotEqual => "differs from",
        }
    }

    /// The sign of a formula: `>`.
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Below => "<",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::AtLeast => ">=",
            Self::Equal => "=",
            Self::NotEqual => "!=",
        }
    }
}

/// What the numbers of a [`Reason`] count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Unit {
    /// A number without unit.
    #[default]
    Number,
    /// A share, printed in percent: 0.003 is `0.3%`.
    Share,
    /// An amount in units of a currency.
    Money(Currency),
}

/// What a [`Reason`] rests on.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Evidence {
    /// Observations behind the number.
    pub n: Option<u64>,
    /// Probability that the statement is true, from a posterior.
    #[serde(serialize_with = "finite_option")]
    pub probability: Option<f64>,
    /// p-value of a test against it.
    #[serde(serialize_with = "finite_option")]
    pub p_value: Option<f64>,
    /// Anything else, in words.
    pub note: Option<String>,
}

/// One reason: a metric, what was seen, and how that stands to a threshold.
///
/// Prints as one plain sentence, and by [`rule`](Self::rule) as a short formula. All numbers of a
/// sentence have the same decimals, as many as it takes to tell the observed number from the threshold.
///
/// # Units
/// `observed`, `expected` and `threshold` are all in `unit`.
///
/// # Examples
/// ```
/// use campaign_core::decision::{Reason, Unit};
/// let reason = Reason::above("cpa", 3.1, 2.94).with_expected(2.45).with_n(412).with_probability(0.97);
/// assert_eq!(
///     reason.to_string(),
///     "cpa 3.10 is above 2.94 (expected 2.45; n = 412, probability 0.97)"
/// );
/// let lift = Reason::below("predicted_lift", 0.0012, 0.003).with_unit(Unit::Share);
/// assert_eq!(lift.to_string(), "predicted_lift 0.12% is below 0.30%");
/// assert_eq!(lift.rule().to_string(), "predicted_lift < 0.3%");
/// let over = Reason::above("observed_cpa", 1.31, 0.2).with_unit(Unit::Share).with_basis("target");
/// assert_eq!(over.rule().to_string(), "observed_cpa > 20% of target");
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Reason {
    /// The name of the number.
    pub metric: String,
    /// What it was.
    #[serde(serialize_with = "finite")]
    pub observed: f64,
    /// What it was expected to be.
    #[serde(serialize_with = "finite_option")]
    pub expected: Option<f64>,
    /// How it stands to the threshold.
    pub relation: Relation,
    /// The threshold.
    #[serde(serialize_with = "finite")]
    pub threshold: f64,
    /// What the numbers count.
    pub unit: Unit,
    /// What a share is a share of.
    pub basis: Option<String>,
    /// What the reason rests on.
    pub evidence: Evidence,
}

impl Reason {
    /// A reason without expectation, unit and evidence.
    #[must_use]
    pub fn new(
        metric: impl Into<String>,
        observed: f64,
        relation: Relation,
        threshold: f64,
    ) -> Self {
        Self {
            metric: metric.into(),
            observed,
            expected: None,
            relation,
            threshold,
            unit: Unit::Number,
            basis: None,
            evidence: Evidence::default(),
        }
    }

    /// `observed` is greater than `threshold`.
    #[must_use]
    pub fn above(metric: impl Into<String>, observed: f64, threshold: f64) -> Self {
        Self::new(metric, observed, Relation::Above, threshold)
    }

    /// `observed` is less than `threshold`.
    #[must_use]
    pub fn below(metric: impl Into<String>, observed: f64, threshold: f64) -> Self {
        Self::new(metric, observed, Relation::Below, threshold)
    }

    /// `observed` is `threshold` or more.
    #[must_use]
    pub fn at_least(metric: impl Into<String>, observed: f64, threshold: f64) -> Self {
        Self::new(metric, observed, Relation::AtLeast, threshold)
    }

    /// `observed` is `threshold` or less.
    #[must_use]
    pub fn at_most(metric: impl Into<String>, observed: f64, threshold: f64) -> Self {
        Self::new(metric, observed, Relation::AtMost, threshold)
    }

    /// `observed` is exactly `threshold`.
    #[must_use]
    pub fn equal(metric: impl Into<String>, observed: f64, threshold: f64) -> Self {
        Self::new(metric, observed, Relation::Equal, threshold)
    }

    /// Sets what was expected.
    #[must_use]
    pub fn with_expected(mut self, expected: f64) -> Self {
        self.expected = Some(expected);
        self
    }

    /// Sets what the numbers count.
    #[must_use]
    pub fn with_unit(mut self, unit: Unit) -> Self {
        self.unit = unit;
        self
    }

    /// Sets what a share is a share of, such as `target`.
    #[must_use]
    pub fn with_basis(mut self, basis: impl Into<String>) -> Self {
        self.basis = Some(basis.into());
        self
    }

    /// Sets the number of observations.
    #[must_use]
    pub fn with_n(mut self, n: u64) -> Self {
        self.evidence.n = Some(n);
        self
    }

    /// Sets the probability that the statement is true.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.evidence.probability = Some(probability);
        self
    }

    /// Sets the p-value.
    #[must_use]
    pub fn with_p_value(mut self, p_value: f64) -> Self {
        self.evidence.p_value = Some(p_value);
        self
    }

    /// Sets the note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.evidence.note = Some(note.into());
        self
    }

    /// Whether the numbers bear the statement out.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.relation.holds(self.observed, self.threshold)
    }

    /// The rule that fired, as a short formula without the observed number: `cpa > 2.94`.
    pub fn rule(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(move |f| {
            let threshold = self.with_unit_sign(number::plain(self.scaled(self.threshold)));
            write!(f, "{} {} {threshold}", self.metric, self.relation.sign())?;
            self.write_basis(f)
        })
    }

    fn scaled(&self, value: f64) -> f64 {
        if self.unit == Unit::Share { 100.0 * value } else { value }
    }

    fn with_unit_sign(&self, text: String) -> String {
        match self.unit {
            Unit::Number => text,
            Unit::Share => text + "%",
            Unit::Money(currency) => format!("{text} {currency}"),
        }
    }

    fn write_basis(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.basis.as_ref().map_or(Ok(()), |basis| write!(f, " of {basis}"))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (observed, threshold) = (self.scaled(self.observed), self.scaled(self.threshold));
        let expected = self.expected.map(|e| self.scaled(e));
        let values = [observed, threshold, expected.unwrap_or(threshold)];
        let mut decimals = number::telling_decimals(&values, observed, threshold);
        let whole = values.iter().all(|v| v.fract() == 0.0);
        if let (Unit::Money(currency), Some(d), false) = (self.unit, decimals, whole) {
            decimals = Some(d.max(currency.exponent() as usize));
        }
        let text = |value| self.with_unit_sign(number::fixed(value, decimals));
        let (observed, threshold) = (text(observed), text(threshold));
        write!(f, "{} {observed} {} {threshold}", self.metric, self.relation.words())?;
        self.write_basis(f)?;
        let evidence = self.evidence.to_string();
        match (expected.map(text), evidence.is_empty()) {
            (None, true) => Ok(()),
            (None, false) => write!(f, " ({evidence})"),
            (Some(expected), true) => write!(f, " (expected {expected})"),
            (Some(expected), false) => write!(f, " (expected {expected}; {evidence})"),
        }
    }
}

impl fmt::Display for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            self.n.map(|n| format!("n = {n}")),
            self.probability.map(|p| format!("probability {}", number::probability(p))),
            self.p_value.map(|p| format!("p-value {}", number::probability(p))),
            self.note.clone(),
        ];
        for (index, part) in parts.iter().flatten().enumerate() {
            f.write_str(if index == 0 { "" } else { ", " })?;
            f.write_str(part)?;
        }
        Ok(())
    }
}

/// JSON has no NaN; `serde_json` would write `null` without a word.
pub(super) fn finite<S: Serializer>(value: &f64, s: S) -> Result<S::Ok, S::Error> {
    if value.is_finite() {
        s.serialize_f64(*value)
    } else {
        Err(serde::ser::Error::custom(format_args!("{value} is not a finite number")))
    }
}

pub(super) fn finite_option<S: Serializer>(value: &Option<f64>, s: S) -> Result<S::Ok, S::Error> {
    match value {
        Some(value) => finite(value, s),
        None => s.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences() {
        let euro = Unit::Money("EUR".parse().unwrap());
        let yen = Unit::Money("JPY".parse().unwrap());
        for (reason, sentence, rule) in [
            (Reason::above("cpa", 3.1, 2.94), "cpa 3.10 is above 2.94", "cpa > 2.94"),
            (
                Reason::above("cpa", 3.099_999_9, 2.94).with_unit(euro).with_expected(2.45),
                "cpa 3.10 EUR is above 2.94 EUR (expected 2.45 EUR)",
                "cpa > 2.94 EUR",
            ),
            (
                Reason::at_most("spend", 1234.5, 2000.0).with_unit(euro),
                "spend 1234.50 EUR is at most 2000.00 EUR",
                "spend <= 2000 EUR",
            ),
            (
                Reason::below("spend", 1234.0, 2000.0).with_unit(yen).with_note("maturing"),
                "spend 1234 JPY is below 2000 JPY (maturing)",
                "spend < 2000 JPY",
            ),
            (
                Reason::at_least("clicks", 412.0, 400.0).with_p_value(0.000_04).with_n(9),
                "clicks 412 is at least 400 (n = 9, p-value 0.00004)",
                "clicks >= 400",
            ),
            (Reason::equal("days", 7.0, 7.0), "days 7 equals 7", "days = 7"),
            (Reason::new("age", 6.0, Relation::NotEqual, 7.0), "age 6 differs from 7", "age != 7"),
            (
                Reason::above("cpa", 0.3, 0.2).with_unit(Unit::Share).with_basis("target"),
                "cpa 30% is above 20% of target",
                "cpa > 20% of target",
            ),
            (
                Reason::above("ctr", 0.02941, 0.0294).with_unit(Unit::Share),
                "ctr 2.941% is above 2.940%",
                "ctr > 2.94%",
            ),
        ] {
            assert!(reason.holds());
            assert_eq!(reason.to_string(), sentence);
            assert_eq!(reason.rule().to_string(), rule);
        }
    }

    #[test]
    fn relations_hold_or_not_and_never_for_nan() {
        use Relation::{Above, AtLeast, AtMost, Below, Equal, NotEqual};
        for (relation, less, same, more) in [
            (Below, true, false, false),
            (Above, false, false, true),
            (AtMost, true, true, false),
            (AtLeast, false, true, true),
            (Equal, false, true, false),
            (NotEqual, true, false, true),
        ] {
            assert_eq!([1.0, 2.0, 3.0].map(|x| relation.holds(x, 2.0)), [less, same, more]);
            assert!(!relation.holds(f64::NAN, 2.0) && !relation.holds(2.0, f64::NAN));
        }
    }
}
