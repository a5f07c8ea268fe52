//! Hostile bodies: something that a reader or a rule stops at, again and again.

/// Name, what stands before, what is repeated, what stands after.
pub type Flood = (&'static str, &'static str, &'static str, &'static str);

/// An event with this body about a resource.
pub fn event(resource: &str, body: &str) -> String {
    format!(
        r#"{{"auditID":"a","stage":"ResponseComplete","verb":"patch","requestURI":"/x","objectRef":{{"resource":"{resource}"}},"requestObject":{body}}}"#
    )
}

/// The flood in an event of about so many bytes.
pub fn make((_, before, again, after): &Flood, resource: &str, bytes: usize) -> String {
    event(resource, &format!("{before}{}{after}", again.repeat(bytes / again.len())))
}

/// Ordinary text of as many bytes.
pub const PLAIN: Flood = ("plain text", "{\"a\":\"", "lorem ipsum dolor sit amet ", "\"}");

/// One for each way of writing a secret, and one for each way of being told about one.
pub const FLOODS: &[Flood] = &[
    // name, before, repeated, after
    ("values", "{\"op\":\"add\",\"path\":\"/a\"", ",\"value\":\"x\"", "}"),
    ("kinds", "{\"kind\":\"Secret\"", ",\"kind\":\"Secret\",\"a\":\"b\"", "}"),
    (
        "kinds of all classes",
        "{\"k\":1",
        ",\"kind\":\"Secret\",\"kind\":\"ConfigMap\",\"kind\":\"TokenReview\"",
        "}",
    ),
    (
        "patch values",
        "[{\"op\":\"add\",\"path\":\"/a\"",
        ",\"value\":\"x\",\"path\":\"/metadata\"",
        "}]",
    ),
    ("secretKeys", "{\"a\":1", ",\"secretKey\":\"x\"", "}"),
    ("names", "{\"value\":\"v\"", ",\"name\":\"DB_PASSWORD\",\"value\":\"xy\"", "}"),
    ("at signs", "{\"a\":\"https://u:p", "@", "\"}"),
    ("urls", "{\"a\":\"", "https://u:p@h ", "\"}"),
    ("colons", "{\"a\":\"://", ":@", "\"}"),
    ("prefixes", "{\"a\":\"", "glpat-", "\"}"),
    ("jwt heads", "{\"a\":\"", "eyJ", "\"}"),
    ("assignments", "{\"a\":\"", "password=$", "\"}"),
    ("arguments", "{\"args\":[\"", "x=", "\"]}"),
    ("argument paths", "{\"args\":[\"", "/=", "\"]}"),
    ("argument flags", "{\"command\":[\"--x\"", ",\"--password=\"", "]}"),
    ("urls in a name", "{\"", "http://u:p@h/", "\":[\"x\"]}"),
    ("key ids in a name", "{\"", "AKIA", "\":[\"x\"]}"),
    ("quoted assignments", "{\"a\":\"", "password='$", "\"}"),
    ("escaped quotes", "{\"a\":\"", "password=\\\"$", "\"}"),
    ("escaped members", "{\"a\":\"x ", "\\\"password\\\":", "\"}"),
    ("kinds in text", "{\"a\":\"x\\n", "kind: Secret\\n", "\"}"),
    ("yaml blocks", "{\"a\":\"x\\n", "password: |\\n", "\"}"),
    ("percent signs", "{\"a\":\"", "%25", "\"}"),
    ("percent strings", "{\"a\":[\"%41\"", ",\"%41%41\"", "]}"),
    ("unicode escapes", "{\"a\":\"", "\\u0041", "\"}"),
    ("open brackets", "{\"a\":\"", "[{", "\"}"),
    ("base64", "{\"a\":[\"x\"", ",\"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\"", "]}"),
    ("objects", "{\"a\":[{}", ",{\"metadata\":{\"managedFields\":[]}}", "]}"),
    ("drops", "{\"metadata\":{\"a\":1", " ,\"managedFields\":[]", "}}"),
    ("arrays", "[1", ",[[]]", "]"),
    ("documents", "{\"a\":[1", ",\"{\\\"password\\\":\\\"x\\\"}\"", "]}"),
    (
        "same values",
        "{\"data\":{\"k\":\"aaaaaaaa\"},\"metadata\":{\"annotations\":{\"a\":\"",
        "aaaaaaaa ",
        "\"}}}",
    ),
    ("userinfo without end", "{\"a\":\"", "://a:b", "\"}"),
    ("many keys", "{\"password\":\"x\"", ",\"password\":\"x\"", "}"),
    ("pem heads", "{\"a\":\"", "-----BEGIN PRIVATE KEY-----", "\"}"),
    ("copies", "{\"a\":1", ",\"kapp.k14s.io/original\":\"{\\\"a\\\":1}\"", "}"),
    (
        "copies in annotations",
        "{\"metadata\":{\"annotations\":{\"a\":\"b\"",
        ",\"kapp.k14s.io/original\":\"{\\\"a\\\":1}\"",
        "}}}",
    ),
    (
        "moves",
        "[{\"op\":\"x\"}",
        ",{\"op\":\"move\",\"from\":\"/data/k\",\"path\":\"/metadata/x\"}",
        "]",
    ),
    ("bearers", "{\"a\":\"", "Bearer ", "\"}"),
    // One for each way of writing a secret in text.
    ("options", "{\"a\":\"", "mysql -p", "\"}"),
    ("options in a list", "{\"a\":[\"mysql\"", ",\"-p\"", "]}"),
    ("lists of options", "{\"a\":[1", ",[\"x\",[\"-p\"]],\"-p\"", "]}"),
    ("quoted lines", "{\"a\":\"", "sh -c '", "\"}"),
    ("pipes", "{\"a\":\"", "echo a|passwd ", "\"}"),
    ("here documents", "{\"a\":\"", "chpasswd <<EOF\\n", "\"}"),
    ("weak names", "{\"a\":\"", "license=a-", "\"}"),
    ("colons of weak names", "{\"a\":\"", "license: ", "\"}"),
    ("lists below names", "{\"a\":\"", "- password:\\n", "\"}"),
    ("names beside values", "{\"a\":\"", "name: DB_PASSWORD\\n", "\"}"),
    ("commands in values", "{\"a\":\"", "secret=$(", "\"}"),
    ("signs in values", "{\"a\":\"", "token=,a", "\"}"),
    ("SQL", "{\"a\":\"", "PASSWORD '", "\"}"),
    ("messages", "{\"a\":\"", "DB_PASSWORD to '", "\"}"),
    ("markup", "{\"a\":\"", "<password>", "\"}"),
    ("tables", "{\"a\":\"", "| password |\\n", "\"}"),
    ("directives", "{\"a\":\"", "requirepass x\\n", "\"}"),
    ("connection strings", "{\"a\":\"", "a:b@tcp(", "\"}"),
    ("Secrets in text", "{\"a\":\"x\\n", "stringData: {", "\"}"),
    ("base64 in text", "{\"a\":\"base64 ", "QUFBQUFBQUFBQUFBQUFBQUFBQUFB ", "\"}"),
    ("vendors", "{\"a\":\"", "datadog-key ", "\"}"),
    ("keys of no vendor", "{\"a\":\"", "key a1b2c3d4e5f6a1b2c3 ", "\"}"),
    ("members of web keys", "{\"kty\":\"x\"", ",\"d\":\"a1b2c3d4e5f6a1b2c3\"", "}"),
    ("heads of keys", "{\"a\":\"", "MIIE", "\"}"),
    ("labels in a list", "[\"\"", ",\"-----BEGIN PRIVATE KEY-----\"", "]"),
    ("key ids", "{\"a\":\"", "AKIAABCDEFGHIJKLMNOP ", "\"}"),
    ("hooks", "{\"a\":\"", "/hooks/", "\"}"),
    ("hashes", "{\"a\":\"", "$6$", "\"}"),
    ("underscores", "{\"a\":\"", "ghp_sk_", "\"}"),
    ("authorizations", "{\"a\":\"", "authorization=", "\"}"),
    // Tiny values that marks are larger than.
    ("numbers below a name", "{\"password\":[1", ",1", "]}"),
    ("lists below a name", "{\"password\":[1", ",[1]", "]}"),
    ("numbers of a password", "{\"pwd\":1", ",\"pwd\":1", "}"),
    ("members of data", "{\"kind\":\"Secret\",\"data\":{\"a\":1", ",\"\":1", "}}"),
    ("short assignments", "{\"a\":\"", "pwd=ab;", "\"}"),
    ("pairs", "{\"a\":[1", ",[\"psk\",\"abc\"]", "]}"),
    (
        "columns",
        "{\"columnDefinitions\":[{}",
        ",{\"name\":\"psk\"}",
        "],\"rows\":[{\"cells\":[1]}]}",
    ),
    ("encoded parameters", "{\"a\":\"x=", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA%", "\"}"),
    ("long base64", "{\"a\":\"", "QUFB", "\"}"),
    ("base32", "{\"a\":\"", "OBQXG43XN5ZGIPKD", "\"}"),
    ("zlib", "{\"a\":[1", ",\"eJxLTEpOSU1Lz8jMys7JzcsvKCwqLikt\"", "]}"),
    // Each opens to 400,000 bytes.
    ("streams of gzip", "{\"a\":[1", BOMB, "]}"),
    ("calls", "{\"a\":\"", ".getConnection('a','b')", "\"}"),
    ("quotes after commas", "{\"a\":\"x", " 'password','ab',", "\"}"),
    ("vendors beside", "{\"a\":\"", "wandb x ", "\"}"),
    ("three quotes", "{\"a\":\"x ", "pwd='''", "\"}"),
    ("marks", "{\"a\":\"x ", "pwd=[redacted:jwt]", "\"}"),
    ("messages of validation", "{\"a\":\"x ", "Invalid value: 'x': a ", "\"}"),
    ("braces", "{\"a\":\"", "pwd={a};", "\"}"),
    ("defaults", "{\"a\":\"", "default = 'x' ", "\"}"),
    ("colons after equals", "{\"a\":\"", "x=token:ab ", "\"}"),
    ("literals", "{\"a\":\"kubectl create secret", " --from-literal=a=b", "\"}"),
    (
        "copies that almost match",
        "{\"password\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaB1\",\"a\":\"",
        "aaaaaaaaaaaaaaaa",
        "\"}",
    ),
    (
        "nested copies",
        "{\"a\":1",
        ",\"kapp.k14s.io/original\":\"{\\\"password\\\":\\\"hunter2-hunter2\\\",\\\"a\\\":\\\"{}\\\"}\"",
        "}",
    ),
    (
        "documents in documents",
        "{\"a\":[1",
        ",\"{\\\"a\\\":\\\"{\\\\\\\"password\\\\\\\":1}\\\"}\"",
        "]}",
    ),
    ("items of lists", "{\"a\":\"x", "\\\"a\\\",\\\"b\\\",", "\"}"),
    ("dialogues", "{\"a\":\"x", "nc a <<E\\nAUTH x\\nE\\n", "\"}"),
    ("escapes of shells", "{\"a\":\"x", "\\\\x70", "\"}"),
    ("comparisons", "{\"a\":\"x", "'a' === password ", "\"}"),
    ("continued lines", "{\"a\":\"x", "a.token=b\\\\\\n", "\"}"),
    (
        "files in base64",
        "{\"a\":\"x",
        "content: YTogMQpwYXNzd29yZDogVnE3eEsybU40cDhSNXQ5Cg== ",
        "\"}",
    ),
];

const BOMB: &str = concat!(
    ",\"",
    "H4sIAAAAAAACA+3CMQ0AAAACoCpWs38JU/gxaAoAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
    "AAAAAAAAAAAAAAB3A5T2qGuAGgYA",
    "\"",
);
