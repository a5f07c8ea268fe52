//! Member names that mean something to the data path, as small numbers.
//!
//! Every object key is classified once while it is scanned. Names in audit events repeat
//! endlessly, so a small direct-mapped cache answers nearly always with three word compares;
//! only names not seen lately reach the table and the (slower) name hints.

/// Whether a name hints that its value is a secret.
pub(crate) type Hints = fn(&[u8]) -> bool;

macro_rules! keys {
    ($($(#[$doc:meta])* $variant:ident = $text:literal),+ $(,)?) => {
        /// A known member name; `Plain` for all others, `Hint` for names that suggest a secret.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        #[allow(clippy::enum_variant_names, reason = "the API has a member `key`")]
        #[repr(u8)]
        pub(crate) enum Key {
            /// No meaning to the data path.
            Plain,
            /// The name suggests a secret value (see [`Hints`]).
            Hint,
            $($(#[$doc])* $variant,)+
        }

        impl Key {
            const TABLE: &'static [(&'static [u8], Key)] = &[$(($text, Key::$variant)),+];
            const BY_NUMBER: &'static [Key] = &[Key::Plain, Key::Hint, $(Key::$variant),+];
            /// How many keys there are.
            pub(crate) const COUNT: usize = Self::BY_NUMBER.len();
            /// The spelling, `""` for `Plain` and `Hint`.
            pub(crate) const fn text(self) -> &'static [u8] {
                match self { Key::Plain | Key::Hint => b"", $(Key::$variant => $text),+ }
            }
        }
    };
}

keys! {
    // audit.k8s.io Event and what it embeds
    Kind = b"kind", ApiVersion = b"apiVersion", Level = b"level", AuditId = b"auditID",
    Stage = b"stage", RequestUri = b"requestURI", Verb = b"verb", User = b"user",
    ImpersonatedUser = b"impersonatedUser", AuthenticationMetadata = b"authenticationMetadata",
    SourceIps = b"sourceIPs", UserAgent = b"userAgent", ObjectRef = b"objectRef",
    ResponseStatus = b"responseStatus", RequestObject = b"requestObject",
    ResponseObject = b"responseObject", RequestReceivedTimestamp = b"requestReceivedTimestamp",
    StageTimestamp = b"stageTimestamp", Annotations = b"annotations", Metadata = b"metadata",
    Timestamp = b"timestamp", Username = b"username", Uid = b"uid", Groups = b"groups",
    Extra = b"extra", Resource = b"resource", Namespace = b"namespace", Name = b"name",
    ApiGroup = b"apiGroup", ResourceVersion = b"resourceVersion", Subresource = b"subresource",
    Status = b"status", Message = b"message", Reason = b"reason", Details = b"details",
    Code = b"code", Items = b"items",
    // members of bodies that rules look at
    Data = b"data", StringData = b"stringData", BinaryData = b"binaryData",
    ManagedFields = b"managedFields", Value = b"value", Args = b"args", Command = b"command",
    Token = b"token", Auth = b"auth", Spec = b"spec", Type = b"type", Immutable = b"immutable", Rows = b"rows",
    Object = b"object", OldObject = b"oldObject", Op = b"op", Path = b"path", From = b"from",
    Image = b"image", Containers = b"containers", InitContainers = b"initContainers",
    EphemeralContainers = b"ephemeralContainers", OwnerReferences = b"ownerReferences",
    Labels = b"labels", RoleRef = b"roleRef", Subjects = b"subjects", Template = b"template",
    PodIp = b"podIP", ClusterIp = b"clusterIP", Audiences = b"audiences", Key = b"key",
    // envelopes
    Records = b"records", Properties = b"properties", Log = b"log", LogEvents = b"logEvents",
    MessageType = b"messageType", ProtoPayload = b"protoPayload", Awslogs = b"awslogs",
    Payload = b"payload", JournalMessage = b"MESSAGE", LogGroup = b"logGroup", Owner = b"owner",
    Event = b"event", Original = b"original", Entry = b"Entry", AuditPayload = b"AuditPayload",
    LogS = b"log_s", Auditweir = b"auditweir", ResourceLogs = b"resourceLogs",
    ScopeLogs = b"scopeLogs", LogRecords = b"logRecords", Hits = b"hits", Source = b"_source", Json = b"json",
    Audit = b"audit", Kubernetes = b"kubernetes", Platformlogs = b"platformlogs", Raw = b"_raw",
    Result = b"result", Results = b"results", Streams = b"streams", Values = b"values",
    SpecVersion = b"specversion", DataBase64 = b"data_base64", Body = b"Body",
    SequenceNumber = b"SequenceNumber", Tables = b"tables", RawEvent = b"RawEvent",
    JsonPayload = b"jsonPayload", TextPayload = b"textPayload",
    BigQueryPayload = b"protopayload_auditlog", AksAuditId = b"AuditId", AksUri = b"RequestUri",
    AksStage = b"Stage", Events = b"events", Method = b"method", ResponseCode = b"responseCode",
    RequestHeader = b"requestHeader", Ddsource = b"ddsource", Attributes = b"attributes",
    Service = b"service", Logs = b"logs", LambdaRecords = b"Records", Kinesis = b"kinesis",
    AtMessage = b"@message", AtLog = b"@log", Field = b"field", Line = b"line",
    ResourceId = b"resourceId", UnderscoreResourceId = b"_ResourceId", Common = b"common",
    Sourcetype = b"sourcetype", Time = b"time", AtTimestamp = b"@timestamp",
    TimeGenerated = b"TimeGenerated", SplunkTime = b"_time", TimeUnixNano = b"timeUnixNano",
    Topic = b"topic", Offset = b"offset", Partition = b"partition", Columns = b"columns",
    K8sAuditLevel = b"k8s_audit_level", Openshift = b"openshift", LogType = b"log_type",
    LowerBody = b"body", Msg = b"msg", Record = b"record",
    OpenshiftAuditLevel = b"openshift_audit_level", Gke = b"gke", Unreadable = b"unreadable",
    // what holds a value that another member names
    Content = b"content", Val = b"val", Argument = b"argument", EnvValue = b"envValue",
    ParameterValue = b"ParameterValue", CurrentValue = b"currentValue",
    UpperResourceId = b"ResourceId", UpperTables = b"Tables", FrameType = b"FrameType",
}

impl Key {
    /// The key with this number; `Plain` for numbers that name none.
    #[inline]
    pub(crate) fn from_number(number: u8) -> Self {
        Self::BY_NUMBER.get(usize::from(number)).copied().unwrap_or(Self::Plain)
    }

    /// Classifies an unescaped name without the cache.
    pub(crate) fn of(name: &[u8], hints: Hints) -> Self {
        if let [first, .., last] = name
            && name.len() <= 32
        {
            let mut at = place(*first, name[name.len() / 2], *last, name.len());
            while PLACES[at] != 0 {
                let (text, key) = Self::TABLE[usize::from(PLACES[at]) - 1];
                if text == name {
                    return key;
                }
                at = (at + 1) % PLACES.len();
            }
        }
        // Headers as a map: their values are credentials whatever the scheme.
        let header = name.eq_ignore_ascii_case(b"authorization")
            || name.eq_ignore_ascii_case(b"proxy-authorization");
        // Of OpenShift's OAuthClient: the secrets themselves, where `secrets` elsewhere are names.
        let header = header || name == b"additionalSecrets";
        if header || hints(name) { Self::Hint } else { Self::Plain }
    }

    /// Whether the redactor wants to hear of this key wherever it stands in an event.
    #[inline]
    pub(crate) fn is_marked(self) -> bool {
        matches!(
            self,
            Self::Hint
                | Self::Kind
                | Self::Annotations
                | Self::Data
                | Self::StringData
                | Self::BinaryData
                | Self::ManagedFields
                | Self::Value
                | Self::Values
                | Self::Content
                | Self::Val
                | Self::Argument
                | Self::EnvValue
                | Self::ParameterValue
                | Self::CurrentValue
                | Self::Args
                | Self::Command
                | Self::Token
                | Self::Auth
        )
    }
}

/// Rows of [`Key::TABLE`] plus one by a hash of their text, open addressing.
static PLACES: [u8; 512] = {
    let mut places = [0; 512];
    let mut row = 0;
    while row < Key::TABLE.len() {
        let text = Key::TABLE[row].0;
        assert!(text.len() >= 2 && text.len() <= 32);
        let mut at = place(text[0], text[text.len() / 2], text[text.len() - 1], text.len());
        while places[at] != 0 {
            at = (at + 1) % places.len();
        }
        row += 1;
        places[at] = row as u8;
    }
    places
};

const fn place(first: u8, middle: u8, last: u8, len: usize) -> usize {
    let mixed = (first as usize) * 31 + (middle as usize) * 7 + (last as usize) * 131 + len * 57;
    (mixed ^ mixed >> 7) % 512
}

const SLOTS: usize = 1024;

/// Packed, since a `u128` of its own place would take a fifth more.
#[derive(Clone, Copy)]
#[repr(C, packed(8))]
struct Slot {
    /// First 16 bytes, zero-filled.
    head: u128,
    /// Last 16 bytes of names longer than that; 0 otherwise.
    tail: u128,
    len: u8,
    key: Key,
}

/// Remembers the class of names of up to 32 bytes. Head, tail and length are the whole name, so a
/// clash of slots costs time and never gives a wrong class.
pub(crate) struct KeyCache {
    hints: Hints,
    slots: Box<[Slot; SLOTS]>,
    /// Empty until a name needs it.
    long: Vec<LongSlot>,
}

const LONG_SLOTS: usize = 128;

/// A name of 33 to 64 bytes: its first and last 32 are all of it.
#[derive(Clone, Copy)]
struct LongSlot {
    parts: [u128; 4],
    len: u8,
    key: Key,
}

impl KeyCache {
    /// An empty cache that asks `hints` about names it has not seen.
    pub(crate) fn new(hints: Hints) -> Self {
        let slot = Slot { head: 0, tail: 0, len: u8::MAX, key: Key::Plain };
        let slots = vec![slot; SLOTS].into_boxed_slice();
        Self {
            hints,
            slots: slots.try_into().unwrap_or_else(|_| unreachable!("as many as there are")),
            long: Vec::new(),
        }
    }
}

#[inline(always)]
fn load(src: &[u8], at: usize) -> u128 {
    if let Some(bytes) = src.get(at..at + 16) {
        u128::from_le_bytes(*bytes.first_chunk().unwrap_or(&[0; 16]))
    } else {
        let mut bytes = [0; 16];
        let rest = &src[at.min(src.len())..];
        bytes[..rest.len()].copy_from_slice(rest);
        u128::from_le_bytes(bytes)
    }
}

/// Ones for the first so many bytes.
static FIRST: [u128; 17] = {
    let mut masks = [u128::MAX; 17];
    let mut len = 0;
    while len < 16 {
        masks[len] = (1 << (8 * len)) - 1;
        len += 1;
    }
    masks
};

impl KeyCache {
    /// The class of the name at `src[start..end]`, which holds no backslash.
    #[inline(never)] // leaves the walk its registers
    pub(crate) fn classify(&mut self, src: &[u8], start: usize, end: usize) -> Key {
        let len = end - start;
        let (head, tail) = if len <= 16 {
            (load(src, start) & FIRST[len], 0)
        } else if len <= 32 {
            (load(src, start), load(src, end - 16))
        } else {
            return self.classify_long(src, start, end);
        };
        let mixed = head ^ tail.rotate_left(29);
        let mixed = ((mixed as u64) ^ ((mixed >> 64) as u64).rotate_left(23))
            .wrapping_add(len as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let place = (mixed >> (64 - SLOTS.trailing_zeros())) as usize;
        let slot = &self.slots[place];
        if slot.head == head && slot.tail == tail && usize::from(slot.len) == len {
            return slot.key;
        }
        self.classify_missed(&src[start..end], place, head, tail)
    }

    /// The class of any name, not remembered.
    pub(crate) fn of(&self, name: &[u8]) -> Key {
        Key::of(name, self.hints)
    }

    /// Two names that clash share two places: the one asked for last stands in the first.
    #[inline(never)]
    fn classify_missed(&mut self, name: &[u8], place: usize, head: u128, tail: u128) -> Key {
        let len = name.len();
        let other = place ^ 1;
        let slot = self.slots[other];
        let known = slot.head == head && slot.tail == tail && usize::from(slot.len) == len;
        let key = if known { slot.key } else { self.of(name) };
        self.slots[other] = self.slots[place];
        self.slots[place] = Slot { head, tail, len: len as u8, key };
        key
    }

    #[inline(never)]
    fn classify_long(&mut self, src: &[u8], start: usize, end: usize) -> Key {
        let len = end - start;
        if len > 64 {
            return self.of(&src[start..end]);
        }
        let parts =
            [load(src, start), load(src, start + 16), load(src, end - 32), load(src, end - 16)];
        let mixed = parts[0] ^ parts[1].rotate_left(17) ^ parts[2].rotate_left(43) ^ parts[3];
        let mixed = ((mixed as u64) ^ ((mixed >> 64) as u64).rotate_left(23))
            .wrapping_add(len as u64)
            .wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let hints = self.hints;
        if self.long.is_empty() {
            let none = LongSlot { parts: [0; 4], len: u8::MAX, key: Key::Plain };
            self.long.resize(LONG_SLOTS, none);
        }
        let slot = &mut self.long[(mixed >> (64 - LONG_SLOTS.trailing_zeros())) as usize];
        if slot.parts != parts || usize::from(slot.len) != len {
            *slot = LongSlot { parts, len: len as u8, key: Key::of(&src[start..end], hints) };
        }
        slot.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cache_agrees_with_the_table() {
        let mut cache = KeyCache::new(crate::detect::name_hints_secret);
        for round in 0..2 {
            for (text, key) in Key::TABLE {
                assert_eq!(cache.classify(text, 0, text.len()), *key, "round {round}");
                let mut padded = b"{\"".to_vec();
                padded.extend_from_slice(text);
                padded.extend_from_slice(&[b'"'; 40]);
                assert_eq!(cache.classify(&padded, 2, 2 + text.len()), *key);
                assert_eq!(Key::from_number(*key as u8), *key);
                assert_eq!(key.text(), *text);
            }
        }
        for len in 33..80 {
            let mut long = vec![b'x'; len];
            assert_eq!(cache.classify(&long, 0, len), Key::Plain);
            long[len - 9..].copy_from_slice(b"_PASSWORD");
            assert_eq!(cache.classify(&long, 0, len), Key::Hint);
        }
        assert_eq!(cache.classify(b"", 0, 0), Key::Plain);
        assert_eq!(cache.classify(b"DB_PASSWORD", 0, 11), Key::Hint);
    }
}
