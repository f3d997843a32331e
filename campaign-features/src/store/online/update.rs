//! One event: checked as a whole, then applied as a whole.

use core::cmp::Ordering;

use campaign_core::error::check_length;

use super::event::{Applied, Event, UpdateError};
use super::facts::Fact;
use super::settle::{Version, difference};
use super::{Entities, OnlineStore};
use crate::feature::plan::Delta;
use crate::feature::source::{LARGEST, NOT_REPORTED};

/// Working space of an update, taken once.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    values: Vec<i64>,
    body: Vec<i64>,
    keys: Vec<u32>,
    measures: Vec<i64>,
    attributes: Vec<u32>,
}

/// Measures and attributes of one source, and how they stand in the fact table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) measures: usize,
    pub(crate) attributes: usize,
}

impl Scratch {
    /// For so many kinds and sources of these shapes.
    pub(crate) fn new(kinds: usize, shapes: &[Shape]) -> Self {
        let measures = shapes.iter().map(|s| s.measures).max().unwrap_or(0);
        let attributes = shapes.iter().map(|s| s.attributes).max().unwrap_or(0);
        Self {
            values: vec![0; 2 * measures + 1],
            body: vec![0; 1 + kinds + measures + attributes],
            keys: vec![0; kinds],
            measures: vec![0; measures],
            attributes: vec![0; attributes],
        }
    }

    /// How many words of the fact table a version takes, its head aside.
    pub(crate) fn body(&self) -> usize {
        self.body.len()
    }
}

/// What an event will do: everything that could refuse it has been asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    place: Result<u32, usize>,
    applied: Applied,
}

impl Probe {
    /// Whether anything will change. A superseded version still leaves its traces: it was known once.
    pub(crate) const fn changes(&self) -> bool {
        !matches!(self.applied, Applied::Duplicate)
    }
}

impl OnlineStore {
    /// Takes in one version of one fact.
    ///
    /// A new fact is added; a version known later than the one here replaces it, by the difference;
    /// the same version again changes nothing; one known earlier than the one here counts as if it
    /// had come in time. If a version names other keys than the one it replaces, the fact moves.
    ///
    /// # Errors
    /// [`UpdateError`]; nothing has changed then.
    ///
    /// # Allocation
    /// None.
    ///
    /// # Complexity
    /// O(lanes of the source) per day from the event's to the newest, within each kind's ring.
    pub fn update(&mut self, event: &Event<'_>) -> Result<Applied, UpdateError> {
        let probe = self.probe(event)?;
        self.commit(event, probe)
    }

    /// Asks whether an event can be applied, and what it will do. Counts what cannot.
    pub(crate) fn probe(&mut self, event: &Event<'_>) -> Result<Probe, UpdateError> {
        let probe = self.check(event);
        match probe {
            Err(UpdateError::Late { .. }) => self.counts.late += 1,
            Err(_) => self.counts.refused += 1,
            Ok(_) => {}
        }
        probe
    }

    fn check(&self, event: &Event<'_>) -> Result<Probe, UpdateError> {
        let n_sources = self.shapes.len();
        let shape = *(self.shapes.get(event.source as usize))
            .ok_or(UpdateError::Source { source_index: event.source, n_sources })?;
        check_length("keys", event.keys.len(), self.keys.len())?;
        check_length("measures", event.measures.len(), shape.measures)?;
        check_length("attributes", event.attributes.len(), shape.attributes)?;
        for (kind, (&code, keys)) in event.keys.iter().zip(&self.keys).enumerate() {
            if code != Event::NO_KEY && code as usize >= keys.len() {
                return Err(UpdateError::Key { kind, code, known: keys.len() });
            }
        }
        for (measure, &value) in event.measures.iter().enumerate() {
            if value != NOT_REPORTED && !(-LARGEST..=LARGEST).contains(&value) {
                return Err(UpdateError::TooLarge { measure, value });
            }
        }
        if event.day > self.today {
            return Err(UpdateError::Future { day: event.day, today: self.today });
        }
        if event.day < self.oldest() {
            return Err(UpdateError::Late { day: event.day, oldest: self.oldest() });
        }
        let place = self.facts.place(event.source, event.fact);
        let (applied, old) = match place {
            Err(_) if self.facts.is_full() => {
                return Err(UpdateError::FactsFull { capacity: self.facts.capacity() });
            }
            Err(_) => (Applied::New, None),
            Ok(slot) => {
                let Some(old) = self.facts.get(slot) else {
                    return Err(UpdateError::FactsFull { capacity: self.facts.capacity() });
                };
                let applied = match event.known_at.cmp(&old.known_at) {
                    Ordering::Greater => Applied::Restated,
                    Ordering::Less => Applied::Superseded,
                    Ordering::Equal if says_the_same(event, &old) => Applied::Duplicate,
                    Ordering::Equal => {
                        let (source_index, fact) = (event.source, event.fact);
                        return Err(UpdateError::Conflict { source_index, fact });
                    }
                };
                (applied, Some(old))
            }
        };
        if applied != Applied::Duplicate {
            self.admit(event, shape, applied, old)?;
        }
        Ok(Probe { place, applied })
    }

