//! Differential tests: every primitive, and forms of the library, against a GNU Emacs 28.2 that is kept running.
//!
//! Every function and macro of the embedded library has a property, or a reason in `differential/without.tsv` to have none.
//! Each line of the tables in `differential/` is a property: for generated arguments both sides give the same value or the
//! same error, in the same printed text.  A line is a function's name and the kinds of its arguments (see
//! `differential/generators.rs`; `[kind]` is optional, `kind...` may repeat), or a form in which `{kind}` stands for an
//! argument.  Arguments of a line of the first sort are sometimes of another kind.
//! A property's cases depend on its line alone, unless `DIFFERENTIAL_SEED` is set to a number; `DIFFERENTIAL_CASES` is how
//! many there are, and `DIFFERENTIAL_ONLY` a part of the lines that are wanted.

#[path = "differential/driver.rs"]
mod driver;
#[path = "differential/emacs.rs"]
mod emacs;
#[path = "differential/generators.rs"]
mod generators;

use driver::{DRIVER, answer, load_text};
use emacs::Emacs;
use proptest::prelude::*;
use proptest::test_runner::{Config as Runs, RngSeed, TestCaseError, TestError, TestRunner};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::hash::{DefaultHasher, Hash, Hasher};
use tenure_gc::{Config, Context};
use tenure_vm::state;

/// The tables: primitives, and forms of the library.
const TABLES: &[(&str, &str)] = &[
    ("primitives", include_str!("differential/primitives.txt")),
    ("library", include_str!("differential/library.txt")),
];
/// The functions and macros of the library without a property, and why.
const WITHOUT: &str = include_str!("differential/without.tsv");
/// How many properties there are at the least.
const LEAST: usize = 400;
/// Cases of a property, unless the environment says otherwise.
const CASES: u32 = 32;

/// The lines of a table.
fn properties(table: &'static str) -> impl Iterator<Item = &'static str> {
    table.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with(';'))
}

/// Text of forms that a line stands for.
fn forms(line: &str) -> BoxedStrategy<String> {
    if line.starts_with(['(', '\'']) {
        return template(line);
    }
    let mut words = line.split_whitespace();
    let name = words.next().expect("a line has words").to_owned();
    let (mut kinds, mut least) = (Vec::new(), 0);
    for word in words {
        if let Some(kind) = word.strip_suffix("...") {
            kinds.extend([kind; 4]);
        } else if let Some(kind) = word.strip_prefix('[').and_then(|w| w.strip_suffix(']')) {
            kinds.push(kind);
        } else {
            kinds.push(word);
            least += 1;
        }
    }
    let most = kinds.len();
    let arguments: Vec<BoxedStrategy<String>> = kinds
        .into_iter()
        .map(|kind| prop_oneof![11 => generators::kind(kind), 1 => generators::kind("any")].boxed())
        .collect();
    (arguments, least..=most).prop_map(move |(arguments, n)| format!("({name} {})", arguments[..n].join(" "))).boxed()
}

/// A form in which `{kind}` is replaced.
fn template(line: &str) -> BoxedStrategy<String> {
    let (mut pieces, mut kinds) = (Vec::new(), Vec::new());
    let mut rest = line;
    while let Some((before, kind, after)) =
        rest.split_once('{').and_then(|(before, r)| r.split_once('}').map(|(kind, after)| (before, kind, after)))
    {
        pieces.push(before.to_owned());
        kinds.push(generators::kind(kind));
        rest = after;
    }
    let end = rest.to_owned();
    kinds
        .prop_map(move |arguments| {
            let body: String = pieces.iter().zip(&arguments).flat_map(|(p, a)| [p.as_str(), a.as_str()]).collect();
            body + &end
        })
        .boxed()
}

/// A number that the environment may set.
fn from_environment(name: &str, otherwise: u32) -> u32 {
    std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(otherwise)
}

