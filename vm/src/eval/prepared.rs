//! Prepared functions: what the evaluator turns an interpreted function into when it is called again.
//!
//! The source of a function is lists, and to evaluate a list its head must be looked up, its elements counted, and its
//! variables searched for.  A prepared function has all that done: a tree of nodes ([`form`]) that [`analyse`] makes
//! and [`run`] evaluates; [`quiet`] evaluates what neither collects nor calls Lisp.
//!
//! It is an interpreter still, and nothing that Lisp can see tells it from the evaluator of lists:
//! - Each cons of the source is compared with what was prepared before what depends on it is done, and the function of each
//!   special form and primitive with what it was.  If they differ, the evaluator of lists goes on from that cons, and the
//!   function is prepared anew.
//! - The lexical environment is made when somebody needs it: a closure is made, a form is left to the evaluator of lists, a
//!   handler runs, the debugger looks.  Until then the values of variables are in the slots of a frame; from then on the
//!   conses of the environment are those that the evaluator of lists would have made, and a slot has the cell of a variable.
//!   A function that changes which cells its environment has, and not what is in them, is the one thing that a prepared
//!   form does not see while it runs.
//! - The frames of a backtrace and the depth of evaluation are those of the forms.  A quiet form has its frames only if it
//!   signals: nobody else could look.
//! - Macro calls, and whatever else is out of the ordinary, are left to the evaluator of lists.
//!
//! A function is found by the cons of its arguments and its body, which all closures of one `lambda` share: in a small
//! cache, whose words are roots, and behind it in a weak table.

mod activation;
mod analyse;
mod bind;
mod form;
mod quiet;
mod run;

use crate::eval::{LEVEL_WORDS, bind_environment};
use crate::specpdl::unbind_of;
use crate::state::Vm;
use crate::sym;
use activation::{Activation, ENVIRONMENT, ENVIRONMENT_MADE, FIRST_SLOT};
use form::{Body, Site};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tenure_gc::{
    Args, ByteCode, CallResult, Cons, Context, HashTable, NIL, Object, Root, RootVec, T, UNBOUND, Weakness,
};

/// How many functions the cache has places for.
const CACHE: usize = 1 << 9;
/// How often a function whose source changes is prepared.
const MOST_PREPARATIONS: u32 = 8;
/// How often a function is prepared with regard to those that it calls: they change most.
const MOST_LOOKS: u32 = 3;
/// Entries that the table is made for.
const FIRST_CAPACITY: usize = 1 << 8;

/// The prepared functions of a context.
pub(crate) struct Prepared {
    /// A cons of arguments and body, and what is known of it: the words of its body, `t` if it is not to be prepared, or a
    /// fixnum if it was called once.
    cache: RootVec,
    /// The collection at which the cache was emptied: objects have moved since, and it must keep none of them alive.
    emptied: Cell<u64>,
    /// The weak table, once there is one.
    table: RootVec,
    /// Some function was called that did not make its environment.
    keeps_variables: Cell<bool>,
    /// The bodies, by the handles of their words.
    bodies: RefCell<Vec<Option<Rc<Body>>>>,
}

impl Prepared {
    pub(crate) fn new(cx: &Context) -> Prepared {
        let cache = cx.root_vec();
        (0..2 * CACHE).for_each(|_| _ = cache.push(cx, NIL));
        let table = cx.root_vec();
        table.push(cx, NIL);
        Prepared { cache, emptied: Cell::new(0), table, keeps_variables: Cell::new(false), bodies: RefCell::default() }
    }

    /// Whether the environment in force may be another than that of the function that is being evaluated.
    #[inline(always)]
    pub(crate) fn keeps_variables(&self) -> bool {
        self.keeps_variables.get()
    }

    /// Forget the bodies whose words died.
    pub(crate) fn sweep(&self, handles: &[u64]) {
        let mut bodies = self.bodies.borrow_mut();
        for &handle in handles {
            // Functions that call each other have each other in their caches.
            if let Some(body) = bodies.get_mut(handle as usize).and_then(Option::take) {
                body.sites.iter().for_each(|site| site.body.set(None));
            }
        }
    }

