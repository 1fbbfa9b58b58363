#!/bin/sh
# Appends one line for each tool call to a log in the user's configuration folder. The client runs this at
# PreToolUse, PostToolUse and PostToolUseFailure, with the call as JSON on standard input. It prints nothing and
# ends with 0 whatever happens: a log that cannot be written stops nobody's work.
#
# A line is JSON: when, what happened, in which session and folder, which tool, and what of its input says on
# what it acts. Texts that are written, read or given back are left out. Lines stay below 4096 bytes, so that
# each is written in one piece while other calls write theirs.
#
# Needs no more than a POSIX shell, awk, date and mkdir.

umask 077
folder=${CLAUDE_CONFIG_DIR:-$HOME/.claude}/audit-trail
mkdir -p "$folder" 2>/dev/null || exit 0
now=$(date -u +%Y-%m-%dT%H:%M:%SZ)

LC_ALL=C awk -v now="$now" '
  # A string of JSON for a line, as it stands, at most `most` bytes of it and no half of an escape.
  function short(string, most) {
    if (length(string) <= most) return string
    string = substr(string, 1, most)
    sub(/\\+[^\\]?[^\\]?[^\\]?[^\\]?[^\\]?$/, "", string)
    sub(/[\200-\377]+$/, "", string)
    return string "..."
  }

  # Whether a quote behind this text would be a part of the string.
  function ends_escaped(text,    end) {
    end = length(text)
    while (end > 0 && substr(text, end, 1) == "\\") end--
    return (length(text) - end) % 2
  }

  function member(key, string) { return "\"" key "\":\"" string "\"" }

  { text = text $0 }

  END {
    split("session_id tool_use_id permission_mode cwd tool_name", about, " ")
    split("command file_path notebook_path path pattern url query skill subagent_type", acts_on, " ")
    # Between quotes stands a string, unless the quote is a part of it: then backslashes stand before it, an
    # odd number of them.
    count = split(text, piece, "\"")
    gap = piece[1]
    for (at = 1; ; ) {
      depth += gsub(/[[{]/, "&", gap) - gsub(/[]}]/, "&", gap)
      if (at >= count) break
      string = part = piece[++at]
      while (at < count && ends_escaped(part)) {
        part = piece[++at]
        if (length(string) < 4096) string = string "\"" part
      }
      gap = piece[++at]
      if (gap ~ /^[ \t]*:/) name[depth] = string
      else if (depth == 1 && !(name[1] in call)) call[name[1]] = string
      else if (depth == 2 && name[1] == "tool_input" && !(name[2] in input)) input[name[2]] = string
    }
    if (!("tool_name" in call)) { print "{" member("time", now) ",\"unreadable\":true}"; exit }
    line = "{" member("time", now) "," member("event", short(call["hook_event_name"], 50))
    for (i = 1; i in about; i++) if (about[i] in call) line = line "," member(about[i], short(call[about[i]], 300))
    line = line ",\"input\":{"
    for (i = 1; i in acts_on; i++) {
      if (!(acts_on[i] in input)) continue
      more = member(acts_on[i], short(input[acts_on[i]], 1500))
      if (length(line) + length(more) > 4000) continue
      line = line (some ? "," : "") more
      some = 1
    }
    print line "}}"
  }
' >>"$folder/${now%T*}.jsonl" 2>/dev/null
exit 0
