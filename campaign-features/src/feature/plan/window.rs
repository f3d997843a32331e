//! Over which days an aggregate runs.

/// Which days of a frame count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Days {
    /// Those on which a fact reports the measure.
    #[default]
    Reporting,
    /// Every day; one without a report counts 0.
    All,
}
