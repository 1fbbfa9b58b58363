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

/// Most letters by which it is judged whether something is a credential, so that a text of many beginnings costs no more
/// than another.
const LONGEST_JUDGED: usize = 128;

const KEY_BEGINS: &str = "-----BEGIN ";
const KEY_ENDS: &str = "-----END ";

/// The credentials of known form; those that look as if somebody is to replace them only where `all` says so.
pub(super) fn find(text: &str, all: bool) -> Vec<Secret> {
    let mut found = Vec::new();
    let mut before = b' ';
    // What a credential has taken, and where no web token can begin any more: each letter is looked at a few times only.
    let (mut taken, mut tokenless) = (0, 0);
    for (at, byte) in text.bytes().enumerate() {
        let starts = !before.is_ascii_alphanumeric() && before != b'_' && at >= taken;
        before = byte;
        if !starts {
            continue;
        }
        let Some(rest) = text.get(at..) else { continue };
        let secret = match byte {
            b'e' if at >= tokenless => match web_token(rest, all) {
                Ok(found) => Some(found),
                Err(length) => {
                    tokenless = at + length;
                    None
                }
            },
            b'-' => private_key(rest),
            b'A' | b'G' | b'S' | b'd'..=b't' | b'w'..=b'y' => issued(rest, all),
            _ => None,
        };
        if let Some((what, prefix, length)) = secret {
            taken = at + length;
            found.push(Secret { what, span: Span::new(at, taken), prefix, known: true });
        }
    }
    found
}

/// What it is, the length of its prefix, and its length.
type Found = (&'static str, usize, usize);

fn issued(rest: &str, all: bool) -> Option<Found> {
    FORMS.iter().find_map(|form| {
        let body = rest.strip_prefix(form.prefix)?;
        // The parts of a webhook's path stand between slashes.
        let hook = form.prefix.ends_with('/');
        let length = |most: usize| {
            let has = |byte: &u8| form.letters.has(*byte) || (hook && *byte == b'/');
            body.bytes().take(most).take_while(has).count()
        };
        let trim =
            |length: usize| body.get(..length).unwrap_or_default().trim_end_matches(['.', '-', '_', '/']);
        let head = trim(length(LONGEST_JUDGED));
        let fits = (form.least..=form.most).contains(&head.len()) && (all || !is_placeholder(head));
        fits.then(|| (form.what, form.prefix.len(), form.prefix.len() + trim(length(ANY)).len()))
    })
}

/// Three parts in base64, of which the first two are JSON objects. Otherwise the length within which none begins: whoever
/// begins later in the first part has the same parts behind it.
fn web_token(rest: &str, all: bool) -> Result<Found, usize> {
    let part = |from: usize| rest.bytes().skip(from).take_while(|byte| Letters::Url.has(*byte)).count();
    let dot = |at: usize| rest.as_bytes().get(at) == Some(&b'.');
    let is_object = |from: usize, length: usize| {
        length >= 10 && rest.get(from..).is_some_and(|part| part.starts_with("eyJ"))
    };
    let head = part(0);
    if !is_object(0, head) || !dot(head) {
        return Err(head);
    }
    let body = part(head + 1);
    let second = head + 1 + body;
    if !is_object(head + 1, body) || !dot(second) {
        return Err(head);
    }
    let signature = part(second + 1);
    let end = second + 1 + signature;
    let judged = rest.get(second + 1..end.min(second + 1 + LONGEST_JUDGED)).unwrap_or_default();
    let fits = signature >= 16 && !dot(end) && (all || !is_placeholder(judged));
    if fits { Ok(("a JSON web token", 3, end)) } else { Err(head) }
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
