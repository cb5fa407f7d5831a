//! Time (`timefns.c`): the current time, its arithmetic, the calendar, and text, as Emacs 28 has them.
//!
//! A time is nil for now, a number of seconds, `(TICKS . HZ)`, or `(HIGH LOW [MICROSECONDS [PICOSECONDS]])`.
//! `zone` knows time zones, `format` the directives of `format-time-string`.

pub(crate) mod format;
mod zone;

use std::time::{SystemTime, UNIX_EPOCH};

use num_bigint::{BigInt, Sign};
use num_integer::Integer as _;
use num_traits::{One as _, Signed as _, ToPrimitive as _, Zero as _};
use tenure_gc::{Context, Kind, LispResult, NIL, Object, Str, SubrInfo, T, Throw};
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::number::{big_integer, bignum_value};
use tenure_vm::{defun, subrs, sym};
pub(crate) use zone::Zone;

const MILLION: i64 = 1_000_000;
const NANOS: i64 = 1_000_000_000;
const TRILLION: i64 = 1_000_000_000_000;

/// A time in seconds, as a fraction, and whether it was written as `(TICKS . HZ)`.
#[derive(Clone)]
struct Time {
    ticks: BigInt,
    hz: BigInt,
    pair: bool,
}

/// Why something is no time.
#[derive(Clone, Copy)]
enum Wrong {
    Invalid,
    Unrepresentable,
}

fn wrong(why: Wrong, cx: &Context) -> Throw {
    error(
        match why {
            Wrong::Invalid => "Invalid time specification",
            Wrong::Unrepresentable => "Specified time is not representable",
        },
        cx,
    )
}

fn integer_of(object: Object<'_>) -> Option<BigInt> {
    match object.untag() {
        Kind::Fixnum(n) => Some(n.into()),
        Kind::Bignum(n) => Some(bignum_value(n)),
        _ => None,
    }
}

impl Time {
    fn now() -> Time {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Time { ticks: BigInt::from(since.as_nanos()), hz: NANOS.into(), pair: false }
    }

    /// The exact value of a float, at a rate that its precision asks for.
    fn of_float(x: f64) -> Result<Time, Wrong> {
        if x.is_nan() {
            return Err(Wrong::Invalid);
        }
        if x.is_infinite() {
            return Err(Wrong::Unrepresentable);
        }
        const DIGITS: i64 = f64::MANTISSA_DIGITS as i64 - 1;
        let bits = x.abs().to_bits();
        let biased = (bits >> DIGITS) as i64;
        let mantissa = bits & ((1 << DIGITS) - 1);
        // Zero and what is below the normal range have the scale of the smallest normal numbers.
        let (mantissa, exponent) =
            if biased == 0 { (mantissa, -1022) } else { (mantissa | 1 << DIGITS, biased - 1023) };
        let scale = if x == 0.0 { 0 } else { DIGITS - exponent };
        let ticks = BigInt::from(mantissa);
        let ticks = if x < 0.0 { -ticks } else { ticks };
        Ok(if scale >= 0 {
            Time { ticks, hz: BigInt::one() << scale, pair: false }
        } else {
            Time { ticks: ticks << -scale, hz: BigInt::one(), pair: false }
        })
    }

    /// The time that a value means.
    fn of(object: Option<Object<'_>>) -> Result<Time, Wrong> {
        let Some(object) = object else { return Ok(Time::now()) };
        match object.untag() {
            Kind::Fixnum(n) => Ok(Time { ticks: n.into(), hz: 1.into(), pair: false }),
            Kind::Bignum(n) => Ok(Time { ticks: bignum_value(n), hz: 1.into(), pair: false }),
            Kind::Float(x) => Time::of_float(x.value()),
            Kind::Cons(cell) => Time::of_cons(cell.car(), cell.cdr()),
            _ => Err(Wrong::Invalid),
        }
    }

    fn of_cons(first: Object<'_>, rest: Object<'_>) -> Result<Time, Wrong> {
        let first = integer_of(first).ok_or(Wrong::Invalid)?;
        let Some(second) = rest.as_cons() else {
            let hz = integer_of(rest).filter(BigInt::is_positive).ok_or(Wrong::Invalid)?;
            return Ok(Time { ticks: first, hz, pair: true });
        };
        let low = integer_of(second.car()).ok_or(Wrong::Invalid)?;
        let seconds = first * 65536 + low;
        let fixnum = |o: Object<'_>| o.as_fixnum().ok_or(Wrong::Invalid);
        let rest = second.cdr();
        let (hz, fraction) = match rest.as_cons() {
            None if rest.is_nil() => (1, BigInt::zero()),
            // The microseconds may stand behind a dot.
            None => (MILLION, fixnum(rest)?.into()),
            Some(third) => match third.cdr().as_cons() {
                None => (MILLION, fixnum(third.car())?.into()),
                Some(fourth) => {
                    let micro = BigInt::from(fixnum(third.car())?);
                    (TRILLION, micro * MILLION + fixnum(fourth.car())?)
                }
            },
        };
        Ok(Time { ticks: seconds * hz + fraction, hz: hz.into(), pair: false })
    }

