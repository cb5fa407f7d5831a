//! Hash tables: the layout and the operations that need no Lisp call.
//!
//! ```text
//!  HashTable ─► data (TableData): key 0, value 0, key 1, value 1, ...      traced unless the table is weak
//!            ├► index (Bytes):    where the numbers of entries are found by hash, at most two thirds of it in use
//!            ├► young (Bytes):    the same for the entries with keys in the nursery; absent until there is one
//!            └► hashes (Bytes):   per entry half a word: its hash, or the next entry of the free list
//! ```
//!
//! A look-up that fails touches the index alone, one that succeeds also the data.  A table that grows copies its data and
//! its hashes; the index is made anew only when it is too short, in which case no key is looked at.
//!
//! Entries keep the order that Emacs gives them (last removed first reused, then those that were never in use), so
//! `maphash` visits them in Emacs's order.
//!
//! A hash by address says so, and whether the key lay in the nursery.  The keys that a collection of the nursery moves are
//! then those of the small young index, which stays in the cache; they are entered in the large one when the table is next
//! used.  A collection that moves everything leaves the whole index to be made anew.
//!
//! Integers that follow each other, and objects that lie beside each other, have hashes that share a line of the index by
//! fours; what is entered or looked up in that order meets each line once.

mod index;

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::vectorlike::{Vectorlike, Words};
use crate::object::{NIL, Object, UNBOUND, vectorlike_reference};
use crate::slot::Slot;
use crate::word::TAG_SYMBOL;
use index::{Halves, Index, places_for, put_all_in};
use std::cell::Cell;

vectorlike_reference!(
    /// A hash table.
    HashTable, HashTable, as_hash_table
);

/// What keeps an entry of a hash table alive.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub enum Weakness {
    /// The table does.
    None = 0,
    /// The key, from elsewhere.
    Key = 1,
    /// The value, from elsewhere.
    Value = 2,
    /// Either of them.
    KeyOrValue = 3,
    /// Both of them.
    KeyAndValue = 4,
}

/// A hash of a key; says whether it was made from an address, and whether from one in the nursery.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashCode(u32);

const BY_ADDRESS: u32 = 1 << 31;
const YOUNG_ADDRESS: u32 = 1 << 30;

impl HashCode {
    /// A hash that does not depend on where objects lie.
    #[inline(always)]
    pub fn stable(hash: u64) -> HashCode {
        // Both halves of the product, so that each bit of the argument counts, those above all the others too.
        let product = u128::from(hash) * 0x9E37_79B9_7F4A_7C15;
        let mixed = (product >> 64) as u64 ^ product as u64;
        HashCode((mixed >> 16) as u32 & !(BY_ADDRESS | YOUNG_ADDRESS))
    }

    /// The hash of one of many numbers that may follow each other: four of these are in a line of the index, every fourth
    /// place of it, so that another four of the same line are pushed on by one place.  Their upper bits differ too.
    #[inline(always)]
    fn of_neighbours(n: u64) -> HashCode {
        HashCode(HashCode::stable(n >> 2).0 ^ ((n as u32 & 3) * (1 << 26 | 1 << 2)))
    }

    /// The hash's bits, for mixing.
    pub fn bits(self) -> u32 {
        self.0 & !(BY_ADDRESS | YOUNG_ADDRESS)
    }
}

const DATA: usize = 0;
const INDEX: usize = 1;
const HASHES: usize = 2;
/// Nil until there is a young key.
const YOUNG: usize = 3;
const FIRST_USER: usize = 4;
/// How many slots the runtime above may use for itself (test, functions, size parameters).
pub const USER_SLOTS: usize = 6;
const COUNT: usize = 0;
/// The entry that was last removed, plus one; each has the one before it in the place of its hash.
const FREE: usize = 1;
const STATE: usize = 2;
/// How many entries are in the young index.
const YOUNG_COUNT: usize = 3;
/// How many entries were ever in use: the free ones behind them have nothing in the place of their hash.
const USED: usize = 4;
const RAW_WORDS: usize = 5;
/// Places of the least young index.
const LEAST_YOUNG: usize = 64;
/// Places of the longest young index that is used again once it is empty: clearing a longer one would take too long for a
/// few keys.
const KEPT_YOUNG: usize = 1024;
/// In the state word, beside the weakness in the low byte: some key was hashed by address.
const ADDRESS_KEYS: u64 = 1 << 8;
/// In the header flags of a weak table and of its data vector, which the collector must not trace.
pub(crate) const WEAK_DATA: u8 = 1;
/// In the header flags of the data vector: a collection of the nursery moved a key since the table was last put in order.
const YOUNG_KEYS_MOVED: u8 = 2;
/// The same, for a collection that moves everything.
const ALL_KEYS_MOVED: u8 = 4;

