//! Searching in strings, and match data (`search.c`).
//!
//! What a search for a regular expression found is noted until the next one.  There are no buffers, so all of it is
//! positions in strings.

use crate::regex::{Outcome, Regex, Tables};
use crate::state::LispState;
use num_traits::Signed as _;
use std::rc::Rc;
use tenure_gc::{
    Context, Kind, LispResult, MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM, NIL, Object, Str, SubrInfo, Throw,
};
use tenure_vm::character::{self, byte_index, count};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{args_out_of_range, error, signal, wrong_type};
use tenure_vm::fns::sequence::elements;
use tenure_vm::lread::setting;
use tenure_vm::number::bignum_value;
use tenure_vm::string::push_multibyte;
use tenure_vm::syntax::Syntax;
use tenure_vm::{casefiddle, defun, eval, string, subrs, sym};

/// How many compiled patterns are kept, as in Emacs.
const KEPT: usize = 20;

/// A pattern that was compiled.
pub(crate) struct Compiled {
    pattern: Vec<u8>,
    folds: bool,
    /// What spaces stood for.
    spaces: Option<Vec<u8>>,
    regex: Rc<Regex>,
}

/// Positions in characters, of the match and its groups.
pub(crate) type MatchData = Vec<Option<(i64, i64)>>;

/// The compiled form of a pattern in the internal encoding.
fn compile(pattern: &[u8], folds: bool, cx: &Context) -> Result<Rc<Regex>, Throw> {
    let spaces = setting(sym::SEARCH_SPACES_REGEXP, cx).as_string().map(text_of);
    let spaces = spaces.as_deref();
    let mut kept = LispState::of(cx).patterns.borrow_mut();
    let is_same = |p: &Compiled| p.folds == folds && p.pattern == pattern && p.spaces.as_deref() == spaces;
    if let Some(i) = kept.iter().position(is_same) {
        kept[..=i].rotate_right(1);
        return Ok(kept[0].regex.clone());
    }
    let compiled = Regex::compile(pattern, folds, spaces);
    let regex =
        Rc::new(compiled.map_err(|reason| signal(sym::INVALID_REGEXP, &[cx.string_from_str(reason).into()], cx))?);
    kept.insert(
        0,
        Compiled { pattern: pattern.to_vec(), folds, spaces: spaces.map(<[u8]>::to_vec), regex: regex.clone() },
    );
    kept.truncate(KEPT);
    Ok(regex)
}

/// The text of a string in the internal encoding.
fn text_of<'ob>(string: Str<'ob>) -> std::borrow::Cow<'ob, [u8]> {
    if string.is_multibyte() || string.bytes().is_ascii() {
        return string.bytes().into();
    }
    let mut text = Vec::with_capacity(string.len_bytes() * 2);
    push_multibyte(&mut text, string);
    text.into()
}

fn search<'ob>(
    regexp: Object<'ob>,
    string: Object<'ob>,
    start: Option<Object<'ob>>,
    longest: bool,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let Some(pattern) = regexp.as_string() else { return Err(wrong_type(sym::STRINGP, regexp, cx)) };
    let Some(string) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let from = match start.map(|s| (s, s.as_fixnum())) {
        None => 0,
        Some((s, None)) => return Err(wrong_type(sym::FIXNUMP, s, cx)),
        Some((s, Some(n))) => {
            let length = string.chars() as i64;
            let from = if n < 0 { n + length } else { n };
            if !(0..=length).contains(&from) {
                return Err(args_out_of_range(string.into(), s, cx));
            }
            from as usize
        }
    };
    let folds = !setting(sym::CASE_FOLD_SEARCH, cx).is_nil();
    let regex = compile(&text_of(pattern), folds, cx)?;
    let text = text_of(string);
    let plain = text.len() == string.chars();
    let first = if plain { from } else { byte_index(&text, from) };
    let stop = || eval::is_quitting(cx);
    let mut scratch = LispState::of(cx).scratch.borrow_mut();
    match regex.search(&text, first, longest, Tables::current(!string.is_multibyte(), cx), &stop, &mut scratch) {
        Outcome::NotFound => Ok(NIL),
        Outcome::Overflow => Err(error("Stack overflow in regexp matcher", cx)),
        Outcome::Stopped => Err(eval::quit(cx)),
        Outcome::Found => {
            let index = |at: usize| if plain { at as i64 } else { count(&text[..at]) as i64 };
            let mut found = scratch.groups().map(|g| g.map(|(a, b)| (index(a), index(b)))).peekable();
            let at = found.peek().copied().flatten().map_or(0, |(start, _)| start);
            if setting(sym::INHIBIT_CHANGING_MATCH_DATA, cx).is_nil() {
                let mut data = LispState::of(cx).match_data.borrow_mut();
                data.clear();
                data.extend(found);
            }
            Ok(Object::fixnum(at))
        }
    }
}

