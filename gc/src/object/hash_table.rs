//! Hash tables: the layout and the operations that need no Lisp call.
//!
//! ```text
//!  HashTable ─► data (TableData): key 0, value 0, key 1, value 1, ...      traced unless the table is weak
//!            ├► index (Bytes):    a power of two of words, each a hash and the number of its entry plus one, or 0
//!            ├► young (Bytes):    the same for the entries with keys in the nursery; absent until there is one
//!            └► links (Bytes):    per entry its hash, and the next entry of the free list
//! ```
//!
//! An index is searched by linear probing from the place that the hash gives, and a removal moves back what it had pushed
//! on (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R).  At most three quarters of it are in use.  A
//! look-up that fails touches the index alone, one that succeeds also the data.
//!
//! Entries keep the order that Emacs gives them (a free list, last removed first reused), so `maphash` visits them in
//! Emacs's order.
//!
//! A hash by address says so, and whether the key lay in the nursery.  The keys that a collection of the nursery moves are
//! then those of the small young index, which stays in the cache; they are entered in the large one when the table is next
//! used.  A collection that moves everything leaves the whole index to be made anew.

use crate::block::prefetch;
use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::vectorlike::Vectorlike;
use crate::object::{Kind, NIL, Object, UNBOUND, vectorlike_reference};
use crate::slot::Slot;
use std::cell::Cell;
use std::collections::VecDeque;

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
    #[inline]
    pub fn stable(hash: u64) -> HashCode {
        let mixed = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        HashCode((mixed >> 34) as u32)
    }

    /// The hash's bits, for mixing.
    pub fn bits(self) -> u32 {
        self.0 & !(BY_ADDRESS | YOUNG_ADDRESS)
    }
}

const DATA: usize = 0;
const INDEX: usize = 1;
const LINKS: usize = 2;
/// Nil until there is a young key.
const YOUNG: usize = 3;
const FIRST_USER: usize = 4;
/// How many slots the runtime above may use for itself (test, functions, size parameters).
pub const USER_SLOTS: usize = 6;
const COUNT: usize = 0;
const FREE: usize = 1;
const STATE: usize = 2;
/// How many entries are in the young index.
const YOUNG_COUNT: usize = 3;
const RAW_WORDS: usize = 4;
/// Words of the least young index.
const LEAST_YOUNG: usize = 64;
/// Words of the longest young index that is used again once it is empty: clearing a longer one would take too long for a
/// few keys.
const KEPT_YOUNG: usize = 1024;
/// Words of an index that are on their way into the cache while many entries are put in.
const FETCHED: usize = 16;
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

#[inline(always)]
fn part(table: Vectorlike<'_>, slot: usize) -> Vectorlike<'_> {
    let part = crate::object::vectorlike::Words::of(table).get(slot);
    part.as_vectorlike().expect("INV-TABLE-1: a table has its parts")
}

/// An untraced vector of pairs of `u32`.
#[derive(Clone, Copy)]
struct Words<'ob>(&'ob [Cell<u64>]);

impl<'ob> Words<'ob> {
    /// The words of an index, or the links.
    #[inline(always)]
    fn of(part: Vectorlike<'ob>) -> Words<'ob> {
        // SAFETY: `Context::bytes` makes all of them, of a kind that has no slots.
        Words(unsafe { part.raw_of_slotless() })
    }

    fn low(self, i: usize) -> u32 {
        self.0[i].get() as u32
    }
    fn high(self, i: usize) -> u32 {
        (self.0[i].get() >> 32) as u32
    }
    fn set(self, i: usize, high: u32, low: u32) {
        self.0[i].set(u64::from(high) << 32 | u64::from(low));
    }
    fn clear(self) {
        self.0.iter().for_each(|word| word.set(0));
    }

    // What follows is about an index, whose length is a power of two.

    /// The first entry of this hash that is accepted.
    #[inline(always)]
    fn probe(self, hash: u32, mut accept: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            let word = self.0[at].get();
            if word == 0 {
                return None;
            }
            let i = word as u32 as usize - 1;
            if (word >> 32) as u32 == hash && accept(i) {
                return Some(i);
            }
            at = self.after(at);
        }
    }

