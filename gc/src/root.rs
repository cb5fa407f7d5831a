//! Rooting: how Rust code keeps a Lisp value across something that may collect.
//!
//! What must live across a safepoint is in the Lisp stack, one array of words of fixed capacity that the collector scans
//! and updates; a [`Root`] is an index into it.  Roots are indices and not pointers, so whatever a caller does with
//! scopes, a root reads a valid word or panics: no macro, no pinning, no `unsafe` outside this crate.
//!
//! INV-ROOT-1: words below `len` are valid at all times, and all of them are traced and updated.
//! INV-ROOT-2: `len` rises only by a push, which stores first; every other change takes the minimum, so scopes dropped
//! out of order never bring back words that a collection skipped.
//! INV-ROOT-3: a read of a root checks its index against this context's `len`.
//! INV-ROOT-4: the stack's buffer never moves while the context lives.
//! INV-ROOT-5: words of the stack below `changed` were not written since the last collection of the young, and it left
//! none of them with a young object, so they refer to nothing young; a window that can be written lowers the mark to its base (Cheng, Harper and Lee, *Generational stack
//! collection and profile-driven pretenuring*, 1998).

use crate::context::Context;
use crate::event::Cause;
use crate::object::{NIL, Object};
use crate::slot::Slot;
use crate::word::Word;
use std::alloc::{Layout, alloc_zeroed, dealloc, handle_alloc_error};
use std::cell::{Cell, RefCell};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::rc::Rc;

/// Words of the stack that are kept for native code that does not ask whether there is room, unless the stack is small.
const SPARE: usize = 1 << 12;

/// The Lisp stack: frames of the machine, arguments and native roots.
pub(crate) struct LispStack {
    buffer: NonNull<Slot>,
    capacity: usize,
    /// How many words programs may use: the others are for native code that does not ask.
    room: usize,
    len: Cell<usize>,
    changed: Cell<usize>,
    /// Words before it were shaded by the cycle under way, and not written since.
    shaded: Cell<usize>,
    /// Base of the innermost scope or call; a debugging aid.
    innermost: Cell<usize>,
}

impl LispStack {
    pub(crate) fn new(capacity: usize) -> LispStack {
        let layout = LispStack::layout(capacity);
        // SAFETY: the layout is not empty.  Zeroed pages cost nothing until they are pushed on, and words at or above
        // `len` are never read.
        let buffer = unsafe { alloc_zeroed(layout) };
        let Some(buffer) = NonNull::new(buffer.cast::<Slot>()) else { handle_alloc_error(layout) };
        LispStack {
            buffer,
            capacity,
            room: capacity - SPARE.min(capacity / 4),
            len: Cell::new(0),
            changed: Cell::new(0),
            shaded: Cell::new(0),
            innermost: Cell::new(0),
        }
    }

    fn layout(capacity: usize) -> Layout {
        Layout::array::<Slot>(capacity.max(1)).expect("a stack below the address range")
    }

    #[inline(always)]
    fn push(&self, word: Word) -> usize {
        let i = self.len.get();
        assert!(i < self.capacity, "Lisp stack overflow");
        // SAFETY: INV-ROOT-4: `i` is inside the buffer; the store comes before `len` rises (INV-ROOT-2).
        unsafe { self.buffer.add(i).write(Slot::new(word)) };
        self.len.set(i + 1);
        i
    }

    /// Push `n` words; the length is stored once.
    #[inline(always)]
    fn push_all(&self, n: usize, mut word: impl FnMut(usize) -> Word) {
        let base = self.len.get();
        assert!(n < self.capacity && base < self.capacity - n, "Lisp stack overflow");
        for i in 0..n {
            let word = word(i);
            // SAFETY: INV-ROOT-4: the index is inside the buffer; the stores come before `len` rises (INV-ROOT-2).
            unsafe { self.buffer.add(base + i).write(Slot::new(word)) };
        }
        self.len.set(base + n);
    }

    #[inline(always)]
    pub(crate) fn truncate(&self, n: usize) {
        self.len.set(self.len.get().min(n));
        self.note_change(n);
    }

