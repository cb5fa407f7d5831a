//! From verified byte code to the internal form.
//!
//! Within a stretch of code that nothing jumps into, values that byte code copies or loads stay where they are until
//! something needs them in their place, so `stack-ref`, `dup`, `constant` and most `stack-set`s cost no instruction.
//! Before each jump and each call everything is put in its place: what a collection or a handler finds in a frame is what
//! byte code has on its stack.

use super::code::{Arguments, Cache, Code, JumpTable};
use super::form::{Index, Insn, Place, Slot};
use super::opcode::{Flow, Op};
use super::verify::{Case, Fault, Step, Verified, switch_table};
use tenure_gc::{NIL, T, Vector};

/// Where the value of a place of the stack is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Value {
    /// In its own register.
    Here,
    /// In the register of a lower place, which has its own value there.
    CopyOf(usize),
    /// Constant number so-and-so.
    Constant(Index),
    Nil,
    True,
    Fixnum(i32),
}

pub(super) struct Translator<'a> {
    code: &'a [u8],
    constants: Vector<'a>,
    /// The first so many constants are values that the closure captured.
    captured: usize,
    /// Registers before the one that holds the constants.
    arguments: usize,
    /// Registers between the arguments and the other values.
    own: usize,
    stack: Vec<Value>,
    /// Places whose registers have a constant since it was put there.
    settled: Vec<(usize, Index)>,
    /// The same at the places ahead that were jumped to so far: what holds however one comes there.
    settled_at: Vec<Option<Vec<(usize, Index)>>>,
    out: Vec<Insn>,
    live: Vec<u16>,
    /// Registers that hold something before the present instruction.
    live_now: usize,
    frame_words: usize,
    /// The last instruction, if all it does is to give this place of the stack its value.
    producer: Option<(usize, usize)>,
    place_of: Vec<Option<Place>>,
    jumps: Vec<(usize, usize)>,
    caches: Vec<Cache>,
    tables: Vec<(Index, Targets)>,
}

/// The cases of a jump table, each with its place.
type Targets = Vec<(Case, usize)>;
/// The most keys of a jump table that are compared one after another: a look into a hash table costs as much as seven.
const FEW_KEYS: usize = 6;
/// How many settled constants are remembered for a place that is jumped to: those of calls whose arguments are under way.
const MOST_SETTLED: usize = 16;

fn too_long<T>(pc: usize) -> Result<T, Fault> {
    Err(Fault { what: "the code is too long".into(), pc })
}

/// Translate a code whose frame begins with the arguments.
pub(super) fn translate(
    code: &[u8],
    constants: Vector<'_>,
    captured: usize,
    arguments: Arguments,
    verified: &Verified,
    table_of: impl Fn(usize) -> Option<Vec<Case>>,
) -> Result<Code, Fault> {
    let count = arguments.registers();
    let mut t = Translator {
        code,
        constants,
        captured,
        arguments: count,
        own: Code::own_registers(captured),
        stack: vec![Value::Here; count],
        settled: Vec::new(),
        settled_at: vec![None; code.len()],
        out: Vec::with_capacity(verified.steps.len()),
        live: Vec::with_capacity(verified.steps.len()),
        live_now: 0,
        frame_words: verified.max_depth.max(count) + Code::own_registers(captured),
        producer: None,
        place_of: vec![None; code.len()],
        jumps: Vec::new(),
        caches: Vec::new(),
        tables: Vec::new(),
    };
    let mut falls_through = true;
    let mut steps = verified.steps.iter().peekable();
    while let Some(step) = steps.next() {
        let pc = step.instruction.pc;
        if step.is_target || !falls_through {
            if falls_through {
                t.flush(t.stack.len());
                t.meet(pc);
            }
            t.stack.clear();
            t.settled = t.settled_at[pc].take().filter(|_| !step.is_late).unwrap_or_default();
            t.forget(step.depth);
            t.stack.resize(step.depth, Value::Here);
            t.producer = None;
        }
        t.live_now = t.words(step.depth);
        t.place_of[pc] = Some(t.next_place(pc)?);
        let next = steps.peek().filter(|next| !next.is_target && next.instruction.pc == step.instruction.next);
        let fused = t.step(step, next.map(|n| n.instruction.op), &table_of)?;
        falls_through = !matches!(step.instruction.op.info().flow, Flow::Goto | Flow::Return);
        if fused && let Some(branch) = steps.next() {
            // The branch was made part of the instruction before it.
            t.place_of[branch.instruction.pc] = None;
            t.note_jump(branch.instruction.operand);
        }
        if t.out.len() > usize::from(Place::MAX) || t.frame_words > usize::from(Slot::MAX) {
            return too_long(pc);
        }
    }
    t.finish(arguments)
}

