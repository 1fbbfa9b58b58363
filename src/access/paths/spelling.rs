//! The ways to write one path: as given, and behind each symbolic link on its way.
//!
//! Leaves out what is decided for them.

use std::borrow::Cow;

use crate::access::{Entry, World};

/// Links that are followed at most, as operating systems do.
const HOPS: usize = 40;

/// The path without `.`, `..` and repeated slashes; of a path that is already so, itself.
pub(crate) fn normal(path: &str) -> Cow<'_, str> {
    let odd = |part: &str| matches!(part, "" | "." | "..");
    let rest = path.strip_prefix('/').unwrap_or(path);
    if path.starts_with('/') && (rest.is_empty() || !rest.split('/').any(odd)) {
        return Cow::Borrowed(path);
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    Cow::Owned(format!("/{}", parts.join("/")))
}

/// `path` as seen from `folder`.
pub(crate) fn joined<'a>(folder: &str, path: &'a str) -> Cow<'a, str> {
    if path.starts_with('/') {
        normal(path)
    } else {
        Cow::Owned(normal(&format!("{folder}/{path}")).into_owned())
    }
}

/// Every spelling of a normal path: itself, what it becomes behind each link that it names, and the place
/// where all links end. None where links run in a circle.
///
/// Links in the middle of a path count in the last spelling only (observed, 2.1.330).
pub(crate) fn spellings<'a>(world: &dyn World, path: &'a str) -> Option<Vec<Cow<'a, str>>> {
    let mut found = vec![Cow::Borrowed(path)];
    if !world.has_links() {
        return Some(found);
    }
    let mut hops = HOPS;
    let end = resolved(world, path, &mut hops)?;
    let mut now = path.to_owned();
    while let Some((folder, target)) = link_at(world, &now)? {
        hops = hops.checked_sub(1)?;
        now = joined(&folder, &target).into_owned();
        found.push(Cow::Owned(now.clone()));
    }
    if !found.iter().any(|known| **known == *end) {
        found.push(Cow::Owned(end));
    }
    Some(found)
}

/// Where a normal path ends when all links are followed; what is not there keeps its name. None where
/// links run in a circle.
pub(crate) fn resolve(world: &dyn World, path: &str) -> Option<String> {
    if world.has_links() { resolved(world, path, &mut HOPS.clone()) } else { Some(path.to_owned()) }
}

/// Whether a link stands at the path itself.
pub(crate) fn is_link(world: &dyn World, path: &str) -> bool {
    world.has_links() && !matches!(link_at(world, path), Some(None))
}

fn resolved(world: &dyn World, path: &str, hops: &mut usize) -> Option<String> {
    let mut rest: Vec<String> = path.split('/').rev().map(str::to_owned).collect();
    let mut found = String::new();
    while let Some(part) = rest.pop() {
        match &*part {
            "" | "." => continue,
            ".." => {
                let up = found.rfind('/').unwrap_or(0);
                found.truncate(up);
                continue;
            }
            _ => {}
        }
        let place = format!("{found}/{part}");
        match world.entry(&place) {
            Some(Entry::Link(target)) => {
                *hops = hops.checked_sub(1)?;
                if target.starts_with('/') {
                    found.clear();
                }
                rest.extend(target.split('/').rev().map(str::to_owned));
            }
            _ => found = place,
        }
    }
    Some(if found.is_empty() { "/".to_owned() } else { found })
}

/// The link that stands at a path: the folder as it was named, and the target.
fn link_at(world: &dyn World, path: &str) -> Option<Option<(String, String)>> {
    let Some((folder, name)) = path.rsplit_once('/') else { return Some(None) };
    let real = resolve(world, if folder.is_empty() { "/" } else { folder })?;
    let place = if real == "/" { format!("/{name}") } else { format!("{real}/{name}") };
    Some(match world.entry(&place) {
        Some(Entry::Link(target)) => Some((folder.to_owned(), target)),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::MapWorld;

    #[test]
    fn normal_paths_stay_as_they_are() {
        assert!(matches!(normal("/a/b"), Cow::Borrowed("/a/b")));
        assert_eq!(normal("/a//./b/../c/"), "/a/c");
        assert_eq!(normal("/../a"), "/a");
        assert_eq!(joined("/p", "../x"), "/x");
    }

    #[test]
    fn every_named_link_gives_another_spelling() {
        let mut world = MapWorld::default();
        world.add("/p/l1", Entry::Link("l2".into()));
        world.add("/p/l2", Entry::Link("/q/d".into()));
        world.add("/q/d/f", Entry::File);
        world.add("/p/loop", Entry::Link("loop".into()));
        let spelled = |path: &'static str| spellings(&world, path).unwrap();
        assert_eq!(spelled("/p/l1/f"), ["/p/l1/f", "/q/d/f"]);
        assert_eq!(spelled("/p/l1"), ["/p/l1", "/p/l2", "/q/d"]);
        assert_eq!(spellings(&world, "/p/loop/x"), None);
        assert_eq!(spelled("/q/d/none"), ["/q/d/none"]);
        assert!(is_link(&world, "/p/l1") && !is_link(&world, "/p/l1/f"));
    }
}
