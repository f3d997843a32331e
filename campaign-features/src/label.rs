//! What rows came to, and whether that is final enough to learn from.

use std::sync::Arc;

use campaign_core::Dataset;
use jiff::Timestamp;
use jiff::civil::Time;
use jiff::tz::TimeZone;

use crate::engine::local;
use crate::feature::plan::Window;
use crate::feature::source::{Clock, NONE, Requests, Sources, ZONE};
use crate::feature::spec::{Aggregate, Feature, FeatureSpec, Statistic};
use crate::feature::{FeatureError, FeatureTable};

/// What a model is to predict.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "snake_case"))]
#[non_exhaustive]
pub enum Target {
    /// The total of a measure.
    Sum {
        /// The measure.
        measure: Arc<str>,
    },
    /// One total over another, weighted by the latter, so that the weighted mean of the targets is the
    /// rate over all rows.
    Rate {
        /// The measure that is divided; where nothing reports it, it counts 0.
        numerator: Arc<str>,
        /// The measure it is divided by.
        denominator: Arc<str>,
    },
}

/// A target of an entity over the days from the described day on.
///
/// A row's label is computed of the latest versions known at the instant that is asked for. A row is
/// **mature** once `maturity` whole days have passed between the end of its last day, in its account's
/// zone, and that instant: what comes later than that is not waited for. A row that is not mature has no
/// label.
///
/// # Examples
/// ```
/// use campaign_features::engine::local;
/// use campaign_features::feature::plan::Window;
/// use campaign_features::feature::source::{Decision, RecordSources};
/// use campaign_features::feature::spec::{Aggregate, FeatureSpec, Statistic};
/// use campaign_features::ingest::{Ingest, IngestConfig};
/// use campaign_features::label::{LabelSpec, Target};
///
/// let export = "Day,Ad ID,Amount spent (EUR),Impressions,Link clicks\n\
///               2026-05-04,7,2.5,900,1\n2026-05-05,7,2.5,900,3\n2026-05-06,7,2.5,900,5\n";
/// let mut ingest = Ingest::new(IngestConfig::new("acme"))?;
/// ingest.read_bytes("meta.csv", export.as_bytes());
/// let mut records = RecordSources::new()?;
/// for record in &ingest.finish()?.records {
///     records.push(record)?;
/// }
/// let sources = records.finish()?;
/// let requests = sources.record_days(&["ad"], &Decision::default())?;
/// let spend = Aggregate::new("ad", "records", Statistic::Sum, "spend", Window::lag(1));
/// let table = local::run(&FeatureSpec::new([spend]).compile(&sources.schema())?, &sources, &requests)?;
///
/// // The clicks of a day and the next, complete a day after.
/// let clicks = LabelSpec::new("ad", "records", Target::Sum { measure: "clicks".into() })
///     .with_horizon(2)
///     .with_maturity(1);
/// let labels = clicks.at(&sources, &requests, "2026-05-07T00:00:00Z".parse()?)?;
/// let training = labels.training(&table)?;
/// assert_eq!(training.data.target(), Some(&[4.0][..]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct LabelSpec {
    /// Whose.
    pub entity: Arc<str>,
    /// From which source.
    pub source: Arc<str>,
    /// What of it.
    pub target: Target,
    /// Over how many days, the described day the first.
    pub horizon: u16,
    /// How many days what happened needs to become known.
    pub maturity: u16,
    /// The zone of days, for rows whose source has no attribute `zone` or does not state it.
    pub zone: TimeZone,
}

impl LabelSpec {
    /// A target of the described day alone, complete when the day is over; days of UTC where a row names
    /// no zone.
    #[must_use]
    pub fn new(entity: impl Into<Arc<str>>, source: impl Into<Arc<str>>, target: Target) -> Self {
        let (entity, source) = (entity.into(), source.into());
        Self { entity, source, target, horizon: 1, maturity: 0, zone: TimeZone::UTC }
    }

    /// Over so many days, from 1 on.
    #[must_use]
    pub fn with_horizon(mut self, days: u16) -> Self {
        self.horizon = days;
        self
    }

