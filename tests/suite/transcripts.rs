//! What the program prints, as transcripts in `tests/cmd`. `TRYCMD=overwrite cargo test` writes them
//! anew.
//!
//! Folders named `dot-claude` stand for `.claude`: under their true name they would be projects of this
//! repository.

use std::fs;
use std::path::Path;

use crate::fixtures::{tree, write_tree};

#[test]
fn the_program_says_what_its_transcripts_say() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cmd");
    let temporary = tempfile::tempdir().unwrap();
    let place = temporary.path().canonicalize().unwrap();
    write_tree(&place, &tree(&here));
    // Each runs in a folder of its own: without these two it would run in that of the project.
    for entry in fs::read_dir(&here).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "trycmd") {
            for end in ["in", "out"] {
                fs::create_dir_all(place.join(path.with_extension(end).file_name().unwrap())).unwrap();
            }
        }
    }
    let cases = trycmd::TestCases::new();
    cases.env("NO_COLOR", "1").env("COLUMNS", "100").env("GIT_CONFIG_NOSYSTEM", "1");
    cases.env("BYLAWS_CACHE", place.join("cache").to_str().unwrap());
    cases.case(place.join("*.trycmd").to_str().unwrap());
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| cases.run()));
    if std::env::var("TRYCMD").is_ok_and(|value| value == "overwrite") {
        for entry in fs::read_dir(&place).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|end| end == "trycmd") {
                fs::copy(&path, here.join(path.file_name().unwrap())).unwrap();
            }
        }
    }
    if let Err(panic) = done {
        std::panic::resume_unwind(panic);
    }
}

/// The README shows what the program really prints.
#[test]
fn the_tour_of_the_readme_is_a_transcript() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let readme = fs::read_to_string(here.join("README.md")).unwrap();
    let transcript = fs::read_to_string(here.join("tests/cmd/tour.trycmd")).unwrap();
    let mut blocks = readme.split("```console\n").skip(1).peekable();
    assert!(blocks.peek().is_some());
    for block in blocks {
        let block = block.split("```").next().unwrap();
        assert!(transcript.contains(block), "{block}");
    }
}

/// So does the page about comparisons, as far as it shows it.
#[test]
fn what_the_page_of_comparisons_shows_is_in_a_transcript() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(here.join("docs/proof.md")).unwrap();
    let transcript = fs::read_to_string(here.join("tests/cmd/compare.trycmd")).unwrap();
    let mut blocks = page.split("```text\n").skip(1).peekable();
    assert!(blocks.peek().is_some());
    for block in blocks {
        let block = block.split("```").next().unwrap();
        assert!(transcript.contains(block), "{block}");
    }
}
