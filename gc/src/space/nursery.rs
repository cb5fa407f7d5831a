//! The nursery: where objects are born under a generational plan.
//!
//! One contiguous range of addresses, so that "is it young?" is a subtraction and a compare.  It is cut into slices of
//! one class each as windows ask for them.  The range is far longer than the nursery's size: allocation runs on past the
//! size until the next safepoint, and untouched addresses cost nothing.
//!
//! With aging, what survives its first collections stays young: the range begins with a pair of areas for each step of age,
//! of which one is in use and the other is what the next collection copies to (Shaw, *Empirical analysis of a Lisp system*,
//! 1988, the bucket brigade; Handbook, aging semispaces).  What finds no room there is promoted early.
//!
//! Where nearly everything survives, as when a program builds its data, objects are born old for some MiB, which saves the
//! copy; then the nursery is filled once more, as a sample (Handbook, pretenuring; here all objects are one site).
//! While they are, nothing is young, so no object that was just initialised refers to a young one.
//!
//! ```text
//!  ┌ step 1, half 0 ┬ step 1, half 1 ┬ step 2, half 0 ┬ ... ┬ where objects are born ──────────┐
//!  │ once survived  │ ░ copied to ░  │ twice survived │     │ cons │ vec 32 │ string │ ░░░░░░ │
//!  └────────────────┴────────────────┴────────────────┴─────┴──────┴────────┴────────┴────────┘
//! ```

use crate::block::{POISON, Region};
use crate::size_class::Class;
use std::cell::Cell;
use std::ptr::NonNull;

/// Addresses set aside for the nursery.
const RANGE: usize = 8 << 30;
/// The longest slice.
const MAX_SLICE: usize = 16 << 10;
/// The least size that a nursery shrinks to: 4096 conses, which are copied in 40 microseconds.
const LEAST: usize = 64 << 10;
/// The most bytes that one collection should copy: in conses, 0.1 to 0.4 ms.
const MOST_COPIED: usize = 192 << 10;
/// Roots that make the nursery larger, and how large at most.
const MANY_ROOTS: usize = 16 << 10;
const MOST_FOR_ROOTS: usize = 64 << 20;
/// What is given back to the operating system at once, at least and at most.
const PIECE: usize = 128 << 10;
const MOST_GIVEN_BACK: usize = 2 << 20;
/// A nursery that was small for so many collections gives back what it does not use.
const SMALL_FOR_LONG: u32 = 64;
/// Collections that an object can be made to survive before it is old.
pub(crate) const MOST_AGE: usize = 4;
/// Steps of age between birth and promotion.
pub(crate) const MOST_STEPS: usize = MOST_AGE - 1;
/// Collections that promote at once after one that found that hardly anything dies while it ages.
const WITHOUT_AGING: u32 = 16;
/// So many bytes have aged before that is judged.
const ENOUGH_AGED: usize = 8 << 10;
/// An area of the aged is this part of the range.
const AREAS_IN_RANGE: usize = 32;
/// The slice of an area that is open for one class.
const AGED_SLICE: usize = 2 << 10;
/// So many collections in a row of which three quarters survived let objects be born old: this many bytes of them at first,
/// and twice as many each time that the sample in between survives too.
const SURVIVALS: u32 = 4;
const LEAST_BORN_OLD: usize = 256 << 10;
const MOST_BORN_OLD: usize = 4 << 20;

/// The nursery; empty, and holding no address, under plans without one.
pub(crate) struct Nursery {
    /// Offset of its first byte from the start of the heap.
    base: usize,
    /// Length of its range.
    range: usize,
    /// Where in the range objects are born; before it are the areas of the aged.
    births: usize,
    /// Bytes of an area of the aged, and how many of them are used.
    area: usize,
    most_aged: usize,
    /// Bytes used of each area: step `s`, half `h` is number `2 s + h`.
    aged_used: [Cell<usize>; 2 * MOST_STEPS],
    /// Which of the two areas of each step is in use.
    half: Cell<usize>,
    /// Bytes and objects that are aged.
    aged: Cell<(usize, usize)>,
    /// Collections to come that promote at once.
    without_aging: Cell<u32>,
    /// The most bytes after which a collection is due, as the option says.
    full_size: usize,
    /// Bytes after which a collection is due now.
    size: Cell<usize>,
    used: Cell<usize>,
    /// Bytes of the range whose memory may be held.
    held: Cell<usize>,
    /// Collections in a row that left it at most a quarter of its full size.
    small_for: Cell<u32>,
    /// Collections in a row that found that nearly everything survives.
    survivals: Cell<u32>,
    /// Bytes that are to be born old from now on; zero when objects are born here.
    to_be_born_old: Cell<usize>,
    /// Bytes and objects that were.
    born_old: Cell<(usize, usize)>,
}

