//! What a name says about its value: a secret, something about one, or neither.
//!
//! A name is split into words ([`split`]: case, separators, digits, joined words, look-alike
//! letters) and each word looked up ([`words`], rows of data). The head of the name, its last word
//! that says anything, decides: `DB_PASSWORD` is a password, `passwordPolicy` is a policy. What may
//! stand under which kind of name is the table of [`super::values`].

mod split;
mod words;

#[cfg(test)]
mod tests;

use split::Letters;
use words::{Class, FOREIGN, PAIRS, STORES, WHOSE};

/// What a name says about its value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash, PartialOrd, Ord)]
#[non_exhaustive]
#[repr(u8)]
pub enum NameKind {
    /// Nothing: `replicas`, `tokenizer`.
    Neither,
    /// Where a secret is or which one: `secretName`, `PASSWORD_FILE`, `publicKey`. Never a secret
    /// itself, also when it looks random.
    About,
    /// A secret when it is a number of some digits, or looks random: `pin`, `otp`, `accessCode`.
    Code,
    /// A secret only when the value looks random: `encryptionSalt`, `LICENSE`, `SLACK_TOKEN_PROD`,
    /// and settings of secrets such as `passwordPolicy`.
    Weak,
    /// `user:SECRET`: `BASIC_AUTH`, `basic.auth.user.info`.
    Login,
    /// The secret or the name of an object that holds it: `credentials`, `WEBHOOK_SECRET`.
    Which,
    /// A secret or the name of a key that holds one: `existingSecretPasswordKey`, `secretKeys`.
    WhichKey,
    /// An address or connection string: a secret when it holds one.
    Address,
    /// A header of HTTP: `Authorization`, `Cookie`.
    Header,
    /// `secretKey`: a secret, or the name of a key that holds one.
    SecretKey,
    /// `apiKey`, `clientSecret`, `privateKey`.
    Secret,
    /// `token`, `ACCESS_TOKEN`.
    Token,
    /// `tokens`: secrets, or what is counted in tokens.
    Tokens,
    /// `pass`, `DB_PASS`.
    Pass,
    /// `password`, `passphrase`, `PWD`.
    Password,
}

impl NameKind {
    /// All kinds.
    pub const ALL: &[Self] = &[
        Self::Neither,
        Self::About,
        Self::Code,
        Self::Weak,
        Self::Login,
        Self::Which,
        Self::WhichKey,
        Self::Address,
        Self::Header,
        Self::SecretKey,
        Self::Secret,
        Self::Token,
        Self::Tokens,
        Self::Pass,
        Self::Password,
    ];

    /// Whether a value under such a name can be a secret at all.
    pub fn hints(self) -> bool {
        self > Self::About
    }

    /// Whether the name alone says so, whatever the value looks like.
    pub fn is_strong(self) -> bool {
        self >= Self::SecretKey
    }
}

/// What `name` says about its value. Linear in its length; takes no memory.
///
/// Case, separators, full-width, accented and look-alike letters and invisible characters make no
/// difference.
pub fn classify(name: &[u8]) -> NameKind {
    // The file of that name has more than a password in a line.
    if name == b"PGPASS" {
        return NameKind::Pass;
    }
    // Bundler keeps logins below the host, whose dots are written so: `BUNDLE_GEMS__EXAMPLE__COM`.
    if name.starts_with(b"BUNDLE_") && memchr::memmem::find(name, b"__").is_some() {
        return NameKind::Login;
    }
    if !may_hint(name) {
        // The data source of PostgreSQL exporters; elsewhere these words name something.
        let source = name.ends_with(b"DATA_SOURCE_NAME");
        return if source { NameKind::Address } else { NameKind::Neither };
    }
    // One word as it stands in the table: `token`, `password`.
    let class = words::class(name);
    if class == Class::Unknown { read(name) } else { judge(&[(class, name)]) }
}

/// Whether a value is the name it stands under, written in small letters with dashes or the like
/// between its words: `GITHUB_TOKEN: github-token` names an object.
pub(crate) fn is_called_alike(name: &[u8], value: &[u8]) -> bool {
    let lower = |b: &u8| b.is_ascii_alphanumeric().then(|| b.to_ascii_lowercase());
    value.len() <= split::LONGEST
        && value.iter().any(|b| matches!(b, b'-' | b'_' | b'.'))
        && value.iter().all(|b| {
            b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_' | b'.')
        })
        && value.iter().any(u8::is_ascii_alphanumeric)
        && value.iter().filter_map(lower).eq(name.iter().filter_map(lower))
}