/// Whether a pattern matches somewhere in a string; match data stay what they are.
pub(crate) fn matches<'ob>(pattern: Str<'ob>, string: Str<'ob>, folds: bool, cx: &'ob Context) -> Result<bool, Throw> {
    let regex = compile(&text_of(pattern), folds, cx)?;
    let stop = || eval::is_quitting(cx);
    let mut scratch = LispState::of(cx).scratch.borrow_mut();
    match regex.search(&text_of(string), 0, false, Tables::current(!string.is_multibyte(), cx), &stop, &mut scratch) {
        Outcome::NotFound => Ok(false),
        Outcome::Found => Ok(true),
        Outcome::Overflow => Err(error("Stack overflow in regexp matcher", cx)),
        Outcome::Stopped => Err(eval::quit(cx)),
    }
}

/// Return the index of the first match for REGEXP in STRING, from index START on, nil if there is none.
#[defun]
fn string_match<'ob>(
    regexp: Object<'ob>,
    string: Object<'ob>,
    start: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    search(regexp, string, start, false, cx)
}

/// As `string-match`, but of the matches that begin at a place find the longest, as POSIX has it.
#[defun]
fn posix_string_match<'ob>(
    regexp: Object<'ob>,
    string: Object<'ob>,
    start: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    search(regexp, string, start, true, cx)
}

fn limit<'ob>(subexp: Object<'ob>, end: bool, cx: &'ob Context) -> LispResult<'ob> {
    let Some(n) = subexp.as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, subexp, cx)) };
    let Ok(n) = usize::try_from(n) else { return Err(args_out_of_range(subexp, Object::fixnum(0), cx)) };
    let group = LispState::of(cx).match_data.borrow().get(n).copied().flatten();
    Ok(group.map_or(NIL, |(from, to)| Object::fixnum(if end { to } else { from })))
}

/// Return where the text begins that group SUBEXP of the last search matched, nil if it matched nothing; 0 is the whole.
#[defun]
fn match_beginning<'ob>(subexp: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    limit(subexp, false, cx)
}

/// Return where the text ends that group SUBEXP of the last search matched, nil if it matched nothing; 0 is the whole.
#[defun]
fn match_end<'ob>(subexp: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    limit(subexp, true, cx)
}

/// Return a list of where the last match and each of its groups begin and end.
/// If REUSE is a list, its conses are used.  INTEGERS and RESEAT do not matter where there are no buffers.
#[defun(min = 0)]
fn match_data<'ob>(
    integers: Option<Object<'ob>>,
    reuse: Option<Object<'ob>>,
    reseat: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let _ = (integers, reseat);
    let data = LispState::of(cx).match_data.borrow();
    let used = data.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
    let mut values: Vec<Object<'ob>> = Vec::with_capacity(2 * used);
    for group in &data[..used] {
        let pair = group.map_or([NIL, NIL], |(from, to)| [Object::fixnum(from), Object::fixnum(to)]);
        values.extend(pair);
    }
    let Some(first) = reuse.and_then(|r| r.as_cons()) else {
        // What is no list is ignored, but only if there is something to return.
        return Ok(cx.list(&values));
    };
    let mut cell = first;
    let mut values = values.into_iter();
    let mut seen = 0usize;
    loop {
        cell.set_car(cx, values.next().unwrap_or(NIL));
        seen += 1;
        match cell.cdr().as_cons() {
            // A circular list is long enough for anything, and would never end.
            Some(next) if next != first && seen < 1 << 20 => cell = next,
            _ => break,
        }
    }
    let rest: Vec<Object<'ob>> = values.collect();
    if !rest.is_empty() {
        cell.set_cdr(cx, cx.list(&rest));
    }
    Ok(first.into())
}

