//! A compiled spec: what is kept per entity, what is read of it, and what the columns are made of.

mod bulk;
mod cause;
mod compile;
mod dated;
mod entity;
mod expression;
mod frame;
mod lanes;
mod read;
mod reader;
mod replay;
mod ring;
mod running;
mod series;
mod statistic;
mod window;

use campaign_core::error::check_length;
use campaign_core::{Column, Error};

use super::holiday::Holidays;
use super::spec::Schema;

pub(crate) use cause::{Cause, Part};
pub use dated::{DatedTable, date_of, day_number};
pub use entity::{Delta, EntityPlan};
pub use reader::ReadScratch;
pub use replay::{EntityEvents, EntityRequests, ReplayScratch, replay, replay_plainly};
pub use ring::Placed;
pub use window::{Days, Window, WindowError};

/// How many entity kinds one plan may name.
pub(crate) const MOST_KINDS: usize = 16;

/// What every engine and store executes: one [`EntityPlan`] per entity kind that features name, and
/// what the columns are made of.
///
/// Made by [`FeatureSpec::compile`](super::spec::FeatureSpec::compile). Engines differ in how they
/// group rows; what is computed of an entity's rows is [`replay`] in all of them, and an online store
/// calls the same [`EntityPlan::apply`] and [`EntityPlan::read_into`].
#[derive(Debug, Clone, PartialEq)]
pub struct Plan {
    schema: Schema,
    entities: Vec<EntityPlan>,
    dated: Vec<dated::DatedFeature>,
    holidays: Holidays,
    columns: Vec<Column>,
    expressions: Vec<expression::Expression>,
}

impl Plan {
    /// The names it was compiled against.
    #[must_use]
    pub fn schema(&self) -> &Schema {
        &self.schema
    }

    /// One plan per entity kind that features name.
    #[must_use]
    pub fn entities(&self) -> &[EntityPlan] {
        &self.entities
    }

    /// The columns' names and meanings.
    #[must_use]
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Whether every column is one read of the one entity kind there is, in that order.
    pub(crate) fn is_direct(&self) -> bool {
        let reads = self.entities.first().map_or(0, EntityPlan::n_reads);
        let direct = |(i, e): (usize, &expression::Expression)| matches!(e, expression::Expression::Read { slot, .. } if *slot == i);
        self.entities.len() == 1
            && reads == self.expressions.len()
            && self.expressions.iter().enumerate().all(direct)
    }

    /// One row of the table from what was read.
    ///
    /// # Shapes
    /// `reads` has one slice per [`entities`](Self::entities), each of its
    /// [`n_reads`](EntityPlan::n_reads); `dated` has [`n_dated`](Self::n_dated) entries, `out` one per
    /// column.
    ///
    /// # Errors
    /// [`Error::Length`].
    ///
    /// # Allocation
    /// None.
    pub fn assemble(&self, reads: &[&[f64]], dated: &[f64], out: &mut [f64]) -> Result<(), Error> {
        check_length("reads", reads.len(), self.entities.len())?;
        check_length("out", out.len(), self.columns.len())?;
        if dated.len() != self.dated.len() {
            return check_length("dated", dated.len(), self.dated.len());
        }
        for (value, expression) in out.iter_mut().zip(&self.expressions) {
            *value = expression.value(reads, dated);
        }
        Ok(())
    }
}
