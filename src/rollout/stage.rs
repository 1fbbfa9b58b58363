//! Where a repository stands in a rollout: a pure function of what is wanted there and what was seen.

use crate::forge::{Branch, Checks, Patch, Request, RequestState, Standing, Unread};

/// What is to be changed in a repository.
#[derive(Debug, Clone)]
pub enum Wanted {
    /// Nothing: it is as policy asks.
    Nothing,
    /// This.
    Change(Box<Patch>),
    /// It could not be told, and why.
    Unknown(String),
}

/// Where a repository stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage {
    /// Nothing is to be changed, and no request of ours was merged.
    InLine,
    /// A change is to be proposed.
    Waiting,
    /// The request is open with another change than is wanted now, or was not finished.
    Stale,
    /// The request is open with the change.
    Open(Checks),
    /// The request is open, or a branch was left over, and nothing is to be changed any more.
    Unneeded,
    /// The request was merged, and nothing is to be changed any more.
    Merged,
    /// People closed the request with this very change.
    Declined,
    /// Nothing is done here, and why.
    Held(String),
}

/// Where a repository stands. `is_unfinished` says that an earlier round began a request and did not come
/// to its end.
pub fn stage(wanted: &Wanted, standing: &Result<Standing, Unread>, is_unfinished: bool) -> Stage {
    let standing = match standing {
        Ok(standing) => standing,
        Err(unread) => return Stage::Held(unread.to_string()),
    };
    let request = standing.request.as_ref();
    match wanted {
        Wanted::Unknown(why) => Stage::Held(why.clone()),
        Wanted::Nothing => settled(standing, request),
        Wanted::Change(patch) => {
            // Merged or declined needs no branch.
            let digest = patch.digest();
            let is_same = |request: &&Request| request.change.as_ref() == Some(&digest);
            let state = request.map(|request| request.state);
            match request.filter(is_same).map(|request| request.state) {
                Some(RequestState::Closed) => return Stage::Declined,
                Some(RequestState::Merged) => {
                    let why =
                        "its request was merged, yet the change is still wanted: it may have been taken back";
                    return Stage::Held(why.to_owned());
                }
                Some(RequestState::Open) | None => {}
            }
            if standing.is_frozen {
                return Stage::Held(FROZEN.to_owned());
            }
            match (&standing.branch, state) {
                // Whoever committed to our branch may have mended what was wrong with the change there.
                (Branch::Touched { .. }, Some(RequestState::Open))
                    if request.is_some_and(|r| is_same(&r)) =>
                {
                    Stage::Open(checks(request))
                }
                (Branch::Touched { why }, _) => Stage::Held(touched(why)),
                (Branch::Ours { change: Some(carried), .. }, Some(RequestState::Open))
                    if *carried == digest && request.is_some_and(|r| is_same(&r)) && !is_unfinished =>
                {
                    Stage::Open(checks(request))
                }
                (_, Some(RequestState::Open)) => Stage::Stale,
                (_, _) => Stage::Waiting,
            }
        }
    }
}

const FROZEN: &str = "it is archived or locked, and takes no changes";

/// Where a repository stands in which nothing is to be changed.
fn settled(standing: &Standing, request: Option<&Request>) -> Stage {
    let is_left_over = request.is_none() && matches!(standing.branch, Branch::Ours { .. });
    match request.map(|request| request.state) {
        Some(RequestState::Merged) => Stage::Merged,
        Some(RequestState::Open) if standing.is_frozen => Stage::Held(FROZEN.to_owned()),
        Some(RequestState::Open) => match &standing.branch {
            Branch::Touched { why } => {
                Stage::Held(format!("its request is no longer needed, but {}", touched(why)))
            }
            Branch::Ours { .. } | Branch::Missing => Stage::Unneeded,
        },
        _ if is_left_over && !standing.is_frozen => Stage::Unneeded,
        Some(RequestState::Closed) | None => Stage::InLine,
    }
}

