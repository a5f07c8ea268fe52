//! Credentials without a shape of their own: the name of a vendor, a word such as `key` or `token`,
//! and a value that looks made by a machine. None of the three is enough alone.

use super::{Memory, RULE, Rule, Span, by, is_mixed, is_uuid};
use crate::detect::runs::{ALNUM, NAME, TOKEN, is, run, run_back};

pub(in crate::detect) const RULES: &[Rule] = &[WORDED, BESIDE];

/// A row for vendors and a word for what the value is.
const WORDED: Rule = Rule {
    name: "vendor-secret",
    about: "A vendor's name, then `key`, `token`, `secret`, `private` or `access`, then a value that \
            looks random: `datadog-key 0a1b…`. The vendors are listed below.",
    literals: &[
        by("_pat", word::<4>),
        by("_PAT", word::<4>),
        by("key", word::<3>),
        by("Key", word::<3>),
        by("KEY", word::<3>),
        by("oken", word::<4>),
        by("OKEN", word::<4>),
        by("ecret", word::<5>),
        by("ECRET", word::<5>),
        by("rivate", word::<6>),
        by("RIVATE", word::<6>),
        by("ccess", word::<5>),
        by("CCESS", word::<5>),
    ],
    sign: Some((b'=', assigned)),
    #[cfg(test)]
    keeps: &[
        "datadog-secret-7f9c8d6b5c",
        "checksum/grafana-secret: 84c2d6b3907f1e5a06c48d2ba7e1c3f99f3c1e7ab2d84c60a5e1f7093b6d2c48",
        "grafana key rotation",
        "vault token expired",
        "cloudflare-api-token-secret",
        "stripe access denied for app-0123456789",
        "registry key 0a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "aws cluster-access-policy/AmazonEKSClusterAdminPolicy",
        "datadog-agent 0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    ],
    ..RULE
};

/// A row for vendors whose name is no word of anything else in a cluster.
const BESIDE: Rule = Rule {
    name: "vendor-beside",
    about: "A vendor whose name means nothing else, and beside it on the line a value that looks random: \
            `cloudsmith 0a1b…`. The vendors are listed below.",
    literals: &[
        by("asana", beside::<5>),
        by("beamer", beside::<6>),
        by("blazemeter", beside::<10>),
        by("runscope", beside::<8>),
        by("chartmogul", beside::<10>),
        by("cloudsmith", beside::<10>),
        by("databox", beside::<7>),
        by("fastforex", beside::<9>),
        by("glassnode", beside::<9>),
        by("graphhopper", beside::<11>),
        by("infura", beside::<6>),
        by("mailjet", beside::<7>),
        by("nicereply", beside::<9>),
        by("noticeable", beside::<10>),
        by("nozbe", beside::<5>),
        by("parseur", beside::<7>),
        by("paydirtapp", beside::<10>),
        by("postmark", beside::<8>),
        by("qubole", beside::<6>),
        by("rebrandly", beside::<9>),
        by("refiner", beside::<7>),
        by("restpack", beside::<8>),
        by("shotstack", beside::<9>),
        by("skrapp", beside::<6>),
        by("supernotes", beside::<10>),
        by("odds-api", beside::<8>),
        by("timezoneapi", beside::<11>),
        by("versioneye", beside::<10>),
        by("wandb", beside::<5>),
    ],
    #[cfg(test)]
    keeps: &[
        "cloudsmith registry at docker.cloudsmith.io/acme/tools/till:1.2.3",
        "wandb run of model resnet-50-imagenet-baseline",
        "image: ghcr.io/acme/mailjet-relay@sha256:0a1b2c3d4e5f60718293a4b5c6d7e8f90a1b2c3d4e5f60718293a4b5c6d7e8f9",
        "mailjet-relay-7d9c8b6f5d-x2v9k",
        "asana: sprint planning",
        "\"cloudsmithaccesstokens\",\"ecrauthorizationtokens\"",
    ],
    ..RULE
};

/// How far after such a name a value may start.
const NEAR: usize = 48;

/// After the name of a vendor: the first word on the line that looks random.
fn beside<const N: usize>(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    if at > 0 && hay[at - 1].is_ascii_alphanumeric() {
        return None;
    }
    let in_word = |b: u8| is(b, ALNUM) || matches!(b, b'-' | b'_' | b'+' | b'/' | b'=');
    let mut from = at + N;
    while from < hay.len() && from < at + N + NEAR {
        match hay[from] {
            b'@' | b'\n' | b'\r' => return None,
            // Another text of the same JSON.
            b'"' if matches!(hay.get(from + 1), Some(b',' | b']' | b'}')) => return None,
            b'\\' if hay.get(from + 1) == Some(&b'n') => return None,
            byte if in_word(byte) && byte != b'=' => {
                let word = hay[from..].iter().take(1024).take_while(|b| in_word(**b)).count();
                let text = &hay[from..from + word];
                let start = from + text.iter().take_while(|b| !is(**b, ALNUM)).count();
                let value = &hay[start..from + word];
                // Names of pods and images end in shorter ones.
                let mixed = is_mixed(value) || has_both_cases(value);
                let alone = value.len() >= 20 && !value.contains(&b'/');
                if alone && mixed && is_random(value) && is_dense(value) {
                    return Some((start, from + word));
                }
                from += word;
            }
            _ => from += 1,
        }
    }
    None
}

/// Whether the letters and digits of a value that change between them are not few: neither the name
/// of a pod nor a date.
fn is_dense(value: &[u8]) -> bool {
    let longest = value.split(|b| !is(*b, ALNUM)).map(<[u8]>::len).max().unwrap_or(0);
    longest >= 12
}

/// How far before the word a vendor may stand.
const BEFORE: usize = 64;
/// What may stand between the word and the value.
const BETWEEN: usize = 12;

/// At the end of `key`, `token` and the like: the value after it, when a vendor stands before it.
fn word<const N: usize>(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = at + N;
    let mut start = value_start(hay, end)?;
    // `shortcut-SECRET-tok 1a2b…`: one short word more.
    let more = run(hay, start, ALNUM, 9);
    if more < start + 9
        && hay[start..more].iter().all(u8::is_ascii_alphabetic)
        && matches!(hay.get(more), Some(b' ' | b'=' | b':'))
        && let Some(next) = value_start(hay, more)
    {
        start = next;
    }
    let assigned = hay[end..start].iter().any(|b| matches!(b, b'=' | b':'));
    let least = if assigned { 8 } else { 14 };
    // The literals of long words leave out the first letter, which may be a capital.
    let first = at - usize::from(N > 3 && at > 0 && hay[at] != b'_');
    let head = &hay[start..run(hay, start, TOKEN, 80)];
    // `checksum/secret` and `checksum/grafana-secret` of Helm
    let name = &hay[run_back(hay, first, NAME, 64)..first];
    if hay[..first - name.len()].ends_with(b"checksum/") {
        return None;
    }
    // `public_key`, `publicKey`
    let word = name.strip_suffix(b"_").or_else(|| name.strip_suffix(b"-")).unwrap_or(name);
    if word.last_chunk::<6>().is_some_and(|end| end.eq_ignore_ascii_case(b"public")) {
        return None;
    }
    if head.len() < least || !is_random(head) || !memory.vendor_before(hay, first) {
        return None;
    }
    let mut value_end = run(hay, start, TOKEN, 1024);
    // Two parts with a colon between them, the second one long.
    let second = run(hay, value_end + 1, TOKEN, 1024);
    if hay.get(value_end) == Some(&b':') && second > value_end + 16 {
        value_end = second;
    }
    Some((start, value_end))
}

/// `vendor = VALUE`, `vendor_api=VALUE`.
fn assigned(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = value_start(hay, at)?;
    // Most values are short.
    let least = run(hay, start, TOKEN, 20) - start;
    if least < 12 {
        return None;
    }
    // `adobeProduct = lV9ASPsd2P3d`: letters of both cases and digits, all mixed. Most short values are
    // words, which costs less to see than whose name stands before them.
    let short = &hay[start..start + least];
    if least < 20 {
        let changes = || short.windows(2).filter(|two| kind(two[0]) != kind(two[1])).count();
        let plain = has_both_cases(short) && is_mixed(short) && short.iter().all(|b| is(*b, ALNUM));
        if !plain || changes() * 2 < least {
            return None;
        }
    }
    let spaces = hay[..at].iter().rev().take(2).take_while(|b| **b == b' ').count();
    let name = &hay[run_back(hay, at - spaces, NAME, 32)..at - spaces];
    let known = vendor(name)?;
    if least < 20 {
        let of_id = [b"id".as_slice(), b"Id", b"ID"].iter().any(|end| name.ends_with(end));
        return (!of_id).then_some((start, start + least));
    }
    if known + 4 < name.len() {
        return None;
    }
    let end = run(hay, start, TOKEN, 2048);
    let value = &hay[start..end.min(start + 80)];
    ((is_mixed(value) || has_both_cases(value)) && is_random(value)).then_some((start, end))
}

/// Where a value starts after a name that ends at `from`: at least one sign is between them.
fn value_start(hay: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while at < hay.len() && at < from + BETWEEN {
        match hay[at] {
            b'\\' if hay.get(at + 1).is_some_and(|b| matches!(b, b'n' | b'r' | b't')) => at += 1,
            b' ' | b'\n' | b'\r' | b'\t' | b'=' | b':' | b'-' | b'.' | b'>' | b'(' | b'"'
            | b'\'' | b'\\' => {}
            _ => break,
        }
        at += 1;
    }
    (at > from && at < hay.len() && is(hay[at], TOKEN)).then_some(at)
}

/// Whether a value looks made by a machine: an UUID, groups of letters and digits, a long run of
/// both, or one too long to be a word. Names of objects end in shorter ones.
fn is_random(value: &[u8]) -> bool {
    if is_uuid(value, 0) {
        return true;
    }
    let parts = || value.split(|b| !is(*b, ALNUM)).filter(|part| !part.is_empty());
    let groups = parts().count();
    let longest = parts().map(<[u8]>::len).max().unwrap_or(0);
    let shortest = parts().map(<[u8]>::len).min().unwrap_or(0);
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    // A long run of letters and digits, or one that no word is as long as.
    let one = parts().any(|part| {
        part.len() >= 12 && is_mixed(part)
            || part.len() >= 20
                && (groups == 1 || digits > 0 || has_both_cases(part))
                && !is_camel_case(part)
    });
    let short = groups == 1 && (8..12).contains(&value.len()) && is_mixed(value) && digits >= 3;
    let number = groups == 1 && digits == value.len() && digits >= 16;
    // Groups as of an UUID or of a licence key.
    let wordless = parts().filter(|part| part.iter().any(u8::is_ascii_digit)).count();
    let grouped = groups >= 3 && wordless + 1 >= groups && shortest >= 3 && value.len() >= 19
        || groups >= 5 && shortest >= 4 && digits >= 4 && value.len() >= 30
        || groups >= 4
            && shortest == longest
            && shortest >= 4
            && !value.iter().any(u8::is_ascii_lowercase);
    // Signs of base64 and the like in between: no group is a word.
    let word = |part: &[u8]| part.len() >= 6 && part[1..].iter().all(u8::is_ascii_lowercase);
    let signs = groups >= 2
        && value.len() >= 16
        && digits >= 2
        && has_both_cases(value)
        && !parts().any(word);
    one || short || number || grouped || signs
}

/// Words put together, each with a capital: `AmazonEKSClusterAdminPolicy`. In letters at random a
/// capital follows a small one far more often.
fn is_camel_case(text: &[u8]) -> bool {
    let capitals =
        text.windows(2).filter(|two| two[0].is_ascii_lowercase() && two[1].is_ascii_uppercase());
    // No word has five consonants in a row that are small.
    let consonants = |run: &[u8]| {
        run.iter().all(|b| b.is_ascii_lowercase() && !matches!(b, b'a' | b'e' | b'i' | b'o' | b'u'))
    };
    text.iter().all(u8::is_ascii_alphabetic)
        && has_both_cases(text)
        && capitals.count() * 6 <= text.len()
        && !text.windows(5).any(consonants)
}

/// A small letter, a capital, a digit.
fn kind(byte: u8) -> u8 {
    u8::from(byte.is_ascii_uppercase()) | u8::from(byte.is_ascii_digit()) << 1
}

fn has_both_cases(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase)
}

