//! The words that names are made of: rows of data.
//!
//! A word is lower-case ASCII of at most sixteen letters: [`super::split`] folds case, accents and
//! look-alike letters away before it asks. Words of scripts that do not fold stand in [`FOREIGN`].

/// What a word says in a name.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Class {
    /// Not in the table.
    Unknown,
    /// A password, whatever stands beside it.
    Password,
    /// `pass`: a password at the end of a name, an ordinary word elsewhere.
    Pass,
    Token,
    /// `tokens`: also what language models and rate limits count.
    Tokens,
    /// `secret`: the secret or the object that holds it.
    Secret,
    Credentials,
    Key,
    /// A secret only when the value looks random.
    Weak,
    Cookie,
    Authorization,
    /// `dsn`: an address that may hold a password.
    Dsn,
    /// `url`, `uri`: an address; with a data base before it, one that may hold a password.
    Link,
    /// The value says which, where, or is a digest: it may look random and is none.
    About,
    /// The value says how: a setting. What looks random there is none.
    Setting,
    /// Says nothing: the word before it counts.
    Clear,
    /// Makes the `key` after it a secret.
    Opens,
    /// Makes the `secret` after it the secret itself.
    Holds,
    /// Both of these.
    OpensAndHolds,
    /// An ordinary word of names, known so that joined words can be told apart.
    Plain,
}

use Class::{
    About, Authorization, Clear, Cookie, Credentials, Dsn, Holds, Key, Link, Opens, OpensAndHolds,
    Pass, Password, Plain, Secret, Setting, Token, Tokens, Weak,
};

/// Words of one class, and names with what the classifier says of them.
pub(super) struct Row {
    pub(super) class: Class,
    pub(super) words: &'static [&'static str],
}

