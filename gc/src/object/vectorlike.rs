//! Vectorlikes: a header, traced slots, raw words; and the kinds that are nothing more.

use crate::context::Context;
use crate::header::{Header, HeaderCell, HeaderKind};
use crate::object::hash_table::WEAK_DATA;
use crate::object::{NIL, Object, vectorlike_reference};
use crate::slot::Slot;
use crate::word::{TAG_VECTORLIKE, Word};
use std::cell::Cell;
use std::marker::PhantomData;
use std::ptr::NonNull;

/// The start of a vectorlike in the heap; slots and raw words follow.
#[repr(C)]
pub(crate) struct VectorCell {
    pub(crate) header: HeaderCell,
}

/// Anything with a header but strings and symbols.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Vectorlike<'ob>(NonNull<VectorCell>, PhantomData<&'ob Context>);

impl<'ob> Vectorlike<'ob> {
    /// # Safety
    /// As [`Object::from_word`], and the word's tag is that of a vectorlike.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Vectorlike<'ob> {
        Vectorlike(word.untagged(TAG_VECTORLIKE), PhantomData)
    }

    #[inline(always)]
    pub(crate) fn word(self) -> Word {
        Word::tagged(self.0.cast(), TAG_VECTORLIKE)
    }

    #[inline(always)]
    pub(crate) fn header(self) -> Header {
        // SAFETY: INV-OBJECT-1: alive and in place during 'ob.
        unsafe { self.0.as_ref() }.header.get()
    }

    #[inline(always)]
    pub(crate) fn set_flags(self, flags: u8) {
        // SAFETY: INV-OBJECT-1: alive and in place during 'ob; the header is a cell.
        unsafe { self.0.as_ref() }.header.set(self.header().with_flags(flags));
    }

    /// What the header announces.
    #[inline(always)]
    pub fn kind(self) -> HeaderKind {
        self.header().kind()
    }

    #[inline(always)]
    pub(crate) fn is(self, kind: HeaderKind) -> bool {
        self.header().is(kind)
    }

    /// How many traced slots there are.
    #[inline(always)]
    pub fn slot_count(self) -> usize {
        self.header().slots()
    }

    /// All traced slots.
    #[inline(always)]
    pub(crate) fn slots(self) -> &'ob [Slot] {
        // SAFETY: INV-OBJECT-1: alive and in place during 'ob; INV-ALLOC-1: the header counts the slots that follow it,
        // and all were initialised at birth.
        unsafe {
            let first = self.0.as_ptr().cast::<Slot>().add(1);
            std::slice::from_raw_parts(first, self.header().slots())
        }
    }

    /// Whether this is a hash table whose entries the collector decides about.
    pub(crate) fn is_weak_table(self) -> bool {
        let header = self.header();
        header.is(HeaderKind::HashTable) && header.flags() & WEAK_DATA != 0
    }

    /// All traced slots of a kind that has slots, whose header counts them without a look at the kind.
    #[inline(always)]
    pub(crate) fn slots_of_slotted(self) -> &'ob [Slot] {
        debug_assert!(!self.kind().is_raw());
        // SAFETY: as in `slots`; the kind has slots, so the upper half of the header counts them.
        unsafe {
            let first = self.0.as_ptr().cast::<Slot>().add(1);
            std::slice::from_raw_parts(first, self.header().upper())
        }
    }

    /// All raw words.
    #[inline(always)]
    pub(crate) fn raw(self) -> &'ob [Cell<u64>] {
        // SAFETY: as in `slots`; the raw words follow the slots and were zeroed at birth.
        unsafe {
            let first = self.0.as_ptr().cast::<Cell<u64>>().add(1 + self.header().slots());
            std::slice::from_raw_parts(first, self.header().raw_words())
        }
    }

    /// Raw word `i` of an object of a kind that has slots, without a look at its header.
    ///
    /// # Safety
    /// The object has exactly so many slots and more than `i` raw words.
    #[inline(always)]
    pub(crate) unsafe fn raw_behind(self, slots: usize, i: usize) -> &'ob Cell<u64> {
        debug_assert!(!self.kind().is_raw() && slots == self.header().slots() && i < self.header().raw_words());
        // SAFETY: as in `raw`; the caller knows what the header says.
        unsafe { &*self.0.as_ptr().cast::<Cell<u64>>().add(1 + slots + i) }
    }

    /// The halves of all raw words of an object of a kind that has no slots, whose header counts the words without a look
    /// at the kind.
    ///
    /// # Safety
    /// The kind has no slots.
    #[inline(always)]
    pub(crate) unsafe fn halves_of_slotless(self) -> &'ob [Cell<u32>] {
        debug_assert!(self.kind().is_raw());
        // SAFETY: as in `raw`; without slots the upper half of the header counts the raw words, and a word is two halves.
        unsafe {
            let first = self.0.as_ptr().cast::<Cell<u64>>().add(1);
            std::slice::from_raw_parts(first.cast(), 2 * self.header().upper())
        }
    }

    /// Slot `i`, or `None` beyond the last.
    #[inline(always)]
    pub fn slot(self, i: usize) -> Option<Object<'ob>> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        self.slots().get(i).map(|s| unsafe { Object::from_word(s.get()) })
    }

    /// Store into slot `i`; false beyond the last.
    #[inline(always)]
    pub fn set_slot(self, i: usize, v: Object<'_>, cx: &Context) -> bool {
        self.store(self.slots().get(i), v, cx)
    }

    #[inline(always)]
    pub(crate) fn store(self, slot: Option<&Slot>, v: Object<'_>, cx: &Context) -> bool {
        let Some(slot) = slot else { return false };
        cx.write_barrier(self.word(), slot, v.0);
        slot.publish(v.0);
        true
    }
}

