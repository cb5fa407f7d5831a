//! Lisp values: [`Object`], what it can be ([`Kind`]), and one file for each kind of heap object.
//!
//! An `Object<'ob>` borrows the `&'ob Context` it came from, so it cannot live across anything that may collect.
//! INV-OBJECT-1: while any `&Context` is alive nothing is freed or moved, and heap memory changes only through cells and
//! atomics.

pub(crate) mod bignum;
pub(crate) mod bool_vector;
pub(crate) mod cons;
pub(crate) mod float;
pub(crate) mod function;
pub(crate) mod hash_table;
pub(crate) mod native;
pub(crate) mod string;
pub(crate) mod symbol;
pub(crate) mod vectorlike;

pub use bignum::Bignum;
pub use bool_vector::BoolVector;
pub use cons::Cons;
pub use float::Float;
pub use function::{ByteCode, Callee, Closure, SubrRef};
pub use hash_table::{HashCode, HashTable, Weakness};
pub use native::{Finalizer, Native};
pub use string::Str;
pub use symbol::{Interned, Redirect, Symbol, Write};
pub use vectorlike::{Buffer, CharTable, Marker, Overlay, Record, SubCharTable, Vector, Vectorlike, Words};

use crate::header::HeaderKind;
use crate::word::{TAG_CONS, TAG_FLOAT, TAG_STRING, TAG_SYMBOL, TAG_VECTORLIKE, Word};
use std::marker::PhantomData;

/// A Lisp value, valid while the `&'ob Context` it came from is borrowed.
///
/// `==` is `eq`.  It is not `Hash`, because addresses change, and not `Send`.
#[derive(Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Object<'ob>(pub(crate) Word, PhantomData<&'ob ()>);