    /// Complete so many days after the last one.
    #[must_use]
    pub fn with_maturity(mut self, days: u16) -> Self {
        self.maturity = days;
        self
    }

    /// The zone of days where rows name none.
    #[must_use]
    pub fn with_zone(mut self, zone: TimeZone) -> Self {
        self.zone = zone;
        self
    }

    /// The labels of these requests, as they are known at an instant.
    ///
    /// Where the facts of an entity name several zones, the zone in which its days end last counts.
    ///
    /// # Errors
    /// [`FeatureError::Unknown`] for a name that there is not, [`FeatureError::Spec`] for a horizon of 0
    /// days, [`FeatureError::Time`] at the ends of the calendar, and those of [`local::run`].
    ///
    /// # Complexity
    /// That of [`local::run`] for as many requests.
    pub fn at(
        &self,
        sources: &Sources,
        requests: &Requests,
        as_of: Timestamp,
    ) -> Result<Labels, FeatureError> {
        if self.horizon == 0 {
            let reason = "a horizon of 0 days, expected 1 at least".into();
            return Err(FeatureError::Spec { feature: "label".into(), reason });
        }
        let plan = self.spec().compile(&sources.schema())?;
        requests.check()?;
        let days = requests.described_days();
        let as_of = as_of.as_microsecond();
        // Seen from the day after its last one, a period is a trailing window.
        let after = |day: &i32| day.saturating_add(i32::from(self.horizon));
        let asked = Requests {
            keys: requests.keys.clone(),
            day: days.iter().map(after).collect(),
            cutoff: vec![as_of; days.len()],
            target_day: Vec::new(),
        };
        let table = local::run(&plan, sources, &asked)?;
        let column = |i: usize| table.values().column(i);
        let known = |total: usize| -> Vec<f64> {
            // A total is known to be 0 even where the period itself has no row.
            let (totals, reports) = (column(total), column(total + 1));
            let pairs = totals.iter().zip(reports);
            pairs.map(|(&total, &n)| if n > 0.0 { total } else { f64::NAN }).collect()
        };
        let below = known(0);
        let (values, weights) = match &self.target {
            Target::Sum { .. } => (below, None),
            Target::Rate { .. } => {
                let above =
                    known(2).into_iter().map(|total| if total.is_nan() { 0.0 } else { total });
                (above.zip(&below).map(|(above, below)| above / below).collect(), Some(below))
            }
        };
        let keys = sources.kind(&self.entity).and_then(|kind| requests.keys.get(kind));
        let keys = keys.filter(|keys| !keys.is_empty());
        let keys = keys.cloned().unwrap_or_else(|| vec![NONE; days.len()]);
        let ends = self.ends(sources, &keys, &asked.day)?;
        let mature = ends.into_iter().map(|end| end <= as_of).collect();
        Ok(Labels { requests: requests.clone(), values, weights, mature })
    }

    /// Per measure its total over the period and how many facts report it: that of the target, or of its
    /// denominator and its numerator.
    fn spec(&self) -> FeatureSpec {
        let measures = match &self.target {
            Target::Sum { measure } => vec![measure],
            Target::Rate { numerator, denominator } => vec![denominator, numerator],
        };
        let mut spec = FeatureSpec::default();
        for measure in measures {
            for statistic in [Statistic::Sum, Statistic::Count] {
                let (entity, source) = (Arc::clone(&self.entity), Arc::clone(&self.source));
                let window = Window::trailing(self.horizon);
                let total = Aggregate::new(entity, source, statistic, Arc::clone(measure), window);
                let name = spec.features.len().to_string();
                spec = spec.with(Feature::named(name, total));
            }
        }
        spec
    }

