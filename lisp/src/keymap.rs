//! How keys are written (`keymap.c`); keymaps themselves are not there.
//!
//! A key is a character with modifiers in its upper bits, or a symbol whose name begins with its modifiers.

use tenure_gc::{CallResult, Cons, Context, Kind, LispResult, NIL, Object, Root, Str, SubrInfo, Throw};
use tenure_vm::character::push_char;
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{error, wrong_type};
use tenure_vm::string::{from_text, substring};
use tenure_vm::tails::tails;
use tenure_vm::textprop;
use tenure_vm::{defun, funcall, subrs, sym};

use crate::form::symbol;

/// The modifiers of a character, in the order in which they are written.
const MODIFIERS: [(i64, &str); 6] =
    [(1 << 22, "A-"), (CONTROL, "C-"), (1 << 24, "H-"), (META, "M-"), (SHIFT, "S-"), (1 << 23, "s-")];
const CONTROL: i64 = 1 << 26;
const META: i64 = 1 << 27;
const SHIFT: i64 = 1 << 25;
const ESCAPE: i64 = 27;
/// The greatest character.
const MAX_CHAR: i64 = 0x3f_ffff;

/// What an event in a list may begin with, and the bits of a character that this sets: with those of `MODIFIERS` the
/// ways to press a button.
const MODIFIER_NAMES: [(&[&str], i64); 12] = [
    (&["A", "alt"], 1 << 22),
    (&["C", "control", "ctrl"], CONTROL),
    (&["H", "hyper"], 1 << 24),
    (&["M", "meta"], META),
    (&["S", "shift"], SHIFT),
    (&["s", "super"], 1 << 23),
    (&["double"], 16),
    (&["triple"], 32),
    (&["up"], 1),
    (&["down"], 2),
    (&["drag"], 4),
    (&["click"], 8),
];
/// How the ways to press a button are written in the name of an event; a click is not.
const BUTTON_PREFIXES: [(i64, &str); 5] = [(16, "double-"), (32, "triple-"), (1, "up-"), (2, "down-"), (4, "drag-")];
/// The heads of events whose second element is no modifier.
const PLACES: [&str; 5] = ["help-echo", "vertical-line", "mode-line", "tab-line", "header-line"];

/// The text for a character with modifiers.
fn describe_char(key: i64, text: &mut Vec<u8>) {
    let base = key & MAX_CHAR;
    let (tab, enter) = (i64::from(b'\t'), i64::from(b'\r'));
    let tab_is_control_i = base == tab && key & META != 0;
    let is_control = base < 32 && ![ESCAPE, tab, enter].contains(&base) || tab_is_control_i;
    for (bit, name) in MODIFIERS {
        if key & bit != 0 || bit == CONTROL && is_control {
            text.extend_from_slice(name.as_bytes());
        }
    }
    match base {
        ESCAPE => text.extend_from_slice(b"ESC"),
        _ if tab_is_control_i => text.push(b'i'),
        9 => text.extend_from_slice(b"TAB"),
        13 => text.extend_from_slice(b"RET"),
        1..=26 => text.push(base as u8 + 96),
        0..=31 => text.push(base as u8 + 64),
        32 => text.extend_from_slice(b"SPC"),
        127 => text.extend_from_slice(b"DEL"),
        _ => push_char(text, base as u32),
    }
}

/// How many bytes of a name are modifiers: `C-M-f1` begins with four.  Two bytes at least are left.
fn modifiers_of_name(name: &[u8]) -> usize {
    let mut end = 0;
    while name.len() > end + 3 && MODIFIERS.iter().any(|(_, text)| name[end..].starts_with(text.as_bytes())) {
        end += 2;
    }
    end
}

/// What a list that stands for a key says.
enum Event<'ob> {
    Char(i64),
    /// The name of a symbol.
    Name(Vec<u8>),
    Other(Object<'ob>),
}