const _: () = assert!(size_of::<Option<Object<'static>>>() == 8);

/// `nil`, the built-in symbol 0.
pub const NIL: Object<'static> = Object::builtin_symbol(0);
/// `t`, the built-in symbol 1.
pub const T: Object<'static> = Object::builtin_symbol(1);
/// The value of a variable that has none; Lisp never sees it.
pub const UNBOUND: Object<'static> = Object::builtin_symbol(2);

/// How many built-in symbols a program may number; their cells always exist.
pub const MAX_BUILTIN_SYMBOLS: usize = 1360;

/// What an [`Object`] is.  The only way to look inside one.
#[derive(Clone, Copy)]
#[expect(missing_docs, reason = "each variant is the type it holds")]
pub enum Kind<'ob> {
    Fixnum(i64),
    Symbol(Symbol<'ob>),
    Cons(Cons<'ob>),
    String(Str<'ob>),
    Float(Float<'ob>),
    Vector(Vector<'ob>),
    Record(Record<'ob>),
    HashTable(HashTable<'ob>),
    Closure(Closure<'ob>),
    ByteCode(ByteCode<'ob>),
    Subr(SubrRef<'ob>),
    Bignum(Bignum<'ob>),
    BoolVector(BoolVector<'ob>),
    Finalizer(Finalizer<'ob>),
    CharTable(CharTable<'ob>),
    SubCharTable(SubCharTable<'ob>),
    Marker(Marker<'ob>),
    Buffer(Buffer<'ob>),
    Overlay(Overlay<'ob>),
    Native(Native<'ob>),
}

impl<'ob> Object<'ob> {
    /// # Safety
    /// `word` is valid (INV-WORD-1), and nothing is moved or freed during `'ob`.
    #[inline(always)]
    pub(crate) unsafe fn from_word(word: Word) -> Object<'ob> {
        Object(word, PhantomData)
    }

    /// The fixnum `n`; the caller keeps it within [`crate::MOST_NEGATIVE_FIXNUM`] and [`crate::MOST_POSITIVE_FIXNUM`].
    #[inline(always)]
    pub const fn fixnum(n: i64) -> Object<'static> {
        Object(Word::fixnum(n), PhantomData)
    }

    /// `t` or `nil`.
    #[inline(always)]
    pub const fn bool(b: bool) -> Object<'static> {
        if b { T } else { NIL }
    }

    /// The built-in symbol with a given number, whose cell exists in every heap.
    #[inline(always)]
    pub const fn builtin_symbol(number: usize) -> Object<'static> {
        assert!(number < MAX_BUILTIN_SYMBOLS, "too many built-in symbols");
        Object(Word::symbol(number * crate::size_class::SYMBOL_BYTES), PhantomData)
    }

    /// Whether this is `nil`.
    #[inline(always)]
    pub fn is_nil(self) -> bool {
        self == NIL
    }

    /// The fixnum's value.
    #[inline(always)]
    pub fn as_fixnum(self) -> Option<i64> {
        self.0.is_fixnum().then(|| self.0.fixnum_value())
    }

    /// The cons.
    #[inline(always)]
    pub fn as_cons(self) -> Option<Cons<'ob>> {
        // SAFETY: INV-WORD-1: the tag says that this is a cons.
        (self.0.tag() == TAG_CONS).then(|| unsafe { Cons::from_word(self.0) })
    }

    /// The symbol.
    #[inline(always)]
    pub fn as_symbol(self) -> Option<Symbol<'ob>> {
        // SAFETY: INV-WORD-1: the tag says that this is a symbol.
        (self.0.tag() == TAG_SYMBOL).then(|| unsafe { Symbol::from_word(self.0) })
    }

    /// The string.
    #[inline(always)]
    pub fn as_string(self) -> Option<Str<'ob>> {
        // SAFETY: INV-WORD-1: the tag says that this is a string.
        (self.0.tag() == TAG_STRING).then(|| unsafe { Str::from_word(self.0) })
    }

    /// The float.
    #[inline(always)]
    pub fn as_float(self) -> Option<Float<'ob>> {
        // SAFETY: INV-WORD-1: the tag says that this is a float.
        (self.0.tag() == TAG_FLOAT).then(|| unsafe { Float::from_word(self.0) })
    }

    /// Anything with a header but strings and symbols.
    #[inline(always)]
    pub fn as_vectorlike(self) -> Option<Vectorlike<'ob>> {
        // SAFETY: INV-WORD-1: the tag says that this is a vectorlike.
        (self.0.tag() == TAG_VECTORLIKE).then(|| unsafe { Vectorlike::from_word(self.0) })
    }

    /// What this object is.
    #[inline(always)]
    pub fn untag(self) -> Kind<'ob> {
        let word = self.0;
        match word.tag() {
            // SAFETY: INV-WORD-1: each reference is made for the tag that was found.
            TAG_CONS => Kind::Cons(unsafe { Cons::from_word(word) }),
            // SAFETY: as above.
            TAG_SYMBOL => Kind::Symbol(unsafe { Symbol::from_word(word) }),
            // SAFETY: as above.
            TAG_STRING => Kind::String(unsafe { Str::from_word(word) }),
            // SAFETY: as above.
            TAG_FLOAT => Kind::Float(unsafe { Float::from_word(word) }),
            // SAFETY: as above.
            TAG_VECTORLIKE => untag_vectorlike(unsafe { Vectorlike::from_word(word) }),
            _ => Kind::Fixnum(word.fixnum_value()),
        }
    }
}

#[inline]
fn untag_vectorlike(v: Vectorlike<'_>) -> Kind<'_> {
    match v.kind() {
        HeaderKind::Vector => Kind::Vector(Vector(v)),
        HeaderKind::Record => Kind::Record(Record(v)),
        HeaderKind::HashTable => Kind::HashTable(HashTable(v)),
        HeaderKind::Closure => Kind::Closure(Closure(v)),
        HeaderKind::ByteCode => Kind::ByteCode(ByteCode(v)),
        HeaderKind::Subr => Kind::Subr(SubrRef(v)),
        HeaderKind::Bignum => Kind::Bignum(Bignum(v)),
        HeaderKind::BoolVector => Kind::BoolVector(BoolVector(v)),
        HeaderKind::Finalizer => Kind::Finalizer(Finalizer(v)),
        HeaderKind::CharTable => Kind::CharTable(CharTable(v)),
        HeaderKind::SubCharTable => Kind::SubCharTable(SubCharTable(v)),
        HeaderKind::Marker => Kind::Marker(Marker(v)),
        HeaderKind::Buffer => Kind::Buffer(Buffer(v)),
        HeaderKind::Overlay => Kind::Overlay(Overlay(v)),
        HeaderKind::Native => Kind::Native(Native(v)),
        HeaderKind::String | HeaderKind::Symbol | HeaderKind::TableData | HeaderKind::Bytes => {
            unreachable!("INV-WORD-1: a private kind reached Lisp")
        }
    }
}

/// Shows the word and its kind; what a value prints as is the printer's business.
impl std::fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.as_fixnum() {
            Some(n) => write!(f, "Object({n})"),
            None => write!(f, "Object({:#x})", self.0.bits()),
        }
    }
}

impl Default for Object<'_> {
    fn default() -> Self {
        NIL
    }
}

/// References that are vectorlikes of one kind: wrappers of [`Vectorlike`].
macro_rules! vectorlike_reference {
    ($(#[$meta:meta])* $name:ident, $kind:ident, $cast:ident) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq)]
        #[repr(transparent)]
        pub struct $name<'ob>(pub(crate) $crate::object::vectorlike::Vectorlike<'ob>);
        impl<'ob> From<$name<'ob>> for $crate::object::Object<'ob> {
            #[inline(always)]
            fn from(v: $name<'ob>) -> Self {
                v.0.into()
            }
        }
        impl<'ob> $crate::object::Object<'ob> {
            /// The object as this kind, if it is one.
            #[inline(always)]
            pub fn $cast(self) -> Option<$name<'ob>> {
                self.as_vectorlike().filter(|v| v.is($crate::header::HeaderKind::$kind)).map($name)
            }
        }
    };
}
pub(crate) use vectorlike_reference;
