//! Code generation: the tree of a function to instructions.
//!
//! Values are on the stack, lexical variables in places of it that are known here; `depth` follows what the
//! instructions do to it.  What becomes of a value is known beforehand ([`Dest`]), so that none is made to be dropped
//! and the end of a function needs no jump.

use super::ir::{FunctionId, Handler, Ir, Node, NodeId, Saved, VarId, Variable};
use super::lap::{ConstantId, Constants, Instr, Label, Lap, MAX_DISCARD, PRESERVE_TOP, Table};
use super::primitive;
use rustc_hash::FxHashMap;
use tenure_gc::{Context, NIL, Object, Throw};
use tenure_vm::bytecode::opcode::Op;
use tenure_vm::eval::check_native_room;

/// What becomes of the value of a node.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dest {
    /// It goes on the stack.
    Value,
    /// There is none.
    Effect,
    /// The function returns it.
    Return,
}

/// Makes the code of one function.
pub(super) struct Generator<'a, 'ob> {
    pub(super) ir: &'a Ir<'ob>,
    pub(super) cx: &'ob Context,
    pub(super) lap: Lap<'ob>,
    /// Values on the stack.
    pub(super) depth: u32,
    /// The places of the function's own lexical variables.
    places: FxHashMap<VarId, u32>,
    /// The constants that hold captured variables.
    captured: FxHashMap<VarId, ConstantId>,
}

