//! What a value is, and which values may be secrets under which names.
//!
//! A name only suggests; the value decides with it. `STAYS` is the one table: a row per kind of
//! name with the kinds of values that are no secret there, and examples of both.

use super::jumbled::is_jumbled;
use super::names::{NameKind, classify};

/// What a value looks like.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum ValueKind {
    /// Nothing, or stars in place of a value.
    Empty,
    /// `true`, `no`, `enabled`, `required`, `null`.
    Switch,
    /// Digits and a point.
    Number,
    /// `90s`, `1h30m`.
    Duration,
    /// `512Mi`.
    Size,
    /// One whole reference: `$(NAME)`, `${NAME}`, `$NAME`, `{{ .x }}`, `vault:secret/data/x#key`.
    Reference,
    /// The name of a variable that would hold a secret: `DB_PASSWORD`.
    Variable,
    /// `/etc/tls/tls.key`, `cat /run/secret`.
    Path,
    /// A URL or `host:port` without a credential.
    Url,
    /// A URL or connection string with a credential.
    Credentials,
    /// `sha256:…`.
    Digest,
    /// A public key or certificate.
    PublicKey,
    /// Letters, digits, `.`, `_`, `-`, one `/` or `:`: what objects are called.
    Name,
    /// Looks random: nobody calls anything so.
    Random,
    /// `jwt,sign-method=RS256,ttl=10m`: settings without a secret among them.
    Settings,
    /// Anything else.
    Text,
}

use ValueKind::{
    Credentials, Digest, Duration, Empty, Name, Number, Path, PublicKey, Random, Reference,
    Settings, Size, Switch, Text, Url, Variable,
};

/// What stays under a kind of name, with examples.
struct Rule {
    name: NameKind,
    stays: &'static [ValueKind],
    #[cfg(test)]
    goes: &'static [(&'static str, &'static str)],
    #[cfg(test)]
    keeps: &'static [(&'static str, &'static str)],
}

macro_rules! rules {
    ($($name:ident stays [$($kind:ident),* $(,)?] goes [$($goes:expr),* $(,)?] keeps [$($keeps:expr),* $(,)?];)+) => {
        static STAYS: &[Rule] = &[$(Rule {
            name: NameKind::$name,
            stays: &[$($kind),*],
            #[cfg(test)]
            goes: &[$($goes),*],
            #[cfg(test)]
            keeps: &[$($keeps),*],
        }),+];
    };
}

rules! {
    Password
        stays [Empty, Switch, Reference, Variable]
        goes [("DB_PASSWORD", "hunter2"), ("password", "1234"), ("password", "/etc/x"), ("DB_PWD", "$ecret!"), ("pwd", "hunter2"),
            ("password", "$(x)y"), ("rootpass_word", "https://x")]
        keeps [("password", ""), ("password", "/run/secrets/mqtt_pwd"), ("GIT_PASSWORD", "$(cat \"/etc/git/${WHO}\")"), ("ALLOW_EMPTY_PASSWORD", "yes"), ("password", "$(DB_PASSWORD)"),
            ("password", "{{ .password }}"), ("password", "DB_PASSWORD")];
    Pass
        stays [Empty, Switch, Reference, Variable, Url, Path]
        goes [("DB_PASS", "hunter2"), ("dbpass", "hunter2"), ("pass", "123456")]
        keeps [("pass", "3"), ("proxy_pass", "http://till"), ("webhook_pass", "Null"), ("PWD", "/work/app")];
    Token
        stays [Empty, Switch, Reference, Variable, Duration, Settings]
        goes [("TOKEN", "hunter2"), ("token", "4096"), ("API_TOKEN", "/a/b")]
        keeps [("TOKEN", "/etc/orka-token"), ("token", "https://auth.example.com/token"), ("requests-app-token", "1"), ("sessionToken", "P30D"), ("authToken", "cookie"), ("enable_login_token", "True"), ("token", "${TOKEN}"),
            ("ETCD_AUTH_TOKEN", "jwt,priv-key=/etc/jwt.pem,sign-method=RS256,ttl=10m")];
    Tokens
        stays [Empty, Switch, Reference, Variable, Duration, Number, Size]
        goes [("tokens", "hunter2")]
        keeps [("MAX_TOKENS", "4096"), ("tokens", "dynakube-secret"), ("httpTokens", "required")];
    Secret
        stays [Empty, Switch, Reference, Variable, Duration, Path, PublicKey]
        goes [("apiKey", "hunter2"), ("clientSecret", "my-s3cr3t"), ("DB_PASSWORD_READONLY", "hunter2")]
        keeps [("clientSecret", "$clientSecret:secretKey"), ("secret", "${env `APP_SECRET`}"), ("apiKey", "header:X-Api-Key"), ("PRIVATE_KEY", "/etc/tls/tls.key"), ("sshKey", "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI")];
    SecretKey
        stays [Empty, Switch, Reference, Variable, Duration, Path, PublicKey]
        goes [("secretKey", "hunter2"), ("SECRET_KEY", "minio123")]
        keeps [("secretKey", "redis_password"), ("SCRIPT_SECRET_KEY", "script.js"), ("kubeconfig-secret-key", "kubeconfig"), ("secretKey", "client-secret")];
    Which
        stays [Empty, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Settings]
        goes [("secret", "Vq7xK2mN4p8R5t9"), ("credentials", "keyboard cat"), ("WEBHOOK_SECRET", "Hunter-two"),
            ("INIT_SECRET", "xkqvtwpzmbrj"), ("credentials", "80164319141")]
        keeps [("credentials", "my-credentials"), ("cluster-access-secret", "kfg-$(context.pipelineRun.name)"),
            ("pull-secrets", "registry-pull build-registry-pull"), ("azureCredentialSecret", "cattle-global-data:cc-26b5h"),
            ("secret", "12345")];
    WhichKey
        stays [Empty, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Settings]
        goes [("userPasswordKey", "Vq7xK2mN4p8R5t9")]
        keeps [("userPasswordKey", "password"), ("clientSecretKey", "clientSecret")];
    Address
        stays [Empty, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Url, Settings, Text]
        goes [("DATABASE_URL", "postgres://u:hunter2@db/x"), ("CONNECTION_STRING", "Server=db;Uid=a;Pwd=hunter2"),
            ("dsn", "hEfXPDt8Xiiht"), ("dsn", "P@ss/xkqvtwpzmbrj%41+=&x=1#")]
        keeps [("REDIS_URL", "redis://redis:6379/0"), ("dbUri", "mongodb://mongo/unifi"), ("dsn", "redis:6379"),
            ("DATABASE_URL", "sqlite3:/data/till.sqlite3")];
    Header
        stays [Empty, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Url, Settings]
        goes [("Authorization", "Bearer abcdef"), ("Cookie", "a=b; c=d"), ("authorization", "Vq7xK2mN4p8R5t9"),
            ("Authorization", "Bearer correct horse battery staple")]
        keeps [("authorization", "NONE"), ("Authorization", "Bearer $TOKEN"), ("authorization", "enabled"),
            ("Authorization", "token {github_token}"), ("Authorization", "authHeader"), ("authorization", "Bearer token of the operator"), ("authorization", "checks who may do what")];
    Login
        stays [Empty, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Url, Settings, Text]
        goes [("FLOWER_BASIC_AUTH", "ops:Vq7xK2mN4p8R5t9"), ("basic.auth.user.info", "app:hunter2"), ("BASIC_AUTH", "Vq7xK2mN4p8R5t9")]
        keeps [("basicAuth", "my-secret"), ("basic_auth", "enabled"), ("HTTP_AUTH", "ops:${PW}"), ("basicAuth", "https://x:443/y")];
    Code
        stays [Empty, Credentials, Switch, Reference, Variable, Duration, Size, Path, PublicKey, Digest, Name, Url, Settings, Text]
        goes [("pin", "4829"), ("otp", "482913"), ("accessCode", "Vq7xK2mN4p8R5t9")]
        keeps [("pin", "17"), ("pin", "GPIO17"), ("otp", "27.0.1"), ("otp", "enabled")];
    Weak
        stays [Empty, Credentials, Switch, Reference, Variable, Duration, Size, Number, Path, PublicKey, Digest, Name, Url, Settings, Text]
        goes [("JWT_KEY", "Vq7xK2mN4p8R5t9"), ("ROOT_SALT", "Vq7xK2mN4p8R5t9"),
            ("CLIENT_SECRET_KEY_TEMPLATE", "Vq7xK2mN4p8R5t9"), ("auth", "anna:Pepper1975!"),
            ("mnemonic", "legal winner thank year wave sausage worth useful legal winner thank yellow")]
        keeps [("auth", "oidc:default"), ("key", "tls.crt"), ("license", "Apache-2.0"), ("hashKey", "user-agent"), ("passwordPolicy", "strict")];
}