    /// Words from index `i` on may be written from now on.
    #[inline(always)]
    fn note_change(&self, i: usize) {
        if i < self.changed.get() {
            self.changed.set(i);
        }
    }

    /// How many words may have been written since the last collection of the young.
    #[inline(always)]
    pub(crate) fn unsettled(&self) -> usize {
        self.len.get() - self.changed.get()
    }

    /// The words that were not written since the last collection of the young.
    pub(crate) fn settled(&self) -> &[Slot] {
        &self.live()[..self.changed.get()]
    }

    /// Visit the words that may refer to a young object, after which those before the first that is `still_young` do not.
    pub(crate) fn for_each_unsettled(&self, mut visit: impl FnMut(&Slot), still_young: impl Fn(&Slot) -> bool) {
        let from = self.changed.get();
        self.shaded.set(self.shaded.get().min(from));
        let mut first_young = self.len.get();
        for (i, slot) in self.live().iter().enumerate().skip(from) {
            visit(slot);
            if still_young(slot) {
                first_young = first_young.min(i);
            }
        }
        self.changed.set(first_young);
    }

    /// Visit up to `count` words that the cycle under way has not shaded, right after a collection of the young; tells
    /// whether there are more.
    pub(crate) fn shade(&self, count: usize, visit: impl FnMut(&Slot)) -> bool {
        let from = self.shaded.get().min(self.len.get());
        let to = self.len.get().min(from.saturating_add(count));
        self.live()[from..to].iter().for_each(visit);
        self.shaded.set(to);
        to < self.len.get()
    }

    /// A cycle begins.
    pub(crate) fn unshade(&self) {
        self.shaded.set(0);
    }

    /// The words below `len`.
    #[inline(always)]
    pub(crate) fn live(&self) -> &[Slot] {
        // SAFETY: INV-ROOT-1: they are initialised; `Slot` is a cell, so later stores through other borrows are fine.
        unsafe { std::slice::from_raw_parts(self.buffer.as_ptr(), self.len.get()) }
    }

    #[inline(always)]
    fn at(&self, i: usize) -> &Slot {
        assert!(i < self.len.get(), "root used after its scope ended");
        // SAFETY: INV-ROOT-1: the word is below `len`.
        unsafe { self.buffer.add(i).as_ref() }
    }
}

impl Drop for LispStack {
    fn drop(&mut self) {
        // SAFETY: the buffer was made by `alloc_zeroed` with this layout; words need no drop.
        unsafe { dealloc(self.buffer.as_ptr().cast(), LispStack::layout(self.capacity)) };
    }
}

/// Pops its roots when dropped.  Borrows nothing from the context, so `&mut cx` stays available.
#[must_use]
pub struct RootScope {
    stack: Rc<LispStack>,
    base: usize,
    outer: usize,
}

/// A rooted variable: an index in the Lisp stack.
#[derive(Clone, Copy)]
pub struct Root<'s>(usize, PhantomData<&'s RootScope>);

impl RootScope {
    /// Root a value.
    #[inline(always)]
    pub fn root<'s>(&'s self, v: Object<'_>) -> Root<'s> {
        debug_assert_eq!(self.base, self.stack.innermost.get(), "not the innermost scope");
        Root(self.stack.push(v.0), PhantomData)
    }
}

impl Drop for RootScope {
    #[inline(always)]
    fn drop(&mut self) {
        self.stack.truncate(self.base);
        self.stack.innermost.set(self.outer);
    }
}

impl Root<'_> {
    /// The value, where it is now.
    #[inline(always)]
    pub fn get<'ob>(self, cx: &'ob Context) -> Object<'ob> {
        // SAFETY: INV-ROOT-1: `at` checks that the word is below `len`, so it is valid.
        unsafe { Object::from_word(cx.stack().at(self.0).get()) }
    }

    /// Replace the value.
    #[inline(always)]
    pub fn set(self, cx: &Context, v: Object<'_>) {
        cx.stack().at(self.0).set(v.0);
        cx.stack().note_change(self.0);
    }
}

/// A window of the Lisp stack: the arguments of a call, or a frame of the machine.
#[derive(Clone, Copy)]
pub struct Args<'s> {
    base: usize,
    len: usize,
    scope: PhantomData<&'s RootScope>,
}