/// Whether a name suggests that its value is a secret, also when it does not look random.
pub fn name_hints_secret(name: &[u8]) -> bool {
    classify(name) > NameKind::Weak
}

/// Whether the scanner shall mark a member of this name: it hints, holds headers, or holds the
/// value that belongs to a name beside it.
pub(crate) fn is_marked(name: &[u8]) -> bool {
    classify(name).hints() || holds_headers(name) || holds_a_value(name) || is_fake_store(name)
}

/// Names under which the value stands that another member names, as in `{Name: …, Value: …}`.
pub(crate) fn holds_a_value(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 10] = [
        b"value",
        b"literal",
        b"val",
        b"v",
        b"stringvalue",
        b"text",
        b"default",
        b"defaultvalue",
        b"content",
        b"plaintext",
    ];
    name.len() <= 12 && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// `fake`: the provider of External Secrets whose secrets stand in it.
pub(crate) fn is_fake_store(name: &[u8]) -> bool {
    name == b"fake"
}

/// `customRequestHeaders` and the like: maps from names of headers to their values.
pub(crate) fn holds_headers(name: &[u8]) -> bool {
    let end = b"headers";
    name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
}

/// Whether any word of a secret may start in the name. Most names get no further.
fn may_hint(name: &[u8]) -> bool {
    let mut window = [0u8; 3];
    let mut found = false;
    for byte in name {
        // Separators inside a word are an odd spelling; they are skipped like the folding does.
        if matches!(byte, b'-' | b'_' | b'.' | b' ' | 0) {
            // A word of two letters may end here: `pw`.
            let bit = words::triple(window[1], window[2], 0);
            found |= words::STARTS[bit >> 6] >> (bit & 63) & 1 == 1;
            continue;
        }
        if !byte.is_ascii() {
            return true;
        }
        window = [window[1], window[2], *byte];
        let bit = words::triple(window[0], window[1], window[2]);
        found |= words::STARTS[bit >> 6] >> (bit & 63) & 1 == 1;
    }
    let bit = words::triple(window[1], window[2], 0);
    found || words::STARTS[bit >> 6] >> (bit & 63) & 1 == 1
}

#[inline(never)]
fn read(name: &[u8]) -> NameKind {
    // What stands in place of a whole name says nothing: `[redacted:gitlab-token#1]`.
    if name.starts_with(b"[redacted:") && memchr::memchr(b']', name) == Some(name.len() - 1) {
        return NameKind::Neither;
    }
    let name = without_domain(name);
    // A product, not one password.
    if [b"onepassword".as_slice(), b"1password"].iter().any(|p| name.eq_ignore_ascii_case(p)) {
        return NameKind::Weak;
    }
    if name.len() <= split::LONGEST {
        return read_piece(name);
    }
    // No API has such names; a client may hide a word far from the end of one. The end decides,
    // else the strongest piece.
    let last = read_piece(&name[name.len() - split::LONGEST..]);
    if last != NameKind::Neither {
        return last;
    }
    let step = split::LONGEST / 2;
    let mut strongest = NameKind::Neither;
    for at in (0..name.len() - split::LONGEST).step_by(step) {
        strongest = strongest.max(read_piece(&name[at..at + split::LONGEST]));
    }
    strongest
}

/// What stands after the slash of an annotation's name, without the domain before it. A prefix
/// without a dot is no domain: `checksum/secret`.
fn without_domain(name: &[u8]) -> &[u8] {
    match memchr::memrchr(b'/', name) {
        Some(slash) if memchr::memchr(b'.', &name[..slash]).is_some() => &name[slash + 1..],
        _ => name,
    }
}