/// Whether a text of this kind goes under this kind of name.
pub fn goes(name: NameKind, value: &[u8]) -> bool {
    if !name.hints() {
        return false;
    }
    let value = value.trim_ascii();
    let kind = kind(value);
    match (name, kind) {
        (NameKind::Pass | NameKind::Which, Number) => digits(value) >= CODE,
        // `secretKey: redis_password`: the name of a key that holds one
        (NameKind::SecretKey, Name) => !names_a_key(value),
        // `headers = {"Authorization": authHeader}`: a variable of a program.
        (NameKind::Header, Name | Text) if is_variable_of_a_header(value) => false,
        // `authorization: {rules: [{path: {value: ^/a/.*}}]}`
        (NameKind::Header, Text) if matches!(value[0], b'^' | b'/') => false,
        (NameKind::Header, Text) => is_header_credential(value),
        // `authorization: AWS_IAM` and `my-auth` are a mode and a name; eight letters of both cases
        // or with a digit may be a token.
        (NameKind::Header, Name) => {
            let mixed = has_capital(value) && value.iter().any(u8::is_ascii_lowercase);
            value.len() >= 8 && (mixed || super::runs::looks_random(value))
        }
        (NameKind::Address, Number) => digits(value) >= ACCOUNT,
        (NameKind::Address, _) if logs_in_by_variables(value) => false,
        (NameKind::Address, Name) => has_capital(value),
        (NameKind::Address, Text) => memchr::memchr(b'=', value).is_none() || is_jumbled(value),
        // The API takes no capitals in names of objects, and a UUID names nothing that people name.
        (NameKind::Login, _) if is_login(value) => true,
        // `password-hash: argon2id`
        (NameKind::Password, Name) if is_hash(value) => false,
        // `authToken: cookie`, `apiKey: header:X-Api-Key`: where it is sent.
        (NameKind::Secret | NameKind::Token, Name) if is_sent_in(value) => false,
        // `permissions: {id-token: write}`, `STRATEGY_ACCESS_TOKEN: jwt`
        (NameKind::Token, Name)
            if matches!(value, b"read" | b"write" | b"jwt" | b"bearer" | b"oidc" | b"oauth2") =>
        {
            false
        }
        // `endpoints: {token: https://auth.example.com/token}`: where one is asked for.
        (NameKind::Token, Url) if memchr::memmem::find(value, b"://").is_some() => {
            looks_random(value) || is_jumbled(value)
        }
        // `password=db/password.txt`, where a file is meant.
        (NameKind::Password, Path) => !is_file_of_a_secret(value),
        // `TOKEN=/etc/orka-token`
        (NameKind::Token, Path) => !is_rooted(value),
        // `api_token: id_token`: which of them is meant.
        (NameKind::Token, Name)
            if matches!(value, b"id_token" | b"access_token" | b"refresh_token") =>
        {
            false
        }
        // `clientSecret: oidc-secret`: the name of the Secret.
        (NameKind::Secret | NameKind::Tokens, Name) if names_a_secret(value) => false,
        // `requests-api-token: "1"`
        (NameKind::Token, Number) => digits(value) > 3,
        // A text in YAML is read as such.
        (NameKind::Which, Text) => {
            let line = &value[..memchr::memchr(b'\n', value).unwrap_or(0)];
            let template = value[0] == b'{' && memchr::memmem::find(value, b"{{").is_some();
            memchr::memmem::find(line, b": ").is_none() && !template && !names_objects(value)
        }
        // `smtp_password_secret: CHANGEME-smtp-password` is to be changed to a name.
        (NameKind::Which, Name) => {
            let name = value.strip_prefix(b"CHANGEME-").unwrap_or(value);
            // `from_secret: docker_password`
            has_capital(name) && !names_a_key(name) || is_uuid(value)
        }
        (NameKind::Code, Number) => is_code(value),
        (NameKind::Weak, Text) if is_seed_phrase(value) => true,
        (NameKind::Weak, Text) if is_login(value) => {
            memchr::memchr(b':', value).is_some_and(|at| looks_made_up(&value[at + 1..]))
        }
        (NameKind::WhichKey, Name) => is_uuid(value),
        (NameKind::Weak, _) if is_marked(value) => true,
        (NameKind::Weak, Random) if is_fingerprint(value) => false,
        _ => !STAYS.iter().any(|rule| rule.name == name && rule.stays.contains(&kind)),
    }
}

