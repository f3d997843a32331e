//! A simulated ad market with known truth.
