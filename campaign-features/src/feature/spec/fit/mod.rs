//! Learning the columns that need a table, and the table to train a model on.

mod encoding;
mod levels;

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::error::check_length;
use campaign_core::{Column, ColumnKind};

use super::super::error::FeatureError;
use super::super::table::FeatureTable;
use super::definition::Definition;
use super::{FeatureSpec, LevelBound, LevelEncoding};

/// The labels of a table's rows.
///
/// # Shapes
/// Every slice has one entry per row.
///
/// # Units
/// `known_at` in microseconds since 1970, UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct Outcomes<'a> {
    /// The label; NaN for a row that has none (yet): it teaches nothing.
    pub labels: &'a [f64],
    /// How much a row counts; 1 each without them.
    pub weights: Option<&'a [f64]>,
    /// When the label was known; needed where training rows see labels in time.
    pub known_at: Option<&'a [i64]>,
}

/// What [`FeatureSpec::fit`] gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The spec with what was learned in it: it compiles, it can be saved, and later tables are made by it.
    pub spec: FeatureSpec,
    /// The table it was learned from, with the columns that were learned; no row has seen its own label.
    pub training: FeatureTable,
}

/// A column of a table.
type Values = (Column, Vec<f64>);

impl FeatureSpec {
    /// The columns that need no table to be learned from, in their order.
    #[must_use]
    pub fn before_fit(&self) -> Self {
        let mut spec = self.clone();
        let mut learned: Vec<Arc<str>> = Vec::new();
        spec.features.retain(|feature| {
            let rests = |name: &Arc<str>| learned.contains(name);
            let learns = match &feature.definition {
                Definition::Encoding(_) | Definition::CrossLevels { bound: Some(_), .. } => true,
                Definition::Cross { left, right, .. }
                | Definition::CrossLevels { left, right, bound: None } => {
                    rests(left) || rests(right)
                }
                _ => false,
            };
            if learns {
                learned.push(feature.name());
            }
            !learns
        });
        spec.levels.retain(|name, _| !learned.contains(name));
        spec
    }

    /// Learns encodings and bounds from a table of [`before_fit`](Self::before_fit)'s columns, whatever
    /// was learned before.
    ///
    /// The order of the rows does not change a bit.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] for slices of other lengths, [`FeatureError::Transform`] for a label,
    /// weight or parameter that cannot be, [`FeatureError::Spec`] for a feature that cannot be fitted,
    /// [`FeatureError::Unknown`] for a column that the table lacks.
    ///
    /// # Complexity
    /// O(n log n) per encoding for n rows, times the number of folds; in time with a fitted prior the
    /// prior is fitted anew for every cut-off: O(levels) each.
    ///
    /// # Examples
    /// ```
    /// use campaign_features::engine::local;
    /// use campaign_features::feature::plan::Window;
    /// use campaign_features::feature::source::{Row, SourcesBuilder};
    /// use campaign_features::feature::spec::{
    ///     Definition, Feature, FeatureSpec, LevelEncoding, LevelSmoothing, Outcomes,
    /// };
    /// let mut builder = SourcesBuilder::new(["ad"])?;
    /// let ads = builder.source("ads", &["ad"], &[], &["format"])?;
    /// for (ad, format) in [("1", "video"), ("2", "video"), ("3", "image")] {
    ///     let row = Row {
    ///         keys: &[Some(ad)], day: 0, known_at: 0, fact: None, measures: &[], attributes: &[Some(format)],
    ///     };
    ///     ads.push(&row)?;
    /// }
    /// let sources = builder.finish()?;
    /// let mut requests = sources.requests();
    /// for ad in 0..3 {
    ///     requests.push(&[ad], 1, 1)?;
    /// }
    /// let format = Definition::Latest {
    ///     entity: "ad".into(), source: "ads".into(), attribute: "format".into(), window: Window::EVER,
    /// };
    /// let encoding = LevelEncoding::target("format")
    ///     .with_smoothing(LevelSmoothing::Fixed { strength: 1.0, prior: Some(0.5) })
    ///     .with_folds("ad", 1_000_000);
    /// let spec = FeatureSpec::new([
    ///     Feature::named("format", format),
    ///     Feature::named("rate", Definition::Encoding(encoding)),
    /// ]);
    /// let plan = spec.before_fit().compile(&sources.schema())?;
    /// let table = local::run(&plan, &sources, &requests)?;
    /// let fitted = spec.fit(&table, &Outcomes { labels: &[1.0, 0.0, 1.0], ..Outcomes::default() })?;
    /// // A training row has seen the others only; a later row sees all three.
    /// assert_eq!(fitted.training.column("rate"), Some(vec![0.25, 0.75, 0.5]));
    /// let plan = fitted.spec.compile(&sources.schema())?;
    /// let later = local::run(&plan, &sources, &requests)?;
    /// assert_eq!(later.column("rate"), Some(vec![0.5, 0.5, 0.75]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit(
        &self,
        table: &FeatureTable,
        outcomes: &Outcomes<'_>,
    ) -> Result<Fitted, FeatureError> {
        check_length("labels", outcomes.labels.len(), table.n_rows())?;
        let rows = table.n_rows();
        check_length("weights", outcomes.weights.map_or(rows, <[f64]>::len), rows)?;
        check_length("known_at", outcomes.known_at.map_or(rows, <[i64]>::len), rows)?;
        let mut spec = self.clone();
        let mut made: BTreeMap<Arc<str>, Values> = BTreeMap::new();
        let mut order = Vec::with_capacity(spec.features.len());
        for feature in &mut spec.features {
            let name = feature.name();
            let step = Step { feature: &name, table, outcomes, made: &made };
            let values = step.column(&mut feature.definition)?;
            if made.insert(Arc::clone(&name), values).is_some() {
                return Err(FeatureError::Twice { what: "feature", name });
            }
            order.push(name);
        }
        let columns = order.iter().filter_map(|name| made.remove(name));
        Ok(Fitted { training: table.with_columns(columns)?, spec })
    }
}