    #[inline(always)]
    fn body(&self, words: ByteCode<'_>) -> Option<Rc<Body>> {
        self.bodies.borrow().get(words.code_handle() as usize)?.clone()
    }

    #[cold]
    fn empty_cache(&self, cx: &Context) {
        (0..2 * CACHE).for_each(|i| self.cache.set(cx, i, NIL));
        self.emptied.set(cx.collections());
    }

    fn table<'ob>(&self, cx: &'ob Context) -> HashTable<'ob> {
        self.table.get(cx, 0).as_hash_table().unwrap_or_else(|| {
            let table = cx.hash_table(FIRST_CAPACITY, Weakness::Key);
            self.table.set(cx, 0, table.into());
            table
        })
    }

    fn enter(&self, key: Object<'_>, value: Object<'_>, cx: &Context) {
        let table = self.table(cx);
        let hash = cx.identity_hash(key);
        match table.find_identical(hash, key, cx) {
            Some(i) => table.set_value(i, value, cx),
            None => _ = table.insert(hash, key, value, cx),
        }
    }
}

/// The prepared form of the function whose arguments and body are `lambda`.
#[inline(always)]
fn find(lambda: Cons<'_>, env: Object<'_>, cx: &Context) -> Option<Rc<Body>> {
    let store = &Vm::of(cx).prepared;
    if store.emptied.get() != cx.collections() {
        store.empty_cache(cx);
    }
    let key = Object::from(lambda);
    let place = 2 * (cx.identity_hash(key).bits() as usize % CACHE);
    let value = if store.cache.get(cx, place) == key { store.cache.get(cx, place + 1) } else { NIL };
    match value.as_byte_code().and_then(|words| store.body(words)) {
        Some(body) if !body.is_stale.get() => Some(body),
        _ if value == T => None,
        _ => find_slowly(lambda, env, place, cx),
    }
}

/// Look into the table, and prepare the function if it is time.
#[cold]
#[inline(never)]
fn find_slowly<'ob>(lambda: Cons<'ob>, env: Object<'ob>, place: usize, cx: &'ob Context) -> Option<Rc<Body>> {
    let store = &Vm::of(cx).prepared;
    let key = Object::from(lambda);
    let table = store.table(cx);
    let entry = table.find_identical(cx.identity_hash(key), key, cx).and_then(|i| table.entry(i, cx));
    let known = entry.map_or(NIL, |(_, value)| value);
    let body = known.as_byte_code().and_then(|words| store.body(words));
    let remember = |value: Object<'_>| {
        store.cache.set(cx, place, key);
        store.cache.set(cx, place + 1, value);
    };
    match &body {
        Some(body) if !body.is_stale.get() => {
            remember(known);
            return Some(Rc::clone(body));
        }
        Some(_) => {}
        None if known == T => {
            remember(T);
            return None;
        }
        None => {
            let called = store.cache.get(cx, place) == key && store.cache.get(cx, place + 1).as_fixnum().is_some();
            if !called && !analyse::has_loop(lambda) {
                remember(Object::fixnum(1));
                return None;
            }
        }
    }
    let prepared = prepare(lambda, env, body.as_deref(), &[], cx);
    remember(prepared.as_ref().map_or(T, |(_, words)| *words));
    prepared.map(|(body, _)| body)
}

/// Prepare a function, which may have been before; gives its words, too.
fn prepare<'ob>(
    lambda: Cons<'ob>,
    env: Object<'ob>,
    before: Option<&Body>,
    outer: &[Cons<'ob>],
    cx: &'ob Context,
) -> Option<(Rc<Body>, Object<'ob>)> {
    let store = &Vm::of(cx).prepared;
    let preparations = before.map_or(0, |body| body.preparations);
    let outer = (preparations < MOST_LOOKS).then_some(outer);
    let stores_in_strings = before.is_some_and(|body| body.stores_in_strings.get());
    let analysis = (preparations < MOST_PREPARATIONS)
        .then(|| analyse::analyse(lambda, env, outer, stores_in_strings, cx))
        .flatten();
    let Some(mut analysis) = analysis.filter(|a| has_memory(a.words.len(), cx)) else {
        store.enter(lambda.into(), T, cx);
        return None;
    };
    analysis.body.preparations = preparations + 1;
    let words = cx.byte_code(&analysis.words);
    Vm::of(cx).sweep_codes(cx);
    analysis.body.handle = cx.register_code(words);
    let body = Rc::new(analysis.body);
    let handle = body.handle as usize;
    {
        let mut bodies = store.bodies.borrow_mut();
        if bodies.len() <= handle {
            bodies.resize_with(handle + 1, || None);
        }
        bodies[handle] = Some(Rc::clone(&body));
    }
    store.enter(lambda.into(), words.into(), cx);
    Some((body, words.into()))
}