#[rustfmt::skip]
pub(super) const ROWS: &[Row] = &[
    Row { class: Password, words: &[
        "password", "passwords", "passwd", "passwds", "passphrase", "passphrases", "passcode",
        "passcodes", "pwd", "pswd", "psswd", "passw", "pwds", "htpasswd", "chpasswd", "masterauth", 
        // German, French, Spanish, Portuguese, Italian, Dutch, Scandinavian, Polish, Czech,
        // Hungarian, Finnish, Turkish, Romanian, Croatian, Indonesian, Russian in Latin letters
        "passwort", "passworter", "passwoerter", "kennwort", "kennworter", "kennwoerter", "losung", "passe", "mdp",
        "contrasena", "contrasenas", "contrasenya", "senha", "senhas", "palavrapasse", "parola",
        "wachtwoord", "wachtwoorden", "adgangskode", "kodeord", "losenord", "passord", "haslo",
        "hasla", "heslo", "hesla", "jelszo", "salasana", "sifre", "parole", "lozinka", "zaporka",
        "sandi", "geslo", "zugangscode", "gesla", "slaptazodis", "parol", "matkhau", "khau", "pasahitza",
    ]},
    Row { class: Pass, words: &["pass", "psk", "pw", "psw", "sudopw"] },
    Row { class: Token, words: &["token", "bearer", "jeton", "xapikey", "apitoken", "authtoken", "accesstoken"] },
    Row { class: Tokens, words: &["tokens"] },
    Row { class: Secret, words: &[
        "secret", "secrets", "secreto", "segredo", "segreto", "geheimnis", "sekret",
    ]},
    Row { class: Credentials, words: &["credential", "credentials", "zugangsdaten", "anmeldedaten"] },
    Row { class: Key, words: &["key", "keys"] },
    Row { class: Weak, words: &[
        "seed", "seeds", "salt", "salts", "license", "licenses", "licence", "auth", "cred",
        "creds", "session", "sessionid", "jsessionid", "mnemonic", "community", "pat", "otp",
        "totp", "hmac", "jwt", "pin", "unseal", "keystore", "keytab", "wallet", "passkey",
        "schluessel", "schlussel", "zugangsschlussel", "pepper", "chave", "clave", "chiave", "cle", "geheim", "nyckel", "klucz",
        "klic", "sas", "kek", "unwrapped", "dockerconfigjson", "dockercfg", "encrypt", "encryption",
    ]},
    Row { class: Cookie, words: &["cookie", "cookies"] },
    Row { class: Authorization, words: &["authorization", "authorisation"] },
    Row { class: Dsn, words: &["dsn", "connstr", "connstring", "connectionstring"] },
    Row { class: Link, words: &["url", "uri", "urls", "uris"] },
    Row { class: About, words: &[
        "name", "names", "id", "ids", "uid", "uids", "guid", "uuid", "ref", "refs", "reference",
        "references", "checksum", "checksums", "digest", "digests", "sha", "fingerprint",
        "fingerprints", "thumbprint", "version", "versions", "revision", "file", "files", "filename",
        "path", "paths", "dir", "directory", "folder", "host", "hosts", "hostname", "endpoint",
        "endpoints", "address", "port", "arn", "arns", "selector", "selectors", "label", "labels",
        "annotation", "annotations", "namespace", "namespaces", "mount", "mounts", "volume",
        "volumes", "issuer", "audience", "audiences", "type", "types", "kind", "kinds", "review",
        "reviews", "provider", "providers", "public", "wrapped", "crt", "cert", "certs",
        "certificate", "certificates", "ca", "description", "title", "documentation", "cmd",
        "command", "image", "repository", "usernames", "username", "user", "users", "email",
        "stdin", "claim", "claims", "realm", "realms", "scope", "scopes", "bucket", "binding",
    ]},
    Row { class: Setting, words: &[
        "count", "counts", "ttl", "expiration", "expirations", "expiry", "expires", "expire",
        "expired", "seconds", "minutes", "hours", "days", "millis", "policy", "policies", "length", "size",
        "sizes", "enabled", "enable", "enables", "disabled", "disable", "required", "algorithm", "algorithms",
        "alg", "mode", "modes", "rotation", "rotations", "rotate", "rotated", "period", "class",
        "store", "stores", "connector", "connectors", "tries", "attempts", "retries", "variable", "variables", "template", "templates", "format", "formats", "prefix", "suffix",
        "config", "configs", "configuration", "timeout", "lifetime", "lifespan", "validity", "method",
        "methods", "field", "fields", "column", "columns", "usages", "usage", "status", "state",
        "age", "at", "time", "timestamp", "date", "location", "env", "from", "hashing", "generator",
        "generators", "encoder", "encoders", "validators", "hasher", "hashers", "module", "modules", "helper", "generation", "strategy", "only", "complexity", "encoding", "interval", "intervals",
        "retention", "duration", "attribute", "attributes", "allow", "allowed", "creation",
        "limit", "limits", "quota", "rate", "budget", "window", "request", "requests", "response",
        "exchange", "manager", "controller", "operator", "rotator", "refresher", "reset", "change",
        "changes", "changed", "history", "strength", "validation", "validator", "rule", "rules",
        "min", "max", "minimum", "maximum", "iterations", "rounds", "authentication", "login",
        "grant", "grants", "flow", "header", "headers", "param", "parameter", "query", "source",
        "sources", "target", "targets", "projection", "refresh", "renewal", "reuse", "caching", "cache", "tier",
        "permissions", "permission", "role", "roles", "group", "groups", "owner", "owners", "mapping",
        "mappings", "schema", "spec", "options", "option", "settings", "setting", "backend", "engine",
        "engines", "driver", "resource", "resources", "object", "objects", "list", "lists", "set", "sets",
        "index", "position", "order", "number", "bits", "curve", "purpose", "purposes",
        "delimiter", "separator", "regex", "pattern", "patterns", "expression", "match", "matches", "samesite",
        "secure", "httponly", "domain", "sync", "syncer", "webhook", "injector", "reader", "writer",
        "handler", "filter", "filters", "factory", "service", "services", "server", "servers", 
        "spent", "threshold", "throughput", "batch", "text", "characters", "charset", "digits",
        "symbols", "cron", "crontab", "schedule", "uppercase", "lowercase", "prompt", "hint", "question", "questions", "placeholder",
    ]},
    Row { class: Clear, words: &[
        "value", "values", "val", "data", "raw", "plain", "plaintext", "base", "encoded",
        "decoded", "string", "str", "inline", "literal", "content", "contents", "hash", "hashed", "prod", "production", "dev",
        "development", "staging", "stage", "stg", "test", "testing", "live", "new", "old", "current",
        "previous", "backup", "default", "json", "yaml", "txt", "pem", "hex", "alt",
    ]},
    Row { class: Opens, words: &[
        "access", "private", "priv", "account", "ssh", "deploy", "rsa", "master", 
        "fernet", "preshared", "crypt", "recovery", "pgp", "gpg",
    ]},
    Row { class: Holds, words: &["consumer", "oauth", "oidc", "csrf", ] },
    Row { class: OpensAndHolds, words: &[
        "api", "signing", "shared", "app", "application", "client", 
    ]},
    Row { class: Plain, words: &[
        "db", "database", "root", "admin", "my", "mysql", "mariadb", "pg", "postgres", "postgresql",
        "pgsql", "mongo", "mongodb", "redis", "amqp", "rabbit", "rabbitmq", "kafka", "ldap", "smtp",
        "mail", "imap", "ftp", "sftp", "http", "https", "proxy", "bind", "require", "web",
        "system", "rest", "superuser", "super", "repl", "replication", "replica", "sys", "jdbc", "sql", "mssql",
        "oracle", "cassandra", "elastic", "elasticsearch", "vault", "consul", "etcd", "nats", "minio",
        "git", "github", "gitlab", "docker", "registry", "harbor", "helm", "npm", "slack", "aws", "gcp",
        "azure", "google", "cloud", "storage", "s", "tls", "ssl", "mtls", "wifi", "vpn", "radius", "snmp", "keycloak",
        "grafana", "sonar", "jenkins", "nexus", "ipsec", "broker", "transport", "connection", "conn",
        "tokenizer", "tokenizers", "tokenization", "tokenized", "secretary", "passthrough", "bypass",
        "compass", "monkey", "author", "authors", "authority", "authn", "authz", "passive", "passed",
        "passing", "passport", "pull", "push", "use", "create", "generate", "existing", "empty",
        "continue", "next", "page", "pagination", "legacy", "initial", "cluster", "idempotency", "inject", "prefill",
        "external", "internal", "random", "phrase", "codes", "code", "erlang", "tsa", "worker",
        "pub", "partition", "topology", "total", "num", "per", "input", "output", "completion", "cached",
        "pgpass", "netrc", "by", "of", "de", "mot", "mat", "du", "in", "to", "with", "for", "and", "last", "modified", "sticky",
        "hub", "org", "team", "project", "site", "region", "zone", "machine", "node", "gateway",
    ]},
];

