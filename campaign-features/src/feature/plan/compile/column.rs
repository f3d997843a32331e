//! What each definition becomes.

use std::sync::Arc;

use campaign_core::ColumnKind;

use super::super::super::creative::value_of;
use super::super::super::error::FeatureError;
use super::super::super::spec::{Definition, Feature, Saturation};
use super::super::Window;
use super::super::dated::DatedFeature;
use super::super::entity::Read;
use super::super::expression::Expression;
use super::super::lanes::{Distinct, MOST_DISTINCT};
use super::levels::lookup;
use super::{Compiler, place};

impl Compiler<'_> {
    pub(super) fn column(
        &mut self,
        feature: &Feature,
    ) -> Result<(ColumnKind, Expression), FeatureError> {
        let numeric = |expression| Ok((ColumnKind::Numeric, expression));
        match &feature.definition {
            Definition::Aggregate(aggregate) => {
                let read = self.aggregate(aggregate)?;
                numeric(match aggregate.saturation {
                    Some(saturation) => {
                        self.check_saturation(saturation)?;
                        Expression::Saturated { of: Box::new(read), saturation }
                    }
                    None => read,
                })
            }
            Definition::Rate {
                entity,
                source,
                numerator,
                denominator,
                window,
                prior,
                strength,
            } => {
                if !(prior.is_finite() && strength.is_finite() && *strength >= 0.0) {
                    return self.refuse("prior and strength must be finite, strength not below 0");
                }
                let above = self.sum(entity, source, numerator, *window)?;
                let below = self.sum(entity, source, denominator, *window)?;
                numeric(ratio(above, below, *prior, *strength))
            }
            Definition::Share { entity, of, source, measure, window } => {
                let above = self.sum(entity, source, measure, *window)?;
                let below = self.sum(of, source, measure, *window)?;
                numeric(ratio(above, below, 0.0, 0.0))
            }
            Definition::Latest { entity, source, attribute, window } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, *window)?;
                self.categorical(code, vocabulary)
            }
            Definition::Demographic { entity, source, attribute, levels, purpose } => {
                let place = self.demographic(levels, purpose)?;
                let (s, a) = self.personal_attribute(source, attribute)?;
                let (code, vocabulary) = self.latest_of(entity, s, a, Window::EVER)?;
                let table = vocabulary.into_iter().map(place).collect();
                numeric(lookup(code, table, f64::NAN))
            }
            Definition::Encoding(encoding) => numeric(self.encoding(encoding)?),
            Definition::Text { entity, source, attribute, field } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, Window::EVER)?;
                let table = vocabulary.iter().map(|text| field.of(text)).collect();
                numeric(lookup(code, table, f64::NAN))
            }
            Definition::Guessed { entity, source, attribute, guess } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, Window::EVER)?;
                let table = vocabulary.iter().map(|text| guess.of(text)).collect();
                self.categorical(lookup(code, table, f64::NAN), guess.levels())
            }
            Definition::Tag { entity, source, attribute, key } => {
                let (code, texts) = self.latest(entity, source, attribute, Window::EVER)?;
                let tag =
                    |text: &Arc<str>| value_of(text, key).map(|tag| tag.to_lowercase().into());
                let of_text: Vec<Option<Arc<str>>> = texts.iter().map(tag).collect();
                let mut tags: Vec<Arc<str>> = of_text.iter().flatten().cloned().collect();
                tags.sort_unstable();
                tags.dedup();
                let place = |tag: &Option<Arc<str>>| {
                    let place = tag.as_ref().and_then(|tag| tags.binary_search(tag).ok());
                    place.map_or(f64::NAN, |place| place as f64)
                };
                let table = of_text.iter().map(place).collect();
                self.categorical(lookup(code, table, f64::NAN), tags)
            }
            Definition::Encoded { entity, source, attribute, values, other } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, Window::EVER)?;
                let other = other.unwrap_or(f64::NAN);
                if values.values().chain([&other]).any(|v| v.is_infinite()) {
                    return self.refuse("a value is infinite");
                }
                let value = |level: &Arc<str>| values.get(level).copied().unwrap_or(other);
                let table = vocabulary.iter().map(value).collect();
                numeric(Expression::Lookup { code: Box::new(code), table, other, missing: other })
            }
            Definition::Age { entity, source, measure } if self.spec.ttl.is_some() => {
                numeric(self.age_within(entity, source, measure)?)
            }
            Definition::Age { entity, source, measure } => {
                let (s, m, _) = self.measure(source, Some(measure))?;
                let e = self.entity(entity, s)?;
                let lanes = self.lanes(e, s);
                let which = place(&mut lanes.ages, m);
                numeric(self.read(e, s, Window::EVER, Read::Age { which })?)
            }
            Definition::Distinct { entity, source, attribute, window, most } => {
                let (s, a) = self.attribute(source, attribute)?;
                let e = self.entity(entity, s)?;
                let lanes = self.lanes(e, s);
                let distinct = Distinct { attribute: a, most: usize::from(*most) };
                let which = place(&mut lanes.distinct, distinct);
                if which >= MOST_DISTINCT || *most == 0 {
                    return self.refuse(
                        "at most 16 distinct counts per entity and source, of at least 1 value",
                    );
                }
                numeric(self.read(e, s, *window, Read::Distinct { which })?)
            }
            Definition::FrequencyCap {
                entity,
                source,
                impressions,
                people,
                window,
                cap,
                shape,
            } => {
                if !(1e-3..=1e6).contains(shape) {
                    return self.refuse("the shape must lie in 1e-3..=1e6");
                }
                let above = self.sum(entity, source, impressions, *window)?;
                let below = self.sum(entity, source, people, *window)?;
                let frequency = Box::new(ratio(above, below, 0.0, 0.0));
                numeric(Expression::Capped { frequency, shape: *shape, cap: *cap })
            }
            Definition::Calendar { field } => numeric(self.dated(DatedFeature::Calendar(*field))),
            Definition::Holiday { region } => numeric(self.dated(DatedFeature::Holiday(*region))),
            Definition::AdDay => numeric(self.dated(DatedFeature::AdDay)),
            Definition::UserDay => numeric(self.dated(DatedFeature::UserDay)),
            Definition::DaysToHoliday => numeric(self.dated(DatedFeature::DaysToHoliday)),
            Definition::DaysSinceHoliday => numeric(self.dated(DatedFeature::DaysSinceHoliday)),
            Definition::Fourier { period, order, cosine } => {
                if !(period.is_finite() && *period > 0.0 && *order > 0) {
                    return self.refuse("period must be above 0, order at least 1");
                }
                let (period, order, cosine) = (*period, *order, *cosine);
                numeric(self.dated(DatedFeature::Fourier { period, order, cosine }))
            }
            Definition::Cross { operation, left, right } => {
                let (left, right) = (self.earlier(left)?, self.earlier(right)?);
                let numbers = [&left, &right].map(|(column, _)| column.kind == ColumnKind::Numeric);
                if numbers != [true, true] {
                    return self.refuse("both features must be numeric; categorical ones are crossed by cross_levels");
                }
                let (left, right) = (Box::new(left.1), Box::new(right.1));
                numeric(Expression::Cross { operation: *operation, left, right })
            }
            Definition::CrossLevels { left, right, bound } => {
                self.cross_levels(left, right, bound.as_ref())
            }
        }
    }

    fn dated(&mut self, feature: DatedFeature) -> Expression {
        Expression::Dated(place(&mut self.dated, feature))
    }

    fn check_saturation(&self, saturation: Saturation) -> Result<(), FeatureError> {
        saturation.check().or_else(|error| self.refuse(&error.to_string()))
    }
}

fn ratio(above: Expression, below: Expression, prior: f64, strength: f64) -> Expression {
    Expression::Ratio { above: Box::new(above), below: Box::new(below), prior, strength }
}
