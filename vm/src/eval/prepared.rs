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
//! - The lexical environment is made of the same conses as ever.  A frame has the cell of each variable at hand beside it,
//!   so that no variable is searched for; a function that changes which cells its environment has, and not what is in
//!   them, is the one thing that a prepared form does not see while it runs.
//! - The frames of a backtrace, the depth of evaluation and the safepoints are those of the forms.  A quiet form has its
//!   frames only if it signals: nobody else could look.
//! - Macro calls, and whatever else is out of the ordinary, are left to the evaluator of lists.
//!
//! A function is found by the cons of its arguments and its body, which all closures of one `lambda` share: in a small
//! cache, whose words are roots, and behind it in a weak table.

mod analyse;
mod form;
mod quiet;
mod run;

use crate::eval::{LEVEL_WORDS, bind_environment};
use crate::specpdl::{mark, unbind_to};
use crate::state::Vm;
use crate::sym;
use form::{Body, Site};
use run::{Activation, FIRST_SLOT};
use std::cell::{Cell, RefCell};
use std::rc::Rc;
use tenure_gc::{Args, ByteCode, CallResult, Cons, Context, HashTable, NIL, Object, Root, RootVec, T, Weakness};

/// How many functions the cache has places for.
const CACHE: usize = 1 << 9;
/// How often a function whose source changes is prepared.
const MOST_PREPARATIONS: u32 = 8;
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
    /// The bodies, by the handles of their words.
    bodies: RefCell<Vec<Option<Rc<Body>>>>,
}

impl Prepared {
    pub(crate) fn new(cx: &Context) -> Prepared {
        let cache = cx.root_vec();
        (0..2 * CACHE).for_each(|_| _ = cache.push(cx, NIL));
        let table = cx.root_vec();
        table.push(cx, NIL);
        Prepared { cache, emptied: Cell::new(0), table, bodies: RefCell::default() }
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
    let preparations = match body {
        Some(body) if !body.is_stale.get() => {
            remember(known);
            return Some(body);
        }
        Some(body) => body.preparations,
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
            0
        }
    };
    let analysis = if preparations < MOST_PREPARATIONS { analyse::analyse(lambda, env, cx) } else { None };
    let Some(mut analysis) = analysis.filter(|a| has_memory(a.words.len(), cx)) else {
        store.enter(key, T, cx);
        remember(T);
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
    store.enter(key, words.into(), cx);
    remember(words.into());
    Some(body)
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

/// The prepared form of an interpreted function with a lexical environment.
#[inline(always)]
fn find_function(function: Object<'_>, cx: &Context) -> Option<Rc<Body>> {
    let head = function.as_cons().filter(|head| head.car() == sym::CLOSURE)?;
    let closure = head.cdr().as_cons()?;
    let env = closure.car();
    let lambda = closure.cdr().as_cons().filter(|_| !env.is_nil())?;
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
    let start = mark(cx);
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
        cx.push(words);
        cx.push(env);
        let values = args.slots(cx);
        let mut inner = env;
        for (i, &name) in body.parameters.iter().enumerate() {
            let value = if i == body.positional {
                (i.min(given)..given).rev().fold(NIL, |list, j| cx.cons(values.get(j), list).into())
            } else if i < given {
                values.get(i)
            } else {
                NIL
            };
            let cell = cx.cons(source.get(body.first_constant + name as usize), value);
            inner = cx.cons(cell.into(), inner).into();
            cx.push(cell.into());
        }
        cx.push_nils(body.slots - body.parameters.len());
        bind_environment(inner, cx);
    }
    let activation = Activation { body, base, vm };
    let result = activation.progn(body.progn.of(&body.children), cx);
    let result = unbind_to(start, result, cx);
    cx.truncate_stack(base);
    Some(result)
}
