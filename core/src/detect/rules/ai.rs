//! Services of artificial intelligence.

use super::{Rule, SERVICE_RULE, Span, by, exactly, from, is_mixed, starts_word, word};
use crate::detect::runs::{ALNUM, HEX, URL64, run, run_back};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "openai-key",
        about: "OpenAI API key, and keys of services that copy its form (`sk-` and 32 hex digits).",
        literals: &[
            by("T3BlbkFJ", |h, at, _| openai(h, at)),
            from("sk-proj-", URL64, 40),
            from("sk-svcacct-", URL64, 40),
            from("sk-admin-", URL64, 40),
            from("sk-or-v1-", HEX, 48),
            by("sk-lf-", |h, at, _| super::code::uuid::<6>(h, at)),
            word("sk-", HEX, 32, 32),
            word("sk-", ALNUM, 48, 48),
        ],
        finds: &["sk-{20a}T3BlbkFJ{20a}", "sk-proj-{80w}", "sk-or-v1-{64h}", "sk-{32h}"],
        #[cfg(test)]
        keeps: &["sk-proj-x", "sk-", "T3BlbkFJ", "risk-0123456789abcdef0123456789abcdef"],
        ..SERVICE_RULE
    },
    Rule {
        name: "anthropic-key",
        about: "Anthropic API or admin key.",
        literals: &[from("sk-ant-", URL64, 40)],
        finds: &["sk-ant-api03-{93w}AA"],
        #[cfg(test)]
        keeps: &["sk-ant-api03"],
        ..SERVICE_RULE
    },
    Rule {
        name: "huggingface-token",
        about: "Hugging Face access token.",
        literals: &[exactly("hf_", ALNUM, 34), exactly("api_org_", ALNUM, 34)],
        finds: &["hf_{34a}", "api_org_{34a}"],
        #[cfg(test)]
        keeps: &["hf_x", "hf_hub_download"],
        ..SERVICE_RULE
    },
    Rule {
        name: "groq-key",
        about: "Groq API key.",
        literals: &[word("gsk_", ALNUM, 48, 56)],
        finds: &["gsk_{52a}"],
        #[cfg(test)]
        keeps: &["gsk_renderer"],
        ..SERVICE_RULE
    },
    Rule {
        name: "xai-key",
        about: "xAI API key.",
        literals: &[word("xai-", URL64, 60, 100)],
        finds: &["xai-{80w}"],
        #[cfg(test)]
        keeps: &["xai-grok"],
        ..SERVICE_RULE
    },
    Rule {
        name: "replicate-token",
        about: "Replicate API token.",
        literals: &[word("r8_", ALNUM, 37, 48)],
        finds: &["r8_{37a}"],
        #[cfg(test)]
        keeps: &["r8_unorm"],
        ..SERVICE_RULE
    },
    Rule {
        name: "nvidia-key",
        about: "NVIDIA API key.",
        literals: &[from("nvapi-", URL64, 60)],
        finds: &["nvapi-{64w}"],
        #[cfg(test)]
        keeps: &["nvapi-x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "perplexity-key",
        about: "Perplexity API key.",
        literals: &[word("pplx-", ALNUM, 40, 64)],
        finds: &["pplx-{48a}"],
        #[cfg(test)]
        keeps: &["pplx-7b-online"],
        ..SERVICE_RULE
    },
    Rule {
        name: "jina-key",
        about: "Jina AI key.",
        literals: &[word("jina_", ALNUM, 48, 64)],
        finds: &["jina_{60a}"],
        #[cfg(test)]
        keeps: &["jina_embeddings"],
        ..SERVICE_RULE
    },
    Rule {
        name: "firecrawl-key",
        about: "Firecrawl API key.",
        literals: &[word("fc-", HEX, 32, 32)],
        finds: &["fc-{32h}"],
        #[cfg(test)]
        keeps: &["fc-cache", "fc-7f9c8d6b5c"],
        ..SERVICE_RULE
    },
    Rule {
        name: "langsmith-key",
        about: "LangSmith API key.",
        literals: &[from("lsv2_pt_", URL64, 40), from("lsv2_sk_", URL64, 40)],
        finds: &["lsv2_pt_{32h}_{10h}"],
        #[cfg(test)]
        keeps: &["lsv2_pt_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "together-key",
        about: "Keys of Together, Fireworks, Cerebras, Tavily, E2B and Apify.",
        literals: &[
            word("tgp_v1_", URL64, 40, 48),
            word("fw_", ALNUM, 22, 26),
            word("csk-", ALNUM, 44, 52),
            word("tvly-", URL64, 28, 64),
            word("e2b_", HEX, 40, 40),
            from("apify_api_", ALNUM, 34),
        ],
        finds: &[
            "tgp_v1_{43w}",
            "fw_{24a}",
            "csk-{48l}",
            "tvly-{32a}",
            "e2b_{40h}",
            "apify_api_{36a}",
        ],
        #[cfg(test)]
        keeps: &["fw_rule", "csk-x", "apify_api_v2"],
        ..SERVICE_RULE
    },
    Rule {
        name: "elevenlabs-key",
        about: "ElevenLabs API key.",
        literals: &[word("sk_", HEX, 48, 48)],
        finds: &["sk_{48h}"],
        #[cfg(test)]
        keeps: &["sk_buff", "sk_msg"],
        ..SERVICE_RULE
    },
    Rule {
        name: "voyage-key",
        about: "Voyage AI API key.",
        literals: &[word("pa-", URL64, 43, 44)],
        finds: &["pa-{43a}"],
        #[cfg(test)]
        keeps: &["pa-sync", "hpa-scaler-for-the-payments-service-in-europe-west-1"],
        ..SERVICE_RULE
    },
];

fn openai(hay: &[u8], at: usize) -> Span {
    let start = run_back(hay, at, URL64, 200);
    let sk = memchr::memmem::find(&hay[start..at], b"sk-").map(|skip| start + skip)?;
    let end = run(hay, at + 8, URL64, 200);
    let fits = end >= at + 8 + 16 && (starts_word(hay, sk) || is_mixed(&hay[sk..at]));
    fits.then_some((sk, end))
}
