//! From a spec and a schema to a plan.

use std::collections::BTreeMap;
use std::sync::Arc;

use campaign_core::{Column, ColumnKind};

use super::super::error::FeatureError;
use super::super::spec::{
    Aggregate, Definition, Feature, FeatureSpec, Filter, Saturation, Schema, SourceSchema,
    Statistic as Stated,
};
use super::dated::DatedFeature;
use super::entity::{Distinct, EntityPlan, Group, Lane, MOST_DISTINCT, Read, SourceLanes};
use super::expression::Expression;
use super::read::{LaneRead, Reach, Statistic};
use super::ring::Ring;
use super::{Days, MOST_KINDS, Plan, Window};

/// How many levels a categorical column may have.
const MOST_LEVELS: usize = 1 << 24;

struct Compiler<'a> {
    spec: &'a FeatureSpec,
    schema: &'a Schema,
    entities: Vec<EntityPlan>,
    dated: Vec<DatedFeature>,
    /// Columns made so far, by name.
    made: BTreeMap<Arc<str>, (Column, Expression)>,
    /// The feature at hand.
    feature: Arc<str>,
}

impl Plan {
    pub(crate) fn compile(spec: &FeatureSpec, schema: &Schema) -> Result<Self, FeatureError> {
        let mut compiler = Compiler {
            spec,
            schema,
            entities: Vec::new(),
            dated: Vec::new(),
            made: BTreeMap::new(),
            feature: "".into(),
        };
        let mut order = Vec::new();
        for feature in &spec.features {
            let name = feature.name();
            compiler.feature = Arc::clone(&name);
            let (kind, expression) = compiler.column(feature)?;
            let column = Column { name: Arc::clone(&name), kind };
            if compiler.made.insert(Arc::clone(&name), (column, expression)).is_some() {
                return Err(FeatureError::Twice { what: "feature", name });
            }
            order.push(name);
        }
        for name in spec.levels.keys() {
            let categorical = |c: &(Column, _)| matches!(c.0.kind, ColumnKind::Categorical { .. });
            if !compiler.made.get(name).is_some_and(categorical) {
                return Err(FeatureError::Spec {
                    feature: Arc::clone(name),
                    reason: "levels are fixed, but there is no categorical column of that name"
                        .into(),
                });
            }
        }
        for entity in &mut compiler.entities {
            entity.lay_out(0);
        }
        let Compiler { entities, dated, mut made, .. } = compiler;
        let (columns, expressions) = order.iter().filter_map(|name| made.remove(name)).unzip();
        Ok(Self {
            schema: schema.clone(),
            entities,
            dated,
            holidays: spec.holidays.clone(),
            columns,
            expressions,
        })
    }
}

