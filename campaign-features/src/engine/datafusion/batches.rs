//! What comes out of DataFusion, batch by batch.

use datafusion::arrow::array::RecordBatch;
use datafusion::physical_plan::SendableRecordBatchStream;
use futures::TryStreamExt;

use super::run::failed;
use crate::engine::EngineError;

/// A stream of at least one batch: an empty result still has columns.
pub(super) struct Batches {
    stream: SendableRecordBatchStream,
    any: bool,
}

impl Batches {
    pub(super) fn new(stream: SendableRecordBatchStream) -> Self {
        Self { stream, any: false }
    }

    /// The next batch; `step` names what an error interrupts.
    pub(super) async fn next(
        &mut self,
        step: &'static str,
    ) -> Result<Option<RecordBatch>, EngineError> {
        let batch = self.stream.try_next().await.map_err(failed(step))?;
        let first = !std::mem::replace(&mut self.any, true);
        Ok(batch.or_else(|| first.then(|| RecordBatch::new_empty(self.stream.schema()))))
    }
}
