//! The initial obarray: every interned symbol, by name.  All of them are roots, as in Emacs.

use crate::context::Context;
use crate::object::{Interned, NIL, Object, Symbol};
use crate::word::Word;
use hashbrown::HashTable;
use std::cell::RefCell;
use std::hash::Hasher;

/// Interned symbols.
#[derive(Default)]
pub(crate) struct Obarray {
    symbols: RefCell<HashTable<Word>>,
    /// The same symbols in the order in which they came, so that a collection can go through them in steps; `nil` where
    /// one was taken out.
    order: RefCell<Vec<Word>>,
}

/// The hash of a symbol's name.
pub(crate) fn hash_name(name: &[u8]) -> u32 {
    let mut hasher = rustc_hash::FxHasher::default();
    hasher.write(name);
    (hasher.finish() >> 16) as u32
}

/// The hash that the table works with: its upper bits, by which the table tells most names apart, differ too.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

impl Obarray {
    pub(crate) fn words(&self) -> Vec<Word> {
        self.symbols.borrow().iter().copied().collect()
    }

    pub(crate) fn for_each(&self, f: impl FnMut(Word)) {
        self.for_some(0, usize::MAX, f);
    }

    /// Visit up to `count` symbols from the given place on; gives the place to go on from.
    pub(crate) fn for_some(&self, from: usize, count: usize, f: impl FnMut(Word)) -> Option<usize> {
        let order = self.order.borrow();
        let to = order.len().min(from.saturating_add(count));
        order[from.min(to)..to].iter().copied().for_each(f);
        (to < order.len()).then_some(to)
    }
}

impl Context {
    /// The interned symbol with the given name, if there is one.
    pub fn intern_soft(&self, name: &[u8]) -> Option<Symbol<'_>> {
        let symbols = self.obarray.symbols.borrow();
        let found = symbols.find(spread(hash_name(name)), |&w| self.symbol_of(w).name(self).bytes() == name);
        found.map(|&w| self.symbol_of(w))
    }

    /// The symbol with the given ASCII or UTF-8 name, interned if need be.
    pub fn intern(&self, name: &str) -> Symbol<'_> {
        self.intern_soft(name.as_bytes()).unwrap_or_else(|| {
            let symbol = self.make_symbol(self.string_from_str(name));
            self.add_to_obarray(symbol);
            symbol
        })
    }

    /// Put a symbol in the initial obarray, under its name.
    pub fn add_to_obarray(&self, symbol: Symbol<'_>) {
        symbol.set_interned(Interned::Initially, self);
        let word = Object::from(symbol).0;
        let hash = |w: &Word| spread(self.symbol_of(*w).name_hash(self));
        self.obarray.symbols.borrow_mut().insert_unique(hash(&word), word, hash);
        self.obarray.order.borrow_mut().push(word);
        // An incremental collection may have gone past the end already.
        self.shade(word);
    }

    /// Take a symbol out of the initial obarray; false if it was not there.
    pub fn remove_from_obarray(&self, symbol: Symbol<'_>) -> bool {
        let word = Object::from(symbol).0;
        let mut symbols = self.obarray.symbols.borrow_mut();
        let Ok(entry) = symbols.find_entry(spread(symbol.name_hash(self)), |&w| w == word) else { return false };
        entry.remove();
        if let Some(place) = self.obarray.order.borrow_mut().iter_mut().find(|w| **w == word) {
            *place = NIL.0;
        }
        symbol.set_interned(Interned::No, self);
        true
    }

    /// All interned symbols, as they are now, in no special order.
    pub fn obarray_symbols(&self) -> Vec<Symbol<'_>> {
        self.obarray.words().into_iter().map(|w| self.symbol_of(w)).collect()
    }

    #[inline]
    fn symbol_of(&self, word: Word) -> Symbol<'_> {
        // SAFETY: INV-WORD-1: the obarray holds symbols, which it keeps alive and which never move.
        unsafe { Symbol::from_word(word) }
    }
}
