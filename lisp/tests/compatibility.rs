//! `docs/compatibility.md`: every primitive of Emacs 28.2, whether it is here, and how it is tested.
//!
//! The page is made from the list beside this file, which Emacs gave, and from what a context has.  It fails to be
//! current as soon as a primitive comes, goes, changes its arity or loses its test; `UPDATE_DOCS=1` writes it anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::PathBuf;
use std::process::Command;
use tenure_gc::{Config, Context, MaxArgs};
use tenure_vm::state;

const PRIMITIVES: &str = include_str!("compatibility/primitives.tsv");
/// What is known to be different, in words.
const DIFFERENCES: &str = include_str!("compatibility/differences.tsv");
/// How primitives are tested that the differential tests do not name.
const OTHER_TESTS: &str = include_str!("compatibility/other-tests.tsv");
const PROPERTIES: &str = include_str!("differential/primitives.txt");

struct Primitive {
    name: &'static str,
    file: &'static str,
    least: &'static str,
    greatest: &'static str,
}

fn rows(table: &'static str) -> impl Iterator<Item = Vec<&'static str>> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| line.split('\t').collect())
}

fn primitives() -> Vec<Primitive> {
    let row = |row: Vec<&'static str>| Primitive { name: row[0], file: row[1], least: row[2], greatest: row[3] };
    rows(PRIMITIVES).map(row).collect()
}

fn notes(table: &'static str) -> BTreeMap<&'static str, &'static str> {
    rows(table).map(|row| (row[0], row[1])).collect()
}

/// The words of the properties: the functions that they call, and more.
fn words() -> BTreeSet<&'static str> {
    let lines = PROPERTIES.lines().filter(|line| !line.starts_with(';'));
    let is_delimiter = |c: char| c.is_whitespace() || "()'\"`,{}#[]".contains(c);
    lines.flat_map(move |line| line.split(is_delimiter)).filter(|word| !word.is_empty()).collect()
}

/// The arity of what a name means here as a function; `None` if it means nothing, an empty text if it is no primitive.
fn arity(name: &str, cx: &Context) -> Option<String> {
    let function = cx.intern(name).function(cx);
    if function.is_nil() {
        return None;
    }
    let Some(subr) = function.as_subr() else { return Some(String::new()) };
    let info = subr.info(cx);
    let greatest = match info.max {
        MaxArgs::Fixed(n) => n.to_string(),
        MaxArgs::Many => "many".to_owned(),
        MaxArgs::Unevalled => "unevalled".to_owned(),
    };
    Some(format!("{}-{greatest}", info.min))
}

fn page(cx: &Context) -> String {
    let (differences, others, words) = (notes(DIFFERENCES), notes(OTHER_TESTS), words());
    let mut files: BTreeMap<&str, Vec<Primitive>> = BTreeMap::new();
    primitives().into_iter().for_each(|p| files.entry(p.file).or_default().push(p));
    let (mut all, mut there, mut different, mut body) = (0, 0, 0, String::new());
    let mut problems = Vec::new();
    for (file, primitives) in &files {
        let (mut table, mut absent, mut here) = (String::new(), Vec::new(), 0);
        for p in primitives {
            let Some(arity) = arity(p.name, cx) else {
                absent.push(format!("`{}`", p.name));
                continue;
            };
            here += 1;
            let expected = format!("{}-{}", p.least, p.greatest);
            let mut state = differences.get(p.name).copied().unwrap_or("").to_owned();
            if arity != expected && state.is_empty() {
                problems
                    .push(format!("{}: Emacs takes {expected} arguments, here it is {arity:?}: state that", p.name));
            }
            different += usize::from(!state.is_empty());
            if state.is_empty() {
                state = "there".to_owned();
            } else {
                state.insert_str(0, "there; ");
            }
            let tests = match others.get(p.name) {
                Some(tests) => *tests,
                None if words.contains(p.name) => "differential",
                None => {
                    problems.push(format!("{} has no test: add a property, or say how it is tested", p.name));
                    ""
                }
            };
            writeln!(table, "| `{}` | {expected} | {state} | {tests} |", p.name.replace('|', "\\|")).expect("text");
        }
        all += primitives.len();
        there += here;
        writeln!(body, "\n## `{file}`: {here} of {}\n", primitives.len()).expect("text");
        if here > 0 {
            body += "| primitive | arguments | state | tests |\n| --- | --- | --- | --- |\n";
            body += &table;
        }
        if !absent.is_empty() {
            let gap = if here > 0 { "\n" } else { "" };
            writeln!(body, "{gap}Not there: {}.", absent.join(", ")).expect("text");
        }
    }
    for name in differences.keys().chain(others.keys()) {
        if arity(name, cx).is_none() {
            problems.push(format!("{name} is not there, so nothing is to be said of it"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    format!(
        "# Compatibility\n\n\
         Every primitive of GNU Emacs 28.2 (in batch mode), by its C files: whether it is here, and how it is tested.\n\
         This page is generated by `UPDATE_DOCS=1 cargo test -p tenure-lisp --test compatibility`; a test keeps it true.\n\
         A primitive that is not there signals `void-function`; none is a stub.\n\n\
         - {there} of {all} primitives are there, {different} of them with a stated difference.\n\
         - \"Differential\" means that generated arguments give the same value or error, in the same printed text, as in a \
         running Emacs (`lisp/tests/differential/`).\n\
         {body}"
    )
}

#[test]
fn the_page_is_current() {
    state::run_on_big_stack(|| {
        let cx = tenure_lisp::new_context(Config::default());
        let page = page(&cx);
        let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../docs/compatibility.md");
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, &page).expect("the page can be written");
        }
        let committed = std::fs::read_to_string(&path).expect("the page is there");
        let differs = page.lines().zip(committed.lines()).find(|(new, old)| new != old);
        assert!(page == committed, "docs/compatibility.md is not current; the first difference: {differs:?}");
    });
}

#[test]
fn the_list_is_what_emacs_has() {
    let version = Command::new("emacs").arg("--version").output();
    if !version.is_ok_and(|v| v.stdout.starts_with(b"GNU Emacs 28.2")) {
        assert!(std::env::var_os("CI").is_none(), "GNU Emacs 28.2 is not installed");
        eprintln!("skipped: GNU Emacs 28.2 is not installed");
        return;
    }
    let program = "(mapatoms (lambda (s) (let ((f (advice--cd*r (symbol-function s))))
        (if (and (subrp f) (not (subr-native-elisp-p f)) (equal (subr-name f) (symbol-name s))) (princ (format \"%s\\t%s\\t%s\\n\" s (car (subr-arity f)) (cdr (subr-arity f))))))))";
    let output = Command::new("emacs").args(["--batch", "-Q", "--eval", program]).output().expect("Emacs runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let emacs: BTreeSet<String> = text.lines().map(str::to_owned).collect();
    let ours: BTreeSet<String> =
        primitives().iter().map(|p| format!("{}\t{}\t{}", p.name, p.least, p.greatest)).collect();
    let difference: Vec<&String> = emacs.symmetric_difference(&ours).take(10).collect();
    assert!(difference.is_empty(), "{difference:?}");
}