/// `Sommer2024!`: one word of letters and digits with a mark among them that no name has.
fn is_marked(value: &[u8]) -> bool {
    let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
    (8..=64).contains(&value.len())
        && count(|b| matches!(b, b'!' | b'#' | b'%' | b'^' | b'~')) > 0
        && count(u8::is_ascii_digit) > 0
        && count(u8::is_ascii_lowercase) > 2
        && count(u8::is_ascii_uppercase) > 0
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"!#%^~@*&-_.".contains(b))
        // Percent escapes, a fragment of a path.
        && !matches!(value[0], b'!' | b'#' | b'%' | b'^' | b'~' | b'*' | b'&')
}

/// Digits alone, as many as people are asked for.
fn is_code(value: &[u8]) -> bool {
    (4..=10).contains(&value.len()) && value.iter().all(u8::is_ascii_digit)
}

/// The words of a wallet: twelve and more in steps of three, three to eight small letters each.
fn is_seed_phrase(value: &[u8]) -> bool {
    let mut words = 0;
    let plain = value.split(|b| *b == b' ').all(|word| {
        words += 1;
        (3..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase)
    });
    plain && matches!(words, 12 | 15 | 18 | 21 | 24)
}

/// `user:SECRET`, where the secret is no port, path, switch or reference.
fn is_login(value: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', value).filter(|colon| *colon > 0) else { return false };
    let (user, secret) = (&value[..colon], &value[colon + 1..]);
    is_word(user, b".-@+")
        && secret.len() > 1
        && !secret.contains(&b' ')
        && !secret.starts_with(b"//")
        && !matches!(
            kind(secret),
            Empty | Switch | Number | Duration | Size | Reference | Variable | Path
        )
}

/// `authHeader`, `auth_header`: nobody's credential ends so.
fn is_variable_of_a_header(value: &[u8]) -> bool {
    let value = value.strip_suffix(b",").unwrap_or(value);
    let letters = value.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_');
    letters && (value.ends_with(b"Header") || value.ends_with(b"_header"))
}

fn split_at_dot(text: &[u8]) -> Option<(&[u8], &[u8])> {
    memchr::memchr(b'.', text).map(|dot| (&text[..dot], &text[dot + 1..]))
}

/// `db/password.txt`: a file with an ending in a folder, called like a secret.
fn is_file_of_a_secret(path: &[u8]) -> bool {
    let Some(slash) = memchr::memrchr(b'/', path) else { return false };
    let Some((name, _)) = split_at_dot(&path[slash + 1..]) else { return false };
    name.len() > 3 && classify(name).hints() && !looks_random(path)
}

/// A path below a folder that every system has.
fn is_rooted(path: &[u8]) -> bool {
    const ROOTS: &[&[u8]] = &[
        b"/etc/",
        b"/var/",
        b"/run/",
        b"/tmp/",
        b"/opt/",
        b"/usr/",
        b"/home/",
        b"/root/",
        b"/mnt/",
        b"/srv/",
        b"/secrets/",
        b"/workspace/",
    ];
    ROOTS.iter().any(|root| path.len() > root.len() && path.starts_with(root))
        && !looks_random(path)
        && !is_jumbled(path)
}

/// Where clients put a secret: `header`, `cookie:sid`.
fn is_sent_in(value: &[u8]) -> bool {
    let place = &value[..memchr::memchr(b':', value).unwrap_or(value.len())];
    matches!(place, b"header" | b"cookie" | b"query" | b"body")
}

fn has_capital(text: &[u8]) -> bool {
    text.iter().any(|b| b.is_ascii_uppercase() || *b == b'_')
}

/// Digits of a number from which on it may be a code rather than a count.
const CODE: usize = 6;
/// Digits from which on a number is neither a port nor a count.
const ACCOUNT: usize = 12;

/// Whether a JSON number under this kind of name goes: one under a password always, a long one
/// under `token`, `apiKey` and `pass`. `maxTokens: 4096` and `token: 4096` are counts.
pub fn number_goes(name: NameKind, number: &[u8]) -> bool {
    match name {
        NameKind::Password => true,
        NameKind::Code => is_code(number),
        NameKind::Pass
        | NameKind::Token
        | NameKind::Secret
        | NameKind::SecretKey
        | NameKind::Which => digits(number) >= CODE,
        NameKind::Address => digits(number) >= ACCOUNT,
        _ => false,
    }
}

fn digits(text: &[u8]) -> usize {
    text.iter().filter(|b| b.is_ascii_digit()).count()
}

/// Longer values are told by their head.
const LONGEST: usize = 1024;

