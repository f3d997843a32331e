//! Jobs that lose or repeat rows, as a cluster may: the replay runs in this process over tampered
//! rows, or its output is tampered with.

use std::sync::Arc;
use std::time::{Duration, Instant};

use datafusion::arrow::array::{Array, RecordBatch};
use datafusion::dataframe::DataFrame;
use datafusion::error::DataFusionError;
use datafusion::logical_expr::{ident, lit};
use datafusion::physical_plan::execute_stream;
use datafusion::prelude::{ParquetReadOptions, SessionContext};
use futures::stream::iter;
use futures::{StreamExt, TryStreamExt};

use super::super::client::count;
use super::{Patience, again, take};
use crate::engine::EngineError;
use crate::engine::arrow::{request_batches, source_batches, write_parquet};
use crate::engine::datafusion::{
    DataFusionEngine, Ledger, ParquetInput, Program, Spool, failed, on_threads, tables,
};
use crate::feature::FeatureError;
use crate::feature::source::{Row, SourcesBuilder, Unit};
use crate::feature::spec::FeatureSpec;

const DAY: i64 = 86_400_000_000;

/// A job's rows and what was counted of them.
struct Job {
    context: SessionContext,
    program: Arc<Program>,
    rows: DataFrame,
    sent: Ledger,
    _dir: tempfile::TempDir,
}

/// Forty ads over thirty days, one request for each ad-day.
async fn job() -> Job {
    let mut builder = SourcesBuilder::new(["ad"]).unwrap();
    let ads = builder.source("ads", &["ad"], &[("clicks", Unit::Count)], &[]).unwrap();
    for n in 0..40 * 30 {
        let (name, day) = (format!("ad {}", n % 40), n / 40);
        ads.push(&Row {
            keys: &[Some(&name)],
            day,
            known_at: i64::from(day + 1) * DAY,
            fact: None,
            measures: &[Some(5)],
            attributes: &[],
        })
        .unwrap();
    }
    let sources = builder.finish().unwrap();
    let mut requests = sources.requests();
    for (&key, &day) in sources.sources[0].keys[0].iter().zip(&sources.sources[0].day) {
        requests.push(&[key], day, i64::from(day) * DAY).unwrap();
    }
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    let events = source_batches(&sources, &sources.sources[0], 100).unwrap();
    write_parquet(&path("ads.parquet"), events).unwrap();
    let asked = request_batches(&sources, &requests, 100).unwrap();
    write_parquet(&path("asked.parquet"), asked).unwrap();
    let input = ParquetInput::new([path("asked.parquet").to_string_lossy()])
        .with_source("ads", [path("ads.parquet").to_string_lossy()]);
    let spec = FeatureSpec::from_toml(
        "[[features]]\nkind = \"aggregate\"\nentity = \"ad\"\nsource = \"ads\"\n\
         statistic = \"sum\"\nmeasure = \"clicks\"\nwindow = \"7d\"\n",
    )
    .unwrap();
    let context = DataFusionEngine::new().with_partitions(4).context().unwrap();
    let plan = spec.compile(&sources.schema()).unwrap();
    let program = Program::all(&spec, &plan).unwrap().remove(0);
    let horizon = tables::horizon(&context, &input).await.unwrap();
    let rows = tables::rows(&context, &input, &program, horizon).await.unwrap();
    let scan = rows.clone().create_physical_plan().await.unwrap();
    let sent = count(&context, scan, &program).await.unwrap();
    Job { context, program, rows, sent, _dir: dir }
}

impl Job {
    /// What the operator gives over these rows.
    async fn output(&self, rows: DataFrame) -> Vec<RecordBatch> {
        let plan = tables::replay(rows, Arc::clone(&self.program), 4, true).await.unwrap();
        let stream = execute_stream(plan, self.context.task_ctx()).unwrap();
        stream.try_collect().await.unwrap()
    }

    async fn take(&self, output: Vec<RecordBatch>) -> Result<Spool, EngineError> {
        let spool = Spool::new(&self.context)?;
        take(iter(output).map(Ok::<_, DataFusionError>), 1, &self.sent, spool).await
    }

    /// What is wrong with the replay of these rows.
    async fn fault(&self, rows: DataFrame) -> (String, i64, i64) {
        fault(self.take(self.output(rows).await).await)
    }
}

fn fault(result: Result<Spool, EngineError>) -> (String, i64, i64) {
    match result {
        Err(EngineError::Unbalanced { what, expected, got, .. }) => (what, expected, got),
        Err(error) => panic!("{error}"),
        Ok(_) => panic!("a tampered job was taken"),
    }
}

fn run(test: impl Future<Output = ()> + Send) {
    on_threads(async {
        test.await;
        Ok(())
    })
    .unwrap();
}

