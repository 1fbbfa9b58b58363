//! Credentials that can be told by their form.
//!
//! Prefixes, lengths and alphabets are those that the providers state in their documentation, or that the tokens
//! they issue have had without exception. Where a length is not promised, a lower bound stands here.

use super::Secret;
use super::named::is_placeholder;
use crate::text::Span;

/// The letters that follow a prefix.
#[derive(Clone, Copy)]
enum Letters {
    /// Letters and digits.
    Alphanumeric,
    /// The same with `_` and `-`.
    Url,
    /// The same with `.` as well.
    Dotted,
    /// Digits and the letters from `a` to `f`.
    Hex,
    /// Capital letters and digits.
    Capital,
}

impl Letters {
    fn has(self, byte: u8) -> bool {
        match self {
            Self::Alphanumeric => byte.is_ascii_alphanumeric(),
            Self::Url => byte.is_ascii_alphanumeric() || b"_-".contains(&byte),
            Self::Dotted => byte.is_ascii_alphanumeric() || b"_-.".contains(&byte),
            Self::Hex => byte.is_ascii_hexdigit(),
            Self::Capital => byte.is_ascii_uppercase() || byte.is_ascii_digit(),
        }
    }
}

struct Form {
    prefix: &'static str,
    what: &'static str,
    letters: Letters,
    /// Fewest letters behind the prefix.
    least: usize,
    /// Most of them.
    most: usize,
}

const fn form(prefix: &'static str, what: &'static str, letters: Letters, least: usize, most: usize) -> Form {
    Form { prefix, what, letters, least, most }
}

const ANY: usize = usize::MAX;

/// Longer prefixes stand before those that they begin with.
const FORMS: &[Form] = &[
    form("AKIA", "an access key of AWS", Letters::Capital, 16, 16),
    form("ASIA", "a temporary access key of AWS", Letters::Capital, 16, 16),
    form("AIza", "an API key of Google", Letters::Url, 35, 35),
    form("GOCSPX-", "an OAuth client secret of Google", Letters::Url, 28, 28),
    form("ya29.", "an access token of Google", Letters::Url, 40, ANY),
    form("ghp_", "a personal access token of GitHub", Letters::Alphanumeric, 36, 36),
    form("gho_", "an OAuth token of GitHub", Letters::Alphanumeric, 36, 36),
    form("ghu_", "a user token of a GitHub app", Letters::Alphanumeric, 36, 36),
    form("ghs_", "an installation token of a GitHub app", Letters::Dotted, 36, ANY),
    form("ghr_", "a refresh token of a GitHub app", Letters::Alphanumeric, 36, 76),
    form("github_pat_", "a fine-grained token of GitHub", Letters::Url, 82, 82),
    form("glpat-", "a personal access token of GitLab", Letters::Dotted, 20, ANY),
    form("gldt-", "a deploy token of GitLab", Letters::Url, 20, ANY),
    form("glrt-", "a runner token of GitLab", Letters::Dotted, 20, ANY),
    form("glptt-", "a trigger token of GitLab", Letters::Url, 40, ANY),
    form("xoxb-", "a bot token of Slack", Letters::Url, 24, ANY),
    form("xoxp-", "a user token of Slack", Letters::Url, 24, ANY),
    form("xoxa-", "a workspace token of Slack", Letters::Url, 24, ANY),
    form("xoxe-", "a refresh token of Slack", Letters::Url, 24, ANY),
    form("xoxe.", "a rotating token of Slack", Letters::Dotted, 24, ANY),
    form("xapp-", "an app token of Slack", Letters::Url, 24, ANY),
    form("hooks.slack.com/services/", "a webhook of Slack", Letters::Alphanumeric, 8, ANY),
    form("sk-ant-", "an API key of Anthropic", Letters::Url, 40, ANY),
    form("sk-proj-", "an API key of OpenAI", Letters::Url, 40, ANY),
    form("sk-svcacct-", "an API key of OpenAI", Letters::Url, 40, ANY),
    form("sk-admin-", "an admin key of OpenAI", Letters::Url, 40, ANY),
    form("sk-or-v1-", "an API key of OpenRouter", Letters::Hex, 64, 64),
    form("sk-", "an API key of the form of OpenAI's", Letters::Alphanumeric, 40, ANY),
    form("npm_", "a token of npm", Letters::Alphanumeric, 36, 36),
    form("pypi-", "a token of PyPI", Letters::Url, 80, ANY),
    form("sk_live_", "a secret key of Stripe", Letters::Alphanumeric, 24, ANY),
    form("rk_live_", "a restricted key of Stripe", Letters::Alphanumeric, 24, ANY),
    form("whsec_", "a webhook secret of Stripe", Letters::Alphanumeric, 32, ANY),
    form("hf_", "a token of Hugging Face", Letters::Alphanumeric, 34, 34),
    form("SG.", "an API key of SendGrid", Letters::Dotted, 66, 66),
    form("dckr_pat_", "a token of Docker Hub", Letters::Url, 27, ANY),
    form("dop_v1_", "a token of DigitalOcean", Letters::Hex, 64, 64),
    form("shpat_", "an access token of Shopify", Letters::Hex, 32, 32),
    form("lin_api_", "an API key of Linear", Letters::Alphanumeric, 40, 40),
    form("sbp_", "an access token of Supabase", Letters::Hex, 40, 40),
    form("figd_", "a token of Figma", Letters::Url, 40, 40),
    form("glsa_", "a service account token of Grafana", Letters::Url, 41, 41),
    form("hvs.", "a token of Vault", Letters::Url, 24, ANY),
    form("gsk_", "an API key of Groq", Letters::Alphanumeric, 52, 52),
    form("tvly-", "an API key of Tavily", Letters::Url, 32, ANY),
    form("pplx-", "an API key of Perplexity", Letters::Alphanumeric, 48, 48),
];

