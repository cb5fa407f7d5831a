//! The binding stack (Emacs's specpdl): what is undone when control leaves a form, and the frames of a backtrace.
//!
//! Entries are plain data.  The Lisp values of bindings are in a [`RootVec`] beside them; those of frames are in the Lisp
//! stack already, so recording a call costs one push of two numbers.

use crate::binding;
use crate::error;
use crate::eval::{self, prepared};
use crate::state::Vm;
use std::cell::{Cell, RefCell};
use tenure_gc::{CallResult, Context, NIL, Object, Root, RootVec, Symbol, Throw};

/// The number of arguments of a frame whose arguments are not evaluated.
const UNEVALLED: u32 = u32::MAX;
/// Set in the number of arguments of a frame of a prepared form, whose other bits are the number of its cons.
const PREPARED: u32 = 1 << 31;

/// What native code does when control leaves the form that recorded it; gets the value it recorded.
pub type Cleanup = fn(Root<'_>, &mut Context) -> Result<(), Throw>;

/// A call in progress.  Word `base` of the Lisp stack is the function, the arguments follow; while they are not
/// evaluated it is the whole form.
#[derive(Clone, Copy)]
pub(crate) struct Frame {
    nargs: u32,
    pub(crate) debug_on_exit: bool,
    /// The last argument is a list of arguments.
    pub(crate) spread: bool,
    pub(crate) base: usize,
}

impl Frame {
    /// A form whose arguments are not evaluated, word `base` of the Lisp stack.
    #[inline(always)]
    pub(crate) fn of_form(base: usize) -> Frame {
        Frame { nargs: UNEVALLED, debug_on_exit: false, spread: false, base }
    }

    /// A form of a prepared function whose words are at word `base` of the Lisp stack: the cons of link `link`.
    #[inline(always)]
    pub(crate) fn of_prepared(base: usize, link: u32) -> Frame {
        Frame { nargs: PREPARED | link, debug_on_exit: false, spread: false, base }
    }

    /// A call of the function at word `base` of the Lisp stack, with the arguments that follow it.
    #[inline(always)]
    pub(crate) fn of_call(base: usize, nargs: usize) -> Frame {
        Frame { nargs: nargs as u32, debug_on_exit: false, spread: false, base }
    }

    /// How many evaluated arguments the frame has, if they are evaluated.
    pub(crate) fn evaluated(self) -> Option<usize> {
        (self.nargs & PREPARED == 0).then_some(self.nargs as usize)
    }

    /// The form of a frame whose arguments are not evaluated, or the function of one whose are.
    pub(crate) fn head(self, cx: &Context) -> Object<'_> {
        let word = cx.window(self.base, 1).root(0).get(cx);
        if self.nargs & PREPARED == 0 || self.nargs == UNEVALLED {
            return word;
        }
        word.as_byte_code().map_or(NIL, |words| prepared::source_of(words, self.nargs & !PREPARED))
    }
}

/// An entry of the binding stack.
#[derive(Clone, Copy)]
pub(crate) enum Entry {
    /// A dynamic binding: the symbol and its old value.
    Let,
    /// A dynamic binding of a buffer-local variable's default value.
    LetDefault,
    /// A dynamic binding of a buffer's own value.
    LetOwn,
    /// The lexical environment of an enclosing form.
    Environment,
    /// The lexical environment of an enclosing form, which a prepared function has not made.
    Variables,
    /// The unwind forms of `unwind-protect`.
    Forms,
    /// Native code and the value it recorded.
    Cleanup(Cleanup),
    /// A call.
    Frame,
}

/// An entry as the stack keeps it: two numbers, which are stored as such.
///
/// An enum is put together in memory and copied as one, and the processor waits until its parts have been stored: that
/// was an eighth of the time of programs that call much.
#[derive(Clone, Copy)]
struct Packed {
    /// The kind in the low byte; of a frame also its flags, and the number of arguments in the high half; of variables the
    /// first of them in the high half.
    what: u64,
    /// Where a frame begins on the Lisp stack, also that of a prepared function's variables, or which one of the cleanups it
    /// is.
    base: usize,
}