#[test]
fn a_whole_job_is_taken() {
    run(async {
        let job = job().await;
        let spool = job.take(job.output(job.rows.clone()).await).await.unwrap();
        assert!(spool.path.exists());
    });
}

#[test]
fn rows_that_reach_the_operator_twice_or_not_at_all_are_seen() {
    run(async {
        let job = job().await;
        let (all, one) = (&job.rows, || ident("key").eq(lit("ad 7")));
        let twice = all.clone().union(all.clone().filter(one()).unwrap()).unwrap();
        // What is known only after the last cutoff, a day of the thirty, is not even read.
        assert_eq!(job.fault(twice).await, ("events".into(), 29, 58));
        let short = all.clone().filter(one().is_not_true()).unwrap();
        assert_eq!(job.fault(short).await, ("events".into(), 29, 0));
        // As many events and requests, and the same sums, but not the same rows.
        let day =
            |day: i32| ident("day").eq(lit(datafusion::common::ScalarValue::Date32(Some(day))));
        let again = all.clone().filter(one().and(day(3))).unwrap();
        let kept = all.clone().filter(one().and(day(4)).is_not_true()).unwrap();
        assert_eq!(job.fault(kept.union(again).unwrap()).await.0, "digest of events");
        let requests = all.clone().filter(one().and(ident("source").eq(lit(-1)))).unwrap();
        let asked_twice = all.clone().union(requests).unwrap();
        assert_eq!(job.fault(asked_twice).await, ("requests".into(), 30, 60));
    });
}

#[test]
fn results_that_come_back_twice_or_not_at_all_are_seen() {
    run(async {
        let job = job().await;
        let output = job.output(job.rows.clone()).await;
        let rows: usize = output.iter().map(|batch| batch.num_rows()).sum();
        for at in 0..output.len() {
            let mut short = output.clone();
            let part = short.remove(at);
            fault(job.take(short).await);
            let mut twice = output.clone();
            twice.push(part.clone());
            fault(job.take(twice).await);
            // The ledger comes once and says that all is well; a result is lost or comes twice.
            let values: Vec<usize> =
                (0..part.num_rows()).filter(|&row| part.column(0).is_valid(row)).collect();
            let (Some(&first), Some(&second)) = (values.first(), values.get(1)) else { continue };
            let mut more = output.clone();
            more.push(part.slice(first, 1));
            let expected = 40 * 30;
            assert_eq!(fault(job.take(more).await), ("results".into(), expected, expected + 1));
            let mut other = output.clone();
            let before = part.slice(0, second);
            let after = part.slice(second + 1, part.num_rows() - second - 1);
            other.splice(at..=at, [before, part.slice(first, 1), after]);
            assert_eq!(other.iter().map(|batch| batch.num_rows()).sum::<usize>(), rows);
            assert_eq!(fault(job.take(other).await).0, "digest of results");
        }
    });
}

#[test]
fn a_job_that_does_not_balance_is_begun_anew_and_then_refused() {
    run(async {
        let job = job().await;
        let whole = job.output(job.rows.clone()).await;
        let mut tampered = whole.clone();
        tampered.push(whole[0].clone());
        let patience = Patience { attempts: 3, until: Instant::now() + Duration::from_secs(60) };

        // The second attempt is whole.
        let (mut jobs, mut failures) = (0, Vec::new());
        let next = || {
            jobs += 1;
            job.take(if jobs == 2 { whole.clone() } else { tampered.clone() })
        };
        let mut note = |n, error: &EngineError| failures.push((n, error.to_string()));
        let spool = again(patience, &mut note, next).await.unwrap();
        let any_name = ParquetReadOptions::default().file_extension("");
        let path = spool.path.to_string_lossy();
        let table = job.context.read_parquet(&*path, any_name).await.unwrap();
        let got = table.filter(ident("request").is_not_null()).unwrap();
        assert_eq!(got.count().await.unwrap(), 40 * 30);
        assert_eq!((jobs, failures.len()), (2, 1));
        assert!(failures[0].0 == 1 && failures[0].1.contains("going in"), "{failures:?}");

        // None is.
        let mut jobs = 0;
        let next = || {
            jobs += 1;
            job.take(tampered.clone())
        };
        match again(patience, &mut |_, _| {}, next).await {
            Err(EngineError::Cluster { attempts: 3, last }) => {
                assert!(matches!(*last, EngineError::Unbalanced { .. }), "{last}");
            }
            other => panic!("{:?}", other.err()),
        }
        assert_eq!(jobs, 3);

        // An error of the replay itself is not tried again.
        let refused = || async {
            let error = Box::new(FeatureError::Parse("x".into()));
            Err(failed("cluster job")(DataFusionError::External(error)))
        };
        assert!(matches!(
            again(patience, &mut |_, _| {}, refused).await,
            Err(EngineError::Feature(_))
        ));
    });
}
