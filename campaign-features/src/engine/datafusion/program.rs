//! A plan as text that any process can run.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;
#[cfg(feature = "ballista")]
use std::sync::{Mutex, OnceLock};

use campaign_core::Error;
use datafusion::error::{DataFusionError, Result};
use serde::{Deserialize, Serialize};

use crate::feature::FeatureError;
use crate::feature::plan::{EntityEvents, EntityPlan, EntityRequests, Plan, ReplayScratch, replay};
use crate::feature::source::Columns;
use crate::feature::spec::{FeatureSpec, Schema};

/// One entity kind of a plan, with the text it was compiled from.
#[derive(Debug)]
pub(crate) struct Program {
    #[cfg_attr(not(feature = "ballista"), allow(dead_code, reason = "a cluster is sent it"))]
    text: String,
    plan: Plan,
    entity: usize,
    shape: Shape,
}

/// What stands in the text.
#[derive(Debug, Serialize, Deserialize)]
struct Text {
    entity: usize,
    schema: Schema,
    spec: FeatureSpec,
}

/// The columns of events.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) sources: Vec<SourceShape>,
    /// The most measures and attributes of any source.
    pub(crate) measures: usize,
    pub(crate) attributes: usize,
}

/// The codes of an attribute's values.
type Codes = HashMap<Arc<str>, u32>;

/// The columns of one source.
#[derive(Debug)]
pub(crate) struct SourceShape {
    pub(crate) measures: usize,
    /// Names, and the codes of their values.
    pub(crate) attributes: Vec<(Arc<str>, Codes)>,
}

impl Shape {
    fn new(schema: &Schema, entity: &EntityPlan) -> Self {
        let sources: Vec<SourceShape> = (schema.sources.iter().enumerate())
            .map(|(index, source)| {
                // Of a source that is not used no column is read.
                let used = entity.uses(index);
                let attributes = source.attributes.iter().filter(|_| used);
                SourceShape {
                    measures: if used { source.measures.len() } else { 0 },
                    attributes: attributes
                        .map(|a| {
                            let codes = a.vocabulary.iter().cloned().zip(0u32..).collect();
                            (Arc::clone(&a.name), codes)
                        })
                        .collect(),
                }
            })
            .collect();
        Self {
            measures: sources.iter().map(|s| s.measures).max().unwrap_or(0),
            attributes: sources.iter().map(|s| s.attributes.len()).max().unwrap_or(0),
            sources,
        }
    }

    pub(crate) fn source(&self, source: i32) -> Result<(usize, &SourceShape)> {
        let unknown = || {
            let n = self.sources.len();
            DataFusionError::Execution(format!("replay: source {source} of {n}"))
        };
        let index = usize::try_from(source).map_err(|_| unknown())?;
        Ok((index, self.sources.get(index).ok_or_else(unknown)?))
    }

    pub(crate) fn code(&self, source: usize, attribute: usize, value: &str) -> Result<u32> {
        let attribute = self.sources.get(source).and_then(|s| s.attributes.get(attribute));
        let code = attribute.and_then(|(_, codes)| codes.get(value));
        code.copied().ok_or_else(|| unknown(attribute.map_or("", |(name, _)| name), value))
    }
}

/// A value of an attribute that its schema does not have.
pub(super) fn unknown(attribute: &str, value: &str) -> DataFusionError {
    DataFusionError::Execution(format!(
        "replay: {value:?} is not in the schema's vocabulary of {attribute:?}"
    ))
}

/// The plan of a spec over the measures that it needs: others are not read, moved or compared.
pub(crate) fn compile(spec: &FeatureSpec, schema: &Schema) -> Result<Plan, FeatureError> {
    let plan = spec.compile(schema)?;
    let mut narrow = schema.clone();
    for (s, source) in narrow.sources.iter_mut().enumerate() {
        let mut needed = (0..source.measures.len())
            .map(|m| plan.entities().iter().any(|entity| entity.uses_measure(s, m)));
        source.measures.retain(|_| needed.next() == Some(true));
    }
    spec.compile(&narrow)
}

