//! How deep inside a JSON text one is, for texts that come in parts.
//!
//! A part that is not the first may begin anywhere, also inside a string. So what a part does is
//! worked out for each way it may begin; the parts of a text are then put together without
//! reading them again.

/// Where among the characters of a JSON text one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum At {
    Outside,
    InString,
    /// In a string, behind a backslash.
    Escape,
}

/// A depth from which no text comes back.
const NEVER: i64 = i64::MIN / 2;

/// What a stretch of text does that begins in a certain place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stretch {
    end: At,
    /// Brackets opened less those closed.
    net: i64,
    /// The least that `net` is within; at most 0.
    low: i64,
}

impl Stretch {
    /// Nothing at all.
    pub(crate) const fn none(at: At) -> Self {
        Self { end: at, net: 0, low: 0 }
    }

    fn byte(&mut self, byte: u8) {
        match (self.end, byte) {
            (At::Escape, _) | (At::Outside, b'"') => self.end = At::InString,
            (At::InString, b'\\') => self.end = At::Escape,
            (At::InString, b'"') => self.end = At::Outside,
            // In no JSON text: this one began inside a string. See the test of rests.
            (At::Outside, b'\\') => self.low = NEVER,
            (At::Outside, b'{' | b'[') => self.net += 1,
            (At::Outside, b'}' | b']') => {
                self.net -= 1;
                self.low = self.low.min(self.net);
            }
            (At::InString | At::Outside, _) => {}
        }
    }

    /// This stretch, and `parts` behind it.
    pub(crate) fn then(self, parts: &Parts) -> Self {
        let next = parts.0[self.end as usize];
        Self { end: next.end, net: self.net + next.net, low: self.low.min(self.net + next.low) }
    }

    /// Whether all that is opened is closed, and nothing else.
    pub(crate) fn is_closed(self) -> bool {
        self.end == At::Outside && self.net == 0 && self.low == 0
    }

    /// Whether something is still open.
    pub(crate) fn is_open(self) -> bool {
        self.end != At::Outside || self.net > 0
    }
}

/// What a part of a text does, by where it may begin.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Parts([Stretch; 3]);

impl Parts {
    pub(crate) const NONE: Self =
        Self([Stretch::none(At::Outside), Stretch::none(At::InString), Stretch::none(At::Escape)]);

    /// Reads a part. `levels` says how often it is the inside of a JSON string itself: with one,
    /// `\"` is a quotation mark of the text.
    pub(crate) fn read(text: &[u8], levels: u8) -> Self {
        if levels > 1 {
            return Self::read(&unescaped(text), levels - 1);
        }
        let escaped = levels > 0;
        let mut parts = Self::NONE;
        for stretch in &mut parts.0 {
            if escaped {
                let mut bytes = text.iter();
                while let Some(byte) = bytes.next() {
                    match byte {
                        b'\\' => match bytes.next() {
                            Some(byte @ (b'"' | b'\\')) => stretch.byte(*byte),
                            // `\u0022` is a quotation mark, too, but no runtime writes it so.
                            _ => stretch.byte(b'.'),
                        },
                        byte => stretch.byte(*byte),
                    }
                }
            } else {
                for byte in text {
                    stretch.byte(*byte);
                }
            }
        }
        parts
    }

    /// These parts with `next` behind them.
    pub(crate) fn then(&self, next: &Self) -> Self {
        Self(self.0.map(|stretch| stretch.then(next)))
    }

    /// As the first of a text.
    pub(crate) fn first(&self) -> Stretch {
        self.0[At::Outside as usize]
    }
}

/// The inside of a JSON string without its escapes, as far as brackets and quotes go.
fn unescaped(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'\\' => match bytes.next() {
                Some(byte @ (b'"' | b'\\')) => *byte,
                _ => b'.',
            },
            byte => *byte,
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// However a text is divided, its parts put together say what the whole does.
    #[test]
    fn parts_are_the_whole() {
        let text = br#"{"a\"{":[1,"}\\",{"b":"\\\""}],"c":"]"}"#;
        assert!(Parts::read(text, 0).first().is_closed());
        for cut in 0..=text.len() {
            let (a, b) = text.split_at(cut);
            let (a, b) = (Parts::read(a, 0), Parts::read(b, 0));
            assert!(a.then(&b).first().is_closed(), "{cut}");
            assert!(a.first().then(&b).is_closed(), "{cut}");
            let inner = cut > 0 && cut < text.len();
            assert_eq!(a.first().is_open(), inner, "{cut}");
            // What makes joining safe: the rest of an object is no object.
            assert!(!inner || !b.first().is_closed(), "{cut}");
        }
    }

    /// An event in a string looks like one but for its backslashes.
    #[test]
    fn a_rest_that_begins_in_a_string_is_no_object() {
        assert!(!Parts::read(br#"{\"a\":1}"}"#, 0).first().is_closed());
        assert!(!Parts::read(br#"{\\\"a\\\":1}\"}"#, 1).first().is_closed());
    }

    #[test]
    fn escaped_text_is_read_as_what_it_says() {
        assert!(Parts::read(br#"{\"a\":\"}\\\\\"}\n"#, 1).first().is_closed());
        assert!(Parts::read(br#"{\"a\":\"}\\\"}\n"#, 1).first().is_open());
        assert!(Parts::read(br"\u007b", 1).first().is_closed());
    }
}
