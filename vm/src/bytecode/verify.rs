//! The verifier: what every byte code must satisfy before the machine takes it.
//!
//! Control is followed from the first instruction.  Each instruction that is reached begins where no other has its
//! operand, its constants exist, and it always finds the same number of values and of handlers; jumps stay inside the
//! code, and the code never ends without a `return`.  What is never reached does not matter.
//! So the place of every value in a frame is known beforehand, and the machine keeps no stack pointer.

use super::opcode::{Flow, Instruction, Op, decode};

/// The most values that a function may have on its stack.
pub(super) const MAX_DEPTH: usize = 1 << 14;

/// Why a code is refused: what, and where.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// What was expected and found.
    pub(super) what: String,
    /// The place in the code string.
    pub(super) pc: usize,
}

/// An instruction that can be reached.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) instruction: Instruction,
    /// Values on the stack before it.
    pub(super) depth: usize,
    /// Some instruction jumps here.
    pub(super) is_target: bool,
    /// Some instruction behind this one does, or a handler leads here: who reads the code in order does not know before it is
    /// here all that may be on the stack.
    pub(super) is_late: bool,
}

/// A code that was found to be in order.
#[derive(Debug)]
pub(super) struct Verified {
    /// The instructions that can be reached, in the order of their places.
    pub(super) steps: Vec<Step>,
    /// The most values on the stack at any time.
    pub(super) max_depth: usize,
}

/// What the verifier asks about the constants.
pub(super) trait Constants {
    /// How many there are.
    fn len(&self) -> usize;
    /// The cases of the jump table with an index; nothing if there is no such table.
    fn table(&self, index: usize) -> Option<Vec<Case>>;
}

/// An entry of a jump table.
#[derive(Clone, Copy)]
pub(super) struct Case {
    /// Its number in the hash table.
    pub(super) entry: usize,
    /// The key, if it is a fixnum.
    pub(super) key: Option<i64>,
    /// The place that it leads to, if its value is one.
    pub(super) place: Option<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct State {
    depth: usize,
    handlers: usize,
}

struct Verifier<'a> {
    code: &'a [u8],
    /// The state before the instruction that begins at a place.
    states: Vec<Option<State>>,
    /// The places inside of instructions.
    inside: Vec<bool>,
    targets: Vec<bool>,
    late: Vec<bool>,
    pending: Vec<usize>,
}

fn fault<T>(pc: usize, what: impl Into<String>) -> Result<T, Fault> {
    Err(Fault { what: what.into(), pc })
}

impl Verifier<'_> {
    /// Control goes from `from` to `to`.
    fn reach(&mut self, from: usize, to: usize, state: State) -> Result<(), Fault> {
        if to >= self.code.len() {
            return fault(from, format!("control leaves the code of {} bytes at {to}", self.code.len()));
        }
        if self.inside[to] {
            return fault(from, format!("control goes to {to}, inside of an instruction"));
        }
        match self.states[to] {
            None => {
                self.states[to] = Some(state);
                self.pending.push(to);
                Ok(())
            }
            Some(known) if known == state => Ok(()),
            Some(known) if known.depth != state.depth => {
                fault(from, format!("{} values reach {to}, where there were {}", state.depth, known.depth))
            }
            Some(known) => {
                fault(from, format!("{} handlers reach {to}, where there were {}", state.handlers, known.handlers))
            }
        }
    }

    fn jump(&mut self, from: usize, to: usize, state: State) -> Result<(), Fault> {
        self.reach(from, to, state)?;
        self.targets[to] = true;
        self.late[to] |= to <= from;
        Ok(())
    }
}

/// Check an instruction's operand against the constants and the stack; gives the state after it.
fn apply(instruction: &Instruction, state: State, constants: &impl Constants) -> Result<State, Fault> {
    let Instruction { pc, op, operand, .. } = *instruction;
    let (pops, pushes) = instruction.effect();
    if state.depth < pops {
        return fault(pc, format!("`{}` takes {pops} values of {}", instruction.name(), state.depth));
    }
    let mut after = State { depth: state.depth - pops + pushes, ..state };
    match op {
        Op::VarRef | Op::VarSet | Op::VarBind | Op::Constant | Op::Constant2 if operand >= constants.len() => {
            return fault(pc, format!("constant {operand} of {}", constants.len()));
        }
        // A place counted from the top; `stack-set` counts before it pops, and with 0 it only pops.
        Op::StackRef | Op::StackSet | Op::StackSet2 if operand >= state.depth => {
            return fault(pc, format!("`{}` {operand} of {} values", instruction.name(), state.depth));
        }
        Op::Dup if state.depth == 0 => return fault(pc, "`dup` of no value"),
        Op::PushCatch | Op::PushConditionCase => after.handlers += 1,
        Op::PopHandler => match state.handlers.checked_sub(1) {
            Some(handlers) => after.handlers = handlers,
            None => return fault(pc, "`pophandler` without a handler"),
        },
        Op::Return if state.handlers > 0 => return fault(pc, "`return` under a handler"),
        _ => {}
    }
    if after.depth > MAX_DEPTH {
        return fault(pc, format!("more than {MAX_DEPTH} values"));
    }
    Ok(after)
}

