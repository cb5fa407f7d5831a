//! Quiet forms: those whose evaluation neither collects nor calls Lisp.
//!
//! Nobody can look while one is evaluated, so neither it nor the forms within it have frames; if one signals, the frames
//! are made then.  That the function is what was prepared is known before, and nothing in it changes that; so it is
//! evaluated to its end, or not at all.
//!
//! A call of a function all of whose forms are quiet, a *leaf*, is quiet itself.  So are the turns of a loop, between
//! which somebody may look.

use super::activation::{Activation, ENVIRONMENT, FIRST_SLOT};
use super::form::{Child, Form, Kind, Node, Op, Span, Target};
use crate::arith;
use crate::binding;
use crate::data;
use crate::error::args_out_of_range;
use crate::eval::{bind_environment, environment};
use crate::handler;
use crate::specpdl::{Frame, mark, unbind_plain};
use crate::string;
use std::cell::RefCell;
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Slots, Subr, T, Throw, UNBOUND};

/// Where something was signalled.
#[derive(Clone, Copy)]
struct Failure<'a> {
    activation: Activation<'a>,
    form: u32,
    /// The function and its arguments on the Lisp stack, if it was called.
    call: Option<(usize, usize)>,
}

/// An evaluation.
struct Quiet<'q, 'a, 'ob> {
    activation: &'q Activation<'a>,
    slots: Slots<'ob>,
    /// The slots have the cells of the variables, not their values.
    has_cells: bool,
    /// Where something was signalled, and the calls of leaves that it is in, innermost first.
    failures: &'q RefCell<Vec<Failure<'a>>>,
    cx: &'ob Context,
}

/// Whether nobody waits to look, and there is room for a form and what is in it.
#[inline(always)]
fn may_be_quiet(activation: &Activation<'_>, form: &Form, cx: &Context) -> bool {
    let vm = activation.vm;
    let height = i64::from(form.height);
    !cx.is_pending()
        && cx.config().stress == 0
        && !vm.flags.debug_on_next_call.get()
        && vm.depth.get() + height <= vm.max_depth.get()
        // Each level may have a frame and bindings.
        && vm.specpdl.len() as i64 + 2 * height <= vm.max_specpdl.get()
        && activation.is_current(cx)
}

/// Do with form `i` what `step` says, or `None` if it must be done as if the form were not quiet.  If something is
/// signalled, form `i` gets a frame if it `is_included`; if it has one already, it is not.
#[inline(always)]
fn attempt<'a, R>(
    activation: &Activation<'a>,
    i: u32,
    is_included: bool,
    cx: &mut Context,
    step: impl FnOnce(&Quiet<'_, 'a, '_>) -> Result<R, Throw>,
) -> Option<Result<R, Throw>> {
    let base = cx.stack_len();
    let failures = RefCell::default();
    let outcome = {
        let cx = &*cx;
        if !may_be_quiet(activation, &activation.body.forms[i as usize], cx) {
            return None;
        }
        step(&Quiet::new(activation, &failures, cx))
    };
    Some(outcome.map_err(|throw| raise(activation, i, is_included, base, &failures.into_inner(), throw, cx)))
}

/// Evaluate quiet form `i`; `None` if it must be evaluated as if it were not.
#[inline(always)]
pub(super) fn evaluate(activation: &Activation<'_>, i: u32, cx: &mut Context) -> Option<CallResult> {
    attempt(activation, i, true, cx, |quiet| Ok(quiet.cx.ret(quiet.form(i)?)))
}

/// The same of a condition: whether it holds.
#[inline(always)]
pub(super) fn test(activation: &Activation<'_>, i: u32, cx: &mut Context) -> Option<Result<bool, Throw>> {
    attempt(activation, i, true, cx, |quiet| Ok(!quiet.form(i)?.is_nil()))
}

