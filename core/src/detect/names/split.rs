//! A name as letters without case, and where its words start.

use super::words::{self, Class};

/// Longest piece of a name that is read at once.
pub(super) const LONGEST: usize = 96;
/// Most words of a name that count: its last.
const MOST: usize = 12;

/// The letters of a name.
pub(super) struct Letters {
    text: [u8; LONGEST],
    len: usize,
    /// Bit `n`: a word starts at letter `n`.
    starts: u128,
    /// More separators or changes of case than words have.
    pub(super) odd: bool,
}

impl Letters {
    /// Folds a name of at most [`LONGEST`] bytes: case, full-width and look-alike letters, accents
    /// and invisible characters go; separators, digits and a change of case start a word.
    pub(super) fn of(name: &[u8]) -> Self {
        let mut letters = Self { text: [0; LONGEST], len: 0, starts: 0, odd: false };
        let mut last = Last::Separator;
        let mut rest = name;
        while let [byte, after @ ..] = rest {
            rest = after;
            let letter = if byte.is_ascii() {
                *byte
            } else {
                let (folded, bytes) = fold(&name[name.len() - after.len() - 1..]);
                rest = &after[(bytes - 1).min(after.len())..];
                match folded {
                    Some(0) => continue,
                    Some(folded) => folded,
                    None => 0xff,
                }
            };
            let now = match letter {
                b'a'..=b'z' => Last::Lower,
                b'A'..=b'Z' => Last::Upper,
                0xff => Last::Other,
                b'0'..=b'9' => {
                    last = Last::Digit;
                    continue;
                }
                _ => {
                    last = Last::Separator;
                    continue;
                }
            };
            let at = letters.len;
            if at == LONGEST {
                break;
            }
            let starts = match (last, now) {
                (Last::Separator | Last::Digit, _) | (Last::Lower, Last::Upper) => true,
                (Last::Upper, Last::Lower) => {
                    // `APIKey`: the last capital starts the next word.
                    if at >= 2 && letters.starts >> (at - 1) & 1 == 0 {
                        letters.starts |= 1 << (at - 1);
                    }
                    false
                }
                (Last::Other, Last::Other) => false,
                (a, b) => (a == Last::Other) != (b == Last::Other),
            };
            if starts || at == 0 {
                letters.starts |= 1 << at;
            }
            letters.text[at] = letter.to_ascii_lowercase();
            letters.len += 1;
            last = now;
        }
        letters.odd = letters.starts.count_ones() * 5 >= letters.len as u32 * 2;
        letters
    }

    /// All letters, as if they were one word.
    pub(super) fn joined(&self) -> &[u8] {
        &self.text[..self.len]
    }