    /// The nearest float.
    fn float(&self) -> f64 {
        let (n, d) = (self.ticks.magnitude(), self.hz.magnitude());
        if n.is_zero() {
            return 0.0;
        }
        // Enough bits of the quotient to round once, with one more for what is left over.
        const BITS: i64 = 64;
        let shift = BITS - (n.bits() as i64 - d.bits() as i64);
        let (scaled_n, scaled_d) = if shift >= 0 { (n << shift, d.clone()) } else { (n.clone(), d << -shift) };
        let (quotient, rest) = scaled_n.div_rem(&scaled_d);
        let quotient = quotient << 1u32 | num_bigint::BigUint::from(u32::from(!rest.is_zero()));
        let x = scale(round_to_double(&quotient), -(shift + 1));
        if self.ticks.sign() == Sign::Minus { -x } else { x }
    }

    /// The ticks at another rate, rounded down.
    fn at(&self, hz: &BigInt) -> BigInt {
        (&self.ticks * hz).div_floor(&self.hz)
    }

    fn seconds(&self) -> BigInt {
        self.ticks.div_floor(&self.hz)
    }

    fn compare(&self, other: &Time) -> std::cmp::Ordering {
        (&self.ticks * &other.hz).cmp(&(&other.ticks * &self.hz))
    }

    /// The sum: in lowest terms, but no less precise than the less precise of the two.
    fn plus(&self, other: &Time) -> Time {
        let pair = self.pair || other.pair;
        if self.hz == other.hz {
            return Time { ticks: &self.ticks + &other.ticks, hz: self.hz.clone(), pair };
        }
        let least = (&self.hz).min(&other.hz);
        let mut hz = self.hz.lcm(&other.hz);
        let mut ticks = &self.ticks * (&hz / &self.hz) + &other.ticks * (&hz / &other.hz);
        let common = ticks.gcd(&hz);
        if common > BigInt::one() {
            ticks /= &common;
            hz /= &common;
            if hz < *least {
                let factor = least.div_ceil(&hz);
                ticks *= &factor;
                hz *= &factor;
            }
        }
        Time { ticks, hz, pair }
    }

    fn negated(mut self) -> Time {
        self.ticks = -self.ticks;
        self
    }

    /// `(TICKS . HZ)`.
    fn pair<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        cx.cons(big_integer(&self.ticks, cx), big_integer(&self.hz, cx)).into()
    }

    /// `(HIGH LOW MICROSECONDS PICOSECONDS)`.
    fn list<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        let all = self.at(&TRILLION.into());
        let (rest, pico) = all.div_mod_floor(&MILLION.into());
        let (rest, micro) = rest.div_mod_floor(&MILLION.into());
        let (high, low) = rest.div_mod_floor(&65536.into());
        cx.list(&[high, low, micro, pico].map(|n| big_integer(&n, cx)))
    }

    /// The form of a result of arithmetic.
    fn result<'ob>(&self, cx: &'ob Context) -> Object<'ob> {
        if self.hz.is_one() {
            return big_integer(&self.ticks, cx);
        }
        let listed = (BigInt::from(TRILLION) % &self.hz).is_zero();
        if self.pair || !listed { self.pair(cx) } else { self.list(cx) }
    }
}

/// An integer of up to 66 bits as a float, rounded to even.
fn round_to_double(n: &num_bigint::BigUint) -> f64 {
    let n = n.to_u128().unwrap_or(u128::MAX);
    n as f64
}

/// `x` times a power of two.
fn scale(mut x: f64, mut exponent: i64) -> f64 {
    while exponent > 1000 && x.is_finite() {
        x *= 2f64.powi(1000);
        exponent -= 1000;
    }
    while exponent < -1000 && x != 0.0 {
        x *= 2f64.powi(-1000);
        exponent += 1000;
    }
    x * 2f64.powi(exponent.clamp(-1000, 1000) as i32)
}

