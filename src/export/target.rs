//! The targets of an export, as data: what each is, where it goes, and how it is written.

use serde_json::{Value, json};

use super::channel::Channel;
use super::compiled::Compiled;
use super::{Error, ExportedFile, devcontainer, plist, windows};

/// Where a target goes on one system.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The system.
    pub system: &'static str,
    /// The file, key or page.
    pub path: &'static str,
}

/// One form of export.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub name: &'static str,
    /// What it is, in a few words.
    pub summary: &'static str,
    /// Where it goes (documentation of the client, August 2026).
    pub places: &'static [Place],
    /// By which way it reaches the client.
    pub channel: Channel,
    /// Writes it.
    pub(super) write: fn(&Compiled) -> Result<Vec<ExportedFile>, Error>,
}

impl Target {
    /// Whether it is one file.
    pub fn is_single(&self) -> bool {
        !matches!(self.name, "intune" | "devcontainer")
    }
}

/// All targets.
pub static ALL: &[Target] = &[
    Target {
        name: "managed-settings",
        summary: "the file of managed settings",
        places: &[
            Place { system: "Linux, WSL", path: "/etc/claude-code/managed-settings.json" },
            Place { system: "macOS", path: "/Library/Application Support/ClaudeCode/managed-settings.json" },
            Place { system: "Windows", path: "C:\\Program Files\\ClaudeCode\\managed-settings.json" },
        ],
        channel: Channel::File,
        write: |compiled| Ok(vec![ExportedFile::text("managed-settings.json", pretty(&compiled.value()))]),
    },
    Target {
        name: "drop-in",
        summary: "a part of managed settings, beside those of other teams",
        places: &[
            Place { system: "Linux, WSL", path: "/etc/claude-code/managed-settings.d/50-bylaws.json" },
            Place {
                system: "macOS",
                path: "/Library/Application Support/ClaudeCode/managed-settings.d/50-bylaws.json",
            },
            Place {
                system: "Windows",
                path: "C:\\Program Files\\ClaudeCode\\managed-settings.d\\50-bylaws.json",
            },
        ],
        channel: Channel::DropIn,
        write: |compiled| Ok(vec![ExportedFile::text("50-bylaws.json", pretty(&compiled.value()))]),
    },
    Target {
        name: "managed-mcp",
        summary: "the MCP servers that the policy provides, and no others",
        places: &[
            Place { system: "Linux, WSL", path: "/etc/claude-code/managed-mcp.json" },
            Place { system: "macOS", path: "/Library/Application Support/ClaudeCode/managed-mcp.json" },
            Place { system: "Windows", path: "C:\\Program Files\\ClaudeCode\\managed-mcp.json" },
        ],
        channel: Channel::Servers,
        write: |compiled| {
            if compiled.servers.is_empty() {
                return Err(Error::NoServers);
            }
            let servers = json!({"mcpServers": compiled.servers});
            Ok(vec![ExportedFile::text("managed-mcp.json", pretty(&servers))])
        },
    },
    Target {
        name: "mobileconfig",
        summary: "a configuration profile for device management",
        places: &[Place { system: "macOS", path: "a profile of the device, for `com.anthropic.claudecode`" }],
        channel: Channel::Preferences,
        write: |compiled| Ok(vec![ExportedFile::text("claude-code.mobileconfig", plist::profile(compiled)?)]),
    },
    Target {
        name: "plist",
        summary: "the preferences alone, for a custom payload of device management",
        places: &[Place {
            system: "macOS",
            path: "/Library/Managed Preferences/com.anthropic.claudecode.plist",
        }],
        channel: Channel::Preferences,
        write: |compiled| {
            Ok(vec![ExportedFile::text("com.anthropic.claudecode.plist", plist::preferences(compiled)?)])
        },
    },
    Target {
        name: "registry",
        summary: "a file for `reg import`",
        places: &[Place {
            system: "Windows",
            path: "HKLM\\SOFTWARE\\Policies\\ClaudeCode, value `Settings`",
        }],
        channel: Channel::Registry,
        write: |compiled| Ok(vec![windows::registry(compiled)]),
    },
    Target {
        name: "group-policy",
        summary: "the value on one line, for group policy",
        places: &[Place {
            system: "Windows",
            path: "HKLM\\SOFTWARE\\Policies\\ClaudeCode, value `Settings`",
        }],
        channel: Channel::GroupPolicy,
        write: |compiled| {
            Ok(vec![ExportedFile::text("claude-code-settings.txt", windows::line(&compiled.value()) + "\n")])
        },
    },
    Target {
        name: "intune",
        summary: "two scripts for a remediation: one looks, one sets",
        places: &[Place {
            system: "Windows",
            path: "HKLM\\SOFTWARE\\Policies\\ClaudeCode, value `Settings`",
        }],
        channel: Channel::Intune,
        write: |compiled| Ok(windows::scripts(compiled)),
    },
    Target {
        name: "server-managed",
        summary: "the JSON for the console of the organisation",
        places: &[Place { system: "claude.ai", path: "Admin Settings > Claude Code > Managed settings" }],
        channel: Channel::Server,
        write: |compiled| {
            Ok(vec![ExportedFile::text("server-managed-settings.json", pretty(&compiled.value()))])
        },
    },
    Target {
        name: "devcontainer",
        summary: "a feature for development containers",
        places: &[Place {
            system: "containers",
            path: "a folder that `features` of `devcontainer.json` names",
        }],
        channel: Channel::Container,
        write: |compiled| Ok(devcontainer::feature(compiled)),
    },
    Target {
        name: "policy-helper",
        summary: "what a `policyHelper` prints",
        places: &[Place { system: "any", path: "the output of the program that `policyHelper.path` names" }],
        channel: Channel::Envelope,
        write: |compiled| Ok(vec![ExportedFile::text("policy-helper.json", pretty(&compiled.envelope()))]),
    },
];

/// The target of this name.
pub fn find(name: &str) -> Option<&'static Target> {
    ALL.iter().find(|target| target.name == name)
}

/// JSON as people write it: two blanks, a line at the end.
pub(super) fn pretty(value: &Value) -> String {
    format!("{value:#}\n")
}