impl Translator<'_> {
    fn finish(mut self, arguments: Arguments) -> Result<Code, Fault> {
        for (at, target) in std::mem::take(&mut self.jumps) {
            let Some(place) = self.place_of[target] else { return too_long(target) };
            if let Some(to) = self.out[at].target() {
                *to = place;
            }
        }
        let tables = self.tables.iter().map(|(k, targets)| {
            let mut places: Vec<(u32, Place)> =
                targets.iter().filter_map(|&(_, pc)| Some((pc as u32, self.place_of[pc]?))).collect();
            places.sort_unstable();
            places.dedup();
            let few = targets.iter().filter(|_| targets.len() <= FEW_KEYS);
            let few = few.filter_map(|&(case, pc)| Some((case.entry, pc as u32, self.place_of[pc]?))).collect();
            JumpTable { k: *k, places, dense: self.dense(targets), few }
        });
        Ok(Code {
            tables: tables.collect(),
            insns: self.out.into(),
            live: self.live.into(),
            caches: self.caches.into(),
            arguments,
            captured: self.captured,
            constants_slot: self.arguments,
            frame_words: self.frame_words,
            exact: match arguments {
                Arguments::Lexical { positional, rest: false, .. } => positional,
                _ => usize::MAX,
            },
        })
    }

    /// A jump table as an array, if its keys are integers that are close to each other.
    fn dense(&self, targets: &[(Case, usize)]) -> Option<(i64, Vec<Option<Place>>)> {
        const SPARSEST: i64 = 4;
        let keys: Vec<i64> = targets.iter().map(|(case, _)| case.key).collect::<Option<_>>()?;
        let (least, most) = (*keys.iter().min()?, *keys.iter().max()?);
        if most.checked_sub(least)? >= SPARSEST * keys.len() as i64 {
            return None;
        }
        let mut places = vec![None; (most - least) as usize + 1];
        for (key, &(_, pc)) in keys.iter().zip(targets) {
            places[(key - least) as usize] = self.place_of[pc];
        }
        Some((least, places))
    }

    fn next_place(&self, pc: usize) -> Result<Place, Fault> {
        Place::try_from(self.out.len()).or_else(|_| too_long(pc))
    }

    /// The register of a place of the stack.
    fn register(&self, position: usize) -> Slot {
        (if position < self.arguments { position } else { position + self.own }) as Slot
    }

    /// Registers that hold something while so many values are on the stack.
    fn words(&self, depth: usize) -> usize {
        depth.max(self.arguments) + self.own
    }

    /// Put a value on the stack.
    fn push(&mut self, value: Value) {
        self.forget(self.stack.len());
        self.stack.push(value);
    }

    /// The places from a position on get other values than the constants that were put there.
    fn forget(&mut self, position: usize) {
        self.settled.retain(|(settled, _)| *settled < position);
    }

    fn emit(&mut self, insn: Insn) {
        self.out.push(insn);
        self.live.push(self.live_now.min(usize::from(u16::MAX)) as u16);
        self.producer = None;
    }

    /// Emit an instruction that gives the next place of the stack its value; the machine's function of the register.
    fn produce(&mut self, insn: impl FnOnce(Slot) -> Insn) {
        let position = self.stack.len();
        let dst = self.register(position);
        self.emit(insn(dst));
        self.push(Value::Here);
        self.producer = Some((self.out.len() - 1, position));
    }

    fn load(&mut self, dst: Slot, value: Value) {
        match value {
            Value::Here => {}
            Value::CopyOf(source) => {
                let src = self.register(source);
                self.emit(Insn::Move { dst, src });
            }
            Value::Constant(k) if usize::from(k) < self.captured => {
                let src = self.captured_register(k.into());
                self.emit(Insn::Move { dst, src });
            }
            Value::Constant(k) => self.emit(Insn::Constant { dst, k }),
            Value::Nil => self.emit(Insn::Nil { dst }),
            Value::True => self.emit(Insn::True { dst }),
            Value::Fixnum(n) => self.emit(Insn::Fixnum { dst, n }),
        }
    }

    /// Put a value in its place.
    fn settle(&mut self, position: usize) {
        let value = self.stack[position];
        if value != Value::Here {
            self.load(self.register(position), value);
            self.stack[position] = Value::Here;
            self.settled.retain(|(settled, _)| *settled != position);
            if let Value::Constant(k) = value {
                self.settled.push((position, k));
            }
        }
    }

    /// Put all values below a place in theirs.
    fn flush(&mut self, below: usize) {
        for position in 0..below {
            self.settle(position);
        }
    }

    /// The register that has the value of a place.
    fn source(&mut self, position: usize) -> Slot {
        match self.stack[position] {
            Value::CopyOf(source) => self.register(source),
            Value::Constant(k) if usize::from(k) < self.captured => self.captured_register(k.into()),
            _ => {
                self.settle(position);
                self.register(position)
            }
        }
    }

    /// The register of a value that the closure captured; a call puts them there.
    fn captured_register(&self, k: usize) -> Slot {
        (self.arguments + Code::own_registers(k)) as Slot
    }

    /// Take the topmost value off; the register that has it.
    fn pop(&mut self) -> Slot {
        let register = self.source(self.stack.len() - 1);
        self.stack.pop();
        register
    }

    fn fixnum_at(&self, position: usize) -> Option<i16> {
        match self.stack[position] {
            Value::Fixnum(n) => i16::try_from(n).ok(),
            _ => None,
        }
    }

    fn constant(&self, k: usize) -> Value {
        let object = self.constants.get(k).unwrap_or(NIL);
        let small = object.as_fixnum().and_then(|n| i32::try_from(n).ok());
        match small {
            _ if k < self.captured => Value::Constant(k as Index),
            Some(n) => Value::Fixnum(n),
            None if object == NIL => Value::Nil,
            None if object == T => Value::True,
            None => Value::Constant(k as Index),
        }
    }

    /// Put the topmost `count` values in registers that follow each other and lie above the function's own; everything below
    /// them too is put in its place.  Gives the first register.  The first value is left out if it is only named.
    fn window(&mut self, count: usize, named: bool) -> Slot {
        let first = self.stack.len() - count;
        self.flush(first);
        if first >= self.arguments {
            for position in first + usize::from(named)..self.stack.len() {
                self.settle(position);
            }
            return self.register(first);
        }
        // The arguments are where a call of this function put them; they are copied behind everything else.
        let base = self.words(self.stack.len());
        // The value of a call without arguments needs a register too.
        self.frame_words = self.frame_words.max(base + count.max(1));
        for i in usize::from(named)..count {
            let value = match self.stack[first + i] {
                Value::Here => Value::CopyOf(first + i),
                value => value,
            };
            self.load((base + i) as Slot, value);
        }
        self.live_now = base + count;
        base as Slot
    }

    /// The values of a window are replaced by the one in its first register.
    fn end_window(&mut self, count: usize, base: Slot) {
        self.stack.truncate(self.stack.len() - count);
        let dst = self.register(self.stack.len());
        if dst != base {
            self.emit(Insn::Move { dst, src: base });
        }
        self.push(Value::Here);
    }

    fn primitive(&mut self, op: Op, n: usize) {
        let base = self.window(n, false);
        self.emit(Insn::Primitive { base, n: n as u16, op: op as Index });
        self.end_window(n, base);
    }

    fn jump(&mut self, insn: Insn, target: usize) {
        self.emit(insn);
        self.note_jump(target);
    }

    /// The last instruction jumps to a target.
    fn note_jump(&mut self, target: usize) {
        self.jumps.push((self.out.len() - 1, target));
        self.meet(target);
    }

    /// Control goes from here to `target`: what is settled there is what is settled here, too.
    fn meet(&mut self, target: usize) {
        let depth = self.stack.len();
        let here = self.settled.iter().rev().filter(|(position, _)| *position < depth).take(MOST_SETTLED);
        match &mut self.settled_at[target] {
            Some(known) => known.retain(|known| here.clone().any(|settled| settled == known)),
            none => *none = Some(here.copied().collect()),
        }
    }

    fn unary(&mut self, insn: fn(Slot, Slot) -> Insn) {
        let a = self.pop();
        self.produce(|dst| insn(dst, a));
    }

    fn binary(&mut self, insn: fn(Slot, Slot, Slot) -> Insn) {
        let position = self.stack.len() - 2;
        let (a, b) = (self.source(position), self.source(position + 1));
        self.stack.truncate(position);
        self.produce(|dst| insn(dst, a, b));
    }

    /// A predicate, made one instruction with the branch that follows it, if one does.
    fn test(&mut self, next: Option<Op>, value: fn(Slot, Slot) -> Insn, jump: [fn(Slot) -> Insn; 2]) -> bool {
        let Some(when) = branch_when(next) else {
            self.unary(value);
            return false;
        };
        let a = self.pop();
        self.flush(self.stack.len());
        self.emit(jump[usize::from(!when)](a));
        true
    }

    /// A relation, made one instruction with the branch that follows it, if one does.
    fn compare(
        &mut self,
        next: Option<Op>,
        value: fn(Slot, Slot, Slot) -> Insn,
        jump: [fn(Slot, Slot) -> Insn; 2],
        jump_fixnum: [fn(Slot, i16) -> Insn; 2],
    ) -> bool {
        let Some(when) = branch_when(next) else {
            self.binary(value);
            return false;
        };
        let position = self.stack.len() - 2;
        let a = self.source(position);
        let insn = match self.fixnum_at(position + 1) {
            Some(n) => jump_fixnum[usize::from(!when)](a, n),
            None => jump[usize::from(!when)](a, self.source(position + 1)),
        };
        self.stack.truncate(position);
        self.flush(position);
        self.emit(insn);
        true
    }

    /// `eq` with a constant.
    fn eq_constant(&mut self, next: Option<Op>, k: Index) -> bool {
        let a = self.source(self.stack.len() - 2);
        self.stack.truncate(self.stack.len() - 2);
        match branch_when(next) {
            None => {
                self.produce(|dst| Insn::EqConstant { dst, a, k });
                false
            }
            Some(when) => {
                self.flush(self.stack.len());
                self.emit(if when {
                    Insn::JumpIfEqConstant { a, k, to: 0 }
                } else {
                    Insn::JumpUnlessEqConstant { a, k, to: 0 }
                });
                true
            }
        }
    }

    /// An instruction that leaves its last argument's value, which is moved unless nobody wants it.
    fn store(&mut self, pops: usize, next: Option<Op>, insn: Insn) {
        let top = self.stack.len() - 1;
        let first = self.stack.len() - pops;
        let value = match self.stack[top] {
            Value::Here => Value::CopyOf(top),
            value => value,
        };
        self.emit(insn);
        let left = match value {
            // A value that is dropped at once may be left anywhere.
            _ if next == Some(Op::Discard) => Value::Nil,
            Value::CopyOf(source) if source == first => Value::Here,
            Value::CopyOf(source) if source > first => {
                self.load(self.register(first), value);
                Value::Here
            }
            value => value,
        };
        self.stack.truncate(first);
        self.push(left);
    }

    /// Pop a value into a place below it.
    fn set_place(&mut self, position: usize) {
        let top = self.stack.len() - 1;
        for above in position + 1..top {
            if self.stack[above] == Value::CopyOf(position) {
                self.settle(above);
            }
        }
        let dst = self.register(position);
        match self.stack[top] {
            Value::CopyOf(source) if source == position => {}
            Value::Here => self.take_over(top, dst),
            value => self.load(dst, value),
        }
        self.stack[position] = Value::Here;
        self.settled.retain(|(settled, _)| *settled != position);
        self.stack.truncate(top);
    }

    /// Have a value that is in the register of the place `top` in another register instead.
    fn take_over(&mut self, top: usize, dst: Slot) {
        if let Some((last, position)) = self.producer
            && position == top
            && last + 1 == self.out.len()
            && let Some(register) = self.out[last].destination()
        {
            *register = dst;
            self.producer = None;
            return;
        }
        let src = self.register(top);
        self.emit(Insn::Move { dst, src });
    }

    fn discard_under(&mut self, n: usize) {
        if n == 0 {
            return;
        }
        let top = self.stack.len() - 1;
        let position = top - n;
        let value = match self.stack[top] {
            Value::Here => {
                self.take_over(top, self.register(position));
                Value::Here
            }
            Value::CopyOf(source) if source == position => Value::Here,
            Value::CopyOf(source) if source > position => {
                self.load(self.register(position), Value::CopyOf(source));
                Value::Here
            }
            value => value,
        };
        self.stack.truncate(position);
        self.push(value);
    }

    fn call(&mut self, n: usize) {
        let position = self.stack.len() - 1 - n;
        let function = match self.stack[position] {
            Value::Here => {
                let settled = self.settled.iter().find(|(settled, _)| *settled == position);
                settled.map_or(Value::Here, |&(_, k)| Value::Constant(k))
            }
            value => value,
        };
        let named = match function {
            Value::Constant(k) if usize::from(k) >= self.captured => {
                let symbol = self.constants.get(k.into()).is_some_and(|f| f.as_symbol().is_some());
                symbol.then_some(k)
            }
            _ => None,
        };
        let base = self.window(n + 1, named.is_some());
        match named {
            Some(k) if self.caches.len() < usize::from(Index::MAX) => {
                let cache = self.caches.len() as Index;
                self.caches.push(Cache::new(k));
                self.emit(Insn::CallNamed { base, n: n as u16, cache });
            }
            Some(k) => {
                self.load(base, Value::Constant(k));
                self.emit(Insn::Call { base, n: n as u16 });
            }
            None => self.emit(Insn::Call { base, n: n as u16 }),
        }
        self.end_window(n + 1, base);
    }

    /// An instruction about a variable, whose name is a constant or, in odd code, a captured value.
    fn variable(&mut self, op: Op, k: usize) {
        let is_captured = k < self.captured;
        let index = k as Index;
        match op {
            Op::VarRef if is_captured => {
                let a = self.captured_register(k);
                self.produce(|dst| Insn::SymbolValue { dst, a });
            }
            Op::VarRef => self.produce(|dst| Insn::VarRef { dst, k: index }),
            Op::VarBind if !is_captured => {
                let src = self.pop();
                self.emit(Insn::VarBind { k: index, src });
            }
            Op::VarBind => {
                let (name, src) = (self.captured_register(k), self.pop());
                self.emit(Insn::Bind { name, src });
            }
            _ if !is_captured => {
                let src = self.pop();
                self.emit(Insn::VarSet { k: index, src });
            }
            _ => {
                let value = self.pop();
                let base = self.words(self.stack.len() + 1) as Slot;
                self.frame_words = self.frame_words.max(usize::from(base) + 2);
                self.live_now = usize::from(base) + 2;
                self.emit(Insn::Move { dst: base + 1, src: value });
                self.emit(Insn::Move { dst: base, src: self.captured_register(k) });
                self.emit(Insn::Primitive { base, n: 2, op: Op::Set as Index });
            }
        }
    }
}

