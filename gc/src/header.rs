//! The header word of strings and vectorlikes: the one description of each kind.
//!
//! ```text
//!  63                      32 31          16 15    8 7     3 2  0
//! ┌──────────────────────────┬──────────────┬───────┬───────┬─────┐
//! │ slots (or raw words)     │ raw words    │ flags │ kind  │ 111 │
//! └──────────────────────────┴──────────────┴───────┴───────┴─────┘
//! ```
//!
//! A vectorlike is its header, then `slots` tagged words that the collector traces, then raw words that it does not.
//! Kinds in [`HeaderKind::is_raw`] have no slots, and their upper half counts raw words instead.
//! Size, scan, copy, barrier range, census and verifier all derive from this word and [`KINDS`]; no second list of a
//! kind's children exists anywhere.
//! INV-HEADER-1: the low bits of a header are `111`, so a header never looks like a forwarding word (`000`).

use std::sync::atomic::{AtomicU64, Ordering};

/// What a header announces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[expect(missing_docs, reason = "each kind is described in the KINDS table")]
pub enum HeaderKind {
    String,
    Symbol,
    Vector,
    Record,
    HashTable,
    TableData,
    Closure,
    ByteCode,
    Subr,
    Bignum,
    BoolVector,
    Bytes,
    Finalizer,
    CharTable,
    SubCharTable,
    Marker,
    Buffer,
    Overlay,
    Native,
}

/// A row of the table of kinds.
pub struct KindInfo {
    /// The kind.
    pub kind: HeaderKind,
    /// The name in a census, Emacs's where Emacs has the kind.
    pub name: &'static str,
    /// One sentence for the census page.
    pub doc: &'static str,
}

macro_rules! kinds {
    ($($kind:ident, $name:literal, $doc:literal;)*) => {
        /// Every kind of headed object.
        pub const KINDS: &[KindInfo] = &[$(KindInfo { kind: HeaderKind::$kind, name: $name, doc: $doc }),*];
    };
}
kinds! {
    String, "string", "A string's header cell; its bytes are a separate cell that only the header refers to.";
    Symbol, "symbol", "A symbol: flags, name, value, function, property list, chain link.";
    Vector, "vector", "A Lisp vector.";
    Record, "record", "A record: slot 0 is its type.";
    HashTable, "hash-table", "A hash table; its entries are in a TableData, found through two or three Bytes.";
    TableData, "hash-table-data", "Keys and values of a hash table, in pairs; not traced when the table is weak.";
    Closure, "closure", "A byte-code prototype and the values it captured.";
    ByteCode, "byte-code-function", "A byte-code function as Lisp sees it.";
    Subr, "subr", "A primitive; the raw word is its index in the table of primitives.";
    Bignum, "bignum", "A big integer: flag 0 is the sign, the raw words its magnitude, least significant first.";
    BoolVector, "bool-vector", "Raw word 0 is the length in bits; the bits follow.";
    Bytes, "bytes", "Untraced words, private to the runtime.";
    Finalizer, "finalizer", "Slot 0 is the function to call once the object is unreachable.";
    CharTable, "char-table", "A char-table: default, parent, purpose, contents, extras.";
    SubCharTable, "sub-char-table", "A level of a char-table; raw word 0 is depth and first character.";
    Marker, "marker", "A position in a buffer.";
    Buffer, "buffer", "A buffer's Lisp-visible slots.";
    Overlay, "overlay", "A range of a buffer with properties.";
    Native, "native", "A handle to data that the runtime keeps in a side table.";
}

impl HeaderKind {
    #[inline(always)]
    pub(crate) fn from_bits(bits: u8) -> HeaderKind {
        KINDS[bits as usize].kind
    }

    /// Kinds without traced slots, whose upper half counts raw words.
    #[inline(always)]
    pub(crate) const fn is_raw(self) -> bool {
        matches!(self, HeaderKind::Bignum | HeaderKind::BoolVector | HeaderKind::Bytes)
    }
}

/// A header word.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub(crate) struct Header(u64);

const LOW_BITS: u64 = 7;
const KIND_SHIFT: u32 = 3;
const FLAGS_SHIFT: u32 = 8;
const RAW_SHIFT: u32 = 16;
const SLOTS_SHIFT: u32 = 32;

/// The most slots, or raw words of a raw kind, that a header can count.
pub const MAX_SLOTS: usize = u32::MAX as usize;

