//! Arithmetic on integers of many digits where they lie, in base 2^64.
//!
//! The digits of an operand are read from the heap and those of a result go there from one buffer, so an operation
//! allocates nothing but the result.  The methods are those of the schoolbook (Knuth, TAOCP 2, 4.3.1), with division by a
//! reciprocal (Möller and Granlund, "Improved division by invariant integers", 2011); operands so long that others are
//! faster are left to `num-bigint`, as is whatever is no integer: then a function gives nothing.

use crate::number::{check_bits, division_by_zero, integer, overflow};
use crate::state::Vm;
use std::cell::Cell;
use std::cmp::Ordering;
use tenure_gc::{Context, LispResult, MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM, Object};

/// Operands of a multiplication or division are left to others if the shorter is longer.
const MOST_DIGITS: usize = 48;

/// An integer, read where it is.
#[derive(Clone, Copy)]
struct Int<'a> {
    negative: bool,
    /// The magnitude, least significant digit first; no zeros at the end.
    digits: &'a [Cell<u64>],
}

impl<'a> Int<'a> {
    /// The integer that an object is; `own` is where a fixnum gets its digit.
    #[inline]
    fn of(object: Object<'a>, own: &'a Cell<u64>) -> Option<Int<'a>> {
        if let Some(n) = object.as_fixnum() {
            own.set(n.unsigned_abs());
            let digits = std::slice::from_ref(own);
            return Some(Int { negative: n < 0, digits: if n == 0 { &[] } else { digits } });
        }
        let n = object.as_bignum()?;
        Some(Int { negative: n.is_negative(), digits: n.as_digits() })
    }

    fn minus(self) -> Int<'a> {
        Int { negative: !self.negative, ..self }
    }

    fn is_zero(self) -> bool {
        self.digits.is_empty()
    }

    fn len(self) -> usize {
        self.digits.len()
    }

    fn compare(self, other: Int<'_>) -> Ordering {
        let sign = |n: Int<'_>| if n.is_zero() { 0 } else { 1 - 2 * i32::from(n.negative) };
        sign(self).cmp(&sign(other)).then_with(|| {
            let order = compare_digits(self.digits, other.digits);
            if self.negative { order.reverse() } else { order }
        })
    }
}

fn compare_digits(a: &[Cell<u64>], b: &[Cell<u64>]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.iter().rev().cmp(b.iter().rev()))
}

/// Run `f` with the buffer, which is empty, and make the integer of what it leaves there; `f` tells its sign.
#[inline(always)]
fn result<'ob>(cx: &'ob Context, f: impl FnOnce(&mut Vec<u64>) -> bool) -> LispResult<'ob> {
    let vm = Vm::of(cx);
    let mut digits = vm.digits.take();
    digits.clear();
    let negative = f(&mut digits);
    let value = finish(negative, &digits, cx);
    vm.digits.set(digits);
    value
}

/// The integer of a sign and a magnitude, or `overflow-error`.
fn finish<'ob>(negative: bool, digits: &[u64], cx: &'ob Context) -> LispResult<'ob> {
    let len = digits.iter().rposition(|&d| d != 0).map_or(0, |last| last + 1);
    let digits = &digits[..len];
    match *digits {
        [] => return Ok(Object::fixnum(0)),
        [d] if d <= MOST_POSITIVE_FIXNUM as u64 => {
            return Ok(Object::fixnum(if negative { -(d as i64) } else { d as i64 }));
        }
        [d] if negative && d == MOST_NEGATIVE_FIXNUM.unsigned_abs() => return Ok(integer(MOST_NEGATIVE_FIXNUM, cx)),
        [_] | [_, _] => return Ok(cx.bignum(negative, digits).into()),
        _ => {}
    }
    let bits = 64 * len as u64 - u64::from(digits[len - 1].leading_zeros());
    // A negative width forbids nothing, as in Emacs, which compares it unsigned; up to 128 bits any integer may have.
    if bits > (Vm::of(cx).integer_width.get() as u64).max(128) {
        return Err(overflow(cx));
    }
    check_bits(bits, cx)?;
    Ok(cx.bignum(negative, digits).into())
}

/// `(+ a b)`.
pub(crate) fn add<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let own = [Cell::new(0), Cell::new(0)];
    let (a, b) = (Int::of(a, &own[0])?, Int::of(b, &own[1])?);
    Some(result(cx, |out| sum(a, b, out)))
}

/// `(- a b)`.
pub(crate) fn sub<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let own = [Cell::new(0), Cell::new(0)];
    let (a, b) = (Int::of(a, &own[0])?, Int::of(b, &own[1])?);
    Some(result(cx, |out| sum(a, b.minus(), out)))
}

