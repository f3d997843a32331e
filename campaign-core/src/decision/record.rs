//! One decision.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::input::Input;
use super::reason::{Reason, finite_option};
use crate::bandit::{Arm, Choice};

/// What was decided, by whom, about what, why, on which inputs, and what else was possible.
///
/// Everything a reviewer needs to judge the decision and a program needs to repeat it. A decision of a
/// bandit carries the arm and its exact propensity, which only [`with_choice`](Self::with_choice) sets.
///
/// # Examples
/// ```
/// use campaign_core::{Arm, Choice, Decision, Reason, decision::Alternative};
/// let decision = Decision::new(
///     "2026-03-02/pause/cr_17",
///     "2026-03-02T06:00:00Z".parse()?,
///     "campaign_loop",
///     "creative:cr_17",
///     "pause",
/// )
/// .with_reason(Reason::above("cpa", 3.1, 2.94).with_n(412))
/// .with_input("spend", 1277.2)
/// .with_input("conversions", 412);
/// assert_eq!(decision.check(), Ok(()));
///
/// let shown = Decision::new("imp-1", "2026-03-02T06:00:01Z".parse()?, "ad server", "user:9", "show cr_2")
///     .with_choice(&Choice::new(Arm(2), 0.125)?)
///     .with_alternative(Alternative::new("show cr_1").with_probability(0.875))
///     .with_model_version("thompson 0.3.1")
///     .with_seed(u64::MAX);
/// assert_eq!((shown.arm(), shown.propensity()), (Some(Arm(2)), Some(0.125)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Wire", into = "Wire")]
#[non_exhaustive]
pub struct Decision {
    /// Name of this decision, by which a reward or a review refers to it. Unique as far as the
    /// caller makes it so.
    pub id: String,
    /// When it was taken.
    pub at: Timestamp,
    /// Who or what took it.
    pub actor: String,
    /// The version of the model or policy behind it.
    pub model_version: Option<String>,
    /// What it is about, such as `creative:cr_17`.
    pub subject: String,
    /// What is to be done, such as `pause`.
    pub action: String,
    /// Why, the strongest reason first.
    pub reasons: Vec<Reason>,
    /// What the decision saw, by name. Prefer [`with_input`](Self::with_input), which notices NaN.
    pub inputs: BTreeMap<String, Value>,
    /// What else was possible.
    pub alternatives: Vec<Alternative>,
    /// Seed of the generator that was used, for replay.
    pub seed: Option<u64>,
    choice: Option<Choice>,
    /// Inputs that were NaN or infinite, until [`check`](Self::check) refuses them.
    pub(super) non_finite: BTreeMap<String, Number>,
}

/// A number that equals itself even if it is NaN.
#[derive(Debug, Clone, Copy)]
pub(super) struct Number(pub(super) f64);

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.0.to_bits() == other.0.to_bits()
    }
}

/// What could have been done instead.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Alternative {
    /// What it was.
    pub action: String,
    /// What it was worth by the measure of the decision (predicted return, say).
    #[serde(serialize_with = "finite_option")]
    pub value: Option<f64>,
    /// The probability with which the policy would have taken it.
    #[serde(serialize_with = "finite_option")]
    pub probability: Option<f64>,
    /// Why it was not taken.
    pub reasons: Vec<Reason>,
}

impl Alternative {
    /// An alternative of unknown worth.
    #[must_use]
    pub fn new(action: impl Into<String>) -> Self {
        Self { action: action.into(), value: None, probability: None, reasons: Vec::new() }
    }

    /// Sets its worth.
    #[must_use]
    pub fn with_value(mut self, value: f64) -> Self {
        self.value = Some(value);
        self
    }

    /// Sets the probability with which the policy would have taken it.
    #[must_use]
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = Some(probability);
        self
    }

    /// Adds a reason why it was not taken.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.reasons.push(reason);
        self
    }
}

impl Decision {
    /// A decision without reasons, inputs and alternatives.
    #[must_use]
    pub fn new(
        id: impl Into<String>,
        at: Timestamp,
        actor: impl Into<String>,
        subject: impl Into<String>,
        action: impl Into<String>,
    ) -> Self {
        Self {
            id: id.into(),
            at,
            actor: actor.into(),
            model_version: None,
            subject: subject.into(),
            action: action.into(),
            reasons: Vec::new(),
            inputs: BTreeMap::new(),
            alternatives: Vec::new(),
            seed: None,
            choice: None,
            non_finite: BTreeMap::new(),
        }
    }

    /// Sets the version of the model or policy.
    #[must_use]
    pub fn with_model_version(mut self, version: impl Into<String>) -> Self {
        self.model_version = Some(version.into());
        self
    }

