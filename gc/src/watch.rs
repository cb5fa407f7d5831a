//! Watched conses: what an interpreter of lists that remembers what it found in them must know.
//!
//! A cons is watched by a bit that its address selects, of a table that stays in a near cache; so a store into a cons costs
//! a load and a test, no object carries anything, and now and then a store into some other cons is taken for one that
//! matters.  Objects move in collections, so each of them ends all watches and counts as a change.

use std::cell::Cell;

/// Words of the table.
const WORDS: usize = 1 << 14;

/// The table, and the number that tells of changes.
pub(crate) struct Watch {
    bits: Box<[Cell<u64>; WORDS]>,
    is_empty: Cell<bool>,
    pub(crate) epoch: Cell<u64>,
}

impl Default for Watch {
    fn default() -> Watch {
        let bits = vec![const { Cell::new(0) }; WORDS].into_boxed_slice();
        let bits = bits.try_into().unwrap_or_else(|_| unreachable!("it was made of this length"));
        Watch { bits, is_empty: Cell::new(true), epoch: Cell::new(1) }
    }
}

impl Watch {
    /// The word and the bit of an address of a cons.
    #[inline(always)]
    fn place(address: usize) -> (usize, u64) {
        let number = address / 16;
        (number / 64 % WORDS, 1 << (number % 64))
    }

    pub(crate) fn add(&self, address: usize) {
        let (word, bit) = Watch::place(address);
        self.bits[word].set(self.bits[word].get() | bit);
        self.is_empty.set(false);
    }

    /// The cons at an address is about to change.
    #[inline(always)]
    pub(crate) fn note_store(&self, address: usize) {
        let (word, bit) = Watch::place(address);
        if self.bits[word].get() & bit != 0 {
            self.note_change();
        }
    }

    /// Something that the runtime may have remembered changes.
    #[cold]
    pub(crate) fn note_change(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }

    pub(crate) fn clear(&self) {
        self.note_change();
        if !self.is_empty.replace(true) {
            self.bits.iter().for_each(|word| word.set(0));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_into_a_watched_cons_is_noted() {
        let watch = Watch::default();
        watch.add(0x4_0010);
        let before = watch.epoch.get();
        watch.note_store(0x4_0020);
        watch.note_store(0x4_0000);
        assert_eq!(watch.epoch.get(), before);
        watch.note_store(0x4_0010);
        assert_eq!(watch.epoch.get(), before + 1);
        watch.clear();
        watch.note_store(0x4_0010);
        assert_eq!(watch.epoch.get(), before + 2);
    }
}