    /// Enter number `i` in the first free word from where its hash belongs.
    #[inline]
    fn put_in(self, i: usize, hash: u32) {
        let mut at = self.home(hash);
        while self.0[at].get() != 0 {
            at = self.after(at);
        }
        self.set(at, hash, i as u32 + 1);
    }

    /// Take out number `i`, entered with this hash.
    fn take_out(self, i: usize, hash: u32) {
        let mut hole = self.home(hash);
        while self.low(hole) as usize != i + 1 {
            if self.0[hole].get() == 0 {
                return;
            }
            hole = self.after(hole);
        }
        let mut at = self.after(hole);
        while self.0[at].get() != 0 {
            // What lies here may move back unless it belongs behind the hole.
            if self.distance(self.home(self.high(at)), at) >= self.distance(hole, at) {
                self.0[hole].set(self.0[at].get());
                hole = at;
            }
            at = self.after(at);
        }
        self.0[hole].set(0);
    }

    /// Where a hash belongs.
    #[inline(always)]
    fn home(self, hash: u32) -> usize {
        hash as usize & (self.0.len() - 1)
    }
    /// The word that is tried after word `i`.
    #[inline(always)]
    fn after(self, i: usize) -> usize {
        (i + 1) & (self.0.len() - 1)
    }
    /// How many words after `from` word `to` is tried.
    fn distance(self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.0.len() - 1)
    }
}

