//! One key's numbers.

use super::{OnlineStore, UpdateError};
use campaign_core::error::check_length;

impl OnlineStore {
    /// What the plan reads of one key of one entity, for decision day `day`.
    pub(crate) fn reads_into(
        &self,
        entity: usize,
        key: u32,
        day: i32,
        out: &mut [f64],
    ) -> Result<(), UpdateError> {
        let n_kinds = self.entities.len();
        let entities =
            self.entities.get(entity).ok_or(UpdateError::Kind { kind: entity, n_kinds })?;
        let kind = entities.plan.kind();
        check_length("out", out.len(), entities.plan.n_reads())?;
        let known = self.n_keys(kind);
        let state = (entities.state(key).filter(|_| (key as usize) < known))
            .ok_or(UpdateError::Key { kind, code: key, known })?;
        Ok(entities.plan.read_into(state, day, out)?)
    }
}
