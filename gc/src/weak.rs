//! Weak references: ephemerons of weak hash tables, finalizers, handles on native data.
//!
//! Begins when the strong closure is complete.  An entry of a weak table keeps one half alive when the other is; entries
//! whose deciding half is not yet live wait in a chain that is found from its address, and are woken when the trace
//! reaches it; what they keep is then traced at once, so a chain of ephemerons costs one look-up a link (Handbook,
//! ephemerons; after Whippet's pending tables).
//!
//! All of it can be done a little at a time while the program runs on.  Until the closure is complete, the barrier shades
//! what the program stores into a weak table, and what it takes out is in a root or went through the barrier.  From then
//! on an entry with an unmarked half is dead, and the program is not shown it any more ([`Context::hides`]), so that it can
//! be removed at leisure.  Only entries that ever waited can be dead in the end, so these alone are looked at.

use crate::context::Context;
use crate::heap::Heap;
use crate::object::vectorlike::Vectorlike;
use crate::object::{HashTable, UNBOUND, Weakness};
use crate::slot::Slot;
use crate::trace::Tracer;
use crate::word::Word;

fn table_at<'a>(word: Word) -> HashTable<'a> {
    // SAFETY: INV-WORD-1: `weak_table` recorded a live hash table at its present place; nothing moves it again in this
    // collection.
    HashTable(unsafe { Vectorlike::from_word(word) })
}

/// Bring the closure over ephemerons to its end.
pub(crate) fn trace_ephemerons(heap: &Heap, tracer: &mut impl Tracer) {
    loop {
        tracer.drain(heap);
        if is_all_considered(tracer) {
            return;
        }
        consider_some(heap, tracer, usize::MAX);
    }
}

/// Whether every entry of the weak tables that were found was considered since it was last woken.
pub(crate) fn is_all_considered(tracer: &mut impl Tracer) -> bool {
    let weak = tracer.weak();
    weak.ready.is_empty() && weak.next.0 == weak.tables.len()
}

/// Consider up to `count` more entries.
pub(crate) fn consider_some(heap: &Heap, tracer: &mut impl Tracer, count: usize) {
    for _ in 0..count {
        if let Some((table, entry)) = tracer.weak().ready.pop() {
            consider(heap, tracer, table, entry as usize);
            continue;
        }
        let (at, entry) = tracer.weak().next;
        let Some(&table) = tracer.weak().tables.get(at) else { return };
        let more = entry < table_at(table).used();
        if more {
            consider(heap, tracer, at as u32, entry);
        }
        tracer.weak().next = if more { (at, entry + 1) } else { (at + 1, 0) };
    }
}

/// Let the trace have what entry `i` keeps alive now, or let the entry wait.
fn consider(heap: &Heap, tracer: &mut impl Tracer, table: u32, i: usize) {
    let t = table_at(tracer.weak().tables[table as usize]);
    let [key_slot, value_slot] = t.entry_slots(i);
    let (key, value) = (key_slot.get(), value_slot.get());
    if key == UNBOUND.0 {
        return;
    }
    let (key_live, value_live) = (tracer.is_live(heap, key), tracer.is_live(heap, value));
    if key_live && value_live {
        return;
    }
    let (decides_by_key, decides_by_value) = match t.weakness() {
        Weakness::None => return,
        Weakness::KeyAndValue => (false, false),
        Weakness::Key => (true, false),
        Weakness::Value => (false, true),
        Weakness::KeyOrValue => (true, true),
    };
    if key_live && decides_by_key || value_live && decides_by_value {
        // The slots themselves are updated once, when the table is swept.
        for word in [key, value] {
            tracer.now(heap, word);
        }
        return;
    }
    let weak = tracer.weak();
    for (decides, half) in [(decides_by_key, key), (decides_by_value, value)] {
        if decides {
            weak.wait(Some(half), table, i as u32);
        }
    }
    if !decides_by_key && !decides_by_value {
        weak.wait(None, table, i as u32);
    }
}

/// Remove the dead entries of all weak tables, and update the others if objects moved.
pub(crate) fn sweep_tables<T: Tracer>(heap: &Heap, tracer: &mut T) {
    sweep_some(heap, tracer, usize::MAX);
    if !T::MOVES {
        return;
    }
    for table in std::mem::take(&mut tracer.weak().tables) {
        let t = table_at(table);
        for i in 0..t.used() {
            let [key, value] = t.entry_slots(i);
            if key.get() == UNBOUND.0 {
                continue;
            }
            let current = tracer.current(heap, key.get());
            if current != key.get() {
                key.set(current);
                t.note_moved_key();
            }
            value.set(tracer.current(heap, value.get()));
        }
    }
}

/// Remove the dead among up to `count` more of the entries that ever waited; tells whether none are left.
pub(crate) fn sweep_some<T: Tracer>(heap: &Heap, tracer: &mut T, count: usize) -> bool {
    for _ in 0..count {
        let Some((table, i)) = tracer.weak().take_undecided() else { return true };
        let t = table_at(table);
        let [key, value] = t.entry_slots(i);
        let used = key.get() != UNBOUND.0;
        if used && !(tracer.is_live(heap, key.get()) && tracer.is_live(heap, value.get())) {
            t.drop_dead(i);
        }
    }
    false
}

impl Context {
    /// Whether the collector has decided that an entry of a weak table is dead and has not yet removed it.  Then the
    /// program must not see it: what it refers to is about to be freed.
    #[inline(always)]
    pub(crate) fn hides(&self, table: HashTable<'_>, i: usize) -> bool {
        self.deciding.get() && self.is_dead_entry(table, i)
    }

    #[cold]
    fn is_dead_entry(&self, table: HashTable<'_>, i: usize) -> bool {
        let dead = |slot: &Slot| {
            let word = slot.get();
            !word.is_fixnum() && {
                let offset = self.heap.offset(word);
                !self.heap.is_young(offset) && !self.heap.region.marks().get(offset)
            }
        };
        table.weakness() != Weakness::None && table.entry_slots(i).into_iter().any(dead)
    }
}
