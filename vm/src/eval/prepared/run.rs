//! The evaluation of prepared forms.
//!
//! A form that is not quiet is evaluated as the evaluator of lists does it: the form is on the Lisp stack, with a frame, a
//! level of depth and a safepoint.  What differs is that nothing of it need be looked up.
//! Before a form within it is evaluated, the cons that has it is compared with what was prepared; if they differ, the
//! evaluator of lists goes on from that cons.

use super::form::{Binding, Body, Child, Form, Kind, Node, Span, Target};
use super::quiet;
use crate::binding;
use crate::eval::forms::{self, Sequence};
use crate::eval::{
    self, FIRST_ARGUMENT, FUNCTION, begin_level_of, bind_environment, call_lisp, debugger, end_arguments, end_level,
    environment, eval_arguments, eval_call, eval_form, leave_level, poll,
};
use crate::handler::{self, Clauses, Outcome};
use crate::specpdl::{Frame, check_room, mark, unbind_to};
use crate::state::Vm;
use crate::tails::tails;
use tenure_gc::{CallResult, Cons, Context, Kind as ObjectKind, NIL, Object, Ret, Root, Slots, Subr, T, Throw, Words};

/// Words of a frame before the slots of the variables: the words of the body, and the function's environment.
pub(super) const FIRST_SLOT: usize = 2;

/// A call of a prepared function: the words of its frame begin at `base`.
#[derive(Clone, Copy)]
pub(super) struct Activation<'a> {
    pub(super) body: &'a Body,
    pub(super) base: usize,
    pub(super) vm: &'a Vm,
}

/// Whether a cons of the source is what it was.
#[inline(always)]
pub(super) fn link_holds(words: Words<'_>, link: u32) -> bool {
    let at = 3 * link as usize;
    let [cons, car, cdr] = [words.get(at), words.get(at + 1), words.get(at + 2)];
    cons.as_cons().is_some_and(|cons| cons.car() == car && cons.cdr() == cdr)
}

impl Body {
    /// Whether all conses and functions are what they were; if so, this is known until the epoch changes.
    pub(super) fn is_unchanged(&self, words: Words<'_>, cx: &Context) -> bool {
        let epoch = cx.source_epoch();
        let unchanged = (0..self.links).all(|link| {
            link_holds(words, link) && {
                words.get(3 * link as usize).as_cons().into_iter().for_each(|cons| cx.watch(cons));
                true
            }
        }) && (0..self.guards).all(|guard| self.guard_holds(words, guard, cx));
        if unchanged {
            self.epoch.set(epoch);
        } else {
            self.is_stale.set(true);
        }
        unchanged
    }

    /// Whether the function of a guard's symbol is what it was.
    fn guard_holds(&self, words: Words<'_>, guard: u32, cx: &Context) -> bool {
        let at = self.first_guard + 2 * guard as usize;
        words.get(at).as_symbol().is_some_and(|symbol| symbol.function(cx) == words.get(at + 1))
    }
}

