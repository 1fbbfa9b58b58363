//! Chromium without a window, driven by its DevTools protocol over a pipe: no port, no library.
//!
//! What is waited for are answers and events of the protocol. A browser that says nothing for a minute fails the test.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::TempDir;

const PATIENCE: Duration = Duration::from_secs(60);

/// The pipe is at the third and the fourth file of the browser.
const START: &str = r#"exec "$@" 3<&0 4>&1 0</dev/null 1>/dev/null 2>/dev/null"#;

/// A running browser.
pub(crate) struct Browser {
    child: Child,
    orders: Option<ChildStdin>,
    messages: Receiver<Value>,
    events: VecDeque<Value>,
    last: u64,
    _profile: TempDir,
}

/// A page that is open in it.
pub(crate) struct Page<'a> {
    browser: &'a mut Browser,
    session: String,
    /// The address without what stands behind `#`.
    url: String,
}

/// The browser of this machine, none where there is none.
fn program() -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let names = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
    names.iter().find_map(|name| folders.iter().map(|folder| folder.join(name)).find(|path| path.is_file()))
}

impl Browser {
    /// Starts the browser. Where there is none, says that the test is skipped.
    pub(crate) fn start() -> Option<Self> {
        let Some(program) = program() else {
            println!("skipped: there is no Chromium here, so nobody looks at the page");
            return None;
        };
        let profile = tempfile::tempdir().unwrap();
        let mut child = Command::new("sh")
            .args(["-c", START, "sh"])
            .arg(program)
            .args(["--headless=new", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu"])
            // The page is our own, and the sandbox needs rights that a container may not have.
            .args(["--no-sandbox", "--disable-dev-shm-usage", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync", "--window-size=1280,900"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let orders = child.stdin.take();
        let mut answers = BufReader::new(child.stdout.take().unwrap());
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while answers.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                if sender.send(serde_json::from_slice(&message).unwrap()).is_err() {
                    break;
                }
                message.clear();
            }
        });
        Some(Self { child, orders, messages, events: VecDeque::new(), last: 0, _profile: profile })
    }

    /// Asks for something and gives the answer; what else comes is kept.
    #[track_caller]
    fn ask(&mut self, session: Option<&str>, method: &str, parameters: Value) -> Value {
        self.last += 1;
        let mut order = json!({"id": self.last, "method": method, "params": parameters});
        if let Some(session) = session {
            order["sessionId"] = json!(session);
        }
        let mut bytes = order.to_string().into_bytes();
        bytes.push(0);
        let orders = self.orders.as_mut().unwrap();
        orders.write_all(&bytes).and_then(|()| orders.flush()).unwrap();
        loop {
            let message = self.next(method);
            if message["id"] == json!(self.last) {
                assert!(message.get("error").is_none(), "{method}: {message}");
                return message["result"].clone();
            }
            self.events.push_back(message);
        }
    }

    #[track_caller]
    fn next(&mut self, what: &str) -> Value {
        let Ok(message) = self.messages.recv_timeout(PATIENCE) else {
            panic!("the browser says nothing to {what}")
        };
        message
    }

    /// Opens a page and waits until it is loaded.
    pub(crate) fn open(&mut self, file: &Path, place: &str) -> Page<'_> {
        let url = format!("file://{}", file.display());
        let target = self.ask(None, "Target.createTarget", json!({"url": "about:blank"}));
        let target = json!({"targetId": target["targetId"], "flatten": true});
        let attached = self.ask(None, "Target.attachToTarget", target);
        let session = attached["sessionId"].as_str().unwrap().to_owned();
        self.events.clear();
        let mut page = Page { browser: self, session, url: url.clone() };
        for domain in ["Page", "Runtime", "Log", "Network", "Audits", "Accessibility"] {
            page.ask(&format!("{domain}.enable"), json!({}));
        }
        // A page in the background draws no frames.
        page.ask("Page.bringToFront", json!({}));
        page.ask("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        page.ask("Page.navigate", json!({"url": format!("{url}{place}")}));
        page.wait_for("Page.loadEventFired");
        page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        if let Some(mut orders) = self.orders.take() {
            let _ = orders.write_all(b"{\"id\":0,\"method\":\"Browser.close\"}\0");
            let _ = orders.flush();
            // The pipe stays open until the browser closes it.
            while self.messages.recv_timeout(PATIENCE).is_ok() {}
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Page<'_> {
    #[track_caller]
    pub(crate) fn ask(&mut self, method: &str, parameters: Value) -> Value {
        self.browser.ask(Some(&self.session), method, parameters)
    }

    fn wait_for(&mut self, method: &str) {
        if self.browser.events.iter().any(|event| event["method"] == json!(method)) {
            return;
        }
        loop {
            let message = self.browser.next(method);
            let is_it = message["method"] == json!(method) && message["sessionId"] == json!(self.session);
            self.browser.events.push_back(message);
            if is_it {
                return;
            }
        }
    }

    /// What an expression comes to within the page; of a promise, what it is settled with.
    #[track_caller]
    pub(crate) fn value(&mut self, expression: &str) -> Value {
        let parameters = json!({"expression": expression, "awaitPromise": true, "returnByValue": true});
        let answer = self.ask("Runtime.evaluate", parameters);
        assert!(answer.get("exceptionDetails").is_none(), "{expression}: {answer:#}");
        answer["result"].get("value").cloned().unwrap_or(Value::Null)
    }

    pub(crate) fn text(&mut self, expression: &str) -> String {
        self.value(expression).as_str().unwrap_or_default().to_owned()
    }

    /// Waits, frame by frame, until something is so.
    #[track_caller]
    pub(crate) fn until(&mut self, condition: &str) {
        let looked = format!(
            "new Promise((done) => {{ const look = () => (({condition}) ? done(true) : requestAnimationFrame(look)); look(); }})"
        );
        self.value(&looked);
    }

    /// Clicks into the middle of an element, or of its first line.
    pub(crate) fn click(&mut self, selector: &str) {
        let place = self.value(&format!(
            "(() => {{ const element = document.querySelector({}); element.scrollIntoView({{ block: 'center' }});
                const {{ x, y, width, height }} = element.getClientRects()[0]; return [x + width / 2, y + height / 2]; }})()",
            json!(selector)
        ));
        for kind in ["mousePressed", "mouseReleased"] {
            let event =
                json!({"type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1});
            self.ask("Input.dispatchMouseEvent", event);
        }
    }

    /// Presses a key.
    pub(crate) fn press(&mut self, key: &str) {
        let (text, code) = match key {
            "Tab" => ("", 9),
            "Enter" => ("\r", 13),
            "Escape" => ("", 27),
            "/" => ("/", 191),
            other => panic!("no code of `{other}` is known"),
        };
        for kind in [if text.is_empty() { "rawKeyDown" } else { "keyDown" }, "keyUp"] {
            let text = if kind == "keyUp" { "" } else { text };
            let event = json!({"type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code});
            self.ask("Input.dispatchKeyEvent", event);
        }
    }

    pub(crate) fn write(&mut self, text: &str) {
        self.ask("Input.insertText", json!({"text": text}));
    }

    /// Everything that a page of ours must not do: errors and warnings, breaches of its policy, requests other than for
    /// itself.
    pub(crate) fn faults(&mut self) -> Vec<String> {
        // What happened so far is told before this is answered.
        self.value("0");
        let own = |url: &str| url.starts_with("data:") || url.split('#').next() == Some(&self.url);
        let mut faults = Vec::new();
        for event in &self.browser.events {
            let parameters = &event["params"];
            match event["method"].as_str().unwrap_or_default() {
                // What a test does by script is no deed of a user, and the browser says so.
                "Audits.issueAdded" if event.to_string().contains("NavigationEntryMarkedSkippable") => {}
                "Runtime.exceptionThrown" | "Audits.issueAdded" | "Log.entryAdded" => {
                    faults.push(event.to_string());
                }
                "Runtime.consoleAPICalled"
                    if ["error", "warning", "assert"]
                        .contains(&parameters["type"].as_str().unwrap_or_default()) =>
                {
                    faults.push(event.to_string());
                }
                "Network.requestWillBeSent" if !own(parameters["request"]["url"].as_str().unwrap()) => {
                    faults.push(event.to_string());
                }
                _ => {}
            }
        }
        faults
    }
}
