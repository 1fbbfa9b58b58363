//! Exit codes. They are part of the interface: a change is a breaking one.

/// Nothing was found that `--fail-on` asks for.
pub const CLEAN: u8 = 0;
/// Something was found at or above `--fail-on`.
pub const FOUND: u8 = 1;
/// The arguments or the policy are wrong.
pub const USAGE: u8 = 2;
/// The work could not be finished.
pub const FAILED: u8 = 3;

/// The codes as the help tells them.
pub(super) const HELP: &str = "\
Exit codes:
  0  nothing found at or above --fail-on
  1  something found
  2  wrong arguments, or a policy with errors
  3  could not finish";