/// The prepared form and the words of a small function that is quiet, for one that calls it and is being prepared for the
/// sake of the functions `outer`, itself the last.
fn find_leaf<'ob>(function: Object<'ob>, outer: &[Cons<'ob>], cx: &'ob Context) -> Option<(Rc<Body>, Object<'ob>)> {
    let store = &Vm::of(cx).prepared;
    let (env, lambda) = parts(function)?;
    if outer.contains(&lambda) {
        return None;
    }
    let key = Object::from(lambda);
    let table = store.table(cx);
    let known = table.find_identical(cx.identity_hash(key), key, cx).and_then(|i| table.entry(i, cx));
    let known = known.map_or(NIL, |(_, value)| value);
    let body = known.as_byte_code().and_then(|words| store.body(words));
    let (body, words) = match body {
        Some(body) if !body.is_stale.get() => (body, known),
        _ if known == T || !analyse::is_small(lambda) => return None,
        stale => prepare(lambda, env, stale.as_deref(), outer, cx)?,
    };
    let is_usable = body.is_leaf && !body.declares && analyse::has_no_declarations(env);
    (is_usable && body.is_unchanged(words.as_byte_code()?.words(), cx)).then_some((body, words))
}

/// Whether there is memory for the words of a body.
fn has_memory(words: usize, cx: &Context) -> bool {
    const WORD: usize = 8;
    match cx.reserve(WORD * words) {
        Ok(()) => true,
        Err(throw) => {
            cx.caught(throw);
            false
        }
    }
}

/// Call an interpreted function, if it is prepared and takes the arguments.
#[inline(always)]
pub(super) fn call(function: Root<'_>, args: Args<'_>, cx: &mut Context) -> Option<CallResult> {
    let body = find_function(function.get(cx), cx)?;
    let vm = Vm::shared(cx);
    enter(&body, function, args, &vm, cx)
}

/// The environment of an interpreted function with a lexical one, and the cons of its arguments and its body.
#[inline(always)]
fn parts(function: Object<'_>) -> Option<(Object<'_>, Cons<'_>)> {
    let head = function.as_cons().filter(|head| head.car() == sym::CLOSURE)?;
    let closure = head.cdr().as_cons()?;
    let env = closure.car();
    Some((env, closure.cdr().as_cons().filter(|_| !env.is_nil())?))
}

/// The prepared form of an interpreted function with a lexical environment.
#[inline(always)]
fn find_function(function: Object<'_>, cx: &Context) -> Option<Rc<Body>> {
    let (env, lambda) = parts(function)?;
    find(lambda, env, cx)
}

/// The same for a call by name, whose cache is filled if it can.
#[cold]
#[inline(never)]
fn find_for_site(site: &Site, function: Object<'_>, cx: &Context) -> Option<Rc<Body>> {
    let body = find_function(function, cx)?;
    // The conses that lead from the function to its body; a change of them changes the epoch.
    let head = function.as_cons()?;
    cx.watch(head);
    cx.watch(head.cdr().as_cons()?);
    site.epoch.set(cx.source_epoch());
    site.body.set(Some(Rc::clone(&body)));
    Some(body)
}