/// The kinds of [`Packed`] entries.
mod kind {
    pub(super) const FRAME: u64 = 0;
    pub(super) const LET: u64 = 1;
    pub(super) const LET_DEFAULT: u64 = 2;
    pub(super) const LET_OWN: u64 = 3;
    pub(super) const ENVIRONMENT: u64 = 4;
    pub(super) const FORMS: u64 = 5;
    pub(super) const CLEANUP: u64 = 6;
    pub(super) const VARIABLES: u64 = 7;
}
const KIND: u64 = 0xFF;
const DEBUG_ON_EXIT: u64 = 1 << 8;
const SPREAD: u64 = 1 << 9;

impl Packed {
    const FILLER: Packed = Packed::plain(kind::ENVIRONMENT);

    #[inline(always)]
    const fn plain(what: u64) -> Packed {
        Packed { what, base: 0 }
    }

    #[inline(always)]
    fn frame(frame: Frame) -> Packed {
        let flags = if frame.debug_on_exit { DEBUG_ON_EXIT } else { 0 } | if frame.spread { SPREAD } else { 0 };
        Packed { what: kind::FRAME | flags | u64::from(frame.nargs) << 32, base: frame.base }
    }

    /// The first of a prepared function's variables that are bound, and where its frame begins, if the entry is such.
    fn as_variables(self) -> Option<(u32, usize)> {
        self.is(kind::VARIABLES).then_some(((self.what >> 32) as u32, self.base))
    }

    #[inline(always)]
    fn is(self, kind: u64) -> bool {
        self.what & KIND == kind
    }

    /// The frame, if the entry is one.
    #[inline(always)]
    fn as_frame(self) -> Option<Frame> {
        self.is(kind::FRAME).then_some(Frame {
            nargs: (self.what >> 32) as u32,
            debug_on_exit: self.what & DEBUG_ON_EXIT != 0,
            spread: self.what & SPREAD != 0,
            base: self.base,
        })
    }
}

impl Entry {
    /// How many Lisp values the entry has.
    fn words(self) -> usize {
        match self {
            Entry::Let | Entry::LetDefault | Entry::LetOwn => 2,
            Entry::Environment | Entry::Forms | Entry::Cleanup(_) => 1,
            Entry::Frame | Entry::Variables => 0,
        }
    }
}

/// The binding stack.
///
/// The vector is longer than the stack, whose length is beside it: a call asks for that several times, and makes and takes
/// off one entry, so each costs a load, a store and a compare (with the vector's own length: 40 instructions more a call).
pub(crate) struct Specpdl {
    entries: RefCell<Vec<Packed>>,
    len: Cell<usize>,
    words: RootVec,
    /// The native code of the cleanups among the entries, the innermost last.
    cleanups: RefCell<Vec<Cleanup>>,
    /// Some frame was marked for the debugger, now or earlier.
    any_debug_on_exit: Cell<bool>,
}

/// A place in the binding stack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark(pub(crate) usize);

/// Add an entry behind the last place there is, and places for as many more.
#[cold]
#[inline(never)]
fn grow(entries: &mut Vec<Packed>, entry: Packed) {
    entries.push(entry);
    let n = entries.len();
    entries.resize(2 * n, Packed::FILLER);
}

impl Specpdl {
    pub(crate) fn new(cx: &Context) -> Specpdl {
        Specpdl {
            entries: RefCell::new(vec![Packed::FILLER; 1 << 10]),
            len: Cell::new(0),
            words: cx.root_vec(),
            cleanups: RefCell::default(),
            any_debug_on_exit: Cell::new(false),
        }
    }

