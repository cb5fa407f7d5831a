//! One directive of a format: its parts, and numbers laid out by it.

use num_bigint::{BigInt, Sign};
use tenure_gc::{Context, Kind, Object, Throw};
use tenure_vm::error::error;
use tenure_vm::number::bignum_value;
use tenure_vm::numeral::{float_text, general};

/// `-`, `+`, ` `, `#` and `0`.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    pub(super) minus: bool,
    plus: bool,
    space: bool,
    sharp: bool,
    pub(super) zero: bool,
}

/// A directive.
pub(super) struct Directive {
    /// The number of its argument, from 1; 0 is the format itself.
    pub(super) field: Option<usize>,
    pub(super) flags: Flags,
    pub(super) width: usize,
    pub(super) precision: Option<usize>,
    pub(super) conversion: u8,
    /// The character of a conversion that does not exist.
    pub(super) unknown: Option<char>,
    /// How many bytes it takes behind the `%`.
    pub(super) length: usize,
}

impl Directive {
    /// Whether it is a conversion alone.
    pub(super) fn is_plain(&self) -> bool {
        let Flags { minus, plus, space, sharp, zero } = self.flags;
        self.width == 0 && self.precision.is_none() && !(minus || plus || space || sharp || zero)
    }
}

/// The widest field and highest precision that are tried.
const LARGEST: usize = i64::MAX as usize;

/// The directive at the start of `text`, behind its `%`.
pub(super) fn parse(text: &[u8], cx: &Context) -> Result<Directive, Throw> {
    let mut at = 0;
    let number = |at: &mut usize| -> Result<usize, Throw> {
        let mut n = 0usize;
        while let Some(digit @ b'0'..=b'9') = text.get(*at) {
            n = n.saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            *at += 1;
        }
        if n > LARGEST { Err(error("Maximum string size exceeded", cx)) } else { Ok(n) }
    };
    let mut field = None;
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    if digits > 0 && text.get(digits) == Some(&b'$') {
        // No call has as many arguments as a number that is too large.
        let number = std::str::from_utf8(&text[..digits]).ok().and_then(|digits| digits.parse().ok());
        field = Some(number.unwrap_or(usize::MAX));
        at = digits + 1;
    }
    let mut flags = Flags::default();
    loop {
        match text.get(at) {
            Some(b'-') => flags.minus = true,
            Some(b'+') => flags.plus = true,
            Some(b' ') => flags.space = true,
            Some(b'#') => flags.sharp = true,
            Some(b'0') => flags.zero = true,
            _ => break,
        }
        at += 1;
    }
    flags.space &= !flags.plus;
    flags.zero &= !flags.minus;
    let width = number(&mut at)?;
    let mut precision = None;
    if text.get(at) == Some(&b'.') {
        at += 1;
        precision = Some(number(&mut at)?);
    }
    match text.get(at) {
        None => Err(error("Format string ends in middle of format specifier", cx)),
        Some(&conversion @ (b's' | b'S' | b'd' | b'i' | b'o' | b'x' | b'X' | b'c' | b'e' | b'f' | b'g' | b'%')) => {
            Ok(Directive { field, flags, width, precision, conversion, unknown: None, length: at + 1 })
        }
        Some(_) => {
            // That it is none is told only if there is an argument for it.
            let (c, length) = tenure_vm::character::decode(&text[at..]);
            let unknown = Some(char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
            Ok(Directive { field, flags, width, precision, conversion: 0, unknown, length: at + length })
        }
    }
}

/// Sign, prefix and digits in a field.
fn lay_out(sign: &str, prefix: &str, digits: &str, zero: bool, directive: &Directive) -> String {
    let length = sign.len() + prefix.len() + digits.len();
    let padding = directive.width.saturating_sub(length);
    if directive.flags.minus {
        format!("{sign}{prefix}{digits}{}", " ".repeat(padding))
    } else if zero {
        format!("{sign}{prefix}{}{digits}", "0".repeat(padding))
    } else {
        format!("{}{sign}{prefix}{digits}", " ".repeat(padding))
    }
}

fn sign(negative: bool, flags: Flags) -> &'static str {
    match (negative, flags.plus, flags.space) {
        (true, ..) => "-",
        (_, true, _) => "+",
        (.., true) => " ",
        _ => "",
    }
}

