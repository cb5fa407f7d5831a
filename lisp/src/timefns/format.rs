//! The directives of `format-time-string`: `%`, flags, a width, and a letter.

use super::Broken;
use tenure_gc::{Context, Throw};
use tenure_vm::error::error;

/// Names of the C locale.
pub(crate) const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];
/// Names of the C locale.
pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
/// The widest field.
const WIDEST: usize = 1 << 24;

/// Flags and width of a directive.
#[derive(Clone, Copy, Default)]
struct Field {
    /// `-`, `_`, `0` or `+`.
    pad: Option<u8>,
    upper: bool,
    swap: bool,
    width: Option<usize>,
    colons: usize,
}

/// The text of a moment by a format, both in the internal encoding.
pub(super) fn format(
    template: &[u8],
    moment: &Broken,
    seconds: i64,
    nanoseconds: i64,
    cx: &Context,
) -> Result<Vec<u8>, Throw> {
    let mut out = Vec::with_capacity(template.len() * 2);
    let mut at = 0;
    while at < template.len() {
        if template[at] != b'%' {
            out.push(template[at]);
            at += 1;
            continue;
        }
        let start = at;
        let mut field = Field::default();
        at += 1;
        while let Some(&flag) = template.get(at) {
            match flag {
                b'-' | b'_' | b'0' | b'+' => field.pad = Some(flag),
                b'^' => field.upper = true,
                b'#' => field.swap = true,
                _ => break,
            }
            at += 1;
        }
        while let Some(digit @ b'0'..=b'9') = template.get(at) {
            let width = field.width.unwrap_or(0).saturating_mul(10).saturating_add(usize::from(digit - b'0'));
            if width > WIDEST {
                return Err(error("Specified time is not representable", cx));
            }
            field.width = Some(width);
            at += 1;
        }
        let modifier = template.get(at).copied().filter(|b| matches!(b, b'E' | b'O'));
        at += usize::from(modifier.is_some());
        while template.get(at) == Some(&b':') {
            field.colons += 1;
            at += 1;
        }
        let letter = template.get(at).copied();
        let text = letter.and_then(|letter| directive(letter, field, moment, seconds, nanoseconds));
        match text {
            Some(text) if field.colons == 0 || letter == Some(b'z') => {
                out.extend_from_slice(text.as_bytes());
                at += 1;
            }
            _ => {
                // What is no directive stands for itself.
                let end = (at + 1).min(template.len());
                let bad = &template[start..end];
                let missing = field.width.unwrap_or(0).saturating_sub(bad.len());
                out.resize(out.len() + missing, b' ');
                out.extend_from_slice(bad);
                at = end;
                // The rest of a character of several bytes.
                while template.get(at).is_some_and(|b| b & 0xC0 == 0x80) {
                    out.push(template[at]);
                    at += 1;
                }
            }
        }
    }
    Ok(out)
}

/// Text in a field.
fn word(text: &str, field: Field, swap_to_lower: bool) -> String {
    let text = match () {
        () if field.swap && swap_to_lower => text.to_lowercase(),
        () if field.upper || field.swap => text.to_uppercase(),
        () => text.to_owned(),
    };
    pad(text, field, ' ')
}

fn pad(text: String, field: Field, fill: char) -> String {
    let width = if field.pad == Some(b'-') { 0 } else { field.width.unwrap_or(0) };
    let fill = if matches!(field.pad, Some(b'0' | b'+')) { '0' } else { fill };
    let missing = width.saturating_sub(text.chars().count());
    std::iter::repeat_n(fill, missing).collect::<String>() + &text
}

/// A number of at least so many digits.
fn number(n: i64, digits: usize, field: Field, fill: u8) -> String {
    let pad = field.pad.unwrap_or(fill);
    let width = field.width.unwrap_or(digits).max(if field.width.is_some() { 0 } else { digits });
    let (sign, magnitude) = if n < 0 { ("-", n.unsigned_abs()) } else { ("", n.unsigned_abs()) };
    let text = magnitude.to_string();
    match pad {
        b'-' => format!("{sign}{text}"),
        b'_' => {
            let missing = width.saturating_sub(text.len() + sign.len());
            format!("{}{sign}{text}", " ".repeat(missing))
        }
        _ => {
            let missing = width.saturating_sub(text.len() + sign.len());
            format!("{sign}{}{text}", "0".repeat(missing))
        }
    }
}