fn read_piece(name: &[u8]) -> NameKind {
    let letters = Letters::of(name);
    let kind = judge(letters.words().list());
    if kind != NameKind::Neither {
        return kind;
    }
    if !name.is_ascii() && is_foreign(name) {
        return NameKind::Password;
    }
    // `p-a-s-s-w-o-r-d`, `PaSsWoRd`, `pAssword`
    let joined = letters.joined();
    let has = |words: &[&[u8]]| words.iter().any(|word| places(joined, word).next().is_some());
    // `p4ssw0rd`
    if name.iter().any(u8::is_ascii_digit) && is_spelled_with_digits(name) {
        return NameKind::Secret;
    }
    if has(&[b"password", b"passwd", b"passphrase"])
        || letters.odd && has(&[b"apikey", b"secretkey", b"token", b"secret"])
    {
        return NameKind::Secret;
    }
    NameKind::Neither
}

/// Where a word stands in a name. Names are short: a searcher made for each word would cost more than
/// it saves.
fn places<'a>(name: &'a [u8], word: &'a [u8]) -> impl Iterator<Item = usize> + 'a {
    memchr::memchr_iter(word[0], name).filter(move |at| name[*at..].starts_with(word))
}

/// Whether a name holds a word for a secret that is written with digits for letters.
fn is_spelled_with_digits(name: &[u8]) -> bool {
    let mut letters = [0u8; split::LONGEST];
    let len = name.len().min(letters.len());
    for (letter, byte) in letters.iter_mut().zip(&name[..len]) {
        *letter = match byte {
            b'0' => b'o',
            b'1' => b'i',
            b'3' => b'e',
            b'4' => b'a',
            b'5' => b's',
            b'7' => b't',
            byte => byte.to_ascii_lowercase(),
        };
    }
    let words = [b"password".as_slice(), b"passwd", b"passwort", b"secret", b"token", b"apikey"];
    words.iter().any(|word| {
        places(&letters[..len], word).any(|at| {
            // Digits between letters, not beside the word.
            name[at..at + word.len()].iter().any(u8::is_ascii_digit)
        })
    })
}

/// Whether the name holds a word of [`FOREIGN`].
fn is_foreign(name: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(name) else { return false };
    let mut lower = [0u8; 4 * split::LONGEST];
    let mut len = 0;
    for character in text.chars().flat_map(char::to_lowercase) {
        if len + 4 > lower.len() {
            break;
        }
        len += character.encode_utf8(&mut lower[len..]).len();
    }
    FOREIGN.iter().any(|word| memchr::memmem::find(&lower[..len], word.as_bytes()).is_some())
}

