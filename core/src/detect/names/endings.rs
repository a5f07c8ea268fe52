//! Names of keys, variables and parameters that suggest a secret value.

/// Longest part of a name that is looked at: its end.
const LOOKED_AT: usize = 96;

/// Endings that make any name one of a secret.
#[rustfmt::skip]
const ENDINGS: &[&[u8]] = &[
    b"token", b"secret", b"apikey", b"secretkey", b"accesskey", b"privatekey", b"encryptionkey",
    b"signingkey", b"sessionkey", b"masterkey", b"authkey", b"accountkey", b"sharedkey",
    b"sharedaccesskey", b"clientkeydata", b"sshkey", b"deploykey", b"hmackey", b"licensekey",
    b"credential", b"credentials", b"connectionstring", b"connstring", b"connstr", b"dsn",
    b"databaseurl", b"databaseuri", b"dburl", b"dburi", b"mongourl", b"mongouri", b"mongodburi",
    b"redisurl", b"postgresurl", b"amqpurl", b"cookie", b"passcode", b"userpass", b"dbpass",
    b"secretid", b"bearer", b"tokens", b"apisecret", b"passwords",
];

/// Where in a list the endings with each last letter are: a bit per entry.
struct ByLastLetter([u128; 26]);

impl ByLastLetter {
    const fn new(list: &[&[u8]]) -> Self {
        assert!(list.len() <= 128);
        let mut letters = [0; 26];
        let mut at = 0;
        while at < list.len() {
            letters[(list[at][list[at].len() - 1] - b'a') as usize] |= 1 << at;
            at += 1;
        }
        Self(letters)
    }

    /// Whether `folded`, whose last letter is `a` plus `letter`, ends with an entry of `list`.
    fn ends(&self, list: &[&[u8]], folded: &[u8], letter: u8) -> bool {
        let mut entries = self.0[usize::from(letter)];
        while entries != 0 {
            if folded.ends_with(list[entries.trailing_zeros() as usize]) {
                return true;
            }
            entries &= entries - 1;
        }
        false
    }
}

static ENDINGS_BY_LETTER: ByLastLetter = ByLastLetter::new(ENDINGS);
static ABOUT_BY_LETTER: ByLastLetter = ByLastLetter::new(ABOUT);

/// Parts that make a name one of a secret wherever they stand, unless it ends as below. Each
/// starts with one of the pairs that [`has_part`] looks for.
const PARTS: &[&[u8]] = &[
    b"password",
    b"passwd",
    b"passphrase",
    b"secretkey",
    b"apikey",
    b"privatekey",
    b"accesstoken",
    b"authtoken",
    b"clientsecret",
    b"secretaccesskey",
    b"accesssecret",
];

/// Endings that say the value is about a secret, not one.
const ABOUT: &[&[u8]] = &[
    b"name",
    b"names",
    b"file",
    b"filename",
    b"files",
    b"path",
    b"paths",
    b"ref",
    b"refs",
    b"dir",
    b"id",
    b"ids",
    b"count",
    b"ttl",
    b"expiration",
    b"expiry",
    b"expires",
    b"seconds",
    b"minutes",
    b"days",
    b"type",
    b"types",
    b"version",
    b"policy",
    b"length",
    b"size",
    b"review",
    b"reviews",
    b"namespace",
    b"provider",
    b"enabled",
    b"enable",
    b"disabled",
    b"required",
    b"mount",
    b"volume",
    b"issuer",
    b"audience",
    b"audiences",
    b"endpoint",
    b"algorithm",
    b"alg",
    b"mode",
    b"rotation",
    b"period",
    b"class",
    b"store",
    b"selector",
    b"template",
    b"format",
    b"prefix",
    b"suffix",
    b"url",
    b"uri",
    b"host",
    b"config",
    b"timeout",
    b"lifetime",
    b"method",
    b"field",
    b"column",
    b"usages",
    b"status",
    b"age",
    b"at",
    b"time",
    b"timestamp",
    b"location",
    b"env",
    b"from",
    b"hashing",
    b"generator",
    b"strategy",
    b"only",
    b"complexity",
    b"encoding",
];

