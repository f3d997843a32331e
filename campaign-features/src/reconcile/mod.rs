//! Two reports of the same thing: ad rows against the totals of coarser reports, and what platforms
//! claim against first-party orders.
//!
//! [`Levels`] finds what only a coarser report has and makes it an explicit, unallocated record.
//! [`reconcile_claims`] matches claimed conversions with orders, one to one.

mod claims;
mod levels;
mod matching;
mod metric;

pub use claims::{
    Claim, ClaimError, ClaimOptions, ClaimReport, ClaimRow, claim_of, claims_of, reconcile_claims,
};
pub use levels::{
    Balance, Conflict, ConflictKind, LevelError, LevelReport, Levels, UNALLOCATED, is_unallocated,
};
pub use metric::Metric;