/// For what truth a branch of this kind is taken.
fn branch_when(next: Option<Op>) -> Option<bool> {
    match next? {
        Op::GotoIfNil | Op::RgotoIfNil => Some(false),
        Op::GotoIfNotNil | Op::RgotoIfNotNil => Some(true),
        _ => None,
    }
}

/// Name an instruction of two operands as a function, and its fused jumps as a table.
macro_rules! relation {
    ($t:ident, $next:ident, $value:ident, $jump:ident, $unless:ident, $jump_fixnum:ident, $unless_fixnum:ident) => {
        $t.compare(
            $next,
            |dst, a, b| Insn::$value { dst, a, b },
            [|a, b| Insn::$jump { a, b, to: 0 }, |a, b| Insn::$unless { a, b, to: 0 }],
            [|a, n| Insn::$jump_fixnum { a, n, to: 0 }, |a, n| Insn::$unless_fixnum { a, n, to: 0 }],
        )
    };
}
macro_rules! predicate {
    ($t:ident, $next:ident, $value:ident, $jump:ident, $unless:ident) => {
        $t.test($next, |dst, a| Insn::$value { dst, a }, [|a| Insn::$jump { a, to: 0 }, |a| Insn::$unless { a, to: 0 }])
    };
}

impl Translator<'_> {
    /// Translate one instruction; true if the branch that is next became part of it.
    fn step(
        &mut self,
        step: &Step,
        next: Option<Op>,
        table_of: &impl Fn(usize) -> Option<Vec<Case>>,
    ) -> Result<bool, Fault> {
        let (pc, operand) = (step.instruction.pc, step.instruction.operand);
        let op = step.instruction.op;
        let depth = self.stack.len();
        match op {
            Op::StackRef => {
                let position = depth - 1 - operand;
                self.copy(position);
            }
            Op::Dup => self.copy(depth - 1),
            Op::Constant | Op::Constant2 => self.push(self.constant(operand)),
            Op::VarRef | Op::VarSet | Op::VarBind => self.variable(op, operand),
            Op::Call => self.call(operand),
            Op::Unbind => self.emit(Insn::Unbind { n: operand as u16 }),
            Op::UnbindAll => self.emit(Insn::UnbindAll {}),
            Op::SaveCurrentBuffer | Op::SaveCurrentBufferOld | Op::SaveExcursion | Op::SaveRestriction => {
                self.emit(Insn::SaveNothing {});
            }
            Op::UnwindProtect => {
                let src = self.pop();
                self.emit(Insn::UnwindProtect { src });
            }
            Op::PopHandler => self.emit(Insn::PopHandler {}),
            Op::PushCatch | Op::PushConditionCase => {
                let tag = self.pop();
                self.flush(self.stack.len());
                let dst = self.register(self.stack.len());
                self.jump(
                    match op {
                        Op::PushCatch => Insn::PushCatch { tag, to: 0, dst },
                        _ => Insn::PushConditionCase { tag, to: 0, dst },
                    },
                    operand,
                );
            }
            Op::Goto | Op::Rgoto => {
                self.flush(depth);
                match self.loop_test(operand) {
                    // The end of a loop does the test at its head and goes on behind it.
                    Some((again, exit)) => {
                        self.emit(again);
                        self.jump(Insn::Jump { to: 0 }, exit);
                    }
                    None => self.jump(Insn::Jump { to: 0 }, operand),
                }
            }
            Op::GotoIfNil | Op::RgotoIfNil | Op::GotoIfNotNil | Op::RgotoIfNotNil => {
                let a = self.pop();
                self.flush(self.stack.len());
                self.jump(branch(op, a), operand);
            }
            Op::GotoIfNilElsePop | Op::RgotoIfNilElsePop | Op::GotoIfNotNilElsePop | Op::RgotoIfNotNilElsePop => {
                self.flush(depth);
                self.jump(branch(op, self.register(depth - 1)), operand);
                self.stack.pop();
            }
            Op::Return => {
                let src = self.pop();
                self.emit(Insn::Return { src });
            }
            Op::Discard => _ = self.stack.pop(),
            Op::DiscardN if step.instruction.preserves_top() => self.discard_under(operand & 127),
            Op::DiscardN => self.stack.truncate(depth - operand),
            Op::StackSet | Op::StackSet2 if operand == 0 => _ = self.stack.pop(),
            Op::StackSet | Op::StackSet2 => self.set_place(depth - 1 - operand),
            Op::Switch => {
                let Some(k) = switch_table(self.code, pc) else { return too_long(pc) };
                let targets = table_of(k).unwrap_or_default();
                let targets: Targets = targets.into_iter().filter_map(|case| Some((case, case.place?))).collect();
                self.stack.pop();
                let a = self.pop();
                self.flush(self.stack.len());
                let Ok(table) = Index::try_from(self.tables.len()) else { return too_long(pc) };
                targets.iter().for_each(|&(_, target)| self.meet(target));
                self.tables.push((k as Index, targets));
                self.emit(Insn::Switch { a, table });
            }
            Op::List1 => self.list(1),
            Op::List2 => self.list(2),
            Op::List3 => self.list(3),
            Op::List4 => self.list(4),
            Op::ListN if operand == 0 => self.push(Value::Nil),
            Op::ListN => self.list(operand),
            Op::Eq => match self.stack[depth - 1] {
                Value::Constant(k) if usize::from(k) >= self.captured => return Ok(self.eq_constant(next, k)),
                _ => {
                    return Ok(relation!(self, next, Eq, JumpIfEq, JumpUnlessEq, JumpIfEqFixnum, JumpUnlessEqFixnum));
                }
            },
            Op::Less => {
                return Ok(relation!(
                    self,
                    next,
                    Less,
                    JumpIfLess,
                    JumpUnlessLess,
                    JumpIfLessFixnum,
                    JumpUnlessLessFixnum
                ));
            }
            Op::LessEq => {
                return Ok(relation!(
                    self,
                    next,
                    LessEq,
                    JumpIfLessEq,
                    JumpUnlessLessEq,
                    JumpIfLessEqFixnum,
                    JumpUnlessLessEqFixnum
                ));
            }
            Op::Greater => {
                return Ok(relation!(
                    self,
                    next,
                    Greater,
                    JumpIfGreater,
                    JumpUnlessGreater,
                    JumpIfGreaterFixnum,
                    JumpUnlessGreaterFixnum
                ));
            }
            Op::GreaterEq => {
                return Ok(relation!(
                    self,
                    next,
                    GreaterEq,
                    JumpIfGreaterEq,
                    JumpUnlessGreaterEq,
                    JumpIfGreaterEqFixnum,
                    JumpUnlessGreaterEqFixnum
                ));
            }
            Op::NumEq => {
                return Ok(relation!(
                    self,
                    next,
                    NumEq,
                    JumpIfNumEq,
                    JumpUnlessNumEq,
                    JumpIfNumEqFixnum,
                    JumpUnlessNumEqFixnum
                ));
            }
            Op::Not => return Ok(predicate!(self, next, Not, JumpIfNil, JumpIfNotNil)),
            Op::Consp => return Ok(predicate!(self, next, Consp, JumpIfConsp, JumpUnlessConsp)),
            Op::Symbolp => return Ok(predicate!(self, next, Symbolp, JumpIfSymbolp, JumpUnlessSymbolp)),
            Op::Stringp => return Ok(predicate!(self, next, Stringp, JumpIfStringp, JumpUnlessStringp)),
            Op::Listp => return Ok(predicate!(self, next, Listp, JumpIfListp, JumpUnlessListp)),
            Op::Integerp => return Ok(predicate!(self, next, Integerp, JumpIfIntegerp, JumpUnlessIntegerp)),
            Op::Car => self.unary(|dst, a| Insn::Car { dst, a }),
            Op::Cdr => self.unary(|dst, a| Insn::Cdr { dst, a }),
            Op::CarSafe => self.unary(|dst, a| Insn::CarSafe { dst, a }),
            Op::CdrSafe => self.unary(|dst, a| Insn::CdrSafe { dst, a }),
            Op::Numberp => self.unary(|dst, a| Insn::Numberp { dst, a }),
            Op::Negate => self.unary(|dst, a| Insn::Negate { dst, a }),
            Op::Length => self.unary(|dst, a| Insn::Length { dst, a }),
            Op::SymbolValue => self.unary(|dst, a| Insn::SymbolValue { dst, a }),
            Op::SymbolFunction => self.unary(|dst, a| Insn::SymbolFunction { dst, a }),
            Op::Add1 => self.add_fixnum(1),
            Op::Sub1 => self.add_fixnum(-1),
            Op::Add | Op::Sub => match self.fixnum_at(depth - 1) {
                Some(n) if n != 0 && n != i16::MIN => {
                    self.stack.pop();
                    self.add_fixnum(if op == Op::Add { n } else { -n });
                }
                _ if op == Op::Add => self.binary(|dst, a, b| Insn::Add { dst, a, b }),
                _ => self.binary(|dst, a, b| Insn::Sub { dst, a, b }),
            },
            Op::Mul => self.binary(|dst, a, b| Insn::Mul { dst, a, b }),
            Op::Quo => self.binary(|dst, a, b| Insn::Quo { dst, a, b }),
            Op::Rem => self.binary(|dst, a, b| Insn::Rem { dst, a, b }),
            Op::Max => self.binary(|dst, a, b| Insn::Max { dst, a, b }),
            Op::Min => self.binary(|dst, a, b| Insn::Min { dst, a, b }),
            Op::Cons => self.binary(|dst, a, b| Insn::Cons { dst, a, b }),
            Op::Aref => match self.fixnum_at(depth - 1) {
                Some(n) => {
                    let a = self.source(depth - 2);
                    self.stack.truncate(depth - 2);
                    self.produce(|dst| Insn::ArefFixnum { dst, a, n });
                }
                None => self.binary(|dst, a, b| Insn::Aref { dst, a, b }),
            },
            Op::Nth => match self.fixnum_at(depth - 2) {
                Some(n) => {
                    let a = self.source(depth - 1);
                    self.stack.truncate(depth - 2);
                    self.produce(|dst| Insn::NthFixnum { dst, n, a });
                }
                None => self.binary(|dst, a, b| Insn::Nth { dst, a, b }),
            },
            Op::Nthcdr => self.binary(|dst, a, b| Insn::Nthcdr { dst, a, b }),
            Op::Memq => self.binary(|dst, a, b| Insn::Memq { dst, a, b }),
            Op::Member => self.binary(|dst, a, b| Insn::Member { dst, a, b }),
            Op::Assq => self.binary(|dst, a, b| Insn::Assq { dst, a, b }),
            Op::Equal => self.binary(|dst, a, b| Insn::Equal { dst, a, b }),
            Op::Get => self.binary(|dst, a, b| Insn::Get { dst, a, b }),
            Op::Setcar | Op::Setcdr => {
                let (cell, value) = (self.source(depth - 2), self.source(depth - 1));
                let insn = if op == Op::Setcar { Insn::Setcar { cell, value } } else { Insn::Setcdr { cell, value } };
                self.store(2, next, insn);
            }
            Op::Aset => {
                let array = self.source(depth - 3);
                let insn = match self.fixnum_at(depth - 2) {
                    Some(n) => Insn::AsetFixnum { array, n, value: self.source(depth - 1) },
                    None => {
                        let [index, value] = [2, 1].map(|i| self.source(depth - i));
                        Insn::Aset { array, index, value }
                    }
                };
                self.store(3, next, insn);
            }
            // The rest is called: what opcodes that are functions do, and what is too rare to be more than that.
            _ => self.primitive(op, step.instruction.effect().0),
        }
        Ok(false)
    }

    /// If a place that was passed begins with a branch: the opposite one to what is behind that, and where it would go.
    fn loop_test(&self, target: usize) -> Option<(Insn, usize)> {
        let place = self.place_of[target]?;
        // A loop of nothing has no instruction there.
        let again = self.out.get(usize::from(place))?.inverse(place.checked_add(1)?)?;
        let jump = self.jumps.binary_search_by_key(&usize::from(place), |jump| jump.0).ok()?;
        Some((again, self.jumps[jump].1))
    }

    fn copy(&mut self, position: usize) {
        let value = match self.stack[position] {
            Value::Here => Value::CopyOf(position),
            value => value,
        };
        self.push(value);
    }

    fn list(&mut self, n: usize) {
        let base = self.window(n, false);
        self.emit(Insn::List { base, n: n as u16 });
        self.end_window(n, base);
    }

    fn add_fixnum(&mut self, n: i16) {
        let a = self.pop();
        self.produce(|dst| Insn::AddFixnum { dst, a, n });
    }
}

fn branch(op: Op, a: Slot) -> Insn {
    match op {
        Op::GotoIfNil | Op::RgotoIfNil | Op::GotoIfNilElsePop | Op::RgotoIfNilElsePop => Insn::JumpIfNil { a, to: 0 },
        _ => Insn::JumpIfNotNil { a, to: 0 },
    }
}