impl<'ob> HashTable<'ob> {
    #[inline(always)]
    fn raw(self, i: usize) -> &'ob Cell<u64> {
        debug_assert!(i < RAW_WORDS);
        // SAFETY: `Context::hash_table` makes all tables, with these slots and raw words; the callers name one of them.
        unsafe { self.0.raw_behind(FIRST_USER + USER_SLOTS, i) }
    }

    fn data(self) -> Vectorlike<'ob> {
        part(self.0, DATA)
    }

    fn index(self) -> Words<'ob> {
        Words::of(part(self.0, INDEX))
    }

    /// The index of young keys, if there ever was one.
    #[inline]
    fn young(self) -> Option<Words<'ob>> {
        Some(Words::of(self.0.slot(YOUNG)?.as_vectorlike()?))
    }

    /// The index that has the entries of this hash.
    #[inline(always)]
    fn index_of(self, hash: u32) -> Option<Words<'ob>> {
        if hash & YOUNG_ADDRESS == 0 { Some(self.index()) } else { self.young() }
    }

    fn links(self) -> Words<'ob> {
        Words::of(part(self.0, LINKS))
    }

    /// How many entries there are.
    #[inline]
    pub fn count(self) -> usize {
        self.raw(COUNT).get() as usize
    }

    /// How many entries fit before the table grows; entry numbers are below it.
    #[inline]
    pub fn capacity(self) -> usize {
        self.links().0.len()
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
        crate::object::vectorlike::Words::of(self.0).get(FIRST_USER + i)
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
        let emptied = self.0.slot(YOUNG).and_then(Object::as_vectorlike);
        if let Some(emptied) = emptied {
            // What stays in the nursery is entered in a new index of young keys.
            self.0.set_slot(YOUNG, NIL, cx);
            self.raw(YOUNG_COUNT).set(0);
            let entries = emptied.raw().iter().map(Cell::get).filter(|&word| word != 0);
            self.put_all_in(
                entries.filter_map(|word| {
                    let i = word as u32 as usize - 1;
                    Some((i, cx.identity_hash(self.any_entry(i)?.0).0))
                }),
                cx,
            );
            if self.young().is_none() && emptied.raw().len() <= KEPT_YOUNG {
                Words(emptied.raw()).clear();
                self.0.set_slot(YOUNG, emptied.into(), cx);
            }
        }
        self.clear_moved();
    }

    fn clear_moved(self) {
        self.data().set_flags(self.data().header().flags() & !(YOUNG_KEYS_MOVED | ALL_KEYS_MOVED));
    }

    /// Make the indexes anew: everything moved, or the table has grown.
    fn rehash(self, cx: &Context) {
        self.index().clear();
        self.0.set_slot(YOUNG, NIL, cx);
        self.raw(YOUNG_COUNT).set(0);
        let links = self.links();
        let mut address_keys = false;
        let entries = (0..self.capacity()).filter_map(|i| {
            let (key, _) = self.any_entry(i)?;
            let hash = links.high(i);
            if hash & BY_ADDRESS == 0 {
                return Some((i, hash));
            }
            address_keys = true;
            Some((i, cx.identity_hash(key).0))
        });
        self.put_all_in(entries, cx);
        let state = self.raw(STATE).get() & !ADDRESS_KEYS;
        self.raw(STATE).set(state | if address_keys { ADDRESS_KEYS } else { 0 });
        self.clear_moved();
    }

    /// Put entries with their hashes into the indexes; each is fetched into the cache while others are put in.
    fn put_all_in(self, entries: impl Iterator<Item = (usize, u32)>, cx: &Context) {
        let index = self.index();
        let mut fetched = VecDeque::with_capacity(FETCHED);
        for (i, hash) in entries {
            prefetch((&raw const index.0[index.home(hash)]).cast());
            if fetched.len() == FETCHED
                && let Some((i, hash)) = fetched.pop_front()
            {
                self.put_in(i, hash, cx);
            }
            fetched.push_back((i, hash));
        }
        fetched.into_iter().for_each(|(i, hash)| self.put_in(i, hash, cx));
    }

    /// Put entry `i` into the index of its hash.
    #[inline]
    fn put_in(self, i: usize, hash: u32, cx: &Context) {
        let links = self.links();
        links.set(i, hash, links.low(i));
        if hash & YOUNG_ADDRESS == 0 { self.index().put_in(i, hash) } else { self.put_in_young(i, hash, cx) }
    }

    fn put_in_young(self, i: usize, hash: u32, cx: &Context) {
        let count = self.raw(YOUNG_COUNT).get() as usize + 1;
        let mut young = self.young();
        if young.is_none_or(|young| index_words(count) > young.0.len()) {
            let larger = cx.bytes(index_words(count).max(LEAST_YOUNG));
            for word in young.iter().flat_map(|young| young.0).map(Cell::get).filter(|&word| word != 0) {
                Words(larger.raw()).put_in(word as u32 as usize - 1, (word >> 32) as u32);
            }
            self.0.set_slot(YOUNG, larger.into(), cx);
            young = self.young();
        }
        if let Some(young) = young {
            young.put_in(i, hash);
            self.raw(YOUNG_COUNT).set(count as u64);
        }
    }

    /// Take entry `i` out of the index it is in.
    fn take_out(self, i: usize) {
        let hash = self.links().high(i);
        if let Some(index) = self.index_of(hash) {
            index.take_out(i, hash);
        }
        if hash & YOUNG_ADDRESS != 0 {
            self.raw(YOUNG_COUNT).set(self.raw(YOUNG_COUNT).get().saturating_sub(1));
        }
    }

    /// The entry with this hash whose key `same` accepts.  Mends a stale table first.
    ///
    /// A hash by address must be of this moment: compute it after the last safepoint.
    #[inline]
    pub fn find(self, hash: HashCode, cx: &'ob Context, mut same: impl FnMut(Object<'ob>) -> bool) -> Option<usize> {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let data = self.data();
        self.index_of(hash.0)?.probe(hash.0, |i| !cx.hides(self, i) && same(data.slot(2 * i).unwrap_or(NIL)))
    }

    /// The entry whose key is this very object.  Mends a stale table first; the hash must be of this moment.
    #[inline]
    pub fn find_identical(self, hash: HashCode, key: Object<'_>, cx: &'ob Context) -> Option<usize> {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let slots = self.data().slots_of_slotted();
        self.index_of(hash.0)?.probe(hash.0, |i| slots.get(2 * i).is_some_and(|slot| slot.get() == key.0))
    }

    /// The entries with this very hash: for tests that call Lisp, which may change the table.
    pub fn candidates(self, hash: HashCode, cx: &Context) -> Vec<usize> {
        let mut found = Vec::new();
        self.find(hash, cx, |_| false);
        if let Some(index) = self.index_of(hash.0) {
            index.probe(hash.0, |i| {
                if !cx.hides(self, i) {
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
        let data = self.data();
        let key = data.slot(2 * i).filter(|&k| k != UNBOUND)?;
        Some((key, data.slot(2 * i + 1)?))
    }

    /// Replace the value of entry `i`.
    #[inline]
    pub fn set_value(self, i: usize, v: Object<'_>, cx: &Context) {
        self.data().set_slot(2 * i + 1, v, cx);
    }

    /// Add an entry for a key that is not there; gives its number.  Grows by half when full, as Emacs does.
    pub fn insert(self, hash: HashCode, key: Object<'_>, value: Object<'_>, cx: &Context) -> usize {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        if self.raw(FREE).get() == 0 {
            self.grow(cx);
        }
        let i = self.raw(FREE).get() as usize - 1;
        self.raw(FREE).set(u64::from(self.links().low(i)));
        self.put_in(i, hash.0, cx);
        self.data().set_slot(2 * i, key, cx);
        self.data().set_slot(2 * i + 1, value, cx);
        self.raw(COUNT).set(self.raw(COUNT).get() + 1);
        if hash.0 & BY_ADDRESS != 0 {
            self.raw(STATE).set(self.raw(STATE).get() | ADDRESS_KEYS);
        }
        i
    }

    /// Remove entry `i`, which must be one.
    pub fn remove(self, i: usize, cx: &Context) {
        self.unlink(i);
        self.data().set_slot(2 * i, UNBOUND, cx);
        self.data().set_slot(2 * i + 1, NIL, cx);
    }

    /// Take entry `i` out of its index, into the free list.
    fn unlink(self, i: usize) {
        self.take_out(i);
        self.links().set(i, 0, self.raw(FREE).get() as u32);
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
        for i in 0..self.capacity() {
            self.data().set_slot(2 * i, UNBOUND, cx);
            self.data().set_slot(2 * i + 1, NIL, cx);
        }
        self.index().clear();
        self.0.set_slot(YOUNG, NIL, cx);
        self.raw(YOUNG_COUNT).set(0);
        self.raw(STATE).set(self.raw(STATE).get() & !ADDRESS_KEYS);
        self.thread_free_list(0);
        self.raw(COUNT).set(0);
    }

    /// Chain the entries from `first` on into the free list, lowest first.
    fn thread_free_list(self, first: usize) {
        let links = self.links();
        let capacity = self.capacity();
        for i in first..capacity {
            links.set(i, 0, if i + 1 < capacity { i as u32 + 2 } else { 0 });
        }
        self.raw(FREE).set(if first < capacity { first as u64 + 1 } else { 0 });
    }

    fn grow(self, cx: &Context) {
        let old = self.capacity();
        let capacity = (old + old / 2).max(old + 1);
        assert!(capacity <= MAX_ENTRIES, "hash table beyond {MAX_ENTRIES} entries: reserve() refuses it before");
        let weak = self.weakness() != Weakness::None;
        let data = cx.table_data(capacity, weak);
        for (new, old) in data.slots().iter().zip(self.data().slots()) {
            new.set(old.get());
        }
        let links = cx.bytes(capacity);
        for (new, old) in links.raw().iter().zip(self.links().0) {
            new.set(old.get());
        }
        let index = cx.bytes(index_words(capacity));
        self.0.set_slot(DATA, data.into(), cx);
        self.0.set_slot(LINKS, links.into(), cx);
        self.0.set_slot(INDEX, index.into(), cx);
        self.thread_free_list(old);
        self.rehash(cx);
        cx.remember_at_birth(data.word());
    }

    /// A table of the same entries, in the same order.
    pub fn copy(self, cx: &Context) -> HashTable<'_> {
        let capacity = self.capacity();
        let new = cx.hash_table(capacity, self.weakness());
        for i in 0..USER_SLOTS {
            new.set_user(i, self.user(i), cx);
        }
        for (to, from) in [(new.index(), self.index()), (new.links(), self.links())] {
            to.0.iter().zip(from.0).for_each(|(to, from)| to.set(from.get()));
        }
        for i in 0..RAW_WORDS {
            new.raw(i).set(self.raw(i).get());
        }
        if let Some(young) = self.young() {
            let copy = cx.bytes(young.0.len());
            copy.raw().iter().zip(young.0).for_each(|(to, from)| to.set(from.get()));
            new.0.set_slot(YOUNG, copy.into(), cx);
        }
        new.data().set_flags(self.data().header().flags());
        for i in 0..capacity {
            if let Some((key, value)) = self.entry(i, cx) {
                new.data().set_slot(2 * i, key, cx);
                new.data().set_slot(2 * i + 1, value, cx);
            } else if self.any_entry(i).is_some() {
                new.drop_dead(i);
            }
        }
        new
    }
}

/// Words of an index of so many entries: the least power of two of which they are at most three quarters.
fn index_words(entries: usize) -> usize {
    (entries + entries / 3 + 1).next_power_of_two()
}

impl Context {
    /// An empty hash table with room for `capacity` entries; callers of a size that Lisp chose call
    /// [`Context::reserve`] first.
    pub fn hash_table(&self, capacity: usize, weakness: Weakness) -> HashTable<'_> {
        let capacity = capacity.min(MAX_ENTRIES);
        let table = HashTable(self.alloc_vectorlike(HeaderKind::HashTable, FIRST_USER + USER_SLOTS, RAW_WORDS, NIL.0));
        table.0.set_slot(DATA, self.table_data(capacity, weakness != Weakness::None).into(), self);
        table.0.set_slot(INDEX, self.bytes(index_words(capacity)).into(), self);
        table.0.set_slot(LINKS, self.bytes(capacity).into(), self);
        table.raw(STATE).set(weakness as u64);
        if weakness != Weakness::None {
            table.0.set_flags(WEAK_DATA);
        }
        table.thread_free_list(0);
        table
    }

    fn table_data(&self, capacity: usize, weak: bool) -> Vectorlike<'_> {
        let data = self.alloc_vectorlike(HeaderKind::TableData, 2 * capacity, 0, UNBOUND.0);
        if weak {
            data.set_flags(WEAK_DATA);
        }
        data
    }

    fn bytes(&self, words: usize) -> Vectorlike<'_> {
        self.alloc_vectorlike(HeaderKind::Bytes, words, 0, NIL.0)
    }

    /// The hash of a key by identity, as `eq` compares it.
    #[inline]
    pub fn identity_hash(&self, key: Object<'_>) -> HashCode {
        let hash = HashCode::stable(key.0.bits() as u64 >> 2);
        match key.untag() {
            Kind::Fixnum(_) | Kind::Symbol(_) => hash,
            _ if self.heap.nursery.holds(self.heap.offset(key.0)) => HashCode(hash.0 | BY_ADDRESS | YOUNG_ADDRESS),
            _ => HashCode(hash.0 | BY_ADDRESS),
        }
    }
}
