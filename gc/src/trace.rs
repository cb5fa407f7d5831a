//! Tracing: the one place that knows where an object's words are.
//!
//! [`children`] is the only enumeration of an object's slots; the marker, the copier and the verifier all use it.
//! A [`Visitor`] says what to do with a slot, and a [`Tracer`] how to go on until nothing is left.

pub(crate) mod copy;
pub(crate) mod mark;

use crate::block::Waiters;
use crate::block::prefetch;
use crate::header::HeaderKind;
use crate::heap::{Heap, Origin};
use crate::object::cons::ConsCell;
use crate::object::hash_table::{WEAK_DATA, note_moved_key};
use crate::object::string::StringCell;
use crate::object::vectorlike::Vectorlike;
use crate::slot::Slot;
use crate::word::{TAG_CONS, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use std::sync::atomic::Ordering;

/// What is done with the children of objects.
pub(crate) trait Visitor {
    /// Whether this is about the nursery alone.  Then the entries of weak tables are slots as all others, since a partial
    /// collection cannot decide about them.
    const ONLY_YOUNG: bool = false;
    /// A slot that is to stay: mark or copy what it refers to, and update it.
    fn slot(&mut self, slot: &Slot);
    /// The data cell of a string that is to stay.
    fn string_data(&mut self, cell: &StringCell);
    /// A weak table that was found; its entries are decided later.
    fn weak_table(&mut self, table: Word);
}

/// A traversal of the heap that finds out what lives.
pub(crate) trait Tracer: Visitor {
    /// Whether objects move, so that the slots of weak tables must be updated.
    const MOVES: bool = false;
    /// An object is to stay: if it can be dealt with at once it is, else as [`Visitor::slot`] does.
    fn now(&mut self, _heap: &Heap, word: Word) {
        self.slot(&Slot::new(word));
    }
    /// All children of an object, or of a card of it, were visited: one of the remembered set, or one that was found.
    fn scanned(&mut self, _word: Word, _card: Option<Card>) {}
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
pub(crate) struct WeakState {
    origin: Origin,
    /// The heads of the chains of entries that wait for an object: numbers in `undecided`, plus one.
    heads: Waiters,
    /// Weak tables found.
    pub(crate) tables: Vec<Word>,
    /// The first of [`WeakState::tables`] that was not wholly considered, and its first entry that was not.
    pub(crate) next: (usize, usize),
    /// How many entries wait.
    waiting: usize,
    /// All entries that were not live when they were considered: some have become so since.
    undecided: Vec<Waiter>,
    /// Entries that became live and whose other half is still to be traced.
    pub(crate) ready: Vec<(u32, u32)>,
}

/// An entry of a weak table that waits for an object to be found live.
struct Waiter {
    /// The object's offset from the start of the heap; [`NOBODY`] when it waits no longer, or never did.
    object: usize,
    /// The table, by its number in [`WeakState::tables`].
    table: u32,
    entry: u32,
    /// The next in the chain, plus one.
    next: u32,
}

const NOBODY: usize = usize::MAX;
/// So many entries that were decided about are given back at once: a MiB of them.
const FREED_AT_ONCE: usize = 32 << 10;

impl WeakState {
    pub(crate) fn new(heap: &Heap) -> WeakState {
        WeakState {
            origin: heap.origin(),
            heads: heap.region.waiters(),
            tables: Vec::new(),
            next: (0, 0),
            waiting: 0,
            undecided: Vec::new(),
            ready: Vec::new(),
        }
    }

    /// Whether some entry waits for an object.
    #[inline(always)]
    pub(crate) fn someone_waits(&self) -> bool {
        self.waiting > 0
    }

    /// An entry waits for an object; or, if it has none to wait for, it is only noted.
    pub(crate) fn wait(&mut self, object: Option<Word>, table: u32, entry: u32) {
        let mut waiter = Waiter { object: NOBODY, table, entry, next: 0 };
        if let Some(object) = object {
            let offset = self.origin.offset(object);
            waiter.object = offset;
            let me = self.undecided.len() as u32 + 1;
            let head = self.heads.head(offset);
            waiter.next = head.load(Ordering::Relaxed);
            head.store(me, Ordering::Relaxed);
            self.waiting += 1;
        }
        self.undecided.push(waiter);
    }

    /// An object was found live, and some entry waits for one.
    #[inline(always)]
    pub(crate) fn wake(&mut self, word: Word) {
        let offset = self.origin.offset(word);
        if self.heads.head(offset).load(Ordering::Relaxed) != 0 {
            self.wake_group(offset);
        }
    }

    /// Take those that wait for the object at `offset` out of its group's chain.
    #[inline(never)]
    fn wake_group(&mut self, offset: usize) {
        let head = self.heads.head(offset);
        let mut next = head.load(Ordering::Relaxed);
        let mut before: Option<usize> = None;
        while next != 0 {
            let at = next as usize - 1;
            let waiter = &mut self.undecided[at];
            next = waiter.next;
            if waiter.object == offset {
                waiter.object = NOBODY;
                self.waiting -= 1;
                self.ready.push((waiter.table, waiter.entry));
                match before {
                    None => head.store(next, Ordering::Relaxed),
                    Some(before) => self.undecided[before].next = next,
                }
            } else {
                before = Some(at);
            }
        }
    }

    /// Everything is marked: take an entry that was undecided, whose table is given too.
    pub(crate) fn take_undecided(&mut self) -> Option<(Word, usize)> {
        let waiter = self.undecided.pop()?;
        // To give it all back at once, at the end, would take long.
        if self.undecided.capacity() - self.undecided.len() > 2 * FREED_AT_ONCE {
            self.undecided.shrink_to(self.undecided.len() + FREED_AT_ONCE);
        }
        if waiter.object != NOBODY {
            // It waits for ever: nobody must find the chain in the next collection.
            self.waiting -= 1;
            self.heads.head(waiter.object).store(0, Ordering::Relaxed);
        }
        Some((self.tables[waiter.table as usize], waiter.entry as usize))
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

/// An entry of the remembered set: an object, or a card of a long one.
pub(crate) type Remembered = (Word, Option<Card>);

/// Visit the children of the remembered set.
pub(crate) fn remembered_set(heap: &Heap, set: &[Remembered], tracer: &mut impl Tracer) {
    const AHEAD: usize = 16;
    for (i, &(word, card)) in set.iter().enumerate() {
        if let Some(&(word, card)) = set.get(i + AHEAD)
            && word.tag() != TAG_SYMBOL
        {
            let start = word.address().as_ptr().wrapping_add(card.map_or(0, Card::log_offset));
            prefetch(start);
            if card.is_some() {
                // Its slots begin behind the header, so they end in the next cache line.
                prefetch(start.wrapping_add(CARD_SLOTS * size_of::<Slot>()));
            }
        }
        remembered_children(heap, word, card, tracer);
        tracer.scanned(word, card);
    }
}

/// Visit the children that an entry of the remembered set stands for.
fn remembered_children<V: Visitor>(heap: &Heap, word: Word, card: Option<Card>, visitor: &mut V) {
    let Some(Card(card)) = card else { return children(heap.origin(), word, visitor) };
    // SAFETY: INV-WORD-1: only vectorlikes have cards.
    let v = unsafe { Vectorlike::from_word(word) };
    let from = card as usize * CARD_SLOTS;
    let slots = &v.slots()[from..v.slots().len().min(from + CARD_SLOTS)];
    if v.header().is(HeaderKind::TableData) {
        table_slots(v, slots, from, visitor);
    } else {
        slots.iter().for_each(|slot| visitor.slot(slot));
    }
}

/// Visit the children of an object.
#[inline(always)]
pub(crate) fn children(origin: Origin, word: Word, visitor: &mut impl Visitor) {
    match word.tag() {
        TAG_CONS => {
            // SAFETY: INV-WORD-1: the tag says what the word refers to.
            let cell = unsafe { word.untagged::<ConsCell>(TAG_CONS).as_ref() };
            visitor.slot(&cell.car);
            visitor.slot(&cell.cdr);
        }
        TAG_SYMBOL => {
            // SAFETY: INV-WORD-1, as above.
            let cell = unsafe { origin.symbol_cell(word).as_ref() };
            cell.slots().into_iter().for_each(|slot| visitor.slot(slot));
        }
        TAG_STRING => {
            // SAFETY: INV-WORD-1, as above.
            let cell = unsafe { word.untagged::<StringCell>(TAG_STRING).as_ref() };
            visitor.slot(&cell.intervals);
            visitor.string_data(cell);
        }
        TAG_VECTORLIKE => {
            // SAFETY: INV-WORD-1, as above; nothing is freed during a trace.
            vectorlike_children(unsafe { Vectorlike::from_word(word) }, visitor);
        }
        _ => {}
    }
}

#[inline(always)]
fn vectorlike_children<V: Visitor>(v: Vectorlike<'_>, visitor: &mut V) {
    let header = v.header();
    if header.is(HeaderKind::TableData) {
        return table_children(v, visitor);
    }
    for slot in v.slots() {
        visitor.slot(slot);
    }
    if v.is_weak_table() {
        visitor.weak_table(v.word());
    }
}

/// Keys and values: not those of a weak table, unless the trace takes them as strong; and moved keys are noted.
fn table_children<V: Visitor>(data: Vectorlike<'_>, visitor: &mut V) {
    if data.header().flags() & WEAK_DATA != 0 && !V::ONLY_YOUNG {
        return;
    }
    table_slots(data, data.slots(), 0, visitor);
}

/// Some slots of a table's data, from number `from` on.
fn table_slots<V: Visitor>(data: Vectorlike<'_>, slots: &[Slot], from: usize, visitor: &mut V) {
    for (i, slot) in slots.iter().enumerate() {
        let before = slot.get();
        visitor.slot(slot);
        if slot.get() != before {
            note_moved_key(data, from + i, V::ONLY_YOUNG);
        }
    }
}
