//! Numbers as text: what the reader and `string-to-number` accept, what the printer and `number-to-string` write.

mod layout;

pub use layout::{float_text, push_float_as};

use crate::number::{big_integer, integer};
use num_bigint::BigInt;
use std::io::Write as _;
use tenure_gc::{Context, Object};

/// What a numeral's text says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Numeral<'a> {
    /// Digits of an integer with its sign; for a float empty.
    integer: &'a [u8],
    float: Option<f64>,
    /// How many bytes belong to the numeral.
    pub len: usize,
}

/// The numeral at the start of `text`, if there is one (`string_to_number`): the longest prefix that is an integer in
/// `base`, or, in base ten, a float.
pub fn parse(text: &[u8], base: u32) -> Option<Numeral<'_>> {
    let digits_from = |from: usize| text[from..].iter().take_while(|&&b| (b as char).is_digit(base)).count();
    let sign = usize::from(matches!(text.first(), Some(b'+' | b'-')));
    let negative = text.first() == Some(&b'-');
    let whole = digits_from(sign);
    let mut at = sign + whole;
    let integer_end = at;
    let mut fraction = 0;
    let mut dot = false;
    if base == 10 && text.get(at) == Some(&b'.') {
        dot = true;
        fraction = digits_from(at + 1);
        at += 1 + fraction;
    }
    if whole == 0 && fraction == 0 {
        return None;
    }
    let mantissa_end = at;
    let mut special = None;
    let mut exponent = false;
    if base == 10 && matches!(text.get(at), Some(b'e' | b'E')) {
        let e = &text[at + 1..];
        let e_sign = usize::from(matches!(e.first(), Some(b'+' | b'-')));
        let e_digits = e[e_sign..].iter().take_while(|b| b.is_ascii_digit()).count();
        if e_digits > 0 {
            exponent = true;
            at += 1 + e_sign + e_digits;
        } else if e.starts_with(b"+INF") {
            special = Some(f64::INFINITY);
            at += 5;
        } else if e.starts_with(b"+NaN") {
            let payload = text[sign..integer_end].iter().fold(0u64, |n, &d| n.wrapping_mul(10) + u64::from(d - b'0'));
            special = Some(f64::from_bits(0x7FF8_0000_0000_0000 | payload & 0x0007_FFFF_FFFF_FFFF));
            at += 5;
        }
    }
    if fraction == 0 && !exponent && special.is_none() {
        // "1." is an integer.
        let len = if dot { integer_end + 1 } else { integer_end };
        return Some(Numeral { integer: &text[..integer_end], float: None, len });
    }
    let magnitude = match special {
        Some(special) => special,
        None => {
            let end = if exponent { at } else { mantissa_end };
            std::str::from_utf8(&text[sign..end]).ok()?.parse().ok()?
        }
    };
    Some(Numeral { integer: &[], float: Some(if negative { -magnitude } else { magnitude }), len: at })
}

impl Numeral<'_> {
    /// The number.
    pub fn value<'ob>(&self, base: u32, cx: &'ob Context) -> Object<'ob> {
        match self.float {
            Some(x) => cx.float(x).into(),
            None => integer_value(self.integer, base, cx),
        }
    }
}

/// The integer of a sign and digits, which the caller has checked.
pub fn integer_value<'ob>(text: &[u8], base: u32, cx: &'ob Context) -> Object<'ob> {
    let (negative, digits) = match text.split_first() {
        Some((b'-', rest)) => (true, rest),
        Some((b'+', rest)) => (false, rest),
        _ => (false, text),
    };
    let small = digits
        .iter()
        .try_fold(0i64, |n, &d| n.checked_mul(i64::from(base))?.checked_add(i64::from((d as char).to_digit(base)?)));
    match small {
        Some(n) => integer(if negative { -n } else { n }, cx),
        None => {
            let n = BigInt::parse_bytes(digits, base).unwrap_or_default();
            big_integer(&if negative { -n } else { n }, cx)
        }
    }
}