/// Two words that mean something together: the word before, the last word, what the name is.
pub(super) struct Pair(
    pub(super) &'static str,
    pub(super) &'static str,
    pub(super) super::NameKind,
);

/// Pairs at the end of a name that the classes of their words do not tell.
#[rustfmt::skip]
pub(super) const PAIRS: &[Pair] = &{
    use super::NameKind as N;
    [
        // What pages, restarts and requests are told apart by.
        Pair("continue", "token", N::About),
        Pair("next", "token", N::About),
        Pair("page", "token", N::About),
        Pair("pagination", "token", N::About),
        Pair("legacy", "token", N::About),
        Pair("stale", "token", N::About),
        Pair("idempotency", "token", N::Which),
        Pair("creation", "token", N::Which),
        Pair("cluster", "token", N::Which),
        // Half of a credential, or the name of a Secret elsewhere.
        Pair("secret", "id", N::Which),
        Pair("session", "id", N::Weak),
        Pair("secret", "data", N::Secret),
        Pair("security", "credentials", N::Secret),
        Pair("secret", "value", N::Secret),
        Pair("secret", "string", N::Secret),
        Pair("secure", "json", N::Secret),
        Pair("recovery", "codes", N::Secret),
        Pair("recovery", "code", N::Secret),
        Pair("backup", "codes", N::Secret),
        Pair("seed", "phrase", N::Secret),
        Pair("recovery", "phrase", N::Secret),
        Pair("mnemonic", "phrase", N::Secret),
        Pair("secret", "phrase", N::Secret),
        Pair("pass", "phrase", N::Password),
        Pair("pass", "word", N::Password),
        Pair("pass", "wd", N::Password),
        Pair("pass", "code", N::Password),
        Pair("pin", "code", N::Password),
        // Digits as a rule.
        Pair("access", "code", N::Code),
        Pair("security", "code", N::Code),
        Pair("activation", "code", N::Code),
        Pair("access", "phrase", N::Secret),
        Pair("client", "assertion", N::Secret),
        Pair("code", "verifier", N::Secret),
        Pair("plex", "claim", N::Secret),
        // Portuguese, Spanish, Italian
        Pair("chave", "api", N::Secret),
        Pair("llave", "api", N::Secret),
        Pair("clave", "api", N::Secret),
        Pair("chiave", "api", N::Secret),
        Pair("so", "pin", N::Password),
        Pair("user", "pin", N::Password),
        Pair("sip", "pin", N::Password),
        Pair("unlock", "code", N::Secret),
        Pair("erlang", "cookie", N::Secret),
        Pair("connection", "string", N::Address),
        Pair("conn", "string", N::Address),
        Pair("conn", "str", N::Address),
        Pair("connect", "string", N::Address),
        // `apiKeyIn: header`
        Pair("key", "in", N::Weak),
        // `user:password` of Concourse and others
        Pair("local", "user", N::Login),
        Pair("basic", "auth", N::Login),
        Pair("auth", "users", N::Login),
        Pair("admin", "login", N::Login),
        Pair("http", "auth", N::Login),
        Pair("http", "basic", N::Login),
        Pair("auth", "basic", N::Login),
        Pair("elastic", "auth", N::Login),
        Pair("elasticsearch", "auth", N::Login),
        Pair("rabbitmq", "auth", N::Login),
        Pair("mongo", "auth", N::Login),
        // Yarn: `npmAuthIdent: "ci:SECRET"`
        Pair("auth", "ident", N::Login),
        Pair("auth", "tok", N::Token),
        Pair("access", "tok", N::Token),
        Pair("refresh", "tok", N::Token),
        Pair("bearer", "tok", N::Token),
        Pair("api", "tok", N::Token),
        // `STRIPE_SK`
        Pair("stripe", "sk", N::Weak),
        // Holds a key, or is a way to log in.
        Pair("key", "auth", N::Which),
        // Redis has no other word for it.
        Pair("redis", "auth", N::Which),
        Pair("rediscli", "auth", N::Which),
        // Whose signature it is: a fingerprint as a rule.
        Pair("gpg", "key", N::Weak),
        Pair("gpg", "keys", N::Weak),
        // What one costs.
        Pair("per", "token", N::Neither),
        // What language models put between texts.
        Pair("stop", "token", N::Weak),
        Pair("stop", "tokens", N::Weak),
        Pair("pad", "token", N::Weak),
        Pair("eos", "token", N::Weak),
        Pair("eot", "token", N::Weak),
        Pair("bos", "token", N::Weak),
        Pair("unk", "token", N::Weak),
        Pair("mask", "token", N::Weak),
        Pair("sep", "token", N::Weak),
        Pair("cls", "token", N::Weak),
        Pair("special", "token", N::Weak),
        Pair("pem", "key", N::Secret),
        // sendmail and nslcd: `ldap_default_authtok`
        Pair("default", "authtok", N::Pass),
        // The words the other way round: `SECRET_JWT`, `KEY_API`.
        Pair("secret", "jwt", N::Secret),
        Pair("secret", "hmac", N::Secret),
        Pair("key", "api", N::Weak),
        Pair("key", "access", N::Weak),
        Pair("key", "signing", N::Weak),
        Pair("key", "private", N::Weak),
        // `X-JFrog-Art-Api`
        Pair("art", "api", N::Secret),
        Pair("mat", "khau", N::Password),
    ]
};

