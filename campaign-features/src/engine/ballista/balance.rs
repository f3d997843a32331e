//! Takes what a job gives only if it balances, and begins it anew else.

use std::time::{Duration, Instant};

use datafusion::arrow::array::{AsArray, RecordBatch};
use datafusion::arrow::datatypes::UInt64Type;
use datafusion::error::DataFusionError;
use futures::{Stream, TryStreamExt};

use crate::engine::EngineError;
use crate::engine::arrow::ParquetFile;
use crate::engine::datafusion::{Ledger, Spool, failed};

/// How often a job is begun, and until when.
#[derive(Debug, Clone, Copy)]
pub(super) struct Patience {
    pub(super) attempts: usize,
    pub(super) until: Instant,
}

/// Is told the number of an attempt that failed, from 1, and why.
pub(super) type Failures<'a> = &'a mut (dyn FnMut(usize, &EngineError) + Send);

/// Begins a job until it gives a result that counts.
pub(super) async fn again<J: Future<Output = Result<Spool, EngineError>>>(
    patience: Patience,
    failures: Failures<'_>,
    mut job: impl FnMut() -> J,
) -> Result<Spool, EngineError> {
    let mut attempt = 1;
    loop {
        match job().await {
            Ok(spool) => return Ok(spool),
            // What the replay itself refuses, it refuses again.
            Err(EngineError::Feature(error)) => return Err(error.into()),
            Err(error) => {
                tracing::warn!(attempt, %error, "a cluster job failed");
                failures(attempt, &error);
                let pause = Duration::from_millis(500) * attempt as u32;
                if attempt >= patience.attempts || Instant::now() + pause >= patience.until {
                    let last = Box::new(error);
                    return Err(EngineError::Cluster { attempts: attempt, last });
                }
                tokio::time::sleep(pause).await;
                attempt += 1;
            }
        }
    }
}

/// Puts the values of a job into a file of this machine, if they balance with what was sent.
pub(super) async fn take(
    mut job: impl Stream<Item = Result<RecordBatch, DataFusionError>> + Unpin,
    measures: usize,
    sent: &Ledger,
    spool: Spool,
) -> Result<Spool, EngineError> {
    let mut file = ParquetFile::create(&spool.path);
    let mut seen = Ledger::new(measures);
    while let Some(batch) = job.try_next().await.map_err(failed("cluster job"))? {
        let internal = || EngineError::Engine {
            step: "cluster job",
            source: "its columns are not those that were asked for".into(),
        };
        let [requests, _, balance] = batch.columns() else { return Err(internal()) };
        let requests = requests.as_primitive_opt::<UInt64Type>().ok_or_else(internal)?;
        let balance = balance.as_binary_opt::<i32>().ok_or_else(internal)?;
        for bytes in balance.iter().flatten() {
            seen.add(&Ledger::from_bytes(measures, bytes).ok_or_else(internal)?);
        }
        requests.iter().flatten().for_each(|id| seen.result(id));
        file.write(&batch)?;
    }
    if let Some((bucket, what, expected, got)) = sent.difference(&seen) {
        return Err(EngineError::Unbalanced { bucket, what, expected, got });
    }
    let (expected, got) = (sent.asked(), seen.results());
    if expected.0 != got.0 {
        let what = "results".to_owned();
        return Err(EngineError::Unbalanced { bucket: 0, what, expected: expected.0, got: got.0 });
    }
    if expected.1 != got.1 {
        let what = "digest of results".to_owned();
        return Err(EngineError::Unbalanced { bucket: 0, what, expected: expected.1, got: got.1 });
    }
    file.finish()?;
    Ok(spool)
}

#[cfg(test)]
mod tests;