impl Header {
    #[inline(always)]
    pub(crate) const fn new(kind: HeaderKind, slots: usize, raw: usize) -> Header {
        debug_assert!(slots <= MAX_SLOTS && raw <= u16::MAX as usize);
        Header(LOW_BITS | (kind as u64) << KIND_SHIFT | (raw as u64) << RAW_SHIFT | (slots as u64) << SLOTS_SHIFT)
    }

    #[inline(always)]
    pub(crate) fn kind_bits(self) -> u8 {
        (self.0 >> KIND_SHIFT) as u8 & 31
    }

    #[inline(always)]
    pub(crate) fn kind(self) -> HeaderKind {
        HeaderKind::from_bits(self.kind_bits())
    }

    #[inline(always)]
    pub(crate) fn is(self, kind: HeaderKind) -> bool {
        self.kind_bits() == kind as u8
    }

    #[inline(always)]
    pub(crate) fn flags(self) -> u8 {
        (self.0 >> FLAGS_SHIFT) as u8
    }

    #[inline(always)]
    pub(crate) fn with_flags(self, flags: u8) -> Header {
        Header(self.0 & !(0xff << FLAGS_SHIFT) | u64::from(flags) << FLAGS_SHIFT)
    }

    /// Traced words after the header.
    #[inline(always)]
    pub(crate) fn slots(self) -> usize {
        if self.is_raw() { 0 } else { (self.0 >> SLOTS_SHIFT) as usize }
    }

    /// [`HeaderKind::is_raw`] of the kind, without a look at the table of kinds.
    #[inline(always)]
    fn is_raw(self) -> bool {
        const RAW: u32 =
            1 << HeaderKind::Bignum as u32 | 1 << HeaderKind::BoolVector as u32 | 1 << HeaderKind::Bytes as u32;
        RAW >> self.kind_bits() & 1 != 0
    }

    /// The upper half, for callers that know the kind has slots.
    #[inline(always)]
    pub(crate) fn upper(self) -> usize {
        (self.0 >> SLOTS_SHIFT) as usize
    }

    /// Untraced words after the slots.
    #[inline(always)]
    pub(crate) fn raw_words(self) -> usize {
        if self.is_raw() { self.upper() } else { (self.0 >> RAW_SHIFT) as usize & 0xffff }
    }

    /// Size of the whole vectorlike in bytes, before rounding to a cell.
    #[inline(always)]
    pub(crate) fn bytes(self) -> usize {
        8 * (1 + self.upper() + if self.is_raw() { 0 } else { self.raw_words() })
    }

    /// Whether the low bits are those of a header; a heap verifier's question.
    pub(crate) fn is_valid(self) -> bool {
        self.0 & LOW_BITS == LOW_BITS && usize::from(self.kind_bits()) < KINDS.len()
    }

    pub(crate) fn from_raw(raw: u64) -> Header {
        Header(raw)
    }
}

/// A header in the heap.  Its flags may change while a marker on another thread reads its kind and its counts.
#[repr(transparent)]
pub(crate) struct HeaderCell(AtomicU64);

impl HeaderCell {
    #[inline(always)]
    pub(crate) fn new(header: Header) -> HeaderCell {
        HeaderCell(AtomicU64::new(header.0))
    }
    #[inline(always)]
    pub(crate) fn get(&self) -> Header {
        Header(self.0.load(Ordering::Relaxed))
    }
    #[inline(always)]
    pub(crate) fn set(&self, header: Header) {
        self.0.store(header.0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_indexed_by_kind() {
        for (i, row) in KINDS.iter().enumerate() {
            assert_eq!(row.kind as usize, i);
            assert_eq!(Header::new(row.kind, 0, 0).is_raw(), row.kind.is_raw());
        }
    }

    #[test]
    fn sizes() {
        assert_eq!(Header::new(HeaderKind::Vector, 4, 0).bytes(), 40);
        assert_eq!(Header::new(HeaderKind::Bignum, 3, 0).bytes(), 32);
        assert_eq!(Header::new(HeaderKind::Bignum, 3, 0).slots(), 0);
        let h = Header::new(HeaderKind::HashTable, 4, 5).with_flags(0x81);
        assert_eq!((h.bytes(), h.flags(), h.slots(), h.raw_words()), (80, 0x81, 4, 5));
    }
}
