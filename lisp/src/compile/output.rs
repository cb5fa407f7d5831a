//! How compiled forms stand in a file.
//!
//! Documentation goes into blocks `#@N` in front of its form, which refers to them by `(#$ . PLACE)`, so that it is read
//! when somebody asks for it; `byte-compile-dynamic-docstrings` says whether.  With `byte-compile-dynamic` the code of
//! functions is kept so as well.

use super::toplevel;
use crate::form::{car_safe, cdr_safe, elements, symbol};
use crate::print::print_to_text;
use tenure_gc::{ByteCode, Context, NIL, Object, Throw};
use tenure_vm::sym;

/// The slots of a byte-code function.
const CODE: usize = 1;
const CONSTANTS: usize = 2;
const DOC: usize = 4;

/// Where the documentation is in the forms that define something.
const FORM_DOC: usize = 3;

/// The byte that ends a block.
const END: u8 = 0x1f;
/// The byte that quotes others in a block.
const QUOTE: u8 = 1;

/// A form on its way to the file.
struct Writer<'a, 'ob> {
    out: &'a mut Vec<u8>,
    cx: &'ob Context,
    /// What stands for the references in the form as it is printed, and the references.
    references: Vec<(String, String)>,
}

/// Print a compiled form.
pub(super) fn print<'ob>(form: Object<'ob>, out: &mut Vec<u8>, cx: &'ob Context) -> Result<(), Throw> {
    let whole = print_to_text(form, true, cx)?;
    let start = out.len();
    let mut writer = Writer { out, cx, references: Vec::new() };
    let form = writer.without_texts(form)?;
    if let Some(text) = writer.printed(form)? {
        out.extend(text);
    } else {
        // Something in the form looks like a reference: leave it as it is.
        out.truncate(start);
        out.extend(whole);
    }
    out.push(b'\n');
    Ok(())
}

impl<'ob> Writer<'_, 'ob> {
    fn is_set(&self, variable: &str) -> bool {
        !toplevel::value(variable, self.cx).is_nil()
    }

    /// Write a block; gives what stands for a reference to it.
    fn block(&mut self, text: &[u8], sign: &str) -> Object<'ob> {
        self.out.extend(format!("#@{} ", text.len() + 2).bytes());
        let place = self.out.len();
        self.out.extend(text);
        self.out.push(END);
        self.out.push(b'\n');
        let name = format!("byte-compile--reference-{place}");
        self.references.push((format!("\"{name}\""), format!("(#$ . {sign}{place})")));
        self.cx.string_from_str(&name).into()
    }

    /// What stands for a documentation string that is kept in a block.
    fn doc(&mut self, doc: Object<'ob>, is_variable: bool) -> Object<'ob> {
        let Some(text) = doc.as_string().filter(|_| self.is_set("byte-compile-dynamic-docstrings")) else { return doc };
        let mut bytes = Vec::with_capacity(text.len_bytes());
        for &byte in text.bytes() {
            match byte {
                0 => bytes.extend([QUOTE, b'0']),
                QUOTE => bytes.extend([QUOTE, QUOTE]),
                END => bytes.extend([QUOTE, b'_']),
                _ => bytes.push(byte),
            }
        }
        let sign = if is_variable && text.bytes().starts_with(b"*") { "-" } else { "" };
        self.block(&bytes, sign)
    }

    fn function(&mut self, code: ByteCode<'ob>) -> Result<Object<'ob>, Throw> {
        let mut slots: Vec<Object<'ob>> = code.iter().collect();
        if let Some(doc) = slots.get(DOC).copied() {
            slots[DOC] = self.doc(doc, false);
        }
        if self.is_set("byte-compile-dynamic") && slots[CODE].as_string().is_some() {
            let pair = self.cx.cons(slots[CODE], slots[CONSTANTS]);
            let text = print_to_text(pair.into(), true, self.cx)?;
            if !text.contains(&END) && !text.contains(&QUOTE) && !text.contains(&0) {
                slots[CODE] = self.block(&text, "");
                slots[CONSTANTS] = NIL;
            }
        }
        Ok(self.cx.byte_code(&slots).into())
    }

    /// The form with references in place of texts.
    fn without_texts(&mut self, form: Object<'ob>) -> Result<Object<'ob>, Throw> {
        let cx = self.cx;
        let mut parts: Vec<Object<'ob>> = elements(form).collect();
        let head = car_safe(form);
        let is_evaluated = [symbol("custom-declare-variable", cx), sym::AUTOLOAD, sym::DEFALIAS].contains(&head);
        if !is_evaluated && ![sym::DEFVAR, sym::DEFCONST].contains(&head) {
            return Ok(form);
        }
        if head == sym::DEFALIAS && parts.len() > 2 {
            let definition = parts[2];
            if let Some(code) = definition.as_byte_code() {
                parts[2] = self.function(code)?;
            } else if car_safe(definition) == sym::QUOTE
                && let pair = car_safe(cdr_safe(definition))
                && car_safe(pair) == sym::MACRO
                && let Some(code) = cdr_safe(pair).as_byte_code()
            {
                let code = self.function(code)?;
                parts[2] = crate::form::always_quote(cx.cons(sym::MACRO, code).into(), cx);
            }
        }
        if let Some(&doc) = parts.get(FORM_DOC).filter(|doc| doc.as_string().is_some()) {
            let reference = self.doc(doc, ![sym::AUTOLOAD, sym::DEFALIAS].contains(&head));
            let quoted = is_evaluated && reference != doc;
            parts[FORM_DOC] = if quoted { crate::form::always_quote(reference, cx) } else { reference };
        }
        Ok(if self.references.is_empty() { form } else { cx.list(&parts) })
    }

    /// The text of a form with its references, unless something else looks like one.
    fn printed(&self, form: Object<'ob>) -> Result<Option<Vec<u8>>, Throw> {
        let mut text = print_to_text(form, true, self.cx)?;
        for (name, reference) in &self.references {
            let mut found = memchr::memmem::find_iter(&text, name);
            let (Some(at), None) = (found.next(), found.next()) else { return Ok(None) };
            text.splice(at..at + name.len(), reference.bytes());
        }
        Ok(Some(text))
    }
}