/// The kind of a name by its words.
fn judge(words: &[(Class, &[u8])]) -> NameKind {
    if words.iter().any(|(_, word)| matches!(*word, b"checksum" | b"fingerprint" | b"thumbprint")) {
        return NameKind::About;
    }
    // ClickHouse: `user/k8s_secret_password` says where it is.
    if words.windows(3).any(|three| matches!(three, [(_, b"k"), (_, b"s"), (_, b"secret")])) {
        return NameKind::WhichKey;
    }
    // `agent-inject-secret-x` says what is put where.
    if words.iter().any(|(_, word)| *word == b"inject") {
        return strongest(words).min(NameKind::Weak);
    }
    // `passphraseForKey`
    if let Some(at) = words.iter().position(|(_, word)| *word == b"for")
        && at > 0
        && words[at - 1].0 == Class::Password
    {
        return judge(&words[..at]);
    }
    let mut end = words.len();
    loop {
        let Some(at) = end.checked_sub(1) else { return NameKind::Neither };
        let (class, word) = words[at];
        // `basic.auth.user.info` of Kafka
        if word == b"info" && matches!(&words[..at], [.., (_, b"auth"), (_, b"user")]) {
            return NameKind::Login;
        }
        let previous_word = at.checked_sub(1).map_or(&b""[..], |at| words[at].1);
        let mut pairs = PAIRS.iter().take(if previous_word.is_empty() { 0 } else { PAIRS.len() });
        let pair =
            pairs.find(|pair| pair.1.as_bytes() == word && pair.0.as_bytes() == previous_word);
        if let Some(pair) = pair {
            return pair.2;
        }
        let earlier = &words[..at];
        return match class {
            // The hash of a password is as good as one; that of another secret says it changed.
            Class::Clear
                if word == b"hash" && !earlier.iter().any(|(c, _)| *c == Class::Password) =>
            {
                if strongest(earlier) == NameKind::Neither {
                    NameKind::Neither
                } else {
                    NameKind::About
                }
            }
            // The word before it counts; alone it says nothing.
            Class::Clear => {
                end = at;
                continue;
            }
            // PWD and OLDPWD are directories as a rule: the value tells.
            Class::Password if word == b"pwd" && matches!(earlier, [] | [(_, b"old")]) => {
                NameKind::Pass
            }
            // `existingSecretAdminPassword` says where it is.
            Class::Password if earlier.iter().any(|(_, word)| *word == b"existing") => {
                NameKind::Which
            }
            // `MYSQL_ALLOW_EMPTY_PASSWORD: "1"`
            Class::Password if earlier.iter().any(|(_, word)| *word == b"allow") => NameKind::Pass,
            Class::Password => NameKind::Password,
            Class::Pass => NameKind::Pass,
            Class::Token => NameKind::Token,
            Class::Tokens => NameKind::Tokens,
            Class::Secret => secret(word, earlier),
            Class::Credentials => NameKind::Which,
            Class::Key => key(word == b"keys", earlier),
            // Neo4j has the user and the password in one: `NEO4J_AUTH=neo4j/x`.
            Class::Weak if word == b"auth" && matches!(earlier, [.., (_, b"neo"), (_, b"j")]) => {
                NameKind::Secret
            }
            Class::Weak if matches!(word, b"pin" | b"otp" | b"totp") => NameKind::Code,
            Class::Weak | Class::Cookie => match (class, earlier) {
                (Class::Cookie, [] | [(_, b"set")]) => NameKind::Header,
                _ => NameKind::Weak,
            },
            Class::Authorization => match earlier {
                [] | [(_, b"proxy")] => NameKind::Header,
                _ => NameKind::Weak,
            },
            Class::Dsn => NameKind::Address,
            Class::Link => {
                if STORES.iter().any(|store| store.as_bytes() == previous_word) {
                    NameKind::Address
                } else if strongest(earlier) == NameKind::Neither {
                    NameKind::Neither
                } else {
                    NameKind::About
                }
            }
            // `VAULT_DEV_ROOT_TOKEN_ID` is the token itself.
            Class::About
                if word == b"id" && matches!(earlier, [.., (_, b"root"), (Class::Token, _)]) =>
            {
                NameKind::Token
            }
            // `password_sha256_hex`: as good as the password.
            Class::About
                if matches!(word, b"sha" | b"digest")
                    && earlier.iter().any(|(class, _)| *class == Class::Password) =>
            {
                NameKind::Password
            }
            Class::About => match strongest(earlier) {
                NameKind::Neither => NameKind::Neither,
                _ => NameKind::About,
            },
            // `DB_PASSWORD_READ_ONLY`
            Class::Setting
                if word == b"only" && earlier.iter().any(|(c, _)| *c == Class::Password) =>
            {
                NameKind::Secret
            }
            Class::Setting => match strongest(earlier) {
                NameKind::Neither => NameKind::Neither,
                _ => NameKind::Weak,
            },
            Class::Unknown | Class::Plain | Class::Opens | Class::Holds | Class::OpensAndHolds => {
                whose(word, earlier).unwrap_or_else(|| strongest(earlier))
            }
        };
    }
}

/// A name that ends with `secret`: the secret itself after words such as `client`, else which.
fn secret(word: &[u8], earlier: &[(Class, &[u8])]) -> NameKind {
    let Some((class, last)) = earlier.last() else { return NameKind::Which };
    let holds = match class {
        Class::Holds | Class::OpensAndHolds | Class::Cookie | Class::Authorization => true,
        Class::Weak => matches!(*last, b"session" | b"jwt" | b"hmac" | b"otp" | b"totp"),
        // `accessKeySecret`
        Class::Key => earlier.len() >= 2 && earlier[earlier.len() - 2].1 == b"access",
        // `clientRootSecret` names the Secret with a root.
        _ if *last == b"root" => earlier.len() == 1,
        _ => matches!(*last, b"http" | b"master" | b"erlang"),
    };
    // `disableDefaultAdminSecret`
    let verb = earlier.first().is_some_and(|(_, word)| {
        matches!(
            *word,
            b"disable"
                | b"enable"
                | b"enabled"
                | b"allow"
                | b"create"
                | b"use"
                | b"generate"
                | b"require"
                | b"skip"
        )
    });
    if verb {
        return NameKind::Weak;
    }
    let existing = earlier.iter().any(|(_, word)| *word == b"existing");
    if holds && !existing && !word.ends_with(b"s") { NameKind::Secret } else { NameKind::Which }
}

