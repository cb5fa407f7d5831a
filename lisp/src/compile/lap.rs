//! Instructions with labels instead of places (LAP, as Emacs calls its assembler), and their assembly.
//!
//! Jumps have operands of one size, so places are known after one walk.  The constants are numbered here, those used
//! most first: the first 64 take one byte, and the first variables less.

use super::peephole;
use tenure_gc::{Context, NIL, Object, Throw};
use tenure_vm::bytecode::opcode::{Effect, Flow, Op, Operand};
use tenure_vm::error::error;
use tenure_vm::fns::hash;

/// A place to jump to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Label(pub(super) u32);

/// A constant before it has its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct ConstantId(u32);

/// An instruction.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Instr {
    /// One without a constant or a label; 0 stands for no operand.
    Plain(Op, u32),
    /// Push a constant.
    Constant(ConstantId),
    /// Read, set or bind a variable.
    Variable(Op, ConstantId),
    Jump(Op, Label),
    /// Jump by the table of this number.
    Switch(u32),
    Label(Label),
}

/// A constant of a function.
struct Constant<'ob> {
    value: Object<'ob>,
    /// Captured when the closure is made: nothing else may share its place.
    captured: bool,
}

/// The constants of a function.
#[derive(Default)]
pub(super) struct Constants<'ob> {
    entries: Vec<Constant<'ob>>,
}

impl<'ob> Constants<'ob> {
    /// The place of the next captured value.
    pub(super) fn add_captured(&mut self, name: Object<'ob>) -> ConstantId {
        self.entries.push(Constant { value: name, captured: true });
        ConstantId(self.entries.len() as u32 - 1)
    }

    pub(super) fn id(&mut self, value: Object<'ob>) -> ConstantId {
        let known = self.entries.iter().position(|entry| !entry.captured && entry.value == value);
        let i = known.unwrap_or_else(|| {
            self.entries.push(Constant { value, captured: false });
            self.entries.len() - 1
        });
        ConstantId(i as u32)
    }

    /// The value of a constant that is not captured.
    pub(super) fn value(&self, id: ConstantId) -> Option<Object<'ob>> {
        let entry = &self.entries[id.0 as usize];
        (!entry.captured).then_some(entry.value)
    }
}

/// A jump table.
pub(super) struct Table<'ob> {
    pub(super) table: tenure_gc::HashTable<'ob>,
    pub(super) cases: Vec<(Object<'ob>, Label)>,
}

/// The code of a function before assembly.
pub(super) struct Lap<'ob> {
    pub(super) code: Vec<Instr>,
    pub(super) constants: Constants<'ob>,
    pub(super) tables: Vec<Table<'ob>>,
    /// The depth of the stack at each label.
    pub(super) label_depths: Vec<u32>,
    /// The depth of the stack at the beginning.
    pub(super) arguments: u32,
}

/// Code as byte-code functions have it.
pub(super) struct Assembled<'ob> {
    pub(super) code: Vec<u8>,
    pub(super) constants: Vec<Object<'ob>>,
    pub(super) depth: usize,
}

impl Instr {
    /// How many values it takes off the stack and puts on it.
    pub(super) fn effect(self) -> (u32, u32) {
        match self {
            Instr::Constant(_) => (0, 1),
            Instr::Label(_) => (0, 0),
            Instr::Switch(_) => op_effect(Op::Switch, 0),
            Instr::Plain(op, n) => op_effect(op, n),
            Instr::Variable(op, _) | Instr::Jump(op, _) => op_effect(op, 0),
        }
    }

    /// Whether the next instruction is not reached from it.
    pub(super) fn ends(self) -> bool {
        matches!(self, Instr::Plain(op, _) | Instr::Jump(op, _) if matches!(op.info().flow, Flow::Return | Flow::Goto))
    }
}

fn op_effect(op: Op, n: u32) -> (u32, u32) {
    match op.info().effect {
        Effect::Fixed(pops, pushes) => (pops.into(), pushes.into()),
        Effect::Call => (n + 1, 1),
        Effect::Many => (n, 1),
        Effect::Discard if n & PRESERVE_TOP != 0 => ((n & !PRESERVE_TOP) + 1, 1),
        Effect::Discard => (n, 0),
    }
}

/// The bit of `discardN`'s operand that keeps the top.
pub(super) const PRESERVE_TOP: u32 = 128;
/// The most values that one `discardN` drops.
pub(super) const MAX_DISCARD: u32 = 127;

impl<'ob> Lap<'ob> {
    pub(super) fn new_label(&mut self) -> Label {
        self.label_depths.push(0);
        Label(self.label_depths.len() as u32 - 1)
    }

