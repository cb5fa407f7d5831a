//! Symbols: 48 bytes, Emacs's size, in blocks that never move.
//!
//! A symbol's word is the byte offset of its cell from the start of the heap.  The first cells of the heap are the
//! built-in symbols, so `nil` is offset 0 in every heap and a built-in symbol is a constant of the program.
//! What a symbol's value cell means is its [`Redirect`], as in Emacs's `lisp.h` (`symbol_redirect`).

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::{NIL, Object, Str, UNBOUND};
use crate::size_class::{Class, SYMBOL_BYTES};
use crate::slot::Slot;
use crate::word::Word;
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// A symbol in the heap.
#[repr(C)]
pub(crate) struct SymbolCell {
    /// Low half as a header (kind `Symbol`), with the flag byte; upper half the hash of the name.
    flags: Cell<u64>,
    pub(crate) name: Slot,
    pub(crate) value: Slot,
    pub(crate) function: Slot,
    pub(crate) plist: Slot,
    /// The next symbol in an obarray bucket that Lisp made; nil at its end.
    pub(crate) next: Slot,
}
const _: () = assert!(size_of::<SymbolCell>() == SYMBOL_BYTES);

const HEADER_BITS: u64 = 7 | (HeaderKind::Symbol as u64) << 3;
const REDIRECT_SHIFT: u32 = 8;
const INTERNED_SHIFT: u32 = 10;
const WRITE_SHIFT: u32 = 12;
const SPECIAL_BIT: u64 = 1 << 14;
const HASH_SHIFT: u32 = 32;

impl SymbolCell {
    pub(crate) fn unborn() -> SymbolCell {
        SymbolCell {
            flags: Cell::new(HEADER_BITS),
            name: Slot::new(NIL.0),
            value: Slot::new(UNBOUND.0),
            function: Slot::new(NIL.0),
            plist: Slot::new(NIL.0),
            next: Slot::new(NIL.0),
        }
    }

    /// The slots that the collector traces: one list for scan, copy and verifier.
    pub(crate) fn slots(&self) -> [&Slot; 5] {
        [&self.name, &self.value, &self.function, &self.plist, &self.next]
    }

    pub(crate) fn is_valid(&self) -> bool {
        self.flags.get() & 0xff == HEADER_BITS
    }
}

/// What a symbol's value cell holds (Emacs's `enum symbol_redirect`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Redirect {
    /// The value itself.
    Plain = 0,
    /// Another symbol, whose variable this is (`defvaralias`).
    Alias = 1,
    /// A runtime's own record of buffer-local values.
    Localized = 2,
    /// A fixnum, the number of a variable that is native state.
    Forwarded = 3,
}

/// Whether a symbol is in an obarray (Emacs's `enum symbol_interned`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Interned {
    /// In none.
    No = 0,
    /// In an obarray that Lisp made.
    Yes = 1,
    /// In the initial obarray.
    Initially = 2,
}

/// What happens on a store to the variable (Emacs's `enum symbol_trapped_write`).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Write {
    /// It is just done.
    Untrapped = 0,
    /// It is refused: constants and keywords.
    Constant = 1,
    /// Watchers are called.
    Watched = 2,
}

/// A symbol.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Symbol<'ob>(Word, PhantomData<&'ob Context>);