    /// Whether every kernel will take the changes that the event makes.
    fn admit(
        &self,
        event: &Event<'_>,
        shape: Shape,
        applied: Applied,
        old: Option<Fact<'_>>,
    ) -> Result<(), UpdateError> {
        // Never less than what the kernel adds up: both versions, or one there and back.
        let size = |values: &[i64]| {
            let sum = values.iter().filter(|v| **v != NOT_REPORTED).map(|v| v.unsigned_abs());
            sum.fold(shape.measures as u64 + 1, u64::saturating_add)
        };
        let one = size(event.measures);
        let old_body = old.map(|old| old.body).unwrap_or_default();
        let old_measures = old_body.get(1 + self.keys.len()..).unwrap_or_default();
        let old_measures = old_measures.get(..shape.measures).unwrap_or_default();
        let both = match applied {
            Applied::Superseded => one.saturating_mul(2),
            _ => one.saturating_add(size(old_measures)),
        };
        let old_keys = old_body.get(1..1 + self.keys.len()).unwrap_or_default();
        for entities in &self.entities {
            if !entities.plan.uses(event.source as usize) {
                continue;
            }
            let kind = entities.plan.kind();
            if let Some(&key) = event.keys.get(kind)
                && let Some(state) = entities.state(key)
            {
                let source = event.source as usize;
                entities.plan.admits(state, source, event.attributes, both)?;
            }
            if applied == Applied::Restated
                && let Some(&key) = old_keys.get(kind)
                && event.keys.get(kind).is_none_or(|new| i64::from(*new) != key)
                && let Some(state) = entities.state(key as u32)
            {
                entities.plan.admits(state, event.source as usize, &[], both)?;
            }
        }
        Ok(())
    }

