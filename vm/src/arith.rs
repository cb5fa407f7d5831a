//! Arithmetic (`data.c`): integers of any size, floats, and comparison by exact value.
//!
//! The functions of two arguments are what byte code calls; each has a path for fixnums that allocates nothing.

use crate::error::wrong_type;
use crate::limbs;
use crate::number::{self, Number, check_bits, division_by_zero, integer, overflow};
use crate::sym;
use num_bigint::BigInt;
use num_integer::Integer;
use std::cmp::Ordering;
use tenure_gc::{Context, LispResult, Object, Slots, SubrInfo, Throw};
use tenure_macros::{defun, defvar, subrs};

/// An operation on numbers: integers while both are, else floats.
struct Operation {
    small: fn(i64, i64) -> Option<i64>,
    big: fn(BigInt, BigInt) -> BigInt,
    float: fn(f64, f64) -> f64,
    /// A bound of the result's bits by those of the arguments.
    bits: fn(u64, u64) -> u64,
    /// The operation on integers where they lie.
    in_place: for<'ob> fn(Object<'ob>, Object<'ob>, &'ob Context) -> Option<LispResult<'ob>>,
}

const ADD: Operation = Operation {
    small: i64::checked_add,
    big: |a, b| a + b,
    float: |a, b| a + b,
    bits: |a, b| a.max(b) + 1,
    in_place: limbs::add,
};
const SUB: Operation = Operation {
    small: i64::checked_sub,
    big: |a, b| a - b,
    float: |a, b| a - b,
    bits: |a, b| a.max(b) + 1,
    in_place: limbs::sub,
};
const MUL: Operation = Operation {
    small: i64::checked_mul,
    big: |a, b| a * b,
    float: |a, b| a * b,
    bits: |a, b| a + b,
    in_place: limbs::mul,
};

impl Operation {
    fn apply(&self, a: Number, b: Number, cx: &Context) -> Result<Number, Throw> {
        if let (Number::Int(a), Number::Int(b)) = (&a, &b)
            && let Some(n) = (self.small)(*a, *b)
        {
            return Ok(Number::Int(n));
        }
        if matches!(a, Number::Float(_)) || matches!(b, Number::Float(_)) {
            return Ok(Number::Float((self.float)(a.to_f64(), b.to_f64())));
        }
        let (a, b) = (big(a), big(b));
        check_bits((self.bits)(a.bits(), b.bits()), cx)?;
        Ok(Number::Big((self.big)(a, b)))
    }

    /// The operation over all arguments, from the left.
    fn fold<'ob>(&self, first: Number, rest: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
        let mut sum = first;
        for arg in rest.iter() {
            sum = self.apply(sum, Number::or_marker(arg, cx)?, cx)?;
        }
        sum.into_object(cx)
    }

    /// The operation on two arguments of any type.
    #[inline(never)]
    fn general<'ob>(&self, a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
        if let Some(result) = (self.in_place)(a, b, cx) {
            return result;
        }
        let a = Number::or_marker(a, cx)?;
        self.apply(a, Number::or_marker(b, cx)?, cx)?.into_object(cx)
    }
}

/// An integer of any size, owned; floats were sorted out before.
fn big(n: Number) -> BigInt {
    match n {
        Number::Big(n) => n,
        Number::Int(n) => BigInt::from(n),
        Number::Float(f) => Number::Float(f).to_big().unwrap_or_default(),
    }
}

/// `(+ a b)`.
#[inline]
pub fn add<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(a), Some(b)) = (a.as_fixnum(), b.as_fixnum()) {
        return Ok(integer(a + b, cx));
    }
    if let (Some(a), Some(b)) = (a.as_float(), b.as_float()) {
        return Ok(cx.float(a.value() + b.value()).into());
    }
    ADD.general(a, b, cx)
}

/// `(- a b)`.
#[inline]
pub fn sub<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(a), Some(b)) = (a.as_fixnum(), b.as_fixnum()) {
        return Ok(integer(a - b, cx));
    }
    if let (Some(a), Some(b)) = (a.as_float(), b.as_float()) {
        return Ok(cx.float(a.value() - b.value()).into());
    }
    SUB.general(a, b, cx)
}

