//! Statistics of lanes.

use std::sync::Arc;

use super::super::super::error::FeatureError;
use super::super::super::spec::{Aggregate, Statistic as Stated};
use super::super::entity::Read;
use super::super::expression::Expression;
use super::super::lanes::Lane;
use super::super::read::{LaneRead, Statistic};
use super::super::{Days, Window};
use super::{Compiler, place};

impl Compiler<'_> {
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Expression, FeatureError> {
        let Aggregate { entity, source, measure, window, filter, .. } = aggregate;
        let (s, m, per_unit) = self.measure(source, measure.as_ref())?;
        let filter = self.filter(s, filter.as_ref())?;
        let e = self.entity(entity, s)?;
        let statistic = self.statistic(e, s, aggregate, filter)?;
        let measures = self.schema.sources[s].measures.len();
        let scans = !matches!(statistic, Statistic::Sum | Statistic::Count)
            && !matches!(statistic, Statistic::Mean(Days::All));
        if window.furthest().is_none() && (scans || matches!(statistic, Statistic::Mean(_))) {
            return self
                .refuse("this statistic looks at single days and needs a window of stated length");
        }
        // Facts are counted by their own lane, which is also what says that a day reports.
        let reports = if m == 2 * measures { m } else { measures + m };
        let counted = matches!(statistic, Statistic::Count);
        let lanes = self.lanes(e, s);
        let lane =
            place(&mut lanes.lanes, Lane { value: if counted { reports } else { m }, filter });
        let reports = place(&mut lanes.lanes, Lane { value: reports, filter });
        let per_unit = if counted { 1.0 } else { per_unit };
        let read = Read::Lane(LaneRead { statistic, lane, reports, per_unit });
        self.read(e, s, *window, read)
    }

    fn statistic(
        &mut self,
        e: usize,
        s: usize,
        aggregate: &Aggregate,
        filter: Option<(usize, u32)>,
    ) -> Result<Statistic, FeatureError> {
        let days = aggregate.days;
        let length = aggregate
            .window
            .furthest()
            .map_or(0, |far| usize::from(far.saturating_sub(aggregate.window.nearest())) + 1);
        Ok(match &aggregate.statistic {
            Stated::Sum => Statistic::Sum,
            Stated::Count => Statistic::Count,
            Stated::Mean => Statistic::Mean(days),
            Stated::Min => Statistic::Min(days),
            Stated::Max => Statistic::Max(days),
            Stated::Std => Statistic::Std { days, sample: true },
            Stated::StdPopulation => Statistic::Std { days, sample: false },
            Stated::Trend => Statistic::Trend(days),
            Stated::Ewma { half_life } => {
                if !(half_life.is_finite() && *half_life > 0.0) {
                    return self.refuse("the half life must be above 0");
                }
                let weights = (0..length).map(|age| (-(age as f64) / half_life).exp2()).collect();
                Statistic::Weighted { weights, days, normalise: true }
            }
            Stated::Adstock(adstock) => {
                let weights = match adstock.weights(length) {
                    Ok(weights) => weights.into(),
                    Err(error) => return self.refuse(&error.to_string()),
                };
                Statistic::Weighted { weights, days: Days::All, normalise: false }
            }
            Stated::Matured { shares, least } => {
                let valid = |share: &f64| (0.0..=1.0).contains(share);
                if !(*least > 0.0 && *least <= 1.0 && shares.iter().all(valid)) {
                    return self.refuse("shares must lie in 0..=1, the least above 0");
                }
                // A day that lies b days before the day of decision is b days old at its start.
                let near = usize::from(aggregate.window.nearest());
                let weight = |day: usize| match shares.get(near + day).copied().unwrap_or(1.0) {
                    share if share < *least => f64::NAN,
                    share => 1.0 / share,
                };
                let weights = (0..length).map(weight).collect();
                Statistic::Weighted { weights, days: Days::All, normalise: false }
            }
            Stated::Last => Statistic::Last,
            Stated::ActiveDays => Statistic::ActiveDays,
            Stated::DaysSince => Statistic::DaysSince,
            Stated::SinceEvent { event } => {
                let (_, value, _) = self.measure(&aggregate.source, Some(event))?;
                let lanes = self.lanes(e, s);
                Statistic::SinceEvent { event: place(&mut lanes.lanes, Lane { value, filter }) }
            }
        })
    }

    /// Days since the first day within the time to live.
    pub(super) fn age_within(
        &mut self,
        entity: &Arc<str>,
        source: &Arc<str>,
        measure: &Arc<str>,
    ) -> Result<Expression, FeatureError> {
        let (s, value, _) = self.measure(source, Some(measure))?;
        let e = self.entity(entity, s)?;
        let measures = self.schema.sources[s].measures.len();
        let lanes = self.lanes(e, s);
        let lane = place(&mut lanes.lanes, Lane { value, filter: None });
        let reports = place(&mut lanes.lanes, Lane { value: measures + value, filter: None });
        let statistic = Statistic::DaysSinceFirst;
        let read = LaneRead { statistic, lane, reports, per_unit: 1.0 };
        self.read(e, s, Window::EVER, Read::Lane(read))
    }

    pub(super) fn sum(
        &mut self,
        entity: &Arc<str>,
        source: &Arc<str>,
        measure: &Arc<str>,
        window: Window,
    ) -> Result<Expression, FeatureError> {
        let sum = Aggregate::new(
            Arc::clone(entity),
            Arc::clone(source),
            Stated::Sum,
            Arc::clone(measure),
            window,
        );
        self.aggregate(&sum)
    }
}
