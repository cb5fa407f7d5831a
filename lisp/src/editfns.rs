//! `format` and what is made of it: `format-message`, `message` (`editfns.c`).
//!
//! A directive is `%`, a field number, flags, width, precision and a conversion; widths and precisions of text count
//! columns.  The text properties of the format and of its string arguments are carried over.

mod directive;

use crate::print::{output_to_stderr, print_to_text};
use directive::{Directive, Flags};
use std::borrow::Cow;
use std::io::Write as _;
use std::ops::Range;
use tenure_gc::{Context, Kind, LispResult, Object, Slots, Str, SubrInfo, T, Throw};
use tenure_vm::character::{self, count, push_char, raw_byte};
use tenure_vm::error::{error, wrong_type};
use tenure_vm::lread::{setting, setting_of};
use tenure_vm::string::{character_arg, push_multibyte};
use tenure_vm::{defun, subrs, sym, textprop};

/// The most columns of a field.
const WIDEST: usize = 1 << 30;

/// A string argument that was put in the result as it is.
struct Inserted<'ob> {
    source: Str<'ob>,
    /// Where it begins, and where the padding behind it ends.
    start: usize,
    end: usize,
}

/// The result of a format.
struct Formatted<'ob> {
    text: Vec<u8>,
    multibyte: bool,
    /// Whether the format has text properties.
    propertied: bool,
    inserted: Vec<Inserted<'ob>>,
    /// For each directive its range in the format and in the result, in characters.
    moves: Vec<(Range<usize>, Range<usize>)>,
}

/// Format `arguments` by the directives in `template`, which is the text of `format`, with quotes made `curved` or not.
fn format_text<'ob>(
    format: Str<'ob>,
    template: &[u8],
    arguments: Slots<'ob>,
    curved: bool,
    cx: &'ob Context,
) -> Result<Formatted<'ob>, Throw> {
    let mut out = Formatted {
        text: Vec::with_capacity(template.len() + 16),
        multibyte: format.is_multibyte() || curved,
        propertied: !format.intervals().is_nil(),
        inserted: Vec::new(),
        moves: Vec::new(),
    };
    let track = out.propertied || arguments.iter().any(|a| a.as_string().is_some_and(|s| !s.intervals().is_nil()));
    // The arguments are counted from the format on, as in Emacs.
    let (mut at, mut next) = (0, 1);
    while at < template.len() {
        let plain = memchr::memchr(b'%', &template[at..]).unwrap_or(template.len() - at);
        out.text.extend_from_slice(&template[at..at + plain]);
        at += plain;
        if at == template.len() {
            break;
        }
        let start = at;
        let directive = directive::parse(&template[at + 1..], cx)?;
        at += 1 + directive.length;
        if directive.conversion == b'%' {
            if track {
                // What is before the last `%` goes away, and that stays.
                let (source, to) = (count(&template[..start]), count(&out.text));
                out.moves.push((source..source + directive.length, to..to));
            }
            out.text.push(b'%');
            next = directive.field.unwrap_or(next);
            continue;
        }
        let number = directive.field.unwrap_or(next);
        let argument = match number.checked_sub(1) {
            None => format.into(),
            Some(i) if i < arguments.len() => arguments.get(i),
            Some(_) => return Err(error("Not enough arguments for format string", cx)),
        };
        next = number + 1;
        if let Some(c) = directive.unknown {
            return Err(error(&format!("Invalid format operation %{c}"), cx));
        }
        let from = if track { count(&out.text) } else { 0 };
        out.put(argument, &directive, from, track, cx)?;
        if track {
            let source = count(&template[..start])..count(&template[..at]);
            let to = count(&out.text);
            out.moves.push((source, from..to));
        }
        if out.text.len() > WIDEST {
            return Err(error("Maximum string size exceeded", cx));
        }
    }
    Ok(out)
}