/// Verify a code that begins with `arguments` values on the stack.
pub(super) fn verify(code: &[u8], arguments: usize, constants: &impl Constants) -> Result<Verified, Fault> {
    let mut verifier = Verifier {
        code,
        states: vec![None; code.len()],
        inside: vec![false; code.len()],
        targets: vec![false; code.len()],
        late: vec![false; code.len()],
        pending: Vec::new(),
    };
    let mut max_depth = arguments;
    verifier.reach(0, 0, State { depth: arguments, handlers: 0 })?;
    while let Some(pc) = verifier.pending.pop() {
        let Some(state) = verifier.states[pc] else { continue };
        let Some(instruction) = decode(code, pc).filter(|i| i.next <= code.len()) else {
            return fault(pc, "the code ends inside of an instruction");
        };
        let Instruction { op, operand, next, .. } = instruction;
        for inner in pc + 1..next {
            if verifier.states[inner].is_some() {
                return fault(pc, format!("control goes to {inner}, inside of an instruction"));
            }
            verifier.inside[inner] = true;
        }
        let flow = op.info().flow;
        if flow == Flow::Invalid {
            return fault(pc, format!("opcode {} is no instruction", code[pc]));
        }
        let after = apply(&instruction, state, constants)?;
        max_depth = max_depth.max(after.depth);
        match flow {
            Flow::Next => verifier.reach(pc, next, after)?,
            Flow::Goto => verifier.jump(pc, operand, after)?,
            Flow::Branch => {
                verifier.jump(pc, operand, after)?;
                verifier.reach(pc, next, after)?;
            }
            Flow::BranchElsePop => {
                verifier.jump(pc, operand, state)?;
                verifier.reach(pc, next, after)?;
            }
            Flow::Handler => {
                let caught = State { depth: after.depth + 1, handlers: state.handlers };
                max_depth = max_depth.max(caught.depth);
                verifier.jump(pc, operand, caught)?;
                verifier.late[operand] = true;
                verifier.reach(pc, next, after)?;
            }
            Flow::Switch => {
                for to in switch_targets(code, pc, constants)? {
                    verifier.jump(pc, to, after)?;
                }
                verifier.reach(pc, next, after)?;
            }
            Flow::Return | Flow::Invalid => {}
        }
    }
    let steps: Vec<Step> = (0..code.len())
        .filter_map(|pc| {
            let state = verifier.states[pc]?;
            let instruction = decode(code, pc)?;
            let (is_target, is_late) = (verifier.targets[pc], verifier.late[pc]);
            Some(Step { instruction, depth: state.depth, is_target, is_late })
        })
        .collect();
    if let Some(step) = steps.iter().find(|s| s.instruction.op == Op::Switch && s.is_target) {
        return fault(step.instruction.pc, "control goes to a `switch` past its jump table");
    }
    Ok(Verified { steps, max_depth })
}

/// The index of the jump table that a `switch` takes: the constant that the instruction before it pushes.
pub(super) fn switch_table(code: &[u8], pc: usize) -> Option<usize> {
    [1, 3].into_iter().filter_map(|length| decode(code, pc.checked_sub(length)?)).find_map(|before| {
        (before.next == pc && matches!(before.op, Op::Constant | Op::Constant2)).then_some(before.operand)
    })
}

fn switch_targets(code: &[u8], pc: usize, constants: &impl Constants) -> Result<Vec<usize>, Fault> {
    let Some(table) = switch_table(code, pc).and_then(|index| constants.table(index)) else {
        return fault(pc, "`switch` without a jump table in a constant");
    };
    match table.into_iter().map(|case| case.place).collect() {
        Some(targets) => Ok(targets),
        None => fault(pc, "a jump table that leads to no place"),
    }
}