impl<'s> Args<'s> {
    /// How many words.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.len
    }

    /// Whether the window is empty.
    pub fn is_empty(self) -> bool {
        self.len == 0
    }

    /// The window's first index in the Lisp stack.
    #[inline(always)]
    pub fn base(self) -> usize {
        self.base
    }

    /// Word `i` as a rooted variable.
    #[inline(always)]
    pub fn root(self, i: usize) -> Root<'s> {
        assert!(i < self.len, "no such argument");
        Root(self.base + i, PhantomData)
    }

    /// The window from word `start` on.
    pub fn from(self, start: usize) -> Args<'s> {
        assert!(start <= self.len, "no such argument");
        Args { base: self.base + start, len: self.len - start, scope: PhantomData }
    }

    /// The words, for hot loops: checked once here, then by the slice, until the next `&mut Context`.
    #[inline(always)]
    pub fn slots<'ob>(self, cx: &'ob Context) -> Slots<'ob> {
        let live = cx.stack().live();
        assert!(self.base + self.len <= live.len(), "window used after its call ended");
        cx.stack().note_change(self.base);
        Slots(&live[self.base..self.base + self.len])
    }
}

/// A window of the Lisp stack, borrowed from the context.
#[derive(Clone, Copy)]
pub struct Slots<'ob>(&'ob [Slot]);

impl<'ob> Slots<'ob> {
    /// Word `i`.
    #[inline(always)]
    pub fn get(self, i: usize) -> Object<'ob> {
        // SAFETY: INV-ROOT-1: the window was below `len` when it was taken, and `len` cannot fall below it while words of
        // it can be read: whatever shortens the stack leaves the buffer in place (INV-ROOT-4) and its words valid until
        // the next collection, which needs `&mut Context`.
        unsafe { Object::from_word(self.0[i].get()) }
    }

    /// Replace word `i`.
    #[inline(always)]
    pub fn set(self, i: usize, v: Object<'_>) {
        self.0[i].set(v.0);
    }

    /// The words from `start` on, to be replaced.
    #[inline(always)]
    pub(crate) fn cells_from(self, start: usize) -> &'ob [Slot] {
        &self.0[start..]
    }

    /// How many words.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether the window is empty.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }

    /// The words, in order.
    pub fn iter(self) -> impl DoubleEndedIterator<Item = Object<'ob>> + ExactSizeIterator + 'ob {
        // SAFETY: as in `get`.
        self.0.iter().map(|s| unsafe { Object::from_word(s.get()) })
    }

    /// The window from word `start` on.
    pub fn from(self, start: usize) -> Slots<'ob> {
        Slots(&self.0[start..])
    }

    /// The first `len` words of the window.
    pub fn to(self, len: usize) -> Slots<'ob> {
        Slots(&self.0[..len])
    }
}

/// The words of a [`RootVec`], shared with the context that traces them.
///
/// INV-TABLE-2: a word below `settled` or `shaded` has not changed since the collector set that mark.
pub(crate) struct RootTable {
    owner: u64,
    words: RefCell<Vec<Word>>,
    /// Words before it refer to nothing young.
    settled: Cell<usize>,
    /// Words before it were shaded by the incremental collection under way.
    shaded: Cell<usize>,
}

impl RootTable {
    pub(crate) fn new(owner: u64) -> RootTable {
        RootTable { owner, words: RefCell::default(), settled: Cell::new(0), shaded: Cell::new(0) }
    }

    /// Append words that the collector found.
    pub(crate) fn append(&self, words: impl IntoIterator<Item = Word>) {
        self.words.borrow_mut().extend(words);
    }

    /// The word at `i`.
    pub(crate) fn word(&self, i: usize) -> Option<Word> {
        self.words.borrow().get(i).copied()
    }

    /// Visit every word as a slot.
    pub(crate) fn for_each(&self, mut visit: impl FnMut(&Slot)) {
        self.visit(0, usize::MAX, |_, slot| visit(slot));
    }

