//! Calls of prepared functions: their frames on the Lisp stack, their variables, and whether their source is what it was.
//!
//! As long as nobody asks for the environment, a slot of a frame has the value of a variable, and the binding stack says only
//! from which variable on a form bound some.  [`Activation::make_environment`] makes the environment: then a slot has the
//! cell of the variable in it.

use super::form::{Binding, Body, Kind, Span};
use crate::state::Vm;
use crate::tails::tails;
use tenure_gc::{Cons, Context, NIL, Object, Slots, UNBOUND, Words};

/// Words of a frame before the slots of the variables: the words of the body, the function's environment, and whether its
/// variables are in an environment.
pub(super) const FIRST_SLOT: usize = 3;
pub(super) const ENVIRONMENT: usize = 1;
pub(super) const ENVIRONMENT_MADE: usize = 2;

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
        }) && (0..self.guards).all(|guard| self.guard_holds(words, guard, cx))
            && self.variables_hold(words, cx)
            && self.leaves.iter().all(|leaf| {
                let body = &leaf.body;
                let constant = |k: u32| words.get(self.first_constant + k as usize);
                let inner = || constant(leaf.words).as_byte_code().map_or(Words::EMPTY, |words| words.words());
                !body.is_stale.get() && (body.epoch.get() == epoch || body.is_unchanged(inner(), cx))
            });
        if unchanged {
            self.epoch.set(epoch);
        } else {
            self.is_stale.set(true);
        }
        unchanged
    }

    /// Whether the variables are of the sorts that they were.
    fn variables_hold(&self, words: Words<'_>, cx: &Context) -> bool {
        let symbol = |k: u32| words.get(self.first_constant + k as usize).as_symbol();
        let is_plain = |&k: &u32| symbol(k).is_some_and(|symbol| symbol.is_plain(cx));
        let as_bound = |binding: &Binding| {
            let is_special = symbol(binding.name).is_some_and(|symbol| symbol.is_special(cx));
            if binding.slot.is_some() { !is_special } else { is_special || self.declares }
        };
        self.plain.iter().all(is_plain) && self.bindings.iter().all(as_bound)
    }

    /// Whether the function of a guard's symbol is what it was.
    pub(super) fn guard_holds(&self, words: Words<'_>, guard: u32, cx: &Context) -> bool {
        let at = self.first_guard + 2 * guard as usize;
        words.get(at).as_symbol().is_some_and(|symbol| symbol.function(cx) == words.get(at + 1))
    }
}

impl<'a> Activation<'a> {
    /// The words of the body.
    #[inline(always)]
    pub(super) fn words<'ob>(&self, cx: &'ob Context) -> Words<'ob> {
        cx.window(self.base, 1).root(0).get(cx).as_byte_code().map_or(Words::EMPTY, |code| code.words())
    }

    /// The variables.
    #[inline(always)]
    pub(super) fn slots<'ob>(&self, cx: &'ob Context) -> Slots<'ob> {
        cx.window(self.base + FIRST_SLOT, self.body.slots).slots(cx)
    }

    /// Whether the slots have the cells of the variables, which are in an environment.
    #[inline(always)]
    pub(super) fn has_cells(&self, cx: &Context) -> bool {
        !cx.window(self.base, FIRST_SLOT).root(ENVIRONMENT_MADE).get(cx).is_nil()
    }

    /// What the slot of a variable has.
    #[inline(always)]
    pub(super) fn slot<'ob>(&self, slot: u32, cx: &'ob Context) -> Object<'ob> {
        cx.window(self.base, FIRST_SLOT + self.body.slots).root(FIRST_SLOT + slot as usize).get(cx)
    }

    /// The value of a variable.
    #[inline(always)]
    pub(super) fn local<'ob>(&self, slot: u32, cx: &'ob Context) -> Object<'ob> {
        let value = self.slot(slot, cx);
        if self.has_cells(cx) { value.as_cons().map_or(NIL, |cell| cell.cdr()) } else { value }
    }

    pub(super) fn set_slot(&self, slot: u32, word: Object<'_>, cx: &Context) {
        self.slots(cx).set(slot as usize, word);
    }

    /// Make the environment of the function, which is the innermost that is being evaluated; its frames and bindings are the
    /// last of the binding stack.
    pub(super) fn make_environment(&self, cx: &Context) {
        if !self.has_cells(cx)
            && let Some(first) = self.vm.specpdl.first_variables(self.base)
        {
            self.vm
                .specpdl
                .make_environments(first, cx, |base, first, end, env, cx| super::extend(base, first, end, env, cx));
        }
    }

    /// The variables that a form binds lexically.
    pub(super) fn bindings(&self, form: u32) -> impl Iterator<Item = u32> {
        let span = match self.body.forms[form as usize].kind {
            Kind::Let { bindings, .. } | Kind::LetStar { bindings, .. } => bindings,
            _ => Span::default(),
        };
        span.of(&self.body.bindings).iter().filter_map(|binding| binding.slot)
    }

    /// The cells of variables that have values, for somebody who puts them into an environment; the slots have nothing
    /// then.
    pub(super) fn take_cells<'ob>(&self, slots: impl Iterator<Item = u32>, cx: &'ob Context) -> Vec<Object<'ob>> {
        let has_cells = self.has_cells(cx);
        let take = |slot: u32| {
            let word = self.slot(slot, cx);
            self.set_slot(slot, UNBOUND, cx);
            let name = self.body.names[slot as usize];
            if word == UNBOUND || has_cells {
                return Some(word).filter(|&word| word != UNBOUND);
            }
            Some(cx.cons(self.constant(name, cx), word).into())
        };
        slots.filter_map(take).collect()
    }

    #[inline(always)]
    pub(super) fn constant<'ob>(&self, k: u32, cx: &'ob Context) -> Object<'ob> {
        self.words(cx).get(self.body.first_constant + k as usize)
    }

    /// The cons that is a form.
    #[inline(always)]
    pub(super) fn source<'ob>(&self, form: u32, cx: &'ob Context) -> Object<'ob> {
        self.cons(self.body.forms[form as usize].links.start, cx)
    }

    /// The cons of a link.
    #[inline(always)]
    pub(super) fn cons<'ob>(&self, link: u32, cx: &'ob Context) -> Object<'ob> {
        self.words(cx).get(3 * link as usize)
    }

    /// The cell of a variable that the function does not bind.
    #[inline(always)]
    pub(super) fn free_cell<'ob>(&self, symbol: Object<'_>, cx: &'ob Context) -> Option<Cons<'ob>> {
        let env = cx.window(self.base, FIRST_SLOT).root(1).get(cx);
        tails(env).filter_map(|link| link.car().as_cons()).find(|cell| cell.car() == symbol)
    }

    /// Whether the source and the functions that it names are what was prepared.
    #[inline(always)]
    pub(super) fn is_current(&self, cx: &Context) -> bool {
        self.body.epoch.get() == cx.source_epoch() || self.is_current_still(cx)
    }

    /// Look, since something changed.
    #[cold]
    #[inline(never)]
    pub(super) fn is_current_still(&self, cx: &Context) -> bool {
        !self.body.is_stale.get() && self.body.is_unchanged(self.words(cx), cx)
    }

    #[inline(always)]
    pub(super) fn link_holds(&self, link: u32, cx: &Context) -> bool {
        self.is_current(cx) || link_holds(self.words(cx), link)
    }

    #[inline(always)]
    pub(super) fn links_hold(&self, links: Span, cx: &Context) -> bool {
        self.is_current(cx) || {
            let words = self.words(cx);
            (links.start..links.start + links.len).all(|link| link_holds(words, link))
        }
    }
}
