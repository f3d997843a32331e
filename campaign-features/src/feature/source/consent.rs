//! Which rows of people may be used, asked before they enter a source.

use campaign_core::{ConsentLedger, Purpose, Sensitive};
use jiff::Timestamp;

/// Lets rows pass whose subjects allow a purpose, and counts the others.
///
/// A row passes if consent holds at every instant from the row's event to `used_at`: the last cut-off of
/// the requests, or the day the table is made. A row whose consent was missing, ran out or was withdrawn in
/// between passes for no request, also for none before the withdrawal, because it is now that it would be
/// used; later consent does not bring it back. For requests with a later cut-off the rows are to be
/// filtered again.
///
/// An online store that was told a row forgets its measures when it is told the fact again with
/// `stands: false`; what lasts (`latest`, `age`) is forgotten by a store that is built anew.
///
/// # Examples
/// ```
/// use campaign_core::{Consent, ConsentLedger, Purpose, Sensitive};
/// use campaign_features::feature::source::{ConsentFilter, Row, SourcesBuilder, Subject};
/// let (may, june, july) =
///     ("2026-05-01T00:00:00Z".parse()?, "2026-06-01T00:00:00Z".parse()?, "2026-07-01T00:00:00Z".parse()?);
/// let mut ledger = ConsentLedger::new();
/// for person in ["ada", "bob"] {
///     ledger.record(&Sensitive::new(person), Consent::given(Purpose::ADVERTISING, may))?;
/// }
/// ledger.record(&Sensitive::new("bob"), Consent::withdrawn(Purpose::ADVERTISING, june))?;
///
/// let mut filter = ConsentFilter::new(&ledger, Purpose::ADVERTISING, july);
/// let mut builder = SourcesBuilder::new(["channel"])?;
/// let visits = builder.source("visits", &["channel"], &[], &[])?;
/// for person in ["ada", "bob", "eve"] {
///     let row = Row {
///         keys: &[Some("search")], day: 20_580, known_at: 0, fact: None, measures: &[], attributes: &[],
///     };
///     let subject = Subject { id: Sensitive::new(person), at: may, attributes: &[] };
///     visits.push_permitted(&row, &subject, &mut filter)?;
/// }
/// let report = filter.report();
/// assert_eq!((report.rows, report.used, report.withdrawn, report.without), (3, 1, 1, 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct ConsentFilter<'a> {
    ledger: &'a ConsentLedger,
    report: ConsentReport,
}

/// What became of the rows: `rows = used + without + withdrawn`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct ConsentReport {
    /// What the rows are used for.
    pub purpose: Purpose,
    /// When they are used.
    pub used_at: Timestamp,
    /// Rows that were judged.
    pub rows: u64,
    /// Rows that passed.
    pub used: u64,
    /// Rows without consent when it happened.
    pub without: u64,
    /// Rows whose consent has ended since.
    pub withdrawn: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    Yes,
    Without,
    Withdrawn,
}

impl Verdict {
    pub(super) fn is_yes(self) -> bool {
        self == Self::Yes
    }
}

impl<'a> ConsentFilter<'a> {
    /// For one purpose, and use at one instant.
    #[must_use]
    pub const fn new(ledger: &'a ConsentLedger, purpose: Purpose, used_at: Timestamp) -> Self {
        let report = ConsentReport { purpose, used_at, rows: 0, used: 0, without: 0, withdrawn: 0 };
        Self { ledger, report }
    }

    /// Whether a row of this person passes, for rows that go elsewhere than into a
    /// [`SourceBuilder`](super::SourceBuilder); it is counted.
    pub fn admits(&mut self, subject: &Sensitive<impl AsRef<str>>, at: Timestamp) -> bool {
        let verdict = self.judge(subject, at);
        self.count(verdict);
        verdict.is_yes()
    }

    /// What became of the rows so far.
    #[must_use]
    pub const fn report(&self) -> &ConsentReport {
        &self.report
    }

    pub(super) fn judge(&self, subject: &Sensitive<impl AsRef<str>>, at: Timestamp) -> Verdict {
        let ConsentReport { purpose, used_at, .. } = &self.report;
        if !self.ledger.allows(subject, purpose, at) {
            return Verdict::Without;
        }
        match self.ledger.holds(subject, purpose, at, at.max(*used_at)) {
            true => Verdict::Yes,
            false => Verdict::Withdrawn,
        }
    }

    pub(super) fn count(&mut self, verdict: Verdict) {
        self.report.rows += 1;
        *match verdict {
            Verdict::Yes => &mut self.report.used,
            Verdict::Without => &mut self.report.without,
            Verdict::Withdrawn => &mut self.report.withdrawn,
        } += 1;
    }
}