/// Names that end like one of a secret and are none.
const EXCEPT: &[&[u8]] = &[
    b"automountserviceaccounttoken",
    b"serviceaccounttoken",
    b"publickey",
    b"sshpublickey",
    b"legacytoken",
    b"continuetoken",
    b"nexttoken",
    b"pagetoken",
    b"nextpagetoken",
    b"imagepullsecret",
    b"pullsecret",
    b"createsecret",
    b"usesecret",
    b"existingsecret",
    b"tlssecret",
    b"samesitecookie",
];

/// Whether a name suggests that its value is a secret.
///
/// Spelling does not matter: case, `-`, `_`, `.` and spaces, full-width letters and invisible
/// characters are folded away. `DB_PASSWORD`, `apiKey` and `client-secret` do; `SECRET_NAME`,
/// `passwordFile` and `tokenExpirationSeconds` do not.
pub fn name_hints_secret(name: &[u8]) -> bool {
    let mut buffer = [0u8; LOOKED_AT];
    if names_a_secret(name) {
        return false;
    }
    if name.len() > LOOKED_AT {
        // No API has such names; a client may hide a hint far from the end of one.
        let start = memchr::memrchr(b'/', name).map_or(0, |slash| slash + 1);
        let mut at = start;
        while at + LOOKED_AT < name.len() {
            if has_part(fold(&name[at..at + LOOKED_AT], &mut buffer)) {
                return true;
            }
            at += LOOKED_AT / 2;
        }
    }
    let folded = fold(name, &mut buffer);
    let digits = folded.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let folded = &folded[..folded.len() - digits];
    let Some(letter) = folded.last().map(|last| last.wrapping_sub(b'a')).filter(|l| *l < 26) else {
        return has_part(folded);
    };
    let part = has_part(folded);
    let ends = ENDINGS_BY_LETTER.ends(ENDINGS, folded, letter);
    let pass = folded.ends_with(b"pwd") || folded.ends_with(b"pass");
    if folded.len() + digits < 3 || !ends && !part && !pass || EXCEPT.contains(&folded) {
        return false;
    }
    if ends {
        return true;
    }
    // PWD and OLDPWD are directories.
    if folded.ends_with(b"pwd") {
        return folded != b"pwd" && folded != b"oldpwd";
    }
    if pass {
        // DB_PASS and dbPass, not bypass
        let trimmed = &name[..name.len() - digits.min(name.len())];
        return folded == b"pass"
            || [b"_PASS".as_slice(), b"_pass", b"-pass", b".pass", b"Pass"]
                .iter()
                .any(|end| trimmed.ends_with(end));
    }
    !ABOUT_BY_LETTER.ends(ABOUT, folded, letter)
}

/// Whether this is an annotation of an ingress controller that names a Secret, such as
/// `nginx.ingress.kubernetes.io/auth-secret`.
fn names_a_secret(name: &[u8]) -> bool {
    name.ends_with(b"-secret")
        && memchr::memrchr(b'/', name)
            .is_some_and(|slash| memchr::memmem::find(&name[..slash], b"ingress").is_some())
}

/// Whether any of [`PARTS`] stands in the folded name.
fn has_part(folded: &[u8]) -> bool {
    // `p`, `s`, `a` or `c` with the right letter after it: a bit per letter.
    const fn letters(text: &[u8]) -> u32 {
        let mut set = 0;
        let mut at = 0;
        while at < text.len() {
            set |= 1 << (text[at] - b'a');
            at += 1;
        }
        set
    }
    const SECOND: [(u8, u32); 4] = [
        (b'p', letters(b"ar")),
        (b's', letters(b"e")),
        (b'a', letters(b"pcu")),
        (b'c', letters(b"l")),
    ];
    let first = letters(b"psac");
    folded.windows(2).enumerate().any(|(at, pair)| {
        let (one, two) = (pair[0].wrapping_sub(b'a'), pair[1].wrapping_sub(b'a'));
        one < 26
            && first >> one & 1 == 1
            && two < 26
            && SECOND.iter().any(|(letter, set)| *letter == pair[0] && set >> two & 1 == 1)
            && PARTS.iter().any(|part| part[0] == pair[0] && folded[at..].starts_with(part))
    })
}

