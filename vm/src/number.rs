//! Numbers as native values: integers of any size, fixnums where they fit and bignums elsewhere; and floats.
//!
//! [`Number`] is what a Lisp number means.  Sums of many arguments stay in it and are boxed once, at the end.

use crate::error::{signal, wrong_type};
use crate::state::Vm;
use crate::sym;
use num_bigint::{BigInt, Sign};
use num_traits::{FromPrimitive, ToPrimitive};
use std::cmp::Ordering;
use tenure_gc::{Bignum, Context, LispResult, MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM, Marker, Object, Throw};

/// The integer `n`.
#[inline(always)]
pub fn integer(n: i64, cx: &Context) -> Object<'_> {
    if (MOST_NEGATIVE_FIXNUM..=MOST_POSITIVE_FIXNUM).contains(&n) {
        Object::fixnum(n)
    } else {
        cx.bignum(n < 0, &[n.unsigned_abs()]).into()
    }
}

/// The integer `n`, a fixnum if it fits.
pub fn big_integer<'ob>(n: &BigInt, cx: &'ob Context) -> Object<'ob> {
    match i64::try_from(n) {
        Ok(small) => integer(small, cx),
        Err(_) => cx.bignum(n.sign() == Sign::Minus, &n.magnitude().to_u64_digits()).into(),
    }
}

/// A bignum's value.
pub fn bignum_value(n: Bignum<'_>) -> BigInt {
    let digits = n.digits().flat_map(|d| [d as u32, (d >> 32) as u32]).collect();
    BigInt::new(if n.is_negative() { Sign::Minus } else { Sign::Plus }, digits)
}

/// Bits that any integer may have, whatever `integer-width` says.
const LEAST_WIDTH: u64 = 128;
/// Bits that no intermediate result may have; Emacs's own bound is what the GMP library can hold.
const GREATEST_WIDTH: u64 = 1 << 27;

/// `(overflow-error)`.
#[cold]
pub(crate) fn overflow(cx: &Context) -> Throw {
    signal(sym::OVERFLOW_ERROR, &[], cx)
}

/// `(arith-error)`.
#[cold]
pub(crate) fn division_by_zero(cx: &Context) -> Throw {
    signal(sym::ARITH_ERROR, &[], cx)
}

/// `overflow-error` if an intermediate result may have more than this many bits, or there is no room for them.
pub(crate) fn check_bits(bits: u64, cx: &Context) -> Result<(), Throw> {
    if bits > GREATEST_WIDTH {
        return Err(overflow(cx));
    }
    if bits > 1 << 16 { cx.reserve(bits as usize / 8) } else { Ok(()) }
}

/// The integer `n`, or `overflow-error` if `integer-width` forbids it.
pub fn bounded_integer<'ob>(n: &BigInt, cx: &'ob Context) -> LispResult<'ob> {
    // A negative width forbids nothing, as in Emacs, which compares it unsigned.
    let width = Vm::of(cx).integer_width.get() as u64;
    if n.bits() > width.max(LEAST_WIDTH) {
        return Err(overflow(cx));
    }
    check_bits(n.bits(), cx)?;
    Ok(big_integer(n, cx))
}

/// A marker's position, or an error if it is nowhere.
fn marker_position(marker: Marker<'_>, cx: &Context) -> Result<i64, Throw> {
    if marker.get(0).is_none_or(Object::is_nil) {
        return Err(crate::error::error("Marker does not point anywhere", cx));
    }
    Ok(marker.position().0 as i64)
}

/// The value of a Lisp number.
#[derive(Clone, Debug)]
pub enum Number {
    /// An integer of 64 bits, perhaps beyond the fixnum range.
    Int(i64),
    /// An integer of any size.
    Big(BigInt),
    /// A float.
    Float(f64),
}

impl Number {
    /// The value of a number; nothing else has one.
    #[inline]
    pub fn of(value: Object<'_>) -> Option<Number> {
        if let Some(n) = value.as_fixnum() {
            return Some(Number::Int(n));
        }
        if let Some(f) = value.as_float() {
            return Some(Number::Float(f.value()));
        }
        value.as_bignum().map(|n| Number::Big(bignum_value(n)))
    }