/// `(* a b)`.
#[inline]
pub fn mul<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(a), Some(b)) = (a.as_fixnum(), b.as_fixnum())
        && let Some(n) = a.checked_mul(b)
    {
        return Ok(integer(n, cx));
    }
    if let (Some(a), Some(b)) = (a.as_float(), b.as_float()) {
        return Ok(cx.float(a.value() * b.value()).into());
    }
    MUL.general(a, b, cx)
}

/// `(- a)`.
#[inline]
pub fn negate<'ob>(a: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let Some(a) = a.as_fixnum() {
        return Ok(integer(-a, cx));
    }
    match Number::or_marker(a, cx)? {
        Number::Int(n) => Ok(integer(-n, cx)),
        Number::Big(n) => number::bounded_integer(&-n, cx),
        Number::Float(f) => Ok(cx.float(-f).into()),
    }
}

/// `(/ a b)`.
#[inline]
pub fn div<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(a), Some(b)) = (a.as_fixnum(), b.as_fixnum())
        && b != 0
    {
        return Ok(integer(a / b, cx));
    }
    if let Some(result) = limbs::div(a, b, cx) {
        return result;
    }
    let a = Number::or_marker(a, cx)?;
    divide(a, Number::or_marker(b, cx)?, cx)?.into_object(cx)
}

fn divide(a: Number, b: Number, cx: &Context) -> Result<Number, Throw> {
    match (a, b) {
        (Number::Float(a), b) => Ok(Number::Float(a / b.to_f64())),
        (a, Number::Float(b)) => Ok(Number::Float(a.to_f64() / b)),
        (_, b) if b.is_zero() => Err(division_by_zero(cx)),
        (Number::Int(a), Number::Int(b)) if b != -1 => Ok(Number::Int(a / b)),
        (a, b) => Ok(Number::Big(big(a) / big(b))),
    }
}

/// `(= a b)`.
#[inline]
pub fn num_eq(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    relation(a, b, Ordering::is_eq, cx)
}

/// `(< a b)`.
#[inline]
pub fn less(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    relation(a, b, Ordering::is_lt, cx)
}

/// `(<= a b)`.
#[inline]
pub fn less_eq(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    relation(a, b, Ordering::is_le, cx)
}

/// `(> a b)`.
#[inline]
pub fn greater(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    relation(a, b, Ordering::is_gt, cx)
}

/// `(>= a b)`.
#[inline]
pub fn greater_eq(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<bool, Throw> {
    relation(a, b, Ordering::is_ge, cx)
}

/// Whether the order of two numbers is one that `holds`; with a NaN none is.
#[inline(always)]
fn relation(a: Object<'_>, b: Object<'_>, holds: fn(Ordering) -> bool, cx: &Context) -> Result<bool, Throw> {
    if let (Some(a), Some(b)) = (a.as_fixnum(), b.as_fixnum()) {
        return Ok(holds(a.cmp(&b)));
    }
    Ok(compare(a, b, cx)?.is_some_and(holds))
}

fn compare(a: Object<'_>, b: Object<'_>, cx: &Context) -> Result<Option<Ordering>, Throw> {
    if let (Some(a), Some(b)) = (a.as_float(), b.as_float()) {
        return Ok(a.value().partial_cmp(&b.value()));
    }
    if let Some(order) = limbs::compare(a, b) {
        return Ok(Some(order));
    }
    let a = Number::or_marker(a, cx)?;
    Ok(a.compare(&Number::or_marker(b, cx)?))
}

/// Whether a relation holds between all neighbours, up to the first for which it does not.
fn chain(
    args: Slots<'_>,
    related: fn(Object<'_>, Object<'_>, &Context) -> Result<bool, Throw>,
    cx: &Context,
) -> Result<bool, Throw> {
    for (a, b) in args.iter().zip(args.from(1).iter()) {
        if !related(a, b, cx)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Return the sum of NUMBERS, 0 if there are none.
#[defun(name = "+")]
fn plus<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    // A sum that starts with integer zero would lose the sign of a float zero.
    match numbers.len() {
        0 => Ok(Object::fixnum(0)),
        2 => add(numbers.get(0), numbers.get(1), cx),
        _ => ADD.fold(Number::or_marker(numbers.get(0), cx)?, numbers.from(1), cx),
    }
}

/// Return the first number less all others; negate a single one.
#[defun(name = "-")]
fn minus<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match numbers.len() {
        0 => Ok(Object::fixnum(0)),
        1 => negate(numbers.get(0), cx),
        2 => sub(numbers.get(0), numbers.get(1), cx),
        _ => SUB.fold(Number::or_marker(numbers.get(0), cx)?, numbers.from(1), cx),
    }
}

/// Return the product of NUMBERS, 1 if there are none.
#[defun(name = "*")]
fn times<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match numbers.len() {
        0 => Ok(Object::fixnum(1)),
        2 => mul(numbers.get(0), numbers.get(1), cx),
        _ => MUL.fold(Number::or_marker(numbers.get(0), cx)?, numbers.from(1), cx),
    }
}