impl Nursery {
    pub(crate) fn none() -> Nursery {
        Nursery {
            base: 0,
            range: 0,
            births: 0,
            area: 0,
            most_aged: 0,
            aged_used: Default::default(),
            half: Cell::new(0),
            aged: Cell::new((0, 0)),
            without_aging: Cell::new(0),
            full_size: 0,
            size: Cell::new(0),
            used: Cell::new(0),
            held: Cell::new(0),
            small_for: Cell::new(0),
            survivals: Cell::new(0),
            to_be_born_old: Cell::new(0),
            born_old: Cell::new((0, 0)),
        }
    }

    /// A nursery of `size` bytes, whose objects are old when they have survived `age` collections.
    pub(crate) fn new(region: &Region, size: usize, age: usize) -> Nursery {
        let (base, range) = region.set_aside(RANGE);
        let size = size.min(range / 2);
        let area = range / AREAS_IN_RANGE;
        Nursery {
            base,
            range,
            births: 2 * (age - 1) * area,
            area,
            most_aged: size.min(area),
            full_size: size,
            // At first a program makes what it keeps, which would be one long pause.
            size: Cell::new((size / 4).max(LEAST.min(size))),
            ..Nursery::none()
        }
    }

    #[inline(always)]
    pub(crate) fn holds(&self, offset: usize) -> bool {
        offset.wrapping_sub(self.base) < self.range
    }

    /// Whether the offset lies in the part that was handed out.
    pub(crate) fn in_use(&self, offset: usize) -> bool {
        let at = offset.wrapping_sub(self.base);
        if at < self.births {
            at % self.area < self.aged_used[at / self.area].get()
        } else {
            at - self.births < self.used.get()
        }
    }

    /// Whether objects that survived a collection are still young.
    pub(crate) fn has_aged(&self) -> bool {
        self.aged.get().1 > 0
    }

    /// Bytes and objects that survived a collection and are still young.
    pub(crate) fn aged(&self) -> (usize, usize) {
        self.aged.get()
    }

    /// Whether the collection that begins lets survivors age: not if what aged before has hardly died of it, since to copy
    /// it twice was for nothing.
    pub(crate) fn lets_age(&self) -> bool {
        let without = self.without_aging.get();
        self.without_aging.set(without.saturating_sub(1));
        self.births > 0 && without == 0
    }

    /// A collection that let survivors age is over, but for `reset`: of what was aged before, `promoted` bytes are old now.
    pub(crate) fn judge_aging(&self, promoted: usize) {
        let last_step = self.aged.get().0 / (self.births / (2 * self.area));
        if last_step >= ENOUGH_AGED && promoted >= last_step / 8 * 7 {
            self.without_aging.set(WITHOUT_AGING);
        }
    }

    /// While a collection copies: whether an object at this offset of the range has not been copied.
    #[inline(always)]
    pub(crate) fn is_from(&self, offset: usize) -> bool {
        let at = offset.wrapping_sub(self.base);
        at < self.range && (at >= self.births || at / self.area % 2 == self.half.get())
    }

    /// The step of age that the object at an offset gets to when it survives; past the last one, it is old.
    #[inline]
    pub(crate) fn next_step(&self, offset: usize) -> usize {
        let at = offset - self.base;
        if at >= self.births { 0 } else { at / self.area / 2 + 1 }
    }

    /// Whether there is such a step of age.
    #[inline]
    pub(crate) fn has_step(&self, step: usize) -> bool {
        step < self.births / (2 * self.area)
    }

    /// A slice for cells of a class that get to a step of age; `None` when there is no room.
    pub(crate) fn aged_slice(&self, region: &Region, step: usize, class: Class) -> Option<(NonNull<u8>, usize)> {
        let number = 2 * step + 1 - self.half.get();
        let cell = class.cell_bytes();
        let bytes = (AGED_SLICE / cell).max(1) * cell;
        let start = self.aged_used[number].get();
        if start + bytes > self.most_aged {
            return None;
        }
        self.aged_used[number].set(start + bytes);
        Some((region.at(self.base + number * self.area + start), bytes))
    }

    /// The range as an offset and a length.
    pub(crate) fn bounds(&self) -> (usize, usize) {
        (self.base, self.range)
    }

    pub(crate) fn used(&self) -> usize {
        self.used.get() + self.aged_used.iter().map(Cell::get).sum::<usize>()
    }