    /// Make byte code of it.
    pub(super) fn assemble(mut self, cx: &'ob Context) -> Result<Assembled<'ob>, Throw> {
        peephole::optimise(&mut self);
        let order = self.number_constants();
        let mut places = vec![0usize; self.label_depths.len()];
        let mut at = 0;
        for &instr in &self.code {
            if let Instr::Label(label) = instr {
                places[label.0 as usize] = at;
            }
            at += length(instr, &order);
        }
        // Operands have two bytes at most.
        let too_great = |instr: &Instr| matches!(instr, Instr::Plain(_, n) if *n > u32::from(u16::MAX));
        if self.code.iter().any(too_great)
            || at > usize::from(u16::MAX)
            || self.constants.entries.len() > usize::from(u16::MAX)
        {
            return Err(error("Bytecode overflow", cx));
        }
        let mut code = Vec::with_capacity(at);
        for &instr in &self.code {
            match instr {
                Instr::Label(_) => {}
                Instr::Constant(id) => push_constant(order[id.0 as usize], &mut code),
                Instr::Plain(op, n) => push(op, n as usize, &mut code),
                Instr::Variable(op, id) => push(op, order[id.0 as usize], &mut code),
                Instr::Jump(op, label) => push(op, places[label.0 as usize], &mut code),
                Instr::Switch(_) => push(Op::Switch, 0, &mut code),
            }
        }
        for table in &self.tables {
            for &(key, label) in &table.cases {
                hash::put(table.table, key, Object::fixnum(places[label.0 as usize] as i64), cx)?;
            }
        }
        let depth = self.max_depth() as usize;
        let mut constants = vec![NIL; self.constants.entries.len()];
        for (entry, &i) in self.constants.entries.iter().zip(&order) {
            if let Some(place) = constants.get_mut(i) {
                *place = entry.value;
            }
        }
        let used = order.iter().filter(|&&i| i != UNUSED).count();
        constants.truncate(used);
        Ok(Assembled { code, constants, depth })
    }

    /// The number of each constant; captured ones come first, then variables and others by how often they are used.
    fn number_constants(&self) -> Vec<usize> {
        let count = self.constants.entries.len();
        let (mut uses, mut is_variable) = (vec![0u32; count], vec![false; count]);
        for &instr in &self.code {
            match instr {
                Instr::Constant(id) => uses[id.0 as usize] += 1,
                Instr::Variable(_, id) => {
                    uses[id.0 as usize] += 1;
                    is_variable[id.0 as usize] = true;
                }
                _ => {}
            }
        }
        let captured = |i: usize| self.constants.entries[i].captured;
        let mut by_use: Vec<usize> = (0..count).filter(|&i| !captured(i) && uses[i] > 0).collect();
        by_use.sort_by_key(|&i| (!is_variable[i], std::cmp::Reverse(uses[i])));
        let mut order = vec![UNUSED; count];
        for (number, i) in (0..count).filter(|&i| captured(i)).chain(by_use).enumerate() {
            order[i] = number;
        }
        order
    }

    /// The most values that are on the stack at a time.
    fn max_depth(&self) -> u32 {
        let (mut depth, mut most) = (self.arguments, self.arguments);
        for &instr in &self.code {
            if let Instr::Label(label) = instr {
                depth = self.label_depths[label.0 as usize];
            }
            let (pops, pushes) = instr.effect();
            depth = depth - pops + pushes;
            most = most.max(depth);
        }
        most
    }
}

/// The number of a constant that no instruction uses.
const UNUSED: usize = usize::MAX;

fn length(instr: Instr, order: &[usize]) -> usize {
    let mut bytes = Vec::with_capacity(3);
    match instr {
        Instr::Label(_) => {}
        Instr::Constant(id) => push_constant(order[id.0 as usize], &mut bytes),
        Instr::Plain(op, n) => push(op, n as usize, &mut bytes),
        Instr::Variable(op, id) => push(op, order[id.0 as usize], &mut bytes),
        Instr::Jump(op, _) => push(op, 0, &mut bytes),
        Instr::Switch(_) => push(Op::Switch, 0, &mut bytes),
    }
    bytes.len()
}

fn push_constant(index: usize, code: &mut Vec<u8>) {
    let row = Op::Constant.info();
    match u8::try_from(index).ok().and_then(|i| row.first.checked_add(i)) {
        Some(opcode) => code.push(opcode),
        None => push(Op::Constant2, index, code),
    }
}

fn push(op: Op, operand: usize, code: &mut Vec<u8>) {
    let first = op.info().first;
    // What does not fit its operand was refused before: see `assemble`.
    let [low, high, ..] = operand.to_le_bytes();
    match op.info().operand {
        Operand::None => code.push(first),
        Operand::Packed => {
            // The row of `stack-ref` begins with 1.
            let first = first & !7;
            match operand {
                0..=5 => code.push(first + low),
                6..=255 => code.extend([first + 6, low]),
                _ => code.extend([first + 7, low, high]),
            }
        }
        Operand::Byte => code.extend([first, low]),
        Operand::Short | Operand::Target => code.extend([first, low, high]),
        Operand::Relative | Operand::Low => code.push(first),
    }
}