impl<'ob> Formatted<'ob> {
    fn put(
        &mut self,
        argument: Object<'ob>,
        directive: &Directive,
        from: usize,
        track: bool,
        cx: &'ob Context,
    ) -> Result<(), Throw> {
        let mismatch = || error("Format specifier doesn\u{2019}t match argument type", cx);
        if directive.is_plain() && !track {
            // What most directives are, without a copy of the text.
            match (directive.conversion, argument.untag()) {
                (b'd' | b'i', Kind::Fixnum(n)) => {
                    // Writing to a vector does not fail.
                    _ = write!(self.text, "{n}");
                    return Ok(());
                }
                (b's', Kind::String(s)) => {
                    push_multibyte(&mut self.text, s);
                    self.multibyte |= s.is_multibyte();
                    return Ok(());
                }
                _ => {}
            }
        }
        tenure_vm::alloc::reserve(directive.width.max(directive.precision.unwrap_or(0)), cx)?;
        match directive.conversion {
            b's' | b'S' => self.put_text(argument, directive, from, track, cx),
            b'c' => match argument.untag() {
                // A symbol is printed, as Emacs does.
                Kind::Fixnum(_) => {
                    let c = character_arg(argument, cx)?;
                    let mut text = Vec::new();
                    push_char(&mut text, c);
                    self.multibyte |= !text.is_ascii();
                    // A character of ASCII counts for one column whatever it is.
                    let mut width = if c < 0x80 { 1 } else { character_columns(c) };
                    let limit = directive.precision.unwrap_or(usize::MAX);
                    if width > limit || limit == 0 {
                        (text, width) = (Vec::new(), 0);
                    }
                    let padding = directive.width.saturating_sub(width);
                    self.pad(&text, padding, directive.flags);
                    Ok(())
                }
                Kind::Symbol(_) if !argument.is_nil() && argument != T => {
                    self.put_text(argument, directive, from, track, cx)
                }
                _ => Err(mismatch()),
            },
            b'd' | b'i' | b'o' | b'x' | b'X' => {
                if let Kind::Float(x) = argument.untag()
                    && !x.value().is_finite()
                {
                    if !matches!(directive.conversion, b'd' | b'i') {
                        return Err(tenure_vm::error::signal(cx.intern("overflow-error").into(), &[], cx));
                    }
                    let text = directive::float_field(argument, directive).ok_or_else(mismatch)?;
                    self.text.extend_from_slice(text.as_bytes());
                    return Ok(());
                }
                let text = directive::integer_text(argument, directive).ok_or_else(mismatch)?;
                self.text.extend_from_slice(text.as_bytes());
                Ok(())
            }
            _ => {
                let text = directive::float_field(argument, directive).ok_or_else(mismatch)?;
                self.text.extend_from_slice(text.as_bytes());
                Ok(())
            }
        }
    }

    fn put_text(
        &mut self,
        argument: Object<'ob>,
        directive: &Directive,
        from: usize,
        track: bool,
        cx: &'ob Context,
    ) -> Result<(), Throw> {
        let source = argument.as_string().filter(|_| directive.conversion == b's');
        let mut text = Vec::new();
        match (source, argument.as_symbol()) {
            (Some(s), _) => {
                push_multibyte(&mut text, s);
                self.multibyte |= s.is_multibyte();
            }
            (_, Some(symbol)) if directive.conversion != b'S' => {
                push_multibyte(&mut text, symbol.name(cx));
                self.multibyte |= symbol.name(cx).is_multibyte();
            }
            _ => {
                text = print_to_text(argument, directive.conversion == b'S', cx)?;
                self.multibyte |= !text.is_ascii();
            }
        }
        let mut width = 0;
        if directive.precision.is_some() || directive.width > 0 {
            let limit = directive.precision.unwrap_or(usize::MAX);
            let mut end = 0;
            while end < text.len() {
                let (c, len) = character::decode(&text[end..]);
                // A byte of a unibyte string is as wide as the character of its number.
                let byte = raw_byte(c).filter(|_| source.is_some_and(|s| !s.is_multibyte()));
                let more = character_columns(byte.map_or(c, u32::from));
                if width + more > limit {
                    break;
                }
                width += more;
                end += len;
            }
            text.truncate(end);
        }
        let padding = directive.width.saturating_sub(width);
        self.pad(&text, padding, directive.flags);
        if let Some(source) = source.filter(|s| track && !s.intervals().is_nil()) {
            let taken = count(&text);
            // Padding belongs to what a format with properties puts in.
            let start = if directive.flags.minus || self.propertied { from } else { from + padding };
            self.inserted.push(Inserted { source, start, end: from + padding + taken });
        }
        Ok(())
    }