/// Leave the magnitude of a sum in `out`; gives its sign.
fn sum(a: Int<'_>, b: Int<'_>, out: &mut Vec<u64>) -> bool {
    let (long, short) = if compare_digits(a.digits, b.digits).is_lt() { (b, a) } else { (a, b) };
    let (low, high) = long.digits.split_at(short.len());
    let mut carry = false;
    if long.negative == short.negative {
        let mut digit = |x: u64, y: u64| {
            let (sum, c) = x.overflowing_add(y);
            let (sum, d) = sum.overflowing_add(u64::from(carry));
            carry = c | d;
            sum
        };
        out.extend(low.iter().zip(short.digits).map(|(x, y)| digit(x.get(), y.get())));
        out.extend(high.iter().map(|x| digit(x.get(), 0)));
        if carry {
            out.push(1);
        }
    } else {
        let mut digit = |x: u64, y: u64| {
            let (difference, c) = x.overflowing_sub(y);
            let (difference, d) = difference.overflowing_sub(u64::from(carry));
            carry = c | d;
            difference
        };
        out.extend(low.iter().zip(short.digits).map(|(x, y)| digit(x.get(), y.get())));
        out.extend(high.iter().map(|x| digit(x.get(), 0)));
    }
    long.negative
}

/// `(* a b)`.
pub(crate) fn mul<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let own = [Cell::new(0), Cell::new(0)];
    let (a, b) = (Int::of(a, &own[0])?, Int::of(b, &own[1])?);
    let (long, short) = if a.len() < b.len() { (b, a) } else { (a, b) };
    // No product is so long that the check of its length must come before it is made.
    if short.len() > MOST_DIGITS {
        return None;
    }
    Some(result(cx, |out| {
        let mut rows = short.digits.iter().map(Cell::get);
        let mut carry = 0;
        let first = rows.next().unwrap_or(0);
        out.extend(long.digits.iter().map(|y| {
            let t = wide(first) * wide(y.get()) + wide(carry);
            carry = (t >> 64) as u64;
            t as u64
        }));
        out.push(carry);
        for (i, x) in (1..).zip(rows) {
            carry = 0;
            for (to, y) in out[i..].iter_mut().zip(long.digits) {
                let t = wide(x) * wide(y.get()) + wide(*to) + wide(carry);
                (*to, carry) = (t as u64, (t >> 64) as u64);
            }
            out.push(carry);
        }
        a.negative != b.negative
    }))
}

#[inline(always)]
fn wide(x: u64) -> u128 {
    u128::from(x)
}

/// `(/ a b)` of integers.
pub(crate) fn div<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    divide(a, b, false, cx)
}

/// `(% a b)` of integers.
pub(crate) fn rem<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    divide(a, b, true, cx)
}

/// `(mod a b)` of integers that are not negative.
pub(crate) fn modulo<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    if is_any_negative(a, b)? { None } else { rem(a, b, cx) }
}

/// `(floor a b)` of integers that are not negative.
pub(crate) fn floor<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Option<LispResult<'ob>> {
    if is_any_negative(a, b)? { None } else { div(a, b, cx) }
}

fn is_any_negative(a: Object<'_>, b: Object<'_>) -> Option<bool> {
    let own = [Cell::new(0), Cell::new(0)];
    Some(Int::of(a, &own[0])?.negative || Int::of(b, &own[1])?.negative)
}

fn divide<'ob>(a: Object<'ob>, b: Object<'ob>, remainder: bool, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let own = [Cell::new(0), Cell::new(0)];
    let (dividend, divisor) = (Int::of(a, &own[0])?, Int::of(b, &own[1])?);
    if divisor.is_zero() {
        return Some(Err(division_by_zero(cx)));
    }
    if compare_digits(dividend.digits, divisor.digits).is_lt() {
        return Some(Ok(if remainder { a } else { Object::fixnum(0) }));
    }
    if divisor.len().min(dividend.len() - divisor.len()) > MOST_DIGITS {
        return None;
    }
    let negative = if remainder { dividend.negative } else { dividend.negative != divisor.negative };
    Some(result(cx, |out| {
        match divisor.digits {
            [d] => {
                let rest = divide_by_digit(dividend.digits, d.get(), (!remainder).then_some(&mut *out));
                if remainder {
                    out.push(rest);
                }
            }
            _ => divide_long(dividend.digits, divisor.digits, remainder, out),
        }
        negative
    }))
}

/// A digit whose highest bit is set, as a divisor.
#[derive(Clone, Copy)]
struct Divisor {
    d: u64,
    /// The reciprocal: (2^128 - 1) / d - 2^64.
    v: u64,
}

impl Divisor {
    fn new(d: u64) -> Divisor {
        Divisor { d, v: ((wide(!d) << 64 | wide(u64::MAX)) / wide(d)) as u64 }
    }

