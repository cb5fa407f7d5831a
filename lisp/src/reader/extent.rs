//! Where a form ends, as far as its characters alone tell: for streams that give one character at a time.
//!
//! Every end of a form is noticed; some places are taken for one that are none, which trying to read shows.

/// What a character means for the end of the form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Step {
    /// The form goes on.
    More,
    /// The form may have ended before this character.
    EndBefore,
    /// The form may end with this character.
    EndAfter,
}

/// Where in the syntax the last character was.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Place {
    /// Between tokens.
    #[default]
    Between,
    /// In a symbol, a number or a character; whether it is the beginning of what `#` begins.
    Atom {
        hash: bool,
    },
    /// Behind a question mark.
    Question,
    String,
    Comment,
}

/// A form as far as it was seen.
#[derive(Default)]
pub(super) struct Extent {
    place: Place,
    /// The last character was a backslash that quotes the next one.
    quoted: bool,
    /// The brackets that would close what is open, innermost last.
    open: Vec<u8>,
}

impl Extent {
    /// Take the next character.
    pub(super) fn step(&mut self, c: u32) -> Step {
        if std::mem::take(&mut self.quoted) {
            return Step::More;
        }
        let byte = u8::try_from(c).ok().filter(u8::is_ascii).unwrap_or(b'a');
        match self.place {
            Place::Comment => {
                if byte == b'\n' {
                    self.place = Place::Between;
                }
                Step::More
            }
            Place::String => match byte {
                b'\\' => {
                    self.quoted = true;
                    Step::More
                }
                b'"' => self.end_token(),
                _ => Step::More,
            },
            // A blank behind the question mark needs no end.
            Place::Question if matches!(byte, b' ' | b'\t') => {
                self.place = Place::Between;
                if self.open.is_empty() { Step::EndAfter } else { Step::More }
            }
            Place::Question => {
                self.quoted = byte == b'\\';
                self.place = Place::Atom { hash: false };
                Step::More
            }
            Place::Atom { hash } => {
                if !(byte <= b' ' || b"\"';()[]#`,".contains(&byte)) {
                    self.quoted = byte == b'\\';
                    // What may stand between `#` and a bracket or quote that goes on with the token.
                    self.place = Place::Atom { hash: hash && matches!(byte, b's' | b'^' | b'&' | b'0'..=b'9') };
                    return Step::More;
                }
                if byte == b'#' && (hash || !self.open.is_empty()) {
                    // `#1#` and `##` are whole.
                    self.place = Place::Atom { hash: true };
                    return if self.open.is_empty() { Step::EndAfter } else { Step::More };
                }
                let ends = self.open.is_empty() && !(hash && matches!(byte, b'(' | b'[' | b'"' | b'\''));
                let step = self.begin(byte);
                if ends { Step::EndBefore } else { step }
            }
            Place::Between => self.begin(byte),
        }
    }

    /// A character that begins a token.
    fn begin(&mut self, byte: u8) -> Step {
        self.place = match byte {
            ..=b' ' | b'\'' | b'`' | b',' => Place::Between,
            b'"' => Place::String,
            b';' => Place::Comment,
            b'?' => Place::Question,
            b'(' | b'[' => {
                self.open.push(if byte == b'(' { b')' } else { b']' });
                Place::Between
            }
            b')' | b']' => {
                // A bracket that closes nothing, or something else, is an error, which reading shows.
                let fits = self.open.pop() == Some(byte);
                self.place = Place::Between;
                return if self.open.is_empty() || !fits { Step::EndAfter } else { Step::More };
            }
            b'\\' => {
                self.quoted = true;
                Place::Atom { hash: false }
            }
            b'#' => Place::Atom { hash: true },
            _ => Place::Atom { hash: false },
        };
        Step::More
    }

    fn end_token(&mut self) -> Step {
        self.place = Place::Between;
        if self.open.is_empty() { Step::EndAfter } else { Step::More }
    }
}
