//! Rules about the repository itself, checked by reading it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// All files of the repository: those that git tracks, or without git those that are not built.
fn files() -> Vec<PathBuf> {
    let tracked = Command::new("git").arg("-C").arg(root()).args(["ls-files", "-z"]).output();
    if let Ok(output) = tracked
        && output.status.success()
    {
        let names = String::from_utf8_lossy(&output.stdout).into_owned();
        let paths = names.split('\0').filter(|name| !name.is_empty()).map(PathBuf::from);
        return paths.filter(|path| root().join(path).is_file()).collect();
    }
    let mut found = Vec::new();
    let mut directories = vec![PathBuf::new()];
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(root().join(&directory)).expect("a directory can be listed") {
            let name = entry.expect("an entry can be read").file_name();
            let path = directory.join(&name);
            match root().join(&path) {
                path if path.is_dir() && (name == "target" || name == ".git" || name == "results") => {}
                absolute if absolute.is_dir() => directories.push(path),
                _ => found.push(path),
            }
        }
    }
    found.sort();
    found
}

fn with_extension(extension: &str) -> Vec<PathBuf> {
    files().into_iter().filter(|path| path.extension().is_some_and(|found| found == extension)).collect()
}

fn crates() -> Vec<serde_json::Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).expect("cargo prints JSON");
    metadata["packages"].as_array().expect("a list of packages").clone()
}

fn text(value: &serde_json::Value) -> &str {
    value.as_str().expect("a string")
}

/// Which crate may depend on which of ours.
const DIRECTIONS: [(&str, &[&str]); 7] = [
    ("tenure-gc", &[]),
    ("tenure-macros", &[]),
    ("tenure-vm", &["tenure-gc", "tenure-macros"]),
    ("tenure-lisp", &["tenure-gc", "tenure-macros", "tenure-vm"]),
    ("tenure-record", &[]),
    ("tenure-reports", &["tenure-record"]),
    ("tenure-bench", &["tenure-gc", "tenure-lisp", "tenure-record", "tenure-reports"]),
];

#[test]
fn dependencies_go_one_way() {
    let allowed: BTreeMap<_, _> = DIRECTIONS.into_iter().collect();
    let crates = crates();
    assert_eq!(crates.len(), allowed.len(), "a crate is missing from the table of directions");
    for package in &crates {
        let name = text(&package["name"]);
        let allowed = allowed.get(name).unwrap_or_else(|| panic!("{name} is not in the table of directions"));
        for dependency in package["dependencies"].as_array().expect("a list") {
            let on = text(&dependency["name"]);
            // What tests use is not part of the crate.
            if on.starts_with("tenure-") && dependency["kind"].is_null() {
                assert!(allowed.contains(&on), "{name} must not depend on {on}");
            }
        }
    }
}

#[test]
fn only_the_heap_may_be_unsafe() {
    for package in crates() {
        for target in package["targets"].as_array().expect("a list") {
            let kinds: Vec<&str> = target["kind"].as_array().expect("a list").iter().map(text).collect();
            let ships = kinds.iter().any(|kind| ["lib", "bin", "proc-macro"].contains(kind));
            if ships && text(&package["name"]) != "tenure-gc" {
                let path = text(&target["src_path"]);
                let source = std::fs::read_to_string(path).expect("the source is there");
                assert!(source.contains("#![forbid(unsafe_code)]"), "{path} does not forbid unsafe code");
            }
        }
    }
}

#[test]
fn no_macro_of_the_heap_smuggles_unsafe_code_out() {
    for path in with_extension("rs").iter().filter(|path| path.starts_with("gc/src")) {
        let source = read(&path.to_string_lossy());
        for (at, _) in source.match_indices("#[macro_export]") {
            let body = balanced(&source[at..]);
            assert!(!body.contains("unsafe"), "{} exports a macro with unsafe in it", path.display());
        }
    }
}

/// The text up to the brace that closes the first one.
fn balanced(text: &str) -> &str {
    let mut depth = 0;
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 1 => return &text[..at],
            '}' => depth -= 1,
            _ => {}
        }
    }
    text
}

