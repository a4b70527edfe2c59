// Package browser lets a test judge pages in a real browser: Debian's chromium, or any
// other on PATH, driven over the DevTools protocol. Nothing is downloaded.
//
// One browser serves the whole test process; each Tab has a profile of its own, without
// cookies. A Tab remembers what went wrong in it: reports of the content security
// policy, errors on the console, requests that failed or left the site, dialogs. The
// test fails at its end when there was anything.
//
// What a test asks a page is asked in an isolated world beside the page's own scripts,
// where the page's policy neither hinders the question nor is weakened by it.
package browser
