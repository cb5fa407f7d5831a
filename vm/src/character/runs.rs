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

/// The script of a character, as a number.
pub(crate) static SCRIPT: Runs<usize> = Runs::new(|| {
    let mut names: Vec<&str> = Vec::new();
    parse(include_str!("script.txt"), |words| {
        names.iter().position(|name| *name == words[0]).unwrap_or_else(|| {
            names.push(words[0]);
            names.len() - 1
        })
    })
});