    /// The present place.
    #[inline(always)]
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.len())
    }

    /// How many entries there are.
    #[inline(always)]
    pub(crate) fn len(&self) -> usize {
        self.len.get()
    }

    /// Add an entry; gives its index.
    #[inline(always)]
    fn push(&self, entry: Packed) -> usize {
        let i = self.len.get();
        let mut entries = self.entries.borrow_mut();
        match entries.get_mut(i) {
            Some(place) => *place = entry,
            None => grow(&mut entries, entry),
        }
        self.len.set(i + 1);
        i
    }

    /// The innermost entry, if it is above a mark.
    #[inline(always)]
    fn last_above(&self, mark: Mark) -> Option<Packed> {
        let n = self.len.get();
        if n <= mark.0 { None } else { self.entries.borrow().get(n - 1).copied() }
    }

    /// What an entry says.
    fn unpack(&self, entry: Packed) -> Entry {
        match entry.what & KIND {
            kind::LET => Entry::Let,
            kind::LET_DEFAULT => Entry::LetDefault,
            kind::LET_OWN => Entry::LetOwn,
            kind::ENVIRONMENT => Entry::Environment,
            kind::FORMS => Entry::Forms,
            kind::VARIABLES => Entry::Variables,
            kind::CLEANUP => self.cleanups.borrow().get(entry.base).map_or(Entry::Environment, |&f| Entry::Cleanup(f)),
            _ => Entry::Frame,
        }
    }

    /// Take the innermost entry off.
    #[inline(always)]
    pub(crate) fn drop_last(&self) {
        self.len.set(self.len.get().saturating_sub(1));
    }

    /// The frame at an index, to be changed.
    #[inline(always)]
    fn change(&self, index: usize, change: impl FnOnce(&mut Frame)) {
        if index < self.len.get()
            && let Some(entry) = self.entries.borrow_mut().get_mut(index)
            && let Some(mut frame) = entry.as_frame()
        {
            change(&mut frame);
            *entry = Packed::frame(frame);
        }
    }

    /// Record a frame; gives its index.
    #[inline(always)]
    pub(crate) fn push_frame(&self, frame: Frame) -> usize {
        self.push(Packed::frame(frame))
    }

    /// The arguments of a frame are evaluated now: the function is at word `base`.
    #[inline(always)]
    pub(crate) fn set_evaluated(&self, index: usize, base: usize, nargs: usize) {
        self.change(index, |frame| (frame.base, frame.nargs) = (base, nargs as u32));
    }

    /// The arguments of the innermost frame beyond the first `positional` are now a list, one word.
    pub(crate) fn spread_frame(&self, positional: usize) {
        self.change(self.len().wrapping_sub(1), |frame| (frame.nargs, frame.spread) = (positional as u32 + 1, true));
    }

    /// Pop the innermost frame.
    #[inline(always)]
    pub(crate) fn pop_frame(&self, index: usize) {
        self.len.set(self.len.get().min(index));
    }

    /// The entry at an index.
    pub(crate) fn frame(&self, index: usize) -> Option<Frame> {
        self.entries.borrow()[..self.len()].get(index)?.as_frame()
    }

    /// Ask for the debugger when the frame at an index exits.
    pub(crate) fn set_debug_on_exit(&self, index: usize, debug: bool) {
        self.change(index, |frame| {
            frame.debug_on_exit = debug;
            self.any_debug_on_exit.set(true);
        });
    }

    /// Whether the debugger is wanted when the frame at an index exits.
    #[inline(always)]
    pub(crate) fn debug_on_exit(&self, index: usize) -> bool {
        self.any_debug_on_exit.get() && self.frame(index).is_some_and(|frame| frame.debug_on_exit)
    }

    /// The index of the innermost frame below `end`.
    pub(crate) fn frame_below(&self, end: usize) -> Option<usize> {
        self.entries.borrow()[..end].iter().rposition(|e| e.is(kind::FRAME))
    }

    /// Record a binding's old value.
    #[inline(always)]
    pub(crate) fn push_let(&self, symbol: Object<'_>, old: Object<'_>, cx: &Context) {
        self.words.push_two(cx, [symbol, old]);
        self.push(Packed::plain(kind::LET));
    }

    /// Bind a plain variable, if there is room; false leaves it to `binding::try_specbind` (15 instructions more).
    #[inline(always)]
    pub(crate) fn bind_plain(&self, symbol: Symbol<'_>, value: Object<'_>, most: i64, cx: &Context) -> bool {
        let possible = symbol.is_plain(cx) && (self.len() as i64) < most;
        if possible {
            self.push_let(symbol.into(), symbol.value(cx), cx);
            symbol.set_value(value, cx);
        }
        possible
    }

    /// Undo the innermost entry, if it is the only one above a mark and binds a plain variable.
    #[inline(always)]
    pub(crate) fn unbind_one(&self, mark: Mark, cx: &Context) -> bool {
        if self.len() != mark.0 + 1 || !self.last_above(mark).is_some_and(|entry| entry.is(kind::LET)) {
            return false;
        }
        let Some([symbol, old]) = self.words.last_two(cx) else { return false };
        let Some(symbol) = symbol.as_symbol().filter(|symbol| symbol.is_plain(cx)) else { return false };
        symbol.set_value(old, cx);
        self.words.drop_two();
        self.drop_last();
        true
    }

    /// Record the old value of a binding of a buffer-local variable.
    pub(crate) fn push_let_of_buffer(&self, symbol: Object<'_>, old: Object<'_>, own: bool, cx: &Context) {
        self.words.push_two(cx, [symbol, old]);
        self.push(Packed::plain(if own { kind::LET_OWN } else { kind::LET_DEFAULT }));
    }

    /// Record the lexical environment of the enclosing form.
    #[inline(always)]
    pub(crate) fn push_environment(&self, env: Object<'_>, cx: &Context) {
        self.words.push(cx, env);
        self.push(Packed::plain(kind::ENVIRONMENT));
    }

    /// Record the variables of a prepared function from number `first` on; its frame is at word `base` of the Lisp stack.
    #[inline(always)]
    pub(crate) fn push_variables(&self, base: usize, first: u32) {
        self.push(Packed { what: kind::VARIABLES | u64::from(first) << 32, base });
    }

    /// Undo what was recorded since `mark` if there is next to nothing; tells whether it was.
    #[inline(always)]
    fn unbind_at_once(&self, mark: Mark, is_normal: bool, cx: &Context) -> bool {
        self.len() <= mark.0 || is_normal && self.pop_environment(mark, cx)
    }

    /// Undo what was recorded since `mark` if that is one environment, as after most calls; tells whether it was.
    #[inline(always)]
    fn pop_environment(&self, mark: Mark, cx: &Context) -> bool {
        if self.len() != mark.0 + 1 {
            return false;
        }
        match self.last_above(mark) {
            Some(entry) if entry.is(kind::VARIABLES) => {}
            Some(entry) if entry.is(kind::ENVIRONMENT) => eval::set_environment(self.pop_word(cx), cx),
            _ => return false,
        }
        self.drop_last();
        true
    }

    /// Make the environments that prepared functions have not made, from entry `from` on.
    /// `extend` makes that of the function whose frame is at a word of the Lisp stack from the one before, for its
    /// variables from one number to another.
    pub(crate) fn make_environments<'ob>(
        &self,
        from: usize,
        cx: &'ob Context,
        extend: impl Fn(usize, u32, u32, Object<'ob>, &'ob Context) -> Object<'ob>,
    ) {
        let mut entries = self.entries.borrow_mut();
        let n = self.len();
        let words_of = |entries: &[Packed]| entries.iter().map(|&entry| self.unpack(entry).words()).sum::<usize>();
        let is_environment = |entry: &Packed| entry.is(kind::ENVIRONMENT);
        // The environment that was in force before an entry: the next one that was saved, if any was.
        let next_saved = |entries: &[Packed], after: usize, word: usize| {
            let next = entries[after..n].iter().position(is_environment);
            next.map_or(eval::environment(cx), |i| self.words.get(cx, word + words_of(&entries[after..after + i])))
        };
        let mut word = self.words.len() - words_of(&entries[from..n]);
        let mut now = next_saved(&entries, from, word);
        for i in from..n {
            if entries[i].is(kind::ENVIRONMENT) {
                let next = next_saved(&entries, i + 1, word + 1);
                self.words.set(cx, word, now);
                now = next;
            } else if let Some((first, base)) = entries[i].as_variables() {
                let mut others = entries[i + 1..n].iter().filter_map(|entry| entry.as_variables());
                let end = others.find(|other| other.1 == base).map_or(u32::MAX, |other| other.0);
                self.words.insert(cx, word, now);
                entries[i] = Packed::plain(kind::ENVIRONMENT);
                now = extend(base, first, end, now, cx);
                if !entries[i + 1..n].iter().any(is_environment) {
                    eval::set_environment(now, cx);
                }
            }
            word += self.unpack(entries[i]).words();
        }
    }

    /// The entry with which the variables of the prepared function begin whose frame is at word `base` of the Lisp stack.
    pub(crate) fn first_variables(&self, base: usize) -> Option<usize> {
        self.entries.borrow()[..self.len()].iter().rposition(|entry| entry.as_variables() == Some((0, base)))
    }

    pub(crate) fn push_forms(&self, forms: Object<'_>, cx: &Context) {
        self.words.push(cx, forms);
        self.push(Packed::plain(kind::FORMS));
    }

    fn push_cleanup(&self, cleanup: Cleanup, value: Object<'_>, cx: &Context) {
        self.words.push(cx, value);
        let mut cleanups = self.cleanups.borrow_mut();
        let base = cleanups.len();
        cleanups.push(cleanup);
        self.push(Packed { what: kind::CLEANUP, base });
    }

    /// The bindings between two places, innermost first: index of the entry and of its first word.
    pub(crate) fn bindings(&self, from: usize, to: usize) -> Vec<(Entry, usize)> {
        let entries = self.entries.borrow();
        let mut word = self.words.len();
        let mut found = Vec::new();
        for (i, &entry) in entries[..self.len()].iter().enumerate().skip(from).rev() {
            let entry = self.unpack(entry);
            word -= entry.words();
            if i < to && !matches!(entry, Entry::Frame) {
                found.push((entry, word));
            }
        }
        found
    }

    /// A Lisp value of an entry.
    pub(crate) fn word<'ob>(&self, i: usize, cx: &'ob Context) -> Object<'ob> {
        self.words.get(cx, i)
    }

    /// Replace a Lisp value of an entry.
    pub(crate) fn set_word(&self, i: usize, v: Object<'_>, cx: &Context) {
        self.words.set(cx, i, v);
    }

    /// The value that the outermost of some sort of binding of `symbol` saved: an index of [`Specpdl::word`].
    fn outermost(&self, symbol: Object<'_>, cx: &Context, wanted: fn(Entry) -> bool) -> Option<usize> {
        let mut word = 0;
        for &entry in &self.entries.borrow()[..self.len()] {
            let entry = self.unpack(entry);
            if wanted(entry) && self.words.get(cx, word) == symbol {
                return Some(word + 1);
            }
            word += entry.words();
        }
        None
    }

    /// The value that the outermost dynamic binding of `symbol` saved, other than of a buffer's own value.
    pub(crate) fn outermost_let(&self, symbol: Object<'_>, cx: &Context) -> Option<usize> {
        self.outermost(symbol, cx, |entry| matches!(entry, Entry::Let | Entry::LetDefault))
    }

    /// Whether `symbol` has a dynamic binding.
    pub(crate) fn is_bound(&self, symbol: Object<'_>, cx: &Context) -> bool {
        self.outermost(symbol, cx, |entry| matches!(entry, Entry::Let | Entry::LetDefault | Entry::LetOwn)).is_some()
    }

    /// Whether `symbol` has a dynamic binding that was made when it was buffer-local already.
    pub(crate) fn is_bound_locally(&self, symbol: Object<'_>, cx: &Context) -> bool {
        self.outermost(symbol, cx, |entry| matches!(entry, Entry::LetDefault | Entry::LetOwn)).is_some()
    }

    fn pop_word<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        self.words.pop(cx).unwrap_or(NIL)
    }
}