impl<'ob> From<Vectorlike<'ob>> for Object<'ob> {
    #[inline(always)]
    fn from(v: Vectorlike<'ob>) -> Self {
        // SAFETY: INV-WORD-1: a Vectorlike only ever points to an initialised one.
        unsafe { Object::from_word(v.word()) }
    }
}

/// The methods of kinds whose elements are all their slots.
macro_rules! slots_interface {
    ($name:ident) => {
        impl<'ob> $name<'ob> {
            /// How many slots.
            #[inline(always)]
            pub fn len(self) -> usize {
                self.0.header().upper()
            }
            /// Whether there are none.
            pub fn is_empty(self) -> bool {
                self.len() == 0
            }
            /// Slot `i`, or `None` beyond the last.
            #[inline(always)]
            pub fn get(self, i: usize) -> Option<Object<'ob>> {
                // SAFETY: INV-WORD-1: slots hold valid words.
                self.0.slots_of_slotted().get(i).map(|s| unsafe { Object::from_word(s.get()) })
            }
            /// Store into slot `i`; false beyond the last.
            #[inline(always)]
            pub fn set(self, i: usize, v: Object<'_>, cx: &Context) -> bool {
                self.0.store(self.0.slots_of_slotted().get(i), v, cx)
            }
            /// The slots' values, in order, as they are when each is reached.
            pub fn iter(self) -> impl DoubleEndedIterator<Item = Object<'ob>> + ExactSizeIterator + 'ob {
                // SAFETY: INV-WORD-1: slots hold valid words.
                self.0.slots().iter().map(|s| unsafe { Object::from_word(s.get()) })
            }
        }
    };
}
pub(crate) use slots_interface;

vectorlike_reference!(
    /// A Lisp vector.
    Vector, Vector, as_vector
);
slots_interface!(Vector);

/// The elements of a vector, to be read: one bounds check an element, and no look at the vector's header.
#[derive(Clone, Copy)]
pub struct Words<'ob>(&'ob [Slot]);

impl<'ob> Words<'ob> {
    /// The slots of a kind whose upper half of the header counts them.
    #[inline(always)]
    pub(crate) fn of(v: Vectorlike<'ob>) -> Words<'ob> {
        // SAFETY: as in `Vectorlike::slots`; the callers have kinds with slots, which the header counts there.
        unsafe { Words::counted(v, v.header().upper()) }
    }

    /// # Safety
    /// The vectorlike has so many slots.
    #[inline(always)]
    pub(crate) unsafe fn counted(v: Vectorlike<'ob>, count: usize) -> Words<'ob> {
        // SAFETY: the caller's promise; slots are initialised at birth.
        Words(unsafe { std::slice::from_raw_parts(v.0.as_ptr().cast::<Slot>().add(1), count) })
    }

    /// Store the words in registers from `at` on, as many as there are.
    #[inline(always)]
    pub fn copy_to(self, slots: crate::root::Slots<'_>, at: usize) {
        // Mostly there is one, for which a loop takes four times the instructions.
        let (Some((first, rest)), Some((to, others))) = (self.0.split_first(), slots.cells_from(at).split_first())
        else {
            return;
        };
        to.set(first.get());
        if !rest.is_empty() {
            copy_cells(rest, others);
        }
    }

    /// The words from word `i` on.
    #[inline(always)]
    pub fn from(self, i: usize) -> Words<'ob> {
        Words(self.0.get(i..).unwrap_or_default())
    }

    /// No elements.
    pub const EMPTY: Words<'static> = Words(&[]);

    /// Element `i`.
    #[inline(always)]
    pub fn get(self, i: usize) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.0[i].get()) }
    }

    /// Element `i`, or `None` beyond the last.
    #[inline(always)]
    pub fn checked(self, i: usize) -> Option<Object<'ob>> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        self.0.get(i).map(|slot| unsafe { Object::from_word(slot.get()) })
    }

    /// How many elements.
    #[inline(always)]
    pub fn len(self) -> usize {
        self.0.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.0.is_empty()
    }
}

