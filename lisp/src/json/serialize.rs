//! Lisp values to JSON text.

use super::{Options, check_nulls, too_deep, utf8};
use hashbrown::HashSet;
use rustc_hash::FxBuildHasher;
use tenure_gc::{Context, HashTable, Kind, NIL, Object, Str, Symbol, Throw, Vector};
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::number::bignum_value;
use tenure_vm::numeral::float_text;
use tenure_vm::sym;

/// A container that is being written.
enum Frame<'ob> {
    Array(Vector<'ob>, usize),
    Table(HashTable<'ob>, usize, Keys),
    /// An association or property list: the whole, what is left, and for Brent's way a place to compare with.
    List {
        all: Object<'ob>,
        rest: Object<'ob>,
        plist: bool,
        tortoise: Object<'ob>,
        left: u64,
        power: u64,
        keys: Keys,
    },
}

type Keys = HashSet<Vec<u8>, FxBuildHasher>;

/// The JSON text of a value.
pub(super) fn serialize<'ob>(object: Object<'ob>, options: Options<'ob>, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    let mut writer = Writer { out: Vec::new(), frames: Vec::new(), options, cx };
    writer.value(object)?;
    let mut checked = 0;
    while let Some(frame) = writer.frames.pop() {
        if writer.out.len() - checked > 1 << 20 {
            checked = writer.out.len();
            cx.reserve(checked)?;
        }
        writer.go_on(frame)?;
    }
    Ok(writer.out)
}

struct Writer<'ob> {
    out: Vec<u8>,
    frames: Vec<Frame<'ob>>,
    options: Options<'ob>,
    cx: &'ob Context,
}

impl<'ob> Writer<'ob> {
    /// Write a value, or the beginning of one that has parts.
    fn value(&mut self, object: Object<'ob>) -> Result<(), Throw> {
        let cx = self.cx;
        if object == self.options.null {
            self.out.extend_from_slice(b"null");
            return Ok(());
        }
        if object == self.options.false_ {
            self.out.extend_from_slice(b"false");
            return Ok(());
        }
        match object.untag() {
            _ if object == tenure_gc::T => self.out.extend_from_slice(b"true"),
            _ if object.is_nil() => self.out.extend_from_slice(b"{}"),
            Kind::Fixnum(n) => self.out.extend_from_slice(n.to_string().as_bytes()),
            Kind::Bignum(n) => match i64::try_from(bignum_value(n)) {
                Ok(n) => self.out.extend_from_slice(n.to_string().as_bytes()),
                Err(_) => {
                    let limit = |n: i64| tenure_vm::number::integer(n, cx);
                    let most = tenure_vm::number::big_integer(&num_bigint::BigInt::from(i64::MAX), cx);
                    return Err(signal(sym::ARGS_OUT_OF_RANGE, &[object, limit(i64::MIN), most], cx));
                }
            },
            Kind::Float(x) => self.float(x.value())?,
            Kind::String(s) => self.string(s)?,
            Kind::Vector(v) => {
                self.out.push(b'[');
                self.enter(Frame::Array(v, 0))?;
            }
            Kind::HashTable(table) => {
                self.out.push(b'{');
                self.enter(Frame::Table(table, 0, Keys::default()))?;
            }
            Kind::Cons(cell) => {
                self.out.push(b'{');
                let plist = cell.car().as_cons().is_none();
                self.enter(Frame::List {
                    all: object,
                    rest: object,
                    plist,
                    tortoise: object,
                    left: 2,
                    power: 2,
                    keys: Keys::default(),
                })?;
            }
            _ => return Err(wrong_type(cx.intern("json-value-p").into(), object, cx)),
        }
        Ok(())
    }

    fn enter(&mut self, frame: Frame<'ob>) -> Result<(), Throw> {
        if self.frames.len() as i64 > tenure_vm::eval::depth_left(self.cx) {
            return Err(too_deep(self.cx));
        }
        self.frames.push(frame);
        Ok(())
    }

    fn float(&mut self, x: f64) -> Result<(), Throw> {
        if !x.is_finite() {
            return Err(self.cx.signal(self.cx.intern("json-out-of-memory").into(), NIL));
        }
        let mut text = float_text(x, 17, b'g', false);
        if let Some((digits, exponent)) = text.split_once('e') {
            let exponent: i32 = exponent.parse().unwrap_or(0);
            text = format!("{digits}e{exponent}");
        } else if !text.contains('.') {
            text.push_str(".0");
        }
        self.out.extend_from_slice(text.as_bytes());
        Ok(())
    }