    /// Adds a reason.
    #[must_use]
    pub fn with_reason(mut self, reason: Reason) -> Self {
        self.reasons.push(reason);
        self
    }

    /// Adds reasons.
    #[must_use]
    pub fn with_reasons(mut self, reasons: impl IntoIterator<Item = Reason>) -> Self {
        self.reasons.extend(reasons);
        self
    }

    /// Sets an input. NaN and infinity are remembered and refused by [`check`](Self::check).
    #[must_use]
    pub fn with_input(mut self, name: impl Into<String>, value: impl Into<Input>) -> Self {
        let name = name.into();
        self.non_finite.remove(&name);
        match value.into().into_inner() {
            Ok(value) => {
                self.inputs.insert(name, value);
            }
            Err(number) => {
                self.inputs.remove(&name);
                self.non_finite.insert(name, Number(number));
            }
        }
        self
    }

    /// Adds an alternative.
    #[must_use]
    pub fn with_alternative(mut self, alternative: Alternative) -> Self {
        self.alternatives.push(alternative);
        self
    }

    /// Sets the arm and the probability with which it was chosen.
    #[must_use]
    pub fn with_choice(mut self, choice: &Choice) -> Self {
        self.choice = Some(*choice);
        self
    }

    /// Sets the seed of the generator that was used.
    #[must_use]
    pub fn with_seed(mut self, seed: u64) -> Self {
        self.seed = Some(seed);
        self
    }

    /// The arm, if a bandit decided.
    #[must_use]
    pub fn arm(&self) -> Option<Arm> {
        self.choice.map(|choice| choice.arm())
    }

    /// The exact probability with which the arm was chosen, if a bandit decided.
    #[must_use]
    pub fn propensity(&self) -> Option<f64> {
        self.choice.map(|choice| choice.propensity())
    }

    /// The arm with its probability, if a bandit decided.
    #[must_use]
    pub fn choice(&self) -> Option<Choice> {
        self.choice
    }
}

/// The JSON form: members by name, the choice as two of them, the seed as text.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    id: String,
    at: Timestamp,
    actor: String,
    model_version: Option<String>,
    subject: String,
    action: String,
    reasons: Vec<Reason>,
    inputs: BTreeMap<String, Value>,
    alternatives: Vec<Alternative>,
    arm: Option<Arm>,
    propensity: Option<f64>,
    /// JSON numbers are doubles, which hold no more than 53 bits.
    seed: Option<String>,
    #[serde(
        skip_deserializing,
        skip_serializing_if = "BTreeMap::is_empty",
        serialize_with = "refuse"
    )]
    non_finite: BTreeMap<String, Number>,
}

fn refuse<S: serde::Serializer>(
    inputs: &BTreeMap<String, Number>,
    _: S,
) -> Result<S::Ok, S::Error> {
    let (name, value) = inputs.first_key_value().map_or(("", 0.0), |(name, v)| (name, v.0));
    Err(serde::ser::Error::custom(format_args!(
        "inputs.{name} is {value}, expected a finite number"
    )))
}

impl From<Decision> for Wire {
    fn from(d: Decision) -> Self {
        Self {
            arm: d.arm(),
            propensity: d.propensity(),
            seed: d.seed.map(|seed| seed.to_string()),
            id: d.id,
            at: d.at,
            actor: d.actor,
            model_version: d.model_version,
            subject: d.subject,
            action: d.action,
            reasons: d.reasons,
            inputs: d.inputs,
            alternatives: d.alternatives,
            non_finite: d.non_finite,
        }
    }
}

impl TryFrom<Wire> for Decision {
    type Error = String;

    fn try_from(w: Wire) -> Result<Self, String> {
        let choice = match (w.arm, w.propensity) {
            (None, None) => None,
            (Some(arm), Some(p)) => Some(Choice::new(arm, p).map_err(|e| e.to_string())?),
            _ => return Err("arm and propensity must both be given, or neither".to_owned()),
        };
        let read = |text: String| match text.parse::<u64>() {
            // The parser also takes a plus sign and leading zeros, which we never write.
            Ok(seed) if seed.to_string() == text => Ok(seed),
            _ => Err(format!("seed {text:?} is not a decimal number below 2^64")),
        };
        Ok(Self {
            id: w.id,
            at: w.at,
            actor: w.actor,
            model_version: w.model_version,
            subject: w.subject,
            action: w.action,
            reasons: w.reasons,
            inputs: w.inputs,
            alternatives: w.alternatives,
            seed: w.seed.map(read).transpose()?,
            choice,
            non_finite: BTreeMap::new(),
        })
    }
}