    /// Applies an event that was probed just before.
    pub(crate) fn commit(
        &mut self,
        event: &Event<'_>,
        probe: Probe,
    ) -> Result<Applied, UpdateError> {
        let Self { keys, shapes, entities, facts, scratch, counts, .. } = self;
        let Some(&shape) = shapes.get(event.source as usize) else { return Ok(probe.applied) };
        let new = Version {
            day: event.day,
            stands: event.stands,
            measures: event.measures,
            attributes: event.attributes,
        };
        let old_fact = probe.place.ok().and_then(|slot| facts.get(slot));
        let old_day = old_fact.map(|old| old.day).unwrap_or_default();
        let mut old_stands = false;
        if let Some(old) = old_fact {
            old_stands = scratch.unpack(old.body, keys.len(), shape);
        }
        let Scratch { values, body, keys: old_keys, measures, attributes } = scratch;
        let old = old_fact.is_some().then(|| Version {
            day: old_day,
            stands: old_stands,
            measures: measures.get(..shape.measures).unwrap_or_default(),
            attributes: attributes.get(..shape.attributes).unwrap_or_default(),
        });
        let values = values.get_mut(..2 * shape.measures + 1).unwrap_or_default();
        let source = event.source as usize;
        for entities in entities.iter_mut().filter(|e| e.plan.uses(source)) {
            let kind = entities.plan.kind();
            let key = event.keys.get(kind).copied().unwrap_or(Event::NO_KEY);
            let old_key = old_keys.get(kind).copied().unwrap_or(Event::NO_KEY);
            let mut tell = |key, plus: Option<&Version<'_>>, minus: Option<&Version<'_>>| {
                let Some(place) = plus.or(minus) else { return Ok(()) };
                difference(plus, minus, values);
                let (day, attributes) = (place.day, place.attributes);
                tell(
                    entities,
                    key,
                    source,
                    &Delta { day, known_at: event.known_at, values, attributes },
                )
            };
            // A version that does not stand counts and states nothing.
            let stands = event.stands.then_some(&new);
            match (probe.applied, old.as_ref().filter(|old| old.stands), stands) {
                (Applied::Restated, Some(old), Some(new))
                    if old_key == key && old.same_place(new) =>
                {
                    tell(key, Some(new), Some(old))?;
                }
                (Applied::Restated, old, new) => {
                    tell(old_key, None, old)?;
                    tell(key, new, None)?;
                }
                (Applied::New, _, new) => tell(key, new, None)?,
                (Applied::Superseded, _, new) => {
                    tell(key, new, None)?;
                    tell(key, None, new)?;
                }
                _ => {}
            }
        }
        match probe.applied {
            Applied::New => counts.new += 1,
            Applied::Restated => counts.restated += 1,
            Applied::Duplicate => counts.duplicate += 1,
            Applied::Superseded => counts.superseded += 1,
        }
        if matches!(probe.applied, Applied::New | Applied::Restated) {
            pack(event, shape, body);
            let (source, fact) = (event.source, event.fact);
            let version = Fact { source, fact, day: event.day, known_at: event.known_at, body };
            match probe.place {
                Ok(slot) => facts.replace(slot, version),
                Err(place) => facts.insert(place, version),
            }
        }
        Ok(probe.applied)
    }
}

fn tell(
    entities: &mut Entities,
    key: u32,
    source: usize,
    delta: &Delta<'_>,
) -> Result<(), UpdateError> {
    if key == Event::NO_KEY {
        return Ok(());
    }
    let words = entities.plan.words();
    let start = key as usize * words;
    // That the delta lies before the ring is no loss: no frame that can be read reaches its day.
    if let Some(state) = entities.words.get_mut(start..start + words) {
        let _ = entities.plan.apply(state, source, delta)?;
    }
    Ok(())
}

/// `[stands, keys.., measures.., attributes.., unused..]`.
fn pack(event: &Event<'_>, shape: Shape, body: &mut [i64]) {
    body.fill(0);
    let Some((stands, rest)) = body.split_first_mut() else { return };
    *stands = i64::from(event.stands);
    let (keys, rest) = rest.split_at_mut(event.keys.len().min(rest.len()));
    let (measures, attributes) = rest.split_at_mut(shape.measures.min(rest.len()));
    for (word, &key) in keys.iter_mut().zip(event.keys) {
        *word = i64::from(key);
    }
    for (word, &measure) in measures.iter_mut().zip(event.measures) {
        *word = measure;
    }
    for (word, &attribute) in attributes.iter_mut().zip(event.attributes) {
        *word = i64::from(attribute);
    }
}

impl Scratch {
    /// The inverse of [`pack`]; returns whether the version stands.
    fn unpack(&mut self, body: &[i64], kinds: usize, shape: Shape) -> bool {
        let mut words = body.iter().copied();
        let stands = words.next() == Some(1);
        for key in self.keys.iter_mut().take(kinds) {
            *key = words.next().unwrap_or_default() as u32;
        }
        for measure in self.measures.iter_mut().take(shape.measures) {
            *measure = words.next().unwrap_or_default();
        }
        for attribute in self.attributes.iter_mut().take(shape.attributes) {
            *attribute = words.next().unwrap_or_default() as u32;
        }
        stands
    }
}

fn says_the_same(event: &Event<'_>, old: &Fact<'_>) -> bool {
    let keys = event.keys.iter().map(|k| i64::from(*k));
    let attributes = event.attributes.iter().map(|a| i64::from(*a));
    let all = [i64::from(event.stands)].into_iter().chain(keys);
    let all = all.chain(event.measures.iter().copied()).chain(attributes);
    event.day == old.day
        && all.eq(old
            .body
            .iter()
            .copied()
            .take(1 + event.keys.len() + event.measures.len() + event.attributes.len()))
}
