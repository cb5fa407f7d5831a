//! The evaluation of prepared `let` and `let*`.
//!
//! While the function has no environment, and all is as it was when it was prepared, a lexical variable is bound by a store
//! into its slot.  Otherwise what the variables are bound to is looked at as the evaluator of lists does it, which goes on
//! from the first element that changed.

use super::activation::Activation;
use super::form::{Binding, Child, Form, Span};
use super::quiet;
use crate::binding;
use crate::eval::forms::{self, Sequence};
use crate::eval::{bind_environment, environment};
use crate::specpdl::{check_room, unbind_of};
use crate::tails::tails;
use tenure_gc::{CallResult, Context, NIL, Ret, Root, Throw, UNBOUND};

impl Activation<'_> {
    /// The variables of bindings are not in force any more.
    #[inline(always)]
    fn forget(&self, bindings: Span, cx: &Context) {
        let slots = self.slots(cx);
        for binding in bindings.of(&self.body.bindings) {
            binding.slot.into_iter().for_each(|slot| slots.set(slot as usize, UNBOUND));
        }
    }

    /// Whether binding a variable may call Lisp.
    #[inline(always)]
    fn is_watched(&self, variable: &Binding, cx: &Context) -> bool {
        variable.slot.is_none()
            && self.constant(variable.name, cx).as_symbol().is_none_or(|symbol| binding::is_watched(symbol, cx))
    }

    /// Bind variables, lexically in their slots, to the values that lie on the Lisp stack from `at` on.
    #[inline(always)]
    fn bind_values(&self, variables: &[Binding], at: usize, cx: &Context) -> Result<(), Throw> {
        let (slots, values) = (self.slots(cx), cx.window(at, variables.len()).slots(cx));
        let mut first = None;
        for (i, variable) in variables.iter().enumerate() {
            let value = values.get(i);
            if let Some(slot) = variable.slot {
                slots.set(slot as usize, value);
                first = first.or(Some(slot));
            } else if let Some(symbol) = self.constant(variable.name, cx).as_symbol() {
                binding::try_specbind(symbol, value, cx)?;
            }
        }
        first.into_iter().for_each(|slot| self.vm.specpdl.push_variables(self.base, slot + 1));
        Ok(())
    }

    /// Whether a variable that is bound now has its value in its slot, and is bound as it was when the function was
    /// prepared.
    #[inline(always)]
    fn binds_values(&self, cx: &Context) -> bool {
        !self.has_cells(cx) && self.is_current(cx)
    }

    fn binds_lexically(&self, name: u32, cx: &Context) -> bool {
        let symbol = self.constant(name, cx).as_symbol();
        symbol.is_some_and(|symbol| forms::binds_lexically(symbol, environment(cx), cx))
    }

    #[inline(never)]
    pub(super) fn bind(
        &self,
        i: u32,
        form: &Form,
        bindings: Span,
        list: u32,
        forms: u32,
        cx: &mut Context,
    ) -> CallResult {
        let variables = bindings.of(&self.body.bindings);
        let (values, progn) = form.children.of(&self.body.children).split_at(variables.len());
        if !values.iter().all(|child| self.link_holds(child.link, cx)) {
            return self.generally(form.links.start + 1, cx, forms::lisp_let);
        }
        let base = cx.stack_len();
        let mut pushed = false;
        if let ([child], &[Binding { slot: Some(slot), .. }]) = (values, variables)
            && self.binds_values(cx)
        {
            let value = self.eval(child.node, cx)?.get(cx);
            if self.binds_values(cx) {
                let start = self.vm.specpdl.mark();
                check_room(self.vm, cx)?;
                self.set_slot(slot, value, cx);
                self.vm.specpdl.push_variables(self.base, slot + 1);
                let result = self.progn(progn, cx);
                let result = unbind_of(self.vm, start, result, cx);
                self.set_slot(slot, UNBOUND, cx);
                return result;
            }
            cx.push_array([NIL, NIL, NIL, value]);
            pushed = true;
        } else {
            // Places for what the evaluator of lists needs, should it have to go on.
            cx.push_nils(3);
            pushed |= form.begins_quietly && quiet::push_values(self, i, values, cx).transpose()?.is_some();
        }
        for (child, variable) in values.iter().zip(variables).take(if pushed { 0 } else { usize::MAX }) {
            if !self.link_holds(child.link, cx) || !self.links_hold(variable.links, cx) {
                let elements = cx.window(base + 2, 1).root(0);
                elements.set(cx, self.cons(child.link, cx));
                forms::evaluate_let_values(elements, cx)?;
                break;
            }
            let value = self.eval(child.node, cx)?.get(cx);
            forms::push_let_value(value, cx)?;
        }
        if self.binds_values(cx) && !variables.iter().any(|variable| self.is_watched(variable, cx)) {
            let start = self.vm.specpdl.mark();
            check_room(self.vm, cx)?;
            let result = match self.bind_values(variables, base + 3, cx) {
                Ok(()) => {
                    cx.truncate_stack(base);
                    self.progn(progn, cx)
                }
                Err(throw) => Err(throw),
            };
            let result = unbind_of(self.vm, start, result, cx);
            self.forget(bindings, cx);
            return result;
        }
        self.make_environment(cx);
        // What the values did may have changed the source, or what is special.
        let as_prepared = values.iter().zip(variables).all(|(child, variable)| {
            self.link_holds(child.link, cx)
                && self.links_hold(variable.links, cx)
                && self.binds_lexically(variable.name, cx) == variable.slot.is_some()
        });
        if as_prepared && variables.iter().all(|variable| variable.slot.is_some()) {
            let start = self.vm.specpdl.mark();
            check_room(self.vm, cx)?;
            self.bind_lexically(variables, base + 3, cx);
            cx.truncate_stack(base);
            let result = self.progn(progn, cx);
            let result = unbind_of(self.vm, start, result, cx);
            self.forget(bindings, cx);
            return result;
        }
        let window = cx.window(base, 2).slots(cx);
        window.set(0, self.constant(forms, cx));
        window.set(1, self.constant(list, cx));
        let start = self.vm.specpdl.mark();
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
        let result = unbind_of(self.vm, start, result, cx);
        self.forget(bindings, cx);
        result
    }

    /// Bind lexical variables to the values that lie on the Lisp stack from `at` on.
    #[inline(always)]
    fn bind_lexically(&self, variables: &[Binding], at: usize, cx: &Context) {
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
    pub(super) fn bind_in_sequence(
        &self,
        children: &[Child],
        bindings: Span,
        list: u32,
        forms: u32,
        cx: &mut Context,
    ) -> CallResult {
        let variables = bindings.of(&self.body.bindings);
        let (values, progn) = children.split_at(variables.len());
        let start = self.vm.specpdl.mark();
        let (mut done, mut saved) = (0, false);
        let mut value = None;
        // As long as all is as it was, nothing need be looked at.
        while let Some((child, variable)) = values.get(done).zip(variables.get(done)) {
            if !self.binds_values(cx) || self.is_watched(variable, cx) {
                break;
            }
            match self.eval(child.node, cx) {
                Ok(ret) if self.binds_values(cx) => {
                    if let Err(throw) = self.bind_value(variable, ret, &mut saved, cx) {
                        let result = unbind_of(self.vm, start, Err(throw), cx);
                        self.forget(bindings, cx);
                        return result;
                    }
                }
                Ok(ret) => {
                    value = Some(ret);
                    break;
                }
                Err(throw) => {
                    let result = unbind_of(self.vm, start, Err(throw), cx);
                    self.forget(bindings, cx);
                    return result;
                }
            }
            done += 1;
        }
        let base = cx.stack_len();
        let result = if done == variables.len() {
            self.progn(progn, cx)
        } else {
            self.make_environment(cx);
            cx.push(self.constant(forms, cx));
            cx.push(self.constant(list, cx));
            cx.push(self.cons(values[done].link, cx));
            let window = cx.window(base, 3);
            let mut sequence = Sequence::resume(window.root(2), start, saved);
            match self.bind_each(values, bindings, done, value, window.root(1), &mut sequence, cx) {
                Ok(true) => self.progn(progn, cx),
                Ok(false) => {
                    self.body.is_stale.set(true);
                    forms::progn_body(window.root(0), cx)
                }
                Err(throw) => Err(throw),
            }
        };
        let result = unbind_of(self.vm, start, result, cx);
        self.forget(bindings, cx);
        cx.truncate_stack(base);
        result
    }

    /// Bind a variable of `let*`, lexically in its slot; `saved` tells whether the binding stack knows of one that is.
    #[inline(always)]
    fn bind_value(&self, variable: &Binding, value: Ret, saved: &mut bool, cx: &Context) -> Result<(), Throw> {
        let value = value.get(cx);
        match (variable.slot, self.constant(variable.name, cx).as_symbol()) {
            (Some(slot), _) => {
                if !std::mem::replace(saved, true) {
                    check_room(self.vm, cx)?;
                    self.vm.specpdl.push_variables(self.base, slot + 1);
                }
                self.set_slot(slot, value, cx);
                Ok(())
            }
            (None, Some(symbol)) => binding::try_specbind(symbol, value, cx).map(|_| ()),
            (None, None) => Ok(()),
        }
    }

    /// Bind the variables of `let*` from number `first` on, whose value may be computed; tells whether all was as prepared.
    #[expect(clippy::too_many_arguments, reason = "they are the state of a let*")]
    fn bind_each(
        &self,
        values: &[Child],
        bindings: Span,
        first: usize,
        mut value: Option<Ret>,
        list: Root<'_>,
        sequence: &mut Sequence<'_>,
        cx: &mut Context,
    ) -> Result<bool, Throw> {
        for (child, variable) in values.iter().zip(bindings.of(&self.body.bindings)).skip(first) {
            let is_next = sequence.elements.get(cx) == self.cons(child.link, cx);
            if value.is_none() && (!is_next || !self.link_holds(child.link, cx) || !self.links_hold(variable.links, cx))
            {
                return sequence.bind_all(list, cx).map(|()| false);
            }
            let value = match value.take() {
                Some(value) => value,
                None => self.eval(child.node, cx)?,
            };
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
}
