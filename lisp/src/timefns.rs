//! Time (`timefns.c`): the current time and its arithmetic, in the forms of Emacs 28.
//!
//! A time is nil for now, a number of seconds, `(TICKS . HZ)`, or `(HIGH LOW [MICROSECONDS [PICOSECONDS]])`.

use std::time::{SystemTime, UNIX_EPOCH};

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use tenure_gc::{Context, Kind, Object, SubrInfo, T, Throw};
use tenure_vm::error::error;
use tenure_vm::number::{big_integer, bignum_value};
use tenure_vm::{defun, subrs};

const TRILLION: i64 = 1_000_000_000_000;

/// A time in seconds, as a fraction, and whether it was written as `(TICKS . HZ)`.
struct Time {
    ticks: BigInt,
    hz: BigInt,
    pair: bool,
}

impl Time {
    fn now() -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time { ticks: BigInt::from(since.as_nanos()) * 1000, hz: TRILLION.into(), pair: false }
    }

    fn float(&self) -> f64 {
        let (Some(ticks), Some(hz)) = (self.ticks.to_f64(), self.hz.to_f64()) else { return f64::NAN };
        ticks / hz
    }

    /// The ticks at another rate, rounded down.
    fn at(&self, hz: &BigInt) -> BigInt {
        (&self.ticks * hz).div_floor(&self.hz)
    }

    fn compare(&self, other: &Time) -> std::cmp::Ordering {
        (&self.ticks * &other.hz).cmp(&(&other.ticks * &self.hz))
    }

    /// The sum, at a common rate.
    fn plus(&self, other: &Time) -> Time {
        let pair = self.pair || other.pair;
        if self.hz == other.hz {
            return Time { ticks: &self.ticks + &other.ticks, hz: self.hz.clone(), pair };
        }
        let hz = self.hz.lcm(&other.hz);
        let ticks = &self.ticks * (&hz / &self.hz) + &other.ticks * (&hz / &other.hz);
        // The rate need not be finer than the finer of the two.
        let common = ticks.gcd(&hz).gcd(&(&hz / self.hz.clone().min(other.hz.clone())));
        Time { ticks: ticks / &common, hz: hz / common, pair }
    }

    fn negated(mut self) -> Time {
        self.ticks = -self.ticks;
        self
    }

    /// As arithmetic gives it: an integer, a list where that is exact, else `(TICKS . HZ)`.
    fn result<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        if self.hz.is_one() {
            return big_integer(&self.ticks, cx);
        }
        if self.pair || !BigInt::from(TRILLION).is_multiple_of(&self.hz) {
            return self.pair(cx);
        }
        self.list(cx)
    }

    fn pair<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        cx.cons(big_integer(&self.ticks, cx), big_integer(&self.hz, cx)).into()
    }

    fn list<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        let (seconds, picoseconds) = self.at(&TRILLION.into()).div_mod_floor(&TRILLION.into());
        let (high, low) = seconds.div_mod_floor(&BigInt::from(1 << 16));
        let (micro, pico) = picoseconds.div_mod_floor(&BigInt::from(1_000_000));
        cx.list(&[high, low, micro, pico].map(|n| big_integer(&n, cx)))
    }
}

fn invalid(cx: &Context) -> Throw {
    error("Invalid time specification", cx)
}

fn integer_value(value: Object<'_>) -> Option<BigInt> {
    match value.untag() {
        Kind::Fixnum(n) => Some(n.into()),
        Kind::Bignum(n) => Some(bignum_value(n)),
        _ => None,
    }
}

/// A float as an exact fraction whose rate is the one that Emacs gives it: the distance to the next float.
fn float_time_value(value: f64) -> Option<Time> {
    if !value.is_finite() {
        return None;
    }
    let bits = value.abs().to_bits();
    let exponent = ((bits >> 52) & 0x7ff) as i64;
    let fraction = bits & ((1 << 52) - 1);
    let (mantissa, exponent) = if exponent == 0 { (fraction, -1074) } else { (fraction | 1 << 52, exponent - 1075) };
    let mantissa = if value < 0.0 { -BigInt::from(mantissa) } else { BigInt::from(mantissa) };
    if mantissa.is_zero() {
        return Some(Time { ticks: mantissa, hz: 1.into(), pair: false });
    }
    Some(if exponent >= 0 {
        Time { ticks: mantissa << exponent as u64, hz: 1.into(), pair: false }
    } else {
        Time { ticks: mantissa, hz: BigInt::one() << (-exponent) as u64, pair: false }
    })
}

