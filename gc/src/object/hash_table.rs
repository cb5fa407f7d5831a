//! Hash tables: the layout and the operations that need no Lisp call.
//!
//! ```text
//!  HashTable ─► data (TableData): key 0, value 0, key 1, value 1, ...      traced unless the table is weak
//!            ├► index (Bytes):    first entry of each bucket, plus one
//!            └► links (Bytes):    per entry its hash and the next entry of its bucket, or of the free list
//! ```
//!
//! The index has at least as many words as there are entries; their upper halves chain the entries that were entered
//! with a hash by address since the table was last put in order: the only ones whose keys a collection of the nursery can
//! have moved.
//!
//! Entries keep the order that Emacs gives them (a free list, last removed first reused), so `maphash` visits them in
//! Emacs's order.  Keys hashed by address are marked in their hash; after a collection that moved some of them the table is
//! put in order when it is next used: the entries with young keys alone, or all when everything moved.

use crate::context::Context;
use crate::header::HeaderKind;
use crate::object::vectorlike::Vectorlike;
use crate::object::{Kind, NIL, Object, UNBOUND, vectorlike_reference};
use crate::slot::Slot;
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

/// A hash of a key; says whether it was made from an address.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct HashCode(u32);

const BY_ADDRESS: u32 = 1 << 31;

impl HashCode {
    /// A hash that does not depend on where objects lie.
    #[inline]
    pub fn stable(hash: u64) -> HashCode {
        let mixed = hash.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        HashCode((mixed >> 33) as u32)
    }

    /// The hash's bits, for mixing.
    pub fn bits(self) -> u32 {
        self.0 & !BY_ADDRESS
    }
}

const DATA: usize = 0;
const INDEX: usize = 1;
const LINKS: usize = 2;
const FIRST_USER: usize = 3;
/// How many slots the runtime above may use for itself (test, functions, size parameters).
pub const USER_SLOTS: usize = 6;
const COUNT: usize = 0;
const FREE: usize = 1;
const STATE: usize = 2;
/// The first entry of the chain of entries whose keys may be young, plus one.
const YOUNG: usize = 3;
const RAW_WORDS: usize = 4;
/// In the upper half of index word `i`: entry `i` is in the chain of young keys; the rest is the next one, plus one.
const CHAINED: u32 = 1 << 31;
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
/// The longest table, in entries: links are 31 bits and the header counts words in 32.
pub const MAX_ENTRIES: usize = 1 << 30;

fn part(table: Vectorlike<'_>, slot: usize) -> Vectorlike<'_> {
    table.slot(slot).and_then(Object::as_vectorlike).expect("INV-TABLE-1: a table has its three parts")
}

/// An untraced vector of pairs of `u32`, or single ones.
#[derive(Clone, Copy)]
struct Words<'ob>(&'ob [Cell<u64>]);

impl Words<'_> {
    fn low(self, i: usize) -> u32 {
        self.0[i].get() as u32
    }
    fn high(self, i: usize) -> u32 {
        (self.0[i].get() >> 32) as u32
    }
    fn set(self, i: usize, high: u32, low: u32) {
        self.0[i].set(u64::from(high) << 32 | u64::from(low));
    }
}