    /// Whether a collection is due.
    pub(crate) fn is_full(&self) -> bool {
        self.used.get() >= self.size.get() || self.pretenures() && self.born_old.get().0 >= self.to_be_born_old.get()
    }

    /// Whether objects are born old now.
    #[inline]
    pub(crate) fn pretenures(&self) -> bool {
        self.to_be_born_old.get() > 0
    }

    /// Objects are born here again.  No window is open.
    pub(crate) fn stop_pretenuring(&self) {
        self.to_be_born_old.set(0);
    }

    /// Objects were born old.
    pub(crate) fn count_born_old(&self, bytes: usize, objects: usize) {
        let (all_bytes, all_objects) = self.born_old.get();
        self.born_old.set((all_bytes + bytes, all_objects + objects));
    }

    /// Bytes and objects that were born old since the last collection.
    pub(crate) fn take_born_old(&self) -> (usize, usize) {
        self.born_old.take()
    }

    /// A collection found that of what was `allocated` since the last one `copied` bytes survived, some of which may have
    /// `aged`: let objects be born old if that was nearly all, time and again.
    pub(crate) fn judge_survival(&self, allocated: usize, copied: usize, aged: bool) {
        if self.pretenures() {
            return self.stop_pretenuring();
        }
        if self.used.get() < self.size.get() / 2 {
            return;
        }
        let survivals = if copied >= allocated / 4 * 3 { self.survivals.get().saturating_add(1) } else { 0 };
        self.survivals.set(survivals);
        if survivals >= SURVIVALS && !aged {
            let doubled = LEAST_BORN_OLD << (survivals - SURVIVALS).min(8);
            self.to_be_born_old.set(doubled.min(MOST_BORN_OLD));
        }
    }

    /// A slice for cells of a class; `None` when even the range is used up.
    pub(crate) fn slice(&self, region: &Region, class: Class) -> Option<(NonNull<u8>, usize)> {
        let cell = class.cell_bytes();
        let slice = (self.size.get() / 64).clamp(256, MAX_SLICE);
        let bytes = (slice / cell).max(1) * cell;
        let start = self.used.get();
        if self.births + start + bytes > self.range {
            return None;
        }
        self.used.set(start + bytes);
        Some((region.at(self.base + self.births + start), bytes))
    }

    /// All survivors, `copied` bytes, were copied out after a scan of `roots` words: begin anew.  Of them, those that are
    /// `aged`, in bytes and objects, are in the areas that were copied to.
    ///
    /// If most of it survived, as when a program builds its data, or so much that the pause was long, the nursery is halved;
    /// in the first case that costs hardly a promotion more.  It grows again when little survives.
    /// A deep stack, which every collection scans, makes the nursery large: 16 bytes a word.
    pub(crate) fn reset(&self, region: &Region, copied: usize, aged: (usize, usize), roots: usize) {
        let used = self.used.replace(0);
        let begin_anew = |offset: usize, used: usize| {
            if region.poison && used > 0 {
                // SAFETY: INV-REGION-1: the range is mapped; INV-NURSERY-1: no object is left in it.
                unsafe { region.at(offset).write_bytes(POISON, used) };
            }
        };
        begin_anew(self.base + self.births, used);
        for step in 0..MOST_STEPS {
            let number = 2 * step + self.half.get();
            begin_anew(self.base + number * self.area, self.aged_used[number].replace(0));
        }
        self.half.set(1 - self.half.get());
        self.aged.set(aged);
        let size = self.size.get();
        if (copied > used / 2 || copied > MOST_COPIED) && used >= size / 2 {
            self.size.set((size / 2).max(LEAST.min(self.full_size)));
        } else if copied < used / 4 && copied < MOST_COPIED / 3 {
            self.size.set((size * 2).min(self.full_size));
        }
        let least = (16 * roots).min(MOST_FOR_ROOTS).min(self.range / 2);
        if roots >= MANY_ROOTS && self.size.get() < least {
            self.size.set(least);
        }
        // What a long primitive used beyond the size is given back piece by piece, and so is what has long been unused.
        let is_small = self.size.get() <= self.full_size / 4;
        self.small_for.set(if is_small { self.small_for.get().saturating_add(1) } else { 0 });
        let used_soon = if self.small_for.get() < SMALL_FOR_LONG { self.full_size } else { self.size.get() };
        let keep = (2 * used_soon).next_multiple_of(PIECE);
        let held = self.held.get().max(used).next_multiple_of(PIECE);
        let piece = (held.saturating_sub(keep) / 2).next_multiple_of(PIECE).min(MOST_GIVEN_BACK);
        if piece > 0 {
            region.forget_contents(self.base + self.births + held - piece, piece);
        }
        self.held.set(held - piece);
    }
}