impl Memory {
    /// Whether a vendor's name starts within the bytes before `at`. Every byte is looked at once.
    fn vendor_before(&mut self, hay: &[u8], at: usize) -> bool {
        let from = self.vendors_to.max(at.saturating_sub(BEFORE));
        for place in from..at {
            let byte = hay[place];
            if !is(byte, ALNUM) {
                continue;
            }
            let starts = place == 0 || {
                let before = hay[place - 1];
                let escape = place >= 2 && hay[place - 2] == b'\\';
                escape
                    || !before.is_ascii_alphanumeric()
                    || before.is_ascii_lowercase() && byte.is_ascii_uppercase()
                    || before.is_ascii_digit() && byte.is_ascii_alphabetic()
            };
            if starts && vendor(&hay[place..at.min(place + 32)]).is_some() {
                self.vendor = Some(place);
            }
        }
        self.vendors_to = self.vendors_to.max(at);
        self.vendor.is_some_and(|vendor| vendor < at && vendor + BEFORE >= at)
    }
}

/// The length of the vendor's name that a text starts with. A short one is a word of its own.
fn vendor(text: &[u8]) -> Option<usize> {
    let [first, second, ..] = *text else { return None };
    let (first, second) = (first | 0x20, second | 0x20);
    if !first.is_ascii_lowercase() || !second.is_ascii_alphanumeric() {
        return None;
    }
    let at = usize::from(BY_LETTERS[usize::from(first - b'a') * 32 + usize::from(second & 31)]);
    VENDORS[at..]
        .iter()
        .map(|name| name.as_bytes())
        .take_while(|name| name[0] == first && name[1] & 31 == second & 31)
        // The last letter first: words that begin as a vendor do rarely end as one.
        .filter(|name| {
            let last = name.len() - 1;
            text.get(last).is_some_and(|letter| letter.eq_ignore_ascii_case(&name[last]))
                && text[..last].eq_ignore_ascii_case(&name[..last])
        })
        .filter(|name| name.len() >= 6 || ends_word(text, name.len()))
        .map(<[u8]>::len)
        .max()
}

