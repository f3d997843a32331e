//! Where features go: into a file or into memory.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::compute::cast;
use datafusion::arrow::datatypes::{DataType, Schema as ArrowSchema};

use super::run::failed;
use crate::engine::EngineError;
use crate::engine::arrow::{ParquetFile, feature_array, feature_field, push_requests};
use crate::feature::FeatureTable;
use crate::feature::plan::Plan;
use crate::feature::source::Sources;

/// Where rows of features go.
pub(crate) trait Sink: Send {
    /// Takes requests and, row by row, their features.
    fn take(&mut self, requests: &RecordBatch, features: &[f64]) -> Result<(), EngineError>;
}

/// Writes what `fill` hands on to a file, and says how many rows it has.
pub(crate) fn file(
    plan: &Plan,
    path: &Path,
    fill: impl FnOnce(&mut dyn Sink) -> Result<u64, EngineError>,
) -> Result<u64, EngineError> {
    let mut features = Features { file: ParquetFile::create(path), plan };
    fill(&mut features)?;
    features.file.finish()
}

/// Keeps what `fill` hands on.
pub(crate) fn table(
    plan: &Plan,
    fill: impl FnOnce(&mut dyn Sink) -> Result<u64, EngineError>,
) -> Result<FeatureTable, EngineError> {
    let mut rows = Collected::default();
    fill(&mut rows)?;
    rows.table(plan)
}

/// Features on their way into a file.
struct Features<'a> {
    file: ParquetFile<'a>,
    plan: &'a Plan,
}

impl Sink for Features<'_> {
    fn take(&mut self, requests: &RecordBatch, features: &[f64]) -> Result<(), EngineError> {
        let mut fields: Vec<_> = requests.schema().fields().iter().cloned().collect();
        let mut columns = requests.columns().to_vec();
        let width = self.plan.columns().len();
        for (c, column) in self.plan.columns().iter().enumerate() {
            fields.push(Arc::new(feature_field(column)));
            let values = features.iter().skip(c).step_by(width).copied();
            columns.push(feature_array(column, values)?);
        }
        let batch = RecordBatch::try_new(Arc::new(ArrowSchema::new(fields)), columns);
        self.file.write(&batch.map_err(|error| failed("features")(error.into()))?)
    }
}

/// Features in memory.
#[derive(Default)]
struct Collected {
    requests: Vec<RecordBatch>,
    values: Vec<f64>,
}

impl Sink for Collected {
    fn take(&mut self, requests: &RecordBatch, features: &[f64]) -> Result<(), EngineError> {
        self.requests.push(requests.clone());
        self.values.extend_from_slice(features);
        Ok(())
    }
}

impl Collected {
    fn table(self, plan: &Plan) -> Result<FeatureTable, EngineError> {
        let kinds = plan.schema().kinds.clone();
        let mut names = Vec::new();
        for kind in &kinds {
            let mut known = BTreeSet::new();
            for column in self.requests.iter().filter_map(|batch| batch.column_by_name(kind)) {
                let text = cast(column, &DataType::Utf8);
                let text = text.map_err(|error| failed("requests")(error.into()))?;
                let keys = text.as_string_opt::<i32>().into_iter().flatten().flatten();
                known.extend(keys.map(Arc::<str>::from));
            }
            names.push(known.into_iter().collect());
        }
        let sources = Sources { kinds, names, sources: Vec::new() };
        let mut requests = sources.requests();
        for batch in &self.requests {
            push_requests(&sources, &mut requests, batch)?;
        }
        Ok(FeatureTable::new(plan, &sources, requests.into(), self.values)?)
    }
}