    /// The classes of the words, the last ones when there are many.
    pub(super) fn words(&self) -> Words<'_> {
        let mut found = Words { list: [(Class::Unknown, &[]); MOST], len: 0 };
        let mut from = 0;
        while from < self.len {
            let next = (self.starts >> from) >> 1;
            let to = if next == 0 { self.len } else { from + 1 + next.trailing_zeros() as usize };
            let to = to.min(self.len);
            found.read(&self.text[from..to]);
            from = to;
        }
        found
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Last {
    Separator,
    Digit,
    Lower,
    Upper,
    /// A letter of another script.
    Other,
}

/// The words of a name.
pub(super) struct Words<'a> {
    list: [(Class, &'a [u8]); MOST],
    len: usize,
}

impl<'a> Words<'a> {
    pub(super) fn list(&self) -> &[(Class, &'a [u8])] {
        &self.list[..self.len]
    }

    fn push(&mut self, class: Class, word: &'a [u8]) {
        if self.len == MOST {
            self.list.copy_within(1.., 0);
            self.len -= 1;
        }
        self.list[self.len] = (class, word);
        self.len += 1;
    }

    /// Reads a piece without a boundary: a word, or words joined.
    fn read(&mut self, piece: &'a [u8]) {
        let class = words::class(piece);
        if class != Class::Unknown || piece.len() < 4 {
            // One letter says nothing: the `v` of `TOKEN_V2`.
            let single = piece.len() == 1 && class == Class::Unknown;
            return self.push(if single { Class::Clear } else { class }, piece);
        }
        let mut cuts = [(Class::Unknown, 0u8, 0u8); MOST];
        let count = from_left(piece, &mut cuts);
        if count > 0 {
            for (class, from, to) in &cuts[..count] {
                self.push(*class, &piece[usize::from(*from)..usize::from(*to)]);
            }
            return;
        }
        let count = from_right(piece, &mut cuts);
        if count > 0 {
            for (class, from, to) in cuts[..count].iter().rev() {
                self.push(*class, &piece[usize::from(*from)..usize::from(*to)]);
            }
            return;
        }
        // A long word of a secret among letters that are no words: `legacypassword`.
        if let Some((at, len)) = inside(piece) {
            if at > 0 {
                self.push(Class::Unknown, &piece[..at]);
            }
            self.push(words::class(&piece[at..at + len]), &piece[at..at + len]);
            let after = &piece[at + len..];
            match words::class(after) {
                _ if after.is_empty() => {}
                Class::Unknown if after == b"s" => {}
                class => self.push(class, after),
            }
            return;
        }
        if piece.len() >= 6 && piece.ends_with(b"key") {
            self.push(Class::Unknown, &piece[..piece.len() - 3]);
            return self.push(Class::Key, &piece[piece.len() - 3..]);
        }
        // `VCENTERPASS`
        if piece.len() >= 8 && piece.ends_with(b"pass") && !PASSES.contains(&piece) {
            self.push(Class::Unknown, &piece[..piece.len() - 4]);
            return self.push(Class::Pass, &piece[piece.len() - 4..]);
        }
        self.push(Class::Unknown, piece);
    }
}

/// Words that end so and are no password's.
const PASSES: &[&[u8]] = &[
    b"encompass",
    b"trespass",
    b"overpass",
    b"underpass",
    b"multipass",
    b"singlepass",
    b"firstpass",
    b"secondpass",
    b"renderpass",
    b"highpass",
    b"bandpass",
    b"lastpass",
    b"gyrocompass",
];

/// Cuts a piece into words from the left, longest first. 0 when it does not come out even.
fn from_left(piece: &[u8], cuts: &mut [(Class, u8, u8); MOST]) -> usize {
    let (mut at, mut count) = (0, 0);
    while at < piece.len() {
        let mut lengths = words::lengths(piece[at]) & !3;
        let word = loop {
            if lengths == 0 || count == MOST {
                return 0;
            }
            let len = 31 - lengths.leading_zeros() as usize;
            lengths &= !(1 << len);
            if at + len > piece.len() {
                continue;
            }
            let class = words::class(&piece[at..at + len]);
            if class != Class::Unknown {
                break (class, at as u8, (at + len) as u8);
            }
        };
        cuts[count] = word;
        count += 1;
        at = usize::from(word.2);
    }
    count
}

/// The same from the right; the last word comes first.
fn from_right(piece: &[u8], cuts: &mut [(Class, u8, u8); MOST]) -> usize {
    let (mut end, mut count) = (piece.len(), 0);
    while end > 0 {
        if count == MOST {
            return 0;
        }
        let longest = words::LONGEST.min(end);
        let found = (2..=longest).rev().find_map(|len| {
            let at = end - len;
            if words::lengths(piece[at]) >> len & 1 == 0 {
                return None;
            }
            let class = words::class(&piece[at..end]);
            (class != Class::Unknown).then_some((class, at as u8, end as u8))
        });
        let Some(word) = found else { return 0 };
        cuts[count] = word;
        count += 1;
        end = usize::from(word.1);
    }
    count
}

/// Words that mean a secret also among letters that are no words.
const UNMISTAKABLE: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"passcode",
    b"passwort",
    b"kennwort",
    b"credentials",
    b"credential",
    b"secrets",
    b"secret",
    b"tokens",
    b"token",
    b"contrasena",
    b"apikey",
];

/// The last of [`UNMISTAKABLE`] in a piece: where and how long.
fn inside(piece: &[u8]) -> Option<(usize, usize)> {
    (1..=piece.len()).rev().find_map(|end| {
        let mut words = UNMISTAKABLE.iter().filter(|word| word.last() == Some(&piece[end - 1]));
        let word = words.find(|word| piece[..end].ends_with(word))?;
        Some((end - word.len(), word.len()))
    })
}

/// The ASCII letter that a character looks like, 0 for one that is not seen, and its bytes. A
/// letter stands for separators, too.
fn fold(text: &[u8]) -> (Option<u8>, usize) {
    let len = match text[0] {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => return (Some(0), 1),
    };
    let Some(character) = text
        .get(..len)
        .and_then(|bytes| std::str::from_utf8(bytes).ok())
        .and_then(|text| text.chars().next())
    else {
        return (Some(0), 1);
    };
    (fold_character(character), len)
}

/// A letter by its place in the alphabet: capitals, then small ones.
fn letter(nth: u32) -> u8 {
    let nth = nth as u8;
    if nth < 26 { b'A' + nth } else { b'a' + (nth - 26) }
}

/// Letters of mathematics, and those in circles, brackets and squares.
#[rustfmt::skip]
fn fold_symbol(character: char) -> Option<u8> {
    Some(match character {
        // the thirteen alphabets of mathematics, and the letters of theirs that were there before
        '\u{1d400}'..='\u{1d6a3}' => letter((character as u32 - 0x1d400) % 52),
        '\u{1d7ce}'..='\u{1d7ff}' => b'0' + ((character as u32 - 0x1d7ce) % 10) as u8,
        'ℂ' | 'ℭ' => b'C', 'ℬ' => b'B', 'ℰ' => b'E', 'ℱ' => b'F', 'ℋ' | 'ℌ' | 'ℍ' => b'H',
        'ℐ' | 'ℑ' => b'I', 'ℒ' => b'L', 'ℳ' => b'M', 'ℕ' => b'N', 'ℙ' => b'P', 'ℚ' => b'Q',
        'ℛ' | 'ℜ' | 'ℝ' => b'R', 'ℤ' | 'ℨ' => b'Z',
        'ℯ' => b'e', 'ℊ' => b'g', 'ℎ' => b'h', 'ℴ' => b'o',
        // letters in circles, brackets and squares
        '\u{24b6}'..='\u{24e9}' => letter(character as u32 - 0x24b6),
        '\u{249c}'..='\u{24b5}' => letter(character as u32 - 0x249c + 26),
        '\u{1f130}'..='\u{1f149}' => letter(character as u32 - 0x1f130),
        '\u{1f150}'..='\u{1f169}' => letter(character as u32 - 0x1f150),
        '\u{1f170}'..='\u{1f189}' => letter(character as u32 - 0x1f170),
        _ => return None,
    })
}

#[rustfmt::skip]
fn fold_character(character: char) -> Option<u8> {
    Some(match character {
        // full-width forms
        '\u{ff01}'..='\u{ff5e}' => (character as u32 - 0xff01 + 0x21) as u8,
        // zero-width, soft hyphen, BOM, combining marks, direction marks, variation selectors
        '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2064}'
        | '\u{feff}' | '\u{300}'..='\u{36f}' | '\u{180e}' | '\u{fe00}'..='\u{fe0f}'
        // what decoders put in place of bytes that are no text
        | '\u{fffd}' => 0,
        '\u{a0}' | '\u{2010}'..='\u{2015}' | '\u{2000}'..='\u{200a}' | '\u{3000}' => b'-',
        // Latin with marks
        'à'..='å' | 'ā' | 'ă' | 'ą' | 'ǎ' | 'ạ' | 'ả' | 'ấ' | 'ầ' | 'ẩ' | 'ẫ' | 'ậ' | 'ắ' | 'ằ' | 'ẳ' | 'ẵ' | 'ặ' | 'ɑ' | 'α' | 'а' => b'a',
        'À'..='Å' | 'Ā' | 'Ă' | 'Ą' | 'Ạ' | 'Ậ' | 'Α' | 'А' => b'A',
        'ç' | 'ć' | 'č' | 'ĉ' | 'ċ' | 'с' | 'ϲ' => b'c',
        'Ç' | 'Ć' | 'Č' | 'С' => b'C',
        'ď' | 'đ' | 'ԁ' => b'd',
        'è'..='ë' | 'ē' | 'ĕ' | 'ė' | 'ę' | 'ě' | 'ẹ' | 'ế' | 'ề' | 'ể' | 'ễ' | 'ệ' | 'е' | 'ё' | 'є' => b'e',
        'È'..='Ë' | 'Ē' | 'Ę' | 'Ě' | 'Ε' | 'Е' | 'Ё' => b'E',
        'ğ' | 'ģ' | 'ɡ' => b'g',
        'ħ' | 'һ' => b'h',
        'ì'..='ï' | 'ī' | 'į' | 'ı' | 'İ' | 'і' | 'ї' | 'ι' => b'i',
        'Ì'..='Ï' | 'І' | 'Ι' => b'I',
        'ј' => b'j',
        'κ' | 'к' | '\u{212a}' => b'k',
        'Κ' | 'К' => b'K',
        'ł' | 'ĺ' | 'ľ' | 'ļ' | 'ӏ' => b'l',
        'м' => b'm',
        'М' | 'Μ' => b'M',
        'ñ' | 'ń' | 'ň' | 'ņ' => b'n',
        'Ñ' | 'Ń' | 'Ν' => b'N',
        'ò'..='ö' | 'ø' | 'ō' | 'ő' | 'ơ' | 'ọ' | 'ố' | 'ồ' | 'ộ' | 'ớ' | 'ợ' | 'ο' | 'σ' | 'о' => b'o',
        'Ò'..='Ö' | 'Ø' | 'Ō' | 'Ο' | 'О' => b'O',
        'ρ' | 'р' => b'p',
        'Ρ' | 'Р' => b'P',
        'ř' | 'ŕ' | 'г' => b'r',
        'ś' | 'š' | 'ş' | 'ș' | 'ſ' | 'ѕ' => b's',
        'Ś' | 'Š' | 'Ş' | 'Ѕ' => b'S',
        'ť' | 'ţ' | 'ț' | 'т' | 'τ' => b't',
        'Т' | 'Τ' => b'T',
        'ù'..='ü' | 'ū' | 'ů' | 'ű' | 'ų' | 'ụ' | 'ủ' | 'ư' | 'υ' => b'u',
        'Ù'..='Ü' | 'Ū' => b'U',
        'ν' | 'ѵ' => b'v',
        'ԝ' | 'ŵ' => b'w',
        'Ԝ' => b'W',
        'х' | 'χ' => b'x',
        'Х' | 'Χ' => b'X',
        'ý' | 'ÿ' | 'у' => b'y',
        'У' | 'Υ' => b'Y',
        'ź' | 'ż' | 'ž' => b'z',
        'Ζ' => b'Z',
        'В' | 'Β' => b'B',
        'Н' | 'Η' => b'H',
        _ => return fold_symbol(character),
    })
}
