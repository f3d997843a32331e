//! Sources row by row.

use std::sync::Arc;

use campaign_core::error::check_length;
use campaign_core::ids::IdError;

use super::super::error::FeatureError;
use super::columns::{MeasureColumn, NOT_REPORTED, Source};
use super::identity::FactNames;
use super::moves::add_departures;
use super::units::Unit;
use super::{NONE, Requests};
use crate::texts::Texts;

/// One version of one fact, as it is pushed.
///
/// # Shapes
/// `keys`, `measures` and `attributes` have one entry per kind, measure and attribute that the source
/// declares, in that order.
///
/// # Units
/// Days since 1970-01-01; microseconds since then, UTC; measures in units (not micros): they are
/// rounded to the nearest integer of their [`Unit`].
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// Whose it is, per declared kind.
    pub keys: &'a [Option<&'a str>],
    /// The day it happened.
    pub day: i32,
    /// When this version became known.
    pub known_at: i64,
    /// What tells facts of one day apart; a later version of the same (keys, day, fact) replaces an
    /// earlier one. `None` for a fact that nothing replaces.
    pub fact: Option<&'a str>,
    /// What is counted, in the integers of the measures' units.
    pub measures: &'a [Option<i64>],
    /// What is stated.
    pub attributes: &'a [Option<&'a str>],
}

/// All sources with the names of their keys.
///
/// Names are in ascending order whatever the order of the rows, so that codes do not depend on it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sources {
    /// Entity kinds: ad, campaign, channel, ...
    pub kinds: Vec<Arc<str>>,
    /// Per entity kind, the names of its keys.
    pub names: Vec<Vec<Arc<str>>>,
    /// The sources.
    pub sources: Vec<Source>,
}

impl Sources {
    /// The code of a key; [`NONE`] if nothing is known of it.
    #[must_use]
    pub fn key(&self, kind: usize, name: &str) -> u32 {
        let names = self.names.get(kind).map_or(&[][..], Vec::as_slice);
        names.binary_search_by(|n| (**n).cmp(name)).map_or(NONE, |i| i as u32)
    }

    /// The index of an entity kind.
    #[must_use]
    pub fn kind(&self, name: &str) -> Option<usize> {
        self.kinds.iter().position(|kind| &**kind == name)
    }

    /// Requests of no rows, to be pushed to.
    #[must_use]
    pub fn requests(&self) -> Requests {
        Requests::new(self.kinds.len())
    }

    /// Checks every source.
    ///
    /// # Errors
    /// As [`Source::check`].
    pub fn check(&self) -> Result<(), FeatureError> {
        for source in &self.sources {
            source.check()?;
            check_length("key columns", source.keys.len(), self.kinds.len())?;
        }
        check_length("names", self.names.len(), self.kinds.len())?;
        Ok(())
    }
}

/// Builds [`Sources`].
///
/// # Examples
/// ```
/// use campaign_features::feature::source::{Row, SourcesBuilder, Unit};
/// let mut builder = SourcesBuilder::new(["ad", "channel"])?;
/// let ads = builder.source("ads", &["ad", "channel"], &[("spend", Unit::Millionth)], &["format"])?;
/// ads.push(&Row {
///     keys: &[Some("42"), Some("social")],
///     day: 20_000,
///     known_at: 20_001 * 86_400_000_000,
///     fact: Some("meta"),
///     measures: &[Some(12_500_000)],
///     attributes: &[Some("video")],
/// })?;
/// let sources = builder.finish()?;
/// assert_eq!(sources.key(0, "42"), 0);
/// # Ok::<(), campaign_features::feature::FeatureError>(())
/// ```
#[derive(Debug, Default)]
pub struct SourcesBuilder {
    kinds: Vec<Arc<str>>,
    sources: Vec<SourceBuilder>,
}

