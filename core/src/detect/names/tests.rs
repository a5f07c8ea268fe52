//! Names with what is said of them, a line a kind.

use super::NameKind::{
    self, About, Address, Code, Header, Login, Neither, Pass, Password, Secret, SecretKey, Token,
    Tokens, Weak, Which, WhichKey,
};
use super::{classify, words};

#[rustfmt::skip]
const EXAMPLES: &[(NameKind, &[&str])] = &[
    (Password, &["PASSWORD", "DB_PASSWD", "PASSPHRASE", "DB_PWD", "Pass_Word", "PASSWORD2", "passwordHash",
        "PGPASSWORD", "legacypassword", "htpasswd", "example.com/password", "p\u{200b}assword", "ｐａｓｓｗｏｒｄ", "pаssword",
        "𝐩𝐚𝐬𝐬𝐰𝐨𝐫𝐝", "𝓅𝒶𝓈𝓈𝓌ℴ𝓇𝒹", "ⓟⓐⓢⓢⓦⓞⓡⓓ", "🄿🄰🅂🅂🅆🄾🅁🄳", "pass\u{fffd}word",
        "DB_PASSWORT", "kennwort", "MOT_DE_PASSE", "mot_de_passe", "contraseña", "senha", "пароль", "ПАРОЛЬ", "密码", "passwords",
        "MasterUserPassword", "APIPassword", "Zugangscode"]),
    (Pass, &["DB_PASS", "dbPass", "pass", "requirepass", "adminpass", "rootpass", "ADMINPASS", "userpass", "PWD", "OLDPWD",
        "cifsPw", "ROOT_PW", "userPw", "VAULT_PW", "psk", "pskKey", "PGPASS", "PASS_DB", "MYSQL_PASS_ROOT", "PW_ADMIN",
        "ldap_default_authtok"]),
    (Token, &["GITHUB_TOKEN", "ACCESS_TOKEN", "AUTH_TOKEN", "token", "serviceAccountToken", "SLACK_TOKEN_PROD", "TOKEN_V2", "bearer", "mytoken", "TOKEN_GITHUB",
        "TOKEN_FOR_GITHUB", "tokenForCi", "VAULT_DEV_ROOT_TOKEN_ID"]),
    (Tokens, &["maxTokens", "MAX_TOKENS", "tokens", "httpTokens"]),
    (Secret, &["API_KEY", "apiKey", "apikey", "clientSecret", "AWS_SECRET_ACCESS_KEY", "PRIVATE_KEY", "ENCRYPTION_KEY",
        "SIGNING_KEY", "SESSION_KEY", "client-key-data", "DB_PASSWORD_READONLY", "OBJECTSTORECONFIG_SECRETACCESSKEY",
        "oauth2ClientSecret", "p-a-s-s-w-o-r-d", "PaSsWoRd", "pAssword", "secureJsonData", "SEED_PHRASE", "recoveryCodes", "secretValue", "passwordManagerly", "PRIVATE_KEY_PLAID", "p4ssw0rd", "pa55word", "UNSEAL_KEY_1", "chave_api",
        "llaveApi", "SECRET_JWT", "NEO4J_AUTH"]),
    (SecretKey, &["secretKey", "SECRET_KEY", "CENTRIFUGO_TOKEN_HMAC_SECRET_KEY"]),
    (Which, &["credentials", "secret", "WEBHOOK_SECRET", "credentialsSecret", "tokenSecret", "casecret", "initialClusterToken",  "JWT_SECRETS", "imagePullSecrets"]),
    (WhichKey, &["userPasswordKey", "existingSecretPasswordKey", "clientSecretKey", "connectionSecretKeys"]),
    (Address, &["CONNECTION_STRING", "DATABASE_URL", "dsn", "DATA_SOURCE_NAME", "dbUri", "REDIS_URL"]),
    (Header, &["authorization", "Authorization", "Proxy-Authorization", "cookie", "Set-Cookie"]),
    (Weak, &["key", "disableDefaultAdminSecret", "JWT_KEY", "creds", "salt", "LICENSE", "KONG_LICENSE_DATA", "OP_SESSION",
        "passThrough", "passwordPolicy", "tokenExpirationSeconds", "DB_PASSWORD_STRATEGY", "sessionId", "restuserkey",
        "CLIENT_SECRET_KEY_TEMPLATE", "fernetkeyring_key", "jenkinsKeyStoreBase64Encoded", "UNSEAL_1", "apiKeyIn",
        "KEY_API", "passForAll", "PASS_GATEWAY", "TOKEN_CLUSTER"]),
    (Login, &["ELASTIC_AUTH", "HTTP_BASIC", "npmAuthIdent", "BUNDLE_GEMS__EXAMPLE__COM", "basicAuth"]),
    (Code, &["pin", "SOFTHSM_PIN", "otp", "accessCode", "securityCode", "pin-value"]),
    (About, &["SECRET_NAME", "TOKEN_PATH", "PASSWORD_FILE", "secretName", "PUBLIC_KEY", "TOKEN_REVIEW", "secretKeyRef",
        "kubernetes.io/service-account-token.name", "token/name", "continueToken", "checksum/secret", "passwordfile", "tokenId"]),
    (Neither, &["PGPASSFILE", "chart_source_name", "datasourceName", "SSL_CERT_FILE", "AUTHOR", "name", "", "bypass", "compass", "tokenizer", "secretary", "replicas", "monkeys",
        "image", "serviceAccountName", "description"]),
];

#[test]
fn names_are_told_by_their_words() {
    let mut wrong = Vec::new();
    for (kind, names) in EXAMPLES {
        for name in *names {
            let said = classify(name.as_bytes());
            if said != *kind {
                wrong.push(format!("{name}: {said:?}, not {kind:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn words_are_short_letters_and_stand_once() {
    let mut seen = std::collections::BTreeSet::new();
    for row in words::ROWS {
        for word in row.words {
            assert!(word.bytes().all(|b| b.is_ascii_lowercase()), "{word}");
            assert_eq!(words::class(word.as_bytes()), row.class, "{word} stands twice");
            assert!(seen.insert(word), "{word} stands twice");
        }
    }
}

#[test]
fn long_names_are_read_to_their_start() {
    for at in [0, 50, 100, 150, 200, 292] {
        let mut name = vec![b'x'; 300];
        name[at..at + 8].copy_from_slice(b"password");
        assert!(classify(&name).is_strong(), "at {at}");
    }
}
