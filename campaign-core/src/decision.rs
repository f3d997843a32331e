//! Decisions, their reasons, and a log that shows when it was touched.