/// Check a property; gives what is wrong.
fn check(line: &str, emacs: &RefCell<Emacs>, cx: &RefCell<&mut Context>) -> Result<(), String> {
    let mut hasher = DefaultHasher::new();
    line.hash(&mut hasher);
    let seed = from_environment("DIFFERENTIAL_SEED", 0);
    if seed > 0 {
        seed.hash(&mut hasher);
    }
    let reset = "(diff-reset)";
    let both = [emacs.borrow_mut().ask(reset)?, answer(reset, *cx.borrow_mut())];
    assert!(both.iter().all(|answer| answer.starts_with("(value")), "{both:?}");
    let runs = Runs {
        cases: from_environment("DIFFERENTIAL_CASES", CASES),
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(hasher.finish()),
        max_shrink_iters: 200,
        max_shrink_time: 3_000,
        ..Runs::default()
    };
    let result = TestRunner::new(runs).run(&forms(line), |form| {
        let expected = emacs.borrow_mut().ask(&form).map_err(TestCaseError::fail)?;
        let found = answer(&form, *cx.borrow_mut());
        prop_assert!(expected == found, "Emacs {expected}\n  found {found}");
        Ok(())
    });
    match result {
        Ok(()) => Ok(()),
        Err(TestError::Fail(reason, form)) => Err(format!("{line}\n  {form}\n  {}\n", reason.message())),
        Err(TestError::Abort(reason)) => Err(format!("{line}: {}\n", reason.message())),
    }
}

#[test]
fn emacs_says_the_same() {
    let Some(emacs) = Emacs::start() else { return };
    let only = std::env::var("DIFFERENTIAL_ONLY").ok();
    state::run_on_big_stack(move || {
        let emacs = RefCell::new(emacs);
        let cx = &mut tenure_lisp::new_context(Config::default());
        load_text(DRIVER, cx);
        let cx = RefCell::new(cx);
        let lines = TABLES.iter().flat_map(|(_, table)| properties(table));
        let lines = lines.filter(|line| only.as_ref().is_none_or(|only| line.contains(only.as_str())));
        let wrong: Vec<String> = lines.filter_map(|line| check(line, &emacs, &cx).err()).collect();
        assert!(wrong.is_empty(), "{} properties fail\n\n{}", wrong.len(), wrong.join("\n"));
    });
}

#[test]
fn there_are_enough_properties() {
    let count: usize = TABLES.iter().map(|(_, table)| properties(table).count()).sum();
    assert!(count >= LEAST, "{count}");
}

/// The functions and macros that the files of the embedded library define, in no order.
fn definitions() -> Vec<String> {
    const HEADS: [&str; 6] = ["(defun ", "(defmacro ", "(defsubst ", "(cl-defmacro ", "(cl-defgeneric ", "(defalias '"];
    let directory = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("el");
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory).expect("a directory") {
        let text = std::fs::read_to_string(entry.expect("an entry").path()).expect("text");
        let defined = text.lines().filter_map(|line| HEADS.iter().find_map(|head| line.strip_prefix(head)));
        names.extend(defined.filter_map(|rest| rest.split([' ', ')']).next()).map(str::to_owned));
    }
    names
}

/// Which of two files would be loaded first would depend on the program.
#[test]
fn no_name_of_the_library_is_defined_twice() {
    let mut seen = BTreeSet::new();
    let again: Vec<_> = definitions().into_iter().filter(|name| !seen.insert(name.clone())).collect();
    assert!(again.is_empty(), "{again:?}");
    assert!(seen.len() > 500, "{}", seen.len());
}

#[test]
fn every_name_of_the_library_has_a_property() {
    let is_delimiter = |c: char| c.is_whitespace() || "()'\"`,{}#[]".contains(c);
    let lines = TABLES.iter().flat_map(|(_, table)| properties(table));
    let words: BTreeSet<&str> = lines.flat_map(|line| line.split(is_delimiter)).collect();
    let rows = WITHOUT.lines().filter(|line| !line.starts_with('#'));
    let without: BTreeMap<&str, &str> = rows.map(|row| row.split_once('\t').expect("a name and a reason")).collect();
    let library: BTreeSet<String> = definitions().into_iter().filter(|name| !name.contains("--")).collect();
    let missing: Vec<_> =
        library.iter().filter(|n| !words.contains(n.as_str()) && !without.contains_key(n.as_str())).collect();
    assert!(missing.is_empty(), "neither a property nor a reason: {missing:?}");
    let idle: Vec<_> = without.keys().filter(|n| words.contains(*n) || !library.contains(**n)).collect();
    assert!(idle.is_empty(), "a reason without need: {idle:?}");
}