/// What a value looks like. Linear in its length; takes no memory.
pub fn kind(value: &[u8]) -> ValueKind {
    let value = value.trim_ascii();
    if value.len() > LONGEST && !is_public(value) {
        // Nobody calls anything so; what a longer text holds, its readers find.
        let head = &value[..LONGEST];
        return if assigns_secret(head) {
            Credentials
        } else if looks_random(head) && !head.contains(&b' ') {
            Random
        } else {
            Text
        };
    }
    let Some(first) = value.first() else { return Empty };
    let stars = value.iter().all(|b| matches!(b, b'*' | b'.' | b'-'));
    if stars || value.len() >= 3 && value.iter().all(|b| matches!(b, b'x' | b'X')) {
        return Empty;
    }
    // A line break spelled as an escape; where a program puts a value.
    let value_of_format = |text: &[u8]| matches!(text, [b'%', b's' | b'v' | b'q' | b'd']);
    if matches!(value, [b'\\', b'n' | b't' | b'r'])
        || value_of_format(value.strip_suffix(b"\\n").unwrap_or(value))
    {
        return Empty;
    }
    // `true,` in a text of a program
    if is_switch(value.strip_suffix(b",").unwrap_or(value)) || KNOWN.contains(&value) {
        return Switch;
    }
    if is_reference(value) || is_scheme_and_reference(value) {
        return Reference;
    }
    if *first == b'P' && is_iso_duration(value) {
        return Duration;
    }
    if (first.is_ascii_digit() || matches!(first, b'-' | b'+' | b'.'))
        && let Some(kind) = quantity(value)
    {
        return kind;
    }
    if is_public(value) {
        return PublicKey;
    }
    if let Some(kind) = address(value) {
        return kind;
    }
    if is_digest(value) {
        return Digest;
    }
    if is_random(value) {
        return if is_algorithm(value) { Name } else { Random };
    }
    if is_path(value) {
        return Path;
    }
    if is_variable(value) {
        return Variable;
    }
    if is_name(value) {
        return if is_jumbled(value) { Random } else { Name };
    }
    if is_settings(value) { Settings } else { Text }
}

/// Constants that are written where secrets stand and that everybody knows.
const KNOWN: &[&[u8]] = &[
    b"Public Global Stellar Network ; September 2015",
    b"Test SDF Network ; September 2015",
    // SQL
    b"DEFAULT",
    // Bank-Vaults: the token that logging in gives.
    b"vault:login",
];

fn is_switch(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "enabled",
        "disabled",
        "enable",
        "disable",
        "required",
        "optional",
        "null",
        "nil",
        "none",
        "n/a",
        "na",
        "undefined",
        "unset",
        "not-set",
        "not_set",
        "not set",
        "notset",
        "~",
        "auto",
        "always",
        "never",
        "y",
        "n",
        "on_create",
    ];
    let first = value.first().map(u8::to_ascii_lowercase);
    matches!(first, Some(b'a' | b'd'..=b'f' | b'n' | b'o' | b'r' | b't' | b'u' | b'y' | b'~'))
        && value.len() <= 9
        && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// `P30D`, `PT15M`
fn is_iso_duration(value: &[u8]) -> bool {
    let rest = &value[1..];
    let units = |b: &u8| matches!(b, b'Y' | b'M' | b'W' | b'D' | b'T' | b'H' | b'S');
    (2..=16).contains(&rest.len())
        && rest.iter().all(|b| b.is_ascii_digit() || units(b))
        && rest.windows(2).all(|two| two[0].is_ascii_digit() || two[1].is_ascii_digit())
        && rest.last().is_some_and(|b| units(b) && *b != b'T')
}

/// A number, a duration or a size.
fn quantity(value: &[u8]) -> Option<ValueKind> {
    let value = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    if value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b',')) {
        return Some(Number);
    }
    if value.len() > 32 {
        return None;
    }
    let mut rest = value;
    let mut kind = None;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let letters = rest[digits..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if digits == 0 {
            return None;
        }
        let unit = &rest[digits..digits + letters];
        let this = match unit {
            b"s" | b"m" | b"h" | b"d" | b"w" | b"y" | b"ms" | b"us" | b"ns" | b"sec" | b"min"
            | b"mins" | b"secs" | b"days" | b"hours" | b"minutes" | b"seconds" => Duration,
            b"Ki" | b"Mi" | b"Gi" | b"Ti" | b"k" | b"K" | b"M" | b"G" | b"T" | b"KB" | b"MB"
            | b"GB" | b"TB" | b"B" | b"kb" | b"mb" | b"gb" | b"KiB" | b"MiB" | b"GiB" => Size,
            _ => return None,
        };
        if kind.is_some_and(|known| known != this) {
            return None;
        }
        kind = Some(this);
        rest = &rest[digits + letters..];
    }
    kind
}

