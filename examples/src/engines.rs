//! Which engine runs a plan, chosen on the command line.

use std::path::Path;
use std::str::FromStr;

use campaign_features::engine::local;
use campaign_features::feature::FeatureTable;
use campaign_features::feature::plan::Plan;
use campaign_features::feature::source::{Requests, Sources};
use campaign_features::feature::spec::FeatureSpec;

use crate::program::{Failure, OrFail as _};

/// What runs a plan; results are the same to the bit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Engine {
    /// Columns in memory.
    Local,
    /// DataFusion in this process, over Parquet files.
    #[cfg(feature = "datafusion")]
    DataFusion,
    /// The cluster whose scheduler is at this URL, over Parquet files.
    #[cfg(feature = "ballista")]
    Ballista(String),
}

impl FromStr for Engine {
    type Err = Failure;

    fn from_str(text: &str) -> Result<Self, Failure> {
        match (text, text.strip_prefix("ballista://")) {
            ("local", _) => Ok(Self::Local),
            #[cfg(feature = "datafusion")]
            ("datafusion", _) => Ok(Self::DataFusion),
            #[cfg(feature = "ballista")]
            (_, Some(at)) if !at.is_empty() => Ok(Self::Ballista(format!("http://{at}"))),
            #[cfg(not(feature = "datafusion"))]
            ("datafusion", _) => Err(without("datafusion")),
            #[cfg(not(feature = "ballista"))]
            (_, Some(at)) if !at.is_empty() => Err(without("ballista")),
            _ => Err(Failure::new(format_args!(
                "there is no engine {text:?}: local, datafusion or ballista://HOST:PORT"
            ))),
        }
    }
}

#[cfg(not(all(feature = "datafusion", feature = "ballista")))]
fn without(feature: &str) -> Failure {
    Failure::new(format_args!(
        "this build has no engine {feature}: build with `--features {feature}`"
    ))
}

impl Engine {
    /// The features of every request. Engines other than the local one read Parquet files, which are
    /// written to a folder of their own in `shared` and removed in the end.
    ///
    /// # Errors
    /// In words.
    pub fn run(
        &self,
        spec: &FeatureSpec,
        plan: &Plan,
        sources: &Sources,
        requests: &Requests,
        shared: Option<&Path>,
    ) -> Result<FeatureTable, Failure> {
        #[cfg(feature = "datafusion")]
        if *self != Self::Local && !requests.is_empty() {
            return self.over_files(spec, sources, requests, shared);
        }
        let _ = (spec, shared);
        local::run(plan, sources, requests).or_fail("features")
    }

    #[cfg(feature = "datafusion")]
    fn over_files(
        &self,
        spec: &FeatureSpec,
        sources: &Sources,
        requests: &Requests,
        shared: Option<&Path>,
    ) -> Result<FeatureTable, Failure> {
        use campaign_features::engine::arrow::{request_batches, source_batches, write_parquet};
        use campaign_features::engine::datafusion::{DataFusionEngine, ParquetInput};

        let doing = "files for the engine";
        let folder = match shared {
            Some(shared) => tempfile::tempdir_in(shared),
            None => tempfile::tempdir(),
        };
        let folder = folder.or_fail(doing)?;
        let asked = folder.path().join("requests.parquet");
        let batches = request_batches(sources, requests, ROW_GROUP).or_fail(doing)?;
        write_parquet(&asked, batches).or_fail(doing)?;
        let mut input = ParquetInput::new([asked.to_string_lossy()]);
        for (index, source) in sources.sources.iter().enumerate() {
            if source.is_empty() {
                continue;
            }
            let path = folder.path().join(format!("source-{index}.parquet"));
            let batches = source_batches(sources, source, ROW_GROUP).or_fail(doing)?;
            write_parquet(&path, batches).or_fail(doing)?;
            input = input.with_source(&source.name, [path.to_string_lossy()]);
        }
        let schema = sources.schema();
        match self {
            #[cfg(feature = "ballista")]
            Self::Ballista(url) => {
                let engine = campaign_features::engine::ballista::BallistaEngine::new(url);
                engine.run(spec, &schema, &input).or_fail("the cluster")
            }
            _ => DataFusionEngine::new().run(spec, &schema, &input).or_fail("features"),
        }
    }
}

/// Rows of one row group.
#[cfg(feature = "datafusion")]
const ROW_GROUP: usize = 1 << 17;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn engines_have_names() {
        assert_eq!("local".parse::<Engine>().unwrap(), Engine::Local);
        for wrong in ["", "Local", "ballista://", "spark"] {
            let error = wrong.parse::<Engine>().unwrap_err().to_string();
            assert!(error.contains("local, datafusion or ballista://HOST:PORT"), "{error}");
        }
        let file = "datafusion".parse::<Engine>();
        assert_eq!(file.is_ok(), cfg!(feature = "datafusion"));
        let cluster = "ballista://127.0.0.1:50050".parse::<Engine>();
        assert_eq!(cluster.is_ok(), cfg!(feature = "ballista"));
        for error in [file.err(), cluster.err()].into_iter().flatten() {
            assert!(error.to_string().contains("--features"), "{error}");
        }
    }
}
