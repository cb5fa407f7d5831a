//! The tests that are written in Lisp: each file runs here and in Emacs, and both show the same results.
//!
//! Times, dates and backtraces are left out of the comparison.  A file `a-tests.el` is in the directory of the crate
//! whose behaviour it tests.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// The version of Emacs whose behaviour the tests assert.
const VERSION: &str = "GNU Emacs 28.2";

/// The files of tests below the directory of a crate, in order.
fn files(krate: &str) -> Vec<PathBuf> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(krate).join("tests/el");
    let entries = std::fs::read_dir(&directory).expect("a directory of tests");
    let mut files: Vec<_> = entries.map(|entry| entry.expect("readable").path()).collect();
    files.sort();
    assert!(files.iter().all(|file| file.to_string_lossy().ends_with("-tests.el")), "{files:?}");
    files
}

/// Runs all tests of a file in batch mode.
fn run(program: &str, file: &Path) -> Output {
    run_selected(program, file, "t")
}

/// Runs the tests of a file that a selector, an expression, selects.
fn run_selected(program: &str, file: &Path, selector: &str) -> Output {
    let form = format!("(ert-run-tests-batch-and-exit {selector})");
    let run = Command::new(program).args(["-Q", "--batch", "-l"]).arg(file).args(["--eval", &form]).output();
    run.unwrap_or_else(|reason| panic!("{program}: {reason}"))
}

/// Whether the Emacs that the tests are written for is installed.
fn emacs_is_installed() -> bool {
    let version = Command::new("emacs").arg("--version").output();
    version.is_ok_and(|output| String::from_utf8_lossy(&output.stdout).starts_with(VERSION))
}

/// What a run showed, without times, dates, the frames of backtraces and the warnings of loading.
fn comparable(output: &Output) -> Vec<String> {
    let text = String::from_utf8_lossy(&output.stderr);
    let mut backtrace = false;
    let mut lines = Vec::new();
    for line in text.lines().skip_while(|line| !line.starts_with("Running ")) {
        if line.ends_with(" condition:") {
            backtrace = false;
        }
        if !backtrace {
            lines.push(without_times(line));
        }
        backtrace |= line.ends_with(" backtrace:");
    }
    lines
}

/// A line without the time or the date that is in parentheses.
fn without_times(line: &str) -> String {
    if line.starts_with("Running ") {
        let parts = line.split_once(" (").and_then(|(tests, rest)| Some((tests, rest.split_once(", ")?.1)));
        return parts.map_or_else(|| line.to_owned(), |(tests, selector)| format!("{tests} ({selector}"));
    }
    match line.rfind(" (") {
        Some(at) if line.contains(" sec)") => line[..at].to_owned(),
        _ => line.to_owned(),
    }
}

/// Runs the files of a crate here and in Emacs, and gives the number of tests.
fn compare(krate: &str) -> usize {
    let emacs = emacs_is_installed();
    if !emacs {
        eprintln!("{VERSION} is not installed: the results are not compared with its");
        assert!(std::env::var_os("CI").is_none(), "{VERSION} is not installed");
    }
    let mut count = 0;
    for file in files(krate) {
        let ours = run(env!("CARGO_BIN_EXE_tenure"), &file);
        let shown = comparable(&ours);
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        assert!(ours.status.success(), "{name}:\n{}", String::from_utf8_lossy(&ours.stderr));
        if emacs {
            let theirs = run("emacs", &file);
            assert_eq!(comparable(&theirs), shown, "{name}: Emacs's results and ours");
            assert_eq!(theirs.status.code(), ours.status.code(), "{name}");
        }
        count += shown.iter().filter(|line| line.starts_with("   passed  ")).count();
    }
    count
}

#[test]
fn evaluator_and_data() {
    let count = compare("vm");
    assert!(count >= 80, "{count} tests");
}

#[test]
fn library() {
    let count = compare("lisp");
    assert!(count >= 350, "{count} tests");
}

