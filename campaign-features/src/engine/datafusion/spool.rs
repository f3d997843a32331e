//! Values in a file until they are joined to their requests.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use datafusion::physical_plan::{ExecutionPlan, execute_stream_partitioned};
use datafusion::prelude::SessionContext;
use futures::StreamExt;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::run::failed;
use crate::engine::EngineError;
use crate::engine::arrow::ParquetFile;

/// A file for what comes back, gone when it is dropped.
pub(crate) struct Spool {
    pub(crate) path: PathBuf,
    /// Reserves the name in DataFusion's folder for temporary files, and removes it.
    _reserved: Box<dyn std::any::Any + Send + Sync>,
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
        // Every part sets memory aside when it is executed, which is before any of them sorts.
        let streams = execute_stream_partitioned(plan, context.task_ctx());
        let (send, mut batches) = mpsc::channel(2);
        let mut parts = JoinSet::new();
        for mut stream in streams.map_err(failed("replay"))? {
            let send = send.clone();
            parts.spawn(async move {
                while let Some(batch) = stream.next().await {
                    if send.send(batch).await.is_err() {
                        break;
                    }
                }
            });
        }
        drop(send);
        while let Some(batch) = batches.recv().await {
            file.write(&batch.map_err(failed("replay"))?)?;
        }
        while let Some(ended) = parts.join_next().await {
            ended.map_err(|_| EngineError::Thread)?;
        }
        file.finish()?;
        Ok(spool)
    }
}