    /// Visit the words that may refer to a young object, after which those before the first that is `still_young` do not.
    pub(crate) fn for_each_unsettled(&self, mut visit: impl FnMut(&Slot), still_young: impl Fn(&Slot) -> bool) {
        let mut first_young = usize::MAX;
        let end = self.visit(self.settled.get(), usize::MAX, |i, slot| {
            visit(slot);
            if still_young(slot) {
                first_young = first_young.min(i);
            }
        });
        self.settled.set(end.min(first_young));
    }

    /// Visit up to `count` words that the collection under way has not shaded; gives how many there were.
    pub(crate) fn shade(&self, count: usize, mut visit: impl FnMut(&Slot)) -> usize {
        let from = self.shaded.get();
        self.shaded.set(self.visit(from, count, |_, slot| visit(slot)));
        self.shaded.get() - from
    }

    /// An incremental collection begins.
    pub(crate) fn unshade(&self) {
        self.shaded.set(0);
    }

    fn visit(&self, from: usize, count: usize, mut visit: impl FnMut(usize, &Slot)) -> usize {
        let mut words = self.words.borrow_mut();
        let to = words.len().min(from.saturating_add(count));
        for (i, word) in words.iter_mut().enumerate().take(to).skip(from) {
            let slot = Slot::new(*word);
            visit(i, &slot);
            *word = slot.get();
        }
        to
    }

    /// The words from `i` on change.
    #[inline]
    fn note_change(&self, i: usize) {
        self.settled.set(self.settled.get().min(i));
        self.shaded.set(self.shaded.get().min(i));
    }

    pub(crate) fn clear(&self) {
        self.note_change(0);
        self.words.take();
    }
}

/// Words of the stack that may be written before a collection of the young is due: they are scanned in 0.1 ms.
pub(crate) const MOST_UNSETTLED: usize = 128 << 10;

/// A growable vector of roots, for Rust structs that hold Lisp values.
pub struct RootVec {
    table: Rc<RootTable>,
}

impl RootVec {
    #[inline(always)]
    fn check(&self, cx: &Context) {
        assert!(self.table.owner == cx.id(), "RootVec of another context");
    }

    /// Append a value; gives its index.
    #[inline(always)]
    pub fn push(&self, cx: &Context, v: Object<'_>) -> usize {
        self.check(cx);
        let mut words = self.table.words.borrow_mut();
        words.push(v.0);
        words.len() - 1
    }

    /// Append two values.
    #[inline]
    pub fn push_two(&self, cx: &Context, values: [Object<'_>; 2]) {
        self.check(cx);
        self.table.words.borrow_mut().extend_from_slice(&values.map(|v| v.0));
    }

    /// The last two values.
    #[inline]
    pub fn last_two<'ob>(&self, cx: &'ob Context) -> Option<[Object<'ob>; 2]> {
        self.check(cx);
        // SAFETY: as in `get`.
        self.table.words.borrow().last_chunk().map(|words| words.map(|w| unsafe { Object::from_word(w) }))
    }

    /// Drop the last two values.
    #[inline]
    pub fn drop_two(&self) {
        let mut words = self.table.words.borrow_mut();
        let n = words.len().saturating_sub(2);
        words.truncate(n);
        self.table.note_change(n);
    }

    /// The value at `i`.
    #[inline]
    pub fn get<'ob>(&self, cx: &'ob Context, i: usize) -> Object<'ob> {
        self.check(cx);
        // SAFETY: INV-ROOT-1 for tables: the words are valid and traced as long as the context lives.
        unsafe { Object::from_word(self.table.words.borrow()[i]) }
    }

    /// Replace the value at `i`.
    #[inline]
    pub fn set(&self, cx: &Context, i: usize, v: Object<'_>) {
        self.check(cx);
        self.table.note_change(i);
        self.table.words.borrow_mut()[i] = v.0;
    }

    /// Put a value before the one at `i`.
    pub fn insert(&self, cx: &Context, i: usize, v: Object<'_>) {
        self.check(cx);
        self.table.note_change(i);
        self.table.words.borrow_mut().insert(i, v.0);
    }

    /// Take the last value off.
    #[inline(always)]
    pub fn pop<'ob>(&self, cx: &'ob Context) -> Option<Object<'ob>> {
        self.check(cx);
        let word = self.table.words.borrow_mut().pop()?;
        self.table.note_change(self.len());
        // SAFETY: as in `get`; the value is as good as one just read.
        Some(unsafe { Object::from_word(word) })
    }

    /// Drop all values from index `n` on.
    #[inline]
    pub fn truncate(&self, n: usize) {
        self.table.words.borrow_mut().truncate(n);
        self.table.note_change(n);
    }

    /// How many values.
    #[inline]
    pub fn len(&self) -> usize {
        self.table.words.borrow().len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values from index `start` on as a list.
    pub fn list_from<'ob>(&self, cx: &'ob Context, start: usize, tail: Object<'ob>) -> Object<'ob> {
        self.check(cx);
        let words = self.table.words.borrow();
        // SAFETY: as in `get`.
        words[start..].iter().rev().fold(tail, |list, &w| cx.cons(unsafe { Object::from_word(w) }, list).into())
    }
}