/// The present place in the binding stack.
#[inline(always)]
pub fn mark(cx: &Context) -> Mark {
    Vm::of(cx).specpdl.mark()
}

/// Check `max-specpdl-size` before an entry is added.
#[inline(always)]
pub(crate) fn check_room(vm: &Vm, cx: &Context) -> Result<(), Throw> {
    if vm.specpdl.len() as i64 >= vm.max_specpdl.get() { specpdl_full(vm, cx) } else { Ok(()) }
}

#[cold]
fn specpdl_full(vm: &Vm, cx: &Context) -> Result<(), Throw> {
    const LEAST: i64 = 400;
    if vm.max_specpdl.get() < LEAST {
        vm.max_specpdl.set(LEAST);
        if (vm.specpdl.len() as i64) < LEAST {
            return Ok(());
        }
    }
    Err(error::error("Variable binding depth exceeds max-specpdl-size", cx))
}

/// Have native code run when control leaves the present form.
pub fn record_cleanup(cleanup: Cleanup, value: Object<'_>, cx: &Context) {
    Vm::of(cx).specpdl.push_cleanup(cleanup, value, cx);
}

/// Undo everything recorded since `mark`, on the way out with `result`.
#[inline(always)]
pub fn unbind_to(mark: Mark, result: CallResult, cx: &mut Context) -> CallResult {
    if Vm::of(cx).specpdl.unbind_at_once(mark, result.is_ok(), cx) { result } else { unbind_slow(mark, result, cx) }
}