/// Return NUMBER divided by all DIVISORS, or its reciprocal.
/// Integers give an integer, cut towards zero; a float among them makes all floats.
#[defun(name = "/")]
fn quotient<'ob>(number: Object<'ob>, divisors: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if divisors.len() == 1 {
        return div(number, divisors.get(0), cx);
    }
    let mut result = Number::or_marker(number, cx)?;
    if divisors.is_empty() {
        return divide(Number::Int(1), result, cx)?.into_object(cx);
    }
    if divisors.iter().any(|d| d.as_float().is_some()) {
        result = Number::Float(result.to_f64());
    }
    for divisor in divisors.iter() {
        result = divide(result, Number::or_marker(divisor, cx)?, cx)?;
    }
    result.into_object(cx)
}

/// Return the remainder of the integer X divided by Y; it has the sign of X.
#[defun(name = "%")]
pub fn remainder<'ob>(x: Object<'ob>, y: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(x), Some(y)) = (x.as_fixnum(), y.as_fixnum())
        && y != 0
    {
        // The least fixnum by -1 is no overflow of 64 bits.
        return Ok(Object::fixnum(x % y));
    }
    if let Some(result) = limbs::rem(x, y, cx) {
        return result;
    }
    let x = Number::integer_or_marker(x, cx)?;
    match (x, Number::integer_or_marker(y, cx)?) {
        (_, y) if y.is_zero() => Err(division_by_zero(cx)),
        (Number::Int(x), Number::Int(y)) => Ok(integer(x.wrapping_rem(y), cx)),
        (x, y) => number::bounded_integer(&(big(x) % big(y)), cx),
    }
}

/// Return X modulo Y; it has the sign of Y.
#[defun(name = "mod")]
pub fn modulo<'ob>(x: Object<'ob>, y: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(x), Some(y)) = (x.as_fixnum(), y.as_fixnum())
        && y != 0
    {
        return Ok(Object::fixnum(x.mod_floor(&y)));
    }
    if let Some(result) = limbs::modulo(x, y, cx) {
        return result;
    }
    let x = Number::or_marker(x, cx)?;
    match (x, Number::or_marker(y, cx)?) {
        (x @ Number::Float(_), y) | (x, y @ Number::Float(_)) => {
            let (x, y) = (x.to_f64(), y.to_f64());
            let rest = x % y;
            let wrong_side = if y < 0.0 { rest > 0.0 } else { rest < 0.0 };
            Ok(cx.float(if wrong_side { rest + y } else { rest }).into())
        }
        (_, y) if y.is_zero() => Err(division_by_zero(cx)),
        (Number::Int(x), Number::Int(y)) if y != -1 => Ok(integer(x.mod_floor(&y), cx)),
        (x, y) => number::bounded_integer(&big(x).mod_floor(&big(y)), cx),
    }
}