#[inline(never)]
fn copy_cells(from: &[Slot], to: &[Slot]) {
    from.iter().zip(to).for_each(|(from, to)| to.set(from.get()));
}

impl<'ob> Object<'ob> {
    /// The elements, if the object is a vector: one look at the header.
    #[inline(always)]
    pub fn vector_words(self) -> Option<Words<'ob>> {
        let vector = self.as_vectorlike()?;
        let header = vector.header();
        // SAFETY: as in `Words::of`; vectors have slots.
        header.is(HeaderKind::Vector).then(|| unsafe { Words::counted(vector, header.upper()) })
    }

    /// The slots, if the object is a vector or a record: one look at the header.
    #[inline(always)]
    fn elements(self) -> Option<(Vectorlike<'ob>, &'ob [Slot])> {
        let array = self.as_vectorlike()?;
        let header = array.header();
        let counted = header.is(HeaderKind::Vector) || header.is(HeaderKind::Record);
        // SAFETY: as in `Words::of`; both have slots.
        counted.then(|| (array, unsafe { Words::counted(array, header.upper()) }.0))
    }

    /// Element `i` of a vector or record; nothing for anything else, and beyond the last.
    #[inline(always)]
    pub fn element(self, i: usize) -> Option<Object<'ob>> {
        Words(self.elements()?.1).checked(i)
    }

    /// Store element `i` of a vector or record; false for anything else, and beyond the last.
    #[inline(always)]
    pub fn set_element(self, i: usize, v: Object<'_>, cx: &Context) -> bool {
        self.elements().is_some_and(|(array, slots)| array.store(slots.get(i), v, cx))
    }
}

impl<'ob> Vector<'ob> {
    /// The elements, to be read.
    #[inline(always)]
    pub fn words(self) -> Words<'ob> {
        Words::of(self.0)
    }
}
vectorlike_reference!(
    /// A record; slot 0 is its type.
    Record, Record, as_record
);
slots_interface!(Record);
vectorlike_reference!(
    /// A char-table.
    CharTable, CharTable, as_char_table
);
slots_interface!(CharTable);
vectorlike_reference!(
    /// A level of a char-table.
    SubCharTable, SubCharTable, as_sub_char_table
);
slots_interface!(SubCharTable);
vectorlike_reference!(
    /// A marker: slot 0 is its buffer or nil.
    Marker, Marker, as_marker
);
slots_interface!(Marker);
vectorlike_reference!(
    /// A buffer's Lisp-visible slots.
    Buffer, Buffer, as_buffer
);
slots_interface!(Buffer);
vectorlike_reference!(
    /// An overlay.
    Overlay, Overlay, as_overlay
);
slots_interface!(Overlay);

impl SubCharTable<'_> {
    /// The level's depth and first character.
    pub fn position(self) -> (u8, u32) {
        let raw = self.0.raw()[0].get();
        (raw as u8, (raw >> 8) as u32)
    }
}

impl Marker<'_> {
    /// The position, and whether text inserted there pushes the marker on.
    pub fn position(self) -> (u64, bool) {
        let raw = self.0.raw()[0].get();
        (raw >> 1, raw & 1 != 0)
    }

    /// Move the marker within its buffer.
    pub fn set_position(self, position: u64, insertion_type: bool) {
        self.0.raw()[0].set(position << 1 | u64::from(insertion_type));
    }
}

impl Buffer<'_> {
    /// The buffer's number in the runtime's side table of texts.
    pub fn number(self) -> u64 {
        self.0.raw()[0].get()
    }
}

