//! What is taken for a credential, and what is not. The credentials here are made up: none was ever issued.

use super::*;

/// A credential put together at run time, so that no scanner of repositories stumbles over this file.
fn made_up(prefix: &str, length: usize) -> String {
    let letters = "q7Zk2Rv9Wm4Xp8Tj3Hs6Fd5Gb1NcYLae0uKo";
    prefix.chars().chain(letters.chars().cycle().take(length)).collect()
}

fn whats(text: &str) -> Vec<&'static str> {
    find(text).into_iter().map(|secret| secret.what).collect()
}

#[test]
fn what_providers_issue_is_known_by_its_form() {
    for (prefix, length, what) in [
        ("ghp_", 36, "a personal access token of GitHub"),
        ("glpat-", 20, "a personal access token of GitLab"),
        ("AIza", 35, "an API key of Google"),
        ("xoxb-", 50, "a bot token of Slack"),
        ("sk-ant-api03-", 95, "an API key of Anthropic"),
        ("sk-proj-", 120, "an API key of OpenAI"),
        ("npm_", 36, "a token of npm"),
        ("pypi-", 150, "a token of PyPI"),
        ("sk_live_", 24, "a secret key of Stripe"),
        ("hf_", 34, "a token of Hugging Face"),
    ] {
        let token = made_up(prefix, length);
        for text in
            [token.clone(), format!("Bash(X={token} y)"), format!("-H \"Authorization: Bearer {token}\"")]
        {
            assert_eq!(whats(&text), [what], "{text}");
            assert!(!mask(&text).contains(&token), "{text}");
        }
        // Part of a longer word.
        assert!(known::find(&format!("x{token}"), false).is_empty());
    }
    let key = format!("AKIA{}", "Q7ZK2RV9WM4XP8TJ");
    assert_eq!(whats(&key), ["an access key of AWS"]);
    let token = format!("{}.{}.{}", made_up("eyJ", 20), made_up("eyJ", 40), made_up("", 43));
    assert_eq!(whats(&token), ["a JSON web token"]);
    let key = format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----", made_up("", 300));
    assert_eq!(whats(&key), ["a private key"]);
    assert_eq!(mask(&key), "-----BEGIN …");
}

#[test]
fn names_tell_of_credentials() {
    let value = made_up("", 32);
    for text in [
        format!("API_TOKEN={value} npm publish"),
        format!("export MY_SECRET='{value}'"),
        format!("curl -H \"X-Api-Key: {value}\" https://a.dev"),
        format!("deploy --token {value}"),
        format!("deploy --api-key={value}"),
        format!("{{\"clientSecret\": \"{value}\"}}"),
        format!("Authorization: Bearer {value}"),
    ] {
        assert_eq!(whats(&text), ["what looks like a credential"], "{text}");
        assert!(!mask(&text).contains(&value), "{text}");
    }
    assert_eq!(whats("PGPASSWORD=hx7-Kqwe2m psql"), ["a password"]);
    assert_eq!(whats("psql postgres://app:hx7Kqwe2m@db/x"), ["a password in an address"]);
    assert_eq!(mask("psql postgres://app:hx7Kqwe2m@db/x"), "psql postgres://app:…@db/x");
    assert_eq!(find_under("GITHUB_TOKEN", &value).len(), 1);
    assert_eq!(find_under("GITHUB_USER", &value), []);
}

#[test]
fn placeholders_are_no_credentials() {
    for text in [
        "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
        "ghp_yourTokenGoesHereabcdefghijklmnopqrs",
        "AKIAIOSFODNN7EXAMPLE",
        "sk-ant-your-key-here",
        "API_TOKEN=${API_TOKEN}",
        "API_TOKEN=$API_TOKEN",
        "API_TOKEN=<your-token-of-32-characters>",
        "API_TOKEN=YOUR_API_KEY_GOES_HERE_1",
        "PASSWORD=changeme123",
        "PGPASSWORD=postgres",
        "POSTGRES_PASSWORD=postgres-dev",
        "token=/run/keys/deploy-1f3a9c",
        "--token-file ./x/y/z1a2b3c4d5e6f7",
        "max_tokens: 1234567890123456",
        "SECRET=op://vault/item/field-1a2b3c4d",
        "https://user:${PASS}@host/x",
        "https://host:8080/x@y",
        "git@github.com:acme/web",
        "token: deploy-bot-2025-production",
        "keys.example.com",
        "Bash(npm run build:*)",
        "CLAUDE_CODE_MAX_OUTPUT_TOKENS=64000",
        "-----BEGIN PUBLIC KEY-----\nMIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A",
        "-----BEGIN PRIVATE KEY-----",
    ] {
        assert_eq!(find(text), [], "{text}");
        assert!(matches!(mask(text), Cow::Borrowed(_)));
    }
    assert_eq!(find_under("API_KEY", "${API_KEY:-none}"), []);
    assert_eq!(find_under("API_KEY", "prod-eu-west-1-key"), []);
}

