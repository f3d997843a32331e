//! Names a spec uses, looked up in the schema.

use std::sync::Arc;

use campaign_core::Column;

use super::super::super::error::FeatureError;
use super::super::super::spec::{Filter, SourceSchema};
use super::super::expression::Expression;
use super::Compiler;

impl Compiler<'_> {
    /// The index of a source and one of its measures (`None`: its facts), and integers per unit.
    pub(super) fn measure(
        &self,
        source: &Arc<str>,
        measure: Option<&Arc<str>>,
    ) -> Result<(usize, usize, f64), FeatureError> {
        let (s, schema) = self.source(source)?;
        let Some(measure) = measure else { return Ok((s, 2 * schema.measures.len(), 1.0)) };
        match schema.measures.iter().position(|m| m.name == *measure) {
            Some(m) => Ok((s, m, schema.measures[m].unit.per_unit())),
            None => {
                let known = schema.measures.iter().map(|m| &*m.name);
                Err(self.unknown("measure", measure, known))
            }
        }
    }

    /// The index of a source and one of its attributes that is not personal.
    pub(super) fn attribute(
        &self,
        source: &Arc<str>,
        attribute: &Arc<str>,
    ) -> Result<(usize, usize), FeatureError> {
        let (s, a) = self.any_attribute(source, attribute)?;
        if self.schema.sources[s].attributes[a].sensitive {
            return self.refuse("the attribute is personal; only a demographic may read it");
        }
        Ok((s, a))
    }

    /// As [`attribute`](Self::attribute), of one that is declared personal.
    pub(super) fn personal_attribute(
        &self,
        source: &Arc<str>,
        attribute: &Arc<str>,
    ) -> Result<(usize, usize), FeatureError> {
        let (s, a) = self.any_attribute(source, attribute)?;
        if !self.schema.sources[s].attributes[a].sensitive {
            return self.refuse("the source does not declare the attribute as personal");
        }
        Ok((s, a))
    }

    fn any_attribute(
        &self,
        source: &Arc<str>,
        attribute: &Arc<str>,
    ) -> Result<(usize, usize), FeatureError> {
        let (s, schema) = self.source(source)?;
        match schema.attributes.iter().position(|a| a.name == *attribute) {
            Some(a) => Ok((s, a)),
            None => {
                let known = schema.attributes.iter().map(|a| &*a.name);
                Err(self.unknown("attribute", attribute, known))
            }
        }
    }

    fn source(&self, name: &Arc<str>) -> Result<(usize, &SourceSchema), FeatureError> {
        let mut sources = self.schema.sources.iter().enumerate();
        sources.find(|(_, s)| s.name == *name).ok_or_else(|| {
            self.unknown("source", name, self.schema.sources.iter().map(|s| &*s.name))
        })
    }

    /// A value that never occurred is a code that never occurs.
    pub(super) fn filter(
        &self,
        s: usize,
        filter: Option<&Filter>,
    ) -> Result<Option<(usize, u32)>, FeatureError> {
        let Some(filter) = filter else { return Ok(None) };
        let (_, a) = self.attribute(&self.schema.sources[s].name, &filter.attribute)?;
        let vocabulary = &self.schema.sources[s].attributes[a].vocabulary;
        let code = vocabulary.iter().position(|v| *v == filter.value);
        Ok(Some((a, code.map_or(u32::MAX - 1, |code| code as u32))))
    }

    /// A feature made before; the one at hand rests on the same personal attributes.
    pub(super) fn earlier(
        &mut self,
        name: &Arc<str>,
    ) -> Result<(Column, Expression), FeatureError> {
        let Some((column, expression)) = self.made.get(name).cloned() else {
            let known = self.made.keys().map(|name| &**name);
            return Err(self.unknown("earlier feature", name, known));
        };
        self.purpose = match (self.purpose.take(), column.sensitive.clone()) {
            (Some(a), Some(b)) if a != b => Some(a.and(&b)),
            (a, b) => a.or(b),
        };
        Ok((column, expression))
    }

    pub(super) fn refuse<T>(&self, reason: &str) -> Result<T, FeatureError> {
        Err(FeatureError::Spec { feature: Arc::clone(&self.feature), reason: reason.into() })
    }

    pub(super) fn unknown<'n>(
        &self,
        what: &'static str,
        name: &Arc<str>,
        known: impl Iterator<Item = &'n str>,
    ) -> FeatureError {
        FeatureError::Unknown {
            feature: Arc::clone(&self.feature),
            what,
            name: Arc::clone(name),
            known: known.collect::<Vec<_>>().join(", "),
        }
    }
}