    /// Quotient and remainder of a number of two digits whose higher one is less than the divisor.
    #[inline(always)]
    fn divide(self, high: u64, low: u64) -> (u64, u64) {
        let q = (wide(self.v) * wide(high)).wrapping_add(wide(high) << 64 | wide(low));
        let (mut quotient, fraction) = (((q >> 64) as u64).wrapping_add(1), q as u64);
        let mut rest = low.wrapping_sub(quotient.wrapping_mul(self.d));
        if rest > fraction {
            quotient = quotient.wrapping_sub(1);
            rest = rest.wrapping_add(self.d);
        }
        if rest >= self.d {
            quotient = quotient.wrapping_add(1);
            rest -= self.d;
        }
        (quotient, rest)
    }
}

/// The high digit of two that are shifted left by less than 64 bits.
#[inline(always)]
fn shifted(high: u64, low: u64, shift: u32) -> u64 {
    ((wide(high) << 64 | wide(low)) << shift >> 64) as u64
}

/// Divide by one digit: the quotient goes to `out` if it is wanted; gives the remainder.
fn divide_by_digit(a: &[Cell<u64>], d: u64, out: Option<&mut Vec<u64>>) -> u64 {
    let shift = d.leading_zeros();
    let divisor = Divisor::new(d << shift);
    let mut rest = a.last().map_or(0, |top| shifted(0, top.get(), shift));
    let lower = a.iter().rev().skip(1).map(Cell::get).chain([0]);
    let digits = a.iter().rev().map(Cell::get).zip(lower).map(|(high, low)| shifted(high, low, shift));
    let mut next = |low: u64| {
        let (q, r) = divisor.divide(rest, low);
        rest = r;
        q
    };
    match out {
        Some(out) => {
            out.resize(a.len(), 0);
            out.iter_mut().rev().zip(digits).for_each(|(to, low)| *to = next(low));
        }
        None => digits.for_each(|low| _ = next(low)),
    }
    rest >> shift
}

/// Divide by two digits or more (Knuth's algorithm D): leaves the quotient or the remainder in `out`.
fn divide_long(a: &[Cell<u64>], b: &[Cell<u64>], remainder: bool, out: &mut Vec<u64>) {
    let n = b.len();
    let shift = b[n - 1].get().leading_zeros();
    let shift_all = |digits: &[Cell<u64>], to: &mut Vec<u64>| {
        let lower = std::iter::once(0).chain(digits.iter().map(Cell::get));
        to.extend(digits.iter().zip(lower).map(|(high, low)| shifted(high.get(), low, shift)));
    };
    shift_all(a, out);
    out.push(a.last().map_or(0, |top| shifted(0, top.get(), shift)));
    let len = out.len();
    shift_all(b, out);
    let (u, v) = out.split_at_mut(len);
    let (first, second) = (Divisor::new(v[n - 1]), v[n - 2]);
    for j in (0..len - n).rev() {
        let q = step_of_division(&mut u[j..=j + n], v, first, second);
        // What is left is less than the divisor, so its highest digit is zero and makes room.
        u[j + n] = q;
    }
    if !remainder {
        out.truncate(len);
        out.drain(..n);
        return;
    }
    out.truncate(n);
    let mut high = 0;
    for digit in out.iter_mut().rev() {
        let low = *digit;
        *digit = if shift == 0 { low } else { high << (64 - shift) | low >> shift };
        high = low;
    }
}

/// Subtract from `u`, one digit longer than `v`, the greatest multiple of `v` that it has; gives the factor.
#[inline(always)]
fn step_of_division(u: &mut [u64], v: &[u64], first: Divisor, second: u64) -> u64 {
    let n = v.len();
    let (u2, u1, u0) = (u[n], u[n - 1], u[n - 2]);
    let mut q = if u2 >= first.d {
        u64::MAX
    } else {
        let (mut q, mut rest) = first.divide(u2, u1);
        while wide(q) * wide(second) > wide(rest) << 64 | wide(u0) {
            q -= 1;
            let (sum, carry) = rest.overflowing_add(first.d);
            if carry {
                break;
            }
            rest = sum;
        }
        q
    };
    let (mut carry, mut borrow) = (0, false);
    for (to, digit) in u.iter_mut().zip(v) {
        let product = wide(q) * wide(*digit) + wide(carry);
        carry = (product >> 64) as u64;
        let (difference, c) = to.overflowing_sub(product as u64);
        let (difference, d) = difference.overflowing_sub(u64::from(borrow));
        (*to, borrow) = (difference, c | d);
    }
    let (top, c) = u[n].overflowing_sub(carry);
    let (top, d) = top.overflowing_sub(u64::from(borrow));
    u[n] = top;
    // The estimate is too large by at most two.
    let mut negative = c | d;
    while negative {
        q -= 1;
        let mut carry = false;
        for (to, digit) in u.iter_mut().zip(v) {
            let (sum, c) = to.overflowing_add(*digit);
            let (sum, d) = sum.overflowing_add(u64::from(carry));
            (*to, carry) = (sum, c | d);
        }
        let (top, overflowed) = u[n].overflowing_add(u64::from(carry));
        u[n] = top;
        negative = !overflowed;
    }
    q
}

