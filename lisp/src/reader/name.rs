//! Names of characters, as `\N{NAME}` has them: those of Unicode 14, which Emacs 28.2 knows, and older ones.

use std::collections::HashMap;
use std::sync::LazyLock;
use tenure_vm::character::runs::GENERAL_CATEGORY;

/// Names that number their characters, and these.
const NUMBERED: &[(&str, &[(u32, u32)])] = &[
    (
        "CJK IDEOGRAPH",
        &[
            (0x3400, 0x4DBF),
            (0x4E00, 0x9FFF),
            (0x2_0000, 0x2_A6DF),
            (0x2_A700, 0x2_B738),
            (0x2_B740, 0x2_B81D),
            (0x2_B820, 0x2_CEA1),
            (0x2_CEB0, 0x2_EBE0),
            (0x3_0000, 0x3_134A),
        ],
    ),
    ("CJK COMPATIBILITY IDEOGRAPH", &[(0xF900, 0xFAD9), (0x2_F800, 0x2_FA1D)]),
    ("TANGUT IDEOGRAPH", &[(0x1_7000, 0x1_87F7), (0x1_8D00, 0x1_8D08)]),
    ("NUSHU CHARACTER", &[(0x1_B170, 0x1_B2FB)]),
    ("KHITAN SMALL SCRIPT CHARACTER", &[(0x1_8B00, 0x1_8CD5)]),
];
/// Characters that have a name in Unicode, of which Emacs does not know.
const UNKNOWN: std::ops::RangeInclusive<u32> = 0x1_6FF0..=0x1_8D08;
/// What begins the name of an ideograph, which Emacs names otherwise.
const UNIFIED: &str = "CJK UNIFIED IDEOGRAPH-";

/// Older names, which come first: some were given to other characters later.
static OLD: LazyLock<HashMap<&'static str, u32>> = LazyLock::new(|| {
    let lines = include_str!("old-names.txt").lines().filter(|line| !line.starts_with('#'));
    let entry = |line: &'static str| {
        let (c, name) = line.split_once(' ').expect("a character and its name");
        (name, u32::from_str_radix(c, 16).expect("a character is a hexadecimal number"))
    };
    lines.map(entry).collect()
});

/// The character of a name in letters of any case.
pub(super) fn character(name: &str) -> Option<u32> {
    let name = name.to_ascii_uppercase();
    if let Some(&c) = OLD.get(name.as_str()) {
        return Some(c);
    }
    if let Some((kind, digits)) = name.rsplit_once('-')
        && let Some((_, ranges)) = NUMBERED.iter().find(|(numbered, _)| *numbered == kind)
    {
        let c = u32::from_str_radix(digits, 16).ok().filter(|c| format!("{c:X}") == digits)?;
        return ranges.iter().any(|&(from, to)| (from..=to).contains(&c)).then_some(c);
    }
    // The library forgives much that Emacs does not, so the name that it has must be this one.
    if !name.starts_with(|c: char| c.is_ascii_alphanumeric()) || name.starts_with(UNIFIED) {
        return None;
    }
    let found = unicode_names2::character(&name)?;
    let c = u32::from(found);
    let is_known = !UNKNOWN.contains(&c) && GENERAL_CATEGORY.get(c) != *b"Cn";
    (is_known && unicode_names2::name(found).is_some_and(|own| own.to_string() == name)).then_some(c)
}