/// The same, with the machine at hand.
#[inline(always)]
pub(crate) fn unbind_of(vm: &Vm, mark: Mark, result: CallResult, cx: &mut Context) -> CallResult {
    if vm.specpdl.unbind_at_once(mark, result.is_ok(), cx) { result } else { unbind_slow(mark, result, cx) }
}

/// The cheap entries are undone under `&Context`; at the first that runs Lisp the result is put by.
fn unbind_slow(mark: Mark, result: CallResult, cx: &mut Context) -> CallResult {
    // The debugger and the hook see a signal while the bindings around it are in force.
    let result = result.map_err(|throw| crate::handler::raise(throw, cx));
    if unbind_plain(mark, cx) {
        return result;
    }
    let scope = cx.scope();
    let mut exit = crate::handler::PutBy::new(result, &scope, cx);
    while let Some(entry) = pop_calling(mark, cx) {
        // A cleanup that signals replaces the exit that was under way, as in Emacs; the rest is undone all the same.
        if let Err(throw) = undo(entry, cx) {
            let throw = crate::handler::raise(throw, cx);
            exit.replace(Err(throw), cx);
        }
        if unbind_plain(mark, cx) {
            break;
        }
    }
    exit.take(cx)
}

/// Undo entries that need no Lisp; true if nothing is left above `mark`.
pub(crate) fn unbind_plain(mark: Mark, cx: &Context) -> bool {
    let specpdl = &Vm::of(cx).specpdl;
    loop {
        let Some(entry) = specpdl.last_above(mark) else { return true };
        match specpdl.unpack(entry) {
            Entry::Let | Entry::LetDefault => {
                let Some([symbol, old]) = specpdl.words.last_two(cx) else { return true };
                if !binding::restore_plain(symbol, old, cx) {
                    return false;
                }
                specpdl.words.drop_two();
            }
            Entry::LetOwn => {
                let Some([symbol, old]) = specpdl.words.last_two(cx) else { return true };
                if symbol.as_symbol().is_some_and(|s| binding::is_watched(s, cx)) {
                    return false;
                }
                binding::restore_own(symbol, old, cx);
                specpdl.words.drop_two();
            }
            Entry::Environment => eval::set_environment(specpdl.pop_word(cx), cx),
            Entry::Frame | Entry::Variables => {}
            Entry::Forms | Entry::Cleanup(_) => return false,
        }
        specpdl.drop_last();
    }
}

