//! Functions of floats, and rounding of numbers to integers (`floatfns.c`).

use crate::error::wrong_type;
use crate::limbs;
use crate::number::{self, Number, check_bits, division_by_zero, integer, overflow};
use crate::sym;
use num_bigint::{BigInt, Sign};
use num_integer::Integer;
use num_traits::FromPrimitive;
use num_traits::float::FloatCore;
use tenure_gc::{Context, LispResult, Object, SubrInfo, Throw};
use tenure_macros::{defun, subrs};

/// A number as a float, or `wrong-type-argument`.
fn float_arg(value: Object<'_>, cx: &Context) -> Result<f64, Throw> {
    Ok(Number::checked(value, cx)?.to_f64())
}

/// A float, or `wrong-type-argument`.
fn float_only(value: Object<'_>, cx: &Context) -> Result<f64, Throw> {
    value.as_float().map(|f| f.value()).ok_or_else(|| wrong_type(sym::FLOATP, value, cx))
}

/// Return the angle whose cosine is ARG.
#[defun]
fn acos<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::acos)
}

/// Return the angle whose sine is ARG.
#[defun]
fn asin<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::asin)
}

/// Return the angle whose tangent is Y, or that of the point at abscissa X and ordinate Y.
#[defun]
fn atan<'ob>(y: Object<'ob>, x: Option<Object<'ob>>, cx: &'ob Context) -> Result<f64, Throw> {
    let y = float_arg(y, cx)?;
    match x {
        None => Ok(y.atan()),
        Some(x) => Ok(y.atan2(float_arg(x, cx)?)),
    }
}

/// Return the cosine of ARG.
#[defun]
fn cos<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::cos)
}

/// Return the sine of ARG.
#[defun]
fn sin<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::sin)
}

/// Return the tangent of ARG.
#[defun]
fn tan<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::tan)
}

/// Return e to the power ARG.
#[defun]
fn exp<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::exp)
}

/// Return the logarithm of ARG, natural or of base BASE.
#[defun]
fn log<'ob>(arg: Object<'ob>, base: Option<Object<'ob>>, cx: &'ob Context) -> Result<f64, Throw> {
    let x = float_arg(arg, cx)?;
    let Some(base) = base else { return Ok(x.ln()) };
    let base = float_arg(base, cx)?;
    // The two bases that the C library computes without the error of a division.
    Ok(if base == 10.0 {
        x.log10()
    } else if base == 2.0 {
        x.log2()
    } else {
        x.ln() / base.ln()
    })
}

/// Return the square root of ARG.
#[defun]
fn sqrt<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_arg(arg, cx).map(f64::sqrt)
}

/// Return ARG1 to the power ARG2; an integer if both are and ARG2 is not negative.
#[defun]
fn expt<'ob>(arg1: Object<'ob>, arg2: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let base = Number::checked(arg1, cx)?;
    let power = Number::checked(arg2, cx)?;
    match (base, power) {
        (base @ (Number::Int(_) | Number::Big(_)), Number::Int(n)) if n >= 0 => integer_power(base, n as u64, cx),
        (Number::Int(base @ -1..=1), Number::Big(n)) if n.sign() != Sign::Minus => {
            Ok(Object::fixnum(if n.is_even() { base * base } else { base }))
        }
        (Number::Int(_) | Number::Big(_), Number::Big(n)) if n.sign() != Sign::Minus => Err(overflow(cx)),
        (base, power) => Ok(cx.float(base.to_f64().powf(power.to_f64())).into()),
    }
}

fn integer_power<'ob>(base: Number, n: u64, cx: &'ob Context) -> LispResult<'ob> {
    if let Number::Int(base @ -1..=1) = base {
        let value = if n == 0 {
            1
        } else if n.is_multiple_of(2) {
            base * base
        } else {
            base
        };
        return Ok(Object::fixnum(value));
    }
    let base = base.to_big().unwrap_or_default();
    check_bits(base.bits().saturating_sub(1).saturating_mul(n), cx)?;
    // The bits are bounded and the base is at least two, so the exponent is small.
    let n = u32::try_from(n).map_err(|_| overflow(cx))?;
    number::bounded_integer(&base.pow(n), cx)
}

/// Return the absolute value of ARG.
#[defun]
fn abs<'ob>(arg: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match Number::checked(arg, cx)? {
        Number::Int(n) if n < 0 => Ok(integer(-n, cx)),
        Number::Big(n) if n.sign() == Sign::Minus => number::bounded_integer(&-n, cx),
        Number::Float(f) if f.is_sign_negative() => Ok(cx.float(-f).into()),
        _ => Ok(arg),
    }
}

/// Return ARG as a float.
#[defun]
fn float<'ob>(arg: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if arg.as_float().is_some() { Ok(arg) } else { Ok(cx.float(float_arg(arg, cx)?).into()) }
}