/// The key of a list of modifiers and what they modify (`event-convert-list`); of another event it is the head.
fn event_of_list<'ob>(list: Cons<'ob>, cx: &'ob Context) -> Result<Event<'ob>, Throw> {
    let is_name = |head: Object<'ob>, names: &[&str]| {
        let name = head.as_symbol().map(|symbol| symbol.name(cx).bytes());
        name.is_some_and(|name| names.iter().any(|known| known.as_bytes() == name))
    };
    let mut walk = tails(list.into());
    let elements: Vec<Object<'ob>> = walk.by_ref().map(|cell| cell.car()).collect();
    let are_keys = elements.iter().all(|element| element.as_symbol().is_some() || element.as_fixnum().is_some());
    if !are_keys || !walk.end().is_nil() || is_name(list.car(), &PLACES) {
        return Ok(Event::Other(list.car()));
    }
    let (mut modifiers, mut base) = (0, NIL);
    for (i, &element) in elements.iter().enumerate() {
        let modifier = MODIFIER_NAMES.iter().find(|(names, _)| is_name(element, names));
        match modifier.filter(|_| i + 1 < elements.len()) {
            Some((_, bit)) => modifiers |= bit,
            None if !base.is_nil() => return Err(error("Two bases given in one event", cx)),
            None => base = element,
        }
    }
    let name = base.as_symbol().map_or(&b""[..], |symbol| symbol.name(cx).bytes());
    let is_one = base.as_symbol().is_some_and(|symbol| symbol.name(cx).chars() == 1);
    let Some(char) = base.as_fixnum().or_else(|| name.first().filter(|_| is_one).map(|&first| i64::from(first))) else {
        let set = MODIFIERS.iter().chain(&BUTTON_PREFIXES).filter(|(bit, _)| modifiers & bit != 0);
        let mut text: Vec<u8> = set.flat_map(|(_, text)| text.bytes()).collect();
        text.extend_from_slice(name);
        return Ok(Event::Name(text));
    };
    Ok(Event::Char(modified_char(char, modifiers)))
}

/// A character with modifiers, as its own capital or control character where it has one.
fn modified_char(mut char: i64, mut modifiers: i64) -> i64 {
    if modifiers & SHIFT != 0 && (97..=122).contains(&char) {
        char -= 32;
        modifiers &= !SHIFT;
    }
    if modifiers & CONTROL == 0 {
        return char | modifiers;
    }
    let control = match char {
        65..=90 => (char - 64) | SHIFT,
        64 | 91..=95 => char - 64,
        97..=122 => char - 96,
        0..32 => char,
        _ => char | CONTROL,
    };
    control | modifiers & !CONTROL
}

/// Return the words for the key KEY.
/// The name of a key that is no character is between angle brackets unless NO-ANGLES.
#[defun(min = 1)]
fn single_key_description<'ob>(key: Object<'ob>, no_angles: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let event = match key.as_cons() {
        Some(list) => event_of_list(list, cx)?,
        None => Event::Other(key),
    };
    let event = match event {
        Event::Other(head) => match head.untag() {
            Kind::Fixnum(char) => Event::Char(char),
            Kind::Symbol(symbol) if !no_angles.is_nil() => {
                let name = symbol.name(cx);
                return Ok(cx.string(name.bytes(), name.chars(), name.is_multibyte()).into());
            }
            Kind::Symbol(symbol) => Event::Name(symbol.name(cx).bytes().to_vec()),
            _ => Event::Other(head),
        },
        converted => converted,
    };
    let mut text = Vec::new();
    match event {
        Event::Char(char) => describe_char(char, &mut text),
        Event::Name(name) if !no_angles.is_nil() => text = name,
        Event::Name(name) => {
            let (modifiers, rest) = name.split_at(modifiers_of_name(&name));
            text.extend_from_slice(modifiers);
            text.push(b'<');
            text.extend_from_slice(rest);
            text.push(b'>');
        }
        Event::Other(head) if head.as_string().is_some() => return substring(head, None, None, cx),
        Event::Other(_) => return Err(error("KEY must be an integer, cons, symbol, or string", cx)),
    }
    Ok(from_text(&text, cx).into())
}

