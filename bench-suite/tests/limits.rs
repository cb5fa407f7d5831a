//! Limits: recursion without end, structures that are long, deep or cyclic, and allocation without end give results or
//! errors of Lisp, and never end the process.

use std::fmt::Write as _;
use std::process::Command;

/// What the program `limits/NAME.el` prints with the given options; it must end well.
fn printed(name: &str, options: &[&str]) -> String {
    let file = format!("{}/tests/limits/{name}.el", env!("CARGO_MANIFEST_DIR"));
    let mut tenure = Command::new(env!("CARGO_BIN_EXE_tenure"));
    let output = tenure.args(["--batch", "-Q"]).args(options).args(["-l", &file]).output().expect("the binary runs");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{name} {options:?}: {:?}\n{errors}", output.status);
    String::from_utf8(output.stdout).expect("text")
}

/// Every line of cases has the outcome `expected`; gives how many lines there are.
fn all_end_with(text: &str, expected: &str) -> usize {
    let others: Vec<_> = text.lines().filter(|line| line.rsplit(' ').next() != Some(expected)).collect();
    assert_eq!(others, Vec::<&str>::new());
    text.lines().count()
}

#[test]
fn recursion_without_end_is_an_error_of_lisp() {
    assert_eq!(all_end_with(&printed("recursion", &[]), "nesting"), 31);
}

#[test]
fn structures_survive_every_plan() {
    let mut expected = String::new();
    for line in ["list 10000000", "chain 9999999", "table 1000001 (999999 . 999999)", "cycles t t t"] {
        writeln!(expected, "{line}").expect("a string takes it");
    }
    for plan in &tenure_gc::PLANS {
        // The verifier would walk twenty million objects after every minor collection.
        let text = printed("structures", &["--collector", plan.name, "--verify", "false"]);
        assert_eq!(text, expected, "{}", plan.name);
    }
}

#[test]
fn a_full_heap_is_an_error_that_lisp_can_handle() {
    for plan in tenure_gc::PLANS.iter().filter(|plan| plan.collects) {
        let text = printed("memory", &["--collector", plan.name, "--heap-size", "8M"]);
        let (cases, sum) = text.trim_end().rsplit_once('\n').expect("lines");
        assert_eq!(sum, "sum 1000", "{}", plan.name);
        assert_eq!(all_end_with(cases, "full"), 17, "{}", plan.name);
    }
}
