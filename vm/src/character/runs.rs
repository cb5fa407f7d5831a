//! What Emacs 28.2 knows of all characters, as runs of equal values: tables that were taken from it, as text beside this
//! file, and are parsed when they are first asked.

use std::sync::LazyLock;

/// A value for each character.
pub struct Runs<V: 'static>(LazyLock<Vec<(u32, V)>>);

impl<V: Copy> Runs<V> {
    pub(crate) const fn new(parse: fn() -> Vec<(u32, V)>) -> Runs<V> {
        Runs(LazyLock::new(parse))
    }

    /// The value of a character.
    pub fn get(&self, c: u32) -> V {
        let i = self.0.partition_point(|&(first, _)| first <= c);
        self.0[i.saturating_sub(1)].1
    }

    /// The runs: the first character of each, and the value.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, V)> {
        self.0.iter().copied()
    }
}

/// The lines of a table: the first character of a run in hexadecimal, then the words of its value.
pub(crate) fn parse<V>(table: &'static str, mut value: impl FnMut(&[&'static str]) -> V) -> Vec<(u32, V)> {
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let run = |line: &'static str| {
        let words: Vec<&str> = line.split(' ').collect();
        let first = u32::from_str_radix(words[0], 16).expect("a run begins with its first character");
        (first, value(&words[1..]))
    };
    lines.map(run).collect()
}

/// Columns on a terminal (`char-width-table`).
pub static WIDTH: Runs<usize> =
    Runs::new(|| parse(include_str!("width.txt"), |words| words[0].parse().expect("a width is a number")));

/// Two letters: a class and its kind, as the Unicode Character Database names them.
pub type Category = [u8; 2];

/// General categories.
pub static GENERAL_CATEGORY: Runs<Category> = Runs::new(|| {
    parse(include_str!("general-category.txt"), |words| *words[0].as_bytes().first_chunk().expect("two letters"))
});

/// The script of a character, as a number, and which of the categories that part words it has.
#[derive(Clone, Copy)]
struct Script {
    number: usize,
    categories: u8,
}

const COMBINING: u8 = 1;
const HIRAGANA: u8 = 2;
const HAN: u8 = 4;
const KATAKANA: u8 = 8;

static SCRIPT: Runs<Script> = Runs::new(|| {
    let mut names: Vec<&str> = Vec::new();
    parse(include_str!("script.txt"), |words| {
        let number = names.iter().position(|name| *name == words[0]).unwrap_or_else(|| {
            names.push(words[0]);
            names.len() - 1
        });
        let letters = words.get(1).map_or(&b""[..], |letters| letters.as_bytes());
        let categories = letters.iter().fold(0, |bits, letter| {
            bits | match letter {
                b'^' => COMBINING,
                b'H' => HIRAGANA,
                b'C' => HAN,
                _ => KATAKANA,
            }
        });
        Script { number, categories }
    })
});

/// Whether a word ends between two characters that are both of words (`word_boundary_p`).
pub fn parts_words(a: u32, b: u32) -> bool {
    if a < 0x80 && b < 0x80 {
        return false;
    }
    let (a, b) = (SCRIPT.get(a), SCRIPT.get(b));
    let only = |category: u8, has: Script, has_not: Script| {
        has.categories & category != 0 && has_not.categories & category == 0
    };
    if a.number == b.number {
        return only(HIRAGANA, a, b) && only(KATAKANA, b, a);
    }
    let combines = only(COMBINING, b, a)
        || only(COMBINING, a, b)
        || only(HAN, a, b) && (only(HIRAGANA, b, a) || only(KATAKANA, b, a));
    !combines
}