/// An integer conversion; `None` if the argument is no number.
pub(super) fn integer_text(argument: Object<'_>, directive: &Directive) -> Option<String> {
    let number = match argument.untag() {
        Kind::Fixnum(n) => BigInt::from(n),
        Kind::Bignum(n) => bignum_value(n),
        Kind::Float(x) => truncated(x.value()),
        _ => return None,
    };
    let base = match directive.conversion {
        b'd' | b'i' => 10,
        b'o' => 8,
        _ => 16,
    };
    let mut digits = number.magnitude().to_str_radix(base);
    let zero_value = number.sign() == Sign::NoSign;
    if directive.conversion == b'X' {
        digits.make_ascii_uppercase();
    }
    // A float is laid out in decimal as a float without a fraction.
    let as_float = base == 10 && argument.as_float().is_some();
    // Of a bignum Emacs counts the sign as a digit.
    let counted = matches!(argument.untag(), Kind::Bignum(_)) && number.sign() == Sign::Minus;
    let length = digits.len() + usize::from(counted);
    match directive.precision {
        Some(0) if zero_value && !as_float => digits.clear(),
        Some(precision) if length < precision => digits.insert_str(0, &"0".repeat(precision - length)),
        _ => {}
    }
    let mut prefix = "";
    if directive.flags.sharp && !zero_value {
        match directive.conversion {
            b'x' => prefix = "0x",
            b'X' => prefix = "0X",
            b'o' if !digits.starts_with('0') => digits.insert(0, '0'),
            _ => {}
        }
    }
    let zero = directive.flags.zero && directive.precision.is_none();
    Some(lay_out(sign(number.sign() == Sign::Minus, directive.flags), prefix, &digits, zero, directive))
}

/// A float without its fraction.
fn truncated(x: f64) -> BigInt {
    // All digits of a whole float are printed.
    format!("{:.0}", x.trunc()).parse().unwrap_or_default()
}

/// A float conversion; `None` if the argument is no number.
pub(super) fn float_field(argument: Object<'_>, directive: &Directive) -> Option<String> {
    if directive.conversion == b'f' {
        match argument.untag() {
            // What C has an integer type for is exact.
            Kind::Bignum(n) if i128::try_from(&bignum_value(n)).is_ok_and(|n| MACHINE.contains(&n)) => {
                return Some(big_fixed(&bignum_value(n), directive));
            }
            Kind::Fixnum(n) => return Some(big_fixed(&BigInt::from(n), directive)),
            _ => {}
        }
    }
    let x = match argument.untag() {
        Kind::Fixnum(n) if n.unsigned_abs() > EXACT => {
            let digits = exact_integer(n.unsigned_abs(), directive);
            return Some(lay_out(sign(n < 0, directive.flags), "", &digits, directive.flags.zero, directive));
        }
        Kind::Fixnum(n) => n as f64,
        Kind::Float(x) => x.value(),
        Kind::Bignum(n) => bignum_value(n).to_string().parse().unwrap_or(f64::NAN),
        _ => return None,
    };
    let precision = directive.precision.unwrap_or(6);
    let digits = match x.abs() {
        a if a.is_nan() => "nan".to_owned(),
        a if a.is_infinite() => "inf".to_owned(),
        a => float_text(a, precision, directive.conversion, directive.flags.sharp),
    };
    let zero = directive.flags.zero && x.is_finite();
    Some(lay_out(sign(x.is_sign_negative(), directive.flags), "", &digits, zero, directive))
}

/// Integers up to this are floats; others are laid out from their digits, as Emacs does with wider floats.
const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// The integers of C.
const MACHINE: std::ops::RangeInclusive<i128> = i64::MIN as i128..=u64::MAX as i128;

/// An integer by `%e` or `%g`, without its sign.
fn exact_integer(n: u64, directive: &Directive) -> String {
    let general_form = directive.conversion == b'g';
    let precision = directive.precision.unwrap_or(6);
    // How many digits there are behind the first.
    let wanted = if general_form { precision.max(1) - 1 } else { precision };
    let mut digits = n.to_string();
    let mut exponent = digits.len() - 1;
    if wanted < exponent {
        let unit = 10u64.pow((exponent - wanted) as u32);
        let (quotient, rest) = (n / unit, n % unit);
        let up = rest > unit / 2 || rest == unit / 2 && quotient % 2 == 1;
        digits = (quotient + u64::from(up)).to_string();
        if digits.len() > wanted + 1 {
            digits.pop();
            exponent += 1;
        }
    } else if !general_form {
        digits.push_str(&"0".repeat(wanted - exponent));
    }
    let (first, rest) = digits.split_at(1);
    let point = if rest.is_empty() && !directive.flags.sharp { "" } else { "." };
    if !general_form {
        return format!("{first}{point}{rest}e+{exponent:02}");
    }
    let scientific = format!("{first}{}{rest}e{exponent}", if rest.is_empty() { "" } else { "." });
    general(&scientific, precision.max(1), directive.flags.sharp)
}

/// A bignum as `%f`, with all its digits.
fn big_fixed(n: &BigInt, directive: &Directive) -> String {
    let precision = directive.precision.unwrap_or(6);
    let point = if precision > 0 || directive.flags.sharp { "." } else { "" };
    let digits = format!("{}{point}{}", n.magnitude(), "0".repeat(precision));
    lay_out(sign(n.sign() == Sign::Minus, directive.flags), "", &digits, directive.flags.zero, directive)
}