/// How two integers compare.
pub(crate) fn compare(a: Object<'_>, b: Object<'_>) -> Option<Ordering> {
    let own = [Cell::new(0), Cell::new(0)];
    Some(Int::of(a, &own[0])?.compare(Int::of(b, &own[1])?))
}

/// `(logand a b)` of a fixnum and a bignum that are not negative.
pub(crate) fn and<'ob>(a: Object<'ob>, b: Object<'ob>) -> Option<Object<'ob>> {
    let (n, big) = match (a.as_fixnum(), b.as_fixnum()) {
        (Some(n), None) => (n, b.as_bignum()?),
        (None, Some(n)) => (n, a.as_bignum()?),
        _ => return None,
    };
    let low = big.as_digits().first()?.get();
    (n >= 0 && !big.is_negative()).then(|| Object::fixnum((low & n as u64) as i64))
}

/// `(ash a count)`, but for negative numbers to the right.
pub(crate) fn shift<'ob>(a: Object<'ob>, count: i64, cx: &'ob Context) -> Option<LispResult<'ob>> {
    let own = Cell::new(0);
    let a = Int::of(a, &own)?;
    let distance = count.unsigned_abs();
    // What is longer than any integer may be is refused elsewhere.
    if a.is_zero() || distance > 1 << 16 || count < 0 && a.negative {
        return None;
    }
    let (digits, bits) = ((distance / 64) as usize, (distance % 64) as u32);
    let digit = |i: usize| a.digits.get(i).map_or(0, Cell::get);
    Some(result(cx, |out| {
        if count < 0 {
            let wides = (digits..a.len()).map(|i| (wide(digit(i + 1)) << 64 | wide(digit(i))) >> bits);
            out.extend(wides.map(|w| w as u64));
        } else {
            out.resize(digits, 0);
            let below = |i: usize| if i == 0 { 0 } else { digit(i - 1) };
            out.extend((0..=a.len()).map(|i| shifted(digit(i), below(i), bits)));
        }
        a.negative
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::number::{big_integer, bignum_value};
    use num_bigint::{BigInt, Sign};
    use num_integer::Integer;
    use proptest::prelude::*;
    use tenure_gc::Config;

    fn value(object: Object<'_>) -> BigInt {
        object.as_fixnum().map_or_else(|| bignum_value(object.as_bignum().expect("an integer")), BigInt::from)
    }

    /// Integers whose digits are often all zeros or ones, where carries and estimates go wrong if they do.
    fn integers() -> impl Strategy<Value = BigInt> {
        let digit = prop_oneof![Just(0), Just(u64::MAX), Just(1), Just(1 << 63), any::<u64>()];
        (any::<bool>(), proptest::collection::vec(digit, 0..9)).prop_map(|(negative, digits)| {
            let halves = digits.iter().flat_map(|d| [*d as u32, (d >> 32) as u32]).collect();
            BigInt::new(if negative { Sign::Minus } else { Sign::Plus }, halves)
        })
    }

    proptest! {
        #[test]
        fn agrees_with_the_library(a in integers(), b in integers(), count in -300i64..300) {
            let cx = crate::state::new_context(Config::default());
            let (x, y) = (big_integer(&a, &cx), big_integer(&b, &cx));
            let check = |got: Option<LispResult<'_>>, wanted: BigInt| {
                if let Some(got) = got {
                    let got = got.expect("in range");
                    assert_eq!(value(got), wanted);
                    assert_eq!(got.as_fixnum(), big_integer(&wanted, &cx).as_fixnum(), "{wanted}");
                }
            };
            check(add(x, y, &cx), &a + &b);
            check(sub(x, y, &cx), &a - &b);
            check(mul(x, y, &cx), &a * &b);
            prop_assert_eq!(compare(x, y), Some(a.cmp(&b)));
            if b.sign() != Sign::NoSign {
                check(div(x, y, &cx), &a / &b);
                check(rem(x, y, &cx), &a % &b);
                check(modulo(x, y, &cx), a.mod_floor(&b));
                check(floor(x, y, &cx), a.div_floor(&b));
            }
            check(and(x, y).map(Ok), &a & &b);
            check(shift(x, count, &cx), if count < 0 { &a >> -count } else { &a << count });
        }
    }
}
