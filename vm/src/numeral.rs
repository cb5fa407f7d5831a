//! Numbers as text: what the reader and `string-to-number` accept, what the printer and `number-to-string` write.

use crate::number::{big_integer, integer};
use num_bigint::BigInt;
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

/// A float as Emacs prints it when `float-output-format` is nil: the fewest digits that read back, from 15 on.
pub fn float_to_string(x: f64) -> String {
    if x.is_infinite() {
        return if x < 0.0 { "-1.0e+INF" } else { "1.0e+INF" }.to_owned();
    }
    if x.is_nan() {
        let sign = if x.is_sign_negative() { "-" } else { "" };
        return format!("{sign}{}.0e+NaN", x.to_bits() & 0x0007_FFFF_FFFF_FFFF);
    }
    let first = if x.abs() < f64::MIN_POSITIVE { 1 } else { 15 };
    let text = (first..17).map(|precision| (precision, format!("{:.*e}", precision - 1, x)));
    let (precision, text) =
        text.into_iter().find(|(_, text)| text.parse::<f64>() == Ok(x)).unwrap_or_else(|| (17, format!("{x:.16e}")));
    let mut text = general(&text, precision, false);
    if !text.contains(['.', 'e']) {
        text.push_str(".0");
    }
    text
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
