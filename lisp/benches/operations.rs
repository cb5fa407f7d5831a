//! What single operations cost here and in GNU Emacs 28.2, as a table in Markdown: `cargo bench -p tenure-lisp --bench operations`.
//!
//! Each round runs every column once, one after the other, so that a change of the machine's speed meets all of them;
//! a cell is the median of the rounds, each of which took the best of several runs.
//! Collection is switched off while a row runs.  What counts the turns of a loop is measured as a row of its own and taken
//! off the others.
//!
//! Words after `--` select rows by parts of their names, and `compiled` leaves out all columns but the byte code of both:
//! `cargo bench -p tenure-lisp --bench operations -- compiled closure`.

use std::path::Path;
use std::process::Command;
use tenure_gc::{Config, Context, T};
use tenure_lisp::reader::read_one;
use tenure_vm::eval;

#[path = "machine/rows.rs"]
mod rows;
use rows::{ADDITION, CALL_ROWS, FUNCTIONS, LIST_ROWS, PRELUDE, ROWS, TURNS};

/// How often all columns are measured.
const ROUNDS: usize = 3;
/// Runs of a row, of which the best counts.
const RUNS: usize = 7;

/// Where a program runs.
#[derive(Clone, Copy, PartialEq)]
enum Runner {
    Here,
    Emacs,
}

/// A column: its title, where it runs, and what makes a function of a lambda expression `form`.
const COLUMNS: &[(&str, Runner, &str)] = &[
    ("here, compiled", Runner::Here, "(byte-compile form)"),
    ("Emacs, byte code", Runner::Emacs, "(byte-compile form)"),
    ("Emacs, native code at speed 2", Runner::Emacs, "(native-compile form)"),
    ("here, interpreted", Runner::Here, "(eval form t)"),
    ("Emacs, interpreted", Runner::Emacs, "(eval form t)"),
];

struct Row {
    name: &'static str,
    /// The body of a function of `n`.
    body: String,
    /// By what its time is divided.
    per: u64,
    /// Whether the row of additions is taken off.
    counts: bool,
}

/// The rows whose names have one of some words in them, and that of additions.
fn selected_rows(words: &[String]) -> Vec<Row> {
    let loops = ROWS.iter().map(|&(name, around, turn)| {
        let counts = name != "loop" && name != ADDITION;
        Row { name, body: rows::turns(name, around, turn), per: TURNS, counts }
    });
    let lists = LIST_ROWS.iter().map(|&(name, body)| Row { name, body: body.to_owned(), per: TURNS, counts: false });
    let calls = CALL_ROWS.iter().map(|&(name, body, per)| Row { name, body: body.to_owned(), per, counts: false });
    let wanted =
        |name: &str| words.is_empty() || name == ADDITION || words.iter().any(|word| name.contains(word.as_str()));
    loops.chain(lists).chain(calls).filter(|row| wanted(row.name)).collect()
}

/// The program of a column: forms, the last of which has a string as its value, a line a row with its nanoseconds.
fn program(make: &str, rows: &[Row]) -> Vec<String> {
    let mut forms = vec![
        "(setq lexical-binding t)".to_owned(),
        PRELUDE.to_owned(),
        format!("(defun bench-make (form) {make})"),
        // What a function is made of is seen in its definition, which is a closure.
        format!(
            "(mapc (lambda (name) (fset name (bench-make (cons 'lambda (nthcdr 2 (symbol-function name)))))) '({}))",
            FUNCTIONS.join(" ")
        ),
        format!(
            "(defun bench-best (function)
               (garbage-collect)
               (let ((best 1.0e+INF))
                 (dotimes (_ {RUNS})
                   (let ((start (float-time)))
                     (funcall function {TURNS})
                     (setq best (min best (- (float-time) start)))))
                 best))"
        ),
    ];
    let lines: String = rows
        .iter()
        .map(|Row { body, per, .. }| {
            format!("(format \"%.3f\\n\" (/ (* 1e9 (bench-best (bench-make '(lambda (n) {body})))) {per}))\n")
        })
        .collect();
    forms.push(format!("(concat {lines})"));
    forms
}