/// Whether the whole of a value is one reference to where the secret is.
pub fn is_reference(value: &[u8]) -> bool {
    match value {
        [b'$', b'(', inside @ .., b')'] => is_word(inside, b".-:") || prints_a_file(inside),
        // Chainsaw: `($values.bundle)`
        [b'(', b'$', inside @ .., b')'] => is_word(inside, b"."),
        // Also `${{ secrets.TOKEN }}` of GitHub.
        [b'$', b'{', b'{', inside @ .., b'}', b'}'] | [b'{', b'{', inside @ .., b'}', b'}'] => {
            is_template(inside)
        }
        [b'$', b'{', inside @ .., b'}'] => {
            let end =
                memchr::memmem::find(inside, b":-").or_else(|| memchr::memmem::find(inside, b":="));
            match end {
                // What stands after it is used when the variable is not set.
                Some(at) => {
                    let default = inside[at + 2..].trim_ascii();
                    is_word(&inside[..at], b".-_")
                        && (default.is_empty() || is_switch(default) || is_short_reference(default))
                }
                // Also `${env `NAME`}` of Bank-Vaults.
                None => is_word(inside, b".-:/?!@[]^,# `()") && !looks_random(inside),
            }
        }
        // Grafana: `$__file{/run/pw}`
        [b'$', b'_', b'_', inside @ .., b'}'] => {
            memchr::memchr(b'{', inside).is_some() && !looks_random(inside)
        }
        // `'{"secret": "'$secret'"}'` of a shell: what stands between the quotes.
        [b'\'', inside @ .., b'\''] if inside.first() == Some(&b'$') => is_reference(inside),
        // `$$NAME` and `$${NAME}`, where a dollar is escaped.
        // What a shell unescapes is written in it.
        [b'$', b'\'' | b'"', ..] => false,
        [b'$', b'$', b'{' | b'(', ..] if value.len() < 256 => is_reference(&value[1..]),
        // NATS: `<< $TOKEN >>`
        [b'$', b'$', name @ ..]
        | [b'$', name @ ..]
        | [b'<', b'<', b' ', b'$', name @ .., b' ', b'>', b'>'] => {
            is_shell_name(name) || is_secret_and_key(name)
        }
        // `rtsp://{RTSP_USER}:{RTSP_PASSWORD}@camera`, `f"Bearer {app_token}"`
        [b'{', name @ .., b'}'] if is_word(name, b"") && name[0].is_ascii_alphabetic() => {
            is_shell_name(name)
        }
        [b'e', b'n', b'v', b':' | b'/', name @ ..] => {
            is_shell_name(name) && !name.iter().any(u8::is_ascii_lowercase)
        }
        // Caddy and others: `{env.X}`, `{$X}`, `{file:/run/x}`
        [b'{', inside @ .., b'}'] => {
            const STARTS: [&[u8]; 6] = [b"env.", b"env:", b"$", b"file:", b"file.", b"secret:"];
            STARTS.iter().any(|start| inside.starts_with(start))
                && is_word(inside, b".-:/$")
                && !looks_random(inside)
        }
        // Where a Secret is mounted.
        [b'/', b'v', b'a', b'r', b'/', rest @ ..] | [b'/', rest @ ..]
            if rest.starts_with(b"run/secrets/") =>
        {
            is_word(rest, b"/.-") && !looks_random(rest)
        }
        // `<name of the secret>`
        [b'<', b'b', b'a', b's', b'e', b'6', b'4', b'-', words @ .., b'>'] => {
            is_word(words, b"-") && !looks_random(words)
        }
        [b'<', b'n', b'a', b'm', b'e', b' ', words @ .., b'>'] => {
            words.len() < 64 && words.iter().all(|b| b.is_ascii_lowercase() || *b == b' ')
        }
        // Home Assistant
        [b'!', b's', b'e', b'c', b'r', b'e', b't', b' ', name @ ..] => is_word(name, b"-"),
        // Symfony: `%env(X)%`
        [b'%', b'e', b'n', b'v', b'(', inside @ .., b')', b'%'] => is_word(inside, b":"),
        // Argo CD's plugin for Vault: `<path:secret/data/x#pw>`
        [b'<', b'p', b'a', b't', b'h', b':', inside @ .., b'>'] => {
            inside.iter().all(u8::is_ascii_graphic) && !looks_random(inside)
        }
        // An entity of XML.
        [b'&', inside @ .., b';'] => is_word(inside, b"") && !looks_random(inside),
        [b'%', b'(', inside @ .., b')', b's'] | [b'%', inside @ .., b'%'] => is_word(inside, b"_"),
        [b'<', b'%', ..] => value.ends_with(b"%>") && is_template(value),
        _ => {
            const SCHEMES: &[&[u8]] = &[
                b"vault:",
                b"op://",
                b"ref+",
                b"arn:aws",
                b"secretsmanager:",
                b"ssm:",
                b"keyvault:",
                b"urn:k8s:",
                b"@Microsoft.KeyVault(",
                b"{cipher}",
                b"kms:",
                b"sops:",
                b"awssm:",
                b"gcpsm:",
                // Argo CD's image updater
                b"secret:",
                b"pullsecret:",
                b"os.environ/",
                b"file:/",
                b"@/",
            ];
            memchr::memchr2(b'/', b':', value).is_some()
                && SCHEMES.iter().any(|scheme| value.starts_with(scheme))
                && value.iter().all(u8::is_ascii_graphic)
                && (memchr::memchr2(b'/', b'#', value).is_some()
                    || value.starts_with(b"urn:")
                    || value.starts_with(b"arn:"))
                && !looks_random(value)
                && !value.starts_with(b"{cipher}")
        }
    }
}

/// `cat "/etc/secrets/${NAME}"`
fn prints_a_file(command: &[u8]) -> bool {
    let Some(path) = command.strip_prefix(b"cat ") else { return false };
    let quoted = path.strip_prefix(b"\"").and_then(|path| path.strip_suffix(b"\""));
    let path = quoted.unwrap_or(path);
    path.first() == Some(&b'/') && is_word(path, b"/.-${}") && !looks_random(path)
}

/// `$client-secret:client-secret-key` of Keycloak's operator, without the dollar: a Secret and its key.
fn is_secret_and_key(text: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', text) else { return false };
    let (secret, key) = (&text[..colon], &text[colon + 1..]);
    let named = |name: &[u8]| {
        name.len() > 3 && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_'))
    };
    named(secret)
        && named(key)
        && (classify(secret).hints() || classify(key).hints())
        && !looks_random(text)
}

/// `Bearer ${TOKEN}`: the scheme of a header and a reference.
fn is_scheme_and_reference(value: &[u8]) -> bool {
    let Some(space) = memchr::memchr(b' ', value) else { return false };
    is_scheme(&value[..space]) && is_reference(value[space..].trim_ascii())
}

/// `${A:-${B}}` and `${A:-$B}`: the default is a reference itself, one level deep.
fn is_short_reference(text: &[u8]) -> bool {
    match text {
        [b'$', b'{', inside @ .., b'}'] | [b'$', b'(', inside @ .., b')'] => {
            is_word(inside, b".-_")
        }
        [b'$', name @ ..] => is_shell_name(name),
        _ => false,
    }
}

fn is_word(text: &[u8], also: &[u8]) -> bool {
    !text.is_empty()
        && text.len() <= 256
        && text.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_' || also.contains(b))
}

/// A variable as shells write it. Small letters only when they name a secret: `$ecret` is none.
fn is_shell_name(name: &[u8]) -> bool {
    let shaped = name.first().is_some_and(|b| b.is_ascii_alphabetic() || *b == b'_')
        && name.iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_');
    shaped
        && (name.iter().all(|b| !b.is_ascii_lowercase()) && !looks_random(name)
            || !looks_random(name) && classify(name).hints())
}