/// Whether a word ends at `at`: no letter follows, or one of another case.
fn ends_word(text: &[u8], at: usize) -> bool {
    let Some(next) = text.get(at).filter(|b| b.is_ascii_alphabetic()) else { return true };
    next.is_ascii_uppercase() && text[at - 1].is_ascii_lowercase()
        || next.is_ascii_uppercase() && text[at - 1].is_ascii_digit()
}

/// Where in the list names with these first two letters start; digits share a place with letters.
static BY_LETTERS: [u16; 26 * 32] = {
    let mut table = [VENDORS.len() as u16; 26 * 32];
    let mut at = VENDORS.len();
    while at > 0 {
        at -= 1;
        let name = VENDORS[at].as_bytes();
        table[(name[0] - b'a') as usize * 32 + (name[1] & 31) as usize] = at as u16;
    }
    table
};

/// Services whose keys are seen in clusters, in order.
#[rustfmt::skip]
pub(in crate::detect) const VENDORS: &[&str] = &[
    "adafruit", "ado", "adobe", "adyen", "airbrake", "airtable", "aiven", "akamai", "akeyless",
    "alchemy", "algolia", "alibaba", "amplitude", "anthropic", "anypoint", "apifonica", "apify",
    "apilayer", "apimetrics", "apitemplate", "apollo", "appdynamics", "appfollow", "appointedd",
    "appoptics", "appsync", "appsynergy", "aqua", "argocd", "artifactory", "asana", "assemblyai",
    "atera", "atlas", "atlassian", "audd", "auth0", "authentik", "autoklose", "autopilot", "avaza",
    "aviationstack", "aws", "axonaut", "ayrshare", "azure", "backblaze", "bannerbear",
    "baremetrics", "beamer", "beebole", "besnappy", "besttime", "betterstack", "betteruptime",
    "bigquery", "binance", "bitbar", "bitbucket", "bitcoinaverage", "bitly", "bitwarden",
    "blazemeter", "blitapp", "blocknative", "blogger", "blynk", "bombbomb", "boostnote", "borgbase",
    "box", "b2", "brandfetch", "brevo", "browshot", "bscscan", "buddyns", "budibase", "bugherd",
    "bugsnag", "buildkite", "bulbul", "bunny", "buttercms", "caflou", "calendarific", "calendly",
    "calorieninja", "campayn", "canny", "capsulecrm", "carboninterface", "centralstationcrm",
    "chartmogul", "chatbot", "chatfuel", "checio", "checklyhq", "cicero", "circleci", "civo",
    "clarifai", "claude", "clearbit", "clickhouse", "cliengo", "clockify", "closecrm",
    "cloudconvert", "cloudflare", "cloudimage", "cloudinary", "cloudmersive", "cloudplan",
    "cloudsight", "cloudsmith", "cloverly", "clustdoc", "coda", "codacy", "codeclimate", "codecov",
    "codemagic", "codequiry", "cognito", "cohere", "coinapi", "coinbase", "coinlayer", "coinlib",
    "collect2", "column", "commercejs", "confluence", "confluent", "consul", "contabo",
    "conversiontools", "convertapi", "convertkit", "couchbase", "couchdb", "countrylayer",
    "courier", "coveralls", "craftmypdf", "crowdin", "crowdstrike", "cryptocompare",
    "currencyfreaks", "currencylayer", "currencyscoop", "currentsapi", "customerio", "daily",
    "dandelion", "dareboost", "databox", "databricks", "datadog", "dd", "debounce", "deepai",
    "deepgram", "delighted", "desec", "detectify", "detectlanguage", "diffbot", "diggernaut",
    "digitalocean", "discord", "disqus", "ditto", "django", "dnsimple", "dockerhub", "docparser",
    "doppler", "dronahq", "drone", "droneci", "dropbox", "duckdns", "duo", "d7network", "dynalist",
    "dynatrace", "dyspatch", "eagleeyenetworks", "ecostruxureit", "edenai", "elastic", "enigma",
    "env0", "envoy", "equinix", "eraser", "etherscan", "ethplorer", "eventbrite", "everhour",
    "exchangerate", "exoscale", "extractorapi", "facebook", "falcon", "fastforex", "fastly", "fb",
    "feedier", "fetchrss", "figma", "fileio", "finage", "financialmodelingprep", "findl",
    "finicity", "finnhub", "firecrawl", "fixer", "flagsmith", "flat", "flickr", "flightapi",
    "flightlabs", "float", "fly", "forgejo", "formbucket", "formcraft", "formio", "foursquare",
    "freshdesk", "front", "fulcrum", "fullstory", "fxmarket", "gandi", "gcp", "geckoboard",
    "gemini", "geoapify", "geocode", "geocodify", "getemail", "getgeoapi", "getgist", "getresponse",
    "gh", "ghcr", "gitalk", "gitea", "github", "gitlab", "gitter", "glassnode", "gocardless",
    "godaddy", "gogs", "goodday", "google", "gotify", "grafana", "graphhopper", "groovehq", "groq",
    "gtmetrix", "guardian", "gumroad", "gyazo", "happyscribe", "harbor", "headscale", "hellosign",
    "helpcrunch", "helpscout", "hereapi", "heroku", "hetzner", "hf", "hiveage", "holidayapi",
    "holistic", "honeycomb", "html2pdf", "huawei", "hubspot", "huggingface", "humanity", "humio",
    "hunter", "hybiscus", "ibm", "iconfinder", "iexapis", "iexcloud", "imagekit", "imagga", "imap",
    "imgix", "impala", "imperva", "infisical", "influx", "influxdb", "infura", "insightly",
    "instabot", "instana", "intercom", "interseller", "intrinio", "ip2location", "ipapi",
    "ipgeolocation", "ipifi", "ipinfo", "ipinfodb", "ipquality", "ipstack", "jenkins", "jfrog",
    "jina", "jira", "jotform", "jumpcloud", "jupiterone", "juro", "kafka", "kagi", "karma",
    "keycloak", "kibana", "kickbox", "klaviyo", "klipfolio", "knapsackpro", "kontent", "kraken",
    "kylas", "lacework", "langfuse", "langsmith", "languagelayer", "launchdarkly", "ldap",
    "leadfeeder", "lemlist", "lemonsqueezy", "lendflow", "less", "lexigram", "lightstep", "linear",
    "linenotify", "linkedin", "linkpreview", "linode", "livestorm", "loadmill", "lob", "logdna",
    "loggly", "loginradius", "logz", "lokalise", "loki", "loyverse", "lunchmoney", "madkudu",
    "magnetic", "mailboxlayer", "mailchimp", "mailerlite", "mailgun", "mailjet", "mailmodo",
    "mailsac", "mandrill", "mapbox", "mapquest", "maptiler", "mariadb", "marketstack", "matomo",
    "matrix", "mattermost", "mavenlink", "mediastack", "meilisearch", "meistertask", "mesibo",
    "messagebird", "metrilo", "mindmeister", "minio", "miro", "mistral", "mixmax", "mixpanel",
    "mockaroo", "moderation", "mollie", "monday", "mongo", "mongodb", "monkeylearn", "moonclerk",
    "moosend", "moralis", "mullvad", "myintervals", "mysql", "namecheap", "nasa", "nasdaq", "neon",
    "nessus", "netbird", "netcore", "netlify", "newrelic", "newsapi", "newscatcher", "nexmo",
    "nexus", "nftport", "ngrok", "nicereply", "nimble", "noip", "nomad", "nordvpn", "noticeable",
    "notion", "nozbe", "npm", "ntfy", "nuget", "numverify", "nvapi", "nylas", "oanda", "okta",
    "omnisend", "onelogin", "onepassword", "onesignal", "onfleet", "oopspam", "openai",
    "opencagedata", "openuv", "openvpn", "openweather", "opsgenie", "optimizely", "oracle",
    "overloop", "ovh", "owlbot", "owm", "packagecloud", "pagerduty", "pandadoc", "pandascore",
    "paperform", "papertrail", "paralleldots", "parseur", "partnerstack", "pastebin", "paydirtapp",
    "paymoapp", "paymongo", "paypal", "pd", "pdflayer", "pdfshift", "peopledatalabs", "pepipost",
    "phabricator", "pingdom", "pipedream", "pipedrive", "pixabay", "plaid", "planetscale", "planyo",
    "plausible", "plivo", "podio", "pollsapi", "polygon", "porkbun", "positionstack", "postageapp",
    "postgres", "posthog", "postmark", "powerdns", "powrbot", "prefect", "prisma", "privacy",
    "prodpad", "prospect", "protocols", "proxycrawl", "pulumi", "pushbullet", "pushover", "pyowm",
    "pypi", "qase", "qdrant", "qualaroo", "qualys", "quay", "qubole", "rabbitmq", "railway",
    "rancher", "rapid7", "rapidapi", "raven", "rawg", "raygun", "razorpay", "reachmail",
    "rebrandly", "recaptcha", "redis", "redshift", "refiner", "render", "rentman", "replicate",
    "replyio", "requestfinance", "restpack", "ritekit", "rocketchat", "rocketreach", "rockset",
    "rollbar", "route4me", "rubygems", "runscope", "salesblink", "salescookie", "salesflare",
    "salesforce", "scaleway", "scrapeowl", "scraperapi", "scraperbox", "scrapestack", "scrapfly",
    "scrapingant", "scrapingbee", "screenshotapi", "screenshotlayer", "scrutinizer",
    "securitytrails", "segment", "selectpdf", "semaphore", "sendbird", "sendgrid", "sendinblue",
    "sentinelone", "sentry", "serphouse", "serpstack", "ses", "sherpadesk", "shipday", "shippo",
    "shodan", "shopify", "shortcut", "shotstack", "shutterstock", "signalfx", "signaturit",
    "signupgenius", "sigopt", "simfin", "simplesat", "simplynoted", "simvoly", "skrapp", "slack",
    "smartsheets", "smtp", "snipcart", "snowflake", "snyk", "sonar", "sourcegraph", "spacelift",
    "sparkpost", "speechtext", "splunk", "spoonacular", "sportsmonk", "spotify", "square",
    "squarespace", "sslmate", "stability", "statuscake", "statuspage", "statuspal", "stellar",
    "stitchdata", "stockdata", "storecove", "stormboard", "stormglass", "storyblok", "storychief",
    "streak", "stripe", "stripo", "sumo", "sumologic", "supabase", "supernotes", "surveybot",
    "surveysparrow", "survicate", "swiftype", "synapse", "sysdig", "tailscale", "tallyfy", "tatum",
    "tavily", "taxjar", "teamwork", "teamworkcrm", "teamworkdesk", "teamworkspaces",
    "technicalanalysisapi", "tefter", "telegram", "teleport", "teletype", "telnyx", "tenable",
    "tencent", "terraform", "tgram", "theoddsapi", "thingsboard", "ticketmaster", "tickettailor",
    "tiingo", "timecamp", "timescale", "timezoneapi", "tly", "tmetric", "todoist", "toggl",
    "tomtom", "tradier", "transferwise", "travelpayouts", "travis", "trello", "twelvedata",
    "twilio", "twingate", "twistlock", "twitch", "twitter", "tyntec", "typesense", "uclassify",
    "unleash", "unplu", "unsplash", "upcdatabase", "upcloud", "uplead", "upstash", "uptimerobot",
    "upwave", "urlscan", "userflow", "userstack", "vagrant", "vatlayer", "vault", "vbout", "vercel",
    "verimail", "veriphone", "versioneye", "victorops", "viewneo", "virustotal", "visualcrossing",
    "vmware", "voicegain", "vonage", "voodoosms", "vpnapi", "vultr", "vyte", "walkscore", "wandb",
    "wasabi", "weatherbit", "weatherstack", "weaviate", "web3", "webex", "webflow", "webscraper",
    "webscraping", "whoxy", "wireguard", "wistia", "wiz", "woocommerce", "worksnaps", "workstack",
    "worldcoinindex", "worldweather", "wrike", "yandex", "yelp", "youneedabudget", "yousign",
    "youtube", "zendesk", "zenkit", "zenrows", "zenscrape", "zeplin", "zerobounce", "zerotier",
    "zipcodeapi", "zipcodebase", "zoho", "zonka", "zoom", "zulip",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vendors_are_in_order() {
        assert!(VENDORS.is_sorted_by_key(|name| {
            let name = name.as_bytes();
            (name[0], name[1] & 31)
        }));
        assert!(VENDORS.iter().all(|name| name.bytes().all(|b| is(b, ALNUM))));
        assert_eq!(vendor(b"datadog_"), Some(7));
        assert_eq!(vendor(b"ddos"), None);
        assert_eq!(vendor(b"ddKey"), Some(2));
    }
}
