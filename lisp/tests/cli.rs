//! The command line: what a process with these words prints and how it exits.

use std::path::PathBuf;
use std::process::{Command, Output};

/// The example program, which cargo builds beside the tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test has a file");
    path.pop();
    path.pop();
    path.join("examples").join("batch")
}

fn run(words: &[&str]) -> Output {
    Command::new(program()).args(words).env_remove("EMACSLOADPATH").output().expect("the example program runs")
}

fn code(words: &[&str]) -> i32 {
    run(words).status.code().expect("an exit code")
}

#[test]
fn exit_codes() {
    for (words, expected) in [
        (&["--batch"][..], 0),
        (&["--batch", "--eval", "(kill-emacs 7)"], 7),
        (&["-batch", "-eval", "(kill-emacs 7)", "--eval", "(kill-emacs 8)"], 7),
        (&["--batch", "--eval=(kill-emacs 6)"], 6),
        (&["--batch", "--exe", "(kill-emacs 5)"], 5),
        (&["--batch", "-Q", "--no-splash", "-nsl", "--kill", "--eval", "(kill-emacs 5)"], 0),
        (&["--batch", "--eval", "(no-such-function)"], 255),
        (&["--batch", "--no-such-option"], 255),
        (&["--batch", "-l", "no-such-file"], 255),
        (&["--batch", "--eval"], 1),
        (&["--batch", "-l"], 1),
        (&["--collector", "no-such-collector"], 2),
        (&["--heap-size", "much"], 2),
        (&["--gc-log", "/no/such/directory/file", "--batch"], 2),
        (&["--version"], 0),
        (&["--help"], 0),
    ] {
        assert_eq!(code(words), expected, "{words:?}");
    }
}

fn error_text(words: &[&str]) -> String {
    String::from_utf8(run(words).stderr).expect("text")
}

#[test]
fn a_message_begins_a_line_of_its_own() {
    let form = r#"(progn (princ "x") (message "a") (message "b") (princ "y\n") (message "c"))"#;
    assert_eq!(error_text(&["--batch", "--eval", form]), "\na\nb\n\nc\n");
    assert!(error_text(&["--batch", "--eval", "(car 1)"]).starts_with("Debugger entered--Lisp error: (wrong-type"));
    assert!(error_text(&["--batch", "--eval", "(car (princ 1))"]).starts_with("\nDebugger entered--Lisp error: "));
}

#[test]
fn a_long_backtrace_shows_its_ends() {
    let form = "(progn (defun down (n) (if (= n 0) (car 1) (1+ (down (1- n))))) (down 100))";
    let text = error_text(&["--batch", "--eval", form]);
    let lines: Vec<&str> = text.lines().collect();
    // As in Emacs: half of 40 lines, a mark, the other half, an empty line.
    assert_eq!((lines.len(), lines[20], lines[41]), (42, "...", ""), "{text}");
    assert!(lines[0].starts_with("Debugger entered"), "{text}");
    assert!(lines[40].starts_with("  (progn"), "{text}");
    let fewer = format!("(progn (setq debugger-batch-max-lines 4) {form})");
    assert_eq!(error_text(&["--batch", "--eval", &fewer]).lines().count(), 6);
}

#[test]
fn raw_bytes_are_printed_as_they_are_kept() {
    let out = run(&["--batch", "--eval", r#"(progn (princ "é\x3fff80") (princ "\377") (write-char #x3fffa0))"#]).stdout;
    assert_eq!(out, b"\xc3\xa9\xc0\x80\xc1\xbf\xc0\xa0");
}

#[test]
fn help_names_every_option_of_the_heap_and_every_collector() {
    let text = String::from_utf8(run(&["--help"]).stdout).expect("text");
    for name in tenure_gc::OPTIONS.iter().map(|o| o.name).chain(tenure_gc::PLANS.iter().map(|p| p.name)) {
        assert!(text.contains(name), "{name}");
    }
    assert!(String::from_utf8(run(&["--version"]).stdout).expect("text").contains("GNU Emacs 28.2"));
}

#[test]
fn a_bad_value_says_what_was_expected_and_found() {
    let text = String::from_utf8(run(&["--collector", "mark-swep"]).stderr).expect("text");
    assert!(text.contains("mark-sweep") && text.contains("`mark-swep`"), "{text}");
}

#[test]
fn the_log_of_collections_ends_with_totals() {
    let log = std::env::temp_dir().join(format!("tenure-gc-log-{}.json", std::process::id()));
    let name = log.to_str().expect("a name of text");
    let output = run(&["--collector", "mark-sweep", "--gc-log", name, "--batch", "--eval", "(garbage-collect)"]);
    assert!(output.status.success(), "{output:?}");
    let text = std::fs::read_to_string(&log).expect("a log");
    std::fs::remove_file(&log).expect("our own file");
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("{\"start_ns\":") && lines[0].contains("\"cause\":\"explicit\""), "{text}");
    assert!(lines[lines.len() - 1].starts_with("{\"totals\":{\"pauses\":1,"), "{text}");
}