impl Compiler<'_> {
    fn column(&mut self, feature: &Feature) -> Result<(ColumnKind, Expression), FeatureError> {
        let numeric = |expression| Ok((ColumnKind::Numeric, expression));
        match &feature.definition {
            Definition::Aggregate(aggregate) => {
                let read = self.aggregate(aggregate)?;
                numeric(match aggregate.saturation {
                    Some(saturation) => {
                        self.check_saturation(saturation)?;
                        Expression::Saturated { of: Box::new(read), saturation }
                    }
                    None => read,
                })
            }
            Definition::Rate {
                entity,
                source,
                numerator,
                denominator,
                window,
                prior,
                strength,
            } => {
                if !(prior.is_finite() && strength.is_finite() && *strength >= 0.0) {
                    return self.refuse("prior and strength must be finite, strength not below 0");
                }
                let above = self.sum(entity, source, numerator, *window)?;
                let below = self.sum(entity, source, denominator, *window)?;
                numeric(ratio(above, below, *prior, *strength))
            }
            Definition::Share { entity, of, source, measure, window } => {
                let above = self.sum(entity, source, measure, *window)?;
                let below = self.sum(of, source, measure, *window)?;
                numeric(ratio(above, below, 0.0, 0.0))
            }
            Definition::Latest { entity, source, attribute, window } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, *window)?;
                let levels = match self.spec.levels.get(&self.feature) {
                    Some(levels) => levels.clone(),
                    None => vocabulary.clone(),
                };
                let table = self.table(&vocabulary, &levels)?;
                let code = Box::new(code);
                let kind = ColumnKind::Categorical { levels: levels.into() };
                Ok((kind, Expression::Lookup { code, table, other: f64::NAN }))
            }
            Definition::Text { entity, source, attribute, field } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, Window::EVER)?;
                let table = vocabulary.iter().map(|text| field.of(text)).collect();
                numeric(Expression::Lookup { code: Box::new(code), table, other: f64::NAN })
            }
            Definition::Encoded { entity, source, attribute, values, other } => {
                let (code, vocabulary) = self.latest(entity, source, attribute, Window::EVER)?;
                let other = other.unwrap_or(f64::NAN);
                if values.values().chain([&other]).any(|v| v.is_infinite()) {
                    return self.refuse("a value is infinite");
                }
                let value = |level: &Arc<str>| values.get(level).copied().unwrap_or(other);
                let table = vocabulary.iter().map(value).collect();
                numeric(Expression::Lookup { code: Box::new(code), table, other })
            }
            Definition::Age { entity, source, measure } => {
                let (s, m, _) = self.measure(source, Some(measure))?;
                let e = self.entity(entity, s)?;
                let lanes = self.lanes(e, s);
                let which = place(&mut lanes.ages, m);
                numeric(self.read(e, s, Window::EVER, Read::Age { which })?)
            }
            Definition::Distinct { entity, source, attribute, window, most } => {
                let (s, a) = self.attribute(source, attribute)?;
                let e = self.entity(entity, s)?;
                let lanes = self.lanes(e, s);
                let distinct = Distinct { attribute: a, most: usize::from(*most) };
                let which = place(&mut lanes.distinct, distinct);
                if which >= MOST_DISTINCT || *most == 0 {
                    return self.refuse(
                        "at most 16 distinct counts per entity and source, of at least 1 value",
                    );
                }
                numeric(self.read(e, s, *window, Read::Distinct { which })?)
            }
            Definition::FrequencyCap {
                entity,
                source,
                impressions,
                people,
                window,
                cap,
                shape,
            } => {
                if !(1e-3..=1e6).contains(shape) {
                    return self.refuse("the shape must lie in 1e-3..=1e6");
                }
                let above = self.sum(entity, source, impressions, *window)?;
                let below = self.sum(entity, source, people, *window)?;
                let frequency = Box::new(ratio(above, below, 0.0, 0.0));
                numeric(Expression::Capped { frequency, shape: *shape, cap: *cap })
            }
            Definition::Calendar { field } => numeric(self.dated(DatedFeature::Calendar(*field))),
            Definition::Holiday { region } => numeric(self.dated(DatedFeature::Holiday(*region))),
            Definition::AdDay => numeric(self.dated(DatedFeature::AdDay)),
            Definition::UserDay => numeric(self.dated(DatedFeature::UserDay)),
            Definition::DaysToHoliday => numeric(self.dated(DatedFeature::DaysToHoliday)),
            Definition::DaysSinceHoliday => numeric(self.dated(DatedFeature::DaysSinceHoliday)),
            Definition::Fourier { period, order, cosine } => {
                if !(period.is_finite() && *period > 0.0 && *order > 0) {
                    return self.refuse("period must be above 0, order at least 1");
                }
                let (period, order, cosine) = (*period, *order, *cosine);
                numeric(self.dated(DatedFeature::Fourier { period, order, cosine }))
            }
            Definition::Cross { operation, left, right } => {
                let (left, right) = (self.earlier(left)?, self.earlier(right)?);
                let numbers = [&left, &right].map(|(column, _)| column.kind == ColumnKind::Numeric);
                if numbers != [true, true] {
                    return self.refuse("both features must be numeric; categorical ones are crossed by cross_levels");
                }
                let (left, right) = (Box::new(left.1), Box::new(right.1));
                numeric(Expression::Cross { operation: *operation, left, right })
            }
            Definition::CrossLevels { left, right } => self.cross_levels(left, right),
        }
    }

    fn cross_levels(
        &mut self,
        left: &Arc<str>,
        right: &Arc<str>,
    ) -> Result<(ColumnKind, Expression), FeatureError> {
        let (left, right) = (self.earlier(left)?, self.earlier(right)?);
        let (ColumnKind::Categorical { levels: a }, ColumnKind::Categorical { levels: b }) =
            (&left.0.kind, &right.0.kind)
        else {
            return self
                .refuse("both features must be categorical; numeric ones are combined by cross");
        };
        if a.len().saturating_mul(b.len()) > MOST_LEVELS {
            return self
                .refuse("the pairs are more than 2^24 levels; fix the levels of both features");
        }
        let pairs: Vec<Arc<str>> =
            a.iter().flat_map(|a| b.iter().map(move |b| format!("{a}|{b}").into())).collect();
        let width = b.len() as f64;
        let (left, right) = (Box::new(left.1), Box::new(right.1));
        let pair = Expression::Pair { left, right, width };
        match self.spec.levels.get(&self.feature) {
            None => Ok((ColumnKind::Categorical { levels: pairs.into() }, pair)),
            Some(levels) => {
                let table = self.table(&pairs, levels)?;
                let kind = ColumnKind::Categorical { levels: levels.clone().into() };
                Ok((kind, Expression::Lookup { code: Box::new(pair), table, other: f64::NAN }))
            }
        }
    }

    /// Per name the index of its level, NaN if it has none.
    fn table(&self, names: &[Arc<str>], levels: &[Arc<str>]) -> Result<Arc<[f64]>, FeatureError> {
        let mut index = BTreeMap::new();
        for (i, level) in levels.iter().enumerate() {
            if index.insert(level, i as f64).is_some() {
                return Err(FeatureError::Twice { what: "level", name: Arc::clone(level) });
            }
        }
        Ok(names.iter().map(|name| index.get(name).copied().unwrap_or(f64::NAN)).collect())
    }

    fn aggregate(&mut self, aggregate: &Aggregate) -> Result<Expression, FeatureError> {
        let Aggregate { entity, source, measure, window, days, filter, .. } = aggregate;
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
        let _ = days;
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

    fn sum(
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

    fn latest(
        &mut self,
        entity: &Arc<str>,
        source: &Arc<str>,
        attribute: &Arc<str>,
        window: Window,
    ) -> Result<(Expression, Vec<Arc<str>>), FeatureError> {
        let (s, a) = self.attribute(source, attribute)?;
        let e = self.entity(entity, s)?;
        let lanes = self.lanes(e, s);
        let which = place(&mut lanes.latest, a);
        let read = self.read(e, s, window, Read::Latest { which })?;
        Ok((read, self.schema.sources[s].attributes[a].vocabulary.clone()))
    }

    /// The index of a source and one of its measures (`None`: its facts), and integers per unit.
    fn measure(
        &self,
        source: &Arc<str>,
        measure: Option<&Arc<str>>,
    ) -> Result<(usize, usize, f64), FeatureError> {
        let (s, schema) = self.source(source)?;
        let Some(measure) = measure else { return Ok((s, 2 * schema.measures.len(), 1.0)) };
        match schema.measures.iter().position(|m| m.name == *measure) {
            Some(m) => Ok((s, m, schema.measures[m].unit.per_unit())),
            None => {
                let known = schema.measures.iter().map(|m| &*m.name);
                Err(self.unknown("measure", measure, known))
            }
        }
    }

    fn attribute(
        &self,
        source: &Arc<str>,
        attribute: &Arc<str>,
    ) -> Result<(usize, usize), FeatureError> {
        let (s, schema) = self.source(source)?;
        match schema.attributes.iter().position(|a| a.name == *attribute) {
            Some(a) => Ok((s, a)),
            None => {
                let known = schema.attributes.iter().map(|a| &*a.name);
                Err(self.unknown("attribute", attribute, known))
            }
        }
    }

    fn source(&self, name: &Arc<str>) -> Result<(usize, &SourceSchema), FeatureError> {
        let mut sources = self.schema.sources.iter().enumerate();
        sources.find(|(_, s)| s.name == *name).ok_or_else(|| {
            self.unknown("source", name, self.schema.sources.iter().map(|s| &*s.name))
        })
    }

    /// A value that never occurred is a code that never occurs.
    fn filter(
        &self,
        s: usize,
        filter: Option<&Filter>,
    ) -> Result<Option<(usize, u32)>, FeatureError> {
        let Some(filter) = filter else { return Ok(None) };
        let (_, a) = self.attribute(&self.schema.sources[s].name, &filter.attribute)?;
        let vocabulary = &self.schema.sources[s].attributes[a].vocabulary;
        let code = vocabulary.iter().position(|v| *v == filter.value);
        Ok(Some((a, code.map_or(u32::MAX - 1, |code| code as u32))))
    }

    /// The plan of an entity kind, which the source must name.
    fn entity(&mut self, name: &Arc<str>, s: usize) -> Result<usize, FeatureError> {
        let Some(kind) = self.schema.kinds.iter().position(|kind| kind == name) else {
            let known = self.schema.kinds.iter().map(|k| &**k);
            return Err(self.unknown("entity kind", name, known));
        };
        let source = &self.schema.sources[s];
        if !source.kinds.contains(name) {
            let known = source.kinds.iter().map(|k| &**k);
            return Err(self.unknown("entity kind of the source", name, known));
        }
        if let Some(e) = self.entities.iter().position(|e| e.kind == kind) {
            return Ok(e);
        }
        if self.entities.len() >= MOST_KINDS {
            return self.refuse("features of more than 16 entity kinds");
        }
        self.entities.push(EntityPlan {
            name: Arc::clone(name),
            kind,
            sources: vec![None; self.schema.sources.len()],
            groups: Vec::new(),
            n_reads: 0,
            words: 0,
            reach: 0,
        });
        Ok(self.entities.len() - 1)
    }

    fn lanes(&mut self, e: usize, s: usize) -> &mut SourceLanes {
        let schema = &self.schema.sources[s];
        self.entities[e].sources[s].get_or_insert_with(|| SourceLanes {
            measures: schema.measures.len(),
            attributes: schema.attributes.len(),
            lanes: Vec::new(),
            distinct: Vec::new(),
            latest: Vec::new(),
            ages: Vec::new(),
            ring: Ring::new(0, 0, 0, 1),
        })
    }

    /// A read, made once however often it is asked for.
    fn read(
        &mut self,
        e: usize,
        source: usize,
        window: Window,
        read: Read,
    ) -> Result<Expression, FeatureError> {
        let ttl = self.spec.ttl;
        if !window.is_valid() || ttl.is_some_and(|ttl| ttl < window.nearest()) {
            return self.refuse("the window holds no day that may be seen");
        }
        let clipped = match (window.furthest(), ttl) {
            (Some(far), Some(ttl)) => Some(far.min(ttl)),
            (far, ttl) => far.or(ttl),
        };
        let reach = Reach {
            nearest: u32::from(window.nearest()),
            furthest: clipped.map(u32::from),
            ttl: ttl.map(u32::from),
        };
        let entity = &mut self.entities[e];
        entity.reach = entity
            .reach
            .max(reach.nearest)
            .max(reach.furthest.unwrap_or(0))
            .max(reach.ttl.unwrap_or(0));
        let group = match entity.groups.iter().position(|g| (g.source, g.reach) == (source, reach))
        {
            Some(group) => group,
            None => {
                entity.groups.push(Group { source, reach, reads: Vec::new() });
                entity.groups.len() - 1
            }
        };
        let reads = &mut entity.groups[group].reads;
        let slot = match reads.iter().find(|(_, r)| *r == read) {
            Some((slot, _)) => *slot,
            None => {
                reads.push((entity.n_reads, read));
                entity.n_reads += 1;
                entity.n_reads - 1
            }
        };
        Ok(Expression::Read { entity: e, slot })
    }

    fn dated(&mut self, feature: DatedFeature) -> Expression {
        Expression::Dated(place(&mut self.dated, feature))
    }

    fn earlier(&self, name: &Arc<str>) -> Result<(Column, Expression), FeatureError> {
        let known = || self.made.keys().map(|name| &**name);
        self.made.get(name).cloned().ok_or_else(|| self.unknown("earlier feature", name, known()))
    }

    fn check_saturation(&self, saturation: Saturation) -> Result<(), FeatureError> {
        saturation.check().or_else(|error| self.refuse(&error.to_string()))
    }

    fn refuse<T>(&self, reason: &str) -> Result<T, FeatureError> {
        Err(FeatureError::Spec { feature: Arc::clone(&self.feature), reason: reason.into() })
    }

    fn unknown<'n>(
        &self,
        what: &'static str,
        name: &Arc<str>,
        known: impl Iterator<Item = &'n str>,
    ) -> FeatureError {
        FeatureError::Unknown {
            feature: Arc::clone(&self.feature),
            what,
            name: Arc::clone(name),
            known: known.collect::<Vec<_>>().join(", "),
        }
    }
}

fn ratio(above: Expression, below: Expression, prior: f64, strength: f64) -> Expression {
    Expression::Ratio { above: Box::new(above), below: Box::new(below), prior, strength }
}

/// The place of an item, put last if it is new.
fn place<T: PartialEq>(items: &mut Vec<T>, item: T) -> usize {
    match items.iter().position(|i| *i == item) {
        Some(place) => place,
        None => {
            items.push(item);
            items.len() - 1
        }
    }
}