/// A collection updated a slot of a data vector: note it if the slot is a key's.
pub(crate) fn note_moved_key(data: Vectorlike<'_>, slot: usize, only_young_moved: bool) {
    if slot.is_multiple_of(2) {
        let flag = if only_young_moved { YOUNG_KEYS_MOVED } else { ALL_KEYS_MOVED };
        data.set_flags(data.header().flags() | flag);
    }
}
/// The longest table, in entries: hashes are 30 bits and the header counts words in 32.
pub const MAX_ENTRIES: usize = 1 << 30;

/// The slots of a table, without a look at its header.
#[inline(always)]
fn slots_of(table: Vectorlike<'_>) -> Words<'_> {
    debug_assert!(table.is(HeaderKind::HashTable));
    // SAFETY: `Context::hash_table` makes all tables, with these slots.
    unsafe { Words::counted(table, FIRST_USER + USER_SLOTS) }
}

#[inline(always)]
fn part(table: Vectorlike<'_>, slot: usize) -> Vectorlike<'_> {
    slots_of(table).get(slot).as_vectorlike().expect("INV-TABLE-1: a table has its parts")
}

impl<'ob> HashTable<'ob> {
    #[inline(always)]
    fn raw(self, i: usize) -> &'ob Cell<u64> {
        debug_assert!(i < RAW_WORDS);
        // SAFETY: `Context::hash_table` makes all tables, with these slots and raw words; the callers name one of them.
        unsafe { self.0.raw_behind(FIRST_USER + USER_SLOTS, i) }
    }

    #[inline(always)]
    fn data(self) -> Vectorlike<'ob> {
        part(self.0, DATA)
    }

    #[inline(always)]
    fn index(self) -> Index<'ob> {
        Index::of_all(part(self.0, INDEX))
    }

    /// The index of young keys, if there ever was one.
    #[inline]
    fn young(self) -> Option<Index<'ob>> {
        Some(Index::of_some(slots_of(self.0).get(YOUNG).as_vectorlike()?, self.index()))
    }

    /// The index that has the entries of this hash.
    #[inline(always)]
    fn index_of(self, hash: u32) -> Option<Index<'ob>> {
        if hash & YOUNG_ADDRESS == 0 { Some(self.index()) } else { self.young() }
    }

    #[inline(always)]
    fn hashes(self) -> Halves<'ob> {
        Halves::of(part(self.0, HASHES))
    }

    /// How many entries there are.
    #[inline]
    pub fn count(self) -> usize {
        self.raw(COUNT).get() as usize
    }

    /// How many entries fit before the table grows.
    #[inline]
    pub fn capacity(self) -> usize {
        Words::of(self.data()).len() / 2
    }

    /// How many entries were ever in use since the table was empty; entry numbers are below it.
    #[inline]
    pub fn used(self) -> usize {
        self.raw(USED).get() as usize
    }

    /// The weakness.
    pub fn weakness(self) -> Weakness {
        match self.raw(STATE).get() as u8 {
            0 => Weakness::None,
            1 => Weakness::Key,
            2 => Weakness::Value,
            3 => Weakness::KeyOrValue,
            _ => Weakness::KeyAndValue,
        }
    }

    /// One of the [`USER_SLOTS`] slots of the runtime above.
    #[inline]
    pub fn user(self, i: usize) -> Object<'ob> {
        assert!(i < USER_SLOTS);
        slots_of(self.0).get(FIRST_USER + i)
    }

    /// Store one of the slots of the runtime above.
    pub fn set_user(self, i: usize, v: Object<'_>, cx: &Context) {
        assert!(i < USER_SLOTS);
        self.0.set_slot(FIRST_USER + i, v, cx);
    }

    /// Whether a collection moved a key that is hashed by address; the next look-up mends it.
    #[inline]
    pub fn is_stale(self) -> bool {
        self.raw(STATE).get() & ADDRESS_KEYS != 0
            && self.data().header().flags() & (YOUNG_KEYS_MOVED | ALL_KEYS_MOVED) != 0
    }

    /// Put the entries whose keys moved where they belong now.
    #[cold]
    fn put_in_order(self, cx: &Context) {
        if self.data().header().flags() & ALL_KEYS_MOVED != 0 {
            return self.rehash(cx);
        }
        if let Some(emptied) = self.young() {
            // What stays in the nursery is entered in a new index of young keys.
            let vector = self.0.slot(YOUNG);
            self.0.set_slot(YOUNG, NIL, cx);
            self.raw(YOUNG_COUNT).set(0);
            let (data, hashes) = (Words::of(self.data()), self.hashes());
            let moved = emptied.entries().filter(|&i| data.get(2 * i) != UNBOUND);
            moved.clone().for_each(|i| hashes.set(i, cx.identity_hash(data.get(2 * i)).0));
            self.put_all_in(moved, cx);
            if let Some(vector) = vector
                && self.young().is_none()
                && emptied.len() <= KEPT_YOUNG
            {
                emptied.clear();
                self.0.set_slot(YOUNG, vector, cx);
            }
        }
        self.clear_moved();
    }

    fn clear_moved(self) {
        self.data().set_flags(self.data().header().flags() & !(YOUNG_KEYS_MOVED | ALL_KEYS_MOVED));
    }

    /// Make the indexes anew after everything moved.
    fn rehash(self, cx: &Context) {
        let (data, hashes) = (Words::of(self.data()), self.hashes());
        let mut address_keys = 0;
        for i in (0..self.used()).filter(|&i| data.get(2 * i) != UNBOUND && hashes.get(i) & BY_ADDRESS != 0) {
            address_keys = ADDRESS_KEYS;
            hashes.set(i, cx.identity_hash(data.get(2 * i)).0);
        }
        self.raw(STATE).set(self.raw(STATE).get() & !ADDRESS_KEYS | address_keys);
        self.index().clear();
        self.fill_indexes((0..self.used()).filter(|&i| data.get(2 * i) != UNBOUND), cx);
        self.clear_moved();
    }

    /// Put all entries into the index, which is empty, and into a new one of young keys, by the hashes that they have.
    fn fill_indexes(self, entries: impl Iterator<Item = usize> + Clone, cx: &Context) {
        self.0.set_slot(YOUNG, NIL, cx);
        self.raw(YOUNG_COUNT).set(0);
        self.put_all_in(entries, cx);
    }

    /// Put entries into the indexes of their hashes.
    fn put_all_in(self, entries: impl Iterator<Item = usize> + Clone, cx: &Context) {
        let (index, hashes) = (self.index(), self.hashes());
        put_all_in(
            entries.map(|i| (i, hashes.get(i))),
            |hash| index.prefetch(hash),
            |i, hash| self.put_in(i, hash, cx),
        );
    }

    /// Put entry `i` into the index of its hash.
    #[inline(always)]
    fn put_in(self, i: usize, hash: u32, cx: &Context) {
        if hash & YOUNG_ADDRESS == 0 { self.index().put_in(i, hash) } else { self.put_in_young(i, hash, cx) }
    }

    fn put_in_young(self, i: usize, hash: u32, cx: &Context) {
        let count = self.raw(YOUNG_COUNT).get() as usize + 1;
        let mut young = self.young();
        if young.is_none_or(|young| places_for(count) > young.len()) {
            let vector = cx.halves(places_for(count).max(LEAST_YOUNG));
            let larger = Index::of_some(vector, self.index());
            let hashes = self.hashes();
            young.into_iter().flat_map(Index::entries).for_each(|i| larger.put_in(i, hashes.get(i)));
            self.0.set_slot(YOUNG, vector.into(), cx);
            young = Some(larger);
        }
        if let Some(young) = young {
            young.put_in(i, hash);
            self.raw(YOUNG_COUNT).set(count as u64);
        }
    }

    /// Take entry `i` out of the index it is in.
    fn take_out(self, i: usize) {
        let hashes = self.hashes();
        let hash = hashes.get(i);
        if let Some(index) = self.index_of(hash) {
            index.take_out(i, hashes);
        }
        if hash & YOUNG_ADDRESS != 0 {
            self.raw(YOUNG_COUNT).set(self.raw(YOUNG_COUNT).get().saturating_sub(1));
        }
    }

    /// The entry with this hash whose key `same` accepts, which may be asked about a key with another hash.  Mends a stale
    /// table first.
    ///
    /// A hash by address must be of this moment: compute it after the last safepoint.
    #[inline]
    pub fn find(self, hash: HashCode, cx: &'ob Context, mut same: impl FnMut(Object<'ob>) -> bool) -> Option<usize> {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let data = Words::of(self.data());
        self.index_of(hash.0)?.probe(hash.0, |i| !cx.hides(self, i) && same(data.get(2 * i)))
    }

    /// The entry whose key is this very object.  Mends a stale table first; the hash must be of this moment.
    #[inline]
    pub fn find_identical(self, hash: HashCode, key: Object<'_>, cx: &'ob Context) -> Option<usize> {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let data = Words::of(self.data());
        self.index_of(hash.0)?.probe(hash.0, |i| data.get(2 * i) == key)
    }

    /// The entries with this very hash: for tests that call Lisp, which may change the table.
    pub fn candidates(self, hash: HashCode, cx: &Context) -> Vec<usize> {
        let mut found = Vec::new();
        self.find(hash, cx, |_| false);
        if let Some(index) = self.index_of(hash.0) {
            let hashes = self.hashes();
            index.probe(hash.0, |i| {
                if hashes.get(i) == hash.0 && !cx.hides(self, i) {
                    found.push(i);
                }
                false
            });
        }
        found
    }

    /// Key and value of entry `i`; `None` if the number is free or beyond the last, or if the collector is about to remove
    /// the entry.
    #[inline]
    pub fn entry(self, i: usize, cx: &'ob Context) -> Option<(Object<'ob>, Object<'ob>)> {
        self.any_entry(i).filter(|_| !cx.hides(self, i))
    }

    /// The same, whatever the collector thinks of the entry.
    #[inline]
    fn any_entry(self, i: usize) -> Option<(Object<'ob>, Object<'ob>)> {
        let data = Words::of(self.data());
        let in_use = 2 * i + 1 < data.len() && data.get(2 * i) != UNBOUND;
        in_use.then(|| (data.get(2 * i), data.get(2 * i + 1)))
    }

    /// Replace the value of entry `i`.
    #[inline]
    pub fn set_value(self, i: usize, v: Object<'_>, cx: &Context) {
        let data = self.data();
        data.store(data.slots_of_slotted().get(2 * i + 1), v, cx);
    }

    /// Add an entry for a key that is not there; gives its number.  Grows by half when full, as Emacs does.
    pub fn insert(self, hash: HashCode, key: Object<'_>, value: Object<'_>, cx: &Context) -> usize {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let i = match self.raw(FREE).get() {
            0 => {
                let i = self.used();
                if i == self.capacity() {
                    self.grow(cx);
                }
                self.raw(USED).set(i as u64 + 1);
                i
            }
            free => {
                let i = free as usize - 1;
                self.raw(FREE).set(self.hashes().get(i).into());
                i
            }
        };
        self.hashes().set(i, hash.0);
        self.put_in(i, hash.0, cx);
        self.set_entry(i, key, value, cx);
        self.raw(COUNT).set(self.raw(COUNT).get() + 1);
        if hash.0 & BY_ADDRESS != 0 {
            self.raw(STATE).set(self.raw(STATE).get() | ADDRESS_KEYS);
        }
        i
    }

    #[inline(always)]
    fn set_entry(self, i: usize, key: Object<'_>, value: Object<'_>, cx: &Context) {
        let data = self.data();
        let slots = data.slots_of_slotted();
        data.store(slots.get(2 * i), key, cx);
        data.store(slots.get(2 * i + 1), value, cx);
    }

    /// Remove entry `i`, which must be one.
    pub fn remove(self, i: usize, cx: &Context) {
        self.unlink(i);
        self.set_entry(i, UNBOUND, NIL, cx);
    }

    /// Take entry `i` out of its index, into the free list.
    fn unlink(self, i: usize) {
        self.take_out(i);
        self.hashes().set(i, self.raw(FREE).get() as u32);
        self.raw(FREE).set(i as u64 + 1);
        self.raw(COUNT).set(self.raw(COUNT).get() - 1);
    }

    /// The collector's removal of a dead entry.
    pub(crate) fn drop_dead(self, i: usize) {
        self.unlink(i);
        let [key, value] = self.entry_slots(i);
        key.set(UNBOUND.0);
        value.set(NIL.0);
    }

    /// The collector moved a key.
    pub(crate) fn note_moved_key(self) {
        note_moved_key(self.data(), 0, false);
    }

    /// The slots of entry `i`, in use or not.
    pub(crate) fn entry_slots(self, i: usize) -> [&'ob Slot; 2] {
        let slots = self.data().slots();
        [&slots[2 * i], &slots[2 * i + 1]]
    }

    /// Remove all entries.
    pub fn clear(self, cx: &Context) {
        for i in 0..self.used() {
            self.set_entry(i, UNBOUND, NIL, cx);
        }
        self.index().clear();
        self.0.set_slot(YOUNG, NIL, cx);
        for counter in [COUNT, FREE, USED, YOUNG_COUNT] {
            self.raw(counter).set(0);
        }
        self.raw(STATE).set(self.raw(STATE).get() & !ADDRESS_KEYS);
    }

    /// Make room for half as many entries again: all of them are in use.
    #[cold]
    fn grow(self, cx: &Context) {
        let old = self.capacity();
        let capacity = (old + old / 2).max(old + 1);
        assert!(capacity <= MAX_ENTRIES, "hash table beyond {MAX_ENTRIES} entries: reserve() refuses it before");
        let data = cx.table_data(capacity, self.data().slots(), self.weakness());
        let hashes = cx.halves(capacity);
        Halves::of(hashes).take_over(self.hashes(), old);
        self.0.set_slot(DATA, data.into(), cx);
        self.0.set_slot(HASHES, hashes.into(), cx);
        cx.remember_at_birth(data.word());
        if places_for(capacity) > self.index().len() {
            self.0.set_slot(INDEX, cx.halves(places_for(capacity)).into(), cx);
            self.fill_indexes(0..old, cx);
        }
    }

    /// A table of the same entries, in the same order.
    pub fn copy(self, cx: &Context) -> HashTable<'_> {
        let new = cx.hash_table(self.capacity(), self.weakness());
        for i in 0..USER_SLOTS {
            new.set_user(i, self.user(i), cx);
        }
        new.hashes().take_over(self.hashes(), self.used());
        new.index().places.take_over(self.index().places, self.index().len());
        for i in 0..RAW_WORDS {
            new.raw(i).set(self.raw(i).get());
        }
        if let Some(young) = self.young() {
            let copy = cx.halves(young.len());
            Halves::of(copy).take_over(young.places, young.len());
            new.0.set_slot(YOUNG, copy.into(), cx);
        }
        new.data().set_flags(self.data().header().flags());
        for i in 0..self.used() {
            if let Some((key, value)) = self.entry(i, cx) {
                new.set_entry(i, key, value, cx);
            } else if self.any_entry(i).is_some() {
                new.drop_dead(i);
            }
        }
        new
    }
}

