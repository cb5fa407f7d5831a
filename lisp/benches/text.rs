//! Throughput of the reader and the printer, beside GNU Emacs's: both run `text.el`, one after the other, and a table is
//! printed.  Without an Emacs its columns stay empty.

use std::process::Command;
use tenure_gc::{Config, T};
use tenure_lisp::reader::read_one;
use tenure_vm::{eval, state};

const PROGRAM: &str = include_str!("text.el");

/// What `(text-report)` gives here.
fn here() -> String {
    state::run_on_big_stack(|| {
        let cx = &mut tenure_lisp::new_context(Config::default());
        let program = format!("(progn {PROGRAM}\n(text-report))");
        let scope = cx.scope();
        let form = read_one(program.as_bytes(), &mut 0, cx).expect("the program is well-formed");
        let (form, lexical) = (scope.root(form), scope.root(T));
        let report = eval::eval(form, lexical, cx).expect("the program has no errors").get(cx);
        report.as_string().and_then(|s| s.as_str().map(str::to_owned)).expect("the report is text")
    })
}

/// What Emacs gives, if there is one.
fn emacs() -> Option<String> {
    let program = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/text.el");
    let output =
        Command::new("emacs").args(["--batch", "-Q", "-l", program, "--eval", "(princ (text-report))"]).output();
    output.ok().filter(|o| o.status.success()).map(|o| String::from_utf8_lossy(&o.stdout).into_owned())
}

fn main() {
    let (here, emacs) = (here(), emacs().unwrap_or_default());
    println!("| data | bytes | read, Emacs | read, tenure | print, Emacs | print, tenure |");
    println!("| --- | --- | --- | --- | --- | --- |");
    let mut theirs = emacs.lines();
    for line in here.lines() {
        let ours: Vec<&str> = line.split('\t').collect();
        let theirs: Vec<&str> = theirs.next().unwrap_or("").split('\t').collect();
        let cell = |row: &[&str], i: usize| row.get(i).copied().unwrap_or("").to_owned();
        let [read, print] = [2, 3].map(|i| format!("{} | {}", cell(&theirs, i), cell(&ours, i)));
        println!("| {} | {} | {read} | {print} |", cell(&ours, 0), cell(&ours, 1));
    }
}
