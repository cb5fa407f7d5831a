//! Strings: a 32-byte header cell, and the bytes in a cell of their own that only the header refers to.
//!
//! ```text
//!  header cell:  [ chars (48) | flags (8) | kind, 111 ] [ data pointer ] [ bytes ] [ text properties ]
//! ```
//!
//! The bytes are Emacs's internal encoding if the string is multibyte, else plain bytes; this crate does not care.
//! INV-STRING-1: bytes change in place only under `&mut Context`, when no `&'ob [u8]` of any string can be alive.

use crate::context::Context;
use crate::header::{Header, HeaderKind};
use crate::object::{NIL, Object};
use crate::root::Root;
use crate::size_class::{Class, STRING_BYTES};
use crate::slot::Slot;
use crate::word::{TAG_STRING, Word};
use std::marker::PhantomData;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicPtr, AtomicU64, AtomicUsize, Ordering};

/// A string's header cell.
#[repr(C)]
pub(crate) struct StringCell {
    header: AtomicU64,
    data: AtomicPtr<u8>,
    bytes: AtomicUsize,
    pub(crate) intervals: Slot,
}
const _: () = assert!(size_of::<StringCell>() == STRING_BYTES);

const MULTIBYTE: u8 = 1;
const CHARS_SHIFT: u32 = 16;

fn string_header(chars: usize, multibyte: bool) -> u64 {
    let flags = if multibyte { u64::from(MULTIBYTE) } else { 0 };
    7 | (HeaderKind::String as u64) << 3 | flags << 8 | (chars as u64) << CHARS_SHIFT
}

impl StringCell {
    pub(crate) fn data_bytes(&self) -> usize {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Where the bytes are; dangling if there are none.  A marker beside the mutator may see the bytes' number and their
    /// place from different moments.
    #[inline(always)]
    pub(crate) fn data(&self) -> NonNull<u8> {
        // SAFETY: what was stored was no null pointer.
        unsafe { NonNull::new_unchecked(self.data.load(Ordering::Relaxed)) }
    }

    #[inline(always)]
    pub(crate) fn set_data(&self, data: NonNull<u8>) {
        self.data.store(data.as_ptr(), Ordering::Relaxed);
    }

    fn header(&self) -> u64 {
        self.header.load(Ordering::Relaxed)
    }

    pub(crate) fn is_valid(&self) -> bool {
        Header::from_raw(self.header()).is_valid() && Header::from_raw(self.header()).is(HeaderKind::String)
    }
}

/// A string.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Str<'ob>(NonNull<StringCell>, PhantomData<&'ob Context>);

impl<'ob> Str<'ob> {
    /// # Safety
    /// As [`Object::from_word`], and the word's tag is that of a string.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Str<'ob> {
        Str(word.untagged(TAG_STRING), PhantomData)
    }

    #[inline(always)]
    fn cell(self) -> &'ob StringCell {
        // SAFETY: INV-OBJECT-1: alive and in place during 'ob, and all its fields are cells.
        unsafe { self.0.as_ref() }
    }

    /// The bytes.
    #[inline(always)]
    pub fn bytes(self) -> &'ob [u8] {
        // SAFETY: INV-STRING-1: the data cell is initialised, alive and unchanged during 'ob.  A later replacement of the
        // data leaves the old cell as it was until the next collection.
        unsafe { std::slice::from_raw_parts(self.cell().data().as_ptr(), self.cell().data_bytes()) }
    }

    /// How many characters.
    #[inline(always)]
    pub fn chars(self) -> usize {
        (self.cell().header() >> CHARS_SHIFT) as usize
    }

    /// How many bytes.
    #[inline(always)]
    pub fn len_bytes(self) -> usize {
        self.cell().data_bytes()
    }

    /// Whether the bytes are characters in Emacs's internal encoding.
    #[inline(always)]
    pub fn is_multibyte(self) -> bool {
        Header::from_raw(self.cell().header()).flags() & MULTIBYTE != 0
    }

    /// The bytes as UTF-8, if they are.
    pub fn as_str(self) -> Option<&'ob str> {
        std::str::from_utf8(self.bytes()).ok()
    }

    /// The text properties, or nil.
    pub fn intervals(self) -> Object<'ob> {
        // SAFETY: INV-WORD-1: slots hold valid words.
        unsafe { Object::from_word(self.cell().intervals.get()) }
    }

    /// Replace the text properties.
    pub fn set_intervals(self, v: Object<'_>, cx: &Context) {
        cx.write_barrier(Object::from(self).0, &self.cell().intervals, v.0);
        self.cell().intervals.publish(v.0);
    }

    /// Give the string other bytes.  Slices of the old ones stay good until the next collection.
    pub fn replace_bytes(self, bytes: &[u8], chars: usize, multibyte: bool, cx: &Context) {
        if self.len_bytes() == 0 && bytes.is_empty() {
            // It stands for all empty strings of its kind.
            return;
        }
        let data = cx.alloc_data(&[bytes], bytes.len());
        cx.string_data_barrier(Object::from(self).0);
        self.cell().set_data(data);
        self.cell().bytes.store(bytes.len(), Ordering::Relaxed);
        self.cell().header.store(string_header(chars, multibyte), Ordering::Relaxed);
    }
}

