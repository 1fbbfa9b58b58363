//! Small cases for path rules; the recorded decisions cover the rest.

use super::*;
use crate::access::{Entry, Loaded, MapWorld};
use crate::json::Pointer;
use crate::rule::Rule;
use crate::settings::Scope;
use crate::text::Span;

fn paths(rules: &[(List, &str)]) -> Paths {
    let mut loaded = Rules::default();
    for (list, text) in rules {
        loaded.push(Loaded {
            rule: Rule::parse(text),
            list: *list,
            scope: Scope::Project,
            file: 0,
            pointer: Pointer::root(),
            span: Span::new(0, 0),
        });
    }
    let place = Place { project: "/p".into(), home: "/h".into(), config: "/h/.claude".into() };
    Paths::new(&loaded, &place, &["/p".to_owned()], &["../q".to_owned()])
}

#[test]
fn links_count_in_every_spelling() {
    let mut world = MapWorld::default();
    world.add("/p/link", Entry::Link(".env".into()));
    world.add("/p/out", Entry::Link("/etc".into()));
    let paths = paths(&[(List::Deny, "Read(.env)"), (List::Allow, "Read(/out/**)")]);
    assert!(matches!(paths.read(&world, "/p/link"), FileVerdict::Denied(_)));
    assert!(matches!(paths.read(&world, "/q/.env"), FileVerdict::Denied(_)));
    assert_eq!(paths.read(&world, "/p/out/passwd"), FileVerdict::Outside);
    assert_eq!(paths.read(&world, "/p/a/../x"), FileVerdict::Inside);
    assert_eq!(paths.read(&world, "/h/.env"), FileVerdict::Outside);
}

#[test]
fn protected_files_are_asked_for_whatever_is_allowed() {
    let world = MapWorld::default();
    let paths = paths(&[(List::Allow, "Edit(//**)"), (List::Deny, "Edit(.git/x)")]);
    assert_eq!(paths.write(&world, "/p/.git/config"), FileVerdict::Protected);
    assert!(matches!(paths.write(&world, "/p/.git/x"), FileVerdict::Denied(_)));
    assert!(matches!(paths.write(&world, "/p/a"), FileVerdict::Allowed(_)));
    assert!(matches!(paths.read(&world, "/etc/passwd"), FileVerdict::Allowed(_)));
}

#[test]
fn an_exception_speaks_of_its_own_kind() {
    let world = MapWorld::default();
    let own = paths(&[(List::Deny, "Read(*.js)"), (List::Deny, "Read(!a.js)")]);
    assert_eq!(own.read(&world, "/p/a.js"), FileVerdict::Inside);
    assert!(matches!(own.read(&world, "/p/b.js"), FileVerdict::Denied(_)));
    let other = paths(&[(List::Deny, "Read(/*.js)"), (List::Deny, "Read(!a.js)")]);
    assert!(matches!(other.read(&world, "/p/a.js"), FileVerdict::Denied(_)));
}