fn directive(letter: u8, field: Field, m: &Broken, seconds: i64, nanoseconds: i64) -> Option<String> {
    let hour12 = if m.hour % 12 == 0 { 12 } else { m.hour % 12 };
    let half = if m.hour < 12 { "AM" } else { "PM" };
    let compound = |parts: &str| {
        let plain = format_known(parts, m, seconds, nanoseconds);
        word(&plain, field, false)
    };
    let (iso_year, iso_week) = iso_week(m);
    Some(match letter {
        b'%' => pad("%".to_owned(), field, ' '),
        b'n' => pad("\n".to_owned(), field, ' '),
        b't' => pad("\t".to_owned(), field, ' '),
        b'a' => word(&DAYS[m.weekday as usize][..3], field, false),
        b'A' => word(DAYS[m.weekday as usize], field, false),
        b'b' | b'h' => word(&MONTHS[(m.month - 1) as usize][..3], field, false),
        b'B' => word(MONTHS[(m.month - 1) as usize], field, false),
        b'p' => word(half, field, true),
        b'P' => word(&half.to_lowercase(), field, true),
        b'Z' => word(&m.name, field, true),
        b'Y' => number(m.year, if m.year < 0 { 5 } else { 4 }.min(4), field, b'0'),
        b'C' if (-99..0).contains(&m.year) => pad("-0".to_owned(), field, '0'),
        b'C' => number(m.year.div_euclid(100) + i64::from(m.year < 0 && m.year % 100 != 0), 2, field, b'0'),
        b'y' => number(m.year.abs() % 100, 2, field, b'0'),
        b'G' => number(iso_year, 4, field, b'0'),
        b'g' => number((iso_year % 100).abs(), 2, field, b'0'),
        b'V' => number(iso_week, 2, field, b'0'),
        b'U' => number((m.day_of_year - m.weekday + 7) / 7, 2, field, b'0'),
        b'W' => number((m.day_of_year - (m.weekday + 6) % 7 + 7) / 7, 2, field, b'0'),
        b'm' => number(m.month, 2, field, b'0'),
        b'd' => number(m.day, 2, field, b'0'),
        b'e' => number(m.day, 2, field, b'_'),
        b'j' => number(m.day_of_year + 1, 3, field, b'0'),
        b'H' => number(m.hour, 2, field, b'0'),
        b'I' => number(hour12, 2, field, b'0'),
        b'k' => number(m.hour, 2, field, b'_'),
        b'l' => number(hour12, 2, field, b'_'),
        b'M' => number(m.minute, 2, field, b'0'),
        b'S' => number(m.second, 2, field, b'0'),
        b'u' => number((m.weekday + 6) % 7 + 1, 1, field, b'0'),
        b'w' => number(m.weekday, 1, field, b'0'),
        b'q' => number((m.month - 1) / 3 + 1, 1, field, b'0'),
        b's' => number(seconds, 1, field, b'0'),
        b'N' => fraction(nanoseconds, field),
        b'z' => zone(m.offset, field)?,
        b'c' => compound("%a %b %e %H:%M:%S %Y"),
        b'D' | b'x' => compound("%m/%d/%y"),
        b'F' if field.width.is_some() => {
            let year = Field { width: field.width.map(|width| width.saturating_sub("-mm-dd".len())), ..field };
            number(m.year, 4, year, b'0') + &format_known("-%m-%d", m, seconds, nanoseconds)
        }
        // A year of more than four digits has a sign.
        b'F' => compound(if m.year > 9999 { "+%Y-%m-%d" } else { "%Y-%m-%d" }),
        b'r' => compound("%I:%M:%S %p"),
        b'R' => compound("%H:%M"),
        b'T' | b'X' => compound("%H:%M:%S"),
        _ => return None,
    })
}

/// A format whose directives are all known.
fn format_known(parts: &str, m: &Broken, seconds: i64, nanoseconds: i64) -> String {
    let mut out = String::new();
    let mut letters = parts.chars();
    while let Some(c) = letters.next() {
        match c {
            '%' => {
                let letter = letters.next().map_or(b'%', |c| c as u8);
                out += &directive(letter, Field::default(), m, seconds, nanoseconds).unwrap_or_default();
            }
            _ => out.push(c),
        }
    }
    out
}

/// Nanoseconds: the width is how many digits there are.
fn fraction(nanoseconds: i64, field: Field) -> String {
    let digits = field.width.filter(|&w| w > 0).unwrap_or(9);
    let mut text = format!("{nanoseconds:09}");
    text.truncate(digits);
    let significant = text.trim_end_matches('0').len().max(1);
    match field.pad {
        Some(b'-') => text.truncate(significant),
        Some(b'_') => {
            text.truncate(significant);
            text += &" ".repeat(digits - significant);
        }
        _ => text += &"0".repeat(digits.saturating_sub(text.len())),
    }
    text
}

/// An offset: `+hhmm`, and with colons `+hh:mm`, `+hh:mm:ss` or as short as it can be.
fn zone(offset: i64, field: Field) -> Option<String> {
    let (sign, n) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let (hours, minutes, seconds) = (n / 3600, n / 60 % 60, n % 60);
    let rest = match field.colons {
        0 => format!("{minutes:02}"),
        1 => format!(":{minutes:02}"),
        2 => format!(":{minutes:02}:{seconds:02}"),
        3 if seconds != 0 => format!(":{minutes:02}:{seconds:02}"),
        3 if minutes != 0 => format!(":{minutes:02}"),
        3 => String::new(),
        _ => return None,
    };
    if let (0, Some(pad @ (b'-' | b'_'))) = (field.colons, field.pad) {
        // Hours and minutes are one number then.
        let text = format!("{sign}{}", hours * 100 + minutes);
        let width = if pad == b'_' { field.width.unwrap_or(0).max(5) } else { 0 };
        return Some(format!("{text:>width$}"));
    }
    let digits = field.width.unwrap_or(0).saturating_sub(rest.len() + 1).max(if field.width.is_some() { 1 } else { 2 });
    Some(match field.pad {
        Some(b'-') => {
            format!("{sign}{hours}{rest}")
        }
        Some(b'_') => {
            let text = format!("{sign}{hours}{rest}");
            let width = field.width.unwrap_or(0).max(rest.len() + 3);
            format!("{text:>width$}")
        }
        _ => format!("{sign}{hours:0digits$}{rest}", digits = digits.max(2)),
    })
}

/// The year and the week of ISO 8601.
fn iso_week(m: &Broken) -> (i64, i64) {
    let monday_based = (m.weekday + 6) % 7;
    // The week belongs to the year of its Thursday.
    let thursday = m.day_of_year - monday_based + 3;
    let length = |year: i64| if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) { 366 } else { 365 };
    if thursday < 0 {
        let length = length(m.year - 1);
        return (m.year - 1, (thursday + length) / 7 + 1);
    }
    if thursday >= length(m.year) {
        return (m.year + 1, 1);
    }
    (m.year, thursday / 7 + 1)
}
