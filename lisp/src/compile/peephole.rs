//! Improvements of code in small: jumps to jumps, code that is never reached, values that are dropped at once.

use super::lap::{Instr, Label, Lap, MAX_DISCARD, PRESERVE_TOP};
use tenure_vm::bytecode::opcode::Op;

/// Rounds at most; each makes code shorter or jumps shorter.
const ROUNDS: usize = 10;
/// Jumps to jumps that are followed at most, so that an empty endless loop is left alone.
const HOPS: usize = 16;

/// Improve the code.
pub(super) fn optimise(lap: &mut Lap<'_>) {
    for _ in 0..ROUNDS {
        let mut changed = thread_jumps(lap);
        changed |= remove_unreached(lap);
        changed |= improve_neighbours(lap);
        if !changed {
            break;
        }
    }
}

/// Where each label is.
fn label_places(lap: &Lap<'_>) -> Vec<usize> {
    let mut places = vec![0; lap.label_depths.len()];
    for (i, instr) in lap.code.iter().enumerate() {
        if let Instr::Label(label) = instr {
            places[label.0 as usize] = i;
        }
    }
    places
}

/// The first instruction behind a label, and the last label before it.
fn first_at(lap: &Lap<'_>, places: &[usize], label: Label) -> Option<Instr> {
    lap.code[places[label.0 as usize]..].iter().find(|instr| !matches!(instr, Instr::Label(_))).copied()
}

/// Let jumps go where the jumps at their targets go.
fn thread_jumps(lap: &mut Lap<'_>) -> bool {
    let places = label_places(lap);
    let mut changed = false;
    let end_of = |lap: &Lap<'_>, label: Label, op: Option<Op>| {
        let mut label = label;
        for _ in 0..HOPS {
            label = match first_at(lap, &places, label) {
                Some(Instr::Jump(Op::Goto, next)) => next,
                // What is kept because it is nil, or not nil, passes the same test again.
                Some(Instr::Jump(next_op @ (Op::GotoIfNilElsePop | Op::GotoIfNotNilElsePop), next))
                    if op == Some(next_op) =>
                {
                    next
                }
                _ => break,
            };
        }
        label
    };
    for i in 0..lap.code.len() {
        let Instr::Jump(op, label) = lap.code[i] else { continue };
        if matches!(op, Op::PushCatch | Op::PushConditionCase) {
            continue;
        }
        let target = end_of(lap, label, Some(op));
        let ends = first_at(lap, &places, target);
        let new = match (op, ends) {
            (Op::Goto, Some(end @ Instr::Plain(Op::Return, _))) => end,
            // The value is tested once more and dropped then.
            (Op::GotoIfNilElsePop, Some(Instr::Jump(Op::GotoIfNil, next))) => Instr::Jump(Op::GotoIfNil, next),
            (Op::GotoIfNotNilElsePop, Some(Instr::Jump(Op::GotoIfNotNil, next))) => Instr::Jump(Op::GotoIfNotNil, next),
            _ => Instr::Jump(op, target),
        };
        changed |= new != lap.code[i];
        lap.code[i] = new;
    }
    for i in 0..lap.tables.len() {
        for j in 0..lap.tables[i].cases.len() {
            let label = lap.tables[i].cases[j].1;
            let target = end_of(lap, label, None);
            changed |= target != label;
            lap.tables[i].cases[j].1 = target;
        }
    }
    changed
}

/// Take out what no path reaches, and labels that nothing names.
fn remove_unreached(lap: &mut Lap<'_>) -> bool {
    let mut used = vec![false; lap.label_depths.len()];
    let mut switches = Vec::new();
    for instr in &lap.code {
        match instr {
            Instr::Jump(_, label) => used[label.0 as usize] = true,
            Instr::Switch(table) => switches.push(*table),
            _ => {}
        }
    }
    for table in switches {
        lap.tables[table as usize].cases.iter().for_each(|(_, label)| used[label.0 as usize] = true);
    }
    let before = lap.code.len();
    let mut reached = true;
    lap.code.retain(|&instr| {
        if let Instr::Label(label) = instr {
            reached |= used[label.0 as usize];
            return used[label.0 as usize];
        }
        let keep = reached;
        if instr.ends() {
            reached = false;
        }
        keep
    });
    before != lap.code.len()
}

/// What two instructions in a row become.
enum Pair {
    Both,
    /// Neither is needed.
    None,
    One(Instr),
}

fn improve_neighbours(lap: &mut Lap<'_>) -> bool {
    let mut out: Vec<Instr> = Vec::with_capacity(lap.code.len());
    let mut changed = false;
    let code = std::mem::take(&mut lap.code);
    for (i, &instr) in code.iter().enumerate() {
        // A jump to what comes next anyway.
        if let Instr::Jump(op, label) = instr
            && goes_to_next(&code[i + 1..], label)
        {
            match op {
                Op::Goto => {
                    changed = true;
                    continue;
                }
                Op::GotoIfNil | Op::GotoIfNotNil => {
                    changed = true;
                    out.push(Instr::Plain(Op::Discard, 0));
                    continue;
                }
                _ => {}
            }
        }
        let pair = out.last().map_or(Pair::Both, |&last| improve(last, instr, lap));
        match pair {
            Pair::Both => out.push(instr),
            Pair::None => {
                out.pop();
                changed = true;
            }
            Pair::One(new) => {
                out.pop();
                out.push(new);
                changed = true;
            }
        }
    }
    lap.code = out;
    changed
}

fn goes_to_next(rest: &[Instr], label: Label) -> bool {
    rest.iter().take_while(|instr| matches!(instr, Instr::Label(_))).any(|instr| *instr == Instr::Label(label))
}

fn improve(first: Instr, second: Instr, lap: &Lap<'_>) -> Pair {
    use Instr::{Constant, Jump, Plain};
    let is_nil = |id| lap.constants.value(id).map(|value| value.is_nil());
    match (first, second) {
        (Constant(_) | Plain(Op::Dup | Op::StackRef, _), Plain(Op::Discard, _)) => Pair::None,
        (Plain(Op::Not, _), Jump(Op::GotoIfNil, label)) => Pair::One(Jump(Op::GotoIfNotNil, label)),
        (Plain(Op::Not, _), Jump(Op::GotoIfNotNil, label)) => Pair::One(Jump(Op::GotoIfNil, label)),
        (Constant(id), Jump(op @ (Op::GotoIfNil | Op::GotoIfNotNil), label)) => match is_nil(id) {
            Some(nil) if nil == (op == Op::GotoIfNil) => Pair::One(Jump(Op::Goto, label)),
            Some(_) => Pair::None,
            None => Pair::Both,
        },
        (Plain(Op::Unbind, a), Plain(Op::Unbind, b)) => Pair::One(Plain(Op::Unbind, a + b)),
        (Plain(Op::Discard, _), Plain(Op::Discard, _)) => Pair::One(Plain(Op::DiscardN, 2)),
        (Plain(Op::DiscardN, n), Plain(Op::Discard, _)) if n < MAX_DISCARD => Pair::One(Plain(Op::DiscardN, n + 1)),
        (Plain(Op::DiscardN, a), Plain(Op::DiscardN, b)) if a.max(b) <= MAX_DISCARD && a + b <= MAX_DISCARD => {
            Pair::One(Plain(Op::DiscardN, a + b))
        }
        (Plain(Op::DiscardN, n), Plain(Op::Return, _)) if n & PRESERVE_TOP != 0 => Pair::One(second),
        (Plain(Op::Dup, _) | Plain(Op::StackSet, 1), Plain(Op::Return, _)) => Pair::One(second),
        _ => Pair::Both,
    }
}