/// Push the values of quiet forms that are the first to be evaluated in form `i`, which has its frame; `None` if they must
/// be evaluated as if they were not quiet.
#[inline(always)]
pub(super) fn push_values(
    activation: &Activation<'_>,
    i: u32,
    children: &[Child],
    cx: &mut Context,
) -> Option<Result<(), Throw>> {
    attempt(activation, i, false, cx, |quiet| {
        for child in children {
            quiet.cx.push(quiet.value(child.node, i)?);
        }
        Ok(())
    })
}

/// The number of the first clause of the `cond` that is form `i`, whose conditions are quiet, that applies, or how many there
/// are; `None` if they must be evaluated as if they were not quiet.
#[inline(always)]
pub(super) fn choose(
    activation: &Activation<'_>,
    i: u32,
    clauses: &[Child],
    cx: &mut Context,
) -> Option<Result<usize, Throw>> {
    attempt(activation, i, false, cx, |quiet| quiet.choose(i, clauses))
}

/// Take turns of the loop `i`, whose forms are quiet, as long as nobody wants to look; tells whether it ended.
pub(super) fn take_turns(activation: &Activation<'_>, i: u32, cx: &mut Context) -> Result<bool, Throw> {
    attempt(activation, i, false, cx, |quiet| quiet.turns(i, &quiet.activation.body.forms[i as usize]))
        .unwrap_or(Ok(false))
}

/// Look for the handler of what was signalled in form `top`, in the frames that the forms around it would have had, that of
/// `top` itself if it `is_included`.
#[cold]
#[inline(never)]
fn raise<'a>(
    activation: &Activation<'a>,
    top: u32,
    is_included: bool,
    base: usize,
    failures: &[Failure<'a>],
    throw: Throw,
    cx: &mut Context,
) -> Throw {
    let vm = activation.vm;
    let start = mark(cx);
    let depth = vm.depth.get();
    enter_frames(activation, top, is_included, failures, cx);
    let throw = handler::raise(throw, cx);
    unbind_plain(start, cx);
    vm.depth.set(depth);
    cx.truncate_stack(base);
    throw
}

fn enter_frames<'a>(activation: &Activation<'a>, top: u32, is_included: bool, failures: &[Failure<'a>], cx: &Context) {
    let vm = activation.vm;
    for (i, failure) in failures.iter().enumerate().rev() {
        let at = failure.activation;
        let is_outermost = i + 1 == failures.len();
        let mut chain = Vec::new();
        let mut form = failure.form;
        while form != super::analyse::NONE && !(is_outermost && form == top && !is_included) {
            chain.push(form);
            if is_outermost && form == top {
                break;
            }
            form = at.body.forms[form as usize].parent;
        }
        // The variables of the forms that have no frame yet are not in the environment of the function.
        let bound: Vec<Vec<Object<'_>>> = chain.iter().map(|&form| at.take_cells(at.bindings(form), cx)).collect();
        if is_outermost {
            at.make_environment(cx);
        } else {
            let parameters = at.take_cells(0..at.body.parameters as u32, cx);
            let env = cx.window(at.base, FIRST_SLOT).slots(cx).get(ENVIRONMENT);
            bind_environment(parameters.into_iter().fold(env, |env, cell| cx.cons(cell, env).into()), cx);
        }
        for (&form, cells) in chain.iter().zip(bound).rev() {
            let frame = match failure.call {
                Some((base, n)) if form == failure.form => Frame::of_call(base, n),
                _ => Frame::of_prepared(at.base, at.body.forms[form as usize].links.start),
            };
            vm.specpdl.push_frame(frame);
            vm.depth.set(vm.depth.get() + 1);
            let env = environment(cx);
            bind_environment(cells.into_iter().fold(env, |env, cell| cx.cons(cell, env).into()), cx);
        }
    }
}

