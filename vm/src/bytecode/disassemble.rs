//! The lines of a disassembly.

use super::opcode::{Instruction, Op, Operand, decode};

/// What follows an instruction's name in a listing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Detail {
    /// Nothing.
    None,
    /// A number.
    Number(usize),
    /// An index of the constants.
    Constant(usize),
    /// The place that is jumped to.
    Target(usize),
}

/// A line of a disassembly.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    /// Where the instruction begins.
    pub pc: usize,
    /// Emacs's name of the instruction.
    pub name: &'static str,
    /// What follows it.
    pub detail: Detail,
}

fn line(instruction: &Instruction) -> Line {
    let Instruction { pc, op, operand, .. } = *instruction;
    let detail = match (op, op.info().operand) {
        (Op::Constant | Op::Constant2 | Op::VarRef | Op::VarSet | Op::VarBind, _) => Detail::Constant(operand),
        (_, Operand::Target | Operand::Relative) => Detail::Target(operand),
        (_, Operand::None) => Detail::None,
        (Op::DiscardN, _) => Detail::Number(operand & 127),
        _ => Detail::Number(operand),
    };
    Line { pc, name: instruction.name(), detail }
}

/// The instructions of a code, one after the other; what cannot be decoded ends the list, with the place where it is.
pub fn disassemble(code: &[u8]) -> (Vec<Line>, Option<usize>) {
    let mut lines = Vec::new();
    let mut pc = 0;
    while pc < code.len() {
        match decode(code, pc) {
            Some(instruction) => {
                lines.push(line(&instruction));
                pc = instruction.next;
            }
            None => return (lines, Some(pc)),
        }
    }
    (lines, None)
}
