//! Sizes at which the client gives up.

/// How many UTF-16 units a command line may have before the client no longer reads it (observed, 2.1.330).
pub const MAX_COMMAND: usize = 10_000;
