//! What speaks for a retraining, and what against it.

use core::fmt;

use jiff::civil::Date;

/// One thing that a retrain decision rests on. Prints as a sentence.
#[derive(Debug, Clone, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case", tag = "kind"))]
#[non_exhaustive]
pub enum Why {
    /// For: a feature has been drifted at enough checks in a row.
    Feature {
        /// Its name.
        feature: String,
        /// Its Kolmogorov-Smirnov statistic.
        statistic: f64,
        /// The smallest statistic that matters.
        min_statistic: f64,
        /// Its adjusted p-value.
        p_adjusted: f64,
        /// The false discovery rate it was held against.
        fdr: f64,
        /// Checks in a row at which it was drifted.
        run: u32,
        /// How many are asked for.
        needed: u32,
    },
    /// Not yet: a feature is drifted, but not at enough checks in a row.
    Persistence {
        /// Its name.
        feature: String,
        /// Its Kolmogorov-Smirnov statistic.
        statistic: f64,
        /// Checks in a row at which it was drifted.
        run: u32,
        /// How many are asked for.
        needed: u32,
    },
    /// Not enough: fewer features have persisted than the policy asks for.
    TooFewFeatures {
        /// How many have.
        features: u32,
        /// How many are asked for.
        needed: u32,
    },
    /// For: the test on the KPI has raised its alarm.
    Kpi {
        /// Its statistic.
        statistic: f64,
        /// The threshold.
        threshold: f64,
        /// Observations behind it.
        n: u64,
    },
    /// Against: the last retraining is too recent.
    CoolDown {
        /// When the model was last retrained.
        last_retrain: Date,
        /// First day on which it may be again.
        until: Date,
        /// Days since the last retraining.
        days: u32,
        /// Days asked for.
        needed: u32,
    },
    /// Against: no feature is drifted and the KPI, where there is one, gives no alarm.
    NoDrift {
        /// How many features were tested.
        features: u32,
        /// The largest statistic among them.
        largest: Option<f64>,
        /// The smallest statistic that matters.
        min_statistic: f64,
    },
    /// Neither: the share of missing values of a feature changed. That calls for a look at the data;
    /// a model retrained on it would learn the fault.
    Missing {
        /// Its name.
        feature: String,
        /// The share before.
        before: f64,
        /// The share now.
        now: f64,
        /// The change from which on it is pointed out.
        threshold: f64,
    },
}

impl Why {
    /// Whether it speaks for (`true`) or against (`false`) retraining now; `None` for what does
    /// neither.
    #[must_use]
    pub const fn speaks_for(&self) -> Option<bool> {
        match self {
            Self::Feature { .. } | Self::Kpi { .. } => Some(true),
            Self::Missing { .. } => None,
            _ => Some(false),
        }
    }

    /// The same as a reason of the decision log.
    #[cfg(feature = "serde")]
    #[must_use]
    pub fn reason(&self) -> campaign_core::decision::Reason {
        use campaign_core::decision::{Reason, Unit};
        match self {
            Self::Feature {
                feature, statistic, min_statistic, p_adjusted, run, needed, ..
            } => Reason::at_least(format!("ks_statistic of {feature}"), *statistic, *min_statistic)
                .with_p_value(*p_adjusted)
                .with_note(format!("drifted at {run} checks in a row, {needed} are asked for")),
            Self::Persistence { feature, run, needed, .. } => Reason::below(
                format!("drifted checks in a row of {feature}"),
                f64::from(*run),
                f64::from(*needed),
            ),
            Self::TooFewFeatures { features, needed } => {
                Reason::below("drifted features", f64::from(*features), f64::from(*needed))
            }
            Self::Kpi { statistic, threshold, n } => {
                Reason::above("page_hinkley of the kpi", *statistic, *threshold).with_n(*n)
            }
            Self::CoolDown { until, days, needed, .. } => Reason::below(
                "days since the last retraining",
                f64::from(*days),
                f64::from(*needed),
            )
            .with_note(format!("not before {until}")),
            Self::NoDrift { features, largest: Some(largest), min_statistic } => {
                Reason::at_most("drifted features", 0.0, 0.0)
                    .with_n(u64::from(*features))
                    .with_note(format!(
                        "largest ks_statistic {largest:.3}, {min_statistic} matters"
                    ))
            }
            Self::NoDrift { features, .. } => {
                Reason::at_most("drifted features", 0.0, 0.0).with_n(u64::from(*features))
            }
            Self::Missing { feature, before, now, threshold } => Reason::above(
                format!("change of the missing share of {feature}"),
                (now - before).abs(),
                *threshold,
            )
            .with_unit(Unit::Share),
        }
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Feature { feature, statistic, min_statistic, p_adjusted, fdr, run, needed } => {
                write!(
                    f,
                    "{feature} has drifted at {run} checks in a row ({needed} asked for): \
                     KS statistic {statistic:.3} (at least {min_statistic}), \
                     adjusted p-value {p_adjusted:.2e} (at most {fdr})"
                )
            }
            Self::Persistence { feature, statistic, run, needed } => write!(
                f,
                "{feature} has drifted (KS statistic {statistic:.3}), persistence {run} of {needed}"
            ),
            Self::TooFewFeatures { features, needed } => {
                write!(f, "{features} of {needed} features have drifted persistently")
            }
            Self::Kpi { statistic, threshold, n } => write!(
                f,
                "the KPI's drift test is at {statistic:.3}, above its threshold {threshold:.3}, \
                 after {n} observations"
            ),
            Self::CoolDown { last_retrain, until, .. } => {
                write!(f, "cool-down until {until}: last retrained on {last_retrain}")
            }
            Self::NoDrift { features, largest, min_statistic } => {
                write!(f, "none of {features} features has drifted")?;
                largest.map_or(Ok(()), |d| {
                    write!(f, " (largest KS statistic {d:.3}, {min_statistic} would matter)")
                })
            }
            Self::Missing { feature, before, now, .. } => write!(
                f,
                "the missing share of {feature} went from {:.1}% to {:.1}%: check the data first",
                100.0 * before,
                100.0 * now
            ),
        }
    }
}