/// Make LIST, as `match-data` gives it, the match data.  RESEAT does not matter where there are no buffers.
#[defun(min = 1)]
fn set_match_data<'ob>(list: Object<'ob>, reseat: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let _ = reseat;
    if !list.is_nil() && list.as_cons().is_none() {
        return Err(wrong_type(sym::LISTP, list, cx));
    }
    let values = elements(list, cx)?;
    let mut data = MatchData::new();
    let number = |o: Object<'ob>| match o.untag() {
        Kind::Fixnum(n) => Ok(n),
        // What is no position is as near to it as can be.
        Kind::Bignum(n) => Ok(if bignum_value(n).is_negative() { MOST_NEGATIVE_FIXNUM } else { MOST_POSITIVE_FIXNUM }),
        Kind::Marker(_) => Ok(0),
        _ => Err(wrong_type(sym::INTEGER_OR_MARKER_P, o, cx)),
    };
    for pair in values.chunks(2) {
        // A buffer ends the list, and a nil is a group that matched nothing.
        if pair[0].as_buffer().is_some() {
            break;
        }
        match pair {
            [from, to] if !from.is_nil() => {
                let group = (number(*from)?, number(*to)?);
                data.push(Some(group).filter(|&(from, _)| from >= 0));
            }
            [_, _] => data.push(None),
            // What has no end is left out.
            _ => {}
        }
    }
    *LispState::of(cx).match_data.borrow_mut() = data;
    Ok(NIL)
}

/// Add N to all positions of the match data.
#[defun(name = "match-data--translate")]
fn match_data_translate<'ob>(n: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(n) = n.as_fixnum() else { return Err(wrong_type(sym::FIXNUMP, n, cx)) };
    for group in LispState::of(cx).match_data.borrow_mut().iter_mut() {
        *group = group.map(|(from, to)| ((from + n).max(0), (to + n).max(0)));
    }
    Ok(NIL)
}

/// Return a regular expression that matches STRING and nothing else.
#[defun]
fn regexp_quote<'ob>(string: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
    let special = |b: u8| b"[*.\\?+^$".contains(&b);
    if !string.bytes().iter().any(|&b| special(b)) {
        return string;
    }
    let mut text = Vec::with_capacity(string.len_bytes() + 8);
    let mut added = 0;
    for &b in string.bytes() {
        if special(b) {
            text.push(b'\\');
            added += 1;
        }
        text.push(b);
    }
    cx.string(&text, string.chars() + added, string.is_multibyte())
}

/// What happens to the letters of a replacement.
#[derive(Clone, Copy, PartialEq)]
enum Adapt {
    Nothing,
    AllCaps,
    Capitals,
}

/// What the text that is replaced asks of its replacement.
fn adaptation(text: &[u8], syntax: Syntax<'_>) -> Adapt {
    let (mut previous, mut multiletter, mut lowercase, mut uppercase) = (u32::from(b'\n'), false, false, false);
    let mut small_initial = false;
    let is_word = |c: u32| syntax.class(c) == tenure_vm::syntax::Class::Word;
    for c in character::chars(text) {
        let upper = casefiddle::downcase_char(c) != c;
        let lower = !upper && casefiddle::upcase_char(c) != c;
        if lower {
            lowercase = true;
            if is_word(previous) { multiletter = true } else { small_initial = true }
        } else if upper {
            uppercase = true;
            if is_word(previous) {
                multiletter = true;
            }
        } else if !is_word(previous) {
            small_initial = true;
        }
        previous = c;
    }
    if !lowercase && multiletter {
        Adapt::AllCaps
    } else if !small_initial && multiletter {
        Adapt::Capitals
    } else if !small_initial && uppercase {
        Adapt::AllCaps
    } else {
        Adapt::Nothing
    }
}