impl Context {
    /// Allocate a vectorlike whose slots all hold `init` and whose raw words are zero.
    #[inline]
    pub(crate) fn alloc_vectorlike(&self, kind: HeaderKind, slots: usize, raw: usize, init: Word) -> Vectorlike<'_> {
        let (slot_count, raw_count) = if kind.is_raw() { (0, slots) } else { (slots, raw) };
        let header = Header::new(kind, slots, raw);
        let cell = self.alloc_bytes(header.bytes()).cast::<VectorCell>();
        // SAFETY: INV-ALLOC-1: the memory is free, at least `header.bytes()` long and ours.
        unsafe {
            cell.write(VectorCell { header: HeaderCell::new(header) });
            let slot = cell.cast::<Slot>().add(1);
            for i in 0..slot_count {
                slot.add(i).write(Slot::new(init));
            }
            slot.add(slot_count).cast::<u64>().write_bytes(0, raw_count);
        }
        Vectorlike(cell, PhantomData)
    }

    /// As `alloc_vectorlike`, with no raw words, and the values of the first slots those of others.  For an old object that
    /// may refer to young ones, the caller calls [`Context::remember_at_birth`].
    pub(crate) fn alloc_continued(&self, kind: HeaderKind, slots: usize, first: &[Slot], rest: Word) -> Vectorlike<'_> {
        debug_assert!(!kind.is_raw() && first.len() <= slots);
        let header = Header::new(kind, slots, 0);
        let cell = self.alloc_bytes(header.bytes()).cast::<VectorCell>();
        // SAFETY: INV-ALLOC-1: as above; there is room for all slots, and what is copied is as many as `first` has.  Only
        // the mutator, which this is, stores into those while it runs.
        unsafe {
            cell.write(VectorCell { header: HeaderCell::new(header) });
            let slot = cell.cast::<Slot>().add(1);
            std::ptr::copy_nonoverlapping(first.as_ptr(), slot.as_ptr(), first.len());
            for i in first.len()..slots {
                slot.add(i).write(Slot::new(rest));
            }
        }
        Vectorlike(cell, PhantomData)
    }

    /// As `alloc_vectorlike`, with the slots' values given and no raw words.
    #[inline]
    fn alloc_slots(&self, kind: HeaderKind, values: &[Object<'_>]) -> Vectorlike<'_> {
        let header = Header::new(kind, values.len(), 0);
        let cell = self.alloc_bytes(header.bytes()).cast::<VectorCell>();
        // SAFETY: INV-ALLOC-1: as above; an `Object` is a transparent word, as a `Slot` is.
        unsafe {
            cell.write(VectorCell { header: HeaderCell::new(header) });
            let first = cell.cast::<Object<'_>>().add(1);
            std::ptr::copy_nonoverlapping(values.as_ptr(), first.as_ptr(), values.len());
        }
        self.remember_at_birth(Vectorlike(cell, PhantomData).word());
        Vectorlike(cell, PhantomData)
    }

    /// The empty vector, of which there is one.
    #[cold]
    fn empty_vector(&self) -> Vector<'_> {
        let make = || Vector(self.alloc_slots(HeaderKind::Vector, &[])).into();
        self.empty(2, make).as_vector().expect("the empty vector")
    }

    /// A vector of the given elements.  Never collects.
    #[inline]
    pub fn vector(&self, elements: &[Object<'_>]) -> Vector<'_> {
        if elements.is_empty() {
            return self.empty_vector();
        }
        Vector(self.alloc_slots(HeaderKind::Vector, elements))
    }

    /// A vector of `len` times `init`; callers of a size that Lisp chose call [`Context::reserve`] first.
    pub fn make_vector(&self, len: usize, init: Object<'_>) -> Vector<'_> {
        if len == 0 {
            return self.empty_vector();
        }
        let v = self.alloc_vectorlike(HeaderKind::Vector, len, 0, init.0);
        self.remember_at_birth(v.word());
        Vector(v)
    }

    /// A record of the given slots, the type first.
    #[inline]
    pub fn record(&self, slots: &[Object<'_>]) -> Record<'_> {
        Record(self.alloc_slots(HeaderKind::Record, slots))
    }

    /// A record of `len` slots that all hold `init`.
    pub fn make_record(&self, len: usize, init: Object<'_>) -> Record<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Record, len, 0, init.0);
        self.remember_at_birth(v.word());
        Record(v)
    }

    /// A char-table of the given slots.
    pub fn char_table(&self, slots: &[Object<'_>]) -> CharTable<'_> {
        CharTable(self.alloc_slots(HeaderKind::CharTable, slots))
    }

    /// A level of a char-table.
    pub fn sub_char_table(&self, depth: u8, first: u32, len: usize, init: Object<'_>) -> SubCharTable<'_> {
        let v = self.alloc_vectorlike(HeaderKind::SubCharTable, len, 1, init.0);
        v.raw()[0].set(u64::from(first) << 8 | u64::from(depth));
        self.remember_at_birth(v.word());
        SubCharTable(v)
    }

    /// A marker that points nowhere.
    pub fn marker(&self) -> Marker<'_> {
        Marker(self.alloc_vectorlike(HeaderKind::Marker, 1, 1, NIL.0))
    }

    /// A buffer with `slots` slots of nil, whose text has the given number in the runtime's side table.
    pub fn buffer(&self, slots: usize, number: u64) -> Buffer<'_> {
        let v = self.alloc_vectorlike(HeaderKind::Buffer, slots, 1, NIL.0);
        v.raw()[0].set(number);
        Buffer(v)
    }

    /// An overlay: start marker, end marker, property list.
    pub fn overlay(&self, start: Object<'_>, end: Object<'_>, plist: Object<'_>) -> Overlay<'_> {
        Overlay(self.alloc_slots(HeaderKind::Overlay, &[start, end, plist]))
    }
}
