//! What Parquet files say about themselves.

use std::collections::BTreeSet;
use std::sync::Arc;

use datafusion::arrow::array::AsArray;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::{cast, ident};
use datafusion::prelude::{ParquetReadOptions, SessionContext};

use super::run::{DataFusionEngine, failed, on_threads};
use super::tables::ParquetInput;
use crate::engine::EngineError;
use crate::engine::arrow::Role;
use crate::feature::spec::{AttributeSchema, MeasureSchema, Schema, SourceSchema};

impl DataFusionEngine {
    /// The schema of the sources: entity kinds, measures with their units and attributes by the
    /// metadata of the columns, and every value that attributes take.
    ///
    /// Kinds stand in the order in which sources first name them. A schema that was made once, for
    /// training, is to be kept: one that is read again from other files may have other values.
    ///
    /// # Errors
    /// [`EngineError`].
    ///
    /// # Complexity
    /// Attributes are scanned once; of the rest only the footers of the files are read.
    pub fn schema(&self, input: &ParquetInput) -> Result<Schema, EngineError> {
        on_threads(async {
            let context = self.context()?;
            let mut schema = Schema::default();
            for (name, files) in &input.sources {
                let source = source(&context, name, files).await?;
                for kind in &source.kinds {
                    if !schema.kinds.contains(kind) {
                        schema.kinds.push(Arc::clone(kind));
                    }
                }
                schema.sources.push(source);
            }
            Ok(schema)
        })
    }
}

async fn source(
    context: &SessionContext,
    name: &Arc<str>,
    files: &[String],
) -> Result<SourceSchema, EngineError> {
    // The metadata of columns says what they are for.
    let options = ParquetReadOptions::default().skip_metadata(false);
    let table = context.read_parquet(files.to_vec(), options).await;
    let table = table.map_err(failed("reading sources"))?;
    let mut source = SourceSchema { name: Arc::clone(name), ..SourceSchema::default() };
    for field in table.schema().fields() {
        let column: Arc<str> = field.name().as_str().into();
        match Role::of(name, field)? {
            Role::Key => source.kinds.push(column),
            Role::Measure(unit) => source.measures.push(MeasureSchema { name: column, unit }),
            role @ (Role::Attribute | Role::Personal) => {
                let sensitive = role == Role::Personal;
                let vocabulary = Vec::new();
                source.attributes.push(AttributeSchema { name: column, vocabulary, sensitive });
            }
            Role::Other => {}
        }
    }
    for attribute in &mut source.attributes {
        let value = cast(ident(&*attribute.name), DataType::Utf8).alias("value");
        let values = async { table.clone().select(vec![value])?.distinct()?.collect().await };
        let mut known = BTreeSet::new();
        for batch in values.await.map_err(failed("reading attributes"))? {
            let column = batch.columns().first().and_then(|c| c.as_string_opt::<i32>());
            known.extend(column.into_iter().flatten().flatten().map(Arc::<str>::from));
        }
        attribute.vocabulary = known.into_iter().collect();
    }
    Ok(source)
}