fn decode<'ob>(time: Option<Object<'ob>>, cx: &'ob Context) -> Result<Time, Throw> {
    Time::of(time).map_err(|why| wrong(why, cx))
}

/// Seconds since the epoch, and nanoseconds, of a time as Lisp has it; now, if it is none.
pub(crate) fn seconds_and_nanos<'ob>(time: Option<Object<'ob>>, cx: &'ob Context) -> Result<(i64, i64), Throw> {
    let nanos = decode(time, cx)?.at(&BigInt::from(NANOS));
    let seconds = nanos.div_floor(&BigInt::from(NANOS)).to_i64();
    let rest = nanos.mod_floor(&BigInt::from(NANOS)).to_i64();
    seconds.zip(rest).ok_or_else(|| wrong(Wrong::Unrepresentable, cx))
}

/// Seconds since the epoch, and nanoseconds, as Lisp has a time.
pub(crate) fn time_of<'ob>(seconds: i64, nanos: i64, cx: &'ob Context) -> Object<'ob> {
    let ticks = BigInt::from(seconds) * NANOS + nanos;
    Time { ticks, hz: NANOS.into(), pair: false }.list(cx)
}

/// A float that is no fraction.
fn boundless(time: Option<Object<'_>>) -> Option<f64> {
    time?.as_float().map(|x| x.value()).filter(|x| !x.is_finite())
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
fn time_add<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    if let Some(x) = boundless(a) {
        return Ok(cx.float(x + float_time(b, cx)?).into());
    }
    if let (Some(_), Some(b)) = (boundless(b), b) {
        return Ok(b);
    }
    Ok(decode(a, cx)?.plus(&decode(b, cx)?).result(cx))
}

/// Return the time A less the time B.
#[defun(min = 2)]
fn time_subtract<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    if let Some(x) = boundless(a) {
        return Ok(cx.float(x - float_time(b, cx)?).into());
    }
    if let Some(x) = boundless(b) {
        return Ok(cx.float(-x).into());
    }
    let first = decode(a, cx)?;
    // One object is one time, now included.
    let second = if a == b { first.clone() } else { decode(b, cx)? };
    Ok(first.plus(&second.negated()).result(cx))
}

/// How two times compare; a time that is not a number is neither before nor equal to any.
fn compare<'ob>(
    a: Option<Object<'ob>>,
    b: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Option<std::cmp::Ordering>, Throw> {
    if boundless(a).is_some() || boundless(b).is_some() {
        let (x, y) = (float_time(a, cx)?, float_time(b, cx)?);
        return Ok(Some(if x < y {
            std::cmp::Ordering::Less
        } else if x == y {
            std::cmp::Ordering::Equal
        } else {
            std::cmp::Ordering::Greater
        }));
    }
    let first = decode(a, cx)?;
    if a == b {
        return Ok(Some(std::cmp::Ordering::Equal));
    }
    Ok(Some(first.compare(&decode(b, cx)?)))
}

/// Return t if the time A is before the time B.
#[defun(min = 2)]
fn time_less_p<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(compare(a, b, cx)?.is_some_and(|o| o.is_lt()))
}

/// Return t if the times A and B are the same.
#[defun(min = 2)]
fn time_equal_p<'ob>(a: Option<Object<'ob>>, b: Option<Object<'ob>>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(compare(a, b, cx)?.is_some_and(|o| o.is_eq()))
}

/// Return TIME in the form FORM: `list`, `integer`, t for (TICKS . HZ), or a rate HZ.
#[defun(min = 1)]
fn time_convert<'ob>(time: Option<Object<'ob>>, form: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let decoded = decode(time, cx)?;
    let Some(form) = form else { return Ok(decoded.list(cx)) };
    // What has the form already is given back as it is.
    let pair = time.and_then(|time| Some((time, time.as_cons()?))).filter(|(_, pair)| integer_of(pair.cdr()).is_some());
    if let Some((time, _)) = pair.filter(|(_, pair)| form == T || form == pair.cdr()) {
        return Ok(time);
    }
    if form == T {
        return Ok(decoded.pair(cx));
    }
    match form.as_symbol().map(|s| s.name(cx).bytes()) {
        Some(b"list") => return Ok(decoded.list(cx)),
        Some(b"integer") => return Ok(big_integer(&decoded.seconds(), cx)),
        _ => {}
    }
    match integer_of(form).filter(BigInt::is_positive) {
        Some(hz) => Ok(Time { ticks: decoded.at(&hz), hz, pair: true }.pair(cx)),
        None => {
            let message = cx.string_from_str("Invalid time frequency");
            Err(signal(sym::ERROR, &[message.into(), form], cx))
        }
    }
}

