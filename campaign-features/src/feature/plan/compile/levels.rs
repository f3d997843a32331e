//! Columns of levels, and numbers that stand for levels.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::{ColumnKind, Purpose, Sensitive};

use super::super::super::error::FeatureError;
use super::super::super::spec::{LevelBound, LevelEncoding, OTHER_LEVEL};
use super::super::super::transform::demographic::Demographic;
use super::super::Window;
use super::super::entity::Read;
use super::super::expression::Expression;
use super::{Compiler, place};

/// How many levels a categorical column may have.
const MOST_LEVELS: usize = 1 << 24;

/// A code as a level, before its levels are fixed.
type Codes = (Expression, Vec<Arc<str>>);

/// What a code stands for; a code beyond the table is `other`, none is missing.
pub(super) fn lookup(code: Expression, table: Arc<[f64]>, other: f64) -> Expression {
    Expression::Lookup { code: Box::new(code), table, other, missing: f64::NAN }
}

impl Compiler<'_> {
    /// A column of codes with these names, or with the levels that the spec fixes.
    pub(super) fn categorical(
        &mut self,
        code: Expression,
        names: Vec<Arc<str>>,
    ) -> Result<(ColumnKind, Expression), FeatureError> {
        let levels = self.spec.levels.get(&self.feature).cloned();
        self.codes.insert(Arc::clone(&self.feature), (code.clone(), names.clone()));
        let Some(levels) = levels else {
            let table: Arc<[f64]> = (0..names.len()).map(|i| i as f64).collect();
            let kind = ColumnKind::Categorical { levels: names.into() };
            return Ok((kind, lookup(code, table, f64::NAN)));
        };
        let table = self.table(&names, &levels)?;
        Ok((ColumnKind::Categorical { levels: levels.into() }, lookup(code, table, f64::NAN)))
    }

    /// The codes of an earlier categorical feature.
    fn codes(&mut self, name: &Arc<str>) -> Result<Codes, FeatureError> {
        let _ = self.earlier(name)?;
        match self.codes.get(name) {
            Some(codes) => Ok(codes.clone()),
            None => self.refuse(
                "only categorical features have levels; numeric ones are combined by cross",
            ),
        }
    }

    pub(super) fn cross_levels(
        &mut self,
        left: &Arc<str>,
        right: &Arc<str>,
        bound: Option<&LevelBound>,
    ) -> Result<(ColumnKind, Expression), FeatureError> {
        let fixed = |compiler: &Self, name| match compiler.made.get(name) {
            Some((column, expression)) => match &column.kind {
                ColumnKind::Categorical { levels } => Some((expression.clone(), levels.to_vec())),
                ColumnKind::Numeric => None,
            },
            None => None,
        };
        let (mut a, mut b) = (self.codes(left)?, self.codes(right)?);
        // A bounded crossing tells a value it has not learned from one that is missing.
        if bound.is_none()
            && let (Some(left), Some(right)) = (fixed(self, left), fixed(self, right))
        {
            (a, b) = (left, right);
        }
        if a.1.len().saturating_mul(b.1.len()) > MOST_LEVELS {
            return self
                .refuse("the pairs are more than 2^24 levels; fix the levels of both features");
        }
        let name = |a: &Arc<str>, b: &Arc<str>| Arc::<str>::from(format!("{a}|{b}"));
        let pairs: Vec<Arc<str>> =
            a.1.iter().flat_map(|a| b.1.iter().map(move |b| name(a, b))).collect();
        let width = b.1.len() as f64;
        let pair = Expression::Pair { left: Box::new(a.0), right: Box::new(b.0), width };
        match bound {
            None => self.categorical(pair, pairs),
            Some(bound) => self.bounded(pair, &pairs, bound),
        }
    }

    /// The pairs that were kept when the bound was fitted, and one level for all others.
    fn bounded(
        &mut self,
        pair: Expression,
        pairs: &[Arc<str>],
        bound: &LevelBound,
    ) -> Result<(ColumnKind, Expression), FeatureError> {
        let Some(kept) = &bound.kept else { return self.unfitted() };
        let mut levels = kept.clone();
        levels.push(OTHER_LEVEL.into());
        if self.spec.levels.get(&self.feature).is_some_and(|fixed| *fixed != levels) {
            return self.refuse("its levels are those that were kept when it was fitted");
        }
        let other = kept.len() as f64;
        let table = self.table(pairs, &levels)?;
        let table = table.iter().map(|level| if level.is_nan() { other } else { *level });
        let expression = lookup(pair, table.collect(), other);
        self.codes.insert(Arc::clone(&self.feature), (expression.clone(), levels.clone()));
        Ok((ColumnKind::Categorical { levels: levels.into() }, expression))
    }

    pub(super) fn encoding(
        &mut self,
        encoding: &LevelEncoding,
    ) -> Result<Expression, FeatureError> {
        let (code, names) = self.codes(&encoding.of)?;
        let Some(fitted) = &encoding.fitted else { return self.unfitted() };
        if !fitted.values.values().chain([&fitted.unseen]).all(|value| value.is_finite()) {
            return self.refuse("a fitted value is not finite");
        }
        let value = |name: &Arc<str>| fitted.values.get(name).copied().unwrap_or(fitted.unseen);
        Ok(lookup(code, names.iter().map(value).collect(), fitted.unseen))
    }

    fn unfitted<T>(&self) -> Result<T, FeatureError> {
        self.refuse("it is learned from a table, which FeatureSpec::fit does")
    }

    /// The number of a personal value, for the purpose that is stated.
    pub(super) fn demographic(
        &mut self,
        levels: &[Arc<str>],
        purpose: &Purpose,
    ) -> Result<impl Fn(Arc<str>) -> f64 + use<>, FeatureError> {
        let levels = levels.iter().map(|level| level.to_string());
        let order = Demographic::new(levels, purpose.clone());
        let order = order.or_else(|error| self.refuse(&error.to_string()))?;
        self.purpose = Some(purpose.clone());
        Ok(move |value| order.ordinal(Some(&Sensitive::new(value))))
    }

    /// Per name the index of its level, NaN if it has none.
    fn table(&self, names: &[Arc<str>], levels: &[Arc<str>]) -> Result<Arc<[f64]>, FeatureError> {
        let mut index = BTreeMap::new();
        for (i, level) in levels.iter().enumerate() {
            if index.insert(level, i as f64).is_some() {
                return Err(FeatureError::Twice { what: "level", name: Arc::clone(level) });
            }
        }
        Ok(names.iter().map(|name| index.get(name).copied().unwrap_or(f64::NAN)).collect())
    }

    pub(super) fn latest(
        &mut self,
        entity: &Arc<str>,
        source: &Arc<str>,
        attribute: &Arc<str>,
        window: Window,
    ) -> Result<Codes, FeatureError> {
        let (s, a) = self.attribute(source, attribute)?;
        self.latest_of(entity, s, a, window)
    }

    /// The code an attribute was last stated as.
    pub(super) fn latest_of(
        &mut self,
        entity: &Arc<str>,
        s: usize,
        a: usize,
        window: Window,
    ) -> Result<Codes, FeatureError> {
        let e = self.entity(entity, s)?;
        let lanes = self.lanes(e, s);
        let which = place(&mut lanes.latest, a);
        let read = self.read(e, s, window, Read::Latest { which })?;
        Ok((read, self.schema.sources[s].attributes[a].vocabulary.clone()))
    }
}
