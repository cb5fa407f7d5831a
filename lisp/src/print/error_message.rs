//! The words for a condition and its data (`print_error_message`).

use super::print_to_text;
use tenure_gc::{Context, Kind, NIL, Object, Throw};
use tenure_vm::error::wrong_type;
use tenure_vm::fns::plist::get_eq;
use tenure_vm::string::push_multibyte;
use tenure_vm::sym;
use tenure_vm::tails::tails;

/// The text that reports `error`, a condition and its data, in the internal encoding.
pub fn error_message<'ob>(error: Object<'ob>, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    let (condition, mut data) = match error.untag() {
        Kind::Cons(c) => (c.car(), c.cdr()),
        _ if error.is_nil() => (NIL, NIL),
        _ => return Err(wrong_type(sym::LISTP, error, cx)),
    };
    let Some(symbol) = condition.as_symbol() else { return Err(wrong_type(sym::SYMBOLP, condition, cx)) };
    let mut message;
    let file_error;
    if condition == sym::ERROR {
        file_error = false;
        message = data.as_cons().map_or(NIL, |c| c.car());
        data = data.as_cons().map_or(NIL, |c| c.cdr());
    } else {
        message = get_eq(symbol.plist(cx), sym::ERROR_MESSAGE);
        file_error = tails(get_eq(symbol.plist(cx), sym::ERROR_CONDITIONS)).any(|c| c.car() == sym::FILE_ERROR);
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
    for datum in tails(data).map(|c| c.car()) {
        if let Some(separator) = separator {
            text.extend_from_slice(separator.as_bytes());
        }
        separator = Some(", ");
        text.extend(print_to_text(datum, !plain, cx)?);
    }
    Ok(text)
}