/// A moment in the calendar of a time zone.
struct Broken {
    second: i64,
    minute: i64,
    hour: i64,
    day: i64,
    /// From 1.
    month: i64,
    year: i64,
    /// From Sunday, 0.
    weekday: i64,
    /// From 0.
    day_of_year: i64,
    offset: i64,
    daylight: bool,
    name: String,
}

/// Days before the first of a month of a year, from the epoch (after Hinnant's algorithms on the civil calendar).
fn days_before(year: i64, month: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl Broken {
    /// The parts of a number of seconds, in a zone.
    fn of(seconds: i64, zone: &Zone) -> Option<Broken> {
        // Years have 32 bits.
        const FURTHEST: u64 = 67_768_036_191_676_799;
        if seconds.unsigned_abs() > FURTHEST {
            return None;
        }
        let (offset, daylight, name) = zone.at(seconds);
        let local = seconds.checked_add(offset)?;
        let (days, in_day) = (local.div_euclid(86_400), local.rem_euclid(86_400));
        let shifted = days + 719_468;
        let era = shifted.div_euclid(146_097);
        let day_of_era = shifted.rem_euclid(146_097);
        let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let in_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * in_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        Some(Broken {
            second: in_day % 60,
            minute: in_day / 60 % 60,
            hour: in_day / 3600,
            day: in_year - (153 * shifted_month + 2) / 5 + 1,
            month,
            year,
            weekday: (days + 4).rem_euclid(7),
            day_of_year: days - days_before(year, 1),
            offset,
            daylight,
            name,
        })
    }
}

fn broken(time: &Time, zone: &Zone, cx: &Context) -> Result<Broken, Throw> {
    let seconds = i64::try_from(time.seconds()).ok();
    seconds.and_then(|s| Broken::of(s, zone)).ok_or_else(|| wrong(Wrong::Unrepresentable, cx))
}

/// Return TIME in ZONE as (SECOND MINUTE HOUR DAY MONTH YEAR DOW DST UTCOFF).
/// FORM t lets SECOND be a fraction, (TICKS . HZ).
#[defun(min = 0)]
fn decode_time<'ob>(
    time: Option<Object<'ob>>,
    zone: Option<Object<'ob>>,
    form: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let time = decode(time, cx)?;
    let b = broken(&time, &Zone::of(zone, cx)?, cx)?;
    let second = match form {
        Some(form) if form == T && !time.hz.is_one() => {
            let ticks = BigInt::from(b.second) * &time.hz + time.ticks.mod_floor(&time.hz);
            Time { ticks, hz: time.hz, pair: true }.pair(cx)
        }
        _ => Object::fixnum(b.second),
    };
    let number = Object::fixnum;
    Ok(cx.list(&[
        second,
        number(b.minute),
        number(b.hour),
        number(b.day),
        number(b.month),
        number(b.year),
        number(b.weekday),
        Object::bool(b.daylight),
        number(b.offset),
    ]))
}