/// One feature to be learned or taken over.
struct Step<'a> {
    feature: &'a Arc<str>,
    table: &'a FeatureTable,
    outcomes: &'a Outcomes<'a>,
    made: &'a BTreeMap<Arc<str>, Values>,
}

impl Step<'_> {
    fn column(&self, definition: &mut Definition) -> Result<Values, FeatureError> {
        match definition {
            Definition::Encoding(encoding) => self.encode(encoding),
            Definition::CrossLevels { left, right, bound: Some(bound) } => {
                self.bound(left, right, bound)
            }
            _ if self.taken().is_some() => self.taken().ok_or_else(|| self.lacking(self.feature)),
            Definition::CrossLevels { left, right, bound: None } => self.pairs(left, right),
            Definition::Cross { operation, left, right } => {
                let (a, b) = (self.earlier(left)?, self.earlier(right)?);
                let of = |(a, b): (&f64, &f64)| {
                    let value = operation.of(*a, *b);
                    if value.is_finite() { value } else { f64::NAN }
                };
                let values = a.1.iter().zip(&b.1).map(of).collect();
                Ok((self.resting_on(ColumnKind::Numeric, &[a, b]), values))
            }
            _ => Err(self.lacking(self.feature)),
        }
    }

    /// The column as the table has it.
    fn taken(&self) -> Option<Values> {
        let column = self.table.columns().iter().find(|column| column.name == *self.feature)?;
        Some((column.clone(), self.table.column(self.feature)?))
    }

    fn earlier(&self, name: &Arc<str>) -> Result<&Values, FeatureError> {
        self.made.get(name).ok_or_else(|| self.lacking(name))
    }

    /// This feature's column, as personal as those it rests on.
    fn resting_on(&self, kind: ColumnKind, on: &[&Values]) -> Column {
        let purposes = on.iter().filter_map(|(column, _)| column.sensitive.clone());
        let sensitive = purposes.reduce(|a, b| if a == b { a } else { a.and(&b) });
        Column { name: Arc::clone(self.feature), kind, sensitive }
    }

    fn lacking(&self, name: &Arc<str>) -> FeatureError {
        let known: Vec<&str> = self.table.columns().iter().map(|c| &*c.name).collect();
        FeatureError::Unknown {
            feature: Arc::clone(self.feature),
            what: "column",
            name: Arc::clone(name),
            known: known.join(", "),
        }
    }

    fn refuse<T>(&self, reason: &str) -> Result<T, FeatureError> {
        Err(FeatureError::Spec { feature: Arc::clone(self.feature), reason: reason.into() })
    }
}