/// Whose a secret is, when that follows: `PASS_DB`, `TOKEN_GITHUB`.
pub(super) const WHOSE: &[&str] = &[
    "db",
    "database",
    "root",
    "admin",
    "mysql",
    "mariadb",
    "pg",
    "postgres",
    "postgresql",
    "mongo",
    "mongodb",
    "redis",
    "rabbitmq",
    "ldap",
    "smtp",
    "mail",
    "imap",
    "ftp",
    "sftp",
    "github",
    "gitlab",
    "npm",
    "slack",
    "sonar",
    "jenkins",
    "grafana",
];

/// Words before `url` and `uri` that make it the address of a data base or broker.
pub(super) const STORES: &[&str] = &[
    "database",
    "db",
    "mongo",
    "mongodb",
    "redis",
    "postgres",
    "postgresql",
    "pg",
    "mysql",
    "mariadb",
    "amqp",
    "rabbitmq",
    "rabbit",
    "broker",
    "sqlalchemy",
    "couchdb",
    "clickhouse",
    "elasticsearch",
    "nats",
    "kafka",
    "jdbc",
    "transport",
    "celery",
    "sql",
];

/// Words for a secret in scripts that have no letters in common with ours, as they stand anywhere
/// in a name. Cyrillic and Greek in lower case.
#[rustfmt::skip]
pub(super) const FOREIGN: &[&str] = &[
    "пароль", "пароли", "парола", "пароля", "лозинка", "секрет", "токен", "κωδικ", "συνθηματικ",
    "密码", "密碼", "口令", "密钥", "密鑰", "秘密", "令牌", "权杖", "凭证", "憑證",
    "パスワード", "パスコード", "パスフレーズ", "ключ_api", "api_ключ", "暗証番号", "トークン", "シークレット", "認証情報",
    "비밀번호", "암호", "비밀", "토큰", "كلمة المرور", "كلمة_المرور", "كلمةالمرور", "סיסמה", "סיסמא", "รหัสผ่าน",
    "lykilorð", "lösenord", "पासवर्ड", "գաղտնաբառ", "პაროლი",
];

