//! Personal attributes as numbers, for a stated purpose only.

use campaign_core::{Purpose, Sensitive};

use super::error::TransformError;

/// The values of a personal attribute in their order (age bands from young to old), and why they are
/// used.
///
/// # Examples
/// ```
/// use campaign_core::{Purpose, Sensitive};
/// use campaign_features::feature::transform::demographic::Demographic;
/// let ages = Demographic::new(["18-24", "25-34", "35-44"], Purpose::new("fairness audit")?)?;
/// let age = Sensitive::new("25-34");
/// assert_eq!(ages.ordinal(Some(&age)), 1.0);
/// let mut columns = [0.0; 3];
/// ages.one_hot(Some(&age), &mut columns)?;
/// assert_eq!(columns, [0.0, 1.0, 0.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(try_from = "Parts", into = "Parts"))]
pub struct Demographic {
    levels: Vec<String>,
    purpose: Purpose,
}

#[cfg(feature = "serde")]
#[derive(serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
struct Parts {
    levels: Vec<String>,
    purpose: Purpose,
}

#[cfg(feature = "serde")]
impl From<Demographic> for Parts {
    fn from(demographic: Demographic) -> Self {
        Self { levels: demographic.levels, purpose: demographic.purpose }
    }
}

#[cfg(feature = "serde")]
impl TryFrom<Parts> for Demographic {
    type Error = TransformError;

    fn try_from(parts: Parts) -> Result<Self, TransformError> {
        Self::new(parts.levels, parts.purpose)
    }
}

impl Demographic {
    /// The values, and the purpose.
    ///
    /// # Errors
    /// [`TransformError::TooFew`] without a value; [`TransformError::Twice`] for one given twice.
    pub fn new<S: Into<String>>(
        levels: impl IntoIterator<Item = S>,
        purpose: Purpose,
    ) -> Result<Self, TransformError> {
        let levels: Vec<String> = levels.into_iter().map(Into::into).collect();
        if levels.is_empty() {
            return Err(TransformError::TooFew { what: "values", got: 0, needed: 1 });
        }
        for (second, level) in levels.iter().enumerate() {
            let first = levels.iter().position(|other| other == level).unwrap_or(second);
            if first < second {
                return Err(TransformError::Twice { first, second });
            }
        }
        Ok(Self { levels, purpose })
    }

    /// The values, in their order.
    #[must_use]
    pub fn levels(&self) -> &[String] {
        &self.levels
    }

    /// Why they are used.
    #[must_use]
    pub fn purpose(&self) -> &Purpose {
        &self.purpose
    }

    fn place<S: AsRef<str>>(&self, value: Option<&Sensitive<S>>) -> Option<usize> {
        let value = value?.expose().as_ref();
        self.levels.iter().position(|level| level == value)
    }

    /// The place of a value in the order, from 0; NaN for a missing or unlisted one.
    ///
    /// # Allocation
    /// None.
    #[must_use]
    pub fn ordinal<S: AsRef<str>>(&self, value: Option<&Sensitive<S>>) -> f64 {
        self.place(value).map_or(f64::NAN, |place| place as f64)
    }

    /// One column per value: 1 in that of the value, 0 elsewhere; 0 everywhere for an unlisted one, NaN
    /// everywhere for a missing one.
    ///
    /// # Errors
    /// [`TransformError::Length`] unless `out` has one place per value.
    ///
    /// # Allocation
    /// None.
    pub fn one_hot<S: AsRef<str>>(
        &self,
        value: Option<&Sensitive<S>>,
        out: &mut [f64],
    ) -> Result<(), TransformError> {
        super::error::length("out", out.len(), self.levels.len())?;
        out.fill(if value.is_some() { 0.0 } else { f64::NAN });
        if let Some(slot) = self.place(value).and_then(|place| out.get_mut(place)) {
            *slot = 1.0;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values() {
        let purpose = Purpose::new("fairness audit").unwrap();
        let gender = Demographic::new(["f", "m"], purpose).unwrap();
        let none: Option<&Sensitive<&str>> = None;
        assert!(gender.ordinal(none).is_nan());
        assert!(gender.ordinal(Some(&Sensitive::new("x"))).is_nan());
        assert_eq!(gender.ordinal(Some(&Sensitive::new(String::from("m")))), 1.0);
        let mut out = [9.0; 2];
        gender.one_hot(Some(&Sensitive::new("x")), &mut out).unwrap();
        assert_eq!(out, [0.0, 0.0]);
        gender.one_hot(none, &mut out).unwrap();
        assert!(out.iter().all(|value| value.is_nan()));
        assert!(gender.one_hot(none, &mut [0.0; 3]).is_err());
    }

    #[test]
    fn bad_input() {
        let purpose = || Purpose::new("fairness audit").unwrap();
        assert!(Demographic::new(Vec::<String>::new(), purpose()).is_err());
        let error = Demographic::new(["f", "m", "f"], purpose()).unwrap_err();
        assert_eq!(error, TransformError::Twice { first: 0, second: 2 });
    }

    #[cfg(feature = "serde")]
    #[test]
    fn read_with_its_purpose() {
        let no_purpose = "levels = [\"f\", \"m\"]";
        assert!(toml::from_str::<Demographic>(no_purpose).is_err());
        let stated: Demographic =
            toml::from_str("levels = [\"f\", \"m\"]\npurpose = \"fairness audit\"").unwrap();
        assert_eq!(stated.purpose(), &Purpose::new("fairness audit").unwrap());
    }
}