impl<'a> Activation<'a> {
    /// The words of the body.
    #[inline(always)]
    pub(super) fn words(self, cx: &Context) -> Words<'_> {
        cx.window(self.base, 1).root(0).get(cx).as_byte_code().map_or(Words::EMPTY, |code| code.words())
    }

    /// The variables.
    #[inline(always)]
    pub(super) fn slots(self, cx: &Context) -> Slots<'_> {
        cx.window(self.base + FIRST_SLOT, self.body.slots).slots(cx)
    }

    /// The cell of a variable.
    #[inline(always)]
    fn local(self, slot: u32, cx: &Context) -> Option<Cons<'_>> {
        cx.window(self.base, FIRST_SLOT + self.body.slots).root(FIRST_SLOT + slot as usize).get(cx).as_cons()
    }

    fn set_slot(self, slot: u32, cell: Object<'_>, cx: &Context) {
        self.slots(cx).set(slot as usize, cell);
    }

    #[inline(always)]
    pub(super) fn constant(self, k: u32, cx: &Context) -> Object<'_> {
        self.words(cx).get(self.body.first_constant + k as usize)
    }

    /// The cons that is a form.
    #[inline(always)]
    pub(super) fn source(self, form: u32, cx: &Context) -> Object<'_> {
        self.cons(self.body.forms[form as usize].links.start, cx)
    }

    /// The cons of a link.
    #[inline(always)]
    fn cons(self, link: u32, cx: &Context) -> Object<'_> {
        self.words(cx).get(3 * link as usize)
    }

    /// The cell of a variable that the function does not bind.
    #[inline(always)]
    pub(super) fn free_cell<'ob>(self, symbol: Object<'_>, cx: &'ob Context) -> Option<Cons<'ob>> {
        let env = cx.window(self.base, FIRST_SLOT).root(1).get(cx);
        tails(env).filter_map(|link| link.car().as_cons()).find(|cell| cell.car() == symbol)
    }

    /// Whether the source and the functions that it names are what was prepared.
    #[inline(always)]
    pub(super) fn is_current(self, cx: &Context) -> bool {
        self.body.epoch.get() == cx.source_epoch() || self.is_current_still(cx)
    }

    /// Look, since something changed.
    #[cold]
    #[inline(never)]
    fn is_current_still(self, cx: &Context) -> bool {
        !self.body.is_stale.get() && self.body.is_unchanged(self.words(cx), cx)
    }

    #[inline(always)]
    fn link_holds(self, link: u32, cx: &Context) -> bool {
        self.is_current(cx) || link_holds(self.words(cx), link)
    }

    #[inline(always)]
    fn links_hold(self, links: Span, cx: &Context) -> bool {
        self.is_current(cx) || {
            let words = self.words(cx);
            (links.start..links.start + links.len).all(|link| link_holds(words, link))
        }
    }

    /// Have the evaluator of lists go on from the cons of a link.
    #[cold]
    fn generally(
        self,
        link: u32,
        cx: &mut Context,
        go_on: impl FnOnce(Root<'_>, &mut Context) -> CallResult,
    ) -> CallResult {
        let base = cx.stack_len();
        cx.push(self.cons(link, cx));
        let result = go_on(cx.window(base, 1).root(0), cx);
        cx.truncate_stack(base);
        result
    }

    /// Evaluate a form.
    #[inline(always)]
    fn eval(self, node: Node, cx: &mut Context) -> CallResult {
        match node {
            Node::Quiet(i) => self.quiet(i, cx),
            Node::Form(i) => self.form(i, cx),
            Node::Local(slot) => Ok(cx.ret(self.local(slot, cx).map_or(NIL, |cell| cell.cdr()))),
            _ => self.other(node, cx),
        }
    }

    #[inline(never)]
    fn other(self, node: Node, cx: &mut Context) -> CallResult {
        match node {
            Node::Fixnum(n) => Ok(cx.ret(Object::fixnum(n.into()))),
            Node::Nil => Ok(cx.ret(NIL)),
            Node::Constant(k) => Ok(cx.ret(self.constant(k, cx))),
            Node::Free(k) => self.free(k, cx),
            Node::General(k) => eval_form!(cx, self.constant(k, cx)),
            Node::Quiet(_) | Node::Form(_) | Node::Local(_) => unreachable!("the caller evaluates these"),
        }
    }

    fn free(self, k: u32, cx: &Context) -> CallResult {
        let symbol = self.constant(k, cx);
        let value = match (self.free_cell(symbol, cx), symbol.as_symbol()) {
            (Some(cell), _) => cell.cdr(),
            (None, Some(symbol)) => binding::symbol_value(symbol, cx)?,
            (None, None) => symbol,
        };
        Ok(cx.ret(value))
    }

    #[inline(never)]
    fn quiet(self, i: u32, cx: &mut Context) -> CallResult {
        match quiet::evaluate(self, i, cx) {
            Some(result) => result,
            None => eval_form!(cx, self.source(i, cx)),
        }
    }

    #[inline(never)]
    fn form(self, i: u32, cx: &mut Context) -> CallResult {
        let form = &self.body.forms[i as usize];
        let base = cx.stack_len();
        cx.push(self.cons(form.links.start, cx));
        let result = self.level(form, base, cx);
        cx.truncate_stack(base);
        result
    }

    /// Evaluate the form that is at word `base` of the Lisp stack, which is the top.
    #[inline(always)]
    fn level(self, form: &'a Form, base: usize, cx: &mut Context) -> CallResult {
        poll(cx)?;
        let vm = self.vm;
        let frame = begin_level_of(vm, Frame::of_form(base), cx)?;
        if vm.flags.debug_on_next_call.get()
            && let Err(throw) = debugger::on_next_call(T, cx)
        {
            return end_level(frame, Err(throw), cx);
        }
        let result = self.dispatch(form, base, frame, cx);
        if result.is_err() || vm.specpdl.debug_on_exit(frame) {
            return end_level(frame, result, cx);
        }
        vm.specpdl.pop_frame(frame);
        leave_level(vm);
        result
    }

    /// The primitive that a form calls.
    fn function<'ob>(self, form: &Form, cx: &'ob Context) -> Object<'ob> {
        let last = (form.guards.start + form.guards.len) as usize;
        self.words(cx).get(self.body.first_guard + 2 * last - 1)
    }

    /// Whether a form of a function that changed is what it was.
    #[cold]
    fn holds(self, form: &Form, cx: &Context) -> bool {
        let words = self.words(cx);
        let mut guards = form.guards.start..form.guards.start + form.guards.len;
        guards.all(|guard| self.body.guard_holds(words, guard, cx)) && self.links_hold(form.links, cx)
    }

    #[inline(always)]
    fn dispatch(self, form: &'a Form, base: usize, frame: usize, cx: &mut Context) -> CallResult {
        if !self.is_current(cx) && !self.holds(form, cx) {
            return eval_call(base, frame, cx);
        }
        let children = form.children.of(&self.body.children);
        match form.kind {
            Kind::Call { site } => self.call(form, site, base, frame, cx),
            Kind::Primitive { function, wanted, .. } => {
                cx.push(NIL);
                cx.push(self.function(form, cx));
                let n = self.arguments(children, base, frame, cx)?;
                eval::call_native(function, wanted as usize, base + FIRST_ARGUMENT, n, cx)
            }
            Kind::Quote(k) => Ok(cx.ret(self.constant(k, cx))),
            Kind::Lambda(k) => Ok(cx.ret(forms::close(self.constant(k, cx), cx))),
            Kind::If => {
                let truth = !self.eval(children[0].node, cx)?.get(cx).is_nil();
                if !self.link_holds(children[1].link, cx) {
                    return self.generally(children[1].link, cx, |rest, cx| forms::choose(truth, rest, cx));
                }
                if truth { self.eval(children[1].node, cx) } else { self.progn(&children[2..], cx) }
            }
            Kind::And => self.short_circuit(children, T, true, forms::and, cx),
            Kind::Or => self.short_circuit(children, NIL, false, forms::or, cx),
            Kind::Progn => self.progn(children, cx),
            Kind::Prog1 => self.prog1(children, cx),
            Kind::While => self.repeat(children, cx),
            Kind::Cond => self.cond(children, cx),
            Kind::Clause => unreachable!("a clause is no form"),
            Kind::Setq { targets } => self.setq(children, &self.body.targets[targets as usize..], cx),
            Kind::Let { bindings, list, forms } => self.bind(form, bindings, list, forms, cx),
            Kind::LetStar { bindings, list, forms } => self.bind_in_sequence(children, bindings, list, forms, cx),
            Kind::Catch | Kind::UnwindProtect(_) => self.guarded(form, cx),
            Kind::ConditionCase { .. } => self.condition_case(form, cx),
        }
    }

    #[inline(never)]
    fn prog1(self, children: &[Child], cx: &mut Context) -> CallResult {
        let value = self.eval(children[0].node, cx)?.get(cx);
        let scope = cx.scope();
        let value = scope.root(value);
        self.progn(&children[1..], cx)?.get(cx);
        Ok(cx.ret(value.get(cx)))
    }

    #[inline(never)]
    fn guarded(self, form: &Form, cx: &mut Context) -> CallResult {
        let children = form.children.of(&self.body.children);
        match form.kind {
            Kind::UnwindProtect(forms) => {
                let start = mark(cx);
                check_room(self.vm, cx)?;
                self.vm.specpdl.push_forms(self.constant(forms, cx), cx);
                let result = self.eval(children[0].node, cx);
                let result = result.map_err(|throw| handler::raise(throw, cx));
                unbind_to(start, result, cx)
            }
            _ => {
                let tag = self.eval(children[0].node, cx)?.get(cx);
                let scope = cx.scope();
                let tag = scope.root(tag);
                handler::catch_rooted(tag, cx, |cx| self.progn(&children[1..], cx))
            }
        }
    }

    /// Call a function by its name.
    #[inline(always)]
    fn call(self, form: &Form, site: u32, base: usize, frame: usize, cx: &mut Context) -> CallResult {
        let children = form.children.of(&self.body.children);
        let site = &self.body.sites[site as usize];
        let name = self.words(cx).get(3 * form.links.start as usize + 1);
        let function = name.as_symbol().map_or(NIL, |symbol| symbol.function(cx));
        if site.epoch.get() != cx.source_epoch() && super::find_for_site(site, function, cx).is_none() {
            return self.call_other(children, base, frame, cx);
        }
        cx.push(NIL);
        cx.push(function);
        let n = self.arguments(children, base, frame, cx)?;
        // The arguments may have changed what the name stands for, but the function is the one it was before.
        if let Some(body) = site.body(cx.source_epoch()) {
            let function = cx.window(base + FUNCTION, 1).root(0);
            let args = cx.window(base + FIRST_ARGUMENT, n);
            if let Some(result) = super::enter(&body, function, args, self.vm, cx) {
                return result;
            }
        }
        call_lisp(base, n, cx)
    }

    /// Call what is no prepared function by its name.
    #[inline(never)]
    fn call_other(self, children: &[Child], base: usize, frame: usize, cx: &mut Context) -> CallResult {
        let name = cx.window(base, 1).root(0).get(cx).as_cons().map_or(NIL, |form| form.car());
        let function = name.as_symbol().map_or(NIL, |symbol| symbol.function(cx));
        let function = match function.as_symbol() {
            Some(next) if !function.is_nil() => eval::indirect_function(next, cx)?,
            _ => function,
        };
        let native = match function.untag() {
            ObjectKind::Subr(subr) => {
                let info = subr.info(cx);
                if matches!(info.function, Subr::Special(_)) || !eval::arity_fits(&info, children.len()) {
                    return eval_call(base, frame, cx);
                }
                Some((info.function, eval::padded(&info, children.len())))
            }
            _ if eval::is_lisp_function(function) => None,
            _ => return eval_call(base, frame, cx),
        };
        cx.push(NIL);
        cx.push(function);
        let n = self.arguments(children, base, frame, cx)?;
        match native {
            Some((function, wanted)) => eval::call_native(function, wanted, base + FIRST_ARGUMENT, n, cx),
            None => call_lisp(base, n, cx),
        }
    }

    /// Evaluate the arguments of a call, as [`eval_arguments`] does.
    #[inline(always)]
    fn arguments(self, children: &[Child], base: usize, frame: usize, cx: &mut Context) -> Result<usize, Throw> {
        for (n, child) in children.iter().enumerate() {
            if n > 0 && !self.link_holds(child.link, cx) {
                cx.window(base + 1, 1).root(0).set(cx, self.cons(child.link, cx));
                return eval_arguments(base, frame, n, cx);
            }
            let value = self.eval(child.node, cx)?.get(cx);
            cx.push(value);
            eval::check_argument_room(n + 1, cx)?;
        }
        end_arguments(base, frame, children.len(), cx);
        Ok(children.len())
    }

    /// Evaluate forms in order.
    pub(super) fn progn(self, children: &[Child], cx: &mut Context) -> CallResult {
        let Some((last, others)) = children.split_last() else { return Ok(cx.ret(NIL)) };
        for child in others {
            if !self.link_holds(child.link, cx) {
                return self.generally(child.link, cx, forms::progn_body);
            }
            self.eval(child.node, cx)?.get(cx);
        }
        if !self.link_holds(last.link, cx) {
            return self.generally(last.link, cx, forms::progn_body);
        }
        self.eval(last.node, cx)
    }

    #[inline(never)]
    fn short_circuit(
        self,
        children: &[Child],
        empty: Object<'static>,
        stops_at_nil: bool,
        go_on: fn(Root<'_>, &mut Context) -> CallResult,
        cx: &mut Context,
    ) -> CallResult {
        let Some((last, others)) = children.split_last() else { return Ok(cx.ret(empty)) };
        for child in others {
            if !self.link_holds(child.link, cx) {
                return self.generally(child.link, cx, go_on);
            }
            let value = self.eval(child.node, cx)?.get(cx);
            if value.is_nil() == stops_at_nil {
                return Ok(cx.ret(value));
            }
        }
        if !self.link_holds(last.link, cx) {
            return self.generally(last.link, cx, go_on);
        }
        self.eval(last.node, cx)
    }

    #[inline(never)]
    fn repeat(self, children: &[Child], cx: &mut Context) -> CallResult {
        let (test, turn) = (children[0], &children[1..]);
        loop {
            if !self.link_holds(test.link, cx) {
                return self.generally(test.link, cx, forms::lisp_while);
            }
            if self.eval(test.node, cx)?.get(cx).is_nil() {
                return Ok(cx.ret(NIL));
            }
            poll(cx)?;
            if !self.link_holds(test.link, cx) {
                self.generally(test.link, cx, forms::turn)?.get(cx);
                continue;
            }
            for child in turn {
                if !self.link_holds(child.link, cx) {
                    self.generally(child.link, cx, forms::rest_of_turn)?.get(cx);
                    break;
                }
                self.eval(child.node, cx)?.get(cx);
            }
        }
    }

    #[inline(never)]
    fn cond(self, children: &[Child], cx: &mut Context) -> CallResult {
        for child in children {
            let Node::Form(clause) = child.node else { continue };
            let clause = self.body.forms[clause as usize].children.of(&self.body.children);
            if !self.link_holds(child.link, cx) || !self.link_holds(clause[0].link, cx) {
                return self.generally(child.link, cx, forms::cond);
            }
            let value = self.eval(clause[0].node, cx)?.get(cx);
            if !value.is_nil() {
                return if clause.len() == 1 { Ok(cx.ret(value)) } else { self.progn(&clause[1..], cx) };
            }
        }
        Ok(cx.ret(NIL))
    }

    #[inline(never)]
    fn setq(self, children: &[Child], targets: &[Target], cx: &mut Context) -> CallResult {
        let mut ret = cx.ret(NIL);
        for (i, (child, target)) in children.iter().zip(targets).enumerate() {
            let pair = Span { start: child.link - 1, len: 2 };
            if i > 0 && !self.links_hold(pair, cx) {
                return self.generally(pair.start, cx, |rest, cx| forms::setq_rest(rest, ret, 2 * i, cx));
            }
            let value = self.eval(child.node, cx)?;
            if !self.links_hold(pair, cx) {
                return self.generally(pair.start, cx, |rest, cx| forms::set_next_and_rest(rest, value, 2 * i + 2, cx));
            }
            ret = self.set(*target, value, cx)?;
        }
        Ok(ret)
    }

    #[inline(always)]
    fn set(self, target: Target, value: Ret, cx: &mut Context) -> CallResult {
        let value = value.get(cx);
        let cell = match target {
            Target::Local(slot) => self.local(slot, cx),
            Target::Free(k) => self.free_cell(self.constant(k, cx), cx),
        };
        match (cell, target) {
            (Some(cell), _) => {
                cell.set_cdr(cx, value);
                Ok(cx.ret(value))
            }
            (None, Target::Free(k)) => {
                let pushed = cx.push_args([self.constant(k, cx), value]);
                forms::set_dynamic(pushed, cx)
            }
            (None, Target::Local(_)) => unreachable!("a variable in force has its cell in its slot"),
        }
    }

    /// The variables of bindings are not in force any more.
    #[inline(always)]
    fn forget(self, bindings: Span, cx: &Context) {
        let slots = self.slots(cx);
        for binding in bindings.of(&self.body.bindings) {
            binding.slot.into_iter().for_each(|slot| slots.set(slot as usize, NIL));
        }
    }

    fn binds_lexically(self, name: u32, cx: &Context) -> bool {
        let symbol = self.constant(name, cx).as_symbol();
        symbol.is_some_and(|symbol| forms::binds_lexically(symbol, environment(cx), cx))
    }

    #[inline(never)]
    fn bind(self, form: &Form, bindings: Span, list: u32, forms: u32, cx: &mut Context) -> CallResult {
        let variables = bindings.of(&self.body.bindings);
        let (values, progn) = form.children.of(&self.body.children).split_at(variables.len());
        if !values.iter().all(|child| self.link_holds(child.link, cx)) {
            return self.generally(form.links.start + 1, cx, forms::lisp_let);
        }
        // Places for what the evaluator of lists needs, should it have to go on.
        let base = cx.stack_len();
        cx.push_nils(3);
        for (child, variable) in values.iter().zip(variables) {
            if !self.link_holds(child.link, cx) || !self.links_hold(variable.links, cx) {
                let elements = cx.window(base + 2, 1).root(0);
                elements.set(cx, self.cons(child.link, cx));
                forms::evaluate_let_values(elements, cx)?;
                break;
            }
            let value = self.eval(child.node, cx)?.get(cx);
            forms::push_let_value(value, cx)?;
        }
        // What the values did may have changed the source, or what is special.
        let as_prepared = values.iter().zip(variables).all(|(child, variable)| {
            self.link_holds(child.link, cx)
                && self.links_hold(variable.links, cx)
                && self.binds_lexically(variable.name, cx) == variable.slot.is_some()
        });
        if as_prepared && variables.iter().all(|variable| variable.slot.is_some()) {
            let start = mark(cx);
            check_room(self.vm, cx)?;
            self.bind_lexically(variables, base + 3, cx);
            cx.truncate_stack(base);
            let result = self.progn(progn, cx);
            let result = unbind_to(start, result, cx);
            self.forget(bindings, cx);
            return result;
        }
        let window = cx.window(base, 2).slots(cx);
        window.set(0, self.constant(forms, cx));
        window.set(1, self.constant(list, cx));
        let start = mark(cx);
        let result = match forms::bind_let(base + 1, cx) {
            Ok(()) if as_prepared => {
                let slots = self.slots(cx);
                let slot = variables.iter().rev().filter_map(|variable| variable.slot);
                slot.zip(tails(environment(cx))).for_each(|(slot, link)| slots.set(slot as usize, link.car()));
                self.progn(progn, cx)
            }
            Ok(()) => {
                self.body.is_stale.set(true);
                forms::progn_body(cx.window(base, 1).root(0), cx)
            }
            Err(throw) => Err(throw),
        };
        let result = unbind_to(start, result, cx);
        self.forget(bindings, cx);
        result
    }

    /// Bind lexical variables to the values that lie on the Lisp stack from `at` on.
    #[inline(always)]
    fn bind_lexically(self, variables: &[Binding], at: usize, cx: &Context) {
        let (slots, values) = (self.slots(cx), cx.window(at, variables.len()).slots(cx));
        let words = self.words(cx);
        let mut env = environment(cx);
        for (i, variable) in variables.iter().enumerate() {
            let name = words.get(self.body.first_constant + variable.name as usize);
            let cell = cx.cons(name, values.get(i));
            env = cx.cons(cell.into(), env).into();
            variable.slot.into_iter().for_each(|slot| slots.set(slot as usize, cell.into()));
        }
        bind_environment(env, cx);
    }

    #[inline(never)]
    fn bind_in_sequence(
        self,
        children: &[Child],
        bindings: Span,
        list: u32,
        forms: u32,
        cx: &mut Context,
    ) -> CallResult {
        let variables = bindings.of(&self.body.bindings);
        let (values, progn) = children.split_at(variables.len());
        let base = cx.stack_len();
        cx.push(self.constant(forms, cx));
        cx.push(self.constant(list, cx));
        cx.push(self.constant(list, cx));
        let window = cx.window(base, 3);
        let mut sequence = Sequence::new(window.root(2), cx);
        let result = match self.bind_each(values, bindings, window.root(1), &mut sequence, cx) {
            Ok(true) => self.progn(progn, cx),
            Ok(false) => {
                self.body.is_stale.set(true);
                forms::progn_body(window.root(0), cx)
            }
            Err(throw) => Err(throw),
        };
        let result = unbind_to(sequence.start, result, cx);
        self.forget(bindings, cx);
        result
    }

    /// Bind the variables of `let*`; tells whether all was as prepared.
    fn bind_each(
        self,
        values: &[Child],
        bindings: Span,
        list: Root<'_>,
        sequence: &mut Sequence<'_>,
        cx: &mut Context,
    ) -> Result<bool, Throw> {
        for (child, variable) in values.iter().zip(bindings.of(&self.body.bindings)) {
            let is_next = sequence.elements.get(cx) == self.cons(child.link, cx);
            if !is_next || !self.link_holds(child.link, cx) || !self.links_hold(variable.links, cx) {
                return sequence.bind_all(list, cx).map(|()| false);
            }
            let value = self.eval(child.node, cx)?;
            let as_prepared = self.link_holds(child.link, cx)
                && self.links_hold(variable.links, cx)
                && self.binds_lexically(variable.name, cx) == variable.slot.is_some();
            sequence.bind_next(value, cx)?;
            if !as_prepared {
                return sequence.bind_all(list, cx).map(|()| false);
            }
            if let (Some(slot), Some(link)) = (variable.slot, environment(cx).as_cons()) {
                self.set_slot(slot, link.car(), cx);
            }
        }
        let is_end = sequence.elements.get(cx).is_nil();
        if is_end { Ok(true) } else { sequence.bind_all(list, cx).map(|()| false) }
    }

    #[inline(never)]
    fn condition_case(self, form: &Form, cx: &mut Context) -> CallResult {
        let Kind::ConditionCase { variable, slot, clauses, handlers } = form.kind else {
            unreachable!("the caller has one");
        };
        let scope = cx.scope();
        let variable = scope.root(self.constant(variable, cx));
        let list = scope.root(self.constant(clauses, cx));
        let clauses = Clauses::push(list, cx)?;
        let result = self.eval(form.children.of(&self.body.children)[0].node, cx);
        let (clause, value) = match clauses.outcome(result, cx)? {
            Outcome::Value(ret) => (forms::success_clause(list.get(cx)), ret.get(cx)),
            Outcome::Signal(i, ret) => (Some(forms::signal_clause(i, list.get(cx))), ret.get(cx)),
        };
        let Some(clause) = clause else { return Ok(cx.ret(value)) };
        let prepared =
            handlers.of(&self.body.handlers).iter().find(|handler| self.constant(handler.forms, cx) == clause).copied();
        let clause = scope.root(clause);
        let start = mark(cx);
        let value = cx.ret(value);
        forms::bind_handled(variable, value, cx)?;
        let result = match prepared {
            Some(handler) => {
                if !variable.get(cx).is_nil() {
                    let cell = environment(cx).as_cons().map_or(NIL, |link| link.car());
                    self.set_slot(slot, cell, cx);
                }
                self.progn(handler.children.of(&self.body.children), cx)
            }
            None => forms::progn_body(clause, cx),
        };
        let result = unbind_to(start, result, cx);
        self.set_slot(slot, NIL, cx);
        result
    }
}