/// How words begin that are written with digits for letters.
const DIGITS: &[&[u8; 3]] = &[b"p4s", b"pa5", b"p45", b"s3c", b"t0k"];

/// Longest word of [`ROWS`].
pub(super) const LONGEST: usize = 16;

const WORDS: usize = {
    let (mut count, mut row) = (0, 0);
    while row < ROWS.len() {
        count += ROWS[row].words.len();
        row += 1;
    }
    count
};

const SLOTS: usize = 2048;

/// Every word packed into a number, by a hash of it; open addressing.
struct Table {
    words: [u128; SLOTS],
    classes: [Class; SLOTS],
    /// Bit `length` for every length a word with this first letter has.
    lengths: [u32; 26],
}

const TABLE_OF_WORDS: Table = {
    let mut table = Table { words: [0; SLOTS], classes: [Class::Unknown; SLOTS], lengths: [0; 26] };
    assert!(WORDS < SLOTS / 2);
    let mut row = 0;
    while row < ROWS.len() {
        let mut at = 0;
        while at < ROWS[row].words.len() {
            let word = ROWS[row].words[at].as_bytes();
            assert!(!word.is_empty() && word.len() <= LONGEST);
            let packed = pack(word);
            let mut slot = place(packed);
            while table.words[slot] != 0 && table.words[slot] != packed {
                slot = (slot + 1) % SLOTS;
            }
            if table.words[slot] == 0 {
                table.words[slot] = packed;
                table.classes[slot] = ROWS[row].class;
                if word[0].is_ascii_lowercase() {
                    table.lengths[(word[0] - b'a') as usize] |= 1 << word.len();
                }
            }
            at += 1;
        }
        row += 1;
    }
    table
};