    /// The instants from which on rows are mature, by their entities and the days after their last ones.
    fn ends(
        &self,
        sources: &Sources,
        keys: &[u32],
        after: &[i32],
    ) -> Result<Vec<i64>, FeatureError> {
        let source = sources.sources.iter().find(|source| source.name == self.source);
        let zone = source.and_then(|source| {
            let at = source.attribute_names.iter().position(|name| &**name == ZONE)?;
            Some((source, source.attributes.get(at)?, source.vocabularies.get(at)?))
        });
        // Per entity the codes of the zones that its facts name.
        let names = sources.kind(&self.entity).and_then(|kind| sources.names.get(kind));
        let mut named: Vec<Vec<u32>> = vec![Vec::new(); names.map_or(0, Vec::len)];
        if let (Some((source, codes, _)), Some(kind)) = (zone, sources.kind(&self.entity)) {
            let owners = source.keys.get(kind).map_or(&[][..], Vec::as_slice);
            for (&owner, &code) in owners.iter().zip(codes) {
                if let Some(named) = named.get_mut(owner as usize)
                    && !named.contains(&code)
                {
                    named.push(code);
                }
            }
        }
        let vocabulary = zone.map_or(&[][..], |(_, _, vocabulary)| vocabulary.as_slice());
        let mut clock = Clock::new(&self.zone, Time::midnight(), vocabulary);
        let mut ends = Vec::with_capacity(keys.len());
        for (&key, &after) in keys.iter().zip(after) {
            let ripe = after.saturating_add(i32::from(self.maturity));
            let zones = named.get(key as usize).filter(|zones| !zones.is_empty());
            let mut end = i64::MIN;
            for &zone in zones.map_or(&[NONE][..], Vec::as_slice) {
                end = end.max(clock.at(zone, ripe)?);
            }
            ends.push(end);
        }
        Ok(ends)
    }
}

/// The labels of some requests.
///
/// # Units
/// Money in currency units, counts as numbers.
#[derive(Debug, Clone, PartialEq)]
pub struct Labels {
    requests: Requests,
    values: Vec<f64>,
    /// For a rate, its denominators.
    weights: Option<Vec<f64>>,
    mature: Vec<bool>,
}

/// Rows to train on.
#[derive(Debug, Clone, PartialEq)]
pub struct Training {
    /// Features, target, days, the keys of a kind as groups, and weights for a rate.
    pub data: Dataset,
    /// The rows of the table that these are.
    pub rows: Vec<usize>,
}

impl Labels {
    /// How many rows there are, labelled or not.
    #[must_use]
    pub fn n_rows(&self) -> usize {
        self.values.len()
    }

    /// Whether each row is mature.
    #[must_use]
    pub fn mature(&self) -> &[bool] {
        &self.mature
    }

    /// The target and weight of a row; `None` if it is not mature, no fact of its days reports the target,
    /// or a rate's denominator is not positive.
    #[must_use]
    pub fn get(&self, row: usize) -> Option<(f64, f64)> {
        let value = *self.values.get(row)?;
        let weight = self.weights.as_ref().map_or(Some(1.0), |w| w.get(row).copied())?;
        (*self.mature.get(row)? && value.is_finite() && weight > 0.0).then_some((value, weight))
    }

    /// The rows of a table that have a label, with it; groups are the keys of the first kind that the
    /// requests name.
    ///
    /// # Errors
    /// [`FeatureError::Labels`] if these are not the labels of the table's rows, and those of
    /// [`FeatureTable::to_dataset`].
    pub fn training(&self, table: &FeatureTable) -> Result<Training, FeatureError> {
        if *table.requests() != self.requests {
            return Err(FeatureError::Labels);
        }
        let labelled: Vec<(usize, f64, f64)> = (0..self.n_rows())
            .filter_map(|row| self.get(row).map(|(value, weight)| (row, value, weight)))
            .collect();
        let rows: Vec<usize> = labelled.iter().map(|label| label.0).collect();
        let group = self.requests.keys.iter().position(|keys| !keys.is_empty()).unwrap_or(0);
        let target = labelled.iter().map(|label| label.1).collect();
        let mut data = table.to_dataset(group)?.select(&rows)?.with_target(target)?;
        if self.weights.is_some() {
            data = data.with_weights(labelled.iter().map(|label| label.2).collect())?;
        }
        Ok(Training { data, rows })
    }
}