/// Builds one source.
#[derive(Debug, Default)]
pub struct SourceBuilder {
    pub(super) source: Source,
    /// Kinds by position in a row.
    kinds: Vec<usize>,
    keys: Vec<Texts>,
    pub(super) values: Vec<Texts>,
    /// What names facts, and per row which of them.
    facts: Texts,
    fact: Vec<u32>,
    /// The codes of the row at hand.
    codes: Vec<u32>,
}

impl SourcesBuilder {
    /// No sources yet, for these entity kinds.
    ///
    /// # Errors
    /// [`FeatureError::Twice`].
    pub fn new<'a>(kinds: impl IntoIterator<Item = &'a str>) -> Result<Self, FeatureError> {
        let kinds: Vec<Arc<str>> = kinds.into_iter().map(Into::into).collect();
        once("entity kind", &kinds)?;
        Ok(Self { kinds, sources: Vec::new() })
    }

    /// Declares a source: the kinds its rows name (the first is whose facts they are), its measures
    /// and its attributes.
    ///
    /// # Errors
    /// [`FeatureError::Twice`], [`FeatureError::Unknown`] for a kind that is not declared.
    pub fn source(
        &mut self,
        name: &str,
        kinds: &[&str],
        measures: &[(&str, Unit)],
        attributes: &[&str],
    ) -> Result<&mut SourceBuilder, FeatureError> {
        let mut of = Vec::new();
        for &kind in kinds {
            let place = self.kinds.iter().position(|k| &**k == kind);
            of.push(place.ok_or_else(|| FeatureError::Unknown {
                feature: "".into(),
                what: "entity kind",
                name: kind.into(),
                known: self.kinds.join(", "),
            })?);
        }
        let mut source = Source { name: name.into(), ..Source::default() };
        source.keys = vec![Vec::new(); self.kinds.len()];
        source.measure_names = measures
            .iter()
            .map(|&(name, unit)| MeasureColumn { name: name.into(), unit })
            .collect();
        source.measures = vec![Vec::new(); measures.len()];
        source.attribute_names = attributes.iter().map(|&name| name.into()).collect();
        source.attributes = vec![Vec::new(); attributes.len()];
        let names: Vec<_> = source.measure_names.iter().map(|m| Arc::clone(&m.name)).collect();
        once("measure", &names)?;
        once("attribute", &source.attribute_names)?;
        if self.sources.iter().any(|s| *s.source.name == *name) {
            return Err(FeatureError::Twice { what: "source", name: name.into() });
        }
        self.sources.push(SourceBuilder {
            keys: of.iter().map(|_| Texts::default()).collect(),
            values: attributes.iter().map(|_| Texts::default()).collect(),
            kinds: of,
            source,
            ..SourceBuilder::default()
        });
        let last = self.sources.len() - 1;
        Ok(&mut self.sources[last])
    }

    /// A source declared before.
    pub fn get(&mut self, name: &str) -> Option<&mut SourceBuilder> {
        self.sources.iter_mut().find(|s| *s.source.name == *name)
    }

    /// Sorts the names, and tells entities of the facts that leave them.
    ///
    /// # Errors
    /// [`FeatureError::SameInstant`] for versions of a fact that name two entities at one instant,
    /// [`FeatureError::Id`] beyond 2³² − 1 names.
    ///
    /// # Complexity
    /// O(n + k log k) for n rows and k names.
    pub fn finish(self) -> Result<Sources, FeatureError> {
        let mut names: Vec<Vec<Arc<str>>> = Vec::with_capacity(self.kinds.len());
        for kind in 0..self.kinds.len() {
            let keys = |b: &SourceBuilder| b.kinds.iter().position(|of| *of == kind);
            let named = self.sources.iter().filter_map(|b| b.keys.get(keys(b)?));
            let mut all: Vec<&str> = named.flat_map(Texts::iter).collect();
            all.sort_unstable();
            all.dedup();
            names.push(all.into_iter().map(Arc::from).collect());
        }
        let mut sources = Vec::with_capacity(self.sources.len());
        for (s, builder) in self.sources.into_iter().enumerate() {
            let mut source = builder.finish(&names);
            add_departures(&mut source, s)?;
            sources.push(source);
        }
        Ok(Sources { kinds: self.kinds, names, sources })
    }
}

