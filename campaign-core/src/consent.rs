//! What people allow their data to be used for, and until when.

use core::fmt;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use thiserror::Error;

use crate::Sensitive;

/// Why a purpose or a consent cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// A text that names no purpose.
    #[error("{text:?} names no purpose: expected at least three letters or digits")]
    Purpose {
        /// The text.
        text: String,
    },
    /// A consent that ends before it begins.
    #[error("the consent ends at {until}, expected an instant after {from}")]
    Ends {
        /// When it begins.
        from: Timestamp,
        /// When it ends.
        until: Timestamp,
    },
}

/// What personal data is used for, in words.
///
/// # Examples
/// ```
/// use campaign_core::consent::Purpose;
/// assert_eq!(Purpose::new("advertising")?, Purpose::ADVERTISING);
/// assert_eq!(Purpose::new("reach by age band, contract 12")?.as_str(), "reach by age band, contract 12");
/// assert!(Purpose::new("  ").is_err());
/// # Ok::<(), campaign_core::consent::ConsentError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "String", into = "String"))]
pub struct Purpose(Cow<'static, str>);

impl Purpose {
    /// Counting what happened.
    pub const ANALYTICS: Self = Self(Cow::Borrowed("analytics"));
    /// Choosing, placing and paying for ads.
    pub const ADVERTISING: Self = Self(Cow::Borrowed("advertising"));
    /// Showing one person something else than another.
    pub const PERSONALISATION: Self = Self(Cow::Borrowed("personalisation"));

    /// A purpose, in at least three letters or digits, without surrounding white space.
    ///
    /// # Errors
    /// [`ConsentError::Purpose`].
    pub fn new(text: impl AsRef<str>) -> Result<Self, ConsentError> {
        let text = text.as_ref().trim();
        if text.chars().filter(|c| c.is_alphanumeric()).count() < 3 {
            return Err(ConsentError::Purpose { text: text.to_owned() });
        }
        Ok(Self(Cow::Owned(text.to_owned())))
    }

    /// Both purposes, for what is made of data used for one and of data used for the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self(Cow::Owned(format!("{self}; {other}")))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl TryFrom<String> for Purpose {
    type Error = ConsentError;

    fn try_from(text: String) -> Result<Self, ConsentError> {
        Self::new(text)
    }
}

impl From<Purpose> for String {
    fn from(purpose: Purpose) -> Self {
        purpose.0.into_owned()
    }
}

/// What somebody says of one purpose, from an instant on.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Consent {
    /// Of what.
    pub purpose: Purpose,
    /// Whether it is allowed.
    pub allowed: bool,
    /// From when on.
    pub from: Timestamp,
    /// When permission runs out by itself; never without it.
    #[cfg_attr(feature = "serde", serde(default))]
    pub until: Option<Timestamp>,
}

impl Consent {
    /// Permission from an instant on.
    #[must_use]
    pub const fn given(purpose: Purpose, from: Timestamp) -> Self {
        Self { purpose, allowed: true, from, until: None }
    }

    /// No permission from an instant on.
    #[must_use]
    pub const fn withdrawn(purpose: Purpose, from: Timestamp) -> Self {
        Self { purpose, allowed: false, from, until: None }
    }

