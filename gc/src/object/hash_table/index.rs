//! The index of a hash table: from a hash to the numbers of the entries that have it.
//!
//! A place is half a word: 0, or the number of an entry plus one in the low bits and the high bits of its hash above it.
//! Where an entry lies tells about the low bits of its hash, so a key is seldom looked at in vain, and sixteen places share
//! a line of the cache.  A hash is searched by linear probing from the place that its low bits give, and a removal moves
//! back what it had pushed on (Knuth, The Art of Computer Programming, volume 3, 6.4, algorithm R).

use crate::block::prefetch;
use crate::object::vectorlike::Vectorlike;
use std::cell::Cell;

/// How many places ahead of its use one is fetched into the cache, while many entries are put in.
const AHEAD: usize = 16;

/// The numbers of 32 bits in an untraced vector.
#[derive(Clone, Copy)]
pub(super) struct Halves<'ob>(pub(super) &'ob [Cell<u32>]);

impl<'ob> Halves<'ob> {
    #[inline(always)]
    pub(super) fn of(part: Vectorlike<'ob>) -> Halves<'ob> {
        // SAFETY: `Context::halves` makes all of them, of a kind that has no slots.
        Halves(unsafe { part.halves_of_slotless() })
    }

    #[inline(always)]
    pub(super) fn get(self, i: usize) -> u32 {
        self.0[i].get()
    }

    #[inline(always)]
    pub(super) fn set(self, i: usize, n: u32) {
        self.0[i].set(n);
    }

    /// Take over the first `count` numbers of another vector.
    pub(super) fn take_over(self, from: Halves<'_>, count: usize) {
        self.0[..count].iter().zip(&from.0[..count]).for_each(|(to, from)| to.set(from.get()));
    }
}

/// An index, which has at least two places, a power of two of them.
#[derive(Clone, Copy)]
pub(super) struct Index<'ob> {
    pub(super) places: Halves<'ob>,
    /// The bits of a place that are the number of an entry.
    numbers: u32,
}

/// Places of an index of so many entries: the least power of two of which they are at most two thirds.
pub(super) fn places_for(entries: usize) -> usize {
    (entries + entries / 2 + 1).next_power_of_two().max(2)
}

impl<'ob> Index<'ob> {
    /// The index of all entries, whose length says how many bits their numbers have.
    #[inline(always)]
    pub(super) fn of_all(part: Vectorlike<'ob>) -> Index<'ob> {
        let places = Halves::of(part);
        Index { places, numbers: places.0.len() as u32 - 1 }
    }

    /// An index of some of the entries of a table whose index of all is `all`.
    #[inline(always)]
    pub(super) fn of_some(part: Vectorlike<'ob>, all: Index<'_>) -> Index<'ob> {
        Index { places: Halves::of(part), numbers: all.numbers }
    }

    pub(super) fn len(self) -> usize {
        self.places.0.len()
    }

    pub(super) fn clear(self) {
        self.places.0.iter().for_each(|place| place.set(0));
    }

    /// The number of the entry in a place that is not empty.
    #[inline(always)]
    fn number(self, place: u32) -> usize {
        (place & self.numbers) as usize - 1
    }

    /// The numbers of all entries in it.
    pub(super) fn entries(self) -> impl Iterator<Item = usize> + Clone + 'ob {
        self.places.0.iter().map(Cell::get).filter(|&place| place != 0).map(move |place| self.number(place))
    }

    /// The first entry that is accepted of those that have this hash; some of those that are offered may have another one.
    #[inline(always)]
    pub(super) fn probe(self, hash: u32, mut accept: impl FnMut(usize) -> bool) -> Option<usize> {
        let mut at = self.home(hash);
        loop {
            let place = self.places.get(at);
            if place == 0 {
                return None;
            }
            if (place ^ hash) & !self.numbers == 0 {
                let i = self.number(place);
                if accept(i) {
                    return Some(i);
                }
            }
            at = self.after(at);
        }
    }

    /// Entry number `i` in the first free place from where its hash belongs.
    #[inline(always)]
    pub(super) fn put_in(self, i: usize, hash: u32) {
        let mut at = self.home(hash);
        while self.places.get(at) != 0 {
            at = self.after(at);
        }
        self.places.set(at, hash & !self.numbers | (i as u32 + 1));
    }

    /// Take out number `i`; `hashes` are those of all entries.
    pub(super) fn take_out(self, i: usize, hashes: Halves<'_>) {
        let mut hole = self.home(hashes.get(i));
        loop {
            match self.places.get(hole) {
                0 => return,
                place if self.number(place) == i => break,
                _ => hole = self.after(hole),
            }
        }
        let mut at = self.after(hole);
        loop {
            let place = self.places.get(at);
            if place == 0 {
                break;
            }
            // What lies here may move back unless it belongs behind the hole.
            let home = self.home(hashes.get(self.number(place)));
            if self.distance(home, at) >= self.distance(hole, at) {
                self.places.set(hole, place);
                hole = at;
            }
            at = self.after(at);
        }
        self.places.set(hole, 0);
    }

    /// Fetch the place of a hash into the cache.
    #[inline(always)]
    pub(super) fn prefetch(self, hash: u32) {
        prefetch((&raw const self.places.0[self.home(hash)]).cast());
    }

    /// Where a hash belongs.
    #[inline(always)]
    fn home(self, hash: u32) -> usize {
        hash as usize & (self.len() - 1)
    }

    /// The place that is tried after place `i`.
    #[inline(always)]
    fn after(self, i: usize) -> usize {
        (i + 1) & (self.len() - 1)
    }

    /// How many places after `from` place `to` is tried.
    fn distance(self, from: usize, to: usize) -> usize {
        to.wrapping_sub(from) & (self.len() - 1)
    }
}

/// Put entries with their hashes into an index, whose places are fetched into the cache a little ahead.
pub(super) fn put_all_in(
    entries: impl Iterator<Item = (usize, u32)> + Clone,
    fetch: impl Fn(u32),
    put_in: impl Fn(usize, u32),
) {
    let mut ahead = entries.clone();
    ahead.by_ref().take(AHEAD).for_each(|(_, hash)| fetch(hash));
    for (i, hash) in entries {
        if let Some((_, hash)) = ahead.next() {
            fetch(hash);
        }
        put_in(i, hash);
    }
}
