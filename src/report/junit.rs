//! JUnit XML: a suite for each repository, a test for each check, a failure with what it found.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

use crate::check::{self, Check};
use crate::finding::{Finding, Severity};

/// A suite: its name, and its findings or why there are none.
pub type Suite<'a> = (&'a str, Result<Vec<&'a Finding>, &'a str>);

/// Writes suites. A check fails when something was found that `fails`; lighter findings are told in the
/// output of its test.
pub fn write_junit(
    out: &mut dyn Write,
    suites: &[Suite<'_>],
    fails: &dyn Fn(Severity) -> bool,
) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(quick_xml::events::BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites").with_attribute(("name", "bylaws")).write_inner_content(|xml| {
        suites.iter().try_for_each(|(name, findings)| write_suite(xml, name, findings, fails))
    })?;
    writeln!(xml.get_mut())
}

type Xml<'a> = Writer<&'a mut dyn Write>;

fn write_suite(
    xml: &mut Xml<'_>,
    name: &str,
    findings: &Result<Vec<&Finding>, &str>,
    fails: &dyn Fn(Severity) -> bool,
) -> io::Result<()> {
    let name = visible(name);
    let suite = |tests: usize, failures: usize, errors: usize| {
        [("tests", tests), ("failures", failures), ("errors", errors)].map(|(key, n)| (key, n.to_string()))
    };
    let findings = match findings {
        Ok(findings) => findings,
        Err(error) => {
            let counts = suite(1, 0, 1);
            return xml
                .create_element("testsuite")
                .with_attribute(("name", name.as_str()))
                .with_attributes(counts.iter().map(|(key, n)| (*key, n.as_str())))
                .write_inner_content(|xml| {
                    let test = xml.create_element("testcase").with_attribute(("name", "check"));
                    test.with_attribute(("classname", name.as_str())).write_inner_content(|xml| {
                        let error = visible(error);
                        xml.create_element("error")
                            .with_attribute(("message", error.as_str()))
                            .with_attribute(("type", "could-not-finish"))
                            .write_empty()?;
                        Ok(())
                    })?;
                    Ok(())
                })
                .map(|_| ());
        }
    };
    let of = |check: &Check| -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.check == check.name).copied().collect()
    };
    let failing = |found: &[&Finding]| found.iter().any(|finding| fails(finding.severity));
    let failures = check::ALL.iter().filter(|check| failing(&of(check))).count();
    let counts = suite(check::ALL.len(), failures, 0);
    xml.create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts.iter().map(|(key, n)| (*key, n.as_str())))
        .write_inner_content(|xml| {
            check::ALL.iter().try_for_each(|check| {
                let found = of(check);
                let element = if failing(&found) { "failure" } else { "system-out" };
                let test = xml.create_element("testcase").with_attribute(("name", check.name));
                let test = test.with_attribute(("classname", name.as_str()));
                if found.is_empty() {
                    return test.write_empty().map(|_| ());
                }
                test.write_inner_content(|xml| write_findings(xml, element, check, &found)).map(|_| ())
            })
        })
        .map(|_| ())
}

fn write_findings(xml: &mut Xml<'_>, element: &str, check: &Check, found: &[&Finding]) -> io::Result<()> {
    let mut text = Vec::new();
    super::write_plain(&mut text, "", &found.iter().map(|finding| (*finding).clone()).collect::<Vec<_>>())?;
    let text = visible(&String::from_utf8_lossy(&text));
    let mut told = xml.create_element(element);
    if element == "failure" {
        told = told.with_attribute(("message", check.summary)).with_attribute(("type", check.name));
    }
    told.write_text_content(BytesText::new(&text)).map(|_| ())
}

/// The text without the characters that XML cannot hold.
fn visible(text: &str) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}