/// Put the elements of a sequence of keys behind `keys`; those of a string have their meta bit moved.
fn push_keys<'ob>(sequence: Object<'ob>, keys: &mut Vec<Object<'ob>>, cx: &Context) -> Result<(), Throw> {
    if let Some(string) = sequence.as_string() {
        for char in tenure_vm::string::string_chars(string) {
            let is_meta = (0x80..0x100).contains(&char);
            keys.push(Object::fixnum(if is_meta { i64::from(char & 0x7f) | META } else { i64::from(char) }));
        }
        return Ok(());
    }
    if let Some(vector) = sequence.as_vector() {
        keys.extend((0..vector.len()).filter_map(|i| vector.get(i)));
        return Ok(());
    }
    if sequence.is_nil() {
        return Ok(());
    }
    if sequence.as_cons().is_none() {
        let expected = match sequence.untag() {
            // What has a length, but no elements that could be keys.
            Kind::CharTable(_) | Kind::BoolVector(_) | Kind::Record(_) | Kind::ByteCode(_) | Kind::Closure(_) => {
                sym::ARRAYP
            }
            _ => sym::SEQUENCEP,
        };
        return Err(wrong_type(expected, sequence, cx));
    }
    keys.extend(tails(sequence).map(|cell| cell.car()));
    Ok(())
}

/// Return the words for the sequence of keys KEYS behind PREFIX.
#[defun(min = 1)]
fn key_description(keys: Root<'_>, prefix: Root<'_>, cx: &mut Context) -> CallResult {
    let scope = cx.scope();
    for sequence in [prefix, keys] {
        if sequence.get(cx).as_cons().is_some() {
            // It must have an end.
            funcall!(cx, symbol("length", cx), sequence.get(cx))?.get(cx);
        }
    }
    let mut all = Vec::new();
    push_keys(prefix.get(cx), &mut all, cx)?;
    push_keys(keys.get(cx), &mut all, cx)?;
    let all = scope.root(cx.list(&all));
    let mut words: Vec<u8> = Vec::new();
    // Descriptions with text properties keep them.
    let propertied = cx.root_vec();
    let mut places = Vec::new();
    let mut meta = false;
    let separate = |words: &mut Vec<u8>| {
        if !words.is_empty() {
            words.push(b' ');
        }
    };
    while let Some(cell) = all.get(cx).as_cons() {
        let mut key = cell.car();
        all.set(cx, cell.cdr());
        let char = key.as_fixnum();
        if std::mem::take(&mut meta) {
            match char {
                Some(char) if char != ESCAPE && char & META == 0 => key = Object::fixnum(char | META),
                _ => {
                    separate(&mut words);
                    words.extend_from_slice(b"ESC");
                    if char == Some(ESCAPE) {
                        meta = true;
                        continue;
                    }
                }
            }
        } else if char == Some(ESCAPE) {
            meta = true;
            continue;
        }
        let described = funcall!(cx, symbol("single-key-description", cx), key, NIL)?.get(cx);
        separate(&mut words);
        let described = Str::from_lisp(described, cx)?;
        if !described.intervals().is_nil() {
            propertied.push(cx, described.into());
            places.push(tenure_vm::character::chars(&words).count());
        }
        tenure_vm::string::push_multibyte(&mut words, described);
    }
    if meta {
        separate(&mut words);
        words.extend_from_slice(b"ESC");
    }
    let text = from_text(&words, cx);
    for (i, &place) in places.iter().enumerate() {
        if let Some(described) = propertied.get(cx, i).as_string() {
            textprop::copy(described, 0..described.chars(), text, place, cx);
        }
    }
    Ok(cx.ret(text.into()))
}

/// Return the words for CHARACTER as it stands in a text: a control character is written with `^`.
#[defun]
fn text_char_description<'ob>(character: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let char = character.as_fixnum().filter(|c| (0..=MAX_CHAR).contains(c));
    let char = char.ok_or_else(|| wrong_type(sym::CHARACTERP, character, cx))?;
    let mut text = Vec::new();
    match char {
        0..=31 => text.extend_from_slice(&[b'^', char as u8 + 64]),
        127 => text.extend_from_slice(b"^?"),
        _ => push_char(&mut text, char as u32),
    }
    Ok(from_text(&text, cx).into())
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![single_key_description, key_description, text_char_description];