/// What is shown of tests that fail, and the code of the exit, are Emacs's.
#[test]
fn failures() {
    const FILE: &str = r#";; -*- lexical-binding: t -*-
(require 'ert)
(ert-deftest a-passes () "Documentation." :tags '(quick) (should (= 1 1)))
(ert-deftest b-fails () (should (= 1 2)))
(ert-deftest c-explains () (should (equal '(1 (2 3) "x") '(1 (2 4) "x"))))
(ert-deftest d-signals () (car 5))
(ert-deftest e-holds () (should-not (list 1)))
(ert-deftest f-signals-not () (should-error (car '(1))))
(ert-deftest g-signals-another () (should-error (car 5) :type 'arith-error))
(ert-deftest h-is-skipped () (skip-unless nil) (error "Not reached"))
(ert-deftest i-fails-as-expected () :expected-result :failed (should nil))
(ert-deftest j-passes-unexpectedly () :expected-result :failed (should t))
(ert-deftest k-says-why () (ert-fail "reason"))
(ert-deftest l-stops () (ert-pass) (error "Not reached"))
(ert-deftest m-tells-where () (ert-info ("one\ntwo" :prefix "At: ") (should nil)))
(ert-deftest n-is-long () (should (equal (number-sequence 1 30) nil)))
(ert-deftest o-is-deep () (should (let ((a 1)) (when (= a 2) (list (list a))))))
(ert-deftest p-throws () (throw 'nowhere 1))
(ert-deftest q-signals-anything () (signal 'my-error '(1 "a" (b c))))
"#;
    if !emacs_is_installed() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("failures-tests.el");
    std::fs::write(&file, FILE).expect("written");
    let (theirs, ours) = (run("emacs", &file), run(env!("CARGO_BIN_EXE_tenure"), &file));
    assert_eq!(comparable(&theirs), comparable(&ours));
    assert_eq!((theirs.status.code(), ours.status.code()), (Some(1), Some(1)));
}

/// What selectors select, in which order, and what assertions and their places tell, are Emacs's.
#[test]
fn selectors() {
    const FILE: &str = r#";; -*- lexical-binding: t -*-
(require 'ert)
(ert-deftest s-a () :tags '(x) (should t))
(ert-deftest s-b () :tags '(x y)
  (ert-info ("first" :prefix "P: ") (ert-info ((format "%s" 'second)) (should (equal "abc" "abd")))))
(ert-deftest s-c () (should (equal (vector 1 2) [1 3])))
(ert-deftest s-d () (should (eql 1.0 (/ 3 3.5))))
(ert-deftest s-e () (ert-fail '(my reason "str")))
(ert-deftest s-f () (ert-skip "not now"))
(ert-deftest s-g () :expected-result '(or :passed :failed) (should nil))
(ert-deftest s-h () (let ((x 1)) (should (member x '(2 3)))))
(ert-deftest s-i () (should-error (error "Some %s" "msg") :type 'user-error))
(ert-deftest s-j () (should (= 1 (error "Boom"))))
(defun s-explained (a b) (< a b))
(put 's-explained 'ert-explainer (lambda (a b) (list 'not-less a b)))
(ert-deftest s-k () (should (s-explained 2 1)))
(ert-deftest s-l () (condition-case nil (should nil) (error nil)))
(ert-deftest s-m () (should (equal (make-hash-table) 'a)))
(ert-deftest s-n () (message "a message %d" 5) (should (string-match "x" "abc")))
(ert-deftest s-o () (should (equal '(1 2 3 4 5 6 7 8 9 10 11 12 13) '(1 2 3 4 5 6 7 8 9 10 11 12 14))))
"#;
    const SELECTORS: &[(&str, i32)] = &[
        ("t", 1),
        ("'(tag x)", 1),
        ("'(not (tag x))", 1),
        ("\"s-[ag]\"", 0),
        ("'(or s-a (tag y))", 1),
        ("'(member s-b s-a)", 1),
        ("'(and (tag x) (not (tag y)))", 0),
        ("'(eql s-c)", 1),
        (":new", 1),
        ("'(satisfies ert-test-tags)", 1),
    ];
    if !emacs_is_installed() {
        return;
    }
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("selectors-tests.el");
    std::fs::write(&file, FILE).expect("written");
    for &(selector, code) in SELECTORS {
        let theirs = run_selected("emacs", &file, selector);
        let ours = run_selected(env!("CARGO_BIN_EXE_tenure"), &file, selector);
        assert_eq!(comparable(&theirs), comparable(&ours), "{selector}");
        assert_eq!((theirs.status.code(), ours.status.code()), (Some(code), Some(code)), "{selector}");
    }
}
