//! Digests of strings: `md5` and `secure-hash`.

use md5::Md5;
use sha1::{Digest, Sha1};
use sha2::{Sha224, Sha256, Sha384, Sha512};
use tenure_gc::{Context, LispResult, Object, Str, SubrInfo, Throw};
use tenure_vm::error::{error, wrong_type};
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

/// Return the MD5 digest of OBJECT, a string, or its part from index START to END, in hexadecimal digits.
/// CODING-SYSTEM, by which the characters become bytes, is UTF-8 or one that leaves bytes alone; others are refused
/// unless NOERROR is non-nil.
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
    if let Some(coding) = coding_system.filter(|_| noerror.is_none()) {
        const KNOWN: &[&[u8]] = &[b"utf-8", b"utf-8-unix", b"binary", b"no-conversion", b"raw-text", b"undecided"];
        let name = coding.as_symbol().map_or(&b""[..], |s| s.name(cx).bytes());
        if !KNOWN.contains(&name) {
            return Err(cx.signal(cx.intern("coding-system-error").into(), cx.list(&[coding])));
        }
    }
    let bytes = super::bytes_of(object, start, end, cx)?;
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
    let bytes = super::bytes_of(object, start, end, cx)?;
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
