//! JUnit XML: a suite for each repository, a test for each check or other kind of finding, a failure with what was
//! found.

use std::io::{self, Write};

use quick_xml::Writer;
use quick_xml::events::{BytesText, Event};

use super::Kind;
use crate::finding::{Finding, Severity};

/// A suite: its name, and its findings or why there are none.
pub type Suite<'a> = (&'a str, Result<Vec<&'a Finding>, &'a str>);

/// Writes suites with a test for each of these kinds. It fails when something was found that `fails`; lighter findings are told in the
/// output of its test.
pub fn write_junit(
    out: &mut dyn Write,
    kinds: &[Kind],
    suites: &[Suite<'_>],
    fails: &dyn Fn(Severity) -> bool,
) -> io::Result<()> {
    let mut xml = Writer::new_with_indent(out, b' ', 2);
    xml.write_event(Event::Decl(quick_xml::events::BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("testsuites").with_attribute(("name", "bylaws")).write_inner_content(|xml| {
        suites.iter().try_for_each(|(name, findings)| write_suite(xml, kinds, name, findings, fails))
    })?;
    writeln!(xml.get_mut())
}

type Xml<'a> = Writer<&'a mut dyn Write>;

fn write_suite(
    xml: &mut Xml<'_>,
    kinds: &[Kind],
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
    let of = |kind: &Kind| -> Vec<&Finding> {
        findings.iter().filter(|finding| finding.check == kind.name).copied().collect()
    };
    let failing = |found: &[&Finding]| found.iter().any(|finding| fails(finding.severity));
    let failures = kinds.iter().filter(|kind| failing(&of(kind))).count();
    let counts = suite(kinds.len(), failures, 0);
    xml.create_element("testsuite")
        .with_attribute(("name", name.as_str()))
        .with_attributes(counts.iter().map(|(key, n)| (*key, n.as_str())))
        .write_inner_content(|xml| {
            kinds.iter().try_for_each(|kind| {
                let found = of(kind);
                let element = if failing(&found) { "failure" } else { "system-out" };
                let test = xml.create_element("testcase").with_attribute(("name", kind.name));
                let test = test.with_attribute(("classname", name.as_str()));
                if found.is_empty() {
                    return test.write_empty().map(|_| ());
                }
                test.write_inner_content(|xml| write_findings(xml, element, kind, &found)).map(|_| ())
            })
        })
        .map(|_| ())
}

fn write_findings(xml: &mut Xml<'_>, element: &str, kind: &Kind, found: &[&Finding]) -> io::Result<()> {
    let mut text = Vec::new();
    super::write_plain(&mut text, "", &found.iter().map(|finding| (*finding).clone()).collect::<Vec<_>>())?;
    let text = visible(&String::from_utf8_lossy(&text));
    let mut told = xml.create_element(element);
    if element == "failure" {
        told = told.with_attribute(("message", kind.summary)).with_attribute(("type", kind.name));
    }
    told.write_text_content(BytesText::new(&text)).map(|_| ())
}

/// The text without the characters that XML cannot hold.
fn visible(text: &str) -> String {
    let fits = |c: char| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    text.chars().map(|c| if fits(c) { c } else { '\u{fffd}' }).collect()
}