/// Append the decimal digits of an integer.
pub fn push_integer(text: &mut Vec<u8>, n: i64) {
    let mut digits = [0u8; 20];
    let (mut at, mut rest) = (digits.len(), n.unsigned_abs());
    loop {
        at -= 1;
        digits[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    if n < 0 {
        text.push(b'-');
    }
    text.extend_from_slice(&digits[at..]);
}

/// A float as Emacs prints it when `float-output-format` is nil: the fewest digits that read back, from 15 on.
pub fn float_to_string(x: f64) -> String {
    let mut text = Vec::with_capacity(24);
    push_float(&mut text, x);
    String::from_utf8(text).unwrap_or_default()
}

/// Append a float as [`float_to_string`] shows it.
///
/// The fewest digits that read back are, among equally many, those nearest to the number, as C's `%g` gives them; where
/// two are equally near, C takes the even one, so beyond 15 digits the last is looked at again.
pub fn push_float(text: &mut Vec<u8>, x: f64) {
    /// Digits that any float is shown with before there is need of an exponent.
    const LEAST: usize = 15;
    if x.is_sign_negative() {
        text.push(b'-');
    }
    let x = x.abs();
    if x.is_infinite() {
        return text.extend_from_slice(b"1.0e+INF");
    }
    if x.is_nan() {
        push_integer(text, (x.to_bits() & 0x0007_FFFF_FFFF_FFFF) as i64);
        return text.extend_from_slice(b".0e+NaN");
    }
    if push_short_float(text, x) {
        return;
    }
    let start = text.len();
    // Writing to a vector cannot fail.
    let _ = write!(text, "{x:e}");
    let digits = text[start..].iter().take_while(|&&b| b != b'e').count() - 1;
    if digits > LEAST {
        text.truncate(start);
        let _ = write!(text, "{x:.*e}", digits - 1);
        // Below a power of two floats are closer together, and the nearest of so few digits may be another's.
        let is_power = x.to_bits().trailing_zeros() >= f64::MANTISSA_DIGITS - 1;
        if is_power && std::str::from_utf8(&text[start..]).ok().and_then(|t| t.parse().ok()) != Some(x) {
            text.truncate(start);
            let _ = write!(text, "{x:.*e}", digits);
        }
    }
    let mut shown = [0u8; 32];
    let length = text.len() - start;
    shown[..length].copy_from_slice(&text[start..]);
    text.truncate(start);
    let e = shown[..length].iter().position(|&b| b == b'e').unwrap_or(length);
    let exponent: i32 =
        std::str::from_utf8(&shown[(e + 1).min(length)..length]).ok().and_then(|e| e.parse().ok()).unwrap_or(0);
    // The digits without their point.
    if e > 1 {
        shown.copy_within(2..e, 1);
    }
    let digits = &shown[..if e > 1 { e - 1 } else { e }];
    if exponent < -4 || exponent >= digits.len().max(LEAST) as i32 {
        text.push(digits[0]);
        if digits.len() > 1 {
            text.push(b'.');
            text.extend_from_slice(&digits[1..]);
        }
        text.extend_from_slice(if exponent < 0 { b"e-" } else { b"e+" });
        if exponent.abs() < 10 {
            text.push(b'0');
        }
        return push_integer(text, i64::from(exponent.abs()));
    }
    if exponent < 0 {
        text.extend_from_slice(b"0.");
        text.resize(text.len() + (-exponent - 1) as usize, b'0');
        return text.extend_from_slice(digits);
    }
    let whole = exponent as usize + 1;
    text.extend_from_slice(&digits[..whole.min(digits.len())]);
    if digits.len() > whole {
        text.push(b'.');
        text.extend_from_slice(&digits[whole..]);
    } else {
        text.resize(text.len() + whole - digits.len(), b'0');
        text.extend_from_slice(b".0");
    }
}

/// Append a float that is an integer of at most 15 digits divided by a small power of ten; false if it is not.
///
/// Both are exact, so their quotient is what the reader makes of the text; no other text of so few digits gives it.
fn push_short_float(text: &mut Vec<u8>, x: f64) -> bool {
    const POWERS: [u64; 7] = [1, 10, 100, 1_000, 10_000, 100_000, 1_000_000];
    if x != 0.0 && !(1e-4..1e15).contains(&x) {
        return false;
    }
    for (places, &power) in POWERS.iter().enumerate() {
        let whole = (x * power as f64).round();
        if whole >= 1e15 {
            return false;
        }
        if whole / power as f64 != x {
            continue;
        }
        let whole = whole as u64;
        push_integer(text, (whole / power) as i64);
        text.push(b'.');
        let mut rest = whole % power;
        let start = text.len();
        text.resize(start + places.max(1), b'0');
        for digit in text[start..].iter_mut().rev() {
            *digit = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        return true;
    }
    false
}

/// Lay out `d.ddde±x` as C's `%g` does, given the precision it was made with; `keep` keeps trailing zeros (`%#g`).
pub fn general(scientific: &str, precision: usize, keep: bool) -> String {
    let (sign, rest) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific),
    };
    let (mantissa, exponent) = rest.split_once('e').unwrap_or((rest, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let digits: String = mantissa.chars().filter(|&c| c != '.').collect();
    let strip = |s: String| if keep { s } else { strip_zeros(s) };
    if exponent < -4 || exponent >= precision as i32 {
        let (head, tail) = digits.split_at(1);
        let point = if tail.is_empty() && !keep { "" } else { "." };
        let mantissa = strip(format!("{head}{point}{tail}"));
        let e_sign = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{e_sign}{:02}", exponent.unsigned_abs());
    }
    if exponent < 0 {
        let zeros = "0".repeat((-exponent - 1) as usize);
        return format!("{sign}{}", strip(format!("0.{zeros}{digits}")));
    }
    let whole = exponent as usize + 1;
    let digits = if digits.len() < whole { format!("{digits:0<whole$}") } else { digits };
    let (head, tail) = digits.split_at(whole);
    let point = if tail.is_empty() && !keep { "" } else { "." };
    format!("{sign}{}", strip(format!("{head}{point}{tail}")))
}

fn strip_zeros(s: String) -> String {
    if !s.contains('.') {
        return s;
    }
    s.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_print_as_in_emacs() {
        for (x, text) in [
            (1.0, "1.0"),
            (0.1, "0.1"),
            (-0.0, "-0.0"),
            (100_000.0, "100000.0"),
            (1e14, "100000000000000.0"),
            (1e15, "1e+15"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e-4, "0.0001"),
            (1e-5, "1e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (1.0 / 3.0, "0.3333333333333333"),
            (1e100, "1e+100"),
            (2.5, "2.5"),
            (f64::NEG_INFINITY, "-1.0e+INF"),
            (1234567.891, "1234567.891"),
            (9_007_199_254_740_993.0, "9007199254740992.0"),
        ] {
            assert_eq!(float_to_string(x), text);
        }
    }

    #[test]
    fn the_fewest_digits_from_15_on_read_back() {
        let mut bits = 1u64;
        for round in 0..20_000 {
            bits = bits.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let x = match round % 4 {
                0 => f64::from_bits(bits),
                1 => (bits >> 40) as f64 / 1000.0,
                2 => (bits >> 34) as f64 / 1024.0,
                _ => -((bits >> 12) as f64) * 1e-7,
            };
            if !x.is_finite() {
                continue;
            }
            let first = if x.abs() < f64::MIN_POSITIVE { 1 } else { 15 };
            let texts = (first..=17).map(|p| (p, format!("{:.*e}", p - 1, x)));
            let (precision, text) = texts.into_iter().find(|(_, t)| t.parse() == Ok(x)).expect("17 digits are enough");
            let mut expected = general(&text, precision, false);
            if !expected.contains(['.', 'e']) {
                expected.push_str(".0");
            }
            assert_eq!(float_to_string(x), expected);
        }
    }

    #[test]
    fn a_numeral_ends_where_emacs_ends_it() {
        for (text, len) in [
            ("12abc", Some(2)),
            ("1.", Some(2)),
            ("1.5e", Some(3)),
            (".5", Some(2)),
            ("+", None),
            ("1e+INF", Some(6)),
            ("-.", None),
        ] {
            assert_eq!(parse(text.as_bytes(), 10).map(|n| n.len), len, "{text}");
        }
    }
}