impl<'ob> Symbol<'ob> {
    /// # Safety
    /// As [`Object::from_word`], and the word's tag is that of a symbol.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Symbol<'ob> {
        Symbol(word, PhantomData)
    }

    /// The symbol's cell; the context gives the start of the heap.
    #[inline(always)]
    fn cell(self, cx: &'ob Context) -> &'ob SymbolCell {
        // SAFETY: INV-WORD-1: the offset is that of an initialised symbol of this thread's one context (INV-CONTEXT-1);
        // INV-OBJECT-1: it is alive and in place during 'ob, and all its fields are cells.
        unsafe { cx.symbol_cell(self.0).as_ref() }
    }

    /// The number, if this is a built-in symbol.
    #[inline(always)]
    pub fn builtin_number(self) -> Option<usize> {
        let number = self.0.symbol_offset() / SYMBOL_BYTES;
        (number < crate::object::MAX_BUILTIN_SYMBOLS).then_some(number)
    }

    /// The name.
    pub fn name(self, cx: &'ob Context) -> Str<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        let name: Object<'ob> = unsafe { Object::from_word(self.cell(cx).name.get()) };
        name.as_string().unwrap_or_else(|| cx.string_from_str(""))
    }

    /// The value cell, whatever it means; [`UNBOUND`] if there is no value.
    #[inline(always)]
    pub fn value(self, cx: &'ob Context) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell(cx).value.get()) }
    }

    /// Replace the value cell.
    #[inline(always)]
    pub fn set_value(self, v: Object<'_>, cx: &Context) {
        self.store(|c| &c.value, v, cx);
    }

    /// The function cell; nil if there is no function.
    #[inline(always)]
    pub fn function(self, cx: &'ob Context) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell(cx).function.get()) }
    }

    /// Replace the function cell.
    pub fn set_function(self, v: Object<'_>, cx: &Context) {
        cx.function_epoch.set(cx.function_epoch.get().wrapping_add(1));
        cx.watch.note_change();
        self.store(|c| &c.function, v, cx);
    }

    /// The property list.
    #[inline(always)]
    pub fn plist(self, cx: &'ob Context) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell(cx).plist.get()) }
    }

    /// Replace the property list.
    pub fn set_plist(self, v: Object<'_>, cx: &Context) {
        self.store(|c| &c.plist, v, cx);
    }

    /// The next symbol in its obarray bucket.
    pub fn next(self, cx: &'ob Context) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell(cx).next.get()) }
    }

    /// Chain the symbol before `v` in an obarray bucket.
    pub fn set_next(self, v: Object<'_>, cx: &Context) {
        self.store(|c| &c.next, v, cx);
    }

    #[inline(always)]
    fn store(self, field: impl FnOnce(&SymbolCell) -> &Slot, v: Object<'_>, cx: &Context) {
        // SAFETY: as in `cell`, for the time of this store.
        let slot = field(unsafe { cx.symbol_cell(self.0).as_ref() });
        cx.write_barrier(self.0, slot, v.0);
        slot.publish(v.0);
    }

    #[inline(always)]
    fn flags(self, cx: &Context) -> u64 {
        // SAFETY: as in `cell`, for the time of this read.
        unsafe { cx.symbol_cell(self.0).as_ref() }.flags.get()
    }

    fn set_flags(self, mask: u64, bits: u64, cx: &Context) {
        // SAFETY: as in `cell`, for the time of this write.
        let cell = unsafe { cx.symbol_cell(self.0).as_ref() };
        cell.flags.set(cell.flags.get() & !mask | bits);
    }

    /// Replace what says how the variable is bound and set, which prepared code knows.
    fn set_variable_flags(self, mask: u64, bits: u64, cx: &Context) {
        if self.flags(cx) & mask != bits {
            cx.watch.note_change();
            self.set_flags(mask, bits, cx);
        }
    }

    /// What the value cell means.
    #[inline(always)]
    pub fn redirect(self, cx: &Context) -> Redirect {
        match self.flags(cx) >> REDIRECT_SHIFT & 3 {
            0 => Redirect::Plain,
            1 => Redirect::Alias,
            2 => Redirect::Localized,
            _ => Redirect::Forwarded,
        }
    }

    /// Set what the value cell means.
    pub fn set_redirect(self, redirect: Redirect, cx: &Context) {
        self.set_variable_flags(3 << REDIRECT_SHIFT, (redirect as u64) << REDIRECT_SHIFT, cx);
    }

    /// Whether the symbol is in an obarray.
    pub fn interned(self, cx: &Context) -> Interned {
        match self.flags(cx) >> INTERNED_SHIFT & 3 {
            0 => Interned::No,
            1 => Interned::Yes,
            _ => Interned::Initially,
        }
    }

    /// Note whether the symbol is in an obarray.
    pub fn set_interned(self, interned: Interned, cx: &Context) {
        self.set_flags(3 << INTERNED_SHIFT, (interned as u64) << INTERNED_SHIFT, cx);
    }

    /// What happens on a store to the variable.
    pub fn write(self, cx: &Context) -> Write {
        match self.flags(cx) >> WRITE_SHIFT & 3 {
            0 => Write::Untrapped,
            1 => Write::Constant,
            _ => Write::Watched,
        }
    }

    /// Set what happens on a store to the variable.
    pub fn set_write(self, write: Write, cx: &Context) {
        self.set_variable_flags(3 << WRITE_SHIFT, (write as u64) << WRITE_SHIFT, cx);
    }

    /// Whether the value cell can be read and written directly: plain and untrapped.
    #[inline(always)]
    pub fn is_plain(self, cx: &Context) -> bool {
        self.flags(cx) & (3 << REDIRECT_SHIFT | 3 << WRITE_SHIFT) == 0
    }

    /// Whether `defvar` and kin declared the variable special, that is dynamically bound.
    #[inline(always)]
    pub fn is_special(self, cx: &Context) -> bool {
        self.flags(cx) & SPECIAL_BIT != 0
    }

    /// Declare the variable special, or no longer so.
    pub fn set_special(self, special: bool, cx: &Context) {
        self.set_variable_flags(SPECIAL_BIT, if special { SPECIAL_BIT } else { 0 }, cx);
    }

    /// The hash of the name, for obarrays.
    pub fn name_hash(self, cx: &Context) -> u32 {
        (self.flags(cx) >> HASH_SHIFT) as u32
    }

    pub(crate) fn set_name_hash(self, hash: u32, cx: &Context) {
        self.set_flags(u64::from(u32::MAX) << HASH_SHIFT, u64::from(hash) << HASH_SHIFT, cx);
    }
}

impl<'ob> From<Symbol<'ob>> for Object<'ob> {
    #[inline(always)]
    fn from(s: Symbol<'ob>) -> Self {
        // SAFETY: INV-WORD-1: a Symbol only ever holds the offset of an initialised symbol.
        unsafe { Object::from_word(s.0) }
    }
}

impl Context {
    /// A new symbol in no obarray, without value or function.
    pub fn make_symbol(&self, name: Str<'_>) -> Symbol<'_> {
        let cell = self.alloc_cell::<SymbolCell>(Class::SYMBOL);
        let symbol = SymbolCell::unborn();
        symbol.name.set(Object::from(name).0);
        // SAFETY: INV-ALLOC-1: the cell is free, big enough and ours.
        unsafe { cell.write(symbol) };
        let symbol = Symbol(Word::symbol(self.heap().region.offset(cell.cast())), PhantomData);
        symbol.set_name_hash(crate::obarray::hash_name(name.bytes()), self);
        if self.heap().sticky {
            // INV-STICKY-1: symbols are old from birth, since obarrays are no roots of a minor collection.
            self.heap().region.marks().set(self.heap().region.offset(cell.cast()));
        }
        self.remember_at_birth(symbol.0);
        self.shade_newborn(Some(symbol.0), cell.cast());
        symbol
    }

    #[inline(always)]
    pub(crate) fn symbol_cell(&self, word: Word) -> NonNull<SymbolCell> {
        self.heap().symbol_cell(word)
    }
}
