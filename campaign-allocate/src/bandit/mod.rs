//! Bandits for rewards in `[0, 1]`, with the exact law of their choice.

mod beta;
mod frozen;
mod law;
mod state;
mod thompson;
mod ucb;

#[cfg(test)]
mod reference;

pub use frozen::FrozenPolicy;
pub use state::StateError;
pub use thompson::BetaThompson;
pub use ucb::Ucb1;

use campaign_core::{Error, Feedback, MergeError, Result};

/// Version of the saved states.
#[cfg(feature = "serde")]
const FORMAT: u32 = 1;

/// Most evidence that an arm may collect; beyond it an observation of weight 1 would be lost to rounding.
const MOST_EVIDENCE: f64 = 1e15;

fn check_n_arms(n_arms: usize) -> Result<()> {
    let most = u32::MAX as usize;
    if n_arms <= most {
        return Ok(());
    }
    let (what, value, high) = ("n_arms", n_arms as f64, most as f64);
    Err(Error::OutOfRange { what, index: 0, value, low: 0.0, high })
}

/// Feedback of a bandit without features whose rewards lie in `[0, 1]`.
fn check_feedback(feedback: &Feedback<'_>, n_arms: usize) -> Result<()> {
    feedback.check(n_arms, 0)?;
    let value = feedback.reward;
    if (0.0..=1.0).contains(&value) {
        Ok(())
    } else {
        let what = "feedback.reward";
        Err(Error::OutOfRange { what, index: 0, value, low: 0.0, high: 1.0 })
    }
}

fn check_evidence(value: f64, index: usize) -> Result<()> {
    if value <= MOST_EVIDENCE {
        Ok(())
    } else {
        let (what, high) = ("weight of all feedback on the arm", MOST_EVIDENCE);
        Err(Error::OutOfRange { what, index, value, low: 0.0, high })
    }
}

fn check_merge(ours: usize, theirs: usize) -> core::result::Result<(), MergeError> {
    if ours == theirs { Ok(()) } else { Err(MergeError::Shape { what: "arms", ours, theirs }) }
}

fn add_all(ours: &mut [f64], theirs: &[f64]) {
    for (ours, theirs) in ours.iter_mut().zip(theirs) {
        *ours += theirs;
    }
}
