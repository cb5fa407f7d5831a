//! The evaluation of prepared forms.
//!
//! A form that is not quiet is evaluated as the evaluator of lists does it, with a frame and a level of depth.  What differs
//! is that nothing of it need be looked up, and that calls and turns of loops are its only safepoints.
//! Before a form within it is evaluated, the cons that has it is compared with what was prepared; if they differ, the
//! evaluator of lists goes on from that cons.

use super::activation::Activation;
use super::form::{Child, Form, Kind, Node, Op, Span, Target};
use super::quiet;
use crate::binding;
use crate::eval::forms;
use crate::eval::{
    self, FIRST_ARGUMENT, FUNCTION, NAME, begin_level_of, call_lisp, debugger, end_level, environment, eval_arguments,
    eval_call, eval_form, leave_level, poll,
};
use crate::handler::{self, Clauses, Outcome};
use crate::specpdl::{Frame, check_room, unbind_of};
use crate::sym;
use tenure_gc::{CallResult, Context, Kind as ObjectKind, NIL, Object, Ret, Root, Subr, T, Throw, UNBOUND};

impl<'a> Activation<'a> {
    /// Have the evaluator of lists go on from the cons of a link.
    #[cold]
    pub(super) fn generally(
        &self,
        link: u32,
        cx: &mut Context,
        go_on: impl FnOnce(Root<'_>, &mut Context) -> CallResult,
    ) -> CallResult {
        let base = cx.stack_len();
        self.make_environment(cx);
        cx.push(self.cons(link, cx));
        let result = go_on(cx.window(base, 1).root(0), cx);
        cx.truncate_stack(base);
        result
    }

    /// Evaluate a form.
    #[inline(always)]
    pub(super) fn eval(&self, node: Node, cx: &mut Context) -> CallResult {
        match node {
            Node::Quiet(i) => self.quiet(i, cx),
            Node::Form(i) => self.form(i, cx),
            Node::Local(slot) => Ok(cx.ret(self.local(slot, cx))),
            _ => self.other(node, cx),
        }
    }

    /// Whether the value of a condition is not nil.
    #[inline(always)]
    fn test(&self, node: Node, cx: &mut Context) -> Result<bool, Throw> {
        if let Node::Quiet(i) = node
            && let Some(result) = quiet::test(self, i, cx)
        {
            return result;
        }
        Ok(!self.eval(node, cx)?.get(cx).is_nil())
    }

    #[inline(never)]
    fn other(&self, node: Node, cx: &mut Context) -> CallResult {
        match node {
            Node::Fixnum(n) => Ok(cx.ret(Object::fixnum(n.into()))),
            Node::Nil => Ok(cx.ret(NIL)),
            Node::Constant(k) => Ok(cx.ret(self.constant(k, cx))),
            Node::Free(k) => self.free(k, cx),
            Node::General(k) => self.general(k, cx),
            Node::Quiet(_) | Node::Form(_) | Node::Local(_) => unreachable!("the caller evaluates these"),
        }
    }

    fn free(&self, k: u32, cx: &Context) -> CallResult {
        let symbol = self.constant(k, cx);
        let value = match (self.free_cell(symbol, cx), symbol.as_symbol()) {
            (Some(cell), _) => cell.cdr(),
            (None, Some(symbol)) => binding::symbol_value(symbol, cx)?,
            (None, None) => symbol,
        };
        Ok(cx.ret(value))
    }

    /// Leave a form to the evaluator of lists.
    #[inline(never)]
    fn general(&self, k: u32, cx: &mut Context) -> CallResult {
        self.make_environment(cx);
        let result = eval_form!(cx, self.constant(k, cx));
        // Whether `let` binds a variable lexically is known no more if the form declared one.
        if !self.body.declares
            && environment(cx).as_cons().is_some_and(|link| link.car() != T && link.car().as_cons().is_none())
        {
            self.body.is_stale.set(true);
            self.body.epoch.set(0);
        }
        result
    }

    #[inline(never)]
    fn quiet(&self, i: u32, cx: &mut Context) -> CallResult {
        match quiet::evaluate(self, i, cx) {
            Some(result) => result,
            None => self.form(i, cx),
        }
    }

    #[inline(never)]
    fn form(&self, i: u32, cx: &mut Context) -> CallResult {
        let form = &self.body.forms[i as usize];
        let vm = self.vm;
        if matches!(form.kind, Kind::Call { .. } | Kind::Primitive { .. } | Kind::Funcall) {
            poll(cx)?;
        }
        let frame = Frame::of_prepared(self.base, form.links.start);
        let frame = begin_level_of(vm, frame, cx)?;
        if vm.flags.debug_on_next_call.get()
            && let Err(throw) = debugger::on_next_call(T, cx)
        {
            return end_level(frame, Err(throw), cx);
        }
        let base = cx.stack_len();
        let result = if !self.is_current(cx) && !self.holds(form, cx) {
            self.evaluate_list(form, frame, cx)
        } else if let Kind::Call { site, .. } = form.kind {
            self.call(i, form, site, base, frame, cx)
        } else {
            self.dispatch(i, form, base, frame, cx)
        };
        let result = self.end(frame, result, cx);
        if cx.stack_len() != base {
            cx.truncate_stack(base);
        }
        result
    }

    /// Leave a level.
    #[inline(always)]
    fn end(&self, frame: usize, result: CallResult, cx: &mut Context) -> CallResult {
        let vm = self.vm;
        if result.is_err() || vm.specpdl.debug_on_exit(frame) {
            return end_level(frame, result, cx);
        }
        vm.specpdl.pop_frame(frame);
        leave_level(vm);
        result
    }

    /// Call a function on arguments as `funcall` does; they are the `n` words from `at` on, the first of which is the
    /// function.
    fn funcall(&self, at: usize, n: usize, cx: &mut Context) -> CallResult {
        poll(cx)?;
        let args = cx.window(at, n);
        let frame = begin_level_of(self.vm, Frame::of_call(at, n - 1), cx)?;
        if let Err(throw) = debugger::on_next_call(sym::LAMBDA, cx) {
            return end_level(frame, Err(throw), cx);
        }
        let prepared = super::find_function(args.root(0).get(cx), cx);
        let result = prepared.and_then(|body| super::enter(&body, args.root(0), args.from(1), self.vm, cx));
        let result = match result {
            Some(result) => result,
            None => eval::call_function(args, cx),
        };
        self.end(frame, result, cx)
    }

    /// Have the evaluator of lists evaluate a form that has its frame.
    #[cold]
    fn evaluate_list(&self, form: &Form, frame: usize, cx: &mut Context) -> CallResult {
        self.make_environment(cx);
        let base = cx.stack_len();
        cx.push(self.cons(form.links.start, cx));
        eval_call(base, frame, cx)
    }

    /// The primitive that a form calls.
    fn function<'ob>(&self, form: &Form, cx: &'ob Context) -> Object<'ob> {
        let last = (form.guards.start + form.guards.len) as usize;
        self.words(cx).get(self.body.first_guard + 2 * last - 1)
    }

    /// Whether a form of a function that changed is what it was.
    #[cold]
    fn holds(&self, form: &Form, cx: &Context) -> bool {
        let words = self.words(cx);
        let mut guards = form.guards.start..form.guards.start + form.guards.len;
        guards.all(|guard| self.body.guard_holds(words, guard, cx)) && self.links_hold(form.links, cx)
    }

    #[inline(always)]
    fn dispatch(&self, i: u32, form: &'a Form, base: usize, frame: usize, cx: &mut Context) -> CallResult {
        let children = form.children.of(&self.body.children);
        match form.kind {
            Kind::Call { .. } => unreachable!("the caller does calls"),
            Kind::Primitive { op, function, wanted } => {
                self.begin_arguments(form, self.function(form, cx), cx);
                let n = self.arguments(i, form, base, frame, cx)?;
                if op != Op::Call && op != Op::Aset {
                    let values = cx.window(base + FIRST_ARGUMENT, n).slots(cx);
                    let second = if n > 1 { values.get(1) } else { NIL };
                    return quiet::operate(op, values.get(0), second, cx).map(|value| cx.ret(value));
                }
                eval::call_native(function, wanted as usize, base + FIRST_ARGUMENT, n, cx)
            }
            Kind::Funcall => {
                self.begin_arguments(form, self.function(form, cx), cx);
                let n = self.arguments(i, form, base, frame, cx)?;
                self.funcall(base + FIRST_ARGUMENT, n, cx)
            }
            Kind::Quote(k) => Ok(cx.ret(self.constant(k, cx))),
            Kind::Lambda(k) => {
                self.make_environment(cx);
                Ok(cx.ret(forms::close(self.constant(k, cx), cx)))
            }
            Kind::If => {
                let truth = self.test(children[0].node, cx)?;
                if !self.link_holds(children[1].link, cx) {
                    return self.generally(children[1].link, cx, |rest, cx| forms::choose(truth, rest, cx));
                }
                if truth { self.eval(children[1].node, cx) } else { self.progn(&children[2..], cx) }
            }
            Kind::And => self.short_circuit(children, T, true, forms::and, cx),
            Kind::Or => self.short_circuit(children, NIL, false, forms::or, cx),
            Kind::Progn => self.progn(children, cx),
            Kind::Prog1 => self.prog1(children, cx),
            Kind::While { is_quiet } => self.repeat(i, is_quiet, children, cx),
            Kind::Cond => self.cond(i, form.begins_quietly, children, cx),
            Kind::Clause => unreachable!("a clause is no form"),
            Kind::Setq { targets } => self.setq(children, &self.body.targets[targets as usize..], cx),
            Kind::Let { bindings, list, forms } => self.bind(i, form, bindings, list, forms, cx),
            Kind::LetStar { bindings, list, forms } => self.bind_in_sequence(children, bindings, list, forms, cx),
            Kind::Catch | Kind::UnwindProtect(_) => self.guarded(form, cx),
            Kind::ConditionCase { .. } => self.condition_case(form, cx),
        }
    }

    #[inline(never)]
    fn prog1(&self, children: &[Child], cx: &mut Context) -> CallResult {
        let value = self.eval(children[0].node, cx)?.get(cx);
        let scope = cx.scope();
        let value = scope.root(value);
        self.progn(&children[1..], cx)?.get(cx);
        Ok(cx.ret(value.get(cx)))
    }

    #[inline(never)]
    fn guarded(&self, form: &Form, cx: &mut Context) -> CallResult {
        let children = form.children.of(&self.body.children);
        match form.kind {
            Kind::UnwindProtect(forms) => {
                self.make_environment(cx);
                let start = self.vm.specpdl.mark();
                check_room(self.vm, cx)?;
                self.vm.specpdl.push_forms(self.constant(forms, cx), cx);
                let result = self.eval(children[0].node, cx);
                let result = result.map_err(|throw| handler::raise(throw, cx));
                unbind_of(self.vm, start, result, cx)
            }
            _ => {
                let tag = self.eval(children[0].node, cx)?.get(cx);
                let scope = cx.scope();
                let tag = scope.root(tag);
                handler::catch_rooted(tag, cx, |cx| self.progn(&children[1..], cx))
            }
        }
    }

    /// Begin with the arguments of a call: the Lisp stack gets a word, the function and its name.
    #[inline(always)]
    fn begin_arguments(&self, form: &Form, function: Object<'_>, cx: &Context) {
        cx.push_array([NIL, function, self.words(cx).get(3 * form.links.start as usize + 1)]);
    }

    /// Call a function by its name.
    #[inline(always)]
    fn call(&self, i: u32, form: &Form, site: u32, base: usize, frame: usize, cx: &mut Context) -> CallResult {
        let site = &self.body.sites[site as usize];
        let name = self.words(cx).get(3 * form.links.start as usize + 1);
        let function = name.as_symbol().map_or(NIL, |symbol| symbol.function(cx));
        if site.epoch.get() != cx.source_epoch() && super::find_for_site(site, function, cx).is_none() {
            return self.call_other(i, form, base, frame, cx);
        }
        cx.push_array([NIL, function, name]);
        let n = self.arguments(i, form, base, frame, cx)?;
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
    fn call_other(&self, i: u32, form: &Form, base: usize, frame: usize, cx: &mut Context) -> CallResult {
        let children = form.children.of(&self.body.children);
        let name = self.words(cx).get(3 * form.links.start as usize + 1);
        let function = match name.as_symbol() {
            Some(symbol) if !name.is_nil() => eval::indirect_function(symbol, cx)?,
            _ => NIL,
        };
        let native = match function.untag() {
            ObjectKind::Subr(subr) => {
                let info = subr.info(cx);
                if matches!(info.function, Subr::Special(_)) || !eval::arity_fits(&info, children.len()) {
                    return self.evaluate_list(form, frame, cx);
                }
                Some((info.function, eval::padded(&info, children.len())))
            }
            _ if eval::is_lisp_function(function) => None,
            _ => return self.evaluate_list(form, frame, cx),
        };
        self.begin_arguments(form, function, cx);
        let n = self.arguments(i, form, base, frame, cx)?;
        match native {
            Some((function, wanted)) => eval::call_native(function, wanted, base + FIRST_ARGUMENT, n, cx),
            None => call_lisp(base, n, cx),
        }
    }

    /// Evaluate the arguments of a call, as [`eval_arguments`] does.
    #[inline(always)]
    fn arguments(&self, i: u32, form: &Form, base: usize, frame: usize, cx: &mut Context) -> Result<usize, Throw> {
        let children = form.children.of(&self.body.children);
        if form.begins_quietly
            && let Some(result) = quiet::push_values(self, i, children, cx)
        {
            result?;
            self.vm.specpdl.set_evaluated(frame, base + NAME, children.len());
            return Ok(children.len());
        }
        for (n, child) in children.iter().enumerate() {
            if n > 0 && !self.link_holds(child.link, cx) {
                // The evaluator of lists has other things there, and all of its frame.
                self.make_environment(cx);
                let words = cx.window(base, FIRST_ARGUMENT).slots(cx);
                words.set(NAME, words.get(FUNCTION));
                words.set(FUNCTION, self.cons(child.link, cx));
                words.set(0, self.cons(form.links.start, cx));
                return eval_arguments(base, frame, n, cx);
            }
            let value = self.eval(child.node, cx)?.get(cx);
            cx.push(value);
            eval::check_argument_room(n + 1, cx)?;
        }
        self.vm.specpdl.set_evaluated(frame, base + NAME, children.len());
        Ok(children.len())
    }

    /// Evaluate forms in order.
    pub(super) fn progn(&self, children: &[Child], cx: &mut Context) -> CallResult {
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
        &self,
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
    fn repeat(&self, i: u32, is_quiet: bool, children: &[Child], cx: &mut Context) -> CallResult {
        let (test, turn) = (children[0], &children[1..]);
        loop {
            if is_quiet && quiet::take_turns(self, i, cx)? {
                return Ok(cx.ret(NIL));
            }
            if !self.link_holds(test.link, cx) {
                return self.generally(test.link, cx, forms::lisp_while);
            }
            if !self.test(test.node, cx)? {
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
    fn cond(&self, i: u32, begins_quietly: bool, children: &[Child], cx: &mut Context) -> CallResult {
        if begins_quietly && let Some(chosen) = quiet::choose(self, i, children, cx) {
            let Some(Node::Form(clause)) = children.get(chosen?).map(|child| child.node) else {
                return Ok(cx.ret(NIL));
            };
            return self.progn(&self.body.forms[clause as usize].children.of(&self.body.children)[1..], cx);
        }
        for child in children {
            let Node::Form(clause) = child.node else { continue };
            let clause = self.body.forms[clause as usize].children.of(&self.body.children);
            if !self.link_holds(child.link, cx) || !self.link_holds(clause[0].link, cx) {
                return self.generally(child.link, cx, forms::cond);
            }
            if clause.len() > 1 {
                if self.test(clause[0].node, cx)? {
                    return self.progn(&clause[1..], cx);
                }
                continue;
            }
            let value = self.eval(clause[0].node, cx)?.get(cx);
            if !value.is_nil() {
                return Ok(cx.ret(value));
            }
        }
        Ok(cx.ret(NIL))
    }

    #[inline(never)]
    fn setq(&self, children: &[Child], targets: &[Target], cx: &mut Context) -> CallResult {
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
    fn set(&self, target: Target, value: Ret, cx: &mut Context) -> CallResult {
        let value = value.get(cx);
        let cell = match target {
            Target::Local(slot) if !self.has_cells(cx) => {
                self.set_slot(slot, value, cx);
                return Ok(cx.ret(value));
            }
            Target::Local(slot) => self.slot(slot, cx).as_cons(),
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

    #[inline(never)]
    fn condition_case(&self, form: &Form, cx: &mut Context) -> CallResult {
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
        self.make_environment(cx);
        let start = self.vm.specpdl.mark();
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
        let result = unbind_of(self.vm, start, result, cx);
        self.set_slot(slot, UNBOUND, cx);
        result
    }
}
