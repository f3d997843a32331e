//! One job on a cluster: submitted, waited for, fetched, and given up where it has to be.

use std::sync::Arc;
use std::time::Duration;

use ballista_core::client::BallistaClient;
use ballista_core::config::BallistaConfig;
use ballista_core::serde::protobuf::execute_query_params::Query;
use ballista_core::serde::protobuf::scheduler_grpc_client::SchedulerGrpcClient;
use ballista_core::serde::protobuf::{
    CancelJobParams, CleanJobDataParams, ExecuteQueryParams, GetJobStatusParams, KeyValuePair,
    PartitionLocation, execute_query_result, job_status::Status,
};
use ballista_core::utils::{GrpcClientConfig, create_grpc_client_endpoint};
use ballista_core::version::insert_version_header;
use datafusion::arrow::array::RecordBatch;
use datafusion::error::DataFusionError;
use datafusion::physical_plan::ExecutionPlan;
use datafusion::prelude::SessionConfig;
use datafusion_proto::physical_plan::AsExecutionPlan;
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::{Stream, StreamExt, TryStreamExt};
use tonic::transport::Channel;

use super::codec::Codec;
use crate::engine::error::failed;
use crate::engine::{Cause, EngineError};

/// A job that the scheduler has taken.
///
/// Ballista's own client keeps to itself which job it waits for, so that one that is given up cannot
/// be cancelled.
#[derive(Debug, Clone)]
pub(super) struct Job {
    scheduler: SchedulerGrpcClient<Channel>,
    id: String,
}

impl Job {
    /// Hands a plan to the scheduler at a URL.
    pub(super) async fn submit(
        url: &str,
        plan: Arc<dyn ExecutionPlan>,
        config: &SessionConfig,
    ) -> Result<Self, EngineError> {
        let grpc = BallistaConfig::default();
        let endpoint = create_grpc_client_endpoint(url.to_owned(), Some(&(&grpc).into()));
        let channel = endpoint.map_err(step)?.connect().await.map_err(step)?;
        let most = grpc.grpc_client_max_message_size();
        let mut scheduler = SchedulerGrpcClient::new(channel)
            .max_encoding_message_size(most)
            .max_decoding_message_size(most);

        let mut bytes = Vec::new();
        PhysicalPlanNode::try_from_physical_plan(plan, &Codec::default())
            .and_then(|plan| plan.try_encode(&mut bytes))
            .map_err(step)?;
        let settings = config.options().entries().into_iter();
        let settings = settings.map(|entry| KeyValuePair { key: entry.key, value: entry.value });
        let name = name();
        let mut request = tonic::Request::new(ExecuteQueryParams {
            query: Some(Query::PhysicalPlan(bytes)),
            settings: settings.collect(),
            session_id: name.clone(),
            operation_id: name,
        });
        insert_version_header(request.metadata_mut());
        let answer = scheduler.execute_query(request).await.map_err(step)?.into_inner();
        match answer.result {
            Some(execute_query_result::Result::Success(taken)) => {
                Ok(Self { scheduler, id: taken.job_id })
            }
            refused => Err(step(format!("the scheduler refused the job: {refused:?}"))),
        }
    }

    /// Waits for the end, and gives what came out.
    pub(super) async fn output(
        &mut self,
    ) -> Result<impl Stream<Item = Result<RecordBatch, DataFusionError>> + Unpin + use<>, EngineError>
    {
        loop {
            let asked = GetJobStatusParams { job_id: self.id.clone() };
            let answer = self.scheduler.get_job_status(asked).await.map_err(step)?.into_inner();
            match answer.status.and_then(|job| job.status) {
                Some(Status::Failed(job)) => return Err(step(job.error)),
                Some(Status::Successful(job)) => {
                    let parts = futures::stream::iter(job.partition_location);
                    return Ok(Box::pin(parts.then(fetch).try_flatten()));
                }
                _ => tokio::time::sleep(POLL).await,
            }
        }
    }

    /// Lets the cluster forget what it holds of a job that has ended.
    pub(super) async fn clean(mut self) {
        let ended = CleanJobDataParams { job_id: self.id, remove_stage_ids: Vec::new() };
        let told = tokio::time::timeout(PATIENCE, self.scheduler.clean_job_data(ended)).await;
        if !matches!(told, Ok(Ok(_))) {
            tracing::warn!("the scheduler was not told that a job's data is of no more use");
        }
    }

    /// Ends a job whose output is of no use: what it runs comes to its end, nothing more is begun.
    pub(super) async fn cancel(mut self) {
        let given_up = CancelJobParams { job_id: self.id };
        let told = tokio::time::timeout(PATIENCE, self.scheduler.cancel_job(given_up)).await;
        if !matches!(told, Ok(Ok(_))) {
            tracing::warn!("the scheduler was not told that a job was given up");
        }
    }
}

/// Between two questions whether a job has ended.
const POLL: Duration = Duration::from_millis(50);

/// How long a scheduler that may be gone is talked to.
const PATIENCE: Duration = Duration::from_secs(2);

/// One part of the output, from the executor that has it.
async fn fetch(
    part: PartitionLocation,
) -> Result<impl Stream<Item = Result<RecordBatch, DataFusionError>>, DataFusionError> {
    let layout = part.layout();
    let nowhere = || DataFusionError::Internal("a part of the output is nowhere".to_owned());
    let executor = part.executor_meta.ok_or_else(nowhere)?;
    let id = part.partition_id.ok_or_else(nowhere)?.into();
    let port = u16::try_from(executor.port).map_err(|_| nowhere())?;
    let GrpcClientConfig { max_message_size, io_retries_times, io_retry_wait_time_ms, .. } =
        (&BallistaConfig::default()).into();
    let client = BallistaClient::try_new(
        &executor.host,
        port,
        max_message_size,
        false,
        None,
        io_retries_times,
        io_retry_wait_time_ms,
        0,
        0,
    );
    let mut client = client.await.map_err(|error| error.into_datafusion())?;
    let part = client.fetch_partition(&executor.id, &id, part.file_id, layout, true).await;
    part.map_err(|error| error.into_datafusion())
}

fn step(error: impl Into<Cause>) -> EngineError {
    failed("cluster job")(error)
}

/// A name that no other job of any client has.
fn name() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};
    static NEXT: AtomicU64 = AtomicU64::new(0);
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_nanos());
    format!("campaign-{}-{now}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}