    fn pad(&mut self, text: &[u8], padding: usize, flags: Flags) {
        if flags.minus {
            self.text.extend_from_slice(text);
        }
        self.text.resize(self.text.len() + padding, b' ');
        if !flags.minus {
            self.text.extend_from_slice(text);
        }
    }

    fn into_string(self, format: Str<'ob>, cx: &'ob Context) -> Str<'ob> {
        let string = if self.text.is_ascii() {
            cx.string(&self.text, self.text.len(), self.multibyte)
        } else if self.multibyte {
            cx.string(&self.text, count(&self.text), true)
        } else {
            let bytes: Vec<u8> = character::chars(&self.text).map(|c| raw_byte(c).unwrap_or(c as u8)).collect();
            cx.string(&bytes, bytes.len(), false)
        };
        for i in textprop::intervals(format) {
            let (from, to) = (self.moved(i.from), self.moved(i.to));
            if from < to {
                textprop::add(string, from..to, i.plist, cx);
            }
        }
        for inserted in &self.inserted {
            for i in textprop::intervals(inserted.source) {
                // Properties that reach the end of the text cover the padding there too.
                let (from, to) = (inserted.start + i.from, inserted.start + i.to);
                let end = if i.to == inserted.source.chars() { inserted.end } else { to.min(inserted.end) };
                if from < end {
                    textprop::add(string, from..end, i.plist, cx);
                }
            }
        }
        string
    }

    /// Where a position of the format is in the result: behind what a directive made, if it is inside that directive.
    fn moved(&self, position: usize) -> usize {
        let mut shift = 0i64;
        for (source, target) in &self.moves {
            if position >= source.end {
                shift = target.end as i64 - source.end as i64;
            } else if position > source.start {
                return target.end;
            }
        }
        (position as i64 + shift).max(0) as usize
    }
}

fn character_columns(c: u32) -> usize {
    match c {
        0x0A => 0,
        0x09 => 8,
        0..0x20 | 0x7F => 2,
        0x80..0xA0 => 4,
        _ => character::width(c),
    }
}

/// The quotes of a message as `text-quoting-style` wants them: curved unless it says otherwise.
pub fn curved_quotes(text: &[u8], cx: &Context) -> Vec<u8> {
    let style = setting(sym::TEXT_QUOTING_STYLE, cx);
    if style == sym::GRAVE || !text.iter().any(|b| matches!(b, b'`' | b'\'')) {
        return text.to_vec();
    }
    let (open, close) = if style == sym::STRAIGHT { ("'", "'") } else { ("\u{2018}", "\u{2019}") };
    let mut out = Vec::with_capacity(text.len() + 8);
    for &b in text {
        match b {
            b'`' => out.extend_from_slice(open.as_bytes()),
            b'\'' => out.extend_from_slice(close.as_bytes()),
            _ => out.push(b),
        }
    }
    out
}