const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// The credentials of known form.
pub(super) fn find(text: &str) -> Vec<Secret> {
    let mut found = Vec::new();
    let bytes = text.as_bytes();
    let mut before = b' ';
    for (at, byte) in bytes.iter().copied().enumerate() {
        let starts = !before.is_ascii_alphanumeric() && before != b'_';
        before = byte;
        if !starts {
            continue;
        }
        let Some(rest) = text.get(at..) else { continue };
        let secret = match byte {
            b'e' => web_token(rest),
            b'-' => private_key(rest),
            b'A' | b'G' | b'S' | b'd'..=b't' | b'w'..=b'y' => issued(rest),
            _ => None,
        };
        if let Some((what, prefix, length)) = secret {
            found.push(Secret { what, span: Span::new(at, at + length), prefix, known: true });
        }
    }
    found
}

/// What it is, the length of its prefix, and its length.
type Found = (&'static str, usize, usize);

fn issued(rest: &str) -> Option<Found> {
    FORMS.iter().find_map(|form| {
        let body = rest.strip_prefix(form.prefix)?;
        // The parts of a webhook's path stand between slashes.
        let hook = form.prefix.ends_with('/');
        let length =
            body.bytes().take_while(|byte| form.letters.has(*byte) || (hook && *byte == b'/')).count();
        let body = body.get(..length)?.trim_end_matches(['.', '-', '_', '/']);
        let fits = (form.least..=form.most).contains(&body.len()) && !is_placeholder(body);
        fits.then_some((form.what, form.prefix.len(), form.prefix.len() + body.len()))
    })
}

/// Three parts in base64, of which the first two are JSON objects.
fn web_token(rest: &str) -> Option<Found> {
    let length = rest.bytes().take_while(|byte| Letters::Dotted.has(*byte)).count();
    let token = rest.get(..length)?;
    let parts: Vec<&str> = token.split('.').collect();
    let [head, body, signature] = parts.as_slice() else { return None };
    let is_object = |part: &str| part.starts_with("eyJ") && part.len() >= 10;
    let fits = is_object(head) && is_object(body) && signature.len() >= 16 && !is_placeholder(signature);
    fits.then_some(("a JSON web token", 3, length))
}

/// A block in PEM, to its end or to that of the text.
fn private_key(rest: &str) -> Option<Found> {
    let label = rest.strip_prefix(KEY_BEGINS)?;
    let (label, _) = label.split_once("-----")?;
    if !label.ends_with("PRIVATE KEY") && !label.ends_with("PRIVATE KEY BLOCK") {
        return None;
    }
    let head = KEY_BEGINS.len() + label.len() + "-----".len();
    let body = rest.get(head..)?;
    let length = match body.find(KEY_ENDS) {
        Some(end) => head + end + KEY_ENDS.len() + label.len() + "-----".len(),
        None => rest.len(),
    };
    let inside = rest.get(head..length)?.bytes().filter(u8::is_ascii_alphanumeric).count();
    (inside >= 40).then_some(("a private key", KEY_BEGINS.len(), length.min(rest.len())))
}