/// Return the greatest integer N such that two to the power N is at most the absolute value of ARG; a float of zero,
/// an infinity or a NaN.
#[defun]
fn logb<'ob>(arg: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match Number::checked(arg, cx)? {
        n if n.is_zero() => Ok(cx.float(f64::NEG_INFINITY).into()),
        Number::Float(f) if f.is_finite() => Ok(Object::fixnum(split(f).1 - 1)),
        Number::Float(f) => Ok(cx.float(if f.is_infinite() { f64::INFINITY } else { f }).into()),
        Number::Int(n) => Ok(Object::fixnum(i64::from(n.unsigned_abs().ilog2()))),
        Number::Big(n) => Ok(integer(n.bits() as i64 - 1, cx)),
    }
}

/// How a number is made an integer.
#[derive(Clone, Copy)]
struct Rounding {
    float: fn(f64) -> f64,
    /// The quotient of integers, the second of which is not zero.
    divide: fn(&BigInt, &BigInt) -> BigInt,
    /// The quotient of small integers, if it is as cheap.
    small: fn(i64, i64) -> i64,
    /// The quotient of integers where they lie, if there is a way.
    long: Option<InPlace>,
}

type InPlace = for<'ob> fn(Object<'ob>, Object<'ob>, &'ob Context) -> Option<LispResult<'ob>>;

const CEILING: Rounding =
    Rounding { float: f64::ceil, divide: Integer::div_ceil, small: |a, b| -Integer::div_floor(&-a, &b), long: None };
const FLOOR: Rounding = Rounding {
    float: f64::floor,
    divide: Integer::div_floor,
    small: |a, b| Integer::div_floor(&a, &b),
    long: Some(limbs::floor),
};
const TRUNCATE: Rounding =
    Rounding { float: f64::trunc, divide: |a, b| a / b, small: |a, b| a / b, long: Some(limbs::div) };
const ROUND: Rounding =
    Rounding { float: f64::round_ties_even, divide: divide_to_nearest, small: small_to_nearest, long: None };

/// The quotient rounded to the nearest integer, ties to even.
fn divide_to_nearest(a: &BigInt, b: &BigInt) -> BigInt {
    let (quotient, rest) = a.div_mod_floor(b);
    // The rest has the sign of `b`, so twice its magnitude against that of `b` decides.
    match (&rest + &rest).magnitude().cmp(b.magnitude()) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Equal if quotient.is_even() => quotient,
        _ => quotient + 1,
    }
}

/// As [`divide_to_nearest`]; fixnums leave room to double the rest.
fn small_to_nearest(a: i64, b: i64) -> i64 {
    let (quotient, rest) = a.div_mod_floor(&b);
    match (rest + rest).unsigned_abs().cmp(&b.unsigned_abs()) {
        std::cmp::Ordering::Less => quotient,
        std::cmp::Ordering::Equal if quotient.is_even() => quotient,
        _ => quotient + 1,
    }
}

/// A finite float with an integer's value as a Lisp integer.
fn float_to_integer(f: f64, cx: &Context) -> LispResult<'_> {
    const FIXNUM_END: f64 = (1u64 << 61) as f64;
    if (-FIXNUM_END..FIXNUM_END).contains(&f) {
        return Ok(Object::fixnum(f as i64));
    }
    match BigInt::from_f64(f) {
        Some(n) => number::bounded_integer(&n, cx),
        None => Err(overflow(cx)),
    }
}

fn round_number<'ob>(
    arg: Object<'ob>,
    divisor: Option<Object<'ob>>,
    rounding: Rounding,
    cx: &'ob Context,
) -> LispResult<'ob> {
    if let (Some(long), Some(_), Some(divisor)) = (rounding.long, arg.as_bignum(), divisor)
        && let Some(quotient) = long(arg, divisor, cx)
    {
        return quotient;
    }
    let n = Number::checked(arg, cx)?;
    let Some(divisor) = divisor else {
        return match n {
            Number::Float(f) => float_to_integer((rounding.float)(f), cx),
            _ => Ok(arg),
        };
    };
    let d = Number::checked(divisor, cx)?;
    match (&n, &d) {
        (_, d) if d.is_zero() => Err(division_by_zero(cx)),
        (Number::Int(n), Number::Int(d)) => Ok(integer((rounding.small)(*n, *d), cx)),
        _ if [&n, &d].into_iter().any(|n| matches!(n, Number::Float(f) if !f.is_finite())) => {
            let quotient = match (&n, &d) {
                // What is finite is nothing against the infinite, however large.
                (Number::Int(_) | Number::Big(_), Number::Float(f)) if f.is_infinite() => 0.0,
                _ => n.to_f64() / d.to_f64(),
            };
            float_to_integer((rounding.float)(quotient), cx)
        }
        _ => {
            let ((n, n_exponent), (d, d_exponent)) = (scaled(n), scaled(d));
            let difference = n_exponent - d_exponent;
            let (n, d) = (n << difference.max(0), d << (-difference).max(0));
            number::bounded_integer(&(rounding.divide)(&n, &d), cx)
        }
    }
}

