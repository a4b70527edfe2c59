package liquid

import (
	"encoding/json"
	"html"
	"net/url"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

var textFilters = map[string]filter{
	"append":         joining("append", func(s, more string) string { return s + more }),
	"prepend":        joining("prepend", func(s, more string) string { return more + s }),
	"remove":         joining("remove", func(s, old string) string { return strings.ReplaceAll(s, old, "") }),
	"remove_first":   joining("remove_first", func(s, old string) string { return strings.Replace(s, old, "", 1) }),
	"capitalize":     plain("capitalize", capitalize),
	"downcase":       plain("downcase", strings.ToLower),
	"upcase":         plain("upcase", strings.ToUpper),
	"escape":         plain("escape", html.EscapeString),
	"escape_once":    plain("escape_once", func(s string) string { return html.EscapeString(html.UnescapeString(s)) }),
	"newline_to_br":  plain("newline_to_br", func(s string) string { return strings.ReplaceAll(s, "\n", "<br />") }),
	"strip":          plain("strip", strings.TrimSpace),
	"lstrip":         plain("lstrip", func(s string) string { return strings.TrimLeftFunc(s, unicode.IsSpace) }),
	"rstrip":         plain("rstrip", func(s string) string { return strings.TrimRightFunc(s, unicode.IsSpace) }),
	"strip_html":     plain("strip_html", func(s string) string { return anyTag.ReplaceAllString(s, "") }),
	"strip_newlines": plain("strip_newlines", func(s string) string { return strings.ReplaceAll(s, "\n", "") }),
	"url_encode":     plain("url_encode", url.QueryEscape),
	"url_decode":     {do: urlDecode, usage: "| url_decode"},
	"replace":        {do: replaceAll, least: 2, most: 2, usage: "| replace: 'old', 'new'"},
	"replace_first":  {do: replaceFirst, least: 2, most: 2, usage: "| replace_first: 'old', 'new'"},
	"slice":          {do: sliceText, least: 1, most: 2, usage: "| slice: 0, 3"},
	"split":          {do: split, least: 1, most: 1, usage: "| split: ','", makes: listKind},
	"truncate":       {do: truncate, most: 2, usage: "| truncate: 50"},
	"truncatewords":  {do: truncateWords, most: 2, usage: "| truncatewords: 15"},
}

var anyTag = regexp.MustCompile(`<.*?>`)

// plain is a filter of a text alone.
func plain(name string, do func(string) string) filter {
	return filter{usage: "| " + name, do: func(_ *run, c call) (any, error) { return do(c.text()), nil }}
}

// joining is a filter of a text and another one.
func joining(name string, do func(s, other string) string) filter {
	return filter{least: 1, most: 1, usage: "| " + name + ": 'text'", do: func(_ *run, c call) (any, error) {
		return do(c.text(), c.arg(0, "")), nil
	}}
}

func capitalize(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(first)) + s[size:]
}

func urlDecode(_ *run, c call) (any, error) {
	text, err := url.QueryUnescape(c.text())
	if err != nil {
		return nil, valueFault(c.line, c.in, "decodes "+named(c.in, c.text())+" which is no encoded text")
	}
	return text, nil
}

// replaceAll can multiply: its result is measured before it is made.
func replaceAll(_ *run, c call) (any, error) {
	s, old, by := c.text(), c.arg(0, ""), c.arg(1, "")
	if len(s)+strings.Count(s, old)*len(by) > maxText {
		return nil, errTooMuch
	}
	return strings.ReplaceAll(s, old, by), nil
}

func replaceFirst(_ *run, c call) (any, error) {
	return strings.Replace(c.text(), c.arg(0, ""), c.arg(1, ""), 1), nil
}

func sliceText(_ *run, c call) (any, error) {
	letters := []rune(c.text())
	start, err := c.whole(0, 0)
	if err != nil {
		return nil, err
	}
	length, err := c.whole(1, 1)
	if err != nil {
		return nil, err
	}
	if start < 0 {
		start += len(letters)
	}
	if start < 0 || start >= len(letters) || length <= 0 {
		return "", nil
	}
	return string(letters[start:min(len(letters), start+min(length, len(letters)))]), nil
}

func split(_ *run, c call) (any, error) {
	separator := c.arg(0, "")
	var parts []string
	if separator == " " {
		parts = strings.Fields(c.text())
	} else if text := c.text(); strings.Count(text, separator) > maxItems {
		return nil, errTooMuch
	} else {
		parts = strings.Split(text, separator)
	}
	for len(parts) > 0 && parts[len(parts)-1] == "" {
		parts = parts[:len(parts)-1]
	}
	list := make([]any, len(parts))
	for i, part := range parts {
		list[i] = part
	}
	return list, nil
}

func truncate(_ *run, c call) (any, error) {
	most, err := c.whole(0, 50)
	if err != nil {
		return nil, err
	}
	end := c.arg(1, "...")
	if letters := []rune(c.text()); len(letters) > most {
		return string(letters[:max(0, most-utf8.RuneCountInString(end))]) + end, nil
	}
	return c.text(), nil
}

func truncateWords(_ *run, c call) (any, error) {
	most, err := c.whole(0, 15)
	if err != nil {
		return nil, err
	}
	words := strings.Fields(c.text())
	if len(words) <= max(most, 1) {
		return c.text(), nil
	}
	return strings.Join(words[:max(most, 1)], " ") + c.arg(1, "..."), nil
}

func sizeFilter(_ *run, c call) (any, error) {
	if items, ok := c.in.v.([]any); ok {
		return len(items), nil
	}
	return utf8.RuneCountInString(c.text()), nil
}

func jsonFilter(_ *run, c call) (any, error) {
	encoded, err := json.Marshal(c.in.v)
	return string(encoded), err
}