/// A name that ends with `key`.
fn key(plural: bool, earlier: &[(Class, &[u8])]) -> NameKind {
    let Some((class, word)) = earlier.last() else { return NameKind::Weak };
    if earlier.iter().any(|(_, word)| *word == b"existing") {
        return NameKind::WhichKey;
    }
    match class {
        // The K of PSK is the key.
        Class::Pass if *word == b"psk" && earlier.len() == 1 => NameKind::Pass,
        Class::Password | Class::Pass | Class::Token | Class::Tokens | Class::Credentials => {
            NameKind::WhichKey
        }
        Class::Secret if plural => NameKind::WhichKey,
        Class::Secret => match earlier {
            // `clientSecretKey` and `passwordSecretKey` name a key of a Secret;
            // `tokenHmacSecretKey` is one
            [.., (Class::OpensAndHolds, b"client") | (Class::Password | Class::Pass, _), _] => {
                NameKind::WhichKey
            }
            _ if word.ends_with(b"s") => NameKind::WhichKey,
            // `userSecretKey: postgresql-user`, `sshSecretKey: id_rsa`
            // Crossplane: `fromConnectionSecretKey`
            [
                ..,
                (Class::About, _)
                | (_, b"ssh" | b"jks" | b"pem" | b"config" | b"connection" | b"from"),
                _,
            ] => NameKind::WhichKey,
            _ => NameKind::SecretKey,
        },
        Class::Opens | Class::OpensAndHolds => NameKind::Secret,
        Class::About if matches!(*word, b"public" | b"wrapped") => NameKind::About,
        _ if matches!(*word, b"publishable" | b"pub") => NameKind::About,
        // `RECAPTCHA_SITE_KEY`
        _ if *word == b"site"
            && earlier.iter().any(|(_, word)| {
                matches!(*word, b"recaptcha" | b"captcha" | b"hcaptcha" | b"turnstile")
            }) =>
        {
            NameKind::About
        }
        _ if matches!(
            *word,
            b"encryption" | b"session" | b"license" | b"auth" | b"hmac" | b"unseal"
        ) =>
        {
            NameKind::Secret
        }
        _ => NameKind::Weak,
    }
}

/// What a name is that ends with whose the secret is: `PASS_DB`, `TOKEN_FOR_CI`. A pass for something
/// is a ticket.
fn whose(word: &[u8], earlier: &[(Class, &[u8])]) -> Option<NameKind> {
    match earlier {
        [.., (Class::Token, b"token"), (_, b"for")] => Some(NameKind::Token),
        [.., (class @ (Class::Pass | Class::Token), _)]
            if WHOSE.iter().any(|whose| whose.as_bytes() == word) =>
        {
            Some(if *class == Class::Pass { NameKind::Pass } else { NameKind::Token })
        }
        _ => None,
    }
}

/// What words before the head name: a password stays one whatever follows, other secrets only when
/// the value looks random.
fn strongest(words: &[(Class, &[u8])]) -> NameKind {
    let mut kind = NameKind::Neither;
    for (at, (class, word)) in words.iter().enumerate() {
        let previous = at.checked_sub(1).map(|at| words[at].0);
        kind = kind.max(match class {
            Class::Password => NameKind::Secret,
            Class::Key if matches!(previous, Some(Class::Opens | Class::OpensAndHolds)) => {
                NameKind::Secret
            }
            Class::Token
            | Class::Tokens
            | Class::Secret
            | Class::Credentials
            | Class::Pass
            | Class::Authorization
            | Class::Dsn => NameKind::Weak,
            Class::Key if at > 0 => NameKind::Weak,
            Class::Weak if matches!(*word, b"keystore" | b"license" | b"session") => NameKind::Weak,
            _ => NameKind::Neither,
        });
    }
    kind
}