impl SourceBuilder {
    /// Adds a version of a fact.
    ///
    /// # Errors
    /// [`FeatureError::Kernel`] for a row of another shape, [`FeatureError::Measure`] for a value too
    /// large to be summed, [`FeatureError::Id`] beyond 2^32 - 1 names; the row is then not added.
    ///
    /// # Allocation
    /// None for names that are known, except where the columns grow.
    pub fn push(&mut self, row: &Row<'_>) -> Result<(), FeatureError> {
        check_length("keys", row.keys.len(), self.kinds.len())?;
        check_length("measures", row.measures.len(), self.source.measures.len())?;
        // What is personal is not stated by a row: see `push_personal`.
        let stated = self.source.attributes.len() - self.source.sensitive.len();
        check_length("attributes", row.attributes.len(), stated)?;
        for (m, value) in row.measures.iter().enumerate() {
            if let Some(value) = value.filter(|v| v.unsigned_abs() > super::units::LARGEST as u64) {
                return Err(FeatureError::Measure {
                    of: Arc::clone(&self.source.name),
                    row: self.source.len(),
                    measure: Arc::clone(&self.source.measure_names[m].name),
                    value: value as f64,
                });
            }
        }
        self.codes.clear();
        let named = row.keys.iter().zip(&mut self.keys);
        for (name, names) in named.chain(row.attributes.iter().zip(&mut self.values)) {
            self.codes.push(code(names, *name)?);
        }
        self.fact.push(code(&mut self.facts, row.fact)?);
        let (keys, values) = self.codes.split_at(row.keys.len());
        for (&kind, &key) in self.kinds.iter().zip(keys) {
            self.source.keys[kind].push(key);
        }
        for (column, &code) in self.source.attributes.iter_mut().zip(values) {
            column.push(code);
        }
        for personal in self.source.attributes.iter_mut().skip(stated) {
            personal.push(NONE);
        }
        for (column, value) in self.source.measures.iter_mut().zip(row.measures) {
            column.push(value.unwrap_or(NOT_REPORTED));
        }
        self.source.day.push(row.day);
        self.source.known_at.push(row.known_at);
        Ok(())
    }

    fn finish(self, names: &[Vec<Arc<str>>]) -> Source {
        let mut source = self.source;
        let nobody;
        let owner = match self.kinds.first() {
            Some(&kind) => &source.keys[kind],
            None => {
                nobody = vec![NONE; self.fact.len()];
                &nobody
            }
        };
        source.fact = FactNames { owner, day: &source.day, name: &self.fact }.first_rows();
        for (&kind, keys) in self.kinds.iter().zip(&self.keys) {
            let sorted = &names[kind];
            let place = |name: &str| sorted.binary_search_by(|n| (**n).cmp(name));
            let place: Vec<u32> =
                keys.iter().map(|name| place(name).map_or(NONE, |i| i as u32)).collect();
            renumber(&mut source.keys[kind], &place);
        }
        for (codes, values) in source.attributes.iter_mut().zip(&self.values) {
            let (sorted, place) = values.sorted();
            renumber(codes, &place);
            source.vocabularies.push(sorted.into_iter().map(Arc::from).collect());
        }
        source
    }
}

pub(super) fn code(texts: &mut Texts, text: Option<&str>) -> Result<u32, IdError> {
    text.map_or(Ok(NONE), |text| texts.code(text).ok_or(IdError::TooMany))
}

fn renumber(codes: &mut [u32], place: &[u32]) {
    for code in codes {
        *code = place.get(*code as usize).copied().unwrap_or(NONE);
    }
}

fn once(what: &'static str, names: &[Arc<str>]) -> Result<(), FeatureError> {
    let mut sorted: Vec<&Arc<str>> = names.iter().collect();
    sorted.sort_unstable();
    match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(FeatureError::Twice { what, name: Arc::clone(pair[0]) }),
        None => Ok(()),
    }
}