impl<'a, 'ob> Generator<'a, 'ob> {
    /// The code of a function.
    pub(super) fn function(ir: &'a Ir<'ob>, id: FunctionId, cx: &'ob Context) -> Result<Lap<'ob>, Throw> {
        let function = ir.function(id);
        let arguments = function.parameters.len() as u32;
        let lap = Lap {
            code: Vec::new(),
            constants: Constants::default(),
            tables: Vec::new(),
            label_depths: Vec::new(),
            arguments,
        };
        let (places, captured) = (FxHashMap::default(), FxHashMap::default());
        let mut g = Generator { ir, cx, lap, depth: arguments, places, captured };
        for (i, &variable) in function.captures.iter().enumerate() {
            let name = cx.intern(&format!("V{i}")).into();
            g.captured.insert(variable, g.lap.constants.add_captured(name));
        }
        for (place, &variable) in (0..).zip(&function.parameters) {
            g.places.insert(variable, place);
            if ir.variable(variable).is_boxed() {
                g.push_place(place);
                g.op(Op::List1);
                g.set_place(place);
            }
        }
        g.node(function.body, Dest::Return)?;
        Ok(g.lap)
    }

    pub(super) fn emit(&mut self, instr: Instr) {
        let (pops, pushes) = instr.effect();
        self.depth = self.depth - pops + pushes;
        self.lap.code.push(instr);
    }

    pub(super) fn op(&mut self, op: Op) {
        self.emit(Instr::Plain(op, 0));
    }

    pub(super) fn constant(&mut self, value: Object<'ob>) {
        let id = self.lap.constants.id(value);
        self.emit(Instr::Constant(id));
    }

    pub(super) fn jump(&mut self, op: Op, label: Label) {
        self.emit(Instr::Jump(op, label));
    }

    pub(super) fn new_label(&mut self) -> Label {
        self.lap.new_label()
    }

    /// Code that is jumped to comes next, with so many values on the stack.
    pub(super) fn label(&mut self, label: Label, depth: u32) {
        self.depth = depth;
        self.lap.label_depths[label.0 as usize] = depth;
        self.emit(Instr::Label(label));
    }

    /// The value just pushed is what there is to get.
    pub(super) fn finish(&mut self, dest: Dest) {
        match dest {
            Dest::Value => {}
            Dest::Effect => self.op(Op::Discard),
            Dest::Return => self.op(Op::Return),
        }
    }

    fn push_place(&mut self, place: u32) {
        let below = self.depth - 1 - place;
        self.emit(if below == 0 { Instr::Plain(Op::Dup, 0) } else { Instr::Plain(Op::StackRef, below) });
    }

    /// Pop a value into a place.
    fn set_place(&mut self, place: u32) {
        let below = self.depth - 1 - place;
        let op = if below <= u32::from(u8::MAX) { Op::StackSet } else { Op::StackSet2 };
        self.emit(Instr::Plain(op, below));
    }

    /// Push a variable, or the cons that it lives in.
    pub(super) fn push_raw(&mut self, variable: VarId) {
        match self.places.get(&variable) {
            Some(&place) => self.push_place(place),
            None => match self.captured.get(&variable) {
                Some(&id) => self.emit(Instr::Constant(id)),
                // Every variable of another function was found by the analysis.
                None => self.constant(NIL),
            },
        }
    }

    /// Drop values.
    fn discard(&mut self, count: u32) {
        let mut left = count;
        while left > 0 {
            let n = left.min(MAX_DISCARD);
            self.emit(if n == 1 { Instr::Plain(Op::Discard, 0) } else { Instr::Plain(Op::DiscardN, n) });
            left -= n;
        }
    }

    /// Drop values from under the topmost.
    fn discard_under(&mut self, count: u32) {
        let mut left = count;
        while left > 0 {
            let n = left.min(MAX_DISCARD);
            self.emit(if n == 1 {
                Instr::Plain(Op::StackSet, 1)
            } else {
                Instr::Plain(Op::DiscardN, n | PRESERVE_TOP)
            });
            left -= n;
        }
    }

    pub(super) fn values(&mut self, nodes: &[NodeId]) -> Result<(), Throw> {
        nodes.iter().try_for_each(|&node| self.node(node, Dest::Value))
    }

    /// The code of a node.
    pub(super) fn node(&mut self, id: NodeId, dest: Dest) -> Result<(), Throw> {
        check_native_room(self.cx)?;
        let ir = self.ir;
        match ir.node(id) {
            &Node::Constant(value) => {
                if dest != Dest::Effect {
                    self.constant(value);
                    self.finish(dest);
                }
            }
            Node::Read(Variable::Lexical(_)) if dest == Dest::Effect => {}
            &Node::Read(variable) => {
                self.read(variable);
                self.finish(dest);
            }
            &Node::Write(variable, value) => self.write(variable, value, dest)?,
            Node::Progn(nodes) => {
                if let [first @ .., last] = &nodes[..] {
                    first.iter().try_for_each(|&node| self.node(node, Dest::Effect))?;
                    self.node(*last, dest)?;
                }
            }
            Node::Prog1(first, rest) => {
                self.node(*first, if dest == Dest::Effect { dest } else { Dest::Value })?;
                rest.iter().try_for_each(|&node| self.node(node, Dest::Effect))?;
                if dest == Dest::Return {
                    self.op(Op::Return);
                }
            }
            Node::If(..) => self.conditional(id, dest)?,
            Node::And(nodes) => self.junction(nodes, Op::GotoIfNilElsePop, dest)?,
            Node::Or(nodes) => self.junction(nodes, Op::GotoIfNotNilElsePop, dest)?,
            &Node::While(condition, body) => {
                let (again, start) = (self.new_label(), self.new_label());
                self.jump(Op::Goto, start);
                self.label(again, self.depth);
                self.node(body, Dest::Effect)?;
                self.label(start, self.depth);
                self.test(condition, true, again)?;
                if dest != Dest::Effect {
                    self.constant(NIL);
                    self.finish(dest);
                }
            }
            Node::Let { bindings, parallel, body } => self.binding(bindings, *parallel, *body, dest)?,
            Node::Call(name, args) => primitive::call(self, *name, args, dest)?,
            Node::Funcall(function, args) => {
                self.node(*function, Dest::Value)?;
                self.values(args)?;
                self.emit(Instr::Plain(Op::Call, args.len() as u32));
                self.finish(dest);
            }
            Node::Lambda(_) if dest == Dest::Effect => {}
            Node::Lambda(function) => {
                super::function::push(self, *function)?;
                self.finish(dest);
            }
            &Node::Catch(tag, body) => {
                self.node(tag, Dest::Value)?;
                let end = self.new_label();
                let depth = self.depth;
                self.jump(Op::PushCatch, end);
                self.node(body, Dest::Value)?;
                self.op(Op::PopHandler);
                self.label(end, depth);
                self.finish(dest);
            }
            &Node::UnwindProtect(body, handler) => {
                self.node(handler, Dest::Value)?;
                self.op(Op::UnwindProtect);
                self.node(body, inside(dest))?;
                self.unbind(1, dest);
            }
            Node::ConditionCase { body, handlers, success } => {
                self.condition_case(*body, handlers, *success, dest)?;
            }
            &Node::Save(saved, body) => {
                self.op(match saved {
                    Saved::Excursion => Op::SaveExcursion,
                    Saved::Restriction => Op::SaveRestriction,
                    Saved::CurrentBuffer => Op::SaveCurrentBuffer,
                });
                self.node(body, inside(dest))?;
                self.unbind(1, dest);
            }
        }
        Ok(())
    }

    /// Undo entries of the binding stack under a value that was made.
    fn unbind(&mut self, count: u32, dest: Dest) {
        if count > 0 {
            self.emit(Instr::Plain(Op::Unbind, count));
        }
        if dest == Dest::Return {
            self.op(Op::Return);
        }
    }

    pub(super) fn read(&mut self, variable: Variable<'ob>) {
        match variable {
            Variable::Lexical(id) => {
                self.push_raw(id);
                if self.ir.variable(id).is_boxed() {
                    self.op(Op::CarSafe);
                }
            }
            Variable::Dynamic(name) => {
                let id = self.lap.constants.id(name);
                self.emit(Instr::Variable(Op::VarRef, id));
            }
        }
    }

    fn write(&mut self, variable: Variable<'ob>, value: NodeId, dest: Dest) -> Result<(), Throw> {
        match variable {
            Variable::Lexical(id) if self.ir.variable(id).is_boxed() => {
                self.push_raw(id);
                self.node(value, Dest::Value)?;
                self.op(Op::Setcar);
                self.finish(dest);
            }
            // Nobody sees the variable again.
            Variable::Lexical(_) if dest == Dest::Return => self.node(value, Dest::Return)?,
            Variable::Lexical(id) => {
                self.node(value, Dest::Value)?;
                if dest == Dest::Value {
                    self.op(Op::Dup);
                }
                match self.places.get(&id) {
                    Some(&place) => self.set_place(place),
                    None => self.op(Op::Discard),
                }
            }
            Variable::Dynamic(name) => {
                self.node(value, Dest::Value)?;
                if dest != Dest::Effect {
                    self.op(Op::Dup);
                }
                let id = self.lap.constants.id(name);
                self.emit(Instr::Variable(Op::VarSet, id));
                if dest == Dest::Return {
                    self.op(Op::Return);
                }
            }
        }
        Ok(())
    }

    /// `if`, and the chain of them in its else branches.
    fn conditional(&mut self, id: NodeId, dest: Dest) -> Result<(), Throw> {
        let ir = self.ir;
        let end = self.new_label();
        let start = self.depth;
        let mut id = id;
        while let &Node::If(condition, then, or_else) = ir.node(id) {
            if let Some(rest) = super::switch::emit(self, id, end, dest)? {
                id = rest;
                self.depth = start;
                continue;
            }
            let is_nothing = |id| dest == Dest::Effect && ir.as_constant(id).is_some();
            if is_nothing(then) {
                self.test(condition, true, end)?;
            } else {
                let next = self.new_label();
                self.test(condition, false, next)?;
                self.node(then, dest)?;
                if dest != Dest::Return && !is_nothing(or_else) {
                    self.jump(Op::Goto, end);
                }
                self.label(next, start);
            }
            id = or_else;
        }
        self.node(id, dest)?;
        self.end_of_branches(end, start, dest);
        Ok(())
    }

    /// The place where branches of one value meet.
    pub(super) fn end_of_branches(&mut self, end: Label, start: u32, dest: Dest) {
        if dest != Dest::Return {
            self.label(end, start + u32::from(dest == Dest::Value));
        }
        self.depth = start + u32::from(dest == Dest::Value);
    }

    fn junction(&mut self, nodes: &[NodeId], leave: Op, dest: Dest) -> Result<(), Throw> {
        let start = self.depth;
        let end = self.new_label();
        let [first @ .., last] = nodes else { return Ok(()) };
        for &node in first {
            if dest == Dest::Effect {
                self.test(node, leave == Op::GotoIfNotNilElsePop, end)?;
            } else {
                self.node(node, Dest::Value)?;
                self.jump(leave, end);
            }
        }
        self.node(*last, dest)?;
        match dest {
            Dest::Return => {
                self.label(end, start + 1);
                self.op(Op::Return);
            }
            _ => self.label(end, start + u32::from(dest == Dest::Value)),
        }
        self.depth = start + u32::from(dest == Dest::Value);
        Ok(())
    }

    /// Jump if a condition is true, or if it is false; go on otherwise.
    pub(super) fn test(&mut self, id: NodeId, jump_if: bool, target: Label) -> Result<(), Throw> {
        check_native_room(self.cx)?;
        let ir = self.ir;
        match ir.node(id) {
            Node::Constant(value) => {
                if value.is_nil() != jump_if {
                    self.jump(Op::Goto, target);
                }
            }
            Node::Call(name, args) if *name == tenure_vm::sym::NOT && args.len() == 1 => {
                self.test(args[0], !jump_if, target)?;
            }
            Node::And(nodes) => self.test_all(nodes, true, jump_if, target)?,
            Node::Or(nodes) => self.test_all(nodes, false, jump_if, target)?,
            Node::Progn(nodes) => {
                if let [first @ .., last] = &nodes[..] {
                    first.iter().try_for_each(|&node| self.node(node, Dest::Effect))?;
                    self.test(*last, jump_if, target)?;
                }
            }
            &Node::If(condition, then, or_else) => {
                let (next, end) = (self.new_label(), self.new_label());
                let start = self.depth;
                self.test(condition, false, next)?;
                self.test(then, jump_if, target)?;
                self.jump(Op::Goto, end);
                self.label(next, start);
                self.test(or_else, jump_if, target)?;
                self.label(end, start);
            }
            _ => {
                self.node(id, Dest::Value)?;
                self.jump(if jump_if { Op::GotoIfNotNil } else { Op::GotoIfNil }, target);
            }
        }
        Ok(())
    }

    /// As [`Generator::test`] for `and`, or for `or`.
    fn test_all(&mut self, nodes: &[NodeId], is_and: bool, jump_if: bool, target: Label) -> Result<(), Throw> {
        let [first @ .., last] = nodes else { return Ok(()) };
        if is_and != jump_if {
            return nodes.iter().try_for_each(|&node| self.test(node, jump_if, target));
        }
        let end = self.new_label();
        first.iter().try_for_each(|&node| self.test(node, !jump_if, end))?;
        self.test(*last, jump_if, target)?;
        self.label(end, self.depth);
        Ok(())
    }

    fn binding(
        &mut self,
        bindings: &[(Variable<'ob>, NodeId)],
        parallel: bool,
        body: NodeId,
        dest: Dest,
    ) -> Result<(), Throw> {
        let start = self.depth;
        let mut dynamic = 0;
        let is_dynamic = |(variable, _): &&(Variable<'_>, NodeId)| matches!(variable, Variable::Dynamic(_));
        let late = parallel && bindings.len() > 1 && bindings.iter().any(|b| is_dynamic(&b));
        let mut waiting = Vec::new();
        for &(variable, value) in bindings {
            match variable {
                // Not used at all.
                Variable::Lexical(id) if self.ir.variable(id).uses == 0 => self.node(value, Dest::Effect)?,
                Variable::Lexical(id) => {
                    self.node(value, Dest::Value)?;
                    self.settle(id);
                }
                Variable::Dynamic(name) => {
                    self.node(value, Dest::Value)?;
                    if late {
                        waiting.push((self.depth - 1, name));
                    } else {
                        let id = self.lap.constants.id(name);
                        self.emit(Instr::Variable(Op::VarBind, id));
                    }
                    dynamic += 1;
                }
            }
        }
        // Those on top are taken off the stack; others stay there until the end.
        for (place, name) in waiting.into_iter().rev() {
            if place + 1 != self.depth {
                self.push_place(place);
            }
            let id = self.lap.constants.id(name);
            self.emit(Instr::Variable(Op::VarBind, id));
        }
        let lexical = self.depth - start;
        let body_dest = if dynamic > 0 { inside(dest) } else { dest };
        self.node(body, body_dest)?;
        if dynamic > 0 {
            self.emit(Instr::Plain(Op::Unbind, dynamic));
            if dest == Dest::Return {
                self.op(Op::Return);
            }
        }
        match dest {
            Dest::Value => self.discard_under(lexical),
            Dest::Effect => self.discard(lexical),
            Dest::Return => self.depth = start,
        }
        Ok(())
    }

    /// The value on top is that of a lexical variable from now on.
    fn settle(&mut self, variable: VarId) {
        if self.ir.variable(variable).is_boxed() {
            self.op(Op::List1);
        }
        self.places.insert(variable, self.depth - 1);
    }

    fn condition_case(
        &mut self,
        body: NodeId,
        handlers: &[Handler<'ob>],
        success: Option<(Option<Variable<'ob>>, NodeId)>,
        dest: Dest,
    ) -> Result<(), Throw> {
        let start = self.depth;
        let end = self.new_label();
        let labels: Vec<Label> = handlers.iter().map(|_| self.new_label()).collect();
        for (handler, &label) in handlers.iter().zip(&labels).rev() {
            self.constant(handler.conditions);
            self.jump(Op::PushConditionCase, label);
        }
        self.node(body, if success.is_some() { Dest::Value } else { inside(dest) })?;
        handlers.iter().for_each(|_| self.op(Op::PopHandler));
        match success {
            Some((variable, body)) => self.handler_body(variable, body, dest)?,
            None if dest == Dest::Return => self.op(Op::Return),
            None => {}
        }
        for (i, (handler, &label)) in handlers.iter().zip(&labels).enumerate() {
            if dest != Dest::Return {
                self.jump(Op::Goto, end);
            }
            self.label(label, start + 1);
            // Those further out are still in force.
            (i + 1..handlers.len()).for_each(|_| self.op(Op::PopHandler));
            self.handler_body(handler.variable, handler.body, dest)?;
        }
        self.end_of_branches(end, start, dest);
        Ok(())
    }

    /// The body of a handler, whose variable gets the value on top.
    fn handler_body(&mut self, variable: Option<Variable<'ob>>, body: NodeId, dest: Dest) -> Result<(), Throw> {
        match variable {
            Some(Variable::Dynamic(name)) => {
                let id = self.lap.constants.id(name);
                self.emit(Instr::Variable(Op::VarBind, id));
                self.node(body, inside(dest))?;
                self.unbind(1, dest);
            }
            Some(Variable::Lexical(id)) if self.ir.variable(id).uses > 0 => {
                self.settle(id);
                self.node(body, dest)?;
                match dest {
                    Dest::Value => self.discard_under(1),
                    Dest::Effect => self.discard(1),
                    Dest::Return => {}
                }
            }
            _ => {
                self.op(Op::Discard);
                self.node(body, dest)?;
            }
        }
        Ok(())
    }

    /// Note a jump table; gives its number.
    pub(super) fn add_table(&mut self, table: Table<'ob>) -> u32 {
        self.lap.tables.push(table);
        self.lap.tables.len() as u32 - 1
    }
}

/// Where the value of a form goes that something has to be undone after.
fn inside(dest: Dest) -> Dest {
    if dest == Dest::Return { Dest::Value } else { dest }
}
