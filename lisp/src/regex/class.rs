//! Sets of characters: what stands in brackets.

use super::fold;
use tenure_vm::casefiddle::{downcase_char, upcase_char};
use tenure_vm::character::raw_byte;
use tenure_vm::character::runs::GENERAL_CATEGORY;
use tenure_vm::syntax::{Class, Syntax};

/// The named classes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Named {
    Alnum,
    Alpha,
    Word,
    Ascii,
    Nonascii,
    Graph,
    Print,
    Punct,
    Space,
    Upper,
    Lower,
    Cntrl,
    Digit,
    Xdigit,
    Blank,
    Multibyte,
    Unibyte,
}

const NAMES: &[(&[u8], Named)] = &[
    (b"alnum", Named::Alnum),
    (b"alpha", Named::Alpha),
    (b"word", Named::Word),
    (b"ascii", Named::Ascii),
    (b"nonascii", Named::Nonascii),
    (b"graph", Named::Graph),
    (b"print", Named::Print),
    (b"punct", Named::Punct),
    (b"space", Named::Space),
    (b"upper", Named::Upper),
    (b"lower", Named::Lower),
    (b"cntrl", Named::Cntrl),
    (b"digit", Named::Digit),
    (b"xdigit", Named::Xdigit),
    (b"blank", Named::Blank),
    (b"multibyte", Named::Multibyte),
    (b"unibyte", Named::Unibyte),
];

impl Named {
    pub(super) fn of(name: &[u8]) -> Option<Named> {
        NAMES.iter().find(|(n, _)| *n == name).map(|&(_, class)| class)
    }

    /// Whether a character is of the class.
    fn has(self, c: u32, syntax: Syntax<'_>) -> bool {
        let category = || GENERAL_CATEGORY.get(c);
        let is_alphabetic = || matches!(category(), [b'L' | b'M', _] | [b'N', b'l']);
        let ascii = u8::try_from(c).ok().filter(u8::is_ascii);
        match (self, ascii) {
            (Named::Alnum, Some(b)) => b.is_ascii_alphanumeric(),
            (Named::Alnum, None) => is_alphabetic() || matches!(category(), [b'N', b'd']),
            (Named::Alpha, Some(b)) => b.is_ascii_alphabetic(),
            (Named::Alpha, None) => is_alphabetic(),
            (Named::Word, _) => syntax.class(c) == Class::Word,
            (Named::Space, _) => syntax.class(c) == Class::Whitespace,
            (Named::Punct, Some(b)) => b.is_ascii_punctuation(),
            (Named::Punct, None) => syntax.class(c) != Class::Word,
            (Named::Ascii, _) => c < 0x80,
            // A raw byte is no character of either kind.
            (Named::Nonascii | Named::Multibyte, _) => (0x80..0x3f_ff80).contains(&c),
            (Named::Graph, _) if c < 0x100 => c > 0x20 && !(0x7F..=0xA0).contains(&c),
            (Named::Graph, _) => !matches!(category(), [b'Z', b's' | b'l' | b'p'] | [b'C', b'c' | b's' | b'n']),
            (Named::Print, _) if c < 0x100 => c >= 0x20 && !(0x7F..=0x9F).contains(&c),
            (Named::Print, _) => !matches!(category(), [b'C', b'c' | b's' | b'n']),
            (Named::Upper, _) => is_upper(c),
            (Named::Lower, _) => is_lower(c),
            (Named::Cntrl, _) => c < 0x20,
            (Named::Digit, _) => ascii.is_some_and(|b| b.is_ascii_digit()),
            (Named::Xdigit, _) => ascii.is_some_and(|b| b.is_ascii_hexdigit()),
            (Named::Blank, Some(b)) => b == b' ' || b == b'\t',
            (Named::Blank, None) => category() == *b"Zs",
            (Named::Unibyte, _) => c < 0x80,
        }
    }
}

fn is_upper(c: u32) -> bool {
    downcase_char(c) != c
}

fn is_lower(c: u32) -> bool {
    !is_upper(c) && upcase_char(c) != c
}

/// A set.
#[derive(Clone, Default, Debug)]
pub(super) struct Set {
    pub(super) negated: bool,
    pub(super) ranges: Vec<(u32, u32)>,
    pub(super) classes: Vec<Named>,
}

impl Set {
    pub(super) fn depends_on_syntax(&self) -> bool {
        self.classes.iter().any(|class| matches!(class, Named::Word | Named::Space | Named::Punct))
    }

    /// Whether characters of ASCII alone are in the set.
    pub(super) fn is_ascii(&self) -> bool {
        let narrow = |class: &Named| {
            matches!(class, Named::Ascii | Named::Unibyte | Named::Cntrl | Named::Digit | Named::Xdigit)
        };
        !self.negated && self.ranges.iter().all(|&(_, to)| to < 0x80) && self.classes.iter().all(narrow)
    }

    /// Whether an ASCII character is in a set that does not depend on the syntax table.
    pub(super) fn contains_ascii(&self, c: u32, folds: bool) -> bool {
        self.contains(c, folds, None)
    }

    /// Whether a character is in the set.
    pub(super) fn contains(&self, original: u32, folds: bool, syntax: Option<Syntax<'_>>) -> bool {
        let c = if folds { fold(original) } else { original };
        let in_range = |c: u32| self.ranges.iter().any(|&(from, to)| (from..=to).contains(&c));
        let found = in_range(c) || folds && self.has_other_case(c, in_range) || self.is_of_class(c, folds, syntax);
        found != self.negated
    }

    /// Whether a range has a character that differs from the folded `c` in case.
    fn has_other_case(&self, c: u32, in_range: impl Fn(u32) -> bool) -> bool {
        let upper = if c == 0xDF { 0x1E9E } else { upcase_char(c) };
        upper != c && in_range(upper) || c >= 0x80 && odd_cases(c).iter().any(|&o| in_range(o))
    }

    fn is_of_class(&self, c: u32, folds: bool, syntax: Option<Syntax<'_>>) -> bool {
        // A raw byte is of no class, not even of those that a byte as a character is of.
        raw_byte(c).is_none()
            && self.classes.iter().any(|class| {
                // Where case does not count, upper and lower case are one class.
                let class = if folds && *class == Named::Upper { &Named::Lower } else { class };
                let has = |c: u32| match syntax {
                    Some(syntax) => class.has(c, syntax),
                    None => match class {
                        Named::Word | Named::Space | Named::Punct => false,
                        _ => class.has(c, Syntax::INITIAL),
                    },
                };
                // Of ASCII the letters of either case stand for each other.
                has(c) || folds && c < 0x80 && has(upcase_char(c))
            })
    }
}

/// Characters that fold to `c` beside its upper case.
fn odd_cases(c: u32) -> &'static [u32] {
    match c {
        0x3C3 => &[0x3C2],
        0x1C6 => &[0x1C5],
        0x1C9 => &[0x1C8],
        0x1CC => &[0x1CB],
        0x1F3 => &[0x1F2],
        _ => &[],
    }
}
