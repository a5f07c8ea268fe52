//! What a value is, and which values may be secrets under which names.
//!
//! A name only suggests; the value decides with it. `STAYS` is the one table: a row per kind of
//! name with the kinds of values that are no secret there, and examples of both.

mod plain;
mod random;
mod references;

use super::jumbled::is_jumbled;
use super::names::NameKind;
pub(super) use plain::colon_of_userinfo;
pub(crate) use plain::is_schema_type;
use plain::{
    KNOWN, address, assigns_secret, digits, has_capital, is_header_credential, is_iso_duration,
    is_login, is_marked, is_name, is_plain_login, is_public, is_seed_phrase, is_settings,
    is_switch, quantity,
};
use random::{is_algorithm, is_digest, is_fingerprint, is_random};
pub(crate) use random::{is_hash, is_uuid, looks_drawn, looks_made_up, looks_random};
pub use references::is_reference;
use references::{
    is_code, is_file_of_a_secret, is_path, is_rooted, is_scheme_and_reference, is_sent_in,
    is_variable, is_variable_of_a_header, logs_in_by_variables, names_a_key, names_a_secret,
    names_objects,
};

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
            ("password", "$(x)y"), ("rootpass_word", "https://x"), ("password", "SUPER_SECRET")]
        keeps [("password", ""), ("password", "/run/secrets/mqtt_pwd"), ("GIT_PASSWORD", "$(cat \"/etc/git/${WHO}\")"), ("ALLOW_EMPTY_PASSWORD", "yes"), ("password", "$(DB_PASSWORD)"),
            ("password", "{{ .password }}"), ("password", "DB_PASSWORD"),
            ("password", "ENC[AES256_GCM,data:Zm9v,iv:YWJj,tag:ZGVm,type:str]")];
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
        goes [("apiKey", "hunter2"), ("clientSecret", "my-s3cr3t"), ("clientSecret", "super-secret"), ("DB_PASSWORD_READONLY", "hunter2")]
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
        goes [("DATABASE_URL", "postgres://u:hunter2@x@db/x"), ("DATABASE_URL", "https://hunter2@db/x"), ("CONNECTION_STRING", "Server=db;Uid=a;Pwd=hunter2"),
            ("dsn", "hEfXPDt8Xiiht"), ("dsn", "P@ss/xkqvtwpzmbrj%41+=&x=1#")]
        keeps [("REDIS_URL", "redis://redis:6379/0"), ("dbUri", "mongodb://mongo/unifi"), ("dsn", "redis:6379"),
            ("DATABASE_URL", "sqlite3:/data/till.sqlite3"), ("DATABASE_URL", "postgres://app@db:5432/app"),
            ("DATABASE_URL", "postgres://u:hunter2@db/x")];
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
    name.hints() && goes_as(name, value, kind(value))
}

/// Whether a text goes under this kind of name, when its own kind is known.
pub(super) fn goes_as(name: NameKind, value: &[u8], kind: ValueKind) -> bool {
    let value = value.trim_ascii();
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
        // The reader of URLs takes the login out and leaves the host.
        (NameKind::Address, Credentials) if is_plain_login(value) => false,
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
    // Too short to be random, and without the signs that addresses, paths and references have.
    let word = value.len() <= 7 && value.iter().all(u8::is_ascii_alphanumeric);
    if !word && (is_reference(value) || is_scheme_and_reference(value)) {
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
    if word {
        return if is_variable(value) { Variable } else { Name };
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::classify;

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