impl<'q, 'a, 'ob> Quiet<'q, 'a, 'ob> {
    #[inline(always)]
    fn new(
        activation: &'q Activation<'a>,
        failures: &'q RefCell<Vec<Failure<'a>>>,
        cx: &'ob Context,
    ) -> Quiet<'q, 'a, 'ob> {
        Quiet { activation, slots: activation.slots(cx), has_cells: activation.has_cells(cx), failures, cx }
    }

    #[inline(always)]
    fn constant(&self, k: u32) -> Object<'ob> {
        self.activation.constant(k, self.cx)
    }

    #[inline(always)]
    fn local(&self, slot: u32) -> Object<'ob> {
        let value = self.slots.get(slot as usize);
        if self.has_cells { value.as_cons().map_or(NIL, |cell| cell.cdr()) } else { value }
    }

    /// The value of a form in form `parent`.
    #[inline(always)]
    fn value(&self, node: Node, parent: u32) -> LispResult<'ob> {
        match node {
            Node::Local(slot) => Ok(self.local(slot)),
            Node::Quiet(i) => self.form(i),
            Node::Fixnum(n) => Ok(Object::fixnum(n.into())),
            Node::Nil => Ok(NIL),
            Node::Constant(k) => Ok(self.constant(k)),
            _ => self.other_value(node, parent),
        }
    }

    #[inline(never)]
    fn other_value(&self, node: Node, parent: u32) -> LispResult<'ob> {
        let Node::Free(k) = node else {
            unreachable!("what is left to the evaluator of lists is not quiet, and the caller knows the others")
        };
        let symbol = self.constant(k);
        match (self.activation.free_cell(symbol, self.cx), symbol.as_symbol()) {
            (Some(cell), _) => Ok(cell.cdr()),
            (None, Some(symbol)) => binding::symbol_value(symbol, self.cx).map_err(|throw| self.note(parent, throw)),
            (None, None) => Ok(symbol),
        }
    }

    /// The signal came from within a form.
    #[cold]
    fn note(&self, form: u32, throw: Throw) -> Throw {
        self.failures.borrow_mut().push(Failure { activation: *self.activation, form, call: None });
        throw
    }

    /// The signal came from the function that a form calls.
    #[cold]
    fn fail(&self, form: u32, args: &[Object<'_>], throw: Throw) -> Throw {
        let base = self.cx.stack_len();
        self.cx.push(self.activation.source(form, self.cx).as_cons().map_or(NIL, |c| c.car()));
        args.iter().for_each(|&arg| self.cx.push(arg));
        let failure = Failure { activation: *self.activation, form, call: Some((base, args.len())) };
        self.failures.borrow_mut().push(failure);
        throw
    }

    fn form(&self, i: u32) -> LispResult<'ob> {
        let form = &self.activation.body.forms[i as usize];
        match form.kind {
            Kind::Primitive { op: Op::Call, .. } => self.other_form(i, form),
            Kind::Primitive { op: Op::Aset, .. } => self.store(i, form),
            Kind::Primitive { op, .. } => self.operation(i, form, op),
            Kind::If if form.children.len <= 3 => {
                // A form that is not there is nil.
                let truth = !self.value(form.operands[0], i)?.is_nil();
                self.value(form.operands[if truth { 1 } else { 2 }], i)
            }
            Kind::Setq { targets } if form.children.len == 1 => {
                let value = self.value(form.operands[0], i)?;
                self.set(self.activation.body.targets[targets as usize], value);
                Ok(value)
            }
            _ => self.other_form(i, form),
        }
    }

    #[inline(never)]
    fn other_form(&self, i: u32, form: &Form) -> LispResult<'ob> {
        let body = self.activation.body;
        match form.kind {
            Kind::Primitive { function, wanted, .. } => {
                self.call(i, function, wanted as usize, form.children.of(&body.children))
            }
            Kind::Quote(k) => Ok(self.constant(k)),
            Kind::If => {
                let children = form.children.of(&body.children);
                let truth = !self.value(children[0].node, i)?.is_nil();
                if truth { self.value(children[1].node, i) } else { self.progn(&children[2..], i) }
            }
            Kind::And => {
                let mut value = T;
                for child in form.children.of(&body.children) {
                    value = self.value(child.node, i)?;
                    if value.is_nil() {
                        break;
                    }
                }
                Ok(value)
            }
            Kind::Or => {
                let mut value = NIL;
                for child in form.children.of(&body.children) {
                    value = self.value(child.node, i)?;
                    if !value.is_nil() {
                        break;
                    }
                }
                Ok(value)
            }
            Kind::Setq { targets } => {
                let mut value = NIL;
                for (child, target) in form.children.of(&body.children).iter().zip(&body.targets[targets as usize..]) {
                    value = self.value(child.node, i)?;
                    self.set(*target, value);
                }
                Ok(value)
            }
            Kind::Progn => self.progn(form.children.of(&body.children), i),
            Kind::Cond => self.cond(i, form.children.of(&body.children)),
            Kind::Let { bindings, .. } => self.bind(i, form, bindings, false),
            Kind::LetStar { bindings, .. } => self.bind(i, form, bindings, true),
            Kind::Call { leaf: Some(leaf), .. } => self.leaf(i, leaf, form.children.of(&body.children)),
            Kind::Prog1 => {
                let children = form.children.of(&body.children);
                let value = self.value(children[0].node, i)?;
                self.progn(&children[1..], i)?;
                Ok(value)
            }
            Kind::Call { leaf: None, .. }
            | Kind::Funcall
            | Kind::Lambda(_)
            | Kind::While { .. }
            | Kind::Clause
            | Kind::Catch
            | Kind::UnwindProtect(_)
            | Kind::ConditionCase { .. } => unreachable!("such a form is not quiet"),
        }
    }

    #[inline(always)]
    fn operation(&self, i: u32, form: &Form, op: Op) -> LispResult<'ob> {
        let a = self.value(form.operands[0], i)?;
        if op.is_unary() {
            return match operate_on_one(op, a, self.cx) {
                Ok(value) => Ok(value),
                Err(throw) => Err(self.fail(i, &[a], throw)),
            };
        }
        let b = self.value(form.operands[1], i)?;
        match operate_on_two(op, a, b, self.cx) {
            Ok(value) => Ok(value),
            Err(throw) => Err(self.fail(i, &[a, b], throw)),
        }
    }

    #[inline(always)]
    fn choose(&self, i: u32, clauses: &[Child]) -> Result<usize, Throw> {
        let body = self.activation.body;
        for (number, clause) in clauses.iter().enumerate() {
            let Node::Form(clause) = clause.node else { continue };
            let forms = body.forms[clause as usize].children.of(&body.children);
            if !self.value(forms[0].node, i)?.is_nil() {
                return Ok(number);
            }
        }
        Ok(clauses.len())
    }

    #[inline(never)]
    fn cond(&self, i: u32, clauses: &[Child]) -> LispResult<'ob> {
        let body = self.activation.body;
        for clause in clauses {
            let Node::Form(clause) = clause.node else { continue };
            let forms = body.forms[clause as usize].children.of(&body.children);
            let value = self.value(forms[0].node, i)?;
            if !value.is_nil() {
                return if forms.len() == 1 { Ok(value) } else { self.progn(&forms[1..], i) };
            }
        }
        Ok(NIL)
    }

    #[inline(always)]
    fn set(&self, target: Target, value: Object<'ob>) {
        let cell = match target {
            Target::Local(slot) if !self.has_cells => return self.slots.set(slot as usize, value),
            Target::Local(slot) => self.slots.get(slot as usize).as_cons(),
            Target::Free(k) => {
                let symbol = self.constant(k);
                let cell = self.activation.free_cell(symbol, self.cx);
                if let (None, Some(symbol)) = (cell, symbol.as_symbol()) {
                    return symbol.set_value(value, self.cx);
                }
                cell
            }
        };
        cell.into_iter().for_each(|cell| cell.set_cdr(self.cx, value));
    }

    /// Give a variable its first value.
    #[inline(always)]
    fn bind_one(&self, slot: u32, value: Object<'ob>) {
        let word = if self.has_cells {
            let name = self.constant(self.activation.body.names[slot as usize]);
            self.cx.cons(name, value).into()
        } else {
            value
        };
        self.slots.set(slot as usize, word);
    }

    #[inline(never)]
    fn bind(&self, i: u32, form: &Form, bindings: Span, in_sequence: bool) -> LispResult<'ob> {
        let body = self.activation.body;
        let variables = bindings.of(&body.bindings);
        let (values, progn) = form.children.of(&body.children).split_at(variables.len());
        let slots = || variables.iter().filter_map(|variable| variable.slot);
        if in_sequence || variables.len() == 1 {
            for (child, slot) in values.iter().zip(slots()) {
                let value = self.value(child.node, i)?;
                self.bind_one(slot, value);
            }
        } else {
            let base = self.cx.stack_len();
            for child in values {
                self.cx.push(self.value(child.node, i)?);
            }
            let values = self.cx.window(base, values.len()).slots(self.cx);
            slots().enumerate().for_each(|(k, slot)| self.bind_one(slot, values.get(k)));
            self.cx.truncate_stack(base);
        }
        let value = self.progn(progn, i)?;
        slots().for_each(|slot| self.slots.set(slot as usize, UNBOUND));
        Ok(value)
    }

    #[inline(always)]
    fn progn(&self, children: &[Child], parent: u32) -> LispResult<'ob> {
        let mut value = NIL;
        for child in children {
            value = self.value(child.node, parent)?;
        }
        Ok(value)
    }

    /// Call a leaf.
    #[inline(never)]
    fn leaf(&self, i: u32, leaf: u32, children: &[Child]) -> LispResult<'ob> {
        let cx = self.cx;
        let leaf = &self.activation.body.leaves[leaf as usize];
        let body = &*leaf.body;
        let base = cx.stack_len();
        cx.push_array([self.constant(leaf.words), self.constant(leaf.environment), NIL]);
        for child in children {
            let value = self.value(child.node, i)?;
            cx.push(value);
        }
        let given = children.len();
        cx.push_all(body.slots - given, |i| if given + i < body.parameters { NIL } else { UNBOUND });
        let inner = Quiet {
            activation: &Activation { body, base, vm: self.activation.vm },
            slots: cx.window(base + FIRST_SLOT, body.slots).slots(cx),
            has_cells: false,
            failures: self.failures,
            cx,
        };
        match inner.progn(body.progn.of(&body.children), super::analyse::NONE) {
            Ok(value) => {
                cx.truncate_stack(base);
                Ok(value)
            }
            Err(throw) => {
                let args: Vec<Object<'_>> = inner.slots.iter().take(children.len()).collect();
                Err(self.fail(i, &args, throw))
            }
        }
    }

    #[inline(never)]
    fn store(&self, i: u32, form: &Form) -> LispResult<'ob> {
        let [array, index, value] = form.operands;
        let (array, index, value) = (self.value(array, i)?, self.value(index, i)?, self.value(value, i)?);
        let result = match data::array::aset_slot(array, index, value, self.cx) {
            Ok(Some(value)) => return Ok(value),
            Ok(None) => {
                // Here all of the string is copied; so the next time this is not done here.
                self.activation.body.stores_in_strings.set(true);
                self.activation.body.is_stale.set(true);
                self.cx.note_source_change();
                string::aset_by_copying(array, index, value, self.cx)
            }
            Err(throw) => Err(throw),
        };
        result.map_err(|throw| self.fail(i, &[array, index, value], throw))
    }

    /// Take turns of a loop until it ends or somebody wants to look; tells whether it ended.
    fn turns(&self, i: u32, form: &Form) -> Result<bool, Throw> {
        let children = form.children.of(&self.activation.body.children);
        loop {
            if self.value(children[0].node, i)?.is_nil() {
                return Ok(true);
            }
            self.progn(&children[1..], i)?;
            if self.cx.is_pending() || !self.activation.is_current(self.cx) {
                return Ok(false);
            }
        }
    }

    /// Call a primitive that cannot collect.
    #[inline(never)]
    fn call(&self, i: u32, function: Subr, wanted: usize, children: &[Child]) -> LispResult<'ob> {
        let cx = self.cx;
        let arg = |k: usize| children.get(k).map_or(Ok(NIL), |child| self.value(child.node, i));
        let n = children.len();
        match function {
            Subr::Pure0(f) => f(cx).map_err(|throw| self.fail(i, &[], throw)),
            Subr::Pure1(f) => {
                let a = arg(0)?;
                f(a, cx).map_err(|throw| self.fail(i, &[a][..n], throw))
            }
            Subr::Pure2(f) => {
                let (a, b) = (arg(0)?, arg(1)?);
                f(a, b, cx).map_err(|throw| self.fail(i, &[a, b][..n], throw))
            }
            Subr::Pure3(f) => {
                let (a, b, c) = (arg(0)?, arg(1)?, arg(2)?);
                f(a, b, c, cx).map_err(|throw| self.fail(i, &[a, b, c][..n], throw))
            }
            Subr::Pure4(f) => {
                let (a, b, c, d) = (arg(0)?, arg(1)?, arg(2)?, arg(3)?);
                f(a, b, c, d, cx).map_err(|throw| self.fail(i, &[a, b, c, d][..n], throw))
            }
            Subr::PureMany(f) => {
                let base = cx.stack_len();
                for child in children {
                    cx.push(self.value(child.node, i)?);
                }
                cx.push_nils(wanted - n);
                let result = f(cx.window(base, wanted).slots(cx), cx);
                let result = result.map_err(|throw| {
                    let args: Vec<Object<'_>> = cx.window(base, n).slots(cx).iter().collect();
                    cx.truncate_stack(base);
                    self.fail(i, &args, throw)
                });
                if result.is_ok() {
                    cx.truncate_stack(base);
                }
                result
            }
            Subr::Call(_) | Subr::Special(_) => unreachable!("such a primitive is not quiet"),
        }
    }
}

