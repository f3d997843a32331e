//! What is kept per entity, and what is read of it.

use std::sync::Arc;

use super::super::super::error::FeatureError;
use super::super::entity::{EntityPlan, Group, Read};
use super::super::expression::Expression;
use super::super::frame::Reach;
use super::super::lanes::SourceLanes;
use super::super::ring::Ring;
use super::super::{MOST_KINDS, Window};
use super::Compiler;

impl Compiler<'_> {
    /// The plan of an entity kind, which the source must name.
    pub(super) fn entity(&mut self, name: &Arc<str>, s: usize) -> Result<usize, FeatureError> {
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

    pub(super) fn lanes(&mut self, e: usize, s: usize) -> &mut SourceLanes {
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
    pub(super) fn read(
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
}
