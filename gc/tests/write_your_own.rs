//! The collector of `docs/collectors/write-your-own.md` is the one that is compiled, and the steps it names are those that
//! were taken for it.

/// A file of the repository.
fn read(path: &str) -> String {
    let path = format!("{}/../{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn the_page_shows_the_file_word_for_word() {
    let page = read("docs/collectors/write-your-own.md");
    let shown =
        page.split("```rust\n").nth(1).and_then(|rest| rest.split("```\n\n## ").next()).expect("a piece of Rust");
    let code = read("gc/src/plan/mark_compact.rs");
    let differs = shown.lines().zip(code.lines()).position(|(shown, code)| shown != code);
    assert_eq!(differs.map(|line| line + 1), None, "the page and the file differ from this line of the file on");
    assert_eq!(shown.lines().count(), code.lines().count());
    assert!(code.lines().count() < 170, "about 150 lines are promised");
}

#[test]
fn what_the_page_names_exists() {
    let page = read("docs/collectors/write-your-own.md");
    let table =
        page.split("## What the engine gives").nth(1).and_then(|rest| rest.split("## ").next()).expect("a table");
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 8);
    for row in rows {
        let cells: Vec<&str> = row.split('|').map(str::trim).collect();
        let files: String = quoted(cells[3]).map(read).collect();
        for name in quoted(cells[2]).flat_map(|name| name.split('.').next_back()).filter(|name| *name != "nursery") {
            let name = name.trim_end_matches("()");
            assert!(files.contains(name), "{name} is not in {}", cells[3]);
        }
    }
    let plans = read("gc/src/plan.rs");
    assert!(plans.contains("mod mark_compact;") && plans.contains("mark_compact::PLAN,"));
}

/// What stands between backticks.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}
