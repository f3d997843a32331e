//! One event: checked as a whole, then applied as a whole.

use core::cmp::Ordering;

use campaign_core::error::check_length;

use super::body::{Body, Shape, magnitude, pack};
use super::event::{Applied, Event, UpdateError};
use super::facts::Place;
use super::settle::{Version, difference};
use super::{Entities, OnlineStore};
use crate::feature::plan::Delta;
use crate::feature::source::{LARGEST, NOT_REPORTED};

/// Working space of an update, taken once.
#[derive(Debug, Clone)]
pub(crate) struct Scratch {
    values: Vec<i64>,
    attributes: Vec<u32>,
}

impl Scratch {
    /// For sources of these shapes.
    pub(crate) fn new(shapes: &[Shape]) -> Self {
        let measures = shapes.iter().map(|s| s.measures).max().unwrap_or(0);
        let attributes = shapes.iter().map(|s| s.attributes).max().unwrap_or(0);
        Self { values: vec![0; 2 * measures + 1], attributes: vec![0; attributes] }
    }
}

/// For so many events the memory is asked at once.
const TOGETHER: usize = 16;

/// What an event will do: everything that could refuse it has been asked.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Probe {
    place: Result<u32, Place>,
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
        self.touch(event);
        let probe = self.probe(event)?;
        self.commit(event, probe)
    }

    /// Takes in events as [`update`](Self::update) does, one after the other, and hands on what became of
    /// each. Where keys are many, this is faster: what several events need comes from memory at once.
    ///
    /// # Allocation
    /// None.
    pub fn update_all<'e>(
        &mut self,
        events: &[Event<'e>],
        mut told: impl FnMut(&Event<'e>, Result<Applied, UpdateError>),
    ) {
        for events in events.chunks(TOGETHER) {
            for event in events {
                self.facts.touch(event.source, event.fact);
                self.touch(event);
            }
            for event in events {
                let applied = self.probe(event).and_then(|probe| self.commit(event, probe));
                told(event, applied);
            }
        }
    }

    /// Asks early for what the event will change of states, so that it comes from memory while all else
    /// is looked at. Only how long an update takes depends on it.
    #[inline]
    fn touch(&self, event: &Event<'_>) {
        for entities in &self.entities {
            let key = event.keys.get(entities.plan.kind());
            if let Some(state) = key.and_then(|key| entities.state(*key)) {
                entities.plan.touch(state, event.source as usize, event.day);
            }
        }
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
        // First, because it may have to wait for memory; the other questions do not wait for it.
        let place = self.facts.place(event.source, event.fact);
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
        let magnitude = magnitude(event.measures);
        if magnitude > LARGEST as u64 {
            check_sizes(event.measures)?;
        }
        if event.day > self.today {
            return Err(UpdateError::Future { day: event.day, today: self.today });
        }
        if event.day < self.oldest() {
            return Err(UpdateError::Late { day: event.day, oldest: self.oldest() });
        }
        let (applied, old) = match place {
            Err(_) if self.facts.is_full() => {
                return Err(UpdateError::FactsFull { capacity: self.facts.capacity() });
            }
            Err(_) => (Applied::New, None),
            Ok(slot) => {
                let old = self.facts.get(slot);
                let body = old.and_then(|old| Body::of(old.body, self.keys.len(), shape));
                let Some((old, body)) = old.zip(body) else {
                    return Err(UpdateError::FactsFull { capacity: self.facts.capacity() });
                };
                let applied = match event.known_at.cmp(&old.known_at) {
                    Ordering::Greater => Applied::Restated,
                    Ordering::Less => Applied::Superseded,
                    Ordering::Equal if event.day == old.day && body.says_the_same(event) => {
                        Applied::Duplicate
                    }
                    Ordering::Equal => {
                        let (source_index, fact) = (event.source, event.fact);
                        return Err(UpdateError::Conflict { source_index, fact });
                    }
                };
                (applied, Some(body))
            }
        };
        if applied != Applied::Duplicate {
            self.admit(event, magnitude, applied, old)?;
        }
        Ok(Probe { place, applied })
    }

    /// Whether every kernel will take the changes that the event makes.
    fn admit(
        &self,
        event: &Event<'_>,
        one: u64,
        applied: Applied,
        old: Option<Body<'_>>,
    ) -> Result<(), UpdateError> {
        // Both versions, or one there and back.
        let both = match (applied, old) {
            (Applied::Superseded, _) => one.saturating_mul(2),
            (_, Some(old)) => one.saturating_add(magnitude(old.measures)),
            (_, None) => one,
        };
        let source = event.source as usize;
        for entities in &self.entities {
            if !entities.plan.uses(source) {
                continue;
            }
            let kind = entities.plan.kind();
            let key = event.keys.get(kind).copied().unwrap_or(Event::NO_KEY);
            if let Some(state) = entities.state(key) {
                entities.plan.admits(state, source, event.attributes, both)?;
            }
            if applied == Applied::Restated
                && let Some(&old_key) = old.and_then(|old| old.keys.get(kind))
                && old_key != i64::from(key)
                && let Some(state) = entities.state(old_key as u32)
            {
                entities.plan.admits(state, source, &[], both)?;
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
        let Scratch { values, attributes } = scratch;
        let new =
            Version { day: event.day, measures: event.measures, attributes: event.attributes };
        let old = probe.place.ok().and_then(|slot| facts.get(slot));
        let old_body = old.and_then(|old| Body::of(old.body, keys.len(), shape));
        let old = old.zip(old_body).filter(|(_, body)| body.stands).map(|(fact, body)| {
            for (code, word) in attributes.iter_mut().zip(body.attributes) {
                *code = *word as u32;
            }
            let attributes = attributes.get(..shape.attributes).unwrap_or_default();
            Version { day: fact.day, measures: body.measures, attributes }
        });
        // A version that does not stand counts and states nothing.
        let (old, new) = (old.as_ref(), event.stands.then_some(&new));
        let values = values.get_mut(..2 * shape.measures + 1).unwrap_or_default();
        let source = event.source as usize;
        for entities in entities.iter_mut().filter(|e| e.plan.uses(source)) {
            let kind = entities.plan.kind();
            let key = event.keys.get(kind).copied().unwrap_or(Event::NO_KEY);
            let old_key = old_body.and_then(|old| old.keys.get(kind));
            let old_key = old_key.map_or(Event::NO_KEY, |key| *key as u32);
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
            match (probe.applied, old, new) {
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
            let Event { source, fact, day, known_at, .. } = *event;
            pack(event, facts.hold(probe.place, source, fact, day, known_at));
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

fn check_sizes(measures: &[i64]) -> Result<(), UpdateError> {
    let fits = |value: i64| value == NOT_REPORTED || (-LARGEST..=LARGEST).contains(&value);
    match measures.iter().enumerate().find(|(_, value)| !fits(**value)) {
        Some((measure, &value)) => Err(UpdateError::TooLarge { measure, value }),
        None => Ok(()),
    }
}