impl Context {
    /// An empty hash table with room for `capacity` entries; callers of a size that Lisp chose call
    /// [`Context::reserve`] first.
    pub fn hash_table(&self, capacity: usize, weakness: Weakness) -> HashTable<'_> {
        let capacity = capacity.min(MAX_ENTRIES);
        let table = HashTable(self.alloc_vectorlike(HeaderKind::HashTable, FIRST_USER + USER_SLOTS, RAW_WORDS, NIL.0));
        table.0.set_slot(DATA, self.table_data(capacity, &[], weakness).into(), self);
        table.0.set_slot(INDEX, self.halves(places_for(capacity)).into(), self);
        table.0.set_slot(HASHES, self.halves(capacity).into(), self);
        table.raw(STATE).set(weakness as u64);
        if weakness != Weakness::None {
            table.0.set_flags(WEAK_DATA);
        }
        table
    }

    /// Room for so many entries, the first of which are given.
    fn table_data(&self, capacity: usize, first: &[Slot], weakness: Weakness) -> Vectorlike<'_> {
        let data = self.alloc_continued(HeaderKind::TableData, 2 * capacity, first, UNBOUND.0);
        if weakness != Weakness::None {
            data.set_flags(WEAK_DATA);
        }
        data
    }

    /// At least so many half words of zero.
    fn halves(&self, count: usize) -> Vectorlike<'_> {
        self.alloc_vectorlike(HeaderKind::Bytes, count.div_ceil(2), 0, NIL.0)
    }

    /// The hash of a key by identity, as `eq` compares it.
    #[inline]
    pub fn identity_hash(&self, key: Object<'_>) -> HashCode {
        let bits = key.0.bits() as u64;
        if key.0.is_fixnum() {
            return HashCode::of_neighbours(bits >> 2);
        }
        // Objects are 16 bytes long at least.
        let hash = HashCode::of_neighbours(bits >> 4).0;
        if key.0.tag() == TAG_SYMBOL {
            return HashCode(hash);
        }
        let young = if self.heap.nursery.holds(self.heap.offset(key.0)) { YOUNG_ADDRESS } else { 0 };
        HashCode(hash | BY_ADDRESS | young)
    }
}
