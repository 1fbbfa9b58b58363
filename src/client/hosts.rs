//! Hosts of documentation that the client fetches from without a rule. Observed with client 2.1.330, host
//! by host; a host that is not listed was seen to be asked for, or was never tried.

/// Hosts of which every page is free.
const HOSTS: &[&str] = &[
    "agentskills.io",
    "angular.io",
    "asp.net",
    "blazor.net",
    "bun.sh",
    "cloud.google.com",
    "code.claude.com",
    "cypress.io",
    "d3js.org",
    "dev.mysql.com",
    "devcenter.heroku.com",
    "developer.android.com",
    "developer.apple.com",
    "developer.mozilla.org",
    "doc.rust-lang.org",
    "docs.aws.amazon.com",
    "docs.djangoproject.com",
    "docs.flutter.dev",
    "docs.netlify.com",
    "docs.oracle.com",
    "docs.python.org",
    "docs.spring.io",
    "docs.stripe.com",
    "docs.swift.org",
    "docs.unity.com",
    "docs.unrealengine.com",
    "dotnet.microsoft.com",
    "en.cppreference.com",
    "expressjs.com",
    "fastapi.tiangolo.com",
    "flask.palletsprojects.com",
    "getbootstrap.com",
    "git-scm.com",
    "gradle.org",
    "graphql.org",
    "hibernate.org",
    "httpd.apache.org",
    "jestjs.io",
    "jquery.com",
    "jupyter.org",
    "keras.io",
    "kotlinlang.org",
    "kubernetes.io",
    "laravel.com",
    "learn.microsoft.com",
    "matplotlib.org",
    "maven.apache.org",
    "modelcontextprotocol.io",
    "nextjs.org",
    "nginx.org",
    "nodejs.org",
    "numpy.org",
    "pandas.pydata.org",
    "platform.claude.com",
    "prisma.io",
    "pytorch.org",
    "react.dev",
    "reactnative.dev",
    "reactrouter.com",
    "redis.io",
    "redux.js.org",
    "requests.readthedocs.io",
    "ruby-doc.org",
    "scikit-learn.org",
    "selenium.dev",
    "spark.apache.org",
    "symfony.com",
    "tailwindcss.com",
    "threejs.org",
    "tomcat.apache.org",
    "vuejs.org",
    "webpack.js.org",
    "www.ansible.com",
    "www.docker.com",
    "www.mongodb.com",
    "www.php.net",
    "www.postgresql.org",
    "www.sqlite.org",
    "www.tensorflow.org",
    "www.terraform.io",
    "www.typescriptlang.org",
];

/// Hosts of which the pages at and below one path are free.
const SECTIONS: &[(&str, &str)] = &[("github.com", "/anthropics"), ("vercel.com", "/docs")];

/// Addresses of pages that need no rule, one for each host.
pub fn documentation() -> impl Iterator<Item = (&'static str, &'static str)> {
    HOSTS.iter().map(|host| (*host, "/")).chain(SECTIONS.iter().copied())
}

/// Whether a page needs no rule, by its host as it stands in the address (in small letters, a dot at its
/// end kept) and its path.
pub fn is_documentation(host: &str, path: &str) -> bool {
    if HOSTS.binary_search(&host).is_ok() {
        return true;
    }
    SECTIONS.iter().any(|(section_host, section)| {
        *section_host == host
            && path.strip_prefix(section).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            // Escaped slashes and dots may lead out of the section again.
            && !path.contains('%')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_sorted_and_sections_end_at_a_slash() {
        assert!(HOSTS.is_sorted());
        assert!(is_documentation("react.dev", "/x") && is_documentation("vercel.com", "/docs/a"));
        assert!(!is_documentation("a.react.dev", "/") && !is_documentation("vercel.com", "/docsx"));
        assert!(
            !is_documentation("react.dev.", "/") && !is_documentation("github.com", "/anthropics/..%2fx")
        );
    }
}
