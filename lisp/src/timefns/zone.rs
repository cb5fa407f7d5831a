//! Time zones: the local one, universal time, rules in the notation of `TZ`, and fixed offsets.

use crate::state::LispState;
use tenure_gc::{Context, Kind, Object, Throw};
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::sym;
use tz::TimeZone;

/// The most hours of an offset, as in the C library; more are as many.
const MOST_HOURS: i64 = 24;

/// A time zone.
#[derive(Clone)]
pub(crate) enum Zone {
    /// Universal time, under the name that is given.
    Universal(&'static str),
    /// An offset and its name.
    Fixed(i64, String),
    /// A rule.
    Rule(TimeZone),
}

/// How an offset without a name is shown: `+01`, `-0130`, `+010101`.
pub(super) fn offset_name(offset: i64) -> String {
    let (sign, n) = if offset < 0 { ('-', -offset) } else { ('+', offset) };
    let (hours, minutes, seconds) = hours_minutes_seconds(n);
    match (minutes, seconds) {
        (0, 0) => format!("{sign}{hours:02}"),
        (_, 0) => format!("{sign}{hours:02}{minutes:02}"),
        _ => format!("{sign}{hours:02}{minutes:02}{seconds:02}"),
    }
}

fn hours_minutes_seconds(n: i64) -> (i64, i64, i64) {
    (n / 3600, n / 60 % 60, n % 60)
}

/// A zone with a fixed offset.
fn fixed(offset: i64, name: String) -> Zone {
    let (hours, minutes, seconds) = hours_minutes_seconds(offset.abs());
    let length = hours.min(MOST_HOURS) * 3600 + minutes * 60 + seconds;
    Zone::Fixed(if offset < 0 { -length } else { length }, name)
}

/// Whether the C library takes a text for the name of a zone.
fn is_name(name: &[u8]) -> bool {
    name.len() >= 3 && name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'+' || b == b'-')
}

impl Zone {
    /// The zone of a `TZ` text.
    fn of_text(text: &str) -> Zone {
        match text {
            "UTC" | "UTC0" => Zone::Universal("UTC"),
            // What is no rule is universal time, as in the C library.
            _ => TimeZone::from_posix_tz(text).map_or(Zone::Universal("UTC"), Zone::Rule),
        }
    }

    fn of_environment() -> Zone {
        match std::env::var("TZ") {
            Ok(text) => Zone::of_text(&text),
            Err(_) => TimeZone::local().map_or(Zone::Universal("UTC"), Zone::Rule),
        }
    }

    /// The zone that an argument means.
    pub(super) fn of<'ob>(zone: Option<Object<'ob>>, cx: &'ob Context) -> Result<Zone, Throw> {
        let invalid =
            |zone| signal(sym::ERROR, &[cx.string_from_str("Invalid time zone specification").into(), zone], cx);
        let Some(zone) = zone else {
            let local = LispState::of(cx).zone.borrow().clone();
            return Ok(local.unwrap_or_else(Zone::of_environment));
        };
        match zone.untag() {
            _ if zone == tenure_gc::T => Ok(Zone::Universal("GMT")),
            Kind::Fixnum(0) => Ok(Zone::Universal("GMT")),
            Kind::Fixnum(n) => Ok(fixed(n, offset_name(n))),
            Kind::String(s) => Ok(Zone::of_text(&String::from_utf8_lossy(s.bytes()))),
            Kind::Symbol(s) if s.name(cx).bytes() == b"wall" => Ok(Zone::of_environment()),
            Kind::Cons(pair) => {
                let (Some(n), Some(rest)) = (pair.car().as_fixnum(), pair.cdr().as_cons()) else {
                    return Err(invalid(zone));
                };
                let Some(name) = rest.car().as_string() else { return Err(wrong_type(sym::STRINGP, rest.car(), cx)) };
                // A name that is none makes no rule, which is universal time without a name.
                let valid = is_name(name.bytes());
                Ok(if valid {
                    fixed(n, String::from_utf8_lossy(name.bytes()).into_owned())
                } else {
                    Zone::Universal("")
                })
            }
            _ => Err(invalid(zone)),
        }
    }

    /// The moment whose offset holds at another one: by a rule without history what held in January of 1970 held before.
    fn ruled(rule: &TimeZone, seconds: i64) -> i64 {
        const JANUARY: i64 = 14 * 86_400;
        if seconds < 0 && rule.as_ref().transitions().is_empty() { JANUARY } else { seconds }
    }

    /// Offset, whether daylight saving holds, and name, at a moment.
    pub(super) fn at(&self, seconds: i64) -> (i64, bool, String) {
        match self {
            Zone::Universal(name) => (0, false, (*name).to_owned()),
            Zone::Fixed(offset, name) => (*offset, false, name.clone()),
            Zone::Rule(rule) => match rule.find_local_time_type(Zone::ruled(rule, seconds)) {
                Ok(local) => {
                    let name = local.time_zone_designation().to_owned();
                    (i64::from(local.ut_offset()), local.is_dst(), name)
                }
                Err(_) => (0, false, "UTC".to_owned()),
            },
        }
    }

    /// The moment that a clock of the zone shows, as seconds that universal time would show so; `daylight` says whether it
    /// was on daylight saving, if that is known.
    pub(super) fn instant(&self, local: i64, daylight: Option<bool>) -> i64 {
        let guesses = [local - 86_400, local + 86_400].map(|near| self.at(near));
        let fits = |offset: i64| self.at(local - offset).0 == offset;
        let wanted = |dst: bool| daylight.is_none_or(|daylight| daylight == dst);
        let mut found = guesses.iter().filter(|(offset, dst, _)| fits(*offset) && wanted(*dst));
        if let Some((offset, ..)) = found.next() {
            return local - offset;
        }
        let standard = guesses.iter().find(|(_, dst, _)| !dst).map_or(guesses[0].0, |(offset, ..)| *offset);
        let here = guesses.iter().find(|(offset, ..)| fits(*offset)).map_or(standard, |(offset, ..)| *offset);
        let Zone::Rule(_) = self else { return local - here };
        match daylight {
            // The clock is an hour ahead of the zone's then, or behind it.
            Some(true) if !self.at(local - here).1 => local - here - 3600,
            Some(false) if self.at(local - here).1 => local - here + 3600,
            _ => local - here,
        }
    }
}

/// Change the local zone.
pub(super) fn set_local(zone: Zone, cx: &Context) {
    *LispState::of(cx).zone.borrow_mut() = Some(zone);
}
