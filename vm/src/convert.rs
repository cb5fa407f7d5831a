//! Conversion at the edge of primitives: Lisp values to native types with Emacs's `wrong-type-argument`, and back.

use crate::error::wrong_type;
use crate::sym;
use tenure_gc::{
    BoolVector, CharTable, Cons, Context, Float, HashTable, LispResult, NIL, Object, Record, Str, SubrRef, Symbol,
    Throw, Vector,
};

/// A type that a Lisp argument can be taken as.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no type of a primitive's parameter",
    note = "use `Object<'ob>`, a typed reference such as `Cons<'ob>`, `i64`, `usize`, `f64`, `bool`, or an `Option` of one"
)]
pub trait FromLisp<'ob>: Sized {
    /// The value as this type, or `wrong-type-argument`.
    fn from_lisp(value: Object<'ob>, cx: &'ob Context) -> Result<Self, Throw>;
}

impl<'ob> FromLisp<'ob> for Object<'ob> {
    #[inline(always)]
    fn from_lisp(value: Object<'ob>, _: &'ob Context) -> Result<Self, Throw> {
        Ok(value)
    }
}

macro_rules! from_lisp {
    ($($type:ty, $cast:ident, $predicate:ident;)*) => {$(
        impl<'ob> FromLisp<'ob> for $type {
            #[inline(always)]
            fn from_lisp(value: Object<'ob>, cx: &'ob Context) -> Result<Self, Throw> {
                value.$cast().ok_or_else(|| wrong_type(sym::$predicate, value, cx))
            }
        }
    )*};
}
from_lisp! {
    Cons<'ob>, as_cons, CONSP;
    Symbol<'ob>, as_symbol, SYMBOLP;
    Str<'ob>, as_string, STRINGP;
    Float<'ob>, as_float, FLOATP;
    Vector<'ob>, as_vector, VECTORP;
    Record<'ob>, as_record, RECORDP;
    HashTable<'ob>, as_hash_table, HASH_TABLE_P;
    BoolVector<'ob>, as_bool_vector, BOOL_VECTOR_P;
    CharTable<'ob>, as_char_table, CHAR_TABLE_P;
    SubrRef<'ob>, as_subr, SUBRP;
    i64, as_fixnum, FIXNUMP;
}

impl<'ob> FromLisp<'ob> for usize {
    #[inline(always)]
    fn from_lisp(value: Object<'ob>, cx: &'ob Context) -> Result<Self, Throw> {
        value.as_fixnum().and_then(|n| usize::try_from(n).ok()).ok_or_else(|| wrong_type(sym::WHOLENUMP, value, cx))
    }
}

impl<'ob> FromLisp<'ob> for bool {
    #[inline(always)]
    fn from_lisp(value: Object<'ob>, _: &'ob Context) -> Result<Self, Throw> {
        Ok(!value.is_nil())
    }
}

/// A type that a primitive can give.
#[diagnostic::on_unimplemented(message = "`{Self}` is no type of a primitive's result")]
pub trait IntoLisp<'ob> {
    /// The value as Lisp sees it.
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob>;
}

impl<'ob, V: IntoLisp<'ob>> IntoLisp<'ob> for Result<V, Throw> {
    #[inline(always)]
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob> {
        self.and_then(|v| v.into_lisp(cx))
    }
}

impl<'ob, V: IntoLisp<'ob>> IntoLisp<'ob> for Option<V> {
    #[inline(always)]
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob> {
        self.map_or(Ok(NIL), |v| v.into_lisp(cx))
    }
}

macro_rules! into_lisp {
    ($($type:ty),*) => {$(
        impl<'ob> IntoLisp<'ob> for $type {
            #[inline(always)]
            fn into_lisp(self, _: &'ob Context) -> LispResult<'ob> {
                Ok(self.into())
            }
        }
    )*};
}
into_lisp!(
    Cons<'ob>,
    Symbol<'ob>,
    Str<'ob>,
    Float<'ob>,
    Vector<'ob>,
    Record<'ob>,
    HashTable<'ob>,
    BoolVector<'ob>,
    CharTable<'ob>
);

impl<'ob> IntoLisp<'ob> for Object<'ob> {
    #[inline(always)]
    fn into_lisp(self, _: &'ob Context) -> LispResult<'ob> {
        Ok(self)
    }
}

impl<'ob> IntoLisp<'ob> for bool {
    #[inline(always)]
    fn into_lisp(self, _: &'ob Context) -> LispResult<'ob> {
        Ok(Object::bool(self))
    }
}

impl<'ob> IntoLisp<'ob> for () {
    fn into_lisp(self, _: &'ob Context) -> LispResult<'ob> {
        Ok(NIL)
    }
}

impl<'ob> IntoLisp<'ob> for f64 {
    #[inline(always)]
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob> {
        Ok(cx.float(self).into())
    }
}

impl<'ob> IntoLisp<'ob> for i64 {
    #[inline(always)]
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob> {
        Ok(crate::number::integer(self, cx))
    }
}

impl<'ob> IntoLisp<'ob> for usize {
    #[inline(always)]
    fn into_lisp(self, cx: &'ob Context) -> LispResult<'ob> {
        Ok(crate::number::integer(self as i64, cx))
    }
}