/// A finite number exactly: an integer, and the power of two that it is to be multiplied by.
fn scaled(n: Number) -> (BigInt, i32) {
    match n {
        Number::Int(n) => (BigInt::from(n), 0),
        Number::Big(n) => (n, 0),
        Number::Float(f) => {
            let (mantissa, exponent, sign) = FloatCore::integer_decode(f);
            (BigInt::from(mantissa) * sign, i32::from(exponent))
        }
    }
}

/// Return the least integer that is at least ARG, or ARG / DIVISOR.
#[defun]
fn ceiling<'ob>(arg: Object<'ob>, divisor: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    round_number(arg, divisor, CEILING, cx)
}

/// Return the greatest integer that is at most ARG, or ARG / DIVISOR.
#[defun]
fn floor<'ob>(arg: Object<'ob>, divisor: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    round_number(arg, divisor, FLOOR, cx)
}

/// Return the integer nearest to ARG, or to ARG / DIVISOR; of two as near, the even one.
#[defun]
fn round<'ob>(arg: Object<'ob>, divisor: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    round_number(arg, divisor, ROUND, cx)
}

/// Return ARG, or ARG / DIVISOR, without its fraction.
#[defun]
fn truncate<'ob>(arg: Object<'ob>, divisor: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    round_number(arg, divisor, TRUNCATE, cx)
}

/// Return the float ARG rounded up to an integral float.
#[defun]
fn fceiling<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_only(arg, cx).map(f64::ceil)
}

/// Return the float ARG rounded down to an integral float.
#[defun]
fn ffloor<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_only(arg, cx).map(f64::floor)
}

/// Return the integral float nearest to the float ARG; of two as near, the even one.
#[defun]
fn fround<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_only(arg, cx).map(f64::round_ties_even)
}

/// Return the float ARG without its fraction, as a float.
#[defun]
fn ftruncate<'ob>(arg: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    float_only(arg, cx).map(f64::trunc)
}

/// Return t if the float X is not a number.
#[defun]
fn isnan<'ob>(x: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    float_only(x, cx).map(f64::is_nan)
}

/// Return the float X1 with the sign of the float X2.
#[defun]
fn copysign<'ob>(x1: Object<'ob>, x2: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    let magnitude = float_only(x1, cx)?;
    Ok(magnitude.copysign(float_only(x2, cx)?))
}

/// Return (SIGNIFICAND . EXPONENT) of the number X: X is SIGNIFICAND times two to the power EXPONENT, and the magnitude
/// of SIGNIFICAND is at least 0.5 and less than 1.
#[defun]
fn frexp<'ob>(x: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let (significand, exponent) = split(float_arg(x, cx)?);
    Ok(cx.cons(cx.float(significand).into(), Object::fixnum(exponent)).into())
}

/// Return the number SGNFCAND times two to the power EXPONENT, as a float.
#[defun]
fn ldexp<'ob>(sgnfcand: Object<'ob>, exponent: Object<'ob>, cx: &'ob Context) -> Result<f64, Throw> {
    let exponent = exponent.as_fixnum().ok_or_else(|| wrong_type(sym::FIXNUMP, exponent, cx))?;
    Ok(scale(float_arg(sgnfcand, cx)?, exponent))
}

/// C's `frexp`: zero, infinities and NaNs have exponent 0.
fn split(f: f64) -> (f64, i64) {
    const EXPONENT: u64 = 0x7ff;
    if f == 0.0 || !f.is_finite() {
        return (f, 0);
    }
    // A subnormal is made normal first.
    let (f, shift) = if f.is_subnormal() { (f * (1u64 << 60) as f64, -60) } else { (f, 0) };
    let biased = f.to_bits() >> 52 & EXPONENT;
    let significand = f64::from_bits(f.to_bits() & !(EXPONENT << 52) | 1022 << 52);
    (significand, biased as i64 - 1022 + shift)
}

/// C's `ldexp`, rounded once.
fn scale(mut f: f64, exponent: i64) -> f64 {
    const UP: i64 = 1023;
    /// Steps down leave 53 bits above the least normal exponent, so that only the last one rounds.
    const DOWN: i64 = 1022 - 53;
    let power = |n: i64| f64::from_bits(((n + 1023) as u64) << 52);
    let mut n = exponent.clamp(-4000, 4000);
    while n > UP {
        f *= power(UP);
        n -= UP;
    }
    while n < -1022 {
        f *= power(-DOWN);
        n += DOWN;
    }
    f * power(n)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    acos, asin, atan, cos, sin, tan, exp, log, sqrt, expt, abs, float, logb, ceiling, floor, round, truncate, fceiling,
    ffloor, fround, ftruncate, isnan, copysign, frexp, ldexp
];