static TABLE: Table = TABLE_OF_WORDS;

/// A word of at most sixteen letters as a number.
pub(super) const fn pack(word: &[u8]) -> u128 {
    let mut packed = 0u128;
    let mut at = 0;
    while at < word.len() && at < LONGEST {
        packed = packed << 8 | word[at] as u128;
        at += 1;
    }
    packed
}

const fn place(packed: u128) -> usize {
    let mixed = (packed as u64) ^ ((packed >> 64) as u64).rotate_left(25);
    (mixed.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as usize % SLOTS
}

/// What a word of lower-case letters says.
pub(super) fn class(word: &[u8]) -> Class {
    if word.is_empty() || word.len() > LONGEST {
        return Class::Unknown;
    }
    let packed = pack(word);
    let mut slot = place(packed);
    while TABLE.words[slot] != 0 {
        if TABLE.words[slot] == packed {
            return TABLE.classes[slot];
        }
        slot = (slot + 1) % SLOTS;
    }
    Class::Unknown
}

/// The lengths that words with this first letter have, a bit for each.
pub(super) fn lengths(first: u8) -> u32 {
    TABLE.lengths.get(usize::from(first.wrapping_sub(b'a'))).copied().unwrap_or(0)
}

/// Which three letters a word of a secret starts with: a bit for each, by [`triple`]. Words of two
/// letters count with every third.
pub(super) static STARTS: [u64; 512] = {
    let mut set = [0u64; 512];
    let mut row = 0;
    while row < ROWS.len() {
        if ROWS[row].class as u8 <= Link as u8 {
            let mut at = 0;
            while at < ROWS[row].words.len() {
                let word = ROWS[row].words[at].as_bytes();
                let (mut third, last) =
                    if word.len() > 2 { (word[2] & 31, word[2] & 31) } else { (0, 31) };
                while third <= last {
                    let bit = triple(word[0], word[1], third);
                    set[bit >> 6] |= 1 << (bit & 63);
                    third += 1;
                }
                at += 1;
            }
        }
        row += 1;
    }
    // `p4ssw0rd`, `s3cret`, `t0ken`
    let mut at = 0;
    while at < DIGITS.len() {
        let word = DIGITS[at];
        let bit = triple(word[0], word[1], word[2]);
        set[bit >> 6] |= 1 << (bit & 63);
        at += 1;
    }
    // Pairs whose last word is an ordinary one.
    let mut at = 0;
    while at < PAIRS.len() {
        let (word, last) = (PAIRS[at].0.as_bytes(), PAIRS[at].1.as_bytes());
        if !is_sign(last) {
            let bit = triple(word[0], word[1], word[2] & 31);
            set[bit >> 6] |= 1 << (bit & 63);
        }
        at += 1;
    }
    set
};

/// Whether a word alone makes a name worth reading.
const fn is_sign(word: &[u8]) -> bool {
    let packed = pack(word);
    let mut slot = place(packed);
    while TABLE_OF_WORDS.words[slot] != 0 {
        if TABLE_OF_WORDS.words[slot] == packed {
            return TABLE_OF_WORDS.classes[slot] as u8 <= Link as u8;
        }
        slot = (slot + 1) % SLOTS;
    }
    false
}

/// A number of fifteen bits for three letters in any case.
pub(super) const fn triple(one: u8, two: u8, three: u8) -> usize {
    ((one & 31) as usize) << 10 | ((two & 31) as usize) << 5 | (three & 31) as usize
}