/// Templates of Go and others, whole: more than one action may stand there, but no text with a
/// random look and no quoted default.
fn is_template(inside: &[u8]) -> bool {
    // `.sshKeyB64` is the name of a field.
    let words = || inside.split(|b| matches!(b, b' ' | b'|' | b'(' | b')'));
    inside.len() <= 1024
        // `"skipB64enc" true`
        && !words().any(|word| {
            let about = word.len() < 16 && memchr::memmem::find(word, b"B64").is_some();
            !word.starts_with(b".") && !about && looks_random(word)
        })
        && memchr::memmem::find(inside, b"default ").is_none()
}

fn is_public(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"ssh-rsa ",
        b"ssh-ed25519 ",
        b"ssh-dss ",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
        b"-----BEGIN CERTIFICATE",
        b"-----BEGIN PUBLIC KEY",
        b"-----BEGIN RSA PUBLIC KEY",
        b"-----BEGIN PGP PUBLIC",
        b"LS0tLS1CRUdJTiBDRVJU",
        b"LS0tLS1CRUdJTiBQVUJM",
        b"age1",
        // Written to by browsers.
        b"phc_",
    ];
    matches!(value.first(), Some(b's' | b'e' | b'-' | b'L' | b'a' | b'p'))
        && STARTS.iter().any(|start| value.starts_with(start))
        && memchr::memmem::find(value, b"PRIVATE KEY").is_none()
}

/// A URL, `host:port` or connection string: with a credential or without.
/// Where the name of a user ends in the userinfo of a URL: not in a variable that has a colon itself, as
/// `${env:USER}` of OpenTelemetry's collector.
pub(super) fn colon_of_userinfo(userinfo: &[u8]) -> Option<usize> {
    let variable = userinfo.starts_with(b"${").then(|| memchr::memchr(b'}', userinfo)).flatten();
    let from = variable.map_or(0, |end| end + 1);
    memchr::memchr(b':', &userinfo[from..]).map(|at| from + at)
}

fn address(value: &[u8]) -> Option<ValueKind> {
    let mut colons = memchr::memchr_iter(b':', value);
    let scheme = colons.find(|at| value[*at..].starts_with(b"://")).filter(|at| {
        *at > 0 && value[..*at].iter().all(|b| b.is_ascii_alphanumeric() || b"+.-:".contains(b))
    });
    let assigned = assigns_secret(value);
    if let Some(at) = scheme {
        let rest = &value[at + 3..];
        let authority = &rest
            [..rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
        // A password may hold a slash: whatever stands before an `@` counts.
        let userinfo = match memchr::memrchr(b'@', authority) {
            // `postgres://$(USER):$(PASSWORD)@db`
            Some(at) => colon_of_userinfo(&authority[..at])
                .is_none_or(|colon| !is_reference(&authority[colon + 1..at])),
            None => memchr::memchr(b'@', rest)
                .is_some_and(|at| memchr::memchr(b':', &rest[..at]).is_some()),
        };
        return Some(if userinfo || assigned { Credentials } else { Url });
    }
    if assigned {
        return Some(Credentials);
    }
    // `user:password@tcp(host)/x`, `user/password@host`
    if let Some(at) = memchr::memchr(b'@', value)
        && value[..at].iter().any(|b| matches!(b, b':' | b'/'))
        && !value.contains(&b' ')
    {
        return Some(Credentials);
    }
    // `sqlite3:/data/till.sqlite3`
    if let Some(colon) = memchr::memchr(b':', value)
        && value[..colon].iter().all(u8::is_ascii_alphanumeric)
        && &value[..colon] != b"file"
        && value.get(colon + 1) == Some(&b'/')
        && is_path(&value[colon + 1..])
        && !looks_random(value)
    {
        return Some(Url);
    }
    let (host, port) = value.split_at(memchr::memrchr(b':', value)?);
    let is_host = !host.is_empty()
        && host.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(b));
    let port = port[1..].split(|b| *b == b'/').next().unwrap_or_default();
    let is_port = (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    (is_host && is_port && !looks_random(host)).then_some(Url)
}

/// Whether a value holds `name=value` or `name:value` with a name of a secret, between `;`, `&`,
/// `?`, commas or spaces.
fn assigns_secret(value: &[u8]) -> bool {
    let mut from = 0;
    for at in memchr::memchr_iter(b'=', value) {
        let name = &value[from..at];
        from = at + 1;
        let start = name
            .iter()
            .rev()
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
            .count();
        let name = name[name.len() - start..].trim_ascii();
        let text = &value[from..];
        let text = &text[..text
            .iter()
            .position(|b| matches!(b, b';' | b'&' | b',' | b' '))
            .unwrap_or(text.len())];
        let known = classify(name);
        if !text.is_empty()
            && !is_switch(text)
            && !is_reference(text)
            && !is_pattern(text)
            && (known.is_strong() && (known >= NameKind::Token || !is_path(text))
                || known == NameKind::Weak && looks_random(text)
                || matches!(name, b"sig" | b"Sig" | b"signature"))
        {
            return true;
        }
    }
    false
}

fn is_digest(value: &[u8]) -> bool {
    // `2.0.22@sha256:…`: a tag of an image and its digest.
    let value = match memchr::memchr(b'@', value) {
        Some(at)
            if at < 128 && value[..at].iter().all(|b| super::runs::is(*b, super::runs::NAME)) =>
        {
            &value[at + 1..]
        }
        _ => value,
    };
    let Some(colon) = memchr::memchr(b':', &value[..value.len().min(8)]) else { return false };
    matches!(&value[..colon], b"sha256" | b"sha512" | b"sha1" | b"md5")
        && value.len() >= colon + 33
        && value[colon + 1..].iter().all(u8::is_ascii_hexdigit)
}

/// Whether a text has a run of letters and digits that nobody would write as a name: eight and
/// more with a digit and both cases, sixteen and more with a digit, twenty and more with both
/// cases, and changing between them as words do not.
pub fn looks_random(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let (mut digits, mut lower, mut upper, mut changes) = (0u32, 0u32, 0u32, 0u32);
        let start = at;
        let mut last = 0u8;
        while at < text.len() && text[at].is_ascii_alphanumeric() {
            let class = match text[at] {
                b'0'..=b'9' => {
                    digits += 1;
                    1
                }
                b'a'..=b'z' => {
                    lower += 1;
                    2
                }
                _ => {
                    upper += 1;
                    3
                }
            };
            changes += u32::from(last != 0 && class != last && !(last == 3 && class == 2));
            last = class;
            at += 1;
        }
        let len = (at - start) as u32;
        let both = lower > 0 && upper > 0;
        let letters = lower + upper > 0;
        if digits > 0 && both && len >= 8 && changes * 5 >= len
            || digits > 0 && letters && len >= 16 && changes * 5 >= len
            || both && len >= 20 && changes * 4 >= len
        {
            return true;
        }
    }
    false
}

