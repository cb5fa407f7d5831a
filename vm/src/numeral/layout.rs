//! Floats laid out as C's `printf` does, for `format` and `float-output-format`.

use super::{general, push_float};
use tenure_gc::Object;

/// The most digits of a double that are not zero for certain; beyond them zeros are written without asking.
const MOST_DIGITS: usize = 1100;

/// A finite float by C's `%e`, `%f` or `%g`; `alternate` is the `#` flag.
pub fn float_text(x: f64, precision: usize, conversion: u8, alternate: bool) -> String {
    let asked = precision;
    let precision = precision.min(MOST_DIGITS);
    let zeros = "0".repeat(asked - precision);
    match conversion {
        b'f' => {
            let point = if alternate && precision == 0 { "." } else { "" };
            format!("{x:.precision$}{point}{zeros}")
        }
        b'e' => {
            let text = format!("{x:.precision$e}");
            let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
            let point = if alternate && precision == 0 { "." } else { "" };
            let exponent: i32 = exponent.parse().unwrap_or(0);
            let e_sign = if exponent < 0 { '-' } else { '+' };
            format!("{mantissa}{point}{zeros}e{e_sign}{:02}", exponent.unsigned_abs())
        }
        _ => {
            let precision = precision.max(1);
            let text = general(&format!("{x:.*e}", precision - 1), precision, alternate);
            match text.split_once('e') {
                _ if !alternate || zeros.is_empty() => text,
                Some((mantissa, exponent)) => format!("{mantissa}{zeros}e{exponent}"),
                None => text + &zeros,
            }
        }
    }
}

/// A float as `format`, the value of `float-output-format`, wants it; in the fewest digits if that is no valid format.
pub fn push_float_as(text: &mut Vec<u8>, x: f64, format: Object<'_>) {
    let format = format.as_string().and_then(|s| float_format(s.bytes()));
    let Some((precision, conversion)) = format.filter(|_| x.is_finite()) else {
        return push_float(text, x);
    };
    let laid_out = float_text(x, precision.unwrap_or(0), conversion, false);
    text.extend_from_slice(laid_out.as_bytes());
    // A precision of 0 that is written out wants no fraction.
    if precision != Some(0) {
        if !laid_out.contains(['.', 'e']) {
            text.extend_from_slice(b".0");
        } else if laid_out.ends_with('.') {
            text.push(b'0');
        }
    }
}

/// Precision, if it is given, and conversion of a valid `float-output-format`.
fn float_format(format: &[u8]) -> Option<(Option<usize>, u8)> {
    const LARGEST: usize = 15;
    let (&conversion, digits) = format.strip_prefix(b"%.")?.split_last()?;
    if !matches!(conversion, b'e' | b'f' | b'g') || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    if digits.is_empty() {
        return Some((None, conversion));
    }
    let precision: usize = std::str::from_utf8(digits).ok()?.parse().ok()?;
    let valid = precision <= LARGEST && (precision > 0 || conversion == b'f');
    valid.then_some((Some(precision), conversion))
}
