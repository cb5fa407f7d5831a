//! `#("text" FROM TO PLIST ...)`: strings with text properties.

use tenure_gc::{Context, LispResult, Object};
use tenure_vm::textprop;

/// Give a fresh string the properties of triples of start, end and property list.
pub(super) fn add<'ob>(string: Object<'ob>, triples: &[Object<'ob>], cx: &'ob Context) -> LispResult<'ob> {
    if let Some(text) = string.as_string() {
        for triple in triples.chunks_exact(3) {
            let range = textprop::range(triple[0], triple[1], text, cx)?;
            textprop::set(text, range, triple[2], cx);
        }
    }
    Ok(string)
}