/// Whether a word looks like a password that somebody made up: eight letters and more, both cases
/// and a digit among them. For places where a password is likely.
pub(crate) fn looks_made_up(word: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| word.iter().any(test);
    (8..=128).contains(&word.len())
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && word.iter().all(u8::is_ascii_graphic)
        && !word.iter().any(|b| matches!(b, b'/' | b':' | b'=' | b'"' | b'\'' | b'{' | b'('))
}

/// Whether a run of letters and digits looks drawn rather than written: [`looks_random`] without
/// asking how often it changes, for values whose name says already that they are secrets.
pub(crate) fn looks_drawn(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(|run| {
        let digit = run.iter().any(u8::is_ascii_digit);
        let cases =
            run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase);
        match run.len() {
            0..8 => false,
            8..16 => digit && cases,
            16..20 => digit,
            _ => digit || cases,
        }
    })
}

/// Whether the whole of a value is a random text, or several lines of one. A document or a sentence
/// with a random word in it is neither.
fn is_random(value: &[u8]) -> bool {
    looks_random(value)
        && value.split(u8::is_ascii_whitespace).filter(|piece| !piece.is_empty()).enumerate().all(
            |(at, piece)| {
                at == 0 && piece.len() == value.len() || piece.len() >= 16 && looks_random(piece)
            },
        )
}

fn is_path(value: &[u8]) -> bool {
    const ENDS: &[&[u8]] = &[
        b".pem",
        b".key",
        b".crt",
        b".cer",
        b".json",
        b".yaml",
        b".yml",
        b".txt",
        b".jks",
        b".p12",
        b".pfx",
        b".pub",
        b".conf",
        b".cfg",
        b".env",
        b".properties",
        b".xml",
        b".token",
        b".asc",
        b".gpg",
        b".js",
        b".sh",
        b".py",
        b".sql",
        b".toml",
        b".ini",
        b".cnf",
        b".kubeconfig",
    ];
    let path = value.strip_prefix(b"cat ").unwrap_or(value).trim_ascii();
    if path.len() > 1024
        || !path.iter().all(|b| {
            b.is_ascii_graphic()
                && !matches!(
                    b,
                    b'"' | b'\'' | b'`' | b';' | b'|' | b'<' | b'>' | b'=' | b'+' | b'&'
                )
        })
    {
        return false;
    }
    if path.starts_with(b"$(") && memchr::memmem::find(path, b")/").is_some() {
        return !looks_random(path);
    }
    if matches!(path, [b'/', b'a'..=b'z' | b'A'..=b'Z' | b'.' | b'$' | b'{', ..])
        || path.starts_with(b"./")
        || path.starts_with(b"../")
        || path.starts_with(b"~/")
        || path.starts_with(b"file:")
    {
        return memchr::memchr(b'/', &path[1..]).is_some() || path.contains(&b'.');
    }
    let Some(dot) = memchr::memrchr(b'.', path).filter(|dot| *dot > 0) else { return false };
    ENDS.contains(&&path[dot..])
        && path.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'/'))
}

/// A list of words and assignments none of which is of a secret.
fn is_settings(value: &[u8]) -> bool {
    value.len() <= 512
        && memchr::memchr(b',', value).is_some()
        && memchr::memchr(b'=', value).is_some()
        && !looks_random(value)
        && value.split(|b| *b == b',').enumerate().all(|(at, part)| {
            match memchr::memchr(b'=', part) {
                None => at == 0 && is_word(part, b"-"),
                Some(equals) => {
                    let (name, text) = (&part[..equals], &part[equals + 1..]);
                    is_word(name, b"-.")
                        && (matches!(kind(text), Path | Switch | Number | Duration | Size)
                            || is_word(text, b"-.") && !classify(name).hints())
                }
            }
        })
}

/// A variable in capitals whose name says that it holds a secret.
fn is_variable(value: &[u8]) -> bool {
    if matches!(value, b"PASSWORD" | b"TOKEN" | b"SECRET" | b"PASSPHRASE") {
        return true;
    }
    value.contains(&b'_')
        && value.len() <= 128
        && value.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
        && classify(value).hints()
}

/// `$(DRIVER)://$(USER):$(PASSWORD)@$(HOST)`: nothing but variables before the host.
fn logs_in_by_variables(value: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(value, b"://") else { return false };
    let (mut rest, mut any) = (&value[at + 3..], false);
    loop {
        match rest {
            [b':', after @ ..] => rest = after,
            [b'@', ..] => return any,
            [b'$', b'(' | b'{', after @ ..] => {
                let end = if rest[1] == b'(' { b')' } else { b'}' };
                let Some(len) = memchr::memchr(end, after) else { return false };
                if !is_word(&after[..len], b".-") {
                    return false;
                }
                (rest, any) = (&after[len + 1..], true);
            }
            _ => return false,
        }
    }
}

/// At least two words of small letters, the last of which is one of secrets: `redis_password`. Or one
/// that keys are called as a rule.
fn names_a_key(value: &[u8]) -> bool {
    matches!(
        value,
        b"password"
            | b"token"
            | b"secret"
            | b"credentials"
            | b"passwd"
            | b"apiKey"
            | b"accessKey"
            | b"secretKey"
            | b"clientSecret"
            | b"privateKey"
            | b"apikey"
            | b"kubeconfig"
    ) || value.iter().any(|b| matches!(b, b'-' | b'_' | b'.'))
        && value.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'_' | b'.'))
        && classify(value).hints()
}