fn format_arguments<'ob>(
    format: Object<'ob>,
    arguments: Slots<'ob>,
    message: bool,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let Some(format) = format.as_string() else { return Err(wrong_type(sym::STRINGP, format, cx)) };
    let mut template: Cow<'_, [u8]> = format.bytes().into();
    if !template.is_ascii() {
        let mut text = Vec::new();
        push_multibyte(&mut text, format);
        template = text.into();
    }
    let mut curved = false;
    if message {
        let quoted = curved_quotes(&template, cx);
        curved = quoted.len() > template.len();
        template = quoted.into();
    }
    match template.as_ref() {
        // A text without directives is its own result, and so is the text of an argument that is all there is.
        text if text == format.bytes() && !text.contains(&b'%') => return Ok(format),
        b"%s" if !arguments.is_empty() && format.intervals().is_nil() => {
            let text = match arguments.get(0).untag() {
                Kind::String(s) => Some(s),
                Kind::Symbol(s) => Some(s.name(cx)),
                _ => None,
            };
            if let Some(text) = text {
                return Ok(text);
            }
        }
        _ => {}
    }
    Ok(format_text(format, &template, arguments, curved, cx)?.into_string(format, cx))
}

/// Format OBJECTS by the directives in STRING.
#[defun(min = 1)]
fn format<'ob>(string: Object<'ob>, objects: Slots<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    format_arguments(string, objects, false, cx)
}

/// As `format`, with the quotes in STRING as `text-quoting-style` wants them.
#[defun(min = 1)]
fn format_message<'ob>(string: Object<'ob>, objects: Slots<'ob>, cx: &'ob Context) -> Result<Str<'ob>, Throw> {
    format_arguments(string, objects, true, cx)
}

/// Write a message, formatted as by `format-message`, to the standard error output, and return it.
///
/// FORMAT-STRING nil or empty writes an empty line.
#[defun(min = 1)]
fn message<'ob>(format_string: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let inhibited = !setting_of(cx.intern("inhibit-message"), cx).is_nil();
    if !inhibited {
        crate::emacs::begin_line(cx);
    }
    let empty = format_string.is_nil() || format_string.as_string().is_some_and(|s| s.len_bytes() == 0);
    if empty {
        if !inhibited {
            output_to_stderr(b"\n");
        }
        return Ok(format_string);
    }
    let text = format_arguments(format_string, args, true, cx)?;
    if !inhibited {
        let mut line = Vec::new();
        push_multibyte(&mut line, text);
        line.push(b'\n');
        output_to_stderr(&line);
    }
    Ok(text.into())
}

/// As `message`: there is no dialog box to show it in.
fn message_of<'ob>(format_string: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if format_string.is_nil() {
        return Ok(format_string);
    }
    let text = format_arguments(format_string, args, true, cx)?;
    crate::emacs::begin_line(cx);
    let mut line = Vec::new();
    push_multibyte(&mut line, text);
    line.push(b'\n');
    output_to_stderr(&line);
    Ok(text.into())
}

/// Write a message where a dialog box would show it if there were one, and return it.
#[defun(min = 1)]
fn message_box<'ob>(format_string: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    message_of(format_string, args, cx)
}

/// Write a message in a dialog box or, as there is none, as `message` does, and return it.
#[defun(min = 1)]
fn message_or_box<'ob>(format_string: Object<'ob>, args: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    message_of(format_string, args, cx)
}

/// Return the message that is being shown: nil, as none stays on the standard error output.
#[defun]
fn current_message<'ob>() -> Object<'ob> {
    tenure_gc::NIL
}

/// Return the style in force for quotes in messages: `grave`, `straight` or `curve`.
#[defun]
fn text_quoting_style<'ob>(cx: &'ob Context) -> Object<'ob> {
    let style = setting(sym::TEXT_QUOTING_STYLE, cx);
    if style == sym::GRAVE || style == sym::STRAIGHT { style } else { cx.intern("curve").into() }
}

/// The primitives of this file.
pub const SUBRS: &[SubrInfo] =
    &subrs![format, format_message, message, message_box, message_or_box, current_message, text_quoting_style];
