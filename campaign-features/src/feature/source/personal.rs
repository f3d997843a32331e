//! Attributes of people, and whose a row is.

use std::sync::Arc;

use campaign_core::Sensitive;
use campaign_core::error::check_length;
use jiff::Timestamp;

use super::super::error::FeatureError;
use super::builder::{Row, SourceBuilder, code};
use super::{ConsentFilter, NONE};
use crate::texts::Texts;

/// Of whom a row tells.
///
/// # Shapes
/// `attributes` has one entry per attribute that the source declares as personal.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// The person, by the id under which consents are recorded.
    pub id: Sensitive<&'a str>,
    /// When it happened.
    pub at: Timestamp,
    /// What is stated of the person.
    pub attributes: &'a [Option<Sensitive<&'a str>>],
}

impl SourceBuilder {
    /// Declares attributes that are personal: only
    /// [`Demographic`](crate::feature::spec::Definition::Demographic) features read them, and rows state
    /// them as [`Sensitive`] values.
    ///
    /// # Errors
    /// [`FeatureError::Twice`] for a name that the source has.
    ///
    /// # Examples
    /// ```
    /// use campaign_core::Sensitive;
    /// use campaign_features::feature::source::{Row, SourcesBuilder};
    /// let mut builder = SourcesBuilder::new(["audience"])?;
    /// let reach = builder.source("reach", &["audience"], &[], &[])?;
    /// reach.declare_personal(&["age_band"])?;
    /// let row = Row {
    ///     keys: &[Some("b")], day: 1, known_at: 2, fact: None, measures: &[], attributes: &[],
    /// };
    /// reach.push_personal(&row, &[Some(Sensitive::new("25-34"))])?;
    /// # Ok::<(), campaign_features::feature::FeatureError>(())
    /// ```
    pub fn declare_personal(&mut self, attributes: &[&str]) -> Result<(), FeatureError> {
        for &name in attributes {
            let name: Arc<str> = name.into();
            if self.source.attribute_names.contains(&name) {
                return Err(FeatureError::Twice { what: "attribute", name });
            }
            self.source.attributes.push(vec![NONE; self.source.len()]);
            self.source.attribute_names.push(Arc::clone(&name));
            self.source.sensitive.push(name);
            self.values.push(Texts::default());
        }
        Ok(())
    }

    /// Adds a version of a fact with what it states of a person.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn push_personal(
        &mut self,
        row: &Row<'_>,
        attributes: &[Option<Sensitive<&str>>],
    ) -> Result<(), FeatureError> {
        check_length("personal attributes", attributes.len(), self.source.sensitive.len())?;
        let first = self.source.attributes.len() - attributes.len();
        let mut codes = Vec::with_capacity(attributes.len());
        for (value, names) in attributes.iter().zip(self.values.iter_mut().skip(first)) {
            codes.push(code(names, value.as_ref().map(|value| *value.expose()))?);
        }
        self.push(row)?;
        for (column, code) in self.source.attributes.iter_mut().skip(first).zip(codes) {
            if let Some(last) = column.last_mut() {
                *last = code;
            }
        }
        Ok(())
    }

    /// Adds a version of a fact if the person it tells of allows that; says whether it was added.
    ///
    /// # Errors
    /// As [`push`](Self::push); the row is then not counted.
    pub fn push_permitted(
        &mut self,
        row: &Row<'_>,
        subject: &Subject<'_>,
        filter: &mut ConsentFilter<'_>,
    ) -> Result<bool, FeatureError> {
        let verdict = filter.judge(&subject.id, subject.at);
        if verdict.is_yes() {
            self.push_personal(row, subject.attributes)?;
        }
        filter.count(verdict);
        Ok(verdict.is_yes())
    }
}