fn run_here(forms: &[String], cx: &mut Context) -> String {
    let mut text = String::new();
    for form in forms {
        let scope = cx.scope();
        let form = read_one(form.as_bytes(), &mut 0, cx).expect("a form");
        let (form, lexical) = (scope.root(form), scope.root(T));
        let value = eval::eval(form, lexical, cx).expect("a value").get(cx);
        text = value.as_string().map_or_else(String::new, |s| String::from_utf8_lossy(s.bytes()).into_owned());
    }
    text
}

fn run_in_emacs(forms: &[String], directory: &Path) -> Option<String> {
    let file = directory.join("operations.el");
    let (last, first) = forms.split_last().expect("forms");
    let text = format!(";;; -*- lexical-binding: t -*-\n{}\n(princ {last})\n", first.join("\n"));
    std::fs::write(&file, text).expect("a directory that can be written");
    let output = Command::new("emacs")
        .args(["--batch", "-Q", "-l"])
        .arg(&file)
        // Native code is kept below the home directory.
        .env("HOME", directory)
        .output()
        .ok()?;
    if !output.status.success() {
        eprintln!("GNU Emacs: {}", String::from_utf8_lossy(&output.stderr));
        return None;
    }
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// One measurement of a column, or `None` where it cannot be had.
fn measure(runner: Runner, make: &str, rows: &[Row], directory: &Path) -> Option<Vec<f64>> {
    let forms = program(make, rows);
    let text = match runner {
        Runner::Here => run_here(&forms, &mut tenure_lisp::new_context(Config::default())),
        Runner::Emacs => run_in_emacs(&forms, directory)?,
    };
    Some(text.lines().filter_map(|line| line.parse().ok()).collect())
}

fn median(mut values: Vec<f64>) -> Option<f64> {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied()
}

fn main() {
    // Cargo adds an option.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let (short, words): (Vec<_>, Vec<_>) = words.into_iter().partition(|word| word == "compiled");
    let columns = &COLUMNS[..if short.is_empty() { COLUMNS.len() } else { 2 }];
    let rows = selected_rows(&words);
    let directory = std::env::temp_dir().join(format!("tenure-operations-{}", std::process::id()));
    std::fs::create_dir_all(&directory).expect("a temporary directory");
    let mut measured = vec![vec![Vec::new(); rows.len()]; columns.len()];
    for round in 1..=ROUNDS {
        for ((title, runner, make), column) in columns.iter().zip(&mut measured) {
            eprintln!("round {round} of {ROUNDS}: {title}");
            for (cell, value) in column.iter_mut().zip(measure(*runner, make, &rows, &directory).unwrap_or_default()) {
                cell.push(value);
            }
        }
    }
    _ = std::fs::remove_dir_all(&directory);
    let titles: Vec<_> = columns.iter().map(|(title, ..)| *title).collect();
    println!("| operation, ns | {} | Emacs's byte code / here |", titles.join(" | "));
    println!("|---|{}", "---:|".repeat(columns.len() + 1));
    let addition = rows.iter().position(|row| row.name == ADDITION).expect("the row is always there");
    let addition: Vec<_> = measured.iter().map(|column| median(column[addition].clone()).unwrap_or(0.0)).collect();
    for (i, Row { name, counts, .. }) in rows.iter().enumerate() {
        let values: Vec<_> = measured
            .iter()
            .zip(&addition)
            .map(|(column, addition)| Some(median(column[i].clone())? - if *counts { *addition } else { 0.0 }))
            .collect();
        let cells: Vec<_> = values.iter().map(|v| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.1}"))).collect();
        let ratio = values[1].zip(values[0]).map_or_else(|| "-".to_owned(), |(e, h)| format!("{:.2}", e / h));
        println!("| {name} | {} | {ratio} |", cells.join(" | "));
    }
}