    fn string(&mut self, string: Str<'ob>) -> Result<(), Throw> {
        match utf8(string) {
            Ok(text) => self.text(&text),
            Err(bytes) => {
                let bytes = self.cx.string(&bytes, bytes.len(), false);
                return Err(wrong_type(self.cx.intern("utf-8-string-p").into(), bytes.into(), self.cx));
            }
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        self.out.push(b'"');
        for &b in text {
            match b {
                b'"' | b'\\' => self.out.extend([b'\\', b]),
                0x08 => self.out.extend_from_slice(b"\\b"),
                0x0C => self.out.extend_from_slice(b"\\f"),
                b'\n' => self.out.extend_from_slice(b"\\n"),
                b'\r' => self.out.extend_from_slice(b"\\r"),
                b'\t' => self.out.extend_from_slice(b"\\t"),
                ..0x20 => self.out.extend_from_slice(format!("\\u{b:04X}").as_bytes()),
                _ => self.out.push(b),
            }
        }
        self.out.push(b'"');
    }

    /// A key, unless it was there: then false.
    fn key(&mut self, name: Vec<u8>, keys: &mut Keys) -> bool {
        if keys.contains(&name) {
            return false;
        }
        if !keys.is_empty() {
            self.out.push(b',');
        }
        self.text(&name);
        self.out.push(b':');
        keys.insert(name);
        true
    }

    /// Write one more part of a container, or its end.
    fn go_on(&mut self, frame: Frame<'ob>) -> Result<(), Throw> {
        match frame {
            Frame::Array(v, i) => match v.get(i) {
                None => self.out.push(b']'),
                Some(element) => {
                    if i > 0 {
                        self.out.push(b',');
                    }
                    self.frames.push(Frame::Array(v, i + 1));
                    self.value(element)?;
                }
            },
            Frame::Table(table, mut i, mut keys) => {
                while i < table.used() {
                    let Some((key, value)) = table.entry(i, self.cx) else {
                        i += 1;
                        continue;
                    };
                    let Some(name) = key.as_string() else { return Err(wrong_type(sym::STRINGP, key, self.cx)) };
                    check_nulls(name, self.cx)?;
                    let name = utf8(name).unwrap_or_else(|bytes| bytes);
                    if !self.key(name, &mut keys) {
                        return Err(wrong_type(self.cx.intern("json-value-p").into(), table.into(), self.cx));
                    }
                    self.frames.push(Frame::Table(table, i + 1, keys));
                    return self.value(value);
                }
                self.out.push(b'}');
            }
            Frame::List { all, mut rest, plist, mut tortoise, mut left, mut power, mut keys } => {
                let cx = self.cx;
                while let Some(cell) = rest.as_cons() {
                    left -= 1;
                    if left == 0 {
                        power *= 2;
                        left = power;
                        tortoise = rest;
                    }
                    let (key, value) = if plist {
                        let Some(second) = cell.cdr().as_cons() else {
                            return Err(wrong_type(sym::CONSP, cell.cdr(), cx));
                        };
                        rest = second.cdr();
                        (check_symbol(cell.car(), cx)?, second.car())
                    } else {
                        let Some(pair) = cell.car().as_cons() else {
                            return Err(wrong_type(sym::CONSP, cell.car(), cx));
                        };
                        rest = cell.cdr();
                        (check_symbol(pair.car(), cx)?, pair.cdr())
                    };
                    if rest == tortoise && !rest.is_nil() {
                        return Err(signal(sym::CIRCULAR_LIST, &[all], cx));
                    }
                    let name = key.name(cx);
                    check_nulls(name, cx)?;
                    let mut name = utf8(name).unwrap_or_else(|bytes| bytes);
                    if plist && name.first() == Some(&b':') && name.len() > 1 {
                        name.remove(0);
                    }
                    // Only the first of equal keys counts.
                    if self.key(name, &mut keys) {
                        self.frames.push(Frame::List { all, rest, plist, tortoise, left, power, keys });
                        return self.value(value);
                    }
                }
                if !rest.is_nil() {
                    return Err(wrong_type(sym::LISTP, all, cx));
                }
                self.out.push(b'}');
            }
        }
        Ok(())
    }
}

fn check_symbol<'ob>(object: Object<'ob>, cx: &'ob Context) -> Result<Symbol<'ob>, Throw> {
    object.as_symbol().ok_or_else(|| wrong_type(sym::SYMBOLP, object, cx))
}