/// Return NUMBER plus one.
#[defun(name = "1+")]
pub fn add1<'ob>(number: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    add(number, Object::fixnum(1), cx)
}

/// Return NUMBER less one.
#[defun(name = "1-")]
pub fn sub1<'ob>(number: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    sub(number, Object::fixnum(1), cx)
}

/// The extreme argument; the first among equals, and a NaN as soon as one is met.
fn extreme<'ob>(
    first: Object<'ob>,
    others: impl Iterator<Item = Object<'ob>>,
    wanted: Ordering,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let mut best = first;
    let mut value = Number::or_marker(best, cx)?;
    for arg in others {
        let other = Number::or_marker(arg, cx)?;
        if other.compare(&value) == Some(wanted) {
            (best, value) = (arg, other);
        } else if matches!(other, Number::Float(f) if f.is_nan()) {
            return Ok(arg);
        }
    }
    if best.as_marker().is_some() { value.into_object(cx) } else { Ok(best) }
}

/// `(max a b)` or, if `wanted` is `Less`, `(min a b)`.
#[inline]
pub fn extreme_of<'ob>(a: Object<'ob>, b: Object<'ob>, wanted: Ordering, cx: &'ob Context) -> LispResult<'ob> {
    match (a.as_fixnum(), b.as_fixnum()) {
        (Some(m), Some(n)) => Ok(if n.cmp(&m) == wanted { b } else { a }),
        _ => extreme(a, std::iter::once(b), wanted, cx),
    }
}

/// Return the greatest of NUMBERS.
#[defun(min = 1)]
pub fn max<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    extreme(numbers.get(0), numbers.from(1).iter(), Ordering::Greater, cx)
}

/// Return the least of NUMBERS.
#[defun(min = 1)]
pub fn min<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    extreme(numbers.get(0), numbers.from(1).iter(), Ordering::Less, cx)
}

/// Return t if all NUMBERS are equal.
#[defun(name = "=", min = 1)]
fn all_equal<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    chain(numbers, num_eq, cx)
}

/// Return t if each of NUMBERS is less than the next.
#[defun(name = "<", min = 1)]
fn all_less<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    chain(numbers, less, cx)
}

/// Return t if each of NUMBERS is greater than the next.
#[defun(name = ">", min = 1)]
fn all_greater<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    chain(numbers, greater, cx)
}

/// Return t if each of NUMBERS is at most the next.
#[defun(name = "<=", min = 1)]
fn all_less_eq<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    chain(numbers, less_eq, cx)
}

/// Return t if each of NUMBERS is at least the next.
#[defun(name = ">=", min = 1)]
fn all_greater_eq<'ob>(numbers: Slots<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    chain(numbers, greater_eq, cx)
}

/// Return t if the numbers X and Y differ.
#[defun(name = "/=")]
fn not_equal<'ob>(x: Object<'ob>, y: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    num_eq(x, y, cx).map(|same| !same)
}

/// A bitwise operation over integers or markers.
fn bitwise<'ob>(
    args: Slots<'ob>,
    empty: i64,
    small: fn(i64, i64) -> i64,
    large: fn(BigInt, BigInt) -> BigInt,
    cx: &'ob Context,
) -> LispResult<'ob> {
    if args.is_empty() {
        return Ok(Object::fixnum(empty));
    }
    if args.len() == 2
        && let (Some(a), Some(b)) = (args.get(0).as_fixnum(), args.get(1).as_fixnum())
    {
        return Ok(Object::fixnum(small(a, b)));
    }
    let mut result = Number::integer_or_marker(args.get(0), cx)?;
    for arg in args.from(1).iter() {
        let next = Number::or_marker(arg, cx)?;
        result = match (result, next) {
            (_, Number::Float(_)) => return Err(wrong_type(sym::INTEGER_OR_MARKER_P, arg, cx)),
            (Number::Int(a), Number::Int(b)) => Number::Int(small(a, b)),
            (a, b) => Number::Big(large(big(a), big(b))),
        };
    }
    result.into_object(cx)
}

