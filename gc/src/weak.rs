//! Weak references: ephemerons of weak hash tables, finalizers, handles on native data.
//!
//! Runs when the strong closure is complete.  An entry of a weak table keeps one half alive when the other is; entries
//! whose deciding half is not yet live wait under its address, and are woken when the trace reaches it, so a chain of
//! ephemerons costs one look-up a link (Handbook, ephemerons; after Whippet's pending tables).

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
    let mut known = 0;
    loop {
        while known < tracer.weak().tables.len() {
            let table = tracer.weak().tables[known];
            known += 1;
            for i in 0..table_at(table).capacity() {
                consider(heap, tracer, table, i);
            }
        }
        let Some((table, i)) = tracer.weak().ready.pop() else {
            if known == tracer.weak().tables.len() {
                return;
            }
            continue;
        };
        consider(heap, tracer, table, i as usize);
    }
}

/// Trace what entry `i` keeps alive now, or let it wait.
fn consider(heap: &Heap, tracer: &mut impl Tracer, table: Word, i: usize) {
    let t = table_at(table);
    let [key_slot, value_slot] = t.entry_slots(i);
    let (key, value) = (key_slot.get(), value_slot.get());
    if key == UNBOUND.0 {
        return;
    }
    let (key_live, value_live) = (tracer.is_live(heap, key), tracer.is_live(heap, value));
    let (decides_by_key, decides_by_value) = match t.weakness() {
        Weakness::None | Weakness::KeyAndValue => return,
        Weakness::Key => (true, false),
        Weakness::Value => (false, true),
        Weakness::KeyOrValue => (true, true),
    };
    if key_live && decides_by_key || value_live && decides_by_value {
        if !(key_live && value_live) {
            // The slots themselves are updated once, when the table is swept.
            for word in [key, value] {
                tracer.slot(&crate::slot::Slot::new(word));
            }
            tracer.drain(heap);
        }
        return;
    }
    let entry = (table, i as u32);
    if decides_by_key {
        tracer.weak().waiting.entry(key.bits()).or_default().push(entry);
    }
    if decides_by_value {
        tracer.weak().waiting.entry(value.bits()).or_default().push(entry);
    }
}

/// Remove the dead entries of all weak tables, and update the others.
pub(crate) fn sweep_tables(heap: &Heap, tracer: &mut impl Tracer) {
    for table in std::mem::take(&mut tracer.weak().tables) {
        let t = table_at(table);
        for i in 0..t.capacity() {
            let [key, value] = t.entry_slots(i);
            if key.get() == UNBOUND.0 {
                continue;
            }
            if tracer.is_live(heap, key.get()) && tracer.is_live(heap, value.get()) {
                let current = tracer.current(heap, key.get());
                if current != key.get() {
                    key.set(current);
                    t.note_moved_key();
                }
                value.set(tracer.current(heap, value.get()));
            } else {
                t.drop_dead(i);
            }
        }
    }
}
