//! What happened, as the files that platforms give out.