#[test]
fn each_collector_has_a_page_and_a_row() {
    let index = read("docs/collectors/README.md");
    for plan in &tenure_gc::PLANS {
        let page = format!("docs/collectors/{}.md", plan.name);
        let text = read(&page);
        assert!(text.starts_with(&format!("# `{}`\n", plan.name)), "{page} is not about {}", plan.name);
        assert!(
            index.contains(&format!("[`{0}`]({0}.md)", plan.name)),
            "docs/collectors/README.md lacks {}",
            plan.name
        );
    }
    let pages = files().into_iter().filter(|path| path.starts_with("docs/collectors")).count();
    let others = ["README.md", "write-your-own.md"];
    assert_eq!(pages, tenure_gc::PLANS.len() + others.len(), "a page is about no collector");
}

/// The numbers of invariants in a text.
fn invariants(text: &str) -> BTreeSet<String> {
    let numbers = text.match_indices("INV-").map(|(at, _)| {
        let rest = &text[at + 4..];
        let end =
            rest.find(|c: char| !(c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-')).unwrap_or(rest.len());
        format!("INV-{}", rest[..end].trim_end_matches('-'))
    });
    numbers.filter(|number| number.ends_with(|c: char| c.is_ascii_digit())).collect()
}

#[test]
fn invariants_are_listed_and_used() {
    let listed = invariants(&read("docs/invariants.md"));
    let sources = with_extension("rs").into_iter().filter(|path| path.starts_with("gc/src"));
    let used: BTreeSet<String> = sources.flat_map(|path| invariants(&read(&path.to_string_lossy()))).collect();
    assert!(!used.is_empty());
    let missing: Vec<_> = used.difference(&listed).collect();
    let stale: Vec<_> = listed.difference(&used).collect();
    assert!(missing.is_empty(), "gc/src has invariants that docs/invariants.md lacks: {missing:?}");
    assert!(stale.is_empty(), "docs/invariants.md has invariants that gc/src lacks: {stale:?}");
}

#[test]
fn no_file_names_a_directory_of_somebodys_machine() {
    // Written in two pieces, so that this file does not have them.
    let leaks = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    for path in files() {
        let Ok(source) = std::fs::read_to_string(root().join(&path)) else { continue };
        for leak in leaks {
            assert!(!source.contains(leak), "{} has {leak}", path.display());
        }
    }
}

#[test]
fn the_documents_are_there() {
    let readme = read("README.md");
    for command in ["cargo run --release -- bench", "cargo test --workspace"] {
        assert!(readme.contains(command), "README.md lacks the command `{command}`");
    }
    let documents = ["ARCHITECTURE.md", "CHANGELOG.md", "docs/design.md", "docs/glossary.md", "docs/invariants.md"];
    for document in documents.iter().chain(&["docs/methodology.md", "LICENSE-MIT", "LICENSE-APACHE"]) {
        assert!(!read(document).trim().is_empty(), "{document} is empty");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for path in with_extension("md") {
        let source = read(&path.to_string_lossy());
        let directory = path.parent().expect("a file lies in a directory");
        for (at, _) in source.match_indices("](") {
            let target = source[at + 2..].split(')').next().unwrap_or_default();
            let file = target.split('#').next().unwrap_or_default();
            if file.is_empty() || file.contains("://") {
                continue;
            }
            assert!(root().join(directory).join(file).exists(), "{} links to {target}", path.display());
        }
    }
}

#[test]
fn the_architecture_names_files_that_exist() {
    let source = read("ARCHITECTURE.md");
    let words = source.split('`').skip(1).step_by(2);
    let mut checked = 0;
    for word in words.filter(|word| word.contains('/') && !word.contains(char::is_whitespace)) {
        assert!(root().join(word).exists(), "ARCHITECTURE.md names {word}");
        checked += 1;
    }
    assert!(checked > 10);
}

#[test]
fn the_checks_script_runs_what_the_readme_says() {
    assert!(read(".ci/run").contains("cargo test --workspace"));
}
