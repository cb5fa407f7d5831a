//! The binary's command line, as a user sees it.

use std::path::Path;
use std::process::{Command, Output};

fn tenure(words: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_tenure")).args(words).output().expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn list_has_every_workload() {
    let output = tenure(&["list"]);
    assert!(output.status.success());
    let text = stdout(&output);
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("workloads");
    let mut count = 0;
    for entry in std::fs::read_dir(directory).expect("the workloads are there") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|extension| extension == "el") {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            assert!(text.contains(&format!("{name}: ")), "{name} is not listed");
            count += 1;
        }
    }
    assert_eq!(text.matches("default scale").count(), count);
}

#[test]
fn help_names_the_tables() {
    let text = stdout(&tenure(&["bench", "--help"]));
    for plan in &tenure_gc::PLANS {
        assert!(text.contains(plan.name), "{} is missing", plan.name);
    }
    for option in &tenure_gc::OPTIONS {
        assert!(text.contains(&format!("--{}", option.name)), "{} is missing", option.name);
    }
    let text = stdout(&tenure(&["export", "--help"]));
    for format in tenure_reports::export::FORMATS {
        assert!(text.contains(format.name), "{} is missing", format.name);
    }
}

#[test]
fn mistakes_are_explained() {
    let cases: [(&[&str], &str); 7] = [
        (&["bench", "no-such-workload"], "expected the name of a workload"),
        (&["bench", "--collector", "no-such-collector"], "mark-sweep"),
        (&["bench", "--heap-size", "large"], "a size such as"),
        (&["bench", "--workloads", "no-such-directory"], "no-such-directory"),
        (&["bench", "--resume", "no-such-directory"], "no-such-directory"),
        (&["report", "no-such-session"], "no-such-session"),
        (&["--trace", "loud", "list"], "expected error, warn, info, debug or trace, found \"loud\""),
    ];
    for (words, message) in cases {
        let output = tenure(words);
        assert!(!output.status.success(), "{words:?} succeeds");
        assert!(stderr(&output).contains(message), "{words:?}: {}", stderr(&output));
        assert!(!stderr(&output).contains("panicked"), "{words:?}: {}", stderr(&output));
    }
}

#[test]
fn a_file_that_is_no_session_is_refused_with_its_line() {
    let directory = tempfile::tempdir().expect("a directory for the test");
    let path = directory.path().join("session.ndjson");
    for (content, message) in [
        ("", "found the end of the text"),
        ("{\"line\":\"invocation\",\"workload\":\"a\",\"collector\":\"b\"}\n", "line 1: expected the header"),
        ("not json\n", "line 1:"),
        ("{\"line\":\"header\",\"schema\":99,\"tool\":\"t\",\"tool_version\":\"0\",\"seed\":1}\n", "newer"),
    ] {
        std::fs::write(&path, content).expect("written");
        let output =
            tenure(&["report", &path.to_string_lossy(), "-o", &directory.path().join("out").to_string_lossy()]);
        assert!(!output.status.success());
        assert!(stderr(&output).contains(message), "{content:?}: {}", stderr(&output));
    }
}

#[test]
fn the_gallery_renders_and_exports() {
    let gallery = Path::new(env!("CARGO_MANIFEST_DIR")).join("../reports/gallery/collectors");
    let gallery = gallery.to_string_lossy();
    let directory = tempfile::tempdir().expect("a directory for the test");
    let out = directory.path().join("report");
    assert!(tenure(&["report", &gallery, "-o", &out.to_string_lossy()]).status.success());
    assert!(out.join("index.html").is_file());
    for format in tenure_reports::export::FORMATS {
        let out = directory.path().join(format.name);
        let output = tenure(&["export", &gallery, "--format", format.name, "--out", &out.to_string_lossy()]);
        assert!(output.status.success(), "{}: {}", format.name, stderr(&output));
        assert!(std::fs::read_dir(out).expect("a directory").count() > 0, "{} wrote nothing", format.name);
    }
}

#[test]
fn completions_know_the_commands() {
    for shell in ["bash", "zsh", "fish"] {
        let output = tenure(&["completions", shell]);
        assert!(output.status.success());
        assert!(stdout(&output).contains("bench"), "{shell}");
    }
}