fn touched(why: &str) -> String {
    format!("others committed to its branch: {why}")
}

fn checks(request: Option<&Request>) -> Checks {
    request.map_or(Checks::None, |request| request.checks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::{Base, Kind, Writing};
    use crate::path::RepoPath;

    fn change(after: &str) -> Patch {
        let file = Writing {
            path: RepoPath::new("x.json").unwrap(),
            kind: Kind::of_mode(0o100_644),
            before: None,
            after: Some(after.into()),
        };
        Patch {
            base: Base { branch: "main".into(), commit: "c".into(), tree: "t".into() },
            files: vec![file],
        }
    }

    fn standing(branch: Branch, request: Option<(RequestState, &Patch)>) -> Standing {
        let request = request.map(|(state, change)| Request {
            number: 1,
            url: String::new(),
            state,
            checks: Checks::Failing,
            change: Some(change.digest()),
        });
        Standing { id: "1".into(), is_frozen: false, branch, request }
    }

    fn ours(change: &Patch) -> Branch {
        Branch::Ours { commit: "b".into(), change: Some(change.digest()) }
    }

    #[test]
    fn a_stage_follows_from_what_is_wanted_and_seen() {
        use RequestState::{Closed, Merged, Open};
        let (new, old) = (change("new"), change("old"));
        let touched = || Branch::Touched { why: "x".into() };
        let cases = [
            (true, Branch::Missing, None, Stage::Waiting),
            (true, ours(&new), None, Stage::Waiting),
            (true, ours(&new), Some((Open, &new)), Stage::Open(Checks::Failing)),
            (true, ours(&old), Some((Open, &old)), Stage::Stale),
            (true, ours(&new), Some((Open, &old)), Stage::Stale),
            (true, Branch::Missing, Some((Open, &new)), Stage::Stale),
            (true, touched(), Some((Open, &new)), Stage::Open(Checks::Failing)),
            (true, ours(&new), Some((Closed, &new)), Stage::Declined),
            (true, touched(), Some((Closed, &new)), Stage::Declined),
            (true, ours(&old), Some((Closed, &old)), Stage::Waiting),
            (true, ours(&old), Some((Merged, &old)), Stage::Waiting),
            (false, Branch::Missing, None, Stage::InLine),
            (false, ours(&old), None, Stage::Unneeded),
            (false, ours(&old), Some((Open, &old)), Stage::Unneeded),
            (false, ours(&old), Some((Merged, &old)), Stage::Merged),
            (false, ours(&old), Some((Closed, &old)), Stage::InLine),
        ];
        for (is_wanted, branch, request, expected) in cases {
            let wanted = if is_wanted { Wanted::Change(Box::new(new.clone())) } else { Wanted::Nothing };
            let standing = standing(branch, request);
            assert_eq!(stage(&wanted, &Ok(standing.clone()), false), expected, "{is_wanted} {standing:?}");
        }
        let wanted = Wanted::Change(Box::new(new.clone()));
        let held = [
            standing(touched(), Some((Open, &old))),
            standing(touched(), None),
            standing(ours(&new), Some((Merged, &new))),
            Standing { is_frozen: true, ..standing(Branch::Missing, None) },
        ];
        for standing in held {
            assert!(matches!(stage(&wanted, &Ok(standing.clone()), false), Stage::Held(_)), "{standing:?}");
        }
        assert!(matches!(stage(&wanted, &Err(Unread::Missing), false), Stage::Held(_)));
        let left = standing(touched(), Some((Open, &old)));
        assert!(matches!(stage(&Wanted::Nothing, &Ok(left), false), Stage::Held(_)));
        let open = standing(ours(&new), Some((Open, &new)));
        assert!(matches!(stage(&Wanted::Unknown("x".into()), &Ok(open.clone()), false), Stage::Held(_)));
        assert_eq!(stage(&wanted, &Ok(open), true), Stage::Stale, "labels may be missing");
    }
}