/// What a line of the trail hides, beside what is found everywhere: passwords that a program takes, by whatever option.
#[test]
fn whatever_may_be_a_credential_is_hidden_in_what_is_kept() {
    let wide = |text: &str| masked(text, &find_widely(text)).into_owned();
    for text in [
        "mysql -p# db",
        "mysql -u root -p'#' db",
        "curl -u ann:# https://x.dev",
        "/usr/bin/curl -sS --user 'ann:#' https://x.dev",
        "curl --proxy-user=ann:# x.dev",
        "curl -H 'Authorization: Bearer #' https://x.dev",
        "curl -H \"Authorization: Basic #\" https://x.dev",
        "curl -H 'Authorization: Digest username=a, response=#' x.dev",
        "curl -H 'Cookie: session=a; id=#' x.dev",
        "curl -b 'sid=#' x.dev",
        "sudo sshpass -p # ssh h",
        "sshpass -p# ssh h",
        "echo x | docker login -u a -p #",
        "export AWS_SECRET_ACCESS_KEY=#",
        "aws configure set aws_secret_access_key #",
        "redis-cli -h h -a # ping",
        "openssl enc -pass pass:# -in x",
        "ldapsearch -x -w # b",
        "unzip -P # x.zip",
        "7z x -p# x.7z",
        "smbclient //h/s -U ann%#",
        "http -a ann:# x.dev",
        "echo '#' | sudo -S ls",
        "printf '%s' # | docker login -u a --password-stdin r.dev",
        "deploy --password 'two # words'",
        "PASSWORD=# run",
        "psql postgres://ann:#@h/db",
        "kubectl create secret generic x --from-literal=password=#",
        "x {\"password\": \"#\"}",
        "x \"{\\\"api_key\\\": \\\"#\\\"}\"",
        "sqlx 'Server=h;Password=#;User=a'",
        "https://x.dev/?access_token=#&b=1",
        "\u{e9}password=#",
    ] {
        for password in ["Tr0ub4dor", "changeme", "example-token", "a,b"] {
            let text = text.replace('#', password);
            assert!(!wide(&text).contains(password), "{text}: {}", wide(&text));
        }
    }
    let issued = format!("echo {} {}", made_up("sk-ant-api03-abcdef", 90), "AKIAIOSFODNN7EXAMPLE");
    assert_eq!(wide(&issued), "echo sk-ant-… AKIA…");
    let signed = format!("https://x.dev/?X-Amz-Signature={}&a=1", made_up("", 40));
    assert_eq!(wide(&signed), "https://x.dev/?X-Amz-Signature=…&a=1");
    for text in [
        "npm test",
        "git commit -m 'the token of a parser'",
        "curl -u \"$USER:$PASS\" https://x.dev",
        "deploy --token $TOKEN --token-file ./x",
        "mysql -u root -p db",
        "docker run -p 80:80 x",
        "cd \"$PWD\" && PWD=/home/ann ls",
        "cat src/auth.rs",
        "cargo test token::tests",
        "git log 4f2c0d9e8b7a6c5d4e3f2a1b0c9d8e7f6a5b4c3d",
        "https://x.dev/a?b=c&page=2",
        "mkdir -p a",
        "ssh-keygen -f key -N ''",
    ] {
        assert_eq!(wide(text), text);
    }
}

/// Who waits for a hook gives up after some seconds, and then the call goes on: nothing may cost as much.
#[test]
fn texts_of_many_beginnings_cost_no_more_than_others() {
    for piece in [
        "token=",
        "password:",
        "password=$",
        "--token ",
        "a_key ",
        "eyJ.",
        "eyJ-",
        "eyJhbGciOiJI.",
        "sk-",
        "sk-ant-",
        "xoxb-",
        "-----BEGIN RSA PRIVATE KEY-----",
        "-----BEGIN ",
        "://a:b@",
        "://",
        "key=",
        "sig=/",
        "cookie:",
        "password=Tr0ub4dor ",
        "curl -u a:b;",
        "echo a|",
        "'",
        "\"=",
        "pass:",
        "Bearer ",
    ] {
        let text = piece.repeat(100_000 / piece.len());
        let begun = std::time::Instant::now();
        let _ = (find(&text), find_widely(&text));
        assert!(begun.elapsed().as_secs() < 10, "{piece}: {:?}", begun.elapsed());
    }
}
