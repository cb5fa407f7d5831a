//! What a batch shows when an error is not handled, and how it exits, as in GNU Emacs 28.2.

use std::path::{Path, PathBuf};
use std::process::Command;

/// Programs that end early, or tell where they are.
const PROGRAMS: &[&str] = &[
    r#"(car 1)"#,
    r#"(defun f (x) (g x)) (defun g (y) (/ y 0)) (f 5)"#,
    r#"(error "Foo %s" 1)"#,
    r#"(error "%d" "a")"#,
    r#"(error 'foo)"#,
    r#"(user-error "bar")"#,
    r#"(signal 'wrong-type-argument '(x y))"#,
    r#"(signal 'foo nil)"#,
    r#"(throw 'foo 1)"#,
    r#"(foo-undefined 1 2)"#,
    r#"undefined-variable"#,
    r#"(kill-emacs 3)"#,
    r#"(error "a\tb\e\n%s" "c\nd")"#,
    r#"(unwind-protect (car 1) (message "unwound"))"#,
    r#"(add-hook 'kill-emacs-hook (lambda () (message "bye"))) (princ "abc") (car 1)"#,
    r#"(require 'no-such-feature)"#,
    r#"(setq backtrace-on-error-noninteractive nil) (princ "abc") (unwind-protect (car 1) (message "unwound"))"#,
    r#"(setq debugger (lambda (&rest a) (message "debugger %S" a)) debug-on-error t) (unwind-protect (car 1) (message "x"))"#,
    r#"(setq debugger (lambda (&rest a) (message "debugger %S" a)) debug-on-error t) (user-error "mine")"#,
    r#"(setq debug-on-error t) (defun f (x) (unwind-protect (car 1) (message "u"))) (f (list :a "q\n" (number-sequence 1 100) (make-string 300 ?a) '(1 (2 (3 (4 (5 (6 (7 (8 (9))))))))))))"#,
    r#"(let ((debug-on-error t)) (condition-case nil (car 1) (error (message "caught"))) (mapcar (lambda (x) (/ 1 x)) '(1 0)))"#,
    r#"(defun f (x) (let ((debug-on-error t)) (debug 'foo "bar"))) (f (list :a))"#,
    r#"(defun f (x) (debug) (message "after")) (f [1 "a"])"#,
    r#"(defun f (x) (backtrace) x) (f '(1 "a" (lambda (x) x))) (princ (f 2))"#,
    r#"(add-variable-watcher 'foo (lambda (&rest a) (message "%S" a))) (setq foo 1) (makunbound 'foo) (defvaralias 'bar 'foo) (setq bar 3)"#,
    r#"(princ (cdr command-line-args))"#,
];

/// The example program, which cargo builds beside the tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test has a file");
    path.pop();
    path.pop();
    path.join("examples").join("batch")
}

/// What a program prints on both outputs, and its exit code; without the frames in which it is loaded, which are others.
fn run(program: &Path, file: &Path) -> (String, String, Option<i32>) {
    let mut command = Command::new(program);
    let output = command.args(["--batch", "-Q", "-l"]).arg(file).env("LC_ALL", "C.UTF-8").output().expect("it runs");
    let own = ["  load-with-code-conversion(", "  command-line", "  normal-top-level(", "  load(\"/"];
    let text = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let lines = text.split_inclusive('\n').filter(|line| !own.iter().any(|frame| line.starts_with(frame)));
        lines.collect::<String>()
    };
    (text(&output.stdout), text(&output.stderr), output.status.code())
}

#[test]
fn errors_end_a_batch_as_in_emacs() {
    let version = Command::new("emacs").arg("--version").output();
    if !version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2")) {
        assert!(std::env::var_os("CI").is_none(), "GNU Emacs 28.2 is not installed");
        eprintln!("skipped: GNU Emacs 28.2 is not installed");
        return;
    }
    let file = std::env::temp_dir().join(format!("tenure-batch-{}.el", std::process::id()));
    for text in PROGRAMS {
        std::fs::write(&file, text).expect("a directory for files of a day");
        let expected = run(Path::new("emacs"), &file);
        assert_eq!(run(&program(), &file), expected, "{text}");
    }
    std::fs::remove_file(&file).expect("our own file");
}