/// Return a copy of STRING in which NEWTEXT stands for what group SUBEXP of the last search matched.
/// In NEWTEXT `\\&' is the whole match, `\\N' group N, `\\\\' a backslash and `\\?' itself, unless LITERAL is non-nil.
/// Unless FIXEDCASE is non-nil the letters of NEWTEXT follow those replaced.
///
/// Emacs: without STRING the text of the buffer is changed.
#[defun(min = 1)]
fn replace_match<'ob>(
    newtext: Object<'ob>,
    fixedcase: Option<Object<'ob>>,
    literal: Option<Object<'ob>>,
    string: Option<Object<'ob>>,
    subexp: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let Some(new) = newtext.as_string() else { return Err(wrong_type(sym::STRINGP, newtext, cx)) };
    let Some(string) = string else { return Err(error("There is no buffer to replace text in", cx)) };
    let Some(source) = string.as_string() else { return Err(wrong_type(sym::STRINGP, string, cx)) };
    let data = LispState::of(cx).match_data.borrow().clone();
    let group = match subexp {
        None => 0,
        Some(n) => match n.as_fixnum() {
            None => return Err(wrong_type(sym::FIXNUMP, n, cx)),
            Some(i) => match usize::try_from(i).ok().filter(|&i| i < data.len().max(1)) {
                Some(i) => i,
                None => {
                    let last = Object::fixnum((data.len() as i64 - 1).max(0));
                    return Err(signal(sym::ARGS_OUT_OF_RANGE, &[n, Object::fixnum(0), last], cx));
                }
            },
        },
    };
    let length = source.chars() as i64;
    let place = |group: usize| data.get(group).copied().flatten();
    let Some((from, to)) = place(group) else {
        if group == 0 {
            return Err(args_out_of_range(Object::fixnum(-1), Object::fixnum(-1), cx));
        }
        return Err(signal(
            sym::ERROR,
            &[cx.string_from_str("replace-match subexpression does not exist").into(), subexp.unwrap_or(NIL)],
            cx,
        ));
    };
    if from < 0 || from > to || to > length {
        return Err(args_out_of_range(Object::fixnum(from), Object::fixnum(to), cx));
    }
    let text = text_of(source);
    let slice = |from: i64, to: i64| {
        let start = byte_index(&text, from.max(0) as usize);
        let end = start + byte_index(&text[start..], (to - from).max(0) as usize);
        &text[start..end]
    };
    let adapt = match fixedcase {
        None => adaptation(slice(from, to), Syntax::current(cx)),
        Some(_) => Adapt::Nothing,
    };
    let replacement = text_of(new);
    let cut = |string: Str<'ob>, from: i64, to: i64| {
        string::substring(string.into(), Some(Object::fixnum(from)), Some(Object::fixnum(to)), cx)
    };
    // Parts of NEWTEXT and of STRING, with their properties; where the next of NEWTEXT begins.
    let (mut pieces, mut done) = (Vec::new(), 0);
    if literal.is_none() && replacement.contains(&b'\\') {
        let mut characters = (0i64..).zip(character::chars(&replacement));
        while let Some((i, c)) = characters.next() {
            if c != u32::from(b'\\') {
                continue;
            }
            let Some((_, c)) = characters.next() else {
                return Err(error("Invalid use of ‘\\’ in replacement text", cx));
            };
            match u8::try_from(c) {
                Ok(b'&') => pieces.extend([cut(new, done, i)?, cut(source, from, to)?]),
                Ok(digit @ b'1'..=b'9') => {
                    pieces.push(cut(new, done, i)?);
                    if let Some((from, to)) = place(usize::from(digit - b'0')) {
                        if from < 0 || to > length || from > to {
                            return Err(args_out_of_range(Object::fixnum(from), Object::fixnum(to), cx));
                        }
                        pieces.push(cut(source, from, to)?);
                    }
                }
                Ok(b'\\') => pieces.push(cut(new, done, i + 1)?),
                Ok(b'?') => continue,
                _ => return Err(error("Invalid use of ‘\\’ in replacement text", cx)),
            }
            done = i + 2;
        }
    }
    let middle = if pieces.is_empty() {
        new
    } else {
        pieces.push(cut(new, done, new.chars() as i64)?);
        let joined = string::concat_all(&pieces, cx)?;
        Str::from_lisp(joined, cx)?
    };
    let middle = match adapt {
        Adapt::Nothing => middle,
        Adapt::AllCaps => casefiddle::upcase_string(middle, cx),
        Adapt::Capitals => casefiddle::upcase_initials_string(middle, cx),
    };
    string::concat_all(&[cut(source, 0, from)?, middle.into(), cut(source, to, length)?], cx)
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    string_match,
    posix_string_match,
    match_beginning,
    match_end,
    match_data,
    set_match_data,
    match_data_translate,
    regexp_quote,
    replace_match,
];
