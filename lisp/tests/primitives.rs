//! Primitives against GNU Emacs 28.2: tables of forms, each followed by an indented line with what Emacs gives.
//!
//! Where an Emacs 28.2 is installed it is asked again, so that the tables stay what it says.

use std::path::PathBuf;
use std::process::Command;
use tenure_gc::{Config, Context};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, state};

const TABLES: &[(&str, &str)] = &[
    ("arith", include_str!("primitives/arith.txt")),
    ("data", include_str!("primitives/data.txt")),
    ("floats", include_str!("primitives/floats.txt")),
    ("fns", include_str!("primitives/fns.txt")),
    ("lists", include_str!("primitives/lists.txt")),
];
const PRELUDE: &str = include_str!("primitives/prelude.el");

fn rows(table: &'static str) -> impl Iterator<Item = (&'static str, &'static str)> {
    let mut lines = table.lines();
    std::iter::from_fn(move || Some((lines.next()?, lines.next()?.trim_start())))
}

/// Evaluate a string's forms; the last value, which is a string or of no interest.
fn evaluate(source: &str, cx: &mut Context) -> String {
    let (mut position, mut last) = (0, String::new());
    while !source[position..].trim_start().is_empty() {
        let scope = cx.scope();
        let form = read_one(source.as_bytes(), &mut position, cx).expect("a form");
        let (form, lexical) = (scope.root(form), scope.root(tenure_gc::T));
        let Ok(value) = eval::eval(form, lexical, cx) else { return "an exit that nothing caught".to_owned() };
        let value = value.get(cx);
        last = value.as_string().map_or_else(String::new, |s| String::from_utf8_lossy(s.bytes()).into_owned());
    }
    last
}

#[test]
fn the_tables_hold() {
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        evaluate(PRELUDE, cx);
        let mut wrong = String::new();
        for (name, table) in TABLES {
            for (form, expected) in rows(table) {
                let result = evaluate(&format!("(result-of {form:?})"), cx);
                if result != expected {
                    wrong += &format!("{name}: {form}\n  Emacs {expected}\n  found {result}\n");
                }
            }
        }
        assert!(wrong.is_empty(), "\n{wrong}");
    });
}

#[test]
fn emacs_says_the_same() {
    let version = Command::new("emacs").arg("--version").output();
    if !version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2")) {
        eprintln!("skipped: no Emacs 28.2 is installed");
        return;
    }
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests").join("primitives");
    for (name, table) in TABLES {
        let program = format!(
            "(let ((coding-system-for-write 'utf-8) (coding-system-for-read 'utf-8))
               (load \"{directory}/prelude.el\" nil t)
               (with-temp-buffer
                 (insert-file-contents \"{directory}/{name}.txt\")
                 (while (not (eobp))
                   (let ((form (buffer-substring (point) (line-end-position))))
                     (princ (concat form \"\\n  \" (result-of form) \"\\n\"))
                     (forward-line 2)))))",
            directory = directory.display(),
        );
        let output = Command::new("emacs").args(["--batch", "-Q", "--eval", &program]).output().expect("emacs runs");
        assert_eq!(String::from_utf8_lossy(&output.stdout), *table, "{name}");
    }
}
