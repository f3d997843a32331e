//! What was known of each cell on each day, and what the days that followed brought.

use campaign_core::Dataset;
use campaign_features::engine::local;
use campaign_features::feature::plan::Window;
use campaign_features::feature::source::{Decision, RECORDS, Requests, Sources};
use campaign_features::feature::spec::{Aggregate, Feature, FeatureSpec, Statistic};
use campaign_features::feature::{FeatureTable, Holidays};
use campaign_features::label::{LabelSpec, Target};
use jiff::Timestamp;
use jiff::civil::Date;

use super::config::Config;
use super::forecast::Question;
use crate::program::{Failure, OrFail as _};

/// The kind whose keys are those of the cells: the first that records name.
pub const AD: usize = 0;

/// Days without data after which an ad is not scored any more.
const RECENT_DAYS: u16 = 28;

/// Features of all days of all cells, and what more can be asked of the same sources.
#[derive(Debug)]
pub struct Features {
    /// The columns.
    pub spec: FeatureSpec,
    /// One row per cell and day that has data, made of what was known when the day began.
    pub table: FeatureTable,
    sources: Sources,
}

impl Features {
    /// Makes the table.
    ///
    /// # Errors
    /// [`Failure`] if facts contradict each other.
    pub fn new(sources: Sources, config: &Config) -> Result<Self, Failure> {
        let spec = spec(config);
        let requests = sources.record_days(&["ad"], &Decision::default()).or_fail("features")?;
        let table = table(&spec, &sources, requests)?;
        Ok(Self { spec, table, sources })
    }

    /// Features of every settled day of decision, with what the period from then on brought per spend,
    /// weighted by that spend.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn training(&self, question: &Question, now: Timestamp) -> Result<Dataset, Failure> {
        let return_on_spend =
            Target::Rate { numerator: question.response().into(), denominator: "spend".into() };
        let labels = LabelSpec::new("ad", RECORDS, return_on_spend)
            .with_horizon(question.days)
            .with_maturity(question.maturity)
            .at(&self.sources, self.table.requests(), now)
            .or_fail("labels")?;
        Ok(labels.training(&self.table).or_fail("rows to train on")?.data)
    }

    /// Features of a day that has no data yet, of every cell that lately had some, with the levels that
    /// the table has.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn to_score(&self, day: Date) -> Result<FeatureTable, Failure> {
        let decision = Decision::default();
        let requests = self.sources.scoring_days(&["ad"], day, RECENT_DAYS, &decision);
        table(&self.table.fixed(&self.spec), &self.sources, requests.or_fail("features to score")?)
    }
}

fn table(
    spec: &FeatureSpec,
    sources: &Sources,
    mut requests: Requests,
) -> Result<FeatureTable, Failure> {
    let doing = "features";
    for kind in ["channel", "creative"] {
        requests.resolve(sources, RECORDS, "ad", kind).or_fail(doing)?;
    }
    let plan = spec.compile(&sources.schema()).or_fail(doing)?;
    local::run(&plan, sources, &requests).or_fail(doing)
}

/// The usual features over one and four weeks, and what the shrunk rates remember for longer.
fn spec(config: &Config) -> FeatureSpec {
    let holidays = Holidays::new(config.holidays.iter().copied());
    let longer = |measure: &str| {
        let window = Window::trailing(56);
        let sum = Aggregate::new("ad", RECORDS, Statistic::Sum, measure, window);
        Feature::named(format!("{measure}_{window}"), sum)
    };
    FeatureSpec::of_ads(&[7, 28], &[1, 7], holidays)
        .with(longer("clicks"))
        .with(longer("conversions"))
}