impl Drop for RootVec {
    /// The context may trace the table for a while yet; it finds nothing.
    fn drop(&mut self) {
        self.table.clear();
    }
}

/// "The value is in the context's return register": no lifetime, so `f(cx)?.get(cx)` works.
#[must_use]
pub struct Ret(u32);

/// A non-local exit is pending.  Its Lisp data is in the context, rooted, so `?` never meets a lifetime.
#[must_use]
#[derive(Debug)]
pub struct Throw(());

/// What a function that cannot collect gives.
pub type LispResult<'ob> = Result<Object<'ob>, Throw>;
/// What a function that may collect gives.
pub type CallResult = Result<Ret, Throw>;
const _: () = assert!(size_of::<LispResult<'static>>() == 8 && size_of::<CallResult>() == 8);

impl Ret {
    /// The value; must be asked for before the next call.
    #[inline(always)]
    pub fn get(self, cx: &Context) -> Object<'_> {
        cx.returned(self.0)
    }
}

/// Arguments copied to the Lisp stack, not yet entered.
#[must_use]
pub struct Pushed {
    base: usize,
    len: usize,
}

/// The registers that hold a result or a pending exit; roots like the rest.
pub(crate) struct Registers {
    pub(crate) ret: Slot,
    pub(crate) ret_serial: Cell<u32>,
    pub(crate) signal: [Slot; 2],
    /// Nobody has looked at the signal since it was raised.
    pub(crate) signal_is_fresh: Cell<bool>,
    /// What is empty is one object of its kind, as in Emacs: the unibyte string, the multibyte string and the vector;
    /// nil until it is asked for.
    pub(crate) empty: [Slot; 3],
    /// What the runtime above wants at hand: the lexical environment of the form that it interprets.
    pub(crate) environment: Slot,
}

impl Registers {
    pub(crate) fn new() -> Registers {
        Registers {
            ret: Slot::new(NIL.0),
            ret_serial: Cell::new(0),
            signal: [Slot::new(NIL.0), Slot::new(NIL.0)],
            signal_is_fresh: Cell::new(false),
            empty: [Slot::new(NIL.0), Slot::new(NIL.0), Slot::new(NIL.0)],
            environment: Slot::new(NIL.0),
        }
    }
}

impl Context {
    /// A scope for roots.
    #[inline(always)]
    pub fn scope(&self) -> RootScope {
        let stack = self.stack_rc();
        let base = stack.len.get();
        RootScope { base, outer: stack.innermost.replace(base), stack }
    }

    /// A growable vector of roots.
    pub fn root_vec(&self) -> RootVec {
        let table = Rc::new(RootTable::new(self.id()));
        self.register_table(&table);
        RootVec { table }
    }

    /// Put a value in the return register.
    #[inline(always)]
    pub fn ret(&self, v: Object<'_>) -> Ret {
        let registers = self.registers();
        registers.ret.set(v.0);
        let serial = registers.ret_serial.get().wrapping_add(1);
        registers.ret_serial.set(serial);
        Ret(serial)
    }

