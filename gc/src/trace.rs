//! Tracing: the one place that knows where an object's words are.
//!
//! [`children`] is the only enumeration of an object's slots; the marker, the copier and the verifier all use it.
//! A [`Tracer`] says what to do with a slot and how to go on until nothing is left.

pub(crate) mod copy;
pub(crate) mod mark;

use crate::block::prefetch;
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
    /// Whether objects move, so that the slots of weak tables must be updated.
    const MOVES: bool = false;
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
    /// The first of [`WeakState::tables`] that was not wholly considered, and its first entry that was not.
    pub(crate) next: (usize, usize),
    /// Entries that become live when the object of this word does: the last that began to wait.
    waiting: FxHashMap<usize, u32>,
    /// All entries that were not live when they were considered: some have become so since.
    pub(crate) undecided: Vec<Waiter>,
    /// Entries that became live and whose other half is still to be traced.
    pub(crate) ready: Vec<(Word, u32)>,
}

/// An entry of a weak table that waits for an object to be found live, and the one that began to wait for it before.
pub(crate) struct Waiter {
    pub(crate) table: Word,
    pub(crate) entry: u32,
    before: u32,
}

const NOBODY: u32 = u32::MAX;

impl WeakState {
    /// Whether some entry waits for an object.
    #[inline(always)]
    pub(crate) fn someone_waits(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// An entry waits for an object; or, if it has none to wait for, it is only noted.
    pub(crate) fn wait(&mut self, object: Option<Word>, table: Word, entry: u32) {
        let me = self.undecided.len() as u32;
        let before = object.and_then(|object| self.waiting.insert(object.bits(), me)).unwrap_or(NOBODY);
        self.undecided.push(Waiter { table, entry, before });
    }

    /// An object was found live.
    #[cold]
    #[inline(never)]
    pub(crate) fn wake(&mut self, word: Word) {
        let mut next = self.waiting.remove(&word.bits()).unwrap_or(NOBODY);
        while next != NOBODY {
            let waiter = &self.undecided[next as usize];
            self.ready.push((waiter.table, waiter.entry));
            next = waiter.before;
        }
    }
}

/// A stretch of the slots of a long vectorlike, the unit in which it enters the remembered set.
#[derive(Clone, Copy)]
pub(crate) struct Card(u32);

/// Slots of a card: about a cache line.
const CARD_SLOTS: usize = 8;
/// Slots of a vectorlike that has cards; a shorter one enters the remembered set whole.
const LONG: usize = 64;

impl Card {
    /// The card of a long vectorlike that a slot of it is in; `None` for all other objects.
    pub(crate) fn of(object: Word, slot: &Slot) -> Option<Card> {
        if object.tag() != TAG_VECTORLIKE {
            return None;
        }
        // SAFETY: INV-WORD-1: the tag says what the word refers to.
        let slots = unsafe { Vectorlike::from_word(object) }.slots();
        let index = (std::ptr::from_ref(slot).addr() - slots.as_ptr().addr()) / size_of::<Slot>();
        (slots.len() > LONG).then_some(Card((index / CARD_SLOTS) as u32))
    }

    /// Where, from the object on, the granule lies whose log bit is the card's.
    pub(crate) fn log_offset(self) -> usize {
        self.0 as usize * CARD_SLOTS * size_of::<Slot>()
    }
}

/// Visit the children of the remembered set.
pub(crate) fn remembered_set(heap: &Heap, set: &[(Word, Option<Card>)], tracer: &mut impl Tracer) {
    const AHEAD: usize = 8;
    for (i, &(word, card)) in set.iter().enumerate() {
        if let Some(&(word, card)) = set.get(i + AHEAD)
            && word.tag() != TAG_SYMBOL
        {
            prefetch(word.address().as_ptr().wrapping_add(card.map_or(0, Card::log_offset)));
        }
        remembered_children(heap, word, card, tracer);
    }
}

/// Visit the children that an entry of the remembered set stands for.
fn remembered_children<V: Tracer>(heap: &Heap, word: Word, card: Option<Card>, tracer: &mut V) {
    let Some(Card(card)) = card else { return children(heap, word, tracer) };
    // SAFETY: INV-WORD-1: only vectorlikes have cards.
    let v = unsafe { Vectorlike::from_word(word) };
    let from = card as usize * CARD_SLOTS;
    let slots = &v.slots()[from..v.slots().len().min(from + CARD_SLOTS)];
    if v.header().is(HeaderKind::TableData) {
        table_slots(v, slots, from, tracer);
    } else {
        slots.iter().for_each(|slot| tracer.slot(slot));
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
    table_slots(data, data.slots(), 0, tracer);
}

/// Some slots of a table's data, from number `from` on.
fn table_slots<V: Tracer>(data: Vectorlike<'_>, slots: &[Slot], from: usize, tracer: &mut V) {
    for (i, slot) in slots.iter().enumerate() {
        let before = slot.get();
        tracer.slot(slot);
        if slot.get() != before {
            note_moved_key(data, from + i, V::ONLY_YOUNG);
        }
    }
}
