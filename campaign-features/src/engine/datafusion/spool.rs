//! Values in a file until they are joined to their requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, execute_stream};
use datafusion::prelude::SessionContext;
use futures::TryStreamExt;

use super::run::failed;
use crate::engine::EngineError;
use crate::engine::arrow::ParquetFile;

/// A file for what comes back, gone when it is dropped.
pub(crate) struct Spool {
    pub(crate) path: PathBuf,
    /// Reserves the name in DataFusion's folder for temporary files, and removes it.
    _reserved: Box<dyn std::any::Any + Send>,
}

impl Spool {
    pub(crate) fn new(context: &SessionContext) -> Result<Self, EngineError> {
        let reserved = context.runtime_env().disk_manager.create_tmp_file("replay on a cluster");
        let reserved = reserved.map_err(failed("spooling"))?;
        let path = reserved.path().map(Path::to_path_buf).ok_or_else(|| EngineError::Engine {
            step: "spooling",
            source: "temporary files have no path".into(),
        })?;
        Ok(Self { path, _reserved: Box::new(reserved) })
    }

    /// Runs a plan to its end, so that it holds no memory while others run.
    pub(crate) async fn fill(
        context: &SessionContext,
        plan: Arc<dyn ExecutionPlan>,
    ) -> Result<Self, EngineError> {
        let spool = Self::new(context)?;
        let mut file = ParquetFile::create(&spool.path);
        let stream = execute_stream(plan, context.task_ctx());
        let mut stream = stream.map_err(failed("replay"))?;
        while let Some(batch) = stream.try_next().await.map_err(failed("replay"))? {
            file.write(&batch)?;
        }
        file.finish()?;
        Ok(spool)
    }
}