    #[inline(always)]
    fn returned(&self, serial: u32) -> Object<'_> {
        assert!(serial == self.registers().ret_serial.get(), "stale Ret: another call happened before get()");
        // SAFETY: the return register is a root, so its word is valid.
        unsafe { Object::from_word(self.registers().ret.get()) }
    }

    /// The lexical environment in force.
    #[inline(always)]
    pub fn environment(&self) -> Object<'_> {
        // SAFETY: INV-ROOT-1: a register is a root, so its word is valid.
        unsafe { Object::from_word(self.registers().environment.get()) }
    }

    /// Change the lexical environment in force.
    #[inline(always)]
    pub fn set_environment(&self, env: Object<'_>) {
        self.registers().environment.set(env.0);
    }

    /// What is kept of the empty objects at `index`, made by `make` when it is first asked for.
    pub(crate) fn empty<'ob>(&'ob self, index: usize, make: impl FnOnce() -> Object<'ob>) -> Object<'ob> {
        let slot = &self.registers().empty[index];
        // SAFETY: INV-ROOT-1: a register is a root, so its word is valid.
        let kept = unsafe { Object::from_word(slot.get()) };
        if !kept.is_nil() {
            return kept;
        }
        let made = make();
        slot.set(made.0);
        made
    }

    /// Begin a non-local exit: the condition or tag, and its data.
    pub fn signal(&self, tag: Object<'_>, data: Object<'_>) -> Throw {
        self.registers().signal[0].set(tag.0);
        self.registers().signal[1].set(data.0);
        self.registers().signal_is_fresh.set(true);
        Throw(())
    }

    /// Whether the pending exit was raised by [`Context::signal`] and not yet settled: then the machine has not looked
    /// for its handler.
    pub fn signal_is_fresh(&self) -> bool {
        self.registers().signal_is_fresh.get()
    }

    /// Note that the machine knows where the pending exit goes.
    pub fn settle_signal(&self) {
        self.registers().signal_is_fresh.set(false);
    }

    /// The pending exit's tag and data.
    pub fn caught(&self, throw: Throw) -> [Object<'_>; 2] {
        let Throw(()) = throw;
        // SAFETY: the signal registers are roots, so their words are valid.
        [0, 1].map(|i| unsafe { Object::from_word(self.registers().signal[i].get()) })
    }

    /// Copy arguments to the Lisp stack.
    #[inline(always)]
    pub fn push_args<const N: usize>(&self, args: [Object<'_>; N]) -> Pushed {
        let base = self.stack().len.get();
        for arg in args {
            self.stack().push(arg.0);
        }
        Pushed { base, len: N }
    }

    /// Copy a slice of arguments to the Lisp stack.
    pub fn push_slice(&self, args: impl IntoIterator<Item = Object<'static>>) -> Pushed {
        let base = self.stack().len.get();
        args.into_iter().for_each(|a| _ = self.stack().push(a.0));
        Pushed { base, len: self.stack().len.get() - base }
    }

    /// Push one more argument.
    #[inline(always)]
    pub fn push_more(&self, pushed: Pushed, arg: Object<'_>) -> Pushed {
        assert!(pushed.base + pushed.len == self.stack().len.get(), "arguments are not on top of the stack");
        self.stack().push(arg.0);
        Pushed { base: pushed.base, len: pushed.len + 1 }
    }

    /// Run `f` on the pushed arguments; they are popped when it returns.
    #[inline(always)]
    pub fn enter<R>(&mut self, pushed: Pushed, f: impl FnOnce(Args<'_>, &mut Self) -> R) -> R {
        let top = pushed.base + pushed.len;
        assert!(top == self.stack().len.get(), "arguments are not on top of the stack");
        let outer = self.stack().innermost.replace(top);
        let result = f(Args { base: pushed.base, len: pushed.len, scope: PhantomData }, self);
        self.stack().truncate(pushed.base);
        self.stack().innermost.set(outer);
        result
    }

    /// How many words the Lisp stack holds.
    #[inline(always)]
    pub fn stack_len(&self) -> usize {
        self.stack().len.get()
    }

    /// Whether `words` more words fit on the Lisp stack, with room to spare for native code.
    #[inline(always)]
    pub fn stack_has_room(&self, words: usize) -> bool {
        if self.stack().unsettled() >= MOST_UNSETTLED {
            self.stack_has_grown();
        }
        self.stack().len.get().saturating_add(words) < self.stack().room
    }

    /// So much of the stack was written that a scan of more would make a pause long.
    #[cold]
    #[inline(never)]
    fn stack_has_grown(&self) {
        if self.plan.generational() && !self.pending.get() {
            self.cause.set(Cause::NurseryFull);
            self.pending.set(true);
        }
    }

    /// Push one word.
    #[inline(always)]
    pub fn push(&self, v: Object<'_>) {
        self.stack().push(v.0);
    }

    /// Push some words.
    #[inline(always)]
    pub fn push_array<const N: usize>(&self, words: [Object<'_>; N]) {
        self.stack().push_all(N, |i| words[i].0);
    }

    /// Push `n` words, which `word` gives by their numbers.
    #[inline(always)]
    pub fn push_all<'ob>(&'ob self, n: usize, mut word: impl FnMut(usize) -> Object<'ob>) {
        self.stack().push_all(n, |i| word(i).0);
    }

    /// Push `n` times nil.
    #[inline(always)]
    pub fn push_nils(&self, n: usize) {
        for _ in 0..n {
            self.stack().push(NIL.0);
        }
    }

    /// Push nil until there are `n` words, if there are fewer; [`Context::stack_has_room`] was asked before.
    #[inline(always)]
    pub fn extend_stack(&self, n: usize) {
        while self.stack().len.get() < n {
            self.stack().push(NIL.0);
        }
    }

    /// The `len` words from index `base`, if the stack is that long: one compare for a machine that lays out its own frames.
    #[inline(always)]
    pub fn slots_at(&self, base: usize, len: usize) -> Option<Slots<'_>> {
        let stack = self.stack();
        if base.checked_add(len)? > stack.len.get() {
            return None;
        }
        stack.note_change(base);
        // SAFETY: INV-ROOT-1, INV-ROOT-4: the words are below `len`, so they are inside the buffer and initialised.
        Some(Slots(unsafe { std::slice::from_raw_parts(stack.buffer.as_ptr().add(base), len) }))
    }

    /// Pop all words from index `n` on.
    #[inline(always)]
    pub fn truncate_stack(&self, n: usize) {
        self.stack().truncate(n);
        if self.stack().innermost.get() > n {
            self.stack().innermost.set(n);
        }
    }

    /// The window of `len` words from index `base`, for a machine that lays out its own frames.  Reading it after it
    /// was popped panics or gives what is there now; both are safe.
    #[inline(always)]
    pub fn window(&self, base: usize, len: usize) -> Args<'static> {
        assert!(base + len <= self.stack().len.get(), "window beyond the top of the stack");
        Args { base, len, scope: PhantomData }
    }
}

