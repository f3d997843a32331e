//! Programs that compose the campaign crates.
