//! From a spec and a schema to a plan.

mod aggregate;
mod column;
mod levels;
mod lookup;
mod read;

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::{Column, ColumnKind, Purpose};

use super::super::error::FeatureError;
use super::super::spec::{FeatureSpec, Schema};
use super::Plan;
use super::dated::DatedFeature;
use super::entity::EntityPlan;
use super::expression::Expression;

struct Compiler<'a> {
    spec: &'a FeatureSpec,
    schema: &'a Schema,
    entities: Vec<EntityPlan>,
    dated: Vec<DatedFeature>,
    /// Columns made so far, by name.
    made: BTreeMap<Arc<str>, (Column, Expression)>,
    /// Of a categorical column the codes before its levels were fixed or bounded, and their names.
    codes: BTreeMap<Arc<str>, (Expression, Vec<Arc<str>>)>,
    /// The feature at hand.
    feature: Arc<str>,
    /// Why the feature at hand uses personal attributes, if it does.
    purpose: Option<Purpose>,
}

impl Plan {
    pub(crate) fn compile(spec: &FeatureSpec, schema: &Schema) -> Result<Self, FeatureError> {
        if spec.features.is_empty() {
            return Err(FeatureError::Empty);
        }
        let mut compiler = Compiler {
            spec,
            schema,
            entities: Vec::new(),
            dated: Vec::new(),
            made: BTreeMap::new(),
            codes: BTreeMap::new(),
            feature: "".into(),
            purpose: None,
        };
        let mut order = Vec::new();
        for feature in &spec.features {
            let name = feature.name();
            compiler.feature = Arc::clone(&name);
            let (kind, expression) = compiler.column(feature)?;
            let sensitive = compiler.purpose.take();
            let column = Column { name: Arc::clone(&name), kind, sensitive };
            if compiler.made.insert(Arc::clone(&name), (column, expression)).is_some() {
                return Err(FeatureError::Twice { what: "feature", name });
            }
            order.push(name);
        }
        for name in spec.levels.keys() {
            let categorical = |c: &(Column, _)| matches!(c.0.kind, ColumnKind::Categorical { .. });
            if !compiler.made.get(name).is_some_and(categorical) {
                return Err(FeatureError::Spec {
                    feature: Arc::clone(name),
                    reason: "levels are fixed, but there is no categorical column of that name"
                        .into(),
                });
            }
        }
        for entity in &mut compiler.entities {
            entity.lay_out(0);
        }
        let Compiler { entities, dated, mut made, .. } = compiler;
        let (columns, expressions) = order.iter().filter_map(|name| made.remove(name)).unzip();
        Ok(Self {
            schema: schema.clone(),
            entities,
            dated,
            holidays: spec.holidays.clone(),
            columns,
            expressions,
        })
    }
}

/// The place of an item, put last if it is new.
fn place<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    match items.iter().position(|i| *i == item) {
        Some(place) => place,
        None => {
            items.push(item);
            items.len() - 1
        }
    }
}
