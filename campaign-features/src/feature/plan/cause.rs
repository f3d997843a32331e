//! What a column rests on: which rows of which source may enter a value.

use super::Plan;
use super::entity::{EntityPlan, Read};
use super::expression::Expression;
use super::frame::Reach;
use super::read::Statistic;

/// The part of a row that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    /// A measure.
    Measure(usize),
    /// That the row stands, whatever it reports.
    Fact,
    /// An attribute.
    Attribute(usize),
}

/// Rows of one source that may enter a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Cause {
    /// The entity kind whose key the rows share with the request, by key column.
    pub(crate) kind: usize,
    pub(crate) source: usize,
    /// Their days, back from the day of decision.
    pub(crate) reach: Reach,
    pub(crate) part: Part,
    /// Only rows with this attribute.
    pub(crate) filter: Option<(usize, u32)>,
    /// Whether versions that were replaced still count: what was once stated, or once began.
    pub(crate) lasting: bool,
}

impl Cause {
    /// Whether a day is within reach of a decision.
    pub(crate) fn sees(&self, day: i32, decided: i32) -> bool {
        let back = i64::from(decided) - i64::from(day);
        let within = |furthest: Option<u32>| furthest.is_none_or(|far| back <= i64::from(far));
        back >= i64::from(self.reach.nearest)
            && within(self.reach.furthest)
            && within(self.reach.ttl)
    }
}

impl Plan {
    /// What a column rests on, without repetition; empty for one of the calendar alone.
    pub(crate) fn causes(&self, column: usize) -> Vec<Cause> {
        let mut causes = Vec::new();
        if let Some(expression) = self.expressions.get(column) {
            self.causes_of(expression, &mut causes);
        }
        causes
    }

    fn causes_of(&self, expression: &Expression, causes: &mut Vec<Cause>) {
        match expression {
            Expression::Read { entity, slot } => {
                if let Some(entity) = self.entities.get(*entity) {
                    entity.causes_of(*slot, causes);
                }
            }
            Expression::Dated(_) => {}
            Expression::Ratio { above, below, .. } => {
                self.causes_of(above, causes);
                self.causes_of(below, causes);
            }
            Expression::Lookup { code: of, .. }
            | Expression::Capped { frequency: of, .. }
            | Expression::Saturated { of, .. } => {
                self.causes_of(of, causes);
            }
            Expression::Cross { left, right, .. } | Expression::Pair { left, right, .. } => {
                self.causes_of(left, causes);
                self.causes_of(right, causes);
            }
        }
    }
}

impl EntityPlan {
    fn causes_of(&self, slot: usize, causes: &mut Vec<Cause>) {
        for group in &self.groups {
            let Some(Some(source)) = self.sources.get(group.source) else { continue };
            let reads = group.reads.iter().filter(|(at, _)| *at == slot);
            for (_, read) in reads {
                let mut add = |part, filter, lasting| {
                    let (source, reach) = (group.source, group.reach);
                    let cause = Cause { kind: self.kind, source, reach, part, filter, lasting };
                    if !causes.contains(&cause) {
                        causes.push(cause);
                    }
                };
                // A lane of a measure's total and one of how often it is reported rest on the same.
                let part = |value: usize| match value {
                    v if v < source.measures => Part::Measure(v),
                    v if v < 2 * source.measures => Part::Measure(v - source.measures),
                    _ => Part::Fact,
                };
                match read {
                    Read::Lane(read) => {
                        let mut lanes = vec![read.lane];
                        if let Statistic::SinceEvent { event } = read.statistic {
                            lanes.push(event);
                        }
                        for lane in lanes.iter().filter_map(|lane| source.lanes.get(*lane)) {
                            add(part(lane.value), lane.filter, false);
                        }
                    }
                    Read::Latest { which } => {
                        if let Some(&attribute) = source.latest.get(*which) {
                            add(Part::Attribute(attribute), None, true);
                        }
                    }
                    Read::Age { which } => {
                        if let Some(&value) = source.ages.get(*which) {
                            add(part(value), None, true);
                        }
                    }
                    Read::Distinct { which } => {
                        if let Some(distinct) = source.distinct.get(*which) {
                            add(Part::Attribute(distinct.attribute), None, false);
                        }
                    }
                }
            }
        }
    }
}