/// Return the bits that are set in all INTEGERS, in two's complement.
#[defun]
fn logand<'ob>(integers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if integers.len() == 2
        && let Some(bits) = limbs::and(integers.get(0), integers.get(1))
    {
        return Ok(bits);
    }
    bitwise(integers, -1, |a, b| a & b, |a, b| a & b, cx)
}

/// Return the bits that are set in any of INTEGERS, in two's complement.
#[defun]
fn logior<'ob>(integers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    bitwise(integers, 0, |a, b| a | b, |a, b| a | b, cx)
}

/// Return the bits that are set in an odd number of INTEGERS, in two's complement.
#[defun]
fn logxor<'ob>(integers: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    bitwise(integers, 0, |a, b| a ^ b, |a, b| a ^ b, cx)
}

/// Return INTEGER with all bits flipped, in two's complement.
#[defun]
fn lognot<'ob>(integer: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match Number::checked_integer(integer, cx)? {
        Number::Int(n) => Ok(Object::fixnum(!n)),
        n => number::bounded_integer(&!big(n), cx),
    }
}

/// Return how many bits of INTEGER are one; of a negative one, how many are zero.
#[defun]
fn logcount<'ob>(integer: Object<'ob>, cx: &'ob Context) -> Result<i64, Throw> {
    let n = big(Number::checked_integer(integer, cx)?);
    let n = if n.sign() == num_bigint::Sign::Minus { !n } else { n };
    Ok(n.magnitude().count_ones() as i64)
}

/// Return INTEGER shifted left by COUNT bits, or right if COUNT is negative; the sign stays.
#[defun]
pub fn ash<'ob>(integer: Object<'ob>, count: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if let (Some(n), Some(count)) = (integer.as_fixnum(), count.as_fixnum()) {
        if count <= 0 {
            return Ok(Object::fixnum(n >> count.unsigned_abs().min(63)));
        }
        if count < 62 && n << count >> count == n {
            return Ok(number::integer(n << count, cx));
        }
    }
    if let Some(result) = count.as_fixnum().and_then(|count| limbs::shift(integer, count, cx)) {
        return result;
    }
    let n = Number::checked_integer(integer, cx)?;
    let count = Number::checked_integer(count, cx)?;
    let Number::Int(count) = count else {
        return match (n.is_zero(), count.is_negative(), n.is_negative()) {
            (true, ..) | (_, true, false) => Ok(Object::fixnum(0)),
            (_, true, true) => Ok(Object::fixnum(-1)),
            _ => Err(overflow(cx)),
        };
    };
    let bits = u64::try_from(count).unwrap_or(0);
    match n {
        Number::Int(0) if bits < ZERO_SHIFT_LIMIT => Ok(Object::fixnum(0)),
        n if count <= 0 => number::bounded_integer(&(big(n) >> count.unsigned_abs()), cx),
        n => {
            let n = big(n);
            check_bits(n.bits().saturating_add(bits), cx)?;
            number::bounded_integer(&(n << bits), cx)
        }
    }
}

/// Left shifts of zero overflow in Emacs too, from the size at which the GMP library would refuse them.
const ZERO_SHIFT_LIMIT: u64 = 137_438_953_408;

fn integer_width(cx: &Context) -> Object<'_> {
    integer(crate::state::Vm::of(cx).integer_width.get(), cx)
}

fn set_integer_width(value: Object<'_>, cx: &Context) -> Result<(), Throw> {
    crate::state::Vm::of(cx).integer_width.set(crate::variable::intmax(value, cx)?);
    Ok(())
}

defvar! { VARIABLES;
    "integer-width", integer_width, set_integer_width;
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    plus,
    minus,
    times,
    quotient,
    remainder,
    modulo,
    add1,
    sub1,
    max,
    min,
    all_equal,
    all_less,
    all_greater,
    all_less_eq,
    all_greater_eq,
    not_equal,
    logand,
    logior,
    logxor,
    lognot,
    logcount,
    ash
];
