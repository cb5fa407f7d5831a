//! Tracing: the one place that knows where an object's words are.
//!
//! [`children`] is the only enumeration of an object's slots; the marker, the copier and the verifier all use it.
//! A [`Tracer`] says what to do with a slot and how to go on until nothing is left.

pub(crate) mod copy;
pub(crate) mod mark;

use crate::header::HeaderKind;
use crate::heap::Heap;
use crate::object::cons::ConsCell;
use crate::object::hash_table::{WEAK_DATA, note_moved_key};
use crate::object::string::StringCell;
use crate::object::vectorlike::Vectorlike;
use crate::object::{HashTable, Weakness};
use crate::slot::Slot;
use crate::word::{TAG_CONS, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use rustc_hash::FxHashMap;

/// A traversal of the heap.
pub(crate) trait Tracer {
    /// Whether this collects the nursery alone.  Then the entries of weak tables keep what they refer to: a partial
    /// collection cannot decide about them.
    const ONLY_YOUNG: bool = false;
    /// A slot that is to stay: mark or copy what it refers to, and update it.
    fn slot(&mut self, slot: &Slot);
    /// The data cell of a string that is to stay.
    fn string_data(&mut self, cell: &StringCell);
    /// A weak table that was found; its entries are decided later.
    fn weak_table(&mut self, table: Word);
    /// Scan until nothing is left.
    fn drain(&mut self, heap: &Heap);
    /// Whether an object was found to be live.
    fn is_live(&self, heap: &Heap, word: Word) -> bool;
    /// Where a live object is now.
    fn current(&self, heap: &Heap, word: Word) -> Word;
    /// What the weak phase keeps.
    fn weak(&mut self) -> &mut WeakState;
}

/// What a trace has found out about weak references.
#[derive(Default)]
pub(crate) struct WeakState {
    /// Weak tables found.
    pub(crate) tables: Vec<Word>,
    /// Entries that become live when the object of this word does: table and entry number.
    pub(crate) waiting: FxHashMap<usize, Vec<(Word, u32)>>,
    /// Entries that became live and whose other half is still to be traced.
    pub(crate) ready: Vec<(Word, u32)>,
}

impl WeakState {
    /// An object was found live.
    #[cold]
    #[inline(never)]
    pub(crate) fn wake(&mut self, word: Word) {
        if let Some(entries) = self.waiting.remove(&word.bits()) {
            self.ready.extend(entries);
        }
    }
}

/// Visit the children of an object.
#[inline(always)]
pub(crate) fn children(heap: &Heap, word: Word, tracer: &mut impl Tracer) {
    match word.tag() {
        TAG_CONS => {
            // SAFETY: INV-WORD-1: the tag says what the word refers to.
            let cell = unsafe { word.untagged::<ConsCell>(TAG_CONS).as_ref() };
            tracer.slot(&cell.car);
            tracer.slot(&cell.cdr);
        }
        TAG_SYMBOL => {
            // SAFETY: INV-WORD-1, as above.
            let cell = unsafe { heap.symbol_cell(word).as_ref() };
            cell.slots().into_iter().for_each(|slot| tracer.slot(slot));
        }
        TAG_STRING => {
            // SAFETY: INV-WORD-1, as above.
            let cell = unsafe { word.untagged::<StringCell>(TAG_STRING).as_ref() };
            tracer.slot(&cell.intervals);
            tracer.string_data(cell);
        }
        TAG_VECTORLIKE => {
            // SAFETY: INV-WORD-1, as above; nothing is freed during a trace.
            vectorlike_children(unsafe { Vectorlike::from_word(word) }, tracer);
        }
        _ => {}
    }
}

#[inline(always)]
fn vectorlike_children<V: Tracer>(v: Vectorlike<'_>, tracer: &mut V) {
    let header = v.header();
    if header.is(HeaderKind::TableData) {
        return table_children(v, tracer);
    }
    for slot in v.slots() {
        tracer.slot(slot);
    }
    if header.is(HeaderKind::HashTable) && HashTable(v).weakness() != Weakness::None {
        tracer.weak_table(v.word());
    }
}

/// Keys and values: not those of a weak table, unless the trace takes them as strong; and moved keys are noted.
fn table_children<V: Tracer>(data: Vectorlike<'_>, tracer: &mut V) {
    if data.header().flags() & WEAK_DATA != 0 && !V::ONLY_YOUNG {
        return;
    }
    for (i, slot) in data.slots().iter().enumerate() {
        let before = slot.get();
        tracer.slot(slot);
        if slot.get() != before {
            note_moved_key(data, i, V::ONLY_YOUNG);
        }
    }
}
