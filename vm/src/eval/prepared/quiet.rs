//! Quiet forms: those whose evaluation neither collects nor calls Lisp.
//!
//! Nobody can look while one is evaluated, so neither it nor the forms within it have frames; if one signals, the frames
//! are made then.  That the function is what was prepared is known before, and nothing in it changes that; so it is
//! evaluated to its end, or not at all.

use super::form::{Child, Form, Kind, Node, Op, Target};
use super::run::Activation;
use crate::arith;
use crate::binding;
use crate::data;
use crate::error::args_out_of_range;
use crate::eval::{begin_level, forms, leave_level};
use crate::handler;
use crate::specpdl::Frame;
use std::cell::Cell;
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Slots, Subr, T, Throw};

/// Where something was signalled.
#[derive(Clone, Copy)]
struct Failure {
    form: u32,
    /// The function and its arguments on the Lisp stack, if it was called.
    call: Option<(usize, usize)>,
}

/// An evaluation.
struct Quiet<'a, 'ob> {
    activation: Activation<'a>,
    slots: Slots<'ob>,
    failure: Cell<Option<Failure>>,
    cx: &'ob Context,
}

/// Evaluate quiet form `i`; `None` if it must be left to the evaluator of lists.
#[inline(always)]
pub(super) fn evaluate(activation: Activation<'_>, i: u32, cx: &mut Context) -> Option<CallResult> {
    let base = cx.stack_len();
    let (failure, throw) = {
        let cx = &*cx;
        let vm = activation.vm;
        let form = &activation.body.forms[i as usize];
        let height = i64::from(form.height);
        if cx.is_pending()
            || cx.config().stress != 0
            || vm.flags.debug_on_next_call.get()
            || vm.depth.get() + height > vm.max_depth.get()
            || vm.specpdl.len() as i64 + height > vm.max_specpdl.get()
            || !activation.is_current(cx)
        {
            return None;
        }
        let quiet = Quiet { activation, slots: activation.slots(cx), failure: Cell::new(None), cx };
        match quiet.form(i) {
            Ok(value) => return Some(Ok(cx.ret(value))),
            Err(throw) => (quiet.failure.get(), throw),
        }
    };
    let throw = raise(activation, i, failure, throw, cx);
    cx.truncate_stack(base);
    Some(Err(throw))
}

/// Look for the handler of what was signalled in form `top`, in the frames that the forms around it would have had.
#[cold]
#[inline(never)]
fn raise(activation: Activation<'_>, top: u32, failure: Option<Failure>, throw: Throw, cx: &mut Context) -> Throw {
    let Some(failure) = failure else { return throw };
    let forms = &activation.body.forms;
    let mut around = Vec::new();
    let mut at = failure.form;
    loop {
        if failure.call.is_none() || at != failure.form {
            around.push(at);
        }
        if at == top {
            break;
        }
        at = forms[at as usize].parent;
    }
    let mut first = None;
    let mut levels = 0;
    let mut enter = |frame: Frame, cx: &Context| {
        if let Ok(place) = begin_level(frame, cx) {
            first.get_or_insert(place);
            levels += 1;
        }
    };
    for form in around.into_iter().rev() {
        let place = cx.stack_len();
        cx.push(activation.source(form, cx));
        enter(Frame::of_form(place), cx);
    }
    if let Some((base, n)) = failure.call {
        enter(Frame::of_call(base, n), cx);
    }
    let throw = handler::raise(throw, cx);
    let vm = activation.vm;
    first.into_iter().for_each(|place| vm.specpdl.pop_frame(place));
    (0..levels).for_each(|_| leave_level(vm));
    throw
}