/// Call a closure whose body is prepared, if it takes the arguments.
#[inline(always)]
fn enter(body: &Rc<Body>, function: Root<'_>, args: Args<'_>, vm: &Vm, cx: &mut Context) -> Option<CallResult> {
    let base = cx.stack_len();
    let start = vm.specpdl.mark();
    {
        let cx = &*cx;
        let given = args.len();
        let fits = given >= body.required && (given <= body.positional || body.has_rest);
        if !fits || !cx.stack_has_room(FIRST_SLOT + body.slots + LEVEL_WORDS) {
            return None;
        }
        let closure = function.get(cx).as_cons()?.cdr().as_cons()?;
        let env = closure.car();
        let words = cx.registered_code(body.handle)?;
        let source = words.as_byte_code()?.words();
        if closure.cdr() != source.get(0) {
            return None;
        }
        if body.epoch.get() != cx.source_epoch() && (body.is_stale.get() || !body.is_unchanged(source, cx)) {
            return None;
        }
        if body.has_let && !body.declares && !analyse::has_no_declarations(env) {
            return None;
        }
        let values = args.slots(cx);
        let rest =
            || (body.positional.min(given)..given).rev().fold(NIL, |list, j| cx.cons(values.get(j), list).into());
        if body.needs_environment {
            cx.push_array([words, env, T]);
            let mut inner = env;
            for i in 0..body.parameters {
                let name = source.get(body.first_constant + body.names[i] as usize);
                let value = match i {
                    _ if i >= body.positional => rest(),
                    _ if i < given => values.get(i),
                    _ => NIL,
                };
                let cell = cx.cons(name, value).into();
                inner = cx.cons(cell, inner).into();
                cx.push(cell);
            }
            bind_environment(inner, cx);
        } else {
            cx.push_array([words, env, NIL]);
            let n = given.min(body.positional);
            cx.push_all(n, |i| values.get(i));
            if n < body.parameters {
                cx.push_nils(body.positional - n);
                if body.has_rest {
                    cx.push(rest());
                }
            }
            vm.prepared.keeps_variables.set(true);
            vm.specpdl.push_variables(base, 0);
        }
        cx.push_all(body.slots - body.parameters, |_| UNBOUND);
    }
    let activation = Activation { body, base, vm };
    let result = activation.progn(body.progn.of(&body.children), cx);
    let result = unbind_of(vm, start, result, cx);
    cx.truncate_stack(base);
    Some(result)
}

/// The cons of a link of a prepared function.
pub(crate) fn source_of(words: ByteCode<'_>, link: u32) -> Object<'_> {
    words.words().get(3 * link as usize)
}

/// Make the environments that the prepared functions which are being evaluated have not made: somebody looks.
pub(crate) fn make_environments(cx: &Context) {
    Vm::of(cx).specpdl.make_environments(0, cx, |base, first, end, env, cx| extend(base, first, end, env, cx));
}

/// The environment of the prepared function whose frame is at word `base` of the Lisp stack: that before, `env`, with the
/// variables from number `first - 1` up to `end - 1`.  As the first of them it has those of the parameters, from number 0.
fn extend<'ob>(base: usize, first: u32, end: u32, env: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let frame = cx.window(base, FIRST_SLOT).slots(cx);
    let Some(words) = frame.get(0).as_byte_code() else { return env };
    let Some(body) = Vm::of(cx).prepared.body(words) else { return env };
    let slots = cx.window(base + FIRST_SLOT, body.slots).slots(cx);
    let words = words.words();
    let name = |slot: usize| words.get(body.first_constant + body.names[slot] as usize);
    if first == 0 {
        // From now on the slots have the cells of the variables.
        frame.set(ENVIRONMENT_MADE, T);
        for slot in (0..body.slots).filter(|&slot| slots.get(slot) != UNBOUND) {
            slots.set(slot, cx.cons(name(slot), slots.get(slot)).into());
        }
    }
    let before = if first == 0 { frame.get(ENVIRONMENT) } else { env };
    let range = first.saturating_sub(1) as usize..body.slots.min(end.saturating_sub(1) as usize);
    let cells = range.map(|slot| slots.get(slot)).filter(|&cell| cell != UNBOUND);
    cells.fold(before, |env, cell| cx.cons(cell, env).into())
}