    /// The value of a number or marker, or `wrong-type-argument`.
    pub fn or_marker(value: Object<'_>, cx: &Context) -> Result<Number, Throw> {
        match (Number::of(value), value.as_marker()) {
            (Some(n), _) => Ok(n),
            (None, Some(marker)) => marker_position(marker, cx).map(Number::Int),
            (None, None) => Err(wrong_type(sym::NUMBER_OR_MARKER_P, value, cx)),
        }
    }

    /// The value of an integer or marker, or `wrong-type-argument`.
    pub fn integer_or_marker(value: Object<'_>, cx: &Context) -> Result<Number, Throw> {
        match (Number::of(value), value.as_marker()) {
            (Some(n @ (Number::Int(_) | Number::Big(_))), _) => Ok(n),
            (None, Some(marker)) => marker_position(marker, cx).map(Number::Int),
            _ => Err(wrong_type(sym::INTEGER_OR_MARKER_P, value, cx)),
        }
    }

    /// The value of a number, or `wrong-type-argument`.
    pub fn checked(value: Object<'_>, cx: &Context) -> Result<Number, Throw> {
        Number::of(value).ok_or_else(|| wrong_type(sym::NUMBERP, value, cx))
    }

    /// The value of an integer, or `wrong-type-argument`.
    pub fn checked_integer(value: Object<'_>, cx: &Context) -> Result<Number, Throw> {
        match Number::of(value) {
            Some(n @ (Number::Int(_) | Number::Big(_))) => Ok(n),
            _ => Err(wrong_type(sym::INTEGERP, value, cx)),
        }
    }

    /// The nearest float, ties to even; infinite beyond the greatest.
    pub fn to_f64(&self) -> f64 {
        match self {
            Number::Int(n) => *n as f64,
            Number::Big(n) => n.to_f64().unwrap_or(f64::NAN),
            Number::Float(f) => *f,
        }
    }

    /// The integer; a float's integer part, or nothing if it is not finite.
    pub fn to_big(&self) -> Option<BigInt> {
        match self {
            Number::Int(n) => Some(BigInt::from(*n)),
            Number::Big(n) => Some(n.clone()),
            Number::Float(f) => BigInt::from_f64(f.trunc()),
        }
    }

    /// Whether this is an integer or float zero.
    pub fn is_zero(&self) -> bool {
        match self {
            Number::Int(n) => *n == 0,
            Number::Big(n) => n.sign() == Sign::NoSign,
            Number::Float(f) => *f == 0.0,
        }
    }

    /// Whether this is below zero.
    pub fn is_negative(&self) -> bool {
        match self {
            Number::Int(n) => *n < 0,
            Number::Big(n) => n.sign() == Sign::Minus,
            Number::Float(f) => *f < 0.0,
        }
    }

    /// The Lisp number, or `overflow-error`.
    pub fn into_object(self, cx: &Context) -> LispResult<'_> {
        match self {
            Number::Int(n) => Ok(integer(n, cx)),
            Number::Big(n) => bounded_integer(&n, cx),
            Number::Float(f) => Ok(cx.float(f).into()),
        }
    }

    /// How two numbers compare by their exact values, integers with floats too; nothing compares with a NaN.
    pub fn compare(&self, other: &Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(b)),
            (Number::Float(a), Number::Float(b)) => a.partial_cmp(b),
            (Number::Float(_), _) => other.compare(self).map(Ordering::reverse),
            (_, Number::Float(b)) => {
                let rough = self.to_f64().partial_cmp(b)?;
                if rough != Ordering::Equal || b.is_infinite() {
                    // Rounding is monotonic, so what differs after it differed before; what is infinite after it
                    // may be finite before.
                    return Some(match (rough, *b > 0.0) {
                        (Ordering::Equal, true) => Ordering::Less,
                        (Ordering::Equal, false) => Ordering::Greater,
                        _ => rough,
                    });
                }
                // The float is within rounding of an integer: it either is below 2^53 and the integer, or is one.
                Some(self.to_big()?.cmp(&BigInt::from_f64(*b)?))
            }
            _ => Some(self.to_big()?.cmp(&other.to_big()?)),
        }
    }
}
