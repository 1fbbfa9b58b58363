//! All integration tests in one program: one link, one start.

#[cfg(test)]
mod audit;
#[cfg(test)]
#[cfg(unix)]
mod audit_script;
#[cfg(test)]
mod builtins;
#[cfg(test)]
mod bundles;
#[cfg(test)]
mod changed_keys;
#[cfg(test)]
mod comparisons;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod exports;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod fleet;
#[cfg(test)]
#[cfg(unix)]
mod fleet_report;
#[cfg(test)]
mod fleet_states;
#[cfg(test)]
mod forge;
#[cfg(test)]
mod formats;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod git_server;
#[cfg(test)]
#[cfg(unix)]
mod hooks;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod init;
#[cfg(test)]
mod laws;
#[cfg(test)]
mod outputs;
#[cfg(test)]
mod patterns;
#[cfg(test)]
mod pipelines;
#[cfg(test)]
mod place;
#[cfg(test)]
mod policy_helper;
#[cfg(test)]
mod policy_proofs;
#[cfg(test)]
mod proofs;
#[cfg(test)]
mod remote;
#[cfg(test)]
mod replays;
#[cfg(test)]
mod secrets;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod states;
#[cfg(test)]
mod structure;
mod surroundings;
#[cfg(test)]
#[cfg(unix)]
mod trail;
#[cfg(test)]
#[cfg(unix)]
mod trail_disk;
#[cfg(test)]
#[cfg(unix)]
mod trail_sinks;
#[cfg(test)]
mod transcripts;
#[cfg(test)]
mod vectors;

/// A file beside the others that is not listed above would silently never run.
#[test]
fn every_test_file_is_listed() {
    let here = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite");
    let listed = std::fs::read_to_string(here.join("main.rs")).unwrap();
    for entry in std::fs::read_dir(here).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let module = name.trim_end_matches(".rs");
        assert!(
            module == "main" || listed.contains(&format!("mod {module};")),
            "{name} is not listed in main.rs"
        );
    }
}
