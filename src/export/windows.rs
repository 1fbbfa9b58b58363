//! The registry of Windows: the value `Settings` under `HKLM\SOFTWARE\Policies\ClaudeCode`, as a file, as a line
//! and as scripts.
//!
//! INVARIANT: the value is one line of ASCII, whatever the policy holds: what reads these files guesses at
//! encodings.

use serde_json::Value;

use super::ExportedFile;
use super::compiled::Compiled;

/// The settings on one line, with escapes for all that is not ASCII.
pub(super) fn line(value: &Value) -> String {
    let mut out = String::new();
    for c in value.to_string().chars() {
        if c.is_ascii() && c != '\u{7f}' {
            out.push(c);
        } else {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// A file for `reg import`: UTF-16 with its mark, as `regedit` writes them.
pub(super) fn registry(compiled: &Compiled) -> ExportedFile {
    let value = line(&compiled.value()).replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!(
        "Windows Registry Editor Version 5.00\r\n\r\n\
         [HKEY_LOCAL_MACHINE\\SOFTWARE\\Policies\\ClaudeCode]\r\n\
         \"Settings\"=\"{value}\"\r\n"
    );
    let bytes = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    ExportedFile { name: "claude-code-policy.reg", bytes, is_program: false }
}

/// What both scripts begin with. The 64-bit view is named: Intune runs scripts in a 32-bit host unless told.
fn head(compiled: &Compiled) -> String {
    format!(
        "$ErrorActionPreference = 'Stop'\r\n\
         $settings = @'\r\n{}\r\n'@\r\n\
         $machine = [Microsoft.Win32.RegistryKey]::OpenBaseKey('LocalMachine', 'Registry64')\r\n",
        line(&compiled.value())
    )
}

/// A remediation: one script says whether the value is as it should be, the other makes it so.
pub(super) fn scripts(compiled: &Compiled) -> Vec<ExportedFile> {
    let head = head(compiled);
    let test = format!(
        "# Ends with 1 where the policy for Claude Code is not as it should be.\r\n{head}\
         $key = $machine.OpenSubKey('SOFTWARE\\Policies\\ClaudeCode')\r\n\
         if ($null -ne $key -and $key.GetValue('Settings') -ceq $settings) {{ exit 0 }}\r\n\
         exit 1\r\n"
    );
    let set = format!(
        "# Sets the policy for Claude Code.\r\n{head}\
         $key = $machine.CreateSubKey('SOFTWARE\\Policies\\ClaudeCode')\r\n\
         $key.SetValue('Settings', $settings, 'String')\r\n\
         exit 0\r\n"
    );
    vec![
        ExportedFile::text("Test-ClaudeCodePolicy.ps1", test),
        ExportedFile::text("Set-ClaudeCodePolicy.ps1", set),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_line_is_ascii_and_reads_as_the_same() {
        let value = json!({"a": "ü 🎉 \n \u{7f}", "b": ["\\\"", "'@"]});
        let line = line(&value);
        assert!(line.is_ascii() && !line.contains(char::is_control), "{line}");
        assert_eq!(serde_json::from_str::<Value>(&line).unwrap(), value);
    }
}
