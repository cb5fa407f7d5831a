//! Byte compilation from the command line, as in GNU Emacs: warnings, messages, exit codes, and files that each side
//! loads.

use std::path::PathBuf;
use std::process::{Command, Output};

const TENURE: &str = env!("CARGO_BIN_EXE_tenure");
/// The version of Emacs that is compared with.
const VERSION: &str = "GNU Emacs 28.2";

/// The programs to run: this one, and Emacs where it is installed.
fn programs() -> Vec<&'static str> {
    let version = Command::new("emacs").arg("--version").output();
    if version.is_ok_and(|output| output.stdout.starts_with(VERSION.as_bytes())) {
        return vec![TENURE, "emacs"];
    }
    assert!(std::env::var_os("CI").is_none(), "{VERSION} is not installed");
    eprintln!("not compared with {VERSION}, which is not installed");
    vec![TENURE]
}

/// A directory that is removed when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("tenure-byte-compile-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a directory");
        Scratch(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file");
    }

    fn has(&self, name: &str) -> bool {
        self.0.join(name).exists()
    }

    fn run(&self, program: &str, words: &[&str]) -> Output {
        let mut command = Command::new(program);
        command.current_dir(&self.0).env("LC_ALL", "C.UTF-8").args(["--batch", "-Q"]).args(words);
        command.output().unwrap_or_else(|reason| panic!("{program}: {reason}"))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        _ = std::fs::remove_dir_all(&self.0);
    }
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The warnings of a run without their places, sorted, each once, with the headings.
fn warnings(output: &Output) -> Vec<String> {
    let text = stderr(output).replace("\n    ", " ");
    let message = |line: &str| line.find(": Warning: ").map_or(line, |at| &line[at + 2..]).to_owned();
    let mut lines: Vec<String> = text.lines().filter(|line| !line.is_empty()).map(message).collect();
    lines.sort();
    lines.dedup();
    lines
}

const WARNED: &str = include_str!("byte_compile/warned.el");
const EXPECTED: &str = include_str!("byte_compile/warned.txt");

#[test]
fn warnings_are_those_of_emacs() {
    let scratch = Scratch::new("warnings");
    scratch.write("warned.el", WARNED);
    let outputs: Vec<Output> =
        programs().iter().map(|program| scratch.run(program, &["-f", "batch-byte-compile", "warned.el"])).collect();
    assert!(outputs.iter().all(|output| output.status.success()));
    assert_eq!(stderr(&outputs[0]), EXPECTED);
    for other in &outputs[1..] {
        assert_eq!(warnings(other), warnings(&outputs[0]));
    }
}

/// What a file contains, the exit code of its compilation, the end of its last message, and whether there is a
/// compiled file afterwards.
type Row = (&'static str, i32, &'static str, bool);

const FILES: &[Row] = &[
    ("(defun cb-a (x) x)", 0, "", true),
    (";; -*- no-byte-compile: t -*-\n(defun cb-a (x) x)", 0, "", false),
    ("(defun cb-a (x", 1, "Error: End of file during parsing", false),
    ("(eval-when-compile (error \"Not %s\" 'now))", 1, "Error: Not now", false),
    (
        "(require 'no-such-feature-here)",
        1,
        "Cannot open load file: No such file or directory, no-such-feature-here",
        false,
    ),
    ("(defun cb-a (&rest) 1)", 1, "Error: &rest without variable name", false),
    ("(defun cb-a (&optional) 1)", 0, "", true),
    ("(defun cb-a (x) (setq x))", 0, "Warning: malformed setq form: (setq x)", true),
    (
        "(defun cb-a () cb-free)\n;; Local Variables:\n;; byte-compile-error-on-warn: t\n;; End:\n",
        1,
        "Error: reference to free variable \u{2018}cb-free\u{2019}",
        false,
    ),
    (";; -*- byte-compile-warnings: (not free-vars) -*-\n(defun cb-a () cb-free)", 0, "", true),
    (";; -*- byte-compile-warnings: (obsolete) -*-\n(defun cb-a () cb-free (cb-none))", 0, "", true),
];