/// Take off the innermost entry above `mark`, whose values go on the Lisp stack.
fn pop_calling(mark: Mark, cx: &Context) -> Option<Entry> {
    let specpdl = &Vm::of(cx).specpdl;
    let packed = specpdl.last_above(mark)?;
    let entry = specpdl.unpack(packed);
    specpdl.drop_last();
    if packed.is(kind::CLEANUP) {
        specpdl.cleanups.borrow_mut().truncate(packed.base);
    }
    let n = specpdl.words.len() - entry.words();
    for i in n..n + entry.words() {
        cx.push(specpdl.words.get(cx, i));
    }
    specpdl.words.truncate(n);
    Some(entry)
}

/// Undo an entry whose values are on top of the Lisp stack.
fn undo(entry: Entry, cx: &mut Context) -> Result<(), Throw> {
    let base = cx.stack_len() - entry.words();
    let values = cx.window(base, entry.words());
    let result = match entry {
        Entry::Let | Entry::LetDefault => binding::restore_watched(values, cx),
        Entry::LetOwn => binding::restore_own_watched(values, cx),
        Entry::Forms => eval::forms::progn_body(values.root(0), cx).map(|_| ()),
        Entry::Cleanup(cleanup) => cleanup(values.root(0), cx),
        Entry::Environment | Entry::Variables | Entry::Frame => Ok(()),
    };
    cx.truncate_stack(base);
    result
}
