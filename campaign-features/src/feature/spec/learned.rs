//! Columns that are learned from a table before they can be made.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::transform::encoding::EncodingKind;

/// The level of all pairs that a [`LevelBound`] does not keep.
pub const OTHER_LEVEL: &str = "other";

/// How many pairs of levels are kept apart.
///
/// # Examples
/// ```
/// use campaign_features::feature::spec::{Definition, LevelBound};
/// let cross = Definition::CrossLevels {
///     left: "channel".into(),
///     right: "format".into(),
///     bound: Some(LevelBound::new(50).with_at_least(20)),
/// };
/// # let _ = cross;
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LevelBound {
    /// At most so many: the most frequent ones; of equally frequent ones those first in the order of
    /// levels.
    pub most: u32,
    /// None that fewer rows have.
    #[cfg_attr(feature = "serde", serde(default))]
    pub at_least: u32,
    /// What was kept; [`FeatureSpec::fit`](super::FeatureSpec::fit) writes it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub kept: Option<Vec<Arc<str>>>,
}

impl LevelBound {
    /// At most so many, not fitted yet.
    #[must_use]
    pub const fn new(most: u32) -> Self {
        Self { most, at_least: 0, kept: None }
    }

    /// None that fewer rows have.
    #[must_use]
    pub const fn with_at_least(mut self, rows: u32) -> Self {
        self.at_least = rows;
        self
    }
}

/// A number per level of an earlier categorical feature, learned from labels.
///
/// A level that was not learned stands for the prior; a missing level is missing.
///
/// # Examples
/// ```
/// # #[cfg(feature = "serde")] {
/// use campaign_features::feature::spec::{Definition, FeatureSpec, LevelEncoding, LevelSmoothing};
/// let spec = FeatureSpec::from_toml(r#"
///     [[features]]
///     kind = "encoding"
///     of = "channel"
///     statistic = "target"
///     smoothing = { fixed = { strength = 20.0 } }
///     training = { folds = { entity = "ad", count = 5 } }
/// "#)?;
/// let encoding = LevelEncoding::target("channel")
///     .with_smoothing(LevelSmoothing::Fixed { strength: 20.0, prior: None })
///     .with_folds("ad", 5);
/// assert_eq!(spec.features[0].definition, Definition::Encoding(encoding));
/// # }
/// # Ok::<(), campaign_features::feature::FeatureError>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct LevelEncoding {
    /// The categorical feature's name.
    pub of: Arc<str>,
    /// What stands for a level.
    pub statistic: EncodingKind,
    /// How the mean label of a level is drawn to a prior; nothing else is.
    #[cfg_attr(feature = "serde", serde(default))]
    pub smoothing: LevelSmoothing,
    /// What the number of a training row has seen.
    #[cfg_attr(feature = "serde", serde(default))]
    pub training: TrainingView,
    /// What was learned; [`FeatureSpec::fit`](super::FeatureSpec::fit) writes it.
    #[cfg_attr(feature = "serde", serde(default, skip_serializing_if = "Option::is_none"))]
    pub fitted: Option<EncodedLevels>,
}

/// How much a prior weighs beside a level's own labels.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum LevelSmoothing {
    /// As much as the spread between levels says, for labels in 0 to 1:
    /// [`Smoothing::fit`](crate::feature::transform::smoothing::Smoothing::fit) of the labels seen. Where
    /// the levels do not let it be told, they are drawn fully to the common mean.
    #[default]
    Fitted,
    /// As stated.
    Fixed {
        /// The prior's weight, 0 or more, in units of a row's weight.
        strength: f64,
        /// The prior; the mean label of all that was seen without one.
        #[cfg_attr(feature = "serde", serde(default))]
        prior: Option<f64>,
    },
}

/// Which labels the number of a training row has seen. Never its own.
///
/// Counts and frequencies hold no label: over folds they are those of the whole table, as they are in
/// every later one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum TrainingView {
    /// Those of rows with an earlier cut-off that were known at the row's own cut-off.
    #[default]
    Time,
    /// Those of the other folds. A row's fold is the hash of its entity's name, the same in every table,
    /// so that all rows of an entity are in one fold.
    Folds {
        /// The entity kind.
        entity: Arc<str>,
        /// How many folds there are, at least 2.
        count: u32,
    },
}

/// What was learned of levels.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(deny_unknown_fields))]
pub struct EncodedLevels {
    /// What each level stands for.
    pub values: BTreeMap<Arc<str>, f64>,
    /// What a level stands for that was not seen.
    pub unseen: f64,
}

impl LevelEncoding {
    /// A statistic of the labels of each level, in time, drawn to a fitted prior.
    #[must_use]
    pub fn new(of: impl Into<Arc<str>>, statistic: EncodingKind) -> Self {
        Self {
            of: of.into(),
            statistic,
            smoothing: LevelSmoothing::default(),
            training: TrainingView::default(),
            fitted: None,
        }
    }

    /// The mean label of each level.
    #[must_use]
    pub fn target(of: impl Into<Arc<str>>) -> Self {
        Self::new(of, EncodingKind::Target)
    }

    /// How the mean label is drawn to a prior.
    #[must_use]
    pub fn with_smoothing(mut self, smoothing: LevelSmoothing) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// Training rows see the labels of the other folds.
    #[must_use]
    pub fn with_folds(mut self, entity: impl Into<Arc<str>>, count: u32) -> Self {
        self.training = TrainingView::Folds { entity: entity.into(), count };
        self
    }

    pub(super) fn name(&self) -> String {
        let statistic = match self.statistic {
            EncodingKind::Target => "target",
            EncodingKind::Count => "count",
            EncodingKind::Frequency => "frequency",
        };
        format!("{}_{statistic}", self.of)
    }
}
