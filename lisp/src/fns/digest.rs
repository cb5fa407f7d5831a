//! Digests of strings: `md5` and `secure-hash`.

use crate::coding::coding_arg;
use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use tenure_gc::{Context, LispResult, Object, Str, SubrInfo, Throw};
use tenure_vm::error::{error, signal, wrong_type};
use tenure_vm::{defun, subrs, sym};

/// A name, and what gives the digest of bytes.
type Algorithm = (&'static str, fn(&[u8]) -> Vec<u8>);

/// The algorithms, in Emacs's order.
const ALGORITHMS: &[Algorithm] = &[
    ("md5", |bytes| Md5::digest(bytes).to_vec()),
    ("sha1", |bytes| Sha1::digest(bytes).to_vec()),
    ("sha224", |bytes| Sha224::digest(bytes).to_vec()),
    ("sha256", |bytes| Sha256::digest(bytes).to_vec()),
    ("sha384", |bytes| Sha384::digest(bytes).to_vec()),
    ("sha512", |bytes| Sha512::digest(bytes).to_vec()),
];

fn hexadecimal<'ob>(digest: &[u8], cx: &'ob Context) -> Str<'ob> {
    cx.string_from_str(&digest.iter().map(|b| format!("{b:02x}")).collect::<String>())
}

/// Return the MD5 digest of OBJECT, a string, or of its bytes from START to END, in hexadecimal digits.
/// CODING-SYSTEM is that by which the characters become bytes; one that is not known is refused, unless NOERROR is
/// non-nil.
///
/// Emacs: OBJECT may also be a buffer.
#[defun(min = 1)]
fn md5<'ob>(
    object: Object<'ob>,
    start: Option<Object<'ob>>,
    end: Option<Object<'ob>>,
    coding_system: Option<Object<'ob>>,
    noerror: Option<bool>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    super::digestible(object, cx)?;
    let coding = match coding_system.map(|name| (name, coding_arg(name, cx))) {
        None => None,
        Some((_, Ok(coding))) => Some(coding),
        Some((name, Err(throw))) => {
            cx.caught(throw);
            if noerror.is_none() {
                return Err(signal(cx.intern("coding-system-error").into(), &[name], cx));
            }
            None
        }
    };
    let bytes = super::bytes_of(object, start, end, coding, cx)?;
    Ok(hexadecimal(&Md5::digest(&bytes), cx))
}

/// Return the digest by ALGORITHM, a symbol, of OBJECT, a string, or its part from index START to END, in hexadecimal
/// digits, or as bytes if BINARY is non-nil.
///
/// Emacs: OBJECT may also be a buffer.
#[defun(min = 2)]
fn secure_hash<'ob>(
    algorithm: Object<'ob>,
    object: Object<'ob>,
    start: Option<Object<'ob>>,
    end: Option<Object<'ob>>,
    binary: Option<bool>,
    cx: &'ob Context,
) -> Result<Str<'ob>, Throw> {
    let Some(symbol) = algorithm.as_symbol() else { return Err(wrong_type(sym::SYMBOLP, algorithm, cx)) };
    let bytes = super::bytes_of(object, start, end, None, cx)?;
    let name = String::from_utf8_lossy(symbol.name(cx).bytes());
    let Some((_, digest)) = ALGORITHMS.iter().find(|(known, _)| *known == name) else {
        return Err(error(&format!("Invalid algorithm arg: {name}"), cx));
    };
    let digest = digest(&bytes);
    Ok(if binary.is_some() { cx.string(&digest, digest.len(), false) } else { hexadecimal(&digest, cx) })
}

/// Return the algorithms that `secure-hash' knows.
#[defun]
fn secure_hash_algorithms<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    Ok(cx.list(&ALGORITHMS.iter().map(|(name, _)| cx.intern(name).into()).collect::<Vec<_>>()))
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![md5, secure_hash, secure_hash_algorithms];