/// The time that an argument means.
fn decode(value: Option<Object<'_>>, cx: &Context) -> Result<Time, Throw> {
    let Some(value) = value else { return Ok(Time::now()) };
    if let Some(ticks) = integer_value(value) {
        return Ok(Time { ticks, hz: 1.into(), pair: false });
    }
    if let Some(float) = value.as_float() {
        return float_time_value(float.value()).ok_or_else(|| invalid(cx));
    }
    let Some(cons) = value.as_cons() else { return Err(invalid(cx)) };
    let first = integer_value(cons.car()).ok_or_else(|| invalid(cx))?;
    if let Some(hz) = integer_value(cons.cdr()) {
        return if hz.is_positive() { Ok(Time { ticks: first, hz, pair: true }) } else { Err(invalid(cx)) };
    }
    let mut parts = vec![first];
    let mut rest = cons.cdr();
    while let (Some(cell), true) = (rest.as_cons(), parts.len() < 4) {
        parts.push(integer_value(cell.car()).ok_or_else(|| invalid(cx))?);
        rest = cell.cdr();
    }
    let rates = [1, 1_000_000, TRILLION];
    let [high, low, ..] = &parts[..] else { return Err(invalid(cx)) };
    let mut time = Time { ticks: high * (1 << 16) + low, hz: rates[parts.len() - 2].into(), pair: false };
    time.ticks *= &time.hz;
    for (part, rate) in parts[2..].iter().zip(&rates[1..]) {
        time.ticks += part * (&time.hz / BigInt::from(*rate));
    }
    Ok(time)
}

/// Return the current time, as (HIGH LOW MICROSECONDS PICOSECONDS).
#[defun]
fn current_time<'ob>(cx: &'ob Context) -> Object<'ob> {
    Time::now().list(cx)
}

/// Return TIME as a float of seconds since the epoch; now, if it is nil.
#[defun]
fn float_time<'ob>(time: Option<Object<'ob>>, cx: &'ob Context) -> Result<f64, Throw> {
    if let Some(float) = time.and_then(|t| t.as_float()) {
        return Ok(float.value());
    }
    Ok(decode(time, cx)?.float())
}

/// Return the sum of the times A and B.
#[defun(min = 2)]
fn time_add<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    Ok(decode(a, cx)?.plus(&decode(b, cx)?).result(cx))
}

/// Return the time A less the time B.
#[defun(min = 2)]
fn time_subtract<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<Object<'ob>, Throw> {
    Ok(decode(a, cx)?.plus(&decode(b, cx)?.negated()).result(cx))
}

/// Return t if the time A is before the time B.
#[defun(min = 2)]
fn time_less_p<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(decode(a, cx)?.compare(&decode(b, cx)?).is_lt())
}

/// Return t if the times A and B are the same.
#[defun(min = 2)]
fn time_equal_p<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    // Nil is now, and is equal to nothing else.
    if a.is_none() || b.is_none() {
        return Ok(a.is_none() && b.is_none());
    }
    Ok(decode(a, cx)?.compare(&decode(b, cx)?).is_eq())
}

/// Return TIME in the form FORM: `list`, `integer`, t for (TICKS . HZ), or a rate HZ.
#[defun(min = 1)]
fn time_convert<'ob>(
    time: Option<Object<'ob>>,
    form: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Object<'ob>, Throw> {
    let time = decode(time, cx)?;
    let Some(form) = form else { return Ok(time.list(cx)) };
    if form == T {
        return Ok(time.pair(cx));
    }
    if let Some(hz) = integer_value(form).filter(BigInt::is_positive) {
        return Ok(Time { ticks: time.at(&hz), hz, pair: true }.pair(cx));
    }
    match form.as_symbol().map(|s| s.name(cx).bytes()) {
        Some(b"list") => Ok(time.list(cx)),
        Some(b"integer") => Ok(big_integer(&time.at(&1.into()), cx)),
        _ => Err(invalid(cx)),
    }
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] =
    &subrs![current_time, float_time, time_add, time_subtract, time_less_p, time_equal_p, time_convert];