/// Words of small letters with dashes between, one of them `secret`: what a Secret is called.
fn names_a_secret(value: &[u8]) -> bool {
    let simple = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    memchr::memchr(b'-', value).is_some()
        && value.iter().all(simple)
        && value.split(|b| *b == b'-').any(|word| word == b"secret")
        && value.iter().filter(|b| b.is_ascii_digit()).count() <= 1
}

/// `first-secret second-secret`, `kfg-$(context.name)`: names of objects, and what is put together
/// to one.
fn names_objects(value: &[u8]) -> bool {
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.');
    value.len() <= 1024
        && value.contains(&b'-')
        && value.split(|b| matches!(b, b' ' | b',')).filter(|name| !name.is_empty()).all(|name| {
            let reference = memchr::memchr(b'$', name);
            let (name, reference) = name.split_at(reference.unwrap_or(name.len()));
            (reference.is_empty() || is_reference(reference))
                && name.contains(&b'-')
                && name.iter().all(lower)
                && !looks_random(name)
                && !is_jumbled(name)
        })
}

/// `E3FF2839C048B25C084DEBE9B26995E310250568`, as GnuPG writes it.
fn is_fingerprint(value: &[u8]) -> bool {
    value.len() == 40 && value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'))
}

/// How passwords are hashed.
pub(crate) fn is_hash(value: &[u8]) -> bool {
    matches!(
        value,
        b"argon2"
            | b"argon2i"
            | b"argon2d"
            | b"argon2id"
            | b"bcrypt"
            | b"scrypt"
            | b"pbkdf2"
            | b"plain"
            | b"sha256"
            | b"sha512"
            | b"md5"
    )
}

/// `SHA256WithRSA`, `RSA4096`: algorithms are called so.
fn is_algorithm(value: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[b"SHA", b"RSA", b"ECDSA", b"AES", b"HMAC", b"PBKDF2", b"ED25519"];
    value.len() <= 24
        && HEADS
            .iter()
            .any(|head| value.len() > head.len() && value[..head.len()].eq_ignore_ascii_case(head))
        && value.iter().filter(|b| b.is_ascii_digit()).count() <= 7
        && memchr::memmem::find(value, b"With").is_some()
}

fn is_name(value: &[u8]) -> bool {
    let marks = value.iter().filter(|b| matches!(b, b'/' | b':')).count();
    value.len() <= 253
        && (marks <= 1 || !value.iter().any(u8::is_ascii_uppercase) && !value.contains(&b':'))
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-/:".contains(b))
}

/// Whether a text is a type of JSON schema.
pub(crate) fn is_schema_type(text: &[u8]) -> bool {
    matches!(text, b"string" | b"object" | b"array" | b"integer" | b"number" | b"boolean")
}

pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| {
            if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() }
        })
}

/// `Bearer abc`, `Splunk abc`, `a=b; c=d`: a scheme and what is no reference, or a cookie.
fn is_header_credential(value: &[u8]) -> bool {
    if let Some(equals) = memchr::memchr(b'=', value) {
        // `session=.*`: a pattern.
        return !is_pattern(&value[equals + 1..]);
    }
    let Some(space) = value.iter().position(|b| *b == b' ') else { return true };
    let credential = value[space..].trim_ascii();
    let printed = credential.starts_with(b"$(") && credential.ends_with(b")");
    !credential.is_empty()
        && !printed
        && !matches!(kind(credential), Reference | Variable | Switch | Empty)
        && (!is_sentence(value) || is_scheme(&value[..space]) && !speaks_of_schemes(credential))
}

/// Words after the name of a scheme in a sentence about it. What else follows is a pass phrase.
fn speaks_of_schemes(text: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"token",
        b"tokens",
        b"auth",
        b"authentication",
        b"authorization",
        b"scheme",
        b"header",
        b"headers",
        b"credential",
        b"credentials",
        b"is",
        b"are",
        b"or",
        b"and",
        b"with",
        b"from",
        b"for",
        b"in",
        b"of",
        b"to",
        b"must",
        b"only",
        b"by",
        b"as",
        b"if",
        b"when",
    ];
    let word = text.split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

fn is_scheme(word: &[u8]) -> bool {
    let schemes = [b"Bearer".as_slice(), b"Basic", b"Token", b"ApiKey", b"GenieKey", b"SSWS"];
    schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A regular expression for anything.
fn is_pattern(text: &[u8]) -> bool {
    matches!(text, b".*" | b".+" | b"[^;]+" | b"[^;]*" | b".*;?" | b".*$" | b"(.*)" | b"(.+)")
}

/// Three words or more that are written as words are: letters, large ones at most in front.
fn is_sentence(value: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        let [_, rest @ ..] = word else { return true };
        let end = rest.len() - usize::from(rest.last().is_some_and(u8::is_ascii_punctuation));
        word[0].is_ascii_alphabetic()
            && rest[..end].iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'\''))
    };
    let words = value.split(|b| *b == b' ');
    words.clone().count() >= 3 && words.clone().all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_holds_for_its_examples() {
        for rule in STAYS {
            for (name, value) in rule.goes {
                let known = classify(name.as_bytes());
                assert!(
                    goes(known, value.as_bytes()),
                    "{name}: {value} stays ({known:?}, {:?})",
                    kind(value.as_bytes())
                );
            }
            for (name, value) in rule.keeps {
                let known = classify(name.as_bytes());
                assert!(
                    !goes(known, value.as_bytes()),
                    "{name}: {value} goes ({known:?}, {:?})",
                    kind(value.as_bytes())
                );
            }
        }
    }

    #[test]
    fn numbers_are_counts_or_codes() {
        assert!(number_goes(NameKind::Password, b"1234"));
        assert!(!number_goes(NameKind::Token, b"4096"));
        assert!(number_goes(NameKind::Token, b"482913"));
        assert!(!number_goes(NameKind::Tokens, b"12345678"));
    }
}