impl<'ob> Quiet<'_, 'ob> {
    #[inline(always)]
    fn constant(&self, k: u32) -> Object<'ob> {
        self.activation.constant(k, self.cx)
    }

    #[inline(always)]
    fn value(&self, node: Node) -> LispResult<'ob> {
        match node {
            Node::Local(slot) => Ok(self.slots.get(slot as usize).as_cons().map_or(NIL, |cell| cell.cdr())),
            Node::Quiet(i) => self.form(i),
            Node::Fixnum(n) => Ok(Object::fixnum(n.into())),
            _ => self.other_value(node),
        }
    }

    #[inline(never)]
    fn other_value(&self, node: Node) -> LispResult<'ob> {
        match node {
            Node::Nil => Ok(NIL),
            Node::Constant(k) => Ok(self.constant(k)),
            Node::Free(k) => self.free(k),
            _ => unreachable!("what is left to the evaluator of lists is not quiet, and the caller knows the others"),
        }
    }

    fn free(&self, k: u32) -> LispResult<'ob> {
        let symbol = self.constant(k);
        match (self.activation.free_cell(symbol, self.cx), symbol.as_symbol()) {
            (Some(cell), _) => Ok(cell.cdr()),
            (None, Some(symbol)) => binding::symbol_value(symbol, self.cx),
            (None, None) => Ok(symbol),
        }
    }

    /// The signal came from within a form.
    #[cold]
    fn note(&self, form: u32, throw: Throw) -> Throw {
        if self.failure.get().is_none() {
            self.failure.set(Some(Failure { form, call: None }));
        }
        throw
    }

    /// The signal came from the primitive that a form calls.
    #[cold]
    fn fail(&self, form: u32, args: &[Object<'_>], throw: Throw) -> Throw {
        let base = self.cx.stack_len();
        self.cx.push(self.activation.source(form, self.cx).as_cons().map_or(NIL, |c| c.car()));
        args.iter().for_each(|&arg| self.cx.push(arg));
        self.failure.set(Some(Failure { form, call: Some((base, args.len())) }));
        throw
    }

    fn form(&self, i: u32) -> LispResult<'ob> {
        let form = &self.activation.body.forms[i as usize];
        match form.kind {
            Kind::Primitive { op, .. } if op != Op::Call => self.operation(i, form, op),
            _ => self.other_form(i, form).map_err(|throw| self.note(i, throw)),
        }
    }

    #[inline(always)]
    fn operation(&self, i: u32, form: &Form, op: Op) -> LispResult<'ob> {
        let children = form.children.of(&self.activation.body.children);
        let operand = |k: usize| match children.get(k) {
            Some(child) => self.value(child.node),
            None => Ok(NIL),
        };
        let (a, b) = match operand(0) {
            Ok(a) => match operand(1) {
                Ok(b) => (a, b),
                Err(throw) => return Err(self.note(i, throw)),
            },
            Err(throw) => return Err(self.note(i, throw)),
        };
        match operate(op, a, b, self.cx) {
            Ok(value) => Ok(value),
            Err(throw) => Err(self.fail(i, &[a, b][..children.len()], throw)),
        }
    }

    #[inline(never)]
    fn other_form(&self, i: u32, form: &Form) -> LispResult<'ob> {
        let body = self.activation.body;
        let children = form.children.of(&body.children);
        match form.kind {
            Kind::Primitive { function, wanted, .. } => self.call(i, function, wanted as usize, children),
            Kind::Quote(k) => Ok(self.constant(k)),
            Kind::Lambda(k) => Ok(forms::close(self.constant(k), self.cx)),
            Kind::If => {
                let truth = !self.value(children[0].node)?.is_nil();
                if truth { self.value(children[1].node) } else { self.progn(&children[2..]) }
            }
            Kind::And => {
                let mut value = T;
                for child in children {
                    value = self.value(child.node)?;
                    if value.is_nil() {
                        break;
                    }
                }
                Ok(value)
            }
            Kind::Or => {
                let mut value = NIL;
                for child in children {
                    value = self.value(child.node)?;
                    if !value.is_nil() {
                        break;
                    }
                }
                Ok(value)
            }
            Kind::Progn => self.progn(children),
            Kind::Prog1 => {
                let value = self.value(children[0].node)?;
                self.progn(&children[1..])?;
                Ok(value)
            }
            Kind::Cond => {
                for clause in children {
                    let Node::Form(clause) = clause.node else { continue };
                    let forms = body.forms[clause as usize].children.of(&body.children);
                    let value = self.value(forms[0].node)?;
                    if !value.is_nil() {
                        return if forms.len() == 1 { Ok(value) } else { self.progn(&forms[1..]) };
                    }
                }
                Ok(NIL)
            }
            Kind::Setq { targets } => {
                let mut value = NIL;
                for (child, target) in children.iter().zip(&body.targets[targets as usize..]) {
                    value = self.value(child.node)?;
                    if let Target::Local(slot) = *target
                        && let Some(cell) = self.slots.get(slot as usize).as_cons()
                    {
                        cell.set_cdr(self.cx, value);
                    }
                }
                Ok(value)
            }
            Kind::Call { .. }
            | Kind::While
            | Kind::Clause
            | Kind::Let { .. }
            | Kind::LetStar { .. }
            | Kind::Catch
            | Kind::UnwindProtect(_)
            | Kind::ConditionCase { .. } => unreachable!("such a form is not quiet"),
        }
    }

    #[inline(always)]
    fn progn(&self, children: &[Child]) -> LispResult<'ob> {
        let mut value = NIL;
        for child in children {
            value = self.value(child.node)?;
        }
        Ok(value)
    }

    /// Call a primitive that cannot collect.
    fn call(&self, i: u32, function: Subr, wanted: usize, children: &[Child]) -> LispResult<'ob> {
        let cx = self.cx;
        let arg = |k: usize| children.get(k).map_or(Ok(NIL), |child| self.value(child.node));
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
                    cx.push(self.value(child.node)?);
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
#[inline(always)]
fn operate<'ob>(op: Op, a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Ok(match op {
        Op::Add => return arith::add(a, b, cx),
        Op::Sub => return arith::sub(a, b, cx),
        Op::Mul => return arith::mul(a, b, cx),
        Op::Add1 => return arith::add1(a, cx),
        Op::Sub1 => return arith::sub1(a, cx),
        Op::Less => Object::bool(arith::less(a, b, cx)?),
        Op::LessEq => Object::bool(arith::less_eq(a, b, cx)?),
        Op::Greater => Object::bool(arith::greater(a, b, cx)?),
        Op::GreaterEq => Object::bool(arith::greater_eq(a, b, cx)?),
        Op::NumEq => Object::bool(arith::num_eq(a, b, cx)?),
        Op::Car => return data::car(a, cx),
        Op::Cdr => return data::cdr(a, cx),
        Op::Eq => Object::bool(a == b),
        Op::Not => Object::bool(a.is_nil()),
        Op::Consp => Object::bool(a.as_cons().is_some()),
        Op::Cons => cx.cons(a, b).into(),
        Op::Aref => match (a.as_vector(), b.as_fixnum()) {
            (Some(v), Some(i)) => return v.get(i as usize).ok_or_else(|| args_out_of_range(a, b, cx)),
            _ => return data::array::aref(a, b, cx),
        },
        Op::Call => unreachable!("a call is no operation"),
    })
}