impl<'ob> From<Str<'ob>> for Object<'ob> {
    #[inline(always)]
    fn from(s: Str<'ob>) -> Self {
        // SAFETY: INV-WORD-1: a Str only ever points to an initialised string cell.
        unsafe { Object::from_word(Word::tagged(s.0.cast(), TAG_STRING)) }
    }
}

impl Context {
    /// A string of the given bytes.  Never collects.
    pub fn string(&self, bytes: &[u8], chars: usize, multibyte: bool) -> Str<'_> {
        self.string_concat(&[bytes], chars, multibyte)
    }

    /// A string of UTF-8 text; unibyte if it is ASCII, as Emacs makes it.
    pub fn string_from_str(&self, text: &str) -> Str<'_> {
        let chars = text.chars().count();
        self.string(text.as_bytes(), chars, chars != text.len())
    }

    /// A string of several pieces.  All empty strings, unibyte or multibyte, are one.
    pub fn string_concat(&self, pieces: &[&[u8]], chars: usize, multibyte: bool) -> Str<'_> {
        let bytes = pieces.iter().map(|p| p.len()).sum();
        if bytes == 0 {
            let make = || self.string_cell(&[], 0, 0, multibyte).into();
            return self.empty(usize::from(multibyte), make).as_string().expect("the empty string");
        }
        self.string_cell(pieces, bytes, chars, multibyte)
    }

    fn string_cell(&self, pieces: &[&[u8]], bytes: usize, chars: usize, multibyte: bool) -> Str<'_> {
        let data = self.alloc_data(pieces, bytes);
        let cell = self.alloc_cell::<StringCell>(Class::STRING);
        // SAFETY: INV-ALLOC-1: the cell is free, big enough and ours.
        unsafe {
            cell.write(StringCell {
                header: AtomicU64::new(string_header(chars, multibyte)),
                data: AtomicPtr::new(data.as_ptr()),
                bytes: AtomicUsize::new(bytes),
                intervals: Slot::new(NIL.0),
            });
        }
        Str(cell, PhantomData)
    }

    /// A data cell filled with the pieces.
    fn alloc_data(&self, pieces: &[&[u8]], bytes: usize) -> NonNull<u8> {
        if bytes == 0 {
            return NonNull::dangling();
        }
        let data = self.alloc_data_cell(bytes);
        let mut at = data;
        for piece in pieces {
            // SAFETY: INV-ALLOC-1: the cell has room for all pieces, is ours, and no piece lies in it.
            unsafe {
                at.copy_from_nonoverlapping(NonNull::from(*piece).cast(), piece.len());
                at = at.add(piece.len());
            }
        }
        data
    }

    /// The bytes of a rooted string, to change in place; `None` if the root holds no string.
    pub fn string_bytes_mut(&mut self, string: Root<'_>) -> Option<&mut [u8]> {
        let s = string.get(self).as_string()?;
        let (data, len) = (s.cell().data(), s.len_bytes());
        // SAFETY: INV-STRING-1: `&mut self` proves that no other slice of a string is alive, and lends the bytes for as
        // long as it is borrowed; they are initialised and belong to this string alone.
        Some(unsafe { std::slice::from_raw_parts_mut(data.as_ptr(), len) })
    }
}