/// Letters and digits of ASCII in lower case; 0 for separators, which go; 1 for what the slow way
/// must look at.
static FOLD: [u8; 256] = {
    let mut table = [1; 256];
    let mut byte = 0;
    while byte < 0x80 {
        table[byte] = (byte as u8).to_ascii_lowercase();
        byte += 1;
    }
    let mut at = 0;
    let separators = b"-_. \0";
    while at < separators.len() {
        table[separators[at] as usize] = 0;
        at += 1;
    }
    table[1] = 1;
    table
};

/// Lower case, without separators and invisible characters, full-width letters as plain ones; the
/// last [`LOOKED_AT`] bytes of it.
fn fold<'a>(name: &[u8], buffer: &'a mut [u8; LOOKED_AT]) -> &'a [u8] {
    if name.len() > LOOKED_AT {
        return fold_slowly(name, buffer);
    }
    let mut len = 0;
    for byte in name {
        match FOLD[usize::from(*byte)] {
            1 => return fold_slowly(name, buffer),
            // annotations: what stands before the slash is a domain
            b'/' => len = 0,
            plain => {
                buffer[len] = plain;
                len += usize::from(plain != 0);
            }
        }
    }
    &buffer[..len]
}

/// [`fold`] from the end, one character at a time.
fn fold_slowly<'a>(name: &[u8], buffer: &'a mut [u8; LOOKED_AT]) -> &'a [u8] {
    let mut at = LOOKED_AT;
    let mut rest = name;
    while let [head @ .., last] = rest {
        if at == 0 {
            break;
        }
        rest = head;
        let byte = match last {
            b'-' | b'_' | b'.' | b' ' | b'/' | 0 => {
                if *last == b'/' {
                    break; // annotations: what stands before the slash is a domain
                }
                continue;
            }
            0..0x80 => last.to_ascii_lowercase(),
            _ => {
                // UTF-8: find the character's first byte
                let start = (0..=head.len().min(3))
                    .find(|back| head.len() >= *back && (name[head.len() - back] & 0xc0) != 0x80)
                    .map_or(head.len(), |back| head.len() - back);
                let character = std::str::from_utf8(&name[start..=head.len()])
                    .ok()
                    .and_then(|text| text.chars().next());
                rest = &name[..start];
                match character {
                    Some(wide @ '\u{ff01}'..='\u{ff5e}') => {
                        let plain = (wide as u32 - 0xff01 + 0x21) as u8;
                        if matches!(plain, b'-' | b'_' | b'.') {
                            continue;
                        }
                        plain.to_ascii_lowercase()
                    }
                    // İ and ſ and K fold to ASCII letters
                    Some('\u{130}' | '\u{131}') => b'i',
                    Some('\u{17f}') => b's',
                    Some('\u{212a}') => b'k',
                    // zero-width, soft hyphen, BOM, combining marks, direction marks
                    Some(
                        '\u{ad}'
                        | '\u{200b}'..='\u{200f}'
                        | '\u{202a}'..='\u{202e}'
                        | '\u{2060}'..='\u{2064}'
                        | '\u{feff}'
                        | '\u{300}'..='\u{36f}'
                        | '\u{180e}'
                        | '\u{fe00}'..='\u{fe0f}'
                        | '\u{a0}'
                        | '\u{2010}'..='\u{2015}',
                    ) => continue,
                    _ => 0xff,
                }
            }
        };
        at -= 1;
        buffer[at] = byte;
    }
    &buffer[at..]
}