/// Call a [`crate::Subr`]-like value: arguments are evaluated under `&cx`, the call runs under `&mut cx`.
///
/// `call!(cx, f, a, b)` needs a method `call_function(f, Pushed)`; crates above give one for Lisp functions.
#[macro_export]
macro_rules! call {
    ($cx:expr, $f:expr $(, $arg:expr)* $(,)?) => {{
        let f = $f;
        let pushed = $cx.push_args([$($arg),*]);
        $cx.call_subr(f, pushed)
    }};
}

impl Context {
    /// Call a native function on pushed arguments.
    pub fn call_subr(&mut self, f: crate::Subr, pushed: Pushed) -> CallResult {
        use crate::Subr::{Call, Pure0, Pure1, Pure2, Pure3, Pure4, PureMany, Special};
        self.enter(pushed, |args, cx| {
            let s = args.slots(cx);
            let value = match f {
                Pure0(f) => f(cx),
                Pure1(f) => f(s.get(0), cx),
                Pure2(f) => f(s.get(0), s.get(1), cx),
                Pure3(f) => f(s.get(0), s.get(1), s.get(2), cx),
                Pure4(f) => f(s.get(0), s.get(1), s.get(2), s.get(3), cx),
                PureMany(f) => f(s, cx),
                Call(f) | Special(f) => return f(args, cx),
            };
            value.map(|v| cx.ret(v))
        })
    }
}
