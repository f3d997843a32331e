//! Pairs of levels.

use std::sync::Arc;

use campaign_core::ColumnKind;

use super::super::super::error::FeatureError;
use super::super::super::transform::cross::Cross;
use super::super::super::transform::encoding::NO_LEVEL;
use super::super::learned::OTHER_LEVEL;
use super::{LevelBound, Step, Values};

/// A categorical column.
pub(super) struct Levels<'a> {
    pub(super) column: &'a Values,
    pub(super) names: &'a [Arc<str>],
    /// Per row.
    pub(super) codes: Vec<u32>,
}

impl Step<'_> {
    /// The levels of an earlier categorical column, and each row's code.
    pub(super) fn levels(&self, name: &Arc<str>) -> Result<Levels<'_>, FeatureError> {
        let column = self.earlier(name)?;
        let ColumnKind::Categorical { levels: names } = &column.0.kind else {
            return self.refuse("only categorical features have levels");
        };
        let code = |value: &f64| if value.is_nan() { NO_LEVEL } else { *value as u32 };
        Ok(Levels { column, names, codes: column.1.iter().map(code).collect() })
    }

    /// Every pair, as in a plan.
    pub(super) fn pairs(&self, left: &Arc<str>, right: &Arc<str>) -> Result<Values, FeatureError> {
        let (a, b) = (self.levels(left)?, self.levels(right)?);
        let levels: Vec<Arc<str>> =
            a.names.iter().flat_map(|l| b.names.iter().map(move |r| pair(l, r))).collect();
        let width = b.names.len() as f64;
        let values = a.column.1.iter().zip(&b.column.1).map(|(a, b)| a * width + b).collect();
        let kind = ColumnKind::Categorical { levels: levels.into() };
        Ok((self.resting_on(kind, &[a.column, b.column]), values))
    }

    /// The pairs that are kept, and one level for all others.
    pub(super) fn bound(
        &self,
        left: &Arc<str>,
        right: &Arc<str>,
        bound: &mut LevelBound,
    ) -> Result<Values, FeatureError> {
        let (a, b) = (self.levels(left)?, self.levels(right)?);
        let columns = [&a.codes[..], &b.codes];
        let failed = |source| FeatureError::Transform { feature: Arc::clone(self.feature), source };
        let cross = Cross::fit(&columns, bound.most as usize, bound.at_least as usize);
        let cross = cross.map_err(failed)?;
        let name = |codes: &[u32]| match codes {
            &[l, r] => Some(pair(a.names.get(l as usize)?, b.names.get(r as usize)?)),
            _ => None,
        };
        let kept: Vec<Arc<str>> = cross.levels().filter_map(name).collect();
        let codes = cross.apply(&columns).map_err(failed)?;
        let value = |code: u32| if code == NO_LEVEL { f64::NAN } else { f64::from(code) };
        let mut levels = kept.clone();
        levels.push(OTHER_LEVEL.into());
        bound.kept = Some(kept);
        let kind = ColumnKind::Categorical { levels: levels.into() };
        let column = self.resting_on(kind, &[a.column, b.column]);
        Ok((column, codes.into_iter().map(value).collect()))
    }
}

fn pair(left: &str, right: &str) -> Arc<str> {
    format!("{left}|{right}").into()
}
