//! Weak references: ephemerons of weak hash tables, finalizers, handles on native data.
//!
//! Begins when the strong closure is complete.  An entry of a weak table keeps one half alive when the other is; entries
//! whose deciding half is not yet live wait under its address, and are woken when the trace reaches it, so a chain of
//! ephemerons costs one look-up a link (Handbook, ephemerons; after Whippet's pending tables).
//!
//! Entries can be considered a few at a time while the program runs on: what it stores into a weak table meanwhile is
//! shaded by the barrier, and what it takes out is in a root or went through the barrier.  Only entries that ever waited
//! can be dead in the end, so the last step looks at these alone.

use crate::heap::Heap;
use crate::object::vectorlike::Vectorlike;
use crate::object::{HashTable, UNBOUND, Weakness};
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
        let more = entry < table_at(table).capacity();
        if more {
            consider(heap, tracer, table, entry);
        }
        tracer.weak().next = if more { (at, entry + 1) } else { (at + 1, 0) };
    }
}

/// Let the trace have what entry `i` keeps alive now, or let the entry wait.
fn consider(heap: &Heap, tracer: &mut impl Tracer, table: Word, i: usize) {
    let t = table_at(table);
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
            tracer.slot(&crate::slot::Slot::new(word));
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
    if !T::MOVES {
        for waiter in std::mem::take(&mut tracer.weak().undecided) {
            drop_if_dead(heap, tracer, table_at(waiter.table), waiter.entry as usize);
        }
        return;
    }
    for table in std::mem::take(&mut tracer.weak().tables) {
        let t = table_at(table);
        for i in 0..t.capacity() {
            if drop_if_dead(heap, tracer, t, i) {
                continue;
            }
            let [key, value] = t.entry_slots(i);
            let current = tracer.current(heap, key.get());
            if current != key.get() {
                key.set(current);
                t.note_moved_key();
            }
            value.set(tracer.current(heap, value.get()));
        }
    }
}

/// Remove entry `i` if one of its halves is dead; tells whether there is no entry now.
fn drop_if_dead(heap: &Heap, tracer: &impl Tracer, t: HashTable<'_>, i: usize) -> bool {
    let [key, value] = t.entry_slots(i);
    let used = key.get() != UNBOUND.0;
    if used && !(tracer.is_live(heap, key.get()) && tracer.is_live(heap, value.get())) {
        t.drop_dead(i);
        return true;
    }
    !used
}
