//! Coding systems: their names, aliases and properties.
//!
//! The systems are a table; what programs add to it, aliases and properties, is kept a context.

use super::codec::{Codec, Eol, Mark, Utf16};
use crate::reader::read_one;
use std::cell::RefCell;
use tenure_gc::{Context, LispResult, NIL, Object, RootVec};

/// A coding system that is there from the start.
struct Standard {
    /// Its names, the first one being its own.
    names: &'static [&'static str],
    codec: Codec,
    /// Whether lines may end in any way.
    any_eol: bool,
    /// Its properties, as Lisp.
    plist: &'static str,
}

const fn utf16(little: bool, mark: Mark) -> Codec {
    Codec::Utf16(Utf16 { little, mark })
}

/// The coding systems, in the order in which they are tried.
const STANDARD: &[Standard] = &[
    Standard {
        names: &["utf-8", "mule-utf-8", "cp65001"],
        codec: Codec::Utf8(Mark::No),
        any_eol: true,
        plist:
            "(:ascii-compatible-p t :category coding-category-utf-8 :name utf-8 :docstring \"UTF-8\" :coding-type utf-8
                 :mnemonic 85 :charset-list (unicode) :mime-charset utf-8)",
    },
    Standard {
        names: &["iso-latin-1", "iso-8859-1", "latin-1"],
        codec: Codec::Bytes(0x100),
        any_eol: true,
        plist: "(:ascii-compatible-p t :category coding-category-charset :name iso-latin-1 :docstring \"ISO 8859-1\"
                 :coding-type charset :mnemonic 49 :charset-list (iso-8859-1) :mime-charset iso-8859-1)",
    },
    Standard {
        names: &["raw-text"],
        codec: Codec::Raw,
        any_eol: true,
        plist: "(:ascii-compatible-p t :category coding-category-raw-text :name raw-text
                 :docstring \"Bytes as they are, in lines\" :coding-type raw-text :for-unibyte t :mnemonic 116)",
    },
    Standard {
        names: &["utf-8-auto"],
        codec: Codec::Utf8(Mark::Maybe),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-8-auto :name utf-8-auto
                 :docstring \"UTF-8, perhaps with a byte order mark\" :coding-type utf-8 :mnemonic 85
                 :charset-list (unicode) :bom (utf-8-with-signature . utf-8))",
    },
    Standard {
        names: &["utf-8-with-signature"],
        codec: Codec::Utf8(Mark::Yes),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-8-sig :name utf-8-with-signature
                 :docstring \"UTF-8 with a byte order mark\" :coding-type utf-8 :mnemonic 85 :charset-list (unicode)
                 :bom t)",
    },
    Standard {
        names: &["utf-16"],
        codec: utf16(false, Mark::Maybe),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-16-auto :name utf-16
                 :docstring \"UTF-16; a byte order mark tells of the order when it is decoded\" :coding-type utf-16
                 :mnemonic 85 :charset-list (unicode) :bom (utf-16le-with-signature . utf-16be-with-signature)
                 :endian big :mime-text-unsuitable t :mime-charset utf-16)",
    },
    Standard {
        names: &["utf-16be-with-signature", "utf-16-be"],
        codec: utf16(false, Mark::Yes),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-16-be :name utf-16be-with-signature
                 :docstring \"UTF-16, the high byte first, with a byte order mark\" :coding-type utf-16 :mnemonic 85
                 :charset-list (unicode) :bom t :endian big :mime-text-unsuitable t :mime-charset utf-16)",
    },
    Standard {
        names: &["utf-16le-with-signature", "utf-16-le"],
        codec: utf16(true, Mark::Yes),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-16-le :name utf-16le-with-signature
                 :docstring \"UTF-16, the low byte first, with a byte order mark\" :coding-type utf-16 :mnemonic 85
                 :charset-list (unicode) :bom t :endian little :mime-text-unsuitable t :mime-charset utf-16)",
    },
    Standard {
        names: &["utf-16be"],
        codec: utf16(false, Mark::No),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-16-be-nosig :name utf-16be
                 :docstring \"UTF-16, the high byte first\" :coding-type utf-16 :mnemonic 85 :charset-list (unicode)
                 :endian big :mime-text-unsuitable t :mime-charset utf-16be)",
    },
    Standard {
        names: &["utf-16le"],
        codec: utf16(true, Mark::No),
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-utf-16-le-nosig :name utf-16le
                 :docstring \"UTF-16, the low byte first\" :coding-type utf-16 :mnemonic 85 :charset-list (unicode)
                 :endian little :mime-text-unsuitable t :mime-charset utf-16le)",
    },
    Standard {
        names: &["undecided"],
        codec: Codec::Undecided,
        any_eol: true,
        plist: "(:ascii-compatible-p t :category coding-category-undecided :name undecided :mnemonic 45
                 :coding-type undecided :ascii-compatible-p t :charset-list (ascii) :for-unibyte nil
                 :docstring \"Found out when it is decoded\" :eol-type nil)",
    },
    Standard {
        names: &["prefer-utf-8"],
        codec: Codec::Undecided,
        any_eol: true,
        plist: "(:ascii-compatible-p nil :category coding-category-undecided :name prefer-utf-8
                 :docstring \"Found out when it is decoded, UTF-8 first\" :coding-type undecided :mnemonic 45
                 :charset-list (emacs) :prefer-utf-8 t :inhibit-null-byte-detection 0 :inhibit-iso-escape-detection 0)",
    },
    Standard {
        names: &["utf-8-emacs"],
        codec: Codec::Utf8(Mark::No),
        any_eol: true,
        plist: "(:ascii-compatible-p t :category coding-category-utf-8 :name utf-8-emacs
                 :docstring \"All characters of Emacs, in UTF-8 and its continuation\" :coding-type utf-8 :mnemonic 85
                 :charset-list (emacs))",
    },
    Standard {
        names: &["us-ascii", "iso-safe", "ascii"],
        codec: Codec::Bytes(0x80),
        any_eol: true,
        plist: "(:ascii-compatible-p t :category coding-category-charset :name us-ascii
                 :docstring \"ASCII; a question mark for what is not\" :coding-type charset :mnemonic 45
                 :charset-list (ascii) :default-char 63 :mime-charset us-ascii)",
    },
    Standard {
        names: &["no-conversion", "binary"],
        codec: Codec::Raw,
        any_eol: false,
        plist: "(:ascii-compatible-p t :category coding-category-raw-text :name no-conversion :mnemonic 61
                 :coding-type raw-text :ascii-compatible-p t :default-char 0 :for-unibyte t
                 :docstring \"Bytes as they are\" :eol-type unix)",
    },
];