#[test]
fn exit_codes_and_messages() {
    for program in programs() {
        let scratch = Scratch::new("codes");
        for (i, (text, code, message, made)) in FILES.iter().enumerate() {
            let (source, compiled) = (format!("cb{i}.el"), format!("cb{i}.elc"));
            scratch.write(&source, text);
            let output = scratch.run(program, &["-f", "batch-byte-compile", &source]);
            let shown = stderr(&output);
            assert_eq!(output.status.code(), Some(*code), "{program}: {text}: {shown}");
            assert!(shown.trim_end().ends_with(message), "{program}: {text}: {shown}");
            assert!(!message.is_empty() || shown.is_empty(), "{program}: {text}: {shown}");
            assert_eq!(scratch.has(&compiled), *made, "{program}: {text}");
        }
        let missing = scratch.run(program, &["-f", "batch-byte-compile", "cb-missing.el", "cb0.el"]);
        let begin = ">>Error occurred processing cb-missing.el: File is missing ((\"Opening input file\" ";
        assert!(stderr(&missing).starts_with(begin), "{}", stderr(&missing));
        assert_eq!(missing.status.code(), Some(1), "{program}");
    }
}

#[test]
fn what_is_compiled_already_is_left_alone() {
    for program in programs() {
        let scratch = Scratch::new("again");
        scratch.write("cb.el", "(defun cb-a (x) x)");
        scratch.write("cb.elc", "kept");
        scratch.run(program, &["-f", "batch-byte-compile-if-not-done", "cb.el"]);
        let read = || std::fs::read(scratch.0.join("cb.elc")).expect("a file");
        assert_eq!(read(), b"kept", "{program}");
        scratch.run(program, &["-f", "batch-byte-compile", "cb.el"]);
        assert!(read().starts_with(b";ELC"), "{program}");
        let options = "(setq byte-compile-dest-file-function (lambda (file) (concat file \"-made\")))";
        scratch.run(program, &["--eval", options, "-f", "batch-byte-compile", "cb.el"]);
        assert!(scratch.has("cb.el-made"), "{program}");
    }
}

const LAZY: &str = r#";;; -*- lexical-binding: t; byte-compile-dynamic: VALUE -*-
(defun lazy-f (x) "Doc of \037 and \001, ä." (list x))
(defmacro lazy-m (x) "Doc of a macro." x)
(defvar lazy-v 3 "*Doc of an option.")
(defconst lazy-c 3 "Doc of a constant.")
(autoload 'lazy-a "no-such-file" "Doc of what is loaded later.")
(defcustom lazy-o 1 "Doc of o." :type 'integer :group 'lazy)
(defun lazy-i (x) "Doc of a command." (interactive "p") (lazy-f x))
"#;

#[test]
fn documentation_is_read_when_it_is_wanted() {
    for dynamic in ["nil", "t"] {
        let scratch = Scratch::new(&format!("lazy-{dynamic}"));
        scratch.write("lazy.el", &LAZY.replace("VALUE", dynamic));
        let output = scratch.run(TENURE, &["-f", "batch-byte-compile", "lazy.el"]);
        assert!(output.status.success(), "{}", stderr(&output));
        let form = "(let ((f (symbol-function 'lazy-f))) (prin1 (list (numberp (cdr (aref f 4))) (consp (aref f 1)) \
            (lazy-f 1) (lazy-m 3) (lazy-i 4) (mapcar (lambda (f) (documentation f t)) '(lazy-f lazy-m lazy-i lazy-a)) \
            (mapcar (lambda (v) (documentation-property v 'variable-documentation t)) '(lazy-v lazy-c lazy-o)))))";
        let code = if dynamic == "t" { "t" } else { "nil" };
        let expected = format!(
            "(t {code} (1) 3 (4) (\"Doc of \u{1f} and \u{1}, \u{e4}.\n\n(fn X)\" \"Doc of a macro.\n\n(fn X)\" \
             \"Doc of a command.\n\n(fn X)\" \"Doc of what is loaded later.\") \
             (\"*Doc of an option.\" \"Doc of a constant.\" \"Doc of o.\"))"
        );
        for program in programs() {
            let output = scratch.run(program, &["-l", "./lazy.elc", "--eval", form]);
            assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{program}: {}", stderr(&output));
        }
    }
}