/// An operation on one or two values.
pub(super) fn operate<'ob>(op: Op, a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if op.is_unary() { operate_on_one(op, a, cx) } else { operate_on_two(op, a, b, cx) }
}

/// An operation on one value.
#[inline(always)]
fn operate_on_one<'ob>(op: Op, a: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(match op {
        Op::Add1 => return arith::add1(a, cx),
        Op::Sub1 => return arith::sub1(a, cx),
        Op::Car => return data::car(a, cx),
        Op::Cdr => return data::cdr(a, cx),
        Op::CarSafe => a.as_cons().map_or(NIL, |cons| cons.car()),
        Op::CdrSafe => a.as_cons().map_or(NIL, |cons| cons.cdr()),
        Op::Not => Object::bool(a.is_nil()),
        Op::Consp => Object::bool(a.as_cons().is_some()),
        Op::Atom => Object::bool(a.as_cons().is_none()),
        Op::Listp => Object::bool(a.is_nil() || a.as_cons().is_some()),
        Op::Symbolp => Object::bool(a.as_symbol().is_some()),
        Op::Stringp => Object::bool(a.as_string().is_some()),
        Op::Vectorp => Object::bool(a.as_vector().is_some()),
        Op::Integerp => Object::bool(a.as_fixnum().is_some() || a.as_bignum().is_some()),
        _ => unreachable!("the operation has two operands"),
    })
}

/// An operation on two values.
#[inline(always)]
fn operate_on_two<'ob>(op: Op, a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(match op {
        Op::Add => return arith::add(a, b, cx),
        Op::Sub => return arith::sub(a, b, cx),
        Op::Mul => return arith::mul(a, b, cx),
        Op::Less => Object::bool(arith::less(a, b, cx)?),
        Op::LessEq => Object::bool(arith::less_eq(a, b, cx)?),
        Op::Greater => Object::bool(arith::greater(a, b, cx)?),
        Op::GreaterEq => Object::bool(arith::greater_eq(a, b, cx)?),
        Op::NumEq => Object::bool(arith::num_eq(a, b, cx)?),
        Op::Eq => Object::bool(a == b),
        Op::Cons => cx.cons(a, b).into(),
        Op::Aref => match (a.as_vector(), b.as_fixnum()) {
            (Some(v), Some(i)) => return v.get(i as usize).ok_or_else(|| args_out_of_range(a, b, cx)),
            _ => return data::array::aref(a, b, cx),
        },
        _ => unreachable!("the operation has one operand, three, or is a call"),
    })
}