    /// Permission that runs out: at that instant there is none any more.
    #[must_use]
    pub const fn until(mut self, until: Timestamp) -> Self {
        self.until = Some(until);
        self
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Statement {
    from: Timestamp,
    allowed: bool,
    until: Timestamp,
}

/// Who allowed what, when.
///
/// Of what somebody said up to an instant the last counts; of a permission and a denial at one instant the
/// denial, of two permissions the shorter. Who said nothing is taken to deny, unless the ledger
/// [assumes](Self::assuming) otherwise. The order of records does not matter.
///
/// # Examples
/// ```
/// use campaign_core::Sensitive;
/// use campaign_core::consent::{Consent, ConsentLedger, Purpose};
/// let (may, june) = ("2026-05-01T00:00:00Z".parse()?, "2026-06-01T00:00:00Z".parse()?);
/// let mut ledger = ConsentLedger::new();
/// let person = Sensitive::new("user 7");
/// ledger.record(&person, Consent::given(Purpose::ANALYTICS, may))?;
/// ledger.record(&person, Consent::withdrawn(Purpose::ANALYTICS, june))?;
/// assert!(ledger.allows(&person, &Purpose::ANALYTICS, may));
/// assert!(!ledger.allows(&person, &Purpose::ADVERTISING, may));
/// assert!(!ledger.holds(&person, &Purpose::ANALYTICS, may, june));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Default)]
pub struct ConsentLedger {
    assumed: bool,
    /// By purpose and subject, in the order of [`Statement`]s' instants.
    said: BTreeMap<Purpose, HashMap<Arc<str>, Vec<Statement>>>,
}

impl ConsentLedger {
    /// Nobody has said anything, and nothing is allowed.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// What is taken to hold for who has said nothing: `true` where a law lets people opt out only.
    #[must_use]
    pub fn assuming(mut self, allowed: bool) -> Self {
        self.assumed = allowed;
        self
    }

    /// Adds what somebody said.
    ///
    /// # Errors
    /// [`ConsentError::Ends`].
    pub fn record(
        &mut self,
        subject: &Sensitive<impl AsRef<str>>,
        consent: Consent,
    ) -> Result<(), ConsentError> {
        let Consent { purpose, allowed, from, until } = consent;
        if let Some(until) = until.filter(|until| *until <= from) {
            return Err(ConsentError::Ends { from, until });
        }
        let until = until.unwrap_or(Timestamp::MAX);
        let said = self.said.entry(purpose).or_default();
        let said = said.entry(Arc::from(subject.expose().as_ref())).or_default();
        let before = |s: &Statement| {
            (s.from, !s.allowed, core::cmp::Reverse(s.until))
                <= (from, !allowed, core::cmp::Reverse(until))
        };
        said.insert(said.partition_point(before), Statement { from, allowed, until });
        Ok(())
    }

    /// Whether somebody allows a purpose at an instant.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// O(log statements of the subject).
    #[must_use]
    pub fn allows(
        &self,
        subject: &Sensitive<impl AsRef<str>>,
        purpose: &Purpose,
        at: Timestamp,
    ) -> bool {
        self.holds(subject, purpose, at, at)
    }

    /// Whether somebody allows a purpose at every instant from one to another, both included.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// O(log statements of the subject) and those in between.
    #[must_use]
    pub fn holds(
        &self,
        subject: &Sensitive<impl AsRef<str>>,
        purpose: &Purpose,
        from: Timestamp,
        to: Timestamp,
    ) -> bool {
        let said = self.said.get(purpose).and_then(|said| said.get(subject.expose().as_ref()));
        let said = said.map_or(&[][..], Vec::as_slice);
        let begun = said.partition_point(|s| s.from <= from);
        if begun == 0 && !self.assumed {
            return false;
        }
        let mut rest = said.iter().skip(begun.saturating_sub(1)).peekable();
        while let Some(statement) = rest.next_if(|s| s.from <= to) {
            let next = rest.peek().map_or(Timestamp::MAX, |next| next.from);
            // What is said later at the same instant takes its place.
            if next == statement.from {
                continue;
            }
            let ends = statement.until <= to && statement.until < Timestamp::MAX;
            if !statement.allowed || ends && statement.until.max(from) < next {
                return false;
            }
        }
        true
    }
}

impl fmt::Debug for ConsentLedger {
    /// Counts; who the people are is nobody's business.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let counts = self.said.iter().map(|(purpose, said)| (purpose.as_str(), said.len()));
        f.debug_struct("ConsentLedger")
            .field("assumed", &self.assumed)
            .field("subjects", &counts.collect::<Vec<_>>())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).unwrap()
    }

    type Said = (bool, i64, Option<i64>);

    /// The last statement up to an instant, the stricter of those at one instant.
    fn plainly(said: &[Said], assumed: bool, now: i64) -> bool {
        let mut best: Option<&Said> = None;
        for one in said.iter().filter(|s| s.1 <= now) {
            let end = |s: &Said| s.2.unwrap_or(i64::MAX);
            let stricter = |b: &Said| match (one.1 == b.1, one.0, b.0) {
                (false, ..) => one.1 > b.1,
                (true, true, true) => end(one) < end(b),
                (true, allowed, _) => !allowed,
            };
            if best.is_none_or(stricter) {
                best = Some(one);
            }
        }
        best.map_or(assumed, |s| s.0 && s.2.is_none_or(|until| now < until))
    }

    proptest! {
        #[test]
        fn every_instant_is_asked(
            said in proptest::collection::vec((any::<bool>(), 0..12_i64, proptest::option::of(1..6_i64)), 0..8),
            assumed in any::<bool>(),
            from in 0..14_i64,
            length in 0..14_i64,
        ) {
            let said: Vec<Said> = said.into_iter().map(|(a, t, u)| (a, t, u.map(|u| t + u))).collect();
            let mut ledger = ConsentLedger::new().assuming(assumed);
            let person = Sensitive::new("p");
            for &(allowed, from, until) in &said {
                let (purpose, from) = (Purpose::ANALYTICS, at(from));
                ledger.record(&person, Consent { purpose, allowed, from, until: until.map(at) }).unwrap();
            }
            let expected = (from..=from + length).all(|now| plainly(&said, assumed, now));
            let (from, to) = (at(from), at(from + length));
            prop_assert_eq!(ledger.holds(&person, &Purpose::ANALYTICS, from, to), expected);
            prop_assert_eq!(ledger.holds(&person, &Purpose::ADVERTISING, from, to), assumed);
            prop_assert_eq!(ledger.holds(&Sensitive::new("q"), &Purpose::ANALYTICS, from, to), assumed);
        }
    }

    #[test]
    fn what_cannot_be() {
        for text in ["", " ", "..", "ab"] {
            assert!(Purpose::new(text).is_err(), "{text:?}");
        }
        let consent = Consent::given(Purpose::ANALYTICS, at(5)).until(at(5));
        let refused = ConsentLedger::new().record(&Sensitive::new("p"), consent);
        assert!(matches!(refused, Err(ConsentError::Ends { .. })));
    }

    #[test]
    fn nobody_is_printed() {
        let mut ledger = ConsentLedger::new();
        let person = Sensitive::new("ada@example.org");
        ledger.record(&person, Consent::given(Purpose::ANALYTICS, at(0))).unwrap();
        let text = format!("{ledger:?}");
        assert!(text.contains("analytics") && !text.contains("ada"), "{text}");
    }
}