impl Program {
    /// One program per entity kind of a spec's plan.
    pub(crate) fn all(spec: &FeatureSpec, plan: &Plan) -> Result<Vec<Arc<Self>>, FeatureError> {
        let parse = |error: toml::ser::Error| FeatureError::Parse(error.to_string());
        (0..plan.entities().len())
            .map(|entity| {
                let text = Text { entity, schema: plan.schema().clone(), spec: spec.clone() };
                let text = toml::to_string(&text).map_err(parse)?;
                Ok(Arc::new(Self::of(text, plan.clone(), entity)?))
            })
            .collect()
    }

    fn of(text: String, plan: Plan, entity: usize) -> Result<Self, FeatureError> {
        let Some(of) = plan.entities().get(entity) else {
            return Err(FeatureError::Kernel(Error::Length {
                what: "entities",
                got: plan.entities().len(),
                expected: entity + 1,
            }));
        };
        let shape = Shape::new(plan.schema(), of);
        Ok(Self { text, entity, shape, plan })
    }

    #[cfg(feature = "ballista")]
    fn parse(text: &str) -> Result<Self, FeatureError> {
        let wrong = |error: toml::de::Error| FeatureError::Parse(error.to_string());
        let Text { entity, schema, spec } = toml::from_str(text).map_err(wrong)?;
        Self::of(text.to_owned(), spec.compile(&schema)?, entity)
    }

    /// The program of a text. The latest few are kept: a process reads the same one per task.
    #[cfg(feature = "ballista")]
    pub(crate) fn cached(text: &str) -> Result<Arc<Self>> {
        static KEPT: OnceLock<Mutex<Vec<Arc<Program>>>> = OnceLock::new();
        let mut kept = KEPT
            .get_or_init(Mutex::default)
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(program) = kept.iter().find(|program| program.text == text) {
            return Ok(Arc::clone(program));
        }
        let program = Arc::new(Self::parse(text).map_err(external)?);
        if kept.len() >= MOST_KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&program));
        Ok(program)
    }

    #[cfg(feature = "ballista")]
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    fn entity(&self) -> Option<&EntityPlan> {
        self.plan.entities().get(self.entity)
    }

    /// How many values a request gets.
    pub(crate) fn width(&self) -> usize {
        self.entity().map_or(0, EntityPlan::n_reads)
    }

    /// The column of keys.
    pub(crate) fn kind(&self) -> &str {
        self.entity().map_or("", EntityPlan::name)
    }

    pub(crate) fn uses(&self, source: usize) -> bool {
        self.entity().is_some_and(|entity| entity.uses(source))
    }

    pub(crate) fn schema(&self) -> &Schema {
        self.plan.schema()
    }

    pub(crate) fn shape(&self) -> &Shape {
        &self.shape
    }

    pub(crate) fn runner(&self) -> Runner {
        Runner { plans: Vec::new(), scratch: ReplayScratch::new() }
    }
}

/// Programs that a process keeps.
#[cfg(feature = "ballista")]
const MOST_KEPT: usize = 16;

/// What replays key after key.
pub(crate) struct Runner {
    /// The plan over 1, 2, 4, ... days, as far as they were needed.
    plans: Vec<Option<EntityPlan>>,
    scratch: ReplayScratch,
}

impl Runner {
    /// Replays one key: rows of each source, and days and cutoffs of requests. `out` has the
    /// program's width of entries per request.
    pub(crate) fn run(
        &mut self,
        program: &Program,
        sources: &[Columns<'_>],
        rows: &[Range<usize>],
        (day, cutoff): (&[i32], &[i64]),
        out: &mut [f64],
    ) -> Result<()> {
        let Some(entity) = program.entity() else { return Ok(()) };
        let span = match (day.iter().min(), day.iter().max()) {
            (Some(&first), Some(&last)) => (i64::from(last) - i64::from(first)) as usize,
            _ => 0,
        };
        let days = (span + entity.reach() as usize + 1).next_power_of_two();
        let place = days.trailing_zeros() as usize;
        if self.plans.len() <= place {
            self.plans.resize(place + 1, None);
        }
        let plan = match self.plans.get_mut(place) {
            Some(Some(plan)) => plan,
            Some(empty) => empty.insert(entity.with_days(days)),
            None => return Ok(()),
        };
        let events = EntityEvents { sources, rows };
        let requests = EntityRequests { day, cutoff };
        replay(plan, &events, &requests, &mut self.scratch, out).map_err(external)
    }
}

/// An error of ours on its way through DataFusion.
pub(crate) fn external(error: FeatureError) -> DataFusionError {
    DataFusionError::External(Box::new(error))
}
