//! Many repositories, each with what became of it.
//!
//! An [`Inventory`] says which repositories there are and where; [`Run`] holds each against the policy by the one
//! check there is; what is left of a repository is an [`Outcome`]: its [`State`] and the reasons. A repository that
//! cannot be read or reached is an outcome like any other, and never counts as in line.
//!
//! INVARIANT: outcomes depend on repositories, policy and day alone, and stand in the order of names: neither the
//! number of threads nor what is remembered from earlier runs changes them.

mod alike;
mod change;
mod facts;
mod history;
mod inventory;
mod memory;
mod outcome;
mod plan;
mod proved;
mod run;
mod shard;
mod shown;
mod state;
mod waived;
mod wanted;

pub use change::{Change, Changes};
pub use facts::{FactsByName, read_facts};
pub use history::{Error as HistoryError, History, Move, PastRun, Trend};
pub use inventory::{Error, Inventory, Location, Member, SOURCE, entries_of};
pub use memory::{Error as MemoryError, Key, Memory};
pub use outcome::{Fleet, Group, Outcome, SilentHost};
pub use plan::{FleetPlan, SameChange};
pub use run::{Looked, NoThreads, Run, Seen};
pub use shard::Shard;
pub use shown::{Shown, Site};
pub use state::{Reason, State, Verdict};
pub use waived::FleetWaiver;
pub use wanted::Cast;