/// An alias of a variant of a system.
const VARIANT_ALIASES: &[(&str, &str)] = &[
    ("emacs-internal", "utf-8-emacs-unix"),
    ("unix", "undecided-unix"),
    ("dos", "undecided-dos"),
    ("mac", "undecided-mac"),
];

/// The place of a name without `-unix`, `-dos` or `-mac` among those of a system.
const NO_EOL: usize = 3;

/// A coding system, with what programs added.
struct System {
    /// The names by which it is known: with each end of line, by its number, and without.
    names: [Vec<Box<[u8]>>; 4],
    codec: Codec,
    any_eol: bool,
}

/// A coding system that a name means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Coding {
    index: usize,
    pub(super) codec: Codec,
    /// How lines end, if that is said.
    pub(super) eol: Option<Eol>,
}

/// The coding systems of a context.
pub(crate) struct Registry {
    systems: RefCell<Vec<System>>,
    /// The properties of each, once a program asked for them.
    plists: RootVec,
}

impl Registry {
    pub(super) fn new(cx: &Context) -> Registry {
        let plists = cx.root_vec();
        let mut systems = Vec::new();
        for standard in STANDARD {
            plists.push(cx, NIL);
            let mut names: [Vec<Box<[u8]>>; 4] = Default::default();
            for name in standard.names {
                add_name(&mut names, name.as_bytes(), standard.any_eol);
            }
            systems.push(System { names, codec: standard.codec, any_eol: standard.any_eol });
        }
        let registry = Registry { systems: RefCell::new(systems), plists };
        for &(alias, name) in VARIANT_ALIASES {
            if let Some(coding) = registry.find(name.as_bytes()) {
                registry.add_alias(alias.as_bytes(), coding);
            }
        }
        registry
    }

