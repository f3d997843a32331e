//! Who decides what each ad spends in a week.

use serde::Serialize;

/// Who decides what each ad spends in a week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Policy {
    /// The loop: exports in, a plan out.
    Loop,
    /// The budget in equal parts over the running ads.
    EqualSplit,
    /// The budget in equal parts over the launched ads.
    EqualSplitAll,
    /// What the incumbent spent on each ad in its last week, over and over.
    LastWeek,
    /// The best plan for the week under the truth, within the loop's bounds on each ad.
    OracleBounded,
    /// The best plan for the week under the truth.
    Oracle,
}

impl Policy {
    /// Every policy, in the order of reports.
    pub const ALL: [Self; 6] = [
        Self::Loop,
        Self::EqualSplit,
        Self::EqualSplitAll,
        Self::LastWeek,
        Self::OracleBounded,
        Self::Oracle,
    ];

    /// Its name in JSON.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Loop => "loop",
            Self::EqualSplit => "equal_split",
            Self::EqualSplitAll => "equal_split_all",
            Self::LastWeek => "last_week",
            Self::OracleBounded => "oracle_bounded",
            Self::Oracle => "oracle",
        }
    }

    /// Its name for a reader.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Loop => "the loop",
            Self::EqualSplit => "equal split, running ads",
            Self::EqualSplitAll => "equal split, launched ads",
            Self::LastWeek => "last week's split",
            Self::OracleBounded => "oracle in the loop's bounds",
            Self::Oracle => "oracle, launched ads",
        }
    }
}