/// Return the time of the parts in TIME, a list as `decode-time' returns, or of the parts given one by one.
#[defun(min = 1)]
fn encode_time<'ob>(
    time: Object<'ob>,
    obsolescent_arguments: tenure_gc::Slots<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let given = obsolescent_arguments;
    let parts: Vec<Object<'ob>> = if given.is_empty() {
        let mut cells = tenure_vm::tails::tails(time);
        let parts: Vec<Object<'ob>> = cells.by_ref().take(9).map(|cell| cell.car()).collect();
        if parts.len() < 9 {
            return Err(wrong_type(sym::CONSP, if parts.is_empty() { time } else { NIL }, cx));
        }
        parts
    } else if given.len() < 5 {
        let own = cx.intern("encode-time").into();
        return Err(signal(sym::WRONG_NUMBER_OF_ARGUMENTS, &[own, Object::fixnum(given.len() as i64 + 1)], cx));
    } else {
        std::iter::once(time).chain(given.iter()).collect()
    };
    let (zone, daylight) = if given.is_empty() {
        let zone = parts[8];
        (Some(zone).filter(|z| !z.is_nil()), parts[7])
    } else {
        let zone = parts.get(6).map_or(NIL, |_| parts[parts.len() - 1]);
        let zone = zone.as_cons().filter(|_| parts.len() > 6).map_or(zone, |cell| cell.car());
        (Some(zone).filter(|z| !z.is_nil()), Object::fixnum(-1))
    };
    let zone = Zone::of(zone, cx)?;
    // The seconds may be a fraction.
    let seconds = Time::of(Some(parts[0])).map_err(|why| wrong(why, cx))?;
    let mut numbers = Vec::with_capacity(5);
    for &o in &parts[1..6] {
        let Some(n) = o.as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, o, cx)) };
        // The C library has 32 bits for each.
        if i32::try_from(n).is_err() {
            return Err(wrong(Wrong::Unrepresentable, cx));
        }
        numbers.push(n);
    }
    let [minute, hour, day, month, year] = numbers[..] else { return Err(wrong(Wrong::Invalid, cx)) };
    let whole = seconds.seconds();
    let Some(whole) = whole.to_i64().filter(|n| i32::try_from(*n).is_ok()) else {
        let whole = big_integer(&whole, cx);
        return Err(match whole.as_fixnum() {
            Some(_) => wrong(Wrong::Unrepresentable, cx),
            None => wrong_type(sym::FIXNUMP, whole, cx),
        });
    };
    let (year, month) = (year + (month - 1).div_euclid(12), (month - 1).rem_euclid(12) + 1);
    if i32::try_from(year - 1900).is_err() {
        return Err(wrong(Wrong::Unrepresentable, cx));
    }
    let local = (days_before(year, month) + day - 1) * 86_400 + hour * 3600 + minute * 60 + whole;
    let instant = zone.instant(local, daylight.as_fixnum().map_or(Some(!daylight.is_nil()), |_| None));
    let fraction = seconds.ticks.mod_floor(&seconds.hz);
    let ticks = BigInt::from(instant) * &seconds.hz + fraction;
    let time = Time { ticks, hz: seconds.hz, pair: true };
    if time.hz.is_one() {
        let (high, low) = time.ticks.div_mod_floor(&65536.into());
        return Ok(cx.list(&[big_integer(&high, cx), big_integer(&low, cx)]));
    }
    Ok(time.pair(cx))
}

/// Return TIME in ZONE as FORMAT-STRING, by its directives, says.
#[defun(min = 1)]
fn format_time_string<'ob>(
    format_string: Object<'ob>,
    time: Option<Object<'ob>>,
    zone: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let time = decode(time, cx)?;
    let Some(format) = format_string.as_string() else { return Err(wrong_type(sym::STRINGP, format_string, cx)) };
    let b = broken(&time, &Zone::of(zone, cx)?, cx)?;
    let mut text = Vec::new();
    tenure_vm::string::push_multibyte(&mut text, format);
    let nanoseconds = time.at(&1_000_000_000.into()).mod_floor(&1_000_000_000.into()).to_i64().unwrap_or(0);
    let out = format::format(&text, &b, time.seconds().to_i64().unwrap_or(0), nanoseconds, cx)?;
    Ok(tenure_vm::string::from_text(&out, cx).into())
}

/// Return TIME in ZONE as text of 24 characters, such as `Sun Sep 16 01:03:52 1973'.
#[defun(min = 0)]
fn current_time_string<'ob>(
    specified_time: Option<Object<'ob>>,
    zone: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let b = broken(&decode(specified_time, cx)?, &Zone::of(zone, cx)?, cx)?;
    let text = format!(
        "{} {} {:2} {:02}:{:02}:{:02} {}",
        &format::DAYS[b.weekday as usize][..3],
        &format::MONTHS[(b.month - 1) as usize][..3],
        b.day,
        b.hour,
        b.minute,
        b.second,
        b.year
    );
    Ok(cx.string_from_str(&text))
}

/// Return a list of how many seconds ZONE is ahead of universal time at TIME, and the name of that.
#[defun(min = 0)]
fn current_time_zone<'ob>(
    specified_time: Option<Object<'ob>>,
    zone: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let b = broken(&decode(specified_time, cx)?, &Zone::of(zone, cx)?, cx)?;
    let name = if b.name.is_empty() { zone::offset_name(b.offset) } else { b.name };
    Ok(cx.list(&[Object::fixnum(b.offset), cx.string_from_str(&name).into()]))
}

/// Make TZ the time zone that is meant where none is given.
#[defun(min = 1)]
fn set_time_zone_rule<'ob>(tz: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let zone = Zone::of(tz, cx)?;
    zone::set_local(zone, cx);
    Ok(NIL)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    current_time,
    float_time,
    time_add,
    time_subtract,
    time_less_p,
    time_equal_p,
    time_convert,
    decode_time,
    encode_time,
    format_time_string,
    current_time_string,
    current_time_zone,
    set_time_zone_rule,
];