    /// The system of a name.
    pub(super) fn find(&self, name: &[u8]) -> Option<Coding> {
        let systems = self.systems.borrow();
        systems.iter().enumerate().find_map(|(index, system)| {
            let place = system.names.iter().position(|names| names.iter().any(|known| **known == *name))?;
            let eol = Eol::ALL.get(place).copied();
            Some(Coding { index, codec: system.codec, eol })
        })
    }

    /// The names of a system as a program knows it, its own first.
    pub(super) fn names(&self, coding: Coding) -> Vec<Vec<u8>> {
        let place = coding.eol.map_or(NO_EOL, |eol| eol as usize);
        let systems = self.systems.borrow();
        let names = systems.get(coding.index).map(|system| &system.names[place]);
        names.into_iter().flatten().map(|name| name.to_vec()).collect()
    }

    /// The name of a system whatever its lines end in.
    pub(super) fn base(&self, coding: Coding) -> Vec<u8> {
        let names = |eol| self.names(Coding { eol, ..coding });
        let plain = names(None).into_iter().next();
        plain.or_else(|| names(Some(Eol::Unix)).into_iter().next()).unwrap_or_default()
    }

    /// The system with another end of line, if it may have any.
    pub(super) fn with_eol(&self, coding: Coding, eol: Option<Eol>) -> Coding {
        let any = self.systems.borrow().get(coding.index).is_some_and(|system| system.any_eol);
        if any { Coding { eol, ..coding } } else { coding }
    }

    /// Give a system another name.
    pub(super) fn add_alias(&self, alias: &[u8], coding: Coding) {
        let mut systems = self.systems.borrow_mut();
        for system in systems.iter_mut() {
            system.names.iter_mut().for_each(|names| names.retain(|known| **known != *alias));
        }
        if let Some(system) = systems.get_mut(coding.index) {
            match coding.eol {
                Some(eol) => system.names[eol as usize].push(alias.into()),
                None => add_name(&mut system.names, alias, true),
            }
        }
    }

    /// The properties of a system.
    pub(super) fn plist<'ob>(&self, coding: Coding, cx: &'ob Context) -> LispResult<'ob> {
        let known = self.plists.get(cx, coding.index);
        if !known.is_nil() {
            return Ok(known);
        }
        let text = STANDARD.get(coding.index).map_or("nil", |standard| standard.plist);
        let plist = read_one(text.as_bytes(), &mut 0, cx)?;
        self.plists.set(cx, coding.index, plist);
        Ok(plist)
    }

    pub(super) fn set_plist(&self, coding: Coding, plist: Object<'_>, cx: &Context) {
        self.plists.set(cx, coding.index, plist);
    }

    /// The names of all systems that a priority was given, the first to be tried first.
    pub(super) fn by_priority(&self) -> Vec<Vec<u8>> {
        let count = STANDARD.iter().position(|s| s.codec == Codec::Undecided).map_or(0, |last| last + 1);
        let systems = self.systems.borrow();
        systems.iter().take(count).filter_map(|s| s.names[NO_EOL].first()).map(|name| name.to_vec()).collect()
    }
}

/// Add a name, and those with the ends of lines.
fn add_name(names: &mut [Vec<Box<[u8]>>; 4], name: &[u8], any_eol: bool) {
    if !any_eol {
        return names[Eol::Unix as usize].push(name.into());
    }
    names[NO_EOL].push(name.into());
    for eol in Eol::ALL {
        names[eol as usize].push([name, eol.suffix().as_bytes()].concat().into());
    }
}
