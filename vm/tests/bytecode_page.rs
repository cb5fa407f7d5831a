//! `docs/bytecode.md` is made from the table of instructions; `UPDATE_EXPECT=1` writes it anew.

use std::fmt::Write as _;
use tenure_vm::bytecode::opcode::{Effect, Flow, OPCODES, OpcodeInfo};

const HEAD: &str = "\
# Byte code

The instructions of Emacs 28.2's byte code, as the machine of `tenure` takes them.
This page is made from the table in `vm/src/bytecode/opcode.rs` by a test, which fails when the two differ.
How the machine runs them is in [`machine.md`](machine.md).

- *Stack* is how many values an instruction takes off, and how many it puts on; N is its operand.
- Where *primitive* is given, the instruction is a call of that primitive, whatever the symbol's function cell holds.
  A primitive that this runtime lacks is called by its name, so it signals `void-function`.
- Opcodes that are no instruction make Emacs abort; here a function that reaches one signals `error` when it is called.
- A place to jump to is counted in bytes from the start of the code.

| opcode | octal | name | operand | stack | primitive | what it does |
|---|---|---|---|---|---|---|
";

fn stack(row: &OpcodeInfo) -> String {
    match (row.flow, row.effect) {
        (Flow::Invalid, _) => String::new(),
        (Flow::BranchElsePop, _) => "1 to 1 or 0".into(),
        (_, Effect::Fixed(pops, pushes)) => format!("{pops} to {pushes}"),
        (_, Effect::Call) => "N+1 to 1".into(),
        (_, Effect::Many) => "N to 1".into(),
        (_, Effect::Discard) => "N to 0".into(),
    }
}

#[test]
fn the_page_is_current() {
    let mut page = HEAD.to_owned();
    for row in OPCODES {
        let range = |a: String, b: String| if a == b { a } else { format!("{a}-{b}") };
        let invalid = row.flow == Flow::Invalid;
        let name = if invalid && row.name.bytes().all(|b| b.is_ascii_digit()) { "" } else { row.name };
        let code = |s: &str| if s.is_empty() { String::new() } else { format!("`{s}`") };
        let doc = if row.doc.is_empty() { "Calls the primitive." } else { row.doc };
        writeln!(
            page,
            "| {} | {} | {} | {} | {} | {} | {} |",
            range(row.first.to_string(), row.last.to_string()),
            range(format!("{:03o}", row.first), format!("{:03o}", row.last)),
            code(name),
            if invalid { "" } else { row.operand.describe() },
            stack(row),
            code(row.primitive),
            doc,
        )
        .expect("a string takes text");
    }
    expect_test::expect_file!["../../docs/bytecode.md"].assert_eq(&page);
}
