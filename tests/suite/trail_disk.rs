//! The trail on a disk that is full: what was acknowledged is there, nothing is torn, and the next line is whole.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::json;

use crate::place::{Place, Ran};
use crate::trail::{FOLDER, commands, lines, place};

fn sent(command: &str) -> String {
    json!({"hook_event_name": "PostToolUse", "tool_name": "Bash", "tool_input": {"command": command}})
        .to_string()
}

/// Runs a hook with a bound on the size of files, in blocks of 512 bytes. Beyond it the system takes what fits and
/// then gives an error, as it does on a full disk.
fn bounded(place: &Place, limit: &str, command: &str) -> Ran {
    place.write("input.json", sent(command));
    let mut shell = Command::new("sh");
    // A signal comes as well, unless it is ignored.
    let script = format!("trap '' XFSZ; ulimit -f {limit}; exec \"$0\" hook log < ../input.json");
    shell.args(["-c", &script, env!("CARGO_BIN_EXE_bylaws")]).current_dir(place.path("proj"));
    shell.env_clear().env("HOME", place.path(""));
    Ran::of(shell.output().unwrap())
}

#[test]
fn a_line_that_fits_in_part_is_told_and_tears_nothing() {
    let place = place();
    bounded(&place, "unlimited", "one").code(0);
    let path = place.path(FOLDER).join("00000000000000000001.jsonl");
    let before = std::fs::read(&path).unwrap();
    let ran = bounded(&place, "1", &"x".repeat(1_400)).code(3).says("nothing was logged: cannot write");
    assert_eq!(ran.out, "");
    assert_eq!(std::fs::read(&path).unwrap(), before);
    bounded(&place, "unlimited", "two").code(0);
    let lines = lines(&place.path(FOLDER));
    assert_eq!(commands(&lines), ["one", "two"]);
    assert_eq!(lines[1].sequence, 2);
}

#[test]
fn a_file_that_cannot_take_its_first_line_stays_empty_and_takes_the_next() {
    let place = place();
    bounded(&place, "0", "one").code(3).says("nothing was logged: cannot write");
    bounded(&place, "unlimited", "two").code(0);
    let lines = lines(&place.path(FOLDER));
    assert_eq!((commands(&lines), lines[0].sequence), (vec!["two".to_owned()], 1));
}

/// A real disk of 96 KiB that fills up, and gets room again, four times. It is mounted for one process that may do so
/// without being root.
#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_really_full_keeps_what_was_acknowledged() {
    let inner = |script: &str| {
        let mut shell = Command::new("unshare");
        shell.args(["--user", "--map-root-user", "--mount", "sh", "-c"]);
        shell.arg(format!("mount -t tmpfs -o size=96k none \"$1\" || exit 9; {script}")).arg("sh");
        shell
    };
    let place = place();
    let disk = place.path("disk");
    std::fs::create_dir(&disk).unwrap();
    if !inner("exit 0").arg(&disk).output().is_ok_and(|done| done.status.success()) {
        let _ = std::io::stderr()
            .write_all(b"skipped: no disk can be mounted here, and a full one is not tested\n");
        return;
    }
    // Lines of many lengths, so that the end of the disk cuts at other places; what the hook acknowledged is noted
    // on the disk outside.
    let script = r#"
        number=0
        for round in 1 2 3 4; do
            failed=0
            while [ $failed -lt 5 ]; do
                number=$((number + 1))
                text=$(head -c $((number * 397 % 1400)) /dev/zero | tr '\0' x)
                printf '{"hook_event_name":"PostToolUse","tool_name":"Bash","tool_input":{"command":"%s %s"}}' \
                    $number "$text" | "$2" hook log --folder "$1/trail" 2>> "$3/errors"
                code=$?
                if [ $code = 0 ]; then echo $number >> "$3/acknowledged"; else failed=$((failed + 1)); fi
                if [ $code != 0 ] && [ $code != 3 ]; then echo "ended with $code" >> "$3/errors"; exit 1; fi
            done
            mount -o remount,size=$((96 + round * 32))k "$1"
        done
        cp -r "$1/trail" "$3/copy"
    "#;
    let outside = place.path("outside");
    std::fs::create_dir(&outside).unwrap();
    let mut shell = inner(script);
    shell.args([&disk, std::path::Path::new(env!("CARGO_BIN_EXE_bylaws")), &outside]);
    let done = shell.stdin(Stdio::null()).output().unwrap();
    assert!(done.status.success(), "{done:?}");
    let errors = place.read("outside/errors");
    assert!(errors.lines().all(|line| line.contains("nothing was logged: cannot write")), "{errors}");
    assert_eq!(errors.lines().count(), 20, "{errors}");
    assert!(errors.contains("No space left on device"), "{errors}");
    let acknowledged: Vec<String> = place.read("outside/acknowledged").lines().map(str::to_owned).collect();
    let lines = lines(&outside.join("copy"));
    let kept: Vec<String> =
        commands(&lines).iter().map(|command| command.split(' ').next().unwrap().to_owned()).collect();
    assert!(kept.len() > 80, "{kept:?}");
    assert_eq!(kept, acknowledged);
    assert!(lines.iter().zip(1..).all(|(line, at)| line.sequence == at));
}
