//! Questions in batch: prompts on the standard output and answers from the standard input, as in GNU Emacs 28.2.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// Forms, and the lines that answer them.
const CASES: &[(&str, &str)] = &[
    (r#"(print (read-string "Name: "))"#, "abc\n"),
    (r#"(print (list (read-string "a: " "init" nil "def") (read-string "b: " nil nil '("x" "y"))))"#, "\n\n"),
    (r#"(print (list (read-string "a: ") (condition-case e (read-string "b: ") (error e))))"#, "no newline"),
    (r#"(print (condition-case e (read-from-minibuffer "r: " nil nil t) (error e)))"#, "(a . b)\n"),
    (r#"(print (condition-case e (read-minibuffer "r: ") (error e)))"#, "(a\n"),
    (r#"(print (condition-case e (read-minibuffer "r: ") (error e)))"#, "1 2\n"),
    (r#"(print (list (read t) (eval-minibuffer "e: ")))"#, "[1]\n(+ 1 2)\n"),
    (r#"(print (list (yes-or-no-p "Sure? ") (yes-or-no-p "Really? ")))"#, "yes\nmaybe\nno\n"),
    (r#"(print (list (y-or-n-p "Sure? ") (y-or-n-p "Really?")))"#, "y\nwhat\nn\n"),
    (r#"(print (list (read-number "n: " 3) (read-number "m: ")))"#, "\nabc\n1.5\n"),
    (r#"(print (condition-case e (read-number "n: ") (error e)))"#, ""),
    (r#"(print (condition-case e (yes-or-no-p 5) (error e)))"#, "yes\n"),
];

/// The example program, which cargo builds beside the tests.
fn program() -> PathBuf {
    let mut path = std::env::current_exe().expect("a test has a file");
    path.pop();
    path.pop();
    path.join("examples").join("batch")
}

/// What a program prints on either output.
fn run(program: &mut Command, form: &str, input: &str) -> (String, String) {
    let mut child = program
        .args(["--batch", "-Q", "--eval", form])
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it starts");
    child.stdin.take().expect("piped").write_all(input.as_bytes()).expect("it takes input");
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), text(&output.stderr))
}

#[test]
fn questions_are_asked_as_in_emacs() {
    let version = Command::new("emacs").arg("--version").output();
    if !version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2")) {
        assert!(std::env::var_os("CI").is_none(), "GNU Emacs 28.2 is not installed");
        eprintln!("skipped: GNU Emacs 28.2 is not installed");
        return;
    }
    for (form, input) in CASES {
        let expected = run(&mut Command::new("emacs"), form, input);
        assert_eq!(run(&mut Command::new(program()), form, input), expected, "{form}");
    }
}

#[test]
fn the_end_of_the_input_is_an_error() {
    let form = r#"(print (condition-case e (read-string "x: ") (end-of-file e)))"#;
    let (out, _) = run(&mut Command::new(program()), form, "");
    assert_eq!(out, "x: \n(end-of-file \"Error reading from stdin\")\n");
}
