//! The words for a condition and its data (`print_error_message`).

use super::print_to_text;
use tenure_gc::{Context, Kind, NIL, Object, Symbol, Throw};
use tenure_vm::error::wrong_type;
use tenure_vm::string::push_multibyte;
use tenure_vm::sym;

/// A property of a symbol.
fn property<'ob>(symbol: Symbol<'ob>, name: Object<'static>, cx: &'ob Context) -> Object<'ob> {
    let mut rest = symbol.plist(cx);
    while let Some(key) = rest.as_cons() {
        let Some(value) = key.cdr().as_cons() else { break };
        if key.car() == name {
            return value.car();
        }
        rest = value.cdr();
    }
    NIL
}

/// The text that reports `error`, a condition and its data, in the internal encoding.
pub fn error_message<'ob>(error: Object<'ob>, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    let (condition, mut data) = match error.untag() {
        Kind::Cons(c) => (c.car(), c.cdr()),
        _ if error.is_nil() => (NIL, NIL),
        _ => return Err(wrong_type(sym::LISTP, error, cx)),
    };
    let Some(symbol) = condition.as_symbol() else { return Err(wrong_type(sym::SYMBOLP, condition, cx)) };
    let mut message;
    let mut file_error = false;
    if condition == sym::ERROR {
        message = data.as_cons().map_or(NIL, |c| c.car());
        data = data.as_cons().map_or(NIL, |c| c.cdr());
    } else {
        message = property(symbol, sym::ERROR_MESSAGE, cx);
        let mut conditions = property(symbol, sym::ERROR_CONDITIONS, cx);
        while let Some(c) = conditions.as_cons() {
            file_error |= c.car() == sym::FILE_ERROR;
            conditions = c.cdr();
        }
        if file_error && let Some(c) = data.as_cons() {
            message = c.car();
            data = c.cdr();
        }
    }
    let mut text = Vec::new();
    let mut separator = Some(": ");
    match message.as_string() {
        None => text.extend_from_slice(b"peculiar error"),
        Some(message) if message.chars() > 0 => {
            let mut words = Vec::new();
            push_multibyte(&mut words, message);
            text = crate::editfns::curved_quotes(&words, cx);
        }
        Some(_) => separator = None,
    }
    let plain = file_error || condition == sym::END_OF_FILE || condition == sym::USER_ERROR;
    // A circular list of data ends where it begins to repeat.
    for datum in tenure_vm::tails::tails(data).map(|c| c.car()) {
        if let Some(separator) = separator {
            text.extend_from_slice(separator.as_bytes());
        }
        separator = Some(", ");
        text.extend(print_to_text(datum, !plain, cx)?);
    }
    Ok(text)
}