impl<'ob> HashTable<'ob> {
    fn raw(self, i: usize) -> &'ob Cell<u64> {
        &self.0.raw()[i]
    }

    fn data(self) -> Vectorlike<'ob> {
        part(self.0, DATA)
    }

    fn index(self) -> Words<'ob> {
        Words(part(self.0, INDEX).raw())
    }

    fn links(self) -> Words<'ob> {
        Words(part(self.0, LINKS).raw())
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
        self.0.slot(FIRST_USER + i).unwrap_or(NIL)
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

    /// Put the entries whose keys moved in the buckets where they belong now.
    fn put_in_order(self, cx: &Context) {
        if self.data().header().flags() & ALL_KEYS_MOVED != 0 {
            return self.rehash(cx);
        }
        let (index, links) = (self.index(), self.links());
        let mut next = self.raw(YOUNG).replace(0) as u32;
        while next != 0 {
            let i = next as usize - 1;
            next = index.high(i) & !CHAINED;
            index.set(i, 0, index.low(i));
            if let Some((key, _)) = self.any_entry(i)
                && links.high(i) & BY_ADDRESS != 0
            {
                self.unchain(i);
                self.chain(i, cx.identity_hash(key).0);
            }
        }
        self.clear_moved();
    }

    fn clear_moved(self) {
        self.data().set_flags(self.data().header().flags() & !(YOUNG_KEYS_MOVED | ALL_KEYS_MOVED));
    }

    /// Put all entries in buckets anew: everything moved, or the table has grown.
    fn rehash(self, cx: &Context) {
        let (index, links) = (self.index(), self.links());
        index.0.iter().for_each(|w| w.set(0));
        self.raw(YOUNG).set(0);
        let mut address_keys = false;
        for i in 0..self.capacity() {
            let Some((key, _)) = self.any_entry(i) else { continue };
            let mut hash = links.high(i);
            if hash & BY_ADDRESS != 0 {
                hash = cx.identity_hash(key).0;
                address_keys = true;
                self.note_young(i, key, cx);
            }
            self.chain(i, hash);
        }
        let state = self.raw(STATE).get() & !ADDRESS_KEYS;
        self.raw(STATE).set(state | if address_keys { ADDRESS_KEYS } else { 0 });
        self.clear_moved();
    }

    /// Put entry `i` at the head of its bucket.
    #[inline]
    fn chain(self, i: usize, hash: u32) {
        let (index, links) = (self.index(), self.links());
        let bucket = bucket(hash, index);
        links.set(i, hash, index.low(bucket));
        index.set(bucket, index.high(bucket), i as u32 + 1);
    }

    /// Note entry `i` if its key, which is hashed by address, is young: a collection of the nursery will move it.
    fn note_young(self, i: usize, key: Object<'_>, cx: &Context) {
        let index = self.index();
        if cx.heap().is_young(cx.heap().offset(key.0)) && index.high(i) & CHAINED == 0 {
            let next = self.raw(YOUNG).replace(i as u64 + 1) as u32;
            index.set(i, CHAINED | next, index.low(i));
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
        let links = self.links();
        let data = self.data();
        let index = self.index();
        let mut link = index.low(bucket(hash.0, index));
        while link != 0 {
            let i = link as usize - 1;
            if links.high(i) == hash.0 && !cx.hides(self, i) && same(data.slot(2 * i).unwrap_or(NIL)) {
                return Some(i);
            }
            link = links.low(i);
        }
        None
    }

    /// The entry whose key is this very object.  Mends a stale table first; the hash must be of this moment.
    ///
    /// Where identity decides, the hashes of entries need not be read.
    #[inline]
    pub fn find_identical(self, hash: HashCode, key: Object<'_>, cx: &'ob Context) -> Option<usize> {
        if self.is_stale() {
            self.put_in_order(cx);
        }
        let slots = self.data().slots();
        let index = self.index();
        let links = self.links();
        let mut link = index.low(bucket(hash.0, index));
        while link != 0 {
            let i = link as usize - 1;
            if slots.get(2 * i).is_some_and(|slot| slot.get() == key.0) {
                return Some(i);
            }
            link = links.low(i);
        }
        None
    }

    /// The entries of this hash's bucket with this very hash: for tests that call Lisp, which may change the table.
    pub fn candidates(self, hash: HashCode, cx: &Context) -> Vec<usize> {
        let mut found = Vec::new();
        let _ = self.find(hash, cx, |_| false);
        let (index, links) = (self.index(), self.links());
        let mut link = index.low(bucket(hash.0, index));
        while link != 0 {
            let i = link as usize - 1;
            if links.high(i) == hash.0 && !cx.hides(self, i) {
                found.push(i);
            }
            link = links.low(i);
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
        self.chain(i, hash.0);
        self.data().set_slot(2 * i, key, cx);
        self.data().set_slot(2 * i + 1, value, cx);
        self.raw(COUNT).set(self.raw(COUNT).get() + 1);
        if hash.0 & BY_ADDRESS != 0 {
            self.raw(STATE).set(self.raw(STATE).get() | ADDRESS_KEYS);
            self.note_young(i, key, cx);
        }
        i
    }

    /// Remove entry `i`, which must be one.
    pub fn remove(self, i: usize, cx: &Context) {
        self.unlink(i);
        self.data().set_slot(2 * i, UNBOUND, cx);
        self.data().set_slot(2 * i + 1, NIL, cx);
    }

    /// Take entry `i` out of its bucket, into the free list.
    fn unlink(self, i: usize) {
        self.unchain(i);
        self.links().set(i, 0, self.raw(FREE).get() as u32);
        self.raw(FREE).set(i as u64 + 1);
        self.raw(COUNT).set(self.raw(COUNT).get() - 1);
    }

    /// Take entry `i` out of its bucket, found by the hash it was entered with.
    fn unchain(self, i: usize) {
        let (index, links) = (self.index(), self.links());
        let bucket = bucket(links.high(i), index);
        let mut link = index.low(bucket);
        if link as usize == i + 1 {
            return index.set(bucket, index.high(bucket), links.low(i));
        }
        while link != 0 {
            let at = link as usize - 1;
            link = links.low(at);
            if link as usize == i + 1 {
                return links.set(at, links.high(at), links.low(i));
            }
        }
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
        self.index().0.iter().for_each(|w| w.set(0));
        self.raw(YOUNG).set(0);
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
        let index = cx.bytes(buckets_for(capacity));
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

#[inline]
fn bucket(hash: u32, index: Words<'_>) -> usize {
    hash as usize & (index.0.len() - 1)
}

fn buckets_for(capacity: usize) -> usize {
    capacity.next_power_of_two().max(1)
}

impl Context {
    /// An empty hash table with room for `capacity` entries; callers of a size that Lisp chose call
    /// [`Context::reserve`] first.
    pub fn hash_table(&self, capacity: usize, weakness: Weakness) -> HashTable<'_> {
        let capacity = capacity.min(MAX_ENTRIES);
        let table = HashTable(self.alloc_vectorlike(HeaderKind::HashTable, FIRST_USER + USER_SLOTS, RAW_WORDS, NIL.0));
        table.0.set_slot(DATA, self.table_data(capacity, weakness != Weakness::None).into(), self);
        table.0.set_slot(INDEX, self.bytes(buckets_for(capacity)).into(), self);
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
            _ => HashCode(hash.0 | BY_ADDRESS),
        }
    }
}
